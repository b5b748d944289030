/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signature schemes: what we send is RFC 7427 appendix A; what we choose; what a peer must not get away with. */
#include "crypto/auth-announce.h"
#include "crypto-test.h"
#include "crypto/sig-scheme.h"

static const IkeSigScheme *
parse (guint8 method, const char *algorithm_hex, const char *signature)
{
  g_autoptr (GBytes) algorithm = test_hex (algorithm_hex);
  IkeAuthPayload auth = { .method = method,
                          .data = ike_chunk (signature, strlen (signature)),
                          .algorithm = ike_chunk_bytes (algorithm) };

  return ike_sig_scheme_of (&auth, FALSE);
}

static const char *
parsed_name (const char *algorithm_hex)
{
  const IkeSigScheme *scheme = parse (IKE_AUTH_METHOD_SIGNATURE, algorithm_hex, "s");

  return scheme ? scheme->name : NULL;
}

/* RFC 7427 appendix A.1, A.3, A.4.3; RFC 8420 appendix A */
static const struct {
  const char *name, *der;
} identifiers[] = {
  { "RSA PKCS#1 v1.5 with SHA-1", "300d 0609 2a86 4886 f70d 0101 0505 00" },
  { "RSA PKCS#1 v1.5 with SHA-256", "300d 0609 2a86 4886 f70d 0101 0b05 00" },
  { "RSA PKCS#1 v1.5 with SHA-384", "300d 0609 2a86 4886 f70d 0101 0c05 00" },
  { "RSA PKCS#1 v1.5 with SHA-512", "300d 0609 2a86 4886 f70d 0101 0d05 00" },
  { "ECDSA with SHA-1", "3009 0607 2a86 48ce 3d04 01" },
  { "ECDSA with SHA-256", "300a 0608 2a86 48ce 3d04 0302" },
  { "ECDSA with SHA-384", "300a 0608 2a86 48ce 3d04 0303" },
  { "ECDSA with SHA-512", "300a 0608 2a86 48ce 3d04 0304" },
  { "RSASSA-PSS with SHA-256",
    /* (without the appendix's trailerField: DER leaves a default out) */
    "3041 0609 2a86 4886 f70d 0101 0a30 34a0 0f30 0d06 0960 8648 0165 0304 0201 0500 a11c 301a 0609 2a86 4886 f70d 0101"
    "0830 0d06 0960 8648 0165 0304 0201 0500 a203 0201 20" },
  { "Ed25519", "3005 0603 2b65 70" },
  /* RFC 9881 */
  { "ML-DSA-44", "300b 0609 6086 4801 6503 0403 11" },
  { "ML-DSA-65", "300b 0609 6086 4801 6503 0403 12" },
  { "ML-DSA-87", "300b 0609 6086 4801 6503 0403 13" },
};

static void
test_appendix (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (identifiers); i++)
    {
      const IkeSigScheme *scheme = parse (IKE_AUTH_METHOD_SIGNATURE, identifiers[i].der, "s");

      g_assert_nonnull (scheme);
      g_assert_cmpstr (scheme->name, ==, identifiers[i].name);
      test_assert_hex (scheme->der, scheme->der_len, identifiers[i].der);
    }
}

/* Every row of method 14 reads back as itself; its parts fit together. */
static void
test_rows (void)
{
  const IkeSigScheme *scheme;

  for (guint i = 0; (scheme = ike_sig_scheme_at (i)); i++)
    {
      IkeAuthPayload auth = ike_sig_scheme_auth (scheme, ike_chunk ("sig", 3));

      g_assert_true (ike_sig_scheme_of (&auth, scheme->weak) == scheme);
      g_assert_true (scheme->method == IKE_AUTH_METHOD_RSA || ike_sig_scheme_of (&auth, !scheme->weak) == scheme);
      g_assert_cmpuint (auth.method, ==, scheme->method);
      g_assert_cmpint (scheme->der != NULL, ==, scheme->method == IKE_AUTH_METHOD_SIGNATURE);
      g_assert_cmpint (scheme->weak, ==, scheme->hash == IKE_HASH_SHA1);
      g_assert_cmpint (scheme->raw_ecdsa, ==, scheme->method >= 9 && scheme->method <= 11);
      if (scheme->der)
        g_assert_cmpuint (scheme->der[1], ==, scheme->der_len - 2);
      g_assert_cmpint (ike_sig_scheme_allowed (scheme, FALSE, FALSE), ==, !scheme->weak);
      g_assert_cmpint (ike_sig_scheme_allowed (scheme, FALSE, TRUE), ==, scheme->fips);
      g_assert_cmpint (ike_sig_scheme_allowed (scheme, TRUE, FALSE), ==,
                       !scheme->weak || scheme->keys == 1u << IKE_KEY_RSA);
      auth.data.len = 0;
      g_assert_null (ike_sig_scheme_of (&auth, FALSE)); /* row 9: an empty signature */
    }
}

static void
test_methods (void)
{
  g_assert_nonnull (parse (IKE_AUTH_METHOD_RSA, NULL, "s"));
  g_assert_nonnull (parse (IKE_AUTH_METHOD_ECDSA_521, NULL, "s"));
  g_assert_null (parse (IKE_AUTH_METHOD_SHARED_KEY, NULL, "s"));
  g_assert_null (parse (IKE_AUTH_METHOD_NULL, NULL, "s"));
  g_assert_null (parse (IKE_AUTH_METHOD_DSS, NULL, "s"));
  g_assert_null (parse (0, NULL, "s"));
  g_assert_null (parse (255, NULL, "s"));
}

/* Other spellings of the same PSS parameters: RFC 7427 appendix A.4.3 with its trailerField, hash without NULL
 * (RFC 4055). */
static void
test_pss_spellings (void)
{
  g_assert_cmpstr (parsed_name ("3046 06092a864886f70d01010a 3039 a00f 300d 0609608648016503040201 0500 a11c 301a"
                                "06092a864886f70d010108 300d 0609608648016503040201 0500 a203 020120 a303 020101"),
                   ==, "RSASSA-PSS with SHA-256");
  g_assert_cmpstr (parsed_name ("303d 06092a864886f70d01010a 3030 a00d 300b 0609608648016503040203"
                                "a11a 3018 06092a864886f70d010108 300b 0609608648016503040203 a203 020140"),
                   ==, "RSASSA-PSS with SHA-512");
}

/* RFC 4055 section 5: the parameters of PKCS#1, which must be NULL, are not insisted on. */
static void
test_without_null (void)
{
  static const char *const hashes[] = { "1", "256", "384", "512" };

  for (guint i = 0; i < G_N_ELEMENTS (hashes); i++)
    {
      g_autofree char *der = g_strdup_printf ("300b 06092a864886f70d0101%02x", i ? 10 + i : 5);
      g_autofree char *name = g_strdup_printf ("RSA PKCS#1 v1.5 with SHA-%s", hashes[i]);

      g_assert_cmpstr (parsed_name (der), ==, name);
    }
}

/* CVE checklist row 11: each of them was once believed by somebody, or crashed him. */
static const struct {
  const char *what, *der;
} forgeries[] = {
  { "nothing", "" },
  { "no parameters", "300b 06092a864886f70d01010a" },
  { "NULL parameters", "300d 06092a864886f70d01010a 0500" },
  { "empty parameters, which mean SHA-1", "300d 06092a864886f70d01010a 3000" },
  { "the defaults in full",
    "303e 06092a864886f70d01010a 3031 a00b 3009 06052b0e03021a 0500 a118 3016 06092a864886f70d010108"
    "3009 06052b0e03021a 0500 a203 020114 a303 020101" },
  { "no mask generation", "3023 06092a864886f70d01010a 3016 a00f 300d 0609608648016503040201 0500 a203 020120" },
  { "no hash", "3030 06092a864886f70d01010a 3023 a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500"
               "a203 020120" },
  { "no salt length", "303c 06092a864886f70d01010a 302f a00f 300d 0609608648016503040201 0500"
                      "a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500" },
  { "salt 0", "3041 06092a864886f70d01010a 3034 a00f 300d 0609608648016503040201 0500"
              "a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500 a203 020100" },
  { "salt 31", "3041 06092a864886f70d01010a 3034 a00f 300d 0609608648016503040201 0500"
               "a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500 a203 02011f" },
  { "salt -1", "3041 06092a864886f70d01010a 3034 a00f 300d 0609608648016503040201 0500"
               "a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500 a203 0201ff" },
  { "salt 2^31", "3045 06092a864886f70d01010a 3038 a00f 300d 0609608648016503040201 0500"
                 "a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500 a207 02050080000000" },
  { "salt in two octets", "3042 06092a864886f70d01010a 3035 a00f 300d 0609608648016503040201 0500"
                          "a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500 a204 02020020" },
  { "salt without octets", "3040 06092a864886f70d01010a 3033 a00f 300d 0609608648016503040201 0500"
                           "a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500 a202 0200" },
  { "trailer 2", "3046 06092a864886f70d01010a 3039 a00f 300d 0609608648016503040201 0500"
                 "a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500 a203 020120 a303 020102" },
  { "mask with another hash", "3046 06092a864886f70d01010a 3039 a00f 300d 0609608648016503040201 0500"
                              "a11c 301a 06092a864886f70d010108 300d 0609608648016503040202 0500 a203 020120"
                              "a303 020101" },
  { "another mask function", "3041 06092a864886f70d01010a 3034 a00f 300d 0609608648016503040201 0500"
                             "a11c 301a 06092a864886f70d010109 300d 0609608648016503040201 0500 a203 020120" },
  { "something after the trailer", "3048 06092a864886f70d01010a 303b a00f 300d 0609608648016503040201 0500"
                                   "a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500 a203 020120"
                                   "a303 020101 0500" },
  { "something after the sequence",
    "3041 06092a864886f70d01010a 3034 a00f 300d 0609608648016503040201 0500"
    "a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500 a203 020120 00" },
  { "hash parameters that are no NULL", "3042 06092a864886f70d01010a 3035 a010 300e 0609608648016503040201 050100"
                                        "a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500"
                                        "a203 020120" },
  { "a length in long form", "308141 06092a864886f70d01010a 3034 a00f 300d 0609608648016503040201 0500"
                             "a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500 a203 020120" },
  { "a length of more than there is",
    "3041 06092a864886f70d01010a 3034 a00f 300d 0609608648016503040201 0500"
    "a11c 301a 06092a864886f70d010108 300d 0609608648016503040201 0500 a203 0202 20" },
  { "an indefinite length", "3080 06092a864886f70d01010a 0000" },
  { "a huge length", "3084ffffffff 06092a864886f70d01010a" },
  { "RSA with something else than NULL", "300d 06092a864886f70d01010b 0501" },
  { "RSA with an empty sequence", "300d 06092a864886f70d01010b 3000" },
  { "RSA without NULL, which is counted", "300d 06092a864886f70d01010b" },
  { "RSA without NULL, which is not counted", "300b 06092a864886f70d01010b 0500" },
  { "PSS without parameters", "300b 06092a864886f70d01010a" },
  { "RSA with other parameters", "300f 06092a864886f70d01010b 04020000" },
  { "RSA with MD5", "300d 06092a864886f70d010104 0500" },
  { "rsaEncryption", "300d 06092a864886f70d010101 0500" },
  { "ECDSA with NULL", "300c 06082a8648ce3d040302 0500" },
  { "ECDSA with SHA-224", "300a 06082a8648ce3d040301" },
  { "Ed448", "3005 06032b6571" },
  { "DSA", "300b 0609608648016503040302" },
  { "an OID without octets", "3002 0600" },
};

static void
test_forgeries (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forgeries); i++)
    {
      const char *name = parsed_name (forgeries[i].der);

      if (name)
        g_error ("%s was taken for %s", forgeries[i].what, name);
    }
}

/* Cut anywhere, none of the good ones is anything. */
static void
test_truncation (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (identifiers); i++)
    {
      g_autoptr (GBytes) whole = test_hex (identifiers[i].der);

      for (gsize len = 0; len < g_bytes_get_size (whole); len++)
        {
          g_autofree guint8 *part = g_memdup2 (g_bytes_get_data (whole, NULL), len);
          IkeAuthPayload auth = { IKE_AUTH_METHOD_SIGNATURE, ike_chunk ("s", 1), ike_chunk (part, len) };

          g_assert_null (ike_sig_scheme_of (&auth, FALSE));
        }
    }
}

#define SHA1 (1u << IKE_HASH_SHA1)
#define SHA256 (1u << IKE_HASH_SHA2_256)
#define SHA384 (1u << IKE_HASH_SHA2_384)
#define SHA512 (1u << IKE_HASH_SHA2_512)
#define IDENTITY (1u << IKE_HASH_IDENTITY)
#define ALL (SHA1 | SHA256 | SHA384 | SHA512 | IDENTITY)

static const struct {
  IkeSigKey key;
  guint peer;
  const char *name;
} choices[] = {
  { { IKE_KEY_RSA, 2048, TRUE, FALSE }, ALL, "RSASSA-PSS with SHA-256" },
  { { IKE_KEY_RSA, 4096, TRUE, FALSE }, ALL, "RSASSA-PSS with SHA-384" },
  { { IKE_KEY_RSA, 8192, TRUE, FALSE }, ALL, "RSASSA-PSS with SHA-512" },
  { { IKE_KEY_RSA, 2048, TRUE, FALSE }, SHA1 | SHA512, "RSASSA-PSS with SHA-512" },
  { { IKE_KEY_RSA, 1024, TRUE, FALSE }, SHA512, "RSA PKCS#1 v1.5 with SHA-512" }, /* no room for PSS */
  { { IKE_KEY_RSA, 2048, FALSE, FALSE }, ALL, "RSA PKCS#1 v1.5 with SHA-256" },
  { { IKE_KEY_RSA, 4096, FALSE, FALSE }, SHA256, "RSA PKCS#1 v1.5 with SHA-256" },
  { { IKE_KEY_RSA, 2048, TRUE, FALSE }, SHA1, NULL },
  { { IKE_KEY_RSA, 2048, TRUE, TRUE }, SHA1, "RSA PKCS#1 v1.5 with SHA-1" },
  { { IKE_KEY_RSA, 2048, TRUE, TRUE }, ALL, "RSASSA-PSS with SHA-256" },
  { { IKE_KEY_RSA, 2048, TRUE, FALSE }, 0, NULL },
  { { IKE_KEY_RSA, 2048, TRUE, TRUE }, 0, "RSA with SHA-1 (method 1)" },
  { { IKE_KEY_RSA, 2048, TRUE, TRUE, TRUE }, 0, NULL },
  { { IKE_KEY_P256, 256, FALSE, TRUE }, SHA1, NULL }, /* the word is of RSA */
  { { IKE_KEY_RSA, 2048, TRUE, TRUE }, IDENTITY, NULL },
  { { IKE_KEY_P256, 256, FALSE, FALSE }, ALL, "ECDSA with SHA-256" },
  { { IKE_KEY_P384, 384, FALSE, FALSE }, ALL, "ECDSA with SHA-384" },
  { { IKE_KEY_P521, 521, FALSE, FALSE }, ALL, "ECDSA with SHA-512" },
  { { IKE_KEY_P521, 521, FALSE, FALSE }, SHA256, "ECDSA with SHA-256" },
  { { IKE_KEY_P256, 256, FALSE, FALSE }, 0, "ECDSA P-256 with SHA-256 (method 9)" },
  { { IKE_KEY_P384, 384, FALSE, FALSE }, 0, "ECDSA P-384 with SHA-384 (method 10)" },
  { { IKE_KEY_P521, 521, FALSE, FALSE }, 0, "ECDSA P-521 with SHA-512 (method 11)" },
  { { IKE_KEY_ED25519, 255, FALSE, FALSE }, ALL, "Ed25519" },
  { { IKE_KEY_ED25519, 255, FALSE, FALSE }, SHA256 | SHA384 | SHA512, NULL }, /* RFC 8420: only with IDENTITY */
  { { IKE_KEY_ED25519, 255, FALSE, FALSE }, 0, NULL },
  { { IKE_KEY_ML_DSA_44, 10496 }, ALL, "ML-DSA-44" },
  { { IKE_KEY_ML_DSA_65, 15616 }, IDENTITY, "ML-DSA-65" },
  { { IKE_KEY_ML_DSA_87, 20736 }, ALL, "ML-DSA-87" },
  { { IKE_KEY_ML_DSA_87, 20736 }, SHA256 | SHA384 | SHA512, NULL },
  { { IKE_KEY_ML_DSA_87, 20736 }, 0, NULL },
  { { IKE_KEY_NONE, 0, FALSE, TRUE }, ALL, NULL },
  { { IKE_KEY_NONE, 0, FALSE, TRUE }, 0, NULL },
};

static void
test_choose (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      const IkeSigScheme *scheme = ike_sig_scheme_choose (&choices[i].key, choices[i].peer, 0);

      g_assert_cmpstr (scheme ? scheme->name : NULL, ==, choices[i].name);
    }
}

static gboolean
verifies_all (const IkeCrypto *self, const IkeSigScheme *scheme)
{
  return !self->fips || scheme->fips;
}

static gboolean
verifies_digests (const IkeCrypto *self, const IkeSigScheme *scheme)
{
  return scheme->hash != IKE_HASH_IDENTITY;
}

static gboolean
verifies_ml_dsa (const IkeCrypto *self, const IkeSigScheme *scheme)
{
  return verifies_digests (self, scheme) || scheme->keys == 1u << IKE_KEY_ML_DSA_65;
}

static const IkeCrypto able = { .verifies = verifies_all }, approved = { .verifies = verifies_all, .fips = TRUE },
                       old = { .verifies = verifies_digests }, only_ml_dsa = { .verifies = verifies_ml_dsa };

/* IDENTITY only where Ed25519 or ML-DSA is possible (RFC 8420 section 3); never SHA-1. */
static void
test_offer (void)
{
  const IkeCrypto *tables[] = { &able, &only_ml_dsa, &approved, &old };
  const IkeHashId wanted[] = { IKE_HASH_SHA2_256, IKE_HASH_SHA2_384, IKE_HASH_SHA2_512, IKE_HASH_IDENTITY };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      IkeHashId hashes[IKE_SIG_MAX_HASHES];
      guint n = ike_sig_hashes_offered (tables[i], hashes);

      g_assert_cmpmem (hashes, n * sizeof *hashes, wanted, (i > 1 ? 3 : 4) * sizeof *wanted);
    }
}

/* ---- RFC 9593 ---- */

static IkeAnnounced
announced_of (IkeAuth remote_auth, gboolean rsa_sha1, const IkeCrypto *crypto)
{
  g_auto (IkeWriter) writer = IKE_WRITER (1024);
  IkeAnnounced ret;

  ike_announced_write (&writer, remote_auth, rsa_sha1, crypto);
  g_assert_true (ike_announced_parse (ike_writer_chunk (&writer), &ret));
  return ret;
}

static void
test_announce (void)
{
  const IkeSigScheme *scheme;
  IkeAnnounced all = announced_of (IKE_AUTH_SIGNATURE, TRUE, &able),
               strong = announced_of (IKE_AUTH_SIGNATURE, FALSE, &able),
               fips = announced_of (IKE_AUTH_SIGNATURE, TRUE, &approved),
               psk = announced_of (IKE_AUTH_PSK, FALSE, &able),
               no_eddsa = announced_of (IKE_AUTH_SIGNATURE, FALSE, &old),
               null = announced_of (IKE_AUTH_NULL, FALSE, &able), none = { 0 };
  g_auto (IkeWriter) writer = IKE_WRITER (1024);

  /* what is written for each row is read as that row */
  for (guint i = 0; (scheme = ike_sig_scheme_at (i)); i++)
    {
      gboolean ecdsa_sha1 = scheme->weak && scheme->keys != 1u << IKE_KEY_RSA,
               rsa = scheme->method == IKE_AUTH_METHOD_RSA;

      /* method 1 is one word for both of its rows, and stands for SHA-1 */
      g_assert_cmpint ((all.schemes & 1u << i) != 0, ==, !ecdsa_sha1);
      g_assert_cmpint ((strong.schemes & 1u << i) != 0, ==, !scheme->weak && !rsa);
      g_assert_cmpint ((fips.schemes & 1u << i) != 0, ==, scheme->fips && !rsa);
      g_assert_cmpint (ike_announced_has_scheme (&fips, scheme), ==, (fips.schemes & 1u << i) != 0);
      g_assert_cmpint ((no_eddsa.schemes & 1u << i) != 0, ==,
                       (strong.schemes & 1u << i) != 0 && scheme->hash != IKE_HASH_IDENTITY);
    }
  g_assert_true (psk.shared_key && !psk.null && !psk.schemes && null.null && !null.shared_key && !null.schemes);
  g_assert_true (ike_announced_has (&psk, IKE_AUTH_PSK) && !ike_announced_has (&psk, IKE_AUTH_SIGNATURE) &&
                 !ike_announced_has (&psk, IKE_AUTH_NULL) && ike_announced_has (&strong, IKE_AUTH_SIGNATURE) &&
                 !ike_announced_has (&strong, IKE_AUTH_PSK) && ike_announced_has (&psk, IKE_AUTH_EAP));
  g_assert_true (ike_announced_has (&none, IKE_AUTH_PSK) && ike_announced_has (&none, IKE_AUTH_SIGNATURE));
  ike_announced_write (&writer, IKE_AUTH_EAP, TRUE, &able);
  g_assert_cmpuint (ike_writer_len (&writer), ==, 0);
}

static void
test_announce_damaged (void)
{
  static const struct {
    const guint8 octets[12];
    gsize len;
    gboolean good;
  } rows[] = {
    { { 2, 2 }, 2, TRUE },
    { { 2, 2, 3, 9, 0 }, 5, TRUE },
    { { 4, 250, 0, 7 }, 4, TRUE }, /* of later days */
    { { 6, 14, 0, 0x30, 1, 2 }, 6, TRUE }, /* an algorithm that is none */
    { { 3, 14, 0 }, 3, TRUE },
    { { 0 }, 0, FALSE },
    { { 0 }, 1, FALSE },
    { { 1 }, 1, FALSE },
    { { 2 }, 1, FALSE },
    { { 3, 9 }, 2, FALSE },
    { { 2, 2, 0 }, 3, FALSE },
    { { 2, 2, 9, 14, 0, 1, 2 }, 7, FALSE },
  };
  guint8 many[2 * 65];
  IkeAnnounced announced;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpint (ike_announced_parse (ike_chunk (rows[i].octets, rows[i].len), &announced), ==, rows[i].good);
      g_assert_true (rows[i].good || (!announced.shared_key && !announced.null && !announced.schemes));
    }
  memset (many, 2, sizeof many);
  g_assert_true (ike_announced_parse (ike_chunk (many, 2 * 64), &announced));
  g_assert_false (ike_announced_parse (ike_chunk (many, 2 * 65), &announced));
}

/* What the peer takes decides, as far as the key can do it. */
static void
test_choose_announced (void)
{
  const IkeSigKey key = { IKE_KEY_RSA, 2048, TRUE, FALSE };
  const IkeSigScheme *scheme;

  for (guint i = 0; (scheme = ike_sig_scheme_at (i)); i++)
    {
      const IkeSigScheme *chosen = ike_sig_scheme_choose (&key, ALL, 1u << i);
      gboolean possible =
          scheme->method == IKE_AUTH_METHOD_SIGNATURE && scheme->keys & 1u << IKE_KEY_RSA && !scheme->weak;

      g_assert_cmpstr (chosen->name, ==, possible ? scheme->name : "RSASSA-PSS with SHA-256");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/sig-scheme/identifiers-of-the-appendix", test_appendix);
  g_test_add_func ("/crypto/sig-scheme/rows", test_rows);
  g_test_add_func ("/crypto/sig-scheme/methods", test_methods);
  g_test_add_func ("/crypto/sig-scheme/pss-spellings", test_pss_spellings);
  g_test_add_func ("/crypto/sig-scheme/without-null", test_without_null);
  g_test_add_func ("/crypto/sig-scheme/forgeries", test_forgeries);
  g_test_add_func ("/crypto/sig-scheme/truncation", test_truncation);
  g_test_add_func ("/crypto/sig-scheme/choose", test_choose);
  g_test_add_func ("/crypto/sig-scheme/announce", test_announce);
  g_test_add_func ("/crypto/sig-scheme/announce-damaged", test_announce_damaged);
  g_test_add_func ("/crypto/sig-scheme/choose-announced", test_choose_announced);
  g_test_add_func ("/crypto/sig-scheme/offer", test_offer);
  return g_test_run ();
}
