/* SPDX-License-Identifier: GPL-2.0-or-later */
/* KE, ID, CERT, CERTREQ, AUTH, Nonce, Notify, Delete, EAP: written, parsed, compared, and refused. */
#include "wire/payload-auth.h"
#include "wire/payload-cert.h"
#include "wire/payload-delete.h"
#include "wire/payload-eap.h"
#include "wire/payload-id.h"
#include "wire/payload-ke.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"
#include "wire/payload-redirect.h"
#include "wire-test.h"

/* Calls @parse with @hex in a block of exactly its size. The parsed value must not be read afterwards. */
#define parses(parse, hex, ret)                                                                                        \
 ({                                                                                                                    \
 g_autoptr (GBytes) bytes_ = from_hex (hex);                                                                           \
 IkeChunk chunk_ = ike_chunk_bytes (bytes_);                                                                           \
 g_autofree guint8 *copy_ = exact_copy (chunk_, chunk_.len);                                                           \
 parse (ike_chunk (copy_, chunk_.len), ret);                                                                           \
 })

static void
test_ke (void)
{
  g_auto (IkeWriter) writer = IKE_WRITER (100);
  const IkeKe ke = { IKE_KE_CURVE25519, ike_chunk ("\1\2\3\4", 4) };
  const char *bad[] = { "", "00", "001f", "001f00", "001f0000" };
  IkeKe again = { 0 };

  ike_ke_write (&writer, &ke);
  assert_chunk (ike_writer_chunk (&writer), "001f 0000 01020304");
  g_assert_true (ike_ke_parse (ike_writer_chunk (&writer), &again));
  g_assert_cmpuint (again.group, ==, ke.group);
  g_assert_true (ike_chunk_equal (again.data, ke.data));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (parses (ike_ke_parse, bad[i], &again));
  g_assert_true (parses (ike_ke_parse, "ffff ffff 00", &again)); /* any group, reserved octets ignored */
  g_assert_cmpuint (again.group, ==, 65535);
}

static void
test_id (void)
{
  g_auto (IkeWriter) writer = IKE_WRITER (100);
  g_autoptr (IkeIdentity) identity = ike_identity_new (IKE_ID_FQDN, "vpn.example.org", 15);
  g_autoptr (IkeIdentity) again = NULL;
  IkeId id;

  ike_id_write (&writer, identity);
  assert_chunk (ike_writer_chunk (&writer), "02 000000 76706e2e6578616d706c652e6f7267");
  g_assert_true (ike_id_parse (ike_writer_chunk (&writer), &id));
  g_assert_cmpuint (id.type, ==, IKE_ID_FQDN);
  g_assert_cmpuint (id.rest.len, ==, 19);
  again = ike_id_identity (&id);
  g_assert_true (ike_identity_equal (identity, again));
}

static void
test_id_lengths (void)
{
  const struct {
    guint8 type;
    gsize min, max;
  } cases[] = {
    { IKE_ID_IPV4_ADDR, 4, 4 },
    { IKE_ID_IPV6_ADDR, 16, 16 },
    { IKE_ID_NULL, 0, 0 },
    { IKE_ID_FQDN, 1, IKE_MAX_ID },
    { IKE_ID_RFC822_ADDR, 1, IKE_MAX_ID },
    { IKE_ID_KEY_ID, 1, IKE_MAX_ID },
    { IKE_ID_DER_ASN1_DN, 1, IKE_MAX_ID },
    { IKE_ID_DER_ASN1_GN, 1, IKE_MAX_ID },
    { 200, 1, IKE_MAX_ID },
  };
  IkeId id;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize len = 0; len <= IKE_MAX_ID + 1; len += len < 20 || len >= IKE_MAX_ID - 1 ? 1 : IKE_MAX_ID - 21)
      {
        g_autofree guint8 *octets = g_malloc0 (4 + len);

        octets[0] = cases[i].type;
        g_assert_true (ike_id_parse (ike_chunk (octets, 4 + len), &id) == (len >= cases[i].min && len <= cases[i].max));
      }
  for (gsize len = 0; len < 4; len++)
    g_assert_false (ike_id_parse (ike_chunk ("\xd\0\0\0", len), &id));
}

static void
test_cert (void)
{
  g_auto (IkeWriter) writer = IKE_WRITER (100);
  const IkeCert cert = { IKE_CERT_X509_SIGNATURE, ike_chunk ("\x30\x03\x02\x01\x00", 5) };
  IkeCert again;

  ike_cert_write (&writer, &cert);
  assert_chunk (ike_writer_chunk (&writer), "04 3003020100");
  g_assert_true (ike_cert_parse (ike_writer_chunk (&writer), &again));
  g_assert_true (ike_chunk_equal (again.data, cert.data));
  g_assert_false (parses (ike_cert_parse, "", &again));
  g_assert_false (parses (ike_cert_parse, "04", &again));
  g_assert_true (parses (ike_cert_parse, "ff 00", &again));
}

static void
test_certreq (void)
{
  const char *hash_a = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", *hash_b = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
  g_autofree char *hex = g_strdup_printf ("04 %s %s", hash_a, hash_b);
  g_autoptr (GBytes) bytes = from_hex (hex), a = from_hex (hash_a), b = from_hex (hash_b);
  guint8 none[20] = { 0 };
  IkeChunk whole = ike_chunk_bytes (bytes);
  IkeCert certreq;

  g_assert_true (ike_certreq_parse (whole, &certreq));
  g_assert_cmpuint (ike_certreq_n_hashes (&certreq), ==, 2);
  g_assert_true (ike_certreq_contains (&certreq, g_bytes_get_data (a, NULL)));
  g_assert_true (ike_certreq_contains (&certreq, g_bytes_get_data (b, NULL)));
  g_assert_false (ike_certreq_contains (&certreq, none));
  for (gsize len = 0; len < whole.len; len++)
    g_assert_true (ike_certreq_parse (ike_chunk (whole.data, len), &certreq) == (len % 20 == 1));
  /* another encoding's data is its own business, but no list of hashes */
  g_assert_true (parses (ike_certreq_parse, "01 aabb", &certreq));
  g_assert_cmpuint (ike_certreq_n_hashes (&certreq), ==, 0);
}

static void
test_auth (void)
{
  g_auto (IkeWriter) psk = IKE_WRITER (100), signature = IKE_WRITER (1000);
  IkeAuthPayload auth = { IKE_AUTH_METHOD_SHARED_KEY, ike_chunk ("\1\2\3", 3), { NULL, 0 } }, again;
  guint8 algorithm[256] = { 0x30 };
  const char *bad[] = { "",
                        "02",
                        "02000000",
                        "0e000000",
                        "0e000000 00",
                        "0e000000 00 aa", /* no algorithm */
                        "0e000000 02 3000", /* no signature */
                        "0e000000 03 3000" };

  ike_auth_write (&psk, &auth);
  assert_chunk (ike_writer_chunk (&psk), "02 000000 010203");
  g_assert_true (ike_auth_parse (ike_writer_chunk (&psk), &again));
  g_assert_true (ike_chunk_equal (again.data, auth.data));
  g_assert_cmpuint (again.algorithm.len, ==, 0);

  auth.method = IKE_AUTH_METHOD_SIGNATURE;
  auth.algorithm = ike_chunk (algorithm, 255);
  ike_auth_write (&signature, &auth);
  g_assert_true (ike_auth_parse (ike_writer_chunk (&signature), &again));
  g_assert_true (ike_chunk_equal (again.data, auth.data));
  g_assert_true (ike_chunk_equal (again.algorithm, auth.algorithm));
  ike_writer_clear (&signature);
  auth.algorithm.len = 256;
  ike_auth_write (&signature, &auth);
  g_assert_false (ike_writer_ok (&signature));

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (parses (ike_auth_parse, bad[i], &again));
  g_assert_true (parses (ike_auth_parse, "0e000000 02 3000 01", &again));
}

static void
test_nonce_limits (void)
{
  guint8 octets[IKE_MAX_NONCE + 1] = { 0 };
  IkeChunk nonce;

  for (gsize len = 0; len <= sizeof octets; len++)
    g_assert_true (ike_nonce_parse (ike_chunk (octets, len), &nonce) == (len >= 16 && len <= 256));
}

static void
test_notify (void)
{
  g_auto (IkeWriter) writer = IKE_WRITER (100);
  const IkeNotify notify = { IKE_PROTOCOL_ESP, IKE_NOTIFY_REKEY_SA, ike_chunk ("\1\2\3\4", 4), ike_chunk ("\xff", 1) };
  IkeNotify again;

  ike_notify_write (&writer, &notify);
  assert_chunk (ike_writer_chunk (&writer), "03 04 4009 01020304 ff");
  g_assert_true (ike_notify_parse (ike_writer_chunk (&writer), &again));
  g_assert_cmpuint (again.protocol, ==, notify.protocol);
  g_assert_cmpuint (again.type, ==, notify.type);
  g_assert_true (ike_chunk_equal (again.spi, notify.spi));
  g_assert_true (ike_chunk_equal (again.data, notify.data));
  g_assert_false (ike_notify_is_error (&again));
}

/* libreswan CVE-2023-38710: REKEY_SA with any protocol, and SPI sizes that are none. */
/* What a notification is for people: its name, and Windows' own number. */
static void
test_notify_text (void)
{
  static const struct {
    IkeNotifyType type;
    const char *data;
    gsize len;
    const char *text;
    gboolean refusal;
  } rows[] = {
    { IKE_NOTIFY_AUTHENTICATION_FAILED, "", 0, "AUTHENTICATION_FAILED", TRUE },
    { IKE_NOTIFY_AUTHORIZATION_FAILED, "", 0, "AUTHORIZATION_FAILED", TRUE },
    { IKE_NOTIFY_TS_UNACCEPTABLE, "\0\0\x35\xe9", 4, "TS_UNACCEPTABLE", FALSE },
    { (IkeNotifyType) 9999, "", 0, "NOTIFY_9999", FALSE },
    { IKE_NOTIFY_MS_STATUS, "\0\0\x35\xe9", 4, "MS_STATUS 13801: our certificate or key is not accepted", TRUE },
    { IKE_NOTIFY_MS_STATUS, "\xe9\x35\0\0", 4, "MS_STATUS 13801: our certificate or key is not accepted", TRUE },
    { IKE_NOTIFY_MS_STATUS, "\0\0\x02\xb3", 4, "MS_STATUS 691: the user name or password is wrong", TRUE },
    { IKE_NOTIFY_MS_STATUS, "\0\0\0\x57", 4, "MS_STATUS 87: a parameter is not valid", FALSE },
    { IKE_NOTIFY_MS_STATUS, "\0\0\x35\xf0", 4, "MS_STATUS 13808", FALSE },
    { IKE_NOTIFY_MS_STATUS, "\x80\x09\x03\x22", 4, "MS_STATUS 0x80090322", FALSE },
    { IKE_NOTIFY_MS_STATUS, "\0\0\0\0", 4, "MS_STATUS", FALSE },
    { IKE_NOTIFY_MS_STATUS, "\0\x35\xe9", 3, "MS_STATUS", FALSE },
    { IKE_NOTIFY_MS_STATUS, "\0\0\x35\xe9\0", 5, "MS_STATUS", FALSE },
    { IKE_NOTIFY_MS_STATUS, "", 0, "MS_STATUS", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      IkeNotify notify = { .type = (guint16) rows[i].type, .data = ike_chunk (rows[i].data, rows[i].len) };
      g_autofree char *text = ike_notify_to_string (&notify);

      g_assert_cmpstr (text, ==, rows[i].text);
      g_assert_cmpint (ike_notify_refuses_us (&notify), ==, rows[i].refusal);
    }
}

static void
test_notify_spi_sizes (void)
{
  for (guint protocol = 0; protocol < 256; protocol++)
    for (guint size = 0; size < 256; size++)
      {
        guint8 octets[4 + 255] = { (guint8) protocol, (guint8) size, 0x40, 0x09 };
        IkeNotify notify;

        g_assert_true (ike_notify_parse (ike_chunk (octets, sizeof octets), &notify) == (size <= 8));
      }
  for (gsize len = 0; len < 4 + 4; len++)
    {
      IkeNotify notify;

      g_assert_false (ike_notify_parse (ike_chunk ("\3\4\x40\x09\1\2\3\4", len), &notify));
    }
}

static void
test_notify_lookup (void)
{
  g_auto (IkeBuilder) builder = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  IkePayloads payloads;
  IkeNotify notify;
  guint index = 0, n = 0;

  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_COOKIE, ike_chunk ("c1", 2));
  ike_builder_add (&builder, IKE_PAYLOAD_NOTIFY, ike_chunk ("\0\xff\0\x0e", 4)); /* malformed */
  ike_builder_notify (&builder, IKE_NOTIFY_COOKIE, ike_chunk ("c2", 2));
  ike_builder_notify (&builder, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, ike_chunk (NULL, 0));
  bytes = ike_builder_finish (&builder);
  g_assert_cmpint (ike_payloads_parse (builder.first, ike_chunk_bytes (bytes), &payloads), ==, IKE_PARSE_OK);
  while (ike_notify_next (&payloads, IKE_NOTIFY_COOKIE, &index, &notify))
    g_assert_cmpmem (notify.data.data, notify.data.len, n++ == 0 ? "c1" : "c2", 2);
  g_assert_cmpuint (n, ==, 2);
  g_assert_true (ike_notify_find_error (&payloads, &notify));
  g_assert_cmpuint (notify.type, ==, IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
  g_assert_false (ike_notify_all_valid (&payloads));
  payloads.n = 1;
  g_assert_true (ike_notify_all_valid (&payloads));
  g_assert_false (ike_notify_find_error (&payloads, &notify));
}

static void
test_delete (void)
{
  g_auto (IkeWriter) esp = IKE_WRITER (100), ike = IKE_WRITER (100);
  const guint32 spis[] = { 0x01020304, 0xc0ffee00 };
  IkeDelete delete;

  ike_delete_write (&esp, IKE_PROTOCOL_ESP, spis, 2);
  assert_chunk (ike_writer_chunk (&esp), "03 04 0002 01020304 c0ffee00");
  g_assert_true (ike_delete_parse (ike_writer_chunk (&esp), &delete));
  g_assert_cmpuint (delete.n_spis, ==, 2);
  g_assert_cmphex (ike_delete_spi (&delete, 0), ==, spis[0]);
  g_assert_cmphex (ike_delete_spi (&delete, 1), ==, spis[1]);
  ike_delete_write (&ike, IKE_PROTOCOL_IKE, NULL, 0);
  assert_chunk (ike_writer_chunk (&ike), "01 00 0000");
  g_assert_true (ike_delete_parse (ike_writer_chunk (&ike), &delete));
  g_assert_cmpuint (delete.n_spis, ==, 0);
}

/* Whatever stands behind the protocol: which IKE SA it is the header says. */
static void
test_delete_ike (void)
{
  const char *good[] = { "01 00 0000", "01 00 0001", "01 08 0001 0102030405060708", "01 04 0000", "01 00 0000 00" };
  IkeDelete delete;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (parses (ike_delete_parse, good[i], &delete));
      g_assert_cmpuint (delete.protocol, ==, IKE_PROTOCOL_IKE);
      g_assert_cmpuint (delete.n_spis, ==, 0);
    }
}

static void
test_delete_bad (void)
{
  const char *bad[] = {
    "",
    "03 04 00",
    "03 04 0001",
    "03 04 0001 010203",
    "03 04 0001 01020304 05",
    "03 04 0000 01020304",
    "03 04 ffff 01020304",
    "03 03 0001 010203",
    "03 05 0001 0102030405",
    "03 00 0001",
    "03 ff 0000",
    "00 00 0000",
    "04 04 0001 01020304",
    "ff 04 0001 01020304",
  };
  g_autofree guint8 *many = g_malloc0 (4 + 4 * (IKE_MAX_DELETE_SPIS + 1));
  IkeDelete delete;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (parses (ike_delete_parse, bad[i], &delete));
  for (guint n = IKE_MAX_DELETE_SPIS; n <= IKE_MAX_DELETE_SPIS + 1; n++)
    {
      many[0] = IKE_PROTOCOL_ESP;
      many[1] = 4;
      many[2] = (guint8) (n >> 8);
      many[3] = (guint8) n;
      g_assert_true (ike_delete_parse (ike_chunk (many, 4 + 4 * n), &delete) == (n <= IKE_MAX_DELETE_SPIS));
    }
}

static void
test_eap (void)
{
  const struct {
    IkeEap eap;
    const char *hex;
  } cases[] = {
    { { IKE_EAP_CODE_REQUEST, 7, IKE_EAP_IDENTITY, 0, 0, { NULL, 0 } }, "01 07 0005 01" },
    { { IKE_EAP_CODE_RESPONSE, 7, IKE_EAP_IDENTITY, 0, 0, { (const guint8 *) "bob", 3 } }, "02 07 0008 01 626f62" },
    { { IKE_EAP_CODE_SUCCESS, 9, 0, 0, 0, { NULL, 0 } }, "03 09 0004" },
    { { IKE_EAP_CODE_FAILURE, 255, 0, 0, 0, { NULL, 0 } }, "04 ff 0004" },
    { { IKE_EAP_CODE_REQUEST, 0, IKE_EAP_EXPANDED, 0x123456, 0xdeadbeef, { (const guint8 *) "x", 1 } },
      "01 00 000d fe 123456 deadbeef 78" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (IkeWriter) writer = IKE_WRITER (100);
      IkeEap again;

      ike_eap_write (&writer, &cases[i].eap);
      assert_chunk (ike_writer_chunk (&writer), cases[i].hex);
      g_assert_true (ike_eap_parse (ike_writer_chunk (&writer), &again));
      g_assert_cmpuint (again.code, ==, cases[i].eap.code);
      g_assert_cmpuint (again.id, ==, cases[i].eap.id);
      g_assert_cmpuint (again.type, ==, cases[i].eap.type);
      g_assert_cmpuint (again.vendor, ==, cases[i].eap.vendor);
      g_assert_cmpuint (again.vendor_type, ==, cases[i].eap.vendor_type);
      g_assert_true (ike_chunk_equal (again.data, cases[i].eap.data));
    }
}

static void
test_eap_bad (void)
{
  const char *bad[] = {
    "",
    "01",
    "01 07 00",
    "01 07 0004", /* a request without a type */
    "01 07 0003 01",
    "01 07 0004 01",
    "01 07 0006 01",
    "01 07 0000 01",
    "01 07 ffff 01",
    "03 07 0005 00",
    "04 07 0005 01",
    "03 07 0003",
    "00 07 0005 01",
    "05 07 0005 01",
    "ff 07 0004",
    "01 00 000b fe 123456 deadbe",
    "01 00 0005 fe", /* expanded, but not that much */
  };
  IkeEap eap;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (parses (ike_eap_parse, bad[i], &eap));
}

/* RFC 5685 sections 9.2, 9.3 */
static void
test_redirect (void)
{
  static const struct {
    const char *octets;
    gsize len;
    const char *gateway; /* NULL: refused */
    gsize nonce;
  } rows[] = {
    { "\1\4\300\0\2\1", 6, "192.0.2.1", 0 },
    { "\1\4\300\0\2\1nonce", 11, "192.0.2.1", 5 },
    { "\2\20\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1", 18, "2001:db8::1", 0 },
    { "\3\12gw.example", 12, "gw.example", 0 },
    { "\3\12gw.examplenonce", 17, "gw.example", 5 },
    { "", 0, NULL, 0 },
    { "\1\4\300\0\2", 5, NULL, 0 },
    { "\1\5\300\0\2\1\1", 7, NULL, 0 },
    { "\2\4\300\0\2\1", 6, NULL, 0 },
    { "\4\4\300\0\2\1", 6, NULL, 0 },
    { "\3\0", 2, NULL, 0 },
    { "\3\13-gw.example", 13, NULL, 0 },
    { "\3\12gw example", 12, NULL, 0 },
    { "\3\12gw.exampl\0", 12, NULL, 0 },
    { "\3\12gw.exampl", 11, NULL, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      IkeRedirect redirect;
      gboolean ok = ike_redirect_parse (ike_chunk (rows[i].octets, rows[i].len), &redirect);
      g_autofree char *address = ike_address_to_string (&redirect.address);

      g_assert_cmpint (ok, ==, rows[i].gateway != NULL);
      if (!ok)
        continue;
      g_assert_cmpstr (redirect.address.family ? address : redirect.name, ==, rows[i].gateway);
      g_assert_cmpuint (redirect.nonce.len, ==, rows[i].nonce);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/ke/write-parse-refuse", test_ke);
  g_test_add_func ("/wire/id/write-parse", test_id);
  g_test_add_func ("/wire/id/lengths", test_id_lengths);
  g_test_add_func ("/wire/cert/write-parse-refuse", test_cert);
  g_test_add_func ("/wire/certreq/hashes", test_certreq);
  g_test_add_func ("/wire/auth/write-parse-refuse", test_auth);
  g_test_add_func ("/wire/nonce/limits", test_nonce_limits);
  g_test_add_func ("/wire/notify/write-parse", test_notify);
  g_test_add_func ("/wire/cve-2023-38710-notify-spi-sizes", test_notify_spi_sizes);
  g_test_add_func ("/wire/notify-text", test_notify_text);
  g_test_add_func ("/wire/notify/lookup", test_notify_lookup);
  g_test_add_func ("/wire/delete/write-parse", test_delete);
  g_test_add_func ("/wire/delete/ike", test_delete_ike);
  g_test_add_func ("/wire/delete/refused", test_delete_bad);
  g_test_add_func ("/wire/eap/write-parse", test_eap);
  g_test_add_func ("/wire/eap/refused", test_eap_bad);
  g_test_add_func ("/wire/ke/redirect", test_redirect);
  return g_test_run ();
}
