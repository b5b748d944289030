/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the pairs; the helper opens them, both at the same time. */
#include "io/sockets.h"

#include <gio/gio.h>
#include <unistd.h>

#define NATT_PORT 4500
#define PLAIN_PORT 500

typedef struct {
  UdpSocket *udp[2]; /* by IkeTransport: UDP, NATT */
} Pair;

struct _Sockets {
  guint refs;
  gboolean closed;
  gboolean any_port;
  HelperClient *helper;
  const UdpEvents *events;
  gpointer user;
  GPtrArray *pairs; /* Pair, oldest first */
};

/* One pair that is being opened. */
typedef struct {
  Sockets *sockets;
  Pair *pair;
  IkeEndpoint remote;
  guint missing;
  GError *error;
  SocketsFunc func;
  gpointer data;
} Opening;

typedef struct {
  Opening *opening;
  IkeTransport transport;
} Half;

static void
pair_free (gpointer data)
{
  Pair *pair = data;

  g_clear_pointer (&pair->udp[0], udp_socket_free);
  g_clear_pointer (&pair->udp[1], udp_socket_free);
  g_free (pair);
}

Sockets *
sockets_new (HelperClient *helper, gboolean any_port, const UdpEvents *events, gpointer user)
{
  Sockets *self = g_new0 (Sockets, 1);

  self->refs = 1;
  self->helper = helper;
  self->any_port = any_port;
  self->events = events;
  self->user = user;
  self->pairs = g_ptr_array_new_with_free_func (pair_free);
  return self;
}

static void
sockets_unref (Sockets *self)
{
  if (--self->refs)
    return;
  g_ptr_array_unref (self->pairs);
  g_free (self);
}

void
sockets_free (Sockets *self)
{
  if (!self)
    return;
  self->closed = TRUE;
  g_ptr_array_set_size (self->pairs, 0);
  sockets_unref (self);
}

/* ---- opening ---- */

static void
opened (Opening *opening)
{
  g_autofree Opening *free_later = opening;
  Sockets *self = opening->sockets;
  Pair *pair = opening->pair;

  if (!opening->error && self->closed)
    g_set_error_literal (&opening->error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "closed");
  if (opening->error)
    {
      pair_free (pair);
      opening->func (NULL, NULL, opening->error, opening->data);
      g_clear_error (&opening->error);
    }
  else
    {
      if (self->pairs->len == SOCKETS_MAX_WAYS)
        g_ptr_array_remove_index (self->pairs, 0);
      g_ptr_array_add (self->pairs, pair);
      opening->func (udp_socket_get_path (pair->udp[IKE_TRANSPORT_UDP]),
                     udp_socket_get_path (pair->udp[IKE_TRANSPORT_NATT]), NULL, opening->data);
    }
  sockets_unref (self);
}

static void
on_socket (int take_fd, const IkeEndpoint *local, GError *error, gpointer data)
{
  g_autofree Half *half = data;
  Opening *opening = half->opening;
  IkePath path = { .transport = half->transport, .remote = opening->remote };

  if (take_fd >= 0)
    {
      path.local = *local;
      if (path.transport == IKE_TRANSPORT_NATT)
        path.remote.port = NATT_PORT;
      opening->pair->udp[path.transport] =
          udp_socket_new (take_fd, &path, opening->sockets->events, opening->sockets->user);
      if (opening->sockets->any_port)
        udp_socket_set_any_port (opening->pair->udp[path.transport]);
    }
  else if (!opening->error)
    opening->error = g_error_copy (error);
  if (--opening->missing == 0)
    opened (opening);
}

static void
request (Opening *opening, IkeTransport transport, const IkeEndpoint *local)
{
  Half *half = g_new0 (Half, 1);
  IkePath path = { .transport = transport, .local = *local, .remote = opening->remote };

  if (transport == IKE_TRANSPORT_NATT)
    path.remote.port = NATT_PORT;
  if (!path.local.port)
    path.local.port = transport == IKE_TRANSPORT_NATT ? NATT_PORT : PLAIN_PORT;
  else if (transport == IKE_TRANSPORT_NATT)
    path.local.port = 0; /* the user's port is for the plain socket */
  if (opening->sockets->any_port)
    path.remote.port = 0;
  half->opening = opening;
  half->transport = transport;
  opening->missing++;
  helper_client_socket (opening->sockets->helper, &path, on_socket, half);
}

static const Pair *
find_way (const Sockets *self, const IkeEndpoint *remote, const IkeEndpoint *local)
{
  for (guint i = 0; i < self->pairs->len; i++)
    {
      const Pair *pair = self->pairs->pdata[i];
      const IkePath *path = udp_socket_get_path (pair->udp[IKE_TRANSPORT_UDP]);

      if (local->address.family && ike_address_equal (&path->local.address, &local->address) &&
          ike_address_equal (&path->remote.address, &remote->address) && path->remote.port == remote->port)
        return pair;
    }
  return NULL;
}

void
sockets_open (Sockets *self, const IkeEndpoint *remote, const IkeEndpoint *local, SocketsFunc func, gpointer data)
{
  const Pair *known = find_way (self, remote, local);
  Opening *opening;

  if (known)
    {
      func (udp_socket_get_path (known->udp[IKE_TRANSPORT_UDP]), udp_socket_get_path (known->udp[IKE_TRANSPORT_NATT]),
            NULL, data);
      return;
    }
  opening = g_new0 (Opening, 1);
  opening->sockets = self;
  self->refs++;
  opening->pair = g_new0 (Pair, 1);
  opening->remote = *remote;
  opening->func = func;
  opening->data = data;
  request (opening, IKE_TRANSPORT_UDP, local);
  request (opening, IKE_TRANSPORT_NATT, local);
}

/* ---- use ---- */

static gboolean
same_endpoint (const IkeEndpoint *a, const IkeEndpoint *b)
{
  return a->port == b->port && ike_address_equal (&a->address, &b->address);
}

static UdpSocket *
find (const Sockets *self, const IkePath *path)
{
  for (guint i = self->pairs->len; path->transport <= IKE_TRANSPORT_NATT && i-- > 0;)
    {
      UdpSocket *udp = ((const Pair *) self->pairs->pdata[i])->udp[path->transport];
      const IkePath *has = udp_socket_get_path (udp);

      if (same_endpoint (&has->local, &path->local) && ike_address_equal (&has->remote.address, &path->remote.address) &&
          (self->any_port || has->remote.port == path->remote.port))
        return udp;
    }
  return NULL;
}

void
sockets_send (Sockets *self, const IkePath *path, GBytes *datagram, IkePieces pieces)
{
  UdpSocket *udp = find (self, path);

  if (udp)
    udp_socket_send (udp, &path->remote, datagram, pieces);
}

void
sockets_keepalive (Sockets *self, const IkePath *path)
{
  UdpSocket *udp = find (self, path);

  if (udp && path->transport == IKE_TRANSPORT_NATT)
    udp_socket_keepalive (udp, &path->remote);
}

void
sockets_keep_only (Sockets *self, const IkePath *path)
{
  const UdpSocket *kept = find (self, path);

  for (guint i = self->pairs->len; kept && i-- > 0;)
    {
      const Pair *pair = self->pairs->pdata[i];

      if (pair->udp[0] != kept && pair->udp[1] != kept)
        g_ptr_array_remove_index (self->pairs, i);
    }
}

guint
sockets_get_mtu (const Sockets *self)
{
  const Pair *newest = self->pairs->len ? self->pairs->pdata[self->pairs->len - 1] : NULL;

  return newest ? udp_socket_get_mtu (newest->udp[IKE_TRANSPORT_NATT]) : 0;
}
