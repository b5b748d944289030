/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP sockets for IKE and ESP (RFC 9329): on their way to the gateway, or listening; exempt from IPsec policies, and so
 * is what is accepted from one. The kernel must be able to do ESP in TCP, which whoever gets the socket turns on when it
 * is connected: that takes no privilege.
 */
#pragma once

#include "outer-socket.h"

/* As udp_open(). The connection is not made yet when it returns. Of the privileged ports a server may have 443. */
int tcp_open (const OuterWish *wish, ChannelEndpoint *ret_local, char **ret_text);
