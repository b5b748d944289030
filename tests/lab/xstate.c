/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab-xstate.so - preloaded into User Mode Linux. Kernels before 6.13 know 2696 octets of a processor's extended state, and
 * give them back alone; but the host takes the whole state or nothing, and processors with AMX have 11,008 (there the guest
 * ended with "ptrace set fp regs failed, errno = 14"). Here what is missing is taken from where it is: from the process.
 */
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char whole_state[64 * 1024];

static long
set_state (pid_t pid, void *set, const struct iovec *part)
{
  struct iovec whole = { whole_state, sizeof whole_state };
  size_t len;

  if (syscall (SYS_ptrace, PTRACE_GETREGSET, pid, set, &whole) < 0)
    return -1;
  len = part->iov_len < whole.iov_len ? part->iov_len : whole.iov_len;
  memcpy (whole_state, part->iov_base, len);
  return syscall (SYS_ptrace, PTRACE_SETREGSET, pid, set, &whole);
}

/* That of the C library, which differs from the system call's in how a word that was read is returned. */
long
ptrace (enum __ptrace_request request, ...)
{
  va_list args;
  void *address, *data;
  pid_t pid;
  long word = 0, rc;

  va_start (args, request);
  pid = va_arg (args, pid_t);
  address = va_arg (args, void *);
  data = va_arg (args, void *);
  va_end (args);
  if (request == PTRACE_SETREGSET && address == (void *) NT_X86_XSTATE)
    return set_state (pid, address, data);
  if (request != PTRACE_PEEKTEXT && request != PTRACE_PEEKDATA && request != PTRACE_PEEKUSER)
    return syscall (SYS_ptrace, request, pid, address, data);
  rc = syscall (SYS_ptrace, request, pid, address, &word);
  if (rc < 0)
    return -1;
  errno = 0;
  return word;
}
