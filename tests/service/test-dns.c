/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A gateway's name servers for DNS over TLS, from Connect to what NetworkManager is told: connection.dns-over-tls, and which
 * NetworkManager it is, that may say so late, or not at all. */
#include "manager.h"

#include <string.h>

#define PSK LIST ("psk=an excellent secret")
#define UP "StateChanged 3; Config; Ip4Config; StateChanged 4"
#define AGAIN "; StateChanged 3; Config; Ip4Config; StateChanged 4"
#define OFFERS "192.0.2.1 offers DNS over TLS at dns.example (10.9.8.53), "

/* ---- NetworkManager ---- */

static const char *version; /* that it has; NULL: it does not say */
static gboolean busy; /* does not answer yet */
static GDBusMethodInvocation *question;
static guint questions, object, name;

static void
answer (void)
{
  GDBusMethodInvocation *call = g_steal_pointer (&question);

  if (version)
    g_dbus_method_invocation_return_value (call, g_variant_new ("(v)", g_variant_new_string (version)));
  else
    g_dbus_method_invocation_return_dbus_error (call, "org.freedesktop.DBus.Error.UnknownProperty", "No");
  manager_sync ();
}

static void
on_call (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *method,
         GVariant *parameters, GDBusMethodInvocation *call, gpointer data)
{
  const char *of, *property;

  g_assert_cmpstr (method, ==, "Get");
  g_variant_get (parameters, "(&s&s)", &of, &property);
  g_assert_cmpstr (of, ==, "org.freedesktop.NetworkManager");
  g_assert_cmpstr (property, ==, "Version");
  questions++;
  question = call;
  if (!busy)
    answer ();
}

static void
network_manager (const char *its_version, gboolean is_busy)
{
  static const char xml[] = "<node><interface name='org.freedesktop.NetworkManager'>"
                            "<property name='Version' type='s' access='read'/></interface></node>";
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  GDBusNodeInfo *node = g_dbus_node_info_new_for_xml (xml, NULL);

  version = its_version;
  busy = is_busy;
  questions = 0;
  object = g_dbus_connection_register_object (manager->bus, "/org/freedesktop/NetworkManager", node->interfaces[0],
                                              &vtable, NULL, NULL, NULL);
  g_assert_cmpuint (object, !=, 0);
  name = g_bus_own_name_on_connection (manager->bus, "org.freedesktop.NetworkManager", G_BUS_NAME_OWNER_FLAGS_NONE,
                                       NULL, NULL, NULL, NULL);
  g_dbus_node_info_unref (node);
  manager_sync ();
}

static void
leave (void)
{
  manager_disconnect ();
  manager_wait_quit ();
  g_bus_unown_name (name);
  g_dbus_connection_unregister_object (manager->bus, object);
}

/* ---- the gateway ---- */

/* @tls: connection.dns-over-tls; -1: not said. */
static void
start (int tls, const char *interface)
{
  g_autofree char *key = g_strconcat ("interface=", interface, NULL);
  GVariant *more = tls >= 0 ? g_variant_new_parsed ("[{'dns-over-tls', <%i>}]", tls) : NULL;

  manager_connect (manager_connection_with (LIST ("gateway=192.0.2.1", "auth=psk", key), PSK, more, NULL));
  world_wait ("start *", 1);
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
up (const char *plain, const char *encrypted)
{
  g_autoptr (IkeConfigured) configured = ike_configured_new ();
  IkeResolver *resolver = ike_resolver_new ();
  IkePrefix own = { .prefix = 32 };
  IkeSelector all = { .first = { .family = IKE_FAMILY_IP4 }, .last = { .family = IKE_FAMILY_IP4 }, .port_last = 65535 };
  gpointer data;
  const DriverEvents *events = world_driver_events (&data);

  configured->path.remote = world->start->remote;
  g_assert_true (ike_address_from_string ("10.9.0.5", &own.address));
  g_array_append_val (configured->addresses, own);
  memset (all.last.bytes, 0xff, 4);
  g_array_append_val (configured->remote_ts, all);
  if (plain)
    add_address (configured->dns, plain);
  resolver->priority = 1;
  resolver->name = g_strdup ("dns.example");
  resolver->protocols = g_strdup ("dot");
  add_address (resolver->addresses, encrypted);
  g_ptr_array_add (configured->resolvers, resolver);
  events->up (configured, data);
}

/* ---- what came of it ---- */

/* The name servers that NetworkManager has now. */
static void
assert_servers (const char *wanted)
{
  g_autoptr (GVariant) list = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  const guint8 *octets;

  manager_sync ();
  list = g_variant_lookup_value (manager->ip4, "dns", G_VARIANT_TYPE ("au"));
  octets = list ? g_variant_get_data (list) : NULL;
  for (gsize i = 0; list && i < g_variant_n_children (list); i++)
    g_string_append_printf (text, "%s%u.%u.%u.%u", i ? " " : "", octets[4 * i], octets[4 * i + 1], octets[4 * i + 2],
                            octets[4 * i + 3]);
  g_assert_cmpstr (text->str, ==, wanted);
}

/* The only line about name servers. */
static void
assert_said (const char *wanted)
{
  g_autofree char *whole = wanted ? g_strdup_printf ("%c - " TEST_UUID " %s", wanted[0], wanted + 2) : NULL;
  guint n = 0;

  for (guint i = 0; i < world->log->len; i++)
    if (strstr (world->log->pdata[i], "DNS over TLS"))
      {
        g_assert_cmpstr (world->log->pdata[i], ==, whole);
        n++;
      }
  g_assert_cmpuint (n, ==, wanted != NULL);
}

static void
assert_status (const char *dns, const char *tls)
{
  g_autoptr (GVariant) all = manager_status (), one = g_variant_get_child_value (all, 0);
  g_autofree const char **servers = NULL, **encrypted = NULL;
  g_autofree char *got_dns = NULL, *got_tls = NULL;

  if (g_variant_lookup (one, "dns", "^a&s", &servers))
    got_dns = g_strjoinv (" ", (char **) servers);
  if (g_variant_lookup (one, "dns-over-tls", "^a&s", &encrypted))
    got_tls = g_strjoinv (" ", (char **) encrypted);
  g_assert_cmpstr (got_dns, ==, dns);
  g_assert_cmpstr (got_tls, ==, tls);
}

static void
test_yes (void)
{
  network_manager ("1.56.0", FALSE);
  start (2, "auto");
  g_assert_cmpuint (questions, ==, 1);
  up ("10.9.0.1", "10.9.8.53");
  manager_expect (UP);
  assert_servers ("10.9.8.53");
  assert_status ("10.9.8.53", "dns.example (10.9.8.53)");
  assert_said ("5 Names are looked up by DNS over TLS at dns.example (10.9.8.53)");
  /* said once, told each time */
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  up ("10.9.0.1", "10.9.8.53");
  manager_expect (UP AGAIN);
  assert_servers ("10.9.8.53");
  assert_said ("5 Names are looked up by DNS over TLS at dns.example (10.9.8.53)");
  leave ();
}

static void
test_opportunistic (void)
{
  network_manager ("2.0", FALSE);
  start (1, "auto");
  up ("10.9.0.1", "10.9.8.53");
  manager_expect (UP);
  assert_servers ("10.9.8.53 10.9.0.1");
  assert_status ("10.9.8.53 10.9.0.1", "dns.example (10.9.8.53)");
  leave ();
}

/* Nobody who does not want it waits for, or asks, anything, unless there is something to be said. */
static void
test_no (void)
{
  network_manager ("1.58.1", FALSE);
  start (0, "auto");
  g_assert_cmpuint (questions, ==, 0);
  up ("10.9.0.1", "10.9.8.53");
  manager_expect (UP);
  assert_servers ("10.9.0.1");
  assert_status ("10.9.0.1", NULL);
  g_assert_cmpuint (questions, ==, 1);
  assert_said ("5 " OFFERS "which is not used; connection.dns-over-tls=yes (or opportunistic) would do it");
  leave ();
}

static void
test_not_said (void)
{
  network_manager ("1.56.1", FALSE);
  start (-1, "auto");
  up (NULL, "10.9.8.53");
  manager_expect (UP);
  assert_servers ("");
  assert_status (NULL, NULL);
  assert_said (
      "4 The tunnel has no name server: 192.0.2.1 offers only DNS over TLS at dns.example (10.9.8.53), which is "
      "not used; connection.dns-over-tls=yes (or opportunistic) would do it");
  leave ();
}

/* An address that no host has is nobody to be asked. */
static void
test_nothing_usable (void)
{
  network_manager ("1.56.0", FALSE);
  start (2, "auto");
  up ("10.9.0.1", "127.0.0.1");
  manager_expect (UP);
  assert_servers ("10.9.0.1");
  assert_said (NULL);
  leave ();
}

static void
old (const char *its_version, const char *why)
{
  g_autofree char *said = g_strconcat ("5 " OFFERS "which takes NetworkManager 1.56 or later", why, NULL);

  network_manager (its_version, FALSE);
  start (2, "auto");
  up ("10.9.0.1", "10.9.8.53");
  manager_expect (UP);
  assert_servers ("10.9.0.1");
  assert_said (said);
  leave ();
}

static void
test_old (void)
{
  old ("1.55.91", NULL);
}

static void
test_older (void)
{
  old ("0.99.80", NULL);
}

static void
test_no_version (void)
{
  old (NULL, ", and this one did not say its version");
}

static void
test_not_a_version (void)
{
  old ("unknown", ", and this one did not say its version");
}

static void
test_linkless (void)
{
  network_manager ("1.56.0", FALSE);
  start (2, "none");
  up ("10.9.0.1", "10.9.8.53");
  manager_expect (UP);
  assert_servers ("10.9.0.1");
  assert_said ("5 " OFFERS "which takes an interface of the tunnel's own");
  leave ();
}

/* The tunnel is up before NetworkManager has answered: that waits for nothing, and is made good. */
static void
test_late (void)
{
  network_manager ("1.56.0", TRUE);
  start (2, "auto");
  g_assert_cmpuint (questions, ==, 1);
  up ("10.9.0.1", "10.9.8.53");
  manager_expect (UP);
  assert_servers ("10.9.0.1");
  assert_said (NULL);
  g_assert_cmpuint (questions, ==, 1);
  answer ();
  manager_expect (UP AGAIN);
  assert_servers ("10.9.8.53");
  assert_said ("5 Names are looked up by DNS over TLS at dns.example (10.9.8.53)");
  leave ();
}

static void
test_late_and_old (void)
{
  network_manager ("1.42.4", TRUE);
  start (2, "auto");
  up ("10.9.0.1", "10.9.8.53");
  manager_expect (UP);
  answer ();
  manager_expect (UP);
  assert_said ("5 " OFFERS "which takes NetworkManager 1.56 or later");
  leave ();
}

/* Or when nobody wants to know any more. */
static void
test_too_late (void)
{
  network_manager ("1.56.0", TRUE);
  start (2, "auto");
  up ("10.9.0.1", "10.9.8.53");
  manager_expect (UP);
  leave ();
  answer ();
  g_assert_cmpuint (manager_count ("Config"), ==, 1);
  assert_said (NULL);
}

/* Or there is nobody left who could. */
static void
test_never (void)
{
  network_manager ("1.56.0", TRUE);
  start (2, "auto");
  up ("10.9.0.1", "10.9.8.53");
  manager_expect (UP);
  leave ();
  g_clear_pointer (&manager->plugin, ipsec_plugin_free);
  answer ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  manager_test ("/dns/yes", test_yes);
  manager_test ("/dns/opportunistic", test_opportunistic);
  manager_test ("/dns/no", test_no);
  manager_test ("/dns/not-said", test_not_said);
  manager_test ("/dns/nothing-usable", test_nothing_usable);
  manager_test ("/dns/old", test_old);
  manager_test ("/dns/older", test_older);
  manager_test ("/dns/no-version", test_no_version);
  manager_test ("/dns/not-a-version", test_not_a_version);
  manager_test ("/dns/linkless", test_linkless);
  manager_test ("/dns/late", test_late);
  manager_test ("/dns/late-and-old", test_late_and_old);
  manager_test ("/dns/too-late", test_too_late);
  manager_test ("/dns/never", test_never);
  return g_test_run ();
}
