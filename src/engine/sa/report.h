/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IKE SA as status tells of it. */
#pragma once

#include "sa/client.h"
#include "sa/parent.h"

/* The suite's name; NULL: there are no keys yet. */
char *ike_report_suite (const IkeParent *parent);
char *ike_report_child_suite (const IkeChild *child);
/* The client's addresses inside the tunnel, put into @array. */
const GArray *ike_report_addresses (const IkeClient *client, GArray *array);
/* When a timer that may not run goes off, from @now on; NEVER: it does not run. */
IkeTime ike_report_until (IkeTime at, IkeTime now);
/* What has passed since @then; NEVER: it was never. */
IkeTime ike_report_since (IkeTime then, IkeTime now);
