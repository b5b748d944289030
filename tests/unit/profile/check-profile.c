/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check-profile NAME=VALUE... [-- SECRET=VALUE...]: prints what the profile is, "ROLE AUTH", or on stderr why it is none:
 * for test-examples.py. */
#include "profile/profile.h"

#include <stdio.h>
#include <string.h>

static const char *const auths[] = { "psk", "cert", "rsa", "eap", "null" };

int
main (int argc, char **argv)
{
  g_autoptr (GHashTable) data = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) secrets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecProfile) profile = NULL;
  const IpsecKey *role = ipsec_key_find ("role", FALSE);
  g_auto (GStrv) roles = g_strsplit (role->values, " ", -1);
  GHashTable *table = data;

  for (int i = 1; i < argc; i++)
    {
      const char *equals = strchr (argv[i], '=');

      if (strcmp (argv[i], "--") == 0)
        {
          table = secrets;
          continue;
        }
      if (equals == NULL)
        return 2;
      g_hash_table_insert (table, g_strndup (argv[i], (gsize) (equals - argv[i])), g_strdup (equals + 1));
    }
  profile = ipsec_profile_new (data, secrets, NULL, &error);
  if (profile == NULL)
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
  printf ("%s %s\n", roles[g_bit_nth_lsf (profile->role, -1)], auths[profile->auth.local]);
  return 0;
}
