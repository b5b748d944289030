/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a path is given up sooner than usual. */
#pragma once

#include "sa/parent.h"

/* There is another path, and @request is a question that has just been asked: it is repeated sooner, and the path is in
 * doubt sooner, as long as it is known how long an answer takes on this one. */
void ike_liveness_hurry (const IkeParent *parent, IkeRequest *request);
