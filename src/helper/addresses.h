/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of this machine's own addresses a tunnel between networks is used from: routes need a source that the traffic
 * selectors let through.
 */
#pragma once

#include "channel-types.h"

struct ifaddrs;

/* Pure. Of each family at most one address: the first that is in @inside, else the first that other machines may see. */
void addresses_choose (const struct ifaddrs *list, const ChannelSelectors *inside, ChannelAddresses *ret);
/* The same with the addresses that there are now. FALSE, errno: the kernel does not tell. */
gboolean addresses_find (const ChannelSelectors *inside, ChannelAddresses *ret);
