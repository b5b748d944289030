/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libnm-vpn-plugin-ipsec.so: what libnm loads into nmcli, GNOME Settings and nm-connection-editor.
 *
 * It must not need a toolkit, for nmcli loads it, too: see editor-load.h.
 */
#include "config.h"

#include "profile/formats/formats.h"

#include "editor-load.h"
#include "form/form.h"
#include "nss/nss-des3.h"

#include <NetworkManager.h>
#include <dlfcn.h>
#include <glib/gi18n-lib.h>

#define SERVICE "org.freedesktop.NetworkManager.ipsec"
#define DES3 "libnm-ipsec-des3.so"

typedef GObject NmIpsecPlugin;
typedef GObjectClass NmIpsecPluginClass;

/* What was imported last, and what is to be said about it; NULL: nothing. They are the process's, for GNOME Settings opens
 * the editor with another plugin object than it imports with. */
static NMSetting *imported;
static char *imported_notes;

enum { PROP_0, PROP_NAME, PROP_DESCRIPTION, PROP_SERVICE };

static void plugin_interface_init (NMVpnEditorPluginInterface *iface);
GType nm_ipsec_plugin_get_type (void);
G_DEFINE_TYPE_WITH_CODE (NmIpsecPlugin, nm_ipsec_plugin, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (NM_TYPE_VPN_EDITOR_PLUGIN, plugin_interface_init))

/* ---- the editor ---- */

/* libnm has no way for the notes of an import: the editor, which is opened next, finds them at its connection. */
static void
hand_notes_over (NMConnection *connection)
{
  NMSettingVpn *setting = nm_connection_get_setting_vpn (connection);

  if (imported == NULL || setting == NULL ||
      !nm_setting_compare (imported, NM_SETTING (setting), NM_SETTING_COMPARE_FLAG_IGNORE_SECRETS))
    return;
  /* Translators: sentences about what could not be taken over follow, one on each line */
  g_object_set_data_full (G_OBJECT (connection), IPSEC_EDITOR_NOTES,
                          g_strdup_printf ("%s\n%s", _ ("About the imported file:"), imported_notes), g_free);
  g_clear_object (&imported);
}

static NMVpnEditor *
plugin_get_editor (NMVpnEditorPlugin *plugin, NMConnection *connection, GError **error)
{
  hand_notes_over (connection);
  return editor_load (connection, error);
}

static NMVpnEditorPluginCapability
plugin_get_capabilities (NMVpnEditorPlugin *plugin)
{
  return NM_VPN_EDITOR_PLUGIN_CAPABILITY_IMPORT | NM_VPN_EDITOR_PLUGIN_CAPABILITY_EXPORT |
         NM_VPN_EDITOR_PLUGIN_CAPABILITY_IPV6 | editor_capability ();
}

/* ---- files ---- */

/* IpsecDes3: see nss-des3.h. */
static gboolean
des3 (const guint8 *key, const guint8 *iv, const guint8 *data, gsize len, guint8 *ret_text)
{
  g_autofree char *path = editor_beside_us (DES3);
  void *module = dlopen (path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE); /* NSPR cannot be unloaded */
  typeof (nss_des3_decrypt) *decrypt = NULL;

  if (module == NULL)
    return FALSE;
  *(void **) &decrypt = dlsym (module, "nss_des3_decrypt");
  return decrypt != NULL && decrypt (key, iv, data, len, ret_text);
}

static void
keep_notes (NMConnection *connection, GPtrArray *notes)
{
  GString *text = g_string_new (NULL);

  g_clear_object (&imported);
  for (guint i = 0; i < notes->len; i++)
    g_string_append_printf (text, "%s• %s", i > 0 ? "\n" : "", (const char *) notes->pdata[i]);
  g_free (imported_notes);
  imported_notes = g_string_free (text, FALSE);
  if (notes->len > 0)
    imported = nm_setting_duplicate (NM_SETTING (nm_connection_get_setting_vpn (connection)));
}

/* Desktops keep a program's messages in the journal, nmcli shows them. */
static void
say_notes (GPtrArray *notes)
{
  for (guint i = 0; i < notes->len; i++)
    g_message ("%s", (const char *) notes->pdata[i]);
}

static NMConnection *
plugin_import (NMVpnEditorPlugin *plugin, const char *path, GError **error)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  NMConnection *connection = ipsec_formats_import (path, des3, notes, error);

  if (connection != NULL)
    {
      say_notes (notes);
      keep_notes (connection, notes);
    }
  return connection;
}

static gboolean
plugin_export (NMVpnEditorPlugin *plugin, const char *path, NMConnection *connection, GError **error)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  gboolean ok = ipsec_formats_export (path, connection, notes, error);

  if (ok)
    say_notes (notes);
  return ok;
}

static char *
plugin_get_suggested_filename (NMVpnEditorPlugin *plugin, NMConnection *connection)
{
  return ipsec_formats_suggest (connection);
}

/* ---- the object ---- */

static void
plugin_interface_init (NMVpnEditorPluginInterface *iface)
{
  iface->get_editor = plugin_get_editor;
  iface->get_capabilities = plugin_get_capabilities;
  iface->import_from_file = plugin_import;
  iface->export_to_file = plugin_export;
  iface->get_suggested_filename = plugin_get_suggested_filename;
}

static void
plugin_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  switch (id)
    {
    case PROP_NAME:
      /* Translators: the kind of VPN, in the list from which a user picks one */
      g_value_set_string (value, _ ("IPsec (IKEv2)"));
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (value,
                          _ ("Works with strongSwan, Libreswan, Windows Server, cloud gateways and many others."));
      break;
    case PROP_SERVICE:
      g_value_set_string (value, SERVICE);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
nm_ipsec_plugin_class_init (NmIpsecPluginClass *class)
{
  class->get_property = plugin_get_property;
  g_object_class_override_property (class, PROP_NAME, NM_VPN_EDITOR_PLUGIN_NAME);
  g_object_class_override_property (class, PROP_DESCRIPTION, NM_VPN_EDITOR_PLUGIN_DESCRIPTION);
  g_object_class_override_property (class, PROP_SERVICE, NM_VPN_EDITOR_PLUGIN_SERVICE);
}

static void
nm_ipsec_plugin_init (NmIpsecPlugin *plugin)
{
}

G_MODULE_EXPORT NMVpnEditorPlugin *nm_vpn_editor_plugin_factory (GError **error);

G_MODULE_EXPORT NMVpnEditorPlugin *
nm_vpn_editor_plugin_factory (GError **error)
{
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  return g_object_new (nm_ipsec_plugin_get_type (), NULL);
}
