/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tunnel's link: an XFRM interface, else VTI where the kernel has no XFRM interfaces, else none.
 *
 * A VTI cannot be made before the outer addresses are known, and not twice between the same two.
 *
 * Its alias "nm-ipsec UUID PID" tells people whose it is; programs go by its number (owner.h).
 */
#pragma once

#include "kernel/link-build.h"
#include "kernel/netlink.h"

typedef struct {
  ChannelLinkKind kind; /* AUTO: whatever the kernel has */
  const char *name;     /* wish; "": the first free ipsecN */
  const char *uuid;
  ChannelAddress local, remote; /* outer, for a VTI; family 0: not known yet, then there is none */
  guint32 if_id;        /* 0: one of ours */
  guint8 family; /* of a VTI, when the ends are not known yet: 4, 6; 0: 4 */
} LinkWish;

/* @text: a sentence for people. @link is borrowed; kind NONE has no name. */
typedef void (*LinkFunc) (int error, const char *text, const LinkInfo *link, gpointer data);
void link_create (Netlink *route, const LinkWish *wish, LinkFunc func, gpointer data);
