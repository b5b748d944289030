/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles of servers. */
#include "profile-test.h"

#define PSK "psk=a pre-shared key that is long enough"
#define CONFLICT IPSEC_PROFILE_ERROR_CONFLICT
#define MISSING IPSEC_PROFILE_ERROR_MISSING_KEY
#define BAD IPSEC_PROFILE_ERROR_BAD_VALUE

static void
test_small (void)
{
  g_autoptr (IpsecProfile) p = profile_of (LIST ("role=server", "pool=10.9.0.0/24"), LIST (PSK), NULL, NULL);
  g_autoptr (IpsecIdentity) remote = NULL;
  const IpsecSelector *all;

  g_assert_nonnull (p);
  g_assert_cmpint (p->role, ==, IPSEC_ROLE_SERVER);
  g_assert_cmpint (p->auth.local, ==, IPSEC_AUTH_PSK);
  g_assert_cmpint (p->auth.remote, ==, IPSEC_AUTH_PSK);
  g_assert_null (p->outer.gateways[0]);
  g_assert_cmpuint (p->server.pools->len, ==, 1);
  g_assert_cmpuint (p->server.dns->len, ==, 0);
  g_assert_null (p->server.domains[0]);
  g_assert_null (p->server.banner);
  g_assert_cmpint (p->server.unique, ==, IPSEC_UNIQUE_REPLACE);
  /* all of one family behind us, clients at their own addresses, whoever they are */
  g_assert_cmpuint (p->tunnel.local_ts->len, ==, 1);
  all = p->tunnel.local_ts->pdata[0];
  g_assert_cmpint (all->first.family, ==, 4);
  g_assert_cmpint (all->last.bytes[0], ==, 255);
  g_assert_cmpuint (p->tunnel.remote_ts->len, ==, 0);
  g_assert_false (p->tunnel.want_address4 || p->tunnel.want_address6);
  remote = ipsec_profile_remote_id (p, "office");
  g_assert_cmpint (remote->kind, ==, IPSEC_IDENTITY_FROM_CERT);
}

static void
test_large (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecProfile) p =
      profile_of (LIST ("role=server", "start=listen", "pool=10.9.0.0/24, 10.8.0.0/24", "pool6=2001:db8::/64",
                        "push-dns=10.0.0.53,2001:db8::53", "push-domains=a.example, b.example", "push-banner=Be good.",
                        "users=/etc/users", "pam-service=vpn", "unique=no", "certificate=/a", "local-ts=10.10.0.0/24",
                        "redirect-to=gw2.example"),
                  NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (p->server.pools->len, ==, 3);
  g_assert_cmpstr (p->server.redirect_to, ==, "gw2.example");
  g_assert_cmpuint (p->server.dns->len, ==, 2);
  g_assert_cmpstr (p->server.domains[1], ==, "b.example");
  g_assert_cmpstr (p->server.banner, ==, "Be good.");
  g_assert_cmpstr (p->server.users, ==, "/etc/users");
  g_assert_cmpstr (p->server.pam_service, ==, "vpn");
  g_assert_cmpint (p->server.unique, ==, IPSEC_UNIQUE_NO);
  g_assert_cmpint (p->auth.local, ==, IPSEC_AUTH_CERT);
  g_assert_cmpint (p->auth.remote, ==, IPSEC_AUTH_EAP);
  g_assert_cmpuint (p->tunnel.local_ts->len, ==, 1);
  /* no password of ours is asked for */
  g_assert_null (ipsec_profile_missing_secret (p));
}

/* the machine's certificate, and then its user's password */
static void
test_second (void)
{
  g_autoptr (IpsecProfile) p =
      PROFILE ("role=server", "pool=10.9.0.0/24", "certificate=/a", "users=/etc/users", "auth2=eap");

  g_assert_true (p->auth.then_eap && !ipsec_profile_uses_eap (p));
  g_assert_cmpint (p->auth.local, ==, IPSEC_AUTH_CERT);
  g_assert_cmpint (p->auth.remote, ==, IPSEC_AUTH_CERT);
  g_assert_null (ipsec_profile_missing_secret (p));
}

static void
test_null (void)
{
  g_autoptr (IpsecProfile) anybody = PROFILE ("role=server", "pool=10.9.0.0/24", "certificate=/a", "remote-auth=null");
  g_autoptr (IpsecProfile) client = PROFILE ("gateway=a", "auth=null");

  g_assert_cmpint (anybody->auth.remote, ==, IPSEC_AUTH_NULL);
  g_assert_cmpuint (anybody->warnings->len, >=, 1);
  g_assert_cmpint (client->auth.local, ==, IPSEC_AUTH_NULL);
  g_assert_cmpint (client->auth.remote, ==, IPSEC_AUTH_CERT);
  g_assert_null (client->auth.local_id);
}

/* Domains are nothing to a client that cannot ask for them. */
static void
test_push (void)
{
  static const struct {
    const char *pool, *dns;
    gboolean warned;
  } rows[] = {
    { "pool=10.9.0.0/24", "push-dns=10.0.0.53", FALSE },
    { "pool=10.9.0.0/24", "x-none=", TRUE },
    { "pool=10.9.0.0/24", "push-dns=2001:db8::53", TRUE },
    { "pool6=2001:db8::/64", "push-dns=10.0.0.53", TRUE },
    { "pool6=2001:db8::/64", "push-dns=10.0.0.53,2001:db8::53", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (IpsecProfile) p =
          PROFILE ("role=server", "certificate=/a", rows[i].pool, rows[i].dns, "push-domains=a.example");
      gboolean warned = FALSE;

      for (guint k = 0; k < p->warnings->len; k++)
        warned |= strstr (p->warnings->pdata[k], "push-domains") != NULL;
      g_assert_cmpint (warned, ==, rows[i].warned);
    }
}

static void
test_refused (void)
{
  assert_refused (LIST ("role=server"), LIST (PSK), MISSING, "pool");
  assert_refused (LIST ("role=server", "pool=10.9.0.0/24"), NULL, MISSING, "auth");
  assert_refused (LIST ("role=server", "pool=2001:db8::/64"), LIST (PSK), CONFLICT, "pool|IPv4");
  assert_refused (LIST ("role=server", "pool6=10.9.0.0/24"), LIST (PSK), CONFLICT, "pool6|IPv6");
  assert_refused (LIST ("role=server", "pool=nonsense"), LIST (PSK), BAD, "pool");
  assert_refused (LIST ("role=server", "pool=10.9.0.0/24", "gateway=a"), LIST (PSK), CONFLICT, "gateway|role=server");
  assert_refused (LIST ("role=server", "pool=10.9.0.0/24", "remote-ts=10.0.0.0/8"), LIST (PSK), CONFLICT, "remote-ts");
  assert_refused (LIST ("role=server", "pool=10.9.0.0/24", "interface=none"), LIST (PSK), CONFLICT, "interface");
  /* passwords only for who is known by a signature */
  assert_refused (LIST ("role=server", "pool=10.9.0.0/24", "users=/a", "auth=psk"), LIST (PSK), CONFLICT,
                  "certificate");
  assert_refused (LIST ("role=server", "pool=10.9.0.0/24", "auth=eap"), NULL, CONFLICT, "auth");
  assert_refused (LIST ("role=server", "pool=10.9.0.0/24", "auth2=eap", "users=/a"), LIST (PSK), CONFLICT,
                  "certificate");
  assert_refused (LIST ("role=server", "pool=10.9.0.0/24", "auth2=eap", "certificate=/a"), NULL, MISSING, "users");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/server/small", test_small);
  g_test_add_func ("/profile/server/large", test_large);
  g_test_add_func ("/profile/server/null", test_null);
  g_test_add_func ("/profile/server/push", test_push);
  g_test_add_func ("/profile/server/second", test_second);
  g_test_add_func ("/profile/server/refused", test_refused);
  return g_test_run ();
}
