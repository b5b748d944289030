/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transport mode between two hosts, through the NATs of either or of both: RFC 7296 section 2.23.1. Each end has the
 * addresses that its packets have, whoever began and whoever rekeys.
 */
#include "sim.h"

typedef enum { NAT_OF_INITIATOR = 1, NAT_OF_RESPONDER = 2 } Nats;

#define OUTSIDE_A "203.0.113.5"
#define OUTSIDE_B "203.0.113.99"

typedef struct {
  Sim *sim;
  SimHost *a, *b; /* a begins */
  IkeAddress seen_a, seen_b; /* by the other end */
} World;

/* L2TP's selectors. */
static void
set_selectors (IkeConfig *config)
{
  config->child.transport_mode = TRUE;
  for (guint i = 0; i < 2; i++)
    {
      GPtrArray *list = i ? config->child.local_ts : config->child.remote_ts;
      IkeSelector *selector = g_new0 (IkeSelector, 1);

      selector->protocol = 17;
      selector->port_first = selector->port_last = 1701;
      g_ptr_array_set_size (list, 0);
      g_ptr_array_add (list, selector);
    }
}

static void
begin (World *world, guint64 seed, IkeRole role_a, IkeRole role_b, guint nats)
{
  world->sim = sim_new (seed);
  world->a = sim_client (world->sim);
  world->b = sim_gateway (world->sim);
  world->seen_a = world->a->address;
  world->seen_b = world->b->address;
  world->a->config->role = role_a;
  world->b->config->role = role_b;
  world->b->config->begin = IKE_BEGIN_LISTEN;
  set_selectors (world->a->config);
  set_selectors (world->b->config);
  if (nats & NAT_OF_INITIATOR)
    {
      sim_nat (world->a, OUTSIDE_A);
      g_assert (ike_address_from_string (OUTSIDE_A, &world->seen_a));
    }
  if (nats & NAT_OF_RESPONDER)
    {
      sim_nat (world->b, OUTSIDE_B);
      g_assert (ike_address_from_string (OUTSIDE_B, &world->seen_b));
      /* it has been told who may come in, and where */
      world->b->nat_ports[0] = 500;
      world->b->nat_ports[1] = 4500;
    }
  if (role_b == IKE_ROLE_PEER)
    sim_start_to (world->b, &world->seen_a);
  else
    sim_listen (world->b);
  sim_start_to (world->a, &world->seen_b);
  sim_run (world->sim, 20 * IKE_SECOND);
  sim_assert (world->sim, world->a->ups == 1 && world->b->ups == 1);
}

/* One pair of selectors, both of one host and of L2TP. */
static void
assert_policy (const World *world, const SimHost *host, const IkeAddress *there)
{
  const SimPolicy *policy;

  sim_assert (world->sim, host->kernel.policies->len == 1);
  policy = host->kernel.policies->pdata[0];
  sim_assert (world->sim, policy->transport && policy->local_ts->len == 1 && policy->remote_ts->len == 1);
  for (guint i = 0; i < 2; i++)
    {
      const IkeSelector *selector = &g_array_index (i ? policy->remote_ts : policy->local_ts, IkeSelector, 0);
      const IkeAddress *address = i ? there : &host->address;

      sim_assert (world->sim,
                  ike_address_equal (&selector->first, address) && ike_address_equal (&selector->last, address));
      sim_assert (world->sim, selector->protocol == 17 && selector->port_first == 1701 && selector->port_last == 1701);
    }
}

static void
test_nats (gconstpointer data)
{
  guint nats = GPOINTER_TO_UINT (data) & 3;
  gboolean peers = (GPOINTER_TO_UINT (data) & 4) != 0;
  World world;

  begin (&world, 795 + nats, peers ? IKE_ROLE_PEER : IKE_ROLE_INITIATOR, peers ? IKE_ROLE_PEER : IKE_ROLE_RESPONDER,
         nats);
  for (guint i = 0; i < 5; i++)
    {
      SimHost *host = i & 1 ? world.a : world.b;
      const SimSa *out = sim_kernel_outbound (&world.a->kernel);
      guint32 spi = out->spi;

      sim_assert (world.sim, sim_count_ike (world.a) == 1 && sim_count_ike (world.b) == 1);
      sim_assert_agree (world.a, world.b, 1);
      sim_assert (world.sim, out->transport && !out->encap == !nats);
      assert_policy (&world, world.a, &world.seen_b);
      assert_policy (&world, world.b, &world.seen_a);
      sim_expire (host, sim_kernel_outbound (&host->kernel)->spi, FALSE);
      sim_run (world.sim, 20 * IKE_SECOND);
      sim_assert (world.sim, sim_kernel_outbound (&world.a->kernel)->spi != spi);
    }
  sim_end (world.sim);
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "no-nat", "initiator", "responder", "both" };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *path = g_strdup_printf ("/sim/transport/%s/%s", i & 4 ? "peers" : "client", names[i & 3]);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_nats);
    }
  return g_test_run ();
}
