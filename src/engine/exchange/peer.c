/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which IKE SA of a peer counts, what happens when it is over, and which Child SAs are still to be made.
 *
 * RFC 7296 says nothing of IKE SAs that both ends begin at once, but of rekeyings that cross (section 2.8.1): the same
 * rule is used. Of the two IKE_SA_INIT exchanges that with the lowest nonce loses, and whoever began it deletes what
 * came of it.
 */
#include "exchange/peer.h"

#include "exchange/mesh.h"
#include "exchange/respond.h"
#include "sa/client.h"
#include "sa/configure.h"
#include "sa/select.h"

/* An IKE SA that began so soon after the other one was established has crossed it. */
#define CROSSING_TIME (5 * IKE_SECOND)
/* By then both ends have both, even when an answer was lost on the way. */
#define SETTLED_TIME (5 * IKE_SECOND)
/* The one that began it should have deleted the loser by then. */
#define LOSER_TIME (30 * IKE_SECOND)
/* A newer IKE SA has taken over: for packets in flight, and for the other end to say so itself. */
#define OLDER_TIME (5 * IKE_SECOND)
/* The end that has begun makes the Child SAs; after this the other one makes what is missing. */
#define COVER_TIME (5 * IKE_SECOND)

gboolean
ike_connection_is_peer (const IkeConnection *connection)
{
  return connection->config->role == IKE_ROLE_PEER;
}

gboolean
ike_connection_is_on_demand (const IkeConnection *connection)
{
  return connection->config->role != IKE_ROLE_RESPONDER && connection->config->begin == IKE_BEGIN_DEMAND;
}

gboolean
ike_connection_covers (const IkeConnection *connection)
{
  const IkeConfig *config = connection->config;

  return config->role == IKE_ROLE_PEER ||
         (config->role == IKE_ROLE_INITIATOR && config->child.remote_ts && config->child.remote_ts->len > 1);
}

gboolean
ike_peer_listens (const IkeConnection *connection, const IkePath *path)
{
  switch ((IkeConnectionState) connection->state)
    {
    case IKE_CONNECTION_STARTING:
    case IKE_CONNECTION_UP:
    case IKE_CONNECTION_RETRYING:
    case IKE_CONNECTION_WAITING:
      return ike_connection_is_peer (connection) &&
             memcmp (&connection->path.remote.address, &path->remote.address, sizeof (IkeAddress)) == 0;
    case IKE_CONNECTION_IDLE:
    case IKE_CONNECTION_LISTENING:
    case IKE_CONNECTION_STOPPING:
      return FALSE;
    }
  g_assert_not_reached ();
}

/* ---- waiting ---- */

static void
begin_to_wait (IkeConnection *connection, const IkeReason *reason)
{
  const IkeConfig *config = connection->config;
  IkeOutput *output;

  ike_connection_stop_timer (connection, IKE_CONNECTION_TIMER_RETRY);
  ike_connection_stop_timer (connection, IKE_CONNECTION_TIMER_IDLE);
  if (connection->mesh)
    {
      ike_mesh_mate_waits (connection, reason);
      return;
    }
  ike_connection_set_state (connection, IKE_CONNECTION_WAITING);
  output = ike_core_output_new (IKE_OUTPUT_WAITING, config->id);
  output->configured = ike_configured_new ();
  output->configured->path = connection->path;
  g_array_unref (output->configured->local_ts);
  output->configured->local_ts = ike_config_selectors (config, &connection->path, TRUE);
  g_array_unref (output->configured->remote_ts);
  output->configured->remote_ts = ike_config_selectors (config, &connection->path, FALSE);
  if (reason)
    ike_reason_copy (&output->reason, reason);
  ike_core_push (connection->core, output);
}

static void
trap_configured (IkeConnection *connection)
{
  g_autoptr (GArray) local = ike_config_selectors (connection->config, &connection->path, TRUE);
  g_autoptr (GArray) remote = ike_config_selectors (connection->config, &connection->path, FALSE);

  ike_connection_move_trap (connection, ike_connection_new_slot (connection), local, remote);
}

/* For what a client was given, and what it asks for beside that. */
static void
trap_given (const IkeChild *child)
{
  IkeConnection *connection = child->parent->connection;
  g_autoptr (GArray) local = ike_select_copy (child->local_ts);
  g_autoptr (GArray) remote = ike_select_copy (child->remote_ts);
  gboolean all;

  if (ike_connection_covers (connection))
    ike_cover_add_missing (child->parent, local, remote);
  if (connection->trap_slot && ike_select_equal (local, connection->trap_local) &&
      ike_select_equal (remote, connection->trap_remote))
    return;
  connection->slot = child->slot;
  all = ike_select_equal (local, child->local_ts) && ike_select_equal (remote, child->remote_ts);
  ike_connection_move_trap (connection, all ? child->slot : ike_connection_new_slot (connection), local, remote);
}

gboolean
ike_peer_waits (IkeConnection *connection)
{
  if (connection->config->begin == IKE_BEGIN_NOW)
    return FALSE;
  /* which packets are a client's only the gateway can say, when it gives the address */
  if (!ike_connection_is_peer (connection) && ike_configure_wanted (connection->config))
    return FALSE;
  if (connection->config->begin == IKE_BEGIN_DEMAND)
    trap_configured (connection);
  begin_to_wait (connection, NULL);
  return TRUE;
}

/* Another IKE SA that stands, or else one that we are negotiating. */
static IkeParent *
stand_in (const IkeConnection *connection)
{
  IkeParent *ours = NULL;

  for (guint i = 0; i < connection->parents->len; i++)
    {
      IkeParent *parent = connection->parents->pdata[i];

      if (parent->state == IKE_PARENT_ESTABLISHED && parent->children)
        return parent;
      if (parent->state < IKE_PARENT_ESTABLISHED && parent->initiator)
        ours = parent;
    }
  return ours;
}

gboolean
ike_peer_lost (IkeConnection *connection, IkeReason *reason)
{
  IkeParent *other = stand_in (connection);

  if (connection->state == IKE_CONNECTION_IDLE || connection->state == IKE_CONNECTION_STOPPING)
    return FALSE;
  if (connection->fresh == other)
    connection->fresh = NULL;
  if (other && other->state == IKE_PARENT_ESTABLISHED)
    {
      ike_parent_log (other, IKE_LOG_INFO, "peer", "IKE SA #%u stands in for one that has ended", other->serial);
      connection->current = other;
      /* it may have been let go */
      ike_respond_let_be (other);
      ike_liveness_begin (other);
      return TRUE;
    }
  connection->current = other;
  if (connection->config->begin == IKE_BEGIN_NOW)
    return other && connection->state != IKE_CONNECTION_UP;
  if (other)
    return TRUE;
  if (connection->state == IKE_CONNECTION_UP)
    (void) ike_life_pause (connection, reason);
  begin_to_wait (connection, reason);
  return TRUE;
}

/* ---- two IKE SAs ---- */

static gboolean
has_crossed (const IkeParent *old, const IkeParent *fresh)
{
  return !old->initiator != !fresh->initiator && !old->rekeyed && old->low_nonce && fresh->low_nonce &&
         fresh->begun < old->established + CROSSING_TIME;
}

/* Its end is near, by the other end's hand or by ours. */
static void
let_go (IkeParent *parent, IkeTime patience)
{
  ike_parent_stop_timer (parent, IKE_PARENT_TIMER_REKEY);
  ike_parent_stop_timer (parent, IKE_PARENT_TIMER_LIVENESS);
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_EXPIRE, parent->core->now + patience);
}

/* Before its first Child SA stands they are where the negotiation has them. */
static void
note_nonce (IkeParent *parent)
{
  if (parent->nego && !parent->low_nonce)
    parent->low_nonce = ike_material_low_nonce (&parent->nego->material);
}

/* The one that began first may have its Child SA last (RFC 6023): who stays is the same whenever it is asked. */
static void
decide (IkeConnection *connection, IkeParent *old, IkeParent *fresh)
{
  gboolean late = fresh->begun < old->begun && !old->rekeyed;
  IkeParent *older = late ? fresh : old, *newer = late ? old : fresh, *loser = older;
  gboolean crossed;

  note_nonce (old);
  crossed = has_crossed (older, newer);
  if (crossed && ike_nonce_compare (newer->low_nonce, older->low_nonce) < 0)
    loser = newer;
  connection->current = loser == old ? fresh : old;
  ike_parent_log (loser, IKE_LOG_INFO, "peer", "IKE SA #%u goes, #%u stays", loser->serial,
                  connection->current->serial);
  if (!crossed)
    let_go (loser, OLDER_TIME);
  else if (!loser->initiator)
    let_go (loser, LOSER_TIME);
  else if (!ike_run_has (loser, &ike_row_delete_ike, 0))
    {
      ike_run_queue (loser, &ike_row_delete_ike)->not_before = loser->core->now + SETTLED_TIME;
      ike_run_next (loser);
    }
}

/* @fresh has its first Child SA. */
static void
settle (IkeConnection *connection, IkeParent *fresh)
{
  IkeParent *old = connection->current;

  if (old == fresh || fresh->rekeyed)
    return;
  if (!old || old->state == IKE_PARENT_CLOSED)
    connection->current = fresh;
  else if (old->state == IKE_PARENT_ESTABLISHED)
    decide (connection, old, fresh);
  else
    {
      connection->current = fresh;
      /* the other end has seen nothing of it but IKE_SA_INIT, and nobody will miss it */
      if (old->state <= IKE_PARENT_INIT)
        ike_life_retire (old);
    }
}

/* ---- Child SAs ---- */

static gboolean
is_busy (const IkeParent *parent)
{
  guint creating = 0;

  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    creating += ((IkeTask *) l->data)->purpose == &ike_row_create_child;
  return creating >= MAX (parent->window.permitted, 1) || ike_run_has (parent, &ike_row_delete_ike, 0);
}

void
ike_peer_cover (IkeConnection *connection)
{
  IkeParent *parent = connection->current;
  GArray *local, *remote;

  if (!parent || parent->state != IKE_PARENT_ESTABLISHED || connection->state != IKE_CONNECTION_UP ||
      connection->config->begin == IKE_BEGIN_LISTEN)
    return;
  while (!is_busy (parent) && ike_peer_has_room (parent) && ike_cover_next (parent, &local, &remote))
    {
      IkeChild *fresh = ike_child_new (parent, 0);

      fresh->local_ts = local;
      fresh->remote_ts = remote;
      fresh->transport_mode = connection->config->child.transport_mode;
      ike_run_queue (parent, &ike_row_create_child)->fresh = fresh->number;
    }
  connection->packet_waits = FALSE;
  ike_run_next (parent);
}

static void
watch_idle (IkeConnection *connection)
{
  if (connection->config->begin == IKE_BEGIN_DEMAND && connection->config->idle_timeout)
    ike_connection_set_timer (connection, IKE_CONNECTION_TIMER_IDLE,
                              connection->core->now + connection->config->idle_timeout);
}

void
ike_peer_client_up (IkeChild *child)
{
  IkeConnection *connection = child->parent->connection;

  if (ike_connection_covers (connection) && !child->replaces)
    ike_connection_set_timer (connection, IKE_CONNECTION_TIMER_COVER, connection->core->now);
  ike_cover_tell (child->parent);
  if (!ike_connection_is_on_demand (connection))
    return;
  watch_idle (connection);
  /* what it was given first, or other than the last time: from now on that is what packets are waited for */
  if (connection->trap_slot != child->slot && child->parent->nego)
    trap_given (child);
}

void
ike_peer_child_up (IkeChild *child)
{
  IkeParent *parent = child->parent;
  IkeConnection *connection = parent->connection;
  IkeTime patience = child->initiator ? 0 : COVER_TIME;

  if (parent->state != IKE_PARENT_ESTABLISHED || connection->state == IKE_CONNECTION_STOPPING || child->replaces)
    return;
  note_nonce (parent);
  settle (connection, parent);
  watch_idle (connection);
  ike_mesh_mate_up (connection);
  /* when all that runs now is through; the loser's DELETE is sent by then as well */
  ike_connection_set_timer (connection, IKE_CONNECTION_TIMER_COVER, parent->core->now + patience);
}

void
ike_peer_retired (const IkeParent *parent)
{
  IkeConnection *connection = parent->connection;
  const IkeParent *current = connection->current;

  if (!parent->established || !ike_connection_is_peer (connection) || connection->state != IKE_CONNECTION_UP ||
      !current || current == parent)
    return;
  /* what nothing waits for was perhaps deleted because it was idle */
  if (connection->config->begin != IKE_BEGIN_DEMAND || connection->packet_waits)
    ike_connection_set_timer (connection, IKE_CONNECTION_TIMER_COVER,
                              connection->core->now + (current->initiator ? 0 : COVER_TIME));
}

gboolean
ike_peer_remakes (const IkeChild *gone)
{
  return gone->parent == gone->parent->connection->current &&
         gone->parent->connection->config->begin == IKE_BEGIN_NOW && !ike_cover_twin (gone);
}

gboolean
ike_peer_has_room (const IkeParent *parent)
{
  /* of those that have proven nothing (RFC 7619) there may be many, so that each has the one that it came for */
  gboolean nobody = parent->connection->state == IKE_CONNECTION_LISTENING && parent->client && !parent->client->key;
  guint n = 0;

  for (const IkeChild *child = parent->children; child; child = child->next)
    n += !child->cpu;
  return n < (nobody ? 1 : IKE_PEER_MAX_CHILDREN);
}

void
ike_peer_child_refused (IkeParent *parent, const IkeChild *fresh)
{
  g_autofree char *local = ike_select_to_string (fresh->local_ts);
  g_autofree char *remote = ike_select_to_string (fresh->remote_ts);

  ike_parent_log (parent, IKE_LOG_WARNING, "peer", "the other end does not want %s and %s in the tunnel", local,
                  remote);
  ike_cover_refuse (parent, fresh->local_ts, fresh->remote_ts);
  ike_connection_let_go (parent->connection, fresh);
  ike_connection_set_timer (parent->connection, IKE_CONNECTION_TIMER_COVER, parent->core->now);
}

/* ---- on demand ---- */

void
ike_peer_on_acquire (IkeConnection *connection)
{
  if (!ike_connection_is_on_demand (connection))
    return;
  if (connection->state == IKE_CONNECTION_UP && ike_connection_covers (connection))
    {
      connection->packet_waits = TRUE;
      ike_connection_set_timer (connection, IKE_CONNECTION_TIMER_COVER,
                                MAX (connection->core->now, connection->child_not_before));
    }
  else if (connection->state != IKE_CONNECTION_WAITING || connection->current)
    return;
  else if (connection->core->now < connection->not_before)
    ike_connection_set_timer (connection, IKE_CONNECTION_TIMER_RETRY, connection->not_before);
  else
    ike_life_negotiate (connection);
}

void
ike_peer_on_kernel (IkeCore *core, const IkeInput *input)
{
  GHashTableIter iter;
  gpointer value;

  if (!input->kernel_error)
    return;
  g_hash_table_iter_init (&iter, core->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      IkeConnection *connection = value;
      g_auto (IkeReason) reason = { 0 };
      g_autofree char *text = NULL;

      if (!connection->trap_slot || connection->trap_question != input->number)
        continue;
      text = ike_core_kernel_text (input);
      ike_reason_set (&reason, IKE_REASON_KERNEL, 0, "%s", text);
      ike_life_give_up (connection, &reason);
      return;
    }
}

static void
end_idle (IkeParent *parent)
{
  ike_parent_log (parent, IKE_LOG_INFO, "peer", "no traffic: the tunnel is given back until there is some");
  if (!ike_run_has (parent, &ike_row_delete_ike, 0))
    ike_run_queue (parent, &ike_row_delete_ike);
  ike_run_next (parent);
}

static void
on_traffic (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeConnection *connection = parent->connection;
  IkeChild *child = ike_child_by_number (parent, number);

  /* a rekeyed one counts from 0 */
  if (child && !input->kernel_error && input->traffic_bytes != child->idle_seen)
    {
      child->idle_seen = input->traffic_bytes;
      connection->idle_busy = TRUE;
    }
  if (connection->idle_questions == 0 || --connection->idle_questions > 0)
    return;
  if (connection->state != IKE_CONNECTION_UP || connection->current != parent ||
      parent->state != IKE_PARENT_ESTABLISHED)
    return;
  if (!connection->idle_busy)
    end_idle (parent);
}

void
ike_peer_on_idle (IkeConnection *connection)
{
  IkeParent *parent = connection->current;

  if (connection->state != IKE_CONNECTION_UP)
    return;
  /* whatever comes of the questions: before they are answered the IKE SA may be rekeyed, or be gone */
  watch_idle (connection);
  if (!parent || parent->state != IKE_PARENT_ESTABLISHED)
    return;
  connection->idle_busy = FALSE;
  connection->idle_questions = 0;
  for (IkeChild *child = parent->children; child; child = child->next)
    if (child->state == IKE_CHILD_READY)
      {
        IkeWorkFor work = { .parent = parent, .child = child->number, .done = on_traffic };

        connection->idle_questions++;
        ike_child_query (child, IKE_SA_IN, &work);
      }
  /* the other end has deleted the last one */
  if (!parent->children)
    end_idle (parent);
}
