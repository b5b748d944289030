/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tunnel's interface, as it is wished for and as it became: plain values. */
#pragma once

#include "ike-engine-io.h"

typedef enum { HELPER_LINK_AUTO, HELPER_LINK_XFRM, HELPER_LINK_VTI, HELPER_LINK_NONE } HelperLinkKind;

typedef struct {
  HelperLinkKind kind; /* what it became: never AUTO */
  char name[16]; /* "" for NONE */
  guint32 ifindex, if_id, mark;
} HelperLink;

typedef struct {
  HelperLinkKind kind;
  IkeFamily family; /* of the gateway, as far as is known */
  const char *name; /* NULL or "": the helper chooses */
  gboolean dscp_not_out, dscp_in; /* the traffic class is not copied outside; is, inside */
  guint8 offload; /* IpsecOffload: who encrypts */
  guint32 if_id; /* 0: the helper chooses */
  guint32 mark, mark_mask; /* of the packets that go through, and of those that come out; mask 0: any */
} HelperLinkWish;
