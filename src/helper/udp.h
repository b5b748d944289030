/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDP sockets for IKE: connected to the gateway, exempt from IPsec policies, and for port 4500 with the kernel taking
 * the ESP out (RFC 3948).
 */
#pragma once

#include "outer-socket.h"

/* Of the privileged ports only IKE's own is given. -1, errno and *ret_text (a sentence) on failure. */
int udp_open (const OuterWish *wish, ChannelEndpoint *ret_local, char **ret_text);

/* Pure: how many sockets in @table (/proc/net/udp or udp6) have this local port and get what comes from @remote, being
 * connected to it or to its address? */
guint udp_count_connected (const char *table, guint16 local_port, const ChannelEndpoint *remote);
