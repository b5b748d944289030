/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SK and SKF with every cipher: what is sealed opens, whatever is touched does not, fragments, IVs, lies about
 * padding. */
#include "crypto-test.h"
#include "crypto/sk.h"
#include "crypto/suites.h"
#include "secret-count.h"

static guint8 nonce[32] = { 1, 2, 3 };
static const IkeKeyInput input = { nonce, nonce, sizeof nonce, sizeof nonce, 1, 2 };

static const IkeSuite suites[] = {
  { .encr = IKE_ENCR_AES_GCM_16, .encr_bits = 256, .prf = IKE_PRF_HMAC_SHA2_256 },
  { .encr = IKE_ENCR_AES_GCM_16, .encr_bits = 128, .prf = IKE_PRF_HMAC_SHA2_512 },
  { .encr = IKE_ENCR_AES_GCM_12, .encr_bits = 192, .prf = IKE_PRF_HMAC_SHA2_384 },
  { .encr = IKE_ENCR_AES_GCM_8, .encr_bits = 256, .prf = IKE_PRF_AES128_CMAC },
  { .encr = IKE_ENCR_CHACHA20_POLY1305, .prf = IKE_PRF_HMAC_SHA2_256 },
  { .encr = IKE_ENCR_AES_CBC, .encr_bits = 256, .prf = IKE_PRF_HMAC_SHA2_256, .integ = IKE_INTEG_HMAC_SHA2_256_128 },
  { .encr = IKE_ENCR_AES_CBC, .encr_bits = 128, .prf = IKE_PRF_HMAC_SHA1, .integ = IKE_INTEG_HMAC_SHA1_96 },
  { .encr = IKE_ENCR_AES_CTR, .encr_bits = 192, .prf = IKE_PRF_AES128_XCBC, .integ = IKE_INTEG_AES_XCBC_96 },
  { .encr = IKE_ENCR_CAMELLIA_CBC,
    .encr_bits = 256,
    .prf = IKE_PRF_HMAC_SHA2_384,
    .integ = IKE_INTEG_HMAC_SHA2_384_192 },
  { .encr = IKE_ENCR_3DES, .prf = IKE_PRF_HMAC_MD5, .integ = IKE_INTEG_HMAC_MD5_96 },
  { .encr = IKE_ENCR_AES_CBC, .encr_bits = 192, .prf = IKE_PRF_AES128_CMAC, .integ = IKE_INTEG_AES_CMAC_96 },
  { .encr = IKE_ENCR_AES_CBC, .encr_bits = 256, .prf = IKE_PRF_HMAC_SHA2_512, .integ = IKE_INTEG_HMAC_SHA2_512_256 },
};

static const IkeHeader header = { .spi_i = 0x1111111111111111,
                                  .spi_r = 0x2222222222222222,
                                  .version = IKE_VERSION_2,
                                  .exchange = IKE_EXCHANGE_IKE_AUTH,
                                  .flags = IKE_FLAG_INITIATOR,
                                  .message_id = 1 };

static void
keys_init (IkeKeys *keys, const IkeSuite *suite)
{
  g_autoptr (IkeSecret) shared = test_secret ("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");

  g_assert_true (ike_keys_derive (keys, test_crypto (), suite, shared, &input));
}

static GPtrArray *
seal (const IkeCrypto *crypto, const IkeKeys *keys, const guint8 *inner, gsize len, guint64 *counter, gsize limit)
{
  return ike_sk_seal (crypto, keys, TRUE, &header, len > 0 ? IKE_PAYLOAD_NOTIFY : 0, ike_chunk (inner, len), counter,
                      limit);
}

/* Parses, then opens: what a receiver does. MALFORMED stands for the parser's refusal too. */
static IkeSkResult
receive (IkeSkOpened *ret, const IkeKeys *keys, gboolean from_initiator, const guint8 *data, gsize len)
{
  IkeMessage message;
  const IkePayload *payload;

  if (ike_message_parse (ike_chunk (data, len), &message) != IKE_PARSE_OK)
    return IKE_SK_MALFORMED;
  payload = ike_payloads_find (&message.payloads, IKE_PAYLOAD_SK);
  if (!payload)
    payload = ike_payloads_find (&message.payloads, IKE_PAYLOAD_SKF);
  if (!payload)
    return IKE_SK_MALFORMED;
  return ike_sk_open (ret, test_crypto (), keys, from_initiator, ike_chunk (data, len), payload);
}

static void
round_trip (const IkeSuite *suite, gsize len)
{
  g_auto (IkeKeys) keys = { NULL };
  g_autofree guint8 *inner = g_malloc (len + 1);
  g_autoptr (GPtrArray) messages = NULL;
  g_auto (IkeSkOpened) opened = { NULL };
  guint64 counter = 7;
  IkeChunk sealed;

  for (gsize i = 0; i < len; i++)
    inner[i] = (guint8) (i * 7);
  keys_init (&keys, suite);
  messages = seal (test_crypto (), &keys, inner, len, &counter, 0);
  g_assert_nonnull (messages);
  g_assert_cmpuint (messages->len, ==, 1);
  sealed = ike_chunk_bytes (messages->pdata[0]);
  g_assert_cmpint (receive (&opened, &keys, TRUE, sealed.data, sealed.len), ==, IKE_SK_OK);
  g_assert_cmpmem (ike_secret_data (opened.inner), ike_secret_len (opened.inner), inner, len);
  g_assert_cmpuint (opened.first_inner, ==, len > 0 ? IKE_PAYLOAD_NOTIFY : 0);
  g_assert_cmpuint (opened.fragment, ==, 1);
  g_assert_cmpuint (opened.total, ==, 1);
  /* Our own message, reflected, is not the peer's. */
  g_assert_cmpint (receive (&opened, &keys, FALSE, sealed.data, sealed.len), ==, IKE_SK_FORGED);
}

static void
test_round_trip (void)
{
  static const gsize lens[] = { 0, 1, 7, 8, 15, 16, 17, 31, 32, 255, 256, 1500, 60000 };

  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    for (guint j = 0; j < G_N_ELEMENTS (lens); j++)
      round_trip (&suites[i], lens[j]);
}

/* Every octet of a message, header included, with every bit; and the message cut and prolonged. */
static void
test_touched (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    {
      g_auto (IkeKeys) keys = { NULL };
      g_autoptr (GPtrArray) messages = NULL;
      g_autofree guint8 *copy = NULL;
      guint64 counter = 0;
      IkeChunk sealed;

      keys_init (&keys, &suites[i]);
      messages = seal (test_crypto (), &keys, nonce, sizeof nonce, &counter, 0);
      sealed = ike_chunk_bytes (messages->pdata[0]);
      copy = g_malloc (sealed.len + 16);
      memcpy (copy, sealed.data, sealed.len);
      for (gsize bit = 0; bit < sealed.len * 8; bit++)
        {
          g_auto (IkeSkOpened) opened = { NULL };

          copy[bit / 8] ^= (guint8) (1 << bit % 8);
          g_assert_cmpint (receive (&opened, &keys, TRUE, copy, sealed.len), !=, IKE_SK_OK);
          g_assert_null (opened.inner);
          copy[bit / 8] ^= (guint8) (1 << bit % 8);
        }
      memset (copy + sealed.len, 0, 16);
      for (gsize len = 0; len <= sealed.len + 16; len++)
        {
          g_auto (IkeSkOpened) opened = { NULL };

          /* also with both lengths made to fit, so that only the cryptography can refuse */
          if (len >= IKE_HEADER_LEN + 4)
            {
              copy[26] = (guint8) (len >> 8);
              copy[27] = (guint8) len;
              copy[30] = (guint8) ((len - IKE_HEADER_LEN) >> 8);
              copy[31] = (guint8) (len - IKE_HEADER_LEN);
            }
          g_assert_cmpint (receive (&opened, &keys, TRUE, copy, len) == IKE_SK_OK, ==, len == sealed.len);
        }
    }
}

/* ---- padding ---- */

static guint8 pad_octet;

/* Seals something else than it is given: the last octet, which is the pad length, lies. */
static gboolean
lying_seal (const IkeCrypto *self, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv,
            const IkeChunk *aad, const guint8 *in, gsize len, guint8 *out, guint8 *tag)
{
  const IkeCrypto *good = self->data;
  g_autofree guint8 *text = g_memdup2 (in, len);

  text[len - 1] = pad_octet;
  return good->seal (good, encr, key, key_len, iv, aad, text, len, out, tag);
}

static void
test_padding (void)
{
  IkeCrypto liar = *test_crypto ();

  liar.data = (gpointer) test_crypto ();
  liar.seal = lying_seal;
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    {
      const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_ENCR, suites[i].encr);
      gsize text_len = (20 + 1 + alg->block - 1u) / alg->block * alg->block;
      g_auto (IkeKeys) keys = { NULL };

      keys_init (&keys, &suites[i]);
      for (guint pad = 0; pad < 256; pad++)
        {
          g_auto (IkeSkOpened) opened = { NULL };
          g_autoptr (GPtrArray) messages = NULL;
          IkeSkResult result;
          guint64 counter = 0;
          IkeChunk sealed;

          pad_octet = (guint8) pad;
          messages = seal (&liar, &keys, nonce, 20, &counter, 0);
          sealed = ike_chunk_bytes (messages->pdata[0]);
          result = receive (&opened, &keys, TRUE, sealed.data, sealed.len);
          if (pad > text_len - 1)
            {
              g_assert_cmpint (result, ==, IKE_SK_BAD_INSIDE);
              g_assert_null (opened.inner);
            }
          else
            {
              g_assert_cmpint (result, ==, IKE_SK_OK);
              g_assert_cmpuint (ike_secret_len (opened.inner), ==, text_len - 1 - pad);
            }
        }
    }
}

/* ---- fragments ---- */

static void
reassemble (const IkeKeys *keys, GPtrArray *messages, const guint8 *inner, gsize len, gsize limit)
{
  g_autoptr (GByteArray) joined = g_byte_array_new ();

  for (guint i = 0; i < messages->len; i++)
    {
      g_auto (IkeSkOpened) opened = { NULL };
      IkeChunk sealed = ike_chunk_bytes (messages->pdata[i]);

      if (limit >= 200)
        g_assert_cmpuint (sealed.len, <=, limit);
      g_assert_cmpint (receive (&opened, keys, TRUE, sealed.data, sealed.len), ==, IKE_SK_OK);
      g_assert_cmpuint (opened.fragment, ==, i + 1);
      g_assert_cmpuint (opened.total, ==, messages->len);
      g_assert_cmpuint (opened.first_inner, ==, i == 0 ? IKE_PAYLOAD_NOTIFY : IKE_PAYLOAD_NONE);
      g_byte_array_append (joined, ike_secret_data (opened.inner), (guint) ike_secret_len (opened.inner));
    }
  g_assert_cmpmem (joined->data, joined->len, inner, len);
}

static void
test_fragments (void)
{
  static const gsize limits[] = { 1, 64, 200, 548, 1232, 1252 };
  g_autofree guint8 *inner = g_malloc (4000);

  for (guint i = 0; i < 4000; i++)
    inner[i] = (guint8) (i ^ i >> 8);
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    for (guint j = 0; j < G_N_ELEMENTS (limits); j++)
      {
        g_auto (IkeKeys) keys = { NULL };
        g_autoptr (GPtrArray) messages = NULL;
        guint64 counter = 100;

        keys_init (&keys, &suites[i]);
        messages = seal (test_crypto (), &keys, inner, 4000, &counter, limits[j]);
        g_assert_nonnull (messages);
        g_assert_cmpuint (messages->len, >, 1);
        g_assert_cmpuint (messages->len, <=, IKE_MAX_FRAGMENTS);
        reassemble (&keys, messages, inner, 4000, limits[j]);
      }
}

/* A message exactly as long as the limit is not fragmented, one octet more is. */
static void
test_fragment_limit (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    {
      g_auto (IkeKeys) keys = { NULL };
      g_autoptr (GPtrArray) whole = NULL, same = NULL, split = NULL;
      guint8 inner[200] = { 0 };
      guint64 counter = 0;
      gsize len;

      keys_init (&keys, &suites[i]);
      whole = seal (test_crypto (), &keys, inner, sizeof inner, &counter, 0);
      len = g_bytes_get_size (whole->pdata[0]);
      same = seal (test_crypto (), &keys, inner, sizeof inner, &counter, len);
      split = seal (test_crypto (), &keys, inner, sizeof inner, &counter, len - 1);
      g_assert_cmpuint (same->len, ==, 1);
      g_assert_cmpuint (g_bytes_get_size (same->pdata[0]), ==, len);
      g_assert_cmpuint (split->len, ==, 2);
    }
}

static void
test_too_many_fragments (void)
{
  g_autofree guint8 *inner = g_malloc0 (IKE_MAX_FRAGMENTS * 64 + 1);
  g_auto (IkeKeys) keys = { NULL };
  g_autoptr (GPtrArray) most = NULL;
  guint64 counter = 0;

  keys_init (&keys, &suites[0]);
  most = seal (test_crypto (), &keys, inner, IKE_MAX_FRAGMENTS * IKE_SK_MIN_FRAGMENT_DATA, &counter, 1);
  g_assert_cmpuint (most->len, ==, IKE_MAX_FRAGMENTS);
  g_assert_null (seal (test_crypto (), &keys, inner, IKE_MAX_FRAGMENTS * IKE_SK_MIN_FRAGMENT_DATA + 1, &counter, 1));
  g_assert_null (seal (test_crypto (), &keys, inner, 70000, &counter, 0));
}

/* The fragment numbers are authenticated: two fragments do not pass for each other. */
static void
test_fragment_numbers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    {
      g_auto (IkeKeys) keys = { NULL };
      g_autoptr (GPtrArray) messages = NULL;
      guint8 inner[600] = { 0 };
      guint64 counter = 0;
      IkeChunk second;
      g_autofree guint8 *copy = NULL;

      keys_init (&keys, &suites[i]);
      messages = seal (test_crypto (), &keys, inner, sizeof inner, &counter, 300);
      g_assert_cmpuint (messages->len, >=, 3);
      second = ike_chunk_bytes (messages->pdata[1]);
      copy = g_memdup2 (second.data, second.len);
      for (guint number = 1; number <= messages->len; number++)
        {
          g_auto (IkeSkOpened) opened = { NULL };

          copy[33] = (guint8) number;
          g_assert_cmpint (receive (&opened, &keys, TRUE, copy, second.len), ==,
                           number == 2 ? IKE_SK_OK : IKE_SK_FORGED);
        }
    }
}

/* ---- initialisation vectors ---- */

static void
test_iv (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    {
      const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_ENCR, suites[i].encr);
      g_autoptr (GHashTable) seen =
          g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
      g_auto (IkeKeys) keys = { NULL };
      guint64 counter = 0;

      keys_init (&keys, &suites[i]);
      for (guint n = 0; n < 20; n++)
        {
          g_autoptr (GPtrArray) messages = seal (test_crypto (), &keys, nonce, sizeof nonce, &counter, 0);
          const guint8 *sealed = g_bytes_get_data (messages->pdata[0], NULL);

          g_assert_true (g_hash_table_add (seen, g_bytes_new (sealed + 32, alg->iv)));
          if (alg->block == 1)
            g_assert_cmpuint (sealed[39], ==, n); /* the counter, big endian */
        }
      g_assert_cmpuint (counter, ==, alg->block == 1 ? 20 : 0);
    }
}

/* Nothing wraps: the last value is never used. */
static void
test_iv_exhausted (void)
{
  g_auto (IkeKeys) keys = { NULL };
  g_autoptr (GPtrArray) last = NULL;
  guint64 counter = G_MAXUINT64 - 1;

  keys_init (&keys, &suites[0]);
  last = seal (test_crypto (), &keys, nonce, 4, &counter, 0);
  g_assert_nonnull (last);
  g_assert_null (seal (test_crypto (), &keys, nonce, 4, &counter, 0));
  g_assert_null (seal (test_crypto (), &keys, nonce, 4, &counter, 0));
}

/* ---- the provider's failures, and suites that protect nothing ---- */

static gboolean
no_random (const IkeCrypto *self, guint8 *out, gsize len)
{
  return FALSE;
}

static gboolean
no_integ (const IkeCrypto *self, guint16 integ, const guint8 *key, gsize key_len, const IkeChunk *parts, guint n_parts,
          guint8 *out)
{
  return FALSE;
}

static void
test_failures (void)
{
  IkeCrypto failing = *test_crypto ();
  g_auto (IkeKeys) keys = { NULL };
  g_auto (IkeSkOpened) opened = { NULL };
  g_autoptr (GPtrArray) messages = NULL;
  IkeMessage message;
  IkeChunk sealed;
  guint64 counter = 0;

  keys_init (&keys, &suites[5]);
  failing.random = no_random;
  g_assert_null (seal (&failing, &keys, nonce, 4, &counter, 0));
  failing = *test_crypto ();
  failing.integ = no_integ;
  g_assert_null (seal (&failing, &keys, nonce, 4, &counter, 0));
  messages = seal (test_crypto (), &keys, nonce, 4, &counter, 0);
  sealed = ike_chunk_bytes (messages->pdata[0]);
  g_assert_cmpint (ike_message_parse (sealed, &message), ==, IKE_PARSE_OK);
  g_assert_cmpint (ike_sk_open (&opened, &failing, &keys, TRUE, sealed, &message.payloads.at[0]), ==, IKE_SK_FORGED);
  g_assert_null (opened.inner);
}

static void
test_bad_suites (void)
{
  static const struct {
    guint16 encr, bits, integ;
  } bad[] = {
    { IKE_ENCR_AES_CBC, 128, IKE_INTEG_NONE }, /* no checksum: CVE checklist row 88 */
    { IKE_ENCR_AES_GCM_16, 128, IKE_INTEG_HMAC_SHA1_96 }, /* two */
    { IKE_ENCR_NULL, 0, IKE_INTEG_HMAC_SHA1_96 }, /* not for IKE */
    { IKE_ENCR_AES_CCM_16, 128, IKE_INTEG_NONE },
    { 999, 128, IKE_INTEG_HMAC_SHA1_96 },
  };
  IkeSkShape shape;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_auto (IkeKeys) keys = { NULL };
      guint64 counter = 0;

      keys_init (&keys, &suites[0]);
      keys.encr = bad[i].encr;
      keys.encr_bits = bad[i].bits;
      keys.integ = bad[i].integ;
      g_assert_null (seal (test_crypto (), &keys, nonce, 4, &counter, 0));
      g_assert_false (ike_sk_shape (&keys, &shape));
    }
}

static void
test_shape (void)
{
  g_auto (IkeKeys) gcm = { NULL }, cbc = { NULL };
  IkeSkShape shape;

  keys_init (&gcm, &suites[0]);
  keys_init (&cbc, &suites[5]);
  g_assert_true (ike_sk_shape (&gcm, &shape));
  g_assert_cmpuint (shape.iv_len, ==, 8);
  g_assert_cmpuint (shape.icv_len, ==, 16);
  g_assert_cmpuint (shape.block_len, ==, 1);
  g_assert_true (ike_sk_shape (&cbc, &shape));
  g_assert_cmpuint (shape.iv_len, ==, 16);
  g_assert_cmpuint (shape.icv_len, ==, 16);
  g_assert_cmpuint (shape.block_len, ==, 16);
}

int
main (int argc, char **argv)
{
  int rv;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/sk/round-trip", test_round_trip);
  g_test_add_func ("/crypto/sk/whatever-is-touched-is-refused", test_touched);
  g_test_add_func ("/crypto/sk/padding", test_padding);
  g_test_add_func ("/crypto/sk/fragments", test_fragments);
  g_test_add_func ("/crypto/sk/fragment-limit", test_fragment_limit);
  g_test_add_func ("/crypto/sk/too-many-fragments", test_too_many_fragments);
  g_test_add_func ("/crypto/sk/fragment-numbers-are-authentic", test_fragment_numbers);
  g_test_add_func ("/crypto/sk/iv", test_iv);
  g_test_add_func ("/crypto/sk/iv-is-not-reused", test_iv_exhausted);
  g_test_add_func ("/crypto/sk/provider-fails", test_failures);
  g_test_add_func ("/crypto/sk/suites-that-protect-nothing", test_bad_suites);
  g_test_add_func ("/crypto/sk/shape", test_shape);
  rv = g_test_run ();
  g_assert_cmpint (secret_count_total (), >, 0);
  g_assert_cmpint (secret_count_live (), ==, 0);
  return rv;
}
