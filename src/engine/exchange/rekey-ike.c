/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CREATE_CHILD_SA for the IKE SA itself, ours and the peer's: RFC 7296 sections 1.3.2, 2.8, 2.18, 2.25.2.
 *
 * Invariants: the Child SAs belong to one IKE SA at any time, and move once; of two new ones made at once that with the
 * lowest nonce is deleted by whom it was begun, and the other has the Child SAs.
 */
#include "exchange/addresses.h"
#include "exchange/followup.h"
#include "exchange/handlers.h"
#include "exchange/mismatch.h"
#include "exchange/qcd.h"

#include "sa/client.h"
#include "wire/payload-ke.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"
#include "wire/payload-sa.h"

#define MAX_REPLACED 16 /* that a peer has rekeyed and not deleted */

gboolean
ike_rekey_matches (const IkePayloads *request)
{
  return !ike_payloads_find (request, IKE_PAYLOAD_TSI) && !ike_payloads_find (request, IKE_PAYLOAD_TSR) &&
         ike_payloads_find (request, IKE_PAYLOAD_SA);
}

/* ---- what both ends do ---- */

static void
write_material (IkeBuilder *builder, const IkeTask *task, const IkeSuite *chosen)
{
  const IkeMaterial *material = &task->material;
  guint64 spi = GUINT64_TO_BE (material->spi);
  IkeChunk spi_chunk = ike_chunk (&spi, sizeof spi);
  IkeKe ke = { .group = material->group, .data = ike_chunk_bytes (material->mine) };
  IkeWriter *writer = ike_builder_begin (builder, IKE_PAYLOAD_SA);

  if (chosen)
    {
      IkeProposal *answer = ike_proposal_from_suite (chosen);

      ike_sa_write_chosen (writer, chosen->number, IKE_PROTOCOL_IKE, spi_chunk,
                           (const IkeTransform *) (gpointer) answer->transforms->data, answer->transforms->len);
      ike_proposal_free (answer);
    }
  else
    ike_sa_write (writer, ike_parent_config (task->parent)->proposals, spi_chunk);
  ike_builder_end (builder);
  ike_builder_add (builder, IKE_PAYLOAD_NONCE, ike_chunk_bytes (task->ours ? material->ni : material->nr));
  ike_ke_write (ike_builder_begin (builder, IKE_PAYLOAD_KE), &ke);
  ike_builder_end (builder);
}

static guint64
peer_spi (const IkeSuite *suite)
{
  IkeReader reader = ike_reader (ike_chunk (suite->spi, suite->spi_len));

  return suite->spi_len == 8 ? ike_read_u64 (&reader) : 0;
}

/* The new IKE SA, with all that the old one knows. NULL: the provider cannot. */
static IkeParent *
make_successor (IkeTask *task)
{
  IkeParent *old = task->parent, *fresh;
  IkeMaterial *material = &task->material;
  guint64 theirs = peer_spi (&material->suite);
  IkeKeyInput input = {
    .spi_i = task->ours ? material->spi : theirs,
    .spi_r = task->ours ? theirs : material->spi,
    .more = material->more,
  };
  IkeKeys keys = { 0 };

  input.ni = g_bytes_get_data (material->ni, &input.ni_len);
  input.nr = g_bytes_get_data (material->nr, &input.nr_len);
  if (!ike_keys_rekey (&keys, old->core->crypto, &old->keys, &material->suite, material->shared, &input))
    return NULL;
  fresh = ike_parent_new (old->core, old->connection, task->ours);
  fresh->rekeyed = TRUE;
  fresh->keys = keys;
  fresh->spi_i = input.spi_i;
  fresh->spi_r = input.spi_r;
  fresh->path = old->path;
  fresh->nat_here = old->nat_here;
  fresh->nat_there = old->nat_there;
  fresh->encap = old->encap;
  fresh->mobike = old->mobike;
  ike_addresses_inherit (fresh, old);
  fresh->window.rtt = old->window.rtt;
  fresh->id_sync = old->id_sync;
  fresh->redirectable = old->redirectable;
  fresh->without_ke = old->without_ke;
  fresh->childless = old->childless;
  fresh->group = material->suite.ke;
  fresh->barred = old->barred;
  fresh->fragmentation = old->fragmentation;
  fresh->peer_id = ike_identity_copy (old->peer_id);
  fresh->authenticated = old->authenticated;
  if (old->client)
    ike_client_add (old->client, fresh);
  fresh->low_nonce = ike_material_low_nonce (material);
  ike_parent_index (fresh);
  ike_parent_set_state (fresh, IKE_PARENT_ESTABLISHED);
  ike_life_established (fresh);
  /* of what is to go, and was being rekeyed, nothing stays for longer */
  if (old->state == IKE_PARENT_ESTABLISHED && (old->superseded || old->lone))
    {
      fresh->superseded = old->superseded;
      fresh->lone = old->lone;
      if (ike_timers_is_set (old->timers, IKE_PARENT_TIMER_EXPIRE))
        ike_parent_set_timer (fresh, IKE_PARENT_TIMER_EXPIRE, old->timers[IKE_PARENT_TIMER_EXPIRE]);
    }
  /* who has to authenticate again has to do so in time */
  if (ike_timers_is_set (old->timers, IKE_PARENT_TIMER_REAUTH))
    ike_parent_set_timer (fresh, IKE_PARENT_TIMER_REAUTH, old->timers[IKE_PARENT_TIMER_REAUTH]);
  ike_parent_log (fresh, IKE_LOG_INFO, "rekey", "IKE SA #%u replaces #%u", fresh->serial, old->serial);
  return fresh;
}

/* A new one that has lost. */
static void
delete_parent (IkeParent *parent)
{
  parent->superseded = TRUE;
  ike_run_queue (parent, &ike_row_delete_ike);
  ike_run_next (parent);
}

/* ---- ours ---- */

/* Nothing came of it; if the peer's own rekey was waiting for the outcome, that one counts. */
static void
abandon (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeParent *theirs = ike_parent_take_successor (parent);
  guint32 id = task->id;

  if (theirs)
    ike_life_replace (parent, theirs);
  /* theirs may have failed at its first message, and all with it */
  if (ike_task_find (parent, id))
    ike_run_finish (task);
}

static void
set_again (IkeParent *parent)
{
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_REKEY,
                        ike_life_again (parent->core, ike_timers_is_set (parent->timers, IKE_PARENT_TIMER_EXPIRE)
                                                          ? parent->timers[IKE_PARENT_TIMER_EXPIRE]
                                                          : IKE_TIME_NEVER));
}

/* @why: that is how it ends when it is so for too long; NULL: the trouble is ours, and may pass. */
static void
again_later (IkeTask *task, guint16 notify, const char *why)
{
  IkeParent *parent = task->parent;

  if (why && !parent->temporary)
    parent->temporary = parent->core->now;
  if (why && parent->core->now - parent->temporary > IKE_LIFE_PUT_OFF)
    {
      g_auto (IkeReason) reason = { 0 };

      ike_reason_set (&reason, IKE_REASON_REKEY_FAILED, notify, "%s", why);
      ike_life_end (parent, IKE_FAREWELL_DELETE, &reason);
      return;
    }
  if (!parent->successor && parent->state == IKE_PARENT_ESTABLISHED)
    set_again (parent);
  abandon (task);
}

static void
on_generated (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  g_auto (IkeBuilder) builder = { 0 };

  task->waiting--;
  if (!input->ok || !input->key || !input->bytes || parent->state != IKE_PARENT_ESTABLISHED)
    {
      again_later (task, 0, NULL);
      return;
    }
  task->material.key = g_steal_pointer (&input->key);
  task->material.mine = g_steal_pointer (&input->bytes);
  ike_builder_init_inner (&builder);
  write_material (&builder, task, NULL);
  ike_run_send (task, &builder);
}

void
ike_rekey_start (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeMaterial *material = &task->material;

  if (parent->state != IKE_PARENT_ESTABLISHED)
    {
      ike_run_finish (task);
      return;
    }
  material->ni = ike_material_nonce (parent->core->crypto);
  material->group = ike_proposals_first_ke (ike_parent_config (parent)->proposals, parent->group);
  if (!material->ni || !ike_core_reserve_spi (parent->core, &material->spi))
    {
      again_later (task, 0, NULL);
      return;
    }
  ike_ke_generate (task, material->group, on_generated);
}

gboolean
ike_rekey_outlives (IkeParent *parent)
{
  IkeParent *theirs = ike_parent_take_successor (parent);

  if (!theirs)
    return FALSE;
  ike_life_replace (parent, theirs);
  ike_life_retire (parent);
  return TRUE;
}

void
ike_rekey_on_give_up (IkeTask *task, IkeReason *reason)
{
  if (!ike_rekey_outlives (task->parent))
    ike_life_end (task->parent, IKE_FAREWELL_NONE, reason);
}

/* After our rekey, come what may: the peer had deleted the old one meanwhile. */
static void
end_if_deleted (IkeParent *parent)
{
  g_auto (IkeReason) reason = { 0 };

  if (!parent->ending || parent->state == IKE_PARENT_CLOSED)
    return;
  ike_reason_set (&reason, IKE_REASON_PEER_DELETED, 0, NULL);
  ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
}

void
ike_rekey_refused (IkeTask *task, const IkeNotify *notify)
{
  IkeParent *parent = task->parent;
  gboolean later = notify->type == IKE_NOTIFY_TEMPORARY_FAILURE || notify->type == IKE_NOTIFY_STATE_NOT_FOUND;
  g_autofree char *what = ike_notify_to_string (notify);
  guint16 group = 0;

  if (notify->type == IKE_NOTIFY_INVALID_KE_PAYLOAD && task->row == &ike_row_rekey_ike)
    group = ike_ke_other_group (&task->material, ike_parent_config (parent)->proposals, notify->data);
  ike_parent_log (parent, later || group ? IKE_LOG_DEBUG : IKE_LOG_NOTICE, "rekey",
                  "the peer refused to rekey the IKE SA: %s", what);
  if (notify->type == IKE_NOTIFY_NO_ADDITIONAL_SAS && parent->connection->state == IKE_CONNECTION_UP)
    {
      g_auto (IkeReason) reason = { 0 };

      /* RFC 7296 section 1.3: a peer that cannot do it; both begin anew */
      ike_reason_set (&reason, IKE_REASON_REKEY_FAILED, notify->type, "NO_ADDITIONAL_SAS");
      ike_life_renew (parent, IKE_FAREWELL_DELETE, &reason);
      return;
    }
  if (group)
    {
      ike_ke_again (task, group, on_generated);
      return;
    }
  if (later)
    again_later (task, notify->type, "the peer puts us off for too long");
  else
    {
      ike_life_ike_rekey_refused (parent, notify->type);
      abandon (task);
    }
  end_if_deleted (parent);
}

/* The peer works with Child SAs on the IKE SA that its rekey made: it knows already that this one stays, while our own
 * rekey is still unanswered (RFC 7296 section 2.8.2). */
gboolean
ike_rekey_adopt (IkeParent *parent)
{
  const GPtrArray *parents = parent->connection->parents;

  for (guint i = 0; parent->contested && i < parents->len; i++)
    {
      IkeParent *old = parents->pdata[i], *theirs = NULL;

      /* may end both */
      if (old->successor == parent)
        ike_delete_hurry (old);
      if (old->successor == parent && old->state != IKE_PARENT_CLOSED)
        theirs = ike_parent_take_successor (old);
      /* one that is being deleted replaces nothing any more */
      if (theirs)
        ike_life_replace (old, theirs);
    }
  return parent->state != IKE_PARENT_CLOSED;
}

/* Libreswan 4 and 5 have moved their Child SAs to the one that has lost, and delete them with it: who does not know one of
 * them any more says so when it is rekeyed. */
static void
doubt_children (IkeParent *parent)
{
  const IkeTime at = parent->core->now + MAX (IKE_SECOND, 2 * parent->window.rtt);

  for (IkeChild *child = parent->children; child; child = child->next)
    if (child->state == IKE_CHILD_READY)
      ike_timers_set (child->timers, IKE_CHILD_TIMER_REKEY, MIN (child->timers[IKE_CHILD_TIMER_REKEY], at));
  ike_parent_rearm (parent);
}

/* RFC 7296 section 2.8.1: of two the one with the lowest nonce is deleted by whoever began it. */
static void
settle (IkeTask *task, IkeParent *fresh, IkeParent *theirs)
{
  IkeParent *parent = task->parent;
  g_autoptr (GBytes) rival = ike_followup_rival (parent);

  if (parent->state != IKE_PARENT_ESTABLISHED)
    {
      /* adopted meanwhile */
      delete_parent (fresh);
      return;
    }
  if (theirs && ike_nonce_compare (fresh->low_nonce, theirs->low_nonce) < 0)
    {
      ike_life_replace (parent, theirs);
      delete_parent (fresh);
      doubt_children (theirs);
      return;
    }
  /* the peer's is not finished: the nonces are known all the same, and it goes on with what will stay */
  if (!theirs && rival && ike_nonce_compare (fresh->low_nonce, rival) < 0)
    {
      ike_parent_log (parent, IKE_LOG_DEBUG, "rekey", "both ends rekeyed; the peer's will stay");
      set_again (parent);
      delete_parent (fresh);
      return;
    }
  ike_life_replace (parent, fresh);
  if (theirs)
    {
      /* the peer deletes it, or has forgotten it */
      ike_parent_log (theirs, IKE_LOG_DEBUG, "rekey", "both ends rekeyed; ours stays");
      ike_life_replace (theirs, fresh);
    }
  ike_run_queue (parent, &ike_row_delete_ike);
}

void
ike_rekey_fail (IkeTask *task)
{
  IkeParent *parent = task->parent;

  again_later (task, 0, "the key exchange fails");
  end_if_deleted (parent);
}

/* All key exchanges are done. */
void
ike_rekey_complete (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeParent *fresh, *theirs;
  guint32 id = task->id;

  ike_delete_hurry (parent);
  if (parent->state == IKE_PARENT_CLOSED)
    return;
  fresh = make_successor (task);
  if (!fresh)
    {
      ike_rekey_fail (task);
      return;
    }
  /* RFC 6290 section 4.3 */
  ike_qcd_note (fresh, &task->message->payloads);
  theirs = ike_parent_take_successor (parent);
  parent->temporary = 0;
  settle (task, fresh, theirs);
  /* the new one may have failed at its first message, and all with it */
  if (!ike_task_find (parent, id))
    return;
  ike_run_finish (task);
  end_if_deleted (parent);
}

static void
on_finished (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  task->waiting--;
  if (!input->ok || !input->secret)
    {
      ike_rekey_fail (task);
      return;
    }
  task->material.shared = g_steal_pointer (&input->secret);
  ike_followup_continue (task);
}

void
ike_rekey_on_response (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeMaterial *material = &task->material;
  const IkePayloads *payloads = &task->message->payloads;
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_IKE };
  g_auto (IkeSa) sa = { 0 };
  IkeSuite suite;
  IkeChunk nonce;
  IkeKe ke;
  IkeNotify notify;

  if (ike_notify_find_error (payloads, &notify))
    {
      ike_rekey_refused (task, &notify);
      return;
    }
  if (!ike_sa_parse (ike_payloads_find (payloads, IKE_PAYLOAD_SA)->body, &sa) ||
      !ike_ke_parse (ike_payloads_find (payloads, IKE_PAYLOAD_KE)->body, &ke) ||
      !ike_nonce_parse (ike_payloads_find (payloads, IKE_PAYLOAD_NONCE)->body, &nonce) ||
      !ike_proposal_check (&suite, ike_parent_config (parent)->proposals, &sa, &rule) || !peer_spi (&suite) ||
      ke.group != suite.ke || ke.group != material->group)
    {
      ike_parent_log (parent, IKE_LOG_NOTICE, "rekey", "the peer's answer cannot be used");
      again_later (task, 0, "the peer's answer cannot be used");
      return;
    }
  material->nr = ike_chunk_dup (nonce);
  material->suite = suite;
  ike_ke_finish (task, g_steal_pointer (&material->key), ke.group, ke.data, on_finished);
}

/* ---- the peer's ---- */

/* RFC 7296 section 2.25.2: not while we close it, nor while we make, rekey or close a Child SA. */
static gboolean
busy (const IkeParent *parent)
{
  const IkeTask *current = ike_parent_current (parent);

  /* with nego the first Child SA is not in the kernel yet; superseded: another one has its place already */
  if (parent->state != IKE_PARENT_ESTABLISHED || parent->successor || parent->nego || parent->superseded ||
      ike_addresses_is_untested (parent))
    return TRUE;
  return current && current->started &&
         (current->purpose == &ike_row_create_child || current->purpose == &ike_row_rekey_child ||
          current->purpose == &ike_row_delete_child || current->purpose == &ike_row_delete_ike);
}

/* One that the peer has rekeyed stays until it is deleted, for a while. */
static gboolean
leaves_too_many (const IkeParent *parent)
{
  const GPtrArray *parents = parent->connection->parents;
  guint n = 0;

  /* a server has others as well: of a client each IKE SA has a reference */
  if (parent->client)
    return parent->client->refs > IKE_CLIENT_MAX_PARENTS;
  for (guint i = 0; i < parents->len; i++)
    n += ((IkeParent *) parents->pdata[i])->state == IKE_PARENT_REPLACED;
  return n >= MAX_REPLACED;
}

void
ike_rekey_respond_complete (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeTask *current = ike_parent_current (parent);
  gboolean crossing = current && current->started && current->purpose == &ike_row_rekey_ike;
  g_auto (IkeBuilder) builder = { 0 };
  IkeParent *fresh = busy (parent) ? NULL : make_successor (task);

  if (!fresh)
    {
      ike_run_answer_notify (task, IKE_NOTIFY_TEMPORARY_FAILURE, ike_chunk (NULL, 0));
      return;
    }
  ike_builder_init_inner (&builder);
  if (task->row == &ike_row_followup_ke)
    ike_followup_write (&builder, task);
  else
    write_material (&builder, task, &task->material.suite);
  ike_run_answer (task, &builder);
  if (crossing)
    {
      parent->successor = fresh;
      fresh->contested = TRUE;
    }
  else
    ike_life_replace (parent, fresh);
}

static void
on_responded (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  g_auto (IkeBuilder) builder = { 0 };

  task->waiting--;
  if (!input->ok || !input->bytes || !input->secret || parent->state != IKE_PARENT_ESTABLISHED)
    {
      ike_run_answer_notify (task, IKE_NOTIFY_TEMPORARY_FAILURE, ike_chunk (NULL, 0));
      return;
    }
  task->material.mine = g_steal_pointer (&input->bytes);
  task->material.shared = g_steal_pointer (&input->secret);
  if (!ike_ke_additional (&task->material))
    {
      ike_rekey_respond_complete (task);
      return;
    }
  ike_builder_init_inner (&builder);
  write_material (&builder, task, &task->material.suite);
  if (!ike_followup_suspend (task, &builder))
    ike_run_answer_notify (task, IKE_NOTIFY_TEMPORARY_FAILURE, ike_chunk (NULL, 0));
}

void
ike_rekey_on_request (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeMaterial *material = &task->material;
  const IkePayloads *payloads = &task->message->payloads;
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_IKE };
  g_auto (IkeSa) sa = { 0 };
  IkeChunk nonce;
  IkeKe ke;

  if (!ike_rekey_adopt (parent))
    return;
  if (busy (parent))
    {
      ike_run_answer_notify (task, IKE_NOTIFY_TEMPORARY_FAILURE, ike_chunk (NULL, 0));
      return;
    }
  if (parent->barred || leaves_too_many (parent))
    {
      ike_run_answer_notify (task, parent->barred ? IKE_NOTIFY_NO_ADDITIONAL_SAS : IKE_NOTIFY_TEMPORARY_FAILURE,
                             ike_chunk (NULL, 0));
      return;
    }
  if (!ike_sa_parse (ike_payloads_find (payloads, IKE_PAYLOAD_SA)->body, &sa) ||
      !ike_ke_parse (ike_payloads_find (payloads, IKE_PAYLOAD_KE)->body, &ke) ||
      !ike_nonce_parse (ike_payloads_find (payloads, IKE_PAYLOAD_NONCE)->body, &nonce))
    {
      ike_run_answer_syntax (task, "SA, nonce or key exchange");
      return;
    }
  rule.ke_sent = ke.group;
  if (!ike_proposal_choose (&material->suite, ike_parent_config (parent)->proposals, &sa, &rule) ||
      !peer_spi (&material->suite))
    {
      ike_mismatch_proposals (parent, &sa, ike_parent_config (parent)->proposals, IKE_PROTOCOL_IKE);
      ike_run_answer_notify (task, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, ike_chunk (NULL, 0));
      return;
    }
  if (material->suite.ke != ke.group)
    {
      guint16 group = GUINT16_TO_BE (material->suite.ke);

      ike_run_answer_notify (task, IKE_NOTIFY_INVALID_KE_PAYLOAD, ike_chunk (&group, sizeof group));
      return;
    }
  material->ni = ike_chunk_dup (nonce);
  material->nr = ike_material_nonce (parent->core->crypto);
  if (!material->nr || !ike_core_reserve_spi (parent->core, &material->spi))
    {
      ike_run_answer_notify (task, IKE_NOTIFY_TEMPORARY_FAILURE, ike_chunk (NULL, 0));
      return;
    }
  material->group = ke.group;
  ike_ke_respond (task, ke.group, ke.data, on_responded);
}
