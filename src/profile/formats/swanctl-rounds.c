/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See swanctl-rounds.h. Owns nothing. */
#include "profile/formats/swanctl-rounds.h"

static guint64
round_of (const Braces *section)
{
  const char *text = braces_get (section, "round");
  guint64 number = 0;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &number, NULL) ? number : 0;
}

const Braces *
swanctl_next_round (const Braces *connection, const char *prefix, const Braces *before)
{
  const Braces *next = NULL;
  gboolean passed = before == NULL;

  for (guint i = 0; i < connection->children->len; i++)
    {
      const Braces *child = connection->children->pdata[i];

      if (child->value != NULL || !g_str_has_prefix (child->name, prefix))
        continue;
      if (child == before)
        passed = TRUE;
      else if ((before == NULL || round_of (child) > round_of (before) ||
                (passed && round_of (child) == round_of (before))) &&
               (next == NULL || round_of (child) < round_of (next)))
        next = child;
    }
  return next;
}

gboolean
swanctl_is_eap (const Braces *end)
{
  const char *auth = braces_get (end, "auth");

  return auth != NULL && g_str_has_prefix (auth, "eap");
}
