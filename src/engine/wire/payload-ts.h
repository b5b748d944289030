/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic Selector payloads: RFC 7296 section 3.13; labels: RFC 9478 section 2. */
#pragma once

#include "ike-engine-io.h"
#include "wire/message.h"

/* Appends the IPv4 and IPv6 ranges to @selectors (GArray of IkeSelector) and the labels, empty ones too, to @labels
 * (GArray of IkeChunk, borrowed), and counts the others, which nobody matches (RFC 7296 section 2.9: a responder ignores
 * what it does not know). FALSE: malformed (a wrong length, first after last, no selector); both arrays are then as
 * before. Ports 65535 to 0 mean OPAQUE (RFC 7296 section 3.13.1) and stay so. */
gboolean ike_ts_parse (IkeChunk body, GArray *selectors, GArray *labels, guint *ret_unknown);
/* @selectors: at least one, GArray of IkeSelector. @label: empty: none. */
void ike_ts_write (IkeWriter *writer, const GArray *selectors, IkeChunk label);
/* For people: "10.0.0.0/8", "10.0.0.1-10.0.0.9[tcp/443]", "2001:db8::/32". */
char *ike_selector_to_string (const IkeSelector *selector);
