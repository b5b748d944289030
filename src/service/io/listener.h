/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The UDP socket of a server: anybody may write, and the answer leaves from the address that was written to. The helper
 * opened and bound it. With UDP encapsulation for port 4500, like io/udp.h.
 */
#pragma once

#include "ike-engine-io.h"

typedef struct _Listener Listener;

/* As udp.h's: @path borrowed, @data without a marker. */
typedef void (*ListenerFunc) (const IkePath *path, const guint8 *data, gsize len, gpointer user);

/* @local: as bound; its family is the socket's. */
Listener *
listener_new (int take_fd, IkeTransport transport, const IkeEndpoint *local, ListenerFunc func, gpointer user);
void listener_free (Listener *listener);
void listener_send (Listener *listener, const IkePath *path, GBytes *datagram);
void listener_keepalive (Listener *listener, const IkePath *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Listener, listener_free)
