/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What passes by the kernels of the hosts, and what else a test tells them of it. */
#include "sim-internal.h"

void
sim_probe (SimHost *host, guint octets)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = IKE_INPUT_PROBE;
  input->connection = host->id;
  input->number = octets;
  sim_feed (host, input);
}

void
sim_tcp_stands (SimHost *client, const SimHost *gateway, IkeInputType type, guint16 port)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = type;
  input->connection = client->id;
  input->path = (IkePath){ IKE_TRANSPORT_TCP, { client->address, port }, { gateway->address, SIM_TCP_PORT } };
  input->natt_path = input->path;
  sim_input (client, input);
}

gboolean
sim_carry (SimHost *host, SimSa *sa, guint64 octets, guint64 packets)
{
  const guint32 spi = sa->spi;
  const SimLimit limit = sim_sa_count (sa, octets, packets);

  if (limit != SIM_LIMIT_NONE)
    sim_expire (host, spi, limit == SIM_LIMIT_HARD);
  return limit != SIM_LIMIT_HARD;
}

void
sim_traffic (SimHost *host, guint in, guint out, guint tenths)
{
  while (tenths--)
    {
      host->kernel.bytes_in += in;
      host->kernel.bytes_out += out;
      sim_run (host->sim, IKE_SECOND / 10);
    }
}

IkeTime
sim_until_doubt (SimHost *host)
{
  Sim *sim = host->sim;
  IkeTime since = sim->now;

  while (!host->path_fails && sim->now - since < 30 * IKE_SECOND)
    sim_traffic (host, 0, 100, 1);
  sim_assert (sim, host->path_fails);
  return sim->now - since;
}
