/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets of one connection: a pair, for port 500 and 4500, for each way to the gateway that is or was in use. An
 * older pair still receives until sockets_keep_only().
 */
#pragma once

#include "helper-client.h"
#include "io/udp.h"

/* More are not kept: the oldest goes. It is not the one in use while the four other addresses that a gateway may have told are
 * tried one after the other. */
#define SOCKETS_MAX_WAYS 6

typedef struct _Sockets Sockets;

/* Both paths, or an error. */
typedef void (*SocketsFunc) (const IkePath *path, const IkePath *natt_path, const GError *error, gpointer data);

/* @any_port: the other end may send from any port. */
Sockets *sockets_new (HelperClient *helper, gboolean any_port, const UdpEvents *events, gpointer user);
/* What is being opened is answered all the same. */
void sockets_free (Sockets *self);
/* To @remote (the plain port; the other is 4500), from @local (family NONE, port 0: choose). @func is called once, maybe
 * from inside: there is such a pair already. */
void sockets_open (Sockets *self, const IkeEndpoint *remote, const IkeEndpoint *local, SocketsFunc func, gpointer data);
void sockets_send (Sockets *self, const IkePath *path, GBytes *datagram, IkePieces pieces);
void sockets_keepalive (Sockets *self, const IkePath *path);
/* The others are closed. */
void sockets_keep_only (Sockets *self, const IkePath *path);
/* The kernel's idea of the path MTU by the newest pair; 0: unknown. */
guint sockets_get_mtu (const Sockets *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sockets, sockets_free)
