/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things are in SK and SKF: RFC 7296 section 3.14, RFC 7383 section 2.5. */
#include "wire/payload-sk.h"
#include "wire-test.h"

static const IkeSkShape gcm = { 8, 16, 1 }, cbc = { 16, 12, 16 };
static const IkeHeader header = { .spi_i = 1,
                                  .spi_r = 2,
                                  .version = IKE_VERSION_2,
                                  .exchange = IKE_EXCHANGE_IKE_AUTH,
                                  .flags = IKE_FLAG_INITIATOR,
                                  .message_id = 1 };
static IkeMessage message;

static void
check_layout (const IkeSkShape *shape, gsize inner_len, guint16 fragment, guint16 total)
{
  guint8 inner[100];
  gsize len = 0, unpadded = 0;
  IkeSkLayout layout;
  IkeSk sk;
  g_autofree guint8 *octets = NULL;

  memset (inner, 0xab, sizeof inner);
  octets =
      ike_sk_layout (&header, NULL, shape, IKE_PAYLOAD_IDI, ike_chunk (inner, inner_len), fragment, total, &len, &layout);
  g_assert_nonnull (octets);
  g_assert_cmpint (ike_message_parse (ike_chunk (octets, len), &message), ==, IKE_PARSE_OK);
  g_assert_cmpuint (message.payloads.n, ==, 1);
  g_assert_cmpuint (message.payloads.at[0].type, ==, total > 0 ? IKE_PAYLOAD_SKF : IKE_PAYLOAD_SK);
  g_assert_true (ike_sk_parse (&message.payloads.at[0], shape, &sk));
  g_assert_cmpuint (sk.first, ==, fragment > 1 ? 0 : IKE_PAYLOAD_IDI);
  g_assert_cmpuint (sk.fragment, ==, total > 0 ? fragment : 1);
  g_assert_cmpuint (sk.total, ==, total > 0 ? total : 1);
  g_assert_true (sk.iv.data == octets + layout.iv && sk.iv.len == shape->iv_len);
  g_assert_true (sk.ciphertext.data == octets + layout.text && sk.ciphertext.len == layout.text_len);
  g_assert_true (sk.icv.data == octets + layout.icv && sk.icv.len == shape->icv_len);
  g_assert_cmpuint (sk.aad_len, ==, layout.iv);
  g_assert_cmpuint (sk.aad_len, ==, total > 0 ? 36 : 32);
  g_assert_true (ike_sk_unpad (sk.ciphertext, &unpadded));
  g_assert_cmpuint (unpadded, ==, inner_len);
  g_assert_cmpmem (sk.ciphertext.data, unpadded, inner, inner_len);
  /* what room() promises holds */
  g_assert_cmpuint (ike_sk_room (shape, total > 0, len), >=, inner_len);
}

static void
test_layout_then_parse (void)
{
  for (gsize len = 0; len <= 100; len++)
    {
      check_layout (&gcm, len, 0, 0);
      check_layout (&cbc, len, 0, 0);
      check_layout (&gcm, len, 1, 2);
      check_layout (&cbc, len, 2, 2);
      check_layout (&cbc, len, IKE_MAX_FRAGMENTS, IKE_MAX_FRAGMENTS);
    }
}

/* The largest inner chain that room() allows fits, one octet more does not. */
static void
test_room_is_exact (void)
{
  const IkeSkShape *shapes[] = { &gcm, &cbc };

  for (guint s = 0; s < 2; s++)
    for (guint fragmented = 0; fragmented < 2; fragmented++)
      for (gsize limit = 0; limit < 300; limit++)
        {
          gsize room = ike_sk_room (shapes[s], fragmented, limit), len = 0, longer = 0;
          guint8 inner[301] = { 0 };
          IkeSkLayout layout;
          g_autofree guint8 *fits =
              ike_sk_layout (&header, NULL, shapes[s], 0, ike_chunk (inner, room), 1, (guint16) fragmented, &len, &layout);
          g_autofree guint8 *above = ike_sk_layout (&header, NULL, shapes[s], 0, ike_chunk (inner, room + 1), 1,
                                                    (guint16) fragmented, &longer, &layout);

          g_assert_true (room == 0 || len <= limit);
          g_assert_cmpuint (longer, >, limit);
        }
}

static void
test_too_large (void)
{
  g_autofree guint8 *inner = g_malloc0 (IKE_MAX_MESSAGE + 1);
  gsize most = ike_sk_room (&gcm, FALSE, IKE_MAX_MESSAGE), len;
  IkeSkLayout layout;
  g_autofree guint8 *fits = ike_sk_layout (&header, NULL, &gcm, 0, ike_chunk (inner, most), 0, 0, &len, &layout);

  g_assert_nonnull (fits);
  g_assert_null (ike_sk_layout (&header, NULL, &gcm, 0, ike_chunk (inner, most + 1), 0, 0, &len, &layout));
  g_assert_null (ike_sk_layout (&header, NULL, &gcm, 0, ike_chunk (inner, IKE_MAX_MESSAGE + 1), 0, 0, &len, &layout));
}

static gboolean
parse_body (guint8 type, guint8 next, const IkeSkShape *shape, gconstpointer octets, gsize len)
{
  g_autofree guint8 *copy = exact_copy (ike_chunk (octets, len), len);
  const IkePayload payload = { .type = type, .next = next, .offset = 28, .body = ike_chunk (copy, len) };
  IkeSk sk;

  return ike_sk_parse (&payload, shape, &sk);
}

static void
test_lengths (void)
{
  const guint8 zero[100] = { 0 }, skf[100] = { 0, 1, 0, 1 };

  for (gsize len = 0; len < sizeof zero; len++)
    {
      gboolean whole_blocks = len >= 16 + 16 + 12 && (len - 16 - 12) % 16 == 0;

      g_assert_true (parse_body (IKE_PAYLOAD_SK, 0, &gcm, zero, len) == (len >= 8 + 1 + 16));
      g_assert_true (parse_body (IKE_PAYLOAD_SK, 0, &cbc, zero, len) == whole_blocks);
      g_assert_true (parse_body (IKE_PAYLOAD_SKF, 0, &gcm, skf, len) == (len >= 4 + 8 + 1 + 16));
    }
}

static void
test_fragment_numbers (void)
{
  const struct {
    guint16 fragment, total;
    guint8 next;
    gboolean valid;
  } cases[] = {
    { 1, 1, 35, TRUE },
    { 1, 2, 35, TRUE },
    { 1, 2, 0, TRUE },
    { 2, 2, 0, TRUE },
    { 2, 2, 35, FALSE }, /* only the first names a payload */
    { 0, 1, 0, FALSE },
    { 0, 0, 0, FALSE },
    { 1, 0, 0, FALSE },
    { 3, 2, 0, FALSE },
    { IKE_MAX_FRAGMENTS, IKE_MAX_FRAGMENTS, 0, TRUE },
    { 1, IKE_MAX_FRAGMENTS + 1, 0, FALSE },
    { 65535, 65535, 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint8 body[40] = { (guint8) (cases[i].fragment >> 8), (guint8) cases[i].fragment, (guint8) (cases[i].total >> 8),
                          (guint8) cases[i].total };

      g_assert_true (parse_body (IKE_PAYLOAD_SKF, cases[i].next, &gcm, body, sizeof body) == cases[i].valid);
    }
}

static void
test_unpad (void)
{
  const struct {
    const char *hex;
    gboolean valid;
    gsize len;
  } cases[] = {
    { "", FALSE, 0 },           { "00", TRUE, 0 },           { "01", FALSE, 0 },    { "ff", FALSE, 0 },
    { "aa 00", TRUE, 1 },       { "aa 01", TRUE, 0 },        { "aa 02", FALSE, 0 }, { "aabb cc dd 02", TRUE, 2 },
    { "aabbccdd 04", TRUE, 0 }, { "aabbccdd 05", FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = from_hex (cases[i].hex);
      gsize len = 0;

      g_assert_true (ike_sk_unpad (ike_chunk_bytes (bytes), &len) == cases[i].valid);
      g_assert_cmpuint (len, ==, cases[i].len);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/sk/layout-then-parse", test_layout_then_parse);
  g_test_add_func ("/wire/sk/room-is-exact", test_room_is_exact);
  g_test_add_func ("/wire/sk/too-large", test_too_large);
  g_test_add_func ("/wire/sk/lengths", test_lengths);
  g_test_add_func ("/wire/cve-2013-6076-fragment-numbers", test_fragment_numbers);
  g_test_add_func ("/wire/sk/unpad", test_unpad);
  return g_test_run ();
}
