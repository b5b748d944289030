/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See said.h. Owns the list of sentences that have something in them. */
#include "config.h"

#include "helper/said.h"

#include "nss/nss-said.h"

#include <string.h>

static const char *const patterns[] = {
  NSS_SAID_NO_CERTIFICATE,    NSS_SAID_NEITHER,
  NSS_SAID_NO_STORE,          NSS_SAID_WANTS_PASSWORD,
  NSS_SAID_NOTHING_IN_FILE,   NSS_SAID_CANNOT_BE_USED,
  NSS_SAID_CANNOT_BE_OPENED,  NSS_SAID_CANNOT_BE_MADE,
  NSS_SAID_CANNOT_BE_WRITTEN, "%s: %s", /* what failed, and why, as NSS says it */
};

static const char *
translate (const char *text)
{
  return *text ? g_dgettext (GETTEXT_PACKAGE, text) : "";
}

/* What stands in @text where @pattern has its %s. NULL: it is another sentence. */
static char **
take_apart (const char *text, const char *pattern)
{
  g_auto (GStrv) pieces = g_strsplit (pattern, "%s", -1);
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();
  gsize last = g_strv_length (pieces) - 1;

  if (!g_str_has_prefix (text, pieces[0]))
    return NULL;
  text += strlen (pieces[0]);
  for (gsize i = 1; i <= last; i++)
    {
      gboolean at_end = i == last;
      gsize len = strlen (text), tail = strlen (pieces[i]);
      const char *end = !at_end                              ? strstr (text, pieces[i])
                        : g_str_has_suffix (text, pieces[i]) ? text + len - tail
                                                             : NULL;
      g_autofree char *inside = end ? g_strndup (text, (gsize) (end - text)) : NULL;

      if (!inside)
        return NULL;
      g_strv_builder_add (found, translate (inside));
      text = end + tail;
    }
  return g_strv_builder_end (found);
}

/* A translator may not change the order of what is put in: tests/style/translations.py sees to it. */
static char *
put_together (const char *pattern, char **inside)
{
  g_auto (GStrv) pieces = g_strsplit (pattern, "%s", -1);
  GString *out = g_string_new (pieces[0]);

  for (gsize i = 0; inside[i] && pieces[i + 1]; i++)
    g_string_append_printf (out, "%s%s", inside[i], pieces[i + 1]);
  return g_string_free (out, FALSE);
}

char *
said_translate (const char *text)
{
  const char *whole = translate (text);

  for (gsize i = 0; whole == text && i < G_N_ELEMENTS (patterns); i++)
    {
      g_auto (GStrv) inside = take_apart (text, patterns[i]);

      if (inside)
        return put_together (strcmp (patterns[i], "%s: %s") == 0 ? patterns[i] : translate (patterns[i]), inside);
    }
  return g_strdup (whole);
}
