/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A piece of memory that somebody else owns: the unit in which payloads are borrowed and primitives are fed. */
#pragma once

#include <glib.h>
#include <string.h>

typedef struct {
  const guint8 *data;
  gsize len;
} IkeChunk;

static inline IkeChunk
ike_chunk (gconstpointer data, gsize len)
{
  return (IkeChunk) { data, len };
}

static inline IkeChunk
ike_chunk_bytes (GBytes *bytes)
{
  IkeChunk chunk = { NULL, 0 };

  if (bytes)
    chunk.data = g_bytes_get_data (bytes, &chunk.len);
  return chunk;
}

/* A copy, for what must outlive the packet. Never NULL. */
static inline GBytes *
ike_chunk_dup (IkeChunk chunk)
{
  return g_bytes_new (chunk.data, chunk.len);
}

/* For public values only; key material is compared with ike_memequal() (base/secret.h). */
static inline gboolean
ike_chunk_equal (IkeChunk a, IkeChunk b)
{
  return a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0);
}
