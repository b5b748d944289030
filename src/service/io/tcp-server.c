/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the listening socket and the connections. A connection is nothing but a way: which IKE SA goes by which is the
 * engine's, and an IKE SA outlives its connection (RFC 9329 section 6.1).
 */
#include "io/tcp-server.h"

#include "io/sockaddr.h"
#include "io/tcp-socket.h"
#include "watch.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* taken in one turn of the main loop */
#define BURST 16
/* descriptors that the rest of the process needs */
#define SPARE 128
/* when no connection can be taken for want of descriptors or memory: ms until it is tried again */
#define PAUSE 1000

typedef struct {
  TcpServer *server;
  TcpSocket *socket;
  gint64 since;
  gboolean used; /* when last looked */
} Connection;

struct _TcpServer {
  int fd;
  guint watch, timer, pause; /* @watch 0: during a pause */
  gint64 swept; /* when all were last looked at */
  TcpServerFunc func;
  TcpServerUsed used;
  gpointer user;
  GHashTable *connections; /* IkePath, the socket's own -> Connection, owned */
  GQueue unused; /* Connection, oldest first */
};

static void
connection_free (gpointer data)
{
  Connection *connection = data;

  if (!connection->used)
    g_queue_remove (&connection->server->unused, connection);
  tcp_socket_free (connection->socket);
  g_free (connection);
}

/* ---- by path ---- */

static guint
endpoint_hash (const IkeEndpoint *endpoint)
{
  guint hash = endpoint->port;

  for (guint i = 0; i < sizeof endpoint->address.bytes; i++)
    hash = hash * 31 + endpoint->address.bytes[i];
  return hash;
}

static guint
path_hash (gconstpointer data)
{
  const IkePath *path = data;

  return endpoint_hash (&path->remote) ^ path->local.port;
}

static gboolean
path_equal (gconstpointer a, gconstpointer b)
{
  const IkePath *one = a, *two = b;

  return one->local.port == two->local.port && one->remote.port == two->remote.port &&
         ike_address_equal (&one->local.address, &two->local.address) &&
         ike_address_equal (&one->remote.address, &two->remote.address);
}

static void
forget (Connection *connection)
{
  g_hash_table_remove (connection->server->connections, tcp_socket_get_path (connection->socket));
}

/* ---- what a connection says ---- */

static void
on_ready (TcpSocket *socket, gpointer user)
{
}

static void
on_message (TcpSocket *socket, const guint8 *data, gsize len, gpointer user)
{
  Connection *connection = user;

  connection->server->func (tcp_socket_get_path (socket), data, len, connection->server->user);
}

static void
on_closed (TcpSocket *socket, const GError *error, gpointer user)
{
  forget (user);
}

static const TcpEvents events = { on_ready, on_message, on_closed, NULL };

/* ---- whom nobody needs ---- */

/* Is it now? */
static gboolean
look (Connection *connection)
{
  TcpServer *self = connection->server;
  gboolean used = self->used (tcp_socket_get_path (connection->socket), self->user);

  if (used && !connection->used)
    g_queue_remove (&self->unused, connection);
  if (!used && connection->used)
    {
      connection->since = g_get_monotonic_time ();
      g_queue_push_tail (&self->unused, connection);
    }
  connection->used = used;
  return used;
}

static void
sweep (TcpServer *self)
{
  gint64 old = g_get_monotonic_time () - TCP_SERVER_UNUSED * G_USEC_PER_SEC;
  GHashTableIter iter;
  gpointer value;

  self->swept = g_get_monotonic_time ();
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Connection *connection = value;

      if (!look (connection) && connection->since < old)
        g_hash_table_iter_remove (&iter);
    }
}

static gboolean
on_look (gpointer data)
{
  TcpServer *self = data;

  sweep (self);
  if (g_hash_table_size (self->connections))
    return G_SOURCE_CONTINUE;
  self->timer = 0;
  return G_SOURCE_REMOVE;
}

/* FALSE: there are too many. */
static gboolean
make_room (TcpServer *self)
{
  gboolean full = g_queue_get_length (&self->unused) >= TCP_SERVER_MAX_UNUSED;

  /* some of them may be in use by now; but each costs a look at all IKE SAs, and anybody can connect */
  if (full && g_get_monotonic_time () - self->swept >= G_USEC_PER_SEC)
    sweep (self);
  while (g_queue_get_length (&self->unused) >= TCP_SERVER_MAX_UNUSED)
    if (!look (g_queue_peek_head (&self->unused)))
      forget (g_queue_peek_head (&self->unused));
  return g_hash_table_size (self->connections) < TCP_SERVER_MAX;
}

/* ---- new ones ---- */

static void
add (TcpServer *self, int take_fd, const SockAddress *from)
{
  Connection *connection;
  SockAddress local = { 0 };
  socklen_t len = sizeof local;
  IkePath path = { .transport = IKE_TRANSPORT_TCP, .remote = sockaddr_read (from) };

  if (!make_room (self) || getsockname (take_fd, &local.sa, &len) < 0)
    {
      close (take_fd);
      return;
    }
  path.local = sockaddr_read (&local);
  connection = g_new0 (Connection, 1);
  connection->server = self;
  connection->since = g_get_monotonic_time ();
  connection->socket = tcp_socket_accept (take_fd, &path, &events, connection);
  /* (a remnant with the same ends goes by being replaced) */
  g_hash_table_replace (self->connections, (gpointer) tcp_socket_get_path (connection->socket), connection);
  g_queue_push_tail (&self->unused, connection);
  if (!self->timer)
    self->timer = g_timeout_add_seconds (TCP_SERVER_LOOK, on_look, self);
}

static gboolean on_connection (int fd, GIOCondition condition, gpointer data);

static gboolean
on_pause_over (gpointer data)
{
  TcpServer *self = data;

  self->pause = 0;
  self->watch = watch_add (self->fd, G_IO_IN, on_connection, self);
  return G_SOURCE_REMOVE;
}

/* Whoever waits in the kernel's queue would wake us up at once. */
static gboolean
pause_accepting (TcpServer *self)
{
  self->watch = 0;
  self->pause = g_timeout_add (PAUSE, on_pause_over, self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_connection (int fd, GIOCondition condition, gpointer data)
{
  TcpServer *self = data;

  for (guint i = 0; i < BURST; i++)
    {
      SockAddress from = { 0 };
      socklen_t len = sizeof from;
      int accepted = accept4 (fd, &from.sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

      if (accepted >= 0)
        add (self, accepted, &from);
      else if (errno == EMFILE || errno == ENFILE)
        {
          /* whoever waits longest without an IKE SA makes room; else the queue of the kernel must do */
          if (g_queue_is_empty (&self->unused))
            return pause_accepting (self);
          forget (g_queue_peek_head (&self->unused));
        }
      else if (errno == ENOMEM || errno == ENOBUFS)
        return pause_accepting (self);
      else if (errno != EINTR && errno != ECONNABORTED)
        break;
    }
  return G_SOURCE_CONTINUE;
}

/* ---- the object ---- */

static void
raise_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= TCP_SERVER_MAX + SPARE)
    return;
  limit.rlim_cur = MIN (limit.rlim_max, TCP_SERVER_MAX + SPARE);
  (void) setrlimit (RLIMIT_NOFILE, &limit);
}

TcpServer *
tcp_server_new (int take_fd, TcpServerFunc func, TcpServerUsed used, gpointer user)
{
  TcpServer *self = g_new0 (TcpServer, 1);

  raise_limit ();
  self->fd = take_fd;
  self->func = func;
  self->used = used;
  self->user = user;
  self->connections = g_hash_table_new_full (path_hash, path_equal, NULL, connection_free);
  g_queue_init (&self->unused);
  self->watch = watch_add (take_fd, G_IO_IN, on_connection, self);
  return self;
}

void
tcp_server_free (TcpServer *self)
{
  if (!self)
    return;
  g_clear_handle_id (&self->watch, g_source_remove);
  g_clear_handle_id (&self->pause, g_source_remove);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_hash_table_unref (self->connections);
  g_queue_clear (&self->unused);
  close (self->fd);
  g_free (self);
}

void
tcp_server_send (TcpServer *self, const IkePath *path, GBytes *message)
{
  Connection *connection = g_hash_table_lookup (self->connections, path);

  if (connection)
    tcp_socket_send (connection->socket, message);
}
