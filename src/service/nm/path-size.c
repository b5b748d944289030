/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Few steps: each that is too large takes seconds. RFC 7383 section 2.5.2 asks for as few. */
#include "nm/path-size.h"

#define LEAST6 1280 /* RFC 8200 section 5 */

/* tunnels in tunnels; what every path of IPv6 carries, and two more for IPv4 */
static const guint steps[] = { 1400, 1360, LEAST6, 1000, 700 };

void
path_size_begin (PathSize *size, const IkePath *path)
{
  if (!ike_address_equal (&size->path.local.address, &path->local.address) ||
      !ike_address_equal (&size->path.remote.address, &path->remote.address) ||
      size->path.transport != path->transport)
    size->carried = 0;
  size->path = *path;
  size->asked = 0;
}

/* ICMP that was not dropped has told the kernel. */
static guint
next_step (const PathSize *size, guint kernel)
{
  gboolean ip6 = size->path.remote.address.family == IKE_FAMILY_IP6;

  if (kernel < size->asked && kernel >= steps[G_N_ELEMENTS (steps) - 1])
    return kernel;
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (steps[i] < size->asked && (!ip6 || steps[i] >= LEAST6))
      return steps[i];
  return 0;
}

guint
path_size_answer (PathSize *size, IkeProbe probe, guint kernel)
{
  guint asked = size->asked;

  switch (probe)
    {
    case IKE_PROBE_CARRIED:
      size->carried = asked < kernel ? asked : 0;
      size->asked = 0;
      break;
    case IKE_PROBE_LOST:
      size->asked = next_step (size, kernel);
      break;
    case IKE_PROBE_UNKNOWN:
      size->asked = 0;
      break;
    }
  return size->asked;
}

guint
path_size_get (const PathSize *size, guint kernel)
{
  return size->carried ? MIN (size->carried, kernel) : kernel;
}
