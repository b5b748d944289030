/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic selectors (ranges, RFC 7296 section 3.13.1) as the kernel's selectors (prefixes and port masks), exactly:
 * a range that is no prefix becomes several, never a wider one. Pure.
 */
#pragma once

#include "channel-types.h"
#include "kernel/xfrm-compat.h"

/* How many policies per direction one Child SA may need. */
#define XFRM_MAX_SELECTORS 512

/* @array: struct xfrm_selector; local as source, for direction out. FALSE, and then nothing is appended: no pair of one
 * family and protocol, or too many. */
gboolean xfrm_selectors_expand (const ChannelSelectors *local, const ChannelSelectors *remote, GArray *array);
/* Source and destination exchanged: directions in and forward. */
struct xfrm_selector xfrm_selector_mirror (const struct xfrm_selector *selector);
/* Lower wins: the more a selector says, the lower. */
guint32 xfrm_selector_priority (const struct xfrm_selector *selector);
/* So much may be subtracted from it, and what says more still wins (rank.h). */
#define XFRM_MAX_RANK 29

/* Addresses of the kernel: the family is kept beside them. */
guint16 xfrm_family (const ChannelAddress *address);
xfrm_address_t xfrm_address (const ChannelAddress *address);
/* Family 0 when @family is neither AF_INET nor AF_INET6. */
ChannelAddress xfrm_address_back (const xfrm_address_t *address, guint16 family);
