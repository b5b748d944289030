/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A private key as a session object of NSS's software token. The encoding is looked at before NSS sees it: an RSA key
 * whose numbers are no key (CVE-2017-11185, CVE-2017-9022) or that is too small or too big to be one is refused.
 * RFC 5208, RFC 8017 appendix A.1.2, RFC 5915, RFC 8410, RFC 9881 section 6 (ML-DSA).
 */
#include "nss-key.h"
#include "nss-key-private.h"
#include "nss-spki.h"

#include <pk11pub.h>
#include <secoid.h>

#define KEY_MIN_RSA_BITS 1024
#define KEY_MAX_RSA_BITS 16384

struct _NssKey {
  SECKEYPrivateKey *nss;
  IkeKeyType type;
  guint bits;
};

static const guint8 OID_RSA[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
static const guint8 OID_EC[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };

/* RSAPrivateKey of two primes: eight numbers after the version. */
static gboolean
rsa_key_ok (NssDer key, guint *ret_bits)
{
  NssDer sequence = nss_der_enter (&key, NSS_DER_SEQUENCE);
  guint64 version = nss_der_uint (&sequence);
  NssDer numbers[8];
  guint bits;

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      numbers[i] = nss_der_big (&sequence);
      /* n, e, p and q (0, 1, 3, 4) are odd in every key. */
      if (numbers[i].len == 0 || ((1u << i & 0x1b) && !(numbers[i].data[numbers[i].len - 1] & 1)))
        return FALSE;
    }
  if (!nss_der_done (&sequence) || !nss_der_done (&key) || version != 0)
    return FALSE;
  bits = (guint) (8 * (numbers[0].len - 1)) + g_bit_storage (numbers[0].data[0]);
  *ret_bits = bits;
  /* The public exponent: neither 1 nor longer than what a peer accepts. */
  return bits >= KEY_MIN_RSA_BITS && bits <= KEY_MAX_RSA_BITS && numbers[1].len <= 32 &&
         !(numbers[1].len == 1 && numbers[1].data[0] < 3);
}

#define ML_DSA_SEED_LEN 32

/* Is the next element a string of @len octets? */
static gboolean
is_string (NssDer *in, guint8 tag, gsize len)
{
  return nss_der_enter (in, tag).len == len && !in->bad;
}

/* CurvePrivateKey; ML-DSA-PrivateKey is a seed, the key that is made of it, or both. */
static gboolean
octet_key_ok (const NssOctetKey *octets, NssDer key)
{
  NssDer both;

  switch (nss_der_peek (&key))
    {
    case NSS_DER_CONTEXT (0):
      return octets->type != IKE_KEY_ED25519 && is_string (&key, NSS_DER_CONTEXT (0), ML_DSA_SEED_LEN) &&
             nss_der_done (&key);
    case NSS_DER_OCTET_STRING:
      return is_string (&key, NSS_DER_OCTET_STRING, octets->private_len) && nss_der_done (&key);
    }
  both = nss_der_enter (&key, NSS_DER_SEQUENCE);
  return octets->type != IKE_KEY_ED25519 && is_string (&both, NSS_DER_OCTET_STRING, ML_DSA_SEED_LEN) &&
         is_string (&both, NSS_DER_OCTET_STRING, octets->private_len) && nss_der_done (&both) && nss_der_done (&key);
}

/* PrivateKeyInfo ::= SEQUENCE { version, AlgorithmIdentifier, OCTET STRING, [0] attributes, [1] public key }. */
static IkeKeyType
pkcs8_inspect (const guint8 *pkcs8, gsize len, guint *ret_bits)
{
  NssDer in = nss_der (pkcs8, len);
  NssDer info = nss_der_enter (&in, NSS_DER_SEQUENCE);
  guint64 version = nss_der_uint (&info);
  NssDer algorithm = nss_der_enter (&info, NSS_DER_SEQUENCE);
  NssDer oid = nss_der_enter (&algorithm, NSS_DER_OID);
  NssDer key = nss_der_enter (&info, NSS_DER_OCTET_STRING);
  const NssOctetKey *octets;
  NssDer curve;

  if (oid.bad || key.bad || !nss_der_done (&in) || version > 1)
    return IKE_KEY_NONE;
  if (nss_der_is_oid (&oid, OID_RSA))
    return rsa_key_ok (key, ret_bits) ? IKE_KEY_RSA : IKE_KEY_NONE;
  octets = nss_octet_key_by_oid (&oid);
  if (octets != NULL)
    {
      *ret_bits = (guint) octets->public_len * 8;
      return nss_der_done (&algorithm) && octet_key_ok (octets, key) ? octets->type : IKE_KEY_NONE;
    }
  if (!nss_der_is_oid (&oid, OID_EC))
    return IKE_KEY_NONE;
  curve = nss_der_enter (&algorithm, NSS_DER_OID);
  *ret_bits = nss_spki_curve (&curve) == IKE_KEY_P521 ? 521 : (guint) nss_curve_size (nss_spki_curve (&curve)) * 8;
  return nss_spki_curve (&curve);
}

NssKey *
nss_key_new_from_pkcs8 (const guint8 *pkcs8, gsize len)
{
  SECItem item = { siBuffer, (unsigned char *) pkcs8, (unsigned int) len };
  SECKEYPrivateKey *nss = NULL;
  PK11SlotInfo *slot;
  guint bits = 0;
  IkeKeyType type = pkcs8_inspect (pkcs8, len, &bits);
  SECStatus status;
  NssKey *self;

  if (type == IKE_KEY_NONE)
    return NULL;
  slot = PK11_GetInternalKeySlot ();
  if (slot == NULL)
    return NULL;
  status = PK11_ImportDERPrivateKeyInfoAndReturnKey (slot, &item, NULL, NULL, PR_FALSE, PR_TRUE, KU_ALL, &nss, NULL);
  PK11_FreeSlot (slot);
  if (status != SECSuccess || nss == NULL)
    return NULL;
  self = g_new0 (NssKey, 1);
  self->nss = nss;
  self->type = type;
  self->bits = bits;
  return self;
}

NssKey *
nss_key_new_from_nss (SECKEYPrivateKey *take_nss)
{
  g_autoptr (NssKey) self = g_new0 (NssKey, 1);
  g_autoptr (GBytes) public_key = NULL;
  NssSpki spki;

  self->nss = take_nss;
  public_key = nss_key_public_key (self);
  if (public_key == NULL || !nss_spki_parse (nss_der_bytes (public_key), &spki) || spki.type == IKE_KEY_NONE ||
      (spki.type == IKE_KEY_RSA && (spki.bits < KEY_MIN_RSA_BITS || spki.bits > KEY_MAX_RSA_BITS)))
    return NULL;
  self->type = spki.type;
  self->bits = spki.bits;
  return g_steal_pointer (&self);
}

void
nss_key_free (NssKey *self)
{
  if (self == NULL)
    return;
  /* A key that is not permanent takes its session object with it. */
  SECKEY_DestroyPrivateKey (self->nss);
  g_free (self);
}

SECKEYPrivateKey *
nss_key_nss (const NssKey *self)
{
  return self->nss;
}

IkeKeyType
nss_key_type (const NssKey *self)
{
  return self->type;
}

guint
nss_key_bits (const NssKey *self)
{
  return self->bits;
}

gboolean
nss_key_does_pss (const NssKey *self)
{
  return self->type == IKE_KEY_RSA && PK11_DoesMechanism (self->nss->pkcs11Slot, CKM_RSA_PKCS_PSS);
}

gboolean
nss_key_is_on_token (const NssKey *self)
{
  return !PK11_IsInternal (self->nss->pkcs11Slot);
}

GBytes *
nss_key_public_key (const NssKey *self)
{
  SECKEYPublicKey *key = SECKEY_ConvertToPublicKey (self->nss);
  SECItem *der = key != NULL ? SECKEY_EncodeDERSubjectPublicKeyInfo (key) : NULL;
  GBytes *bytes = der != NULL ? g_bytes_new (der->data, der->len) : NULL;

  if (der != NULL)
    SECITEM_FreeItem (der, PR_TRUE);
  if (key != NULL)
    SECKEY_DestroyPublicKey (key);
  return bytes;
}
