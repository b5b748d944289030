/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order in which the sources are asked, and what comes of it in each mode. The network is a table here: what is
 * fetched is answered from the main loop, as the helper's client does.
 */
#include "helper-fetch.h"
#include "io/expiry.h"
#include "io/revocation.h"

#include "../nss/cert-test.h"

#include "nss-crypto.h"

#include <string.h>

/* What the addresses in the certificate "links" answer: a fixture; NULL: nothing. */
static struct {
  const char *ask, *first, *second;
} net;
static GString *asked; /* addresses, by their last octet: "/", "1", "2" */
static guint32 asked_by; /* the link */
static guint warnings, at_once, most_at_once;
static IkeReason got;
static guint done;

/* ---- the double of the network ---- */

typedef struct {
  char *url;
  HelperFetchFunc func;
  gpointer data;
} Fetch;

static gboolean
on_answer (gpointer data)
{
  g_autofree Fetch *fetch = data;
  g_autofree char *url = fetch->url;
  char last = url[strlen (url) - 1];
  const char *name = last == '/' ? net.ask : last == '1' ? net.first : net.second;
  g_autoptr (GBytes) bytes = name ? fixture (name) : NULL;
  g_autoptr (GError) error = name ? NULL : g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_FAILED, "it broke off");

  at_once--;
  fetch->func (bytes, error, fetch->data);
  return G_SOURCE_REMOVE;
}

void
helper_client_fetch (HelperClient *client, const char *url, GBytes *body, guint32 ifindex, HelperFetchFunc func,
                     gpointer data)
{
  Fetch fetch = { g_strdup (url), func, data };

  g_assert_cmpint (body != NULL, ==, strcmp (url, "http://ask.example/") == 0);
  g_string_append_c (asked, url[strlen (url) - 1]);
  asked_by = ifindex;
  at_once++;
  most_at_once = MAX (most_at_once, at_once);
  g_idle_add (on_answer, g_memdup2 (&fetch, sizeof fetch));
}

/* ---- one check ---- */

static void
on_warning (const char *text, gpointer data)
{
  g_test_message ("%s", text);
  warnings++;
}

static void
on_done (const IkeReason *reason, gpointer data)
{
  ike_reason_clear (&got);
  ike_reason_copy (&got, reason);
  done++;
}

static GPtrArray *
path_of (const char *cert)
{
  GPtrArray *path = g_ptr_array_new_with_free_func ((GDestroyNotify) nss_cert_unref);

  g_ptr_array_add (path, fixture_cert (cert));
  g_ptr_array_add (path, fixture_cert ("ca"));
  return path;
}

static Revocation *
revocation (RevocationMode mode, const char *file)
{
  g_autoptr (GPtrArray) crls = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_auto (GStrv) files = file ? g_strsplit (file, " ", -1) : NULL;
  const HelperCredentials credentials = { .crls = crls };

  warnings = 0;
  g_string_truncate (asked, 0);
  for (guint i = 0; files && files[i]; i++)
    g_ptr_array_add (crls, fixture (files[i]));
  return revocation_new (NULL, mode, &credentials, on_warning, NULL);
}

static void
check_shown (Revocation *self, const char *cert, const char *shown)
{
  g_autoptr (GPtrArray) path = path_of (cert);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  if (shown)
    g_ptr_array_add (list, fixture (shown));
  done = 0;
  revocation_check (self, path, list, on_done, NULL);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (done, ==, 1);
  g_test_message ("%s: %s", cert, got.detail ? got.detail : "");
}

static void
check (Revocation *self, const char *cert)
{
  check_shown (self, cert, NULL);
}

typedef struct {
  const char *cert, *file, *ask, *first, *second;
  IkeReasonCode soft, strict;
  const char *asked;
  guint warnings; /* of soft */
  const char *detail;
} Row;

#define NONE IKE_REASON_NONE
#define REVOKED IKE_REASON_CERT_REVOKED
#define STATUS IKE_REASON_CERT_STATUS
#define OLD IKE_REASON_CERT_STATUS_OLD
#define REVOKED_TEXT "CN=revoked, revoked since 2026-01-02: its key was compromised (the list in the file of “ca”)"
#define LINKS_TEXT "CN=links, revoked since 2019-12-02: no reason is given (the list in the file of “ca”)"

static const Row rows[] = {
  /* files */
  { "good", "full.crl", NULL, NULL, NULL, NONE, NONE, "", 0, NULL },
  { "revoked", "full.crl", NULL, NULL, NULL, REVOKED, REVOKED, "", 0, REVOKED_TEXT },
  { "good", "old.crl", NULL, NULL, NULL, NONE, OLD, "", 1,
    "CN=good; the list in the file of “ca”: it has not been valid since 2020-03-01" },
  { "good", "forged.crl", NULL, NULL, NULL, NONE, STATUS, "", 0,
    "CN=good; it does not say where that is told, and no file does" },
  { "good", NULL, NULL, NULL, NULL, NONE, STATUS, "", 0,
    "CN=good; it does not say where that is told, and no file does" },
  /* several lists: in whatever order they stand, the issuer's last word counts */
  { "revoked", "early.crl full.crl", NULL, NULL, NULL, REVOKED, REVOKED, "", 0, REVOKED_TEXT },
  { "revoked", "full.crl early.crl", NULL, NULL, NULL, REVOKED, REVOKED, "", 0, REVOKED_TEXT },
  { "revoked", "forged.crl old.crl early.crl full.crl", NULL, NULL, NULL, REVOKED, REVOKED, "", 0, REVOKED_TEXT },
  { "good", "hold.crl full.crl", NULL, NULL, NULL, NONE, NONE, "", 0, NULL },
  { "good", "full.crl hold.crl", NULL, NULL, NULL, NONE, NONE, "", 0, NULL },
  { "good", "full.crl old.crl", NULL, NULL, NULL, NONE, NONE, "", 0, NULL },
  { "good", "old.crl full.crl", NULL, NULL, NULL, NONE, NONE, "", 0, NULL },
  /* a later one for other certificates is no later word, nor is somebody else's */
  { "links", "full.crl hold-point.crl", NULL, NULL, NULL, REVOKED, REVOKED, "", 0, LINKS_TEXT },
  { "links", "hold-point.crl full.crl", NULL, NULL, NULL, REVOKED, REVOKED, "", 0, LINKS_TEXT },
  { "links", "forged.crl hold.crl other.crl", NULL, NULL, NULL, REVOKED, REVOKED, "", 0, LINKS_TEXT },
  /* the network */
  { "links", "full.crl", NULL, NULL, NULL, NONE, NONE, "", 0, NULL },
  { "links", NULL, "links.ocsp", NULL, NULL, NONE, NONE, "/", 0, NULL },
  { "links", NULL, "good.ocsp", "full.crl", NULL, NONE, NONE, "/1", 0, NULL },
  { "links", NULL, NULL, "old.crl", "point.crl", NONE, NONE, "/12", 0, NULL },
  { "links", NULL, NULL, "old.crl", NULL, NONE, OLD, "/12", 1,
    "CN=links; http://list.example/1: it has not been valid since 2020-03-01" },
  { "links", NULL, NULL, "forged.crl", NULL, NONE, STATUS, "/12", 1, "CN=links; http://ask.example/: it broke off" },
  { "links", "old.crl", NULL, "forged.crl", "full.crl", NONE, NONE, "/12", 0, NULL },
  { "links", NULL, "later.ocsp", NULL, NULL, NONE, STATUS, "/12", 1,
    "CN=links; http://ask.example/: the responder cannot tell" },
  { "links", NULL, "links-revoked.ocsp", "full.crl", NULL, REVOKED, REVOKED, "/", 0,
    "CN=links, revoked since 2026-05-06: it was replaced (http://ask.example/)" },
};

static void
check_row (const Row *row, RevocationMode mode)
{
  g_autoptr (Revocation) self = revocation (mode, row->file);
  IkeReasonCode wanted = mode == REVOCATION_SOFT ? row->soft : row->strict;

  net.ask = row->ask;
  net.first = row->first;
  net.second = row->second;
  check (self, row->cert);
  g_assert_cmpint (got.code, ==, wanted);
  g_assert_cmpstr (got.detail, ==, wanted == NONE ? NULL : row->detail);
  g_assert_cmpstr (asked->str, ==, row->asked);
  g_assert_cmpuint (warnings, ==, mode == REVOCATION_SOFT ? row->warnings : 0);
  /* it is said once, and good answers are kept */
  check (self, row->cert);
  g_assert_cmpint (got.code, ==, wanted);
  g_assert_cmpuint (warnings, ==, mode == REVOCATION_SOFT ? row->warnings : 0);
}

static void
test_rows (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      check_row (&rows[i], REVOCATION_SOFT);
      check_row (&rows[i], REVOCATION_STRICT);
    }
}

static void
test_too_many (void)
{
  const HelperCredentials credentials = { .crls_left_out = 2 };

  static const RevocationMode modes[] = { REVOCATION_SOFT, REVOCATION_STRICT, REVOCATION_OFF };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (Revocation) self = NULL;

      warnings = 0;
      self = revocation_new (NULL, modes[i], &credentials, on_warning, NULL);
      g_assert_cmpuint (warnings, ==, modes[i] != REVOCATION_OFF);
    }
}

static void
test_kept (void)
{
  g_autoptr (Revocation) self = revocation (REVOCATION_STRICT, NULL);

  net.ask = NULL;
  net.first = "full.crl";
  check (self, "links");
  check (self, "links");
  g_assert_cmpstr (asked->str, ==, "/1/");
}

/* The next one, of another driver of the same session, knows what the one before has heard. */
static void
test_kept_beyond (void)
{
  g_autoptr (GHashTable) kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);

  net.ask = NULL;
  net.first = "full.crl";
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Revocation) self = revocation (REVOCATION_STRICT, NULL);

      revocation_keep_in (self, kept);
      revocation_set_uplink (self, 7);
      check (self, "links");
      g_assert_cmpstr (asked->str, ==, i == 0 ? "/1" : "/");
      g_assert_cmpuint (asked_by, ==, 7);
    }
}

/* cve-2021-41991: what is kept has an end, before which and at which nothing of it is written past. */
static void
test_kept_full (void)
{
  static const guint before[] = { 0, 30, 31, 32 }; /* 32 are kept */

  net.ask = NULL;
  net.first = "full.crl";
  for (guint i = 0; i < G_N_ELEMENTS (before); i++)
    {
      g_autoptr (GHashTable) kept =
          g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
      g_autoptr (Revocation) self = revocation (REVOCATION_STRICT, NULL);

      for (guint n = 0; n < before[i]; n++)
        g_hash_table_insert (kept, g_strdup_printf ("of another day %u", n), fixture ("full.crl"));
      revocation_keep_in (self, kept);
      check (self, "links");
      g_assert_cmpuint (g_hash_table_size (kept), ==, before[i] == 32 ? 1 : before[i] + 1);
      check (self, "links");
      g_assert_cmpstr (asked->str, ==, "/1/");
      g_assert_cmpint (got.code, ==, NONE);
    }
}

static void
test_off (void)
{
  g_autoptr (Revocation) self = revocation (REVOCATION_OFF, "full.crl");

  check (self, "revoked");
  g_assert_cmpint (got.code, ==, NONE);
  g_assert_cmpstr (asked->str, ==, "");
}

static void
test_expiry (void)
{
  enum { HOUR = 3600, DAY = 24 * HOUR };
  g_autoptr (NssCert) cert = fixture_cert ("good");
  gint64 end = nss_cert_not_after (cert), life = end - nss_cert_not_before (cert);
  gint64 window = MIN ((gint64) EXPIRY_DAYS * DAY, life / EXPIRY_PART);
  const struct {
    gint64 before;
    gboolean told;
  } when[] = { { window + DAY, FALSE }, { window, FALSE }, { window - 1, TRUE }, { HOUR, TRUE },
               { 1, TRUE },             { 0, FALSE },      { -DAY, FALSE },      { life, FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (when); i++)
    {
      g_autofree char *text = expiry_warning (cert, end - when[i].before);

      g_assert_cmpint (text != NULL, ==, when[i].told);
      g_assert_true (!text || (g_str_has_suffix (text, " UTC: CN=good") && strstr (text, "ends soon, at 2")));
    }
}

/* RFC 4806: what the other end shows counts as what is fetched does, and for no more. */
static void
test_shown (void)
{
  static const struct {
    const char *shown, *ask;
    IkeReasonCode code;
    const char *asked, *detail;
  } cases[] = {
    { "links.ocsp", NULL, NONE, "", NULL },
    { "links-revoked.ocsp", "links.ocsp", REVOKED, "",
      "CN=links, revoked since 2026-05-06: it was replaced (what the other end shows)" },
    { "good.ocsp", "links.ocsp", NONE, "/", NULL }, /* it is about another */
    { "forged.crl", "links.ocsp", NONE, "/", NULL }, /* it is something else */
    { "good.ocsp", NULL, STATUS, "/12", "CN=links; http://ask.example/: it broke off" },
    { "later.ocsp", "links-revoked.ocsp", REVOKED, "/",
      "CN=links, revoked since 2026-05-06: it was replaced (http://ask.example/)" },
  };

  net.first = net.second = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Revocation) self = revocation (REVOCATION_STRICT, NULL);

      net.ask = cases[i].ask;
      check_shown (self, "links", cases[i].shown);
      g_assert_cmpint (got.code, ==, cases[i].code);
      g_assert_cmpstr (got.detail, ==, cases[i].detail);
      g_assert_cmpstr (asked->str, ==, cases[i].asked);
    }
}

/* ---- our own, for others ---- */

static GBytes *own;
static guint own_done;

static void
on_own (GBytes *status, gpointer data)
{
  g_clear_pointer (&own, g_bytes_unref);
  own = status ? g_bytes_ref (status) : NULL;
  own_done++;
}

static gboolean
own_is (Revocation *self, const char *name)
{
  g_autoptr (GBytes) wanted = name ? fixture (name) : NULL;

  own_done = 0;
  revocation_own (self, on_own, NULL);
  while (!own_done)
    g_main_context_iteration (NULL, TRUE);
  return wanted ? own && g_bytes_equal (own, wanted) : !own;
}

static Revocation *
revocation_of (RevocationMode mode, const char *cert)
{
  g_autoptr (GPtrArray) certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) cas = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (NssCert) own_cert = fixture_cert (cert), ca = fixture_cert ("ca");
  const HelperCredentials credentials = { .certificates = certificates, .cas = cas };

  g_string_truncate (asked, 0);
  g_ptr_array_add (certificates, g_bytes_ref (nss_cert_der (own_cert)));
  g_ptr_array_add (cas, g_bytes_ref (nss_cert_der (ca)));
  return revocation_new (NULL, mode, &credentials, on_warning, NULL);
}

/* Fetched when it is wanted, and kept; what nobody would take is not shown, and its responder has its rest. */
static void
test_own (void)
{
  static const struct {
    const char *cert, *ask, *shown, *asked;
    RevocationMode mode;
  } cases[] = {
    { "links", "links.ocsp", "links.ocsp", "/", REVOCATION_SOFT },
    { "links", "links-revoked.ocsp", NULL, "/", REVOCATION_SOFT },
    { "links", "good.ocsp", NULL, "/", REVOCATION_STRICT },
    { "links", NULL, NULL, "/", REVOCATION_SOFT },
    { "links", "links.ocsp", NULL, "", REVOCATION_OFF },
    { "good", "good.ocsp", NULL, "", REVOCATION_SOFT }, /* nobody tells */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Revocation) self = revocation_of (cases[i].mode, cases[i].cert);

      net.ask = cases[i].ask;
      g_assert_true (own_is (self, cases[i].shown));
      g_assert_true (own_is (self, cases[i].shown));
      g_assert_cmpstr (asked->str, ==, cases[i].asked);
    }
  g_clear_pointer (&own, g_bytes_unref);
}

/* A server's clients: the helper does four at once, and nobody is forgotten. */
static void
test_many (void)
{
  g_autoptr (Revocation) self = revocation (REVOCATION_STRICT, NULL);
  g_autoptr (GPtrArray) path = path_of ("links");

  net.ask = NULL;
  net.first = "full.crl";
  done = most_at_once = 0;
  for (guint i = 0; i < 20; i++)
    revocation_check (self, path, NULL, on_done, NULL);
  while (done < 20)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (got.code, ==, NONE);
  g_assert_cmpuint (most_at_once, ==, 4);
  g_assert_cmpuint (at_once, ==, 0);
  g_assert_cmpuint (asked->len, <, 40);
}

int
main (int argc, char **argv)
{
  int r;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (nss_start (NULL));
  asked = g_string_new (NULL);
  g_test_add_func ("/service/revocation/rows", test_rows);
  g_test_add_func ("/service/revocation/too-many", test_too_many);
  g_test_add_func ("/service/revocation/kept", test_kept);
  g_test_add_func ("/service/revocation/kept-beyond", test_kept_beyond);
  g_test_add_func ("/service/revocation/cve-2021-41991-kept-full", test_kept_full);
  g_test_add_func ("/service/revocation/off", test_off);
  g_test_add_func ("/service/revocation/shown", test_shown);
  g_test_add_func ("/service/revocation/own", test_own);
  g_test_add_func ("/service/revocation/expiry", test_expiry);
  g_test_add_func ("/service/revocation/many", test_many);
  r = g_test_run ();
  ike_reason_clear (&got);
  g_string_free (asked, TRUE);
  return r;
}
