/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the step from the first authentication to the second. RFC 4739 sections 2.1, 2.3, 3. */
#include "exchange/multi.h"

#include "exchange/auth-common.h"
#include "exchange/handlers.h"
#include "exchange/resume.h"
#include "exchange/respond.h"
#include "exchange/run.h"
#include "wire/payload-id.h"
#include "wire/payload-notify.h"

gboolean
ike_multi_wanted (const IkeParent *parent)
{
  return ike_parent_config (parent)->then_eap && !ike_resume_is (parent);
}

IkeIdentity *
ike_multi_user_identity (const char *user)
{
  return ike_identity_new (strchr (user, '@') ? IKE_ID_RFC822_ADDR : IKE_ID_FQDN, user, strlen (user));
}

/* ---- initiator ---- */

const char *
ike_multi_complaint (const IkeParent *parent)
{
  return ike_multi_wanted (parent) && !parent->nego->multiple ? "the gateway cannot do two authentications" : NULL;
}

void
ike_multi_announce (IkeBuilder *builder, const IkeParent *parent)
{
  if (!ike_multi_wanted (parent))
    return;
  ike_builder_notify (builder, IKE_NOTIFY_MULTIPLE_AUTH_SUPPORTED, ike_chunk (NULL, 0));
  ike_builder_notify (builder, IKE_NOTIFY_ANOTHER_AUTH_FOLLOWS, ike_chunk (NULL, 0));
}

void
ike_multi_begin (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  g_autofree char *user = ike_eap_user (parent);
  g_autoptr (IkeIdentity) second = ike_multi_user_identity (user);
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_MAX_ID + 64);
  g_auto (IkeBuilder) builder = { 0 };

  g_assert (nego->peer_proven);
  /* section 2.1: AUTH is of the latest identity */
  ike_id_write (&writer, second);
  g_clear_pointer (&nego->my_id, g_bytes_unref);
  nego->my_id = ike_writer_finish (&writer);
  nego->scheme = NULL;
  nego->is_null = FALSE;
  if (!nego->my_id)
    {
      g_auto (IkeReason) reason = { 0 };

      ike_reason_set (&reason, IKE_REASON_PEER_METHOD, 0, "a user name that is too long");
      ike_life_end (parent, IKE_FAREWELL_AUTH_FAILED, &reason);
      return;
    }
  ike_parent_log (parent, IKE_LOG_DEBUG, "auth", "the first authentication is done, another one follows");
  ike_eap_prepare (parent);
  ike_builder_init_inner (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_IDI, ike_chunk_bytes (nego->my_id));
  ike_run_continue (task, &ike_row_auth_eap, &builder);
}

/* ---- responder ---- */

void
ike_multi_offer (IkeBuilder *builder, const IkeParent *parent)
{
  if (ike_parent_config (parent)->then_eap)
    ike_builder_notify (builder, IKE_NOTIFY_MULTIPLE_AUTH_SUPPORTED, ike_chunk (NULL, 0));
}

gboolean
ike_multi_is_announced (const IkeParent *parent, const IkePayloads *payloads)
{
  IkeNotify notify;

  return !ike_multi_wanted (parent) || (ike_payloads_find (payloads, IKE_PAYLOAD_AUTH) &&
                                        ike_notify_find (payloads, IKE_NOTIFY_MULTIPLE_AUTH_SUPPORTED, &notify) &&
                                        ike_notify_find (payloads, IKE_NOTIFY_ANOTHER_AUTH_FOLLOWS, &notify));
}

void
ike_multi_answer (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  g_autofree char *who = ike_identity_to_string (parent->peer_id);
  g_auto (IkeBuilder) builder = { 0 };

  g_assert (nego->peer_proven && !nego->have_msk);
  ike_parent_log (parent, IKE_LOG_INFO, "auth", "%s is proven, and must prove its user as well", who);
  nego->peer_proven = FALSE;
  g_clear_pointer (&parent->peer_id, ike_identity_free);
  ike_builder_init_inner (&builder);
  ike_respond_write_identity (&builder, parent);
  nego->first = g_steal_pointer (&task->message);
  ike_parent_set_state (parent, IKE_PARENT_AUTH_AGAIN);
  ike_run_answer (task, &builder);
}

void
ike_multi_on_request (IkeTask *task)
{
  const IkePayloads *payloads = &task->message->payloads;

  g_assert (!task->parent->nego->peer_proven);
  if (ike_payloads_find (payloads, IKE_PAYLOAD_AUTH))
    ike_respond_refuse_for (task, IKE_REASON_PEER_METHOD, "the second authentication is not EAP");
  else if (!ike_auth_read_id (task->parent, ike_payloads_find (payloads, IKE_PAYLOAD_IDI)->body))
    ike_respond_refuse_for (task, IKE_REASON_BAD_MESSAGE, "identity");
  else
    ike_eap_respond_begin (task);
}
