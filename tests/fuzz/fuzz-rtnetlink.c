/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One message of the kernel about links or routes, in memory of exactly its length. */
#include "fuzz.h"

#include "io/rtnetlink.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree struct nlmsghdr *msg = NULL;
  RtRoute route;
  RtLink link;

  if (size < sizeof *msg || size > 65536)
    return 0;
  msg = g_memdup2 (data, size);
  msg->nlmsg_len = (guint32) size;
  if (rt_parse_link (msg, &link))
    g_assert (link.up == TRUE || link.up == FALSE);
  if (rt_parse_route (msg, 1, &route))
    g_assert (route.ifindex && (route.source.family == 0 || route.source.family == 4 || route.source.family == 6));
  (void) rt_is_tunnels (msg, msg->nlmsg_pid);
  return 0;
}
