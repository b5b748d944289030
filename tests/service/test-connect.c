/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main job and its wrong orders. */
#include "manager.h"
#include "nm/vpn-error.h"

#include <string.h>

#define PSK_DATA LIST ("gateway=192.0.2.1", "auth=psk")
#define PSK LIST ("psk=an excellent secret")
#define UP "StateChanged 3; Config; Ip4Config; StateChanged 4"
#define STOPPED "; StateChanged 5; StateChanged 6"

static void
connect_and_up (void)
{
  manager_connect (manager_connection (PSK_DATA, PSK));
  world_wait ("start *", 1);
  world_driver_up ("10.9.0.5/32");
}

static void
test_up_and_down (void)
{
  gboolean has;

  connect_and_up ();
  manager_expect (UP);
  g_assert_cmpstr (world->calls->pdata[0], ==, "begin " TEST_UUID);
  g_assert_cmpstr (world->calls->pdata[1], ==, "link auto -");
  g_assert_cmpstr (world->calls->pdata[2], ==, "start 192.0.2.1:500");
  g_assert_cmpstr (world->calls->pdata[3], ==, "remember 192.0.2.1 31");
  g_assert_cmpstr (world->calls->pdata[4], ==, "clamp 1280 1260");
  g_assert_cmpstr (world->calls->pdata[5], ==, "probe 1400");
  g_assert_cmpuint (world->calls->len, ==, 6);
  g_assert_true (g_variant_lookup (manager->config, "has-ip4", "b", &has));
  g_assert_true (has);
  g_assert_true (g_variant_lookup (manager->config, "has-ip6", "b", &has));
  g_assert_false (has);
  /* copied by libnm into the family's dictionary too */
  g_assert_true (g_variant_lookup (manager->config, "tundev", "s", NULL));
  g_assert_cmpuint (world->errors_logged, ==, 0);

  manager_disconnect ();
  world_wait ("end", 1);
  manager_wait_quit ();
  manager_expect (UP STOPPED);
  g_assert_cmpint (manager->status, ==, 0);
  g_assert_cmpstr (world->calls->pdata[6], ==, "stop");
  g_assert_cmpstr (world->calls->pdata[7], ==, "free");
  g_assert_cmpstr (world->calls->pdata[8], ==, "end");
  g_assert_cmpuint (world->errors_logged, ==, 0);
}

static void
assert_status (const char *wanted)
{
  g_autoptr (GVariant) status = manager_status ();
  g_autofree char *text = g_variant_print (status, FALSE);

  g_assert_cmpstr (text, ==, wanted);
}

/* What the helper's door is told, before, meanwhile, and at last. */
static void
test_status (void)
{
  assert_status ("[]");
  world->hold[ASKED_LINK] = TRUE;
  manager_connect (manager_connection (PSK_DATA, PSK));
  assert_status ("[{'uuid': <'" TEST_UUID "'>, 'name': <'office'>, 'gateway': <''>, 'state': <'preparing'>, 'sas': "
                 "<@aa{sv} []>}]");
  world_release (ASKED_LINK);
  world_wait ("start *", 1);
  world_driver_up ("10.9.0.5/32");
  manager_expect (UP);
  assert_status ("[{'uuid': <'" TEST_UUID "'>, 'name': <'office'>, 'gateway': <'192.0.2.1'>, 'state': <'up'>, 'sas': "
                 "<[{'state': <'ESTABLISHED'>}]>}]");
  manager_disconnect ();
  manager_wait_quit ();
}

static void
test_config (void)
{
  const IkeConfig *config;

  manager_connect (manager_connection (PSK_DATA, PSK));
  world_wait ("start *", 1);
  config = world->start->config;
  g_assert_cmpint (config->role, ==, IKE_ROLE_INITIATOR);
  g_assert_cmpint (config->local_auth, ==, IKE_AUTH_PSK);
  g_assert_cmpint (config->remote_auth, ==, IKE_AUTH_PSK);
  g_assert_null (config->local_id);
  g_assert_cmpint (config->remote_id->type, ==, IKE_ID_IPV4_ADDR);
  g_assert_false (config->send_remote_id);
  g_assert_true (config->want_address4);
  g_assert_cmpuint (config->proposals->len, >, 0);
  g_assert_cmpuint (config->child_proposals->len, >, 0);
  g_assert_cmpuint (config->child.local_ts->len, ==, 0);
  g_assert_cmpuint (config->child.remote_ts->len, ==, 2);
  g_assert_cmpint (config->retransmit_timeout, ==, 0);
  g_assert_cmpint (config->init_timeout, ==, 0);
  g_assert_null (world->start->credentials);
  g_assert_cmpuint (world->start->local.port, ==, 0);
  g_assert_cmpuint (world->start->local.address.family, ==, IKE_FAMILY_NONE);
}

/* TCP's segments: what fits, what the profile says, or whatever others do. */
static void
segments (const char *key, const char *told)
{
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=psk", key), PSK));
  world_wait ("start *", 1);
  world_driver_up ("10.9.0.5/32");
  g_assert_cmpuint (world_count ("clamp *"), ==, told != NULL);
  g_assert_true (!told || world_count (told) == 1);
  manager_disconnect ();
  world_wait ("end", 1);
}

static void
test_segments (void)
{
  segments ("mtu=1000", "clamp 960 1220");
}

static void
test_segments_given (void)
{
  segments ("mss-clamp=1200", "clamp 1200 1200");
}

static void
test_segments_free (void)
{
  segments ("mss-clamp=no", NULL);
}

static void
test_all_at_once (void)
{
  world->hold[ASKED_BEGIN] = world->hold[ASKED_LINK] = world->hold[ASKED_RESOLVE] = world->hold[ASKED_CREDENTIALS] =
      TRUE;
  manager_connect (
      manager_connection (LIST ("gateway=vpn.example.org", "auth=eap", "user=alice"), LIST ("password=x")));
  /* nothing has been answered, everything has been asked */
  g_assert_cmpuint (world_count ("begin *"), ==, 1);
  g_assert_cmpuint (world_count ("link *"), ==, 1);
  g_assert_cmpuint (world_count ("resolve vpn.example.org"), ==, 1);
  g_assert_cmpuint (world_count ("credentials - - system - -"), ==, 1);
  world_release (ASKED_CREDENTIALS);
  world_release (ASKED_RESOLVE);
  world_release (ASKED_LINK);
  world_settle ();
  g_assert_cmpuint (world_count ("start *"), ==, 0);
  world_release (ASKED_BEGIN);
  world_settle ();
  g_assert_cmpuint (world_count ("start *"), ==, 1);
  manager_expect ("StateChanged 3");
}

static void
test_interface (void)
{
  manager_connect (manager_connection_with (LIST ("gateway=192.0.2.1", "auth=psk", "interface=none"), PSK,
                                            g_variant_new_parsed ("[{'interface-name', <'vpn7'>}]"), NULL));
  g_assert_cmpuint (world_count ("link none vpn7"), ==, 1);
}

#define CKAID "00112233445566778899aabbccddeeff00112233"

static GVariant *
permissions (gboolean several)
{
  return g_variant_new_parsed (several ? "[{'permissions', <['user:alice:', 'user:bob:']>}]"
                                       : "[{'permissions', <['user:alice:']>}]");
}

/* Whatever a private connection has the helper open, its user must be able to. */
static const struct {
  const char *data, *call;
} private[] = {
  { "auth=eap|user=alice|ca=/home/alice/ca.pem", "credentials - - /home/alice/ca.pem - alice" },
  { "auth=psk|ppk=yes|ppk-id=a|ppk-file=/etc/pad", "pad /etc/pad alice" },
  { "auth=rsa|remote-auth=rsa|local-rsa-key=" CKAID "|remote-rsa-key=" CKAID,
    "credentials - ckaid:" CKAID " ckaid:" CKAID " - alice" },
};

static GVariant *
private_connection (guint i, gboolean several)
{
  g_autofree char *text = g_strconcat ("gateway=192.0.2.1|", private[i].data, NULL);
  g_auto (GStrv) data = g_strsplit (text, "|", -1);

  return manager_connection_with ((const char *const *) data, LIST ("password=x", "psk=an excellent secret"),
                                  permissions (several), NULL);
}

static void
connect_private (guint i)
{
  manager_connect (private_connection (i, FALSE));
  g_assert_cmpuint (world_count (private[i].call), ==, 1);
}

static void
test_private_files (void)
{
  connect_private (0);
}

static void
test_private_pad (void)
{
  connect_private (1);
}

static void
test_private_keys (void)
{
  connect_private (2);
}

static void
refuse_several (guint i)
{
  g_autofree char *error =
      manager_call ("Connect", g_variant_new ("(@a{sa{sv}})", private_connection (i, TRUE)));

  g_assert_nonnull (strstr (error, "connection.permissions"));
  g_assert_cmpuint (world->calls->len, ==, 0);
  manager_wait_quit ();
}

static void
test_several_files (void)
{
  refuse_several (0);
}

static void
test_several_pad (void)
{
  refuse_several (1);
}

static void
test_several_keys (void)
{
  refuse_several (2);
}

/* The system's authorities, and what the connection itself holds, are nobody's file. */
static void
test_several_without (void)
{
  manager_connect (manager_connection_with (LIST ("gateway=192.0.2.1", "auth=eap", "user=alice",
                                                  "eap-ca=data:application/x-x509-ca-cert;base64,MAA="),
                                            LIST ("password=x"), permissions (TRUE), NULL));
  world_wait ("start *", 1);
  g_assert_cmpuint (world_count ("credentials - - system - -"), ==, 1);
  g_assert_cmpuint (world_count ("credentials - - data:* - -"), ==, 1);
}

static void
assert_error (char *take_error, const char *prefix)
{
  g_autofree char *error = take_error;

  if (!error || !g_str_has_prefix (error, prefix))
    g_error ("%s, expected %s", error ? error : "no error", prefix);
}

static void
test_wrong_order (void)
{
  assert_error (manager_call ("NewSecrets", g_variant_new ("(@a{sa{sv}})", manager_connection (PSK_DATA, PSK))),
                "WrongState");
  connect_and_up ();
  manager_expect (UP);
  assert_error (manager_call ("Connect", g_variant_new ("(@a{sa{sv}})", manager_connection (PSK_DATA, PSK))),
                "WrongState");
  assert_error (manager_call ("ConnectInteractive",
                              g_variant_new ("(@a{sa{sv}}a{sv})", manager_connection (PSK_DATA, PSK), NULL)),
                "WrongState");
  assert_error (manager_call ("NewSecrets", g_variant_new ("(@a{sa{sv}})", manager_connection (PSK_DATA, PSK))),
                "WrongState");
  g_assert_cmpuint (world_count ("start *"), ==, 1);
  manager_disconnect ();
  assert_error (manager_call ("Disconnect", NULL), "AlreadyStopped");
  manager_wait_quit ();
  /* while it is about to quit */
  assert_error (manager_call ("Connect", g_variant_new ("(@a{sa{sv}})", manager_connection (PSK_DATA, PSK))),
                "StoppingInProgress");
  assert_error (manager_call ("Disconnect", NULL), "AlreadyStopped");
  g_assert_cmpuint (world_count ("stop"), ==, 1);
  g_assert_cmpuint (world_count ("end"), ==, 1);
}

static void
test_disconnect_without_connection (void)
{
  manager_disconnect ();
  manager_wait_quit ();
  manager_expect ("StateChanged 6");
  g_assert_cmpuint (world->calls->len, ==, 0);
}

/* NewSecrets that nobody asked for changes nothing. */
static void
test_unwanted_secrets (void)
{
  manager_connect (manager_connection (PSK_DATA, PSK));
  world_wait ("start *", 1);
  manager_new_secrets (PSK_DATA, PSK);
  manager_expect ("StateChanged 3");
  g_assert_cmpuint (world_count ("start *"), ==, 1);
}

static void
assert_no_timer (void)
{
  int timeout;

  manager_sync ();
  timeout = world_next_timeout ();
  if (timeout >= 0)
    g_assert_cmpint (timeout, >, 120 * 1000);
}

static void
test_gives_up_never (void)
{
  manager_connect (manager_connection (PSK_DATA, PSK));
  assert_no_timer ();
  manager_new_secrets (PSK_DATA, PSK);
  assert_no_timer ();
}

/* NetworkManager is there all the time. */
static void
test_nobody_connects (void)
{
  g_autoptr (GDBusConnection) bus = manager_bus_new ();
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                   "RequestName", g_variant_new ("(su)", "org.freedesktop.NetworkManager", 0), NULL,
                                   G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  g_assert_nonnull (reply);
  manager_down ();
  manager_up (FALSE);
  world_advance (179 * 1000);
  g_assert_cmpint (manager->quits, ==, 0);
  g_free (manager_need_secrets (manager_connection (PSK_DATA, NULL)));
  world_advance (179 * 1000);
  g_assert_cmpint (manager->quits, ==, 0);
  world_advance (2 * 1000);
  manager_wait_quit ();
  g_dbus_connection_close_sync (bus, NULL, NULL);
}

static void
test_fallback (void)
{
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1, 192.0.2.2", "auth=psk"), PSK));
  world_wait ("start 192.0.2.1:500", 1);
  g_assert_cmpint (world->start->config->init_timeout, ==, 15 * IKE_SECOND / 2);
  world_driver_down (IKE_REASON_NO_RESPONSE, "first");
  world_wait ("start 192.0.2.2:500", 1);
  g_assert_cmpint (world->start->config->init_timeout, ==, 15 * IKE_SECOND / 2);
  manager_expect ("StateChanged 3");
  world_driver_up ("10.9.0.5/32");
  manager_expect (UP);
  g_assert_cmpuint (world->errors_logged, ==, 0);
}

static void
test_fallback_fails (void)
{
  world->resolved = 2;
  manager_connect (manager_connection (LIST ("gateway=vpn.example.org", "auth=psk"), PSK));
  world_wait ("start 192.0.2.1:500", 1);
  world_driver_down (IKE_REASON_UNREACHABLE, "refused");
  world_wait ("start [2001:db8::1]:500", 1);
  manager_sync ();
  world_driver_down (IKE_REASON_NO_ROUTE, "2001:db8::1");
  manager_expect ("StateChanged 3; StateChanged 5; Failure 1; StateChanged 6");
  g_assert_cmpuint (world->errors_logged, ==, 1);
  g_assert_true (
      g_pattern_match_simple ("3 UNREACHABLE " TEST_UUID " *refused*", world->log->pdata[world->log->len - 1]));
  manager_wait_quit ();
}

/* What another gateway would say too is not tried there. */
static void
test_no_fallback (void)
{
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1, 192.0.2.2", "auth=psk"), PSK));
  world_wait ("start 192.0.2.1:500", 1);
  world_driver_down (IKE_REASON_NO_PROPOSAL_CHOSEN, "x");
  manager_wait_quit ();
  g_assert_cmpuint (world_count ("start *"), ==, 1);
}

static void
test_later_names_wait (void)
{
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1, vpn.example.org", "auth=psk"), PSK));
  world_wait ("start 192.0.2.1:500", 1);
  g_assert_cmpuint (world_count ("resolve vpn.example.org"), ==, 1);
}

static void
test_hint (void)
{
  connect_and_up ();
  manager_disconnect ();
  manager_wait_quit ();
  manager_down ();
  manager_up (FALSE);
  manager_connect (manager_connection (PSK_DATA, PSK));
  world_wait ("start *", 1);
  g_assert_cmpuint (world->start->config->ke_hint, ==, IKE_KE_CURVE25519);
}

static void
test_persist (void)
{
  manager_down ();
  manager_up (TRUE);
  connect_and_up ();
  manager_expect (UP);
  world->hold[ASKED_END] = TRUE;
  manager_disconnect ();
  world_wait ("end", 1);
  /* the next one waits until the helper is free */
  manager_connect (manager_connection (PSK_DATA, PSK));
  world_settle ();
  g_assert_cmpuint (world_count ("begin *"), ==, 1);
  world_release (ASKED_END);
  world_wait ("start *", 2);
  manager_forget ();
  world_driver_up ("10.9.0.5/32");
  manager_expect ("Config; Ip4Config; StateChanged 4");
  g_assert_cmpint (manager->quits, ==, 0);
  ipsec_plugin_quit (manager->plugin);
  manager_wait_quit ();
}

/* One that waits for its turn and is not wanted any more has never touched the helper. */
static void
test_persist_stop_waiting (void)
{
  manager_down ();
  manager_up (TRUE);
  connect_and_up ();
  world->hold[ASKED_END] = TRUE;
  manager_disconnect ();
  world_wait ("end", 1);
  manager_connect (manager_connection (PSK_DATA, PSK));
  manager_disconnect ();
  world_release (ASKED_END);
  manager_sync ();
  g_assert_cmpuint (world_count ("begin *"), ==, 1);
  g_assert_cmpuint (world_count ("end"), ==, 1);
}

static void
test_name_taken (void)
{
  g_autoptr (GDBusConnection) other = NULL;
  IpsecPluginOptions options = { .bus_name = "org.example.Taken",
                                 .helper = world_helper (),
                                 .crypto = world_crypto () };
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply =
      g_dbus_connection_call_sync (manager->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                   "org.freedesktop.DBus", "RequestName", g_variant_new ("(su)", options.bus_name, 0),
                                   NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (&manager->plugin, ipsec_plugin_free);
  g_assert_null (ipsec_plugin_new (&options, &error));
  g_assert_error (error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "taken"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  manager_test ("/connect/up-and-down", test_up_and_down);
  manager_test ("/connect/status", test_status);
  manager_test ("/connect/config", test_config);
  manager_test ("/connect/segments", test_segments);
  manager_test ("/connect/segments-given", test_segments_given);
  manager_test ("/connect/segments-free", test_segments_free);
  manager_test ("/connect/all-at-once", test_all_at_once);
  manager_test ("/connect/interface", test_interface);
  manager_test ("/connect/private-files", test_private_files);
  manager_test ("/connect/private-pad", test_private_pad);
  manager_test ("/connect/private-keys", test_private_keys);
  manager_test ("/connect/several-files", test_several_files);
  manager_test ("/connect/several-pad", test_several_pad);
  manager_test ("/connect/several-keys", test_several_keys);
  manager_test ("/connect/several-without", test_several_without);
  manager_test ("/connect/wrong-order", test_wrong_order);
  manager_test ("/connect/disconnect-without-connection", test_disconnect_without_connection);
  manager_test ("/connect/unwanted-secrets", test_unwanted_secrets);
  manager_test ("/connect/gives-up-never", test_gives_up_never);
  manager_test ("/connect/nobody-connects", test_nobody_connects);
  manager_test ("/connect/fallback", test_fallback);
  manager_test ("/connect/fallback-fails", test_fallback_fails);
  manager_test ("/connect/no-fallback", test_no_fallback);
  manager_test ("/connect/later-names-wait", test_later_names_wait);
  manager_test ("/connect/hint", test_hint);
  manager_test ("/connect/persist", test_persist);
  manager_test ("/connect/persist-stop-waiting", test_persist_stop_waiting);
  manager_test ("/connect/name-taken", test_name_taken);
  return g_test_run ();
}
