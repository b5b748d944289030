/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of other programs, as people have them: good/ must become the connection in expected/NAME, bad/ must fail with
 * the sentence there. FORMATS_UPDATE=1 writes expected/ anew, to be read before it is committed.
 *
 * Then every good connection goes through each format that can be written, and must come back as it was.
 */
#include "format-items.h"

#include "profile/formats/ipsec-conf-rows.h"
#include "profile/formats/ipsec-conf.h"
#include "profile/profile.h"

#include "nss/nss-des3.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const char *corpus; /* the directory of the files */
static char *home;

/* ---- a connection as text ---- */

static void
add_item (const char *key, const char *value, gpointer data)
{
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_printf (line, "%s=%s", key, value);
  g_string_replace (line, home, "$HOME", 0);
  g_ptr_array_add (data, g_string_free (g_steal_pointer (&line), FALSE));
}

static void
add_secret (const char *key, const char *value, gpointer data)
{
  g_ptr_array_add (data, g_strdup_printf ("secret.%s=%s", key, value));
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static char *
describe (NMConnection *connection, GPtrArray *notes)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  NMSettingVpn *vpn = nm_connection_get_setting_vpn (connection);
  GString *out = g_string_new (NULL);

  nm_setting_vpn_foreach_data_item (vpn, add_item, lines);
  nm_setting_vpn_foreach_secret (vpn, add_secret, lines);
  g_ptr_array_sort (lines, compare);
  g_string_append_printf (out, "id=%s\n", nm_connection_get_id (connection));
  if (nm_setting_vpn_get_persistent (vpn))
    g_string_append (out, "persistent\n");
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (out, "%s\n", (char *) lines->pdata[i]);
  for (guint i = 0; notes != NULL && i < notes->len; i++)
    g_string_append_printf (out, "note: %s\n", (char *) notes->pdata[i]);
  return g_string_free (out, FALSE);
}

/* ---- the corpus ---- */

static void
check_expected (const char *name, const char *got)
{
  g_autofree char *path = g_build_filename (corpus, "expected", name, NULL);
  g_autofree char *want = NULL;

  if (g_getenv ("FORMATS_UPDATE"))
    {
      g_assert_true (g_file_set_contents (path, got, -1, NULL));
      return;
    }
  g_assert_true (g_file_get_contents (path, &want, NULL, NULL));
  g_assert_cmpstr (got, ==, want);
}

/* Each file finds an empty home, so that the names of what it stores do not depend on the others. */
static void
clear_home (void)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s/.cert'", home);

  g_assert_cmpint (system (command), ==, 0);
}

static void
put_item (const char *key, const char *value, gpointer data)
{
  g_hash_table_insert (data, g_strdup (key), g_strdup (value));
}

/* A mesh with nets can be activated: it has nothing that is for other roles. */
static void
check_mesh (NMConnection *connection)
{
  g_autoptr (GHashTable) data = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) secrets = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecProfile) profile = NULL;

  nm_setting_vpn_foreach_data_item (nm_connection_get_setting_vpn (connection), put_item, data);
  if (g_strcmp0 (g_hash_table_lookup (data, "role"), "mesh"))
    return;
  if (!g_strcmp0 (g_hash_table_lookup (data, "auth"), "psk"))
    g_hash_table_insert (secrets, (gpointer) "psk", (gpointer) "correct horse battery staple");
  profile = ipsec_profile_new (data, secrets, NULL, &error);
  if (!profile)
    g_assert_error (error, IPSEC_PROFILE_ERROR, IPSEC_PROFILE_ERROR_MISSING_KEY);
}

static void
test_good (gconstpointer data)
{
  const char *name = data;
  g_autofree char *path = g_build_filename (corpus, "good", name, NULL), *text = NULL;
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (NMConnection) connection = NULL;

  clear_home ();
  connection = ipsec_formats_import (path, nss_des3_decrypt, notes, &error);
  g_assert_no_error (error);
  g_assert_true (nm_connection_verify (connection, &error));
  check_mesh (connection);
  text = describe (connection, notes);
  check_expected (name, text);
}

static void
test_bad (gconstpointer data)
{
  const char *name = data;
  g_autofree char *path = g_build_filename (corpus, "bad", name, NULL), *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NMConnection) connection = ipsec_formats_import (path, nss_des3_decrypt, NULL, &error);

  if (connection)
    g_test_message ("%s was taken", name);
  g_assert_null (connection);
  g_assert_error (error, IPSEC_PROFILE_ERROR, IPSEC_PROFILE_ERROR_BAD_VALUE);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  text = g_strdup_printf ("%s\n", error->message);
  check_expected (name, text);
}

/* ---- there and back ---- */

static gboolean
same_value (const char *key, const char *a, const char *b)
{
  g_autofree char *x = NULL, *y = NULL;
  gsize n, m;

  if (g_strcmp0 (a, b) == 0)
    return TRUE;
  /* some formats have room for one gateway, or one proposal */
  if ((!strcmp (key, "gateway") || !strcmp (key, "ike") || !strcmp (key, "esp")) && a && b && g_str_has_prefix (a, b) &&
      a[strlen (b)] == ',')
    return TRUE;
  /* a certificate in the file becomes a file again */
  return a && b && g_file_get_contents (a, &x, &n, NULL) && g_file_get_contents (b, &y, &m, NULL) && n == m &&
         memcmp (x, y, n) == 0;
}

typedef struct {
  NMSettingVpn *before;
  const char *name;
} Back;

/* A format that must have both identities says what is meant without the key, and "@name" may be without its "@". */
static const char *
usual_identity (const Back *back, const char *key, const char *before, const char *value)
{
  if (before)
    return before[0] == '@' && before[1] != '[' && value[0] != '@' ? before + 1 : before;
  return nm_setting_vpn_get_data_item (back->before, strcmp (key, "remote-id") == 0 ? "gateway" : "user");
}

static void
check_item (const char *key, const char *value, gpointer data)
{
  const Back *back = data;
  const char *before = nm_setting_vpn_get_data_item (back->before, key);

  if (g_str_has_suffix (key, "-flags"))
    return;
  if (strcmp (back->name, "mobileconfig") == 0 && (strcmp (key, "remote-id") == 0 || strcmp (key, "local-id") == 0))
    before = usual_identity (back, key, before, value);
  if (!same_value (key, before, value))
    g_test_message ("%s: %s was %s, is %s", back->name, key, before, value);
  g_assert_true (same_value (key, before, value));
}

/* What comes back is what was sent, as far as the format has it; and a second time nothing changes. */
static NMConnection *
there_and_back (NMConnection *connection, const IpsecFormat *format)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = format->write (connection, NULL, &error), *again = NULL;
  g_autoptr (NMConnection) second = NULL;
  g_autoptr (NMConnection) first = NULL;
  Back back = { .before = nm_connection_get_setting_vpn (connection), .name = format->name };

  if (!text)
    {
      g_assert_nonnull (error);
      return NULL;
    }
  g_assert_true (format->sniff (text, strlen (text)));
  first = ipsec_formats_import_text ("back.conf", text, strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
  nm_setting_vpn_foreach_data_item (nm_connection_get_setting_vpn (first), check_item, &back);
  again = format->write (first, NULL, &error);
  g_assert_no_error (error);
  second = ipsec_formats_import_text ("back.conf", again, strlen (again), NULL, NULL, &error);
  g_assert_no_error (error);
  back.before = nm_connection_get_setting_vpn (second);
  nm_setting_vpn_foreach_data_item (nm_connection_get_setting_vpn (first), check_item, &back);
  back.before = nm_connection_get_setting_vpn (first);
  nm_setting_vpn_foreach_data_item (nm_connection_get_setting_vpn (second), check_item, &back);
  return g_steal_pointer (&first);
}

static void
check_not_lost (const char *key, const char *value, gpointer data)
{
  const Back *back = data;

  if (nm_setting_vpn_get_data_item (back->before, key))
    return;
  g_test_message ("%s: %s was %s, is lost", back->name, key, value);
  g_test_fail ();
}

/* What came from a file of this format can be said in it. */
static void
check_nothing_lost (NMConnection *before, NMConnection *after, const char *name)
{
  Back back = { .before = nm_connection_get_setting_vpn (after), .name = name };

  nm_setting_vpn_foreach_data_item (nm_connection_get_setting_vpn (before), check_not_lost, &back);
}

static void
test_back (gconstpointer data)
{
  g_autofree char *path = g_build_filename (corpus, "good", (const char *) data, NULL), *text = NULL;
  g_autoptr (NMConnection) connection = ipsec_formats_import (path, nss_des3_decrypt, NULL, NULL);
  const IpsecFormat *format;
  gsize len;

  g_assert_nonnull (connection);
  g_assert_true (g_file_get_contents (path, &text, &len, NULL));
  for (guint i = 0; (format = ipsec_format_at (i)); i++)
    {
      g_autoptr (NMConnection) back = format->write ? there_and_back (connection, format) : NULL;

      if (back && format->sniff (text, len))
        check_nothing_lost (connection, back, data);
    }
}

/* A key of the table that no case has would not be looked at. */
static void
check_all_rows (const char *const *texts)
{
  for (guint i = 0; ipsec_conf_row (i); i++)
    {
      g_autofree char *item = g_strdup_printf ("|%s=", ipsec_conf_row (i)->ours);
      gboolean found = FALSE;

      for (guint j = 0; texts[j]; j++)
        found = found || strstr (texts[j], item);
      if (!found)
        g_test_message ("no case has %s", ipsec_conf_row (i)->ours);
      g_assert_true (found);
    }
}

/* Every key that a format has survives. */
static void
test_keys (void)
{
  static const struct {
    const char *format, *common, *own;
  } cases[] = {
    { "ipsec.conf", "gateway=vpn.example.com|remote-id=@vpn.example.com|mtu=1400|ike=aes256gcm16-prfsha384-ecp384",
      "auth=cert|certificate=nss:alice|local-id=%fromcert|ike-lifetime=8h|esp-lifetime=1h|esp=aes256gcm16-ecp384|"
      "rekey-margin=5m|rekey=no|pfs=yes|mobike=no|narrowing=no|ipcomp=yes|fragmentation=force|esn=force|tfc=yes|"
      "tcp=fallback|tcp-port=4500|encap=force|nic-offload=packet|ppk=insist|keyingtries=1|replay-window=64|"
      "dpd-delay=30s|dpd-timeout=2m|mode=tunnel|remote-ts=10.0.0.0/8, 10.1.0.0/16[tcp/443]|start=ondemand|"
      "require-id-on-certificate=no|local-port=500|remote-port=1500|interface=xfrm|ike-version=1" },
    { "ipsec.conf", "gateway=vpn.example.com|auth=cert|certificate=nss:alice",
      "auth2=eap|eap=peap|user=alice|virtual-ip=10.9.0.7, 2001:db8::7" },
    { "ipsec.conf", "gateway=vpn.example.com|remote-id=@vpn.example.com|mtu=1400|ike=aes256gcm16-prfsha384-ecp384",
      "role=peer|auth=psk|local-id=@here|local-ts=0.0.0.0/0|remote-ts=10.0.0.0/8|local-address=192.0.2.7|start=listen|"
      "esp-bytes=10G|reauth=yes|sec-label=system_u:object_r:ipsec_spd_t:s0|mark=0x1/0xff|ppk=yes|ppk-id=pad1|"
      "mode=transport|nic-offload=crypto|encap=no|tfc=no|esn=no" },
    { "ipsec.conf", "gateway=192.0.2.1|auth=cert|certificate=data:;base64,MBIw",
      "ca=pkcs11:token=a|remote-certificate=data:;base64,MBIw|local-id=keyid:a@example.com" },
    { "ipsec.conf", "gateway=192.0.2.1|auth=psk", "local-id=email:a@example.com|ca=data:;base64,MBIw" },
    { "ipsec.conf", "role=server|auth=cert|certificate=nss:gw|local-id=@gw|mtu=1400",
      "remote-auth=psk|pool=10.9.0.0/24|pool6=2001:db8:9::/64|push-dns=10.9.0.1|push-domains=example.com|"
      "push-banner=Welcome|redirect-to=gw2.example.com" },
    { "ipsec.conf", "role=peer|gateway=192.0.2.1", "auth=rsa|local-rsa-key=" CKAID "|remote-rsa-key=0sAwEAAQ==" },
    { "ipsec.conf", "gateway=192.0.2.1|auth=eap",
      "eap=mschapv2|user=alice|ca=/etc/ca.pem|remote-certificate=/etc/gw.pem" },
    { "ipsec.conf", "role=mesh|private=10.1.0.0/16, 2001:db8:1::/48",
      "auth=cert|certificate=nss:host|ca=nss:*|local-id=%fromcert|private-or-clear=10.0.0.0/8|"
      "clear-or-private=0.0.0.0/0, ::/0|clear=10.1.0.1|block=10.1.9.0/24|local-address=192.0.2.7|"
      "mode=transport|ike=aes256gcm16-prfsha384-ecp384|esp=aes256gcm16|ike-lifetime=4h|replay-window=64|ppk=yes|"
      "ppk-id=pad1|narrowing=no" },
    { "ipsec.conf", "role=mesh|clear-or-private=0.0.0.0/0", "auth=null" },
    { "ipsec.conf", "role=mesh|private=10.1.0.0/16", "auth=psk|local-id=@here" },
    { "sswan", "gateway=vpn.example.com|remote-id=@vpn.example.com|mtu=1400|ike=aes256gcm16-prfsha384-ecp384",
      "auth=eap|user=alice|local-id=@laptop|remote-port=1500|esp=aes256gcm16-ecp384|remote-ts=10.0.0.0/8|"
      "revocation=strict" },
    { "sswan", "gateway=vpn.example.com",
      "auth=cert|auth2=eap|user=alice|local-id=@[laptop]|remote-id=@#0a0b|revocation=off" },
    { "sswan", "gateway=vpn.example.com", "auth=eap|user=alice|local-id=@[#ff]|remote-id=keyid:a@example.com" },
    { "mobileconfig", "gateway=vpn.example.com|remote-id=@vpn.example.com|mtu=1400|ike=aes256gcm16-prfsha384-ecp384",
      "auth=eap|user=alice|local-id=alice@example.com|esp=aes256gcm16-ecp384|ike-lifetime=480m|esp-lifetime=60m|"
      "mobike=no|dpd-delay=10m|kill-switch=yes" },
    { "mobileconfig", "gateway=192.0.2.1|mtu=1400", "auth=psk|local-id=192.0.2.7|pfs=yes" },
  };

  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (strcmp (cases[i].format, "ipsec.conf") == 0)
      g_ptr_array_add (texts, g_strdup_printf ("|%s|%s", cases[i].common, cases[i].own));
  g_ptr_array_add (texts, NULL);
  check_all_rows ((const char *const *) texts->pdata);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *all = g_strjoin ("|", cases[i].common, cases[i].own, NULL);
      g_auto (GStrv) items = g_strsplit (all, "|", -1);
      g_autoptr (NMConnection) connection = NULL;
      const IpsecFormat *format;

      connection = connection_of (items);
      format = format_named (cases[i].format);
      {
        g_autoptr (NMConnection) back = there_and_back (connection, format);

        g_assert_nonnull (back);
        for (guint j = 0; items[j]; j++)
          {
            const char *value = nm_setting_vpn_get_data_item (nm_connection_get_setting_vpn (back), items[j]);

            if (!value)
              g_test_message ("%s: %s is lost", cases[i].format, items[j]);
            g_assert_nonnull (value);
          }
      }
    }
}

/* What is no file of ours, and what is none at all. */
static void
test_strangers (void)
{
  static const char *const texts[] = {
    "",
    "{",
    "{}",
    "hello",
    "[main]\nHost=x\n",
    "client\ndev tun\nremote vpn.example.com 1194\nproto udp\n",
    "[Interface]\nPrivateKey = abc\n[Peer]\nEndpoint = vpn.example.com:51820\n",
    "conn only a sentence about a conn",
    "<?xml version=\"1.0\"?><html></html>",
    "{\"type\": \"wireguard\"}",
    "BEGIN:VCARD\nEND:VCARD\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ipsec_formats_import_text ("x", texts[i], strlen (texts[i]), NULL, NULL, &error));
      g_assert_error (error, IPSEC_PROFILE_ERROR, IPSEC_PROFILE_ERROR_BAD_VALUE);
    }
  g_assert_null (ipsec_formats_import ("/dev/null", NULL, NULL, NULL));
  g_assert_null (ipsec_formats_import ("/nowhere/at/all", NULL, NULL, NULL));
}

/* A file may be called anything, a connection must have a name that can be shown. */
static void
test_names (void)
{
  static const char text[] = "{\"type\": \"ikev2-eap\", \"uuid\": \"a\", \"remote\": {\"addr\": \"192.0.2.1\"}}";
  static const char *const names[][2] = {
    { "/nowhere/b\xfcro\x1b.sswan", "b\xef\xbf\xbdro-" },
    { "/nowhere/a\n\xc2\x85.b.sswan", "a--.b" },
    { "/nowhere/.sswan", ".sswan" },
    { "/nowhere/\xe2\x82\xac.sswan", "\xe2\x82\xac" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (NMConnection) connection =
          ipsec_formats_import_text (names[i][0], text, strlen (text), NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (nm_connection_get_id (connection), ==, names[i][1]);
      g_assert_true (nm_connection_verify (connection, NULL));
    }
}

/* Each section takes from every other one: that must not cost more than there are. */
static void
test_all_name_all (void)
{
  enum { SECTIONS = 160 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (NMConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < SECTIONS; i++)
    {
      g_string_append_printf (text, "conn c%u\n left=%%defaultroute\n right=%%opportunisticgroup\n auto=ondemand\n", i);
      for (guint j = 0; j < SECTIONS; j++)
        g_string_append_printf (text, " also=c%u\n", j);
    }
  connection = ipsec_formats_import_text ("/nonexistent/groups.conf", text->str, text->len, NULL, notes, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nm_setting_vpn_get_data_item (nm_connection_get_setting_vpn (connection), "role"), ==, "mesh");
  g_assert_cmpuint (notes->len, >, 0);
}

/* The exported file is its owner's alone; a certificate is not written twice. */
static void
test_files (void)
{
  g_autofree char *out = g_build_filename (home, "out.sswan", NULL);
  g_autofree char *in = g_build_filename (corpus, "good", "cert.sswan", NULL), *copy = NULL, *suggested = NULL;
  g_autoptr (NMConnection) first = ipsec_formats_import (in, NULL, NULL, NULL);
  g_autoptr (NMConnection) second = ipsec_formats_import (in, NULL, NULL, NULL);
  GStatBuf info;

  g_assert_cmpstr (nm_setting_vpn_get_data_item (nm_connection_get_setting_vpn (first), "ca"), ==,
                   nm_setting_vpn_get_data_item (nm_connection_get_setting_vpn (second), "ca"));
  g_assert_cmpint (g_stat (nm_setting_vpn_get_data_item (nm_connection_get_setting_vpn (first), "ca"), &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_true (ipsec_formats_export (out, first, NULL, NULL));
  g_assert_cmpint (g_stat (out, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  suggested = ipsec_formats_suggest (first);
  g_assert_true (g_str_has_suffix (suggested, ".conf"));
  g_assert_null (strchr (suggested, '/'));
}

static void
add_tests (const char *folder, const char *prefix, GTestDataFunc func)
{
  g_autofree char *path = g_build_filename (corpus, folder, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *test = g_strdup_printf ("/formats/%s/%s", prefix, name);
      g_autofree char *file = g_build_filename (path, name, NULL);

      if (g_file_test (file, G_FILE_TEST_IS_REGULAR)) /* what files refer to is in a directory */
        g_test_add_data_func_full (test, g_strdup (name), func, g_free);
    }
}

int
main (int argc, char **argv)
{
  int result;

  home = g_dir_make_tmp ("formats-XXXXXX", NULL);
  g_setenv ("HOME", home, TRUE);
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  corpus = g_getenv ("FORMATS_CORPUS");
  g_assert_nonnull (corpus);
  add_tests ("good", "good", test_good);
  add_tests ("bad", "bad", test_bad);
  add_tests ("good", "back", test_back);
  g_test_add_func ("/formats/keys", test_keys);
  g_test_add_func ("/formats/strangers", test_strangers);
  g_test_add_func ("/formats/names", test_names);
  g_test_add_func ("/formats/all-name-all", test_all_name_all);
  g_test_add_func ("/formats/files", test_files);
  result = g_test_run ();
  {
    g_autofree char *command = g_strdup_printf ("rm -rf '%s'", home);

    if (system (command) != 0)
      result = 1;
  }
  g_free (home);
  return result;
}
