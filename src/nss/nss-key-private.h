/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of src/nss see of an NssKey. */
#pragma once

#include "nss-key.h"

#include <keyhi.h>

SECKEYPrivateKey *nss_key_nss (const NssKey *key);
