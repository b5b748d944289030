/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the sockets. UDP is always there, unless the profile wants TCP alone; a TCP connection takes over when it stands
 * and there is still no answer by UDP.
 *
 * Invariants: at most one connection is in use, one is being left and one is being made; what stands and was only a
 * doubt is dropped when the doubt has gone.
 */
#include "io/way.h"

#include "io/sockets.h"
#include "io/tcp-socket.h"
#include "io/uplink.h"

#include <gio/gio.h>

struct _Way {
  guint refs;
  gboolean closed;
  HelperClient *helper;
  WayOptions options;
  const WayEvents *events;
  gpointer data;
  Sockets *sockets; /* NULL: TCP alone */
  Uplink *uplink;
  gboolean opened; /* open() has been called */
  gboolean begun; /* the first sockets wait, or have waited, for the uplink */
  guint opening; /* pairs of sockets */
  IkePath udp[2]; /* of the present uplink, by IkeTransport */
  IkeAddress source, dialed_from; /* family NONE: as the kernel likes */
  gboolean settled; /* on what the last open() gave */
  TcpSocket *stream, *leaving, *dialing;
  gboolean by_tcp; /* the last open() */
  gboolean needed; /* @dialing is, whatever is answered meanwhile */
  gboolean refused; /* TCP was, by this uplink */
  gboolean remembered; /* that UDP does not get through here */
  gint64 since; /* @stream stands */
  IkeAddress before; /* on the way to another gateway: where we go back to if there is none; else family NONE */
  IkeAddress stands; /* where the tunnel did last; family NONE: nowhere yet */
  gboolean trying; /* another address of the peer, by its word alone */
  guint lost, timer; /* connections that were not made, or not for long, in a row; until the next one is made */
  guint trial; /* when @dialing, which is not needed, should stand */
};

static void dial (Way *self, gboolean needed);

/* Whoever is not known to be the peer gets no connection of ours. */
static gboolean
may_fall_back (const Way *self)
{
  return self->options.transport == WAY_TCP_FALLBACK && !self->trying;
}

/* The user has fixed our address. */
static gboolean
is_fixed (const Way *self)
{
  return self->options.local.address.family != IKE_FAMILY_NONE;
}

static void
way_unref (Way *self)
{
  if (--self->refs == 0)
    g_free (self);
}

typedef Way WayRef;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WayRef, way_unref)

static Way *
way_ref (Way *self)
{
  self->refs++;
  return self;
}

/* ---- in which networks UDP does not get through ---- */

/* The helper keeps it for the next process, under both addresses, as the hour since the machine has started. */
static char *
network_name (const Way *self, const IkeAddress *local)
{
  g_autofree char *to = ike_address_to_string (&self->options.remote.address);
  g_autofree char *from = ike_address_to_string (local);

  return g_strdup_printf ("tcp %s %s", from, to);
}

static guint
hour_now (void)
{
  return (guint) (g_get_monotonic_time () / G_USEC_PER_SEC / 3600) % G_MAXUINT16 + 1;
}

static void
remember (Way *self, const IkeAddress *local, gboolean tcp)
{
  g_autofree char *name = network_name (self, local);

  if (tcp || self->remembered)
    helper_client_remember (self->helper, name, tcp ? hour_now () : 0);
  self->remembered = tcp;
}

/* ---- opening ---- */

static void
open_udp (Way *self)
{
  self->by_tcp = self->settled = FALSE;
  self->opened = TRUE;
  self->events->open (&self->udp[IKE_TRANSPORT_UDP], &self->udp[IKE_TRANSPORT_NATT], self->data);
}

static void
drop (TcpSocket **socket)
{
  g_clear_pointer (socket, tcp_socket_free);
}

static void
say (Way *self, IkeLogLevel level, const char *what, const GError *error)
{
  g_autofree char *text = g_strdup_printf ("TCP port %u: %s", self->options.tcp_port, error ? error->message : what);

  self->events->log (level, text, self->data);
}

static void
on_ready (TcpSocket *socket, gpointer user)
{
  Way *self = user;
  IkePath path = *tcp_socket_get_path (socket);

  if (!self->needed && !self->events->is_silent (self->data))
    {
      drop (&self->dialing);
      return;
    }
  drop (&self->leaving);
  self->leaving = self->stream;
  self->stream = g_steal_pointer (&self->dialing);
  self->since = g_get_monotonic_time ();
  if (!self->opened || self->before.family)
    uplink_use (self->uplink, &path);
  self->before.family = IKE_FAMILY_NONE;
  say (self, IKE_LOG_INFO, "connected", NULL);
  self->by_tcp = self->opened = TRUE;
  self->settled = FALSE;
  self->events->open (&path, &path, self->data);
}

static gboolean
on_pause_over (gpointer user)
{
  Way *self = user;

  self->timer = 0;
  dial (self, TRUE);
  return G_SOURCE_REMOVE;
}

static guint
pause_after (guint lost)
{
  guint shift = lost > WAY_SHORT_PAUSES ? lost - WAY_SHORT_PAUSES : 0;

  if (!lost)
    return 0;
  return shift < 5 ? MIN (1U << shift, WAY_LONGEST_PAUSE) : WAY_LONGEST_PAUSE;
}

static void
dial_later (Way *self)
{
  if (self->timer)
    return;
  self->timer = g_timeout_add_seconds (pause_after (self->lost), on_pause_over, self);
  self->lost++;
}

static void
not_redirected (Way *self)
{
  self->options.remote.address = self->before;
  self->trying = FALSE;
  self->before.family = IKE_FAMILY_NONE;
  if (self->begun)
    uplink_begin (self->uplink, &self->options.remote.address);
  self->events->news (IKE_INPUT_NO_PATH, FALSE, self->data);
}

/* No connection can be made. */
static void
on_dial_failed (Way *self, const GError *error)
{
  gboolean fallback = self->options.transport == WAY_TCP_FALLBACK;

  self->refused = TRUE;
  say (self, IKE_LOG_INFO, "closed", error);
  if (!self->opened && !fallback)
    self->events->failed (error, TRUE, self->data);
  else if (self->before.family && !fallback)
    not_redirected (self);
  else if (self->needed && fallback)
    open_udp (self);
  else if (self->needed)
    dial_later (self);
}

static void
on_closed (TcpSocket *socket, const GError *error, gpointer user)
{
  g_autoptr (WayRef) self = way_ref (user);

  if (socket == self->leaving)
    drop (&self->leaving);
  else if (socket == self->dialing)
    {
      drop (&self->dialing);
      on_dial_failed (self, error);
    }
  else if (socket == self->stream)
    {
      drop (&self->stream);
      if (!self->by_tcp)
        return;
      say (self, IKE_LOG_NOTICE, "the gateway has closed the connection", error);
      if (g_get_monotonic_time () - self->since > WAY_LONGEST_PAUSE * G_USEC_PER_SEC)
        self->lost = 0;
      /* RFC 9329 section 6.1: it is ours to make another one */
      dial_later (self);
      self->events->news (IKE_INPUT_CHECK, FALSE, self->data);
    }
}

static void
on_message (TcpSocket *socket, const guint8 *data, gsize len, gpointer user)
{
  Way *self = user;

  self->events->datagram (tcp_socket_get_path (socket), data, len, self->data);
}

/* Another connection has had time to stand, by the same uplink. */
static gboolean
on_no_answer (gpointer data)
{
  Way *self = data;
  gboolean trial = self->dialing && !self->needed;

  if (trial && !tcp_socket_get_path (self->dialing)->local.port)
    return G_SOURCE_CONTINUE; /* not even begun */
  self->trial = 0;
  if (trial)
    self->events->news (IKE_INPUT_CLOGGED, FALSE, self->data);
  return G_SOURCE_REMOVE;
}

/* TCP repeats at longer and longer intervals: whether the path carries again is found out sooner by another connection,
 * which is dropped when it stands. */
static void
on_clogged (TcpSocket *socket, guint patience, gpointer user)
{
  Way *self = user;

  if (socket != self->stream || !self->by_tcp)
    return;
  if (!patience)
    self->events->news (IKE_INPUT_CLOGGED, TRUE, self->data);
  else if (uplink_has_others (self->uplink) && !self->dialing && !self->timer)
    {
      say (self, IKE_LOG_DEBUG, "what is sent does not arrive; does another connection stand?", NULL);
      dial (self, FALSE);
      g_clear_handle_id (&self->trial, g_source_remove);
      self->trial = g_timeout_add (patience, on_no_answer, self);
    }
}

static const TcpEvents tcp_events = { on_ready, on_message, on_closed, on_clogged };

static void
dial (Way *self, gboolean needed)
{
  IkePath path = { .transport = IKE_TRANSPORT_TCP, .local.address = self->source, .remote = self->options.remote };

  if (self->dialing && ike_address_equal (&self->dialed_from, &self->source))
    {
      self->needed |= needed;
      return;
    }
  g_clear_handle_id (&self->timer, g_source_remove);
  drop (&self->dialing);
  self->dialed_from = self->source;
  path.remote.port = self->options.tcp_port;
  self->needed = needed;
  self->dialing = tcp_socket_dial (self->helper, &path, &tcp_events, self);
}

static void
on_recalled (guint hour, gpointer data)
{
  g_autoptr (WayRef) self = data;

  if (self->closed)
    return;
  self->remembered = hour && hour_now () - hour < WAY_REMEMBERS;
  if (self->remembered)
    dial (self, TRUE);
  else
    open_udp (self);
}

/* The first pair of sockets, or that of another uplink. */
static void
on_sockets (const IkePath *path, const IkePath *natt_path, const GError *error, gpointer data)
{
  g_autoptr (WayRef) self = data;

  self->opening--;
  if (self->closed)
    return;
  if (error)
    {
      if (!self->opened)
        self->events->failed (error, FALSE, self->data);
      else if (self->before.family)
        not_redirected (self);
      else if (!self->opening)
        uplink_missed (self->uplink);
      return;
    }
  self->udp[IKE_TRANSPORT_UDP] = *path;
  self->udp[IKE_TRANSPORT_NATT] = *natt_path;
  if (!self->opened || self->before.family)
    uplink_use (self->uplink, path);
  self->before.family = IKE_FAMILY_NONE;
  self->refused = FALSE;
  self->source = path->local.address;
  drop (&self->dialing);
  if (may_fall_back (self))
    {
      g_autofree char *name = network_name (self, &path->local.address);

      helper_client_recall (self->helper, name, on_recalled, way_ref (self));
    }
  else
    open_udp (self);
}

static void
open_from (Way *self, const IkeEndpoint *local)
{
  if (!self->sockets)
    {
      dial (self, TRUE);
      return;
    }
  self->opening++;
  sockets_open (self->sockets, &self->options.remote, local, on_sockets, way_ref (self));
}

static void
on_go (const IkeAddress *source, gpointer data)
{
  Way *self = data;
  const IkeEndpoint local = { .address = *source, .port = self->options.local.port };

  if (self->closed || (!self->opened && !self->begun))
    return;
  self->source = *source;
  self->lost = 0;
  open_from (self, &local);
}

static void
on_others (gboolean others, gpointer data)
{
  Way *self = data;

  self->events->news (IKE_INPUT_ELSEWHERE, others, self->data);
}

static void
on_datagram (const IkePath *path, const guint8 *data, gsize len, gpointer user)
{
  Way *self = user;

  self->events->datagram (path, data, len, self->data);
}

/* RFC 9329 section 5.1: a network that refuses UDP may let TCP through, and is given the time to show it. */
static void
on_unreachable (const IkePath *path, int error, gpointer user)
{
  Way *self = user;

  if (may_fall_back (self) && !self->refused && !self->settled)
    way_unanswered (self, path);
  else
    self->events->unreachable (path, error, self->data);
}

static const UdpEvents udp_events = { on_datagram, on_unreachable };

/* ---- use ---- */

void
way_start (Way *self)
{
  /* the uplink of an address of the user's must be the gateway's first, and so must be any when all goes through a tunnel
   * of ours that is lost: on_go() */
  self->begun = is_fixed (self) ||
                (self->options.netwatch && netwatch_is_inside (self->options.netwatch, &self->options.remote.address));
  if (self->begun)
    uplink_begin (self->uplink, &self->options.remote.address);
  else
    open_from (self, &self->options.local);
}

static TcpSocket *
find_stream (const Way *self, const IkePath *path)
{
  TcpSocket *const all[] = { self->stream, self->leaving };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i] && tcp_socket_get_path (all[i])->local.port == path->local.port &&
        ike_address_equal (&tcp_socket_get_path (all[i])->local.address, &path->local.address))
      return all[i];
  return NULL;
}

void
way_send (Way *self, const IkePath *path, GBytes *datagram, IkePieces pieces)
{
  TcpSocket *stream;

  if (path->transport != IKE_TRANSPORT_TCP)
    {
      if (self->sockets)
        sockets_send (self->sockets, path, datagram, pieces);
      return;
    }
  stream = find_stream (self, path);
  if (stream)
    tcp_socket_send (stream, datagram);
}

void
way_keepalive (Way *self, const IkePath *path)
{
  if (self->sockets)
    sockets_keepalive (self->sockets, path);
}

void
way_settled (Way *self, const IkePath *path)
{
  gboolean tcp = path->transport == IKE_TRANSPORT_TCP;

  /* what closes connections may let the first words pass: on_closed() counts how long each has lived */
  if (!tcp)
    self->lost = 0;
  self->settled = TRUE;
  self->trying = FALSE;
  self->stands = path->remote.address;
  if (self->options.transport == WAY_TCP_FALLBACK)
    remember (self, &path->local.address, tcp);
  drop (&self->leaving);
  if (tcp)
    return;
  /* RFC 9329 section 7.1: the connection of another network is closed */
  drop (&self->stream);
  drop (&self->dialing);
  sockets_keep_only (self->sockets, path);
}

void
way_failing (Way *self, const IkePath *path)
{
  gboolean tcp = path->transport == IKE_TRANSPORT_TCP;

  uplink_fails (self->uplink);
  if (tcp ? self->stream != NULL : may_fall_back (self))
    dial (self, FALSE);
}

void
way_unanswered (Way *self, const IkePath *path)
{
  if (may_fall_back (self) && path->transport != IKE_TRANSPORT_TCP && !self->by_tcp)
    dial (self, FALSE);
}

/* RFC 9329 section 7.2: the next gateway is tried as if there had been none before. */
static void
go_on_to (Way *self, const IkeAddress *gateway, const IkeAddress *before, gboolean trying)
{
  self->before = *before;
  self->options.remote.address = *gateway;
  self->source = self->options.local.address;
  self->trying = trying;
  drop (&self->dialing);
  way_start (self);
}

static void
on_redirect_resolved (const IkeAddress *addresses, guint n, GError *error, gpointer data)
{
  g_autoptr (WayRef) self = data;
  const IkeAddress before = self->options.remote.address;

  if (self->closed)
    return;
  self->events->sent_on (n ? &addresses[0] : &self->options.remote.address, self->data);
  if (n)
    go_on_to (self, &addresses[0], &before, FALSE);
  else
    self->events->news (IKE_INPUT_NO_PATH, FALSE, self->data);
}

void
way_redirect (Way *self, const char *gateway)
{
  const IkeAddress before = self->options.remote.address;
  IkeAddress address;

  if (ike_address_from_string (gateway, &address))
    {
      go_on_to (self, &address, &before, FALSE);
      return;
    }
  self->events->sent_on (NULL, self->data);
  helper_client_resolve (self->helper, gateway, on_redirect_resolved, way_ref (self));
}

/* A peer that has named it may have lied: what fails goes back to where it was, and not to the last one that was tried. */
void
way_try (Way *self, const char *address)
{
  const IkeAddress before = self->stands.family ? self->stands : self->options.remote.address;
  IkeAddress other;

  if (ike_address_from_string (address, &other))
    go_on_to (self, &other, &before, self->stands.family && !ike_address_equal (&other, &self->stands));
}

void
way_look (Way *self)
{
  uplink_look (self->uplink);
}

guint32
way_get_uplink (const Way *self)
{
  return uplink_get_link (self->uplink);
}

guint
way_get_mtu (const Way *self)
{
  if (self->by_tcp)
    return self->stream ? tcp_socket_get_mtu (self->stream) : 0;
  return self->sockets ? sockets_get_mtu (self->sockets) : 0;
}

/* ---- the object ---- */

Way *
way_new (HelperClient *helper, const WayOptions *options, const WayEvents *events, gpointer data)
{
  Way *self = g_new0 (Way, 1);

  self->refs = 1;
  self->helper = helper;
  self->options = *options;
  self->events = events;
  self->data = data;
  self->source = options->local.address;
  if (options->transport != WAY_TCP)
    self->sockets = sockets_new (helper, options->any_port, &udp_events, self);
  if (options->netwatch)
    netwatch_set_tunnel (options->netwatch, options->tunnel);
  self->uplink = uplink_new (options->netwatch, helper, &options->local.address, on_go, on_others, self);
  return self;
}

void
way_free (Way *self)
{
  if (!self)
    return;
  self->closed = TRUE;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->trial, g_source_remove);
  g_clear_pointer (&self->uplink, uplink_free);
  drop (&self->stream);
  drop (&self->leaving);
  drop (&self->dialing);
  g_clear_pointer (&self->sockets, sockets_free);
  way_unref (self);
}
