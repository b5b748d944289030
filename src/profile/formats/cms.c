/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BER as far as RFC 5652 needs it: definite and indefinite lengths (tools that stream write these), and octet strings
 * in pieces. Every step stays inside the octets of its parent; depth is limited.
 */
#include "profile/formats/cms.h"

#include <string.h>

#define DEPTH_MAX 16
#define TAG_INTEGER 0x02
#define TAG_BITS 0x03
#define TAG_OCTETS 0x04
#define TAG_OID 0x06
#define TAG_SEQUENCE 0x30
#define TAG_SET 0x31
#define TAG_EXPLICIT_0 0xa0
#define CONSTRUCTED 0x20

static const guint8 oid_signed_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };

typedef struct {
  const guint8 *at, *end;
} Cursor;

typedef struct {
  guint8 tag;
  Cursor inside;
} Element;

static gboolean skip_to_end (Cursor *inside, guint depth);

static gboolean
read_length (Cursor *cursor, gsize *ret_len, gboolean *ret_indefinite)
{
  guint8 first, octets;
  gsize len = 0;

  if (cursor->at >= cursor->end)
    return FALSE;
  first = *cursor->at++;
  *ret_indefinite = first == 0x80;
  *ret_len = first;
  if (first <= 0x80)
    return TRUE;
  octets = first & 0x7f;
  if (octets > 4 || cursor->end - cursor->at < octets)
    return FALSE;
  while (octets-- > 0)
    len = len << 8 | *cursor->at++;
  *ret_len = len;
  return TRUE;
}

/* Steps over one element. FALSE: malformed. */
static gboolean
next (Cursor *cursor, Element *ret, guint depth)
{
  gboolean indefinite;
  gsize len;

  if (depth > DEPTH_MAX || cursor->at >= cursor->end)
    return FALSE;
  ret->tag = *cursor->at++;
  if ((ret->tag & 0x1f) == 0x1f || !read_length (cursor, &len, &indefinite))
    return FALSE;
  ret->inside = (Cursor){ cursor->at, cursor->end };
  if (indefinite)
    {
      Cursor inside = ret->inside;

      if (!(ret->tag & CONSTRUCTED) || !skip_to_end (&inside, depth + 1))
        return FALSE;
      ret->inside.end = inside.at - 2;
      cursor->at = inside.at;
      return TRUE;
    }
  if ((gsize) (cursor->end - cursor->at) < len)
    return FALSE;
  cursor->at += len;
  ret->inside.end = cursor->at;
  return TRUE;
}

/* Behind the two zero octets that end an indefinite length. */
static gboolean
skip_to_end (Cursor *inside, guint depth)
{
  Element element;

  while (inside->end - inside->at >= 2)
    {
      if (inside->at[0] == 0 && inside->at[1] == 0)
        {
          inside->at += 2;
          return TRUE;
        }
      if (!next (inside, &element, depth))
        return FALSE;
    }
  return FALSE;
}

static gboolean
enter (Cursor *cursor, guint8 tag, Cursor *ret_inside)
{
  Element element;

  if (!next (cursor, &element, 0) || element.tag != tag)
    return FALSE;
  *ret_inside = element.inside;
  return TRUE;
}

static gboolean
append_octets (const Element *element, GByteArray *out, guint depth)
{
  Cursor inside = element->inside;
  Element piece;

  if (element->tag == TAG_OCTETS)
    {
      g_byte_array_append (out, inside.at, (guint) (inside.end - inside.at));
      return TRUE;
    }
  if (element->tag != (TAG_OCTETS | CONSTRUCTED) || depth > DEPTH_MAX)
    return FALSE;
  while (inside.at < inside.end)
    if (!next (&inside, &piece, 0) || !append_octets (&piece, out, depth + 1))
      return FALSE;
  return TRUE;
}

/* Up to the SignedData. */
static gboolean
open_signed_data (const guint8 *data, gsize len, Cursor *ret)
{
  Cursor all = { data, data + len }, info, oid, explicit;

  return enter (&all, TAG_SEQUENCE, &info) && enter (&info, TAG_OID, &oid) &&
         oid.end - oid.at == sizeof oid_signed_data && memcmp (oid.at, oid_signed_data, sizeof oid_signed_data) == 0 &&
         enter (&info, TAG_EXPLICIT_0, &explicit) && enter (&explicit, TAG_SEQUENCE, ret);
}

gboolean
cms_is_signed_data (const guint8 *data, gsize len)
{
  Cursor signed_data;

  return open_signed_data (data, len, &signed_data);
}

GBytes *
cms_content (const guint8 *data, gsize len)
{
  Cursor signed_data, skipped, content, oid, explicit;
  Element octets;
  g_autoptr (GByteArray) out = g_byte_array_new ();

  if (!open_signed_data (data, len, &signed_data) || !enter (&signed_data, TAG_INTEGER, &skipped) ||
      !enter (&signed_data, TAG_SET, &skipped) || !enter (&signed_data, TAG_SEQUENCE, &content) ||
      !enter (&content, TAG_OID, &oid) || !enter (&content, TAG_EXPLICIT_0, &explicit) ||
      !next (&explicit, &octets, 0) || !append_octets (&octets, out, 0))
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

gboolean
cms_is_certificate (const guint8 *data, gsize len)
{
  Cursor all = { data, data + len }, outer, inner;

  return enter (&all, TAG_SEQUENCE, &outer) && enter (&outer, TAG_SEQUENCE, &inner) &&
         enter (&outer, TAG_SEQUENCE, &inner) && enter (&outer, TAG_BITS, &inner);
}
