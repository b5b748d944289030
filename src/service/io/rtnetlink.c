/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel: net/core/rtnetlink.c, net/ipv4/route.c, net/ipv6/route.c. Every length is checked against what was received. */
#include "io/rtnetlink.h"

#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#ifndef IFF_LOWER_UP
# define IFF_LOWER_UP 0x10000
#endif

/* ---- building ---- */

static void
begin (guint8 *ret, guint16 type, guint16 flags, guint32 seq, gsize body)
{
  struct nlmsghdr *head = (struct nlmsghdr *) (void *) ret;

  memset (ret, 0, RT_REQUEST_MAX);
  head->nlmsg_len = (guint32) NLMSG_LENGTH (body);
  head->nlmsg_type = type;
  head->nlmsg_flags = (guint16) (NLM_F_REQUEST | flags);
  head->nlmsg_seq = seq;
}

static void
put (guint8 *ret, guint16 type, gconstpointer data, gsize len)
{
  struct nlmsghdr *head = (struct nlmsghdr *) (void *) ret;
  gsize at = NLMSG_ALIGN (head->nlmsg_len);
  struct rtattr attr = { .rta_len = (guint16) RTA_LENGTH (len), .rta_type = type };

  g_assert (at + RTA_SPACE (len) <= RT_REQUEST_MAX);
  memcpy (ret + at, &attr, sizeof attr);
  memcpy (ret + at + RTA_LENGTH (0), data, len);
  head->nlmsg_len = (guint32) (at + RTA_LENGTH (len));
}

gsize
rt_build_link_dump (guint8 *ret, guint32 seq)
{
  begin (ret, RTM_GETLINK, NLM_F_DUMP, seq, sizeof (struct ifinfomsg));
  return ((struct nlmsghdr *) (void *) ret)->nlmsg_len;
}

gsize
rt_build_address_dump (guint8 *ret, guint32 seq)
{
  begin (ret, RTM_GETADDR, NLM_F_DUMP, seq, sizeof (struct ifaddrmsg));
  return ((struct nlmsghdr *) (void *) ret)->nlmsg_len;
}

gsize
rt_build_route_get (guint8 *ret, guint32 seq, const IkeAddress *to, guint32 ifindex, gboolean match)
{
  gsize len = ike_family_len (to->family);
  struct rtmsg body = { .rtm_family = to->family == IKE_FAMILY_IP4 ? AF_INET : AF_INET6,
                        .rtm_dst_len = (guint8) (len * 8),
                        .rtm_flags = match ? RTM_F_FIB_MATCH : 0 };

  begin (ret, RTM_GETROUTE, 0, seq, sizeof body);
  memcpy (ret + NLMSG_HDRLEN, &body, sizeof body);
  put (ret, RTA_DST, to->bytes, len);
  if (ifindex)
    put (ret, RTA_OIF, &ifindex, sizeof ifindex);
  return ((struct nlmsghdr *) (void *) ret)->nlmsg_len;
}

/* ---- parsing ---- */

typedef struct {
  const guint8 *at;
  gsize left;
  guint16 type;
  const guint8 *data;
  gsize len;
} Attributes;

static gboolean
attributes_next (Attributes *a)
{
  struct rtattr attr;
  gsize whole;

  if (a->left < sizeof attr)
    return FALSE;
  memcpy (&attr, a->at, sizeof attr);
  if (attr.rta_len < sizeof attr || attr.rta_len > a->left)
    return FALSE;
  a->type = attr.rta_type & NLA_TYPE_MASK;
  a->data = a->at + RTA_LENGTH (0);
  a->len = attr.rta_len - RTA_LENGTH (0);
  whole = MIN ((gsize) RTA_ALIGN (attr.rta_len), a->left);
  a->at += whole;
  a->left -= whole;
  return TRUE;
}

/* The body, and the attributes behind it. */
static gboolean
open_message (const struct nlmsghdr *msg, guint16 type, gpointer ret_body, gsize body, Attributes *ret)
{
  gsize at = NLMSG_HDRLEN + NLMSG_ALIGN (body);

  if (msg->nlmsg_type != type || msg->nlmsg_len < NLMSG_LENGTH (body))
    return FALSE;
  memcpy (ret_body, (const guint8 *) msg + NLMSG_HDRLEN, body);
  at = MIN (at, msg->nlmsg_len);
  *ret = (Attributes){ .at = (const guint8 *) msg + at, .left = msg->nlmsg_len - at };
  return TRUE;
}

static guint32
number (const Attributes *a)
{
  guint32 value = 0;

  if (a->len == sizeof value)
    memcpy (&value, a->data, sizeof value);
  return value;
}

static gboolean
is_word (const Attributes *a, const char *word)
{
  gsize len = strlen (word);

  return a->len >= len && memcmp (a->data, word, len) == 0 && (a->len == len || a->data[len] == 0);
}

static gboolean
is_one_of (const Attributes *a, const char *const *words)
{
  for (; *words; words++)
    if (is_word (a, *words))
      return TRUE;
  return FALSE;
}

gboolean
rt_parse_link (const struct nlmsghdr *msg, RtLink *ret_link)
{
  static const char *const ipsec[] = { "xfrm", "vti", "vti6", NULL };
  static const char *const tunnels[] = { "tun", "wireguard", "gre", "ipip", "sit", "ip6tnl", "ip6gre", "ppp", NULL };
  struct ifinfomsg body;
  Attributes a, inner;

  if (!open_message (msg, RTM_NEWLINK, &body, sizeof body, &a))
    return FALSE;
  *ret_link =
      (RtLink){ .ifindex = (guint32) body.ifi_index,
                .up = (body.ifi_flags & IFF_UP) && (body.ifi_flags & IFF_RUNNING) && (body.ifi_flags & IFF_LOWER_UP),
                .loopback = (body.ifi_flags & IFF_LOOPBACK) != 0 };
  while (attributes_next (&a))
    if (a.type == IFLA_LINKINFO)
      for (inner = (Attributes){ .at = a.data, .left = a.len }; attributes_next (&inner);)
        if (inner.type == IFLA_INFO_KIND)
          {
            ret_link->tunnel = is_one_of (&inner, ipsec);
            ret_link->inside = is_one_of (&inner, tunnels);
          }
  return TRUE;
}

gboolean
rt_parse_address (const struct nlmsghdr *msg, RtAddress *ret_address)
{
  struct ifaddrmsg body;
  guint32 flags;
  Attributes a;

  if (!open_message (msg, RTM_NEWADDR, &body, sizeof body, &a))
    return FALSE;
  *ret_address = (RtAddress){ .ifindex = body.ifa_index };
  flags = body.ifa_flags;
  while (attributes_next (&a))
    if (a.type == IFA_FLAGS)
      flags = number (&a);
    /* of a point-to-point link IFA_ADDRESS is the other end's */
    else if (a.type == IFA_LOCAL || (a.type == IFA_ADDRESS && !ret_address->address.family))
      ret_address->address = ike_address_from_chunk (ike_chunk (a.data, a.len));
  /* IFA_F_TEMPORARY is IFA_F_SECONDARY of IPv4 */
  ret_address->lasting = body.ifa_scope == RT_SCOPE_UNIVERSE &&
                         !(flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED)) &&
                         (ret_address->address.family == IKE_FAMILY_IP4 || !(flags & IFA_F_TEMPORARY));
  return ret_address->address.family != IKE_FAMILY_NONE;
}

/* The link of the hop by @wanted, or of the first; 0: there is none. */
static guint32
find_hop (const Attributes *hops, guint32 wanted)
{
  const guint8 *at = hops->data;
  gsize left = hops->len;
  struct rtnexthop hop;

  while (left >= sizeof hop)
    {
      memcpy (&hop, at, sizeof hop);
      if (hop.rtnh_len < sizeof hop || hop.rtnh_len > left)
        return 0;
      if (!wanted || (guint32) hop.rtnh_ifindex == wanted)
        return (guint32) hop.rtnh_ifindex;
      at += MIN ((gsize) RTNH_ALIGN (hop.rtnh_len), left);
      left -= MIN ((gsize) RTNH_ALIGN (hop.rtnh_len), left);
    }
  return 0;
}

gboolean
rt_parse_route (const struct nlmsghdr *msg, guint32 ifindex, RtRoute *ret_route)
{
  struct rtmsg body;
  Attributes a;

  if (!open_message (msg, RTM_NEWROUTE, &body, sizeof body, &a))
    return FALSE;
  *ret_route = (RtRoute){ .prefix = body.rtm_dst_len,
                          .protocol = body.rtm_protocol,
                          .local = body.rtm_type == RTN_LOCAL,
                          .unreachable = body.rtm_type != RTN_UNICAST && body.rtm_type != RTN_LOCAL };
  while (attributes_next (&a))
    if (a.type == RTA_OIF)
      ret_route->ifindex = number (&a);
    else if (a.type == RTA_MULTIPATH)
      ret_route->ifindex = find_hop (&a, ifindex);
    else if (a.type == RTA_PRIORITY)
      ret_route->metric = number (&a);
    else if (a.type == RTA_PREFSRC)
      ret_route->source = ike_address_from_chunk (ike_chunk (a.data, a.len));
  return ret_route->ifindex != 0;
}

/* Link-local and multicast destinations are the kernel's own doing. */
static gboolean
is_local_route (const struct rtmsg *route, const guint8 *to)
{
  return route->rtm_type == RTN_LOCAL || route->rtm_type == RTN_MULTICAST || route->rtm_type == RTN_BROADCAST ||
         (route->rtm_family == AF_INET6 && to && to[0] == 0xfe && (to[1] & 0xc0) == 0x80) ||
         (route->rtm_family == AF_INET6 && to && to[0] == 0xff);
}

gboolean
rt_is_tunnels (const struct nlmsghdr *msg, guint32 ifindex)
{
  const guint8 *to = NULL;
  guint32 out = 0;
  struct ifinfomsg link;
  struct ifaddrmsg address;
  struct rtmsg route;
  Attributes a;

  if (open_message (msg, RTM_NEWLINK, &link, sizeof link, &a) ||
      open_message (msg, RTM_DELLINK, &link, sizeof link, &a))
    return (guint32) link.ifi_index == ifindex;
  if (open_message (msg, RTM_NEWADDR, &address, sizeof address, &a) ||
      open_message (msg, RTM_DELADDR, &address, sizeof address, &a))
    return address.ifa_index == ifindex;
  if (!open_message (msg, RTM_NEWROUTE, &route, sizeof route, &a) &&
      !open_message (msg, RTM_DELROUTE, &route, sizeof route, &a))
    return FALSE;
  while (attributes_next (&a))
    if (a.type == RTA_OIF)
      out = number (&a);
    else if (a.type == RTA_DST && a.len == (route.rtm_family == AF_INET6 ? 16 : 4))
      to = a.data;
  return out == ifindex && is_local_route (&route, to);
}
