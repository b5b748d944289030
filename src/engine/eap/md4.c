/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MD4, RFC 1320: the one primitive that the crypto library lacks. One-shot; its working memory is erased, because
 * what it hashes is a password.
 */
#include "md4.h"

#include <string.h>

#define BLOCK 64

static guint32
rotate (guint32 x, guint bits)
{
  return (x << bits) | (x >> (32 - bits));
}

/* Section 3.4, step 4: the three auxiliary functions. */
static guint32
auxiliary (guint round, guint32 x, guint32 y, guint32 z)
{
  if (round == 0)
    return (x & y) | (~x & z);
  if (round == 1)
    return (x & y) | (x & z) | (y & z);
  return x ^ y ^ z;
}

/* Which word each of the 48 steps takes, the rotations that repeat every four steps, and each round's constant. */
static const guint8 order[3][16] = {
  { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
  { 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15 },
  { 0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15 },
};
static const guint8 rotations[3][4] = { { 3, 7, 11, 19 }, { 3, 5, 9, 13 }, { 3, 9, 11, 15 } };
static const guint32 constants[3] = { 0, 0x5a827999, 0x6ed9eba1 };

static void
md4_block (guint32 state[4], const guint8 *block)
{
  guint32 x[16], s[4], next;

  for (guint i = 0; i < 16; i++)
    {
      memcpy (&next, block + 4 * i, 4);
      x[i] = GUINT32_FROM_LE (next);
    }
  memcpy (s, state, sizeof s);
  for (guint round = 0; round < 3; round++)
    for (guint step = 0; step < 16; step++)
      {
        /* [ABCD k s]: a = (a + f (b, c, d) + X[k] + T) <<< s; then the four names move on by one. */
        next = s[0] + auxiliary (round, s[1], s[2], s[3]) + x[order[round][step]] + constants[round];
        next = rotate (next, rotations[round][step % 4]);
        s[0] = s[3];
        s[3] = s[2];
        s[2] = s[1];
        s[1] = next;
      }
  for (guint i = 0; i < 4; i++)
    state[i] += s[i];
  explicit_bzero (x, sizeof x);
  explicit_bzero (s, sizeof s);
}

void
ike_md4 (const guint8 *data, gsize len, guint8 out[IKE_MD4_LEN])
{
  guint32 state[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
  guint8 tail[2 * BLOCK] = { 0 };
  gsize rest = len % BLOCK;
  gsize tail_len = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;
  guint64 bits = GUINT64_TO_LE ((guint64) len * 8);

  for (gsize at = 0; at + BLOCK <= len; at += BLOCK)
    md4_block (state, data + at);

  /* Sections 3.1 and 3.2: one bit, zeros, the length in bits. */
  if (rest > 0)
    memcpy (tail, data + len - rest, rest);
  tail[rest] = 0x80;
  memcpy (tail + tail_len - 8, &bits, 8);
  for (gsize at = 0; at < tail_len; at += BLOCK)
    md4_block (state, tail + at);

  for (guint i = 0; i < 4; i++)
    {
      guint32 word = GUINT32_TO_LE (state[i]);
      memcpy (out + 4 * i, &word, 4);
    }
  explicit_bzero (tail, sizeof tail);
  explicit_bzero (state, sizeof state);
}
