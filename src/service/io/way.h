/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a connection's messages get to its gateway: by which uplink, by which pair of UDP sockets, or by a TCP connection.
 * TCP is made when the profile says so, or when UDP is not answered (RFC 9329 section 5.1), and made again when it breaks.
 */
#pragma once

#include "helper-client.h"
#include "io/netwatch.h"

/* After a lost connection: at once, then each second, so often; then 2 s, 4 s, ... */
#define WAY_SHORT_PAUSES 15
#define WAY_LONGEST_PAUSE 20
/* So long TCP is tried first in a network where UDP did not get through: hours. */
#define WAY_REMEMBERS 24

typedef enum { WAY_UDP, WAY_TCP, WAY_TCP_FALLBACK } WayTransport;

typedef struct {
  IkeEndpoint remote, local; /* as DriverStart's */
  gboolean any_port;
  WayTransport transport;
  guint16 tcp_port;
  Netwatch *netwatch; /* borrowed; NULL: the network is taken as it is */
  guint32 tunnel; /* the index of our own interface; 0: none */
} WayOptions;

typedef struct {
  /* From now on by these; of TCP there is one for both. */
  void (*open) (const IkePath *path, const IkePath *natt_path, gpointer data);
  /* There is no first one. @tcp: it should have been TCP. */
  void (*failed) (const GError *error, gboolean tcp, gpointer data);
  void (*datagram) (const IkePath *path, const guint8 *data, gsize len, gpointer user);
  void (*unreachable) (const IkePath *path, int error, gpointer user);
  /* ELSEWHERE, @ok: when that fails there is another uplink. CHECK: the connection is lost; another one is being made.
   * CLOGGED, @ok: it repeats in vain. NO_PATH: there is no way to where way_redirect() or way_try() said. */
  void (*news) (IkeInputType what, gboolean ok, gpointer data);
  /* The name of way_redirect() is being looked up (NULL), or no more: this is the gateway now. */
  void (*sent_on) (const IkeAddress *gateway, gpointer data);
  /* Is there really no answer? UDP may have got one while TCP was being tried. */
  gboolean (*is_silent) (gpointer data);
  void (*log) (IkeLogLevel level, const char *text, gpointer data);
} WayEvents;

typedef struct _Way Way;

/* @helper and @events outlive it. The events come later, from the main loop, or from inside way_failing(). */
Way *way_new (HelperClient *helper, const WayOptions *options, const WayEvents *events, gpointer data);
void way_free (Way *self);
void way_start (Way *self);
void way_send (Way *self, const IkePath *path, GBytes *datagram, IkePieces pieces);
void way_keepalive (Way *self, const IkePath *path);
/* The tunnel stands on this path: others are not needed any more. */
void way_settled (Way *self, const IkePath *path);
/* The gateway has stopped answering on it, or has not begun to. */
void way_failing (Way *self, const IkePath *path);
void way_unanswered (Way *self, const IkePath *path);
/* To another gateway: open() or NO_PATH follows. */
void way_redirect (Way *self, const char *gateway);
/* To another address of the same one; the same follows. */
void way_try (Way *self, const char *address);
/* The machine has slept. */
void way_look (Way *self);
/* As uplink_get_link(). */
guint32 way_get_uplink (const Way *self);
/* As sockets_get_mtu(). */
guint way_get_mtu (const Way *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Way, way_free)
