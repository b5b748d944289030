/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A gateway or peer that has lost its state says so (RFC 6290); and what anybody else can say in the open changes nothing. */
#include "sim-attacker.h"
#include "sim-internal.h"
#include "sim-peer.h"

#include "wire/message.h"
#include "wire/payload-ke.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"

typedef struct {
  Sim *sim;
  SimHost *client, *gateway;
  GBytes *said; /* the last unprotected message that was seen */
  guint unprotected;
  IkeHeader seen; /* of the last protected message */
} World;

static SimVerdict
watch (Sim *sim, SimPacket *packet, gpointer data)
{
  World *world = data;
  IkeReader reader = ike_reader (ike_chunk_bytes (packet->data));
  IkeHeader header;

  if (ike_header_parse (&reader, &header) && header.exchange != IKE_EXCHANGE_IKE_SA_INIT &&
      header.next_payload != IKE_PAYLOAD_SK)
    {
      world->unprotected++;
      g_clear_pointer (&world->said, g_bytes_unref);
      world->said = g_bytes_ref (packet->data);
    }
  else if (header.next_payload == IKE_PAYLOAD_SK)
    world->seen = header;
  return SIM_PASS;
}

static IkeConfig *
gateway_config (Sim *sim, const char *secret)
{
  IkeConfig *config = sim_config (sim, "gateway", IKE_ROLE_RESPONDER);

  config->qcd_secret = secret ? ike_secret_new_from (secret, strlen (secret)) : NULL;
  sim->config_secrets = secret != NULL;
  return config;
}

static void
begin (World *world, guint64 seed)
{
  *world = (World){ .sim = sim_new (seed) };
  world->sim->filter = watch;
  world->sim->filter_data = world;
  world->client = sim_client (world->sim);
  world->gateway = sim_gateway (world->sim);
  world->client->config->keep_trying = TRUE;
  world->client->config->dpd_delay = 30 * IKE_SECOND;
  world->client->config->ike_lifetime = 10000 * IKE_SECOND;
  world->client->config->ike_rekey_margin = 100 * IKE_SECOND;
  ike_config_free (world->gateway->config);
  world->gateway->config = gateway_config (world->sim, "one secret");
  sim_connect (world->sim, world->client, world->gateway);
}

static void
end (World *world)
{
  sim_end (world->sim);
  g_clear_pointer (&world->said, g_bytes_unref);
}

/* All is gone at the gateway, and it is there again at once. */
static void
reboot (World *world, const char *secret)
{
  sim_reboot (world->gateway, gateway_config (world->sim, secret));
  sim_listen (world->gateway);
}

static gboolean
is_again (Sim *sim, gpointer host)
{
  return ((SimHost *) host)->ups == 2;
}

/* Whoever asks is told, and is there again after a moment instead of a minute; after rekeying the token is another. */
static void
test_reboot (void)
{
  for (guint rekeyed = 0; rekeyed < 3; rekeyed++)
    {
      World world;

      begin (&world, 10 + rekeyed);
      if (rekeyed)
        sim_hasten (world.client, "rekey");
      sim_run (world.sim, 5 * IKE_SECOND);
      sim_assert (world.sim, world.unprotected == 0);
      reboot (&world, "one secret");
      sim_check (world.client, FALSE);
      sim_assert (world.sim, sim_run_until (world.sim, is_again, world.client, 200 * IKE_MILLISECOND));
      sim_assert (world.sim, world.client->reconnectings == 1 && world.unprotected == 1);
      sim_assert_agree (world.client, world.gateway, 1);
      end (&world);
    }
}

static gboolean
is_connected (Sim *sim, gpointer host)
{
  return sim_kernel_count (&((SimHost *) host)->kernel, TRUE) == 1;
}

/* ---- two peers: either may be the one that is restarted ---- */

static IkeConfig *
peer_config (Sim *sim, const char *name, IkeBegin begin)
{
  IkeConfig *config = sim_config (sim, name, g_str_equal (name, "client") ? IKE_ROLE_INITIATOR : IKE_ROLE_RESPONDER);

  config->role = IKE_ROLE_PEER;
  config->begin = begin;
  config->keep_trying = TRUE;
  config->dpd_delay = 30 * IKE_SECOND;
  config->ike_lifetime = 10000 * IKE_SECOND;
  config->ike_rekey_margin = 100 * IKE_SECOND;
  config->qcd_secret = ike_secret_new_from (name, strlen (name));
  return config;
}

/* @client begins. */
static void
begin_peers (World *world, guint64 seed)
{
  *world = (World){ .sim = sim_new (seed) };
  world->sim->filter = watch;
  world->sim->filter_data = world;
  world->sim->config_secrets = 2;
  world->client = sim_client (world->sim);
  world->gateway = sim_gateway (world->sim);
  ike_config_free (world->client->config);
  ike_config_free (world->gateway->config);
  world->client->config = peer_config (world->sim, "client", IKE_BEGIN_NOW);
  world->gateway->config = peer_config (world->sim, "gateway", IKE_BEGIN_LISTEN);
  sim_start_to (world->gateway, &world->client->address);
  sim_start (world->client);
  sim_run (world->sim, 10 * IKE_SECOND);
  sim_assert (world->sim, world->client->ups == 1 && world->gateway->ups == 1 && world->gateway->waitings == 1);
}

/* The one that had waited is restarted, and waits again: the one that has begun is told, and begins anew. */
static void
test_peer_responder (void)
{
  for (guint rekeyed = 0; rekeyed < 3; rekeyed++)
    {
      World world;

      begin_peers (&world, 40 + rekeyed);
      if (rekeyed)
        sim_hasten (rekeyed == 1 ? world.client : world.gateway, "rekey");
      sim_run (world.sim, 20 * IKE_SECOND);
      sim_assert (world.sim, world.unprotected == 0 && sim_count_ike (world.client) == 1);
      sim_reboot (world.gateway, peer_config (world.sim, "gateway", IKE_BEGIN_LISTEN));
      sim_start_to (world.gateway, &world.client->address);
      sim_check (world.client, FALSE);
      sim_assert (world.sim, sim_run_until (world.sim, is_again, world.client, 200 * IKE_MILLISECOND));
      sim_assert (world.sim, world.client->reconnectings == 1 && world.unprotected == 1);
      sim_run (world.sim, 10 * IKE_SECOND);
      sim_assert_agree (world.client, world.gateway, 1);
      end (&world);
    }
}

static gboolean
waits_again (Sim *sim, gpointer host)
{
  return ((SimHost *) host)->waitings == 2;
}

/* The one that has begun is restarted, and does not begin: the other end, which cannot either, at least does not send into
 * the void, and whatever is begun next finds it ready. */
static void
test_peer_initiator (void)
{
  for (guint rekeyed = 0; rekeyed < 3; rekeyed++)
    {
      World world;

      begin_peers (&world, 45 + rekeyed);
      if (rekeyed)
        sim_hasten (rekeyed == 1 ? world.client : world.gateway, "rekey");
      sim_run (world.sim, 20 * IKE_SECOND);
      sim_assert (world.sim, world.unprotected == 0 && sim_count_ike (world.gateway) == 1);
      sim_reboot (world.client, peer_config (world.sim, "client", IKE_BEGIN_LISTEN));
      sim_start (world.client);
      sim_check (world.gateway, FALSE);
      sim_assert (world.sim, sim_run_until (world.sim, waits_again, world.gateway, 200 * IKE_MILLISECOND));
      sim_assert (world.sim, world.gateway->kernel.sas->len == 0 && world.unprotected == 1);
      end (&world);
    }
}

/* Both are: nobody has anything to say of what nobody has, and the one that begins is served. */
static void
test_peers_both (void)
{
  World world;

  begin_peers (&world, 49);
  sim_reboot (world.client, peer_config (world.sim, "client", IKE_BEGIN_NOW));
  sim_reboot (world.gateway, peer_config (world.sim, "gateway", IKE_BEGIN_LISTEN));
  sim_start_to (world.gateway, &world.client->address);
  sim_start (world.client);
  sim_assert (world.sim, sim_run_until (world.sim, is_again, world.client, 200 * IKE_MILLISECOND));
  sim_run (world.sim, 10 * IKE_SECOND);
  sim_assert (world.sim, world.unprotected == 0);
  sim_assert_agree (world.client, world.gateway, 1);
  end (&world);
}

/* Another secret, or none: only the liveness check finds it out, but a new IKE SA is tried beside the silent one. */
static void
test_other_secret (void)
{
  static const char *const secrets[] = { "another secret", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      World world;

      begin (&world, 20 + i);
      reboot (&world, secrets[i]);
      sim_check (world.client, FALSE);
      sim_assert (world.sim, sim_run_until (world.sim, is_connected, world.gateway, 8 * IKE_SECOND));
      sim_assert (world.sim, (world.unprotected > 0) == (secrets[i] != NULL));
      sim_run (world.sim, 100 * IKE_SECOND); /* the old one has ended by then */
      sim_assert (world.sim, world.client->reconnectings == 0 && world.client->ups == 1);
      sim_assert_agree (world.client, world.gateway, 1);
      end (&world);
    }
}

/* ---- where the other end may say its token ---- */

#define SPI_NEW G_GUINT64_CONSTANT (0xbbbb000000000002) /* of the IKE SA that a rekey makes, the script's */

static const char token[] = "a token of 32 octets, as it seems";
static guint64 rekeyed; /* the client's SPI of that one; 0: there was no rekey */

static void
write_token (IkeBuilder *builder)
{
  const IkeNotify notify = { .protocol = IKE_PROTOCOL_IKE,
                             .type = IKE_NOTIFY_QUICK_CRASH_DETECTION,
                             .data = ike_chunk (token, 32) };

  ike_notify_write (ike_builder_begin (builder, IKE_PAYLOAD_NOTIFY), &notify);
  ike_builder_end (builder);
}

/* In the open. */
static GBytes *
say_lost (guint64 spi_i, guint64 spi_r, guint8 flags)
{
  const IkeHeader header = { .spi_i = spi_i,
                             .spi_r = spi_r,
                             .version = IKE_VERSION_2,
                             .exchange = IKE_EXCHANGE_INFORMATIONAL,
                             .flags = flags,
                             .message_id = 9 };
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init (&builder, &header);
  ike_builder_notify (&builder, IKE_NOTIFY_INVALID_IKE_SPI, ike_chunk (NULL, 0));
  write_token (&builder);
  return ike_builder_finish (&builder);
}

/* Answers a rekey of the IKE SA, without ever using the new one. */
static void
answer_rekey (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  const IkeCrypto *crypto = &peer->sim->crypto.table;
  g_autoptr (GPtrArray) ours = ike_proposals_default (crypto, IKE_PROTOCOL_IKE, FALSE);
  const guint64 spi = GUINT64_TO_BE (SPI_NEW);
  const guint8 nonce[32] = { 0 };
  g_auto (IkeBuilder) builder = { 0 };
  g_autoptr (GBytes) public = NULL, value = NULL;
  g_autoptr (IkeSecret) shared = NULL;
  g_auto (IkeSa) sa = { 0 };
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_IKE };
  IkeProposal *answer;
  IkeReader reader;
  IkeSuite suite;
  IkeKe ke;

  sim_assert (peer->sim, ike_sa_parse (ike_payloads_find (payloads, IKE_PAYLOAD_SA)->body, &sa) &&
                             ike_ke_parse (ike_payloads_find (payloads, IKE_PAYLOAD_KE)->body, &ke));
  rule.ke_sent = ke.group;
  sim_assert (peer->sim, ike_proposal_choose (&suite, ours, &sa, &rule) && suite.spi_len == 8);
  reader = ike_reader (ike_chunk (suite.spi, suite.spi_len));
  rekeyed = ike_read_u64 (&reader);
  public = ike_chunk_dup (ke.data);
  sim_assert (peer->sim, crypto->ke_respond (crypto, ke.group, public, &value, &shared));
  ke.data = ike_chunk_bytes (value);
  ike_builder_init_inner (&builder);
  answer = ike_proposal_from_suite (&suite);
  ike_sa_write_chosen (ike_builder_begin (&builder, IKE_PAYLOAD_SA), suite.number, IKE_PROTOCOL_IKE,
                       ike_chunk (&spi, sizeof spi), (const IkeTransform *) (gpointer) answer->transforms->data,
                       answer->transforms->len);
  ike_builder_end (&builder);
  ike_proposal_free (answer);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
  ike_ke_write (ike_builder_begin (&builder, IKE_PAYLOAD_KE), &ke);
  ike_builder_end (&builder);
  write_token (&builder);
  sim_peer_send (peer, header->exchange, TRUE, header->message_id, &builder);
}

static gboolean
answer_with_token (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };

  if (header->flags & IKE_FLAG_RESPONSE)
    return TRUE;
  if (header->exchange == IKE_EXCHANGE_CREATE_CHILD_SA)
    {
      answer_rekey (peer, header, payloads);
      return TRUE;
    }
  ike_builder_init_inner (&builder);
  write_token (&builder);
  sim_peer_send (peer, header->exchange, TRUE, header->message_id, &builder);
  return TRUE;
}

/* In its answer to a question, and in that to our rekey, where it is that of the new IKE SA. */
static void
test_in_answers (void)
{
  for (guint rekey = 0; rekey < 2; rekey++)
    for (guint asked = 0; asked < 2; asked++)
      {
        Sim *sim = sim_new (60 + rekey);
        SimHost *client = sim_client (sim);
        SimPeer *peer = sim_peer_new (sim);
        IkeEndpoint from, to;
        g_autoptr (GBytes) lost = NULL;

        rekeyed = 0;
        peer->on_other = answer_with_token;
        client->config->keep_trying = TRUE;
        client->config->dpd_delay = 300 * IKE_SECOND;
        client->config->ike_lifetime = 10000 * IKE_SECOND;
        client->config->ike_rekey_margin = 100 * IKE_SECOND;
        sim_start (client);
        sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
        sim_run (sim, 5 * IKE_SECOND);
        if (asked && rekey)
          sim_hasten (client, "rekey");
        else if (asked)
          sim_check (client, FALSE);
        sim_run (sim, IKE_SECOND);
        sim_assert (sim, client->reconnectings == 0 && !rekeyed == !(asked && rekey));
        from = (IkeEndpoint){ peer->host->address, 500 };
        to = (IkeEndpoint){ client->address, 500 };
        lost = rekeyed ? say_lost (rekeyed, SPI_NEW, IKE_FLAG_RESPONSE) /* the client has begun the new one, too */
                       : say_lost (peer->spi_i, peer->spi_r, IKE_FLAG_RESPONSE);
        peer->mute = TRUE;
        sim_send (sim, &from, &to, FALSE, lost, 0);
        sim_run (sim, 100 * IKE_MILLISECOND);
        sim_assert (sim, client->reconnectings == asked);
        sim_end (sim);
        sim_peer_free (peer);
      }
}

/* In a client's IKE_AUTH request. */
static void
test_in_request (void)
{
  for (guint told = 0; told < 2; told++)
    {
      SimAttacker attacker;
      IkeEndpoint from, to;
      g_autoptr (GBytes) lost = NULL;

      sim_attacker_new (&attacker, 70 + told);
      if (told)
        attacker.write_more = write_token;
      sim_attacker_init (&attacker);
      sim_attacker_enter (&attacker, FALSE);
      sim_assert (attacker.sim, attacker.said == 0 && sim_count_ike (attacker.gateway) == 1);
      from = (IkeEndpoint){ attacker.host->address, 500 };
      to = (IkeEndpoint){ attacker.gateway->address, 500 };
      lost = say_lost (attacker.spi_i, attacker.spi_r, IKE_FLAG_INITIATOR | IKE_FLAG_RESPONSE);
      sim_send (attacker.sim, &from, &to, FALSE, lost, 0);
      sim_run (attacker.sim, 100 * IKE_MILLISECOND);
      sim_assert (attacker.sim, sim_count_ike (attacker.gateway) == !told);
      sim_stop ((SimHost *) attacker.gateway);
      sim_end (attacker.sim);
    }
}

/* A gateway that lives says no token of what it has (RFC 6290 section 9.2), whoever asks. */
static void
test_alive (void)
{
  World world;
  IkeEndpoint gateway, other = { .port = 500 };
  IkeBuilder builder = { 0 };
  IkeHeader header = { .spi_i = 1, .version = IKE_VERSION_2, .exchange = IKE_EXCHANGE_INFORMATIONAL };
  g_autoptr (GBytes) datagram = NULL;

  begin (&world, 30);
  g_assert_true (ike_address_from_string ("192.0.2.99", &other.address));
  gateway = (IkeEndpoint){ world.gateway->address, 500 };
  for (guint i = 0; i < 4; i++)
    {
      guint8 octets[80] = { 0 };

      /* for what is not there: answers are never answered, and without SPIr there is nothing to be told; a fragment is
       * told */
      header.flags = i == 0 ? IKE_FLAG_RESPONSE | IKE_FLAG_INITIATOR : IKE_FLAG_INITIATOR;
      header.spi_r = i == 1 ? 0 : 2;
      ike_builder_init (&builder, &header);
      ike_builder_add (&builder,
                       i == 2   ? IKE_PAYLOAD_NONCE
                       : i == 3 ? IKE_PAYLOAD_SKF
                                : IKE_PAYLOAD_SK,
                       ike_chunk (octets, sizeof octets));
      datagram = ike_builder_finish (&builder);
      sim_send (world.sim, &other, &gateway, FALSE, g_bytes_ref (datagram), 0);
      g_clear_pointer (&datagram, g_bytes_unref);
      sim_run (world.sim, IKE_SECOND);
      sim_assert (world.sim, world.unprotected == (i == 3));
    }
  /* for what is there, with either flag: it is said to nobody */
  for (guint i = 0; i < 4; i++)
    {
      guint8 octets[80] = { 0 };

      header = world.seen;
      header.flags = i & 1 ? IKE_FLAG_INITIATOR : 0;
      header.message_id = 7;
      if (i & 2)
        header.spi_r ^= 1;
      ike_builder_init (&builder, &header);
      ike_builder_add (&builder, IKE_PAYLOAD_SK, ike_chunk (octets, sizeof octets));
      sim_send (world.sim, &other, &gateway, FALSE, ike_builder_finish (&builder), 0);
      sim_run (world.sim, IKE_SECOND);
    }
  /* but for a gateway's SPI that is none of its own */
  sim_assert (world.sim, world.unprotected == 3);
  end (&world);
}

/* The client's SPIs are no secret, the token is: whatever else comes for them is a hint, and the tunnel stands. */
static void
test_forged (void)
{
  for (guint how = 0; how < 4; how++)
    {
      World world;
      IkeBuilder builder = { 0 };
      IkeReader reader;
      IkeHeader header;
      IkeEndpoint from, to;
      guint8 wrong[128] = { 1 };
      IkeNotify notify = { .protocol = 1, .type = IKE_NOTIFY_QUICK_CRASH_DETECTION, .data = ike_chunk (wrong, 32) };
      guint sent;

      begin (&world, 40 + how);
      /* an answer of a former life tells the SPIs */
      reboot (&world, "another secret");
      sim_check (world.client, FALSE);
      sim_run (world.sim, IKE_SECOND);
      sim_assert (world.sim, world.said && world.client->reconnectings == 0);
      reader = ike_reader (ike_chunk_bytes (world.said));
      sim_assert (world.sim, ike_header_parse (&reader, &header));
      header.message_id += how;
      from = (IkeEndpoint){ world.gateway->address, 500 };
      to = (IkeEndpoint){ world.client->address, 500 };
      sent = world.client->sent;
      for (guint i = 0; i < 100; i++)
        {
          if (how & 1)
            notify.data = ike_chunk (wrong, i & 1 ? 8 : 128);
          ike_builder_init (&builder, &header);
          ike_builder_notify (&builder, IKE_NOTIFY_INVALID_IKE_SPI, ike_chunk (NULL, 0));
          ike_notify_write (ike_builder_begin (&builder, IKE_PAYLOAD_NOTIFY), &notify);
          ike_builder_end (&builder);
          sim_send (world.sim, &from, &to, FALSE, ike_builder_finish (&builder), i * IKE_MILLISECOND);
        }
      sim_run (world.sim, IKE_SECOND);
      sim_assert (world.sim, world.client->reconnectings == 0 && world.client->sent - sent <= 3);
      end (&world);
    }
}

/* An ICMP of ESP, so to speak: INVALID_SPI in the open. Only for a Child SA that there is, from where the peer is. */
static void
test_invalid_spi (void)
{
  for (guint how = 0; how < 3; how++)
    {
      World world;
      IkeBuilder builder = { 0 };
      IkeHeader header = { .version = IKE_VERSION_2, .exchange = IKE_EXCHANGE_INFORMATIONAL };
      IkeEndpoint from, to;
      guint32 spi;
      guint sent;

      begin (&world, 50 + how);
      sim_run (world.sim, 5 * IKE_SECOND);
      from = (IkeEndpoint){ world.gateway->address, 500 };
      to = (IkeEndpoint){ world.client->address, 500 };
      if (how == 1)
        g_assert_true (ike_address_from_string ("192.0.2.99", &from.address));
      spi = GUINT32_TO_BE (sim_kernel_outbound (&world.client->kernel)->spi + (how == 2));
      ike_builder_init (&builder, &header);
      ike_builder_notify (&builder, IKE_NOTIFY_INVALID_SPI, ike_chunk (&spi, sizeof spi));
      sent = world.client->sent;
      sim_send (world.sim, &from, &to, FALSE, ike_builder_finish (&builder), 0);
      sim_run (world.sim, IKE_SECOND);
      /* one question, which is answered */
      sim_assert (world.sim, world.client->sent - sent == (how == 0) && world.client->reconnectings == 0);
      end (&world);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/qcd/reboot", test_reboot);
  g_test_add_func ("/sim/qcd/peer-responder", test_peer_responder);
  g_test_add_func ("/sim/qcd/peer-initiator", test_peer_initiator);
  g_test_add_func ("/sim/qcd/peers-both", test_peers_both);
  g_test_add_func ("/sim/qcd/other-secret", test_other_secret);
  g_test_add_func ("/sim/qcd/in-answers", test_in_answers);
  g_test_add_func ("/sim/qcd/in-request", test_in_request);
  g_test_add_func ("/sim/qcd/alive", test_alive);
  g_test_add_func ("/sim/qcd/forged", test_forged);
  g_test_add_func ("/sim/qcd/invalid-spi", test_invalid_spi);
  return g_test_run ();
}
