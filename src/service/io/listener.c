/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 7296 section 2.11: "an implementation MUST accept incoming requests even if the source port is not 500 or 4500,
 * and MUST respond to the address and port from which the request was received" - from where it was sent to, which
 * IP_PKTINFO tells and takes. ICMP errors are nobody's: anybody can have made them.
 */
#include "io/listener.h"

#include "io/sockaddr.h"
#include "watch.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define MARKER_LEN 4
#define DATAGRAM_MAX 65535
/* datagrams read in one turn of the main loop, so that a flood does not starve the rest */
#define BURST 64
#define BUFFER (1024 * 1024) /* of the kernel: a thousand clients may come back at once */

struct _Listener {
  int fd;
  guint source;
  IkeTransport transport;
  IkeEndpoint local;
  ListenerFunc func;
  gpointer user;
  guint8 *buffer; /* DATAGRAM_MAX octets */
  gboolean busy, freed; /* inside an event, which may free us */
};

typedef union {
  char octets[CMSG_SPACE (sizeof (struct in6_pktinfo))];
  struct cmsghdr align;
} Control;

static const guint8 marker[MARKER_LEN];

/* To which of our addresses it came. FALSE: the kernel does not say. */
static gboolean
read_local (struct msghdr *msg, IkeAddress *ret)
{
  for (struct cmsghdr *c = CMSG_FIRSTHDR (msg); c; c = CMSG_NXTHDR (msg, c))
    {
      if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
        {
          struct in_pktinfo info;

          memcpy (&info, CMSG_DATA (c), sizeof info);
          *ret = ike_address_from_chunk (ike_chunk (&info.ipi_addr, 4));
          return TRUE;
        }
      if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
        {
          struct in6_pktinfo info;

          memcpy (&info, CMSG_DATA (c), sizeof info);
          *ret = ike_address_from_chunk (ike_chunk (&info.ipi6_addr, 16));
          return TRUE;
        }
    }
  return FALSE;
}

static void
deliver (Listener *self, const IkePath *path, gsize len)
{
  const guint8 *data = self->buffer;

  if (self->transport == IKE_TRANSPORT_NATT)
    {
      if (len <= MARKER_LEN || memcmp (data, marker, MARKER_LEN) != 0)
        return;
      data += MARKER_LEN;
      len -= MARKER_LEN;
    }
  self->func (path, data, len, self->user);
}

static gboolean
on_ready (int fd, GIOCondition condition, gpointer user)
{
  Listener *self = user;

  self->busy = TRUE;
  for (guint i = 0; i < BURST && !self->freed; i++)
    {
      SockAddress from = { 0 };
      Control control;
      struct iovec iov = { self->buffer, DATAGRAM_MAX };
      struct msghdr msg = { .msg_name = &from,
                            .msg_namelen = sizeof from,
                            .msg_iov = &iov,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control };
      ssize_t n = recvmsg (fd, &msg, MSG_DONTWAIT);
      IkePath path = { .transport = self->transport, .local = self->local };

      if (n < 0 && errno == EAGAIN)
        break;
      if (n <= 0 || !read_local (&msg, &path.local.address))
        continue; /* empty, or an ICMP error for something that we sent */
      path.remote = sockaddr_read (&from);
      deliver (self, &path, (gsize) n);
    }
  self->busy = FALSE;
  if (!self->freed)
    return G_SOURCE_CONTINUE;
  self->source = 0; /* gone with our answer */
  listener_free (self);
  return G_SOURCE_REMOVE;
}

Listener *
listener_new (int take_fd, IkeTransport transport, const IkeEndpoint *local, ListenerFunc func, gpointer user)
{
  Listener *self = g_new0 (Listener, 1);
  gboolean ip6 = local->address.family == IKE_FAMILY_IP6;
  int on = 1, off = 0, size = BUFFER;

  self->fd = take_fd;
  self->transport = transport;
  self->local = *local;
  self->func = func;
  self->user = user;
  self->buffer = g_malloc (DATAGRAM_MAX);
  if (setsockopt (take_fd, ip6 ? (int) IPPROTO_IPV6 : (int) IPPROTO_IP, ip6 ? IPV6_RECVPKTINFO : IP_PKTINFO, &on,
                  sizeof on) < 0)
    g_debug ("no packet information: %s", g_strerror (errno));
  (void) setsockopt (take_fd, ip6 ? (int) IPPROTO_IPV6 : (int) IPPROTO_IP, ip6 ? IPV6_RECVERR : IP_RECVERR, &off,
                     sizeof off);
  (void) setsockopt (take_fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  self->source = watch_add (take_fd, G_IO_IN, on_ready, self);
  return self;
}

void
listener_free (Listener *self)
{
  if (!self)
    return;
  self->freed = TRUE;
  if (self->busy)
    return;
  g_clear_handle_id (&self->source, g_source_remove);
  close (self->fd);
  g_free (self->buffer);
  g_free (self);
}

/* The source address of what is sent; the kernel finds the way. */
static void
write_local (struct msghdr *msg, Control *control, const IkeAddress *local)
{
  struct cmsghdr *c;

  *control = (Control){ 0 };
  msg->msg_control = control;
  if (local->family == IKE_FAMILY_IP4)
    {
      struct in_pktinfo info = { 0 };

      memcpy (&info.ipi_spec_dst, local->bytes, 4);
      msg->msg_controllen = CMSG_SPACE (sizeof info);
      c = CMSG_FIRSTHDR (msg);
      *c = (struct cmsghdr){ CMSG_LEN (sizeof info), IPPROTO_IP, IP_PKTINFO };
      memcpy (CMSG_DATA (c), &info, sizeof info);
    }
  else
    {
      struct in6_pktinfo info = { 0 };

      memcpy (&info.ipi6_addr, local->bytes, 16);
      msg->msg_controllen = CMSG_SPACE (sizeof info);
      c = CMSG_FIRSTHDR (msg);
      *c = (struct cmsghdr){ CMSG_LEN (sizeof info), IPPROTO_IPV6, IPV6_PKTINFO };
      memcpy (CMSG_DATA (c), &info, sizeof info);
    }
}

static void
send_octets (Listener *self, const IkePath *path, const struct iovec *iov, guint n)
{
  SockAddress to;
  Control control;
  struct msghdr msg = { .msg_iov = (struct iovec *) iov, .msg_iovlen = n, .msg_name = &to };

  if (path->remote.address.family != self->local.address.family)
    return;
  msg.msg_namelen = sockaddr_write (&path->remote, &to);
  write_local (&msg, &control, &path->local.address);
  /* what cannot be sent now is a lost packet; an ICMP error of an earlier one is told by the first try */
  for (guint i = 0; i < 2; i++)
    if (sendmsg (self->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 || errno == EAGAIN)
      return;
}

void
listener_send (Listener *self, const IkePath *path, GBytes *datagram)
{
  gsize len;
  gconstpointer data = g_bytes_get_data (datagram, &len);
  const struct iovec iov[2] = { { (void *) marker, MARKER_LEN }, { (void *) data, len } };
  gboolean natt = self->transport == IKE_TRANSPORT_NATT;

  send_octets (self, path, natt ? iov : iov + 1, natt ? 2 : 1);
}

void
listener_keepalive (Listener *self, const IkePath *path)
{
  guint8 keepalive = 0xff;
  const struct iovec iov = { &keepalive, 1 };

  send_octets (self, path, &iov, 1);
}
