/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who we are, who the gateway is, and how each proves it: "auto" resolved, identities defaulted. And which secrets
 * that needs.
 */
#include "config.h"

#include "profile/profile-eap.h"
#include "profile/profile-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define CONFLICT IPSEC_PROFILE_ERROR_CONFLICT
#define MISSING IPSEC_PROFILE_ERROR_MISSING_KEY

/* ---- secrets ---- */

static guint
secret_bit (const char *name)
{
  guint bit = 1;
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      if (!key->secret)
        continue;
      if (strcmp (key->name, name) == 0)
        return bit;
      bit <<= 1;
    }
  return 0;
}

gboolean
ipsec_profile_has_secret (const IpsecProfile *profile, const char *name)
{
  return (profile->secrets & secret_bit (name)) != 0;
}

void
profile_add_secret (IpsecProfile *profile, const char *name)
{
  profile->secrets |= secret_bit (name);
}

/* The "<name>-flags" item as a number; FALSE: there is none. Canonical values are in range. */
static gboolean
lookup_flags (const IpsecProfile *profile, const char *name, NMSettingSecretFlags *ret)
{
  g_autofree char *item = g_strconcat (name, "-flags", NULL);
  const char *value = g_hash_table_lookup (profile->data, item);
  guint64 flags = 0;

  if (value == NULL || !g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT32, &flags, NULL))
    return FALSE;
  *ret = (NMSettingSecretFlags) flags;
  return TRUE;
}

NMSettingSecretFlags
ipsec_profile_secret_flags (const IpsecProfile *profile, const char *name)
{
  NMSettingSecretFlags flags =
      strcmp (name, "otp") == 0 ? NM_SETTING_SECRET_FLAG_NOT_SAVED : NM_SETTING_SECRET_FLAG_NONE;

  lookup_flags (profile, name, &flags);
  return flags;
}

/* Does the profile say that it has this secret: here, with an agent, or in somebody's head? */
gboolean
profile_secret_announced (const IpsecProfile *profile, const char *name)
{
  NMSettingSecretFlags flags = NM_SETTING_SECRET_FLAG_NONE;

  if (ipsec_profile_has_secret (profile, name))
    return TRUE;
  return lookup_flags (profile, name, &flags) && !(flags & NM_SETTING_SECRET_FLAG_NOT_REQUIRED);
}

static gboolean
secret_missing (const IpsecProfile *profile, const char *name)
{
  return !ipsec_profile_has_secret (profile, name) &&
         !(ipsec_profile_secret_flags (profile, name) & NM_SETTING_SECRET_FLAG_NOT_REQUIRED);
}

/* Is there anything that a password would be for? */
static gboolean
wants_password (const IpsecProfile *profile)
{
  guint with_password = profile->auth.eap_methods & ~(1u << IKE_EAP_TLS);

  if (profile->auth.otp && !profile_secret_announced (profile, "password"))
    return FALSE;
  return ipsec_profile_uses_eap (profile) && with_password != 0;
}

gboolean
ipsec_profile_uses_eap (const IpsecProfile *profile)
{
  return profile->auth.local == IPSEC_AUTH_EAP || (profile->auth.then_eap && profile->role == IPSEC_ROLE_CLIENT);
}

static gboolean
uses (const IpsecProfile *profile, IpsecAuth auth)
{
  return profile->auth.local == auth || profile->auth.remote == auth;
}

gboolean
profile_shows_certificate (const IpsecProfile *profile)
{
  const IpsecAuthentication *auth = &profile->auth;

  return auth->local == IPSEC_AUTH_CERT ||
         (ipsec_profile_uses_eap (profile) && auth->certificate != NULL && auth->eap_methods & 1u << IKE_EAP_TLS);
}

/* A token nearly always wants its PIN. */
static gboolean
wants_pin (const IpsecProfile *profile)
{
  const IpsecAuthentication *auth = &profile->auth;
  const char *key = auth->local == IPSEC_AUTH_RAW ? auth->local_key->path
                    : auth->private_key != NULL   ? auth->private_key
                                                  : auth->certificate;

  return (profile_shows_certificate (profile) || auth->local == IPSEC_AUTH_RAW) && key != NULL &&
         profile_on_token (key);
}

const char *
ipsec_profile_missing_secret (const IpsecProfile *profile)
{
  NMSettingSecretFlags flags = NM_SETTING_SECRET_FLAG_NONE;

  if (uses (profile, IPSEC_AUTH_PSK) && secret_missing (profile, "psk"))
    return "psk";
  if (wants_password (profile) && secret_missing (profile, "password"))
    return "password";
  if (profile->auth.ppk != IPSEC_PPK_NO && profile->auth.ppk_file == NULL && secret_missing (profile, "ppk"))
    return "ppk";
  /* whether the key is encrypted is not known before its file is read: only ask when the profile says so */
  if ((profile_shows_certificate (profile) || profile->auth.local == IPSEC_AUTH_RAW) &&
      lookup_flags (profile, "key-password", &flags) &&
      (flags & (NM_SETTING_SECRET_FLAG_AGENT_OWNED | NM_SETTING_SECRET_FLAG_NOT_SAVED)) != 0 &&
      secret_missing (profile, "key-password"))
    return "key-password";
  if (wants_pin (profile) && secret_missing (profile, "pin"))
    return "pin";
  return NULL;
}

gboolean
ipsec_profile_check_ready (const IpsecProfile *profile, GError **error)
{
  const char *secret = ipsec_profile_missing_secret (profile);

  if (ipsec_profile_uses_eap (profile) && profile->auth.user == NULL && !profile_get_is (profile, "eap", "tls"))
    return ipsec_fail (error, MISSING,
                       _ ("user: the key is missing, and vpn.user-name is empty; EAP needs a user name"));
  if (secret != NULL)
    return ipsec_fail (error, MISSING, _ ("%s: the secret is missing"), secret);
  return TRUE;
}

/* ---- methods ---- */

/* Two ways to prove who we are: which one is meant? */
static gboolean
fail_ambiguous (const char *one, const char *other, GError **error)
{
  return ipsec_fail (error, CONFLICT, _ ("auth: the profile has credentials for both %s and %s; say which to use"), one,
                     other);
}

/* auth=auto: what the credentials are for. */
static gboolean
derive_auth (IpsecProfile *profile, const char *user_name, GError **error)
{
  gboolean raw = profile_is_set (profile, "local-rsa-key");
  gboolean cert = profile_is_set (profile, "certificate") || profile_is_set (profile, "private-key");
  gboolean eap = profile_secret_announced (profile, "password") || profile_is_set (profile, "eap");
  gboolean tls = profile_get_is (profile, "eap", "tls"); /* the certificate is EAP's */
  gboolean user = profile_is_set (profile, "user");
  gboolean psk = profile_secret_announced (profile, "psk");

  if (profile->auth.then_eap)
    eap = tls = FALSE; /* that comes afterwards */
  if (psk && (cert || raw || eap || user) && profile_get_is (profile, "remote-auth", "psk"))
    psk = FALSE; /* it is the gateway's */
  if (raw && (cert || psk || eap))
    return fail_ambiguous ("rsa", cert ? "cert" : psk ? "psk" : "eap", error);
  if (cert && psk)
    return fail_ambiguous ("cert", "psk", error);
  if (cert && eap && !tls)
    return fail_ambiguous ("cert", "eap", error);
  if (psk && eap)
    return fail_ambiguous ("psk", "eap", error);
  if (raw)
    profile->auth.local = IPSEC_AUTH_RAW;
  else if (cert && !tls)
    profile->auth.local = IPSEC_AUTH_CERT;
  else if (psk)
    profile->auth.local = IPSEC_AUTH_PSK;
  else if (profile->role == IPSEC_ROLE_CLIENT && !profile->auth.then_eap &&
           (eap || user || user_name != NULL || profile_secret_announced (profile, "otp")))
    profile->auth.local = IPSEC_AUTH_EAP;
  else
    return ipsec_fail (error, MISSING,
                       _ ("auth: the profile has no credentials; give certificate, or local-rsa-key, or user, or the "
                          "secret psk"));
  return TRUE;
}

static gboolean
fill_methods (IpsecProfile *profile, const char *user_name, GError **error)
{
  IpsecAuthentication *auth = &profile->auth;
  const char *local = profile_get (profile, "auth"), *remote = profile_get (profile, "remote-auth");

  auth->then_eap = profile_get_is (profile, "auth2", "eap");
  if (strcmp (local, "auto") == 0)
    {
      if (!derive_auth (profile, user_name, error))
        return FALSE;
    }
  else
    auth->local = strcmp (local, "psk") == 0    ? IPSEC_AUTH_PSK
                  : strcmp (local, "cert") == 0 ? IPSEC_AUTH_CERT
                  : strcmp (local, "rsa") == 0  ? IPSEC_AUTH_RAW
                  : strcmp (local, "null") == 0 ? IPSEC_AUTH_NULL
                                                : IPSEC_AUTH_EAP;
  if (strcmp (remote, "auto") == 0)
    auth->remote = profile_is_set (profile, "users") && !auth->then_eap                 ? IPSEC_AUTH_EAP
                   : profile_is_set (profile, "remote-rsa-key")                         ? IPSEC_AUTH_RAW
                   : auth->local == IPSEC_AUTH_PSK                                      ? IPSEC_AUTH_PSK
                   : auth->local == IPSEC_AUTH_NULL && profile->role == IPSEC_ROLE_MESH ? IPSEC_AUTH_NULL
                                                                                        : IPSEC_AUTH_CERT;
  else
    auth->remote = strcmp (remote, "psk") == 0        ? IPSEC_AUTH_PSK
                   : strcmp (remote, "rsa") == 0      ? IPSEC_AUTH_RAW
                   : strcmp (remote, "null") == 0     ? IPSEC_AUTH_NULL
                   : strcmp (remote, "eap-only") == 0 ? IPSEC_AUTH_EAP_ONLY
                                                      : IPSEC_AUTH_CERT;
  if (auth->remote == IPSEC_AUTH_EAP_ONLY && (auth->local != IPSEC_AUTH_EAP || profile->role != IPSEC_ROLE_CLIENT))
    return ipsec_fail (error, CONFLICT, _ ("remote-auth: eap-only is for a client with auth=eap"));
  /* RFC 7619 section 2 */
  if (auth->remote == IPSEC_AUTH_NULL && (auth->local == IPSEC_AUTH_EAP || auth->then_eap))
    return ipsec_fail (error, CONFLICT,
                       _ ("remote-auth: with EAP the gateway must prove who it is before it is told a password"));
  if (auth->then_eap && (auth->local == IPSEC_AUTH_EAP || auth->local == IPSEC_AUTH_NULL))
    return ipsec_fail (error, CONFLICT, _ ("auth2: before EAP, auth must prove the machine: psk, cert or rsa"));
  return TRUE;
}

/* ---- raw keys ---- */

static gboolean
fill_raw_keys (IpsecProfile *profile, GError **error)
{
  IpsecAuthentication *auth = &profile->auth;
  const char *local = profile_get (profile, "local-rsa-key"), *remote = profile_get (profile, "remote-rsa-key");

  if (auth->local == IPSEC_AUTH_RAW)
    {
      if (local != NULL && profile_is_set (profile, "private-key"))
        return ipsec_fail (error, CONFLICT,
                           _ ("private-key: local-rsa-key names our key already; leave one of them out"));
      if (local == NULL)
        local = profile_get (profile, "private-key");
      if (local == NULL)
        return ipsec_fail (error, MISSING, _ ("local-rsa-key: the key is missing; auth=rsa needs our key"));
      auth->local_key = ipsec_raw_key_parse (local, error);
      if (auth->local_key == NULL)
        return FALSE;
    }
  if (auth->remote == IPSEC_AUTH_RAW)
    {
      if (remote == NULL)
        return ipsec_fail (error, MISSING,
                           _ ("remote-rsa-key: the key is missing; without the other end's public key it cannot be "
                              "known"));
      if (profile_on_token (remote))
        return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE,
                           _ ("remote-rsa-key: only our own key can be on a token; give the public key itself"));
      auth->remote_key = ipsec_raw_key_parse (remote, error);
    }
  else if (remote != NULL)
    profile_warn (profile, _ ("remote-rsa-key: it is not used with this way of authentication"));
  return auth->remote != IPSEC_AUTH_RAW || auth->remote_key != NULL;
}

/* ---- identities ---- */

/* A user name as an identity: it may be anything, so it is not parsed. */
static IpsecIdentity *
identity_of_user (const char *user)
{
  const char *at = strchr (user, '@');
  g_autofree char *typed = NULL;
  IpsecIdentity *identity;

  if (at != NULL && at != user && at[1] != '\0')
    typed = g_strdup (user);
  else
    typed = g_strconcat ("@", user, NULL);
  identity = ipsec_identity_parse (typed, NULL);
  if (identity != NULL && (identity->kind == IPSEC_IDENTITY_EMAIL || identity->kind == IPSEC_IDENTITY_FQDN))
    return identity;
  ipsec_identity_free (identity);
  typed = (g_free (typed), g_strconcat ("@[", user, "]", NULL));
  return ipsec_identity_parse (typed, NULL);
}

static gboolean
fill_local_id (IpsecProfile *profile, GError **error)
{
  IpsecAuthentication *auth = &profile->auth;
  const char *id = profile_get (profile, "local-id"), *user = profile_get (profile, "user");

  if (id != NULL)
    {
      auth->local_id = ipsec_identity_parse (id, NULL);
      if (auth->local_id->kind == IPSEC_IDENTITY_FROM_CERT && !profile_shows_certificate (profile))
        return ipsec_fail (error, CONFLICT, _ ("local-id: %%fromcert needs auth=cert"));
      return TRUE;
    }
  switch (auth->local)
    {
    case IPSEC_AUTH_CERT:
      auth->local_id = ipsec_identity_parse ("%fromcert", NULL);
      auth->local_id_asked = profile->role == IPSEC_ROLE_SERVER;
      break;
    case IPSEC_AUTH_EAP:
      if (auth->user != NULL)
        auth->local_id = identity_of_user (auth->user);
      else if (profile_shows_certificate (profile))
        auth->local_id = ipsec_identity_parse ("%fromcert", NULL);
      break;
    case IPSEC_AUTH_RAW:
    case IPSEC_AUTH_NULL:
    case IPSEC_AUTH_EAP_ONLY:
      break;
    case IPSEC_AUTH_PSK:
      /* not vpn.user-name, which NetworkManager fills with whoever activates the connection */
      if (user != NULL)
        auth->local_id = identity_of_user (user);
      break;
    }
  return TRUE;
}

static gboolean
fill_remote_id (IpsecProfile *profile, GError **error)
{
  IpsecAuthentication *auth = &profile->auth;
  const char *id = profile_get (profile, "remote-id");

  if (id == NULL)
    return TRUE;
  auth->remote_id = ipsec_identity_parse (id, NULL);
  if (auth->remote_id->kind == IPSEC_IDENTITY_FROM_CERT && auth->remote != IPSEC_AUTH_CERT)
    return ipsec_fail (error, CONFLICT,
                       _ ("remote-id: %%fromcert needs a gateway with a certificate, but it uses a "
                          "pre-shared key or a raw key"));
  return TRUE;
}

IpsecIdentity *
ipsec_profile_remote_id (const IpsecProfile *profile, const char *gateway)
{
  g_autofree char *fqdn = NULL;
  IpsecIdentity *identity;

  if (profile->auth.remote_id != NULL)
    return ipsec_identity_copy (profile->auth.remote_id);
  if (profile->role == IPSEC_ROLE_SERVER || profile->role == IPSEC_ROLE_MESH) /* whoever proves to be somebody */
    return ipsec_identity_parse ("%fromcert", NULL);
  identity = ipsec_identity_parse (gateway, NULL);
  if (identity != NULL)
    return identity;
  fqdn = g_strconcat ("@[", gateway, "]", NULL);
  identity = ipsec_identity_parse (fqdn, NULL);
  g_assert (identity != NULL); /* gateways of a profile are names or addresses, and never empty */
  return identity;
}

/* ---- all together ---- */

static void
warn_unused (IpsecProfile *profile)
{
  static const struct {
    const char *name;
    IpsecAuth auth; /* what it is good for */
  } secrets[] = { { "psk", IPSEC_AUTH_PSK },
                  { "password", IPSEC_AUTH_EAP },
                  { "otp", IPSEC_AUTH_EAP },
                  { "key-password", IPSEC_AUTH_CERT },
                  { "pin", IPSEC_AUTH_CERT } };

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      if (ipsec_profile_has_secret (profile, secrets[i].name) && !uses (profile, secrets[i].auth) &&
          !(secrets[i].auth == IPSEC_AUTH_EAP && ipsec_profile_uses_eap (profile)) &&
          !(secrets[i].auth == IPSEC_AUTH_CERT &&
            (profile->auth.local == IPSEC_AUTH_RAW || profile_shows_certificate (profile))))
        profile_warn (profile, _ ("%s: the secret is not used with this way of authentication"), secrets[i].name);
    }
  if (!profile_shows_certificate (profile) && profile_is_set (profile, "certificate"))
    profile_warn (profile, _ ("certificate: it is not used with this way of authentication"));
  if (profile_get_is (profile, "rsa-sha1", "yes"))
    profile_warn (profile, _ ("%s: %s is weak; use it only when the gateway has nothing better"), "rsa-sha1", "SHA-1");
  if (profile_get_is (profile, "require-id-on-certificate", "no"))
    profile_warn (profile,
                  _ ("require-id-on-certificate: with no, whoever has any certificate from the same authority can "
                     "pass for the gateway"));
}

/* RFC 8784 section 5.1: both ends know the key by a name; 5.2.3: it is all the proof that there is beside NULL. */
static gboolean
fill_ppk (IpsecProfile *profile, GError **error)
{
  IpsecAuthentication *auth = &profile->auth;
  gboolean no = profile_get_is (profile, "ppk", "no");

  auth->ppk = no                                                                             ? IPSEC_PPK_NO
              : profile_get_is (profile, "ppk", "insist") || uses (profile, IPSEC_AUTH_NULL) ? IPSEC_PPK_INSIST
                                                                                             : IPSEC_PPK_YES;
  auth->ppk_id = no ? NULL : g_strdup (profile_get (profile, "ppk-id"));
  if (!no && auth->ppk_id == NULL)
    return ipsec_fail (error, MISSING,
                       _ ("ppk-id: the key is missing; the gateway knows a post-quantum pre-shared key by "
                          "its name"));
  auth->ppk_file = no ? NULL : g_strdup (profile_get (profile, "ppk-file"));
  if (auth->ppk_file != NULL && ipsec_profile_has_secret (profile, "ppk"))
    profile_warn (profile, _ ("ppk-file: with a one-time pad the secret ppk is not used"));
  if (no && (ipsec_profile_has_secret (profile, "ppk") || profile_is_set (profile, "ppk-id") ||
             profile_is_set (profile, "ppk-file")))
    profile_warn (profile, _ ("ppk-id: a post-quantum pre-shared key is not used without ppk=yes"));
  return TRUE;
}

/* Whoever has only the algorithms of those days signs like that, too. */
static gboolean
allows_rsa_sha1 (IpsecProfile *profile)
{
  g_auto (GStrv) ike = g_strsplit (profile_get (profile, "ike"), ",", -1);

  if (profile_is_set (profile, "rsa-sha1"))
    return profile_get_is (profile, "rsa-sha1", "yes");
  return g_strv_contains ((const char *const *) ike, "legacy");
}

gboolean
profile_fill_auth (IpsecProfile *profile, const char *user_name, GError **error)
{
  IpsecAuthentication *auth = &profile->auth;

  if (!fill_methods (profile, user_name, error) || !fill_raw_keys (profile, error))
    return FALSE;
  auth->certificate = g_strdup (profile_get (profile, "certificate"));
  auth->private_key = g_strdup (profile_get (profile, "private-key"));
  auth->ca = g_strdup (profile_get (profile, "ca"));
  if (auth->remote == IPSEC_AUTH_CERT)
    auth->remote_certificate = g_strdup (profile_get (profile, "remote-certificate"));
  if (auth->local == IPSEC_AUTH_CERT && auth->certificate == NULL)
    return ipsec_fail (error, MISSING, _ ("certificate: the key is missing; auth=cert needs our certificate"));
  auth->require_id = profile_get_is (profile, "require-id-on-certificate", "yes");
  auth->rsa_sha1 = allows_rsa_sha1 (profile);
  auth->revocation = profile_get_is (profile, "revocation", "strict") ? IPSEC_REVOCATION_STRICT
                     : profile_get_is (profile, "revocation", "off")  ? IPSEC_REVOCATION_OFF
                                                                      : IPSEC_REVOCATION_SOFT;
  /* vpn.user-name is whoever activates the connection: a certificate says better who we are */
  if (ipsec_profile_uses_eap (profile) && profile_get_is (profile, "eap", "tls"))
    user_name = NULL;
  auth->user = g_strdup (profile_is_set (profile, "user") ? profile_get (profile, "user") : user_name);
  if (!fill_remote_id (profile, error) || !profile_fill_eap (profile, error) || !fill_local_id (profile, error) ||
      !fill_ppk (profile, error))
    return FALSE;
  warn_unused (profile);
  return TRUE;
}
