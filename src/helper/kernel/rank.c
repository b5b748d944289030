/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a policy's rank is its priority tells. */
#include "kernel/rank.h"

#include "kernel/netlink.h"
#include "kernel/owner.h"
#include "kernel/selectors.h"
#include "kernel/xfrm-build.h"
#include "kernel/xfrm-parse.h"

#include <string.h>
#include <unistd.h>

typedef struct {
  pid_t self;
  const GArray *selectors;
  guint32 rank;
} Search;

static gboolean
is_wanted (const Search *search, struct xfrm_selector selector)
{
  selector.user = 0;
  for (guint i = 0; i < search->selectors->len; i++)
    {
      struct xfrm_selector wanted = g_array_index (search->selectors, struct xfrm_selector, i);

      wanted.user = 0;
      if (memcmp (&wanted, &selector, sizeof selector) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
on_policy (const struct nlmsghdr *msg, gpointer data)
{
  Search *search = data;
  XfrmPolicy policy;
  guint32 usual;
  pid_t owner;

  if (!xfrm_parse_policy (msg, &policy) || policy.dir != XFRM_POLICY_OUT || policy.if_id)
    return;
  owner = owner_of ((guint32) policy.selector.user);
  usual = xfrm_selector_priority (&policy.selector);
  if (owner == 0 || owner == search->self || policy.priority > usual || usual - policy.priority > XFRM_MAX_RANK ||
      !is_wanted (search, policy.selector))
    return;
  search->rank = MAX (search->rank, MIN (usual - policy.priority + 1, XFRM_MAX_RANK));
}

guint32
rank_find (pid_t self, const GArray *selectors)
{
  Search search = { self, selectors, 0 };
  int fd = netlink_sync_open (NETLINK_XFRM);

  if (fd < 0)
    return 0;
  (void) netlink_sync (fd, xfrm_build_policy_dump (), on_policy, &search);
  close (fd);
  return search.rank;
}
