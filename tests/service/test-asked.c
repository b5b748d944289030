/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions after a tunnel was lost, and what NetworkManager says of the connection meanwhile. */
#include "manager.h"

#include <NetworkManager.h>
#include <string.h>

#define DATA LIST ("gateway=192.0.2.1", "auth=eap", "user=alice")
#define FAILED(n) "StateChanged 5; Failure " #n "; StateChanged 6"
#define QUESTION "SecretsRequired The gateway 192.0.2.1 asks for a one-time code. [otp]"
#define ASKED "StateChanged 3; " QUESTION
#define TOLD4 "StateChanged 3; Config; Ip4Config; StateChanged 4"
#define TOLD46 "StateChanged 3; Config; Ip4Config; Ip6Config; StateChanged 4"

static guint name;

/* NetworkManager has taken in what it was told, and says what it makes of the connection. */
static void
say (NMVpnConnectionState state)
{
  g_autofree char *path =
      g_strconcat ("/org/freedesktop/NetworkManager/ActiveConnection/", strrchr (manager->name, '_') + 1, NULL);

  g_assert_true (g_dbus_connection_emit_signal (manager->bus, NULL, path,
                                                "org.freedesktop.NetworkManager.VPN.Connection", "VpnStateChanged",
                                                g_variant_new ("(uu)", state, 0), NULL));
  manager_sync ();
}

static void
add_address (GArray *array, const char *text)
{
  IkeAddress address;

  g_assert_true (ike_address_from_string (text, &address));
  g_array_append_val (array, address);
}

static void
add_family (IkeConfigured *configured, const char *own, const char *server)
{
  IkePrefix prefix = { 0 };
  IkeSelector all = { .port_last = 65535 };

  g_assert_true (ike_address_from_string (own, &prefix.address));
  prefix.prefix = prefix.address.family == IKE_FAMILY_IP4 ? 32 : 128;
  all.first.family = all.last.family = prefix.address.family;
  memset (all.last.bytes, 0xff, prefix.prefix / 8);
  g_array_append_val (configured->addresses, prefix);
  g_array_append_val (configured->remote_ts, all);
  add_address (configured->dns, server);
}

static void
up (gboolean ip6)
{
  g_autoptr (IkeConfigured) configured = ike_configured_new ();
  gpointer data;
  const DriverEvents *events = world_driver_events (&data);

  configured->path.remote = world->start->remote;
  add_family (configured, "10.9.0.5", "10.9.0.53");
  if (ip6)
    add_family (configured, "fd00::5", "fd00::53");
  g_ptr_array_add (configured->domains, g_strdup ("corp.example"));
  events->up (configured, data);
}

static gboolean
says (GVariant *family, const char *key)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (family, key, NULL);

  return value != NULL;
}

static void
assert_servers (gboolean wanted)
{
  g_assert_cmpint (says (manager->ip4, "dns"), ==, wanted);
  g_assert_cmpint (says (manager->ip4, "domains"), ==, wanted);
}

static void
connect_otp (const char *start)
{
  manager_connect_interactive (manager_connection (
      LIST ("gateway=192.0.2.1", "auth=eap", "user=alice", "eap=gtc", "otp-flags=2", start), LIST ("otp=111111")));
  world_wait ("start *", 1);
  world_driver_ask (1, IKE_SECRET_OTP, 0, NULL);
  world_wait ("secret 1 111111", 1);
}

/* The tunnel stands, and is lost. */
static void
lose (gboolean ip6)
{
  name = g_bus_own_name_on_connection (manager->bus, "org.freedesktop.NetworkManager", G_BUS_NAME_OWNER_FLAGS_NONE,
                                       NULL, NULL, NULL, NULL);
  manager_sync ();
  connect_otp (NULL);
  say (NM_VPN_CONNECTION_STATE_CONNECT);
  up (ip6);
  manager_sync ();
  say (NM_VPN_CONNECTION_STATE_ACTIVATED);
  assert_servers (TRUE);
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  manager_forget ();
}

static void
leave (void)
{
  manager_disconnect ();
  manager_wait_quit ();
  g_bus_unown_name (name);
}

/* What comes before the question is done first, so that NetworkManager has none of the tunnel's name servers when it is the
 * one who ends the connection. */
static void
test_without_servers (void)
{
  lose (FALSE);
  world_driver_ask (8, IKE_SECRET_OTP, 0, NULL);
  manager_expect (TOLD4);
  assert_servers (FALSE);
  say (NM_VPN_CONNECTION_STATE_IP_CONFIG_GET);
  manager_expect (TOLD4);
  say (NM_VPN_CONNECTION_STATE_ACTIVATED);
  manager_expect (TOLD4 "; " ASKED);
  manager_forget ();
  manager_new_secrets (DATA, LIST ("otp=222222"));
  world_wait ("secret 8 222222", 1);
  /* the next question finds none */
  world_driver_ask (9, IKE_SECRET_OTP, 1, NULL);
  manager_sync ();
  g_assert_cmpuint (manager_count ("Config"), ==, 0);
  g_assert_cmpuint (manager_count ("SecretsRequired *"), ==, 1);
  manager_new_secrets (DATA, LIST ("otp=333333"));
  manager_forget ();
  up (FALSE);
  manager_expect ("Config; Ip4Config; StateChanged 4");
  assert_servers (TRUE);
  leave ();
}

/* Of two families it may have been one that NetworkManager has done. */
static void
test_two_families (void)
{
  lose (TRUE);
  world_driver_ask (8, IKE_SECRET_OTP, 0, NULL);
  manager_expect (TOLD46);
  say (NM_VPN_CONNECTION_STATE_ACTIVATED);
  manager_expect (TOLD46 "; " TOLD46);
  assert_servers (FALSE);
  g_assert_false (says (manager->ip6, "dns"));
  say (NM_VPN_CONNECTION_STATE_ACTIVATED);
  manager_expect (TOLD46 "; " TOLD46 "; " ASKED);
  leave ();
}

/* The same of a reconnection that brings other name servers; what stays needs to be heard once. */
static void
test_two_families_change (void)
{
  lose (TRUE);
  up (TRUE);
  manager_expect (TOLD46);
  say (NM_VPN_CONNECTION_STATE_ACTIVATED);
  manager_expect (TOLD46);
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  manager_forget ();
  up (FALSE);
  manager_expect (TOLD46);
  g_assert_false (says (manager->ip6, "dns"));
  say (NM_VPN_CONNECTION_STATE_ACTIVATED);
  manager_expect (TOLD46 "; " TOLD46);
  assert_servers (TRUE);
  g_assert_false (says (manager->ip6, "dns"));
  say (NM_VPN_CONNECTION_STATE_ACTIVATED);
  manager_expect (TOLD46 "; " TOLD46);
  leave ();
}

/* Nobody waits for ever. */
static void
test_patience (void)
{
  lose (FALSE);
  world_driver_ask (8, IKE_SECRET_OTP, 0, NULL);
  manager_expect (TOLD4);
  world_advance (1999);
  manager_expect (TOLD4);
  world_advance (1);
  manager_expect (TOLD4 "; " ASKED);
  leave ();
}

/* NetworkManager has done something to the interface, says "activated", and has withdrawn the question: it is told again, as
 * often as that happens, and until it is answered. */
static void
test_withdrawn (void)
{
  lose (FALSE);
  world_driver_ask (8, IKE_SECRET_OTP, 0, NULL);
  manager_expect (TOLD4);
  say (NM_VPN_CONNECTION_STATE_ACTIVATED);
  manager_expect (TOLD4 "; " ASKED);
  manager_forget ();
  for (guint i = 0; i < 5; i++)
    {
      say (NM_VPN_CONNECTION_STATE_NEED_AUTH);
      manager_expect ("");
      say (NM_VPN_CONNECTION_STATE_ACTIVATED);
      manager_expect ("StateChanged 4; " ASKED);
      manager_forget ();
    }
  manager_new_secrets (DATA, LIST ("otp=222222"));
  world_wait ("secret 8 222222", 1);
  say (NM_VPN_CONNECTION_STATE_ACTIVATED);
  manager_expect ("");
  /* it was one question */
  for (guint number = 9; number < 11; number++)
    {
      world_driver_ask (number, IKE_SECRET_OTP, 1, NULL);
      manager_sync ();
      g_assert_cmpuint (manager_count ("SecretsRequired *"), ==, number - 8);
      manager_new_secrets (DATA, LIST ("otp=333333"));
    }
  leave ();
}

/* The tunnel came up meanwhile: there is nothing to be asked, and now it can be told. */
static void
test_withdrawn_up (void)
{
  lose (FALSE);
  world_driver_ask (8, IKE_SECRET_OTP, 0, NULL);
  manager_expect (TOLD4);
  say (NM_VPN_CONNECTION_STATE_ACTIVATED);
  manager_expect (TOLD4 "; " ASKED);
  world_driver_cancel (8);
  up (FALSE);
  manager_forget ();
  manager_expect ("");
  say (NM_VPN_CONNECTION_STATE_ACTIVATED);
  manager_expect ("Config; Ip4Config; StateChanged 4");
  assert_servers (TRUE);
  say (NM_VPN_CONNECTION_STATE_ACTIVATED);
  manager_expect ("Config; Ip4Config; StateChanged 4");
  leave ();
}

/* It ends while the question waits: nobody is asked any more. */
static void
test_held_and_over (void)
{
  lose (FALSE);
  world_driver_ask (8, IKE_SECRET_OTP, 0, NULL);
  manager_expect (TOLD4);
  world_link_goes ();
  manager_expect (TOLD4 "; " FAILED (1));
  world_advance (3000);
  g_assert_cmpuint (manager_count ("SecretsRequired *"), ==, 0);
  manager_wait_quit ();
  g_bus_unown_name (name);
}

/* What is ended by us while somebody is asked: NetworkManager hears a configuration only from who is connecting. */
static void
test_asked_and_over (void)
{
  lose (FALSE);
  world_driver_ask (8, IKE_SECRET_OTP, 0, NULL);
  manager_expect (TOLD4);
  say (NM_VPN_CONNECTION_STATE_ACTIVATED);
  manager_expect (TOLD4 "; " ASKED);
  manager_forget ();
  world_link_goes ();
  manager_expect ("StateChanged 4; StateChanged 3; Config; " FAILED (1));
  manager_wait_quit ();
  g_bus_unown_name (name);
}

/* ---- questions of a driver that is up: NetworkManager would not hear them ---- */

/* Authenticating again beside a tunnel: that one goes on, and the user is asked when it is lost. */
static void
test_asked_beside (void)
{
  connect_otp (NULL);
  world_driver_up ("10.9.0.5/32");
  manager_sync ();
  manager_forget ();
  world_driver_ask (7, IKE_SECRET_OTP, 0, NULL);
  world_wait ("secret 7 -", 1);
  manager_sync ();
  manager_expect ("");
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_driver_ask (8, IKE_SECRET_OTP, 0, NULL);
  manager_expect (ASKED);
  manager_new_secrets (DATA, LIST ("otp=222222"));
  world_wait ("secret 8 222222", 1);
  manager_forget ();
  world_driver_up ("10.9.0.5/32");
  manager_expect ("Config; Ip4Config; StateChanged 4");
}

/* NetworkManager hears a question only from who is connecting, and may have taken us for connected after the first one;
 * and of who ends while it does not it keeps the name servers. */
static void
test_asked_twice_later (void)
{
  connect_otp (NULL);
  world_driver_up ("10.9.0.5/32");
  manager_sync ();
  manager_forget ();
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_driver_ask (8, IKE_SECRET_OTP, 0, NULL);
  manager_expect (ASKED);
  manager_new_secrets (DATA, LIST ("otp=222222"));
  world_wait ("secret 8 222222", 1);
  manager_forget ();
  world_driver_ask (9, IKE_SECRET_OTP, 1, NULL);
  world_settle ();
  manager_sync ();
  g_assert_cmpstr (manager->signals->pdata[0], ==, "StateChanged 4");
  g_assert_cmpstr (manager->signals->pdata[1], ==, "StateChanged 3");
  g_assert_true (g_str_has_prefix (manager->signals->pdata[2], "SecretsRequired "));
  manager_new_secrets (DATA, LIST ("otp=333333"));
  world_wait ("secret 9 333333", 1);
  manager_forget ();
  world_driver_down (IKE_REASON_NO_PROPOSAL_CHOSEN, NULL);
  manager_expect ("StateChanged 4; StateChanged 3; Config; " FAILED (1));
}

/* The gateway's goodbye is for want of an answer that NetworkManager could not have given. */
static void
test_asked_beside_deleted (void)
{
  connect_otp (NULL);
  world_driver_up ("10.9.0.5/32");
  manager_sync ();
  manager_forget ();
  world_driver_ask (7, IKE_SECRET_OTP, 0, NULL);
  world_wait ("secret 7 -", 1);
  world_driver_reconnecting (IKE_REASON_PEER_DELETED);
  world_driver_ask (8, IKE_SECRET_OTP, 0, NULL);
  manager_expect (ASKED);
  manager_new_secrets (DATA, LIST ("otp=222222"));
  world_wait ("secret 8 222222", 1);
  world_driver_up ("10.9.0.5/32");
  manager_sync ();
  manager_forget ();
  /* and now it means it */
  world_driver_reconnecting (IKE_REASON_PEER_DELETED);
  manager_expect (FAILED (1));
}

/* The tunnel was lost before the answer came to the engine. */
static void
test_asked_beside_lost (void)
{
  connect_otp (NULL);
  world_driver_up ("10.9.0.5/32");
  manager_sync ();
  manager_forget ();
  world_driver_ask (7, IKE_SECRET_OTP, 0, NULL);
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_driver_down (IKE_REASON_SECRET_MISSING, "otp");
  manager_expect (ASKED);
  manager_new_secrets (DATA, LIST ("otp=222222"));
  world_wait ("start *", 2);
  g_assert_cmpuint (world->errors_logged, ==, 0);
}

/* On demand nothing stands: the user is asked at once, and the connection is being made until the answer. */
static void
test_asked_on_demand (void)
{
  connect_otp ("start=ondemand");
  world_driver_up ("10.9.0.5/32");
  world_driver_waiting (IKE_REASON_NONE);
  manager_sync ();
  manager_forget ();
  world_driver_ask (7, IKE_SECRET_OTP, 0, NULL);
  manager_expect (ASKED);
  g_assert_cmpuint (world_count ("secret 7 *"), ==, 0);
  /* the gateway loses patience, and the next packet begins anew: it is the same question */
  world_driver_cancel (7);
  world_driver_waiting (IKE_REASON_NO_RESPONSE);
  world_driver_ask (8, IKE_SECRET_OTP, 0, NULL);
  manager_sync ();
  manager_expect (ASKED);
  manager_new_secrets (DATA, LIST ("otp=222222"));
  world_wait ("secret 8 222222", 1);
  manager_forget ();
  world_driver_up ("10.9.0.5/32");
  manager_expect ("Config; Ip4Config; StateChanged 4");
  g_assert_cmpuint (world_count ("start *"), ==, 1);
}

/* The negotiation is over when the answer comes: it begins anew with it. */
static void
test_asked_on_demand_late (void)
{
  connect_otp ("start=ondemand");
  world_driver_up ("10.9.0.5/32");
  world_driver_waiting (IKE_REASON_NONE);
  world_driver_ask (7, IKE_SECRET_OTP, 0, NULL);
  manager_sync ();
  manager_forget ();
  world_driver_cancel (7);
  world_driver_waiting (IKE_REASON_NO_RESPONSE);
  manager_sync ();
  manager_expect ("");
  manager_new_secrets (DATA, LIST ("otp=222222"));
  world_wait ("start *", 2);
  world_driver_ask (1, IKE_SECRET_OTP, 0, NULL);
  world_wait ("secret 1 222222", 1);
}

/* It is up without the answer: NetworkManager, which waits for that, is told after it. */
static void
test_up_while_asking (void)
{
  manager_connect_interactive (manager_connection (DATA, NULL));
  world_wait ("start *", 1);
  world_driver_ask (6, IKE_SECRET_PASSWORD, 0, NULL);
  manager_sync ();
  manager_forget ();
  world_driver_cancel (6);
  world_driver_up ("10.9.0.5/32");
  manager_sync ();
  manager_expect ("");
  manager_new_secrets (DATA, LIST ("password=x"));
  manager_expect ("Config; Ip4Config; StateChanged 4");
  g_assert_cmpuint (world_count ("start *"), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  manager_test ("/asked/without-servers", test_without_servers);
  manager_test ("/asked/two-families", test_two_families);
  manager_test ("/asked/two-families-change", test_two_families_change);
  manager_test ("/asked/patience", test_patience);
  manager_test ("/asked/withdrawn", test_withdrawn);
  manager_test ("/asked/withdrawn-up", test_withdrawn_up);
  manager_test ("/asked/held-and-over", test_held_and_over);
  manager_test ("/asked/asked-and-over", test_asked_and_over);
  manager_test ("/asked/beside", test_asked_beside);
  manager_test ("/asked/twice-later", test_asked_twice_later);
  manager_test ("/asked/beside-deleted", test_asked_beside_deleted);
  manager_test ("/asked/beside-lost", test_asked_beside_lost);
  manager_test ("/asked/on-demand", test_asked_on_demand);
  manager_test ("/asked/on-demand-late", test_asked_on_demand_late);
  manager_test ("/asked/up-while-asking", test_up_while_asking);
  return g_test_run ();
}
