/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections and formats for the tests of what is written. */
#pragma once

#include "profile/formats/formats.h"

#define CKAID "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"

/* Of "key=value"; each "=" becomes an end. */
NMConnection *connection_of (char **items);
const IpsecFormat *format_named (const char *name);
