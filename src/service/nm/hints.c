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
