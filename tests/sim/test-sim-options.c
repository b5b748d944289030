/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of a Child SA: with the other end's consent and without it, by either end, and through rekeyings. */
#include "sim.h"

#include "wire/payload-notify.h"

enum { CLIENT = 1, GATEWAY = 2, BOTH = 3 };

static void
one_family (SimHost *host)
{
  for (guint i = host->config->child.remote_ts->len; i-- > 0;)
    if (((IkeSelector *) host->config->child.remote_ts->pdata[i])->first.family != IKE_FAMILY_IP4)
      g_ptr_array_remove_index (host->config->child.remote_ts, i);
  host->config->want_address6 = FALSE;
}

/* The newest outbound SA of each end. */
static void
expect (Sim *sim, SimHost *client, SimHost *gateway, gboolean compressed, guint padded)
{
  const SimSa *up = sim_kernel_outbound (&client->kernel), *down = sim_kernel_outbound (&gateway->kernel);

  sim_assert (sim, !up->cpi == !compressed && !down->cpi == !compressed);
  sim_assert (sim, !((SimPolicy *) client->kernel.policies->pdata[0])->ipcomp == !compressed);
  sim_assert (sim, !((SimPolicy *) gateway->kernel.policies->pdata[0])->ipcomp == !compressed);
  sim_assert (sim, !up->tfc == !(padded & CLIENT) && !down->tfc == !(padded & GATEWAY));
  sim_assert_agree (client, gateway, 1);
}

static void
rekey_and_expect (Sim *sim, SimHost *client, SimHost *gateway, gboolean compressed, guint padded)
{
  expect (sim, client, gateway, compressed, padded);
  for (guint i = 0; i < 4; i++)
    {
      SimHost *who = i & 1 ? gateway : client;
      guint32 spi = sim_kernel_outbound (&who->kernel)->spi;

      sim_expire (who, spi, FALSE);
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, sim_kernel_outbound (&who->kernel)->spi != spi);
      expect (sim, client, gateway, compressed, padded);
    }
}

/* Who wants it, and whether it comes about. */
static void
test_ipcomp (void)
{
  for (guint wanted = 0; wanted <= BOTH; wanted++)
    {
      Sim *sim = sim_new (10 + wanted);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      one_family (client);
      client->config->child.ipcomp = (wanted & CLIENT) != 0;
      gateway->config->child.ipcomp = (wanted & GATEWAY) != 0;
      sim_connect (sim, client, gateway);
      rekey_and_expect (sim, client, gateway, wanted == BOTH, 0);
      sim_end (sim);
    }
}

/* What stands in its way is no reason to have no tunnel. */
static void
test_ipcomp_impossible (void)
{
  for (guint turn = 0; turn < 4; turn++)
    {
      Sim *sim = sim_new (20 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      if (turn != 0)
        one_family (client);
      client->config->child.ipcomp = gateway->config->child.ipcomp = TRUE;
      if (turn == 0)
        {
          IkeSelector *six = g_new0 (IkeSelector, 1);

          six->first.family = six->last.family = IKE_FAMILY_IP6;
          memset (six->last.bytes, 0xff, 16);
          six->port_last = 65535;
          g_ptr_array_add (client->config->child.remote_ts, six);
          g_ptr_array_add (gateway->config->child.local_ts, g_memdup2 (six, sizeof *six));
        }
      if (turn == 1)
        sim_nat (client, "203.0.113.1");
      client->kernel.no_ipcomp = turn == 2;
      gateway->kernel.no_ipcomp = turn == 3;
      sim_connect (sim, client, gateway);
      rekey_and_expect (sim, client, gateway, FALSE, 0);
      sim_end (sim);
    }
}

/* Each says for itself whether it pads, and obeys the other. */
static void
test_tfc (void)
{
  for (guint wanted = 0; wanted <= BOTH; wanted++)
    {
      Sim *sim = sim_new (30 + wanted);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      client->config->child.tfc = (wanted & CLIENT) != 0;
      gateway->config->child.tfc = (wanted & GATEWAY) != 0;
      sim_connect (sim, client, gateway);
      rekey_and_expect (sim, client, gateway, FALSE, wanted);
      sim_end (sim);
    }
}

/* Never with compression, which has ESP in transport mode. */
static void
test_tfc_ipcomp (void)
{
  Sim *sim = sim_new (40);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  one_family (client);
  client->config->child.tfc = client->config->child.ipcomp = gateway->config->child.ipcomp = TRUE;
  sim_connect (sim, client, gateway);
  rekey_and_expect (sim, client, gateway, TRUE, 0);
  sim_end (sim);
}

/* Both ends rekey at once, on a bad network: whatever wins has what was agreed. */
static void
test_collisions (void)
{
  for (guint seed = 0; seed < 30; seed++)
    {
      Sim *sim = sim_new (100 + seed);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      one_family (client);
      client->config->child.ipcomp = gateway->config->child.ipcomp = TRUE;
      sim->jitter = 20 * IKE_MILLISECOND;
      sim_connect (sim, client, gateway);
      for (guint i = 0; i < 3; i++)
        {
          sim_expire (client, sim_kernel_outbound (&client->kernel)->spi, FALSE);
          sim_expire (gateway, sim_kernel_outbound (&gateway->kernel)->spi, FALSE);
          sim_run (sim, 40 * IKE_SECOND);
        }
      expect (sim, client, gateway, TRUE, 0);
      sim_end (sim);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/options/ipcomp", test_ipcomp);
  g_test_add_func ("/sim/options/ipcomp-impossible", test_ipcomp_impossible);
  g_test_add_func ("/sim/options/tfc", test_tfc);
  g_test_add_func ("/sim/options/tfc-ipcomp", test_tfc_ipcomp);
  g_test_add_func ("/sim/options/collisions", test_collisions);
  return g_test_run ();
}
