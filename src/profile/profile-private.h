/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside src/profile: reading the canonical values of a profile that is being built. Every value in profile->data has
 * been through ipsec_value_canonical(), so reading cannot fail.
 */
#pragma once

#include "profile/profile.h"

/* Was the key given? */
gboolean profile_is_set (const IpsecProfile *profile, const char *key);
/* The value, else the table's default, else NULL. */
const char *profile_get (const IpsecProfile *profile, const char *key);
/* Does the profile say that it has this secret: here, with an agent, or in somebody's head? */
gboolean profile_secret_announced (const IpsecProfile *profile, const char *name);
gboolean profile_get_is (const IpsecProfile *profile, const char *key, const char *word);
/* INTEGER, TIME, SIZE; a word that is no number (auto, ...), or no value at all: 0. */
guint64 profile_get_number (const IpsecProfile *profile, const char *key);
void profile_warn (IpsecProfile *profile, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* psk.c: strictly; NULL: not base64. The caller erases what is secret. */
guint8 *profile_decode_base64 (const char *text, gsize *ret_len);

/* raw-key.c: is this a PKCS#11 URI that can be used (RFC 7512 without section 2.4)? */
gboolean profile_on_token (const char *text);

/* profile-auth.c: authentication. @user_name: vpn.user-name, checked. */
void profile_add_secret (IpsecProfile *profile, const char *name);
gboolean profile_fill_auth (IpsecProfile *profile, const char *user_name, GError **error);
/* profile-fields.c: everything else. */
gboolean profile_fill_outer (IpsecProfile *profile, GError **error);
gboolean profile_fill_protection (IpsecProfile *profile, GError **error);
gboolean profile_fill_tunnel (IpsecProfile *profile, GError **error);
/* profile-server.c, after those. */
gboolean profile_fill_server (IpsecProfile *profile, GError **error);
/* profile-mesh.c, after those. */
gboolean profile_fill_mesh (IpsecProfile *profile, GError **error);
void profile_clear_server (IpsecServer *server);
/* profile-eap.c: after the certificate, "ca" and the gateway's identity are there. */
gboolean profile_fill_eap (IpsecProfile *profile, GError **error);
