/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A peer that has become silent: an outage, which a trial must not turn into anything else, and a restart. */
#include "sim.h"

static gboolean
is_answered (Sim *sim, gpointer host)
{
  return ((SimHost *) host)->sent > 0;
}

static guint
states (const SimHost *host)
{
  return sim_kernel_count (&host->kernel, TRUE);
}

static gboolean
has_states (Sim *sim, gpointer host)
{
  return states (host) > 0;
}

/* However long the outage was, the old IKE SA answers soon after it, and the trial has left nothing, here or there. */
static void
test_outage (void)
{
  static const guint seconds[] = { 1, 4, 9, 20, 40, 70 };

  for (guint i = 0; i < G_N_ELEMENTS (seconds); i++)
    {
      Sim *sim = sim_new (4700 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      client->config->keep_trying = TRUE;
      sim_connect (sim, client, gateway);
      gateway->off = TRUE;
      sim_check (client, FALSE);
      sim_run (sim, seconds[i] * IKE_SECOND);
      gateway->off = FALSE;
      gateway->sent = 0;
      sim_assert (sim, sim_run_until (sim, is_answered, gateway, 1200 * IKE_MILLISECOND));
      sim_run (sim, 60 * IKE_SECOND);
      sim_assert (sim, client->ups == 1 && gateway->ups == 1 && !client->reconnectings);
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

/* It has lost us and says nothing of it: there is a new one after moments, and for the user nothing has happened. */
static void
test_restart (void)
{
  for (guint i = 0; i < 8; i++)
    {
      Sim *sim = sim_new (4710 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      client->config->keep_trying = TRUE;
      sim->loss = i < 4 ? 0 : 10;
      sim_connect (sim, client, gateway);
      sim_reboot (gateway, sim_config (sim, "gateway", IKE_ROLE_RESPONDER));
      sim_listen (gateway);
      sim_check (client, FALSE);
      sim_run (sim, (i < 4 ? 7 : 20) * IKE_SECOND);
      sim_assert (sim, states (gateway) == 1 && client->ups == 1 && !client->reconnectings);
      sim->loss = 0;
      sim_run (sim, 100 * IKE_SECOND);
      sim_assert (sim, client->ups == 1 && !client->reconnectings);
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

/* However long it was away: it is found within moments. */
static void
test_restart_slow (void)
{
  for (guint i = 0; i < 10; i++)
    {
      Sim *sim = sim_new (4760 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      IkeTime back;

      client->config->keep_trying = TRUE;
      sim_connect (sim, client, gateway);
      gateway->off = TRUE;
      sim_check (client, FALSE);
      sim_run (sim, (3 + i * 7) * IKE_SECOND);
      gateway->off = FALSE;
      sim_reboot (gateway, sim_config (sim, "gateway", IKE_ROLE_RESPONDER));
      sim_listen (gateway);
      back = sim->now;
      sim_assert (sim, sim_run_until (sim, has_states, gateway, 3 * IKE_SECOND));
      g_test_message ("after %d ms", (int) ((sim->now - back) / IKE_MILLISECOND));
      sim_assert (sim, sim->now - back < 2 * IKE_SECOND);
      sim_run (sim, 100 * IKE_SECOND);
      sim_assert (sim, client->ups == 1 && !client->reconnectings);
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

/* While we slept: then there is less patience. One that was only slow to answer stays. */
static void
test_restart_asleep (void)
{
  for (guint i = 0; i < 8; i++)
    {
      Sim *sim = sim_new (4720 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      gboolean restarted = i < 4;

      client->config->keep_trying = TRUE;
      sim_connect (sim, client, gateway);
      if (restarted)
        {
          sim_reboot (gateway, sim_config (sim, "gateway", IKE_ROLE_RESPONDER));
          sim_listen (gateway);
        }
      sim_run (sim, i * IKE_SECOND);
      sim->loss = restarted ? 0 : 100;
      sim_check (client, TRUE);
      sim_run (sim, 2300 * IKE_MILLISECOND);
      sim->loss = 0;
      if (restarted)
        sim_assert (sim, states (gateway) == 1);
      sim_run (sim, 100 * IKE_SECOND);
      sim_assert (sim, client->ups == 1 && !client->reconnectings);
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

/* ... just when we move, so that the old one stays where it was: what the new one finds does not fit it. */
static void
test_restart_and_move (void)
{
  Sim *sim = sim_new (4730);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  IkeConfig *again = sim_config (sim, "gateway", IKE_ROLE_RESPONDER);

  sim->roaming = TRUE;
  client->config->keep_trying = TRUE;
  client->config->mobike = gateway->config->mobike = again->mobike = TRUE;
  sim_connect (sim, client, gateway);
  sim_reboot (gateway, again);
  sim_listen (gateway);
  sim_move (client, "192.0.2.9");
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, states (gateway) == 1 && client->ups == 1 && !client->reconnectings);
  for (guint i = 0; i < client->kernel.policies->len; i++)
    {
      const SimPolicy *policy = client->kernel.policies->pdata[i];

      sim_assert (sim, ike_address_equal (&policy->path.local.address, &client->address));
    }
  sim_end (sim);
}

/* Whoever does not want us any more is asked once; then it is as it was without. */
static void
test_refused (void)
{
  Sim *sim = sim_new (4720);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->keep_trying = TRUE;
  sim_connect (sim, client, gateway);
  sim_reboot (gateway, sim_config (sim, "gateway", IKE_ROLE_RESPONDER));
  gateway->psk = "another key";
  sim_listen (gateway);
  sim_check (client, FALSE);
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert (sim, client->ups == 1 && !client->downs && !client->reconnectings);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, 60 * IKE_SECOND));
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/trial/outage", test_outage);
  g_test_add_func ("/sim/trial/restart", test_restart);
  g_test_add_func ("/sim/trial/restart-slow", test_restart_slow);
  g_test_add_func ("/sim/trial/restart-asleep", test_restart_asleep);
  g_test_add_func ("/sim/trial/restart-and-move", test_restart_and_move);
  g_test_add_func ("/sim/trial/refused", test_refused);
  return g_test_run ();
}
