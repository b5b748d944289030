/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who proves what: auth=auto, identities, secrets and their flags, pre-shared keys, warnings. */
#include "profile-test.h"

#include "profile/profile-eap.h"

#define MISSING IPSEC_PROFILE_ERROR_MISSING_KEY
#define CONFLICT IPSEC_PROFILE_ERROR_CONFLICT
#define CKAID "0123456789abcdef0123456789abcdef01234567"
#define PSK "psk=correct horse battery staple"

static const struct {
  const char *const data[5], *const secrets[4];
  const char *user_name;
  IpsecAuth local, remote;
} derived[] = {
  { { "gateway=a" }, { PSK }, NULL, IPSEC_AUTH_PSK, IPSEC_AUTH_PSK },
  { { "gateway=a" }, { PSK }, "root", IPSEC_AUTH_PSK, IPSEC_AUTH_PSK },
  { { "gateway=a", "psk-flags=1" }, { NULL }, NULL, IPSEC_AUTH_PSK, IPSEC_AUTH_PSK },
  { { "gateway=a", "psk-flags=2", "user=alice" }, { NULL }, NULL, IPSEC_AUTH_PSK, IPSEC_AUTH_PSK },
  { { "gateway=a", "psk-flags=4", "user=alice" }, { NULL }, NULL, IPSEC_AUTH_EAP, IPSEC_AUTH_CERT },
  { { "gateway=a", "user=alice" }, { NULL }, NULL, IPSEC_AUTH_EAP, IPSEC_AUTH_CERT },
  { { "gateway=a" }, { "password=x" }, NULL, IPSEC_AUTH_EAP, IPSEC_AUTH_CERT },
  { { "gateway=a", "password-flags=1" }, { NULL }, NULL, IPSEC_AUTH_EAP, IPSEC_AUTH_CERT },
  { { "gateway=a", "eap=mschapv2" }, { NULL }, NULL, IPSEC_AUTH_EAP, IPSEC_AUTH_CERT },
  { { "gateway=a", "otp-flags=2" }, { NULL }, NULL, IPSEC_AUTH_EAP, IPSEC_AUTH_CERT },
  { { "gateway=a" }, { NULL }, "alice", IPSEC_AUTH_EAP, IPSEC_AUTH_CERT },
  { { "gateway=a", "certificate=/a" }, { NULL }, NULL, IPSEC_AUTH_CERT, IPSEC_AUTH_CERT },
  { { "gateway=a", "certificate=/a", "user=alice" }, { "key-password=x" }, "root", IPSEC_AUTH_CERT, IPSEC_AUTH_CERT },
  { { "gateway=a", "certificate=/a", "password-flags=4" }, { NULL }, NULL, IPSEC_AUTH_CERT, IPSEC_AUTH_CERT },
  { { "gateway=a", "certificate=/a", "remote-auth=psk" }, { PSK }, NULL, IPSEC_AUTH_CERT, IPSEC_AUTH_PSK },
  { { "gateway=a", "user=alice", "remote-auth=psk" }, { PSK, "password=x" }, NULL, IPSEC_AUTH_EAP, IPSEC_AUTH_PSK },
  { { "gateway=a", "remote-auth=psk" }, { PSK }, NULL, IPSEC_AUTH_PSK, IPSEC_AUTH_PSK },
  { { "gateway=a", "remote-auth=cert" }, { PSK }, NULL, IPSEC_AUTH_PSK, IPSEC_AUTH_CERT },
  { { "gateway=a", "auth=psk", "certificate=/a" }, { PSK }, NULL, IPSEC_AUTH_PSK, IPSEC_AUTH_PSK },
  { { "gateway=a", "auth=eap", "certificate=/a" }, { PSK }, NULL, IPSEC_AUTH_EAP, IPSEC_AUTH_CERT },
  { { "gateway=a", "auth=cert", "certificate=/a" }, { PSK, "password=x" }, NULL, IPSEC_AUTH_CERT, IPSEC_AUTH_CERT },
  { { "gateway=a", "local-rsa-key=" CKAID, "remote-rsa-key=0sAQ==" }, { NULL }, "u", IPSEC_AUTH_RAW, IPSEC_AUTH_RAW },
  { { "gateway=a", "auth=rsa", "private-key=/k", "remote-rsa-key=/p" },
    { NULL },
    NULL,
    IPSEC_AUTH_RAW,
    IPSEC_AUTH_RAW },
  { { "gateway=a", "local-rsa-key=0sAQ==" }, { NULL }, NULL, IPSEC_AUTH_RAW, IPSEC_AUTH_CERT },
  { { "gateway=a", "local-rsa-key=/k", "remote-auth=psk" }, { PSK }, NULL, IPSEC_AUTH_RAW, IPSEC_AUTH_PSK },
  { { "gateway=a", "remote-rsa-key=0sAQ==" }, { PSK }, NULL, IPSEC_AUTH_PSK, IPSEC_AUTH_RAW },
  { { "gateway=a", "auth2=eap", "certificate=/a" }, { "password=x" }, "alice", IPSEC_AUTH_CERT, IPSEC_AUTH_CERT },
  { { "gateway=a", "auth2=eap", "user=alice" }, { PSK, "password=x" }, NULL, IPSEC_AUTH_PSK, IPSEC_AUTH_PSK },
  { { "gateway=a", "auth2=eap", "local-rsa-key=/k" }, { "password=x" }, "alice", IPSEC_AUTH_RAW, IPSEC_AUTH_CERT },
};

static void
test_derived (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (derived); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IpsecProfile) p = profile_of (derived[i].data, derived[i].secrets, derived[i].user_name, &error);

      g_assert_no_error (error);
      if (p->auth.local != derived[i].local || p->auth.remote != derived[i].remote)
        g_error ("row %u: %d, %d", i, p->auth.local, p->auth.remote);
    }
}

static void
test_ambiguous (void)
{
  assert_refused (LIST ("gateway=a", "certificate=/a"), LIST (PSK), CONFLICT, "auth|cert|psk");
  assert_refused (LIST ("gateway=a", "certificate=/a"), LIST ("password=x"), CONFLICT, "auth|cert|eap");
  assert_refused (LIST ("gateway=a"), LIST (PSK, "password=x"), CONFLICT, "auth|psk|eap");
  assert_refused (LIST ("gateway=a", "psk-flags=1", "password-flags=1"), NULL, CONFLICT, "auth");
  assert_refused (LIST ("gateway=a", "auth=eap", "user=u", "remote-auth=null"), NULL, CONFLICT, "remote-auth|EAP");
  assert_refused (LIST ("gateway=a", "auth=psk", "auth2=eap", "user=u", "remote-auth=null"), LIST (PSK), CONFLICT,
                  "remote-auth|EAP");
  assert_refused (LIST ("gateway=a", "eap=auto"), LIST (PSK), CONFLICT, "auth|psk|eap");
  assert_refused (LIST ("gateway=a"), NULL, MISSING, "auth|certificate|user|psk");
  assert_refused (LIST ("gateway=a"), LIST ("psk="), MISSING, "auth"); /* empty is absent */
  assert_refused (LIST ("gateway=a", "auth=cert"), LIST (PSK), MISSING, "certificate");
  assert_refused (LIST ("gateway=a", "private-key=/a"), NULL, MISSING, "certificate");
  assert_refused (LIST ("gateway=a", "local-rsa-key=/a", "certificate=/b"), NULL, CONFLICT, "auth|rsa|cert");
  assert_refused (LIST ("gateway=a", "local-rsa-key=/a"), LIST (PSK), CONFLICT, "auth|rsa|psk");
  assert_refused (LIST ("gateway=a", "auth=rsa"), NULL, MISSING, "local-rsa-key");
  assert_refused (LIST ("gateway=a", "local-rsa-key=/a", "remote-rsa-key=pkcs11:object=x"), NULL,
                  IPSEC_PROFILE_ERROR_BAD_VALUE, "remote-rsa-key|our own");
  assert_refused (LIST ("gateway=a", "auth=rsa", "local-rsa-key=/a", "private-key=/b"), NULL, CONFLICT, "private-key");
  assert_refused (LIST ("gateway=a", "local-rsa-key=/a", "remote-auth=rsa"), NULL, MISSING, "remote-rsa-key");
  assert_refused (LIST ("gateway=a", "local-rsa-key=/a", "remote-rsa-key=0sAQ==", "remote-id=%fromcert"), NULL,
                  CONFLICT, "remote-id");
}

/* RFC 4739: the machine first, then its user */
static void
test_second (void)
{
  g_autoptr (IpsecProfile) both = PROFILE ("gateway=a", "auth2=eap", "certificate=/a", "user=alice");
  g_autoptr (IpsecProfile) one = PROFILE ("gateway=a", "certificate=/a", "user=alice");

  g_assert_true (both->auth.then_eap && ipsec_profile_uses_eap (both));
  g_assert_cmpint (both->auth.local, ==, IPSEC_AUTH_CERT);
  g_assert_cmpstr (both->auth.user, ==, "alice");
  g_assert_cmpint (both->auth.local_id->kind, ==, IPSEC_IDENTITY_FROM_CERT);
  g_assert_cmpuint (both->auth.eap_methods, !=, 0);
  g_assert_cmpstr (ipsec_profile_missing_secret (both), ==, "password");
  g_assert_true (!one->auth.then_eap && !ipsec_profile_uses_eap (one));
  g_assert_cmpuint (one->auth.eap_methods, ==, 0);
  g_assert_null (ipsec_profile_missing_secret (one));
  assert_refused (LIST ("gateway=a", "auth2=eap", "auth=eap", "user=alice"), NULL, CONFLICT, "auth2|machine");
  assert_refused (LIST ("gateway=a", "auth2=eap", "auth=null"), NULL, CONFLICT, "auth2|machine");
  assert_refused (LIST ("gateway=a", "auth2=eap", "user=alice"), LIST ("password=x"), MISSING, "auth");
  assert_refused (LIST ("gateway=a", "auth2=eap", "certificate=/a", "remote-auth=eap-only"), NULL, CONFLICT,
                  "remote-auth");
}

static void
test_identities (void)
{
  static const struct {
    const char *const data[5], *const secrets[2];
    const char *user_name, *local_id, *remote_id;
  } cases[] = {
    { { "gateway=vpn.example.com" }, { PSK }, "root", NULL, "vpn.example.com" },
    { { "gateway=192.0.2.1", "user=alice" }, { PSK }, NULL, "alice", "192.0.2.1" },
    { { "gateway=2001:db8::1", "user=alice@example.com" }, { NULL }, NULL, "alice@example.com", "2001:db8::1" },
    { { "gateway=a" }, { NULL }, "alice", "alice", "a" },
    { { "gateway=a", "user=DOMAIN\\alice" }, { NULL }, "root", "@DOMAIN\\alice", "a" },
    { { "gateway=a", "user=Alice B" }, { NULL }, NULL, "@[Alice B]", "a" },
    { { "gateway=a", "user=192.0.2.7" }, { NULL }, NULL, "@192.0.2.7", "a" },
    { { "gateway=a", "user=CN=x@y" }, { NULL }, NULL, "@[CN=x@y]", "a" },
    { { "gateway=a", "user=[x]" }, { NULL }, NULL, "@[[x]]", "a" },
    { { "gateway=a", "user=#00" }, { NULL }, NULL, "@[#00]", "a" },
    { { "gateway=a", "user=@x" }, { NULL }, NULL, "@[@x]", "a" },
    { { "gateway=a", "user=alice", "local-id=bob", "remote-id=O=X, CN=gw" }, { NULL }, NULL, "bob", "O=X, CN=gw" },
    { { "gateway=a", "certificate=/a" }, { NULL }, "root", "%fromcert", "a" },
    { { "gateway=a", "certificate=/a", "local-id=192.0.2.9", "remote-id=%fromcert" },
      { NULL },
      NULL,
      "192.0.2.9",
      "%fromcert" },
    { { "gateway=a.example,b.example", "auth=eap" }, { NULL }, NULL, NULL, "a.example" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IpsecProfile) p = profile_of (cases[i].data, cases[i].secrets, cases[i].user_name, &error);
      g_autoptr (IpsecIdentity) remote = NULL;
      g_autofree char *local_text = NULL, *remote_text = NULL;

      g_assert_no_error (error);
      remote = ipsec_profile_remote_id (p, p->outer.gateways[0]);
      local_text = p->auth.local_id != NULL ? ipsec_identity_to_string (p->auth.local_id) : NULL;
      remote_text = ipsec_identity_to_string (remote);
      g_assert_cmpstr (local_text, ==, cases[i].local_id);
      g_assert_cmpstr (remote_text, ==, cases[i].remote_id);
    }
}

#define BIT(method) (1u << IKE_EAP_##method)
#define AUTO (BIT (MSCHAPV2) | BIT (TTLS) | BIT (PEAP))

static void
test_eap (void)
{
  static const struct {
    const char *const data[6], *const secrets[4];
    guint methods;
    gboolean otp;
    const char *missing, *outer;
  } cases[] = {
    { { "gateway=a", "user=u" }, { NULL }, AUTO, FALSE, "password", NULL },
    { { "gateway=a", "user=u", "eap=mschapv2" }, { "password=x" }, BIT (MSCHAPV2), FALSE, NULL, NULL },
    { { "gateway=a", "user=u", "eap=md5", "eap-identity=anonymous" },
      { NULL },
      BIT (MD5),
      FALSE,
      "password",
      "anonymous" },
    /* a code is asked for only when the server's question is there */
    { { "gateway=a", "user=u", "eap=gtc" }, { NULL }, BIT (GTC), TRUE, NULL, NULL },
    { { "gateway=a", "user=u", "eap=gtc" }, { "otp=1" }, BIT (GTC), TRUE, NULL, NULL },
    { { "gateway=a", "user=u", "eap=gtc" }, { "password=x" }, BIT (GTC), FALSE, NULL, NULL },
    { { "gateway=a", "user=u", "eap=gtc", "password-flags=1" }, { NULL }, BIT (GTC), FALSE, "password", NULL },
    /* the stored password is never sent as it is unless the profile says so */
    { { "gateway=a", "user=u", "otp-flags=2" }, { NULL }, AUTO | BIT (GTC), TRUE, NULL, NULL },
    { { "gateway=a", "user=u", "otp-flags=2" }, { "password=x" }, AUTO | BIT (GTC), TRUE, NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IpsecProfile) p = profile_of (cases[i].data, cases[i].secrets, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpint (p->auth.local, ==, IPSEC_AUTH_EAP);
      g_assert_cmpuint (p->auth.eap_methods, ==, cases[i].methods);
      g_assert_cmpint (p->auth.otp, ==, cases[i].otp);
      g_assert_cmpstr (ipsec_profile_missing_secret (p), ==, cases[i].missing);
      g_assert_cmpstr (p->auth.eap_identity, ==, cases[i].outer);
    }
}

/* Whom a login server must be, and what is said to it. */
static const struct {
  const char *const data[7], *const secrets[3];
  guint methods, inner;
  int ttls;
  const char *ca, *name;
  gboolean any;
} servers[] = {
  { { "gateway=a", "eap=tls", "certificate=/a" },
    { NULL },
    BIT (TLS),
    BIT (MSCHAPV2) | BIT (MD5),
    IPSEC_TTLS_EAP,
    "system",
    NULL,
    FALSE },
  { { "gateway=a", "eap=tls", "certificate=/a", "eap-ca=/b" },
    { NULL },
    BIT (TLS),
    BIT (MSCHAPV2) | BIT (MD5),
    IPSEC_TTLS_EAP,
    "/b",
    NULL,
    TRUE },
  { { "gateway=a", "eap=ttls", "user=u", "ca=/c", "eap-phase2=pap" },
    { NULL },
    BIT (TTLS),
    BIT (MSCHAPV2) | BIT (MD5),
    IPSEC_TTLS_PAP,
    "/c",
    NULL,
    FALSE },
  { { "gateway=a", "eap=ttls", "user=u", "eap-phase2=mschapv2" },
    { NULL },
    BIT (TTLS),
    BIT (MSCHAPV2),
    IPSEC_TTLS_MSCHAPV2,
    "system",
    NULL,
    FALSE },
  { { "gateway=a", "eap=peap", "user=u", "eap-phase2=gtc", "eap-server-name=aaa.example" },
    { NULL },
    BIT (PEAP),
    BIT (GTC),
    IPSEC_TTLS_EAP,
    "system",
    "aaa.example",
    FALSE },
  { { "gateway=a", "auth=eap", "user=u", "remote-auth=eap-only" },
    { NULL },
    BIT (TTLS) | BIT (PEAP),
    BIT (MSCHAPV2) | BIT (MD5),
    IPSEC_TTLS_EAP,
    "system",
    NULL,
    FALSE },
  { { "gateway=a", "user=u", "eap-phase2=pap" },
    { NULL },
    BIT (TTLS) | BIT (MSCHAPV2),
    BIT (MSCHAPV2) | BIT (MD5),
    IPSEC_TTLS_PAP,
    "system",
    NULL,
    FALSE },
  { { "gateway=a", "auth=eap", "user=u", "certificate=/a" },
    { NULL },
    AUTO | BIT (TLS),
    BIT (MSCHAPV2) | BIT (MD5),
    IPSEC_TTLS_EAP,
    "system",
    NULL,
    FALSE },
};

static void
test_eap_server (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (servers); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IpsecProfile) p = profile_of (servers[i].data, servers[i].secrets, "root", &error);

      g_assert_no_error (error);
      g_assert_cmpuint (p->auth.eap_methods, ==, servers[i].methods);
      g_assert_cmpuint (p->auth.eap_inner, ==, servers[i].inner);
      g_assert_cmpint (p->auth.eap_ttls, ==, servers[i].ttls);
      g_assert_cmpstr (p->auth.eap_ca, ==, servers[i].ca);
      g_assert_cmpstr (p->auth.eap_server_name, ==, servers[i].name);
      g_assert_cmpint (p->auth.eap_server_any, ==, servers[i].any);
      /* with a certificate, whoever activates the connection is nobody to be named */
      g_assert_cmpstr (p->auth.user, ==, servers[i].methods == BIT (TLS) ? NULL : "u");
      g_assert_true (profile_eap_uses_tls (p));
    }
  assert_refused (LIST ("gateway=a", "eap=tls"), NULL, MISSING, "certificate");
  assert_refused (LIST ("gateway=a", "eap=peap", "user=u", "eap-phase2=pap"), NULL, CONFLICT, "eap-phase2");
  assert_refused (LIST ("gateway=a", "eap=mschapv2", "user=u", "remote-auth=eap-only"), NULL, CONFLICT,
                  "eap-only|ttls");
  assert_refused (LIST ("gateway=a", "auth=psk", "remote-auth=eap-only"), LIST (PSK), CONFLICT, "eap-only|auth=eap");
  assert_refused (LIST ("gateway=a", "eap=ttls", "user=u", "remote-id=%fromcert"), NULL, MISSING, "eap-server-name");
  /* with auto there is no server that could be told from others: no tunnel to it */
  {
    g_autoptr (IpsecProfile) p =
        profile_of (LIST ("gateway=a", "auth=eap", "user=u", "remote-id=%fromcert"), NULL, "root", NULL);

    g_assert_cmpuint (p->auth.eap_methods, ==, BIT (MSCHAPV2));
  }
}

static void
test_user (void)
{
  g_autoptr (IpsecProfile) own = profile_of (LIST ("gateway=a", "user=alice"), LIST ("password=x"), "root", NULL);
  g_autoptr (IpsecProfile) filled = profile_of (LIST ("gateway=a", "auth=eap"), LIST ("password=x"), "root", NULL);
  g_autoptr (IpsecProfile) empty = profile_of (LIST ("gateway=a", "auth=eap"), LIST ("password=x"), "", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (own->auth.user, ==, "alice");
  g_assert_cmpstr (filled->auth.user, ==, "root");
  g_assert_null (empty->auth.user);
  g_assert_true (ipsec_profile_check_ready (own, NULL));
  g_assert_false (ipsec_profile_check_ready (empty, &error));
  g_assert_error (error, IPSEC_PROFILE_ERROR, MISSING);
  assert_message_has (error, "user|vpn.user-name");
  g_assert_cmpuint (own->auth.eap_methods, ==, AUTO);
}

/* Which secret is asked for: method x what is there x flags (-1: no such item). */
static void
test_missing (void)
{
  static const struct {
    const char *data, *secret;
    gboolean asked_without_flags, asked_with_flags[8];
  } cases[] = {
    { "auth=psk", "psk", TRUE, { TRUE, TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, FALSE } },
    { "auth=eap", "password", TRUE, { TRUE, TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, FALSE } },
    { "certificate=/a", "key-password", FALSE, { FALSE, TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, FALSE } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      for (int flags = -1; flags < 8; flags++)
        {
          g_autofree char *item =
              flags < 0 ? g_strdup ("x-none=") : g_strdup_printf ("%s-flags=%d", cases[i].secret, flags);
          g_autofree char *value = g_strconcat (cases[i].secret, "=0123456789012345678901", NULL);
          g_autoptr (IpsecProfile) without = profile_of (LIST ("gateway=a", cases[i].data, item), NULL, "u", NULL);
          g_autoptr (IpsecProfile) with = profile_of (LIST ("gateway=a", cases[i].data, item), LIST (value), "u", NULL);
          gboolean asked = flags < 0 ? cases[i].asked_without_flags : cases[i].asked_with_flags[flags];

          g_assert_cmpstr (ipsec_profile_missing_secret (without), ==, asked ? cases[i].secret : NULL);
          g_assert_cmpint (ipsec_profile_check_ready (without, NULL), ==, !asked);
          g_assert_null (ipsec_profile_missing_secret (with));
          g_assert_true (ipsec_profile_check_ready (with, NULL));
          g_assert_cmpint (ipsec_profile_secret_flags (with, cases[i].secret), ==, MAX (flags, 0));
        }
    }
}

static void
test_missing_remote_psk (void)
{
  g_autoptr (IpsecProfile) p = profile_of (LIST ("gateway=a", "certificate=/a", "remote-auth=psk"), NULL, NULL, NULL);
  g_autoptr (IpsecProfile) q = profile_of (LIST ("gateway=a", "auth=eap", "remote-auth=psk"), LIST (PSK), "u", NULL);

  g_assert_cmpstr (ipsec_profile_missing_secret (p), ==, "psk");
  g_assert_cmpstr (ipsec_profile_missing_secret (q), ==, "password");
}

/* Whatever the key on a token is for. */
static void
test_missing_pin (void)
{
  g_autoptr (IpsecProfile) raw =
      profile_of (LIST ("gateway=a", "local-rsa-key=pkcs11:object=x", "remote-rsa-key=0sAQ=="), NULL, NULL, NULL);
  g_autoptr (IpsecProfile) tls =
      profile_of (LIST ("gateway=a", "auth=eap", "eap=tls", "certificate=pkcs11:object=x"), NULL, NULL, NULL);
  g_autoptr (IpsecProfile) store =
      profile_of (LIST ("gateway=a", "auth=eap", "eap=tls", "certificate=nss:x"), NULL, NULL, NULL);

  g_assert_cmpstr (ipsec_profile_missing_secret (raw), ==, "pin");
  g_assert_cmpstr (ipsec_profile_missing_secret (tls), ==, "pin");
  g_assert_null (ipsec_profile_missing_secret (store));
}

/* As nm_setting_get_secret_flags() sees the same items. */
static void
test_flags_like_libnm (void)
{
  static const char *const values[] = { "0",  "1",  "2", "3",  "4",   "7",  " 2 ",           "8",
                                        "-1", "+1", "x", "1x", "0x2", "07", "99999999999999" };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (NMSettingVpn) setting = NM_SETTING_VPN (nm_setting_vpn_new ());
      g_autofree char *item = g_strconcat ("password-flags=", values[i], NULL);
      g_autoptr (IpsecProfile) p = profile_of (LIST ("gateway=a", "auth=eap", item), NULL, NULL, NULL);
      NMSettingSecretFlags flags = NM_SETTING_SECRET_FLAG_NONE;

      nm_setting_vpn_add_data_item (setting, "password-flags", values[i]);
      g_assert_true (nm_setting_get_secret_flags (NM_SETTING (setting), "password", &flags, NULL));
      g_assert_cmpint (ipsec_profile_secret_flags (p, "password"), ==, flags);
    }
}

static void
test_flag_defaults (void)
{
  g_autoptr (IpsecProfile) p = profile_of (LIST ("gateway=a"), LIST (PSK), NULL, NULL);
  g_autoptr (IpsecProfile) q = profile_of (LIST ("gateway=a", "otp-flags=1"), LIST (PSK), NULL, NULL);

  g_assert_cmpint (ipsec_profile_secret_flags (p, "psk"), ==, NM_SETTING_SECRET_FLAG_NONE);
  g_assert_cmpint (ipsec_profile_secret_flags (p, "otp"), ==, NM_SETTING_SECRET_FLAG_NOT_SAVED);
  g_assert_cmpint (ipsec_profile_secret_flags (q, "otp"), ==, NM_SETTING_SECRET_FLAG_AGENT_OWNED);
  g_assert_false (ipsec_profile_has_secret (p, "password"));
  g_assert_false (ipsec_profile_has_secret (p, "nonsense"));
}

static void
test_psk_decode (void)
{
  static const struct {
    const char *text, *bytes; /* NULL: refused */
    gsize len;
  } cases[] = {
    { "secret", "secret", 6 },
    { " s\n ", " s\n ", 4 },
    { "0x616263", "abc", 3 },
    { "0x00fF", "\x00\xff", 2 },
    { "0sYWJj", "abc", 3 },
    { "0sYQ==", "a", 1 },
    { "0s+/+/", "\xfb\xff\xbf", 3 },
    { "0X61", "0X61", 4 },
    { "0S61", "0S61", 4 },
    { "00x61", "00x61", 5 },
    { "\xc3\xa4", "\xc3\xa4", 2 },
    { "0x", NULL, 0 },
    { "0x1", NULL, 0 },
    { "0x123", NULL, 0 },
    { "0xzz", NULL, 0 },
    { "0x61 62", NULL, 0 },
    { "0s", NULL, 0 },
    { "0sY", NULL, 0 },
    { "0sYWJ", NULL, 0 },
    { "0sYW Jj", NULL, 0 },
    { "0sYWJj\n", NULL, 0 },
    { "0s====", NULL, 0 },
    { "0sYQ=", NULL, 0 },
    { "0sYQ==YQ==", NULL, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gsize len = 99;
      g_autofree guint8 *bytes = ipsec_psk_decode (cases[i].text, &len, &error);

      if (cases[i].bytes == NULL)
        {
          g_assert_null (bytes);
          g_assert_error (error, IPSEC_PROFILE_ERROR, IPSEC_PROFILE_ERROR_BAD_VALUE);
          g_assert_true (g_str_has_prefix (error->message, "psk: "));
          g_assert_cmpint (len, ==, 99);
        }
      else
        g_assert_cmpmem (bytes, len, cases[i].bytes, cases[i].len);
    }
  assert_refused (LIST ("gateway=a"), LIST ("psk=0xgarbage"), IPSEC_PROFILE_ERROR_BAD_VALUE, "psk");
}

/* No error and no warning ever shows a secret. */
static void
test_secrets_not_shown (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecProfile) p = NULL;

  g_assert_null (profile_of (LIST ("gateway=a"), LIST ("psk=0xPLANTED"), NULL, &error));
  g_assert_null (strstr (error->message, "PLANTED"));
  p = profile_of (LIST ("gateway=a", "auth=eap"), LIST ("psk=PLANTED", "password=PLANTED"), NULL, NULL);
  g_assert_cmpint (p->warnings->len, ==, 2);
  for (guint i = 0; i < p->warnings->len; i++)
    g_assert_null (strstr (p->warnings->pdata[i], "PLANTED"));
}

static gboolean
has_warning (const IpsecProfile *profile, const char *word)
{
  for (guint i = 0; i < profile->warnings->len; i++)
    {
      if (strstr (profile->warnings->pdata[i], word) != NULL)
        return TRUE;
    }
  return FALSE;
}

static void
test_warnings (void)
{
  static const struct {
    const char *const data[4], *const secrets[3];
    const char *word; /* NULL: no warning at all */
  } cases[] = {
    { { "gateway=a" }, { "psk=01234567890123456789" }, NULL },
    { { "gateway=a" }, { "psk=0123456789012345678" }, "psk: " },
    { { "gateway=a" }, { "psk=0x000102030405060708090a0b0c0d0e0f" }, NULL },
    { { "gateway=a" }, { "psk=0x000102030405060708090a0b0c0d0e" }, "psk: " },
    { { "gateway=a", "ike=3des-sha1-modp1024" }, { PSK }, "modp1024" },
    { { "gateway=a", "ike=3des-sha1-modp1024" }, { PSK }, "3des" },
    { { "gateway=a", "ike=aes256-md5-modp2048" }, { PSK }, "md5" },
    { { "gateway=a", "esp=legacy" }, { PSK }, "3des" },
    { { "gateway=a", "require-id-on-certificate=no" }, { PSK }, "require-id-on-certificate" },
    { { "gateway=a", "rsa-sha1=yes" }, { PSK }, "rsa-sha1: SHA-1" },
    { { "gateway=a", "rsa-sha1=no" }, { PSK }, NULL },
    { { "gateway=a", "auth=psk", "certificate=/a" }, { PSK }, "certificate" },
    { { "gateway=a", "auth=psk" }, { PSK, "password=x" }, "password" },
    { { "gateway=a", "auth=psk" }, { PSK, "key-password=x" }, "key-password" },
    { { "gateway=a", "auth=eap" }, { PSK, "password=x" }, "psk" },
    { { "gateway=a", "auth=psk" }, { PSK, "otp=123456" }, "otp" },
    { { "gateway=a", "user=u", "eap=md5" }, { "password=x" }, "md5" },
    { { "gateway=a" }, { PSK, "pin=1234" }, "pin" },
    { { "gateway=a", "revocation=soft" }, { PSK }, NULL },
    { { "gateway=a", "revocation=strict" }, { PSK }, NULL },
    { { "gateway=a", "revocation=off" }, { PSK }, NULL },
    { { "gateway=a", "crypto-policy=system" }, { PSK }, NULL },
    { { "gateway=a", "psk-flags=often" }, { PSK }, "psk-flags" },
    { { "gateway=a", "psk-flags=1" }, { PSK }, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IpsecProfile) p = profile_of (cases[i].data, cases[i].secrets, NULL, &error);

      g_assert_no_error (error);
      if (cases[i].word == NULL)
        g_assert_cmpint (p->warnings->len, ==, 0);
      else if (!has_warning (p, cases[i].word))
        g_error ("row %u: no warning with “%s”", i, cases[i].word);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/auth/derived", test_derived);
  g_test_add_func ("/profile/auth/ambiguous", test_ambiguous);
  g_test_add_func ("/profile/auth/identities", test_identities);
  g_test_add_func ("/profile/auth/second", test_second);
  g_test_add_func ("/profile/auth/eap", test_eap);
  g_test_add_func ("/profile/auth/eap-server", test_eap_server);
  g_test_add_func ("/profile/auth/user", test_user);
  g_test_add_func ("/profile/auth/missing", test_missing);
  g_test_add_func ("/profile/auth/missing-remote-psk", test_missing_remote_psk);
  g_test_add_func ("/profile/auth/missing-pin", test_missing_pin);
  g_test_add_func ("/profile/auth/flags-like-libnm", test_flags_like_libnm);
  g_test_add_func ("/profile/auth/flag-defaults", test_flag_defaults);
  g_test_add_func ("/profile/auth/psk-decode", test_psk_decode);
  g_test_add_func ("/profile/auth/secrets-not-shown", test_secrets_not_shown);
  g_test_add_func ("/profile/auth/warnings", test_warnings);
  return g_test_run ();
}
