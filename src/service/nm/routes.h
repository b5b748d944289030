/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic selectors of one address family as sorted, disjoint ranges, and those as prefixes for routes. Pure. */
#pragma once

#include "ike-engine-io.h"

typedef struct _RouteSet RouteSet;

/* Of @selectors (IkeSelector, may be NULL) those of @family; malformed ones are left out. */
RouteSet *route_set_new (IkeFamily family, const GArray *selectors);
void route_set_free (RouteSet *set);
gboolean route_set_is_empty (const RouteSet *set);
/* Everything of the family, whatever the protocol and port: the tunnel takes the default route. */
gboolean route_set_is_full (const RouteSet *set);
/* Is the whole network of @address/@prefix inside? */
gboolean route_set_contains (const RouteSet *set, const IkeAddress *address, guint prefix);
/* IkePrefix, at most @max, without 0.0.0.0/0 and ::/0. */
GArray *route_set_prefixes (const RouteSet *set, guint max);

/* Octets in an address of @family: 4, 16, or 0. */
guint address_size (guint8 family);
/* Sets all bits of @address after @prefix to 0. */
void address_mask (IkeAddress *address, guint prefix);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RouteSet, route_set_free)
