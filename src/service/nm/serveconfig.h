/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server's profile -> what the engine has for clients, and what NetworkManager is told. Pure. */
#pragma once

#include "ike-engine-io.h"
#include "nm/ipconfig.h"
#include "pool.h"
#include "profile/profile.h"

IkeServe *serveconfig_serve (const IpsecServer *server);
/* A server has no gateway: its own address in the pool stands for it, which NetworkManager wants to have; the way to
 * the pools is through the tunnel's interface. FALSE: there is none. */
gboolean serveconfig_ipconfig (const IpsecProfile *profile, const char *tundev, Ipconfig *ret);
