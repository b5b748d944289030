/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EAP inside IKE_AUTH as responder: RFC 7296 section 2.16, RFC 5998.
 *
 * Invariants: our own AUTH is in the answer with the first EAP packet (unless the method is to prove us); a client is
 * proven only by its AUTH with EAP's key, after the method has succeeded; who it is, is what the method has proven and
 * not what it has called itself (IDi). Each step gives the client STEP_TIME, so that the IKE SA is half-open for longer
 * than others are, but for HURRY_TIME only while there are so many that cookies are asked for (RFC 8019 section 4.1).
 */
#include "exchange/respond.h"

#include "exchange/multi.h"
#include "sa/half-open.h"

#define STEP_TIME (120 * IKE_SECOND) /* a user may have to find a password, or wait for one that is sent */
#define HURRY_TIME (30 * IKE_SECOND)

static void step_done (IkeTask *task, IkeEapServerStep *step);

static void
on_password (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  g_auto (IkeEapServerStep) step = { 0 };

  ike_eap_server_give_password (parent->nego->eap_server, g_steal_pointer (&input->secret), &step);
  step_done (task, &step);
}

static void
ask_password (IkeTask *task, IkeEapServerStep *step)
{
  IkeWorkFor work = { .parent = task->parent, .task = task->id, .done = on_password };
  IkeJob *job = g_new0 (IkeJob, 1);

  job->type = IKE_JOB_SECRET;
  job->secret.kind = IKE_SECRET_USER;
  job->secret.user = g_steal_pointer (&step->user);
  ike_core_ask (task->parent->core, ike_parent_config (task->parent)->id, job, &work, NULL);
}

static void
send_packet (IkeTask *task, GBytes *packet)
{
  IkeParent *parent = task->parent;
  gboolean many = ike_half_open_count (parent->core->half_open) > IKE_HALF_OPEN_COOKIES;
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  if (parent->state == IKE_PARENT_AUTH)
    ike_respond_write_identity (&builder, parent);
  ike_builder_add (&builder, IKE_PAYLOAD_EAP, ike_chunk_bytes (packet));
  ike_parent_set_state (parent, IKE_PARENT_AUTH_EAP);
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_EXPIRE, parent->core->now + (many ? HURRY_TIME : STEP_TIME));
  ike_run_answer (task, &builder);
}

static void
succeed (IkeTask *task, IkeEapServerStep *step)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  g_auto (IkeBuilder) builder = { 0 };

  nego->msk = g_steal_pointer (&step->msk);
  nego->have_msk = TRUE;
  ike_identity_free (nego->peer_identity);
  nego->peer_identity = ike_multi_user_identity (step->user);
  g_clear_pointer (&nego->eap_server, ike_eap_server_free);
  ike_parent_set_state (parent, IKE_PARENT_AUTH_FINAL);
  ike_builder_init_inner (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_EAP, ike_chunk_bytes (step->packet));
  ike_run_answer (task, &builder);
}

static void
step_done (IkeTask *task, IkeEapServerStep *step)
{
  IkeParent *parent = task->parent;

  switch (step->action)
    {
    case IKE_EAP_SERVER_SEND:
      send_packet (task, step->packet);
      return;
    case IKE_EAP_SERVER_USER:
      ask_password (task, step);
      return;
    case IKE_EAP_SERVER_SUCCEEDED:
      succeed (task, step);
      return;
    case IKE_EAP_SERVER_FAILED:
      ike_parent_log_seldom (parent, "auth", "a client was refused: %s: %s", ike_reason_code_name (step->reason.code),
                             step->reason.detail);
      send_packet (task, step->packet);
      ike_life_retire (parent);
      return;
    }
}

void
ike_eap_respond_begin (IkeTask *task)
{
  IkeNego *nego = task->parent->nego;
  const IkeConfig *config = ike_parent_config (task->parent);
  g_autofree char *name = config->local_id ? ike_identity_to_string (config->local_id) : g_strdup ("gateway");
  g_auto (IkeEapServerStep) step = { 0 };

  g_assert (nego->auth || config->local_auth == IKE_AUTH_EAP_ONLY);
  if (!nego->first)
    nego->first = g_steal_pointer (&task->message);
  nego->eap_server = ike_eap_server_new (task->parent->core->crypto, name);
  ike_eap_server_begin (nego->eap_server, &step);
  step_done (task, &step);
}

void
ike_eap_on_request (IkeTask *task)
{
  const IkePayload *payload = ike_payloads_find (&task->message->payloads, IKE_PAYLOAD_EAP);
  g_auto (IkeEapServerStep) step = { 0 };

  ike_eap_server_handle (task->parent->nego->eap_server, payload->body, &step);
  step_done (task, &step);
}

void
ike_eap_on_final_request (IkeTask *task)
{
  ike_respond_judge (task);
}

/* RFC 7296 section 2.16: the client knows the MSK, too, and so do we. */
void
ike_eap_respond_judge (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  gboolean right = ike_auth_judge_msk (parent, &task->message->payloads) && ike_auth_prove_msk (parent);
  g_auto (IkeReason) reason = { 0 };

  g_clear_pointer (&nego->msk, ike_secret_free);
  if (!right)
    {
      ike_reason_set (&reason, IKE_REASON_PEER_AUTH_WRONG, 0, "AUTH after EAP");
      ike_respond_refuse (task, &reason);
      return;
    }
  nego->scheme = NULL;
  nego->peer_proven = TRUE;
  ike_identity_free (parent->peer_id);
  parent->peer_id = ike_identity_copy (nego->peer_identity);
  ike_respond_admit (task);
}
