/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of what is not there yet. See unsupported.h. */
#include "config.h"

#include "profile/unsupported.h"

#include "profile/error.h"
#include "profile/selector.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct {
  const char *key;
  const char *values; /* words; "xyz:" stands for what begins so, "*" for everything */
  const char *except; /* words that are all right nevertheless, or NULL */
  gboolean no_effect; /* accepted with a warning, not refused */
} Row;

static const Row table[] = {
  { "ike-version", "1 1-aggressive", NULL, FALSE },
  { "auth", "hybrid", NULL, FALSE },
  { "xauth", "yes", NULL, FALSE },
};

static gboolean
words_match (const char *words, const char *value)
{
  g_auto (GStrv) list = g_strsplit (words != NULL ? words : "", " ", -1);

  for (guint i = 0; list[i] != NULL; i++)
    {
      if (strcmp (list[i], "*") == 0 || strcmp (list[i], value) == 0 ||
          (g_str_has_suffix (list[i], ":") && g_str_has_prefix (value, list[i])))
        return TRUE;
    }
  return FALSE;
}

gboolean
ipsec_supported_check (const char *key, const char *value, GPtrArray *warnings, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *quoted = NULL;

      if (strcmp (table[i].key, key) != 0 || !words_match (table[i].values, value) ||
          words_match (table[i].except, value))
        continue;
      quoted = ipsec_quote (value);
      if (!table[i].no_effect && strcmp (table[i].values, "*") == 0 && table[i].except == NULL)
        return ipsec_fail (error, IPSEC_PROFILE_ERROR_UNSUPPORTED,
                           _ ("%s: this version cannot do it yet; leave the key out"), key);
      if (!table[i].no_effect)
        return ipsec_fail (error, IPSEC_PROFILE_ERROR_UNSUPPORTED, _ ("%s: this version cannot do %s yet"), key,
                           quoted);
      if (warnings != NULL)
        g_ptr_array_add (warnings, g_strdup_printf (_ ("%s: %s has no effect in this version"), key, quoted));
    }
  return TRUE;
}

gboolean
ipsec_supported_check_selectors (const char *key, gboolean peer, GPtrArray *selectors, GError **error)
{
  gboolean allowed = peer || strcmp (key, "local-ts") == 0;

  for (guint i = 0; i < selectors->len; i++)
    {
      const IpsecSelector *selector = selectors->pdata[i];

      if (selector->port_first > selector->port_last)
        return ipsec_fail (error, IPSEC_PROFILE_ERROR_UNSUPPORTED, _ ("%s: this version cannot do %s yet"), key,
                           "“opaque”");
      if (selector->first.family != 0)
        continue;
      if (!allowed)
        return ipsec_fail (error, IPSEC_PROFILE_ERROR_UNSUPPORTED, _ ("%s: this version cannot do “dynamic” here yet"),
                           key);
      if (!peer && (selectors->len > 1 || selector->protocol != 0))
        return ipsec_fail (error, IPSEC_PROFILE_ERROR_UNSUPPORTED,
                           _ ("%s: this version cannot do “dynamic” with anything beside it yet"), key);
    }
  return TRUE;
}

const char *
ipsec_unsupported_values (const char *key, gboolean no_effect, const char **ret_except)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      if (strcmp (table[i].key, key) == 0 && !table[i].no_effect == !no_effect)
        {
          *ret_except = table[i].except;
          return table[i].values;
        }
    }
  return NULL;
}
