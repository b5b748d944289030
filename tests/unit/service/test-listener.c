/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server's socket on the loopback interface: who wrote to which of our addresses, and that the answer leaves there. */
#include "io/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  Listener *listener;
  GBytes *got;
  IkePath path;
  guint n;
  gboolean frees;
} Test;

static int
bound_socket (const char *address, guint16 port, guint16 *ret_port)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons (port) };
  socklen_t len = sizeof in;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  g_assert_cmpint (inet_pton (AF_INET, address, &in.sin_addr), ==, 1);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &in, sizeof in), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &in, &len), ==, 0);
  *ret_port = ntohs (in.sin_port);
  return fd;
}

static void
on_datagram (const IkePath *path, const guint8 *data, gsize len, gpointer user)
{
  Test *test = user;

  g_clear_pointer (&test->got, g_bytes_unref);
  test->got = g_bytes_new (data, len);
  test->path = *path;
  test->n++;
  if (test->frees)
    g_clear_pointer (&test->listener, listener_free);
}

static void
send_to (int fd, const char *address, guint16 port, gconstpointer data, gsize len)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons (port) };

  g_assert_cmpint (inet_pton (AF_INET, address, &in.sin_addr), ==, 1);
  g_assert_cmpint (sendto (fd, data, len, 0, (struct sockaddr *) &in, sizeof in), ==, len);
}

static gboolean
on_too_long (gpointer data)
{
  g_error ("nothing came");
  return G_SOURCE_REMOVE;
}

static void
wait_for (const Test *test, guint n)
{
  guint watchdog = g_timeout_add_seconds (10, on_too_long, NULL);

  while (test->n < n)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (watchdog);
}

/* What the client gets, and from where. */
static void
assert_reply (int fd, const char *from, guint16 port, gconstpointer data, gsize len)
{
  struct sockaddr_in in;
  socklen_t size = sizeof in;
  char octets[64], text[INET_ADDRSTRLEN];
  struct pollfd ready = { .fd = fd, .events = POLLIN };
  ssize_t n;

  g_assert_cmpint (poll (&ready, 1, 10000), ==, 1);
  n = recvfrom (fd, octets, sizeof octets, 0, (struct sockaddr *) &in, &size);
  g_assert_cmpmem (octets, (gsize) MAX (n, 0), data, len);
  g_assert_cmpstr (inet_ntop (AF_INET, &in.sin_addr, text, sizeof text), ==, from);
  g_assert_cmpuint (ntohs (in.sin_port), ==, port);
}

static void
test_there_and_back (void)
{
  static const guint8 marked[] = { 0, 0, 0, 0, 'h', 'i' }, keepalive[] = { 0xff };

  for (guint natt = 0; natt < 2; natt++)
    {
      Test test = { 0 };
      guint16 port, client_port;
      int server = bound_socket ("0.0.0.0", 0, &port), client = bound_socket ("127.0.0.9", 0, &client_port);
      IkeEndpoint local = { .address = { .family = IKE_FAMILY_IP4 }, .port = port };
      g_autoptr (GBytes) answer = g_bytes_new_static ("yes", 3);
      g_autofree char *to = NULL;
      g_autofree char *from = NULL;

      test.listener = listener_new (server, natt ? IKE_TRANSPORT_NATT : IKE_TRANSPORT_UDP, &local, on_datagram, &test);
      if (natt) /* noise */
        send_to (client, "127.0.0.2", port, "\xff", 1);
      send_to (client, "127.0.0.2", port, natt ? marked : marked + 4, natt ? 6 : 2);
      wait_for (&test, 1);
      g_assert_cmpmem (g_bytes_get_data (test.got, NULL), g_bytes_get_size (test.got), "hi", 2);
      to = ike_address_to_string (&test.path.local.address);
      from = ike_address_to_string (&test.path.remote.address);
      g_assert_cmpstr (to, ==, "127.0.0.2");
      g_assert_cmpstr (from, ==, "127.0.0.9");
      g_assert_cmpuint (test.path.remote.port, ==, client_port);
      g_assert_cmpuint (test.path.local.port, ==, port);
      listener_send (test.listener, &test.path, answer);
      assert_reply (client, "127.0.0.2", port, natt ? "\0\0\0\0yes" : "yes", natt ? 7 : 3);
      listener_keepalive (test.listener, &test.path);
      assert_reply (client, "127.0.0.2", port, keepalive, 1);
      g_assert_cmpuint (test.n, ==, 1);
      listener_free (test.listener);
      g_bytes_unref (test.got);
      close (client);
    }
}

/* An event may free it, though more is waiting. */
static void
test_freed_inside (void)
{
  Test test = { .frees = TRUE };
  guint16 port, client_port;
  int server = bound_socket ("0.0.0.0", 0, &port), client = bound_socket ("127.0.0.9", 0, &client_port);
  IkeEndpoint local = { .address = { .family = IKE_FAMILY_IP4 }, .port = port };

  test.listener = listener_new (server, IKE_TRANSPORT_UDP, &local, on_datagram, &test);
  for (guint i = 0; i < 5; i++)
    send_to (client, "127.0.0.1", port, "hi", 2);
  wait_for (&test, 1);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (test.n, ==, 1);
  g_bytes_unref (test.got);
  close (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/listener/there-and-back", test_there_and_back);
  g_test_add_func ("/listener/freed-inside", test_freed_inside);
  return g_test_run ();
}
