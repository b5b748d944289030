/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. */
#include "io/sockaddr.h"

#include <string.h>

socklen_t
sockaddr_write (const IkeEndpoint *endpoint, SockAddress *ret)
{
  *ret = (SockAddress){ 0 };
  if (endpoint->address.family == IKE_FAMILY_IP4)
    {
      ret->in.sin_family = AF_INET;
      ret->in.sin_port = g_htons (endpoint->port);
      memcpy (&ret->in.sin_addr, endpoint->address.bytes, 4);
      return sizeof ret->in;
    }
  ret->in6.sin6_family = AF_INET6;
  ret->in6.sin6_port = g_htons (endpoint->port);
  memcpy (&ret->in6.sin6_addr, endpoint->address.bytes, 16);
  return sizeof ret->in6;
}

IkeEndpoint
sockaddr_read (const SockAddress *address)
{
  if (address->sa.sa_family == AF_INET)
    return (IkeEndpoint){ ike_address_from_chunk (ike_chunk (&address->in.sin_addr, 4)),
                          g_ntohs (address->in.sin_port) };
  return (IkeEndpoint){ ike_address_from_chunk (ike_chunk (&address->in6.sin6_addr, 16)),
                        g_ntohs (address->in6.sin6_port) };
}
