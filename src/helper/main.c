/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nm-ipsec-helper: the only code of ours that has privileges. Started by nm-ipsec-service, as root, with a socket;
 * speaks with nobody else, and never reads a packet of the network. When the socket ends, so do all that it made and it
 * itself.
 */
#include "kernel/owner.h"
#include "privileges.h"
#include "reaper.h"
#include "session.h"
#include "watch.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define SEND_SECONDS 5

typedef struct {
  GMainLoop *loop;
  Session *session;
} Helper;

static gboolean
on_signal (int fd, GIOCondition condition, gpointer data)
{
  const Helper *helper = data;

  session_shut_down (helper->session);
  return G_SOURCE_REMOVE;
}

static void
on_session_ended (gpointer data)
{
  const Helper *helper = data;

  g_main_loop_quit (helper->loop);
}

/* The other end may be slow, but not for ever; it does not block, but we do. */
static gboolean
channel_is_there (void)
{
  const struct timeval patience = { .tv_sec = SEND_SECONDS };
  int type = 0;
  socklen_t len = sizeof type;

  return getsockopt (CHANNEL_FD, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET &&
         fcntl (CHANNEL_FD, F_SETFL, 0) == 0 && fcntl (CHANNEL_FD, F_SETFD, FD_CLOEXEC) == 0 &&
         setsockopt (CHANNEL_FD, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0;
}

static int
signals_open (void)
{
  sigset_t set;

  (void) signal (SIGPIPE, SIG_IGN);
  (void) signal (SIGCHLD, SIG_IGN); /* children are not waited for */
  sigemptyset (&set);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGHUP);
  (void) sigprocmask (SIG_BLOCK, &set, NULL);
  return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
log_set_up (void)
{
  const char *level = g_getenv ("NM_VPN_LOG_LEVEL");

  /* NetworkManager counts like syslog, one step lower: 6 is debug */
  if (level && g_ascii_isdigit (level[0]) && !level[1] && level[0] >= '6')
    g_log_set_debug_enabled (TRUE);
}

static int
run (void)
{
  Helper helper = { .loop = g_main_loop_new (NULL, FALSE) };
  int signals = signals_open ();

  if (signals >= 0)
    watch_add (signals, G_IO_IN, on_signal, &helper);
  helper.session = session_new (CHANNEL_FD, on_session_ended, &helper);
  g_main_loop_run (helper.loop);
  session_free (helper.session);
  g_main_loop_unref (helper.loop);
  return 0;
}

int
main (int argc, char **argv)
{
  if (!channel_is_there ())
    {
      g_printerr ("nm-ipsec-helper is started by nm-ipsec-service.\n");
      return 2;
    }
  g_set_prgname (OWNER_PROCESS_NAME);
  (void) prctl (PR_SET_NAME, OWNER_PROCESS_NAME, 0, 0, 0);
  (void) umask (077);
  if (chdir ("/") < 0)
    return 2;
  log_set_up ();
  privileges_limit ();
  reaper_set_up (argc, argv);
  return run ();
}
