/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers that break the rules on purpose. The names are those of past vulnerabilities of other engines where a test
 * repeats
 * one.
 */
#include "sim-attacker.h"
#include "sim-internal.h"
#include "sim-peer.h"
#include "sim-record.h"

#include "eap/eap.h"
#include "sa/half-open.h"
#include "sa/window.h"
#include "wire/payload-delete.h"
#include "wire/payload-ke.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"
#include "wire/payload-sa.h"
#include "wire/payload-ts.h"

/* ---- what the last answer to a probe held ---- */

static guint answers;
static guint16 answer_notify; /* its first notification, 0: none */
static guint answer_payloads;

static gboolean
note_answer (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  guint index = 0;
  IkeNotify notify;

  if (!(header->flags & IKE_FLAG_RESPONSE))
    return FALSE;
  answers++;
  answer_payloads = payloads->n;
  answer_notify = ike_notify_next (payloads, 0, &index, &notify) ? notify.type : 0;
  return TRUE;
}

/* Sends one request and waits for what comes of it. TRUE: it was answered. */
static gboolean
probe (SimPeer *peer, IkeExchange exchange, IkeBuilder *inner)
{
  guint before = answers;

  sim_peer_request (peer, exchange, inner);
  sim_run (peer->sim, IKE_SECOND);
  return answers > before;
}

static SimPeer *
established (Sim *sim, SimHost **ret_client)
{
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);

  peer->on_other = note_answer;
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  *ret_client = client;
  return peer;
}

static void
write_delete_ike (IkeBuilder *builder)
{
  ike_delete_write (ike_builder_begin (builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_IKE, NULL, 0);
  ike_builder_end (builder);
}

/* ---- before authentication, against a client ---- */

static void
test_client_before_auth (void)
{
  Sim *sim = sim_new (1);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);

  /* a user who thinks about his key for a while */
  client->job_time[IKE_JOB_SECRET] = 20 * IKE_SECOND;
  peer->on_other = note_answer;
  sim_start (client);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, peer->inits == 1 && peer->auths == 0);
  for (guint i = 0; i < SIM_N_FORBIDDEN; i++)
    {
      g_auto (IkeBuilder) builder = { 0 };
      IkeExchange exchange = sim_write_forbidden (i, &builder, &sim->crypto.table);

      sim_assert (sim, !probe (peer, exchange, &builder));
      peer->next_id = 0;
    }
  sim_assert (sim, sim_kernel_count (&client->kernel, TRUE) == 0 && !client->downs);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, 30 * IKE_SECOND));
  sim_end (sim);
  sim_peer_free (peer);
}

/* The same between the rounds of EAP, when the gateway has proven itself but we have not. */
static void
test_client_during_eap (void)
{
  static const char *const passwords[] = { "correct horse", NULL };
  Sim *sim = sim_new (2);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);

  client->config->local_auth = IKE_AUTH_EAP;
  client->config->eap_methods = 1u << IKE_EAP_MSCHAPV2;
  client->config->eap_identity = g_strdup ("alice");
  client->passwords = passwords;
  client->job_time[IKE_JOB_SECRET] = 20 * IKE_SECOND;
  peer->eap = TRUE;
  peer->on_other = note_answer;
  sim_start (client);
  sim_run (sim, 22 * IKE_SECOND);
  sim_assert (sim, peer->eap_identities == 1 && peer->eap_responses == 0);
  for (guint i = 0; i < SIM_N_FORBIDDEN; i++)
    {
      g_auto (IkeBuilder) builder = { 0 };
      IkeExchange exchange = sim_write_forbidden (i, &builder, &sim->crypto.table);

      sim_assert (sim, !probe (peer, exchange, &builder));
      peer->next_id = 0;
    }
  sim_assert (sim, sim_kernel_count (&client->kernel, TRUE) == 0);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, 30 * IKE_SECOND));
  sim_end (sim);
  sim_peer_free (peer);
}

/* ---- before authentication, against a gateway ---- */

/* cve-2026-78135, cve-2014-2338, cve-2019-12312 */
static void
test_gateway_before_auth (void)
{
  for (guint i = 0; i < SIM_N_FORBIDDEN; i++)
    for (guint32 id = 0; id < 3; id++)
      {
        SimAttacker attacker;
        g_auto (IkeBuilder) builder = { 0 };
        IkeExchange exchange;

        sim_attacker_new (&attacker, 10 + i);
        sim_attacker_init (&attacker);
        sim_assert (attacker.sim, attacker.inits == 1 && attacker.spi_r);
        exchange = sim_write_forbidden (i, &builder, &attacker.sim->crypto.table);
        sim_attacker_send (&attacker, exchange, id, &builder);
        sim_assert (attacker.sim, attacker.others == 0);
        sim_attacker_end (&attacker);
      }
}

/* What the gateway has said in EAP is answered rightly. */
static void
answer_eap (SimAttacker *attacker, IkeEapPeer *eap)
{
  g_auto (IkeEapStep) step = { 0 };
  g_auto (IkeBuilder) builder = { 0 };

  sim_assert (attacker->sim, attacker->eap_packet != NULL);
  ike_eap_peer_handle (eap, ike_chunk_bytes (attacker->eap_packet), &step);
  if (step.action == IKE_EAP_STEP_SECRET)
    {
      ike_eap_step_clear (&step);
      ike_eap_peer_give_secret (eap, ike_secret_new_from ("a long password", 15), &step);
    }
  if (step.action == IKE_EAP_STEP_SUCCEEDED)
    return;
  sim_assert (attacker->sim, step.action == IKE_EAP_STEP_SEND);
  ike_builder_init_inner (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_EAP, ike_chunk_bytes (step.packet));
  sim_attacker_send (attacker, IKE_EXCHANGE_IKE_AUTH, attacker->next_id++, &builder);
}

/* cve-2026-78135: between the rounds of EAP, whoever it is: with the gateway's first word, after the identity, after the
 * response to the challenge, and after EAP-Success, when only the AUTH is missing that proves the key. */
static void
test_gateway_during_eap (void)
{
  static const char *const users[] = { "alice", "a long password", NULL };
  const IkeEapSettings settings = { .user = "alice", .methods = 1u << IKE_EAP_MSCHAPV2 };

  for (guint rounds = 0; rounds < 4; rounds++)
    for (guint i = 0; i < SIM_N_FORBIDDEN; i++)
      for (guint ahead = 0; ahead < 2; ahead++)
        {
          SimAttacker attacker = { 0 };
          g_autoptr (IkeEapPeer) eap = NULL;
          g_auto (IkeBuilder) builder = { 0 };
          IkeExchange exchange;
          SimHost *gateway;

          sim_attacker_prepare (&attacker, 60 + i);
          attacker.eap = TRUE;
          gateway = (SimHost *) attacker.gateway;
          gateway->config->local_auth = IKE_AUTH_SIGNATURE;
          gateway->config->key_type = IKE_KEY_P256;
          gateway->config->key_bits = 256;
          gateway->config->remote_auth = IKE_AUTH_EAP;
          g_clear_pointer (&gateway->config->remote_id, ike_identity_free);
          gateway->sign_key = "key of the gateway";
          gateway->users = users;
          sim_listen (gateway);
          sim_attacker_init (&attacker);
          sim_attacker_enter (&attacker, FALSE);
          eap = ike_eap_peer_new (&attacker.sim->crypto.table, &settings);
          for (guint n = 0; n < rounds; n++)
            answer_eap (&attacker, eap);
          sim_assert (attacker.sim, attacker.others == 1 + rounds);
          sim_assert (attacker.sim, attacker.said == 0 && attacker.eap_packet);
          exchange = sim_write_forbidden (i, &builder, &attacker.sim->crypto.table);
          sim_attacker_send (&attacker, exchange, attacker.next_id + ahead, &builder);
          sim_assert (attacker.sim, attacker.others == 1 + rounds);
          /* and nobody was thrown out by it */
          if (rounds < 3)
            {
              answer_eap (&attacker, eap);
              sim_assert (attacker.sim, attacker.others == 2 + rounds);
            }
          g_clear_pointer (&eap, ike_eap_peer_free);
          sim_attacker_end (&attacker);
        }
}

/* An empty IKE_AUTH, and one with a Child SA but no identity, are refused; nothing is installed. */
static void
test_gateway_without_identity (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      SimAttacker attacker;
      g_auto (IkeBuilder) builder = { 0 };

      sim_attacker_new (&attacker, 20 + turn);
      sim_attacker_init (&attacker);
      ike_builder_init_inner (&builder);
      if (turn)
        sim_write_child_request (&builder, &attacker.sim->crypto.table, 77);
      sim_attacker_send (&attacker, IKE_EXCHANGE_IKE_AUTH, 1, &builder);
      sim_assert (attacker.sim, attacker.others == 1);
      sim_attacker_end (&attacker);
    }
}

/* cve-2014-9221, cve-2008-4551, cve-2015-3240, cve-2026-35332, as the gateway sees them */
static void
test_gateway_key_exchange (void)
{
  static const guint8 zero[60000];
  static const guint16 groups[] = { 0, 1, 1023, 1024, 1025, 1040, 65535 };
  static const gsize lengths[] = { 1, 31, 32, 33, 512, 60000 };

  for (guint i = 0; i < G_N_ELEMENTS (groups) + G_N_ELEMENTS (lengths); i++)
    {
      SimAttacker attacker;
      gboolean group = i < G_N_ELEMENTS (groups);

      sim_attacker_new (&attacker, 30 + i);
      sim_crypto_use_real_ke (&attacker.sim->crypto);
      attacker.group = group ? groups[i] : IKE_KE_CURVE25519;
      attacker.value = ike_chunk (zero, group ? 64 : lengths[i - G_N_ELEMENTS (groups)]);
      sim_attacker_init (&attacker);
      if (group)
        sim_assert (attacker.sim, attacker.refusal == IKE_NOTIFY_INVALID_KE_PAYLOAD);
      else
        sim_assert (attacker.sim, attacker.inits == 0);
      sim_attacker_end (&attacker);
    }
}

static void
test_gateway_spi_zero (void)
{
  SimAttacker attacker;

  sim_attacker_new (&attacker, 50);
  attacker.spi_i = 0;
  sim_attacker_init (&attacker);
  sim_assert (attacker.sim, attacker.inits == 0);
  sim_attacker_end (&attacker);
}

/* Thousands of first messages: bounded, and a client gets in all the same when they are gone. */
static void
test_gateway_flood (void)
{
  SimAttacker attacker;
  IkeEngineCounts counts;

  sim_attacker_new (&attacker, 51);
  attacker.sim->latency = 0;
  attacker.patience = 5 * IKE_MILLISECOND;
  for (guint i = 0; i < 1200; i++)
    {
      const IkeCrypto *crypto = &attacker.sim->crypto.table;

      attacker.spi_i++;
      if (attacker.key)
        crypto->ke_free (crypto, g_steal_pointer (&attacker.key));
      ike_keys_clear (&attacker.keys);
      sim_attacker_init (&attacker);
    }
  ike_engine_get_counts (attacker.gateway->engine, &counts);
  sim_note (attacker.sim, "%u answers, %u half-open", attacker.inits, counts.half_open);
  sim_assert (attacker.sim, attacker.inits > IKE_HALF_OPEN_MAX_SOURCE);
  sim_assert (attacker.sim, counts.half_open == IKE_HALF_OPEN_MAX_SOURCE);
  sim_run (attacker.sim, 60 * IKE_SECOND);
  sim_attacker_end (&attacker);
}

/* ---- against an established client ---- */

/* cve-2023-38710: what REKEY_SA names cannot be */
static void
test_rekey_notify (void)
{
  static const guint8 protocols[] = { 0, 1, 2, 3, 4, 255 };
  static const guint8 sizes[] = { 0, 3, 4, 8 }; /* above 8 the message is malformed: test-wire-payloads */
  static const guint8 spi[8] = { 1 };
  SimHost *client;
  Sim *sim = sim_new (100);
  SimPeer *peer = established (sim, &client);

  for (guint i = 0; i < G_N_ELEMENTS (protocols); i++)
    for (guint j = 0; j < G_N_ELEMENTS (sizes); j++)
      {
        IkeNotify notify = { protocols[i], IKE_NOTIFY_REKEY_SA, { spi, sizes[j] }, { NULL, 0 } };
        g_auto (IkeBuilder) builder = { 0 };

        ike_builder_init_inner (&builder);
        ike_notify_write (ike_builder_begin (&builder, IKE_PAYLOAD_NOTIFY), &notify);
        ike_builder_end (&builder);
        sim_write_child_request (&builder, &sim->crypto.table, 0x01020304);
        sim_assert (sim, probe (peer, IKE_EXCHANGE_CREATE_CHILD_SA, &builder));
        sim_assert (sim, answer_notify == IKE_NOTIFY_CHILD_SA_NOT_FOUND);
      }
  sim_assert (sim, !client->downs && sim_kernel_count (&client->kernel, TRUE) == 1);
  sim_end (sim);
  sim_peer_free (peer);
}

/* A road warrior makes no Child SAs that it did not ask for. */
static void
test_unasked_child (void)
{
  SimHost *client;
  Sim *sim = sim_new (101);
  SimPeer *peer = established (sim, &client);
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  sim_write_child_request (&builder, &sim->crypto.table, 0x01020304);
  sim_assert (sim, probe (peer, IKE_EXCHANGE_CREATE_CHILD_SA, &builder));
  sim_assert (sim, answer_notify == IKE_NOTIFY_NO_ADDITIONAL_SAS);
  sim_assert (sim, sim_kernel_count (&client->kernel, TRUE) == 1);
  sim_end (sim);
  sim_peer_free (peer);
}

/* cve-2023-38712: the same SPI twice, in one payload and in two, and the IKE SA besides */
static void
test_double_delete (void)
{
  for (guint turn = 0; turn < 3; turn++)
    {
      SimHost *client;
      Sim *sim = sim_new (110 + turn);
      SimPeer *peer = established (sim, &client);
      g_auto (IkeBuilder) builder = { 0 };
      guint32 spi = sim_kernel_outbound (&client->kernel)->spi, twice[] = { spi, spi };

      client->config = NULL;
      ike_builder_init_inner (&builder);
      ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, twice, turn ? 1 : 2);
      ike_builder_end (&builder);
      ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, &spi, 1);
      ike_builder_end (&builder);
      if (turn == 2)
        write_delete_ike (&builder);
      sim_assert (sim, probe (peer, IKE_EXCHANGE_INFORMATIONAL, &builder));
      sim_assert (sim, answer_payloads == (turn == 2 ? 0 : 1));
      sim_assert_reason (sim, client, PEER_DELETED);
      sim_assert (sim, client->kernel.sas->len == 0 && client->kernel.policies->len == 0);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* SPIs that are not there, protocols that are not ours: answered, and nothing happens. */
static void
test_foreign_delete (void)
{
  SimHost *client;
  Sim *sim = sim_new (115);
  SimPeer *peer = established (sim, &client);
  guint32 spis[] = { 0, 0xffffffff, sim_kernel_outbound (&client->kernel)->spi };

  for (guint i = 0; i < 3; i++)
    {
      g_auto (IkeBuilder) builder = { 0 };

      ike_builder_init_inner (&builder);
      ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), i == 2 ? IKE_PROTOCOL_AH : IKE_PROTOCOL_ESP,
                        &spis[i], 1);
      ike_builder_end (&builder);
      sim_assert (sim, probe (peer, IKE_EXCHANGE_INFORMATIONAL, &builder));
      sim_assert (sim, answer_payloads == 0);
    }
  sim_assert (sim, !client->downs && sim_kernel_count (&client->kernel, TRUE) == 1);
  sim_end (sim);
  sim_peer_free (peer);
}

/* Notifications of every number get an empty answer; some end the IKE SA (test-sim-syntax.c). */
static void
test_unknown_notifications (void)
{
  static const guint16 types[] = { 2,     4,     9,     11,    14,    38,    43,    44,    8191,
                                   12345, 16384, 16388, 16391, 16393, 16400, 16407, 40960, 65535 };
  SimHost *client;
  Sim *sim = sim_new (120);
  SimPeer *peer = established (sim, &client);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_auto (IkeBuilder) builder = { 0 };

      ike_builder_init_inner (&builder);
      ike_builder_notify (&builder, (IkeNotifyType) types[i], ike_chunk ("some data", 9));
      sim_assert (sim, probe (peer, IKE_EXCHANGE_INFORMATIONAL, &builder));
      sim_assert (sim, answer_payloads == 0);
    }
  sim_assert (sim, !client->downs);
  sim_end (sim);
  sim_peer_free (peer);
}

typedef struct {
  guint answers;
  guint16 notify;
  guint8 octet; /* of its data; 0: none */
} Told;

static void
hear (SimHost *host, const SimPacket *packet, gpointer data)
{
  Told *told = data;
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);
  IkeNotify notify;

  if (!packet)
    return;
  sim_assert (host->sim, ike_message_parse (ike_chunk_bytes (packet->data), message) == IKE_PARSE_OK);
  sim_assert (host->sim, message->header.spi_i == 4711 && message->header.spi_r == 0 &&
                             message->header.flags == IKE_FLAG_RESPONSE);
  sim_assert (host->sim, ike_notify_find_error (&message->payloads, &notify));
  told->answers++;
  told->notify = notify.type;
  told->octet = notify.data.len ? notify.data.data[0] : 0;
}

/* RFC 7296 section 2.5: first messages that we do not understand are answered, not too often, and leave nothing. */
static void
test_first_not_understood (void)
{
  for (guint version = 0; version < 2; version++)
    {
      Sim *sim = sim_new (125 + version);
      SimHost *gateway = sim_gateway (sim);
      Told told = { 0 };
      SimHost *host = sim_scripted (sim, "stranger", "203.0.113.7", hear, &told);
      const IkeEndpoint from = { host->address, 500 }, to = { gateway->address, 500 };
      IkeHeader header = {
        .spi_i = 4711, .version = IKE_VERSION_2, .exchange = IKE_EXCHANGE_IKE_SA_INIT, .flags = IKE_FLAG_INITIATOR
      };
      g_auto (IkeBuilder) builder = { 0 };
      g_autoptr (GBytes) first = NULL;
      g_autofree guint8 *octets = NULL;
      gsize len;

      ike_builder_init (&builder, &header);
      ike_builder_add (&builder, version ? IKE_PAYLOAD_NONCE : 200, ike_chunk ("what is in it", 13));
      first = ike_builder_finish (&builder);
      octets = g_bytes_unref_to_data (g_steal_pointer (&first), &len);
      if (version)
        octets[17] = 0x31;
      else
        octets[IKE_HEADER_LEN + 1] = 0x80;
      first = g_bytes_new (octets, len);
      sim_listen (gateway);
      sim_send (sim, &from, &to, FALSE, first, 0);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, told.answers == 1 && sim_count_ike (gateway) == 0);
      sim_assert (sim, told.notify ==
                           (version ? IKE_NOTIFY_INVALID_MAJOR_VERSION : IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD));
      sim_assert (sim, told.octet == (version ? 0 : 200));
      for (guint i = 0; i < 1000; i++)
        sim_send (sim, &from, &to, FALSE, first, 0);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, told.answers > 1 && told.answers < 500);
      /* what is an answer itself gets none */
      octets[19] = IKE_FLAG_RESPONSE;
      g_bytes_unref (first);
      first = g_bytes_new (octets, len);
      told.answers = 0;
      sim_send (sim, &from, &to, FALSE, first, 0);
      sim_run (sim, 2 * IKE_SECOND);
      sim_assert (sim, told.answers == 0);
      sim_end (sim);
    }
}

/* A payload that we do not know: passed over, or refused when it is critical. The tunnel stays. */
static void
test_unknown_payloads (void)
{
  for (guint critical = 0; critical < 2; critical++)
    {
      SimHost *client;
      Sim *sim = sim_new (121 + critical);
      SimPeer *peer = established (sim, &client);
      g_auto (IkeBuilder) builder = { 0 };

      ike_builder_init_inner (&builder);
      ike_builder_notify (&builder, (IkeNotifyType) 40000, ike_chunk (NULL, 0));
      ike_builder_add (&builder, (IkePayloadType) 200, ike_chunk ("x", 1));
      if (critical)
        ike_writer_patch_u8 (&builder.writer, ike_writer_len (&builder.writer) - 4, 0x80);
      sim_assert (sim, probe (peer, IKE_EXCHANGE_INFORMATIONAL, &builder));
      sim_assert (sim, answer_notify == (critical ? IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD : 0));
      sim_assert (sim, !client->downs);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* Exchanges that are not, or not now. */
static void
test_wrong_exchange (void)
{
  static const guint8 exchanges[] = { 0, 33, 34, 35, 38, 39, 43, 255 };
  SimHost *client;
  Sim *sim = sim_new (125);
  SimPeer *peer = established (sim, &client);

  for (guint i = 0; i < G_N_ELEMENTS (exchanges); i++)
    {
      g_auto (IkeBuilder) builder = { 0 };

      ike_builder_init_inner (&builder);
      sim_assert (sim, !probe (peer, (IkeExchange) exchanges[i], &builder));
      peer->next_id = 0;
    }
  for (guint i = 0; i < 2; i++)
    {
      g_auto (IkeBuilder) builder = { 0 };

      /* one that belongs to nothing */
      ike_builder_init_inner (&builder);
      if (i)
        ike_builder_notify (&builder, IKE_NOTIFY_ADDITIONAL_KEY_EXCHANGE, ike_chunk ("12345678", 8));
      sim_assert (sim, probe (peer, IKE_EXCHANGE_IKE_FOLLOWUP_KE, &builder));
      sim_assert (sim, answer_notify == IKE_NOTIFY_STATE_NOT_FOUND);
    }
  sim_assert (sim, !client->downs);
  sim_end (sim);
  sim_peer_free (peer);
}

/* Ids from the past and the future are not looked at; the right one is. */
static void
test_message_ids (void)
{
  static const guint32 ids[] = { IKE_WINDOW, 17, 0x7fffffff, 0xffffffff };
  SimHost *client;
  Sim *sim = sim_new (126);
  SimPeer *peer = established (sim, &client);
  g_auto (IkeBuilder) good = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_auto (IkeBuilder) builder = { 0 };

      ike_builder_init_inner (&builder);
      peer->next_id = ids[i];
      sim_assert (sim, !probe (peer, IKE_EXCHANGE_INFORMATIONAL, &builder));
    }
  peer->next_id = 0;
  ike_builder_init_inner (&good);
  sim_assert (sim, probe (peer, IKE_EXCHANGE_INFORMATIONAL, &good));
  sim_end (sim);
  sim_peer_free (peer);
}

/* Authentic nonsense: RFC 7296 section 2.21.3 ends the IKE SA at both ends. */
static void
test_bad_syntax (void)
{
  SimHost *client;
  Sim *sim = sim_new (127);
  SimPeer *peer = established (sim, &client);
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  /* a notification that is shorter than its SPI */
  ike_builder_add (&builder, IKE_PAYLOAD_NOTIFY, ike_chunk ("\x03\xff\x40\x00", 4));
  sim_assert (sim, probe (peer, IKE_EXCHANGE_INFORMATIONAL, &builder));
  sim_assert (sim, answer_notify == IKE_NOTIFY_INVALID_SYNTAX);
  sim_assert_reason (sim, client, BAD_MESSAGE);
  sim_end (sim);
  sim_peer_free (peer);
}

/* cve-2011-4073: answers to jobs of an IKE SA that is gone, also of a connection that is gone. */
static void
test_late_answers (void)
{
  for (guint turn = 0; turn < 3; turn++)
    {
      Sim *sim = sim_new (130 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      sim_signatures (client, gateway);
      client->job_time[turn == 0   ? IKE_JOB_KE_GENERATE
                       : turn == 1 ? IKE_JOB_KE_FINISH
                                   : IKE_JOB_VERIFY] = 60 * IKE_SECOND;
      sim_listen (gateway);
      sim_start (client);
      sim_run (sim, 5 * IKE_SECOND);
      if (turn == 2)
        sim_stop (client);
      else
        sim_engine_remove (client);
      /* what the engine said when it forgot the connection */
      while (turn != 2)
        {
          IkeOutput *output = sim_engine_poll (client);

          if (!output)
            break;
          if (output->type == IKE_OUTPUT_KERNEL)
            sim_kernel_do (&client->kernel, sim->crypto.rand, output->kernel, &(IkeInput){ 0 });
          ike_output_free (output);
        }
      sim_run (sim, 125 * IKE_SECOND);
      sim_end (sim);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/hostile/cve-2026-78135-client-before-auth", test_client_before_auth);
  g_test_add_func ("/sim/hostile/cve-2026-78135-client-during-eap", test_client_during_eap);
  g_test_add_func ("/sim/hostile/cve-2014-2338-cve-2019-12312-gateway-before-auth", test_gateway_before_auth);
  g_test_add_func ("/sim/hostile/cve-2026-78135-gateway-during-eap", test_gateway_during_eap);
  g_test_add_func ("/sim/hostile/gateway-without-identity", test_gateway_without_identity);
  g_test_add_func ("/sim/hostile/cve-2014-9221-cve-2008-4551-cve-2023-41913-gateway-key-exchange",
                   test_gateway_key_exchange);
  g_test_add_func ("/sim/hostile/gateway-spi-zero", test_gateway_spi_zero);
  g_test_add_func ("/sim/hostile/gateway-flood", test_gateway_flood);
  g_test_add_func ("/sim/hostile/cve-2023-38710-rekey-notify", test_rekey_notify);
  g_test_add_func ("/sim/hostile/unasked-child", test_unasked_child);
  g_test_add_func ("/sim/hostile/cve-2023-38712-double-delete", test_double_delete);
  g_test_add_func ("/sim/hostile/foreign-delete", test_foreign_delete);
  g_test_add_func ("/sim/hostile/unknown-notifications", test_unknown_notifications);
  g_test_add_func ("/sim/hostile/unknown-payloads", test_unknown_payloads);
  g_test_add_func ("/sim/hostile/wrong-exchange", test_wrong_exchange);
  g_test_add_func ("/sim/hostile/message-ids", test_message_ids);
  g_test_add_func ("/sim/hostile/bad-syntax", test_bad_syntax);
  g_test_add_func ("/sim/hostile/cve-2011-4073-late-answers", test_late_answers);
  g_test_add_func ("/sim/hostile/first-not-understood", test_first_not_understood);
  return g_test_run ();
}
