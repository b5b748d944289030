/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EAP inside IKE_AUTH as initiator: RFC 7296 section 2.16, RFC 5998.
 *
 * Invariants: nothing of EAP leaves before the gateway is proven and its identity is the wanted one (unless the
 * configuration lets the method do that); Success counts only when the method says so (cve-2021-45079); the MSK is
 * erased
 * after both AUTH payloads.
 */
#include "exchange/auth-common.h"
#include "exchange/multi.h"
#include "exchange/ppk.h"

#include "wire/payload-eap.h"
#include "wire/payload-notify.h"

static void step_done (IkeTask *task, IkeEapStep *step);

static void
on_secret (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  g_auto (IkeEapStep) step = { 0 };

  ike_eap_peer_give_secret (parent->nego->eap, g_steal_pointer (&input->secret), &step);
  step_done (task, &step);
}

static void
ask_secret (IkeTask *task, IkeEapStep *step)
{
  IkeWorkFor work = { .parent = task->parent, .task = task->id, .done = on_secret };
  IkeJob *job = g_new0 (IkeJob, 1);

  job->type = IKE_JOB_SECRET;
  job->secret.kind = step->kind;
  job->secret.attempt = step->attempt;
  job->secret.message = g_steal_pointer (&step->message);
  ike_core_ask (task->parent->core, ike_parent_config (task->parent)->id, job, &work, NULL);
}

static void
on_tls (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  g_auto (IkeEapStep) step = { 0 };
  IkeTlsAnswer answer = { input->ok, input->tls_flags, input->bytes, g_steal_pointer (&input->secret), &input->reason };

  ike_eap_peer_give_tls (parent->nego->eap, &answer, &step);
  ike_secret_free (answer.secret);
  step_done (task, &step);
}

static void
order_tls (IkeTask *task, IkeEapStep *step)
{
  IkeWorkFor work = { .parent = task->parent, .task = task->id, .done = on_tls };
  IkeJob *job = g_new0 (IkeJob, 1);

  job->type = IKE_JOB_TLS;
  job->tls = g_steal_pointer (&step->tls);
  ike_core_ask (task->parent->core, ike_parent_config (task->parent)->id, job, &work, NULL);
}

static void
send_packet (IkeTask *task, GBytes *packet)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_EAP, ike_chunk_bytes (packet));
  ike_run_continue (task, &ike_row_auth_eap, &builder);
}

/* RFC 8784 section 3: with a post-quantum pre-shared key, and maybe without it too. */
static gboolean
prove (IkeParent *parent)
{
  if (parent->nego->ppk != IKE_PPK_USE_AUTH)
    return ike_auth_prove_msk (parent);
  if (!ike_ppk_insists (ike_parent_config (parent)))
    {
      if (!ike_auth_prove_msk (parent))
        return FALSE;
      ike_ppk_keep_plain_auth (parent);
    }
  return ike_ppk_mix (parent) && ike_auth_prove_msk (parent);
}

static void
send_auth (IkeTask *task, IkeSecret *take_msk)
{
  IkeParent *parent = task->parent;
  g_auto (IkeBuilder) builder = { 0 };

  parent->nego->msk = take_msk;
  parent->nego->have_msk = TRUE;
  if (!prove (parent))
    {
      g_auto (IkeReason) reason = { 0 };

      ike_reason_set (&reason, IKE_REASON_CRYPTO, 0, "AUTH");
      ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
      return;
    }
  ike_parent_set_state (parent, IKE_PARENT_AUTH_FINAL);
  ike_builder_init_inner (&builder);
  ike_auth_write_own (&builder, parent->nego);
  ike_ppk_write (&builder, parent);
  ike_run_continue (task, &ike_row_auth_final, &builder);
}

/* RFC 7296 section 2.21: whoever has sent EAP-Failure knows, and its IKE SA is gone. */
static gboolean
said_no (const IkeTask *task)
{
  const IkePayload *payload = task->message ? ike_payloads_find (&task->message->payloads, IKE_PAYLOAD_EAP) : NULL;
  IkeEap eap;

  return payload && ike_eap_parse (payload->body, &eap) && eap.code == IKE_EAP_CODE_FAILURE;
}

static void
step_done (IkeTask *task, IkeEapStep *step)
{
  switch (step->action)
    {
    case IKE_EAP_STEP_SEND:
      send_packet (task, step->packet);
      return;
    case IKE_EAP_STEP_SECRET:
      ask_secret (task, step);
      return;
    case IKE_EAP_STEP_TLS:
      order_tls (task, step);
      return;
    case IKE_EAP_STEP_SUCCEEDED:
      send_auth (task, g_steal_pointer (&step->msk));
      return;
    case IKE_EAP_STEP_FAILED:
      ike_life_end (task->parent, said_no (task) ? IKE_FAREWELL_NONE : IKE_FAREWELL_AUTH_FAILED, &step->reason);
      return;
    }
}

static void
handle_packet (IkeTask *task)
{
  const IkePayload *payload = ike_payloads_find (&task->message->payloads, IKE_PAYLOAD_EAP);
  g_auto (IkeEapStep) step = { 0 };

  ike_eap_peer_handle (task->parent->nego->eap, payload->body, &step);
  step_done (task, &step);
}

char *
ike_eap_user (const IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);

  if (config->eap_identity)
    return g_strdup (config->eap_identity);
  return config->local_id ? ike_identity_to_string (config->local_id) : g_strdup ("");
}

void
ike_eap_prepare (IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);
  g_autofree char *identity = ike_eap_user (parent);
  IkeEapSettings settings = { 0 };

  g_assert (parent->nego->peer_proven || config->remote_auth == IKE_AUTH_EAP_ONLY);
  settings.user = identity;
  settings.outer = config->eap_outer_identity;
  settings.methods = config->eap_methods;
  settings.inner = config->eap_inner;
  settings.ttls = config->eap_ttls;
  parent->nego->eap = ike_eap_peer_new (parent->core->crypto, &settings);
  ike_parent_set_state (parent, IKE_PARENT_AUTH_EAP);
}

/* The first answer of the gateway is in task->message, and it has been judged. */
void
ike_eap_begin (IkeTask *task)
{
  ike_eap_prepare (task->parent);
  handle_packet (task);
}

/* A refusal by notification: the method may know better why. */
static void
refused (IkeTask *task, const IkeNotify *notify)
{
  IkeParent *parent = task->parent;
  g_auto (IkeReason) reason = { 0 };
  const IkeConfig *config = ike_parent_config (parent);
  g_autofree char *what = ike_notify_to_string (notify);
  gboolean plain = notify->type == IKE_NOTIFY_AUTHENTICATION_FAILED; /* says nothing that the reason does not say */

  if (!parent->nego->eap || !ike_eap_peer_get_refusal (parent->nego->eap, &reason))
    ike_reason_set (&reason, ike_notify_refuses_us (notify) ? IKE_REASON_EAP_REFUSED : IKE_REASON_PEER_ERROR,
                    notify->type, "%s%s%s%s%s",
                    parent->nego->eap ? ike_eap_peer_get_method_name (parent->nego->eap) : "EAP",
                    config->eap_identity ? ", " : "", config->eap_identity ? config->eap_identity : "",
                    plain ? "" : ": ", plain ? "" : what);
  ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
}

void
ike_eap_on_response (IkeTask *task)
{
  const IkePayloads *payloads = &task->message->payloads;
  IkeNotify notify;

  if (ike_payloads_find (payloads, IKE_PAYLOAD_EAP))
    handle_packet (task);
  else if (ike_notify_find_error (payloads, &notify))
    refused (task, &notify);
}

/* RFC 7296 section 2.16: the gateway proves that it knows the MSK too. */
void
ike_eap_on_final_response (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  const IkePayloads *payloads = &task->message->payloads;
  g_auto (IkeReason) reason = { 0 };
  gboolean right;
  IkeNotify notify;

  if (!ike_payloads_find (payloads, IKE_PAYLOAD_AUTH) && ike_notify_find_error (payloads, &notify))
    {
      /* of two authentications the first one has shown that AUTH covers the right request */
      if (ike_multi_wanted (parent) || !ike_auth_doubts_cookie (parent, &notify))
        refused (task, &notify);
      return;
    }
  if (!ike_ppk_settle (parent, payloads))
    {
      ike_reason_set (&reason, IKE_REASON_PPK, 0, "the gateway does not know ours");
      ike_life_end (parent, IKE_FAREWELL_AUTH_FAILED, &reason);
      return;
    }
  right = ike_auth_judge_msk (parent, payloads);
  if (right && !nego->peer_proven)
    right = nego->msk && ike_eap_peer_is_mutual (nego->eap);
  if (!right)
    {
      ike_reason_set (&reason, IKE_REASON_PEER_AUTH_WRONG, 0, "%s", ike_eap_peer_get_method_name (nego->eap));
      ike_life_end (parent, IKE_FAREWELL_AUTH_FAILED, &reason);
      return;
    }
  if (!nego->peer_proven)
    {
      nego->peer_proven = TRUE;
      parent->peer_id = ike_identity_copy (nego->peer_identity);
    }
  g_clear_pointer (&nego->msk, ike_secret_free);
  g_clear_pointer (&nego->eap, ike_eap_peer_free);
  ike_auth_complete (task);
}
