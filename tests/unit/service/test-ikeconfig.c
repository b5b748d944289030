/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a profile to the engine's configuration: identities, algorithms, selectors, times, patience. */
#include "nm/hints.h"
#include "nm/ikeconfig.h"
#include "nm/vpn-error.h"
#include "nm/raw-keys.h"

#include "crypto/proposal.h"
#include "nss-crypto.h"

#include "../nss/cert-test.h"

#include <string.h>

static const IkeCrypto *crypto;

/* "key=value" strings, NULL-terminated. */
static IpsecProfile *
profile (const char *const *data, const char *secret)
{
  g_autoptr (GHashTable) table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) secrets = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  IpsecProfile *result;

  for (; *data; data++)
    {
      const char *equal = strchr (*data, '=');

      g_hash_table_insert (table, g_strndup (*data, (gsize) (equal - *data)), g_strdup (equal + 1));
    }
  if (secret)
    g_hash_table_insert (secrets, (char *) secret, (char *) "secret-value-of-length");
  result = ipsec_profile_new (table, secrets, NULL, &error);
  g_assert_no_error (error);
  return result;
}

static IkeConfig *
build_with (const IpsecProfile *from, const HelperCredentials *credentials, guint candidates, GError **error)
{
  IkeconfigInput input = { .profile = from,
                           .name = "office",
                           .credentials = credentials,
                           .host = from->outer.gateways[0],
                           .candidates = candidates,
                           .ke_hint = 31,
                           .crypto = crypto };

  return ikeconfig_new (&input, error);
}

static IkeConfig *
build (const char *const *data, const char *secret)
{
  g_autoptr (IpsecProfile) from = profile (data, secret);
  g_autoptr (GError) error = NULL;
  IkeConfig *config = build_with (from, NULL, 1, &error);

  g_assert_no_error (error);
  return config;
}
#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
assert_id (const IkeIdentity *id, IkeIdType type, const char *text)
{
  g_assert_nonnull (id);
  g_assert_cmpint (id->type, ==, type);
  g_assert_cmpmem (g_bytes_get_data (id->data, NULL), g_bytes_get_size (id->data), text, strlen (text));
}

static void
test_remote_id (void)
{
  g_autoptr (IkeConfig) by_name = build (LIST ("gateway=vpn.example.org", "auth=psk"), "psk");
  g_autoptr (IkeConfig) by_address = build (LIST ("gateway=198.51.100.1", "auth=psk"), "psk");
  g_autoptr (IkeConfig) told = build (LIST ("gateway=192.0.2.1", "auth=psk", "remote-id=gw@example.org"), "psk");
  g_autoptr (IkeConfig) dn = build (LIST ("gateway=192.0.2.1", "auth=psk", "remote-id=O=Lab, CN=gw"), "psk");
  g_autoptr (IkeConfig) any =
      build (LIST ("gateway=192.0.2.1", "auth=eap", "user=a", "remote-id=%fromcert"), "password");

  assert_id (by_name->remote_id, IKE_ID_FQDN, "vpn.example.org");
  /* a name that we only dial is not one that the gateway must have */
  g_assert_false (by_name->send_remote_id);
  assert_id (by_address->remote_id, IKE_ID_IPV4_ADDR, "\xc6\x33\x64\x01");
  assert_id (told->remote_id, IKE_ID_RFC822_ADDR, "gw@example.org");
  g_assert_true (told->send_remote_id);
  g_assert_cmpint (dn->remote_id->type, ==, IKE_ID_DER_ASN1_DN);
  g_assert_null (any->remote_id);
}

static void
test_local_id (void)
{
  g_autoptr (IkeConfig) by_address = build (LIST ("gateway=192.0.2.1", "auth=psk"), "psk");
  g_autoptr (IkeConfig) told = build (LIST ("gateway=192.0.2.1", "auth=psk", "local-id=@[group]"), "psk");
  g_autoptr (IkeConfig) user = build (LIST ("gateway=192.0.2.1", "auth=eap", "user=alice@example.org"), "password");
  g_autoptr (IkeConfig) both =
      build (LIST ("gateway=192.0.2.1", "auth=eap", "user=EXAMPLE\\alice", "local-id=@pc.example.org"), "password");

  g_assert_null (by_address->local_id);
  assert_id (told->local_id, IKE_ID_KEY_ID, "group");
  assert_id (user->local_id, IKE_ID_RFC822_ADDR, "alice@example.org");
  g_assert_cmpstr (user->eap_identity, ==, "alice@example.org");
  assert_id (both->local_id, IKE_ID_FQDN, "pc.example.org");
  g_assert_cmpstr (both->eap_identity, ==, "EXAMPLE\\alice");
}

static HelperCredentials
credentials (const char *certificate, guint32 key)
{
  return (HelperCredentials){ .key = key,
                              .key_type = key ? IKE_KEY_P256 : IKE_KEY_NONE,
                              .key_bits = 256,
                              .certificates = fixture_list (certificate),
                              .cas = fixture_list ("root other") };
}

static void
credentials_clear (HelperCredentials *self)
{
  g_ptr_array_unref (self->certificates);
  g_ptr_array_unref (self->cas);
}

static IkeConfig *
build_cert (const char *extra, const char *certificate, guint32 key, GError **error)
{
  g_autoptr (IpsecProfile) from =
      profile (LIST ("gateway=vpn.example.org", "auth=cert", "certificate=/c.pem", "private-key=/k.pem", extra), NULL);
  HelperCredentials have = credentials (certificate, key);
  IkeConfig *config = build_with (from, &have, 1, error);

  credentials_clear (&have);
  return config;
}

static void
test_certificate (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NssCert) cert = fixture_cert ("email");
  g_autoptr (IkeIdentity) subject = nss_cert_subject_identity (cert);
  g_autoptr (IkeConfig) config = build_cert ("x-none=", "email int", 7, &error);
  g_autoptr (IkeConfig) nosubject = build_cert ("x-none=", "nosubject", 7, NULL);
  g_autoptr (IkeConfig) told = build_cert ("local-id=alice@example.org", "email", 7, NULL);
  g_autoptr (IkeConfig) from_cert = build_cert ("local-id=%fromcert", "email", 7, NULL);

  g_assert_no_error (error);
  g_assert_true (ike_identity_equal (config->local_id, subject));
  g_assert_true (ike_identity_equal (from_cert->local_id, subject));
  assert_id (nosubject->local_id, IKE_ID_FQDN, "vpn.example.org");
  assert_id (told->local_id, IKE_ID_RFC822_ADDR, "alice@example.org");
  g_assert_cmpint (config->local_auth, ==, IKE_AUTH_SIGNATURE);
  g_assert_cmpint (config->remote_auth, ==, IKE_AUTH_SIGNATURE);
  g_assert_cmpint (config->key_type, ==, IKE_KEY_P256);
  g_assert_false (config->key_pss);
  g_assert_false (config->allow_rsa_sha1);
  g_assert_true (config->certificate_identity_check);
  g_assert_cmpuint (config->certificates->len, ==, 2);
  g_assert_cmpuint (g_bytes_get_size (config->certreq_hashes), ==, 40);
}

static void
assert_fails (IkeConfig *config, GError *take_error, const char *named)
{
  g_autoptr (GError) error = take_error;

  g_assert_null (config);
  g_assert_error (error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS);
  if (!strstr (error->message, named))
    g_error ("\"%s\" does not name %s", error->message, named);
}

static void
test_certificate_wrong (void)
{
  g_autoptr (IpsecProfile) rsa = profile (LIST ("gateway=192.0.2.1", "auth=cert", "certificate=/c.pem"), NULL);
  GError *error = NULL;
  IkeConfig *config;

  config = build_cert ("x-none=", "email", 0, &error);
  assert_fails (config, g_steal_pointer (&error), "private-key");
  config = build_cert ("x-none=", "", 7, &error);
  assert_fails (config, g_steal_pointer (&error), "local-id");
  config = build_cert ("local-id=@a.example", "", 7, &error);
  assert_fails (config, g_steal_pointer (&error), "certificate");
  config = build_with (rsa, NULL, 1, &error);
  assert_fails (config, g_steal_pointer (&error), "local-id");
  /* with an equals sign it is a distinguished name, and there is no such attribute */
  config = build_cert ("local-id=NOSUCH=a", "email", 7, &error);
  assert_fails (config, g_steal_pointer (&error), "local-id");
  /* and without one a host's name */
  config = build_cert ("local-id=CN", "email", 7, &error);
  g_assert_no_error (error);
  assert_id (config->local_id, IKE_ID_FQDN, "CN");
  ike_config_free (config);
}

static void
test_many_cas (void)
{
  g_autoptr (IpsecProfile) from = profile (LIST ("gateway=192.0.2.1", "auth=eap", "user=a"), "password");
  HelperCredentials have = credentials ("", 0);
  g_autoptr (IkeConfig) config = NULL;

  for (guint i = 0; i < 60; i++)
    g_ptr_array_add (have.cas, g_bytes_ref (have.cas->pdata[0]));
  config = build_with (from, &have, 1, NULL);
  g_assert_cmpuint (g_bytes_get_size (config->certreq_hashes), ==, IKECONFIG_MAX_CERTREQ * 20);
  credentials_clear (&have);
}

/* A raw key proves nobody's name: the peer must claim the identity that is wanted, whatever the profile says. */
static void
test_raw_keys (void)
{
  g_autoptr (IpsecProfile) from = profile (
      LIST ("gateway=192.0.2.1", "local-rsa-key=/k.pem",
            "remote-rsa-key=0sMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNA==",
            "remote-id=gw.example.org"),
      NULL);
  g_autoptr (IpsecProfile) bad =
      profile (LIST ("gateway=192.0.2.1", "auth=rsa", "local-rsa-key=/k", "remote-rsa-key=0sAAEC"), NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RawKeys) keys = raw_keys_new (from, &error);
  g_autoptr (IkeConfig) config = NULL;
  HelperCredentialSpec spec = { 0 };
  HelperCredentials have = { .key = 7, .key_type = IKE_KEY_P256, .key_bits = 256 };

  g_assert_no_error (error);
  g_assert_nonnull (keys->remote_key); /* 64 octets: P-256 */
  g_assert_true (raw_keys_add (keys, &spec));
  g_assert_cmpstr (spec.private_key, ==, "/k.pem");
  g_assert_null (spec.certificate);
  g_assert_null (spec.ca);
  g_assert_null (build_with (from, &have, 1, &error)); /* nobody to be trusted */
  g_assert_nonnull (strstr (error->message, "remote-rsa-key"));
  have.remote_key = keys->remote_key;
  config = build_with (from, &have, 1, NULL);
  g_assert_nonnull (config);
  g_assert_cmpint (config->local_auth, ==, IKE_AUTH_SIGNATURE);
  g_assert_cmpint (config->remote_auth, ==, IKE_AUTH_SIGNATURE);
  g_assert_false (config->certificate_identity_check);
  g_assert_null (config->certreq_hashes);
  g_assert_cmpuint (config->certificates->len, ==, 0);
  g_clear_error (&error);
  g_assert_null (raw_keys_new (bad, &error));
  g_assert_nonnull (strstr (error->message, "remote-rsa-key"));
}

/* A file of authorities that holds a raw key: nobody may be trusted because of it. */
static void
test_raw_key_as_ca (void)
{
  g_autoptr (IpsecProfile) from =
      profile (LIST ("gateway=192.0.2.1", "auth=psk", "remote-auth=cert", "ca=/ca.pem"), "psk");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) key = g_bytes_new_static ("key", 3);
  const HelperCredentials have = { .remote_key = key };

  g_assert_null (build_with (from, &have, 1, &error));
  g_assert_nonnull (strstr (error->message, "ca: "));
}

static gboolean
supports_no_gcm (const IkeCrypto *self, IkeTransformType type, guint16 id, guint16 key_bits)
{
  return !(type == IKE_TRANSFORM_ENCR && id == IKE_ENCR_AES_GCM_16) && crypto->supports (crypto, type, id, key_bits);
}

static void
test_proposals (void)
{
  g_autoptr (IpsecProfile) both =
      profile (LIST ("gateway=192.0.2.1", "auth=psk", "ike=aes256gcm16-prfsha384-ecp384,aes128-sha256-modp2048",
                     "esp=aes256gcm16"),
               "psk");
  g_autoptr (IpsecProfile) gcm =
      profile (LIST ("gateway=192.0.2.1", "auth=psk", "ike=aes256gcm16-prfsha384-ecp384"), "psk");
  IkeCrypto poor = { .supports = supports_no_gcm };
  const IkeCrypto *real = crypto;
  g_autoptr (IkeConfig) all = build_with (both, NULL, 1, NULL);
  g_autoptr (IkeConfig) some = NULL;
  g_autofree char *text = NULL;
  GError *error = NULL;
  IkeconfigInput input = { .profile = both, .name = "x", .host = "192.0.2.1", .candidates = 1, .crypto = &poor };

  g_assert_nonnull (real);
  g_assert_cmpuint (all->proposals->len, ==, 2);
  g_assert_cmpuint (all->ke_hint, ==, 31);
  some = ikeconfig_new (&input, NULL);
  g_assert_cmpuint (some->proposals->len, ==, 1);
  text = ike_proposals_to_string (some->proposals);
  g_assert_nonnull (strstr (text, "CBC"));
  /* ESP is the kernel's business */
  g_assert_cmpuint (some->child_proposals->len, ==, all->child_proposals->len);
  input.profile = gcm;
  g_assert_null (ikeconfig_new (&input, &error));
  assert_fails (NULL, error, "ike");
}

/* What the system's policy, NULL for none, leaves of a profile. */
static IkeConfig *
build_under (const IpsecPolicy *policy, const char *const *data, GError **error)
{
  g_autoptr (IpsecProfile) from = profile (data, "psk");
  IkeconfigInput input = {
    .profile = from, .name = "x", .host = "192.0.2.1", .candidates = 1, .crypto = crypto, .policy = policy
  };

  return ikeconfig_new (&input, error);
}

/* Of the defaults, in IKE as in ESP, only what the policy names is left; its groups are ESP's as well. */
static void
test_policy (void)
{
  g_autoptr (IpsecPolicy) policy = ipsec_policy_parse ("ike=aes_gcm256-sha2_512-dh20\nesp=aes_gcm256\n", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (IkeConfig) free_one = build_under (NULL, LIST ("gateway=192.0.2.1", "auth=psk"), NULL);
  g_autoptr (IkeConfig) config = build_under (policy, LIST ("gateway=192.0.2.1", "auth=psk"), &error);
  g_autofree char *ike = NULL, *esp = NULL, *free_ike = NULL, *free_esp = NULL;

  g_assert_no_error (error);
  ike = ike_proposals_to_string (config->proposals);
  esp = ike_proposals_to_string (config->child_proposals);
  free_ike = ike_proposals_to_string (free_one->proposals);
  free_esp = ike_proposals_to_string (free_one->child_proposals);
  g_assert_cmpstr (ike, ==, "AES_GCM_16_256/PRF_HMAC_SHA2_512/ECP_384");
  g_assert_nonnull (strstr (esp, "AES_GCM_16_256"));
  g_assert_nonnull (strstr (esp, "ECP_384"));
  for (guint i = 0; i < 5; i++)
    {
      const char *bad = ((const char *const[]){ "CBC", "CHACHA", "_128", "SHA2_256", "ECP_256" })[i];

      g_assert_null (strstr (esp, bad));
      g_assert_nonnull (strstr (free_ike, bad));
      g_assert_nonnull (strstr (free_esp, bad));
    }
}

/* What is named and nothing of it allowed. */
static void
test_policy_forbids (void)
{
  g_autoptr (IpsecPolicy) policy = ipsec_policy_parse ("ike=aes_gcm256-sha2_512-dh20\nesp=aes_gcm256\n", NULL);
  GError *error = NULL;
  IkeConfig *config;

  config = build_under (policy, LIST ("gateway=192.0.2.1", "auth=psk", "ike=aes256-sha512-ecp384"), &error);
  assert_fails (config, g_steal_pointer (&error), "ike: the system's crypto policy");
  config = build_under (policy, LIST ("gateway=192.0.2.1", "auth=psk", "esp=aes128gcm16"), &error);
  assert_fails (config, g_steal_pointer (&error), "esp: the system's crypto policy");
}

/* @policy: nss.config's text, or NULL. */
static IkeConfig *
build_rsa (guint bits, gboolean fips, const char *policy, GError **error)
{
  g_autoptr (IpsecPolicy) rules = policy ? ipsec_policy_parse (NULL, policy) : NULL;
  g_autoptr (IpsecProfile) from =
      profile (LIST ("gateway=192.0.2.1", "auth=cert", "certificate=/c.pem", "private-key=/k.pem"), NULL);
  IkeCrypto ours = *crypto;
  HelperCredentials have = credentials ("email", 7);
  IkeconfigInput input = { .profile = from,
                           .name = "x",
                           .credentials = &have,
                           .host = "192.0.2.1",
                           .candidates = 1,
                           .crypto = &ours,
                           .policy = rules };
  IkeConfig *config;

  ours.fips = fips;
  have.key_type = IKE_KEY_RSA;
  have.key_bits = bits;
  config = ikeconfig_new (&input, error);
  credentials_clear (&have);
  return config;
}

static void
test_rsa_length (void)
{
  static const struct {
    guint bits;
    gboolean fips;
    const char *policy;
    gboolean good;
  } rows[] = { { 1024, FALSE, NULL, TRUE },
               { 1024, TRUE, NULL, FALSE },
               { 2047, TRUE, NULL, FALSE },
               { 2048, TRUE, NULL, TRUE },
               { 2048, FALSE, "RSA-MIN=3072", FALSE },
               { 3071, FALSE, "RSA-MIN=3072", FALSE },
               { 3072, FALSE, "RSA-MIN=3072", TRUE },
               { 2048, TRUE, "RSA-MIN=3072", FALSE },
               { 1024, TRUE, "RSA-MIN=1024", FALSE },
               { 1024, FALSE, "RSA-MIN=1024", TRUE } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GError *error = NULL;
      g_autoptr (IkeConfig) config = build_rsa (rows[i].bits, rows[i].fips, rows[i].policy, &error);

      g_test_message ("row %" G_GSIZE_FORMAT, i);
      if (rows[i].good)
        g_assert_no_error (error);
      else
        assert_fails (config, error, "private-key");
    }
}

static IkeConfig *
build_approved (const char *const *data, const char *secret, GError **error)
{
  IkeCrypto approved = *crypto;
  g_autoptr (IpsecProfile) from = profile (data, secret);
  IkeconfigInput input = { .profile = from, .name = "x", .host = "192.0.2.1", .candidates = 1, .crypto = &approved };

  approved.fips = TRUE;
  return ikeconfig_new (&input, error);
}

/* "For ever" (rekey=no) is too long as well; what is short enough is left as it is. */
static void
test_fips_lifetimes (void)
{
  static const struct {
    const char *ike, *esp;
    guint ike_seconds, esp_seconds;
  } rows[] = { { "ike-lifetime=168h", "esp-lifetime=168h", 24 * 3600, 8 * 3600 },
               { "ike-lifetime=86401s", "esp-lifetime=28801s", 24 * 3600, 8 * 3600 },
               { "ike-lifetime=24h", "esp-lifetime=8h", 24 * 3600, 8 * 3600 },
               { "ike-lifetime=86399s", "esp-lifetime=28799s", 86399, 28799 },
               { "rekey=no", "x-none=", 24 * 3600, 8 * 3600 } };

  g_assert_cmpint (IKECONFIG_FIPS_IKE, ==, 24 * 3600);
  g_assert_cmpint (IKECONFIG_FIPS_ESP, ==, 8 * 3600);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *const *data = LIST ("gateway=192.0.2.1", "auth=psk", rows[i].ike, rows[i].esp);
      g_autoptr (IkeConfig) config = build_approved (data, "psk", NULL);
      g_autoptr (IkeConfig) free_one = build (data, "psk");

      g_assert_cmpint (config->ike_lifetime, ==, rows[i].ike_seconds * IKE_SECOND);
      g_assert_cmpint (config->child.lifetime, ==, rows[i].esp_seconds * IKE_SECOND);
      /* it is this mode that limits */
      g_assert_true (i >= 1 || free_one->ike_lifetime == 168 * 3600 * IKE_SECOND);
      g_assert_true (i >= 1 || free_one->child.lifetime == 168 * 3600 * IKE_SECOND);
    }
}

/* A server of ours asks its clients' passwords by EAP-MSCHAPv2, whether that is all or comes after something else. */
static void
test_fips_server (void)
{
  static const char *const first[] = { "x-none=", "auth2=eap" };

  for (gsize i = 0; i < G_N_ELEMENTS (first); i++)
    {
      g_autoptr (IpsecProfile) from =
          profile (LIST ("role=server", "pool=10.9.0.0/24", "auth=cert", "certificate=/c.pem", "private-key=/k.pem",
                         "users=/etc/users", first[i]),
                   NULL);
      IkeCrypto ours = *crypto;
      HelperCredentials have = credentials ("email", 7);
      IkeconfigInput input = { .profile = from, .name = "x", .credentials = &have, .candidates = 1, .crypto = &ours };
      GError *error = NULL;
      IkeConfig *config = ikeconfig_new (&input, &error);

      g_assert_no_error (error);
      ike_config_free (config);
      ours.fips = TRUE;
      config = ikeconfig_new (&input, &error);
      assert_fails (config, error, "EAP-MSCHAPv2 is not approved");
      credentials_clear (&have);
    }
}

/* What is named and not approved is told; the defaults, and what is named beside it, become less. */
static void
test_fips (void)
{
  static const struct {
    const char *const data[5], *secret, *told; /* NULL: it is all right */
    guint methods;
  } rows[] = {
    { { "gateway=192.0.2.1", "auth=psk" }, "psk", NULL, 0 },
    { { "gateway=192.0.2.1", "auth=psk", "ike=aes256-sha384-ecp384" }, "psk", NULL, 0 },
    { { "gateway=192.0.2.1", "auth=eap", "user=a" }, "password", "eap: none of these methods is approved", 0 },
    { { "gateway=192.0.2.1", "auth=eap", "user=a", "eap=mschapv2" }, "password", "eap: none", 0 },
    { { "gateway=192.0.2.1", "auth=eap", "user=a", "eap=md5" }, "password", "eap: none", 0 },
    { { "gateway=192.0.2.1", "auth=eap", "user=a", "eap=peap" }, "password", "eap: none", 0 },
    { { "gateway=192.0.2.1", "auth=eap", "user=a", "eap=ttls" }, "password", "eap: none", 0 },
    { { "gateway=192.0.2.1", "auth=eap", "user=a", "eap=ttls", "eap-phase2=mschapv2" }, "password", "eap: none", 0 },
    { { "gateway=192.0.2.1", "auth=eap", "user=a", "eap=ttls", "eap-phase2=pap" },
      "password",
      NULL,
      1u << IKE_EAP_TTLS },
    { { "gateway=192.0.2.1", "auth=eap", "user=a", "eap=peap", "eap-phase2=gtc" },
      "password",
      NULL,
      1u << IKE_EAP_PEAP },
    { { "gateway=192.0.2.1", "auth=eap", "user=a", "eap=gtc" }, "password", NULL, 1u << IKE_EAP_GTC },
    { { "gateway=192.0.2.1", "auth=psk", "auth2=eap", "user=a" }, "psk", "eap: none", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *data[G_N_ELEMENTS (rows[i].data) + 1] = { NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (IkeConfig) config = NULL;

      memcpy (data, rows[i].data, sizeof rows[i].data);
      config = build_approved (data, rows[i].secret, &error);
      if (rows[i].told && config)
        g_error ("row %" G_GSIZE_FORMAT " was let pass", i);
      if (rows[i].told)
        g_assert_nonnull (strstr (error->message, rows[i].told));
      else
        g_assert_no_error (error);
      g_assert_true (!config || config->eap_methods == rows[i].methods || config->local_auth != IKE_AUTH_EAP);
      g_assert_true (!config || (config->ike_lifetime > 0 && config->ike_lifetime <= IKECONFIG_FIPS_IKE * IKE_SECOND));
    }
}

static void
test_selectors (void)
{
  g_autoptr (IkeConfig) config =
      build (LIST ("gateway=192.0.2.1", "auth=psk", "remote-ts=10.0.0.0/8[tcp/443], fd00::/8"), "psk");
  g_autoptr (IkeConfig) local = build (LIST ("gateway=192.0.2.1", "auth=psk", "local-ts=10.1.0.0/16"), "psk");
  const IkeSelector *first = config->child.remote_ts->pdata[0], *second = config->child.remote_ts->pdata[1];

  g_assert_cmpuint (config->child.local_ts->len, ==, 0);
  g_assert_cmpuint (config->child.remote_ts->len, ==, 2);
  g_assert_cmpuint (first->protocol, ==, 6);
  g_assert_cmpuint (first->port_first, ==, 443);
  g_assert_cmpuint (first->port_last, ==, 443);
  g_assert_cmpuint (first->first.bytes[0], ==, 10);
  g_assert_cmpuint (first->last.bytes[3], ==, 255);
  g_assert_cmpuint (second->first.family, ==, IKE_FAMILY_IP6);
  g_assert_cmpuint (second->port_last, ==, 65535);
  g_assert_cmpuint (local->child.local_ts->len, ==, 1);
}

static void
test_child (void)
{
  g_autoptr (IkeConfig) config =
      build (LIST ("gateway=192.0.2.1", "auth=psk", "replay-window=64", "esp-bytes=1G"), "psk");
  g_autoptr (IkeConfig) plain = build (LIST ("gateway=192.0.2.1", "auth=psk"), "psk");
  g_autoptr (IkeConfig) off = build (LIST ("gateway=192.0.2.1", "auth=psk", "replay-window=0", "esp-bytes=0"), "psk");

  g_assert_cmpuint (config->child.replay_window, ==, 64);
  g_assert_cmpuint (plain->child.replay_window, ==, 128);
  g_assert_cmpuint (off->child.replay_window, ==, 0);
  g_assert_cmpuint (config->child.lifetime_bytes, ==, 1 << 30);
  g_assert_cmpuint (plain->child.lifetime_bytes, ==, 0);
  g_assert_cmpuint (off->child.lifetime_bytes, ==, 0);
}

/* As it is on the wire: with its NUL. */
static void
test_label (void)
{
  g_autoptr (IkeConfig) with = build (LIST ("gateway=192.0.2.1", "auth=psk", "sec-label=a:b:c"), "psk");
  g_autoptr (IkeConfig) without = build (LIST ("gateway=192.0.2.1", "auth=psk"), "psk");

  g_assert_cmpmem (g_bytes_get_data (with->child.label, NULL), g_bytes_get_size (with->child.label), "a:b:c", 6);
  g_assert_null (without->child.label);
}

static void
test_times (void)
{
  g_autoptr (IkeConfig) config = build (LIST ("gateway=192.0.2.1", "auth=psk", "ike-lifetime=2h", "esp-lifetime=30m",
                                              "dpd-delay=10s", "dpd-timeout=40s"),
                                        "psk");

  g_assert_cmpint (config->ike_lifetime, ==, 7200 * IKE_SECOND);
  g_assert_cmpint (config->child.lifetime, ==, 1800 * IKE_SECOND);
  g_assert_cmpint (config->ike_rekey_margin, >, 0);
  g_assert_cmpint (config->ike_rekey_margin, <, config->ike_lifetime);
  g_assert_cmpint (config->child.rekey_margin, <, config->child.lifetime);
  g_assert_cmpint (config->dpd_delay, ==, 10 * IKE_SECOND);
  g_assert_cmpint (config->dpd_timeout, ==, 40 * IKE_SECOND);
  g_assert_true (config->keep_trying);
  g_assert_cmpuint (config->tries, ==, 0);
  g_assert_cmpuint (config->id, ==, 1);
  g_assert_cmpstr (config->name, ==, "office");
}

/* However many gateways are silent, the user is told in less than 20 s, if that leaves each some seconds. */
static void
test_patience (void)
{
  g_autoptr (IpsecProfile) plain = profile (LIST ("gateway=192.0.2.1", "auth=psk"), "psk");
  g_autoptr (IpsecProfile) told = profile (LIST ("gateway=192.0.2.1", "auth=psk", "retransmit-timeout=60s"), "psk");

  for (guint n = 1; n < 20; n++)
    {
      g_autoptr (IkeConfig) config = build_with (plain, NULL, n, NULL);
      g_autoptr (IkeConfig) long_one = build_with (told, NULL, n, NULL);

      g_assert_cmpint (config->retransmit_timeout, ==, 0);
      if (n == 1)
        g_assert_cmpint (config->init_timeout, ==, 0);
      else
        {
          g_assert_cmpint (config->init_timeout, >=, 4 * IKE_SECOND);
          g_assert_true (config->init_timeout * n <= 20 * IKE_SECOND || config->init_timeout == 4 * IKE_SECOND);
        }
      g_assert_cmpint (long_one->retransmit_timeout, ==, 60 * IKE_SECOND);
      g_assert_cmpint (long_one->init_timeout, ==, 0);
    }
}

static void
test_credential_spec (void)
{
  g_autoptr (IpsecProfile) psk = profile (LIST ("gateway=192.0.2.1", "auth=psk"), "psk");
  g_autoptr (IpsecProfile) eap = profile (LIST ("gateway=192.0.2.1", "auth=eap", "user=a", "ca=/ca.pem"), "password");
  g_autoptr (IpsecProfile) cert = profile (LIST ("gateway=192.0.2.1", "auth=cert", "certificate=/c.p12"), NULL);
  g_autoptr (IpsecProfile) only =
      profile (LIST ("gateway=192.0.2.1", "eap=ttls", "user=a", "remote-auth=eap-only", "eap-ca=/eap.pem"), "password");
  HelperCredentials have = credentials ("", 0);
  g_autoptr (IkeConfig) config = NULL;
  HelperCredentialSpec spec = { 0 };

  g_assert_false (ikeconfig_credential_spec (psk, &spec));
  g_assert_true (ikeconfig_credential_spec (eap, &spec));
  g_assert_cmpstr (spec.ca, ==, "/ca.pem");
  g_assert_null (spec.certificate);
  g_assert_null (spec.private_key);
  g_assert_true (ikeconfig_credential_spec (cert, &spec));
  g_assert_cmpstr (spec.ca, ==, "system");
  g_assert_cmpstr (spec.certificate, ==, "/c.p12");
  /* RFC 5998 section 3: it may be shown a signature */
  g_assert_true (ikeconfig_credential_spec (only, &spec));
  g_assert_cmpstr (spec.ca, ==, "/eap.pem");
  config = build_with (only, &have, 1, NULL);
  g_assert_cmpint (config->remote_auth, ==, IKE_AUTH_EAP_ONLY);
  g_assert_true (config->certificate_identity_check && config->ask_status);
  g_assert_cmpuint (g_bytes_get_size (config->certreq_hashes), ==, 40);
  credentials_clear (&have);
}

static void
test_hints (void)
{
  g_assert_cmpuint (hints_get_group ("a"), ==, 0);
  hints_set_group ("a", 31);
  hints_set_group ("b", 19);
  hints_set_group ("a", 20);
  g_assert_cmpuint (hints_get_group ("a"), ==, 20);
  g_assert_cmpuint (hints_get_group ("b"), ==, 19);
  for (guint i = 0; i < 10 * HINTS_MAX; i++)
    {
      g_autofree char *host = g_strdup_printf ("host-%u", i);

      hints_set_group (host, 14);
      g_assert_cmpuint (hints_get_group (host), ==, 14);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  crypto = nss_crypto_get (&error);
  g_assert_no_error (error);
  g_test_add_func ("/ikeconfig/remote-id", test_remote_id);
  g_test_add_func ("/ikeconfig/local-id", test_local_id);
  g_test_add_func ("/ikeconfig/certificate", test_certificate);
  g_test_add_func ("/ikeconfig/certificate-wrong", test_certificate_wrong);
  g_test_add_func ("/ikeconfig/many-cas", test_many_cas);
  g_test_add_func ("/ikeconfig/proposals", test_proposals);
  g_test_add_func ("/ikeconfig/policy", test_policy);
  g_test_add_func ("/ikeconfig/policy-forbids", test_policy_forbids);
  g_test_add_func ("/ikeconfig/rsa-length", test_rsa_length);
  g_test_add_func ("/ikeconfig/fips", test_fips);
  g_test_add_func ("/ikeconfig/fips-lifetimes", test_fips_lifetimes);
  g_test_add_func ("/ikeconfig/fips-server", test_fips_server);
  g_test_add_func ("/ikeconfig/child", test_child);
  g_test_add_func ("/ikeconfig/selectors", test_selectors);
  g_test_add_func ("/ikeconfig/label", test_label);
  g_test_add_func ("/ikeconfig/times", test_times);
  g_test_add_func ("/ikeconfig/patience", test_patience);
  g_test_add_func ("/ikeconfig/credential-spec", test_credential_spec);
  g_test_add_func ("/ikeconfig/raw-keys", test_raw_keys);
  g_test_add_func ("/ikeconfig/raw-key-as-ca", test_raw_key_as_ca);
  g_test_add_func ("/hints", test_hints);
  return g_test_run ();
}
