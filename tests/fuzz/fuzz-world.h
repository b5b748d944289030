/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the two ends of a world of fuzz-engine are configured: the first two octets of an input.
 *
 *   octet 0: bit 0 see fuzz-engine.c; bits 1-2 1: certificates, 2: an address is asked for, 3: peers, else PSK;
 *            bit 3 PFS; bit 4 MOBIKE and resumption; bit 5 NAT; bit 6 fragmentation; bit 7 the client keeps trying
 *   octet 1: bits 0-1 the gateway is a server for 1: users (EAP), 2: anybody (NULL), 3: certificates and then users; of
 *            peers 0: the second one waits, 1: both begin, 2: both wait for packets, 3: they are a mesh;
 *            bit 2 PPK; bit 3 PPK in IKE_AUTH alone; bit 4 additional key exchanges; bit 5 IPComp and TFC;
 *            bit 6 childless; bit 7 QCD, and the client authenticates again instead of rekeying
 */
#pragma once

#include "sim.h"

typedef struct {
  guint8 flags, more;
} FuzzWorld;

/* Both ends are hosts of a mesh: they have no path of their own. */
gboolean fuzz_world_is_mesh (FuzzWorld kind);
/* Client and gateway, or those of them that have a configuration and no connection yet: they begin. */
void fuzz_world_begin (FuzzWorld kind, SimHost *const *hosts);
