/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two engines connect over a good network, in every way that both can. */
#include "sim.h"

#include "wire/message.h"
#include "wire/payload-notify.h"

static void
test_psk (void)
{
  Sim *sim = sim_new (1);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim_connect (sim, client, gateway);
  sim_assert (sim, client->ups == 1 && gateway->ups == 1);
  /* two round trips, and what the jobs take */
  sim_assert (sim, client->up_at < 1000 * IKE_SECOND + 45 * IKE_MILLISECOND);
  sim_assert (sim, client->sent == 2);
  sim_assert (sim, !client->configured->encap && client->configured->ke_group == IKE_KE_CURVE25519);
  sim_stop (client);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, IKE_SECOND));
  sim_assert_reason (sim, client, USER_STOP);
  sim_end (sim);
}

static void
check_report (const IkeSaReport *sa, gpointer data)
{
  SimHost *host = data;
  Sim *sim = host->sim;
  const IkeChildReport *child = sa->children;

  sim_assert (sim, g_str_equal (sa->state, "established") && strstr (sa->suite, "PRF_HMAC_SHA2"));
  sim_assert (sim, sa->n_children == 1 && g_str_equal (child->state, "ready"));
  sim_assert (sim, child->spi_in != 0 && child->spi_out != 0 && child->local_ts->len > 0 && child->remote_ts->len > 0);
  sim_assert (sim, strstr (child->suite, "AES_GCM_16_256") && !child->transport_mode);
  sim_assert (sim, sa->age >= 10 * IKE_SECOND && sa->age <= 11 * IKE_SECOND && child->age <= sa->age);
  sim_assert (sim, sa->rekey_in > 0 && child->rekey_in > 0);
  sim_assert (sim, sa->silence != IKE_TIME_NEVER && sa->silence <= sa->age + IKE_SECOND);
  sim_assert (sim, sa->remote_id && sa->initiator == (host->config == NULL && strcmp (host->name, "client") == 0));
  host->moves++; /* borrowed to count */
}

/* What status tells of both ends. */
static void
test_report (void)
{
  Sim *sim = sim_new (1);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  SimHost *hosts[] = { client, gateway };

  ike_engine_report (client->engine, sim->now, check_report, client);
  sim_assert (sim, client->moves == 0);
  sim_connect (sim, client, gateway);
  sim_run (sim, 10 * IKE_SECOND);
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      guint moves = hosts[i]->moves;

      ike_engine_report (hosts[i]->engine, sim->now + hosts[i]->ahead, check_report, hosts[i]);
      sim_assert (sim, hosts[i]->moves == moves + 1);
    }
  sim_stop (client);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, IKE_SECOND));
  ike_engine_report (client->engine, sim->now, check_report, client);
  sim_assert (sim, client->moves == 1);
  sim_end (sim);
}

static void
test_real_key_exchange (void)
{
  static const guint16 groups[] = { IKE_KE_CURVE25519, IKE_KE_ECP_256, IKE_KE_MODP_2048 };

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      Sim *sim = sim_new (i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      sim_crypto_use_real_ke (&sim->crypto);
      client->config->ke_hint = groups[i];
      sim_connect (sim, client, gateway);
      sim_assert (sim, client->configured->ke_group == groups[i]);
      sim_end (sim);
    }
}

static void
test_signature (void)
{
  Sim *sim = sim_new (2);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim_signatures (client, gateway);
  client->config->certreq_hashes = g_bytes_new_static ("12345678901234567890", 20);
  client->config->send_remote_id = TRUE;
  sim_connect (sim, client, gateway);
  sim_assert (sim, client->signs == 1 && client->verifies == 1 && gateway->verifies == 1);
  sim_end (sim);
}

/* RFC 9593: each signs as the other one takes it. */
static SimVerdict
count_announcements (Sim *sim, SimPacket *packet, gpointer data)
{
  guint *announced = data;
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);
  IkeNotify notify;

  if (ike_message_parse (ike_chunk_bytes (packet->data), message) != IKE_PARSE_OK)
    return SIM_PASS;
  if (message->header.exchange == IKE_EXCHANGE_IKE_SA_INIT && message->header.flags & IKE_FLAG_RESPONSE)
    *announced += ike_notify_find (&message->payloads, IKE_NOTIFY_SUPPORTED_AUTH_METHODS, &notify);
  return SIM_PASS;
}

static void
test_announcement (void)
{
  Sim *sim = sim_new (4);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  guint announced = 0;

  sim_signatures (client, gateway);
  client->config->key_type = gateway->config->key_type = IKE_KEY_RSA;
  client->config->key_bits = gateway->config->key_bits = 2048;
  client->config->key_pss = gateway->config->key_pss = TRUE;
  sim->filter = count_announcements;
  sim->filter_data = &announced;
  sim_connect (sim, client, gateway);
  sim_assert (sim, announced == 1 && client->signs == 1 && gateway->signs == 1);
  sim_end (sim);
}

/* A gateway that wants a signature is told so to a client with a key that is shared: it has it in its log. */
static void
test_announcement_other (void)
{
  Sim *sim = sim_new (5);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  gateway->config->remote_auth = IKE_AUTH_SIGNATURE;
  sim_listen (gateway);
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, 10 * IKE_SECOND));
  sim_assert_reason (sim, client, PEER_REFUSED_US);
  sim_assert (sim, strstr (sim->transcript->str, "the peer does not say that it accepts a pre-shared key") != NULL);
  sim_end (sim);
}

/* Our PSK, the gateway's certificate, and the other way round. */
static void
test_asymmetric (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (3 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      sim_signatures (client, gateway);
      if (turn)
        client->config->local_auth = gateway->config->remote_auth = IKE_AUTH_PSK;
      else
        client->config->remote_auth = gateway->config->local_auth = IKE_AUTH_PSK;
      sim_connect (sim, client, gateway);
      sim_end (sim);
    }
}

/* A pairing of methods that the other end does not accept never comes up. */
static void
test_method_mismatch (void)
{
  Sim *sim = sim_new (5);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  gateway->config->local_auth = IKE_AUTH_SIGNATURE;
  gateway->config->key_type = IKE_KEY_P256;
  gateway->sign_key = "key of the gateway";
  sim_listen (gateway);
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, 60 * IKE_SECOND));
  sim_assert_reason (sim, client, PEER_METHOD);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, sim_kernel_count (&gateway->kernel, TRUE) == 0);
  sim_end (sim);
}

static void
test_nat (void)
{
  Sim *sim = sim_new (6);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  const SimSa *sa;

  sim_nat (client, "203.0.113.7");
  sim_connect (sim, client, gateway);
  sim_assert (sim, client->configured->nat_here && !client->configured->nat_there && client->configured->encap);
  sim_assert (sim, client->configured->path.transport == IKE_TRANSPORT_NATT);
  sa = sim_kernel_outbound (&gateway->kernel);
  sim_assert (sim, sa->encap && sa->path.remote.port == client->nat_ports[1]);
  sim_run (sim, 65 * IKE_SECOND);
  sim_assert (sim, client->keepalives == 3 && gateway->keepalives == 0);
  sim_end (sim);
}

/* The mapping changes; the gateway follows the next authenticated message. */
static void
test_nat_rebinding (void)
{
  Sim *sim = sim_new (7);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim_nat (client, "203.0.113.7");
  client->config->dpd_delay = 30 * IKE_SECOND;
  sim_connect (sim, client, gateway);
  client->nat_ports[1] = 0;
  sim_run (sim, 40 * IKE_SECOND);
  sim_assert (sim, client->nat_ports[1] && gateway->kernel.updates > 0);
  sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->path.remote.port == client->nat_ports[1]);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

static void
test_gateway_behind_nat (void)
{
  Sim *sim = sim_new (8);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  IkeAddress public = { IKE_FAMILY_IP4, { 203, 0, 113, 99 } };

  sim_nat (gateway, "203.0.113.99");
  gateway->nat_ports[0] = 500;
  gateway->nat_ports[1] = 4500;
  sim_listen (gateway);
  sim_start_to (client, &public);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  sim_assert (sim, !client->configured->nat_here && client->configured->nat_there && client->configured->encap);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* Whoever wants it, whoever answers, and whether there is a NAT or not: both ends do it, and after rekeying too. */
static void
test_forced_encapsulation (void)
{
  for (guint turn = 0; turn < 12; turn++)
    {
      Sim *sim = sim_new (9 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      if (turn % 3 != 1)
        client->config->encap = IKE_ENCAP_ALWAYS;
      if (turn % 3 != 0)
        gateway->config->encap = IKE_ENCAP_ALWAYS;
      if (turn >= 3 && turn < 6)
        {
          client->config->role = gateway->config->role = IKE_ROLE_PEER;
          gateway->config->begin = IKE_BEGIN_LISTEN;
        }
      if (turn >= 6 && turn < 9)
        sim_nat (client, "203.0.113.7");
      client->config->mobike = gateway->config->mobike = turn >= 9;
      if (gateway->config->role == IKE_ROLE_PEER)
        {
          sim_start_to (gateway, &client->address);
          sim_start (client);
          sim_assert (sim, sim_run_until (sim, sim_is_up, client, 20 * IKE_SECOND));
          sim_run (sim, IKE_SECOND);
        }
      else
        sim_connect (sim, client, gateway);
      sim_assert (sim, client->configured->encap && client->configured->path.transport == IKE_TRANSPORT_NATT);
      sim_assert (sim, client->configured->nat_here == (turn >= 6 && turn < 9) || turn % 3);
      sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->encap);
      sim_assert_agree (client, gateway, 1);
      sim_expire (gateway, sim_kernel_outbound (&gateway->kernel)->spi, FALSE);
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->encap);
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

/* Neither says what NAT detection needs, whoever does not want it; both stay on port 500, also behind a NAT. A client who
 * does not want it has no MOBIKE there, since that must know of each NAT (RFC 4555 section 3.9). */
static void
test_no_encapsulation (void)
{
  for (guint turn = 0; turn < 4; turn++)
    {
      Sim *sim = sim_new (900 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      (turn & 1 ? client : gateway)->config->encap = IKE_ENCAP_NEVER;
      client->config->mobike = gateway->config->mobike = client->config->keep_trying = TRUE;
      if (turn & 2)
        sim_nat (client, "203.0.113.1");
      sim_connect (sim, client, gateway);
      sim_assert (sim, !client->configured->encap && !client->configured->nat_here && !client->configured->nat_there);
      sim_assert (sim, !sim_kernel_outbound (&client->kernel)->encap && !sim_kernel_outbound (&gateway->kernel)->encap);
      sim_assert (sim, client->configured->path.transport == IKE_TRANSPORT_UDP);
      sim_expire (client, sim_kernel_outbound (&client->kernel)->spi, FALSE);
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, client->ups == 1 && client->configured->mobike == (turn != 3) &&
                           !sim_kernel_outbound (&client->kernel)->encap);
      sim_assert_agree (client, gateway, 1);
      if (!(turn & 2))
        {
          sim_move (client, "192.0.2.77");
          sim_run (sim, 10 * IKE_SECOND);
          sim_assert (sim, client->moves == 1 && !sim_kernel_outbound (&gateway->kernel)->encap);
          sim_assert_agree (client, gateway, 1);
        }
      if (turn != 1)
        {
          sim_end (sim);
          continue;
        }
      /* to where there is a NAT, and to where there is none: each time it is found out anew */
      sim_nat (client, "203.0.113.1");
      sim_move (client, "192.0.2.78");
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, client->moves == 1 && client->reconnectings == 1 && client->ups == 2);
      sim_assert (sim, !client->configured->mobike && !sim_kernel_outbound (&gateway->kernel)->encap);
      client->nat = (IkeAddress){ 0 };
      sim_move (client, "192.0.2.79");
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, client->ups == 3 && client->configured->mobike);
      sim_end (sim);
    }
}

static void
test_invalid_ke (void)
{
  Sim *sim = sim_new (10);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  const IkeProposal *proposal = gateway->config->proposals->pdata[0];

  /* a gateway that has nothing but MODP_2048 */
  for (guint p = 0; p < gateway->config->proposals->len; p++)
    {
      proposal = gateway->config->proposals->pdata[p];
      for (guint i = proposal->transforms->len; i-- > 0;)
        {
          const IkeTransform *transform = &g_array_index (proposal->transforms, IkeTransform, i);

          if (transform->type == IKE_TRANSFORM_KE && transform->id != IKE_KE_MODP_2048)
            g_array_remove_index (proposal->transforms, i);
        }
    }
  sim_connect (sim, client, gateway);
  sim_assert (sim, client->configured->ke_group == IKE_KE_MODP_2048 && client->sent == 3);
  sim_end (sim);
}

/* ---- answers that are none ---- */

typedef struct {
  IkeReasonCode reason;
  const char *detail;
  guint8 version, exchange, flags, first;
  guint8 body[12];
} Unusable;

static const Unusable unusable[] = {
  /* INVALID-MAJOR-VERSION of RFC 2408 section 3.14.1, from a gateway that knows IKEv1 alone */
  { IKE_REASON_IKE_VERSION, "1", 0x10, 5, 0, 11, { 0, 0, 0, 12, 0, 0, 0, 1, 1, 0, 0, 5 } },
  { IKE_REASON_BAD_MESSAGE,
    "unknown critical payload",
    IKE_VERSION_2,
    IKE_EXCHANGE_IKE_SA_INIT,
    IKE_FLAG_RESPONSE,
    200,
    { 0, 0x80, 0, 12 } },
  { IKE_REASON_BAD_MESSAGE,
    "malformed payload",
    IKE_VERSION_2,
    IKE_EXCHANGE_IKE_SA_INIT,
    IKE_FLAG_RESPONSE,
    IKE_PAYLOAD_NONCE,
    { 0, 0, 0, 13 } },
  { IKE_REASON_BAD_MESSAGE,
    "payload SA",
    IKE_VERSION_2,
    IKE_EXCHANGE_IKE_SA_INIT,
    IKE_FLAG_RESPONSE,
    IKE_PAYLOAD_VENDOR,
    { 0, 0, 0, 12 } },
};

static SimVerdict
answer_unusable (Sim *sim, SimPacket *packet, gpointer data)
{
  const Unusable *row = data;
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);
  IkeReader reader = ike_reader (ike_chunk (octets, 8));
  IkeHeader header = { .spi_i = ike_read_u64 (&reader),
                       .spi_r = 77,
                       .version = row->version,
                       .exchange = row->exchange,
                       .flags = row->flags,
                       .next_payload = row->first,
                       .length = IKE_HEADER_LEN + sizeof row->body };
  g_auto (IkeWriter) writer = IKE_WRITER (100);
  g_autoptr (GBytes) answer = NULL;

  if (octets[18] == IKE_EXCHANGE_IKE_SA_INIT && !(octets[19] & IKE_FLAG_RESPONSE))
    {
      ike_header_write (&writer, &header);
      ike_write_chunk (&writer, ike_chunk (row->body, sizeof row->body));
      answer = ike_writer_finish (&writer);
      sim_send (sim, &packet->to, &packet->from, FALSE, answer, IKE_MILLISECOND);
    }
  return SIM_PASS;
}

/* They tell why it will not work, unless a good one follows: anybody can have sent them. */
static void
test_unusable_answer (void)
{
  for (guint i = 0; i < 2 * G_N_ELEMENTS (unusable); i++)
    {
      const Unusable *row = &unusable[i / 2];
      Sim *sim = sim_new (960 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      sim->filter = answer_unusable;
      sim->filter_data = (gpointer) row;
      gateway->off = i & 1;
      sim->latency = 500 * IKE_MILLISECOND;
      if (!gateway->off)
        {
          sim_connect (sim, client, gateway);
          sim_end (sim);
          continue;
        }
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_down, client, 2 * IKE_SECOND));
      if (client->reason.code != row->reason || !strstr (client->reason.detail, row->detail))
        sim_fail (sim, __FILE__, __LINE__, client->reason.detail);
      sim_end (sim);
    }
}

/* A certificate that does not fit: both IKE_AUTH messages come in pieces. */
static void
test_fragments (void)
{
  static guint8 large[5000];

  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (11 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      sim_signatures (client, gateway);
      g_ptr_array_add (client->config->certificates, g_bytes_new_static (large, sizeof large));
      g_ptr_array_add (gateway->config->certificates, g_bytes_new_static (large, sizeof large));
      client->config->fragment_size = gateway->config->fragment_size = turn ? 576 : 0;
      if (turn)
        {
          sim->loss = 20;
          sim->jitter = 30 * IKE_MILLISECOND;
          sim->duplicates = 30;
        }
      sim_connect (sim, client, gateway);
      sim_assert (sim, client->sent > 5);
      sim->loss = 0;
      sim_end (sim);
    }
}

/* Packets of each kind: those in one piece, and fragments. */
static SimVerdict
count_pieces (Sim *sim, SimPacket *packet, gpointer data)
{
  guint *counts = data;
  const guint8 *message = g_bytes_get_data (packet->data, NULL);

  counts[message[16] == IKE_PAYLOAD_SKF ? 1 : 0] += message[18] != IKE_EXCHANGE_IKE_SA_INIT;
  return SIM_PASS;
}

/* Whoever is told so splits small messages as well; not if the other end cannot put them together. */
static void
test_fragment_all (void)
{
  for (guint turn = 0; turn < 3; turn++)
    {
      Sim *sim = sim_new (950 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      guint counts[2] = { 0, 0 };

      sim_signatures (client, gateway);
      client->config->fragment_all = gateway->config->fragment_all = turn > 0;
      if (turn == 2)
        gateway->config->fragmentation = FALSE;
      sim->filter = count_pieces;
      sim->filter_data = counts;
      sim_connect (sim, client, gateway);
      sim_expire (client, sim_kernel_outbound (&client->kernel)->spi, FALSE);
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert_agree (client, gateway, 1);
      if (turn == 1) /* IKE_AUTH and CREATE_CHILD_SA; the deletion of the old one is too short */
        sim_assert (sim, counts[1] >= 8 && counts[0] == 2);
      else
        sim_assert (sim, counts[1] == 0 && counts[0] == 6);
      sim_end (sim);
    }
}

/* Without the peer's word nothing is fragmented. */
static void
test_no_fragments (void)
{
  static guint8 large[3000];
  Sim *sim = sim_new (13);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim_signatures (client, gateway);
  gateway->config->fragmentation = FALSE;
  g_ptr_array_add (client->config->certificates, g_bytes_new_static (large, sizeof large));
  sim_connect (sim, client, gateway);
  sim_assert (sim, client->sent == 2);
  sim_end (sim);
}

static void
test_transport_mode (void)
{
  Sim *sim = sim_new (14);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->child.transport_mode = gateway->config->child.transport_mode = TRUE;
  for (guint i = 0; i < 2; i++)
    {
      IkeConfig *config = i ? gateway->config : client->config;

      /* dynamic: the outer addresses */
      g_ptr_array_set_size (config->child.local_ts, 0);
      g_ptr_array_set_size (config->child.remote_ts, 0);
    }
  sim_connect (sim, client, gateway);
  sim_assert (sim, client->configured->local_ts->len == 1);
  sim_assert (sim, ike_address_equal (&g_array_index (client->configured->local_ts, IkeSelector, 0).first,
                                      &client->address));
  sim_end (sim);
}

static void
test_ip6 (void)
{
  Sim *sim = sim_new (15);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  g_assert_true (ike_address_from_string ("2001:db8::1", &client->address));
  g_assert_true (ike_address_from_string ("2001:db8:1::1", &gateway->address));
  sim_connect (sim, client, gateway);
  sim_end (sim);
}

/* Slow signer, slow kernel, slow user: nothing goes wrong, and nothing is sent twice but what must be. */
static void
test_slow_jobs (void)
{
  Sim *sim = sim_new (16);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim_signatures (client, gateway);
  client->job_time[IKE_JOB_SIGN] = 20 * IKE_SECOND;
  gateway->job_time[IKE_JOB_VERIFY] = 3 * IKE_SECOND;
  sim_connect (sim, client, gateway);
  sim_assert (sim, gateway->verifies == 1);
  sim_end (sim);
}

/* The gateway takes less than we offer. */
static void
test_narrowing (void)
{
  Sim *sim = sim_new (17);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  IkeSelector *wide = client->config->child.remote_ts->pdata[0];
  const IkeSelector *got;

  g_assert_true (ike_address_from_string ("10.0.0.0", &wide->first));
  g_assert_true (ike_address_from_string ("10.255.255.255", &wide->last));
  sim_connect (sim, client, gateway);
  got = &g_array_index (client->configured->remote_ts, IkeSelector, 0);
  sim_assert (sim, got->first.bytes[1] == 2 && got->last.bytes[1] == 2);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/connect/psk", test_psk);
  g_test_add_func ("/sim/connect/report", test_report);
  g_test_add_func ("/sim/connect/real-key-exchange", test_real_key_exchange);
  g_test_add_func ("/sim/connect/announcement", test_announcement);
  g_test_add_func ("/sim/connect/announcement-other", test_announcement_other);
  g_test_add_func ("/sim/connect/signature", test_signature);
  g_test_add_func ("/sim/connect/asymmetric", test_asymmetric);
  g_test_add_func ("/sim/connect/method-mismatch", test_method_mismatch);
  g_test_add_func ("/sim/connect/nat", test_nat);
  g_test_add_func ("/sim/connect/nat-rebinding", test_nat_rebinding);
  g_test_add_func ("/sim/connect/gateway-behind-nat", test_gateway_behind_nat);
  g_test_add_func ("/sim/connect/forced-encapsulation", test_forced_encapsulation);
  g_test_add_func ("/sim/connect/no-encapsulation", test_no_encapsulation);
  g_test_add_func ("/sim/connect/fragment-all", test_fragment_all);
  g_test_add_func ("/sim/connect/invalid-ke", test_invalid_ke);
  g_test_add_func ("/sim/connect/unusable-answer", test_unusable_answer);
  g_test_add_func ("/sim/connect/fragments", test_fragments);
  g_test_add_func ("/sim/connect/no-fragments", test_no_fragments);
  g_test_add_func ("/sim/connect/transport-mode", test_transport_mode);
  g_test_add_func ("/sim/connect/ip6", test_ip6);
  g_test_add_func ("/sim/connect/slow-jobs", test_slow_jobs);
  g_test_add_func ("/sim/connect/narrowing", test_narrowing);
  return g_test_run ();
}
