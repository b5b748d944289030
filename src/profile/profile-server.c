/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a server's profile says of its clients: addresses, names, who they are; and what must hold for a server. */
#include "config.h"

#include "profile/profile-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define CONFLICT IPSEC_PROFILE_ERROR_CONFLICT
#define MISSING IPSEC_PROFILE_ERROR_MISSING_KEY

static gboolean
add_pool (IpsecProfile *profile, const char *key, guint8 family, GError **error)
{
  g_autoptr (GPtrArray) nets = NULL;

  if (!profile_is_set (profile, key))
    return TRUE;
  nets = ipsec_selectors_parse (profile_get (profile, key), TRUE, NULL);
  g_assert (nets != NULL);
  for (guint i = 0; i < nets->len; i++)
    {
      IpsecSelector *net = nets->pdata[i];

      if (net->first.family != family)
        return ipsec_fail (error, CONFLICT, _ ("%s: there are only IPv%d networks here"), key, family);
      g_ptr_array_add (profile->server.pools, g_memdup2 (net, sizeof *net));
    }
  return TRUE;
}

static gboolean
fill_pools (IpsecProfile *profile, GError **error)
{
  profile->server.pools = g_ptr_array_new_with_free_func (g_free);
  if (!add_pool (profile, "pool", 4, error) || !add_pool (profile, "pool6", 6, error))
    return FALSE;
  if (profile->server.pools->len == 0)
    return ipsec_fail (error, MISSING, _ ("pool: the key is missing; a server needs addresses for its clients"));
  return TRUE;
}

static void
fill_pushed (IpsecProfile *profile)
{
  IpsecServer *server = &profile->server;
  const char *dns = profile_get (profile, "push-dns"), *domains = profile_get (profile, "push-domains");
  g_auto (GStrv) list = g_strsplit (dns ? dns : "", ",", -1);

  server->dns = g_array_new (FALSE, FALSE, sizeof (IpsecAddress));
  for (guint i = 0; list[i] != NULL; i++)
    {
      IpsecAddress address;

      if (ipsec_address_parse (list[i], &address))
        g_array_append_val (server->dns, address);
    }
  server->domains = g_strsplit (domains ? domains : "", ",", -1);
  server->banner = g_strdup (profile_get (profile, "push-banner"));
}

/* RFC 8598 section 3.2: a client hears of domains only together with a server that it can ask. */
static void
warn_of_domains (IpsecProfile *profile)
{
  const IpsecServer *server = &profile->server;

  for (guint i = 0; i < server->dns->len; i++)
    for (guint k = 0; k < server->pools->len; k++)
      if (((const IpsecSelector *) server->pools->pdata[k])->first.family ==
          g_array_index (server->dns, IpsecAddress, i).family)
        return;
  if (server->domains[0])
    profile_warn (profile, _ ("push-domains: clients are told none without a name server in push-dns that they can "
                              "reach from an address of the pools"));
}

/* Everything behind us, in the families of the pools; each client is at its own address. */
static void
fill_selectors (IpsecProfile *profile)
{
  static const char *const all[] = { "0.0.0.0/0", "::/0" };
  gboolean seen[2] = { FALSE };

  g_ptr_array_set_size (profile->tunnel.remote_ts, 0);
  if (profile->tunnel.local_ts->len > 0)
    return;
  for (guint i = 0; i < profile->server.pools->len; i++)
    {
      gboolean six = ((const IpsecSelector *) profile->server.pools->pdata[i])->first.family == 6;
      IpsecSelector *selector;

      if (seen[six])
        continue;
      seen[six] = TRUE;
      selector = g_new0 (IpsecSelector, 1);
      g_assert_true (ipsec_selector_parse (all[six], TRUE, selector, NULL));
      g_ptr_array_add (profile->tunnel.local_ts, selector);
    }
}

static gboolean
check_auth (const IpsecProfile *profile, GError **error)
{
  const IpsecAuthentication *auth = &profile->auth;

  if (auth->local == IPSEC_AUTH_EAP)
    return ipsec_fail (error, CONFLICT,
                       _ ("auth: a server is known by a certificate, a raw key, a pre-shared key or not at all"));
  /* RFC 7296 section 2.16: whoever asks for passwords must be known by a signature first */
  if ((auth->remote == IPSEC_AUTH_EAP || auth->then_eap) && auth->local != IPSEC_AUTH_CERT &&
      auth->local != IPSEC_AUTH_RAW)
    return ipsec_fail (
        error, CONFLICT,
        _ ("users: clients must not tell passwords to a server that they cannot know; give certificate"));
  if (auth->then_eap && !profile_is_set (profile, "users"))
    return ipsec_fail (error, MISSING, _ ("users: the key is missing; auth2=eap asks clients for their passwords"));
  if (profile->tunnel.interface == IPSEC_INTERFACE_NONE)
    return ipsec_fail (error, CONFLICT, _ ("interface: a server needs one"));
  if (profile_get_is (profile, "start", "ondemand"))
    return ipsec_fail (error, CONFLICT, _ ("start: a server listens"));
  return TRUE;
}

gboolean
profile_fill_server (IpsecProfile *profile, GError **error)
{
  IpsecServer *server = &profile->server;

  if (profile->role == IPSEC_ROLE_CLIENT && profile_get_is (profile, "start", "listen"))
    return ipsec_fail (error, CONFLICT, _ ("start: a client does not listen; %s needs role=peer"),
                       profile_get (profile, "start"));
  if (profile->role != IPSEC_ROLE_SERVER)
    return TRUE;
  if (!fill_pools (profile, error) || !check_auth (profile, error))
    return FALSE;
  fill_pushed (profile);
  warn_of_domains (profile);
  fill_selectors (profile);
  server->users = g_strdup (profile_get (profile, "users"));
  server->pam_service = g_strdup (profile_get (profile, "pam-service"));
  server->redirect_to = g_strdup (profile_get (profile, "redirect-to"));
  server->unique =
      (IpsecUnique) ipsec_key_word_index (ipsec_key_find ("unique", FALSE), profile_get (profile, "unique"));
  if (profile->auth.remote == IPSEC_AUTH_NULL)
    profile_warn (profile, _ ("remote-auth: with null everybody comes in"));
  return TRUE;
}

void
profile_clear_server (IpsecServer *server)
{
  g_clear_pointer (&server->pools, g_ptr_array_unref);
  g_clear_pointer (&server->dns, g_array_unref);
  g_strfreev (server->domains);
  g_free (server->banner);
  g_free (server->users);
  g_free (server->pam_service);
  g_free (server->redirect_to);
}
