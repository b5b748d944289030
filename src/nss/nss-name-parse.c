/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Distinguished names that people type, to DER: the string form of RFC 4514, but in the order of the encoding, and the
 * form with slashes. What cannot be read is an error that names the place.
 */
#include "nss-name.h"
#include "nss-cert.h"
#include "nss-name-attributes.h"

#include <string.h>

typedef struct {
  const char *at;
  gboolean slashes; /* "/O=Lab/CN=alice" */
  GString *error;
} NameText;

static gboolean
text_ends_value (const NameText *text, char c)
{
  return c == '\0' || (text->slashes ? c == '/' : strchr (",;+", c) != NULL);
}

/* Base-128 arcs of X.690 section 8.19. */
static gboolean
oid_append_arc (GByteArray *oid, guint64 arc)
{
  guint8 octets[10];
  guint n = 1;

  octets[sizeof octets - 1] = arc & 0x7f;
  while ((arc >>= 7) != 0)
    {
      n++;
      octets[sizeof octets - n] = (guint8) (0x80 | (arc & 0x7f));
    }
  g_byte_array_append (oid, octets + sizeof octets - n, n);
  return oid->len <= 32;
}

static GByteArray *
oid_from_text (const char *text)
{
  g_auto (GStrv) arcs = g_strsplit (text, ".", 17);
  g_autoptr (GByteArray) oid = g_byte_array_new ();
  guint64 arc, top = 0;

  for (guint i = 0; arcs[i] != NULL; i++)
    {
      if (i == 16 || !g_ascii_string_to_unsigned (arcs[i], 10, 0, G_MAXUINT32, &arc, NULL))
        return NULL;
      if (i == 0)
        top = arc;
      else if (top > 2 || (i == 1 && top < 2 && arc > 39))
        return NULL;
      else if (!oid_append_arc (oid, i == 1 ? top * 40 + arc : arc))
        return NULL;
    }
  return oid->len > 0 ? g_steal_pointer (&oid) : NULL;
}

/* The type before '='; *ret_tag as in the table. */
static GByteArray *
text_read_type (NameText *text, guint8 *ret_tag)
{
  gsize len = strspn (text->at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-");
  g_autofree char *type = g_strndup (text->at, len);
  const char *equals = text->at + len + strspn (text->at + len, " ");
  GByteArray *oid = NULL;

  *ret_tag = 0;
  if (len == 0 || *equals != '=')
    {
      g_string_printf (text->error, "“%.40s” should begin with an attribute such as “CN=”", text->at);
      return NULL;
    }
  text->at = equals + 1;
  for (gsize i = 0; i < nss_name_n_attributes && oid == NULL; i++)
    if (g_ascii_strcasecmp (nss_name_attributes[i].name, type) == 0)
      {
        *ret_tag = nss_name_attributes[i].tag;
        oid = g_byte_array_append (g_byte_array_new (), nss_name_attributes[i].oid, nss_name_attributes[i].len);
      }
  if (oid == NULL)
    oid = oid_from_text (g_ascii_strncasecmp (type, "OID.", 4) == 0 ? type + 4 : type);
  if (oid == NULL)
    g_string_printf (text->error, "“%.40s” is not a known attribute", type);
  return oid;
}

/* After a backslash: two hexadecimal digits are an octet, anything else stands for itself. */
static void
text_read_escape (NameText *text, GString *value)
{
  if (g_ascii_isxdigit (text->at[0]) && g_ascii_isxdigit (text->at[1]))
    {
      g_string_append_c (value, (char) (g_ascii_xdigit_value (text->at[0]) << 4 | g_ascii_xdigit_value (text->at[1])));
      text->at += 2;
    }
  else if (*text->at != '\0')
    g_string_append_c (value, *text->at++);
}

/* The value as text, its quotes and escapes taken off. */
static gboolean
text_read_value (NameText *text, GString *value)
{
  gsize keep = 0; /* octets that are not trailing spaces */
  gboolean quoted;

  text->at += strspn (text->at, " ");
  quoted = *text->at == '"';
  text->at += quoted;
  while (*text->at != '\0' && (quoted ? *text->at != '"' : !text_ends_value (text, *text->at)))
    {
      if (*text->at == '\\')
        {
          text->at++;
          text_read_escape (text, value);
          keep = value->len;
          continue;
        }
      g_string_append_c (value, *text->at);
      if (quoted || *text->at != ' ')
        keep = value->len;
      text->at++;
    }
  g_string_truncate (value, keep);
  if (quoted && *text->at++ != '"')
    return FALSE;
  text->at += strspn (text->at, " ");
  return text_ends_value (text, *text->at);
}

/* "#0c03414243": the DER of the value itself, RFC 4514 section 2.4. */
static gboolean
text_read_hex (NameText *text, GByteArray *out)
{
  NssDer der;

  for (text->at++; g_ascii_isxdigit (text->at[0]) && g_ascii_isxdigit (text->at[1]); text->at += 2)
    {
      guint8 octet = (guint8) (g_ascii_xdigit_value (text->at[0]) << 4 | g_ascii_xdigit_value (text->at[1]));

      g_byte_array_append (out, &octet, 1);
    }
  text->at += strspn (text->at, " ");
  der = nss_der (out->data, out->len);
  nss_der_element (&der);
  return nss_der_done (&der) && text_ends_value (text, *text->at);
}

/* The string type that openssl gives such a value, which is what most certificates have: a gateway, or we, may compare
 * octet by octet. */
static guint8
value_tag (const GString *value, guint8 wanted)
{
  gboolean printable = TRUE, ascii = TRUE;

  for (gsize i = 0; i < value->len; i++)
    {
      char c = value->str[i];

      printable = printable && (g_ascii_isalnum (c) || (c != '\0' && strchr (" '()+,-./:=?", c) != NULL));
      ascii = ascii && (guchar) c < 0x80;
    }
  if ((wanted == NSS_TAG_IA5 && ascii) || (wanted == NSS_TAG_PRINTABLE && printable))
    return wanted;
  return NSS_TAG_UTF8;
}

/* One AttributeTypeAndValue. */
static GBytes *
text_read_pair (NameText *text)
{
  g_autoptr (GByteArray) oid = NULL;
  g_autoptr (GByteArray) body = g_byte_array_new ();
  GByteArray *pair;
  g_autoptr (GString) value = g_string_new (NULL);
  guint8 tag;

  text->at += strspn (text->at, " ");
  oid = text_read_type (text, &tag);
  if (oid == NULL)
    return NULL;
  nss_der_put (body, NSS_DER_OID, oid->data, oid->len);
  text->at += strspn (text->at, " ");
  if (*text->at == '#')
    {
      g_autoptr (GByteArray) raw = g_byte_array_new ();

      if (!text_read_hex (text, raw))
        return NULL;
      g_byte_array_append (body, raw->data, raw->len);
    }
  else
    {
      if (!text_read_value (text, value) || value->len == 0 || value->len > NSS_NAME_MAX_VALUE ||
          !g_utf8_validate (value->str, (gssize) value->len, NULL))
        return NULL;
      nss_der_put (body, value_tag (value, tag), (const guint8 *) value->str, value->len);
    }
  pair = g_byte_array_new ();
  nss_der_put (pair, NSS_DER_SEQUENCE, body->data, body->len);
  return g_byte_array_free_to_bytes (pair);
}

static gint
pair_compare (gconstpointer a, gconstpointer b)
{
  return g_bytes_compare (*(GBytes *const *) a, *(GBytes *const *) b);
}

/* One RelativeDistinguishedName: pairs joined by '+'; DER sorts a SET OF (X.690 section 11.6). */
static gboolean
text_read_rdn (NameText *text, GByteArray *names)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GByteArray) body = g_byte_array_new ();

  do
    {
      const char *start = text->at;
      GBytes *pair;

      if (pairs->len > 0)
        start = ++text->at;
      pair = text_read_pair (text);
      if (pair == NULL)
        {
          if (text->error->len == 0)
            g_string_printf (text->error, "the value in “%.60s” is empty or malformed", start);
          return FALSE;
        }
      g_ptr_array_add (pairs, pair);
    }
  while (*text->at == '+' && !text->slashes && pairs->len < 16);
  g_ptr_array_sort (pairs, pair_compare);
  for (guint i = 0; i < pairs->len; i++)
    {
      gsize len;
      const guint8 *data = g_bytes_get_data (pairs->pdata[i], &len);

      g_byte_array_append (body, data, (guint) len);
    }
  nss_der_put (names, NSS_DER_SET, body->data, body->len);
  return TRUE;
}

GBytes *
nss_name_from_string (const char *string, GError **error)
{
  g_autoptr (GByteArray) names = g_byte_array_new ();
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GString) problem = g_string_new (NULL);
  NameText text = { .at = string + strspn (string, " "), .error = problem };
  guint n = 0;

  text.slashes = *text.at == '/';
  text.at += text.slashes;
  while (problem->len == 0 && text_read_rdn (&text, names))
    {
      if (*text.at == '\0')
        break;
      text.at++;
      if (++n == NSS_NAME_MAX_RDNS)
        g_string_assign (problem, "it has too many parts");
    }
  nss_der_put (out, NSS_DER_SEQUENCE, names->data, names->len);
  if (problem->len == 0 && out->len > NSS_NAME_MAX_SIZE)
    g_string_assign (problem, "it is too long");
  if (problem->len > 0)
    {
      g_autofree char *shown = g_utf8_make_valid (problem->str, (gssize) problem->len);

      g_set_error (error, NSS_CERT_ERROR, NSS_CERT_ERROR_NAME,
                   "This is not a distinguished name such as “O=Example, CN=alice”: %s.", shown);
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
