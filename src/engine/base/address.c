/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses: text by inet_pton() and inet_ntop(), which are pure. */
#include "base/address.h"

#include <arpa/inet.h>

gsize
ike_family_len (guint8 family)
{
  switch ((IkeFamily) family)
    {
    case IKE_FAMILY_NONE:
      return 0;
    case IKE_FAMILY_IP4:
      return 4;
    case IKE_FAMILY_IP6:
      return 16;
    }
  return 0;
}

IkeAddress
ike_address_from_chunk (IkeChunk chunk)
{
  IkeAddress address = { IKE_FAMILY_NONE };

  if (chunk.len == 4 || chunk.len == 16)
    {
      address.family = chunk.len == 4 ? IKE_FAMILY_IP4 : IKE_FAMILY_IP6;
      memcpy (address.bytes, chunk.data, chunk.len);
    }
  return address;
}

IkeChunk
ike_address_chunk (const IkeAddress *address)
{
  return ike_chunk (address->bytes, ike_family_len (address->family));
}

gboolean
ike_address_equal (const IkeAddress *a, const IkeAddress *b)
{
  return a->family == b->family && ike_chunk_equal (ike_address_chunk (a), ike_address_chunk (b));
}

gboolean
ike_address_from_string (const char *text, IkeAddress *ret)
{
  guint8 bytes[16];

  if (inet_pton (AF_INET, text, bytes) == 1)
    *ret = ike_address_from_chunk (ike_chunk (bytes, 4));
  else if (inet_pton (AF_INET6, text, bytes) == 1)
    *ret = ike_address_from_chunk (ike_chunk (bytes, 16));
  else
    return FALSE;
  return TRUE;
}

char *
ike_address_to_string (const IkeAddress *address)
{
  char text[INET6_ADDRSTRLEN];

  switch ((IkeFamily) address->family)
    {
    case IKE_FAMILY_NONE:
      break;
    case IKE_FAMILY_IP4:
      return g_strdup (inet_ntop (AF_INET, address->bytes, text, sizeof text));
    case IKE_FAMILY_IP6:
      return g_strdup (inet_ntop (AF_INET6, address->bytes, text, sizeof text));
    }
  return g_strdup ("none");
}

char *
ike_endpoint_to_string (const IkeEndpoint *endpoint)
{
  g_autofree char *address = ike_address_to_string (&endpoint->address);

  return g_strdup_printf (endpoint->address.family == IKE_FAMILY_IP6 ? "[%s]:%u" : "%s:%u", address, endpoint->port);
}

gboolean
ike_netmask_prefix (const guint8 mask[4], guint8 *ret_prefix)
{
  guint32 bits = (guint32) mask[0] << 24 | (guint32) mask[1] << 16 | (guint32) mask[2] << 8 | mask[3];
  guint32 hosts = ~bits; /* must be ones at the low end only */

  if ((hosts & (hosts + 1)) != 0)
    return FALSE;
  *ret_prefix = (guint8) (32 - (hosts == 0 ? 0 : g_bit_storage (hosts)));
  return TRUE;
}
