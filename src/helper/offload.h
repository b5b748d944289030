/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who encrypts: the network card by which the gateway is reached, or the processor. */
#pragma once

#include "tunnel.h"

/* tunnel_install(), with what the tunnel's traits want of the card: AUTO takes what works, CRYPTO and PACKET fail without.
 * @route is borrowed. */
void offload_install (Tunnel *tunnel, Netlink *route, const ChannelSaInstall *request, TunnelFunc func, gpointer data);
