/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Authenticating again before the old IKE SA ends: by configuration, or because the gateway says how long we may be
 * (AUTH_LIFETIME, RFC 4478). RFC 7296 section 2.8.3.
 *
 * Invariants: the old one serves until the new one has its Child SA in the kernel, with the same address when the
 * gateway gives it again; there is at most one new one, in connection->fresh; when it comes to nothing the old one goes
 * on, and it is tried again while there is time.
 *
 * The same is a trial when the peer has become silent: RFC 7296 section 2.4 lets nobody but the peer itself, authenticated,
 * say that an IKE SA is gone. A new one that was authenticated says it.
 */
#include "exchange/reauth.h"

#include "exchange/addresses.h"
#include "exchange/handlers.h"
#include "exchange/probe.h"
#include "exchange/stream.h"
#include "exchange/ticket.h"
#include "sa/configure.h"
#include "sa/select.h"
#include "wire/payload-notify.h"

#define RETRY_TIME (30 * IKE_SECOND)
#define MIN_AGE (60 * IKE_SECOND) /* before that nobody is asked again, whatever a gateway says */
#define LIFETIME_LEN 4
#define GRACE_TIME (10 * IKE_SECOND) /* a responder's patience after that */

static gboolean
may_begin (const IkeParent *parent)
{
  const IkeConnection *connection = parent->connection;

  return parent->state == IKE_PARENT_ESTABLISHED && connection->config->role == IKE_ROLE_INITIATOR &&
         connection->state == IKE_CONNECTION_UP && connection->current == parent && !connection->fresh;
}

static void
begin_at (IkeParent *parent, IkeTime at)
{
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_REAUTH, MIN (parent->timers[IKE_PARENT_TIMER_REAUTH], at));
}

void
ike_reauth_at (IkeParent *parent, IkeTime lifetime, IkeTime margin)
{
  begin_at (parent, parent->core->now + ike_life_soft (parent->core, lifetime, margin));
}

void
ike_reauth_note (IkeParent *parent, const IkePayloads *payloads)
{
  const IkeConnection *connection = parent->connection;
  gboolean stands = connection->state == IKE_CONNECTION_UP && connection->current == parent;
  IkeTime now = parent->core->now, lifetime, at;
  IkeNotify notify;
  IkeReader reader;

  if (connection->config->role != IKE_ROLE_INITIATOR ||
      !ike_notify_find (payloads, IKE_NOTIFY_AUTH_LIFETIME, &notify) || notify.data.len != LIFETIME_LEN)
    return;
  reader = ike_reader (notify.data);
  lifetime = ike_read_u32 (&reader) * IKE_SECOND;
  ike_parent_log (parent, IKE_LOG_DEBUG, "reauth", "the peer lets us be for %u s", (guint) (lifetime / IKE_SECOND));
  /* it has been tried, and nothing that the gateway says makes us try sooner, or once more what was refused */
  if (stands && connection->reauth_refused)
    return;
  at = MAX (now + ike_life_soft (parent->core, lifetime, lifetime / 10), parent->authenticated + MIN_AGE);
  begin_at (parent, stands && connection->reauth_failed ? MAX (at, connection->reauth_failed + RETRY_TIME) : at);
}

void
ike_reauth_demand (IkeBuilder *builder, IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);
  /* the time of a ticket may have run out while it was judged */
  IkeTime left = MAX (ike_ticket_authenticated (parent) + config->auth_lifetime - parent->core->now, 0);
  guint32 seconds = GUINT32_TO_BE ((guint32) (left / IKE_SECOND));

  if (config->role != IKE_ROLE_RESPONDER || !config->auth_lifetime)
    return;
  ike_builder_notify (builder, IKE_NOTIFY_AUTH_LIFETIME, ike_chunk (&seconds, sizeof seconds));
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_REAUTH, parent->core->now + left + GRACE_TIME);
}

/* RFC 4478 section 4: who does not do it is let go. */
static void
dismiss (IkeParent *parent)
{
  if (parent->state != IKE_PARENT_ESTABLISHED || ike_run_has (parent, &ike_row_delete_ike, 0))
    return;
  ike_parent_log (parent, IKE_LOG_NOTICE, "reauth", "the peer has not authenticated again");
  ike_run_queue (parent, &ike_row_delete_ike);
  ike_run_next (parent);
}

void
ike_reauth_start (IkeParent *parent)
{
  IkeConnection *connection = parent->connection;

  if (connection->config->role == IKE_ROLE_RESPONDER)
    {
      dismiss (parent);
      return;
    }
  if (connection->fresh && connection->fresh->trial)
    connection->fresh->trial = FALSE; /* it has become one that is wanted in any case */
  if (!may_begin (parent))
    return;
  ike_parent_log (parent, IKE_LOG_INFO, "reauth", "authenticating again");
  ike_life_negotiate_beside (connection);
}

void
ike_reauth_failed (IkeParent *fresh, const IkeReason *reason, gboolean final)
{
  IkeConnection *connection = fresh->connection;
  IkeParent *old = connection->current;

  connection->fresh = NULL;
  if (fresh->trial)
    {
      ike_parent_log (fresh, IKE_LOG_DEBUG, "reauth", "the trial has ended: %s", ike_reason_code_name (reason->code));
      if (old)
        old->no_trial = old->no_trial || final;
      return;
    }
  ike_parent_log (fresh, IKE_LOG_WARNING, "reauth", "authenticating again has failed: %s%s%s",
                  ike_reason_code_name (reason->code), reason->detail ? ": " : "",
                  reason->detail ? reason->detail : "");
  connection->reauth_failed = fresh->core->now;
  connection->reauth_refused = final;
  /* a password that was refused is not tried again behind its owner's back */
  if (old && final)
    ike_parent_stop_timer (old, IKE_PARENT_TIMER_REAUTH);
  else if (old && old->state == IKE_PARENT_ESTABLISHED)
    ike_parent_set_timer (old, IKE_PARENT_TIMER_REAUTH, fresh->core->now + RETRY_TIME);
}

/* The same selectors continue under the same slot, and so with the same policies; others get a slot of their own, and
 * the old policies go with the old Child SA. */
void
ike_reauth_choose_slot (IkeChild *child)
{
  IkeConnection *connection = child->parent->connection;

  if (connection->fresh != child->parent || !connection->current)
    return;
  for (const IkeChild *old = connection->current->children; old; old = old->next)
    if (old->slot == child->slot && !ike_child_same_traffic (old, child))
      {
        connection->slot = child->slot = ike_connection_new_slot (connection);
        return;
      }
}

gboolean
ike_reauth_done (IkeParent *fresh, const IkeConfigured *configured)
{
  IkeConnection *connection = fresh->connection;
  IkeParent *old = connection->current;
  gboolean same = ike_configure_same (connection->configured, configured);

  if (connection->fresh != fresh)
    return FALSE;
  connection->fresh = NULL;
  connection->current = fresh;
  connection->reauth_failed = 0;
  connection->reauth_refused = FALSE;
  ike_parent_log (fresh, IKE_LOG_INFO, "reauth", "IKE SA #%u replaces #%u", fresh->serial, old->serial);
  old->superseded = TRUE;
  if (ike_probe_outlived (connection, old, fresh->trial))
    ike_life_retire (old);
  else
    {
      if (!ike_run_has (old, &ike_row_delete_ike, 0))
        ike_run_queue (old, &ike_row_delete_ike);
      ike_run_next (old);
    }
  fresh->trial = FALSE;
  return same;
}

/* ---- a peer that has become silent ---- */

void
ike_reauth_try (IkeParent *parent)
{
  const IkeTask *task = ike_parent_current (parent);

  /* only a question may go unanswered without anything half done */
  if (!task ||
      (task->row != &ike_row_liveness && task->row != &ike_row_update_addresses && task->row != &ike_row_probe))
    return;
  /* a ticket makes the same of a new beginning without asking anybody for a password again */
  if (!may_begin (parent) || parent->no_trial || ike_ticket_is_usable (parent->connection) ||
      ike_addresses_is_untested (parent))
    return;
  ike_parent_log (parent, IKE_LOG_INFO, "reauth",
                  "no answer: has the peer lost us? Trying a new IKE SA beside this one");
  ike_life_negotiate_beside (parent->connection);
  if (parent->connection->fresh)
    parent->connection->fresh->trial = TRUE;
}

gboolean
ike_reauth_holds (IkeParent *fresh)
{
  IkeConnection *connection = fresh->connection;

  if (!fresh->trial || fresh->trial_heard || connection->fresh != fresh || !connection->current)
    return FALSE;
  fresh->trial_heard = TRUE;
  ike_run_again (connection->current);
  /* with TCP what the old one is answered comes before this answer */
  if (ike_stream_is (&fresh->path))
    ike_run_again (fresh);
  else
    ike_run_soon (fresh);
  return TRUE;
}

gboolean
ike_reauth_is_heard (const IkeConnection *connection)
{
  return connection->fresh && connection->fresh->trial && connection->fresh->trial_heard;
}

void
ike_reauth_end_trial (IkeConnection *connection)
{
  g_auto (IkeReason) reason = { 0 };

  if (!connection->fresh || !connection->fresh->trial || connection->fresh->state > IKE_PARENT_INIT)
    return;
  ike_reason_set (&reason, IKE_REASON_REPLACED, 0, "a trial");
  ike_life_end (connection->fresh, IKE_FAREWELL_NONE, &reason);
}

void
ike_reauth_believe (IkeParent *parent)
{
  if (parent->connection->current == parent)
    ike_reauth_end_trial (parent->connection);
}
