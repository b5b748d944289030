/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kill switch: what the helper is told, and when. */
#include "manager.h"

#include <string.h>

#define PSK LIST ("psk=an excellent secret")
#define ALL "protect 0.0.0.0-255.255.255.255 protect ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"

static guint
at (const char *call)
{
  for (guint i = 0; i < world->calls->len; i++)
    if (g_pattern_match_simple (call, world->calls->pdata[i]))
      return i + 1;
  g_error ("never: %s", call);
}

static void
test_none (void)
{
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=psk"), PSK));
  world_wait ("start *", 1);
  world_driver_up ("10.9.0.5/32");
  manager_disconnect ();
  world_wait ("end", 1);
  g_assert_cmpuint (world_count ("guard*"), ==, 0);
  g_assert_cmpuint (world_count ("begin * guarded"), ==, 0);
}

/* From BEGIN to END, before anything is sent; and a deactivation ends it. */
static void
test_life (void)
{
  manager_connect (manager_connection (
      LIST ("gateway=192.0.2.1", "auth=psk", "kill-switch=yes", "kill-switch-except=192.168.0.0/16"), PSK));
  world_wait ("start *", 1);
  g_assert_cmpuint (at ("begin * guarded"), <, at ("guard *"));
  g_assert_cmpuint (at ("guard *"), <, at ("link *"));
  g_assert_cmpuint (world_count ("guard " ALL " except 192.168.0.0-192.168.255.255"), ==, 1);
  world_driver_up ("10.9.0.5/32");
  world_settle ();
  /* the same addresses, and the gateway has taken them all */
  g_assert_cmpuint (world_count ("guard " ALL " except *"), ==, 2);
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_driver_up ("10.9.0.5/32");
  world_settle ();
  g_assert_cmpuint (world_count ("guard keep"), ==, 0);
  manager_disconnect ();
  world_wait ("end", 1);
  g_assert_cmpuint (world_count ("guard keep"), ==, 0);
}

/* NetworkManager ends who is not persistent when the uplink goes, and cannot be told from the user. */
static void
assert_warned (gboolean persistent, guint expected)
{
  guint n = 0;

  manager_connect (manager_connection_with (LIST ("gateway=192.0.2.1", "auth=psk", "kill-switch=yes"), PSK, NULL,
                                            g_variant_new_parsed ("[{'persistent', <%b>}]", persistent)));
  world_wait ("start *", 1);
  for (guint i = 0; i < world->log->len; i++)
    n += g_pattern_match_simple ("4 * kill-switch: without vpn.persistent *", world->log->pdata[i]);
  g_assert_cmpuint (n, ==, expected);
}

static void
test_persistent (void)
{
  assert_warned (TRUE, 0);
}

static void
test_not_persistent (void)
{
  assert_warned (FALSE, 1);
}

/* What the network of the tunnel may send into its link is said while the tunnel stands. */
static void
test_inside (void)
{
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=psk", "kill-switch=yes"), PSK));
  world_wait ("start *", 1);
  world_driver_up ("10.9.0.5/32 fd00::5/128");
  world_settle ();
  g_assert_cmpuint (world_count ("guard * inside fd00::5-fd00::5"), ==, 1);
  g_assert_cmpuint (world_count ("guard * inside 10*"), ==, 0);
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_settle ();
  g_assert_false (strstr (world->calls->pdata[world->calls->len - 1], "inside"));
}

/* Everything is blocked but a name must be looked up: only for so long. */
static void
test_names (void)
{
  world->hold[ASKED_RESOLVE] = TRUE;
  manager_connect (manager_connection (LIST ("gateway=vpn.example.org", "auth=psk", "kill-switch=yes"), PSK));
  world_wait ("guard *", 1);
  g_assert_cmpuint (world_count ("guard " ALL " names"), ==, 1);
  world_release (ASKED_RESOLVE);
  world_wait ("start *", 1);
  g_assert_cmpuint (world_count ("guard " ALL), ==, 1);
  world_driver_up ("10.9.0.5/32");
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_driver_stalled (IKE_REASON_NO_RESPONSE);
  world_wait ("start *", 2);
  g_assert_cmpuint (world_count ("guard " ALL " names"), ==, 2);
  g_assert_cmpuint (world_count ("guard *"), >=, 4);
  g_assert_false (g_str_has_suffix (world->calls->pdata[world->calls->len - 1], "names"));
}

/* The gateway may name another one, whatever the profile has. */
static void
test_sent_on (void)
{
  const IkeAddress other = { IKE_FAMILY_IP4, { 192, 0, 2, 9 } };
  const DriverEvents *events;
  gpointer data;

  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=psk", "kill-switch=yes"), PSK));
  world_wait ("start *", 1);
  events = world_driver_events (&data);
  events->sent_on (NULL, data);
  g_assert_cmpuint (world_count ("guard " ALL " names"), ==, 1);
  events->sent_on (&other, data);
  g_assert_cmpuint (world_count ("guard *"), ==, 3);
  g_assert_cmpuint (world_count ("guard " ALL), ==, 2);
}

static void
test_some_need_no_names (void)
{
  manager_connect (manager_connection (
      LIST ("gateway=vpn.example.org", "auth=psk", "kill-switch=yes", "remote-ts=10.0.0.0/8"), PSK));
  world_wait ("start *", 1);
  g_assert_cmpuint (world_count ("guard protect 10.0.0.0-10.255.255.255"), ==, 1);
  g_assert_cmpuint (world_count ("guard * names"), ==, 0);
}

/* Between hosts it is the other host that is protected. */
static void
test_hosts (void)
{
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "role=peer", "auth=psk", "kill-switch=yes"), PSK));
  world_wait ("start *", 1);
  g_assert_cmpuint (world_count ("guard"), ==, 1);
  g_assert_cmpuint (world_count ("guard protect 192.0.2.1-192.0.2.1"), ==, 1);
}

/* The first time nothing was there that could be protected; later, what ends it is not the user. */
static void
test_failures (void)
{
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=psk", "kill-switch=yes"), PSK));
  world_wait ("start *", 1);
  world_driver_down (IKE_REASON_PEER_REFUSED_US, NULL);
  world_wait ("end", 1);
  g_assert_cmpuint (world_count ("guard keep"), ==, 0);
}

static void
test_failure_later (void)
{
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=psk", "kill-switch=yes"), PSK));
  world_wait ("start *", 1);
  world_driver_up ("10.9.0.5/32");
  world_settle ();
  world_driver_down (IKE_REASON_PEER_REFUSED_US, NULL);
  world_wait ("end", 1);
  g_assert_cmpuint (world_count ("guard keep"), ==, 1);
  g_assert_cmpuint (at ("guard keep"), <, at ("end"));
}

/* Without it the connection is not what was asked for. */
static void
test_refused (void)
{
  world_fail (ASKED_GUARD, G_IO_ERROR, G_IO_ERROR_FAILED, "no policies here");
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=psk", "kill-switch=yes"), PSK));
  world_wait ("end", 1);
  g_assert_cmpuint (world_count ("start *"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  manager_test ("/guard/none", test_none);
  manager_test ("/guard/life", test_life);
  manager_test ("/guard/persistent", test_persistent);
  manager_test ("/guard/not-persistent", test_not_persistent);
  manager_test ("/guard/inside", test_inside);
  manager_test ("/guard/names", test_names);
  manager_test ("/guard/sent-on", test_sent_on);
  manager_test ("/guard/some-need-no-names", test_some_need_no_names);
  manager_test ("/guard/hosts", test_hosts);
  manager_test ("/guard/failures", test_failures);
  manager_test ("/guard/failure-later", test_failure_later);
  manager_test ("/guard/refused", test_refused);
  return g_test_run ();
}
