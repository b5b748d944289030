/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. */
#include "nm/serveconfig.h"

#include "nm/ikeconfig.h"

#include <string.h>

/* ESP in UDP over IPv6 with any cipher of ours adds less: a client's own path is not known to us. */
#define OVERHEAD 100

IkeServe *
serveconfig_serve (const IpsecServer *server)
{
  IkeServe *serve = ike_serve_new ();

  for (guint i = 0; i < server->pools->len; i++)
    if (((const IpsecSelector *) server->pools->pdata[i])->first.family == 4)
      serve->pool4 = TRUE;
    else
      serve->pool6 = TRUE;
  for (guint i = 0; i < server->dns->len; i++)
    {
      IkeAddress address = ikeconfig_address (&g_array_index (server->dns, IpsecAddress, i));

      g_array_append_val (serve->dns, address);
    }
  for (guint i = 0; server->domains[i]; i++)
    if (*server->domains[i])
      g_ptr_array_add (serve->domains, g_strdup (server->domains[i]));
  serve->banner = g_strdup (server->banner);
  serve->authorize = server->pam_service != NULL;
  switch (server->unique)
    {
    case IPSEC_UNIQUE_REPLACE:
      serve->unique = IKE_UNIQUE_REPLACE;
      break;
    case IPSEC_UNIQUE_KEEP:
      serve->unique = IKE_UNIQUE_KEEP;
      break;
    case IPSEC_UNIQUE_NO:
      serve->unique = IKE_UNIQUE_NO;
      break;
    }
  return serve;
}

static IkeConfigured *
configured_of (const IpsecServer *server)
{
  IkeConfigured *configured = ike_configured_new ();
  g_autoptr (GArray) pools = ikeconfig_selectors (server->pools);
  g_autoptr (Pool) pool = pool_new (pools);
  IkeFamily seen = IKE_FAMILY_NONE;

  configured->overhead = OVERHEAD;
  g_array_append_vals (configured->remote_ts, pools->data, pools->len);
  for (guint i = 0; i < pools->len; i++)
    {
      const IpsecSelector *net = server->pools->pdata[i];
      IkeFamily family = (IkeFamily) net->first.family;
      /* of a range that is no network only this address is ours: what is beside it is not the tunnel's */
      int prefix = ipsec_selector_prefix (net);
      IkePrefix own = { pool_own (pool, family), (guint8) (prefix < 0 ? 8 * ike_family_len (family) : (guint) prefix) };

      if (family == seen)
        continue;
      if (seen == IKE_FAMILY_NONE)
        configured->path.remote.address = own.address;
      seen = family;
      g_array_append_val (configured->addresses, own);
    }
  return configured;
}

gboolean
serveconfig_ipconfig (const IpsecProfile *profile, const char *tundev, Ipconfig *ret)
{
  const IpconfigOptions options = { .tundev = tundev, .mtu = profile->tunnel.mtu };
  g_autoptr (IkeConfigured) configured = configured_of (&profile->server);

  return *tundev && ipconfig_build (configured, &options, ret);
}
