/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second opinion: NSS's PKIX validator (CERT_PKIXVerifyCert). Private to src/nss. */
#pragma once

#include "nss-cert-private.h"

/* Does NSS accept @path (NssCert: end entity, intermediates, anchor; at least two), at @now, for IPsec, with the anchor
 * as the only trust, no revocation data and no network? Also checks what our own rules leave to it: policies. */
gboolean nss_pkix_agrees (GPtrArray *path, gint64 now, IkeReason *ret);
