/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service parses what comes from the network, so it must not be able to do anything with it: it is an ordinary
 * user without capabilities, and a system call filter lets it only use descriptors that it has or is given, talk to
 * the bus and the journal, and start threads. A call that is not listed fails with EPERM (files: EACCES) rather than
 * killing the tunnel, because libraries probe for files that they can do without.
 */
#include "sandbox.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", what, g_strerror (errno));
  return FALSE;
}

gboolean
sandbox_drop_root (const char *user, GError **error)
{
  const struct rlimit no_core = { 0, 0 };
  const struct passwd *pw;

  errno = 0;
  pw = getpwnam (user);
  if (!pw)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   "The user \"%s\" does not exist; run systemd-sysusers, or install the package again", user);
      return FALSE;
    }
  /* keys are in memory: no core file, no ptrace by other processes of the user */
  if (setrlimit (RLIMIT_CORE, &no_core) < 0)
    return fail (error, "setrlimit");
  if (setgroups (0, NULL) < 0 || setresgid (pw->pw_gid, pw->pw_gid, pw->pw_gid) < 0 ||
      setresuid (pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0)
    return fail (error, "Giving up root");
  if (prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
    return fail (error, "Clearing ambient capabilities");
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return fail (error, "no_new_privs");
  if (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
    return fail (error, "PR_SET_DUMPABLE");
  if (setuid (0) == 0)
    {
      errno = EPERM;
      return fail (error, "Root could be taken back");
    }
  return TRUE;
}

/* What the main loop, the bus, the journal, threads, memory and NSS need. */
static const int allowed[] = {
  SCMP_SYS (read),
  SCMP_SYS (write),
  SCMP_SYS (readv),
  SCMP_SYS (writev),
  SCMP_SYS (pread64),
  SCMP_SYS (lseek),
  SCMP_SYS (recvmsg),
  SCMP_SYS (sendmsg),
  SCMP_SYS (recvfrom),
  SCMP_SYS (sendto),
  SCMP_SYS (recvmmsg),
  SCMP_SYS (sendmmsg),
  SCMP_SYS (poll),
  SCMP_SYS (ppoll),
  SCMP_SYS (select),
  SCMP_SYS (pselect6),
  SCMP_SYS (eventfd2),
  SCMP_SYS (pipe2),
  SCMP_SYS (close),
  SCMP_SYS (close_range),
  SCMP_SYS (dup),
  SCMP_SYS (dup2),
  SCMP_SYS (dup3),
  SCMP_SYS (fstat),
  SCMP_SYS (newfstatat),
  SCMP_SYS (ftruncate),
  SCMP_SYS (memfd_create),
  SCMP_SYS (mmap),
  SCMP_SYS (munmap),
  SCMP_SYS (mremap),
  SCMP_SYS (madvise),
  SCMP_SYS (brk),
  SCMP_SYS (mlock),
  SCMP_SYS (munlock),
  SCMP_SYS (futex),
  SCMP_SYS (futex_waitv),
  SCMP_SYS (membarrier),
  SCMP_SYS (rt_sigaction),
  SCMP_SYS (rt_sigprocmask),
  SCMP_SYS (rt_sigreturn),
  SCMP_SYS (sigaltstack),
  SCMP_SYS (restart_syscall),
  SCMP_SYS (getpid),
  SCMP_SYS (gettid),
  SCMP_SYS (getppid),
  SCMP_SYS (getuid),
  SCMP_SYS (geteuid),
  SCMP_SYS (getgid),
  SCMP_SYS (getegid),
  SCMP_SYS (getresuid),
  SCMP_SYS (getresgid),
  SCMP_SYS (getgroups),
  SCMP_SYS (clock_gettime),
  SCMP_SYS (clock_getres),
  SCMP_SYS (clock_nanosleep),
  SCMP_SYS (nanosleep),
  SCMP_SYS (gettimeofday),
  SCMP_SYS (time),
  SCMP_SYS (times),
  SCMP_SYS (getrusage),
  SCMP_SYS (getrandom),
  SCMP_SYS (timerfd_create),
  SCMP_SYS (timerfd_settime),
  SCMP_SYS (timerfd_gettime),
  SCMP_SYS (socketpair),
  SCMP_SYS (accept4),
  SCMP_SYS (connect),
  SCMP_SYS (bind),
  SCMP_SYS (shutdown),
  SCMP_SYS (getsockname),
  SCMP_SYS (getpeername),
  SCMP_SYS (getsockopt),
  SCMP_SYS (setsockopt),
  SCMP_SYS (exit),
  SCMP_SYS (exit_group),
  SCMP_SYS (set_robust_list),
  SCMP_SYS (rseq),
  SCMP_SYS (sched_yield),
  SCMP_SYS (sched_getaffinity),
  SCMP_SYS (getpriority),
  SCMP_SYS (uname),
  SCMP_SYS (sysinfo),
  SCMP_SYS (getrlimit),
  SCMP_SYS (set_tid_address),
};

/* Files: libraries take EACCES as an answer. */
static const int no_files[] = {
  SCMP_SYS (open), SCMP_SYS (openat), SCMP_SYS (openat2), SCMP_SYS (creat), SCMP_SYS (access), SCMP_SYS (faccessat),
  SCMP_SYS (faccessat2), SCMP_SYS (readlink), SCMP_SYS (readlinkat), SCMP_SYS (stat), SCMP_SYS (lstat),
  SCMP_SYS (statx), SCMP_SYS (statfs), SCMP_SYS (unlink), SCMP_SYS (mkdir), SCMP_SYS (rename),
};

/* All services are one user, and none may reach another one's process: of calls that name a process only those that mean
 * ourselves, and of fcntl () not those that say who gets a signal. (GLib wants sched_setattr () for its threads,
 * which names them, if sched_getattr () is there; it can do without.) 0, or the first error (negative errno). */
static int
add_own_rules (scmp_filter_ctx ctx)
{
  const scmp_datum_t self = (scmp_datum_t) getpid (), pids[] = { 0, self };
  const int commands[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_ADD_SEALS, F_GET_SEALS };
  int r = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (pids) && !r; i++)
    r = seccomp_rule_add (ctx, SCMP_ACT_ALLOW, SCMP_SYS (prlimit64), 1, SCMP_A0 (SCMP_CMP_EQ, pids[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (commands) && !r; i++)
    r = seccomp_rule_add (ctx, SCMP_ACT_ALLOW, SCMP_SYS (fcntl), 1, SCMP_A1 (SCMP_CMP_EQ, (scmp_datum_t) commands[i]));
  /* abort () signals itself */
  if (!r)
    r = seccomp_rule_add (ctx, SCMP_ACT_ALLOW, SCMP_SYS (tgkill), 1, SCMP_A0 (SCMP_CMP_EQ, self));
  return r;
}

/* 0, or the first error (negative errno). */
static int
add_rules (scmp_filter_ctx ctx)
{
  const int families[] = { AF_UNIX, AF_NETLINK };
  const unsigned long requests[] = { FIONREAD, FIONBIO, TCGETS };
  int r = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (allowed) && !r; i++)
    r = seccomp_rule_add (ctx, SCMP_ACT_ALLOW, allowed[i], 0);
  for (gsize i = 0; i < G_N_ELEMENTS (no_files) && !r; i++)
    r = seccomp_rule_add (ctx, SCMP_ACT_ERRNO (EACCES), no_files[i], 0);
  for (gsize i = 0; i < G_N_ELEMENTS (families) && !r; i++)
    r = seccomp_rule_add (ctx, SCMP_ACT_ALLOW, SCMP_SYS (socket), 1, SCMP_A0 (SCMP_CMP_EQ, (scmp_datum_t) families[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (requests) && !r; i++)
    r = seccomp_rule_add (ctx, SCMP_ACT_ALLOW, SCMP_SYS (ioctl), 1, SCMP_A1 (SCMP_CMP_EQ, requests[i]));
  /* memory is never writable and executable in turn */
  if (!r)
    r = seccomp_rule_add (ctx, SCMP_ACT_ALLOW, SCMP_SYS (mprotect), 1, SCMP_A2 (SCMP_CMP_MASKED_EQ, 4, 0));
  /* threads, not processes; glibc tries clone3 first, whose flags a filter cannot see */
  if (!r)
    r = seccomp_rule_add (ctx, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), 0);
  if (!r)
    r = seccomp_rule_add (ctx, SCMP_ACT_ALLOW, SCMP_SYS (clone), 1,
                          SCMP_A0 (SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
  /* a thread names itself */
  if (!r)
    r = seccomp_rule_add (ctx, SCMP_ACT_ALLOW, SCMP_SYS (prctl), 1, SCMP_A0 (SCMP_CMP_EQ, PR_SET_NAME));
  return r ? r : add_own_rules (ctx);
}

gboolean
sandbox_enter (GError **error)
{
  scmp_filter_ctx ctx = seccomp_init (SCMP_ACT_ERRNO (EPERM));
  int r;

  if (!ctx)
    {
      errno = ENOMEM;
      return fail (error, "seccomp_init");
    }
  r = add_rules (ctx);
  if (!r)
    r = seccomp_load (ctx);
  seccomp_release (ctx);
  if (r)
    {
      errno = -r;
      return fail (error, "The system call filter");
    }
  return TRUE;
}
