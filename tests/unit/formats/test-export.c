/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is written: what the files say to those for whom they are, and what they do not say, which is told, or refused
 * where the connection would be another one without it.
 */
#include "format-items.h"

#include "profile/formats/ipsec-conf.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>

#define CHILD "<key>ChildSecurityAssociationParameters</key>"
#define PFS "<key>EnablePFS</key><integer>1</integer>"
#define REVOCATION "<key>EnableCertificateRevocationCheck</key><integer>1</integer>"
#define GROUP(n) "<key>DiffieHellmanGroup</key><integer>" n "</integer>"
#define REMOTE(id) "<key>RemoteIdentifier</key><string>" id "</string>"
#define LOCAL(id) "<key>LocalIdentifier</key><string>" id "</string>"

#define METHOD(name) "<key>AuthenticationMethod</key><string>" name "</string>"
#define EAP "<key>ExtendedAuthEnabled</key><integer>1</integer>"

#define PEER "role=peer|gateway=192.0.2.1|"
#define RSA_KEYS "local-rsa-key=" CKAID "|remote-rsa-key=0sAwEAAQ=="
/* Of a P-256 key and of an Ed25519 key, in base64. */
#define POINT "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/QA=="
#define SPKI "MCowBQYDK2VwAyEAAAECAwQ="
#define OTHER_KEYS "local-rsa-key=0s" POINT "|remote-rsa-key=0s" SPKI

/* What a device of Apple is told; to come back as it was is not enough. */
static void
test_apple (void)
{
  static const struct {
    const char *keys, *there[4], *not_there; /* in this order; nothing there: it is refused, with not_there */
  } cases[] = {
    { "gateway=a.example.com,b.example.com|auth=psk", { REMOTE ("a.example.com"), LOCAL (""), REVOCATION }, PFS },
    { "gateway=a.example.com|auth=eap|user=alice", { REMOTE ("a.example.com"), LOCAL ("alice") }, CHILD },
    { "gateway=a.example.com|auth=eap|user=CORP\\alice", { LOCAL (""), "<string>CORP\\alice</string>" }, CHILD },
    { "gateway=a.example.com|auth=cert|certificate=/c.pem|local-id=%fromcert|remote-id=@b.example.com",
      { REMOTE ("b.example.com"), LOCAL ("") },
      "IncludeAllNetworks" },
    { "gateway=a.example.com|auth=psk|local-id=O=Example, CN=a|remote-id=gw@example.com",
      { REMOTE ("gw@example.com"), LOCAL ("O=Example, CN=a") },
      "IncludeAllNetworks" },
    { "gateway=a.example.com|auth=psk|remote-id=%fromcert", { NULL }, "remote-id=%fromcert" },
    { "gateway=a.example.com|auth=psk|remote-id=@[gw]", { NULL }, "remote-id=@[gw]" },
    { "gateway=a.example.com|auth=psk|local-id=@[group]", { NULL }, "local-id=@[group]" },
    { "gateway=a.example.com|auth=psk|local-id=@10.0.0.1", { NULL }, "local-id=@10.0.0.1" },
    { "gateway=a.example.com|auth=psk|revocation=strict", { REVOCATION }, "strict" },
    { "gateway=a.example.com|auth=psk|revocation=soft", { REVOCATION }, "soft" },
    { "gateway=a.example.com|auth=psk|revocation=off", { REMOTE ("a.example.com") }, "Revocation" },
    { "gateway=a.example.com|auth=psk|esp=aes256gcm16-ecp384", { PFS, CHILD, GROUP ("20") }, "IncludeAllNetworks" },
    { "gateway=a.example.com|auth=psk|esp=aes256gcm16", { CHILD }, "EnablePFS" },
    { "gateway=a.example.com|auth=psk|esp=aes256gcm16-ecp384|pfs=no", { CHILD }, "DiffieHellmanGroup" },
    { "gateway=a.example.com|auth=psk|esp=aes256gcm16-ecp384|pfs=no", { CHILD }, "EnablePFS" },
    { "gateway=a.example.com|auth=psk|pfs=yes", { PFS }, CHILD },
    { "gateway=a.example.com|auth=psk|pfs=yes|ike=aes256gcm16-prfsha384-ecp384",
      { PFS, CHILD, GROUP ("20") },
      GROUP ("14") },
    { "gateway=a.example.com|auth=psk|pfs=yes|esp=aes256gcm16|ike=aes256gcm16-prfsha384-ecp384",
      { PFS, CHILD, GROUP ("20") },
      GROUP ("14") },
    { "gateway=a.example.com|auth=psk|kill-switch=yes", { "<key>IncludeAllNetworks</key><integer>1</integer>" }, PFS },
    { "gateway=a.example.com|auth=psk|kill-switch=yes|remote-ts=0.0.0.0/0", { "IncludeAllNetworks" }, PFS },
    { "gateway=a.example.com|auth=psk|kill-switch=yes|remote-ts=10.0.0.0/8", { NULL }, "remote-ts" },
    { "gateway=a.example.com|auth=eap|eap=tls|certificate=nss:a", { METHOD ("Certificate"), EAP }, "AuthName" },
    { "gateway=a.example.com|auth=eap|user=alice", { METHOD ("Certificate"), EAP, "AuthName" }, "Payload-" },
    { "gateway=a.example.com|auth=eap|user=alice|remote-auth=eap-only|eap=ttls", { NULL }, "remote-auth" },
    { "gateway=a.example.com|auth=psk", { METHOD ("SharedSecret") }, EAP },
    { "gateway=a.example.com|auth=cert|certificate=/nowhere/c.p12", { METHOD ("Certificate") }, "pkcs12" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) items = g_strsplit (cases[i].keys, "|", -1);
      g_autoptr (NMConnection) connection = connection_of (items);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = format_named ("mobileconfig")->write (connection, NULL, &error);
      const char *at = text;

      g_test_message ("%s", cases[i].keys);
      if (!cases[i].there[0])
        {
          g_assert_error (error, IPSEC_PROFILE_ERROR, IPSEC_PROFILE_ERROR_BAD_VALUE);
          g_assert_nonnull (strstr (error->message, cases[i].not_there));
          g_assert_null (text);
          continue;
        }
      g_assert_no_error (error);
      for (guint j = 0; cases[i].there[j]; j++)
        {
          at = strstr (at, cases[i].there[j]);
          g_assert_nonnull (at);
        }
      g_assert_null (strstr (text, cases[i].not_there));
    }
}

static void
check_lines (const char *text, const char *lines)
{
  g_auto (GStrv) list = g_strsplit (lines, "|", -1);

  for (guint i = 0; list[i]; i++)
    {
      g_autofree char *line = g_strdup_printf ("\n    %s\n", list[i]);

      if (!strstr (text, line))
        g_test_message ("%s is not in %s", list[i], text);
      g_assert_nonnull (strstr (text, line));
    }
}

/* What a profile does without saying so must stand in the file, whose defaults are others. */
static void
test_defaults (void)
{
  static const struct {
    const char *items, *user_name;
    const char *lines, *back;
  } cases[] = {
    { "gateway=192.0.2.1|user=alice", NULL,
      "leftauth=eap|rightauth=rsasig|leftusername=alice|rightsubnets=0.0.0.0/0,::/0",
      "auth=eap|user=alice|!remote-ts" },
    { "gateway=192.0.2.1", "bob", "leftauth=eap|leftusername=bob", "auth=eap|user=bob" },
    { "gateway=192.0.2.1|psk-flags=1", NULL, "leftauth=secret|rightauth=secret", "auth=psk|!remote-auth|!remote-ts" },
    { "gateway=192.0.2.1|psk-flags=1|user=alice", NULL, "leftauth=secret|leftusername=alice", "auth=psk" },
    { "gateway=192.0.2.1|psk-flags=1|remote-auth=psk", "bob", "leftauth=secret|rightauth=secret", "auth=psk" },
    { "gateway=192.0.2.1|psk-flags=4|user=alice", NULL, "leftauth=eap", "auth=eap" },
    { "gateway=192.0.2.1|certificate=nss:a|psk-flags=1|remote-auth=psk", NULL, "leftauth=rsasig|rightauth=secret",
      "auth=cert|remote-auth=psk" },
    { "gateway=192.0.2.1|certificate=/a.pem|eap=tls|user=alice", NULL, "leftauth=eap-tls|rightauth=rsasig",
      "auth=eap|eap=tls" },
    { "gateway=192.0.2.1|certificate=nss:a|auth2=eap|eap=ttls", "bob",
      "leftauth=rsasig|leftauth2=eap-ttls|rightauth=rsasig|leftusername=bob", "auth=cert|auth2=eap|eap=ttls|user=bob" },
    { "gateway=192.0.2.1|psk-flags=1|auth2=eap", NULL, "leftauth=secret|leftauth2=eap", "auth=psk|auth2=eap|!eap" },
    { "role=server|certificate=nss:gw|auth2=eap|users=/etc/users|pool=10.9.0.0/24", NULL,
      "leftauth=rsasig|rightauth=rsasig|rightauth2=eap|# users cannot be written here",
      "role=server|auth=cert|auth2=eap|!remote-auth" },
    { "gateway=192.0.2.1|psk-flags=1|virtual-ip=10.9.0.7", NULL, "leftsourceip=10.9.0.7",
      "auth=psk|virtual-ip=10.9.0.7" },
    { "gateway=192.0.2.1|psk-flags=1|virtual-ip=no", NULL, "# virtual-ip cannot be written here", "!virtual-ip" },
    { "gateway=192.0.2.1|certificate=nss:a|eap=mschapv2|interface=none", NULL,
      "leftauth=rsasig|rightauth=rsasig|# eap cannot be written here|# interface cannot be written here", "auth=cert" },
    { "gateway=192.0.2.1|psk-flags=1|interface=vti", NULL, "# interface cannot be written here", "auth=psk" },
    { "gateway=192.0.2.1|psk-flags=1|remote-ts=dynamic", NULL, "rightauth=secret", "auth=psk" },
    { PEER RSA_KEYS, NULL, "leftauth=rsasig|rightauth=rsasig", "auth=rsa|role=peer|!remote-ts" },
    { PEER OTHER_KEYS, NULL, "leftauth=ecdsa|leftecdsakey=0s" POINT "|rightpubkey=" SPKI, "auth=rsa|" OTHER_KEYS },
    { "role=peer|gateway=192.0.2.1|psk-flags=1", NULL, "leftauth=secret|rightauth=secret", "role=peer|!remote-ts" },
    { "gateway=192.0.2.1|auth=rsa|local-rsa-key=" CKAID "|certificate=nss:a|remote-rsa-key=0sAwEAAQ==|ca=nss:*", NULL,
      "leftauth=rsasig|leftrsasigkey=" CKAID "|rightca=nss:*|# certificate cannot be written here",
      "auth=rsa|ca=nss:*|local-rsa-key=" CKAID "|!certificate" },
    { "role=peer|gateway=192.0.2.1|auth=rsa|private-key=/a.key|remote-auth=rsa|remote-rsa-key=0sAwEAAQ==|"
      "remote-certificate=/gw.pem",
      NULL, "leftrsasigkey=/a.key|rightrsasigkey=0sAwEAAQ==|# remote-certificate cannot be written here",
      "auth=rsa|local-rsa-key=/a.key|remote-rsa-key=0sAwEAAQ==|!remote-certificate" },
    { "role=peer|gateway=192.0.2.1|auth=psk|remote-auth=psk|remote-rsa-key=0sAwEAAQ==|local-rsa-key=" CKAID, NULL,
      "rightauth=secret|# remote-rsa-key cannot be written here|# local-rsa-key cannot be written here",
      "auth=psk|!remote-rsa-key|!local-rsa-key" },
    { "gateway=192.0.2.1|auth=cert|certificate=nss:a|remote-auth=cert|remote-rsa-key=0sAwEAAQ==", NULL,
      "leftcert=a|rightauth=rsasig|# remote-rsa-key cannot be written here",
      "auth=cert|certificate=nss:a|!remote-auth|!remote-rsa-key" },
    { "role=server|certificate=nss:gw|users=/etc/users|pool=10.9.0.0/24", NULL, "leftauth=rsasig|rightauth=eap",
      "role=server|auth=cert" },
    { "role=mesh|private=10.1.0.0/16|psk-flags=1", NULL, "leftauth=secret|rightauth=secret", "role=mesh|auth=psk" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) own = g_strsplit (cases[i].items, "|", -1);
      g_autoptr (NMConnection) connection = connection_of (own), back = NULL;
      g_auto (GStrv) items = g_strsplit (cases[i].back, "|", -1);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      g_object_set (nm_connection_get_setting_vpn (connection), NM_SETTING_VPN_USER_NAME, cases[i].user_name, NULL);
      text = ipsec_format_ipsec_conf.write (connection, NULL, &error);
      g_assert_no_error (error);
      check_lines (text, cases[i].lines);
      back = ipsec_formats_import_text ("back.conf", text, strlen (text), NULL, NULL, &error);
      g_assert_no_error (error);
      for (guint j = 0; items[j]; j++)
        {
          char *equals = strchr (items[j], '=');
          const char *want = equals ? equals + 1 : NULL;

          if (equals)
            *equals = '\0';
          g_assert_cmpstr (nm_setting_vpn_get_data_item (nm_connection_get_setting_vpn (back),
                                                         items[j] + (items[j][0] == '!')),
                           ==, want);
        }
    }
}

/* Of the table of keys, in the order of no table: what is said beside it, and a value that is not the usual one. */
static const struct {
  const char *key, *value;
  const char *beside; /* NULL: client */
} samples[] = {
  { "gateway", "a.example.com", NULL },
  { "role", "peer", "gateway=a.example.com|auth=psk" },
  { "start", "ondemand", NULL },
  { "idle-timeout", "5m", "gateway=a.example.com|auth=eap|user=alice|start=ondemand" },
  { "ike-version", "1", "gateway=a.example.com|auth=psk" },
  { "auth", "eap", "gateway=a.example.com|user=alice" },
  { "auth2", "eap", "gateway=a.example.com|auth=cert|certificate=nss:a|user=alice" },
  { "remote-auth", "psk", NULL },
  { "local-id", "laptop.example.com", NULL },
  { "remote-id", "gw.example.com", NULL },
  { "local-address", "192.0.2.7", NULL },
  { "local-port", "4501", NULL },
  { "remote-port", "1500", NULL },
  { "certificate", "/nowhere/a.pem", "gateway=a.example.com|auth=cert" },
  { "private-key", "/nowhere/a.key", "gateway=a.example.com|auth=cert|certificate=nss:a" },
  { "ca", "/nowhere/ca.pem", NULL },
  { "remote-certificate", "/nowhere/gw.pem", NULL },
  { "revocation", "strict", NULL },
  { "require-id-on-certificate", "no", NULL },
  { "rsa-sha1", "yes", NULL },
  { "local-rsa-key", CKAID, NULL },
  { "remote-rsa-key", CKAID, NULL },
  { "user", "bob", "gateway=a.example.com|auth=eap" },
  { "eap", "mschapv2", NULL },
  { "eap-identity", "anonymous", NULL },
  { "eap-phase2", "gtc", NULL },
  { "eap-ca", "/nowhere/radius.pem", NULL },
  { "eap-server-name", "radius.example.com", NULL },
  { "xauth", "yes", NULL },
  { "ppk", "yes", NULL },
  { "ppk-id", "alice", NULL },
  { "ppk-file", "/var/lib/pad", NULL },
  { "ike", "aes256-sha256-prfsha256-modp2048", NULL },
  { "esp", "aes256-sha256-modp2048", NULL },
  { "pfs", "yes", NULL },
  { "childless", "yes", NULL },
  { "crypto-policy", "ignore", NULL },
  { "ike-lifetime", "4h", NULL },
  { "esp-lifetime", "2h", NULL },
  { "rekey-margin", "5m", NULL },
  { "esp-bytes", "1G", NULL },
  { "rekey", "no", NULL },
  { "reauth", "yes", NULL },
  { "local-ts", "10.1.0.0/16", NULL },
  { "remote-ts", "10.0.0.0/8", NULL },
  { "virtual-ip", "10.9.0.7,2001:db8::7", NULL },
  { "mode", "iptfs", NULL },
  { "interface", "xfrm", NULL },
  { "if-id", "7", NULL },
  { "narrowing", "no", NULL },
  { "mobike", "no", NULL },
  { "fragmentation", "force", NULL },
  { "compress", "yes", NULL },
  { "esn", "force", NULL },
  { "tfc", "yes", NULL },
  { "encap", "force", NULL },
  { "ipcomp", "yes", NULL },
  { "tcp", "fallback", NULL },
  { "tcp-port", "443", NULL },
  { "dpd-delay", "10m", NULL },
  { "dpd-timeout", "1m", NULL },
  { "keyingtries", "1", NULL },
  { "retransmit-timeout", "1m", NULL },
  { "mtu", "1400", NULL },
  { "mss-clamp", "1300", NULL },
  { "nic-offload", "packet", NULL },
  { "kill-switch", "yes", NULL },
  { "kill-switch-except", "10.0.0.0/8", NULL },
  { "replay-window", "64", NULL },
  { "mark", "0x1", NULL },
  { "copy-dscp", "no", NULL },
  { "sec-label", "system_u:object_r:ipsec_spd_t:s0", NULL },
  { "cpus", "4", NULL },
  { "pool", "10.9.0.0/24", "role=server|auth=psk" },
  { "pool6", "2001:db8:9::/64", "role=server|auth=psk" },
  { "push-dns", "10.9.0.1", "role=server|auth=psk|pool=10.9.0.0/24" },
  { "push-domains", "example.com", "role=server|auth=psk|pool=10.9.0.0/24" },
  { "push-banner", "Welcome", "role=server|auth=psk|pool=10.9.0.0/24" },
  { "users", "/etc/users", "role=server|auth=cert|pool=10.9.0.0/24" },
  { "pam-service", "vpn", "role=server|auth=psk|pool=10.9.0.0/24" },
  { "unique", "keep", "role=server|auth=psk|pool=10.9.0.0/24" },
  { "redirect-to", "b.example.com", "role=server|auth=psk|pool=10.9.0.0/24" },
  { "private", "10.0.0.0/8", "role=mesh|auth=psk" },
  { "private-or-clear", "10.0.0.0/8", "role=mesh|auth=psk" },
  { "clear-or-private", "10.0.0.0/8", "role=mesh|auth=psk" },
  { "clear", "10.1.0.0/16", "role=mesh|auth=psk|private=10.0.0.0/8" },
  { "block", "10.1.0.0/16", "role=mesh|auth=psk|private=10.0.0.0/8" },
  { "log-level", "7", NULL },
};

/* As a word of a list. */
static gboolean
names_key (const char *sentence, const char *key)
{
  g_autofree char *pattern = g_strdup_printf ("(^|[ “])%s([,.=” ]|$)", key);

  return g_regex_match_simple (pattern, sentence, 0, 0);
}

static gboolean
is_told (GPtrArray *notes, const char *key, const char *value)
{
  for (guint i = 0; i < notes->len; i++)
    if (names_key (notes->pdata[i], key) || strstr (notes->pdata[i], value))
      return TRUE;
  return FALSE;
}

static void
check_sample (guint index, const IpsecFormat *format)
{
  const char *key = samples[index].key, *value = samples[index].value, *beside = samples[index].beside;
  g_autofree char *all =
      g_strdup_printf ("%s|%s=%s", beside ? beside : "gateway=vpn.example.com|auth=eap|user=alice", key, value);
  g_auto (GStrv) items = g_strsplit (all, "|", -1);
  g_autoptr (NMConnection) connection = connection_of (items), back = NULL;
  const char *before = nm_setting_vpn_get_data_item (nm_connection_get_setting_vpn (connection), key), *after;
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = format->write (connection, notes, &error);

  g_test_message ("%s: %s", format->name, all);
  if (!text)
    {
      g_assert_true (names_key (error->message, key) || strstr (error->message, value) ||
                     strstr (error->message, "can only be a client"));
      return;
    }
  back = ipsec_formats_import_text ("back.conf", text, strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
  after = nm_setting_vpn_get_data_item (nm_connection_get_setting_vpn (back), key);
  if (g_strcmp0 (before, after) != is_told (notes, key, value))
    g_test_message ("was %s, is %s", before, after);
  g_assert_true ((g_strcmp0 (before, after) == 0) != is_told (notes, key, value));
}

/* Whatever a profile can say, a file says it too, or it is told that it does not, or there is no file. */
static void
test_nothing_in_silence (void)
{
  const IpsecFormat *format;
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)); i++)
    {
      gboolean found = key->secret;

      for (guint j = 0; j < G_N_ELEMENTS (samples); j++)
        found = found || !strcmp (samples[j].key, key->name);
      if (!found)
        g_test_message ("no sample has %s", key->name);
      g_assert_true (found);
    }
  for (guint i = 0; (format = ipsec_format_at (i)); i++)
    for (guint j = 0; format->write && j < G_N_ELEMENTS (samples); j++)
      check_sample (j, format);
}

/* Which of it means another connection, so that there is no file, and which does not. */
static const struct {
  const char *format, *items, *refused, *told;
} refusals[] = {
  { "sswan", "auth=eap|user=a|kill-switch=yes", "kill-switch", NULL },
  { "sswan", "auth=eap|user=a|kill-switch=no", NULL, NULL },
  { "sswan", "auth=eap|user=a|ppk=insist|ppk-id=x", "ppk", NULL },
  { "sswan", "auth=eap|user=a|ppk=yes|ppk-id=x", NULL, "ppk, ppk-id" },
  { "sswan", "auth=eap|user=a|remote-ts=10.0.0.0/8[tcp/443]", "remote-ts", NULL },
  { "sswan", "auth=eap|user=a|remote-ts=dynamic", "remote-ts", NULL },
  { "sswan", "auth=eap|user=a|local-ts=10.1.0.0/16|mark=7|mode=transport", "local-ts, mode, mark", NULL },
  { "sswan", "auth=eap|user=a|ca=nss:gw", "ca", NULL },
  { "sswan", "auth=eap|user=a|ca=/nowhere/ca.pem", "/nowhere/ca.pem", NULL },
  { "sswan", "auth=eap|user=a|ca=system", NULL, NULL },
  { "sswan", "auth=eap|user=a|remote-auth=psk", "remote-auth", NULL },
  { "sswan", "auth=eap|user=a|remote-auth=cert", NULL, NULL },
  { "sswan", "auth=eap|user=a|remote-rsa-key=" CKAID, "remote-rsa-key", NULL },
  { "sswan", "auth=eap|user=a|remote-id=%fromcert", "remote-id=%fromcert", NULL },
  { "sswan", "auth=cert|certificate=nss:a|local-id=%fromcert", NULL, "“nss:a”" },
  { "sswan", "auth=cert|certificate=pkcs11:a", NULL, "“pkcs11:a”" },
  { "sswan", "auth=cert|certificate=data:;base64,MBIw", NULL, "“data:”" },
  { "sswan", "auth=cert|certificate=/a.pem|private-key=/a.key", NULL, "“/a.pem, /a.key”" },
  { "sswan", "auth=cert|certificate=/nowhere/a.p12", NULL, "“/nowhere/a.p12” cannot be read" },
  { "sswan", "auth=cert|certificate=/a.pem|auth2=eap|eap=tls", "can only be a client", NULL },
  { "sswan", "auth=psk|auth2=eap", "can only be a client", NULL },
  { "sswan", "auth=eap|user=a|ike=aes256-sha256-modp2048,aes128-sha1-modp1024", NULL, ": ike." },
  { "sswan", "auth=eap|user=a|ike=default|esp=default", NULL, NULL },
  { "sswan", "auth=eap|user=a|dpd-delay=10s|tcp=yes|interface=none", NULL, "interface, tcp, dpd-delay" },
  { "mobileconfig", "auth=cert|certificate=/a.pem|auth2=eap", "auth2", NULL },
  { "mobileconfig", "auth=psk|remote-ts=10.0.0.0/8|ppk=insist", "ppk, remote-ts", NULL },
  { "mobileconfig", "auth=psk|remote-ts=0.0.0.0/0", NULL, ": remote-ts." },
  { "mobileconfig", "auth=psk|remote-ts=0.0.0.0/0, ::/0", NULL, NULL },
  { "mobileconfig", "auth=psk|kill-switch=yes|kill-switch-except=10.0.0.0/8", NULL, ": kill-switch-except." },
  { "mobileconfig", "auth=psk|remote-auth=cert", "remote-auth", NULL },
  { "mobileconfig", "auth=eap|user=a|ca=nss:gw", NULL, ": ca." },
  { "mobileconfig", "auth=psk|ike=aes256gcm16-prfsha256-x25519-ke1_mlkem768", "ike", NULL },
  { "mobileconfig", "auth=psk|ike=aes256gcm16-prfsha256-x25519-ke1_mlkem768-ke1_none", NULL, ": ike." },
  { "mobileconfig", "auth=psk|ike=camellia256-sha256-modp2048|esp=aes256ctr-sha256", "ike, esp", NULL },
  { "mobileconfig", "auth=psk|ike=camellia256-sha256-modp2048,aes256-sha256-modp2048", NULL, ": ike." },
  { "mobileconfig", "auth=psk|ike=aes256-sha256-prfsha384-modp2048", "ike", NULL },
  { "mobileconfig", "auth=psk|esp=aes256gcm16-esn", NULL, ": esp." },
  { "mobileconfig", "auth=cert|certificate=/nowhere/a--b.pem", NULL, "“/nowhere/a--b.pem”" },
  { "ipsec.conf", "auth=psk|kill-switch=yes|cpus=4", NULL, "kill-switch" },
  { "ipsec.conf", "auth=psk|local-id=@\"a\"", NULL, ": leftid." },
  { "ipsec.conf", "auth=psk|remote-id=@\"a\"", "rightid", NULL },
  { "ipsec.conf", "auth=eap|user=%any", NULL, ": leftusername." },
  { "ipsec.conf", "auth=cert|certificate=nss:a/b", NULL, ": leftcert." },
  { "ipsec.conf", "auth=cert|certificate=nss:a.p12", NULL, ": leftcert." },
  { "ipsec.conf", "auth=cert|certificate=nss:pkcs11:a", NULL, ": leftcert." },
  { "ipsec.conf", "auth=psk|remote-auth=cert|remote-certificate=nss:b.pem", "rightcert", NULL },
  { "ipsec.conf", "auth=psk|remote-auth=cert|remote-certificate=nss:b pem", NULL, NULL },
  { "ipsec.conf", "auth=psk|remote-auth=cert|remote-id=%fromcert", NULL, ": rightid." },
  { "ipsec.conf", "auth=psk|remote-auth=cert|remote-id=%fromcert|ca=/a.pem", NULL, NULL },
  { "ipsec.conf", "auth=psk|remote-ts=dynamic", NULL, ": remote-ts." },
  { "ipsec.conf", "auth=psk|remote-ts=dynamic|role=peer", NULL, NULL },
  { "ipsec.conf", "auth=eap|role=peer", "peer with EAP", NULL },
  { "sswan", "auth=eap|user=a|local-id=%fromcert", NULL, ": local-id." },
  { "mobileconfig", "auth=eap|user=a|local-id=%fromcert", NULL, ": local-id." },
  { "mobileconfig", "auth=psk|local-id=email:a@example.com", "local-id=email:a@example.com", NULL },
};

static void
test_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *all = g_strdup_printf ("gateway=vpn.example.com|%s", refusals[i].items), *text = NULL;
      g_auto (GStrv) items = g_strsplit (all, "|", -1);
      g_autoptr (NMConnection) connection = connection_of (items);
      g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GError) error = NULL;

      text = format_named (refusals[i].format)->write (connection, notes, &error);
      g_test_message ("%s: %s: %s", refusals[i].format, all, error ? error->message : "written");
      for (guint j = 0; j < notes->len; j++)
        g_test_message ("%s", (const char *) notes->pdata[j]);
      g_assert_true (!text == !!refusals[i].refused);
      if (refusals[i].refused)
        g_assert_nonnull (strstr (error->message, refusals[i].refused));
      else
        g_assert_cmpuint (notes->len, ==, refusals[i].told ? 1 : 0);
      if (refusals[i].told)
        g_assert_nonnull (strstr (notes->pdata[0], refusals[i].told));
    }
}

/* Of a file of authorities the first goes with the profile of a phone, of either kind. */
static void
test_authorities (void)
{
  static const char one[] = "-----BEGIN CERTIFICATE-----\nMBIwEDAOBgNVBAMMB0V4YW1wbGU=\n-----END CERTIFICATE-----\n";
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "export-XXXXXX.pem", NULL);
  g_autofree char *two = g_strconcat (one, one, NULL), *all = NULL, *uri = NULL;
  int fd = g_mkstemp (path);

  g_assert_cmpint (fd, >=, 0);
  uri = g_strconcat ("file://", path, NULL);
  g_assert_true (g_close (fd, NULL));
  all = g_strdup_printf ("gateway=a.example.com|auth=eap|user=alice|ca=%s", path);
  for (guint i = 1; i <= 2; i++)
    {
      g_auto (GStrv) items = g_strsplit (all, "|", -1);
      g_autoptr (NMConnection) connection = connection_of (items);
      g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL, *apple = NULL;

      if (i == 1) /* as nmcli leaves it */
        nm_setting_vpn_add_data_item (nm_connection_get_setting_vpn (connection), "ca", uri);
      g_assert_true (g_file_set_contents (path, i == 2 ? two : one, -1, NULL));
      text = format_named ("sswan")->write (connection, notes, &error);
      g_assert_no_error (error);
      g_assert_nonnull (strstr (text, "\"MBIwEDAOBgNVBAMMB0V4YW1wbGU=\""));
      g_assert_cmpuint (notes->len, ==, i - 1);
      if (i == 2)
        g_assert_true (names_key (notes->pdata[0], "ca"));
      apple = format_named ("mobileconfig")->write (connection, notes, &error);
      g_assert_no_error (error);
      g_assert_nonnull (strstr (apple, "<data>MBIwEDAOBgNVBAMMB0V4YW1wbGU=</data>"));
      g_assert_cmpuint (notes->len, ==, (i - 1) * 2);
      g_assert_cmpint (i == 2, ==, strstr (apple, ": ca. -->") != NULL);
    }
  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* What ca, or a file that is called PKCS#12, may hold beside certificates stays here, whatever it is called. */
static void
test_private_key (void)
{
#define CERTIFICATE "-----BEGIN CERTIFICATE-----\nMBIwEDAOBgNVBAMMB0V4YW1wbGU=\n-----END CERTIFICATE-----\n"
#define KEY "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8=\n-----END PRIVATE KEY-----\n"
  static const struct {
    const char *key, *suffix, *content;
    gsize len;
    const char *apple, *android; /* what is in it; NULL: nothing, which is told, or that is refused */
  } cases[] = {
    { "ca", ".pem", KEY CERTIFICATE, 0, "<data>MBIw", "\"MBIw" },
    { "ca", ".pem", CERTIFICATE KEY, 0, "<data>MBIw", "\"MBIw" },
    { "ca", ".pem", KEY, 0, NULL, NULL },
    { "ca", ".der", "\x30\x0b\x02\x01\0\x30\x02\x06\0\x04\x02KK", 13, NULL, NULL }, /* PKCS#8 */
    { "ca", ".der", "\x30\x08\x30\x02\x06\0\x04\x02KK", 10, NULL, NULL }, /* an encrypted one */
    { "ca", ".der", "\x30\x12\x30\x08\xa0\x01\x02\x02\x03XXX\x30\x02\x06\0\x03\x02ZZ", 20,
      "<data>MBIwCKABAgIDWFhYMAIGAAMCWlo=", "\"MBIwCKABAgIDWFhYMAIGAAMCWlo=" },
    { "certificate", ".p12", KEY CERTIFICATE, 0, NULL, NULL },
    { "certificate", ".p12", "\x30\x12\x02\x01\x03----------------", 20, "<data>MBICAQMt", "\"MBICAQMt" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat (g_get_tmp_dir (), "/export-XXXXXX", cases[i].suffix, NULL);
      int fd = g_mkstemp (path);
      g_autofree char *all = g_strdup_printf ("gateway=a.example.com|auth=cert|%s=%s", cases[i].key, path);

      g_assert_cmpint (fd, >=, 0);
      g_assert_true (g_close (fd, NULL));
      g_assert_true (g_file_set_contents (path, cases[i].content, cases[i].len > 0 ? (gssize) cases[i].len : -1, NULL));
      for (guint j = 0; j < 2; j++)
        {
          g_auto (GStrv) items = g_strsplit (all, "|", -1);
          g_autoptr (NMConnection) connection = connection_of (items);
          g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
          g_autoptr (GError) error = NULL;
          g_autofree char *text = format_named (j == 0 ? "mobileconfig" : "sswan")->write (connection, notes, &error);
          const char *there = j == 0 ? cases[i].apple : cases[i].android;

          g_test_message ("%u", i);
          if (there)
            g_assert_nonnull (strstr (text, there));
          else if (text)
            g_assert_true (notes->len == 1 && strstr (notes->pdata[0], cases[i].key[1] == 'a' ? ": ca." : path));
          else
            g_assert_nonnull (strstr (error->message, ": ca."));
          if (!text)
            continue;
          g_assert_null (strstr (text, "<data>LS0t"));
          g_assert_null (strstr (text, "\"LS0t"));
        }
      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

/* The user of whom only NetworkManager knows, and what has no place in the file, stand in it. */
static void
test_comments (void)
{
  char *items[] = { g_strdup ("gateway=a.example.com,b.example.com"), g_strdup ("auth=eap"), g_strdup ("tcp=yes"),
                    g_strdup ("certificate=/nowhere/a--b.pem"),       g_strdup ("eap=tls"),  NULL };
  g_autoptr (NMConnection) connection = connection_of (items), back = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL, *profile = NULL;

  text = format_named ("mobileconfig")->write (connection, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (text, "a- -b.pem"));
  g_assert_nonnull (strstr (text, ": gateway, eap, tcp. -->\n<plist"));
  g_object_set (nm_connection_get_setting_vpn (connection), NM_SETTING_VPN_USER_NAME, "bob", NULL);
  nm_setting_vpn_remove_data_item (nm_connection_get_setting_vpn (connection), "eap");
  profile = format_named ("sswan")->write (connection, NULL, &error);
  g_assert_no_error (error);
  back = ipsec_formats_import_text ("x", profile, strlen (profile), NULL, NULL, &error);
  g_assert_cmpstr (nm_setting_vpn_get_data_item (nm_connection_get_setting_vpn (back), "user"), ==, "bob");
  /* blanks do not count */
  nm_setting_vpn_add_data_item (nm_connection_get_setting_vpn (connection), "ppk", " insist");
  g_assert_null (format_named ("mobileconfig")->write (connection, NULL, &error));
  g_assert_error (error, IPSEC_PROFILE_ERROR, IPSEC_PROFILE_ERROR_BAD_VALUE);
  g_clear_error (&error);
  nm_setting_vpn_remove_data_item (nm_connection_get_setting_vpn (connection), "ppk");
  /* a PIN that should not be in a profile goes nowhere else */
  nm_setting_vpn_add_data_item (nm_connection_get_setting_vpn (connection), "auth", "cert");
  nm_setting_vpn_add_data_item (nm_connection_get_setting_vpn (connection), "certificate", "pkcs11:a?pin-value=1234");
  g_free (text);
  text = format_named ("mobileconfig")->write (connection, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (text, "“?”"));
  g_assert_null (strstr (text, "1234"));
  for (guint i = 0; items[i]; i++)
    g_free (items[i]);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/export/apple", test_apple);
  g_test_add_func ("/export/defaults", test_defaults);
  g_test_add_func ("/export/nothing-in-silence", test_nothing_in_silence);
  g_test_add_func ("/export/refusals", test_refusals);
  g_test_add_func ("/export/authorities", test_authorities);
  g_test_add_func ("/export/private-key", test_private_key);
  g_test_add_func ("/export/comments", test_comments);
  return g_test_run ();
}
