/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets of a server: UDP ports 500 and 4500, and a TCP port where the profile wants one, of each family. */
#pragma once

#include "helper-client.h"
#include "io/way.h"

typedef struct {
  IkeEndpoint local; /* family NONE: any address */
  WayTransport transport; /* other than UDP: TCP as well; FALLBACK: unless the kernel cannot do it */
  guint16 tcp_port;
  Netwatch *netwatch; /* borrowed; knows our addresses, which are told; NULL: they are not */
  guint32 tunnel; /* the index of our own interface; 0: none */
} ListenersOptions;

typedef struct {
  void (*open) (gpointer data);
  void (*failed) (const GError *error, gboolean tcp, gpointer data);
  void (*datagram) (const IkePath *path, const guint8 *data, gsize len, gpointer user);
  /* OWN_ADDRESSES: after open(), and when they may have changed. */
  void (*told) (IkeInputType what, const char *text, gpointer data);
  /* Does an IKE SA go by this connection? */
  gboolean (*is_used) (const IkePath *path, gpointer data);
  void (*log) (IkeLogLevel level, const char *text, gpointer data);
} ListenersEvents;

typedef struct _Listeners Listeners;

/* @helper and @events outlive it. One of open() and failed() follows. */
Listeners *
listeners_new (HelperClient *helper, const ListenersOptions *options, const ListenersEvents *events, gpointer data);
void listeners_free (Listeners *self);
void listeners_send (Listeners *self, const IkePath *path, GBytes *datagram);
void listeners_keepalive (Listeners *self, const IkePath *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Listeners, listeners_free)
