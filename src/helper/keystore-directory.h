/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the key store of the machine is: for who opens it with NSS, in whichever program. */
#pragma once

/* The environment, which is root's, may name another one. */
#define KEYSTORE_VARIABLE "NM_IPSEC_KEY_STORE"

const char *keystore_directory (void);
