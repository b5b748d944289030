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
  char path[32], name[32] = "";
  gssize len = 0;
  int fd;

  g_snprintf (path, sizeof path, "/proc/%d/comm", (int) pid);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) /* hidden from us (hidepid) is not dead */
    return kill (pid, 0) == 0 || errno == EPERM;
  len = read (fd, name, sizeof name - 1);
  close (fd);
  if (len <= 0)
    return FALSE;
  name[strcspn (name, "\n")] = 0;
  return strcmp (name, OWNER_PROCESS_NAME) == 0;
}
