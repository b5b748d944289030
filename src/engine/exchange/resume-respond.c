/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE_SESSION_RESUME as responder, and what is different in the IKE_AUTH after it: RFC 5723 sections 4.3.2 to 4.3.4, 5.
 *
 * Invariants: a ticket that is refused leaves nothing behind; who presents one is somebody only after its AUTH has
 * shown that it knows the old SK_d; the ticket is used up at that moment, and only the first one gets in with it; what
 * it may do is asked again (admit.c).
 */
#include "exchange/resume.h"

#include "exchange/init-common.h"
#include "exchange/redirect.h"
#include "exchange/respond.h"
#include "wire/payload-auth.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"

static void
send_answer (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeConfig *config = ike_parent_config (parent);
  g_auto (IkeBuilder) builder = { 0 };
  IkeHeader header;

  ike_run_header (parent, IKE_EXCHANGE_IKE_SESSION_RESUME, TRUE, 0, &header);
  ike_builder_init (&builder, &header);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk_bytes (parent->nego->material.nr));
  if (!ike_natd_write (&builder, parent->core->crypto, parent->spi_i, parent->spi_r, &parent->path, config->encap))
    {
      ike_life_retire (parent);
      return;
    }
  ike_init_write_abilities (&builder, parent->core->crypto, parent->fragmentation);
  if (config->childless)
    ike_init_write_childless (&builder);
  ike_parent_set_state (parent, IKE_PARENT_AUTH);
  ike_run_answer (task, &builder);
}

static gboolean
derive (IkeParent *parent)
{
  const IkeNego *nego = parent->nego;
  IkeKeyInput input = { .spi_i = parent->spi_i, .spi_r = parent->spi_r };

  input.ni = g_bytes_get_data (nego->material.ni, &input.ni_len);
  input.nr = g_bytes_get_data (nego->material.nr, &input.nr_len);
  return ike_keys_resume (&parent->keys, parent->core->crypto, nego->resumed->sk_d, &nego->resumed->suite, &input);
}

static IkeSession *
open_ticket (IkeTask *task, IkeTicketRef *ret_ref)
{
  const IkeParent *parent = task->parent;
  IkeNotify notify;

  if (!ike_notify_find (&task->message->payloads, IKE_NOTIFY_TICKET_OPAQUE, &notify) || !parent->connection->tickets)
    return NULL;
  return ike_tickets_open (parent->connection->tickets, parent->core->crypto, parent->core->now, notify.data, ret_ref);
}

void
ike_resume_on_request (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  const IkePayloads *payloads = &task->message->payloads;
  IkeNatd natd;
  IkeChunk nonce;

  if (!ike_nonce_parse (ike_payloads_find (payloads, IKE_PAYLOAD_NONCE)->body, &nonce))
    {
      ike_init_refuse (task, IKE_NOTIFY_INVALID_SYNTAX, ike_chunk (NULL, 0));
      return;
    }
  nego->resumed = open_ticket (task, &nego->ticket);
  if (!nego->resumed)
    {
      ike_init_refuse (task, IKE_NOTIFY_TICKET_NACK, ike_chunk (NULL, 0));
      return;
    }
  nego->request = g_bytes_ref (task->message->datagram);
  nego->material.suite = nego->resumed->suite;
  nego->material.ni = ike_chunk_dup (nonce);
  nego->material.nr = ike_material_nonce (parent->core->crypto);
  if (!nego->material.nr || !derive (parent))
    {
      ike_life_retire (parent);
      return;
    }
  ike_parent_set_state (parent, IKE_PARENT_INIT);
  natd = ike_natd_check (payloads, parent->core->crypto, parent->spi_i, 0, &task->message->path,
                         ike_parent_config (parent)->encap);
  ike_init_set_nat (parent, &natd);
  ike_init_read_abilities (parent, payloads);
  ike_redirect_note (parent, payloads);
  ike_init_say_suite (parent, &natd);
  send_answer (task);
}

/* ---- IKE_AUTH ---- */

void
ike_resume_judge (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  const IkePayload *idr = ike_payloads_find (&task->message->payloads, IKE_PAYLOAD_IDR);

  /* section 4.3.3: both identities are those of the ticket, and there is no certificate */
  g_clear_pointer (&nego->my_id, g_bytes_unref);
  nego->my_id = g_bytes_ref (nego->resumed->id_r);
  if (!g_bytes_equal (nego->peer_id, nego->resumed->id_i) ||
      (idr && !ike_chunk_equal (idr->body, ike_chunk_bytes (nego->resumed->id_r))))
    ike_respond_refuse_for (task, IKE_REASON_PEER_ID_MISMATCH, "not those of the ticket");
  else if (nego->resumed->expires <= parent->core->now)
    ike_respond_refuse_for (task, IKE_REASON_PEER_METHOD, "a ticket that has run out meanwhile");
  else if (ike_payloads_find (&task->message->payloads, IKE_PAYLOAD_CERT) ||
           !ike_payloads_find (&task->message->payloads, IKE_PAYLOAD_AUTH))
    ike_respond_refuse_for (task, IKE_REASON_PEER_METHOD, "more or less than a ticket");
  else
    ike_auth_judge (task, ike_auth_respond_on_judged);
}
