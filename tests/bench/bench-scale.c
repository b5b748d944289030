/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tunnels cost when there are many in one process: handshakes by end, rekeys of Child SAs and of memory, at 1,000,
 * 10,000 and 100,000 of them. A handshake at 100,000 shall cost at most 1.2 times one at 1,000.
 */
#include "bench-world.h"

#include <stdlib.h>

#define SAMPLE 1000
#define AIM_RATIO 1.2

static const guint sizes[] = { 1000, 10000, 100000 };

typedef struct {
  double handshake, initiator, responder, rekey; /* seconds each */
  gsize heap; /* per end */
} Cost;

static guint32 youngest[SAMPLE]; /* SPIs of the initiator's last Child SAs */

static void
handshakes (guint32 *id, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      ike_engine_add (bench_ends[0].engine, bench_config (++*id, IKE_ROLE_INITIATOR));
      bench_start (*id);
      bench_run (*id);
      youngest[i % SAMPLE] = bench_ends[0].last_in;
    }
}

/* The initiator's kernel says that the youngest Child SAs are at their soft lifetime. */
static double
rekeys (guint n, IkeTime now)
{
  double before = bench_seconds ();

  for (guint i = 0; i < n; i++)
    {
      const guint32 last = bench_ends[0].last_in;
      IkeInput *input = bench_input (&bench_ends[0], IKE_INPUT_EXPIRE);

      input->spi = youngest[i];
      input->path.remote.address = bench_ends[0].address;
      bench_run (now);
      g_assert_cmpuint (bench_ends[0].last_in, !=, last);
    }
  return (bench_seconds () - before) / n;
}

static Cost
measure (guint32 *id, guint size, gsize empty)
{
  double initiator, responder, before;
  Cost cost = { 0 };

  handshakes (id, size - SAMPLE - *id);
  before = bench_seconds ();
  initiator = bench_ends[0].seconds;
  responder = bench_ends[1].seconds;
  handshakes (id, SAMPLE);
  cost.handshake = (bench_seconds () - before) / SAMPLE;
  cost.initiator = (bench_ends[0].seconds - initiator) / SAMPLE;
  cost.responder = (bench_ends[1].seconds - responder) / SAMPLE;
  g_assert_cmpuint (bench_ends[0].ups, ==, size);
  g_assert_cmpuint (bench_ends[1].ups, ==, size);
  cost.heap = (bench_heap () - empty) / (2 * size);
  cost.rekey = rekeys (SAMPLE, *id);
  return cost;
}

int
main (int argc, char **argv)
{
  guint n = argc > 1 ? (guint) atoi (argv[1]) : G_N_ELEMENTS (sizes);
  Cost costs[G_N_ELEMENTS (sizes)];
  guint32 id = 0;
  gsize empty;
  double ratio;

  bench_by_end = TRUE;
  bench_begin ();
  empty = bench_heap ();
  g_print ("%8s %14s %14s %14s %14s %10s\n", "tunnels", "pair, ms", "initiator/s", "responder/s", "rekeys/s",
           "octets/end");
  for (guint i = 0; i < MIN (n, G_N_ELEMENTS (sizes)); i++)
    {
      costs[i] = measure (&id, sizes[i], empty);
      g_print ("%8u %14.3f %14.0f %14.0f %14.0f %10zu\n", sizes[i], costs[i].handshake * 1e3, 1 / costs[i].initiator,
               1 / costs[i].responder, 1 / costs[i].rekey, costs[i].heap);
    }
  ratio = costs[MIN (n, G_N_ELEMENTS (sizes)) - 1].handshake / costs[0].handshake;
  g_print ("a handshake among the most costs %.2f times one among the fewest (aim: at most %.1f)\n", ratio, AIM_RATIO);
  bench_end ();
  return ratio <= AIM_RATIO ? EXIT_SUCCESS : EXIT_FAILURE;
}
