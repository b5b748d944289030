/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections of the plugins NetworkManager-libreswan and NetworkManager-strongswan: their vpn.data and vpn.secrets as
 * ours, with their defaults and their ways of rewriting values.
 */
#pragma once

#include "profile/setting.h"

/* Is it one of the services whose connections are translated? */
gboolean ipsec_compat_is_other (const char *service_type);
/* The setting of such a service as one of ours. NULL: a key or value is not one of that plugin (the error says so in its
 * words), or cannot be done here. What is only lost is appended to @notes (may be NULL). */
IpsecSetting *ipsec_compat_translate (const IpsecSetting *setting, GPtrArray *notes, GError **error);
/* The name of our secret @name in a connection of @service_type. */
const char *ipsec_compat_secret (const char *service_type, const char *name);
/* The name here of their secret @name; @to: the translated setting, which tells where theirs stands for several. */
const char *ipsec_compat_secret_ours (const IpsecSetting *to, const char *service_type, const char *name);
