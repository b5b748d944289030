/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors of the profile library. A user's text gets into a message only through ipsec_quote(). */
#include "profile/error.h"

#include <string.h>

#define QUOTE_MAX 60 /* characters shown of a value */

/* clang-format off */
G_DEFINE_QUARK (ipsec-profile-error-quark, ipsec_profile_error)
/* clang-format on */

static gboolean
is_control (gunichar c)
{
  return g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029;
}

gboolean
ipsec_text_valid (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (is_control (g_utf8_get_char (p)))
        return FALSE;
    }
  return TRUE;
}

char *
ipsec_quote (const char *text)
{
  GString *out = g_string_new ("“");
  guint shown = 0;

  for (const char *p = text; *p != '\0'; shown++)
    {
      gunichar c = g_utf8_get_char_validated (p, -1);

      if (shown == QUOTE_MAX)
        {
          g_string_append (out, "…");
          break;
        }
      if (c == (gunichar) -1 || c == (gunichar) -2)
        g_string_append_printf (out, "\\x%02x", (guint8) *p++);
      else
        {
          if (c == '\n')
            g_string_append (out, "\\n");
          else if (is_control (c) || !g_unichar_isprint (c))
            g_string_append_printf (out, "\\u%04x", c);
          else
            g_string_append_unichar (out, c);
          p = g_utf8_next_char (p);
        }
    }
  g_string_append (out, "”");
  return g_string_free (out, FALSE);
}

gboolean
ipsec_fail (GError **error, IpsecProfileError code, const char *format, ...)
{
  va_list args;

  if (error != NULL)
    {
      va_start (args, format);
      *error = g_error_new_valist (IPSEC_PROFILE_ERROR, (int) code, format, args);
      va_end (args);
    }
  return FALSE;
}
