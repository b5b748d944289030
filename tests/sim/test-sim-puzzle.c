/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A gateway under attack that wants to see work (RFC 8019): done within limits, and nothing depends on who asked for it. */
#include "sim-peer.h"

typedef struct {
  Sim *sim;
  SimHost *client;
  SimPeer *peer;
} World;

static void
begin (World *world, guint64 seed, guint cookies, gint puzzle, gint auth_puzzle)
{
  *world = (World){ .sim = sim_new (seed) };
  world->client = sim_client (world->sim);
  world->peer = sim_peer_new (world->sim);
  world->peer->cookies = cookies;
  world->peer->puzzle = puzzle;
  world->peer->auth_puzzle = auth_puzzle;
}

static void
end (World *world)
{
  sim_end (world->sim);
  sim_peer_free (world->peer);
}

/* Somebody else does. */
static void
refuse (World *world)
{
  IkeReader reader = ike_reader (ike_chunk_bytes (world->peer->request));

  sim_peer_init_notify (world->peer, ike_read_u64 (&reader), IKE_NOTIFY_NO_PROPOSAL_CHOSEN, ike_chunk (NULL, 0));
}

static gboolean
comes_up (World *world)
{
  return sim_run_until (world->sim, sim_is_up, world->client, 30 * IKE_SECOND);
}

/* Before IKE_SA_INIT is repeated, before IKE_AUTH, both. */
static void
test_solved (void)
{
  for (guint where = 1; where < 4; where++)
    {
      World world;

      begin (&world, 10 + where, where & 1 ? 1 : 0, where & 1 ? 9 : -1, where & 2 ? 10 : -1);
      sim_start (world.client);
      sim_assert (world.sim, comes_up (&world));
      sim_assert (world.sim, world.peer->solutions == (where & 1) + where / 2 && world.client->puzzles > 0);
      end (&world);
    }
}

/* One that leaves it to us gets something. */
static void
test_free (void)
{
  World world;

  begin (&world, 20, 1, 0, -1);
  sim_start (world.client);
  sim_assert (world.sim, comes_up (&world));
  sim_assert (world.sim, world.peer->solutions == 1 && world.client->puzzles > 1);
  end (&world);
}

/* Too hard: it is not even begun; the cookie goes back without, and whoever insists is the reason. */
static void
test_hard (void)
{
  for (guint served = 0; served < 2; served++)
    {
      World world;

      begin (&world, 30 + served, served ? 1 : 100, IKE_PUZZLE_MAX_BITS + 1, -1);
      sim_start (world.client);
      if (served)
        sim_assert (world.sim, comes_up (&world));
      else
        {
          sim_assert (world.sim, sim_run_until (world.sim, sim_is_down, world.client, 30 * IKE_SECOND));
          sim_assert_reason (world.sim, world.client, PUZZLE);
        }
      sim_assert (world.sim, world.client->puzzles == 0 && world.peer->solutions == 0);
      end (&world);
    }
}

static void
test_hard_auth (void)
{
  World world;

  begin (&world, 35, 0, -1, IKE_PUZZLE_MAX_BITS + 1);
  sim_start (world.client);
  sim_assert (world.sim, sim_run_until (world.sim, sim_is_down, world.client, 30 * IKE_SECOND));
  sim_assert_reason (world.sim, world.client, PUZZLE);
  sim_assert (world.sim, world.client->puzzles == 0);
  end (&world);
}

/* The user has had enough: the work ends with the slice that is under way. */
static void
test_stopped (void)
{
  World world;

  begin (&world, 40, 1, 18, -1);
  world.client->job_time[IKE_JOB_PUZZLE] = IKE_SECOND;
  sim_start (world.client);
  sim_run (world.sim, 2500 * IKE_MILLISECOND);
  sim_assert (world.sim, world.client->puzzles >= 2 && world.client->ups == 0);
  sim_stop (world.client);
  sim_run (world.sim, 10 * IKE_SECOND);
  sim_assert (world.sim, world.client->puzzles <= 4);
  sim_assert_reason (world.sim, world.client, USER_STOP);
  end (&world);
}

/* A refusal that somebody else has sent, before the gateway's puzzle came or while it is solved, however long that takes. */
static void
test_refusal (void)
{
  for (guint late = 0; late < 2; late++)
    {
      World world;

      begin (&world, 45 + late, 1, 9, -1);
      world.client->job_time[IKE_JOB_PUZZLE] = 4 * IKE_SECOND;
      world.sim->latency = 50 * IKE_MILLISECOND;
      sim_start (world.client);
      sim_run (world.sim, (late ? 500 : 75) * IKE_MILLISECOND);
      sim_assert (world.sim, world.client->puzzles == late && world.peer->inits == 1);
      refuse (&world);
      sim_assert (world.sim, comes_up (&world));
      sim_assert (world.sim, world.peer->solutions == 1);
      end (&world);
    }
}

/* What somebody else has asked for does not stand in the way of the gateway's own answer. */
static void
test_forged (void)
{
  static const guint8 cookie[] = "a cookie of somebody", puzzle[] = { 0, IKE_PRF_HMAC_SHA2_256, 20 };
  World world;
  g_auto (IkeBuilder) builder = { 0 };
  IkeHeader header = { .version = IKE_VERSION_2, .exchange = IKE_EXCHANGE_IKE_SA_INIT, .flags = IKE_FLAG_RESPONSE };
  IkeReader reader;
  IkeEndpoint from, to;

  begin (&world, 50, 0, -1, -1);
  world.client->job_time[IKE_JOB_PUZZLE] = IKE_SECOND;
  world.peer->mute = TRUE;
  sim_start (world.client);
  sim_run (world.sim, 50 * IKE_MILLISECOND);
  sim_assert (world.sim, world.peer->request != NULL);
  reader = ike_reader (ike_chunk_bytes (world.peer->request));
  header.spi_i = ike_read_u64 (&reader);
  ike_builder_init (&builder, &header);
  ike_builder_notify (&builder, IKE_NOTIFY_COOKIE, ike_chunk (cookie, sizeof cookie));
  ike_builder_notify (&builder, IKE_NOTIFY_PUZZLE, ike_chunk (puzzle, sizeof puzzle));
  from = (IkeEndpoint){ world.peer->host->address, 500 };
  to = (IkeEndpoint){ world.client->address, 500 };
  sim_send (world.sim, &from, &to, FALSE, ike_builder_finish (&builder), 0);
  sim_run (world.sim, 100 * IKE_MILLISECOND);
  sim_assert (world.sim, world.client->puzzles == 1);
  /* the real answer, which was late */
  world.peer->mute = FALSE;
  sim_peer_init_again (world.peer);
  sim_assert (world.sim, sim_run_until (world.sim, sim_is_up, world.client, IKE_SECOND));
  sim_run (world.sim, 5 * IKE_SECOND);
  sim_assert (world.sim, world.client->puzzles == 1);
  end (&world);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/puzzle/solved", test_solved);
  g_test_add_func ("/sim/puzzle/free", test_free);
  g_test_add_func ("/sim/puzzle/hard", test_hard);
  g_test_add_func ("/sim/puzzle/hard-auth", test_hard_auth);
  g_test_add_func ("/sim/puzzle/stopped", test_stopped);
  g_test_add_func ("/sim/puzzle/refusal", test_refusal);
  g_test_add_func ("/sim/puzzle/forged", test_forged);
  return g_test_run ();
}
