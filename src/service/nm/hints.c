/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns a small table, emptied when it is full: a hint may always be missing, and a wrong one costs one round trip. */
#include "nm/hints.h"

static GHashTable *groups; /* char* -> group */

guint16
hints_get_group (const char *host)
{
  return groups ? (guint16) GPOINTER_TO_UINT (g_hash_table_lookup (groups, host)) : 0;
}

void
hints_set_group (const char *host, guint16 group)
{
  if (!groups)
    groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_hash_table_size (groups) >= HINTS_MAX)
    g_hash_table_remove_all (groups);
  g_hash_table_insert (groups, g_strdup (host), GUINT_TO_POINTER (group));
}

static void
on_recalled (guint value, gpointer data)
{
  g_autofree char *host = data;

  if (value)
    hints_set_group (host, (guint16) value);
}

void
hints_recall (HelperClient *helper, char *const *hosts)
{
  for (; *hosts; hosts++)
    helper_client_recall (helper, *hosts, on_recalled, g_strdup (*hosts));
}

void
hints_learn (HelperClient *helper, const char *host, guint16 group)
{
  if (!group || group == hints_get_group (host))
    return;
  hints_set_group (host, group);
  helper_client_remember (helper, host, group);
}
