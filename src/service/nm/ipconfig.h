/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the gateway gave us, in NetworkManager's words: the Config, Ip4Config and Ip6Config dictionaries. Pure.
 *
 * NetworkManager owns addresses, routes and DNS; the default route is its as well. A gateway cannot set a route
 * outside the traffic selectors that were negotiated with it.
 */
#pragma once

#include "ike-engine-io.h"

#define IPCONFIG_DEFAULT_PATH_MTU 1500
#define IPCONFIG_MAX_OVERHEAD 100 /* ESP in UDP on IPv6, with the largest check value of a suite */
#define IPCONFIG_MIN_MTU4 576  /* RFC 791: every host takes this */
#define IPCONFIG_MIN_MTU6 1280 /* RFC 8200 section 5 */
#define IPCONFIG_MAX_ROUTES 256 /* per family; more are left out */
#define IPCONFIG_MAX_SERVERS 16 /* DNS, NBNS; per family */
#define IPCONFIG_MAX_DOMAINS 64
#define IPCONFIG_MAX_BANNER 2048 /* octets of UTF-8 */

/* connection.dns-over-tls, as far as NetworkManager applies it to the tunnel's link. */
typedef enum { IPCONFIG_TLS_NO, IPCONFIG_TLS_OPPORTUNISTIC, IPCONFIG_TLS_YES } IpconfigTls;

typedef struct {
  const char *tundev;   /* NULL or "": none */
  IpconfigTls tls;      /* only with a link of the tunnel's own */
  guint mtu;            /* the profile's; 0: path MTU less the overhead */
  guint path_mtu;       /* towards the gateway; 0: IPCONFIG_DEFAULT_PATH_MTU */
  gboolean can_persist; /* we reconnect in place */
  /* Where the gateway gives no address: ours of that family, for which NetworkManager's routes need one. NULL: none. */
  const IkeAddress *own4, *own6;
  /* The addresses that NetworkManager was told before; NULL: none. It goes on with all that it was told of a family for as
   * long as it is told nothing else of it: of one that is gone it is told the address, and nothing that leads anywhere. */
  const IkePrefix *before4, *before6;
  /* NetworkManager (1.36 to at least 1.56) does not apply what is the same as before, and then waits for ever for having
   * applied it. After a reconnection this must have the other value than the last time: it adds a route to our own
   * address, which changes nothing for packets. */
  gboolean variant;
} IpconfigOptions;

/* References, sunk; ip4 and ip6 are NULL where the family has nothing. */
typedef struct {
  GVariant *config, *ip4, *ip6;
  IkePrefix address4, address6; /* that are in these; family NONE: none */
  guint mtu; /* inside the tunnel */
  guint outside; /* name servers that are not, and are left out */
  GPtrArray *dns; /* char*: the name servers in ip4 and ip6, in order */
  GPtrArray *tls; /* char*: "dns.example (10.9.8.53)": encrypted ones that could be asked by DNS over TLS */
  gboolean tls_used; /* they are in @dns */
} Ipconfig;

/* FALSE: there is no gateway address in @configured, or one that NetworkManager cannot take. */
gboolean ipconfig_build (const IkeConfigured *configured, const IpconfigOptions *options, Ipconfig *ret);
void ipconfig_clear (Ipconfig *ipconfig);

/* Something that one machine can have, and others can reach: not 0, not multicast, not loopback. */
gboolean ipconfig_is_host (const IkeAddress *address);
/* Same host name grammar as the engine's (RFC 1123, at most 253 octets, labels up to 63); a final dot is allowed. */
gboolean ipconfig_domain_valid (const char *domain);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ipconfig, ipconfig_clear)
