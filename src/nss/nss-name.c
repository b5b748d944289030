/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Distinguished names: Name of RFC 5280 section 4.1.2.4, text form of RFC 4514 (but in encoding order), comparison of
 * RFC 5280 section 7.1. The text is always printable UTF-8, whatever a peer has put into the name.
 */
#include "nss-name.h"
#include "nss-name-attributes.h"

#include <string.h>

#define X520(n)                                                                                                        \
 3,                                                                                                                    \
 {                                                                                                                     \
  0x55, 0x04, n                                                                                                        \
 }
/* The first row of an OID is the name that is written; the others are read as well. */
const NssNameAttribute nss_name_attributes[] = {
  { "CN", X520 (3), 0 },
  { "C", X520 (6), NSS_TAG_PRINTABLE },
  { "O", X520 (10), 0 },
  { "OU", X520 (11), 0 },
  { "L", X520 (7), 0 },
  { "ST", X520 (8), 0 },
  { "SN", X520 (4), 0 },
  { "surname", X520 (4), 0 },
  { "GN", X520 (42), 0 },
  { "G", X520 (42), 0 },
  { "givenName", X520 (42), 0 },
  { "I", X520 (43), 0 },
  { "initials", X520 (43), 0 },
  { "T", X520 (12), 0 },
  { "title", X520 (12), 0 },
  { "D", X520 (13), 0 },
  { "description", X520 (13), 0 },
  { "STREET", X520 (9), 0 },
  { "serialNumber", X520 (5), NSS_TAG_PRINTABLE },
  { "dnQualifier", X520 (46), NSS_TAG_PRINTABLE },
  { "DC", 10, { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19 }, NSS_TAG_IA5 },
  { "UID", 10, { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01 }, 0 },
  { "emailAddress", 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01 }, NSS_TAG_IA5 },
  { "E", 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01 }, NSS_TAG_IA5 },
  { "email", 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01 }, NSS_TAG_IA5 },
};
const gsize nss_name_n_attributes = G_N_ELEMENTS (nss_name_attributes);

typedef struct {
  guint rdn; /* number of its RelativeDistinguishedName */
  NssDer type;
  guint8 tag;
  NssDer value;
} NameAva;

/* ---- reading DER ---- */

/* All attributes of @der (NameAva) in order, or NULL. They borrow from @der. */
static GArray *
name_parse (GBytes *der)
{
  g_autoptr (GArray) avas = g_array_new (FALSE, FALSE, sizeof (NameAva));
  NssDer in = nss_der_bytes (der);
  NssDer names = nss_der_enter (&in, NSS_DER_SEQUENCE);

  if (!nss_der_done (&in) || g_bytes_get_size (der) > NSS_NAME_MAX_SIZE)
    return NULL;
  for (guint n = 0; names.len > 0; n++)
    {
      NssDer rdn = nss_der_enter (&names, NSS_DER_SET);

      if (n == NSS_NAME_MAX_RDNS || rdn.len == 0)
        return NULL;
      while (rdn.len > 0)
        {
          NssDer pair = nss_der_enter (&rdn, NSS_DER_SEQUENCE);
          NameAva ava = { .rdn = n, .type = nss_der_enter (&pair, NSS_DER_OID) };

          ava.tag = nss_der_peek (&pair);
          ava.value = nss_der_enter (&pair, ava.tag);
          if (rdn.bad || !nss_der_done (&pair) || ava.type.len == 0)
            return NULL;
          g_array_append_val (avas, ava);
        }
    }
  if (names.bad)
    return NULL;
  return g_steal_pointer (&avas);
}

/* Appends the value as UTF-8, which may hold control characters and NULs; FALSE when it is not text. No iconv: the
 * service that shows a peer's names has no files. */
static gboolean
ava_append_utf8 (const NameAva *ava, GString *out)
{
  const guint8 *data = ava->value.data;
  gsize len = ava->value.len;
  gsize unit = ava->tag == NSS_TAG_BMP ? 2 : ava->tag == NSS_TAG_UNIVERSAL ? 4 : 1;

  if (ava->tag == NSS_TAG_UTF8 || ava->tag == NSS_TAG_PRINTABLE || ava->tag == NSS_TAG_IA5)
    {
      gsize piece;

      /* g_utf8_validate() takes no NUL: between them. */
      for (gsize at = 0; at < len; at += piece + 1)
        {
          piece = strnlen ((const char *) data + at, len - at);
          if (!g_utf8_validate ((const char *) data + at, (gssize) piece, NULL))
            return FALSE;
        }
      g_string_append_len (out, (const char *) data, (gssize) len);
      return TRUE;
    }
  if ((ava->tag != NSS_TAG_T61 && unit == 1) || len % unit != 0)
    return FALSE;
  for (gsize i = 0; i < len; i += unit)
    {
      gunichar c = 0;

      for (gsize k = 0; k < unit; k++)
        c = c << 8 | data[i + k];
      if (!g_unichar_validate (c))
        return FALSE;
      if (c == 0)
        g_string_append_c (out, '\0');
      else
        g_string_append_unichar (out, c);
    }
  return TRUE;
}

/* ---- to text ---- */

static void
append_oid (GString *out, const NssDer *oid)
{
  guint64 arc = 0;
  gboolean first = TRUE;

  for (gsize i = 0; i < oid->len; i++)
    {
      arc = arc << 7 | (oid->data[i] & 0x7f);
      if (oid->data[i] & 0x80 && i + 1 < oid->len && arc < G_MAXUINT32)
        continue;
      if (first)
        {
          guint top = arc < 40 ? 0 : arc < 80 ? 1 : 2;

          g_string_append_printf (out, "%u.%" G_GUINT64_FORMAT, top, arc - 40 * top);
        }
      else
        g_string_append_printf (out, ".%" G_GUINT64_FORMAT, arc);
      first = FALSE;
      arc = 0;
    }
}

static void
append_type (GString *out, const NssDer *oid)
{
  for (gsize i = 0; i < nss_name_n_attributes; i++)
    if (nss_der_is (oid, nss_name_attributes[i].oid, nss_name_attributes[i].len))
      {
        g_string_append (out, nss_name_attributes[i].name);
        return;
      }
  append_oid (out, oid);
}

/* RFC 4514 section 2.4; what cannot be printed is escaped too, so that a peer cannot forge a line of a log. */
static void
append_escaped (GString *out, const char *text, gsize len)
{
  const char *end = text + len;

  for (const char *at = text; at < end;)
    {
      gunichar c = *at == '\0' ? 0 : g_utf8_get_char (at);
      const char *next = c == 0 ? at + 1 : g_utf8_next_char (at);

      if (c == 0 || c == 0x2028 || c == 0x2029 || !g_unichar_isprint (c))
        for (; at < next; at++)
          g_string_append_printf (out, "\\%02X", (guint8) *at);
      else if (strchr (",+\"\\<>;", *at) != NULL || (at == text && (*at == '#' || *at == ' ')) ||
               (next == end && *at == ' '))
        g_string_append_printf (out, "\\%c", *at);
      else
        g_string_append_len (out, at, next - at);
      at = next;
    }
}

static void
append_value (GString *out, const NameAva *ava)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint8 header[6];
  gsize n;

  if (ava_append_utf8 (ava, text))
    {
      append_escaped (out, text->str, text->len);
      return;
    }
  n = nss_der_header (ava->tag, ava->value.len, header);
  g_string_append_c (out, '#');
  for (gsize i = 0; i < n; i++)
    g_string_append_printf (out, "%02x", header[i]);
  for (gsize i = 0; i < ava->value.len; i++)
    g_string_append_printf (out, "%02x", ava->value.data[i]);
}

char *
nss_name_to_string (GBytes *der)
{
  g_autoptr (GArray) avas = name_parse (der);
  GString *out;

  if (avas == NULL)
    return NULL;
  out = g_string_new (NULL);
  for (guint i = 0; i < avas->len; i++)
    {
      const NameAva *ava = &g_array_index (avas, NameAva, i);

      if (i > 0)
        g_string_append (out, ava->rdn == ava[-1].rdn ? "+" : ", ");
      append_type (out, &ava->type);
      g_string_append_c (out, '=');
      append_value (out, ava);
    }
  return g_string_free (out, FALSE);
}

char *
nss_name_common_name (GBytes *der)
{
  g_autoptr (GArray) avas = name_parse (der);

  for (guint i = avas != NULL ? avas->len : 0; i > 0; i--)
    {
      const NameAva *ava = &g_array_index (avas, NameAva, i - 1);
      g_autoptr (GString) text = g_string_new (NULL);

      if (!nss_der_is (&ava->type, nss_name_attributes[0].oid, nss_name_attributes[0].len))
        continue;
      if (!ava_append_utf8 (ava, text) || memchr (text->str, 0, text->len) != NULL)
        return NULL;
      return g_strdup (text->str);
    }
  return NULL;
}

/* ---- comparison ---- */

/* Case and spaces as RFC 5280 section 7.1 wants them; only ASCII letters are folded: a name that merely looks alike
 * is another name. */
static GString *
text_fold (const GString *text)
{
  GString *out = g_string_sized_new (text->len);

  for (gsize i = 0; i < text->len; i++)
    {
      char c = g_ascii_tolower (text->str[i]);

      if (c != ' ')
        g_string_append_c (out, c);
      else if (out->len > 0 && out->str[out->len - 1] != ' ')
        g_string_append_c (out, ' ');
    }
  if (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  return out;
}

static gboolean
ava_equal (const NameAva *a, const NameAva *b)
{
  g_autoptr (GString) text_a = g_string_new (NULL);
  g_autoptr (GString) text_b = g_string_new (NULL);
  g_autoptr (GString) fold_a = NULL;
  g_autoptr (GString) fold_b = NULL;

  if (a->rdn != b->rdn || !nss_der_is (&a->type, b->type.data, b->type.len))
    return FALSE;
  if (a->tag == b->tag && nss_der_is (&a->value, b->value.data, b->value.len))
    return TRUE;
  if (!ava_append_utf8 (a, text_a) || !ava_append_utf8 (b, text_b))
    return FALSE;
  fold_a = text_fold (text_a);
  fold_b = text_fold (text_b);
  return g_string_equal (fold_a, fold_b);
}

gboolean
nss_name_equal (GBytes *a, GBytes *b)
{
  g_autoptr (GArray) avas_a = name_parse (a);
  g_autoptr (GArray) avas_b = name_parse (b);

  if (avas_a == NULL || avas_b == NULL || avas_a->len != avas_b->len)
    return FALSE;
  for (guint i = 0; i < avas_a->len; i++)
    if (!ava_equal (&g_array_index (avas_a, NameAva, i), &g_array_index (avas_b, NameAva, i)))
      return FALSE;
  return TRUE;
}

gboolean
nss_identity_equal (const IkeIdentity *a, const IkeIdentity *b)
{
  if (a->type == IKE_ID_DER_ASN1_DN && b->type == IKE_ID_DER_ASN1_DN)
    return nss_name_equal (a->data, b->data);
  return ike_identity_equal (a, b);
}

char *
nss_identity_to_string (const IkeIdentity *identity)
{
  char *text = identity->type == IKE_ID_DER_ASN1_DN ? nss_name_to_string (identity->data) : NULL;

  return text != NULL ? text : ike_identity_to_string (identity);
}
