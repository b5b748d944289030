/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing: what the formats do with the connections of libnm. */
#include "config.h"

#include "profile/formats/convert.h"

#include "profile/unsupported.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A connection that cannot be activated is made all the same: its values are there on the day that it can. */
static void
note_version (IpsecDraft *draft)
{
  const char *version = ipsec_draft_get (draft, "ike-version");

  if (version != NULL && !ipsec_supported_check ("ike-version", version, NULL, NULL))
    ipsec_draft_note (draft, _ ("The connection is one with IKE version 1, which this version cannot do yet: it cannot "
                                "be activated."));
}

NMConnection *
ipsec_draft_finish (IpsecDraft *draft, GPtrArray *notes, GError **error)
{
  g_autoptr (IpsecSetting) setting = NULL;
  g_autofree char *uuid = NULL;
  NMConnection *connection;

  note_version (draft);
  setting = ipsec_draft_finish_setting (draft, notes, error);
  if (setting == NULL)
    return NULL;
  uuid = nm_utils_uuid_generate ();
  connection = nm_simple_connection_new ();
  nm_connection_add_setting (connection, g_object_new (NM_TYPE_SETTING_CONNECTION, NM_SETTING_CONNECTION_ID,
                                                       ipsec_draft_id (draft), NM_SETTING_CONNECTION_UUID, uuid,
                                                       NM_SETTING_CONNECTION_TYPE, NM_SETTING_VPN_SETTING_NAME,
                                                       NM_SETTING_CONNECTION_AUTOCONNECT, FALSE, NULL));
  nm_connection_add_setting (connection,
                             g_object_new (NM_TYPE_SETTING_IP4_CONFIG, NM_SETTING_IP_CONFIG_METHOD, "auto", NULL));
  nm_connection_add_setting (connection,
                             g_object_new (NM_TYPE_SETTING_IP6_CONFIG, NM_SETTING_IP_CONFIG_METHOD, "auto", NULL));
  nm_connection_add_setting (connection, NM_SETTING (ipsec_setting_to_libnm (setting)));
  return connection;
}

static const char *
item (NMSettingVpn *setting, const char *key)
{
  return nm_setting_vpn_get_data_item (setting, key);
}

/* It is there, or the profile says that it will be asked for. */
static gboolean
announced (NMSettingVpn *setting, const char *secret)
{
  g_autofree char *name = g_strconcat (secret, "-flags", NULL);
  const char *flags = item (setting, name), *value = nm_setting_vpn_get_secret (setting, secret);

  return (value != NULL && value[0] != '\0') ||
         (flags != NULL && !(g_ascii_strtoull (flags, NULL, 10) & NM_SETTING_SECRET_FLAG_NOT_REQUIRED));
}

static gboolean
is_client (NMSettingVpn *setting)
{
  return item (setting, "role") == NULL || convert_is (item (setting, "role"), "client");
}

/* (As the profile itself derives it, but for a secret that is kept elsewhere: a profile that has nothing else has psk.) */
const char *
convert_auth_of (NMSettingVpn *setting)
{
  const char *auth = item (setting, "auth");
  gboolean then_eap = convert_is (item (setting, "auth2"), "eap");
  gboolean tls = !then_eap && convert_is (item (setting, "eap"), "tls");
  gboolean cert = item (setting, "certificate") != NULL || item (setting, "private-key") != NULL;
  gboolean eap = !then_eap && (item (setting, "eap") != NULL || announced (setting, "password"));
  gboolean user = item (setting, "user") != NULL;
  gboolean named = user || nm_setting_vpn_get_user_name (setting) != NULL || announced (setting, "otp");

  if (auth != NULL && strcmp (auth, "auto") != 0)
    return auth;
  if (item (setting, "local-rsa-key") != NULL)
    return "rsa";
  if (cert && !tls)
    return "cert";
  if (announced (setting, "psk") && !((eap || user || cert) && convert_is (item (setting, "remote-auth"), "psk")))
    return "psk";
  return is_client (setting) && !then_eap && (eap || named) ? "eap" : "psk";
}

const char *
convert_client_auth (NMSettingVpn *setting)
{
  const char *version = item (setting, "ike-version");

  if (!is_client (setting) || (version != NULL && version[0] != '2') || item (setting, "gateway") == NULL)
    return NULL;
  return convert_auth_of (setting);
}
