/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prime and generator of the MODP groups. */
#pragma once

#include "wire/registry.h"

#include <glib.h>
#include <string.h>

/* FALSE: not a MODP group. The prime is as long as its bits say; the generator may be shorter. */
gboolean nss_ke_group_get (guint16 id, GBytes **ret_prime, GBytes **ret_generator);
