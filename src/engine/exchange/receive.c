/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages that come for one IKE SA: window, gate, decryption, reassembly, payload rules, then the row's handler. RFC 7296
 * sections 2.1, 2.2, 2.21; RFC 7383.
 *
 * Invariants: a message changes nothing before it is authenticated (a first message aside) and has passed window, gate
 * and rules; of one that is protected only what is inside counts; a repeated request is answered from store, without any cryptography.
 */
#include "exchange/handlers.h"
#include "exchange/init-common.h"
#include "exchange/mesh.h"
#include "exchange/probe.h"
#include "exchange/qcd.h"
#include "exchange/reauth.h"
#include "exchange/stream.h"
#include "exchange/sync.h"
#include "wire/payload-notify.h"

/* Who is told so soon that he cannot be understood would be told so again at once. */
#define YOUNG (60 * IKE_SECOND)
#define PAUSE (10 * IKE_SECOND)

/* RFC 7296 section 2.23: answer to where the authenticated message came from; a peer behind a NAT may move, but whoever is
 * behind a NAT himself does not follow. */
static void
follow_peer (IkeParent *parent, const IkePath *path)
{
  if (!ike_mesh_may_follow (parent, &path->remote.address))
    return;
  if ((parent->state == IKE_PARENT_INTERMEDIATE || parent->state == IKE_PARENT_AUTH) && !parent->initiator)
    parent->path = *path;
  else if (ike_stream_is (path))
    ike_stream_follow (parent, path);
  else if (parent->nat_there && !parent->nat_here && !parent->mobike && path->transport == parent->path.transport)
    ike_run_set_path (parent, path);
}

/* Something authentic is unusable. RFC 7296 section 2.21: told to the peer when it was a request. */
static void
refuse (IkeParent *parent, const IkeHeader *header, const IkePath *path, IkeNotifyType notify, guint8 type,
        const char *what)
{
  g_auto (IkeReason) reason = { 0 };

  /* another request is being worked on: the peer will send this one again */
  if (!(header->flags & IKE_FLAG_RESPONSE) && parent->answering)
    return;
  ike_reason_set (
      &reason, notify == IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD ? IKE_REASON_CRITICAL_PAYLOAD : IKE_REASON_BAD_MESSAGE,
      0, "%s: %s", IKE_NAME (EXCHANGE, header->exchange), what);
  if (parent->state >= IKE_PARENT_ESTABLISHED || ike_core_may_be_loud (parent->core))
    ike_parent_log (parent, IKE_LOG_NOTICE, "exchange", "the peer's message cannot be used: %s", what);
  if (!(header->flags & IKE_FLAG_RESPONSE))
    {
      IkeTask *task = parent->answering = ike_task_new (parent, NULL, FALSE);

      task->message = g_new0 (IkeIncoming, 1);
      task->message->header = *header;
      task->path = *path;
      task->message_id = header->message_id;
      ike_run_answer_notify (task, notify,
                             ike_chunk (&type, notify == IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD ? 1 : 0));
      /* section 2.21.3: INVALID_SYNTAX of a protected message is fatal for both; an unknown payload is not */
      if (notify == IKE_NOTIFY_INVALID_SYNTAX || parent->state < IKE_PARENT_ESTABLISHED)
        ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
      return;
    }
  IkeTask *task = ike_task_awaiting (parent, header->message_id);

  if (!task)
    return;
  ike_run_answered (task);
  /* the peer knows of no trouble: it is told. What its own rekey made is not touched by it */
  if (parent->state < IKE_PARENT_ESTABLISHED || task->row == &ike_row_delete_ike ||
      (task->purpose == &ike_row_rekey_ike && parent->successor))
    task->row->on_give_up (task, &reason);
  else
    ike_life_end (parent, IKE_FAREWELL_DELETE, &reason);
}

void
ike_run_answer_syntax (IkeTask *task, const char *what)
{
  IkeParent *parent = task->parent;
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, IKE_REASON_BAD_MESSAGE, 0, "%s: %s", IKE_NAME (EXCHANGE, task->message->header.exchange),
                  what);
  ike_parent_log (parent, IKE_LOG_NOTICE, "exchange", "the peer's message cannot be used: %s", what);
  ike_run_answer_notify (task, IKE_NOTIFY_INVALID_SYNTAX, ike_chunk (NULL, 0));
  ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
}

/* RFC 7296 section 2.21.3: the peer could not understand us, and has no IKE SA any more, or should not have. Some keep it:
 * they are told. */
static void
end_misunderstood (IkeParent *parent, const IkeTask *task)
{
  IkeConnection *connection = parent->connection;
  const IkeChild *fresh = task->fresh ? ike_child_by_number (parent, task->fresh) : NULL;
  gboolean young = parent->core->now - parent->established < YOUNG;
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, IKE_REASON_PEER_SYNTAX, IKE_NOTIFY_INVALID_SYNTAX, "%s", task->row->name);
  ike_parent_log (parent, IKE_LOG_NOTICE, "exchange", "the peer could not understand our message: %s", task->row->name);
  if (fresh && fresh->cpu && connection->config->role != IKE_ROLE_RESPONDER)
    connection->no_cpus = TRUE;
  if (connection->current != parent || connection->state != IKE_CONNECTION_UP)
    {
      ike_life_end (parent, IKE_FAREWELL_DELETE, &reason);
      return;
    }
  ike_probe_ended (parent, reason.code);
  ike_life_renew (parent, IKE_FAREWELL_DELETE, &reason);
  if (young && connection->state == IKE_CONNECTION_RETRYING && !connection->current)
    ike_connection_set_timer (connection, IKE_CONNECTION_TIMER_RETRY,
                              MAX (connection->not_before, parent->core->now + PAUSE));
}

/* Of our own Delete no answer matters. */
static gboolean
is_misunderstood (const IkeParent *parent, const IkeTask *task)
{
  IkeNotify notify;

  return parent->state >= IKE_PARENT_ESTABLISHED && task->row != &ike_row_delete_ike &&
         ike_notify_find (&task->message->payloads, IKE_NOTIFY_INVALID_SYNTAX, &notify);
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
  task->message_id = header->message_id;
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
  IkeTask *task = ike_task_awaiting (parent, take_incoming->header.message_id);
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
      if (ike_exchange_is_first ((guint8) task->row->exchange))
        ike_init_on_unusable (parent, IKE_REASON_BAD_MESSAGE, what);
      else
        refuse (parent, &take_incoming->header, &take_incoming->path, IKE_NOTIFY_INVALID_SYNTAX, 0, what);
      ike_incoming_free (take_incoming);
      return;
    }
  ike_incoming_free (task->message);
  task->message = take_incoming;
  /* a first message is not answered before its handler believes it */
  if (!ike_exchange_is_first ((guint8) task->row->exchange))
    {
      ike_run_answered (task);
      ike_reauth_believe (parent);
    }
  if (is_misunderstood (parent, task))
    end_misunderstood (parent, task);
  else
    task->row->on_response (task);
}

/* RFC 7296 section 2.3: the peer remembers so many of our requests. */
static void
read_window (IkeParent *parent, const IkeIncoming *incoming)
{
  IkeNotify notify;
  IkeReader reader;
  guint32 size;

  if (ike_exchange_is_first (incoming->header.exchange) ||
      !ike_notify_find (&incoming->payloads, IKE_NOTIFY_SET_WINDOW_SIZE, &notify))
    return;
  reader = ike_reader (notify.data);
  size = ike_read_u32 (&reader);
  if (ike_reader_done (&reader) && !ike_parent_is_anonymous (parent))
    ike_window_permit (&parent->window, size);
}

/* RFC 6290 sections 4.2, 4.4: in a message of either kind. What makes an IKE SA has the new one's (rekey-ike.c). */
static void
read_token (IkeParent *parent, const IkeIncoming *incoming)
{
  if (incoming->header.exchange == IKE_EXCHANGE_IKE_AUTH || incoming->header.exchange == IKE_EXCHANGE_INFORMATIONAL)
    ike_qcd_note (parent, &incoming->payloads);
}

static gboolean
is_held (const IkeParent *parent, guint32 id)
{
  for (GList *l = parent->held ? parent->held->head : NULL; l; l = l->next)
    if (((IkeIncoming *) l->data)->header.message_id == id)
      return TRUE;
  return FALSE;
}

/* Another one is being worked on: this one is next. */
static void
hold (IkeParent *parent, IkeIncoming *take_incoming)
{
  if (!parent->held)
    parent->held = g_queue_new ();
  ike_parent_log (parent, IKE_LOG_DEBUG, "packet", "request %u waits for the one before it",
                  take_incoming->header.message_id);
  g_queue_push_tail (parent->held, take_incoming);
}

/* Is the peer's request @id neither answered nor here already? */
static gboolean
is_new (const IkeParent *parent, guint32 id)
{
  return ike_window_place (&parent->window, id) == IKE_WINDOW_NEW && !is_held (parent, id) &&
         !(parent->answering && parent->answering->message_id == id);
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
  read_window (parent, take_incoming);
  read_token (parent, take_incoming);
  if (take_incoming->header.flags & IKE_FLAG_RESPONSE)
    dispatch_response (parent, take_incoming);
  else if (!parent->answering)
    dispatch_request (parent, take_incoming);
  else
    hold (parent, take_incoming);
}

gboolean
ike_run_receive_held (IkeParent *parent)
{
  IkeIncoming *incoming;

  if (!parent->held || parent->answering)
    return FALSE;
  incoming = g_queue_pop_head (parent->held);
  if (g_queue_is_empty (parent->held))
    g_clear_pointer (&parent->held, ike_incoming_queue_free);
  /* what was answered before it may have changed what is acceptable */
  if (ike_gate_admits (parent, incoming->header.exchange, FALSE) &&
      ike_window_place (&parent->window, incoming->header.message_id) == IKE_WINDOW_NEW)
    dispatch_request (parent, incoming);
  else
    ike_incoming_free (incoming);
  return TRUE;
}

static IkeFragments *
find_fragments (const IkeParent *parent, const IkeHeader *header)
{
  return ike_fragments_find (parent->fragments, header->message_id, (header->flags & IKE_FLAG_RESPONSE) != 0);
}

/* One more piece. TRUE: *@opened now holds the whole chain. */
static gboolean
reassemble (IkeParent *parent, const IkeHeader *header, IkeSkOpened *opened)
{
  IkeFragments *fragments = find_fragments (parent, header);

  if (!fragments)
    fragments = ike_fragments_new (&parent->fragments, header->message_id, (header->flags & IKE_FLAG_RESPONSE) != 0,
                                   MAX (parent->window.size, 1));
  if (!ike_fragments_add (fragments, opened))
    return FALSE;
  ike_secret_free (opened->inner);
  opened->inner = ike_fragments_join (fragments, &opened->first_inner);
  ike_fragments_remove (&parent->fragments, fragments);
  return TRUE;
}

/* Is this piece worth the decryption? RFC 7383 section 2.6. */
static gboolean
fragment_wanted (IkeParent *parent, const IkeHeader *header, const IkePayload *payload)
{
  const IkeFragments *fragments = find_fragments (parent, header);
  IkeSkShape shape;
  IkeSk sk;

  if (!parent->fragmentation || !ike_sk_shape (&parent->keys, &shape) || !ike_sk_parse (payload, &shape, &sk))
    return FALSE;
  return !fragments || ike_fragments_want (fragments, sk.fragment, sk.total);
}

/* SK or SKF, which is the last payload (RFC 7296 section 3.14); what stands before it is unprotected, and is skipped. NULL:
 * there is none. */
static const IkePayload *
protected_of (const IkeMessage *message)
{
  const IkePayload *last = message->payloads.n ? &message->payloads.at[message->payloads.n - 1] : NULL;

  return last && (last->type == IKE_PAYLOAD_SK || last->type == IKE_PAYLOAD_SKF) ? last : NULL;
}

static void
receive_protected (IkeParent *parent, const IkeMessage *message, const IkePath *path, IkeChunk datagram)
{
  const IkeHeader *header = &message->header;
  const IkePayload *payload = protected_of (message);
  g_auto (IkeSkOpened) opened = { 0 };
  IkeSkResult result;
  IkeIncoming *incoming;
  IkeParse parse;

  if (!payload || (payload->type == IKE_PAYLOAD_SKF && !fragment_wanted (parent, header, payload)))
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
  if (parse == IKE_PARSE_OK && ike_sync_on_request (parent, incoming))
    {
      ike_incoming_free (incoming);
      return;
    }
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
  const IkePayload *payload = protected_of (message);

  if (payload && payload->type == IKE_PAYLOAD_SKF && payload->next == 0)
    return;
  ike_parent_log (parent, IKE_LOG_DEBUG, "packet", "request %u came again, answered again", message->header.message_id);
  ike_run_out (parent, path, ike_window_answer (&parent->window, message->header.message_id));
}

static gboolean
is_same_exchange (const IkeParent *parent, const IkeHeader *header)
{
  IkeReader reader = ike_reader (ike_chunk_bytes (ike_window_answer (&parent->window, header->message_id)->pdata[0]));
  IkeHeader answered;

  return ike_header_parse (&reader, &answered) && answered.exchange == header->exchange;
}

/* Out of the window, or its last request again: what it is only its inside tells. A message of another day, which anybody
 * may send again, moves nothing but what ike_sync_on_request() allows. */
static void
receive_apart (IkeParent *parent, const IkeMessage *message, const IkePath *path, IkeChunk datagram)
{
  const IkePayload *payload = protected_of (message);
  g_auto (IkeSkOpened) opened = { 0 };
  IkeIncoming *incoming;

  if (!payload || payload->type != IKE_PAYLOAD_SK ||
      ike_sk_open (&opened, parent->core->crypto, &parent->keys, !parent->initiator, datagram, payload) != IKE_SK_OK)
    return;
  incoming = g_new0 (IkeIncoming, 1);
  incoming->header = message->header;
  incoming->path = *path;
  incoming->inner = g_steal_pointer (&opened.inner);
  if (!(ike_payloads_parse (opened.first_inner, ike_secret_chunk (incoming->inner), &incoming->payloads) ==
            IKE_PARSE_OK &&
        ike_sync_on_request (parent, incoming)) &&
      ike_window_place (&parent->window, message->header.message_id) == IKE_WINDOW_AGAIN &&
      is_same_exchange (parent, &message->header))
    repeat_answer (parent, message, path);
  ike_incoming_free (incoming);
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
      if (response && ike_exchange_is_first (header->exchange))
        ike_init_on_unusable (parent, IKE_REASON_BAD_MESSAGE, ike_parse_name (parse));
      return;
    }
  /* (which is never in fragments: those say nothing before all are there) */
  if (place != IKE_WINDOW_NEW && ike_sync_may_be (parent, header) &&
      !(protected_of (message) && protected_of (message)->type == IKE_PAYLOAD_SKF))
    {
      receive_apart (parent, message, path, datagram);
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
      gboolean quiet =
          (response && !ike_task_awaiting (parent, header->message_id)) || !ike_core_may_be_loud (parent->core);

      ike_parent_log (parent, quiet ? IKE_LOG_DEBUG : IKE_LOG_NOTICE, "drop", "%s %s is not acceptable in state %s",
                      IKE_NAME (EXCHANGE, header->exchange), response ? "answer" : "request",
                      ike_parent_state_name (parent->state));
      return;
    }
  if (!protected_of (message) && parent->state >= IKE_PARENT_ESTABLISHED &&
      ike_qcd_receive (parent, &message->payloads))
    return;
  if (response ? !ike_task_awaiting (parent, header->message_id) : !is_new (parent, header->message_id))
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
