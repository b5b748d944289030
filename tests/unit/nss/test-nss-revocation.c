/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of revoked certificates and answers of OCSP responders, as make-revocation.sh has made them. */
#include "cert-test.h"

#include "nss-crypto.h"
#include "nss-revocation.h"

#include <string.h>

#define DAY (24 * 3600)
#define YEARS (4000 * DAY) /* longer than anything there is valid */

typedef NssRevocation Check (GBytes *octets, const NssCert *cert, const NssCert *issuer, gint64 now, char **ret_text);

typedef struct {
  const char *cert, *issuer, *file;
  gint64 later; /* than now */
  NssRevocation verdict;
  const char *text; /* NULL: none */
} Row;

static const Row lists[] = {
  { "good", "ca", "full.crl", 0, NSS_REVOCATION_GOOD, NULL },
  { "revoked", "ca", "full.crl", 0, NSS_REVOCATION_REVOKED, "revoked since 2026-01-02: its key was compromised" },
  { "held", "ca", "full.crl", 0, NSS_REVOCATION_REVOKED, "revoked since 2026-02-03: it is on hold" },
  { "plain", "ca", "full.crl", 0, NSS_REVOCATION_REVOKED, "revoked since 2026-03-04: no reason is given" },
  { "good", "ca", "full.crl", -YEARS, NSS_REVOCATION_UNKNOWN, "it is from the future" },
  { "good", "ca", "old.crl", 0, NSS_REVOCATION_OLD, "it has not been valid since 2020-03-01" },
  { "revoked", "ca", "old.crl", 0, NSS_REVOCATION_REVOKED, "revoked since 2026-01-02: its key was compromised" },
  { "good", "ca", "forged.crl", 0, NSS_REVOCATION_UNKNOWN, "its issuer has not signed it" },
  { "revoked", "ca", "forged.crl", 0, NSS_REVOCATION_UNKNOWN, "its issuer has not signed it" },
  { "good", "ca", "sha1.crl", 0, NSS_REVOCATION_UNKNOWN, "its issuer has not signed it" },
  { "good", "nosign", "nosign.crl", 0, NSS_REVOCATION_UNKNOWN, "its issuer has not signed it" },
  { "good", "ca", "other.crl", 0, NSS_REVOCATION_UNKNOWN, "it is of another issuer" },
  { "links", "ca", "point.crl", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "ca", "point.crl", 0, NSS_REVOCATION_UNKNOWN, "it is for other certificates of the issuer" },
  { "good", "ca", "users.crl", 0, NSS_REVOCATION_UNKNOWN, "it is of a kind that says nothing about this certificate" },
  { "good", "ca", "some.crl", 0, NSS_REVOCATION_UNKNOWN, "it is for some reasons only" },
  { "good", "ca", "delta.crl", 0, NSS_REVOCATION_UNKNOWN, "it is of a kind that says nothing about this certificate" },
  { "good", "ca", "odd.crl", 0, NSS_REVOCATION_UNKNOWN, "it is of a kind that says nothing about this certificate" },
  { "good", "ca", "good.der", 0, NSS_REVOCATION_UNKNOWN, "it is no list of revoked certificates" },
};

static const Row answers[] = {
  { "good", "ca", "good.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "ca", "delegate.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "ca", "always.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "revoked", "ca", "revoked.ocsp", 0, NSS_REVOCATION_REVOKED, "revoked since 2026-01-02: its key was compromised" },
  { "held", "ca", "held.ocsp", 0, NSS_REVOCATION_REVOKED, "revoked since 2026-02-03: it is on hold" },
  { "revoked", "ca", "revoked.ocsp", YEARS, NSS_REVOCATION_REVOKED,
    "revoked since 2026-01-02: its key was compromised" },
  { "revoked", "ca", "good.ocsp", 0, NSS_REVOCATION_UNKNOWN, "it is about other certificates" },
  { "signer", "ca", "unknown.ocsp", 0, NSS_REVOCATION_UNKNOWN, "the responder does not know the certificate" },
  { "good", "ca", "later.ocsp", 0, NSS_REVOCATION_UNKNOWN, "the responder cannot tell" },
  { "good", "ca", "forged.ocsp", 0, NSS_REVOCATION_UNKNOWN, "neither the issuer nor its responder has signed it" },
  { "good", "ca", "stranger.ocsp", 0, NSS_REVOCATION_UNKNOWN, "neither the issuer nor its responder has signed it" },
  { "good", "other", "good.ocsp", 0, NSS_REVOCATION_UNKNOWN, "neither the issuer nor its responder has signed it" },
  { "good", "ca", "good.ocsp", -YEARS, NSS_REVOCATION_UNKNOWN, "it is from the future" },
  { "good", "ca", "full.crl", 0, NSS_REVOCATION_UNKNOWN, "it is no answer of OCSP" },
};

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
run_rows (const Row *rows, gsize n, Check *check)
{
  for (gsize i = 0; i < n; i++)
    {
      const Row *row = &rows[i];
      g_autoptr (NssCert) cert = fixture_cert (row->cert), issuer = fixture_cert (row->issuer);
      g_autoptr (GBytes) octets = fixture (row->file);
      g_autofree char *text = NULL;
      NssRevocation verdict = check (octets, cert, issuer, now () + row->later, &text);

      g_test_message ("%s by %s: %d %s", row->cert, row->file, (int) verdict, text ? text : "");
      g_assert_cmpint (verdict, ==, row->verdict);
      g_assert_cmpstr (text, ==, row->text);
    }
}

static void
test_lists (void)
{
  run_rows (lists, G_N_ELEMENTS (lists), nss_crl_check);
}

static void
test_answers (void)
{
  run_rows (answers, G_N_ELEMENTS (answers), nss_ocsp_check);
}

static void
assert_old (const char *file, Check *check)
{
  g_autoptr (NssCert) cert = fixture_cert ("good"), issuer = fixture_cert ("ca");
  g_autoptr (GBytes) octets = fixture (file);
  g_autofree char *text = NULL;

  g_assert_cmpint (check (octets, cert, issuer, now () + YEARS, &text), ==, NSS_REVOCATION_OLD);
  g_assert_true (g_str_has_prefix (text, "it has not been valid since 20"));
}

static void
test_old (void)
{
  assert_old ("full.crl", nss_crl_check);
  assert_old ("good.ocsp", nss_ocsp_check);
  assert_old ("always.ocsp", nss_ocsp_check);
}

/* Whatever octet is changed: nothing that was bad becomes good, and nothing is said without a signature. */
static void
run_changed (const char *file, Check *check)
{
  g_autoptr (NssCert) cert = fixture_cert ("revoked"), issuer = fixture_cert ("ca");
  g_autoptr (GBytes) octets = fixture (file);

  for (gsize i = 0; i < g_bytes_get_size (octets); i++)
    {
      const guint8 *old = g_bytes_get_data (octets, NULL);
      g_autoptr (GBytes) changed = bytes_patch (octets, i, old[i] ^ 1), cut = g_bytes_new_from_bytes (octets, 0, i);
      g_autofree char *text = NULL, *cut_text = NULL;

      g_assert_cmpint (check (changed, cert, issuer, now (), &text), !=, NSS_REVOCATION_GOOD);
      g_assert_cmpint (check (cut, cert, issuer, now (), &cut_text), ==, NSS_REVOCATION_UNKNOWN);
    }
}

static void
test_changed (void)
{
  run_changed ("full.crl", nss_crl_check);
  run_changed ("revoked.ocsp", nss_ocsp_check);
}

static void
test_places (void)
{
  g_autoptr (NssCert) cert = fixture_cert ("links"), none = fixture_cert ("good");
  g_auto (GStrv) lists_of = nss_crl_urls (cert), ask = nss_ocsp_urls (cert);
  g_auto (GStrv) no_lists = nss_crl_urls (none), no_ask = nss_ocsp_urls (none);
  static const char *const wanted[] = { "http://list.example/1", "http://list.example/2", NULL };
  static const char *const wanted_ask[] = { "http://ask.example/", NULL };

  g_assert_cmpstrv (lists_of, wanted);
  g_assert_cmpstrv (ask, wanted_ask);
  g_assert_null (no_lists[0]);
  g_assert_null (no_ask[0]);
}

/* What we ask is what openssl asks, octet for octet. */
static void
test_question (void)
{
  g_autoptr (NssCert) cert = fixture_cert ("good"), issuer = fixture_cert ("ca");
  g_autoptr (GBytes) own = nss_ocsp_request (cert, issuer), theirs = fixture ("good.req");

  g_assert_true (g_bytes_equal (own, theirs));
}

static void
test_bundle (void)
{
  g_autoptr (GBytes) file = fixture ("bundle.pem"), first = fixture ("full.crl"), none = fixture ("ca.pem");
  g_autoptr (GBytes) many = fixture ("many.pem"), too_many = fixture ("too-many.pem");
  guint left_out = 1;
  g_autoptr (GPtrArray) crls = nss_crls_in_file (file, &left_out), no_crls = NULL, many_crls = NULL;

  g_assert_cmpuint (left_out, ==, 0);
  no_crls = nss_crls_in_file (none, &left_out);
  many_crls = nss_crls_in_file (many, &left_out);
  g_assert_cmpuint (left_out, ==, 0);
  g_assert_cmpuint (many_crls->len, ==, 16);
  g_ptr_array_unref (many_crls);
  many_crls = nss_crls_in_file (too_many, &left_out);
  g_assert_cmpuint (left_out, ==, 2);
  g_assert_cmpuint (many_crls->len, ==, 16);
  g_assert_cmpuint (crls->len, ==, 2);
  g_assert_true (g_bytes_equal (crls->pdata[0], first));
  g_assert_cmpuint (no_crls->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (nss_start (NULL));
  g_test_add_func ("/nss/revocation/lists", test_lists);
  g_test_add_func ("/nss/revocation/answers", test_answers);
  g_test_add_func ("/nss/revocation/old", test_old);
  g_test_add_func ("/nss/revocation/changed", test_changed);
  g_test_add_func ("/nss/revocation/places", test_places);
  g_test_add_func ("/nss/revocation/question", test_question);
  g_test_add_func ("/nss/revocation/bundle", test_bundle);
  return g_test_run ();
}
