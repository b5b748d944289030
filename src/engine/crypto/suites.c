/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The algorithm table (see the header). Sources: RFC 8247 section 2 and RFC 8221 sections 5 and 6 for what is fit;
 * RFC 4106, 4309, 4543, 7634, 3602, 3686, 5529, 2451, 2410 for lengths of ciphers; RFC 2403, 2404, 3566, 4494, 4868
 * for checksums; RFC 2104, 4434, 4615 for PRFs; RFC 2409, 3526, 5114, 5903, 8031 for groups.
 *
 * What one key protects in ESP. Blocks of n bits that are all different tell a cipher from chance, and equal ones of CBC
 * tell of the text: after s blocks with probability s^2 / 2^(n+1), whatever the length of the key (draft-irtf-cfrg-
 * aead-limits section 5; McGrew, "Impossible plaintext cryptanalysis and probable-plaintext collision attacks", 2012).
 * With n = 128 that stays below 2^-57, as in TLS (RFC 8446 section 5.5), up to 2^36 blocks. The kernel counts the octets
 * of what it is given; a packet has up to two blocks besides (one that is not full, and the IV or the block for the tag),
 * so 2^39 octets in 2^34 packets are 2^35 + 2 * 2^34 blocks.
 *  - GCM: that. The 2^32 invocations of NIST SP 800-38D section 8.3 are for random IVs; ESP's are counters, made as its
 *    section 8.2.1 wants them. GMAC has one block in a packet and nothing to hide.
 *  - CCM: two blocks where the others have one, and three more in a packet: 2^37 octets in 2^33 packets.
 *  - ChaCha20-Poly1305: no limit but the 2^64 nonces (aead-limits section 5.2), which ESN does not reach.
 *  - 3DES, n = 64: NIST SP 800-67r2 section 3.3 has 2^20 blocks, 8 MiB, through which a full line goes in less time than a
 *    rekeying takes. After the 2^32 blocks of its first revision Sweet32 (CVE-2016-2183) has a collision as likely as not.
 *    64 MiB, 2^23 blocks, are what OpenVPN took in answer to that: 2^-19, and 2^-17 with 2^22 packets.
 *  - XCBC and CMAC: 2^48 messages, NIST SP 800-38B appendix B. HMAC: none that ESN reaches.
 */
#include "crypto/suites.h"

#define BOTH (IKE_ALG_IKE | IKE_ALG_ESP)
#define CIPHER(name) .type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_##name
#define PRF(name) .type = IKE_TRANSFORM_PRF, .id = IKE_PRF_##name
#define INTEG(name) .type = IKE_TRANSFORM_INTEG, .id = IKE_INTEG_##name
#define KE(name) .type = IKE_TRANSFORM_KE, .id = IKE_KE_##name
#define SAME(len) .ke_initiator = (len), .ke_responder = (len)
#define AES_BITS .key_bits = { 256, 128, 192 }
#define UP_TO(octets, packets) .log_octets = (octets), .log_packets = (packets)

/* clang-format off */
/* The short tags are for peers that want them; defaults have 16 octets (RFC 8247 section 2.1, RFC 8221 section 5). */
#define GCM(name, tag) \
  { CIPHER (name), AES_BITS, .salt = 4, .iv = 8, .block = 1, .icv = (tag), UP_TO (39, 34), \
    .flags = IKE_ALG_AEAD | BOTH | IKE_ALG_FIPS, .kernel = "rfc4106(gcm(aes))", .kernel_trunc = (tag) * 8 }
#define CCM(name, tag) \
  { CIPHER (name), AES_BITS, .salt = 3, .iv = 8, .block = 1, .icv = (tag), UP_TO (37, 33), \
    .flags = IKE_ALG_AEAD | IKE_ALG_ESP | IKE_ALG_FIPS, .kernel = "rfc4309(ccm(aes))", .kernel_trunc = (tag) * 8 }
#define HMAC_PRF(name, len, bits, how) \
  { PRF (name), .key = (len), .output = (len), .strength = (bits), .flags = IKE_ALG_IKE | (how) }
#define CHECKSUM(name, key_len, full, wire, bits, how, crypto) \
  { INTEG (name), .key = (key_len), .output = (full), .icv = (wire), .strength = (bits), .flags = BOTH | (how), \
    .kernel = (crypto), .kernel_trunc = (wire) * 8 }
#define AES_CHECKSUM(name, how, crypto) \
  { INTEG (name), .key = 16, .output = 16, .icv = 12, .strength = 128, UP_TO (0, 48), .flags = BOTH | (how), \
    .kernel = (crypto), .kernel_trunc = 96 }
#define MODP(name, modulus_bits, bits, how) \
  { KE (name), SAME ((modulus_bits) / 8), .ke_shared = (modulus_bits) / 8, .strength = (bits), .flags = BOTH | (how) }
#define ECP(name, octets, bits) \
  { KE (name), SAME (2 * (octets)), .ke_shared = (octets), .strength = (bits), .flags = BOTH | IKE_ALG_FIPS }
#define KEM(name, public_len, cipher_len, bits) \
  { KE (name), .ke_initiator = (public_len), .ke_responder = (cipher_len), .ke_shared = 32, .strength = (bits), \
    .flags = BOTH | IKE_ALG_FIPS }
/* clang-format on */

static const IkeAlgorithm algorithms[] = {
  GCM (AES_GCM_16, 16),
  GCM (AES_GCM_12, 12),
  GCM (AES_GCM_8, 8),
  { CIPHER (CHACHA20_POLY1305), .key = 32, .salt = 4, .iv = 8, .block = 1, .icv = 16, .strength = 256,
    .flags = IKE_ALG_AEAD | BOTH, .kernel = "rfc7539esp(chacha20,poly1305)", .kernel_trunc = 128 },
  CCM (AES_CCM_16, 16),
  CCM (AES_CCM_12, 12),
  CCM (AES_CCM_8, 8),
  { CIPHER (NULL_AUTH_AES_GMAC), AES_BITS, .salt = 4, .iv = 8, .block = 1, .icv = 16, UP_TO (0, 36),
    .flags = IKE_ALG_AEAD | IKE_ALG_ESP | IKE_ALG_FIPS | IKE_ALG_NO_ENCRYPTION | IKE_ALG_WEAK,
    .kernel = "rfc4543(gcm(aes))", .kernel_trunc = 128 },
  { CIPHER (AES_CBC), AES_BITS, .iv = 16, .block = 16, UP_TO (39, 34), .flags = BOTH | IKE_ALG_FIPS,
    .kernel = "cbc(aes)" },
  { CIPHER (AES_CTR), AES_BITS, .salt = 4, .iv = 8, .block = 1, UP_TO (39, 34), .flags = BOTH | IKE_ALG_FIPS,
    .kernel = "rfc3686(ctr(aes))" },
  { CIPHER (CAMELLIA_CBC), AES_BITS, .iv = 16, .block = 16, UP_TO (39, 34), .flags = BOTH, .kernel = "cbc(camellia)" },
  { CIPHER (3DES), .key = 24, .iv = 8, .block = 8, .strength = 112, UP_TO (26, 22), .flags = BOTH | IKE_ALG_WEAK,
    .kernel = "cbc(des3_ede)" },
  { CIPHER (NULL), .block = 1, .flags = IKE_ALG_ESP | IKE_ALG_FIPS | IKE_ALG_NO_ENCRYPTION | IKE_ALG_WEAK,
    .kernel = "ecb(cipher_null)" },

  HMAC_PRF (HMAC_SHA2_256, 32, 256, IKE_ALG_FIPS),
  HMAC_PRF (HMAC_SHA2_384, 48, 384, IKE_ALG_FIPS),
  HMAC_PRF (HMAC_SHA2_512, 64, 512, IKE_ALG_FIPS),
  HMAC_PRF (HMAC_SHA1, 20, 160, IKE_ALG_FIPS),
  HMAC_PRF (HMAC_MD5, 16, 128, IKE_ALG_WEAK),
  HMAC_PRF (AES128_XCBC, 16, 128, IKE_ALG_FIXED_KEY),
  HMAC_PRF (AES128_CMAC, 16, 128, IKE_ALG_FIXED_KEY | IKE_ALG_FIPS),

  CHECKSUM (HMAC_SHA2_256_128, 32, 32, 16, 256, IKE_ALG_FIPS, "hmac(sha256)"),
  CHECKSUM (HMAC_SHA2_384_192, 48, 48, 24, 384, IKE_ALG_FIPS, "hmac(sha384)"),
  CHECKSUM (HMAC_SHA2_512_256, 64, 64, 32, 512, IKE_ALG_FIPS, "hmac(sha512)"),
  CHECKSUM (HMAC_SHA1_96, 20, 20, 12, 160, IKE_ALG_FIPS, "hmac(sha1)"),
  CHECKSUM (HMAC_MD5_96, 16, 16, 12, 128, IKE_ALG_WEAK, "hmac(md5)"),
  AES_CHECKSUM (AES_XCBC_96, 0, "xcbc(aes)"),
  AES_CHECKSUM (AES_CMAC_96, IKE_ALG_FIPS, "cmac(aes)"),

  { KE (CURVE25519), SAME (32), .ke_shared = 32, .strength = 128, .flags = BOTH },
  ECP (ECP_256, 32, 128),
  ECP (ECP_384, 48, 192),
  ECP (ECP_521, 66, 256),
  MODP (MODP_2048, 2048, 112, IKE_ALG_FIPS),
  MODP (MODP_3072, 3072, 128, IKE_ALG_FIPS),
  MODP (MODP_4096, 4096, 152, IKE_ALG_FIPS),
  MODP (MODP_6144, 6144, 176, IKE_ALG_FIPS),
  MODP (MODP_8192, 8192, 200, IKE_ALG_FIPS),
  KEM (ML_KEM_768, 1184, 1088, 192),
  KEM (ML_KEM_1024, 1568, 1568, 256),
  KEM (ML_KEM_512, 800, 768, 128),
  MODP (MODP_1536, 1536, 90, IKE_ALG_WEAK),
  MODP (MODP_1024, 1024, 80, IKE_ALG_WEAK),
  MODP (MODP_768, 768, 60, IKE_ALG_WEAK),
  MODP (MODP_2048_256, 2048, 112, IKE_ALG_WEAK),
  MODP (MODP_2048_224, 2048, 112, IKE_ALG_WEAK),
  MODP (MODP_1024_160, 1024, 80, IKE_ALG_WEAK),
};

const IkeAlgorithm *
ike_algorithm_find (IkeTransformType type, guint16 id)
{
  for (guint i = 0; i < G_N_ELEMENTS (algorithms); i++)
    if (algorithms[i].type == type && algorithms[i].id == id)
      return &algorithms[i];
  return NULL;
}

const IkeAlgorithm *
ike_algorithm_at (guint index)
{
  return index < G_N_ELEMENTS (algorithms) ? &algorithms[index] : NULL;
}

gboolean
ike_algorithm_key_bits_ok (const IkeAlgorithm *alg, guint16 key_bits)
{
  /* RFC 7296 section 3.3.5: the attribute must be there for ciphers of variable key length, and must not be for
   * others. */
  if (alg->key_bits[0] == 0)
    return key_bits == 0;
  for (guint i = 0; i < G_N_ELEMENTS (alg->key_bits); i++)
    if (key_bits != 0 && alg->key_bits[i] == key_bits)
      return TRUE;
  return FALSE;
}

gsize
ike_algorithm_key_len (const IkeAlgorithm *alg, guint16 key_bits)
{
  return (alg->key_bits[0] != 0 ? key_bits / 8u : alg->key) + alg->salt;
}

guint
ike_esp_overhead (guint16 encr, guint16 integ, gboolean tunnel, gboolean outer_is_ip6, gboolean encap)
{
  const IkeAlgorithm *cipher = ike_algorithm_find (IKE_TRANSFORM_ENCR, encr);
  const IkeAlgorithm *checksum = ike_algorithm_find (IKE_TRANSFORM_INTEG, integ);
  guint octets = 8; /* SPI and sequence number */

  if (tunnel)
    octets += outer_is_ip6 ? 40 : 20;
  if (encap)
    octets += 8;
  if (cipher)
    octets += cipher->iv + 2 + cipher->icv;
  if (checksum)
    octets += checksum->icv;
  return octets;
}

guint
ike_esp_alignment (guint16 encr)
{
  const IkeAlgorithm *cipher = ike_algorithm_find (IKE_TRANSFORM_ENCR, encr);

  return cipher ? MAX (cipher->block, 4u) : 1;
}

void
ike_esp_limits (guint16 encr, guint16 integ, guint64 *ret_octets, guint64 *ret_packets)
{
  const IkeAlgorithm *both[] = { ike_algorithm_find (IKE_TRANSFORM_ENCR, encr),
                                 ike_algorithm_find (IKE_TRANSFORM_INTEG, integ) };
  guint octets = 64, packets = 64;

  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    {
      if (both[i] && both[i]->log_octets)
        octets = MIN (octets, both[i]->log_octets);
      if (both[i] && both[i]->log_packets)
        packets = MIN (packets, both[i]->log_packets);
    }
  *ret_octets = octets < 64 ? G_GUINT64_CONSTANT (1) << octets : 0;
  *ret_packets = packets < 64 ? G_GUINT64_CONSTANT (1) << packets : 0;
}

gsize
ike_hash_len (IkeHashId hash)
{
  switch (hash)
    {
    case IKE_HASH_MD5:
      return 16;
    case IKE_HASH_SHA1:
      return 20;
    case IKE_HASH_SHA2_256:
      return 32;
    case IKE_HASH_SHA2_384:
      return 48;
    case IKE_HASH_SHA2_512:
      return 64;
    case IKE_HASH_IDENTITY:
      return 0;
    }
  return 0;
}
