/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a driver is started with is its own from then on. */
#include "io/driver.h"

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
  g_free (start->pad.name);
  ike_identity_free (start->eap_server);
  g_free (start);
}
