/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin as libnm loads it into a program without a toolkit: found through its .name file, what it can do, what it
 * says to files that are not its own, and that an editor that is not there is an error and not the end.
 */
#include <NetworkManager.h>
#include <glib/gstdio.h>
#include <string.h>

static char *dir;

static char *
write_file (const char *name, const char *text)
{
  char *path = g_build_filename (dir, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

/* As libnm finds @library, by the .name file that is installed for it. */
static NMVpnEditorPlugin *
load_by (const char *name_file, const char *library)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = NULL, *path = NULL, *installed = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NMVpnPluginInfo) info = NULL;
  NMVpnEditorPlugin *plugin;

  g_assert_true (g_key_file_load_from_file (file, name_file, G_KEY_FILE_NONE, NULL));
  installed = g_key_file_get_string (file, "libnm", "plugin", &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (installed, strrchr (library, '/')));
  g_key_file_set_string (file, "libnm", "plugin", library);
  text = g_key_file_to_data (file, NULL, NULL);
  path = write_file ("nm-test-service.name", text);
  info = nm_vpn_plugin_info_new_from_file (path, &error);
  g_assert_no_error (error);
  plugin = nm_vpn_plugin_info_load_editor_plugin (info, &error);
  g_assert_no_error (error);
  return g_object_ref (plugin);
}

static NMVpnEditorPlugin *
load (const char *library)
{
  return load_by (g_getenv ("IPSEC_NAME"), library);
}

static void
test_facts (void)
{
  g_autoptr (NMVpnEditorPlugin) plugin = load (g_getenv ("IPSEC_PLUGIN"));
  g_autofree char *name = NULL, *description = NULL, *service = NULL;
  guint capabilities = nm_vpn_editor_plugin_get_capabilities (plugin);

  g_object_get (plugin, NM_VPN_EDITOR_PLUGIN_NAME, &name, NM_VPN_EDITOR_PLUGIN_DESCRIPTION, &description,
                NM_VPN_EDITOR_PLUGIN_SERVICE, &service, NULL);
  g_assert_cmpstr (service, ==, "org.freedesktop.NetworkManager.ipsec");
  g_assert_cmpstr (name, ==, "IPsec (IKEv2)");
  g_assert_nonnull (description);
  g_assert_cmpuint (capabilities & 7, ==,
                    NM_VPN_EDITOR_PLUGIN_CAPABILITY_IMPORT | NM_VPN_EDITOR_PLUGIN_CAPABILITY_EXPORT |
                        NM_VPN_EDITOR_PLUGIN_CAPABILITY_IPV6);
}

/* Alone in a folder: without its editors. */
static void
test_no_editor (void)
{
  if (g_test_subprocess ())
    {
      g_autofree char *copy = g_build_filename (dir, "libnm-vpn-plugin-ipsec.so", NULL);
      g_autofree char *bytes = NULL;
      gsize len;
      g_autoptr (NMVpnEditorPlugin) plugin = NULL;
      g_autoptr (NMConnection) connection = nm_simple_connection_new ();
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_get_contents (g_getenv ("IPSEC_PLUGIN"), &bytes, &len, NULL));
      g_assert_true (g_file_set_contents (copy, bytes, (gssize) len, NULL));
      plugin = load (copy);
      g_assert_cmpuint (nm_vpn_editor_plugin_get_capabilities (plugin), ==, 8 | 7);
      g_assert_null (nm_vpn_editor_plugin_get_editor (plugin, connection, &error));
      g_assert_nonnull (strstr (error->message, "not installed"));
      g_unlink (copy);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

/* Desktops offer every file to every plugin. */
static void
test_import_foreign (void)
{
  static const char *const texts[] = { "", "client\nremote vpn.example.com 1194\n", "\x01\x02", "[main]\n" };
  g_autoptr (NMVpnEditorPlugin) plugin = load (g_getenv ("IPSEC_PLUGIN"));

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *path = write_file ("foreign", texts[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (nm_vpn_editor_plugin_import (plugin, path, &error));
      g_assert_nonnull (strstr (error->message, "not an IPsec connection"));
      g_unlink (path);
    }
}

static void
test_import_no_file (void)
{
  static const char *const paths[] = { "/does/not/exist", "/", "/dev/zero" };
  g_autoptr (NMVpnEditorPlugin) plugin = load (g_getenv ("IPSEC_PLUGIN"));

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (nm_vpn_editor_plugin_import (plugin, paths[i], &error));
      g_assert_nonnull (error);
    }
}

/* Cisco's obfuscated password, undone by the module beside the plugin. */
static void
test_import_obfuscated (void)
{
  static const char text[] =
      "[main]\nHost=192.0.2.1\nAuthType=1\nGroupName=staff\n"
      "enc_GroupPwd="
      "7F407242A6A26402FFAB80AE33EFB61988873B7DA8C930FE599AC158E5CE9B50653D081216BFFB587C38C29E02684BF5039E"
      "80D9807CC1D6\n";
  g_autoptr (NMVpnEditorPlugin) plugin = load (g_getenv ("IPSEC_PLUGIN"));
  g_autofree char *path = write_file ("office.pcf", text);
  g_autoptr (GError) error = NULL;
  g_autoptr (NMConnection) connection = nm_vpn_editor_plugin_import (plugin, path, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (nm_setting_vpn_get_secret (nm_connection_get_setting_vpn (connection), "psk"), ==, "mygroupsecret");
  g_unlink (path);
}

static NMConnection *
connection_with (const char *key, const char *value)
{
  NMConnection *connection = nm_simple_connection_new ();
  NMSettingVpn *vpn = NM_SETTING_VPN (nm_setting_vpn_new ());

  nm_connection_add_setting (connection,
                             g_object_new (NM_TYPE_SETTING_CONNECTION, NM_SETTING_CONNECTION_ID, "office", NULL));
  nm_setting_vpn_add_data_item (vpn, "gateway", "vpn.example.com");
  nm_setting_vpn_add_data_item (vpn, "auth", "eap");
  nm_setting_vpn_add_data_item (vpn, key, value);
  nm_connection_add_setting (connection, NM_SETTING (vpn));
  return connection;
}

/* What is not in a file is said; what would be another connection is no file. */
static void
test_export (void)
{
  g_autoptr (NMVpnEditorPlugin) plugin = NULL;
  g_autoptr (NMConnection) with_tcp = connection_with ("tcp", "yes"), blocking = connection_with ("kill-switch", "yes");
  g_autofree char *path = g_build_filename (dir, "out.sswan", NULL);
  g_autoptr (GError) error = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      g_test_trap_assert_stderr ("*Not in the file*: tcp.*");
      return;
    }
  plugin = load (g_getenv ("IPSEC_PLUGIN"));
  g_assert_true (nm_vpn_editor_plugin_export (plugin, path, with_tcp, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_false (nm_vpn_editor_plugin_export (plugin, path, blocking, &error));
  g_assert_nonnull (strstr (error->message, "kill-switch"));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_suggested_name (void)
{
  g_autoptr (NMVpnEditorPlugin) plugin = load (g_getenv ("IPSEC_PLUGIN"));
  g_autoptr (NMConnection) connection = nm_simple_connection_new ();
  g_autofree char *name = NULL;

  nm_connection_add_setting (connection,
                             g_object_new (NM_TYPE_SETTING_CONNECTION, NM_SETTING_CONNECTION_ID, "a/b", NULL));
  name = nm_vpn_editor_plugin_get_suggested_filename (plugin, connection);
  g_assert_true (g_str_has_prefix (name, "a-b."));
}

/* ---- the plugins for connections of others ---- */

static NMVpnEditorPlugin *
load_other (gboolean strongswan)
{
  return load_by (g_getenv (strongswan ? "STRONGSWAN_NAME" : "LIBRESWAN_NAME"),
                  g_getenv (strongswan ? "STRONGSWAN_PLUGIN" : "LIBRESWAN_PLUGIN"));
}

static void
test_other_facts (void)
{
  static const char *const names[] = { "libreswan", "strongswan" };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (NMVpnEditorPlugin) plugin = load_other (i == 1);
      g_autofree char *name = NULL, *service = NULL;
      g_autofree char *want = g_strconcat ("org.freedesktop.NetworkManager.", names[i], NULL);

      g_object_get (plugin, NM_VPN_EDITOR_PLUGIN_NAME, &name, NM_VPN_EDITOR_PLUGIN_SERVICE, &service, NULL);
      g_assert_cmpstr (service, ==, want);
      g_assert_nonnull (strstr (name, names[i]));
      g_assert_cmpuint (nm_vpn_editor_plugin_get_capabilities (plugin) & 7, ==,
                        NM_VPN_EDITOR_PLUGIN_CAPABILITY_IPV6 |
                            (i == 0 ? NM_VPN_EDITOR_PLUGIN_CAPABILITY_IMPORT | NM_VPN_EDITOR_PLUGIN_CAPABILITY_EXPORT
                                    : 0));
    }
}

/* Both in one process, beside ours, and the .name files say where the dialog is, as ours does. */
static void
test_other_dialog (void)
{
  static const char *const files[] = { "IPSEC_NAME", "LIBRESWAN_NAME", "STRONGSWAN_NAME" };
  g_autofree char *ours = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GKeyFile) file = g_key_file_new ();
      g_auto (GStrv) keys = NULL;
      g_autoptr (GString) all = g_string_new (NULL);

      g_assert_true (g_key_file_load_from_file (file, g_getenv (files[i]), G_KEY_FILE_NONE, NULL));
      keys = g_key_file_get_keys (file, "GNOME", NULL, NULL);
      g_assert_nonnull (keys);
      for (guint j = 0; keys[j]; j++)
        {
          g_autofree char *value = g_key_file_get_string (file, "GNOME", keys[j], NULL);

          g_string_append_printf (all, "%s=%s\n", keys[j], value);
        }
      if (i == 0)
        ours = g_strdup (all->str);
      g_assert_cmpstr (all->str, ==, ours);
    }
}

static void
test_other_import (void)
{
  g_autoptr (NMVpnEditorPlugin) plugin = load_other (FALSE);
  g_autofree char *path =
      write_file ("office.conf", "conn office\n right=192.0.2.1\n ikev2=insist\n leftcert=\"me\"\n");
  g_autofree char *out = g_build_filename (dir, "out.conf", NULL);
  g_autofree char *name = NULL, *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NMConnection) connection = nm_vpn_editor_plugin_import (plugin, path, &error);
  NMSettingVpn *vpn;

  g_assert_no_error (error);
  vpn = nm_connection_get_setting_vpn (connection);
  g_assert_cmpstr (nm_setting_vpn_get_service_type (vpn), ==, "org.freedesktop.NetworkManager.libreswan");
  g_assert_cmpstr (nm_setting_vpn_get_data_item (vpn, "leftrsasigkey"), ==, "%cert");
  g_assert_true (nm_vpn_editor_plugin_export (plugin, out, connection, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (out, &text, NULL, NULL));
  g_assert_true (g_str_has_prefix (text, "conn office\n ikev2=insist\n right=192.0.2.1\n leftcert=\"me\"\n"));
  name = nm_vpn_editor_plugin_get_suggested_filename (plugin, connection);
  g_assert_cmpstr (name, ==, "office.conf");
  g_unlink (path);
  g_unlink (out);
}

/* What cannot be one of ours cannot be shown as one. */
static void
test_other_no_editor (void)
{
  g_autoptr (NMVpnEditorPlugin) plugin = load_other (TRUE);
  g_autoptr (NMConnection) connection = nm_simple_connection_new ();
  NMSettingVpn *vpn = NM_SETTING_VPN (nm_setting_vpn_new ());
  g_autoptr (GError) error = NULL;

  g_object_set (vpn, NM_SETTING_VPN_SERVICE_TYPE, "org.freedesktop.NetworkManager.strongswan", NULL);
  nm_setting_vpn_add_data_item (vpn, "method", "eap");
  nm_connection_add_setting (connection, NM_SETTING (vpn));
  g_assert_null (nm_vpn_editor_plugin_get_editor (plugin, connection, &error));
  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==, "Gateway address missing.");
}

int
main (int argc, char **argv)
{
  int rc;
  g_autofree char *name_file = NULL;

  g_test_init (&argc, &argv, NULL);
  dir = g_dir_make_tmp ("ipsec-plugin-XXXXXX", NULL);
  g_assert_nonnull (dir);
  g_test_add_func ("/plugin/facts", test_facts);
  g_test_add_func ("/plugin/no-editor", test_no_editor);
  g_test_add_func ("/plugin/import-foreign", test_import_foreign);
  g_test_add_func ("/plugin/import-no-file", test_import_no_file);
  g_test_add_func ("/plugin/import-obfuscated", test_import_obfuscated);
  g_test_add_func ("/plugin/export", test_export);
  g_test_add_func ("/plugin/suggested-name", test_suggested_name);
  g_test_add_func ("/plugin/other/facts", test_other_facts);
  g_test_add_func ("/plugin/other/dialog", test_other_dialog);
  g_test_add_func ("/plugin/other/import", test_other_import);
  g_test_add_func ("/plugin/other/no-editor", test_other_no_editor);
  rc = g_test_run ();
  name_file = g_build_filename (dir, "nm-test-service.name", NULL);
  g_unlink (name_file);
  g_rmdir (dir);
  return rc;
}
