/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Short ways to make a profile out of literals, and to look at errors. */
#pragma once

#include "profile/profile.h"

#include <string.h>

/* "name=value" strings, NULL-terminated. */
static inline GHashTable *
items (const char *const *list)
{
  GHashTable *table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (; list != NULL && *list != NULL; list++)
    {
      const char *equals = strchr (*list, '=');

      g_assert_nonnull (equals);
      g_hash_table_insert (table, g_strndup (*list, (gsize) (equals - *list)), g_strdup (equals + 1));
    }
  return table;
}

static inline IpsecProfile *
profile_of (const char *const *data, const char *const *secrets, const char *user_name, GError **error)
{
  g_autoptr (GHashTable) data_table = items (data), secret_table = items (secrets);

  return ipsec_profile_new (data_table, secret_table, user_name, error);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define PROFILE(...) profile_of (LIST (__VA_ARGS__), NULL, NULL, NULL)

/* The message has to name everything in @words (separated by '|'). */
static inline void
assert_message_has (const GError *error, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, "|", -1);

  for (guint i = 0; list[i] != NULL; i++)
    {
      if (strstr (error->message, list[i]) == NULL)
        g_error ("“%s” is not in “%s”", list[i], error->message);
    }
  g_assert_true (ipsec_text_valid (error->message));
}

#define assert_refused(data, secrets, error_code, words)                                                               \
 G_STMT_START                                                                                                          \
 {                                                                                                                     \
  g_autoptr (GError) refused_error = NULL;                                                                             \
  g_autoptr (IpsecProfile) refused = profile_of (data, secrets, NULL, &refused_error);                                 \
  if (refused != NULL)                                                                                                 \
   g_error ("%s:%d: not refused (%s)", __FILE__, __LINE__, words);                                                     \
  g_assert_error (refused_error, IPSEC_PROFILE_ERROR, error_code);                                                     \
  assert_message_has (refused_error, words);                                                                           \
 }                                                                                                                     \
 G_STMT_END
