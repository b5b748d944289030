/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every way not to connect: the reason, how long it takes, and that nothing is left. */
#include "sim-peer.h"

#include "wire/payload-notify.h"

#include <errno.h>

static void
fail_within (Sim *sim, SimHost *client, IkeTime patience)
{
  IkeTime before = sim->now;

  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, 200 * IKE_SECOND));
  sim_assert (sim, sim->now - before <= patience);
  sim_assert (sim, client->ups == 0 && client->downs == 1);
  sim_assert (sim, client->kernel.sas->len == 0 && client->kernel.policies->len == 0);
}

static void
test_silent (void)
{
  Sim *sim = sim_new (1);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  gateway->off = TRUE;
  fail_within (sim, client, 20 * IKE_SECOND);
  sim_assert_reason (sim, client, NO_RESPONSE);
  sim_end (sim);
}

/* It answers the first message only. */
static void
test_silent_in_auth (void)
{
  Sim *sim = sim_new (2);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);

  sim_start (client);
  sim_run (sim, 20 * IKE_MILLISECOND + 500);
  peer->mute = TRUE;
  sim_assert (sim, peer->auths == 0);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, 40 * IKE_SECOND));
  sim_assert_reason (sim, client, NO_RESPONSE);
  sim_end (sim);
  sim_peer_free (peer);
}

static void
test_unreachable (void)
{
  Sim *sim = sim_new (3);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  gateway->closed = TRUE;
  fail_within (sim, client, 3 * IKE_SECOND);
  sim_assert_reason (sim, client, UNREACHABLE);
  sim_end (sim);
}

static void
test_no_proposal (void)
{
  Sim *sim = sim_new (4);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  IkeProposal *only = ike_proposal_new (IKE_PROTOCOL_IKE);
  IkeTransform transforms[] = { { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_CBC, 192 },
                                { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA1, 0 },
                                { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA1_96, 0 },
                                { IKE_TRANSFORM_KE, IKE_KE_MODP_1024, 0 } };

  g_array_append_vals (only->transforms, transforms, G_N_ELEMENTS (transforms));
  g_ptr_array_set_size (gateway->config->proposals, 0);
  g_ptr_array_add (gateway->config->proposals, only);
  sim_listen (gateway);
  fail_within (sim, client, 2 * IKE_SECOND);
  sim_assert_reason (sim, client, NO_PROPOSAL_CHOSEN);
  g_assert_nonnull (strstr (client->reason.detail, "AES_GCM_16_256"));
  sim_end (sim);
}

static void
test_wrong_psk (void)
{
  Sim *sim = sim_new (5);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  gateway->psk = "another shared key";
  sim_listen (gateway);
  fail_within (sim, client, IKE_SECOND);
  sim_assert_reason (sim, client, PEER_REFUSED_US);
  g_assert_cmpuint (client->reason.notify, ==, IKE_NOTIFY_AUTHENTICATION_FAILED);
  sim_end (sim);
}

/* The gateway takes us, but does not know the key itself. */
static void
test_gateway_wrong_psk (void)
{
  Sim *sim = sim_new (6);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);

  peer->psk = "something else";
  fail_within (sim, client, IKE_SECOND);
  sim_assert_reason (sim, client, PEER_AUTH_WRONG);
  sim_assert (sim, client->kernel.installs == 0);
  sim_end (sim);
  sim_peer_free (peer);
}

static void
test_no_psk (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (7 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      *(turn ? &gateway->psk : &client->psk) = NULL;
      sim_listen (gateway);
      fail_within (sim, client, IKE_SECOND);
      if (turn)
        sim_assert_reason (sim, client, PEER_REFUSED_US);
      else
        sim_assert_reason (sim, client, SECRET_MISSING);
      sim_run (sim, 40 * IKE_SECOND);
      sim_end (sim);
    }
}

static void
test_wrong_identity (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (9 + turn);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      if (turn)
        {
          sim_signatures (client, peer->host);
          peer->signature = TRUE;
          client->certificate_name = "other.example";
        }
      peer->id = "other.example";
      fail_within (sim, client, IKE_SECOND);
      sim_assert (sim, client->reason.code == (turn ? IKE_REASON_CERT_NAME : IKE_REASON_PEER_ID_MISMATCH));
      g_assert_nonnull (strstr (client->reason.detail, "gw.example"));
      g_assert_nonnull (strstr (client->reason.detail, "other.example"));
      sim_end (sim);
      sim_peer_free (peer);
    }
}

static void
test_bad_signature (void)
{
  Sim *sim = sim_new (11);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim_signatures (client, gateway);
  gateway->sign_key = "key of somebody else";
  sim_listen (gateway);
  fail_within (sim, client, IKE_SECOND);
  sim_assert_reason (sim, client, PEER_AUTH_WRONG);
  /* the gateway, which thought all was well, is told */
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, sim_kernel_count (&gateway->kernel, TRUE) == 0);
  sim_end (sim);
}

static void
test_certificate_reasons (void)
{
  static const IkeReasonCode codes[] = { IKE_REASON_CERT_UNKNOWN_CA, IKE_REASON_CERT_EXPIRED, IKE_REASON_CERT_NAME };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      Sim *sim = sim_new (12 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      sim_signatures (client, gateway);
      client->verify_says = codes[i];
      sim_listen (gateway);
      fail_within (sim, client, IKE_SECOND);
      sim_assert (sim, client->reason.code == codes[i]);
      sim_end (sim);
    }
}

static void
test_cannot_sign (void)
{
  Sim *sim = sim_new (20);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim_signatures (client, gateway);
  client->refuse_sign = TRUE;
  sim_listen (gateway);
  fail_within (sim, client, IKE_SECOND);
  sim_assert_reason (sim, client, SIGN_FAILED);
  sim_run (sim, 40 * IKE_SECOND);
  sim_end (sim);
}

static void
test_child_refused (void)
{
  static const struct {
    IkeNotifyType notify;
    IkeReasonCode code;
  } rows[] = {
    { IKE_NOTIFY_NO_PROPOSAL_CHOSEN, IKE_REASON_CHILD_NO_PROPOSAL_CHOSEN },
    { IKE_NOTIFY_TS_UNACCEPTABLE, IKE_REASON_TS_UNACCEPTABLE },
    { IKE_NOTIFY_INTERNAL_ADDRESS_FAILURE, IKE_REASON_ADDRESS_FAILURE },
    { IKE_NOTIFY_FAILED_CP_REQUIRED, IKE_REASON_CP_REQUIRED },
    { (IkeNotifyType) 12345, IKE_REASON_NO_CHILD },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (21 + i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      peer->child_error = rows[i].notify;
      fail_within (sim, client, IKE_SECOND);
      sim_assert (sim, client->reason.code == rows[i].code && client->reason.notify == rows[i].notify);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

static void
test_auth_refused (void)
{
  static const struct {
    IkeNotifyType notify;
    IkeReasonCode code;
  } rows[] = {
    { IKE_NOTIFY_AUTHENTICATION_FAILED, IKE_REASON_PEER_REFUSED_US },
    { IKE_NOTIFY_INVALID_SYNTAX, IKE_REASON_PEER_SYNTAX },
    { (IkeNotifyType) 12345, IKE_REASON_PEER_ERROR },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (30 + i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      peer->auth_error = rows[i].notify;
      fail_within (sim, client, IKE_SECOND);
      sim_assert (sim, client->reason.code == rows[i].code && client->reason.notify == rows[i].notify);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* Windows says why by a number, wherever it says no. */
static void
test_windows_errors (void)
{
  static const guint8 no_policy[] = { 0, 0, 0x36, 0x2c }, no_login[] = { 0, 0, 0x02, 0xb3 },
                      no_certificate[] = { 0, 0, 0x35, 0xe9 };
  static const struct {
    const guint8 *data;
    enum { AT_INIT, AT_AUTH, AT_EAP, AT_CHILD } where;
    IkeReasonCode code;
    const char *detail;
  } rows[] = {
    { no_policy, AT_INIT, IKE_REASON_PEER_ERROR, "MS_STATUS 13868: the policies do not match" },
    { no_policy, AT_AUTH, IKE_REASON_PEER_ERROR, "MS_STATUS 13868: the policies do not match" },
    { no_policy, AT_CHILD, IKE_REASON_NO_CHILD, "MS_STATUS 13868: the policies do not match" },
    { no_policy, AT_EAP, IKE_REASON_PEER_ERROR, "MS_STATUS 13868: the policies do not match" },
    { no_login, AT_EAP, IKE_REASON_EAP_REFUSED, "MS_STATUS 691: the user name or password is wrong" },
    { no_certificate, AT_AUTH, IKE_REASON_PEER_REFUSED_US, "MS_STATUS 13801: our certificate" },
  };
  static const char *const passwords[] = { "correct horse", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (95 + i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      peer->error_data = ike_chunk (rows[i].data, 4);
      *(rows[i].where == AT_INIT    ? &peer->init_error
        : rows[i].where == AT_AUTH  ? &peer->auth_error
        : rows[i].where == AT_CHILD ? &peer->child_error
                                    : &peer->eap_error) = IKE_NOTIFY_MS_STATUS;
      if (rows[i].where == AT_EAP)
        {
          client->config->local_auth = IKE_AUTH_EAP;
          client->config->remote_auth = IKE_AUTH_SIGNATURE;
          client->config->eap_methods = 1u << IKE_EAP_MSCHAPV2;
          client->config->eap_identity = g_strdup ("alice");
          client->peer_key = "key of the gateway";
          client->passwords = passwords;
          peer->eap = peer->signature = TRUE;
        }
      fail_within (sim, client, 20 * IKE_SECOND);
      g_assert_cmpint (client->reason.code, ==, rows[i].code);
      g_assert_cmpuint (client->reason.notify, ==, IKE_NOTIFY_MS_STATUS);
      g_assert_nonnull (strstr (client->reason.detail, rows[i].detail));
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* Between engines: the gateway allows other networks only. */
static void
test_ts_refused (void)
{
  Sim *sim = sim_new (35);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  IkeSelector *selector = gateway->config->child.local_ts->pdata[0];

  g_assert_true (ike_address_from_string ("10.77.0.0", &selector->first));
  g_assert_true (ike_address_from_string ("10.77.0.255", &selector->last));
  sim_listen (gateway);
  fail_within (sim, client, IKE_SECOND);
  sim_assert_reason (sim, client, TS_UNACCEPTABLE);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, gateway->kernel.sas->len == 0);
  sim_end (sim);
}

/* Of what the gateway answers nothing was offered. */
static void
test_ts_strange (void)
{
  Sim *sim = sim_new (34);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);

  peer->ts_first = "10.0.0.0";
  peer->ts_last = "10.0.255.255";
  fail_within (sim, client, IKE_SECOND);
  sim_assert_reason (sim, client, TS_NOT_OURS);
  sim_assert (sim, client->kernel.installs == 0);
  sim_end (sim);
  sim_peer_free (peer);
}

/* A user who stops while he is asked for his key: the question is withdrawn, and nothing waits. */
static void
test_stop_at_prompt (void)
{
  Sim *sim = sim_new (33);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  IkeEngineCounts counts;

  client->job_time[IKE_JOB_SECRET] = 100 * IKE_SECOND;
  sim_listen (gateway);
  sim_start (client);
  sim_run (sim, 5 * IKE_SECOND);
  ike_engine_get_counts (client->engine, &counts);
  sim_assert (sim, counts.pending_jobs == 1);
  sim_stop (client);
  sim_assert_reason (sim, client, USER_STOP);
  ike_engine_get_counts (client->engine, &counts);
  sim_assert (sim, counts.pending_jobs == 0 && client->cancelled == 1);
  sim_run (sim, 120 * IKE_SECOND);
  sim_end (sim);
}

static void
test_kernel_refuses (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (36 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      if (turn)
        client->kernel.refuse_install = ENOSYS;
      else
        client->kernel.refuse_spi = EPERM;
      sim_listen (gateway);
      fail_within (sim, client, IKE_SECOND);
      sim_assert_reason (sim, client, KERNEL);
      sim_run (sim, 40 * IKE_SECOND);
      sim_assert (sim, gateway->kernel.sas->len == 0);
      sim_end (sim);
    }
}

static void
test_gateway_kernel_refuses (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (38 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      if (turn)
        gateway->kernel.refuse_install = ENOSYS;
      else
        gateway->kernel.refuse_spi = EPERM;
      sim_listen (gateway);
      fail_within (sim, client, IKE_SECOND);
      sim_assert_reason (sim, client, NO_CHILD);
      sim_assert (sim, strstr (sim->transcript->str, "gateway [kernel] the kernel refused a Child SA: ") != NULL);
      sim_end (sim);
    }
}

/* The gateway rekeys, and our kernel does not want it: why is said, the old one serves, and later it works. */
static void
test_rekey_kernel_refuses (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (50 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      guint32 spi;

      sim_connect (sim, client, gateway);
      spi = sim_kernel_outbound (&gateway->kernel)->spi;
      client->kernel.refuse_install = turn ? ENOSYS : 0;
      client->kernel.refuse_spi = turn ? 0 : EPERM;
      sim_expire (gateway, spi, FALSE);
      sim_run (sim, 5 * IKE_SECOND);
      sim_assert (sim, strstr (sim->transcript->str, "client [kernel] the kernel refused a Child SA: ") != NULL);
      sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->spi == spi);
      sim_assert_agree (client, gateway, 1);
      client->kernel.refuse_install = client->kernel.refuse_spi = 0;
      sim_run (sim, 60 * IKE_SECOND);
      sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->spi != spi && client->ups == 1);
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

/* ---- cookies and groups ---- */

static void
test_cookies (void)
{
  for (guint cookies = 1; cookies <= 3; cookies++)
    {
      Sim *sim = sim_new (40 + cookies);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      peer->cookies = cookies;
      peer->cookie_len = cookies == 3 ? 64 : cookies;
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
      sim_assert (sim, peer->inits == cookies + 1);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* RFC 7296 section 2.6: but for the cookie, which comes first, each request is like the one before. */
static SimVerdict
compare_requests (Sim *sim, SimPacket *packet, gpointer data)
{
  GBytes **last = data;
  g_autofree IkeMessage *before = g_new0 (IkeMessage, 1), *now = g_new0 (IkeMessage, 1);
  guint extra;

  sim_assert (sim, ike_message_parse (ike_chunk_bytes (packet->data), now) == IKE_PARSE_OK);
  if (now->header.exchange != IKE_EXCHANGE_IKE_SA_INIT || now->header.flags & IKE_FLAG_RESPONSE)
    return SIM_PASS;
  if (*last)
    {
      sim_assert (sim, ike_message_parse (ike_chunk_bytes (*last), before) == IKE_PARSE_OK);
      extra = now->payloads.n - before->payloads.n;
      sim_assert (sim, extra <= 1 && now->payloads.at[0].type == IKE_PAYLOAD_NOTIFY);
      for (guint i = 1 - extra; i < before->payloads.n; i++)
        sim_assert (sim, now->payloads.at[i + extra].type == before->payloads.at[i].type &&
                             ike_chunk_equal (now->payloads.at[i + extra].body, before->payloads.at[i].body));
    }
  g_clear_pointer (last, g_bytes_unref);
  *last = g_bytes_ref (packet->data);
  return SIM_PASS;
}

static void
test_cookie_alone (void)
{
  for (guint encap = IKE_ENCAP_DETECT; encap <= IKE_ENCAP_ALWAYS; encap++)
    {
      Sim *sim = sim_new (48 + encap);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);
      g_autoptr (GBytes) last = NULL;

      client->config->encap = (IkeEncap) encap;
      peer->cookies = 2;
      peer->cookie_len = 8;
      sim->filter = compare_requests;
      sim->filter_data = &last;
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
      sim_assert (sim, peer->inits == 3);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

static void
test_cookie_loop (void)
{
  Sim *sim = sim_new (45);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);

  peer->cookies = 1000;
  fail_within (sim, client, 20 * IKE_SECOND);
  sim_assert_reason (sim, client, COOKIE_LOOP);
  sim_end (sim);
  sim_peer_free (peer);
}

/* A cookie of no octets, or of too many, is none. */
static void
test_cookie_length (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (46 + turn);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      peer->cookies = 1000;
      peer->cookie_len = turn ? 65 : 0;
      fail_within (sim, client, 20 * IKE_SECOND);
      sim_assert_reason (sim, client, NO_RESPONSE);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

static void
test_cookie_and_group (void)
{
  Sim *sim = sim_new (48);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);

  peer->cookies = 1;
  peer->want_group = IKE_KE_ECP_384;
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  sim_assert (sim, peer->inits == 3 && client->configured->ke_group == IKE_KE_ECP_384);
  sim_end (sim);
  sim_peer_free (peer);
}

/* cve row 59: the group changes for ever, or is none of ours. */
static void
test_group_loop (void)
{
  static const guint16 bad[] = { 0, 1, 1023, 1025, 1040, 65535 };
  Sim *sim = sim_new (49);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);

  peer->want_group = IKE_KE_MODP_2048;
  peer->want_group_too = IKE_KE_ECP_256;
  fail_within (sim, client, 20 * IKE_SECOND);
  sim_assert_reason (sim, client, INVALID_KE_LOOP);
  sim_assert (sim, peer->inits <= 5);
  sim_end (sim);
  sim_peer_free (peer);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      sim = sim_new (50 + i);
      client = sim_client (sim);
      peer = sim_peer_new (sim);
      peer->want_group = bad[i] ? bad[i] : 0xabcd;
      fail_within (sim, client, 20 * IKE_SECOND);
      sim_assert_reason (sim, client, INVALID_KE_LOOP);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* ---- the answer to IKE_SA_INIT is wrong ---- */

/* cve-2008-4551, cve-2015-3240, cve-2026-35332, cve-2023-41913, cve-2014-9221: values and groups that cannot be, with the
 * real provider. */
static void
test_key_exchange_values (void)
{
  static const guint8 zero[60000];
  static const gsize lengths[] = { 1, 31, 32, 33, 64, 256, 1000, 60000 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths) + 2; i++)
    {
      Sim *sim = sim_new (60 + i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      sim_crypto_use_real_ke (&sim->crypto);
      if (i < G_N_ELEMENTS (lengths))
        peer->ke_value = ike_chunk (zero, lengths[i]);
      else
        peer->ke_group = i == G_N_ELEMENTS (lengths) ? 1025 : IKE_KE_ECP_256;
      fail_within (sim, client, 20 * IKE_SECOND);
      sim_assert_reason (sim, client, BAD_MESSAGE);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* cve-2018-10811: the provider fails at each derivation in turn. */
static void
test_derivation_fails (void)
{
  guint ups = 0;

  for (gint n = 0; n < 6; n++)
    {
      Sim *sim = sim_new ((guint64) (80 + n));
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      sim->crypto.fail_after = n;
      sim_listen (gateway);
      sim_start (client);
      sim_run (sim, 60 * IKE_SECOND);
      sim_assert (sim, client->ups + client->downs == 1);
      ups += client->ups;
      sim_end (sim);
    }
  /* two in each end: the rest of the turns met nothing, or the gateway's */
  g_assert_cmpuint (ups, >=, 2);
}

static void
test_ke_job_fails (void)
{
  Sim *sim = sim_new (90);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->ke_fails = TRUE;
  sim_listen (gateway);
  fail_within (sim, client, IKE_SECOND);
  sim_assert_reason (sim, client, CRYPTO);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/failure/silent", test_silent);
  g_test_add_func ("/sim/failure/silent-in-auth", test_silent_in_auth);
  g_test_add_func ("/sim/failure/unreachable", test_unreachable);
  g_test_add_func ("/sim/failure/no-proposal", test_no_proposal);
  g_test_add_func ("/sim/failure/wrong-psk", test_wrong_psk);
  g_test_add_func ("/sim/failure/gateway-wrong-psk", test_gateway_wrong_psk);
  g_test_add_func ("/sim/failure/no-psk", test_no_psk);
  g_test_add_func ("/sim/failure/wrong-identity", test_wrong_identity);
  g_test_add_func ("/sim/failure/bad-signature", test_bad_signature);
  g_test_add_func ("/sim/failure/certificate-reasons", test_certificate_reasons);
  g_test_add_func ("/sim/failure/cannot-sign", test_cannot_sign);
  g_test_add_func ("/sim/failure/child-refused", test_child_refused);
  g_test_add_func ("/sim/failure/auth-refused", test_auth_refused);
  g_test_add_func ("/sim/failure/windows-errors", test_windows_errors);
  g_test_add_func ("/sim/failure/ts-refused", test_ts_refused);
  g_test_add_func ("/sim/failure/ts-strange", test_ts_strange);
  g_test_add_func ("/sim/failure/stop-at-prompt", test_stop_at_prompt);
  g_test_add_func ("/sim/failure/kernel-refuses", test_kernel_refuses);
  g_test_add_func ("/sim/failure/gateway-kernel-refuses", test_gateway_kernel_refuses);
  g_test_add_func ("/sim/failure/rekey-kernel-refuses", test_rekey_kernel_refuses);
  g_test_add_func ("/sim/failure/cookies", test_cookies);
  g_test_add_func ("/sim/failure/cookie-alone", test_cookie_alone);
  g_test_add_func ("/sim/failure/cookie-loop", test_cookie_loop);
  g_test_add_func ("/sim/failure/cookie-length", test_cookie_length);
  g_test_add_func ("/sim/failure/cookie-and-group", test_cookie_and_group);
  g_test_add_func ("/sim/failure/group-loop", test_group_loop);
  g_test_add_func ("/sim/failure/cve-2015-3240-cve-2026-35332-cve-2023-41913-key-exchange-values",
                   test_key_exchange_values);
  g_test_add_func ("/sim/failure/cve-2018-10811-derivation-fails", test_derivation_fails);
  g_test_add_func ("/sim/failure/ke-job-fails", test_ke_job_fails);
  return g_test_run ();
}
