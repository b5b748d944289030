/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mesh: groups and their policies, hosts that begin at once, hosts without IKE, and those who want more than their
 * own address.
 */
#include "sim-internal.h"
#include "sim-peer.h"
#include "sim-record.h"

#include "exchange/mesh.h"
#include "sa/groups.h"

#define GROUPS 3 /* policies that ike_mesh_start() makes here: ALWAYS twice, and one group */

static void
add_group (IkeMesh *mesh, const char *net, guint8 prefix, IkeGroup group)
{
  IkeMeshNet entry = { { sim_address (net), prefix }, group };

  g_array_append_val (mesh->nets, entry);
}

static SimHost *
mesh_host (Sim *sim, guint number, IkeGroup group)
{
  g_autofree char *name = g_strdup_printf ("m%u", number), *address = g_strdup_printf ("10.0.0.%u", number);
  SimHost *host = sim_host_new (sim, name, address, IKE_ROLE_PEER);
  IkeAddress own = sim_address (address);

  host->config->begin = IKE_BEGIN_DEMAND;
  host->config->idle_timeout = 60 * IKE_SECOND;
  host->config->init_timeout = 4 * IKE_SECOND;
  host->config->mesh = ike_mesh_new ();
  host->config->mesh->shunt_time = 900 * IKE_SECOND;
  host->config->mesh->block_time = 60 * IKE_SECOND;
  add_group (host->config->mesh, "10.0.0.0", 24, group);
  g_array_append_val (host->config->mesh->own, own);
  return host;
}

static void
acquire_to (SimHost *host, const IkeAddress *remote)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = IKE_INPUT_ACQUIRE;
  input->connection = host->id;
  input->path.local.address = host->address;
  input->path.remote.address = *remote;
  sim_feed (host, input);
}

static guint
count_rules (SimHost *host, IkeRule rule)
{
  guint n = 0;

  for (guint i = 0; i < host->kernel.policies->len; i++)
    n += ((SimPolicy *) host->kernel.policies->pdata[i])->rule == rule;
  return n;
}

/* Each tunnel of @host is between it and one other address. */
static void
assert_hosts_only (SimHost *host)
{
  for (guint i = 0; i < host->kernel.policies->len; i++)
    {
      const SimPolicy *policy = host->kernel.policies->pdata[i];
      const IkeSelector *local = &g_array_index (policy->local_ts, IkeSelector, 0);
      const IkeSelector *remote = &g_array_index (policy->remote_ts, IkeSelector, 0);

      if (policy->rule != IKE_RULE_TUNNEL)
        continue;
      sim_assert (host->sim, policy->local_ts->len == 1 && policy->remote_ts->len == 1);
      sim_assert (host->sim, ike_address_equal (&local->first, &host->address) &&
                                 ike_address_equal (&local->last, &host->address));
      sim_assert (host->sim, ike_address_equal (&remote->first, &remote->last) &&
                                 ike_address_equal (&remote->first, &policy->path.remote.address));
    }
}

/* So many of @a's outbound SAs are what @b takes, and the other way round. */
static void
assert_pair (SimHost *a, SimHost *b, guint n)
{
  guint found = 0;

  for (guint i = 0; i < a->kernel.sas->len; i++)
    {
      const SimSa *sa = a->kernel.sas->pdata[i], *other = sim_kernel_find (&b->kernel, sa->spi, !sa->out);

      found += other && !sa->larval && (sa->out ? sim_sa_matches (sa, other) : sim_sa_matches (other, sa));
    }
  sim_assert (a->sim, found == 2 * n);
}

/* ---- groups ---- */

static void
test_groups (void)
{
  static const struct {
    const char *address;
    int group; /* -1: none */
  } expected[] = {
    { "10.1.2.3", IKE_GROUP_PRIVATE },
    { "10.1.0.1", IKE_GROUP_PRIVATE_OR_CLEAR },
    { "10.1.0.128", IKE_GROUP_CLEAR },
    { "10.1.0.129", IKE_GROUP_BLOCK },
    { "11.0.0.1", -1 },
    { "2001:db8::1", IKE_GROUP_PRIVATE },
    { "2001:db8:1::1", IKE_GROUP_CLEAR_OR_PRIVATE },
    { "2001:db9::1", -1 },
    { "10.1.0.255", IKE_GROUP_CLEAR },
    { "10.1.1.0", IKE_GROUP_PRIVATE },
  };
  IkeMesh *mesh = ike_mesh_new ();
  IkeGroup group;

  add_group (mesh, "10.1.0.0", 24, IKE_GROUP_PRIVATE_OR_CLEAR);
  add_group (mesh, "10.0.0.0", 8, IKE_GROUP_PRIVATE);
  add_group (mesh, "10.1.0.129", 32, IKE_GROUP_BLOCK);
  add_group (mesh, "10.1.0.128", 25, IKE_GROUP_CLEAR);
  add_group (mesh, "2001:db8::", 32, IKE_GROUP_PRIVATE);
  add_group (mesh, "2001:db8:1::", 48, IKE_GROUP_CLEAR_OR_PRIVATE);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      IkeAddress address = sim_address (expected[i].address);

      g_assert_cmpint (ike_mesh_group (mesh, &address, &group) ? (int) group : -1, ==, expected[i].group);
    }
  ike_mesh_free (mesh);
}

/* What each group becomes, and that nothing is left of it; a kernel that refuses is a failure. */
static void
test_policies (void)
{
  static const IkeRule rules[] = { IKE_RULE_TRAP, IKE_RULE_ASK, IKE_RULE_PASS, IKE_RULE_PASS, IKE_RULE_BLOCK };

  for (guint group = 0; group < G_N_ELEMENTS (rules); group++)
    {
      Sim *sim = sim_new (4000 + group);
      SimHost *host = mesh_host (sim, 1, (IkeGroup) group);

      host->kernel.refuse_install = group == 2 ? 22 : 0;
      sim_listen (host);
      sim_run (sim, IKE_SECOND);
      if (host->kernel.refuse_install)
        sim_assert_reason (sim, host, KERNEL);
      else
        sim_assert (sim, host->kernel.policies->len == GROUPS && count_rules (host, rules[group]) == 1 &&
                             count_rules (host, IKE_RULE_ALWAYS) == 2);
      host->kernel.refuse_install = 0;
      sim_stop (host);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, host->downs == 1 && host->kernel.policies->len == 0);
      sim_end (sim);
    }
}

/* ---- between hosts ---- */

/* Everybody wants everybody, at once: each pair ends with one IKE SA and one Child SA. */
static void
all_to_all (guint64 seed, guint n)
{
  Sim *sim = sim_new (seed);
  g_autoptr (GPtrArray) hosts = g_ptr_array_new ();

  sim->quiet = n > 10;
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (hosts, mesh_host (sim, i + 1, IKE_GROUP_PRIVATE_OR_CLEAR));
  for (guint i = 0; i < n; i++)
    sim_listen (hosts->pdata[i]);
  for (guint round = 0; round < 3; round++)
    {
      for (guint i = 0; i < n; i++)
        for (guint j = 0; j < n; j++)
          if (i != j)
            acquire_to (hosts->pdata[i], &((SimHost *) hosts->pdata[j])->address);
      sim_run (sim, 15 * IKE_SECOND);
    }
  for (guint i = 0; i < n; i++)
    {
      SimHost *host = hosts->pdata[i];

      sim_assert (sim, sim_count_ike (host) == n - 1 && count_rules (host, IKE_RULE_TUNNEL) == n - 1);
      sim_assert (sim, sim_kernel_count (&host->kernel, TRUE) == n - 1 && host->ups >= n - 1 && !host->waitings &&
                           !host->downs && !host->reconnectings);
      sim_assert (sim, count_rules (host, IKE_RULE_SHUNT_PASS) == 0);
      assert_hosts_only (host);
    }
  /* nobody says anything any more: it is all given back */
  sim_run (sim, 400 * IKE_SECOND);
  for (guint i = 0; i < n; i++)
    {
      SimHost *host = hosts->pdata[i];

      sim_assert (sim, sim_count_ike (host) == 0 && host->kernel.sas->len == 0 && host->kernel.policies->len == GROUPS);
      sim_assert (sim, host->gones == host->ups);
    }
  sim_end (sim);
}

static void
test_all (void)
{
  all_to_all (4010, 2);
  all_to_all (4011, 3);
  for (guint i = 0; i < 10; i++)
    all_to_all (4012 + i, 5);
  all_to_all (4030, 20);
  all_to_all (4031, 50);
}

/* Nobody else is told of one pair's end, and the end of a host takes all of its own along. */
static void
test_stop (void)
{
  Sim *sim = sim_new (4040);
  SimHost *a = mesh_host (sim, 1, IKE_GROUP_PRIVATE), *b = mesh_host (sim, 2, IKE_GROUP_PRIVATE),
          *c = mesh_host (sim, 3, IKE_GROUP_CLEAR_OR_PRIVATE);

  sim_listen (a);
  sim_listen (b);
  sim_listen (c);
  acquire_to (a, &b->address);
  acquire_to (a, &c->address);
  acquire_to (b, &c->address);
  acquire_to (c, &b->address); /* there is no such trap */
  sim_run (sim, 5 * IKE_SECOND);
  sim_assert (sim, sim_count_ike (a) == 2 && sim_count_ike (b) == 2 && sim_count_ike (c) == 2);
  sim_stop (b);
  sim_run (sim, 5 * IKE_SECOND);
  sim_assert (sim, b->downs == 1 && b->kernel.sas->len == 0 && b->kernel.policies->len == 0);
  sim_assert (sim, sim_count_ike (a) == 1 && sim_count_ike (c) == 1 && a->gones == 1 && c->gones == 1 && !a->downs);
  assert_pair (a, c, 1);
  sim_end (sim);
}

/* One of them has lost everything, and begins anew. */
static void
test_reboot (void)
{
  Sim *sim = sim_new (4041);
  SimHost *a = mesh_host (sim, 1, IKE_GROUP_PRIVATE), *b = mesh_host (sim, 2, IKE_GROUP_PRIVATE), *again;

  sim_listen (a);
  sim_listen (b);
  acquire_to (a, &b->address);
  sim_run (sim, 10 * IKE_SECOND);
  again = mesh_host (sim, 9, IKE_GROUP_PRIVATE);
  sim_reboot (b, g_steal_pointer (&again->config));
  g_array_index (b->config->mesh->own, IkeAddress, 0) = b->address;
  again->config = sim_config (sim, "other", IKE_ROLE_RESPONDER);
  sim_listen (again);
  sim_listen (b);
  acquire_to (b, &a->address);
  sim_run (sim, 20 * IKE_SECOND);
  sim_assert (sim, sim_count_ike (a) == 1 && sim_count_ike (b) == 1);
  assert_pair (a, b, 1);
  sim_end (sim);
}

/* The same, but it begins nothing: whoever asks it is told at once, by its token (RFC 6290). */
static void
test_reboot_token (void)
{
  for (guint begins = 0; begins < 2; begins++)
    {
      Sim *sim = sim_new (4042 + begins);
      SimHost *a = mesh_host (sim, 1, IKE_GROUP_PRIVATE), *b = mesh_host (sim, 2, IKE_GROUP_PRIVATE),
              *again = mesh_host (sim, 9, IKE_GROUP_PRIVATE);

      a->config->dpd_delay = 30 * IKE_SECOND;
      b->config->qcd_secret = ike_secret_new_from ("b", 1);
      again->config->qcd_secret = ike_secret_new_from ("b", 1);
      sim->config_secrets = 1;
      sim_listen (a);
      sim_listen (b);
      acquire_to (begins ? b : a, begins ? &a->address : &b->address);
      sim_run (sim, 10 * IKE_SECOND);
      sim_reboot (b, g_steal_pointer (&again->config));
      g_array_index (b->config->mesh->own, IkeAddress, 0) = b->address;
      again->config = sim_config (sim, "other", IKE_ROLE_RESPONDER);
      sim_listen (again);
      sim_listen (b);
      sim_traffic (a, 0, 100, 150);
      sim_assert (sim, a->gones == 1 && a->kernel.sas->len == 0 && sim_count_ike (a) == 0);
      acquire_to (a, &b->address);
      sim_run (sim, 5 * IKE_SECOND);
      assert_pair (a, b, 1);
      sim_end (sim);
    }
}

/* ---- without IKE ---- */

static void
nobody (guint64 seed, IkeGroup group, IkeRule rule, IkeTime time)
{
  Sim *sim = sim_new (seed);
  SimHost *a = mesh_host (sim, 1, group);
  IkeAddress silent = sim_address ("10.0.0.77");
  guint sent;

  sim_listen (a);
  for (guint i = 0; i < 3; i++)
    {
      acquire_to (a, &silent);
      acquire_to (a, &silent);
      sim_run (sim, 3 * IKE_SECOND);
      sim_assert (sim, a->kernel.policies->len == GROUPS);
      sim_run (sim, 3 * IKE_SECOND);
      sim_assert (sim, count_rules (a, rule) == 1 && a->kernel.policies->len == GROUPS + 1 && a->kernel.sas->len == 0);
      /* not asked again before it is time */
      sent = a->sent;
      acquire_to (a, &silent);
      sim_run (sim, time - 10 * IKE_SECOND);
      sim_assert (sim, a->sent == sent && count_rules (a, rule) == 1);
      sim_run (sim, 20 * IKE_SECOND);
      sim_assert (sim, a->sent == sent && a->kernel.policies->len == GROUPS && !a->downs && !a->waitings);
    }
  sim_end (sim);
}

static void
test_nobody (void)
{
  nobody (4050, IKE_GROUP_PRIVATE, IKE_RULE_SHUNT_BLOCK, 60 * IKE_SECOND);
  nobody (4051, IKE_GROUP_PRIVATE_OR_CLEAR, IKE_RULE_SHUNT_PASS, 900 * IKE_SECOND);
}

/* Reached in the clear, until it begins itself. */
static void
test_late (void)
{
  Sim *sim = sim_new (4052);
  SimHost *a = mesh_host (sim, 1, IKE_GROUP_PRIVATE_OR_CLEAR), *b = mesh_host (sim, 2, IKE_GROUP_PRIVATE);

  sim_listen (a);
  b->off = TRUE;
  acquire_to (a, &b->address);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, count_rules (a, IKE_RULE_SHUNT_PASS) == 1);
  b->off = FALSE;
  sim_listen (b);
  acquire_to (b, &a->address);
  sim_run (sim, 5 * IKE_SECOND);
  sim_assert (sim, count_rules (a, IKE_RULE_SHUNT_PASS) == 0 && count_rules (a, IKE_RULE_TUNNEL) == 1);
  assert_pair (a, b, 1);
  sim_end (sim);
}

/* Another key: refused at both ends, each time with one line, and nobody comes in. */
static void
test_wrong_key (void)
{
  Sim *sim = sim_new (4053);
  SimHost *a = mesh_host (sim, 1, IKE_GROUP_PRIVATE), *b = mesh_host (sim, 2, IKE_GROUP_PRIVATE);

  b->psk = "something else";
  sim_listen (a);
  sim_listen (b);
  acquire_to (a, &b->address);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, !a->ups && !b->ups && !a->downs && !b->downs && count_rules (a, IKE_RULE_SHUNT_BLOCK) == 1);
  sim_assert (sim, a->kernel.sas->len == 0 && b->kernel.sas->len == 0 && b->kernel.policies->len == GROUPS);
  sim_end (sim);
}

/* So many hosts at once that are not there: what is kept is bounded, and all of it goes. */
static void
test_flood (void)
{
  Sim *sim = sim_new (4060);
  SimHost *a = mesh_host (sim, 1, IKE_GROUP_PRIVATE), *b = mesh_host (sim, 2, IKE_GROUP_PRIVATE);
  IkeEngineCounts counts;

  sim->quiet = TRUE;
  g_array_index (a->config->mesh->nets, IkeMeshNet, 0).net = (IkePrefix){ sim_address ("10.0.0.0"), 8 };
  sim_listen (a);
  sim_listen (b);
  for (guint i = 0; i < 5000; i++)
    {
      IkeAddress to = sim_address ("10.9.0.0");

      to.bytes[2] = (guint8) (i >> 8);
      to.bytes[3] = (guint8) (i | 1);
      acquire_to (a, &to);
    }
  ike_engine_get_counts (a->engine, &counts);
  sim_assert (sim, counts.half_open <= IKE_MESH_MAX_ASKING);
  /* others come in meanwhile */
  acquire_to (b, &a->address);
  sim_run (sim, 2 * IKE_SECOND);
  assert_pair (a, b, 1);
  sim_run (sim, 300 * IKE_SECOND);
  sim_assert (sim, a->kernel.policies->len <= GROUPS + IKE_MESH_MAX_WAITING + IKE_MESH_MAX_ASKING);
  sim_run (sim, 300 * IKE_SECOND);
  sim_assert (sim, a->kernel.policies->len == GROUPS && a->kernel.sas->len == 0);
  sim_end (sim);
}

/* ---- who may, and for what ---- */

/* Behind a NAT another port is followed, another host is not: its policies are for that one. */
static void
test_mapping (void)
{
  Sim *sim = sim_new (970);
  SimHost *a = mesh_host (sim, 1, IKE_GROUP_PRIVATE), *b = mesh_host (sim, 2, IKE_GROUP_PRIVATE);
  IkeEndpoint elsewhere = { sim_address ("10.0.0.3"), 33333 };

  sim_nat (b, "10.0.0.2");
  sim_listen (a);
  sim_listen (b);
  acquire_to (b, &a->address);
  sim_run (sim, 2 * IKE_SECOND);
  assert_pair (a, b, 1);
  for (guint follows = 0; follows < 2; follows++)
    {
      IkeInput *input = g_new0 (IkeInput, 1);

      if (follows)
        elsewhere.address = b->address;
      input->type = IKE_INPUT_MAPPING;
      input->spi = sim_kernel_outbound (&b->kernel)->spi;
      input->path.remote = elsewhere;
      sim_feed (a, input);
      sim_run (sim, 10 * IKE_MILLISECOND);
      sim_assert (sim, a->kernel.updates == follows);
      sim_assert (sim, (sim_kernel_outbound (&a->kernel)->path.remote.port == 33333) == follows);
      assert_hosts_only (a);
    }
  sim_end (sim);
}

/* A host in a group that is not encrypted is not answered, nor is one in none. */
static void
refused (guint64 seed, IkeGroup group, const char *net)
{
  Sim *sim = sim_new (seed);
  SimHost *a = mesh_host (sim, 1, group), *b = mesh_host (sim, 2, IKE_GROUP_PRIVATE);

  g_array_index (a->config->mesh->nets, IkeMeshNet, 0).net.address = sim_address (net);
  sim_listen (a);
  sim_listen (b);
  acquire_to (b, &a->address);
  acquire_to (a, &b->address);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, !a->sent && !a->ups && !b->ups && a->kernel.sas->len == 0);
  sim_end (sim);
}

static void
test_refused (void)
{
  refused (4070, IKE_GROUP_CLEAR, "10.0.0.0");
  refused (4071, IKE_GROUP_BLOCK, "10.0.0.0");
  refused (4072, IKE_GROUP_PRIVATE, "10.0.1.0");
}

static void
add_net (GPtrArray *list, const char *first, const char *last)
{
  IkeSelector *selector = g_new0 (IkeSelector, 1);

  selector->first = sim_address (first);
  selector->last = sim_address (last);
  selector->port_last = 65535;
  g_ptr_array_add (list, selector);
}

/* @greedy, which is no mesh, begins and asks for selectors of its own choice at both ends. */
static void
selectors (guint64 seed, const char *first, const char *last, gboolean fits)
{
  Sim *sim = sim_new (seed);
  SimHost *greedy = sim_host_new (sim, "greedy", "10.0.0.2", IKE_ROLE_INITIATOR),
          *a = mesh_host (sim, 1, IKE_GROUP_PRIVATE);

  add_net (greedy->config->child.local_ts, first, last);
  add_net (greedy->config->child.remote_ts, "0.0.0.0", "255.255.255.255");
  sim_listen (a);
  sim_start (greedy);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, count_rules (a, IKE_RULE_TUNNEL) == (guint) fits);
  assert_hosts_only (a);
  sim_end (sim);
}

static void
test_selectors (void)
{
  selectors (4080, "0.0.0.0", "255.255.255.255", TRUE); /* narrowed to what it is */
  selectors (4081, "10.0.0.0", "10.0.0.255", TRUE);
  selectors (4082, "10.0.0.3", "10.0.0.3", FALSE); /* somebody else's */
  selectors (4083, "10.0.0.3", "10.255.255.255", FALSE);
}

/* As initiator it takes no more either. */
static void
test_answer_too_wide (void)
{
  Sim *sim = sim_new (4084);
  SimHost *a = mesh_host (sim, 1, IKE_GROUP_PRIVATE), *b = sim_host_new (sim, "wide", "10.0.0.2", IKE_ROLE_RESPONDER);

  add_net (b->config->child.local_ts, "10.0.0.0", "10.0.0.255");
  add_net (b->config->child.remote_ts, "10.0.0.0", "10.0.0.255");
  sim_listen (b);
  sim_listen (a);
  acquire_to (a, &b->address);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, count_rules (a, IKE_RULE_TUNNEL) == 1);
  assert_hosts_only (a);
  sim_end (sim);
}

/* Its authentic messages come from somebody else's address all at once: as from behind a NAT that has changed. */
typedef struct {
  IkeAddress from, as;
} Spoof;

static SimVerdict
spoof (Sim *sim, SimPacket *packet, gpointer data)
{
  const Spoof *s = data;

  if (ike_address_equal (&packet->from.address, &s->from))
    packet->from.address = s->as;
  return SIM_PASS;
}

static void
test_moves (void)
{
  Sim *sim = sim_new (4085);
  SimHost *b = sim_host_new (sim, "mover", "10.0.0.2", IKE_ROLE_INITIATOR), *a = mesh_host (sim, 1, IKE_GROUP_PRIVATE);
  Spoof as_other = { sim_address ("10.0.0.2"), sim_address ("10.0.0.3") };

  b->config->encap = IKE_ENCAP_ALWAYS; /* what it says of its address is not true, so that it passes for behind a NAT */
  b->config->dpd_delay = 10 * IKE_SECOND;
  add_net (b->config->child.local_ts, "0.0.0.0", "255.255.255.255");
  add_net (b->config->child.remote_ts, "0.0.0.0", "255.255.255.255");
  sim_listen (a);
  sim_start (b);
  sim_run (sim, 5 * IKE_SECOND);
  sim_assert (sim, b->ups == 1 && count_rules (a, IKE_RULE_TUNNEL) == 1);
  sim->filter = spoof;
  sim->filter_data = &as_other;
  sim_check (b, FALSE);
  sim_run (sim, 30 * IKE_SECOND);
  assert_hosts_only (a);
  for (guint i = 0; i < a->kernel.sas->len; i++)
    sim_assert (sim, ike_address_equal (&((SimSa *) a->kernel.sas->pdata[i])->path.remote.address, &b->address));
  sim->filter = NULL;
  sim_end (sim);
}

/* A host that sleeps while one of its mates has not answered: nobody has waited meanwhile. */
static void
test_slept (void)
{
  Sim *sim = sim_new (4120);
  SimHost *a = mesh_host (sim, 1, IKE_GROUP_PRIVATE), *b = mesh_host (sim, 2, IKE_GROUP_PRIVATE);

  a->config->idle_timeout = b->config->idle_timeout = 0;
  a->config->dpd_delay = 30 * IKE_SECOND;
  sim_listen (a);
  sim_listen (b);
  acquire_to (a, &b->address);
  sim_run (sim, IKE_SECOND);
  assert_pair (a, b, 1);
  sim->loss = 100;
  sim_run (sim, 40 * IKE_SECOND);
  sim_assert (sim, strstr (sim->transcript->str, " again") != NULL);
  sim_sleep (a);
  sim_run (sim, 600 * IKE_SECOND);
  sim->loss = 0;
  sim_wake (a);
  sim_check (a, TRUE);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, !a->gones && !b->gones && sim_count_ike (a) == 1);
  assert_pair (a, b, 1);
  sim_end (sim);
}

/* ---- mates that end at once what they have agreed to ---- */

static guint made; /* further Child SAs */

static void
write_delete_child (IkeBuilder *builder, guint32 spi)
{
  const guint32 octets[] = { GUINT32_TO_BE (3 << 24 | 4 << 16 | 1), GUINT32_TO_BE (spi) };

  ike_builder_init_inner (builder);
  ike_builder_add (builder, IKE_PAYLOAD_DELETE, ike_chunk (octets, sizeof octets));
}

static gboolean
make_and_delete (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  const guint32 spi = 0x77000000 + made;
  g_auto (IkeBuilder) builder = { 0 };

  if (header->flags & IKE_FLAG_RESPONSE || header->exchange != IKE_EXCHANGE_CREATE_CHILD_SA)
    return FALSE;
  made++;
  sim_peer_answer_child (peer, header->message_id, payloads, spi);
  write_delete_child (&builder, spi);
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
  return TRUE;
}

static void
delete_at_once (SimHost *host, const IkeOutput *output, gpointer data)
{
  SimPeer *peer = data;
  g_auto (IkeBuilder) builder = { 0 };

  if (output->type != IKE_OUTPUT_UP)
    return;
  peer->next_id = 0;
  if (peer->on_other)
    write_delete_child (&builder, 0x12345678 + peer->established - 1);
  else
    {
      ike_builder_init_inner (&builder);
      ike_builder_add (&builder, IKE_PAYLOAD_DELETE, ike_chunk ("\1\0\0\0", 4));
    }
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
}

/* Ten packets a second are no reason to negotiate as often. An IKE SA without anything in it is given back like another. */
static void
test_throws_out (gconstpointer only_child)
{
  Sim *sim = sim_new (50 + (only_child != NULL));
  SimPeer *peer = sim_peer_new_at (sim, "peer", "10.0.0.77");
  SimHost *a = mesh_host (sim, 1, IKE_GROUP_PRIVATE);

  made = 0;
  peer->on_other = only_child ? make_and_delete : NULL;
  sim->look = delete_at_once;
  sim->check_data = peer;
  a->config->child.pfs = FALSE;
  sim_listen (a);
  for (guint i = 0; i < 600; i++)
    {
      acquire_to (a, &peer->host->address);
      sim_run (sim, 100 * IKE_MILLISECOND);
    }
  sim_assert (sim, peer->established + made >= 4 && peer->established + made <= 12);
  sim_run (sim, 600 * IKE_SECOND);
  sim_assert (sim, sim_count_ike (a) == 0 && a->kernel.sas->len == 0);
  sim_end (sim);
  sim_peer_free (peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/groups", test_groups);
  g_test_add_func ("/mesh/policies", test_policies);
  g_test_add_func ("/mesh/all", test_all);
  g_test_add_func ("/mesh/stop", test_stop);
  g_test_add_func ("/mesh/reboot", test_reboot);
  g_test_add_func ("/mesh/reboot-token", test_reboot_token);
  g_test_add_func ("/mesh/nobody", test_nobody);
  g_test_add_func ("/mesh/late", test_late);
  g_test_add_func ("/mesh/wrong-key", test_wrong_key);
  g_test_add_func ("/mesh/flood", test_flood);
  g_test_add_func ("/mesh/refused", test_refused);
  g_test_add_func ("/mesh/mapping", test_mapping);
  g_test_add_func ("/mesh/selectors", test_selectors);
  g_test_add_func ("/mesh/answer-too-wide", test_answer_too_wide);
  g_test_add_func ("/mesh/moves", test_moves);
  g_test_add_func ("/mesh/slept", test_slept);
  g_test_add_data_func ("/mesh/throws-out", NULL, test_throws_out);
  g_test_add_data_func ("/mesh/throws-out/child", "", test_throws_out);
  return g_test_run ();
}
