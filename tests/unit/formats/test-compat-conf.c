/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NetworkManager-libreswan's files: those that it writes, in libreswan/ with the items that it makes of them; what it writes
 * of a profile; what it refuses; and each of its keys through a file and back.
 */
#include "profile/formats/compat-conf.h"

#include "profile/formats/compat-libreswan.h"
#include "profile/formats/compat.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>

#define LIBRESWAN "org.freedesktop.NetworkManager.libreswan"

/* "key=value|key=value" */
static NMConnection *
connection_with (const char *id, const char *items)
{
  g_auto (GStrv) list = g_strsplit (items, "|", -1);
  NMConnection *connection = nm_simple_connection_new ();
  NMSettingVpn *vpn = NM_SETTING_VPN (nm_setting_vpn_new ());

  nm_connection_add_setting (connection, g_object_new (NM_TYPE_SETTING_CONNECTION, NM_SETTING_CONNECTION_ID, id, NULL));
  g_object_set (vpn, NM_SETTING_VPN_SERVICE_TYPE, LIBRESWAN, NULL);
  for (guint i = 0; list[i] && list[i][0]; i++)
    {
      char *equals = strchr (list[i], '=');

      *equals = '\0';
      nm_setting_vpn_add_data_item (vpn, list[i], equals + 1);
    }
  nm_connection_add_setting (connection, NM_SETTING (vpn));
  return connection;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* "key=value" in lines, in the order of the alphabet. */
static char *
items_of (NMConnection *connection)
{
  NMSettingVpn *vpn = nm_connection_get_setting_vpn (connection);
  g_autofree const char **keys = nm_setting_vpn_get_data_keys (vpn, NULL);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; keys && keys[i]; i++)
    g_ptr_array_add (lines, g_strdup_printf ("%s=%s\n", keys[i], nm_setting_vpn_get_data_item (vpn, keys[i])));
  g_ptr_array_sort (lines, compare);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv (NULL, (char **) lines->pdata);
}

static NMConnection *
import (const char *text)
{
  g_autoptr (GError) error = NULL;
  NMConnection *connection = ipsec_compat_conf_import_text ("/nonexistent/file", text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_cmpstr (nm_setting_vpn_get_service_type (nm_connection_get_setting_vpn (connection)), ==, LIBRESWAN);
  return connection;
}

static char *export(NMConnection *connection)
{
  g_autoptr (GError) error = NULL;
  char *text = ipsec_compat_conf_text (connection, &error);

  g_assert_no_error (error);
  return text;
}

/* ---- files as that plugin writes them ---- */

static void
test_files (void)
{
  static const char *const names[][2] = {
    { "certificate", "office" }, { "group", "group" },     { "old", "old" },
    { "verbatim", "hosts" },     { "by-hand", "my#home" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_strdup_printf ("%s/libreswan/%s.conf", g_getenv ("FORMATS_CORPUS"), names[i][0]);
      g_autofree char *wanted = g_strdup_printf ("%s/libreswan/%s.items", g_getenv ("FORMATS_CORPUS"), names[i][0]);
      g_autofree char *want = NULL, *have = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (NMConnection) connection = ipsec_compat_conf_import (file, &error);

      g_assert_no_error (error);
      g_assert_true (g_file_get_contents (wanted, &want, NULL, NULL));
      have = items_of (connection);
      g_assert_cmpstr (have, ==, want);
      g_assert_cmpstr (nm_connection_get_id (connection), ==, names[i][1]);
    }
}

/* What was written by that plugin is written the same, but for keyingtries, which it drops itself. */
static void
test_files_again (void)
{
  static const char *const names[] = { "certificate", "group", "verbatim" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_strdup_printf ("%s/libreswan/%s.conf", g_getenv ("FORMATS_CORPUS"), names[i]);
      g_autofree char *text = NULL, *again = NULL;
      g_autoptr (NMConnection) connection = NULL;
      char *line;

      g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
      connection = import (text);
      again = export(connection);
      line = strstr (text, " keyingtries=1\n");
      if (line)
        memmove (line, strchr (line, '\n') + 1, strlen (strchr (line, '\n')));
      g_assert_cmpstr (again, ==, text);
    }
}

/* ---- what is written ---- */

static void
test_write (void)
{
  static const struct {
    const char *id, *items, *text;
  } cases[] = {
    { "small", "right=192.0.2.1|dhgroup=whatever|pskvalue-flags=1",
      "conn small\n ikev2=never\n right=192.0.2.1\n left=%defaultroute\n leftmodecfgclient=yes\n authby=secret\n"
      " ikelifetime=24h\n salifetime=24h\n rightsubnet=0.0.0.0/0\n rekey=yes\n keyingtries=1\n leftxauthclient=yes\n"
      " rightxauthserver=yes\n remote-peer-type=cisco\n rightmodecfgserver=yes\n modecfgpull=yes\n" },
    { "my VPN", "right=192.0.2.1|ikev2=insist|leftcert=My Key|leftid=%fromcert|rekey=no|clientaddrfamily=ipv6",
      "conn my-VPN\n ikev2=insist\n right=192.0.2.1\n leftid=%fromcert\n leftcert=\"My Key\"\n "
      "rightrsasigkey=\"%cert\"\n"
      " leftrsasigkey=\"%cert\"\n left=%defaultroute\n leftmodecfgclient=yes\n clientaddrfamily=ipv6\n"
      " rightsubnet=::/0\n rekey=no\n rightmodecfgserver=yes\n modecfgpull=yes\n" },
    { "no",
      "right=192.0.2.1|nm-auto-defaults=no|nm-connect-mode=ondemand|vendor=Cisco|leftsubnets=10.0.0.0/8, 10.1.0.0/16,,",
      "# NetworkManager specific configs, don't remove:\n# nm-auto-defaults=no\n# nm-connect-mode=ondemand\n\n"
      "conn no\n right=192.0.2.1\n leftsubnets=10.0.0.0/8,10.1.0.0/16\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (NMConnection) connection = connection_with (cases[i].id, cases[i].items);
      g_autofree char *text = export(connection);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

/* The user of vpn.user-name is who signs in, in IKEv1. */
static void
test_write_user (void)
{
  g_autoptr (NMConnection) connection = connection_with ("a", "right=b");
  g_autofree char *text = NULL;

  g_object_set (nm_connection_get_setting_vpn (connection), NM_SETTING_VPN_USER_NAME, "alice", NULL);
  text = export(connection);
  g_assert_nonnull (strstr (text, "\n leftusername=\"alice\"\n"));
  g_assert_null (strstr (text, "leftxauthusername"));
}

static void
test_write_refused (void)
{
  static const char *const cases[][2] = {
    { "ikev2=insist", "'right' key needs to be present" },
    { "right=a|leftupdown=/bin/sh", "property 'leftupdown' invalid or not supported" },
    { "right=a\n leftupdown=/bin/sh", "Invalid character in 'right'" },
    { "right=a|leftcert=\"", "Invalid character in 'leftcert'" },
    { "right=a|nm-connect-mode=up\nconn b", "Invalid character in 'nm-connect-mode'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (NMConnection) connection = connection_with ("a", cases[i][0]);
      g_autoptr (GError) error = NULL;

      g_assert_null (ipsec_compat_conf_text (connection, &error));
      g_assert_nonnull (error);
      g_assert_cmpstr (error->message, ==, cases[i][1]);
    }
}

/* ---- what is refused ---- */

static void
test_refused (void)
{
  static const char *const cases[][2] = {
    { "", "'conn' key needs to be present" },
    { "conn \"\"\"\n right=b\n", "'conn' key needs to be present" },
    { "conn \" \"\n right=b\n", "'conn' key needs to be present" },
    { "conn a\n", "'right' key needs to be present" },
    { " right=b\n", "Line 1 of the file belongs to no section." },
    { "conn a\nright=b\n", "'right=b' not understood" },
    { "config setup\nconn a\n right=b\n", "'config setup' not understood" },
    { "include /etc/ipsec.d/*.conf\n", "'include /etc/ipsec.d/*.conf' not understood" },
    { "root:x:0:0\x1b:\n", "'root:x:0:0\\033:' not understood" },
    { "conn a\n right=b\nconn a\n right=b\n", "'conn' specified multiple times" },
    { "conn a\n right=b\n right=b\n", "'right' specified multiple times" },
    { "conn a\n right=b\n also=c\n", "property 'also' invalid or not supported" },
    { "conn a\n right=b\n leftupdown=/bin/sh\n", "property 'leftupdown' invalid or not supported" },
    { "conn a\n right=b\n auto=add\n", "property 'auto' invalid or not supported" },
    { "conn a\n right=b\n vendor=Cisco\n", "property 'vendor' invalid or not supported" },
    { "conn a\n right=b\n nm-auto-defaults=no\n", "property 'nm-auto-defaults' invalid or not supported" },
    { "conn a\n right=b\n pskvalue=c\n", "property 'pskvalue' invalid or not supported" },
    { "conn a\n right=b c\n", "Invalid character in 'right'" },
    { "conn a\n right=b\n leftcert=\"c\n", "In line 3 of the file a quotation mark is missing." },
    { "conn a\n right=b\n rightmodecfgserver=no\n", "'no' is not supported for 'rightmodecfgserver'" },
    { "conn a\n right=b\n ikev2=insist\n leftxauthclient=yes\n", "'yes' is not supported for 'leftxauthclient'" },
    { "conn a\n right=b\n keyingtries=3\n", "'3' is not supported for 'keyingtries'" },
    { "conn a\n right=b\xff\n", "The file is not text." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ipsec_compat_conf_import_text ("/nonexistent/file", cases[i][0], strlen (cases[i][0]), &error));
      g_assert_nonnull (error);
      g_assert_cmpstr (error->message, ==, cases[i][1]);
    }
}

static void
test_no_file (void)
{
  static const char *const paths[] = { "/does/not/exist", "/", "/dev/zero" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ipsec_compat_conf_import (paths[i], &error));
      g_assert_nonnull (error);
    }
}

/* ---- each key ---- */

/* What a user may have there: never what it would be anyway. */
static const char *
sample (const char *key)
{
  static const char *const samples[][2] = {
    { "ikev2", "insist" },
    { "left", "192.0.2.7" },
    { "leftmodecfgclient", "no" },
    { "pfs", "no" },
    { "rekey", "no" },
    { "leftsubnet", "10.7.0.0/16" },
    { "rightsubnet", "10.8.0.0/16" },
    { "leftsubnets", "10.7.0.0/16,10.9.0.0/16" },
    { "vendor", "Cisco" },
    { "leftid", "@me" },
    { "rightid", "@you" },
    { "ike", "aes256-sha2_256;dh19" },
    { "esp", "aes_gcm256" },
    { "rightsubnets", "10.8.0.0/16" },
    { "nm-auto-defaults", "no" },
    { "nm-connect-mode", "ondemand" },
    { "right", "vpn.example.com" },
    { "leftusername", "alice of example" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    if (strcmp (samples[i][0], key) == 0)
      return samples[i][1];
  return libreswan_key_find (key)->kind == LIBRESWAN_TEXT ? "two words" : "word";
}

static gboolean
is_in_comments (const char *key)
{
  return strcmp (key, LIBRESWAN_AUTO_DEFAULTS) == 0 || strcmp (key, LIBRESWAN_CONNECT_MODE) == 0;
}

/* Without defaults a file is the profile, whatever the key. */
static void
test_keys_verbatim (void)
{
  const LibreswanKey *key;

  for (guint i = 0; (key = libreswan_key_at (i)); i++)
    {
      g_autofree char *items =
          g_strdup_printf ("right=192.0.2.1|nm-auto-defaults=no|%s=%s", key->name, sample (key->name));
      g_autoptr (NMConnection) connection = connection_with ("a", items);
      g_autofree char *text = export(connection);
      g_autoptr (NMConnection) again = import (text);
      g_autofree char *want = NULL, *have = items_of (again);

      if (key->kind == LIBRESWAN_INTERNAL && !is_in_comments (key->name))
        nm_setting_vpn_remove_data_item (nm_connection_get_setting_vpn (connection), key->name);
      want = items_of (connection);
      g_assert_cmpstr (have, ==, want);
    }
}

/* What the file of a profile comes to for our service is what the profile comes to. */
static void
assert_same_meaning (NMConnection *a, NMConnection *b)
{
  NMConnection *const connections[] = { a, b };
  g_autofree char *first = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (IpsecSetting) from = ipsec_setting_from_libnm (nm_connection_get_setting_vpn (connections[i]));
      g_autoptr (GError) error = NULL;
      g_autoptr (IpsecSetting) to = ipsec_compat_translate (from, NULL, &error);
      g_autoptr (NMConnection) result = nm_simple_connection_new ();
      g_autofree char *text = NULL;

      if (to)
        {
          ipsec_setting_set (to, "keyingtries", NULL);
          nm_connection_add_setting (result, NM_SETTING (ipsec_setting_to_libnm (to)));
        }
      text = to ? items_of (result) : g_strdup (error->message);
      if (i == 0)
        first = g_steal_pointer (&text);
      else
        g_assert_cmpstr (text, ==, first);
    }
}

/* With defaults what the user has said is still there afterwards, and a second time nothing changes any more. */
static void
test_keys_defaults (void)
{
  static const char *const kinds[] = { "", "|ikev2=insist", "|leftid=@group", "|ikev2=yes|leftcert=me" };
  const LibreswanKey *key;

  for (guint i = 0; (key = libreswan_key_at (i)); i++)
    for (guint j = 0; j < G_N_ELEMENTS (kinds); j++)
      {
        g_autofree char *items = g_strdup_printf ("right=192.0.2.1%s|%s=%s", kinds[j], key->name, sample (key->name));
        g_autoptr (NMConnection) connection = connection_with ("a", items);
        g_autofree char *text = export(connection), *first = NULL, *second = NULL, *text_again = NULL;
        g_autoptr (NMConnection) again = import (text), third = NULL;
        NMSettingVpn *vpn = nm_connection_get_setting_vpn (again);
        const char *have = nm_setting_vpn_get_data_item (vpn, key->name);
        gboolean user = g_str_has_suffix (key->name, "username"), two = j == 1 || j == 3;

        if (strcmp (key->name, LIBRESWAN_AUTO_DEFAULTS) == 0)
          continue;
        if (user) /* of IKEv1 only; the older name is no more written */
          g_assert_cmpstr (nm_setting_vpn_get_data_item (vpn, "leftusername"), ==, two ? NULL : sample (key->name));
        else if (strcmp (key->name, "authby") == 0) /* not the user's to say */
          g_assert_cmpstr (have, ==, j == 3 ? NULL : "secret");
        else if (key->derived ||
                 (key->kind == LIBRESWAN_INTERNAL && !is_in_comments (key->name) && strcmp (key->name, "vendor") != 0))
          g_assert_cmpstr (have, ==, NULL);
        else
          g_assert_cmpstr (have, ==, sample (key->name));
        text_again = export(again);
        third = import (text_again);
        first = items_of (again);
        second = items_of (third);
        if (strcmp (key->name, "leftxauthusername") != 0)
          g_assert_cmpstr (second, ==, first);
        if (!key->derived && key->kind != LIBRESWAN_INTERNAL)
          assert_same_meaning (connection, again);
      }
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compat-conf/files", test_files);
  g_test_add_func ("/compat-conf/files-again", test_files_again);
  g_test_add_func ("/compat-conf/write", test_write);
  g_test_add_func ("/compat-conf/write-user", test_write_user);
  g_test_add_func ("/compat-conf/write-refused", test_write_refused);
  g_test_add_func ("/compat-conf/refused", test_refused);
  g_test_add_func ("/compat-conf/no-file", test_no_file);
  g_test_add_func ("/compat-conf/keys-verbatim", test_keys_verbatim);
  g_test_add_func ("/compat-conf/keys-defaults", test_keys_defaults);
  return g_test_run ();
}
