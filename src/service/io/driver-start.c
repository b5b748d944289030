/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a driver is started with is its own from then on; and why it may not get as far as that. */
#include "io/driver.h"

#include <gio/gio.h>

void
driver_start_free (DriverStart *start)
{
  if (!start)
    return;
  g_clear_pointer (&start->config, ike_config_free);
  g_clear_pointer (&start->credentials, helper_credentials_free);
  g_clear_pointer (&start->pools, g_array_unref);
  g_clear_pointer (&start->leases, g_bytes_unref);
  g_clear_pointer (&start->eap_cas, g_ptr_array_unref);
  g_free (start->redirect_to);
  g_free (start->pad.name);
  ike_identity_free (start->eap_server);
  g_clear_pointer (&start->kept, g_hash_table_unref);
  g_free (start);
}

void
driver_start_failed (const DriverStart *start, const GError *error, gboolean tcp, IkeReason *ret_reason)
{
  const IkeAddress *local = &start->local.address;
  g_autofree char *remote = ike_endpoint_to_string (&start->remote);
  IkeReasonCode code = IKE_REASON_UNREACHABLE;

  /* What the kernel has against a socket to somebody may be gone with the next network or the next address. */
  if (tcp)
    code = IKE_REASON_TCP_CLOSED;
  else if (start->remote.address.family == IKE_FAMILY_NONE ||
           g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE))
    code = IKE_REASON_HELPER;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE))
    code = IKE_REASON_NO_ROUTE;
  if (tcp && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    code = IKE_REASON_NO_ESP_IN_TCP;
  if (local->family != IKE_FAMILY_NONE && start->netwatch && !netwatch_link_of (start->netwatch, local))
    code = IKE_REASON_NO_LOCAL_ADDRESS;
  if (code == IKE_REASON_TCP_CLOSED)
    ike_reason_set (ret_reason, code, 0, "%s, TCP port %u: %s", remote, start->tcp_port,
                    error ? error->message : "closed");
  else if (code == IKE_REASON_UNREACHABLE)
    ike_reason_set (ret_reason, code, 0, "%s: %s", remote, error->message);
  else
    ike_reason_set (ret_reason, code, 0, "%s", error ? error->message : remote);
}
