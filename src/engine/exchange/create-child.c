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
#include "exchange/create.h"

#include "exchange/options.h"
#include "exchange/peer.h"
#include "exchange/reauth.h"
#include "exchange/resource.h"

#include "sa/label.h"
#include "sa/select.h"
#include "wire/payload-notify.h"

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

IkeChild *
ike_create_fresh (const IkeTask *task)
{
  return ike_child_by_number (task->parent, task->fresh);
}

IkeChild *
ike_create_old (const IkeTask *task)
{
  return task->child ? ike_child_by_number (task->parent, task->child) : NULL;
}

gboolean
ike_create_old_stays (const IkeTask *task)
{
  const IkeChild *old = ike_create_old (task);

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
  IkeChild *fresh = ike_create_fresh (task), *old = ike_create_old (task);

  if (old)
    old->rekeying = FALSE;
  ike_life_restore (parent, task->child, task->fresh);
  if (fresh && task->child)
    ike_life_child_gone (fresh, !old || old->state != IKE_CHILD_DELETING);
  return parent->state != IKE_PARENT_CLOSED;
}

void
ike_create_abandon (IkeTask *task)
{
  if (!look_after (task))
    return;
  if (ike_create_fresh (task))
    ike_child_drop (ike_create_fresh (task));
  ike_life_up_by_another (task->parent);
  ike_run_finish (task);
}

gboolean
ike_create_do_without (IkeTask *task, const char *why, gboolean made)
{
  IkeChild *fresh = ike_create_fresh (task);
  IkeChild *child = fresh ? fresh : ike_create_old (task);

  if (!child || !child->cpu)
    return FALSE;
  ike_resource_enough (child, why);
  if (!made || !fresh)
    {
      ike_create_abandon (task);
      return TRUE;
    }
  /* before another one for all is made: the peer may have taken this for it, when it had none any more */
  ike_run_queue_next (task->parent, &ike_row_delete_child)->child = fresh->number;
  if (look_after (task))
    ike_run_finish (task);
  return TRUE;
}

void
ike_create_end (IkeTask *task, IkeReasonCode code, guint16 notify, const char *detail)
{
  const IkeChild *fresh = ike_create_fresh (task);
  g_auto (IkeReason) reason = { 0 };

  if (ike_create_do_without (task, detail, fresh && fresh->spi_out))
    return;
  ike_reason_set (&reason, code, notify, "%s", detail);
  ike_life_end (task->parent, IKE_FAREWELL_DELETE, &reason);
}

static void
queue_again (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeTime lifetime = ike_parent_config (parent)->child.lifetime;
  const IkeChild *old = ike_create_old (task);
  IkeTask *again = ike_run_queue (parent, task->purpose);

  again->child = task->child;
  again->put_off = task->put_off;
  again->alone = task->alone;
  again->not_before = ike_life_again (parent->core, old && lifetime ? old->established + lifetime : IKE_TIME_NEVER);
  if (!task->child)
    again->fresh = task->fresh;
}

void
ike_create_put_off (IkeTask *task, IkeReasonCode code, guint16 notify, const char *detail)
{
  IkeTime now = task->parent->core->now;

  if (task->child && !ike_create_old_stays (task))
    {
      ike_create_abandon (task);
      return;
    }
  if (!task->put_off)
    task->put_off = now;
  if (now - task->put_off > IKE_LIFE_PUT_OFF)
    {
      ike_create_end (task, code, notify, detail);
      return;
    }
  queue_again (task);
  if (task->child && ike_create_fresh (task))
    ike_child_drop (ike_create_fresh (task));
  ike_run_finish (task);
}

/* The peer has it, but we cannot use it. A rekey is tried again until the old one is at its end. */
static void
give_back (IkeTask *task, IkeReasonCode code, const char *detail)
{
  if (!task->child && ike_create_do_without (task, detail, TRUE))
    return;
  if (ike_create_fresh (task))
    delete_child (ike_create_fresh (task));
  if (!task->child)
    {
      ike_create_end (task, code, 0, detail);
      return;
    }
  if (ike_create_old_stays (task))
    queue_again (task);
  if (look_after (task))
    ike_run_finish (task);
}

/* ---- the request ---- */

static GPtrArray *
offered (const IkeTask *task)
{
  const IkeConfig *config = ike_parent_config (task->parent);

  return task->step == IKE_CREATE_WITHOUT_KE ? ike_child_proposals_plain (config)
                                             : ike_child_proposals (config, task->material.mine != NULL);
}

static void
send_request (IkeTask *task)
{
  IkeChild *fresh = ike_create_fresh (task);
  const IkeChild *old = ike_create_old (task);
  g_autoptr (GPtrArray) proposals = offered (task);
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
  const IkeChild *fresh = ike_create_fresh (task);

  if (task->waiting)
    return;
  /* meanwhile the peer may have deleted or rekeyed it */
  if (!fresh || (task->child && !ike_create_old_stays (task)))
    {
      ike_create_abandon (task);
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
      ike_create_end (task, IKE_REASON_CRYPTO, 0, "key exchange");
      return;
    }
  task->material.key = g_steal_pointer (&input->key);
  task->material.mine = g_steal_pointer (&input->bytes);
  advance (task);
}

void
ike_create_ask_again (IkeTask *task, guint16 group)
{
  task->step = group ? IKE_CREATE_USUAL : IKE_CREATE_WITHOUT_KE;
  ike_ke_again (task, group, on_generated);
  if (!group)
    advance (task);
}

static void
on_spi (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *fresh = ike_child_by_number (parent, number);

  task->waiting--;
  if (input->kernel_error || !fresh)
    {
      g_autofree char *text = ike_core_kernel_text (input);

      ike_create_put_off (task, IKE_REASON_KERNEL, 0, text);
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

/* Of an IKE SA that has begun without one (RFC 6023). */
static gboolean
is_first (const IkeChild *fresh)
{
  const IkeNego *nego = fresh->parent->nego;

  return nego && nego->childless && nego->child == fresh->number;
}

/* Meanwhile the other end may have made one for the same selectors. Which of two IKE SAs stays is decided when both have
 * their first. */
static gboolean
is_made (const IkeChild *fresh)
{
  const IkeChild *twin = fresh->cpu ? NULL : ike_cover_twin (fresh);

  if (twin && twin->parent != fresh->parent && is_first (fresh))
    return FALSE;
  /* a client's other IKE SA is about to go */
  return twin && (ike_connection_is_peer (fresh->parent->connection) ||
                  (ike_connection_covers (fresh->parent->connection) && twin->parent == fresh->parent));
}

void
ike_create_start (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeConfig *config = ike_parent_config (parent);
  IkeChild *old = ike_create_old (task), *fresh = ike_create_fresh (task);
  IkeWorkFor work = { .parent = parent, .task = task->id, .done = on_spi };

  /* what comes first may have made it needless */
  if (parent->state != IKE_PARENT_ESTABLISHED ||
      (task->child ? !ike_create_old_stays (task)
                   : !fresh || ike_life_is_served (fresh) || is_made (fresh) || !ike_resource_is_due (fresh)))
    {
      ike_create_abandon (task);
      return;
    }
  if (!fresh)
    {
      old->rekeying = TRUE;
      make_fresh (task, old);
      fresh = ike_create_fresh (task);
    }
  fresh->initiator = TRUE;
  task->material.ni = ike_material_nonce (parent->core->crypto);
  if (!task->material.ni)
    {
      ike_create_end (task, IKE_REASON_CRYPTO, 0, "random");
      return;
    }
  task->step = parent->without_ke ? IKE_CREATE_WITHOUT_KE : IKE_CREATE_USUAL;
  if (config->child.pfs && task->step == IKE_CREATE_USUAL)
    task->material.group = ike_proposals_first_ke (config->child_proposals, old && old->ke ? old->ke : parent->group);
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

/* The peer deleted the new one before we knew it: what its rekey was for has come to its end too. */
static void
deleted_already (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeChild *old = ike_create_old (task);

  ike_parent_log (parent, IKE_LOG_DEBUG, "child", "the peer has deleted the new Child SA already");
  if (ike_create_old_stays (task))
    {
      ike_child_set_state (old, IKE_CHILD_REPLACED);
      delete_child (old);
    }
  if (!task->child && ike_create_fresh (task))
    ike_life_child_gone (ike_create_fresh (task), TRUE);
  if (parent->state != IKE_PARENT_CLOSED)
    ike_create_abandon (task);
}

static void
on_installed (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *fresh = ike_child_by_number (parent, number), *old = ike_create_old (task);

  if (!fresh)
    {
      ike_create_abandon (task);
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
  ike_parent_log (parent, IKE_LOG_INFO, "child", "Child SA #%u%s is up", fresh->number,
                  task->child ? " (rekeyed)" : "");
  ike_life_child_up (fresh);
  if (parent->state == IKE_PARENT_CLOSED)
    return;
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
  const IkeChild *old = ike_create_old (task);

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
  const IkeChild *twin =
      ike_connection_is_peer (task->parent->connection) ? ike_cover_twin (ike_create_fresh (task)) : NULL;

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
    return comes_too_late (task, ike_create_fresh (task));
  low = ike_material_low_nonce (&task->material);
  return ike_nonce_compare (low, rival) < 0;
}

/* The first one may come beside what an older IKE SA has. */
static void
place (IkeChild *fresh)
{
  if (is_first (fresh) && ike_connection_covers (fresh->parent->connection))
    {
      ike_cover_inherit (fresh->parent);
      ike_cover_say_cut (fresh);
    }
  ike_cover_choose_slot (fresh);
  ike_reauth_choose_slot (fresh);
}

/* RFC 7296 section 2.8: the peer may send by what its answer has made, and Libreswan does, until our DELETE is there. */
static void
receive_meanwhile (IkeTask *task, IkeChild *fresh)
{
  if (!task->child || !ike_child_derive (task, fresh))
    return;
  /* nobody takes it for more: it has no policies, and sends nothing */
  ike_child_set_state (fresh, IKE_CHILD_DELETING);
  ike_child_install (fresh, IKE_SA_IN, NULL);
}

static void
install (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeChild *fresh = ike_create_fresh (task);
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
      receive_meanwhile (task, fresh);
      delete_child (fresh);
      if (look_after (task))
        ike_run_finish (task);
      return;
    }
  if (ike_cover_brings_nothing (fresh) && ike_create_leave_out (task, TRUE))
    return;
  if (!ike_child_derive (task, fresh))
    {
      ike_create_end (task, IKE_REASON_CRYPTO, 0, "KEYMAT");
      return;
    }
  /* of a peer's two it may be seen late that they have crossed */
  if (!task->child && ike_connection_is_peer (parent->connection) && !fresh->low_nonce)
    fresh->low_nonce = ike_material_low_nonce (&task->material);
  place (fresh);
  if (!ike_child_claim_policies (fresh))
    parts |= IKE_SA_POLICIES;
  ike_child_set_state (fresh, IKE_CHILD_INSTALLING);
  ike_child_install (fresh, parts, &work);
}

static void
on_finished (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  task->waiting--;
  if (!input->ok || !input->secret || !ike_create_fresh (task))
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
  if (!ike_create_leave_out (task, TRUE))
    give_back (task, IKE_REASON_NO_CHILD, what);
}

void
ike_create_fail (IkeTask *task, const char *what)
{
  unacceptable (task, what);
}

/* All key exchanges are done. */
void
ike_create_complete (IkeTask *task)
{
  if (ike_create_fresh (task))
    install (task);
  else
    ike_create_abandon (task);
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
  g_autoptr (GPtrArray) proposals = offered (task);
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_ESP, .no_ke = !task->material.mine };
  g_auto (IkeChildMessage) message = { 0 };
  IkeChild *fresh = ike_create_fresh (task);
  const char *strange;
  IkeSuite suite;
  IkeNotify notify;

  if (ike_notify_find_error (payloads, &notify))
    {
      ike_create_refused (task, &notify);
      return;
    }
  if (!fresh)
    {
      ike_create_abandon (task);
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
  if (!ike_child_keep_offered (parent, task->child != 0, &message.initiator_ts, &message.responder_ts, fresh->local_ts,
                               fresh->remote_ts) ||
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
  if (task->step == IKE_CREATE_WITHOUT_KE)
    parent->without_ke = TRUE;
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
