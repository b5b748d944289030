/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-internal.h"

#include "crypto/suites.h"
#include "nss-crypto.h"

/* The toy: a private octet string, its hash as public value, and the hash of both public values as shared secret. */
struct _IkeKeKey {
  guint16 group;
  GBytes *public;
};

const IkeCrypto *
sim_crypto_nss (void)
{
  static const IkeCrypto *nss;
  g_autoptr (GError) error = NULL;

  if (!nss)
    nss = nss_crypto_get (&error);
  g_assert_no_error (error);
  return nss;
}

/* That of a "long ..." key is as long as one by RSA-4096. */
GBytes *
sim_fake_signature (const char *key, IkeHashId hash, GBytes *octets)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[512] = { 0 };
  gsize len = 32;

  g_checksum_update (sum, (const guint8 *) key, (gssize) strlen (key) + 1);
  g_checksum_update (sum, &(guint8){ (guint8) hash }, 1);
  g_checksum_update (sum, g_bytes_get_data (octets, NULL), (gssize) g_bytes_get_size (octets));
  g_checksum_get_digest (sum, digest, &len);
  return g_bytes_new (digest, g_str_has_prefix (key, "long ") ? sizeof digest : len);
}

static gboolean
sim_random (const IkeCrypto *self, guint8 *out, gsize len)
{
  GRand *rand = ((const SimCrypto *) self)->rand;

  for (gsize i = 0; i < len; i++)
    out[i] = (guint8) g_rand_int_range (rand, 0, 256);
  return TRUE;
}

static gboolean
breaks (const IkeCrypto *self)
{
  SimCrypto *crypto = (SimCrypto *) self;

  return crypto->break_after >= 0 && crypto->break_after-- == 0;
}

/* What the engine asks for; a nonce has 32 octets, as nothing else has. */
static gboolean
steered_random (const IkeCrypto *self, guint8 *out, gsize len)
{
  SimCrypto *crypto = (SimCrypto *) self;

  if (breaks (self))
    return FALSE;
  sim_random (self, out, len);
  if (len == 32 && crypto->nonces && *crypto->nonces)
    out[0] = (guint8) (g_ascii_xdigit_value (*crypto->nonces++) << 4);
  return TRUE;
}

static gboolean
sim_prf (const IkeCrypto *self, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts, guint n_parts,
         guint8 *out)
{
  return !breaks (self) && sim_crypto_nss ()->prf (sim_crypto_nss (), prf, key, key_len, parts, n_parts, out);
}

static gboolean
sim_prf_plus (const IkeCrypto *self, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts,
              guint n_parts, guint8 *out, gsize out_len)
{
  SimCrypto *crypto = (SimCrypto *) self;

  if (breaks (self) || (crypto->fail_after >= 0 && crypto->fail_after-- == 0))
    return FALSE;
  return sim_crypto_nss ()->prf_plus (sim_crypto_nss (), prf, key, key_len, parts, n_parts, out, out_len);
}

static gboolean
sim_hash (const IkeCrypto *self, IkeHashId hash, const IkeChunk *parts, guint n_parts, guint8 *out)
{
  return !breaks (self) && sim_crypto_nss ()->hash (sim_crypto_nss (), hash, parts, n_parts, out);
}

static gboolean
sim_seal (const IkeCrypto *self, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv, const IkeChunk *aad,
          const guint8 *in, gsize len, guint8 *out, guint8 *tag)
{
  return !breaks (self) &&
         sim_crypto_nss ()->seal (sim_crypto_nss (), encr, key, key_len, iv, aad, in, len, out, tag);
}

static gboolean
sim_open (const IkeCrypto *self, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv, const IkeChunk *aad,
          const guint8 *in, gsize len, guint8 *out, const guint8 *tag)
{
  SimCrypto *crypto = (SimCrypto *) self;

  if (breaks (self) ||
      !sim_crypto_nss ()->open (sim_crypto_nss (), encr, key, key_len, iv, aad, in, len, out, tag))
    return FALSE;
  if (len > 0 && crypto->mangle_after >= 0 && crypto->mangle_after-- == 0)
    out[crypto->mangle_at % len] ^= crypto->mangle_with;
  return TRUE;
}

static GBytes *
toy_public (const IkeCrypto *self, guint16 group, gboolean initiator)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_KE, group);
  g_autofree guint8 *octets = NULL;
  gsize len;

  if (!alg || !alg->ke_initiator)
    return NULL;
  len = initiator ? alg->ke_initiator : alg->ke_responder;
  octets = g_malloc (len);
  sim_random (self, octets, len);
  octets[0] |= 1;
  return g_bytes_new (octets, len);
}

static gboolean
toy_valid (guint16 group, GBytes *peer, gboolean of_initiator)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_KE, group);
  gsize len, zeros = 0;
  const guint8 *data = g_bytes_get_data (peer, &len);

  while (zeros < len && data[zeros] == 0)
    zeros++;
  return alg && len == (of_initiator ? alg->ke_initiator : alg->ke_responder) && zeros < len;
}

static IkeSecret *
toy_shared (GBytes *a, GBytes *b)
{
  GBytes *low = g_bytes_compare (a, b) < 0 ? a : b, *high = low == a ? b : a;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  IkeSecret *shared = ike_secret_new (32);
  gsize len = 32;

  g_checksum_update (sum, g_bytes_get_data (low, NULL), (gssize) g_bytes_get_size (low));
  g_checksum_update (sum, g_bytes_get_data (high, NULL), (gssize) g_bytes_get_size (high));
  g_checksum_get_digest (sum, ike_secret_data (shared), &len);
  return shared;
}

static gboolean
toy_generate (const IkeCrypto *self, guint16 group, IkeKeKey **ret_key, GBytes **ret_public)
{
  GBytes *public = toy_public (self, group, TRUE);

  if (!public)
    return FALSE;
  *ret_key = g_new0 (IkeKeKey, 1);
  (*ret_key)->group = group;
  (*ret_key)->public = g_bytes_ref (public);
  *ret_public = public;
  return TRUE;
}

static IkeSecret *
toy_finish (const IkeCrypto *self, IkeKeKey *key, GBytes *peer)
{
  return toy_valid (key->group, peer, FALSE) ? toy_shared (key->public, peer) : NULL;
}

static gboolean
toy_respond (const IkeCrypto *self, guint16 group, GBytes *peer, GBytes **ret_public, IkeSecret **ret_shared)
{
  GBytes *public = toy_valid (group, peer, TRUE) ? toy_public (self, group, FALSE) : NULL;

  if (!public)
    return FALSE;
  *ret_shared = toy_shared (public, peer);
  *ret_public = public;
  return TRUE;
}

static void
toy_free (const IkeCrypto *self, IkeKeKey *key)
{
  if (!key)
    return;
  g_bytes_unref (key->public);
  g_free (key);
}

void
sim_crypto_init (SimCrypto *crypto, guint64 seed)
{
  guint32 words[2] = { (guint32) seed, (guint32) (seed >> 32) };

  crypto->table = *sim_crypto_nss ();
  crypto->rand = g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
  crypto->fail_after = crypto->break_after = crypto->mangle_after = -1;
  crypto->table.random = steered_random;
  crypto->table.prf = sim_prf;
  crypto->table.prf_plus = sim_prf_plus;
  crypto->table.hash = sim_hash;
  crypto->table.seal = sim_seal;
  crypto->table.open = sim_open;
  crypto->table.ke_generate = toy_generate;
  crypto->table.ke_finish = toy_finish;
  crypto->table.ke_respond = toy_respond;
  crypto->table.ke_free = toy_free;
}

void
sim_crypto_clear (SimCrypto *crypto)
{
  g_rand_free (crypto->rand);
}

void
sim_crypto_use_real_ke (SimCrypto *crypto)
{
  const IkeCrypto *nss = sim_crypto_nss ();

  crypto->table.ke_generate = nss->ke_generate;
  crypto->table.ke_finish = nss->ke_finish;
  crypto->table.ke_respond = nss->ke_respond;
  crypto->table.ke_free = nss->ke_free;
}
