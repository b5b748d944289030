/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sealing and opening of SK and SKF payloads (see the header): RFC 7296 section 3.14, RFC 5282, RFC 5930, RFC 7383. */
#include "crypto/sk.h"

#include "crypto/suites.h"

#include <string.h>

#define MAX_ICV 64

typedef struct {
  const IkeAlgorithm *encr, *integ; /* integ NULL with AEAD */
  IkeChunk encr_key, integ_key;
  IkeSkShape shape;
} Protection;

static gboolean
protection_init (Protection *p, const IkeKeys *keys, gboolean from_initiator)
{
  p->encr = ike_algorithm_find (IKE_TRANSFORM_ENCR, keys->encr);
  p->integ = ike_algorithm_find (IKE_TRANSFORM_INTEG, keys->integ);
  /* Never a cipher without a checksum, never two checksums (RFC 5282 section 8). */
  if (!p->encr || !keys->all || !(p->encr->flags & IKE_ALG_IKE) ||
      ((p->encr->flags & IKE_ALG_AEAD) != 0) != (p->integ == NULL))
    return FALSE;
  p->shape.iv_len = p->encr->iv;
  p->shape.icv_len = p->integ ? p->integ->icv : p->encr->icv;
  p->shape.block_len = p->encr->block;
  p->encr_key.data = ike_keys_get (keys, from_initiator ? IKE_SK_EI : IKE_SK_ER, &p->encr_key.len);
  p->integ_key.data = ike_keys_get (keys, from_initiator ? IKE_SK_AI : IKE_SK_AR, &p->integ_key.len);
  return TRUE;
}

gboolean
ike_sk_shape (const IkeKeys *keys, IkeSkShape *ret)
{
  Protection p;

  if (!protection_init (&p, keys, TRUE))
    return FALSE;
  *ret = p.shape;
  return TRUE;
}

/* RFC 5282 section 3.1 and RFC 5930 section 2: the IV must never repeat under one key, so it is a counter. CBC wants it
 * unpredictable (RFC 3602 section 3), so it is random. */
static gboolean
make_iv (const IkeCrypto *crypto, const Protection *p, guint64 *counter, guint8 *iv)
{
  guint64 wire;

  if (p->encr->block > 1)
    return crypto->random (crypto, iv, p->encr->iv);
  if (*counter == G_MAXUINT64)
    return FALSE;
  wire = GUINT64_TO_BE (*counter);
  *counter += 1;
  memcpy (iv, &wire, sizeof wire);
  return TRUE;
}

/* Encrypts the laid out message in place and fills in its checksum. */
static gboolean
protect (const IkeCrypto *crypto, const Protection *p, guint64 *counter, guint8 *message, const IkeSkLayout *at)
{
  IkeChunk aad = ike_chunk (message, at->iv), all = ike_chunk (message, at->icv);
  guint8 *text = message + at->text, *iv = message + at->iv, *icv = message + at->icv;

  if (!make_iv (crypto, p, counter, iv))
    return FALSE;
  if (!p->integ)
    return crypto->seal (crypto, p->encr->id, p->encr_key.data, p->encr_key.len, iv, &aad, text, at->text_len, text,
                         icv);
  return crypto->seal (crypto, p->encr->id, p->encr_key.data, p->encr_key.len, iv, NULL, text, at->text_len, text,
                       NULL) &&
         crypto->integ (crypto, p->integ->id, p->integ_key.data, p->integ_key.len, &all, 1, icv);
}

static GBytes *
seal_one (const IkeCrypto *crypto, const Protection *p, const IkeHeader *header, const IkeSkBefore *before,
          guint8 first_inner, IkeChunk inner, guint16 fragment, guint16 total, guint64 *counter)
{
  IkeSkLayout at;
  gsize len;
  guint8 *message = ike_sk_layout (header, before, &p->shape, first_inner, inner, fragment, total, &len, &at);

  if (!message)
    return NULL;
  if (!protect (crypto, p, counter, message, &at))
    {
      explicit_bzero (message, len);
      g_free (message);
      return NULL;
    }
  return g_bytes_new_take (message, len);
}

/* How many octets each message carries; all of @len in one when that fits. */
static gsize
piece_len (const Protection *p, gsize len, gsize limit)
{
  if (limit == 0 || len <= ike_sk_room (&p->shape, FALSE, limit))
    return MAX (len, 1);
  return MAX (ike_sk_room (&p->shape, TRUE, limit), IKE_SK_MIN_FRAGMENT_DATA);
}

GPtrArray *
ike_sk_seal (const IkeCrypto *crypto, const IkeKeys *keys, gboolean from_initiator, const IkeHeader *header,
             guint8 first_inner, IkeChunk inner, guint64 *iv_counter, gsize limit)
{
  return ike_sk_seal_after (crypto, keys, from_initiator, header, NULL, first_inner, inner, iv_counter, limit);
}

GPtrArray *
ike_sk_seal_after (const IkeCrypto *crypto, const IkeKeys *keys, gboolean from_initiator, const IkeHeader *header,
                   const IkeSkBefore *before, guint8 first_inner, IkeChunk inner, guint64 *iv_counter, gsize limit)
{
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  Protection p;
  gsize piece, n;

  if (!protection_init (&p, keys, from_initiator))
    return NULL;
  /* what stands before the first takes room in it; the others are as short */
  if (before && before->body.len && limit)
    limit = limit > before->body.len + 4 ? limit - before->body.len - 4 : 1;
  piece = piece_len (&p, inner.len, limit);
  n = MAX ((inner.len + piece - 1) / piece, 1);
  if (n > IKE_MAX_FRAGMENTS)
    return NULL;
  for (gsize i = 0; i < n; i++)
    {
      IkeChunk part = inner.len == 0 ? inner : ike_chunk (inner.data + i * piece, MIN (piece, inner.len - i * piece));
      GBytes *message =
          n == 1 ? seal_one (crypto, &p, header, before, first_inner, part, 0, 0, iv_counter)
                 : seal_one (crypto, &p, header, before, first_inner, part, (guint16) (i + 1), (guint16) n, iv_counter);

      if (!message)
        return NULL;
      g_ptr_array_add (messages, message);
    }
  return g_steal_pointer (&messages);
}

/* Verifies, then decrypts into @out (as long as the ciphertext). */
static gboolean
unprotect (const IkeCrypto *crypto, const Protection *p, IkeChunk message, const IkeSk *sk, guint8 *out)
{
  IkeChunk aad = ike_chunk (message.data, sk->aad_len);
  IkeChunk signed_part = ike_chunk (message.data, (gsize) (sk->icv.data - message.data));
  guint8 icv[MAX_ICV];

  if (!p->integ)
    return crypto->open (crypto, p->encr->id, p->encr_key.data, p->encr_key.len, sk->iv.data, &aad, sk->ciphertext.data,
                         sk->ciphertext.len, out, sk->icv.data);
  return crypto->integ (crypto, p->integ->id, p->integ_key.data, p->integ_key.len, &signed_part, 1, icv) &&
         ike_memequal (icv, sk->icv.data, sk->icv.len) &&
         crypto->open (crypto, p->encr->id, p->encr_key.data, p->encr_key.len, sk->iv.data, NULL, sk->ciphertext.data,
                       sk->ciphertext.len, out, NULL);
}

IkeSkResult
ike_sk_open (IkeSkOpened *ret, const IkeCrypto *crypto, const IkeKeys *keys, gboolean from_initiator, IkeChunk message,
             const IkePayload *payload)
{
  g_autoptr (IkeSecret) plain = NULL;
  Protection p;
  IkeSk sk;
  gsize inner_len;

  if (!protection_init (&p, keys, from_initiator))
    return IKE_SK_NO_CRYPTO;
  if (!ike_sk_parse (payload, &p.shape, &sk))
    return IKE_SK_MALFORMED;
  plain = ike_secret_new (sk.ciphertext.len);
  if (!unprotect (crypto, &p, message, &sk, ike_secret_data (plain)))
    return IKE_SK_FORGED;
  if (!ike_sk_unpad (ike_secret_chunk (plain), &inner_len))
    return IKE_SK_BAD_INSIDE;
  *ret = (IkeSkOpened){
    .inner = ike_secret_slice (plain, 0, inner_len), .first_inner = sk.first, .fragment = sk.fragment, .total = sk.total
  };
  return IKE_SK_OK;
}

void
ike_sk_opened_clear (IkeSkOpened *opened)
{
  g_clear_pointer (&opened->inner, ike_secret_free);
}
