/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TCP connections of a server (RFC 9329): anybody may make one; those by which no IKE SA goes are closed after a while.
 */
#pragma once

#include "ike-engine-io.h"

#define TCP_SERVER_MAX 2048 /* connections */
/* By so many no IKE SA goes, or it is not known yet; the oldest makes room. */
#define TCP_SERVER_MAX_UNUSED 128
/* A connection without an IKE SA lives so long, seconds. */
#define TCP_SERVER_UNUSED 30
/* How often is looked, seconds. */
#define TCP_SERVER_LOOK 10

typedef struct _TcpServer TcpServer;

/* @path borrowed, @data without a marker. */
typedef void (*TcpServerFunc) (const IkePath *path, const guint8 *data, gsize len, gpointer user);
/* Does an IKE SA go by this connection? */
typedef gboolean (*TcpServerUsed) (const IkePath *path, gpointer user);

TcpServer *tcp_server_new (int take_fd, TcpServerFunc func, TcpServerUsed used, gpointer user);
void tcp_server_free (TcpServer *server);
/* By the connection of @path; when that is gone, so is the message. */
void tcp_server_send (TcpServer *server, const IkePath *path, GBytes *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TcpServer, tcp_server_free)
