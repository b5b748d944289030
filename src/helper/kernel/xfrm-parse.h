/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says, read from octets: answers, events, errors. Pure; lengths are checked although it is the kernel,
 * because structures grow and because tests and fuzzers come here too. A parse function that returns FALSE has written
 * nothing.
 */
#pragma once

#include "channel-types.h"
#include "kernel/xfrm-build.h"

/* Copies the body of a message of @type (in the kernel's messages it may lie at any multiple of 4). FALSE when it is
 * another one or shorter than @size. */
gboolean xfrm_message_body (const struct nlmsghdr *msg, guint16 type, gpointer ret_body, gsize size);

/* The next attribute after a body of @body_size octets; begins with a zeroed @attr. */
typedef struct {
  int type;
  const guint8 *data;
  gsize len;
  gsize next;          /* private */
  gboolean malformed;  /* after FALSE: the rest was no attribute */
} XfrmAttribute;
gboolean xfrm_next_attribute (const struct nlmsghdr *msg, gsize body_size, XfrmAttribute *attr);

/* An SA as answered to get, dump and SPI allocation. */
typedef struct {
  XfrmSaId id; /* outbound is not known */
  XfrmOffload offload;
  guint32 cpu; /* as in XfrmSa */
  XfrmLabel label; /* borrowed from the message, as those below */
  guint64 bytes, packets, last_use; /* s since 1970, 0: never, or not told */
} XfrmState;
gboolean xfrm_parse_sa (const struct nlmsghdr *msg, XfrmState *ret_state);

/* A policy as dumped; one without a template is refused. */
gboolean xfrm_parse_policy (const struct nlmsghdr *msg, XfrmPolicy *ret_policy);

typedef enum { XFRM_EVENT_EXPIRE, XFRM_EVENT_MAPPING, XFRM_EVENT_ACQUIRE } XfrmEventType;
typedef struct {
  XfrmEventType type;
  guint32 reqid;
  guint32 spi;           /* EXPIRE, MAPPING */
  ChannelAddress dst; /* the same: where the SA goes */
  gboolean hard;         /* EXPIRE */
  ChannelEndpoint peer;  /* MAPPING: where ESP comes from now */
  ChannelSelector local, remote; /* ACQUIRE: the packet */
  guint32 acquired; /* ACQUIRE: its number, see XfrmSa */
  XfrmLabel label;  /* ACQUIRE: of who sends the packet */
} XfrmEvent;
gboolean xfrm_parse_event (const struct nlmsghdr *msg, XfrmEvent *ret_event);

/* NLMSG_ERROR (0: an acknowledgement) and the kernel's words about it, borrowed; "" without. */
gboolean netlink_parse_error (const struct nlmsghdr *msg, int *ret_errno, const char **ret_text);
