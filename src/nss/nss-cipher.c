/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ciphers of the SK payload with NSS: AES-GCM and ChaCha20-Poly1305 (RFC 5282, 7634), AES-CBC (3602), AES-CTR (3686,
 * 5930), Camellia-CBC (5529), 3DES-CBC (2451); and the one DES block of MS-CHAPv2.
 *
 * One-shot: a context per message, keyed and thrown away, is what keeps the functions free of state. All work
 * in place.
 */
#include "nss-crypto-private.h"

#include "crypto/suites.h"

#include <pkcs11n.h>
#include <string.h>

#define NONCE_LEN 12 /* salt and explicit IV: RFC 4106 section 4, RFC 7634 section 2 */

static const struct {
  guint16 id;
  CK_MECHANISM_TYPE mechanism;
} ciphers[] = {
  { IKE_ENCR_AES_GCM_16, CKM_AES_GCM },        { IKE_ENCR_AES_GCM_12, CKM_AES_GCM },
  { IKE_ENCR_AES_GCM_8, CKM_AES_GCM },         { IKE_ENCR_CHACHA20_POLY1305, CKM_CHACHA20_POLY1305 },
  { IKE_ENCR_AES_CBC, CKM_AES_CBC },           { IKE_ENCR_AES_CTR, CKM_AES_CTR },
  { IKE_ENCR_CAMELLIA_CBC, CKM_CAMELLIA_CBC }, { IKE_ENCR_3DES, CKM_DES3_CBC },
};

static CK_MECHANISM_TYPE
mechanism_of (guint16 encr)
{
  for (guint i = 0; i < G_N_ELEMENTS (ciphers); i++)
    if (ciphers[i].id == encr)
      return ciphers[i].mechanism;
  return CKM_INVALID_MECHANISM;
}

gboolean
nss_cipher_supports (guint16 encr, guint16 key_bits)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_ENCR, encr);
  CK_MECHANISM_TYPE mechanism = mechanism_of (encr);

  return alg && mechanism != CKM_INVALID_MECHANISM && ike_algorithm_key_bits_ok (alg, key_bits) && nss_can (mechanism);
}

/* What one call works on, checked. */
typedef struct {
  const IkeAlgorithm *alg;
  CK_MECHANISM_TYPE mechanism;
  const guint8 *key, *salt;
  gsize key_len;
} Cipher;

static gboolean
cipher_init (Cipher *cipher, guint16 encr, const guint8 *key, gsize key_len, gsize len)
{
  cipher->alg = ike_algorithm_find (IKE_TRANSFORM_ENCR, encr);
  cipher->mechanism = mechanism_of (encr);
  if (!cipher->alg || cipher->mechanism == CKM_INVALID_MECHANISM || len > G_MAXINT32 || key_len < cipher->alg->salt ||
      len % cipher->alg->block != 0)
    return FALSE;
  cipher->key = key;
  cipher->key_len = key_len - cipher->alg->salt;
  cipher->salt = key + cipher->key_len;
  for (guint i = 0; i < G_N_ELEMENTS (cipher->alg->key_bits); i++)
    if (cipher->alg->key_bits[i] != 0 && cipher->key_len == cipher->alg->key_bits[i] / 8u)
      return TRUE;
  return cipher->alg->key_bits[0] == 0 && cipher->key_len == cipher->alg->key;
}

static gboolean
aead (const Cipher *cipher, gboolean seal, const guint8 *iv, const IkeChunk *aad, const guint8 *in, gsize len,
      guint8 *out, guint8 *tag)
{
  CK_ATTRIBUTE_TYPE operation = seal ? CKA_ENCRYPT : CKA_DECRYPT;
  g_autoptr (PK11SymKey) key = nss_key_import (cipher->mechanism, operation, cipher->key, cipher->key_len);
  SECItem none = { siBuffer, NULL, 0 };
  PK11Context *context;
  guint8 nonce[NONCE_LEN];
  int out_len = 0;
  gboolean ok;

  context = key ? PK11_CreateContextBySymKey (cipher->mechanism, CKA_NSS_MESSAGE | operation, key, &none) : NULL;
  if (!context)
    return FALSE;
  memcpy (nonce, cipher->salt, cipher->alg->salt);
  memcpy (nonce + cipher->alg->salt, iv, cipher->alg->iv);
  ok = PK11_AEADOp (context, CKG_NO_GENERATE, 0, nonce, sizeof nonce, aad->data, (int) aad->len, out, &out_len,
                    (int) len, tag, cipher->alg->icv, in, (int) len) == SECSuccess &&
       out_len == (int) len;
  PK11_DestroyContext (context, PR_TRUE);
  return ok;
}

/* Not AEAD: the parameter is an IV, or for counter mode the first counter block (RFC 3686 section 4: nonce | IV |
 * 1). */
static gboolean
plain (const Cipher *cipher, gboolean seal, const guint8 *iv, const guint8 *in, gsize len, guint8 *out)
{
  g_autoptr (PK11SymKey) key =
      nss_key_import (cipher->mechanism, seal ? CKA_ENCRYPT : CKA_DECRYPT, cipher->key, cipher->key_len);
  CK_AES_CTR_PARAMS counter = { .ulCounterBits = 32 };
  SECItem param = { siBuffer, (guint8 *) iv, cipher->alg->iv };
  unsigned int out_len = 0;
  SECStatus rv;

  if (!key)
    return FALSE;
  if (cipher->mechanism == CKM_AES_CTR)
    {
      memcpy (counter.cb, cipher->salt, cipher->alg->salt);
      memcpy (counter.cb + cipher->alg->salt, iv, cipher->alg->iv);
      counter.cb[15] = 1;
      param = (SECItem){ siBuffer, (guint8 *) &counter, sizeof counter };
    }
  rv = seal ? PK11_Encrypt (key, cipher->mechanism, &param, out, &out_len, (unsigned) len, in, (unsigned) len)
            : PK11_Decrypt (key, cipher->mechanism, &param, out, &out_len, (unsigned) len, in, (unsigned) len);
  return rv == SECSuccess && out_len == len;
}

gboolean
nss_seal (const IkeCrypto *self, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv, const IkeChunk *aad,
          const guint8 *in, gsize len, guint8 *out, guint8 *tag)
{
  Cipher cipher;

  if (!cipher_init (&cipher, encr, key, key_len, len))
    return FALSE;
  if (cipher.alg->flags & IKE_ALG_AEAD)
    return aad && tag && aead (&cipher, TRUE, iv, aad, in, len, out, tag);
  return plain (&cipher, TRUE, iv, in, len, out);
}

gboolean
nss_open (const IkeCrypto *self, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv, const IkeChunk *aad,
          const guint8 *in, gsize len, guint8 *out, const guint8 *tag)
{
  Cipher cipher;
  guint8 copy[16];

  if (!cipher_init (&cipher, encr, key, key_len, len))
    return FALSE;
  if (!(cipher.alg->flags & IKE_ALG_AEAD))
    return plain (&cipher, FALSE, iv, in, len, out);
  if (!aad || !tag)
    return FALSE;
  memcpy (copy, tag, cipher.alg->icv); /* NSS's prototype would let it write there */
  return aead (&cipher, FALSE, iv, aad, in, len, out, copy);
}

gboolean
nss_des_block (const IkeCrypto *self, const guint8 key[8], const guint8 in[8], guint8 out[8])
{
  g_autoptr (PK11SymKey) des = nss_key_import (CKM_DES_ECB, CKA_ENCRYPT, key, 8);
  guint8 block[8];
  unsigned int len = 0;

  if (!des || PK11_Encrypt (des, CKM_DES_ECB, NULL, block, &len, sizeof block, in, 8) != SECSuccess ||
      len != sizeof block)
    return FALSE;
  memcpy (out, block, sizeof block);
  return TRUE;
}
