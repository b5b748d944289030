/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Key derivation and AUTH against values that another implementation computed (RFC 7296 has no vectors), the nonce rule
 * of XCBC and CMAC, both ends' view of a Child SA, and the failures.
 */
#include "crypto-test.h"
#include "crypto/auth.h"
#include "crypto/keymat.h"

static guint8 ni[32], nr[40];
static const IkeKeyInput input = { ni, nr, sizeof ni, sizeof nr, 0x0102030405060708, 0xa1a2a3a4a5a6a7a8 };

/* It begins with a zero octet, which must count. */
#define SHARED "00a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"

static const IkeSuite suite_gcm = { .protocol = IKE_PROTOCOL_IKE,
                                    .encr = IKE_ENCR_AES_GCM_16,
                                    .encr_bits = 256,
                                    .prf = IKE_PRF_HMAC_SHA2_256 };

static const struct {
  IkeSuite suite;
  const char *keys; /* d, ai, ar, ei, er, pi, pr */
} rows[] = {
  { { .encr = IKE_ENCR_AES_GCM_16, .encr_bits = 256, .prf = IKE_PRF_HMAC_SHA2_256 },
    "15cbd2af487c48e7d6c284c25d673359cb0b0305dbad90fe7b16cf76f7f73c3f3a8b4eab7e6e21f352e47c49f89a3387"
    "9beac12f82c546952bb76f06ba8bc191c21ab76e8fc7056c87acdd8e91c2daff501a6a191e837c3d97ecb33a3b99cb61"
    "5fd0e6e82a9fa445e7fb05d96bb9f78430a79c8476811a4ecded97f1841555feb6cac0a7191d89df4423c23ab0f71db9"
    "091eb229853440382faba631de7d21e5f2255bcc939ae115" },
  { { .encr = IKE_ENCR_AES_CBC, .encr_bits = 128, .prf = IKE_PRF_AES128_XCBC, .integ = IKE_INTEG_AES_XCBC_96 },
    "03afab9c7bc20c4b09164b8bd9367f25012f63c097fb8f53c90819905af2386e2a1378bdc91fe96025d10e2180b269d7"
    "d1e766598ad84fb3b5e2bd618aef5323a997b8769d23d4e613b60e09271f840521268e2339dd68d9d40094d210b468c3"
    "c8225ede7fcdc85a5a7e38edd8dad54e" },
  { { .encr = IKE_ENCR_AES_CBC, .encr_bits = 256, .prf = IKE_PRF_AES128_CMAC, .integ = IKE_INTEG_HMAC_SHA1_96 },
    "6fe9e602e0937286374048c8f9ef4b439e45a011c7540e4c9a6c420c5bf6df53b5e927130d090aa9f6936bbc1e6471c7"
    "6e151e36ed6e2f13eec825be61096da830175d573b4b959b1ed2756f0665ff06d567de03b380ef11ca20172c6510fafd"
    "5c494d88c8c0db78501cf8fa26bd895f6ec6e9a4e99a67becf2c52ff8ba0edff1771300f78ab64925252604288c959d1"
    "2775f1b78ca82c5d" },
};

static void
derive (IkeKeys *keys, const IkeSuite *suite)
{
  g_autoptr (IkeSecret) shared = test_secret (SHARED);

  g_assert_true (ike_keys_derive (keys, test_crypto (), suite, shared, &input));
}

static void
test_ike_keys (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (IkeKeys) keys = { NULL };
      g_autoptr (GByteArray) joined = g_byte_array_new ();

      derive (&keys, &rows[i].suite);
      for (IkeSkName name = IKE_SK_D; name < IKE_SK_N; name++)
        {
          gsize len;
          const guint8 *key = ike_keys_get (&keys, name, &len);

          g_byte_array_append (joined, key, (guint) len);
        }
      test_assert_hex (joined->data, joined->len, rows[i].keys);
    }
}

static void
test_key_lengths (void)
{
  g_auto (IkeKeys) keys = { NULL };
  gsize len;

  derive (&keys, &suite_gcm);
  ike_keys_get (&keys, IKE_SK_AI, &len);
  g_assert_cmpuint (len, ==, 0); /* AEAD */
  ike_keys_get (&keys, IKE_SK_EI, &len);
  g_assert_cmpuint (len, ==, 36);
  ike_keys_get (&keys, IKE_SK_PR, &len);
  g_assert_cmpuint (len, ==, 32);
  ike_keys_clear (&keys);
  g_assert_null (keys.all);
  ike_keys_clear (&keys);
}

/* RFC 7296 section 2.18: SKEYSEED by the old prf, the rest by the new. */
static void
test_ike_rekey (void)
{
  const IkeSuite next = {
    .encr = IKE_ENCR_AES_CBC, .encr_bits = 256, .prf = IKE_PRF_HMAC_SHA2_384, .integ = IKE_INTEG_HMAC_SHA2_512_256
  };
  g_autoptr (IkeSecret) shared = test_secret (SHARED);
  g_auto (IkeKeys) old = { NULL }, keys = { NULL };

  derive (&old, &suite_gcm);
  g_assert_true (ike_keys_rekey (&keys, test_crypto (), &old, &next, shared, &input));
  test_assert_hex (ike_secret_data (keys.all), ike_secret_len (keys.all),
                   "440e43bf2f86b7f9464cd9dea27ac07be4e992257ce51fbf7d61ce7de406b0d18ef8398e3cc9d795dec0ea7f71c9c568"
                   "c492ee8642b379013162513efff0e48f3cda104df9fe93911576e5b35e9140fef37881cb48abed39e70a39aec2acbb3f"
                   "d8716892e6b43784a90d22ce54d86cf4fc9d7eb5438fac339b8467de44812a404a4a830b7b965ae78e8ae21d0cf2e702"
                   "50fc90772d26d27f3c348bcea1a9827dcc580a18df8f862852f7a6682e81bf7acf3c598435ca298185641c1923ec2d0c"
                   "77d063340933b96eadeda3f66f508a8d94a855366feb107a5b2ea67e5797c4620cf9849ea0ca4e570ef05c8a1bcb7e92"
                   "71217979115dcd5ad3d2275a9f9e1a488c8d8bda8c5e3419e5755c7425a0c9f25fcdd59c843158b578b4b30f8cf451ad"
                   "aa1dff98ef3097d7c0691a24d38711b48b273b40c5a39ef68036fca31e47c53a65f245836fbcb00cd54398e9a0985131");
}

static void
test_child_keys (void)
{
  const IkeSuite child = {
    .protocol = IKE_PROTOCOL_ESP, .encr = IKE_ENCR_AES_CBC, .encr_bits = 128, .integ = IKE_INTEG_HMAC_SHA2_256_128
  };
  const char *keymat =
      "c4298652813d58d5467d5ae6c3579f5cd182e33428e0de4eb9c4344eb9e67a81425f24617a27516af4ab4d4f245ed381"
      "0bb1e0a7d080abb8d3005ddaa919dbce6219338c68e86f95da563572c1d72efef0abf37b78ba7ddc395407f758d58349";
  g_auto (IkeKeys) keys = { NULL };
  g_auto (IkeChildKeys) us = { NULL }, them = { NULL };
  g_autoptr (GByteArray) joined = g_byte_array_new ();
  const IkeSecret *order[4];

  derive (&keys, &suite_gcm);
  g_assert_true (ike_child_keys_derive (&us, test_crypto (), &keys, &child, NULL, &input, TRUE));
  g_assert_true (ike_child_keys_derive (&them, test_crypto (), &keys, &child, NULL, &input, FALSE));
  order[0] = us.encr_out;
  order[1] = us.integ_out;
  order[2] = us.encr_in;
  order[3] = us.integ_in;
  for (guint i = 0; i < 4; i++)
    g_byte_array_append (joined, ike_secret_data (order[i]), (guint) ike_secret_len (order[i]));
  test_assert_hex (joined->data, joined->len, keymat);
  g_assert_true (ike_secret_equal (us.encr_out, them.encr_in));
  g_assert_true (ike_secret_equal (us.encr_in, them.encr_out));
  g_assert_true (ike_secret_equal (us.integ_out, them.integ_in));
  g_assert_true (ike_secret_equal (us.integ_in, them.integ_out));
}

static void
test_child_keys_with_pfs (void)
{
  const IkeSuite child = { .protocol = IKE_PROTOCOL_ESP, .encr = IKE_ENCR_AES_GCM_16, .encr_bits = 256 };
  const char *keymat =
      "faf7b283613650c80587058e48d8b0cec1dbc51b6edd190617400916b360737aee8942aa6f7f427ef83e36456989b66a"
      "fae21a4c8d802bc6dfe33badc83b3a6b5911e6faa46132c7";
  g_autoptr (IkeSecret) shared = test_secret (SHARED);
  g_autoptr (GBytes) all = test_hex (keymat);
  g_auto (IkeKeys) keys = { NULL };
  g_auto (IkeChildKeys) child_keys = { NULL };

  derive (&keys, &suite_gcm);
  g_assert_true (ike_child_keys_derive (&child_keys, test_crypto (), &keys, &child, shared, &input, FALSE));
  g_assert_cmpmem (ike_secret_data (child_keys.encr_in), ike_secret_len (child_keys.encr_in),
                   g_bytes_get_data (all, NULL), 36);
  g_assert_cmpmem (ike_secret_data (child_keys.encr_out), ike_secret_len (child_keys.encr_out),
                   (const guint8 *) g_bytes_get_data (all, NULL) + 36, 36);
  g_assert_null (child_keys.integ_in);
  g_assert_null (child_keys.integ_out);
}

/* Suites that only the kernel does get keys too; suites without protection get none (cve-2024-3652). */
static void
test_child_suites (void)
{
  static const struct {
    IkeSuite suite;
    gboolean ok;
    gsize encr_len;
  } cases[] = {
    { { .encr = IKE_ENCR_NULL_AUTH_AES_GMAC, .encr_bits = 128 }, TRUE, 20 },
    { { .encr = IKE_ENCR_AES_CCM_16, .encr_bits = 256 }, TRUE, 35 },
    { { .encr = IKE_ENCR_CHACHA20_POLY1305 }, TRUE, 36 },
    { { .encr = IKE_ENCR_3DES, .integ = IKE_INTEG_HMAC_SHA1_96 }, TRUE, 24 },
    { { .encr = IKE_ENCR_NULL, .integ = IKE_INTEG_AES_CMAC_96 }, TRUE, 0 },
    { { .encr = IKE_ENCR_NULL }, FALSE, 0 },
    { { .encr = IKE_ENCR_AES_CBC, .encr_bits = 128 }, FALSE, 0 },
    { { .encr = 200, .integ = IKE_INTEG_AES_CMAC_96 }, FALSE, 0 },
    { { .encr = IKE_ENCR_AES_CBC, .encr_bits = 128, .integ = 200 }, FALSE, 0 },
    { { 0 }, FALSE, 0 },
  };
  g_auto (IkeKeys) keys = { NULL };

  derive (&keys, &suite_gcm);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (IkeChildKeys) child = { NULL };

      g_assert_cmpint (ike_child_keys_derive (&child, test_crypto (), &keys, &cases[i].suite, NULL, &input, TRUE), ==,
                       cases[i].ok);
      g_assert_cmpint (child.encr_in != NULL, ==, cases[i].ok);
      if (cases[i].ok)
        g_assert_cmpuint (ike_secret_len (child.encr_in), ==, cases[i].encr_len);
    }
}

/* Each step of derivation fails closed when the provider does (CVE checklist row 29). */
static guint calls_until_failure;

static gboolean
failing_prf (const IkeCrypto *self, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts, guint n_parts,
             guint8 *out)
{
  const IkeCrypto *good = self->data;

  return calls_until_failure-- > 0 && good->prf (good, prf, key, key_len, parts, n_parts, out);
}

static gboolean
failing_prf_plus (const IkeCrypto *self, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts,
                  guint n_parts, guint8 *out, gsize out_len)
{
  const IkeCrypto *good = self->data;

  return calls_until_failure-- > 0 && good->prf_plus (good, prf, key, key_len, parts, n_parts, out, out_len);
}

static void
test_provider_fails (void)
{
  const IkeSuite child = { .encr = IKE_ENCR_AES_GCM_16, .encr_bits = 128 };
  IkeCrypto failing = *test_crypto ();
  g_autoptr (IkeSecret) shared = test_secret (SHARED), empty = ike_secret_new (0);
  g_autoptr (GBytes) message = g_bytes_new_static ("m", 1);
  g_auto (IkeKeys) keys = { NULL }, none = { NULL };
  g_auto (IkeChildKeys) child_keys = { NULL };

  derive (&keys, &suite_gcm);
  failing.data = (gpointer) test_crypto ();
  failing.prf = failing_prf;
  failing.prf_plus = failing_prf_plus;
  for (guint n = 0; n < 2; n++)
    {
      calls_until_failure = n;
      g_assert_false (ike_keys_derive (&none, &failing, &suite_gcm, shared, &input));
      calls_until_failure = n;
      g_assert_false (ike_keys_rekey (&none, &failing, &keys, &suite_gcm, shared, &input));
      calls_until_failure = n;
      g_assert_null (ike_auth_mac (&failing, IKE_PRF_HMAC_SHA2_256, shared, message));
    }
  calls_until_failure = 0;
  g_assert_false (ike_child_keys_derive (&child_keys, &failing, &keys, &child, NULL, &input, TRUE));
  calls_until_failure = 0;
  g_assert_null (ike_auth_octets (&failing, &keys, TRUE, message, message, nr, 8));
  g_assert_null (none.all);
  g_assert_null (child_keys.encr_in);
  g_assert_false (ike_keys_derive (&none, test_crypto (), &suite_gcm, empty, &input));
  g_assert_false (ike_keys_derive (&none, test_crypto (), &suite_gcm, NULL, &input));
}

/* ---- AUTH ---- */

static GBytes *
octets_of (const IkeKeys *keys, gboolean initiator)
{
  static const guint8 id[] = "\2\0\0\0moon.example.org";
  g_autoptr (GBytes) message = g_bytes_new_static ("the first message", 17);
  g_autoptr (GBytes) nonce = g_bytes_new (nr, sizeof nr);

  return ike_auth_octets (test_crypto (), keys, initiator, message, nonce, id, sizeof id - 1);
}

static void
test_auth (void)
{
  g_autoptr (IkeSecret) psk = ike_secret_new_from ("secret", 6);
  g_autoptr (GBytes) octets = NULL, mac = NULL, by_sk = NULL, other = NULL;
  g_auto (IkeKeys) keys = { NULL };

  derive (&keys, &suite_gcm);
  octets = octets_of (&keys, TRUE);
  test_assert_hex (g_bytes_get_data (octets, NULL), g_bytes_get_size (octets),
                   "746865206669727374206d657373616765808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e"
                   "9fa0a1a2a3a4a5a6a7fca47a717cc8373ba3d346d19f49d97ff0a32446aa0cdc48065f504aa85e574e");
  mac = ike_auth_mac (test_crypto (), keys.prf, psk, octets);
  test_assert_hex (g_bytes_get_data (mac, NULL), g_bytes_get_size (mac),
                   "7fe0e5d659804e42d9e706cdbb5f7d706c528e003ea72c7a9808fda9976937d9");
  by_sk = ike_auth_mac_sk_p (test_crypto (), &keys, FALSE, octets);
  test_assert_hex (g_bytes_get_data (by_sk, NULL), g_bytes_get_size (by_sk),
                   "6c1b688c9a9339b2e94d5031a83857b7d82f43886c5254f49c6b6ed931b8daca");
  /* The two directions differ, or AUTH could be reflected. */
  other = octets_of (&keys, FALSE);
  g_assert_false (g_bytes_equal (octets, other));
}

static void
test_auth_compare (void)
{
  g_autoptr (GBytes) mac = g_bytes_new_static ("0123456789abcdef", 16), empty = g_bytes_new (NULL, 0);
  guint8 copy[17] = "0123456789abcdef";

  g_assert_true (ike_auth_mac_equal (mac, copy, 16));
  for (guint i = 0; i < 128; i++)
    {
      copy[i / 8] ^= (guint8) (1 << i % 8);
      g_assert_false (ike_auth_mac_equal (mac, copy, 16));
      copy[i / 8] ^= (guint8) (1 << i % 8);
    }
  g_assert_false (ike_auth_mac_equal (mac, copy, 15));
  g_assert_false (ike_auth_mac_equal (mac, copy, 17));
  g_assert_false (ike_auth_mac_equal (mac, copy, 0));
  g_assert_false (ike_auth_mac_equal (empty, copy, 0)); /* CVE checklist row 9: empty AUTH */
  g_assert_false (ike_auth_mac_equal (NULL, copy, 0));
  g_assert_false (ike_auth_mac_equal (NULL, copy, 16));
}

static void
test_auth_without_secret (void)
{
  g_autoptr (IkeSecret) empty = ike_secret_new (0);
  g_autoptr (GBytes) octets = g_bytes_new_static ("x", 1);
  IkeKeys none = { NULL };

  g_assert_null (ike_auth_mac (test_crypto (), IKE_PRF_HMAC_SHA2_256, empty, octets));
  g_assert_null (ike_auth_mac (test_crypto (), IKE_PRF_HMAC_SHA2_256, NULL, octets));
  g_assert_null (ike_auth_mac (test_crypto (), 77, empty, octets));
  g_assert_null (ike_auth_mac_sk_p (test_crypto (), &none, TRUE, octets));
  g_assert_null (ike_auth_octets (test_crypto (), &none, TRUE, octets, octets, ni, 8));
}

/* RFC 5723 sections 4.3.3 and 5.1, as computed by another implementation of HMAC. */
static void
test_resume (void)
{
  static const char all[] =
    "2889d53c31b5aa778fb895657c546de06fb3f4d661de55b86f6bd322a99f2422c699940d4e5225f3448e4607ad68457e"
    "8ed140186cec14189c95ff7e4f712726cf1d584ea4785477629d6a28e73d9e8ee6e04126fea85f154c194712f4ecaeca"
    "a2072eaa6aeeefe283f6302da107a06786eb717358991afe883f70636f487f2def364b7448cf5b27d6dce45bff04d88c"
    "31326177adfa9237bcbc1fb33b5f51eb931da05697abe4ae";
  g_auto (IkeKeys) keys = { NULL };
  g_autoptr (IkeSecret) sk_d = ike_secret_new (32), none = ike_secret_new (0);
  g_autoptr (GBytes) octets = g_bytes_new_static ("octets", 6);
  g_autoptr (GBytes) mac = NULL;
  g_autoptr (GBytes) other = NULL;

  for (guint i = 0; i < 32; i++)
    ike_secret_data (sk_d)[i] = (guint8) i;
  g_assert_false (ike_keys_resume (&keys, test_crypto (), none, &suite_gcm, &input));
  g_assert_true (ike_keys_resume (&keys, test_crypto (), sk_d, &suite_gcm, &input));
  test_assert_hex (ike_secret_data (keys.all), ike_secret_len (keys.all), all);
  mac = ike_auth_mac_resumed (test_crypto (), &keys, TRUE, octets);
  other = ike_auth_mac_resumed (test_crypto (), &keys, FALSE, octets);
  test_assert_hex (g_bytes_get_data (mac, NULL), g_bytes_get_size (mac),
                   "d2181d2eaf3ae9ebf43ce20afa9876134ba57a25730ebe8df5e3047a1cc4b517");
  g_assert_false (g_bytes_equal (mac, other));
}

int
main (int argc, char **argv)
{
  for (guint i = 0; i < sizeof ni; i++)
    ni[i] = (guint8) (0x10 + i);
  for (guint i = 0; i < sizeof nr; i++)
    nr[i] = (guint8) (0x80 + i);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/keymat/ike-keys", test_ike_keys);
  g_test_add_func ("/crypto/keymat/key-lengths", test_key_lengths);
  g_test_add_func ("/crypto/keymat/ike-rekey", test_ike_rekey);
  g_test_add_func ("/crypto/keymat/child-keys-of-both-ends", test_child_keys);
  g_test_add_func ("/crypto/keymat/child-keys-with-pfs", test_child_keys_with_pfs);
  g_test_add_func ("/crypto/keymat/cve-2024-3652-child-suites", test_child_suites);
  g_test_add_func ("/crypto/keymat/provider-fails", test_provider_fails);
  g_test_add_func ("/crypto/keymat/resume", test_resume);
  g_test_add_func ("/crypto/auth/octets-and-macs", test_auth);
  g_test_add_func ("/crypto/auth/compare", test_auth_compare);
  g_test_add_func ("/crypto/auth/without-secret", test_auth_without_secret);
  return g_test_run ();
}
