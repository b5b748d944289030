/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A service that asks without end, as one that the network has taken over may: how many processes and requests that makes,
 * and that each is answered. In namespaces of its own, with a name server of which the test decides when it answers; needs
 * root, and says "skipped" without.
 */
#include "probe.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHILDREN 32
#define TICKETS 2048
#define REQUESTS 5000
#define PATIENCE_MS 60000

static const char *helper;
static int name_server = -1;

/* In a mount namespace, with a resolv.conf that names us. */
static gboolean
name_server_start (void)
{
  const struct sockaddr_in here = { .sin_family = AF_INET,
                                    .sin_port = g_htons (53),
                                    .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };
  g_autofree char *file = NULL;
  int fd = g_file_open_tmp ("flood-XXXXXX", &file, NULL);
  gboolean mounted;

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_assert_true (g_file_set_contents (file, "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n", -1, NULL));
  mounted = unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
            mount (file, "/etc/resolv.conf", NULL, MS_BIND, NULL) == 0;
  (void) unlink (file);
  name_server = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (name_server, (const struct sockaddr *) &here, sizeof here), ==, 0);
  return mounted;
}

/* There is no such name (RFC 1035 section 4.1.1). */
static void
name_server_answer (void)
{
  struct sockaddr_in from;
  socklen_t from_len = sizeof from;
  guint8 octets[1024];
  gssize len = recvfrom (name_server, octets, sizeof octets, MSG_DONTWAIT, (struct sockaddr *) &from, &from_len);

  if (len < 12)
    return;
  octets[2] |= 0x80;
  octets[3] = 0x83;
  (void) sendto (name_server, octets, (gsize) len, 0, (const struct sockaddr *) &from, from_len);
}

static void
ask_names (Probe *p, guint n)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_RESOLVE);

  r.resolve.host = "host.example.";
  for (guint i = 0; i < n; i++)
    probe_ask (p, &r);
}

/* Whatever was asked has been looked at when an address has been told. So much of it was refused at once. */
static guint
wait_until_seen (Probe *p)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_RESOLVE);
  guint denied = 0;

  r.resolve.host = "192.0.2.1";
  probe_ask (p, &r);
  for (;;)
    {
      g_autoptr (ChannelMsg) msg = probe_event (p, PATIENCE_MS);

      g_assert_nonnull (msg);
      if (msg->serial == p->serial)
        return denied;
      g_assert_cmpint (msg->type, ==, CHANNEL_FAILED);
      g_assert_cmpint (msg->failed.code, ==, CHANNEL_ERROR_DENIED);
      denied++;
    }
}

/* The reaper is another one. */
static guint
children (const Probe *p)
{
  pid_t pid;

  return probe_children (p, NULL, &pid) - 1;
}

/* The name server answers from now on, until @n names that were asked after @serial are answered. */
static void
answer_names (Probe *p, guint n, guint32 serial)
{
  struct pollfd fds[] = { { .fd = name_server, .events = POLLIN }, { .fd = p->fd, .events = POLLIN } };
  g_autoptr (GHashTable) serials = g_hash_table_new (NULL, NULL);

  while (g_hash_table_size (serials) < n)
    {
      g_assert_cmpint (poll (fds, G_N_ELEMENTS (fds), PATIENCE_MS), >, 0);
      if (fds[0].revents)
        name_server_answer ();
      if (fds[1].revents)
        {
          g_autoptr (ChannelMsg) msg = probe_event (p, PATIENCE_MS);

          g_assert_cmpint (msg->type, ==, CHANNEL_FAILED);
          g_assert_cmpint (msg->failed.code, ==, CHANNEL_ERROR_NAME_UNKNOWN);
          g_assert_cmpuint (msg->serial, >, serial);
          g_assert_true (g_hash_table_add (serials, GUINT_TO_POINTER (msg->serial)));
        }
    }
}

static ChannelMsg *
load_file (Probe *p)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_CREDENTIALS);

  r.credentials.certificate = "/nonexistent";
  r.credentials.private_key = r.credentials.ca = r.credentials.user = "";
  return probe_call (p, &r);
}

/* So many children at the same time; who waits for one is answered in the end. */
static void
test_names (void)
{
  Probe *p = probe_start (helper);

  ask_names (p, 500);
  g_assert_cmpuint (wait_until_seen (p), ==, 0);
  g_assert_cmpuint (children (p), ==, CHILDREN);
  probe_expect_failed (load_file (p), CHANNEL_ERROR_DENIED, "Too much is loaded");
  answer_names (p, 500, 0);
  probe_expect_failed (load_file (p), CHANNEL_ERROR_NOT_FOUND, "/nonexistent");
  probe_stop (p);
}

/* Not so many can wait that there would be no end of them. */
static void
test_too_many (void)
{
  Probe *p = probe_start (helper);

  ask_names (p, TICKETS + 100);
  g_assert_cmpuint (wait_until_seen (p), ==, 100);
  g_assert_cmpuint (children (p), ==, CHILDREN);
  probe_stop (p);
}

/* END forgets what was asked. The children that were about it count until they have ended, which is news for who waits. */
static void
test_names_over_end (void)
{
  Probe *p = probe_start (helper);
  ChannelMsg end = PROBE_REQUEST (CHANNEL_END);
  guint32 serial;

  for (guint i = 0; i < 5; i++)
    {
      ask_names (p, 100);
      probe_do (p, &end);
      g_assert_cmpuint (children (p), ==, CHILDREN);
    }
  serial = p->serial;
  ask_names (p, 100);
  g_assert_cmpuint (wait_until_seen (p), ==, 0);
  g_assert_cmpuint (children (p), ==, CHILDREN);
  answer_names (p, 100, serial);
  probe_stop (p);
}

/* What is asked of the kernel does not pile up in the helper, although numbers for IPComp take several questions each: a
 * service that is faster waits for room in the channel. */
static void
test_kernel (void)
{
  Probe *p = probe_start (helper);
  ChannelMsg begin = PROBE_REQUEST (CHANNEL_BEGIN), r = PROBE_REQUEST (CHANNEL_SPI_ALLOC);
  struct pollfd fd = { .fd = p->fd };
  guint sent = 0, answers = 0, most = 0;
  guint32 first;

  begin.begin.uuid = "11111111-2222-3333-4444-555555555555";
  probe_do (p, &begin);
  first = p->serial + 1;
  r.spi_alloc.slot = 1;
  r.spi_alloc.protocol = 3;
  r.spi_alloc.ipcomp = 1;
  r.spi_alloc.local = probe_address ("192.0.2.1");
  r.spi_alloc.remote = probe_address ("192.0.2.2");
  while (answers < REQUESTS)
    {
      fd.events = sent < REQUESTS ? POLLIN | POLLOUT : POLLIN;
      g_assert_cmpint (poll (&fd, 1, PATIENCE_MS), >, 0);
      if (fd.revents & POLLIN)
        {
          g_autoptr (ChannelMsg) msg = probe_event (p, PATIENCE_MS);

          g_assert_cmpint (msg->type, ==, CHANNEL_SPI);
          g_assert_cmpuint (msg->serial, ==, first + answers);
          answers++;
        }
      if (fd.revents & POLLOUT)
        {
          probe_ask (p, &r);
          sent++;
          most = MAX (most, sent - answers);
        }
    }
  g_test_message ("%u requests in advance", most);
  g_assert_cmpuint (most, <, 1000);
  probe_stop (p);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  helper = argv[1];
  if (!probe_isolate ())
    {
      g_test_message ("needs root and a network namespace: skipped");
      return 77;
    }
  g_test_add_func ("/helper/flood/kernel", test_kernel);
  if (name_server_start ())
    {
      g_test_add_func ("/helper/flood/names", test_names);
      g_test_add_func ("/helper/flood/too-many", test_too_many);
      g_test_add_func ("/helper/flood/names-over-end", test_names_over_end);
    }
  else
    g_test_message ("skipped what needs a mount namespace");
  return g_test_run ();
}
