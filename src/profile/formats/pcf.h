/* SPDX-License-Identifier: GPL-2.0-or-later */
/* .pcf of Cisco's old VPN client: IKEv1 with a group key. Reading only. */
#pragma once

#include "profile/formats/formats.h"

extern const IpsecFormat ipsec_format_pcf;
