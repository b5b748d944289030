/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths that change, end or lie: moving, black holes, NATs that forget, hints, and what is held back meanwhile. */
#include "sim-peer.h"

#include "wire/header.h"

#include <string.h>

#define SECONDS(n) ((n) *IKE_SECOND)

static SimHost *
client_new (Sim *sim)
{
  SimHost *client = sim_client (sim);

  client->config->mobike = client->config->keep_trying = TRUE;
  client->config->dpd_delay = SECONDS (30);
  client->config->dpd_timeout = SECONDS (60);
  return client;
}

static SimHost *
gateway_new (Sim *sim)
{
  SimHost *gateway = sim_gateway (sim);

  gateway->config->mobike = TRUE;
  return gateway;
}

static SimVerdict
black_hole (Sim *sim, SimPacket *packet, gpointer data)
{
  return *(gboolean *) data ? SIM_DROP : SIM_PASS;
}

/* Everything is swallowed until the client doubts its path, and then it has another address. How long that took. */
static IkeTime
swallow (SimHost *client, gboolean *dark)
{
  Sim *sim = client->sim;
  IkeTime took;

  *dark = TRUE;
  took = sim_until_doubt (client);
  *dark = FALSE;
  sim_move (client, "192.0.2.99");
  sim_run (sim, IKE_SECOND);
  return took;
}

/* ---- liveness ---- */

static void
test_traffic_is_free (void)
{
  Sim *sim = sim_new (1);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  guint sent;

  sim_connect (sim, client, gateway);
  sent = client->sent + gateway->sent;
  sim_traffic (client, 100, 100, 3000);
  sim_assert (sim, client->sent + gateway->sent == sent);
  /* only out: the question is asked, but not all the time; twice the packets, for the answers */
  sim_traffic (client, 0, 100, 1000);
  sim_assert (sim, client->sent + gateway->sent - sent >= 10 && client->sent + gateway->sent - sent <= 22);
  sim_end (sim);
}

static void
test_idle_is_cheap (void)
{
  Sim *sim = sim_new (2);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  guint sent, queries;

  sim_connect (sim, client, gateway);
  sim_run (sim, SECONDS (60));
  sent = client->sent;
  queries = client->kernel.queries;
  sim_run (sim, SECONDS (300));
  sim_assert (sim, client->sent - sent >= 9 && client->sent - sent <= 11);
  sim_assert (sim, client->kernel.queries - queries <= 50);
  sim_end (sim);
}

/* An uplink that swallows everything is found out within 5 s, and the other one takes over without a new IKE SA. */
static void
test_black_hole (void)
{
  Sim *sim = sim_new (3);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  gboolean dark = FALSE;

  sim->filter = black_hole;
  sim->filter_data = &dark;
  sim_connect (sim, client, gateway);
  sim_traffic (client, 100, 100, 200);
  sim_assert (sim, swallow (client, &dark) <= SECONDS (5));
  sim_assert (sim, client->moves == 1 && client->ups == 1 && !client->reconnectings);
  sim_assert (sim, ike_address_equal (&sim_kernel_outbound (&gateway->kernel)->path.remote.address, &client->address));
  sim_assert (sim, strstr (sim->transcript->str, "sent INFORMATIONAL (routability) request") != NULL);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* With another one at hand, much sooner. */
static void
test_black_hole_elsewhere (void)
{
  Sim *sim = sim_new (11);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  gboolean dark = FALSE;

  sim->filter = black_hole;
  sim->filter_data = &dark;
  sim_connect (sim, client, gateway);
  sim_elsewhere (client, TRUE);
  sim_traffic (client, 100, 100, 200);
  sim_assert (sim, swallow (client, &dark) <= 900 * IKE_MILLISECOND);
  sim_assert (sim, client->moves == 1 && client->ups == 1 && !client->reconnectings);
  /* on a path of which nothing is known, with a round trip of 1.2 s: there is time for it */
  client->path_fails = FALSE;
  sim->latency = 600 * IKE_MILLISECOND;
  sim_move (client, "192.0.2.98");
  sim_run (sim, SECONDS (10));
  sim_assert (sim, client->moves == 2 && !client->reconnectings);
  client->path_fails = FALSE;
  sim_check (client, FALSE);
  sim_run (sim, SECONDS (10));
  sim_assert (sim, !client->path_fails);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* Without MOBIKE the same is a new IKE SA by the other path. */
static void
test_black_hole_renew (void)
{
  Sim *sim = sim_new (13);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  gboolean dark = FALSE;

  gateway->config->mobike = FALSE;
  sim->filter = black_hole;
  sim->filter_data = &dark;
  sim_connect (sim, client, gateway);
  sim_elsewhere (client, TRUE);
  sim_traffic (client, 100, 100, 200);
  sim_assert (sim, swallow (client, &dark) <= 1200 * IKE_MILLISECOND);
  sim_assert (sim, client->moves == 0 && client->ups == 2 && client->reconnectings == 1 && !client->leaks);
  sim_assert (sim, ike_address_equal (&sim_kernel_outbound (&gateway->kernel)->path.remote.address, &client->address));
  sim_end (sim);
}

/* The same when somebody says all the time that nobody is there, which may be true. */
static void
test_closed (void)
{
  for (guint i = 0; i < 4; i++)
    {
      Sim *sim = sim_new (130 + i);
      SimHost *client = client_new (sim), *gateway = gateway_new (sim);

      gateway->config->mobike = i & 1;
      sim_connect (sim, client, gateway);
      sim_elsewhere (client, i & 2);
      sim_traffic (client, 100, 100, 200);
      gateway->closed = TRUE;
      sim_assert (sim, sim_until_doubt (client) <= SECONDS (i ? 5 : 9));
      gateway->closed = FALSE;
      sim_run (sim, SECONDS (60));
      sim_assert (sim, client->ups == 1 && !client->reconnectings);
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

static guint questions;

static gboolean
puts_off (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };

  if (header->flags & IKE_FLAG_RESPONSE)
    return FALSE;
  ike_builder_init_inner (&builder);
  questions += header->exchange == IKE_EXCHANGE_INFORMATIONAL;
  if (header->exchange == IKE_EXCHANGE_CREATE_CHILD_SA)
    ike_builder_notify (&builder, IKE_NOTIFY_TEMPORARY_FAILURE, ike_chunk (NULL, 0));
  sim_peer_send (peer, (IkeExchange) header->exchange, TRUE, header->message_id, &builder);
  return TRUE;
}

/* What is put off, and not begun, is no question that somebody answers. */
static void
test_hint_beside_put_off (void)
{
  for (guint put_off = 0; put_off < 2; put_off++)
    {
      Sim *sim = sim_new (60 + put_off);
      SimHost *client = client_new (sim);
      SimPeer *peer = sim_peer_new (sim);

      peer->on_other = puts_off;
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, SECONDS (1)));
      if (put_off)
        sim_expire (client, ((SimSa *) client->kernel.sas->pdata[0])->spi, FALSE);
      sim_run (sim, SECONDS (1));
      questions = 0;
      sim_check (client, TRUE);
      sim_run (sim, SECONDS (1));
      sim_assert (sim, questions == 1);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* A question without an answer has its time, with hints and without: 6 s without MOBIKE. */
static void
test_hints_cost_no_time (void)
{
  IkeTime took[2];
  guint sent[2];

  for (guint hints = 0; hints < 2; hints++)
    {
      Sim *sim = sim_new (140);
      SimHost *client = client_new (sim), *gateway = gateway_new (sim);
      IkeTime since;

      gateway->config->mobike = FALSE;
      sim_connect (sim, client, gateway);
      sim_run (sim, SECONDS (10));
      gateway->off = TRUE;
      sent[hints] = client->sent;
      since = sim->now;
      sim_check (client, FALSE);
      while (!client->path_fails && sim->now - since < SECONDS (30))
        {
          sim_run (sim, 100 * IKE_MILLISECOND);
          if (hints)
            sim_check (client, FALSE);
        }
      took[hints] = sim->now - since;
      sim_assert (sim, client->path_fails && took[hints] <= SECONDS (7));
      sent[hints] = client->sent - sent[hints];
      gateway->off = FALSE;
      sim_run (sim, SECONDS (60));
      sim_assert (sim, client->ups == 1);
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
  g_assert_cmpint (took[0], ==, took[1]);
  /* each hint that counts, one a second, is a datagram more */
  g_assert_cmpuint (sent[1] - sent[0], >=, 4);
  g_assert_cmpuint (sent[1] - sent[0], <=, 7);
}

/* ... and so nobody does it for a few lost messages, for what anybody can send, or when nothing waits for the tunnel. */
static void
test_no_hurry_to_renew (void)
{
  Sim *sim = sim_new (14);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  gboolean dark = FALSE;

  gateway->config->mobike = FALSE;
  sim->filter = black_hole;
  sim->filter_data = &dark;
  sim_connect (sim, client, gateway);
  sim_elsewhere (client, TRUE);
  /* the question and two repetitions are lost */
  for (guint i = 0; i < 20; i++)
    {
      sim_traffic (client, 100, 100, 120);
      dark = TRUE;
      sim_traffic (client, 0, 100, 7);
      dark = FALSE;
      sim_check (client, FALSE);
      sim_traffic (client, 0, 100, 1);
    }
  sim_assert (sim, !client->path_fails && !client->reconnectings);
  /* an idle tunnel: a hint leads to a question, which has 6 s */
  sim_run (sim, SECONDS (60));
  dark = TRUE;
  sim_check (client, FALSE);
  sim_run (sim, SECONDS (4));
  sim_assert (sim, !client->path_fails && !client->reconnectings);
  dark = FALSE;
  sim_run (sim, SECONDS (5));
  sim_assert (sim, !client->path_fails && client->ups == 1);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* Nothing is asked while traffic flows, whatever is lost of it, and nobody moves away for a moment's silence. */
static void
lossy_elsewhere (gconstpointer data)
{
  gboolean mobike = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (12);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  GRand *rand = g_rand_new_with_seed (12);
  gboolean dark = FALSE;
  guint sent;

  gateway->config->mobike = mobike;
  sim->filter = black_hole;
  sim->filter_data = &dark;
  sim_connect (sim, client, gateway);
  sim_elsewhere (client, TRUE);
  sent = client->sent;
  sim_traffic (client, 100, 100, 3000);
  sim_assert (sim, client->sent == sent);
  sim->loss = 15;
  for (guint i = 0; i < 10000; i++)
    sim_traffic (client, g_rand_int_range (rand, 0, 100) < 72 ? 100 : 0, 100, 1);
  sim_assert (sim, !client->path_fails && !client->reconnectings);
  sim->loss = 0;
  /* every ten seconds nothing gets through for half a second */
  for (guint i = 0; i < 1000; i++)
    {
      dark = i % 100 >= 95;
      sim_traffic (client, dark ? 0 : 100, 100, 1);
    }
  sim_assert (sim, !client->path_fails && !client->reconnectings);
  sim_assert_agree (client, gateway, 1);
  g_rand_free (rand);
  sim_end (sim);
}

/* Several uplinks, one after the other dead: a request is under way all the time. */
static void
test_several_dead_paths (void)
{
  Sim *sim = sim_new (4);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  gboolean dark = FALSE;

  sim->filter = black_hole;
  sim->filter_data = &dark;
  sim_connect (sim, client, gateway);
  dark = TRUE;
  sim_check (client, FALSE);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *address = g_strdup_printf ("192.0.2.%u", 100 + i);

      client->path_fails = FALSE;
      sim_run (sim, SECONDS (2));
      sim_assert (sim, client->path_fails);
      sim_move (client, address);
    }
  dark = FALSE;
  sim_run (sim, SECONDS (2));
  sim_assert (sim, client->moves == 1 && client->ups == 1 && !client->reconnectings);
  sim_assert (sim, ike_address_equal (&sim_kernel_outbound (&gateway->kernel)->path.remote.address, &client->address));
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* The gateway's answers to INFORMATIONAL requests, and nothing else. */
static SimVerdict
drop_answers (Sim *sim, SimPacket *packet, gpointer data)
{
  const SimHost *gateway = data;
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  return ike_address_equal (&packet->from.address, &gateway->address) && octets[18] == IKE_EXCHANGE_INFORMATIONAL &&
                 octets[19] & IKE_FLAG_RESPONSE
             ? SIM_DROP
             : SIM_PASS;
}

static SimVerdict
drop_requests (Sim *sim, SimPacket *packet, gpointer data)
{
  const SimHost *client = data;
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  return ike_address_equal (&packet->from.address, &client->address) && octets[18] == IKE_EXCHANGE_INFORMATIONAL &&
                 !(octets[19] & IKE_FLAG_RESPONSE)
             ? SIM_DROP
             : SIM_PASS;
}

/* The gateway rekeys the IKE SA while our move has no answer, or has not even arrived: the Child SAs move all the same,
 * here and there, and it is found out whether we are where we say. */
static void
moved_and_rekeyed (gconstpointer data)
{
  gboolean arrived = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (20 + arrived);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);

  gateway->config->ike_lifetime = 2000 * IKE_SECOND;
  gateway->config->ike_rekey_margin = 100 * IKE_SECOND;
  sim_connect (sim, client, gateway);
  sim->filter = arrived ? drop_answers : drop_requests;
  sim->filter_data = arrived ? gateway : client;
  if (!arrived)
    {
      /* its answer leaves from an address that we have no longer */
      client->job_time[IKE_JOB_KE_RESPOND] = 200 * IKE_MILLISECOND;
      sim->roaming = TRUE;
      sim_hasten (gateway, "rekey");
      sim_run (sim, 50 * IKE_MILLISECOND);
    }
  sim_move (client, "192.0.2.99");
  sim_run (sim, 100 * IKE_MILLISECOND);
  if (arrived)
    sim_hasten (gateway, "rekey");
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, strstr (sim->transcript->str, "replaces #") != NULL && client->moves == 0);
  sim->filter = NULL;
  sim_run (sim, SECONDS (30));
  sim_assert (sim, ike_address_equal (&sim_kernel_outbound (&client->kernel)->path.local.address, &client->address));
  sim_assert (sim, ike_address_equal (&sim_kernel_outbound (&gateway->kernel)->path.remote.address, &client->address));
  sim_assert (sim, client->moves == 1 && client->ups == 1 && !client->reconnectings);
  sim_assert (sim, sim_count_ike (client) == 1 && sim_count_ike (gateway) == 1);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* Its answers, and nothing else. */
static SimVerdict
drop_own_answers (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  return ike_address_equal (&packet->from.address, &((const SimHost *) data)->address) &&
                 octets[18] == IKE_EXCHANGE_INFORMATIONAL && octets[19] & IKE_FLAG_RESPONSE
             ? SIM_DROP
             : SIM_PASS;
}

/* RFC 4555 section 3.7: who has told where he is, and does not answer there, is let go: also one who rekeys meanwhile. */
static void
test_unreachable_and_rekeyed (void)
{
  Sim *sim = sim_new (22);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);

  client->config->dpd_delay = 0;
  client->config->ike_lifetime = 2000 * IKE_SECOND;
  client->config->ike_rekey_margin = 100 * IKE_SECOND;
  sim_connect (sim, client, gateway);
  sim->filter = drop_own_answers;
  sim->filter_data = client;
  sim_move (client, "192.0.2.99");
  sim_run (sim, 100 * IKE_MILLISECOND);
  sim_hasten (client, "rekey");
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, client->moves == 1 && sim_count_ike (gateway) == 1);
  sim_assert (sim, strstr (sim->transcript->str, "replaces #") != NULL && gateway->gones == 0);
  sim_run (sim, SECONDS (80));
  sim_assert (sim, gateway->gones == 1 && gateway->kernel.sas->len == 0);
  sim->filter = NULL;
  sim_end (sim);
}

/* ---- NAT ---- */

static void
nat_forgets (gconstpointer data)
{
  gboolean mobike = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (5);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  guint16 port;

  client->config->mobike = mobike;
  sim_nat (client, "203.0.113.9");
  sim_connect (sim, client, gateway);
  sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->encap);
  /* only the gateway sends; then its packets reach nobody any more */
  sim_traffic (client, 100, 0, 200);
  client->nat_ports[0] = client->nat_ports[1] = 0;
  sim_traffic (client, 0, 0, 10);
  port = client->nat_ports[1];
  sim_assert (sim, port && sim_kernel_outbound (&gateway->kernel)->path.remote.port == port);
  sim_assert (sim, client->ups == 1 && !client->reconnectings);
  /* nobody sends: the next ordinary question does it */
  client->nat_ports[0] = client->nat_ports[1] = 0;
  sim_run (sim, SECONDS (70));
  port = client->nat_ports[1];
  sim_assert (sim, port && sim_kernel_outbound (&gateway->kernel)->path.remote.port == port);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* ---- hints ---- */

static void
test_hints (void)
{
  Sim *sim = sim_new (6);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  guint sent;

  sim_connect (sim, client, gateway);
  sim_run (sim, SECONDS (5));
  sent = client->sent;
  for (guint i = 0; i < 100; i++)
    {
      IkeInput *input = g_new0 (IkeInput, 1);

      sim_check (client, FALSE);
      input->type = IKE_INPUT_UNREACHABLE;
      input->path.remote = (IkeEndpoint){ gateway->address, 4500 };
      input->text = "Connection refused";
      sim_input (client, input);
    }
  sim_assert (sim, client->sent == sent + 1);
  sim_run (sim, SECONDS (5));
  sim_assert (sim, client->sent == sent + 1 && !client->reconnectings && !client->downs);
  sim_end (sim);
}

/* ---- sleep ---- */

typedef enum { CLIENT, SERVER, PEER } Sleeper;

/* While a question has no answer, for much longer than anybody waits for one: who was not there to hear it asks again. */
static void
slept (gconstpointer data)
{
  Sleeper sleeper = (Sleeper) GPOINTER_TO_INT (data);
  Sim *sim = sim_new (30 + sleeper);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  SimHost *host = sleeper == SERVER ? gateway : client, *other = sleeper == SERVER ? client : gateway;

  other->config->dpd_delay = 0;
  host->config->dpd_delay = SECONDS (30);
  host->config->dpd_timeout = SECONDS (60);
  if (sleeper == PEER)
    {
      client->config->role = gateway->config->role = IKE_ROLE_PEER;
      gateway->config->begin = IKE_BEGIN_LISTEN;
      sim_start_to (gateway, &client->address);
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, SECONDS (10)));
    }
  else
    sim_connect (sim, client, gateway);
  sim_run (sim, SECONDS (1));
  sim->loss = 100;
  if (sleeper == SERVER)
    sim_run (sim, SECONDS (35));
  else
    sim_check (client, FALSE);
  sim_run (sim, SECONDS (1));
  sim_assert (sim, strstr (sim->transcript->str, " again") != NULL);
  sim_sleep (host);
  sim_run (sim, SECONDS (600));
  sim->loss = 0;
  sim_wake (host);
  sim_check (host, TRUE);
  sim_run (sim, SECONDS (10));
  sim_assert (sim, !client->reconnectings && !gateway->reconnectings && !gateway->gones && client->ups == 1);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* ---- what is held back ---- */

/* The gateway deletes the Child SA again and again. */
static void
test_child_deleted (void)
{
  Sim *sim = sim_new (7);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);

  sim_connect (sim, client, gateway);
  sim_ping (client, gateway, 10 * IKE_MILLISECOND, SECONDS (30));
  for (guint i = 0; i < 8; i++)
    {
      sim_run (sim, SECONDS (3));
      sim_expire (gateway, sim_kernel_outbound (&gateway->kernel)->spi, TRUE);
    }
  sim_run (sim, SECONDS (10));
  sim_assert (sim, !client->leaks && client->ups == 1 && !client->reconnectings);
  /* a quarter of a second each time, both ways */
  sim_assert (sim, sim->pings - sim->pongs < 8 * 2 * 30);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

static void
test_gateway_gone (void)
{
  Sim *sim = sim_new (8);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);

  sim_connect (sim, client, gateway);
  sim_ping (client, gateway, 100 * IKE_MILLISECOND, SECONDS (300));
  gateway->off = TRUE;
  gateway->kernel.bytes_in = 0;
  for (guint i = 0; i < 100 && !client->stalls; i++)
    sim_traffic (client, 0, 10, 30);
  sim_assert (sim, client->reconnectings == 1 && client->stalls && !client->downs && !client->leaks);
  sim_assert (sim, client->kernel.sas->len == 0 || sim_kernel_count (&client->kernel, TRUE) == 0);
  sim_assert (sim, client->kernel.policies->len == 1);
  gateway->off = FALSE;
  sim_run (sim, SECONDS (120));
  sim_assert (sim, client->ups == 2 && client->kernel.policies->len == 1);
  /* after the end nothing is held: sim_end() looks */
  sim_end (sim);
}

static void
test_tries (void)
{
  Sim *sim = sim_new (9);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);

  client->config->tries = 3;
  sim_connect (sim, client, gateway);
  gateway->off = TRUE;
  sim_run (sim, SECONDS (400));
  sim_assert (sim, client->stalls == 2);
  sim_assert_reason (sim, client, NO_RESPONSE);
  sim_assert (sim, !client->kernel.policies->len);
  gateway->off = FALSE;
  sim_end (sim);
}

/* Another gateway while reconnecting: the caller has looked the name up again. */
static void
test_other_gateway (void)
{
  Sim *sim = sim_new (10);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  SimHost *other = sim_host_new (sim, "other", "198.51.100.9", IKE_ROLE_RESPONDER);
  IkeInput *input = g_new0 (IkeInput, 1);

  ike_config_free (other->config);
  other->config = sim_gateway (sim)->config;
  ((SimHost *) sim->hosts->pdata[3])->config = NULL;
  other->config->mobike = TRUE;
  sim_connect (sim, client, gateway);
  sim_listen (other);
  gateway->off = TRUE;
  sim_check (client, FALSE);
  sim_run (sim, SECONDS (90));
  sim_assert (sim, client->reconnectings == 1 && client->stalls);
  input->type = IKE_INPUT_PATH;
  input->connection = client->id;
  input->path = (IkePath){ IKE_TRANSPORT_UDP, { client->address, 500 }, { other->address, 500 } };
  input->natt_path = (IkePath){ IKE_TRANSPORT_NATT, { client->address, 4500 }, { other->address, 4500 } };
  sim_input (client, input);
  sim_run (sim, SECONDS (2));
  sim_assert (sim, client->ups == 2);
  gateway->off = FALSE;
  sim_assert_agree (client, other, 1);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/path/traffic-is-free", test_traffic_is_free);
  g_test_add_func ("/sim/path/idle-is-cheap", test_idle_is_cheap);
  g_test_add_func ("/sim/path/black-hole", test_black_hole);
  g_test_add_func ("/sim/path/black-hole/elsewhere", test_black_hole_elsewhere);
  g_test_add_func ("/sim/path/black-hole/renew", test_black_hole_renew);
  g_test_add_func ("/sim/path/no-hurry-to-renew", test_no_hurry_to_renew);
  g_test_add_data_func ("/sim/path/lossy/elsewhere/mobike", GINT_TO_POINTER (TRUE), lossy_elsewhere);
  g_test_add_data_func ("/sim/path/lossy/elsewhere/plain", GINT_TO_POINTER (FALSE), lossy_elsewhere);
  g_test_add_func ("/sim/path/several-dead-paths", test_several_dead_paths);
  g_test_add_data_func ("/sim/path/moved-and-rekeyed/arrived", GINT_TO_POINTER (TRUE), moved_and_rekeyed);
  g_test_add_data_func ("/sim/path/moved-and-rekeyed/not", GINT_TO_POINTER (FALSE), moved_and_rekeyed);
  g_test_add_func ("/sim/path/unreachable-and-rekeyed", test_unreachable_and_rekeyed);
  g_test_add_data_func ("/sim/path/nat-forgets/mobike", GINT_TO_POINTER (TRUE), nat_forgets);
  g_test_add_data_func ("/sim/path/nat-forgets/plain", GINT_TO_POINTER (FALSE), nat_forgets);
  g_test_add_func ("/sim/path/hints", test_hints);
  g_test_add_func ("/sim/path/hint-beside-put-off", test_hint_beside_put_off);
  g_test_add_data_func ("/sim/path/slept/client", GINT_TO_POINTER (CLIENT), slept);
  g_test_add_data_func ("/sim/path/slept/server", GINT_TO_POINTER (SERVER), slept);
  g_test_add_data_func ("/sim/path/slept/peer", GINT_TO_POINTER (PEER), slept);
  g_test_add_func ("/sim/path/child-deleted", test_child_deleted);
  g_test_add_func ("/sim/path/gateway-gone", test_gateway_gone);
  g_test_add_func ("/sim/path/tries", test_tries);
  g_test_add_func ("/sim/path/other-gateway", test_other_gateway);
  g_test_add_func ("/sim/path/closed", test_closed);
  g_test_add_func ("/sim/path/hints-cost-no-time", test_hints_cost_no_time);
  return g_test_run ();
}
