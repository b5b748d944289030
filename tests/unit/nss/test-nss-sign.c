/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures: every scheme against itself and against openssl; and the keys and certificates that they are for. */
#include "sign-test.h"
#include "nss-der.h"

#include <nss.h>

#include <string.h>

/* ---- round trips ---- */

static const struct {
  const char *name;
  IkeKeyType type;
} keys[] = {
  { "rsa", IKE_KEY_RSA },   { "rsae3", IKE_KEY_RSA }, { "rsa1024", IKE_KEY_RSA },     { "p256", IKE_KEY_P256 },
  { "p384", IKE_KEY_P384 }, { "p521", IKE_KEY_P521 }, { "ed25519", IKE_KEY_ED25519 },
};

static void
check_scheme (const NssKey *key, GBytes *public_key, const IkeSigScheme *scheme, GBytes *octets)
{
  g_auto (IkeReason) reason = { 0 };
  g_autoptr (GBytes) signature = nss_sign (key, scheme, octets, &reason);
  g_autoptr (GBytes) other = g_bytes_new_static ("other octets", 12);
  gsize len;
  const guint8 *data;

  if (nss_key_bits (key) == 1024 && scheme->pss && scheme->hash == IKE_HASH_SHA2_512)
    {
      /* Hash, salt and padding do not fit. */
      g_assert_null (signature);
      return;
    }
  g_assert_nonnull (signature);
  g_assert_true (nss_verify (public_key, scheme, octets, signature));
  g_assert_false (nss_verify (public_key, scheme, other, signature));
  data = g_bytes_get_data (signature, &len);
  for (gsize i = 0; i < len; i += 1 + len / 24)
    {
      g_autoptr (GBytes) changed = bytes_patch (signature, i, data[i] ^ 1);

      g_assert_false (nss_verify (public_key, scheme, octets, changed));
      g_assert_false (verify_octets (public_key, scheme, octets, data, i));
    }
  g_assert_false (verify_octets (public_key, scheme, octets, data, len - 1));
  g_assert_false (verify_octets (public_key, scheme, octets, data, 0));
}

static void
test_round_trips (void)
{
  g_autoptr (GBytes) octets = fixture ("octets");

  for (gsize k = 0; k < G_N_ELEMENTS (keys); k++)
    {
      g_autoptr (NssKey) key = key_load (keys[k].name);
      g_autoptr (GBytes) public_key = spki_load (keys[k].name);
      const IkeSigScheme *scheme;
      guint n = 0;

      if (keys[k].type == IKE_KEY_ED25519 && key == NULL)
        continue;
      g_assert_nonnull (key);
      g_assert_cmpint (nss_key_type (key), ==, keys[k].type);
      for (guint i = 0; (scheme = ike_sig_scheme_at (i)) != NULL; i++)
        {
          g_auto (IkeReason) reason = { 0 };
          g_autoptr (GBytes) signature = NULL;

          if (scheme->keys & 1u << keys[k].type)
            {
              check_scheme (key, public_key, scheme, octets);
              n++;
              continue;
            }
          signature = nss_sign (key, scheme, octets, &reason);
          g_assert_null (signature);
          g_assert_cmpint (reason.code, ==, IKE_REASON_SIGN_FAILED);
        }
      g_assert_cmpuint (n, >, 0);
    }
}

/* Each scheme's signature is no signature of another scheme. */
static void
test_schemes_apart (void)
{
  g_autoptr (NssKey) key = key_load ("rsa");
  g_autoptr (GBytes) public_key = spki_load ("rsa");
  g_autoptr (GBytes) octets = fixture ("octets");
  const IkeSigScheme *a, *b;

  for (guint i = 0; (a = ike_sig_scheme_at (i)) != NULL; i++)
    {
      g_autoptr (GBytes) signature = nss_sign (key, a, octets, NULL);

      for (guint k = 0; signature != NULL && (b = ike_sig_scheme_at (k)) != NULL; k++)
        g_assert_cmpint (nss_verify (public_key, b, octets, signature), ==,
                         b->keys == a->keys && b->pss == a->pss &&
                             (b->method == IKE_AUTH_METHOD_RSA ? b->weak || !a->weak : b->hash == a->hash));
    }
}

/* ---- openssl ---- */

static const struct {
  const char *file, *key;
  IkeAuthMethod method;
  IkeKeyType type;
  IkeHashId hash;
  gboolean pss, good;
} made[] = {
  { "rsa-sha1.sig", "rsa", IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA1, FALSE, TRUE },
  /* method 1: any hash that the DigestInfo names, SHA-1 only by the weak row */
  { "rsa-sha1.sig", "rsa", IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE, FALSE },
  { "rsa-sha256.sig", "rsa", IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE, TRUE },
  { "rsa-sha384.sig", "rsa", IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE, TRUE },
  { "rsa-sha512.sig", "rsa", IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE, TRUE },
  { "rsa-sha256.sig", "rsa", IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA1, FALSE, TRUE },
  { "rsa-sha512.sig", "rsa", IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA1, FALSE, TRUE },
  { "rsa-sha512.sig", "rsae3", IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA1, FALSE, FALSE },
  { "rsa-pss-sha256.sig", "rsa", IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA1, FALSE, FALSE },
  { "psskey.sig", "psskey", IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA1, FALSE, FALSE },
  { "rsa-sha256.sig", "rsa", IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE, TRUE },
  { "rsa-sha384.sig", "rsa", IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_384, FALSE, TRUE },
  { "rsa-sha512.sig", "rsa", IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_512, FALSE, TRUE },
  { "rsa-pss-sha256.sig", "rsa", IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_256, TRUE, TRUE },
  { "rsa-pss-sha384.sig", "rsa", IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_384, TRUE, TRUE },
  { "rsa-pss-sha512.sig", "rsa", IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_512, TRUE, TRUE },
  /* cve-2021-41990: no other salt length than the hash's */
  { "rsa-pss-salt10.sig", "rsa", IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_256, TRUE, FALSE },
  { "rsa-sha256.sig", "rsae3", IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE, FALSE },
  { "psskey.sig", "psskey", IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_256, TRUE, TRUE },
  { "psskey.sig", "psskey", IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE, FALSE },
  { "p256.sig", "p256", IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_P256, IKE_HASH_SHA2_256, FALSE, TRUE },
  { "p384.sig", "p384", IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_P384, IKE_HASH_SHA2_384, FALSE, TRUE },
  { "p521.sig", "p521", IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_P521, IKE_HASH_SHA2_512, FALSE, TRUE },
  /* DER where r|s belongs */
  { "p256.sig", "p256", IKE_AUTH_METHOD_ECDSA_256, IKE_KEY_P256, IKE_HASH_SHA2_256, FALSE, FALSE },
};

static void
test_openssl_signs (void)
{
  g_autoptr (GBytes) octets = fixture ("octets");

  for (gsize i = 0; i < G_N_ELEMENTS (made); i++)
    {
      g_autoptr (GBytes) signature = fixture (made[i].file);
      g_autoptr (GBytes) public_key = spki_load (made[i].key);
      const IkeSigScheme *scheme = scheme_find (made[i].method, made[i].type, made[i].hash, made[i].pss);

      g_test_message ("%s with %s: %s", made[i].file, made[i].key, scheme->name);
      g_assert_cmpint (nss_verify (public_key, scheme, octets, signature), ==, made[i].good);
    }
}

static void
test_openssl_ed25519 (void)
{
  g_autoptr (GBytes) octets = fixture ("octets");
  g_autoptr (GBytes) signature = fixture ("ed25519.sig");
  g_autoptr (GBytes) public_key = spki_load ("ed25519");
  const IkeSigScheme *scheme = scheme_find (IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_ED25519, IKE_HASH_IDENTITY, FALSE);

  if (!nss_sign_supports (scheme))
    {
      g_assert_false (nss_verify (public_key, scheme, octets, signature));
      g_test_skip ("this NSS has no Ed25519");
      return;
    }
  g_assert_true (nss_verify (public_key, scheme, octets, signature));
}

/* openssl dgst -verify takes what we make. */
static void
openssl_verifies (const char *name, const IkeSigScheme *scheme, const char *options)
{
  g_autoptr (NssKey) key = key_load (name);
  g_autoptr (GBytes) octets = fixture ("octets");
  g_autoptr (GBytes) signature = nss_sign (key, scheme, octets, NULL);
  const char *fixtures = g_getenv ("CERT_FIXTURES");
  g_autofree char *before = g_strdup_printf ("dgst %s -prverify %s/%s.key -signature", options, fixtures, name);
  g_autofree char *file = g_strconcat (fixtures, "/octets", NULL);

  openssl_takes (signature, before, file);
}

static void
test_openssl_verifies (void)
{
  IkeAuthMethod method = IKE_AUTH_METHOD_SIGNATURE;

  openssl_verifies ("rsa", scheme_find (IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA1, FALSE), "-sha1");
  openssl_verifies ("rsa", scheme_find (method, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE), "-sha256");
  openssl_verifies ("rsae3", scheme_find (method, IKE_KEY_RSA, IKE_HASH_SHA2_512, FALSE), "-sha512");
  openssl_verifies ("rsa", scheme_find (method, IKE_KEY_RSA, IKE_HASH_SHA2_384, TRUE),
                    "-sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48");
  openssl_verifies ("p256", scheme_find (method, IKE_KEY_P256, IKE_HASH_SHA2_256, FALSE), "-sha256");
  openssl_verifies ("p384", scheme_find (method, IKE_KEY_P384, IKE_HASH_SHA2_384, FALSE), "-sha384");
  openssl_verifies ("p521", scheme_find (method, IKE_KEY_P521, IKE_HASH_SHA2_512, FALSE), "-sha512");
}

/* ---- ECDSA widths ---- */

static void
test_ecdsa_widths (void)
{
  static const struct {
    const char *name;
    IkeAuthMethod method;
    IkeKeyType type;
    IkeHashId hash;
    gsize len;
  } rows[] = {
    { "p256", IKE_AUTH_METHOD_ECDSA_256, IKE_KEY_P256, IKE_HASH_SHA2_256, 64 },
    { "p384", IKE_AUTH_METHOD_ECDSA_384, IKE_KEY_P384, IKE_HASH_SHA2_384, 96 },
    { "p521", IKE_AUTH_METHOD_ECDSA_521, IKE_KEY_P521, IKE_HASH_SHA2_512, 132 },
  };
  g_autoptr (GBytes) octets = fixture ("octets");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (NssKey) key = key_load (rows[i].name);
      g_autoptr (GBytes) public_key = spki_load (rows[i].name);
      const IkeSigScheme *scheme = scheme_find (rows[i].method, rows[i].type, rows[i].hash, FALSE);
      guint8 bad[133] = { 0 };

      /* Often enough that r or s begins with a zero. */
      for (guint k = 0; k < 20; k++)
        {
          g_autoptr (GBytes) signature = nss_sign (key, scheme, octets, NULL);

          g_assert_cmpuint (g_bytes_get_size (signature), ==, rows[i].len);
          g_assert_true (nss_verify (public_key, scheme, octets, signature));
          memcpy (bad, g_bytes_get_data (signature, NULL), rows[i].len);
        }
      g_assert_false (verify_octets (public_key, scheme, octets, bad, rows[i].len + 1));
      memset (bad, 0, rows[i].len / 2);
      g_assert_false (verify_octets (public_key, scheme, octets, bad, rows[i].len));
      memset (bad, 0, sizeof bad);
      g_assert_false (verify_octets (public_key, scheme, octets, bad, rows[i].len));
      memset (bad, 0xff, sizeof bad);
      g_assert_false (verify_octets (public_key, scheme, octets, bad, rows[i].len));
    }
}

/* The DER of an ECDSA signature is taken only as DER. */
static void
test_ecdsa_der_strict (void)
{
  g_autoptr (GBytes) octets = fixture ("octets");
  g_autoptr (GBytes) public_key = spki_load ("p256");
  g_autoptr (GBytes) good = fixture ("p256.sig");
  const IkeSigScheme *scheme = scheme_find (IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_P256, IKE_HASH_SHA2_256, FALSE);
  NssDer in = nss_der_bytes (good);
  NssDer sequence = nss_der_enter (&in, NSS_DER_SEQUENCE);
  NssDer r = nss_der_enter (&sequence, NSS_DER_INTEGER), s = nss_der_enter (&sequence, NSS_DER_INTEGER);
  static const guint8 zeros[40];

  for (guint variant = 0; variant < 6; variant++)
    {
      g_autoptr (GByteArray) body = g_byte_array_new ();
      g_autoptr (GByteArray) out = g_byte_array_new ();
      g_autoptr (GByteArray) padded = g_byte_array_new ();

      g_byte_array_append (padded, zeros, 1);
      g_byte_array_append (padded, r.data, (guint) r.len);
      if (variant == 1)
        nss_der_put (body, NSS_DER_INTEGER, padded->data, padded->len);
      else
        nss_der_put (body, NSS_DER_INTEGER, r.data, r.len);
      nss_der_put (body, NSS_DER_INTEGER, s.data, s.len);
      if (variant == 2)
        nss_der_put (body, NSS_DER_NULL, NULL, 0);
      nss_der_put (out, variant == 3 ? NSS_DER_SET : NSS_DER_SEQUENCE, body->data, body->len);
      if (variant == 4)
        g_byte_array_append (out, zeros, 1);
      if (variant == 5)
        {
          /* A length in two octets where one does. */
          g_byte_array_set_size (out, 0);
          g_byte_array_append (out, (const guint8 *) "\x30\x81", 2);
          g_byte_array_append (out, &(guint8){ (guint8) body->len }, 1);
          g_byte_array_append (out, body->data, body->len);
        }
      g_assert_cmpint (verify_octets (public_key, scheme, octets, out->data, out->len), ==, variant == 0);
    }
}

/* ---- the pair, and the whole answer ---- */

static void
test_pairs (void)
{
  g_autoptr (NssKey) rsa = key_load ("rsa");
  g_autoptr (NssKey) p256 = key_load ("p256");
  g_autoptr (GBytes) rsa_public = spki_load ("rsa");
  g_autoptr (GBytes) e3_public = spki_load ("rsae3");
  g_autoptr (GBytes) p256_public = spki_load ("p256");
  g_autoptr (GBytes) own = nss_key_public_key (rsa);

  g_assert_true (nss_key_matches (rsa, rsa_public));
  g_assert_true (nss_key_matches (p256, p256_public));
  g_assert_false (nss_key_matches (rsa, e3_public));
  g_assert_false (nss_key_matches (rsa, p256_public));
  g_assert_false (nss_key_matches (p256, rsa_public));
  g_assert_nonnull (own);
  g_assert_true (nss_key_matches (rsa, own));
  g_assert_true (nss_key_does_pss (rsa));
  g_assert_false (nss_key_does_pss (p256));
}

static void
test_auth (void)
{
  g_autoptr (GPtrArray) anchors = fixture_list ("rsaroot");
  g_autoptr (NssTrust) trust = nss_trust_new (anchors, NULL);
  g_autoptr (GPtrArray) certificates = fixture_list ("rsa");
  g_autoptr (GPtrArray) unknown = fixture_list ("good");
  g_autoptr (NssCert) cert = fixture_cert ("rsa");
  g_autoptr (GBytes) octets = fixture ("octets");
  g_autoptr (GBytes) good = fixture ("rsa-sha256.sig");
  g_autoptr (GBytes) bad = fixture ("rsa-sha384.sig");
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (IkeIdentity) identity = ike_identity_new (IKE_ID_FQDN, "vpn.example.org", 15);
  const IkeSigScheme *scheme = scheme_find (IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE);
  const IkeSigScheme *method_1 = scheme_find (IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE),
                     *method_1_weak = scheme_find (IKE_AUTH_METHOD_RSA, IKE_KEY_RSA, IKE_HASH_SHA1, FALSE);
  g_autoptr (GBytes) sha1 = fixture ("rsa-sha1.sig");
  NssChainQuery query = { .trust = trust,
                          .certificates = certificates,
                          .identity = identity,
                          .check_identity = TRUE,
                          .now = nss_cert_not_before (cert) + 60 };
  g_auto (IkeReason) reason = { 0 };

  nss_verify_auth (&query, scheme, octets, good, &reason);
  g_assert_cmpint (reason.code, ==, IKE_REASON_NONE);
  nss_verify_auth (&query, scheme, octets, bad, &reason);
  g_assert_cmpint (reason.code, ==, IKE_REASON_PEER_AUTH_WRONG);
  ike_reason_clear (&reason);
  /* method 1, with SHA-2; with SHA-1, where that is not wanted; and where it is; and wrong */
  nss_verify_auth (&query, method_1, octets, bad, &reason);
  g_assert_cmpint (reason.code, ==, IKE_REASON_NONE);
  nss_verify_auth (&query, method_1, octets, sha1, &reason);
  g_assert_cmpint (reason.code, ==, IKE_REASON_RSA_SHA1);
  g_assert_nonnull (strstr (reason.detail, "vpn.example.org"));
  ike_reason_clear (&reason);
  nss_verify_auth (&query, method_1_weak, octets, sha1, &reason);
  g_assert_cmpint (reason.code, ==, IKE_REASON_NONE);
  nss_verify_auth (&query, method_1, empty, sha1, &reason);
  g_assert_cmpint (reason.code, ==, IKE_REASON_PEER_AUTH_WRONG);
  ike_reason_clear (&reason);
  /* cve-2020-16088-empty-auth */
  nss_verify_auth (&query, scheme, octets, empty, &reason);
  g_assert_cmpint (reason.code, ==, IKE_REASON_PEER_AUTH_WRONG);
  ike_reason_clear (&reason);
  query.certificates = unknown;
  nss_verify_auth (&query, scheme, octets, good, &reason);
  g_assert_cmpint (reason.code, ==, IKE_REASON_CERT_UNKNOWN_CA);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (NSS_NoDB_Init (NULL), ==, SECSuccess);
  g_test_add_func ("/sign/every scheme with every key", test_round_trips);
  g_test_add_func ("/sign/one scheme is not another", test_schemes_apart);
  g_test_add_func ("/sign/cve-2021-41990-openssl signs", test_openssl_signs);
  g_test_add_func ("/sign/openssl signs with Ed25519", test_openssl_ed25519);
  g_test_add_func ("/sign/openssl verifies", test_openssl_verifies);
  g_test_add_func ("/sign/ECDSA has a fixed width", test_ecdsa_widths);
  g_test_add_func ("/sign/ECDSA DER is strict", test_ecdsa_der_strict);
  g_test_add_func ("/sign/pairs", test_pairs);
  g_test_add_func ("/sign/cve-2013-2944-the whole answer", test_auth);
  status = g_test_run ();
  g_assert_cmpint (NSS_Shutdown (), ==, SECSuccess);
  return status;
}
