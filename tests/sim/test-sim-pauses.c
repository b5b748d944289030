/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is lost again and again is made again less and less often: IKE SAs, Child SAs, authentications beside the old
 * ones. What is lost once is made again at once.
 */
#include "sim-internal.h"
#include "sim-peer.h"

#include <string.h>

#define SPI_FIRST 0x12345678 /* of the Child SA of the first IKE SA that sim-peer.c makes */
#define MINUTES(n) ((n) *60 * IKE_SECOND)

/* A gateway that ends it as soon as it stands, in one way or another. */
typedef enum { BY_DELETE, BY_SYNTAX, BY_CHILD, BY_ANSWER, N_WAYS } Way;

typedef struct {
  SimPeer *peer;
  Way way;
  gboolean kind; /* it lets it be */
  IkeTime ups[64];
  guint n;
} Gateway;

static void
delete_child (SimPeer *peer, guint32 spi)
{
  const guint32 octets[] = { GUINT32_TO_BE (3 << 24 | 4 << 16 | 1), GUINT32_TO_BE (spi) };
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_DELETE, ike_chunk (octets, sizeof octets));
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
}

static void
send_delete (SimPeer *peer)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_DELETE, ike_chunk ("\1\0\0\0", 4));
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
}

static void
end (Gateway *gateway)
{
  SimPeer *peer = gateway->peer;
  g_auto (IkeBuilder) builder = { 0 };

  switch (gateway->way)
    {
    case BY_DELETE:
      send_delete (peer);
      return;
    case BY_SYNTAX:
      ike_builder_init_inner (&builder);
      ike_builder_notify (&builder, IKE_NOTIFY_INVALID_SYNTAX, ike_chunk (NULL, 0));
      sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
      return;
    case BY_CHILD:
    case BY_ANSWER:
      delete_child (peer, SPI_FIRST + peer->established - 1);
      return;
    case N_WAYS:
      return;
    }
}

static void
on_output (SimHost *host, const IkeOutput *output, gpointer data)
{
  Gateway *gateway = data;

  if (output->type != IKE_OUTPUT_UP)
    return;
  sim_assert (host->sim, gateway->n < G_N_ELEMENTS (gateway->ups));
  gateway->ups[gateway->n++] = host->sim->now;
  gateway->peer->next_id = 0;
  if (!gateway->kind)
    end (gateway);
}

static IkeNotifyType refusal;

static gboolean
refuse_children (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };

  if (header->flags & IKE_FLAG_RESPONSE || header->exchange != IKE_EXCHANGE_CREATE_CHILD_SA)
    return FALSE;
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, refusal, ike_chunk (NULL, 0));
  sim_peer_send (peer, IKE_EXCHANGE_CREATE_CHILD_SA, TRUE, header->message_id, &builder);
  return TRUE;
}

static SimHost *
client_of (Sim *sim, Gateway *ret_gateway, Way way)
{
  SimHost *client = sim_client (sim);

  *ret_gateway = (Gateway){ .peer = sim_peer_new (sim), .way = way };
  ret_gateway->peer->on_other = refuse_children;
  refusal = way == BY_ANSWER ? IKE_NOTIFY_INVALID_SYNTAX : IKE_NOTIFY_NO_ADDITIONAL_SAS;
  client->config->keep_trying = TRUE;
  client->config->child.pfs = FALSE;
  sim->look = on_output;
  sim->check_data = ret_gateway;
  return client;
}

static IkeTime
gap (const Gateway *gateway, guint i)
{
  return gateway->ups[i + 1] - gateway->ups[i];
}

/* From the @i-th UP on: after 1 s, 2 s, and so on until a minute, each with some jitter, but never before @least. */
static void
assert_growth (Sim *sim, const Gateway *gateway, guint i, IkeTime least)
{
  IkeTime pause = IKE_SECOND;

  for (; i + 1 < gateway->n; i++)
    {
      IkeTime took = gap (gateway, i);

      sim_assert (sim, took >= MAX (pause, least) && took < MAX (pause + pause / 4, least) + IKE_SECOND);
      pause = pause < 32 * IKE_SECOND ? 2 * pause : 60 * IKE_SECOND;
    }
}

/* ---- IKE SAs ---- */

/* Ten minutes of it are a dozen and some authentications. When it has stood for long the next loss costs nothing again. */
static void
test_thrown_out (void)
{
  for (Way way = 0; way < N_WAYS; way++)
    {
      Sim *sim = sim_new (6000 + way);
      Gateway gateway;
      SimHost *client = client_of (sim, &gateway, way);
      IkeTime least = way == BY_ANSWER ? 10 * IKE_SECOND : 0;
      guint before;

      sim_start (client);
      sim_run (sim, MINUTES (10));
      sim_assert (sim, !client->downs && gateway.n >= 12 && gateway.n <= 18 && gateway.peer->inits <= 18);
      sim_assert (sim, gap (&gateway, 0) < least + IKE_SECOND);
      assert_growth (sim, &gateway, 1, least);
      gateway.kind = TRUE;
      sim_run (sim, MINUTES (4));
      before = gateway.n;
      gateway.kind = FALSE;
      end (&gateway);
      sim_run (sim, MINUTES (2));
      sim_assert (sim, gateway.n - before >= 6);
      sim_assert (sim, gateway.ups[before] < sim->now - MINUTES (2) + (way == BY_ANSWER ? 11 : 1) * IKE_SECOND);
      assert_growth (sim, &gateway, before, least);
      sim_end (sim);
      sim_peer_free (gateway.peer);
    }
}

/* An administrator restarts the gateway, twice within a minute: it costs seconds. */
static void
test_restarted (void)
{
  Sim *sim = sim_new (6010);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->keep_trying = TRUE;
  sim_connect (sim, client, gateway);
  sim_run (sim, MINUTES (10));
  for (guint i = 0; i < 3; i++)
    {
      IkeTime begun = sim->now;

      sim_stop (gateway);
      sim_run (sim, 100 * IKE_MILLISECOND);
      gateway->downs = 0;
      sim_listen (gateway);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, 5 * IKE_SECOND));
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, client->ups == i + 2 && client->up_at - begun < (i ? 4 : 1) * IKE_SECOND);
    }
  sim_end (sim);
}

/* Whoever moves without MOBIKE has a new IKE SA each time, however often, and at once. */
static void
test_roams (void)
{
  Sim *sim = sim_new (6020);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->mobike = FALSE;
  client->config->keep_trying = TRUE;
  sim->roaming = TRUE;
  sim_connect (sim, client, gateway);
  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *address = g_strdup_printf ("192.0.2.%u", 10 + i);

      sim_run (sim, 3 * IKE_SECOND);
      sim_move (client, address);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, client->ups == i + 2 && !client->downs);
    }
  sim_end (sim);
}

/* ---- on demand ---- */

static void
acquire (SimHost *host)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = IKE_INPUT_ACQUIRE;
  input->connection = host->id;
  sim_feed (host, input);
}

/* There is always a packet that waits; the same of a client and of a peer. */
static void
test_on_demand (void)
{
  const struct {
    IkeRole role;
    Way way;
  } cases[] = { { IKE_ROLE_INITIATOR, BY_DELETE }, { IKE_ROLE_INITIATOR, BY_ANSWER }, { IKE_ROLE_PEER, BY_DELETE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Sim *sim = sim_new (6030 + i);
      Gateway gateway;
      SimHost *client = client_of (sim, &gateway, cases[i].way);

      client->config->begin = IKE_BEGIN_DEMAND;
      client->config->role = cases[i].role;
      sim_start (client);
      for (guint tenth = 0; tenth < 6000; tenth++)
        {
          acquire (client);
          sim_run (sim, 100 * IKE_MILLISECOND);
        }
      sim_assert (sim, !client->downs && gateway.n >= 12 && gateway.n <= 18 && gateway.peer->inits <= 18);
      sim_assert (sim, gap (&gateway, 0) < IKE_SECOND);
      assert_growth (sim, &gateway, 1, 0);
      sim_end (sim);
      sim_peer_free (gateway.peer);
    }
}

/* What we give back ourselves, since there is no traffic, is there again with the next packet. */
static void
test_idle (void)
{
  Sim *sim = sim_new (6040);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->begin = IKE_BEGIN_DEMAND;
  client->config->idle_timeout = 10 * IKE_SECOND;
  client->config->keep_trying = TRUE;
  sim_listen (gateway);
  sim_start (client);
  for (guint i = 0; i < 8; i++)
    {
      acquire (client);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, client->ups == i + 1);
      sim_run (sim, 20 * IKE_SECOND);
      sim_assert (sim, client->waitings == i + 2 && !sim_count_ike (client));
    }
  sim_end (sim);
}

/* ---- Child SAs ---- */

static guint created;

static gboolean
on_child (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  if (header->flags & IKE_FLAG_RESPONSE || header->exchange != IKE_EXCHANGE_CREATE_CHILD_SA)
    return FALSE;
  sim_peer_answer_child (peer, header->message_id, payloads, 0xaaaa0001u + created++);
  return TRUE;
}

static gboolean
is_made (Sim *sim, gpointer host)
{
  return sim_kernel_outbound (&((SimHost *) host)->kernel) != NULL;
}

/* Until there is a new one, of which the gateway then wants to know nothing. */
static IkeTime
remake (SimHost *client, SimPeer *peer, IkeTime stands)
{
  Sim *sim = client->sim;
  IkeTime begun;

  sim_run (sim, stands);
  delete_child (peer, sim_kernel_outbound (&client->kernel)->spi);
  sim_run (sim, 50 * IKE_MILLISECOND);
  sim_assert (sim, !is_made (sim, client));
  begun = sim->now;
  sim_assert (sim, sim_run_until (sim, is_made, client, 2 * 60 * IKE_SECOND));
  return sim->now - begun;
}

/* The second pause is twice as long, and so on until a minute; after one that has stood they are short again. One that
 * stands for some seconds each time is made again as soon as ever. */
static void
test_child (void)
{
  Sim *sim = sim_new (6050);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);
  IkeTime pause = 200 * IKE_MILLISECOND, begun;

  created = 0;
  peer->on_other = on_child;
  client->config->keep_trying = TRUE;
  client->config->child.pfs = FALSE;
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  begun = sim->now;
  while (sim->now - begun < MINUTES (10))
    {
      IkeTime took = remake (client, peer, 0);

      sim_assert (sim, took > pause - 100 * IKE_MILLISECOND && took < pause + 100 * IKE_MILLISECOND);
      pause = MIN (2 * pause, MINUTES (1));
    }
  sim_assert (sim, created >= 12 && created <= 20);
  sim_assert (sim, remake (client, peer, MINUTES (1)) < 300 * IKE_MILLISECOND);
  for (guint i = 0; i < 10; i++)
    sim_assert (sim, remake (client, peer, 3 * IKE_SECOND) < 300 * IKE_MILLISECOND);
  sim_assert (sim, client->ups == 1 && !client->reconnectings && !client->downs);
  sim_end (sim);
  sim_peer_free (peer);
}

/* ---- authenticating again ---- */

typedef struct {
  IkeKeys keys;
  guint64 spi_i, spi_r;
} Old;

static void
swap (SimPeer *peer, Old *old)
{
  Old other = { peer->keys, peer->spi_i, peer->spi_r };

  peer->keys = old->keys;
  peer->spi_i = old->spi_i;
  peer->spi_r = old->spi_r;
  *old = other;
}

/* By the IKE SA that stands it says each second, for so many of them, how long it lets us be. */
static void
demand (SimPeer *peer, Old *old, guint lifetime, guint seconds)
{
  const guint32 octets = GUINT32_TO_BE (lifetime);

  for (guint i = 0; i < seconds; i++)
    {
      g_auto (IkeBuilder) builder = { 0 };

      ike_builder_init_inner (&builder);
      ike_builder_notify (&builder, IKE_NOTIFY_AUTH_LIFETIME, ike_chunk (&octets, sizeof octets));
      swap (peer, old);
      sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
      swap (peer, old);
      sim_run (peer->sim, IKE_SECOND);
    }
}

/* It is not to be had: twice a minute. Refused for good: once, since an account may be locked by the next one; also when it
 * was said meanwhile that there is a later time for it. */
static void
test_demanded (void)
{
  for (guint i = 0; i < 3; i++)
    {
      gboolean final = i > 0;
      Sim *sim = sim_new (6060 + i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);
      Old old = { 0 };
      guint before;

      client->config->keep_trying = TRUE;
      sim_start (client);
      sim_run (sim, MINUTES (10));
      sim_assert (sim, client->ups == 1 && peer->inits == 1);
      swap (peer, &old);
      peer->auth_error = final ? IKE_NOTIFY_AUTHENTICATION_FAILED : IKE_NOTIFY_INTERNAL_ADDRESS_FAILURE;
      client->job_time[IKE_JOB_KE_FINISH] = i == 2 ? 3 * IKE_SECOND : 0;
      demand (peer, &old, i == 2 ? 20 : 0, 600);
      if (final)
        sim_assert (sim, peer->inits == 2);
      else
        sim_assert (sim, peer->inits >= 19 && peer->inits <= 22);
      sim_assert (sim, client->ups == 1 && !client->reconnectings && !client->downs);
      before = peer->inits;
      peer->auth_error = 0;
      if (!final)
        {
          demand (peer, &old, 0, 31);
          sim_assert (sim, peer->inits == before + 1 && !client->reconnectings);
          sim_assert (sim, strstr (sim->transcript->str, "replaces #1"));
        }
      else
        {
          /* the next IKE SA is as if nothing had been */
          peer->auth_lifetime = 300;
          swap (peer, &old);
          send_delete (peer);
          swap (peer, &old);
          sim_run (sim, MINUTES (1));
          sim_assert (sim, client->ups == 2 && peer->inits == before + 1);
          sim_run (sim, MINUTES (4));
          sim_assert (sim, peer->inits == before + 2 && client->reconnectings == 1);
        }
      ike_keys_clear (&old.keys);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/pauses/thrown-out", test_thrown_out);
  g_test_add_func ("/sim/pauses/restarted", test_restarted);
  g_test_add_func ("/sim/pauses/roams", test_roams);
  g_test_add_func ("/sim/pauses/on-demand", test_on_demand);
  g_test_add_func ("/sim/pauses/idle", test_idle);
  g_test_add_func ("/sim/pauses/child", test_child);
  g_test_add_func ("/sim/pauses/demanded", test_demanded);
  return g_test_run ();
}
