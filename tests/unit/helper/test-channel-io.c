/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages over a socket: descriptors where they belong and nowhere else, ends, foreign packets; and the items. */
#include "channel-messages.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static void
pair (int *fds)
{
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), ==, 0);
}

static guint
open_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

static void
test_socket (void)
{
  int fds[2];
  guint before = open_descriptors ();

  pair (fds);
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree ChannelMsg *msg = maximal (types[i].type);
      g_autoptr (ChannelMsg) got = NULL;
      gboolean passes = msg->type == CHANNEL_OPENED || msg->type == CHANNEL_LOADED || msg->type == CHANNEL_READ ||
                        msg->type == CHANNEL_TLS_DONE;

      msg->fd = fds[0]; /* is sent only where one belongs */
      g_assert_cmpint (channel_send (fds[0], msg), ==, 0);
      g_assert_cmpint (channel_receive (fds[1], &got), ==, 0);
      g_assert_cmpint (got->type, ==, msg->type);
      g_assert_cmpint (got->fd >= 0, ==, passes);
      g_assert_true (got->fd < 0 || fcntl (got->fd, F_GETFD) & FD_CLOEXEC);
    }
  close (fds[0]);
  close (fds[1]);
  g_assert_cmpuint (open_descriptors (), ==, before);
}

static void
test_socket_ends (void)
{
  ChannelMsg *got = NULL;
  g_autofree ChannelMsg *msg = maximal (CHANNEL_END);
  int fds[2];

  pair (fds);
  g_assert_cmpint (channel_receive (fds[1], &got), ==, EAGAIN);
  close (fds[0]);
  g_assert_cmpint (channel_receive (fds[1], &got), ==, EPIPE);
  g_assert_cmpint (channel_send (fds[1], msg), ==, EPIPE);
  msg->type = CHANNEL_BEGIN;
  msg->begin.uuid = "";
  g_assert_cmpint (channel_send (fds[1], msg), ==, EMSGSIZE);
  close (fds[1]);
}

/* @n descriptors beside @type's octets. */
static int
send_with_descriptors (const int *fds, ChannelType type, guint n)
{
  g_autofree ChannelMsg *msg = maximal (type);
  gsize len = 0;
  guint8 *data = channel_msg_encode (msg, &len);
  struct iovec iov = { data, len };
  _Alignas(struct cmsghdr) char control[CMSG_SPACE (8 * sizeof (int))] = { 0 };
  struct msghdr hdr = {
    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE (n * sizeof (int))
  };
  struct cmsghdr *cmsg = CMSG_FIRSTHDR (&hdr);
  ChannelMsg *got = NULL;
  int r;

  cmsg->cmsg_level = SOL_SOCKET;
  cmsg->cmsg_type = SCM_RIGHTS;
  cmsg->cmsg_len = CMSG_LEN (n * sizeof (int));
  for (guint i = 0; i < n; i++)
    memcpy (CMSG_DATA (cmsg) + i * sizeof (int), &fds[0], sizeof (int));
  g_assert_cmpint (sendmsg (fds[0], &hdr, 0), ==, (gssize) len);
  channel_buffer_free (data, len);
  r = channel_receive (fds[1], &got);
  channel_msg_free (got);
  return r;
}

static void
test_socket_hostile (void)
{
  guint before = open_descriptors ();
  ChannelMsg *got = NULL;
  g_autofree guint8 *large = g_malloc0 (CHANNEL_MAX_MESSAGE + 100);
  g_autofree ChannelMsg *without = maximal (CHANNEL_OPENED);
  int fds[2];

  pair (fds);
  g_assert_cmpint (send_with_descriptors (fds, CHANNEL_OPENED, 1), ==, 0);
  g_assert_cmpint (send_with_descriptors (fds, CHANNEL_OPENED, 2), ==, EBADMSG);
  g_assert_cmpint (send_with_descriptors (fds, CHANNEL_OPENED, 8), ==, EBADMSG);
  g_assert_cmpint (send_with_descriptors (fds, CHANNEL_END, 1), ==, EBADMSG);
  g_assert_cmpint (channel_send (fds[0], without), ==, 0);
  g_assert_cmpint (channel_receive (fds[1], &got), ==, EBADMSG);
  g_assert_cmpint (send (fds[0], large, CHANNEL_MAX_MESSAGE + 100, 0), ==, CHANNEL_MAX_MESSAGE + 100);
  g_assert_cmpint (channel_receive (fds[1], &got), ==, EBADMSG);
  g_assert_cmpint (send (fds[0], "x", 1, 0), ==, 1);
  g_assert_cmpint (channel_receive (fds[1], &got), ==, EBADMSG);
  g_assert_null (got);
  close (fds[0]);
  close (fds[1]);
  g_assert_cmpuint (open_descriptors (), ==, before);
}

/* ---- items ---- */

static void
collect (ChannelItem item, const guint8 *data, gsize len, gpointer user_data)
{
  g_string_append_printf (user_data, "%d:%.*s ", (int) item, (int) len, (const char *) data);
}

static void
test_items (void)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  int fd = memfd_create ("test", MFD_CLOEXEC), fds[2];

  g_assert_true (channel_items_read (fd, collect, seen));
  g_assert_cmpint (channel_items_append (fd, CHANNEL_ITEM_CERTIFICATE, "one", 3), ==, 0);
  g_assert_cmpint (channel_items_append (fd, CHANNEL_ITEM_CERTIFICATE, "", 0), ==, 0);
  g_assert_cmpint (channel_items_append (fd, CHANNEL_ITEM_CA_FILE, "cas", 3), ==, 0);
  g_assert_true (channel_items_read (fd, collect, seen));
  g_assert_cmpstr (seen->str, ==, "1:one 1: 2:cas ");
  g_assert_cmpint (channel_items_append (fd, CHANNEL_ITEM_CA_FILE, "x", CHANNEL_MAX_FILE + 1), ==, EMSGSIZE);
  g_assert_cmpint (ftruncate (fd, 20), ==, 0);
  g_assert_false (channel_items_read (fd, collect, seen));
  g_assert_cmpint (pwrite (fd, "\7", 1, 0), ==, 1);
  g_assert_false (channel_items_read (fd, collect, seen));
  close (fd);
  pair (fds);
  g_assert_false (channel_items_read (fds[0], collect, seen));
  close (fds[0]);
  close (fds[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  messages_init ();
  g_test_add_func ("/helper/channel-io/socket", test_socket);
  g_test_add_func ("/helper/channel-io/socket-ends", test_socket_ends);
  g_test_add_func ("/helper/channel-io/socket-hostile", test_socket_hostile);
  g_test_add_func ("/helper/channel-io/items", test_items);
  return g_test_run ();
}
