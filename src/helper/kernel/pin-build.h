/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Route netlink messages about the way to the gateway (pin.h): built and parsed, nothing else. */
#pragma once

#include "channel-types.h"

#include <linux/netlink.h>

#define PIN_PROTOCOL 137 /* rtm_protocol, nh_protocol: not one of iproute2's */

struct nl_msg;

typedef struct {
  ChannelAddress neighbour; /* family 0: the gateway itself is on the link */
  gboolean usable;
} PinWay;
struct nl_msg *pin_build_question (const ChannelAddress *gateway, guint32 ifindex);
/* By which link does the kernel go there, from there (family 0: from anywhere)? */
struct nl_msg *pin_build_where (const ChannelAddress *to, const ChannelAddress *from);
/* 0: nowhere. */
guint32 pin_parse_where (const struct nlmsghdr *msg);
/* Does it not leave this machine at all? */
gboolean pin_parse_is_here (const struct nlmsghdr *msg);
gboolean pin_parse_way (const struct nlmsghdr *msg, guint32 ifindex, PinWay *ret_way);
/* The kernel asks for it now. */
struct nl_msg *pin_build_neighbour (const ChannelAddress *neighbour, guint32 ifindex);
struct nl_msg *pin_build_nexthop (guint32 number, const ChannelAddress *gateway, guint32 ifindex, const PinWay *way);
struct nl_msg *pin_build_route (guint32 number, const ChannelAddress *gateway, guint32 metric);

struct nl_msg *pin_build_dump (void);
struct nl_msg *pin_build_delete (guint32 number);
/* FALSE: no nexthop, or not one of ours. */
gboolean pin_parse (const struct nlmsghdr *msg, guint32 *ret_number);
