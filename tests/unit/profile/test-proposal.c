/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Proposals in strongSwan's and in Libreswan's spelling. */
#include "profile-test.h"

#include "profile/proposal.h"

#define GROUPS "x25519-ecp256-ecp384-modp2048-modp3072-modp4096-ecp521"
#define INTEGS "sha256-sha384-sha512"
#define INTEG_PRFS "prfsha256-prfsha384-prfsha512"

typedef struct {
  const char *text, *expected; /* transforms in canonical spelling */
} Case;

static const Case ike_cases[] = {
  /* strongSwan */
  { "aes256gcm16-prfsha384-ecp384", "aes256gcm16-prfsha384-ecp384" },
  { "aes256gcm16-sha384-ecp384", "aes256gcm16-prfsha384-ecp384" },
  { "aes256gcm-prfsha384-ecp384", "aes256gcm16-prfsha384-ecp384" },
  { "aes128gcm128-prfsha256-x25519", "aes128gcm16-prfsha256-x25519" },
  { "aes128gcm96-prfsha256-x25519", "aes128gcm12-prfsha256-x25519" },
  { "aes128gcm64-prfsha256-x25519", "aes128gcm8-prfsha256-x25519" },
  { "aes192gcm12-prfsha512-ecp521", "aes192gcm12-prfsha512-ecp521" },
  { "aes256-sha256-modp2048", "aes256-sha256-prfsha256-modp2048" },
  { "aes256-aes128-sha256-sha1-modp2048-modp1536", "aes256-aes128-sha256-sha1-prfsha256-prfsha1-modp2048-modp1536" },
  { "aes128-sha256-prfsha512-ecp256", "aes128-sha256-prfsha512-ecp256" },
  { "chacha20poly1305-prfsha256-x25519", "chacha20poly1305-prfsha256-x25519" },
  { "chacha20poly1305-sha256-curve25519", "chacha20poly1305-prfsha256-x25519" },
  { "3des-sha1-modp1024", "3des-sha1-prfsha1-modp1024" },
  { "3des-md5-modp1024", "3des-md5-prfmd5-modp1024" },
  { "aes128-aesxcbc-modp2048", "aes128-aesxcbc-prfaesxcbc-modp2048" },
  { "aes128-aescmac-modp2048", "aes128-aescmac-prfaescmac-modp2048" },
  { "aes256ctr-sha512-modp4096", "aes256ctr-sha512-prfsha512-modp4096" },
  { "camellia256-sha256-modp3072", "camellia256-sha256-prfsha256-modp3072" },
  { "camellia128ctr-sha256-modp3072", "camellia128ctr-sha256-prfsha256-modp3072" },
  { "aes256ccm16-prfsha256-modp8192", "aes256ccm16-prfsha256-modp8192" },
  { "camellia192ccm12-prfsha256-modp6144", "camellia192ccm12-prfsha256-modp6144" },
  { "aes256-sha256-modp2048s256", "aes256-sha256-prfsha256-modp2048s256" },
  { "aes256-sha256-modp1024s160", "aes256-sha256-prfsha256-modp1024s160" },
  { "aes256-sha384-ecp384!", "aes256-sha384-prfsha384-ecp384" },
  { " aes256-sha384-ecp384 , aes128-sha256-ecp256 ", "aes256-sha384-prfsha384-ecp384,aes128-sha256-prfsha256-ecp256" },
  { "aes256-sha256-modp2048;aes128-sha1-modp1024", "aes256-sha256-prfsha256-modp2048,aes128-sha1-prfsha1-modp1024" },
  { "AES256-SHA256-MODP2048", "aes256-sha256-prfsha256-modp2048" },
  { "aes256gcm16-aes256-sha256-ecp256", "aes256gcm16-prfsha256-ecp256,aes256-sha256-prfsha256-ecp256" },
  { "aes256-aes256-sha256-sha256-modp2048-dh14", "aes256-sha256-prfsha256-modp2048" },
  { "aes256gcm16-prfsha384-ecp384-ke1_mlkem1024", "aes256gcm16-prfsha384-ecp384-ke1_mlkem1024" },
  { "aes256gcm16-prfsha384-x25519-ke1_mlkem768-ke1_none-ke2_ecp384",
    "aes256gcm16-prfsha384-x25519-ke1_mlkem768-ke1_none-ke2_ecp384" },
  { "aes256gcm16-prfsha384-mlkem768", "aes256gcm16-prfsha384-mlkem768" },
  /* Libreswan */
  { "aes256-sha2_256;modp2048", "aes256-sha256-prfsha256-modp2048" },
  { "aes256-sha1;dh14", "aes256-sha1-prfsha1-modp2048" },
  { "aes256-sha1;modp1536", "aes256-sha1-prfsha1-modp1536" },
  { "aes_gcm256-sha2_512;dh14", "aes256gcm16-prfsha512-modp2048" },
  { "aes_gcm_c_256-sha2_512;dh19", "aes256gcm16-prfsha512-ecp256" },
  { "aes_gcm_a_128-sha2;dh31", "aes128gcm8-prfsha256-x25519" },
  { "aes_gcm_b-sha2;dh31", "aes256gcm12-aes128gcm12-prfsha256-x25519" },
  { "aes_gcm_16_256-hmac_sha2_384;dh20", "aes256gcm16-prfsha384-ecp384" },
  { "aes_gcm_8_128-sha2;dh21", "aes128gcm8-prfsha256-ecp521" },
  { "aes_gcm128-sha2;dh21", "aes128gcm16-prfsha256-ecp521" },
  { "aes_gcm_16-sha2;dh21", "aes256gcm16-aes128gcm16-prfsha256-ecp521" },
  { "AES_GCM-SHA2_512;DH16", "aes256gcm16-aes128gcm16-prfsha512-modp4096" },
  { "aes_gcm256-none-sha2_512;dh14", "aes256gcm16-prfsha512-modp2048" },
  { "aes_gcm256-sha2_512+sha2_256;dh14+dh19+curve25519", "aes256gcm16-prfsha512-prfsha256-modp2048-ecp256-x25519" },
  { "aes256+aes128-sha2_256+sha1;dh15", "aes256-aes128-sha256-sha1-prfsha256-prfsha1-modp3072" },
  { "aes_cbc256-sha2_512;ecp_521", "aes256-sha512-prfsha512-ecp521" },
  { "aes_cbc-hmac_sha1;modp2048", "aes256-aes128-sha1-prfsha1-modp2048" },
  { "aes_ctr256-sha2;dh17", "aes256ctr-sha256-prfsha256-modp6144" },
  { "3des_cbc-sha1;dh5", "3des-sha1-prfsha1-modp1536" },
  { "camellia_cbc256-sha2;dh24", "camellia256-sha256-prfsha256-modp2048s256" },
  { "chacha20_poly1305-sha2;dh19", "chacha20poly1305-prfsha256-ecp256" },
  { "aes256-sha2_384-dh20,aes256-sha2_256-dh19;dh14",
    "aes256-sha384-prfsha384-ecp384,aes256-sha256-prfsha256-ecp256-modp2048" },
  /* what is left out */
  { "aes256", "aes256-" INTEGS "-" INTEG_PRFS "-" GROUPS },
  { "aes", "aes256-aes128-" INTEGS "-" INTEG_PRFS "-" GROUPS },
  { "aes256-modp2048", "aes256-" INTEGS "-" INTEG_PRFS "-modp2048" },
  { "aes256gcm16", "aes256gcm16-" INTEG_PRFS "-" GROUPS },
  { "aes256-sha1", "aes256-sha1-prfsha1-" GROUPS },
  { "aes256-prfsha256-ecp256", "aes256-" INTEGS "-prfsha256-ecp256" },
  /* L2TP and Windows */
  { "aes256-sha2_256-modp2048,aes256-sha1-ecp384,3des-sha1-modp1024",
    "aes256-sha256-prfsha256-modp2048,aes256-sha1-prfsha1-ecp384,3des-sha1-prfsha1-modp1024" },
  { "aes256-sha2_256-modp2048,aes256-sha2_256-modp1536,aes256-sha2_256-modp1024,aes256-sha1-modp2048,aes256-sha1-"
    "modp1536,"
    "aes256-sha1-modp1024,aes256-sha1-ecp384,aes128-sha1-modp1024,aes128-sha1-ecp256,3des-sha1-modp2048,3des-sha1-"
    "modp1024",
    "aes256-sha256-prfsha256-modp2048,aes256-sha256-prfsha256-modp1536,aes256-sha256-prfsha256-modp1024,"
    "aes256-sha1-prfsha1-modp2048,aes256-sha1-prfsha1-modp1536,aes256-sha1-prfsha1-modp1024,aes256-sha1-prfsha1-ecp384,"
    "aes128-sha1-prfsha1-modp1024,aes128-sha1-prfsha1-ecp256,3des-sha1-prfsha1-modp2048,3des-sha1-prfsha1-modp1024" },
  { "aes256-sha1-ecp_384,aes128-sha1-ecp_256", "aes256-sha1-prfsha1-ecp384,aes128-sha1-prfsha1-ecp256" },
  /* aliases */
  { "suiteb128", "aes128gcm16-prfsha256-ecp256,aes128-sha256-prfsha256-ecp256" },
  { "SuiteB192", "aes256gcm16-prfsha384-ecp384,aes256-sha384-prfsha384-ecp384" },
  { "cnsa2", "aes256gcm16-prfsha384-ecp384-ke1_mlkem1024" },
  { "legacy",
    "aes256-aes128-3des-sha256-sha384-sha1-prfsha256-prfsha384-prfsha1-modp2048-ecp384-ecp256-modp1536-modp1024" },
  { "default", "aes256gcm16-aes128gcm16-chacha20poly1305-" INTEG_PRFS "-" GROUPS ",aes256-aes128-" INTEGS
               "-sha1-" INTEG_PRFS "-prfsha1-" GROUPS },
  { "aes256-sha256-modp2048,suiteb128",
    "aes256-sha256-prfsha256-modp2048,aes128gcm16-prfsha256-ecp256,aes128-sha256-prfsha256-ecp256" },
};

static const Case esp_cases[] = {
  { "aes256-sha1", "aes256-sha1" },
  { "aes256-sha1,aes128-sha1,3des-sha1", "aes256-sha1,aes128-sha1,3des-sha1" },
  { "AES_GCM", "aes256gcm16-aes128gcm16" },
  { "aes_gcm256-null", "aes256gcm16" },
  { "aes_gcm_c_256", "aes256gcm16" },
  { "aes_gcm256-none", "aes256gcm16" },
  { "aes256-sha2;modp2048", "aes256-sha256-modp2048" },
  { "aes256-sha2_512-dh14", "aes256-sha512-modp2048" },
  { "aes256-sha2;dh0", "aes256-sha256-modpnone" },
  { "aes256-sha2;none", "aes256-sha256-modpnone" },
  { "aes256-sha256-modp2048-modpnone", "aes256-sha256-modp2048-modpnone" },
  { "aes128gcm16-ecp256", "aes128gcm16-ecp256" },
  { "aes128gcm16-esn", "aes128gcm16-esn" },
  { "aes128gcm16-esn-noesn", "aes128gcm16-esn-noesn" },
  { "aes128gcm128-x25519-noesn", "aes128gcm16-x25519-noesn" },
  { "aes256ccm8", "aes256ccm8" },
  { "aes_ccm_c_128-null", "aes128ccm16" },
  { "null-sha256", "null-sha256" },
  { "null-sha1;modp1024", "null-sha1-modp1024" },
  { "aes256gmac", "aes256gmac" },
  { "null_auth_aes_gmac_128-null", "aes128gmac" },
  { "chacha20_poly1305", "chacha20poly1305" },
  { "aes128", "aes128-" INTEGS },
  { "aes128gcm16-aes128-sha256", "aes128gcm16,aes128-sha256" },
  { "aes-aes_xcbc", "aes256-aes128-aesxcbc" },
  { "default", "aes256gcm16-aes128gcm16-chacha20poly1305,aes256-aes128-" INTEGS "-sha1" },
  { "suiteb192", "aes256gcm16-ecp384" },
  { "legacy", "aes256-aes128-3des-sha256-sha1" },
};

typedef struct {
  const char *text, *words; /* that the message must have */
  IpsecProfileError code;
} BadCase;

#define BAD IPSEC_PROFILE_ERROR_BAD_VALUE
#define UNSUPPORTED IPSEC_PROFILE_ERROR_UNSUPPORTED

static const BadCase bad_ike[] = {
  { "", "empty", BAD },
  { ",", "empty", BAD },
  { "aes256-sha256-modp2048,", "empty", BAD },
  { "!", "empty", BAD },
  { "-", "“”", BAD },
  { "aes512-sha256-modp2048", "“aes512”|did you mean", BAD },
  { "aes256-sha257-modp2048", "“sha257”|sha256", BAD },
  { "aes256-sha256-modp2084", "“modp2084”|modp2048", BAD },
  { "aes256-sha256-dh99", "“dh99”", BAD },
  { "aes256 sha256", "“aes256 sha256”", BAD },
  { "aes256gcm17-prfsha256-ecp256", "“aes256gcm17”|aes256gcm16", BAD },
  { "aes_gcm_16_512", "“aes_gcm_16_512”", BAD },
  { "aes_gcm_c_256x", "“aes_gcm_c_256x”", BAD },
  { "nullauthaes256", "“nullauthaes256”", BAD },
  { "ke1_sha256", "“ke1_sha256”", BAD },
  { "ke8_mlkem768", "“ke8_mlkem768”", BAD },
  { "sha256-modp2048", "“sha256-modp2048”|no encryption", BAD },
  { "aes256-none-prfsha256-modp2048", "integrity", BAD },
  { "null-sha256-modp2048", "encryption", BAD },
  { "aes256gmac-prfsha256-modp2048", "“aes256gmac”", BAD },
  { "aes256-sha256-modpnone", "“modpnone”|esp", BAD },
  { "aes256-sha256-modp2048-esn", "“esn”|esp", BAD },
  { "des-sha1-modp1024", "“des”", UNSUPPORTED },
  { "aes256-sha256-modp768", "“modp768”", UNSUPPORTED },
  { "aes256-sha256-ecp256bp", "“ecp256bp”", UNSUPPORTED },
  { "aes256-sha256-x448", "“x448”", UNSUPPORTED },
  { "aes256-sha256_96-modp2048", "“sha256_96”", UNSUPPORTED },
  { "leftupdown=/bin/sh", "“leftupdown=/bin/sh”", BAD },
  { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "…", BAD },
};

static const BadCase bad_esp[] = {
  { "aes256gcm16-sha256", "“aes256gcm16-sha256”|leave", BAD },
  { "chacha20poly1305-sha2", "leave", BAD },
  { "aes256-null", "integrity", BAD },
  { "null-null", "integrity", BAD },
  { "aes256-sha256-prfsha256", "“prfsha256”|ike", BAD },
  { "des-sha1", "“des”", UNSUPPORTED },
  { "sha256", "no encryption", BAD },
};

static void
check_cases (IkeProtocolId protocol, const Case *cases, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) proposals = ipsec_proposals_parse (protocol, cases[i].text, NULL, &error), again = NULL;
      g_autofree char *text = NULL, *canonical = NULL, *twice = NULL;

      if (proposals == NULL)
        g_error ("“%s”: %s", cases[i].text, error->message);
      text = ipsec_proposals_to_string (protocol, proposals);
      g_assert_cmpstr (text, ==, cases[i].expected);
      again = ipsec_proposals_parse (protocol, text, NULL, NULL);
      g_assert_true (ipsec_proposals_equal (proposals, again));
      canonical = ipsec_proposals_canonical (protocol, cases[i].text, NULL);
      g_ptr_array_unref (again);
      again = ipsec_proposals_parse (protocol, canonical, NULL, NULL);
      g_assert_true (ipsec_proposals_equal (proposals, again));
      twice = ipsec_proposals_canonical (protocol, canonical, NULL);
      g_assert_cmpstr (twice, ==, canonical);
    }
}

static void
check_bad (IkeProtocolId protocol, const BadCase *cases, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;

      if (ipsec_proposals_parse (protocol, cases[i].text, NULL, &error) != NULL)
        g_error ("“%s” was accepted", cases[i].text);
      g_assert_error (error, IPSEC_PROFILE_ERROR, (int) cases[i].code);
      assert_message_has (error, cases[i].words);
      g_assert_null (ipsec_proposals_canonical (protocol, cases[i].text, NULL));
    }
}

static void
test_ike (void)
{
  check_cases (IKE_PROTOCOL_IKE, ike_cases, G_N_ELEMENTS (ike_cases));
}

static void
test_esp (void)
{
  check_cases (IKE_PROTOCOL_ESP, esp_cases, G_N_ELEMENTS (esp_cases));
}

static void
test_bad_ike (void)
{
  check_bad (IKE_PROTOCOL_IKE, bad_ike, G_N_ELEMENTS (bad_ike));
}

static void
test_bad_esp (void)
{
  check_bad (IKE_PROTOCOL_ESP, bad_esp, G_N_ELEMENTS (bad_esp));
}

static void
test_transforms (void)
{
  static const IkeTransform expected[] = {
    { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_CBC, 256 },
    { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0 },
    { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_256, 0 },
    { IKE_TRANSFORM_KE, IKE_KE_MODP_2048, 0 },
  };
  g_autoptr (GPtrArray) proposals = ipsec_proposals_parse (IKE_PROTOCOL_IKE, "aes256-sha256-modp2048", NULL, NULL);
  const GArray *proposal = proposals->pdata[0];

  g_assert_cmpint (proposal->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < proposal->len; i++)
    {
      const IkeTransform *t = &g_array_index (proposal, IkeTransform, i);

      g_assert_cmpint (t->type, ==, expected[i].type);
      g_assert_cmpint (t->id, ==, expected[i].id);
      g_assert_cmpint (t->key_bits, ==, expected[i].key_bits);
    }
}

/* No default may hold what RFC 8247 or 8221 advise against; X25519 is the first guess. */
static void
test_defaults (void)
{
  for (guint p = 0; p < 2; p++)
    {
      IkeProtocolId protocol = p == 0 ? IKE_PROTOCOL_IKE : IKE_PROTOCOL_ESP;
      g_autoptr (GPtrArray) weak = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GPtrArray) proposals = ipsec_proposals_parse (protocol, "default", weak, NULL);
      guint first_ke = 0;

      g_assert_cmpint (weak->len, ==, 0);
      for (guint i = 0; i < proposals->len; i++)
        {
          const GArray *proposal = proposals->pdata[i];

          for (guint j = 0; j < proposal->len; j++)
            {
              const IkeTransform *t = &g_array_index (proposal, IkeTransform, j);

              if (t->type == IKE_TRANSFORM_KE && first_ke == 0)
                first_ke = t->id;
              g_assert_false (t->type == IKE_TRANSFORM_ENCR && t->id == IKE_ENCR_3DES);
              g_assert_false (t->type == IKE_TRANSFORM_PRF && t->id == IKE_PRF_HMAC_MD5);
              g_assert_false (t->type == IKE_TRANSFORM_INTEG && t->id == IKE_INTEG_HMAC_MD5_96);
              g_assert_false (t->type == IKE_TRANSFORM_KE && (t->id < 14 || (t->id >= 22 && t->id <= 26)));
            }
        }
      g_assert_cmpint (first_ke, ==, protocol == IKE_PROTOCOL_IKE ? IKE_KE_CURVE25519 : 0);
    }
}

static void
test_weak (void)
{
  g_autoptr (GPtrArray) weak = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) proposals =
      ipsec_proposals_parse (IKE_PROTOCOL_IKE, "3des-md5-modp1024,3des-sha1-modp2048", weak, NULL);

  g_assert_nonnull (proposals);
  g_assert_cmpint (weak->len, ==, 3); /* each once */
  g_assert_cmpstr (weak->pdata[0], ==, "3des");
  g_assert_cmpstr (weak->pdata[1], ==, "md5");
  g_assert_cmpstr (weak->pdata[2], ==, "modp1024");
}

static void
test_canonical_keeps_aliases (void)
{
  g_autofree char *text = ipsec_proposals_canonical (IKE_PROTOCOL_IKE, " Default , aes128-sha2;dh14,legacy", NULL);

  g_assert_cmpstr (text, ==, "default,aes128-sha256-prfsha256-modp2048,legacy");
}

static void
test_limit (void)
{
  g_autoptr (GString) text = g_string_new ("aes128-sha256");
  g_autoptr (GPtrArray) at_limit = NULL;

  for (guint i = 1; i < IPSEC_PROPOSALS_MAX; i++)
    g_string_append (text, ",aes128-sha256");
  at_limit = ipsec_proposals_parse (IKE_PROTOCOL_ESP, text->str, NULL, NULL);
  g_assert_cmpint (at_limit->len, ==, IPSEC_PROPOSALS_MAX);
  g_string_append (text, ",aes128-sha256");
  g_assert_null (ipsec_proposals_parse (IKE_PROTOCOL_ESP, text->str, NULL, NULL));
  g_string_append (text, ",aes128-sha256");
  g_assert_null (ipsec_proposals_parse (IKE_PROTOCOL_ESP, text->str, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/proposal/ike", test_ike);
  g_test_add_func ("/profile/proposal/esp", test_esp);
  g_test_add_func ("/profile/proposal/bad-ike", test_bad_ike);
  g_test_add_func ("/profile/proposal/bad-esp", test_bad_esp);
  g_test_add_func ("/profile/proposal/transforms", test_transforms);
  g_test_add_func ("/profile/proposal/defaults", test_defaults);
  g_test_add_func ("/profile/proposal/weak", test_weak);
  g_test_add_func ("/profile/proposal/canonical-keeps-aliases", test_canonical_keeps_aliases);
  g_test_add_func ("/profile/proposal/limit", test_limit);
  return g_test_run ();
}
