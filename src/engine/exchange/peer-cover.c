/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end may narrow an offer to one pair of selectors (RFC 7296 section 2.9, and some never take more): what it
 * has left out is asked for pair by pair, with a CREATE_CHILD_SA each. Owns nothing.
 */
#include "exchange/child-common.h"
#include "exchange/peer.h"
#include "sa/select.h"

static GArray *
one_of (const GArray *selectors, guint index)
{
  GArray *one = ike_select_new ();

  g_array_append_val (one, g_array_index (selectors, IkeSelector, index));
  return one;
}

static gboolean
meets (const GArray *a, const GArray *b)
{
  g_autoptr (GArray) common = ike_select_narrow (a, b);

  return common->len > 0;
}

static gboolean
is_covered (const IkeParent *parent, const GArray *local, const GArray *remote)
{
  for (const IkeChild *child = parent->children; child; child = child->next)
    if (!child->cpu && ike_child_is_alive (child) && meets (local, child->local_ts) && meets (remote, child->remote_ts))
      return TRUE;
  return FALSE;
}

static guint32
pair_number (guint local, guint remote)
{
  return local << 16 | remote;
}

static gboolean
is_refused (const IkeParent *parent, guint32 pair)
{
  for (guint i = 0; parent->refused && i < parent->refused->len; i++)
    if (g_array_index (parent->refused, guint32, i) == pair)
      return TRUE;
  return FALSE;
}

/* Packets have one family, and one protocol. */
static gboolean
can_be_pair (const GArray *local, const GArray *remote)
{
  const IkeSelector *l = &g_array_index (local, IkeSelector, 0), *r = &g_array_index (remote, IkeSelector, 0);

  return l->first.family == r->first.family && (!l->protocol || !r->protocol || l->protocol == r->protocol);
}

gboolean
ike_cover_next (const IkeParent *parent, GArray **ret_local, GArray **ret_remote)
{
  g_autoptr (GArray) locals = ike_auth_selectors (parent, TRUE);
  g_autoptr (GArray) remotes = ike_auth_selectors (parent, FALSE);

  for (guint i = 0; i < locals->len; i++)
    for (guint j = 0; j < remotes->len; j++)
      {
        g_autoptr (GArray) local = one_of (locals, i);
        g_autoptr (GArray) remote = one_of (remotes, j);

        if (!can_be_pair (local, remote) || is_refused (parent, pair_number (i, j)) ||
            is_covered (parent, local, remote))
          continue;
        *ret_local = g_steal_pointer (&local);
        *ret_remote = g_steal_pointer (&remote);
        return TRUE;
      }
  return FALSE;
}

void
ike_cover_refuse (IkeParent *parent, const GArray *local_ts, const GArray *remote_ts)
{
  g_autoptr (GArray) locals = ike_auth_selectors (parent, TRUE);
  g_autoptr (GArray) remotes = ike_auth_selectors (parent, FALSE);

  if (!parent->refused)
    parent->refused = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint i = 0; i < locals->len; i++)
    for (guint j = 0; j < remotes->len; j++)
      {
        g_autoptr (GArray) local = one_of (locals, i);
        g_autoptr (GArray) remote = one_of (remotes, j);
        guint32 pair = pair_number (i, j);

        if (meets (local, local_ts) && meets (remote, remote_ts) && !is_refused (parent, pair))
          g_array_append_val (parent->refused, pair);
      }
}

gboolean
ike_cover_is_served (const IkeParent *parent)
{
  for (const IkeChild *child = parent->children; child; child = child->next)
    if (child->up && ike_child_is_alive (child))
      return TRUE;
  return FALSE;
}

/* @any: also one for another processor (RFC 9611). */
static IkeChild *
find_twin (const IkeChild *child, gboolean any)
{
  const IkeConnection *connection = child->parent->connection;

  for (guint i = 0; i < connection->parents->len; i++)
    for (IkeChild *other = ((IkeParent *) connection->parents->pdata[i])->children; other; other = other->next)
      if (other != child && (any || other->cpu == child->cpu) && ike_child_is_alive (other) && child->local_ts &&
          child->remote_ts && ike_child_same_traffic (other, child))
        return other;
  return NULL;
}

IkeChild *
ike_cover_twin (const IkeChild *child)
{
  return find_twin (child, FALSE);
}

/* The policies of a slot go together. */
static gboolean
is_taken (const IkeChild *child)
{
  const IkeConnection *connection = child->parent->connection;

  for (guint i = 0; i < connection->parents->len; i++)
    for (const IkeChild *other = ((IkeParent *) connection->parents->pdata[i])->children; other; other = other->next)
      if (other != child && other->slot == child->slot && other->parts)
        return TRUE;
  return FALSE;
}

static gboolean
is_trap (const IkeChild *child)
{
  const IkeConnection *connection = child->parent->connection;

  return connection->trap_slot && ike_select_equal (child->local_ts, connection->trap_local) &&
         ike_select_equal (child->remote_ts, connection->trap_remote);
}

void
ike_cover_choose_slot (IkeChild *child)
{
  const IkeConnection *connection = child->parent->connection;
  const IkeChild *twin;

  if (child->replaces || child->cpu || !(ike_connection_is_peer (connection) || connection->trap_slot))
    return;
  twin = find_twin (child, TRUE);
  if (twin)
    child->slot = twin->slot;
  else if (is_trap (child))
    child->slot = connection->trap_slot;
  else if (is_taken (child) || child->slot == connection->trap_slot)
    child->slot = ++child->parent->core->last_slot;
}
