/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows: the ProfileXML of its management, and rasphone.pbk. Reading only. */
#pragma once

#include "profile/formats/formats.h"

extern const IpsecFormat ipsec_format_profilexml, ipsec_format_rasphone;
