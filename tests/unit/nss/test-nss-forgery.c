/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What looks like a signature or a public key and is none: values cut, stretched, zero, not below the modulus; keys
 * that no honest authority certifies; and Bleichenbacher's forgeries, which are made here with the private key over
 * malformed encodings, so that only the encoding is wrong.
 */
#include "sign-test.h"
#include "nss-crypto.h"
#include "nss-der.h"
#include "nss-fips.h"
#include "nss-key-private.h"
#include "nss-spki.h"

#include <nss.h>
#include <pk11pub.h>

#include <string.h>

/* ---- RSA: what is no signature ---- */

/* The private operation on any block: a signature whose encoding is @block. */
static GBytes *
raw_sign (const NssKey *key, const guint8 *block, gsize len)
{
  guint8 out[256];
  unsigned int made_len = 0;

  g_assert_cmpint (PK11_PrivDecryptRaw (nss_key_nss (key), out, &made_len, sizeof out, block, (unsigned int) len), ==,
                   SECSuccess);
  return g_bytes_new (out, made_len);
}

static const guint8 digest_info_sha256[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                             0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };

typedef enum {
  FORGE_NOTHING,
  FORGE_GARBAGE_BEHIND, /* CVE-2006-4339, 2018-16152: short padding, garbage behind the hash */
  FORGE_GARBAGE_INSIDE, /* CVE-2018-16151: garbage in the AlgorithmIdentifier's parameters */
  FORGE_NO_PARAMETERS, /* CVE-2018-17540 family: the NULL is missing, padding fits */
  FORGE_LONG_LENGTH, /* BER length in the long form */
  FORGE_SHORT_HASH, /* CVE-2026-50722: the hash is cut */
  FORGE_EMPTY_HASH,
  FORGE_BARE_HASH, /* CVE-2026-50721: no DigestInfo at all */
  FORGE_BLOCK_TYPE_2,
  FORGE_BLOCK_TYPE_0,
  FORGE_NO_PADDING,
  FORGE_PADDING_NOT_FF,
  FORGE_NO_SEPARATOR,
  FORGE_OTHER_HASH_OID,
  FORGE_N
} Forgery;

static void
block_fill (guint8 block[256], const guint8 *info, gsize info_len, const guint8 *hash, gsize hash_len)
{
  gsize tail = info_len + hash_len;

  memset (block, 0xff, 256);
  block[0] = 0;
  block[1] = 1;
  block[256 - tail - 1] = 0;
  if (info_len > 0)
    memcpy (block + 256 - tail, info, info_len);
  memcpy (block + 256 - hash_len, hash, hash_len);
}

static void
block_forge (guint8 block[256], const guint8 hash[32], Forgery forgery)
{
  guint8 info[sizeof digest_info_sha256 + 80];
  gsize len = sizeof digest_info_sha256;

  memcpy (info, digest_info_sha256, len);
  block_fill (block, info, len, hash, 32);
  switch (forgery)
    {
    case FORGE_NOTHING:
    case FORGE_N:
      return;
    case FORGE_GARBAGE_BEHIND:
      memset (block, 0xa5, 256);
      memcpy (block, "\0\1\xff\xff\xff\xff\xff\xff\xff\xff\0", 11);
      memcpy (block + 11, info, len);
      memcpy (block + 11 + len, hash, 32);
      return;
    case FORGE_GARBAGE_INSIDE:
      memmove (info + 17 + 60, info + 17, len - 17);
      memset (info + 17, 0xa5, 60);
      info[1] += 60;
      info[3] += 60;
      info[15] = 0x04;
      info[16] = 60;
      block_fill (block, info, len + 60, hash, 32);
      return;
    case FORGE_NO_PARAMETERS:
      memmove (info + 15, info + 17, len - 17);
      info[1] -= 2;
      info[3] -= 2;
      block_fill (block, info, len - 2, hash, 32);
      return;
    case FORGE_LONG_LENGTH:
      memmove (info + 2, info + 1, len - 1);
      info[1] = 0x81;
      block_fill (block, info, len + 1, hash, 32);
      return;
    case FORGE_SHORT_HASH:
      info[len - 1] = 16;
      info[1] -= 16;
      block_fill (block, info, len, hash, 16);
      return;
    case FORGE_EMPTY_HASH:
      info[len - 1] = 0;
      info[1] -= 32;
      block_fill (block, info, len, hash, 0);
      return;
    case FORGE_BARE_HASH:
      block_fill (block, NULL, 0, hash, 32);
      return;
    case FORGE_BLOCK_TYPE_2:
      block[1] = 2;
      return;
    case FORGE_BLOCK_TYPE_0:
      block[1] = 0;
      return;
    case FORGE_NO_PADDING:
      memset (block, 0, 256 - len - 32);
      return;
    case FORGE_PADDING_NOT_FF:
      block[100] = 0xfe;
      return;
    case FORGE_NO_SEPARATOR:
      block[256 - len - 32 - 1] = 0xff;
      return;
    case FORGE_OTHER_HASH_OID:
      /* says SHA-512/256 */
      block[256 - 32 - 5] = 0x06;
      return;
    }
}

/* Each by each of two keys: with the exponent 3 most of them need no private key. */
static const struct {
  const char *name;
  Forgery forgery;
} forgeries[] = { { "none", FORGE_NOTHING },
                  { "cve-2018-16152-garbage-behind", FORGE_GARBAGE_BEHIND },
                  { "cve-2018-16151-garbage-inside", FORGE_GARBAGE_INSIDE },
                  { "cve-2018-17540-no-parameters", FORGE_NO_PARAMETERS },
                  { "long-length", FORGE_LONG_LENGTH },
                  { "cve-2026-50722-short-hash", FORGE_SHORT_HASH },
                  { "cve-2026-50722-empty-hash", FORGE_EMPTY_HASH },
                  { "cve-2026-50721-bare-hash", FORGE_BARE_HASH },
                  { "block-type-2", FORGE_BLOCK_TYPE_2 },
                  { "block-type-0", FORGE_BLOCK_TYPE_0 },
                  { "cve-2018-15836-no-padding", FORGE_NO_PADDING },
                  { "cve-2018-15836-padding-not-ff", FORGE_PADDING_NOT_FF },
                  { "cve-2018-15836-no-separator", FORGE_NO_SEPARATOR },
                  { "other-hash", FORGE_OTHER_HASH_OID } };

static void
test_forgery (gconstpointer data)
{
  static const char *const names[] = { "rsa", "rsae3" };
  const Forgery forgery = (Forgery) GPOINTER_TO_INT (data);
  g_autoptr (GBytes) octets = fixture ("octets");
  const IkeSigScheme *scheme = scheme_find (IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE),
                     *method_1 = scheme_find (IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA1, FALSE);
  guint8 hash[32], block[256];

  g_assert_cmpint (PK11_HashBuf (SEC_OID_SHA256, hash, g_bytes_get_data (octets, NULL),
                                 (PRInt32) g_bytes_get_size (octets)),
                   ==, SECSuccess);
  for (gsize k = 0; k < G_N_ELEMENTS (names); k++)
    {
      g_autoptr (NssKey) key = key_load (names[k]);
      g_autoptr (GBytes) public_key = spki_load (names[k]), signature = NULL;

      block_forge (block, hash, forgery);
      signature = raw_sign (key, block, sizeof block);
      g_assert_cmpint (nss_verify (public_key, scheme, octets, signature), ==, forgery == FORGE_NOTHING);
      g_assert_cmpint (nss_verify (public_key, method_1, octets, signature), ==, forgery == FORGE_NOTHING);
    }
}

/* cve-2012-2388, cve-2017-11185, cve-2026-50722: 0, 1, n-1, n, n+2, one octet more or less, nothing: refused, and no crash. */
static void
test_extreme_values (void)
{
  static const char *const names[] = { "rsa", "rsae3" };
  g_autoptr (GBytes) octets = fixture ("octets");
  const IkeSigScheme *scheme;

  for (gsize k = 0; k < G_N_ELEMENTS (names); k++)
    {
      g_autoptr (GBytes) public_key = spki_load (names[k]);
      guint8 value[300] = { 0 };
      NssSpki spki;

      g_assert_true (nss_spki_parse (nss_der_bytes (public_key), &spki));
      for (guint i = 0; (scheme = ike_sig_scheme_at (i)) != NULL; i++)
        {
          if (!(scheme->keys & 1u << IKE_KEY_RSA))
            continue;
          memset (value, 0, sizeof value);
          for (gsize len = 0; len <= sizeof value; len += 1 + (len < 200 ? 7 : 0))
            g_assert_false (verify_octets (public_key, scheme, octets, value, len));
          value[255] = 1;
          g_assert_false (verify_octets (public_key, scheme, octets, value, 256));
          memcpy (value, spki.modulus.data, 256);
          g_assert_false (verify_octets (public_key, scheme, octets, value, 256));
          value[255] -= 1;
          g_assert_false (verify_octets (public_key, scheme, octets, value, 256));
          value[255] += 3;
          g_assert_false (verify_octets (public_key, scheme, octets, value, 256));
          memset (value, 0xff, sizeof value);
          g_assert_false (verify_octets (public_key, scheme, octets, value, 256));
        }
    }
}

/* A good signature plus the modulus, or with a zero in front, is another number or another length. */
static void
test_leading_zero (void)
{
  g_autoptr (GBytes) octets = fixture ("octets");
  g_autoptr (GBytes) public_key = spki_load ("rsa");
  g_autoptr (GBytes) good = fixture ("rsa-sha256.sig");
  const IkeSigScheme *scheme = scheme_find (IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE);
  guint8 longer[258] = { 0 };

  memcpy (longer + 1, g_bytes_get_data (good, NULL), 256);
  g_assert_true (verify_octets (public_key, scheme, octets, longer + 1, 256));
  g_assert_false (verify_octets (public_key, scheme, octets, longer, 257));
  g_assert_false (verify_octets (public_key, scheme, octets, longer + 1, 257));
}

/* ---- bad public keys ---- */

static GBytes *
rsa_spki (const guint8 *modulus, gsize modulus_len, const guint8 *exponent, gsize exponent_len)
{
  static const guint8 algorithm[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                      0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
  static const guint8 zero;
  g_autoptr (GByteArray) numbers = g_byte_array_new ();
  g_autoptr (GByteArray) key = g_byte_array_new ();
  g_autoptr (GByteArray) body = g_byte_array_new ();
  GByteArray *out = g_byte_array_new ();

  nss_der_put (numbers, NSS_DER_INTEGER, modulus, modulus_len);
  nss_der_put (numbers, NSS_DER_INTEGER, exponent, exponent_len);
  g_byte_array_append (key, &zero, 1);
  nss_der_put (key, NSS_DER_SEQUENCE, numbers->data, numbers->len);
  g_byte_array_append (body, algorithm, sizeof algorithm);
  nss_der_put (body, NSS_DER_BIT_STRING, key->data, key->len);
  nss_der_put (out, NSS_DER_SEQUENCE, body->data, body->len);
  return g_byte_array_free_to_bytes (out);
}

/* cve-2017-9022-rsa-exponent, cve-2017-11185: 0, 1, 2, even, huge exponents; even and zero moduli. */
static void
test_bad_public_keys (void)
{
  static const guint8 e0[] = { 0 }, e1[] = { 1 }, e2[] = { 2 }, e4[] = { 1, 0, 0 }, e3[] = { 3 }, minus[] = { 0xff };
  g_autoptr (GBytes) octets = fixture ("octets");
  g_autoptr (GBytes) signature = fixture ("rsa-sha256.sig");
  const IkeSigScheme *scheme = scheme_find (IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE);
  guint8 n[257] = { 0, 0xc0 }, even[257] = { 0, 0xc0 }, huge[257] = { 0, 0x80 };
  const struct {
    const guint8 *n;
    gsize n_len;
    const guint8 *e;
    gsize e_len;
    gboolean good;
  } rows[] = {
    { n, sizeof n, e3, 1, TRUE },
    { n, sizeof n, e0, 1 },
    { n, sizeof n, e1, 1 },
    { n, sizeof n, e2, 1 },
    { n, sizeof n, e4, 3 },
    { n, sizeof n, minus, 1 },
    { n, sizeof n, huge, sizeof huge },
    { n, sizeof n, n, sizeof n },
    { n, sizeof n, huge, 34 },
    { even, sizeof even, e3, 1 },
    { e0, 1, e3, 1 },
    { e1, 1, e3, 1 },
    { e3, 1, e3, 1 },
    { n + 1, sizeof n - 1, e3, 1 },
    { n, 0, e3, 1 },
    { n, sizeof n, e3, 0 },
  };

  n[256] = 1;
  huge[256] = 1;
  huge[33] |= 1;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) spki = rsa_spki (rows[i].n, rows[i].n_len, rows[i].e, rows[i].e_len);
      NssSpki parsed;

      g_assert_cmpint (nss_spki_parse (nss_der_bytes (spki), &parsed), ==, rows[i].good);
      g_assert_false (nss_verify (spki, scheme, octets, signature));
    }
}

/* cve-2026-14957: the same where only FIPS's algorithms are left, where another engine took a bad key for its own mistake. The
 * mode is that of a process. */
static void
test_bad_public_keys_fips (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (GError) error = NULL;
      const IkeCrypto *crypto;

      g_setenv (NSS_FIPS_VARIABLE, "1", TRUE);
      crypto = nss_crypto_get (&error);
      g_assert_no_error (error);
      g_assert_true (crypto->fips);
      test_bad_public_keys ();
      test_extreme_values ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

/* EC points: not on the curve, at infinity, compressed, too short, too long. */
static void
test_bad_points (void)
{
  g_autoptr (GBytes) octets = fixture ("octets");
  g_autoptr (GBytes) signature = fixture ("p256.sig");
  g_autoptr (GBytes) public_key = spki_load ("p256");
  gsize size = g_bytes_get_size (public_key);
  const guint8 *data = g_bytes_get_data (public_key, NULL);
  const IkeSigScheme *scheme = scheme_find (IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_P256, IKE_HASH_SHA2_256, FALSE);

  g_assert_true (nss_verify (public_key, scheme, octets, signature));
  for (gsize at = 0; at < size; at++)
    {
      g_autoptr (GBytes) bad = bytes_patch (public_key, at, data[at] ^ 1);
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (public_key, 0, at);

      g_assert_false (nss_verify (bad, scheme, octets, signature));
      g_assert_false (nss_verify (cut, scheme, octets, signature));
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (NSS_NoDB_Init (NULL), ==, SECSuccess);
  for (gsize i = 0; i < G_N_ELEMENTS (forgeries); i++)
    {
      g_autofree char *path = g_strconcat ("/forgery/", forgeries[i].name, NULL);

      g_test_add_data_func (path, GINT_TO_POINTER (forgeries[i].forgery), test_forgery);
    }
  g_assert_cmpuint (G_N_ELEMENTS (forgeries), ==, FORGE_N);
  g_test_add_func ("/forgery/cve-2012-2388-cve-2017-11185-extreme-values", test_extreme_values);
  g_test_add_func ("/forgery/a zero in front", test_leading_zero);
  g_test_add_func ("/forgery/cve-2017-9022-bad-public-keys", test_bad_public_keys);
  g_test_add_func ("/forgery/cve-2026-14957-fips-bad-rsa-pubkey", test_bad_public_keys_fips);
  g_test_add_func ("/forgery/points that are none", test_bad_points);
  status = g_test_run ();
  g_assert_cmpint (NSS_Shutdown (), ==, SECSuccess);
  return status;
}
