/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE_AUTH as responder, between the proof and the Child SA: whose older connections give way, whether the identity
 * may come in at all, and which addresses it gets. RFC 7296 sections 2.4, 2.19; RFC 7619 section 2.3.
 *
 * Invariants: nothing of another client is touched before this one was proven; somebody without an identity replaces
 * nobody; pools are not ours: whoever keeps them is asked, and told when a client is gone.
 */
#include "exchange/child-common.h"
#include "exchange/handlers.h"
#include "exchange/redirect.h"
#include "exchange/respond.h"
#include "exchange/resume.h"

#include "wire/payload-notify.h"

static void
end_replaced (IkeParent *parent, IkeFarewell farewell)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, IKE_REASON_REPLACED, 0, "the client has come again");
  ike_life_end (parent, farewell, &reason);
}

static void
end_client (IkeClient *client, IkeFarewell farewell)
{
  ike_client_ref (client);
  while (client->parents)
    end_replaced (client->parents, farewell);
  ike_client_unref (client);
}

/* RFC 5723 section 4.3.4: the session that is resumed may still be here; it goes without a word. */
static void
succeed_old (IkeParent *parent)
{
  IkeClient *old = ike_client_find_twin (parent->client, parent->nego->resumed->client);

  if (old)
    end_client (old, IKE_FAREWELL_NONE);
}

/* Behind a NAT there may be others with the same address. */
static gboolean
is_same_device (const IkeParent *fresh, const IkeParent *old)
{
  if (fresh->nat_there || old->nat_there)
    return ike_endpoint_equal (&fresh->path.remote, &old->path.remote);
  return ike_address_equal (&fresh->path.remote.address, &old->path.remote.address);
}

static gboolean
is_initial (const IkeTask *task)
{
  IkeNotify notify;

  return ike_notify_find (ike_respond_payloads (task), IKE_NOTIFY_INITIAL_CONTACT, &notify);
}

/* INITIAL_CONTACT says that a device knows of no IKE SA of its own, and nothing of those of another that its user has. If
 * what is in the way is another one's, that is asked whether it is still there, so that it is in the way no longer than
 * it must. */
static gboolean
is_ours_to_replace (const IkeParent *parent, gboolean initial)
{
  IkeClient *client, *twin;
  IkeParent *old, *next;
  gboolean ours = initial;

  for (client = ike_client_find_other (parent->client); client; client = twin)
    {
      twin = client->twin == parent->client ? parent->client->twin : client->twin;
      for (old = client->parents; old; old = next)
        {
          next = old->client_next;
          if (initial && is_same_device (parent, old))
            continue;
          ours = FALSE;
          ike_liveness_doubt (old);
        }
    }
  return ours;
}

/* FALSE: this one is one too many. */
static gboolean
make_room (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeServe *serve = ike_parent_config (parent)->serve;
  IkeUnique unique = serve ? serve->unique : IKE_UNIQUE_NO;
  IkeClient *other;
  /* RFC 7296 section 2.4: it knows of no other; whoever wants them all anyway does not look at that */
  gboolean initial = unique != IKE_UNIQUE_NO && is_initial (task);

  if (unique == IKE_UNIQUE_NO || !ike_client_find_other (parent->client))
    return TRUE;
  if (unique == IKE_UNIQUE_KEEP && !is_ours_to_replace (parent, initial))
    return FALSE;
  while ((other = ike_client_find_other (parent->client)))
    end_client (other, initial ? IKE_FAREWELL_NONE : IKE_FAREWELL_DELETE);
  return TRUE;
}

/* ---- authentication once more: RFC 7296 section 2.8.3 ---- */

/* Where all may stay, only who asks for what it has means to change over. */
static gboolean
goes_on (const IkeClient *client, const IkeServe *serve, const IkeServeWish *wish)
{
  return serve->unique != IKE_UNIQUE_NO ||
         (wish->wish4.family && ike_address_equal (&wish->wish4, &client->address4)) ||
         (wish->wish6.family && ike_address_equal (&wish->wish6, &client->address6));
}

/* The client that the same device is already, and does not deny to be; NULL: it comes anew. */
static IkeClient *
find_own (IkeTask *task)
{
  const IkeParent *parent = task->parent;
  const IkeServe *serve = ike_parent_config (parent)->serve;

  if (!serve || is_initial (task) || ike_resume_is (parent))
    return NULL;
  for (IkeClient *client = ike_client_find (parent->connection, parent->peer_id); client; client = client->twin)
    for (const IkeParent *old = client->parents; old; old = old->client_next)
      if (old->state == IKE_PARENT_ESTABLISHED && is_same_device (parent, old) &&
          goes_on (client, serve, &parent->nego->wish))
        return client;
  return NULL;
}

/* Of one that had to give way before not even that is left: nobody collects them. */
static void
give_way (IkeParent *old)
{
  if (old->superseded)
    end_replaced (old, IKE_FAREWELL_DELETE);
  else
    {
      old->superseded = TRUE;
      ike_parent_set_timer (old, IKE_PARENT_TIMER_EXPIRE, old->core->now + IKE_LEAVE_TIME);
    }
}

void
ike_respond_succeed (IkeParent *fresh)
{
  IkeParent *next;

  for (IkeParent *old = fresh->client ? fresh->client->parents : NULL; old; old = next)
    {
      next = old->client_next;
      if (old != fresh && old->state == IKE_PARENT_ESTABLISHED)
        give_way (old);
    }
}

void
ike_respond_let_be (IkeParent *parent)
{
  const IkeTime lifetime = ike_parent_config (parent)->ike_lifetime, now = parent->core->now;

  if (!lifetime)
    {
      ike_parent_stop_timer (parent, IKE_PARENT_TIMER_EXPIRE);
      return;
    }
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_EXPIRE, MAX (parent->established + lifetime, now + IKE_LEAVE_TIME));
  /* it may have passed meanwhile */
  if (!ike_timers_is_set (parent->timers, IKE_PARENT_TIMER_REKEY))
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_REKEY, now + IKE_LEAVE_TIME / 2);
}

static gboolean
has_other (const IkeParent *parent)
{
  for (const IkeParent *other = parent->client ? parent->client->parents : NULL; other; other = other->client_next)
    if (other != parent && other->state == IKE_PARENT_ESTABLISHED)
      return TRUE;
  return FALSE;
}

void
ike_respond_bound (IkeParent *parent)
{
  parent->lone = !parent->barred && has_other (parent);
  if (parent->barred || parent->lone)
    ike_parent_set_timer (parent, IKE_PARENT_TIMER_EXPIRE, parent->core->now + IKE_LEAVE_TIME);
}

void
ike_respond_child_lost (IkeParent *parent)
{
  if (parent->connection->state != IKE_CONNECTION_LISTENING || parent->state != IKE_PARENT_ESTABLISHED ||
      parent->superseded || parent->barred || parent->childless)
    return;
  for (const IkeChild *child = parent->children; child; child = child->next)
    if (child->up && ike_child_is_alive (child))
      return;
  parent->lone = TRUE;
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_EXPIRE,
                        MIN (parent->timers[IKE_PARENT_TIMER_EXPIRE], parent->core->now + IKE_LEAVE_TIME));
}

void
ike_respond_child_up (IkeParent *parent)
{
  /* what could not be answered ends at once */
  if (!parent->lone || parent->superseded || parent->timers[IKE_PARENT_TIMER_EXPIRE] <= parent->core->now)
    return;
  parent->lone = FALSE;
  ike_respond_let_be (parent);
}

void
ike_respond_restore (const IkeClient *client)
{
  IkeParent *last = NULL;

  for (IkeParent *parent = client->parents; parent; parent = parent->client_next)
    if (parent->state == IKE_PARENT_ESTABLISHED && !parent->barred && !parent->lone &&
        !ike_run_has (parent, &ike_row_delete_ike, 0))
      {
        if (!parent->superseded)
          return;
        last = parent;
      }
  if (!last)
    return;
  ike_parent_log (last, IKE_LOG_INFO, "reauth", "IKE SA #%u goes on", last->serial);
  last->superseded = FALSE;
  ike_respond_let_be (last);
  /* a client that was started again knows nothing of it; may end it */
  ike_liveness_doubt (last);
}

/* ---- may it come in? ---- */

static void
on_admitted (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  const IkeServe *serve = ike_parent_config (parent)->serve;
  const IkeServeWish *wish = &parent->nego->wish;

  if (!input->ok)
    {
      if (input->reason.code == IKE_REASON_NONE)
        ike_reason_set (&input->reason, IKE_REASON_LIMIT, 0, "nobody said why");
      ike_respond_refuse (task, &input->reason);
      return;
    }
  /* only a client that can be sent away is */
  if (ike_redirect_admitted (task, input->text))
    return;
  if (serve->pool4 && wish->address4 && input->lease4.family == IKE_FAMILY_IP4)
    parent->client->address4 = input->lease4;
  if (serve->pool6 && wish->address6 && input->lease6.family == IKE_FAMILY_IP6)
    parent->client->address6 = input->lease6;
  ike_respond_child (task);
}

static void
ask (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeConfig *config = ike_parent_config (parent);
  const IkeServeWish *wish = &parent->nego->wish;
  IkeWorkFor work = { .parent = parent, .task = task->id, .done = on_admitted };
  IkeJob *job = g_new0 (IkeJob, 1);

  job->type = IKE_JOB_ADMIT;
  job->admit.client = parent->client->number;
  job->admit.identity = ike_identity_copy (parent->peer_id);
  job->admit.anonymous = !parent->client->key;
  job->admit.remote = parent->path.remote;
  job->admit.want4 = config->serve->pool4 && wish->address4;
  job->admit.want6 = config->serve->pool6 && wish->address6;
  job->admit.wish4 = wish->wish4;
  job->admit.wish6 = wish->wish6;
  ike_core_ask (parent->core, config->id, job, &work, NULL);
}

/* It has done nothing wrong, and may find room another time. */
static void
turn_away (IkeTask *task)
{
  IkeParent *parent = task->parent;

  ike_parent_log_seldom (parent, "limit", "too many clients; one more is turned away");
  ike_run_answer_notify (task, IKE_NOTIFY_TEMPORARY_FAILURE, ike_chunk (NULL, 0));
  ike_life_retire (parent);
}

/* FALSE: as make_room(). */
static gboolean
enter (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeClient *own = find_own (task);

  if (own)
    {
      ike_client_add (own, parent);
      return TRUE;
    }
  own = ike_client_new (parent->connection, parent->peer_id, &parent->path.remote.address);
  ike_client_add (own, parent);
  ike_client_unref (own);
  if (ike_resume_is (parent))
    succeed_old (parent);
  return make_room (task);
}

void
ike_respond_admit (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeConfig *config = ike_parent_config (parent);
  const IkePayload *cp = ike_payloads_find (ike_respond_payloads (task), IKE_PAYLOAD_CP);
  g_auto (IkeReason) reason = { 0 };

  g_assert (parent->nego->peer_proven && !parent->client);
  if (config->role != IKE_ROLE_RESPONDER)
    {
      ike_respond_child (task);
      return;
    }
  if (cp && !ike_serve_read (cp->body, &parent->nego->wish))
    ike_reason_set (&reason, IKE_REASON_BAD_MESSAGE, 0, "CP");
  else if (!enter (task))
    ike_reason_set (&reason, IKE_REASON_LIMIT, 0, "the client is here already");
  if (reason.code != IKE_REASON_NONE)
    ike_respond_refuse (task, &reason);
  else if (ike_client_is_too_many (parent->client))
    turn_away (task);
  else if (config->serve && (config->serve->pool4 || config->serve->pool6 || config->serve->authorize))
    ask (task);
  else if (!ike_redirect_admitted (task, NULL))
    ike_respond_child (task);
}
