/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic selectors as sets: offers, narrowing, and whether an answer is within what was offered. RFC 7296 section
 * 2.9. */
#pragma once

#include "ike-engine-io.h"

GArray *ike_select_new (void);
GArray *ike_select_copy (const GArray *selectors);
/* Every address of a family, any protocol and port. */
void ike_select_add_all (GArray *selectors, IkeFamily family);
void ike_select_add_address (GArray *selectors, const IkeAddress *address);
/* What both have in common, in the order of @wanted; maybe empty, and never with OPAQUE ports. */
GArray *ike_select_narrow (const GArray *wanted, const GArray *allowed);
/* Is each of @inner within one of @outer? Empty is within nothing. */
gboolean ike_select_within (const GArray *inner, const GArray *outer);
/* Is each of @some one of @all, as it is? */
gboolean ike_select_among (const GArray *some, const GArray *all);
gboolean ike_select_equal (const GArray *a, const GArray *b);
/* "10.0.0.0/8, 2001:db8::/32". */
char *ike_select_to_string (const GArray *selectors);
/* Unicast, and not the unspecified, loopback or a multicast address. */
gboolean ike_address_assignable (const IkeAddress *address);
