/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our credentials from every kind of file, with the right, a wrong and no password; and files meant to hurt. */
#include "nss-credential.h"
#include "cert-test.h"
#include "nss-bag.h"
#include "nss-sign.h"

#include <nss.h>

#include <string.h>
#include <time.h>

#define PASSWORD "pässword"

static NssCredential *
load (const char *certificate, const char *private_key, const char *password, GError **error)
{
  g_autoptr (GBytes) certificate_bytes = certificate != NULL ? fixture (certificate) : NULL;
  g_autoptr (GBytes) key_bytes = private_key != NULL ? fixture (private_key) : NULL;
  NssFile certificate_file = { certificate, certificate_bytes };
  NssFile key_file = { private_key, key_bytes };
  g_autoptr (IkeSecret) secret = secret_of (password);
  NssCredential *credential = nss_credential_load (certificate != NULL ? &certificate_file : NULL,
                                                   private_key != NULL ? &key_file : NULL, secret, error);

  g_assert_cmpint (credential == NULL, ==, error != NULL && *error != NULL);
  return credential;
}

static void
expect_error (const char *certificate, const char *private_key, const char *password, NssCredentialError code,
              const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NssCredential) credential = load (certificate, private_key, password, &error);

  g_assert_null (credential);
  g_test_message ("%s", error->message);
  g_assert_error (error, NSS_CREDENTIAL_ERROR, (gint) code);
  g_assert_nonnull (strstr (error->message, text));
  g_assert_true (g_str_has_suffix (error->message, "."));
  g_assert_null (strstr (error->message, PASSWORD));
}

/* ---- keys in files of their own ---- */

typedef struct {
  const char *file, *certificate;
  IkeKeyType type;
  gboolean encrypted;
} KeyFile;

static const KeyFile key_files[] = {
  { "rsa.key", "rsa.pem", IKE_KEY_RSA },
  { "rsa.p8", "rsa.der", IKE_KEY_RSA },
  { "rsa-pkcs1.pem", "rsa.pem", IKE_KEY_RSA },
  { "rsa-pkcs1.der", "rsa.pem", IKE_KEY_RSA },
  { "p256.key", "p256.pem", IKE_KEY_P256 },
  { "p256-sec1.pem", "p256.pem", IKE_KEY_P256 },
  { "p256-p8.der", "p256.der", IKE_KEY_P256 },
  { "p384-sec1.der", "p384.pem", IKE_KEY_P384 },
  { "p521.key", "p521.pem", IKE_KEY_P521 },
  { "enc-aes256.pem", "rsa.pem", IKE_KEY_RSA, TRUE },
  { "enc-aes128.der", "rsa.pem", IKE_KEY_RSA, TRUE },
  { "enc-aes192.pem", "p384.pem", IKE_KEY_P384, TRUE },
  { "enc-des3.pem", "p256.pem", IKE_KEY_P256, TRUE },
  { "enc-p12-3des.pem", "p256.pem", IKE_KEY_P256, TRUE },
  { "enc-pbes1-SHA1.pem", "p256.pem", IKE_KEY_P256, TRUE },
  { "enc-pbes1-MD5.pem", "p256.pem", IKE_KEY_P256, TRUE },
  { "old-aes128.pem", "rsa.pem", IKE_KEY_RSA, TRUE },
  { "old-aes192.pem", "rsa.pem", IKE_KEY_RSA, TRUE },
  { "old-aes256.pem", "rsa.pem", IKE_KEY_RSA, TRUE },
  { "old-des3.pem", "rsa.pem", IKE_KEY_RSA, TRUE },
  { "old-ec.pem", "p256.pem", IKE_KEY_P256, TRUE },
};

static void
test_key_file (gconstpointer data)
{
  const KeyFile *row = data;
  g_autoptr (GBytes) bytes = fixture_try (row->file);
  NssFile file = { row->file, bytes };
  g_autoptr (GError) error = NULL;
  g_autoptr (NssCredential) credential = NULL;
  g_autoptr (NssCredential) alone = NULL;

  if (bytes == NULL)
    {
      g_test_skip ("this openssl cannot make such a file");
      return;
    }
  g_assert_cmpint (nss_file_is_encrypted (&file), ==, row->encrypted);
  credential = load (row->certificate, row->file, row->encrypted ? PASSWORD : NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (credential->key);
  g_assert_cmpint (nss_key_type (credential->key), ==, row->type);
  g_assert_cmpuint (credential->certificates->len, ==, 1);
  /* Without a certificate: a raw key. */
  alone = load (NULL, row->file, PASSWORD, &error);
  g_assert_no_error (error);
  g_assert_nonnull (alone->key);
  g_assert_cmpuint (alone->certificates->len, ==, 0);
  if (!row->encrypted)
    return;
  expect_error (row->certificate, row->file, NULL, NSS_CREDENTIAL_ERROR_NEED_PASSWORD, row->file);
  expect_error (row->certificate, row->file, "wrong", NSS_CREDENTIAL_ERROR_BAD_PASSWORD, row->file);
  expect_error (row->certificate, row->file, "", NSS_CREDENTIAL_ERROR_BAD_PASSWORD, row->file);
  expect_error (row->certificate, row->file, "p\xe4ssword", NSS_CREDENTIAL_ERROR_BAD_PASSWORD, row->file);
}

/* ---- PKCS#12 ---- */

static const struct {
  const char *file, *password;
} pkcs12_files[] = {
  { "modern.p12", PASSWORD },    { "old3des.p12", PASSWORD }, { "legacy.p12", PASSWORD }, { "sha512mac.p12", PASSWORD },
  { "sha384mac.p12", PASSWORD }, { "nomac.p12", PASSWORD },   { "plain.p12", PASSWORD },  { "pbmac1.p12", PASSWORD },
  { "nss.p12", PASSWORD },       { "empty.p12", "" },         { "empty.p12", NULL },
};

/* Not every openssl can. */
static gboolean
is_made_by_some (const char *file)
{
  return strcmp (file, "legacy.p12") == 0 || strcmp (file, "pbmac1.p12") == 0;
}

static void
test_pkcs12 (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pkcs12_files); i++)
    {
      g_autoptr (GBytes) bytes = fixture_try (pkcs12_files[i].file);
      g_autoptr (GBytes) good = fixture ("good.der");
      g_autoptr (GBytes) issuer = fixture ("int.der");
      g_autoptr (GError) error = NULL;
      g_autoptr (NssCredential) credential = NULL;
      NssFile file = { "x", bytes };

      g_test_message ("%s%s", pkcs12_files[i].file, bytes == NULL ? " is not there" : "");
      if (bytes == NULL && is_made_by_some (pkcs12_files[i].file))
        continue;
      g_assert_nonnull (bytes);
      g_assert_true (nss_file_is_encrypted (&file));
      credential = load (pkcs12_files[i].file, NULL, pkcs12_files[i].password, &error);
      g_assert_no_error (error);
      g_assert_nonnull (credential->key);
      g_assert_cmpint (nss_key_type (credential->key), ==, IKE_KEY_P256);
      /* Ours and the intermediate; the root stays at home. */
      g_assert_cmpuint (credential->certificates->len, ==, 2);
      g_assert_true (g_bytes_equal (credential->certificates->pdata[0], good));
      g_assert_true (g_bytes_equal (credential->certificates->pdata[1], issuer));
      if (strcmp (pkcs12_files[i].file, "empty.p12") == 0)
        continue;
      expect_error (pkcs12_files[i].file, NULL, "wrong", NSS_CREDENTIAL_ERROR_BAD_PASSWORD, "the password is wrong");
      expect_error (pkcs12_files[i].file, NULL, NULL, NSS_CREDENTIAL_ERROR_NEED_PASSWORD, "needs a password");
    }
}

/* The same file named twice, and a key of its own beside a PKCS#12 file. */
static void
test_pkcs12_combinations (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NssCredential) both = load ("modern.p12", "modern.p12", PASSWORD, &error);
  g_autoptr (NssCredential) key_only = load (NULL, "modern.p12", PASSWORD, &error);
  g_autoptr (NssCredential) other_key = load ("modern.p12", "good.key", PASSWORD, &error);
  g_autoptr (NssCredential) no_key = load ("nokey.p12", NULL, PASSWORD, &error);

  g_assert_no_error (error);
  g_assert_nonnull (both->key);
  g_assert_nonnull (key_only->key);
  g_assert_cmpuint (key_only->certificates->len, ==, 2);
  g_assert_nonnull (other_key->key);
  g_assert_null (no_key->key);
  expect_error ("modern.p12", "rsa.key", PASSWORD, NSS_CREDENTIAL_ERROR_MISMATCH, "rsa.key");
  expect_error ("rsa.pem", "modern.p12", PASSWORD, NSS_CREDENTIAL_ERROR_MISMATCH, "modern.p12");
  expect_error (NULL, "nokey.p12", PASSWORD, NSS_CREDENTIAL_ERROR_BAD_FILE, "no private key");
}

/* ---- certificates ---- */

static void
test_certificates (void)
{
  static const struct {
    const char *file;
    guint n;
  } rows[] = {
    { "good.pem", 1 },    { "good.der", 1 }, { "text.pem", 1 },   { "crlf.pem", 1 },   { "cr.pem", 1 },
    { "trusted.pem", 1 }, { "both.pem", 2 }, { "bundle.pem", 3 }, { "bundle.p7b", 2 }, { "bundle.p7c", 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) bytes = fixture (rows[i].file);
      NssFile file = { rows[i].file, bytes };
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) list = nss_certificates_load (&file, &error);

      g_test_message ("%s", rows[i].file);
      g_assert_no_error (error);
      g_assert_cmpuint (list->len, ==, rows[i].n);
      g_assert_false (nss_file_is_encrypted (&file));
    }
}

static void
test_no_certificates (void)
{
  static const char *const files[] = { "rsa.key", "octets", "empty.p7c", "rsa.p8", "badsan.der" };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GBytes) bytes = fixture (files[i]);
      NssFile file = { files[i], bytes };
      g_autoptr (GError) error = NULL;

      g_assert_null (nss_certificates_load (&file, &error));
      g_assert_error (error, NSS_CREDENTIAL_ERROR, NSS_CREDENTIAL_ERROR_BAD_FILE);
      g_assert_nonnull (strstr (error->message, files[i]));
    }
}

static void
test_order (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) good = fixture ("good.der");
  /* The file has the intermediate first, then key and certificate. */
  g_autoptr (NssCredential) credential = load ("both.pem", NULL, NULL, &error);
  g_autoptr (NssCredential) bundle = load ("bundle.p7b", "good.key", NULL, &error);
  g_autoptr (NssCredential) no_key = load ("bundle.p7b", NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (credential->key);
  g_assert_cmpuint (credential->certificates->len, ==, 2);
  g_assert_true (g_bytes_equal (credential->certificates->pdata[0], good));
  g_assert_nonnull (bundle->key);
  g_assert_true (g_bytes_equal (bundle->certificates->pdata[0], good));
  g_assert_null (no_key->key);
  g_assert_true (g_bytes_equal (no_key->certificates->pdata[0], good));
}

/* Java writes EC keys so. The point comes from the certificate, which must be the right one of several. */
static void
test_no_public_half (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NssCredential) p521 = load ("p521.pem", "p521-nopub.pem", NULL, &error);
  g_autoptr (NssCredential) bundle = load ("bundle.p7b", "good-nopub.pem", NULL, &error);
  g_autoptr (GBytes) good = fixture ("good.der");

  g_assert_no_error (error);
  g_assert_cmpint (nss_key_type (p521->key), ==, IKE_KEY_P521);
  g_assert_true (g_bytes_equal (bundle->certificates->pdata[0], good));
  expect_error ("p256.pem", "good-nopub.pem", NULL, NSS_CREDENTIAL_ERROR_MISMATCH, "does not belong");
  expect_error ("p256.pem", "p521-nopub.pem", NULL, NSS_CREDENTIAL_ERROR_MISMATCH, "does not belong");
  expect_error (NULL, "good-nopub.pem", NULL, NSS_CREDENTIAL_ERROR_BAD_FILE, "damaged");
}

/* RFC 5958: the public key may follow the private one, and version is 1 then. */
static void
test_pkcs8_version_2 (void)
{
  g_autoptr (GBytes) plain = fixture ("p256.p8");
  g_autoptr (GBytes) certificate = fixture ("p256.pem");
  NssDer in = nss_der_bytes (plain), info = nss_der_enter (&in, NSS_DER_SEQUENCE);
  g_autoptr (GByteArray) body = g_byte_array_new ();
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NssCredential) credential = NULL;
  NssFile file = { "v2", NULL }, certificate_file = { "p256.pem", certificate };

  g_assert_cmpuint (nss_der_uint (&info), ==, 0);
  g_byte_array_append (body, (const guint8 *) "\x02\x01\x01", 3);
  g_byte_array_append (body, info.data, (guint) info.len);
  nss_der_put (body, NSS_DER_CONTEXT (1), (const guint8 *) "\0\4abc", 5);
  nss_der_put (out, NSS_DER_SEQUENCE, body->data, body->len);
  file.bytes = bytes = g_bytes_new (out->data, out->len);
  credential = nss_credential_load (&certificate_file, &file, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (credential->key);
}

static void
test_refused (void)
{
  expect_error ("rsa.pem", "rsae3.key", NULL, NSS_CREDENTIAL_ERROR_MISMATCH, "does not belong");
  expect_error ("rsa.pem", "p256.key", NULL, NSS_CREDENTIAL_ERROR_MISMATCH, "does not belong");
  expect_error ("p256.pem", "good.key", NULL, NSS_CREDENTIAL_ERROR_MISMATCH, "does not belong");
  expect_error ("rsa.pem", "rsa.pem", NULL, NSS_CREDENTIAL_ERROR_BAD_FILE, "no private key");
  expect_error ("rsa.key", NULL, NULL, NSS_CREDENTIAL_ERROR_BAD_FILE, "no certificate");
  expect_error ("octets", NULL, NULL, NSS_CREDENTIAL_ERROR_BAD_FILE, "octets");
  expect_error ("rsa.pem", "octets", NULL, NSS_CREDENTIAL_ERROR_BAD_FILE, "octets");
  expect_error ("k256.pem", "k256.key", NULL, NSS_CREDENTIAL_ERROR_BAD_FILE, "not supported");
  expect_error ("p256.pem", "enc-scrypt.pem", PASSWORD, NSS_CREDENTIAL_ERROR_BAD_FILE, "not supported");
}

/* ---- hostile files ---- */

static void
read_bytes (GBytes *bytes)
{
  NssFile file = { "hostile", bytes };
  g_autoptr (IkeSecret) password = secret_of (PASSWORD);
  g_autoptr (NssCredential) credential = nss_credential_load (&file, NULL, password, NULL);

  nss_file_is_encrypted (&file);
}

static void
test_truncated (void)
{
  static const char *const files[] = { "quick.p12",     "plain.p12",  "good.der",  "rsa-pkcs1.der",
                                       "p384-sec1.der", "bundle.p7c", "old-ec.pem" };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GBytes) bytes = fixture_try (files[i]);

      for (gsize len = 0; bytes != NULL && len < g_bytes_get_size (bytes); len += 1 + len / 32)
        {
          g_autoptr (GBytes) part = g_bytes_new_from_bytes (bytes, 0, len);

          read_bytes (part);
        }
    }
}

static void
test_every_octet (void)
{
  static const char *const files[] = { "quicknomac.p12", "p384-sec1.der", "bundle.p7c" };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GBytes) bytes = fixture (files[i]);
      gsize len = g_bytes_get_size (bytes);

      for (gsize at = 0; at < len; at += 1 + (at > 200 ? 10 : 0))
        {
          g_autoptr (GBytes) changed =
              bytes_patch (bytes, at, ((const guint8 *) g_bytes_get_data (bytes, NULL))[at] ^ 0x81);

          read_bytes (changed);
        }
    }
}

/* An encrypted key (PBES2) that asks for @number rounds; there is no key in it. */
static GBytes *
pkcs8_with_iterations (const guint8 *number, gsize number_len)
{
  static const guint8 pbkdf2[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c };
  static const guint8 pbes2[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d };
  static const guint8 aes[] = { 0x30, 0x1d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
                                0x01, 0x2a, 0x04, 0x10, 0,    1,    2,    3,    4,    5,    6,
                                7,    8,    9,    10,   11,   12,   13,   14,   15 };
  static const guint8 zeros[64];
  g_autoptr (GByteArray) parameters = g_byte_array_new ();
  g_autoptr (GByteArray) kdf = g_byte_array_new ();
  g_autoptr (GByteArray) schemes = g_byte_array_new ();
  g_autoptr (GByteArray) algorithm = g_byte_array_new ();
  g_autoptr (GByteArray) body = g_byte_array_new ();
  GByteArray *out = g_byte_array_new ();

  nss_der_put (parameters, NSS_DER_OCTET_STRING, zeros, 8);
  nss_der_put (parameters, NSS_DER_INTEGER, number, number_len);
  g_byte_array_append (kdf, pbkdf2, sizeof pbkdf2);
  nss_der_put (kdf, NSS_DER_SEQUENCE, parameters->data, parameters->len);
  nss_der_put (schemes, NSS_DER_SEQUENCE, kdf->data, kdf->len);
  g_byte_array_append (schemes, aes, sizeof aes);
  g_byte_array_append (algorithm, pbes2, sizeof pbes2);
  nss_der_put (algorithm, NSS_DER_SEQUENCE, schemes->data, schemes->len);
  nss_der_put (body, NSS_DER_SEQUENCE, algorithm->data, algorithm->len);
  nss_der_put (body, NSS_DER_OCTET_STRING, zeros, sizeof zeros);
  nss_der_put (out, NSS_DER_SEQUENCE, body->data, body->len);
  return g_byte_array_free_to_bytes (out);
}

static void
expect_quick_refusal (GBytes *bytes, const char *text)
{
  NssFile file = { "hostile", bytes };
  g_autoptr (IkeSecret) password = secret_of (PASSWORD);
  g_autoptr (GError) error = NULL;
  clock_t start = clock (); /* of this process: the machine may be busy */

  g_assert_null (nss_credential_load (NULL, &file, password, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, NSS_CREDENTIAL_ERROR, NSS_CREDENTIAL_ERROR_BAD_FILE);
  g_assert_nonnull (strstr (error->message, text));
  g_assert_cmpint (clock () - start, <, CLOCKS_PER_SEC);
}

/* cve-2026-78129: an iteration count decides how long we work, so it is looked at before. */
static void
test_iterations (void)
{
  static const guint8 over[] = { 0x00, 0x98, 0x96, 0x81 } /* 10,000,001 */, big[] = { 0x7f, 0xff, 0xff, 0xff },
                      bigger[] = { 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, huge[9] = { 0x7f }, zero[] = { 0 },
                      negative[] = { 0xff };
  g_autoptr (GBytes) file_over = pkcs8_with_iterations (over, sizeof over);
  g_autoptr (GBytes) file_big = pkcs8_with_iterations (big, sizeof big);
  g_autoptr (GBytes) file_bigger = pkcs8_with_iterations (bigger, sizeof bigger);
  g_autoptr (GBytes) file_huge = pkcs8_with_iterations (huge, sizeof huge);
  g_autoptr (GBytes) file_zero = pkcs8_with_iterations (zero, sizeof zero);
  g_autoptr (GBytes) file_negative = pkcs8_with_iterations (negative, sizeof negative);

  expect_quick_refusal (file_over, "10000001 rounds");
  expect_quick_refusal (file_big, "2147483647 rounds");
  expect_quick_refusal (file_bigger, "rounds");
  expect_quick_refusal (file_huge, "not supported");
  expect_quick_refusal (file_zero, "not supported");
  expect_quick_refusal (file_negative, "not supported");
}

/* The rounds of all parts of a file count together. */
static void
test_iterations_sum (void)
{
  g_autoptr (GBytes) modern = fixture ("modern.p12");
  g_autoptr (IkeSecret) password = secret_of (PASSWORD);
  NssFile file = { "modern.p12", modern };
  g_autoptr (NssBag) bag = nss_bag_new (TRUE, password);
  g_autoptr (GError) error = NULL;

  /* MAC, certificates and key have 2048 each. */
  bag->budget = 3 * 2048 - 1;
  g_assert_false (nss_bag_read (bag, &file, &error));
  g_assert_error (error, NSS_CREDENTIAL_ERROR, NSS_CREDENTIAL_ERROR_BAD_FILE);
  g_clear_error (&error);
  bag->budget = 3 * 2048;
  g_assert_true (nss_bag_read (bag, &file, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (bag->budget, ==, 0);
}

static void
test_sizes (void)
{
  g_autofree char *zeros = g_malloc0 (NSS_CREDENTIAL_MAX_FILE + 1);
  g_autoptr (GBytes) big = g_bytes_new (zeros, NSS_CREDENTIAL_MAX_FILE + 1);
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (GByteArray) deep = g_byte_array_new ();

  expect_quick_refusal (big, "too big");
  expect_quick_refusal (empty, "empty");
  /* Nesting without end. */
  for (guint i = 0; i < 10000; i++)
    g_byte_array_append (deep, (const guint8 *) "\x30\x80", 2);
  big = (g_bytes_unref (big), g_bytes_new (deep->data, deep->len));
  expect_quick_refusal (big, "neither");
}

/* RSA numbers that are no key: even modulus, even exponent, exponent 1, zero (CVE-2017-11185, 2017-9022). */
static void
test_bad_rsa_keys (void)
{
  g_autoptr (GBytes) der = fixture ("rsa-pkcs1.der");
  gsize len;
  const guint8 *data = g_bytes_get_data (der, &len);
  NssDer in = nss_der (data, len), sequence = nss_der_enter (&in, NSS_DER_SEQUENCE);
  NssDer n, e;
  gsize n_end, e_end;

  nss_der_uint (&sequence);
  n = nss_der_big (&sequence);
  e = nss_der_big (&sequence);
  n_end = (gsize) (n.data + n.len - data) - 1;
  e_end = (gsize) (e.data + e.len - data) - 1;
  for (guint i = 0; i < 3; i++)
    {
      gsize at = i == 0 ? n_end : i == 1 ? e_end : n_end - 100;
      g_autoptr (GBytes) bad = bytes_patch (der, at, (guint8) (i == 2 ? data[at] ^ 0x55 : 0));
      NssFile file = { "bad", bad };
      g_autoptr (GError) error = NULL;
      g_autoptr (NssCredential) credential = NULL;
      g_autoptr (GBytes) rsa = fixture ("rsa.pem");
      NssFile certificate = { "rsa.pem", rsa };

      credential = nss_credential_load (&certificate, &file, NULL, &error);
      g_assert_null (credential);
      g_test_message ("%s", error->message);
      g_assert_error (error, NSS_CREDENTIAL_ERROR, NSS_CREDENTIAL_ERROR_BAD_FILE);
    }
}

static void
test_pem_damaged (void)
{
  static const char *const texts[] = {
    "-----BEGIN CERTIFICATE-----\nMIIB\n",
    "-----BEGIN CERTIFICATE-----\nMI?B\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nMIIBA\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nMII=\nAAAA\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END PRIVATE KEY-----\n",
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC\n\nMIIB\n-----END RSA PRIVATE "
    "KEY-----\n",
    "-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-256-CBC,00112233445566778899aabbccddeeff00\n\nMIIB\n-----END RSA "
    "PRIVATE KEY-----\n",
    "-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: NO-SUCH,0011\n\nMIIB\n-----END RSA PRIVATE KEY-----\n",
    "-----BEGIN ",
    "-----BEGIN -----",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (texts[i], strlen (texts[i]));

      expect_quick_refusal (bytes, "hostile");
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (NSS_NoDB_Init (NULL), ==, SECSuccess);
  for (gsize i = 0; i < G_N_ELEMENTS (key_files); i++)
    {
      g_autofree char *path = g_strdup_printf ("/credential/key/%s", key_files[i].file);

      g_test_add_data_func (path, &key_files[i], test_key_file);
    }
  g_test_add_func ("/credential/pkcs12", test_pkcs12);
  g_test_add_func ("/credential/pkcs12 with others", test_pkcs12_combinations);
  g_test_add_func ("/credential/certificates", test_certificates);
  g_test_add_func ("/credential/no certificates", test_no_certificates);
  g_test_add_func ("/credential/order", test_order);
  g_test_add_func ("/credential/key without its public half", test_no_public_half);
  g_test_add_func ("/credential/PKCS#8 version 2", test_pkcs8_version_2);
  g_test_add_func ("/credential/refused", test_refused);
  g_test_add_func ("/credential/truncated", test_truncated);
  g_test_add_func ("/credential/every octet", test_every_octet);
  g_test_add_func ("/credential/cve-2026-78129-iterations", test_iterations);
  g_test_add_func ("/credential/iterations add up", test_iterations_sum);
  g_test_add_func ("/credential/sizes", test_sizes);
  g_test_add_func ("/credential/cve-2017-9022-bad-rsa-keys", test_bad_rsa_keys);
  g_test_add_func ("/credential/damaged PEM", test_pem_damaged);
  status = g_test_run ();
  g_assert_cmpint (NSS_Shutdown (), ==, SECSuccess);
  return status;
}
