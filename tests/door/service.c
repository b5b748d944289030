/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service NAME CONNECTIONS - stands on the system bus as NAME for a service process, and tells the helper's door that it has
 * CONNECTIONS (aa{sv}, as GVariant's text). */
#include <gio/gio.h>

static GVariant *connections;

static void
on_call (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *method,
         GVariant *parameters, GDBusMethodInvocation *call, gpointer data)
{
  g_dbus_method_invocation_return_value (call, g_variant_new_tuple (&connections, 1));
}

static void
on_name_lost (GDBusConnection *bus, const char *name, gpointer data)
{
  g_error ("cannot have the name %s", name);
}

int
main (int argc, char **argv)
{
  static const char xml[] = "<node><interface name='org.freedesktop.NetworkManager.ipsec.Status'><method name='Get'>"
                            "<arg name='connections' type='aa{sv}' direction='out'/></method></interface></node>";
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (argc, ==, 3);
  connections = g_variant_ref_sink (g_variant_new_parsed (argv[2]));
  g_dbus_connection_register_object (bus, "/org/freedesktop/NetworkManager/ipsec/Status", node->interfaces[0], &vtable,
                                     NULL, NULL, &error);
  g_assert_no_error (error);
  g_bus_own_name_on_connection (bus, argv[1], G_BUS_NAME_OWNER_FLAGS_NONE, NULL, on_name_lost, NULL, NULL);
  g_main_loop_run (loop);
  return 0;
}
