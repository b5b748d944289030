/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Proposals as responder and as initiator: preference, weak and missing transforms, answers that are not ours. */
#include "crypto-test.h"
#include "crypto/proposal.h"

#define T(type, id)                                                                                                    \
 {                                                                                                                     \
  IKE_TRANSFORM_##type, IKE_##type##_##id, 0                                                                           \
 }
#define TB(type, id, bits)                                                                                             \
 {                                                                                                                     \
  IKE_TRANSFORM_##type, IKE_##type##_##id, bits                                                                        \
 }
#define MAX_TRANSFORMS 12

typedef struct {
  IkeTransform at[MAX_TRANSFORMS]; /* ends with type 0 */
} Transforms;

static GPtrArray *
ours_new (guint8 protocol, const Transforms *lists, guint n)
{
  GPtrArray *ours = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_proposal_free);

  for (guint i = 0; i < n; i++)
    {
      IkeProposal *proposal = ike_proposal_new (protocol);

      for (guint j = 0; j < MAX_TRANSFORMS && lists[i].at[j].type != 0; j++)
        g_array_append_val (proposal->transforms, lists[i].at[j]);
      g_ptr_array_add (ours, proposal);
    }
  return ours;
}

static void
theirs_init (IkeSa *sa, guint8 protocol, const Transforms *lists, guint n)
{
  static const guint8 spi[4] = { 0xc1, 2, 3, 4 };

  sa->proposals = g_array_new (FALSE, TRUE, sizeof (IkeSaProposal));
  sa->transforms = g_array_new (FALSE, TRUE, sizeof (IkeTransform));
  for (guint i = 0; i < n; i++)
    {
      IkeSaProposal proposal = { .number = (guint8) (i + 1),
                                 .protocol = protocol,
                                 .first_transform = sa->transforms->len };

      if (protocol == IKE_PROTOCOL_ESP)
        proposal.spi = ike_chunk (spi, sizeof spi);
      for (guint j = 0; j < MAX_TRANSFORMS && lists[i].at[j].type != 0; j++, proposal.n_transforms++)
        g_array_append_val (sa->transforms, lists[i].at[j]);
      g_array_append_val (sa->proposals, proposal);
    }
}

static char *
choose (guint8 protocol, const Transforms *our, guint n_our, const Transforms *their, guint n_their,
        const IkeProposalRule *rule)
{
  g_autoptr (GPtrArray) ours = ours_new (protocol, our, n_our);
  g_auto (IkeSa) theirs = { NULL };
  IkeSuite suite;

  theirs_init (&theirs, protocol, their, n_their);
  return ike_proposal_choose (&suite, ours, &theirs, rule) ? ike_suite_to_string (&suite) : NULL;
}

static char *
check (guint8 protocol, const Transforms *our, guint n_our, const Transforms *their, guint n_their,
       const IkeProposalRule *rule)
{
  g_autoptr (GPtrArray) ours = ours_new (protocol, our, n_our);
  g_auto (IkeSa) theirs = { NULL };
  IkeSuite suite;

  theirs_init (&theirs, protocol, their, n_their);
  return ike_proposal_check (&suite, ours, &theirs, rule) ? ike_suite_to_string (&suite) : NULL;
}

static const IkeProposalRule ike = { .protocol = IKE_PROTOCOL_IKE };
static const IkeProposalRule esp_auth = { .protocol = IKE_PROTOCOL_ESP, .no_ke = TRUE };
static const IkeProposalRule esp_ccsa = { .protocol = IKE_PROTOCOL_ESP };

static const Transforms ike_ours[] = {
  { { TB (ENCR, AES_GCM_16, 256), TB (ENCR, AES_GCM_16, 128), T (PRF, HMAC_SHA2_384), T (PRF, HMAC_SHA2_256),
      T (KE, CURVE25519), T (KE, ECP_256) } },
  { { TB (ENCR, AES_CBC, 256), T (INTEG, HMAC_SHA2_256_128), T (PRF, HMAC_SHA2_256), T (KE, CURVE25519),
      T (KE, MODP_2048) } },
};

static const struct {
  const char *what;
  Transforms theirs[2];
  guint n;
  const char *want;
} ike_rows[] = {
  { "our order, not theirs",
    { { { T (KE, ECP_256), T (KE, CURVE25519), T (PRF, HMAC_SHA2_256), TB (ENCR, AES_GCM_16, 128),
          TB (ENCR, AES_GCM_16, 256) } } },
    1,
    "AES_GCM_16_256/PRF_HMAC_SHA2_256/CURVE25519" },
  { "our first proposal, their second",
    { { { TB (ENCR, AES_CBC, 256), T (INTEG, HMAC_SHA2_256_128), T (PRF, HMAC_SHA2_256), T (KE, MODP_2048) } },
      { { TB (ENCR, AES_GCM_16, 128), T (PRF, HMAC_SHA2_384), T (KE, ECP_256) } } },
    2,
    "AES_GCM_16_128/PRF_HMAC_SHA2_384/ECP_256" },
  { "AES-CBC",
    { { { TB (ENCR, AES_CBC, 256), T (INTEG, HMAC_SHA1_96), T (INTEG, HMAC_SHA2_256_128), T (PRF, HMAC_SHA2_256),
          T (KE, MODP_2048) } } },
    1,
    "AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048" },
  { "AEAD with INTEG NONE",
    { { { TB (ENCR, AES_GCM_16, 256), T (INTEG, NONE), T (PRF, HMAC_SHA2_384), T (KE, ECP_256) } } },
    1,
    "AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_256" },
  { "AEAD with a checksum beside it",
    { { { TB (ENCR, AES_GCM_16, 256), T (INTEG, HMAC_SHA2_256_128), T (PRF, HMAC_SHA2_384), T (KE, ECP_256) } } },
    1,
    NULL },
  { "an unknown transform beside good ones",
    { { { TB (ENCR, AES_GCM_16, 256), { IKE_TRANSFORM_ENCR, 999, 0 }, T (PRF, HMAC_SHA2_384), T (KE, ECP_256) } } },
    1,
    "AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_256" },
  { "an additional key exchange that may be NONE",
    { { { TB (ENCR, AES_GCM_16, 256),
          T (PRF, HMAC_SHA2_384),
          T (KE, ECP_256),
          { IKE_TRANSFORM_ADDKE1, 36, 0 },
          { IKE_TRANSFORM_ADDKE1, 0, 0 } } } },
    1,
    "AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_256" },
  { "an additional key exchange that must be",
    { { { TB (ENCR, AES_GCM_16, 256), T (PRF, HMAC_SHA2_384), T (KE, ECP_256), { IKE_TRANSFORM_ADDKE1, 36, 0 } } } },
    1,
    NULL },
  /* each mandatory type missing (cve-2016-5391) */
  { "no ENCR", { { { T (PRF, HMAC_SHA2_384), T (KE, ECP_256) } } }, 1, NULL },
  { "no PRF", { { { TB (ENCR, AES_GCM_16, 256), T (KE, ECP_256) } } }, 1, NULL },
  { "no KE", { { { TB (ENCR, AES_GCM_16, 256), T (PRF, HMAC_SHA2_384) } } }, 1, NULL },
  { "KE NONE", { { { TB (ENCR, AES_GCM_16, 256), T (PRF, HMAC_SHA2_384), T (KE, NONE) } } }, 1, NULL },
  { "AES-CBC without INTEG", { { { TB (ENCR, AES_CBC, 256), T (PRF, HMAC_SHA2_256), T (KE, CURVE25519) } } }, 1, NULL },
  { "AES-CBC with INTEG NONE",
    { { { TB (ENCR, AES_CBC, 256), T (INTEG, NONE), T (PRF, HMAC_SHA2_256), T (KE, CURVE25519) } } },
    1,
    NULL },
  { "nothing at all", { { { { 0 } } } }, 1, NULL },
  /* wrong key lengths */
  { "AES without length", { { { T (ENCR, AES_GCM_16), T (PRF, HMAC_SHA2_384), T (KE, ECP_256) } } }, 1, NULL },
  { "AES with another length",
    { { { TB (ENCR, AES_GCM_16, 192), T (PRF, HMAC_SHA2_384), T (KE, ECP_256) } } },
    1,
    NULL },
  { "an attribute that nobody knows",
    { { { TB (ENCR, AES_GCM_16, IKE_KEY_BITS_UNACCEPTABLE), T (PRF, HMAC_SHA2_384), T (KE, ECP_256) } } },
    1,
    NULL },
  { "a PRF with a key length",
    { { { TB (ENCR, AES_GCM_16, 256), TB (PRF, HMAC_SHA2_384, 384), T (KE, ECP_256) } } },
    1,
    NULL },
  /* things that we did not list */
  { "DES", { { { T (ENCR, DES), T (INTEG, HMAC_MD5_96), T (PRF, HMAC_MD5), T (KE, MODP_768) } } }, 1, NULL },
  { "a weak group", { { { TB (ENCR, AES_GCM_16, 256), T (PRF, HMAC_SHA2_384), T (KE, MODP_1024) } } }, 1, NULL },
  { "ESN in an IKE proposal",
    { { { TB (ENCR, AES_GCM_16, 256), T (PRF, HMAC_SHA2_384), T (KE, ECP_256), T (ESN, NO) } } },
    1,
    NULL },
};

static void
test_choose_ike (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (ike_rows); i++)
    {
      g_autofree char *got =
          choose (IKE_PROTOCOL_IKE, ike_ours, G_N_ELEMENTS (ike_ours), ike_rows[i].theirs, ike_rows[i].n, &ike);

      g_test_message ("%s", ike_rows[i].what);
      g_assert_cmpstr (got, ==, ike_rows[i].want);
    }
}

/* The group of the peer's KE payload saves a round trip when it is good enough, and only then. */
static void
test_ke_sent (void)
{
  const Transforms theirs[] = { { { TB (ENCR, AES_GCM_16, 256), T (PRF, HMAC_SHA2_384), T (KE, CURVE25519),
                                    T (KE, ECP_256), T (KE, MODP_1024) } } };
  const guint16 sent[] = { IKE_KE_ECP_256, IKE_KE_CURVE25519, IKE_KE_MODP_1024, IKE_KE_ECP_384, 0 };
  const char *want[] = { "ECP_256", "CURVE25519", "CURVE25519", "CURVE25519", "CURVE25519" };

  for (guint i = 0; i < G_N_ELEMENTS (sent); i++)
    {
      IkeProposalRule rule = { .protocol = IKE_PROTOCOL_IKE, .ke_sent = sent[i] };
      g_autofree char *got = choose (IKE_PROTOCOL_IKE, ike_ours, 2, theirs, 1, &rule);

      g_assert_true (g_str_has_suffix (got, want[i]));
    }
}

static const Transforms esp_ours[] = {
  { { TB (ENCR, AES_GCM_16, 256), T (ENCR, CHACHA20_POLY1305), T (KE, CURVE25519), T (ESN, YES), T (ESN, NO) } },
  { { TB (ENCR, AES_CBC, 128), T (INTEG, HMAC_SHA2_256_128), T (KE, CURVE25519), T (KE, NONE), T (ESN, NO) } },
};

static const struct {
  const char *what;
  const IkeProposalRule *rule;
  Transforms theirs[1];
  const char *want;
} esp_rows[] = {
  { "in IKE_AUTH without KE", &esp_auth, { { { TB (ENCR, AES_GCM_16, 256), T (ESN, NO) } } }, "AES_GCM_16_256" },
  { "in IKE_AUTH with KE, which does not count",
    &esp_auth,
    { { { TB (ENCR, AES_GCM_16, 256), T (KE, MODP_2048), T (ESN, NO) } } },
    "AES_GCM_16_256" },
  { "our preference for ESN",
    &esp_auth,
    { { { T (ENCR, CHACHA20_POLY1305), T (ESN, NO), T (ESN, YES) } } },
    "CHACHA20_POLY1305/ESN" },
  { "PFS",
    &esp_ccsa,
    { { { TB (ENCR, AES_GCM_16, 256), T (KE, CURVE25519), T (ESN, NO) } } },
    "AES_GCM_16_256/CURVE25519" },
  { "no PFS where we want it", &esp_ccsa, { { { TB (ENCR, AES_GCM_16, 256), T (ESN, NO) } } }, NULL },
  { "KE NONE where we want PFS", &esp_ccsa, { { { TB (ENCR, AES_GCM_16, 256), T (KE, NONE), T (ESN, NO) } } }, NULL },
  { "no PFS where we do not mind",
    &esp_ccsa,
    { { { TB (ENCR, AES_CBC, 128), T (INTEG, HMAC_SHA2_256_128), T (ESN, NO) } } },
    "AES_CBC_128/HMAC_SHA2_256_128" },
  { "no ESN, which means NO", &esp_auth, { { { TB (ENCR, AES_GCM_16, 256) } } }, "AES_GCM_16_256" },
  { "an ESN value that we lack",
    &esp_auth,
    { { { TB (ENCR, AES_CBC, 128), T (INTEG, HMAC_SHA2_256_128), T (ESN, YES) } } },
    NULL },
  { "RFC 9827's third value", &esp_auth, { { { TB (ENCR, AES_GCM_16, 256), T (ESN, UNSPECIFIED) } } }, NULL },
  { "AES-CBC without INTEG", &esp_auth, { { { TB (ENCR, AES_CBC, 128), T (ESN, NO) } } }, NULL },
  { "a PRF in ESP", &esp_auth, { { { TB (ENCR, AES_GCM_16, 256), T (PRF, HMAC_SHA1), T (ESN, NO) } } }, NULL },
  { "GMAC, which we did not list", /* cve-2024-3652 */
    &esp_auth,
    { { { TB (ENCR, NULL_AUTH_AES_GMAC, 128), T (ESN, NO) } } },
    NULL },
  { "NULL without anything", &esp_auth, { { { T (ENCR, NULL), T (ESN, NO) } } }, NULL },
};

static void
test_choose_esp (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (esp_rows); i++)
    {
      g_autofree char *got = choose (IKE_PROTOCOL_ESP, esp_ours, 2, esp_rows[i].theirs, 1, esp_rows[i].rule);

      g_test_message ("%s", esp_rows[i].what);
      g_assert_cmpstr (got, ==, esp_rows[i].want);
    }
}

/* Who says nothing of ESN gets an answer that says nothing of it, unless we insist on ESN. */
static void
test_esn_unsaid (void)
{
  const Transforms silent[] = { { { TB (ENCR, AES_GCM_16, 256) } } };
  const Transforms insists[] = { { { TB (ENCR, AES_GCM_16, 256), T (ESN, YES) } } };
  const Transforms both[] = { { { TB (ENCR, AES_GCM_16, 256), T (ESN, YES), T (ESN, NO) } } };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GPtrArray) ours = ours_new (IKE_PROTOCOL_ESP, esp_ours, 2);
      g_auto (IkeSa) theirs = { NULL };
      IkeProposal *answer;
      IkeSuite suite;

      theirs_init (&theirs, IKE_PROTOCOL_ESP, i == 0 ? silent : both, 1);
      g_assert_true (ike_proposal_choose (&suite, ours, &theirs, &esp_auth));
      g_assert_cmpint (suite.esn, ==, i == 1);
      answer = ike_proposal_from_suite (&suite);
      g_assert_cmpuint (answer->transforms->len, ==, 1 + i);
      ike_proposal_free (answer);
    }
  g_assert_null (choose (IKE_PROTOCOL_ESP, insists, 1, silent, 1, &esp_auth));
}

/* What a user asks for by name is negotiated, however strange. */
static void
test_choose_by_name (void)
{
  const Transforms gmac[] = { { { TB (ENCR, NULL_AUTH_AES_GMAC, 128), T (ESN, NO) } } };
  const Transforms null[] = { { { T (ENCR, NULL), T (INTEG, HMAC_SHA1_96), T (ESN, NO) } } };
  const Transforms naked[] = { { { T (ENCR, NULL), T (ESN, NO) } } };
  g_autofree char *a = choose (IKE_PROTOCOL_ESP, gmac, 1, gmac, 1, &esp_auth);
  g_autofree char *b = choose (IKE_PROTOCOL_ESP, null, 1, null, 1, &esp_auth);
  g_autofree char *c = choose (IKE_PROTOCOL_ESP, naked, 1, naked, 1, &esp_auth);

  g_assert_cmpstr (a, ==, "NULL_AUTH_AES_GMAC_128");
  g_assert_cmpstr (b, ==, "NULL/HMAC_SHA1_96");
  g_assert_null (c);
}

static void
test_unknown_type_and_protocol (void)
{
  const Transforms good[] = { { { TB (ENCR, AES_GCM_16, 256), T (PRF, HMAC_SHA2_384), T (KE, ECP_256) } } };
  g_autoptr (GPtrArray) ours = ours_new (IKE_PROTOCOL_IKE, ike_ours, 2);
  g_auto (IkeSa) theirs = { NULL };
  IkeSaProposal *proposal;
  IkeSuite suite;

  theirs_init (&theirs, IKE_PROTOCOL_IKE, good, 1);
  proposal = &g_array_index (theirs.proposals, IkeSaProposal, 0);
  g_assert_true (ike_proposal_choose (&suite, ours, &theirs, &ike));
  proposal->unknown_type = TRUE; /* RFC 7296 section 3.3.6 */
  g_assert_false (ike_proposal_choose (&suite, ours, &theirs, &ike));
  proposal->unknown_type = FALSE;
  proposal->protocol = IKE_PROTOCOL_ESP;
  g_assert_false (ike_proposal_choose (&suite, ours, &theirs, &ike));
  g_assert_false (ike_proposal_choose (&suite, ours, &theirs, &esp_auth));
}

static void
test_suite_fields (void)
{
  const Transforms theirs[] = { { { T (ENCR, DES), T (ESN, NO) } },
                                { { TB (ENCR, AES_GCM_16, 256), T (ESN, YES), T (KE, CURVE25519) } } };
  g_autoptr (GPtrArray) ours = ours_new (IKE_PROTOCOL_ESP, esp_ours, 2);
  g_auto (IkeSa) sa = { NULL };
  IkeSuite suite;

  theirs_init (&sa, IKE_PROTOCOL_ESP, theirs, 2);
  g_assert_true (ike_proposal_choose (&suite, ours, &sa, &esp_ccsa));
  g_assert_cmpuint (suite.number, ==, 2);
  g_assert_cmpuint (suite.protocol, ==, IKE_PROTOCOL_ESP);
  g_assert_cmpmem (suite.spi, suite.spi_len, "\xc1\2\3\4", 4);
  g_assert_cmpuint (suite.encr_bits, ==, 256);
  g_assert_cmpuint (suite.ke, ==, IKE_KE_CURVE25519);
  g_assert_cmpuint (suite.prf, ==, 0);
  g_assert_true (suite.esn);
}

/* ---- answers ---- */

static const struct {
  const char *what;
  Transforms theirs[2];
  guint n;
  const char *want;
} answers[] = {
  { "one of ours",
    { { { TB (ENCR, AES_GCM_16, 128), T (PRF, HMAC_SHA2_256), T (KE, ECP_256) } } },
    1,
    "AES_GCM_16_128/PRF_HMAC_SHA2_256/ECP_256" },
  { "one of ours with INTEG NONE",
    { { { TB (ENCR, AES_GCM_16, 128), T (INTEG, NONE), T (PRF, HMAC_SHA2_256), T (KE, ECP_256) } } },
    1,
    "AES_GCM_16_128/PRF_HMAC_SHA2_256/ECP_256" },
  { "under another number",
    { { { TB (ENCR, AES_CBC, 256), T (INTEG, HMAC_SHA2_256_128), T (PRF, HMAC_SHA2_256), T (KE, MODP_2048) } } },
    1,
    "AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048" },
  { "two ciphers",
    { { { TB (ENCR, AES_GCM_16, 128), TB (ENCR, AES_GCM_16, 256), T (PRF, HMAC_SHA2_256), T (KE, ECP_256) } } },
    1,
    NULL },
  { "two groups",
    { { { TB (ENCR, AES_GCM_16, 128), T (PRF, HMAC_SHA2_256), T (KE, ECP_256), T (KE, CURVE25519) } } },
    1,
    NULL },
  { "two proposals",
    { { { TB (ENCR, AES_GCM_16, 128), T (PRF, HMAC_SHA2_256), T (KE, ECP_256) } },
      { { TB (ENCR, AES_GCM_16, 256), T (PRF, HMAC_SHA2_256), T (KE, ECP_256) } } },
    2,
    NULL },
  { "mixed from two proposals of ours",
    { { { TB (ENCR, AES_GCM_16, 128), T (PRF, HMAC_SHA2_256), T (KE, MODP_2048) } } },
    1,
    NULL },
  { "a weaker cipher",
    { { { T (ENCR, 3DES), T (INTEG, HMAC_SHA1_96), T (PRF, HMAC_SHA1), T (KE, MODP_1024) } } },
    1,
    NULL },
  { "another key length", { { { TB (ENCR, AES_GCM_16, 192), T (PRF, HMAC_SHA2_256), T (KE, ECP_256) } } }, 1, NULL },
  { "no key length", { { { T (ENCR, AES_GCM_16), T (PRF, HMAC_SHA2_256), T (KE, ECP_256) } } }, 1, NULL },
  { "no group", { { { TB (ENCR, AES_GCM_16, 128), T (PRF, HMAC_SHA2_256) } } }, 1, NULL },
  { "group NONE", { { { TB (ENCR, AES_GCM_16, 128), T (PRF, HMAC_SHA2_256), T (KE, NONE) } } }, 1, NULL },
  { "no PRF", { { { TB (ENCR, AES_GCM_16, 128), T (KE, ECP_256) } } }, 1, NULL },
  { "AES-CBC without INTEG", { { { TB (ENCR, AES_CBC, 256), T (PRF, HMAC_SHA2_256), T (KE, MODP_2048) } } }, 1, NULL },
  { "AES-CBC with INTEG NONE",
    { { { TB (ENCR, AES_CBC, 256), T (INTEG, NONE), T (PRF, HMAC_SHA2_256), T (KE, MODP_2048) } } },
    1,
    NULL },
  { "AEAD with INTEG",
    { { { TB (ENCR, AES_GCM_16, 128), T (INTEG, HMAC_SHA2_256_128), T (PRF, HMAC_SHA2_256), T (KE, ECP_256) } } },
    1,
    NULL },
  { "an additional key exchange that we did not offer",
    { { { TB (ENCR, AES_GCM_16, 128), T (PRF, HMAC_SHA2_256), T (KE, ECP_256), { IKE_TRANSFORM_ADDKE1, 36, 0 } } } },
    1,
    NULL },
};

static void
test_check_ike (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *got = check (IKE_PROTOCOL_IKE, ike_ours, 2, answers[i].theirs, answers[i].n, &ike);

      g_test_message ("%s", answers[i].what);
      g_assert_cmpstr (got, ==, answers[i].want);
    }
}

static void
test_check_esp (void)
{
  const Transforms plain[] = { { { TB (ENCR, AES_GCM_16, 256), T (ESN, NO) } } };
  const Transforms silent[] = { { { TB (ENCR, AES_GCM_16, 256) } } };
  const Transforms none[] = { { { TB (ENCR, AES_GCM_16, 256), T (KE, NONE), T (ESN, NO) } } };
  const Transforms group[] = { { { TB (ENCR, AES_GCM_16, 256), T (KE, CURVE25519), T (ESN, NO) } } };
  g_autofree char *a = check (IKE_PROTOCOL_ESP, esp_ours, 2, plain, 1, &esp_auth);
  g_autofree char *b = check (IKE_PROTOCOL_ESP, esp_ours, 2, silent, 1, &esp_auth);
  g_autofree char *c = check (IKE_PROTOCOL_ESP, esp_ours, 2, none, 1, &esp_auth);
  g_autofree char *d = check (IKE_PROTOCOL_ESP, esp_ours, 2, group, 1, &esp_auth);
  g_autofree char *e = check (IKE_PROTOCOL_ESP, esp_ours, 2, plain, 1, &esp_ccsa);
  g_autofree char *f = check (IKE_PROTOCOL_ESP, esp_ours, 2, group, 1, &esp_ccsa);

  g_assert_cmpstr (a, ==, "AES_GCM_16_256");
  g_assert_cmpstr (b, ==, "AES_GCM_16_256");
  g_assert_cmpstr (c, ==, "AES_GCM_16_256");
  g_assert_null (d); /* a group that we did not offer there */
  g_assert_null (e); /* PFS taken away: protocol.md, row 87's kind of downgrade */
  g_assert_cmpstr (f, ==, "AES_GCM_16_256/CURVE25519");
}

static void
test_check_number (void)
{
  const Transforms good[] = { { { TB (ENCR, AES_GCM_16, 128), T (PRF, HMAC_SHA2_256), T (KE, ECP_256) } } };
  g_autoptr (GPtrArray) ours = ours_new (IKE_PROTOCOL_IKE, ike_ours, 2);
  g_auto (IkeSa) theirs = { NULL };
  IkeSuite suite;

  theirs_init (&theirs, IKE_PROTOCOL_IKE, good, 1);
  g_array_index (theirs.proposals, IkeSaProposal, 0).number = 0;
  g_assert_false (ike_proposal_check (&suite, ours, &theirs, &ike));
  g_array_index (theirs.proposals, IkeSaProposal, 0).number = 3;
  g_assert_false (ike_proposal_check (&suite, ours, &theirs, &ike));
}

/* ---- lists ---- */

static void
test_defaults (void)
{
  g_autoptr (GPtrArray) for_ike = ike_proposals_default (test_crypto (), IKE_PROTOCOL_IKE, FALSE);
  g_autoptr (GPtrArray) for_esp = ike_proposals_default (test_crypto (), IKE_PROTOCOL_ESP, FALSE);
  g_autoptr (GPtrArray) for_pfs = ike_proposals_default (test_crypto (), IKE_PROTOCOL_ESP, TRUE);
  g_autofree char *ike_text = ike_proposals_to_string (for_ike), *esp_text = ike_proposals_to_string (for_esp);

  g_assert_cmpstr (ike_text, ==,
                   "AES_GCM_16_256, AES_GCM_16_128, CHACHA20_POLY1305/PRF_HMAC_SHA2_256, PRF_HMAC_SHA2_384, "
                   "PRF_HMAC_SHA2_512/CURVE25519, ECP_256, ECP_384, MODP_2048, MODP_3072, MODP_4096, ECP_521; "
                   "AES_CBC_256, AES_CBC_128/HMAC_SHA2_256_128, HMAC_SHA2_384_192, HMAC_SHA2_512_256, HMAC_SHA1_96/"
                   "PRF_HMAC_SHA2_256, PRF_HMAC_SHA2_384, PRF_HMAC_SHA2_512, PRF_HMAC_SHA1/"
                   "CURVE25519, ECP_256, ECP_384, MODP_2048, MODP_3072, MODP_4096, ECP_521");
  g_assert_cmpstr (esp_text, ==,
                   "AES_GCM_16_256, AES_GCM_16_128, CHACHA20_POLY1305; AES_CBC_256, AES_CBC_128/HMAC_SHA2_256_128, "
                   "HMAC_SHA2_384_192, HMAC_SHA2_512_256, HMAC_SHA1_96");
  g_assert_cmpuint (ike_proposals_first_ke (for_esp, 0), ==, IKE_KE_NONE);
  g_assert_cmpuint (ike_proposals_first_ke (for_pfs, 0), ==, IKE_KE_CURVE25519);
  g_assert_cmpuint (ike_proposals_first_ke (for_ike, IKE_KE_MODP_2048), ==, IKE_KE_MODP_2048);
  g_assert_cmpuint (ike_proposals_first_ke (for_ike, IKE_KE_MODP_1024), ==, IKE_KE_CURVE25519);
  g_assert_true (ike_proposals_have_ke (for_ike, IKE_KE_ECP_521));
  g_assert_false (ike_proposals_have_ke (for_ike, IKE_KE_NONE));
}

static gboolean
nothing (const IkeCrypto *self, IkeTransformType type, guint16 id, guint16 key_bits)
{
  return FALSE;
}

static gboolean
no_aead (const IkeCrypto *self, IkeTransformType type, guint16 id, guint16 key_bits)
{
  return type != IKE_TRANSFORM_ENCR || id == IKE_ENCR_AES_CBC;
}

static void
test_filter (void)
{
  const Transforms for_kernel[] = { { { TB (ENCR, AES_CCM_16, 128), T (KE, CURVE448), T (ESN, NO) } } };
  g_autoptr (GPtrArray) ours = ours_new (IKE_PROTOCOL_IKE, ike_ours, 2);
  g_autoptr (GPtrArray) esp = ours_new (IKE_PROTOCOL_ESP, esp_ours, 2);
  g_autoptr (GPtrArray) ccm = ours_new (IKE_PROTOCOL_ESP, for_kernel, 1);
  IkeCrypto limited = *test_crypto ();

  limited.supports = no_aead;
  g_assert_true (ike_proposals_filter (ours, &limited));
  g_assert_cmpuint (ours->len, ==, 1);
  limited.supports = nothing;
  g_assert_false (ike_proposals_filter (ours, &limited));
  /* ESP's ciphers are the kernel's business; a list of groups of which none is left must not become "no PFS". */
  g_assert_true (ike_proposals_filter (esp, &limited));
  g_assert_cmpuint (esp->len, ==, 1);
  g_assert_cmpuint (ike_proposals_first_ke (esp, 0), ==, IKE_KE_NONE);
  g_assert_false (ike_proposals_filter (ccm, test_crypto ()));
}

static void
test_copies (void)
{
  g_autoptr (GPtrArray) ours = ours_new (IKE_PROTOCOL_ESP, esp_ours, 2);
  g_autoptr (GPtrArray) copies = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_proposal_free);
  g_autofree char *text = NULL;

  for (guint i = 0; i < ours->len; i++)
    g_ptr_array_add (copies, ike_proposal_without_ke (ours->pdata[i]));
  text = ike_proposals_to_string (copies);
  g_assert_cmpstr (text, ==, "AES_GCM_16_256, CHACHA20_POLY1305/ESN; AES_CBC_128/HMAC_SHA2_256_128");
}

/* Never fewer key exchanges than were named, because this machine lacks a method; unless NONE was named too. */
static void
test_filter_additional (void)
{
  static const struct {
    guint16 methods[2];
    guint left;
  } rows[] = { { { IKE_KE_ECP_384 }, 4 }, { { IKE_KE_CURVE448 }, 0 }, { { IKE_KE_CURVE448, IKE_KE_ECP_384 }, 4 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Transforms list[] = { { { TB (ENCR, AES_GCM_16, 128), T (PRF, HMAC_SHA2_256), T (KE, ECP_256) } } };
      g_autoptr (GPtrArray) ours = NULL;

      for (guint j = 0; j < 2 && rows[i].methods[j]; j++)
        list[0].at[3 + j] = (IkeTransform){ IKE_TRANSFORM_ADDKE2, rows[i].methods[j], 0 };
      ours = ours_new (IKE_PROTOCOL_IKE, list, 1);
      g_assert_true (ike_proposals_have_addke (ours));
      g_assert_true (ike_proposals_filter (ours, test_crypto ()) == (rows[i].left > 0));
      if (rows[i].left)
        g_assert_cmpuint (((IkeProposal *) ours->pdata[0])->transforms->len, ==, rows[i].left);
    }
}

/* RFC 9370 section 2.2.2: no method twice. What would be taken first for one place may be all that fits another. */
static void
test_choose_additional (void)
{
  enum { A = IKE_KE_ECP_384, B = IKE_KE_ECP_521, C = IKE_KE_MODP_3072, LEN = 8 };
  static const struct {
    struct {
      guint8 place;
      guint16 method;
    } theirs[LEN];
    const char *want;
  } rows[] = {
    { { { 1, A }, { 1, B }, { 2, A } }, "ECP_521/ECP_384" },
    { { { 1, A }, { 1, B }, { 2, A }, { 2, B } }, "ECP_384/ECP_521" },
    { { { 1, A }, { 1, B }, { 1, C }, { 2, A }, { 2, B }, { 3, A } }, "MODP_3072/ECP_521/ECP_384" },
    { { { 1, A }, { 2, A } }, NULL },
    { { { 1, A }, { 1, B }, { 2, A }, { 2, B }, { 3, A }, { 3, B } }, NULL },
    { { { 1, A }, { 1, B }, { 2, A }, { 2, B }, { 3, A }, { 3, B }, { 3, IKE_KE_NONE } }, "ECP_384/ECP_521" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Transforms both[] = { { { TB (ENCR, AES_GCM_16, 256), T (PRF, HMAC_SHA2_256), T (KE, ECP_256) } } };
      g_autofree char *got = NULL, *want = NULL;

      for (guint j = 0; j < LEN && rows[i].theirs[j].place; j++)
        both[0].at[3 + j] =
            (IkeTransform){ IKE_TRANSFORM_ADDKE1 + rows[i].theirs[j].place - 1, rows[i].theirs[j].method, 0 };
      got = choose (IKE_PROTOCOL_IKE, both, 1, both, 1, &ike);
      want = rows[i].want ? g_strconcat ("AES_GCM_16_256/PRF_HMAC_SHA2_256/ECP_256/", rows[i].want, NULL) : NULL;
      g_assert_cmpstr (got, ==, want);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/proposal/cve-2016-5391-choose-ike", test_choose_ike);
  g_test_add_func ("/crypto/proposal/choose-by-the-group-that-came", test_ke_sent);
  g_test_add_func ("/crypto/proposal/cve-2024-3652-choose-esp", test_choose_esp);
  g_test_add_func ("/crypto/proposal/esn-unsaid", test_esn_unsaid);
  g_test_add_func ("/crypto/proposal/choose-what-was-asked-by-name", test_choose_by_name);
  g_test_add_func ("/crypto/proposal/unknown-type-and-protocol", test_unknown_type_and_protocol);
  g_test_add_func ("/crypto/proposal/suite-fields", test_suite_fields);
  g_test_add_func ("/crypto/proposal/check-ike", test_check_ike);
  g_test_add_func ("/crypto/proposal/check-esp", test_check_esp);
  g_test_add_func ("/crypto/proposal/check-number", test_check_number);
  g_test_add_func ("/crypto/proposal/defaults", test_defaults);
  g_test_add_func ("/crypto/proposal/filter", test_filter);
  g_test_add_func ("/crypto/proposal/filter-additional", test_filter_additional);
  g_test_add_func ("/crypto/proposal/choose-additional", test_choose_additional);
  g_test_add_func ("/crypto/proposal/without-ke", test_copies);
  return g_test_run ();
}
