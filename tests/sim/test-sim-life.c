/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to a tunnel in its life: rekeying by either end, deletion by either end, death and return of the peer.
 * */
#include "sim.h"

static guint32
current_spi (const SimHost *host)
{
  return sim_kernel_outbound (&host->kernel)->spi;
}

/* ---- rekeying ---- */

/* Both ends are asked to rekey Child SAs by the kernel, under traffic: nothing is lost. */
static void
rekey_children (guint64 seed, gboolean pfs, gboolean by_client, guint rounds)
{
  Sim *sim = sim_new (seed);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  SimHost *who = by_client ? client : gateway;

  client->config->child.pfs = gateway->config->child.pfs = pfs;
  sim_connect (sim, client, gateway);
  sim_ping (client, gateway, 10 * IKE_MILLISECOND, rounds * 10 * IKE_SECOND);
  for (guint i = 0; i < rounds; i++)
    {
      guint32 before = current_spi (who);

      sim_expire (who, before, FALSE);
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, current_spi (who) != before);
      sim_assert_agree (client, gateway, 1);
    }
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, sim->pings > rounds * 1000 && sim->pings == sim->pongs);
  sim_assert (sim, client->ups == 1 && !client->reconnectings);
  sim_end (sim);
}

static void
test_rekey_child (void)
{
  for (guint i = 0; i < 4; i++)
    rekey_children (100 + i, i & 1, i & 2, 3);
}

static void
test_rekey_many (void)
{
  rekey_children (110, TRUE, TRUE, 100);
}

static void
lifetimes (SimHost *host, IkeTime child, IkeTime ike)
{
  host->config->child.lifetime = child;
  host->config->child.rekey_margin = child / 10;
  host->config->ike_lifetime = ike;
  host->config->ike_rekey_margin = ike / 10;
}

/* By lifetimes, an hour of it: who begins is left to chance. */
static void
test_rekey_by_time (void)
{
  Sim *sim = sim_new (120);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  lifetimes (client, 100 * IKE_SECOND, 700 * IKE_SECOND);
  lifetimes (gateway, 100 * IKE_SECOND, 700 * IKE_SECOND);
  sim_connect (sim, client, gateway);
  sim_ping (client, gateway, 100 * IKE_MILLISECOND, 3600 * IKE_SECOND);
  sim_run (sim, 3600 * IKE_SECOND + IKE_SECOND);
  sim_assert (sim, client->kernel.installs > 35 && !client->reconnectings && client->ups == 1);
  sim_assert (sim, sim->pings == sim->pongs);
  sim_end (sim);
}

static void
rekey_ike (guint64 seed, gboolean by_client)
{
  Sim *sim = sim_new (seed);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  guint32 spi;

  lifetimes (by_client ? client : gateway, 0, 100 * IKE_SECOND);
  sim_connect (sim, client, gateway);
  spi = current_spi (client);
  sim_ping (client, gateway, 10 * IKE_MILLISECOND, 260 * IKE_SECOND);
  sim_run (sim, 260 * IKE_SECOND);
  sim_assert (sim, current_spi (client) == spi);
  /* the Child SA lives on the third IKE SA now, and can be rekeyed there */
  sim_expire (gateway, current_spi (gateway), FALSE);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, current_spi (client) != spi);
  sim_assert_agree (client, gateway, 1);
  sim_assert (sim, sim->pings == sim->pongs && !client->reconnectings);
  sim_end (sim);
}

static void
test_rekey_ike (void)
{
  rekey_ike (130, TRUE);
  rekey_ike (131, FALSE);
}

static gboolean
is_settled (SimHost *client, SimHost *gateway)
{
  IkeEngineCounts a, b;

  ike_engine_get_counts (client->engine, &a);
  ike_engine_get_counts (gateway->engine, &b);
  return a.ike_sas == 1 && b.ike_sas == 1 && a.child_sas == 1 && b.child_sas == 1;
}

/* Both ends at once; the nonces decide, and many seeds see every order of the four. */
static void
test_simultaneous_children (void)
{
  for (guint64 seed = 0; seed < 60; seed++)
    {
      Sim *sim = sim_new (200 + seed);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      client->config->child.pfs = gateway->config->child.pfs = seed & 1;
      sim_connect (sim, client, gateway);
      sim_ping (client, gateway, 10 * IKE_MILLISECOND, 10 * IKE_SECOND);
      sim->jitter = (seed % 3) * 10 * IKE_MILLISECOND;
      sim_expire (client, current_spi (client), FALSE);
      sim_expire (gateway, current_spi (gateway), FALSE);
      sim_run (sim, 12 * IKE_SECOND);
      sim_assert_agree (client, gateway, 1);
      sim_assert (sim, is_settled (client, gateway));
      sim_assert (sim, sim->pings == sim->pongs);
      sim_end (sim);
    }
}

static void
test_simultaneous_ike (void)
{
  for (guint64 seed = 0; seed < 60; seed++)
    {
      Sim *sim = sim_new (300 + seed);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      /* no margin for jitter: both after the same time but for the way of the last message */
      client->config->ike_lifetime = gateway->config->ike_lifetime = 640 * IKE_SECOND;
      sim->jitter = (seed % 3) * 10 * IKE_MILLISECOND;
      sim_connect (sim, client, gateway);
      /* time enough for one whose DELETE was overtaken to be forgotten */
      sim_run (sim, 740 * IKE_SECOND);
      sim_assert (sim, is_settled (client, gateway));
      sim_assert_agree (client, gateway, 1);
      sim_assert (sim, client->ups == 1 && !client->downs && !client->reconnectings);
      /* and what is left works */
      sim_expire (client, current_spi (client), FALSE);
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, is_settled (client, gateway));
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

/* One of each, and no packets of an old one are waited for. */
static gboolean
are_settled (Sim *sim, gpointer data)
{
  SimHost *gateway = data, *client = sim->hosts->pdata[0];

  return is_settled (client, gateway) && sim_kernel_count (&client->kernel, FALSE) == 1 &&
         sim_kernel_count (&gateway->kernel, FALSE) == 1 && sim_kernel_count (&client->kernel, TRUE) == 1 &&
         sim_kernel_count (&gateway->kernel, TRUE) == 1 && !sim_kernel_larval (&client->kernel) &&
         !sim_kernel_larval (&gateway->kernel);
}

/* Everything at once, over a bad line. */
static void
test_storm (void)
{
  for (guint64 seed = 0; seed < 60; seed++)
    {
      Sim *sim = sim_new (400 + seed);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      lifetimes (client, 30 * IKE_SECOND, 110 * IKE_SECOND);
      lifetimes (gateway, 30 * IKE_SECOND, 110 * IKE_SECOND);
      client->config->keep_trying = TRUE;
      sim_connect (sim, client, gateway);
      sim->loss = (guint) (seed % 4) * 10;
      sim->duplicates = 10;
      sim->jitter = 50 * IKE_MILLISECOND;
      sim_run (sim, 600 * IKE_SECOND);
      sim->loss = 0;
      sim_run (sim, 300 * IKE_SECOND);
      sim_assert (sim, !client->downs);
      /* in the next minute there is a moment when both agree */
      sim_run_until (sim, are_settled, gateway, 60 * IKE_SECOND);
      sim_assert_agree (client, gateway, 1);
      sim_assert (sim, are_settled (sim, gateway));
      sim_end (sim);
    }
}

/* ---- ends ---- */

static void
test_delete_by_gateway (void)
{
  Sim *sim = sim_new (500);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim_connect (sim, client, gateway);
  sim_stop (gateway);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, IKE_SECOND));
  sim_assert_reason (sim, client, PEER_DELETED);
  sim_end (sim);
}

static SimVerdict
drop_all (Sim *sim, SimPacket *packet, gpointer data)
{
  return SIM_DROP;
}

/* The DELETE is lost for good: the user does not wait longer than two seconds. */
static void
test_lost_delete (void)
{
  Sim *sim = sim_new (501);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  IkeTime before;

  gateway->config->dpd_delay = 30 * IKE_SECOND;
  sim_connect (sim, client, gateway);
  sim->filter = drop_all;
  before = sim->now;
  sim_stop (client);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, 10 * IKE_SECOND));
  sim_assert (sim, client->down_at - before <= 2 * IKE_SECOND);
  sim_assert_reason (sim, client, USER_STOP);
  /* the gateway finds out for itself */
  sim_run (sim, 120 * IKE_SECOND);
  sim_assert (sim, sim_kernel_count (&gateway->kernel, TRUE) == 0);
  sim_end (sim);
}

static SimVerdict
drop_first (Sim *sim, SimPacket *packet, gpointer data)
{
  guint *n = data;

  return (*n)++ == 0 ? SIM_DROP : SIM_PASS;
}

static void
test_delete_repeated (void)
{
  Sim *sim = sim_new (502);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  guint n = 0;

  sim_connect (sim, client, gateway);
  sim->filter = drop_first;
  sim->filter_data = &n;
  sim_stop (client);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, IKE_SECOND));
  sim_assert (sim, sim_kernel_count (&gateway->kernel, TRUE) == 0);
  sim_end (sim);
}

static void
test_both_delete (void)
{
  Sim *sim = sim_new (503);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim_connect (sim, client, gateway);
  sim_stop (gateway);
  sim_stop (client);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, 3 * IKE_SECOND));
  sim_assert_reason (sim, client, USER_STOP);
  sim_end (sim);
}

/* Stopped at every moment of the negotiation: nothing is left anywhere. */
static void
test_stop_any_time (void)
{
  for (guint ms = 0; ms < 60; ms += 1)
    {
      Sim *sim = sim_new (510 + ms);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      sim_signatures (client, gateway);
      client->job_time[IKE_JOB_SIGN] = client->job_time[IKE_JOB_VERIFY] = 5 * IKE_MILLISECOND;
      client->job_time[IKE_JOB_KE_FINISH] = client->job_time[IKE_JOB_KE_GENERATE] = 4 * IKE_MILLISECOND;
      sim_listen (gateway);
      sim_start (client);
      sim_run (sim, ms * IKE_MILLISECOND);
      sim_stop (client);
      sim_assert (sim, sim_run_until (sim, sim_is_down, client, 3 * IKE_SECOND));
      sim_assert_reason (sim, client, USER_STOP);
      sim_run (sim, 40 * IKE_SECOND);
      sim_assert (sim, sim_kernel_count (&gateway->kernel, TRUE) == 0);
      sim_end (sim);
    }
}

/* ---- liveness ---- */

static void
test_liveness (void)
{
  Sim *sim = sim_new (600);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  guint before;

  client->config->dpd_delay = 30 * IKE_SECOND;
  sim_connect (sim, client, gateway);
  before = client->sent;
  sim_run (sim, 100 * IKE_SECOND);
  sim_assert (sim, client->sent == before + 3);
  /* traffic is proof enough: nothing is asked */
  before = client->sent;
  sim_ping (client, gateway, IKE_SECOND, 300 * IKE_SECOND);
  sim_run (sim, 290 * IKE_SECOND);
  sim_assert (sim, client->sent <= before + 1);
  sim_end (sim);
}

static void
test_dead_peer (void)
{
  Sim *sim = sim_new (601);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->dpd_delay = 30 * IKE_SECOND;
  client->config->dpd_timeout = 20 * IKE_SECOND;
  sim_connect (sim, client, gateway);
  gateway->off = TRUE;
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, 60 * IKE_SECOND));
  sim_assert_reason (sim, client, PEER_DEAD);
  gateway->off = FALSE;
  sim_end (sim);
}

static gboolean
is_up_twice (Sim *sim, gpointer data)
{
  return ((SimHost *) data)->ups == 2;
}

static void
test_reconnect (void)
{
  Sim *sim = sim_new (602);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->dpd_delay = gateway->config->dpd_delay = 30 * IKE_SECOND;
  client->config->dpd_timeout = gateway->config->dpd_timeout = 20 * IKE_SECOND;
  client->config->keep_trying = TRUE;
  sim_connect (sim, client, gateway);
  gateway->off = TRUE;
  sim_run (sim, 600 * IKE_SECOND);
  sim_assert (sim, client->reconnectings == 1 && !client->downs && client->ups == 1);
  /* a refusal of the moment does not end it either */
  gateway->off = FALSE;
  gateway->closed = TRUE;
  sim_run (sim, 200 * IKE_SECOND);
  sim_assert (sim, !client->downs);
  gateway->closed = FALSE;
  sim_assert (sim, sim_run_until (sim, is_up_twice, client, 100 * IKE_SECOND));
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* The gateway throws us out; we are back in place at once. */
static void
test_reconnect_after_delete (void)
{
  Sim *sim = sim_new (603);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->keep_trying = TRUE;
  gateway->config->ike_lifetime = 100 * IKE_SECOND;
  gateway->config->reauth = FALSE;
  sim_connect (sim, client, gateway);
  gateway->downs = 0;
  sim_stop (gateway);
  gateway->downs = 0;
  sim_listen (gateway);
  sim_assert (sim, sim_run_until (sim, is_up_twice, client, 5 * IKE_SECOND));
  sim_assert (sim, client->reconnectings == 1);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* The gateway is slow with a Child SA of a client that reboots meanwhile: the new one keeps the policies, also when the
 * old IKE SA is found dead. */
static void
test_late_child_of_the_dead (void)
{
  Sim *sim = sim_new (910);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->child.pfs = gateway->config->child.pfs = TRUE;
  gateway->config->dpd_delay = 15 * IKE_SECOND;
  gateway->config->dpd_timeout = 30 * IKE_SECOND;
  sim_connect (sim, client, gateway);
  gateway->job_time[IKE_JOB_KE_RESPOND] = 10 * IKE_SECOND;
  sim_expire (client, current_spi (client), TRUE);
  sim_run (sim, IKE_SECOND);
  gateway->job_time[IKE_JOB_KE_RESPOND] = IKE_MILLISECOND;
  sim_reboot (client, sim_config (sim, "client", IKE_ROLE_INITIATOR));
  client->ups = 0;
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, 5 * IKE_SECOND));
  sim_run (sim, 12 * IKE_SECOND);
  sim_assert (sim, sim_kernel_count (&gateway->kernel, TRUE) == 2); /* that of the dead is there, late */
  sim_run (sim, 90 * IKE_SECOND);
  sim_assert_agree (client, gateway, 1);
  sim_assert (sim, gateway->kernel.policies->len == 1);
  sim_end (sim);
}

/* The kernel drops the Child SA at its hard limit: deleted at the peer, and made anew; also one that it has just been
 * given, before it has said so. */
static void
test_hard_expire (void)
{
  for (guint turn = 0; turn < 4; turn++)
    {
      Sim *sim = sim_new (610 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim), *host = turn & 1 ? gateway : client;

      client->config->keep_trying = TRUE;
      sim_connect (sim, client, gateway);
      if (turn & 2)
        {
          host->kernel_time = 300 * IKE_MILLISECOND;
          sim_expire (host, current_spi (host), FALSE);
          sim_run (sim, 450 * IKE_MILLISECOND);
        }
      sim_expire (host, ((SimSa *) host->kernel.sas->pdata[host->kernel.sas->len - 1])->spi, TRUE);
      sim_run (sim, 20 * IKE_SECOND);
      sim_assert_agree (client, gateway, 1);
      sim_assert (sim, strstr (sim->transcript->str, turn & 2 ? "Child SA #2 has expired" : "Child SA #1 has expired"));
      sim_assert (sim, !client->reconnectings && !client->downs);
      sim_end (sim);
    }
}

/* ---- a new address ---- */

static void
test_mobike (void)
{
  Sim *sim = sim_new (620);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->mobike = gateway->config->mobike = TRUE;
  sim_connect (sim, client, gateway);
  sim_assert (sim, client->configured->mobike && client->configured->path.transport == IKE_TRANSPORT_NATT);
  sim_move (client, "192.0.2.77");
  sim_run (sim, 5 * IKE_SECOND);
  sim_assert (sim, client->kernel.updates == 1 && gateway->kernel.updates == 1);
  sim_assert (sim, ike_address_equal (&sim_kernel_outbound (&gateway->kernel)->path.remote.address, &client->address));
  sim_assert (sim, ike_address_equal (&sim_kernel_outbound (&client->kernel)->path.local.address, &client->address));
  sim_assert_agree (client, gateway, 1);
  /* into a NAT, and twice before the first answer */
  sim_nat (client, "203.0.113.9");
  sim_move (client, "192.168.1.2");
  sim_move (client, "192.168.1.3");
  sim_run (sim, 5 * IKE_SECOND);
  sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->encap && client->ups == 1 && !client->reconnectings);
  sim_assert (sim, ike_address_equal (&sim_kernel_outbound (&client->kernel)->path.local.address, &client->address));
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

static void
test_move_without_mobike (void)
{
  Sim *sim = sim_new (621);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  gateway->config->dpd_delay = 10 * IKE_SECOND;
  sim_connect (sim, client, gateway);
  sim_move (client, "192.0.2.77");
  sim_assert (sim, sim_run_until (sim, is_up_twice, client, 5 * IKE_SECOND));
  sim_run (sim, 120 * IKE_SECOND);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* The new one is made before the old one goes: nothing is lost, and nobody need know. */
static void
test_reauth (void)
{
  Sim *sim = sim_new (622);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  guint32 spi;

  client->config->reauth = TRUE;
  lifetimes (client, 0, 100 * IKE_SECOND);
  sim_connect (sim, client, gateway);
  spi = current_spi (client);
  sim_ping (client, gateway, 10 * IKE_MILLISECOND, 400 * IKE_SECOND);
  sim_run (sim, 402 * IKE_SECOND);
  sim_assert (sim, client->ups == 1 && client->reconnectings == 0);
  sim_assert (sim, current_spi (client) != spi && client->kernel.installs >= 4);
  sim_assert (sim, sim->pings == sim->pongs);
  sim_assert_agree (client, gateway, 1);
  sim_assert (sim, is_settled (client, gateway));
  /* what is left works */
  spi = current_spi (client);
  sim_expire (gateway, current_spi (gateway), FALSE);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, current_spi (client) != spi);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* Only IKE_SA_INIT: nothing new begins. */
static SimVerdict
drop_inits (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  return g_bytes_get_size (packet->data) > 28 && octets[18] == IKE_EXCHANGE_IKE_SA_INIT ? SIM_DROP : SIM_PASS;
}

/* It does not succeed: the old one serves to its end, and when the way is free again it is in time. */
static void
test_reauth_fails (void)
{
  for (guint turn = 0; turn < 3; turn++)
    {
      Sim *sim = sim_new (630 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      guint32 spi;

      client->config->reauth = TRUE;
      client->config->keep_trying = turn == 2;
      lifetimes (client, 0, 1000 * IKE_SECOND);
      sim_connect (sim, client, gateway);
      spi = current_spi (client);
      sim->filter = drop_inits;
      sim_run (sim, 990 * IKE_SECOND);
      sim_assert (sim, client->downs == 0 && client->reconnectings == 0);
      sim_assert (sim, current_spi (client) == spi && sim_kernel_count (&gateway->kernel, TRUE) == 1);
      if (turn == 0)
        {
          /* to the end */
          sim_assert (sim, sim_run_until (sim, sim_is_down, client, 20 * IKE_SECOND));
          sim_end (sim);
          continue;
        }
      if (turn == 2)
        sim_run (sim, 20 * IKE_SECOND);
      sim->filter = NULL;
      sim_run (sim, turn == 2 ? 120 * IKE_SECOND : 9 * IKE_SECOND);
      sim_assert (sim, client->downs == 0 && client->reconnectings == (turn == 2));
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

/* Both ends rekey the IKE SA, and one is so slow that the old one ends at the other: its Child SAs go on. */
static void
test_late_rekey (void)
{
  Sim *sim = sim_new (920);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  lifetimes (client, 0, 1000 * IKE_SECOND);
  lifetimes (gateway, 0, 100 * IKE_SECOND);
  /* when the nonces are for the one that the gateway no longer knows, the client finds that out */
  client->config->keep_trying = TRUE;
  client->config->dpd_delay = client->config->dpd_timeout = 10 * IKE_SECOND;
  sim_connect (sim, client, gateway);
  client->job_time[IKE_JOB_KE_FINISH] = client->job_time[IKE_JOB_KE_RESPOND] = 25 * IKE_SECOND;
  sim_hasten (client, "rekey");
  sim_hasten (gateway, "rekey");
  sim_run (sim, 24 * IKE_SECOND);
  sim_assert (sim, sim_kernel_count (&gateway->kernel, TRUE) == 1 && gateway->gones == 0);
  client->job_time[IKE_JOB_KE_FINISH] = client->job_time[IKE_JOB_KE_RESPOND] = IKE_MILLISECOND;
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

static gboolean
is_twofold (Sim *sim, gpointer host)
{
  IkeEngineCounts counts;

  ike_engine_get_counts (((SimHost *) host)->engine, &counts);
  return counts.ike_sas == 2;
}

/* The way is lost for good and the user gives up, in whatever state that is; or our address changes. */
static void
test_reauth_interrupted (void)
{
  for (guint turn = 0; turn < 40; turn++)
    {
      Sim *sim = sim_new (640 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      client->config->reauth = TRUE;
      client->config->mobike = gateway->config->mobike = turn & 1;
      gateway->config->dpd_delay = 20 * IKE_SECOND; /* what is left half made is found out */
      lifetimes (client, 0, 100 * IKE_SECOND);
      sim_connect (sim, client, gateway);
      sim_run (sim, 80 * IKE_SECOND);
      sim_assert (sim, sim_run_until (sim, is_twofold, client, 40 * IKE_SECOND));
      sim_run (sim, turn * 3 * IKE_MILLISECOND);
      if (turn & 2)
        {
          sim_move (client, "192.0.2.77");
          sim_run (sim, 180 * IKE_SECOND);
          sim_assert (sim, sim_run_until (sim, are_settled, gateway, 60 * IKE_SECOND));
        }
      sim_end (sim);
    }
}

/* RFC 4478: the gateway says how long, however the keys are renewed meanwhile; who does not obey is let go. */
static void
test_auth_lifetime (void)
{
  Sim *sim = sim_new (690);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  gateway->config->auth_lifetime = 300 * IKE_SECOND;
  lifetimes (client, 0, 110 * IKE_SECOND);
  sim_connect (sim, client, gateway);
  sim_ping (client, gateway, 10 * IKE_MILLISECOND, 1500 * IKE_SECOND);
  sim_run (sim, 1502 * IKE_SECOND);
  sim_assert (sim, client->ups == 1 && client->reconnectings == 0 && client->kernel.installs >= 5);
  sim_assert (sim, sim->pings == sim->pongs);
  sim_assert_agree (client, gateway, 1);
  sim_assert (sim, is_settled (client, gateway));
  /* one that cannot begin a new one */
  sim->filter = drop_inits;
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, 400 * IKE_SECOND));
  sim_assert (sim, client->reason.code == IKE_REASON_PEER_DELETED || client->reason.code == IKE_REASON_NO_RESPONSE);
  sim_assert (sim, sim_kernel_count (&gateway->kernel, TRUE) == 0);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/life/rekey-child", test_rekey_child);
  g_test_add_func ("/sim/life/rekey-many", test_rekey_many);
  g_test_add_func ("/sim/life/rekey-by-time", test_rekey_by_time);
  g_test_add_func ("/sim/life/rekey-ike", test_rekey_ike);
  g_test_add_func ("/sim/life/simultaneous-children", test_simultaneous_children);
  g_test_add_func ("/sim/life/simultaneous-ike", test_simultaneous_ike);
  g_test_add_func ("/sim/life/storm", test_storm);
  g_test_add_func ("/sim/life/delete-by-gateway", test_delete_by_gateway);
  g_test_add_func ("/sim/life/lost-delete", test_lost_delete);
  g_test_add_func ("/sim/life/delete-repeated", test_delete_repeated);
  g_test_add_func ("/sim/life/both-delete", test_both_delete);
  g_test_add_func ("/sim/life/stop-any-time", test_stop_any_time);
  g_test_add_func ("/sim/life/liveness", test_liveness);
  g_test_add_func ("/sim/life/dead-peer", test_dead_peer);
  g_test_add_func ("/sim/life/reconnect", test_reconnect);
  g_test_add_func ("/sim/life/reconnect-after-delete", test_reconnect_after_delete);
  g_test_add_func ("/sim/life/hard-expire", test_hard_expire);
  g_test_add_func ("/sim/life/late-child-of-the-dead", test_late_child_of_the_dead);
  g_test_add_func ("/sim/life/late-rekey", test_late_rekey);
  g_test_add_func ("/sim/life/mobike", test_mobike);
  g_test_add_func ("/sim/life/move-without-mobike", test_move_without_mobike);
  g_test_add_func ("/sim/life/reauth", test_reauth);
  g_test_add_func ("/sim/life/reauth-fails", test_reauth_fails);
  g_test_add_func ("/sim/life/reauth-interrupted", test_reauth_interrupted);
  g_test_add_func ("/sim/life/auth-lifetime", test_auth_lifetime);
  return g_test_run ();
}
