/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key derivation (see the header): RFC 7296 sections 2.13, 2.14, 2.17, 2.18. Intermediate values are erased here. */
#include "crypto/keymat.h"

#include "crypto/suites.h"

#include <string.h>

#define MAX_PRF_OUTPUT 64

/* The lengths of the seven keys, in the order of IkeSkName. */
static gsize
key_len (const IkeKeys *keys, IkeSkName name)
{
  switch (name)
    {
    case IKE_SK_D:
    case IKE_SK_PI:
    case IKE_SK_PR:
      return keys->prf_len;
    case IKE_SK_AI:
    case IKE_SK_AR:
      return keys->integ_len;
    case IKE_SK_EI:
    case IKE_SK_ER:
      return keys->encr_len;
    case IKE_SK_N:
      break;
    }
  g_assert_not_reached ();
}

const guint8 *
ike_keys_get (const IkeKeys *keys, IkeSkName name, gsize *ret_len)
{
  gsize offset = 0;

  for (IkeSkName before = IKE_SK_D; before < name; before++)
    offset += key_len (keys, before);
  *ret_len = key_len (keys, name);
  return ike_secret_data (keys->all) + offset;
}

void
ike_keys_forget_auth (IkeKeys *keys)
{
  gsize len;
  guint8 *first = (guint8 *) ike_keys_get (keys, IKE_SK_PI, &len);

  explicit_bzero (first, 2 * len);
}

void
ike_keys_clear (IkeKeys *keys)
{
  g_clear_pointer (&keys->all, ike_secret_free);
  memset (keys, 0, sizeof *keys);
}

/* {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+ (SKEYSEED, Ni | Nr | SPIi | SPIr), RFC 7296 section
 * 2.14 */
static gboolean
expand (IkeKeys *ret, const IkeCrypto *crypto, const IkeSuite *suite, IkeChunk skeyseed, const IkeKeyInput *input)
{
  const IkeAlgorithm *prf = ike_algorithm_find (IKE_TRANSFORM_PRF, suite->prf);
  const IkeAlgorithm *encr = ike_algorithm_find (IKE_TRANSFORM_ENCR, suite->encr);
  const IkeAlgorithm *integ = ike_algorithm_find (IKE_TRANSFORM_INTEG, suite->integ);
  guint64 spis[2] = { GUINT64_TO_BE (input->spi_i), GUINT64_TO_BE (input->spi_r) };
  IkeChunk seed[] = { ike_chunk (input->ni, input->ni_len), ike_chunk (input->nr, input->nr_len),
                      ike_chunk (spis, sizeof spis) };
  g_autoptr (IkeSecret) all = NULL;
  IkeKeys keys = { .prf = suite->prf, .encr = suite->encr, .encr_bits = suite->encr_bits, .integ = suite->integ };

  if (!prf || !encr || (!integ && suite->integ != IKE_INTEG_NONE))
    return FALSE;
  keys.prf_len = prf->key;
  keys.encr_len = (guint8) ike_algorithm_key_len (encr, suite->encr_bits);
  keys.integ_len = integ ? integ->key : 0;
  all = ike_secret_new (3u * keys.prf_len + 2u * keys.integ_len + 2u * keys.encr_len);
  if (!crypto->prf_plus (crypto, suite->prf, skeyseed.data, skeyseed.len, seed, G_N_ELEMENTS (seed),
                         ike_secret_data (all), ike_secret_len (all)))
    return FALSE;
  keys.all = g_steal_pointer (&all);
  *ret = keys;
  return TRUE;
}

gboolean
ike_keys_derive (IkeKeys *ret, const IkeCrypto *crypto, const IkeSuite *suite, const IkeSecret *shared,
                 const IkeKeyInput *input)
{
  const IkeAlgorithm *prf = ike_algorithm_find (IKE_TRANSFORM_PRF, suite->prf);
  gsize ni_len = input->ni_len, nr_len = input->nr_len;
  g_autofree guint8 *nonces = NULL;
  IkeChunk secret = ike_secret_chunk (shared);
  guint8 skeyseed[MAX_PRF_OUTPUT];
  gboolean ok;

  if (!prf || secret.len == 0)
    return FALSE;
  /* RFC 7296 section 2.14: AES-XCBC-PRF-128 and AES-CMAC-PRF-128 take the first 64 bits of Ni and the first 64 bits of
   * Nr for a key here; prf+ below still gets all of both. */
  if (prf->flags & IKE_ALG_FIXED_KEY)
    {
      ni_len = MIN (ni_len, prf->key / 2u);
      nr_len = MIN (nr_len, prf->key / 2u);
    }
  nonces = g_malloc (ni_len + nr_len + 1);
  memcpy (nonces, input->ni, ni_len);
  memcpy (nonces + ni_len, input->nr, nr_len);

  /* SKEYSEED = prf (Ni | Nr, g^ir) */
  ok = crypto->prf (crypto, suite->prf, nonces, ni_len + nr_len, &secret, 1, skeyseed) &&
       expand (ret, crypto, suite, ike_chunk (skeyseed, prf->output), input);
  explicit_bzero (skeyseed, sizeof skeyseed);
  return ok;
}

gboolean
ike_keys_rekey (IkeKeys *ret, const IkeCrypto *crypto, const IkeKeys *old, const IkeSuite *suite,
                const IkeSecret *shared, const IkeKeyInput *input)
{
  const IkeAlgorithm *old_prf = ike_algorithm_find (IKE_TRANSFORM_PRF, old->prf);
  IkeChunk seed[] = { ike_secret_chunk (shared), ike_chunk (input->ni, input->ni_len),
                      ike_chunk (input->nr, input->nr_len), ike_secret_chunk (input->more) };
  guint8 skeyseed[MAX_PRF_OUTPUT];
  const guint8 *sk_d;
  gsize sk_d_len;
  gboolean ok;

  if (!old_prf || !old->all || seed[0].len == 0)
    return FALSE;
  /* RFC 7296 section 2.18: SKEYSEED = prf (SK_d (old), g^ir (new) | Ni | Nr), with the old SA's prf; RFC 9370 section
   * 2.2.4: the results of additional key exchanges follow. */
  sk_d = ike_keys_get (old, IKE_SK_D, &sk_d_len);
  ok = crypto->prf (crypto, old->prf, sk_d, sk_d_len, seed, G_N_ELEMENTS (seed), skeyseed) &&
       expand (ret, crypto, suite, ike_chunk (skeyseed, old_prf->output), input);
  explicit_bzero (skeyseed, sizeof skeyseed);
  return ok;
}

gboolean
ike_keys_mix_ppk (IkeKeys *ret, const IkeCrypto *crypto, const IkeKeys *plain, const IkeSecret *ppk)
{
  static const IkeSkName mixed[] = { IKE_SK_D, IKE_SK_PI, IKE_SK_PR };
  IkeKeys keys = *plain;
  gboolean ok = plain->all != NULL && ike_secret_len (ppk) > 0;

  keys.all = ike_secret_copy (plain->all);
  for (guint i = 0; ok && i < G_N_ELEMENTS (mixed); i++)
    {
      gsize len;
      IkeChunk seed = { .data = ike_keys_get (plain, mixed[i], &len) };

      /* SK_x = prf+ (PPK, SK_x') */
      seed.len = len;
      ok = crypto->prf_plus (crypto, plain->prf, ike_secret_data (ppk), ike_secret_len (ppk), &seed, 1,
                             (guint8 *) ike_keys_get (&keys, mixed[i], &len), seed.len);
    }
  if (ok)
    *ret = keys;
  else
    ike_secret_free (keys.all);
  return ok;
}

gboolean
ike_keys_reseed_ppk (IkeKeys *ret, const IkeCrypto *crypto, const IkeKeys *old, const IkeSuite *suite,
                     const IkeSecret *ppk, const IkeKeyInput *input)
{
  const IkeAlgorithm *prf = ike_algorithm_find (IKE_TRANSFORM_PRF, old->prf);
  guint8 skeyseed[MAX_PRF_OUTPUT];
  IkeChunk seed;
  gboolean ok;

  if (!prf || !old->all || ike_secret_len (ppk) == 0)
    return FALSE;
  /* SKEYSEED' = prf+ (PPK, SK_d), as long as the prf's key */
  seed.data = ike_keys_get (old, IKE_SK_D, &seed.len);
  ok = crypto->prf_plus (crypto, old->prf, ike_secret_data (ppk), ike_secret_len (ppk), &seed, 1, skeyseed, prf->key) &&
       expand (ret, crypto, suite, ike_chunk (skeyseed, prf->key), input);
  explicit_bzero (skeyseed, sizeof skeyseed);
  return ok;
}

gboolean
ike_keys_resume (IkeKeys *ret, const IkeCrypto *crypto, const IkeSecret *old_sk_d, const IkeSuite *suite,
                 const IkeKeyInput *input)
{
  static const char label[] = "Resumption";
  const IkeAlgorithm *prf = ike_algorithm_find (IKE_TRANSFORM_PRF, suite->prf);
  IkeChunk seed[] = { ike_chunk (label, sizeof label - 1), ike_chunk (input->ni, input->ni_len),
                      ike_chunk (input->nr, input->nr_len) };
  guint8 skeyseed[MAX_PRF_OUTPUT];
  gboolean ok;

  if (!prf || ike_secret_len (old_sk_d) == 0)
    return FALSE;
  /* SKEYSEED = prf (SK_d_old, "Resumption" | Ni | Nr) */
  ok = crypto->prf (crypto, suite->prf, ike_secret_data (old_sk_d), ike_secret_len (old_sk_d), seed,
                    G_N_ELEMENTS (seed), skeyseed) &&
       expand (ret, crypto, suite, ike_chunk (skeyseed, prf->output), input);
  explicit_bzero (skeyseed, sizeof skeyseed);
  return ok;
}

void
ike_child_keys_clear (IkeChildKeys *keys)
{
  g_clear_pointer (&keys->encr_in, ike_secret_free);
  g_clear_pointer (&keys->integ_in, ike_secret_free);
  g_clear_pointer (&keys->encr_out, ike_secret_free);
  g_clear_pointer (&keys->integ_out, ike_secret_free);
}

gboolean
ike_child_keys_derive (IkeChildKeys *ret, const IkeCrypto *crypto, const IkeKeys *keys, const IkeSuite *suite,
                       const IkeSecret *shared, const IkeKeyInput *input, gboolean initiator)
{
  const IkeAlgorithm *encr = ike_algorithm_find (IKE_TRANSFORM_ENCR, suite->encr);
  const IkeAlgorithm *integ = ike_algorithm_find (IKE_TRANSFORM_INTEG, suite->integ);
  IkeChunk seed[] = { ike_secret_chunk (shared), ike_chunk (input->ni, input->ni_len),
                      ike_chunk (input->nr, input->nr_len), ike_secret_chunk (input->more) };
  g_autoptr (IkeSecret) all = NULL;
  const guint8 *sk_d;
  gsize sk_d_len, encr_len, integ_len, half;

  if (!encr || !keys->all || (!integ && suite->integ != IKE_INTEG_NONE))
    return FALSE;
  encr_len = ike_algorithm_key_len (encr, suite->encr_bits);
  integ_len = integ ? integ->key : 0;
  half = encr_len + integ_len;
  /* An SA without any key protects nothing (cve-2024-3652: no algorithm may come to keys of no length). */
  if (half == 0 || (integ_len == 0 && !(encr->flags & IKE_ALG_AEAD)))
    return FALSE;

  /* RFC 7296 section 2.17: KEYMAT = prf+ (SK_d, [g^ir |] Ni | Nr [| results of additional key exchanges, RFC 9370]); first the keys for what the initiator sends, cipher
   * before integrity. */
  all = ike_secret_new (2 * half);
  sk_d = ike_keys_get (keys, IKE_SK_D, &sk_d_len);
  if (!crypto->prf_plus (crypto, keys->prf, sk_d, sk_d_len, shared ? seed : seed + 1, shared ? 4 : 3,
                         ike_secret_data (all), ike_secret_len (all)))
    return FALSE;
  ret->encr_out = ike_secret_slice (all, initiator ? 0 : half, encr_len);
  ret->encr_in = ike_secret_slice (all, initiator ? half : 0, encr_len);
  ret->integ_out = integ ? ike_secret_slice (all, (initiator ? 0 : half) + encr_len, integ_len) : NULL;
  ret->integ_in = integ ? ike_secret_slice (all, (initiator ? half : 0) + encr_len, integ_len) : NULL;
  return TRUE;
}
