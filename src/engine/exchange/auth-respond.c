/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE_AUTH as responder, the first request: RFC 7296 sections 1.2, 2.15, 2.16, 2.21.2; RFC 5998; RFC 7619.
 *
 * Invariants: the initiator is judged before anything else of its message is used; with EAP it is we who are proven
 * first, and nothing but EAP follows before the client is.
 */
#include "exchange/init-common.h"
#include "exchange/multi.h"
#include "exchange/ppk.h"
#include "exchange/respond.h"
#include "exchange/resume.h"
#include "exchange/status.h"

#include "wire/payload-id.h"
#include "wire/payload-notify.h"

const IkePayloads *
ike_respond_payloads (const IkeTask *task)
{
  const IkeNego *nego = task->parent->nego;

  return nego->first ? &nego->first->payloads : &task->message->payloads;
}

void
ike_respond_refuse (IkeTask *task, IkeReason *reason)
{
  IkeParent *parent = task->parent;

  ike_parent_log_seldom (parent, "auth", "a peer was refused: %s%s%s", ike_reason_code_name (reason->code),
                         reason->detail ? ": " : "", reason->detail ? reason->detail : "");
  ike_run_answer_notify (task, IKE_NOTIFY_AUTHENTICATION_FAILED, ike_chunk (NULL, 0));
  ike_life_retire (parent);
}

void
ike_respond_refuse_for (IkeTask *task, IkeReasonCode code, const char *detail)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, code, 0, "%s", detail);
  ike_respond_refuse (task, &reason);
}

/* RFC 6023 section 3: SA and selectors are all there, or none where that is allowed. */
static gboolean
child_is_whole (const IkeConfig *config, const IkePayloads *payloads)
{
  guint n = ike_payloads_count (payloads, IKE_PAYLOAD_SA) + ike_payloads_count (payloads, IKE_PAYLOAD_TSI) +
            ike_payloads_count (payloads, IKE_PAYLOAD_TSR);

  return n == 3 || (n == 0 && config->childless);
}

/* RFC 7296 section 2.16: no AUTH payload, so the initiator wants EAP. */
static void
on_eap_wanted (IkeTask *task)
{
  const IkeConfig *config = ike_parent_config (task->parent);
  IkeNotify notify;

  if (config->remote_auth != IKE_AUTH_EAP)
    ike_respond_refuse_for (task, IKE_REASON_PEER_METHOD, "no AUTH payload");
  else if (config->local_auth != IKE_AUTH_EAP_ONLY)
    ike_auth_prove (task, ike_auth_respond_on_proven);
  else if (ike_notify_find (&task->message->payloads, IKE_NOTIFY_EAP_ONLY_AUTHENTICATION, &notify))
    ike_eap_respond_begin (task); /* RFC 5998: the method proves us, too */
  else
    ike_respond_refuse_for (task, IKE_REASON_PEER_METHOD, "the client wants more than EAP of us");
}

/* ---- a post-quantum pre-shared key, before AUTH is judged: RFC 8784 section 3, table 1 ---- */

static void
resume (IkeTask *task)
{
  if (task->parent->nego->have_msk)
    ike_eap_respond_judge (task);
  else
    ike_auth_judge (task, ike_auth_respond_on_judged);
}

static void
judge_without_ppk (IkeTask *task)
{
  if (ike_ppk_use_plain_auth (task->parent, &task->message->payloads))
    resume (task);
  else
    ike_respond_refuse_for (task, IKE_REASON_PPK, "the peer has another one");
}

static void
on_ppk (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  if (ike_ppk_take (parent, input) && ike_ppk_mix (parent))
    resume (task);
  else if (ike_ppk_insists (ike_parent_config (parent)) && input->reason.code != IKE_REASON_NONE)
    ike_respond_refuse (task, &input->reason);
  else if (ike_ppk_insists (ike_parent_config (parent)))
    ike_respond_refuse_for (task, IKE_REASON_PPK, "the peer has another one");
  else
    judge_without_ppk (task);
}

void
ike_respond_judge (IkeTask *task)
{
  g_autoptr (GBytes) id = NULL;

  switch (ike_ppk_judge (task->parent, &task->message->payloads, &id))
    {
    case IKE_PPK_NOT_USED:
      resume (task);
      return;
    case IKE_PPK_USED:
      ike_ppk_ask (task, id, on_ppk);
      return;
    case IKE_PPK_NOT_KNOWN:
      judge_without_ppk (task);
      return;
    case IKE_PPK_REFUSED:
      ike_respond_refuse_for (task, IKE_REASON_PPK, "the peer has none");
      return;
    }
}

/* Nothing of it is used: no AUTH is wrong, and no user. */
static void
refuse_with (IkeTask *task, IkeNotifyType why)
{
  IkeParent *parent = task->parent;

  ike_parent_log_seldom (parent, "auth", "a peer was refused: %s", IKE_NAME (NOTIFY, why));
  ike_run_answer_notify (task, why, ike_chunk (NULL, 0));
  ike_life_retire (parent);
}

/* RFC 7296 section 1.2: "which of the responder's identities it wants to talk to". Some clients insist
 * on it. What we are not called is no reason to refuse: the client sees our answer. */
static void
answer_to_name (IkeParent *parent, const IkePayloads *payloads)
{
  const IkePayload *payload = ike_payloads_find (payloads, IKE_PAYLOAD_IDR);
  GPtrArray *names = ike_parent_config (parent)->names;
  g_autoptr (IkeIdentity) asked = NULL;
  IkeId id;

  if (!payload || parent->nego->my_id || !ike_id_parse (payload->body, &id))
    return;
  asked = ike_id_identity (&id);
  for (guint i = 0; i < names->len; i++)
    if (ike_identity_equal (names->pdata[i], asked))
      {
        parent->nego->my_id = ike_chunk_dup (id.rest);
        return;
      }
}

void
ike_auth_on_request (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkePayloads *payloads = &task->message->payloads;

  if (!child_is_whole (ike_parent_config (parent), payloads))
    {
      refuse_with (task, IKE_NOTIFY_INVALID_SYNTAX);
      return;
    }
  if (ike_parent_config (parent)->mobike && ike_natd_is_unexpected (payloads, &task->message->path))
    {
      refuse_with (task, IKE_NOTIFY_UNEXPECTED_NAT_DETECTED);
      return;
    }
  if (!ike_auth_read_id (parent, ike_payloads_find (payloads, IKE_PAYLOAD_IDI)->body) ||
      !ike_auth_read_certificates (parent, payloads))
    {
      ike_respond_refuse_for (task, IKE_REASON_BAD_MESSAGE, "identity or certificates");
      return;
    }
  ike_status_read_request (parent, payloads);
  if (ike_resume_is (parent))
    {
      ike_resume_judge (task);
      return;
    }
  if (!ike_multi_is_announced (parent, payloads))
    {
      ike_respond_refuse_for (task, IKE_REASON_PEER_METHOD, "one authentication, where there must be two");
      return;
    }
  ike_init_read_announcement (parent, payloads);
  answer_to_name (parent, payloads);
  ike_auth_make_id (parent);
  if (ike_payloads_find (payloads, IKE_PAYLOAD_AUTH))
    ike_respond_judge (task);
  else
    on_eap_wanted (task);
}

void
ike_auth_respond_on_judged (IkeTask *task, IkeReason *reason)
{
  IkeNotify notify;

  if (reason->code == IKE_REASON_NONE &&
      ike_notify_find (&task->message->payloads, IKE_NOTIFY_INITIAL_CONTACT, &notify))
    ike_parent_log (task->parent, IKE_LOG_DEBUG, "auth", "the peer knows of no other IKE SA with us");
  if (reason->code != IKE_REASON_NONE)
    ike_respond_refuse (task, reason);
  else
    ike_auth_prove (task, ike_auth_respond_on_proven);
}

void
ike_auth_respond_on_proven (IkeTask *task, IkeReason *reason)
{
  if (reason->code != IKE_REASON_NONE)
    ike_respond_refuse (task, reason);
  else if (task->parent->nego->peer_proven && ike_multi_wanted (task->parent))
    ike_multi_answer (task);
  else if (task->parent->nego->peer_proven)
    ike_respond_admit (task);
  else
    ike_eap_respond_begin (task);
}

void
ike_respond_write_identity (IkeBuilder *builder, IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);
  IkeNego *nego = parent->nego;

  /* after EAP only the second AUTH is left to be said */
  if (!nego->have_msk)
    ike_builder_add (builder, IKE_PAYLOAD_IDR, ike_chunk_bytes (nego->my_id));
  if (!nego->have_msk && config->local_auth == IKE_AUTH_SIGNATURE && !ike_resume_is (parent))
    {
      ike_auth_write_certificates (builder, config);
      ike_status_write_own (builder, nego);
    }
  if (nego->auth)
    ike_auth_write_own (builder, nego);
  ike_ppk_write (builder, parent);
}
