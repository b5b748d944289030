/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INFORMATIONAL requests of the peer: its liveness check, and what it reports. RFC 7296 sections 1.4, 2.4, 2.21.3;
 * RFC 4555 sections 3.6 to 3.9.
 */
#include "exchange/addresses.h"
#include "exchange/handlers.h"
#include "exchange/reauth.h"
#include "exchange/redirect.h"
#include "exchange/ticket.h"

#include "wire/payload-notify.h"

/* Notifications that we do not know are logged and else ignored (RFC 7296 section 3.10.1). */
static void
note (const IkeTask *task)
{
  const IkePayloads *payloads = &task->message->payloads;
  guint index = 0;
  IkeNotify notify;

  while (ike_notify_next (payloads, 0, &index, &notify))
    {
      g_autofree char *what = ike_notify_to_string (&notify);

      if (ike_notify_is_error (&notify))
        ike_parent_log_seldom (task->parent, "notify", "the peer notifies: %s", what);
      else
        ike_parent_log (task->parent, IKE_LOG_DEBUG, "notify", "the peer notifies: %s", what);
    }
}

/* RFC 7296 section 2.21.2: the initiator found fault with our IKE_AUTH after we thought all was well. These end the IKE SA
 * without a Delete payload. */
static gboolean
find_fault (const IkePayloads *payloads, IkeReason *ret_reason)
{
  static const IkeNotifyType types[] = { IKE_NOTIFY_AUTHENTICATION_FAILED, IKE_NOTIFY_INVALID_SYNTAX,
                                         IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD };
  IkeNotify notify;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (ike_notify_find (payloads, types[i], &notify))
      {
        ike_reason_set (ret_reason, i == 0 ? IKE_REASON_PEER_REFUSED_US : IKE_REASON_PEER_SYNTAX, types[i], "%s",
                        IKE_NAME (NOTIFY, types[i]));
        return TRUE;
      }
  return FALSE;
}

void
ike_info_on_request (IkeTask *task)
{
  IkeParent *parent = task->parent;
  const IkePayloads *payloads = &task->message->payloads;
  g_auto (IkeBuilder) builder = { 0 };
  g_auto (IkeReason) reason = { 0 };
  gboolean failed;
  IkeNotify notify;

  note (task);
  ike_reauth_note (parent, payloads);
  if (ike_payloads_find (payloads, IKE_PAYLOAD_DELETE))
    {
      ike_delete_on_request (task);
      return;
    }
  if (parent->mobike && ike_natd_is_unexpected (payloads, &task->message->path))
    {
      ike_builder_init_inner (&builder);
      ike_builder_notify (&builder, IKE_NOTIFY_UNEXPECTED_NAT_DETECTED, ike_chunk (NULL, 0));
      ike_mobike_copy_cookie (&builder, parent, payloads);
      ike_run_answer (task, &builder);
      return;
    }
  ike_addresses_on_request (parent, task->message);
  if (parent->mobike && ike_notify_find (payloads, IKE_NOTIFY_UPDATE_SA_ADDRESSES, &notify))
    {
      ike_mobike_on_request (task);
      return;
    }
  failed = find_fault (payloads, &reason);
  if (!failed)
    ike_redirect_in_session (parent, payloads);
  ike_builder_init_inner (&builder);
  /* RFC 4555 section 3.7: return routability */
  ike_mobike_copy_cookie (&builder, parent, payloads);
  /* RFC 4555 section 3.8: whoever asks as whom we see him is told */
  if (parent->mobike && ike_notify_find (payloads, IKE_NOTIFY_NAT_DETECTION_SOURCE_IP, &notify) &&
      !ike_natd_write (&builder, parent->core->crypto, parent->spi_i, parent->spi_r, &task->message->path,
                       ike_natd_honest (ike_parent_config (parent)->encap)))
    ike_parent_log (parent, IKE_LOG_ERROR, "crypto", "SHA-1 failed");
  ike_ticket_answer (&builder, parent, payloads);
  ike_run_answer (task, &builder);
  if (failed)
    ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
}
