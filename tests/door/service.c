/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service CONNECTIONS NAME... - stands on the system bus as NAME, and every other NAME, for a service process, and tells the
 * helper's door that it has CONNECTIONS (aa{sv}, as GVariant's text). PADDING=N: and so many octets beside them; SAS=N: and so
 * many IKE SAs. */
#include <gio/gio.h>

#include <stdlib.h>

static GVariant *connections;

/* Another connection, that has only @name. */
static void
add (const char *name, GVariant *value)
{
  g_autoptr (GVariant) others = g_steal_pointer (&connections);
  GVariantBuilder builder;
  GVariantIter iter;
  GVariant *one;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  g_variant_iter_init (&iter, others);
  while ((one = g_variant_iter_next_value (&iter)))
    {
      g_variant_builder_add_value (&builder, one);
      g_variant_unref (one);
    }
  g_variant_builder_open (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", name, value);
  g_variant_builder_close (&builder);
  connections = g_variant_ref_sink (g_variant_builder_end (&builder));
}

static GVariant *
padding (guint octets)
{
  g_autofree char *text = g_strnfill (octets, 'x');

  return g_variant_new_string (text);
}

static GVariant *
sas (guint n)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  while (n-- > 0)
    g_variant_builder_add (&builder, "a{sv}", NULL);
  return g_variant_builder_end (&builder);
}

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
  g_assert_cmpint (argc, >=, 3);
  connections = g_variant_ref_sink (g_variant_new_parsed (argv[1]));
  if (g_getenv ("PADDING"))
    add ("padding", padding ((guint) atoi (g_getenv ("PADDING"))));
  if (g_getenv ("SAS"))
    add ("sas", sas ((guint) atoi (g_getenv ("SAS"))));
  g_dbus_connection_register_object (bus, "/org/freedesktop/NetworkManager/ipsec/Status", node->interfaces[0], &vtable,
                                     NULL, NULL, &error);
  g_assert_no_error (error);
  for (int i = 2; i < argc; i++)
    g_bus_own_name_on_connection (bus, argv[i], G_BUS_NAME_OWNER_FLAGS_NONE, NULL, on_name_lost, NULL, NULL);
  g_main_loop_run (loop);
  return 0;
}
