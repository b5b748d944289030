/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fork without exec: a child shares its pages with the helper, and has none of its descriptors. It is killed with the
 * helper (PR_SET_PDEATHSIG, set again in privileges.c because a change of user clears it), and by its own alarm. Nobody
 * waits for it: SIGCHLD is ignored (main.c). What a child is too busy to take waits here.
 */
#include "worker.h"

#include "privileges.h"
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHILD_FD 3
/* What may wait for one child, in octets: a server is asked for a signature by each of 1000 half-open IKE SAs. */
#define MAX_WAITING (48u * 1024 * 1024)
#define MAX_CHILDREN 32

struct _Worker {
  int fd;
  guint write_watch;
  GQueue waiting; /* ChannelMsg: sent when the socket takes it */
  gsize waiting_octets;
  WorkerFunc func;
  gpointer data;
  gboolean busy, stopped; /* stopped from inside @func */
};

static guint children; /* that have not ended, as far as is known: also those that nobody listens to any more */
static void (*on_room) (gpointer data);
static gpointer on_room_data;

gboolean
worker_is_room (void)
{
  return children < MAX_CHILDREN;
}

void
worker_on_room (void (*func) (gpointer data), gpointer data)
{
  on_room = func;
  on_room_data = data;
}

static void
child_run (const WorkerSpec *spec, int fd)
{
  sigset_t none;

  if (fd != CHILD_FD && dup2 (fd, CHILD_FD) < 0)
    return;
  if (syscall (SYS_close_range, CHILD_FD + 1, ~0u, 0) < 0)
    for (int i = CHILD_FD + 1; i < 1024; i++) /* before Linux 5.9 */
      close (i);
  /* that it is closed says that the child has ended, and not a program that it has started */
  (void) fcntl (CHILD_FD, F_SETFD, FD_CLOEXEC);
  sigemptyset (&none);
  (void) sigprocmask (SIG_SETMASK, &none, NULL);
  (void) signal (SIGALRM, SIG_DFL);
  (void) signal (SIGTERM, SIG_DFL);
  (void) prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  (void) prctl (PR_SET_NAME, spec->name, 0, 0, 0);
  alarm (spec->seconds);
  if (!spec->programs)
    privileges_refuse_programs ();
  else
    {
      /* whoever starts one waits for it, and it expects what every program does */
      (void) signal (SIGCHLD, SIG_DFL);
      (void) signal (SIGPIPE, SIG_DFL);
    }
  spec->main (CHILD_FD, spec->main_data);
}

static void
send_no_more (Worker *worker)
{
  g_clear_handle_id (&worker->write_watch, g_source_remove);
  g_queue_clear_full (&worker->waiting, (GDestroyNotify) channel_msg_free);
}

static void
worker_free (Worker *worker)
{
  send_no_more (worker);
  close (worker->fd);
  g_free (worker);
  children--;
  if (on_room)
    on_room (on_room_data);
}

/* The child sees the end of its messages; what it says is of no use any more, but that it has ended. */
static void
linger (Worker *worker)
{
  send_no_more (worker);
  worker->func = NULL;
  (void) shutdown (worker->fd, SHUT_WR);
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  Worker *worker = data;
  g_autoptr (ChannelMsg) msg = NULL;
  int r = channel_receive (fd, &msg);

  if (r == EAGAIN)
    return G_SOURCE_CONTINUE;
  worker->busy = TRUE;
  if (worker->func)
    worker->func (worker, g_steal_pointer (&msg), worker->data);
  worker->busy = FALSE;
  if (r == EPIPE)
    {
      worker_free (worker);
      return G_SOURCE_REMOVE;
    }
  if (r || worker->stopped)
    linger (worker);
  return G_SOURCE_CONTINUE;
}

Worker *
worker_start (const WorkerSpec *spec, WorkerFunc func, gpointer data)
{
  Worker *worker;
  int fds[2];
  pid_t pid;

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
    return NULL;
  pid = fork ();
  if (pid == 0)
    {
      child_run (spec, fds[1]);
      _exit (0);
    }
  close (fds[1]);
  if (pid < 0 || fcntl (fds[0], F_SETFL, O_NONBLOCK) < 0)
    {
      int saved = errno;

      close (fds[0]);
      errno = saved;
      return NULL;
    }
  children++;
  worker = g_new0 (Worker, 1);
  worker->fd = fds[0];
  worker->func = func;
  worker->data = data;
  g_queue_init (&worker->waiting);
  watch_add (worker->fd, G_IO_IN, on_readable, worker);
  return worker;
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer data)
{
  Worker *worker = data;
  ChannelMsg *msg;

  while ((msg = g_queue_peek_head (&worker->waiting)))
    {
      /* any other error shows itself to the reader as end of file */
      if (channel_send (fd, msg) == EAGAIN)
        return G_SOURCE_CONTINUE;
      worker->waiting_octets -= sizeof *msg + msg->buffer_len;
      channel_msg_free (g_queue_pop_head (&worker->waiting));
    }
  worker->write_watch = 0;
  return G_SOURCE_REMOVE;
}

/* A copy of it, with a descriptor of its own. */
static int
keep (Worker *worker, const ChannelMsg *msg)
{
  g_autoptr (ChannelMsg) copy = NULL;
  gsize len = 0;
  guint8 *buffer = channel_msg_encode (msg, &len);

  if (!buffer)
    return EMSGSIZE;
  copy = sizeof *copy + len <= MAX_WAITING - worker->waiting_octets ? channel_msg_decode (buffer, len) : NULL;
  channel_buffer_free (buffer, len);
  if (!copy)
    return EAGAIN;
  if (msg->fd >= 0 && (copy->fd = fcntl (msg->fd, F_DUPFD_CLOEXEC, 0)) < 0)
    return errno;
  worker->waiting_octets += sizeof *copy + copy->buffer_len;
  g_queue_push_tail (&worker->waiting, g_steal_pointer (&copy));
  if (!worker->write_watch)
    worker->write_watch = watch_add (worker->fd, G_IO_OUT, on_writable, worker);
  return 0;
}

int
worker_send (Worker *worker, const ChannelMsg *msg)
{
  int e = g_queue_is_empty (&worker->waiting) ? channel_send (worker->fd, msg) : EAGAIN;

  return e == EAGAIN ? keep (worker, msg) : e;
}

void
worker_stop (Worker *worker)
{
  if (!worker)
    return;
  if (worker->busy)
    worker->stopped = TRUE;
  else
    linger (worker);
}

void
worker_fail (int fd, ChannelError code, int number, const char *format, ...)
{
  char text[CHANNEL_MAX_TEXT + 1];
  ChannelMsg msg = { .type = CHANNEL_FAILED, .fd = -1 };
  va_list args;

  va_start (args, format);
  g_vsnprintf (text, sizeof text, format, args);
  va_end (args);
  msg.failed.code = (guint8) code;
  msg.failed.number = (guint32) number;
  msg.failed.text = text;
  (void) channel_send (fd, &msg);
}
