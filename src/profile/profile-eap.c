/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EAP: which methods are allowed, what is told to whom, and whom a login server must be.
 *
 * Invariant: what a profile does not say never sends the stored password as it is, but inside of a tunnel to a server
 * whose certificate was verified.
 */
#include "config.h"

#include "profile/profile-eap.h"

#include "profile/profile-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define BIT(method) (1u << IKE_EAP_##method)
#define WITH_TLS (BIT (TLS) | BIT (TTLS) | BIT (PEAP))

/* Where nothing is said: nothing that shows the password, or that lets it be guessed; a one-time code is worth nothing to
 * whoever sees it later. */
static guint
methods_auto (const IpsecProfile *profile)
{
  return BIT (TTLS) | BIT (PEAP) | BIT (MSCHAPV2) | (profile->auth.otp ? BIT (GTC) : 0) |
         (profile->auth.certificate != NULL ? BIT (TLS) : 0);
}

static guint
methods_of (const IpsecProfile *profile)
{
  static const struct {
    const char *word;
    guint bit;
  } methods[] = { { "mschapv2", BIT (MSCHAPV2) }, { "tls", BIT (TLS) }, { "ttls", BIT (TTLS) },
                  { "peap", BIT (PEAP) },         { "gtc", BIT (GTC) }, { "md5", BIT (MD5) } };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (profile_get_is (profile, "eap", methods[i].word))
      return methods[i].bit;
  return methods_auto (profile);
}

static gboolean
fill_inside (IpsecProfile *profile, GError **error)
{
  IpsecAuthentication *auth = &profile->auth;

  auth->eap_inner = BIT (MSCHAPV2) | BIT (MD5) | (auth->otp ? BIT (GTC) : 0);
  auth->eap_ttls = IPSEC_TTLS_EAP;
  if (profile_get_is (profile, "eap-phase2", "gtc"))
    auth->eap_inner = BIT (GTC);
  else if (profile_get_is (profile, "eap-phase2", "md5"))
    auth->eap_inner = BIT (MD5);
  else if (profile_get_is (profile, "eap-phase2", "mschapv2"))
    {
      auth->eap_inner = BIT (MSCHAPV2);
      auth->eap_ttls = IPSEC_TTLS_MSCHAPV2;
    }
  else if (profile_get_is (profile, "eap-phase2", "pap"))
    {
      auth->eap_ttls = IPSEC_TTLS_PAP;
      auth->eap_methods &= ~BIT (PEAP);
      if (auth->eap_methods == 0)
        return ipsec_fail (error, IPSEC_PROFILE_ERROR_CONFLICT, _ ("eap-phase2: pap is possible only with eap=ttls"));
    }
  return TRUE;
}

/* Who may vouch for the login server, and which name it must have. */
static gboolean
fill_server (IpsecProfile *profile, GError **error)
{
  IpsecAuthentication *auth = &profile->auth;
  const char *ca = profile_get (profile, "eap-ca");
  gboolean own = ca != NULL && strcmp (ca, "system") != 0;

  auth->eap_ca = g_strdup (ca != NULL ? ca : auth->ca);
  auth->eap_server_name = g_strdup (profile_get (profile, "eap-server-name"));
  auth->eap_server_any = auth->eap_server_name == NULL && own;
  if (auth->eap_server_name != NULL || own)
    return TRUE;
  if (auth->remote_id != NULL && auth->remote_id->kind == IPSEC_IDENTITY_FROM_CERT &&
      (auth->eap_methods & ~WITH_TLS) == 0)
    return ipsec_fail (
        error, IPSEC_PROFILE_ERROR_MISSING_KEY,
        _ ("eap-server-name: the key is missing; without it, and with remote-id=%%fromcert, every server "
           "with a certificate of the authorities could ask for the password"));
  /* eap=auto: then rather not */
  if (auth->remote_id != NULL && auth->remote_id->kind == IPSEC_IDENTITY_FROM_CERT)
    auth->eap_methods &= ~(BIT (TTLS) | BIT (PEAP));
  return TRUE;
}

static void
warn (IpsecProfile *profile)
{
  const IpsecAuthentication *auth = &profile->auth;

  if (auth->eap_methods == BIT (MD5))
    profile_warn (profile,
                  _ ("eap: with md5 the gateway can try passwords at its leisure, and no key comes of it; use it "
                     "only where there is nothing better"));
  if (auth->eap_server_any && auth->eap_methods & WITH_TLS)
    profile_warn (profile,
                  _ ("eap-server-name: without it, every server with a certificate of the authority in eap-ca is "
                     "taken for the login server"));
}

gboolean
profile_fill_eap (IpsecProfile *profile, GError **error)
{
  IpsecAuthentication *auth = &profile->auth;
  gboolean password = profile_secret_announced (profile, "password");

  if (!ipsec_profile_uses_eap (profile))
    return TRUE;
  auth->eap_identity = g_strdup (profile_get (profile, "eap-identity"));
  auth->otp = profile_secret_announced (profile, "otp") ||
              (!password && (profile_get_is (profile, "eap", "gtc") || profile_get_is (profile, "eap-phase2", "gtc")));
  auth->eap_methods = methods_of (profile);
  /* RFC 5998 section 4: by a method that a false server cannot pass */
  if (auth->remote == IPSEC_AUTH_EAP_ONLY)
    auth->eap_methods &= WITH_TLS;
  if (auth->eap_methods == 0)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_CONFLICT,
                       _ ("remote-auth: eap-only needs eap=tls, ttls or peap, by which the gateway is proven as well"));
  if (auth->eap_methods == BIT (TLS) && auth->certificate == NULL)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_MISSING_KEY,
                       _ ("certificate: the key is missing; eap=tls needs our certificate"));
  if (!fill_inside (profile, error) || !fill_server (profile, error))
    return FALSE;
  warn (profile);
  return TRUE;
}

gboolean
profile_eap_uses_tls (const IpsecProfile *profile)
{
  return ipsec_profile_uses_eap (profile) && (profile->auth.eap_methods & WITH_TLS) != 0;
}
