/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EAP methods without a key, and how a method is agreed on. */
#include "eap-test.h"

#include "eap/eap-method.h"

static void
test_gtc (void)
{
  const Line code[] = {
    ASK_IDENTITY,
    { SERVER, "01 02 000d 06 50415353 434f4445" }, /* PASSCODE */
    { ASK_CODE, "PASSCODE" },
    { GIVE, "123456" },
    { REPLY, "02 02 000b 06 313233343536" },
    { SERVER, "01 03 0009 06 6e657874" }, /* the next one, please */
    { ASK_CODE, "next" },
    { GIVE, "654321" },
    { REPLY, "02 03 000b 06 363534333231" },
    { SERVER, "03 03 0004" },
    { DONE, NULL },
    { END },
  };
  const Line refused[] = { { SERVER, "01 02 0005 06" },
                           { ASK_CODE, NULL },
                           { GIVE, "1" },
                           { REPLY, "02 02 0006 06 31" },
                           { SERVER, "04 02 0004" },
                           { FAIL, "EAP_REFUSED: EAP-GTC as User" },
                           { END } };
  const Line none[] = {
    { SERVER, "01 02 0005 06" }, { ASK_CODE, NULL }, { GIVE, NULL }, { FAIL, "SECRET_MISSING" }, { END }
  };
  const Line early[] = {
    { SERVER, "01 02 0005 06" }, { ASK_CODE, NULL }, { SERVER, "03 02 0004" }, { FAIL, "BAD_MESSAGE" }, { END }
  };
  const Line again[] = { { SERVER, "01 02 0005 06" },   { ASK_CODE, NULL },          { GIVE, "1" },
                         { REPLY, "02 02 0006 06 31" }, { SERVER, "01 03 0005 06" }, { ASK_CODE, NULL },
                         { SERVER, "03 03 0004" },      { FAIL, "BAD_MESSAGE" },     { END } };

  converse_as ("User", 1u << IKE_EAP_GTC, code);
  converse_as ("User", 1u << IKE_EAP_GTC, refused);
  converse_as ("User", 1u << IKE_EAP_GTC, none);
  converse_as ("User", 1u << IKE_EAP_GTC, early);
  converse_as ("User", 1u << IKE_EAP_GTC, again);
}

/* The digest is openssl's: printf '\005clientPass\001\002\003\004' | openssl md5 */
static void
test_md5 (void)
{
  const Line good[] = {
    ASK_IDENTITY,
    { SERVER, "01 05 000d 04 04 01020304 737276" },
    { ASK, NULL },
    { GIVE, "clientPass" },
    { REPLY, "02 05 001a 04 10 d290d96078fbf57ec8100ea9b53a0ac2 55736572" },
    { SERVER, "03 05 0004" },
    { DONE, NULL },
    { END },
  };
  const Line early[] = { ASK_IDENTITY, { SERVER, "03 01 0004" }, { FAIL, "EAP_EARLY_SUCCESS" }, { END } };
  const Line twice[] = { { SERVER, "01 05 000a 04 04 01020304" },
                         { ASK, NULL },
                         { GIVE, "x" },
                         { REPLY, NULL },
                         { SERVER, "01 06 000a 04 04 01020304" },
                         { FAIL, "BAD_MESSAGE: EAP-MD5: packet out of order" },
                         { END } };
  static const char *const broken[] = { "01 05 0005 04", "01 05 0006 04 00", "01 05 0009 04 04 010203" };

  converse_as ("User", 1u << IKE_EAP_MD5, good);
  converse_as ("User", 1u << IKE_EAP_MD5, early);
  converse_as ("User", 1u << IKE_EAP_MD5, twice);
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      const Line lines[] = { { SERVER, broken[i] }, { FAIL, "BAD_MESSAGE: EAP-MD5: malformed challenge" }, { END } };

      converse_as ("User", 1u << IKE_EAP_MD5, lines);
    }
}

/* What the server may choose from, best first, and which it then must keep to. */
static void
test_negotiation (void)
{
  const Line lines[] = { ASK_IDENTITY,
                         { SERVER, "01 02 0006 0d 20" },
                         { REPLY, "02 02 0008 03 1a 06 04" },
                         { SERVER, "01 03 0005 06" },
                         { ASK_CODE, NULL },
                         { GIVE, "1" },
                         { REPLY, "02 03 0006 06 31" },
                         { SERVER, "01 04 000a 04 04 01020304" },
                         { FAIL, "BAD_MESSAGE: the server changed the EAP method" },
                         { END } };

  converse_as ("User", 1u << IKE_EAP_MSCHAPV2 | 1u << IKE_EAP_GTC | 1u << IKE_EAP_MD5, lines);
}

static void
test_outer_identity (void)
{
  const IkeEapSettings settings = { .user = "User", .outer = "anonymous", .methods = 1u << IKE_EAP_MD5 };
  g_autoptr (IkeEapPeer) peer = ike_eap_peer_new (test_crypto (), &settings);
  g_autoptr (GBytes) identity = test_hex ("01 01 0005 01"), challenge = test_hex ("01 02 0007 04 01 ff");
  g_auto (IkeEapStep) said = { 0 }, ask = { 0 }, answer = { 0 };

  ike_eap_peer_handle (peer, ike_chunk_bytes (identity), &said);
  test_assert_hex (g_bytes_get_data (said.packet, NULL), g_bytes_get_size (said.packet),
                   "02 01 000e 01 616e6f6e796d6f7573");
  ike_eap_peer_handle (peer, ike_chunk_bytes (challenge), &ask);
  ike_eap_peer_give_secret (peer, ike_secret_new_from ("x", 1), &answer);
  g_assert_cmpmem ((const guint8 *) g_bytes_get_data (answer.packet, NULL) + 22, g_bytes_get_size (answer.packet) - 22,
                   "User", 4);
}

/* What remote-auth=eap-only is for, in the profile's words: eap=tls, ttls or peap. */
static void
test_safe_alone (void)
{
  g_assert_true (ike_eap_tls.safe_alone && ike_eap_ttls.safe_alone && ike_eap_peap.safe_alone);
  g_assert_false (ike_eap_gtc.safe_alone || ike_eap_md5.safe_alone || ike_eap_mschapv2.safe_alone);
}

int
main (int argc, char **argv)
{
  int rv;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eap-methods/gtc", test_gtc);
  g_test_add_func ("/eap-methods/md5", test_md5);
  g_test_add_func ("/eap-methods/negotiation", test_negotiation);
  g_test_add_func ("/eap-methods/safe-alone", test_safe_alone);
  g_test_add_func ("/eap-methods/outer-identity", test_outer_identity);
  rv = g_test_run ();
  g_assert_cmpint (secret_count_total (), >, 0);
  g_assert_cmpint (secret_count_live (), ==, 0);
  return rv;
}
