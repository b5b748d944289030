/* SPDX-License-Identifier: GPL-2.0-or-later */
/* .mobileconfig of Apple's systems, plain or signed. Reading and writing. */
#pragma once

#include "profile/formats/formats.h"

extern const IpsecFormat ipsec_format_mobileconfig;
