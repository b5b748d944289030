/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns its copies. Everything in it is hostile; that the values are right is for others to check. */
#include "nm/connection.h"

#include <string.h>

#define USER_PERMISSION "user:"

static void
take_strings (GVariant *setting, const char *key, IpsecSetting *vpn,
              void (*take) (IpsecSetting *vpn, const char *name, const char *value))
{
  g_autoptr (GVariant) dict = g_variant_lookup_value (setting, key, G_VARIANT_TYPE ("a{ss}"));
  const char *name, *value;
  GVariantIter iter;

  if (!dict)
    return;
  g_variant_iter_init (&iter, dict);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value))
    take (vpn, name, value);
}

static IpsecSetting *
read_vpn (GVariant *setting)
{
  IpsecSetting *vpn = ipsec_setting_new ();

  (void) g_variant_lookup (setting, NM_SETTING_VPN_SERVICE_TYPE, "s", &vpn->service_type);
  (void) g_variant_lookup (setting, NM_SETTING_VPN_USER_NAME, "s", &vpn->user_name);
  (void) g_variant_lookup (setting, NM_SETTING_VPN_PERSISTENT, "b", &vpn->persistent);
  take_strings (setting, NM_SETTING_VPN_DATA, vpn, ipsec_setting_set);
  take_strings (setting, NM_SETTING_VPN_SECRETS, vpn, ipsec_setting_set_secret);
  return vpn;
}

/* What NetworkManager decides by itself (default) is not known here: the tunnel's name servers stay what they are. */
static IpconfigTls
read_tls (GVariant *own)
{
  gint32 value;

  if (!g_variant_lookup (own, NM_SETTING_CONNECTION_DNS_OVER_TLS, "i", &value))
    return IPCONFIG_TLS_NO;
  return value == NM_SETTING_CONNECTION_DNS_OVER_TLS_YES             ? IPCONFIG_TLS_YES
         : value == NM_SETTING_CONNECTION_DNS_OVER_TLS_OPPORTUNISTIC ? IPCONFIG_TLS_OPPORTUNISTIC
                                                                     : IPCONFIG_TLS_NO;
}

Connection *
connection_new (GVariant *settings)
{
  Connection *self = g_new0 (Connection, 1);
  g_autoptr (GVariant) own =
      g_variant_lookup_value (settings, NM_SETTING_CONNECTION_SETTING_NAME, G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) vpn = g_variant_lookup_value (settings, NM_SETTING_VPN_SETTING_NAME, G_VARIANT_TYPE_VARDICT);

  if (own)
    {
      (void) g_variant_lookup (own, NM_SETTING_CONNECTION_UUID, "s", &self->uuid);
      (void) g_variant_lookup (own, NM_SETTING_CONNECTION_ID, "s", &self->id);
      (void) g_variant_lookup (own, NM_SETTING_CONNECTION_INTERFACE_NAME, "s", &self->interface_name);
      (void) g_variant_lookup (own, NM_SETTING_CONNECTION_PERMISSIONS, "^as", &self->permissions);
      self->tls = read_tls (own);
    }
  if (!self->permissions)
    self->permissions = g_new0 (char *, 1);
  if (vpn)
    self->vpn = read_vpn (vpn);
  return self;
}

void
connection_free (Connection *self)
{
  if (!self)
    return;
  g_free (self->uuid);
  g_free (self->id);
  g_free (self->interface_name);
  g_strfreev (self->permissions);
  ipsec_setting_free (self->vpn);
  g_free (self);
}

char *
connection_user (const Connection *self)
{
  const char *text = self->permissions[0], *end;

  if (!text || !g_str_has_prefix (text, USER_PERMISSION))
    return NULL;
  text += strlen (USER_PERMISSION);
  end = strchrnul (text, ':');
  return end == text ? NULL : g_strndup (text, (gsize) (end - text));
}
