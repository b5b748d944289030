/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sockets that carry IKE have in common, whatever they are made of. */
#pragma once

#include "channel-types.h"

#include <netinet/in.h>

typedef union {
  struct sockaddr sa;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
} OuterAddress;

typedef struct {
  ChannelTransport transport;
  ChannelEndpoint local; /* a wish: family 0 is any address; UDP: a port that is taken becomes any port */
  ChannelEndpoint remote; /* UDP: port 0: whatever port it sends from */
} OuterWish;

/* An endpoint without an address: any of @family. */
socklen_t outer_to_sockaddr (const ChannelEndpoint *endpoint, guint8 family, OuterAddress *ret);
ChannelEndpoint outer_from_sockaddr (const OuterAddress *address);
/* From anybody: the address is all zero, and so is the port. */
gboolean outer_is_listener (const OuterWish *wish);
/* Why it must not be connected there; NULL: it may. The service may have been taken over, and the socket is root's: what
 * listens on this machine, or is there for all of a cloud's machines, may believe whoever reaches it. A listener may. */
const char *outer_complaint (const OuterWish *wish);
/* What @error of a socket means when no address of ours was asked for: without IPv6, or with it switched off, there is no
 * way to the gateway, which may have an address of the other family. */
int outer_errno (const OuterWish *wish, int error);
/* Both: -1 and errno. */
int outer_set_int (int fd, int level, int option, int value);
/* IKE is never protected by an IPsec policy, or it would need itself (RFC 4301 section 4.4.1: bypass). */
int outer_bypass_policies (int fd, guint8 family);
