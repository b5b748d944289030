/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE_SESSION_RESUME as initiator: RFC 5723 sections 4.3.2, 5.1.
 *
 * Invariants: it stands for IKE_SA_INIT and for nothing else: IKE_AUTH follows; whatever goes wrong leads to a full
 * exchange, which proves what a ticket would have; the ticket is given up when an IKE SA stands, was refused, or the
 * gateway could not use it.
 */
#include "exchange/resume.h"

#include "exchange/init-common.h"
#include "exchange/redirect.h"
#include "exchange/ticket.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"

static void
send_request (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  const IkeConfig *config = ike_parent_config (parent);
  g_auto (IkeBuilder) builder = { 0 };

  ike_init_begin (&builder, parent, IKE_EXCHANGE_IKE_SESSION_RESUME);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk_bytes (nego->material.ni));
  ike_builder_notify (&builder, IKE_NOTIFY_TICKET_OPAQUE, ike_chunk_bytes (nego->resumed->ticket));
  if (!ike_natd_write (&builder, parent->core->crypto, parent->spi_i, 0, &parent->path, config->encap))
    {
      ike_resume_fall_back (parent, IKE_FAREWELL_NONE, "SHA-1");
      return;
    }
  /* section 5: it is asked anew who can be sent on */
  ike_redirect_offer (&builder, parent);
  ike_init_write_abilities (&builder, parent->core->crypto, config->fragmentation);
  ike_init_send (task, &builder);
}

void
ike_resume_start (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;

  nego->resumed = ike_session_ref (parent->connection->session);
  nego->resumed_briefly = parent->connection->resume_briefly;
  nego->material.suite = nego->resumed->suite;
  nego->material.group = nego->resumed->suite.ke;
  nego->material.ni = ike_material_nonce (parent->core->crypto);
  if (!nego->material.ni)
    {
      ike_resume_fall_back (parent, IKE_FAREWELL_NONE, "random");
      return;
    }
  ike_parent_log (parent, IKE_LOG_INFO, "resume", "resuming the session");
  send_request (task);
  if (parent->state == IKE_PARENT_INIT)
    ike_init_alloc_spi (parent);
}

void
ike_resume_fall_back (IkeParent *parent, IkeFarewell farewell, const char *why)
{
  IkeConnection *connection = parent->connection;
  g_auto (IkeReason) reason = { 0 };

  ike_parent_log (parent, IKE_LOG_INFO, "resume", "the session cannot be resumed (%s): a full exchange follows", why);
  if (connection->session && connection->session == parent->nego->resumed && !connection->session->skip)
    g_clear_pointer (&connection->session, ike_session_unref);
  ike_reason_set (&reason, IKE_REASON_REPLACED, 0, "%s", why);
  ike_life_renew (parent, farewell, &reason);
}

static gboolean
derive (IkeParent *parent, guint64 spi_r, IkeKeys *ret)
{
  const IkeNego *nego = parent->nego;
  IkeKeyInput input = { .spi_i = parent->spi_i, .spi_r = spi_r };

  input.ni = g_bytes_get_data (nego->material.ni, &input.ni_len);
  input.nr = g_bytes_get_data (nego->material.nr, &input.nr_len);
  return ike_keys_resume (ret, parent->core->crypto, nego->resumed->sk_d, &nego->resumed->suite, &input);
}

static void
got_answer (IkeTask *task, IkeChunk nonce)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  IkeIncoming *answer = task->message;
  guint64 spi_r = answer->header.spi_r;
  IkeNatd natd = ike_natd_check (&answer->payloads, parent->core->crypto, parent->spi_i, spi_r, &answer->path,
                                 ike_parent_config (parent)->encap);
  IkeKeys keys = { 0 };

  nego->material.nr = ike_chunk_dup (nonce);
  if (!derive (parent, spi_r, &keys))
    {
      ike_resume_fall_back (parent, IKE_FAREWELL_NONE, "SKEYSEED");
      return;
    }
  parent->keys = keys;
  parent->spi_r = spi_r;
  nego->response = g_bytes_ref (answer->datagram);
  ike_init_read_abilities (parent, &answer->payloads);
  ike_init_float_to_natt (parent, &natd);
  ike_reason_clear (&nego->doubt);
  ike_parent_stop_timer (parent, IKE_PARENT_TIMER_DOUBT);
  ike_parent_stop_timer (parent, IKE_PARENT_TIMER_RETRANSMIT);
  ike_request_answered (&task->request);
  ike_parent_set_state (parent, IKE_PARENT_AUTH);
  ike_init_say_suite (parent, &natd);
  ike_run_queue (parent, &ike_row_auth);
  ike_run_finish (task);
}

void
ike_resume_on_response (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkePayloads *payloads = &task->message->payloads;
  const IkePayload *payload = ike_payloads_find (payloads, IKE_PAYLOAD_NONCE);
  IkeNotify notify;
  IkeChunk nonce;

  if (ike_notify_find (payloads, IKE_NOTIFY_COOKIE, &notify) && !payload)
    {
      if (ike_init_take_cookie (parent, notify.data))
        send_request (task);
    }
  /* section 4.3.2. Whoever forges this costs us a full exchange, and nothing else. */
  else if (ike_notify_find (payloads, IKE_NOTIFY_TICKET_NACK, &notify))
    ike_resume_fall_back (parent, IKE_FAREWELL_NONE, "the gateway does not take the ticket");
  else if (ike_notify_find_error (payloads, &notify) || ike_notify_find (payloads, IKE_NOTIFY_REDIRECT, &notify))
    ike_resume_fall_back (parent, IKE_FAREWELL_NONE, IKE_NAME (NOTIFY, notify.type));
  /* anybody can have sent it: wait for a better one */
  else if (payload && ike_nonce_parse (payload->body, &nonce) && task->message->header.spi_r != 0)
    got_answer (task, nonce);
}

void
ike_resume_on_give_up (IkeTask *task, IkeReason *reason)
{
  /* maybe nobody has got it: it is kept, but what comes now is tried without it */
  ike_ticket_doubt (task->parent);
  ike_resume_fall_back (task->parent, IKE_FAREWELL_NONE, "no answer");
}
