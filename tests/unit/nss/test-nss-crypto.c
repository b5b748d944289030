/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The NSS provider against published vectors: hashes, PRFs, checksums, ciphers; wrong use; many threads. */
#include "crypto-test.h"
#include "crypto/suites.h"
#include "nss-selftest.h"

typedef struct {
  guint16 id;
  const char *key, *data, *out;
} MacRow;

static const MacRow prf_rows[] = {
  /* RFC 2202 */
  { IKE_PRF_HMAC_MD5, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265", "9294727a3638bb1c13f48ef8158bfc9d" },
  { IKE_PRF_HMAC_MD5, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
    "750c783e6ab0b503eaa86e310a5db738" },
  { IKE_PRF_HMAC_SHA1, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
    "b617318655057264e28bc0b6fb378c8ef146be00" },
  { IKE_PRF_HMAC_SHA1, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
    "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
  /* RFC 4231 cases 1, 2 */
  { IKE_PRF_HMAC_SHA2_256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
  { IKE_PRF_HMAC_SHA2_384, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
    "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6" },
  { IKE_PRF_HMAC_SHA2_512, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
    "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f170"
    "2e696c203a126854" },
  { IKE_PRF_HMAC_SHA2_256, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
  /* RFC 4434 section 2.1: keys of 16, 10 and 18 octets */
  { IKE_PRF_AES128_XCBC, "000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f10111213",
    "47f51b4564966215b8985c63055ed308" },
  { IKE_PRF_AES128_XCBC, "00010203040506070809", "000102030405060708090a0b0c0d0e0f10111213",
    "0fa087af7d866e7653434e602fdde835" },
  { IKE_PRF_AES128_XCBC, "000102030405060708090a0b0c0d0e0fedcb", "000102030405060708090a0b0c0d0e0f10111213",
    "8cd3c93ae598a9803006ffb67c40e9e4" },
  /* RFC 4615 section 4: keys of 18, 16 and 10 octets */
  { IKE_PRF_AES128_CMAC, "000102030405060708090a0b0c0d0e0fedcb", "000102030405060708090a0b0c0d0e0f10111213",
    "84a348a4a45d235babfffc0d2b4da09a" },
  { IKE_PRF_AES128_CMAC, "000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f10111213",
    "980ae87b5f4c9c5214f5b6a8455e4c2d" },
  { IKE_PRF_AES128_CMAC, "00010203040506070809", "000102030405060708090a0b0c0d0e0f10111213",
    "290d9e112edb09ee141fcf64c0b72f3d" },
};

/* One call with the data whole, and one with it in three parts, one of them empty. */
static void
test_prf (void)
{
  const IkeCrypto *crypto = test_crypto ();

  for (guint i = 0; i < G_N_ELEMENTS (prf_rows); i++)
    {
      g_autoptr (GBytes) key = test_hex (prf_rows[i].key), data = test_hex (prf_rows[i].data);
      IkeChunk k = ike_chunk_bytes (key), d = ike_chunk_bytes (data);
      IkeChunk parts[] = { ike_chunk (d.data, 3), ike_chunk (NULL, 0), ike_chunk (d.data + 3, d.len - 3) };
      gsize len = ike_algorithm_find (IKE_TRANSFORM_PRF, prf_rows[i].id)->output;
      guint8 out[64];

      g_assert_true (crypto->prf (crypto, prf_rows[i].id, k.data, k.len, &d, 1, out));
      test_assert_hex (out, len, prf_rows[i].out);
      memset (out, 0, sizeof out);
      g_assert_true (crypto->prf (crypto, prf_rows[i].id, k.data, k.len, parts, 3, out));
      test_assert_hex (out, len, prf_rows[i].out);
    }
}

/* RFC 4231 cases 6 and 7: keys longer than a block. */
static void
test_prf_long_key (void)
{
  const IkeCrypto *crypto = test_crypto ();
  static const char data[] = "Test Using Larger Than Block-Size Key - Hash Key First";
  IkeChunk d = ike_chunk (data, sizeof data - 1);
  guint8 key[131], out[64];

  memset (key, 0xaa, sizeof key);
  g_assert_true (crypto->prf (crypto, IKE_PRF_HMAC_SHA2_256, key, sizeof key, &d, 1, out));
  test_assert_hex (out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  g_assert_true (crypto->prf (crypto, IKE_PRF_HMAC_SHA2_384, key, sizeof key, &d, 1, out));
  test_assert_hex (out, 48,
                   "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952");
}

static const MacRow integ_rows[] = {
  /* RFC 4868 section 2.7.2, cases 2 and 3 */
  { IKE_INTEG_HMAC_SHA2_256_128, "4a6566654a6566654a6566654a6566654a6566654a6566654a6566654a656665",
    "7768617420646f2079612077616e7420666f72206e6f7468696e673f", "167f928588c5cc2eef8e3093caa0e87c" },
  { IKE_INTEG_HMAC_SHA2_384_192,
    "4a6566654a6566654a6566654a6566654a6566654a6566654a6566654a6566654a6566654a6566654a6566654a656665",
    "7768617420646f2079612077616e7420666f72206e6f7468696e673f", "2c7353974f1842fd66d53c452ca42122b28c0b594cfb184d" },
  { IKE_INTEG_HMAC_SHA2_512_256,
    "4a6566654a6566654a6566654a6566654a6566654a6566654a6566654a6566654a6566654a6566654a6566654a6566654a6566654a656665"
    "4a6566654a656665",
    "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
    "cb370917ae8a7ce28cfd1d8f4705d6141c173b2a9362c15df235dfb251b15454" },
  /* RFC 2202 */
  { IKE_INTEG_HMAC_SHA1_96, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
    "b617318655057264e28bc0b6" },
  { IKE_INTEG_HMAC_MD5_96, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265", "9294727a3638bb1c13f48ef8" },
  /* RFC 3566 section 4.6, cases 1 to 6 */
  { IKE_INTEG_AES_XCBC_96, "000102030405060708090a0b0c0d0e0f", "", "75f0251d528ac01c4573dfd5" },
  { IKE_INTEG_AES_XCBC_96, "000102030405060708090a0b0c0d0e0f", "000102", "5b376580ae2f19afe7219cee" },
  { IKE_INTEG_AES_XCBC_96, "000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f",
    "d2a246fa349b68a79998a439" },
  { IKE_INTEG_AES_XCBC_96, "000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f10111213",
    "47f51b4564966215b8985c63" },
  { IKE_INTEG_AES_XCBC_96, "000102030405060708090a0b0c0d0e0f",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "f54f0ec8d2b9f3d36807734b" },
  { IKE_INTEG_AES_XCBC_96, "000102030405060708090a0b0c0d0e0f",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021", "becbb3bccdb518a30677d548" },
  /* RFC 4494 section 5 */
  { IKE_INTEG_AES_CMAC_96, "2b7e151628aed2a6abf7158809cf4f3c", "", "bb1d6929e95937287fa37d12" },
  { IKE_INTEG_AES_CMAC_96, "2b7e151628aed2a6abf7158809cf4f3c", "6bc1bee22e409f96e93d7e117393172a",
    "070a16b46b4d4144f79bdd9d" },
  { IKE_INTEG_AES_CMAC_96, "2b7e151628aed2a6abf7158809cf4f3c",
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411", "dfa66747de9ae63030ca3261" },
  { IKE_INTEG_AES_CMAC_96, "2b7e151628aed2a6abf7158809cf4f3c",
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52ef"
    "f69f2445df4f9b17ad2b417be66c3710",
    "51f0bebf7e3b9d92fc497417" },
};

static void
test_integ (void)
{
  const IkeCrypto *crypto = test_crypto ();

  for (guint i = 0; i < G_N_ELEMENTS (integ_rows); i++)
    {
      g_autoptr (GBytes) key = test_hex (integ_rows[i].key), data = test_hex (integ_rows[i].data);
      IkeChunk k = ike_chunk_bytes (key), d = ike_chunk_bytes (data);
      gsize len = ike_algorithm_find (IKE_TRANSFORM_INTEG, integ_rows[i].id)->icv;
      guint8 out[64];

      memset (out, 0xee, sizeof out);
      g_assert_true (crypto->integ (crypto, integ_rows[i].id, k.data, k.len, &d, 1, out));
      test_assert_hex (out, len, integ_rows[i].out);
      g_assert_cmpuint (out[len], ==, 0xee); /* nothing beyond the truncation */
      /* A key of another length than the transform's is a bug somewhere: no checksum from it. */
      g_assert_false (crypto->integ (crypto, integ_rows[i].id, k.data, k.len - 1, &d, 1, out));
    }
}

static void
test_xcbc_1000 (void)
{
  const IkeCrypto *crypto = test_crypto ();
  g_autoptr (GBytes) key = test_hex ("000102030405060708090a0b0c0d0e0f");
  guint8 zeros[1000] = { 0 }, out[12];
  IkeChunk d = ike_chunk (zeros, sizeof zeros);

  g_assert_true (crypto->integ (crypto, IKE_INTEG_AES_XCBC_96, g_bytes_get_data (key, NULL), 16, &d, 1, out));
  test_assert_hex (out, 12, "f0dafee895db30253761103b"); /* RFC 3566 case 7 */
}

static void
test_hash (void)
{
  const IkeCrypto *crypto = test_crypto ();
  IkeChunk parts[] = { ike_chunk ("a", 1), ike_chunk (NULL, 0), ike_chunk ("bc", 2) };
  guint8 out[64];

  g_assert_true (crypto->hash (crypto, IKE_HASH_MD5, parts, 3, out));
  test_assert_hex (out, 16, "900150983cd24fb0d6963f7d28e17f72");
  g_assert_true (crypto->hash (crypto, IKE_HASH_SHA1, parts, 3, out));
  test_assert_hex (out, 20, "a9993e364706816aba3e25717850c26c9cd0d89d");
  g_assert_true (crypto->hash (crypto, IKE_HASH_SHA2_384, parts, 3, out));
  test_assert_hex (out, 48,
                   "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  g_assert_true (crypto->hash (crypto, IKE_HASH_SHA2_256, NULL, 0, out));
  test_assert_hex (out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  g_assert_false (crypto->hash (crypto, IKE_HASH_IDENTITY, parts, 3, out));
  g_assert_false (crypto->hash (crypto, 99, parts, 3, out));
}

/* The definition of RFC 7296 section 2.13 with the provider's own prf, at every length around the block limits. */
static void
test_prf_plus_definition (void)
{
  const IkeCrypto *crypto = test_crypto ();
  static const guint8 key[40] = { 1, 2, 3 };
  IkeChunk seed[] = { ike_chunk ("some", 4), ike_chunk ("seed", 4) };

  for (guint16 prf = 1; prf <= 8; prf++)
    {
      const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_PRF, prf);
      guint8 want[64 * 5], t[64], n;
      gsize lens[] = { 1, 15, 16, 17, 32, 63, 64, 65, 200 };

      if (!alg)
        continue;
      for (n = 1; n <= 200 / alg->output + 1 && n * alg->output <= sizeof want; n++)
        {
          IkeChunk parts[] = { ike_chunk (t, n == 1 ? 0 : alg->output), seed[0], seed[1], ike_chunk (&n, 1) };
          guint8 next[64];

          g_assert_true (crypto->prf (crypto, prf, key, sizeof key, parts, 4, next));
          memcpy (t, next, alg->output);
          memcpy (want + (n - 1) * alg->output, t, alg->output);
        }
      for (guint i = 0; i < G_N_ELEMENTS (lens); i++)
        {
          guint8 out[201];

          memset (out, 0xee, sizeof out);
          g_assert_true (crypto->prf_plus (crypto, prf, key, sizeof key, seed, 2, out, lens[i]));
          g_assert_cmpmem (out, lens[i], want, lens[i]);
          g_assert_cmpuint (out[lens[i]], ==, 0xee);
        }
    }
}

/* prf+ (00 01 ... 27, "seed") of 300 octets, computed with another implementation: beginning and end. */
static void
test_prf_plus_vectors (void)
{
  static const struct {
    guint16 prf;
    const char *head, *tail;
  } rows[] = {
    { IKE_PRF_HMAC_SHA1, "7d67a35778d1a7e92eb37ad9556fc7d1713a053d5a16887f", "b6ce128cc8c34987590321d8071fe085" },
    { IKE_PRF_HMAC_SHA2_256, "cea3887de23e5f6f17bcb04c19d83f1b5558cdc13a31abd3", "e66b9f3da514ec587b5cf0f4680d9114" },
    { IKE_PRF_HMAC_SHA2_384, "b49adcf8af6eabed99f2aa391fdde0da95e5a9da718d2bc2", "882be50ebbde7252003e8792ef8ce995" },
    { IKE_PRF_AES128_XCBC, "c33fc779678f670929d63fdd69dec2b40178e5bd6a85813a", "f6c3b33ccc9eafcd44a9837dc91c5703" },
    { IKE_PRF_AES128_CMAC, "f6d5b431d62c1e45f0c876179ffec83d7c8efb85566d2854", "c660749571356f2e8cd3af19eb9e2835" },
  };
  const IkeCrypto *crypto = test_crypto ();
  IkeChunk seed = ike_chunk ("seed", 4);
  guint8 key[40], out[300];

  for (guint i = 0; i < sizeof key; i++)
    key[i] = (guint8) i;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_true (crypto->prf_plus (crypto, rows[i].prf, key, sizeof key, &seed, 1, out, sizeof out));
      test_assert_hex (out, 24, rows[i].head);
      test_assert_hex (out + 284, 16, rows[i].tail);
    }
}

static void
test_prf_plus_limit (void)
{
  const IkeCrypto *crypto = test_crypto ();
  g_autofree guint8 *out = g_malloc (255 * 16 + 1);
  IkeChunk seed = ike_chunk ("x", 1);

  g_assert_true (crypto->prf_plus (crypto, IKE_PRF_AES128_CMAC, out, 16, &seed, 1, out, 255 * 16));
  g_assert_false (crypto->prf_plus (crypto, IKE_PRF_AES128_CMAC, out, 16, &seed, 1, out, 255 * 16 + 1));
}

typedef struct {
  guint16 id;
  const char *key, *iv, *aad, *in, *out;
} CipherRow;

static const CipherRow cipher_rows[] = {
  /* the GCM specification, cases 4 and 16, whose 12-octet IV is our salt and IV */
  { IKE_ENCR_AES_GCM_16, "feffe9928665731c6d6a8f9467308308cafebabe", "facedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
    "ba637b39",
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac97"
    "3d58e0915bc94fbc3221a5db94fae95ae7121a47" },
  { IKE_ENCR_AES_GCM_12, "feffe9928665731c6d6a8f9467308308cafebabe", "facedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
    "ba637b39",
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac97"
    "3d58e0915bc94fbc3221a5db94fae95a" },
  { IKE_ENCR_AES_GCM_8, "feffe9928665731c6d6a8f9467308308cafebabe", "facedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
    "ba637b39",
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac97"
    "3d58e0915bc94fbc3221a5db" },
  { IKE_ENCR_AES_GCM_16, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308cafebabe", "facedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
    "ba637b39",
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
    "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b" },
  /* RFC 8439 section 2.8.2 */
  { IKE_ENCR_CHACHA20_POLY1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f07000000",
    "4041424344454647", "50515253c0c1c2c3c4c5c6c7",
    "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64206f66"
    "66657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c642062"
    "652069742e",
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e06"
    "0b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d265"
    "86cec64b61161ae10b594f09e26a7e902ecbd0600691" },
  /* RFC 3602 section 4, cases 1, 3, 4 */
  { IKE_ENCR_AES_CBC, "06a9214036b8a15b512e03d534120006", "3dafba429d9eb430b422da802c9fac41", NULL,
    "53696e676c6520626c6f636b206d7367", "e353779c1079aeb82708942dbe77181a" },
  { IKE_ENCR_AES_CBC, "6c3ea0477630ce21a2ce334aa746c2cd", "c782dc4c098c66cbd9cd27d825682c81", NULL,
    "5468697320697320612034382d62797465206d657373616765202865786163746c7920332041455320626c6f636b7329",
    "d0a02b3836451753d493665d33f0e8862dea54cdb293abc7506939276772f8d5021c19216bad525c8579695d83ba2684" },
  /* RFC 3686 section 6, vectors 1, 4, 6, 9 */
  { IKE_ENCR_AES_CTR, "ae6852f8121067cc4bf7a5765577f39e00000030", "0000000000000000", NULL,
    "53696e676c6520626c6f636b206d7367", "e4095d4fb7a7b3792d6175a3261311b8" },
  { IKE_ENCR_AES_CTR, "16af5b145fc9f579c175f93e3bfb0eed863d06ccfdb7851500000048", "36733c147d6d93cb", NULL,
    "53696e676c6520626c6f636b206d7367", "4b55384fe259c9c84e7935a003cbe928" },
  { IKE_ENCR_AES_CTR, "02bf391ee8ecb159b959617b0965279bf59b60a786d3e0fe0007bdfd", "5cbd60278dcc0912", NULL,
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223",
    "96893fc55e5c722f540b7dd1ddf7e758d288bc95c69165884536c811662f2188abee0935" },
  { IKE_ENCR_AES_CTR, "ff7a617ce69148e4f1726e2f43581de2aa62d9f805532edff1eed687fb54153d001cc5b7", "51a51d70a1c11148",
    NULL, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223",
    "eb6c52821d0bbbf7ce7594462aca4faab407df866569fd07f48cc0b583d6071f1ec0e6b8" },
  /* computed with another library; NIST SP 800-67's key */
  { IKE_ENCR_CAMELLIA_CBC, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "000102030405060708090a0b0c0d0e0f", NULL, "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
    "ba17413cc1e4f0e5d31fd063817d54b8d179b64491a88b900b3feb19fb8284d9" },
  { IKE_ENCR_3DES, "0123456789abcdef23456789abcdef01456789abcdef0123", "f69f2445df4f9b17", NULL,
    "6bc1bee22e409f96e93d7e117393172a", "2079c3d53aa763e193b79e2569ab5262" },
};

static void
cipher_row (const IkeCrypto *crypto, const CipherRow *row, gboolean in_place)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_ENCR, row->id);
  g_autoptr (GBytes) key = test_hex (row->key), iv = test_hex (row->iv), aad = test_hex (row->aad);
  g_autoptr (GBytes) in = test_hex (row->in), out = test_hex (row->out);
  IkeChunk k = ike_chunk_bytes (key), i = ike_chunk_bytes (iv), a = ike_chunk_bytes (aad), p = ike_chunk_bytes (in);
  IkeChunk c = ike_chunk_bytes (out);
  gboolean aead = (alg->flags & IKE_ALG_AEAD) != 0;
  guint8 text[256], other[256], tag[16];
  guint8 *to = in_place ? text : other;

  memcpy (text, p.data, p.len);
  g_assert_true (
      crypto->seal (crypto, row->id, k.data, k.len, i.data, aead ? &a : NULL, text, p.len, to, aead ? tag : NULL));
  g_assert_cmpmem (to, p.len, c.data, p.len);
  if (aead)
    g_assert_cmpmem (tag, alg->icv, c.data + p.len, alg->icv);
  memcpy (text, to, p.len);
  g_assert_true (
      crypto->open (crypto, row->id, k.data, k.len, i.data, aead ? &a : NULL, text, p.len, to, aead ? tag : NULL));
  g_assert_cmpmem (to, p.len, p.data, p.len);

  /* Keys of other lengths are refused. */
  g_assert_false (crypto->seal (crypto, row->id, k.data, k.len - 1, i.data, aead ? &a : NULL, p.data, p.len, to, tag));
  g_assert_false (crypto->open (crypto, row->id, k.data, 0, i.data, aead ? &a : NULL, p.data, p.len, to, tag));
}

static void
test_ciphers (void)
{
  const IkeCrypto *crypto = test_crypto ();

  for (guint i = 0; i < G_N_ELEMENTS (cipher_rows); i++)
    {
      cipher_row (crypto, &cipher_rows[i], FALSE);
      cipher_row (crypto, &cipher_rows[i], TRUE);
    }
}

/* Every bit of ciphertext, tag, IV and associated data counts. */
static void
test_aead_forgery (void)
{
  static const guint16 ids[] = { IKE_ENCR_AES_GCM_16, IKE_ENCR_AES_GCM_12, IKE_ENCR_AES_GCM_8,
                                 IKE_ENCR_CHACHA20_POLY1305 };
  const IkeCrypto *crypto = test_crypto ();

  for (guint n = 0; n < G_N_ELEMENTS (ids); n++)
    {
      const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_ENCR, ids[n]);
      guint8 key[36] = { 7 }, all[8 + 28 + 20 + 16], out[20];
      guint8 *iv = all, *aad_data = all + 8, *text = all + 36, *tag = all + 56;
      IkeChunk aad = ike_chunk (aad_data, 28);

      memset (all, 3, sizeof all);
      g_assert_true (crypto->seal (crypto, ids[n], key, sizeof key, iv, &aad, text, 20, text, tag));
      g_assert_true (crypto->open (crypto, ids[n], key, sizeof key, iv, &aad, text, 20, out, tag));
      for (guint bit = 0; bit < 8 * (56u + alg->icv); bit++)
        {
          all[bit / 8] ^= (guint8) (1 << bit % 8);
          g_assert_false (crypto->open (crypto, ids[n], key, sizeof key, iv, &aad, text, 20, out, tag));
          all[bit / 8] ^= (guint8) (1 << bit % 8);
        }
      aad.len--;
      g_assert_false (crypto->open (crypto, ids[n], key, sizeof key, iv, &aad, text, 20, out, tag));
    }
}

static void
test_block_alignment (void)
{
  const IkeCrypto *crypto = test_crypto ();
  guint8 key[32] = { 1 }, iv[16] = { 2 }, text[48] = { 3 };

  g_assert_false (crypto->seal (crypto, IKE_ENCR_AES_CBC, key, 32, iv, NULL, text, 15, text, NULL));
  g_assert_false (crypto->open (crypto, IKE_ENCR_AES_CBC, key, 32, iv, NULL, text, 33, text, NULL));
  g_assert_false (crypto->open (crypto, IKE_ENCR_3DES, key, 24, iv, NULL, text, 12, text, NULL));
  g_assert_false (crypto->open (crypto, IKE_ENCR_NULL, key, 0, iv, NULL, text, 16, text, NULL));
  g_assert_false (crypto->seal (crypto, 999, key, 16, iv, NULL, text, 16, text, NULL));
  g_assert_false (crypto->seal (crypto, IKE_ENCR_AES_GCM_16, key, 20, iv, NULL, text, 16, text, NULL));
}

static void
test_des (void)
{
  const IkeCrypto *crypto = test_crypto ();
  g_autoptr (GBytes) key = test_hex ("0123456789abcdef"), in = test_hex ("4e6f772069732074");
  guint8 out[8];

  g_assert_true (crypto->des_block (crypto, g_bytes_get_data (key, NULL), g_bytes_get_data (in, NULL), out));
  test_assert_hex (out, 8, "3fa40e8a984d4815");
}

static void
test_random (void)
{
  const IkeCrypto *crypto = test_crypto ();
  guint8 a[64] = { 0 }, b[64] = { 0 };

  g_assert_true (crypto->random (crypto, a, sizeof a));
  g_assert_true (crypto->random (crypto, b, sizeof b));
  g_assert_cmpint (memcmp (a, b, sizeof a), !=, 0);
}

static void
test_supports (void)
{
  const IkeCrypto *crypto = test_crypto ();

  g_assert_true (crypto->supports (crypto, IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 256));
  g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 0));
  g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 512));
  g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_ENCR, IKE_ENCR_AES_CCM_16, 128)); /* the kernel only */
  g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_ENCR, IKE_ENCR_NULL, 0));
  g_assert_true (crypto->supports (crypto, IKE_TRANSFORM_ENCR, IKE_ENCR_CHACHA20_POLY1305, 0));
  g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_ENCR, IKE_ENCR_CHACHA20_POLY1305, 256));
  g_assert_true (crypto->supports (crypto, IKE_TRANSFORM_PRF, IKE_PRF_AES128_CMAC, 0));
  g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_PRF, IKE_PRF_HMAC_TIGER, 0));
  g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_INTEG, IKE_INTEG_NONE, 0));
  g_assert_true (crypto->supports (crypto, IKE_TRANSFORM_KE, IKE_KE_CURVE25519, 0));
  g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_KE, IKE_KE_CURVE448, 0));
  g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_KE, IKE_KE_NONE, 0));
  g_assert_false (crypto->supports (crypto, IKE_TRANSFORM_ESN, IKE_ESN_YES, 0));
}

/* ---- the self-test ---- */

static void
test_selftest (void)
{
  const IkeCrypto *crypto = test_crypto ();
  NssSelftestResult result;
  guint n = 0;

  for (; nss_selftest_row (crypto, n, &result); n++)
    g_assert_cmpint (result, ==, NSS_SELFTEST_PASSED);
  g_assert_cmpuint (n, >, 20);
}

static gboolean
broken_prf (const IkeCrypto *self, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts, guint n_parts,
            guint8 *out)
{
  const IkeCrypto *good = self->data;
  gboolean ok = good->prf (good, prf, key, key_len, parts, n_parts, out);

  if (prf == IKE_PRF_HMAC_SHA2_384)
    out[47] ^= 1;
  return ok;
}

static gboolean
gullible_open (const IkeCrypto *self, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv,
               const IkeChunk *aad, const guint8 *in, gsize len, guint8 *out, const guint8 *tag)
{
  const IkeCrypto *good = self->data;

  good->open (good, encr, key, key_len, iv, aad, in, len, out, tag);
  return TRUE;
}

static void
test_selftest_fails (void)
{
  IkeCrypto bad = *test_crypto ();
  g_autoptr (GError) error = NULL;

  bad.data = (gpointer) test_crypto ();
  bad.prf = broken_prf;
  g_assert_false (nss_selftest_run (&bad, &error));
  g_assert_error (error, NSS_CRYPTO_ERROR, NSS_CRYPTO_ERROR_SELFTEST);
  g_assert_nonnull (strstr (error->message, "PRF_HMAC_SHA2_384"));
  g_clear_error (&error);
  bad.prf = test_crypto ()->prf;
  bad.open = gullible_open;
  g_assert_false (nss_selftest_run (&bad, &error));
  g_assert_error (error, NSS_CRYPTO_ERROR, NSS_CRYPTO_ERROR_SELFTEST);
}

static gpointer
hammer (gpointer data)
{
  const IkeCrypto *crypto = test_crypto ();

  for (guint i = 0; i < 30; i++)
    if (!nss_selftest_run (crypto, NULL))
      return GINT_TO_POINTER (1);
  return NULL;
}

static void
test_threads (void)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("hammer", hammer, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_null (g_thread_join (threads[i]));
}

int
main (int argc, char **argv)
{
  int rv;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nss-crypto/prf-vectors", test_prf);
  g_test_add_func ("/nss-crypto/prf-with-key-longer-than-block", test_prf_long_key);
  g_test_add_func ("/nss-crypto/checksum-vectors", test_integ);
  g_test_add_func ("/nss-crypto/xcbc-of-1000-octets", test_xcbc_1000);
  g_test_add_func ("/nss-crypto/hashes", test_hash);
  g_test_add_func ("/nss-crypto/prf-plus-is-as-defined", test_prf_plus_definition);
  g_test_add_func ("/nss-crypto/prf-plus-vectors", test_prf_plus_vectors);
  g_test_add_func ("/nss-crypto/prf-plus-limit", test_prf_plus_limit);
  g_test_add_func ("/nss-crypto/cipher-vectors", test_ciphers);
  g_test_add_func ("/nss-crypto/aead-refuses-every-flipped-bit", test_aead_forgery);
  g_test_add_func ("/nss-crypto/ciphers-refuse-odd-lengths", test_block_alignment);
  g_test_add_func ("/nss-crypto/des", test_des);
  g_test_add_func ("/nss-crypto/random", test_random);
  g_test_add_func ("/nss-crypto/supports", test_supports);
  g_test_add_func ("/nss-crypto/selftest-passes", test_selftest);
  g_test_add_func ("/nss-crypto/selftest-fails-closed", test_selftest_fails);
  g_test_add_func ("/nss-crypto/threads", test_threads);
  rv = g_test_run ();
  g_assert_true (nss_stop ()); /* nothing of NSS was left alive */
  return rv;
}
