/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DER cursor and BER normaliser. Lengths are at most 4 octets, tags one octet, nesting at most NSS_BER_MAX_DEPTH.
 * X.690: section 8.1 (identifier and length octets), 10.1 (definite, minimal).
 */
#include "nss-der.h"

#include <string.h>

#define NSS_BER_MAX_DEPTH 24

NssDer
nss_der (const guint8 *data, gsize len)
{
  return (NssDer){ .data = data, .len = len };
}

NssDer
nss_der_bytes (GBytes *bytes)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);

  return nss_der (data, len);
}

static NssDer
der_fail (NssDer *self)
{
  *self = (NssDer){ .bad = TRUE };
  return *self;
}

static const guint8 *
der_advance (NssDer *self, gsize n)
{
  const guint8 *at = self->data;

  self->data += n;
  self->len -= n;
  return at;
}

/* Reads identifier and length. @ret_indefinite NULL: only DER is taken. */
static gboolean
der_read_header (NssDer *self, guint8 *ret_tag, gsize *ret_len, gboolean *ret_indefinite)
{
  guint8 tag, first;
  gsize len = 0;

  if (self->bad || self->len < 2)
    return FALSE;
  tag = self->data[0];
  first = self->data[1];
  if ((tag & 0x1f) == 0x1f)
    return FALSE;
  der_advance (self, 2);
  if (ret_indefinite != NULL)
    *ret_indefinite = first == 0x80;
  if (first < 0x80)
    len = first;
  else if (first > 0x80 && first <= 0x84)
    {
      guint n = first & 0x7f;

      if (self->len < n || (ret_indefinite == NULL && self->data[0] == 0))
        return FALSE;
      for (guint i = 0; i < n; i++)
        len = len << 8 | self->data[i];
      der_advance (self, n);
      if (ret_indefinite == NULL && len < 0x80)
        return FALSE;
    }
  else if (first != 0x80 || ret_indefinite == NULL || !(tag & 0x20))
    return FALSE;
  if (len > self->len)
    return FALSE;
  *ret_tag = tag;
  *ret_len = len;
  return TRUE;
}

guint8
nss_der_peek (const NssDer *self)
{
  return self->len > 0 ? self->data[0] : 0;
}

NssDer
nss_der_enter (NssDer *self, guint8 tag)
{
  guint8 found;
  gsize len;

  if (!der_read_header (self, &found, &len, NULL) || found != tag)
    return der_fail (self);
  return nss_der (der_advance (self, len), len);
}

NssDer
nss_der_element (NssDer *self)
{
  const guint8 *start = self->data;
  guint8 tag;
  gsize len;

  if (!der_read_header (self, &tag, &len, NULL))
    return der_fail (self);
  der_advance (self, len);
  return nss_der (start, (gsize) (self->data - start));
}

void
nss_der_skip_optional (NssDer *self, guint8 tag)
{
  if (nss_der_peek (self) == tag)
    nss_der_enter (self, tag);
}

NssDer
nss_der_big (NssDer *self)
{
  NssDer body = nss_der_enter (self, NSS_DER_INTEGER);

  if (body.bad || body.len == 0 || body.data[0] & 0x80 || (body.len > 1 && body.data[0] == 0 && !(body.data[1] & 0x80)))
    return der_fail (self);
  if (body.data[0] == 0)
    der_advance (&body, 1);
  return body;
}

guint64
nss_der_uint (NssDer *self)
{
  NssDer body = nss_der_big (self);
  guint64 value = 0;

  if (body.len > 8)
    der_fail (self);
  for (gsize i = 0; i < body.len && body.len <= 8; i++)
    value = value << 8 | body.data[i];
  return value;
}

NssDer
nss_der_bit_string (NssDer *self)
{
  NssDer body = nss_der_enter (self, NSS_DER_BIT_STRING);

  if (body.bad || body.len == 0 || body.data[0] != 0)
    return der_fail (self);
  der_advance (&body, 1);
  return body;
}

gboolean
nss_der_is (const NssDer *self, const guint8 *oid, gsize len)
{
  return !self->bad && self->len == len && memcmp (self->data, oid, len) == 0;
}

gboolean
nss_der_done (const NssDer *self)
{
  return !self->bad && self->len == 0;
}

GBytes *
nss_der_dup (const NssDer *self)
{
  return g_bytes_new (self->data, self->len);
}

gsize
nss_der_header (guint8 tag, gsize len, guint8 *out)
{
  guint n = len < 0x80 ? 0 : len < 0x100 ? 1 : len < 0x10000 ? 2 : len < 0x1000000 ? 3 : 4;

  g_assert (len <= G_MAXUINT32);
  if (out != NULL)
    {
      *out++ = tag;
      *out++ = (guint8) (n > 0 ? 0x80 | n : len);
      for (guint i = n; i > 0; i--)
        *out++ = (guint8) (len >> (8 * (i - 1)));
    }
  return 2 + n;
}

void
nss_der_put (GByteArray *out, guint8 tag, const guint8 *data, gsize len)
{
  guint8 header[6];
  gsize n = nss_der_header (tag, len, header);

  g_byte_array_append (out, header, (guint) n);
  if (len > 0)
    g_byte_array_append (out, data, (guint) len);
}

void
nss_der_put_big (GByteArray *out, const guint8 *data, gsize len)
{
  g_autoptr (GByteArray) number = g_byte_array_new ();
  const guint8 zero = 0;

  while (len > 1 && *data == 0)
    {
      data++;
      len--;
    }
  /* X.690 section 8.3: the first bit is the sign */
  if (*data & 0x80)
    g_byte_array_append (number, &zero, 1);
  g_byte_array_append (number, data, (guint) len);
  nss_der_put (out, NSS_DER_INTEGER, number->data, number->len);
}

void
nss_der_wipe (GByteArray *array)
{
  if (array == NULL)
    return;
  if (array->len > 0)
    explicit_bzero (array->data, array->len);
  g_byte_array_unref (array);
}

/* ---- BER ---- */

/* With room for what @len octets of BER can become, since what grows leaves copies: the length of one of indefinite length
 * takes an octet more than its two ends, when its content is longer than 65535. */
static GByteArray *
ber_array_new (gsize len)
{
  return g_byte_array_sized_new ((guint) (len + (len / 65536 + 1) * (NSS_BER_MAX_DEPTH + 1)));
}

static gboolean ber_copy_element (NssDer *in, GByteArray *out, guint depth);

static gboolean
ber_at_end_of_contents (const NssDer *in)
{
  return in->len >= 2 && in->data[0] == 0 && in->data[1] == 0;
}

/* The elements of one constructed value, to @out: until its end, or until end-of-contents. */
static gboolean
ber_copy_contents (NssDer *in, gboolean indefinite, GByteArray *out, guint depth)
{
  while (in->len > 0)
    {
      if (indefinite && ber_at_end_of_contents (in))
        {
          der_advance (in, 2);
          return TRUE;
        }
      if (!ber_copy_element (in, out, depth))
        return FALSE;
    }
  return !indefinite;
}

/* X.690 section 8.7.3: the pieces of a constructed OCTET STRING, already DER, become one string. */
static gboolean
ber_join_octets (GByteArray *pieces, GByteArray *out)
{
  NssDer in = nss_der (pieces->data, pieces->len);

  while (in.len > 0)
    {
      NssDer piece = nss_der_enter (&in, NSS_DER_OCTET_STRING);

      if (in.bad)
        return FALSE;
      g_byte_array_append (out, piece.data, (guint) piece.len);
    }
  return TRUE;
}

/* [0] IMPLICIT OCTET STRING in pieces looks like [0] EXPLICIT of one: only more than one piece, or an indefinite
 * length, cannot be meant as EXPLICIT in the structures that we read (EncryptedContentInfo, RFC 5652 section 6.1). */
static gboolean
ber_is_implicit_octets (guint8 tag, GByteArray *pieces)
{
  NssDer in = nss_der (pieces->data, pieces->len);
  guint n = 0;

  for (; in.len > 0; n++)
    nss_der_enter (&in, NSS_DER_OCTET_STRING);
  return tag == NSS_DER_CONTEXT_CONSTRUCTED (0) && !in.bad && n > 1;
}

static gboolean
ber_copy_constructed (NssDer *in, guint8 tag, gsize len, gboolean indefinite, GByteArray *out, guint depth)
{
  GByteArray *content = ber_array_new (indefinite ? in->len : len);
  GByteArray *joined = NULL;
  gboolean ok;

  if (indefinite)
    ok = ber_copy_contents (in, TRUE, content, depth + 1);
  else
    {
      NssDer body = nss_der (der_advance (in, len), len);

      ok = ber_copy_contents (&body, FALSE, content, depth + 1);
    }
  if (ok && (tag == (NSS_DER_OCTET_STRING | 0x20) || ber_is_implicit_octets (tag, content)))
    {
      joined = g_byte_array_sized_new (content->len);
      ok = ber_join_octets (content, joined);
      if (ok)
        nss_der_put (out, tag & ~0x20, joined->data, joined->len);
    }
  else if (ok)
    nss_der_put (out, tag, content->data, content->len);
  nss_der_wipe (content);
  nss_der_wipe (joined);
  return ok;
}

static gboolean
ber_copy_element (NssDer *in, GByteArray *out, guint depth)
{
  gboolean indefinite;
  guint8 tag;
  gsize len;

  if (depth > NSS_BER_MAX_DEPTH || !der_read_header (in, &tag, &len, &indefinite) || tag == 0)
    return FALSE;
  if (tag & 0x20)
    return ber_copy_constructed (in, tag, len, indefinite, out, depth);
  nss_der_put (out, tag, der_advance (in, len), len);
  return TRUE;
}

GByteArray *
nss_ber_to_der (const guint8 *data, gsize len)
{
  NssDer in = nss_der (data, len);
  GByteArray *out = ber_array_new (len);

  if (ber_copy_element (&in, out, 0) && in.len == 0)
    return out;
  nss_der_wipe (out);
  return NULL;
}
