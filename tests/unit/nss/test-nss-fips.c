/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FIPS mode, from the kernel's flag ("kernel") or forced ("forced"): what is left, and what is said of the rest. The flag's
 * file is another one here: open() is wrapped.
 */
#include "crypto/proposal.h"
#include "crypto/sig-scheme.h"
#include "nss-fips.h"
#include "nss-report.h"
#include "nss-selftest.h"

#include "crypto-test.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static const char *flag; /* what is in the file; NULL: there is none */
static char *flag_path;

int __real_open (const char *path, int flags, ...);
int __wrap_open (const char *path, int flags, ...);
int __real_open64 (const char *path, int flags, ...);
int __wrap_open64 (const char *path, int flags, ...);

static const char *
path_of (const char *path)
{
  if (strcmp (path, "/proc/sys/crypto/fips_enabled") != 0)
    return path;
  if (!flag)
    return "/nonexistent/fips_enabled";
  g_assert_true (g_file_set_contents (flag_path, flag, -1, NULL));
  return flag_path;
}

static int
mode_of (int flags, va_list args)
{
  return flags & O_CREAT ? va_arg (args, int) : 0;
}

int
__wrap_open (const char *path, int flags, ...)
{
  va_list args;
  int mode;

  va_start (args, flags);
  mode = mode_of (flags, args);
  va_end (args);
  return __real_open (path_of (path), flags, mode);
}

int
__wrap_open64 (const char *path, int flags, ...)
{
  va_list args;
  int mode;

  va_start (args, flags);
  mode = mode_of (flags, args);
  va_end (args);
  return __real_open64 (path_of (path), flags, mode);
}

/* Only "1" is a yes; a kernel without the file has no such mode. */
static void
test_flag (void)
{
  static const struct {
    const char *text;
    gboolean mode;
  } rows[] = { { "1\n", TRUE }, { "0\n", FALSE }, { "", FALSE }, { NULL, FALSE } };
  const char *before = flag;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      flag = rows[i].text;
      g_assert_cmpint (nss_fips_kernel (), ==, rows[i].mode);
    }
  flag = before;
}

/* Once said, it stays: a process does not change its mode. */
static void
test_mode (void)
{
  const char *before = flag;
  gboolean kernel = flag != NULL, reported = FALSE;
  g_autoptr (GVariant) report = NULL;

  g_assert_true (nss_fips_mode ());
  flag = "0";
  g_assert_true (nss_fips_mode ());
  flag = before;
  report = g_variant_ref_sink (nss_report_fips ());
  g_assert_true (g_variant_lookup (report, "mode", "b", &reported) && reported);
  g_assert_true (g_variant_lookup (report, "kernel", "b", &reported) && reported == kernel);
  g_assert_true (g_variant_lookup (report, "forced", "b", &reported) && reported == !kernel);
}

/* What is not approved is not done, and says why; what is approved, and this NSS can, is. */
static void
test_algorithms (void)
{
  const IkeCrypto *crypto = test_crypto ();
  g_autoptr (GVariant) list = g_variant_ref_sink (nss_report_algorithms (NULL));
  GVariantIter iter;
  GVariant *entry;
  guint left = 0, gone = 0;

  g_assert_true (crypto->fips);
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_loop (&iter, "@a{sv}", &entry))
    {
      guint32 type = 0, id = 0, bits = 0;
      gboolean approved = FALSE, allowed = FALSE;
      const char *reason = NULL;

      g_assert_true (g_variant_lookup (entry, "type", "u", &type) && g_variant_lookup (entry, "id", "u", &id) &&
                     g_variant_lookup (entry, "bits", "u", &bits) && g_variant_lookup (entry, "fips", "b", &approved) &&
                     g_variant_lookup (entry, "allowed", "b", &allowed) &&
                     g_variant_lookup (entry, "reason", "&s", &reason));
      if (approved)
        {
          g_assert_cmpstr (reason, !=, "FIPS");
          left += allowed;
          continue;
        }
      g_assert_false (allowed);
      g_assert_cmpstr (reason, ==, "FIPS");
      g_assert_false (crypto->supports (crypto, (IkeTransformType) type, (guint16) id, (guint16) bits));
      gone++;
    }
  g_assert_cmpuint (left, >, 20);
  g_assert_cmpuint (gone, >, 10);
  g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_ENCR, IKE_ENCR_CHACHA20_POLY1305, 0));
  g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_KE, IKE_KE_CURVE25519, 0));
  g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_KE, IKE_KE_MODP_1024, 0));
  g_assert_true (crypto->supports (crypto, IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 256));
  g_assert_true (crypto->supports (crypto, IKE_TRANSFORM_KE, IKE_KE_ECP_256, 0));
}

/* The defaults shrink, but there are some for each protocol. */
static void
test_defaults (void)
{
  static const IkeProtocolId protocols[] = { IKE_PROTOCOL_IKE, IKE_PROTOCOL_ESP };

  for (gsize i = 0; i < G_N_ELEMENTS (protocols); i++)
    {
      g_autoptr (GPtrArray) all = ike_proposals_default (nss_crypto_untested (), protocols[i], TRUE);
      g_autoptr (GPtrArray) approved = ike_proposals_default (test_crypto (), protocols[i], TRUE);
      g_autofree char *all_text = ike_proposals_to_string (all), *text = ike_proposals_to_string (approved);

      g_assert_cmpuint (approved->len, >, 0);
      g_assert_nonnull (strstr (all_text, "CHACHA20"));
      g_assert_nonnull (strstr (all_text, "CURVE25519"));
      g_assert_null (strstr (text, "CHACHA20"));
      g_assert_null (strstr (text, "CURVE25519"));
      g_assert_nonnull (strstr (text, "AES_GCM_16_256"));
      g_assert_nonnull (strstr (text, "ECP_"));
    }
}

/* FIPS 186-5 has Ed25519 and FIPS 204 is ML-DSA, but no NSS has had them validated: they are not used, nor SHA-1, even where that is asked for. */
static void
test_signatures (void)
{
  static const struct {
    IkeKeyType type;
    guint bits;
    gboolean possible;
  } keys[] = { { IKE_KEY_RSA, 2048, TRUE }, { IKE_KEY_P256, 256, TRUE },     { IKE_KEY_P384, 384, TRUE },
               { IKE_KEY_P521, 521, TRUE }, { IKE_KEY_ED25519, 256, FALSE }, { IKE_KEY_ML_DSA_65, 15616, FALSE } };
  const guint hashes = 1u << IKE_HASH_SHA1 | 1u << IKE_HASH_SHA2_256 | 1u << IKE_HASH_SHA2_384 |
                       1u << IKE_HASH_SHA2_512 | 1u << IKE_HASH_IDENTITY;
  const IkeCrypto *crypto = test_crypto ();
  IkeHashId offered[IKE_SIG_MAX_HASHES];
  const IkeSigScheme *scheme;
  guint n;

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      IkeSigKey key = { .type = keys[i].type, .bits = keys[i].bits, .pss = TRUE, .rsa_sha1 = TRUE, .fips = TRUE };

      scheme = ike_sig_scheme_choose (&key, hashes, 0);
      g_assert_cmpint (scheme != NULL, ==, keys[i].possible);
      g_assert_true (!scheme || (scheme->fips && scheme->hash != IKE_HASH_SHA1));
      /* who takes SHA-1 only gets nothing */
      g_assert_null (ike_sig_scheme_choose (&key, 1u << IKE_HASH_SHA1, 0));
    }
  for (guint i = 0; (scheme = ike_sig_scheme_at (i)) != NULL; i++)
    g_assert_cmpint (crypto->verifies (crypto, scheme), ==, scheme->fips);
  n = ike_sig_hashes_offered (crypto, offered);
  g_assert_cmpuint (n, ==, 3);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (offered[i], !=, IKE_HASH_IDENTITY);
}

/* The self-test passes over what is not there, and finds what is left right. */
static void
test_selftest (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (nss_selftest_run (test_crypto (), &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  flag_path = g_build_filename (g_get_tmp_dir (), "nm-ipsec-fips-XXXXXX", NULL);
  close (g_mkstemp (flag_path));
  if (strcmp (argv[1], "kernel") == 0)
    flag = "1\n";
  else
    g_setenv (NSS_FIPS_VARIABLE, "1", TRUE);
  g_test_add_func ("/nss-fips/flag", test_flag);
  g_test_add_func ("/nss-fips/mode", test_mode);
  g_test_add_func ("/nss-fips/algorithms", test_algorithms);
  g_test_add_func ("/nss-fips/defaults", test_defaults);
  g_test_add_func ("/nss-fips/signatures", test_signatures);
  g_test_add_func ("/nss-fips/selftest", test_selftest);
  argc = g_test_run ();
  g_unlink (flag_path);
  g_free (flag_path);
  return argc;
}
