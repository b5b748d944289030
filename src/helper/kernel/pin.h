/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way to the gateway over an uplink that the kernel would not take by itself: a host route in the main table, by a
 * nexthop that carries the owner's number, so that to delete the nexthop is to delete the route.
 *
 * Only the uplink is chosen by whoever asks; the neighbour is the one that the kernel has a route by there already.
 */
#pragma once

#include "kernel/netlink.h"
#include "kernel/pin-build.h"

typedef void (*PinFunc) (int error, const char *text, gpointer data);

/* @ifindex 0: no way of ours any more. One call at a time. */
void pin_set (Netlink *route, const ChannelAddress *gateway, guint32 ifindex, PinFunc func, gpointer data);
