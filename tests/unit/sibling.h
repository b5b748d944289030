/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that the network speaks with is one user: what has been taken over must not reach its siblings. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Somebody else of the same user, who waits to be killed. */
static inline pid_t
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

static inline void
sibling_end (pid_t pid)
{
  int status = 0;

  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status));
}

/* After @lock: 0, or what may be done that must not be, or must be that may not; 77: there are no filters. */
static inline int
sibling_reach (pid_t sibling, gboolean (*lock) (void))
{
  const struct f_owner_ex owner = { F_OWNER_PID, sibling };
  struct rlimit limit;
  int fds[2];

  if (syscall (SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, fds) != 0)
    return 1;
  if (!lock ())
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
  return 0;
}
