/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic selectors of transport mode through a NAT: RFC 7296 section 2.23.1. Each end names the addresses that it
 * knows; packets have those that the NAT makes. So whoever reads selectors, of a request or of an answer, takes them for
 * what is meant here, before anything else is done with them. Owns nothing.
 */
#include "exchange/auth-common.h"
#include "wire/payload-notify.h"

static void
replace (GArray *selectors, const IkeAddress *from, const IkeAddress *to)
{
  for (guint i = 0; i < selectors->len; i++)
    {
      IkeSelector *selector = &g_array_index (selectors, IkeSelector, i);

      if (ike_address_equal (&selector->first, from) && ike_address_equal (&selector->last, from))
        selector->first = selector->last = *to;
    }
}

/* The first selector's address is the one that the other end takes for its own, or for ours. */
static void
substitute (GArray *selectors, const IkeAddress *real)
{
  const IkeSelector *first = selectors->len ? &g_array_index (selectors, IkeSelector, 0) : NULL;
  IkeAddress named;

  if (!first || !ike_address_equal (&first->first, &first->last))
    return;
  named = first->first;
  replace (selectors, &named, real);
}

void
ike_nat_ts_read (const IkeParent *parent, const IkePayloads *payloads, GArray *local_ts, GArray *remote_ts)
{
  IkeNotify notify;

  if (!ike_parent_config (parent)->child.transport_mode ||
      !ike_notify_find (payloads, IKE_NOTIFY_USE_TRANSPORT_MODE, &notify))
    return;
  if (parent->nat_here)
    substitute (local_ts, &parent->path.local.address);
  if (parent->nat_there)
    substitute (remote_ts, &parent->path.remote.address);
}
