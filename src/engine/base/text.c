/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One classification of a character, used to test and to escape. */
#include "base/text.h"

/* The length of the printable character at @p, 0 when there is none. */
static gsize
printable_len (const char *p, gsize left, gboolean lines)
{
  gunichar c = g_utf8_get_char_validated (p, (gssize) left);
  GUnicodeType type;
  gsize len;

  if (c == (gunichar) -1 || c == (gunichar) -2 || c == 0)
    return 0;
  len = (gsize) g_unichar_to_utf8 (c, NULL);
  if (lines && (c == '\n' || c == '\t'))
    return len;
  /* Format characters (bidirectional overrides, zero width) can make one name look like another. */
  type = g_unichar_type (c);
  if (type == G_UNICODE_FORMAT || type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR)
    return 0;
  return g_unichar_isprint (c) ? len : 0;
}

char *
ike_text_clean (gconstpointer data, gsize len, gboolean lines)
{
  const char *p = data;
  GString *out = g_string_sized_new (len + 1);

  for (gsize i = 0; i < len;)
    {
      gsize n = printable_len (p + i, len - i, lines);

      if (n > 0)
        {
          if (p[i] == '\\')
            g_string_append_c (out, '\\');
          g_string_append_len (out, p + i, (gssize) n);
          i += n;
          continue;
        }
      g_string_append_printf (out, "\\x%02x", (guint8) p[i]);
      i++;
    }
  return g_string_free (out, FALSE);
}

gboolean
ike_text_is_clean (gconstpointer data, gsize len, gboolean lines)
{
  const char *p = data;

  for (gsize i = 0; i < len;)
    {
      gsize n = printable_len (p + i, len - i, lines);

      if (n == 0)
        return FALSE;
      i += n;
    }
  return TRUE;
}
