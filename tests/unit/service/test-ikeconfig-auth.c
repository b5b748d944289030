/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a profile to the engine's configuration: how both ends prove who they are. */
#include "nm/ikeconfig.h"
#include "nm/vpn-error.h"

#include "crypto/proposal.h"
#include "nss-crypto.h"

#include <string.h>

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const IkeCrypto *crypto;

/* "key=value" strings, NULL-terminated. */
static IpsecProfile *
profile (const char *const *data, GError **error)
{
  g_autoptr (GHashTable) table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) secrets = g_hash_table_new (g_str_hash, g_str_equal);

  for (; *data; data++)
    {
      const char *equal = strchr (*data, '=');

      g_hash_table_insert (table, g_strndup (*data, (gsize) (equal - *data)), g_strdup (equal + 1));
    }
  g_hash_table_insert (secrets, (char *) "psk", (char *) "secret-value-of-length");
  return ipsec_profile_new (table, secrets, NULL, error);
}

static IkeConfig *
build (const char *const *data, gboolean fips, GError **error)
{
  g_autoptr (GError) none = NULL;
  g_autoptr (IpsecProfile) from = profile (data, &none);
  IkeCrypto ours = *crypto;
  IkeconfigInput input = { .profile = from, .name = "x", .host = "192.0.2.1", .candidates = 1, .crypto = &ours };

  g_assert_no_error (none);
  ours.fips = fips;
  return ikeconfig_new (&input, error);
}

/* Whoever asks for it, or for algorithms as old. In FIPS mode the one is told, and the other loses it as he does those. */
static void
test_rsa_sha1 (void)
{
  static const struct {
    const char *ike, *key;
    gboolean allowed;
    const char *fips_fails; /* by this key; NULL: it does not */
  } rows[] = {
    { "x-none=", "x-none=", FALSE, NULL },        { "x-none=", "rsa-sha1=yes", TRUE, "rsa-sha1" },
    { "x-none=", "rsa-sha1=no", FALSE, NULL },    { "ike=legacy", "x-none=", TRUE, NULL },
    { "ike=legacy", "rsa-sha1=no", FALSE, NULL }, { "ike=default,LEGACY", "x-none=", TRUE, NULL },
    { "esp=legacy", "x-none=", FALSE, NULL },     { "ike=aes256-sha1-modp1024", "x-none=", FALSE, "ike" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint fips = 0; fips < 2; fips++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (IkeConfig) config = build (LIST ("gateway=192.0.2.1", "auth=psk", rows[i].ike, rows[i].key), fips, &error);

        if (fips && rows[i].fips_fails)
          {
            g_assert_error (error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS);
            g_assert_true (g_str_has_prefix (error->message, rows[i].fips_fails));
            continue;
          }
        g_assert_no_error (error);
        g_assert_cmpint (config->allow_rsa_sha1, ==, rows[i].allowed && !fips);
      }
}

/* RFC 8784 section 5.2.3: without another proof it is no longer an offer. */
static void
test_ppk (void)
{
  static const struct {
    const char *auth, *remote, *ppk;
    IkePpk is;
  } rows[] = {
    { "auth=psk", "x-none=", "ppk=yes", IKE_PPK_YES },
    { "auth=psk", "x-none=", "ppk=insist", IKE_PPK_INSIST },
    { "auth=null", "remote-auth=psk", "ppk=yes", IKE_PPK_INSIST },
    { "auth=psk", "remote-auth=null", "ppk=yes", IKE_PPK_INSIST },
    { "auth=null", "remote-auth=null", "ppk=yes", IKE_PPK_INSIST },
    { "auth=null", "remote-auth=null", "ppk=no", IKE_PPK_NO },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IkeConfig) config =
          build (LIST ("gateway=192.0.2.1", "ppk-id=a", rows[i].auth, rows[i].remote, rows[i].ppk), FALSE, &error);

      g_assert_no_error (error);
      g_assert_cmpint (config->ppk, ==, rows[i].is);
    }
}

static gboolean
has_short (const char *proposals)
{
  return strstr (proposals, "AES_GCM_16_128") || strstr (proposals, "AES_CBC_128");
}

/* Section 6: not with ciphers that a quantum computer makes weak, unless they are named. */
static void
test_ppk_ciphers (void)
{
  static const struct {
    const char *ppk, *ike, *esp;
    gboolean short_ike, short_esp;
  } rows[] = {
    { "ppk=yes", "x-none=", "x-none=", TRUE, TRUE },
    { "ppk=insist", "x-none=", "x-none=", FALSE, FALSE },
    { "ppk=insist", "ike=default", "esp=default", FALSE, FALSE },
    { "ppk=insist", "ike=aes128-sha256-modp2048", "x-none=", TRUE, FALSE },
    { "ppk=insist", "x-none=", "esp=default,aes128gcm16", FALSE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IkeConfig) config = build (
          LIST ("gateway=192.0.2.1", "auth=psk", "ppk-id=a", rows[i].ppk, rows[i].ike, rows[i].esp), FALSE, &error);
      g_autofree char *ike = NULL, *esp = NULL;

      g_assert_no_error (error);
      ike = ike_proposals_to_string (config->proposals);
      esp = ike_proposals_to_string (config->child_proposals);
      g_assert_cmpint (has_short (ike), ==, rows[i].short_ike);
      g_assert_cmpint (has_short (esp), ==, rows[i].short_esp);
      g_assert_true (rows[i].short_ike || (strstr (ike, "AES_GCM_16_256") && strstr (ike, "CHACHA20")));
      g_assert_true (rows[i].short_esp || (strstr (esp, "AES_GCM_16_256") && strstr (esp, "AES_CBC_256")));
    }
}

/* A server that wants its clients to authenticate again says when. */
static void
test_reauth (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IkeConfig) server =
      build (LIST ("role=server", "pool=10.9.0.0/24", "auth=psk", "reauth=yes"), FALSE, &error);
  g_autoptr (IkeConfig) client = build (LIST ("gateway=192.0.2.1", "auth=psk", "reauth=yes"), FALSE, &error);

  g_assert_no_error (error);
  g_assert_true (server->ike_lifetime && server->auth_lifetime == server->ike_lifetime && !client->auth_lifetime);
}

/* Kinds of keys that no NSS has had validated. */
static void
test_fips_keys (void)
{
  static const IkeKeyType types[] = { IKE_KEY_P256,      IKE_KEY_P521,      IKE_KEY_ED25519,
                                      IKE_KEY_ML_DSA_44, IKE_KEY_ML_DSA_65, IKE_KEY_ML_DSA_87 };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (types); i++)
    {
      g_autoptr (IpsecProfile) from =
          profile (LIST ("gateway=192.0.2.1", "auth=rsa", "local-rsa-key=/k.pem", "remote-rsa-key=/r.pem"), NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) theirs = g_bytes_new_static ("a key", 5);
      IkeCrypto ours = *crypto;
      HelperCredentials have = { .key = 7, .key_type = types[i / 2], .key_bits = 256, .remote_key = theirs };
      IkeconfigInput input = {
        .profile = from, .name = "x", .credentials = &have, .host = "192.0.2.1", .candidates = 1, .crypto = &ours
      };
      g_autoptr (IkeConfig) config = NULL;

      ours.fips = i % 2;
      config = ikeconfig_new (&input, &error);
      g_assert_cmpint (config != NULL, ==, !ours.fips || i / 2 < 2);
      g_assert_true (config || g_str_has_prefix (error->message, "private-key: "));
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  crypto = nss_crypto_get (&error);
  g_assert_no_error (error);
  g_test_add_func ("/ikeconfig/auth/rsa-sha1", test_rsa_sha1);
  g_test_add_func ("/ikeconfig/auth/reauth", test_reauth);
  g_test_add_func ("/ikeconfig/auth/fips-keys", test_fips_keys);
  g_test_add_func ("/ikeconfig/auth/ppk", test_ppk);
  g_test_add_func ("/ikeconfig/auth/ppk-ciphers", test_ppk_ciphers);
  return g_test_run ();
}
