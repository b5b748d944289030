/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a path is given up sooner than usual. */
#pragma once

#include "sa/parent.h"

/* There is another path, and it is known how long an answer takes on this one: it is not waited for longer than that. */
gboolean ike_liveness_is_quick (const IkeParent *parent);
/* Then a question is repeated so often before the path is in doubt. */
#define IKE_PATH_QUICK_TRIES 3
