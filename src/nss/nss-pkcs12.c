/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PKCS#12 (RFC 7292), opened with a password: its integrity is checked first, then certificates and keys are taken out
 * of the safes. We read it ourselves because NSS's decoder imports keys only into a token with a database. Modern (AES,
 * SHA-2, PBMAC1 of RFC 9579) and old (3DES, RC2, SHA-1) files; public-key modes are not supported.
 */
#include "nss-bag.h"
#include "nss-name-attributes.h"
#include "nss-pbe.h"
#include "nss-said.h"

#include "crypto/suites.h"

#include <pk11pub.h>
#include <secoid.h>

#include <string.h>

#define PKCS12_MAX_DEPTH 4 /* SafeContents in SafeContents */
#define PKCS12_MAX_NAME 512 /* octets of a friendly name */
#define PKCS12_MAX_SALT 1024
#define KDF_ID_MAC 3 /* RFC 7292 appendix B.3 */
#define KDF_BLOCK_MAX 128

#define OID_PKCS7(n)                                                                                                   \
 {                                                                                                                     \
  0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, n                                                                    \
 }
static const guint8 OID_DATA[] = OID_PKCS7 (1);
static const guint8 OID_ENCRYPTED_DATA[] = OID_PKCS7 (6);
static const guint8 OID_BAG[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01 };
static const guint8 OID_X509_CERTIFICATE[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01 };
static const guint8 OID_FRIENDLY_NAME[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x14 };
static const guint8 OID_PBMAC1[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0e };

typedef struct {
  guint8 len;
  guint8 oid[9]; /* of the hash */
  guint8 hmac_oid[8]; /* RFC 8018 appendix B.1.1, always 8 octets */
  SECOidTag tag;
  CK_MECHANISM_TYPE hmac;
  guint8 digest, block;
} MacHash;

static const MacHash mac_hashes[] = {
  { 5,
    { 0x2b, 0x0e, 0x03, 0x02, 0x1a },
    { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x07 },
    SEC_OID_SHA1,
    CKM_SHA_1_HMAC,
    20,
    64 },
  { 9,
    { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 },
    { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09 },
    SEC_OID_SHA256,
    CKM_SHA256_HMAC,
    32,
    64 },
  { 9,
    { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02 },
    { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0a },
    SEC_OID_SHA384,
    CKM_SHA384_HMAC,
    48,
    128 },
  { 9,
    { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03 },
    { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0b },
    SEC_OID_SHA512,
    CKM_SHA512_HMAC,
    64,
    128 },
};

static gboolean
set_error (GError **error, NssCredentialError code, const char *text)
{
  g_set_error (error, NSS_CREDENTIAL_ERROR, (gint) code, "%s", text);
  return FALSE;
}

static gboolean
set_damaged (GError **error)
{
  return set_error (error, NSS_CREDENTIAL_ERROR_BAD_FILE, N_ ("its PKCS#12 structure is damaged"));
}

/* ---- integrity ---- */

/* Fills @out with repetitions of @in. */
static void
fill_repeated (guint8 *out, gsize len, const guint8 *in, gsize in_len)
{
  for (gsize i = 0; i < len; i++)
    out[i] = in[i % in_len];
}

/* RFC 7292 appendix B.2, for ID 3 and no more octets than the hash gives (always so for a MAC key). */
static gboolean
kdf_mac_key (const MacHash *hash, const IkeSecret *bmp, NssDer salt, guint64 iterations, guint8 *out)
{
  gsize v = hash->block;
  gsize salt_len = v * ((salt.len + v - 1) / v);
  gsize password_len = v * ((ike_secret_len (bmp) + v - 1) / v);
  g_autoptr (IkeSecret) input = ike_secret_new (v + salt_len + password_len);
  guint8 *data = ike_secret_data (input);

  memset (data, KDF_ID_MAC, v);
  if (salt_len > 0)
    fill_repeated (data + v, salt_len, salt.data, salt.len);
  if (password_len > 0)
    fill_repeated (data + v + salt_len, password_len, ike_secret_data (bmp), ike_secret_len (bmp));
  if (PK11_HashBuf (hash->tag, out, data, (PRInt32) ike_secret_len (input)) != SECSuccess)
    return FALSE;
  for (guint64 i = 1; i < iterations; i++)
    if (PK11_HashBuf (hash->tag, out, out, hash->digest) != SECSuccess)
      return FALSE;
  return TRUE;
}

static gboolean
hmac (const MacHash *hash, const guint8 *key, gsize key_len, NssDer data, guint8 *out)
{
  PK11SlotInfo *slot = PK11_GetInternalSlot ();
  SECItem key_item = { siBuffer, (unsigned char *) key, (unsigned int) key_len };
  SECItem none = { siBuffer, NULL, 0 };
  PK11SymKey *symmetric = NULL;
  PK11Context *context = NULL;
  unsigned int made = 0;
  gboolean ok;

  if (slot != NULL)
    symmetric = PK11_ImportSymKey (slot, hash->hmac, PK11_OriginUnwrap, CKA_SIGN, &key_item, NULL);
  if (symmetric != NULL)
    context = PK11_CreateContextBySymKey (hash->hmac, CKA_SIGN, symmetric, &none);
  ok = context != NULL && PK11_DigestBegin (context) == SECSuccess &&
       PK11_DigestOp (context, data.data, (unsigned int) data.len) == SECSuccess &&
       PK11_DigestFinal (context, out, &made, hash->digest) == SECSuccess && made == hash->digest;
  if (context != NULL)
    PK11_DestroyContext (context, PR_TRUE);
  if (symmetric != NULL)
    PK11_FreeSymKey (symmetric);
  if (slot != NULL)
    PK11_FreeSlot (slot);
  return ok;
}

static const MacHash *
mac_hash_find (const NssDer *oid, gboolean is_hmac)
{
  for (gsize i = 0; i < G_N_ELEMENTS (mac_hashes); i++)
    if (is_hmac ? nss_der_is_oid (oid, mac_hashes[i].hmac_oid) : nss_der_is (oid, mac_hashes[i].oid, mac_hashes[i].len))
      return &mac_hashes[i];
  return NULL;
}

typedef struct {
  NssDer algorithm, digest, salt;
  guint64 iterations;
} MacData;

/* MacData ::= SEQUENCE { DigestInfo, macSalt OCTET STRING, iterations INTEGER DEFAULT 1 } */
static gboolean
mac_data_read (NssDer in, MacData *ret)
{
  NssDer info = nss_der_enter (&in, NSS_DER_SEQUENCE);

  ret->algorithm = nss_der_enter (&info, NSS_DER_SEQUENCE);
  ret->digest = nss_der_enter (&info, NSS_DER_OCTET_STRING);
  ret->salt = nss_der_enter (&in, NSS_DER_OCTET_STRING);
  ret->iterations = nss_der_peek (&in) == NSS_DER_INTEGER ? nss_der_uint (&in) : 1;
  return nss_der_done (&info) && nss_der_done (&in) && ret->salt.len <= PKCS12_MAX_SALT && ret->iterations > 0;
}

/* PBMAC1-params ::= SEQUENCE { keyDerivationFunc, messageAuthScheme }, RFC 9579. */
static gboolean
mac_compute_pbmac1 (const MacData *mac, NssDer parameters, NssDer content, NssBag *bag, guint8 *out, gsize *ret_len,
                    GError **error)
{
  NssDer kdf = nss_der_enter (&parameters, NSS_DER_SEQUENCE);
  NssDer scheme = nss_der_enter (&parameters, NSS_DER_SEQUENCE);
  NssDer oid = nss_der_enter (&scheme, NSS_DER_OID);
  const MacHash *hash = mac_hash_find (&oid, TRUE);
  g_autoptr (IkeSecret) key = NULL;

  if (parameters.bad || oid.bad || hash == NULL)
    return set_error (error, NSS_CREDENTIAL_ERROR_BAD_FILE, N_ ("its integrity check is of an unsupported kind"));
  key = nss_pbe_pbmac1 (kdf, mac->algorithm, bag->password, &bag->budget, error);
  if (key == NULL)
    return FALSE;
  *ret_len = hash->digest;
  return hmac (hash, ike_secret_data (key), ike_secret_len (key), content, out) || set_damaged (error);
}

static gboolean
mac_compute (const MacData *mac, NssDer content, const IkeSecret *bmp, NssBag *bag, guint8 *out, gsize *ret_len,
             GError **error)
{
  NssDer algorithm = mac->algorithm;
  NssDer oid = nss_der_enter (&algorithm, NSS_DER_OID);
  const MacHash *hash = mac_hash_find (&oid, FALSE);
  guint8 key[64];
  gboolean ok;

  if (nss_der_is_oid (&oid, OID_PBMAC1))
    return mac_compute_pbmac1 (mac, nss_der_enter (&algorithm, NSS_DER_SEQUENCE), content, bag, out, ret_len, error);
  if (hash == NULL)
    return set_error (error, NSS_CREDENTIAL_ERROR_BAD_FILE, N_ ("its integrity check is of an unsupported kind"));
  if (!nss_pbe_spend (&bag->budget, mac->iterations, error))
    return FALSE;
  ok = kdf_mac_key (hash, bmp, mac->salt, mac->iterations, key) && hmac (hash, key, hash->digest, content, out);
  explicit_bzero (key, sizeof key);
  *ret_len = hash->digest;
  return ok || set_damaged (error);
}

static gboolean
mac_matches (const MacData *mac, NssDer content, const IkeSecret *password, NssBag *bag, gboolean *ret_match,
             GError **error)
{
  g_autoptr (IkeSecret) bmp = nss_pbe_bmp (password);
  guint8 computed[64];
  gsize len = 0;

  *ret_match = FALSE;
  if (bmp == NULL)
    return TRUE;
  if (!mac_compute (mac, content, bmp, bag, computed, &len, error))
    return FALSE;
  *ret_match = mac->digest.len == len && ike_memequal (computed, mac->digest.data, len);
  return TRUE;
}

/* Is @content what was protected with this password? A file "without password" was made with the empty one, whose
 * BMPString is a terminator, or with no octets at all (NULL): both are tried, and what fits opens the rest. */
static gboolean
mac_check (NssDer mac_data, NssDer content, NssBag *bag, GError **error)
{
  const IkeSecret *candidates[2] = { bag->empty, NULL };
  guint n = G_N_ELEMENTS (candidates);
  gboolean given = bag->password != NULL, match;
  MacData mac;

  if (!mac_data_read (mac_data, &mac))
    return set_damaged (error);
  if (ike_secret_len (bag->password) > 0)
    {
      candidates[0] = bag->password;
      n = 1;
    }
  for (guint i = 0; i < n; i++)
    {
      bag->password = candidates[i];
      if (!mac_matches (&mac, content, candidates[i], bag, &match, error))
        return FALSE;
      if (match)
        return TRUE;
    }
  return given ? set_error (error, NSS_CREDENTIAL_ERROR_BAD_PASSWORD, N_ ("the password is wrong"))
               : nss_bag_need_password (error);
}

/* ---- safes ---- */

static gboolean safe_read (NssBag *bag, NssDer contents, guint depth, GError **error);

/* CertBag ::= SEQUENCE { certId, [0] EXPLICIT OCTET STRING } */
static gboolean
cert_bag_read (NssBag *bag, NssDer value, GError **error)
{
  NssDer in = nss_der_enter (&value, NSS_DER_SEQUENCE);
  NssDer id = nss_der_enter (&in, NSS_DER_OID);
  NssDer tagged = nss_der_enter (&in, NSS_DER_CONTEXT_CONSTRUCTED (0));
  NssDer certificate;

  if (tagged.bad)
    return set_damaged (error);
  if (!nss_der_is_oid (&id, OID_X509_CERTIFICATE))
    return TRUE;
  certificate = nss_der_enter (&tagged, NSS_DER_OCTET_STRING);
  return certificate.bad ? set_damaged (error) : nss_bag_add_certificate (bag, &certificate, error);
}

/* PKCS12Attribute ::= SEQUENCE { attrId, SET OF value }; friendlyName is a BMPString (RFC 2985 section 5.5.1). */
static void
friendly_name_read (NssBag *bag, NssDer in)
{
  NssDer set = nss_der_enter (&in, NSS_DER_SET);

  while (set.len > 0 && bag->friendly_name == NULL)
    {
      NssDer attribute = nss_der_enter (&set, NSS_DER_SEQUENCE);
      NssDer id = nss_der_enter (&attribute, NSS_DER_OID);
      NssDer values = nss_der_enter (&attribute, NSS_DER_SET);
      NssDer text = nss_der_enter (&values, NSS_TAG_BMP);
      g_autofree gunichar2 *units = NULL;

      if (set.bad)
        return;
      if (text.bad || text.len == 0 || text.len > PKCS12_MAX_NAME || !nss_der_is_oid (&id, OID_FRIENDLY_NAME))
        continue;
      units = g_new0 (gunichar2, text.len / 2 + 1);
      for (gsize i = 0; i < text.len / 2; i++)
        units[i] = (gunichar2) (text.data[2 * i] << 8 | text.data[2 * i + 1]);
      bag->friendly_name = g_utf16_to_utf8 (units, (glong) (text.len / 2), NULL, NULL, NULL);
    }
}

/* SafeBag ::= SEQUENCE { bagId, [0] EXPLICIT value, attributes OPTIONAL } */
static gboolean
safe_bag_read (NssBag *bag, NssDer in, guint depth, GError **error)
{
  NssDer id = nss_der_enter (&in, NSS_DER_OID);
  NssDer value = nss_der_enter (&in, NSS_DER_CONTEXT_CONSTRUCTED (0));
  NssDer content = value;
  gsize prefix = sizeof OID_BAG;

  if (in.bad)
    return set_damaged (error);
  if (id.len != prefix + 1 || memcmp (id.data, OID_BAG, prefix) != 0)
    return TRUE;
  friendly_name_read (bag, in);
  switch (id.data[prefix])
    {
    case 1: /* keyBag: PrivateKeyInfo */
      return !bag->want_keys || nss_bag_add_key (bag, ike_secret_new_from (value.data, value.len), error);
    case 2: /* pkcs8ShroudedKeyBag */
      return nss_bag_add_encrypted_key (bag, nss_der_enter (&content, NSS_DER_SEQUENCE), TRUE, error);
    case 3: /* certBag */
      return cert_bag_read (bag, value, error);
    case 6: /* safeContentsBag */
      return safe_read (bag, value, depth + 1, error);
    default: /* CRLs, secrets: not for us */
      return TRUE;
    }
}

static gboolean
safe_read (NssBag *bag, NssDer contents, guint depth, GError **error)
{
  NssDer bags = nss_der_enter (&contents, NSS_DER_SEQUENCE);

  if (depth > PKCS12_MAX_DEPTH || !nss_der_done (&contents))
    return set_damaged (error);
  while (bags.len > 0)
    {
      NssDer one = nss_der_enter (&bags, NSS_DER_SEQUENCE);

      if (bags.bad)
        return set_damaged (error);
      if (!safe_bag_read (bag, one, depth, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_safe (const IkeSecret *plain)
{
  GByteArray *der = nss_ber_to_der (ike_secret_data (plain), ike_secret_len (plain));
  gboolean ok = der != NULL && der->data[0] == NSS_DER_SEQUENCE;

  nss_der_wipe (der);
  return ok;
}

/* SafeContents that may be BER. */
static gboolean
ber_safe_read (NssBag *bag, const guint8 *data, gsize len, GError **error)
{
  GByteArray *der = nss_ber_to_der (data, len);
  gboolean ok = der != NULL ? safe_read (bag, nss_der (der->data, der->len), 0, error) : set_damaged (error);

  nss_der_wipe (der);
  return ok;
}

/* EncryptedData ::= SEQUENCE { version, SEQUENCE { OID, AlgorithmIdentifier, [0] IMPLICIT OCTET STRING } } */
static gboolean
encrypted_safe_read (NssBag *bag, NssDer tagged, GError **error)
{
  NssDer data = nss_der_enter (&tagged, NSS_DER_SEQUENCE);
  NssDer info, algorithm, cipher;
  g_autoptr (IkeSecret) plain = NULL;

  nss_der_uint (&data);
  info = nss_der_enter (&data, NSS_DER_SEQUENCE);
  nss_der_enter (&info, NSS_DER_OID);
  algorithm = nss_der_enter (&info, NSS_DER_SEQUENCE);
  if (nss_der_peek (&info) == NSS_DER_CONTEXT_CONSTRUCTED (0))
    {
      NssDer pieces = nss_der_enter (&info, NSS_DER_CONTEXT_CONSTRUCTED (0));

      cipher = nss_der_enter (&pieces, NSS_DER_OCTET_STRING);
    }
  else
    cipher = nss_der_enter (&info, NSS_DER_CONTEXT (0));
  if (algorithm.bad || cipher.bad)
    return set_damaged (error);
  plain = nss_pbe_decrypt (algorithm, cipher, bag->password, TRUE, is_safe, &bag->budget, error);
  return plain != NULL && ber_safe_read (bag, ike_secret_data (plain), ike_secret_len (plain), error);
}

/* One ContentInfo of the AuthenticatedSafe. */
static gboolean
content_info_read (NssBag *bag, NssDer info, GError **error)
{
  NssDer oid = nss_der_enter (&info, NSS_DER_OID);
  NssDer tagged = nss_der_enter (&info, NSS_DER_CONTEXT_CONSTRUCTED (0));
  NssDer safe;

  if (tagged.bad)
    return set_damaged (error);
  if (nss_der_is_oid (&oid, OID_ENCRYPTED_DATA))
    return encrypted_safe_read (bag, tagged, error);
  if (!nss_der_is_oid (&oid, OID_DATA))
    return set_error (error, NSS_CREDENTIAL_ERROR_BAD_FILE,
                      N_ ("it is protected with a public key, not with a password"));
  safe = nss_der_enter (&tagged, NSS_DER_OCTET_STRING);
  return safe.bad ? set_damaged (error) : ber_safe_read (bag, safe.data, safe.len, error);
}

static gboolean
authenticated_safe_read (NssBag *bag, NssDer content, GError **error)
{
  GByteArray *der = nss_ber_to_der (content.data, content.len);
  NssDer in = der != NULL ? nss_der (der->data, der->len) : nss_der (NULL, 0);
  NssDer safes = nss_der_enter (&in, NSS_DER_SEQUENCE);
  gboolean ok = !safes.bad || set_damaged (error);

  while (ok && safes.len > 0)
    {
      NssDer info = nss_der_enter (&safes, NSS_DER_SEQUENCE);

      ok = safes.bad ? set_damaged (error) : content_info_read (bag, info, error);
    }
  nss_der_wipe (der);
  return ok;
}

/* PFX ::= SEQUENCE { version 3, authSafe ContentInfo, macData OPTIONAL } */
gboolean
nss_pkcs12_read (NssBag *bag, NssDer pfx, GError **error)
{
  NssDer in = nss_der_enter (&pfx, NSS_DER_SEQUENCE);
  guint64 version = nss_der_uint (&in);
  NssDer info = nss_der_enter (&in, NSS_DER_SEQUENCE);
  NssDer oid = nss_der_enter (&info, NSS_DER_OID);
  NssDer tagged, content;

  if (oid.bad || version != 3)
    return set_damaged (error);
  if (!nss_der_is_oid (&oid, OID_DATA))
    return set_error (error, NSS_CREDENTIAL_ERROR_BAD_FILE,
                      N_ ("it is protected with a public key, not with a password"));
  tagged = nss_der_enter (&info, NSS_DER_CONTEXT_CONSTRUCTED (0));
  content = nss_der_enter (&tagged, NSS_DER_OCTET_STRING);
  if (content.bad)
    return set_damaged (error);
  if (in.len > 0)
    {
      NssDer mac = nss_der_enter (&in, NSS_DER_SEQUENCE);

      if (in.bad)
        return set_damaged (error);
      /* The MAC is over the octets of the content, whatever they hold. */
      if (!mac_check (mac, content, bag, error))
        return FALSE;
    }
  return authenticated_safe_read (bag, content, error);
}
