/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From names and values to a profile: every item is checked by its row of the table, then the fields are filled, then
 * what belongs together is compared. A profile is complete or there is none.
 */
#include "config.h"

#include "profile/profile-private.h"

#include "profile/unsupported.h"
#include "profile/value.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define ITEMS_MAX 512 /* of vpn.data; the rest can only be x-... */
#define SECRET_MAX 4096 /* octets */
#define FLAGS_MAX 7 /* all NMSettingSecretFlags */
#define PSK_SHORT_TEXT 20 /* characters: what peers ask for */
#define PSK_SHORT_BYTES 16 /* octets of a key that is no text */

/* ---- single items ---- */

static gboolean
fail_unknown (const char *name, gboolean secret, GError **error)
{
  g_autofree char *near_key = ipsec_key_suggest (name, secret);
  g_autofree char *quoted = ipsec_quote (name);

  if (ipsec_key_find (name, !secret) != NULL)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_UNKNOWN_KEY,
                       secret ? _ ("%s is not a secret; it belongs into vpn.data")
                              : _ ("%s is a secret; it belongs into vpn.secrets"),
                       name);
  if (near_key != NULL)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_UNKNOWN_KEY,
                       secret ? _ ("there is no secret %s; did you mean %s?")
                              : _ ("there is no key %s; did you mean %s?"),
                       quoted, near_key);
  return ipsec_fail (error, IPSEC_PROFILE_ERROR_UNKNOWN_KEY,
                     secret ? _ ("there is no secret %s; see nm-settings-ipsec(5)")
                            : _ ("there is no key %s; see nm-settings-ipsec(5)"),
                     quoted);
}

/* "x-...": nobody's business, kept as it is; but not even here are control characters taken. */
static char *
foreign_value (const char *name, const char *value, GError **error)
{
  g_autofree char *quoted = NULL;

  if (ipsec_text_valid (value) && strlen (value) < IPSEC_VALUE_MAX_DATA)
    return g_strdup (value);
  quoted = ipsec_quote (value);
  ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("%s: a control character, invalid UTF-8 or too long: %s"), name,
              quoted);
  return NULL;
}

/* As libnm does: a number, and what is none counts as 0. */
static char *
flags_value (IpsecProfile *profile, const char *name, const char *value, GError **error)
{
  g_autofree char *trimmed = NULL, *quoted = NULL;
  guint64 flags = 0;

  if (!ipsec_text_valid (value))
    return foreign_value (name, value, error);
  trimmed = g_strstrip (g_strdup (value));
  if (!g_ascii_string_to_unsigned (trimmed[0] == '+' ? trimmed + 1 : trimmed, 10, 0, FLAGS_MAX, &flags, NULL))
    {
      quoted = ipsec_quote (trimmed);
      profile_warn (profile, _ ("%s: %s is not a number from 0 to %d and counts as 0"), name, quoted, FLAGS_MAX);
    }
  return g_strdup_printf ("%u", (guint) flags);
}

static gboolean
take_item (IpsecProfile *profile, const char *name, const char *value, GError **error)
{
  const IpsecKey *key = ipsec_key_find (name, FALSE);
  g_autofree char *canonical = NULL;

  if (!ipsec_text_valid (name) || !ipsec_key_is_known (name, FALSE))
    return fail_unknown (name, FALSE, error);
  if (key != NULL)
    canonical = ipsec_value_canonical (key, value, error);
  else if (ipsec_key_of_flags (name) != NULL)
    canonical = flags_value (profile, name, value, error);
  else
    canonical = foreign_value (name, value, error);
  if (canonical == NULL)
    return FALSE;
  g_hash_table_insert (profile->data, g_strdup (name), g_steal_pointer (&canonical));
  return TRUE;
}

/* In the order of the names, so that of several errors always the same one is told. */
static GList *
sorted_names (GHashTable *table)
{
  return g_list_sort (g_hash_table_get_keys (table), (GCompareFunc) strcmp);
}

static gboolean
take_data (IpsecProfile *profile, GHashTable *data, GError **error)
{
  g_autoptr (GList) names = sorted_names (data);

  if (g_hash_table_size (data) > ITEMS_MAX)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("more than %d keys"), ITEMS_MAX);
  for (const GList *l = names; l != NULL; l = l->next)
    {
      if (!take_item (profile, l->data, g_hash_table_lookup (data, l->data), error))
        return FALSE;
    }
  return TRUE;
}

/* ---- secrets: only that they are there, and what is wrong with them ---- */

static gboolean
check_psk (IpsecProfile *profile, const char *value, GError **error)
{
  gsize len;
  guint8 *bytes = ipsec_psk_decode (value, &len, error);
  gboolean text;

  if (bytes == NULL)
    return FALSE;
  text = len == strlen (value);
  if (len < (text ? PSK_SHORT_TEXT : PSK_SHORT_BYTES))
    profile_warn (profile, _ ("psk: the pre-shared key is short enough to be guessed; use at least %d characters"),
                  PSK_SHORT_TEXT);
  explicit_bzero (bytes, len);
  g_free (bytes);
  return TRUE;
}

static gboolean
take_secrets (IpsecProfile *profile, GHashTable *secrets, GError **error)
{
  g_autoptr (GList) names = sorted_names (secrets);

  for (const GList *l = names; l != NULL; l = l->next)
    {
      const char *name = l->data, *value = g_hash_table_lookup (secrets, name);

      if (strcmp (name, IPSEC_NO_SECRET) == 0)
        continue;
      if (!ipsec_text_valid (name) || !ipsec_key_is_known (name, TRUE))
        return fail_unknown (name, TRUE, error);
      if (ipsec_key_find (name, TRUE) == NULL || value[0] == '\0')
        continue;
      if (strlen (value) > SECRET_MAX)
        return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("%s: the secret is too long"), name);
      if (strcmp (name, "psk") == 0 && !check_psk (profile, value, error))
        return FALSE;
      profile_add_secret (profile, name);
    }
  return TRUE;
}

/* ---- the whole ---- */

/* Can we do what the keys ask for, and do they mean something for this role? */
static gboolean
check_keys (IpsecProfile *profile, GError **error)
{
  const char *role = profile_get (profile, "role");
  const IpsecKey *key;

  profile->role = (IpsecRole) (1 << ipsec_key_word_index (ipsec_key_find ("role", FALSE), role));
  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      const char *value = key->secret ? NULL : g_hash_table_lookup (profile->data, key->name);

      if (value != NULL && !ipsec_supported_check (key->name, value, profile->warnings, error))
        return FALSE;
    }
  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      if (!key->secret && profile_is_set (profile, key->name) && !(key->roles & profile->role))
        return ipsec_fail (error, IPSEC_PROFILE_ERROR_CONFLICT, _ ("%s: the key means nothing with role=%s"), key->name,
                           role);
    }
  return TRUE;
}

static gboolean
profile_fill (IpsecProfile *profile, const char *user_name, GError **error)
{
  if (!check_keys (profile, error) || !profile_fill_outer (profile, error) ||
      !profile_fill_auth (profile, user_name, error) || !profile_fill_protection (profile, error) ||
      !profile_fill_tunnel (profile, error) || !profile_fill_server (profile, error) ||
      !profile_fill_mesh (profile, error))
    return FALSE;
  profile->log_level = profile_is_set (profile, "log-level") ? (int) profile_get_number (profile, "log-level") : -1;
  return TRUE;
}

IpsecProfile *
ipsec_profile_new (GHashTable *data, GHashTable *secrets, const char *user_name, GError **error)
{
  g_autoptr (IpsecProfile) profile = g_new0 (IpsecProfile, 1);

  profile->data = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  profile->warnings = g_ptr_array_new_with_free_func (g_free);
  if (user_name != NULL && user_name[0] == '\0')
    user_name = NULL;
  if (user_name != NULL && (!ipsec_text_valid (user_name) || strlen (user_name) >= IPSEC_VALUE_MAX))
    {
      g_autofree char *quoted = ipsec_quote (user_name);

      ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE,
                  _ ("vpn.user-name: a control character, invalid UTF-8 or too long: %s"), quoted);
      return NULL;
    }
  if (!take_data (profile, data, error) || (secrets != NULL && !take_secrets (profile, secrets, error)) ||
      !profile_fill (profile, user_name, error))
    return NULL;
  return g_steal_pointer (&profile);
}

void
ipsec_profile_free (IpsecProfile *profile)
{
  if (profile == NULL)
    return;
  g_strfreev (profile->outer.gateways);
  ipsec_identity_free (profile->auth.local_id);
  ipsec_identity_free (profile->auth.remote_id);
  g_free (profile->auth.certificate);
  g_free (profile->auth.private_key);
  g_free (profile->auth.ca);
  g_free (profile->auth.remote_certificate);
  ipsec_raw_key_free (profile->auth.local_key);
  ipsec_raw_key_free (profile->auth.remote_key);
  g_free (profile->auth.user);
  g_free (profile->auth.eap_identity);
  g_free (profile->auth.ppk_id);
  g_free (profile->auth.ppk_file);
  g_free (profile->auth.eap_ca);
  g_free (profile->auth.eap_server_name);
  g_clear_pointer (&profile->protection.ike, g_ptr_array_unref);
  g_clear_pointer (&profile->protection.esp, g_ptr_array_unref);
  g_clear_pointer (&profile->tunnel.local_ts, g_ptr_array_unref);
  g_clear_pointer (&profile->tunnel.kill_switch, g_ptr_array_unref);
  g_free (profile->tunnel.sec_label);
  g_clear_pointer (&profile->tunnel.remote_ts, g_ptr_array_unref);
  profile_clear_server (&profile->server);
  g_clear_pointer (&profile->mesh, g_array_unref);
  g_clear_pointer (&profile->warnings, g_ptr_array_unref);
  g_clear_pointer (&profile->data, g_hash_table_unref);
  g_free (profile);
}

GHashTable *
ipsec_profile_to_data (const IpsecProfile *profile)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, profile->data);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_hash_table_insert (copy, g_strdup (name), g_strdup (value));
  return copy;
}

gboolean
ipsec_profile_equal (const IpsecProfile *a, const IpsecProfile *b)
{
  GHashTableIter iter;
  gpointer name, value;

  if (g_hash_table_size (a->data) != g_hash_table_size (b->data))
    return FALSE;
  g_hash_table_iter_init (&iter, a->data);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      if (g_strcmp0 (g_hash_table_lookup (b->data, name), value) != 0)
        return FALSE;
    }
  return TRUE;
}
