/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The crypto provider: every primitive that the engine needs, as a table of functions.
 *
 * The engine owns no primitive (but MD4, which EAP-MSCHAPv2 needs and NSS lacks) and no entropy. src/nss implements
 * this table with NSS; tests wrap it to make randomness repeatable or an operation fail. Every function is thread
 * safe, does no I/O, keeps no reference to its arguments, and returns FALSE or NULL when the operation is not
 * possible; outputs are then untouched. Algorithm numbers are IANA's (wire/registry.h).
 * Of several input chunks (@parts) the octets are processed as if they were joined.
 */
#pragma once

#include "base/chunk.h"
#include "base/secret.h"
#include "wire/registry.h"

#include <glib.h>

/* The private half of an ephemeral key exchange, the provider's own. */
typedef struct _IkeKeKey IkeKeKey;

typedef struct _IkeCrypto IkeCrypto;
struct _IkeSigScheme;

struct _IkeCrypto {
  gpointer data; /* the provider's own */
  gboolean fips; /* only what the tables call approved, and pre-shared keys that are long enough */

  /* Can this build, at run time, do the transform? @key_bits 0 where the transform has no key length. */
  gboolean (*supports) (const IkeCrypto *self, IkeTransformType type, guint16 id, guint16 key_bits);

  /* Likewise: can signatures of this scheme (crypto/sig-scheme.h) be verified? That is a job of others (IKE_JOB_VERIFY). */
  gboolean (*verifies) (const IkeCrypto *self, const struct _IkeSigScheme *scheme);

  /* @len unpredictable octets. */
  gboolean (*random) (const IkeCrypto *self, guint8 *out, gsize len);

  /* Hash (IKE_HASH_*, RFC 7427 numbers; also IKE_HASH_MD5 for EAP): writes the whole digest. */
  gboolean (*hash) (const IkeCrypto *self, IkeHashId hash, const IkeChunk *parts, guint n_parts, guint8 *out);

  /* prf (key, parts): writes the prf's whole output (suites.h tells the length). Any key length. */
  gboolean (*prf) (const IkeCrypto *self, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts,
                   guint n_parts, guint8 *out);
  /* prf+ of RFC 7296 section 2.13: @out_len octets; FALSE above 255 blocks. */
  gboolean (*prf_plus) (const IkeCrypto *self, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts,
                        guint n_parts, guint8 *out, gsize out_len);
  /* Integrity transform: writes the truncated checksum that goes on the wire. */
  gboolean (*integ) (const IkeCrypto *self, guint16 integ, const guint8 *key, gsize key_len, const IkeChunk *parts,
                     guint n_parts, guint8 *out);

  /* One-shot ciphers of the SK payload. @key holds the salt where the transform has one (RFC 5282, 3686). @iv is
   * the explicit IV on the wire. @in and @out may be the same. For AEAD @aad is authenticated, and @tag is the
   * checksum: written when sealing, checked when opening (FALSE: forged); for the others @aad and @tag are NULL. */
  gboolean (*seal) (const IkeCrypto *self, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv,
                    const IkeChunk *aad, const guint8 *in, gsize len, guint8 *out, guint8 *tag);
  gboolean (*open) (const IkeCrypto *self, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv,
                    const IkeChunk *aad, const guint8 *in, gsize len, guint8 *out, const guint8 *tag);

  /* DES-ECB of one block with a key of 8 octets (parity bits ignored): RFC 2759. */
  gboolean (*des_block) (const IkeCrypto *self, const guint8 key[8], const guint8 in[8], guint8 out[8]);

  /* Key exchange. These are slow: the engine emits them as jobs (ike-engine-io.h), it never calls the first three.
   * ke_generate: a fresh pair; *ret_public is the KE payload's data.
   * ke_finish: the shared secret of our private half and the peer's data; NULL when the peer's data is invalid
   *   (length, range, not on the curve, all-zero result: RFC 6989). MODP results are padded to the modulus.
   * ke_respond: both in one step, as the responder does (encapsulation, for a KEM). */
  gboolean (*ke_generate) (const IkeCrypto *self, guint16 group, IkeKeKey **ret_key, GBytes **ret_public);
  IkeSecret *(*ke_finish) (const IkeCrypto *self, IkeKeKey *key, GBytes *peer);
  gboolean (*ke_respond) (const IkeCrypto *self, guint16 group, GBytes *peer, GBytes **ret_public,
                          IkeSecret **ret_shared);
  void (*ke_free) (const IkeCrypto *self, IkeKeKey *key);
};
