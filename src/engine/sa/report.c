/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What status says of SAs beyond what stands in them: names of suites, and times from now. */
#include "sa/report.h"

char *
ike_report_suite (const IkeParent *parent)
{
  const IkeSuite suite = { .protocol = IKE_PROTOCOL_IKE,
                           .encr = parent->keys.encr,
                           .encr_bits = parent->keys.encr_bits,
                           .integ = parent->keys.integ,
                           .prf = parent->keys.prf };

  return parent->keys.all ? ike_suite_to_string (&suite) : NULL;
}

char *
ike_report_child_suite (const IkeChild *child)
{
  const IkeSuite suite = { .protocol = child->protocol,
                           .encr = child->encr,
                           .encr_bits = child->encr_bits,
                           .integ = child->integ,
                           .ke = child->ke,
                           .esn = child->esn };

  return ike_suite_to_string (&suite);
}

const GArray *
ike_report_addresses (const IkeClient *client, GArray *array)
{
  const IkePrefix four = { client->address4, 32 }, six = { client->address6, 128 };

  if (four.address.family)
    g_array_append_val (array, four);
  if (six.address.family)
    g_array_append_val (array, six);
  return array;
}

IkeTime
ike_report_until (IkeTime at, IkeTime now)
{
  if (at == 0 || at == IKE_TIME_NEVER)
    return IKE_TIME_NEVER;
  return at > now ? at - now : 0;
}

IkeTime
ike_report_since (IkeTime then, IkeTime now)
{
  if (then == 0)
    return IKE_TIME_NEVER;
  return now > then ? now - then : 0;
}
