/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw public keys: in and out in every form, what is refused, and that only the right key proves a peer. */
#include "sign-test.h"

#include "nss-crypto.h"
#include "nss-raw-key.h"

#include <string.h>

static const struct {
  const char *name, *word;
  IkeKeyType type;
} keys[] = {
  { "rsa", "rsasigkey", IKE_KEY_RSA },  { "rsae3", "rsasigkey", IKE_KEY_RSA },
  { "p256", "ecdsakey", IKE_KEY_P256 }, { "p384", "ecdsakey", IKE_KEY_P384 },
  { "p521", "ecdsakey", IKE_KEY_P521 }, { "ed25519", "eddsakey", IKE_KEY_ED25519 },
};

static GBytes *
text_octets (const char *text)
{
  gsize len;
  guint8 *octets;

  g_assert_true (g_str_has_prefix (text, "0s"));
  octets = g_base64_decode (text + 2, &len);
  return g_bytes_new_take (octets, len);
}

static void
test_round_trips (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (GBytes) spki = spki_load (keys[i].name);
      g_autofree char *text = nss_raw_key_to_text (spki), *pem = nss_raw_key_to_pem (spki);
      g_autofree char *ckaid = nss_raw_key_ckaid (spki);
      g_autoptr (GBytes) octets = text_octets (text), file = g_bytes_new (pem, strlen (pem));
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) again = nss_raw_key_from_octets (octets, &error);
      g_autoptr (GBytes) whole = nss_raw_key_from_octets (spki, &error);
      g_autoptr (GBytes) from_pem = nss_raw_key_from_file (file, &error);
      g_autoptr (GBytes) from_der = nss_raw_key_from_file (spki, &error);

      g_assert_no_error (error);
      g_assert_true (again && g_bytes_equal (again, spki));
      g_assert_true (whole && g_bytes_equal (whole, spki));
      g_assert_true (from_pem && g_bytes_equal (from_pem, spki));
      g_assert_true (from_der && g_bytes_equal (from_der, spki));
      g_assert_cmpuint (strlen (ckaid), ==, 40);
      g_assert_cmpstr (nss_raw_key_word (spki), ==, keys[i].word);
    }
}

/* RFC 3110 with the long form of the exponent's length, and a point with its 04. */
static void
test_other_forms (void)
{
  g_autoptr (GBytes) rsa = spki_load ("rsa"), p256 = spki_load ("p256");
  g_autofree char *rsa_text = nss_raw_key_to_text (rsa);
  g_autoptr (GBytes) rsa_octets = text_octets (rsa_text);
  gsize len;
  const guint8 *data = g_bytes_get_data (rsa_octets, &len);
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  g_autoptr (GBytes) longer_octets = NULL, again = NULL, point = NULL, from_point = NULL;
  const guint8 zeros[] = { 0, 0 };

  g_byte_array_append (longer, zeros, 2);
  g_byte_array_append (longer, data, (guint) len);
  longer_octets = g_bytes_new (longer->data, longer->len);
  again = nss_raw_key_from_octets (longer_octets, NULL);
  g_assert_true (again && g_bytes_equal (again, rsa));
  data = g_bytes_get_data (p256, &len);
  point = g_bytes_new (data + len - 65, 65);
  from_point = nss_raw_key_from_octets (point, NULL);
  g_assert_true (from_point && g_bytes_equal (from_point, p256));
}

static void
test_refused (void)
{
  static const guint8 nothing[] = { 0 }, short_rsa[] = { 3, 1, 0, 1 }, exponent_only[] = { 0, 0, 3, 1, 0, 1 };
  g_autoptr (GBytes) weak = spki_load ("rsa1024"), odd = spki_load ("k256"), pem = fixture ("root.pem");
  g_autofree char *weak_text = nss_raw_key_to_text (weak);
  GBytes *bad[] = { g_bytes_new_static (nothing, 0), g_bytes_new_static (nothing, 1), g_bytes_new_static (short_rsa, 4),
                    g_bytes_new_static (exponent_only, 6), g_bytes_ref (odd) };
  g_autoptr (GBytes) weak_octets = text_octets (weak_text);
  g_autoptr (GError) error = NULL;

  g_assert_null (nss_raw_key_from_octets (weak_octets, &error));
  g_assert_error (error, NSS_RAW_KEY_ERROR, NSS_RAW_KEY_ERROR_WEAK);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) local = NULL;

      g_assert_null (nss_raw_key_from_octets (bad[i], &local));
      g_assert_error (local, NSS_RAW_KEY_ERROR, NSS_RAW_KEY_ERROR_BAD);
      g_bytes_unref (bad[i]);
    }
  g_clear_error (&error);
  g_assert_null (nss_raw_key_from_file (pem, &error)); /* certificates: another matter */
  g_assert_no_error (error);
}

static void
judge (GBytes *trusted, const IkeSigScheme *scheme, GBytes *octets, GBytes *signature, IkeReasonCode wanted)
{
  g_autoptr (NssTrust) trust = nss_trust_new_raw (trusted);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_auto (IkeReason) reason = { 0 };
  NssChainQuery query = { .trust = trust, .certificates = none };

  nss_verify_auth (&query, scheme, octets, signature, &reason);
  g_assert_cmpint (reason.code, ==, wanted);
  /* nothing else is trusted because of it */
  ike_reason_clear (&reason);
  g_assert_false (nss_chain_verify (&query, NULL, &reason));
}

static void
test_proof (void)
{
  g_autoptr (GBytes) octets = fixture ("octets");

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (NssKey) key = key_load (keys[i].name);
      g_autoptr (GBytes) spki = spki_load (keys[i].name), other = spki_load (i == 0 ? "rsae3" : "rsa");
      const IkeSigScheme *scheme = NULL;

      if (!key)
        continue; /* Ed25519 with an NSS that does not have it */
      for (guint k = 0; (scheme = ike_sig_scheme_at (k)); k++)
        if (!scheme->weak && scheme->keys & 1u << keys[i].type && nss_sign_supports (scheme))
          {
            g_autoptr (GBytes) signature = nss_sign (key, scheme, octets, NULL);

            g_assert_nonnull (signature);
            judge (spki, scheme, octets, signature, IKE_REASON_NONE);
            judge (other, scheme, octets, signature, IKE_REASON_PEER_AUTH_WRONG);
          }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (nss_start (NULL));
  g_test_add_func ("/raw-key/round-trips", test_round_trips);
  g_test_add_func ("/raw-key/other-forms", test_other_forms);
  g_test_add_func ("/raw-key/refused", test_refused);
  g_test_add_func ("/raw-key/proof", test_proof);
  return g_test_run ();
}
