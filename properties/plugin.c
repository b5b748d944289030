/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libnm-vpn-plugin-ipsec.so: what libnm loads into nmcli, GNOME Settings and nm-connection-editor.
 *
 * It must not need a toolkit, for nmcli loads it, too. The editor is in a module of its own beside this one, one for
 * each toolkit, as two of them cannot live in one process; it is opened when it is asked for.
 */
#include "config.h"

#include "profile/formats/formats.h"

#include "form/form.h"
#include "nss/nss-des3.h"

#include <NetworkManager.h>
#include <dlfcn.h>
#include <glib/gi18n-lib.h>

#define SERVICE "org.freedesktop.NetworkManager.ipsec"
#define EDITOR_GTK3 "libnm-vpn-plugin-ipsec-editor.so"
#define DES3 "libnm-ipsec-des3.so"
#define EDITOR_GTK4 "libnm-gtk4-vpn-plugin-ipsec-editor.so"

/* since libnm 1.52 */
#define CAPABILITY_NO_EDITOR ((NMVpnEditorPluginCapability) 8)

typedef NMVpnEditor *(*EditorFactory) (NMConnection *connection, GError **error);

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

/* ---- the editor's module ---- */

static char *
beside_us (const char *name)
{
  Dl_info info;
  g_autofree char *dir = NULL;

  if (dladdr ((void *) nm_ipsec_plugin_get_type, &info) == 0 || info.dli_fname == NULL)
    return g_strdup (name);
  dir = g_path_get_dirname (info.dli_fname);
  return g_build_filename (dir, name, NULL);
}

/* Whose process are we in? */
static gboolean
host_is_gtk3 (void)
{
  return dlsym (RTLD_DEFAULT, "gtk_container_add") != NULL;
}

static gboolean
host_is_gtk4 (void)
{
  return dlsym (RTLD_DEFAULT, "gtk_box_append") != NULL;
}

static gboolean
editor_exists (const char *name)
{
  g_autofree char *path = beside_us (name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* libnm has no way for the notes of an import: the editor, which is opened next, finds them at its connection. */
static void
hand_notes_over (NMConnection *connection)
{
  NMSettingVpn *setting = nm_connection_get_setting_vpn (connection);

  if (imported == NULL || setting == NULL ||
      !nm_setting_compare (imported, NM_SETTING (setting), NM_SETTING_COMPARE_FLAG_IGNORE_SECRETS))
    return;
  g_object_set_data_full (G_OBJECT (connection), IPSEC_IMPORT_NOTES, g_steal_pointer (&imported_notes), g_free);
  g_clear_object (&imported);
}

static NMVpnEditor *
plugin_get_editor (NMVpnEditorPlugin *plugin, NMConnection *connection, GError **error)
{
  static EditorFactory factory; /* types cannot be registered twice: the module stays */
  g_autofree char *path = beside_us (host_is_gtk3 () ? EDITOR_GTK3 : EDITOR_GTK4);
  void *module;

  if (factory == NULL)
    {
      module = dlopen (path, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
      if (module == NULL)
        {
          g_set_error (error, NM_CONNECTION_ERROR, NM_CONNECTION_ERROR_FAILED,
                       _ ("The editor for IPsec connections is not installed, or cannot be loaded: %s"), dlerror ());
          return NULL;
        }
      factory = (EditorFactory) dlsym (module, "nm_ipsec_editor_new");
      if (factory == NULL)
        {
          g_set_error (error, NM_CONNECTION_ERROR, NM_CONNECTION_ERROR_FAILED,
                       _ ("%s is not the editor for IPsec connections."), path);
          dlclose (module);
          return NULL;
        }
    }
  hand_notes_over (connection);
  return factory (connection, error);
}

static NMVpnEditorPluginCapability
plugin_get_capabilities (NMVpnEditorPlugin *plugin)
{
  gboolean editor;

  if (host_is_gtk3 ())
    editor = editor_exists (EDITOR_GTK3);
  else if (host_is_gtk4 ())
    editor = editor_exists (EDITOR_GTK4);
  else
    editor = editor_exists (EDITOR_GTK3) || editor_exists (EDITOR_GTK4);
  return NM_VPN_EDITOR_PLUGIN_CAPABILITY_IMPORT | NM_VPN_EDITOR_PLUGIN_CAPABILITY_EXPORT |
         NM_VPN_EDITOR_PLUGIN_CAPABILITY_IPV6 | (editor ? NM_VPN_EDITOR_PLUGIN_CAPABILITY_NONE : CAPABILITY_NO_EDITOR);
}

/* ---- files ---- */

/* IpsecDes3: see nss-des3.h. */
static gboolean
des3 (const guint8 *key, const guint8 *iv, const guint8 *data, gsize len, guint8 *ret_text)
{
  g_autofree char *path = beside_us (DES3);
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
