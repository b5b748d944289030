/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The spellings of a pre-shared key. What is in it never gets into an error. */
#include "config.h"

#include "profile/profile-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static guint8 *
decode_hex (const char *text, gsize *ret_len)
{
  gsize len = strlen (text);
  guint8 *bytes = g_malloc (len / 2 + 1);

  for (gsize i = 0; i < len; i += 2)
    {
      int high = g_ascii_xdigit_value (text[i]), low = high < 0 ? -1 : g_ascii_xdigit_value (text[i + 1]);

      if (low < 0)
        {
          explicit_bzero (bytes, len / 2 + 1);
          g_free (bytes);
          return NULL;
        }
      bytes[i / 2] = (guint8) (high << 4 | low);
    }
  *ret_len = len / 2;
  return bytes;
}

/* g_base64_decode() skips what it does not know; a key with a slip in it must not pass. */
guint8 *
profile_decode_base64 (const char *text, gsize *ret_len)
{
  gsize body = strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  gsize padding = strspn (text + body, "=");

  if (text[body + padding] != '\0' || padding > 2 || (body + padding) % 4 != 0)
    return NULL;
  return g_base64_decode (text, ret_len);
}

guint8 *
ipsec_psk_decode (const char *text, gsize *ret_len, GError **error)
{
  gsize len = 0;
  guint8 *bytes;

  if (g_str_has_prefix (text, "0x"))
    bytes = decode_hex (text + 2, &len);
  else if (g_str_has_prefix (text, "0s"))
    bytes = profile_decode_base64 (text + 2, &len);
  else
    {
      len = strlen (text);
      bytes = g_memdup2 (text, len);
    }
  if (bytes == NULL || len == 0)
    {
      g_free (bytes);
      ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE,
                  _ ("psk: it begins with 0x or 0s, but hexadecimal digits or base64 do not follow"));
      return NULL;
    }
  *ret_len = len;
  return bytes;
}
