/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cursor. Invariant: pos <= len; after a failure nothing is readable any more. */
#include "base/reader.h"

IkeReader
ike_reader (IkeChunk chunk)
{
  return (IkeReader){ .data = chunk.data, .len = chunk.len };
}

/* Moves over @len octets and gives their start, or fails. */
static const guint8 *
reader_take (IkeReader *reader, gsize len)
{
  const guint8 *start;

  if (reader->failed || len > reader->len - reader->pos)
    {
      reader->failed = TRUE;
      return NULL;
    }
  start = reader->data ? reader->data + reader->pos : NULL;
  reader->pos += len;
  return start;
}

static guint64
read_be (IkeReader *reader, guint width)
{
  const guint8 *p = reader_take (reader, width);
  guint64 value = 0;

  if (!p)
    return 0;
  for (guint i = 0; i < width; i++)
    value = value << 8 | p[i];
  return value;
}

guint8
ike_read_u8 (IkeReader *reader)
{
  return (guint8) read_be (reader, 1);
}

guint16
ike_read_u16 (IkeReader *reader)
{
  return (guint16) read_be (reader, 2);
}

guint32
ike_read_u32 (IkeReader *reader)
{
  return (guint32) read_be (reader, 4);
}

guint64
ike_read_u64 (IkeReader *reader)
{
  return read_be (reader, 8);
}

IkeChunk
ike_read_chunk (IkeReader *reader, gsize len)
{
  const guint8 *p = reader_take (reader, len);

  return ike_chunk (p, reader->failed ? 0 : len);
}

IkeChunk
ike_read_rest (IkeReader *reader)
{
  return ike_read_chunk (reader, ike_reader_left (reader));
}

void
ike_read_bytes (IkeReader *reader, guint8 *out, gsize len)
{
  const guint8 *p = reader_take (reader, len);

  if (len == 0)
    return;
  if (p)
    memcpy (out, p, len);
  else
    memset (out, 0, len);
}

void
ike_read_skip (IkeReader *reader, gsize len)
{
  reader_take (reader, len);
}

IkeReader
ike_read_sub (IkeReader *reader, gsize len)
{
  IkeReader sub = ike_reader (ike_read_chunk (reader, len));

  sub.failed = reader->failed;
  return sub;
}

guint8
ike_reader_peek (const IkeReader *reader)
{
  return ike_reader_left (reader) > 0 ? reader->data[reader->pos] : 0;
}

gsize
ike_reader_left (const IkeReader *reader)
{
  return reader->failed ? 0 : reader->len - reader->pos;
}

gsize
ike_reader_offset (const IkeReader *reader)
{
  return reader->pos;
}

gboolean
ike_reader_ok (const IkeReader *reader)
{
  return !reader->failed;
}

gboolean
ike_reader_done (const IkeReader *reader)
{
  return !reader->failed && reader->pos == reader->len;
}

void
ike_reader_fail (IkeReader *reader)
{
  reader->failed = TRUE;
}
