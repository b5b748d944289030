/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a path is given up sooner than usual. */
#pragma once

#include "sa/parent.h"

/* There is another path, and @request is a question that has just been asked: it is repeated sooner, and the path is in
 * doubt sooner, as long as it is known how long an answer takes on this one. */
void ike_liveness_hurry (const IkeParent *parent, IkeRequest *request);
/* Does what is asked now wait, and can it be helped? (An idle tunnel that would have to be made anew has time.) */
gboolean ike_liveness_is_urgent (const IkeParent *parent);
/* TCP knows that what was asked has not arrived, or supposes so; the input CLOGGED. */
void ike_path_clogged (IkeConnection *connection, gboolean certain);
