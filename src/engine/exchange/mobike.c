/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MOBIKE: the IKE SA and its Child SAs move to another address. RFC 4555 sections 3.5 to 3.8.
 *
 * Invariant: the kernel's SAs move only after the peer has answered from the new path.
 */
#include "exchange/handlers.h"

#include "wire/payload-notify.h"

void
ike_mobike_start (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeConnection *connection = parent->connection;
  g_auto (IkeBuilder) builder = { 0 };

  if (parent->state != IKE_PARENT_ESTABLISHED)
    {
      ike_run_finish (task);
      return;
    }
  task->old_path = parent->path;
  parent->path = parent->path.transport == IKE_TRANSPORT_UDP ? connection->path : connection->natt_path;
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_UPDATE_SA_ADDRESSES, ike_chunk (NULL, 0));
  if (!ike_natd_write (&builder, parent->core->crypto, parent->spi_i, parent->spi_r, &parent->path,
                       ike_parent_config (parent)->force_encap))
    {
      ike_run_finish (task);
      return;
    }
  ike_run_send (task, &builder);
}

static void
take_nat (IkeParent *parent, const IkeIncoming *message)
{
  IkeNatd natd =
      ike_natd_check (&message->payloads, parent->core->crypto, parent->spi_i, parent->spi_r, &message->path);

  if (!natd.supported)
    return;
  parent->nat_here = natd.nat_here;
  parent->nat_there = natd.nat_there;
  parent->encap = natd.nat_here || natd.nat_there || (parent->initiator && ike_parent_config (parent)->force_encap);
}

static void
move_children (IkeParent *parent, const IkePath *old)
{
  for (IkeChild *child = parent->children; child; child = child->next)
    {
      child->encap = parent->encap;
      if (child->parts)
        ike_child_update (child, old, NULL);
    }
}

void
ike_mobike_on_response (IkeTask *task)
{
  IkeParent *parent = task->parent;
  g_autofree char *remote = NULL;
  IkeNotify notify;

  if (ike_notify_find_error (&task->message->payloads, &notify))
    {
      g_auto (IkeReason) reason = { 0 };

      ike_reason_set (&reason, IKE_REASON_PEER_ERROR, notify.type, "%s", IKE_NAME (NOTIFY, notify.type));
      ike_life_end (parent, IKE_FAREWELL_DELETE, &reason);
      return;
    }
  take_nat (parent, task->message);
  move_children (parent, &task->old_path);
  remote = ike_endpoint_to_string (&parent->path.local);
  ike_parent_log (parent, IKE_LOG_INFO, "mobike", "the tunnel has moved to %s", remote);
  ike_run_finish (task);
}

void
ike_mobike_on_give_up (IkeTask *task, IkeReason *reason)
{
  ike_life_end (task->parent, IKE_FAREWELL_NONE, reason);
}

void
ike_mobike_on_request (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeIncoming *message = task->message;
  IkePath old = parent->path;
  g_auto (IkeBuilder) builder = { 0 };
  IkeNotify notify;

  take_nat (parent, message);
  parent->path = message->path;
  move_children (parent, &old);
  ike_builder_init_inner (&builder);
  if (!ike_natd_write (&builder, parent->core->crypto, parent->spi_i, parent->spi_r, &parent->path, FALSE))
    ike_parent_log (parent, IKE_LOG_ERROR, "crypto", "SHA-1 failed");
  if (ike_notify_find (&message->payloads, IKE_NOTIFY_COOKIE2, &notify))
    ike_builder_notify (&builder, IKE_NOTIFY_COOKIE2, notify.data);
  ike_run_answer (task, &builder);
}
