/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE_AUTH as initiator: RFC 7296 sections 1.2, 2.9, 2.15, 2.16, 2.19, 2.21.2; RFC 5998.
 *
 * Invariants: the IKE SA is ESTABLISHED only after the peer was proven to be whom we want; before that no EAP packet
 * leaves (cve-2015-4171), and the Child SA part of an answer is not looked at.
 */
#include "exchange/auth-common.h"
#include "exchange/multi.h"
#include "exchange/ppk.h"
#include "exchange/puzzle.h"
#include "exchange/qcd.h"
#include "exchange/init-common.h"
#include "exchange/options.h"
#include "exchange/redirect.h"
#include "exchange/resume.h"
#include "exchange/status.h"
#include "exchange/sync.h"
#include "exchange/ticket.h"

#include "sa/configure.h"
#include "sa/select.h"
#include "wire/payload-cert.h"
#include "wire/payload-id.h"
#include "wire/payload-notify.h"
#include "wire/payload-ts.h"

enum { STEP_START, STEP_PPK, STEP_PLAIN, STEP_PROVING, STEP_SENT, STEP_JUDGING };

static void
end (IkeTask *task, IkeFarewell farewell, IkeReasonCode code, guint16 notify, const char *detail)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, code, notify, detail ? "%s" : NULL, detail);
  ike_life_end (task->parent, farewell, &reason);
}

void
ike_auth_on_give_up (IkeTask *task, IkeReason *reason)
{
  ike_ticket_doubt (task->parent);
  ike_life_end (task->parent, IKE_FAREWELL_NONE, reason);
}

/* ---- the request ---- */

/* A ticket stands for whatever we would have to prove. */
static gboolean
wants_eap (const IkeParent *parent)
{
  return ike_parent_config (parent)->local_auth == IKE_AUTH_EAP && !ike_resume_is (parent);
}

static void
write_child (IkeBuilder *builder, IkeParent *parent)
{
  IkeNego *nego = parent->nego;
  const IkeConfig *config = ike_parent_config (parent);
  IkeChild *child = ike_child_by_number (parent, nego->child);
  g_autoptr (GPtrArray) proposals = ike_auth_child_proposals (config);
  guint32 spi = GUINT32_TO_BE (child->spi_in);

  ike_options_offer (builder, child, config->child.transport_mode, nego->local_ts, nego->remote_ts);
  ike_sa_write (ike_builder_begin (builder, IKE_PAYLOAD_SA), proposals, ike_chunk (&spi, sizeof spi));
  ike_builder_end (builder);
  ike_child_write_ts (builder, nego->local_ts, nego->remote_ts, child->label);
}

gboolean
ike_auth_wants_mobike (const IkeParent *parent)
{
  return ike_parent_config (parent)->mobike && !parent->connection->met_nat;
}

static void
write_notifies (IkeBuilder *builder, const IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);

  ike_ticket_request (builder, parent);
  ike_multi_announce (builder, parent);
  ike_sync_offer (builder);
  ike_run_announce_window (builder, parent);
  if (parent->nego->announces)
    ike_init_write_announcement (builder, parent);
  if (ike_auth_wants_mobike (parent))
    {
      ike_builder_notify (builder, IKE_NOTIFY_MOBIKE_SUPPORTED, ike_chunk (NULL, 0));
      ike_natd_forbid (builder, &parent->path, config->encap);
    }
  if (wants_eap (parent) && config->remote_auth == IKE_AUTH_EAP_ONLY)
    ike_builder_notify (builder, IKE_NOTIFY_EAP_ONLY_AUTHENTICATION, ike_chunk (NULL, 0));
}

/* RFC 7296 section 2.4: may the peer forget all others? Of two ends that begin at once either has that of the other. */
static gboolean
is_only_one (const IkeParent *parent)
{
  const IkeConnection *connection = parent->connection;

  for (guint i = 0; i < connection->parents->len; i++)
    {
      const IkeParent *other = connection->parents->pdata[i];

      if (other != parent && other->state != IKE_PARENT_CLOSED && other->state != IKE_PARENT_DELETING)
        return FALSE;
    }
  return connection->fresh != parent;
}

/* In the order of RFC 7296 appendix C.2. */
static void
send_request (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  const IkeConfig *config = ike_parent_config (parent);
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_IDI, ike_chunk_bytes (nego->my_id));
  if (config->local_auth == IKE_AUTH_SIGNATURE && !ike_resume_is (parent))
    {
      ike_auth_write_certificates (&builder, config);
      ike_status_write_own (&builder, nego);
    }
  if (config->local_auth != IKE_AUTH_NULL && is_only_one (parent))
    ike_builder_notify (&builder, IKE_NOTIFY_INITIAL_CONTACT, ike_chunk (NULL, 0));
  if (config->certreq_hashes && !ike_resume_is (parent) &&
      (config->remote_auth == IKE_AUTH_SIGNATURE || config->remote_auth == IKE_AUTH_EAP_ONLY))
    {
      IkeCert certreq = { .encoding = IKE_CERT_X509_SIGNATURE, .data = ike_chunk_bytes (config->certreq_hashes) };

      ike_cert_write (ike_builder_begin (&builder, IKE_PAYLOAD_CERTREQ), &certreq);
      ike_builder_end (&builder);
      ike_status_write_request (&builder, config);
    }
  /* RFC 5723 section 4.3.3: the same as it has proven before */
  if (ike_resume_is (parent))
    ike_builder_add (&builder, IKE_PAYLOAD_IDR, ike_chunk_bytes (nego->resumed->id_r));
  else if (config->send_remote_id && config->remote_id)
    {
      ike_id_write (ike_builder_begin (&builder, IKE_PAYLOAD_IDR), config->remote_id);
      ike_builder_end (&builder);
    }
  if (nego->auth)
    {
      ike_auth_write_own (&builder, nego);
      ike_ppk_write (&builder, parent);
    }
  ike_qcd_write (&builder, parent);
  if (ike_configure_wanted (config))
    ike_configure_request (&builder, config, parent->connection->configured);
  nego->local_ts = ike_auth_selectors (parent, TRUE);
  nego->remote_ts = ike_auth_selectors (parent, FALSE);
  if (!nego->childless)
    write_child (&builder, parent);
  write_notifies (&builder, parent);
  task->step = STEP_SENT;
  ike_run_send (task, &builder);
}

static void
on_ppk (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  const IkeConfig *config = ike_parent_config (parent);
  g_auto (IkeReason) reason = { 0 };

  if (!ike_ppk_take (parent, input))
    {
      ike_ppk_why_missing (input, &reason);
      ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
      return;
    }
  /* with EAP it is mixed in when there is an AUTH of ours; else first without it, in case that the peer has none */
  task->step = config->local_auth == IKE_AUTH_EAP || ike_ppk_insists (config) ? STEP_PROVING : STEP_PLAIN;
  if (config->local_auth == IKE_AUTH_EAP)
    ike_auth_start (task);
  else if (task->step == STEP_PROVING && !ike_ppk_mix (parent))
    end (task, IKE_FAREWELL_NONE, IKE_REASON_CRYPTO, 0, "PPK");
  else
    ike_auth_prove (task, ike_auth_on_proven);
}

/* ---- work before all that: RFC 8019 section 7.2 ---- */

void
ike_auth_note_puzzle (IkeParent *parent, const IkePayloads *payloads)
{
  g_autofree char *detail = NULL;

  parent->nego->auth_puzzle = ike_puzzle_find (payloads, &parent->nego->auth_puzzle_is, &detail) == IKE_PUZZLE_EASY;
}

static void
on_solved (IkeParent *parent)
{
  IkeTask *task = ike_parent_current (parent);

  if (task && parent->nego->solution)
    ike_auth_start (task);
  else if (task)
    end (task, IKE_FAREWELL_NONE, IKE_REASON_PUZZLE, IKE_NOTIFY_PUZZLE, "no solution was found");
}

/* Section 7.2.3: Nr | SPIr */
static void
solve (IkeTask *task)
{
  IkeParent *parent = task->parent;
  g_auto (IkeWriter) writer = IKE_WRITER (512);

  parent->nego->auth_puzzle = FALSE;
  ike_write_chunk (&writer, ike_chunk_bytes (parent->nego->material.nr));
  ike_write_u64 (&writer, parent->spi_r);
  ike_puzzle_solve (task, &parent->nego->auth_puzzle_is, ike_writer_chunk (&writer), on_solved);
}

/* Also called again when the SPI has come. */
void
ike_auth_start (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  const IkeChild *child = ike_child_by_number (parent, nego->child);
  gboolean prove = !wants_eap (parent);

  if (nego->auth_puzzle)
    solve (task);
  if (nego->puzzle)
    return;
  if (ike_multi_complaint (parent))
    {
      end (task, IKE_FAREWELL_NONE, IKE_REASON_PEER_METHOD, 0, ike_multi_complaint (parent));
      return;
    }
  if (task->step == STEP_START)
    {
      if (ike_resume_is (parent) && !nego->my_id)
        nego->my_id = g_bytes_ref (nego->resumed->id_i);
      ike_auth_make_id (parent);
      if (nego->ppk == IKE_PPK_USE_AUTH)
        {
          task->step = STEP_PPK;
          ike_ppk_ask (task, NULL, on_ppk);
          return;
        }
      task->step = STEP_PROVING;
      if (prove)
        {
          ike_auth_prove (task, ike_auth_on_proven);
          return;
        }
    }
  if (task->step == STEP_PROVING && child->spi_in && (nego->auth || !prove))
    send_request (task);
}

void
ike_auth_on_proven (IkeTask *task, IkeReason *reason)
{
  if (reason->code != IKE_REASON_NONE)
    ike_life_end (task->parent, IKE_FAREWELL_NONE, reason);
  else if (task->step == STEP_PLAIN)
    {
      ike_ppk_keep_plain_auth (task->parent);
      task->step = STEP_PROVING;
      if (ike_ppk_mix (task->parent))
        ike_auth_prove (task, ike_auth_on_proven);
      else
        end (task, IKE_FAREWELL_NONE, IKE_REASON_CRYPTO, 0, "PPK");
    }
  else
    ike_auth_start (task);
}

/* ---- the answer ---- */

gboolean
ike_auth_doubts_cookie (IkeParent *parent, const IkeNotify *notify)
{
  IkeConnection *connection = parent->connection;
  g_autofree char *what = ike_notify_to_string (notify);
  g_auto (IkeReason) reason = { 0 };

  if (!ike_notify_refuses_us (notify) || !parent->nego->cookies || connection->cookie_doubted)
    return FALSE;
  connection->cookie_doubted = TRUE;
  ike_parent_log (parent, IKE_LOG_INFO, "auth",
                  "%s: was its answer for the request without the cookie? It is tried once more", what);
  if (connection->current == parent)
    {
      ike_reason_set (&reason, IKE_REASON_REPLACED, 0, "COOKIE");
      ike_life_renew (parent, IKE_FAREWELL_NONE, &reason);
      return TRUE;
    }
  /* what stands beside it makes a new one in its time, which a reason that is final would forbid */
  ike_reason_set (&reason, IKE_REASON_PEER_ERROR, notify->type, "%s", what);
  ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
  return TRUE;
}

/* RFC 7296 section 2.21.2: refused as a whole. */
static void
refused (IkeTask *task, const IkeNotify *notify)
{
  const IkeConfig *config = ike_parent_config (task->parent);
  g_autofree char *who = config->local_id ? ike_identity_to_string (config->local_id) : g_strdup ("our address");
  const char *how = config->local_auth == IKE_AUTH_PSK    ? "pre-shared key"
                    : config->local_auth == IKE_AUTH_EAP  ? "EAP"
                    : config->local_auth == IKE_AUTH_NULL ? "NULL"
                                                          : "signature";
  g_autofree char *what = ike_notify_to_string (notify);
  g_autofree char *detail = notify->type == IKE_NOTIFY_MS_STATUS ? g_strdup_printf ("%s as %s: %s", how, who, what)
                                                                 : g_strdup_printf ("%s as %s", how, who);

  if (ike_notify_refuses_us (notify))
    end (task, IKE_FAREWELL_NONE, IKE_REASON_PEER_REFUSED_US, notify->type, detail);
  else if (notify->type == IKE_NOTIFY_INVALID_SYNTAX || notify->type == IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD)
    end (task, IKE_FAREWELL_NONE, IKE_REASON_PEER_SYNTAX, notify->type, what);
  else
    end (task, IKE_FAREWELL_NONE, IKE_REASON_PEER_ERROR, notify->type, what);
}

/* RFC 4555 section 3.9: there is a NAT, which we have forbidden for the sake of MOBIKE. TRUE: it is tried without that. */
static gboolean
goes_without_mobike (IkeParent *parent, const IkeNotify *notify)
{
  IkeConnection *connection = parent->connection;
  g_auto (IkeReason) reason = { 0 };

  if (notify->type != IKE_NOTIFY_UNEXPECTED_NAT_DETECTED || !ike_auth_wants_mobike (parent) ||
      ike_parent_config (parent)->encap != IKE_ENCAP_NEVER)
    return FALSE;
  connection->met_nat = TRUE;
  if (ike_resume_is (parent) || connection->current != parent)
    return FALSE;
  ike_parent_log (parent, IKE_LOG_INFO, "mobike",
                  "there is a NAT on the way: without MOBIKE, since nothing goes in UDP");
  ike_reason_set (&reason, IKE_REASON_REPLACED, 0, "NAT");
  ike_life_renew (parent, IKE_FAREWELL_NONE, &reason);
  return TRUE;
}

void
ike_auth_on_response (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeConfig *config = ike_parent_config (parent);
  const IkePayloads *payloads = &task->message->payloads;
  const IkePayload *id = ike_payloads_find (payloads, IKE_PAYLOAD_IDR);
  gboolean auth = ike_payloads_find (payloads, IKE_PAYLOAD_AUTH) != NULL;
  gboolean eap = ike_payloads_find (payloads, IKE_PAYLOAD_EAP) != NULL, redirected;
  IkeNotify notify;

  if (ike_notify_find_error (payloads, &notify) && (!id || !auth))
    {
      if (goes_without_mobike (parent, &notify))
        return;
      if (ike_resume_is (parent))
        {
          if (notify.type == IKE_NOTIFY_AUTHENTICATION_FAILED)
            parent->connection->resume_briefly = !parent->nego->resumed_briefly;
          ike_resume_fall_back (parent, IKE_FAREWELL_NONE, IKE_NAME (NOTIFY, notify.type));
          return;
        }
      if (!ike_auth_doubts_cookie (parent, &notify))
        refused (task, &notify);
      return;
    }
  if (!id || !ike_auth_read_id (parent, id->body) || !ike_auth_read_certificates (parent, payloads))
    {
      end (task, IKE_FAREWELL_AUTH_FAILED, IKE_REASON_BAD_MESSAGE, 0, "IKE_AUTH answer");
      return;
    }
  /* EAP is what we asked for by leaving AUTH out; then and only then the answer continues with it */
  /* RFC 5685 section 6: a client may be sent away before EAP, if AUTH is right */
  redirected = auth && ike_notify_find (payloads, IKE_NOTIFY_REDIRECT, &notify);
  if (redirected ? eap && !wants_eap (parent) : eap != wants_eap (parent))
    {
      end (task, IKE_FAREWELL_AUTH_FAILED, IKE_REASON_PEER_METHOD, 0,
           eap ? "no EAP, but the gateway asks for it" : "EAP, but the gateway does not ask for it");
      return;
    }
  task->step = STEP_JUDGING;
  if (!ike_ppk_settle (parent, payloads))
    {
      end (task, IKE_FAREWELL_AUTH_FAILED, IKE_REASON_PPK, 0, "the gateway does not know ours");
      return;
    }
  if (config->remote_auth == IKE_AUTH_EAP_ONLY && eap && !auth)
    {
      /* RFC 5998: the method will prove the gateway; its identity is matched now. With AUTH it does not want that, and is
       * judged as others are. */
      if (!config->remote_id || ike_identity_equal (config->remote_id, parent->nego->peer_identity))
        ike_eap_begin (task);
      else
        end (task, IKE_FAREWELL_AUTH_FAILED, IKE_REASON_PEER_ID_MISMATCH, 0, "EAP-only");
      return;
    }
  ike_auth_judge (task, ike_auth_on_judged);
}

void
ike_auth_on_judged (IkeTask *task, IkeReason *reason)
{
  if (reason->code != IKE_REASON_NONE && ike_resume_is (task->parent))
    ike_resume_fall_back (task->parent, IKE_FAREWELL_AUTH_FAILED, ike_reason_code_name (reason->code));
  else if (reason->code != IKE_REASON_NONE)
    ike_life_end (task->parent, IKE_FAREWELL_AUTH_FAILED, reason);
  else if ((wants_eap (task->parent) || ike_multi_wanted (task->parent)) && ike_redirect_in_auth (task))
    return;
  else if (ike_payloads_find (&task->message->payloads, IKE_PAYLOAD_EAP))
    ike_eap_begin (task);
  else if (ike_multi_wanted (task->parent))
    ike_multi_begin (task);
  else
    ike_auth_complete (task);
}
