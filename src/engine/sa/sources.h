/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many of something there are of each source: one IPv4 address, or one IPv6 /64, since whoever has one address of an
 * IPv6 network has all 2^64.
 */
#pragma once

#include "base/address.h"

typedef struct _IkeSources IkeSources;

IkeSources *ike_sources_new (void);
void ike_sources_free (IkeSources *self);
guint ike_sources_count (const IkeSources *self, const IkeAddress *address);
void ike_sources_add (IkeSources *self, const IkeAddress *address);
/* One that was added. */
void ike_sources_remove (IkeSources *self, const IkeAddress *address);
