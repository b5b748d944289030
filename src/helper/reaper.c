/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The helper holds one end of a pipe that nobody else has (children close it, worker.c); its death closes it. After a
 * proper end there is nothing left to find, and looking costs three questions to the kernel.
 */
#include "reaper.h"

#include "kernel/sweep.h"
#include "larval.h"
#include "privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TITLE "nm-ipsec-reaper" /* not the helper's: owner.h goes by the name */
#define PIPE_FD 3

static struct {
  char *at;
  gsize room;
} title;

void
reaper_set_up (int argc, char **argv)
{
  title.at = argv[0];
  title.room = (gsize) (argv[argc - 1] + strlen (argv[argc - 1]) - argv[0]);
}

static void
set_title (void)
{
  (void) prctl (PR_SET_NAME, TITLE, 0, 0, 0);
  memset (title.at, 0, title.room);
  g_strlcpy (title.at, TITLE, title.room);
}

static void
reap (int fd, pid_t helper)
{
  g_autofree char *larval = larval_file ();
  Sweep sweep;
  char octet;

  (void) setsid ();
  (void) signal (SIGTERM, SIG_IGN);
  (void) signal (SIGINT, SIG_IGN);
  (void) signal (SIGHUP, SIG_IGN);
  if (fd != PIPE_FD && dup2 (fd, PIPE_FD) < 0)
    return;
  if (syscall (SYS_close_range, PIPE_FD + 1, ~0u, 0) < 0)
    for (int i = PIPE_FD + 1; i < 1024; i++) /* before Linux 5.9 */
      close (i);
  privileges_refuse_programs ();
  if (!privileges_keep_net_admin ())
    g_warning ("reaper: capabilities cannot be reduced");
  while (read (PIPE_FD, &octet, 1) < 0 && errno == EINTR)
    ;
  sweep = sweep_open ();
  (void) sweep_owner (&sweep, helper);
  larval_clean (larval, LARVAL_SETTING);
}

gboolean
reaper_start (void)
{
  static gboolean started;
  pid_t helper = getpid ();
  int fds[2];
  pid_t pid;

  if (started)
    return TRUE;
  if (pipe2 (fds, O_CLOEXEC) < 0)
    return FALSE;
  pid = fork ();
  if (pid == 0)
    {
      set_title ();
      reap (fds[0], helper);
      _exit (0);
    }
  close (fds[0]);
  started = pid > 0; /* the other end stays open until the end */
  return started;
}
