/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7): what kind of key it is, and whether it is fit for use. */
#pragma once

#include "ike-engine-io.h"
#include "nss-der.h"

typedef struct {
  IkeKeyType type;   /* NONE: nothing that signs IKE */
  guint bits;
  gboolean pss_only; /* RSA with the OID id-RSASSA-PSS: RFC 4055 section 1.2 */
  NssDer modulus, exponent; /* RSA; without leading zero */
  NssDer point; /* EC: uncompressed; Ed25519, ML-DSA: the key's octets */
} NssSpki;

/* FALSE when @der is no well-formed SubjectPublicKeyInfo, or the key is one that no honest CA certifies: an RSA
 * modulus that is even, an exponent that is even, below 3, longer than 256 bits or as long as the modulus, an EC point
 * of the wrong form. *ret borrows from @der. A well-formed key of an unknown kind: TRUE, type NONE. */
gboolean nss_spki_parse (NssDer der, NssSpki *ret);
/* The DER of one: @key is an RSAPublicKey, a point, or the octets of Ed25519 or ML-DSA. */
GBytes *nss_spki_new (IkeKeyType type, const guint8 *key, gsize len);
/* Ed25519 (RFC 8410) and ML-DSA (RFC 9881, FIPS 204 table 2): the key is octets, no point, and signs what is said rather than
 * a digest of it. */
typedef struct {
  IkeKeyType type;
  gsize oid_len;
  guint8 oid[9]; /* the algorithm's; parameters are absent */
  gsize public_len, private_len, signature_len; /* octets */
  const char *name;
} NssOctetKey;
/* NULL: not one of these. */
const NssOctetKey *nss_octet_key (IkeKeyType type);
const NssOctetKey *nss_octet_key_by_oid (const NssDer *oid);
/* The OBJECT IDENTIFIER of a curve, of Ed25519 or of ML-DSA. */
void nss_spki_put_curve (GByteArray *out, IkeKeyType type);
/* "RSA-2048", "P-256", "Ed25519", "ML-DSA-65": for messages. */
char *nss_spki_describe (const NssSpki *spki);
/* The curve of a named-curve OID's content, NONE for another. */
IkeKeyType nss_spki_curve (const NssDer *oid);
/* Octets of a field element or of the group order: 32, 48, 66; 0 for what is no curve. */
gsize nss_curve_size (IkeKeyType type);
