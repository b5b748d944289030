/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever a peer says, there are few, and each is one that could be a host's: RFC 4555 sections 4.2.2, 4.2.3. */
#include "sa/addresses.h"

#include "sa/select.h"
#include "wire/payload-notify.h"

#include <string.h>

gboolean
ike_addresses_may_be (const IkeAddress *address)
{
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };
  const guint8 *a = address->bytes;

  if (!ike_address_assignable (address))
    return FALSE;
  /* of a link alone, and nobody knows of which */
  if (address->family == IKE_FAMILY_IP4)
    return a[0] != 169 || a[1] != 254;
  return (a[0] != 0xfe || (a[1] & 0xc0) != 0x80) && memcmp (a, mapped, sizeof mapped) != 0;
}

gboolean
ike_addresses_is_private (const IkeAddress *address)
{
  const guint8 *a = address->bytes;

  if (address->family == IKE_FAMILY_IP4)
    return a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168) ||
           (a[0] == 100 && (a[1] & 0xc0) == 64);
  return (a[0] & 0xfe) == 0xfc;
}

gboolean
ike_addresses_contain (const IkeAddresses *list, const IkeAddress *address)
{
  for (guint i = 0; i < list->n; i++)
    if (ike_address_equal (&list->at[i], address))
      return TRUE;
  return FALSE;
}

void
ike_addresses_add (IkeAddresses *list, const IkeAddress *address)
{
  if (list->n < IKE_ADDRESSES_MAX && ike_addresses_may_be (address) && !ike_addresses_contain (list, address))
    list->at[list->n++] = *address;
}

gboolean
ike_addresses_equal (const IkeAddresses *a, const IkeAddresses *b)
{
  if (a->n != b->n)
    return FALSE;
  for (guint i = 0; i < a->n; i++)
    if (!ike_address_equal (&a->at[i], &b->at[i]))
      return FALSE;
  return TRUE;
}

gboolean
ike_addresses_read (const IkePayloads *payloads, const IkeAddress *except, IkeAddresses *ret_list)
{
  guint index = 0;
  gboolean any = FALSE;
  IkeNotify notify;

  *ret_list = (IkeAddresses){ .n = 0 };
  while (ike_notify_next (payloads, 0, &index, &notify))
    {
      gboolean ip4 = notify.type == IKE_NOTIFY_ADDITIONAL_IP4_ADDRESS;
      IkeAddress address;

      if (!ip4 && notify.type != IKE_NOTIFY_ADDITIONAL_IP6_ADDRESS &&
          notify.type != IKE_NOTIFY_NO_ADDITIONAL_ADDRESSES)
        continue;
      any = TRUE;
      if (notify.type == IKE_NOTIFY_NO_ADDITIONAL_ADDRESSES || notify.data.len != (ip4 ? 4 : 16))
        continue;
      address = ike_address_from_chunk (notify.data);
      if (!ike_address_equal (&address, except))
        ike_addresses_add (ret_list, &address);
    }
  return any;
}
