/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Another path: our address has changed, or the caller has chosen another uplink or gateway. RFC 4555 section 3.5.
 *
 * Invariant: what anybody can send, or what only hints at something, leads at most to a question; only an answer that
 * was authenticated, or none for long, has consequences.
 */
#include "exchange/addresses.h"
#include "exchange/handlers.h"
#include "exchange/liveness.h"
#include "exchange/reauth.h"
#include "exchange/redirect.h"
#include "exchange/stream.h"

/* A question is not repeated within this time, however many hints there are. */
#define HINT_INTERVAL IKE_SECOND
/* a path is in doubt after so many messages without an answer: 1.4 s, 6 s; with fewer moments when it is hurried */
#define TRIES_BEFORE_DOUBT 4
#define TRIES_BEFORE_DOUBT_QUICK 2 /* and those that were hurried */
#define TRIES_BEFORE_DOUBT_SLOW 6
/* ... and when no ESP has been seen to arrive for so long */
#define QUIET (300 * IKE_MILLISECOND)
/* what TCP only supposes counts when traffic has waited for so long: a shorter hole is no reason */
#define QUIET_CLOGGED (500 * IKE_MILLISECOND)
/* ... and the peer's memory after so long: the fourth message */
#define TIME_BEFORE_TRIAL (2500 * IKE_MILLISECOND)
/* ... but after this when the machine has slept, which nobody else can pretend: the third */
#define TIME_BEFORE_TRIAL_AWAKE IKE_SECOND
/* a probe's path: by then the trial has had its answer, if there is one */
#define TIME_BEFORE_PATH_PROBE (9 * IKE_SECOND)
/* RFC 9329 section 5.1: and so is UDP, before anything has been answered (3 s), or when the first message was (6 s) */
#define TRIES_BEFORE_TCP 5
#define TRIES_BEFORE_TCP_LATER 6

IkePath
ike_path_for (const IkeParent *parent)
{
  const IkeConnection *connection = parent->connection;
  IkePath path = parent->path.transport == connection->path.transport ? connection->path : connection->natt_path;
  const IkeEndpoint *now = &parent->path.remote;

  /* the port is that of the NAT before it */
  if (ike_address_equal (&now->address, &path.remote.address)
          ? parent->path.transport == path.transport
          : parent->strayed && now->address.family == path.local.address.family)
    path.remote = *now;
  return path;
}

/* RFC 4555 section 3.5: a request that is unanswered goes on, as it is, on the new path. */
static void
carry_over (IkeConnection *connection)
{
  for (guint i = 0; i < connection->parents->len; i++)
    {
      IkeParent *parent = connection->parents->pdata[i];

      if (parent->state < IKE_PARENT_ESTABLISHED || parent->state == IKE_PARENT_CLOSED || !parent->mobike)
        continue;
      parent->path = ike_path_for (parent);
      parent->window.rtt = 0;
      ike_run_again (parent);
    }
}

/* Those on their way out say so from where we are now; one that was to take the place of ours begins anew some time. */
static void
move_others (IkeConnection *connection)
{
  g_auto (IkeReason) reason = { 0 };

  for (guint i = 0; i < connection->parents->len; i++)
    {
      IkeParent *other = connection->parents->pdata[i];

      if (other != connection->current && other->state != IKE_PARENT_CLOSED)
        other->path = ike_path_for (other);
    }
  if (!connection->fresh)
    return;
  ike_reason_set (&reason, IKE_REASON_REPLACED, 0, "our address has changed");
  ike_life_end (connection->fresh, IKE_FAREWELL_DELETE, &reason);
}

static gboolean
waits_for_update (const IkeParent *parent)
{
  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    if (((IkeTask *) l->data)->row == &ike_row_update_addresses && !((IkeTask *) l->data)->started)
      return TRUE;
  return FALSE;
}

static void
move (IkeConnection *connection, IkeParent *parent)
{
  carry_over (connection);
  if (!waits_for_update (parent))
    ike_run_queue_next (parent, &ike_row_update_addresses);
  ike_run_next (parent);
}

void
ike_path_new (IkeConnection *connection, const IkePath *path, const IkePath *natt_path)
{
  IkeParent *parent = connection->current;
  g_auto (IkeReason) reason = { 0 };
  gboolean unchanged = ike_address_equal (&connection->path.remote.address, &path->remote.address);
  gboolean same_gateway = unchanged || ike_addresses_arrive (connection, &path->remote.address);
  gboolean late = !same_gateway && ike_addresses_comes_late (connection, &path->remote.address);
  gboolean redirected = !same_gateway && !late && ike_redirect_arrived (connection);

  if (late)
    return;
  connection->asked = (IkeAddress){ 0 };
  /* there we have begun anew already */
  if (ike_addresses_is_back (connection, path, natt_path))
    return;
  if (!same_gateway)
    connection->home = (IkePath){ 0 };
  for (guint i = 0; !unchanged && i < connection->parents->len; i++)
    ((IkeParent *) connection->parents->pdata[i])->strayed = FALSE;

  connection->path = *path;
  connection->natt_path = *natt_path;
  connection->met_nat = FALSE;
  ike_connection_trap (connection);
  if (parent && ike_stream_renew (connection, parent))
    return;
  if (!parent)
    {
      /* waiting to try again: the network has changed, so now is a good time */
      if (connection->state == IKE_CONNECTION_RETRYING)
        ike_connection_set_timer (connection, IKE_CONNECTION_TIMER_RETRY, connection->core->now);
      return;
    }
  move_others (connection);
  if (same_gateway && parent->state >= IKE_PARENT_ESTABLISHED && parent->state < IKE_PARENT_CLOSED && parent->mobike)
    {
      move (connection, parent);
      return;
    }
  if (connection->state == IKE_CONNECTION_STOPPING)
    return;
  ike_reason_set (&reason, IKE_REASON_REPLACED, 0, redirected ? "sent to another gateway" : "our address has changed");
  ike_life_renew (
      parent, redirected && parent->state >= IKE_PARENT_ESTABLISHED ? IKE_FAREWELL_DELETE : IKE_FAREWELL_NONE, &reason);
}

static void
say (const IkeParent *parent, IkeOutputType type)
{
  IkeOutput *output = ike_core_output_new (type, ike_parent_config (parent)->id);

  output->path = parent->path;
  ike_core_push (parent->core, output);
}

/* (While traffic arrives the messages are only lost.) */
static gboolean
may_be_doubted (const IkeParent *parent, const IkeRequest *request)
{
  return parent->state == IKE_PARENT_ESTABLISHED && !request->doubted && parent->core->now - parent->proof >= QUIET;
}

static gboolean
is_doubtful (const IkeParent *parent, const IkeRequest *request)
{
  guint tries = ike_addresses_is_untested (parent) ? TRIES_BEFORE_DOUBT
                : request->hurried                 ? TRIES_BEFORE_DOUBT_QUICK + request->hurried
                : parent->mobike                   ? TRIES_BEFORE_DOUBT
                                                   : TRIES_BEFORE_DOUBT_SLOW;

  return request->tries >= tries && may_be_doubted (parent, request);
}

/* A probe may have no answer only because of its size: whether the peer is there is then found out by a new IKE SA, sooner
 * than at another of its addresses. */
static gboolean
may_be_too_large (const IkeParent *parent, const IkeTask *task)
{
  return task->row == &ike_row_probe && !parent->connection->elsewhere &&
         parent->core->now - task->request.since < TIME_BEFORE_PATH_PROBE;
}

static gboolean
may_be_forgotten (const IkeParent *parent, const IkeRequest *request)
{
  gboolean awake = parent->awake && parent->awake <= request->since;
  IkeTime patience = awake && parent->awake > parent->proof ? TIME_BEFORE_TRIAL_AWAKE : TIME_BEFORE_TRIAL;

  return parent->state == IKE_PARENT_ESTABLISHED && (!ike_stream_is (&parent->path) || ike_stream_is_mute (parent)) &&
         parent->core->now - request->since >= patience;
}

/* The request that waits longest for the path to carry it, if that is ours to choose; else NULL. */
static IkeTask *
waiting (const IkeParent *parent)
{
  const IkeConnection *connection = parent->connection;

  if (connection->current != parent || connection->state == IKE_CONNECTION_LISTENING ||
      ike_reauth_is_heard (connection))
    return NULL;
  return ike_task_oldest (parent);
}

static void
doubt (IkeParent *parent, IkeRequest *request)
{
  IkeTry tried = ike_addresses_try (parent);

  request->doubted = tried == IKE_TRY_NONE || tried == IKE_TRY_NEXT;
  if (tried == IKE_TRY_NONE || tried == IKE_TRY_OVER)
    say (parent, IKE_OUTPUT_PATH_FAILS);
}

void
ike_path_none (IkeConnection *connection)
{
  IkeParent *parent = connection->current;
  IkeTask *task = parent ? waiting (parent) : NULL;

  if (!connection->redirecting && task && parent->state == IKE_PARENT_ESTABLISHED)
    doubt (parent, &task->request);
  ike_redirect_failed (connection);
}

/* Whoever chose the path may know another one. Without MOBIKE that is a new IKE SA: then with more patience. */
void
ike_path_doubt (IkeParent *parent)
{
  IkeTask *task = waiting (parent);
  guint tries = task ? task->request.tries : 0;

  if (!task)
    return;
  if (is_doubtful (parent, &task->request) && !may_be_too_large (parent, task))
    doubt (parent, &task->request);
  if (may_be_forgotten (parent, &task->request))
    ike_reauth_try (parent);
  /* by a connection nothing is repeated: it may be dead without anybody saying so, or have lost the answer */
  if (parent->initiator && ((parent->state == IKE_PARENT_INIT && tries == TRIES_BEFORE_TCP) ||
                            (parent->state == IKE_PARENT_AUTH && tries == TRIES_BEFORE_TCP_LATER)))
    say (parent, ike_stream_is (&parent->path) ? IKE_OUTPUT_PATH_FAILS : IKE_OUTPUT_UNANSWERED);
}

/* What TCP says nobody has authenticated, and it could only be kept from saying it: the path is doubted as by a question
 * without an answer, only sooner. */
void
ike_path_clogged (IkeConnection *connection, gboolean certain)
{
  IkeParent *parent = connection->current;
  IkeTask *task = parent && ike_stream_is (&parent->path) && ike_liveness_is_urgent (parent) ? waiting (parent) : NULL;

  if (!task || !may_be_doubted (parent, &task->request))
    return;
  if (!certain && (!parent->unanswered || connection->core->now - parent->unanswered < QUIET_CLOGGED))
    return;
  ike_parent_log (parent, IKE_LOG_INFO, "path", "nothing arrives by TCP, however often it is repeated");
  doubt (parent, &task->request);
}

gboolean
ike_path_is_silent (const IkeConnection *connection)
{
  const IkeParent *parent = connection->current;
  const IkeTask *task = parent ? ike_task_oldest (parent) : NULL;

  if (!parent)
    return TRUE;
  return task && (parent->state <= IKE_PARENT_INIT || task->request.tries >= TRIES_BEFORE_DOUBT);
}

/* Something that nobody has authenticated, or that is only likely: a sleep, an ICMP error, an unknown SPI. */
void
ike_path_hint (IkeConnection *connection)
{
  IkeParent *parent = connection->current;
  const IkeTask *task = parent ? ike_parent_current (parent) : NULL;

  if (!parent)
    {
      if (connection->state == IKE_CONNECTION_RETRYING)
        ike_connection_set_timer (connection, IKE_CONNECTION_TIMER_RETRY, connection->core->now);
      return;
    }
  if (parent->state != IKE_PARENT_ESTABLISHED || connection->core->now - parent->hinted < HINT_INTERVAL)
    return;
  parent->hinted = connection->core->now;
  if (!task || !task->started)
    ike_liveness_doubt (parent);
  else /* who sends hints all the time must not keep us from seeing that nothing else comes */
    ike_run_repeat (parent);
}

/* The clock has gone on, but nobody has waited for an answer: also the many of a server, and a mesh's. */
static void
awake (const IkeConnection *connection)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, connection->core->parents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      IkeParent *parent = value;

      if (parent->connection == connection || parent->connection->mesh == connection)
        ike_run_awake (parent);
    }
}

void
ike_path_check (IkeConnection *connection, gboolean slept)
{
  IkeParent *parent = connection->current;

  if (slept)
    awake (connection);
  if (slept && parent && parent->state == IKE_PARENT_ESTABLISHED)
    {
      parent->awake = connection->core->now;
      ike_parent_log (parent, IKE_LOG_INFO, "path", "the machine has slept: is the peer still there?");
    }
  ike_path_hint (connection);
}
