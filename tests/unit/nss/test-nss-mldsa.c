/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ML-DSA (FIPS 204, RFC 9881): keys and certificates that openssl made, signatures both ways; and what is said where NSS or
 * openssl do not have it. */
#include "sign-test.h"

#include "nss-raw-key.h"
#include "nss-spki.h"

#include <nss.h>
#include <pk11pub.h>

#include <string.h>

static const struct {
  const char *name, *shown;
  IkeKeyType type;
  gsize key_len, signature_len;
} sets[] = {
  { "mldsa44", "ML-DSA-44", IKE_KEY_ML_DSA_44, 1312, 2420 },
  { "mldsa65", "ML-DSA-65", IKE_KEY_ML_DSA_65, 1952, 3309 },
  { "mldsa87", "ML-DSA-87", IKE_KEY_ML_DSA_87, 2592, 4627 },
};

static const char *const forms[] = { "seed-only", "priv-only", "seed-priv" };

static const IkeSigScheme *
scheme_of (guint i)
{
  return scheme_find (IKE_AUTH_METHOD_SIGNATURE, sets[i].type, IKE_HASH_IDENTITY, FALSE);
}

/* FALSE: skipped. */
static gboolean
is_possible (void)
{
  g_autoptr (GBytes) made = fixture_try ("mldsa44.spki");

  if (made == NULL)
    g_test_skip ("this openssl has no ML-DSA");
  else if (!nss_sign_does (IKE_KEY_ML_DSA_44))
    g_test_skip ("this NSS has no ML-DSA");
  return made != NULL && nss_sign_does (IKE_KEY_ML_DSA_44);
}

/* ---- what needs neither ---- */

static void
test_public_keys (void)
{
  guint8 octets[2592 + 1] = { 1 };

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      g_autoptr (GBytes) good = nss_spki_new (sets[i].type, octets, sets[i].key_len);
      g_autoptr (GBytes) less = nss_spki_new (sets[i].type, octets, sets[i].key_len - 1);
      g_autoptr (GBytes) more = nss_spki_new (sets[i].type, octets, sets[i].key_len + 1);
      g_autofree char *text = nss_raw_key_to_text (good), *shown = NULL;
      g_autoptr (GBytes) again = NULL;
      g_autoptr (GError) error = NULL;
      gsize len;
      g_autofree guint8 *raw = g_base64_decode (text + 2, &len);
      g_autoptr (GBytes) decoded = g_bytes_new (raw, len);
      NssSpki spki;

      g_assert_true (nss_spki_parse (nss_der_bytes (good), &spki) && spki.type == sets[i].type);
      g_assert_cmpuint (spki.point.len, ==, sets[i].key_len);
      shown = nss_spki_describe (&spki);
      g_assert_cmpstr (shown, ==, sets[i].shown);
      g_assert_false (nss_spki_parse (nss_der_bytes (less), &spki) || nss_spki_parse (nss_der_bytes (more), &spki));
      again = nss_raw_key_from_octets (decoded, &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (again, good));
      g_assert_cmpstr (nss_raw_key_word (good), ==, "pubkey");
    }
}

/* Parameters must be absent: RFC 9881 section 2. */
static void
test_parameters (void)
{
  guint8 octets[1312] = { 1 };
  g_autoptr (GBytes) good = nss_spki_new (IKE_KEY_ML_DSA_44, octets, sizeof octets);
  g_autoptr (GByteArray) changed = g_byte_array_new ();
  const guint8 *data = g_bytes_get_data (good, NULL);
  NssSpki spki;

  /* SEQUENCE { SEQUENCE { OID } ... }: two octets longer, with a NULL after the OID */
  g_byte_array_append (changed, data, (guint) g_bytes_get_size (good));
  g_assert_cmpmem (data, 2, "\x30\x82", 2);
  g_byte_array_append (changed, data, 2);
  memmove (changed->data + 19, changed->data + 17, changed->len - 19);
  memcpy (changed->data + 17, "\x05\x00", 2);
  changed->data[3] += 2;
  changed->data[5] += 2;
  g_assert_false (nss_spki_parse (nss_der (changed->data, changed->len), &spki));
  g_assert_true (nss_spki_parse (nss_der_bytes (good), &spki));
}

static gboolean
nss_has_it (void)
{
#ifdef CKM_ML_DSA
  PK11SlotInfo *slot = PK11_GetInternalKeySlot ();
  gboolean has = PK11_DoesMechanism (slot, CKM_ML_DSA);

  PK11_FreeSlot (slot);
  return has;
#else
  return FALSE;
#endif
}

/* Nobody is told that ML-DSA will do where NSS has none, and nothing is believed then. */
static void
test_offered (void)
{
  guint8 octets[2592] = { 1 };

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      g_autoptr (GBytes) key = nss_spki_new (sets[i].type, octets, sets[i].key_len);
      g_autoptr (GBytes) said = g_bytes_new_static ("said", 4);
      g_autoptr (GBytes) signature = g_bytes_new_take (g_malloc0 (sets[i].signature_len), sets[i].signature_len);

      g_assert_cmpint (nss_sign_supports (scheme_of (i)), ==, nss_has_it ());
      g_assert_cmpint (nss_raw_key_verifies (key, NULL), ==, nss_has_it ());
      g_assert_false (nss_verify (key, scheme_of (i), said, signature));
    }
}

/* ---- signatures ---- */

static NssKey *
load_form (guint i, const char *form)
{
  g_autofree char *name = g_strdup_printf ("%s-%s", sets[i].name, form);

  return key_load (name);
}

static void
openssl_verifies (guint i, GBytes *signature)
{
  const char *fixtures = g_getenv ("CERT_FIXTURES");
  g_autofree char *before = g_strdup_printf ("pkeyutl -verify -rawin -inkey %s/%s.key -in %s/octets -sigfile", fixtures,
                                             sets[i].name, fixtures);

  openssl_takes (signature, before, "");
}

static void
test_signatures (void)
{
  if (!is_possible ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    for (guint f = 0; f < G_N_ELEMENTS (forms); f++)
      {
        g_autoptr (NssKey) key = load_form (i, forms[f]);
        g_autoptr (GBytes) public_key = spki_load (sets[i].name);
        g_autoptr (GBytes) octets = fixture ("octets");
        g_autoptr (GBytes) other = g_bytes_new_static ("others", 6);
        g_autofree char *file = g_strconcat (sets[i].name, ".sig", NULL);
        g_autoptr (GBytes) theirs = fixture (file);
        g_autoptr (GBytes) ours = NULL;
        const guint8 *data;
        gsize len;

        g_test_message ("%s, %s", sets[i].name, forms[f]);
        g_assert_nonnull (key);
        g_assert_cmpint (nss_key_type (key), ==, sets[i].type);
        g_assert_true (nss_key_matches (key, public_key));
        ours = nss_sign (key, scheme_of (i), octets, NULL);
        g_assert_nonnull (ours);
        g_assert_cmpuint (g_bytes_get_size (ours), ==, sets[i].signature_len);
        openssl_verifies (i, ours);
        g_assert_true (nss_verify (public_key, scheme_of (i), octets, ours));
        g_assert_true (nss_verify (public_key, scheme_of (i), octets, theirs));
        g_assert_false (nss_verify (public_key, scheme_of (i), other, theirs));
        g_assert_false (nss_verify (public_key, scheme_of ((i + 1) % 3), octets, theirs));
        data = g_bytes_get_data (theirs, &len);
        for (gsize at = 0; at < len; at += 1 + len / 16)
          {
            g_autoptr (GBytes) changed = bytes_patch (theirs, at, data[at] ^ 1);

            g_assert_false (nss_verify (public_key, scheme_of (i), octets, changed));
            g_assert_false (verify_octets (public_key, scheme_of (i), octets, data, at));
          }
      }
}

/* Private keys of other lengths, or of another kind than they say, are refused. */
static void
test_damaged_keys (void)
{
  if (!is_possible ())
    return;
  for (guint f = 0; f < G_N_ELEMENTS (forms); f++)
    {
      g_autofree char *file = g_strdup_printf ("mldsa44-%s.p8", forms[f]);
      g_autoptr (GBytes) pkcs8 = fixture (file);
      gsize len;
      const guint8 *data = g_bytes_get_data (pkcs8, &len);
      g_autofree guint8 *copy = g_memdup2 (data, len);
      guint8 *oid = memmem (copy, len, "\x60\x86\x48\x01\x65\x03\x04\x03\x11", 9);

      g_assert_null (nss_key_new_from_pkcs8 (data, len - 1));
      g_assert_nonnull (oid);
      oid[8] = 0x12;
      if (f > 0) /* any seed is one for every set */
        g_assert_null (nss_key_new_from_pkcs8 (copy, len));
    }
}

/* ---- certificates ---- */

static void
test_certificates (void)
{
  if (!is_possible ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      g_autoptr (GPtrArray) anchors = fixture_list ("mldsaroot"), others = fixture_list ("rsaroot");
      g_autoptr (NssTrust) trust = nss_trust_new (anchors, NULL), no_trust = nss_trust_new (others, NULL);
      g_autoptr (GPtrArray) certificates = fixture_list (sets[i].name);
      g_autoptr (NssCert) cert = fixture_cert (sets[i].name);
      g_autoptr (GBytes) octets = fixture ("octets");
      g_autofree char *file = g_strconcat (sets[i].name, ".sig", NULL);
      g_autoptr (GBytes) good = fixture (file);
      g_autoptr (GBytes) bad = bytes_patch (good, 7, ((const guint8 *) g_bytes_get_data (good, NULL))[7] ^ 0x80);
      g_autoptr (IkeIdentity) identity = ike_identity_new (IKE_ID_FQDN, "vpn.example.org", 15);
      NssChainQuery query = { .trust = trust,
                              .certificates = certificates,
                              .identity = identity,
                              .check_identity = TRUE,
                              .now = nss_cert_not_before (cert) + 60 };
      g_auto (IkeReason) reason = { 0 };

      nss_verify_auth (&query, scheme_of (i), octets, good, &reason);
      g_assert_cmpstr (reason.detail, ==, NULL);
      g_assert_cmpint (reason.code, ==, IKE_REASON_NONE);
      nss_verify_auth (&query, scheme_of (i), octets, bad, &reason);
      g_assert_cmpint (reason.code, ==, IKE_REASON_PEER_AUTH_WRONG);
      ike_reason_clear (&reason);
      query.trust = no_trust;
      nss_verify_auth (&query, scheme_of (i), octets, good, &reason);
      g_assert_cmpint (reason.code, ==, IKE_REASON_CERT_UNKNOWN_CA);
    }
}

/* ---- files ---- */

static void
check_credential (const char *certificate, const char *private_key, guint i)
{
  g_autoptr (GBytes) octets = fixture (certificate), key_octets = private_key ? fixture (private_key) : NULL;
  NssFile file = { certificate, octets }, key_file = { private_key, key_octets };
  g_autoptr (IkeSecret) password = secret_of (private_key ? NULL : "pässword");
  g_autoptr (GError) error = NULL;
  g_autoptr (NssCredential) credential = nss_credential_load (&file, private_key ? &key_file : NULL, password, &error);

  g_assert_no_error (error);
  g_assert_cmpint (nss_key_type (credential->key), ==, sets[i].type);
  g_assert_cmpuint (nss_key_bits (credential->key), ==, sets[i].key_len * 8);
}

static void
test_files (void)
{
  if (!is_possible ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      g_autofree char *pem = g_strconcat (sets[i].name, ".pem", NULL), *key = g_strconcat (sets[i].name, ".key", NULL),
                      *p12 = g_strconcat (sets[i].name, ".p12", NULL);

      check_credential (pem, key, i);
      check_credential (p12, NULL, i);
      for (guint f = 0; f < G_N_ELEMENTS (forms); f++)
        {
          g_autofree char *p8 = g_strdup_printf ("%s-%s.p8", sets[i].name, forms[f]);

          check_credential (pem, p8, i);
        }
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (NSS_NoDB_Init (NULL), ==, SECSuccess);
  g_test_add_func ("/mldsa/public keys", test_public_keys);
  g_test_add_func ("/mldsa/parameters", test_parameters);
  g_test_add_func ("/mldsa/offered", test_offered);
  g_test_add_func ("/mldsa/signatures", test_signatures);
  g_test_add_func ("/mldsa/damaged keys", test_damaged_keys);
  g_test_add_func ("/mldsa/certificates", test_certificates);
  g_test_add_func ("/mldsa/files", test_files);
  status = g_test_run ();
  g_assert_cmpint (NSS_Shutdown (), ==, SECSuccess);
  return status;
}
