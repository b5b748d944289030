/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hashes, PRFs and checksums with NSS: RFC 2104, 4868, 2403, 2404 (HMAC), RFC 3566 and 4434 (AES-XCBC), RFC 4494 and
 * 4615 (AES-CMAC), prf+ of RFC 7296 section 2.13.
 *
 * One context serves a whole prf+: importing a key costs three times what computing one HMAC does (measured), and
 * NSS's own prf+ mechanism is no faster and cannot do CMAC.
 */
#include "nss-crypto-private.h"

#include "crypto/suites.h"

#include <pkcs11n.h>
#include <sechash.h>
#include <string.h>

#define MAX_OUTPUT 64
#define BLOCK_KEY 16 /* AES-128: the key of XCBC and CMAC */

typedef struct {
  guint8 type; /* IkeTransformType */
  guint16 id;
  CK_MECHANISM_TYPE mechanism;
} Mac;

static const Mac macs[] = {
  { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_256, CKM_SHA256_HMAC },
  { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_384, CKM_SHA384_HMAC },
  { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_512, CKM_SHA512_HMAC },
  { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA1, CKM_SHA_1_HMAC },
  { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_MD5, CKM_MD5_HMAC },
  { IKE_TRANSFORM_PRF, IKE_PRF_AES128_XCBC, CKM_AES_XCBC_MAC },
  { IKE_TRANSFORM_PRF, IKE_PRF_AES128_CMAC, CKM_AES_CMAC },
  { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA2_256_128, CKM_SHA256_HMAC },
  { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA2_384_192, CKM_SHA384_HMAC },
  { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA2_512_256, CKM_SHA512_HMAC },
  { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA1_96, CKM_SHA_1_HMAC },
  { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_MD5_96, CKM_MD5_HMAC },
  { IKE_TRANSFORM_INTEG, IKE_INTEG_AES_XCBC_96, CKM_AES_XCBC_MAC },
  { IKE_TRANSFORM_INTEG, IKE_INTEG_AES_CMAC_96, CKM_AES_CMAC },
};

static const Mac *
mac_find (IkeTransformType type, guint16 id)
{
  for (guint i = 0; i < G_N_ELEMENTS (macs); i++)
    if (macs[i].type == type && macs[i].id == id)
      return &macs[i];
  return NULL;
}

gboolean
nss_mac_supports (IkeTransformType type, guint16 id)
{
  const Mac *mac = mac_find (type, id);

  return mac && nss_can (mac->mechanism);
}

/* ---- a keyed context ---- */

typedef struct {
  PK11SymKey *key;
  PK11Context *context;
} Keyed;

static void
keyed_clear (Keyed *keyed)
{
  if (keyed->context)
    PK11_DestroyContext (keyed->context, PR_TRUE);
  if (keyed->key)
    PK11_FreeSymKey (keyed->key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Keyed, keyed_clear)

static gboolean
keyed_init (Keyed *keyed, CK_MECHANISM_TYPE mechanism, const guint8 *key, gsize key_len)
{
  SECItem none = { siBuffer, NULL, 0 };

  keyed->key = nss_key_import (mechanism, CKA_SIGN, key, key_len);
  if (keyed->key)
    keyed->context = PK11_CreateContextBySymKey (mechanism, CKA_SIGN, keyed->key, &none);
  return keyed->context != NULL;
}

static gboolean
feed (PK11Context *context, const IkeChunk *parts, guint n_parts)
{
  for (guint i = 0; i < n_parts; i++)
    if (parts[i].len > 0 &&
        (parts[i].len > G_MAXINT32 || PK11_DigestOp (context, parts[i].data, (unsigned) parts[i].len) != SECSuccess))
      return FALSE;
  return TRUE;
}

/* One MAC over @parts; @full octets must come out. */
static gboolean
keyed_mac (Keyed *keyed, const IkeChunk *parts, guint n_parts, guint8 *out, gsize full)
{
  unsigned int len = 0;

  return PK11_DigestBegin (keyed->context) == SECSuccess && feed (keyed->context, parts, n_parts) &&
         PK11_DigestFinal (keyed->context, out, &len, MAX_OUTPUT) == SECSuccess && len == full;
}

/*
 * The PRFs on AES take keys of 16 octets; others are made to fit. RFC 4434 section 2: shorter ones are padded with
 * zeros, longer ones become XCBC (0^128, key). RFC 4615 section 3: whatever is not 16 octets becomes CMAC (0^128, key).
 */
static gboolean
fit_block_key (CK_MECHANISM_TYPE mechanism, const guint8 *key, gsize key_len, guint8 *ret)
{
  static const guint8 zero[BLOCK_KEY] = { 0 };
  guint8 mac[MAX_OUTPUT];
  g_auto (Keyed) keyed = { NULL };
  IkeChunk whole = ike_chunk (key, key_len);

  if (key_len == BLOCK_KEY || (mechanism == CKM_AES_XCBC_MAC && key_len < BLOCK_KEY))
    {
      memset (ret, 0, BLOCK_KEY);
      memcpy (ret, key, key_len);
      return TRUE;
    }
  if (!keyed_init (&keyed, mechanism, zero, sizeof zero) || !keyed_mac (&keyed, &whole, 1, mac, BLOCK_KEY))
    return FALSE;
  memcpy (ret, mac, BLOCK_KEY);
  explicit_bzero (mac, sizeof mac);
  return TRUE;
}

static gboolean
keyed_init_prf (Keyed *keyed, const Mac *mac, const IkeAlgorithm *alg, const guint8 *key, gsize key_len)
{
  guint8 block_key[BLOCK_KEY];
  gboolean ok;

  if (!(alg->flags & IKE_ALG_FIXED_KEY))
    return keyed_init (keyed, mac->mechanism, key, key_len);
  ok = fit_block_key (mac->mechanism, key, key_len, block_key) &&
       keyed_init (keyed, mac->mechanism, block_key, sizeof block_key);
  explicit_bzero (block_key, sizeof block_key);
  return ok;
}

/* ---- the table's functions ---- */

gboolean
nss_prf (const IkeCrypto *self, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts, guint n_parts,
         guint8 *out)
{
  const Mac *mac = mac_find (IKE_TRANSFORM_PRF, prf);
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_PRF, prf);
  g_auto (Keyed) keyed = { NULL };
  guint8 full[MAX_OUTPUT];
  gboolean ok;

  ok = mac && alg && keyed_init_prf (&keyed, mac, alg, key, key_len) &&
       keyed_mac (&keyed, parts, n_parts, full, alg->output);
  if (ok)
    memcpy (out, full, alg->output);
  explicit_bzero (full, sizeof full);
  return ok;
}

/* prf+ (K, S) = T1 | T2 | ..., T1 = prf (K, S | 0x01), Tn = prf (K, Tn-1 | S | n): RFC 7296 section 2.13 */
gboolean
nss_prf_plus (const IkeCrypto *self, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts,
              guint n_parts, guint8 *out, gsize out_len)
{
  const Mac *mac = mac_find (IKE_TRANSFORM_PRF, prf);
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_PRF, prf);
  g_auto (Keyed) keyed = { NULL };
  g_autofree IkeChunk *all = NULL;
  guint8 t[MAX_OUTPUT], n = 0;
  gsize done = 0;
  gboolean ok;

  if (!mac || !alg || out_len > 255u * alg->output || !keyed_init_prf (&keyed, mac, alg, key, key_len))
    return FALSE;
  all = g_new (IkeChunk, n_parts + 2);
  all[0] = ike_chunk (t, 0);
  memcpy (all + 1, parts, n_parts * sizeof *parts);
  all[n_parts + 1] = ike_chunk (&n, 1);
  do
    {
      n++;
      ok = keyed_mac (&keyed, all, n_parts + 2, t, alg->output);
      if (ok)
        memcpy (out + done, t, MIN (alg->output, out_len - done));
      done += MIN (alg->output, out_len - done);
      all[0].len = alg->output;
    }
  while (ok && done < out_len);
  explicit_bzero (t, sizeof t);
  if (!ok)
    explicit_bzero (out, out_len);
  return ok;
}

gboolean
nss_integ (const IkeCrypto *self, guint16 integ, const guint8 *key, gsize key_len, const IkeChunk *parts, guint n_parts,
           guint8 *out)
{
  const Mac *mac = mac_find (IKE_TRANSFORM_INTEG, integ);
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_INTEG, integ);
  g_auto (Keyed) keyed = { NULL };
  guint8 full[MAX_OUTPUT];

  if (!mac || !alg || key_len != alg->key || !keyed_init (&keyed, mac->mechanism, key, key_len) ||
      !keyed_mac (&keyed, parts, n_parts, full, alg->output))
    return FALSE;
  memcpy (out, full, alg->icv);
  return TRUE;
}

gboolean
nss_hash (const IkeCrypto *self, IkeHashId hash, const IkeChunk *parts, guint n_parts, guint8 *out)
{
  static const struct {
    IkeHashId id;
    SECOidTag oid;
  } known[] = {
    { IKE_HASH_SHA1, SEC_OID_SHA1 },       { IKE_HASH_SHA2_256, SEC_OID_SHA256 }, { IKE_HASH_SHA2_384, SEC_OID_SHA384 },
    { IKE_HASH_SHA2_512, SEC_OID_SHA512 }, { IKE_HASH_MD5, SEC_OID_MD5 },
  };
  guint8 full[MAX_OUTPUT];
  unsigned int len = 0;
  gboolean ok = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].id == hash)
      {
        PK11Context *context = PK11_CreateDigestContext (known[i].oid);

        if (!context)
          return FALSE;
        ok = PK11_DigestBegin (context) == SECSuccess && feed (context, parts, n_parts) &&
             PK11_DigestFinal (context, full, &len, sizeof full) == SECSuccess && len == ike_hash_len (hash);
        PK11_DestroyContext (context, PR_TRUE);
      }
  if (ok)
    memcpy (out, full, len);
  explicit_bzero (full, sizeof full);
  return ok;
}
