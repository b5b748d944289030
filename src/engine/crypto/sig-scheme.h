/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signature schemes of the AUTH payload: RFC 7296 section 2.15 (methods 1), RFC 4754 (9, 10, 11), RFC 7427 and
 * RFC 8420 (14). ML-DSA as draft-ietf-ipsecme-ikev2-pqc-auth has it: method 14, pure, with an empty context.
 *
 * What a signature looks like follows from the row: RSA as one big integer; ECDSA r|s at fixed width for the
 * methods 9-11, DER Ecdsa-Sig-Value for method 14; Ed25519 and ML-DSA are over the octets themselves (hash IDENTITY).
 * Whoever signs or verifies a job produces or takes exactly that; the length octet and AlgorithmIdentifier that
 * method 14 puts before it belong to this file. The hash of method 1 is named by the signature alone: one row takes
 * SHA-2, the weak one SHA-1 as well.
 */
#pragma once

#include "crypto/crypto.h"
#include "ike-engine-io.h"
#include "wire/payload-auth.h"

typedef struct _IkeSigScheme IkeSigScheme;

struct _IkeSigScheme {
  const char *name; /* "RSASSA-PSS with SHA-256", for logs and errors */
  IkeAuthMethod method;
  guint keys; /* bit mask 1 << IkeKeyType that can sign or verify so */
  IkeHashId hash; /* IDENTITY: the octets themselves are signed */
  gboolean pss; /* RSA: RSASSA-PSS, MGF1 with the same hash, salt as long as the hash; else PKCS#1 v1.5 */
  gboolean raw_ecdsa; /* r|s (RFC 4754) rather than DER */
  gboolean fips;
  gboolean weak; /* SHA-1 */
  gboolean verify_only; /* neither made nor announced */
  guint8 der_len;
  const guint8 *der; /* method 14: the AlgorithmIdentifier that we send; NULL for the others */
};

/* What our own key is and may do. */
typedef struct {
  IkeKeyType type;
  guint bits;
  gboolean pss; /* may sign RSA-PSS */
  gboolean rsa_sha1; /* RSA with SHA-1 is better than nothing */
  gboolean fips; /* only approved ones */
} IkeSigKey;

/* The scheme that our key signs with. @peer_hashes: bit mask 1 << IkeHashId of the peer's SIGNATURE_HASH_ALGORITHMS, 0
 * when it sent none (then methods 1, 9, 10, 11). @announced: bit mask of the rows that it says it accepts (RFC 9593), 0
 * when it says nothing; if there is none among these, any other is tried. NULL: there is none that both can do. */
const IkeSigScheme *ike_sig_scheme_choose (const IkeSigKey *key, guint peer_hashes, guint32 announced);

/* The scheme of a received AUTH payload with method 1, 9, 10, 11 or 14, whose data is then the signature. For 14 reads
 * the AlgorithmIdentifier, strictly: no PSS parameters but MGF1 with the same hash and salt = hash length. NULL: not a
 * signature method, malformed, or nothing that we accept (a scheme that is weak is found: the caller decides).
 * @rsa_sha1: of method 1 it is the row that takes SHA-1, too. */
const IkeSigScheme *ike_sig_scheme_of (const IkeAuthPayload *auth, gboolean rsa_sha1);
/* Weak ones are only those of RSA, if that is wanted (@rsa_sha1). */
gboolean ike_sig_scheme_allowed (const IkeSigScheme *scheme, gboolean rsa_sha1, gboolean fips);

/* The AUTH payload for a signature that was made with @scheme; borrows both. */
IkeAuthPayload ike_sig_scheme_auth (const IkeSigScheme *scheme, IkeChunk signature);

/* Every row in turn, NULL after the last. */
const IkeSigScheme *ike_sig_scheme_at (guint index);

/* The hashes for our own SIGNATURE_HASH_ALGORITHMS, best first: how many. */
#define IKE_SIG_MAX_HASHES 4
guint ike_sig_hashes_offered (const IkeCrypto *crypto, IkeHashId ret[IKE_SIG_MAX_HASHES]);
