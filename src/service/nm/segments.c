/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host says it takes (RFC 9293 section 3.7.1) is the MTU less the IP and TCP headers. */
#include "nm/segments.h"

#include "helper-clamp.h"
#include "nm/ipconfig.h"

#define HEADERS4 40 /* RFC 6691 section 2 */
#define HEADERS6 60 /* RFC 8200 section 8.3 */

static void
on_limited (GError *error, gpointer data)
{
  g_autofree char *uuid = data;
  const LogFields fields = { .uuid = uuid };

  if (error)
    log_printf (IKE_LOG_WARNING, &fields,
                "TCP is not kept from too large segments (mss-clamp), so that connections of other hosts may hang: %s",
                error->message);
}

void
segments_limit (HelperClient *helper, const Activation *activation, guint mtu)
{
  const IpsecTunnel *tunnel = &activation->profile->tunnel;
  guint mss4 = tunnel->mss_clamp, mss6 = tunnel->mss_clamp;

  if (tunnel->mss_clamp == IPSEC_MSS_NO)
    return;
  if (tunnel->mss_clamp == 0)
    {
      mss4 = mtu - HEADERS4;
      mss6 = MAX (mtu, IPCONFIG_MIN_MTU6) - HEADERS6;
    }
  helper_client_clamp (helper, mss4, mss6, on_limited, g_strdup (activation->uuid));
}
