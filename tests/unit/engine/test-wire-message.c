/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header, payload chain, limits and building: RFC 7296 sections 2.5, 3.1, 3.2; and packets that broke others. */
#include "wire/message.h"
#include "wire/payload-notify.h"
#include "wire-test.h"

/* A complete IKE_SA_INIT request by hand: SA (one proposal of four transforms), KE, Nonce, two notifications. */
static const char sa_init[] = "1122334455667788 0000000000000000 21 20 22 08 00000000 000000b2" /* header, 178 octets */
                              "22 00 0030" /* SA */
                              "00 00 002c 01 01 00 04 0300000c 01000014 800e0100 03000008 02000006 03000008 0400001f"
                              "00000008 05000000"
                              "28 00 0028 001f 0000" /* KE, curve25519 */
                              "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                              "29 00 0024" /* Nonce */
                              "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
                              "29 00 0012 0000 402f 0001 0002 0003 0004 0005" /* SIGNATURE_HASH_ALGORITHMS */
                              "00 00 0008 0000 402e"; /* IKEV2_FRAGMENTATION_SUPPORTED */

static IkeMessage message; /* large */

static IkeParse
parse_exact (IkeChunk chunk, gsize len)
{
  g_autofree guint8 *copy = exact_copy (chunk, len);

  return ike_message_parse (ike_chunk (copy, len), &message);
}

static void
test_sa_init_is_parsed (void)
{
  g_autoptr (GBytes) bytes = from_hex (sa_init);
  g_autofree char *text = NULL;
  const IkePayload *payload;
  IkeNotify notify;

  g_assert_cmpint (ike_message_parse (ike_chunk_bytes (bytes), &message), ==, IKE_PARSE_OK);
  g_assert_cmphex (message.header.spi_i, ==, G_GUINT64_CONSTANT (0x1122334455667788));
  g_assert_cmphex (message.header.spi_r, ==, 0);
  g_assert_cmpuint (message.header.exchange, ==, IKE_EXCHANGE_IKE_SA_INIT);
  g_assert_cmpuint (message.header.flags, ==, IKE_FLAG_INITIATOR);
  g_assert_cmpuint (message.header.message_id, ==, 0);
  g_assert_cmpuint (ike_header_major (&message.header), ==, 2);
  text = ike_payloads_to_string (&message.payloads);
  g_assert_cmpstr (text, ==, "SA KE NONCE NOTIFY NOTIFY");
  payload = ike_payloads_find (&message.payloads, IKE_PAYLOAD_NONCE);
  g_assert_cmpuint (payload->body.len, ==, 32);
  g_assert_cmpuint (payload->offset, ==, 28 + 48 + 40);
  g_assert_false (payload->critical);
  g_assert_null (ike_payloads_find (&message.payloads, IKE_PAYLOAD_AUTH));
  g_assert_cmpuint (ike_payloads_count (&message.payloads, IKE_PAYLOAD_NOTIFY), ==, 2);
  g_assert_true (ike_notify_find (&message.payloads, IKE_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED, &notify));
  g_assert_false (ike_notify_find (&message.payloads, IKE_NOTIFY_COOKIE, &notify));
}

/* libreswan CVE-2013-4564, strongSwan CVE-2013-5018 and others: packets shorter than a header. */
static void
test_short_datagrams (void)
{
  g_autoptr (GBytes) bytes = from_hex (sa_init);

  for (gsize len = 0; len < IKE_HEADER_LEN; len++)
    g_assert_cmpint (parse_exact (ike_chunk_bytes (bytes), len), ==, IKE_PARSE_TOO_SHORT);
  g_assert_cmpint (parse_exact (ike_chunk_bytes (bytes), IKE_HEADER_LEN), ==, IKE_PARSE_LENGTH);
}

/* Truncated at every octet: with the length field as it was, and with one that tells the truth about the rest. */
static void
test_truncation_at_every_octet (void)
{
  g_autoptr (GBytes) bytes = from_hex (sa_init);
  IkeChunk whole = ike_chunk_bytes (bytes);

  for (gsize len = IKE_HEADER_LEN; len < whole.len; len++)
    {
      g_autofree guint8 *copy = exact_copy (whole, len);

      g_assert_cmpint (ike_message_parse (ike_chunk (copy, len), &message), ==, IKE_PARSE_LENGTH);
      copy[27] = (guint8) len;
      g_assert_cmpint (ike_message_parse (ike_chunk (copy, len), &message), ==, IKE_PARSE_PAYLOAD);
    }
}

static void
test_wrong_lengths (void)
{
  g_autoptr (GBytes) bytes = from_hex (sa_init);
  IkeChunk whole = ike_chunk_bytes (bytes);
  static const gsize payload_lengths[] = { 28 + 3, 76 + 3, 116 + 3, 152 + 3, 170 + 3 };

  /* the header's length */
  for (gint d = -1; d <= 1; d += 2)
    {
      g_autofree guint8 *copy = exact_copy (whole, whole.len);

      copy[27] = (guint8) (copy[27] + d);
      g_assert_cmpint (ike_message_parse (ike_chunk (copy, whole.len), &message), ==, IKE_PARSE_LENGTH);
    }
  /* each payload's: one less, one more, and less than its own header */
  for (guint i = 0; i < G_N_ELEMENTS (payload_lengths); i++)
    for (gint d = -1; d <= 1; d += 2)
      {
        g_autofree guint8 *copy = exact_copy (whole, whole.len);

        copy[payload_lengths[i]] = (guint8) (copy[payload_lengths[i]] + d);
        g_assert_cmpint (ike_message_parse (ike_chunk (copy, whole.len), &message), !=, IKE_PARSE_OK);
      }
  for (guint len = 0; len < 4; len++)
    {
      g_autofree guint8 *copy = exact_copy (whole, whole.len);

      copy[170 + 3] = (guint8) len;
      g_assert_cmpint (ike_message_parse (ike_chunk (copy, whole.len), &message), ==, IKE_PARSE_PAYLOAD);
    }
}

static void
test_every_bit_flip_is_survived (void)
{
  g_autoptr (GBytes) bytes = from_hex (sa_init);
  IkeChunk whole = ike_chunk_bytes (bytes);
  g_autofree guint8 *copy = exact_copy (whole, whole.len);

  for (gsize bit = 0; bit < whole.len * 8; bit++)
    {
      copy[bit / 8] ^= (guint8) (1 << bit % 8);
      if (ike_message_parse (ike_chunk (copy, whole.len), &message) == IKE_PARSE_OK)
        for (guint i = 0; i < message.payloads.n; i++)
          {
            IkeChunk body = message.payloads.at[i].body;

            g_assert_true (body.data >= copy && body.data + body.len <= copy + whole.len);
          }
      copy[bit / 8] ^= (guint8) (1 << bit % 8);
    }
}

static void
test_header_only (void)
{
  g_autoptr (GBytes) bytes = from_hex ("1122334455667788 99aabbccddeeff00 00 20 25 20 00000007 0000001c");
  g_autoptr (GBytes) trailing = from_hex ("1122334455667788 99aabbccddeeff00 00 20 25 20 00000007 0000001d 00");

  g_assert_cmpint (ike_message_parse (ike_chunk_bytes (bytes), &message), ==, IKE_PARSE_OK);
  g_assert_cmpuint (message.payloads.n, ==, 0);
  g_assert_cmpuint (message.header.message_id, ==, 7);
  g_assert_cmpuint (message.header.flags, ==, IKE_FLAG_RESPONSE);
  g_assert_cmpint (ike_message_parse (ike_chunk_bytes (trailing), &message), ==, IKE_PARSE_PAYLOAD);
}

/* CVE-2015-3991: the payload numbers of one version under the other's header. */
static void
test_versions (void)
{
  g_autoptr (GBytes) bytes = from_hex (sa_init);
  IkeChunk whole = ike_chunk_bytes (bytes);
  g_autofree guint8 *copy = exact_copy (whole, whole.len);

  for (guint version = 0; version < 256; version++)
    {
      IkeParse want = version >> 4 == 2 ? IKE_PARSE_OK : IKE_PARSE_MAJOR_VERSION;

      copy[17] = (guint8) version;
      g_assert_cmpint (ike_message_parse (ike_chunk (copy, whole.len), &message), ==, want);
      g_assert_cmpuint (message.header.version, ==, version);
      g_assert_cmphex (message.header.spi_i, ==, G_GUINT64_CONSTANT (0x1122334455667788));
      if (want != IKE_PARSE_OK)
        g_assert_cmpuint (message.payloads.n, ==, 0);
    }
  copy[17] = 0x20;
  copy[16] = 1; /* SA of IKEv1: unknown here, kept for nobody */
  g_assert_cmpint (ike_message_parse (ike_chunk (copy, whole.len), &message), ==, IKE_PARSE_OK);
  g_assert_null (ike_payloads_find (&message.payloads, IKE_PAYLOAD_SA));
  copy[28 + 1] = 0x80; /* and critical */
  g_assert_cmpint (ike_message_parse (ike_chunk (copy, whole.len), &message), ==, IKE_PARSE_CRITICAL);
  g_assert_cmpuint (message.payloads.critical_type, ==, 1);
}

static void
test_critical_bit (void)
{
  for (guint type = 1; type < 256; type++)
    {
      g_autofree char *hex = g_strdup_printf ("00 80 0004");
      g_autoptr (GBytes) bytes = from_hex (hex);
      IkePayloads payloads;
      IkeParse outcome = ike_payloads_parse ((guint8) type, ike_chunk_bytes (bytes), &payloads);

      if (type == IKE_PAYLOAD_SK || type == IKE_PAYLOAD_SKF)
        g_assert_cmpint (outcome, ==, IKE_PARSE_PAYLOAD);
      else if (type >= IKE_PAYLOAD_SA && type <= IKE_PAYLOAD_EAP)
        g_assert_cmpint (outcome, ==, IKE_PARSE_OK); /* known: the bit does not matter */
      else
        {
          g_assert_cmpint (outcome, ==, IKE_PARSE_CRITICAL);
          g_assert_cmpuint (payloads.critical_type, ==, type);
        }
    }
}

static void
test_encrypted_payload_ends_the_chain (void)
{
  static const char header[] = "1122334455667788 99aabbccddeeff00 %02x 20 23 08 00000001 000000%02x %s";
  const struct {
    guint type;
    guint len;
    const char *payloads;
    IkeParse outcome;
  } cases[] = {
    { IKE_PAYLOAD_SK, 28 + 8, "23 00 0008 01020304", IKE_PARSE_OK },
    { IKE_PAYLOAD_SKF, 28 + 8, "00 00 0008 00020003", IKE_PARSE_OK },
    { IKE_PAYLOAD_NOTIFY, 28 + 16, "2e 00 0008 00004000 23 00 0008 01020304", IKE_PARSE_OK },
    { IKE_PAYLOAD_SK, 28 + 9, "23 00 0008 01020304 00", IKE_PARSE_PAYLOAD },
    { IKE_PAYLOAD_SK, 28 + 16, "29 00 0008 01020304 00 00 0008 00004000", IKE_PARSE_PAYLOAD },
    { IKE_PAYLOAD_SK, 28 + 7, "23 00 0008 010203", IKE_PARSE_PAYLOAD },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *hex = g_strdup_printf (header, cases[i].type, cases[i].len, cases[i].payloads);
      g_autoptr (GBytes) bytes = from_hex (hex);

      g_assert_cmpint (ike_message_parse (ike_chunk_bytes (bytes), &message), ==, cases[i].outcome);
      if (i == 0)
        g_assert_cmpuint (message.payloads.at[0].next, ==, IKE_PAYLOAD_IDI);
    }
}

/* A chain of @n payloads of @type (the last but none critical). */
static IkeParse
parse_many (guint8 type, guint n, IkePayloads *payloads)
{
  g_autoptr (GByteArray) chain = g_byte_array_new ();

  for (guint i = 0; i < n; i++)
    {
      const guint8 payload[8] = { i + 1 < n ? type : 0, 0, 0, 8, 0, 0, 0, 0 };

      g_byte_array_append (chain, payload, sizeof payload);
    }
  return ike_payloads_parse (type, ike_chunk (chain->data, chain->len), payloads);
}

/* libreswan CVE-2026-12413: one payload more than the array holds. */
static void
test_max_payloads (void)
{
  const struct {
    guint8 type;
    guint limit;
  } cases[] = {
    { IKE_PAYLOAD_VENDOR, IKE_MAX_PAYLOADS_OF_TYPE },
    { IKE_PAYLOAD_NOTIFY, IKE_MAX_PAYLOADS_OF_TYPE },
    { IKE_PAYLOAD_CERTREQ, IKE_MAX_PAYLOADS_OF_TYPE },
    { IKE_PAYLOAD_DELETE, IKE_MAX_PAYLOADS_OF_TYPE },
    { IKE_PAYLOAD_CERT, IKE_MAX_CERTS },
    { 200, IKE_MAX_PAYLOADS },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint n = 1; n <= 200; n++)
      {
        struct {
          IkePayloads payloads;
          guint8 guard[64];
        } place;
        IkeParse want = n <= cases[i].limit ? IKE_PARSE_OK : IKE_PARSE_TOO_MANY;

        memset (place.guard, 0x5a, sizeof place.guard);
        g_assert_cmpint (parse_many (cases[i].type, n, &place.payloads), ==, want);
        if (want == IKE_PARSE_OK)
          g_assert_cmpuint (place.payloads.n, ==, n);
        for (guint j = 0; j < sizeof place.guard; j++)
          g_assert_cmphex (place.guard[j], ==, 0x5a);
      }
}

static void
test_max_message (void)
{
  for (guint d = 0; d <= 1; d++)
    {
      gsize len = IKE_MAX_MESSAGE + d;
      g_autofree guint8 *octets = g_malloc0 (len);
      const guint8 header[28] = {
        [16] = IKE_PAYLOAD_VENDOR,  [17] = 0x20,        [18] = 34, [25] = (guint8) (len >> 16),
        [26] = (guint8) (len >> 8), [27] = (guint8) len
      };
      gsize first = 40000, second = len - 28 - first;
      IkeParse want = d == 0 ? IKE_PARSE_OK : IKE_PARSE_LENGTH;
      IkePayloads payloads;

      memcpy (octets, header, sizeof header);
      octets[28] = IKE_PAYLOAD_VENDOR;
      octets[30] = (guint8) (first >> 8);
      octets[31] = (guint8) first;
      octets[28 + first + 2] = (guint8) (second >> 8);
      octets[28 + first + 3] = (guint8) second;
      g_assert_cmpint (ike_message_parse (ike_chunk (octets, len), &message), ==, want);
      /* the same as a chain of its own */
      octets[2] = octets[3] = 0xff;
      g_assert_cmpint (ike_payloads_parse (IKE_PAYLOAD_NONE, ike_chunk (octets, len), &payloads), ==,
                       d == 0 ? IKE_PARSE_PAYLOAD : IKE_PARSE_LENGTH);
    }
}

static void
test_inner_chain (void)
{
  g_autoptr (GBytes) bytes = from_hex ("29 00 0005 aa 00 00 0008 00004000");
  IkePayloads payloads;

  g_assert_cmpint (ike_payloads_parse (IKE_PAYLOAD_VENDOR, ike_chunk_bytes (bytes), &payloads), ==, IKE_PARSE_OK);
  g_assert_cmpuint (payloads.n, ==, 2);
  g_assert_cmpuint (payloads.at[1].type, ==, IKE_PAYLOAD_NOTIFY);
  g_assert_cmpuint (payloads.at[1].offset, ==, 5);
  /* nothing inside: an empty INFORMATIONAL */
  g_assert_cmpint (ike_payloads_parse (IKE_PAYLOAD_NONE, ike_chunk (NULL, 0), &payloads), ==, IKE_PARSE_OK);
  g_assert_cmpuint (payloads.n, ==, 0);
  /* something inside that nobody names, and somebody named that is not inside */
  g_assert_cmpint (ike_payloads_parse (IKE_PAYLOAD_NONE, ike_chunk_bytes (bytes), &payloads), ==, IKE_PARSE_PAYLOAD);
  g_assert_cmpint (ike_payloads_parse (IKE_PAYLOAD_IDI, ike_chunk (NULL, 0), &payloads), ==, IKE_PARSE_PAYLOAD);
}

static void
test_builder_gives_the_same_octets (void)
{
  g_autoptr (GBytes) bytes = from_hex (sa_init), again = NULL;
  g_auto (IkeBuilder) builder = { 0 };

  g_assert_cmpint (ike_message_parse (ike_chunk_bytes (bytes), &message), ==, IKE_PARSE_OK);
  message.header.next_payload = 99; /* the builder's to say */
  message.header.length = 0xffffffff;
  ike_builder_init (&builder, &message.header);
  for (guint i = 0; i < message.payloads.n; i++)
    ike_builder_add (&builder, message.payloads.at[i].type, message.payloads.at[i].body);
  again = ike_builder_finish (&builder);
  g_assert_true (g_bytes_equal (bytes, again));
}

static void
test_builder_inner (void)
{
  g_auto (IkeBuilder) builder = { 0 };
  g_autoptr (GBytes) bytes = NULL;

  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_INITIAL_CONTACT, ike_chunk (NULL, 0));
  ike_builder_notify_child (&builder, IKE_NOTIFY_REKEY_SA, IKE_PROTOCOL_ESP, 0x01020304);
  bytes = ike_builder_finish (&builder);
  g_assert_cmpuint (builder.first, ==, IKE_PAYLOAD_NOTIFY);
  assert_chunk (ike_chunk_bytes (bytes), "29 00 0008 00 00 4000  00 00 000c 03 04 4009 01020304");
}

static void
test_builder_empty (void)
{
  g_auto (IkeBuilder) builder = { 0 };
  g_autoptr (GBytes) inner = NULL, outer = NULL;

  ike_builder_init_inner (&builder);
  inner = ike_builder_finish (&builder);
  g_assert_cmpuint (g_bytes_get_size (inner), ==, 0);
  g_assert_cmpuint (builder.first, ==, IKE_PAYLOAD_NONE);
  ike_builder_init (&builder, &(IkeHeader){ .version = IKE_VERSION_2, .next_payload = 33 });
  outer = ike_builder_finish (&builder);
  assert_chunk (ike_chunk_bytes (outer), "0000000000000000 0000000000000000 00 20 00 00 00000000 0000001c");
}

static void
test_builder_too_large (void)
{
  g_autofree guint8 *octets = g_malloc0 (IKE_MAX_MESSAGE);
  g_auto (IkeBuilder) builder = { 0 };
  g_autoptr (GBytes) most = NULL;

  ike_builder_init (&builder, &(IkeHeader){ .version = IKE_VERSION_2 });
  ike_builder_add (&builder, IKE_PAYLOAD_VENDOR, ike_chunk (octets, IKE_MAX_MESSAGE - 28 - 4));
  most = ike_builder_finish (&builder);
  g_assert_cmpint (ike_message_parse (ike_chunk_bytes (most), &message), ==, IKE_PARSE_OK);
  ike_builder_init (&builder, &(IkeHeader){ .version = IKE_VERSION_2 });
  ike_builder_add (&builder, IKE_PAYLOAD_VENDOR, ike_chunk (octets, IKE_MAX_MESSAGE - 28 - 3));
  g_assert_null (ike_builder_finish (&builder));
}

static void
test_outcomes_have_names (void)
{
  for (IkeParse outcome = IKE_PARSE_OK; outcome <= IKE_PARSE_CRITICAL; outcome++)
    g_assert_cmpuint (strlen (ike_parse_name (outcome)), >, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/message/sa-init-is-parsed", test_sa_init_is_parsed);
  g_test_add_func ("/wire/cve-2013-5018-short-datagrams", test_short_datagrams);
  g_test_add_func ("/wire/message/truncation-at-every-octet", test_truncation_at_every_octet);
  g_test_add_func ("/wire/message/wrong-lengths", test_wrong_lengths);
  g_test_add_func ("/wire/message/every-bit-flip-is-survived", test_every_bit_flip_is_survived);
  g_test_add_func ("/wire/message/header-only", test_header_only);
  g_test_add_func ("/wire/cve-2015-3991-versions", test_versions);
  g_test_add_func ("/wire/message/critical-bit", test_critical_bit);
  g_test_add_func ("/wire/message/encrypted-payload-ends-the-chain", test_encrypted_payload_ends_the_chain);
  g_test_add_func ("/wire/cve-2026-12413-max-payloads", test_max_payloads);
  g_test_add_func ("/wire/message/max-message", test_max_message);
  g_test_add_func ("/wire/message/inner-chain", test_inner_chain);
  g_test_add_func ("/wire/builder/gives-the-same-octets", test_builder_gives_the_same_octets);
  g_test_add_func ("/wire/builder/inner", test_builder_inner);
  g_test_add_func ("/wire/builder/empty", test_builder_empty);
  g_test_add_func ("/wire/builder/too-large", test_builder_too_large);
  g_test_add_func ("/wire/message/outcomes-have-names", test_outcomes_have_names);
  return g_test_run ();
}
