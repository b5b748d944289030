/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A NAT before a host: RFC 4787's mapping and filtering. One mapping for each of the two ports of IKE is enough. */
#include "sim-internal.h"

void
sim_nat (SimHost *host, const char *public_address)
{
  host->nat = sim_address (public_address);
}

static gboolean
same_remote (const SimHost *host, guint which, const IkeEndpoint *remote, gboolean with_port)
{
  return ike_address_equal (&host->nat_remote[which].address, &remote->address) &&
         (!with_port || host->nat_remote[which].port == remote->port);
}

static gboolean
is_stale (const SimHost *host, guint which)
{
  return host->nat_idle && host->sim->now - host->nat_used[which] > host->nat_idle;
}

void
sim_nat_out (SimHost *host, IkeEndpoint *from, const IkeEndpoint *to)
{
  guint which = from->port == 4500;
  gboolean other = host->nat_kind == SIM_NAT_SYMMETRIC && !same_remote (host, which, to, TRUE);

  if (host->nat.family == IKE_FAMILY_NONE)
    return;
  if (!host->nat_ports[which] || is_stale (host, which) || (other && host->nat_used[which]))
    host->nat_ports[which] = (guint16) g_rand_int_range (host->sim->crypto.rand, 20000, 60000);
  host->nat_used[which] = host->sim->now;
  host->nat_remote[which] = *to;
  from->address = host->nat;
  from->port = host->nat_ports[which];
}

static gboolean
lets_in (const SimHost *host, guint which, const IkeEndpoint *from)
{
  if (is_stale (host, which))
    return FALSE;
  switch (host->nat_kind)
    {
    case SIM_NAT_FULL_CONE:
      return TRUE;
    case SIM_NAT_RESTRICTED:
      return same_remote (host, which, from, FALSE);
    case SIM_NAT_PORT_RESTRICTED:
    case SIM_NAT_SYMMETRIC:
      return same_remote (host, which, from, TRUE);
    }
  g_assert_not_reached ();
}

gboolean
sim_nat_in (const SimHost *host, const IkeEndpoint *from, IkeEndpoint *to)
{
  for (guint which = 0; which < 2; which++)
    if (host->nat_ports[which] && ike_address_equal (&host->nat, &to->address) && host->nat_ports[which] == to->port &&
        lets_in (host, which, from))
      {
        to->address = host->address;
        to->port = which ? 4500 : 500;
        return TRUE;
      }
  return FALSE;
}

gboolean
sim_is_dead (const SimHost *host, const IkeAddress *address)
{
  return host->dead.family && ike_address_equal (&host->dead, address);
}
