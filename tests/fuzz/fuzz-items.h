/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile as a fuzz input: "name=value" items, each ended by a NUL; a name that begins with '!' is a secret's. */
#pragma once

#include <glib.h>
#include <string.h>

#define FUZZ_ITEMS_MAX 64

/* Into @items and @secrets, char* -> char*, owned. */
static inline void
fuzz_items_parse (const guint8 *data, gsize size, GHashTable *items, GHashTable *secrets)
{
  const char *text = (const char *) data;

  for (guint i = 0; size > 0 && i < FUZZ_ITEMS_MAX; i++)
    {
      gsize len = strnlen (text, size);
      g_autofree char *name = g_strndup (text, len);
      char *equals = strchr (name, '=');

      if (equals != NULL)
        {
          *equals = '\0';
          g_hash_table_insert (name[0] == '!' ? secrets : items, g_strdup (name[0] == '!' ? name + 1 : name),
                               g_strdup (equals + 1));
        }
      len = MIN (len + 1, size);
      text += len;
      size -= len;
    }
}
