/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policies of a kill switch: what is protected is blocked unless a tunnel's policy, which comes first, takes it; and
 * a few things pass. They stay when everybody has died, so that nobody's process id is in them: they bear the
 * connection's label, in a field of the selector that the kernel compares and shows but does not match by. So they are
 * also never the same policy as a tunnel's. What passes because of the tunnel is not to outlive the helper, and bears
 * its number instead (owner.h). Pure.
 *
 * Only direction out, which is what forwarded packets are checked against, too.
 */
#pragma once

#include "channel-types.h"
#include "kernel/xfrm-compat.h"

/* Lower wins; a tunnel's are far below (selectors.c). */
#define GUARD_PRIORITY_PASS 0x7ffffff0u
#define GUARD_PRIORITY_BLOCK 0x7ffffff1u

typedef struct {
  struct xfrm_selector selector;
  gboolean block;
} GuardPolicy;

typedef struct {
  ChannelSelectors protect, except; /* by the other end's address */
  ChannelSelectors inside; /* what this machine sends into the tunnel's link from */
  gboolean names; /* names must be looked up outside */
  guint32 ifindex; /* the tunnel's link; 0: none */
} GuardWish;

/* Whose: the connection's label, marked as ours (two connections of one label would be a harmless accident), and the
 * number of its helper. */
typedef struct {
  guint32 label, owner;
} GuardNames;
guint32 guard_label (const char *uuid);

/* @ret: GuardPolicy, each once; those that pass are first. FALSE: too many. */
gboolean guard_policies (const GuardWish *wish, const GuardNames *names, GArray *ret);

struct nl_msg *guard_build (const GuardPolicy *policy);
struct nl_msg *guard_build_delete (const struct xfrm_selector *selector);
/* FALSE: not one of ours. *ret_label 0: it has the number of a helper. */
gboolean guard_parse (const struct nlmsghdr *msg, GuardPolicy *ret_policy, guint32 *ret_label);
