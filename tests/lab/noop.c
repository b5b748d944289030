/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VPN plugin that does nothing: it reports a fixed address on a device that is there already, at once. What a
 * connection costs with it is what NetworkManager itself, the bus and starting a process cost.
 */
#include <NetworkManager.h>
#include <libnm/nm-vpn-service-plugin.h>
#include <arpa/inet.h>

#define SERVICE "org.freedesktop.NetworkManager.noop"

typedef struct {
  NMVpnServicePlugin parent;
} Noop;
typedef struct {
  NMVpnServicePluginClass parent;
} NoopClass;

GType noop_get_type (void);
G_DEFINE_TYPE (Noop, noop, NM_TYPE_VPN_SERVICE_PLUGIN)

static gboolean
report (gpointer data)
{
  GVariantDict d;

  g_variant_dict_init (&d, NULL);
  g_variant_dict_insert (&d, NM_VPN_PLUGIN_CONFIG_EXT_GATEWAY, "u", inet_addr ("198.51.100.2"));
  g_variant_dict_insert (&d, NM_VPN_PLUGIN_CONFIG_TUNDEV, "s", "noop0");
  g_variant_dict_insert (&d, NM_VPN_PLUGIN_CONFIG_HAS_IP4, "b", TRUE);
  nm_vpn_service_plugin_set_config (data, g_variant_dict_end (&d));
  g_variant_dict_init (&d, NULL);
  g_variant_dict_insert (&d, NM_VPN_PLUGIN_IP4_CONFIG_ADDRESS, "u", inet_addr ("10.77.0.2"));
  g_variant_dict_insert (&d, NM_VPN_PLUGIN_IP4_CONFIG_PREFIX, "u", 32);
  g_variant_dict_insert (&d, NM_VPN_PLUGIN_IP4_CONFIG_NEVER_DEFAULT, "b", TRUE);
  nm_vpn_service_plugin_set_ip4_config (data, g_variant_dict_end (&d));
  return G_SOURCE_REMOVE;
}

static gboolean
connect_ (NMVpnServicePlugin *plugin, NMConnection *connection, GError **error)
{
  g_idle_add (report, plugin);
  return TRUE;
}

static gboolean
need_secrets (NMVpnServicePlugin *plugin, NMConnection *connection, const char **ret_setting, GError **error)
{
  *ret_setting = "";
  return FALSE;
}

static gboolean
disconnect (NMVpnServicePlugin *plugin, GError **error)
{
  return TRUE;
}

static void
noop_init (Noop *self)
{
}

static void
noop_class_init (NoopClass *klass)
{
  NMVpnServicePluginClass *plugin = NM_VPN_SERVICE_PLUGIN_CLASS (klass);

  plugin->connect = connect_;
  plugin->need_secrets = need_secrets;
  plugin->disconnect = disconnect;
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GObject) plugin = g_initable_new (noop_get_type (), NULL, &error, NM_VPN_SERVICE_PLUGIN_DBUS_SERVICE_NAME,
                                               SERVICE, NM_VPN_SERVICE_PLUGIN_DBUS_WATCH_PEER, TRUE, NULL);

  if (!plugin)
    g_error ("%s", error->message);
  g_signal_connect_swapped (plugin, "quit", G_CALLBACK (g_main_loop_quit), loop);
  g_main_loop_run (loop);
  return 0;
}
