/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE_FOLLOWUP_KE, both ends: the additional key exchanges of a CREATE_CHILD_SA. RFC 9370 section 2.2.4.
 *
 * Invariants: what CREATE_CHILD_SA began stays one task of ours until the last key exchange is done; of the peer's we
 * keep at most MAX_SUSPENDED for SUSPENDED_TIME, found by an unpredictable link that is good for one request.
 */
#include "exchange/followup.h"

#include "exchange/addresses.h"
#include "exchange/child-common.h"
#include "wire/payload-ke.h"
#include "wire/payload-notify.h"

#define MAX_SUSPENDED 4
#define SUSPENDED_TIME (30 * IKE_SECOND)
#define LINK_LEN 8
#define MAX_LINK 256 /* the peer's: opaque, and longer than any that is needed */

static void
write_ke (IkeBuilder *builder, const IkeMaterial *material)
{
  IkeKe ke = { .group = material->group, .data = ike_chunk_bytes (material->mine) };

  ike_ke_write (ike_builder_begin (builder, IKE_PAYLOAD_KE), &ke);
  ike_builder_end (builder);
}

/* The next result, behind those before it. */
static void
add_shared (IkeMaterial *material, IkeSecret *take_shared)
{
  IkeSecret *more = ike_secret_new (ike_secret_len (material->more) + ike_secret_len (take_shared));
  IkeChunk old = ike_secret_chunk (material->more), new = ike_secret_chunk (take_shared);

  if (old.len)
    memcpy (ike_secret_data (more), old.data, old.len);
  memcpy (ike_secret_data (more) + old.len, new.data, new.len);
  ike_secret_free (material->more);
  ike_secret_free (take_shared);
  material->more = more;
  material->addke_done++;
}

static gboolean
read_link (const IkePayloads *payloads, GBytes **ret)
{
  IkeNotify notify;

  g_clear_pointer (ret, g_bytes_unref);
  if (!ike_notify_find (payloads, IKE_NOTIFY_ADDITIONAL_KEY_EXCHANGE, &notify) || notify.data.len < 1 ||
      notify.data.len > MAX_LINK)
    return FALSE;
  *ret = ike_chunk_dup (notify.data);
  return TRUE;
}

/* What waits for the end of all key exchanges, by the exchange that began it. */
static void
complete (IkeTask *task)
{
  if (task->purpose == &ike_row_rekey_ike)
    (task->ours ? ike_rekey_complete : ike_rekey_respond_complete) (task);
  else
    (task->ours ? ike_create_complete : ike_create_respond_complete) (task);
}

/* ---- ours ---- */

static void
fail (IkeTask *task, const char *what)
{
  ike_parent_log (task->parent, IKE_LOG_NOTICE, "exchange", "IKE_FOLLOWUP_KE: %s", what);
  if (task->purpose == &ike_row_rekey_ike)
    ike_rekey_fail (task);
  else
    ike_create_fail (task, what);
}

static void
on_generated (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  IkeMaterial *material = &task->material;
  g_auto (IkeBuilder) builder = { 0 };

  task->waiting--;
  if (parent->ending && task->purpose == &ike_row_rekey_ike)
    {
      fail (task, "the peer has deleted the IKE SA");
      return;
    }
  if (!input->ok || !input->key || !input->bytes)
    {
      fail (task, "the key exchange failed here");
      return;
    }
  material->key = g_steal_pointer (&input->key);
  g_clear_pointer (&material->mine, g_bytes_unref);
  material->mine = g_steal_pointer (&input->bytes);
  ike_builder_init_inner (&builder);
  write_ke (&builder, material);
  ike_builder_notify (&builder, IKE_NOTIFY_ADDITIONAL_KEY_EXCHANGE, ike_chunk_bytes (material->link));
  ike_run_continue (task, &ike_row_followup_ke, &builder);
}

void
ike_followup_continue (IkeTask *task)
{
  IkeMaterial *material = &task->material;

  material->group = ike_ke_additional (material);
  if (!material->group)
    complete (task);
  else if (!read_link (&task->message->payloads, &material->link))
    fail (task, "the peer's answer does not say how to go on");
  else
    ike_ke_generate (task, material->group, on_generated);
}

static void
on_finished (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  task->waiting--;
  if (!input->ok || !input->secret)
    {
      fail (task, "the peer's key exchange value is not valid");
      return;
    }
  add_shared (&task->material, g_steal_pointer (&input->secret));
  ike_followup_continue (task);
}

void
ike_followup_on_response (IkeTask *task)
{
  const IkePayloads *payloads = &task->message->payloads;
  const IkePayload *payload = ike_payloads_find (payloads, IKE_PAYLOAD_KE);
  IkeNotify notify;
  IkeKe ke;

  if (ike_notify_find_error (payloads, &notify))
    {
      if (task->purpose == &ike_row_rekey_ike)
        ike_rekey_refused (task, &notify);
      else
        ike_create_refused (task, &notify);
      return;
    }
  if (!payload || !ike_ke_parse (payload->body, &ke) || ke.group != task->material.group)
    fail (task, "the peer's answer cannot be used");
  else
    ike_ke_finish (task, g_steal_pointer (&task->material.key), ke.group, ke.data, on_finished);
}

void
ike_followup_on_give_up (IkeTask *task, IkeReason *reason)
{
  /* RFC 7296 section 2.4: who does not answer is gone */
  if (task->purpose == &ike_row_rekey_ike)
    ike_rekey_on_give_up (task, reason);
  else
    ike_create_on_give_up (task, reason);
}

/* ---- the peer's ---- */

static void
drop (IkeParent *parent, IkeTask *suspended)
{
  IkeChild *fresh = suspended->fresh ? ike_child_by_number (parent, suspended->fresh) : NULL;

  if (fresh)
    ike_child_drop (fresh);
  ike_task_free (suspended);
}

/* The Child SA @number was about to be made, as the rekey of @old, and will not be: whoever deleted that one meanwhile may
 * have counted on it. */
static void
give_up_child (IkeParent *parent, guint32 old, guint32 number)
{
  IkeChild *child = number ? ike_child_by_number (parent, number) : NULL;

  if (child && old)
    {
      ike_child_set_state (child, IKE_CHILD_DELETING);
      ike_life_child_gone (child, FALSE);
      child = ike_child_by_number (parent, number);
    }
  if (child)
    ike_child_drop (child);
}

void
ike_followup_drop_all (IkeParent *parent)
{
  while (parent->suspended && !g_queue_is_empty (parent->suspended))
    drop (parent, g_queue_pop_head (parent->suspended));
  g_clear_pointer (&parent->suspended, g_queue_free);
}

GBytes *
ike_followup_rival (const IkeParent *parent)
{
  const IkeTask *answering = parent->answering;

  for (GList *l = parent->suspended ? parent->suspended->head : NULL; l; l = l->next)
    {
      const IkeTask *kept = l->data;

      if (kept->purpose == &ike_row_rekey_ike)
        return ike_material_low_nonce (&kept->material);
    }
  if (answering && answering->row == &ike_row_followup_ke && answering->purpose == &ike_row_rekey_ike)
    return ike_material_low_nonce (&answering->material);
  return NULL;
}

void
ike_followup_on_timer (IkeParent *parent)
{
  IkeTask *oldest;

  while (parent->suspended && (oldest = g_queue_peek_head (parent->suspended)))
    {
      if (oldest->not_before > parent->core->now)
        {
          ike_parent_set_timer (parent, IKE_PARENT_TIMER_FOLLOWUP, oldest->not_before);
          return;
        }
      ike_parent_log (parent, IKE_LOG_NOTICE, "exchange", "the peer began a key exchange and did not go on");
      (void) g_queue_pop_head (parent->suspended);
      give_up_child (parent, oldest->child, oldest->fresh);
      ike_task_free (oldest);
    }
  g_clear_pointer (&parent->suspended, g_queue_free);
  /* what of ours has waited for it */
  ike_run_next (parent);
}

/* What the answer that is being written leaves open: kept under a new link, which the answer tells. */
static gboolean
suspend (IkeTask *task, IkeBuilder *builder)
{
  IkeParent *parent = task->parent;
  guint8 link[LINK_LEN];
  IkeTask *kept;

  if (!parent->core->crypto->random (parent->core->crypto, link, sizeof link))
    return FALSE;
  kept = ike_task_new (parent, task->purpose, FALSE);
  kept->material = task->material;
  kept->child = task->child;
  kept->fresh = task->fresh;
  task->material = (IkeMaterial){ 0 };
  task->fresh = 0;
  g_clear_pointer (&kept->material.mine, g_bytes_unref);
  g_clear_pointer (&kept->material.link, g_bytes_unref);
  kept->material.link = g_bytes_new (link, sizeof link);
  kept->not_before = parent->core->now + SUSPENDED_TIME;
  if (!parent->suspended)
    parent->suspended = g_queue_new ();
  if (parent->suspended->length >= MAX_SUSPENDED)
    drop (parent, g_queue_pop_head (parent->suspended));
  g_queue_push_tail (parent->suspended, kept);
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_FOLLOWUP,
                        ((IkeTask *) g_queue_peek_head (parent->suspended))->not_before);
  ike_builder_notify (builder, IKE_NOTIFY_ADDITIONAL_KEY_EXCHANGE, ike_chunk (link, sizeof link));
  return TRUE;
}

gboolean
ike_followup_suspend (IkeTask *task, IkeBuilder *builder)
{
  if (!suspend (task, builder))
    return FALSE;
  ike_run_answer (task, builder);
  return TRUE;
}

void
ike_followup_write (IkeBuilder *builder, const IkeTask *task)
{
  write_ke (builder, &task->material);
}

static IkeTask *
find (IkeParent *parent, IkeChunk link)
{
  for (GList *l = parent->suspended ? parent->suspended->head : NULL; l; l = l->next)
    {
      IkeTask *kept = l->data;

      if (ike_chunk_equal (ike_chunk_bytes (kept->material.link), link))
        {
          g_queue_delete_link (parent->suspended, l);
          return kept;
        }
    }
  return NULL;
}

static void
refuse (IkeTask *task, IkeNotifyType type)
{
  IkeParent *parent = task->parent;
  guint32 old = task->child, fresh = task->fresh;

  ike_run_answer_notify (task, type, ike_chunk (NULL, 0));
  give_up_child (parent, old, fresh);
}

static void
on_responded (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  g_auto (IkeBuilder) builder = { 0 };

  task->waiting--;
  if (!input->ok || !input->bytes || !input->secret)
    {
      refuse (task, IKE_NOTIFY_TEMPORARY_FAILURE);
      return;
    }
  task->material.mine = g_steal_pointer (&input->bytes);
  add_shared (&task->material, g_steal_pointer (&input->secret));
  if (!ike_ke_additional (&task->material))
    {
      complete (task);
      return;
    }
  ike_builder_init_inner (&builder);
  write_ke (&builder, &task->material);
  if (!ike_followup_suspend (task, &builder))
    refuse (task, IKE_NOTIFY_TEMPORARY_FAILURE);
}

void
ike_followup_on_request (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkePayloads *payloads = &task->message->payloads;
  const IkePayload *payload = ike_payloads_find (payloads, IKE_PAYLOAD_KE);
  IkeNotify notify;
  IkeTask *kept = NULL;
  IkeKe ke;

  if (ike_notify_find (payloads, IKE_NOTIFY_ADDITIONAL_KEY_EXCHANGE, &notify))
    kept = find (parent, notify.data);
  if (!kept)
    {
      refuse (task, IKE_NOTIFY_STATE_NOT_FOUND);
      return;
    }
  task->purpose = kept->purpose;
  task->material = kept->material;
  task->child = kept->child;
  task->fresh = kept->fresh;
  kept->material = (IkeMaterial){ 0 };
  ike_task_free (kept);
  task->material.group = ike_ke_additional (&task->material);
  if (!payload || !ike_ke_parse (payload->body, &ke) || ke.group != task->material.group)
    ike_run_answer_syntax (task, "key exchange");
  else if (parent->state != IKE_PARENT_ESTABLISHED ||
           (task->purpose != &ike_row_rekey_ike && ike_addresses_is_untested (parent)))
    refuse (task, IKE_NOTIFY_TEMPORARY_FAILURE);
  else
    ike_ke_respond (task, ke.group, ke.data, on_responded);
}
