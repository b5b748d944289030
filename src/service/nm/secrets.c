/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the copies of the user's secrets. A secret leaves only as an IkeSecret; whatever is in it (line ends too) is
 * sent as it is and goes into no log.
 */
#include "nm/secrets.h"

#include <string.h>

struct _Secrets {
  IkeSecret *values[SECRET_N];
  gboolean typed[SECRET_N];
};

static const struct {
  const char *name;
  FailureAsk ask, ask_again;
} rows[] = {
  [SECRET_PSK] = { "psk", FAILURE_ASK_PSK, FAILURE_ASK_PSK_AGAIN },
  [SECRET_PASSWORD] = { "password", FAILURE_ASK_PASSWORD, FAILURE_ASK_PASSWORD_AGAIN },
  [SECRET_OTP] = { "otp", FAILURE_ASK_OTP, FAILURE_ASK_OTP_AGAIN },
  [SECRET_KEY_PASSWORD] = { "key-password", FAILURE_ASK_KEY_PASSWORD, FAILURE_ASK_KEY_PASSWORD_AGAIN },
  [SECRET_NSS_PASSWORD] = { "nss-password", FAILURE_ASK_NSS_PASSWORD, FAILURE_ASK_NSS_PASSWORD_AGAIN },
  [SECRET_PIN] = { "pin", FAILURE_ASK_PIN, FAILURE_ASK_PIN_AGAIN },
  [SECRET_PPK] = { "ppk", FAILURE_ASK_PPK, FAILURE_ASK_PPK_AGAIN },
};
G_STATIC_ASSERT (G_N_ELEMENTS (rows) == SECRET_N);

const char *
secret_name (SecretName name)
{
  return rows[name].name;
}

SecretName
secret_of_kind (IkeSecretKind kind, const IpsecProfile *profile)
{
  switch (kind)
    {
    case IKE_SECRET_PSK:
      return SECRET_PSK;
    case IKE_SECRET_PASSWORD:
      return SECRET_PASSWORD;
    case IKE_SECRET_OTP:
      return profile->auth.otp ? SECRET_OTP : SECRET_PASSWORD;
    case IKE_SECRET_PPK:
      return SECRET_PPK;
    case IKE_SECRET_USER:
      break; /* a server's, which nobody is asked for */
    }
  g_assert_not_reached ();
}

SecretName
secret_of_eap (const IpsecProfile *profile)
{
  if (profile->auth.eap_methods == 1u << IKE_EAP_TLS)
    return SECRET_N;
  return profile->auth.eap_methods == 1u << IKE_EAP_GTC ? secret_of_kind (IKE_SECRET_OTP, profile) : SECRET_PASSWORD;
}

gboolean
secret_opens_key (SecretName name)
{
  return name == SECRET_KEY_PASSWORD || name == SECRET_NSS_PASSWORD || name == SECRET_PIN;
}

FailureAsk
secret_ask (SecretName name, gboolean again)
{
  return again ? rows[name].ask_again : rows[name].ask;
}

/* FALSE: malformed. *ret_secret NULL: it is not there. */
static gboolean
read_secret (const IpsecSetting *setting, SecretName name, IkeSecret **ret_secret, GError **error)
{
  const char *text = ipsec_setting_get_secret (setting, rows[name].name);
  gboolean decoded = name == SECRET_PSK || name == SECRET_PPK;
  guint8 *octets;
  gsize len;

  *ret_secret = NULL;
  /* an empty key is none, as in the profile */
  if (!text || (decoded && !*text))
    return TRUE;
  if (!decoded)
    {
      *ret_secret = ike_secret_new_from (text, strlen (text));
      return TRUE;
    }
  octets = ipsec_psk_decode (text, &len, error);
  if (!octets)
    return FALSE;
  *ret_secret = ike_secret_new_from (octets, len);
  explicit_bzero (octets, len);
  g_free (octets);
  return TRUE;
}

/* NULL: the connection does not say how it is kept. */
static const char *
get_flags (const IpsecSetting *setting, SecretName name)
{
  g_autofree char *item = g_strconcat (rows[name].name, "-flags", NULL);

  return ipsec_setting_get (setting, item);
}

static gboolean
is_never_kept (const IpsecSetting *setting, SecretName name)
{
  const char *flags = get_flags (setting, name);

  return flags && g_ascii_strtoull (flags, NULL, 10) & NM_SETTING_SECRET_FLAG_NOT_SAVED;
}

Secrets *
secrets_new (const IpsecSetting *setting, GError **error)
{
  g_autoptr (Secrets) self = g_new0 (Secrets, 1);

  for (SecretName name = 0; name < SECRET_N; name++)
    {
      if (!read_secret (setting, name, &self->values[name], error))
        return NULL;
      self->typed[name] = is_never_kept (setting, name);
    }
  /* NetworkManager keeps what it is not told not to keep: this is the code of the last time, and each that is wrong counts */
  if (!get_flags (setting, SECRET_OTP))
    secrets_refuse (self, SECRET_OTP);
  return g_steal_pointer (&self);
}

void
secrets_free (Secrets *self)
{
  if (!self)
    return;
  for (SecretName name = 0; name < SECRET_N; name++)
    ike_secret_free (self->values[name]);
  g_free (self);
}

gboolean
secrets_renew (Secrets *self, SecretName name, const IpsecSetting *setting)
{
  secrets_refuse (self, name);
  self->typed[name] = TRUE; /* NetworkManager was asked for it */
  return read_secret (setting, name, &self->values[name], NULL) && self->values[name];
}

gboolean
secrets_is_typed (const Secrets *self, SecretName name)
{
  return self->typed[name];
}

IkeSecret *
secrets_take (Secrets *self, SecretName name)
{
  if (name == SECRET_OTP)
    return g_steal_pointer (&self->values[name]);
  return ike_secret_copy (self->values[name]);
}

void
secrets_refuse (Secrets *self, SecretName name)
{
  g_clear_pointer (&self->values[name], ike_secret_free);
}

gboolean
secrets_needed (const IpsecSetting *setting)
{
  g_autoptr (IpsecProfile) profile = ipsec_setting_profile (setting, NULL);

  return profile && ipsec_profile_missing_secret (profile) != NULL;
}
