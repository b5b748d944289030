/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AUTH octets and shared-key MACs (see the header): RFC 7296 sections 2.15 and 2.16, RFC 9242 section 3.3.2. */
#include "crypto/auth.h"

#include "crypto/suites.h"

#include <string.h>

static const char key_pad[] = "Key Pad for IKEv2"; /* RFC 7296 section 2.15: 17 ASCII octets without the NUL */

GBytes *
ike_auth_octets (const IkeCrypto *crypto, const IkeKeys *keys, gboolean of_initiator, GBytes *message, GBytes *nonce,
                 const guint8 *id_body, gsize id_len)
{
  const IkeAlgorithm *prf = ike_algorithm_find (IKE_TRANSFORM_PRF, keys->prf);
  IkeChunk real = ike_chunk_bytes (message), other = ike_chunk_bytes (nonce), id = ike_chunk (id_body, id_len);
  gsize key_len, total;
  const guint8 *key;
  guint8 *octets;

  if (!prf || !keys->all || real.len == 0 || other.len == 0)
    return NULL;
  /* InitiatorSignedOctets = RealMessage1 | NonceRData | prf (SK_pi, RestOfInitIDPayload); likewise for the
   * responder. */
  total = real.len + other.len + prf->output;
  octets = g_malloc (total);
  memcpy (octets, real.data, real.len);
  memcpy (octets + real.len, other.data, other.len);
  key = ike_keys_get (keys, of_initiator ? IKE_SK_PI : IKE_SK_PR, &key_len);
  if (!crypto->prf (crypto, keys->prf, key, key_len, &id, 1, octets + real.len + other.len))
    {
      g_free (octets);
      return NULL;
    }
  return g_bytes_new_take (octets, total);
}

#define GENERIC_HEADER_LEN 4

gboolean
ike_int_auth_add (IkeIntAuth *int_auth, const IkeCrypto *crypto, const IkeKeys *keys, gboolean of_initiator,
                  const IkeHeader *header, guint8 first, IkeChunk inner)
{
  const IkeAlgorithm *prf = ike_algorithm_find (IKE_TRANSFORM_PRF, keys->prf);
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_HEADER_LEN + GENERIC_HEADER_LEN);
  g_autoptr (GBytes) a = NULL;
  guint8 *value = int_auth->value[of_initiator ? 0 : 1];
  IkeHeader adjusted = *header;
  IkeChunk parts[3];
  gsize key_len;
  const guint8 *key;

  if (!prf || !keys->all)
    return FALSE;
  /* RFC 9242 section 3.3.2: from the header to the end of the Encrypted payload's generic header, with lengths as if
   * there were no IV, padding and checksum; then what was encrypted. A message in fragments counts as if it had been
   * whole. */
  adjusted.next_payload = IKE_PAYLOAD_SK;
  adjusted.length = (guint32) (IKE_HEADER_LEN + GENERIC_HEADER_LEN + inner.len);
  ike_header_write (&writer, &adjusted);
  ike_write_u8 (&writer, first);
  ike_write_u8 (&writer, 0);
  ike_write_u16 (&writer, (guint) (GENERIC_HEADER_LEN + inner.len));
  a = ike_writer_finish (&writer);
  if (!a)
    return FALSE;
  parts[0] = ike_chunk (value, int_auth->rounds > (of_initiator ? 0u : 1u) ? prf->output : 0);
  parts[1] = ike_chunk_bytes (a);
  parts[2] = inner;
  key = ike_keys_get (keys, of_initiator ? IKE_SK_PI : IKE_SK_PR, &key_len);
  if (!crypto->prf (crypto, keys->prf, key, key_len, parts, G_N_ELEMENTS (parts), value))
    return FALSE;
  int_auth->len = prf->output;
  int_auth->rounds += of_initiator;
  return TRUE;
}

GBytes *
ike_int_auth_append (const IkeIntAuth *int_auth, GBytes *take_octets)
{
  guint32 message_id = GUINT32_TO_BE (int_auth->rounds + 1); /* of the first IKE_AUTH request */
  GByteArray *all;

  if (!take_octets || int_auth->rounds == 0)
    return take_octets;
  all = g_bytes_unref_to_array (take_octets);
  g_byte_array_append (all, int_auth->value[0], int_auth->len);
  g_byte_array_append (all, int_auth->value[1], int_auth->len);
  g_byte_array_append (all, (const guint8 *) &message_id, sizeof message_id);
  return g_byte_array_free_to_bytes (all);
}

static GBytes *
keyed (const IkeCrypto *crypto, guint16 prf, IkeChunk key, GBytes *octets)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_PRF, prf);
  IkeChunk data = ike_chunk_bytes (octets);
  guint8 out[IKE_MAX_PRF_OUTPUT];

  return alg && key.len > 0 && crypto->prf (crypto, prf, key.data, key.len, &data, 1, out)
             ? g_bytes_new (out, alg->output)
             : NULL;
}

static IkeSecret *
pad (const IkeCrypto *crypto, guint16 prf, IkeChunk secret)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_PRF, prf);
  IkeChunk text = ike_chunk (key_pad, sizeof key_pad - 1);
  guint8 out[IKE_MAX_PRF_OUTPUT];
  IkeSecret *padded = NULL;

  if (!alg || secret.len == 0)
    return NULL;
  if (crypto->prf (crypto, prf, secret.data, secret.len, &text, 1, out))
    padded = ike_secret_new_from (out, alg->output);
  explicit_bzero (out, sizeof out);
  return padded;
}

IkeSecret *
ike_auth_pad (const IkeCrypto *crypto, guint16 prf, const IkeSecret *secret)
{
  return pad (crypto, prf, ike_secret_chunk (secret));
}

GBytes *
ike_auth_mac_padded (const IkeCrypto *crypto, guint16 prf, const IkeSecret *padded, GBytes *octets)
{
  return keyed (crypto, prf, ike_secret_chunk (padded), octets);
}

static GBytes *
mac (const IkeCrypto *crypto, guint16 prf, IkeChunk secret, GBytes *octets)
{
  g_autoptr (IkeSecret) padded = pad (crypto, prf, secret);

  return padded ? ike_auth_mac_padded (crypto, prf, padded, octets) : NULL;
}

GBytes *
ike_auth_mac (const IkeCrypto *crypto, guint16 prf, const IkeSecret *secret, GBytes *octets)
{
  return mac (crypto, prf, ike_secret_chunk (secret), octets);
}

GBytes *
ike_auth_mac_sk_p (const IkeCrypto *crypto, const IkeKeys *keys, gboolean of_initiator, GBytes *octets)
{
  IkeChunk key;

  if (!keys->all)
    return NULL;
  key.data = ike_keys_get (keys, of_initiator ? IKE_SK_PI : IKE_SK_PR, &key.len);
  return mac (crypto, keys->prf, key, octets);
}

GBytes *
ike_auth_mac_resumed (const IkeCrypto *crypto, const IkeKeys *keys, gboolean of_initiator, GBytes *octets)
{
  IkeChunk key;

  if (!keys->all)
    return NULL;
  key.data = ike_keys_get (keys, of_initiator ? IKE_SK_PI : IKE_SK_PR, &key.len);
  return keyed (crypto, keys->prf, key, octets);
}

gboolean
ike_auth_mac_equal (GBytes *expected, const guint8 *data, gsize len)
{
  IkeChunk want = ike_chunk_bytes (expected);

  return want.len > 0 && want.len == len && ike_memequal (want.data, data, len);
}
