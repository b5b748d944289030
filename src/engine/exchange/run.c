/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages in and out of one IKE SA: window, decryption, reassembly, payload rules, then the row's handler; and the
 * retransmission of what we ask. RFC 7296 sections 2.1 to 2.5, 2.21; RFC 7383.
 *
 * Invariants: a message changes nothing before it is authenticated (IKE_SA_INIT aside) and has passed window, gate
 * and rules; a repeated request is answered from store, without any cryptography.
 */
#include "exchange/run.h"

#include "exchange/handlers.h"
#include "exchange/intermediate.h"
#include "exchange/life.h"
#include "exchange/qcd.h"
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
#define LONGEST_INTERVAL (20 * IKE_SECOND)
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

static void
datagrams_out (IkeParent *parent, const IkePath *path, const GPtrArray *datagrams)
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

/* The finished message: one datagram, or its fragments. Clears @builder. NULL: logged. */
static GPtrArray *
finish (IkeParent *parent, IkeExchange exchange, gboolean response, guint32 id, IkeBuilder *builder)
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
  datagrams = octets ? ike_sk_seal (parent->core->crypto, &parent->keys, parent->initiator, &header, first,
                                    ike_chunk_bytes (octets), &parent->iv_counter, ike_parent_message_limit (parent))
                     : NULL;
  if (datagrams && exchange == IKE_EXCHANGE_IKE_INTERMEDIATE &&
      !ike_intermediate_add (parent, &header, first, ike_chunk_bytes (octets)))
    g_clear_pointer (&datagrams, g_ptr_array_unref);
  if (!datagrams)
    ike_parent_log (parent, IKE_LOG_ERROR, "crypto", "cannot protect a message");
  return datagrams;
}

static void
log_sent (IkeParent *parent, const char *name, gboolean response, guint32 id, const GPtrArray *datagrams)
{
  if (parent->core->log_level >= IKE_LOG_DEBUG)
    ike_parent_log (parent, IKE_LOG_DEBUG, "packet", "sent %s %s %u, %u %s", name, response ? "answer" : "request", id,
                    datagrams->len, datagrams->len == 1 ? "datagram" : "fragments");
}

static IkeTime
patience (const IkeParent *parent, const IkeTask *task)
{
  const IkeConfig *config = ike_parent_config (parent);

  if ((task->row == &ike_row_liveness || task->row == &ike_row_update_addresses) && config->dpd_timeout)
    return config->dpd_timeout;
  if (task->row == &ike_row_resume)
    return PATIENCE_RESUME;
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
  IkeTime longest = parent->state < IKE_PARENT_ESTABLISHED ? LONGEST_INTERVAL_FIRST : LONGEST_INTERVAL;
  IkeTime at = parent->core->now + ike_window_back_off (&parent->window, longest, ike_life_jitter (parent->core));

  ike_parent_set_timer (parent, IKE_PARENT_TIMER_RETRANSMIT, MIN (at, parent->window.since + patience (parent, task)));
}

void
ike_run_send (IkeTask *task, IkeBuilder *builder)
{
  IkeParent *parent = task->parent;
  GPtrArray *datagrams = finish (parent, task->row->exchange, FALSE, parent->window.next, builder);

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
  datagrams_out (parent, &parent->path, datagrams);
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
  datagrams_out (parent, &parent->path, parent->window.request);
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
      datagrams_out (parent, &parent->path, parent->window.request);
    }
  arm_retransmit (parent, task);
  ike_path_doubt (parent);
}

void
ike_run_answer (IkeTask *task, IkeBuilder *builder)
{
  IkeParent *parent = task->parent;
  IkeExchange exchange = task->row ? task->row->exchange : (IkeExchange) task->message->header.exchange;
  GPtrArray *datagrams = finish (parent, exchange, TRUE, parent->window.expected, builder);
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
      datagrams_out (parent, &task->path, datagrams);
    }
  ike_task_free (task);
  /* what had to wait for this, when the handler is through */
  head = ike_parent_current (parent);
  if (head && !head->started)
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_TASK, MAX (head->not_before, parent->core->now));
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
  datagrams = finish (parent, IKE_EXCHANGE_INFORMATIONAL, FALSE, id, &builder);
  if (!datagrams)
    return;
  log_sent (parent, "INFORMATIONAL (farewell)", FALSE, id, datagrams);
  datagrams_out (parent, &parent->path, datagrams);
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

/* ---- in ---- */

void
ike_run_set_path (IkeParent *parent, const IkePath *path)
{
  parent->path = *path;
  for (IkeChild *child = parent->children; child; child = child->next)
    ike_child_update (child, child->encap);
}

/* RFC 7296 section 2.23: answer to where the authenticated message came from; a peer behind a NAT may move, but
 * whoever is
 * behind a NAT himself does not follow. */
static void
follow_peer (IkeParent *parent, const IkePath *path)
{
  if ((parent->state == IKE_PARENT_INTERMEDIATE || parent->state == IKE_PARENT_AUTH) && !parent->initiator)
    parent->path = *path;
  else if (parent->nat_there && !parent->nat_here && !parent->mobike && path->transport == parent->path.transport)
    ike_run_set_path (parent, path);
  else
    ike_stream_follow (parent, path);
}

/* Something authentic is unusable. RFC 7296 section 2.21: told to the peer when it was a request. */
static void
refuse (IkeParent *parent, const IkeHeader *header, const IkePath *path, IkeNotifyType notify, guint8 type,
        const char *what)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (
      &reason, notify == IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD ? IKE_REASON_CRITICAL_PAYLOAD : IKE_REASON_BAD_MESSAGE,
      0, "%s: %s", IKE_NAME (EXCHANGE, header->exchange), what);
  ike_parent_log (parent, IKE_LOG_NOTICE, "exchange", "the peer's message cannot be used: %s", what);
  if (!(header->flags & IKE_FLAG_RESPONSE))
    {
      IkeTask *task = parent->answering = ike_task_new (parent, NULL, FALSE);

      task->message = g_new0 (IkeIncoming, 1);
      task->message->header = *header;
      task->path = *path;
      ike_run_answer_notify (task, notify,
                             ike_chunk (&type, notify == IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD ? 1 : 0));
      /* section 2.21.3: INVALID_SYNTAX of a protected message is fatal for both; an unknown payload is not */
      if (notify == IKE_NOTIFY_INVALID_SYNTAX || parent->state < IKE_PARENT_ESTABLISHED)
        ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
      return;
    }
  IkeTask *task = ike_parent_current (parent);

  ike_window_answered (&parent->window);
  ike_parent_stop_timer (parent, IKE_PARENT_TIMER_RETRANSMIT);
  if (task)
    task->row->on_give_up (task, &reason);
}

static void
dispatch_request (IkeParent *parent, IkeIncoming *take_incoming)
{
  const IkeHeader *header = &take_incoming->header;
  const IkeExchangeRow *row = ike_table_find_request (header->exchange, parent->state, &take_incoming->payloads);
  guint8 type;
  IkeTask *task;

  if (!row || !ike_table_check (row->request, &take_incoming->payloads, &type))
    {
      g_autofree char *what =
          row ? g_strdup_printf ("payload %s", IKE_NAME (PAYLOAD, type)) : g_strdup ("no such exchange");

      if (ike_exchange_is_first (header->exchange))
        ike_life_retire (parent); /* nothing was answered, nobody is told */
      else
        refuse (parent, header, &take_incoming->path, IKE_NOTIFY_INVALID_SYNTAX, 0, what);
      ike_incoming_free (take_incoming);
      return;
    }
  task = parent->answering = ike_task_new (parent, row, FALSE);
  task->message = take_incoming;
  task->path = take_incoming->path;
  row->on_request (task);
}

/* An answer that reports an error need not hold what a good one must. */
static gboolean
answer_fits (const IkeExchangeRow *row, IkePayloads *payloads, guint8 *ret_type)
{
  IkeNotify notify;

  if (ike_notify_all_valid (payloads) &&
      (ike_notify_find_error (payloads, &notify) ||
       (row == &ike_row_resume && ike_notify_find (payloads, IKE_NOTIFY_TICKET_NACK, &notify)) ||
       (ike_exchange_is_first ((guint8) row->exchange) && (ike_notify_find (payloads, IKE_NOTIFY_COOKIE, &notify) ||
                                                           ike_notify_find (payloads, IKE_NOTIFY_REDIRECT, &notify)))))
    {
      IkePayloadRule relaxed[16];
      guint n = 0;

      for (; row->response[n].type; n++)
        {
          g_assert (n < G_N_ELEMENTS (relaxed) - 1);
          relaxed[n] = row->response[n];
          relaxed[n].min = 0;
        }
      relaxed[n] = (IkePayloadRule){ 0 };
      return ike_table_check (relaxed, payloads, ret_type);
    }
  return ike_table_check (row->response, payloads, ret_type);
}

static void
dispatch_response (IkeParent *parent, IkeIncoming *take_incoming)
{
  IkeTask *task = ike_parent_current (parent);
  guint8 type;

  if (!task || task->row->exchange != (IkeExchange) take_incoming->header.exchange ||
      !(task->row->response_states & (1u << parent->state)) ||
      (ike_exchange_is_first ((guint8) task->row->exchange) && task->waiting))
    {
      ike_incoming_free (take_incoming);
      return;
    }
  if (!answer_fits (task->row, &take_incoming->payloads, &type))
    {
      g_autofree char *what = g_strdup_printf ("payload %s", IKE_NAME (PAYLOAD, type));

      /* anybody can have sent it: wait for a better one */
      if (!ike_exchange_is_first ((guint8) task->row->exchange))
        refuse (parent, &take_incoming->header, &take_incoming->path, IKE_NOTIFY_INVALID_SYNTAX, 0, what);
      ike_incoming_free (take_incoming);
      return;
    }
  ike_incoming_free (task->message);
  task->message = take_incoming;
  /* a first message is not answered before its handler believes it */
  if (!ike_exchange_is_first ((guint8) task->row->exchange))
    {
      ike_window_answered (&parent->window);
      ike_parent_stop_timer (parent, IKE_PARENT_TIMER_RETRANSMIT);
    }
  task->row->on_response (task);
}

static void
dispatch (IkeParent *parent, IkeIncoming *take_incoming)
{
  if (parent->core->log_level >= IKE_LOG_DEBUG)
    {
      g_autofree char *list = ike_payloads_to_string (&take_incoming->payloads);

      ike_parent_log (parent, IKE_LOG_DEBUG, "packet", "got %s %s %u: %s",
                      IKE_NAME (EXCHANGE, take_incoming->header.exchange),
                      take_incoming->header.flags & IKE_FLAG_RESPONSE ? "answer" : "request",
                      take_incoming->header.message_id, list);
    }
  if (take_incoming->header.flags & IKE_FLAG_RESPONSE)
    dispatch_response (parent, take_incoming);
  else
    dispatch_request (parent, take_incoming);
}

/* One more piece. TRUE: *@opened now holds the whole chain. */
static gboolean
reassemble (IkeParent *parent, const IkeHeader *header, IkeSkOpened *opened)
{
  gboolean response = (header->flags & IKE_FLAG_RESPONSE) != 0;

  if (!parent->fragments || !ike_fragments_are_of (parent->fragments, header->message_id, response))
    {
      ike_fragments_free (parent->fragments);
      parent->fragments = ike_fragments_new (header->message_id, response);
    }
  if (!ike_fragments_add (parent->fragments, opened))
    return FALSE;
  ike_secret_free (opened->inner);
  opened->inner = ike_fragments_join (parent->fragments, &opened->first_inner);
  g_clear_pointer (&parent->fragments, ike_fragments_free);
  return TRUE;
}

/* Is this piece worth the decryption? RFC 7383 section 2.6. */
static gboolean
fragment_wanted (IkeParent *parent, const IkeHeader *header, const IkePayload *payload)
{
  IkeSkShape shape;
  IkeSk sk;

  if (!parent->fragmentation || !ike_sk_shape (&parent->keys, &shape) || !ike_sk_parse (payload, &shape, &sk))
    return FALSE;
  return !parent->fragments ||
         !ike_fragments_are_of (parent->fragments, header->message_id, (header->flags & IKE_FLAG_RESPONSE) != 0) ||
         ike_fragments_want (parent->fragments, sk.fragment, sk.total);
}

static void
receive_protected (IkeParent *parent, const IkeMessage *message, const IkePath *path, IkeChunk datagram)
{
  const IkeHeader *header = &message->header;
  const IkePayload *payload = &message->payloads.at[0];
  g_auto (IkeSkOpened) opened = { 0 };
  IkeSkResult result;
  IkeIncoming *incoming;
  IkeParse parse;

  if (!message->payloads.n || (payload->type != IKE_PAYLOAD_SK && payload->type != IKE_PAYLOAD_SKF) ||
      (payload->type == IKE_PAYLOAD_SKF && !fragment_wanted (parent, header, payload)))
    {
      ike_parent_log (parent, IKE_LOG_DEBUG, "drop", "unprotected, or a fragment that is not wanted");
      return;
    }
  result = ike_sk_open (&opened, parent->core->crypto, &parent->keys, !parent->initiator, datagram, payload);
  switch (result)
    {
    case IKE_SK_OK:
      break;
    case IKE_SK_MALFORMED:
    case IKE_SK_FORGED:
    case IKE_SK_NO_CRYPTO:
      ike_parent_log (parent, IKE_LOG_DEBUG, "drop", "a message that cannot be decrypted (%d)", (int) result);
      return;
    case IKE_SK_BAD_INSIDE:
      refuse (parent, header, path, IKE_NOTIFY_INVALID_SYNTAX, 0, "padding");
      return;
    }
  parent->heard = parent->core->now;
  if (payload->type == IKE_PAYLOAD_SKF && !reassemble (parent, header, &opened))
    return;
  follow_peer (parent, path);
  incoming = g_new0 (IkeIncoming, 1);
  incoming->header = *header;
  incoming->path = *path;
  incoming->inner = g_steal_pointer (&opened.inner);
  incoming->first = opened.first_inner;
  parse = ike_payloads_parse (opened.first_inner, ike_secret_chunk (incoming->inner), &incoming->payloads);
  if (parse == IKE_PARSE_OK)
    {
      dispatch (parent, incoming);
      return;
    }
  refuse (parent, header, path,
          parse == IKE_PARSE_CRITICAL ? IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD : IKE_NOTIFY_INVALID_SYNTAX,
          incoming->payloads.critical_type, ike_parse_name (parse));
  ike_incoming_free (incoming);
}

static void
receive_clear (IkeParent *parent, const IkeMessage *message, const IkePath *path, IkeChunk datagram)
{
  IkeIncoming *incoming = g_new0 (IkeIncoming, 1);

  incoming->header = message->header;
  incoming->path = *path;
  incoming->datagram = ike_chunk_dup (datagram);
  /* parsed again, so that the payloads borrow what we keep */
  IkeMessage *again = g_new0 (IkeMessage, 1);

  if (ike_message_parse (ike_chunk_bytes (incoming->datagram), again) == IKE_PARSE_OK)
    {
      incoming->payloads = again->payloads;
      g_free (again);
      dispatch (parent, incoming);
      return;
    }
  g_free (again);
  ike_incoming_free (incoming);
}

/* RFC 7296 section 2.1: the stored answer, and of a fragmented request only for its first fragment (RFC 7383 section
 * 2.6.1). */
static void
repeat_answer (IkeParent *parent, const IkeMessage *message, const IkePath *path)
{
  const IkePayload *payload = &message->payloads.at[0];

  if (message->payloads.n && payload->type == IKE_PAYLOAD_SKF && payload->next == 0)
    return;
  ike_parent_log (parent, IKE_LOG_DEBUG, "packet", "request %u came again, answered again", message->header.message_id);
  datagrams_out (parent, path, parent->window.response);
}

static gboolean
is_same_exchange (const IkeParent *parent, const IkeHeader *header)
{
  IkeReader reader = ike_reader (ike_chunk_bytes (parent->window.response->pdata[0]));
  IkeHeader answered;

  return ike_header_parse (&reader, &answered) && answered.exchange == header->exchange;
}

static gboolean
is_open (const IkeMessage *message)
{
  return !message->payloads.n ||
         (message->payloads.at[0].type != IKE_PAYLOAD_SK && message->payloads.at[0].type != IKE_PAYLOAD_SKF);
}

void
ike_run_receive (IkeParent *parent, const IkeHeader *header, const IkePath *path, IkeChunk datagram)
{
  gboolean response = (header->flags & IKE_FLAG_RESPONSE) != 0;
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);
  IkeParse parse = ike_message_parse (datagram, message);
  IkeWindowPlace place = response ? IKE_WINDOW_NEW : ike_window_place (&parent->window, header->message_id);

  if (parse != IKE_PARSE_OK)
    {
      ike_parent_log (parent, IKE_LOG_DEBUG, "drop", "%s", ike_parse_name (parse));
      return;
    }
  if (place == IKE_WINDOW_AGAIN && is_same_exchange (parent, header))
    {
      repeat_answer (parent, message, path);
      return;
    }
  if (!ike_gate_admits (parent, header->exchange, response))
    {
      /* an answer that came twice is nothing to tell of */
      ike_parent_log (
          parent, response && !ike_window_awaits (&parent->window, header->message_id) ? IKE_LOG_DEBUG : IKE_LOG_NOTICE,
          "drop", "%s %s is not acceptable in state %s", IKE_NAME (EXCHANGE, header->exchange),
          response ? "answer" : "request", ike_parent_state_name (parent->state));
      return;
    }
  if (is_open (message) && parent->state >= IKE_PARENT_ESTABLISHED && ike_qcd_receive (parent, &message->payloads))
    return;
  if (response ? !ike_window_awaits (&parent->window, header->message_id)
               : place != IKE_WINDOW_NEW || parent->answering != NULL)
    {
      ike_parent_log (parent, IKE_LOG_DEBUG, "drop", "%s %u is old, early, or being worked on",
                      response ? "answer" : "request", header->message_id);
      return;
    }
  if (ike_exchange_is_first (header->exchange))
    receive_clear (parent, message, path, datagram);
  else
    receive_protected (parent, message, path, datagram);
}
