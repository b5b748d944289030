/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A mesh's profile -> its nets as the engine has them, its own addresses, what a kill switch blocks, and what
 * NetworkManager is told. */
#pragma once

#include "ike-engine-io.h"
#include "io/netwatch.h"
#include "nm/ipconfig.h"
#include "profile/profile.h"

/* @netwatch: tells from which of our addresses the nets are reached; NULL: from any. */
IkeMesh *meshconfig_new (const IpsecProfile *profile, Netwatch *netwatch);
/* A mesh has no addresses, routes or gateway: one of its own addresses stands for that, which NetworkManager wants to
 * have. */
gboolean meshconfig_ipconfig (const IpsecProfile *profile, Netwatch *netwatch, Ipconfig *ret);
/* What a kill switch protects, the private nets, and what of these it leaves alone: nets in them of other groups that
 * have no private one in them. IkeSelector, added. */
void meshconfig_guard (const IpsecProfile *profile, GArray *protect, GArray *except);
