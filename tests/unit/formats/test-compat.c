/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections of NetworkManager-libreswan and NetworkManager-strongswan: what becomes of them, and what is refused. */
#include "profile/formats/compat.h"

#include "profile/profile.h"

#include <locale.h>
#include <string.h>

typedef struct {
  const char *name, *service;
  const char *data, *secrets; /* "key=value|key=value" */
  const char *want; /* items that must be there, "!key": must not; NULL: it is refused ... */
  const char *error; /* ... with this text */
} Case;

static const Case cases[] = {
  { "certificate", "libreswan", "ikev2=insist|leftcert=LibreswanClient|leftid=%fromcert|right=11.12.13.14", NULL,
    "auth=cert|certificate=nss:LibreswanClient|gateway=11.12.13.14|local-id=%fromcert|remote-ts=0.0.0.0/"
    "0|keyingtries=1|"
    "!ike-version|!role|!psk-flags",
    NULL },
  { "minimal", "libreswan", "right=11.12.13.14", NULL,
    "auth=psk|ike-version=1|gateway=11.12.13.14|xauth=yes|ike-lifetime=1d|esp-lifetime=1d|remote-ts=0.0.0.0/0|"
    "psk-flags=1|password-flags=1",
    NULL },
  { "aggressive", "openswan",
    "right=vpn.example.com|leftid=labgroup|leftxauthusername=alice|pskvalue-flags=0|xauthpassword-flags=2",
    "pskvalue=secret",
    "ike-version=1-aggressive|local-id=labgroup|user=alice|psk-flags=0|password-flags=2|secret.psk=secret", NULL },
  { "ikev2-psk", "libreswan",
    "ikev2=yes|right=vpn.example.com|rightid=vpn.example.com|leftid=alice@example.com|rekey=yes", "pskvalue=0sAAAA",
    "auth=psk|remote-id=vpn.example.com|rekey=yes|secret.psk=0sAAAA|!keyingtries|!xauth", NULL },
  { "subnets", "libreswan",
    "ikev2=insist|right=192.0.2.1|left=192.0.2.2|leftmodecfgclient=no|leftsubnets=10.0.0.0/24, 10.1.0.0/24|"
    "rightsubnets=10.2.0.0/24|rightrsasigkey=0sAwEAAbc5oYG2x1Ck1Jm0mP0v8nTtG2y3xQ7lG0zYgFw9O7X8b9k3Jw1aKkN0|"
    "leftrsasigkey=0sAwEAAa2l0vTnG9Zl7XhYkqWm3pR5u8cK1hQxVfEoJrUySdLpN7bM4iCgT6aX",
    NULL, "role=peer|auth=rsa|local-address=192.0.2.2|local-ts=10.0.0.0/24,10.1.0.0/24|remote-ts=10.2.0.0/24", NULL },
  { "transport", "libreswan",
    "ikev2=insist|right=192.0.2.1|leftmodecfgclient=no|type=transport|leftcert=a|nm-connect-mode=ondemand", NULL,
    "mode=transport|start=ondemand", NULL },
  { "dpd", "libreswan",
    "ikev2=insist|right=192.0.2.1|leftcert=a|dpddelay=30|dpdtimeout=2m|dpdaction=restart|mobike=yes|ipsec-interface="
    "yes",
    NULL, "dpd-delay=30s|dpd-timeout=2m|mobike=yes|interface=xfrm", NULL },
  { "verbatim", "libreswan",
    "nm-auto-defaults=no|ikev2=insist|right=192.0.2.1|left=%defaultroute|leftmodecfgclient=yes|leftcert=a|"
    "rightmodecfgserver=yes|modecfgpull=yes",
    NULL, "certificate=nss:a|!keyingtries|!remote-ts", NULL },
  { "modes", "libreswan", "ikev2=insist|right=a|pskinputmodes=ask|xauthpasswordinputmodes=unused", NULL,
    "psk-flags=2|password-flags=4", NULL },
  { "flags-before-modes", "libreswan", "ikev2=insist|right=a|pskinputmodes=ask|pskvalue-flags=0", NULL, "psk-flags=0",
    NULL },
  { "no-right", "libreswan", "ikev2=insist", NULL, NULL, "'right' key needs to be present" },
  { "nobody", "libreswan", "ikev2=insist|right=;;", NULL, NULL,
    "The file names no gateway to connect to, and no addresses to hand out." },
  { "unknown", "libreswan", "right=192.0.2.1|leftupdown=/bin/sh", NULL, NULL,
    "property 'leftupdown' invalid or not supported" },
  { "blank", "libreswan", "right=192.0.2.1 leftupdown", NULL, NULL, "Invalid character in 'right'" },
  { "newline", "libreswan", "right=192.0.2.1|leftcert=x\n leftupdown=y", NULL, NULL,
    "Invalid character in 'leftcert'" },
  { "eap", "strongswan",
    "address=vpn.example.com|method=eap|user=alice|virtual=yes|certificate=/etc/"
    "ca.pem|encap=yes|proposal=yes|ike=aes256-sha256-ecp256;aes128-sha256-ecp256|password-flags=1",
    "password=secret",
    "gateway=vpn.example.com|auth=eap|user=alice|ca=/etc/ca.pem|encap=force|password-flags=1|secret.password=secret|"
    "ike=aes256-sha256-prfsha256-ecp256,aes128-sha256-prfsha256-ecp256|!virtual-ip",
    NULL },
  { "key", "strongswan",
    "address=vpn.example.com|method=key|usercert=/a.pem|userkey=/a.key|remote-ts=10.0.0.0/8;192.168.0.0/16|esp=aes256",
    "password=secret",
    "auth=cert|certificate=/a.pem|private-key=/a.key|remote-ts=10.0.0.0/8,192.168.0.0/"
    "16|virtual-ip=no|secret.key-password=secret|!esp",
    NULL },
  { "psk", "strongswan", "address=vpn.example.com|method=psk|user=alice|virtual=yes", "password=01234567890123456789",
    "auth=psk|secret.psk=01234567890123456789", NULL },
  { "no-address", "strongswan", "method=psk", NULL, NULL, "Gateway address missing." },
  { "no-method", "strongswan", "address=a", NULL, NULL, "Configuration parameters missing." },
  { "ours", "ipsec", "gateway=a|whatever=x", NULL, "gateway=a|whatever=x", NULL },
};

static void
add_items (NMSettingVpn *setting, const char *items, gboolean secret)
{
  g_auto (GStrv) list = g_strsplit (items ? items : "", "|", -1);

  for (guint i = 0; list[i]; i++)
    {
      char *equals = strchr (list[i], '=');

      *equals = '\0';
      if (secret)
        nm_setting_vpn_add_secret (setting, list[i], equals + 1);
      else
        nm_setting_vpn_add_data_item (setting, list[i], equals + 1);
    }
}

static void
check_items (NMSettingVpn *setting, const char *items)
{
  g_auto (GStrv) list = g_strsplit (items, "|", -1);

  for (guint i = 0; list[i]; i++)
    {
      char *equals = strchr (list[i], '=');

      if (list[i][0] == '!')
        {
          g_assert_cmpstr (nm_setting_vpn_get_data_item (setting, list[i] + 1), ==, NULL);
          continue;
        }
      *equals = '\0';
      if (g_str_has_prefix (list[i], "secret."))
        g_assert_cmpstr (nm_setting_vpn_get_secret (setting, list[i] + 7), ==, equals + 1);
      else
        g_assert_cmpstr (nm_setting_vpn_get_data_item (setting, list[i]), ==, equals + 1);
    }
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (NMSettingVpn) from = NM_SETTING_VPN (nm_setting_vpn_new ()), to = NULL;
  g_autoptr (IpsecSetting) plain = NULL, result = NULL;
  g_autofree char *service = g_strconcat ("org.freedesktop.NetworkManager.", c->service, NULL);
  g_autoptr (GError) error = NULL;

  g_object_set (from, NM_SETTING_VPN_SERVICE_TYPE, service, NM_SETTING_VPN_PERSISTENT, TRUE, NM_SETTING_VPN_TIMEOUT, 90,
                NULL);
  add_items (from, c->data, FALSE);
  add_items (from, c->secrets, TRUE);
  plain = ipsec_setting_from_libnm (from);
  result = ipsec_compat_is_other (service) ? ipsec_compat_translate (plain, NULL, &error) : g_steal_pointer (&plain);
  if (c->error)
    {
      g_assert_null (result);
      g_assert_error (error, IPSEC_PROFILE_ERROR, IPSEC_PROFILE_ERROR_BAD_VALUE);
      g_assert_cmpstr (error->message, ==, c->error);
      return;
    }
  g_assert_no_error (error);
  to = ipsec_setting_to_libnm (result);
  check_items (to, c->want);
  g_assert_true (nm_setting_vpn_get_persistent (to));
  g_assert_cmpuint (nm_setting_vpn_get_timeout (to), ==, 90);
}

static void
test_secret_names (void)
{
  g_assert_cmpstr (ipsec_compat_secret ("org.freedesktop.NetworkManager.libreswan", "psk"), ==, "pskvalue");
  g_assert_cmpstr (ipsec_compat_secret ("org.freedesktop.NetworkManager.openswan", "password"), ==, "xauthpassword");
  g_assert_cmpstr (ipsec_compat_secret ("org.freedesktop.NetworkManager.strongswan", "key-password"), ==, "password");
  g_assert_cmpstr (ipsec_compat_secret ("org.freedesktop.NetworkManager.ipsec", "psk"), ==, "psk");
  g_assert_cmpstr (ipsec_compat_secret (NULL, "otp"), ==, "otp");
}

static void
test_secret_names_back (void)
{
  static const char *const names[][4] = {
    { "libreswan", "pskvalue", "auth=psk", "psk" },
    { "openswan", "xauthpassword", "auth=psk", "password" },
    { "strongswan", "password", "auth=psk", "psk" },
    { "strongswan", "password", "auth=eap", "password" },
    { "strongswan", "password", "auth=cert", "key-password" },
    { "strongswan", "password", "auth=eap|eap=tls", "key-password" },
    { "strongswan", "otp", "auth=eap", "otp" },
    { "ipsec", "password", "auth=psk", "password" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *service = g_strconcat ("org.freedesktop.NetworkManager.", names[i][0], NULL);
      g_autoptr (NMSettingVpn) vpn = NM_SETTING_VPN (nm_setting_vpn_new ());
      g_autoptr (IpsecSetting) setting = NULL;

      add_items (vpn, names[i][2], FALSE);
      setting = ipsec_setting_from_libnm (vpn);
      g_assert_cmpstr (ipsec_compat_secret_ours (setting, service, names[i][1]), ==, names[i][3]);
    }
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("/compat/%s/%s", cases[i].service, cases[i].name);

      g_test_add_data_func (name, &cases[i], test_case);
    }
  g_test_add_func ("/compat/secret-names", test_secret_names);
  g_test_add_func ("/compat/secret-names-back", test_secret_names_back);
  return g_test_run ();
}
