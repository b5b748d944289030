/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real provider with repeatable randomness, and with a key exchange that is a toy of the right sizes: quick, and
 * the
 * same in every run. Tests of the real key exchange switch it back.
 */
#pragma once

#include "crypto/crypto.h"

typedef struct {
  IkeCrypto table; /* first: the engine gets its address */
  GRand *rand;
  gint fail_after; /* the n-th prf+ from now on fails; negative: none */
  const char *nonces; /* hexadecimal digits: with what the next nonces begin, in the order in which they are made */
} SimCrypto;

void sim_crypto_init (SimCrypto *crypto, guint64 seed);
void sim_crypto_clear (SimCrypto *crypto);
void sim_crypto_use_real_ke (SimCrypto *crypto);
const IkeCrypto *sim_crypto_nss (void);
