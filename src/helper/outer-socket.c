/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. */
#include "outer-socket.h"

#include "kernel/selectors.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#ifndef IP_XFRM_POLICY
# define IP_XFRM_POLICY 17
#endif
#ifndef IPV6_XFRM_POLICY
# define IPV6_XFRM_POLICY 35
#endif

socklen_t
outer_to_sockaddr (const ChannelEndpoint *endpoint, guint8 family, OuterAddress *ret)
{
  memset (ret, 0, sizeof *ret);
  if (family == 4)
    {
      ret->in.sin_family = AF_INET;
      ret->in.sin_port = htons (endpoint->port);
      memcpy (&ret->in.sin_addr, endpoint->address.bytes, endpoint->address.family ? 4 : 0);
      return sizeof ret->in;
    }
  ret->in6.sin6_family = AF_INET6;
  ret->in6.sin6_port = htons (endpoint->port);
  memcpy (&ret->in6.sin6_addr, endpoint->address.bytes, endpoint->address.family ? 16 : 0);
  return sizeof ret->in6;
}

ChannelEndpoint
outer_from_sockaddr (const OuterAddress *address)
{
  ChannelEndpoint e = { .address = { .family = address->sa.sa_family == AF_INET ? 4 : 6 } };

  if (e.address.family == 4)
    memcpy (e.address.bytes, &address->in.sin_addr, 4);
  else
    memcpy (e.address.bytes, &address->in6.sin6_addr, 16);
  e.port = ntohs (e.address.family == 4 ? address->in.sin_port : address->in6.sin6_port);
  return e;
}

gboolean
outer_is_listener (const OuterWish *wish)
{
  static const guint8 zero[16];

  return wish->remote.address.family != 0 && wish->remote.port == 0 &&
         memcmp (wish->remote.address.bytes, zero, sizeof zero) == 0;
}

int
outer_errno (const OuterWish *wish, int error)
{
  gboolean absent = error == EAFNOSUPPORT || error == EADDRNOTAVAIL;

  return absent && wish->local.address.family == 0 && !outer_is_listener (wish) ? ENETUNREACH : error;
}

int
outer_set_int (int fd, int level, int option, int value)
{
  return setsockopt (fd, level, option, &value, sizeof value);
}

int
outer_bypass_policies (int fd, guint8 family)
{
  struct xfrm_userpolicy_info policy = { .sel = { .family = family == 4 ? AF_INET : AF_INET6 },
                                         .action = XFRM_POLICY_ALLOW };

  for (policy.dir = XFRM_POLICY_IN; policy.dir <= XFRM_POLICY_OUT; policy.dir++)
    if (setsockopt (fd, family == 4 ? (int) IPPROTO_IP : (int) IPPROTO_IPV6,
                    family == 4 ? IP_XFRM_POLICY : IPV6_XFRM_POLICY, &policy, sizeof policy) < 0)
      return -1;
  return 0;
}
