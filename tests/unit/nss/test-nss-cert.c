/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a certificate says: names as text and back, identities, keys, dates, hashes; and the DER cursor under it all. */
#include "nss-cert.h"
#include "cert-test.h"
#include "nss-der.h"
#include "nss-name.h"

#include <nss.h>
#include <pk11pub.h>

#include <string.h>

/* ---- DER ---- */

static void
test_der_lengths (void)
{
  static const struct {
    const char *octets;
    gsize len;
    gboolean good;
  } rows[] = {
    { "\x04\x00", 2, TRUE },
    { "\x04\x01\xaa", 3, TRUE },
    { "\x04", 1, FALSE },
    { "", 0, FALSE },
    { "\x04\x01", 2, FALSE },
    { "\x04\x01\xaa\xbb", 4, FALSE }, /* something behind */
    { "\x04\x81\x01\xaa", 4, FALSE }, /* not minimal */
    { "\x04\x80\x00\x00", 4, FALSE }, /* indefinite */
    { "\x04\x82\x00\x01\xaa", 5, FALSE },
    { "\x04\x84\xff\xff\xff\xff", 6, FALSE },
    { "\x04\x85\x00\x00\x00\x00\x01\xaa", 8, FALSE },
    { "\x04\xff\xaa", 3, FALSE },
    { "\x1f\x04\x01\xaa", 4, FALSE }, /* a tag in several octets */
    { "\x02\x01\xaa", 3, FALSE }, /* another tag */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      NssDer der = nss_der ((const guint8 *) rows[i].octets, rows[i].len);

      nss_der_enter (&der, NSS_DER_OCTET_STRING);
      g_assert_cmpint (nss_der_done (&der), ==, rows[i].good);
      /* Bad for good. */
      g_assert_cmpint (nss_der_element (&der).bad, ==, TRUE);
    }
}

static void
test_der_numbers (void)
{
  static const struct {
    const char *octets;
    gsize len;
    gboolean good;
    guint64 value;
  } rows[] = {
    { "\x02\x01\x00", 3, TRUE, 0 },       { "\x02\x01\x7f", 3, TRUE, 127 },
    { "\x02\x02\x00\x80", 4, TRUE, 128 }, { "\x02\x09\x00\xff\xff\xff\xff\xff\xff\xff\xff", 11, TRUE, G_MAXUINT64 },
    { "\x02\x00", 2, FALSE, 0 },          { "\x02\x01\x80", 3, FALSE, 0 },
    { "\x02\x02\x00\x7f", 4, FALSE, 0 },  { "\x02\x09\x01\0\0\0\0\0\0\0\0", 11, FALSE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      NssDer der = nss_der ((const guint8 *) rows[i].octets, rows[i].len);
      guint64 value = nss_der_uint (&der);

      g_assert_cmpint (nss_der_done (&der), ==, rows[i].good);
      if (rows[i].good)
        g_assert_cmpuint (value, ==, rows[i].value);
    }
}

static void
test_ber (void)
{
  static const struct {
    const char *in;
    gsize in_len;
    const char *out; /* NULL: refused */
    gsize out_len;
  } rows[] = {
    { "\x30\x80\x02\x01\x05\x00\x00", 7, "\x30\x03\x02\x01\x05", 5 },
    { "\x30\x81\x03\x02\x01\x05", 6, "\x30\x03\x02\x01\x05", 5 },
    { "\x24\x80\x04\x01\xaa\x04\x01\xbb\x00\x00", 10, "\x04\x02\xaa\xbb", 4 },
    { "\x24\x06\x04\x01\xaa\x04\x01\xbb", 8, "\x04\x02\xaa\xbb", 4 },
    { "\xa0\x80\x04\x01\xaa\x04\x01\xbb\x00\x00", 10, "\x80\x02\xaa\xbb", 4 },
    { "\xa0\x03\x04\x01\xaa", 5, "\xa0\x03\x04\x01\xaa", 5 },
    { "\x30\x80\x30\x80\x00\x00\x00\x00", 8, "\x30\x02\x30\x00", 4 },
    { "\x30\x80\x02\x01\x05", 5, NULL, 0 }, /* no end */
    { "\x30\x80\x02\x01\x05\x00\x00\x00", 8, NULL, 0 }, /* something behind */
    { "\x04\x80\xaa\x00\x00", 5, NULL, 0 }, /* primitive and indefinite */
    { "\x24\x03\x02\x01\x05", 5, NULL, 0 }, /* pieces of another kind */
    { "\x30\x02\x00\x00", 4, NULL, 0 },
    { "", 0, NULL, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GByteArray *out = nss_ber_to_der ((const guint8 *) rows[i].in, rows[i].in_len);

      g_assert_cmpint (out != NULL, ==, rows[i].out != NULL);
      if (out != NULL)
        g_assert_cmpmem (out->data, out->len, rows[i].out, rows[i].out_len);
      nss_der_wipe (out);
    }
}

/* ---- names ---- */

static void
test_name_round_trip (void)
{
  static const struct {
    const char *in, *out; /* NULL: the same */
  } rows[] = {
    { "O=IPsec Lab, CN=alice", NULL },
    { "o=IPsec Lab,cn=alice", "O=IPsec Lab, CN=alice" },
    { "  O = IPsec Lab ;  CN = alice  ", "O=IPsec Lab, CN=alice" },
    { "/O=IPsec Lab/CN=alice", "O=IPsec Lab, CN=alice" },
    { "C=CH, ST=Zürich, L=Zürich, O=Müller & Söhne, OU=R\\+D", NULL },
    { "O=\"Acme, Inc.\", CN=a", "O=Acme\\, Inc., CN=a" },
    { "O=Acme\\, Inc., CN=a", NULL },
    { "CN=a\\\\b\\+c\\\"d\\;e\\<f\\>g", NULL },
    { "CN=\\#1", NULL },
    { "CN=\\ lead", NULL },
    { "CN=trail\\ ", NULL },
    { "CN=M\\C3\\BCller", "CN=Müller" },
    { "CN=two\\0Alines", NULL },
    { "DC=org, DC=example, UID=u, emailAddress=a@b.c", NULL },
    { "E=a@b.c", "emailAddress=a@b.c" },
    { "1.2.3.4=x", NULL },
    { "OID.2.5.4.3=x", "CN=x" },
    { "2.999.1=x", "2.999.1=x" },
    { "CN=#0c03414243", "CN=ABC" },
    { "CN=#0401ff", "CN=#0401ff" },
    { "SN=s, GN=g, serialNumber=1, T=t", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) der = nss_name_from_string (rows[i].in, &error);
      g_autofree char *text = NULL;
      g_autoptr (GBytes) again = NULL;

      g_assert_no_error (error);
      text = nss_name_to_string (der);
      g_assert_cmpstr (text, ==, rows[i].out ? rows[i].out : rows[i].in);
      again = nss_name_from_string (text, &error);
      g_assert_no_error (error);
      g_assert_true (nss_name_equal (der, again));
    }
}

static void
test_name_errors (void)
{
  static const struct {
    const char *in, *says;
  } rows[] = {
    { "", "should begin" },
    { "alice", "alice" },
    { "@vpn.example.org", "should begin" },
    { "O=Acme, Inc., CN=a", "Inc." },
    { "XYZ=a", "XYZ" },
    { "CN=", "empty" },
    { "CN=a,", "should begin" },
    { "CN=a, , O=b", "should begin" },
    { "CN=\"a", "malformed" },
    { "CN=\"a\"b", "malformed" },
    { "CN=a+b", "“b”" },
    { "CN=#0", "malformed" },
    { "CN=#0c05aa", "malformed" },
    { "CN=\\FF", "malformed" },
    { "1.2.=a", "1.2." },
    { "3.1=a", "3.1" },
    { "1.40=a", "1.40" },
    { "1.2.99999999999=a", "1.2" },
  };
  g_autoptr (GString) many = g_string_new ("CN=a");
  g_autofree char *long_value = g_strnfill (1100, 'x');
  g_autofree char *long_name = g_strconcat ("CN=", long_value, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (nss_name_from_string (rows[i].in, &error));
      g_assert_error (error, NSS_CERT_ERROR, NSS_CERT_ERROR_NAME);
      g_assert_nonnull (strstr (error->message, rows[i].says));
    }
  for (guint i = 1; i < NSS_NAME_MAX_RDNS; i++)
    g_string_append (many, ",CN=a");
  g_bytes_unref (nss_name_from_string (many->str, NULL));
  g_string_append (many, ",CN=a");
  g_assert_null (nss_name_from_string (many->str, NULL));
  g_assert_null (nss_name_from_string (long_name, NULL));
}

/* What is typed has the octets of the certificate that openssl makes of it. */
static void
test_name_octets (void)
{
  static const char *const names[] = { "good", "dn", "cnonly", "root" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (NssCert) cert = fixture_cert (names[i]);
      g_autofree char *subject = nss_cert_subject (cert);
      g_autoptr (GBytes) der = nss_name_from_string (subject, NULL);
      g_autoptr (IkeIdentity) identity = nss_cert_subject_identity (cert);

      g_assert_true (g_bytes_equal (der, identity->data));
    }
}

static GBytes *
name (const char *text)
{
  GBytes *der = nss_name_from_string (text, NULL);

  g_assert_nonnull (der);
  return der;
}

static void
test_name_equal (void)
{
  static const struct {
    const char *a, *b;
    gboolean equal;
  } rows[] = {
    { "O=Lab, CN=alice", "O=Lab, CN=alice", TRUE },
    { "O=Lab, CN=alice", "O=LAB, CN=Alice", TRUE },
    { "O=IPsec Lab", "O=IPsec   Lab", TRUE },
    { "O=IPsec Lab", "O=IPsecLab", FALSE },
    { "CN=#0c05616c696365", "CN=#1305616c696365", TRUE }, /* UTF8String and PrintableString */
    { "CN=#1e0a0061006c006900630065", "CN=alice", TRUE }, /* BMPString */
    { "CN=#1405616c696365", "CN=alice", TRUE }, /* T61String */
    { "CN=#0c06616c69636500", "CN=alice", FALSE }, /* a NUL at the end */
    { "O=Lab, CN=alice", "CN=alice, O=Lab", FALSE },
    { "CN=alice", "OU=alice", FALSE },
    { "CN=alice", "CN=alice, CN=alice", FALSE },
    { "CN=a+O=b", "CN=a, O=b", FALSE },
    { "CN=a+O=b", "O=b+CN=a", TRUE },
    { "CN=Müller", "CN=Muller", FALSE },
    { "CN=#0401ff", "CN=#0401ff", TRUE },
    { "CN=#0401ff", "CN=#0401fe", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) a = name (rows[i].a);
      g_autoptr (GBytes) b = name (rows[i].b);

      g_assert_cmpint (nss_name_equal (a, b), ==, rows[i].equal);
      g_assert_cmpint (nss_name_equal (b, a), ==, rows[i].equal);
    }
}

/* Octets from a peer: whatever they are, the text is printable UTF-8 or NULL; a malformed name equals nothing, not even
 * itself. */
static void
test_name_hostile (void)
{
  static const struct {
    const char *octets;
    gsize len;
    const char *text;
  } rows[] = {
    { "\x30\x00", 2, "" },
    { "\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03\x61\x00\x62", 16, "CN=a\\00b" },
    { "\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03\x61\x0a\x62", 16, "CN=a\\0Ab" },
    { "\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03\xe2\x80\xae", 16, "CN=\\E2\\80\\AE" },
    { "\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03\xe2\x80\xa8", 16, "CN=\\E2\\80\\A8" },
    { "\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03\xff\xfe\xfd", 16, "CN=#0c03fffefd" },
    { "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x1e\x02\xd8\x00", 15, "CN=#1e02d800" },
    { "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x61\x00", 15, NULL },
    { "\x30\x02\x31\x00", 4, NULL },
    { "\x31\x00", 2, NULL },
    { "\x30\x01", 2, NULL },
    { "", 0, NULL },
    { "\x30\x0a\x31\x08\x30\x06\x06\x00\x0c\x02\x61\x62", 12, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) der = g_bytes_new_static (rows[i].octets, rows[i].len);
      g_autofree char *text = nss_name_to_string (der);

      g_assert_cmpstr (text, ==, rows[i].text);
      g_assert_cmpint (nss_name_equal (der, der), ==, text != NULL);
      g_free (nss_name_common_name (der));
    }
}

/* ---- certificates ---- */

static void
test_facts (void)
{
  g_autoptr (NssCert) good = fixture_cert ("good");
  g_autoptr (NssCert) root = fixture_cert ("root");
  g_autoptr (NssCert) old = fixture_cert ("old");
  g_autofree char *subject = nss_cert_subject (good);
  g_autofree char *issuer = nss_cert_issuer (good);
  g_autofree char *summary = nss_cert_summary (old);
  gint64 end = nss_cert_not_after (old);

  g_assert_cmpstr (subject, ==, "O=IPsec Lab, CN=vpn");
  g_assert_cmpstr (issuer, ==, "O=IPsec Lab, CN=Intermediate");
  g_assert_cmpstr (summary, ==, "CN=old, issued by O=IPsec Lab, CN=Intermediate, valid until 2021-01-01");
  g_assert_false (nss_cert_is_ca (good));
  g_assert_true (nss_cert_is_ca (root));
  g_assert_cmpint (end, ==, 1609459200);
  g_assert_cmpint (nss_cert_not_before (old), ==, 1577836800);
  g_assert_true (nss_cert_expires_within (old, end - 29 * 86400, 30));
  g_assert_false (nss_cert_expires_within (old, end - 30 * 86400, 30));
  g_assert_true (nss_cert_expires_within (old, end + 1, 0));
  g_assert_false (nss_cert_expires_within (old, end, 0));
}

static void
test_keys (void)
{
  static const struct {
    const char *name;
    IkeKeyType type;
    guint bits;
  } rows[] = {
    { "rsa", IKE_KEY_RSA, 2048 },        { "rsa1024", IKE_KEY_RSA, 1024 }, { "psskey", IKE_KEY_RSA, 2048 },
    { "p256", IKE_KEY_P256, 256 },       { "p384", IKE_KEY_P384, 384 },    { "p521", IKE_KEY_P521, 521 },
    { "ed25519", IKE_KEY_ED25519, 256 }, { "k256", IKE_KEY_NONE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (NssCert) cert = fixture_cert (rows[i].name);
      g_autofree char *file = g_strconcat (rows[i].name, ".spki", NULL);
      g_autoptr (GBytes) expected = fixture (file);
      g_autoptr (GBytes) found = nss_cert_public_key (cert);
      guint bits = 0;

      g_assert_cmpint (nss_cert_key_type (cert, &bits), ==, rows[i].type);
      if (rows[i].type != IKE_KEY_NONE)
        g_assert_cmpuint (bits, ==, rows[i].bits);
      g_assert_true (g_bytes_equal (expected, found));
    }
}

static void
test_identities (void)
{
  static const struct {
    const char *name, *text;
  } rows[] = {
    { "good", "vpn.example.org, O=IPsec Lab, CN=vpn" },
    { "ip", "192.0.2.1, 2001:db8::1, O=IPsec Lab, CN=vpn" },
    { "email", "alice@Example.org, O=IPsec Lab, CN=alice" },
    { "dn", "O=IPsec Lab, CN=alice" },
    { "nosubject", "vpn.example.org" },
    { "nulsan", "CN=nul" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (NssCert) cert = fixture_cert (rows[i].name);
      g_autofree char *text = nss_cert_identities_string (cert);
      g_autoptr (GPtrArray) identities = nss_cert_identities (cert);

      g_assert_cmpstr (text, ==, rows[i].text);
      for (guint k = 0; k < identities->len; k++)
        g_assert_true (nss_cert_has_identity (cert, identities->pdata[k]));
    }
}

/* RFC 7296 section 3.7: SHA-1 of the whole SubjectPublicKeyInfo. */
static void
test_ca_hashes (void)
{
  g_autoptr (GPtrArray) cas = fixture_list ("root rsaroot");
  g_autoptr (GPtrArray) none = fixture_list ("");
  g_autoptr (NssCert) root = fixture_cert ("root");
  g_autoptr (GBytes) key = nss_cert_public_key (root);
  g_autoptr (GBytes) hashes = NULL;
  guint8 expected[20];

  g_ptr_array_insert (cas, 1, fixture ("octets"));
  hashes = nss_cert_ca_hashes (cas);
  g_assert_cmpuint (g_bytes_get_size (hashes), ==, 40);
  g_assert_cmpint (PK11_HashBuf (SEC_OID_SHA1, expected, g_bytes_get_data (key, NULL),
                                 (PRInt32) g_bytes_get_size (key)),
                   ==, SECSuccess);
  g_assert_cmpmem (g_bytes_get_data (hashes, NULL), 20, expected, 20);
  g_assert_null (nss_cert_ca_hashes (none));
}

static void
test_refused (void)
{
  static const char *const files[] = {
    "badsan.der", "bundle.p7c", "octets", "rsa.p8", "good.pem", "rsa.spki", "crl.der"
  };
  g_autoptr (GBytes) good = fixture ("good.der");
  gsize len = g_bytes_get_size (good);
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  g_autofree guint8 *padding = g_malloc0 (NSS_CERT_MAX_SIZE);
  g_autoptr (GBytes) trailing = NULL;
  g_autoptr (GBytes) huge = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GBytes) bytes = fixture (files[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (nss_cert_new (bytes, &error));
      g_assert_error (error, NSS_CERT_ERROR, NSS_CERT_ERROR_BAD);
    }
  g_byte_array_append (longer, g_bytes_get_data (good, NULL), (guint) len);
  g_byte_array_append (longer, padding, 1);
  trailing = g_bytes_new (longer->data, longer->len);
  g_assert_null (nss_cert_new (trailing, NULL));
  g_byte_array_append (longer, padding, NSS_CERT_MAX_SIZE);
  huge = g_bytes_new (longer->data, NSS_CERT_MAX_SIZE + 1);
  g_assert_null (nss_cert_new (huge, NULL));
}

/* cve-2026-78130: an attribute certificate, with and without an issuer, is no certificate of ours. */
static void
test_attribute_certificate (void)
{
  static const guint8 holder[] = { 0x30, 0x00 }, version[] = { 0x02, 0x01, 0x01 },
                      issuer[] = { 0xa0, 0x02, 0x30, 0x00 }, algorithm[] = { 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                                             0xce, 0x3d, 0x04, 0x03, 0x02, 0x05, 0x00 },
                      serial[] = { 0x02, 0x01, 0x01 }, validity[] = { 0x30, 0x00 }, attributes[] = { 0x30, 0x00 },
                      signature[] = { 0x03, 0x02, 0x00, 0x30 };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GByteArray) info = g_byte_array_new ();
      g_autoptr (GByteArray) body = g_byte_array_new ();
      g_autoptr (GByteArray) out = g_byte_array_new ();
      g_autoptr (GBytes) der = NULL;

      g_byte_array_append (info, version, sizeof version);
      g_byte_array_append (info, holder, sizeof holder);
      if (i == 0)
        g_byte_array_append (info, issuer, sizeof issuer);
      g_byte_array_append (info, algorithm, sizeof algorithm);
      g_byte_array_append (info, serial, sizeof serial);
      g_byte_array_append (info, validity, sizeof validity);
      g_byte_array_append (info, attributes, sizeof attributes);
      nss_der_put (body, NSS_DER_SEQUENCE, info->data, info->len);
      g_byte_array_append (body, algorithm, sizeof algorithm);
      g_byte_array_append (body, signature, sizeof signature);
      nss_der_put (out, NSS_DER_SEQUENCE, body->data, body->len);
      der = g_bytes_new (out->data, out->len);
      g_assert_null (nss_cert_new (der, NULL));
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (NSS_NoDB_Init (NULL), ==, SECSuccess);
  g_test_add_func ("/cert/DER lengths", test_der_lengths);
  g_test_add_func ("/cert/DER numbers", test_der_numbers);
  g_test_add_func ("/cert/BER becomes DER", test_ber);
  g_test_add_func ("/cert/names there and back", test_name_round_trip);
  g_test_add_func ("/cert/names that are none", test_name_errors);
  g_test_add_func ("/cert/names octet by octet", test_name_octets);
  g_test_add_func ("/cert/names compared", test_name_equal);
  g_test_add_func ("/cert/cve-2010-2628-hostile-names", test_name_hostile);
  g_test_add_func ("/cert/facts", test_facts);
  g_test_add_func ("/cert/keys", test_keys);
  g_test_add_func ("/cert/identities", test_identities);
  g_test_add_func ("/cert/hashes for CERTREQ", test_ca_hashes);
  g_test_add_func ("/cert/refused", test_refused);
  g_test_add_func ("/cert/cve-2026-78130-attribute-certificate", test_attribute_certificate);
  status = g_test_run ();
  g_assert_cmpint (NSS_Shutdown (), ==, SECSuccess);
  return status;
}
