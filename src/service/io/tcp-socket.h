/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One TCP connection that carries IKE messages, and ESP beside them, which the kernel keeps to itself (RFC 9329). The
 * helper has made the socket; here it becomes connected, says or hears the prefix, and is given to espintcp. From then on
 * a message is one recv() or send().
 */
#pragma once

#include "helper-client.h"

/* Until a connection stands, or its prefix has come: seconds. */
#define TCP_PATIENCE 10
/* Messages that wait while the connection takes none. */
#define TCP_MAX_WAITING 32

typedef struct _TcpSocket TcpSocket;

typedef struct {
  void (*ready) (TcpSocket *socket, gpointer user);
  void (*message) (TcpSocket *socket, const guint8 *data, gsize len, gpointer user);
  /* It is over; nothing follows. NULL error: the other end has closed it. G_IO_ERROR_NOT_SUPPORTED: this kernel has no
   * ESP in TCP. */
  void (*closed) (TcpSocket *socket, const GError *error, gpointer user);
  /* What was sent is repeated in vain (tcp-clog.h). @patience not 0: that is only supposed, and who asks by another
   * connection has an answer after so many ms. Either is said once after a message that has no answer. NULL: nobody
   * wants to know. */
  void (*clogged) (TcpSocket *socket, guint patience, gpointer user);
} TcpEvents;

/* To @path's remote endpoint, from its local address (family NONE: any). All events come later, from the main loop; the
 * socket may be freed in each. */
TcpSocket *tcp_socket_dial (HelperClient *helper, const IkePath *path, const TcpEvents *events, gpointer user);
/* Somebody has connected to us. */
TcpSocket *tcp_socket_accept (int take_fd, const IkePath *path, const TcpEvents *events, gpointer user);
/* No event follows. */
void tcp_socket_free (TcpSocket *socket);
/* Whole once ready. */
const IkePath *tcp_socket_get_path (const TcpSocket *socket);
/* Not before ready. What cannot be sent now waits. */
void tcp_socket_send (TcpSocket *socket, GBytes *message);
/* As udp_socket_get_mtu(). */
guint tcp_socket_get_mtu (const TcpSocket *socket);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TcpSocket, tcp_socket_free)
