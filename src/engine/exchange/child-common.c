/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both ends of CREATE_CHILD_SA for a Child SA do alike: RFC 7296 sections 1.3.1, 1.3.3, 2.17. Owns nothing. */
#include "exchange/child-common.h"

#include "sa/label.h"
#include "sa/select.h"
#include "wire/payload-ke.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"
#include "wire/payload-ts.h"

void
ike_child_message_clear (IkeChildMessage *message)
{
  ike_sa_clear (&message->sa);
  g_clear_pointer (&message->initiator_ts, g_array_unref);
  g_clear_pointer (&message->responder_ts, g_array_unref);
  g_clear_pointer (&message->initiator_labels, g_array_unref);
  g_clear_pointer (&message->responder_labels, g_array_unref);
}

gboolean
ike_child_message_parse (const IkePayloads *payloads, IkeChildMessage *ret)
{
  const IkePayload *ke_payload = ike_payloads_find (payloads, IKE_PAYLOAD_KE);
  IkeKe ke;

  ret->initiator_ts = ike_select_new ();
  ret->responder_ts = ike_select_new ();
  ret->initiator_labels = ike_labels_new ();
  ret->responder_labels = ike_labels_new ();
  if (!ike_sa_parse (ike_payloads_find (payloads, IKE_PAYLOAD_SA)->body, &ret->sa) ||
      !ike_nonce_parse (ike_payloads_find (payloads, IKE_PAYLOAD_NONCE)->body, &ret->nonce) ||
      !ike_child_read_ts (payloads, ret->initiator_ts, ret->initiator_labels, ret->responder_ts, ret->responder_labels))
    return FALSE;
  if (!ke_payload)
    return TRUE;
  if (!ike_ke_parse (ke_payload->body, &ke))
    return FALSE;
  ret->has_ke = TRUE;
  ret->group = ke.group;
  ret->public = ke.data;
  return TRUE;
}

gboolean
ike_child_rekey_spi (const IkePayloads *payloads, guint32 *ret_spi)
{
  IkeNotify notify;
  IkeReader reader;

  *ret_spi = 0;
  if (!ike_notify_find (payloads, IKE_NOTIFY_REKEY_SA, &notify))
    return FALSE;
  /* protocols and SPIs that cannot be name nothing that we have (cve-2023-38710) */
  if (notify.protocol == IKE_PROTOCOL_ESP && notify.spi.len == 4)
    {
      reader = ike_reader (notify.spi);
      *ret_spi = ike_read_u32 (&reader);
    }
  return TRUE;
}

void
ike_child_write (IkeBuilder *builder, const IkeTask *task, const IkeChild *fresh, GPtrArray *proposals,
                 const IkeSuite *chosen)
{
  const IkeMaterial *material = &task->material;
  guint32 spi = GUINT32_TO_BE (fresh->spi_in);
  IkeChunk spi_chunk = ike_chunk (&spi, sizeof spi);
  const GArray *initiator_ts = task->ours ? fresh->local_ts : fresh->remote_ts;
  const GArray *responder_ts = task->ours ? fresh->remote_ts : fresh->local_ts;
  IkeWriter *writer = ike_builder_begin (builder, IKE_PAYLOAD_SA);

  if (chosen)
    {
      IkeProposal *answer = ike_proposal_from_suite (chosen);

      ike_sa_write_chosen (writer, chosen->number, IKE_PROTOCOL_ESP, spi_chunk,
                           (const IkeTransform *) (gpointer) answer->transforms->data, answer->transforms->len);
      ike_proposal_free (answer);
    }
  else
    ike_sa_write (writer, proposals, spi_chunk);
  ike_builder_end (builder);
  ike_builder_add (builder, IKE_PAYLOAD_NONCE, ike_chunk_bytes (task->ours ? material->ni : material->nr));
  if (material->mine)
    {
      IkeKe ke = { .group = material->group, .data = ike_chunk_bytes (material->mine) };

      ike_ke_write (ike_builder_begin (builder, IKE_PAYLOAD_KE), &ke);
      ike_builder_end (builder);
    }
  ike_child_write_ts (builder, initiator_ts, responder_ts, fresh->label);
  /* section 2.3: the window of a rekeyed IKE SA is 1 until it is told */
  if (task->parent->rekeyed)
    ike_run_announce_window (builder, task->parent);
}

gboolean
ike_child_read_ts (const IkePayloads *payloads, GArray *initiator, GArray *initiator_labels, GArray *responder,
                   GArray *responder_labels)
{
  guint unknown;

  return ike_ts_parse (ike_payloads_find (payloads, IKE_PAYLOAD_TSI)->body, initiator, initiator_labels, &unknown) &&
         ike_ts_parse (ike_payloads_find (payloads, IKE_PAYLOAD_TSR)->body, responder, responder_labels, &unknown);
}

void
ike_child_write_ts (IkeBuilder *builder, const GArray *initiator, const GArray *responder, GBytes *label)
{
  /* RFC 9478 section 2: in both */
  ike_ts_write (ike_builder_begin (builder, IKE_PAYLOAD_TSI), initiator, ike_chunk_bytes (label));
  ike_builder_end (builder);
  ike_ts_write (ike_builder_begin (builder, IKE_PAYLOAD_TSR), responder, ike_chunk_bytes (label));
  ike_builder_end (builder);
}

gboolean
ike_child_read_mode (const IkePayloads *payloads, gboolean wanted, gboolean *ret_transport_mode)
{
  IkeNotify notify;

  *ret_transport_mode = ike_notify_find (payloads, IKE_NOTIFY_USE_TRANSPORT_MODE, &notify);
  return wanted || !*ret_transport_mode;
}

gboolean
ike_child_derive (IkeTask *task, IkeChild *fresh)
{
  IkeMaterial *material = &task->material;
  IkeKeyInput input = { 0 };
  gboolean ok;

  input.ni = g_bytes_get_data (material->ni, &input.ni_len);
  input.nr = g_bytes_get_data (material->nr, &input.nr_len);
  input.more = material->more;
  ok = ike_child_keys_derive (&fresh->keys, task->parent->core->crypto, &task->parent->keys, &material->suite,
                              material->shared, &input, task->ours);
  g_clear_pointer (&material->shared, ike_secret_free);
  g_clear_pointer (&material->more, ike_secret_free);
  return ok;
}

IkeChild *
ike_child_successor (const IkeParent *parent, guint32 old, gboolean ours)
{
  for (IkeChild *child = parent->children; child; child = child->next)
    if (child->replaces == old && old && !child->initiator == !ours &&
        (child->state == IKE_CHILD_INBOUND || child->state == IKE_CHILD_READY))
      return child;
  return NULL;
}

void
ike_child_drop (IkeChild *child)
{
  ike_child_uninstall (child, IKE_SA_IN | IKE_SA_OUT | IKE_SA_POLICIES);
  ike_child_free (child);
}

gboolean
ike_child_is_alive (const IkeChild *child)
{
  switch ((IkeChildState) child->state)
    {
    case IKE_CHILD_NEGOTIATING:
    case IKE_CHILD_INSTALLING:
    case IKE_CHILD_INBOUND:
    case IKE_CHILD_READY:
      return child->local_ts && child->remote_ts && !ike_run_has (child->parent, &ike_row_delete_child, child->number);
    case IKE_CHILD_REPLACED:
    case IKE_CHILD_DELETING:
    case IKE_CHILD_LINGERING:
      return FALSE;
    }
  g_assert_not_reached ();
}

void
ike_child_linger (IkeChild *child)
{
  ike_child_set_state (child, IKE_CHILD_LINGERING);
  ike_child_uninstall (child, IKE_SA_OUT);
  ike_timers_init (child->timers, IKE_CHILD_N_TIMERS);
  ike_timers_set (child->timers, IKE_CHILD_TIMER_LINGER, child->parent->core->now + IKE_CHILD_LINGER_TIME);
  ike_parent_rearm (child->parent);
}

GPtrArray *
ike_child_proposals (const IkeConfig *config, gboolean with_ke)
{
  return with_ke ? g_ptr_array_ref (config->child_proposals) : ike_auth_child_proposals (config);
}

GPtrArray *
ike_child_proposals_plain (const IkeConfig *config)
{
  GPtrArray *proposals = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_proposal_free);

  for (guint i = 0; i < config->child_proposals->len; i++)
    if (!ike_proposal_has_ke (config->child_proposals->pdata[i]))
      g_ptr_array_add (proposals, ike_proposal_without_ke (config->child_proposals->pdata[i]));
  return proposals;
}
