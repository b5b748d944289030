/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests are matched with their answers by sequence number. The kernel works on a request while it is being sent, so
 * its answer is readable at once; the timeout only stands for one that was lost for want of memory. So that none is lost
 * because a batch is long, only as many are on their way as the receive buffer has room for; the rest waits in its order.
 */
#include "kernel/netlink.h"

#include "kernel/xfrm-build.h"
#include "kernel/xfrm-parse.h"
#include "watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netlink/msg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMEOUT_SECONDS 5
#define BUFFER_SIZE (64 * 1024) /* the kernel fills at most 32 KiB at a time */
#define RECEIVE_BUFFER (1024 * 1024)
#define MAX_ON_WAY 64 /* an answer takes less than 1 KiB: a buffer of the usual size has room, too */

#ifndef SOL_NETLINK
# define SOL_NETLINK 270
#endif

typedef struct {
  guint32 seq;
  NetlinkFunc func;
  gpointer data;
  struct nl_msg *unsent; /* NULL: it has been */
  gint64 sent; /* monotonic */
  struct nlmsghdr *answer;
  int error; /* could not be sent */
} Pending;

struct _Netlink {
  int fd;
  guint watch, timer, idle;
  guint32 seq;
  GQueue pending; /* Pending, in the order of their numbers: on their way */
  GQueue unsent; /* Pending: after them */
  gboolean closing;
  NetlinkEventFunc event_func;
  gpointer event_data;
};

/* For one datagram at a time, whatever the socket: erased before anybody returns to the main loop. */
static _Alignas(8) guint8 buffer[BUFFER_SIZE];

/* ---- sockets ---- */

static int
socket_open (int protocol, int flags)
{
  const struct sockaddr_nl any = { .nl_family = AF_NETLINK };
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, protocol);

  if (fd < 0)
    return -1;
  if (bind (fd, (const struct sockaddr *) &any, sizeof any) < 0)
    {
      int saved = errno;

      close (fd);
      errno = saved;
      return -1;
    }
  return fd;
}

/* One datagram from the kernel; what others send is dropped. -1 with errno. */
static gssize
datagram_receive (int fd)
{
  for (;;)
    {
      struct sockaddr_nl from = { 0 };
      struct iovec iov = { .iov_base = buffer, .iov_len = sizeof buffer };
      struct msghdr hdr = { .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &iov, .msg_iovlen = 1 };
      gssize len = recvmsg (fd, &hdr, 0);

      if (len < 0 && errno == EINTR)
        continue;
      if (len < 0)
        return -1;
      if (hdr.msg_flags & MSG_TRUNC)
        {
          errno = EMSGSIZE;
          return -1;
        }
      if (from.nl_pid == 0)
        return len;
    }
}

/* The next whole message, NULL at the end. */
static const struct nlmsghdr *
next_message (gsize len, gsize *offset)
{
  const struct nlmsghdr *msg;

  if (*offset > len || len - *offset < NLMSG_HDRLEN)
    return NULL;
  msg = (const struct nlmsghdr *) (buffer + *offset);
  if (msg->nlmsg_len < NLMSG_HDRLEN || msg->nlmsg_len > len - *offset)
    return NULL;
  *offset += NLMSG_ALIGN (msg->nlmsg_len);
  return msg;
}

static int
message_send (int fd, struct nl_msg *msg, guint32 seq)
{
  const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
  struct nlmsghdr *hdr = nlmsg_hdr (msg);
  gssize n;

  hdr->nlmsg_seq = seq;
  do
    n = sendto (fd, hdr, hdr->nlmsg_len, 0, (const struct sockaddr *) &kernel, sizeof kernel);
  while (n < 0 && errno == EINTR);
  return n < 0 ? errno : 0;
}

/* ---- with a main loop ---- */

static void
answer_free (struct nlmsghdr *answer)
{
  if (answer)
    explicit_bzero (answer, answer->nlmsg_len);
  g_free (answer);
}

static void
pending_finish (Pending *pending, int error, const char *text)
{
  const NetlinkReply reply = { .error = error, .text = text, .answer = error ? NULL : pending->answer };

  if (pending->func)
    pending->func (&reply, pending->data);
  answer_free (pending->answer);
  xfrm_msg_free (pending->unsent);
  g_free (pending);
}

static gboolean on_timeout (gpointer data);

static void
set_timer (Netlink *netlink)
{
  if (g_queue_is_empty (&netlink->pending) || netlink->closing)
    g_clear_handle_id (&netlink->timer, g_source_remove);
  else if (!netlink->timer)
    {
      const Pending *first = g_queue_peek_head (&netlink->pending);
      gint64 left = first->sent + TIMEOUT_SECONDS * G_TIME_SPAN_SECOND - g_get_monotonic_time ();

      netlink->timer = g_timeout_add ((guint) (MAX (left, 0) / G_TIME_SPAN_MILLISECOND + 1), on_timeout, netlink);
    }
}

static gboolean on_send_failed (gpointer data);

static void
send_more (Netlink *netlink)
{
  while (!g_queue_is_empty (&netlink->unsent) &&
         (netlink->closing || g_queue_get_length (&netlink->pending) < MAX_ON_WAY))
    {
      Pending *pending = g_queue_pop_head (&netlink->unsent);

      pending->sent = g_get_monotonic_time ();
      pending->error = message_send (netlink->fd, pending->unsent, pending->seq);
      g_clear_pointer (&pending->unsent, xfrm_msg_free);
      g_queue_push_tail (&netlink->pending, pending);
      if (pending->error && netlink->idle == 0 && !netlink->closing)
        netlink->idle = g_idle_add (on_send_failed, netlink);
    }
  set_timer (netlink);
}

/* Those of the pending that @is_over; what they call may send more. */
static void
finish_some (Netlink *netlink, gboolean (*is_over) (const Pending *pending), int error)
{
  g_autoptr (GQueue) over = g_queue_new ();

  for (GList *l = netlink->pending.head; l;)
    {
      GList *next = l->next;

      if (is_over (l->data))
        {
          g_queue_push_tail (over, l->data);
          g_queue_delete_link (&netlink->pending, l);
        }
      l = next;
    }
  for (Pending *p; (p = g_queue_pop_head (over));)
    pending_finish (p, p->error ? p->error : error, "");
  send_more (netlink);
}

static gboolean
is_failed (const Pending *pending)
{
  return pending->error != 0;
}

static gboolean
on_send_failed (gpointer data)
{
  Netlink *netlink = data;

  netlink->idle = 0;
  finish_some (netlink, is_failed, 0);
  return G_SOURCE_REMOVE;
}

void
netlink_call (Netlink *netlink, struct nl_msg *take_msg, NetlinkFunc func, gpointer data)
{
  Pending *pending = g_new0 (Pending, 1);

  pending->func = func;
  pending->data = data;
  pending->seq = ++netlink->seq;
  pending->unsent = take_msg;
  g_queue_push_tail (&netlink->unsent, pending);
  send_more (netlink);
}

static void
on_message (Netlink *netlink, const struct nlmsghdr *msg)
{
  const char *text;
  int error;

  for (GList *l = netlink->pending.head; l; l = l->next)
    {
      Pending *pending = l->data;

      if (pending->seq != msg->nlmsg_seq)
        continue;
      if (netlink_parse_error (msg, &error, &text))
        {
          g_queue_delete_link (&netlink->pending, l);
          pending_finish (pending, error, text);
        }
      else if (!pending->answer)
        pending->answer = g_memdup2 (msg, msg->nlmsg_len);
      return;
    }
}

/* FALSE: nothing more is there. */
static gboolean
read_datagram (Netlink *netlink)
{
  gssize len = datagram_receive (netlink->fd);
  const struct nlmsghdr *msg;
  gsize offset = 0;

  if (len < 0)
    {
      /* ENOBUFS: answers or events were lost; whoever waits for one learns it by the timeout */
      int error = errno;

      if (error != EAGAIN)
        g_warning ("netlink: %s", g_strerror (error));
      return error == ENOBUFS;
    }
  while ((msg = next_message ((gsize) len, &offset)))
    {
      if (netlink->event_func)
        netlink->event_func (msg, netlink->event_data);
      else
        on_message (netlink, msg);
    }
  explicit_bzero (buffer, (gsize) len);
  return TRUE;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  Netlink *netlink = data;

  /* the answers to all that is on its way are there already */
  while (read_datagram (netlink) && !g_queue_is_empty (&netlink->pending))
    send_more (netlink);
  send_more (netlink);
  return G_SOURCE_CONTINUE;
}

static gboolean
is_late (const Pending *pending)
{
  return g_get_monotonic_time () - pending->sent >= TIMEOUT_SECONDS * G_TIME_SPAN_SECOND;
}

/* What has come while nobody looked is not lost. */
static gboolean
on_timeout (gpointer data)
{
  Netlink *netlink = data;

  netlink->timer = 0;
  while (read_datagram (netlink))
    ;
  finish_some (netlink, is_late, ETIMEDOUT);
  return G_SOURCE_REMOVE;
}

static Netlink *
netlink_new (int protocol)
{
  int fd = socket_open (protocol, SOCK_NONBLOCK);
  const int size = RECEIVE_BUFFER;
  Netlink *netlink;

  if (fd < 0)
    return NULL;
  netlink = g_new0 (Netlink, 1);
  netlink->fd = fd;
  (void) setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  g_queue_init (&netlink->pending);
  g_queue_init (&netlink->unsent);
  netlink->watch = watch_add (fd, G_IO_IN, on_readable, netlink);
  return netlink;
}

Netlink *
netlink_open (int protocol)
{
  Netlink *netlink = netlink_new (protocol);
  const int on = 1;

  if (!netlink)
    return NULL;
  /* both since Linux 4.12; without them there are only numbers */
  (void) setsockopt (netlink->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  (void) setsockopt (netlink->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  return netlink;
}

/* The kernel keeps the rest to itself; where it does not, the listener looks at the type as well. */
static void
filter_type (int fd, guint16 type)
{
  struct sock_filter code[] = {
    BPF_STMT (BPF_LD | BPF_H | BPF_ABS, offsetof (struct nlmsghdr, nlmsg_type)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, htons (type), 0, 1), /* loads are in network order */
    BPF_STMT (BPF_RET | BPF_K, G_MAXUINT32),
    BPF_STMT (BPF_RET | BPF_K, 0),
  };
  const struct sock_fprog program = { G_N_ELEMENTS (code), code };

  (void) setsockopt (fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

Netlink *
netlink_listen (int protocol, const guint *groups, guint16 type, NetlinkEventFunc func, gpointer data)
{
  g_autoptr (Netlink) netlink = netlink_new (protocol);

  if (!netlink)
    return NULL;
  if (type)
    filter_type (netlink->fd, type);
  for (; *groups; groups++)
    if (setsockopt (netlink->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, groups, sizeof *groups) < 0)
      return NULL;
  netlink->event_func = func;
  netlink->event_data = data;
  return g_steal_pointer (&netlink);
}

/* What the callbacks still have to say, to undo what may have been made, is said. */
void
netlink_close (Netlink *netlink)
{
  Pending *p;

  if (!netlink)
    return;
  netlink->closing = TRUE;
  g_clear_handle_id (&netlink->watch, g_source_remove);
  g_clear_handle_id (&netlink->timer, g_source_remove);
  g_clear_handle_id (&netlink->idle, g_source_remove);
  while ((p = g_queue_pop_head (&netlink->pending)) || (p = g_queue_pop_head (&netlink->unsent)))
    pending_finish (p, ECANCELED, "");
  close (netlink->fd);
  g_free (netlink);
}

/* ---- without one ---- */

int
netlink_sync_open (int protocol)
{
  const struct timeval patience = { .tv_sec = TIMEOUT_SECONDS };
  int fd = socket_open (protocol, 0);

  if (fd >= 0)
    (void) setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

static gboolean
sync_message (const struct nlmsghdr *msg, NetlinkEventFunc each, gpointer data, int *ret_error)
{
  const char *text;

  if (msg->nlmsg_type == NLMSG_DONE)
    {
      *ret_error = 0;
      return TRUE;
    }
  if (netlink_parse_error (msg, ret_error, &text))
    return TRUE;
  if (each)
    each (msg, data);
  return FALSE;
}

int
netlink_sync (int fd, struct nl_msg *take_msg, NetlinkEventFunc each, gpointer data)
{
  static guint32 seq;
  int error = message_send (fd, take_msg, ++seq);
  gboolean done = error != 0;

  xfrm_msg_free (take_msg);
  while (!done)
    {
      gssize len = datagram_receive (fd);
      const struct nlmsghdr *msg;
      gsize offset = 0;

      if (len < 0)
        {
          error = errno;
          break;
        }
      while (!done && (msg = next_message ((gsize) len, &offset)))
        if (msg->nlmsg_seq == seq)
          done = sync_message (msg, each, data, &error);
      explicit_bzero (buffer, (gsize) len); /* a dump tells keys */
    }
  return error;
}
