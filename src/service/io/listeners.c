/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the sockets; the helper opens them, all at the same time. */
#include "io/listeners.h"

#include "io/listener.h"
#include "io/tcp-server.h"

#include <gio/gio.h>
#include <unistd.h>

#define PLAIN_PORT 500
#define NATT_PORT 4500

struct _Listeners {
  guint refs;
  gboolean closed;
  HelperClient *helper;
  ListenersOptions options;
  const ListenersEvents *events;
  gpointer data;
  Listener *udp[2][2]; /* by IkeTransport, and whether it is IPv6 */
  TcpServer *tcp[2];
  guint missing;
  GError *error;
  gboolean error_is_tcp;
};

/* One that is being opened. */
typedef struct {
  Listeners *listeners;
  IkeTransport transport;
  IkeFamily family;
} Opening;

static void
listeners_unref (Listeners *self)
{
  if (--self->refs)
    return;
  g_clear_error (&self->error);
  g_free (self);
}

static void
opening_free (Opening *opening)
{
  listeners_unref (opening->listeners);
  g_free (opening);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

static gboolean
can_do_without (IkeFamily family, const GError *error)
{
  /* a machine without IPv6; but who takes half of our clients away must be named */
  return family == IKE_FAMILY_IP6 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

static void
refused (Listeners *self, const Opening *opening, const GError *error)
{
  gboolean tcp = opening->transport == IKE_TRANSPORT_TCP;

  if (tcp && self->options.transport == WAY_TCP_FALLBACK &&
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    self->events->log (IKE_LOG_NOTICE, error->message, self->data);
  else if (!self->error && (self->options.local.address.family || !can_do_without (opening->family, error)))
    {
      self->error = g_error_copy (error);
      self->error_is_tcp = tcp;
    }
}

/* Who is bound to one address has no others (RFC 4555). */
static gboolean
tells (const Listeners *self)
{
  return self->options.netwatch && !self->options.local.address.family && !self->closed;
}

static void
tell_addresses (gpointer data)
{
  Listeners *self = data;
  g_autofree char *addresses = netwatch_addresses (self->options.netwatch);

  self->events->told (IKE_INPUT_OWN_ADDRESSES, addresses, self->data);
}

static void
on_socket (int take_fd, const IkeEndpoint *local, GError *error, gpointer data)
{
  g_autoptr (Opening) opening = data;
  Listeners *self = opening->listeners;
  gboolean ip6 = opening->family == IKE_FAMILY_IP6;

  if (self->closed)
    {
      if (take_fd >= 0)
        close (take_fd);
      return;
    }
  if (take_fd < 0)
    refused (self, opening, error);
  else if (opening->transport == IKE_TRANSPORT_TCP)
    self->tcp[ip6] = tcp_server_new (take_fd, self->events->datagram, self->events->is_used, self->data);
  else
    self->udp[opening->transport][ip6] =
        listener_new (take_fd, opening->transport, local, self->events->datagram, self->data);
  if (--self->missing)
    return;
  if (self->error)
    {
      self->events->failed (self->error, self->error_is_tcp, self->data);
      return;
    }
  self->events->open (self->data);
  if (tells (self))
    {
      netwatch_set_tunnel (self->options.netwatch, self->options.tunnel);
      netwatch_listen (self->options.netwatch, tell_addresses, self);
      tell_addresses (self);
    }
}

static void
request (Listeners *self, IkeTransport transport, guint16 port, IkeFamily family)
{
  Opening *opening = g_new0 (Opening, 1);
  IkePath path = { .transport = transport, .local = self->options.local, .remote.address.family = family };

  path.local.port = port;
  opening->listeners = self;
  opening->transport = transport;
  opening->family = family;
  self->refs++;
  self->missing++;
  helper_client_socket (self->helper, &path, on_socket, opening);
}

Listeners *
listeners_new (HelperClient *helper, const ListenersOptions *options, const ListenersEvents *events, gpointer data)
{
  static const IkeFamily families[] = { IKE_FAMILY_IP4, IKE_FAMILY_IP6 };
  IkeFamily only = options->local.address.family;
  Listeners *self = g_new0 (Listeners, 1);

  self->refs = 1;
  self->helper = helper;
  self->options = *options;
  self->events = events;
  self->data = data;
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      if (only != IKE_FAMILY_NONE && only != families[i])
        continue;
      request (self, IKE_TRANSPORT_UDP, PLAIN_PORT, families[i]);
      request (self, IKE_TRANSPORT_NATT, NATT_PORT, families[i]);
      if (options->transport != WAY_UDP)
        request (self, IKE_TRANSPORT_TCP, options->tcp_port, families[i]);
    }
  return self;
}

void
listeners_free (Listeners *self)
{
  if (!self)
    return;
  if (tells (self))
    netwatch_listen (self->options.netwatch, NULL, NULL);
  self->closed = TRUE;
  for (guint i = 0; i < 4; i++)
    g_clear_pointer (&self->udp[i / 2][i % 2], listener_free);
  for (guint i = 0; i < 2; i++)
    g_clear_pointer (&self->tcp[i], tcp_server_free);
  listeners_unref (self);
}

void
listeners_send (Listeners *self, const IkePath *path, GBytes *datagram)
{
  gboolean ip6 = path->remote.address.family == IKE_FAMILY_IP6;

  if (path->transport == IKE_TRANSPORT_TCP && self->tcp[ip6])
    tcp_server_send (self->tcp[ip6], path, datagram);
  else if (path->transport != IKE_TRANSPORT_TCP && self->udp[path->transport][ip6])
    listener_send (self->udp[path->transport][ip6], path, datagram);
}

void
listeners_keepalive (Listeners *self, const IkePath *path)
{
  Listener *udp = path->transport == IKE_TRANSPORT_TCP
                      ? NULL
                      : self->udp[path->transport][path->remote.address.family == IKE_FAMILY_IP6];

  if (udp)
    listener_keepalive (udp, path);
}
