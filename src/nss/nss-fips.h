/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FIPS mode: only approved algorithms, and keys that are long enough. What is approved stands in the table of algorithms
 * (IKE_ALG_FIPS, IkeSigScheme.fips), because NSS's own FIPS module lets others through.
 */
#pragma once

#include <glib.h>

/* The environment, which is root's: "1" is FIPS mode without a kernel in that mode. */
#define NSS_FIPS_VARIABLE "NM_IPSEC_FIPS"

/* Asked once for a process, the first time: before its sandbox is closed. */
gboolean nss_fips_mode (void);
gboolean nss_fips_kernel (void);
/* The system was installed for it (/etc/system-fips). */
gboolean nss_fips_product (void);
gboolean nss_fips_forced (void);
