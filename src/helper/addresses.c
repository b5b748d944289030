/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing; the kernel is asked anew each time. */
#include "addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static ChannelAddress
from_sockaddr (const struct sockaddr *sa)
{
  ChannelAddress a = { 0 };

  if (sa && sa->sa_family == AF_INET)
    {
      a.family = 4;
      memcpy (a.bytes, &((const struct sockaddr_in *) (const void *) sa)->sin_addr, 4);
    }
  else if (sa && sa->sa_family == AF_INET6)
    {
      const struct in6_addr *in6 = &((const struct sockaddr_in6 *) (const void *) sa)->sin6_addr;

      if (IN6_IS_ADDR_LINKLOCAL (in6) || IN6_IS_ADDR_MULTICAST (in6))
        return a;
      a.family = 6;
      memcpy (a.bytes, in6, 16);
    }
  return a;
}

static gboolean
is_inside (const ChannelAddress *a, const ChannelSelectors *inside)
{
  for (guint i = 0; i < inside->n; i++)
    {
      const ChannelSelector *s = &inside->at[i];

      if (s->first.family == a->family && memcmp (a->bytes, s->first.bytes, 16) >= 0 &&
          memcmp (a->bytes, s->last.bytes, 16) <= 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
choose_family (const struct ifaddrs *list, const ChannelSelectors *inside, guint8 family, ChannelAddress *ret)
{
  gboolean found = FALSE;

  for (const struct ifaddrs *at = list; at; at = at->ifa_next)
    {
      ChannelAddress a = from_sockaddr (at->ifa_addr);

      if (a.family != family || !(at->ifa_flags & IFF_UP) || (at->ifa_flags & IFF_LOOPBACK))
        continue;
      if (is_inside (&a, inside))
        {
          *ret = a;
          return TRUE;
        }
      if (!found)
        *ret = a;
      found = TRUE;
    }
  return found;
}

void
addresses_choose (const struct ifaddrs *list, const ChannelSelectors *inside, ChannelAddresses *ret)
{
  ret->n = 0;
  if (choose_family (list, inside, 4, &ret->at[ret->n]))
    ret->n++;
  if (choose_family (list, inside, 6, &ret->at[ret->n]))
    ret->n++;
}

gboolean
addresses_find (const ChannelSelectors *inside, ChannelAddresses *ret)
{
  struct ifaddrs *list;

  if (getifaddrs (&list) < 0)
    return FALSE;
  addresses_choose (list, inside, ret);
  freeifaddrs (list);
  return TRUE;
}
