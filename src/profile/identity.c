/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities: text to value and back. Pure. RFC 7296 section 3.5. */
#include "config.h"

#include "profile/identity.h"

#include "profile/error.h"
#include "profile/selector.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define FROM_CERT "%fromcert"

static IpsecIdentity *
identity_new (IpsecIdentityKind kind, IkeIdType type, gconstpointer data, gsize len)
{
  IpsecIdentity *identity = g_new0 (IpsecIdentity, 1);

  identity->kind = kind;
  identity->type = type;
  identity->data = g_bytes_new (data, len);
  return identity;
}

IpsecIdentity *
ipsec_identity_copy (const IpsecIdentity *identity)
{
  IpsecIdentity *copy;

  if (identity == NULL)
    return NULL;
  copy = g_memdup2 (identity, sizeof *identity);
  g_bytes_ref (copy->data);
  return copy;
}

void
ipsec_identity_free (IpsecIdentity *identity)
{
  if (identity == NULL)
    return;
  g_bytes_unref (identity->data);
  g_free (identity);
}

static gboolean
is_graphic (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isgraph (*p))
        return FALSE;
    }
  return *text != '\0';
}

/* "O=Example, CN=alice" or "/O=Example/CN=alice": an attribute type, and something after '='. The rest is src/nss's. */
static gboolean
looks_like_dn (const char *text)
{
  const char *p = text[0] == '/' ? text + 1 : text;
  gsize type = strspn (p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");

  return type > 0 && p[type + strspn (p + type, " ")] == '=';
}

static IpsecIdentity *
key_id_from_hex (const char *hex)
{
  gsize len = strlen (hex);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if (len == 0 || len % 2 != 0)
    return NULL;
  for (gsize i = 0; i < len; i += 2)
    {
      int high = g_ascii_xdigit_value (hex[i]), low = g_ascii_xdigit_value (hex[i + 1]);
      guint8 octet;

      if (high < 0 || low < 0)
        return NULL;
      octet = (guint8) (high << 4 | low);
      g_byte_array_append (bytes, &octet, 1);
    }
  return identity_new (IPSEC_IDENTITY_KEY_ID, IKE_ID_KEY_ID, bytes->data, bytes->len);
}

/* What begins with '@' is never an address. */
static IpsecIdentity *
identity_parse_at (const char *text)
{
  gsize len = strlen (text);

  if (text[1] == '#')
    return key_id_from_hex (text + 2);
  if (text[1] == '[')
    {
      if (len < 4 || text[len - 1] != ']')
        return NULL;
      return identity_new (IPSEC_IDENTITY_KEY_ID, IKE_ID_KEY_ID, text + 2, len - 3);
    }
  if (!is_graphic (text + 1) || strchr (text + 1, '@') != NULL)
    return NULL;
  return identity_new (IPSEC_IDENTITY_FQDN, IKE_ID_FQDN, text + 1, len - 1);
}

static IpsecIdentity *
identity_parse_any (const char *text)
{
  const char *at = strchr (text, '@');
  IpsecAddress address;

  if (strlen (text) > IKE_MAX_ID)
    return NULL;
  if (strcmp (text, FROM_CERT) == 0)
    return identity_new (IPSEC_IDENTITY_FROM_CERT, IKE_ID_DER_ASN1_DN, NULL, 0);
  if (text[0] == '@')
    return identity_parse_at (text);
  if (looks_like_dn (text))
    return identity_new (IPSEC_IDENTITY_DN, IKE_ID_DER_ASN1_DN, text, strlen (text));
  if (ipsec_address_parse (text, &address))
    return address.family == 4 ? identity_new (IPSEC_IDENTITY_ADDRESS, IKE_ID_IPV4_ADDR, address.bytes, 4)
                               : identity_new (IPSEC_IDENTITY_ADDRESS, IKE_ID_IPV6_ADDR, address.bytes, 16);
  if (at != NULL && at[1] != '\0' && is_graphic (text) && strchr (at + 1, '@') == NULL)
    return identity_new (IPSEC_IDENTITY_EMAIL, IKE_ID_RFC822_ADDR, text, strlen (text));
  if (ipsec_host_name_valid (text))
    return identity_new (IPSEC_IDENTITY_FQDN, IKE_ID_FQDN, text, strlen (text));
  return NULL;
}

IpsecIdentity *
ipsec_identity_parse (const char *text, GError **error)
{
  IpsecIdentity *identity = identity_parse_any (text);

  if (identity == NULL)
    {
      g_autofree char *quoted = ipsec_quote (text);

      ipsec_fail (
          error, IPSEC_PROFILE_ERROR_BAD_VALUE,
          _ ("%s is not an identity; write an address, vpn.example.com, alice@example.com, a distinguished name "
             "like O=Example, CN=alice, @[key-id], or %s"),
          quoted, FROM_CERT);
    }
  return identity;
}

static char *
key_id_to_string (const char *data, gsize len)
{
  g_autofree char *text = g_strndup (data, len);
  GString *out;

  if (strlen (text) == len && len > 0 && ipsec_text_valid (text))
    return g_strconcat ("@[", text, "]", NULL);
  out = g_string_new ("@#");
  for (gsize i = 0; i < len; i++)
    g_string_append_printf (out, "%02x", (guint8) data[i]);
  return g_string_free (out, FALSE);
}

char *
ipsec_identity_to_string (const IpsecIdentity *identity)
{
  gsize len;
  const char *data = g_bytes_get_data (identity->data, &len);
  g_autofree char *text = g_strndup (data != NULL ? data : "", len);

  switch (identity->kind)
    {
    case IPSEC_IDENTITY_ADDRESS:
      {
        IpsecAddress address = { .family = len == 4 ? 4 : 6 };

        memcpy (address.bytes, data, len);
        return ipsec_address_to_string (&address);
      }
    case IPSEC_IDENTITY_FQDN:
      return ipsec_host_name_valid (text) ? g_steal_pointer (&text) : g_strconcat ("@", text, NULL);
    case IPSEC_IDENTITY_EMAIL:
    case IPSEC_IDENTITY_DN:
      return g_steal_pointer (&text);
    case IPSEC_IDENTITY_KEY_ID:
      return key_id_to_string (data, len);
    case IPSEC_IDENTITY_FROM_CERT:
      return g_strdup (FROM_CERT);
    }
  g_assert_not_reached ();
}
