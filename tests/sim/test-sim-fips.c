/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FIPS mode: how long a pre-shared key must be (SP 800-107 section 5.3.4), at either end. */
#include "sim-peer.h"

#include <string.h>

static void
assert_nothing_left (Sim *sim, SimHost *host)
{
  sim_assert (sim, host->ups == 0 && host->kernel.sas->len == 0 && host->kernel.policies->len == 0);
}

static void
test_short (void)
{
  Sim *sim = sim_new (1);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim->crypto.table.fips = TRUE;
  client->psk = gateway->psk = "too short";
  sim_listen (gateway);
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, 100 * IKE_SECOND));
  sim_assert_reason (sim, client, SECRET_WEAK);
  g_assert_nonnull (strstr (client->reason.detail, "9 octets"));
  assert_nothing_left (sim, client);
  assert_nothing_left (sim, gateway);
  sim_end (sim);
}

/* The client is in no such mode, and proves itself; the gateway does not take it. */
static void
test_short_of_peer (void)
{
  Sim *sim = sim_new (2);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->psk = gateway->psk = "too short";
  sim_listen (gateway);
  sim_start (client);
  sim_run (sim, 25 * IKE_MILLISECOND); /* its IKE_AUTH is on its way */
  sim->crypto.table.fips = TRUE;
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, 100 * IKE_SECOND));
  sim_assert_reason (sim, client, PEER_REFUSED_US);
  sim_run (sim, 60 * IKE_SECOND);
  assert_nothing_left (sim, client);
  assert_nothing_left (sim, gateway);
  sim_end (sim);
}

static void
test_long (void)
{
  Sim *sim = sim_new (3);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim->crypto.table.fips = TRUE;
  client->psk = gateway->psk = "as long as any of the PRFs could want it to be, and some more";
  sim_connect (sim, client, gateway);
  sim_stop (client);
  sim_run (sim, 2 * IKE_SECOND);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/fips/short", test_short);
  g_test_add_func ("/sim/fips/short-of-peer", test_short_of_peer);
  g_test_add_func ("/sim/fips/long", test_long);
  return g_test_run ();
}
