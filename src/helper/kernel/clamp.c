/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table lives as long as its socket: there is nothing to be swept. */
#include "kernel/clamp.h"

#include "kernel/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_SIZE 4096

void
clamp_clear (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* The first error, or the acknowledgement of @last. -1: neither is there yet. */
static int
read_answers (const guint8 *octets, gsize len, guint32 last)
{
  for (gsize at = 0; len - at >= NLMSG_HDRLEN + sizeof (struct nlmsgerr);)
    {
      struct nlmsghdr hdr;
      struct nlmsgerr error;

      memcpy (&hdr, octets + at, sizeof hdr);
      if (hdr.nlmsg_len < NLMSG_HDRLEN || hdr.nlmsg_len > len - at)
        break;
      memcpy (&error, octets + at + NLMSG_HDRLEN, sizeof error);
      if (hdr.nlmsg_type == NLMSG_ERROR && (error.error || hdr.nlmsg_seq == last))
        return -error.error;
      at += NLMSG_ALIGN (hdr.nlmsg_len);
      if (at > len)
        break;
    }
  return -1;
}

static int
send_batch (int fd, const GByteArray *batch, guint32 last)
{
  _Alignas(8) guint8 answer[ANSWER_SIZE];
  int error = -1;

  if (send (fd, batch->data, batch->len, 0) < 0)
    return errno;
  while (error < 0)
    {
      gssize len = recv (fd, answer, sizeof answer, 0);

      if (len < 0)
        return errno;
      error = read_answers (answer, (gsize) len, last);
    }
  return error;
}

int
clamp_set (int *fd, const ClampWish *wish)
{
  g_autoptr (GByteArray) batch = NULL;
  gboolean replaces = *fd >= 0;
  guint32 last;
  int error;

  if (!wish->mss4 && !wish->mss6)
    {
      clamp_clear (fd);
      return 0;
    }
  if (!replaces && (*fd = netlink_sync_open (NETLINK_NETFILTER)) < 0)
    return errno;
  batch = clamp_build (wish, replaces, &last);
  error = send_batch (*fd, batch, last);
  if (error)
    clamp_clear (fd);
  return error;
}
