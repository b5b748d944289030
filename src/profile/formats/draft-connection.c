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

const char *
convert_client_auth (NMSettingVpn *setting)
{
  const char *auth = nm_setting_vpn_get_data_item (setting, "auth"),
             *role = nm_setting_vpn_get_data_item (setting, "role");
  const char *version = nm_setting_vpn_get_data_item (setting, "ike-version");

  if ((role != NULL && strcmp (role, "client") != 0) || (version != NULL && version[0] != '2') ||
      nm_setting_vpn_get_data_item (setting, "gateway") == NULL)
    return NULL;
  if (auth != NULL && strcmp (auth, "auto") != 0)
    return auth;
  if (nm_setting_vpn_get_data_item (setting, "certificate") != NULL)
    return "cert";
  return nm_setting_vpn_get_data_item (setting, "user") != NULL ? "eap" : "psk";
}
