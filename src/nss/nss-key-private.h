/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of src/nss see of an NssKey. */
#pragma once

#include "nss-key.h"

#include <keyhi.h>

SECKEYPrivateKey *nss_key_nss (const NssKey *key);
/* A key that is already in NSS. NULL: it cannot sign IKE; it is then freed. */
NssKey *nss_key_new_from_nss (SECKEYPrivateKey *take_nss);
