/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The spellings of a raw key. */
#include "config.h"

#include "profile/raw-key.h"

#include "profile/error.h"
#include "profile/profile-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

void
ipsec_raw_key_free (IpsecRawKey *key)
{
  if (key == NULL)
    return;
  g_free (key->ckaid);
  g_clear_pointer (&key->octets, g_bytes_unref);
  g_free (key->path);
  g_free (key);
}

gboolean
profile_on_token (const char *text)
{
  return g_str_has_prefix (text, "pkcs11:") && text[strlen ("pkcs11:")] != '\0' && strchr (text, '?') == NULL;
}

static gboolean
is_ckaid (const char *text)
{
  return strlen (text) == IPSEC_CKAID_DIGITS && strspn (text, "0123456789abcdefABCDEF") == IPSEC_CKAID_DIGITS;
}

IpsecRawKey *
ipsec_raw_key_parse (const char *text, GError **error)
{
  g_autoptr (IpsecRawKey) key = g_new0 (IpsecRawKey, 1);
  g_autofree char *quoted = NULL;
  gsize len = 0;

  if (is_ckaid (text))
    key->ckaid = g_ascii_strdown (text, -1);
  else if (g_str_has_prefix (text, "0s"))
    {
      guint8 *octets = profile_decode_base64 (text + 2, &len);

      key->octets = octets != NULL ? g_bytes_new_take (octets, len) : NULL;
    }
  else if ((text[0] == '/' && text[1] != '\0') || profile_on_token (text))
    key->path = g_strdup (text);
  if (key->ckaid != NULL || len > 0 || key->path != NULL)
    return g_steal_pointer (&key);
  quoted = ipsec_quote (text);
  ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE,
              _ ("%s is not a raw key; it must be a CKAID (40 hexadecimal digits), 0s and the public key in base64, "
                 "the path of a file, or of our own key a PKCS#11 URI"),
              quoted);
  return NULL;
}

char *
ipsec_raw_key_to_string (const IpsecRawKey *key)
{
  g_autofree char *base64 = NULL;
  gsize len;
  const guint8 *octets;

  if (key->octets == NULL)
    return g_strdup (key->ckaid != NULL ? key->ckaid : key->path);
  octets = g_bytes_get_data (key->octets, &len);
  base64 = g_base64_encode (octets, len);
  return g_strconcat ("0s", base64, NULL);
}
