/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE_SA_INIT as initiator: RFC 7296 sections 1.2, 2.6, 2.7, 2.23; RFC 7383 section 2.3; RFC 7427 section 4.
 *
 * Invariants: nothing in this exchange is authenticated, so a refusal is only remembered, and believed when nothing
 * better comes within a moment; a cookie or another group is tried a few times at most; our proposals never shrink. Nothing
 * in an answer says whether it is to the request with the last cookie or to the one before, and AUTH covers only one of
 * them (section 2.15): where that has gone wrong a request has its time before a cookie is obeyed.
 */
#include "exchange/handlers.h"
#include "exchange/init-common.h"
#include "exchange/intermediate.h"
#include "exchange/options.h"
#include "exchange/ppk.h"
#include "exchange/puzzle.h"
#include "exchange/reauth.h"
#include "exchange/redirect.h"
#include "exchange/status.h"
#include "exchange/stream.h"

#include "wire/payload-ke.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"

#define MAX_COOKIES 3
#define MAX_INVALID_KES 3
#define DOUBT_TIME (1200 * IKE_MILLISECOND)
#define UNREACHABLE_TIME (2 * IKE_SECOND)

static void ask_generate (IkeTask *task);
static void give_time (IkeParent *parent);

static void
fail (IkeParent *parent, IkeReasonCode code, const char *detail)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, code, 0, "%s", detail);
  ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
}

/* ---- out ---- */

static void
send_request (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  const IkeConfig *config = ike_parent_config (parent);
  g_auto (IkeBuilder) builder = { 0 };

  ike_init_begin (&builder, parent, IKE_EXCHANGE_IKE_SA_INIT);
  /* RFC 8019 section 7.1.2 */
  if (nego->solution)
    ike_builder_add (&builder, IKE_PAYLOAD_PS, ike_chunk_bytes (nego->solution));
  g_clear_pointer (&nego->solution, g_bytes_unref);
  ike_init_write (&builder, config->proposals, NULL, &nego->material, nego->material.ni);
  if (!ike_natd_write (&builder, parent->core->crypto, parent->spi_i, 0, &parent->path, config->encap))
    {
      fail (parent, IKE_REASON_CRYPTO, "SHA-1");
      return;
    }
  ike_redirect_offer (&builder, parent);
  ike_init_write_abilities (&builder, parent->core->crypto, config->fragmentation);
  if (ike_intermediate_wanted (config))
    ike_builder_notify (&builder, IKE_NOTIFY_INTERMEDIATE_EXCHANGE_SUPPORTED, ike_chunk (NULL, 0));
  ike_ppk_offer (&builder, config);
  give_time (parent);
  ike_init_send (task, &builder);
}

static void
on_generated (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  IkeMaterial *material = &parent->nego->material;

  task->waiting = 0;
  if (!input->ok || !input->key || !input->bytes)
    {
      fail (parent, IKE_REASON_CRYPTO, IKE_NAME (KE, material->group));
      return;
    }
  material->key = g_steal_pointer (&input->key);
  material->mine = g_steal_pointer (&input->bytes);
  send_request (task);
}

static void
ask_generate (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeMaterial *material = &parent->nego->material;
  IkeWorkFor work = { .parent = parent, .task = task->id, .done = on_generated };
  IkeJob *job = g_new0 (IkeJob, 1);

  if (material->key)
    parent->core->crypto->ke_free (parent->core->crypto, g_steal_pointer (&material->key));
  g_clear_pointer (&material->mine, g_bytes_unref);
  job->type = IKE_JOB_KE_GENERATE;
  job->ke.group = material->group;
  task->waiting = 1;
  ike_core_ask (parent->core, ike_parent_config (parent)->id, job, &work, NULL);
}

static void
on_spi (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *child = ike_child_by_number (parent, number);
  IkeTask *current = ike_parent_current (parent);

  if (!child)
    return;
  if (input->kernel_error)
    {
      g_autofree char *text = ike_core_kernel_text (input);

      fail (parent, IKE_REASON_KERNEL, text);
      return;
    }
  ike_child_set_spi_in (child, input);
  if (current && current->row == &ike_row_auth)
    ike_row_auth.start (current);
}

/* Early, so that it costs no time when it is needed. */
void
ike_init_alloc_spi (IkeParent *parent)
{
  IkeWorkFor work = { .parent = parent, .child = parent->nego->child, .done = on_spi };

  IkeChild *child = ike_child_by_number (parent, parent->nego->child);

  ike_options_wish (child);
  ike_child_alloc_spi (child, &parent->path, &work);
}

void
ike_init_start (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  const IkeConfig *config = ike_parent_config (parent);

  nego->material.ni = ike_material_nonce (parent->core->crypto);
  nego->material.group = ike_proposals_first_ke (config->proposals, parent->connection->ke_hint);
  if (!nego->material.ni || !nego->material.group)
    {
      fail (parent, IKE_REASON_CRYPTO, "no nonce or no group");
      return;
    }
  ask_generate (task);
  ike_init_alloc_spi (parent);
}

/* ---- refusals, which anybody can have sent ---- */

/* For something better. Also what was asked anew, as somebody wants it, has it. */
static void
give_time (IkeParent *parent)
{
  /* RFC 9329 section 6.4: on a connection nothing better comes */
  if (parent->nego->doubt.code != IKE_REASON_NONE)
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_DOUBT,
                          parent->core->now + (ike_stream_is (&parent->path) ? 0 : DOUBT_TIME));
}

/* The first one stays: later ones may be somebody's answer to it. */
static void
doubt (IkeParent *parent, IkeReasonCode code, guint16 notify, const char *detail)
{
  IkeNego *nego = parent->nego;

  if (nego->doubt.code != IKE_REASON_NONE)
    return;
  ike_reason_set (&nego->doubt, code, notify, "%s", detail);
  ike_parent_log (parent, IKE_LOG_DEBUG, "exchange", "IKE_SA_INIT was refused (%s); waiting for something better",
                  ike_reason_code_name (code));
  give_time (parent);
}

static void
believe (IkeParent *parent)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_copy (&reason, &parent->nego->doubt);
  ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
}

void
ike_init_on_doubt (IkeParent *parent)
{
  const IkeTask *task = ike_parent_current (parent);

  if (parent->state != IKE_PARENT_INIT || !parent->nego)
    return;
  /* something better has come, or is asked for as soon as we have computed what that takes, or know the way there */
  if (parent->nego->puzzle || (task && task->waiting) || parent->connection->redirecting)
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_DOUBT, parent->core->now + DOUBT_TIME);
  else
    believe (parent);
}

void
ike_init_on_unreachable (IkeParent *parent, const char *text)
{
  g_autofree char *remote = ike_endpoint_to_string (&parent->path.remote);
  const IkeTask *task = ike_parent_current (parent);

  if (parent->state != IKE_PARENT_INIT || !parent->nego || parent->trial || !task)
    return;
  /* unauthenticated, and often passing: one alone says nothing */
  if (++parent->nego->unreachable < 2 || parent->nego->doubt.code != IKE_REASON_NONE)
    return;
  ike_reason_set (&parent->nego->doubt, IKE_REASON_UNREACHABLE, 0, "%s: %s", remote, text ? text : "unreachable");
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_DOUBT,
                        MAX (task->request.since + UNREACHABLE_TIME, parent->core->now));
}

void
ike_init_on_unusable (IkeParent *parent, IkeReasonCode code, const char *detail)
{
  const IkeTask *task = ike_parent_current (parent);

  if (parent->state == IKE_PARENT_INIT && task && task->row == &ike_row_init && !task->waiting)
    doubt (parent, code, 0, detail);
}

static void
refused (IkeParent *parent, const IkeNotify *notify)
{
  const IkeConfig *config = ike_parent_config (parent);
  g_autofree char *what = ike_notify_to_string (notify);
  g_autofree char *ours = NULL;

  switch (notify->type)
    {
    case IKE_NOTIFY_NO_PROPOSAL_CHOSEN:
      ours = ike_proposals_to_string (config->proposals);
      doubt (parent, IKE_REASON_NO_PROPOSAL_CHOSEN, notify->type, ours);
      return;
    case IKE_NOTIFY_INVALID_MAJOR_VERSION:
      doubt (parent, IKE_REASON_IKE_VERSION, notify->type, "not 2");
      return;
    case IKE_NOTIFY_INVALID_SYNTAX:
    case IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD:
      doubt (parent, IKE_REASON_PEER_SYNTAX, notify->type, what);
      return;
    default:
      doubt (parent, IKE_REASON_PEER_ERROR, notify->type, what);
      return;
    }
}

/* RFC 7296 section 2.6 */
gboolean
ike_init_take_cookie (IkeParent *parent, IkeChunk cookie)
{
  IkeNego *nego = parent->nego;

  if (cookie.len < 1 || cookie.len > IKE_MAX_COOKIE)
    return FALSE;
  /* the same again: an answer to a retransmission */
  if (nego->cookie && ike_chunk_equal (ike_chunk_bytes (nego->cookie), cookie))
    return FALSE;
  if (++nego->cookies > MAX_COOKIES)
    {
      doubt (parent, IKE_REASON_COOKIE_LOOP, IKE_NOTIFY_COOKIE, "");
      return FALSE;
    }
  g_clear_pointer (&nego->cookie, g_bytes_unref);
  nego->cookie = ike_chunk_dup (cookie);
  return TRUE;
}

/* RFC 8019 section 7.1.2: with the solution, or without one if there is none: who is under load may take that all the
 * same. */
static void
on_solved (IkeParent *parent)
{
  IkeTask *task = ike_parent_current (parent);

  if (task && parent->state == IKE_PARENT_INIT)
    send_request (task);
}

static void
got_cookie (IkeTask *task, const IkePayloads *payloads, IkeChunk cookie)
{
  IkeParent *parent = task->parent;
  IkePuzzle puzzle;
  g_autofree char *detail = NULL;

  /* the gateway's own comes again with the next repetition */
  if (parent->connection->cookie_doubted && !ike_stream_is (&parent->path) &&
      parent->core->now < task->request.since + DOUBT_TIME)
    {
      give_time (parent);
      return;
    }
  if (!ike_init_take_cookie (parent, cookie))
    return;
  ike_puzzle_stop (parent);
  switch (ike_puzzle_find (payloads, &puzzle, &detail))
    {
    case IKE_PUZZLE_HARD:
      doubt (parent, IKE_REASON_PUZZLE, IKE_NOTIFY_PUZZLE, detail);
      break;
    case IKE_PUZZLE_NONE:
      break;
    case IKE_PUZZLE_EASY:
      ike_parent_stop_timer (parent, IKE_PARENT_TIMER_RETRANSMIT);
      ike_puzzle_solve (task, &puzzle, cookie, on_solved);
      return;
    }
  send_request (task);
}

/* RFC 7296 sections 1.2 and 2.7: only a group that we offered, and not for ever. */
static void
got_invalid_ke (IkeTask *task, IkeChunk data)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  IkeReader reader = ike_reader (data);
  guint16 group = ike_read_u16 (&reader);
  g_autofree char *groups = g_strdup_printf ("%s, then %s", IKE_NAME (KE, nego->material.group), IKE_NAME (KE, group));

  if (!ike_reader_done (&reader) || group == nego->material.group)
    return;
  if (!ike_proposals_have_ke (ike_parent_config (parent)->proposals, group) ||
      ++nego->material.invalid_kes > MAX_INVALID_KES)
    {
      doubt (parent, IKE_REASON_INVALID_KE_LOOP, IKE_NOTIFY_INVALID_KE_PAYLOAD, groups);
      return;
    }
  ike_parent_log (parent, IKE_LOG_DEBUG, "exchange", "the peer wants another group: %s", groups);
  ike_puzzle_stop (parent);
  nego->material.group = group;
  ike_parent_stop_timer (parent, IKE_PARENT_TIMER_RETRANSMIT);
  ask_generate (task);
}

/* ---- a good answer ---- */

/* Everything that the answer says, before it is believed. */
typedef struct {
  IkeSuite suite;
  IkeChunk nonce;
  IkeKe ke;
  IkePuzzle puzzle; /* if there is one */
} Answer;

static gboolean
parse_answer (IkeParent *parent, const IkePayloads *payloads, Answer *ret)
{
  const IkeConfig *config = ike_parent_config (parent);
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_IKE };
  g_auto (IkeSa) sa = { 0 };
  IkeNotify notify;

  g_autofree char *puzzle = NULL;
  const IkePayload *proposal = ike_payloads_find (payloads, IKE_PAYLOAD_SA);
  const IkePayload *ke = ike_payloads_find (payloads, IKE_PAYLOAD_KE);
  const IkePayload *nonce = ike_payloads_find (payloads, IKE_PAYLOAD_NONCE);

  /* what is also a COOKIE or a REDIRECT may lack any of them */
  if (!proposal || !ke || !nonce || !ike_sa_parse (proposal->body, &sa) || !ike_ke_parse (ke->body, &ret->ke) ||
      !ike_nonce_parse (nonce->body, &ret->nonce))
    {
      doubt (parent, IKE_REASON_BAD_MESSAGE, 0, "IKE_SA_INIT answer");
      return FALSE;
    }
  if (!ike_proposal_check (&ret->suite, config->proposals, &sa, &rule))
    {
      g_autofree char *theirs = ike_sa_to_string (&sa);

      doubt (parent, IKE_REASON_PROPOSAL_NOT_OURS, 0, theirs);
      return FALSE;
    }
  if (ike_suite_addke (&ret->suite, 0) &&
      !ike_notify_find (payloads, IKE_NOTIFY_INTERMEDIATE_EXCHANGE_SUPPORTED, &notify))
    {
      doubt (parent, IKE_REASON_BAD_MESSAGE, 0, "additional key exchanges without IKE_INTERMEDIATE");
      return FALSE;
    }
  if (ike_puzzle_find (payloads, &ret->puzzle, &puzzle) == IKE_PUZZLE_HARD)
    {
      doubt (parent, IKE_REASON_PUZZLE, IKE_NOTIFY_PUZZLE, puzzle);
      return FALSE;
    }
  /* RFC 8784 section 6 */
  if (!ike_ppk_suits (config, payloads))
    {
      doubt (parent, IKE_REASON_PPK, 0, "the gateway does not want one");
      return FALSE;
    }
  if (ret->ke.group != ret->suite.ke || ret->ke.group != parent->nego->material.group)
    {
      doubt (parent, IKE_REASON_BAD_MESSAGE, 0, "the KE payload is of another group than the proposal");
      return FALSE;
    }
  return TRUE;
}

void
ike_init_float_to_natt (IkeParent *parent, const IkeNatd *natd)
{
  ike_init_set_nat (parent, natd);
  /* RFC 7296 section 2.23; RFC 4555 section 3.3: also for MOBIKE, since a NAT may come later */
  if (parent->encap || (natd->supported && ike_parent_config (parent)->mobike))
    parent->path = parent->connection->natt_path;
}

/* Not the group that we guessed: whoever keeps such things may guess better next time. */
static void
say_hint (IkeParent *parent)
{
  IkeOutput *output;

  if (parent->nego->material.group == parent->connection->ke_hint)
    return;
  output = ike_core_output_new (IKE_OUTPUT_HINT, ike_parent_config (parent)->id);
  output->ke_group = parent->connection->ke_hint = parent->nego->material.group;
  ike_core_push (parent->core, output);
}

static void
on_finished (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  IkeNego *nego = parent->nego;
  IkeMaterial *material = &nego->material;
  IkeIncoming *answer = task->message;
  IkeNatd natd;
  Answer good;
  IkeKeys keys = { 0 };
  guint64 spi_r = answer->header.spi_r;

  task->waiting = 0;
  if (!input->ok || !input->secret || !parse_answer (parent, &answer->payloads, &good))
    {
      /* RFC 6989: a value that is not in the group; the private half waits for a better one */
      material->key = g_steal_pointer (&input->key);
      doubt (parent, IKE_REASON_BAD_MESSAGE, 0, "the peer's key exchange value is not valid");
      return;
    }
  material->nr = ike_chunk_dup (good.nonce);
  if (!ike_init_derive (parent, &keys, &good.suite, input->secret, spi_r))
    {
      fail (parent, IKE_REASON_CRYPTO, "SKEYSEED");
      return;
    }
  natd = ike_natd_check (&answer->payloads, parent->core->crypto, parent->spi_i, spi_r, &answer->path,
                         ike_parent_config (parent)->encap);

  parent->keys = keys;
  parent->spi_r = spi_r;
  material->suite = good.suite;
  nego->response = g_bytes_ref (answer->datagram);
  ike_ppk_agree (parent, &answer->payloads);
  ike_init_read_abilities (parent, &answer->payloads);
  ike_init_read_announcement (parent, &answer->payloads);
  ike_status_read_request (parent, &answer->payloads);
  ike_init_float_to_natt (parent, &natd);
  ike_reason_clear (&nego->doubt);
  ike_parent_stop_timer (parent, IKE_PARENT_TIMER_DOUBT);
  ike_parent_stop_timer (parent, IKE_PARENT_TIMER_RETRANSMIT);
  ike_window_measure (&parent->window, &task->request, parent->core->now);
  ike_request_answered (&task->request);
  ike_parent_set_state (parent, ike_intermediate_next_state (parent));
  ike_init_say_suite (parent, &natd);
  say_hint (parent);
  ike_puzzle_stop (parent);
  g_clear_pointer (&nego->solution, g_bytes_unref);
  ike_auth_note_puzzle (parent, &answer->payloads);
  ike_run_queue (parent, parent->state == IKE_PARENT_AUTH ? &ike_row_auth : &ike_row_intermediate);
  ike_run_finish (task);
}

static void
got_answer (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeMaterial *material = &parent->nego->material;
  IkeWorkFor work = { .parent = parent, .task = task->id, .done = on_finished };
  IkeJob *job;
  Answer answer;

  if (!parse_answer (parent, &task->message->payloads, &answer) || ike_reauth_holds (parent))
    return;
  job = g_new0 (IkeJob, 1);
  job->type = IKE_JOB_KE_FINISH;
  job->ke.group = material->group;
  job->ke.key = material->key;
  job->ke.peer = ike_chunk_dup (answer.ke.data);
  task->waiting = 1;
  ike_core_ask (parent->core, ike_parent_config (parent)->id, job, &work, g_steal_pointer (&material->key));
}

void
ike_init_on_response (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkePayloads *payloads = &task->message->payloads;
  const char *why;
  IkeNotify notify;

  if (!parent->nego->material.key)
    return;
  if (ike_redirect_in_init (task, &why))
    {
      if (why)
        doubt (parent, IKE_REASON_REDIRECT, IKE_NOTIFY_REDIRECT, why);
      return;
    }
  if (ike_notify_find (payloads, IKE_NOTIFY_COOKIE, &notify) && !ike_payloads_find (payloads, IKE_PAYLOAD_SA))
    got_cookie (task, payloads, notify.data);
  else if (ike_notify_find (payloads, IKE_NOTIFY_INVALID_KE_PAYLOAD, &notify))
    got_invalid_ke (task, notify.data);
  else if (ike_notify_find_error (payloads, &notify))
    refused (parent, &notify);
  else if (task->message->header.spi_r == 0)
    doubt (parent, IKE_REASON_BAD_MESSAGE, 0, "the responder's SPI is zero");
  else
    got_answer (task);
}

void
ike_init_on_give_up (IkeTask *task, IkeReason *reason)
{
  IkeParent *parent = task->parent;

  if (parent->nego->doubt.code != IKE_REASON_NONE)
    {
      believe (parent);
      return;
    }
  ike_life_end (parent, IKE_FAREWELL_NONE, reason);
}
