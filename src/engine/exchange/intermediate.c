/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE_INTERMEDIATE, both ends: RFC 9242; the additional key exchanges of a new IKE SA in it: RFC 9370 section 2.2.3.
 *
 * Invariants: IKE_AUTH begins only after every key exchange that was agreed on; an answer is protected with the keys
 * that were valid when it was asked for, and the next message with the new ones; both directions of every such message
 * are part of what AUTH proves.
 */
#include "exchange/intermediate.h"

#include "exchange/ppk.h"

#include "wire/payload-ke.h"
#include "wire/payload-notify.h"

static void
end (IkeParent *parent, IkeReasonCode code, guint16 notify, const char *detail)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, code, notify, "%s", detail);
  ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
}

/* ---- what both ends do ---- */

gboolean
ike_intermediate_wanted (const IkeConfig *config)
{
  return (config->ppk != IKE_PPK_NO && !config->ppk_in_auth) || ike_proposals_have_addke (config->proposals);
}

IkeParentState
ike_intermediate_next_state (const IkeParent *parent)
{
  const IkeNego *nego = parent->nego;
  gboolean ppk = nego->ppk == IKE_PPK_USE_INTERMEDIATE && !nego->ppk_done;

  return ppk || ike_ke_additional (&nego->material) ? IKE_PARENT_INTERMEDIATE : IKE_PARENT_AUTH;
}

gboolean
ike_intermediate_add (IkeParent *parent, const IkeHeader *header, guint8 first, IkeChunk inner)
{
  gboolean response = (header->flags & IKE_FLAG_RESPONSE) != 0;

  return parent->nego && ike_int_auth_add (&parent->nego->int_auth, parent->core->crypto, &parent->keys, !response,
                                           header, first, inner);
}

static gboolean
add_received (const IkeTask *task)
{
  const IkeIncoming *message = task->message;

  return ike_intermediate_add (task->parent, &message->header, message->first, ike_secret_chunk (message->inner));
}

static void
write_ke (IkeBuilder *builder, const IkeMaterial *material)
{
  IkeKe ke = { .group = material->group, .data = ike_chunk_bytes (material->mine) };

  ike_ke_write (ike_builder_begin (builder, IKE_PAYLOAD_KE), &ke);
  ike_builder_end (builder);
}

/* SKEYSEED(n) = prf (SK_d(n-1), SK(n) | Ni | Nr), and all seven keys from it: RFC 9370 section 2.2.3. */
static gboolean
derive (IkeParent *parent, const IkeSecret *shared, IkeKeys *ret)
{
  const IkeMaterial *material = &parent->nego->material;
  IkeKeyInput input = { .spi_i = parent->spi_i, .spi_r = parent->spi_r };

  input.ni = g_bytes_get_data (material->ni, &input.ni_len);
  input.nr = g_bytes_get_data (material->nr, &input.nr_len);
  return ike_keys_rekey (ret, parent->core->crypto, &parent->keys, &material->suite, shared, &input);
}

static void
use_keys (IkeParent *parent, const IkeKeys *take_keys)
{
  ike_keys_clear (&parent->keys);
  parent->keys = *take_keys;
}

/* Is this the key exchange that is next? */
static gboolean
read_ke (const IkeTask *task, guint16 group, IkeKe *ret)
{
  const IkePayload *payload = ike_payloads_find (&task->message->payloads, IKE_PAYLOAD_KE);

  return group && payload && ike_ke_parse (payload->body, ret) && ret->group == group;
}

/* ---- ours ---- */

static void
on_generated (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  IkeMaterial *material = &task->material;
  g_auto (IkeBuilder) builder = { 0 };

  task->waiting--;
  if (!input->ok || !input->key || !input->bytes)
    {
      end (parent, IKE_REASON_CRYPTO, 0, IKE_NAME (KE, material->group));
      return;
    }
  material->key = g_steal_pointer (&input->key);
  material->mine = g_steal_pointer (&input->bytes);
  ike_builder_init_inner (&builder);
  write_ke (&builder, material);
  ike_run_send (task, &builder);
}

static void
on_ppk (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  g_auto (IkeBuilder) builder = { 0 };
  g_auto (IkeReason) reason = { 0 };

  task->waiting--;
  ike_builder_init_inner (&builder);
  if (!ike_ppk_take (parent, input))
    {
      ike_ppk_why_missing (input, &reason);
      ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
    }
  else if (!ike_ppk_write_key (&builder, parent))
    end (parent, IKE_REASON_CRYPTO, 0, "PPK");
  else
    ike_run_send (task, &builder);
}

/* RFC 9867 section 3.1: after all key exchanges. */
void
ike_intermediate_start (IkeTask *task)
{
  task->material.group = ike_ke_additional (&task->parent->nego->material);
  if (task->material.group)
    {
      ike_ke_generate (task, task->material.group, on_generated);
      return;
    }
  task->waiting++;
  ike_ppk_ask (task, NULL, on_ppk);
}

/* On to the next one, or to IKE_AUTH. */
static void
advance (IkeTask *task)
{
  IkeParent *parent = task->parent;

  ike_parent_set_state (parent, ike_intermediate_next_state (parent));
  ike_run_queue (parent, parent->state == IKE_PARENT_AUTH ? &ike_row_auth : &ike_row_intermediate);
  ike_run_finish (task);
}

static void
on_finished (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  IkeKeys keys = { 0 };

  task->waiting--;
  if (!input->ok || !input->secret)
    end (parent, IKE_REASON_BAD_MESSAGE, 0, "the peer's additional key exchange value is not valid");
  else if (!derive (parent, input->secret, &keys))
    end (parent, IKE_REASON_CRYPTO, 0, "SKEYSEED");
  else
    {
      use_keys (parent, &keys);
      parent->nego->material.addke_done++;
      advance (task);
    }
}

/* Does the peer know the key that we named? */
static void
got_ppk (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNotify notify;
  IkeKeys keys = { 0 };

  parent->nego->ppk_done = TRUE;
  if (!add_received (task))
    {
      end (parent, IKE_REASON_CRYPTO, 0, "IntAuth");
      return;
    }
  if (!ike_notify_find (&task->message->payloads, IKE_NOTIFY_PPK_IDENTITY, &notify))
    {
      g_clear_pointer (&parent->nego->ppk_secret, ike_secret_free);
      if (ike_ppk_insists (ike_parent_config (parent)))
        end (parent, IKE_REASON_PPK, 0, "the gateway does not know ours");
      else
        advance (task);
      return;
    }
  if (!ike_ppk_derive (parent, &keys))
    {
      end (parent, IKE_REASON_CRYPTO, 0, "SKEYSEED");
      return;
    }
  use_keys (parent, &keys);
  advance (task);
}

void
ike_intermediate_on_response (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNotify notify;
  IkeKe ke;

  if (!task->material.group && ike_notify_find (&task->message->payloads, IKE_NOTIFY_AUTHENTICATION_FAILED, &notify))
    end (parent, IKE_REASON_PPK, notify.type, "the gateway insists on one, and does not know ours");
  else if (ike_notify_find_error (&task->message->payloads, &notify))
    end (parent, notify.type == IKE_NOTIFY_INVALID_SYNTAX ? IKE_REASON_PEER_SYNTAX : IKE_REASON_PEER_ERROR, notify.type,
         IKE_NAME (NOTIFY, notify.type));
  else if (!task->material.group)
    got_ppk (task);
  else if (!read_ke (task, task->material.group, &ke))
    end (parent, IKE_REASON_BAD_MESSAGE, 0, "IKE_INTERMEDIATE answer");
  else if (!add_received (task))
    end (parent, IKE_REASON_CRYPTO, 0, "IntAuth");
  else
    ike_ke_finish (task, g_steal_pointer (&task->material.key), ke.group, ke.data, on_finished);
}

void
ike_intermediate_on_give_up (IkeTask *task, IkeReason *reason)
{
  ike_life_end (task->parent, IKE_FAREWELL_NONE, reason);
}

/* ---- the peer's ---- */

static void
refuse (IkeTask *task, IkeNotifyType type)
{
  IkeParent *parent = task->parent;

  ike_parent_log_seldom (parent, "exchange", "IKE_INTERMEDIATE refused: %s", IKE_NAME (NOTIFY, type));
  ike_run_answer_notify (task, type, ike_chunk (NULL, 0));
  ike_life_retire (parent);
}

static void
on_responded (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  g_auto (IkeBuilder) builder = { 0 };
  IkeKeys keys = { 0 };

  task->waiting--;
  if (!input->ok || !input->bytes || !input->secret)
    {
      refuse (task, IKE_NOTIFY_INVALID_SYNTAX);
      return;
    }
  if (!derive (parent, input->secret, &keys))
    {
      refuse (task, IKE_NOTIFY_TEMPORARY_FAILURE);
      return;
    }
  task->material.mine = g_steal_pointer (&input->bytes);
  ike_builder_init_inner (&builder);
  write_ke (&builder, &task->material);
  ike_run_answer (task, &builder);
  use_keys (parent, &keys);
  parent->nego->material.addke_done++;
  ike_parent_set_state (parent, ike_intermediate_next_state (parent));
}

/* RFC 9867 section 3.1: the first key of the peer's that we know too, as its confirmation shows; without one we go on
 * without, or not at all. */
static void
on_ppk_found (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  g_auto (IkeBuilder) builder = { 0 };
  guint8 confirmation[IKE_PPK_CONFIRMATION_LEN];
  IkeKeys keys = { 0 };
  IkeNotify notify;
  gboolean known =
      ike_ppk_find_key (parent, &task->message->payloads, &notify) && ike_ppk_take (parent, input) &&
      ike_ppk_confirmation (parent, confirmation) &&
      ike_memequal (confirmation, notify.data.data + notify.data.len - sizeof confirmation, sizeof confirmation) &&
      ike_ppk_derive (parent, &keys);

  task->waiting--;
  if (!known && ike_ppk_insists (ike_parent_config (parent)))
    {
      refuse (task, IKE_NOTIFY_AUTHENTICATION_FAILED);
      return;
    }
  ike_builder_init_inner (&builder);
  if (known)
    ike_builder_notify (&builder, IKE_NOTIFY_PPK_IDENTITY,
                        ike_chunk (notify.data.data, notify.data.len - sizeof confirmation));
  ike_run_answer (task, &builder);
  if (known)
    use_keys (parent, &keys);
  g_clear_pointer (&parent->nego->ppk_secret, ike_secret_free);
  parent->nego->ppk_done = TRUE;
  ike_parent_set_state (parent, ike_intermediate_next_state (parent));
}

static void
find_ppk (IkeTask *task)
{
  IkeNotify notify;
  g_autoptr (GBytes) id = NULL;

  if (!add_received (task))
    {
      refuse (task, IKE_NOTIFY_INVALID_SYNTAX);
      return;
    }
  task->waiting++;
  if (ike_ppk_find_key (task->parent, &task->message->payloads, &notify))
    id = g_bytes_new (notify.data.data, notify.data.len - IKE_PPK_CONFIRMATION_LEN);
  if (id)
    ike_ppk_ask (task, id, on_ppk_found);
  else
    on_ppk_found (task->parent, task, 0, &(IkeInput){ 0 });
}

void
ike_intermediate_on_request (IkeTask *task)
{
  guint16 group = ike_ke_additional (&task->parent->nego->material);
  IkeKe ke;

  if (!group)
    {
      find_ppk (task);
      return;
    }
  if (!read_ke (task, group, &ke) || !add_received (task))
    {
      refuse (task, IKE_NOTIFY_INVALID_SYNTAX);
      return;
    }
  task->material.group = group;
  ike_ke_respond (task, group, ke.data, on_responded);
}
