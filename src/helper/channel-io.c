/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages over the socket, with their descriptor, and the items in LOADED's memory file: plain system calls without
 * state. A descriptor beside a message that must not have one ends the channel, like any other malformed packet.
 */
#include "channel-msg.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define ITEM_HEADER_LEN 5
#define MAX_ITEMS_SIZE (16 * 1024 * 1024)

void
channel_msg_free (ChannelMsg *msg)
{
  if (!msg)
    return;
  if (msg->fd >= 0)
    close (msg->fd);
  channel_buffer_free (msg->buffer, msg->buffer_len);
  g_free (msg);
}

static gboolean
carries_descriptor (ChannelType type)
{
  return type == CHANNEL_OPENED || type == CHANNEL_LOADED || type == CHANNEL_READ ||
         type == CHANNEL_TLS_DONE;
}

static void
attach_descriptor (struct msghdr *hdr, gpointer control, gsize size, int fd)
{
  struct cmsghdr *cmsg;

  memset (control, 0, size);
  hdr->msg_control = control;
  hdr->msg_controllen = CMSG_SPACE (sizeof fd);
  cmsg = CMSG_FIRSTHDR (hdr);
  cmsg->cmsg_level = SOL_SOCKET;
  cmsg->cmsg_type = SCM_RIGHTS;
  cmsg->cmsg_len = CMSG_LEN (sizeof fd);
  memcpy (CMSG_DATA (cmsg), &fd, sizeof fd);
}

int
channel_send (int fd, const ChannelMsg *msg)
{
  gsize len = 0;
  guint8 *buffer = channel_msg_encode (msg, &len);
  struct iovec iov = { .iov_base = buffer, .iov_len = len };
  struct msghdr hdr = { .msg_iov = &iov, .msg_iovlen = 1 };
  _Alignas(struct cmsghdr) char control[CMSG_SPACE (sizeof (int))];
  int r = 0;

  if (!buffer)
    return EMSGSIZE;
  if (carries_descriptor (msg->type) && msg->fd >= 0)
    attach_descriptor (&hdr, control, sizeof control, msg->fd);
  while (sendmsg (fd, &hdr, MSG_NOSIGNAL) < 0)
    if (errno != EINTR)
      {
        r = errno == ECONNRESET || errno == ECONNREFUSED || errno == ENOTCONN ? EPIPE : errno;
        break;
      }
  channel_buffer_free (buffer, len);
  return r;
}

/* Takes the one descriptor; when there are more, or none was wanted, closes them all. */
static int
take_descriptors (struct msghdr *hdr, guint *ret_n)
{
  int found = -1;

  *ret_n = 0;
  for (struct cmsghdr *cmsg = CMSG_FIRSTHDR (hdr); cmsg; cmsg = CMSG_NXTHDR (hdr, cmsg))
    {
      if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
        continue;
      for (gsize i = 0; CMSG_LEN ((i + 1) * sizeof (int)) <= cmsg->cmsg_len; i++)
        {
          int fd;

          memcpy (&fd, CMSG_DATA (cmsg) + i * sizeof (int), sizeof fd);
          if ((*ret_n)++ == 0)
            found = fd;
          else
            close (fd);
        }
    }
  return found;
}

/* For one packet at a time: erased before anybody else can ask. Not on the stack, of which the compiler has every page
   touched, however short the packet. */
static guint8 arrived[CHANNEL_MAX_MESSAGE + 1];

int
channel_receive (int fd, ChannelMsg **ret_msg)
{
  struct iovec iov = { .iov_base = arrived, .iov_len = sizeof arrived };
  _Alignas(struct cmsghdr) char control[CMSG_SPACE (4 * sizeof (int))];
  struct msghdr hdr = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
  ChannelMsg *msg;
  guint n_fds;
  int passed;
  gssize len;

  do
    len = recvmsg (fd, &hdr, MSG_CMSG_CLOEXEC);
  while (len < 0 && errno == EINTR);
  if (len < 0)
    return errno == ECONNRESET ? EPIPE : errno;
  passed = take_descriptors (&hdr, &n_fds);
  if (len == 0 && n_fds == 0)
    return EPIPE;
  msg = hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? NULL : channel_msg_decode (arrived, (gsize) len);
  explicit_bzero (arrived, (gsize) len);
  if (!msg || n_fds != (carries_descriptor (msg->type) ? 1 : 0))
    {
      channel_msg_free (msg);
      if (passed >= 0)
        close (passed);
      return EBADMSG;
    }
  msg->fd = passed;
  *ret_msg = msg;
  return 0;
}

/* ---- items ---- */

static int
write_all (int fd, const guint8 *data, gsize len)
{
  while (len > 0)
    {
      gssize n = write (fd, data, len);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n < 0 ? errno : EIO;
      data += n;
      len -= (gsize) n;
    }
  return 0;
}

int
channel_items_append (int fd, ChannelItem item, gconstpointer data, gsize len)
{
  const guint8 header[ITEM_HEADER_LEN] = { (guint8) item, (guint8) (len >> 24), (guint8) (len >> 16),
                                           (guint8) (len >> 8), (guint8) len };
  int r = len > CHANNEL_MAX_FILE ? EMSGSIZE : write_all (fd, header, sizeof header);

  return r ? r : write_all (fd, data, len);
}

static gboolean
items_walk (const guint8 *data, gsize size, ChannelItemFunc func, gpointer user_data)
{
  while (size > 0)
    {
      gsize len;

      if (size < ITEM_HEADER_LEN || data[0] < CHANNEL_ITEM_CERTIFICATE || data[0] > CHANNEL_ITEM_CA)
        return FALSE;
      len = (gsize) data[1] << 24 | (gsize) data[2] << 16 | (gsize) data[3] << 8 | data[4];
      if (len > size - ITEM_HEADER_LEN)
        return FALSE;
      func (data[0], data + ITEM_HEADER_LEN, len, user_data);
      data += ITEM_HEADER_LEN + len;
      size -= ITEM_HEADER_LEN + len;
    }
  return TRUE;
}

gboolean
channel_items_read (int fd, ChannelItemFunc func, gpointer data)
{
  struct stat st;
  gpointer map;
  gboolean ok;

  if (fstat (fd, &st) < 0 || !S_ISREG (st.st_mode) || st.st_size > MAX_ITEMS_SIZE)
    return FALSE;
  if (st.st_size == 0)
    return TRUE;
  /* the sender has sealed it: it cannot shrink under the mapping */
  map = mmap (NULL, (gsize) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (map == MAP_FAILED)
    return FALSE;
  ok = items_walk (map, (gsize) st.st_size, func, data);
  munmap (map, (gsize) st.st_size);
  return ok;
}
