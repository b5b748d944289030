/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system-wide crypto policy: files as Fedora and RHEL have them, what they allow, and when they do not count. */
#include "profile/policy.h"

#include <glib/gstdio.h>

static const char libreswan[] = "conn %default\n\tikev2=insist\n\tpfs=yes\n"
                                "\tike=aes_gcm256-sha2_512+sha2_256-dh19+dh14+dh31,aes256-sha2_512+sha2_256-dh19\n"
                                "\tesp=aes_gcm256,aes256-sha2_512+sha1+sha2_256,camellia_of_tomorrow\n"
                                "\tauthby=ecdsa-sha2_256,rsa-sha2_256\n";
static const char nss[] = "library=\nname=Policy\nNSS=flags=policyOnly,moduleDB\n"
                          "config=\"disallow=ALL allow=SHA256:DH-MIN=2048:DSA-MIN=2048:RSA-MIN=3072\"\n";

static gboolean
allows (const IpsecPolicy *policy, IkeProtocolId protocol, guint8 type, guint16 id, guint16 bits)
{
  const IkeTransform transform = { .type = type, .id = id, .key_bits = bits };

  return ipsec_policy_allows (policy, protocol, &transform);
}

static void
test_parse (void)
{
  g_autoptr (IpsecPolicy) policy = ipsec_policy_parse (libreswan, nss);

  g_assert_cmpuint (policy->rsa_min, ==, 3072);
  g_assert_cmpuint (policy->unknown, ==, 1);
  g_assert_true (allows (policy, IKE_PROTOCOL_IKE, IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 256));
  g_assert_false (allows (policy, IKE_PROTOCOL_IKE, IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 128));
  g_assert_true (allows (policy, IKE_PROTOCOL_IKE, IKE_TRANSFORM_ENCR, IKE_ENCR_AES_CBC, 256));
  g_assert_false (allows (policy, IKE_PROTOCOL_IKE, IKE_TRANSFORM_ENCR, IKE_ENCR_3DES, 0));
  g_assert_true (allows (policy, IKE_PROTOCOL_IKE, IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_256, 0));
  g_assert_false (allows (policy, IKE_PROTOCOL_IKE, IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA1, 0));
  g_assert_true (allows (policy, IKE_PROTOCOL_IKE, IKE_TRANSFORM_KE, IKE_KE_CURVE25519, 0));
  g_assert_false (allows (policy, IKE_PROTOCOL_IKE, IKE_TRANSFORM_KE, IKE_KE_MODP_1024, 0));
  g_assert_false (allows (policy, IKE_PROTOCOL_IKE, IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA1_96, 0));
  g_assert_true (allows (policy, IKE_PROTOCOL_ESP, IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA1_96, 0));
  g_assert_true (allows (policy, IKE_PROTOCOL_ESP, IKE_TRANSFORM_KE, IKE_KE_ECP_256, 0));
  g_assert_false (allows (policy, IKE_PROTOCOL_ESP, IKE_TRANSFORM_KE, IKE_KE_MODP_1024, 0));
  g_assert_true (allows (policy, IKE_PROTOCOL_ESP, IKE_TRANSFORM_ESN, IKE_ESN_YES, 0));
  g_assert_true (allows (NULL, IKE_PROTOCOL_IKE, IKE_TRANSFORM_KE, IKE_KE_MODP_1024, 0));
}

/* A file that says nothing of it allows everything. */
static void
test_nothing (void)
{
  g_autoptr (IpsecPolicy) policy = ipsec_policy_parse ("# ike=aes128-sha1\nesp\n=\n", "RSA-MIN=");

  g_assert_null (policy->ike);
  g_assert_null (policy->esp);
  g_assert_cmpuint (policy->rsa_min, ==, 0);
  g_assert_true (allows (policy, IKE_PROTOCOL_IKE, IKE_TRANSFORM_KE, IKE_KE_MODP_1024, 0));
}

static void
put (const char *root, const char *path, const char *text)
{
  g_autofree char *full = g_strconcat (root, path, NULL), *directory = g_path_get_dirname (full);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_assert_true (g_file_set_contents (full, text, -1, NULL));
}

static void
test_load (void)
{
  g_autofree char *root = g_dir_make_tmp ("nm-ipsec-policy-XXXXXX", NULL),
                  *command = g_strconcat ("rm -rf ", root, NULL);
  g_autoptr (IpsecPolicy) none = ipsec_policy_load (root), there = NULL, ignored = NULL, again = NULL;

  g_assert_null (none);
  put (root, IPSEC_POLICY_DIRECTORY "/back-ends/libreswan.config", libreswan);
  put (root, IPSEC_POLICY_DIRECTORY "/state/current", "FUTURE\n");
  there = ipsec_policy_load (root);
  g_assert_cmpstr (there->name, ==, "FUTURE");
  g_assert_nonnull (there->ike);
  put (root, IPSEC_POLICY_OVERRIDE, "ignore\n");
  ignored = ipsec_policy_load (root);
  g_assert_null (ignored);
  put (root, IPSEC_POLICY_OVERRIDE, "system\n");
  again = ipsec_policy_load (root);
  g_assert_nonnull (again);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/parse", test_parse);
  g_test_add_func ("/policy/nothing", test_nothing);
  g_test_add_func ("/policy/load", test_load);
  return g_test_run ();
}
