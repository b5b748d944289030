/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run: the world, what happens to it, and the reference model, which is small: who wants a tunnel has one in the end,
 * who does not has nothing.
 */
#include "model.h"

#include "sim.h"
#include "wire/header.h"

/* more SAs than that, for each Child SA that there may be, are a leak, whatever goes on */
#define MOST_SAS 24
#define HEAL_TIME (60 * IKE_SECOND)
#define QUIET_TIME (240 * IKE_SECOND)
#define SETTLE_TIME (600 * IKE_SECOND)

typedef struct {
  Sim *sim;
  SimHost *host[2];
  GRand *rand; /* of the world: the engines' is the sim's */
  gboolean wanted[2];
  gboolean cut[2];
  gboolean signatures;
  IkeTime child_lifetime, ike_lifetime;
  gboolean pfs, mobike, fragmentation, reauth, initial_contact;
  gboolean resumption;
  gboolean additional; /* one more key exchange each time (RFC 9370) */
  guint cpus; /* that may have Child SAs of their own */
  gboolean labelled; /* RFC 9478 */
  gboolean elsewhere; /* the client is told of another path, and looks closer */
  gboolean crash_tokens; /* the gateway makes them, and has the same secret after a reboot */
  GHashTable *sent; /* what was sent under which message id */
} World;

/* ---- what must hold at any time ---- */

/* The same message id, in the same direction, is the same octets: RFC 7296 section 2.1. */
static void
check_repeated (World *world, const SimPacket *packet)
{
  IkeReader reader = ike_reader (ike_chunk_bytes (packet->data));
  IkeHeader header;
  g_autofree char *key = NULL;
  GBytes *before;
  gsize len;
  const guint8 *data = g_bytes_get_data (packet->data, &len);

  sim_assert (world->sim, ike_header_parse (&reader, &header));
  /* nor what a gateway says of an IKE SA of its former life (RFC 6290) */
  if (header.exchange == IKE_EXCHANGE_IKE_SA_INIT || header.next_payload == IKE_PAYLOAD_NOTIFY)
    return;
  /* a fragment's number stands behind the header and its generic one */
  key = g_strdup_printf ("%" G_GINT64_MODIFIER "x %" G_GINT64_MODIFIER "x %u %u %u", header.spi_i, header.spi_r,
                         header.flags, header.message_id,
                         header.next_payload == IKE_PAYLOAD_SKF && len > 36 ? data[32] << 8 | data[33] : 0);
  before = g_hash_table_lookup (world->sent, key);
  if (!before)
    g_hash_table_insert (world->sent, g_steal_pointer (&key), g_bytes_ref (packet->data));
  else
    sim_assert (world->sim, g_bytes_equal (before, packet->data));
}

static SimVerdict
on_packet (Sim *sim, SimPacket *packet, gpointer data)
{
  World *world = data;
  guint who = ike_address_equal (&packet->from.address, &world->host[1]->address);

  check_repeated (world, packet);
  return world->cut[who] ? SIM_DROP : SIM_PASS;
}

/* At the client, an outbound SA without a policy is one whose packets leave in clear. A gateway may for a while have a
 * client twice, and the policies go with the newer. No Child SA has two. */
static void
check_kernel (SimHost *host, gpointer data)
{
  const World *world = data;
  const SimKernel *kernel = &host->kernel;

  sim_assert (host->sim, kernel->sas->len <= MOST_SAS * (1 + world->cpus));
  for (guint i = 0; i < kernel->sas->len; i++)
    {
      const SimSa *sa = kernel->sas->pdata[i];
      guint policies = 0;

      for (guint j = 0; j < kernel->policies->len; j++)
        if (((SimPolicy *) kernel->policies->pdata[j])->slot == sa->slot)
          {
            sim_assert (host->sim, !((SimPolicy *) kernel->policies->pdata[j])->label == !world->labelled);
            policies++;
          }
      sim_assert (host->sim, sa->larval || !sa->label == !world->labelled);
      if (sa->out && host == world->host[0])
        sim_assert (host->sim, kernel->policies->len > 0);
      sim_assert (host->sim, policies <= 1);
    }
}

/* ---- the world ---- */

static gboolean
chance (World *world, gint one_in)
{
  return g_rand_int_range (world->rand, 0, one_in) == 0;
}

static IkeConfig *
config_new (World *world, guint who)
{
  IkeConfig *config =
      sim_config (world->sim, who ? "gateway" : "client", who ? IKE_ROLE_RESPONDER : IKE_ROLE_INITIATOR);

  config->child.lifetime = world->child_lifetime;
  config->child.rekey_margin = world->child_lifetime / 8;
  config->ike_lifetime = world->ike_lifetime;
  config->ike_rekey_margin = world->ike_lifetime / 8;
  config->child.pfs = world->pfs;
  if (world->additional)
    {
      sim_offer (config->proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384);
      sim_offer (config->child_proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384);
    }
  config->resumption = world->resumption;
  config->child.cpus = world->cpus;
  if (world->labelled)
    config->child.label = g_bytes_new_static ("system_u:object_r:ipsec_spd_t:s0", 33);
  config->mobike = world->mobike;
  config->fragmentation = world->fragmentation;
  config->reauth = world->reauth && !who;
  config->dpd_delay = 15 * IKE_SECOND;
  config->dpd_timeout = 30 * IKE_SECOND;
  config->keep_trying = !who;
  if (who && world->crash_tokens)
    config->qcd_secret = ike_secret_new_from ("a secret", 8);
  if (world->signatures)
    {
      config->local_auth = config->remote_auth = IKE_AUTH_SIGNATURE;
      config->key_type = IKE_KEY_P256;
      config->key_bits = 256;
      g_ptr_array_add (config->certificates, g_bytes_new_static ("certificate", 11));
    }
  return config;
}

static void
world_init (World *world, guint64 seed, gboolean loud)
{
  guint32 words[] = { (guint32) seed, (guint32) (seed >> 32), 0x776f72 };

  *world = (World){ .sim = sim_new (seed), .wanted = { TRUE, TRUE } };
  world->sim->quiet = !loud;
  world->sim->roaming = TRUE;
  world->rand = g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
  world->sent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  world->host[0] = sim_client (world->sim);
  world->host[1] = sim_gateway (world->sim);
  world->crash_tokens = seed % 3 == 0;
  world->resumption = seed % 4 > 0;
  world->cpus = seed % 5 == 4 ? 1 + seed / 5 % 3 : 0;
  world->labelled = seed % 7 == 3;
  world->additional = seed % 11 > 7;
  world->sim->config_secrets = world->crash_tokens;
  world->signatures = chance (world, 2);
  world->elsewhere = seed % 2 > 0;
  world->pfs = chance (world, 2);
  world->mobike = chance (world, 2);
  world->fragmentation = !chance (world, 3);
  world->reauth = chance (world, 6);
  world->child_lifetime = chance (world, 2) ? g_rand_int_range (world->rand, 40, 400) * IKE_SECOND : 0;
  world->ike_lifetime = g_rand_int_range (world->rand, 100, 4000) * IKE_SECOND;
  world->sim->latency = g_rand_int_range (world->rand, 0, 50) * IKE_MILLISECOND;
  if (chance (world, 2))
    {
      sim_nat (world->host[0], "203.0.113.7");
      world->host[0]->nat_kind = (SimNatKind) g_rand_int_range (world->rand, 0, 4);
      world->host[0]->nat_idle = chance (world, 3) ? 0 : g_rand_int_range (world->rand, 25, 200) * IKE_SECOND;
    }
  if (world->signatures)
    sim_signatures (world->host[0], world->host[1]);
  for (guint who = 0; who < 2; who++)
    {
      ike_config_free (world->host[who]->config);
      world->host[who]->config = config_new (world, who);
    }
  world->sim->filter = on_packet;
  world->sim->filter_data = world;
  world->sim->check = check_kernel;
  world->sim->check_data = world;
}

/* ---- happenings ---- */

/* A tunnel that stood may end only as somebody wished; one that never stood may fail. */
static void
check_down (World *world)
{
  SimHost *client = world->host[0];

  if (client->downs && world->wanted[0])
    sim_assert (world->sim, client->ups == 0);
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
  if (who)
    {
      host->downs = 0;
      sim_listen (host);
      return;
    }
  if (host->downs || host->config)
    {
      host->downs = host->ups = 0;
      sim_start (host);
      sim_elsewhere (host, world->elsewhere);
    }
}

static void
stop (World *world, guint who)
{
  SimHost *host = world->host[who];

  check_down (world);
  if (host->asleep || host->downs || host->config)
    return;
  world->wanted[who] = FALSE;
  sim_stop (host);
}

static void
reboot (World *world, guint who)
{
  SimHost *host = world->host[who];
  gboolean wanted = world->wanted[who];

  check_down (world);
  sim_reboot (host, config_new (world, who));
  host->asleep = FALSE;
  host->ups = 0;
  if (wanted)
    start (world, who);
}

static void
run (World *world, IkeTime duration)
{
  sim_run (world->sim, duration);
  check_down (world);
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

static void
move (World *world, guint32 arg)
{
  SimHost *client = world->host[0];
  g_autofree char *address = g_strdup_printf ("192.0.2.%u", arg);

  if (client->asleep)
    return;
  client->nat_ports[0] = client->nat_ports[1] = 0;
  if (client->config || client->downs)
    g_assert (ike_address_from_string (address, &client->address));
  else
    sim_move (client, address);
}

static void
heal (World *world)
{
  world->sim->loss = world->sim->duplicates = 0;
  world->sim->jitter = 0;
  world->sim->mtu = 0;
  world->cut[0] = world->cut[1] = FALSE;
}

static void
accept_all (SimHost *host)
{
  host->kernel.refuse_install = host->kernel.refuse_spi = host->kernel.refuse_update = 0;
  set_jobs (host, IKE_MILLISECOND / 5);
}

static void
happen (World *world, const Happening *happening)
{
  Sim *sim = world->sim;
  SimHost *host = world->host[happening->who];

  switch ((HappeningKind) happening->kind)
    {
    case HAPPEN_LOSS:
      sim->loss = happening->arg;
      return;
    case HAPPEN_DUPLICATES:
      sim->duplicates = happening->arg;
      return;
    case HAPPEN_JITTER:
      sim->jitter = happening->arg * IKE_MILLISECOND;
      return;
    case HAPPEN_MTU:
      sim->mtu = happening->arg;
      return;
    case HAPPEN_CUT:
      world->cut[happening->who] = TRUE;
      return;
    case HAPPEN_HEAL:
      heal (world);
      return;
    case HAPPEN_MOVE:
      move (world, happening->arg);
      return;
    case HAPPEN_REBIND:
      host->nat_ports[0] = host->nat_ports[1] = 0;
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
      child_lifetime (world->host[0], FALSE);
      child_lifetime (world->host[1], FALSE);
      return;
    case HAPPEN_IKE:
      ike_lifetime (host);
      return;
    case HAPPEN_IKE_BOTH:
      ike_lifetime (world->host[0]);
      ike_lifetime (world->host[1]);
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

static guint
ike_sas (SimHost *host)
{
  IkeEngineCounts counts;

  ike_engine_get_counts (host->engine, &counts);
  return counts.ike_sas + counts.half_open;
}

/* One pair each and nothing under way. */
static gboolean
is_settled (Sim *sim, gpointer data)
{
  World *world = data;
  guint n = world->wanted[0] && world->wanted[1];

  for (guint who = 0; who < 2; who++)
    {
      const SimKernel *kernel = &world->host[who]->kernel;

      /* who wants what nobody gives goes on trying */
      if ((n || who || !world->wanted[0]) && ike_sas (world->host[who]) != n)
        return FALSE;
      /* those of single processors may be missing, never the one for all */
      if (sim_kernel_larval (kernel) || kernel->sas->len < 2 * n || kernel->sas->len > 2 * n * (1 + world->cpus) ||
          !sim_kernel_of_cpu (kernel, 0) != !n)
        return FALSE;
      /* but holds its policies, that nothing leaves in clear */
      if (kernel->policies->len != n && (who || n || !world->wanted[0] || kernel->policies->len > 1))
        return FALSE;
    }
  return TRUE;
}

/* Each end has of each Child SA what the other has, at its own address; no processor has two. */
static void
check_agree (World *world)
{
  for (guint who = 0; who < 2; who++)
    {
      const SimKernel *here = &world->host[who]->kernel, *there = &world->host[!who]->kernel;
      guint cpus = 0;

      sim_assert (world->sim, sim_kernel_count (here, TRUE) == sim_kernel_count (here, FALSE));
      sim_assert (world->sim, here->sas->len == there->sas->len && here->policies->len == 1);
      for (guint i = 0; i < here->sas->len; i++)
        {
          const SimSa *out = here->sas->pdata[i], *in = out->out ? sim_kernel_find (there, out->spi, FALSE) : NULL;

          sim_assert (world->sim, !out->out || (in && sim_sa_matches (out, in)));
          sim_assert (world->sim, ike_address_equal (&out->path.local.address, &world->host[who]->address));
          sim_assert (world->sim, !out->out || !(cpus & 1u << out->cpu));
          sim_assert (world->sim, out->slot == ((SimPolicy *) here->policies->pdata[0])->slot);
          if (out->out)
            cpus |= 1u << out->cpu;
        }
    }
}

/* Not so for a moment when the client authenticates anew. */
static gboolean
pings_arrive (World *world)
{
  Sim *sim = world->sim;

  sim->pings = sim->pongs = 0;
  sim_ping (world->host[0], world->host[1], 10 * IKE_MILLISECOND, 20 * IKE_MILLISECOND);
  sim_run (sim, 10 * IKE_SECOND);
  return sim->pings == 6 && sim->pongs == 6;
}

static void
finish (World *world)
{
  Sim *sim = world->sim;

  heal (world);
  for (guint who = 0; who < 2; who++)
    {
      accept_all (world->host[who]);
      if (world->wanted[who])
        start (world, who);
    }
  /* who failed at the first try is started again by its user */
  for (guint i = 0; i < 3; i++)
    {
      run (world, HEAL_TIME);
      if (world->wanted[0])
        start (world, 0);
    }
  run (world, QUIET_TIME);
  sim_run_until (sim, is_settled, world, SETTLE_TIME);
  check_down (world);
  if (world->wanted[0] && world->wanted[1])
    check_agree (world);
  sim_assert (sim, is_settled (sim, world));
  if (world->wanted[0] && world->wanted[1])
    sim_assert (sim, pings_arrive (world) || pings_arrive (world));
}

void
model_run (guint64 seed, const Happening *happenings, guint n, gboolean loud)
{
  World world;

  world_init (&world, seed, loud);
  start (&world, 1);
  start (&world, 0);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = loud ? model_to_string (&happenings[i]) : NULL;

      run (&world, happenings[i].after);
      sim_note (world.sim, "==== %s", text);
      happen (&world, &happenings[i]);
      check_down (&world);
    }
  finish (&world);
  for (guint who = 0; who < 2; who++)
    world.host[who]->downs = 0;
  world.sim->check = NULL;
  sim_end (world.sim);
  g_rand_free (world.rand);
  g_hash_table_unref (world.sent);
}
