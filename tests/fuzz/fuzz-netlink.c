/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One message of the kernel, events above all. Its own length is set as whoever receives it has checked it; the octets
 * lie in memory of exactly that length.
 */
#include "fuzz.h"

#include "kernel/guard-build.h"
#include "kernel/mesh-build.h"
#include "kernel/link-build.h"
#include "kernel/pin-build.h"
#include "kernel/xfrm-parse.h"

#include <string.h>

static void
parse (const struct nlmsghdr *msg)
{
  const XfrmPlace place = { .src.family = 4, .dst.family = 4 };
  const char *text = "";
  XfrmEvent event;
  XfrmState state;
  XfrmPolicy policy;
  GuardPolicy guard;
  guint32 label;
  LinkInfo link;
  guint32 number;
  PinWay way;
  int error;

  if (xfrm_parse_event (msg, &event))
    g_assert (event.type != XFRM_EVENT_MAPPING || event.peer.address.family);
  if (xfrm_parse_sa (msg, &state))
    xfrm_msg_free (xfrm_build_sa_delete (&state.id));
  xfrm_msg_free (xfrm_build_sa_moved (msg, &place));
  if (xfrm_parse_policy (msg, &policy))
    xfrm_msg_free (xfrm_build_policy_delete (&policy));
  if (guard_parse (msg, &guard, &label))
    xfrm_msg_free (guard_build_delete (&guard.selector));
  if (mesh_parse (msg, &policy))
    xfrm_msg_free (xfrm_build_policy_delete (&policy));
  if (link_parse (msg, &link))
    g_assert (strlen (link.name) < sizeof link.name && strlen (link.alias) < sizeof link.alias);
  if (pin_parse (msg, &number))
    g_assert (number != 0);
  if (pin_parse_way (msg, 1, &way))
    g_assert (way.neighbour.family == 0 || way.neighbour.family == 4 || way.neighbour.family == 6);
  if (netlink_parse_error (msg, &error, &text))
    g_assert (error >= 0 && strlen (text) < msg->nlmsg_len);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree struct nlmsghdr *msg = NULL;

  if (size < sizeof *msg || size > 65536)
    return 0;
  msg = g_memdup2 (data, size);
  msg->nlmsg_len = (guint32) size;
  parse (msg);
  return 0;
}
