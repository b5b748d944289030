/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swanctl.conf of strongSwan: swanctl.conf(5). Reading only. */
#pragma once

#include "profile/formats/formats.h"

extern const IpsecFormat ipsec_format_swanctl;
