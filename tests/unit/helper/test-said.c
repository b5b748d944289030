/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the door says in another language: sentences, and those with something in them, which a stranger has chosen. */
#include "helper/said.h"

#include <string.h>

const gchar *__wrap_g_dgettext (const gchar *domain, const gchar *text);

/* a language that has some of the words */
const gchar *
__wrap_g_dgettext (const gchar *domain, const gchar *text)
{
  static const char *const words[][2] = {
    { "You may not do this; an administrator may.", "Verwalter dürfen es." },
    { "The key store has no certificate “%s”.", "Kein Zertifikat „%s“." },
    { "The key store wants its password, and it is neither given nor in %s/%s.", "Passwort? Nicht in %s/%s." },
    { "“%s” cannot be used: %s.", "„%s“ geht nicht: %s." },
    { "the password is wrong", "falsches Passwort" },
    { "The key cannot be generated", "Kein Schlüssel" },
    { "%s: %s", "never" },
    { "", "the header of a .po file" },
  };

  g_assert_nonnull (domain);
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (text, words[i][0]) == 0)
      return words[i][1];
  return text;
}

static void
test_said (void)
{
  static const char *const cases[][2] = {
    { "You may not do this; an administrator may.", "Verwalter dürfen es." },
    { "The key store has no certificate “a”.", "Kein Zertifikat „a“." },
    { "The key store has no certificate “”.", "Kein Zertifikat „“." },
    { "The key store has no certificate “a”. “b”.", "Kein Zertifikat „a”. “b“." },
    { "The key store has no certificate “%s%n”.", "Kein Zertifikat „%s%n“." },
    { "The key store has no certificate “a”", "The key store has no certificate “a”" },
    { "The key store wants its password, and it is neither given nor in /a/b/c.", "Passwort? Nicht in /a/b/c." },
    { "“a.p12” cannot be used: the password is wrong.", "„a.p12“ geht nicht: falsches Passwort." },
    { "“a.p12” cannot be used: its moon is full.", "„a.p12“ geht nicht: its moon is full." },
    /* a pattern that is not translated (here) */
    { "“a” holds neither a certificate nor a private key.", "“a” holds neither a certificate nor a private key." },
    { "The key cannot be generated: security library failure.", "Kein Schlüssel: security library failure." },
    { "something: else", "something: else" },
    { "nobody knows this", "nobody knows this" },
    { "", "" },
    { "%s", "%s" },
    { ": ", ": " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = said_translate (cases[i][0]);

      g_assert_cmpstr (text, ==, cases[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/said", test_said);
  return g_test_run ();
}
