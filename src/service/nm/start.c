/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. */
#include "nm/start.h"

#include "nm/system-policy.h"

#include "nm/meshconfig.h"
#include "nm/serveconfig.h"
#include "nm/session.h"

#include <string.h>

static WayTransport
way_transport (IpsecTcp tcp)
{
  switch (tcp)
    {
    case IPSEC_TCP_NO:
      return WAY_UDP;
    case IPSEC_TCP_YES:
      return WAY_TCP;
    case IPSEC_TCP_FALLBACK:
      return WAY_TCP_FALLBACK;
    }
  g_assert_not_reached ();
}

/* Of two that may both begin, one takes from the front: who comes first in the order of names. A client begins alone. */
static gboolean
takes_from_back (const IpsecProfile *profile)
{
  const IpsecAuthentication *auth = &profile->auth;
  g_autofree char *own = auth->local_id ? ipsec_identity_to_string (auth->local_id) : NULL;
  g_autofree char *other = auth->remote_id ? ipsec_identity_to_string (auth->remote_id) : NULL;

  return profile->role == IPSEC_ROLE_PEER && own && other && strcmp (own, other) > 0;
}

DriverStart *
start_new (IkeconfigInput *input, const Setup *setup, Netwatch *netwatch, GError **error)
{
  const IpsecProfile *profile = input->profile;
  DriverStart *start = g_new0 (DriverStart, 1);

  start->credentials = setup_credentials (setup);
  input->credentials = start->credentials;
  input->policy = profile->protection.system_policy ? system_policy_get () : NULL;
  start->config = ikeconfig_new (input, error);
  if (!start->config)
    {
      helper_credentials_free (start->credentials);
      g_free (start);
      return NULL;
    }
  if (profile->role == IPSEC_ROLE_MESH)
    start->config->mesh = meshconfig_new (profile, netwatch);
  start->local = (IkeEndpoint){ ikeconfig_address (&profile->outer.local_address), profile->outer.local_port };
  start->require_id_on_certificate = profile->auth.require_id;
  start->pinned = profile->auth.remote_certificate != NULL;
  start->revocation = profile->auth.revocation == IPSEC_REVOCATION_STRICT ? REVOCATION_STRICT
                      : profile->auth.revocation == IPSEC_REVOCATION_OFF  ? REVOCATION_OFF
                                                                          : REVOCATION_SOFT;
  start->transport = way_transport (profile->outer.tcp);
  start->tcp_port = profile->outer.tcp_port;
  start->eap_cas = setup_eap_cas (setup);
  start->eap_server = ikeconfig_eap_server (profile, start->config);
  if (profile->auth.ppk_file)
    start->pad = (Pad){ g_strdup (profile->auth.ppk_id), takes_from_back (profile) };
  start->netwatch = netwatch;
  start->tunnel = setup_ifindex (setup);
  start->leases = setup_leases (setup) ? g_bytes_ref (setup_leases (setup)) : NULL;
  start->any_port = profile->role == IPSEC_ROLE_PEER;
  if (profile->role == IPSEC_ROLE_SERVER)
    {
      start->pools = ikeconfig_selectors (profile->server.pools);
      start->authorize = profile->server.pam_service != NULL;
      start->redirect_to = g_strdup (profile->server.redirect_to);
    }
  return start;
}

gboolean
session_needs_secrets (GVariant *settings)
{
  g_autoptr (IpsecSetting) setting = activation_setting (settings);

  return setting && secrets_needed (setting);
}
