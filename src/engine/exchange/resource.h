/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Child SAs for single processors: RFC 9611. The first Child SA is for all; beside it there are others with the same
 * selectors and suite, each for what one processor sends. Who made the first makes these, one after the other, as soon
 * as it is up; the other end takes them up to its own limit.
 *
 * Invariants: they are in the slot of the first, which has the policies; of one slot each processor has one; whatever
 * becomes of one of them is of no consequence for the others, for the first and for the IKE SA.
 */
#pragma once

#include "exchange/handlers.h"

/* ---- as an option (options.h) ---- */

void ike_resource_wish (IkeChild *child);
void ike_resource_write (IkeBuilder *builder, const IkeChild *child);
/* FALSE: it was to be for one processor, and the peer does not say so. */
gboolean ike_resource_accept (IkeChild *child, const IkePayloads *answer);
void ike_resource_choose (IkeChild *child, const IkePayloads *request);

/* ---- ours ---- */

/* @child is up: the next one is made, if there is one to be made. */
void ike_resource_next (IkeChild *child);
/* Not any more, until the first one is rekeyed or made anew. */
void ike_resource_enough (IkeChild *child, const char *why);
/* Is the one for all still there? */
gboolean ike_resource_is_due (const IkeChild *child);
/* Is what was agreed about it the same? */
gboolean ike_resource_fits (const IkeChild *child);

/* ---- the peer's ---- */

/* May a request for one more be looked at at all? */
gboolean ike_resource_may_join (const IkeParent *parent, const IkePayloads *request);
/* Finds out what @child, a new one of the peer with its options, is. 0, or the notification that refuses it. */
guint16 ike_resource_join (IkeChild *child, const IkePayloads *request);

/* @fresh rekeys @old, and is for the same processor, whatever the peer says of it. */
void ike_resource_inherit (IkeChild *fresh, const IkeChild *old);
