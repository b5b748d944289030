/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities by the kernel's own call: the helper has one thread. The system call filter is a list of what nobody
 * here has any business with, as a small program for the kernel: cheap to load, inherited by every child.
 */
#include "privileges.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

static gboolean
capabilities_keep (guint64 keep)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct data[2] = { { 0 } };

  if (syscall (SYS_capget, &header, data) < 0)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    {
      data[i].permitted &= (guint32) (keep >> (32 * i));
      data[i].effective = data[i].permitted;
      data[i].inheritable = 0;
    }
  (void) prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return syscall (SYS_capset, &header, data) == 0;
}

#define CAP(name) (G_GUINT64_CONSTANT (1) << CAP_##name)

/* ---- system calls ---- */

#if defined __x86_64__
# define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
# define NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined __riscv && __riscv_xlen == 64
# define NATIVE_ARCH AUDIT_ARCH_RISCV64
#endif

#ifdef NATIVE_ARCH
static const guint16 refused[] = {
  SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_mount, SYS_umount2,
  SYS_pivot_root, SYS_chroot, SYS_setns, SYS_unshare, SYS_bpf, SYS_perf_event_open, SYS_init_module, SYS_finit_module,
  SYS_delete_module, SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_keyctl, SYS_add_key, SYS_request_key,
  SYS_userfaultfd, SYS_io_uring_setup, SYS_personality, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex,
  SYS_clock_adjtime, SYS_sethostname, SYS_setdomainname, SYS_acct, SYS_quotactl, SYS_open_by_handle_at, SYS_syslog,
};
static const guint16 programs[] = { SYS_execve, SYS_execveat };

# define LOAD(field) BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, field))
# define IF_EQUAL(value, then, otherwise) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise)
# define ANSWER(what) BPF_STMT (BPF_RET | BPF_K, what)
# define OWN_LEN 14

/* With the call's number loaded. Other processes of the same user are none of our business: what names a process may name
 * ourselves, and no fcntl () says who gets a signal. */
static guint
own_only (struct sock_filter *program)
{
  const struct sock_filter own[OWN_LEN] = {
    IF_EQUAL (SYS_prlimit64, 1, 0),
    IF_EQUAL (SYS_tgkill, 0, 5),
    LOAD (args[0]),
    IF_EQUAL (0, 1, 0),
    IF_EQUAL ((guint32) getpid (), 0, 1),
    ANSWER (SECCOMP_RET_ALLOW),
    ANSWER (SECCOMP_RET_ERRNO | EPERM),
    IF_EQUAL (SYS_fcntl, 0, 6),
    LOAD (args[1]),
    IF_EQUAL (F_SETOWN, 3, 0),
    IF_EQUAL (F_SETOWN_EX, 2, 0),
    IF_EQUAL (F_SETSIG, 1, 0),
    ANSWER (SECCOMP_RET_ALLOW),
    ANSWER (SECCOMP_RET_ERRNO | EPERM),
  };

  memcpy (program, own, sizeof own);
  return OWN_LEN;
}

/* @listed for @calls, @others for everything else: SECCOMP_RET_*. */
static gboolean
filter_system_calls (const guint16 *calls, gsize n_calls, guint32 listed, guint32 others)
{
  g_autofree struct sock_filter *program = g_new (struct sock_filter, 5 + OWN_LEN + 2 * n_calls);
  struct sock_fprog filter = { .filter = program };
  guint n = 0;

  program[n++] = (struct sock_filter) LOAD (arch);
  program[n++] = (struct sock_filter) IF_EQUAL (NATIVE_ARCH, 1, 0);
  program[n++] = (struct sock_filter) ANSWER (SECCOMP_RET_ERRNO | ENOSYS);
  program[n++] = (struct sock_filter) LOAD (nr);
  if (listed == SECCOMP_RET_ALLOW)
    n += own_only (program + n);
  for (gsize i = 0; i < n_calls; i++)
    {
      program[n++] = (struct sock_filter) IF_EQUAL (calls[i], 0, 1);
      program[n++] = (struct sock_filter) ANSWER (listed);
    }
  program[n++] = (struct sock_filter) ANSWER (others);
  filter.len = (unsigned short) n;
  /* no_new_privs is what a filter needs where there is no root */
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0)
    return TRUE;
  g_debug ("no system call filter: %s", g_strerror (errno));
  return FALSE;
}
#endif

void
privileges_refuse_programs (void)
{
#ifdef NATIVE_ARCH
  (void) filter_system_calls (programs, G_N_ELEMENTS (programs), SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_ALLOW);
#endif
}

void
privileges_limit (void)
{
  const struct rlimit no_core = { 0, 0 };

  if (setrlimit (RLIMIT_CORE, &no_core) < 0 || prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
    g_warning ("core files and ptrace stay possible: %s", g_strerror (errno));
  if (!capabilities_keep (CAP (NET_ADMIN) | CAP (NET_BIND_SERVICE) | CAP (SETUID) | CAP (SETGID) | CAP (DAC_OVERRIDE)))
    g_warning ("capabilities cannot be reduced: %s", g_strerror (errno));
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    g_warning ("no_new_privs: %s", g_strerror (errno));
#ifdef NATIVE_ARCH
  (void) filter_system_calls (refused, G_N_ELEMENTS (refused), SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_ALLOW);
#endif
}

gboolean
privileges_keep_net_admin (void)
{
  return capabilities_keep (CAP (NET_ADMIN));
}

gboolean
privileges_keep_none (void)
{
  return capabilities_keep (0);
}

/* ---- children ---- */

/* Changing the user id takes the capabilities; it is checked that root does not come back. */
static gboolean
become (uid_t uid, gid_t gid)
{
  if (setresgid (gid, gid, gid) < 0 || setresuid (uid, uid, uid) < 0)
    return FALSE;
  if (uid != 0 && (setuid (0) == 0 || !capabilities_keep (0)))
    return FALSE;
  /* a change of user has cleared the one, and would allow the other */
  return prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

gboolean
privileges_become_nobody (void)
{
  const struct passwd *pw = getpwnam (NM_IPSEC_USER);

  if (geteuid () != 0) /* a test without root: there is nothing to give up */
    return TRUE;
  if (setgroups (0, NULL) < 0)
    return FALSE;
  return pw ? become (pw->pw_uid, pw->pw_gid) : become (NOBODY, NOBODY);
}

gboolean
privileges_become_user (const char *user)
{
  const struct passwd *pw;

  if (!*user)
    return capabilities_keep (CAP (DAC_OVERRIDE));
  pw = getpwnam (user);
  if (!pw)
    {
      errno = ESRCH;
      return FALSE;
    }
  if (geteuid () == pw->pw_uid && geteuid () != 0)
    return TRUE;
  if (initgroups (user, pw->pw_gid) < 0)
    return FALSE;
  return become (pw->pw_uid, pw->pw_gid) && (pw->pw_uid != 0 || capabilities_keep (0));
}

/* ---- children that read what the network says ---- */

#ifdef NATIVE_ARCH
/* To compute, and to use what is there already; open() and its kind get EACCES, which libraries take for an answer. What
 * own_only() allows comes to it. */
static const guint16 computing[] = {
  SYS_read,         SYS_write,
  SYS_readv,        SYS_writev,
  SYS_pread64,      SYS_lseek,
  SYS_recvmsg,      SYS_sendmsg,
  SYS_recvfrom,     SYS_sendto,
  SYS_ppoll,        SYS_close,
  SYS_fstat,        SYS_memfd_create,
  SYS_ftruncate,    SYS_mmap,
  SYS_munmap,       SYS_mremap,
  SYS_madvise,      SYS_brk,
  SYS_mlock,        SYS_munlock,
  SYS_futex,        SYS_rt_sigaction,
  SYS_rt_sigprocmask, SYS_rt_sigreturn,
  SYS_restart_syscall, SYS_getpid,
  SYS_gettid,       SYS_getppid,
  SYS_getuid,       SYS_geteuid,
  SYS_getgid,       SYS_getegid,
  SYS_clock_gettime, SYS_clock_getres,
  SYS_clock_nanosleep, SYS_nanosleep,
  SYS_gettimeofday, SYS_getrandom,
  SYS_exit,         SYS_exit_group,
  SYS_sched_yield,  SYS_uname,
  SYS_sysinfo,
# ifdef SYS_poll
  SYS_poll,         SYS_time,
  SYS_alarm,
# endif
};
#endif

gboolean
privileges_lock_down (void)
{
#ifdef NATIVE_ARCH
  return filter_system_calls (computing, G_N_ELEMENTS (computing), SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EACCES);
#else
  return FALSE;
#endif
}
