/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Profiles, as of fuzz-profile: a valid one goes to libnm and back as it was, and through each format that can be
 * written without losing anything in silence.
 */
#include "fuzz.h"

#include "fuzz-back.h"
#include "fuzz-items.h"

static gboolean
same_value (gpointer name, gpointer value, gpointer other)
{
  return g_strcmp0 (g_hash_table_lookup (other, name), value) != 0;
}

static void
check_same (GHashTable *a, GHashTable *b)
{
  g_assert_cmpuint (g_hash_table_size (a), ==, g_hash_table_size (b));
  g_assert_null (g_hash_table_find (a, same_value, b));
}

/* Writers read what credentials name: nothing of this machine. */
static gboolean
names_file (GHashTable *items)
{
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, items);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (g_str_has_prefix (value, "/") && !g_str_has_prefix (value, "/nowhere/"))
      return TRUE;
  return FALSE;
}

static void
check_profile (GHashTable *items, GHashTable *secrets, const char *user)
{
  g_autoptr (IpsecProfile) profile = ipsec_profile_new (items, secrets, user, NULL);
  g_autoptr (IpsecSetting) setting = ipsec_setting_new (), again = NULL;
  g_autoptr (NMConnection) connection = NULL;
  GHashTableIter iter;
  gpointer name, value;

  if (profile == NULL)
    return;
  g_hash_table_unref (setting->data);
  setting->data = ipsec_profile_to_data (profile);
  if (names_file (setting->data))
    return;
  g_hash_table_iter_init (&iter, secrets);
  while (g_hash_table_iter_next (&iter, &name, &value))
    ipsec_setting_set_secret (setting, name, value);
  setting->service_type = g_strdup ("org.freedesktop.NetworkManager.ipsec");
  setting->user_name = g_strdup (user);
  connection = back_connection (setting);
  again = ipsec_setting_from_libnm (nm_connection_get_setting_vpn (connection));
  check_same (setting->data, again->data);
  check_same (setting->secrets, again->secrets);
  g_assert_cmpstr (again->user_name, ==, user);
  back_check_role (again);
  back_check_formats (connection);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GHashTable) items = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) secrets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  back_use_home ();
  fuzz_items_parse (data, size, items, secrets);
  check_profile (items, secrets, "user");
  check_profile (items, secrets, NULL);
  return 0;
}
