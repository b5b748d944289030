/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The number tables: no name or number twice, both directions, and a name for whatever a peer may send. */
#include "wire/registry.h"

#include <string.h>

static void
test_rows_are_unique_and_found (void)
{
  for (IkeNames set = 0; set < IKE_N_NAMES; set++)
    {
      guint n;
      const IkeNameRow *rows = ike_name_rows (set, &n);

      g_assert_cmpuint (n, >, 0);
      for (guint i = 0; i < n; i++)
        {
          IkeNameBuffer buffer = { "" };
          guint32 number = G_MAXUINT32;

          g_assert_true (ike_name (set, rows[i].number, &buffer) == rows[i].name);
          g_assert_true (ike_number_from_name (set, rows[i].name, &number));
          g_assert_cmpuint (number, ==, rows[i].number);
          g_assert_cmpstr (rows[i].where, !=, "");
          for (guint j = 0; j < i; j++)
            {
              g_assert_cmpuint (rows[i].number, !=, rows[j].number);
              g_assert_cmpstr (rows[i].name, !=, rows[j].name);
            }
        }
    }
}

static void
test_unknown_numbers_have_a_name (void)
{
  for (IkeNames set = 0; set < IKE_N_NAMES; set++)
    {
      IkeNameBuffer buffer = { "" };
      const char *name = ike_name (set, G_MAXUINT32, &buffer);

      g_assert_nonnull (name);
      g_assert_true (g_str_has_suffix (name, "_4294967295"));
      for (guint32 number = 0; number < 70000; number++)
        g_assert_true (*ike_name (set, number, &buffer) != '\0');
    }
  g_assert_cmpstr (IKE_NAME (NOTIFY, 9999), ==, "NOTIFY_9999");
}

static void
test_names (void)
{
  guint32 number = 77;

  g_assert_cmpstr (IKE_NAME (EXCHANGE, 34), ==, "IKE_SA_INIT");
  g_assert_cmpstr (IKE_NAME (PAYLOAD, 53), ==, "SKF");
  g_assert_cmpstr (IKE_NAME (NOTIFY, 14), ==, "NO_PROPOSAL_CHOSEN");
  g_assert_cmpstr (IKE_NAME (NOTIFY, 16430), ==, "IKEV2_FRAGMENTATION_SUPPORTED");
  g_assert_cmpstr (IKE_NAME (CP_ATTR, 25), ==, "INTERNAL_DNS_DOMAIN");
  g_assert_cmpstr (IKE_NAME (ID, 2), ==, "ID_FQDN");
  g_assert_cmpstr (IKE_NAME (EAP, 26), ==, "EAP_MSCHAPV2");
  g_assert_cmpint (IKE_ENCR_3DES, ==, 3);
  g_assert_cmpint (IKE_ENCR_NULL, ==, 11);
  g_assert_false (ike_number_from_name (IKE_NAMES_ENCR, "aes", &number));
  g_assert_false (ike_number_from_name (IKE_NAMES_ENCR, "", &number));
  g_assert_cmpuint (number, ==, 77);
  /* what a peer can send as a hash must never be the private number of MD5 */
  g_assert_cmpuint (IKE_HASH_MD5, >, G_MAXUINT16);
}

static void
test_transform_names (void)
{
  const struct {
    IkeTransform transform;
    const char *name;
  } cases[] = {
    { { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 256 }, "AES_GCM_16_256" },
    { { IKE_TRANSFORM_ENCR, IKE_ENCR_CHACHA20_POLY1305, 0 }, "CHACHA20_POLY1305" },
    { { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_384, 0 }, "PRF_HMAC_SHA2_384" },
    { { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0 }, "HMAC_SHA2_256_128" },
    { { IKE_TRANSFORM_KE, IKE_KE_CURVE25519, 0 }, "CURVE25519" },
    { { IKE_TRANSFORM_ADDKE7, IKE_KE_ML_KEM_768, 0 }, "ML_KEM_768" },
    { { IKE_TRANSFORM_ESN, IKE_ESN_NO, 0 }, "ESN_NO" },
    { { IKE_TRANSFORM_ENCR, 999, 0 }, "ENCR_999" },
    { { IKE_TRANSFORM_ENCR, 65535, 65535 }, "ENCR_65535_65535" },
    { { 200, 3, 0 }, "TRANSFORM_200_3" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpstr (IKE_TRANSFORM_NAME (&cases[i].transform), ==, cases[i].name);
  for (guint type = 0; type < 256; type++)
    {
      IkeNames set = IKE_N_NAMES;

      g_assert_true (ike_transform_names ((guint8) type, &set) == (type >= 1 && type <= 12));
    }
}

/* The longest name and the longest unknown fit the buffer with the key length that may follow. */
static void
test_nothing_is_cut_off (void)
{
  for (IkeNames set = IKE_NAMES_ENCR; set <= IKE_NAMES_ESN; set++)
    {
      guint n;
      const IkeNameRow *rows = ike_name_rows (set, &n);

      for (guint i = 0; i < n; i++)
        g_assert_cmpuint (strlen (rows[i].name) + strlen ("_65535"), <, sizeof (IkeNameBuffer));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/registry/rows-are-unique-and-found", test_rows_are_unique_and_found);
  g_test_add_func ("/registry/unknown-numbers-have-a-name", test_unknown_numbers_have_a_name);
  g_test_add_func ("/registry/names", test_names);
  g_test_add_func ("/registry/transform-names", test_transform_names);
  g_test_add_func ("/registry/nothing-is-cut-off", test_nothing_is_cut_off);
  return g_test_run ();
}
