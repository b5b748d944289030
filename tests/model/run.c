/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run: what happens to the world, and the end. */
#include "world.h"

#include "sim-record.h"

#define HEAL_TIME (60 * IKE_SECOND)
#define QUIET_TIME (240 * IKE_SECOND)
#define SETTLE_TIME (600 * IKE_SECOND)
#define FIRST_PORT 40001

/* ---- happenings ---- */

/* ---- TCP: what the driver does when the connection breaks, or is of no use ---- */

static gboolean
can_connect (const World *world)
{
  for (guint who = 0; who < world->n_hosts; who++)
    if (world->cut[who] || world->host[who]->asleep)
      return FALSE;
  return TRUE;
}

static gboolean
is_running (const SimHost *host)
{
  return !host->config && !host->downs && !host->asleep;
}

static void
connect_again (World *world)
{
  SimHost *client = world->host[MODEL_CLIENT];

  if (!world->tcp)
    return;
  client->path_fails = FALSE;
  world->unanswered = client->unanswered;
  world->tcp_port++;
  if (is_running (client) && can_connect (world))
    sim_tcp_stands (client, world->host[MODEL_GATEWAY], IKE_INPUT_PATH, world->tcp_port);
}

static void
mind_connection (World *world)
{
  const SimHost *client = world->host[MODEL_CLIENT];

  if (world->tcp && can_connect (world) && (client->path_fails || client->unanswered != world->unanswered))
    connect_again (world);
}

/* ---- time ---- */

static void
run (World *world, IkeTime duration)
{
  Sim *sim = world->sim;
  const IkeTime until = sim->now + duration;
  IkeTime tick = IKE_SECOND;

  while (sim->now < until)
    {
      sim_run (sim, MIN (tick, until - sim->now));
      mind_connection (world);
      world_send_packets (world);
      hold_down (world);
      /* nobody is awake for so long */
      if (duration > 1000 * IKE_SECOND)
        tick = 10 * IKE_SECOND;
    }
}

/* ---- the users ---- */

static void
start_client (World *world, guint who)
{
  SimHost *host = world->host[who];

  if (!host->downs && !host->config)
    return;
  host->downs = host->ups = 0;
  world->guarded[who] = world->refused[who] = FALSE;
  world->started[who] = world->sim->now;
  if (world->tcp)
    {
      if (host->config)
        sim_engine_add (host, g_steal_pointer (&host->config));
      sim_tcp_stands (host, world->host[MODEL_GATEWAY], IKE_INPUT_START, ++world->tcp_port);
    }
  else
    sim_start_to (host, world_remote (world, who));
  if (who == MODEL_CLIENT)
    sim_elsewhere (host, world->elsewhere);
}

static void
start (World *world, guint who)
{
  SimHost *host = world->host[who];

  if (host->asleep)
    return;
  /* NetworkManager starts nothing before it has stopped */
  if (!world->wanted[who])
    sim_run_until (world->sim, sim_is_down, host, 10 * IKE_SECOND);
  world->wanted[who] = TRUE;
  if (!world_responds (world, who))
    {
      start_client (world, who);
      return;
    }
  host->downs = 0;
  sim_listen (host);
  connect_again (world);
}

static void
stop (World *world, guint who)
{
  SimHost *host = world->host[who];

  hold_down (world);
  if (!is_running (host))
    return;
  world->wanted[who] = FALSE;
  sim_stop (host);
}

static void
reboot (World *world, guint who)
{
  SimHost *host = world->host[who];
  gboolean wanted = world->wanted[who];

  hold_down (world);
  sim_reboot (host, world_config (world, who));
  host->asleep = world->refused[who] = FALSE;
  host->ups = 0;
  if (wanted)
    start (world, who);
}

static void
sleep_and_wake (World *world, guint who, IkeTime duration)
{
  SimHost *host = world->host[who];

  if (host->asleep)
    return;
  sim_sleep (host);
  run (world, duration);
  sim_wake (host);
  connect_again (world);
}

static void
set_jobs (SimHost *host, IkeTime duration)
{
  for (guint i = 0; i < G_N_ELEMENTS (host->job_time); i++)
    host->job_time[i] = duration;
  /* a kernel is never so slow */
  host->kernel_time = MIN (duration / 10, 300 * IKE_MILLISECOND);
}

static void
child_lifetime (SimHost *host, gboolean hard)
{
  const SimSa *sa = sim_kernel_outbound (&host->kernel);

  if (sa && !host->asleep)
    sim_expire (host, sa->spi, hard);
}

/* Only where nothing else is under way does a jump of the clock mean what it says. */
static void
ike_lifetime (SimHost *host)
{
  IkeEngineCounts counts;

  ike_engine_get_counts (host->engine, &counts);
  if (counts.ike_sas == 1 && !counts.half_open && counts.pending_jobs == 0 && !host->asleep)
    sim_try_hasten (host, "rekey");
}

/* A peer's address is in the other one's profile: its uplink changes, and keeps the address. */
static void
move (World *world, guint who, guint32 arg)
{
  SimHost *client = world->host[who];
  g_autofree char *address = world->responds
                                 ? g_strdup_printf ("192.0.2.%u", who == MODEL_SECOND ? 201 + arg % 50 : arg)
                                 : ike_address_to_string (&client->address);

  if (client->asleep)
    return;
  client->nat_ports[0] = client->nat_ports[1] = 0;
  if (world->tcp || client->config || client->downs)
    g_assert (ike_address_from_string (address, &client->address));
  else
    sim_move (client, address);
  connect_again (world);
}

static void
heal (World *world)
{
  world->sim->loss = world->sim->duplicates = 0;
  world->sim->jitter = 0;
  world->sim->mtu = 0;
  memset (world->cut, 0, sizeof world->cut);
  connect_again (world);
}

static void
accept_all (SimHost *host)
{
  host->kernel.refuse_install = host->kernel.refuse_spi = host->kernel.refuse_update = 0;
  set_jobs (host, IKE_MILLISECOND / 5);
}

/* What it does to datagrams; TCP's connection breaks. */
static void
disturb (World *world, const Happening *happening)
{
  Sim *sim = world->sim;

  if (world->tcp)
    connect_again (world);
  else if (happening->kind == HAPPEN_LOSS)
    sim->loss = happening->arg;
  else if (happening->kind == HAPPEN_DUPLICATES)
    sim->duplicates = happening->arg;
  else if (happening->kind == HAPPEN_JITTER)
    sim->jitter = happening->arg * IKE_MILLISECOND;
  else
    sim->mtu = happening->arg;
}

static void
happen (World *world, const Happening *happening)
{
  SimHost *host = world->host[happening->who];

  switch ((HappeningKind) happening->kind)
    {
    case HAPPEN_LOSS:
    case HAPPEN_DUPLICATES:
    case HAPPEN_JITTER:
    case HAPPEN_MTU:
      disturb (world, happening);
      return;
    case HAPPEN_CUT:
      world->cut[happening->who] = TRUE;
      return;
    case HAPPEN_HEAL:
      heal (world);
      return;
    case HAPPEN_MOVE:
      move (world, happening->who, happening->arg);
      return;
    case HAPPEN_REBIND:
      host->nat_ports[0] = host->nat_ports[1] = 0;
      connect_again (world);
      return;
    case HAPPEN_SLEEP:
      sleep_and_wake (world, happening->who, happening->arg * IKE_SECOND);
      return;
    case HAPPEN_REBOOT:
      reboot (world, happening->who);
      return;
    case HAPPEN_REFUSE_SA:
      host->kernel.refuse_install = host->kernel.refuse_update = 12;
      return;
    case HAPPEN_REFUSE_SPI:
      host->kernel.refuse_spi = 12;
      return;
    case HAPPEN_ACCEPT:
      accept_all (host);
      return;
    case HAPPEN_SLOW:
      set_jobs (host, happening->arg * IKE_MILLISECOND);
      return;
    case HAPPEN_SOFT:
    case HAPPEN_HARD:
      child_lifetime (host, happening->kind == HAPPEN_HARD);
      return;
    case HAPPEN_SOFT_BOTH:
      child_lifetime (host, FALSE);
      child_lifetime (world->host[MODEL_GATEWAY], FALSE);
      return;
    case HAPPEN_IKE:
      ike_lifetime (host);
      return;
    case HAPPEN_IKE_BOTH:
      ike_lifetime (host);
      ike_lifetime (world->host[MODEL_GATEWAY]);
      return;
    case HAPPEN_STOP:
      stop (world, happening->who);
      return;
    case HAPPEN_START:
      start (world, happening->who);
      return;
    case N_HAPPENINGS:
      break;
    }
  g_assert_not_reached ();
}

/* ---- the end ---- */

static gboolean
settles (World *world)
{
  const IkeTime until = world->sim->now + SETTLE_TIME;

  while (!hold_settled (world) && world->sim->now < until)
    run (world, IKE_SECOND);
  return hold_settled (world);
}

static gboolean
pings_arrive (World *world, guint who)
{
  Sim *sim = world->sim;

  sim->pings = sim->pongs = 0;
  sim_ping (world->host[who], world->host[MODEL_GATEWAY], 10 * IKE_MILLISECOND, 20 * IKE_MILLISECOND);
  sim_run (sim, 10 * IKE_SECOND);
  return sim->pings == 6 && sim->pongs == 6;
}

static void
finish (World *world)
{
  Sim *sim = world->sim;

  heal (world);
  for (guint who = 0; who < world->n_hosts; who++)
    {
      accept_all (world->host[who]);
      if (world->wanted[who])
        start (world, who);
    }
  /* who failed at the first try is started again by its user */
  for (guint i = 0; i < 3; i++)
    {
      run (world, HEAL_TIME);
      for (guint who = 0; who < world->n_hosts; who++)
        if (world->wanted[who] && !world_responds (world, who))
          start (world, who);
    }
  run (world, QUIET_TIME);
  sim_assert (sim, settles (world));
  hold_agree (world);
  /* not so for a moment when the client authenticates anew */
  if (world->n_hosts == MODEL_SECOND && world->wanted[MODEL_CLIENT] && world->wanted[MODEL_GATEWAY])
    sim_assert (sim, pings_arrive (world, MODEL_CLIENT) || pings_arrive (world, MODEL_CLIENT));
}

void
model_run (guint64 seed, const Happening *happenings, guint n, gboolean loud)
{
  World world;

  world_init (&world, seed, loud);
  start (&world, MODEL_GATEWAY);
  for (guint who = 0; who < world.n_hosts; who++)
    if (who != MODEL_GATEWAY)
      start (&world, who);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = loud ? model_to_string (&happenings[i]) : NULL;

      run (&world, happenings[i].after);
      sim_note (world.sim, "==== %s", text);
      happen (&world, &happenings[i]);
      hold_down (&world);
    }
  finish (&world);
  for (guint who = 0; who < world.n_hosts; who++)
    world.host[who]->downs = 0;
  world_clear (&world);
}
