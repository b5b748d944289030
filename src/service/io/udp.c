/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 7296 section 2.23 and RFC 3948: on port 4500 four zero octets tell IKE from ESP, one octet 0xff is a keepalive.
 * The kernel has taken out ESP before we read (UDP_ENCAP), so what has no marker here is noise and is dropped.
 */
#include "io/udp.h"

#include "io/sockaddr.h"
#include "watch.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define MARKER_LEN 4
#define DATAGRAM_MAX 65535
/* datagrams read in one turn of the main loop, so that a flood does not starve the rest */
#define BURST 16
G_STATIC_ASSERT (IP_PMTUDISC_PROBE == IPV6_PMTUDISC_PROBE && IP_PMTUDISC_DONT == IPV6_PMTUDISC_DONT);

struct _UdpSocket {
  int fd;
  guint source;
  gboolean any_port;
  IkePath path;
  const UdpEvents *events;
  gpointer user;
  guint8 *buffer;  /* DATAGRAM_MAX octets: on the heap only those that are used become memory */
  gboolean *freed; /* points into the running callback, which an event may have freed us from */
};

static const guint8 marker[MARKER_LEN];

/* Everything in the error queue; TRUE with the last error that means "nobody there". */
static gboolean
drain_errors (UdpSocket *self, int *ret_error)
{
  gboolean found = FALSE;

  for (;;)
    {
      guint8 data[1], control[512];
      struct iovec iov = { data, sizeof data };
      struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };

      if (recvmsg (self->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return found;
      for (struct cmsghdr *c = CMSG_FIRSTHDR (&msg); c; c = CMSG_NXTHDR (&msg, c))
        {
          const struct sock_extended_err *e = (const struct sock_extended_err *) (const void *) CMSG_DATA (c);

          if (!((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
                (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)) ||
              c->cmsg_len < CMSG_LEN (sizeof *e))
            continue;
          /* EMSGSIZE only tells the path MTU, which the kernel remembers */
          if (e->ee_errno == EMSGSIZE || e->ee_errno == 0)
            continue;
          *ret_error = (int) e->ee_errno;
          found = TRUE;
        }
    }
}

static void
name_remote (const IkeEndpoint *remote, SockAddress *address, struct msghdr *msg)
{
  msg->msg_name = address;
  msg->msg_namelen = sockaddr_write (remote, address);
}

static void
deliver (UdpSocket *self, guint16 port, const guint8 *data, gsize len)
{
  IkePath path = self->path;

  if (self->any_port)
    path.remote.port = port;
  if (self->path.transport == IKE_TRANSPORT_NATT)
    {
      if (len <= MARKER_LEN || memcmp (data, marker, MARKER_LEN) != 0)
        return;
      data += MARKER_LEN;
      len -= MARKER_LEN;
    }
  self->events->datagram (&path, data, len, self->user);
}

static gboolean
on_ready (int fd, GIOCondition condition, gpointer user)
{
  UdpSocket *self = user;
  gboolean freed = FALSE;
  int error = 0;

  self->freed = &freed;
  if (drain_errors (self, &error))
    self->events->unreachable (&self->path, error, self->user);
  for (guint i = 0; i < BURST && !freed; i++)
    {
      SockAddress from = { 0 };
      socklen_t from_len = sizeof from;
      ssize_t n = recvfrom (fd, self->buffer, DATAGRAM_MAX, MSG_DONTWAIT, &from.sa, &from_len);

      if (n > 0) /* the port is at the same place in both families */
        deliver (self, g_ntohs (from.in.sin_port), self->buffer, (gsize) n);
      else if (n < 0 && errno != EINTR)
        break; /* nothing more; a pending error was consumed by this call, and its story is in the queue */
    }
  if (freed)
    return G_SOURCE_REMOVE;
  self->freed = NULL;
  return G_SOURCE_CONTINUE;
}

UdpSocket *
udp_socket_new (int take_fd, const IkePath *path, const UdpEvents *events, gpointer user)
{
  UdpSocket *self = g_new0 (UdpSocket, 1);

  self->fd = take_fd;
  self->buffer = g_malloc (DATAGRAM_MAX);
  self->path = *path;
  self->events = events;
  self->user = user;
  self->source = watch_add (take_fd, G_IO_IN | G_IO_ERR, on_ready, self);
  return self;
}

void
udp_socket_free (UdpSocket *self)
{
  if (!self)
    return;
  if (self->freed)
    *self->freed = TRUE; /* the running callback returns G_SOURCE_REMOVE */
  else
    g_source_remove (self->source);
  close (self->fd);
  g_free (self->buffer);
  g_free (self);
}

void
udp_socket_set_any_port (UdpSocket *self)
{
  self->any_port = TRUE;
}

/* The helper has made it so that IP may cut what it likes. */
static void
set_pieces (const UdpSocket *self, IkePieces pieces)
{
  gboolean ip6 = self->path.remote.address.family == IKE_FAMILY_IP6;
  int none = pieces == IKE_PIECES_NONE;
  /* PROBE: neither is it cut here, nor is believed what is known of the path; the numbers are the same in both families */
  int discover = none ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT;

  (void) setsockopt (self->fd, ip6 ? (int) IPPROTO_IPV6 : (int) IPPROTO_IP, ip6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
                     &discover, sizeof discover);
  if (ip6)
    (void) setsockopt (self->fd, IPPROTO_IPV6, IPV6_DONTFRAG, &none, sizeof none);
}

static void
send_datagram (UdpSocket *self, const struct msghdr *msg)
{
  /* An error of an earlier datagram is reported by the next call: the second try is the real one. What cannot be
   * sent now is a lost packet, and the engine's retransmission takes care of it. */
  for (guint i = 0; i < 2; i++)
    if (sendmsg (self->fd, msg, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 || errno == EAGAIN)
      return;
  if (errno == ENETUNREACH || errno == EHOSTUNREACH || errno == ECONNREFUSED || errno == EPERM || errno == EACCES)
    self->events->unreachable (&self->path, errno, self->user);
}

void
udp_socket_send (UdpSocket *self, const IkeEndpoint *remote, GBytes *datagram, IkePieces pieces)
{
  gsize len;
  gconstpointer data = g_bytes_get_data (datagram, &len);
  struct iovec iov[2] = { { (void *) marker, MARKER_LEN }, { (void *) data, len } };
  gboolean natt = self->path.transport == IKE_TRANSPORT_NATT;
  struct msghdr msg = { .msg_iov = natt ? iov : iov + 1, .msg_iovlen = natt ? 2 : 1 };
  SockAddress address;

  if (self->any_port)
    name_remote (remote, &address, &msg);
  if (pieces != IKE_PIECES_USUAL)
    set_pieces (self, pieces);
  send_datagram (self, &msg);
}

void
udp_socket_keepalive (UdpSocket *self, const IkeEndpoint *remote)
{
  guint8 keepalive = 0xff;
  struct iovec iov = { &keepalive, 1 };
  struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
  SockAddress address;

  if (self->any_port)
    name_remote (remote, &address, &msg);
  (void) !sendmsg (self->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

const IkePath *
udp_socket_get_path (const UdpSocket *self)
{
  return &self->path;
}

guint
udp_socket_get_mtu (const UdpSocket *self)
{
  gboolean ip6 = self->path.remote.address.family == IKE_FAMILY_IP6;
  IkeEndpoint remote = self->path.remote;
  SockAddress address;
  int mtu = 0;
  socklen_t len = sizeof mtu;

  if (self->any_port)
    remote.port = 0;
  /* The route that the last datagram took may have gone meanwhile, and then the number is the smallest that there is.
   * Connected again to the same peer, the socket has the route of now. */
  (void) !connect (self->fd, &address.sa, sockaddr_write (&remote, &address));
  if (getsockopt (self->fd, ip6 ? (int) IPPROTO_IPV6 : (int) IPPROTO_IP, ip6 ? IPV6_MTU : IP_MTU, &mtu, &len) < 0 ||
      mtu < 0)
    return 0;
  return (guint) mtu;
}
