/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The number is the owner's first one; nexthops have a number space of their own. */
#include "kernel/pin.h"

#include "kernel/owner.h"

#include <errno.h>
#include <unistd.h>

/* Below everybody else's; when another connection has the first one already, the next. */
#define METRIC_FIRST 1
#define METRIC_LAST 8

typedef struct {
  Netlink *route;
  ChannelAddress gateway;
  guint32 ifindex, metric;
  PinWay way;
  PinFunc func;
  gpointer data;
} Pin;

/* ---- three requests, one after the other ---- */

static guint32
own_number (void)
{
  return owner_number (getpid (), 1);
}

static void
finish (Pin *pin, int error, const char *text)
{
  pin->func (error, text, pin->data);
  g_free (pin);
}

static void
on_route (const NetlinkReply *reply, gpointer data)
{
  Pin *pin = data;

  if (reply->error == EEXIST && ++pin->metric <= METRIC_LAST)
    {
      netlink_call (pin->route, pin_build_route (own_number (), &pin->gateway, pin->metric), on_route, pin);
      return;
    }
  if (reply->error)
    netlink_call (pin->route, pin_build_delete (own_number ()), NULL, NULL);
  finish (pin, reply->error, reply->error ? "The kernel does not take the way to the gateway" : "");
}

static void
on_nexthop (const NetlinkReply *reply, gpointer data)
{
  Pin *pin = data;

  if (reply->error)
    finish (pin, reply->error, "The kernel does not take the neighbour on the way to the gateway");
  else
    netlink_call (pin->route, pin_build_route (own_number (), &pin->gateway, pin->metric), on_route, pin);
}

static void
on_gone (const NetlinkReply *reply, gpointer data)
{
  Pin *pin = data;

  if (pin->ifindex)
    netlink_call (pin->route, pin_build_nexthop (own_number (), &pin->gateway, pin->ifindex, &pin->way), on_nexthop,
                  pin);
  else
    finish (pin, 0, ""); /* what is gone already is as good as deleted */
}

static void
on_way (const NetlinkReply *reply, gpointer data)
{
  Pin *pin = data;

  if (reply->error || !reply->answer || !pin_parse_way (reply->answer, pin->ifindex, &pin->way) || !pin->way.usable)
    {
      finish (pin, reply->error ? reply->error : ENETUNREACH, "There is no route to the gateway by this uplink");
      return;
    }
  /* (no route to one that has not answered lately is followed) */
  if (pin->way.neighbour.family == 6)
    netlink_call (pin->route, pin_build_neighbour (&pin->way.neighbour, pin->ifindex), NULL, NULL);
  netlink_call (pin->route, pin_build_delete (own_number ()), on_gone, pin);
}

void
pin_set (Netlink *route, const ChannelAddress *gateway, guint32 ifindex, PinFunc func, gpointer data)
{
  Pin *pin = g_new0 (Pin, 1);

  pin->route = route;
  pin->gateway = *gateway;
  pin->ifindex = ifindex;
  pin->metric = METRIC_FIRST;
  pin->func = func;
  pin->data = data;
  if (ifindex)
    netlink_call (route, pin_build_question (gateway, ifindex), on_way, pin);
  else
    netlink_call (route, pin_build_delete (own_number ()), on_gone, pin);
}
