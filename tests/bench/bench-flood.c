/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A million spoofed first messages, each from another address, at a responder: what they cost, what is kept of them, and
 * whether a client gets in meanwhile.
 */
#include "bench-world.h"

#include "sa/half-open.h"
#include "wire/header.h"

#include <stdlib.h>

#define SPOOFED 1000000
#define CLIENT_EVERY 100000
/* per half-open IKE SA that may be kept: some kilooctets each, and the tables */
#define AIM_HEAP (IKE_HALF_OPEN_MAX * 16384)

/* A first message of a client that is not listened to. */
static GBytes *
first_message (void)
{
  IkeOutput *output;
  GBytes *first = NULL;
  IkeInput *input;

  ike_engine_add (bench_ends[0].engine, bench_config (1, IKE_ROLE_INITIATOR));
  bench_start (1);
  while (!first && (input = g_queue_pop_head (&bench_ends[0].inputs)))
    {
      ike_engine_handle (bench_ends[0].engine, input, 0);
      while ((output = ike_engine_poll (bench_ends[0].engine)))
        {
          if (output->type == IKE_OUTPUT_SEND)
            first = g_bytes_ref (output->datagram);
          else
            bench_act (&bench_ends[0], output);
          ike_output_free (output);
        }
      ike_input_clear (bench_ends[0].crypto, input);
      g_free (input);
    }
  ike_engine_remove (bench_ends[0].engine, 1);
  while ((output = ike_engine_poll (bench_ends[0].engine)))
    ike_output_free (output);
  while ((input = g_queue_pop_head (&bench_ends[0].inputs)))
    {
      ike_input_clear (bench_ends[0].crypto, input);
      g_free (input);
    }
  g_assert_nonnull (first);
  return first;
}

/* Another SPI, another address; the answer goes to nobody. */
static void
spoof (guint8 *octets, gsize len, guint i, IkeTime now)
{
  IkeInput input = { .type = IKE_INPUT_DATAGRAM, .datagram = octets, .datagram_len = len };
  guint32 number = GUINT32_TO_BE (i);
  IkeOutput *output;

  memcpy (octets + 4, &number, sizeof number);
  input.path.local = (IkeEndpoint){ bench_ends[1].address, 500 };
  input.path.remote =
      (IkeEndpoint){ { IKE_FAMILY_IP4, { 100, (guint8) (i >> 16), (guint8) (i >> 8), (guint8) i } }, 500 };
  ike_engine_handle (bench_ends[1].engine, &input, now);
  while ((output = ike_engine_poll (bench_ends[1].engine)))
    {
      if (output->type != IKE_OUTPUT_SEND)
        bench_act (&bench_ends[1], output);
      ike_output_free (output);
    }
  bench_run (now);
}

int
main (int argc, char **argv)
{
  guint n = argc > 1 ? (guint) atoi (argv[1]) : SPOOFED, clients = 0;
  g_autoptr (GBytes) first = NULL;
  g_autofree guint8 *octets = NULL;
  double flood = 0, most = 0;
  IkeEngineCounts counts;
  gsize empty, len;
  guint half_open = 0;
  gsize heap = 0;

  bench_begin ();
  first = first_message ();
  octets = g_memdup2 (g_bytes_get_data (first, &len), g_bytes_get_size (first));
  empty = bench_heap ();
  for (guint i = 1; i <= n; i++)
    {
      /* 20,000 a second */
      IkeTime now = (IkeTime) i * 50;
      double before = bench_seconds ();

      spoof (octets, len, i, now);
      flood += bench_seconds () - before;
      if (i % CLIENT_EVERY)
        continue;
      before = bench_seconds ();
      ike_engine_add (bench_ends[0].engine, bench_config (++clients + 1, IKE_ROLE_INITIATOR));
      bench_start (clients + 1);
      bench_run (now);
      most = MAX (most, bench_seconds () - before);
      g_assert_cmpuint (bench_ends[0].ups, ==, clients);
      ike_engine_get_counts (bench_ends[1].engine, &counts);
      half_open = MAX (half_open, counts.half_open);
      heap = MAX (heap, bench_heap () - empty);
    }
  g_print ("%u spoofed first messages: %.1f us CPU each, at most %u half-open, %zu octets of heap\n", n,
           flood / n * 1e6, half_open, heap);
  g_print ("%u clients meanwhile: all got in, %.2f ms CPU for the slowest pair\n", clients, most * 1e3);
  bench_end ();
  return heap <= AIM_HEAP && half_open <= IKE_HALF_OPEN_MAX ? EXIT_SUCCESS : EXIT_FAILURE;
}
