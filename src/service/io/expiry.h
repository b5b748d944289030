/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates that are still good, but not for long: said in time for somebody to renew them. */
#pragma once

#include "nss-cert.h"

#define EXPIRY_DAYS 14
#define EXPIRY_PART 4 /* of its life at most: what lives for days is renewed by a machine */

/* A sentence when @cert ends soon after @now (seconds since 1970); NULL: it does not. */
char *expiry_warning (const NssCert *cert, gint64 now);
