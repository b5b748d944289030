/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. */
#include "outer-socket.h"

#include "kernel/netlink.h"
#include "kernel/pin-build.h"
#include "kernel/selectors.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

static gboolean
is_special4 (const guint8 *a, gboolean link_local)
{
  return a[0] == 0 || a[0] == 127 || a[0] >= 224 || (!link_local && a[0] == 169 && a[1] == 254);
}

static gboolean
is_special6 (const guint8 *octets, gboolean link_local)
{
  struct in6_addr a;

  memcpy (&a, octets, sizeof a);
  return IN6_IS_ADDR_UNSPECIFIED (&a) || IN6_IS_ADDR_LOOPBACK (&a) || IN6_IS_ADDR_V4MAPPED (&a) ||
         IN6_IS_ADDR_V4COMPAT (&a) || IN6_IS_ADDR_MULTICAST (&a) || (!link_local && IN6_IS_ADDR_LINKLOCAL (&a));
}

static void
on_route (const struct nlmsghdr *msg, gpointer data)
{
  *(gboolean *) data = pin_parse_is_here (msg);
}

/* An address of this machine, by whichever link. */
static gboolean
is_here (const ChannelAddress *address)
{
  const ChannelAddress any = { 0 };
  int fd = netlink_sync_open (NETLINK_ROUTE);
  gboolean here = FALSE;

  if (fd < 0)
    return FALSE;
  (void) netlink_sync (fd, pin_build_where (address, &any), on_route, &here);
  close (fd);
  return here;
}

const char *
outer_complaint (const OuterWish *wish)
{
  const ChannelAddress *a = &wish->remote.address;
  gboolean link_local = wish->transport != CHANNEL_TCP; /* two hosts on one link; of those services none speaks IKE */

  if (outer_is_listener (wish) || a->family == 0)
    return NULL;
  if (a->family == 4 ? is_special4 (a->bytes, link_local) : is_special6 (a->bytes, link_local))
    return "The gateway's address is none that a gateway can have";
  return is_here (a) ? "The gateway's address is one of this machine" : NULL;
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
