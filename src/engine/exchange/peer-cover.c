/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end may narrow an offer to one pair of selectors (RFC 7296 section 2.9, and some never take more): what it
 * has left out is asked for pair by pair, with a CREATE_CHILD_SA each. Owns nothing.
 */
#include "exchange/child-common.h"
#include "exchange/peer.h"

#include "sa/configure.h"
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

/* @whole: all of it. */
static gboolean
is_covered (const IkeParent *parent, gboolean whole, const GArray *local, const GArray *remote)
{
  for (const IkeChild *child = parent->children; child; child = child->next)
    if (!child->cpu && ike_child_is_alive (child) &&
        (whole ? ike_select_within (local, child->local_ts) && ike_select_within (remote, child->remote_ts)
               : meets (local, child->local_ts) && meets (remote, child->remote_ts)))
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

/* RFC 7296 section 2.19: of a client with an address of the gateway's nothing else comes. */
static GArray *
our_side (const IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);
  const IkeConfigured *configured =
      parent->nego && parent->nego->configured ? parent->nego->configured : parent->connection->configured;
  GArray *addresses;

  if (!ike_configure_wanted (config) || (config->child.local_ts && config->child.local_ts->len) || !configured)
    return ike_auth_selectors (parent, TRUE);
  addresses = ike_select_new ();
  for (guint i = 0; i < configured->addresses->len; i++)
    ike_select_add_address (addresses, &g_array_index (configured->addresses, IkePrefix, i).address);
  return addresses;
}

/* A pair of configured selectors, with its number; FALSE ends. */
typedef gboolean (*OnPair) (const IkeParent *parent, guint32 number, GArray *local, GArray *remote, gpointer data);

static gboolean
each_pair (const IkeParent *parent, OnPair on_pair, gpointer data)
{
  g_autoptr (GArray) locals = our_side (parent);
  g_autoptr (GArray) remotes = ike_auth_selectors (parent, FALSE);

  for (guint i = 0; i < locals->len; i++)
    for (guint j = 0; j < remotes->len; j++)
      {
        g_autoptr (GArray) local = one_of (locals, i);
        g_autoptr (GArray) remote = one_of (remotes, j);

        if (can_be_pair (local, remote) && !on_pair (parent, pair_number (i, j), local, remote, data))
          return FALSE;
      }
  return TRUE;
}

static gboolean
is_missing (const IkeParent *parent, guint32 number, const GArray *local, const GArray *remote)
{
  return !is_refused (parent, number) && !is_covered (parent, parent->connection->packet_waits, local, remote);
}

/* @data: two GArray*. */
static gboolean
take_first (const IkeParent *parent, guint32 number, GArray *local, GArray *remote, gpointer data)
{
  GArray **ret = data;

  if (!is_missing (parent, number, local, remote))
    return TRUE;
  ret[0] = g_array_ref (local);
  ret[1] = g_array_ref (remote);
  return FALSE;
}

gboolean
ike_cover_next (const IkeParent *parent, GArray **ret_local, GArray **ret_remote)
{
  GArray *pair[2];

  if (each_pair (parent, take_first, pair))
    return FALSE;
  *ret_local = pair[0];
  *ret_remote = pair[1];
  return TRUE;
}

static gboolean
is_for_selectors (guint16 refusal)
{
  return refusal == IKE_NOTIFY_TS_UNACCEPTABLE || refusal == IKE_NOTIFY_SINGLE_PAIR_REQUIRED;
}

gboolean
ike_cover_try_next (IkeChild *child, guint16 refusal)
{
  IkeParent *parent = child->parent;
  GArray *refused_local = child->local_ts, *refused_remote = child->remote_ts;
  GArray *local, *remote;

  if (!is_for_selectors (refusal) || !parent->nego || parent->nego->child != child->number ||
      !ike_connection_covers (parent->connection))
    return FALSE;
  if (child->local_ts && child->local_ts->len == 1 && child->remote_ts->len == 1)
    ike_cover_refuse (parent, child->local_ts, child->remote_ts);
  /* without selectors it is not alive, and serves none */
  child->local_ts = child->remote_ts = NULL;
  if (!ike_cover_next (parent, &local, &remote))
    {
      child->local_ts = refused_local;
      child->remote_ts = refused_remote;
      return FALSE;
    }
  g_clear_pointer (&refused_local, g_array_unref);
  g_clear_pointer (&refused_remote, g_array_unref);
  child->local_ts = local;
  child->remote_ts = remote;
  ike_run_queue (parent, &ike_row_create_child)->fresh = child->number;
  return TRUE;
}

IkeReasonCode
ike_cover_refusal (const IkeParent *parent, guint16 refusal, char **ret_detail)
{
  if (is_for_selectors (refusal) && parent->nego)
    {
      *ret_detail = ike_auth_wanted_to_string (parent);
      return IKE_REASON_TS_UNACCEPTABLE;
    }
  if (refusal == IKE_NOTIFY_NO_PROPOSAL_CHOSEN && parent->nego)
    {
      *ret_detail = ike_proposals_to_string (ike_parent_config (parent)->child_proposals);
      return IKE_REASON_CHILD_NO_PROPOSAL_CHOSEN;
    }
  *ret_detail = g_strdup (IKE_NAME (NOTIFY, refusal));
  return IKE_REASON_NO_CHILD;
}

gboolean
ike_cover_brings_nothing (const IkeChild *fresh)
{
  const IkeChild *twin = fresh->replaces || fresh->cpu || !ike_connection_covers (fresh->parent->connection)
                             ? NULL
                             : ike_cover_twin (fresh);

  return twin && twin->initiator && twin->up && twin->parent == fresh->parent;
}

static void
add (GArray *selectors, const GArray *more)
{
  for (guint i = 0; i < more->len; i++)
    {
      g_autoptr (GArray) one = one_of (more, i);

      if (!ike_select_among (one, selectors))
        g_array_append_vals (selectors, one->data, 1);
    }
}

static gboolean
add_missing (const IkeParent *parent, guint32 number, GArray *local, GArray *remote, gpointer data)
{
  GArray **to = data;

  if (is_missing (parent, number, local, remote))
    {
      add (to[0], local);
      add (to[1], remote);
    }
  return TRUE;
}

void
ike_cover_add_missing (const IkeParent *parent, GArray *local_ts, GArray *remote_ts)
{
  GArray *to[2] = { local_ts, remote_ts };

  each_pair (parent, add_missing, to);
}

static gboolean
add_cut (const IkeParent *parent, guint32 number, GArray *local, GArray *remote, gpointer data)
{
  if (!is_covered (parent, FALSE, local, remote))
    add (data, remote);
  return TRUE;
}

void
ike_cover_say_cut (const IkeChild *child)
{
  g_autoptr (GArray) cut = ike_select_new ();
  g_autofree char *lost = NULL;
  g_autofree char *remote = NULL;

  each_pair (child->parent, add_cut, cut);
  if (!cut->len)
    return;
  lost = ike_select_to_string (cut);
  remote = ike_select_to_string (child->remote_ts);
  ike_parent_log (child->parent, IKE_LOG_NOTICE, "child",
                  "the other end leaves %s out of the first Child SA, which is for %s", lost, remote);
}

/* It has a Child SA, or will have none; or is not for @data, the gateway's side. */
static gboolean
is_settled (const IkeParent *parent, guint32 number, GArray *local, GArray *remote, gpointer data)
{
  if (is_refused (parent, number) || !meets (remote, data))
    return TRUE;
  for (const IkeChild *child = parent->children; child; child = child->next)
    if (child->up && ike_child_is_alive (child) && meets (local, child->local_ts) && meets (remote, child->remote_ts))
      return TRUE;
  return FALSE;
}

/* The address of ours may be another one now: until there is a Child SA for their side nothing of it leaves in clear. */
static gboolean
is_wanted (const IkeConnection *connection, guint32 slot, GArray *remote_ts)
{
  const IkeParent *parent = connection->current;

  for (const IkeChild *child = parent->children; child; child = child->next)
    if (child->slot == slot)
      return TRUE;
  return ike_connection_covers (connection) ? !each_pair (parent, is_settled, remote_ts)
                                            : !ike_cover_is_served (parent, NULL);
}

void
ike_cover_sift (IkeConnection *connection)
{
  const IkeParent *parent = connection->current;

  if (connection->state == IKE_CONNECTION_UP && parent && parent->state == IKE_PARENT_ESTABLISHED && !parent->nego)
    ike_connection_sift (connection, is_wanted);
}

void
ike_cover_tell (IkeParent *parent)
{
  IkeConnection *connection = parent->connection;
  g_autoptr (IkeConfigured) told = NULL;
  IkeOutput *output;

  if (connection->config->role != IKE_ROLE_INITIATOR || !ike_connection_covers (connection) ||
      connection->state != IKE_CONNECTION_UP || connection->current != parent || parent->nego ||
      !connection->configured)
    return;
  ike_cover_sift (connection);
  told = ike_configured_copy (connection->configured);
  g_array_unref (told->local_ts);
  told->local_ts = ike_select_new ();
  g_array_unref (told->remote_ts);
  told->remote_ts = ike_select_new ();
  for (const IkeChild *child = parent->children; child; child = child->next)
    if (ike_child_is_alive (child))
      {
        add (told->local_ts, child->local_ts);
        add (told->remote_ts, child->remote_ts);
      }
  ike_cover_add_missing (parent, told->local_ts, told->remote_ts);
  if (ike_configure_same (connection->configured, told))
    return;
  told->path = parent->path;
  ike_configured_free (connection->configured);
  connection->configured = ike_configured_copy (told);
  output = ike_core_output_new (IKE_OUTPUT_UP, connection->config->id);
  output->configured = g_steal_pointer (&told);
  output->ke_group = output->configured->ke_group;
  ike_core_push (parent->core, output);
}

void
ike_cover_inherit (IkeParent *fresh)
{
  const IkeConnection *connection = fresh->connection;

  if (connection->fresh == fresh && connection->current && connection->current->refused && !fresh->refused)
    fresh->refused = g_array_ref (connection->current->refused);
}

/* @data: those of both sides. */
static gboolean
refuse (const IkeParent *parent, guint32 number, GArray *local, GArray *remote, gpointer data)
{
  const GArray **ts = data;

  if (meets (local, ts[0]) && meets (remote, ts[1]) && !is_refused (parent, number))
    g_array_append_val (parent->refused, number);
  return TRUE;
}

void
ike_cover_refuse (IkeParent *parent, const GArray *local_ts, const GArray *remote_ts)
{
  const GArray *ts[2] = { local_ts, remote_ts };

  if (!parent->refused)
    parent->refused = g_array_new (FALSE, FALSE, sizeof (guint32));
  each_pair (parent, refuse, ts);
}

gboolean
ike_cover_is_served (const IkeParent *parent, const IkeChild *but)
{
  for (const IkeChild *child = parent->children; child; child = child->next)
    if (child != but && child->up && ike_child_is_alive (child))
      return TRUE;
  return FALSE;
}

/* @any: also one for another processor (RFC 9611), and first of all one that the kernel has. */
static IkeChild *
find_twin (const IkeChild *child, gboolean any)
{
  const IkeConnection *connection = child->parent->connection;
  IkeChild *found = NULL;

  for (guint i = 0; i < connection->parents->len; i++)
    for (IkeChild *other = ((IkeParent *) connection->parents->pdata[i])->children; other; other = other->next)
      if (other != child && (any || other->cpu == child->cpu) && ike_child_is_alive (other) && child->local_ts &&
          child->remote_ts && ike_child_same_traffic (other, child))
        {
          if (!any || other->parts)
            return other;
          found = other;
        }
  return found;
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

/* One that a client has asked for beside its first one. */
static gboolean
is_further (const IkeChild *child)
{
  return ike_connection_covers (child->parent->connection) && !child->parent->nego;
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
  guint32 held;

  if (child->replaces || child->cpu ||
      !(ike_connection_is_peer (connection) || connection->trap_slot || is_further (child)))
    return;
  twin = find_twin (child, TRUE);
  held = ike_connection_held_for (connection, child);
  if (twin)
    child->slot = twin->slot;
  else if (held)
    child->slot = held;
  else if (is_trap (child))
    child->slot = connection->trap_slot;
  else if (is_taken (child) || child->slot == connection->trap_slot)
    child->slot = ike_connection_new_slot (connection);
}
