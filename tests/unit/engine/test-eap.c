/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The EAP peer in conversations: each is an array of what the server says and what must come of it. The good one is RFC
 * 2759 section 9.2 (user "User", password "clientPass"), with the peer's challenge fixed.
 */
#include "eap-test.h"

static void
converse (const Line *lines)
{
  converse_as ("User", 1u << IKE_EAP_MSCHAPV2, lines);
}

#define CHALLENGE "01 02 0021 1a 01 05 001c 10 5b5d7c7d7b3f2f3e3c2c602132262628 73727631 323334"
#define RESPONSE                                                                                                       \
 "02 02 003f 1a 02 05 003a 31 21402324255e262a28295f2b3a337c7e 0000000000000000"                                       \
 "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df 00 55736572"
/* "S=407A5589115FD0D6209F510FE9C04566932CDA56 M=OK" */
#define SUCCESS                                                                                                        \
 "01 03 0038 1a 03 05 0033 "                                                                                           \
 "533d34303741353538393131354644304436323039463531304645394330343536363933324344413536204d3d4f4b"
#define SAY_SUCCESS                                                                                                    \
 { SERVER, SUCCESS },                                                                                                  \
 {                                                                                                                     \
  REPLY, "02 03 0006 1a 03"                                                                                            \
 }
#define MSK                                                                                                            \
 "d5f0e9521e3ea9589645e86051c82226 8b7cdc149b993a1ba118cb153f56dccb"                                                   \
 "0000000000000000000000000000000000000000000000000000000000000000"
#define UP_TO_RESPONSE                                                                                                 \
 ASK_IDENTITY, { SERVER, CHALLENGE }, { ASK, NULL }, { GIVE, "clientPass" },                                           \
 {                                                                                                                     \
  REPLY, RESPONSE                                                                                                      \
 }

static void
test_good (void)
{
  static const Line lines[] = { UP_TO_RESPONSE, SAY_SUCCESS, { SERVER, "03 03 0004" }, { KEY, MSK }, { END } };

  converse (lines);
}

/* The domain belongs to the name that is sent, not to the hash (RFC 2759 section 4). */
static void
test_domain (void)
{
  static const Line lines[] = {
    { SERVER, "01 01 0005 01" },
    { REPLY, "02 01 000f 01 424947434f5c55736572" },
    { SERVER, CHALLENGE },
    { ASK, NULL },
    { GIVE, "clientPass" },
    { REPLY, "02 02 0045 1a 02 05 0040 31 21402324255e262a28295f2b3a337c7e 0000000000000000"
             "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df 00 424947434f5c55736572" },
    SAY_SUCCESS,
    { SERVER, "03 03 0004" },
    { KEY, MSK },
    { END },
  };

  converse_as ("BIGCO\\User", 1u << IKE_EAP_MSCHAPV2, lines);
}

/* Servers may begin at once, notify on the way, and ask for the identity more than once before. */
static void
test_notification (void)
{
  static const Line lines[] = {
    { SERVER, "01 20 000a 02 48656c6c6f" },
    { REPLY, "02 20 0005 02" },
    ASK_IDENTITY,
    { SERVER, "01 09 0005 01" },
    { REPLY, "02 09 0009 01 55736572" },
    { SERVER, CHALLENGE },
    { ASK, NULL },
    { GIVE, "clientPass" },
    { REPLY, RESPONSE },
    { SERVER, "01 20 0005 02" },
    { REPLY, "02 20 0005 02" },
    SAY_SUCCESS,
    { SERVER, "03 03 0004" },
    { KEY, MSK },
    { END },
  };

  converse (lines);
}

/* ---- Success at the wrong time: cve-2021-45079, CVE checklist row 3 ---- */

static void
test_early_success (void)
{
  static const Line at_once[] = { { SERVER, "03 01 0004" }, { FAIL, "EAP_EARLY_SUCCESS" }, { END } };
  static const Line after_identity[] = {
    ASK_IDENTITY, { SERVER, "03 01 0004" }, { FAIL, "EAP_EARLY_SUCCESS" }, { END }
  };
  static const Line after_response[] = {
    UP_TO_RESPONSE, { SERVER, "03 02 0004" }, { FAIL, "EAP_EARLY_SUCCESS" }, { END }
  };
  static const Line after_nak[] = { ASK_IDENTITY,
                                    { SERVER, "01 02 0006 0d 20" },
                                    { REPLY, "02 02 0006 03 1a" },
                                    { SERVER, "03 02 0004" },
                                    { FAIL, "EAP_EARLY_SUCCESS" },
                                    { END } };
  static const Line while_asking[] = {
    ASK_IDENTITY, { SERVER, CHALLENGE }, { ASK, NULL }, { SERVER, "03 02 0004" }, { FAIL, "BAD_MESSAGE" }, { END }
  };
  static const Line after_refusal[] = { UP_TO_RESPONSE,
                                        { SERVER, "01 03 0014 1a 04 05 000f 453d36393120523d30204d" },
                                        { REPLY, "02 03 0006 1a 04" },
                                        { SERVER, "03 02 0004" },
                                        { FAIL, "EAP_EARLY_SUCCESS" },
                                        { END } };

  converse (at_once);
  converse (after_identity);
  converse (after_response);
  converse (after_nak);
  converse (while_asking);
  converse (after_refusal);
}

static void
test_twice (void)
{
  static const Line lines[] = {
    UP_TO_RESPONSE,          SAY_SUCCESS, { SERVER, "03 03 0004" }, { KEY, MSK }, { SERVER, "03 03 0004" },
    { FAIL, "BAD_MESSAGE" }, { END }
  };

  converse (lines);
}

/* ---- a server that does not know the password ---- */

static void
test_wrong_server (void)
{
  static const char *const messages[] = {
    /* S= of another password, one digit off, cut short, no digits, nothing, lower-case name, M= only */
    "01 03 0033 1a 03 05 002e 533d34303741353538393131354644304436323039463531304645394330343536363933324344413537",
    "01 03 0032 1a 03 05 002d 533d343037413535383931313546443044363230394635313046453943303435363639333243444135",
    "01 03 0033 1a 03 05 002e 533d5a303741353538393131354644304436323039463531304645394330343536363933324344413536",
    "01 03 000b 1a 03 05 0006 533d",
    "01 03 0009 1a 03 05 0004",
    "01 03 0033 1a 03 05 002e 733d34303741353538393131354644304436323039463531304645394330343536363933324344413536",
    "01 03 000d 1a 03 05 0008 4d3d4f4b",
  };

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      const Line lines[] = {
        UP_TO_RESPONSE, { SERVER, messages[i] }, { FAIL, "EAP_SERVER_WRONG: EAP-MSCHAPv2" }, { END }
      };

      converse (lines);
    }
}

/* Lower-case digits are still the number. */
static void
test_lower_case (void)
{
  static const Line lines[] = { UP_TO_RESPONSE,
                                { SERVER, "01 03 0033 1a 03 05 002e 533d"
                                          "34303761353538393131356664306436323039663531306665396330343536363933326364"
                                          "61 3536" },
                                { REPLY, "02 03 0006 1a 03" },
                                { SERVER, "03 03 0004" },
                                { KEY, MSK },
                                { END } };

  converse (lines);
}

/* ---- refusals ---- */

/* An MSCHAPv2 Failure request with this text. */
static char *
failure_packet (const char *text)
{
  gsize len = strlen (text);
  GString *hex = g_string_new (NULL);

  g_string_append_printf (hex, "01 03 %04x 1a 04 05 %04x", (guint) len + 9, (guint) len + 4);
  for (gsize i = 0; i < len; i++)
    g_string_append_printf (hex, "%02x", (guchar) text[i]);
  return g_string_free (hex, FALSE);
}

static void
test_refused (void)
{
  static const struct {
    const char *text, *reason;
  } rows[] = {
    { "E=691 R=0 C=000102030405060708090A0B0C0D0E0F V=3 M=Access denied",
      "EAP_REFUSED: EAP-MSCHAPv2 as User: the user name or password is wrong (error 691)" },
    { "E=648 R=0 V=3", "EAP_REFUSED: EAP-MSCHAPv2 as User: the password has expired (error 648)" },
    { "E=647 R=0", "EAP_REFUSED: EAP-MSCHAPv2 as User: the account is disabled (error 647)" },
    { "E=646 R=0", "EAP_REFUSED: EAP-MSCHAPv2 as User: log-on is not allowed at this time (error 646)" },
    { "E=649 R=0", "EAP_REFUSED: EAP-MSCHAPv2 as User: the account may not dial in (error 649)" },
    { "E=1234 R=0 M=Come back\ntomorrow", "EAP_REFUSED: EAP-MSCHAPv2 as User: Come back\\" },
    { "E=99999999999999999999 R=0", "EAP_REFUSED: EAP-MSCHAPv2 as User: no explanation (error " },
    { "", "EAP_REFUSED: EAP-MSCHAPv2 as User: no explanation (error 0)" },
    { "garbage=R=", "EAP_REFUSED: EAP-MSCHAPv2 as User: no explanation (error 0)" },
    { "R=1 E=691 C=00", "EAP_REFUSED: EAP-MSCHAPv2 as User: the user name or password is wrong (error 691)" },
    { "R=1 E=691", "EAP_REFUSED" }, /* a retry needs a challenge: there "MUST" be one */
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *packet = failure_packet (rows[i].text);
      const Line lines[] = { UP_TO_RESPONSE,
                             { SERVER, packet },
                             { REPLY, "02 03 0006 1a 04" },
                             { REFUSAL, rows[i].reason },
                             { SERVER, "04 03 0004" },
                             { FAIL, rows[i].reason },
                             { END } };

      converse (lines);
    }
}

/* R=1: the next password answers the challenge of the Failure, under the next number. */
static void
test_retry (void)
{
  g_autofree char *packet = failure_packet ("E=691 R=1 C=5B5D7C7D7B3F2F3E3C2C602132262628 V=3 M=No");
  const Line lines[] = {
    ASK_IDENTITY,
    { SERVER, "01 02 0021 1a 01 05 001c 10 00000000000000000000000000000000 73727631 323334" },
    { ASK, NULL },
    { GIVE, "wrong" },
    { REPLY, "02 02 003f 1a 02 05 003a 31 21402324255e262a28295f2b3a337c7e 0000000000000000"
             "aab435566d3b765209d8193f821959f04f13e26df128c5d3 00 55736572" },
    { SERVER, packet },
    { ASK, "the user name or password is wrong" },
    { GIVE, "clientPass" },
    { REPLY, "02 03 003f 1a 02 06 003a 31 21402324255e262a28295f2b3a337c7e 0000000000000000"
             "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df 00 55736572" },
    SAY_SUCCESS,
    { SERVER, "03 03 0004" },
    { KEY, MSK },
    { END },
  };

  converse (lines);
}

/* However patient the server: after some passwords we stop. */
static void
test_retry_limit (void)
{
  g_autofree char *packet = failure_packet ("E=691 R=1 C=5B5D7C7D7B3F2F3E3C2C602132262628 V=3 M=No");
  g_autoptr (GBytes) challenge = test_hex (CHALLENGE), failure = test_hex (packet);
  g_autoptr (IkeEapPeer) peer =
      ike_eap_peer_new (test_crypto (), &(IkeEapSettings){ .user = "User", .methods = 1u << IKE_EAP_MSCHAPV2 });
  g_auto (IkeEapStep) step = { 0 };
  guint asked = 0;

  ike_eap_peer_handle (peer, ike_chunk_bytes (challenge), &step);
  while (step.action == IKE_EAP_STEP_SECRET)
    {
      g_assert_cmpuint (step.attempt, ==, asked);
      asked++;
      ike_eap_step_clear (&step);
      ike_eap_peer_give_secret (peer, ike_secret_new_from ("x", 1), &step);
      g_assert_cmpint (step.action, ==, IKE_EAP_STEP_SEND);
      ike_eap_step_clear (&step);
      ike_eap_peer_handle (peer, ike_chunk_bytes (failure), &step);
    }
  g_assert_cmpint (step.action, ==, IKE_EAP_STEP_SEND);
  g_assert_cmpuint (asked, ==, 8);
}

static void
test_no_password (void)
{
  g_autofree char *packet = failure_packet ("E=691 R=1 C=5B5D7C7D7B3F2F3E3C2C602132262628");
  const Line first[] = { { SERVER, CHALLENGE }, { ASK, NULL }, { GIVE, NULL }, { FAIL, "SECRET_MISSING" }, { END } };
  const Line second[] = { UP_TO_RESPONSE, { SERVER, packet },      { ASK, "the user name or password is wrong" },
                          { GIVE, NULL }, { FAIL, "EAP_REFUSED" }, { END } };
  const Line unasked[] = { ASK_IDENTITY, { GIVE, "clientPass" }, { FAIL, "BAD_MESSAGE" }, { END } };
  const Line latin1[] = {
    { SERVER, CHALLENGE }, { ASK, NULL }, { GIVE, "caf\xe9" }, { FAIL, "SECRET_MISSING" }, { END }
  };

  converse (first);
  converse (second);
  converse (unasked);
  converse (latin1);
}

static void
test_failure_codes (void)
{
  static const Line at_once[] = { { SERVER, "04 01 0004" }, { FAIL, "EAP_REFUSED: EAP as User" }, { END } };
  static const Line after_response[] = {
    UP_TO_RESPONSE, { SERVER, "04 01 0004" }, { FAIL, "EAP_REFUSED: EAP-MSCHAPv2 as User" }, { END }
  };

  converse (at_once);
  converse (after_response);
}

/* ---- methods that we do not have ---- */

static void
test_nak (void)
{
  static const Line lines[] = { ASK_IDENTITY,
                                { SERVER, "01 02 0006 0d 20" },
                                { REPLY, "02 02 0006 03 1a" },
                                { SERVER, "01 03 0006 15 20" },
                                { REPLY, "02 03 0006 03 1a" },
                                { SERVER, "04 03 0004" },
                                { FAIL, "EAP_METHOD: EAP_TLS, EAP_TTLS" },
                                { END } };
  static const Line not_allowed[] = { { SERVER, CHALLENGE }, { REPLY, "02 02 0006 03 00" }, { END } };
  static const Line expanded[] = { { SERVER, "01 02 000d fe 000137 00000001 00" },
                                   { REPLY, "02 02 0006 03 1a" },
                                   { END } };

  converse (lines);
  converse_as ("User", 0, not_allowed);
  converse (expanded);
}

/* ---- what must not be believed ---- */

static void
test_malformed (void)
{
  static const char *const packets[] = {
    "",
    "01",
    "01 01 0004", /* a request without type */
    "01 01 0005", /* shorter than it says */
    "01 01 0004 01", /* longer than it says */
    "01 01 0000 01",
    "05 01 0004", /* no such code */
    "00 01 0005 01",
    "02 01 0009 01 55736572", /* a response */
    "03 01 0005 01", /* Success with data */
    "01 01 0006 03 1a", /* Nak as a request */
    "01 01 0008 fe 0001", /* half an expanded type */
  };

  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      const Line lines[] = {
        { SERVER, packets[i] }, { FAIL, "BAD_MESSAGE" }, { SERVER, CHALLENGE }, { FAIL, "BAD_MESSAGE" }, { END }
      };

      converse (lines);
    }
}

/* MS-Length is what a server says; how much there is, EAP has said. */
static void
test_ms_length (void)
{
  static const struct {
    const char *challenge, *success;
  } rows[] = { { "0000", "0000" }, { "0018", "002f" }, { "0020", "0037" }, { "ffff", "ffff" } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *challenge = g_strdup (CHALLENGE), *success = g_strdup (SUCCESS);
      const Line lines[] = {
        ASK_IDENTITY,
        { SERVER, challenge },
        { ASK, NULL },
        { GIVE, "clientPass" },
        { REPLY, RESPONSE },
        { SERVER, success },
        { REPLY, "02 03 0006 1a 03" },
        { SERVER, "03 03 0004" },
        { KEY, MSK },
        { END },
      };
      const Line refused[] = {
        UP_TO_RESPONSE,
        { SERVER, i % 2 ? "01 03 0014 1a 04 05 000b 453d36393120523d30204d"
                        : "01 03 0014 1a 04 05 0013 453d36393120523d30204d" },
        { REPLY, "02 03 0006 1a 04" },
        { REFUSAL, "EAP_REFUSED: EAP-MSCHAPv2 as User: the user name or password is wrong" },
        { END },
      };

      memcpy (strstr (challenge, "001c"), rows[i].challenge, 4);
      memcpy (strstr (success, "0033"), rows[i].success, 4);
      converse (lines);
      converse (refused);
    }
}

/* cve-2025-62291 and its family, CVE checklist row 33: lengths 0 to 8. */
static void
test_malformed_mschapv2 (void)
{
  static const char *const packets[] = {
    "01 02 0005 1a",
    "01 02 0006 1a 01",
    "01 02 0007 1a 01 05",
    "01 02 0008 1a 01 05 00",
    "01 02 0009 1a 01 05 0004", /* a challenge without anything */
    "01 02 000a 1a 01 05 0005 10",
    "01 02 0021 1a 01 05 001c 08 5b5d7c7d7b3f2f3e3c2c602132262628 73727631 323334",
    "01 02 0021 1a 01 05 001c ff 5b5d7c7d7b3f2f3e3c2c602132262628 73727631 323334",
    "01 02 0019 1a 01 05 0014 10 5b5d7c7d7b3f2f3e3c2c6021322626",
    /* in the wrong order */
    SUCCESS,
    "01 03 0011 1a 04 05 000c 453d36393120523d",
    "01 02 0009 1a 02 05 0004",
    "01 02 0009 1a 07 05 0004",
    "01 02 0009 1a 00 05 0004",
  };
  static const char *const later[] = {
    CHALLENGE, /* a second challenge */
    "01 03 0005 1a",    "01 03 0006 1a 03",    "01 03 0008 1a 03 05 00",
    "01 03 0006 1a 04", "01 03 0007 1a 04 05", "01 03 0008 1a 04 05 00",
  };

  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      const Line lines[] = { ASK_IDENTITY, { SERVER, packets[i] }, { FAIL, "BAD_MESSAGE" }, { END } };

      converse (lines);
    }
  for (guint i = 0; i < G_N_ELEMENTS (later); i++)
    {
      const Line lines[] = { UP_TO_RESPONSE, { SERVER, later[i] }, { FAIL, "BAD_MESSAGE" }, { END } };

      converse (lines);
    }
}

/* Inside of a tunnel: another method when the first has finished, and only then; what it has proven is over then. */
static void
test_chain (void)
{
  const IkeEapSettings settings = { .user = "User",
                                    .methods = 1u << IKE_EAP_MSCHAPV2 | 1u << IKE_EAP_GTC | 1u << IKE_EAP_MD5,
                                    .chain = TRUE };
  static const Line good[] = {
    UP_TO_RESPONSE,
    SAY_SUCCESS,
    { NEXT, NULL },
    { SERVER, "01 04 0009 06 436f6465" },
    { ASK_CODE, "Code" },
    { GIVE, "123456" },
    { REPLY, "02 04 000b 06 313233343536" },
    { SERVER, "03 04 0004" },
    { DONE, NULL },
    { END },
  };
  static const Line again[] = {
    /* with another identity request in between */
    ASK_IDENTITY,
    { SERVER, "01 02 0009 06 436f6465" },
    { ASK_CODE, "Code" },
    { GIVE, "123456" },
    { REPLY, "02 02 000b 06 313233343536" },
    { SERVER, "01 03 0005 01" },
    { REPLY, "02 03 0009 01 55736572" },
    { SERVER, "03 03 0004" },
    { FAIL, "EAP_EARLY_SUCCESS" },
    { END },
  };
  static const Line unfinished[] = {
    UP_TO_RESPONSE, { SERVER, "01 04 0009 06 436f6465" }, { FAIL, "BAD_MESSAGE" }, { END }
  };
  static const Line identity[] = { UP_TO_RESPONSE, { SERVER, "01 03 0005 01" }, { FAIL, "BAD_MESSAGE" }, { END } };
  static const Line early[] = {
    /* the second one says nothing yet */
    UP_TO_RESPONSE,
    SAY_SUCCESS,
    { SERVER, "01 04 0006 0d 20" }, /* EAP-TLS, which is not allowed */
    { REPLY, "02 04 0008 03 1a0604" },
    { SERVER, "03 04 0004" },
    { FAIL, "EAP_EARLY_SUCCESS" },
    { END },
  };
#define ROUND(n)                                                                                                       \
 { NEXT, NULL }, { SERVER, "01 1" #n " 0009 06 436f6465" }, { ASK_CODE, "Code" }, { GIVE, "1" },                       \
     { REPLY, "02 1" #n " 0006 06 31" }, { SERVER, "01 2" #n " 0005 01" },                                             \
 {                                                                                                                     \
  REPLY, NULL                                                                                                          \
 }
  static const Line endless[] = {
    ROUND (1), ROUND (2), ROUND (3), ROUND (4), { SERVER, "01 30 0009 06 436f6465" }, { FAIL, "LIMIT" }, { END },
  };
#undef ROUND

  converse_with (&settings, good);
  converse_with (&settings, again);
  converse_with (&settings, unfinished);
  converse_with (&settings, identity);
  converse_with (&settings, early);
  converse_with (&settings, endless);
}

static void
test_method_changes (void)
{
  static const Line other[] = { UP_TO_RESPONSE, { SERVER, "01 03 0006 0d 20" }, { FAIL, "BAD_MESSAGE" }, { END } };
  static const Line identity[] = { UP_TO_RESPONSE, { SERVER, "01 03 0005 01" }, { FAIL, "BAD_MESSAGE" }, { END } };
  static const Line again[] = { UP_TO_RESPONSE, SAY_SUCCESS, { SERVER, CHALLENGE }, { FAIL, "BAD_MESSAGE" }, { END } };

  converse (other);
  converse (identity);
  converse (again);
}

static void
test_rounds (void)
{
  g_autoptr (GBytes) request = test_hex ("01 01 0005 01");
  g_autoptr (IkeEapPeer) peer =
      ike_eap_peer_new (test_crypto (), &(IkeEapSettings){ .user = "User", .methods = 1u << IKE_EAP_MSCHAPV2 });

  for (guint i = 0; i <= IKE_EAP_MAX_ROUNDS; i++)
    {
      g_auto (IkeEapStep) step = { 0 };

      ike_eap_peer_handle (peer, ike_chunk_bytes (request), &step);
      g_assert_cmpint (step.action, ==, i < IKE_EAP_MAX_ROUNDS ? IKE_EAP_STEP_SEND : IKE_EAP_STEP_FAILED);
      if (i == IKE_EAP_MAX_ROUNDS)
        g_assert_cmpint (step.reason.code, ==, IKE_REASON_LIMIT);
    }
}

/* Row 18: strange identities; and one that does not fit into a packet. */
static void
test_identities (void)
{
  static const char *const identities[] = { "", "@", "@#", "@@", "%any", "\\", "a\\b\\c", "\xf0\x9f\x90\xa7" };
  g_autofree char *huge = g_strnfill (65536, 'a');
  const Line too_long[] = { { SERVER, "01 01 0005 01" }, { FAIL, "LIMIT" }, { END } };

  for (guint i = 0; i < G_N_ELEMENTS (identities); i++)
    {
      g_autoptr (GBytes) request = test_hex ("01 01 0005 01"), challenge = test_hex (CHALLENGE);
      g_autoptr (IkeEapPeer) peer = ike_eap_peer_new (
          test_crypto (), &(IkeEapSettings){ .user = identities[i], .methods = 1u << IKE_EAP_MSCHAPV2 });
      g_auto (IkeEapStep) identity = { 0 }, ask = { 0 }, response = { 0 };
      gsize len = strlen (identities[i]);

      ike_eap_peer_handle (peer, ike_chunk_bytes (request), &identity);
      g_assert_cmpuint (g_bytes_get_size (identity.packet), ==, 5 + len);
      ike_eap_peer_handle (peer, ike_chunk_bytes (challenge), &ask);
      ike_eap_peer_give_secret (peer, ike_secret_new_from ("p", 1), &response);
      g_assert_cmpuint (g_bytes_get_size (response.packet), ==, 59 + len);
    }
  converse_as (huge, 1u << IKE_EAP_MSCHAPV2, too_long);
}

/* ---- the provider's failure ---- */

static gboolean
no_des (const IkeCrypto *self, const guint8 key[8], const guint8 in[8], guint8 out[8])
{
  return FALSE;
}

static void
test_provider_fails (void)
{
  IkeCrypto failing = *test_crypto ();
  g_autoptr (GBytes) challenge = test_hex (CHALLENGE);
  g_autoptr (IkeEapPeer) peer =
      ike_eap_peer_new (&failing, &(IkeEapSettings){ .user = "User", .methods = 1u << IKE_EAP_MSCHAPV2 });
  g_auto (IkeEapStep) ask = { 0 }, response = { 0 };

  failing.des_block = no_des;
  ike_eap_peer_handle (peer, ike_chunk_bytes (challenge), &ask);
  ike_eap_peer_give_secret (peer, ike_secret_new_from ("p", 1), &response);
  g_assert_cmpint (response.action, ==, IKE_EAP_STEP_FAILED);
  g_assert_cmpint (response.reason.code, ==, IKE_REASON_CRYPTO);
}

int
main (int argc, char **argv)
{
  int rv;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eap/provider-fails", test_provider_fails);
  g_test_add_func ("/eap/good", test_good);
  g_test_add_func ("/eap/domain", test_domain);
  g_test_add_func ("/eap/notification-and-second-identity", test_notification);
  g_test_add_func ("/eap/cve-2021-45079-early-success", test_early_success);
  g_test_add_func ("/eap/nothing-after-the-end", test_twice);
  g_test_add_func ("/eap/server-does-not-know-the-password", test_wrong_server);
  g_test_add_func ("/eap/server-writes-small-digits", test_lower_case);
  g_test_add_func ("/eap/refused", test_refused);
  g_test_add_func ("/eap/retry", test_retry);
  g_test_add_func ("/eap/retry-limit", test_retry_limit);
  g_test_add_func ("/eap/no-password", test_no_password);
  g_test_add_func ("/eap/failure", test_failure_codes);
  g_test_add_func ("/eap/nak", test_nak);
  g_test_add_func ("/eap/malformed", test_malformed);
  g_test_add_func ("/eap/chain", test_chain);
  g_test_add_func ("/eap/ms-length", test_ms_length);
  g_test_add_func ("/eap/cve-2025-62291-malformed-mschapv2", test_malformed_mschapv2);
  g_test_add_func ("/eap/method-changes", test_method_changes);
  g_test_add_func ("/eap/rounds", test_rounds);
  g_test_add_func ("/eap/identities", test_identities);
  rv = g_test_run ();
  g_assert_cmpint (secret_count_total (), >, 0);
  g_assert_cmpint (secret_count_live (), ==, 0);
  return rv;
}
