/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IKE SA that begins without a Child SA (RFC 6023): when there is one, that it stays, and what is told of it. */
#include "sim-attacker.h"
#include "sim-internal.h"
#include "sim-peer.h"

typedef struct {
  Sim *sim;
  SimHost *client, *gateway;
  guint created; /* messages of CREATE_CHILD_SA */
  guint generated; /* key exchanges that the client has begun */
} World;

static const char *const right[] = { "correct horse", NULL };

static SimVerdict
count (Sim *sim, SimPacket *packet, gpointer data)
{
  World *world = data;
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  world->created += octets[18] == IKE_EXCHANGE_CREATE_CHILD_SA;
  return SIM_PASS;
}

static void
count_ke (SimHost *host, const IkeOutput *output, gpointer data)
{
  World *world = data;

  world->generated +=
      host == world->client && output->type == IKE_OUTPUT_JOB && output->job->type == IKE_JOB_KE_GENERATE;
}

/* The gateway gives an address. */
static void
begin (World *world, guint64 seed)
{
  *world = (World){ .sim = sim_new (seed) };
  world->client = sim_client (world->sim);
  world->gateway = sim_gateway (world->sim);
  world->client->config->childless = world->gateway->config->childless = TRUE;
  world->client->config->child.pfs = world->gateway->config->child.pfs = TRUE;
  world->client->config->want_address4 = world->client->config->keep_trying = TRUE;
  g_ptr_array_set_size (world->client->config->child.local_ts, 0);
  world->gateway->config->serve = ike_serve_new ();
  world->gateway->config->serve->pool4 = TRUE;
  g_ptr_array_set_size (world->gateway->config->child.remote_ts, 0);
  world->gateway->pool4 = "10.9.0.0";
  world->sim->filter = count;
  world->sim->look = count_ke;
  world->sim->filter_data = world->sim->check_data = world;
}

static void
begin_peers (World *world, guint64 seed, IkeBegin client, IkeBegin gateway)
{
  *world = (World){ .sim = sim_new (seed) };
  world->client = sim_client (world->sim);
  world->gateway = sim_gateway (world->sim);
  for (guint i = 0; i < 2; i++)
    {
      IkeConfig *config = i ? world->gateway->config : world->client->config;

      config->role = IKE_ROLE_PEER;
      config->begin = i ? gateway : client;
      config->keep_trying = config->childless = TRUE;
    }
  world->sim->filter = count;
  world->sim->look = count_ke;
  world->sim->filter_data = world->sim->check_data = world;
}

static void
end (World *world)
{
  world->sim->look = NULL;
  sim_end (world->sim);
}

/* ---- when ---- */

/* Both want it; the gateway cannot; the client does not want it; both, but no key exchange for the traffic's keys. */
static void
test_negotiated (void)
{
  static const struct {
    gboolean client, gateway, pfs;
    guint created, generated;
  } rows[] = { { TRUE, TRUE, TRUE, 2, 2 },
               { TRUE, FALSE, TRUE, 0, 1 },
               { FALSE, TRUE, TRUE, 0, 1 },
               { TRUE, TRUE, FALSE, 2, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      World world;

      begin (&world, 100 + i);
      world.client->config->childless = rows[i].client;
      world.gateway->config->childless = rows[i].gateway;
      world.client->config->child.pfs = world.gateway->config->child.pfs = rows[i].pfs;
      sim_connect (world.sim, world.client, world.gateway);
      sim_run (world.sim, IKE_SECOND);
      sim_assert (world.sim, world.created == rows[i].created && world.generated == rows[i].generated);
      sim_assert (world.sim, world.client->ups == 1 && world.gateway->ups == 1);
      sim_assert (world.sim, world.client->configured->addresses->len == 1);
      sim_assert (world.sim, g_array_index (world.client->configured->local_ts, IkeSelector, 0).first.bytes[1] == 9);
      sim_assert (world.sim, world.client->configured->child_suite != NULL);
      sim_assert_agree (world.client, world.gateway, 1);
      end (&world);
    }
}

/* Where it was not offered, or only in part, it is an error of syntax, of somebody who is who he says. */
static void
test_uninvited (void)
{
  for (guint i = 0; i < 16; i++)
    {
      const guint omit = i & 7;
      const gboolean childless = i >= 8;
      gboolean good = omit == 0 || (omit == 7 && childless);
      SimAttacker attacker;

      sim_attacker_prepare (&attacker, 143 + i);
      ((SimHost *) attacker.gateway)->config->childless = childless;
      sim_listen ((SimHost *) attacker.gateway);
      sim_attacker_init (&attacker);
      attacker.omit = omit;
      sim_attacker_enter (&attacker, FALSE);
      sim_assert (attacker.sim, attacker.others == 1);
      sim_assert (attacker.sim, attacker.said == (good ? 0 : IKE_NOTIFY_INVALID_SYNTAX));
      sim_assert (attacker.sim, attacker.gateway->ups == (good ? 1 : 0));
      sim_assert (attacker.sim, sim_kernel_count (&attacker.gateway->kernel, TRUE) == (omit == 0 ? 1 : 0));
      if (good)
        sim_attacker_delete (&attacker, 0);
      sim_run (attacker.sim, 40 * IKE_SECOND);
      sim_end (attacker.sim);
    }
}

/* A gateway that has nothing else says so with INVALID_SYNTAX (strongSwan): that is told as what it is. */
static void
test_forced (void)
{
  for (guint i = 0; i < 4; i++)
    {
      Sim *sim = sim_new (170 + i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      peer->childless = i < 2;
      peer->child_error = IKE_NOTIFY_INVALID_SYNTAX;
      if (i & 1)
        {
          peer->eap = peer->signature = TRUE;
          client->config->local_auth = IKE_AUTH_EAP;
          client->config->remote_auth = IKE_AUTH_SIGNATURE;
          client->config->eap_methods = 1u << IKE_EAP_MSCHAPV2;
          client->config->eap_identity = g_strdup ("alice");
          client->peer_key = "key of the gateway";
          client->passwords = right;
        }
      sim_start (client);
      sim_run (sim, 5 * IKE_SECOND);
      if (i < 2)
        sim_assert_reason (sim, client, CHILDLESS);
      else
        sim_assert_reason (sim, client, NO_CHILD);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* What the gateway refuses by the second exchange is told as if it had come with the first. */
static void
test_refused (void)
{
  for (guint selectors = 0; selectors < 2; selectors++)
    {
      World world;

      begin (&world, 175 + selectors);
      world.client->config->child.pfs = FALSE; /* which the gateway insists on */
      if (selectors)
        {
          world.client->config->child.pfs = TRUE;
          ((IkeSelector *) world.client->config->child.remote_ts->pdata[0])->last.bytes[1] = 1;
          ((IkeSelector *) world.client->config->child.remote_ts->pdata[0])->first.bytes[1] = 1;
        }
      sim_listen (world.gateway);
      sim_start (world.client);
      sim_run (world.sim, 5 * IKE_SECOND);
      sim_assert (world.sim, world.created == 2);
      if (selectors)
        sim_assert_reason (world.sim, world.client, TS_UNACCEPTABLE);
      else
        sim_assert_reason (world.sim, world.client, CHILD_NO_PROPOSAL_CHOSEN);
      end (&world);
    }
}

/* ---- alone ---- */

/* It is not ended for want of a Child SA while the gateway puts that off, and nobody is told of a tunnel meanwhile. */
static void
test_put_off (void)
{
  for (guint peer = 0; peer < 2; peer++)
    {
      World world;

      if (peer)
        begin_peers (&world, 180, IKE_BEGIN_NOW, IKE_BEGIN_LISTEN);
      else
        begin (&world, 181);
      world.gateway->kernel.refuse_install = 12;
      if (peer)
        sim_start_to (world.gateway, &world.client->address);
      else
        sim_listen (world.gateway);
      sim_start (world.client);
      sim_run (world.sim, 60 * IKE_SECOND);
      sim_assert (world.sim, sim_count_ike (world.client) == 1 && sim_count_ike (world.gateway) == 1);
      sim_assert (world.sim, world.client->ups == 0 && world.client->downs == 0 && world.gateway->ups == 1 - peer);
      world.gateway->kernel.refuse_install = 0;
      sim_run (world.sim, 60 * IKE_SECOND);
      sim_assert (world.sim, sim_count_ike (world.client) == 1 && world.client->ups == 1 && world.gateway->ups == 1);
      sim_assert (world.sim, world.client->stalls == 0 && world.client->reconnectings == 0);
      sim_assert (world.sim, world.gateway->configured->remote_ts->len == 1 || !peer);
      sim_assert_agree (world.client, world.gateway, 1);
      end (&world);
    }
}

/* Its keys are renewed before it has a Child SA: what is told when it has one is told all the same. */
static void
test_rekeyed_alone (void)
{
  for (guint peer = 0; peer < 2; peer++)
    {
      World world;

      if (peer)
        begin_peers (&world, 185, IKE_BEGIN_NOW, IKE_BEGIN_LISTEN);
      else
        begin (&world, 186);
      world.client->config->ike_lifetime = 60 * IKE_SECOND;
      world.client->config->ike_rekey_margin = 30 * IKE_SECOND;
      world.gateway->kernel.refuse_install = 12;
      if (peer)
        sim_start_to (world.gateway, &world.client->address);
      else
        sim_listen (world.gateway);
      sim_start (world.client);
      sim_run (world.sim, 50 * IKE_SECOND);
      sim_assert (world.sim, world.client->ups == 0 && world.client->downs == 0);
      world.gateway->kernel.refuse_install = 0;
      sim_run (world.sim, 40 * IKE_SECOND);
      sim_assert (world.sim, world.client->ups == 1 && world.gateway->ups == 1 && world.client->downs == 0);
      sim_assert_agree (world.client, world.gateway, 1);
      end (&world);
    }
}

/* ---- peers ---- */

/* Either begins, or both at once: one IKE SA and one Child SA are left, and both have told of it once, with all nets. */
static void
test_peers (void)
{
  for (guint i = 0; i < 60; i++)
    {
      World world;
      gboolean both = i % 3 == 2;

      begin_peers (&world, 200 + i, i % 3 == 1 ? IKE_BEGIN_LISTEN : IKE_BEGIN_NOW,
                   i % 3 == 0 ? IKE_BEGIN_LISTEN : IKE_BEGIN_NOW);
      world.sim->jitter = i % 4 * 40 * IKE_MILLISECOND;
      sim_start (world.client);
      sim_run (world.sim, i % 7 * 8 * IKE_MILLISECOND);
      sim_start_to (world.gateway, &world.client->address);
      sim_run (world.sim, 60 * IKE_SECOND);
      sim_assert (world.sim, world.client->ups == 1 && world.gateway->ups == 1);
      sim_assert (world.sim, !world.client->reconnectings && !world.gateway->reconnectings);
      sim_assert (world.sim, world.client->configured->remote_ts->len == 1);
      sim_assert (world.sim, world.gateway->configured->remote_ts->len == 1);
      sim_assert (world.sim, both ? world.created >= 2 : world.created == 2);
      sim_assert (world.sim, sim_count_ike (world.client) == 1 && sim_count_ike (world.gateway) == 1);
      sim_assert_agree (world.client, world.gateway, 1);
      end (&world);
    }
}

static void
acquire (SimHost *host)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = IKE_INPUT_ACQUIRE;
  input->connection = host->id;
  sim_feed (host, input);
}

/* Of @data CREATE_CHILD_SA is lost. */
static SimVerdict
drop_created (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  return octets[18] == IKE_EXCHANGE_CREATE_CHILD_SA && octets[19] & IKE_FLAG_INITIATOR &&
                 ike_address_equal (&packet->from.address, &((const SimHost *) data)->address)
             ? SIM_DROP
             : SIM_PASS;
}

/* One begins, and its Child SA comes late, when the other one, on demand, has begun too and has one: the same of the two
 * stays at both, and for good. */
static void
test_late (void)
{
  for (guint i = 0; i < 40; i++)
    {
      World world;

      begin_peers (&world, 300 + i, IKE_BEGIN_NOW, IKE_BEGIN_DEMAND);
      world.sim->filter = drop_created;
      world.sim->filter_data = world.client;
      sim_start_to (world.gateway, &world.client->address);
      sim_start (world.client);
      sim_run (world.sim, (3 + i % 4) * IKE_SECOND);
      sim_assert (world.sim, sim_count_ike (world.gateway) == 1 && !world.gateway->ups);
      acquire (world.gateway);
      sim_run (world.sim, IKE_SECOND);
      sim_assert (world.sim, world.client->ups == 1 && world.gateway->ups == 1);
      world.sim->filter = NULL;
      sim_run (world.sim, 60 * IKE_SECOND);
      sim_assert (world.sim, !world.client->reconnectings && world.gateway->waitings == 1);
      sim_assert (world.sim, sim_count_ike (world.client) == 1 && sim_count_ike (world.gateway) == 1);
      sim_assert_agree (world.client, world.gateway, 1);
      end (&world);
    }
}

/* It never comes, and its IKE SA, to which the other one may have lost, ends: that one goes on like any other. */
static void
test_in_vain (void)
{
  guint won = 0;

  for (guint i = 0; i < 20; i++)
    {
      World world;

      begin_peers (&world, 350 + i, IKE_BEGIN_NOW, IKE_BEGIN_DEMAND);
      world.sim->filter = drop_created;
      world.sim->filter_data = world.client;
      world.client->config->retransmit_timeout = 10 * IKE_SECOND;
      world.client->config->ike_lifetime = 100 * IKE_SECOND;
      world.gateway->config->dpd_delay = 5 * IKE_SECOND;
      sim_start_to (world.gateway, &world.client->address);
      sim_start (world.client);
      sim_run (world.sim, IKE_SECOND);
      acquire (world.gateway);
      sim_run (world.sim, 14 * IKE_SECOND);
      sim_assert (world.sim, sim_count_ike (world.client) == 1);
      won += strstr (world.sim->transcript->str, "stands in for one that has ended") != NULL;
      world.sim->filter = NULL;
      sim_run (world.sim, 200 * IKE_SECOND);
      sim_assert (world.sim, !world.client->reconnectings && world.gateway->waitings == 1);
      sim_assert (world.sim, sim_count_ike (world.client) == 1 && sim_count_ike (world.gateway) == 1);
      sim_assert_agree (world.client, world.gateway, 1);
      end (&world);
    }
  g_assert_cmpuint (won, >, 0);
}

/* With the first packet, and again when it was given back. */
static void
test_on_demand (void)
{
  World world;

  begin_peers (&world, 190, IKE_BEGIN_DEMAND, IKE_BEGIN_LISTEN);
  world.client->config->idle_timeout = 60 * IKE_SECOND;
  sim_start_to (world.gateway, &world.client->address);
  sim_start (world.client);
  for (guint i = 1; i <= 2; i++)
    {
      sim_run (world.sim, IKE_SECOND);
      acquire (world.client);
      sim_run (world.sim, 30 * IKE_SECOND);
      sim_assert (world.sim, world.client->ups == i && world.created == 2 * i);
      sim_assert_agree (world.client, world.gateway, 1);
      sim_run (world.sim, 120 * IKE_SECOND);
      sim_assert (world.sim, sim_count_ike (world.client) == 0 && world.client->waitings == 1 + i);
    }
  end (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/childless/negotiated", test_negotiated);
  g_test_add_func ("/sim/childless/uninvited", test_uninvited);
  g_test_add_func ("/sim/childless/forced", test_forced);
  g_test_add_func ("/sim/childless/refused", test_refused);
  g_test_add_func ("/sim/childless/put-off", test_put_off);
  g_test_add_func ("/sim/childless/rekeyed-alone", test_rekeyed_alone);
  g_test_add_func ("/sim/childless/peers", test_peers);
  g_test_add_func ("/sim/childless/late", test_late);
  g_test_add_func ("/sim/childless/in-vain", test_in_vain);
  g_test_add_func ("/sim/childless/on-demand", test_on_demand);
  return g_test_run ();
}
