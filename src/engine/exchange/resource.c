/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing: all of it is in the Child SAs. */
#include "exchange/resource.h"

#include "exchange/child-common.h"
#include "exchange/peer.h"
#include "sa/select.h"
#include "wire/payload-notify.h"

static gboolean
has_info (const IkePayloads *payloads)
{
  IkeNotify notify;

  return ike_notify_find (payloads, IKE_NOTIFY_SA_RESOURCE_INFO, &notify);
}

/* The one for all processors, in the same IKE SA; @child itself, if it is that. NULL: it is gone. */
static IkeChild *
all_of (IkeChild *child)
{
  if (!child->cpu)
    return child;
  for (IkeChild *other = child->parent->children; other; other = other->next)
    if (!other->cpu && other->slot == child->slot && ike_child_is_alive (other))
      return other;
  return NULL;
}

/* 0: each has one. */
static guint16
free_cpu (const IkeChild *all)
{
  g_autofree gboolean *taken = g_new0 (gboolean, all->cpus + 1u);

  for (const IkeChild *child = all->parent->children; child; child = child->next)
    if (child->slot == all->slot && child->cpu && child->cpu <= all->cpus && ike_child_is_alive (child))
      taken[child->cpu] = TRUE;
  for (guint cpu = 1; cpu <= all->cpus; cpu++)
    if (!taken[cpu])
      return (guint16) cpu;
  return 0;
}

/* RFC 9611 section 4: "identical Child SA properties". */
static gboolean
is_alike (const IkeChild *child, const IkeChild *all)
{
  return child->encr == all->encr && child->encr_bits == all->encr_bits && child->integ == all->integ &&
         child->esn == all->esn && child->transport_mode == all->transport_mode && child->aggfrag == all->aggfrag &&
         !child->cpi_out == !all->cpi_out && ike_child_same_traffic (child, all);
}

/* ---- as an option ---- */

void
ike_resource_wish (IkeChild *child)
{
  if (!child->cpu && !child->replaces && !child->parent->connection->no_cpus)
    child->cpus = (guint16) MIN (ike_parent_config (child->parent)->child.cpus, G_MAXUINT16);
}

void
ike_resource_write (IkeBuilder *builder, const IkeChild *child)
{
  const guint16 cpu = GUINT16_TO_BE (child->cpu);

  /* section 5.1: what is in it is for those who debug */
  if (child->cpus)
    ike_builder_notify (builder, IKE_NOTIFY_SA_RESOURCE_INFO, ike_chunk (&cpu, child->cpu ? sizeof cpu : 0));
}

gboolean
ike_resource_accept (IkeChild *child, const IkePayloads *answer)
{
  if (child->replaces || !child->cpus)
    return TRUE;
  if (child->cpu)
    return has_info (answer);
  child->cpus_ours = has_info (answer);
  if (child->cpus_ours)
    return TRUE;
  ike_parent_log (child->parent, IKE_LOG_NOTICE, "child",
                  "Child SA #%u is for all processors: the peer gives them none of their own", child->number);
  child->cpus = 0;
  return TRUE;
}

void
ike_resource_choose (IkeChild *child, const IkePayloads *request)
{
  if (!child->replaces && !has_info (request))
    child->cpus = 0;
}

/* ---- ours ---- */

static gboolean
is_making (const IkeChild *all)
{
  for (const IkeChild *child = all->parent->children; child; child = child->next)
    if (child->slot == all->slot && child->cpu && child->initiator && !child->replaces && !child->up &&
        ike_child_is_alive (child))
      return TRUE;
  return FALSE;
}

/* What waits until nothing else is being made. */
static void
let_others (const IkeParent *parent)
{
  if (ike_connection_is_peer (parent->connection))
    ike_connection_set_timer (parent->connection, IKE_CONNECTION_TIMER_COVER, parent->core->now);
}

void
ike_resource_next (IkeChild *child)
{
  IkeParent *parent = child->parent;
  IkeChild *all = all_of (child), *fresh;
  guint16 cpu;

  if (child->cpu && !child->replaces)
    let_others (parent);
  if (!all || !all->cpus_ours || all->cpus_enough || (child->cpu && child->replaces) || is_making (all) ||
      parent->connection->state == IKE_CONNECTION_STOPPING)
    return;
  cpu = free_cpu (all);
  if (!cpu)
    return;
  fresh = ike_child_new (parent, all->slot);
  ike_child_like (fresh, all);
  fresh->cpu = cpu;
  fresh->initiator = TRUE;
  ike_run_queue (parent, &ike_row_create_child)->fresh = fresh->number;
  ike_run_next (parent);
}

void
ike_resource_enough (IkeChild *child, const char *why)
{
  IkeChild *all = all_of (child);

  ike_parent_log (child->parent, IKE_LOG_NOTICE, "child", "no Child SA for processor %u: %s", child->cpu - 1u, why);
  if (all)
    all->cpus_enough = TRUE;
  let_others (child->parent);
}

gboolean
ike_resource_is_due (const IkeChild *child)
{
  return all_of ((IkeChild *) child) != NULL;
}

gboolean
ike_resource_fits (const IkeChild *child)
{
  const IkeChild *all = all_of ((IkeChild *) child);

  return !child->cpu || (all && is_alike (child, all));
}

/* ---- the peer's ---- */

static gboolean
is_for_same (const IkeChild *child, const IkeChild *other)
{
  return child != other && ike_child_is_alive (other) && ike_child_same_traffic (child, other);
}

/* One beside which there may be others; it may be the rekey of one that is about to go. */
static gboolean
is_all (const IkeChild *child)
{
  return child->cpus && !child->cpu &&
         (child->replaces || child->state == IKE_CHILD_READY || child->state == IKE_CHILD_INBOUND);
}

gboolean
ike_resource_may_join (const IkeParent *parent, const IkePayloads *request)
{
  for (const IkeChild *child = parent->children; child; child = child->next)
    if (is_all (child))
      return has_info (request);
  return FALSE;
}

/* Others are still there: it becomes the one for all, with them. */
static void
rejoin (IkeChild *child)
{
  for (const IkeChild *other = child->parent->children; other; other = other->next)
    if (other->cpu && is_for_same (child, other))
      child->slot = other->slot;
}

guint16
ike_resource_join (IkeChild *child, const IkePayloads *request)
{
  const IkeParent *parent = child->parent;
  const IkeChild *all = has_info (request) ? parent->children : NULL;
  guint16 cpu;

  while (all && !(is_all (all) && is_for_same (child, all)))
    all = all->next;
  if (!all && ike_parent_config (parent)->role == IKE_ROLE_INITIATOR)
    return IKE_NOTIFY_NO_ADDITIONAL_SAS;
  if (!all)
    {
      if (child->cpus)
        rejoin (child);
      return 0;
    }
  if (all->state == IKE_CHILD_NEGOTIATING)
    return IKE_NOTIFY_TEMPORARY_FAILURE;
  cpu = free_cpu (all);
  if (!cpu)
    return IKE_NOTIFY_TS_MAX_QUEUE;
  if (!is_alike (child, all))
    return IKE_NOTIFY_NO_PROPOSAL_CHOSEN;
  child->slot = all->slot;
  child->cpus = all->cpus;
  child->cpu = cpu;
  return 0;
}

void
ike_resource_inherit (IkeChild *fresh, const IkeChild *old)
{
  fresh->cpu = old->cpu;
  fresh->cpus = old->cpus;
  fresh->cpus_ours = old->cpus_ours;
}
