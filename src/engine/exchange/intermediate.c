/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE_INTERMEDIATE, both ends: RFC 9242; the additional key exchanges of a new IKE SA in it: RFC 9370 section 2.2.3.
 *
 * Invariants: IKE_AUTH begins only after every key exchange that was agreed on; an answer is protected with the keys
 * that were valid when it was asked for, and the next message with the new ones; both directions of every such message
 * are part of what AUTH proves.
 */
#include "exchange/intermediate.h"

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
  return ike_proposals_have_addke (config->proposals);
}

IkeParentState
ike_intermediate_next_state (const IkeParent *parent)
{
  return ike_ke_additional (&parent->nego->material) ? IKE_PARENT_INTERMEDIATE : IKE_PARENT_AUTH;
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
  parent->nego->material.addke_done++;
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

void
ike_intermediate_start (IkeTask *task)
{
  task->material.group = ike_ke_additional (&task->parent->nego->material);
  ike_ke_generate (task, task->material.group, on_generated);
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
      advance (task);
    }
}

void
ike_intermediate_on_response (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNotify notify;
  IkeKe ke;

  if (ike_notify_find_error (&task->message->payloads, &notify))
    end (parent, notify.type == IKE_NOTIFY_INVALID_SYNTAX ? IKE_REASON_PEER_SYNTAX : IKE_REASON_PEER_ERROR, notify.type,
         IKE_NAME (NOTIFY, notify.type));
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

  ike_parent_log (parent, IKE_LOG_NOTICE, "exchange", "IKE_INTERMEDIATE refused: %s", IKE_NAME (NOTIFY, type));
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
  ike_parent_set_state (parent, ike_intermediate_next_state (parent));
}

void
ike_intermediate_on_request (IkeTask *task)
{
  guint16 group = ike_ke_additional (&task->parent->nego->material);
  IkeKe ke;

  if (!read_ke (task, group, &ke) || !add_received (task))
    {
      refuse (task, IKE_NOTIFY_INVALID_SYNTAX);
      return;
    }
  task->material.group = group;
  ike_ke_respond (task, group, ke.data, on_responded);
}
