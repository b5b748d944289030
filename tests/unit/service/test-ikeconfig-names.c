/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As whom a server answers: what comes of its certificate, and of the key local-id. */
#include "nm/ikeconfig.h"

#include "nss-crypto.h"
#include "nss-name.h"

#include "../nss/cert-test.h"

static const IkeCrypto *crypto;

static IkeConfig *
build (const char *role, const char *local_id, const char *certificate)
{
  g_autoptr (GHashTable) data = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) secrets = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) certificates = fixture_list (certificate);
  g_autoptr (GPtrArray) cas = fixture_list ("root");
  HelperCredentials have = {
    .key = 7, .key_type = IKE_KEY_P256, .key_bits = 256, .certificates = certificates, .cas = cas
  };
  IkeconfigInput input = { .name = "x", .credentials = &have, .candidates = 1, .crypto = crypto };
  g_autoptr (IpsecProfile) profile = NULL;
  g_autoptr (GError) error = NULL;
  IkeConfig *config;

  g_hash_table_insert (data, (char *) "role", (char *) role);
  g_hash_table_insert (data, (char *) "auth", (char *) "cert");
  g_hash_table_insert (data, (char *) "certificate", (char *) "/c.pem");
  g_hash_table_insert (data, (char *) "private-key", (char *) "/k.pem");
  if (strcmp (role, "server") == 0)
    g_hash_table_insert (data, (char *) "pool", (char *) "10.9.0.0/24");
  else
    g_hash_table_insert (data, (char *) "gateway", (char *) "vpn.example.org");
  if (local_id)
    g_hash_table_insert (data, (char *) "local-id", (char *) local_id);
  profile = ipsec_profile_new (data, secrets, NULL, &error);
  g_assert_no_error (error);
  input.profile = profile;
  input.host = profile->outer.gateways[0];
  config = ikeconfig_new (&input, &error);
  g_assert_no_error (error);
  return config;
}

static void
test_names (void)
{
  static const struct {
    const char *role, *local_id, *certificate;
    const char *answered, *names; /* by itself, and when it is asked */
  } rows[] = {
    { "server", NULL, "good", "vpn.example.org", "vpn.example.org|O=IPsec Lab, CN=vpn" },
    { "server", NULL, "ip", "O=IPsec Lab, CN=vpn", "192.0.2.1|2001:db8::1|O=IPsec Lab, CN=vpn" },
    { "server", NULL, "wild", "CN=wild", "*.example.org|CN=wild" },
    { "server", NULL, "nosubject", "vpn.example.org", "vpn.example.org" },
    { "server", "%fromcert", "good", "O=IPsec Lab, CN=vpn", "" },
    { "server", "gw.example.org", "good", "gw.example.org", "" },
    { "client", NULL, "good", "O=IPsec Lab, CN=vpn", "" },
    { "peer", NULL, "good", "O=IPsec Lab, CN=vpn", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (IkeConfig) config = build (rows[i].role, rows[i].local_id, rows[i].certificate);
      g_autoptr (GString) names = g_string_new (NULL);
      g_autofree char *own = nss_identity_to_string (config->local_id);

      g_assert_cmpstr (own, ==, rows[i].answered);
      for (guint j = 0; j < config->names->len; j++)
        {
          g_autofree char *name = nss_identity_to_string (config->names->pdata[j]);

          g_string_append_printf (names, "%s%s", j ? "|" : "", name);
        }
      g_assert_cmpstr (names->str, ==, rows[i].names);
    }
}

/* What EAP says outside: the name, unless nobody knows yet who hears it. */
static void
test_outer (void)
{
  static const struct {
    const char *user, *remote, *told; /* told: eap-identity */
    const char *outer; /* NULL: the user */
  } rows[] = {
    { "alice", "auto", NULL, NULL },
    { "alice", "auto", "x", "x" },
    { "alice", "eap-only", NULL, "anonymous" },
    { "LAB\\alice", "eap-only", NULL, "anonymous" },
    { "alice@", "eap-only", NULL, "anonymous" },
    { "alice@example.org", "eap-only", NULL, "@example.org" },
    { "alice@example.org", "eap-only", "alice", "alice" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GHashTable) data = g_hash_table_new (g_str_hash, g_str_equal);
      g_autoptr (GHashTable) secrets = g_hash_table_new (g_str_hash, g_str_equal);
      g_autoptr (IpsecProfile) profile = NULL;
      g_autoptr (IkeConfig) config = NULL;
      g_autoptr (GError) error = NULL;
      IkeconfigInput input = { .name = "x", .host = "vpn.example.org", .candidates = 1, .crypto = crypto };

      g_hash_table_insert (data, (char *) "gateway", (char *) "vpn.example.org");
      g_hash_table_insert (data, (char *) "auth", (char *) "eap");
      g_hash_table_insert (data, (char *) "user", (char *) rows[i].user);
      g_hash_table_insert (data, (char *) "remote-auth", (char *) rows[i].remote);
      if (rows[i].told)
        g_hash_table_insert (data, (char *) "eap-identity", (char *) rows[i].told);
      g_hash_table_insert (secrets, (char *) "password", (char *) "x");
      profile = ipsec_profile_new (data, secrets, NULL, &error);
      g_assert_no_error (error);
      input.profile = profile;
      config = ikeconfig_new (&input, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (config->eap_identity, ==, rows[i].user);
      g_assert_cmpstr (config->eap_outer_identity, ==, rows[i].outer);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  crypto = nss_crypto_get (&error);
  g_assert_no_error (error);
  g_test_add_func ("/ikeconfig/names", test_names);
  g_test_add_func ("/ikeconfig/outer", test_outer);
  return g_test_run ();
}
