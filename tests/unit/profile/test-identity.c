/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities in every spelling, and what is none. */
#include "profile-test.h"

static const struct {
  const char *text;
  IpsecIdentityKind kind;
  IkeIdType type;
  const char *data; /* NULL: not compared as text */
  const char *canonical; /* NULL: as written */
} good[] = {
  { "192.0.2.1", IPSEC_IDENTITY_ADDRESS, IKE_ID_IPV4_ADDR, NULL, NULL },
  { "2001:DB8::1", IPSEC_IDENTITY_ADDRESS, IKE_ID_IPV6_ADDR, NULL, "2001:db8::1" },
  { "vpn.example.com", IPSEC_IDENTITY_FQDN, IKE_ID_FQDN, "vpn.example.com", NULL },
  { "@vpn.example.com", IPSEC_IDENTITY_FQDN, IKE_ID_FQDN, "vpn.example.com", "vpn.example.com" },
  { "gateway", IPSEC_IDENTITY_FQDN, IKE_ID_FQDN, "gateway", NULL },
  { "@192.0.2.1", IPSEC_IDENTITY_FQDN, IKE_ID_FQDN, "192.0.2.1", "@192.0.2.1" },
  { "@O=x", IPSEC_IDENTITY_FQDN, IKE_ID_FQDN, "O=x", "@O=x" },
  { "@group_1", IPSEC_IDENTITY_FQDN, IKE_ID_FQDN, "group_1", "group_1" },
  { "@%any", IPSEC_IDENTITY_FQDN, IKE_ID_FQDN, "%any", "@%any" },
  { "alice@example.com", IPSEC_IDENTITY_EMAIL, IKE_ID_RFC822_ADDR, "alice@example.com", NULL },
  { "O=Example, CN=alice", IPSEC_IDENTITY_DN, IKE_ID_DER_ASN1_DN, "O=Example, CN=alice", NULL },
  { "/O=Example/CN=alice", IPSEC_IDENTITY_DN, IKE_ID_DER_ASN1_DN, "/O=Example/CN=alice", NULL },
  { "CN=alice@example.com", IPSEC_IDENTITY_DN, IKE_ID_DER_ASN1_DN, "CN=alice@example.com", NULL },
  { "2.5.4.3=x", IPSEC_IDENTITY_DN, IKE_ID_DER_ASN1_DN, "2.5.4.3=x", NULL },
  { "CN = Ärger", IPSEC_IDENTITY_DN, IKE_ID_DER_ASN1_DN, "CN = Ärger", NULL },
  { "@[group]", IPSEC_IDENTITY_KEY_ID, IKE_ID_KEY_ID, "group", NULL },
  { "@[my group]", IPSEC_IDENTITY_KEY_ID, IKE_ID_KEY_ID, "my group", NULL },
  { "@[a]]", IPSEC_IDENTITY_KEY_ID, IKE_ID_KEY_ID, "a]", NULL },
  { "@#616263", IPSEC_IDENTITY_KEY_ID, IKE_ID_KEY_ID, "abc", "@[abc]" },
  { "@#00FF", IPSEC_IDENTITY_KEY_ID, IKE_ID_KEY_ID, NULL, "@#00ff" },
  { "%fromcert", IPSEC_IDENTITY_FROM_CERT, IKE_ID_DER_ASN1_DN, NULL, NULL },
};

static const char *const bad[] = {
  "",      "@",         "@[]",      "@[x",       "@#",         "@#0",  "@#0g",           "@#zz",
  "a@",    "alice@b@c", "@alice@b", "alice bob", "10.0.0.300", "%any", "%fromCert",      "1234",
  "a b@c", "=x",        "/",        "äöü",       "@ä",         "-x",   "alice@exam ple",
};

static void
test_good (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IpsecIdentity) identity = ipsec_identity_parse (good[i].text, &error), again = NULL;
      g_autofree char *text = NULL;

      if (identity == NULL)
        g_error ("%s", error->message);
      g_assert_cmpint (identity->kind, ==, good[i].kind);
      g_assert_cmpint (identity->type, ==, good[i].type);
      if (good[i].data != NULL)
        g_assert_cmpmem (g_bytes_get_data (identity->data, NULL), g_bytes_get_size (identity->data), good[i].data,
                         strlen (good[i].data));
      text = ipsec_identity_to_string (identity);
      g_assert_cmpstr (text, ==, good[i].canonical != NULL ? good[i].canonical : good[i].text);
      again = ipsec_identity_parse (text, NULL);
      g_assert_cmpint (again->kind, ==, identity->kind);
      g_assert_true (g_bytes_equal (again->data, identity->data));
    }
}

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      if (ipsec_identity_parse (bad[i], &error) != NULL)
        g_error ("“%s” was accepted", bad[i]);
      g_assert_error (error, IPSEC_PROFILE_ERROR, IPSEC_PROFILE_ERROR_BAD_VALUE);
      assert_message_has (error, "%fromcert");
    }
}

static void
test_octets (void)
{
  g_autoptr (IpsecIdentity) four = ipsec_identity_parse ("192.0.2.1", NULL),
                            six = ipsec_identity_parse ("2001:db8::1", NULL);
  g_autoptr (IpsecIdentity) key = ipsec_identity_parse ("@#00ff", NULL);
  g_autoptr (IpsecIdentity) copy = ipsec_identity_copy (key);

  g_assert_cmpmem (g_bytes_get_data (four->data, NULL), g_bytes_get_size (four->data), "\xc0\x00\x02\x01", 4);
  g_assert_cmpint (g_bytes_get_size (six->data), ==, 16);
  g_assert_cmpmem (g_bytes_get_data (copy->data, NULL), g_bytes_get_size (copy->data), "\x00\xff", 2);
  g_assert_null (ipsec_identity_copy (NULL));
  ipsec_identity_free (NULL);
}

static void
test_limit (void)
{
  g_autofree char *text = g_strnfill (IKE_MAX_ID + 1, 'a');
  g_autoptr (IpsecIdentity) identity = NULL;

  text[0] = '@';
  g_assert_null (ipsec_identity_parse (text, NULL));
  text[IKE_MAX_ID] = '\0';
  identity = ipsec_identity_parse (text, NULL);
  g_assert_nonnull (identity);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/identity/good", test_good);
  g_test_add_func ("/profile/identity/bad", test_bad);
  g_test_add_func ("/profile/identity/octets", test_octets);
  g_test_add_func ("/profile/identity/limit", test_limit);
  return g_test_run ();
}
