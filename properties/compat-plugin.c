/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libnm-vpn-plugin-ipsec-libreswan.so and -strongswan.so: connections of these plugins in nmcli and desktops. Compiled once
 * for each, since a plugin has one service, and types of two modules cannot have one name.
 *
 * Libreswan's files are imported and exported as NetworkManager-libreswan does it; NetworkManager-strongswan has none. There
 * is no editor for either's keys: ours shows what "nm-ipsec migrate" would make of the connection, says so, and saves that.
 */
#include "config.h"

#include "profile/formats/compat-conf.h"
#include "profile/formats/compat.h"

#include "editor-load.h"
#include "form/form.h"

#include <glib/gi18n-lib.h>

#define SERVICE_OURS "org.freedesktop.NetworkManager.ipsec"
#ifdef COMPAT_LIBRESWAN
# define SERVICE "org.freedesktop.NetworkManager.libreswan"
# define OTHER "NetworkManager-libreswan"
# define CAPABILITY_FILES (NM_VPN_EDITOR_PLUGIN_CAPABILITY_IMPORT | NM_VPN_EDITOR_PLUGIN_CAPABILITY_EXPORT)
# define CompatPlugin NmIpsecLibreswanPlugin
# define CompatPluginClass NmIpsecLibreswanPluginClass
# define CompatEditor NmIpsecLibreswanEditor
# define CompatEditorClass NmIpsecLibreswanEditorClass
#else
# define SERVICE "org.freedesktop.NetworkManager.strongswan"
# define OTHER "NetworkManager-strongswan"
# define CAPABILITY_FILES NM_VPN_EDITOR_PLUGIN_CAPABILITY_NONE
# define CompatPlugin NmIpsecStrongswanPlugin
# define CompatPluginClass NmIpsecStrongswanPluginClass
# define CompatEditor NmIpsecStrongswanEditor
# define CompatEditorClass NmIpsecStrongswanEditorClass
#endif

typedef struct {
  GObject parent;
  NMVpnEditor *ours;
  NMSettingVpn *setting; /* the connection's, as one of ours */
} CompatEditor;
typedef GObjectClass CompatEditorClass;

static void editor_interface_init (NMVpnEditorInterface *iface);
GType compat_editor_get_type (void);
G_DEFINE_TYPE_WITH_CODE (CompatEditor, compat_editor, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (NM_TYPE_VPN_EDITOR, editor_interface_init))

typedef GObject CompatPlugin;
typedef GObjectClass CompatPluginClass;

enum { PROP_0, PROP_NAME, PROP_DESCRIPTION, PROP_SERVICE };

static void plugin_interface_init (NMVpnEditorPluginInterface *iface);
GType compat_plugin_get_type (void);
G_DEFINE_TYPE_WITH_CODE (CompatPlugin, compat_plugin, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (NM_TYPE_VPN_EDITOR_PLUGIN, plugin_interface_init))

/* ---- the editor ---- */

static GObject *
editor_get_widget (NMVpnEditor *editor)
{
  return nm_vpn_editor_get_widget (((CompatEditor *) editor)->ours);
}

static void
replace_setting (NMConnection *connection, NMSettingVpn *setting)
{
  nm_connection_add_setting (connection, nm_setting_duplicate (NM_SETTING (setting)));
}

/* Hosts call it after each change, and the first time makes the connection one of ours. */
static gboolean
editor_update_connection (NMVpnEditor *editor, NMConnection *connection, GError **error)
{
  CompatEditor *self = (CompatEditor *) editor;
  g_autoptr (NMConnection) copy = nm_simple_connection_new_clone (connection);
  NMSettingVpn *setting = nm_connection_get_setting_vpn (copy);

  if (setting == NULL || ipsec_compat_is_other (nm_setting_vpn_get_service_type (setting)))
    replace_setting (copy, self->setting);
  if (!nm_vpn_editor_update_connection (self->ours, copy, error))
    return FALSE;
  replace_setting (connection, nm_connection_get_setting_vpn (copy));
  return TRUE;
}

static void
editor_interface_init (NMVpnEditorInterface *iface)
{
  iface->get_widget = editor_get_widget;
  iface->update_connection = editor_update_connection;
}

static void
on_changed (NMVpnEditor *ours, gpointer data)
{
  g_signal_emit_by_name (data, "changed");
}

static void
compat_editor_finalize (GObject *object)
{
  CompatEditor *self = (CompatEditor *) object;

  if (self->ours != NULL)
    g_signal_handlers_disconnect_by_data (self->ours, self);
  g_clear_object (&self->ours);
  g_clear_object (&self->setting);
  G_OBJECT_CLASS (compat_editor_parent_class)->finalize (object);
}

static void
compat_editor_class_init (CompatEditorClass *class)
{
  class->finalize = compat_editor_finalize;
}

static void
compat_editor_init (CompatEditor *self)
{
}

/* One that has nothing yet begins as one of ours. */
static gboolean
is_new (NMConnection *connection)
{
  NMSettingVpn *setting = nm_connection_get_setting_vpn (connection);

  return setting == NULL || nm_setting_vpn_get_num_data_items (setting) == 0;
}

/* NULL: it cannot be one of ours. */
static NMSettingVpn *
translate (NMConnection *connection, GPtrArray *notes, GError **error)
{
  NMSettingVpn *setting = nm_connection_get_setting_vpn (connection);
  g_autoptr (IpsecSetting) from = NULL, to = NULL;

  if (is_new (connection))
    return g_object_new (NM_TYPE_SETTING_VPN, NM_SETTING_VPN_SERVICE_TYPE, SERVICE_OURS, NULL);
  from = ipsec_setting_from_libnm (setting);
  to = ipsec_compat_translate (from, notes, error);
  return to != NULL ? ipsec_setting_to_libnm (to) : NULL;
}

static void
tell (NMConnection *connection, GPtrArray *notes)
{
  GString *text = g_string_new (NULL);

  /* Translators: the first %s is the name of another plugin, the second one that of this one */
  g_string_append_printf (text,
                          _ ("This connection was made for %s. Below is what it comes to here; when that is saved, it "
                             "becomes a connection of %s for good."),
                          OTHER, "NetworkManager-ipsec");
  for (guint i = 0; i < notes->len; i++)
    g_string_append_printf (text, "\n• %s", (const char *) notes->pdata[i]);
  g_object_set_data_full (G_OBJECT (connection), IPSEC_EDITOR_NOTES, g_string_free (text, FALSE), g_free);
}

static NMVpnEditor *
plugin_get_editor (NMVpnEditorPlugin *plugin, NMConnection *connection, GError **error)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (NMConnection) copy = nm_simple_connection_new_clone (connection);
  g_autoptr (NMSettingVpn) setting = translate (connection, notes, error);
  g_autoptr (NMVpnEditor) ours = NULL;
  CompatEditor *self;

  if (setting == NULL)
    return NULL;
  replace_setting (copy, setting);
  if (!is_new (connection))
    tell (copy, notes);
  ours = editor_load (copy, error);
  if (ours == NULL)
    return NULL;
  self = g_object_new (compat_editor_get_type (), NULL);
  self->setting = g_steal_pointer (&setting);
  self->ours = g_steal_pointer (&ours);
  g_signal_connect (self->ours, "changed", G_CALLBACK (on_changed), self);
  return NM_VPN_EDITOR (self);
}

/* ---- the plugin ---- */

static NMVpnEditorPluginCapability
plugin_get_capabilities (NMVpnEditorPlugin *plugin)
{
  return CAPABILITY_FILES | NM_VPN_EDITOR_PLUGIN_CAPABILITY_IPV6 | editor_capability ();
}

#ifdef COMPAT_LIBRESWAN
static NMConnection *
plugin_import (NMVpnEditorPlugin *plugin, const char *path, GError **error)
{
  return ipsec_compat_conf_import (path, error);
}

static gboolean
plugin_export (NMVpnEditorPlugin *plugin, const char *path, NMConnection *connection, GError **error)
{
  return ipsec_compat_conf_export (path, connection, error);
}

static char *
plugin_get_suggested_filename (NMVpnEditorPlugin *plugin, NMConnection *connection)
{
  const char *id = nm_connection_get_id (connection);

  return g_strdelimit (g_strconcat (id != NULL ? id : "libreswan", ".conf", NULL), "/", '-');
}
#endif

static void
plugin_interface_init (NMVpnEditorPluginInterface *iface)
{
  iface->get_editor = plugin_get_editor;
  iface->get_capabilities = plugin_get_capabilities;
#ifdef COMPAT_LIBRESWAN
  iface->import_from_file = plugin_import;
  iface->export_to_file = plugin_export;
  iface->get_suggested_filename = plugin_get_suggested_filename;
#endif
}

static void
compat_plugin_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  switch (id)
    {
    case PROP_NAME:
      /* Translators: the kind of VPN, in the list from which a user picks one: %s is the name of another plugin */
      g_value_take_string (value, g_strdup_printf (_ ("IPsec (%s)"), OTHER));
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (
          value, _ ("For connections that were made for that plugin; a new one is of the kind “IPsec (IKEv2)”."));
      break;
    case PROP_SERVICE:
      g_value_set_string (value, SERVICE);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
compat_plugin_class_init (CompatPluginClass *class)
{
  class->get_property = compat_plugin_get_property;
  g_object_class_override_property (class, PROP_NAME, NM_VPN_EDITOR_PLUGIN_NAME);
  g_object_class_override_property (class, PROP_DESCRIPTION, NM_VPN_EDITOR_PLUGIN_DESCRIPTION);
  g_object_class_override_property (class, PROP_SERVICE, NM_VPN_EDITOR_PLUGIN_SERVICE);
}

static void
compat_plugin_init (CompatPlugin *plugin)
{
}

G_MODULE_EXPORT NMVpnEditorPlugin *nm_vpn_editor_plugin_factory (GError **error);

G_MODULE_EXPORT NMVpnEditorPlugin *
nm_vpn_editor_plugin_factory (GError **error)
{
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  return g_object_new (compat_plugin_get_type (), NULL);
}
