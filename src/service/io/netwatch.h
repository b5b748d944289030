/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the machine's network looks like now, as far as the way to a gateway is concerned: which uplinks lead there, and
 * that something has changed. It asks the kernel each time and remembers nothing; it changes nothing.
 */
#pragma once

#include "ike-engine-io.h"

#define NETWATCH_MAX_UPLINKS 8

typedef struct _Netwatch Netwatch;

typedef struct {
  guint32 ifindex;
  IkeAddress source;
  gboolean chosen; /* what the kernel takes by itself, a pin included */
  guint8 prefix;
  guint32 metric;
} NetwatchUplink;

/* Opens its sockets: before the sandbox closes. NULL with errno: the network is taken as it was at the start. */
Netwatch *netwatch_open (void);
void netwatch_close (Netwatch *self);
/* @changed (from the main loop, after a moment of quiet) when links, addresses or routes have changed; NULL: to nobody. */
void netwatch_listen (Netwatch *self, void (*changed) (gpointer data), gpointer data);
/* Our own interface: its coming, its addresses and what the kernel does with these are no news. 0: none. */
void netwatch_set_tunnel (Netwatch *self, guint32 ifindex);
/* Uplinks that have a carrier, a route to @gateway and an address for it that no tunnel has, the kernel's choice first, then
 * by prefix and metric. */
guint netwatch_uplinks (Netwatch *self, const IkeAddress *gateway, NetwatchUplink ret[NETWATCH_MAX_UPLINKS]);
/* Does the kernel send what is for @gateway into our own interface? */
gboolean netwatch_is_inside (Netwatch *self, const IkeAddress *gateway);
/* The lasting addresses of all links that are up, but for those of tunnels, separated by blanks. */
char *netwatch_addresses (Netwatch *self);
/* The link that has this address; 0: it is none of this machine's. */
guint32 netwatch_link_of (Netwatch *self, const IkeAddress *address);
