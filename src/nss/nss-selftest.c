/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known answers (see the header), one row per primitive. Where they come from: FIPS 180-4 and RFC 1321 ("abc"), RFC
 * 2202 and 4231 case 2, RFC 4868 section 2.7.2 case 1, RFC 3566 case 4, RFC 4494 case 3, the GCM specification's case 4
 * and 16, RFC 8439 section 2.8.2, RFC 3602 case 2, RFC 3686 vector 3, SP 800-38A for 3DES, RFC 8031 appendix A; prf+
 * and Camellia-CBC were computed with another library.
 */
#include "nss-selftest.h"

#include "nss-crypto-private.h"

#include "crypto/suites.h"

#include <string.h>

#define MAX_OCTETS 160

typedef enum { HASH, PRF, PRF_PLUS, CHECKSUM, CIPHER, DES, X25519 } Kind;

typedef struct {
  Kind kind;
  guint id;
  guint16 key_bits;
  const char *name;
  const char *key, *iv, *aad, *in; /* hexadecimal; the salt is at the key's end */
  const char *out; /* for AEAD with the tag */
} Row;

#define JEFE "4a656665"
#define NOTHING "7768617420646f2079612077616e7420666f72206e6f7468696e673f"
#define HI_THERE "4869205468657265"
#define TEN_0B "0b0b0b0b0b0b0b0b0b0b"
#define KEY_0B_16 TEN_0B "0b0b0b0b0b0b"
#define KEY_0B_32 KEY_0B_16 KEY_0B_16
#define COUNT_16 "000102030405060708090a0b0c0d0e0f"
#define GCM_IN                                                                                                         \
 "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba6" \
 "37b39"

static const Row rows[] = {
  { HASH, IKE_HASH_SHA1, 0, "SHA-1", NULL, NULL, NULL, "616263", "a9993e364706816aba3e25717850c26c9cd0d89d" },
  { HASH, IKE_HASH_SHA2_256, 0, "SHA-256", NULL, NULL, NULL, "616263",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
  { HASH, IKE_HASH_SHA2_384, 0, "SHA-384", NULL, NULL, NULL, "616263",
    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" },
  { HASH, IKE_HASH_SHA2_512, 0, "SHA-512", NULL, NULL, NULL, "616263",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a"
    "9a"
    "c94fa54ca49f" },
  { HASH, IKE_HASH_MD5, 0, "MD5", NULL, NULL, NULL, "616263", "900150983cd24fb0d6963f7d28e17f72" },
  { PRF, IKE_PRF_HMAC_SHA1, 0, "PRF_HMAC_SHA1", JEFE, NULL, NULL, NOTHING, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
  { PRF, IKE_PRF_HMAC_SHA2_256, 0, "PRF_HMAC_SHA2_256", JEFE, NULL, NULL, NOTHING,
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
  { PRF, IKE_PRF_HMAC_SHA2_384, 0, "PRF_HMAC_SHA2_384", JEFE, NULL, NULL, NOTHING,
    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649" },
  { PRF, IKE_PRF_HMAC_SHA2_512, 0, "PRF_HMAC_SHA2_512", JEFE, NULL, NULL, NOTHING,
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b63"
    "6e"
    "070a38bce737" },
  { PRF, IKE_PRF_HMAC_MD5, 0, "PRF_HMAC_MD5", JEFE, NULL, NULL, NOTHING, "750c783e6ab0b503eaa86e310a5db738" },
  { PRF, IKE_PRF_AES128_XCBC, 0, "PRF_AES128_XCBC", COUNT_16, NULL, NULL, COUNT_16 "10111213",
    "47f51b4564966215b8985c63055ed308" },
  { PRF, IKE_PRF_AES128_CMAC, 0, "PRF_AES128_CMAC", COUNT_16 "edcb", NULL, NULL, COUNT_16 "10111213",
    "84a348a4a45d235babfffc0d2b4da09a" },
  { PRF_PLUS, IKE_PRF_HMAC_SHA2_256, 0, "prf+", COUNT_16 "101112131415161718191a1b1c1d1e1f", NULL, NULL,
    "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f",
    "2cbee05c3c998db24227e94eac0fc0fea401226120ab9c41584e5c2d505d79bd0b775597cb5ca29d15f95aab79926e1f69e2a4b0d0352a5b55"
    "30"
    "14973322fab93d744776eee7369906925545f8a7a3d7ec2c89f151442f3842d49ecbf3661789ceff7756" },
  { CHECKSUM, IKE_INTEG_HMAC_SHA2_256_128, 0, "HMAC_SHA2_256_128", KEY_0B_32, NULL, NULL, HI_THERE,
    "198a607eb44bfbc69903a0f1cf2bbdc5" },
  { CHECKSUM, IKE_INTEG_HMAC_SHA2_384_192, 0, "HMAC_SHA2_384_192", KEY_0B_32 KEY_0B_16, NULL, NULL, HI_THERE,
    "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee973" },
  { CHECKSUM, IKE_INTEG_HMAC_SHA2_512_256, 0, "HMAC_SHA2_512_256", KEY_0B_32 KEY_0B_32, NULL, NULL, HI_THERE,
    "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8" },
  { CHECKSUM, IKE_INTEG_HMAC_SHA1_96, 0, "HMAC_SHA1_96", TEN_0B TEN_0B, NULL, NULL, HI_THERE,
    "b617318655057264e28bc0b6" },
  { CHECKSUM, IKE_INTEG_HMAC_MD5_96, 0, "HMAC_MD5_96", KEY_0B_16, NULL, NULL, HI_THERE, "9294727a3638bb1c13f48ef8" },
  { CHECKSUM, IKE_INTEG_AES_XCBC_96, 0, "AES_XCBC_96", COUNT_16, NULL, NULL, COUNT_16 "10111213",
    "47f51b4564966215b8985c63" },
  { CHECKSUM, IKE_INTEG_AES_CMAC_96, 0, "AES_CMAC_96", "2b7e151628aed2a6abf7158809cf4f3c", NULL, NULL,
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411", "dfa66747de9ae63030ca3261" },
  { CIPHER, IKE_ENCR_AES_GCM_16, 128, "AES_GCM_16_128", "feffe9928665731c6d6a8f9467308308cafebabe", "facedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2", GCM_IN,
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d"
    "58e0"
    "915bc94fbc3221a5db94fae95ae7121a47" },
  { CIPHER, IKE_ENCR_AES_GCM_16, 256, "AES_GCM_16_256",
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308cafebabe", "facedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2", GCM_IN,
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abc"
    "c9f6"
    "6276fc6ece0f4e1768cddf8853bb2d551b" },
  { CIPHER, IKE_ENCR_CHACHA20_POLY1305, 0, "CHACHA20_POLY1305",
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f07000000", "4041424344454647",
    "50515253c0c1c2c3c4c5c6c7",
    "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64206f666665"
    "72"
    "20796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c642062652069742e",
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905"
    "d6"
    "a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116"
    "1ae10b594f09e26a7e902ecbd0600691" },
  { CIPHER, IKE_ENCR_AES_CBC, 128, "AES_CBC_128", "c286696d887c9aa0611bbb3e2025a45a",
    "562e17996d093d28ddb3ba695a2e6f58", NULL, COUNT_16 "101112131415161718191a1b1c1d1e1f",
    "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1" },
  { CIPHER, IKE_ENCR_AES_CTR, 128, "AES_CTR_128", "7691be035e5020a8ac6e618529f9a0dc00e0017b", "27777f3f4a1786f0", NULL,
    COUNT_16 "101112131415161718191a1b1c1d1e1f20212223",
    "c1cf48a89f2ffdd9cf4652e9efdb72d74540a42bde6d7836d59a5ceaaef3105325b2072f" },
  { CIPHER, IKE_ENCR_CAMELLIA_CBC, 256, "CAMELLIA_CBC_256", COUNT_16 "101112131415161718191a1b1c1d1e1f", COUNT_16, NULL,
    "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
    "ba17413cc1e4f0e5d31fd063817d54b8d179b64491a88b900b3feb19fb8284d9" },
  { CIPHER, IKE_ENCR_3DES, 0, "3DES", "0123456789abcdef23456789abcdef01456789abcdef0123", "f69f2445df4f9b17", NULL,
    "6bc1bee22e409f96e93d7e117393172a", "2079c3d53aa763e193b79e2569ab5262" },
  { DES, 0, 0, "DES", "0123456789abcdef", NULL, NULL, "4e6f772069732074", "3fa40e8a984d4815" },
  { X25519, IKE_KE_CURVE25519, 0, "CURVE25519", "751fb4308655b476b6789b7325f9ea8cddd16a58533ff6d9e60009464a5f9d94",
    NULL, "48d5ddd4061257ba166fa3f9bbdb74f1a4e81c089384fa77f790709f0dfbc766",
    "0be7c1f5aad87d7e448662673298a443478b859745179eaf564c79c0ef6eee25",
    "c74950607a12327f3204d94b6825bfb068b7f8319a9e3708ed3d43ce8130c950" },
};

static IkeChunk
from_hex (const char *hex, guint8 *out)
{
  gsize n = 0;

  for (; hex && *hex; hex++)
    {
      g_assert (n / 2 < MAX_OCTETS);
      out[n / 2] = (guint8) (n % 2 == 0 ? g_ascii_xdigit_value (*hex) << 4 : out[n / 2] | g_ascii_xdigit_value (*hex));
      n++;
    }
  return ike_chunk (out, n / 2);
}

typedef struct {
  guint8 octets[5][MAX_OCTETS];
  IkeChunk key, iv, aad, in, out;
} Vector;

static void
vector_init (Vector *vector, const Row *row)
{
  vector->key = from_hex (row->key, vector->octets[0]);
  vector->iv = from_hex (row->iv, vector->octets[1]);
  vector->aad = from_hex (row->aad, vector->octets[2]);
  vector->in = from_hex (row->in, vector->octets[3]);
  vector->out = from_hex (row->out, vector->octets[4]);
}

static gboolean
cipher_right (const IkeCrypto *crypto, const Row *row, const Vector *v)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_ENCR, (guint16) row->id);
  gboolean is_aead = (alg->flags & IKE_ALG_AEAD) != 0;
  const IkeChunk *aad = is_aead ? &v->aad : NULL;
  guint8 text[MAX_OCTETS], tag[16];
  guint16 id = (guint16) row->id;

  if (v->in.len + alg->icv != v->out.len)
    return FALSE;
  if (!crypto->seal (crypto, id, v->key.data, v->key.len, v->iv.data, aad, v->in.data, v->in.len, text,
                     is_aead ? tag : NULL) ||
      memcmp (text, v->out.data, v->in.len) != 0 || (is_aead && memcmp (tag, v->out.data + v->in.len, alg->icv) != 0))
    return FALSE;
  if (!crypto->open (crypto, id, v->key.data, v->key.len, v->iv.data, aad, text, v->in.len, text,
                     is_aead ? tag : NULL) ||
      memcmp (text, v->in.data, v->in.len) != 0)
    return FALSE;
  tag[0] ^= 1;
  return !is_aead ||
         !crypto->open (crypto, id, v->key.data, v->key.len, v->iv.data, aad, v->out.data, v->in.len, text, tag);
}

static gboolean
x25519_right (const IkeCrypto *crypto, const Row *row, const Vector *v)
{
  g_autoptr (GBytes) peer = ike_chunk_dup (v->in);
  g_autoptr (GBytes) ours = NULL;
  g_autoptr (IkeSecret) shared = NULL;
  IkeKeKey *key;

  if (!nss_ke_import ((guint16) row->id, v->key, ike_chunk (NULL, 0), &key, &ours))
    return FALSE;
  shared = crypto->ke_finish (crypto, key, peer);
  crypto->ke_free (crypto, key);
  return ours && ike_chunk_equal (ike_chunk_bytes (ours), v->aad) &&
         ike_chunk_equal (ike_secret_chunk (shared), v->out);
}

static gboolean
present (const IkeCrypto *crypto, const Row *row)
{
  static const guint8 type[] = { 0, IKE_TRANSFORM_PRF, IKE_TRANSFORM_PRF, IKE_TRANSFORM_INTEG, IKE_TRANSFORM_ENCR,
                                 0, IKE_TRANSFORM_KE };

  return type[row->kind] == 0 || crypto->supports (crypto, type[row->kind], (guint16) row->id, row->key_bits);
}

static gboolean
right (const IkeCrypto *crypto, const Row *row)
{
  guint8 out[MAX_OCTETS] = { 0 };
  gboolean ok = FALSE;
  Vector v;

  vector_init (&v, row);
  switch (row->kind)
    {
    case HASH:
      ok = crypto->hash (crypto, row->id, &v.in, 1, out);
      break;
    case PRF:
      ok = crypto->prf (crypto, (guint16) row->id, v.key.data, v.key.len, &v.in, 1, out);
      break;
    case PRF_PLUS:
      ok = crypto->prf_plus (crypto, (guint16) row->id, v.key.data, v.key.len, &v.in, 1, out, v.out.len);
      break;
    case CHECKSUM:
      ok = crypto->integ (crypto, (guint16) row->id, v.key.data, v.key.len, &v.in, 1, out);
      break;
    case CIPHER:
      return cipher_right (crypto, row, &v);
    case DES:
      ok = crypto->des_block (crypto, v.key.data, v.in.data, out);
      break;
    case X25519:
      return x25519_right (crypto, row, &v);
    }
  return ok && memcmp (out, v.out.data, v.out.len) == 0;
}

const char *
nss_selftest_row (const IkeCrypto *crypto, guint index, NssSelftestResult *ret)
{
  if (index >= G_N_ELEMENTS (rows))
    return NULL;
  if (!present (crypto, &rows[index]))
    *ret = NSS_SELFTEST_ABSENT;
  else
    *ret = right (crypto, &rows[index]) ? NSS_SELFTEST_PASSED : NSS_SELFTEST_FAILED;
  return rows[index].name;
}

gboolean
nss_selftest_run (const IkeCrypto *crypto, GError **error)
{
  NssSelftestResult result;
  const char *name;

  for (guint i = 0; (name = nss_selftest_row (crypto, i, &result)); i++)
    if (result == NSS_SELFTEST_FAILED)
      {
        g_set_error (error, NSS_CRYPTO_ERROR, NSS_CRYPTO_ERROR_SELFTEST,
                     "The NSS library does not compute %s correctly; it cannot be used.", name);
        return FALSE;
      }
  return TRUE;
}
