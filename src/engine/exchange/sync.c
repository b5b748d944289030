/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns what was last agreed on. RFC 6311 sections 5, 5.1, 6.3. */
#include "exchange/sync.h"

#include "exchange/run.h"
#include "wire/payload-notify.h"

#define MAX_ID 0x7fffffffu /* whoever wants to go on from there has no good intentions */

void
ike_sync_offer (IkeBuilder *builder)
{
  ike_builder_notify (builder, IKE_NOTIFY_IKEV2_MESSAGE_ID_SYNC_SUPPORTED, ike_chunk (NULL, 0));
}

void
ike_sync_note (IkeParent *parent, const IkePayloads *payloads)
{
  IkeNotify notify;

  parent->id_sync = ike_notify_find (payloads, IKE_NOTIFY_IKEV2_MESSAGE_ID_SYNC_SUPPORTED, &notify);
}

gboolean
ike_sync_may_be (const IkeParent *parent, const IkeHeader *header)
{
  return parent->id_sync && parent->state == IKE_PARENT_ESTABLISHED && header->message_id == 0 &&
         header->exchange == IKE_EXCHANGE_INFORMATIONAL && !(header->flags & IKE_FLAG_RESPONSE);
}

/* Nonce Data, EXPECTED_SEND_REQ_MESSAGE_ID, EXPECTED_RECV_REQ_MESSAGE_ID of the sender. */
typedef struct {
  guint32 nonce, send, expect;
} Ids;

static gboolean
read_ids (IkeChunk data, Ids *ret)
{
  IkeReader reader = ike_reader (data);

  ret->nonce = ike_read_u32 (&reader);
  ret->send = ike_read_u32 (&reader);
  ret->expect = ike_read_u32 (&reader);
  return ike_reader_done (&reader);
}

/* Section 5.1: the two notifications alone; the other one was not agreed on, and is passed over. */
static gboolean
is_alone (const IkePayloads *payloads)
{
  guint index = 0, n = 0;
  IkeNotify notify;

  while (ike_notify_next (payloads, 0, &index, &notify))
    n += notify.type == IKE_NOTIFY_IKEV2_MESSAGE_ID_SYNC || notify.type == IKE_NOTIFY_IPSEC_REPLAY_COUNTER_SYNC;
  return n == payloads->n && n <= 2;
}

static void
answer (IkeParent *parent, const IkePath *path, const Ids *ids)
{
  g_auto (IkeBuilder) builder = { 0 };
  g_auto (IkeWriter) writer = IKE_WRITER (12);

  ike_write_u32 (&writer, ids->nonce);
  ike_write_u32 (&writer, parent->window.next);
  ike_write_u32 (&writer, parent->window.expected);
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_IKEV2_MESSAGE_ID_SYNC, ike_writer_chunk (&writer));
  ike_run_answer_apart (parent, path, IKE_EXCHANGE_INFORMATIONAL, 0, &builder);
}

/* The lowest id above all that the peer has used; some below it may be unanswered. */
static guint32
next_unseen (const IkeWindow *window)
{
  guint32 next = window->expected;

  for (guint i = 0; i < window->n_answers; i++)
    next = MAX (next, window->answers[i].id + 1);
  return next;
}

/* The ids are free to be used. */
static gboolean
is_new (const IkeParent *parent, const Ids *ids)
{
  /* "MUST silently drop any received synchronization message if M1 is lower than or equal to the highest value" */
  return ids->send >= next_unseen (&parent->window) && (!parent->id_synced || ids->send > parent->id_sync_last) &&
         ids->send <= MAX_ID && ids->expect <= MAX_ID;
}

gboolean
ike_sync_on_request (IkeParent *parent, const IkeIncoming *incoming)
{
  IkeNotify notify;
  Ids ids;

  if (!ike_sync_may_be (parent, &incoming->header) || !ike_notify_all_valid (&incoming->payloads) ||
      !ike_notify_find (&incoming->payloads, IKE_NOTIFY_IKEV2_MESSAGE_ID_SYNC, &notify))
    return FALSE;
  /* what the member before wanted is answered first; this one will ask again */
  if (!read_ids (notify.data, &ids) || !is_alone (&incoming->payloads) || !is_new (parent, &ids) || parent->answering ||
      parent->held)
    {
      ike_parent_log (parent, IKE_LOG_DEBUG, "sync", "message ids of a cluster that are old, or cannot be used now");
      return TRUE;
    }
  ike_parent_log (parent, IKE_LOG_INFO, "sync", "another member of the gateway's cluster goes on, from message %u",
                  ids.send);
  parent->id_synced = TRUE;
  parent->id_sync_last = ids.send;
  ike_window_renumber (&parent->window, ids.expect, ids.send);
  answer (parent, &incoming->path, &ids);
  ike_run_renumbered (parent);
  return TRUE;
}
