/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE_AUTH as responder, the end: the first Child SA and the last answer. RFC 7296 sections 1.2, 2.9, 2.19, 2.21.2; RFC
 * 6023.
 *
 * Invariant: the answer leaves only after the kernel has the Child SA, so that its first packet finds it.
 */
#include "exchange/addresses.h"
#include "exchange/child-common.h"
#include "exchange/options.h"
#include "exchange/respond.h"

#include "exchange/mismatch.h"
#include "exchange/peer.h"
#include "exchange/ppk.h"
#include "exchange/qcd.h"
#include "exchange/reauth.h"
#include "exchange/sync.h"
#include "exchange/ticket.h"
#include "sa/half-open.h"
#include "sa/label.h"
#include "sa/select.h"
#include "wire/payload-notify.h"

/* RFC 8983 section 5, table 1: which families there are at all, for whoever asks for an address. */
static void
write_families (IkeBuilder *builder, const IkeServe *serve, const IkeServeWish *wish)
{
  if (!wish->address4 && !wish->address6)
    return;
  if (serve->pool4)
    ike_builder_notify (builder, IKE_NOTIFY_IP4_ALLOWED, ike_chunk (NULL, 0));
  if (serve->pool6)
    ike_builder_notify (builder, IKE_NOTIFY_IP6_ALLOWED, ike_chunk (NULL, 0));
}

/* All but the Child SA, and the answers to what was asked besides. */
static void
write_answer_head (IkeBuilder *builder, const IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeServe *serve = ike_parent_config (parent)->serve;
  const IkeClient *client = parent->client;

  ike_respond_write_identity (builder, parent);
  ike_reauth_demand (builder, parent);
  ike_qcd_write (builder, parent);
  ike_run_announce_window (builder, parent);
  ike_ticket_answer (builder, parent, ike_respond_payloads (task));
  /* RFC 6311 section 5: not unless the initiator has said so */
  ike_sync_note (parent, ike_respond_payloads (task));
  if (parent->id_sync)
    ike_sync_offer (builder);
  if (serve && client && ike_serve_has_address (client, &parent->nego->wish))
    ike_serve_reply (builder, serve, client, &parent->nego->wish);
  if (serve)
    write_families (builder, serve, &parent->nego->wish);
}

static void
establish (IkeParent *parent)
{
  IkeNotify notify;
  const IkePayloads *payloads = ike_respond_payloads (parent->answering);

  g_assert (parent->nego->peer_proven);
  parent->mobike =
      ike_parent_config (parent)->mobike && ike_notify_find (payloads, IKE_NOTIFY_MOBIKE_SUPPORTED, &notify);
  ike_addresses_note (parent, payloads, FALSE);
  parent->authenticated = ike_ticket_authenticated (parent);
  ike_parent_set_state (parent, IKE_PARENT_ESTABLISHED);
  ike_ppk_say_unused (parent);
  ike_half_open_settle (parent->core->half_open, parent);
  ike_life_established (parent);
}

static void
write_mobike (IkeBuilder *builder, const IkeParent *parent)
{
  ike_builder_notify (builder, IKE_NOTIFY_MOBIKE_SUPPORTED, ike_chunk (NULL, 0));
  ike_addresses_write (builder, parent, FALSE);
}

/* What is no matter of this Child SA alone. */
static gboolean
bars (guint16 why)
{
  return why == IKE_NOTIFY_REDIRECT || why == IKE_NOTIFY_FAILED_CP_REQUIRED ||
         why == IKE_NOTIFY_INTERNAL_ADDRESS_FAILURE;
}

/* With more words, by mismatch.c. */
static gboolean
is_told (guint16 why)
{
  return why == IKE_NOTIFY_NO_PROPOSAL_CHOSEN || why == IKE_NOTIFY_TS_UNACCEPTABLE;
}

/* RFC 7296 section 1.2: the IKE SA stands without a Child SA; @why 0: as the initiator wants it (RFC 6023). */
void
ike_respond_without_child (IkeTask *task, guint16 why, IkeChunk data)
{
  IkeParent *parent = task->parent;
  IkeChild *child = ike_child_by_number (parent, parent->nego->child);
  g_auto (IkeBuilder) builder = { 0 };

  establish (parent);
  if (!why)
    ike_respond_succeed (parent);
  parent->childless = !why;
  parent->barred = bars (why);
  if (why)
    ike_respond_bound (parent);
  ike_builder_init_inner (&builder);
  write_answer_head (&builder, task);
  if (why)
    ike_builder_notify (&builder, (IkeNotifyType) why, data);
  /* RFC 4555 section 3.1: also when the Child SA is refused, since the IKE SA can move */
  if (parent->mobike)
    write_mobike (&builder, parent);
  ike_run_answer (task, &builder);
  /* maybe it has taken over another one's policies, which goes on */
  if (child)
    ike_child_drop (child);
  if (why)
    ike_parent_log (parent, is_told (why) ? IKE_LOG_INFO : IKE_LOG_NOTICE, "child", "the peer has no Child SA: %s",
                    IKE_NAME (NOTIFY, why));
  else if (ike_connection_is_peer (parent->connection))
    return; /* nothing is told before there is a Child SA, and then it takes the nonces to decide between two IKE SAs */
  else
    ike_life_up_without_child (parent);
  ike_nego_free (g_steal_pointer (&parent->nego), parent->core->crypto);
}

/* ---- a client that is in authenticates anew ---- */

/* A client from which the old Child SA brings nothing for so long has the new one: either it has our answer, or it was
 * started again, without INITIAL_CONTACT, and has nothing but that. If not, the answer was lost, and it is asked again. */
#define CHANGE_TIME (2 * IKE_SECOND)

/* What its client has for the same in another IKE SA, and changes over from in its own time: the policies fit both, and
 * what it does not know yet is not used to send before the other one ends, or is not used any more. NULL: nothing. */
static IkeChild *
twin_of (const IkeChild *child)
{
  const IkeClient *client = child->parent->client;

  for (const IkeParent *old = client ? client->parents : NULL; old; old = old->client_next)
    for (IkeChild *other = old->children; other; other = other->next)
      if (old != child->parent && ike_child_is_alive (other) && other->parts & IKE_SA_OUT && !other->cpu &&
          ike_child_same_traffic (other, child))
        return other;
  return NULL;
}

/* What the twin has received, and one more, is what @child has seen to leave: nothing does. */
static void
on_counted (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *child = ike_child_by_number (parent, number);
  const guint64 count = input->kernel_error ? 1 : input->traffic_bytes + 1;

  if (!child || child->state != IKE_CHILD_INBOUND)
    return;
  if (count == child->seen_out)
    {
      ike_life_switch (child);
      return;
    }
  child->seen_out = count;
  ike_timers_set (child->timers, IKE_CHILD_TIMER_SWITCH, parent->core->now + CHANGE_TIME);
  ike_parent_rearm (parent);
}

void
ike_respond_change_over (IkeChild *child)
{
  IkeWorkFor work = { .parent = child->parent, .child = child->number, .done = on_counted };
  IkeChild *twin = twin_of (child);

  if (twin)
    ike_child_query (twin, IKE_SA_IN, &work);
  else
    ike_life_switch (child);
}

/* ---- the end ---- */

static void
send_answer (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeChild *child = ike_child_by_number (parent, parent->nego->child);
  IkeProposal *answer = ike_proposal_from_suite (&task->material.suite);
  guint32 spi = GUINT32_TO_BE (child->spi_in);
  g_auto (IkeBuilder) builder = { 0 };

  establish (parent);
  ike_respond_succeed (parent);
  ike_builder_init_inner (&builder);
  write_answer_head (&builder, task);
  ike_options_answer (&builder, child);
  ike_sa_write_chosen (ike_builder_begin (&builder, IKE_PAYLOAD_SA), task->material.suite.number, IKE_PROTOCOL_ESP,
                       ike_chunk (&spi, sizeof spi), (const IkeTransform *) (gpointer) answer->transforms->data,
                       answer->transforms->len);
  ike_builder_end (&builder);
  ike_proposal_free (answer);
  ike_child_write_ts (&builder, child->remote_ts, child->local_ts, child->label);
  if (parent->mobike)
    write_mobike (&builder, parent);
  ike_run_answer (task, &builder);
  ike_child_set_state (child, child->parts & IKE_SA_OUT ? IKE_CHILD_READY : IKE_CHILD_INBOUND);
  ike_respond_change_over (child);
  ike_life_child_up (child);
}

static void
on_installed (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  ike_child_log_refusal (parent, input);
  if (input->kernel_error)
    ike_respond_without_child (task, IKE_NOTIFY_TEMPORARY_FAILURE, ike_chunk (NULL, 0));
  else
    send_answer (task);
}

static void
on_spi (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *child = ike_child_by_number (parent, number);
  IkeWorkFor work = { .parent = parent, .task = task->id, .child = number, .done = on_installed };
  const IkeChild *twin;
  guint parts;

  ike_child_log_refusal (parent, input);
  if (child && !input->kernel_error)
    ike_child_set_spi_in (child, input);
  if (!child || input->kernel_error || !ike_auth_child_keys (parent, child, &task->material.suite))
    {
      ike_respond_without_child (task, IKE_NOTIFY_TEMPORARY_FAILURE, ike_chunk (NULL, 0));
      return;
    }
  ike_child_set_state (child, IKE_CHILD_INSTALLING);
  ike_cover_choose_slot (child);
  twin = twin_of (child);
  if (twin)
    child->slot = twin->slot;
  parts = IKE_SA_IN | (twin ? 0 : IKE_SA_OUT) | (ike_child_claim_policies (child) ? 0 : IKE_SA_POLICIES);
  ike_child_install (child, parts, &work);
}

/* RFC 7296 section 2.9: what the peer offers, narrowed to what we allow. RFC 9478 section 2: a label is taken as it is.
 * Where we have none an offered one is refused, not passed over, as an end would that does not know them: who offers one
 * wants it used, and would have to delete the Child SA; refused, it may ask again without. */
gboolean
ike_child_narrow (IkeChild *child, const IkePayloads *payloads)
{
  const IkeParent *parent = child->parent;
  const IkeConfig *config = ike_parent_config (parent);
  g_autoptr (GArray) local_allowed = ike_auth_selectors (parent, TRUE);
  g_autoptr (GArray) remote_allowed = ike_auth_selectors (parent, FALSE);
  g_autoptr (GArray) initiator = ike_select_new ();
  g_autoptr (GArray) responder = ike_select_new ();
  g_autoptr (GArray) initiator_labels = ike_labels_new ();
  g_autoptr (GArray) responder_labels = ike_labels_new ();
  g_autoptr (GBytes) label = NULL;

  if (!ike_child_read_ts (payloads, initiator, initiator_labels, responder, responder_labels))
    return FALSE;
  if (!ike_label_choose (config->child.label, initiator_labels, responder_labels, &label))
    {
      ike_mismatch_labels (parent);
      return FALSE;
    }
  ike_child_set_label (child, label);
  ike_nat_ts_read (parent, payloads, responder, initiator);
  child->local_ts = ike_select_narrow (responder, local_allowed);
  child->remote_ts = ike_select_narrow (initiator, remote_allowed);
  if (child->local_ts->len && child->remote_ts->len &&
      !ike_auth_is_cut (config, child->local_ts, child->remote_ts, local_allowed, remote_allowed))
    return TRUE;
  ike_mismatch_selectors (parent, initiator, responder, remote_allowed, local_allowed);
  return FALSE;
}

/* RFC 7296 section 2.19: where addresses are handed out nobody comes in without one. 0: it has what it needs. */
static guint16
address_complaint (const IkeParent *parent)
{
  const IkeServe *serve = ike_parent_config (parent)->serve;
  const IkeServeWish *wish = &parent->nego->wish;

  if (!serve || !parent->client || (!serve->pool4 && !serve->pool6))
    return 0;
  if (!wish->address4 && !wish->address6)
    return IKE_NOTIFY_FAILED_CP_REQUIRED;
  return ike_serve_has_address (parent->client, wish) ? 0 : IKE_NOTIFY_INTERNAL_ADDRESS_FAILURE;
}

static gboolean
choose_suite (IkeTask *task, const IkePayloads *payloads)
{
  g_autoptr (GPtrArray) proposals = ike_auth_child_proposals (ike_parent_config (task->parent));
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_ESP, .no_ke = TRUE };
  g_auto (IkeSa) sa = { 0 };

  if (!ike_sa_parse (ike_payloads_find (payloads, IKE_PAYLOAD_SA)->body, &sa))
    return FALSE;
  if (ike_proposal_choose (&task->material.suite, proposals, &sa, &rule))
    return ike_child_peer_spi (&task->material.suite) != 0;
  ike_mismatch_proposals (task->parent, &sa, proposals, IKE_PROTOCOL_ESP);
  return FALSE;
}

void
ike_respond_child (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkePayloads *payloads = ike_respond_payloads (task);
  IkeWorkFor work = { .parent = parent, .task = task->id, .done = on_spi };
  guint16 complaint = address_complaint (parent);
  IkeNotify notify;
  IkeChild *child;

  if (!complaint && !ike_payloads_find (payloads, IKE_PAYLOAD_SA))
    {
      ike_respond_without_child (task, 0, ike_chunk (NULL, 0));
      return;
    }
  if (!complaint && !choose_suite (task, payloads))
    complaint = IKE_NOTIFY_NO_PROPOSAL_CHOSEN;
  if (complaint)
    {
      ike_respond_without_child (task, complaint, ike_chunk (NULL, 0));
      return;
    }
  child = ike_child_new (parent, 0);
  parent->nego->child = work.child = child->number;
  if (!ike_child_narrow (child, payloads))
    {
      ike_respond_without_child (task, IKE_NOTIFY_TS_UNACCEPTABLE, ike_chunk (NULL, 0));
      return;
    }
  ike_child_set_suite (child, &task->material.suite);
  child->spi_out = ike_child_peer_spi (&task->material.suite);
  child->encap = parent->encap;
  child->transport_mode = ike_parent_config (parent)->child.transport_mode &&
                          ike_notify_find (payloads, IKE_NOTIFY_USE_TRANSPORT_MODE, &notify);
  ike_options_choose (child, payloads);
  ike_child_alloc_spi (child, &parent->path, &work);
}
