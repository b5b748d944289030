/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a move changes beside the addresses, and who of both ends it is that moves: RFC 4555 sections 3.2 to 3.8. */
#include "sim.h"

#define SECONDS(n) ((n) *IKE_SECOND)

/* Both with MOBIKE; @role of both, or a client and its gateway. */
static void
hosts (Sim *sim, gboolean peers, SimHost **ret_client, SimHost **ret_gateway)
{
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->mobike = gateway->config->mobike = TRUE;
  gateway->config->ike_lifetime = 2000 * IKE_SECOND;
  gateway->config->ike_rekey_margin = 100 * IKE_SECOND;
  if (peers)
    {
      client->config->role = gateway->config->role = IKE_ROLE_PEER;
      client->config->begin = IKE_BEGIN_NOW;
      gateway->config->begin = IKE_BEGIN_LISTEN;
    }
  *ret_client = client;
  *ret_gateway = gateway;
}

static void
connect_both (Sim *sim, SimHost *client, SimHost *gateway, gboolean peers)
{
  if (peers)
    sim_start_to (gateway, &client->address);
  else
    sim_listen (gateway);
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, SECONDS (10)));
  sim_run (sim, IKE_SECOND);
  sim_assert_agree (client, gateway, 1);
}

static void
assert_encap (SimHost *client, SimHost *gateway, gboolean encap)
{
  sim_assert (client->sim, !sim_kernel_outbound (&client->kernel)->encap == !encap);
  sim_assert (client->sim, !sim_kernel_outbound (&gateway->kernel)->encap == !encap);
  sim_assert_agree (client, gateway, 1);
}

/* ---- encapsulation without a NAT ---- */

/* Whoever has it in his profile keeps it when he moves, whoever has begun the IKE SA of today. */
static void
forced_encapsulation (gconstpointer data)
{
  gboolean peers = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (1 + peers);
  SimHost *client, *gateway;

  hosts (sim, peers, &client, &gateway);
  client->config->encap = IKE_ENCAP_ALWAYS;
  connect_both (sim, client, gateway, peers);
  assert_encap (client, gateway, TRUE);
  sim_hasten (gateway, "rekey");
  sim_run (sim, IKE_SECOND);
  sim_move (client, "192.0.2.99");
  sim_run (sim, SECONDS (10));
  sim_assert (sim, client->moves == 1);
  assert_encap (client, gateway, TRUE);
  sim_end (sim);
}

/* When the other one moves it is his wish that both ends know. */
static void
test_the_others_wish (void)
{
  Sim *sim = sim_new (3);
  SimHost *client, *gateway;

  hosts (sim, TRUE, &client, &gateway);
  client->config->encap = IKE_ENCAP_ALWAYS;
  connect_both (sim, client, gateway, TRUE);
  sim_move (gateway, "198.51.100.99");
  sim_run (sim, SECONDS (10));
  sim_assert (sim, gateway->moves == 1);
  assert_encap (client, gateway, FALSE);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/sim/mobike/forced-encapsulation/client", GINT_TO_POINTER (FALSE), forced_encapsulation);
  g_test_add_data_func ("/sim/mobike/forced-encapsulation/peer", GINT_TO_POINTER (TRUE), forced_encapsulation);
  g_test_add_func ("/sim/mobike/the-others-wish", test_the_others_wish);
  return g_test_run ();
}
