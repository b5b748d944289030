/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dump, pick what belongs to the owner, delete. What is made while we look belongs to a living helper. */
#include "kernel/sweep.h"

#include "kernel/guard-build.h"
#include "kernel/link-build.h"
#include "kernel/mesh-build.h"
#include "kernel/netlink.h"
#include "kernel/pin-build.h"
#include "kernel/xfrm-build.h"
#include "kernel/xfrm-parse.h"

#include <netlink/msg.h>
#include <unistd.h>

/* At most so many per round; a round is repeated as long as something was found. */
#define MAX_ROUNDS 64

typedef struct {
  pid_t owner;
  gboolean dead; /* all that are dead, too */
  GPtrArray *found; /* nl_msg that deletes */
} Search;

static gboolean
is_wanted (const Search *search, guint32 number)
{
  pid_t owner = owner_of (number);

  if (owner == 0)
    return FALSE;
  return owner == search->owner || (search->dead && !owner_is_alive (owner));
}

static void
on_policy (const struct nlmsghdr *msg, gpointer data)
{
  Search *search = data;
  XfrmPolicy policy;

  GuardPolicy guard;
  guint32 label;

  /* what a kill switch blocks stays (guard-build.h) */
  if (guard_parse (msg, &guard, &label) && label == 0 && is_wanted (search, guard.selector.user))
    g_ptr_array_add (search->found, guard_build_delete (&guard.selector));
  else if (mesh_parse (msg, &policy) && is_wanted (search, (guint32) policy.selector.user))
    g_ptr_array_add (search->found, xfrm_build_policy_delete (&policy));
  else if (xfrm_parse_policy (msg, &policy) &&
           is_wanted (search,
                      owner_number_of (policy.reqid, policy.if_id, policy.mark, (guint32) policy.selector.user)))
    g_ptr_array_add (search->found, xfrm_build_policy_delete (&policy));
}

static void
on_sa (const struct nlmsghdr *msg, gpointer data)
{
  Search *search = data;
  XfrmState state;

  /* one without SPI is the kernel's own waiting mark, which cannot be named and goes by itself */
  if (xfrm_parse_sa (msg, &state) && state.id.spi &&
      is_wanted (search, owner_number_of (state.id.reqid, state.id.if_id, state.id.mark, state.id.user)))
    g_ptr_array_add (search->found, xfrm_build_sa_delete (&state.id));
}

static void
on_link (const struct nlmsghdr *msg, gpointer data)
{
  Search *search = data;
  LinkInfo link;

  if (link_parse (msg, &link) && link.kind != CHANNEL_LINK_NONE && is_wanted (search, link_owner_number (&link)))
    g_ptr_array_add (search->found, link_build_delete (link.ifindex));
}

/* With the nexthop its route goes as well. */
static void
on_nexthop (const struct nlmsghdr *msg, gpointer data)
{
  Search *search = data;
  guint32 number;

  if (pin_parse (msg, &number) && is_wanted (search, number))
    g_ptr_array_add (search->found, pin_build_delete (number));
}

static guint
sweep_kind (int fd, struct nl_msg *(*dump) (void), NetlinkEventFunc each, Search search)
{
  guint removed = 0;

  for (guint round = 0; fd >= 0 && round < MAX_ROUNDS; round++)
    {
      g_autoptr (GPtrArray) found = g_ptr_array_new ();
      guint before = removed;

      search.found = found;
      (void) netlink_sync (fd, dump (), each, &search);
      for (guint i = 0; i < found->len; i++)
        if (netlink_sync (fd, g_ptr_array_index (found, i), NULL, NULL) == 0)
          removed++;
      if (removed == before)
        break;
    }
  return removed;
}

static guint
sweep_all (const Sweep *sweep, Search search)
{
  return sweep_kind (sweep->xfrm, xfrm_build_policy_dump, on_policy, search) +
         sweep_kind (sweep->xfrm, xfrm_build_sa_dump, on_sa, search) +
         sweep_kind (sweep->route, link_build_dump, on_link, search) +
         sweep_kind (sweep->route, pin_build_dump, on_nexthop, search);
}

Sweep
sweep_open (void)
{
  Sweep sweep = { netlink_sync_open (NETLINK_XFRM), netlink_sync_open (NETLINK_ROUTE) };

  return sweep;
}

void
sweep_close (Sweep *sweep)
{
  if (sweep->xfrm >= 0)
    close (sweep->xfrm);
  if (sweep->route >= 0)
    close (sweep->route);
  sweep->xfrm = sweep->route = -1;
}

guint
sweep_owner (const Sweep *sweep, pid_t owner)
{
  g_return_val_if_fail (owner > 0, 0);
  return sweep_all (sweep, (Search){ .owner = owner });
}

guint
sweep_leftovers (const Sweep *sweep, pid_t self)
{
  return sweep_all (sweep, (Search){ .owner = self, .dead = TRUE });
}
