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
  gint break_after; /* the n-th call of the engine that can fail does so; negative: none */
  /* what the n-th message that is opened holds is changed, as by a peer that means harm; negative: none */
  gint mangle_after;
  gsize mangle_at; /* modulo its length */
  guint8 mangle_with; /* exclusive or */
  const char *nonces; /* hexadecimal digits: with what the next nonces begin, in the order in which they are made */
} SimCrypto;

void sim_crypto_init (SimCrypto *crypto, guint64 seed);
void sim_crypto_clear (SimCrypto *crypto);
void sim_crypto_use_real_ke (SimCrypto *crypto);
const IkeCrypto *sim_crypto_nss (void);
