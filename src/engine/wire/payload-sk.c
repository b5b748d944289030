/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things are in SK (RFC 7296 section 3.14) and SKF (RFC 7383 section 2.5) payloads. */
#include "wire/payload-sk.h"

#define GENERIC_HEADER_LEN 4
#define FRAGMENT_HEADER_LEN 4

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * | Next Payload  |C|  RESERVED   |         Payload Length        |
 * |        Fragment Number        |        Total Fragments        |   (SKF only)
 * |                     Initialization Vector                     |
 * |                    Encrypted IKE Payloads                     |
 * |               |             Padding (0-255 octets)            |
 * |                                               |  Pad Length   |
 * |                    Integrity Checksum Data                    |
 */
gboolean
ike_sk_parse (const IkePayload *payload, const IkeSkShape *shape, IkeSk *ret_sk)
{
  IkeReader reader = ike_reader (payload->body);
  IkeSk sk = { .first = payload->next, .fragment = 1, .total = 1, .aad_len = payload->offset + GENERIC_HEADER_LEN };

  if (payload->type == IKE_PAYLOAD_SKF)
    {
      sk.fragment = ike_read_u16 (&reader);
      sk.total = ike_read_u16 (&reader);
      sk.aad_len += FRAGMENT_HEADER_LEN;
      /* RFC 7383 section 2.5: numbered from 1 */
      if (sk.fragment == 0 || sk.fragment > sk.total || sk.total > IKE_MAX_FRAGMENTS)
        return FALSE;
      /* section 2.5: Next Payload is 0 in all but the first fragment */
      if (sk.fragment > 1 && sk.first != IKE_PAYLOAD_NONE)
        return FALSE;
    }
  sk.iv = ike_read_chunk (&reader, shape->iv_len);
  if (ike_reader_left (&reader) < shape->icv_len)
    return FALSE;
  sk.ciphertext = ike_read_chunk (&reader, ike_reader_left (&reader) - shape->icv_len);
  sk.icv = ike_read_chunk (&reader, shape->icv_len);
  if (!ike_reader_done (&reader) || sk.ciphertext.len == 0 || sk.ciphertext.len % shape->block_len != 0)
    return FALSE;
  *ret_sk = sk;
  return TRUE;
}

gboolean
ike_sk_unpad (IkeChunk plaintext, gsize *ret_len)
{
  guint8 pad_len;

  if (plaintext.len == 0)
    return FALSE;
  /* RFC 7296 section 3.14: any padding up to 255 octets, of any content, must be accepted */
  pad_len = plaintext.data[plaintext.len - 1];
  if (pad_len > plaintext.len - 1)
    return FALSE;
  *ret_len = plaintext.len - 1 - pad_len;
  return TRUE;
}

guint8 *
ike_sk_layout (const IkeHeader *header, const IkeSkBefore *before, const IkeSkShape *shape, guint8 first,
               IkeChunk inner, guint16 fragment, guint16 total, gsize *ret_len, IkeSkLayout *ret_layout)
{
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_MAX_MESSAGE);
  IkeHeader head = *header;
  gsize pad_len = (shape->block_len - (inner.len + 1) % shape->block_len) % shape->block_len;
  gboolean preceded = before && before->body.len > 0 && fragment <= 1;
  guint8 sk = total > 0 ? IKE_PAYLOAD_SKF : IKE_PAYLOAD_SK;
  IkeSkLayout layout;
  IkeBlock block;

  g_assert (total == 0 || (fragment >= 1 && fragment <= total));
  if (inner.len > IKE_MAX_MESSAGE)
    return NULL;
  layout.text_len = inner.len + pad_len + 1;
  head.next_payload = preceded ? before->type : sk;
  /* all lengths are known before: the header need not be patched */
  head.length = (guint32) (IKE_HEADER_LEN + GENERIC_HEADER_LEN + (total > 0 ? FRAGMENT_HEADER_LEN : 0) + shape->iv_len +
                           layout.text_len + shape->icv_len);
  if (preceded)
    head.length += (guint32) (GENERIC_HEADER_LEN + before->body.len);
  ike_header_write (&writer, &head);
  if (preceded)
    {
      ike_write_u8 (&writer, sk);
      ike_write_u8 (&writer, 0);
      block = ike_write_begin (&writer, 2, GENERIC_HEADER_LEN);
      ike_write_chunk (&writer, before->body);
      ike_write_end (&writer, block);
    }
  ike_write_u8 (&writer, total > 0 && fragment > 1 ? IKE_PAYLOAD_NONE : first);
  ike_write_u8 (&writer, 0);
  block = ike_write_begin (&writer, 2, GENERIC_HEADER_LEN);
  if (total > 0)
    {
      ike_write_u16 (&writer, fragment);
      ike_write_u16 (&writer, total);
    }
  layout.iv = ike_writer_len (&writer);
  ike_write_zero (&writer, shape->iv_len);
  layout.text = ike_writer_len (&writer);
  ike_write_chunk (&writer, inner);
  ike_write_zero (&writer, pad_len);
  ike_write_u8 (&writer, (guint) pad_len);
  layout.icv = ike_writer_len (&writer);
  ike_write_zero (&writer, shape->icv_len);
  ike_write_end (&writer, block);
  if (!ike_writer_ok (&writer))
    return NULL;
  *ret_layout = layout;
  *ret_len = ike_writer_len (&writer);
  return g_steal_pointer (&writer.data);
}

gsize
ike_sk_room (const IkeSkShape *shape, gboolean fragmented, gsize message_len)
{
  gsize around =
      IKE_HEADER_LEN + GENERIC_HEADER_LEN + (fragmented ? FRAGMENT_HEADER_LEN : 0) + shape->iv_len + shape->icv_len;
  gsize text;

  if (message_len <= around)
    return 0;
  text = message_len - around;
  text -= text % shape->block_len;
  return text > 0 ? text - 1 : 0; /* the pad length octet */
}
