/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The algorithm table: one const row per transform that we know, whatever uses it (IKE, or only the kernel's ESP).
 *
 * Numbers are IANA's (RFC 7296 section 3.3.2 and its registry); what is fit for use comes from RFC 8247 (IKE) and RFC
 * 8221 (ESP). Names are the registry's (ike_transform_name). Whether this build can do an algorithm for IKE is the
 * provider's word: IkeCrypto.supports.
 */
#pragma once

#include "wire/registry.h"

#include <glib.h>

typedef enum {
  IKE_ALG_AEAD = 1 << 0, /* cipher and integrity in one: no INTEG transform beside it */
  IKE_ALG_IKE = 1 << 1, /* may protect an IKE SA */
  IKE_ALG_ESP = 1 << 2, /* may protect ESP */
  IKE_ALG_FIPS = 1 << 3, /* approved */
  IKE_ALG_WEAK = 1 << 4, /* only for a user who asks for it by name; never in a default */
  IKE_ALG_FIXED_KEY =
      1 << 5, /* PRF whose key is exactly @key octets: the 8 + 8 octet nonce rule, RFC 7296 section 2.14 */
  IKE_ALG_NO_ENCRYPTION = 1 << 6, /* ESP without confidentiality: NULL, GMAC */
} IkeAlgorithmFlags;

typedef struct {
  guint8 type; /* IkeTransformType */
  guint16 id;
  guint16 key_bits
      [3]; /* ENCR: legal values of the Key Length attribute, best first, rest 0; all 0: there is no attribute */
  guint8 key; /* octets: ENCR without a Key Length attribute, INTEG: its key; PRF: preferred key (SK_d, SK_p*) */
  guint8 salt; /* ENCR: octets of KEYMAT after the key proper */
  guint8 iv; /* ENCR: explicit IV on the wire */
  guint8 block; /* ENCR: what padding aligns to (1: no need) */
  guint8 icv; /* AEAD: tag; INTEG: checksum on the wire */
  guint8 output; /* PRF, and INTEG before truncation */
  guint16 ke_initiator, ke_responder; /* KE: exact octets of the KE payload's data */
  guint16 ke_shared; /* KE: octets of the shared secret */
  guint16 strength; /* bits, roughly; ENCR: 0 where it is the key length */
  guint8 log_octets, log_packets; /* ENCR, INTEG: one key of ESP protects 2 to the power of it at most; 0: no limit */
  guint flags; /* IkeAlgorithmFlags */
  const char *kernel; /* Linux XFRM: crypto API name; NULL where the kernel has no business or no support */
  guint16 kernel_trunc; /* INTEG, AEAD: bits of checksum to ask of XFRM */
} IkeAlgorithm;

/* NULL when we do not know it. */
const IkeAlgorithm *ike_algorithm_find (IkeTransformType type, guint16 id);
/* Every row in turn, NULL after the last. */
const IkeAlgorithm *ike_algorithm_at (guint index);
/* Is @key_bits (0: no attribute) what may stand on the wire for this transform? */
gboolean ike_algorithm_key_bits_ok (const IkeAlgorithm *alg, guint16 key_bits);
/* Octets of key, salt included, for ENCR with @key_bits, PRF and INTEG. */
gsize ike_algorithm_key_len (const IkeAlgorithm *alg, guint16 key_bits);

/* How many octets ESP adds to a packet, but for its padding: for the MTU. @tunnel adds an outer header, @encap UDP. */
guint ike_esp_overhead (guint16 encr, guint16 integ, gboolean tunnel, gboolean outer_is_ip6, gboolean encap);
/* Packet, padding and the two octets behind it are a multiple of so many (RFC 4303 section 2.4); 1 for AH. */
guint ike_esp_alignment (guint16 encr);
/* How much one key may protect, by what its algorithms stand; 0: no limit. */
void ike_esp_limits (guint16 encr, guint16 integ, guint64 *ret_octets, guint64 *ret_packets);

/* Digest length of a hash (RFC 7427 numbers, IKE_HASH_MD5 for EAP), 0: unknown. */
gsize ike_hash_len (IkeHashId hash);
