/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The algorithm table is whole and sane; lengths, and what ESP adds to a packet. */
#include "crypto-test.h"
#include "crypto/suites.h"

static void
test_rows_are_unique (void)
{
  const IkeAlgorithm *alg;

  for (guint i = 0; (alg = ike_algorithm_at (i)); i++)
    {
      IkeTransform transform = { alg->type, alg->id, alg->key_bits[0] };

      g_assert_true (ike_algorithm_find (alg->type, alg->id) == alg);
      /* every row has a name in the registry, not a number */
      g_assert_null (strstr (IKE_TRANSFORM_NAME (&transform), "TRANSFORM_"));
      g_assert_cmpuint (alg->flags & (IKE_ALG_IKE | IKE_ALG_ESP), !=, 0);
    }
}

static void
test_rows_are_whole (void)
{
  const IkeAlgorithm *alg;

  for (guint i = 0; (alg = ike_algorithm_at (i)); i++)
    switch (alg->type)
      {
      case IKE_TRANSFORM_ENCR:
        g_assert_cmpuint (alg->block, >, 0);
        g_assert_cmpint (alg->icv > 0, ==, (alg->flags & IKE_ALG_AEAD) != 0);
        g_assert_nonnull (alg->kernel);
        if (alg->id != IKE_ENCR_NULL)
          {
            g_assert_cmpuint (alg->iv, >=, 8);
            g_assert_cmpuint (ike_algorithm_key_len (alg, alg->key_bits[0]), >=, 16);
          }
        break;
      case IKE_TRANSFORM_PRF:
        g_assert_cmpuint (alg->output, >=, 16);
        g_assert_cmpuint (alg->key, ==, alg->output);
        break;
      case IKE_TRANSFORM_INTEG:
        g_assert_cmpuint (alg->icv, >=, 12);
        g_assert_cmpuint (alg->output, >=, alg->icv);
        g_assert_cmpuint (alg->kernel_trunc, ==, alg->icv * 8);
        g_assert_nonnull (alg->kernel);
        break;
      case IKE_TRANSFORM_KE:
        g_assert_cmpuint (alg->ke_initiator, >=, 32);
        g_assert_cmpuint (alg->ke_responder, >=, 32);
        g_assert_cmpuint (alg->ke_shared, >=, 32);
        break;
      default:
        g_assert_not_reached ();
      }
}

/* The weak ones are marked, and nothing is approved that must not be. */
static void
test_policy (void)
{
  static const struct {
    IkeTransformType type;
    guint16 id;
  } weak[] = {
    { IKE_TRANSFORM_ENCR, IKE_ENCR_3DES },      { IKE_TRANSFORM_ENCR, IKE_ENCR_NULL },
    { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_MD5 },    { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_MD5_96 },
    { IKE_TRANSFORM_KE, IKE_KE_MODP_768 },      { IKE_TRANSFORM_KE, IKE_KE_MODP_1024 },
    { IKE_TRANSFORM_KE, IKE_KE_MODP_1536 },     { IKE_TRANSFORM_KE, IKE_KE_MODP_1024_160 },
    { IKE_TRANSFORM_KE, IKE_KE_MODP_2048_256 },
  };
  static const guint16 not_fips[] = { IKE_KE_CURVE25519, IKE_KE_MODP_2048_224, IKE_KE_MODP_1024 };

  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    g_assert_true (ike_algorithm_find (weak[i].type, weak[i].id)->flags & IKE_ALG_WEAK);
  for (guint i = 0; i < G_N_ELEMENTS (not_fips); i++)
    g_assert_false (ike_algorithm_find (IKE_TRANSFORM_KE, not_fips[i])->flags & IKE_ALG_FIPS);
  g_assert_false (ike_algorithm_find (IKE_TRANSFORM_ENCR, IKE_ENCR_CHACHA20_POLY1305)->flags & IKE_ALG_FIPS);
  /* never at all */
  g_assert_null (ike_algorithm_find (IKE_TRANSFORM_ENCR, IKE_ENCR_DES));
  g_assert_null (ike_algorithm_find (IKE_TRANSFORM_INTEG, IKE_INTEG_NONE));
  g_assert_null (ike_algorithm_find (IKE_TRANSFORM_KE, IKE_KE_NONE));
}

static void
test_key_lengths (void)
{
  const IkeAlgorithm *gcm = ike_algorithm_find (IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16);
  const IkeAlgorithm *chacha = ike_algorithm_find (IKE_TRANSFORM_ENCR, IKE_ENCR_CHACHA20_POLY1305);
  const IkeAlgorithm *ccm = ike_algorithm_find (IKE_TRANSFORM_ENCR, IKE_ENCR_AES_CCM_16);

  g_assert_cmpuint (ike_algorithm_key_len (gcm, 256), ==, 36);
  g_assert_cmpuint (ike_algorithm_key_len (gcm, 128), ==, 20);
  g_assert_cmpuint (ike_algorithm_key_len (ccm, 128), ==, 19);
  g_assert_cmpuint (ike_algorithm_key_len (chacha, 0), ==, 36);
  g_assert_true (ike_algorithm_key_bits_ok (gcm, 192));
  g_assert_false (ike_algorithm_key_bits_ok (gcm, 0));
  g_assert_false (ike_algorithm_key_bits_ok (gcm, 127));
  g_assert_false (ike_algorithm_key_bits_ok (gcm, IKE_KEY_BITS_UNACCEPTABLE));
  g_assert_true (ike_algorithm_key_bits_ok (chacha, 0));
  g_assert_false (ike_algorithm_key_bits_ok (chacha, 256));
}

static void
test_overhead (void)
{
  /* RFC 4106 in tunnel mode over IPv4 and UDP: 20 + 8 + 8 + 8 + 2 + 16 */
  g_assert_cmpuint (ike_esp_overhead (IKE_ENCR_AES_GCM_16, 0, TRUE, FALSE, TRUE), ==, 62);
  g_assert_cmpuint (ike_esp_overhead (IKE_ENCR_AES_GCM_16, 0, TRUE, FALSE, FALSE), ==, 54);
  g_assert_cmpuint (ike_esp_overhead (IKE_ENCR_AES_GCM_16, 0, TRUE, TRUE, TRUE), ==, 82);
  g_assert_cmpuint (ike_esp_overhead (IKE_ENCR_AES_GCM_16, 0, FALSE, FALSE, FALSE), ==, 34);
  /* AES-CBC with SHA-256: 20 + 8 + 8 + 16 + 2 + 16 */
  g_assert_cmpuint (ike_esp_overhead (IKE_ENCR_AES_CBC, IKE_INTEG_HMAC_SHA2_256_128, TRUE, FALSE, TRUE), ==, 70);
  g_assert_cmpuint (ike_esp_overhead (IKE_ENCR_NULL, IKE_INTEG_HMAC_SHA1_96, TRUE, FALSE, FALSE), ==, 20 + 8 + 2 + 12);
  g_assert_cmpuint (ike_esp_alignment (IKE_ENCR_AES_GCM_16), ==, 4);
  g_assert_cmpuint (ike_esp_alignment (IKE_ENCR_3DES), ==, 8);
  g_assert_cmpuint (ike_esp_alignment (IKE_ENCR_AES_CBC), ==, 16);
  g_assert_cmpuint (ike_esp_alignment (0), ==, 1);
}

#define TWO_TO(n) (G_GUINT64_CONSTANT (1) << (n))

/* What one key protects. */
static void
test_limits (void)
{
  static const struct {
    guint16 encr, integ;
    guint64 octets, packets;
  } rows[] = {
    { IKE_ENCR_AES_GCM_16, 0, TWO_TO (39), TWO_TO (34) },
    { IKE_ENCR_AES_GCM_12, 0, TWO_TO (39), TWO_TO (34) },
    { IKE_ENCR_AES_GCM_8, 0, TWO_TO (39), TWO_TO (34) },
    { IKE_ENCR_CHACHA20_POLY1305, 0, 0, 0 },
    { IKE_ENCR_AES_CCM_16, 0, TWO_TO (37), TWO_TO (33) },
    { IKE_ENCR_AES_CCM_12, 0, TWO_TO (37), TWO_TO (33) },
    { IKE_ENCR_AES_CCM_8, 0, TWO_TO (37), TWO_TO (33) },
    { IKE_ENCR_NULL_AUTH_AES_GMAC, 0, 0, TWO_TO (36) },
    { IKE_ENCR_AES_CBC, IKE_INTEG_HMAC_SHA2_256_128, TWO_TO (39), TWO_TO (34) },
    { IKE_ENCR_AES_CTR, IKE_INTEG_HMAC_SHA1_96, TWO_TO (39), TWO_TO (34) },
    { IKE_ENCR_CAMELLIA_CBC, IKE_INTEG_HMAC_SHA2_512_256, TWO_TO (39), TWO_TO (34) },
    { IKE_ENCR_3DES, IKE_INTEG_HMAC_MD5_96, TWO_TO (26), TWO_TO (22) },
    { IKE_ENCR_3DES, IKE_INTEG_AES_CMAC_96, TWO_TO (26), TWO_TO (22) },
    { IKE_ENCR_NULL, IKE_INTEG_HMAC_SHA2_256_128, 0, 0 },
    { IKE_ENCR_NULL, IKE_INTEG_AES_XCBC_96, 0, TWO_TO (48) },
    { 0, IKE_INTEG_AES_CMAC_96, 0, TWO_TO (48) }, /* AH */
    { 0, IKE_INTEG_HMAC_SHA2_384_192, 0, 0 },
  };
  const IkeAlgorithm *alg;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint64 octets, packets;

      ike_esp_limits (rows[i].encr, rows[i].integ, &octets, &packets);
      g_assert_cmpuint (octets, ==, rows[i].octets);
      g_assert_cmpuint (packets, ==, rows[i].packets);
    }
  /* every cipher has a row there, and what has blocks has a limit: of 2^-17 at most for two equal ones */
  for (guint i = 0; (alg = ike_algorithm_at (i)) && alg->type == IKE_TRANSFORM_ENCR; i++)
    {
      gboolean known = FALSE;
      double blocks, size = alg->id == IKE_ENCR_3DES ? 8 : 16;

      for (guint j = 0; j < G_N_ELEMENTS (rows); j++)
        known |= rows[j].encr == alg->id;
      g_assert_true (known);
      if (alg->id == IKE_ENCR_CHACHA20_POLY1305 || alg->flags & IKE_ALG_NO_ENCRYPTION)
        continue;
      blocks = (double) TWO_TO (alg->log_octets) / size + 2 * (double) TWO_TO (alg->log_packets);
      g_assert_cmpfloat (blocks, <=, alg->id == IKE_ENCR_3DES ? 0x1p24 : 0x1p36);
    }
}

static void
test_hash_lengths (void)
{
  g_assert_cmpuint (ike_hash_len (IKE_HASH_MD5), ==, 16);
  g_assert_cmpuint (ike_hash_len (IKE_HASH_SHA2_384), ==, 48);
  g_assert_cmpuint (ike_hash_len (IKE_HASH_IDENTITY), ==, 0);
  g_assert_cmpuint (ike_hash_len (77), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/suites/rows-are-unique", test_rows_are_unique);
  g_test_add_func ("/crypto/suites/rows-are-whole", test_rows_are_whole);
  g_test_add_func ("/crypto/suites/weak-and-approved", test_policy);
  g_test_add_func ("/crypto/suites/key-lengths", test_key_lengths);
  g_test_add_func ("/crypto/suites/esp-overhead", test_overhead);
  g_test_add_func ("/crypto/suites/limits", test_limits);
  g_test_add_func ("/crypto/suites/hash-lengths", test_hash_lengths);
  return g_test_run ();
}
