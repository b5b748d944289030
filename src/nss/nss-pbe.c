/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Password-based decryption: RFC 8018 (PKCS#5), RFC 7292 appendix B (PKCS#12), and the PEM encryption of RFC 1421 as
 * OpenSSL made it. NSS derives the keys (but for PBES1, see there) and decrypts; the parameters are read here first,
 * because an iteration count from a file must not decide how long we work (CVE-2026-78129).
 */
#include "nss-pbe.h"
#include "nss-cert-private.h"

#include <pk11pub.h>
#include <secasn1.h>
#include <secoid.h>

#include <string.h>

#define PBE_MAX_SALT 1024
#define PBE_MAX_KEY 64
#define PBE_MAX_PASSWORD 1024

#define OID_PKCS5(n)                                                                                                   \
 {                                                                                                                     \
  0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, n                                                                    \
 }
static const guint8 OID_PBES2[] = OID_PKCS5 (13);
static const guint8 OID_PBKDF2[] = OID_PKCS5 (12);
static const guint8 OID_PBES1_MD5_DES[] = OID_PKCS5 (3);
static const guint8 OID_PBES1_SHA1_DES[] = OID_PKCS5 (10);
/* 1.2.840.113549.1.12.1.n: 3 and 4 are 3DES, 5 and 6 RC2. */
static const guint8 OID_PKCS12_PBE[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01 };

gboolean
nss_pbe_spend (guint64 *budget, guint64 n, GError **error)
{
  if (n <= *budget)
    {
      *budget -= n;
      return TRUE;
    }
  g_set_error (error, NSS_CREDENTIAL_ERROR, NSS_CREDENTIAL_ERROR_BAD_FILE,
               "it asks for %" G_GUINT64_FORMAT " rounds of password hashing, more than the limit of %u", n,
               NSS_CREDENTIAL_MAX_ITERATIONS);
  return FALSE;
}

IkeSecret *
nss_pbe_bmp (const IkeSecret *password)
{
  const char *text = (const char *) ike_secret_data (password);
  gsize len = ike_secret_len (password);
  g_autofree gunichar2 *units = NULL;
  glong n = 0;
  IkeSecret *out;

  if (password == NULL)
    return ike_secret_new (0);
  if (len > PBE_MAX_PASSWORD || !g_utf8_validate (text, (gssize) len, NULL))
    return NULL;
  units = g_utf8_to_utf16 (text != NULL ? text : "", (glong) len, NULL, &n, NULL);
  if (units == NULL)
    return NULL;
  out = ike_secret_new ((gsize) n * 2 + 2);
  for (glong i = 0; i < n; i++)
    {
      ike_secret_data (out)[2 * i] = (guint8) (units[i] >> 8);
      ike_secret_data (out)[2 * i + 1] = (guint8) units[i];
    }
  explicit_bzero (units, (gsize) n * sizeof *units);
  return out;
}

static void
set_error (GError **error, NssCredentialError code, const char *text)
{
  g_set_error (error, NSS_CREDENTIAL_ERROR, (gint) code, "%s", text);
}

/* ---- parameters ---- */

/* PBKDF2-params ::= SEQUENCE { salt OCTET STRING, iterationCount, keyLength OPTIONAL, prf OPTIONAL } */
static gboolean
pbkdf2_check (NssDer algorithm, guint64 *ret_iterations, guint64 *ret_key_len)
{
  NssDer oid = nss_der_enter (&algorithm, NSS_DER_OID);
  NssDer parameters = nss_der_enter (&algorithm, NSS_DER_SEQUENCE);
  NssDer salt = nss_der_enter (&parameters, NSS_DER_OCTET_STRING);

  *ret_iterations = nss_der_uint (&parameters);
  *ret_key_len = nss_der_peek (&parameters) == NSS_DER_INTEGER ? nss_der_uint (&parameters) : 0;
  nss_der_skip_optional (&parameters, NSS_DER_SEQUENCE);
  return nss_der_is_oid (&oid, OID_PBKDF2) && nss_der_done (&parameters) && nss_der_done (&algorithm) && salt.len > 0 &&
         salt.len <= PBE_MAX_SALT && *ret_iterations > 0 && *ret_key_len <= PBE_MAX_KEY;
}

static gboolean
pbes2_check (NssDer parameters, guint64 *ret_iterations)
{
  NssDer kdf = nss_der_enter (&parameters, NSS_DER_SEQUENCE);
  NssDer cipher = nss_der_enter (&parameters, NSS_DER_SEQUENCE);
  guint64 key_len;

  return !cipher.bad && nss_der_done (&parameters) && pbkdf2_check (kdf, ret_iterations, &key_len);
}

/* PBEParameter ::= SEQUENCE { salt OCTET STRING, iterationCount INTEGER } */
static gboolean
pbe1_check (NssDer parameters, guint64 *ret_iterations)
{
  NssDer salt = nss_der_enter (&parameters, NSS_DER_OCTET_STRING);

  *ret_iterations = nss_der_uint (&parameters);
  return nss_der_done (&parameters) && salt.len > 0 && salt.len <= PBE_MAX_SALT && *ret_iterations > 0;
}

typedef enum {
  SCHEME_UNKNOWN,
  SCHEME_PBES2,
  SCHEME_PBES1,
  SCHEME_PKCS12,
} Scheme;

static Scheme
algorithm_check (NssDer algorithm, guint64 *ret_iterations)
{
  NssDer oid = nss_der_enter (&algorithm, NSS_DER_OID);
  NssDer parameters = nss_der_enter (&algorithm, NSS_DER_SEQUENCE);
  gsize prefix = sizeof OID_PKCS12_PBE;

  if (parameters.bad || !nss_der_done (&algorithm))
    return SCHEME_UNKNOWN;
  if (nss_der_is_oid (&oid, OID_PBES2))
    return pbes2_check (parameters, ret_iterations) ? SCHEME_PBES2 : SCHEME_UNKNOWN;
  if (nss_der_is_oid (&oid, OID_PBES1_MD5_DES) || nss_der_is_oid (&oid, OID_PBES1_SHA1_DES))
    return pbe1_check (parameters, ret_iterations) ? SCHEME_PBES1 : SCHEME_UNKNOWN;
  if (oid.len == prefix + 1 && memcmp (oid.data, OID_PKCS12_PBE, prefix) == 0 && oid.data[prefix] >= 3 &&
      oid.data[prefix] <= 6)
    return pbe1_check (parameters, ret_iterations) ? SCHEME_PKCS12 : SCHEME_UNKNOWN;
  return SCHEME_UNKNOWN;
}

/* ---- NSS ---- */

static SECItem
secret_item (const IkeSecret *secret)
{
  return (SECItem){ siBuffer, ike_secret_data (secret), (unsigned int) ike_secret_len (secret) };
}

/* CBC with PKCS#7 padding; NULL when the padding is wrong. */
static IkeSecret *
decrypt_padded (PK11SymKey *key, CK_MECHANISM_TYPE mechanism, SECItem *parameters, const guint8 *data, gsize len)
{
  g_autoptr (IkeSecret) out = ike_secret_new (len + 16);
  unsigned int made = 0;

  if (len > NSS_CREDENTIAL_MAX_FILE ||
      PK11_Decrypt (key, PK11_GetPadMechanism (mechanism), parameters, ike_secret_data (out), &made,
                    (unsigned int) ike_secret_len (out), data, (unsigned int) len) != SECSuccess)
    return NULL;
  return ike_secret_slice (out, 0, made);
}

static IkeSecret *
decrypt_with_key (CK_MECHANISM_TYPE mechanism, const IkeSecret *key_octets, SECItem *iv, const guint8 *data, gsize len)
{
  PK11SlotInfo *slot = PK11_GetInternalSlot ();
  SECItem item = secret_item (key_octets);
  PK11SymKey *key = NULL;
  IkeSecret *out = NULL;

  if (slot != NULL)
    key = PK11_ImportSymKey (slot, mechanism, PK11_OriginUnwrap, CKA_DECRYPT, &item, NULL);
  if (key != NULL)
    {
      out = decrypt_padded (key, mechanism, iv, data, len);
      PK11_FreeSymKey (key);
    }
  if (slot != NULL)
    PK11_FreeSlot (slot);
  return out;
}

/* PBES1, RFC 8018 section 6.1: PBKDF1 gives the key, then the IV. Not by NSS: it takes the IV from the end of the
 * SHA-1 digest, where RFC 8018 takes octets 8 to 15. */
static IkeSecret *
pbes1_decrypt (NssDer algorithm, NssDer cipher, const IkeSecret *password)
{
  NssDer oid = nss_der_enter (&algorithm, NSS_DER_OID);
  SECOidTag hash = nss_der_is_oid (&oid, OID_PBES1_MD5_DES) ? SEC_OID_MD5 : SEC_OID_SHA1;
  int digest_len = hash == SEC_OID_MD5 ? 16 : 20;
  NssDer parameters = nss_der_enter (&algorithm, NSS_DER_SEQUENCE);
  NssDer salt = nss_der_enter (&parameters, NSS_DER_OCTET_STRING);
  guint64 iterations = nss_der_uint (&parameters);
  gsize len = ike_secret_len (password);
  g_autoptr (IkeSecret) input = ike_secret_new (len + salt.len);
  g_autoptr (IkeSecret) digest = ike_secret_new (20);
  g_autoptr (IkeSecret) key = NULL;
  SECItem iv = { siBuffer, ike_secret_data (digest) + 8, 8 };

  if (len > 0)
    memcpy (ike_secret_data (input), ike_secret_data (password), len);
  memcpy (ike_secret_data (input) + len, salt.data, salt.len);
  if (PK11_HashBuf (hash, ike_secret_data (digest), ike_secret_data (input), (PRInt32) (len + salt.len)) != SECSuccess)
    return NULL;
  for (guint64 i = 1; i < iterations; i++)
    if (PK11_HashBuf (hash, ike_secret_data (digest), ike_secret_data (digest), digest_len) != SECSuccess)
      return NULL;
  key = ike_secret_slice (digest, 0, 8);
  return decrypt_with_key (CKM_DES_CBC, key, &iv, cipher.data, cipher.len);
}

/* @id is NSS's reading of the AlgorithmIdentifier that was checked. */
static IkeSecret *
pbe_decrypt_item (SECAlgorithmID *id, SECItem *password, NssDer cipher)
{
  PK11SlotInfo *slot = PK11_GetInternalSlot ();
  PK11SymKey *key = slot != NULL ? PK11_PBEKeyGen (slot, id, password, PR_FALSE, NULL) : NULL;
  SECItem *parameters = NULL;
  CK_MECHANISM_TYPE mechanism =
      key != NULL ? PK11_GetPBECryptoMechanism (id, &parameters, password) : CKM_INVALID_MECHANISM;
  IkeSecret *out = NULL;

  if (mechanism != CKM_INVALID_MECHANISM)
    out = decrypt_padded (key, mechanism, parameters, cipher.data, cipher.len);
  if (parameters != NULL)
    SECITEM_ZfreeItem (parameters, PR_TRUE);
  if (key != NULL)
    PK11_FreeSymKey (key);
  if (slot != NULL)
    PK11_FreeSlot (slot);
  return out;
}

/* The AlgorithmIdentifier with its header again, as NSS wants to decode it. */
static SECAlgorithmID *
algorithm_decode (NssDer algorithm, PLArenaPool *arena)
{
  g_autoptr (GByteArray) der = g_byte_array_new ();
  SECAlgorithmID *id = PORT_ArenaZAlloc (arena, sizeof *id);
  SECItem item = { siBuffer, NULL, 0 };
  SECItem *copy;

  nss_der_put (der, NSS_DER_SEQUENCE, algorithm.data, algorithm.len);
  item.data = der->data;
  item.len = der->len;
  /* SEC_QuickDERDecodeItem() borrows from its input. */
  copy = SECITEM_ArenaDupItem (arena, &item);
  if (id == NULL || copy == NULL ||
      SEC_QuickDERDecodeItem (arena, id, SEC_ASN1_GET (SECOID_AlgorithmIDTemplate), copy) != SECSuccess)
    return NULL;
  return id;
}

/* One try with the octets of @password. */
static IkeSecret *
decrypt_once (Scheme scheme, NssDer algorithm, NssDer cipher, const IkeSecret *password, NssPbeCheck check)
{
  SECItem item = secret_item (password);
  PLArenaPool *arena = PORT_NewArena (DER_DEFAULT_CHUNKSIZE);
  SECAlgorithmID *id = arena != NULL ? algorithm_decode (algorithm, arena) : NULL;
  g_autoptr (IkeSecret) plain = NULL;

  if (item.len > 2 * PBE_MAX_PASSWORD + 2)
    plain = NULL;
  else if (scheme == SCHEME_PBES1)
    plain = pbes1_decrypt (algorithm, cipher, password);
  else if (id != NULL)
    plain = pbe_decrypt_item (id, &item, cipher);
  if (arena != NULL)
    PORT_FreeArena (arena, PR_TRUE);
  return plain != NULL && check (plain) ? g_steal_pointer (&plain) : NULL;
}

IkeSecret *
nss_pbe_decrypt (NssDer algorithm, NssDer cipher, const IkeSecret *password, gboolean pkcs12, NssPbeCheck check,
                 guint64 *budget, GError **error)
{
  guint64 iterations = 0;
  Scheme scheme = algorithm_check (algorithm, &iterations);
  g_autoptr (IkeSecret) bmp = scheme == SCHEME_PKCS12 || pkcs12 ? nss_pbe_bmp (password) : NULL;
  IkeSecret *plain = NULL;

  if (scheme == SCHEME_UNKNOWN)
    {
      set_error (error, NSS_CREDENTIAL_ERROR_BAD_FILE, "it is encrypted in a way that is not supported");
      return NULL;
    }
  if (!nss_pbe_spend (budget, iterations, error))
    return NULL;
  if (scheme != SCHEME_PKCS12)
    plain = decrypt_once (scheme, algorithm, cipher, password, check);
  if (plain == NULL && bmp != NULL && (scheme == SCHEME_PKCS12 || nss_pbe_spend (budget, iterations, NULL)))
    plain = decrypt_once (scheme, algorithm, cipher, bmp, check);
  if (plain == NULL && password == NULL)
    set_error (error, NSS_CREDENTIAL_ERROR_NEED_PASSWORD, "it is encrypted and needs a password");
  else if (plain == NULL)
    set_error (error, NSS_CREDENTIAL_ERROR_BAD_PASSWORD, "the password is wrong");
  return plain;
}

IkeSecret *
nss_pbe_pbmac1 (NssDer kdf, NssDer pbmac1, const IkeSecret *password, guint64 *budget, GError **error)
{
  guint64 iterations = 0, key_len = 0;
  SECItem item = secret_item (password);
  PLArenaPool *arena;
  SECAlgorithmID *id;
  PK11SlotInfo *slot;
  PK11SymKey *key = NULL;
  IkeSecret *out = NULL;

  /* RFC 9579 section 5: the key length must be there. */
  if (!pbkdf2_check (kdf, &iterations, &key_len) || key_len == 0 || item.len > PBE_MAX_PASSWORD * 2 + 2)
    {
      set_error (error, NSS_CREDENTIAL_ERROR_BAD_FILE, "its integrity check is of an unsupported kind");
      return NULL;
    }
  if (!nss_pbe_spend (budget, iterations, error))
    return NULL;
  arena = PORT_NewArena (DER_DEFAULT_CHUNKSIZE);
  slot = PK11_GetInternalSlot ();
  id = arena != NULL ? algorithm_decode (pbmac1, arena) : NULL;
  if (id != NULL && slot != NULL)
    key = PK11_PBEKeyGen (slot, id, &item, PR_FALSE, NULL);
  if (key != NULL && PK11_ExtractKeyValue (key) == SECSuccess)
    out = ike_secret_new_from (PK11_GetKeyData (key)->data, PK11_GetKeyData (key)->len);
  if (key != NULL)
    PK11_FreeSymKey (key);
  if (slot != NULL)
    PK11_FreeSlot (slot);
  if (arena != NULL)
    PORT_FreeArena (arena, PR_TRUE);
  if (out == NULL)
    set_error (error, NSS_CREDENTIAL_ERROR_BAD_FILE, "its integrity check is of an unsupported kind");
  return out;
}

/* ---- PEM ---- */

static const struct {
  const char *name;
  CK_MECHANISM_TYPE mechanism;
  guint8 key, iv;
} pem_ciphers[] = {
  { "AES-256-CBC", CKM_AES_CBC, 32, 16 }, { "AES-192-CBC", CKM_AES_CBC, 24, 16 },
  { "AES-128-CBC", CKM_AES_CBC, 16, 16 }, { "DES-EDE3-CBC", CKM_DES3_CBC, 24, 8 },
  { "DES-CBC", CKM_DES_CBC, 8, 8 },
};

/* OpenSSL's EVP_BytesToKey with MD5 and one round: D_i = MD5 (D_(i-1) | password | first 8 octets of the IV). */
static gboolean
pem_key (const IkeSecret *password, const guint8 *iv, guint8 *out, gsize len)
{
  gsize password_len = ike_secret_len (password);
  g_autoptr (IkeSecret) input = ike_secret_new (16 + password_len + 8);
  guint8 digest[16], *data = ike_secret_data (input);
  gboolean ok = TRUE;

  if (password_len > 0)
    memcpy (data + 16, ike_secret_data (password), password_len);
  memcpy (data + 16 + password_len, iv, 8);
  for (gsize done = 0; ok && done < len; done += sizeof digest)
    {
      gsize skip = done == 0 ? 16 : 0;

      ok = PK11_HashBuf (SEC_OID_MD5, digest, data + skip, (PRInt32) (16 - skip + password_len + 8)) == SECSuccess;
      memcpy (data, digest, sizeof digest);
      memcpy (out + done, digest, MIN (sizeof digest, len - done));
    }
  explicit_bzero (digest, sizeof digest);
  return ok;
}

IkeSecret *
nss_pbe_decrypt_pem (const char *cipher, const guint8 *iv, gsize iv_len, const IkeSecret *data,
                     const IkeSecret *password, GError **error)
{
  gsize row = 0;
  SECItem parameters = { siBuffer, (unsigned char *) iv, (unsigned int) iv_len };
  g_autoptr (IkeSecret) key = NULL;
  IkeSecret *out = NULL;

  while (row < G_N_ELEMENTS (pem_ciphers) && g_ascii_strcasecmp (pem_ciphers[row].name, cipher) != 0)
    row++;
  if (row == G_N_ELEMENTS (pem_ciphers) || iv_len != pem_ciphers[row].iv ||
      ike_secret_len (password) > PBE_MAX_PASSWORD)
    {
      set_error (error, NSS_CREDENTIAL_ERROR_BAD_FILE, "it is encrypted in a way that is not supported");
      return NULL;
    }
  key = ike_secret_new (pem_ciphers[row].key);
  if (pem_key (password, iv, ike_secret_data (key), ike_secret_len (key)))
    out =
        decrypt_with_key (pem_ciphers[row].mechanism, key, &parameters, ike_secret_data (data), ike_secret_len (data));
  if (out == NULL)
    set_error (error, NSS_CREDENTIAL_ERROR_BAD_PASSWORD, "the password is wrong");
  return out;
}
