/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Profiles (fuzz-items.h). Every value's canonical form is accepted again and stays as it is; a profile that is written
 * out parses to an equal one; whatever is said about a wrong one can be printed.
 */
#include "fuzz.h"

#include "fuzz-items.h"

#include "profile/profile.h"
#include "profile/proposal.h"
#include "profile/value.h"

static void
check_value (const char *name, const char *value)
{
  const IpsecKey *key = ipsec_key_find (name, FALSE);
  g_autoptr (GError) error = NULL;
  g_autofree char *canonical = NULL, *again = NULL;

  if (key == NULL)
    return;
  canonical = ipsec_value_canonical (key, value, &error);
  g_assert_true ((canonical == NULL) == (error != NULL));
  if (canonical == NULL)
    {
      g_assert_true (ipsec_text_valid (error->message));
      return;
    }
  again = ipsec_value_canonical (key, canonical, NULL);
  g_assert_cmpstr (again, ==, canonical);
}

static void
check_warnings (const IpsecProfile *profile)
{
  for (guint i = 0; i < profile->warnings->len; i++)
    g_assert_true (ipsec_text_valid (profile->warnings->pdata[i]));
}

/* What hangs together, whatever was said. */
static void
check_sense (const IpsecProfile *profile)
{
  const IpsecProtection *protection = &profile->protection;
  const IpsecAuthentication *auth = &profile->auth;

  g_assert_true (!protection->ike_lifetime ||
                 (protection->ike_margin && 2 * protection->ike_margin < protection->ike_lifetime));
  g_assert_true (!protection->esp_lifetime ||
                 (protection->esp_margin && 2 * protection->esp_margin < protection->esp_lifetime));
  g_assert_cmpuint (protection->ike->len, <=, IPSEC_PROPOSALS_MAX);
  g_assert_cmpuint (protection->esp->len, <=, IPSEC_PROPOSALS_MAX);
  g_assert_true ((auth->local == IPSEC_AUTH_RAW) == (auth->local_key != NULL));
  g_assert_true (auth->remote != IPSEC_AUTH_EAP || profile->role == IPSEC_ROLE_SERVER);
  g_assert_true (!profile->outer.dpd_timeout || profile->outer.dpd_timeout >= profile->outer.dpd_delay);
  for (guint i = 0; profile->outer.gateways && profile->outer.gateways[i]; i++)
    {
      g_autoptr (IpsecIdentity) id = ipsec_profile_remote_id (profile, profile->outer.gateways[i]);

      g_assert_true (id != NULL || profile->role == IPSEC_ROLE_SERVER || profile->role == IPSEC_ROLE_MESH);
    }
}

static void
check_profile (GHashTable *data, GHashTable *secrets, const char *user)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecProfile) profile = ipsec_profile_new (data, secrets, user, &error), again = NULL;
  g_autoptr (GHashTable) written = NULL;

  g_assert_true ((profile == NULL) == (error != NULL));
  if (profile == NULL)
    {
      g_assert_cmpint (error->domain, ==, IPSEC_PROFILE_ERROR);
      g_assert_true (ipsec_text_valid (error->message));
      return;
    }
  check_warnings (profile);
  check_sense (profile);
  written = ipsec_profile_to_data (profile);
  again = ipsec_profile_new (written, secrets, user, &error);
  g_assert_no_error (error);
  g_assert_true (ipsec_profile_equal (profile, again));
  g_assert_true (ipsec_proposals_equal (profile->protection.ike, again->protection.ike));
  g_assert_true (ipsec_proposals_equal (profile->protection.esp, again->protection.esp));
  g_assert_cmpstr (ipsec_profile_missing_secret (profile), ==, ipsec_profile_missing_secret (again));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GHashTable) items = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) secrets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer name, value;

  fuzz_items_parse (data, size, items, secrets);
  g_hash_table_iter_init (&iter, items);
  while (g_hash_table_iter_next (&iter, &name, &value))
    check_value (name, value);
  check_profile (items, secrets, "user");
  check_profile (items, secrets, NULL);
  return 0;
}
