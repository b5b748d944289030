/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NetworkManager's "vpn" setting as plain values: the service has it from D-Bus, everybody else from libnm, which the
 * service does without (libnm brings GnuTLS and a dozen more libraries into a process).
 */
#pragma once

#include "profile/profile.h"

typedef struct {
  char *service_type, *user_name; /* NULL: none */
  gboolean persistent;
  guint timeout; /* seconds; 0: NetworkManager's */
  GHashTable *data, *secrets; /* char* -> char*, owned; a secret is erased when it goes */
} IpsecSetting;

/* Without a service type, and empty. */
IpsecSetting *ipsec_setting_new (void);
void ipsec_setting_free (IpsecSetting *setting);
/* A value replaces the one before; NULL takes it away. */
void ipsec_setting_set (IpsecSetting *setting, const char *key, const char *value);
void ipsec_setting_set_secret (IpsecSetting *setting, const char *name, const char *value);
/* NULL: not there. The value lives as long as it is in the setting. */
const char *ipsec_setting_get (const IpsecSetting *setting, const char *key);
const char *ipsec_setting_get_secret (const IpsecSetting *setting, const char *name);

/* Errors are those of ipsec_profile_new(). */
IpsecProfile *ipsec_setting_profile (const IpsecSetting *setting, GError **error);

/* For those who have libnm. */
IpsecSetting *ipsec_setting_from_libnm (NMSettingVpn *setting);
NMSettingVpn *ipsec_setting_to_libnm (const IpsecSetting *setting);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IpsecSetting, ipsec_setting_free)
