/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. Only hosts' own packets are meant: nothing of direction fwd. */
#include "kernel/mesh-build.h"

#include "kernel/owner.h"
#include "kernel/selectors.h"
#include "kernel/xfrm-parse.h"

#include <string.h>
#include <sys/socket.h>

typedef struct {
  XfrmAct out, in;
  gboolean both; /* directions */
  guint32 priority; /* 0: by the net */
} Row;

static const Row rows[] = {
  [CHANNEL_RULE_TRAP] = { XFRM_ACT_TUNNEL, XFRM_ACT_TUNNEL, TRUE, 0 },
  [CHANNEL_RULE_ASK] = { XFRM_ACT_TUNNEL, XFRM_ACT_PASS, TRUE, 0 },
  [CHANNEL_RULE_PASS] = { XFRM_ACT_PASS, XFRM_ACT_PASS, TRUE, 0 },
  [CHANNEL_RULE_BLOCK] = { XFRM_ACT_BLOCK, XFRM_ACT_BLOCK, TRUE, 0 },
  [CHANNEL_RULE_ALWAYS] = { XFRM_ACT_PASS, XFRM_ACT_PASS, TRUE, MESH_PRIORITY_ALWAYS },
  [CHANNEL_RULE_SHUNT_PASS] = { XFRM_ACT_PASS, XFRM_ACT_PASS, FALSE, MESH_PRIORITY_SHUNT },
  [CHANNEL_RULE_SHUNT_BLOCK] = { XFRM_ACT_BLOCK, XFRM_ACT_BLOCK, FALSE, MESH_PRIORITY_SHUNT },
};

/* Of a net, whichever end of the selector that is: the other one is an address of ours, or any. */
static guint32
priority_of (const Row *row, const struct xfrm_selector *out)
{
  guint bits = out->family == AF_INET ? 32 : 128;

  return row->priority ? row->priority : MESH_PRIORITY_NET + (bits - out->prefixlen_d);
}

void
mesh_policies (ChannelRule rule, const struct xfrm_selector *selector, guint32 reqid, GArray *ret)
{
  const Row *row = &rows[rule];
  XfrmPolicy policy = { .dir = XFRM_POLICY_OUT,
                        .act = row->out,
                        .priority = priority_of (row, selector),
                        .selector = *selector,
                        .reqid = reqid,
                        .protocol = IPPROTO_ESP,
                        .transport_mode = TRUE };

  policy.src.family = policy.dst.family = selector->family == AF_INET ? 4 : 6;
  g_array_append_val (ret, policy);
  if (!row->both)
    return;
  policy.dir = XFRM_POLICY_IN;
  policy.act = row->in;
  policy.selector = xfrm_selector_mirror (selector);
  g_array_append_val (ret, policy);
}

gboolean
mesh_parse (const struct nlmsghdr *msg, XfrmPolicy *ret_policy)
{
  struct xfrm_userpolicy_info info;

  if (!xfrm_message_body (msg, XFRM_MSG_NEWPOLICY, &info, sizeof info) || info.priority < MESH_PRIORITY_ALWAYS ||
      info.priority > MESH_PRIORITY_NET + 128 || owner_of ((guint32) info.sel.user) == 0)
    return FALSE;
  *ret_policy = (XfrmPolicy){ .dir = info.dir, .selector = info.sel };
  return TRUE;
}
