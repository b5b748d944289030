/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real helper and the kernel's real policies, which any kernel with XFRM takes: many of them. In a network namespace
 * of its own; needs root, and says "skipped" without.
 */
#include "probe.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS 100

static const char *helper;

static guint
policies (void)
{
  return probe_count ("ip xfrm policy", "reqid "); /* in each template; what blocks or passes has none */
}

static Probe *
begin (void)
{
  ChannelMsg request = PROBE_REQUEST (CHANNEL_BEGIN);
  Probe *p = probe_start (helper);

  request.begin.uuid = "11111111-2222-3333-4444-555555555555";
  probe_do (p, &request);
  return p;
}

/* The whole of it, in less than what the process of a connection is given when it ends (session.c). */
static void
expect_end (Probe *p)
{
  ChannelMsg end = PROBE_REQUEST (CHANNEL_END);
  gint64 start = g_get_monotonic_time ();

  probe_do (p, &end);
  g_test_message ("END took %" G_GINT64_FORMAT " ms", (g_get_monotonic_time () - start) / G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (policies (), ==, 0);
}

/* More requests at once than the kernel has room for answers. */
static void
test_many_selectors (void)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SA_INSTALL);
  Probe *p = begin ();

  r.sa_install.slot = 1;
  r.sa_install.parts = CHANNEL_SA_POLICIES;
  r.sa_install.protocol = 3;
  r.sa_install.local = probe_endpoint ("192.0.2.1", 4500);
  r.sa_install.remote = probe_endpoint ("192.0.2.2", 4500);
  r.sa_install.local_ts.n = 1;
  r.sa_install.local_ts.at[0] = probe_prefix ("10.9.0.1/32");
  r.sa_install.remote_ts.n = CHANNEL_MAX_SELECTORS;
  for (guint i = 0; i < CHANNEL_MAX_SELECTORS; i++)
    {
      g_autofree char *net = g_strdup_printf ("10.%u.0.0/24", i);

      r.sa_install.remote_ts.at[i] = probe_prefix (net);
    }
  probe_do (p, &r);
  g_assert_cmpuint (policies (), ==, 3 * CHANNEL_MAX_SELECTORS);
  expect_end (p);
  probe_stop (p);
}

static void
test_many_clients (void)
{
  Probe *p = begin ();

  for (guint i = 1; i <= CLIENTS; i++)
    {
      g_autofree char *address = g_strdup_printf ("10.9.1.%u/32", i);

      probe_install_policies (p, i, "10.0.0.0/16", address);
    }
  g_assert_cmpuint (policies (), ==, 3 * CLIENTS);
  expect_end (p);
  probe_stop (p);
}

/* ---- two connections that want the same packets ---- */

/* Of which slot's policies. */
static guint32
next_acquire (Probe *p)
{
  g_autoptr (ChannelMsg) msg = probe_event (p, 10000);

  g_assert_nonnull (msg);
  g_assert_cmpint (msg->type, ==, CHANNEL_ACQUIRE);
  return msg->acquire.slot;
}

static void
run (const char *command)
{
  int status = 0;

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

static void
send_packet (const char *to)
{
  const ChannelAddress from = probe_address ("10.9.0.1"), address = probe_address (to);
  struct sockaddr_in here = { .sin_family = AF_INET }, there = { .sin_family = AF_INET, .sin_port = htons (9) };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  memcpy (&here.sin_addr, from.bytes, 4);
  memcpy (&there.sin_addr, address.bytes, 4);
  g_assert_cmpint (bind (fd, (const struct sockaddr *) &here, sizeof here), ==, 0);
  (void) sendto (fd, "", 1, 0, (const struct sockaddr *) &there, sizeof there);
  close (fd);
}

/* It has the packets that began last, and when it ends, the other one: its policies are still there. */
static void
test_same_selectors (void)
{
  Probe *a = begin (), *b = begin ();

  run ("ip link add nm-ipsec-a type veth peer name nm-ipsec-b");
  run ("ip link set nm-ipsec-a up");
  run ("ip address add 10.9.0.1/32 dev nm-ipsec-a");
  run ("ip route add 10.0.0.0/8 dev nm-ipsec-a");
  probe_install_policies (a, 1, "10.9.0.1/32", "10.0.0.0/8");
  probe_install_policies (b, 2, "10.9.0.1/32", "10.0.0.0/8");
  g_assert_cmpuint (policies (), ==, 6);
  send_packet ("10.0.0.1");
  g_assert_cmpuint (next_acquire (b), ==, 2);
  probe_install_policies (a, 1, "10.9.0.1/32", "10.0.0.0/8"); /* where they were */
  g_assert_cmpuint (a->events->len, ==, 0);
  probe_stop (b);
  g_assert_cmpuint (policies (), ==, 3);
  send_packet ("10.0.0.2");
  g_assert_cmpuint (next_acquire (a), ==, 1);
  /* and the first may be the first to end */
  b = begin ();
  probe_install_policies (b, 2, "10.9.0.1/32", "10.0.0.0/8");
  probe_stop (a);
  g_assert_cmpuint (policies (), ==, 3);
  send_packet ("10.0.0.3");
  g_assert_cmpuint (next_acquire (b), ==, 2);
  expect_end (b);
  probe_stop (b);
  run ("ip link delete nm-ipsec-a");
}

/* ---- groups ---- */

static ChannelMsg *
install_group (Probe *p, ChannelRule rule)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SA_INSTALL);

  r.sa_install.slot = 1;
  r.sa_install.parts = CHANNEL_SA_POLICIES;
  r.sa_install.rule = (guint8) rule;
  r.sa_install.transport_mode = 1;
  r.sa_install.local_ts.n = r.sa_install.remote_ts.n = 1;
  r.sa_install.local_ts.at[0] = probe_prefix ("0.0.0.0/0");
  r.sa_install.remote_ts.at[0] = probe_prefix ("0.0.0.0/0");
  return probe_call (p, &r);
}

/* What passes in the clear, or is blocked, by a group's policy is so for the whole machine: only who has said that it
 * is a mesh has groups. */
static void
test_groups (void)
{
  Probe *client = begin (), *mesh = begin ();
  ChannelMsg server = PROBE_REQUEST (CHANNEL_SERVER);
  guint before = probe_count ("ip xfrm policy", "dst 0.0.0.0/0");

  for (ChannelRule rule = CHANNEL_RULE_TRAP; rule <= CHANNEL_RULE_SHUNT_BLOCK; rule++)
    probe_expect_failed (install_group (client, rule), CHANNEL_ERROR_INVALID, "Only a mesh has groups");
  g_assert_cmpuint (probe_count ("ip xfrm policy", "dst 0.0.0.0/0"), ==, before);
  server.server.users = server.server.user = server.server.pam = "";
  probe_do (mesh, &server);
  for (ChannelRule rule = CHANNEL_RULE_TRAP; rule <= CHANNEL_RULE_SHUNT_BLOCK; rule++)
    {
      g_autoptr (ChannelMsg) answer = install_group (mesh, rule);

      g_assert_cmpint (answer->type, ==, CHANNEL_DONE);
    }
  g_assert_cmpuint (probe_count ("ip xfrm policy", "dst 0.0.0.0/0"), >, before);
  probe_stop (client);
  probe_stop (mesh);
}

/* ---- what others have ---- */

/* A number may have our form and be somebody else's: what is left of a dead helper is known by more than that. */
static void
test_nexthops_of_others (void)
{
  const guint dead = 0x7fffff00; /* as if a helper had been process 4194303 */
  g_autofree char *theirs = g_strdup_printf ("ip nexthop add id %u blackhole", dead);
  g_autofree char *ours = g_strdup_printf ("ip nexthop add id %u blackhole protocol 137", dead + 1);
  Probe *p;

  if (system (theirs) != 0)
    {
      g_test_skip ("this kernel has no nexthops");
      return;
    }
  run (ours);
  g_assert_cmpuint (probe_count ("ip nexthop", "blackhole"), ==, 2);
  p = begin ();
  g_assert_cmpuint (probe_count ("ip nexthop", "blackhole"), ==, 1);
  g_assert_cmpuint (probe_count ("ip nexthop", "protocol 137"), ==, 0);
  probe_stop (p);
  g_assert_cmpuint (probe_count ("ip nexthop", "blackhole"), ==, 1);
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
  g_test_add_func ("/helper/policies/many-selectors", test_many_selectors);
  g_test_add_func ("/helper/policies/many-clients", test_many_clients);
  g_test_add_func ("/helper/policies/same-selectors", test_same_selectors);
  g_test_add_func ("/helper/policies/groups", test_groups);
  g_test_add_func ("/helper/policies/nexthops-of-others", test_nexthops_of_others);
  return g_test_run ();
}
