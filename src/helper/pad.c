/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each request is a child's, as the user whose connection it is. Two connections with one file wait for each other
 * (flock), and a disk that does not answer costs the child its time, and nobody else.
 */
#include "pad.h"

#include "files.h"
#include "privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECONDS 10

struct _Pad {
  char *path, *user;
};

typedef struct {
  const Pad *pad;
  const ChannelMsg *request;
} Question;

Pad *
pad_new (const ChannelMsg *request)
{
  Pad *pad;

  if (*request->pad.path != '/')
    return NULL;
  pad = g_new0 (Pad, 1);
  pad->path = g_strdup (request->pad.path);
  pad->user = g_strdup (request->pad.user);
  return pad;
}

gboolean
pad_is (const Pad *pad, const ChannelMsg *request)
{
  return strcmp (pad->path, request->pad.path) == 0 && strcmp (pad->user, request->pad.user) == 0;
}

void
pad_free (Pad *pad)
{
  if (!pad)
    return;
  g_free (pad->path);
  g_free (pad->user);
  g_free (pad);
}

/* ---- the file ---- */

static gssize
disk_write (int fd, const void *octets, gsize len, gint64 offset)
{
  return pwrite (fd, octets, len, offset);
}

static const PadDisk real_disk = { disk_write, fsync };

static gboolean
is_fresh (const guint8 *slice)
{
  return memchr (slice, 0, PAD_SLICE) == NULL;
}

/* FALSE: with errno, or 0 at the file's end. */
static gboolean
read_slice (int fd, guint64 offset, guint8 ret[PAD_SLICE])
{
  gsize done = 0;
  gssize n = 1;

  errno = 0;
  while (done < PAD_SLICE && n > 0)
    {
      n = pread (fd, ret + done, PAD_SLICE - done, (off_t) (offset + done));
      if (n < 0 && errno == EINTR)
        n = 1;
      else if (n > 0)
        done += (gsize) n;
    }
  return done == PAD_SLICE;
}

/* From the front or from the back. FALSE: all are used, or (errno) it cannot be read. */
static gboolean
find_fresh (int fd, guint64 slices, ChannelPadWhich which, guint64 *ret_offset, guint8 ret[PAD_SLICE])
{
  errno = 0;
  for (guint64 i = 0; i < slices; i++)
    {
      *ret_offset = (which == CHANNEL_PAD_FIRST ? i : slices - 1 - i) * PAD_SLICE;
      if (!read_slice (fd, *ret_offset, ret))
        return FALSE;
      if (is_fresh (ret))
        return TRUE;
    }
  return FALSE;
}

/* FALSE with errno. */
static gboolean
erase_slice (int fd, const PadDisk *disk, guint64 offset)
{
  static const guint8 zeroes[PAD_SLICE];
  gsize done = 0;

  while (done < PAD_SLICE)
    {
      gssize n = disk->write (fd, zeroes + done, PAD_SLICE - done, (gint64) (offset + done));

      if (n < 0 && errno != EINTR)
        return FALSE;
      done += n > 0 ? (gsize) n : 0;
    }
  return disk->sync (fd) == 0;
}

static const char *
take_locked (int fd, const PadDisk *disk, ChannelPadWhich which, guint64 *offset, guint8 ret_octets[PAD_SLICE])
{
  struct stat st;
  guint64 slices;

  if (fstat (fd, &st) < 0)
    return "it cannot be read";
  slices = (guint64) st.st_size / PAD_SLICE;
  if (which == CHANNEL_PAD_AT)
    {
      errno = 0;
      if (*offset % PAD_SLICE || *offset / PAD_SLICE >= slices)
        return "the other end has named a part that it does not have";
      if (!read_slice (fd, *offset, ret_octets))
        return "it cannot be read";
      if (!is_fresh (ret_octets))
        return "the other end has named a part that has been used";
    }
  else if (!find_fresh (fd, slices, which, offset, ret_octets))
    return errno ? "it cannot be read" : "it is used up";
  return erase_slice (fd, disk, *offset) ? NULL : "the used part cannot be overwritten";
}

const char *
pad_take (int fd, const PadDisk *disk, ChannelPadWhich which, guint64 *offset, guint8 ret_octets[PAD_SLICE])
{
  const char *complaint =
      flock (fd, LOCK_EX) < 0 ? "it cannot be locked" : take_locked (fd, disk, which, offset, ret_octets);
  int saved = errno;

  if (complaint)
    explicit_bzero (ret_octets, PAD_SLICE);
  (void) flock (fd, LOCK_UN);
  errno = saved;
  return complaint;
}

/* Is there anything left? */
static const char *
look (int fd)
{
  guint8 octets[PAD_SLICE];
  guint64 offset;
  struct stat st;
  gboolean found =
      fstat (fd, &st) == 0 && find_fresh (fd, (guint64) st.st_size / PAD_SLICE, CHANNEL_PAD_FIRST, &offset, octets);
  int saved = errno;

  explicit_bzero (octets, sizeof octets);
  errno = saved;
  return found ? NULL : errno ? "it cannot be read" : "it is used up";
}

/* ---- the child ---- */

static void
fail (int fd, const Pad *pad, const char *complaint, int number)
{
  worker_fail (fd, CHANNEL_ERROR_PAD, number, "ppk-file: %s cannot be used: %s%s%s", pad->path, complaint,
               number ? ": " : "", number ? g_strerror (number) : "");
}

static void
answer (int fd, const Question *question, int file)
{
  ChannelMsg msg = { .type = CHANNEL_DONE, .fd = -1 };
  const ChannelMsg *request = question->request;
  guint8 octets[PAD_SLICE];
  const char *complaint;

  if (request->type == CHANNEL_PAD)
    complaint = look (file);
  else
    {
      msg.type = CHANNEL_SLICE;
      msg.slice.offset = request->pad_take.offset;
      msg.slice.octets = (ChannelBlob){ octets, sizeof octets };
      complaint = pad_take (file, &real_disk, (ChannelPadWhich) request->pad_take.which, &msg.slice.offset, octets);
    }
  if (complaint)
    fail (fd, question->pad, complaint, errno);
  else
    (void) channel_send (fd, &msg);
  explicit_bzero (octets, sizeof octets);
}

static void
child (int fd, gpointer data)
{
  const Question *question = data;
  const Pad *pad = question->pad;
  const char *complaint = NULL;
  struct stat st;
  int file;

  if (!privileges_become_user (pad->user))
    {
      fail (fd, pad, "there is no such user", 0);
      return;
    }
  file = open (pad->path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (file < 0 || fstat (file, &st) < 0)
    fail (fd, pad, "it cannot be opened for writing", errno);
  else if ((complaint = files_secret_complaint (&st)) != NULL)
    fail (fd, pad, complaint, 0);
  else
    answer (fd, question, file);
}

Worker *
pad_ask (const Pad *pad, const ChannelMsg *request, WorkerFunc func, gpointer data)
{
  Question question = { pad, request };
  const WorkerSpec spec = { .name = "nm-ipsec-pad", .main = child, .main_data = &question, .seconds = SECONDS };

  return worker_start (&spec, func, data);
}
