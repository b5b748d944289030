/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who changes the number or the file has the lock: shared to write 0, which all want who have it, alone to put back 1 and
 * to remove the file. A lock of a file that was removed meanwhile is none. */
#include "larval.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHANGED 'c' /* in the file: the number was 1 */

char *
larval_file (void)
{
  struct stat st = { 0 };

  (void) stat ("/proc/self/ns/net", &st);
  return g_strdup_printf (LARVAL_FILE "-%" G_GUINT64_FORMAT, (guint64) st.st_ino);
}

static int
open_and_lock (const char *file, int flags, int operation)
{
  int fd = open (file, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
  int r = -1;

  while (fd >= 0 && (r = flock (fd, operation)) < 0 && errno == EINTR)
    ;
  if (fd >= 0 && r < 0)
    {
      close (fd);
      return -1;
    }
  return fd;
}

static gboolean
is (int fd, char wanted)
{
  char now = 0;

  return pread (fd, &now, 1, 0) == 1 && now == wanted;
}

/* If it is @from. @mark: a file that says so first, for who dies in between; -1: none. */
static void
change (const char *setting, char from, char to, int mark)
{
  const char changed = CHANGED;
  int fd = open (setting, O_RDWR | O_CLOEXEC);

  if (fd >= 0 && is (fd, from) && (mark < 0 || pwrite (mark, &changed, 1, 0) == 1))
    (void) !pwrite (fd, &to, 1, 0);
  if (fd >= 0)
    close (fd);
}

static gboolean
is_removed (int lock)
{
  struct stat st;

  return fstat (lock, &st) < 0 || st.st_nlink == 0;
}

/* With the lock for us alone. */
static void
put_back (int lock, const char *file, const char *setting)
{
  if (is_removed (lock))
    return;
  if (is (lock, CHANGED))
    change (setting, '0', '1', -1);
  (void) unlink (file);
}

int
larval_hold (const char *file, const char *setting)
{
  int lock = open_and_lock (file, O_CREAT, LOCK_SH);

  while (lock >= 0 && is_removed (lock))
    {
      close (lock);
      lock = open_and_lock (file, O_CREAT, LOCK_SH);
    }
  if (lock >= 0)
    change (setting, '1', '0', lock);
  return lock;
}

void
larval_release (int lock, const char *file, const char *setting)
{
  if (lock < 0)
    return;
  /* of several who end at once the last one gets it: each gives up its own first */
  if (flock (lock, LOCK_EX | LOCK_NB) == 0)
    put_back (lock, file, setting);
  (void) flock (lock, LOCK_UN); /* a child that was just forked has the descriptor, too */
  close (lock);
}

void
larval_clean (const char *file, const char *setting)
{
  larval_release (open_and_lock (file, 0, LOCK_EX | LOCK_NB), file, setting);
}
