/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client puzzles: what solves one, and what does not; and a payload in clear before the protected one. RFC 8019. */
#include "crypto-test.h"
#include "crypto/puzzle.h"
#include "crypto/sk.h"

static void
test_parse (void)
{
  static const guint8 octets[] = { 0, 5, 20, 0 };
  IkePuzzle puzzle = { 0 };

  for (gsize len = 0; len <= sizeof octets; len++)
    g_assert_cmpint (ike_puzzle_parse (ike_chunk (octets, len), &puzzle), ==, len == 3);
  g_assert_true (puzzle.prf == 5 && puzzle.bits == 20);
  g_assert_cmpuint (ike_puzzle_key_len (IKE_PRF_HMAC_SHA2_512), ==, 8);
  g_assert_cmpuint (ike_puzzle_key_len (IKE_PRF_AES128_XCBC), ==, 16);
  g_assert_cmpuint (ike_puzzle_key_len (1000), ==, 0);
}

/* What is found solves it, and is all that does in that range; of each prf. */
static void
test_search (void)
{
  static const guint16 prfs[] = { IKE_PRF_HMAC_SHA1, IKE_PRF_HMAC_SHA2_256, IKE_PRF_HMAC_SHA2_512, IKE_PRF_AES128_XCBC,
                                  IKE_PRF_AES128_CMAC };
  const IkeChunk octets = ike_chunk ("a cookie", 8);

  for (guint i = 0; i < G_N_ELEMENTS (prfs); i++)
    for (guint bits = 3; bits <= 9; bits += 3)
      {
        const IkePuzzle puzzle = { prfs[i], (guint8) bits };
        gsize len = ike_puzzle_key_len (prfs[i]), found_len;
        g_autoptr (GBytes) found = ike_puzzle_search (test_crypto (), &puzzle, octets, 1000, 4000);
        const guint8 *keys = g_bytes_get_data (found, &found_len);
        guint64 last = 0;

        g_assert_cmpuint (found_len % len, ==, 0);
        g_assert_cmpuint (found_len / len, <=, IKE_PUZZLE_KEYS);
        for (gsize at = 0; at < found_len; at += len)
          {
            guint64 number;

            g_assert_true (ike_puzzle_check (test_crypto (), &puzzle, octets, ike_chunk (keys + at, len)));
            g_assert_false (
                ike_puzzle_check (test_crypto (), &(IkePuzzle){ prfs[i], 64 }, octets, ike_chunk (keys + at, len)));
            memcpy (&number, keys + at + len - 8, 8);
            number = GUINT64_FROM_BE (number);
            g_assert_true (number >= 1000 && number < 5000 && number > last);
            last = number;
          }
        /* 4000 tries of 2^9: fewer than four would be odd indeed */
        g_assert_cmpuint (found_len / len, ==, IKE_PUZZLE_KEYS);
      }
}

static void
test_unknown (void)
{
  const IkePuzzle puzzle = { 1000, 1 };
  g_autoptr (GBytes) found = ike_puzzle_search (test_crypto (), &puzzle, ike_chunk ("x", 1), 0, 10);

  g_assert_cmpuint (g_bytes_get_size (found), ==, 0);
  g_assert_false (ike_puzzle_check (test_crypto (), &puzzle, ike_chunk ("x", 1), ike_chunk ("12345678", 8)));
}

/* ---- a payload before SK ---- */

static void
seal_and_open (gsize inner_len, gsize limit, gboolean cbc)
{
  static const guint8 ni[32] = { 1 }, nr[32] = { 2 };
  const IkeKeyInput input = { ni, nr, sizeof ni, sizeof nr, 3, 4 };
  const IkeSuite suite = { .protocol = IKE_PROTOCOL_IKE,
                           .encr = cbc ? IKE_ENCR_AES_CBC : IKE_ENCR_AES_GCM_16,
                           .encr_bits = 256,
                           .integ = cbc ? IKE_INTEG_HMAC_SHA2_256_128 : 0,
                           .prf = IKE_PRF_HMAC_SHA2_256 };
  const IkeHeader header = {
    .spi_i = 3, .spi_r = 4, .version = IKE_VERSION_2, .exchange = IKE_EXCHANGE_IKE_AUTH, .flags = 8
  };
  const IkeSkBefore before = { IKE_PAYLOAD_PS, ike_chunk ("01234567012345670123456701234567", 32) };
  g_autoptr (IkeSecret) shared = ike_secret_new_from (ni, 32);
  g_auto (IkeKeys) keys = { NULL };
  g_autofree guint8 *inner = g_malloc0 (inner_len);
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);
  g_autoptr (GPtrArray) datagrams = NULL;
  guint64 counter = 0;
  gsize total = 0;

  g_assert_true (ike_keys_derive (&keys, test_crypto (), &suite, shared, &input));
  datagrams = ike_sk_seal_after (test_crypto (), &keys, TRUE, &header, &before, IKE_PAYLOAD_IDI,
                                 ike_chunk (inner, inner_len), &counter, limit);
  g_assert_nonnull (datagrams);
  g_assert_cmpint (datagrams->len > 1, ==, limit != 0);
  for (guint i = 0; i < datagrams->len; i++)
    {
      IkeChunk datagram = ike_chunk_bytes (datagrams->pdata[i]);
      g_autofree guint8 *changed = g_memdup2 (datagram.data, datagram.len);
      g_auto (IkeSkOpened) opened = { 0 };
      const IkePayload *sk;

      g_assert_true (limit == 0 || datagram.len <= limit);
      g_assert_cmpint (ike_message_parse (datagram, message), ==, IKE_PARSE_OK);
      /* RFC 7383 section 2.5.3: in the first fragment alone */
      g_assert_cmpuint (message->payloads.n, ==, i == 0 ? 2 : 1);
      g_assert_true (i > 0 || (message->payloads.at[0].type == IKE_PAYLOAD_PS &&
                               ike_chunk_equal (message->payloads.at[0].body, before.body)));
      sk = &message->payloads.at[message->payloads.n - 1];
      g_assert_cmpint (ike_sk_open (&opened, test_crypto (), &keys, TRUE, datagram, sk), ==, IKE_SK_OK);
      total += ike_secret_len (opened.inner);
      /* it is authenticated like everything before SK */
      if (i > 0)
        continue;
      changed[32] ^= 1;
      g_assert_cmpint (ike_message_parse (ike_chunk (changed, datagram.len), message), ==, IKE_PARSE_OK);
      g_auto (IkeSkOpened) forged = { 0 };
      g_assert_cmpint (ike_sk_open (&forged, test_crypto (), &keys, TRUE, ike_chunk (changed, datagram.len),
                                    &message->payloads.at[1]),
                       ==, IKE_SK_FORGED);
    }
  g_assert_cmpuint (total, ==, inner_len);
}

static void
test_before (void)
{
  for (guint cbc = 0; cbc < 2; cbc++)
    {
      seal_and_open (100, 0, cbc);
      seal_and_open (2000, 0, cbc);
      seal_and_open (2000, 600, cbc);
    }
}

/* How long the hardest one takes here: printed, not judged. */
static void
test_pace (void)
{
  const IkePuzzle puzzle = { IKE_PRF_HMAC_SHA2_256, 63 };
  gint64 begun = g_get_monotonic_time (), taken;
  g_autoptr (GBytes) found =
      ike_puzzle_search (test_crypto (), &puzzle, ike_chunk ("a cookie", 8), 0, IKE_PUZZLE_SLICE);

  taken = MAX (g_get_monotonic_time () - begun, 1);
  g_assert_cmpuint (g_bytes_get_size (found), ==, 0);
  g_test_message ("%.2f us a key, a slice %.0f ms, %u bits %.1f s", (double) taken / IKE_PUZZLE_SLICE,
                  (double) taken / 1000, IKE_PUZZLE_MAX_BITS,
                  (double) taken / IKE_PUZZLE_SLICE * IKE_PUZZLE_KEYS * (1u << IKE_PUZZLE_MAX_BITS) / 1e6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/puzzle/parse", test_parse);
  g_test_add_func ("/crypto/puzzle/search", test_search);
  g_test_add_func ("/crypto/puzzle/unknown", test_unknown);
  g_test_add_func ("/crypto/puzzle/before-sk", test_before);
  g_test_add_func ("/crypto/puzzle/pace", test_pace);
  return g_test_run ();
}
