/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AUTH octets and shared-key MACs (see the header): RFC 7296 sections 2.15 and 2.16. */
#include "crypto/auth.h"

#include "crypto/suites.h"

#include <string.h>

#define MAX_PRF_OUTPUT 64
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

static GBytes *
mac (const IkeCrypto *crypto, guint16 prf, IkeChunk secret, GBytes *octets)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_PRF, prf);
  IkeChunk pad = ike_chunk (key_pad, sizeof key_pad - 1), data = ike_chunk_bytes (octets);
  guint8 inner[MAX_PRF_OUTPUT], out[MAX_PRF_OUTPUT];
  gboolean ok;

  if (!alg || secret.len == 0)
    return NULL;
  ok = crypto->prf (crypto, prf, secret.data, secret.len, &pad, 1, inner) &&
       crypto->prf (crypto, prf, inner, alg->output, &data, 1, out);
  explicit_bzero (inner, sizeof inner);
  return ok ? g_bytes_new (out, alg->output) : NULL;
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

gboolean
ike_auth_mac_equal (GBytes *expected, const guint8 *data, gsize len)
{
  IkeChunk want = ike_chunk_bytes (expected);

  return want.len > 0 && want.len == len && ike_memequal (want.data, data, len);
}
