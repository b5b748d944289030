/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths that swallow what is large, and the question whether they do; what must not happen to the tunnel meanwhile. */
#include "sim-peer.h"

#include <string.h>

#define SECONDS(n) ((n) *IKE_SECOND)

static SimHost *
client_new (Sim *sim)
{
  SimHost *client = sim_client (sim);

  client->config->mobike = client->config->keep_trying = client->config->fragmentation = TRUE;
  client->config->dpd_delay = SECONDS (30);
  return client;
}

static SimHost *
gateway_new (Sim *sim)
{
  SimHost *gateway = sim_gateway (sim);

  gateway->config->mobike = gateway->config->fragmentation = TRUE;
  return gateway;
}

/* What the first packets of a probe looked like. */
typedef struct {
  GPtrArray *large; /* GBytes: those that IP may not cut, or may */
  guint fragments; /* of IKE's own */
  gsize octets; /* of the largest IP packet */
  gboolean dark; /* the peer gets nothing of it */
  guint lose; /* so many of what was to be in one piece get lost */
} Seen;

static SimVerdict
look (Sim *sim, SimPacket *packet, gpointer data)
{
  Seen *seen = data;
  gsize octets = g_bytes_get_size (packet->data) + (packet->natt ? 32 : 28);

  if (packet->pieces == IKE_PIECES_USUAL)
    return SIM_PASS;
  seen->octets = MAX (seen->octets, octets);
  if (octets > 600)
    g_ptr_array_add (seen->large, g_bytes_ref (packet->data));
  else
    seen->fragments++;
  if (packet->pieces == IKE_PIECES_NONE && seen->lose > 0)
    {
      seen->lose--;
      return SIM_DROP;
    }
  return seen->dark ? SIM_DROP : SIM_PASS;
}

static void
watch (Sim *sim, Seen *seen)
{
  seen->large = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  sim->filter = look;
  sim->filter_data = seen;
}

static void
end (Sim *sim, Seen *seen)
{
  sim_end (sim);
  g_ptr_array_unref (seen->large);
}

static gboolean
has_answer (Sim *sim, gpointer host)
{
  const SimHost *client = host;

  return client->probed[0] + client->probed[1] + client->probed[2] > 0;
}

static void
assert_probed (Sim *sim, SimHost *client, guint octets, IkeProbe probe, IkeTime patience)
{
  memset (client->probed, 0, sizeof client->probed);
  sim_probe (client, octets);
  sim_assert (sim, sim_run_until (sim, has_answer, client, patience));
  sim_assert (sim, client->probed[probe] == 1 && client->probed_octets == octets);
}

static void
assert_unharmed (Sim *sim, SimHost *client, SimHost *gateway)
{
  sim_run (sim, SECONDS (120));
  sim_assert (sim, client->ups == 1 && !client->reconnectings && !client->downs && !client->path_fails);
  sim_assert (sim, !strstr (sim->transcript->str, "Trying a new IKE SA"));
  sim_assert_agree (client, gateway, 1);
}

/* Of what follows, the first answer of what swallows large packets is lost. */
static SimVerdict
lose_answer (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);
  gsize len = g_bytes_get_size (packet->data);
  gboolean *lost = data;

  if (packet->pieces != IKE_PIECES_USUAL && len > 600)
    return SIM_DROP;
  if (*lost || octets[18] != IKE_EXCHANGE_INFORMATIONAL || !(octets[19] & IKE_FLAG_RESPONSE))
    return SIM_PASS;
  *lost = TRUE;
  return SIM_DROP;
}

/* ---- good paths ---- */

static void
test_one_exchange (void)
{
  Sim *sim = sim_new (1);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  Seen seen = { 0 };
  guint sent;

  watch (sim, &seen);
  sim_connect (sim, client, gateway);
  sent = client->sent + gateway->sent;
  assert_probed (sim, client, 1500, IKE_PROBE_CARRIED, SECONDS (1));
  sim_assert (sim, client->sent + gateway->sent == sent + 2);
  sim_assert (sim, seen.octets == 1500 && seen.large->len == 1 && seen.fragments == 0);
  assert_unharmed (sim, client, gateway);
  end (sim, &seen);
}

/* An answer that takes long is no lost packet. */
static void
test_slow (void)
{
  Sim *sim = sim_new (2);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);

  sim_connect (sim, client, gateway);
  sim->latency = 450 * IKE_MILLISECOND;
  assert_probed (sim, client, 1500, IKE_PROBE_CARRIED, SECONDS (8));
  assert_unharmed (sim, client, gateway);
  sim_end (sim);
}

/* The first request of a new IKE SA, in fragments, whose answer is lost: a repetition, and no synchronization of message
 * ids (RFC 6311), which would be nothing. */
static void
test_first_of_all (void)
{
  Sim *sim = sim_new (7);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  gboolean lost = FALSE;

  client->config->dpd_delay = 0;
  client->config->ike_lifetime = SECONDS (3600);
  client->config->ike_rekey_margin = SECONDS (600);
  sim_connect (sim, client, gateway);
  sim_hasten (client, "rekey");
  sim_run (sim, SECONDS (2));
  sim->filter = lose_answer;
  sim->filter_data = &lost;
  sim_probe (client, 1500);
  sim_assert (sim, sim_run_until (sim, has_answer, client, SECONDS (20)));
  sim_assert (sim, lost && !strstr (sim->transcript->str, "Trying a new IKE SA"));
  sim_assert (sim, client->ups == 1 && !client->reconnectings);
  sim_end (sim);
}

/* Nor are two lost packets a black hole. */
static void
test_lost_twice (void)
{
  Sim *sim = sim_new (3);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  Seen seen = { .lose = 2 };

  watch (sim, &seen);
  sim_connect (sim, client, gateway);
  assert_probed (sim, client, 1500, IKE_PROBE_CARRIED, SECONDS (4));
  assert_unharmed (sim, client, gateway);
  end (sim, &seen);
}

static void
test_lossy (void)
{
  guint wrong = 0;

  for (guint seed = 1; seed <= 200; seed++)
    {
      Sim *sim = sim_new (1000 + seed);
      SimHost *client = client_new (sim), *gateway = gateway_new (sim);

      sim_connect (sim, client, gateway);
      sim->loss = 3;
      sim_probe (client, 1500);
      sim_assert (sim, sim_run_until (sim, has_answer, client, SECONDS (60)));
      wrong += client->probed[IKE_PROBE_CARRIED] != 1;
      sim->loss = 0;
      sim_end (sim);
    }
  g_assert_cmpuint (wrong, ==, 0);
}

/* ---- black holes ---- */

static void
hole (gboolean fragments, gboolean nat)
{
  Sim *sim = sim_new (4);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  Seen seen = { 0 };

  if (nat)
    sim_nat (client, "203.0.113.7");
  watch (sim, &seen);
  sim_connect (sim, client, gateway);
  sim->mtu = 1400;
  sim->fragments = fragments;
  assert_probed (sim, client, 1500, IKE_PROBE_LOST, SECONDS (5));
  /* twice each: what is repeated is the same, and then in fragments */
  sim_assert (sim, seen.octets == 1500 && seen.large->len == 6 && seen.fragments >= 9);
  for (guint i = 0; i < 6; i += 2)
    sim_assert (sim, g_bytes_equal (seen.large->pdata[i], seen.large->pdata[i + 1]));
  assert_probed (sim, client, 1400, IKE_PROBE_CARRIED, SECONDS (1));
  assert_unharmed (sim, client, gateway);
  end (sim, &seen);
}

static void
test_hole (void)
{
  hole (TRUE, FALSE);
  hole (TRUE, TRUE);
}

static void
test_hole_without_fragments (void)
{
  hole (FALSE, FALSE);
  hole (FALSE, TRUE);
}

/* Somebody who puts no fragments of an INFORMATIONAL together, and IP's do not arrive: the IKE SA is stuck. A new one takes
 * over; the tunnel never goes down, and nobody looks for the gateway elsewhere. */
static void
stuck (gconstpointer data)
{
  const char *addresses = data;
  Sim *sim = sim_new (5);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);
  IkeEngineCounts counts;
  Seen seen = { 0 };

  watch (sim, &seen);
  client->config->mobike = gateway->config->mobike = TRUE;
  sim_own (gateway, addresses);
  sim_connect (sim, client, gateway);
  seen.dark = TRUE;
  sim_ping (client, gateway, 100 * IKE_MILLISECOND, SECONDS (60));
  sim_probe (client, 1500);
  sim_assert (sim, sim_run_until (sim, has_answer, client, SECONDS (12)));
  sim_assert (sim, client->probed[IKE_PROBE_LOST] == 1 && client->others == 0);
  sim_run (sim, IKE_SECOND);
  ike_engine_get_counts (gateway->engine, &counts);
  sim_assert (sim, counts.ike_sas == 1 && counts.child_sas == 1);
  seen.dark = FALSE;
  assert_probed (sim, client, 1280, IKE_PROBE_CARRIED, SECONDS (1));
  sim_run (sim, SECONDS (120));
  sim_assert (sim, client->ups == 1 && !client->reconnectings && !client->downs && client->leaks == 0);
  sim_assert (sim, sim->pings == sim->pongs);
  sim_assert_agree (client, gateway, 1);
  end (sim, &seen);
}

/* ---- what else happens meanwhile ---- */

/* Nothing arrives for a while: the question is not what is wrong then. */
static void
test_outage (void)
{
  Sim *sim = sim_new (6);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);

  sim_connect (sim, client, gateway);
  gateway->off = TRUE;
  sim_probe (client, 1500);
  sim_run (sim, SECONDS (20));
  sim_assert (sim, client->path_fails && !has_answer (sim, client));
  gateway->off = FALSE;
  sim_assert (sim, sim_run_until (sim, has_answer, client, SECONDS (40)));
  sim_assert (sim, client->probed[IKE_PROBE_CARRIED] == 1);
  sim_run (sim, SECONDS (120));
  sim_assert (sim, !client->reconnectings && !client->downs);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* The uplink dies just then, and there is another one. */
static void
test_elsewhere (void)
{
  Sim *sim = sim_new (16);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);

  sim_connect (sim, client, gateway);
  sim_elsewhere (client, TRUE);
  gateway->off = TRUE;
  sim_probe (client, 1500);
  sim_run (sim, SECONDS (2));
  sim_assert (sim, client->path_fails && !has_answer (sim, client));
  gateway->off = FALSE;
  sim_run (sim, SECONDS (30));
  sim_end (sim);
}

/* What was learnt about one path is not told of another. */
static void
test_moved (void)
{
  Sim *sim = sim_new (7);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);

  sim_connect (sim, client, gateway);
  sim->mtu = 1400;
  sim->fragments = TRUE;
  sim_probe (client, 1500);
  sim_run (sim, SECONDS (2));
  sim_assert (sim, !has_answer (sim, client));
  sim->mtu = 0;
  sim_move (client, "192.0.2.99");
  sim_assert (sim, sim_run_until (sim, has_answer, client, SECONDS (5)));
  sim_assert (sim, client->moves == 1 && client->probed[IKE_PROBE_CARRIED] == 1 && client->probed_octets == 1500);
  assert_unharmed (sim, client, gateway);
  sim_end (sim);
}

/* Another size while the first is under way: only that is answered. */
static void
test_another_size (void)
{
  Sim *sim = sim_new (8);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);

  sim_connect (sim, client, gateway);
  sim->mtu = 1400;
  sim->fragments = TRUE;
  sim_probe (client, 1500);
  sim_run (sim, IKE_SECOND);
  assert_probed (sim, client, 1300, IKE_PROBE_CARRIED, SECONDS (3));
  assert_unharmed (sim, client, gateway);
  sim_end (sim);
}

/* Rekeying waits for one exchange at most, and the new IKE SA goes on with the question. */
static void
test_rekeyed (void)
{
  Sim *sim = sim_new (9);
  SimHost *client = client_new (sim), *gateway;

  client->config->ike_lifetime = SECONDS (300);
  client->config->ike_rekey_margin = SECONDS (10);
  gateway = gateway_new (sim);
  sim_connect (sim, client, gateway);
  sim->mtu = 1400;
  sim->fragments = TRUE;
  for (guint i = 0; i < 280; i++)
    {
      memset (client->probed, 0, sizeof client->probed);
      sim_probe (client, 1500);
      sim_run (sim, IKE_SECOND + i * 3 * IKE_MILLISECOND);
    }
  sim_assert (sim, sim_run_until (sim, has_answer, client, SECONDS (10)) && client->probed[IKE_PROBE_LOST] == 1);
  sim_assert (sim, strstr (sim->transcript->str, "CREATE_CHILD_SA (rekey IKE)") != NULL);
  assert_unharmed (sim, client, gateway);
  sim_end (sim);
}

/* ---- where it is not asked ---- */

static void
assert_not_asked (Sim *sim, SimHost *client, guint octets)
{
  guint sent = client->sent;

  assert_probed (sim, client, octets, IKE_PROBE_UNKNOWN, 0);
  sim_assert (sim, client->sent == sent);
}

static void
test_not_asked (void)
{
  Sim *sim = sim_new (10);
  SimHost *client = client_new (sim), *gateway = gateway_new (sim);

  gateway->config->fragmentation = FALSE;
  sim_connect (sim, client, gateway);
  assert_not_asked (sim, client, 1500);
  sim_end (sim);

  sim = sim_new (11);
  client = client_new (sim);
  gateway = gateway_new (sim);
  sim_connect (sim, client, gateway);
  assert_not_asked (sim, client, 100);
  assert_not_asked (sim, client, 65536);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/probe/one-exchange", test_one_exchange);
  g_test_add_func ("/sim/probe/slow", test_slow);
  g_test_add_func ("/sim/probe/first-of-all", test_first_of_all);
  g_test_add_func ("/sim/probe/lost-twice", test_lost_twice);
  g_test_add_func ("/sim/probe/lossy", test_lossy);
  g_test_add_func ("/sim/probe/hole", test_hole);
  g_test_add_func ("/sim/probe/hole-without-fragments", test_hole_without_fragments);
  g_test_add_data_func ("/sim/probe/stuck/one-address", NULL, stuck);
  g_test_add_data_func ("/sim/probe/stuck/several-addresses", "198.51.100.1 198.51.100.2 198.51.100.3", stuck);
  g_test_add_func ("/sim/probe/outage", test_outage);
  g_test_add_func ("/sim/probe/elsewhere", test_elsewhere);
  g_test_add_func ("/sim/probe/moved", test_moved);
  g_test_add_func ("/sim/probe/another-size", test_another_size);
  g_test_add_func ("/sim/probe/rekeyed", test_rekeyed);
  g_test_add_func ("/sim/probe/not-asked", test_not_asked);
  return g_test_run ();
}
