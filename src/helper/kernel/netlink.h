/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A netlink socket on the default main context. Requests are answered by callback, exactly once each: with the kernel's
 * acknowledgement, its error and words, ETIMEDOUT, or ECANCELED when the socket is closed; never from inside the call.
 * They reach the kernel in the order of the calls, but not all at once: after ETIMEDOUT or ECANCELED it may have done what
 * was asked, or not. What was sent and received is erased, since it may hold keys.
 */
#pragma once

#include <glib.h>
#include <linux/netlink.h>

struct nl_msg;
typedef struct _Netlink Netlink;

typedef struct {
  int error;        /* 0, or a positive errno */
  const char *text; /* the kernel's words, "" without */
  const struct nlmsghdr *answer; /* borrowed; NULL: none but the acknowledgement */
} NetlinkReply;
typedef void (*NetlinkFunc) (const NetlinkReply *reply, gpointer data);
typedef void (*NetlinkEventFunc) (const struct nlmsghdr *msg, gpointer data);

/* NULL with errno. */
Netlink *netlink_open (int protocol);
/* For events of @groups (ended by 0): messages go to @func. @type: only these; 0: all. */
Netlink *netlink_listen (int protocol, const guint *groups, guint16 type, NetlinkEventFunc func, gpointer data);
void netlink_close (Netlink *netlink); /* not from inside a callback */
/* @func may be NULL. */
void netlink_call (Netlink *netlink, struct nl_msg *take_msg, NetlinkFunc func, gpointer data);

/* Without a main loop, for the reaper: a blocking socket, and one request on it. @each gets every answer, of a dump
 * too. 0, or an errno. */
int netlink_sync_open (int protocol);
int netlink_sync (int fd, struct nl_msg *take_msg, NetlinkEventFunc each, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Netlink, netlink_close)
