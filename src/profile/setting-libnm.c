/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. The only file of the profile that needs libnm itself: who does not call it is not linked with it. */
#include "profile/setting.h"

static void
take_item (const char *key, const char *value, gpointer setting)
{
  ipsec_setting_set (setting, key, value);
}

static void
take_secret (const char *name, const char *value, gpointer setting)
{
  ipsec_setting_set_secret (setting, name, value);
}

IpsecSetting *
ipsec_setting_from_libnm (NMSettingVpn *from)
{
  IpsecSetting *setting = ipsec_setting_new ();

  setting->service_type = g_strdup (nm_setting_vpn_get_service_type (from));
  setting->user_name = g_strdup (nm_setting_vpn_get_user_name (from));
  setting->persistent = nm_setting_vpn_get_persistent (from);
  setting->timeout = nm_setting_vpn_get_timeout (from);
  nm_setting_vpn_foreach_data_item (from, take_item, setting);
  nm_setting_vpn_foreach_secret (from, take_secret, setting);
  return setting;
}

NMSettingVpn *
ipsec_setting_to_libnm (const IpsecSetting *setting)
{
  NMSettingVpn *to = NM_SETTING_VPN (nm_setting_vpn_new ());
  GHashTableIter iter;
  gpointer name, value;

  g_object_set (to, NM_SETTING_VPN_SERVICE_TYPE, setting->service_type, NM_SETTING_VPN_USER_NAME, setting->user_name,
                NM_SETTING_VPN_PERSISTENT, setting->persistent, NM_SETTING_VPN_TIMEOUT, setting->timeout, NULL);
  g_hash_table_iter_init (&iter, setting->data);
  while (g_hash_table_iter_next (&iter, &name, &value))
    nm_setting_vpn_add_data_item (to, name, value);
  g_hash_table_iter_init (&iter, setting->secrets);
  while (g_hash_table_iter_next (&iter, &name, &value))
    nm_setting_vpn_add_secret (to, name, value);
  return to;
}

IpsecProfile *
ipsec_profile_new_from_setting (NMSettingVpn *setting, GError **error)
{
  g_autoptr (IpsecSetting) plain = ipsec_setting_from_libnm (setting);

  return ipsec_setting_profile (plain, error);
}
