/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Key material and passwords: the only type that may hold them.
 *
 * Owned, moved (g_steal_pointer), erased when freed, compared in constant time, never printed. All memory comes from
 * ike_secret_new() and goes through ike_secret_free(), so that a test which wraps these two symbols at link time
 * (tests/unit/engine/secret-count.h) knows how many secrets are alive.
 */
#pragma once

#include "base/chunk.h"

#include <glib.h>

typedef struct _IkeSecret IkeSecret;

/* @len octets, all zero. @len may be 0. Never NULL. */
IkeSecret *ike_secret_new (gsize len);
/* Erases; NULL is fine. */
void ike_secret_free (IkeSecret *secret);

/* The octets, to be filled or used in place; NULL and 0 for a NULL secret. */
guint8 *ike_secret_data (const IkeSecret *secret);
gsize ike_secret_len (const IkeSecret *secret);

/* Constant time in the content (not in the length). NULL equals only NULL. */
gboolean ike_secret_equal (const IkeSecret *a, const IkeSecret *b);
/* The same for checksums and other plain octets. */
gboolean ike_memequal (gconstpointer a, gconstpointer b, gsize len);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeSecret, ike_secret_free)

static inline IkeChunk
ike_secret_chunk (const IkeSecret *secret)
{
  return ike_chunk (ike_secret_data (secret), ike_secret_len (secret));
}

/* The caller erases its own copy. */
static inline IkeSecret *
ike_secret_new_from (gconstpointer data, gsize len)
{
  IkeSecret *secret = ike_secret_new (len);

  if (len > 0)
    memcpy (ike_secret_data (secret), data, len);
  return secret;
}

/* A part of a longer secret (SK_ai out of prf+, ...) as a secret of its own; the part must lie inside. */
static inline IkeSecret *
ike_secret_slice (const IkeSecret *secret, gsize offset, gsize len)
{
  g_assert (offset <= ike_secret_len (secret) && len <= ike_secret_len (secret) - offset);
  return ike_secret_new_from (ike_secret_data (secret) + offset, len);
}

/* For the few places where two owners need the same key (a kernel request, a PSK kept for reconnecting). */
static inline IkeSecret *
ike_secret_copy (const IkeSecret *secret)
{
  return secret ? ike_secret_new_from (ike_secret_data (secret), ike_secret_len (secret)) : NULL;
}

/* The same octets as GBytes, erased with the last reference. */
static inline GBytes *
ike_secret_to_bytes (IkeSecret *take_secret)
{
  return g_bytes_new_with_free_func (ike_secret_data (take_secret), ike_secret_len (take_secret),
                                     (GDestroyNotify) ike_secret_free, take_secret);
}
