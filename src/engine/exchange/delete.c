/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DELETE in both directions, for Child SAs and the IKE SA: RFC 7296 sections 1.4.1, 2.25.
 *
 * Invariants: before the old of two Child SAs is confirmed as deleted the new outbound half is in the kernel; what we
 * delete
 * ourselves is not named in an answer; the same SPI twice, or one that is not here, is nothing.
 */
#include "exchange/child-common.h"
#include "exchange/ticket.h"

#include "wire/payload-delete.h"
#include "wire/payload-notify.h"

static void
send_delete (IkeTask *task, IkeProtocolId protocol, const guint32 *spis, guint n)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), protocol, spis, n);
  ike_builder_end (&builder);
  ike_run_send (task, &builder);
}

/* ---- ours: a Child SA ---- */

void
ike_delete_child_start (IkeTask *task)
{
  IkeChild *child = ike_child_by_number (task->parent, task->child);

  if (!child || child->state == IKE_CHILD_LINGERING || !child->spi_in)
    {
      if (child && !child->spi_in)
        ike_child_drop (child);
      ike_run_finish (task);
      return;
    }
  ike_child_set_state (child, IKE_CHILD_DELETING);
  send_delete (task, IKE_PROTOCOL_ESP, &child->spi_in, 1);
}

void
ike_delete_child_on_response (IkeTask *task)
{
  IkeChild *child = ike_child_by_number (task->parent, task->child);

  if (child)
    ike_life_restore (task->parent, child->replaces, child->number);
  /* what the answer says is of no consequence: it is gone at both ends */
  if (child && child->parts & IKE_SA_POLICIES)
    ike_child_drop (child);
  else if (child && child->parts & IKE_SA_IN)
    ike_child_linger (child);
  else if (child)
    ike_child_drop (child);
  ike_run_finish (task);
}

void
ike_delete_child_on_give_up (IkeTask *task, IkeReason *reason)
{
  ike_life_end (task->parent, IKE_FAREWELL_NONE, reason);
}

/* ---- ours: the IKE SA ---- */

void
ike_delete_ike_start (IkeTask *task)
{
  IkeParent *parent = task->parent;

  ike_ticket_withdraw (parent);
  ike_parent_set_state (parent, IKE_PARENT_DELETING);
  /* what leaves now takes the IKE SA that stays, and is not in flight when the DELETE arrives */
  for (IkeChild *child = parent->children; child && parent->connection->current != parent; child = child->next)
    {
      ike_life_hand_on (child);
      ike_child_uninstall (child, IKE_SA_OUT);
    }
  send_delete (task, IKE_PROTOCOL_IKE, NULL, 0);
}

void
ike_delete_ike_on_response (IkeTask *task)
{
  gboolean stopping = task->parent->connection->state == IKE_CONNECTION_STOPPING;
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, stopping ? IKE_REASON_USER_STOP : IKE_REASON_IDLE, 0, NULL);
  ike_life_end (task->parent, IKE_FAREWELL_NONE, &reason);
}

void
ike_delete_ike_on_give_up (IkeTask *task, IkeReason *reason)
{
  ike_delete_ike_on_response (task);
}

/* ---- the peer's ---- */

/* Our own rekey of the same old one is unanswered: that comparison is still to come. */
static void
keep_nonce (IkeChild *child)
{
  IkeTask *crossing =
      child->low_nonce && child->replaces ? ike_run_has (child->parent, &ike_row_rekey_child, child->replaces) : NULL;

  if (crossing && !crossing->rival)
    crossing->rival = g_steal_pointer (&child->low_nonce);
}

static void
answer (IkeTask *task)
{
  IkeParent *parent = task->parent;
  g_auto (IkeBuilder) builder = { 0 };
  g_autoptr (GArray) spis = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (IkeChild *child = parent->children; child; child = child->next)
    if (child->ending)
      {
        g_array_append_val (numbers, child->number);
        g_array_append_val (spis, child->spi_in);
      }
  ike_builder_init_inner (&builder);
  if (spis->len)
    {
      ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP,
                        (const guint32 *) (gconstpointer) spis->data, spis->len);
      ike_builder_end (&builder);
    }
  ike_mobike_copy_cookie (&builder, parent, &task->message->payloads);
  ike_run_answer (task, &builder);
  for (guint i = 0; i < numbers->len; i++)
    {
      guint32 number = g_array_index (numbers, guint32, i);
      IkeChild *child = ike_child_by_number (parent, number);
      gboolean replaced = child && child->state == IKE_CHILD_REPLACED;

      if (!child)
        continue;
      child->ending = FALSE;
      ike_life_restore (parent, child->replaces, number);
      if (parent->state == IKE_PARENT_CLOSED)
        return;
      if (!replaced)
        ike_life_child_gone (child, TRUE);
      if (parent->state == IKE_PARENT_CLOSED)
        return;
      child = ike_child_by_number (parent, number);
      keep_nonce (child);
      if (replaced && !(child->parts & IKE_SA_POLICIES))
        ike_child_linger (child);
      else
        ike_child_drop (child);
    }
}

static void
on_switched (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *fresh = ike_child_by_number (parent, number);

  if (fresh && fresh->state == IKE_CHILD_INBOUND)
    ike_child_set_state (fresh, IKE_CHILD_READY);
  if (--task->waiting == 0)
    answer (task);
  if (parent->state != IKE_PARENT_CLOSED && input->kernel_error)
    ike_life_on_switch_failed (parent, NULL, number, input);
}

void
ike_delete_hurry (IkeParent *parent)
{
  IkeTask *task = parent->answering;

  if (!task || task->row != &ike_row_informational || !task->waiting)
    return;
  for (IkeChild *child = parent->children; child; child = child->next)
    if (child->state == IKE_CHILD_INBOUND && child->parts & IKE_SA_OUT)
      ike_child_set_state (child, IKE_CHILD_READY);
  answer (task);
}

/* The peer's rekey is complete: its new Child SA carries our traffic from now on. */
static void
switch_outbound (IkeTask *task, IkeChild *fresh)
{
  IkeWorkFor work = { .parent = task->parent, .task = task->id, .child = fresh->number, .done = on_switched };

  ike_timers_stop (fresh->timers, IKE_CHILD_TIMER_SWITCH);
  ike_parent_rearm (task->parent);
  task->waiting++;
  ike_child_install (fresh, IKE_SA_OUT, &work);
}

/* What our unanswered request makes at the peer may be deleted there before the answer is here: RFC 7296 section 2.25
 * would have the deletion ignored, and the ends would differ for ever. */
static void
remember (const IkeParent *parent, guint32 spi)
{
  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    {
      IkeTask *task = l->data;

      if (task->started && (task->purpose == &ike_row_create_child || task->purpose == &ike_row_rekey_child))
        task->deleted[task->n_deleted++ % IKE_TASK_DELETED] = spi;
    }
}

static void
end_child (IkeTask *task, guint32 spi)
{
  IkeParent *parent = task->parent;
  IkeChild *child = ike_child_by_spi_out (parent, spi);
  IkeChild *fresh;

  if (!child)
    remember (parent, spi);
  if (!child || child->ending)
    return;
  switch ((IkeChildState) child->state)
    {
    case IKE_CHILD_NEGOTIATING:
    case IKE_CHILD_INSTALLING:
      child->doomed = TRUE;
      return;
    case IKE_CHILD_DELETING:
      /* RFC 7296 section 1.4.1: our own request names it, but what leaves by it does not wait for that answer */
      ike_child_uninstall (child, IKE_SA_OUT);
      return;
    case IKE_CHILD_LINGERING:
      return;
    case IKE_CHILD_INBOUND:
    case IKE_CHILD_READY:
    case IKE_CHILD_REPLACED:
      break;
    }
  child->ending = TRUE;
  if (child->state != IKE_CHILD_REPLACED)
    ike_life_hand_on (child);
  fresh = ike_child_successor (parent, child->number, FALSE);
  if (fresh && fresh->state == IKE_CHILD_INBOUND && !fresh->ending)
    switch_outbound (task, fresh);
}

static gboolean
names_ike (const IkePayloads *payloads)
{
  const IkePayload *payload;
  guint index = 0;
  IkeDelete del;

  while ((payload = ike_payloads_next (payloads, IKE_PAYLOAD_DELETE, &index)))
    if (ike_delete_parse (payload->body, &del) && del.protocol == IKE_PROTOCOL_IKE)
      return TRUE;
  return FALSE;
}

static gboolean
are_valid (const IkePayloads *payloads)
{
  const IkePayload *payload;
  guint index = 0;
  IkeDelete del;

  while ((payload = ike_payloads_next (payloads, IKE_PAYLOAD_DELETE, &index)))
    if (!ike_delete_parse (payload->body, &del))
      return FALSE;
  return TRUE;
}

static void
end_ike (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeTask *current = ike_parent_current (parent);
  IkeParent *theirs;
  g_auto (IkeBuilder) builder = { 0 };
  g_auto (IkeReason) reason = { 0 };

  ike_builder_init_inner (&builder);
  ike_mobike_copy_cookie (&builder, parent, &task->message->payloads);
  ike_run_answer (task, &builder);
  /* our own rekey has been answered and is being computed: what it made must be known to be deleted. But a further key
   * exchange that the peer has not answered is answered by nobody any more */
  if (current && current->purpose == &ike_row_rekey_ike && current->started && current->material.nr &&
      !current->request.datagrams)
    {
      parent->ending = TRUE;
      return;
    }
  /* the peer's rekey was complete before ours was answered: RFC 7296 section 2.25.2 */
  theirs = ike_parent_take_successor (parent);
  if (theirs)
    ike_life_replace (parent, theirs);
  ike_reason_set (&reason, IKE_REASON_PEER_DELETED, 0, NULL);
  ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
}

void
ike_delete_on_request (IkeTask *task)
{
  const IkePayloads *payloads = &task->message->payloads;
  const IkePayload *payload;
  guint index = 0;

  /* with the IKE SA everything goes (cve-2023-38712: whatever else the message names) */
  if (names_ike (payloads))
    {
      end_ike (task);
      return;
    }
  if (!are_valid (payloads))
    {
      ike_run_answer_syntax (task, "Delete");
      return;
    }
  if (!ike_rekey_adopt (task->parent))
    return;
  while ((payload = ike_payloads_next (payloads, IKE_PAYLOAD_DELETE, &index)))
    {
      IkeDelete del;

      if (!ike_delete_parse (payload->body, &del) || del.protocol != IKE_PROTOCOL_ESP)
        continue;
      for (guint i = 0; i < del.n_spis; i++)
        end_child (task, ike_delete_spi (&del, i));
    }
  if (!task->waiting)
    answer (task);
}
