/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE_SA_INIT as responder: RFC 7296 sections 1.2, 2.6, 2.7, 2.23.
 *
 * Invariants: a refusal leaves nothing behind; a half-open IKE SA lives for HALF_OPEN_TIME, and there are at most
 * MAX_HALF_OPEN of them; the same first message again finds the one that it made.
 */
#include "exchange/handlers.h"
#include "exchange/init-common.h"

#include "wire/payload-cert.h"
#include "wire/payload-ke.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"

#define HALF_OPEN_TIME (30 * IKE_SECOND)
#define MAX_HALF_OPEN 1000

void
ike_init_receive (IkeConnection *connection, const IkePath *path, const IkeMessage *message, IkeChunk datagram)
{
  IkeCore *core = connection->core;
  IkeParent *parent = g_hash_table_lookup (core->half_open, &message->header.spi_i);

  if (parent && ike_endpoint_equal (&parent->path.remote, &path->remote))
    {
      ike_run_receive (parent, &message->header, path, datagram);
      return;
    }
  if (parent || g_hash_table_size (core->half_open) >= MAX_HALF_OPEN)
    {
      ike_core_log (core, connection->config->id, NULL, IKE_LOG_NOTICE, "limit", "too many half-open IKE SAs");
      return;
    }
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
  g_hash_table_insert (core->half_open, &parent->spi_i, parent);
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_EXPIRE, core->now + HALF_OPEN_TIME);
  ike_run_receive (parent, &message->header, path, datagram);
}

/* One notification in clear, and nothing is left. */
static void
refuse (IkeTask *task, IkeNotifyType type, IkeChunk data)
{
  IkeParent *parent = task->parent;
  g_auto (IkeBuilder) builder = { 0 };
  IkeHeader header;

  ike_run_header (parent, IKE_EXCHANGE_IKE_SA_INIT, TRUE, 0, &header);
  header.spi_r = 0;
  ike_builder_init (&builder, &header);
  ike_builder_notify (&builder, type, data);
  ike_parent_log (parent, IKE_LOG_NOTICE, "exchange", "IKE_SA_INIT refused: %s", IKE_NAME (NOTIFY, type));
  ike_run_answer (task, &builder);
  g_clear_pointer (&parent->window.response, g_ptr_array_unref);
  ike_life_retire (parent);
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
  if (!ike_natd_write (&builder, parent->core->crypto, parent->spi_i, parent->spi_r, &parent->path,
                       config->force_encap))
    {
      ike_life_retire (parent);
      return;
    }
  if (config->certreq_hashes)
    {
      IkeCert certreq = { .encoding = IKE_CERT_X509_SIGNATURE, .data = ike_chunk_bytes (config->certreq_hashes) };

      ike_cert_write (ike_builder_begin (&builder, IKE_PAYLOAD_CERTREQ), &certreq);
      ike_builder_end (&builder);
    }
  ike_init_write_abilities (&builder, config, parent->fragmentation);
  ike_parent_set_state (parent, IKE_PARENT_AUTH);
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
      ike_parent_log (parent, IKE_LOG_NOTICE, "exchange", "the peer's key exchange value is not valid");
      ike_life_retire (parent);
      return;
    }
  nego->material.mine = g_steal_pointer (&input->bytes);
  if (!ike_init_derive (parent, &parent->keys, &nego->material.suite, input->secret, parent->spi_r))
    {
      ike_life_retire (parent);
      return;
    }
  natd = ike_natd_check (&task->message->payloads, parent->core->crypto, parent->spi_i, 0, &task->message->path);
  parent->nat_here = natd.nat_here;
  parent->nat_there = natd.nat_there;
  parent->encap = natd.supported && (natd.nat_here || natd.nat_there);
  ike_init_read_abilities (parent, &task->message->payloads);
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
  IkeSuite suite;
  IkeChunk nonce;
  IkeKe ke;
  IkeJob *job;

  if (!ike_sa_parse (ike_payloads_find (payloads, IKE_PAYLOAD_SA)->body, &sa) ||
      !ike_ke_parse (ike_payloads_find (payloads, IKE_PAYLOAD_KE)->body, &ke) ||
      !ike_nonce_parse (ike_payloads_find (payloads, IKE_PAYLOAD_NONCE)->body, &nonce))
    {
      refuse (task, IKE_NOTIFY_INVALID_SYNTAX, ike_chunk (NULL, 0));
      return;
    }
  rule.ke_sent = ke.group;
  if (!ike_proposal_choose (&suite, config->proposals, &sa, &rule))
    {
      refuse (task, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, ike_chunk (NULL, 0));
      return;
    }
  if (suite.ke != ke.group)
    {
      guint16 group = GUINT16_TO_BE (suite.ke);

      refuse (task, IKE_NOTIFY_INVALID_KE_PAYLOAD, ike_chunk (&group, sizeof group));
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
