/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two connections may want the same packets: of policies whose selectors differ in their owner alone (owner.h) the kernel
 * takes the one of the lower priority, in each direction. The connection that came last is to have them, as at other
 * ends, where its SAs are the newest; when it ends, the one before has them again, and nothing goes in the clear.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* To be subtracted from the priorities of @self's policies with @selectors (struct xfrm_selector), which have no link: more
 * than any other helper's has. Asks the kernel for all its policies. At most XFRM_MAX_RANK: then the older one wins. */
guint32 rank_find (pid_t self, const GArray *selectors);
