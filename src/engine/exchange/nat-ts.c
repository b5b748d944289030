/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic selectors of transport mode through a NAT, as responder: RFC 7296 section 2.23.1. The other end names the
 * addresses that it knows; packets have those that the NAT makes. Owns nothing.
 */
#include "exchange/auth-common.h"
#include "sa/select.h"
#include "wire/payload-notify.h"
#include "wire/payload-ts.h"

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

static gboolean
is_meant (const IkeParent *parent, const IkePayloads *request)
{
  IkeNotify notify;

  return ike_parent_config (parent)->child.transport_mode && (parent->nat_here || parent->nat_there) &&
         ike_notify_find (request, IKE_NOTIFY_USE_TRANSPORT_MODE, &notify);
}

/* The first selector's address is the one that the other end takes for its own, or for ours. */
static gboolean
first_address (const GArray *selectors, IkeAddress *ret)
{
  const IkeSelector *first = selectors->len ? &g_array_index (selectors, IkeSelector, 0) : NULL;

  if (!first || !ike_address_equal (&first->first, &first->last))
    return FALSE;
  *ret = first->first;
  return TRUE;
}

void
ike_nat_ts_request (const IkeParent *parent, const IkePayloads *request, GArray *initiator, GArray *responder)
{
  IkeAddress named;

  if (!is_meant (parent, request))
    return;
  if (parent->nat_there && first_address (initiator, &named))
    replace (initiator, &named, &parent->path.remote.address);
  if (parent->nat_here && first_address (responder, &named))
    replace (responder, &named, &parent->path.local.address);
}

GArray *
ike_nat_ts_answer (const IkeParent *parent, const IkePayloads *request, const GArray *selectors, gboolean initiator)
{
  const IkePayload *payload = ike_payloads_find (request, initiator ? IKE_PAYLOAD_TSI : IKE_PAYLOAD_TSR);
  g_autoptr (GArray) named = ike_select_new ();
  GArray *copy = ike_select_copy (selectors);
  const IkeAddress *real = initiator ? &parent->path.remote.address : &parent->path.local.address;
  IkeAddress address;
  guint unknown;

  if (is_meant (parent, request) && (initiator ? parent->nat_there : parent->nat_here) && payload &&
      ike_ts_parse (payload->body, named, &unknown) && first_address (named, &address))
    replace (copy, real, &address);
  return copy;
}
