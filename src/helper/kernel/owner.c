/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process id says nothing by itself, since numbers are used again: the name of the process must be the helper's
 * too. */
#include "kernel/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

gboolean
owner_is_alive (pid_t pid)
{
  char path[32], text[64] = "", wanted[64];
  gssize len = 0;
  int fd;

  g_snprintf (path, sizeof path, "/proc/%d/stat", (int) pid);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) /* hidden from us (hidepid) is not dead */
    return kill (pid, 0) == 0 || errno == EPERM;
  len = read (fd, text, sizeof text - 1);
  close (fd);
  if (len <= 0)
    return FALSE;
  /* one that nobody has waited for yet still has its name */
  len = g_snprintf (wanted, sizeof wanted, "%d (" OWNER_PROCESS_NAME ") ", (int) pid);
  return strncmp (text, wanted, (gsize) len) == 0 && text[len] != 'Z' && text[len] != 'X';
}
