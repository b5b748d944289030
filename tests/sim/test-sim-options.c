/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of a Child SA: with the other end's consent and without it, by either end, and through rekeyings. */
#include "sim-peer.h"

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

/* ---- IP-TFS ---- */

static void
expect_aggfrag (Sim *sim, SimHost *client, SimHost *gateway, gboolean used)
{
  for (guint side = 0; side < 2; side++)
    {
      const SimKernel *kernel = side ? &gateway->kernel : &client->kernel;

      sim_assert (sim, !sim_kernel_outbound (kernel)->aggfrag == !used && !sim_kernel_outbound (kernel)->whole == !used);
      sim_assert (sim, !((SimPolicy *) kernel->policies->pdata[0])->aggfrag == !used);
    }
  sim_assert_agree (client, gateway, 1);
}

/* Who wants it, whose kernel cannot, and through rekeyings; and then a kernel has forgotten it, and has it again. */
static void
test_aggfrag (void)
{
  for (guint turn = 0; turn < 6; turn++)
    {
      Sim *sim = sim_new (50 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      gboolean used = turn == BOTH;

      client->config->child.aggfrag = turn > BOTH || turn & CLIENT;
      gateway->config->child.aggfrag = turn > BOTH || turn & GATEWAY;
      client->kernel.no_aggfrag = turn == 4;
      gateway->kernel.no_aggfrag = turn == 5;
      sim_connect (sim, client, gateway);
      for (guint i = 0; i < 8; i++)
        {
          SimHost *who = i & 1 ? gateway : client;

          expect_aggfrag (sim, client, gateway, used);
          if (i == 4)
            {
              client->kernel.no_aggfrag = client->kernel.no_aggfrag || turn == BOTH;
              used = FALSE;
            }
          if (i == 6)
            {
              client->kernel.no_aggfrag = gateway->kernel.no_aggfrag = FALSE;
              used = turn >= BOTH;
            }
          sim_expire (who, sim_kernel_outbound (&who->kernel)->spi, FALSE);
          sim_run (sim, 10 * IKE_SECOND);
        }
      expect_aggfrag (sim, client, gateway, used);
      sim_end (sim);
    }
}

/* It is for tunnels; where packets are compressed it has precedence. */
static void
test_aggfrag_ipcomp (void)
{
  Sim *sim = sim_new (60);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  one_family (client);
  client->config->child.aggfrag = client->config->child.ipcomp = client->config->child.tfc = TRUE;
  gateway->config->child.aggfrag = gateway->config->child.ipcomp = gateway->config->child.tfc = TRUE;
  sim_connect (sim, client, gateway);
  expect_aggfrag (sim, client, gateway, TRUE);
  sim_assert (sim, !sim_kernel_outbound (&client->kernel)->cpi && !sim_kernel_outbound (&client->kernel)->tfc);
  sim_end (sim);
}

/* RFC 9347 section 5.1: what flags the answer has, and whether we asked. */
static void
test_aggfrag_answers (void)
{
  static const struct {
    const char *flags;
    gsize len;
    gboolean asked, up, whole;
  } rows[] = {
    { "\0", 1, TRUE, TRUE, FALSE },   { "\1", 1, TRUE, TRUE, TRUE },     { "\375", 1, TRUE, TRUE, TRUE },
    { "\2", 1, TRUE, FALSE, FALSE },  { "\0\0", 2, TRUE, FALSE, FALSE }, { "", 0, TRUE, FALSE, FALSE },
    { "\0", 1, FALSE, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (70 + i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      client->config->child.aggfrag = rows[i].asked;
      peer->aggfrag = rows[i].flags;
      peer->aggfrag_len = rows[i].len;
      sim_start (client);
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, sim_kernel_count (&client->kernel, TRUE) == (rows[i].up ? 1 : 0));
      if (rows[i].up)
        sim_assert (sim, !sim_kernel_outbound (&client->kernel)->whole == !rows[i].whole);
      else
        sim_assert (sim, client->reason.code == IKE_REASON_BAD_MESSAGE && strstr (client->reason.detail, "IP-TFS"));
      sim_end (sim);
      sim_peer_free (peer);
    }
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

/* ---- on demand ---- */

static void
give_address (SimHost *client, SimHost *gateway)
{
  client->config->want_address4 = TRUE;
  g_ptr_array_set_size (client->config->child.local_ts, 0);
  gateway->config->serve = ike_serve_new ();
  gateway->config->serve->pool4 = TRUE;
  g_ptr_array_set_size (gateway->config->child.remote_ts, 0);
  gateway->pool4 = "10.9.0.0";
}

/* At whatever moment. */
static void
look_at_policies (SimHost *host, const IkeOutput *output, gpointer data)
{
  sim_assert (host->sim, strcmp (host->name, "client") != 0 || sim_kernel_is_whole (&host->kernel));
}

/* A trap knows of no options, but has the same selectors: from the beginning, after a move, when a kernel has forgotten
 * them and has them again, and when only the trap is left. */
static void
test_trap (void)
{
  enum { PLAIN, IPCOMP, AGGFRAG };

  for (guint turn = 0; turn < 6; turn++)
    {
      guint what = turn / 2;
      Sim *sim = sim_new (9100 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      const SimPolicy *trap;

      one_family (client);
      client->config->begin = IKE_BEGIN_DEMAND;
      client->config->keep_trying = TRUE;
      client->config->idle_timeout = 60 * IKE_SECOND;
      client->config->mobike = gateway->config->mobike = TRUE;
      client->config->child.ipcomp = gateway->config->child.ipcomp = what == IPCOMP;
      client->config->child.aggfrag = gateway->config->child.aggfrag = what == AGGFRAG;
      if (turn & 1)
        give_address (client, gateway);
      sim->look = look_at_policies;
      sim_listen (gateway);
      sim_start (client);
      if (!(turn & 1))
        {
          IkeInput *input = g_new0 (IkeInput, 1);

          input->type = IKE_INPUT_ACQUIRE;
          input->connection = client->id;
          sim_input (client, input);
        }
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, client->ups == 1);
      for (guint i = 0; i < 4; i++)
        {
          gboolean with = i != 2;

          if (i == 1)
            sim_move (client, "192.0.2.77");
          if (i >= 2)
            {
              sim->look = NULL;
              client->kernel.no_ipcomp = client->kernel.no_aggfrag = !with;
              sim_expire (client, sim_kernel_outbound (&client->kernel)->spi, FALSE);
            }
          sim_run (sim, 10 * IKE_SECOND);
          sim_assert (sim, sim_kernel_outbound (&client->kernel)->aggfrag == (with && what == AGGFRAG));
          sim_assert (sim, !sim_kernel_outbound (&client->kernel)->cpi == !(with && what == IPCOMP));
          sim_assert_agree (client, gateway, 1);
          trap = client->kernel.policies->pdata[0];
          sim_assert (sim, ike_address_equal (&trap->path.local.address, &client->address));
        }
      sim_run (sim, 200 * IKE_SECOND);
      trap = client->kernel.policies->pdata[0];
      sim_assert (sim, client->kernel.sas->len == 0 && client->kernel.policies->len == 1 && !client->downs);
      sim_assert (sim, !trap->ipcomp && !trap->aggfrag);
      sim_assert (sim, ike_address_equal (&trap->path.local.address, &client->address));
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
  g_test_add_func ("/sim/options/aggfrag", test_aggfrag);
  g_test_add_func ("/sim/options/aggfrag-ipcomp", test_aggfrag_ipcomp);
  g_test_add_func ("/sim/options/aggfrag-answers", test_aggfrag_answers);
  g_test_add_func ("/sim/options/collisions", test_collisions);
  g_test_add_func ("/sim/options/trap", test_trap);
  return g_test_run ();
}
