/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bounds-checked big-endian cursor over octets that somebody else owns.
 *
 * Failure is sticky: after a read past the end every read gives 0 (or an empty chunk), and ike_reader_ok() is FALSE.
 * A parser therefore reads all fields in RFC order and asks once. A sub-cursor fails on its own; asking for one that
 * is longer than what is left fails both.
 */
#pragma once

#include "base/chunk.h"

#include <glib.h>

typedef struct {
  const guint8 *data;
  gsize len;
  gsize pos;
  gboolean failed;
} IkeReader;

IkeReader ike_reader (IkeChunk chunk);

guint8 ike_read_u8 (IkeReader *reader);
guint16 ike_read_u16 (IkeReader *reader);
guint32 ike_read_u32 (IkeReader *reader);
guint64 ike_read_u64 (IkeReader *reader);
/* Borrowed; {NULL, 0} on failure. */
IkeChunk ike_read_chunk (IkeReader *reader, gsize len);
/* All that is left, maybe nothing. */
IkeChunk ike_read_rest (IkeReader *reader);
/* Copies @len octets; zeroes @out on failure. */
void ike_read_bytes (IkeReader *reader, guint8 *out, gsize len);
void ike_read_skip (IkeReader *reader, gsize len);
IkeReader ike_read_sub (IkeReader *reader, gsize len);

/* The next octet without moving, 0 at the end. */
guint8 ike_reader_peek (const IkeReader *reader);
gsize ike_reader_left (const IkeReader *reader); /* 0 after a failure */
gsize ike_reader_offset (const IkeReader *reader);
gboolean ike_reader_ok (const IkeReader *reader);
/* Nothing failed and nothing is left over. */
gboolean ike_reader_done (const IkeReader *reader);
void ike_reader_fail (IkeReader *reader);
