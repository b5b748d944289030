/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel: net/ipv4/nexthop.c (Linux 5.3 and on), net/ipv4/fib_frontend.c, net/ipv6/route.c. */
#include "kernel/pin-build.h"

#include "kernel/xfrm-parse.h"

#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <string.h>

static int
family_of (const ChannelAddress *address)
{
  return address->family == 4 ? AF_INET : AF_INET6;
}

static gsize
length_of (const ChannelAddress *address)
{
  return address->family == 4 ? 4 : 16;
}

static struct nl_msg *
message_new (int type, int flags, gconstpointer body, gsize len)
{
  struct nl_msg *msg = nlmsg_alloc_simple (type, NLM_F_REQUEST | flags);

  g_assert (msg);
  g_assert (nlmsg_append (msg, (void *) body, len, NLMSG_ALIGNTO) == 0);
  return msg;
}

static void
put (struct nl_msg *msg, int type, gconstpointer data, gsize len)
{
  g_assert (nla_put (msg, type, (int) len, data) == 0); /* a page is far more than we say */
}

struct nl_msg *
pin_build_question (const ChannelAddress *gateway, guint32 ifindex)
{
  const struct rtmsg body = { .rtm_family = (guint8) family_of (gateway),
                              .rtm_dst_len = (guint8) (length_of (gateway) * 8),
                              .rtm_flags = RTM_F_FIB_MATCH };
  struct nl_msg *msg = message_new (RTM_GETROUTE, NLM_F_ACK, &body, sizeof body);

  put (msg, RTA_DST, gateway->bytes, length_of (gateway));
  put (msg, RTA_OIF, &ifindex, sizeof ifindex);
  return msg;
}

struct nl_msg *
pin_build_where (const ChannelAddress *to, const ChannelAddress *from)
{
  const struct rtmsg body = { .rtm_family = (guint8) family_of (to),
                              .rtm_dst_len = (guint8) (length_of (to) * 8),
                              .rtm_src_len = (guint8) (from->family ? length_of (to) * 8 : 0) };
  struct nl_msg *msg = message_new (RTM_GETROUTE, NLM_F_ACK, &body, sizeof body);

  put (msg, RTA_DST, to->bytes, length_of (to));
  if (from->family)
    put (msg, RTA_SRC, from->bytes, length_of (to));
  return msg;
}

guint32
pin_parse_where (const struct nlmsghdr *msg)
{
  struct rtmsg body;
  XfrmAttribute attr = { 0 };
  guint32 oif = 0;

  if (!xfrm_message_body (msg, RTM_NEWROUTE, &body, sizeof body) || body.rtm_type != RTN_UNICAST)
    return 0;
  while (xfrm_next_attribute (msg, sizeof body, &attr))
    if (attr.type == RTA_OIF && attr.len == sizeof oif)
      memcpy (&oif, attr.data, sizeof oif);
  return attr.malformed ? 0 : oif;
}

gboolean
pin_parse_is_here (const struct nlmsghdr *msg)
{
  struct rtmsg body;

  return xfrm_message_body (msg, RTM_NEWROUTE, &body, sizeof body) && body.rtm_type == RTN_LOCAL;
}

struct nl_msg *
pin_build_neighbour (const ChannelAddress *neighbour, guint32 ifindex)
{
  const struct ndmsg body = { .ndm_family = (guint8) family_of (neighbour),
                              .ndm_ifindex = (int) ifindex,
                              .ndm_flags = NTF_USE };
  struct nl_msg *msg = message_new (RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE, &body, sizeof body);

  put (msg, NDA_DST, neighbour->bytes, length_of (neighbour));
  return msg;
}

struct nl_msg *
pin_build_nexthop (guint32 number, const ChannelAddress *gateway, guint32 ifindex, const PinWay *way)
{
  const struct nhmsg body = { .nh_family = (guint8) family_of (gateway), .nh_protocol = PIN_PROTOCOL };
  struct nl_msg *msg = message_new (RTM_NEWNEXTHOP, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);

  put (msg, NHA_ID, &number, sizeof number);
  put (msg, NHA_OIF, &ifindex, sizeof ifindex);
  if (way->neighbour.family)
    put (msg, NHA_GATEWAY, way->neighbour.bytes, length_of (&way->neighbour));
  return msg;
}

struct nl_msg *
pin_build_route (guint32 number, const ChannelAddress *gateway, guint32 metric)
{
  const struct rtmsg body = { .rtm_family = (guint8) family_of (gateway),
                              .rtm_dst_len = (guint8) (length_of (gateway) * 8),
                              .rtm_table = RT_TABLE_MAIN,
                              .rtm_protocol = PIN_PROTOCOL,
                              .rtm_scope = RT_SCOPE_UNIVERSE,
                              .rtm_type = RTN_UNICAST };
  struct nl_msg *msg = message_new (RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);

  put (msg, RTA_DST, gateway->bytes, length_of (gateway));
  put (msg, RTA_PRIORITY, &metric, sizeof metric);
  put (msg, RTA_NH_ID, &number, sizeof number);
  return msg;
}

struct nl_msg *
pin_build_delete (guint32 number)
{
  const struct nhmsg body = { .nh_family = AF_UNSPEC };
  struct nl_msg *msg = message_new (RTM_DELNEXTHOP, NLM_F_ACK, &body, sizeof body);

  put (msg, NHA_ID, &number, sizeof number);
  return msg;
}

struct nl_msg *
pin_build_dump (void)
{
  const struct nhmsg body = { .nh_family = AF_UNSPEC };

  return message_new (RTM_GETNEXTHOP, NLM_F_DUMP, &body, sizeof body);
}

gboolean
pin_parse (const struct nlmsghdr *msg, guint32 *ret_number)
{
  struct nhmsg body;
  XfrmAttribute attr = { 0 };
  guint32 number = 0;

  if (!xfrm_message_body (msg, RTM_NEWNEXTHOP, &body, sizeof body) || body.nh_protocol != PIN_PROTOCOL)
    return FALSE;
  while (xfrm_next_attribute (msg, sizeof body, &attr))
    if (attr.type == NHA_ID && attr.len == sizeof number)
      memcpy (&number, attr.data, sizeof number);
  if (attr.malformed || number == 0)
    return FALSE;
  *ret_number = number;
  return TRUE;
}

static void
take_neighbour (int type, const guint8 *data, gsize len, PinWay *ret_way)
{
  if (type != RTA_GATEWAY || (len != 4 && len != 16))
    return;
  ret_way->neighbour.family = len == 4 ? 4 : 6;
  memcpy (ret_way->neighbour.bytes, data, len);
}

/* Of a route with several hops, the one by @ifindex. FALSE: there is none. */
static gboolean
take_hop (const guint8 *at, gsize left, guint32 ifindex, PinWay *ret_way)
{
  struct rtnexthop hop;
  struct rtattr attr;

  for (; left >= sizeof hop;
       at += MIN ((gsize) RTNH_ALIGN (hop.rtnh_len), left), left -= MIN ((gsize) RTNH_ALIGN (hop.rtnh_len), left))
    {
      memcpy (&hop, at, sizeof hop);
      if (hop.rtnh_len < sizeof hop || hop.rtnh_len > left)
        return FALSE;
      if ((guint32) hop.rtnh_ifindex != ifindex)
        continue;
      for (gsize pos = sizeof hop; pos + sizeof attr <= hop.rtnh_len; pos += RTA_ALIGN (attr.rta_len))
        {
          memcpy (&attr, at + pos, sizeof attr);
          if (attr.rta_len < sizeof attr || attr.rta_len > hop.rtnh_len - pos)
            return FALSE;
          take_neighbour (attr.rta_type, at + pos + sizeof attr, attr.rta_len - sizeof attr, ret_way);
        }
      return TRUE;
    }
  return FALSE;
}

gboolean
pin_parse_way (const struct nlmsghdr *msg, guint32 ifindex, PinWay *ret_way)
{
  struct rtmsg body;
  XfrmAttribute attr = { 0 };
  guint32 oif = 0;

  if (!xfrm_message_body (msg, RTM_NEWROUTE, &body, sizeof body))
    return FALSE;
  *ret_way = (PinWay){ 0 };
  while (xfrm_next_attribute (msg, sizeof body, &attr))
    if (attr.type == RTA_OIF && attr.len == sizeof oif)
      memcpy (&oif, attr.data, sizeof oif);
    else if (attr.type == RTA_MULTIPATH)
      oif = take_hop (attr.data, attr.len, ifindex, ret_way) ? ifindex : 0;
    else
      take_neighbour (attr.type, attr.data, attr.len, ret_way);
  ret_way->usable = body.rtm_type == RTN_UNICAST && oif == ifindex;
  return !attr.malformed;
}
