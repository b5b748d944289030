/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing: RFC 8019. */
#include "crypto/puzzle.h"

#include "base/reader.h"
#include "crypto/suites.h"

#define KEY_LEN 8 /* where the prf takes any: more than are ever tried */
#define MAX_PRF_OUTPUT 64
#define MAX_KEY 64

/*
 * |              PRF              |  Difficulty   |
 */
gboolean
ike_puzzle_parse (IkeChunk data, IkePuzzle *ret)
{
  IkeReader reader = ike_reader (data);
  IkePuzzle puzzle = { .prf = ike_read_u16 (&reader) };

  puzzle.bits = ike_read_u8 (&reader);
  if (!ike_reader_done (&reader))
    return FALSE;
  *ret = puzzle;
  return TRUE;
}

gsize
ike_puzzle_key_len (guint16 prf)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_PRF, prf);

  return !alg ? 0 : alg->flags & IKE_ALG_FIXED_KEY ? alg->key : KEY_LEN;
}

static gboolean
ends_in_zeros (const guint8 *octets, gsize len, guint bits)
{
  for (; bits >= 8 && len > 0; bits -= 8)
    if (octets[--len] != 0)
      return FALSE;
  return bits == 0 || (len > 0 && bits < 8 && (octets[len - 1] & ((1u << bits) - 1)) == 0);
}

gboolean
ike_puzzle_check (const IkeCrypto *crypto, const IkePuzzle *puzzle, IkeChunk octets, IkeChunk key)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_PRF, puzzle->prf);
  guint8 out[MAX_PRF_OUTPUT];

  return alg && crypto->prf (crypto, puzzle->prf, key.data, key.len, &octets, 1, out) &&
         ends_in_zeros (out, alg->output, puzzle->bits);
}

GBytes *
ike_puzzle_search (const IkeCrypto *crypto, const IkePuzzle *puzzle, IkeChunk octets, guint64 first, guint count)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_PRF, puzzle->prf);
  gsize len = ike_puzzle_key_len (puzzle->prf);
  GByteArray *found = g_byte_array_new ();
  guint8 key[MAX_KEY] = { 0 }, out[MAX_PRF_OUTPUT];

  for (guint i = 0; alg && len >= 8 && len <= MAX_KEY && i < count && found->len < IKE_PUZZLE_KEYS * len; i++)
    {
      guint64 number = GUINT64_TO_BE (first + i);

      memcpy (key + len - sizeof number, &number, sizeof number);
      if (!crypto->prf (crypto, puzzle->prf, key, len, &octets, 1, out))
        {
          g_byte_array_unref (found);
          return NULL;
        }
      if (ends_in_zeros (out, alg->output, puzzle->bits))
        g_byte_array_append (found, key, (guint) len);
    }
  return g_byte_array_free_to_bytes (found);
}
