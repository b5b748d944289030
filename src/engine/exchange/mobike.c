/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MOBIKE: the IKE SA and its Child SAs move to another address. RFC 4555 sections 3.5 to 3.8.
 *
 * Invariant: the initiator's kernel moves its SAs only after the peer has answered from the new path; the responder's
 * stay where the peer says that it is only if it can be reached there.
 */
#include "exchange/addresses.h"
#include "exchange/handlers.h"
#include "exchange/stream.h"
#include "exchange/ticket.h"

#include "wire/payload-notify.h"

#include <string.h>

#define COOKIE2_LEN 32 /* RFC 4555 section 4.2.5: 8 to 64 octets */

/* ---- facts ---- */

/* @ours: of our own update, whoever has begun this IKE SA; it is what says more NAT than there is. */
static void
take_nat (IkeParent *parent, const IkeIncoming *message, gboolean ours)
{
  const IkeConfig *config = ike_parent_config (parent);
  IkeNatd natd = ike_natd_check (&message->payloads, parent->core->crypto, parent->spi_i, parent->spi_r, &message->path,
                                 config->encap);

  if (!natd.supported)
    return;
  parent->nat_here = natd.nat_here;
  parent->nat_there = natd.nat_there;
  parent->encap = !ike_stream_is (&message->path) &&
                  (natd.nat_here || natd.nat_there || (ours && config->encap == IKE_ENCAP_ALWAYS));
  ike_life_keep_alive (parent);
}

static void
move_children (IkeParent *parent)
{
  for (IkeChild *child = parent->children; child; child = child->next)
    ike_child_update (child, parent->encap, ike_life_on_moved);
}

void
ike_mobike_copy_cookie (IkeBuilder *builder, const IkeParent *parent, const IkePayloads *request)
{
  IkeNotify notify;

  if (parent->mobike && ike_notify_find (request, IKE_NOTIFY_COOKIE2, &notify))
    ike_builder_notify (builder, IKE_NOTIFY_COOKIE2, notify.data);
}

gboolean
ike_mobike_mapping_changed (IkeParent *parent, const IkeIncoming *message)
{
  IkeNotify notify;
  gboolean changed;

  if (!ike_notify_find (&message->payloads, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP, &notify) ||
      notify.data.len != IKE_NATD_LEN)
    return FALSE;
  /* what the peer's kernel was told at the beginning may have changed before it was first looked at */
  changed = parent->seen ? memcmp (parent->seen_as, notify.data.data, IKE_NATD_LEN) != 0
                         : parent->nat_here && !ike_stream_is (&parent->path);
  memcpy (parent->seen_as, notify.data.data, IKE_NATD_LEN);
  parent->seen = TRUE;
  return changed;
}

/* Something that is known to who gets @task's request, and to nobody else. */
static gboolean
write_cookie (IkeTask *task, IkeBuilder *builder)
{
  const IkeCrypto *crypto = task->parent->core->crypto;
  guint8 cookie[COOKIE2_LEN];

  if (!crypto->random (crypto, cookie, sizeof cookie))
    return FALSE;
  g_clear_pointer (&task->material.ni, g_bytes_unref);
  task->material.ni = g_bytes_new (cookie, sizeof cookie);
  ike_builder_notify (builder, IKE_NOTIFY_COOKIE2, ike_chunk (cookie, sizeof cookie));
  return TRUE;
}

/* FALSE: it was not, and the IKE SA is gone. */
static gboolean
check_cookie (IkeTask *task)
{
  g_auto (IkeReason) reason = { 0 };
  IkeNotify notify;

  if (ike_notify_find (&task->message->payloads, IKE_NOTIFY_COOKIE2, &notify) &&
      ike_chunk_equal (notify.data, ike_chunk_bytes (task->material.ni)))
    return TRUE;
  /* section 3.7: "the IKE_SA MUST be closed" */
  ike_reason_set (&reason, IKE_REASON_BAD_MESSAGE, 0, "COOKIE2");
  ike_life_end (task->parent, IKE_FAREWELL_DELETE, &reason);
  return FALSE;
}

/* ---- ours ---- */

void
ike_mobike_start (IkeTask *task)
{
  IkeParent *parent = task->parent;
  g_auto (IkeBuilder) builder = { 0 };

  if (parent->state != IKE_PARENT_ESTABLISHED)
    {
      ike_run_finish (task);
      return;
    }
  parent->path = ike_path_for (parent);
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_UPDATE_SA_ADDRESSES, ike_chunk (NULL, 0));
  if (!ike_natd_write (&builder, parent->core->crypto, parent->spi_i, parent->spi_r, &parent->path,
                       ike_parent_config (parent)->encap))
    {
      ike_run_finish (task);
      return;
    }
  ike_natd_forbid (&builder, &parent->path, ike_parent_config (parent)->encap);
  /* section 3.7: an address that is the peer's by its word alone */
  if (ike_addresses_is_untested (parent) && !write_cookie (task, &builder))
    {
      ike_run_finish (task);
      return;
    }
  ike_run_send (task, &builder);
}

/* RFC 4555 section 3.5: the path has changed once more meanwhile; this answer is about one that is not used. */
static gboolean
update_waits (const IkeTask *task)
{
  for (GList *l = task->parent->tasks->head; l; l = l->next)
    if (l->data != task && ((IkeTask *) l->data)->row == &ike_row_update_addresses)
      return TRUE;
  return FALSE;
}

void
ike_mobike_on_response (IkeTask *task)
{
  IkeParent *parent = task->parent;
  g_autofree char *local = NULL;
  IkeOutput *output;
  IkeNotify notify;

  ike_window_measure (&parent->window, &task->request, parent->core->now);
  /* rekeyed meanwhile: it is asked again on the new one, which has the Child SAs */
  if (parent->state != IKE_PARENT_ESTABLISHED)
    {
      ike_run_finish (task);
      return;
    }
  if (ike_notify_find_error (&task->message->payloads, &notify))
    {
      g_auto (IkeReason) reason = { 0 };

      /* section 3.5: "the initiator MAY select another addresses" */
      if (ike_addresses_is_untested (parent) && ike_addresses_try (parent) == IKE_TRY_NEXT)
        {
          ike_run_finish (task);
          return;
        }
      /* sections 3.5, 3.9: this path is not allowed, or has a NAT that is not; a new IKE SA may be */
      ike_reason_set (&reason, IKE_REASON_PEER_ERROR, notify.type, "%s", IKE_NAME (NOTIFY, notify.type));
      ike_life_renew (parent, IKE_FAREWELL_DELETE, &reason);
      return;
    }
  if (task->material.ni && !check_cookie (task))
    return;
  /* and so it was not sent to several addresses, of which it would not be known who has answered (section 3.7) */
  if (update_waits (task))
    {
      ike_run_finish (task);
      return;
    }
  ike_addresses_proven (parent);
  take_nat (parent, task->message, TRUE);
  (void) ike_mobike_mapping_changed (parent, task->message);
  move_children (parent);
  local = ike_endpoint_to_string (&parent->path.local);
  ike_parent_log (parent, IKE_LOG_INFO, "mobike", "the tunnel is at %s%s", local,
                  ike_path_around (&parent->path, parent->encap));
  output = ike_core_output_new (IKE_OUTPUT_MOVED, ike_parent_config (parent)->id);
  output->path = parent->path;
  ike_core_push (parent->core, output);
  ike_run_finish (task);
}

void
ike_mobike_on_give_up (IkeTask *task, IkeReason *reason)
{
  ike_life_end (task->parent, IKE_FAREWELL_NONE, reason);
}

/* ---- the peer's ---- */

/* TRUE: it has another address now. Section 3.5: one that a newer one has overtaken, as our window lets it, moves nothing. */
static gboolean
obey (IkeParent *parent, const IkeIncoming *message)
{
  gboolean elsewhere = !ike_address_equal (&parent->path.remote.address, &message->path.remote.address);
  gboolean to_stream = ike_stream_is (&message->path) && !ike_stream_is (&parent->path);

  if (message->header.message_id < parent->updated)
    return FALSE;
  parent->updated = message->header.message_id + 1;
  take_nat (parent, message, FALSE);
  parent->path = message->path;
  parent->strayed = elsewhere || parent->strayed;
  move_children (parent);
  /* RFC 9329 section 6.2: what was sent by UDP is not repeated there any more, and by TCP it has not been sent yet */
  if (to_stream)
    ike_run_again (parent);
  return elsewhere;
}

void
ike_mobike_on_request (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkeIncoming *message = task->message;
  gboolean elsewhere = obey (parent, message);
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  if (!ike_natd_write (&builder, parent->core->crypto, parent->spi_i, parent->spi_r, &message->path,
                       ike_natd_honest (ike_parent_config (parent)->encap)))
    ike_parent_log (parent, IKE_LOG_ERROR, "crypto", "SHA-1 failed");
  ike_mobike_copy_cookie (&builder, parent, &message->payloads);
  ike_ticket_answer (&builder, parent, &message->payloads);
  ike_run_answer (task, &builder);
  /* section 3.7: is it really there, or does it send its traffic to somebody else? RFC 9329 section 7.1: with TCP it is */
  if (elsewhere && !ike_stream_is (&parent->path) && parent->state == IKE_PARENT_ESTABLISHED &&
      !ike_run_has (parent, &ike_row_routability, 0))
    {
      ike_run_queue (parent, &ike_row_routability);
      ike_run_next (parent);
    }
}

/* ---- return routability: RFC 4555 section 3.7 ---- */

void
ike_routability_start (IkeTask *task)
{
  IkeParent *parent = task->parent;
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  /* section 3.8 allows NAT detection here; Libreswan (4.10, 5.2) repeats the cookie beside it only */
  if (parent->state != IKE_PARENT_ESTABLISHED || !write_cookie (task, &builder) ||
      !ike_natd_write (&builder, parent->core->crypto, parent->spi_i, parent->spi_r, &parent->path,
                       ike_natd_honest (ike_parent_config (parent)->encap)))
    {
      ike_run_finish (task);
      return;
    }
  task->path = parent->path;
  ike_run_send (task, &builder);
}

void
ike_routability_on_response (IkeTask *task)
{
  if (!check_cookie (task))
    return;
  /* section 3.7: an answer to a question that was first sent elsewhere proves nothing of where the peer is now */
  if (ike_address_equal (&task->path.remote.address, &task->parent->path.remote.address))
    ike_run_finish (task);
  else
    ike_routability_start (task);
}

void
ike_routability_on_give_up (IkeTask *task, IkeReason *reason)
{
  ike_life_end (task->parent, IKE_FAREWELL_NONE, reason);
}
