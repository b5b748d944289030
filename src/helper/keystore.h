/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key store of the machine: an NSS database in a directory that is root's alone. */
#pragma once

#include <glib.h>

/* The environment, which is root's, may name another one. */
#define KEYSTORE_VARIABLE "NM_IPSEC_KEY_STORE"

const char *keystore_directory (void);
