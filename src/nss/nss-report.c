/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports: one entry for each row of the tables, in their order. */
#include "nss-report.h"
#include "nss-crypto.h"
#include "nss-fips.h"
#include "nss-selftest.h"

#include "crypto/suites.h"

static void
put (GVariantBuilder *builder, const char *name, GVariant *value)
{
  g_variant_builder_add (builder, "{sv}", name, value);
}

GVariant *
nss_report_fips (void)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  put (&builder, "kernel", g_variant_new_boolean (nss_fips_kernel ()));
  put (&builder, "product", g_variant_new_boolean (nss_fips_product ()));
  put (&builder, "forced", g_variant_new_boolean (nss_fips_forced ()));
  put (&builder, "mode", g_variant_new_boolean (nss_fips_mode ()));
  return g_variant_builder_end (&builder);
}

/* ---- algorithms ---- */

static const char *
kind_of (const IkeAlgorithm *alg)
{
  return alg->type == IKE_TRANSFORM_ENCR    ? "encr"
         : alg->type == IKE_TRANSFORM_PRF   ? "prf"
         : alg->type == IKE_TRANSFORM_INTEG ? "integ"
                                            : "ke";
}

/* For ESP it is the kernel's business, which is asked when a tunnel comes up. */
static const char *
why_not (const IkeAlgorithm *alg, guint16 bits, const IkeCrypto *crypto)
{
  gboolean ours = alg->type == IKE_TRANSFORM_KE || alg->type == IKE_TRANSFORM_PRF || !(alg->flags & IKE_ALG_ESP);

  if (nss_fips_mode () && !(alg->flags & IKE_ALG_FIPS))
    return "FIPS";
  if (ours && !crypto->supports (crypto, alg->type, alg->id, bits))
    return "NSS";
  return "";
}

static GVariant *
algorithm_entry (const IkeAlgorithm *alg, guint16 bits, const IkeCrypto *crypto)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const IkeTransform transform = { .type = alg->type, .id = alg->id, .key_bits = bits };
  gboolean ike = alg->flags & IKE_ALG_IKE && crypto->supports (crypto, alg->type, alg->id, bits);
  gboolean esp = (alg->flags & IKE_ALG_ESP) != 0;
  const char *reason = why_not (alg, bits, crypto);

  put (&builder, "kind", g_variant_new_string (kind_of (alg)));
  put (&builder, "name", g_variant_new_string (IKE_TRANSFORM_NAME (&transform)));
  put (&builder, "type", g_variant_new_uint32 (alg->type));
  put (&builder, "id", g_variant_new_uint32 (alg->id));
  put (&builder, "bits", g_variant_new_uint32 (bits));
  put (&builder, "protocols", g_variant_new_string (ike && esp ? "IKE ESP" : ike ? "IKE" : esp ? "ESP" : ""));
  put (&builder, "fips", g_variant_new_boolean ((alg->flags & IKE_ALG_FIPS) != 0));
  put (&builder, "weak", g_variant_new_boolean ((alg->flags & IKE_ALG_WEAK) != 0));
  put (&builder, "allowed", g_variant_new_boolean (*reason == '\0'));
  put (&builder, "reason", g_variant_new_string (reason));
  return g_variant_builder_end (&builder);
}

GVariant *
nss_report_algorithms (GError **error)
{
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  const IkeCrypto *crypto = nss_crypto_get (error);
  const IkeAlgorithm *alg;

  if (crypto == NULL)
    return NULL;
  for (guint i = 0; (alg = ike_algorithm_at (i)) != NULL; i++)
    {
      if (alg->key_bits[0] == 0)
        g_variant_builder_add_value (&list, algorithm_entry (alg, 0, crypto));
      for (guint k = 0; k < G_N_ELEMENTS (alg->key_bits) && alg->key_bits[k] != 0; k++)
        g_variant_builder_add_value (&list, algorithm_entry (alg, alg->key_bits[k], crypto));
    }
  return g_variant_builder_end (&list);
}

/* ---- known answers ---- */

GVariant *
nss_report_selftest (GError **error)
{
  static const char *const words[] = {
    [NSS_SELFTEST_PASSED] = "passed", [NSS_SELFTEST_FAILED] = "failed", [NSS_SELFTEST_ABSENT] = "absent"
  };
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));
  /* not nss_crypto_get(): that gives nothing when a test fails, and which one it is is the question */
  const IkeCrypto *crypto = nss_start (error) ? nss_crypto_untested () : NULL;
  gboolean passed = TRUE;
  NssSelftestResult result;
  const char *name;

  if (crypto == NULL)
    return NULL;
  for (guint i = 0; (name = nss_selftest_row (crypto, i, &result)) != NULL; i++)
    {
      passed = passed && result != NSS_SELFTEST_FAILED;
      g_variant_builder_add (&list, "(ss)", name, words[result]);
    }
  return g_variant_new ("(ba(ss))", passed, &list);
}
