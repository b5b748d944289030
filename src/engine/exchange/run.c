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
#include "exchange/stream.h"
#include "wire/payload-delete.h"
#include "wire/payload-notify.h"

/* total patience with one request */
#define PATIENCE_FIRST (15 * IKE_SECOND) /* IKE_SA_INIT, never connected: a silent gateway is told within 20 s */
#define PATIENCE_RESUME (4 * IKE_SECOND) /* then without the ticket */
#define PATIENCE_AUTH (30 * IKE_SECOND)
#define PATIENCE_ESTABLISHED (75 * IKE_SECOND)
/* between two retransmissions: a user who waits, and a responder who forgets the half-open, want to see them sooner */
#define LONGEST_INTERVAL_FIRST (4 * IKE_SECOND)
#define LONGEST_INTERVAL_TRIAL (2 * IKE_SECOND) /* so long at most is the network back without our noticing */
#define LONGEST_INTERVAL (20 * IKE_SECOND)
/* when there is another path to be tried */
#define SHORTEST_INTERVAL (125 * IKE_MILLISECOND)
#define LONGEST_INTERVAL_QUICK (500 * IKE_MILLISECOND)
#define KEEPALIVE_DEFAULT (20 * IKE_SECOND)

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

void
ike_run_out (IkeParent *parent, const IkePath *path, const GPtrArray *datagrams)
{
  const IkeConfig *config = ike_parent_config (parent);

  for (guint i = 0; i < datagrams->len; i++)
    ike_core_send (parent->core, config->id, path, datagrams->pdata[i]);
  parent->sent = parent->core->now;
  if (parent->nat_here && !ike_stream_is (path) && parent->state >= IKE_PARENT_INTERMEDIATE &&
      parent->state != IKE_PARENT_CLOSED)
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_KEEPALIVE,
                          parent->sent + (config->natt_keepalive ? config->natt_keepalive : KEEPALIVE_DEFAULT));
}

/* A chain of payloads, protected: one datagram, or its fragments. NULL: logged. */
static GPtrArray *
seal (IkeParent *parent, const IkeHeader *header, guint8 first, GBytes *octets)
{
  /* RFC 8019 section 7.2.2: outside, so that it can be looked at before anything else is done */
  gboolean solved = parent->nego && parent->nego->solution && header->exchange == IKE_EXCHANGE_IKE_AUTH;
  const IkeSkBefore before = { IKE_PAYLOAD_PS,
                               solved ? ike_chunk_bytes (parent->nego->solution) : ike_chunk (NULL, 0) };
  GPtrArray *datagrams = octets ? ike_sk_seal_after (parent->core->crypto, &parent->keys, parent->initiator, header,
                                                     &before, first, ike_chunk_bytes (octets), &parent->iv_counter,
                                                     ike_parent_message_limit (parent, g_bytes_get_size (octets)))
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

/* The finished message. Clears @builder. @ret_inner: what was protected, if anything was; NULL: of no interest. NULL:
 * logged. */
static GPtrArray *
finish (IkeParent *parent, IkeExchange exchange, gboolean response, guint32 id, IkeBuilder *builder, GBytes **ret_inner)
{
  IkeHeader header;
  guint8 first;
  GPtrArray *datagrams;
  g_autoptr (GBytes) octets = NULL;

  octets = ike_builder_finish (builder);
  first = builder->first;
  if (octets && ike_exchange_is_first ((guint8) exchange))
    {
      datagrams = g_ptr_array_new_full (1, (GDestroyNotify) g_bytes_unref);
      g_ptr_array_add (datagrams, g_steal_pointer (&octets));
      return datagrams;
    }
  ike_run_header (parent, exchange, response, id, &header);
  datagrams = seal (parent, &header, first, octets);
  if (datagrams && ret_inner)
    *ret_inner = g_steal_pointer (&octets);
  return datagrams;
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

  if ((task->row == &ike_row_liveness || task->row == &ike_row_update_addresses) && config->dpd_timeout)
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
  return parent->state < IKE_PARENT_ESTABLISHED ? PATIENCE_AUTH : PATIENCE_ESTABLISHED;
}

static void
arm_retransmit (IkeParent *parent, const IkeTask *task)
{
  IkeTime longest = is_trial (parent, task)                  ? LONGEST_INTERVAL_TRIAL
                    : parent->state < IKE_PARENT_ESTABLISHED ? LONGEST_INTERVAL_FIRST
                                                             : LONGEST_INTERVAL;
  IkeTime at = parent->core->now + ike_window_back_off (&parent->window, longest, ike_life_jitter (parent->core));

  ike_parent_set_timer (parent, IKE_PARENT_TIMER_RETRANSMIT, MIN (at, parent->window.since + patience (parent, task)));
}

void
ike_run_send (IkeTask *task, IkeBuilder *builder)
{
  IkeParent *parent = task->parent;
  g_autoptr (GBytes) inner = NULL;
  GPtrArray *datagrams = finish (parent, task->row->exchange, FALSE, parent->window.next, builder, &inner);

  if (!datagrams)
    {
      g_auto (IkeReason) reason = { 0 };

      ike_reason_set (&reason, IKE_REASON_CRYPTO, 0, "%s", task->row->name);
      task->row->on_give_up (task, &reason);
      return;
    }
  if (parent->nego && ike_exchange_is_first ((guint8) task->row->exchange))
    {
      g_clear_pointer (&parent->nego->request, g_bytes_unref);
      parent->nego->request = g_bytes_ref (datagrams->pdata[0]);
    }
  log_sent (parent, task->row->name, FALSE, parent->window.next, datagrams);
  ike_window_sent (&parent->window, datagrams, parent->core->now);
  /* RFC 6311: it may have to go out under another id */
  if (parent->id_sync && inner)
    {
      parent->window.first = builder->first;
      parent->window.inner = g_steal_pointer (&inner);
    }
  if ((task->row == &ike_row_liveness || task->row == &ike_row_update_addresses) && ike_liveness_is_quick (parent))
    ike_window_hurry (&parent->window, CLAMP (2 * parent->window.rtt, SHORTEST_INTERVAL, LONGEST_INTERVAL_QUICK),
                      IKE_PATH_QUICK_TRIES);
  ike_run_out (parent, &parent->path, datagrams);
  arm_retransmit (parent, task);
}

void
ike_run_continue (IkeTask *task, const IkeExchangeRow *row, IkeBuilder *builder)
{
  task->row = row;
  ike_run_send (task, builder);
}

void
ike_run_again (IkeParent *parent)
{
  const IkeTask *task = ike_parent_current (parent);

  if (!task || !parent->window.request)
    return;
  ike_run_out (parent, &parent->path, parent->window.request);
  ike_window_restart (&parent->window);
  arm_retransmit (parent, task);
}

void
ike_run_on_retransmit (IkeParent *parent)
{
  IkeTask *task = ike_parent_current (parent);
  IkeTime waited = parent->core->now - parent->window.since;

  if (!task || !parent->window.request)
    return;
  if (waited >= patience (parent, task))
    {
      g_auto (IkeReason) reason = { 0 };
      g_autofree char *remote = ike_endpoint_to_string (&parent->path.remote);

      ike_reason_set (&reason, parent->state >= IKE_PARENT_ESTABLISHED ? IKE_REASON_PEER_DEAD : IKE_REASON_NO_RESPONSE,
                      0, "%s, %d s", remote, (int) (waited / IKE_SECOND));
      ike_parent_log (parent, IKE_LOG_DEBUG, "exchange", "%s: no answer", task->row->name);
      ike_window_answered (&parent->window);
      task->row->on_give_up (task, &reason);
      return;
    }
  /* RFC 9329 section 6.2: a connection repeats by itself what is lost on the way */
  if (!ike_stream_is (&parent->path))
    {
      ike_parent_log (parent, IKE_LOG_DEBUG, "packet", "sent %s request %u again", task->row->name,
                      parent->window.next);
      ike_run_out (parent, &parent->path, parent->window.request);
    }
  parent->window.repeated = TRUE;
  arm_retransmit (parent, task);
  ike_path_doubt (parent);
}

void
ike_run_answer (IkeTask *task, IkeBuilder *builder)
{
  IkeParent *parent = task->parent;
  IkeExchange exchange = task->row ? task->row->exchange : (IkeExchange) task->message->header.exchange;
  GPtrArray *datagrams = finish (parent, exchange, TRUE, parent->window.expected, builder, NULL);
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
      log_sent (parent, task->row ? task->row->name : "error", TRUE, parent->window.expected, datagrams);
      ike_window_respond (&parent->window, datagrams);
      /* RFC 7296 section 2.11: the answer goes back where the request came from */
      ike_run_out (parent, &task->path, datagrams);
    }
  else
    {
      /* what was done cannot be told, and must not be done again when the request is repeated */
      parent->window.expected++;
      ike_parent_set_timer (parent, IKE_PARENT_TIMER_EXPIRE, parent->core->now);
    }
  ike_task_free (task);
  /* what had to wait for this, when the handler is through */
  head = ike_parent_current (parent);
  if (head && !head->started)
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_TASK, MAX (head->not_before, parent->core->now));
}

void
ike_run_answer_apart (IkeParent *parent, const IkePath *path, IkeExchange exchange, guint32 id, IkeBuilder *builder)
{
  g_autoptr (GPtrArray) datagrams = finish (parent, exchange, TRUE, id, builder, NULL);

  if (!datagrams)
    return;
  log_sent (parent, "apart", TRUE, id, datagrams);
  ike_run_out (parent, path, datagrams);
}

void
ike_run_renumbered (IkeParent *parent)
{
  const IkeTask *task = ike_parent_current (parent);
  g_autoptr (GBytes) inner = parent->window.inner ? g_bytes_ref (parent->window.inner) : NULL;
  guint8 first = parent->window.first;
  GPtrArray *datagrams;
  IkeHeader header;

  if (!task || !inner || !parent->window.request)
    return;
  ike_run_header (parent, task->row->exchange, FALSE, parent->window.next, &header);
  datagrams = seal (parent, &header, first, inner);
  if (!datagrams)
    return;
  log_sent (parent, task->row->name, FALSE, parent->window.next, datagrams);
  ike_window_sent (&parent->window, datagrams, parent->core->now);
  parent->window.inner = g_steal_pointer (&inner);
  ike_run_out (parent, &parent->path, datagrams);
  arm_retransmit (parent, task);
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
  task->parent->answering = NULL;
  ike_task_free (task);
}

void
ike_run_farewell (IkeParent *parent, guint16 notify)
{
  g_auto (IkeBuilder) builder = { 0 };
  GPtrArray *datagrams;
  /* a request of ours may be unanswered; the peer, who may have seen that one, expects the next id */
  guint32 id = parent->window.next + (parent->window.request ? 1 : 0);

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
  datagrams = finish (parent, IKE_EXCHANGE_INFORMATIONAL, FALSE, id, &builder, NULL);
  if (!datagrams)
    return;
  log_sent (parent, "INFORMATIONAL (farewell)", FALSE, id, datagrams);
  ike_run_out (parent, &parent->path, datagrams);
  g_ptr_array_unref (datagrams);
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

IkeTask *
ike_run_queue_next (IkeParent *parent, const IkeExchangeRow *row)
{
  IkeTask *head = ike_parent_current (parent), *task = ike_run_queue (parent, row);

  g_queue_remove (parent->tasks, task);
  if (head && head->started)
    g_queue_insert_after (parent->tasks, parent->tasks->head, task);
  else
    g_queue_push_head (parent->tasks, task);
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

/* RFC 7296 section 2.25.2: Child SAs are not touched while the IKE SA is being rekeyed, nor the other way round. What
 * the peer began is answered first. */
static gboolean
must_wait (const IkeParent *parent, const IkeTask *task)
{
  const IkeExchangeRow *row = parent->answering ? parent->answering->row : NULL;

  if (row == &ike_row_rekey_ike)
    return task->row == &ike_row_create_child || task->row == &ike_row_rekey_child ||
           task->row == &ike_row_delete_child || task->row == &ike_row_rekey_ike;
  return (row == &ike_row_create_child || row == &ike_row_rekey_child) && task->row == &ike_row_rekey_ike;
}

void
ike_run_next (IkeParent *parent)
{
  IkeTask *head = ike_parent_current (parent);
  IkeTime earliest = IKE_TIME_NEVER;

  if (parent->state == IKE_PARENT_CLOSED || (head && head->started))
    return;
  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    {
      IkeTask *task = l->data;

      if (task->not_before > parent->core->now)
        {
          earliest = MIN (earliest, task->not_before);
          continue;
        }
      if (must_wait (parent, task))
        continue;
      g_queue_unlink (parent->tasks, l);
      g_queue_push_head_link (parent->tasks, l);
      task->started = TRUE;
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
    ike_child_update (child, child->encap);
}
