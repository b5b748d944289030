/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few words of rtnetlink that the service needs to know which uplink leads to the gateway: requests are built and
 * answers parsed here, nothing is sent.
 */
#pragma once

#include "base/address.h"

#include <linux/rtnetlink.h>

typedef struct {
  guint32 ifindex;
  gboolean up;     /* there is a carrier, too */
  gboolean tunnel; /* of IPsec: xfrm, vti, vti6 */
  gboolean loopback;
  gboolean inside; /* of something else that has an outer address: another tunnel */
} RtLink;

typedef struct {
  guint32 ifindex;
  IkeAddress address;
  gboolean lasting; /* it is in use, and not for a link alone or for a while */
} RtAddress;

typedef struct {
  guint32 ifindex;
  gboolean local;      /* the address is one of this machine's */
  gboolean unreachable;
  guint8 prefix;       /* of the route that was found */
  guint8 protocol;
  guint32 metric;
  IkeAddress source;   /* family NONE: not told */
} RtRoute;

/* One request in @ret, which has room for RT_REQUEST_MAX octets; the length. */
#define RT_REQUEST_MAX 128
gsize rt_build_link_dump (guint8 *ret, guint32 seq);
gsize rt_build_address_dump (guint8 *ret, guint32 seq);
/* How is @to reached? @ifindex: by this link only; 0: by any. @match: the route itself, and an error without one. */
gsize rt_build_route_get (guint8 *ret, guint32 seq, const IkeAddress *to, guint32 ifindex, gboolean match);

/* Is this news about the link @ifindex, an address on it, or a route that the kernel makes for such an address? */
gboolean rt_is_tunnels (const struct nlmsghdr *msg, guint32 ifindex);
/* FALSE: it is something else, or malformed. */
gboolean rt_parse_link (const struct nlmsghdr *msg, RtLink *ret_link);
gboolean rt_parse_address (const struct nlmsghdr *msg, RtAddress *ret_address);
/* @ifindex: of a route with several hops, the one by this link; 0: the first. */
gboolean rt_parse_route (const struct nlmsghdr *msg, guint32 ifindex, RtRoute *ret_route);
