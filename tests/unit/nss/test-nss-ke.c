/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key exchange with NSS: RFC vectors, agreement of both ends in every group, values that a peer must not get away
 * with. */
#include "crypto-test.h"
#include "crypto/suites.h"
#include "nss-crypto-private.h"
#include "nss-ke-groups.h"

typedef struct {
  guint16 group;
  const char *i, *public_i, *r, *public_r, *shared;
} VectorRow;

static const VectorRow vectors[] = {
  /* RFC 8031 appendix A */
  { IKE_KE_CURVE25519, "751fb4308655b476b6789b7325f9ea8cddd16a58533ff6d9e60009464a5f9d94",
    "48d5ddd4061257ba166fa3f9bbdb74f1a4e81c089384fa77f790709f0dfbc766",
    "0a5464525329 0d60ddadd0e030bacd9e5501efdc220755a1e978f1b839a05688",
    "0be7c1f5aad87d7e448662673298a443478b859745179eaf564c79c0ef6eee25",
    "c74950607a12327f3204d94b6825bfb068b7f8319a9e3708ed3d43ce8130c950" },
  /* RFC 5903 section 8 */
  { IKE_KE_ECP_256, "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
    "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb8252d61f1c456fa3e59a"
    "b1f45b33accf5f58389e0577b8990bb3",
    "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
    "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6a"
    "ac23f046ada30f8353e74f33039872ab",
    "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de" },
  { IKE_KE_ECP_384, "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee3faef896783ab194",
    "667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6de3ac808acb4bdb4c88732aee95f41aa"
    "9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38eeb9fcff3c2c947dae69b4c634573a81c",
    "41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942e0308312916b8ed2960e4bd55a7448fc",
    "e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d0d1ac43a0336def96fda41d0774a3571"
    "dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1fff83fa40142209dff5eaad96db9e6386c",
    "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4d603135569b9e9d09cf5d4a270f59746" },
  { IKE_KE_ECP_521,
    "0037ade9319a89f4dabdb3ef411aaccca5123c61acab57b5393dce47608172a095aa85a30fe1c2952c6771d937ba9777"
    "f5957b2639bab072462f68c27a57382d4a52",
    "0015417e84dbf28c0ad3c278713349dc7df153c897a1891bd98bab4357c9ecbee1e3bf42e00b8e380aeae57c2d107564"
    "941885942af5a7f4601723c4195d176ced3e017cae20b6641d2eeb695786d8c946146239d099e18e1d5a514c739d7cb4"
    "a10ad8a788015ac405d7799dc75e7b7d5b6cf2261a6a7f1507438bf01beb6ca3926f9582",
    "0145ba99a847af43793fdd0e872e7cdfa16be30fdc780f97bccc3f078380201e9c677d600b343757a3bdbf2a3163e4c2"
    "f869cca7458aa4a4effc311f5cb151685eb9",
    "00d0b3975ac4b799f5bea16d5e13e9af971d5e9b984c9f39728b5e5739735a219b97c356436adc6e95bb0352f6be64a6"
    "c2912d4ef2d0433ced2b6171640012d9460f015c68226383956e3bd066e797b623c27ce0eac2f551a10c2c724d985207"
    "7b87220b6536c5c408a1d2aebb8e86d678ae49cb57091f4732296579ab44fcd17f0fc56a",
    "01144c7d79ae6956bc8edb8e7c787c4521cb086fa64407f97894e5e6b2d79b04d1427e73ca4baa240a34786859810c06"
    "b3c715a3a8cc3151f2bee417996d19f3ddea" },
};

static IkeKeKey *
import (const VectorRow *row, gboolean initiator)
{
  g_autoptr (GBytes) value = test_hex (initiator ? row->i : row->r);
  g_autoptr (GBytes) public_value = test_hex (initiator ? row->public_i : row->public_r);
  g_autoptr (GBytes) got = NULL;
  IkeKeKey *key = NULL;

  g_assert_true (nss_ke_import (row->group, ike_chunk_bytes (value), ike_chunk_bytes (public_value), &key, &got));
  g_assert_true (g_bytes_equal (got, public_value));
  return key;
}

static void
test_vectors (void)
{
  const IkeCrypto *crypto = test_crypto ();

  for (guint n = 0; n < G_N_ELEMENTS (vectors); n++)
    for (guint initiator = 0; initiator < 2; initiator++)
      {
        IkeKeKey *key = import (&vectors[n], initiator);
        g_autoptr (GBytes) peer = test_hex (initiator ? vectors[n].public_r : vectors[n].public_i);
        g_autoptr (IkeSecret) shared = crypto->ke_finish (crypto, key, peer);

        g_assert_nonnull (shared);
        test_assert_hex (ike_secret_data (shared), ike_secret_len (shared), vectors[n].shared);
        crypto->ke_free (crypto, key);
      }
}

/* Initiator and responder agree, lengths are the group's, and two runs differ. */
static void
agree (const IkeCrypto *crypto, guint16 group)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_KE, group);
  g_autoptr (GBytes) ours = NULL, again = NULL, theirs = NULL;
  g_autoptr (IkeSecret) shared_r = NULL, shared_i = NULL;
  IkeKeKey *key = NULL, *other = NULL;

  g_assert_true (crypto->ke_generate (crypto, group, &key, &ours));
  g_assert_true (crypto->ke_generate (crypto, group, &other, &again));
  g_assert_false (g_bytes_equal (ours, again));
  crypto->ke_free (crypto, other);
  g_assert_cmpuint (g_bytes_get_size (ours), ==, alg->ke_initiator);
  g_assert_true (crypto->ke_respond (crypto, group, ours, &theirs, &shared_r));
  g_assert_cmpuint (g_bytes_get_size (theirs), ==, alg->ke_responder);
  shared_i = crypto->ke_finish (crypto, key, theirs);
  g_assert_cmpuint (ike_secret_len (shared_i), ==, alg->ke_shared);
  g_assert_true (ike_secret_equal (shared_i, shared_r));
  crypto->ke_free (crypto, key);
}

static void
test_all_groups_agree (void)
{
  const IkeCrypto *crypto = test_crypto ();
  const IkeAlgorithm *alg;
  guint n = 0;

  for (guint i = 0; (alg = ike_algorithm_at (i)); i++)
    if (alg->type == IKE_TRANSFORM_KE && crypto->supports (crypto, alg->type, alg->id, 0))
      {
        agree (crypto, alg->id);
        n++;
      }
  g_assert_cmpuint (n, >=, 15);
}

/* A secret or public value with leading zeros (one in 256) must keep them: RFC 7296 section 2.14. The 768-bit group is
 * the quickest; 600 runs miss such a secret once in ten. */
static void
test_leading_zeros (void)
{
  const IkeCrypto *crypto = test_crypto ();
  guint runs = g_test_thorough () ? 5000 : 600;

  for (guint i = 0; i < runs; i++)
    {
      g_autoptr (GBytes) ours = NULL, theirs = NULL;
      g_autoptr (IkeSecret) shared_r = NULL, shared_i = NULL;
      IkeKeKey *key = NULL;

      g_assert_true (crypto->ke_generate (crypto, IKE_KE_MODP_768, &key, &ours));
      g_assert_cmpuint (g_bytes_get_size (ours), ==, 96);
      g_assert_true (crypto->ke_respond (crypto, IKE_KE_MODP_768, ours, &theirs, &shared_r));
      g_assert_cmpuint (g_bytes_get_size (theirs), ==, 96);
      shared_i = crypto->ke_finish (crypto, key, theirs);
      g_assert_cmpuint (ike_secret_len (shared_i), ==, 96);
      g_assert_true (ike_secret_equal (shared_i, shared_r));
      crypto->ke_free (crypto, key);
    }
}

/* Both ways of taking in a value refuse it. */
static void
refuse (const IkeCrypto *crypto, guint16 group, const guint8 *data, gsize len)
{
  g_autoptr (GBytes) peer = g_bytes_new (data, len);
  g_autoptr (GBytes) ours = NULL;
  GBytes *untouched = NULL;
  IkeSecret *shared = NULL;
  IkeKeKey *key = NULL;

  g_assert_true (crypto->ke_generate (crypto, group, &key, &ours));
  g_assert_null (crypto->ke_finish (crypto, key, peer));
  g_assert_false (crypto->ke_respond (crypto, group, peer, &untouched, &shared));
  g_assert_null (untouched);
  g_assert_null (shared);
  crypto->ke_free (crypto, key);
}

/* CVE checklist rows 31, 32: 0, 1, p - 1, p, all ones; RFC 6989 section 2.1. */
static void
test_modp_range (void)
{
  static const guint16 groups[] = { IKE_KE_MODP_1024, IKE_KE_MODP_2048, IKE_KE_MODP_2048_256 };
  const IkeCrypto *crypto = test_crypto ();

  for (guint n = 0; n < G_N_ELEMENTS (groups); n++)
    {
      g_autoptr (GBytes) prime = NULL, generator = NULL;
      g_autofree guint8 *value = NULL;
      gsize len;

      g_assert_true (nss_ke_group_get (groups[n], &prime, &generator));
      len = g_bytes_get_size (prime);
      value = g_malloc0 (len);
      refuse (crypto, groups[n], value, len);
      value[len - 1] = 1;
      refuse (crypto, groups[n], value, len);
      memcpy (value, g_bytes_get_data (prime, NULL), len);
      refuse (crypto, groups[n], value, len);
      value[len - 1]--;
      refuse (crypto, groups[n], value, len);
      memset (value, 0xff, len);
      refuse (crypto, groups[n], value, len);
    }
}

static void
test_modp_smallest_good_value (void)
{
  const IkeCrypto *crypto = test_crypto ();
  guint8 value[128] = { 0 };
  g_autoptr (GBytes) peer = NULL, ours = NULL;
  g_autoptr (IkeSecret) shared = NULL;

  value[127] = 2;
  peer = g_bytes_new (value, sizeof value);
  g_assert_true (crypto->ke_respond (crypto, IKE_KE_MODP_1024, peer, &ours, &shared));
  g_assert_cmpuint (ike_secret_len (shared), ==, 128);
}

/* Every group: nothing, one octet, one short, one long, much too long. */
static void
test_lengths (void)
{
  const IkeCrypto *crypto = test_crypto ();
  const IkeAlgorithm *alg;
  g_autofree guint8 *junk = g_malloc (65535);

  memset (junk, 0x55, 65535);
  for (guint i = 0; (alg = ike_algorithm_at (i)); i++)
    {
      if (alg->type != IKE_TRANSFORM_KE || alg->strength > 128 || !crypto->supports (crypto, alg->type, alg->id, 0))
        continue;
      refuse (crypto, alg->id, junk, 0);
      refuse (crypto, alg->id, junk, 1);
      refuse (crypto, alg->id, junk, alg->ke_initiator - 1u);
      refuse (crypto, alg->id, junk, alg->ke_initiator + 1u);
      refuse (crypto, alg->id, junk, 65535);
    }
}

/* Points that are not on the curve, and the one at infinity in whatever disguise has the length. */
static void
test_ecp_points (void)
{
  static const guint16 groups[] = { IKE_KE_ECP_256, IKE_KE_ECP_384, IKE_KE_ECP_521 };
  const IkeCrypto *crypto = test_crypto ();

  for (guint n = 0; n < G_N_ELEMENTS (groups); n++)
    {
      gsize len = ike_algorithm_find (IKE_TRANSFORM_KE, groups[n])->ke_initiator;
      g_autoptr (GBytes) good = NULL;
      g_autofree guint8 *point = g_malloc0 (len);
      IkeKeKey *key = NULL;

      refuse (crypto, groups[n], point, len);
      memset (point, 0xff, len);
      refuse (crypto, groups[n], point, len);
      g_assert_true (crypto->ke_generate (crypto, groups[n], &key, &good));
      crypto->ke_free (crypto, key);
      memcpy (point, g_bytes_get_data (good, NULL), len);
      point[len - 1] ^= 1;
      refuse (crypto, groups[n], point, len);
    }
}

/* Points of small order give the all-zero secret: RFC 8031 section 5. The list is RFC 7748's, known to everybody. */
static void
test_x25519_small_order (void)
{
  static const char *const points[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };
  const IkeCrypto *crypto = test_crypto ();

  for (guint i = 0; i < G_N_ELEMENTS (points); i++)
    {
      g_autoptr (GBytes) point = test_hex (points[i]);

      refuse (crypto, IKE_KE_CURVE25519, g_bytes_get_data (point, NULL), g_bytes_get_size (point));
    }
}

/* Row 30: numbers that are no group of ours. */
static void
test_unknown_groups (void)
{
  static const guint16 groups[] = { 0, 3, 4, 13, 25, 26, 27, 30, 32, 1023, 1025, 1040, 65535 };
  const IkeCrypto *crypto = test_crypto ();
  g_autoptr (GBytes) peer = g_bytes_new_static ("0123456789abcdef0123456789abcdef", 32);

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      IkeKeKey *key = NULL;
      GBytes *out = NULL;
      IkeSecret *shared = NULL;

      g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_KE, groups[i], 0));
      g_assert_false (crypto->ke_generate (crypto, groups[i], &key, &out));
      g_assert_false (crypto->ke_respond (crypto, groups[i], peer, &out, &shared));
      g_assert_null (key);
      g_assert_null (out);
      g_assert_null (shared);
    }
}

/* ML-KEM: a ciphertext that was tampered with gives another secret, never a failure (FIPS 203 section 6.3). */
static void
test_kem (gconstpointer data)
{
  guint16 group = GPOINTER_TO_UINT (data);
  const IkeCrypto *crypto = test_crypto ();
  g_autoptr (GBytes) ours = NULL, theirs = NULL, bad = NULL;
  g_autoptr (IkeSecret) shared_r = NULL, shared_i = NULL;
  g_autofree guint8 *copy = NULL;
  IkeKeKey *key = NULL;

  if (!crypto->supports (crypto, IKE_TRANSFORM_KE, group, 0))
    {
      g_test_skip ("not in this NSS");
      return;
    }
  g_assert_true (crypto->ke_generate (crypto, group, &key, &ours));
  g_assert_true (crypto->ke_respond (crypto, group, ours, &theirs, &shared_r));
  copy = g_memdup2 (g_bytes_get_data (theirs, NULL), g_bytes_get_size (theirs));
  copy[100] ^= 1;
  bad = g_bytes_new (copy, g_bytes_get_size (theirs));
  shared_i = crypto->ke_finish (crypto, key, bad);
  g_assert_nonnull (shared_i);
  g_assert_false (ike_secret_equal (shared_i, shared_r));
  crypto->ke_free (crypto, key);
}

int
main (int argc, char **argv)
{
  int rv;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nss-ke/vectors", test_vectors);
  g_test_add_func ("/nss-ke/all-groups-agree", test_all_groups_agree);
  g_test_add_func ("/nss-ke/leading-zeros-stay", test_leading_zeros);
  g_test_add_func ("/nss-ke/modp-values-out-of-range-are-refused", test_modp_range);
  g_test_add_func ("/nss-ke/modp-two-is-in-range", test_modp_smallest_good_value);
  g_test_add_func ("/nss-ke/wrong-lengths-are-refused", test_lengths);
  g_test_add_func ("/nss-ke/points-off-the-curve-are-refused", test_ecp_points);
  g_test_add_func ("/nss-ke/points-of-small-order-are-refused", test_x25519_small_order);
  g_test_add_func ("/nss-ke/unknown-groups", test_unknown_groups);
  g_test_add_data_func ("/nss-ke/ml-kem-512", GUINT_TO_POINTER (IKE_KE_ML_KEM_512), test_kem);
  g_test_add_data_func ("/nss-ke/ml-kem-768", GUINT_TO_POINTER (IKE_KE_ML_KEM_768), test_kem);
  g_test_add_data_func ("/nss-ke/ml-kem-1024", GUINT_TO_POINTER (IKE_KE_ML_KEM_1024), test_kem);
  rv = g_test_run ();
  g_assert_true (nss_stop ()); /* nothing of NSS was left alive */
  return rv;
}
