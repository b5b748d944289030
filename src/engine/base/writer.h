/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing big-endian buffer with a hard limit.
 *
 * Failure (limit reached, a length that does not fit its field) is sticky: later writes do nothing and finish gives
 * NULL. Memory that is left behind is erased, and so is the result when it is freed, because EAP carries passwords.
 * Lengths are back-patched:
 *
 *   IkeBlock block = ike_write_begin (w, 2, 4);   // a 2 octet length field that also counts the 4 octets up to its end
 *   ... content ...
 *   ike_write_end (w, block);
 */
#pragma once

#include "base/chunk.h"

#include <glib.h>

typedef struct {
  guint8 *data;
  gsize len, size, limit;
  gboolean failed;
} IkeWriter;
#define IKE_WRITER(limit_) { .limit = (limit_) }

typedef struct {
  gsize field;
  guint width;
  gsize counted;
} IkeBlock;

void ike_writer_clear (IkeWriter *writer);
/* What was written, and an empty writer with the same limit; NULL (and empty) when something failed. */
GBytes *ike_writer_finish (IkeWriter *writer);

void ike_write_u8 (IkeWriter *writer, guint value);
void ike_write_u16 (IkeWriter *writer, guint value);
void ike_write_u32 (IkeWriter *writer, guint32 value);
void ike_write_u64 (IkeWriter *writer, guint64 value);
void ike_write_bytes (IkeWriter *writer, gconstpointer data, gsize len);
void ike_write_chunk (IkeWriter *writer, IkeChunk chunk);
void ike_write_zero (IkeWriter *writer, gsize len);

/* @width octets (1, 2 or 4) of length field; @counted octets up to its end are included in the value. */
IkeBlock ike_write_begin (IkeWriter *writer, guint width, gsize counted);
void ike_write_end (IkeWriter *writer, IkeBlock block);
/* Overwrites octets that were written before. */
void ike_writer_patch_u8 (IkeWriter *writer, gsize offset, guint value);
void ike_writer_patch_u16 (IkeWriter *writer, gsize offset, guint value);

gsize ike_writer_len (const IkeWriter *writer);
gboolean ike_writer_ok (const IkeWriter *writer);
void ike_writer_fail (IkeWriter *writer);
/* Borrowed until the next write. */
IkeChunk ike_writer_chunk (const IkeWriter *writer);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IkeWriter, ike_writer_clear)
