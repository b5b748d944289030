/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies of a mesh's groups, and those that stand for an SA which could not be made (shunts). They lose against every
 * tunnel's and win against a kill switch's; among them the most specific net wins, whatever its group is. What lets pass
 * or blocks has no template that could name its owner: its selector does (owner.h). Pure.
 *
 * A trap is in transport mode, because only then the kernel asks for each host by itself. No SA ever has its reqid, so
 * that nothing which comes in fits its template: what is dropped are packets in the clear, and those that somebody else's
 * SA has brought.
 */
#pragma once

#include "channel-types.h"
#include "kernel/xfrm-build.h"

/* Lower wins; a tunnel's are far below (selectors.c), a kill switch's above (guard-build.h). */
#define MESH_PRIORITY_ALWAYS 0x40000000u
#define MESH_PRIORITY_SHUNT 0x40000001u
#define MESH_PRIORITY_NET 0x40000100u /* of the most specific nets; the next 255 are for wider ones */

/* Adds to @ret (XfrmPolicy). @selector: of what is sent. */
void mesh_policies (ChannelRule rule, const struct xfrm_selector *selector, guint32 reqid, GArray *ret);
/* FALSE: not one that has no template and is a mesh's. */
gboolean mesh_parse (const struct nlmsghdr *msg, XfrmPolicy *ret_policy);
