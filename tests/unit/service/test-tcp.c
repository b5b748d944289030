/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server's TCP port on the loopback interface: who may stay, and what comes of what he says; when TCP is stuck. */
#include "io/tcp-clog.h"
#include "io/tcp-frame.h"
#include "io/tcp-server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef TCP_ULP
# define TCP_ULP 31
#endif

typedef struct {
  TcpServer *server;
  guint16 port;
  GBytes *got;
  IkePath path;
} Test;

static void
on_message (const IkePath *path, const guint8 *data, gsize len, gpointer user)
{
  Test *test = user;

  g_assert_null (test->got);
  test->got = g_bytes_new (data, len);
  test->path = *path;
}

static guint looks; /* so often it was asked whether somebody needs a connection */
static guint16 needed; /* whose port is that; 0: nobody's */

static gboolean
is_used (const IkePath *path, gpointer user)
{
  looks++;
  return needed && path->remote.port == needed;
}

static void
test_begin (Test *test)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t len = sizeof in;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, (struct sockaddr *) &in, sizeof in), ==, 0);
  g_assert_cmpint (listen (fd, 8), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &in, &len), ==, 0);
  test->port = ntohs (in.sin_port);
  test->server = tcp_server_new (fd, on_message, is_used, test);
}

static int
connected (const Test *test)
{
  struct sockaddr_in in = { .sin_family = AF_INET,
                            .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
                            .sin_port = htons (test->port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (connect (fd, (struct sockaddr *) &in, sizeof in), ==, 0);
  return fd;
}

static gboolean
on_too_long (gpointer data)
{
  g_error ("nothing came");
  return G_SOURCE_REMOVE;
}

/* Until the server has closed it; FALSE: something came instead. */
static gboolean
is_closed (int fd)
{
  guint watchdog = g_timeout_add_seconds (20, on_too_long, NULL);
  ssize_t n;
  char c;

  while ((n = recv (fd, &c, 1, MSG_DONTWAIT)) < 0 && errno == EAGAIN)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_source_remove (watchdog);
  return n <= 0;
}

static gboolean
kernel_can (void)
{
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gboolean can = setsockopt (fd, IPPROTO_TCP, TCP_ULP, "espintcp", sizeof "espintcp") == 0 || errno != ENOENT;

  close (fd);
  return can;
}

static void
test_prefix (void)
{
  g_assert_cmpint (tcp_prefix_check ((const guint8 *) "IKETCP", 0), ==, TCP_PREFIX_MORE);
  g_assert_cmpint (tcp_prefix_check ((const guint8 *) "IKETC", 5), ==, TCP_PREFIX_MORE);
  g_assert_cmpint (tcp_prefix_check ((const guint8 *) "IKETCP", 6), ==, TCP_PREFIX_DONE);
  g_assert_cmpint (tcp_prefix_check ((const guint8 *) "IKETCP\0", 7), ==, TCP_PREFIX_WRONG);
  g_assert_cmpint (tcp_prefix_check ((const guint8 *) "iketcp", 6), ==, TCP_PREFIX_WRONG);
  g_assert_cmpint (tcp_prefix_check ((const guint8 *) "G", 1), ==, TCP_PREFIX_WRONG);
}

static void
test_frame (void)
{
  IkeChunk message;

  g_assert_true (tcp_frame_parse ((const guint8 *) "\0\0\0\0x", 5, &message));
  g_assert_cmpmem (message.data, message.len, "x", 1);
  g_assert_false (tcp_frame_parse ((const guint8 *) "\0\0\0\0", 4, &message));
  g_assert_false (tcp_frame_parse ((const guint8 *) "\xff", 1, &message));
  g_assert_false (tcp_frame_parse ((const guint8 *) "\0\0\1\0xyz", 7, &message));
  g_assert_false (tcp_frame_parse (NULL, 0, &message));
}

/* A web browser, somebody who goes at once, one who sends the beginning. */
static void
test_strangers (void)
{
  Test test = { 0 };
  int browser, gone, half;

  test_begin (&test);
  browser = connected (&test);
  gone = connected (&test);
  half = connected (&test);
  g_assert_cmpint (send (browser, "GET / HTTP/1.1\r\n\r\n", 18, 0), ==, 18);
  close (gone);
  g_assert_cmpint (send (half, "IKE", 3, 0), ==, 3);
  g_assert_true (is_closed (browser));
  g_assert_cmpint (send (half, "TCX", 3, 0), ==, 3);
  g_assert_true (is_closed (half));
  g_assert_null (test.got);
  close (browser);
  close (half);
  tcp_server_free (test.server);
}

/* The oldest of too many that say nothing makes room. */
static void
test_too_many (void)
{
  int fds[TCP_SERVER_MAX_UNUSED + 1];
  Test test = { 0 };

  test_begin (&test);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = connected (&test);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_assert_true (is_closed (fds[0]));
  g_assert_cmpint (recv (fds[1], fds, 1, MSG_DONTWAIT), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
  tcp_server_free (test.server);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

gint64 __real_g_get_monotonic_time (void);
gint64 __wrap_g_get_monotonic_time (void);
static gint64 slept;

gint64
__wrap_g_get_monotonic_time (void)
{
  return __real_g_get_monotonic_time () + slept;
}

/* All of too many were swept to make room: the clock that looks for them goes on, and ends with the server. */
static void
test_swept (void)
{
  int fds[TCP_SERVER_MAX_UNUSED + 1];
  Test test = { 0 };

  test_begin (&test);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      if (i == TCP_SERVER_MAX_UNUSED)
        slept += (TCP_SERVER_UNUSED + 1) * G_USEC_PER_SEC;
      fds[i] = connected (&test);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_assert_true (is_closed (fds[0]));
  g_assert_true (is_closed (fds[TCP_SERVER_MAX_UNUSED - 1]));
  tcp_server_free (test.server);
  g_assert_null (g_main_context_find_source_by_user_data (NULL, test.server));
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

static guint16
port_of (int fd)
{
  struct sockaddr_in in;
  socklen_t len = sizeof in;

  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &in, &len), ==, 0);
  return ntohs (in.sin_port);
}

/* A flood makes the server look at all of them once a second, and else at the one that is to go; which stays if it is in
 * use by now. */
static void
test_flood (void)
{
  int fds[3 * TCP_SERVER_MAX_UNUSED];
  gint64 begun = g_get_monotonic_time ();
  Test test = { 0 };

  test_begin (&test);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      /* the second one has its IKE SA just before it would have to go */
      if (i == TCP_SERVER_MAX_UNUSED + 1)
        needed = port_of (fds[1]);
      if (i == TCP_SERVER_MAX_UNUSED)
        looks = 0;
      fds[i] = connected (&test);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_assert_cmpuint (looks, <=, (2 + (g_get_monotonic_time () - begun) / G_USEC_PER_SEC) * G_N_ELEMENTS (fds));
  g_assert_cmpint (recv (fds[1], &begun, 1, MSG_DONTWAIT), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
  g_assert_true (is_closed (fds[0]));
  g_assert_true (is_closed (fds[2]));
  tcp_server_free (test.server);
  needed = 0;
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

int __real_accept4 (int fd, struct sockaddr *address, socklen_t *len, int flags);
int __wrap_accept4 (int fd, struct sockaddr *address, socklen_t *len, int flags);
static int refusal; /* errno of what accepts; 0: it can */
static guint refusals;

int
__wrap_accept4 (int fd, struct sockaddr *address, socklen_t *len, int flags)
{
  if (!refusal)
    return __real_accept4 (fd, address, len, flags);
  refusals++;
  errno = refusal;
  return -1;
}

/* Nothing can be taken just now: that is found out once, not again and again, and passes. */
static void
test_no_room (void)
{
  static const int errors[] = { EMFILE, ENFILE, ENOMEM, ENOBUFS };

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      Test test = { 0 };
      guint turns = 0;
      int fd;

      test_begin (&test);
      refusal = errors[i];
      refusals = 0;
      fd = connected (&test);
      while (turns++ < 1000 && g_main_context_iteration (NULL, FALSE))
        ;
      g_assert_cmpuint (refusals, ==, 1);
      refusal = 0;
      if (i == 0)
        {
          g_assert_cmpint (send (fd, "GET", 3, 0), ==, 3);
          g_assert_true (is_closed (fd));
        }
      tcp_server_free (test.server);
      g_assert_null (g_main_context_find_source_by_user_data (NULL, test.server));
      close (fd);
    }
}

/* The prefix in two pieces, and a message with it. */
static void
test_message (void)
{
  static const guint8 second[] = { 'T', 'C', 'P', 0, 3, 0xff, 0, 8, 0, 0, 0, 0, 'h', 'i' };
  static const guint8 answer[] = { 0, 9, 0, 0, 0, 0, 'y', 'e', 's' };
  g_autoptr (GBytes) yes = g_bytes_new_static ("yes", 3);
  guint watchdog = g_timeout_add_seconds (20, on_too_long, NULL);
  guint8 octets[64];
  Test test = { 0 };
  int fd;

  test_begin (&test);
  fd = connected (&test);
  g_assert_cmpint (send (fd, "IKE", 3, 0), ==, 3);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (send (fd, second, sizeof second, 0), ==, sizeof second);
  if (kernel_can ())
    {
      while (!test.got)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpmem (g_bytes_get_data (test.got, NULL), g_bytes_get_size (test.got), "hi", 2);
      g_assert_cmpuint (test.path.local.port, ==, test.port);
      tcp_server_send (test.server, &test.path, yes);
      g_assert_cmpint (recv (fd, octets, sizeof answer, MSG_WAITALL), ==, sizeof answer);
      g_assert_cmpmem (octets, sizeof answer, answer, sizeof answer);
      g_bytes_unref (test.got);
    }
  else
    g_assert_true (is_closed (fd));
  g_source_remove (watchdog);
  close (fd);
  tcp_server_free (test.server);
}

/* Of what TCP knows: repeated twice, an answer had its time, and nothing has come. */
static void
test_clogged (void)
{
  const struct tcp_info usual = {
    .tcpi_unacked = 9, .tcpi_retransmits = 2, .tcpi_rtt = 1000, .tcpi_last_data_sent = 60, .tcpi_last_ack_recv = 700
  };
  struct tcp_info info = usual;

  g_assert_cmpint (tcp_clog (&info, 0), ==, TCP_CLOGGED);
  info.tcpi_retransmits = 3;
  g_assert_cmpint (tcp_clog (&info, 0), ==, TCP_CLOGGED);
  info.tcpi_retransmits = 1; /* the second one comes soon */
  g_assert_cmpint (tcp_clog (&info, 0), ==, TCP_FLOWS);
  info = usual;
  info.tcpi_unacked = 0;
  g_assert_cmpint (tcp_clog (&info, 0), ==, TCP_FLOWS);
  info = usual;
  info.tcpi_last_data_sent = 40; /* the answer may be on its way */
  g_assert_cmpint (tcp_clog (&info, 0), ==, TCP_FLOWS);
  info = usual;
  info.tcpi_rtt = 100000;
  g_assert_cmpint (tcp_clog (&info, 0), ==, TCP_FLOWS);
  info.tcpi_last_data_sent = 250;
  g_assert_cmpint (tcp_clog (&info, 0), ==, TCP_CLOGGED);
  info.tcpi_last_ack_recv = 240; /* it has come */
  g_assert_cmpint (tcp_clog (&info, 0), ==, TCP_FLOWS);
  info.tcpi_last_ack_recv = 250;
  g_assert_cmpint (tcp_clog (&info, 0), ==, TCP_FLOWS);
  g_assert_cmpuint (tcp_clog_patience (&info), ==, 200);
}

/* Repeated once, and nothing has come since we wait: it is worth a look. */
static void
test_may_be_clogged (void)
{
  const struct tcp_info usual = {
    .tcpi_unacked = 1, .tcpi_retransmits = 1, .tcpi_rtt = 1000, .tcpi_last_data_sent = 60, .tcpi_last_ack_recv = 400
  };
  struct tcp_info info = usual;

  g_assert_cmpint (tcp_clog (&info, 375), ==, TCP_MAY_BE_CLOGGED);
  g_assert_cmpint (tcp_clog (&info, 400), ==, TCP_MAY_BE_CLOGGED);
  g_assert_cmpint (tcp_clog (&info, 350), ==, TCP_FLOWS); /* so little is not worth it */
  g_assert_cmpint (tcp_clog (&info, 425), ==, TCP_FLOWS); /* something has come meanwhile */
  info.tcpi_retransmits = 0;
  g_assert_cmpint (tcp_clog (&info, 375), ==, TCP_FLOWS);
  info = usual;
  info.tcpi_unacked = 0;
  g_assert_cmpint (tcp_clog (&info, 375), ==, TCP_FLOWS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/tcp/prefix", test_prefix);
  g_test_add_func ("/service/tcp/frame", test_frame);
  g_test_add_func ("/service/tcp/strangers", test_strangers);
  g_test_add_func ("/service/tcp/too-many", test_too_many);
  g_test_add_func ("/service/tcp/swept", test_swept);
  g_test_add_func ("/service/tcp/flood", test_flood);
  g_test_add_func ("/service/tcp/no-room", test_no_room);
  g_test_add_func ("/service/tcp/message", test_message);
  g_test_add_func ("/service/tcp/clogged", test_clogged);
  g_test_add_func ("/service/tcp/may-be-clogged", test_may_be_clogged);
  return g_test_run ();
}
