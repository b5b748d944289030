/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CREATE_CHILD_SA for a Child SA, the peer's: a new one, or a rekey. RFC 7296 sections 1.3.1, 1.3.3, 2.8, 2.9, 2.25.
 *
 * Invariants: the inbound half is in the kernel before the answer leaves; of a rekey the outbound half is used when the
 * peer deletes the old Child SA, or after a while; an answer is always given.
 */
#include "exchange/addresses.h"
#include "exchange/child-common.h"
#include "exchange/followup.h"
#include "exchange/mismatch.h"
#include "exchange/options.h"

#include "exchange/peer.h"
#include "exchange/resource.h"

#include "sa/label.h"
#include "sa/select.h"
#include "wire/payload-notify.h"

/* A request is repeated for less than that. */
#define CROSSING_TIME (180 * IKE_SECOND)

static void
refuse (IkeTask *task, IkeNotifyType type)
{
  IkeParent *parent = task->parent;
  guint32 number = task->fresh;
  IkeChild *fresh = number ? ike_child_by_number (parent, number) : NULL;
  gboolean rekeys = task->child != 0;

  ike_run_answer_notify (task, type, ike_chunk (NULL, 0));
  /* who deleted the old one meanwhile may have counted on the new one */
  if (fresh && rekeys)
    {
      ike_child_set_state (fresh, IKE_CHILD_DELETING);
      ike_life_child_gone (fresh, FALSE);
      fresh = ike_child_by_number (parent, number);
    }
  if (fresh)
    ike_child_drop (fresh);
}

static void
refuse_not_found (IkeTask *task, guint32 spi)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_parent_log (task->parent, IKE_LOG_DEBUG, "exchange", "refused: CHILD_SA_NOT_FOUND");
  /* RFC 7296 section 2.25: with the SPI that was not found */
  ike_builder_init_inner (&builder);
  ike_builder_notify_child (&builder, IKE_NOTIFY_CHILD_SA_NOT_FOUND, IKE_PROTOCOL_ESP, spi);
  ike_run_answer (task, &builder);
}

/* May the peer rekey this one now? RFC 7296 section 2.25.1. */
static gboolean
rekey_allowed (const IkeParent *parent, const IkeChild *old)
{
  switch ((IkeChildState) old->state)
    {
    case IKE_CHILD_READY:
      return ike_run_has (parent, &ike_row_delete_child, old->number) == NULL;
    case IKE_CHILD_NEGOTIATING:
    case IKE_CHILD_INSTALLING:
    case IKE_CHILD_INBOUND:
    case IKE_CHILD_REPLACED:
    case IKE_CHILD_DELETING:
    case IKE_CHILD_LINGERING:
      return FALSE;
    }
  g_assert_not_reached ();
}

/* ---- from asking to the answer ---- */

/* The peer has asked for @fresh, but its request was late, and ours for the same packets was through before: to it they have
 * crossed, and it decides so when it has our answer (create-child.c). If ours is to go nobody but us knows. */
static void
settle_crossing (const IkeChild *fresh)
{
  IkeParent *parent = fresh->parent;

  for (IkeChild *ours = parent->children; ours && !fresh->replaces && ike_connection_is_peer (parent->connection);
       ours = ours->next)
    if (ours->initiator && ours->low_nonce && ours->cpu == fresh->cpu && ike_child_is_alive (ours) &&
        parent->core->now - ours->established < CROSSING_TIME && ike_child_same_traffic (ours, fresh) &&
        ike_nonce_compare (ours->low_nonce, fresh->low_nonce) < 0)
      {
        ike_parent_log (parent, IKE_LOG_DEBUG, "child", "both ends made one; the peer's Child SA stays");
        ike_run_queue (parent, &ike_row_delete_child)->child = ours->number;
      }
  ike_run_next (parent);
}

static void
send_answer (IkeTask *task, IkeChild *fresh)
{
  IkeParent *parent = task->parent;
  const guint32 number = fresh->number;
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  if (task->row != &ike_row_followup_ke)
    ike_options_answer (&builder, fresh);
  if (task->row == &ike_row_followup_ke)
    ike_followup_write (&builder, task);
  else
    ike_child_write (&builder, task, fresh, NULL, &task->material.suite);
  ike_run_answer (task, &builder);
  ike_child_set_state (fresh, fresh->replaces ? IKE_CHILD_INBOUND : IKE_CHILD_READY);
  ike_parent_log (parent, IKE_LOG_INFO, "child", "Child SA #%u%s is up", fresh->number,
                  fresh->replaces ? " (rekeyed by the peer)" : "");
  ike_life_child_up (fresh);
  /* what it begins may fail, and end the IKE SA */
  if ((fresh = ike_child_by_number (parent, number)))
    settle_crossing (fresh);
}

static void
on_installed (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *fresh = ike_child_by_number (parent, number);
  IkeChild *old = task->child ? ike_child_by_number (parent, task->child) : NULL;

  ike_child_log_refusal (parent, input);
  /* our own rekey may have been answered meanwhile, and the old one be on its way out: RFC 7296 section 2.25.1 */
  if (input->kernel_error || !fresh || (task->child && (!old || !rekey_allowed (parent, old))))
    {
      refuse (task, IKE_NOTIFY_TEMPORARY_FAILURE);
      return;
    }
  if (old)
    ike_child_set_state (old, IKE_CHILD_REPLACED);
  send_answer (task, fresh);
}

static void
install (IkeTask *task, IkeChild *fresh)
{
  IkeParent *parent = task->parent;
  IkeWorkFor work = { .parent = parent, .task = task->id, .child = fresh->number, .done = on_installed };
  guint parts = IKE_SA_IN;

  if (!ike_child_derive (task, fresh))
    {
      refuse (task, IKE_NOTIFY_TEMPORARY_FAILURE);
      return;
    }
  if (!task->child)
    parts |= IKE_SA_OUT;
  ike_cover_choose_slot (fresh);
  if (!ike_child_claim_policies (fresh))
    parts |= IKE_SA_POLICIES;
  ike_child_set_state (fresh, IKE_CHILD_INSTALLING);
  ike_child_install (fresh, parts, &work);
}

/* RFC 9370 section 2.2.4: the answer tells how to go on; nothing is installed before the last key exchange. */
static void
answer_and_wait (IkeTask *task, const IkeChild *fresh)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_options_answer (&builder, fresh);
  ike_child_write (&builder, task, fresh, NULL, &task->material.suite);
  if (!ike_followup_suspend (task, &builder))
    refuse (task, IKE_NOTIFY_TEMPORARY_FAILURE);
}

void
ike_create_respond_complete (IkeTask *task)
{
  IkeChild *fresh = ike_child_by_number (task->parent, task->fresh);

  if (fresh)
    install (task, fresh);
  else
    refuse (task, IKE_NOTIFY_TEMPORARY_FAILURE);
}

static void
advance (IkeTask *task)
{
  IkeChild *fresh = ike_child_by_number (task->parent, task->fresh);

  if (task->waiting)
    return;
  if (!fresh || !fresh->spi_in || (task->material.suite.ke && !task->material.shared))
    refuse (task, IKE_NOTIFY_TEMPORARY_FAILURE);
  else if (ike_ke_additional (&task->material))
    answer_and_wait (task, fresh);
  else
    install (task, fresh);
}

static void
on_spi (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *fresh = ike_child_by_number (parent, number);

  task->waiting--;
  ike_child_log_refusal (parent, input);
  if (fresh && !input->kernel_error)
    ike_child_set_spi_in (fresh, input);
  advance (task);
}

static void
on_responded (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  task->waiting--;
  if (input->ok && input->secret && input->bytes)
    {
      task->material.shared = g_steal_pointer (&input->secret);
      task->material.mine = g_steal_pointer (&input->bytes);
    }
  advance (task);
}

/* ---- the request ---- */

/* With PFS when we are configured so; without when the peer offers only that and we do not insist. */
static gboolean
choose (const IkeParent *parent, const IkeChildMessage *message, IkeSuite *ret)
{
  const IkeConfig *config = ike_parent_config (parent);
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_ESP, .ke_sent = message->group };
  g_autoptr (GPtrArray) without = ike_child_proposals (config, FALSE);

  if (ike_proposal_choose (ret, config->child_proposals, &message->sa, &rule) ||
      (!config->child.pfs && ike_proposal_choose (ret, without, &message->sa, &rule)))
    return TRUE;
  ike_mismatch_proposals (parent, &message->sa, config->child_proposals, IKE_PROTOCOL_ESP);
  return FALSE;
}

/* Selectors: a rekey gets what the old one has, a new one what the configuration allows. */
static gboolean
narrow (IkeTask *task, const IkeChildMessage *message, const IkeChild *old, IkeChild *fresh)
{
  if (old)
    {
      g_autoptr (GBytes) label = NULL;

      ike_nat_ts_read (task->parent, &task->message->payloads, message->responder_ts, message->initiator_ts);
      fresh->local_ts = ike_select_narrow (message->responder_ts, old->local_ts);
      fresh->remote_ts = ike_select_narrow (message->initiator_ts, old->remote_ts);
      if (!ike_label_choose (old->label, message->initiator_labels, message->responder_labels, &label))
        {
          ike_mismatch_labels (task->parent);
          return FALSE;
        }
      ike_child_set_label (fresh, label);
      /* RFC 7296 section 2.9.2: it must not be narrower */
      if (ike_select_within (old->local_ts, fresh->local_ts) && ike_select_within (old->remote_ts, fresh->remote_ts))
        return TRUE;
      ike_mismatch_selectors (task->parent, message->initiator_ts, message->responder_ts, old->remote_ts,
                              old->local_ts);
      return FALSE;
    }
  return ike_child_narrow (fresh, &task->message->payloads);
}

static void
begin (IkeTask *task, const IkeChildMessage *message, IkeChild *old)
{
  IkeParent *parent = task->parent;
  IkeChild *fresh = ike_child_new (parent, old ? old->slot : 0);
  IkeWorkFor work = { .parent = parent, .task = task->id, .child = fresh->number, .done = on_spi };
  IkeNotify notify;
  guint16 complaint;

  task->fresh = fresh->number;
  fresh->replaces = task->child = old ? old->number : 0;
  if (old)
    ike_resource_inherit (fresh, old);
  if (!narrow (task, message, old, fresh))
    {
      refuse (task, IKE_NOTIFY_TS_UNACCEPTABLE);
      return;
    }
  fresh->encap = parent->encap;
  fresh->transport_mode = ike_parent_config (parent)->child.transport_mode &&
                          ike_notify_find (&task->message->payloads, IKE_NOTIFY_USE_TRANSPORT_MODE, &notify);
  ike_child_set_suite (fresh, &task->material.suite);
  fresh->spi_out = ike_child_peer_spi (&task->material.suite);
  task->material.ni = ike_chunk_dup (message->nonce);
  task->material.nr = ike_material_nonce (parent->core->crypto);
  if (!task->material.nr)
    {
      refuse (task, IKE_NOTIFY_TEMPORARY_FAILURE);
      return;
    }
  fresh->low_nonce = ike_material_low_nonce (&task->material);
  ike_options_choose (fresh, &task->message->payloads);
  complaint = old ? 0 : ike_resource_join (fresh, &task->message->payloads);
  if (complaint)
    {
      refuse (task, (IkeNotifyType) complaint);
      return;
    }
  task->waiting = 1;
  ike_child_alloc_spi (fresh, &parent->path, &work);
  if (task->material.suite.ke)
    {
      task->material.group = task->material.suite.ke;
      ike_ke_respond (task, task->material.group, message->public, on_responded);
    }
}

/* RFC 7296 section 2.25: while the IKE SA is being rekeyed or closed by us, nothing is made on it; nor while it is not
 * known whether the peer is where its traffic would go. */
static gboolean
busy (const IkeParent *parent)
{
  const IkeTask *current = ike_parent_current (parent);

  return parent->state != IKE_PARENT_ESTABLISHED || ike_addresses_is_untested (parent) ||
         (current && current->started && current->purpose == &ike_row_rekey_ike) || parent->successor != NULL;
}

/* The inbound half of one that was rekeyed and deleted stays for a while: whoever does nothing else would fill the kernel.
 * All that an IKE SA may have can be rekeyed at once. */
static gboolean
leaves_too_many (const IkeParent *parent)
{
  guint n = 0;

  for (const IkeChild *child = parent->children; child; child = child->next)
    n += child->state == IKE_CHILD_LINGERING;
  return n > IKE_PEER_MAX_CHILDREN;
}

/* Is there a Child SA of ours that the peer may have already, and we not yet? */
static gboolean
is_making (const IkeParent *parent)
{
  const IkeTask *task = ike_task_oldest (parent);

  return task && (task->row == &ike_row_create_child || task->row == &ike_row_rekey_child);
}

void
ike_create_on_request (IkeTask *task)
{
  IkeParent *parent = task->parent;
  g_auto (IkeChildMessage) message = { 0 };
  gboolean rekey;
  guint32 spi;
  IkeChild *old = NULL;

  if (!ike_rekey_adopt (parent))
    return;
  if (busy (parent))
    {
      refuse (task, IKE_NOTIFY_TEMPORARY_FAILURE);
      return;
    }
  if (parent->barred)
    {
      refuse (task, IKE_NOTIFY_NO_ADDITIONAL_SAS);
      return;
    }
  rekey = ike_child_rekey_spi (&task->message->payloads, &spi);
  if (rekey)
    {
      old = ike_child_by_spi_out (parent, spi);
      if (!old && is_making (parent))
        {
          /* it may be the very one whose answer is still on its way to us: not found, the peer would forget it */
          refuse (task, IKE_NOTIFY_TEMPORARY_FAILURE);
          return;
        }
      if (!old)
        {
          refuse_not_found (task, spi);
          return;
        }
      if (!rekey_allowed (parent, old) || leaves_too_many (parent))
        {
          refuse (task, IKE_NOTIFY_TEMPORARY_FAILURE);
          return;
        }
    }
  else if (ike_connection_is_peer (parent->connection) || parent->connection->state == IKE_CONNECTION_LISTENING
               ? !ike_peer_has_room (parent)
               : !ike_resource_may_join (parent, &task->message->payloads))
    {
      /* a road warrior has the Child SA that it asked for, but for one processor more (RFC 9611); others have a limit */
      refuse (task, IKE_NOTIFY_NO_ADDITIONAL_SAS);
      return;
    }
  if (!ike_child_message_parse (&task->message->payloads, &message))
    {
      ike_run_answer_syntax (task, "SA, nonce, key exchange or traffic selectors");
      return;
    }
  if (!choose (parent, &message, &task->material.suite) || !ike_child_peer_spi (&task->material.suite))
    {
      refuse (task, IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
      return;
    }
  if (task->material.suite.ke && (!message.has_ke || message.group != task->material.suite.ke))
    {
      guint16 group = GUINT16_TO_BE (task->material.suite.ke);

      ike_run_answer_notify (task, IKE_NOTIFY_INVALID_KE_PAYLOAD, ike_chunk (&group, sizeof group));
      return;
    }
  begin (task, &message, old);
}
