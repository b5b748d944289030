/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the descriptor, and what could not be sent yet. A connection that breaks loses what it held (RFC 9329 section
 * 6.1): whoever asked asks again on another one.
 *
 * espintcp takes no flag but MSG_DONTWAIT, hence SIGPIPE is ignored in the whole process.
 */
#include "io/tcp-socket.h"

#include "io/sockaddr.h"
#include "io/tcp-clog.h"
#include "io/tcp-frame.h"
#include "watch.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef TCP_ULP
# define TCP_ULP 31
#endif
#define ULP "espintcp"
#define MESSAGE_MAX 65535
/* messages read in one turn of the main loop */
#define BURST 16
/* The kernel does not tell when espintcp takes a message again: poll() looks at the buffer below it. */
#define AGAIN_MS 50
/* It does not tell either when it repeats; that is looked at from a message of ours until one comes, or for 2 s. */
#define LOOK_MS 25
#define LOOKS 80

typedef enum { OPENING, CONNECTING, LISTENING_FOR_PREFIX, READY, OVER } State;

struct _TcpSocket {
  guint refs;
  gboolean freed; /* by its owner: no event */
  State state;
  int fd;
  guint watch, timer, look;
  guint looks; /* since the last message of ours */
  gboolean suspected; /* that it is clogged, since then */
  IkePath path;
  const TcpEvents *events;
  gpointer user;
  guint8 prefix[TCP_PREFIX_LEN];
  gsize n_prefix;
  guint8 *buffer; /* MESSAGE_MAX octets, from READY on */
  GQueue waiting; /* GBytes */
};

static void
tcp_socket_unref (TcpSocket *self)
{
  if (--self->refs)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) g_bytes_unref);
  g_free (self->buffer);
  g_free (self);
}

typedef TcpSocket TcpSocketRef;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TcpSocketRef, tcp_socket_unref)

static TcpSocket *
tcp_socket_ref (TcpSocket *self)
{
  self->refs++;
  return self;
}

static void
stop (TcpSocket *self)
{
  self->state = OVER;
  g_clear_handle_id (&self->watch, g_source_remove);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->look, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static void
close_with (TcpSocket *self, const GError *error)
{
  if (self->state == OVER)
    return;
  stop (self);
  if (!self->freed)
    self->events->closed (self, error, self->user);
}

static void
close_errno (TcpSocket *self, int number)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, g_io_error_from_errno (number), g_strerror (number));

  close_with (self, error);
}

/* ---- what TCP knows ---- */

static gboolean
ask_tcp (const TcpSocket *self, struct tcp_info *ret)
{
  socklen_t len = sizeof *ret;

  memset (ret, 0, sizeof *ret);
  return getsockopt (self->fd, IPPROTO_TCP, TCP_INFO, ret, &len) == 0;
}

static gboolean
on_look (gpointer data)
{
  g_autoptr (TcpSocketRef) self = tcp_socket_ref (data);
  guint waited = ++self->looks * LOOK_MS;
  struct tcp_info info;
  TcpClog clog = ask_tcp (self, &info) ? tcp_clog (&info, waited) : TCP_FLOWS;
  gboolean over = clog == TCP_CLOGGED || self->looks >= LOOKS;

  if (over)
    self->look = 0;
  if (clog == TCP_CLOGGED)
    self->events->clogged (self, 0, self->user);
  else if (clog == TCP_MAY_BE_CLOGGED && !self->suspected)
    {
      self->suspected = TRUE;
      self->events->clogged (self, tcp_clog_patience (&info), self->user);
    }
  return over ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
watch_closely (TcpSocket *self)
{
  if (!self->events->clogged)
    return;
  self->looks = 0;
  self->suspected = FALSE;
  if (!self->look)
    self->look = g_timeout_add (LOOK_MS, on_look, self);
}

/* ---- messages ---- */

/* FALSE: it must wait, or the connection is over. */
static gboolean
send_now (TcpSocket *self, GBytes *message)
{
  gsize len;
  gconstpointer data = g_bytes_get_data (message, &len);
  struct iovec iov[2] = { { (void *) tcp_marker, TCP_MARKER_LEN }, { (void *) data, len } };
  struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

  if (sendmsg (self->fd, &msg, MSG_DONTWAIT) >= 0)
    return TRUE;
  if (errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM && errno != EINTR)
    close_errno (self, errno);
  return FALSE;
}

static gboolean
on_again (gpointer data)
{
  g_autoptr (TcpSocketRef) self = tcp_socket_ref (data);

  while (self->state == READY && !g_queue_is_empty (&self->waiting))
    {
      if (!send_now (self, g_queue_peek_head (&self->waiting)))
        return G_SOURCE_CONTINUE; /* removed when the connection is over */
      g_bytes_unref (g_queue_pop_head (&self->waiting));
    }
  if (self->state == READY)
    self->timer = 0;
  return G_SOURCE_REMOVE;
}

void
tcp_socket_send (TcpSocket *self, GBytes *message)
{
  g_autoptr (TcpSocketRef) held = tcp_socket_ref (self);

  if (self->state == READY)
    watch_closely (self);
  if (self->state != READY || (g_queue_is_empty (&self->waiting) && send_now (self, message)) || self->state != READY ||
      g_queue_get_length (&self->waiting) >= TCP_MAX_WAITING)
    return;
  g_queue_push_tail (&self->waiting, g_bytes_ref (message));
  if (!self->timer)
    self->timer = g_timeout_add (AGAIN_MS, on_again, self);
}

static gboolean
on_message (int fd, GIOCondition condition, gpointer data)
{
  g_autoptr (TcpSocketRef) self = tcp_socket_ref (data);

  for (guint i = 0; i < BURST && self->state == READY; i++)
    {
      ssize_t n = recv (fd, self->buffer, MESSAGE_MAX, MSG_DONTWAIT);
      IkeChunk message;

      if (n > 0 && tcp_frame_parse (self->buffer, (gsize) n, &message))
        {
          g_clear_handle_id (&self->look, g_source_remove);
          self->events->message (self, message.data, message.len, self->user);
        }
      else if (n == 0)
        close_with (self, NULL);
      else if (n < 0 && errno == EAGAIN)
        break;
      else if (n < 0 && errno != EINTR)
        close_errno (self, errno);
    }
  return self->state == READY ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* ---- how a connection becomes one of ours ---- */

/* The kernel takes the frames apart from here on. @self is referenced. */
static void
become_ready (TcpSocket *self)
{
  SockAddress local = { 0 };
  socklen_t len = sizeof local;

  if (setsockopt (self->fd, IPPROTO_TCP, TCP_ULP, ULP, sizeof ULP) < 0)
    {
      g_autoptr (GError) error =
          errno == ENOENT ? g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                                 "This kernel has no ESP in TCP (CONFIG_INET_ESPINTCP)")
                          : g_error_new_literal (G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));

      close_with (self, error);
      return;
    }
  if (getsockname (self->fd, &local.sa, &len) < 0)
    {
      close_errno (self, errno);
      return;
    }
  self->path.local = sockaddr_read (&local);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->watch, g_source_remove);
  self->state = READY;
  self->buffer = g_malloc (MESSAGE_MAX);
  self->watch = watch_add (self->fd, G_IO_IN | G_IO_ERR | G_IO_HUP, on_message, self);
  self->events->ready (self, self->user);
}

static gboolean
on_too_late (gpointer data)
{
  g_autoptr (TcpSocketRef) self = tcp_socket_ref (data);

  close_errno (self, ETIMEDOUT);
  return G_SOURCE_REMOVE;
}

static gboolean
on_connected (int fd, GIOCondition condition, gpointer data)
{
  g_autoptr (TcpSocketRef) self = tcp_socket_ref (data);
  int number = 0;
  socklen_t len = sizeof number;

  if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &number, &len) < 0)
    number = errno;
  /* RFC 9329 section 4: the prefix is the first that whoever connects sends, and is sent once */
  if (!number && send (fd, tcp_prefix, TCP_PREFIX_LEN, MSG_NOSIGNAL) != TCP_PREFIX_LEN)
    number = errno;
  if (number)
    close_errno (self, number);
  else
    become_ready (self);
  return G_SOURCE_REMOVE;
}

/* Not one octet more than the prefix is read: what follows is the kernel's. */
static gboolean
on_prefix (int fd, GIOCondition condition, gpointer data)
{
  g_autoptr (TcpSocketRef) self = tcp_socket_ref (data);
  ssize_t n = recv (fd, self->prefix + self->n_prefix, TCP_PREFIX_LEN - self->n_prefix, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    {
      close_with (self, NULL);
      return G_SOURCE_REMOVE;
    }
  self->n_prefix += (gsize) n;
  switch (tcp_prefix_check (self->prefix, self->n_prefix))
    {
    case TCP_PREFIX_MORE:
      return G_SOURCE_CONTINUE;
    case TCP_PREFIX_DONE:
      become_ready (self);
      return G_SOURCE_REMOVE;
    case TCP_PREFIX_WRONG:
      break;
    }
  close_errno (self, EPROTO);
  return G_SOURCE_REMOVE;
}

static void
on_socket (int take_fd, const IkeEndpoint *local, GError *error, gpointer data)
{
  g_autoptr (TcpSocketRef) self = data;

  if (self->freed || self->state == OVER)
    {
      if (take_fd >= 0)
        close (take_fd);
      return;
    }
  if (take_fd < 0)
    {
      close_with (self, error);
      return;
    }
  self->fd = take_fd;
  self->path.local = *local;
  self->state = CONNECTING;
  self->watch = watch_add (take_fd, G_IO_OUT | G_IO_ERR | G_IO_HUP, on_connected, self);
}

static TcpSocket *
tcp_socket_new (int take_fd, State state, const IkePath *path, const TcpEvents *events, gpointer user)
{
  TcpSocket *self = g_new0 (TcpSocket, 1);

  self->refs = 1;
  self->fd = take_fd;
  self->state = state;
  self->path = *path;
  self->events = events;
  self->user = user;
  g_queue_init (&self->waiting);
  self->timer = g_timeout_add_seconds (TCP_PATIENCE, on_too_late, self);
  return self;
}

TcpSocket *
tcp_socket_dial (HelperClient *helper, const IkePath *path, const TcpEvents *events, gpointer user)
{
  TcpSocket *self = tcp_socket_new (-1, OPENING, path, events, user);

  helper_client_socket (helper, path, on_socket, tcp_socket_ref (self));
  return self;
}

TcpSocket *
tcp_socket_accept (int take_fd, const IkePath *path, const TcpEvents *events, gpointer user)
{
  TcpSocket *self = tcp_socket_new (take_fd, LISTENING_FOR_PREFIX, path, events, user);

  self->watch = watch_add (take_fd, G_IO_IN | G_IO_ERR | G_IO_HUP, on_prefix, self);
  return self;
}

void
tcp_socket_free (TcpSocket *self)
{
  if (!self)
    return;
  self->freed = TRUE;
  stop (self);
  tcp_socket_unref (self);
}

const IkePath *
tcp_socket_get_path (const TcpSocket *self)
{
  return &self->path;
}

guint
tcp_socket_get_mtu (const TcpSocket *self)
{
  struct tcp_info info;

  return ask_tcp (self, &info) ? info.tcpi_pmtu : 0;
}
