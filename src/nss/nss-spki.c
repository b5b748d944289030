/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SubjectPublicKeyInfo: RFC 5280 section 4.1.2.7, RFC 3279 (RSA), RFC 4055 (PSS), RFC 5480 (EC), RFC 8410 (Ed25519), RFC
 * 9881 (ML-DSA). */
#include "nss-spki.h"

#define SPKI_MAX_EXPONENT 32 /* octets: FIPS 186-5 allows exponents below 2^256 */

static const guint8 OID_RSA[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
static const guint8 OID_RSA_PSS[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a };
static const guint8 OID_EC[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
static const guint8 OID_P256[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const guint8 OID_P384[] = { 0x2b, 0x81, 0x04, 0x00, 0x22 };
static const guint8 OID_P521[] = { 0x2b, 0x81, 0x04, 0x00, 0x23 };

static const NssOctetKey octet_keys[] = {
  { IKE_KEY_ED25519, 3, { 0x2b, 0x65, 0x70 }, 32, 32, 64, "Ed25519" },
  { IKE_KEY_ML_DSA_44, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x11 }, 1312, 2560, 2420, "ML-DSA-44" },
  { IKE_KEY_ML_DSA_65, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12 }, 1952, 4032, 3309, "ML-DSA-65" },
  { IKE_KEY_ML_DSA_87, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x13 }, 2592, 4896, 4627, "ML-DSA-87" },
};

const NssOctetKey *
nss_octet_key (IkeKeyType type)
{
  for (guint i = 0; i < G_N_ELEMENTS (octet_keys); i++)
    if (octet_keys[i].type == type)
      return &octet_keys[i];
  return NULL;
}

const NssOctetKey *
nss_octet_key_by_oid (const NssDer *oid)
{
  for (guint i = 0; i < G_N_ELEMENTS (octet_keys); i++)
    if (nss_der_is (oid, octet_keys[i].oid, octet_keys[i].oid_len))
      return &octet_keys[i];
  return NULL;
}

gsize
nss_curve_size (IkeKeyType type)
{
  switch (type)
    {
    case IKE_KEY_P256:
      return 32;
    case IKE_KEY_P384:
      return 48;
    case IKE_KEY_P521:
      return 66;
    case IKE_KEY_NONE:
    case IKE_KEY_RSA:
    case IKE_KEY_ED25519:
    case IKE_KEY_ML_DSA_44:
    case IKE_KEY_ML_DSA_65:
    case IKE_KEY_ML_DSA_87:
      return 0;
    }
  return 0;
}

IkeKeyType
nss_spki_curve (const NssDer *oid)
{
  if (nss_der_is_oid (oid, OID_P256))
    return IKE_KEY_P256;
  if (nss_der_is_oid (oid, OID_P384))
    return IKE_KEY_P384;
  if (nss_der_is_oid (oid, OID_P521))
    return IKE_KEY_P521;
  return IKE_KEY_NONE;
}

static guint
big_bits (const NssDer *big)
{
  return big->len == 0 ? 0 : (guint) (8 * (big->len - 1)) + g_bit_storage (big->data[0]);
}

static gboolean
spki_parse_rsa (NssDer key, NssSpki *spki)
{
  NssDer sequence = nss_der_enter (&key, NSS_DER_SEQUENCE);

  spki->modulus = nss_der_big (&sequence);
  spki->exponent = nss_der_big (&sequence);
  if (!nss_der_done (&sequence) || !nss_der_done (&key) || spki->modulus.len == 0 || spki->exponent.len == 0)
    return FALSE;
  if (!(spki->modulus.data[spki->modulus.len - 1] & 1) || !(spki->exponent.data[spki->exponent.len - 1] & 1))
    return FALSE;
  if ((spki->exponent.len == 1 && spki->exponent.data[0] < 3) || spki->exponent.len > SPKI_MAX_EXPONENT ||
      spki->exponent.len >= spki->modulus.len)
    return FALSE;
  spki->type = IKE_KEY_RSA;
  spki->bits = big_bits (&spki->modulus);
  return TRUE;
}

static gboolean
spki_parse_ec (NssDer *parameters, NssDer key, NssSpki *spki)
{
  NssDer curve;
  gsize size;

  /* RFC 5480 section 2.1.1: only named curves. */
  if (nss_der_peek (parameters) != NSS_DER_OID)
    return !parameters->bad;
  curve = nss_der_enter (parameters, NSS_DER_OID);
  spki->type = nss_spki_curve (&curve);
  if (spki->type == IKE_KEY_NONE)
    return !parameters->bad;
  size = nss_curve_size (spki->type);
  spki->bits = spki->type == IKE_KEY_P521 ? 521 : (guint) size * 8;
  spki->point = key;
  return key.len == 1 + 2 * size && key.data[0] == 4 && nss_der_done (parameters);
}

gboolean
nss_spki_parse (NssDer der, NssSpki *ret)
{
  NssSpki spki = { .type = IKE_KEY_NONE };
  NssDer sequence = nss_der_enter (&der, NSS_DER_SEQUENCE);
  NssDer algorithm = nss_der_enter (&sequence, NSS_DER_SEQUENCE);
  NssDer oid = nss_der_enter (&algorithm, NSS_DER_OID);
  NssDer key = nss_der_bit_string (&sequence);
  gboolean ok = TRUE;
  const NssOctetKey *octets = nss_octet_key_by_oid (&oid);

  if (oid.bad || key.bad || !nss_der_done (&sequence) || !nss_der_done (&der))
    return FALSE;
  spki.pss_only = nss_der_is_oid (&oid, OID_RSA_PSS);
  if (spki.pss_only || nss_der_is_oid (&oid, OID_RSA))
    ok = spki_parse_rsa (key, &spki);
  else if (nss_der_is_oid (&oid, OID_EC))
    ok = spki_parse_ec (&algorithm, key, &spki);
  else if (octets != NULL)
    {
      spki.type = octets->type;
      spki.bits = (guint) octets->public_len * 8;
      spki.point = key;
      ok = key.len == octets->public_len && nss_der_done (&algorithm);
    }
  if (ok)
    *ret = spki;
  return ok;
}

void
nss_spki_put_curve (GByteArray *out, IkeKeyType type)
{
  const NssOctetKey *octets = nss_octet_key (type);

  if (octets != NULL)
    nss_der_put (out, NSS_DER_OID, octets->oid, octets->oid_len);
  else if (type == IKE_KEY_P256)
    nss_der_put (out, NSS_DER_OID, OID_P256, sizeof OID_P256);
  else
    nss_der_put (out, NSS_DER_OID, type == IKE_KEY_P384 ? OID_P384 : OID_P521, sizeof OID_P384);
}

static void
put_algorithm (GByteArray *out, IkeKeyType type)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  switch (type)
    {
    case IKE_KEY_RSA:
      nss_der_put (body, NSS_DER_OID, OID_RSA, sizeof OID_RSA);
      nss_der_put (body, NSS_DER_NULL, NULL, 0); /* RFC 3279 section 2.3.1 */
      break;
    case IKE_KEY_P256:
    case IKE_KEY_P384:
    case IKE_KEY_P521:
      nss_der_put (body, NSS_DER_OID, OID_EC, sizeof OID_EC);
      nss_spki_put_curve (body, type);
      break;
    case IKE_KEY_ED25519:
    case IKE_KEY_ML_DSA_44:
    case IKE_KEY_ML_DSA_65:
    case IKE_KEY_ML_DSA_87:
      nss_spki_put_curve (body, type);
      break;
    case IKE_KEY_NONE:
      g_assert_not_reached ();
    }
  nss_der_put (out, NSS_DER_SEQUENCE, body->data, body->len);
}

GBytes *
nss_spki_new (IkeKeyType type, const guint8 *key, gsize len)
{
  g_autoptr (GByteArray) body = g_byte_array_new (), bits = g_byte_array_new ();
  GByteArray *out = g_byte_array_new ();
  const guint8 unused = 0;

  put_algorithm (body, type);
  g_byte_array_append (bits, &unused, 1);
  g_byte_array_append (bits, key, (guint) len);
  nss_der_put (body, NSS_DER_BIT_STRING, bits->data, bits->len);
  nss_der_put (out, NSS_DER_SEQUENCE, body->data, body->len);
  return g_byte_array_free_to_bytes (out);
}

char *
nss_spki_describe (const NssSpki *spki)
{
  switch (spki->type)
    {
    case IKE_KEY_RSA:
      return g_strdup_printf ("RSA-%u", spki->bits);
    case IKE_KEY_P256:
    case IKE_KEY_P384:
    case IKE_KEY_P521:
      return g_strdup_printf ("P-%u", spki->bits);
    case IKE_KEY_ED25519:
    case IKE_KEY_ML_DSA_44:
    case IKE_KEY_ML_DSA_65:
    case IKE_KEY_ML_DSA_87:
      return g_strdup (nss_octet_key (spki->type)->name);
    case IKE_KEY_NONE:
      break;
    }
  return g_strdup ("a key of an unknown kind");
}
