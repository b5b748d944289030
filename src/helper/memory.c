/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the files in one directory; each is written beside its place and moved there, so that it is whole or not there. */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DIGITS 5

static char *
memory_path (const char *dir, const char *name)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);

  return g_build_filename (dir, hash, NULL);
}

guint16
memory_recall (const char *dir, const char *name)
{
  g_autofree char *path = memory_path (dir, name);
  char text[MAX_DIGITS + 1] = "";
  guint64 value = 0;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  ssize_t n;

  if (fd < 0)
    return 0;
  n = read (fd, text, MAX_DIGITS);
  close (fd);
  if (n <= 0 || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT16, &value, NULL))
    return 0;
  return (guint16) value;
}

static void
forget_all_above (const char *dir, guint max)
{
  g_autoptr (GDir) list = g_dir_open (dir, 0, NULL);
  const char *entry;
  guint n = 0;

  while (list && g_dir_read_name (list))
    n++;
  if (!list || n < max)
    return;
  g_dir_rewind (list);
  while ((entry = g_dir_read_name (list)))
    {
      g_autofree char *path = g_build_filename (dir, entry, NULL);

      (void) unlink (path);
    }
}

void
memory_remember (const char *dir, const char *name, guint16 value)
{
  g_autofree char *path = memory_path (dir, name);
  g_autofree char *fresh = g_strconcat (path, ".new", NULL);
  char text[MAX_DIGITS + 1];
  gboolean good;
  int fd;

  if (mkdir (dir, 0700) == 0 || errno == EEXIST)
    forget_all_above (dir, MEMORY_MAX);
  g_snprintf (text, sizeof text, "%u", value);
  (void) unlink (fresh); /* of a helper that died here */
  fd = open (fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return;
  good = write (fd, text, strlen (text)) == (ssize_t) strlen (text);
  close (fd);
  if (!good || rename (fresh, path) < 0)
    (void) unlink (fresh);
}
