/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of a responder's Child SAs has the kernel's policies, when several are for the same selectors: of a client that
 * has come again before its old IKE SA was found dead, or that authenticates anew.
 *
 * Invariants: the kernel has one policy for the same selectors, whoever installed it last; that is one of the newest
 * client among those that live. The others' IKE_SA_POLICIES means that theirs were there, or may be.
 */
#pragma once

#include "sa/child.h"

/* @child is about to have the policies of its selectors, which are final. FALSE: one of a newer client has them, and
 * @child only waits. */
gboolean ike_claims_enter (IkeChild *child);
/* One of a newer client has them. */
gboolean ike_claims_waits (const IkeChild *child);
/* @to, of the same slot and selectors, has them in place of @from. */
void ike_claims_pass (IkeChild *from, IkeChild *to);
/* @child gives up what it has, or waits for. */
void ike_claims_leave (IkeChild *child);
/* Whose turn it is when @child, of another slot, no longer has them; NULL: nobody's. */
IkeChild *ike_claims_heir (const IkeChild *child);
