/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signing and verifying the AUTH octets. Whatever can be checked before NSS computes is checked here: the key's kind
 * and size, the signature's length and range (0 and everything not below the modulus are refused). NSS builds and
 * compares the DigestInfo; only its SECSuccess is a success. RFC 7296 section 2.15, RFC 4754 section 7, RFC 7427,
 * RFC 8420, RFC 8017, FIPS 204.
 */
#include "nss-sign.h"
#include "nss-cert-private.h"
#include "nss-crypto-private.h"
#include "nss-key-private.h"
#include "nss-name.h"

#include "crypto/suites.h"

#include <cryptohi.h>
#include <pk11pub.h>
#include <secoid.h>

#include <string.h>

#define SIGN_MAX_HASH 64
#define SIGN_MAX_CURVE 66
#define SIGN_MAX_WHOLE 4627 /* ML-DSA-87 */

typedef struct {
  IkeHashId id;
  SECOidTag oid;
  CK_MECHANISM_TYPE mechanism;
  CK_RSA_PKCS_MGF_TYPE mgf;
} SignHash;

static const SignHash sign_hashes[] = {
  { IKE_HASH_SHA1, SEC_OID_SHA1, CKM_SHA_1, CKG_MGF1_SHA1 },
  { IKE_HASH_SHA2_256, SEC_OID_SHA256, CKM_SHA256, CKG_MGF1_SHA256 },
  { IKE_HASH_SHA2_384, SEC_OID_SHA384, CKM_SHA384, CKG_MGF1_SHA384 },
  { IKE_HASH_SHA2_512, SEC_OID_SHA512, CKM_SHA512, CKG_MGF1_SHA512 },
};

/* What goes into the primitive: a digest, or for Ed25519 and ML-DSA the octets themselves. */
typedef struct {
  const SignHash *hash;
  guint8 digest[SIGN_MAX_HASH];
  SECItem item;
} SignInput;

static const SignHash *
sign_hash_find (IkeHashId id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sign_hashes); i++)
    if (sign_hashes[i].id == id)
      return &sign_hashes[i];
  return NULL;
}

static gboolean
sign_input_make (SignInput *self, const IkeSigScheme *scheme, GBytes *octets)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (octets, &len);

  if (len > G_MAXINT32)
    return FALSE;
  if (scheme->hash == IKE_HASH_IDENTITY)
    {
      self->item = (SECItem){ siBuffer, (unsigned char *) data, (unsigned int) len };
      return TRUE;
    }
  self->hash = sign_hash_find (scheme->hash);
  if (self->hash == NULL)
    return FALSE;
  self->item = (SECItem){ siBuffer, self->digest, (unsigned int) ike_hash_len (scheme->hash) };
  return self->item.len > 0 && self->item.len <= sizeof self->digest &&
         PK11_HashBuf (self->hash->oid, self->digest, data, (PRInt32) len) == SECSuccess;
}

static CK_RSA_PKCS_PSS_PARAMS
pss_parameters (const SignInput *input)
{
  return (CK_RSA_PKCS_PSS_PARAMS){ input->hash->mechanism, input->hash->mgf, input->item.len };
}

/* What NSS calls it when the octets themselves are signed; CKM_INVALID_MECHANISM: it knows no such thing. */
static CK_MECHANISM_TYPE
whole_mechanism (IkeKeyType type)
{
#ifdef CKM_EDDSA
  if (type == IKE_KEY_ED25519)
    return CKM_EDDSA;
#endif
#ifdef CKM_ML_DSA
  if (type != IKE_KEY_ED25519)
    return CKM_ML_DSA; /* without parameters: no context, and the set is the key's */
#endif
  return CKM_INVALID_MECHANISM;
}

gboolean
nss_sign_does (IkeKeyType type)
{
  CK_MECHANISM_TYPE mechanism = nss_octet_key (type) != NULL ? whole_mechanism (type) : CKM_RSA_PKCS;

  return mechanism != CKM_INVALID_MECHANISM && nss_can (mechanism);
}

gboolean
nss_sign_supports (const IkeSigScheme *scheme)
{
  for (guint type = IKE_KEY_RSA; type <= IKE_KEY_LAST; type++)
    if (scheme->keys & 1u << type && nss_sign_does (type))
      return TRUE;
  return FALSE;
}

/* ---- ECDSA: fixed width and DER ---- */

/* Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }, strictly, to r|s. */
static gboolean
ecdsa_from_der (const guint8 *data, gsize len, gsize size, guint8 *out)
{
  NssDer in = nss_der (data, len);
  NssDer sequence = nss_der_enter (&in, NSS_DER_SEQUENCE);
  NssDer r = nss_der_big (&sequence);
  NssDer s = nss_der_big (&sequence);

  if (!nss_der_done (&sequence) || !nss_der_done (&in) || r.len > size || s.len > size || r.len == 0 || s.len == 0)
    return FALSE;
  memset (out, 0, 2 * size);
  memcpy (out + size - r.len, r.data, r.len);
  memcpy (out + 2 * size - s.len, s.data, s.len);
  return TRUE;
}

static GBytes *
ecdsa_to_der (const guint8 *raw, gsize size)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  GByteArray *out = g_byte_array_new ();

  nss_der_put_big (body, raw, size);
  nss_der_put_big (body, raw + size, size);
  nss_der_put (out, NSS_DER_SEQUENCE, body->data, body->len);
  return g_byte_array_free_to_bytes (out);
}

static gboolean
is_zero (const guint8 *data, gsize len)
{
  guint8 any = 0;

  for (gsize i = 0; i < len; i++)
    any |= data[i];
  return any == 0;
}

/* ---- signing ---- */

static GBytes *
sign_ecdsa (const NssKey *key, const IkeSigScheme *scheme, SignInput *input)
{
  gsize size = nss_curve_size (nss_key_type (key));
  guint8 raw[2 * SIGN_MAX_CURVE];
  SECItem signature = { siBuffer, raw, (unsigned int) (2 * size) };

  if (PK11_SignWithMechanism (nss_key_nss (key), CKM_ECDSA, NULL, &signature, &input->item) != SECSuccess ||
      signature.len != 2 * size)
    return NULL;
  return scheme->raw_ecdsa ? g_bytes_new (raw, 2 * size) : ecdsa_to_der (raw, size);
}

static GBytes *
sign_rsa (const NssKey *key, const IkeSigScheme *scheme, SignInput *input)
{
  guint8 out[NSS_SIGN_MAX_RSA_BITS / 8];
  SECItem made = { siBuffer, NULL, 0 };
  GBytes *signature = NULL;

  if (scheme->pss)
    {
      CK_RSA_PKCS_PSS_PARAMS pss = pss_parameters (input);
      SECItem parameters = { siBuffer, (unsigned char *) &pss, sizeof pss };
      SECItem item = { siBuffer, out, (nss_key_bits (key) + 7) / 8 };

      if (PK11_SignWithMechanism (nss_key_nss (key), CKM_RSA_PKCS_PSS, &parameters, &item, &input->item) != SECSuccess)
        return NULL;
      return g_bytes_new (out, item.len);
    }
  if (SGN_Digest (nss_key_nss (key), input->hash->oid, &made, &input->item) == SECSuccess)
    signature = g_bytes_new (made.data, made.len);
  SECITEM_FreeItem (&made, PR_FALSE);
  return signature;
}

static GBytes *
sign_whole (const NssKey *key, SignInput *input)
{
  guint8 raw[SIGN_MAX_WHOLE];
  gsize len = nss_octet_key (nss_key_type (key))->signature_len;
  SECItem signature = { siBuffer, raw, (unsigned int) len };
  CK_MECHANISM_TYPE mechanism = whole_mechanism (nss_key_type (key));

  if (mechanism == CKM_INVALID_MECHANISM ||
      PK11_SignWithMechanism (nss_key_nss (key), mechanism, NULL, &signature, &input->item) != SECSuccess ||
      signature.len != len)
    return NULL;
  return g_bytes_new (raw, signature.len);
}

static GBytes *
sign_by_type (const NssKey *key, const IkeSigScheme *scheme, SignInput *input)
{
  switch (nss_key_type (key))
    {
    case IKE_KEY_RSA:
      return sign_rsa (key, scheme, input);
    case IKE_KEY_P256:
    case IKE_KEY_P384:
    case IKE_KEY_P521:
      return sign_ecdsa (key, scheme, input);
    case IKE_KEY_ED25519:
    case IKE_KEY_ML_DSA_44:
    case IKE_KEY_ML_DSA_65:
    case IKE_KEY_ML_DSA_87:
      return sign_whole (key, input);
    case IKE_KEY_NONE:
      break;
    }
  return NULL;
}

GBytes *
nss_sign (const NssKey *key, const IkeSigScheme *scheme, GBytes *octets, IkeReason *ret_reason)
{
  SignInput input = { 0 };
  g_autofree char *text = NULL;
  GBytes *signature = NULL;

  if (!(scheme->keys & 1u << nss_key_type (key)))
    text = g_strdup_printf ("%s: the private key is of another kind", scheme->name);
  else if (!sign_input_make (&input, scheme, octets) || (signature = sign_by_type (key, scheme, &input)) == NULL)
    {
      g_autofree char *nss = nss_error_text ();

      text = g_strdup_printf ("%s: %s", scheme->name, nss);
    }
  if (signature == NULL && ret_reason != NULL)
    ike_reason_set (ret_reason, IKE_REASON_SIGN_FAILED, 0, "%s", text);
  return signature;
}

GBytes *
nss_sign_digest (const NssKey *key, IkeHashId hash, gboolean pss, const guint8 *digest, gsize len)
{
  const IkeSigScheme scheme = { .pss = pss, .raw_ecdsa = TRUE };
  SignInput input = { .hash = sign_hash_find (hash) };

  if (input.hash == NULL || hash == IKE_HASH_SHA1 || len != ike_hash_len (hash) ||
      nss_octet_key (nss_key_type (key)) != NULL || (pss && nss_key_type (key) != IKE_KEY_RSA))
    return NULL;
  memcpy (input.digest, digest, len);
  input.item = (SECItem){ siBuffer, input.digest, (unsigned int) len };
  return sign_by_type (key, &scheme, &input);
}

/* ---- verifying ---- */

static gboolean
verify_rsa (SECKEYPublicKey *key, const NssSpki *spki, const IkeSigScheme *scheme, SignInput *input, SECItem *signature)
{
  CK_RSA_PKCS_PSS_PARAMS pss;
  SECItem parameters = { siBuffer, (unsigned char *) &pss, sizeof pss };

  if (spki->bits < NSS_SIGN_MIN_RSA_BITS || spki->bits > NSS_SIGN_MAX_RSA_BITS || (spki->pss_only && !scheme->pss))
    return FALSE;
  /* RFC 8017 section 5.2.2: as long as the modulus, and below it. */
  if (signature->len != spki->modulus.len || memcmp (signature->data, spki->modulus.data, signature->len) >= 0 ||
      is_zero (signature->data, signature->len))
    return FALSE;
  if (!scheme->pss)
    return VFY_VerifyDigestDirect (&input->item, key, signature, SEC_OID_PKCS1_RSA_ENCRYPTION, input->hash->oid,
                                   NULL) == SECSuccess;
  pss = pss_parameters (input);
  return PK11_VerifyWithMechanism (key, CKM_RSA_PKCS_PSS, &parameters, signature, &input->item, NULL) == SECSuccess;
}

static gboolean
verify_ecdsa (SECKEYPublicKey *key, const NssSpki *spki, const IkeSigScheme *scheme, SignInput *input,
              SECItem *signature)
{
  gsize size = nss_curve_size (spki->type);
  guint8 raw[2 * SIGN_MAX_CURVE];
  SECItem item = { siBuffer, raw, (unsigned int) (2 * size) };

  if (!scheme->raw_ecdsa && !ecdsa_from_der (signature->data, signature->len, size, raw))
    return FALSE;
  if (scheme->raw_ecdsa)
    {
      if (signature->len != 2 * size)
        return FALSE;
      memcpy (raw, signature->data, 2 * size);
    }
  /* NSS refuses what is not below the order. */
  if (is_zero (raw, size) || is_zero (raw + size, size))
    return FALSE;
  return PK11_VerifyWithMechanism (key, CKM_ECDSA, NULL, &item, &input->item, NULL) == SECSuccess;
}

static gboolean
verify_whole (SECKEYPublicKey *key, IkeKeyType type, SignInput *input, SECItem *signature)
{
  CK_MECHANISM_TYPE mechanism = whole_mechanism (type);

  return mechanism != CKM_INVALID_MECHANISM && signature->len == nss_octet_key (type)->signature_len &&
         PK11_VerifyWithMechanism (key, mechanism, NULL, signature, &input->item, NULL) == SECSuccess;
}

static gboolean
verify_by_type (SECKEYPublicKey *key, const NssSpki *spki, const IkeSigScheme *scheme, SignInput *input,
                SECItem *signature)
{
  switch (spki->type)
    {
    case IKE_KEY_RSA:
      return verify_rsa (key, spki, scheme, input, signature);
    case IKE_KEY_P256:
    case IKE_KEY_P384:
    case IKE_KEY_P521:
      return verify_ecdsa (key, spki, scheme, input, signature);
    case IKE_KEY_ED25519:
    case IKE_KEY_ML_DSA_44:
    case IKE_KEY_ML_DSA_65:
    case IKE_KEY_ML_DSA_87:
      return verify_whole (key, spki->type, input, signature);
    case IKE_KEY_NONE:
      break;
    }
  return FALSE;
}

static SECKEYPublicKey *
public_key_new (GBytes *der)
{
  gsize len;
  SECItem item = { siBuffer, (unsigned char *) g_bytes_get_data (der, &len), 0 };
  CERTSubjectPublicKeyInfo *info;
  SECKEYPublicKey *key;

  item.len = (unsigned int) len;
  info = SECKEY_DecodeDERSubjectPublicKeyInfo (&item);
  if (info == NULL)
    return NULL;
  key = SECKEY_ExtractPublicKey (info);
  SECKEY_DestroySubjectPublicKeyInfo (info);
  return key;
}

static gboolean
verify_scheme (GBytes *public_key, const IkeSigScheme *scheme, GBytes *octets, GBytes *signature)
{
  SignInput input = { 0 };
  NssSpki spki;
  SECKEYPublicKey *key;
  SECItem item = { siBuffer, (unsigned char *) g_bytes_get_data (signature, NULL),
                   (unsigned int) g_bytes_get_size (signature) };
  gboolean ok;

  if (!nss_spki_parse (nss_der_bytes (public_key), &spki) || spki.type == IKE_KEY_NONE ||
      !(scheme->keys & 1u << spki.type) || item.len == 0 || !sign_input_make (&input, scheme, octets))
    return FALSE;
  key = public_key_new (public_key);
  if (key == NULL)
    return FALSE;
  ok = verify_by_type (key, &spki, scheme, &input, &item);
  SECKEY_DestroyPublicKey (key);
  return ok;
}

/* RFC 7296 section 3.8: which hash it is the DigestInfo says, and nothing else. NSS is asked for each in turn, so that it is
 * still NSS who makes what the signature must be. */
static gboolean
verify_any_hash (GBytes *public_key, const IkeSigScheme *scheme, GBytes *octets, GBytes *signature)
{
  static const IkeHashId hashes[] = { IKE_HASH_SHA2_256, IKE_HASH_SHA2_384, IKE_HASH_SHA2_512, IKE_HASH_SHA1 };
  IkeSigScheme one = *scheme;

  for (gsize i = 0; i < G_N_ELEMENTS (hashes); i++)
    {
      one.hash = hashes[i];
      if ((hashes[i] != IKE_HASH_SHA1 || scheme->weak) && verify_scheme (public_key, &one, octets, signature))
        return TRUE;
    }
  return FALSE;
}

gboolean
nss_verify (GBytes *public_key, const IkeSigScheme *scheme, GBytes *octets, GBytes *signature)
{
  return scheme->method == IKE_AUTH_METHOD_RSA ? verify_any_hash (public_key, scheme, octets, signature)
                                               : verify_scheme (public_key, scheme, octets, signature);
}

/* Would what @scheme has refused be right with SHA-1, which it does not take? */
static gboolean
is_sha1 (GBytes *public_key, const IkeSigScheme *scheme, GBytes *octets, GBytes *signature)
{
  IkeSigScheme one = *scheme;

  one.hash = IKE_HASH_SHA1;
  return scheme->method == IKE_AUTH_METHOD_RSA && !scheme->weak && verify_scheme (public_key, &one, octets, signature);
}

gboolean
nss_key_matches (const NssKey *key, GBytes *public_key)
{
  static const char text[] = "Does this private key belong to this certificate?";
  g_autoptr (GBytes) probe = g_bytes_new_static (text, sizeof text);
  const IkeSigScheme *scheme;

  for (guint i = 0; (scheme = ike_sig_scheme_at (i)) != NULL; i++)
    if (!scheme->weak && scheme->keys & 1u << nss_key_type (key))
      {
        g_autoptr (GBytes) signature = nss_sign (key, scheme, probe, NULL);

        /* Not the first that can sign: a certificate may allow PSS only. */
        if (signature != NULL && nss_verify (public_key, scheme, probe, signature))
          return TRUE;
      }
  return FALSE;
}

void
nss_verify_auth (const NssChainQuery *query, const IkeSigScheme *scheme, GBytes *octets, GBytes *signature,
                 IkeReason *ret_reason)
{
  g_autoptr (NssCert) end_entity = NULL;
  g_autoptr (GBytes) public_key = NULL;
  g_autofree char *name = NULL;

  if (nss_trust_raw_key (query->trust) != NULL)
    public_key = g_bytes_ref (nss_trust_raw_key (query->trust));
  else if (nss_chain_verify (query, &end_entity, ret_reason))
    public_key = nss_cert_public_key (end_entity);
  else
    return;
  if (nss_verify (public_key, scheme, octets, signature))
    {
      ike_reason_set (ret_reason, IKE_REASON_NONE, 0, NULL);
      return;
    }
  name = query->identity != NULL ? nss_identity_to_string (query->identity)
         : end_entity != NULL    ? nss_cert_subject (end_entity)
                                 : g_strdup ("the raw key's owner");
  if (is_sha1 (public_key, scheme, octets, signature))
    ike_reason_set (ret_reason, IKE_REASON_RSA_SHA1, 0, "%s", name);
  else
    ike_reason_set (ret_reason, IKE_REASON_PEER_AUTH_WRONG, 0, "%s, %s", name, scheme->name);
}
