/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building a message or an inner chain: each payload names the next one, so the field before is patched. */
#include "wire/message.h"

#define GENERIC_HEADER_LEN 4
#define HEADER_NEXT_PAYLOAD 16 /* offset of the field in the IKE header */
#define HEADER_LENGTH 24

void
ike_builder_init (IkeBuilder *builder, const IkeHeader *header)
{
  *builder = (IkeBuilder){
    .writer = IKE_WRITER (IKE_MAX_MESSAGE),
    .next_at = HEADER_NEXT_PAYLOAD,
    .has_header = TRUE,
  };
  ike_header_write (&builder->writer, header);
  ike_writer_patch_u8 (&builder->writer, HEADER_NEXT_PAYLOAD, IKE_PAYLOAD_NONE);
}

void
ike_builder_init_inner (IkeBuilder *builder)
{
  *builder = (IkeBuilder){ .writer = IKE_WRITER (IKE_MAX_MESSAGE), .next_at = G_MAXSIZE };
}

IkeWriter *
ike_builder_begin (IkeBuilder *builder, IkePayloadType type)
{
  g_assert (!builder->open);
  builder->open = TRUE;
  if (builder->next_at == G_MAXSIZE)
    builder->first = (guint8) type;
  else
    ike_writer_patch_u8 (&builder->writer, builder->next_at, type);
  builder->next_at = ike_writer_len (&builder->writer);
  ike_write_u8 (&builder->writer, IKE_PAYLOAD_NONE);
  ike_write_u8 (&builder->writer, 0); /* RFC 7296 section 3.2: the payloads of that document are sent uncritical */
  builder->block = ike_write_begin (&builder->writer, 2, GENERIC_HEADER_LEN);
  return &builder->writer;
}

void
ike_builder_end (IkeBuilder *builder)
{
  g_assert (builder->open);
  builder->open = FALSE;
  ike_write_end (&builder->writer, builder->block);
}

void
ike_builder_add (IkeBuilder *builder, IkePayloadType type, IkeChunk body)
{
  ike_write_chunk (ike_builder_begin (builder, type), body);
  ike_builder_end (builder);
}

GBytes *
ike_builder_finish (IkeBuilder *builder)
{
  g_assert (!builder->open);
  if (builder->has_header)
    {
      ike_writer_patch_u16 (&builder->writer, HEADER_LENGTH, 0);
      ike_writer_patch_u16 (&builder->writer, HEADER_LENGTH + 2, (guint) ike_writer_len (&builder->writer));
    }
  return ike_writer_finish (&builder->writer);
}

void
ike_builder_clear (IkeBuilder *builder)
{
  ike_writer_clear (&builder->writer);
  builder->open = FALSE;
}
