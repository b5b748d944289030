/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The computations of EAP-MSCHAPv2: RFC 1320, RFC 2759 section 9, RFC 3079 section 3.5.3. */
#include "crypto-test.h"
#include "eap/md4.h"
#include "eap/mschapv2.h"

static const guint8 peer_challenge[16] = { 0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26, 0x2a,
                                           0x28, 0x29, 0x5f, 0x2b, 0x3a, 0x33, 0x7c, 0x7e };
#define MSK                                                                                                            \
 "d5f0e9521e3ea9589645e86051c82226 8b7cdc149b993a1ba118cb153f56dccb"                                                   \
 "0000000000000000000000000000000000000000000000000000000000000000"

static void
test_md4 (void)
{
  static const struct {
    const char *in, *out;
  } rows[] = {
    /* RFC 1320 appendix A.5 */
    { "", "31d6cfe0d16ae931b73c59d7e0c089c0" },
    { "a", "bde52cb31de33e46245e05fbdbd6fb24" },
    { "abc", "a448017aaf21d8525fc10ae87aa6729d" },
    { "message digest", "d9130a8164549fe818874806e1c7014b" },
    { "abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9" },
    { "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "043f8582f241db351ce627e153e7f0e4" },
    { "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "e33b4ddc9c38f2199c3e7b164fcc0536" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint8 out[IKE_MD4_LEN];

      ike_md4 ((const guint8 *) rows[i].in, strlen (rows[i].in), out);
      test_assert_hex (out, sizeof out, rows[i].out);
    }
}

static void
test_password_hash (void)
{
  static const struct {
    const char *password, *hash;
  } rows[] = {
    { "clientPass", "44ebba8d5312b8d611474411f56989ae" }, /* RFC 2759 section 9.2 */
    { "MyPw", "fc156af7edcd6c0edde3337d427f4eac" }, /* section 9.3 */
    { "", "31d6cfe0d16ae931b73c59d7e0c089c0" },
    { "p\xc3\xa4ss\xf0\x9f\x94\x91", "01c04b94d4eaa1b54b5c1701a3bad5b8" },
  };
  g_autofree char *longest = g_strnfill (256, 'x'), *longer = g_strnfill (257, 'x');
  guint8 out[IKE_MSCHAPV2_HASH_LEN];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_true (ike_mschapv2_password_hash (ike_chunk (rows[i].password, strlen (rows[i].password)), out));
      test_assert_hex (out, sizeof out, rows[i].hash);
    }
  g_assert_true (ike_mschapv2_password_hash (ike_chunk (longest, 256), out));
  g_assert_false (ike_mschapv2_password_hash (ike_chunk (longer, 257), out));
  g_assert_false (ike_mschapv2_password_hash (ike_chunk ("\xff", 1), out));
  g_assert_false (ike_mschapv2_password_hash (ike_chunk ("\xc3", 1), out));
}

/* RFC 2759 section 9.2; RFC 3079 section 3.5.3 for the second half of the key (the server's send key). */
static void
test_compute (void)
{
  g_autoptr (GBytes) challenge = test_hex ("5b5d7c7d7b3f2f3e3c2c602132262628");
  g_autoptr (GBytes) hash = test_hex ("44ebba8d5312b8d611474411f56989ae");
  IkeMschapv2Result result;

  g_assert_true (ike_mschapv2_compute (test_crypto (), g_bytes_get_data (challenge, NULL), peer_challenge, "User",
                                       g_bytes_get_data (hash, NULL), &result));
  test_assert_hex (result.nt_response, 24, "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df");
  test_assert_hex (result.authenticator, 20, "407a5589115fd0d6209f510fe9c04566932cda56");
  test_assert_hex (result.msk + 16, 16, "8b7cdc149b993a1ba118cb153f56dccb");
  test_assert_hex (result.msk, sizeof result.msk, MSK);
}

static void
test_bare_name (void)
{
  g_assert_cmpstr (ike_mschapv2_bare_name ("User"), ==, "User");
  g_assert_cmpstr (ike_mschapv2_bare_name ("BIGCO\\User"), ==, "User");
  g_assert_cmpstr (ike_mschapv2_bare_name ("user@example.org"), ==, "user@example.org");
  g_assert_cmpstr (ike_mschapv2_bare_name ("\\"), ==, "");
  g_assert_cmpstr (ike_mschapv2_bare_name (""), ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eap/md4", test_md4);
  g_test_add_func ("/eap/mschapv2/password-hash", test_password_hash);
  g_test_add_func ("/eap/mschapv2/rfc-2759", test_compute);
  g_test_add_func ("/eap/mschapv2/bare-name", test_bare_name);
  return g_test_run ();
}
