/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The errors that NetworkManager knows from VPN services; on the bus each has its name. */
#pragma once

#include <NetworkManager.h>

/* The codes are those of NMVpnPluginError; libnm's own domain would need libnm. */
#define VPN_ERROR (vpn_error_quark ())
GQuark vpn_error_quark (void);
