/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole profiles: defaults, unknown keys, what is not supported yet, contradictions, round trip. */
#include "profile-test.h"

#include "profile/proposal.h"
#include "profile/unsupported.h"

#define UNKNOWN IPSEC_PROFILE_ERROR_UNKNOWN_KEY
#define BAD IPSEC_PROFILE_ERROR_BAD_VALUE
#define MISSING IPSEC_PROFILE_ERROR_MISSING_KEY
#define CONFLICT IPSEC_PROFILE_ERROR_CONFLICT
#define UNSUPPORTED IPSEC_PROFILE_ERROR_UNSUPPORTED
#define PSK "psk=correct horse battery staple"

static void
test_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecProfile) p = profile_of (LIST ("gateway=vpn.example.com"), LIST (PSK), NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (p->role, ==, IPSEC_ROLE_CLIENT);
  g_assert_cmpint (g_strv_length (p->outer.gateways), ==, 1);
  g_assert_cmpstr (p->outer.gateways[0], ==, "vpn.example.com");
  g_assert_cmpint (p->outer.local_address.family, ==, 0);
  g_assert_cmpint (p->outer.local_port, ==, 0);
  g_assert_cmpint (p->outer.remote_port, ==, 500);
  g_assert_true (p->outer.mobike);
  g_assert_true (p->outer.fragmentation);
  g_assert_false (p->outer.fragment_all);
  g_assert_cmpint (p->outer.encap, ==, IPSEC_ENCAP_DETECT);
  g_assert_cmpuint (p->tunnel.if_id | p->tunnel.mark | p->tunnel.mark_mask, ==, 0);
  g_assert_cmpint (p->outer.dpd_delay, ==, 30);
  g_assert_cmpint (p->outer.dpd_timeout, ==, 120);
  g_assert_cmpint (p->outer.retransmit_timeout, ==, 0);
  g_assert_true (p->outer.keep_trying);
  g_assert_cmpstr (p->auth.ca, ==, "system");
  g_assert_true (p->auth.require_id);
  g_assert_cmpint (p->protection.ike_lifetime, ==, 8 * 3600);
  g_assert_cmpint (p->protection.esp_lifetime, ==, 3600);
  g_assert_cmpint (p->protection.ike_margin, ==, 540);
  g_assert_cmpint (p->protection.esp_margin, ==, 360);
  g_assert_cmpuint (p->protection.esp_bytes, ==, 0);
  g_assert_false (p->protection.reauth);
  g_assert_true (p->protection.system_policy);
  g_assert_cmpint (p->tunnel.local_ts->len, ==, 0);
  g_assert_cmpint (p->tunnel.remote_ts->len, ==, 2);
  g_assert_true (p->tunnel.want_address4);
  g_assert_true (p->tunnel.want_address6);
  g_assert_cmpint (p->tunnel.ask_address4.family, ==, 0);
  g_assert_cmpint (p->tunnel.interface, ==, IPSEC_INTERFACE_AUTO);
  g_assert_cmpint (p->tunnel.mtu, ==, 0);
  g_assert_cmpint (p->tunnel.replay_window, ==, 128);
  g_assert_cmpuint (p->tunnel.cpus, ==, 0);
  g_assert_cmpint (p->log_level, ==, -1);
  g_assert_cmpint (p->warnings->len, ==, 0);
}

static void
test_every_field (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecProfile) p = profile_of (
      LIST ("gateway=a.example, 192.0.2.1,2001:db8::1", "auth=cert", "remote-auth=psk", "local-id=@me.example",
            "remote-id=O=Example, CN=gw", "local-address=198.51.100.1", "local-port=4501", "remote-port=4500",
            "certificate=/etc/me.pem", "private-key=/etc/me.key", "ca=/etc/ca.pem", "require-id-on-certificate=no",
            "ike=aes256-sha256-modp2048", "esp=aes128gcm16", "pfs=no", "crypto-policy=ignore", "ike-lifetime=1h",
            "esp-lifetime=10m", "rekey-margin=2m", "esp-bytes=1G", "reauth=yes", "local-ts=10.1.0.0/16",
            "remote-ts=10.2.0.0/16[tcp/443],10.3.0.0/16", "virtual-ip=10.1.0.7,2001:db8::7", "interface=vti",
            "mobike=no", "fragmentation=no", "childless=yes", "esn=yes", "encap=force", "tcp=fallback", "tcp-port=443",
            "dpd-delay=10s", "dpd-timeout=1m", "keyingtries=1", "retransmit-timeout=5s", "mtu=1400", "replay-window=64",
            "cpus=8", "log-level=7"),
      LIST (PSK), NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (g_strv_length (p->outer.gateways), ==, 3);
  g_assert_cmpstr (p->outer.gateways[2], ==, "2001:db8::1");
  g_assert_cmpint (p->outer.local_address.family, ==, 4);
  g_assert_cmpint (p->outer.local_port, ==, 4501);
  g_assert_cmpint (p->outer.remote_port, ==, 4500);
  g_assert_false (p->outer.mobike);
  g_assert_false (p->outer.fragmentation);
  g_assert_true (p->outer.childless);
  g_assert_cmpint (p->outer.encap, ==, IPSEC_ENCAP_ALWAYS);
  g_assert_cmpint (p->outer.tcp, ==, IPSEC_TCP_FALLBACK);
  g_assert_cmpint (p->outer.tcp_port, ==, 443);
  g_assert_cmpint (p->outer.dpd_delay, ==, 10);
  g_assert_cmpint (p->outer.dpd_timeout, ==, 60);
  g_assert_cmpint (p->outer.retransmit_timeout, ==, 5);
  g_assert_false (p->outer.keep_trying);
  g_assert_cmpint (p->auth.local, ==, IPSEC_AUTH_CERT);
  g_assert_cmpint (p->auth.remote, ==, IPSEC_AUTH_PSK);
  g_assert_cmpint (p->auth.local_id->kind, ==, IPSEC_IDENTITY_FQDN);
  g_assert_cmpint (p->auth.remote_id->kind, ==, IPSEC_IDENTITY_DN);
  g_assert_cmpstr (p->auth.certificate, ==, "/etc/me.pem");
  g_assert_cmpstr (p->auth.private_key, ==, "/etc/me.key");
  g_assert_cmpstr (p->auth.ca, ==, "/etc/ca.pem");
  g_assert_false (p->auth.require_id);
  g_assert_cmpint (p->protection.ike_lifetime, ==, 3600);
  g_assert_cmpint (p->protection.esp_lifetime, ==, 600);
  g_assert_cmpint (p->protection.ike_margin, ==, 120);
  g_assert_cmpint (p->protection.esp_margin, ==, 120);
  g_assert_cmpuint (p->protection.esp_bytes, ==, 1 << 30);
  g_assert_true (p->protection.reauth);
  g_assert_false (p->protection.system_policy);
  g_assert_cmpint (p->tunnel.local_ts->len, ==, 1);
  g_assert_cmpint (p->tunnel.remote_ts->len, ==, 2);
  g_assert_true (p->tunnel.want_address4);
  g_assert_true (p->tunnel.want_address6);
  g_assert_cmpint (p->tunnel.ask_address4.bytes[3], ==, 7);
  g_assert_cmpint (p->tunnel.ask_address6.family, ==, 6);
  g_assert_cmpint (p->tunnel.interface, ==, IPSEC_INTERFACE_VTI);
  g_assert_cmpint (p->tunnel.mtu, ==, 1400);
  g_assert_cmpint (p->tunnel.replay_window, ==, 64);
  g_assert_cmpuint (p->tunnel.cpus, ==, 8);
  g_assert_cmpint (p->log_level, ==, 7);
}

static char *
esp_of (const char *const *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecProfile) p = profile_of (data, LIST (PSK), NULL, &error);

  g_assert_no_error (error);
  return ipsec_proposals_to_string (IKE_PROTOCOL_ESP, p->protection.esp);
}

/* PFS and ESN in what ESP offers. */
static void
test_esp_completed (void)
{
  static const struct {
    const char *const data[6];
    const char *expected;
  } cases[] = {
    { { "gateway=a", "ike=aes256-sha1-ecp256-modp2048", "esp=aes256gcm16" },
      "aes256gcm16-ecp256-modp2048-noesn,aes256gcm16-noesn" },
    { { "gateway=a", "ike=aes256-sha1-ecp256", "esp=aes256gcm16", "pfs=yes" }, "aes256gcm16-ecp256-noesn" },
    { { "gateway=a", "ike=aes256-sha1-ecp256", "esp=aes256gcm16", "pfs=no" }, "aes256gcm16-noesn" },
    { { "gateway=a", "esp=aes256gcm16-modp2048", "pfs=no" }, "aes256gcm16-noesn" },
    { { "gateway=a", "esp=aes256gcm16-modp2048" }, "aes256gcm16-modp2048-noesn" },
    { { "gateway=a", "ike=aes256-sha1-ecp256,aes128-sha1-ecp256-ecp384", "esp=aes256gcm16-x25519,aes128-sha1",
        "esn=yes" },
      "aes256gcm16-x25519-esn-noesn,aes128-sha1-ecp256-ecp384-esn-noesn,aes128-sha1-esn-noesn" },
    { { "gateway=a", "esp=aes256gcm16", "esn=force", "pfs=no" }, "aes256gcm16-esn" },
    { { "gateway=a", "esp=aes256gcm16-noesn", "esn=force", "pfs=no" }, "aes256gcm16-noesn" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *esp = esp_of (cases[i].data);

      g_assert_cmpstr (esp, ==, cases[i].expected);
    }
}

static void
test_virtual_ip (void)
{
  static const struct {
    const char *const data[4];
    gboolean want4, want6;
  } cases[] = {
    { { "gateway=a" }, TRUE, TRUE },
    { { "gateway=a", "remote-ts=10.0.0.0/8" }, TRUE, FALSE },
    { { "gateway=a", "remote-ts=::/0" }, FALSE, TRUE },
    { { "gateway=a", "remote-ts=::/0", "virtual-ip=yes" }, TRUE, TRUE },
    { { "gateway=a", "virtual-ip=no" }, FALSE, FALSE },
    { { "gateway=a", "local-ts=10.0.0.0/24" }, FALSE, FALSE },
    { { "gateway=a", "local-ts=10.0.0.0/24", "virtual-ip=yes" }, TRUE, TRUE },
    { { "gateway=a", "virtual-ip=2001:db8::1" }, FALSE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (IpsecProfile) p = profile_of (cases[i].data, LIST (PSK), NULL, NULL);

      g_assert_cmpint (p->tunnel.want_address4, ==, cases[i].want4);
      g_assert_cmpint (p->tunnel.want_address6, ==, cases[i].want6);
    }
}

static void
test_unknown (void)
{
  assert_refused (LIST ("gatway=a"), LIST (PSK), UNKNOWN, "“gatway”|gateway");
  assert_refused (LIST ("gateway=a", "right=b"), LIST (PSK), UNKNOWN, "“right”");
  assert_refused (LIST ("gateway=a", "pskk-flags=1"), LIST (PSK), UNKNOWN, "“pskk-flags”|psk-flags");
  assert_refused (LIST ("gateway=a", "gateway-flags=1"), LIST (PSK), UNKNOWN, "“gateway-flags”");
  assert_refused (LIST ("gateway=a", "psk=b"), NULL, UNKNOWN, "psk|vpn.secrets");
  assert_refused (LIST ("gateway=a"), LIST ("gateway=b"), UNKNOWN, "gateway|vpn.data");
  assert_refused (LIST ("gateway=a"), LIST ("pasword=b"), UNKNOWN, "“pasword”|password");
  assert_refused (LIST ("gateway=a", "Gateway=b"), LIST (PSK), UNKNOWN, "“Gateway”|gateway");
  assert_refused (LIST ("gateway=a", "a\nleftupdown=b"), LIST (PSK), UNKNOWN, "\\n");
  assert_refused (LIST ("gateway=a", "x-\n=b"), LIST (PSK), UNKNOWN, "\\n");
  assert_refused (LIST ("gateway=a", "\xff=b"), LIST (PSK), UNKNOWN, "\\xff");
  assert_refused (LIST ("gateway=a", "=b"), LIST (PSK), UNKNOWN, "“”");
}

static void
test_foreign (void)
{
  g_autoptr (IpsecProfile) p =
      profile_of (LIST ("gateway=a", "x-note=  any, thing = ", "x-="), LIST (PSK, "x-other=b"), NULL, NULL);

  g_assert_nonnull (p);
  g_assert_cmpstr (g_hash_table_lookup (p->data, "x-note"), ==, "  any, thing = ");
  g_assert_cmpstr (g_hash_table_lookup (p->data, "x-"), ==, "");
  assert_refused (LIST ("gateway=a", "x-note=a\nb"), LIST (PSK), BAD, "x-note|\\n");
  assert_refused (LIST ("gateway=a", "x-note=\xff"), LIST (PSK), BAD, "x-note");
}

/* protocol 4.4 rows 66, 69: injected lines in every key; the control character is what is wrong, whatever the key. */
static void
test_injection (void)
{
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      g_autofree char *item = g_strconcat (key->name, "=", "a\nleftupdown=/bin/sh", NULL);
      g_autofree char *flags = g_strconcat (key->name, "-flags=1\n", NULL),
                      *words = g_strconcat (key->name, ": |\\n", NULL);

      if (!key->secret)
        assert_refused (LIST (item), LIST (PSK), BAD, words);
      else
        assert_refused (LIST ("gateway=a", flags), LIST (PSK), BAD, key->name);
    }
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (profile_of (LIST ("gateway=a"), LIST (PSK), "alice\nx", &error));
    g_assert_error (error, IPSEC_PROFILE_ERROR, BAD);
    assert_message_has (error, "vpn.user-name|\\n");
  }
}

/* Row 70: secrets are octets for a protocol, not lines of a file: they are taken as they are. */
static void
test_secrets_verbatim (void)
{
  g_autoptr (IpsecProfile) p =
      profile_of (LIST ("gateway=a", "user=u"), LIST ("password=a\nPassword helper /bin/sh"), NULL, NULL);
  g_autofree char *huge = g_strnfill (5000, 'a'), *item = g_strconcat ("password=", huge, NULL);

  g_assert_nonnull (p);
  g_assert_true (ipsec_profile_has_secret (p, "password"));
  assert_refused (LIST ("gateway=a"), LIST (item), BAD, "password");
  assert_refused (LIST ("gateway=a"), LIST ("nonsense=true"), UNKNOWN, "nonsense");
  {
    g_autoptr (IpsecProfile) without =
        profile_of (LIST ("gateway=a", "auth=cert", "certificate=/a"), LIST (IPSEC_NO_SECRET "=true"), NULL, NULL);

    g_assert_nonnull (without);
    g_assert_false (ipsec_profile_has_secret (without, IPSEC_NO_SECRET));
  }
}

/* Number and mark: what they become, and with which interface they make no sense. */
static void
test_scope (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecProfile) p = profile_of (
      LIST ("gateway=a", "if-id=77", "mark=0x10/0xf0", "encap=no", "fragmentation=force"), LIST (PSK), NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (p->tunnel.if_id, ==, 77);
  g_assert_cmphex (p->tunnel.mark, ==, 0x10);
  g_assert_cmphex (p->tunnel.mark_mask, ==, 0xf0);
  /* never a VTI for want of anything better */
  g_assert_cmpint (p->tunnel.interface, ==, IPSEC_INTERFACE_XFRM);
  g_assert_cmpint (p->outer.encap, ==, IPSEC_ENCAP_NEVER);
  g_assert_true (p->outer.fragmentation && p->outer.fragment_all);
  g_clear_pointer (&p, ipsec_profile_free);
  p = profile_of (LIST ("gateway=a", "mark=7", "interface=none"), LIST (PSK), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmphex (p->tunnel.mark_mask, ==, 0xffffffff);
  g_assert_cmpint (p->tunnel.interface, ==, IPSEC_INTERFACE_NONE);
  assert_refused (LIST ("gateway=a", "if-id=5", "interface=vti"), LIST (PSK), CONFLICT, "interface|vti");
  assert_refused (LIST ("gateway=a", "mark=5", "interface=vti"), LIST (PSK), CONFLICT, "interface|vti");
  assert_refused (LIST ("gateway=a", "mark=0x11/0xf0"), LIST (PSK), CONFLICT, "mark|0x11");
  assert_refused (LIST ("gateway=a", "mark=0/0"), LIST (PSK), CONFLICT, "mark|mask");
  assert_refused (LIST ("gateway=a", "if-id=1073741824"), LIST (PSK), BAD, "if-id|1073741824");
}

static void
test_label (void)
{
  g_autofree char *longest = g_strnfill (255, 'x');
  g_autofree char *item = g_strconcat ("sec-label=", longest, NULL);
  g_autofree char *too_long = g_strconcat (item, "x", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecProfile) p = profile_of (
      LIST ("gateway=a", "sec-label= system_u:object_r:ipsec_spd_t:s0-s15:c0.c1023 "), LIST (PSK), NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (p->tunnel.sec_label, ==, "system_u:object_r:ipsec_spd_t:s0-s15:c0.c1023");
  g_assert_cmpint (p->tunnel.interface, ==, IPSEC_INTERFACE_NONE);
  g_clear_pointer (&p, ipsec_profile_free);
  p = profile_of (LIST ("gateway=a", item), LIST (PSK), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (p->tunnel.sec_label, ==, longest);
  g_clear_pointer (&p, ipsec_profile_free);
  p = profile_of (LIST ("gateway=a"), LIST (PSK), NULL, &error);
  g_assert_null (p->tunnel.sec_label);
  assert_refused (LIST ("gateway=a", too_long), LIST (PSK), BAD, "sec-label|255");
  assert_refused (LIST ("gateway=a", "sec-label=a b"), LIST (PSK), BAD, "sec-label|blanks");
  assert_refused (LIST ("gateway=a", "sec-label=a:b", "interface=xfrm"), LIST (PSK), CONFLICT, "interface|sec-label");
  assert_refused (LIST ("gateway=a", "sec-label=a:b", "interface=vti"), LIST (PSK), CONFLICT, "interface|sec-label");
  assert_refused (LIST ("role=server", "pool=10.9.0.0/24", "sec-label=a:b"), LIST (PSK), CONFLICT, "sec-label|server");
  assert_refused (LIST ("gateway=a", "sec-label=\xc3\xa4"), LIST (PSK), BAD, "sec-label|ASCII");
}

static const struct {
  const char *item, *words;
} unsupported[] = {
  { "ike-version=1", "ike-version|“1”" },
  { "ike-version=1-aggressive", "ike-version|1-aggressive" },
  { "auth=hybrid", "auth|hybrid" },
  { "xauth=yes", "xauth|yes" },
  { "local-ts=dynamic[tcp/22]", "local-ts|dynamic" },
  { "local-ts=dynamic,10.0.0.0/8", "local-ts|dynamic" },
  { "remote-ts=dynamic", "remote-ts|dynamic" },
  { "remote-ts=10.0.0.0/8[tcp/opaque]", "remote-ts|“opaque”" },
  { "local-ts=10.0.0.0/8[17/opaque]", "local-ts|“opaque”" },
};

static void
test_unsupported (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (unsupported); i++)
    {
      g_autofree char *name = g_strndup (unsupported[i].item, strcspn (unsupported[i].item, "="));

      assert_refused (LIST ("gateway=a", unsupported[i].item), LIST (PSK), UNSUPPORTED, unsupported[i].words);
      assert_refused (LIST ("gateway=a", unsupported[i].item), LIST (PSK), UNSUPPORTED, name);
    }
}

static gboolean
has_unsupported_case (const char *key, const char *value)
{
  g_autofree char *item = g_strconcat (key, "=", strcmp (value, "*") == 0 ? "" : value, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (unsupported); i++)
    {
      if (g_str_has_prefix (unsupported[i].item, item))
        return TRUE;
    }
  return FALSE;
}

/* Every row of unsupported.c names a key and values that exist, refuses no default, and has a case above. */
static void
test_unsupported_rows (void)
{
  const IpsecKey *key;
  guint rows = 0;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      const char *except = NULL, *values = key->secret ? NULL : ipsec_unsupported_values (key->name, FALSE, &except);
      g_auto (GStrv) list = g_strsplit (values != NULL ? values : "", " ", -1);

      for (guint j = 0; list[j] != NULL; j++, rows++)
        {
          g_assert_true (key->type != IPSEC_KEY_ENUM || strcmp (list[j], "*") == 0 ||
                         ipsec_key_has_word (key, list[j]));
          g_assert_cmpstr (key->fallback, !=, list[j]);
          if (!has_unsupported_case (key->name, list[j]))
            g_error ("%s=%s has no case", key->name, list[j]);
        }
    }
  g_assert_cmpint (rows, >, 0); /* they become fewer */
}

static void
test_supported_values (void)
{
  static const char *const fine[] = {
    "role=client",
    "start=up",
    "ike-version=2",
    "auth=auto",
    "remote-auth=auto",
    "ca=system",
    "ca=/etc/ca.pem",
    "revocation=off",
    "revocation=soft",
    "revocation=strict",
    "eap=auto",
    "xauth=no",
    "ppk=no",
    "mode=tunnel",
    "narrowing=yes",
    "fragmentation=yes",
    "fragmentation=force",
    "if-id=5",
    "mark=7",
    "mark=0x10/0xf0",
    "compress=no",
    "compress=yes",
    "tfc=no",
    "tfc=yes",
    "encap=yes",
    "encap=force",
    "encap=no",
    "ipcomp=no",
    "ipcomp=yes",
    "tcp=fallback",
    "tcp-port=443",
    "keyingtries=0",
    "keyingtries=1",
    "keyingtries=3",
    "mss-clamp=no",
    "mss-clamp=auto",
    "mss-clamp=1300",
    "nic-offload=no",
    "kill-switch=no",
    "copy-dscp=out",
    "crypto-policy=system",
    "crypto-policy=ignore",
    "local-ts=dynamic",
    "interface=xfrm",
    "interface=none",
    "esn=force",
    "ike=legacy",
    "esp=suiteb128",
  };

  for (guint i = 0; i < G_N_ELEMENTS (fine); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IpsecProfile) p = profile_of (LIST ("gateway=a", "auth=psk", fine[i]), LIST (PSK), NULL, &error);

      g_assert_no_error (error);
    }
}

static void
test_roles (void)
{
  static const char *const without[] = { "local-port=5000", "mobike=no", "mtu=1400", "mss-clamp=1200",
                                         "keyingtries=1" };

  assert_refused (LIST ("gateway=a", "pool=10.0.0.0/8"), LIST (PSK), CONFLICT, "pool|role=client");
  assert_refused (LIST ("gateway=a", "private=10.0.0.0/8"), LIST (PSK), CONFLICT, "private|role=client");
  assert_refused (LIST ("gateway=a", "users=/etc/users"), LIST (PSK), CONFLICT, "users");
  assert_refused (LIST ("gateway=a", "start=listen"), LIST (PSK), CONFLICT, "start|client");
  for (guint i = 0; i < G_N_ELEMENTS (without); i++)
    assert_refused (LIST ("role=mesh", "auth=null", "private=10.0.0.0/8", without[i]), NULL, CONFLICT, "role=mesh");
  assert_refused (LIST ("role=server", "auth=psk", "pool=10.9.0.0/24", without[0]), NULL, CONFLICT, "local-port|server");
  assert_refused (LIST ("role=server", "auth=psk", "pool=10.9.0.0/24", without[4]), NULL, CONFLICT,
                  "keyingtries|server");
  assert_refused (LIST ("auth=psk"), LIST (PSK), MISSING, "gateway");
  assert_refused (NULL, NULL, MISSING, "gateway");
}

/* Between hosts when nothing is said, between networks when it is; and never an address to ask for. */
static void
test_peer (void)
{
  g_autoptr (IpsecProfile) hosts =
      profile_of (LIST ("gateway=192.0.2.1", "role=peer", "narrowing=no"), LIST (PSK), NULL, NULL);
  g_autoptr (IpsecProfile) marked =
      profile_of (LIST ("gateway=192.0.2.1", "role=peer", "mark=7"), LIST (PSK), NULL, NULL);
  g_autoptr (IpsecProfile) nets = profile_of (
      LIST ("gateway=192.0.2.1", "role=peer", "start=listen", "local-ts=10.1.0.0/16,2001:db8:1::/48",
            "remote-ts=10.2.0.0/16,2001:db8:2::/48"),
      LIST (PSK), NULL, NULL);
  g_autoptr (IpsecProfile) l2tp = profile_of (LIST ("gateway=192.0.2.1", "role=peer", "mode=transport",
                                                    "local-ts=dynamic[udp/1701]", "remote-ts=dynamic[udp/1701]"),
                                              LIST (PSK), NULL, NULL);

  g_assert_true (l2tp->tunnel.transport && !hosts->tunnel.transport);
  g_assert_cmpuint (l2tp->tunnel.remote_ts->len, ==, 1);
  g_assert_cmpint (l2tp->tunnel.interface, ==, IPSEC_INTERFACE_NONE);
  g_assert_cmpuint (hosts->tunnel.remote_ts->len, ==, 0);
  g_assert_cmpuint (hosts->tunnel.local_ts->len, ==, 0);
  g_assert_cmpint (hosts->tunnel.interface, ==, IPSEC_INTERFACE_NONE);
  g_assert_cmpint (marked->tunnel.interface, ==, IPSEC_INTERFACE_NONE);
  g_assert_false (hosts->tunnel.narrowing);
  g_assert_cmpint (hosts->start, ==, IPSEC_START_UP);
  g_assert_cmpuint (nets->tunnel.remote_ts->len, ==, 2);
  g_assert_cmpint (nets->tunnel.interface, ==, IPSEC_INTERFACE_AUTO);
  g_assert_cmpint (nets->start, ==, IPSEC_START_LISTEN);
  g_assert_false (hosts->tunnel.want_address4 || nets->tunnel.want_address4 || nets->tunnel.want_address6);
}

static void
test_conflicts (void)
{
  static const struct {
    const char *const data[5];
    const char *words;
  } cases[] = {
    { { "gateway=192.0.2.1", "local-address=2001:db8::1" }, "local-address|2001:db8::1" },
    { { "gateway=a", "dpd-delay=60s", "dpd-timeout=30s" }, "dpd-timeout|30s|1m" },
    { { "gateway=a", "esp-lifetime=10m", "rekey-margin=5m" }, "rekey-margin|5m|esp-lifetime" },
    { { "gateway=a", "ike-lifetime=10m", "rekey-margin=6m" }, "rekey-margin|6m|ike-lifetime" },
    { { "gateway=a", "rekey=no", "reauth=yes" }, "reauth|rekey=no" },
    { { "gateway=a", "local-ts=10.0.0.0/8", "remote-ts=::/0" }, "local-ts|remote-ts|IP version" },
    { { "gateway=a", "virtual-ip=10.0.0.1,10.0.0.2" }, "virtual-ip|10.0.0.1,10.0.0.2" },
    { { "gateway=a", "local-id=%fromcert" }, "local-id|auth=cert" },
    { { "gateway=a", "remote-id=%fromcert" }, "remote-id|%fromcert" },
    { { "gateway=a", "start=listen" }, "start|listen|role=peer" },
    { { "gateway=a", "mode=transport" }, "mode|transport|role=peer" },
    { { "gateway=a", "role=peer", "mode=transport", "remote-ts=10.2.0.0/16" }, "mode|transport" },
    { { "gateway=a", "role=peer", "idle-timeout=1m" }, "idle-timeout|start=ondemand" },
    { { "gateway=a", "role=peer", "interface=xfrm" }, "interface|xfrm|none" },
    { { "gateway=192.0.2.1", "role=peer", "remote-ts=192.0.2.1", "interface=vti" }, "interface|vti|none" },
    { { "gateway=a", "role=peer", "virtual-ip=yes" }, "virtual-ip|role=peer" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].data, LIST (PSK), CONFLICT, cases[i].words);
}

static void
test_lifetimes (void)
{
  g_autoptr (IpsecProfile) never = profile_of (LIST ("gateway=a", "rekey=no"), LIST (PSK), NULL, NULL);
  g_autoptr (IpsecProfile) brief = profile_of (LIST ("gateway=a", "esp-lifetime=10s"), LIST (PSK), NULL, NULL);
  g_autoptr (IpsecProfile) margin =
      profile_of (LIST ("gateway=a", "esp-lifetime=21s", "rekey-margin=10s"), LIST (PSK), NULL, NULL);
  g_autoptr (IpsecProfile) slow = profile_of (LIST ("gateway=a", "dpd-delay=5m"), LIST (PSK), NULL, NULL);
  g_autoptr (IpsecProfile) off =
      profile_of (LIST ("gateway=a", "dpd-delay=0", "dpd-timeout=0"), LIST (PSK), NULL, NULL);
  /* how long a client is waited for that moves the engine knows */
  g_autoptr (IpsecProfile) moving = profile_of (LIST ("role=server", "pool=10.9.0.0/24"), LIST (PSK), NULL, NULL);
  g_autoptr (IpsecProfile) staying =
      profile_of (LIST ("role=server", "pool=10.9.0.0/24", "mobike=no"), LIST (PSK), NULL, NULL);
  g_autoptr (IpsecProfile) said =
      profile_of (LIST ("role=server", "pool=10.9.0.0/24", "dpd-timeout=50s"), LIST (PSK), NULL, NULL);

  g_assert_cmpint (never->protection.ike_lifetime, ==, 0);
  g_assert_cmpint (never->protection.esp_lifetime, ==, 0);
  g_assert_cmpint (brief->protection.esp_margin, ==, 1);
  g_assert_cmpint (margin->protection.esp_margin, ==, 10);
  g_assert_cmpint (slow->outer.dpd_timeout, ==, 300);
  g_assert_cmpint (moving->outer.dpd_timeout, ==, 0);
  g_assert_cmpint (staying->outer.dpd_timeout, ==, 120);
  g_assert_cmpint (said->outer.dpd_timeout, ==, 50);
  g_assert_cmpint (off->outer.dpd_delay, ==, 0);
  g_assert_cmpint (off->outer.dpd_timeout, ==, 0);
}

static void
test_round_trip (void)
{
  static const char *const profiles[][8] = {
    { "gateway=A.example, [2001:DB8::1]", "auth=psk" },
    { "gateway=a", "auth=eap", "user=DOMAIN\\alice", "password-flags=1", "x-a= b " },
    { "gateway=a", "certificate=file:///etc/a%20b.p12", "key-password-flags= 2 ", "ca=/x", "local-id=CN=a, O=b" },
    { "gateway=a", "auth=psk", "ike=aes_gcm256-sha2;dh19,legacy,default", "esp=AES_GCM", "ike-lifetime=7200",
      "dpd-delay=0s" },
    { "gateway=a", "auth=psk", "remote-ts=10.1.2.3/8[TCP/https], ::1", "local-ts=10.0.0.1-10.0.0.9", "esp-bytes=2048K",
      "remote-id=@#616200" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (profiles); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IpsecProfile) first = profile_of (profiles[i], NULL, NULL, &error), second = NULL;
      g_autoptr (GHashTable) data = NULL, again = NULL;

      g_assert_no_error (error);
      data = ipsec_profile_to_data (first);
      second = ipsec_profile_new (data, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (ipsec_profile_equal (first, second));
      g_assert_true (ipsec_proposals_equal (first->protection.ike, second->protection.ike));
      g_assert_true (ipsec_proposals_equal (first->protection.esp, second->protection.esp));
      again = ipsec_profile_to_data (second);
      g_assert_cmpint (g_hash_table_size (again), ==, g_hash_table_size (data));
    }
}

static void
test_equal (void)
{
  g_autoptr (IpsecProfile) a = PROFILE ("gateway=a", "auth=psk", "ike-lifetime=60m");
  g_autoptr (IpsecProfile) b = PROFILE (" gateway=a" + 1, "auth=psk", "ike-lifetime=1h");
  g_autoptr (IpsecProfile) c = PROFILE ("gateway=a", "auth=psk", "ike-lifetime=2h");
  g_autoptr (IpsecProfile) d = PROFILE ("gateway=a", "auth=psk");
  g_autoptr (IpsecProfile) e = PROFILE ("gateway=a", "auth=psk", "esp-lifetime=1h");

  g_assert_true (ipsec_profile_equal (a, b));
  g_assert_false (ipsec_profile_equal (a, c));
  g_assert_false (ipsec_profile_equal (a, d));
  g_assert_false (ipsec_profile_equal (d, a));
  g_assert_false (ipsec_profile_equal (a, e));
  ipsec_profile_free (NULL);
}

static void
test_item_limit (void)
{
  g_autoptr (GHashTable) data = items (LIST ("gateway=a", "auth=psk"));

  for (guint i = 0; i < 510; i++)
    g_hash_table_insert (data, g_strdup_printf ("x-%u", i), g_strdup ("y"));
  {
    g_autoptr (IpsecProfile) p = ipsec_profile_new (data, NULL, NULL, NULL);

    g_assert_nonnull (p);
  }
  g_hash_table_insert (data, g_strdup ("x-more"), g_strdup ("y"));
  g_assert_null (ipsec_profile_new (data, NULL, NULL, NULL));
}

static void
test_from_setting (void)
{
  g_autoptr (NMSettingVpn) setting = NM_SETTING_VPN (nm_setting_vpn_new ());
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecProfile) p = NULL;

  nm_setting_vpn_add_data_item (setting, "gateway", " vpn.example.com ");
  nm_setting_vpn_add_data_item (setting, "password-flags", "1");
  nm_setting_vpn_add_secret (setting, "password", "secret");
  g_object_set (setting, NM_SETTING_VPN_USER_NAME, "alice", NULL);
  p = ipsec_profile_new_from_setting (setting, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (p->outer.gateways[0], ==, "vpn.example.com");
  g_assert_cmpint (p->auth.local, ==, IPSEC_AUTH_EAP);
  g_assert_cmpstr (p->auth.user, ==, "alice");
  g_assert_true (ipsec_profile_has_secret (p, "password"));
  g_assert_null (ipsec_profile_missing_secret (p));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/defaults", test_defaults);
  g_test_add_func ("/profile/every-field", test_every_field);
  g_test_add_func ("/profile/esp-completed", test_esp_completed);
  g_test_add_func ("/profile/virtual-ip", test_virtual_ip);
  g_test_add_func ("/profile/unknown", test_unknown);
  g_test_add_func ("/profile/foreign", test_foreign);
  g_test_add_func ("/profile/injection", test_injection);
  g_test_add_func ("/profile/secrets-verbatim", test_secrets_verbatim);
  g_test_add_func ("/profile/label", test_label);
  g_test_add_func ("/profile/unsupported", test_unsupported);
  g_test_add_func ("/profile/scope", test_scope);
  g_test_add_func ("/profile/unsupported-rows", test_unsupported_rows);
  g_test_add_func ("/profile/supported-values", test_supported_values);
  g_test_add_func ("/profile/roles", test_roles);
  g_test_add_func ("/profile/peer", test_peer);
  g_test_add_func ("/profile/conflicts", test_conflicts);
  g_test_add_func ("/profile/lifetimes", test_lifetimes);
  g_test_add_func ("/profile/round-trip", test_round_trip);
  g_test_add_func ("/profile/equal", test_equal);
  g_test_add_func ("/profile/item-limit", test_item_limit);
  g_test_add_func ("/profile/from-setting", test_from_setting);
  return g_test_run ();
}
