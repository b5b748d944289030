/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which group of a mesh an address belongs to. */
#pragma once

#include "ike-engine-io.h"

gboolean ike_prefix_contains (const IkePrefix *net, const IkeAddress *address);
/* That of the most specific net. FALSE: it is in none. */
gboolean ike_mesh_group (const IkeMesh *mesh, const IkeAddress *address, IkeGroup *ret);
const char *ike_group_name (IkeGroup group);
