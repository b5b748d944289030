/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections of libnm, and drafts that read them again. See fuzz-back.h. */
#include "fuzz-back.h"

#include "profile/error.h"
#include "profile/formats/ipsec-conf-rows.h"
#include "profile/value.h"

#include <glib/gstdio.h>

#include <stdlib.h>
#include <string.h>

static char *home; /* what the certificates of files are stored below */

static void
remove_home (void)
{
  g_autofree char *cert = g_build_filename (home, ".cert", NULL), *dir = g_build_filename (cert, "nm-ipsec", NULL);

  back_use_home ();
  (void) g_rmdir (dir);
  (void) g_rmdir (cert);
  (void) g_rmdir (home);
  g_free (home);
}

void
back_use_home (void)
{
  g_autofree char *dir = NULL;
  g_autoptr (GDir) files = NULL;
  const char *name;

  if (home == NULL)
    {
      home = g_dir_make_tmp ("fuzz-home-XXXXXX", NULL);
      g_assert_nonnull (home);
      g_setenv ("HOME", home, TRUE);
      atexit (remove_home);
    }
  dir = g_build_filename (home, ".cert", "nm-ipsec", NULL);
  files = g_dir_open (dir, 0, NULL);
  while (files != NULL && (name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

static char *
canonical (const IpsecKey *key, const char *value)
{
  return value != NULL ? ipsec_value_canonical (key, value, NULL) : NULL;
}

void
back_check_role (const IpsecSetting *setting)
{
  const char *word = ipsec_setting_get (setting, "role");
  int role = ipsec_key_word_index (ipsec_key_find ("role", FALSE), word != NULL ? word : "client");
  GHashTableIter iter;
  gpointer name, value;

  g_assert_cmpint (role, >=, 0);
  g_hash_table_iter_init (&iter, setting->data);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      const IpsecKey *key = ipsec_key_find (name, FALSE);

      g_assert_true (ipsec_key_is_known (name, FALSE));
      g_assert_true (key == NULL || (key->roles & (1u << role)) != 0);
    }
}

void
back_check_printable (const GError *error, GPtrArray *notes)
{
  g_assert_true (error == NULL || ipsec_text_valid (error->message));
  for (guint i = 0; i < notes->len; i++)
    g_assert_true (ipsec_text_valid (notes->pdata[i]));
}

/* Is it a word of a list in one of the notes? Writers may say it as the format does. */
static gboolean
is_named (GPtrArray *notes, const char *name)
{
  g_autofree char *pattern = g_strdup_printf ("(^|[ “])%s([,.=” ]|$)", name);

  for (guint i = 0; i < notes->len; i++)
    if (g_regex_match_simple (pattern, notes->pdata[i], 0, 0))
      return TRUE;
  return FALSE;
}

static gboolean
is_told (GPtrArray *notes, const char *key)
{
  static const char *const names[][2] = {
    { "local-id", "leftid" },           { "certificate", "leftcert" }, { "local-rsa-key", "leftrsasigkey" },
    { "remote-id", "rightid" },         { "user", "leftusername" },    { "private-key", "leftrsasigkey" },
    { "push-banner", "modecfgbanner" },
  };
  const ConvertRow *row;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i][0], key) == 0 && is_named (notes, names[i][1]))
      return TRUE;
  for (guint i = 0; (row = ipsec_conf_row (i)) != NULL; i++)
    if (strcmp (row->ours, key) == 0 && is_named (notes, row->theirs))
      return TRUE;
  return is_named (notes, key);
}

/* What is auto without being said is said in a file; how we prove who we are is compared as the profile has it. */
static gboolean
is_same (NMSettingVpn *before, const IpsecDraft *after, const IpsecKey *key)
{
  g_autofree char *want = canonical (key, nm_setting_vpn_get_data_item (before, key->name));
  const char *got = ipsec_draft_get (after, key->name);
  g_autofree char *have = canonical (key, got), *usual = canonical (key, key->fallback);

  g_assert_true (got == NULL || have != NULL);
  if (want == NULL || g_strcmp0 (want, have) == 0 || (have == NULL && g_strcmp0 (want, usual) == 0))
    return TRUE;
  if (strcmp (key->name, "auth") == 0)
    return g_strcmp0 (have, convert_auth_of (before)) == 0;
  if (strcmp (key->name, "remote-ts") == 0 && convert_is (nm_setting_vpn_get_data_item (before, "role"), "peer"))
    return have == NULL && strcmp (want, "dynamic") == 0;
  if (strcmp (key->name, "remote-auth") == 0)
    return have == NULL || strcmp (want, "auto") == 0; /* see check_methods */
  if (strcmp (key->name, "private-key") == 0 && convert_is (convert_auth_of (before), "rsa"))
    return g_strcmp0 (want, ipsec_draft_get (after, "local-rsa-key")) == 0;
  if (strcmp (key->name, "local-id") == 0 && have == NULL && convert_is (convert_auth_of (before), "cert"))
    return strcmp (want, "%fromcert") == 0; /* so it is anyway */
  return ipsec_draft_has_file (after, key->name);
}

static void
check_keys (NMSettingVpn *before, const IpsecDraft *after, const IpsecFormat *format, GPtrArray *notes)
{
  gboolean all = strcmp (format->name, "ipsec.conf") == 0;
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    if (!key->secret && (all || convert_is (key->name, "local-id remote-id")) && !is_same (before, after, key) &&
        !is_told (notes, key->name))
      g_error ("%s: %s was “%s”, is “%s”", format->name, key->name, nm_setting_vpn_get_data_item (before, key->name),
               ipsec_draft_get (after, key->name));
}

/* What nobody has said, and a file need not say. */
static void
check_new (NMSettingVpn *before, const IpsecDraft *after)
{
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      const char *got = key->secret ? NULL : ipsec_draft_get (after, key->name);
      g_autofree char *have = canonical (key, got), *usual = canonical (key, key->fallback);

      if (got == NULL || nm_setting_vpn_get_data_item (before, key->name) != NULL || g_strcmp0 (have, usual) == 0 ||
          convert_is (key->name, "auth remote-auth") ||
          (strcmp (key->name, "user") == 0 && g_strcmp0 (have, nm_setting_vpn_get_user_name (before)) == 0) ||
          (strcmp (key->name, "local-rsa-key") == 0 &&
           g_strcmp0 (have, nm_setting_vpn_get_data_item (before, "private-key")) == 0))
        continue;
      g_error ("%s was not there, is “%s”", key->name, have);
    }
}

/* Both ends prove who they are as before, if what was not said leaves a profile at all. */
static void
check_methods (NMSettingVpn *vpn, IpsecDraft *draft)
{
  g_autoptr (IpsecSetting) before = ipsec_setting_from_libnm (vpn);
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecSetting) after = ipsec_draft_finish_setting (draft, NULL, &error);
  g_autoptr (IpsecProfile) old = ipsec_setting_profile (before, NULL), new = NULL;
  GHashTableIter iter;
  gpointer name, value;

  g_assert_no_error (error);
  back_check_role (after);
  g_hash_table_iter_init (&iter, before->secrets);
  while (g_hash_table_iter_next (&iter, &name, &value))
    ipsec_setting_set_secret (after, name, value);
  after->user_name = g_strdup (before->user_name);
  new = ipsec_setting_profile (after, NULL);
  if (old == NULL || new == NULL)
    return;
  g_assert_cmpint (old->auth.local, ==, new->auth.local);
  if (ipsec_setting_get (before, "users") == NULL) /* these are told */
    g_assert_cmpint (old->auth.remote, ==, new->auth.remote);
}

static void
check_format (NMConnection *connection, guint index)
{
  const IpsecFormat *format = ipsec_format_at (index);
  NMSettingVpn *vpn = nm_connection_get_setting_vpn (connection);
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (IpsecDraft) draft = ipsec_draft_new ("x");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = format->write (connection, notes, &error);

  g_assert_true ((text == NULL) == (error != NULL));
  back_check_printable (error, notes);
  if (text == NULL)
    return;
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (guint i = 0; i < index; i++)
    g_assert_false (ipsec_format_at (i)->sniff (text, strlen (text)));
  g_assert_true (format->sniff (text, strlen (text)));
  (void) format->read (draft, "x", text, strlen (text), &error);
  g_assert_no_error (error);
  check_keys (vpn, draft, format, notes);
  if (strcmp (format->name, "ipsec.conf") == 0)
    check_new (vpn, draft);
  check_methods (vpn, draft);
}

void
back_check_formats (NMConnection *connection)
{
  for (guint i = 0; ipsec_format_at (i) != NULL; i++)
    if (ipsec_format_at (i)->write != NULL)
      check_format (connection, i);
}

NMConnection *
back_connection (const IpsecSetting *setting)
{
  NMConnection *connection = nm_simple_connection_new ();

  nm_connection_add_setting (connection,
                             g_object_new (NM_TYPE_SETTING_CONNECTION, NM_SETTING_CONNECTION_ID, "fuzz",
                                           NM_SETTING_CONNECTION_UUID, "0c4e2b9a-5d3c-4d8e-9b1a-6f7a8b9c0d1e",
                                           NM_SETTING_CONNECTION_TYPE, NM_SETTING_VPN_SETTING_NAME, NULL));
  nm_connection_add_setting (connection, NM_SETTING (ipsec_setting_to_libnm (setting)));
  return connection;
}
