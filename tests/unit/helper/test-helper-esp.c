/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two helpers in two network namespaces that are joined by a cable, and real ESP between them: every kind of link, both
 * outer families, with and without UDP, extended sequence numbers, expiry, moving, asking, and sudden death.
 *
 * Needs root and a kernel with ESP; says "skipped" where one is missing (the lab runs it in its guest).
 */
#include "probe.h"

#include "helper/kernel/xfrm-compat.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
  const char *outer, *inner4, *inner6;
  const char *other_inner4, *other_inner6; /* of the peer */
  const char *device;
  int ns;
  Probe *probe;
  char link[16];
  guint32 spi; /* inbound */
  int natt;
} End;

typedef struct {
  const char *name;
  ChannelLinkKind link;
  gboolean ip6, encap, esn;
  guint32 window;
  const char *encr, *integ;
  gsize encr_len, integ_len;
  guint32 icv_bits;
} Case;

static const Case cases[] = {
  { "xfrm/gcm", CHANNEL_LINK_XFRM, .esn = TRUE, .window = 128, .encr = "rfc4106(gcm(aes))", .encr_len = 36,
    .icv_bits = 128 },
  { "xfrm/gcm-natt", CHANNEL_LINK_XFRM, .encap = TRUE, .window = 32, .encr = "rfc4106(gcm(aes))", .encr_len = 20,
    .icv_bits = 128 },
  { "xfrm/cbc-sha256-ip6", CHANNEL_LINK_XFRM, .ip6 = TRUE, .esn = TRUE, .window = 1024, .encr = "cbc(aes)",
    .integ = "hmac(sha256)", .encr_len = 32, .integ_len = 32, .icv_bits = 128 },
  { "xfrm/chacha-ip6-natt", CHANNEL_LINK_XFRM, .ip6 = TRUE, .encap = TRUE, .window = 4096,
    .encr = "rfc7539esp(chacha20,poly1305)", .encr_len = 36, .icv_bits = 128 },
  { "xfrm/no-replay-window", CHANNEL_LINK_XFRM, .encr = "cbc(aes)", .integ = "hmac(sha1)", .encr_len = 16,
    .integ_len = 20, .icv_bits = 96 },
  { "vti/gcm-natt", CHANNEL_LINK_VTI, .encap = TRUE, .window = 64, .encr = "rfc4106(gcm(aes))", .encr_len = 20,
    .icv_bits = 128 },
  { "vti/gcm-ip6", CHANNEL_LINK_VTI, .ip6 = TRUE, .window = 64, .encr = "rfc4106(gcm(aes))", .encr_len = 20,
    .icv_bits = 128 },
  { "none/gcm", CHANNEL_LINK_NONE, .window = 64, .esn = TRUE, .encr = "rfc4106(gcm(aes))", .encr_len = 36,
    .icv_bits = 128 },
};

static const char *helper;
static End a = { .ns = -1, .device = "va", .inner4 = "10.9.0.1", .inner6 = "fd00:9::1" };
static End b = { .ns = -1, .device = "vb", .inner4 = "10.10.0.1", .inner6 = "fd00:10::1" };

static void
enter (const End *end)
{
  g_assert_cmpint (setns (end->ns, CLONE_NEWNET), ==, 0);
}

static gboolean G_GNUC_PRINTF (1, 2) run (const char *format, ...)
{
  g_autofree char *command = NULL, *out = NULL, *err = NULL;
  va_list args;
  int status = 0;

  va_start (args, format);
  command = g_strdup_vprintf (format, args);
  va_end (args);
  g_assert_true (g_spawn_command_line_sync (command, &out, &err, &status, NULL));
  if (status)
    g_test_message ("%s: %s%s", command, out, err);
  return status == 0;
}

static guint
count (const End *end, const char *command, const char *needle)
{
  g_autofree char *out = NULL;
  guint n = 0;

  enter (end);
  g_assert_true (g_spawn_command_line_sync (command, &out, NULL, NULL, NULL));
  for (const char *at = out; (at = strstr (at, needle)); at++)
    n++;
  return n;
}

static gboolean
is_clean (const End *end)
{
  return count (end, "ip xfrm policy", "reqid ") == 0 && count (end, "ip xfrm state", "proto esp") == 0 &&
         count (end, "ip -o link", "ipsec") == 0;
}

static gboolean
wait_clean (const End *end)
{
  for (guint i = 0; i < 200; i++)
    {
      if (is_clean (end))
        return TRUE;
      g_usleep (10000);
    }
  return FALSE;
}

/* ---- the cable ---- */

static int
new_namespace (void)
{
  return unshare (CLONE_NEWNET) == 0 ? open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC) : -1;
}

static gboolean
make_cable (void)
{
  pid_t holder;

  a.ns = new_namespace ();
  b.ns = new_namespace ();
  if (a.ns < 0 || b.ns < 0)
    return FALSE;
  holder = fork (); /* stays in b */
  if (holder == 0)
    {
      pause ();
      _exit (0);
    }
  enter (&a);
  if (!run ("ip link add va type veth peer name vb netns %d", (int) holder))
    return FALSE;
  for (const End *end = &a; end; end = end == &a ? &b : NULL)
    {
      enter (end);
      run ("sysctl -qw net.ipv6.conf.all.dad_transmits=0 net.ipv6.conf.default.dad_transmits=0 "
           "net.ipv6.conf.%s.dad_transmits=0",
           end->device);
      run ("ip link set lo up");
      run ("ip addr add 192.0.2.%d/24 dev %s", end == &a ? 1 : 2, end->device);
      run ("ip addr add 2001:db8::%d/64 dev %s nodad", end == &a ? 1 : 2, end->device);
      run ("ip link set %s up", end->device);
    }
  kill (holder, SIGKILL);
  (void) waitpid (holder, NULL, 0);
  enter (&a);
  run ("ip addr add 192.0.2.3/24 dev va");
  return TRUE;
}

/* ---- one end ---- */

static guint32
alloc_spi (const End *end, const End *other)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SPI_ALLOC);
  g_autoptr (ChannelMsg) answer = NULL;

  r.spi_alloc.slot = 1;
  r.spi_alloc.protocol = 3;
  r.spi_alloc.local = probe_address (end->outer);
  r.spi_alloc.remote = probe_address (other->outer);
  answer = probe_call (end->probe, &r);
  g_assert_cmpint (answer->type, ==, CHANNEL_SPI);
  return answer->spi.spi;
}

/* The socket that takes ESP out of UDP, for these addresses. */
static void
end_socket (End *end, const End *other, guint16 port)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SOCKET);
  g_autoptr (ChannelMsg) opened = NULL;

  if (end->natt >= 0)
    close (end->natt);
  r.socket.transport = CHANNEL_NATT;
  r.socket.local = probe_endpoint (end->outer, port);
  r.socket.remote = probe_endpoint (other->outer, 4500);
  opened = probe_call (end->probe, &r);
  g_assert_cmpint (opened->type, ==, CHANNEL_OPENED);
  g_assert_cmpuint (opened->opened.local.port, ==, port);
  end->natt = g_steal_fd (&opened->fd);
}

/* FALSE: the kernel has no such link. */
static gboolean
end_open (End *end, const End *other, const Case *c)
{
  ChannelMsg begin = PROBE_REQUEST (CHANNEL_BEGIN), link = PROBE_REQUEST (CHANNEL_LINK);
  g_autoptr (ChannelMsg) linked = NULL;

  enter (end);
  end->natt = -1;
  end->probe = probe_start (helper);
  begin.begin.uuid = "11111111-2222-3333-4444-555555555555";
  probe_do (end->probe, &begin);
  end_socket (end, other, 4500);
  link.link.kind = c->link;
  linked = probe_call (end->probe, &link);
  if (linked->type == CHANNEL_FAILED)
    {
      g_test_skip (linked->failed.text);
      return FALSE;
    }
  g_assert_cmpint (linked->linked.kind, ==, c->link);
  g_strlcpy (end->link, linked->linked.name, sizeof end->link);
  end->spi = alloc_spi (end, other);
  return TRUE;
}

static void
end_address (const End *end, const End *other)
{
  gboolean has_link = *end->link != 0;

  enter (end);
  g_assert_true (run ("ip addr add %s/32 dev %s", end->inner4, has_link ? end->link : "lo"));
  g_assert_true (run ("ip addr add %s/128 dev %s nodad", end->inner6, has_link ? end->link : "lo"));
  g_assert_true (run ("ip route add %s dev %s src %s", other->inner4, has_link ? end->link : end->device, end->inner4));
  g_assert_true (run ("ip route add %s dev %s src %s", other->inner6, has_link ? end->link : end->device, end->inner6));
}

static void
end_clear_addresses (const End *end, const End *other)
{
  if (*end->link)
    return;
  enter (end);
  run ("ip addr del %s/32 dev lo", end->inner4);
  run ("ip addr del %s/128 dev lo", end->inner6);
  run ("ip route del %s dev %s", other->inner4, end->device);
  run ("ip route del %s dev %s", other->inner6, end->device);
}

static void
end_install (const End *end, const End *other, const Case *c, guint parts, guint32 soft_packets, guint32 hard_packets)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SA_INSTALL);
  static const guint8 keys[4][64] = { "one way encryption key...............", "one way integrity key................",
                                      "other way encryption key.............",
                                      "other way integrity key.............." };
  guint in = end == &a ? 0 : 2, out = 2 - in;

  r.sa_install.slot = 1;
  r.sa_install.parts = (guint8) parts;
  r.sa_install.protocol = 3;
  r.sa_install.encap = c->encap ? 1 : 0;
  r.sa_install.esn = c->esn ? 1 : 0;
  r.sa_install.aead = c->integ ? 0 : 1;
  r.sa_install.spi_in = end->spi;
  r.sa_install.spi_out = other->spi;
  r.sa_install.replay_window = c->window;
  r.sa_install.icv_bits = c->icv_bits;
  r.sa_install.local = probe_endpoint (end->outer, 4500);
  r.sa_install.remote = probe_endpoint (other->outer, 4500);
  r.sa_install.encr = c->encr;
  r.sa_install.integ = c->integ;
  r.sa_install.encr_in = (ChannelBlob){ keys[in], c->encr_len };
  r.sa_install.integ_in = (ChannelBlob){ keys[in + 1], c->integ_len };
  r.sa_install.encr_out = (ChannelBlob){ keys[out], c->encr_len };
  r.sa_install.integ_out = (ChannelBlob){ keys[out + 1], c->integ_len };
  r.sa_install.soft_packets = soft_packets;
  r.sa_install.hard_packets = hard_packets;
  r.sa_install.hard_seconds = 3600;
  r.sa_install.local_ts.n = r.sa_install.remote_ts.n = 2;
  r.sa_install.local_ts.at[0] = probe_prefix (end == &a ? "10.9.0.1/32" : "10.10.0.0/24");
  r.sa_install.local_ts.at[1] = probe_prefix (end == &a ? "fd00:9::1/128" : "fd00:10::/64");
  r.sa_install.remote_ts.at[0] = probe_prefix (end == &a ? "10.10.0.0/24" : "10.9.0.1/32");
  r.sa_install.remote_ts.at[1] = probe_prefix (end == &a ? "fd00:10::/64" : "fd00:9::1/128");
  probe_do (end->probe, &r);
}

static void
end_delete (const End *end, guint32 spi_in, guint32 spi_out)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SA_DELETE);

  r.sa_delete.slot = 1;
  r.sa_delete.parts = (spi_in ? CHANNEL_SA_IN : 0) | (spi_out ? CHANNEL_SA_OUT : 0);
  r.sa_delete.spi_in = spi_in;
  r.sa_delete.spi_out = spi_out;
  probe_do (end->probe, &r);
}

static void
end_close (End *end)
{
  close (end->natt);
  probe_stop (end->probe);
  end->probe = NULL;
}

/* ---- both ---- */

enum { ALL = CHANNEL_SA_IN | CHANNEL_SA_OUT | CHANNEL_SA_POLICIES, BOTH = CHANNEL_SA_IN | CHANNEL_SA_OUT };

static gboolean
ping (const End *from, const char *to)
{
  enter (from);
  return run ("ping -n -c 1 -W 2 -I %s %s", strchr (to, ':') ? from->inner6 : from->inner4, to);
}

static guint64
packets (const End *end, guint32 spi, gboolean outbound)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SA_QUERY);
  g_autoptr (ChannelMsg) answer = NULL;

  r.sa_query.slot = 1;
  r.sa_query.outbound = outbound;
  r.sa_query.spi = spi;
  answer = probe_call (end->probe, &r);
  g_assert_cmpint (answer->type, ==, CHANNEL_USAGE);
  g_assert_cmpint (answer->usage.packets > 0, ==, answer->usage.bytes > 0);
  return answer->usage.packets;
}

static gboolean
connect_ends (const Case *c)
{
  a.outer = c->ip6 ? "2001:db8::1" : "192.0.2.1";
  b.outer = c->ip6 ? "2001:db8::2" : "192.0.2.2";
  if (!end_open (&a, &b, c) || !end_open (&b, &a, c))
    return FALSE;
  end_install (&a, &b, c, ALL, 0, 0);
  end_install (&b, &a, c, ALL, 0, 0);
  end_address (&a, &b);
  end_address (&b, &a);
  return TRUE;
}

static void
disconnect_ends (void)
{
  if (a.probe)
    end_close (&a);
  if (b.probe)
    end_close (&b);
  g_assert_true (wait_clean (&a));
  g_assert_true (wait_clean (&b));
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;

  if (connect_ends (c))
    {
      g_assert_true (ping (&a, b.inner4));
      g_assert_true (ping (&a, b.inner6));
      g_assert_cmpuint (packets (&a, a.spi, FALSE), ==, 2);
      g_assert_cmpuint (packets (&b, a.spi, TRUE), ==, 2); /* outbound there */
      g_assert_cmpuint (packets (&b, b.spi, FALSE), ==, 2);
      end_clear_addresses (&a, &b);
      end_clear_addresses (&b, &a);
    }
  disconnect_ends ();
}

/* ---- what happens in a life ---- */

static void
test_rekey (void)
{
  guint32 old_a, old_b;

  if (connect_ends (&cases[0]))
    {
      g_assert_true (ping (&a, b.inner4));
      old_a = a.spi;
      old_b = b.spi;
      a.spi = alloc_spi (&a, &b);
      b.spi = alloc_spi (&b, &a);
      end_install (&b, &a, &cases[0], CHANNEL_SA_IN, 0, 0);
      end_install (&a, &b, &cases[0], BOTH, 0, 0);
      end_install (&b, &a, &cases[0], CHANNEL_SA_OUT, 0, 0);
      end_delete (&a, 0, old_b);
      end_delete (&b, 0, old_a);
      end_delete (&a, old_a, 0);
      end_delete (&b, old_b, 0);
      g_assert_true (ping (&a, b.inner4));
      g_assert_cmpuint (packets (&a, a.spi, FALSE), ==, 1);
      g_assert_cmpuint (packets (&b, b.spi, FALSE), ==, 1);
      g_assert_cmpuint (count (&a, "ip xfrm state", "proto esp"), ==, 2);
    }
  disconnect_ends ();
}

static void
expect_expire (const End *end, guint32 spi, gboolean hard)
{
  g_autoptr (ChannelMsg) event = probe_event (end->probe, 10000);

  g_assert_nonnull (event);
  g_assert_cmpint (event->type, ==, CHANNEL_EXPIRE);
  g_assert_cmphex (event->expire.spi, ==, spi);
  g_assert_cmpint (event->expire.hard, ==, hard ? 1 : 0);
}

static void
test_expire (void)
{
  guint32 old_b;

  if (connect_ends (&cases[0]))
    {
      /* a new outbound SA that is good for two packets */
      old_b = b.spi;
      b.spi = alloc_spi (&b, &a);
      end_install (&b, &a, &cases[0], CHANNEL_SA_IN, 0, 0);
      end_install (&a, &b, &cases[0], CHANNEL_SA_OUT, 2, 4);
      end_delete (&a, 0, old_b);
      for (guint i = 0; i < 3; i++)
        g_assert_true (ping (&a, b.inner4));
      expect_expire (&a, b.spi, FALSE);
      ping (&a, b.inner4);
      ping (&a, b.inner4);
      expect_expire (&a, b.spi, TRUE);
    }
  disconnect_ends ();
}

static void
end_move (const End *end, const End *other, gboolean encap, guint16 port, guint16 other_port)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SA_UPDATE);

  r.sa_update.slot = 1;
  r.sa_update.spi_in = end->spi;
  r.sa_update.spi_out = other->spi;
  r.sa_update.encap = encap ? 1 : 0;
  r.sa_update.local = probe_endpoint (end->outer, port);
  r.sa_update.remote = probe_endpoint (other->outer, other_port);
  probe_do (end->probe, &r);
}

static void
test_move (void)
{
  if (connect_ends (&cases[0]))
    {
      g_assert_true (ping (&a, b.inner4));
      a.outer = "192.0.2.3";
      end_socket (&a, &b, 4500);
      end_socket (&b, &a, 4500);
      end_move (&a, &b, TRUE, 4500, 4500);
      end_move (&b, &a, TRUE, 4500, 4500);
      g_assert_true (ping (&a, b.inner4));
      g_assert_true (ping (&b, a.inner6));
      g_assert_cmpuint (packets (&a, a.spi, FALSE), ==, 3); /* counted on, numbered on */
      g_assert_cmpuint (packets (&b, b.spi, FALSE), ==, 3);
      g_assert_cmpuint (count (&a, "ip xfrm state", "192.0.2.1"), ==, 0);
      g_assert_cmpuint (count (&a, "ip xfrm policy", "192.0.2.1"), ==, 0);
      g_assert_cmpuint (count (&b, "ip xfrm policy", "192.0.2.3"), ==, 6);
      g_assert_cmpuint (count (&a, "ip xfrm state", "espinudp"), ==, 2);
    }
  disconnect_ends ();
}

/* The same once more with every case's algorithms, so that all replay states are copied. */
static void
test_move_all (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *c = &cases[i];

      if (c->link != CHANNEL_LINK_XFRM || !connect_ends (c))
        continue;
      g_assert_true (ping (&a, b.inner4));
      end_move (&a, &b, !c->encap, 4500, 4500);
      end_move (&b, &a, !c->encap, 4500, 4500);
      g_assert_true (ping (&a, b.inner4));
      g_assert_true (ping (&a, b.inner6));
      g_assert_cmpuint (packets (&b, b.spi, FALSE), ==, 3);
      disconnect_ends ();
    }
  disconnect_ends ();
}

/* A gateway's socket: for whoever comes. */
static void
end_wildcard_socket (End *end)
{
  const struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons (4500) };
  const int encap = UDP_ENCAP_ESPINUDP;

  close (end->natt);
  enter (end);
  end->natt = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (setsockopt (end->natt, IPPROTO_UDP, UDP_ENCAP, &encap, sizeof encap), ==, 0);
  g_assert_cmpint (bind (end->natt, (const struct sockaddr *) &any, sizeof any), ==, 0);
}

/* A NAT gives the peer another port: the kernel tells, and goes on. */
static void
test_mapping (void)
{
  if (connect_ends (&cases[1]))
    {
      g_autoptr (ChannelMsg) event = NULL;

      g_assert_true (ping (&a, b.inner4));
      end_wildcard_socket (&b);
      end_socket (&a, &b, 5555);
      end_move (&a, &b, TRUE, 5555, 4500);
      ping (&a, b.inner4); /* its answer goes to the old port */
      event = probe_event (b.probe, 10000);
      g_assert_nonnull (event);
      g_assert_cmpint (event->type, ==, CHANNEL_MAPPING);
      g_assert_cmphex (event->mapping.spi, ==, b.spi);
      g_assert_cmpuint (event->mapping.peer.port, ==, 5555);
      g_assert_cmpint (event->mapping.peer.address.family, ==, 4);
    }
  disconnect_ends ();
}

/* Policies without SAs: the packet that wants one is told, when the service has asked for that. */
static void
test_acquire (void)
{
  ChannelMsg begin = PROBE_REQUEST (CHANNEL_BEGIN);
  g_autoptr (ChannelMsg) event = NULL;

  a.outer = "192.0.2.1";
  b.outer = "192.0.2.2";
  a.link[0] = 0;
  enter (&a);
  a.probe = probe_start (helper);
  begin.begin.uuid = "11111111-2222-3333-4444-555555555555";
  probe_do (a.probe, &begin);
  end_install (&a, &b, &cases[0], CHANNEL_SA_POLICIES, 0, 0);
  end_address (&a, &b);
  g_assert_false (run ("ping -n -c 1 -W 1 -I %s %s", a.inner4, b.inner4));
  event = probe_event (a.probe, 10000);
  g_assert_nonnull (event);
  g_assert_cmpint (event->type, ==, CHANNEL_ACQUIRE);
  g_assert_cmpuint (event->acquire.slot, ==, 1);
  g_assert_cmpuint (event->acquire.remote.first.bytes[1], ==, 10);
  end_clear_addresses (&a, &b);
  probe_stop (a.probe);
  a.probe = NULL;
  /* the kernel's own mark of the packet that waits has no SPI, and goes by itself */
  g_assert_cmpuint (count (&a, "ip xfrm policy", "reqid "), ==, 0);
  g_assert_true (run ("ip xfrm state flush"));
}

/* ---- ends ---- */

static void
test_helper_is_killed (void)
{
  if (connect_ends (&cases[0]))
    {
      kill (a.probe->pid, SIGKILL);
      g_assert_true (wait_clean (&a));
      g_assert_true (probe_wait_gone (a.probe->pid, 10000));
      probe_free (a.probe);
      a.probe = NULL;
      close (a.natt);
    }
  disconnect_ends ();
}

static void
test_link_gone (void)
{
  if (connect_ends (&cases[0]))
    {
      g_autoptr (ChannelMsg) event = NULL;

      enter (&a);
      g_assert_true (run ("ip link del %s", a.link));
      event = probe_event (a.probe, 10000);
      g_assert_nonnull (event);
      g_assert_cmpint (event->type, ==, CHANNEL_LINK_GONE);
    }
  disconnect_ends ();
}

static gboolean
kernel_has_esp (void)
{
  enter (&a);
  if (!run ("ip xfrm state add src 192.0.2.1 dst 192.0.2.9 proto esp spi 0x1000 mode tunnel aead rfc4106(gcm(aes)) "
            "0x000102030405060708090a0b0c0d0e0f10111213 128"))
    return FALSE;
  return run ("ip xfrm state flush");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  helper = argv[1];
  if (geteuid () != 0 || !make_cable () || !kernel_has_esp ())
    {
      g_test_message ("needs root and a kernel with ESP: skipped");
      return 77;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/helper/esp/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/helper/esp/rekey", test_rekey);
  g_test_add_func ("/helper/esp/expire", test_expire);
  g_test_add_func ("/helper/esp/move", test_move);
  g_test_add_func ("/helper/esp/move-all", test_move_all);
  g_test_add_func ("/helper/esp/mapping", test_mapping);
  g_test_add_func ("/helper/esp/acquire", test_acquire);
  g_test_add_func ("/helper/esp/helper-is-killed", test_helper_is_killed);
  g_test_add_func ("/helper/esp/link-gone", test_link_gone);
  return g_test_run ();
}
