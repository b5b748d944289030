/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which peers are believed: nss-chain.h over chains that openssl made, one row a case. */
#include "nss-chain.h"
#include "cert-test.h"
#include "nss-name.h"
#include "nss-revocation.h"

#include <errno.h>
#include <nss.h>
#include <prio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string.h>

#define OK IKE_REASON_NONE

/* Nothing is fetched: NSS would have to come by here (the program's symbols are found before the C library's). */
static guint sockets;

int
socket (int domain, int type, int protocol)
{
  sockets++;
  errno = EACCES;
  return -1;
}

typedef struct {
  const char *name;
  const char *anchors, *certificates; /* anchors with = in front: nobody else is good */
  const char *identity; /* FQDN; "" none */
  IkeReasonCode code;
  const char *detail; /* that the reason must contain */
  gboolean weak;
  gint64 years; /* from now */
} Case;

static const Case cases[] = {
  { "through an intermediate", "root", "good int", "vpn.example.org", OK },
  { "an anchor that is no root", "int", "good", "vpn.example.org", OK },
  { "the root is sent too", "root", "good int root", "vpn.example.org", OK },
  { "unrelated certificates in the list", "root", "good other p256 int ip rsaroot", "vpn.example.org", OK },
  { "several anchors", "other rsaroot root", "good int", "vpn.example.org", OK },
  { "two anchors of the same name", "fake root", "good int", "vpn.example.org", OK },
  { "the intermediate is missing", "root", "good", "vpn.example.org", IKE_REASON_CERT_UNKNOWN_CA,
    "O=IPsec Lab, CN=vpn, issued by O=IPsec Lab, CN=Intermediate" },
  { "wrong authority", "other", "good int", "vpn.example.org", IKE_REASON_CERT_UNKNOWN_CA, "Root" },
  { "authority of the same name with another key", "fake", "good int", "vpn.example.org", IKE_REASON_CERT_UNKNOWN_CA,
    "another key" },
  { "signed by an impostor of the same name", "root", "offake fake", "vpn.example.org", IKE_REASON_CERT_UNKNOWN_CA,
    "another key" },
  { "issuer that is sent but not trusted", "root", "ofother other", "vpn.example.org", IKE_REASON_CERT_UNKNOWN_CA,
    "Somebody else" },
  { "no anchors", "", "good int", "vpn.example.org", IKE_REASON_CERT_UNKNOWN_CA,
    "CN=Intermediate, issued by O=IPsec Lab, CN=Root" },
  { "self-signed, not trusted", "root", "selfsigned", "vpn.example.org", IKE_REASON_CERT_UNKNOWN_CA, "CN=selfsigned" },
  { "self-signed, pinned", "selfsigned", "selfsigned", "vpn.example.org", OK },
  { "pinned without its chain", "good", "good", "vpn.example.org", OK },
  { "pinned, wrong name", "good", "good", "other.example.org", IKE_REASON_CERT_NAME,
    "other.example.org, not in: vpn.example.org" },
  { "pinned, expired", "old", "old", "vpn.example.org", IKE_REASON_CERT_EXPIRED, "CN=old: 2021-01-01" },
  { "pinned, wrong key usage", "kubad", "kubad", "vpn.example.org", IKE_REASON_CERT_USAGE, "digitalSignature" },
  { "pinned, unknown critical extension", "critical", "critical", "vpn.example.org", IKE_REASON_CERT_BAD, "1.2.3.4" },
  { "only this one", "=good", "good int", "vpn.example.org", OK },
  { "only this one, which was not sent", "=good", "", "vpn.example.org", OK },
  { "only this one, and another of the same authority came", "=good", "ip int", "", IKE_REASON_CERT_PINNED, "CN=" },
  { "only this one, which is an authority", "=root", "good int", "vpn.example.org", IKE_REASON_CERT_PINNED, "CN=vpn" },
  { "only this one, wrong name", "=good", "good", "other.example.org", IKE_REASON_CERT_NAME, "other.example.org" },
  { "only this one, not sent, wrong name", "=good", "", "other.example.org", IKE_REASON_CERT_NAME,
    "other.example.org" },
  { "only this one, not sent, expired", "=old", "", "vpn.example.org", IKE_REASON_CERT_EXPIRED, "CN=old" },
  { "only this one, which is none", "=", "good int", "vpn.example.org", IKE_REASON_CERT_PINNED, "CN=vpn" },
  { "only this one, which is none, and none came", "=", "", "vpn.example.org", IKE_REASON_CERT_MISSING, "vpn" },
  { "pinned is not an authority", "good", "nonca", "vpn.example.org", IKE_REASON_CERT_USAGE,
    "not a certificate authority" },
  { "version 1 root", "v1", "ofv1", "vpn.example.org", OK },
  /* dates */
  { "expired", "root", "old int", "vpn.example.org", IKE_REASON_CERT_EXPIRED, "CN=old: 2021-01-01 00:00 UTC" },
  { "ends before it begins", "root", "inverted int", "vpn.example.org", IKE_REASON_CERT_EXPIRED, "2025-01-01" },
  { "ends before it begins, long ago", "root", "inverted int", "vpn.example.org", IKE_REASON_CERT_NOT_YET_VALID, NULL,
    FALSE, -20 },
  { "not yet valid", "root", "good int", "vpn.example.org", IKE_REASON_CERT_NOT_YET_VALID, NULL, FALSE, -1 },
  { "everything expired", "root", "good int", "vpn.example.org", IKE_REASON_CERT_EXPIRED, NULL, FALSE, 200 },
  { "authority expired, end entity not", "root", "forever int", "vpn.example.org", IKE_REASON_CERT_EXPIRED,
    "Intermediate", FALSE, 200 },
  /* usage: RFC 4945 sections 5.1.3.2 and 5.1.3.12 */
  { "ipsecIKE", "root", "ekuike int", "vpn.example.org", OK },
  { "anyExtendedKeyUsage", "root", "ekuany int", "vpn.example.org", OK },
  { "iKEIntermediate", "root", "ekuold int", "vpn.example.org", OK },
  { "serverAuth", "root", "ekuserver int", "vpn.example.org", OK },
  { "clientAuth", "root", "ekuclient int", "vpn.example.org", OK },
  { "code signing", "root", "ekubad int", "vpn.example.org", IKE_REASON_CERT_USAGE, "extended key usage" },
  { "keyEncipherment only", "root", "kubad int", "vpn.example.org", IKE_REASON_CERT_USAGE, "digitalSignature" },
  { "nonRepudiation", "root", "kunonrep int", "vpn.example.org", OK },
  { "unknown critical extension", "root", "critical int", "vpn.example.org", IKE_REASON_CERT_BAD, "1.2.3.4" },
  { "unknown extension", "root", "uncritical int", "vpn.example.org", OK },
  { "issued by an end entity", "root", "nonca good int", "vpn.example.org", IKE_REASON_CERT_USAGE,
    "CN=vpn: it is not a certificate authority" },
  { "issuer without CA bit", "root", "nobit nopath", "vpn.example.org", IKE_REASON_CERT_USAGE, "No CA bit" },
  { "path length", "root", "deep sub int", "vpn.example.org", IKE_REASON_CERT_USAGE, "path length" },
  { "path length below an anchor", "int", "deep sub", "vpn.example.org", IKE_REASON_CERT_USAGE, "path length" },
  { "below the path length", "sub", "deep", "vpn.example.org", OK },
  /* names in authorities */
  { "cve-2026-35331-name-constraint-case", "root", "ncbad nc", "", IKE_REASON_CERT_USAGE, "name constraints" },
  { "cve-2026-35331 with the constrained anchor", "nc", "ncbad", "", IKE_REASON_CERT_USAGE, "name constraints" },
  { "name outside of the excluded", "root", "ncgood nc", "vpn.example.org", OK },
  { "all names permitted, case differs", "root", "ncpermitted ncip", "vpn.example.org", OK },
  { "one name not permitted", "root", "ncother ncip", "vpn.example.org", IKE_REASON_CERT_USAGE, "name constraints" },
  /* strength */
  { "signed with SHA-1", "rsaroot", "sha1", "vpn.example.org", IKE_REASON_CERT_WEAK, "SHA-1" },
  { "signed with SHA-1, allowed", "rsaroot", "sha1", "vpn.example.org", OK, NULL, TRUE },
  { "signed with MD5", "rsaroot", "md5", "vpn.example.org", IKE_REASON_CERT_WEAK, "broken" },
  { "signed with MD5, weak allowed", "rsaroot", "md5", "vpn.example.org", IKE_REASON_CERT_WEAK, "broken", TRUE },
  { "signed with PSS", "rsaroot", "pss", "vpn.example.org", OK },
  { "signed with PSS and SHA-1", "rsaroot", "psssha1", "vpn.example.org", IKE_REASON_CERT_WEAK, "SHA-1" },
  { "RSA-1024", "rsaroot", "rsa1024", "vpn.example.org", IKE_REASON_CERT_WEAK, "1024" },
  { "RSA-1024, allowed", "rsaroot", "rsa1024", "vpn.example.org", OK, NULL, TRUE },
  { "RSA-1024 authority", "root", "ofweak weakca", "vpn.example.org", IKE_REASON_CERT_WEAK, "CN=Weak" },
  { "RSA-1024 authority, allowed", "root", "ofweak weakca", "vpn.example.org", OK, NULL, TRUE },
  { "curve that nobody uses", "rsaroot", "k256", "vpn.example.org", IKE_REASON_CERT_BAD, "kind" },
  { "RSA", "rsaroot", "rsa", "vpn.example.org", OK },
  { "P-384", "rsaroot", "p384", "vpn.example.org", OK },
  { "P-521", "rsaroot", "p521", "vpn.example.org", OK },
  { "RSA-PSS key", "rsaroot", "psskey", "vpn.example.org", OK },
  /* identity */
  { "wrong name", "root", "good int", "www.example.org", IKE_REASON_CERT_NAME,
    "www.example.org, not in: vpn.example.org, O=IPsec Lab, CN=vpn" },
  { "part of the name", "root", "good int", "example.org", IKE_REASON_CERT_NAME },
  { "longer name", "root", "good int", "vpn.example.org.evil.com", IKE_REASON_CERT_NAME },
  { "name in upper case", "root", "upper int", "vpn.example.org", OK },
  { "identity in upper case", "root", "good int", "VPN.EXAMPLE.ORG", OK },
  { "wildcard", "root", "wild int", "vpn.example.org", IKE_REASON_CERT_NAME },
  { "CN without SubjectAltName", "root", "cnonly int", "vpn.example.org", OK },
  { "CN beside a SubjectAltName", "root", "cnandsan int", "vpn.example.org", IKE_REASON_CERT_NAME },
  { "a NUL in the name", "root", "nulsan int", "vpn.abc", IKE_REASON_CERT_NAME },
  { "empty subject", "root", "nosubject int", "vpn.example.org", OK },
  { "no identity wanted", "root", "ip int", "", OK },
};

static gint64
test_now (gint64 years)
{
  g_autoptr (NssCert) good = fixture_cert ("good");

  return nss_cert_not_before (good) + 3600 + years * 365 * 86400;
}

static gboolean
verify (const char *anchors, GPtrArray *certificates, const IkeIdentity *identity, gboolean weak, gint64 years,
        IkeReason *ret)
{
  g_autoptr (GPtrArray) list = fixture_list (*anchors == '=' ? anchors + 1 : anchors);
  g_autoptr (NssTrust) trust = *anchors == '=' ? nss_trust_new_pinned (list) : nss_trust_new (list, NULL);
  g_autoptr (NssCert) end_entity = NULL;
  NssChainQuery query = { .trust = trust,
                          .certificates = certificates,
                          .identity = identity,
                          .check_identity = TRUE,
                          .now = test_now (years),
                          .allow_weak = weak };
  gboolean ok = nss_chain_verify (&query, &end_entity, ret);

  g_assert_cmpint (ok, ==, ret->code == IKE_REASON_NONE);
  g_assert_cmpint (ok, ==, end_entity != NULL);
  return ok;
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (GPtrArray) certificates = fixture_list (c->certificates);
  g_autoptr (IkeIdentity) identity =
      *c->identity ? ike_identity_new (IKE_ID_FQDN, c->identity, strlen (c->identity)) : NULL;
  g_auto (IkeReason) reason = { 0 };

  /* Twice: what NSS has cached must not change the answer. */
  for (guint i = 0; i < 2; i++)
    {
      ike_reason_clear (&reason);
      verify (c->anchors, certificates, identity, c->weak, c->years, &reason);
      g_test_message ("%s: %s", ike_reason_code_name (reason.code), reason.detail ? reason.detail : "");
      g_assert_cmpstr (ike_reason_code_name (reason.code), ==, ike_reason_code_name (c->code));
      if (c->detail != NULL)
        g_assert_nonnull (strstr (reason.detail, c->detail));
    }
}

static void
expect (const char *certificate, IkeIdType type, gconstpointer data, gsize len, gboolean matches)
{
  g_autofree char *list = g_strconcat (certificate, " int", NULL);
  g_autoptr (GPtrArray) certificates = fixture_list (list);
  g_autoptr (IkeIdentity) identity = ike_identity_new (type, data, len);
  g_auto (IkeReason) reason = { 0 };

  verify ("root", certificates, identity, FALSE, 0, &reason);
  g_assert_cmpstr (ike_reason_code_name (reason.code), ==, matches ? "NONE" : "CERT_NAME");
}

static void
test_identity_types (void)
{
  static const guint8 ip4[] = { 192, 0, 2, 1 }, ip6[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 1 };

  expect ("ip", IKE_ID_IPV4_ADDR, ip4, 4, TRUE);
  expect ("ip", IKE_ID_IPV6_ADDR, ip6, 16, TRUE);
  expect ("ip", IKE_ID_IPV4_ADDR, "\xc0\0\2\2", 4, FALSE);
  expect ("ip", IKE_ID_IPV4_ADDR, ip4, 3, FALSE);
  expect ("ip", IKE_ID_FQDN, "192.0.2.1", 9, FALSE);
  expect ("good", IKE_ID_IPV4_ADDR, ip4, 4, FALSE);
  expect ("email", IKE_ID_RFC822_ADDR, "alice@example.org", 17, TRUE);
  expect ("email", IKE_ID_RFC822_ADDR, "Alice@EXAMPLE.org", 17, TRUE); /* RFC 4945 section 3.1.3 */
  expect ("email", IKE_ID_RFC822_ADDR, "bob@example.org", 15, FALSE);
  expect ("email", IKE_ID_FQDN, "alice@example.org", 17, FALSE);
  expect ("good", IKE_ID_FQDN, "", 0, FALSE);
  expect ("good", IKE_ID_FQDN, "vpn.example.org\0", 16, FALSE);
  expect ("nulsan", IKE_ID_FQDN, "vpn.abc\0.evil.cd", 16, FALSE);
  expect ("good", IKE_ID_KEY_ID, "vpn.example.org", 15, FALSE);
  expect ("good", IKE_ID_DER_ASN1_GN, "vpn.example.org", 15, FALSE);
}

static void
expect_name (const char *certificate, const char *name, gboolean matches)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) der = nss_name_from_string (name, &error);

  g_assert_no_error (error);
  expect (certificate, IKE_ID_DER_ASN1_DN, g_bytes_get_data (der, NULL), g_bytes_get_size (der), matches);
}

static void
test_identity_dn (void)
{
  expect_name ("dn", "O=IPsec Lab, CN=alice", TRUE);
  expect_name ("dn", "o=ipsec lab,cn=ALICE", TRUE);
  expect_name ("dn", "CN=alice, O=IPsec Lab", FALSE);
  expect_name ("dn", "CN=alice", FALSE);
  expect_name ("dn", "O=IPsec Lab, CN=alice, CN=x", FALSE);
  expect_name ("dn", "O=IPsec Lab, OU=alice", FALSE);
}

/* CVE-2013-6075, 2013-2054: an empty or short DN must match nothing, least of all an empty subject. */
static void
test_identity_dn_short (void)
{
  static const guint8 empty[] = { 0x30, 0 }, cut[] = { 0x30, 0x0d, 0x31, 0x0b };

  expect ("nosubject", IKE_ID_DER_ASN1_DN, empty, 2, FALSE);
  expect ("nosubject", IKE_ID_DER_ASN1_DN, empty, 1, FALSE);
  expect ("nosubject", IKE_ID_DER_ASN1_DN, empty, 0, FALSE);
  expect ("dn", IKE_ID_DER_ASN1_DN, empty, 2, FALSE);
  expect ("dn", IKE_ID_DER_ASN1_DN, cut, sizeof cut, FALSE);
}

/* Every prefix of the DN is refused. */
static void
test_identity_dn_truncated (void)
{
  g_autoptr (GBytes) der = nss_name_from_string ("O=IPsec Lab, CN=alice", NULL);

  for (gsize len = 0; len < g_bytes_get_size (der); len++)
    expect ("dn", IKE_ID_DER_ASN1_DN, g_bytes_get_data (der, NULL), len, FALSE);
}

/* A CN that a C string would cut: pinned, so that the signature does not matter. */
static void
test_nul_in_common_name (void)
{
  g_autoptr (GBytes) der = fixture ("cnonly.der");
  gsize len, at;
  const guint8 *data = g_bytes_get_data (der, &len);
  const guint8 *cn = memmem (data, len, "vpn.example.org", 15);
  g_autoptr (GBytes) patched = NULL;
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autoptr (NssTrust) trust = NULL;
  g_autoptr (IkeIdentity) identity = ike_identity_new (IKE_ID_FQDN, "vpn", 3);
  g_auto (IkeReason) reason = { 0 };
  NssChainQuery query = { .identity = identity, .check_identity = TRUE, .now = test_now (0), .certificates = list };

  g_assert_nonnull (cn);
  at = (gsize) (cn - data) + 3;
  patched = bytes_patch (der, at, 0);
  g_ptr_array_add (list, patched);
  trust = nss_trust_new (list, NULL);
  query.trust = trust;
  g_assert_cmpuint (nss_trust_size (trust), ==, 1);
  g_assert_false (nss_chain_verify (&query, NULL, &reason));
  g_assert_cmpstr (ike_reason_code_name (reason.code), ==, "CERT_NAME");
  g_assert_nonnull (strstr (reason.detail, "vpn\\00example.org"));
}

static void
test_no_check (void)
{
  g_autoptr (GPtrArray) certificates = fixture_list ("good int");
  g_autoptr (GPtrArray) anchors = fixture_list ("root");
  g_autoptr (NssTrust) trust = nss_trust_new (anchors, NULL);
  g_autoptr (IkeIdentity) identity = ike_identity_new (IKE_ID_FQDN, "x", 1);
  g_auto (IkeReason) reason = { 0 };
  NssChainQuery query = { .trust = trust, .certificates = certificates, .identity = identity, .now = test_now (0) };

  g_assert_true (nss_chain_verify (&query, NULL, &reason));
  query.check_identity = TRUE;
  g_assert_false (nss_chain_verify (&query, NULL, &reason));
}

static void
test_count (void)
{
  g_autoptr (GPtrArray) eight = fixture_list ("good int ip upper dn email wild other");
  g_autoptr (GPtrArray) nine = fixture_list ("good int ip upper dn email wild other p256");
  g_autoptr (GPtrArray) none = fixture_list ("");
  g_auto (IkeReason) reason = { 0 };

  g_assert_true (verify ("root", eight, NULL, FALSE, 0, &reason));
  g_assert_false (verify ("root", nine, NULL, FALSE, 0, &reason));
  g_assert_cmpint (reason.code, ==, IKE_REASON_CERT_BAD);
  ike_reason_clear (&reason);
  g_assert_false (verify ("root", none, NULL, FALSE, 0, &reason));
  g_assert_cmpint (reason.code, ==, IKE_REASON_CERT_MISSING);
  ike_reason_clear (&reason);
  g_assert_false (verify ("root", NULL, NULL, FALSE, 0, &reason));
  g_assert_cmpint (reason.code, ==, IKE_REASON_CERT_MISSING);
}

/* Eight authorities of one name that could all have issued each other: the work is bounded. */
static void
test_many_candidates (void)
{
  g_autoptr (GPtrArray) anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) certificates = fixture_list ("good int");
  g_autoptr (NssTrust) trust = NULL;
  g_auto (IkeReason) reason = { 0 };
  NssChainQuery query = { .certificates = certificates, .now = test_now (0) };
  gsize len;

  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (GBytes) fake = fixture ("fake.der");

      /* Another signature makes another certificate. */
      g_bytes_get_data (fake, &len);
      g_ptr_array_add (anchors, bytes_patch (fake, len - 1, (guint8) i));
    }
  trust = nss_trust_new (anchors, NULL);
  query.trust = trust;
  g_assert_false (nss_chain_verify (&query, NULL, &reason));
  g_assert_cmpint (reason.code, ==, IKE_REASON_CERT_BAD);
}

static void
test_garbage (void)
{
  static const char *const files[] = {
    "bundle.p7c", "modern.p12", "rsa-pkcs1.der", "octets", "good.pem", "badsan.der"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_autoptr (GPtrArray) behind = fixture_list ("good int");
      g_auto (IkeReason) reason = { 0 };

      g_ptr_array_add (list, fixture (files[i]));
      g_assert_false (verify ("root", list, NULL, FALSE, 0, &reason));
      g_assert_cmpint (reason.code, ==, IKE_REASON_CERT_BAD);
      /* Behind a good one it does no harm. */
      ike_reason_clear (&reason);
      g_ptr_array_insert (behind, 1, fixture (files[i]));
      g_assert_true (verify ("root", behind, NULL, FALSE, 0, &reason));
    }
}

/* Every octet of the end entity changed: never believed. */
static void
test_every_octet (void)
{
  g_autoptr (GBytes) der = fixture ("good.der");
  g_autoptr (GBytes) issuer = fixture ("int.der");

  for (gsize at = 0; at < g_bytes_get_size (der); at++)
    {
      const guint8 *data = g_bytes_get_data (der, NULL);
      g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_auto (IkeReason) reason = { 0 };

      g_ptr_array_add (list, bytes_patch (der, at, data[at] ^ (1 << at % 8)));
      g_ptr_array_add (list, g_bytes_ref (issuer));
      g_assert_false (verify ("root", list, NULL, TRUE, 0, &reason));
    }
}

static void
test_truncated (void)
{
  g_autoptr (GBytes) der = fixture ("good.der");
  gsize size = g_bytes_get_size (der);

  for (gsize len = 0; len < size; len += 1 + len / 64)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (der, 0, len);

      g_assert_null (nss_cert_new (part, NULL));
    }
}

/* All that is read of a certificate, and of one as an anchor; whatever comes of it comes soon. */
static void
read_all (GBytes *der, GPtrArray *below, const NssTrust *trust)
{
  g_autoptr (IkeIdentity) identity = ike_identity_new (IKE_ID_FQDN, "vpn.example.org", 15);
  g_autoptr (NssCert) cert = NULL;
  g_autoptr (GPtrArray) alone = g_ptr_array_new ();
  g_autoptr (NssTrust) anchor = NULL;
  g_auto (IkeReason) reason = { 0 }, reason_below = { 0 };
  NssChainQuery query = { .trust = trust, .certificates = alone, .identity = identity, .now = test_now (0) };

  alarm (3);
  cert = nss_cert_new (der, NULL);
  g_ptr_array_add (alone, der);
  if (cert != NULL)
    {
      g_autofree char *names = nss_cert_identities_string (cert);
      g_auto (GStrv) lists = nss_crl_urls (cert), responders = nss_ocsp_urls (cert);

      nss_cert_has_identity (cert, identity);
      g_assert_false (nss_chain_verify (&query, NULL, &reason));
      anchor = nss_trust_new (alone, NULL);
      query.trust = anchor;
      query.certificates = below;
      nss_chain_verify (&query, NULL, &reason_below);
    }
  alarm (0);
}

/* cve-2017-9023, cve-2026-78132: a CHOICE with a tag that it has not was looked at for ever, before anybody was
 * authenticated. They are in names of all kinds, in addresses of lists, and in name constraints. */
static void
test_choices (void)
{
  static const char *const names[] = { "links", "ip", "ncpermitted", "ncip", "nc" };
  static const guint8 tags[] = { 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0xa0, 0xa1, 0xa2, 0xa3,
                                 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0x00, 0x05, 0x1f, 0x30, 0x9f, 0xbf, 0xff };
  g_autoptr (GPtrArray) root = fixture_list ("root"), below = fixture_list ("ncpermitted");
  g_autoptr (NssTrust) trust = nss_trust_new (root, NULL);
  guint done = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_strconcat (names[i], ".der", NULL);
      g_autoptr (GBytes) der = fixture (file);
      gsize size;
      const guint8 *data = g_bytes_get_data (der, &size);

      for (gsize at = size / 3; at < size; at++)
        for (gsize tag = 0; data[at] >= 0x80 && data[at] < 0xc0 && tag < G_N_ELEMENTS (tags); tag++)
          if (data[at] != tags[tag])
            {
              g_autoptr (GBytes) changed = bytes_patch (der, at, tags[tag]);

              read_all (changed, below, trust);
              done++;
            }
    }
  g_assert_cmpuint (done, >, 5000);
}

static gpointer
verify_many (gpointer data)
{
  for (guint i = 0; i < 40; i++)
    {
      g_autoptr (GPtrArray) good = fixture_list ("good int");
      g_autoptr (GPtrArray) bad = fixture_list ("ncbad nc int");
      g_auto (IkeReason) reason = { 0 };

      g_assert_true (verify ("root", good, NULL, FALSE, 0, &reason));
      g_assert_false (verify ("root", bad, NULL, FALSE, 0, &reason));
      g_assert_cmpint (reason.code, ==, IKE_REASON_CERT_USAGE);
    }
  return NULL;
}

/* The service verifies in threads, and NSS has one store for all. */
static void
test_threads (void)
{
  GThread *threads[4];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("verify", verify_many, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* CVE-2022-40617: addresses in a certificate are not called, whether it is anchored or not. */
static void
test_no_network (void)
{
  g_autoptr (GPtrArray) alone = fixture_list ("links");
  g_autoptr (GPtrArray) chain = fixture_list ("links int");
  g_auto (IkeReason) reason = { 0 };

  sockets = 0;
  g_assert_false (verify ("root", alone, NULL, FALSE, 0, &reason));
  g_assert_cmpint (reason.code, ==, IKE_REASON_CERT_UNKNOWN_CA);
  ike_reason_clear (&reason);
  g_assert_true (verify ("root", chain, NULL, FALSE, 0, &reason));
  g_assert_cmpuint (sockets, ==, 0);
  /* Would the counter have seen it? */
  g_assert_null (PR_NewTCPSocket ());
  g_assert_cmpuint (sockets, ==, 1);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (NSS_NoDB_Init (NULL), ==, SECSuccess);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/chain/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/chain/identities of other types", test_identity_types);
  g_test_add_func ("/chain/distinguished names", test_identity_dn);
  g_test_add_func ("/chain/cve-2013-6075-short-dn", test_identity_dn_short);
  g_test_add_func ("/chain/truncated distinguished names", test_identity_dn_truncated);
  g_test_add_func ("/chain/a NUL in the common name", test_nul_in_common_name);
  g_test_add_func ("/chain/identity check switched off", test_no_check);
  g_test_add_func ("/chain/number of certificates", test_count);
  g_test_add_func ("/chain/in threads", test_threads);
  g_test_add_func ("/chain/cve-2022-40617-no-network", test_no_network);
  g_test_add_func ("/chain/too many candidates", test_many_candidates);
  g_test_add_func ("/chain/cve-2026-78123-pkcs7-and-other-garbage", test_garbage);
  g_test_add_func ("/chain/every octet matters", test_every_octet);
  g_test_add_func ("/chain/truncated certificates", test_truncated);
  g_test_add_func ("/chain/cve-2017-9023-cve-2026-78132-choices", test_choices);
  status = g_test_run ();
  g_assert_cmpint (NSS_Shutdown (), ==, SECSuccess);
  return status;
}
