/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of revoked certificates and answers of OCSP responders, as make-revocation.sh has made them. */
#include "cert-test.h"

#include "nss-crypto.h"
#include "nss-revocation.h"

#include <glib/gstdio.h>
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

#define USELESS "it is of a kind that says nothing about this certificate"
#define UNSIGNED "neither the issuer nor its responder has signed it"
#define OTHERS "it is about other certificates"

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
  { "good", "ca", "users.crl", 0, NSS_REVOCATION_UNKNOWN, USELESS },
  { "good", "ca", "some.crl", 0, NSS_REVOCATION_UNKNOWN, "it is for some reasons only" },
  { "good", "ca", "delta.crl", 0, NSS_REVOCATION_UNKNOWN, USELESS },
  { "good", "ca", "odd.crl", 0, NSS_REVOCATION_UNKNOWN, USELESS },
  { "good", "ca", "good.der", 0, NSS_REVOCATION_UNKNOWN, "it is no list of revoked certificates" },
  { "good", "rsaca", "rsa.crl", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "rsaca", "rsasha1.crl", 0, NSS_REVOCATION_UNKNOWN, "its issuer has not signed it" },
  { "good", "rsaca", "pss.crl", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "rsaca", "psssha1.crl", 0, NSS_REVOCATION_UNKNOWN, "its issuer has not signed it" },
  { "good", "ca", "onlyusers.crl", 0, NSS_REVOCATION_GOOD, NULL },
  { "below", "ca", "onlyusers.crl", 0, NSS_REVOCATION_UNKNOWN, USELESS },
  { "below", "ca", "users.crl", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "ca", "indirect.crl", 0, NSS_REVOCATION_UNKNOWN, USELESS },
  { "good", "ca", "attributes.crl", 0, NSS_REVOCATION_UNKNOWN, USELESS },
  { "good", "ca", "unheard.crl", 0, NSS_REVOCATION_UNKNOWN, USELESS },
  { "good", "ca", "cutpoint.crl", 0, NSS_REVOCATION_UNKNOWN, USELESS },
  { "good", "ca", "twopoints.crl", 0, NSS_REVOCATION_UNKNOWN, USELESS },
};

static const Row answers[] = {
  { "good", "ca", "good.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "ca", "delegate.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "ca", "always.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "revoked", "ca", "revoked.ocsp", 0, NSS_REVOCATION_REVOKED, "revoked since 2026-01-02: its key was compromised" },
  { "held", "ca", "held.ocsp", 0, NSS_REVOCATION_REVOKED, "revoked since 2026-02-03: it is on hold" },
  { "revoked", "ca", "revoked.ocsp", YEARS, NSS_REVOCATION_REVOKED,
    "revoked since 2026-01-02: its key was compromised" },
  { "revoked", "ca", "good.ocsp", 0, NSS_REVOCATION_UNKNOWN, OTHERS },
  { "signer", "ca", "unknown.ocsp", 0, NSS_REVOCATION_UNKNOWN, "the responder does not know the certificate" },
  { "good", "ca", "later.ocsp", 0, NSS_REVOCATION_UNKNOWN, "the responder cannot tell" },
  { "good", "ca", "forged.ocsp", 0, NSS_REVOCATION_UNKNOWN, UNSIGNED },
  { "good", "ca", "stranger.ocsp", 0, NSS_REVOCATION_UNKNOWN, UNSIGNED },
  { "good", "other", "good.ocsp", 0, NSS_REVOCATION_UNKNOWN, UNSIGNED },
  { "good", "ca", "good.ocsp", -YEARS, NSS_REVOCATION_UNKNOWN, "it is from the future" },
  { "good", "ca", "full.crl", 0, NSS_REVOCATION_UNKNOWN, "it is no answer of OCSP" },
  /* delegates: until they end; of somebody with the issuer's name, or with its key; too weak; with what nobody knows */
  { "good", "ca", "short.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "ca", "short.ocsp", 2 * DAY, NSS_REVOCATION_UNKNOWN, UNSIGNED },
  { "good", "ca", "impostor.ocsp", 0, NSS_REVOCATION_UNKNOWN, UNSIGNED },
  { "good", "ca", "renamed.ocsp", 0, NSS_REVOCATION_UNKNOWN, UNSIGNED },
  { "good", "ca", "weak.ocsp", 0, NSS_REVOCATION_UNKNOWN, UNSIGNED },
  { "good", "ca", "sha1.ocsp", 0, NSS_REVOCATION_UNKNOWN, UNSIGNED },
  { "good", "ca", "strange.ocsp", 0, NSS_REVOCATION_UNKNOWN, UNSIGNED },
  { "good", "ca", "borrowed.ocsp", 0, NSS_REVOCATION_UNKNOWN, UNSIGNED },
  /* as one of several certificates, up to four */
  { "good", "ca", "second.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "ca", "fourth.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "ca", "fifth.ocsp", 0, NSS_REVOCATION_UNKNOWN, UNSIGNED },
  /* the same serial number of an authority with the same name, and of one with the same key */
  { "good", "ca", "other-key.ocsp", 0, NSS_REVOCATION_UNKNOWN, OTHERS },
  { "good", "ca", "other-name.ocsp", 0, NSS_REVOCATION_UNKNOWN, OTHERS },
  /* several answers in one */
  { "good", "ca", "by-sha256.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "ca", "by-sha384.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "ca", "by-sha512.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "ca", "by-sha224.ocsp", 0, NSS_REVOCATION_UNKNOWN, OTHERS },
  { "good", "ca", "other-key-sha256.ocsp", 0, NSS_REVOCATION_UNKNOWN, OTHERS },
  { "good", "ca", "both.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "revoked", "ca", "both.ocsp", 0, NSS_REVOCATION_REVOKED, "revoked since 2026-01-02: its key was compromised" },
  { "good", "ca", "last.ocsp", 0, NSS_REVOCATION_GOOD, NULL },
  { "good", "ca", "beyond.ocsp", 0, NSS_REVOCATION_UNKNOWN, OTHERS },
};

/* When the fixtures were made: some are valid for a day only. */
static gint64
now (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("CERT_FIXTURES"), "always.ocsp", NULL);
  GStatBuf st;

  g_assert_cmpint (g_stat (path, &st), ==, 0);
  return st.st_mtime;
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

/* To the second: what is five minutes off is forgiven. The dates of old.crl are 2020-01-01 and 2020-03-01. */
static void
test_dates (void)
{
  const gint64 first = 1577836800, last = 1583020800;
  static const struct {
    gboolean from_last;
    gint64 later;
    NssRevocation verdict;
  } rows[] = { { FALSE, -NSS_REVOCATION_SKEW - 1, NSS_REVOCATION_UNKNOWN },
               { FALSE, -NSS_REVOCATION_SKEW, NSS_REVOCATION_GOOD },
               { TRUE, NSS_REVOCATION_SKEW, NSS_REVOCATION_GOOD },
               { TRUE, NSS_REVOCATION_SKEW + 1, NSS_REVOCATION_OLD } };
  g_autoptr (NssCert) cert = fixture_cert ("good"), issuer = fixture_cert ("ca");
  g_autoptr (GBytes) octets = fixture ("old.crl"), always = fixture ("always.ocsp");
  g_autofree char *day = NULL, *more = NULL;

  g_assert_cmpint (NSS_REVOCATION_SKEW, ==, 300);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = NULL;
      gint64 at = (rows[i].from_last ? last : first) + rows[i].later;

      g_assert_cmpint (nss_crl_check (octets, cert, issuer, at, &text), ==, rows[i].verdict);
    }
  /* an answer that does not say until when it is valid is so for a day; it was written down a moment after it was made */
  g_assert_cmpint (nss_ocsp_check (always, cert, issuer, now () + DAY, &day), ==, NSS_REVOCATION_GOOD);
  g_assert_cmpint (nss_ocsp_check (always, cert, issuer, now () + DAY + NSS_REVOCATION_SKEW + 1, &more), ==,
                   NSS_REVOCATION_OLD);
}

/* A later list makes an earlier one void where it is about no less. */
static void
test_several (void)
{
  static const struct {
    const char *cert, *earlier, *later;
    NssRevocation verdict;
  } rows[] = { { "good", "hold.crl", "full.crl", NSS_REVOCATION_GOOD },
               { "good", "hold.crl", "onlyusers.crl", NSS_REVOCATION_REVOKED },
               { "below", "hold.crl", "users.crl", NSS_REVOCATION_GOOD },
               { "links", "hold.crl", "point.crl", NSS_REVOCATION_REVOKED },
               { "links", "hold-point.crl", "point.crl", NSS_REVOCATION_GOOD } };

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (NssCert) cert = fixture_cert (rows[i / 2].cert), issuer = fixture_cert ("ca");
      g_autoptr (GPtrArray) crls = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_autofree char *text = NULL;

      g_ptr_array_add (crls, fixture (i % 2 ? rows[i / 2].earlier : rows[i / 2].later));
      g_ptr_array_add (crls, fixture (i % 2 ? rows[i / 2].later : rows[i / 2].earlier));
      g_test_message ("%s: %s, %s", rows[i / 2].cert, rows[i / 2].earlier, rows[i / 2].later);
      g_assert_cmpint (nss_crls_check (crls, cert, issuer, now (), &text), ==, rows[i / 2].verdict);
    }
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

  /* not those of other issuers or for some reasons; none twice, too long, or with what no address has; at most four */
  g_autoptr (NssCert) odd = fixture_cert ("oddlinks");
  g_auto (GStrv) odd_lists = nss_crl_urls (odd);
  static const char *const wanted_odd[] = { "http://list.example/a", "http://list.example/b", "http://list.example/c",
                                            "http://list.example/d", NULL };

  g_assert_cmpstrv (odd_lists, wanted_odd);
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
  g_test_add_func ("/nss/revocation/dates", test_dates);
  g_test_add_func ("/nss/revocation/several", test_several);
  g_test_add_func ("/nss/revocation/changed", test_changed);
  g_test_add_func ("/nss/revocation/places", test_places);
  g_test_add_func ("/nss/revocation/question", test_question);
  g_test_add_func ("/nss/revocation/bundle", test_bundle);
  return g_test_run ();
}
