/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns its strings. */
#include "profile/setting.h"

#include <string.h>

static void
secret_free (gpointer data)
{
  char *text = data;

  explicit_bzero (text, strlen (text));
  g_free (text);
}

IpsecSetting *
ipsec_setting_new (void)
{
  IpsecSetting *setting = g_new0 (IpsecSetting, 1);

  setting->data = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  setting->secrets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, secret_free);
  return setting;
}

void
ipsec_setting_free (IpsecSetting *setting)
{
  if (setting == NULL)
    return;
  g_free (setting->service_type);
  g_free (setting->user_name);
  g_hash_table_unref (setting->data);
  g_hash_table_unref (setting->secrets);
  g_free (setting);
}

static void
set (GHashTable *table, const char *name, const char *value)
{
  if (value != NULL)
    g_hash_table_insert (table, g_strdup (name), g_strdup (value));
  else
    g_hash_table_remove (table, name);
}

void
ipsec_setting_set (IpsecSetting *setting, const char *key, const char *value)
{
  set (setting->data, key, value);
}

void
ipsec_setting_set_secret (IpsecSetting *setting, const char *name, const char *value)
{
  set (setting->secrets, name, value);
}

const char *
ipsec_setting_get (const IpsecSetting *setting, const char *key)
{
  return g_hash_table_lookup (setting->data, key);
}

const char *
ipsec_setting_get_secret (const IpsecSetting *setting, const char *name)
{
  return g_hash_table_lookup (setting->secrets, name);
}

IpsecProfile *
ipsec_setting_profile (const IpsecSetting *setting, GError **error)
{
  return ipsec_profile_new (setting->data, setting->secrets, setting->user_name, error);
}
