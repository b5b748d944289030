/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One UDP socket of a path: port 500 (plain) or 4500 (non-ESP marker before every IKE message, RFC 3948). The helper
 * opened, bound and connected it, to an endpoint or to an address with any port; here it is only read and written.
 */
#pragma once

#include "ike-engine-io.h"

typedef struct _UdpSocket UdpSocket;

typedef struct {
  void (*datagram) (const IkePath *path, const guint8 *data, gsize len, gpointer user);
  /* an ICMP error came back for something that was sent: errno */
  void (*unreachable) (const IkePath *path, int error, gpointer user);
} UdpEvents;

UdpSocket *udp_socket_new (int take_fd, const IkePath *path, const UdpEvents *events, gpointer user);
/* The other end's port is whatever its packets come from: @path's is the one to begin with. */
void udp_socket_set_any_port (UdpSocket *socket);
void udp_socket_free (UdpSocket *socket);
/* @remote matters when the port may be any. */
void udp_socket_send (UdpSocket *socket, const IkeEndpoint *remote, GBytes *datagram, IkePieces pieces);
void udp_socket_keepalive (UdpSocket *socket, const IkeEndpoint *remote);
const IkePath *udp_socket_get_path (const UdpSocket *socket);
/* The kernel's idea of the path MTU towards the peer, octets of the whole IP packet; 0: unknown. */
guint udp_socket_get_mtu (const UdpSocket *socket);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UdpSocket, udp_socket_free)
