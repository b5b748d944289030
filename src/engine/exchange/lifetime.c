/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What time does to a living IKE SA and its Child SAs: rekeying before the end, keepalives, and what the kernel says
 * about its SAs. RFC 7296 sections 2.8, 2.23.
 */
#include "exchange/life.h"

#include "exchange/child-common.h"
#include "exchange/followup.h"
#include "exchange/reauth.h"
#include "exchange/handlers.h"
#include "exchange/mesh.h"
#include "exchange/peer.h"
#include "exchange/resource.h"
#include "exchange/respond.h"
#include "exchange/stream.h"
#include "sa/client.h"
#include "sa/select.h"
#include "crypto/suites.h"

/* Our rekey was refused, or a peer's was under way: the peer has had time for its own by then, and ours for one more try. */
#define LAST_CALL (30 * IKE_SECOND)
#define REFUSED_RETRY (15 * IKE_SECOND)
/* An answered rekey whose old Child SA the peer does not delete: outbound traffic moves all the same. */
#define SWITCH_TIME (30 * IKE_SECOND)
#define KEEPALIVE_DEFAULT (20 * IKE_SECOND)
#define PUT_OFF_TIME (15 * IKE_SECOND)
#define PUT_OFF_JITTER (10 * IKE_SECOND)
/* The peer may be about to delete the IKE SA too. */
#define RECREATE_DELAY (200 * IKE_MILLISECOND)
/* And that again and again: it costs what a Child SA is up for at most a tenth. */
#define RECREATE_LONGEST (60 * IKE_SECOND)
#define RECREATE_WORTH 10

IkeTime
ike_life_soft (IkeCore *core, IkeTime lifetime, IkeTime margin)
{
  IkeTime early;

  margin = MIN (margin, lifetime / 4);
  early = margin + margin * ike_core_jitter (core) / 256;
  return lifetime - MAX (early, lifetime / 64);
}

void
ike_life_established (IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);
  IkeTime now = parent->core->now;

  parent->established = parent->heard = now;
  if (parent->nego)
    parent->group = parent->nego->material.suite.ke;
  ike_parent_stop_timer (parent, IKE_PARENT_TIMER_EXPIRE);
  if (config->ike_lifetime)
    {
      if (config->reauth && config->role == IKE_ROLE_INITIATOR)
        ike_reauth_at (parent, config->ike_lifetime - (now - parent->authenticated), config->ike_rekey_margin);
      else
        ike_parent_set_timer (parent, IKE_PARENT_TIMER_REKEY,
                              now + ike_life_soft (parent->core, config->ike_lifetime, config->ike_rekey_margin));
      ike_parent_set_timer (parent, IKE_PARENT_TIMER_EXPIRE, now + config->ike_lifetime);
    }
  ike_liveness_begin (parent);
  if (!ike_timers_is_set (parent->timers, IKE_PARENT_TIMER_KEEPALIVE))
    ike_life_keep_alive (parent);
}

/* ---- up ---- */

/* What is told of the Child SA; the IKE SA may stand alone at first (RFC 6023). */
static void
tell_child (const IkeParent *parent, const IkeChild *child, IkeConfigured *up)
{
  IkeSuite suite = { .protocol = child->protocol,
                     .encr = child->encr,
                     .encr_bits = child->encr_bits,
                     .integ = child->integ,
                     .esn = child->esn };
  /* a peer's routes are for all that is configured: a Child SA for each part is there, or will be */
  gboolean peer = ike_connection_is_peer (parent->connection);
  gboolean outer6 = parent->path.remote.address.family == IKE_FAMILY_IP6;

  g_array_unref (up->local_ts);
  up->local_ts = peer ? ike_auth_selectors (parent, TRUE) : ike_select_copy (child->local_ts);
  g_array_unref (up->remote_ts);
  up->remote_ts = peer ? ike_auth_selectors (parent, FALSE) : ike_select_copy (child->remote_ts);
  if (!peer && ike_connection_covers (parent->connection))
    ike_cover_add_missing (parent, up->local_ts, up->remote_ts);
  up->child_suite = ike_suite_to_string (&suite);
  up->overhead = ike_esp_overhead (child->encr, child->integ, !child->transport_mode, outer6,
                                   child->encap && !ike_stream_is (&parent->path)) +
                 (ike_stream_is (&parent->path) ? IKE_STREAM_OVERHEAD : 0) +
                 (child->aggfrag ? IKE_AGGFRAG_OVERHEAD : 0);
  up->alignment = ike_esp_alignment (child->encr);
  if (child->transport_mode) /* what is aligned has no IP header before it */
    {
      up->overhead += up->alignment - 1;
      up->alignment = 1;
    }
}

/* A responder tells of the client's addresses, not of ours. */
static void
tell_client (const IkeClient *client, IkeOutput *output)
{
  IkePrefix four = { client->address4, 32 }, six = { client->address6, 128 };

  output->client = client->number;
  if (four.address.family)
    g_array_append_val (output->configured->addresses, four);
  if (six.address.family)
    g_array_append_val (output->configured->addresses, six);
}

/* What we were given, for the next time. */
static void
keep (IkeConnection *connection, const IkeConfigured *up)
{
  if (connection->configured)
    ike_configured_free (connection->configured);
  connection->configured = ike_configured_copy (up);
}

static void
begin_to_stand (IkeConnection *connection)
{
  connection->up_since = connection->core->now;
  connection->child_pause = connection->reauth_failed = 0;
  connection->reauth_refused = FALSE;
}

static void
say_up (IkeParent *parent, IkeChild *child)
{
  IkeConnection *connection = parent->connection;
  IkeNego *nego = parent->nego;
  IkeOutput *output = ike_core_output_new (IKE_OUTPUT_UP, connection->config->id);
  IkeConfigured *up;
  gboolean same;

  if (!nego->configured)
    nego->configured = ike_configured_new ();
  up = nego->configured;
  up->path = parent->path;
  up->nat_here = parent->nat_here;
  up->nat_there = parent->nat_there;
  up->encap = parent->encap;
  up->remote_id = ike_identity_copy (parent->peer_id);
  up->ike_suite = ike_suite_to_string (&nego->material.suite);
  up->ke_group = connection->ke_hint = nego->material.group;
  up->mobike = parent->mobike;
  if (child)
    tell_child (parent, child, up);
  output->configured = g_steal_pointer (&nego->configured);
  if (parent->client)
    tell_client (parent->client, output);
  output->client = connection->mesh ? connection->mate : output->client;
  ike_parent_log (parent, IKE_LOG_INFO, "up", "tunnel is up: IKE %s, ESP %s%s", up->ike_suite,
                  up->child_suite ? up->child_suite : "none yet", ike_path_around (&up->path, up->encap));
  output->ke_group = up->ke_group;
  same = connection->fresh == parent ? ike_reauth_done (parent, up) : ike_connection_is_peer (connection);
  if (connection->config->role == IKE_ROLE_INITIATOR)
    keep (connection, up);
  /* a peer may have had one before this */
  if (connection->state == IKE_CONNECTION_UP && same)
    ike_output_free (output);
  else
    ike_core_push (parent->core, output);
  if (connection->state != IKE_CONNECTION_LISTENING)
    {
      if (connection->state != IKE_CONNECTION_UP)
        begin_to_stand (connection);
      ike_connection_set_state (connection, IKE_CONNECTION_UP);
      connection->attempts = 0;
      connection->was_up = TRUE;
      connection->cookie_doubted = FALSE;
      connection->redirected_from = (IkeAddress){ 0 };
    }
  ike_nego_free (g_steal_pointer (&parent->nego), parent->core->crypto);
  ike_cover_sift (connection);
}

void
ike_life_up_by_another (IkeParent *parent)
{
  IkeChild *child = parent->children;

  if (!parent->nego || parent->state == IKE_PARENT_CLOSED || ike_child_by_number (parent, parent->nego->child))
    return;
  while (child && !(child->up && ike_child_is_alive (child)))
    child = child->next;
  if (child)
    say_up (parent, child);
}

void
ike_life_up_without_child (IkeParent *parent)
{
  say_up (parent, NULL);
}

void
ike_life_child_up (IkeChild *child)
{
  IkeParent *parent = child->parent;
  const IkeChildConfig *config = &ike_parent_config (parent)->child;
  IkeTime now = parent->core->now;

  child->established = now;
  if (config->lifetime)
    ike_timers_set (child->timers, IKE_CHILD_TIMER_REKEY,
                    now + ike_life_soft (parent->core, config->lifetime, config->rekey_margin));
  /* the kernel had it at the end of its life before it said that it has it: as soon as this is through */
  if (child->expired)
    ike_timers_set (child->timers, IKE_CHILD_TIMER_REKEY, now);
  if (child->state == IKE_CHILD_INBOUND)
    ike_timers_set (child->timers, IKE_CHILD_TIMER_SWITCH, now + SWITCH_TIME);
  ike_parent_rearm (parent);
  child->up = TRUE;
  ike_respond_child_up (parent);
  if (ike_connection_is_peer (parent->connection) && !child->cpu)
    ike_peer_child_up (child);
  else if (!child->cpu)
    ike_peer_client_up (child);
  if (parent->state == IKE_PARENT_ESTABLISHED)
    ike_resource_next (child);
  if (parent->nego && (parent->nego->child == child->number || !parent->nego->child)) /* 0: it has begun without one */
    say_up (parent, child);
  else if (parent->initiator && parent->state == IKE_PARENT_ESTABLISHED)
    ike_life_up_by_another (parent);
}

/* ---- Child SAs ---- */

static void
rekey_child (IkeChild *child)
{
  IkeParent *parent = child->parent;
  const IkeChild *twin;
  gboolean newer;
  IkeTask *task;

  /* it may count again (ike_life_restore) */
  if (child->state == IKE_CHILD_REPLACED)
    {
      ike_timers_set (child->timers, IKE_CHILD_TIMER_REKEY, parent->core->now + REFUSED_RETRY);
      ike_parent_rearm (parent);
    }
  if (parent->state != IKE_PARENT_ESTABLISHED || child->state != IKE_CHILD_READY || child->rekeying ||
      parent->connection->state == IKE_CONNECTION_STOPPING)
    return;
  twin = ike_connection_is_peer (parent->connection) ? ike_cover_twin (child) : NULL;
  /* made twice: the newer one goes on alone */
  newer = twin && twin->parent == parent && twin->state == IKE_CHILD_READY && twin->number > child->number;
  child->rekeying = !newer;
  task = ike_run_queue (parent, newer ? &ike_row_delete_child : &ike_row_rekey_child);
  task->child = child->number;
  ike_run_next (parent);
}

IkeTime
ike_life_again (IkeCore *core, IkeTime end)
{
  const IkeTime pause = PUT_OFF_TIME - PUT_OFF_JITTER * ike_core_jitter (core) / 256;

  return core->now + MIN (pause, MAX ((end - core->now) / 2, IKE_SECOND));
}

/* Shortly before @end, of what has lived since @begun. */
static IkeTime
last_call (const IkeParent *parent, IkeTime begun, IkeTime end)
{
  IkeTime now = parent->core->now;

  return MAX (end - MIN (LAST_CALL, (end - begun) / 8), now + MAX ((end - now) / 2, IKE_SECOND));
}

/* Both times: nothing comes of asking. Whoever can begins anew, beside what there is; else that expires. */
static void
renew_beside (IkeParent *parent)
{
  if (ike_parent_config (parent)->role == IKE_ROLE_INITIATOR)
    ike_reauth_start (parent);
}

void
ike_life_rekey_refused (IkeChild *child, guint16 notify)
{
  IkeParent *parent = child->parent;
  const IkeTime lifetime = ike_parent_config (parent)->child.lifetime, now = parent->core->now;

  if (child->refused)
    renew_beside (parent);
  else
    {
      /* worn: how long its octets or packets last nobody knows */
      ike_timers_set (child->timers, IKE_CHILD_TIMER_REKEY,
                      lifetime && !child->worn ? last_call (parent, child->established, child->established + lifetime)
                                               : now + REFUSED_RETRY);
      ike_parent_rearm (parent);
    }
  child->refused = notify;
}

void
ike_life_ike_rekey_refused (IkeParent *parent, guint16 notify)
{
  gboolean again = parent->rekey_refused != 0;

  parent->rekey_refused = notify;
  if (parent->successor || parent->state != IKE_PARENT_ESTABLISHED ||
      !ike_timers_is_set (parent->timers, IKE_PARENT_TIMER_EXPIRE))
    return;
  if (again)
    renew_beside (parent);
  else
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_REKEY,
                          last_call (parent, parent->established, parent->timers[IKE_PARENT_TIMER_EXPIRE]));
}

/* Whatever was to be decided between those that replaced @old is decided by now, but for a late answer to us. */
static void
forget_collision (const IkeChild *old)
{
  if (ike_run_has (old->parent, &ike_row_rekey_child, old->number))
    return;
  for (IkeChild *child = old->parent->children; child; child = child->next)
    if (child->replaces == old->number)
      g_clear_pointer (&child->low_nonce, g_bytes_unref);
}

static void
delete_and_remake (const IkeChild *gone)
{
  IkeParent *parent = gone->parent;
  guint32 number = gone->number;
  IkeChild *child;

  ike_life_hand_on (gone);
  ike_run_queue (parent, &ike_row_delete_child)->child = number;
  ike_run_next (parent);
  /* what could not be sent has ended the IKE SA */
  child = ike_child_by_number (parent, number);
  if (child)
    ike_life_child_gone (child, FALSE);
}

void
ike_life_on_switch_failed (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *child = ike_child_by_number (parent, number);
  g_autofree char *text = NULL;

  if (!input->kernel_error || !child || child->state != IKE_CHILD_READY || parent->state != IKE_PARENT_ESTABLISHED)
    return;
  text = ike_core_kernel_text (input);
  ike_parent_log (parent, IKE_LOG_ERROR, "kernel", "the kernel refused the outbound half of a Child SA: %s", text);
  delete_and_remake (child);
}

gboolean
ike_life_switch (IkeChild *child)
{
  IkeWorkFor work = { .parent = child->parent, .child = child->number, .done = ike_life_on_switch_failed };

  if (child->state != IKE_CHILD_INBOUND || child->parts & IKE_SA_OUT)
    return FALSE;
  ike_child_install (child, IKE_SA_OUT, &work);
  ike_child_set_state (child, IKE_CHILD_READY);
  return TRUE;
}

/* The peer, whose rekey it was, has not deleted the old one for long: RFC 7296 section 2.8 leaves that to it, but two
 * outbound SAs for one purpose shall not be for ever. */
static void
end_rekey_of_peer (IkeChild *child)
{
  IkeParent *parent = child->parent;
  const IkeChild *old = ike_child_by_number (parent, child->replaces);

  if (!ike_life_switch (child) || !old || old->state != IKE_CHILD_REPLACED || parent->state != IKE_PARENT_ESTABLISHED ||
      ike_run_has (parent, &ike_row_delete_child, old->number))
    return;
  ike_run_queue (parent, &ike_row_delete_child)->child = old->number;
  ike_run_next (parent);
}

/* It carries nothing any more. */
static void
end_useless (IkeChild *child)
{
  IkeParent *parent = child->parent;
  IkeChild *fresh;

  child->expired = TRUE;
  switch ((IkeChildState) child->state)
    {
    case IKE_CHILD_NEGOTIATING:
    case IKE_CHILD_INSTALLING:
    case IKE_CHILD_DELETING:
    case IKE_CHILD_LINGERING:
      /* its end is on the way already, or is looked for when it is up */
      return;
    case IKE_CHILD_REPLACED:
      /* the peer will delete it; until then nothing would carry our traffic */
      fresh = ike_child_successor (parent, child->number, FALSE);
      if (fresh)
        ike_life_switch (fresh);
      return;
    case IKE_CHILD_INBOUND:
    case IKE_CHILD_READY:
      break;
    }
  if (parent->state != IKE_PARENT_ESTABLISHED || ike_run_has (parent, &ike_row_delete_child, child->number))
    return;
  delete_and_remake (child);
}

void
ike_life_on_child_timer (IkeChild *child, IkeChildTimer timer)
{
  switch (timer)
    {
    case IKE_CHILD_TIMER_REKEY:
      if (child->expired)
        end_useless (child);
      else
        rekey_child (child);
      return;
    case IKE_CHILD_TIMER_SWITCH:
      if (child->replaces)
        end_rekey_of_peer (child);
      else
        ike_respond_change_over (child);
      return;
    case IKE_CHILD_TIMER_LINGER:
      ike_child_uninstall (child, IKE_SA_IN | IKE_SA_OUT);
      forget_collision (child);
      ike_child_free (child);
      return;
    case IKE_CHILD_N_TIMERS:
      return;
    }
}

void
ike_life_on_expire (IkeChild *child, gboolean hard)
{
  if (!hard)
    {
      child->worn = TRUE;
      /* so much traffic is worth another one, however soon */
      child->parent->connection->child_pause = 0;
      rekey_child (child);
      return;
    }
  ike_parent_log (child->parent, IKE_LOG_NOTICE, "child", "Child SA #%u has expired", child->number);
  end_useless (child);
}

void
ike_life_on_moved (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *child = ike_child_by_number (parent, number);
  g_autofree char *text = NULL;

  if (!input->kernel_error || !child || child->expired)
    return;
  text = ike_core_kernel_text (input);
  ike_parent_log (parent, IKE_LOG_ERROR, "kernel", "the kernel did not move Child SA #%u: %s", number, text);
  end_useless (child);
}

/* By another one than @but, which goes as well. */
static gboolean
is_served_without (const IkeChild *gone, guint32 but)
{
  const IkeParent *parent = gone->parent;

  for (const IkeChild *child = parent->children; child; child = child->next)
    switch ((IkeChildState) child->state)
      {
      case IKE_CHILD_NEGOTIATING:
      case IKE_CHILD_INSTALLING:
      case IKE_CHILD_INBOUND:
      case IKE_CHILD_READY:
        if (child != gone && child->number != but && child->slot == gone->slot && child->cpu == gone->cpu &&
            !ike_run_has (parent, &ike_row_delete_child, child->number))
          return TRUE;
        break;
      case IKE_CHILD_REPLACED:
      case IKE_CHILD_DELETING:
      case IKE_CHILD_LINGERING:
        break;
      }
  return FALSE;
}

gboolean
ike_life_is_served (const IkeChild *gone)
{
  return is_served_without (gone, 0);
}

void
ike_life_restore (IkeParent *parent, guint32 old_number, guint32 gone)
{
  IkeChild *old = old_number ? ike_child_by_number (parent, old_number) : NULL;
  const IkeTask *rekey = ike_run_has (parent, &ike_row_rekey_child, old_number);

  /* both ends rekeyed it at once, and one thing and another went wrong with either: else it is deleted by its rekey */
  if (!old || old->state != IKE_CHILD_REPLACED || (rekey && rekey->started && rekey->fresh != gone) ||
      ike_run_has (parent, &ike_row_delete_child, old_number))
    return;
  for (const IkeChild *other = parent->children; other; other = other->next)
    if (other->replaces == old_number && other->number != gone && other->state < IKE_CHILD_DELETING)
      return;
  ike_child_set_state (old, IKE_CHILD_READY);
  if (!old->expired && !is_served_without (old, gone))
    return;
  ike_run_queue (parent, &ike_row_delete_child)->child = old_number;
  ike_run_next (parent);
}

/* The peer has deleted it. */
static IkeTime
recreate_delay (const IkeChild *gone)
{
  IkeConnection *connection = gone->parent->connection;
  IkeTime stood = gone->up ? connection->core->now - gone->established : 0, last = connection->child_pause;
  gboolean young = last && stood < MIN (last * RECREATE_WORTH, RECREATE_LONGEST);

  connection->child_pause = young ? MIN (2 * last, RECREATE_LONGEST) : RECREATE_DELAY;
  return connection->child_pause;
}

void
ike_life_child_gone (IkeChild *child, gboolean by_peer)
{
  IkeParent *parent = child->parent;
  IkeConnection *connection = parent->connection;
  gboolean peer = ike_connection_is_peer (connection);
  gboolean others = ike_connection_covers (connection) && ike_cover_is_served (parent, child);
  IkeChild *fresh;
  IkeTask *task;

  if (parent->state != IKE_PARENT_ESTABLISHED || child->cpu || ike_life_is_served (child) ||
      connection->state == IKE_CONNECTION_STOPPING)
    return;
  /* the next packet asks for one, however often it is deleted */
  if (peer && by_peer && connection->config->begin == IKE_BEGIN_DEMAND)
    connection->child_not_before = parent->core->now + recreate_delay (child);
  if (peer ? !ike_peer_remakes (child) : connection->state == IKE_CONNECTION_LISTENING)
    return; /* who wants one makes one */
  if (by_peer && !connection->config->keep_trying && !peer && !others)
    {
      g_auto (IkeReason) reason = { 0 };

      ike_reason_set (&reason, IKE_REASON_PEER_DELETED, 0, NULL);
      ike_life_end (parent, IKE_FAREWELL_DELETE, &reason);
      return;
    }
  fresh = ike_child_new (parent, child->slot);
  fresh->local_ts = ike_select_copy (child->local_ts);
  fresh->remote_ts = ike_select_copy (child->remote_ts);
  ike_child_set_label (fresh, child->label);
  fresh->transport_mode = child->transport_mode;
  task = ike_run_queue (parent, &ike_row_create_child);
  task->fresh = fresh->number;
  /* before the peer knows that the old one has gone this one would be for one processor beside it (RFC 9611) */
  task->alone = child->cpus > 0;
  task->not_before = by_peer ? parent->core->now + recreate_delay (child) : 0;
  ike_run_next (parent);
}

void
ike_life_on_mapping (IkeChild *child, const IkeEndpoint *remote)
{
  IkeParent *parent = child->parent;
  IkePath path = parent->path;

  /* RFC 7296 section 2.23: only a peer behind a NAT moves so; the kernel has authenticated the packet */
  if (!parent->nat_there || parent->nat_here || parent->mobike || parent->state != IKE_PARENT_ESTABLISHED ||
      !ike_mesh_may_follow (parent, &remote->address))
    return;
  path.remote = *remote;
  ike_run_set_path (parent, &path);
  if (ike_stream_is (&path))
    ike_run_again (parent);
}

/* ---- the IKE SA ---- */

void
ike_life_keep_alive (IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);

  /* RFC 9329 section 6.6: not in TCP */
  if (parent->nat_here && !ike_stream_is (&parent->path))
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_KEEPALIVE,
                          parent->core->now + (config->natt_keepalive ? config->natt_keepalive : KEEPALIVE_DEFAULT));
  else
    ike_parent_stop_timer (parent, IKE_PARENT_TIMER_KEEPALIVE);
}

static void
on_keepalive (IkeParent *parent)
{
  IkeOutput *output;

  if (ike_stream_is (&parent->path))
    return;
  output = ike_core_output_new (IKE_OUTPUT_KEEPALIVE, ike_parent_config (parent)->id);
  output->path = parent->path;
  ike_core_push (parent->core, output);
  ike_life_keep_alive (parent);
}

static void
rekey_parent (IkeParent *parent)
{
  if (parent->state != IKE_PARENT_ESTABLISHED || parent->superseded ||
      parent->connection->state == IKE_CONNECTION_STOPPING)
    return;
  if (!ike_run_has (parent, &ike_row_rekey_ike, 0))
    ike_run_queue (parent, &ike_row_rekey_ike);
  ike_run_next (parent);
}

void
ike_life_on_parent_timer (IkeParent *parent, IkeParentTimer timer)
{
  switch (timer)
    {
    case IKE_PARENT_TIMER_RETRANSMIT:
      ike_run_on_retransmit (parent);
      return;
    case IKE_PARENT_TIMER_DOUBT:
      ike_init_on_doubt (parent);
      return;
    case IKE_PARENT_TIMER_KEEPALIVE:
      on_keepalive (parent);
      return;
    case IKE_PARENT_TIMER_LIVENESS:
      ike_liveness_check (parent);
      return;
    case IKE_PARENT_TIMER_REKEY:
      rekey_parent (parent);
      return;
    case IKE_PARENT_TIMER_EXPIRE:
      ike_life_expire (parent);
      return;
    case IKE_PARENT_TIMER_TASK:
      ike_run_next (parent);
      return;
    case IKE_PARENT_TIMER_WINDOW:
      ike_run_on_window (parent);
      return;
    case IKE_PARENT_TIMER_REAUTH:
      ike_reauth_start (parent);
      return;
    case IKE_PARENT_TIMER_FOLLOWUP:
      ike_followup_on_timer (parent);
      return;
    case IKE_PARENT_TIMER_LINGER:
      ike_connection_bury (parent->connection, parent);
      return;
    case IKE_PARENT_N_TIMERS:
      return;
    }
}
