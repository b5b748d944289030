/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE_SA_INIT as responder: RFC 7296 sections 1.2, 2.6, 2.7, 2.23.
 *
 * Invariants: a refusal leaves nothing behind; a half-open IKE SA lives for HALF_OPEN_TIME, with EAP longer, and there
 * are never more than sa/half-open.h allows; when there are many nothing is kept for an initiator who has not shown that its address
 * is its own; the same first message again finds the one that it made, and another one with the same SPI does not.
 */
#include "exchange/handlers.h"
#include "exchange/init-common.h"
#include "exchange/intermediate.h"
#include "exchange/mesh.h"
#include "exchange/mismatch.h"
#include "exchange/multi.h"
#include "exchange/ppk.h"
#include "exchange/redirect.h"
#include "exchange/status.h"
#include "exchange/stream.h"

#include "sa/half-open.h"
#include "wire/payload-cert.h"
#include "wire/payload-ke.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"

#define HALF_OPEN_TIME (30 * IKE_SECOND)

/* ---- who may come in ---- */

void
ike_init_answer_apart (IkeConnection *connection, const IkePath *path, const IkeHeader *request, IkeNotifyType type,
                       IkeChunk data)
{
  g_auto (IkeBuilder) builder = { 0 };
  g_autoptr (GBytes) datagram = NULL;
  IkeHeader header = {
    .spi_i = request->spi_i, .version = IKE_VERSION_2, .exchange = request->exchange, .flags = IKE_FLAG_RESPONSE
  };

  ike_builder_init (&builder, &header);
  ike_builder_notify (&builder, type, data);
  datagram = ike_builder_finish (&builder);
  if (datagram)
    ike_core_send (connection->core, connection->config->id, path, datagram, IKE_PIECES_USUAL);
}

static void
send_cookie (IkeConnection *connection, const IkePath *path, const IkeHeader *request, const IkeCookieOf *of)
{
  IkeCore *core = connection->core;
  guint8 cookie[IKE_COOKIE_LEN];

  if (ike_cookie_make (core->half_open, core->crypto, core->now, of, cookie))
    ike_init_answer_apart (connection, path, request, IKE_NOTIFY_COOKIE, ike_chunk (cookie, sizeof cookie));
}

/* RFC 7296 section 2.6: without state until the initiator has shown that it gets what is sent to its address. */
static gboolean
cookie_satisfied (IkeConnection *connection, const IkePath *path, const IkeMessage *message)
{
  IkeCore *core = connection->core;
  const IkePayload *nonce = ike_payloads_find (&message->payloads, IKE_PAYLOAD_NONCE);
  IkeCookieOf of = { .source = &path->remote.address, .spi_i = message->header.spi_i };
  IkeNotify notify;

  /* RFC 9329 section 6.3: the handshake of TCP has shown that already */
  if (ike_stream_is (path) || ike_half_open_count (core->half_open) < IKE_HALF_OPEN_COOKIES)
    return TRUE;
  if (!nonce || !ike_nonce_parse (nonce->body, &of.nonce))
    return FALSE;
  if (ike_notify_find (&message->payloads, IKE_NOTIFY_COOKIE, &notify) &&
      ike_cookie_check (core->half_open, core->crypto, core->now, &of, notify.data))
    return TRUE;
  send_cookie (connection, path, &message->header, &of);
  return FALSE;
}

static gboolean
is_full (IkeConnection *connection, const IkePath *path)
{
  IkeCore *core = connection->core;

  if (ike_half_open_count (core->half_open) < IKE_HALF_OPEN_MAX &&
      ike_half_open_count_source (core->half_open, &path->remote.address) < IKE_HALF_OPEN_MAX_SOURCE)
    return FALSE;
  if (ike_core_may_be_loud (core))
    ike_core_log (core, connection->config->id, NULL, IKE_LOG_NOTICE, "limit", "too many half-open IKE SAs");
  return TRUE;
}

void
ike_init_receive (IkeConnection *connection, const IkePath *path, const IkeMessage *message, IkeChunk datagram)
{
  IkeCore *core = connection->core;
  IkeParent *parent;
  IkeFirst first;

  if (datagram.len > IKE_FIRST_MESSAGE_MAX || !ike_first_is (&first, core->crypto, &path->remote, datagram))
    return;
  parent = ike_half_open_find (core->half_open, &first);
  if (parent)
    {
      /* RFC 7296 section 2.1: one whose IKE_AUTH was there ignores it */
      if (parent->nego)
        ike_run_receive (parent, &message->header, path, datagram);
      return;
    }
  /* RFC 5723: only who has given a ticket can be shown one */
  if (message->header.exchange == IKE_EXCHANGE_IKE_SESSION_RESUME &&
      !(connection->config->resumption && connection->config->role == IKE_ROLE_RESPONDER))
    return;
  if (!cookie_satisfied (connection, path, message) || ike_redirect_first (connection, path, message) || is_full (connection, path))
    return;
  if (connection->config->mesh && !(connection = ike_mesh_answering (connection, path)))
    return;
  parent = ike_parent_new (core, connection, FALSE);
  parent->path = *path;
  parent->spi_i = message->header.spi_i;
  parent->nego = ike_nego_new ();
  if (!ike_core_new_spi (core, &parent->spi_r))
    {
      ike_life_retire (parent);
      return;
    }
  ike_parent_index (parent);
  ike_half_open_add (core->half_open, parent, &first);
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_EXPIRE, core->now + HALF_OPEN_TIME);
  ike_run_receive (parent, &message->header, path, datagram);
}

/* ---- the exchange ---- */

static void
refuse (IkeTask *task, IkeNotifyType type, IkeChunk data)
{
  IkeParent *parent = task->parent;
  g_auto (IkeBuilder) builder = { 0 };
  IkeHeader header;

  ike_run_header (parent, task->row->exchange, TRUE, 0, &header);
  header.spi_r = 0;
  ike_builder_init (&builder, &header);
  ike_builder_notify (&builder, type, data);
  ike_run_answer (task, &builder);
  ike_window_forget_answers (&parent->window);
  ike_life_retire (parent);
}

void
ike_init_refuse (IkeTask *task, IkeNotifyType type, IkeChunk data)
{
  ike_parent_log_seldom (task->parent, "exchange", "%s refused: %s", task->row->name, IKE_NAME (NOTIFY, type));
  refuse (task, type, data);
}

static void
send_answer (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  const IkeConfig *config = ike_parent_config (parent);
  g_auto (IkeBuilder) builder = { 0 };
  IkeHeader header;

  ike_run_header (parent, IKE_EXCHANGE_IKE_SA_INIT, TRUE, 0, &header);
  ike_builder_init (&builder, &header);
  ike_init_write (&builder, NULL, &nego->material.suite, &nego->material, nego->material.nr);
  if (!ike_natd_write (&builder, parent->core->crypto, parent->spi_i, parent->spi_r, &parent->path, config->encap))
    {
      ike_life_retire (parent);
      return;
    }
  if (config->certreq_hashes)
    {
      IkeCert certreq = { .encoding = IKE_CERT_X509_SIGNATURE, .data = ike_chunk_bytes (config->certreq_hashes) };

      ike_cert_write (ike_builder_begin (&builder, IKE_PAYLOAD_CERTREQ), &certreq);
      ike_builder_end (&builder);
      ike_status_write_request (&builder, config);
    }
  ike_init_write_abilities (&builder, parent->core->crypto, parent->fragmentation);
  ike_init_write_announcement (&builder, parent);
  ike_multi_offer (&builder, parent);
  if (config->childless)
    ike_init_write_childless (&builder);
  if (ike_suite_addke (&nego->material.suite, 0) || nego->ppk == IKE_PPK_USE_INTERMEDIATE)
    ike_builder_notify (&builder, IKE_NOTIFY_INTERMEDIATE_EXCHANGE_SUPPORTED, ike_chunk (NULL, 0));
  ike_ppk_accept (&builder, parent);
  ike_parent_set_state (parent, ike_intermediate_next_state (parent));
  ike_run_answer (task, &builder);
}

static void
on_responded (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  IkeNego *nego = parent->nego;
  IkeNatd natd;

  if (!input->ok || !input->bytes || !input->secret)
    {
      /* RFC 6989: a value that is not in the group deserves no answer */
      ike_parent_log_seldom (parent, "exchange", "the peer's key exchange value is not valid");
      ike_life_retire (parent);
      return;
    }
  nego->material.mine = g_steal_pointer (&input->bytes);
  if (!ike_init_derive (parent, &parent->keys, &nego->material.suite, input->secret, parent->spi_r))
    {
      ike_life_retire (parent);
      return;
    }
  natd = ike_natd_check (&task->message->payloads, parent->core->crypto, parent->spi_i, 0, &task->message->path,
                         ike_parent_config (parent)->encap);
  ike_init_set_nat (parent, &natd);
  ike_ppk_agree (parent, &task->message->payloads); /* insisting is IKE_AUTH's business: it refuses in secret */
  ike_init_read_abilities (parent, &task->message->payloads);
  ike_redirect_note (parent, &task->message->payloads);
  ike_init_say_suite (parent, &natd);
  send_answer (task);
}

void
ike_init_on_request (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  const IkeConfig *config = ike_parent_config (parent);
  const IkePayloads *payloads = &task->message->payloads;
  IkeWorkFor work = { .parent = parent, .task = task->id, .done = on_responded };
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_IKE };
  g_auto (IkeSa) sa = { 0 };
  IkeNotify notify;
  IkeSuite suite;
  IkeChunk nonce;
  IkeKe ke;
  IkeJob *job;

  if (!ike_sa_parse (ike_payloads_find (payloads, IKE_PAYLOAD_SA)->body, &sa) ||
      !ike_ke_parse (ike_payloads_find (payloads, IKE_PAYLOAD_KE)->body, &ke) ||
      !ike_nonce_parse (ike_payloads_find (payloads, IKE_PAYLOAD_NONCE)->body, &nonce))
    {
      ike_init_refuse (task, IKE_NOTIFY_INVALID_SYNTAX, ike_chunk (NULL, 0));
      return;
    }
  rule.ke_sent = ke.group;
  if (!ike_proposal_choose (&suite, config->proposals, &sa, &rule))
    {
      ike_mismatch_proposals (parent, &sa, config->proposals, IKE_PROTOCOL_IKE);
      refuse (task, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, ike_chunk (NULL, 0));
      return;
    }
  /* RFC 9370 section 2.2.1: who offers additional key exchanges says that there may be IKE_INTERMEDIATE */
  if (ike_suite_addke (&suite, 0) && !ike_notify_find (payloads, IKE_NOTIFY_INTERMEDIATE_EXCHANGE_SUPPORTED, &notify))
    {
      ike_init_refuse (task, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, ike_chunk (NULL, 0));
      return;
    }
  if (suite.ke != ke.group)
    {
      guint16 group = GUINT16_TO_BE (suite.ke);

      ike_init_refuse (task, IKE_NOTIFY_INVALID_KE_PAYLOAD, ike_chunk (&group, sizeof group));
      return;
    }
  nego->request = g_bytes_ref (task->message->datagram);
  nego->material.suite = suite;
  nego->material.group = ke.group;
  nego->material.ni = ike_chunk_dup (nonce);
  nego->material.nr = ike_material_nonce (parent->core->crypto);
  if (!nego->material.nr)
    {
      ike_life_retire (parent);
      return;
    }
  ike_parent_set_state (parent, IKE_PARENT_INIT);
  job = g_new0 (IkeJob, 1);
  job->type = IKE_JOB_KE_RESPOND;
  job->ke.group = ke.group;
  job->ke.peer = ike_chunk_dup (ke.data);
  ike_core_ask (parent->core, config->id, job, &work, NULL);
}
