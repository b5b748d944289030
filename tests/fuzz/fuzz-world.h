/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the two ends of a world of fuzz-engine are configured: the first three octets of an input.
 *
 *   octet 0: bit 0 see fuzz-engine.c; bits 1-2 1: certificates, 2: an address is asked for, 3: peers, else PSK;
 *            bit 3 PFS; bit 4 MOBIKE and resumption; bit 5 NAT; bit 6 fragmentation; bit 7 the client keeps trying
 *   octet 1: bits 0-1 the gateway is a server for 1: users (EAP), 2: anybody (NULL), 3: certificates and then users; of
 *            peers 0: the second one waits, 1: both begin, 2: both wait for packets, 3: they are a mesh;
 *            bit 2 PPK; bit 3 PPK in IKE_AUTH alone; bit 4 additional key exchanges; bit 5 IPComp and TFC;
 *            bit 6 childless; bit 7 QCD, and the client authenticates again instead of rekeying
 *   octet 2: bit 0 transport mode; bit 1 several packets in one (IP-TFS); bit 2 a label, and the second end has another one
 *            with bit 3; bit 4 Child SAs of processors; bit 5 TCP (client and gateway); bits 6-7 a client that comes again
 *            0: takes the place of the first, 1: is refused, 2: stays beside it; 3: the same as 0, and limits of octets
 */
#pragma once

#include "sim.h"

typedef struct {
  guint8 flags, more, options;
} FuzzWorld;

/* The first port of a client by TCP; another connection has another one. */
#define FUZZ_TCP_PORT 40001

gboolean fuzz_world_is_tcp (FuzzWorld kind);
/* Both ends are hosts of a mesh: they have no path of their own. */
gboolean fuzz_world_is_mesh (FuzzWorld kind);
/* Client and gateway, or those of them that have a configuration and no connection yet: they begin. */
void fuzz_world_begin (FuzzWorld kind, SimHost *const *hosts);
