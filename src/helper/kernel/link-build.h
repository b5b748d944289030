/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Route netlink messages about our links: built and parsed, nothing else. */
#pragma once

#include "channel-types.h"

#include <linux/netlink.h>
#include <sys/types.h>

struct nl_msg;

typedef struct {
  ChannelLinkKind kind; /* XFRM or VTI; parsed: NONE for links of other kinds */
  char name[16];
  guint32 ifindex;
  guint32 id;          /* XFRM: if_id; VTI: mark, both as key in and out */
  ChannelAddress local, remote; /* VTI: outer; not parsed */
  char alias[256];     /* parsed */
} LinkInfo;

/* Creates it, up at once. */
struct nl_msg *link_build_new (const LinkInfo *link);
struct nl_msg *link_build_alias (guint32 ifindex, const char *alias);
/* VTI finds its packets by the outer addresses: changes them to @link's. */
struct nl_msg *link_build_vti_addresses (const LinkInfo *link);
struct nl_msg *link_build_get (const char *name);
struct nl_msg *link_build_delete (guint32 ifindex);
struct nl_msg *link_build_dump (void);

/* Whose it is, for people, and where the number is somebody else's choice for programs as well. */
char *link_alias (const char *uuid, pid_t owner);
/* 0: it is none of ours; a number alone, which others may have chosen, does not make it one. */
guint32 link_owner_number (const LinkInfo *link);
/* What the names of those begin with that nobody has named. */
#define LINK_NAME "ipsec"

/* NEWLINK, DELLINK. */
gboolean link_parse (const struct nlmsghdr *msg, LinkInfo *ret_link);
