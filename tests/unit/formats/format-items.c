/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format-items.h"

#include <string.h>

NMConnection *
connection_of (char **items)
{
  g_autoptr (IpsecDraft) draft = ipsec_draft_new ("keys.conf");
  g_autoptr (GError) error = NULL;
  NMConnection *connection;

  for (guint i = 0; items[i]; i++)
    {
      char *equals = strchr (items[i], '=');

      *equals = '\0';
      ipsec_draft_set (draft, items[i], equals + 1);
    }
  connection = ipsec_draft_finish (draft, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

const IpsecFormat *
format_named (const char *name)
{
  const IpsecFormat *format;

  for (guint i = 0; (format = ipsec_format_at (i)) && strcmp (format->name, name); i++)
    ;
  g_assert_nonnull (format);
  return format;
}
