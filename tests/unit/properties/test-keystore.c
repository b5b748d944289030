/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The editors' view of the key store, with a double of the helper on a bus of its own: lists, a new key, refusal, a
 * helper that is not there, and an editor that is closed before the answer.
 */
#include "config.h"

#include "editor/keystore.h"

#include <string.h>

#define NAME "org.freedesktop.NetworkManager.ipsec.Helper"
#define PATH "/org/freedesktop/NetworkManager/ipsec/Helper"
#define XML                                                                                                            \
 "<node><interface name='" NAME "'>"                                                                                   \
 "<method name='ListCertificates'><arg type='aa{sv}' direction='out'/></method>"                                       \
 "<method name='ListKeys'><arg type='aa{sv}' direction='out'/></method>"                                               \
 "<method name='GenerateKey'><arg type='s' direction='in'/><arg type='u' direction='in'/>"                             \
 "<arg type='s' direction='out'/></method></interface></node>"

static guint changes;
static char *made_ckaid, *made_error;
static gboolean refuse;

static void
on_call (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *method,
         GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data)
{
  if (refuse)
    g_dbus_method_invocation_return_dbus_error (invocation, NAME ".Error.NotAllowed",
                                                "Only administrators may do that.");
  else if (strcmp (method, "ListCertificates") == 0)
    g_dbus_method_invocation_return_value (
        invocation, g_variant_new_parsed (
                        "([{'nickname': <'alice'>, 'subject': <'CN=Alice'>, 'private-key': <true>, 'ca': <false>},"
                        " {'nickname': <'root'>, 'subject': <''>, 'ca': <true>},"
                        " {'subject': <'no nickname'>}, {'nickname': <7>}],)"));
  else if (strcmp (method, "ListKeys") == 0)
    g_dbus_method_invocation_return_value (
        invocation, g_variant_new_parsed ("([{'ckaid': <'0123456789abcdef0123456789abcdef01234567'>,"
                                          " 'key': <'RSA-3072'>, 'public': <'0sAwEAAQ'>}, {'key': <'none'>}],)"));
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", "fedc"));
}

static void
on_changed (gpointer data)
{
  changes++;
}

static void
on_made (const char *ckaid, const char *error, gpointer data)
{
  made_ckaid = g_strdup (ckaid);
  made_error = g_strdup (error);
}

static void
serve (GDBusConnection **ret_bus)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (XML, NULL);
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);

  *ret_bus = g_dbus_connection_new_for_address_sync (
      address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL,
      NULL, NULL);
  g_assert_nonnull (*ret_bus);
  g_assert_cmpuint (g_dbus_connection_register_object (*ret_bus, PATH, info->interfaces[0], &vtable, NULL, NULL, NULL),
                    >, 0);
  g_variant_unref (g_dbus_connection_call_sync (*ret_bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                                "org.freedesktop.DBus", "RequestName", g_variant_new ("(su)", NAME, 0u),
                                                NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL));
}

static void
test_lists (void)
{
  Keystore *keystore = keystore_new (on_changed, NULL);
  const KeystoreEntry *entry;

  for (changes = 0; changes < 2;)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (keystore_is_there (keystore));
  g_assert_cmpuint (keystore_certificates (keystore)->len, ==, 2);
  entry = keystore_certificates (keystore)->pdata[0];
  g_assert_cmpstr (entry->value, ==, "nss:alice");
  g_assert_cmpstr (entry->title, ==, "alice (CN=Alice)");
  g_assert_true (entry->has_key && !entry->is_ca);
  entry = keystore_certificates (keystore)->pdata[1];
  g_assert_cmpstr (entry->title, ==, "root");
  g_assert_true (entry->is_ca && !entry->has_key);
  g_assert_cmpuint (keystore_keys (keystore)->len, ==, 1);
  entry = keystore_keys (keystore)->pdata[0];
  g_assert_cmpstr (entry->value, ==, "0123456789abcdef0123456789abcdef01234567");
  g_assert_cmpstr (entry->public, ==, "0sAwEAAQ");
  keystore_free (keystore);
}

static void
test_make (void)
{
  Keystore *keystore = keystore_new (on_changed, NULL);

  keystore_make_key (keystore, on_made);
  while (made_ckaid == NULL && made_error == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (made_ckaid, ==, "fedc");
  g_clear_pointer (&made_ckaid, g_free);
  refuse = TRUE;
  keystore_make_key (keystore, on_made);
  while (made_ckaid == NULL && made_error == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (made_error, ==, "Only administrators may do that.");
  g_clear_pointer (&made_error, g_free);
  keystore_free (keystore);
  refuse = FALSE;
}

/* The answers come to nobody. */
static void
test_closed (void)
{
  keystore_free (keystore_new (on_changed, NULL));
  changes = 0;
  for (guint i = 0; i < 50; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpuint (changes, ==, 0);
}

int
main (int argc, char **argv)
{
  g_autoptr (GTestDBus) daemon = NULL;
  GDBusConnection *bus;
  int rc;

  g_test_init (&argc, &argv, NULL);
  daemon = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (daemon);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (daemon), TRUE);
  serve (&bus);
  g_test_add_func ("/keystore/lists", test_lists);
  g_test_add_func ("/keystore/make", test_make);
  g_test_add_func ("/keystore/closed", test_closed);
  rc = g_test_run ();
  g_object_unref (bus);
  g_test_dbus_stop (daemon);
  return rc;
}
