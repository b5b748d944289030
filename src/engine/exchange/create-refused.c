/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peer refuses the Child SA that we ask for, a new one or a rekey. RFC 7296 sections 1.3, 1.3.1, 2.25.
 *
 * Invariants: what the peer only puts off is asked again, for some minutes; what it refuses otherwise is no reason to
 * end what stands, and a rekey is then left to the peer until shortly before the end.
 */
#include "exchange/create.h"

#include "exchange/peer.h"
#include "exchange/respond.h"

/* RFC 7296 section 2.25: it is gone at the peer; a new one takes its place. */
static void
not_found (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeChild *old;

  ike_parent_log (parent, IKE_LOG_NOTICE, "child", "the peer does not have the Child SA any more");
  if (!ike_create_old_stays (task))
    {
      ike_create_abandon (task);
      return;
    }
  if (ike_create_fresh (task))
    ike_child_drop (ike_create_fresh (task));
  ike_life_child_gone (ike_create_old (task), FALSE);
  if (parent->state == IKE_PARENT_CLOSED)
    return;
  old = ike_create_old (task);
  ike_child_drop (old);
  ike_respond_child_lost (parent);
  ike_run_finish (task);
}

/* RFC 7296 section 1.3: a peer that cannot do more than IKE_AUTH gave it; both begin anew when that is at its end. */
static void
no_more (IkeTask *task)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, IKE_REASON_REKEY_FAILED, IKE_NOTIFY_NO_ADDITIONAL_SAS, "NO_ADDITIONAL_SAS");
  if (task->child && task->parent->connection->state == IKE_CONNECTION_UP)
    ike_life_renew (task->parent, IKE_FAREWELL_DELETE, &reason);
  else
    ike_life_end (task->parent, IKE_FAREWELL_DELETE, &reason);
}

gboolean
ike_create_leave_out (IkeTask *task, gboolean made)
{
  IkeParent *parent = task->parent;
  IkeChild *fresh = ike_create_fresh (task);

  if (task->child || !fresh || !ike_connection_covers (parent->connection) || !ike_cover_is_served (parent, fresh))
    return FALSE;
  ike_peer_child_refused (parent, fresh);
  if (made)
    ike_run_queue (parent, &ike_row_delete_child)->child = fresh->number;
  else
    ike_child_drop (fresh);
  ike_cover_tell (parent);
  ike_life_up_by_another (parent);
  ike_run_finish (task);
  return TRUE;
}

/* Does INVALID_KE_PAYLOAD want none at all? */
static gboolean
wants_none (IkeChunk notify_data)
{
  IkeReader reader = ike_reader (notify_data);

  return ike_read_u16 (&reader) == IKE_KE_NONE && ike_reader_done (&reader);
}

/* Whoever has not configured forward secrecy (some gateways, all Windows clients) refuses a request with a key exchange
 * as a whole, and does not look at the proposals without one in it. */
static gboolean
ask_without_ke (IkeTask *task, const char *name)
{
  IkeParent *parent = task->parent;
  g_autoptr (GPtrArray) plain = ike_child_proposals_plain (ike_parent_config (parent));

  if (!task->material.mine || task->row == &ike_row_followup_ke || !plain->len)
    return FALSE;
  ike_parent_log (parent, IKE_LOG_INFO, "child",
                  "the peer refused a Child SA with a key exchange: %s; asking without one", name);
  ike_create_ask_again (task, IKE_KE_NONE);
  return TRUE;
}

/* It does not help to ask again soon. */
static void
refused_for_good (IkeTask *task, guint16 type, const char *name)
{
  IkeParent *parent = task->parent;
  IkeChild *old = ike_create_old (task), *fresh = ike_create_fresh (task);
  g_autofree char *detail = NULL;
  IkeReasonCode code;

  ike_parent_log (parent, IKE_LOG_NOTICE, "child", "the peer refused %s: %s",
                  task->child ? "to rekey a Child SA" : "a Child SA", name);
  /* the next time it may be the key exchange that the peer misses */
  parent->without_ke = FALSE;
  if (!task->child)
    {
      if (fresh && ike_cover_try_next (fresh, type))
        ike_run_finish (task);
      else if (!ike_create_leave_out (task, FALSE))
        {
          code = ike_cover_refusal (parent, type, &detail);
          ike_create_end (task, code, type, detail);
        }
      return;
    }
  if (ike_create_do_without (task, name, FALSE))
    return;
  if (ike_create_old_stays (task))
    ike_life_rekey_refused (old, type);
  ike_create_abandon (task);
}

void
ike_create_refused (IkeTask *task, const IkeNotify *notify)
{
  g_autofree char *name = ike_notify_to_string (notify);
  guint16 group = 0;

  if ((notify->type == IKE_NOTIFY_NO_ADDITIONAL_SAS || notify->type == IKE_NOTIFY_TS_MAX_QUEUE) &&
      ike_create_do_without (task, name, FALSE))
    return;
  switch (notify->type)
    {
    case IKE_NOTIFY_INVALID_KE_PAYLOAD:
      if ((task->material.mine || task->step == IKE_CREATE_WITHOUT_KE) && task->row != &ike_row_followup_ke)
        group = ike_ke_other_group (&task->material, ike_parent_config (task->parent)->child_proposals, notify->data);
      if (group)
        {
          task->parent->without_ke = FALSE;
          ike_create_ask_again (task, group);
        }
      else if (!wants_none (notify->data) || !ask_without_ke (task, name))
        refused_for_good (task, notify->type, name);
      return;
    case IKE_NOTIFY_CHILD_SA_NOT_FOUND:
      not_found (task);
      return;
    case IKE_NOTIFY_NO_ADDITIONAL_SAS:
      if (!ike_create_leave_out (task, FALSE))
        no_more (task);
      return;
    case IKE_NOTIFY_TEMPORARY_FAILURE:
    case IKE_NOTIFY_STATE_NOT_FOUND: /* RFC 9370: it has forgotten what was begun */
      ike_create_put_off (task, IKE_REASON_REKEY_FAILED, notify->type, "the peer puts us off for too long");
      return;
    default:
      if (!ask_without_ke (task, name))
        refused_for_good (task, notify->type, name);
      return;
    }
}
