/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Beginnings and ends: START, STOP, reconnection, and what is left of an IKE SA that is over.
 *
 * Invariants: a connection says DOWN once, after the kernel has been told to delete everything; after DOWN nothing of
 * it is
 * alive. Who calls ike_life_end() or ike_life_retire() returns at once: the tasks of that IKE SA are gone.
 */
#include "exchange/life.h"

#include "exchange/addresses.h"
#include "exchange/followup.h"
#include "exchange/reauth.h"
#include "exchange/handlers.h"
#include "exchange/mesh.h"
#include "exchange/peer.h"
#include "exchange/probe.h"
#include "exchange/qcd.h"
#include "exchange/redirect.h"
#include "exchange/respond.h"
#include "exchange/ticket.h"
#include "sa/client.h"

#define STOP_PATIENCE (2 * IKE_SECOND)
#define LINGER_TIME (30 * IKE_SECOND) /* repeats its last answer so long (RFC 7296 section 2.1) */
#define REPLACED_TIME (90 * IKE_SECOND) /* the peer must have deleted the IKE SA that it rekeyed by then */
#define LONGEST_RETRY 60
#define STOOD_TIME (60 * IKE_SECOND) /* whatever is lost sooner was no success */
#define SILENCE_TIME (5 * IKE_SECOND) /* who was not heard for so long has not ended it, and that was a pause as well */

void
ike_life_count (IkeParent *parent)
{
  const IkeTime now = parent->core->now;

  if (parent->state != IKE_PARENT_ESTABLISHED)
    return;
  if (ike_window_is_spent (&parent->window))
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_EXPIRE, now);
  else if (ike_window_is_worn (&parent->window, !parent->initiator))
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_REKEY, now);
}

/* ---- the connection ---- */

static void
begin (IkeConnection *connection, IkeParent *parent, const IkeExchangeRow *row)
{
  IkeCore *core = connection->core;
  IkeChild *child;

  parent->path = connection->path;
  parent->nego = ike_nego_new ();
  if (!ike_core_new_spi (core, &parent->spi_i))
    {
      g_auto (IkeReason) reason = { 0 };

      ike_reason_set (&reason, IKE_REASON_CRYPTO, 0, "random");
      ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
      return;
    }
  ike_parent_index (parent);
  child = ike_child_new (parent, connection->slot);
  child->initiator = TRUE;
  connection->slot = child->slot;
  parent->nego->child = child->number;
  ike_run_queue (parent, row);
  ike_run_next (parent);
}

void
ike_life_negotiate (IkeConnection *connection)
{
  ike_addresses_go_home (connection);
  connection->current = ike_parent_new (connection->core, connection, TRUE);
  begin (connection, connection->current, ike_ticket_is_usable (connection) ? &ike_row_resume : &ike_row_init);
}

void
ike_life_negotiate_beside (IkeConnection *connection)
{
  connection->fresh = ike_parent_new (connection->core, connection, TRUE);
  begin (connection, connection->fresh, &ike_row_init);
}

void
ike_life_start (IkeConnection *connection)
{
  if (connection->state != IKE_CONNECTION_IDLE)
    return;
  ike_addresses_begin (connection);
  connection->attempts = connection->losses = 0;
  connection->was_up = connection->met_nat = connection->cookie_doubted = FALSE;
  if (connection->config->role != IKE_ROLE_RESPONDER && ike_peer_waits (connection))
    return;
  ike_connection_set_state (connection, IKE_CONNECTION_STARTING);
  ike_life_negotiate (connection);
}

void
ike_life_hand_on (const IkeChild *gone)
{
  IkeParent *parent = gone->parent->client && gone->parts & IKE_SA_OUT ? gone->parent->client->parents : NULL;

  for (; parent; parent = parent->client_next)
    for (IkeChild *child = parent->children; child && parent != gone->parent; child = child->next)
      if (child->slot == gone->slot && !child->replaces)
        ike_life_switch (child);
}

static void
drop_children (IkeParent *parent)
{
  for (const IkeChild *child = parent->children; child; child = child->next)
    ike_life_hand_on (child);
  while (parent->children)
    {
      ike_child_uninstall (parent->children, IKE_SA_IN | IKE_SA_OUT | IKE_SA_POLICIES);
      ike_child_free (parent->children);
    }
}

/* Kernel, tasks and secrets of it are gone; only the last answer is left. */
static void
close_parent (IkeParent *parent)
{
  IkeTask *task;

  if (parent->state == IKE_PARENT_CLOSED)
    return;
  drop_children (parent);
  while (parent->tasks && (task = g_queue_pop_head (parent->tasks)))
    ike_task_free (task);
  g_clear_pointer (&parent->tasks, g_queue_free);
  g_clear_pointer (&parent->answering, ike_task_free);
  g_clear_pointer (&parent->held, ike_incoming_queue_free);
  ike_followup_drop_all (parent);
  ike_core_forget (parent->core, parent, 0);
  ike_nego_free (g_steal_pointer (&parent->nego), parent->core->crypto);
  ike_keys_clear (&parent->keys);
  g_clear_pointer (&parent->fragments, ike_fragments_free);
  g_clear_pointer (&parent->low_nonce, g_bytes_unref);
  ike_timers_init (parent->timers, IKE_PARENT_N_TIMERS);
  ike_parent_rearm (parent);
  ike_parent_set_state (parent, IKE_PARENT_CLOSED);
  ike_client_remove (parent);
}

/* Of those that once stood and repeat their last answer: the one that has done so for longest, when there are enough. */
static IkeParent *
oldest_lingering (const IkeConnection *connection)
{
  IkeParent *oldest = NULL;
  guint n = 0;

  for (guint i = 0; i < connection->parents->len; i++)
    {
      IkeParent *parent = connection->parents->pdata[i];

      if (!parent->established || !ike_timers_is_set (parent->timers, IKE_PARENT_TIMER_LINGER))
        continue;
      n++;
      if (!oldest || parent->timers[IKE_PARENT_TIMER_LINGER] < oldest->timers[IKE_PARENT_TIMER_LINGER])
        oldest = parent;
    }
  return n >= IKE_CLIENT_MAX_LINGERING ? oldest : NULL;
}

/* It may be asked again what it has answered last. Whoever makes IKE SAs by rekeying and deletes them, without end, has few
 * of them kept for that; @client NULL: not a server's. */
static void
linger (IkeParent *parent, IkeClient *client)
{
  IkeParent *oldest = NULL;

  if (client)
    oldest = ike_parent_find (parent->core, ike_client_linger (client, ike_parent_our_spi (parent)));
  else if (parent->connection->config->role != IKE_ROLE_RESPONDER)
    oldest = oldest_lingering (parent->connection);
  if (oldest && oldest->state == IKE_PARENT_CLOSED)
    ike_connection_bury (parent->connection, oldest);
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_LINGER, parent->core->now + LINGER_TIME);
}

void
ike_life_retire (IkeParent *parent)
{
  IkeConnection *connection = parent->connection;
  IkeParent *successor = ike_parent_take_successor (parent);
  IkeClient *client = ike_client_ref (parent->client);

  close_parent (parent);
  /* what the peer has made to take its place, and nobody has taken over, has no purpose any more */
  if (successor)
    {
      ike_run_farewell (successor, 0);
      ike_life_retire (successor);
    }
  if (connection->current == parent)
    {
      connection->current = NULL;
      connection->heard = parent->heard;
    }
  if (ike_window_has_answers (&parent->window) && connection->state != IKE_CONNECTION_IDLE)
    linger (parent, client);
  else
    ike_connection_bury (connection, parent);
  if (client)
    ike_respond_restore (client);
  ike_client_unref (client);
  /* what took its place may have other selectors */
  ike_cover_sift (connection);
  ike_peer_retired (parent);
}

static void
say (IkeConnection *connection, IkeOutputType type, const IkeReason *reason)
{
  IkeOutput *output;

  if (connection->mesh)
    return; /* a mate's trouble is not the mesh's */
  output = ike_core_output_new (type, connection->config->id);
  ike_reason_copy (&output->reason, reason);
  ike_core_push (connection->core, output);
}

/* Nothing follows. */
static void
go_down (IkeConnection *connection, IkeReason *reason)
{
  for (guint i = 0; i < connection->parents->len; i++)
    close_parent (connection->parents->pdata[i]);
  for (guint i = 0; i < connection->parents->len; i++)
    {
      IkeParent *parent = connection->parents->pdata[i];

      ike_parent_stop_timer (parent, IKE_PARENT_TIMER_LINGER);
      ike_connection_bury (connection, parent);
    }
  connection->current = NULL;
  /* RFC 5723 section 6.2: whoever logs out leaves nothing to be resumed */
  g_clear_pointer (&connection->session, ike_session_unref);
  g_clear_pointer (&connection->tickets, ike_tickets_free);
  ike_connection_release (connection);
  ike_connection_stop_timer (connection, IKE_CONNECTION_TIMER_RETRY);
  ike_connection_stop_timer (connection, IKE_CONNECTION_TIMER_STOP);
  ike_connection_stop_timer (connection, IKE_CONNECTION_TIMER_COVER);
  ike_connection_stop_timer (connection, IKE_CONNECTION_TIMER_IDLE);
  ike_connection_stop_timer (connection, IKE_CONNECTION_TIMER_REDIRECT);
  connection->redirecting = FALSE;
  connection->home = (IkePath){ 0 };
  ike_connection_untrap (connection);
  ike_connection_set_state (connection, IKE_CONNECTION_IDLE);
  ike_core_log (connection->core, connection->config->id, NULL, IKE_LOG_INFO, "down", "connection is down: %s%s%s",
                ike_reason_code_name (reason->code), reason->detail ? ": " : "", reason->detail ? reason->detail : "");
  say (connection, IKE_OUTPUT_DOWN, reason);
}

void
ike_life_give_up (IkeConnection *connection, IkeReason *reason)
{
  go_down (connection, reason);
}

/* After @n failures. */
static IkeTime
growing (IkeCore *core, guint n)
{
  IkeTime delay = (n < 6 ? 1 << n : LONGEST_RETRY) * IKE_SECOND;

  return delay + delay / 4 * ike_core_jitter (core) / 256;
}

IkeTime
ike_life_pause (IkeConnection *connection, const IkeReason *reason)
{
  IkeCore *core = connection->core;
  IkeTime pause = 0;

  if (core->now - connection->up_since >= STOOD_TIME)
    connection->losses = 0;
  /* our own doing: another address, no traffic */
  if (reason->code == IKE_REASON_REPLACED || reason->code == IKE_REASON_IDLE ||
      core->now - connection->heard >= SILENCE_TIME)
    return 0;
  /* a gateway that was restarted has it back at once; one that throws us out each time, or another device with our
   * identity, does not */
  if (connection->losses)
    pause = growing (core, connection->losses - 1);
  connection->losses++;
  connection->not_before = core->now + pause;
  return pause;
}

static void
retry (IkeConnection *connection, IkeReason *reason)
{
  IkeTime delay = 0;

  if (connection->state == IKE_CONNECTION_UP)
    {
      say (connection, IKE_OUTPUT_RECONNECTING, reason);
      ike_core_log (connection->core, connection->config->id, NULL, IKE_LOG_INFO, "reconnect", "reconnecting: %s",
                    ike_reason_code_name (reason->code));
      ike_connection_set_state (connection, IKE_CONNECTION_RETRYING);
      /* another negotiation of a peer is under way */
      if (connection->current)
        return;
      delay = ike_life_pause (connection, reason);
      /* who deletes it may be about to make it anew */
      if (ike_connection_is_peer (connection) && reason->code == IKE_REASON_PEER_DELETED)
        delay = MAX (delay, IKE_SECOND);
    }
  else
    {
      delay = growing (connection->core, connection->attempts + MAX (connection->losses, 1) - 1);
      connection->attempts++;
      say (connection, IKE_OUTPUT_STALLED, reason);
    }
  ike_connection_set_timer (connection, IKE_CONNECTION_TIMER_RETRY, connection->core->now + delay);
}

/* It has been tried as often as the user wants. */
static gboolean
is_tired (const IkeConnection *connection)
{
  return connection->config->tries && connection->state == IKE_CONNECTION_RETRYING &&
         connection->attempts + 1 >= connection->config->tries;
}

/* The IKE SA that counts is over: what was to take its place, and is under way, counts now. */
static void
adopt_fresh (IkeConnection *connection)
{
  ike_reauth_end_trial (connection);
  /* a peer may have found another one (ike_peer_lost) */
  if (!connection->current)
    connection->current = g_steal_pointer (&connection->fresh);
}

/* Its IKE SA is over. */
static void
lost (IkeConnection *connection, IkeReason *reason)
{
  if ((ike_connection_is_peer (connection) || (connection->trap_slot && !ike_reason_is_final (reason->code))) &&
      ike_peer_lost (connection, reason))
    return;
  switch ((IkeConnectionState) connection->state)
    {
    case IKE_CONNECTION_IDLE:
      return;
    case IKE_CONNECTION_WAITING: /* a client on demand, whom the gateway does not want any more */
      go_down (connection, reason);
      return;
    case IKE_CONNECTION_LISTENING:
      ike_core_log (connection->core, connection->config->id, NULL, IKE_LOG_INFO, "peer", "a peer is gone: %s%s%s",
                    ike_reason_code_name (reason->code), reason->detail ? ": " : "",
                    reason->detail ? reason->detail : "");
      return;
    case IKE_CONNECTION_STOPPING:
      go_down (connection, &connection->reason);
      return;
    case IKE_CONNECTION_STARTING:
      go_down (connection, reason);
      return;
    case IKE_CONNECTION_UP:
    case IKE_CONNECTION_RETRYING:
      adopt_fresh (connection);
      if (connection->current)
        retry (connection, reason);
      else if (connection->config->keep_trying && !ike_reason_is_final (reason->code) && !is_tired (connection))
        retry (connection, reason);
      else
        go_down (connection, reason);
      return;
    }
}

static void
say_farewell (IkeParent *parent, IkeFarewell farewell)
{
  switch (farewell)
    {
    case IKE_FAREWELL_NONE:
      break;
    case IKE_FAREWELL_DELETE:
      ike_ticket_withdraw (parent);
      ike_run_farewell (parent, 0);
      break;
    case IKE_FAREWELL_AUTH_FAILED:
      ike_run_farewell (parent, IKE_NOTIFY_AUTHENTICATION_FAILED);
      break;
    }
}

/* No Child SA was for it, and its client goes on by another one. */
static gboolean
is_spare (const IkeParent *parent)
{
  const IkeClient *client = parent->client;

  return (parent->lone || parent->barred) && client && (client->parents != parent || parent->client_next);
}

void
ike_life_end (IkeParent *parent, IkeFarewell farewell, IkeReason *reason)
{
  IkeConnection *connection = parent->connection;
  gboolean current = connection->current == parent ||
                     (connection->state == IKE_CONNECTION_LISTENING && !parent->superseded && !is_spare (parent));

  if (parent->state == IKE_PARENT_CLOSED)
    return;
  if (reason->code == IKE_REASON_PEER_DELETED)
    ike_ticket_withdraw (parent);
  ike_probe_ended (parent, reason->code);
  say_farewell (parent, farewell);
  if (connection->fresh == parent)
    ike_reauth_failed (parent, reason, ike_reason_is_final (reason->code));
  ike_life_retire (parent);
  if (current)
    lost (connection, reason);
}

void
ike_life_expire (IkeParent *parent)
{
  g_auto (IkeReason) reason = { 0 };

  switch ((IkeParentState) parent->state)
    {
    case IKE_PARENT_NEW:
    case IKE_PARENT_INIT:
    case IKE_PARENT_INTERMEDIATE:
    case IKE_PARENT_AUTH:
    case IKE_PARENT_AUTH_AGAIN:
    case IKE_PARENT_AUTH_EAP:
    case IKE_PARENT_AUTH_FINAL:
      /* half-open, and the peer is too slow to want an answer again */
      ike_window_forget_answers (&parent->window);
      ike_life_retire (parent);
      return;
    case IKE_PARENT_REPLACED: /* the peer forgot to delete it */
      ike_life_retire (parent);
      return;
    case IKE_PARENT_ESTABLISHED:
    case IKE_PARENT_DELETING:
      if (ike_rekey_outlives (parent))
        return;
      if (parent->lone || parent->barred)
        ike_reason_set (&reason, IKE_REASON_NO_CHILD, 0, NULL);
      else
        ike_reason_set (&reason, IKE_REASON_REKEY_FAILED, parent->rekey_refused,
                        "the IKE SA reached the end of its life%s%s", parent->rekey_refused ? ": " : "",
                        parent->rekey_refused ? IKE_NAME (NOTIFY, parent->rekey_refused) : "");
      ike_life_end (parent, IKE_FAREWELL_DELETE, &reason);
      return;
    case IKE_PARENT_CLOSED:
      return;
    }
}

void
ike_life_renew (IkeParent *parent, IkeFarewell farewell, IkeReason *reason)
{
  IkeConnection *connection = parent->connection;
  gboolean current = connection->current == parent;
  IkeTime pause = 0;

  if (connection->state == IKE_CONNECTION_STOPPING)
    {
      ike_life_end (parent, farewell, reason);
      return;
    }
  say_farewell (parent, farewell);
  ike_life_retire (parent);
  /* of one that does not count any more nothing is made anew */
  if (!current)
    return;
  adopt_fresh (connection);
  /* on demand the trap holds back what would leave meanwhile */
  if (connection->state == IKE_CONNECTION_UP && connection->trap_slot && !ike_connection_is_peer (connection))
    {
      ike_connection_set_state (connection, IKE_CONNECTION_WAITING);
      pause = ike_life_pause (connection, reason);
    }
  if (connection->state == IKE_CONNECTION_STARTING || connection->state == IKE_CONNECTION_RETRYING ||
      connection->state == IKE_CONNECTION_WAITING)
    {
      if (!connection->current && pause)
        ike_connection_set_timer (connection, IKE_CONNECTION_TIMER_RETRY, connection->not_before);
      else if (!connection->current)
        ike_life_negotiate (connection);
    }
  else
    retry (connection, reason);
}

/* ---- the user's wishes ---- */

static void
farewell_others (IkeConnection *connection, const IkeParent *but)
{
  for (guint i = 0; i < connection->parents->len; i++)
    {
      IkeParent *parent = connection->parents->pdata[i];

      if (parent != but && parent->state >= IKE_PARENT_INTERMEDIATE && parent->state < IKE_PARENT_CLOSED)
        ike_run_farewell (parent, 0);
    }
}

static void
drop_others (IkeConnection *connection, const IkeParent *but)
{
  farewell_others (connection, but);
  for (guint i = 0; i < connection->parents->len; i++)
    if (connection->parents->pdata[i] != but)
      ike_life_retire (connection->parents->pdata[i]);
}

void
ike_life_drop (IkeConnection *mate, gboolean farewell)
{
  if (farewell)
    farewell_others (mate, NULL);
  for (guint i = 0; i < mate->parents->len; i++)
    ike_life_retire (mate->parents->pdata[i]);
}

/* What was to take the place of the one that is being deleted. */
static void
drop_fresh (IkeConnection *connection)
{
  IkeParent *fresh = g_steal_pointer (&connection->fresh);

  if (!fresh)
    return;
  say_farewell (fresh, IKE_FAREWELL_DELETE);
  ike_life_retire (fresh);
}

static void
stop_all (IkeConnection *connection)
{
  ike_mesh_stop (connection, TRUE);
  farewell_others (connection, NULL);
  go_down (connection, &connection->reason);
}

void
ike_life_stop (IkeConnection *connection)
{
  IkeParent *parent = connection->current;

  ike_reason_clear (&connection->reason);
  ike_reason_set (&connection->reason, IKE_REASON_USER_STOP, 0, NULL);
  if (connection->state == IKE_CONNECTION_IDLE || connection->state == IKE_CONNECTION_STOPPING)
    return;
  if (!parent || parent->state < IKE_PARENT_ESTABLISHED || parent->state == IKE_PARENT_CLOSED)
    {
      stop_all (connection);
      return;
    }
  if (ike_connection_is_peer (connection))
    drop_others (connection, parent);
  drop_fresh (connection);
  ike_connection_set_state (connection, IKE_CONNECTION_STOPPING);
  ike_connection_set_timer (connection, IKE_CONNECTION_TIMER_STOP, connection->core->now + STOP_PATIENCE);
  /* what waits is of no use any more; what runs has the window */
  for (guint n = parent->tasks ? parent->tasks->length : 0; n > 0; n--)
    {
      IkeTask *task = g_queue_pop_head (parent->tasks);

      if (task->started)
        g_queue_push_tail (parent->tasks, task);
      else
        ike_task_free (task);
    }
  if (!ike_run_has (parent, &ike_row_delete_ike, 0))
    ike_run_queue (parent, &ike_row_delete_ike);
  ike_run_next (parent);
}

void
ike_life_on_connection_timer (IkeConnection *connection, IkeConnectionTimer timer)
{
  switch (timer)
    {
    case IKE_CONNECTION_TIMER_RETRY:
      if (connection->mesh)
        ike_mesh_on_timer (connection);
      else if (connection->state == IKE_CONNECTION_RETRYING || connection->state == IKE_CONNECTION_STARTING ||
               (connection->state == IKE_CONNECTION_WAITING && !connection->current))
        {
          ike_addresses_take_turns (connection);
          ike_life_negotiate (connection);
        }
      return;
    case IKE_CONNECTION_TIMER_STOP:
      stop_all (connection);
      return;
    case IKE_CONNECTION_TIMER_IDLE:
      ike_peer_on_idle (connection);
      return;
    case IKE_CONNECTION_TIMER_COVER:
      ike_peer_cover (connection);
      return;
    case IKE_CONNECTION_TIMER_REDIRECT:
      ike_redirect_failed (connection);
      return;
    case IKE_CONNECTION_N_TIMERS:
      return;
    }
}

/* ---- rekeying of the IKE SA ---- */

/* Where the Child SAs are to be, and whether the peer is there, was asked on the old one: whatever it answers there, they
 * are not that one's any more. */
static void
ask_again (IkeParent *old, IkeParent *successor)
{
  static const IkeExchangeRow *const rows[] = { &ike_row_routability, &ike_row_update_addresses };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (ike_run_has (old, rows[i], 0) && !ike_run_has (successor, rows[i], 0))
      ike_run_queue_next (successor, rows[i]);
}

void
ike_life_replace (IkeParent *old, IkeParent *successor)
{
  IkeConnection *connection = old->connection;

  ike_ticket_withdraw (old);
  /* with the Child SAs that they were about to make */
  ike_followup_drop_all (old);
  while (old->children)
    ike_child_move (old->children, successor);
  if (!successor->refused)
    successor->refused = g_steal_pointer (&old->refused);
  /* its first Child SA is still to be made, and to be told of */
  if (!successor->nego)
    successor->nego = g_steal_pointer (&old->nego);
  /* what has not begun is done on the new one */
  for (guint n = old->tasks ? old->tasks->length : 0; n > 0; n--)
    {
      IkeTask *task = g_queue_pop_head (old->tasks);

      if (task->started)
        {
          g_queue_push_tail (old->tasks, task);
          continue;
        }
      if (!successor->tasks)
        successor->tasks = g_queue_new ();
      task->parent = successor;
      g_queue_push_tail (successor->tasks, task);
    }
  ask_again (old, successor);
  old->superseded = TRUE;
  if (old->state == IKE_PARENT_ESTABLISHED)
    ike_parent_set_state (old, IKE_PARENT_REPLACED);
  ike_parent_stop_timer (old, IKE_PARENT_TIMER_REKEY);
  ike_parent_stop_timer (old, IKE_PARENT_TIMER_REAUTH);
  ike_parent_stop_timer (old, IKE_PARENT_TIMER_LIVENESS);
  ike_parent_stop_timer (old, IKE_PARENT_TIMER_KEEPALIVE);
  ike_parent_set_timer (old, IKE_PARENT_TIMER_EXPIRE, old->core->now + REPLACED_TIME);
  if (connection->current == old)
    connection->current = successor;
  ike_qcd_renew (successor);
  ike_ticket_renew (successor);
  ike_run_next (successor);
}
