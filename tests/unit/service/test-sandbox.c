/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All services are one user: one that the network has taken over must not end the others. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Somebody else of the same user, who waits to be killed. */
static pid_t
sibling_start (void)
{
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    (void) prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  while (pid == 0)
    pause ();
  return pid;
}

static void
sibling_end (pid_t pid)
{
  int status = 0;

  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status));
}

/* 0, or what may be done that must not be, or must be that may not. */
static int
reach (pid_t sibling)
{
  const struct f_owner_ex owner = { F_OWNER_PID, sibling };
  struct rlimit limit;
  int fds[2];

  if (syscall (SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, fds) != 0)
    return 1;
  if (!sandbox_enter (NULL))
    return 77;
  if (prlimit (sibling, RLIMIT_CPU, NULL, &limit) == 0 || errno != EPERM)
    return 2;
  if (fcntl (fds[0], F_SETOWN, sibling) == 0 || errno != EPERM)
    return 3;
  if (fcntl (fds[0], F_SETOWN_EX, &owner) == 0 || errno != EPERM)
    return 4;
  if (fcntl (fds[0], F_SETSIG, SIGKILL) == 0 || errno != EPERM)
    return 5;
  if (syscall (SYS_tgkill, sibling, sibling, 0) == 0 || errno != EPERM)
    return 6;
  if (prlimit (0, RLIMIT_CPU, NULL, &limit) != 0 || prlimit (getpid (), RLIMIT_CPU, NULL, &limit) != 0)
    return 7;
  if (fcntl (fds[0], F_SETFL, O_NONBLOCK) != 0 || fcntl (fds[0], F_GETFD) < 0)
    return 8;
  if (syscall (SYS_tgkill, getpid (), getpid (), 0) != 0)
    return 9;
  if (syscall (SYS_kill, sibling, 0) == 0 || errno != EPERM)
    return 10;
  return 0;
}

static int
in_child (int (*what) (pid_t sibling), pid_t sibling)
{
  pid_t pid = fork ();
  int status = 0;

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    _exit (what (sibling));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static void
test_others (void)
{
  pid_t sibling = sibling_start ();
  int result = in_child (reach, sibling);

  if (result == 77)
    g_test_skip ("there are no system call filters");
  else
    g_assert_cmpint (result, ==, 0);
  sibling_end (sibling);
}

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_int (task, 42);
}

/* What GDBus does, too. */
static int
use_threads (pid_t sibling)
{
  g_autoptr (GTask) task = NULL;

  if (!sandbox_enter (NULL))
    return 77;
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_run_in_thread_sync (task, work);
  return g_task_propagate_int (task, NULL) == 42 ? 0 : 1;
}

/* GLib would set the scheduler's settings of its threads: it is content without, and complains about nothing. */
static void
test_threads (void)
{
  int result = in_child (use_threads, 0);

  if (result == 77)
    g_test_skip ("there are no system call filters");
  else
    g_assert_cmpint (result, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/sandbox/others", test_others);
  g_test_add_func ("/service/sandbox/threads", test_threads);
  return g_test_run ();
}
