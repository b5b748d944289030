/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reference model, which is small: who wants a tunnel has one in the end, who does not has nothing; and what a user
 * protects does not leave in the clear, whatever happens meanwhile:
 *
 *   what an SA stands for is never sent without it;
 *   a client or peer that is to be up lets nothing out from when it first was until it is stopped;
 *   one on demand lets nothing out from its start, or, if it needs an address, from when it has one.
 *
 * Who only answers, or waits for the other end, leaves the way free when there is no tunnel. What a kernel refuses it does
 * not do; but who is to be up holds what is there already.
 */
#include "world.h"

#include "sa/select.h"
#include "wire/header.h"

/* more SAs than that, for each Child SA that there may be, are a leak, whatever goes on */
#define MOST_SAS 24
/* for a kernel that is slow to install a trap, or to refuse it */
#define TRAP_TIME IKE_SECOND

/* ---- at any time ---- */

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

static guint
sender (const World *world, const SimPacket *packet)
{
  for (guint who = 0; who < world->n_hosts; who++)
    if (ike_address_equal (&packet->from.address, &world->host[who]->address))
      return who;
  return MODEL_CLIENT; /* by its NAT */
}

SimVerdict
hold_packet (Sim *sim, SimPacket *packet, gpointer data)
{
  World *world = data;
  guint who = sender (world, packet);

  check_repeated (world, packet);
  if (world->tcp && !world_tcp_carries (world, (who == MODEL_GATEWAY ? &packet->to : &packet->from)->port))
    return SIM_DROP;
  return world->cut[who] ? SIM_DROP : SIM_PASS;
}

static guint
who_is (const World *world, const SimHost *host)
{
  for (guint who = 0; who < world->n_hosts; who++)
    if (world->host[who] == host)
      return who;
  g_assert_not_reached ();
}

gboolean
hold_addresses (const World *world, guint who, guint to, IkeAddress *ret_from, IkeAddress *ret_to)
{
  const guint client = who == MODEL_GATEWAY ? to : who;
  IkeAddress inside[2] = { { IKE_FAMILY_IP4, { 10, 1, 0, 1 } }, { IKE_FAMILY_IP4, { 10, 2, 0, 1 } } };

  if (world->kind == MODEL_SERVER)
    {
      const SimHost *host = world->host[client];

      if (!host->ups || !host->configured->addresses->len)
        return FALSE;
      inside[0] = g_array_index (host->configured->addresses, IkePrefix, 0).address;
    }
  *ret_from = inside[who == MODEL_GATEWAY];
  *ret_to = inside[who != MODEL_GATEWAY];
  return TRUE;
}

/* By its kernel. */
static gboolean
is_excused (const World *world, guint who)
{
  return world->refused[who] && (world->begin[who] != IKE_BEGIN_NOW || world_responds (world, who));
}

static gboolean
must_guard (World *world, guint who)
{
  SimHost *host = world->host[who];

  if (host->downs || host->config || !world->wanted[who] || world_responds (world, who) || is_excused (world, who))
    world->guarded[who] = FALSE;
  else if (world->begin[who] == IKE_BEGIN_NOW || (world->begin[who] == IKE_BEGIN_DEMAND && world->kind == MODEL_SERVER))
    world->guarded[who] = host->ups > 0;
  else if (world->begin[who] == IKE_BEGIN_DEMAND)
    world->guarded[who] |= world->sim->now > world->started[who] + TRAP_TIME;
  return world->guarded[who];
}

static void
check_guarded (World *world, guint who)
{
  SimHost *host = world->host[who];
  const SimSa *newest = sim_kernel_outbound (&host->kernel);
  IkeAddress from, to;

  if (!must_guard (world, who))
    return;
  sim_assert (world->sim, hold_addresses (world, who, who == MODEL_GATEWAY ? MODEL_CLIENT : MODEL_GATEWAY, &from, &to));
  /* another address than the last time: the kernel has it, and in a moment, with UP, nobody has the old one any more */
  if (world->kind == MODEL_SERVER && newest)
    from = newest->local.first;
  if (sim_kernel_fate (&host->kernel, &from, &to, NULL) == SIM_FATE_CLEAR)
    sim_fail (world->sim, __FILE__, __LINE__, "nothing leaves in the clear");
}

/* No slot has its policies twice; a label is everywhere or nowhere; what an SA is for finds a policy. */
static void
check_sa (const World *world, guint who, const SimSa *sa)
{
  Sim *sim = world->sim;
  const SimKernel *kernel = &world->host[who]->kernel;
  guint policies = 0;

  for (guint i = 0; i < kernel->policies->len; i++)
    {
      const SimPolicy *policy = kernel->policies->pdata[i];

      sim_assert (sim, !policy->label == !world->labelled);
      policies += policy->slot == sa->slot;
    }
  sim_assert (sim, policies <= 1);
  sim_assert (sim, sa->larval || !sa->label == !world->labelled);
  /* of a client's one with an address of before nobody is left to send anything */
  if (world->kind == MODEL_SERVER && who != MODEL_GATEWAY && sa != sim_kernel_outbound (kernel))
    return;
  sim_assert (sim, !sa->out || is_excused (world, who) ||
                       sim_kernel_fate (kernel, &sa->local.first, &sa->remote.first, NULL) != SIM_FATE_CLEAR);
}

void
hold_always (SimHost *host, gpointer data)
{
  World *world = data;
  const SimKernel *kernel = &host->kernel;
  guint who = who_is (world, host);

  sim_assert (world->sim, kernel->sas->len <= MOST_SAS * (world->n_hosts - 1) * (1 + world->cpus));
  for (guint i = 0; i < kernel->sas->len; i++)
    check_sa (world, who, kernel->sas->pdata[i]);
  check_guarded (world, who);
}

void
hold_output (SimHost *host, const IkeOutput *output, gpointer data)
{
  World *world = data;
  static const char *const ops[] = { "allocates", "installs", "updates", "deletes", "asks" };
  const IkeKernelRequest *request = output->kernel;

  if (output->type != IKE_OUTPUT_KERNEL)
    return;
  hold_always (host, data);
  if (request->op == IKE_KERNEL_INSTALL && host->kernel.refuse_install)
    world->refused[who_is (world, host)] = TRUE;
  sim_note (host->sim, "  %s [kernel] %s%s%s%s of slot %u, %08x %08x", host->name, ops[request->op],
            request->parts & IKE_SA_IN ? " in" : "", request->parts & IKE_SA_OUT ? " out" : "",
            request->parts & IKE_SA_POLICIES ? " policies" : "", request->slot, request->spi_in, request->spi_out);
}

/* One of its user is in already; or the kernel does not take its trap. */
static gboolean
may_end (const World *world, guint who)
{
  const SimHost *host = world->host[who];

  return host->ups == 0 || (world->kind == MODEL_SERVER && world->unique == IKE_UNIQUE_KEEP) ||
         (world->begin[who] == IKE_BEGIN_DEMAND && host->reason.code == IKE_REASON_KERNEL);
}

void
hold_down (const World *world)
{
  for (guint who = 0; who < world->n_hosts; who++)
    if (!world_responds (world, who) && world->host[who]->downs && world->wanted[who])
      sim_assert (world->sim, may_end (world, who));
}

/* ---- at the end ---- */

static guint
ike_sas (SimHost *host)
{
  IkeEngineCounts counts;

  ike_engine_get_counts (host->engine, &counts);
  return counts.ike_sas + counts.half_open;
}

/* With so many others it has a tunnel. */
static guint
tunnels (const World *world, guint who)
{
  guint n = 0;

  for (guint other = 0; other < world->n_hosts; other++)
    n += other != who && (other == MODEL_GATEWAY || who == MODEL_GATEWAY) && world->wanted[other];
  return world->wanted[who] ? n : 0;
}

static guint
count_of_all (const SimKernel *kernel)
{
  guint n = 0;

  for (guint i = 0; i < kernel->sas->len; i++)
    n += ((const SimSa *) kernel->sas->pdata[i])->out && !((const SimSa *) kernel->sas->pdata[i])->cpu;
  return n;
}

static gboolean
is_settled (const World *world, guint who)
{
  SimHost *host = world->host[who];
  const SimKernel *kernel = &host->kernel;
  guint n = tunnels (world, who);
  /* who wants what nobody gives goes on trying, and holds its policies, that nothing leaves in clear */
  gboolean alone = !n && world->wanted[who] && !world_responds (world, who);

  if (alone)
    return kernel->sas->len == sim_kernel_larval (kernel) && kernel->policies->len <= 1;
  if (ike_sas (host) != n)
    return FALSE;
  /* those of single processors may be missing, never the one for all */
  if (sim_kernel_larval (kernel) || kernel->sas->len < 2 * n || kernel->sas->len > 2 * n * (1 + world->cpus) ||
      count_of_all (kernel) != n)
    return FALSE;
  return kernel->policies->len == n;
}

gboolean
hold_settled (const World *world)
{
  for (guint who = 0; who < world->n_hosts; who++)
    if (!is_settled (world, who))
      {
        SimHost *host = world->host[who];

        sim_note (world->sim, "%s has not settled: %u IKE SAs, %u SAs, %u policies, where %u tunnels are wanted",
                  host->name, ike_sas (host), host->kernel.sas->len, host->kernel.policies->len, tunnels (world, who));
        return FALSE;
      }
  return TRUE;
}

static const SimPolicy *
policy_of (const SimKernel *kernel, const SimSa *sa)
{
  for (guint i = 0; i < kernel->policies->len; i++)
    if (((const SimPolicy *) kernel->policies->pdata[i])->slot == sa->slot)
      return kernel->policies->pdata[i];
  return NULL;
}

/* The half of it that another host has; its host too. */
static const SimSa *
find_twin (const World *world, guint who, const SimSa *sa, guint *ret_whose)
{
  for (*ret_whose = 0; *ret_whose < world->n_hosts; ++*ret_whose)
    {
      const SimSa *twin =
          *ret_whose == who ? NULL : sim_kernel_find (&world->host[*ret_whose]->kernel, sa->spi, !sa->out);

      if (twin && (sa->out ? sim_sa_matches (sa, twin) : sim_sa_matches (twin, sa)))
        return twin;
    }
  return NULL;
}

/* It goes where the other end is; both have the same packets in mind; no Child SA, and no processor of one, has two. */
static void
check_agrees (const World *world, guint who, const SimSa *sa)
{
  const SimHost *host = world->host[who];
  const SimPolicy *ours = policy_of (&host->kernel, sa), *theirs;
  guint whose;
  const SimSa *twin = find_twin (world, who, sa, &whose);

  sim_assert (world->sim, twin != NULL);
  sim_assert (world->sim, ours != NULL);
  theirs = policy_of (&world->host[whose]->kernel, twin);
  sim_assert (world->sim, ike_address_equal (&sa->path.local.address, &host->address));
  sim_assert (world->sim, theirs && ike_select_equal (ours->local_ts, theirs->remote_ts) &&
                              ike_select_equal (ours->remote_ts, theirs->local_ts));
  for (guint i = 0; i < host->kernel.sas->len; i++)
    {
      const SimSa *other = host->kernel.sas->pdata[i];

      sim_assert (world->sim, other == sa || other->slot != sa->slot || !other->out != !sa->out || !sa->out ||
                                  other->cpu != sa->cpu);
    }
}

/* A client's address is its own, and what its SAs are for. */
static void
check_address (const World *world, guint who)
{
  IkeAddress ours, other, inside;
  const SimSa *out = sim_kernel_outbound (&world->host[who]->kernel);

  if (!out)
    return;
  sim_assert (world->sim, hold_addresses (world, who, MODEL_GATEWAY, &ours, &inside));
  sim_assert (world->sim, ike_address_equal (&out->local.first, &ours));
  for (guint i = 0; i < world->n_hosts; i++)
    if (i != who && i != MODEL_GATEWAY && sim_kernel_outbound (&world->host[i]->kernel))
      sim_assert (world->sim,
                  !hold_addresses (world, i, MODEL_GATEWAY, &other, &inside) || !ike_address_equal (&ours, &other));
}

void
hold_agree (const World *world)
{
  for (guint who = 0; who < world->n_hosts; who++)
    {
      const SimKernel *kernel = &world->host[who]->kernel;

      sim_assert (world->sim, sim_kernel_count (kernel, TRUE) == sim_kernel_count (kernel, FALSE));
      for (guint i = 0; i < kernel->sas->len; i++)
        if (!((const SimSa *) kernel->sas->pdata[i])->larval)
          check_agrees (world, who, kernel->sas->pdata[i]);
    }
  if (world->kind != MODEL_SERVER)
    return;
  check_address (world, MODEL_CLIENT);
  check_address (world, MODEL_SECOND);
  /* whoever is gone has given back its own */
  sim_assert (world->sim, g_hash_table_size (world->host[MODEL_GATEWAY]->leases) == tunnels (world, MODEL_GATEWAY));
}
