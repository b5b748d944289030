/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known-answer tests of a crypto provider, run at every start: a library that computes something else than the RFCs
 * must not carry a tunnel. An algorithm that the provider does not claim is skipped.
 */
#pragma once

#include "crypto/crypto.h"

/* FALSE: @error names the algorithm that failed. */
gboolean nss_selftest_run (const IkeCrypto *crypto, GError **error);
/* One row per test, for a report: the algorithm's name, and whether it is there and right. NULL after the last. */
typedef enum { NSS_SELFTEST_PASSED, NSS_SELFTEST_FAILED, NSS_SELFTEST_ABSENT } NssSelftestResult;
const char *nss_selftest_row (const IkeCrypto *crypto, guint index, NssSelftestResult *ret);
