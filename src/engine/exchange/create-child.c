/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CREATE_CHILD_SA for a Child SA, ours: a new one, or a rekey. RFC 7296 sections 1.3.1, 1.3.3, 2.8, 2.25.
 *
 * Invariants: the new pair is complete in the kernel before the old one is deleted at the peer, and the old inbound
 * half
 * stays for packets in flight; of two that rekey the same one at once the lowest nonce decides, and each end deletes
 * what
 * it made itself.
 */
#include "exchange/child-common.h"
#include "exchange/followup.h"
#include "exchange/options.h"

#include "exchange/peer.h"
#include "exchange/resource.h"

#include "sa/label.h"
#include "sa/select.h"
#include "wire/payload-notify.h"

#define RETRY_TIME (15 * IKE_SECOND)
#define RETRY_JITTER (10 * IKE_SECOND)
#define TEMPORARY_TOO_LONG (300 * IKE_SECOND)

gboolean
ike_create_matches_rekey (const IkePayloads *request)
{
  IkeNotify notify;

  return ike_notify_find (request, IKE_NOTIFY_REKEY_SA, &notify);
}

gboolean
ike_create_matches_new (const IkePayloads *request)
{
  return !ike_create_matches_rekey (request) && !ike_rekey_matches (request);
}

static IkeChild *
fresh_of (const IkeTask *task)
{
  return ike_child_by_number (task->parent, task->fresh);
}

static IkeChild *
old_of (const IkeTask *task)
{
  return task->child ? ike_child_by_number (task->parent, task->child) : NULL;
}

/* Is the old one of a rekey still there to be rekeyed? */
static gboolean
old_stays (const IkeTask *task)
{
  const IkeChild *old = old_of (task);

  return old && old->state == IKE_CHILD_READY && !ike_run_has (task->parent, &ike_row_delete_child, old->number);
}

static void
delete_child (IkeChild *child)
{
  IkeTask *task = ike_run_queue (child->parent, &ike_row_delete_child);

  task->child = child->number;
}

/* The new one will not be: if the peer has deleted the old one meanwhile, nothing is left, and whoever counted on the
 * new one must know. FALSE: the IKE SA has ended by that, and the task with it. */
static gboolean
look_after (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeChild *fresh = fresh_of (task), *old = old_of (task);

  if (old)
    old->rekeying = FALSE;
  ike_life_restore (parent, task->child, task->fresh);
  if (fresh && task->child)
    ike_life_child_gone (fresh, !old || old->state != IKE_CHILD_DELETING);
  return parent->state != IKE_PARENT_CLOSED;
}

/* Nothing came of it, and the peer knows nothing of it: the old one, if any, goes on. */
static void
abandon (IkeTask *task)
{
  if (!look_after (task))
    return;
  if (fresh_of (task))
    ike_child_drop (fresh_of (task));
  ike_run_finish (task);
}

/* RFC 9611: one that is for a single processor is no condition of anything. @made: the peer has it. FALSE: it is another. */
static gboolean
do_without (IkeTask *task, const char *why, gboolean made)
{
  IkeChild *fresh = fresh_of (task);
  IkeChild *child = fresh ? fresh : old_of (task);

  if (!child || !child->cpu)
    return FALSE;
  ike_resource_enough (child, why);
  if (!made || !fresh)
    {
      abandon (task);
      return TRUE;
    }
  /* before another one for all is made: the peer may have taken this for it, when it had none any more */
  ike_run_queue_next (task->parent, &ike_row_delete_child)->child = fresh->number;
  if (look_after (task))
    ike_run_finish (task);
  return TRUE;
}

static void
end (IkeTask *task, IkeReasonCode code, guint16 notify, const char *detail)
{
  const IkeChild *fresh = fresh_of (task);
  g_auto (IkeReason) reason = { 0 };

  if (do_without (task, detail, fresh && fresh->spi_out))
    return;
  ike_reason_set (&reason, code, notify, "%s", detail);
  ike_life_end (task->parent, IKE_FAREWELL_DELETE, &reason);
}

static void
queue_again (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeTask *again = ike_run_queue (parent, task->purpose);

  again->child = task->child;
  again->put_off = task->put_off;
  again->alone = task->alone;
  again->not_before = parent->core->now + RETRY_TIME - RETRY_JITTER * ike_life_jitter (parent->core) / 256;
  if (!task->child)
    again->fresh = task->fresh;
}

/* RFC 7296 section 2.25: not at once, and not for ever. */
static void
again_later (IkeTask *task)
{
  IkeTime now = task->parent->core->now;

  if (task->child && !old_stays (task))
    {
      abandon (task);
      return;
    }
  if (!task->put_off)
    task->put_off = now;
  if (now - task->put_off > TEMPORARY_TOO_LONG)
    {
      end (task, IKE_REASON_REKEY_FAILED, IKE_NOTIFY_TEMPORARY_FAILURE, "the peer puts us off for too long");
      return;
    }
  queue_again (task);
  if (task->child && fresh_of (task))
    ike_child_drop (fresh_of (task));
  ike_run_finish (task);
}

/* The peer has it, but we cannot use it. A rekey is tried again until the old one is at its end. */
static void
give_back (IkeTask *task, IkeReasonCode code, const char *detail)
{
  if (!task->child && do_without (task, detail, TRUE))
    return;
  if (fresh_of (task))
    delete_child (fresh_of (task));
  if (!task->child)
    {
      end (task, code, 0, detail);
      return;
    }
  if (old_stays (task))
    queue_again (task);
  if (look_after (task))
    ike_run_finish (task);
}

/* ---- the request ---- */

static void
send_request (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeConfig *config = ike_parent_config (parent);
  IkeChild *fresh = fresh_of (task);
  const IkeChild *old = old_of (task);
  g_autoptr (GPtrArray) proposals = ike_child_proposals (config, task->material.mine != NULL);
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  if (task->child)
    ike_builder_notify_child (&builder, IKE_NOTIFY_REKEY_SA, IKE_PROTOCOL_ESP, old->spi_in);
  ike_options_offer (&builder, fresh, fresh->transport_mode, fresh->local_ts, fresh->remote_ts);
  ike_child_write (&builder, task, fresh, proposals, NULL);
  ike_run_send (task, &builder);
}

static void
advance (IkeTask *task)
{
  const IkeChild *fresh = fresh_of (task);

  if (task->waiting)
    return;
  /* meanwhile the peer may have deleted or rekeyed it */
  if (!fresh || (task->child && !old_stays (task)))
    {
      abandon (task);
      return;
    }
  send_request (task);
}

static void
on_generated (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  task->waiting--;
  if (!input->ok || !input->key || !input->bytes)
    {
      end (task, IKE_REASON_CRYPTO, 0, "key exchange");
      return;
    }
  task->material.key = g_steal_pointer (&input->key);
  task->material.mine = g_steal_pointer (&input->bytes);
  advance (task);
}

static void
on_spi (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *fresh = ike_child_by_number (parent, number);

  task->waiting--;
  if (input->kernel_error || !fresh)
    {
      again_later (task);
      return;
    }
  ike_child_set_spi_in (fresh, input);
  advance (task);
}

static void
make_fresh (IkeTask *task, const IkeChild *old)
{
  IkeChild *fresh = ike_child_new (task->parent, old->slot);

  fresh->local_ts = ike_select_copy (old->local_ts);
  fresh->remote_ts = ike_select_copy (old->remote_ts);
  ike_child_set_label (fresh, old->label);
  fresh->transport_mode = old->transport_mode;
  fresh->replaces = old->number;
  ike_resource_inherit (fresh, old);
  task->fresh = fresh->number;
}

/* Meanwhile the other end may have made one for the same selectors. */
static gboolean
is_made (const IkeChild *fresh)
{
  return ike_connection_is_peer (fresh->parent->connection) && !fresh->cpu && ike_cover_twin (fresh);
}

void
ike_create_start (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeConfig *config = ike_parent_config (parent);
  IkeChild *old = old_of (task), *fresh = fresh_of (task);
  IkeWorkFor work = { .parent = parent, .task = task->id, .done = on_spi };

  /* what comes first may have made it needless */
  if (parent->state != IKE_PARENT_ESTABLISHED ||
      (task->child ? !old_stays (task)
                   : !fresh || ike_life_is_served (fresh) || is_made (fresh) || !ike_resource_is_due (fresh)))
    {
      abandon (task);
      return;
    }
  if (!fresh)
    {
      old->rekeying = TRUE;
      make_fresh (task, old);
      fresh = fresh_of (task);
    }
  fresh->initiator = TRUE;
  task->material.ni = ike_material_nonce (parent->core->crypto);
  if (!task->material.ni)
    {
      end (task, IKE_REASON_CRYPTO, 0, "random");
      return;
    }
  if (config->child.pfs)
    task->material.group =
        ike_proposals_first_ke (config->child_proposals, old && old->ke ? old->ke : parent->connection->ke_hint);
  if (task->material.group)
    ike_ke_generate (task, task->material.group, on_generated);
  if (fresh->spi_in)
    {
      advance (task);
      return;
    }
  ike_options_wish (fresh);
  work.child = fresh->number;
  task->waiting++;
  ike_child_alloc_spi (fresh, &parent->path, &work);
}

void
ike_create_on_give_up (IkeTask *task, IkeReason *reason)
{
  /* RFC 7296 section 2.4: who does not answer is gone */
  ike_life_end (task->parent, IKE_FAREWELL_NONE, reason);
}

/* ---- the answer ---- */

/* RFC 7296 section 2.25: it is gone at the peer; a new one takes its place. */
static void
not_found (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeChild *old;

  ike_parent_log (parent, IKE_LOG_NOTICE, "child", "the peer does not have the Child SA any more");
  if (!old_stays (task))
    {
      abandon (task);
      return;
    }
  if (fresh_of (task))
    ike_child_drop (fresh_of (task));
  ike_life_child_gone (old_of (task), FALSE);
  old = old_of (task);
  if (parent->state == IKE_PARENT_CLOSED)
    return;
  ike_child_drop (old);
  ike_run_finish (task);
}

/* RFC 7296 section 1.3: a peer that cannot do more than IKE_AUTH gave it; both begin anew when that is at its end. */
static void
no_more (IkeTask *task)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, IKE_REASON_REKEY_FAILED, IKE_NOTIFY_NO_ADDITIONAL_SAS, "NO_ADDITIONAL_SAS");
  if (task->child && task->parent->connection->state == IKE_CONNECTION_UP)
    ike_life_renew (task->parent, IKE_FAREWELL_DELETE, &reason);
  else
    ike_life_end (task->parent, IKE_FAREWELL_DELETE, &reason);
}

/* A peer goes on with the Child SAs that it has. */
static gboolean
leave_out (IkeTask *task)
{
  IkeChild *fresh = fresh_of (task);

  if (!ike_connection_is_peer (task->parent->connection) || task->child || !fresh ||
      !ike_cover_is_served (task->parent))
    return FALSE;
  ike_peer_child_refused (task->parent, fresh);
  abandon (task);
  return TRUE;
}

static void
refused (IkeTask *task, const IkeNotify *notify)
{
  IkeParent *parent = task->parent;
  guint16 group;

  if ((notify->type == IKE_NOTIFY_NO_ADDITIONAL_SAS || notify->type == IKE_NOTIFY_TS_MAX_QUEUE) &&
      do_without (task, IKE_NAME (NOTIFY, notify->type), FALSE))
    return;
  switch (notify->type)
    {
    case IKE_NOTIFY_INVALID_KE_PAYLOAD:
      group = ike_ke_other_group (&task->material, ike_parent_config (parent)->child_proposals, notify->data);
      if (group && task->material.mine)
        {
          parent->core->crypto->ke_free (parent->core->crypto, g_steal_pointer (&task->material.key));
          g_clear_pointer (&task->material.mine, g_bytes_unref);
          task->material.group = group;
          ike_ke_generate (task, group, on_generated);
          return;
        }
      again_later (task);
      return;
    case IKE_NOTIFY_CHILD_SA_NOT_FOUND:
      not_found (task);
      return;
    case IKE_NOTIFY_NO_ADDITIONAL_SAS:
      if (!leave_out (task))
        no_more (task);
      return;
    case IKE_NOTIFY_TEMPORARY_FAILURE:
      again_later (task);
      return;
    default:
      ike_parent_log (parent, IKE_LOG_NOTICE, "child", "the peer refused a Child SA: %s",
                      IKE_NAME (NOTIFY, notify->type));
      if (task->child)
        again_later (task);
      else if (!leave_out (task))
        end (task, IKE_REASON_NO_CHILD, notify->type, IKE_NAME (NOTIFY, notify->type));
      return;
    }
}

/* The peer deleted the new one before we knew it: what its rekey was for has come to its end too. */
static void
deleted_already (IkeTask *task)
{
  IkeChild *old = old_of (task);

  ike_parent_log (task->parent, IKE_LOG_DEBUG, "child", "the peer has deleted the new Child SA already");
  if (old_stays (task))
    {
      ike_child_set_state (old, IKE_CHILD_REPLACED);
      delete_child (old);
    }
  if (!task->child && fresh_of (task))
    ike_life_child_gone (fresh_of (task), TRUE);
  if (task->parent->state != IKE_PARENT_CLOSED)
    abandon (task);
}

static void
on_installed (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *fresh = ike_child_by_number (parent, number), *old = old_of (task);

  if (!fresh)
    {
      abandon (task);
      return;
    }
  if (input->kernel_error)
    {
      g_autofree char *text = ike_core_kernel_text (input);

      ike_child_log_refusal (parent, input);
      give_back (task, IKE_REASON_KERNEL, text);
      return;
    }
  if (fresh->doomed)
    {
      deleted_already (task);
      return;
    }
  ike_child_set_state (fresh, IKE_CHILD_READY);
  ike_life_child_up (fresh);
  ike_parent_log (parent, IKE_LOG_INFO, "child", "Child SA #%u%s is up", fresh->number,
                  task->child ? " (rekeyed)" : "");
  if (old && (old->state == IKE_CHILD_READY || old->state == IKE_CHILD_REPLACED))
    {
      ike_child_set_state (old, IKE_CHILD_REPLACED);
      delete_child (old);
    }
  ike_run_finish (task);
}

/* The old one is gone, by a rekey of the peer whose product may have been replaced in turn: our answer comes too
 * late. */
static gboolean
comes_too_late (const IkeTask *task, const IkeChild *fresh)
{
  const IkeChild *old = old_of (task);

  if (!task->child || (old && old->state != IKE_CHILD_LINGERING))
    return FALSE;
  for (const IkeChild *other = task->parent->children; other; other = other->next)
    if (other != fresh && other->slot == fresh->slot && other->cpu == fresh->cpu &&
        (other->state == IKE_CHILD_INBOUND || other->state == IKE_CHILD_READY))
      return TRUE;
  return FALSE;
}

/* Both ends of a peer connection have made one for the same selectors at once: decided as if they had rekeyed. */
static const IkeChild *
twin_of (const IkeTask *task)
{
  const IkeChild *twin = ike_connection_is_peer (task->parent->connection) ? ike_cover_twin (fresh_of (task)) : NULL;

  return twin && !twin->initiator && twin->parent == task->parent ? twin : NULL;
}

/* RFC 7296 section 2.8.1: both ends rekeyed the same Child SA at once. TRUE: ours has the lowest nonce and goes. */
static gboolean
lost_collision (IkeTask *task)
{
  const IkeChild *twin = task->child ? NULL : twin_of (task);
  GBytes *rival = twin ? twin->low_nonce : task->rival;
  g_autoptr (GBytes) low = NULL;

  /* the peer's may still be in the making: its nonces are known all the same */
  for (const IkeChild *other = task->parent->children; other && task->child; other = other->next)
    if (other->replaces == task->child && !other->initiator && other->low_nonce)
      rival = other->low_nonce;
  if (!rival)
    return comes_too_late (task, fresh_of (task));
  low = ike_material_low_nonce (&task->material);
  return ike_nonce_compare (low, rival) < 0;
}

static void
install (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeChild *fresh = fresh_of (task);
  IkeWorkFor work = { .parent = parent, .task = task->id, .child = task->fresh, .done = on_installed };
  guint parts = IKE_SA_IN | IKE_SA_OUT;

  if (fresh->doomed)
    {
      deleted_already (task);
      return;
    }
  if (lost_collision (task))
    {
      ike_parent_log (parent, IKE_LOG_DEBUG, "child", "both ends rekeyed; the peer's Child SA stays");
      delete_child (fresh);
      if (look_after (task))
        ike_run_finish (task);
      return;
    }
  if (!ike_child_derive (task, fresh))
    {
      end (task, IKE_REASON_CRYPTO, 0, "KEYMAT");
      return;
    }
  ike_cover_choose_slot (fresh);
  if (!ike_child_claim_policies (fresh))
    parts |= IKE_SA_POLICIES;
  ike_child_set_state (fresh, IKE_CHILD_INSTALLING);
  ike_child_install (fresh, parts, &work);
}

static void
on_finished (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  task->waiting--;
  if (!input->ok || !input->secret || !fresh_of (task))
    {
      give_back (task, IKE_REASON_CRYPTO, "key exchange");
      return;
    }
  task->material.shared = g_steal_pointer (&input->secret);
  ike_followup_continue (task);
}

/* RFC 7296 section 2.21.3: a wrong answer; the peer has a Child SA now that we do not want. */
static void
unacceptable (IkeTask *task, const char *what)
{
  ike_parent_log (task->parent, IKE_LOG_NOTICE, "child", "the peer's answer cannot be used: %s", what);
  give_back (task, IKE_REASON_NO_CHILD, what);
}

void
ike_create_fail (IkeTask *task, const char *what)
{
  unacceptable (task, what);
}

void
ike_create_retry (IkeTask *task)
{
  again_later (task);
}

/* All key exchanges are done. */
void
ike_create_complete (IkeTask *task)
{
  if (fresh_of (task))
    install (task);
  else
    abandon (task);
}

/* NULL: it is as it can be. */
static const char *
read_mode (IkeChild *fresh, const IkePayloads *payloads)
{
  gboolean transport_mode;

  if (!ike_child_read_mode (payloads, fresh->transport_mode, &transport_mode))
    return IKE_CHILD_STRANGE_MODE;
  fresh->transport_mode = transport_mode != FALSE;
  return NULL;
}

void
ike_create_on_response (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeConfig *config = ike_parent_config (parent);
  const IkePayloads *payloads = &task->message->payloads;
  g_autoptr (GPtrArray) proposals = ike_child_proposals (config, task->material.mine != NULL);
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_ESP, .no_ke = !task->material.mine };
  g_auto (IkeChildMessage) message = { 0 };
  IkeChild *fresh = fresh_of (task);
  const char *strange;
  IkeSuite suite;
  IkeNotify notify;

  if (ike_notify_find_error (payloads, &notify))
    {
      refused (task, &notify);
      return;
    }
  if (!fresh)
    {
      abandon (task);
      return;
    }
  if (!ike_child_message_parse (payloads, &message) || !ike_proposal_check (&suite, proposals, &message.sa, &rule) ||
      !ike_child_peer_spi (&suite))
    {
      unacceptable (task, "proposal");
      return;
    }
  if (suite.ke && (!message.has_ke || message.group != suite.ke || suite.ke != task->material.group))
    {
      unacceptable (task, "key exchange");
      return;
    }
  ike_nat_ts_read (parent, payloads, message.initiator_ts, message.responder_ts);
  if (!ike_select_within (message.initiator_ts, fresh->local_ts) ||
      !ike_select_within (message.responder_ts, fresh->remote_ts) ||
      ike_auth_is_cut (config, message.initiator_ts, message.responder_ts, fresh->local_ts, fresh->remote_ts))
    {
      unacceptable (task, "selectors");
      return;
    }
  if (!ike_label_is_answered (fresh->label, message.initiator_labels, message.responder_labels))
    {
      unacceptable (task, "security label");
      return;
    }
  strange = read_mode (fresh, payloads);
  if (!strange)
    strange = ike_options_accept (fresh, payloads);
  if (strange)
    {
      unacceptable (task, strange);
      return;
    }
  task->material.nr = ike_chunk_dup (message.nonce);
  task->material.suite = suite;
  ike_child_set_suite (fresh, &suite);
  fresh->spi_out = ike_child_peer_spi (&suite);
  for (guint i = 0; i < G_N_ELEMENTS (task->deleted); i++)
    if (task->deleted[i] == fresh->spi_out)
      fresh->doomed = TRUE;
  fresh->encap = parent->encap;
  g_array_unref (fresh->local_ts);
  fresh->local_ts = g_steal_pointer (&message.initiator_ts);
  g_array_unref (fresh->remote_ts);
  fresh->remote_ts = g_steal_pointer (&message.responder_ts);
  if (!task->child && !ike_resource_fits (fresh))
    {
      unacceptable (task, "it differs from the one for all processors");
      return;
    }
  if (suite.ke)
    ike_ke_finish (task, g_steal_pointer (&task->material.key), suite.ke, message.public, on_finished);
  else
    install (task);
}
