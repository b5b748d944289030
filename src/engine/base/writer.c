/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The buffer. Invariant: len <= size <= limit; memory that is given up is erased first, also by whoever got it. */
#include "base/writer.h"

#define WRITER_FIRST_SIZE 256

static void
writer_erase (IkeWriter *writer)
{
  if (writer->data)
    explicit_bzero (writer->data, writer->size);
  g_clear_pointer (&writer->data, g_free);
  writer->len = writer->size = 0;
}

void
ike_writer_clear (IkeWriter *writer)
{
  writer_erase (writer);
  writer->failed = FALSE;
}

static void
given_free (gpointer data)
{
  IkeWriter *given = data;

  writer_erase (given);
  g_free (given);
}

GBytes *
ike_writer_finish (IkeWriter *writer)
{
  GBytes *bytes = NULL;

  if (!writer->failed)
    {
      bytes = g_bytes_new_with_free_func (writer->data, writer->len, given_free, g_memdup2 (writer, sizeof *writer));
      writer->data = NULL;
      writer->len = writer->size = 0;
    }
  ike_writer_clear (writer);
  return bytes;
}

/* Room for @len more octets, which become part of the content; NULL when that is above the limit. */
static guint8 *
writer_extend (IkeWriter *writer, gsize len)
{
  if (writer->failed || len > writer->limit - writer->len)
    {
      writer->failed = TRUE;
      return NULL;
    }
  if (len > writer->size - writer->len)
    {
      gsize size = MAX (writer->len + len, MIN (MAX (writer->size * 2, WRITER_FIRST_SIZE), writer->limit));
      guint8 *data = g_malloc (size);

      /* not g_realloc(): it would leave a copy behind */
      if (writer->len > 0)
        memcpy (data, writer->data, writer->len);
      if (writer->data)
        explicit_bzero (writer->data, writer->size);
      g_free (writer->data);
      writer->data = data;
      writer->size = size;
    }
  writer->len += len;
  return writer->data ? writer->data + writer->len - len : NULL;
}

static void
put_be (guint8 *out, guint64 value, guint width)
{
  for (guint i = 0; i < width; i++)
    out[i] = (guint8) (value >> (8 * (width - 1 - i)));
}

/* A value that does not fit is the caller's failure, not something to be cut off. */
static void
write_be (IkeWriter *writer, guint64 value, guint width)
{
  guint8 *out;

  if (width < 8 && value >> (8 * width) != 0)
    writer->failed = TRUE;
  out = writer_extend (writer, width);
  if (out)
    put_be (out, value, width);
}

void
ike_write_u8 (IkeWriter *writer, guint value)
{
  write_be (writer, value, 1);
}

void
ike_write_u16 (IkeWriter *writer, guint value)
{
  write_be (writer, value, 2);
}

void
ike_write_u32 (IkeWriter *writer, guint32 value)
{
  write_be (writer, value, 4);
}

void
ike_write_u64 (IkeWriter *writer, guint64 value)
{
  write_be (writer, value, 8);
}

void
ike_write_bytes (IkeWriter *writer, gconstpointer data, gsize len)
{
  guint8 *out = writer_extend (writer, len);

  if (out && len > 0)
    memcpy (out, data, len);
}

void
ike_write_chunk (IkeWriter *writer, IkeChunk chunk)
{
  ike_write_bytes (writer, chunk.data, chunk.len);
}

void
ike_write_zero (IkeWriter *writer, gsize len)
{
  guint8 *out = writer_extend (writer, len);

  if (out && len > 0)
    memset (out, 0, len);
}

IkeBlock
ike_write_begin (IkeWriter *writer, guint width, gsize counted)
{
  IkeBlock block = { writer->len, width, counted };

  g_assert (width == 1 || width == 2 || width == 4);
  ike_write_zero (writer, width);
  return block;
}

void
ike_write_end (IkeWriter *writer, IkeBlock block)
{
  gsize value;

  if (writer->failed)
    return;
  g_assert (block.field + block.width <= writer->len);
  value = writer->len - block.field - block.width + block.counted;
  if ((guint64) value >> (8 * block.width) != 0)
    writer->failed = TRUE;
  else
    put_be (writer->data + block.field, value, block.width);
}

void
ike_writer_patch_u8 (IkeWriter *writer, gsize offset, guint value)
{
  if (writer->failed)
    return;
  g_assert (offset < writer->len && value <= G_MAXUINT8);
  writer->data[offset] = (guint8) value;
}

void
ike_writer_patch_u16 (IkeWriter *writer, gsize offset, guint value)
{
  if (writer->failed)
    return;
  g_assert (offset + 2 <= writer->len && value <= G_MAXUINT16);
  put_be (writer->data + offset, value, 2);
}

gsize
ike_writer_len (const IkeWriter *writer)
{
  return writer->len;
}

gboolean
ike_writer_ok (const IkeWriter *writer)
{
  return !writer->failed;
}

void
ike_writer_fail (IkeWriter *writer)
{
  writer->failed = TRUE;
}

IkeChunk
ike_writer_chunk (const IkeWriter *writer)
{
  return ike_chunk (writer->data, writer->len);
}
