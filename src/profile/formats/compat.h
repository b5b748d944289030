/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections of the plugins NetworkManager-libreswan and NetworkManager-strongswan: their vpn.data and vpn.secrets as
 * ours, with their defaults and their ways of rewriting values.
 */
#pragma once

#include <NetworkManager.h>

/* A setting of our own service; one that is already is only referenced. NULL: a key or value is not one of that plugin
 * (the error says so in its words), or cannot be done here. What is only lost is appended to @notes (may be NULL). */
NMSettingVpn *ipsec_compat_translate (NMSettingVpn *setting, GPtrArray *notes, GError **error);
/* Is it one of the services whose connections are translated? */
gboolean ipsec_compat_is_other (const char *service_type);
/* The name of our secret @name in a connection of @service_type. */
const char *ipsec_compat_secret (const char *service_type, const char *name);
