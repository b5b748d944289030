/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client puzzles: RFC 8019 sections 7.1.3, 7.2.3, 8.1, 8.2. Pure: whoever searches does so in slices, elsewhere. */
#pragma once

#include "crypto/crypto.h"

#define IKE_PUZZLE_KEYS 4 /* that a solution has */
#define IKE_PUZZLE_MAX_BITS 20 /* above that we do not even try: half a minute of one core */
#define IKE_PUZZLE_FREE_BITS 14 /* what we do for a responder that leaves it to us */
#define IKE_PUZZLE_SLICE (1u << 13) /* keys that are tried in one go: some hundredths of a second */

typedef struct {
  guint16 prf;
  guint8 bits; /* zero bits at the end; 0: as many as we like */
} IkePuzzle;

/* The notification's data. FALSE: malformed. */
gboolean ike_puzzle_parse (IkeChunk data, IkePuzzle *ret);
/* Octets of one key for this prf; 0: nobody here has it. */
gsize ike_puzzle_key_len (guint16 prf);
/* Tries @count keys from number @first on; those that solve it, joined, at most IKE_PUZZLE_KEYS of them. NULL: the provider
 * failed. */
GBytes *
ike_puzzle_search (const IkeCrypto *crypto, const IkePuzzle *puzzle, IkeChunk octets, guint64 first, guint count);
/* Has prf (key, octets) so many zero bits at its end? */
gboolean ike_puzzle_check (const IkeCrypto *crypto, const IkePuzzle *puzzle, IkeChunk octets, IkeChunk key);
