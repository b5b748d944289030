/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First what passes, then what blocks, so that nothing stumbles that may pass; then what is there without being wanted
 * any more. What stays is not touched. */
#include "kernel/guard.h"

#include "kernel/netlink.h"
#include "kernel/owner.h"
#include "kernel/xfrm-build.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  GuardNames names; /* a label of 0: any */
  GArray *found; /* GuardPolicy */
} Search;

static void
on_policy (const struct nlmsghdr *msg, gpointer data)
{
  Search *search = data;
  GuardPolicy policy;
  guint32 label;

  if (guard_parse (msg, &policy, &label) &&
      (label ? search->names.label == 0 || search->names.label == label
             : search->names.owner && search->names.owner == policy.selector.user))
    g_array_append_val (search->found, policy);
}

/* That of @policies which the kernel takes for the same as @policy, whatever it does; NULL: none. */
static const GuardPolicy *
find (const GArray *policies, const GuardPolicy *policy)
{
  for (guint i = 0; i < policies->len; i++)
    {
      const GuardPolicy *other = &g_array_index (policies, GuardPolicy, i);

      if (memcmp (&other->selector, &policy->selector, sizeof policy->selector) == 0)
        return other;
    }
  return NULL;
}

static gboolean
does_the_same (const GuardPolicy *found, const GuardPolicy *policy)
{
  return found && !found->block == !policy->block;
}

/* What of @policies is not in @others, or does something else there. */
static int
make (int fd, const GArray *policies, const GArray *others)
{
  int error = 0;

  for (int block = 0; block <= 1; block++)
    for (guint i = 0; error == 0 && i < policies->len; i++)
      {
        const GuardPolicy *policy = &g_array_index (policies, GuardPolicy, i);

        if (!policy->block == !block && !does_the_same (find (others, policy), policy))
          error = netlink_sync (fd, guard_build (policy), NULL, NULL);
      }
  return error;
}

static int
unmake (int fd, const GArray *policies, const GArray *others)
{
  int error = 0;

  for (int block = 0; block <= 1; block++)
    for (guint i = 0; error == 0 && i < policies->len; i++)
      {
        const GuardPolicy *policy = &g_array_index (policies, GuardPolicy, i);

        if (!policy->block == !block && !find (others, policy))
          error = netlink_sync (fd, guard_build_delete (&policy->selector), NULL, NULL);
        if (error == ENOENT) /* somebody else was quicker */
          error = 0;
      }
  return error;
}

/* *ret_n: how many there were. */
static int
change (const GuardNames *names, const GArray *wanted, guint *ret_n)
{
  g_autoptr (GArray) found = g_array_new (FALSE, TRUE, sizeof (GuardPolicy));
  Search search = { *names, found };
  int fd = netlink_sync_open (NETLINK_XFRM), error;

  if (fd < 0)
    return errno;
  error = netlink_sync (fd, xfrm_build_policy_dump (), on_policy, &search);
  *ret_n = found->len;
  if (error == 0)
    error = make (fd, wanted, found);
  if (error == 0)
    error = unmake (fd, found, wanted);
  close (fd);
  return error;
}

int
guard_set (const char *uuid, const GuardWish *wish)
{
  const GuardNames names = { guard_label (uuid), owner_number (getpid (), 0) };
  g_autoptr (GArray) wanted = g_array_new (FALSE, TRUE, sizeof (GuardPolicy));
  guint n;

  if (wish && !guard_policies (wish, &names, wanted))
    return EINVAL;
  return change (&names, wanted, &n);
}

int
guard_remove (const char *uuid, guint *ret_n)
{
  const GuardNames names = { uuid ? guard_label (uuid) : 0, 0 };
  g_autoptr (GArray) none = g_array_new (FALSE, TRUE, sizeof (GuardPolicy));

  *ret_n = 0;
  return change (&names, none, ret_n);
}
