/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding a key by its name, and what somebody who misspelt it probably meant. Pure; names may be anything.
 */
#include "profile/profile-keys.h"

#include <string.h>

#define SUGGEST_MAX_LEN 64 /* of a word that is compared: longer ones are near to nothing */

const IpsecKey *
ipsec_key_find (const char *name, gboolean secret)
{
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      if (!key->secret == !secret && strcmp (key->name, name) == 0)
        return key;
    }
  return NULL;
}

const IpsecKey *
ipsec_key_of_flags (const char *name)
{
  g_autofree char *secret = NULL;

  if (!g_str_has_suffix (name, "-flags"))
    return NULL;
  secret = g_strndup (name, strlen (name) - strlen ("-flags"));
  return ipsec_key_find (secret, TRUE);
}

gboolean
ipsec_key_is_known (const char *name, gboolean secret)
{
  return ipsec_key_find (name, secret) != NULL || g_str_has_prefix (name, "x-") ||
         (!secret && ipsec_key_of_flags (name) != NULL);
}

/* Levenshtein's distance, without regard to case, '_' for '-'; G_MAXUINT for words that are too long. */
static guint
word_distance (const char *a, const char *b)
{
  guint row[SUGGEST_MAX_LEN + 1];
  gsize len_a = strlen (a), len_b = strlen (b);

  if (len_a > SUGGEST_MAX_LEN || len_b > SUGGEST_MAX_LEN)
    return G_MAXUINT;
  for (guint j = 0; j <= len_b; j++)
    row[j] = j;
  for (guint i = 1; i <= len_a; i++)
    {
      guint diagonal = row[0];
      char x = a[i - 1] == '_' ? '-' : g_ascii_tolower (a[i - 1]);

      row[0] = i;
      for (guint j = 1; j <= len_b; j++)
        {
          char y = b[j - 1] == '_' ? '-' : g_ascii_tolower (b[j - 1]);
          guint replaced = diagonal + (x != y);

          diagonal = row[j];
          row[j] = MIN (replaced, MIN (row[j], row[j - 1]) + 1);
        }
    }
  return row[len_b];
}

/* Remembers @word in *best when it is nearer to @text than what was there. */
static void
consider (const char *text, const char *word, guint *best_distance, char **best)
{
  guint distance = word_distance (text, word);

  if (distance >= *best_distance)
    return;
  *best_distance = distance;
  g_free (*best);
  *best = g_strdup (word);
}

/* A third of the letters may be wrong, at least one. */
static guint
first_distance (const char *text)
{
  return MIN (strlen (text), SUGGEST_MAX_LEN) / 3 + 2;
}

char *
ipsec_key_suggest (const char *name, gboolean secret)
{
  guint distance = first_distance (name);
  char *best = NULL;
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      if (!key->secret == !secret)
        consider (name, key->name, &distance, &best);
      if (key->secret && !secret)
        {
          g_autofree char *flags = g_strconcat (key->name, "-flags", NULL);

          consider (name, flags, &distance, &best);
        }
    }
  return best;
}

char *
ipsec_word_suggest (const char *words, const char *text)
{
  g_auto (GStrv) list = g_strsplit (words != NULL ? words : "", " ", -1);
  guint distance = first_distance (text);
  char *best = NULL;

  for (guint i = 0; list[i] != NULL; i++)
    consider (text, list[i], &distance, &best);
  return best;
}

int
ipsec_key_word_index (const IpsecKey *key, const char *word)
{
  g_auto (GStrv) list = g_strsplit (key->values != NULL ? key->values : "", " ", -1);

  for (int i = 0; list[i] != NULL; i++)
    {
      if (strcmp (list[i], word) == 0)
        return i;
    }
  return -1;
}

gboolean
ipsec_key_has_word (const IpsecKey *key, const char *word)
{
  return ipsec_key_word_index (key, word) >= 0;
}
