/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last part of IKE_AUTH as initiator: address, selectors and the first Child SA. RFC 7296 sections 1.2, 2.9, 2.19,
 * 2.21.2.
 *
 * Invariant: whatever the answer says about the Child SA is checked in full before anything is installed.
 */
#include "exchange/addresses.h"
#include "exchange/auth-common.h"
#include "exchange/child-common.h"
#include "exchange/options.h"
#include "exchange/reauth.h"

#include "exchange/peer.h"
#include "exchange/ppk.h"
#include "exchange/redirect.h"
#include "exchange/stream.h"
#include "exchange/sync.h"
#include "exchange/ticket.h"
#include "sa/configure.h"
#include "sa/label.h"
#include "sa/select.h"
#include "wire/payload-cp-dns.h"
#include "wire/payload-notify.h"

static void
end (IkeTask *task, IkeReasonCode code, guint16 notify, const char *detail)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, code, notify, detail ? "%s" : NULL, detail);
  ike_life_end (task->parent, IKE_FAREWELL_DELETE, &reason);
}

/* RFC 8983 section 5: the gateway may say of which family it has addresses. NULL: it does not, or of both. */
static const char *
other_family (const IkeTask *task)
{
  const IkePayloads *payloads = &task->message->payloads;
  IkeNotify notify;
  gboolean four = ike_notify_find (payloads, IKE_NOTIFY_IP4_ALLOWED, &notify);
  gboolean six = ike_notify_find (payloads, IKE_NOTIFY_IP6_ALLOWED, &notify);

  return four == six ? NULL : four ? "it has IPv4 only" : "it has IPv6 only";
}

/* RFC 7296 section 1.2: the IKE SA stands, the Child SA was refused. Without one it is of no use. */
static void
child_refused (IkeTask *task, const IkeNotify *notify)
{
  IkeParent *parent = task->parent;
  g_autoptr (GPtrArray) proposals = ike_auth_child_proposals (ike_parent_config (parent));
  g_autofree char *detail = NULL;
  g_autofree char *what = ike_notify_to_string (notify);

  switch (notify->type)
    {
    case IKE_NOTIFY_NO_PROPOSAL_CHOSEN:
      detail = ike_proposals_to_string (proposals);
      end (task, IKE_REASON_CHILD_NO_PROPOSAL_CHOSEN, notify->type, detail);
      return;
    case IKE_NOTIFY_TS_UNACCEPTABLE:
    case IKE_NOTIFY_SINGLE_PAIR_REQUIRED:
      detail = ike_auth_wanted_to_string (parent);
      end (task, IKE_REASON_TS_UNACCEPTABLE, notify->type, detail);
      return;
    case IKE_NOTIFY_INTERNAL_ADDRESS_FAILURE:
      end (task, IKE_REASON_ADDRESS_FAILURE, notify->type, other_family (task));
      return;
    case IKE_NOTIFY_FAILED_CP_REQUIRED:
      end (task, IKE_REASON_CP_REQUIRED, notify->type, NULL);
      return;
    case IKE_NOTIFY_INVALID_SYNTAX:
      /* strongSwan with childless=force: it has nothing against us, nor against the request but for the Child SA in it */
      end (task, parent->nego->takes_childless && !parent->nego->childless ? IKE_REASON_CHILDLESS : IKE_REASON_NO_CHILD,
           notify->type, what);
      return;
    default:
      end (task, IKE_REASON_NO_CHILD, notify->type, what);
      return;
    }
}

/* What the answer says, checked. */
typedef struct {
  IkeSuite suite;
  GArray *local_ts, *remote_ts;
  gboolean transport_mode;
} Answer;

static void
answer_clear (Answer *answer)
{
  g_clear_pointer (&answer->local_ts, g_array_unref);
  g_clear_pointer (&answer->remote_ts, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static gboolean
read_suite (IkeTask *task, const IkePayload *payload, IkeSuite *ret)
{
  g_autoptr (GPtrArray) proposals = ike_auth_child_proposals (ike_parent_config (task->parent));
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_ESP, .no_ke = TRUE };
  g_auto (IkeSa) sa = { 0 };
  g_autofree char *theirs = NULL;

  if (!ike_sa_parse (payload->body, &sa))
    {
      end (task, IKE_REASON_BAD_MESSAGE, 0, "SA");
      return FALSE;
    }
  if (ike_proposal_check (ret, proposals, &sa, &rule) && ike_child_peer_spi (ret))
    return TRUE;
  theirs = ike_sa_to_string (&sa);
  end (task, IKE_REASON_PROPOSAL_NOT_OURS, 0, theirs);
  return FALSE;
}

/* RFC 9478 section 2: it has a Child SA now in which what we want labelled would not be, or the other way round. */
static void
say_label (IkeTask *task, const GArray *labels)
{
  g_autoptr (GBytes) theirs = labels->len ? ike_chunk_dup (g_array_index (labels, IkeChunk, 0)) : NULL;
  g_autofree char *label = ike_label_to_string (theirs);
  g_autofree char *detail = g_strdup_printf ("the tunnel would be%s", theirs ? label : " without a label");

  end (task, IKE_REASON_LABEL, 0, detail);
}

/* RFC 7296 section 2.9. */
static gboolean
read_selectors (IkeTask *task, const IkePayloads *payloads, Answer *answer)
{
  IkeNego *nego = task->parent->nego;
  g_autofree char *local = NULL;
  g_autofree char *remote = NULL;
  g_autofree char *detail = NULL;
  g_autoptr (GArray) local_labels = ike_labels_new ();
  g_autoptr (GArray) remote_labels = ike_labels_new ();
  gboolean ours;

  answer->local_ts = ike_select_new ();
  answer->remote_ts = ike_select_new ();
  if (!ike_child_read_ts (payloads, answer->local_ts, local_labels, answer->remote_ts, remote_labels))
    {
      end (task, IKE_REASON_BAD_MESSAGE, 0, "traffic selectors");
      return FALSE;
    }
  if (!ike_label_is_answered (ike_parent_config (task->parent)->child.label, local_labels, remote_labels))
    {
      say_label (task, local_labels);
      return FALSE;
    }
  ike_nat_ts_read (task->parent, payloads, answer->local_ts, answer->remote_ts);
  local = ike_select_to_string (answer->local_ts);
  remote = ike_select_to_string (answer->remote_ts);
  ours = ike_child_keep_offered (task->parent, FALSE, &answer->local_ts, &answer->remote_ts, nego->local_ts,
                                 nego->remote_ts);
  if (ours && !ike_auth_is_cut (ike_parent_config (task->parent), answer->local_ts, answer->remote_ts, nego->local_ts,
                                nego->remote_ts))
    return TRUE;
  detail = g_strdup_printf ("%s and %s", local, remote);
  end (task, ours ? IKE_REASON_TS_NARROWED : IKE_REASON_TS_NOT_OURS, 0, detail);
  return FALSE;
}

/* What many callers' networks have no place for; said once. */
static void
say_dns (const IkeParent *parent, const IkeConfigured *configured)
{
  for (guint i = 0; !parent->connection->configured && i < configured->resolvers->len; i++)
    {
      g_autofree char *text = ike_resolver_to_string (configured->resolvers->pdata[i]);

      ike_parent_log (parent, IKE_LOG_NOTICE, "dns", "the gateway names an encrypted name server: %s", text);
    }
  for (guint i = 0; !parent->connection->configured && i < configured->trust_anchors->len; i++)
    ike_parent_log (parent, IKE_LOG_NOTICE, "dns", "the gateway names a DNSSEC trust anchor, which is not used: %s",
                    (const char *) configured->trust_anchors->pdata[i]);
}

/* RFC 7296 section 2.19: our traffic comes from the address that we were given, whatever else the selectors allow. */
static gboolean
read_configuration (IkeTask *task, const IkePayloads *payloads, Answer *answer, IkeConfigured *configured)
{
  const IkeConfig *config = ike_parent_config (task->parent);
  const IkePayload *cp = ike_payloads_find (payloads, IKE_PAYLOAD_CP);
  g_autoptr (GArray) addresses = NULL;
  GArray *narrowed;

  if (cp && !ike_configure_read (cp->body, config, configured))
    {
      end (task, IKE_REASON_BAD_MESSAGE, 0, "CP");
      return FALSE;
    }
  say_dns (task->parent, configured);
  if (!ike_configure_wanted (config))
    return TRUE;
  if (!configured->addresses->len)
    {
      end (task, IKE_REASON_NO_ADDRESS, 0, NULL);
      return FALSE;
    }
  if (config->child.local_ts && config->child.local_ts->len)
    return TRUE;
  addresses = ike_select_new ();
  for (guint i = 0; i < configured->addresses->len; i++)
    ike_select_add_address (addresses, &g_array_index (configured->addresses, IkePrefix, i).address);
  narrowed = ike_select_narrow (answer->local_ts, addresses);
  g_array_unref (answer->local_ts);
  answer->local_ts = narrowed;
  if (narrowed->len)
    return TRUE;
  end (task, IKE_REASON_TS_NOT_OURS, 0, "the selectors do not hold the address that we were given");
  return FALSE;
}

/* The peer has deleted it before our kernel had it: as if that had come a moment later, but that what it was to take the
 * place of goes on, and that nobody is told of a tunnel that is over. */
static void
deleted_already (IkeTask *task, IkeChild *child)
{
  IkeParent *parent = task->parent;
  const IkeConfig *config = ike_parent_config (parent);
  guint32 number = child->number;

  ike_parent_log (parent, IKE_LOG_DEBUG, "child", "the peer has deleted the first Child SA already");
  if (parent->connection->fresh == parent || (!config->keep_trying && config->role == IKE_ROLE_INITIATOR))
    {
      end (task, IKE_REASON_PEER_DELETED, 0, NULL);
      return;
    }
  ike_child_set_state (child, IKE_CHILD_READY);
  ike_life_child_up (child);
  ike_life_child_gone (child, TRUE);
  if (parent->state == IKE_PARENT_CLOSED)
    return;
  ike_child_drop (ike_child_by_number (parent, number));
  ike_run_finish (task);
}

static void
on_installed (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *child = ike_child_by_number (parent, number);

  if (!child)
    return;
  if (input->kernel_error)
    {
      g_autofree char *text = ike_core_kernel_text (input);

      end (task, IKE_REASON_KERNEL, 0, text);
      return;
    }
  if (child->doomed)
    {
      deleted_already (task, child);
      return;
    }
  ike_child_set_state (child, IKE_CHILD_READY);
  ike_life_child_up (child);
  if (parent->renewed)
    ike_stream_tell (parent);
  ike_run_finish (task);
}

static void
note_mobike (IkeTask *task)
{
  IkeNotify notify;

  task->parent->mobike = ike_auth_wants_mobike (task->parent) &&
                         ike_notify_find (&task->message->payloads, IKE_NOTIFY_MOBIKE_SUPPORTED, &notify);
  ike_addresses_note (task->parent, &task->message->payloads, TRUE);
}

/* The commit: from here on the IKE SA is established. */
static void
commit (IkeTask *task, Answer *answer)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  IkeChild *child = ike_child_by_number (parent, nego->child);
  IkeWorkFor work = { .parent = parent, .task = task->id, .child = child->number, .done = on_installed };
  const char *strange;

  note_mobike (task);
  ike_child_set_suite (child, &answer->suite);
  child->spi_out = ike_child_peer_spi (&answer->suite);
  child->local_ts = g_steal_pointer (&answer->local_ts);
  child->remote_ts = g_steal_pointer (&answer->remote_ts);
  child->transport_mode = answer->transport_mode;
  child->encap = parent->encap;
  strange = ike_options_accept (child, &task->message->payloads);
  if (strange)
    {
      g_autofree char *detail = g_strdup_printf ("%s, as we did not offer it", strange);

      end (task, IKE_REASON_BAD_MESSAGE, 0, detail);
      return;
    }
  if (!ike_auth_child_keys (parent, child, &answer->suite))
    {
      end (task, IKE_REASON_CRYPTO, 0, "KEYMAT");
      return;
    }
  if (ike_connection_covers (parent->connection))
    {
      ike_cover_inherit (parent);
      ike_cover_say_cut (child);
    }
  ike_child_set_state (child, IKE_CHILD_INSTALLING);
  ike_cover_choose_slot (child);
  ike_reauth_choose_slot (child);
  ike_child_install (child, IKE_SA_IN | IKE_SA_OUT | (ike_child_claim_policies (child) ? 0 : IKE_SA_POLICIES), &work);
}

static void
say_established (IkeParent *parent)
{
  g_autofree char *who = ike_identity_to_string (parent->peer_id);
  g_autofree char *where = ike_endpoint_to_string (&parent->path.remote);

  ike_parent_log (parent, IKE_LOG_INFO, "established", "IKE SA #%u established with %s at %s", parent->serial, who,
                  where);
}

/* RFC 6023: the Child SA comes in an exchange of its own. */
static void
complete_childless (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  IkeChild *child = ike_child_by_number (parent, nego->child);
  g_auto (Answer)
      answer = { .local_ts = ike_auth_selectors (parent, TRUE), .remote_ts = ike_auth_selectors (parent, FALSE) };

  note_mobike (task);
  nego->configured = ike_configured_new ();
  if (!read_configuration (task, &task->message->payloads, &answer, nego->configured))
    return;
  child->local_ts = g_steal_pointer (&answer.local_ts);
  child->remote_ts = g_steal_pointer (&answer.remote_ts);
  child->transport_mode = ike_parent_config (parent)->child.transport_mode;
  child->encap = parent->encap;
  ike_run_queue (parent, &ike_row_create_child)->fresh = child->number;
  ike_run_finish (task);
}

/* RFC 7296 section 2.9: whoever takes no more than one pair of selectors, or not that one, may take another. FALSE: there
 * are no others, or the gateway has not said which address we have. */
static gboolean
try_pairs (IkeTask *task, const IkeNotify *why)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  IkeChild *child = ike_child_by_number (parent, nego->child);
  const IkePayload *cp = ike_payloads_find (&task->message->payloads, IKE_PAYLOAD_CP);
  const IkeConfig *config = ike_parent_config (parent);
  g_autoptr (IkeConfigured) configured = ike_configured_new ();

  if (nego->childless || (nego->local_ts->len == 1 && nego->remote_ts->len == 1))
    return FALSE;
  if (ike_configure_wanted (config) &&
      (!cp || !ike_configure_read (cp->body, config, configured) || !configured->addresses->len))
    return FALSE;
  nego->configured = g_steal_pointer (&configured);
  if (!ike_cover_try_next (child, why->type))
    return FALSE;
  ike_parent_log (parent, IKE_LOG_NOTICE, "child",
                  "the other end does not take all in one Child SA (%s): one after the other",
                  IKE_NAME (NOTIFY, why->type));
  say_dns (parent, nego->configured);
  note_mobike (task);
  child->transport_mode = config->child.transport_mode;
  child->encap = parent->encap;
  ike_run_finish (task);
  return TRUE;
}

void
ike_auth_complete (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkePayloads *payloads = &task->message->payloads;
  const IkePayload *sa = ike_payloads_find (payloads, IKE_PAYLOAD_SA);
  g_auto (Answer) answer = { 0 };
  IkeNotify notify;

  g_assert (parent->nego->peer_proven);
  parent->authenticated = ike_ticket_authenticated (parent);
  ike_parent_set_state (parent, IKE_PARENT_ESTABLISHED);
  ike_ppk_say_unused (parent);
  ike_life_established (parent);
  say_established (parent);
  ike_reauth_note (parent, payloads);
  ike_sync_note (parent, payloads);
  g_clear_pointer (&parent->connection->session, ike_session_unref);
  ike_ticket_note (parent, payloads);
  if (ike_redirect_in_auth (task))
    return;
  if (ike_notify_find_error (payloads, &notify))
    {
      if (!try_pairs (task, &notify))
        child_refused (task, &notify);
      return;
    }
  if (parent->nego->childless)
    {
      /* RFC 6023 section 3: "MUST NOT reply with" what was not asked for, in either direction */
      if (sa)
        end (task, IKE_REASON_BAD_MESSAGE, 0, "a Child SA, which we did not ask for");
      else
        complete_childless (task);
      return;
    }
  if (!sa || !ike_payloads_find (payloads, IKE_PAYLOAD_TSI) || !ike_payloads_find (payloads, IKE_PAYLOAD_TSR))
    {
      end (task, IKE_REASON_NO_CHILD, 0, "nothing");
      return;
    }
  if (!ike_child_read_mode (payloads, ike_parent_config (parent)->child.transport_mode, &answer.transport_mode))
    {
      end (task, IKE_REASON_BAD_MESSAGE, 0, IKE_CHILD_STRANGE_MODE);
      return;
    }
  if (!read_suite (task, sa, &answer.suite) || !read_selectors (task, payloads, &answer))
    return;
  parent->nego->configured = ike_configured_new ();
  if (read_configuration (task, payloads, &answer, parent->nego->configured))
    commit (task, &answer);
}
