/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A gateway with several addresses: what it tells of them, and what a client makes of that. RFC 4555 sections 3.4 to 3.6. */
#include "sim-internal.h"

#include "wire/header.h"

#include <string.h>

#define SECONDS(n) ((n) *IKE_SECOND)
#define FIRST "198.51.100.1"
#define SECOND "198.51.100.2"

/* A gateway that has two addresses and says so. */
static void
hosts (Sim *sim, SimHost **ret_client, SimHost **ret_gateway)
{
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->mobike = gateway->config->mobike = client->config->keep_trying = TRUE;
  client->config->dpd_delay = SECONDS (30);
  client->config->ike_lifetime = 2000 * IKE_SECOND;
  client->config->ike_rekey_margin = 100 * IKE_SECOND;
  gateway->second = sim_address (SECOND);
  *ret_client = client;
  *ret_gateway = gateway;
}

static void
connect_telling (SimHost *client, SimHost *gateway, const char *addresses)
{
  sim_own (gateway, addresses);
  sim_connect (client->sim, client, gateway);
}

static void
assert_at (SimHost *client, SimHost *gateway, const char *address)
{
  const IkeAddress where = sim_address (address);

  sim_assert (client->sim, client->kernel.sas->len >= 2 && client->downs == 0);
  for (guint i = 0; i < client->kernel.sas->len; i++)
    sim_assert (client->sim,
                ike_address_equal (&((SimSa *) client->kernel.sas->pdata[i])->path.remote.address, &where));
  sim_assert (client->sim,
              ike_address_equal (&sim_kernel_outbound (&gateway->kernel)->path.local.address, &where));
  sim_assert_agree (client, gateway, 1);
}

static void
lose (SimHost *gateway, const char *address)
{
  sim_note (gateway->sim, "%s cannot be reached at %s any more", gateway->name, address ? address : "(all are back)");
  gateway->dead = address ? sim_address (address) : (IkeAddress){ 0 };
}

/* It knows nobody any more. */
static void
start_again (SimHost *gateway)
{
  sim_reboot (gateway, sim_config (gateway->sim, "gateway", IKE_ROLE_RESPONDER));
  gateway->off = FALSE;
  sim_listen (gateway);
}

/* Does traffic get through now? */
static void
assert_flows (SimHost *client, SimHost *gateway)
{
  Sim *sim = client->sim;
  guint pings = sim->pings, pongs = sim->pongs;

  sim_ping (client, gateway, IKE_SECOND / 10, SECONDS (2));
  sim_run (sim, SECONDS (3));
  sim_assert (sim, sim->pings - pings >= 20 && sim->pongs - pongs == sim->pings - pings);
}

/* ---- a gateway's first address dies ---- */

static void
test_moves (void)
{
  Sim *sim = sim_new (1);
  SimHost *client, *gateway;

  hosts (sim, &client, &gateway);
  connect_telling (client, gateway, FIRST " " SECOND);
  assert_flows (client, gateway);
  lose (gateway, FIRST);
  sim_ping (client, gateway, IKE_SECOND / 10, SECONDS (6));
  sim_run (sim, SECONDS (8));
  sim_assert (sim, client->moves == 1 && client->others == 1 && client->ups == 1 && !client->reconnectings);
  assert_at (client, gateway, SECOND);
  assert_flows (client, gateway);
  /* and the other way round: where it was before is one of its addresses as well */
  lose (gateway, SECOND);
  sim_ping (client, gateway, IKE_SECOND / 10, SECONDS (6));
  sim_run (sim, SECONDS (8));
  sim_assert (sim, client->moves == 2 && client->ups == 1 && !client->reconnectings && !gateway->gones);
  assert_at (client, gateway, FIRST);
  assert_flows (client, gateway);
  sim_end (sim);
}

/* What is known survives the rekeying of the IKE SA, by either end. */
static void
after_rekey (gconstpointer data)
{
  gboolean ours = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (2);
  SimHost *client, *gateway;

  hosts (sim, &client, &gateway);
  if (!ours)
    {
      client->config->ike_lifetime = 0;
      gateway->config->ike_lifetime = 2000 * IKE_SECOND;
      gateway->config->ike_rekey_margin = 100 * IKE_SECOND;
    }
  connect_telling (client, gateway, FIRST " " SECOND);
  sim_hasten (ours ? client : gateway, "rekey");
  sim_run (sim, SECONDS (5));
  sim_assert (sim, sim_count_ike (client) >= 1 && client->ups == 1);
  lose (gateway, FIRST);
  sim_ping (client, gateway, IKE_SECOND / 10, SECONDS (6));
  sim_run (sim, SECONDS (8));
  sim_assert (sim, client->moves == 1 && client->ups == 1 && !client->reconnectings);
  assert_at (client, gateway, SECOND);
  /* and whom the gateway tells: the list after this is the list of the new IKE SA */
  sim_own (gateway, NULL);
  sim_run (sim, IKE_SECOND);
  lose (gateway, SECOND);
  sim_ping (client, gateway, IKE_SECOND / 10, SECONDS (6));
  sim_run (sim, SECONDS (8));
  sim_assert (sim, client->others == 1);
  sim_end (sim);
}

/* Nobody who may not, and nobody who knows something better: without MOBIKE at either end; with another uplink. */
static void
not_tried (gconstpointer data)
{
  enum { OURS, THEIRS, ELSEWHERE, BOUND } which = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (3);
  SimHost *client, *gateway;

  hosts (sim, &client, &gateway);
  if (which == OURS)
    client->config->mobike = FALSE;
  if (which == THEIRS)
    gateway->config->mobike = FALSE;
  connect_telling (client, gateway, which == BOUND ? NULL : FIRST " " SECOND);
  if (which == ELSEWHERE)
    sim_elsewhere (client, TRUE);
  client->path_fails = FALSE;
  lose (gateway, FIRST);
  sim_ping (client, gateway, IKE_SECOND / 10, SECONDS (10));
  sim_run (sim, SECONDS (15));
  sim_assert (sim, client->others == 0 && client->moves == 0 && client->path_fails);
  /* it had none that it knew of better */
  if (which == ELSEWHERE)
    {
      sim_elsewhere (client, FALSE);
      sim_move (client, "192.0.2.7");
      sim_run (sim, SECONDS (15));
      sim_assert (sim, client->others >= 1 && client->moves == 1);
      assert_at (client, gateway, SECOND);
    }
  sim_end (sim);
}

/* All are dead for a while, one of them for good: each is tried again, and what is not reachable at all costs no time. */
static void
test_rounds (void)
{
  Sim *sim = sim_new (4);
  SimHost *client, *gateway;

  hosts (sim, &client, &gateway);
  connect_telling (client, gateway, FIRST " 2001:db8::1 198.51.100.77 " SECOND);
  gateway->off = TRUE;
  sim_ping (client, gateway, IKE_SECOND / 10, SECONDS (40));
  sim_run (sim, SECONDS (20));
  sim_assert (sim, client->others >= 4 && client->path_fails && client->moves == 0);
  gateway->off = FALSE;
  lose (gateway, FIRST);
  sim_run (sim, SECONDS (40));
  sim_assert (sim, client->moves == 1 && client->ups == 1 && !client->reconnectings);
  assert_at (client, gateway, SECOND);
  sim_end (sim);
}

static gboolean
is_init (const SimPacket *packet)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  return octets[18] == IKE_EXCHANGE_IKE_SA_INIT;
}

/* IKE_SA_INIT to where the gateway was at first, and to elsewhere. */
static SimVerdict
count_inits (Sim *sim, SimPacket *packet, gpointer data)
{
  const IkeAddress first = sim_address (FIRST);

  ((guint *) data)[!ike_address_equal (&packet->to.address, &first)] += is_init (packet);
  return SIM_PASS;
}

/* It dies, and its client does not wait for long. @inits: as of count_inits(). */
static void
vanish (SimHost *client, SimHost *gateway, const char *addresses, guint *inits)
{
  client->config->dpd_timeout = SECONDS (2);
  connect_telling (client, gateway, addresses);
  gateway->off = TRUE;
  client->sim->filter = count_inits;
  client->sim->filter_data = inits;
  sim_check (client, FALSE);
}

/* Nobody waits any longer for it, who has just been looked for elsewhere: what is new begins where it was, once. */
static void
test_begins_at_home (void)
{
  Sim *sim = sim_new (5);
  SimHost *client, *gateway;
  guint inits[2] = { 0 };

  hosts (sim, &client, &gateway);
  vanish (client, gateway, FIRST " 198.51.100.77 " SECOND, inits);
  while (!client->reconnectings)
    sim_run (sim, IKE_SECOND / 100);
  sim_assert (sim, client->others == 2 && inits[0] == 0 && inits[1] == 0);
  sim_run (sim, IKE_SECOND / 4);
  sim_assert (sim, inits[0] == 1 && inits[1] == 0);
  sim_run (sim, SECONDS (20));
  sim_assert (sim, client->ups == 1 && inits[1] == 0);
  start_again (gateway);
  sim_run (sim, SECONDS (90));
  sim_assert (sim, client->ups == 2);
  assert_at (client, gateway, FIRST);
  sim_end (sim);
}

/* It has ended meanwhile, and the caller has taken its time to find the way there. */
static void
test_way_comes_late (void)
{
  Sim *sim = sim_new (9);
  SimHost *client, *gateway;
  guint inits[2] = { 0 };

  hosts (sim, &client, &gateway);
  client->way_time = SECONDS (5);
  vanish (client, gateway, FIRST " " SECOND, inits);
  sim_run (sim, SECONDS (20));
  sim_assert (sim, client->reconnectings == 1 && client->others == 2 && inits[0] && !inits[1]);
  start_again (gateway);
  sim_run (sim, SECONDS (60));
  sim_assert (sim, client->ups == 2);
  assert_at (client, gateway, FIRST);
  sim_end (sim);
}

/* Where it was looked for at first is not forgotten by who has moved away from there. */
static void
test_begins_where_it_began (void)
{
  for (guint back = 0; back < 2; back++)
    {
      Sim *sim = sim_new (30 + back);
      SimHost *client, *gateway;

      hosts (sim, &client, &gateway);
      client->config->dpd_timeout = SECONDS (5);
      connect_telling (client, gateway, FIRST " " SECOND);
      lose (gateway, FIRST);
      sim_ping (client, gateway, IKE_SECOND / 10, SECONDS (6));
      sim_run (sim, SECONDS (8));
      assert_at (client, gateway, SECOND);
      gateway->off = TRUE;
      sim_check (client, FALSE);
      sim_run (sim, SECONDS (90));
      sim_assert (sim, client->reconnectings == 1 && client->ups == 1);
      sim_reboot (gateway, sim_config (sim, "gateway", IKE_ROLE_RESPONDER));
      gateway->config->mobike = TRUE;
      gateway->off = FALSE;
      sim_listen (gateway);
      lose (gateway, back ? FIRST : SECOND);
      sim_run (sim, SECONDS (300));
      sim_assert (sim, client->ups == 2);
      assert_at (client, gateway, back ? SECOND : FIRST);
      assert_flows (client, gateway);
      sim_end (sim);
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

/* The same on demand: the policies that have waited meanwhile are there, too. */
static void
test_demand_at_home (void)
{
  const IkeAddress first = sim_address (FIRST);
  Sim *sim = sim_new (8);
  SimHost *client, *gateway;

  hosts (sim, &client, &gateway);
  client->config->dpd_timeout = SECONDS (2);
  client->config->begin = IKE_BEGIN_DEMAND;
  sim_own (gateway, FIRST " 198.51.100.77 " SECOND);
  sim_listen (gateway);
  sim_start (client);
  acquire (client);
  sim_run (sim, SECONDS (2));
  sim_assert (sim, client->ups == 1 && client->waitings == 1);
  gateway->off = TRUE;
  sim_check (client, FALSE);
  while (client->waitings < 2)
    sim_run (sim, IKE_SECOND / 100);
  sim_assert (sim, client->others >= 1);
  start_again (gateway);
  acquire (client);
  sim_run (sim, SECONDS (10));
  sim_assert (sim, client->ups == 2 && client->kernel.policies->len == 1);
  sim_assert (sim, ike_address_equal (&((SimPolicy *) client->kernel.policies->pdata[0])->path.remote.address, &first));
  assert_at (client, gateway, FIRST);
  assert_flows (client, gateway);
  sim_end (sim);
}

typedef struct {
  guint followups, installs;
} Followup;

/* Its second key exchange is long under way, and meanwhile it gets nothing. */
static SimVerdict
delay_followup (Sim *sim, SimPacket *packet, gpointer data)
{
  const IkeAddress first = sim_address (FIRST);
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);
  Followup *seen = data;
  gboolean from_gateway = ike_address_equal (&packet->from.address, &first);
  gboolean it = from_gateway && octets[18] == IKE_EXCHANGE_IKE_FOLLOWUP_KE;

  seen->followups += it;
  sim->latency = it ? SECONDS (2) : 10 * IKE_MILLISECOND;
  return seen->followups && !from_gateway ? SIM_DROP : SIM_PASS;
}

static void
count_installs (SimHost *host, const IkeOutput *output, gpointer data)
{
  if (g_str_equal (host->name, "client") && output->type == IKE_OUTPUT_KERNEL &&
      output->kernel->op == IKE_KERNEL_INSTALL)
    ((Followup *) data)->installs++;
}

/* Before it is known that the gateway is there, what it has begun at the first address does not become a Child SA. */
static void
test_no_followup_meanwhile (void)
{
  Sim *sim = sim_new (7);
  Followup seen = { 0 };
  SimHost *client, *gateway;

  hosts (sim, &client, &gateway);
  client->config->child.pfs = gateway->config->child.pfs = TRUE;
  sim_offer (client->config->child_proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384);
  sim_offer (gateway->config->child_proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384);
  connect_telling (client, gateway, FIRST " " SECOND);
  sim_run (sim, IKE_SECOND);
  sim->filter = delay_followup;
  sim->filter_data = &seen;
  sim_expire (gateway, sim_kernel_outbound (&gateway->kernel)->spi, FALSE);
  while (!seen.followups)
    sim_run (sim, IKE_MILLISECOND);
  sim->look = count_installs;
  sim->check_data = &seen;
  sim_check (client, FALSE);
  sim_run (sim, SECONDS (5) / 2);
  sim_assert (sim, client->others == 1 && client->moves == 0 && seen.installs == 0);
  sim_assert (sim, strstr (sim->transcript->str, "TEMPORARY_FAILURE"));
  sim_end (sim);
}

/* A gateway that was restarted has forgotten us, whichever of its addresses leads to it: that is found out all the same. */
static void
test_restarted (void)
{
  Sim *sim = sim_new (6);
  SimHost *client, *gateway;
  IkeTime since;

  hosts (sim, &client, &gateway);
  connect_telling (client, gateway, FIRST " 198.51.100.77 198.51.100.78");
  sim_run (sim, SECONDS (10));
  sim_reboot (gateway, sim_config (sim, "gateway", IKE_ROLE_RESPONDER));
  sim_listen (gateway);
  since = sim->now;
  sim_check (client, FALSE);
  while (!gateway->kernel.sas->len && sim->now - since < SECONDS (60))
    sim_run (sim, IKE_SECOND / 10);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, gateway->kernel.sas->len && sim->now - since < SECONDS (20) && !client->reconnectings);
  assert_flows (client, gateway);
  sim_end (sim);
}

/* It has lost its power, and says later that it knows nobody: it is not looked for elsewhere for long. */
static void
test_crashed (void)
{
  for (guint outage = 6; outage <= 60; outage++)
    {
      Sim *sim = sim_new (outage);
      SimHost *client, *gateway;
      guint pongs;

      hosts (sim, &client, &gateway);
      connect_telling (client, gateway, FIRST " 198.51.100.77 198.51.100.78 198.51.100.79");
      sim_ping (client, gateway, IKE_SECOND / 10, SECONDS (80));
      sim_run (sim, SECONDS (10));
      gateway->off = TRUE;
      sim_run (sim, SECONDS (outage));
      gateway->off = FALSE;
      sim_reboot (gateway, sim_config (sim, "gateway", IKE_ROLE_RESPONDER));
      sim_listen (gateway);
      pongs = sim->pongs;
      sim_run (sim, SECONDS (4));
      sim_assert (sim, sim->pongs > pongs && !client->reconnectings);
      sim_end (sim);
    }
}

/* ---- what a server tells ---- */

/* Of a NAT before it nobody outside knows the addresses behind. */
static void
test_changes (void)
{
  for (guint nat = 0; nat < 2; nat++)
    {
      Sim *sim = sim_new (10 + nat);
      SimHost *client, *gateway;
      guint sent;

      hosts (sim, &client, &gateway);
      sim_own (gateway, FIRST " fe80::1 127.0.0.1");
      if (nat)
        {
          sim_nat (gateway, FIRST);
          gateway->address = sim_address ("10.0.0.1");
          gateway->nat_kind = SIM_NAT_FULL_CONE;
          gateway->nat_ports[0] = 500;
          gateway->nat_ports[1] = 4500;
        }
      sim_start_to (client, &(const IkeAddress){ IKE_FAMILY_IP4, { 198, 51, 100, 1 } });
      sim_listen (gateway);
      sim_run (sim, SECONDS (3));
      sim_assert (sim, client->ups == 1);
      if (nat)
        {
          sim_assert (sim, !strstr (sim->transcript->str, "other addresses"));
          sim_own (gateway, "10.0.0.1 " SECOND);
          sim_run (sim, IKE_SECOND);
          sim_assert (sim, !strstr (sim->transcript->str, "other addresses"));
          sim_end (sim);
          continue;
        }
      sim_own (gateway, FIRST " " SECOND);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, strstr (sim->transcript->str, "the peer has 1 other addresses"));
      /* nothing is said of what has not changed */
      sent = gateway->sent;
      sim_own (gateway, "ff02::1 " FIRST " " SECOND " 169.254.0.1 10.1.1.1 fd00::1");
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, gateway->sent == sent);
      sim_own (gateway, FIRST);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, gateway->sent == sent + 1 && strstr (sim->transcript->str, "the peer has 0 other addresses"));
      sim_own (gateway, SECOND);
      sim_run (sim, IKE_SECOND);
      lose (gateway, FIRST);
      sim_ping (client, gateway, IKE_SECOND / 10, SECONDS (16));
      sim_run (sim, SECONDS (18));
      sim_assert (sim, client->moves == 1 && client->others == 1);
      assert_at (client, gateway, SECOND);
      sim_end (sim);
    }
}

/* Those of the family that the client is known to have come first, where there are too many. */
static void
test_family_first (void)
{
  Sim *sim = sim_new (12);
  SimHost *client, *gateway;

  hosts (sim, &client, &gateway);
  connect_telling (client, gateway, "2001:db8::1 2001:db8::2 2001:db8::3 2001:db8::4 2001:db8::5 " FIRST " " SECOND);
  sim_assert (sim, strstr (sim->transcript->str, "the peer has 4 other addresses"));
  lose (gateway, FIRST);
  sim_ping (client, gateway, IKE_SECOND / 10, SECONDS (6));
  sim_run (sim, SECONDS (8));
  sim_assert (sim, client->moves == 1 && client->others == 1);
  assert_at (client, gateway, SECOND);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/addresses/moves", test_moves);
  g_test_add_data_func ("/sim/addresses/after-rekey/ours", GINT_TO_POINTER (TRUE), after_rekey);
  g_test_add_data_func ("/sim/addresses/after-rekey/theirs", GINT_TO_POINTER (FALSE), after_rekey);
  g_test_add_data_func ("/sim/addresses/not-tried/ours", GINT_TO_POINTER (0), not_tried);
  g_test_add_data_func ("/sim/addresses/not-tried/theirs", GINT_TO_POINTER (1), not_tried);
  g_test_add_data_func ("/sim/addresses/not-tried/elsewhere", GINT_TO_POINTER (2), not_tried);
  g_test_add_data_func ("/sim/addresses/not-tried/bound", GINT_TO_POINTER (3), not_tried);
  g_test_add_func ("/sim/addresses/rounds", test_rounds);
  g_test_add_func ("/sim/addresses/begins-at-home", test_begins_at_home);
  g_test_add_func ("/sim/addresses/no-followup-meanwhile", test_no_followup_meanwhile);
  g_test_add_func ("/sim/addresses/demand-at-home", test_demand_at_home);
  g_test_add_func ("/sim/addresses/way-comes-late", test_way_comes_late);
  g_test_add_func ("/sim/addresses/begins-where-it-began", test_begins_where_it_began);
  g_test_add_func ("/sim/addresses/restarted", test_restarted);
  g_test_add_func ("/sim/addresses/crashed", test_crashed);
  g_test_add_func ("/sim/addresses/changes", test_changes);
  g_test_add_func ("/sim/addresses/family-first", test_family_first);
  return g_test_run ();
}
