/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP through the tunnel never negotiates segments that do not fit into it (mss-clamp). */
#pragma once

#include "helper-client.h"
#include "nm/activation.h"

/* @mtu: of the largest packet inside. */
void segments_limit (HelperClient *helper, const Activation *activation, guint mtu);
