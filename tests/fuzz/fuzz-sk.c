/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening of SK and SKF with known keys. The first octet chooses the suite and what the rest is: a datagram from the
 * network; a plaintext with its padding, which the peer really sealed; or a chain of payloads that we seal ourselves.
 */
#include "fuzz.h"

#include "crypto/sk.h"
#include "nss-crypto.h"

#include <string.h>

static const IkeSuite suites[] = {
  { .encr = IKE_ENCR_AES_GCM_16, .encr_bits = 256, .prf = IKE_PRF_HMAC_SHA2_256 },
  { .encr = IKE_ENCR_AES_CBC, .encr_bits = 128, .prf = IKE_PRF_HMAC_SHA2_256, .integ = IKE_INTEG_HMAC_SHA2_256_128 },
  { .encr = IKE_ENCR_AES_CTR, .encr_bits = 128, .prf = IKE_PRF_HMAC_SHA2_256, .integ = IKE_INTEG_AES_XCBC_96 },
  { .encr = IKE_ENCR_CHACHA20_POLY1305, .prf = IKE_PRF_HMAC_SHA2_256 },
};
static const IkeHeader header = { 1, 2, 0, IKE_VERSION_2, IKE_EXCHANGE_INFORMATIONAL, IKE_FLAG_INITIATOR, 3, 0 };

static const IkeCrypto *crypto;
static IkeCrypto raw; /* seals the fuzzer's octets in place of ours */
static IkeChunk raw_text;

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  crypto = nss_crypto_get (NULL);
  g_assert (crypto);
  return 0;
}

static gboolean
raw_seal (const IkeCrypto *self, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv, const IkeChunk *aad,
          const guint8 *in, gsize len, guint8 *out, guint8 *tag)
{
  g_autofree guint8 *text = g_malloc0 (len);

  memcpy (text, raw_text.data + raw_text.len - MIN (len, raw_text.len), MIN (len, raw_text.len));
  if (raw_text.len > 0)
    text[len - 1] = raw_text.data[raw_text.len - 1]; /* the pad length */
  return crypto->seal (crypto, encr, key, key_len, iv, aad, text, len, out, tag);
}

static IkeSkResult
open_message (IkeSkOpened *ret, const IkeKeys *keys, IkeChunk datagram)
{
  IkeMessage message;
  const IkePayload *last;

  if (ike_message_parse (datagram, &message) != IKE_PARSE_OK || message.payloads.n == 0)
    return IKE_SK_MALFORMED;
  last = &message.payloads.at[message.payloads.n - 1];
  if (last->type != IKE_PAYLOAD_SK && last->type != IKE_PAYLOAD_SKF)
    return IKE_SK_MALFORMED;
  return ike_sk_open (ret, crypto, keys, TRUE, datagram, last);
}

/* A plaintext that is authentic may still be anything. */
static void
check_sealed (const IkeKeys *keys, IkeChunk text)
{
  g_auto (IkeSkOpened) opened = { NULL };
  g_autoptr (GPtrArray) messages = NULL;
  guint64 counter = 0;
  IkeSkResult result;
  IkePayloads payloads;

  raw = *crypto;
  raw.seal = raw_seal;
  raw_text = text;
  messages = ike_sk_seal (&raw, keys, TRUE, &header, IKE_PAYLOAD_NOTIFY, text, &counter, 0);
  if (!messages)
    return;
  result = open_message (&opened, keys, ike_chunk_bytes (messages->pdata[0]));
  g_assert (result == IKE_SK_OK || result == IKE_SK_BAD_INSIDE);
  g_assert ((opened.inner != NULL) == (result == IKE_SK_OK));
  if (result == IKE_SK_OK)
    ike_payloads_parse (opened.first_inner, ike_secret_chunk (opened.inner), &payloads);
}

static void
check_round_trip (const IkeKeys *keys, IkeChunk inner, gsize limit)
{
  g_autoptr (GPtrArray) messages = NULL;
  guint64 counter = 0;
  gsize at = 0;

  messages = ike_sk_seal (crypto, keys, TRUE, &header, IKE_PAYLOAD_NOTIFY, inner, &counter, limit);
  for (guint i = 0; messages && i < messages->len; i++)
    {
      g_auto (IkeSkOpened) opened = { NULL };
      gsize len;

      g_assert (open_message (&opened, keys, ike_chunk_bytes (messages->pdata[i])) == IKE_SK_OK);
      g_assert (opened.fragment == i + 1 && opened.total == messages->len);
      len = ike_secret_len (opened.inner);
      g_assert (len <= inner.len - at);
      g_assert (len == 0 || memcmp (ike_secret_data (opened.inner), inner.data + at, len) == 0);
      at += len;
    }
  g_assert (!messages || at == inner.len);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const guint8 nonce[16] = { 1 };
  static const IkeKeyInput input = { nonce, nonce, sizeof nonce, sizeof nonce, 1, 2 };
  g_autoptr (IkeSecret) shared = ike_secret_new_from (nonce, sizeof nonce);
  g_auto (IkeKeys) keys = { NULL };
  g_auto (IkeSkOpened) opened = { NULL };

  if (size == 0)
    return 0;
  g_assert (ike_keys_derive (&keys, crypto, &suites[data[0] % 4], shared, &input));
  switch (data[0] / 4 % 4)
    {
    case 0:
      open_message (&opened, &keys, ike_chunk (data + 1, size - 1));
      break;
    case 1:
      check_sealed (&keys, ike_chunk (data + 1, size - 1));
      break;
    case 2:
      check_round_trip (&keys, ike_chunk (data + 1, size - 1), 0);
      break;
    default:
      check_round_trip (&keys, ike_chunk (data + 1, size - 1), 1 + data[0]);
    }
  return 0;
}
