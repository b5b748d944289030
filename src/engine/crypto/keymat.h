/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys from shared secrets: SKEYSEED and the seven SK_* (RFC 7296 sections 2.13, 2.14, 2.18), KEYMAT of Child SAs
 * (2.17).
 */
#pragma once

#include "crypto/crypto.h"
#include "crypto/proposal.h"

typedef enum { IKE_SK_D, IKE_SK_AI, IKE_SK_AR, IKE_SK_EI, IKE_SK_ER, IKE_SK_PI, IKE_SK_PR, IKE_SK_N } IkeSkName;

/* The seven keys of one IKE SA: one erased-on-free allocation, in the RFC's order. */
typedef struct {
  IkeSecret *all;
  guint16 prf, encr, encr_bits, integ;
  guint8 prf_len, integ_len, encr_len; /* octets of d/pi/pr, ai/ar, ei/er (salt included) */
} IkeKeys;

/* What key derivation needs beside the secret; borrowed. */
typedef struct {
  const guint8 *ni, *nr;
  gsize ni_len, nr_len;
  guint64 spi_i, spi_r; /* IKE SA only: the new SA's */
  const IkeSecret *more; /* results of additional key exchanges, joined; NULL: there were none */
} IkeKeyInput;

/* First keys of an IKE SA. FALSE: the provider cannot; @ret is untouched. */
gboolean ike_keys_derive (IkeKeys *ret, const IkeCrypto *crypto, const IkeSuite *suite, const IkeSecret *shared,
                          const IkeKeyInput *input);
/* Keys of the IKE SA that replaces the one of @old (whose prf makes SKEYSEED: RFC 7296 section 2.18). With the SPIs of
 * @old itself: its keys after one more key exchange (RFC 9370 section 2.2.3). */
gboolean ike_keys_rekey (IkeKeys *ret, const IkeCrypto *crypto, const IkeKeys *old, const IkeSuite *suite,
                         const IkeSecret *shared, const IkeKeyInput *input);
/* @plain with a post-quantum pre-shared key mixed into SK_d, SK_pi and SK_pr (RFC 8784 section 3); or all keys anew from
 * SK_d and such a key (RFC 9867 section 3.1). */
gboolean ike_keys_mix_ppk (IkeKeys *ret, const IkeCrypto *crypto, const IkeKeys *plain, const IkeSecret *ppk);
gboolean ike_keys_reseed_ppk (IkeKeys *ret, const IkeCrypto *crypto, const IkeKeys *old, const IkeSuite *suite,
                              const IkeSecret *ppk, const IkeKeyInput *input);
/* Keys of a resumed IKE SA, from SK_d of the one before (RFC 5723 section 5.1). */
gboolean ike_keys_resume (IkeKeys *ret, const IkeCrypto *crypto, const IkeSecret *old_sk_d, const IkeSuite *suite,
                          const IkeKeyInput *input);
/* Erases SK_pi and SK_pr: nobody has to prove anything any more. */
void ike_keys_forget_auth (IkeKeys *keys);
void ike_keys_clear (IkeKeys *keys);
/* Borrowed. */
const guint8 *ike_keys_get (const IkeKeys *keys, IkeSkName name, gsize *ret_len);

/* Keys of one Child SA pair as the kernel takes them: salt included, integ_* NULL without INTEG. */
typedef struct {
  IkeSecret *encr_in, *integ_in, *encr_out, *integ_out;
} IkeChildKeys;

/* @initiator: we began the exchange that made this Child SA. @shared NULL: no PFS. FALSE: the provider cannot, or the
 * suite is none that we know; @ret is untouched. */
gboolean ike_child_keys_derive (IkeChildKeys *ret, const IkeCrypto *crypto, const IkeKeys *keys, const IkeSuite *suite,
                                const IkeSecret *shared, const IkeKeyInput *input, gboolean initiator);
void ike_child_keys_clear (IkeChildKeys *keys);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IkeKeys, ike_keys_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IkeChildKeys, ike_child_keys_clear)
