/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reconnection in place, with addresses that change, and the ends of a connection that was up. */
#include "manager.h"

#include "nm/gateways.h"

#include <string.h>

#define PSK_DATA LIST ("gateway=192.0.2.1", "auth=psk")
#define PSK LIST ("psk=an excellent secret")
#define DUAL "10.9.0.5/32 fd00::5/128"

static void
up (const char *addresses)
{
  manager_connect (manager_connection (PSK_DATA, PSK));
  world_wait ("start *", 1);
  world_driver_up (addresses);
  manager_forget ();
}

/* NetworkManager had both: of one that has gone it is told that nothing leads anywhere, or it would keep all of it. */
static void
assert_family (const char *has_key, GVariant *family, gboolean there)
{
  g_autoptr (GVariant) address = g_variant_lookup_value (family, "address", NULL);
  g_autoptr (GVariant) routes = g_variant_lookup_value (family, "routes", NULL);
  gboolean has, never_default;

  g_assert_true (g_variant_lookup (manager->config, has_key, "b", &has) && has);
  g_assert_true (g_variant_lookup (family, "never-default", "b", &never_default));
  g_assert_cmpint (never_default, ==, !there);
  g_assert_nonnull (address);
  /* to its own address, every other time */
  g_assert_cmpuint (routes ? g_variant_n_children (routes) : 0, <=, there ? 2 : 1);
}

static void
assert_families (gboolean ip4, gboolean ip6)
{
  assert_family ("has-ip4", manager->ip4, ip4);
  assert_family ("has-ip6", manager->ip6, ip6);
}

/* The last state is STARTED, after everything: NetworkManager does not wait for ever. */
static void
assert_started (guint n)
{
  manager_sync ();
  g_assert_cmpuint (manager_count ("StateChanged 4"), ==, n);
  g_assert_cmpuint (manager_count ("Failure *"), ==, 0);
}

static void
test_same (void)
{
  up ("10.9.0.5/32");
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  manager_sync ();
  manager_expect ("");
  /* told, but not as a failure */
  g_assert_cmpuint (world->errors_logged, ==, 0);
  g_assert_true (g_str_has_prefix (world->log->pdata[world->log->len - 1], "4 PEER_DEAD " TEST_UUID));
  world_driver_up ("10.9.0.6/32");
  manager_expect ("StateChanged 3; Config; Ip4Config; StateChanged 4");
  g_assert_cmpuint (world_count ("start *"), ==, 1);
}

static void
test_families_change (void)
{
  static const struct {
    const char *addresses;
    gboolean ip4, ip6;
  } steps[] = {
    { "10.9.0.5/32", TRUE, FALSE }, { DUAL, TRUE, TRUE }, { "fd00::5/128", FALSE, TRUE },
    { DUAL, TRUE, TRUE },           { "", FALSE, FALSE }, { "10.9.0.5/32", TRUE, FALSE },
  };

  up (DUAL);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      manager_forget ();
      world_driver_reconnecting (IKE_REASON_NO_RESPONSE);
      manager_sync ();
      manager_expect ("");
      world_driver_up (steps[i].addresses);
      assert_started (1);
      assert_families (steps[i].ip4, steps[i].ip6);
      g_assert_cmpuint (manager_count ("Config"), ==, 1);
      g_assert_cmpuint (manager_count ("Ip4Config"), ==, 1);
      g_assert_cmpuint (manager_count ("Ip6Config"), ==, 1);
    }
}

/* New DNS without a reconnection: NetworkManager has to leave "activated" to apply it. */
static void
test_changed_without_reconnecting (void)
{
  up ("10.9.0.5/32");
  world_driver_up ("10.9.0.7/32");
  manager_expect ("StateChanged 3; Config; Ip4Config; StateChanged 4");
}

static void
test_reconnecting_twice (void)
{
  up ("10.9.0.5/32");
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_driver_reconnecting (IKE_REASON_NO_RESPONSE);
  manager_sync ();
  manager_expect ("");
}

/* It was connected until then, so that NetworkManager takes the name servers back. */
static void
test_reconnecting_fails (void)
{
  up ("10.9.0.5/32");
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_driver_down (IKE_REASON_NO_PROPOSAL_CHOSEN, "x");
  manager_expect ("StateChanged 5; Failure 1; StateChanged 6");
  g_assert_cmpuint (world->errors_logged, ==, 1);
  manager_wait_quit ();
}

/* A network that fails later is not a reason to try the next gateway behind the user's back. */
static void
test_no_fallback_later (void)
{
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1, 192.0.2.2", "auth=psk"), PSK));
  world_wait ("start *", 1);
  world_driver_up ("10.9.0.5/32");
  manager_forget ();
  world_driver_down (IKE_REASON_NO_RESPONSE, "x");
  manager_expect ("StateChanged 5; Failure 1; StateChanged 6");
  g_assert_cmpuint (world_count ("start *"), ==, 1);
}

static void
test_gateway_says_goodbye (void)
{
  up ("10.9.0.5/32");
  world_driver_reconnecting (IKE_REASON_PEER_DELETED);
  manager_expect ("StateChanged 5; Failure 1; StateChanged 6");
  manager_wait_quit ();
  g_assert_cmpuint (world->errors_logged, ==, 1);
  g_assert_cmpuint (world->drivers, ==, 0);
}

static void
test_gateway_says_goodbye_persistent (void)
{
  manager_connect (manager_connection_with (PSK_DATA, PSK, NULL, g_variant_new_parsed ("[{'persistent', <true>}]")));
  world_wait ("start *", 1);
  world_driver_up ("10.9.0.5/32");
  manager_forget ();
  world_driver_reconnecting (IKE_REASON_PEER_DELETED);
  manager_sync ();
  manager_expect ("");
  world_driver_up ("10.9.0.5/32");
  assert_started (1);
}

/* One address: the driver goes on by itself. */
static void
test_stalled_address (void)
{
  up (DUAL);
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_driver_stalled (IKE_REASON_NO_RESPONSE);
  manager_sync ();
  g_assert_cmpuint (world_count ("start *"), ==, 1);
  g_assert_cmpuint (world->drivers, ==, 1);
}

/* A name is looked up again, all gateways are tried, again and again; NetworkManager is not told that it ends. */
static void
test_stalled_names (void)
{
  const GHashTable *kept;

  manager_connect (manager_connection (LIST ("gateway=vpn.example.com,192.0.2.9", "auth=psk"), PSK));
  world_wait ("start *", 1);
  kept = world->start->kept;
  world_driver_up (DUAL);
  manager_forget ();
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_driver_stalled (IKE_REASON_NO_RESPONSE);
  world_wait ("resolve vpn.example.com", 2);
  world_wait ("start *", 2);
  g_assert_true (kept && world->start->kept == kept);
  world_driver_down (IKE_REASON_NO_RESPONSE, NULL);
  world_wait ("start 192.0.2.9*", 1);
  world_driver_down (IKE_REASON_UNREACHABLE, NULL);
  manager_sync ();
  g_assert_cmpuint (world->drivers, ==, 0);
  world_advance (2000);
  world_wait ("resolve vpn.example.com", 3);
  world_wait ("start *", 4);
  world_driver_up ("10.9.0.5/32");
  assert_started (1);
}

/* No more often than the user wants. */
static void
test_stalled_tries (void)
{
  manager_connect (manager_connection (LIST ("gateway=vpn.example.com", "auth=psk", "keyingtries=2"), PSK));
  world_wait ("start *", 1);
  world_driver_up (DUAL);
  manager_forget ();
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_driver_stalled (IKE_REASON_NO_RESPONSE);
  world_wait ("start *", 2);
  world_driver_down (IKE_REASON_NO_RESPONSE, NULL);
  manager_sync ();
  world_advance (2000);
  world_wait ("start *", 3);
  world_driver_down (IKE_REASON_NO_RESPONSE, NULL);
  manager_wait_quit ();
  g_assert_cmpuint (world->errors_logged, ==, 1);
  g_assert_cmpuint (world->drivers, ==, 0);
}

/* The time for looking up is for that round, and a round counts once. */
static void
test_stalled_rounds (void)
{
  manager_connect (manager_connection (LIST ("gateway=vpn.example.com", "auth=psk", "keyingtries=4"), PSK));
  world_wait ("start *", 1);
  world_driver_up (DUAL);
  manager_forget ();
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_driver_stalled (IKE_REASON_NO_RESPONSE);
  world_wait ("start *", 2);
  world_driver_down (IKE_REASON_NO_RESPONSE, NULL);
  manager_sync ();
  /* a name server that takes a second, and would have been given half of that */
  world->hold[ASKED_RESOLVE] = TRUE;
  world_advance (2000);
  world_wait ("resolve vpn.example.com", 3);
  world_advance (1000);
  world_release (ASKED_RESOLVE);
  world_wait ("start *", 3);
  world_driver_down (IKE_REASON_NO_RESPONSE, NULL);
  manager_sync ();
  /* nothing happens until the second round's four seconds are over */
  world_advance (3000);
  g_assert_cmpuint (world_count ("resolve *"), ==, 3);
  world_advance (1000);
  world_wait ("resolve vpn.example.com", 4);
  world_wait ("start *", 4);
  world_driver_down (IKE_REASON_NO_RESPONSE, NULL);
  manager_sync ();
  world_advance (8000);
  world_wait ("start *", 5);
  world_driver_up (DUAL);
  assert_started (1);
}

static void
up_by_name (void)
{
  manager_connect (manager_connection (LIST ("gateway=vpn.example.com", "auth=psk"), PSK));
  world_wait ("start *", 1);
  world_driver_up (DUAL);
  manager_forget ();
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
}

/* NetworkManager asks the name servers behind the tunnel, and the tunnel is dead: the addresses of before are tried. */
static void
test_stalled_no_name_server (void)
{
  up_by_name ();
  world_fail (ASKED_RESOLVE, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE, "x");
  world_driver_stalled (IKE_REASON_NO_RESPONSE);
  world_wait ("resolve vpn.example.com", 2);
  world_wait ("start 192.0.2.1*", 2);
  /* nor does it matter that nothing is answered at all */
  world->hold[ASKED_RESOLVE] = TRUE;
  world_driver_down (IKE_REASON_NO_RESPONSE, NULL);
  manager_sync ();
  world_advance (2000);
  world_wait ("resolve vpn.example.com", 3);
  g_assert_cmpuint (world_count ("start *"), ==, 2);
  world_advance (2500);
  world_wait ("start 192.0.2.1*", 3);
  world_release (ASKED_RESOLVE);
  /* or that a captive portal knows no names */
  world_driver_down (IKE_REASON_NO_RESPONSE, NULL);
  manager_sync ();
  world_fail (ASKED_RESOLVE, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "x");
  world_advance (4000);
  world_wait ("start 192.0.2.1*", 4);
  world_driver_up (DUAL);
  assert_started (1);
}

/* What filters names answers with an address that is nobody's: that is no gateway's. */
static void
test_stalled_filtered (void)
{
  static const char *const nobodys[] = { "0.0.0.0", "127.0.0.1", "::", "::1", "224.0.0.1", "ff02::1" };

  up_by_name ();
  world_driver_stalled (IKE_REASON_NO_RESPONSE);
  for (guint i = 0; i < G_N_ELEMENTS (nobodys); i++)
    {
      world_wait ("start 192.0.2.1*", i + 2);
      world->resolves_to = nobodys[i];
      world_driver_down (IKE_REASON_NO_RESPONSE, NULL);
      manager_sync ();
      world_advance (GATEWAYS_WAIT_LONGEST * 1000);
    }
  world_wait ("start 192.0.2.1*", G_N_ELEMENTS (nobodys) + 2);
  g_assert_cmpuint (world_count ("start *"), ==, G_N_ELEMENTS (nobodys) + 2);
  world_driver_up (DUAL);
  assert_started (1);
}

/* A gateway that has just started, or has no address to give for a moment, may do so next time. */
static void
test_stalled_refusals (void)
{
  static const IkeReasonCode passing[] = { IKE_REASON_ADDRESS_FAILURE,    IKE_REASON_CERT_STATUS,
                                           IKE_REASON_TS_UNACCEPTABLE,    IKE_REASON_PUZZLE,
                                           IKE_REASON_NO_PROPOSAL_CHOSEN, IKE_REASON_COOKIE_LOOP };

  up_by_name ();
  world_driver_stalled (IKE_REASON_NO_RESPONSE);
  for (guint i = 0; i < G_N_ELEMENTS (passing); i++)
    {
      world_wait ("start *", i + 2);
      world_driver_down (passing[i], NULL);
      manager_sync ();
      manager_expect ("");
      world_advance (GATEWAYS_WAIT_LONGEST * 1000);
    }
  world_wait ("start *", G_N_ELEMENTS (passing) + 2);
  g_assert_cmpuint (world->errors_logged, ==, 0);
  world_driver_down (IKE_REASON_PEER_AUTH_WRONG, NULL);
  manager_expect ("StateChanged 5; Failure 1; StateChanged 6");
  manager_wait_quit ();
  g_assert_cmpuint (world->errors_logged, ==, 1);
}

/* The network comes back: nobody waits for the end of the pause, which has become long by then; nor less than 2 s. */
static void
test_stalled_network_back (void)
{
  up_by_name ();
  g_assert_false (world_network_changes ()); /* the driver listens itself */
  world_driver_stalled (IKE_REASON_NO_RESPONSE);
  for (guint i = 0, pause = 2000; i < 3; i++, pause *= 2)
    {
      world_wait ("start *", i + 2);
      world_driver_down (IKE_REASON_UNREACHABLE, NULL);
      manager_sync ();
      if (i < 2)
        world_advance (pause);
    }
  world_advance (1500);
  g_assert_true (world_network_changes ());
  g_assert_true (world_network_changes ());
  world_settle ();
  g_assert_cmpuint (world_count ("start *"), ==, 4);
  world_advance (500);
  world_wait ("start *", 5);
  world_driver_up (DUAL);
  assert_started (1);
}

/* Somebody removes the interface: routes went with it, and nothing may leave in the clear unnoticed. */
static void
test_link_gone (void)
{
  up (DUAL);
  world_link_goes ();
  manager_expect ("StateChanged 5; Failure 1; StateChanged 6");
  world_wait ("end", 1);
  manager_wait_quit ();
  g_assert_cmpuint (world->errors_logged, ==, 1);
  g_assert_true (g_str_has_prefix (world->log->pdata[world->log->len - 1], "3 LINK_GONE "));
  g_assert_cmpuint (world->drivers, ==, 0);
}

/* Also while it is being made anew. */
static void
test_link_gone_meanwhile (void)
{
  up (DUAL);
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_link_goes ();
  manager_expect ("StateChanged 5; Failure 1; StateChanged 6");
  world_wait ("end", 1);
}

static void
say_sleep (gboolean begins)
{
  g_assert_true (g_dbus_connection_emit_signal (manager->bus, NULL, "/org/freedesktop/login1",
                                                "org.freedesktop.login1.Manager", "PrepareForSleep",
                                                g_variant_new ("(b)", begins), NULL));
}

/* After a sleep the tunnel is looked after, or, in a pause between two attempts, tried again; who is not logind has
 * nothing to say about that. */
static void
test_sleep (void)
{
  g_autoptr (GVariant) reply = NULL;

  up_by_name ();
  say_sleep (FALSE);
  manager_sync ();
  g_assert_cmpuint (world_count ("check"), ==, 0);
  reply = g_dbus_connection_call_sync (manager->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", "org.freedesktop.login1", 4u), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_assert_nonnull (reply);
  say_sleep (TRUE);
  manager_sync ();
  g_assert_cmpuint (world_count ("check"), ==, 0);
  say_sleep (FALSE);
  world_wait ("check", 1);
  world_driver_stalled (IKE_REASON_NO_RESPONSE);
  world_wait ("start *", 2);
  world_driver_down (IKE_REASON_NO_RESPONSE, NULL);
  manager_sync ();
  world_advance (2000);
  world_wait ("start *", 3);
  world_driver_down (IKE_REASON_NO_RESPONSE, NULL);
  manager_sync ();
  world_advance (2000); /* of four seconds */
  say_sleep (FALSE);
  world_wait ("start *", 4);
  world_driver_up (DUAL);
  assert_started (1);
}

static void
test_can_persist (void)
{
  gboolean can = FALSE;

  up ("10.9.0.5/32");
  g_assert_true (g_variant_lookup (manager->config, "can-persist", "b", &can));
  g_assert_true (can);
}

static void
test_mtu (void)
{
  guint mtu = 0;

  up ("10.9.0.5/32");
  g_assert_true (g_variant_lookup (manager->config, "mtu", "u", &mtu));
  g_assert_cmpuint (mtu, ==, 1320);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  manager_test ("/reconnect/same", test_same);
  manager_test ("/reconnect/families-change", test_families_change);
  manager_test ("/reconnect/changed-without-reconnecting", test_changed_without_reconnecting);
  manager_test ("/reconnect/twice", test_reconnecting_twice);
  manager_test ("/reconnect/fails", test_reconnecting_fails);
  manager_test ("/reconnect/no-fallback-later", test_no_fallback_later);
  manager_test ("/reconnect/gateway-says-goodbye", test_gateway_says_goodbye);
  manager_test ("/reconnect/gateway-says-goodbye-persistent", test_gateway_says_goodbye_persistent);
  manager_test ("/reconnect/stalled-address", test_stalled_address);
  manager_test ("/reconnect/stalled-names", test_stalled_names);
  manager_test ("/reconnect/stalled-tries", test_stalled_tries);
  manager_test ("/reconnect/stalled-rounds", test_stalled_rounds);
  manager_test ("/reconnect/stalled-no-name-server", test_stalled_no_name_server);
  manager_test ("/reconnect/filtered", test_stalled_filtered);
  manager_test ("/reconnect/stalled-refusals", test_stalled_refusals);
  manager_test ("/reconnect/stalled-network-back", test_stalled_network_back);
  manager_test ("/reconnect/link-gone", test_link_gone);
  manager_test ("/reconnect/link-gone-meanwhile", test_link_gone_meanwhile);
  manager_test ("/reconnect/sleep", test_sleep);
  manager_test ("/reconnect/can-persist", test_can_persist);
  manager_test ("/reconnect/mtu", test_mtu);
  return g_test_run ();
}
