/* SPDX-License-Identifier: GPL-2.0-or-later */
/* .sswan: the JSON profiles of strongSwan's Android client. Reading and writing. */
#pragma once

#include "profile/formats/formats.h"

extern const IpsecFormat ipsec_format_sswan;
