/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages that go out of one IKE SA, the retransmission of what we ask, and the queue of our exchanges; what comes in is
 * receive.c's. RFC 7296 sections 2.1 to 2.5; RFC 7383.
 */
#include "exchange/run.h"

#include "exchange/handlers.h"
#include "exchange/intermediate.h"
#include "exchange/life.h"
#include "exchange/liveness.h"
#include "exchange/probe.h"
#include "exchange/stream.h"
#include "wire/payload-delete.h"
#include "wire/payload-notify.h"

/* total patience with one request */
#define PATIENCE_FIRST (15 * IKE_SECOND) /* IKE_SA_INIT, never connected: a silent gateway is told within 20 s */
#define PATIENCE_RESUME (4 * IKE_SECOND) /* then without the ticket */
#define PATIENCE_AUTH (30 * IKE_SECOND)
#define PATIENCE_ESTABLISHED (75 * IKE_SECOND)
#define PATIENCE_MOBILE                                                                                                \
 (300 * IKE_SECOND) /* a client may be on its way: RFC 4555 section 3.11, "at least five minutes" */
/* between two retransmissions: a user who waits, and a responder who forgets the half-open, want to see them sooner */
#define LONGEST_INTERVAL_FIRST (4 * IKE_SECOND)
#define LONGEST_INTERVAL_TRIAL IKE_SECOND /* so long at most is the network back without our noticing */
#define LONGEST_INTERVAL (20 * IKE_SECOND)
/* octets of a fragment, for a path that takes less than others; RFC 7383 section 2.5.1: 576 with IP and UDP */
#define PROBE_FRAGMENT 544

/* ---- out ---- */

void
ike_run_header (const IkeParent *parent, IkeExchange exchange, gboolean response, guint32 id, IkeHeader *ret)
{
  *ret = (IkeHeader){
    .spi_i = parent->spi_i,
    .spi_r = parent->spi_r,
    .version = IKE_VERSION_2,
    .exchange = (guint8) exchange,
    .flags = (guint8) ((parent->initiator ? IKE_FLAG_INITIATOR : 0) | (response ? IKE_FLAG_RESPONSE : 0)),
    .message_id = id,
  };
}

static void
out (IkeParent *parent, const IkePath *path, const GPtrArray *datagrams, IkePieces pieces)
{
  for (guint i = 0; i < datagrams->len; i++)
    ike_core_send (parent->core, ike_parent_config (parent)->id, path, datagrams->pdata[i], pieces);
  parent->sent = parent->core->now;
  ike_life_count (parent);
  if (parent->nat_here && !ike_stream_is (path) && parent->state >= IKE_PARENT_INTERMEDIATE &&
      parent->state != IKE_PARENT_CLOSED)
    ike_life_keep_alive (parent);
}

void
ike_run_out (IkeParent *parent, const IkePath *path, const GPtrArray *datagrams)
{
  out (parent, path, datagrams, IKE_PIECES_USUAL);
}

static gsize
usual_limit (const IkeParent *parent, GBytes *octets)
{
  return octets ? ike_parent_message_limit (parent, g_bytes_get_size (octets)) : 0;
}

/* A chain of payloads, protected: one datagram, or its fragments, none longer than @limit (0: no limit). NULL: logged. */
static GPtrArray *
seal (IkeParent *parent, const IkeHeader *header, guint8 first, GBytes *octets, gsize limit)
{
  /* RFC 8019 section 7.2.2: outside, so that it can be looked at before anything else is done */
  gboolean solved = parent->nego && parent->nego->solution && header->exchange == IKE_EXCHANGE_IKE_AUTH;
  const IkeSkBefore before = { IKE_PAYLOAD_PS,
                               solved ? ike_chunk_bytes (parent->nego->solution) : ike_chunk (NULL, 0) };
  GPtrArray *datagrams = octets ? ike_sk_seal_after (parent->core->crypto, &parent->keys, parent->initiator, header,
                                                     &before, first, ike_chunk_bytes (octets), &parent->iv_counter,
                                                     limit)
                                : NULL;

  if (solved)
    g_clear_pointer (&parent->nego->solution, g_bytes_unref);
  if (datagrams && header->exchange == IKE_EXCHANGE_IKE_INTERMEDIATE &&
      !ike_intermediate_add (parent, header, first, ike_chunk_bytes (octets)))
    g_clear_pointer (&datagrams, g_ptr_array_unref);
  if (!datagrams)
    ike_parent_log (parent, IKE_LOG_ERROR, "crypto", "cannot protect a message");
  return datagrams;
}

/* The finished message, not one that is waited for. Clears @builder. NULL: logged. */
static GPtrArray *
finish (IkeParent *parent, IkeExchange exchange, gboolean response, guint32 id, IkeBuilder *builder)
{
  g_autoptr (GBytes) octets = ike_builder_finish (builder);
  IkeHeader header;

  if (octets && ike_exchange_is_first ((guint8) exchange))
    {
      GPtrArray *datagrams = g_ptr_array_new_full (1, (GDestroyNotify) g_bytes_unref);

      g_ptr_array_add (datagrams, g_steal_pointer (&octets));
      return datagrams;
    }
  ike_run_header (parent, exchange, response, id, &header);
  return seal (parent, &header, builder->first, octets, usual_limit (parent, octets));
}

static void
log_sent (IkeParent *parent, const char *name, gboolean response, guint32 id, const GPtrArray *datagrams)
{
  if (parent->core->log_level >= IKE_LOG_DEBUG)
    ike_parent_log (parent, IKE_LOG_DEBUG, "packet", "sent %s %s %u, %u %s", name, response ? "answer" : "request", id,
                    datagrams->len, datagrams->len == 1 ? "datagram" : "fragments");
}

static gboolean
is_trial (const IkeParent *parent, const IkeTask *task)
{
  return parent->trial && task->row == &ike_row_init;
}

static IkeTime
patience (const IkeParent *parent, const IkeTask *task)
{
  const IkeConfig *config = ike_parent_config (parent);

  if ((task->row == &ike_row_liveness || task->row == &ike_row_update_addresses || task->row == &ike_row_probe) &&
      config->dpd_timeout)
    return config->dpd_timeout;
  if (task->row == &ike_row_resume)
    return PATIENCE_RESUME;
  if (is_trial (parent, task))
    return PATIENCE_ESTABLISHED;
  if (task->row == &ike_row_init && config->init_timeout)
    return config->init_timeout;
  if (config->retransmit_timeout)
    return config->retransmit_timeout;
  if (task->row == &ike_row_init)
    return PATIENCE_FIRST;
  /* where the one before keeps the next one out it is not waited for: it may be the same one that comes again */
  if (parent->state == IKE_PARENT_ESTABLISHED && parent->mobike && config->role == IKE_ROLE_RESPONDER &&
      task->row != &ike_row_routability && !(config->serve && config->serve->unique == IKE_UNIQUE_KEEP))
    return PATIENCE_MOBILE;
  return parent->state < IKE_PARENT_ESTABLISHED ? PATIENCE_AUTH : PATIENCE_ESTABLISHED;
}

/* Of those that are unanswered the one that is due first, or NULL. */
static IkeTask *
next_due (const IkeParent *parent)
{
  IkeTask *first = NULL;

  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    {
      IkeTask *task = l->data;

      if (task->request.datagrams && (!first || task->request.due < first->request.due))
        first = task;
    }
  return first;
}

static void
rearm (IkeParent *parent)
{
  const IkeTask *task = next_due (parent);

  ike_parent_set_timer (parent, IKE_PARENT_TIMER_RETRANSMIT, task ? task->request.due : IKE_TIME_NEVER);
}

static void
arm_retransmit (IkeParent *parent, IkeTask *task)
{
  IkeTime longest = is_trial (parent, task)                  ? LONGEST_INTERVAL_TRIAL
                    : parent->state < IKE_PARENT_ESTABLISHED ? LONGEST_INTERVAL_FIRST
                                                             : LONGEST_INTERVAL;
  IkeTime at = parent->core->now + ike_request_back_off (&task->request, longest, ike_core_jitter (parent->core));

  task->request.due = MIN (at, task->request.since + patience (parent, task));
  rearm (parent);
}

static void
give_up_unsent (IkeTask *task)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, IKE_REASON_CRYPTO, 0, "%s", task->row->name);
  task->row->on_give_up (task, &reason);
}

/* With the next id. */
static void
transmit (IkeTask *task, GPtrArray *take_datagrams)
{
  IkeParent *parent = task->parent;

  ike_window_sent (&parent->window, &task->request, take_datagrams, parent->core->now);
  log_sent (parent, task->row->name, FALSE, task->request.id, take_datagrams);
  if (task->row == &ike_row_liveness || task->row == &ike_row_update_addresses)
    ike_liveness_hurry (parent, &task->request);
  if (task->row == &ike_row_probe)
    {
      task->request.pieces = IKE_PIECES_NONE;
      task->request.interval = ike_probe_interval (parent->connection);
    }
  out (parent, &parent->path, take_datagrams, task->request.pieces);
  arm_retransmit (parent, task);
}

/* A probe that has no answer must get one all the same, or the IKE SA is dead. What is repeated is the same octets (RFC 7296
 * section 2.1), which IP may now cut, and the same message in IKE's own fragments (RFC 7383 section 2.5.2). */
static void
cut (const IkeTask *task, IkeRequest *request)
{
  IkeParent *parent = task->parent;
  g_autoptr (GPtrArray) fragments = NULL;
  IkeHeader header;

  if (request->pieces != IKE_PIECES_NONE)
    return;
  request->pieces = IKE_PIECES_MANY;
  if (!request->inner || !parent->fragmentation || ike_stream_is (&parent->path))
    return;
  ike_run_header (parent, task->row->exchange, FALSE, request->id, &header);
  fragments = seal (parent, &header, request->first, request->inner, PROBE_FRAGMENT);
  for (guint i = 0; fragments && fragments->len > 1 && i < fragments->len; i++)
    g_ptr_array_add (request->datagrams, g_bytes_ref (fragments->pdata[i]));
}

static void
repeat (IkeTask *task)
{
  IkeParent *parent = task->parent;

  cut (task, &task->request);
  out (parent, &parent->path, task->request.datagrams, task->request.pieces);
}

/* What is protected in the request goes out with the next id. FALSE: given up, and @task is gone. */
static gboolean
transmit_inner (IkeTask *task, guint8 first, GBytes *take_inner)
{
  IkeParent *parent = task->parent;
  gboolean probe = task->row == &ike_row_probe;
  g_autoptr (GBytes) inner = take_inner;
  IkeHeader header;
  GPtrArray *datagrams;

  ike_run_header (parent, task->row->exchange, FALSE, parent->window.next, &header);
  datagrams = seal (parent, &header, first, inner, probe ? 0 : usual_limit (parent, inner));
  if (!datagrams)
    {
      ike_request_answered (&task->request);
      give_up_unsent (task);
      return FALSE;
    }
  transmit (task, datagrams);
  /* RFC 6311: it may have to go out under another id; a probe in pieces */
  if (parent->id_sync || probe)
    {
      task->request.first = first;
      task->request.inner = g_steal_pointer (&inner);
    }
  return TRUE;
}

static gboolean
window_is_open (const IkeParent *parent)
{
  const IkeTask *oldest = ike_task_oldest (parent);

  return ike_window_is_open (&parent->window, oldest ? &oldest->request : NULL);
}

/* A request of ours that waits for a place in the peer's window. */
static IkeTask *
find_held (const IkeParent *parent)
{
  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    if (((IkeTask *) l->data)->request.held)
      return l->data;
  return NULL;
}

void
ike_run_on_window (IkeParent *parent)
{
  IkeTask *task;

  if (ike_run_receive_held (parent))
    {
      ike_parent_set_timer (parent, IKE_PARENT_TIMER_WINDOW, parent->core->now);
      return;
    }
  while (window_is_open (parent) && (task = find_held (parent)))
    if (!transmit_inner (task, task->request.first, g_steal_pointer (&task->request.inner)))
      return;
}

void
ike_run_answered (IkeTask *task)
{
  IkeParent *parent = task->parent;

  ike_request_answered (&task->request);
  rearm (parent);
  if (find_held (parent))
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_WINDOW, parent->core->now);
}

void
ike_run_announce_window (IkeBuilder *builder, const IkeParent *parent)
{
  guint32 size = GUINT32_TO_BE (IKE_WINDOW);

  if (!ike_parent_is_anonymous (parent))
    ike_builder_notify (builder, IKE_NOTIFY_SET_WINDOW_SIZE, ike_chunk (&size, sizeof size));
}

void
ike_run_send (IkeTask *task, IkeBuilder *builder)
{
  IkeParent *parent = task->parent;
  g_autoptr (GBytes) octets = ike_builder_finish (builder);

  if (!octets)
    {
      give_up_unsent (task);
      return;
    }
  if (ike_exchange_is_first ((guint8) task->row->exchange))
    {
      GPtrArray *datagrams = g_ptr_array_new_full (1, (GDestroyNotify) g_bytes_unref);

      g_ptr_array_add (datagrams, g_bytes_ref (octets));
      if (parent->nego)
        {
          g_clear_pointer (&parent->nego->request, g_bytes_unref);
          parent->nego->request = g_bytes_ref (octets);
        }
      transmit (task, datagrams);
    }
  else if (window_is_open (parent))
    (void) transmit_inner (task, builder->first, g_steal_pointer (&octets));
  else
    {
      task->request.held = TRUE;
      task->request.first = builder->first;
      task->request.inner = g_steal_pointer (&octets);
    }
}

void
ike_run_continue (IkeTask *task, const IkeExchangeRow *row, IkeBuilder *builder)
{
  task->row = row;
  ike_run_send (task, builder);
}

void
ike_run_soon (IkeParent *parent)
{
  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    {
      IkeTask *task = l->data;

      if (!task->request.datagrams)
        continue;
      ike_request_restart (&task->request);
      arm_retransmit (parent, task);
    }
}

void
ike_run_awake (IkeParent *parent)
{
  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    ((IkeTask *) l->data)->request.since = parent->core->now;
  ike_run_soon (parent);
}

void
ike_run_repeat (IkeParent *parent)
{
  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    {
      IkeTask *task = l->data;

      if (!task->request.datagrams)
        continue;
      repeat (task);
      task->request.repeated = TRUE;
    }
}

void
ike_run_again (IkeParent *parent)
{
  ike_run_repeat (parent);
  ike_run_soon (parent);
}

void
ike_run_on_retransmit (IkeParent *parent)
{
  IkeTask *task = next_due (parent);
  IkeTime waited = task ? parent->core->now - task->request.since : 0;

  if (!task)
    return;
  if (waited >= patience (parent, task))
    {
      g_auto (IkeReason) reason = { 0 };
      g_autofree char *remote = ike_endpoint_to_string (&parent->path.remote);

      ike_reason_set (&reason, parent->state >= IKE_PARENT_ESTABLISHED ? IKE_REASON_PEER_DEAD : IKE_REASON_NO_RESPONSE,
                      0, "%s, %d s", remote, (int) (waited / IKE_SECOND));
      ike_parent_log (parent, IKE_LOG_DEBUG, "exchange", "%s: no answer", task->row->name);
      ike_request_answered (&task->request);
      rearm (parent);
      task->row->on_give_up (task, &reason);
      return;
    }
  /* RFC 9329 section 6.2: a connection repeats by itself what is lost on the way */
  if (!ike_stream_is (&parent->path))
    {
      ike_parent_log (parent, IKE_LOG_DEBUG, "packet", "sent %s request %u again", task->row->name, task->request.id);
      repeat (task);
    }
  task->request.repeated = TRUE;
  arm_retransmit (parent, task);
  ike_path_doubt (parent);
}

void
ike_run_answer (IkeTask *task, IkeBuilder *builder)
{
  IkeParent *parent = task->parent;
  IkeExchange exchange = task->row ? task->row->exchange : (IkeExchange) task->message->header.exchange;
  guint32 id = task->message_id;
  GPtrArray *datagrams = finish (parent, exchange, TRUE, id, builder);
  const IkeTask *head;

  g_assert (parent->answering == task);
  parent->answering = NULL;
  if (datagrams)
    {
      if (parent->nego && ike_exchange_is_first ((guint8) exchange))
        {
          g_clear_pointer (&parent->nego->response, g_bytes_unref);
          parent->nego->response = g_bytes_ref (datagrams->pdata[0]);
        }
      log_sent (parent, task->row ? task->row->name : "error", TRUE, id, datagrams);
      ike_window_respond (&parent->window, id, datagrams);
      /* RFC 7296 section 2.11: the answer goes back where the request came from */
      ike_run_out (parent, &task->path, datagrams);
    }
  else
    {
      /* what was done cannot be told, and must not be done again when the request is repeated */
      ike_window_respond (&parent->window, id, NULL);
      ike_parent_set_timer (parent, IKE_PARENT_TIMER_EXPIRE, parent->core->now);
    }
  ike_task_free (task);
  /* what had to wait for this, when the handler is through */
  if (parent->held)
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_WINDOW, parent->core->now);
  head = ike_parent_current (parent);
  if (head && !head->started)
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_TASK, MAX (head->not_before, parent->core->now));
}

void
ike_run_answer_apart (IkeParent *parent, const IkePath *path, IkeExchange exchange, guint32 id, IkeBuilder *builder)
{
  g_autoptr (GPtrArray) datagrams = finish (parent, exchange, TRUE, id, builder);

  if (!datagrams)
    return;
  log_sent (parent, "apart", TRUE, id, datagrams);
  ike_run_out (parent, path, datagrams);
}

void
ike_run_renumbered (IkeParent *parent)
{
  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    {
      IkeTask *task = l->data;
      g_autoptr (GBytes) inner = task->request.inner ? g_bytes_ref (task->request.inner) : NULL;

      if (!task->request.datagrams || !inner)
        continue;
      ike_request_answered (&task->request);
      if (!transmit_inner (task, task->request.first, g_steal_pointer (&inner)))
        return;
    }
}

void
ike_run_answer_notify (IkeTask *task, IkeNotifyType type, IkeChunk data)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_parent_log (task->parent, IKE_LOG_DEBUG, "exchange", "refused: %s", IKE_NAME (NOTIFY, type));
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, type, data);
  ike_run_answer (task, &builder);
}

void
ike_run_drop (IkeTask *task)
{
  IkeParent *parent = task->parent;

  parent->answering = NULL;
  ike_task_free (task);
  if (parent->held)
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_WINDOW, parent->core->now);
}

static void
farewell (IkeParent *parent, guint16 notify, guint32 id)
{
  g_auto (IkeBuilder) builder = { 0 };
  GPtrArray *datagrams;

  if (!parent->keys.all)
    return;
  ike_builder_init_inner (&builder);
  if (notify)
    ike_builder_notify (&builder, (IkeNotifyType) notify, ike_chunk (NULL, 0));
  else
    {
      ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_IKE, NULL, 0);
      ike_builder_end (&builder);
    }
  datagrams = finish (parent, IKE_EXCHANGE_INFORMATIONAL, FALSE, id, &builder);
  if (!datagrams)
    return;
  log_sent (parent, "INFORMATIONAL (farewell)", FALSE, id, datagrams);
  ike_run_out (parent, &parent->path, datagrams);
  g_ptr_array_unref (datagrams);
}

void
ike_run_farewell (IkeParent *parent, guint16 notify)
{
  if (!parent->farewell_said)
    farewell (parent, notify, parent->window.next); /* what is unanswered the peer may have seen */
  parent->farewell_said = TRUE;
}

void
ike_run_farewell_unseen (IkeParent *parent)
{
  const IkeTask *oldest = ike_task_oldest (parent);

  ike_run_farewell (parent, 0);
  if (oldest)
    farewell (parent, 0, oldest->request.id);
}

/* ---- the queue of our tasks ---- */

IkeTask *
ike_run_queue (IkeParent *parent, const IkeExchangeRow *row)
{
  IkeTask *task = ike_task_new (parent, row, TRUE);

  if (!parent->tasks)
    parent->tasks = g_queue_new ();
  g_queue_push_tail (parent->tasks, task);
  return task;
}

/* They stand in front. */
static guint
count_begun (const IkeParent *parent)
{
  guint n = 0;

  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l && ((IkeTask *) l->data)->started; l = l->next)
    n++;
  return n;
}

IkeTask *
ike_run_queue_next (IkeParent *parent, const IkeExchangeRow *row)
{
  IkeTask *task = ike_run_queue (parent, row);

  g_queue_push_nth_link (parent->tasks, (int) count_begun (parent), g_queue_pop_tail_link (parent->tasks));
  return task;
}

IkeTask *
ike_run_has (const IkeParent *parent, const IkeExchangeRow *row, guint32 child)
{
  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    {
      IkeTask *task = l->data;

      if (task->purpose == row && (!child || task->child == child))
        return task;
    }
  return NULL;
}

/* RFC 7296 section 2.25.2: Child SAs are not touched while the IKE SA is being rekeyed, nor the other way round. */
static gboolean
disturbs (const IkeTask *task, const IkeTask *theirs)
{
  const IkeExchangeRow *purpose = theirs->purpose;

  if (purpose == &ike_row_rekey_ike)
    return task->row == &ike_row_create_child || task->row == &ike_row_rekey_child ||
           task->row == &ike_row_delete_child || task->row == &ike_row_rekey_ike;
  return (purpose == &ike_row_create_child || purpose == &ike_row_rekey_child) && task->row == &ike_row_rekey_ike;
}

/* What the peer began is answered first, with all its key exchanges. */
static gboolean
must_wait (const IkeParent *parent, const IkeTask *task)
{
  if (parent->answering && disturbs (task, parent->answering))
    return TRUE;
  for (GList *l = parent->suspended ? parent->suspended->head : NULL; l; l = l->next)
    if (disturbs (task, l->data))
      return TRUE;
  return FALSE;
}

/* RFC 7296 section 2.3: beside those that have begun, as far as the peer's window goes. Only what makes new Child SAs is
 * so independent that nobody has to think of collisions. */
static gboolean
may_begin (const IkeParent *parent, const IkeTask *task, guint begun)
{
  const IkeTask *head = ike_parent_current (parent);

  return begun == 0 || (head->purpose == &ike_row_create_child && task->purpose == &ike_row_create_child &&
                        !task->alone && begun < parent->window.permitted);
}

void
ike_run_next (IkeParent *parent)
{
  IkeTime earliest = IKE_TIME_NEVER;
  guint begun = count_begun (parent);

  if (parent->state == IKE_PARENT_CLOSED)
    return;
  for (GList *l = parent->tasks ? g_queue_peek_nth_link (parent->tasks, begun) : NULL; l; l = l->next)
    {
      IkeTask *task = l->data;

      if (!may_begin (parent, task, begun))
        continue;
      if (task->not_before > parent->core->now)
        {
          earliest = MIN (earliest, task->not_before);
          continue;
        }
      if (must_wait (parent, task))
        continue;
      g_queue_unlink (parent->tasks, l);
      g_queue_push_nth_link (parent->tasks, (int) begun, l);
      task->started = TRUE;
      if (task->purpose == &ike_row_create_child && begun + 1 < parent->window.permitted &&
          parent->tasks->length > begun + 1)
        ike_parent_set_timer (parent, IKE_PARENT_TIMER_TASK, parent->core->now); /* another one may go beside it */
      task->row->start (task);
      return;
    }
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_TASK, earliest);
}

void
ike_run_finish (IkeTask *task)
{
  IkeParent *parent = task->parent;

  g_queue_remove (parent->tasks, task);
  ike_task_free (task);
  if (g_queue_is_empty (parent->tasks))
    g_clear_pointer (&parent->tasks, g_queue_free);
  ike_run_next (parent);
}

void
ike_run_set_path (IkeParent *parent, const IkePath *path)
{
  parent->path = *path;
  for (IkeChild *child = parent->children; child; child = child->next)
    ike_child_update (child, child->encap, ike_life_on_moved);
}
