/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signatures in the form in which IKE carries them in AUTH: RFC 7296 section 2.15 (method 1), RFC 4754 (9, 10, 11:
 * r|s of fixed width), RFC 7427 and 8420 (14: PKCS#1 v1.5, PSS with the salt as long as the hash, DER ECDSA, Ed25519,
 * ML-DSA; the algorithm identifier in front of it is the engine's). A scheme row (crypto/sig-scheme.h) says everything.
 */
#pragma once

#include "nss-chain.h"
#include "nss-key.h"

#include "crypto/sig-scheme.h"

/* RSA moduli that are used to verify. */
#define NSS_SIGN_MAX_RSA_BITS 16384
#define NSS_SIGN_MIN_RSA_BITS 1024

/* Can this NSS, at run time, sign and verify with keys of this type, do @scheme? */
gboolean nss_sign_does (IkeKeyType type);
gboolean nss_sign_supports (const IkeSigScheme *scheme);

/* NULL when the key is of another type than the scheme, too small for it, or NSS refuses; *ret_reason is then
 * SIGN_FAILED. */
GBytes *nss_sign (const NssKey *key, const IkeSigScheme *scheme, GBytes *octets, IkeReason *ret_reason);

/* For TLS, which has the digest already: ECDSA is r and s then, as PKCS #11 has it. NULL: it cannot be signed so. */
GBytes *nss_sign_digest (const NssKey *key, IkeHashId hash, gboolean pss, const guint8 *digest, gsize len);

/* Signs a probe and verifies it with the SubjectPublicKeyInfo @public_key: do they belong together? */
gboolean nss_key_matches (const NssKey *key, GBytes *public_key);

/* TRUE only when @signature is exactly a signature of @octets with the SubjectPublicKeyInfo (DER) @public_key: the key
 * type must be the scheme's, lengths and ranges are checked first, the DigestInfo is NSS's business. Method 1: with any
 * SHA-2, and if @scheme is weak SHA-1. */
gboolean nss_verify (GBytes *public_key, const IkeSigScheme *scheme, GBytes *octets, GBytes *signature);

/* The whole answer to IKE_JOB_VERIFY: the chain, then the signature with the end entity's key; or with the raw key. *ret_reason is NONE,
 * CERT_*, RSA_SHA1 or PEER_AUTH_WRONG. */
void nss_verify_auth (const NssChainQuery *query, const IkeSigScheme *scheme, GBytes *octets, GBytes *signature,
                      IkeReason *ret_reason);
