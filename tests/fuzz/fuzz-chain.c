/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificate chains: the input is a list of certificates, each after its length in two octets. The first is trusted,
 * the others are what a peer has sent. The time is fixed, so that a seed stays what it is.
 */
#include "base/text.h"
#include "fuzz.h"
#include "nss-chain.h"
#include "nss-crypto.h"

#include <string.h>

#define FUZZ_NOW 1900000000 /* 2030 */

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_assert_true (nss_start (NULL));
  return 0;
}

static void
check_text (char *take_text)
{
  g_autofree char *text = take_text;

  if (text != NULL)
    g_assert_true (ike_text_is_clean (text, strlen (text), FALSE));
}

static void
check_certificate (GBytes *der)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NssCert) cert = nss_cert_new (der, &error);
  g_autoptr (GPtrArray) identities = NULL;

  g_assert_true ((cert == NULL) == (error != NULL));
  if (cert == NULL)
    return;
  check_text (nss_cert_summary (cert));
  check_text (nss_cert_identities_string (cert));
  identities = nss_cert_identities (cert);
  for (guint i = 0; i < identities->len; i++)
    g_assert_true (nss_cert_has_identity (cert, identities->pdata[i]));
}

/* The order of the certificates after the first says nothing, nor does one that cannot be read; nobody trusts by himself. */
static void
check_again (NssChainQuery *query, gboolean ok)
{
  g_autoptr (GPtrArray) others = g_ptr_array_new (), nobody = g_ptr_array_new ();
  g_autoptr (GBytes) noise = g_bytes_new_static ("0", 1);
  g_autoptr (NssTrust) none = nss_trust_new (nobody, NULL);
  g_auto (IkeReason) reason = { 0 }, refused = { 0 };
  const GPtrArray *all = query->certificates;

  if (all->len == 0 || all->len > 4)
    return;
  g_ptr_array_add (others, all->pdata[0]);
  for (guint i = all->len - 1; i > 0; i--)
    g_ptr_array_add (others, all->pdata[i]);
  g_ptr_array_add (others, noise);
  query->certificates = others;
  g_assert_true (nss_chain_verify (query, NULL, &reason) == ok);
  query->trust = none;
  g_assert_false (nss_chain_verify (query, NULL, &refused));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GPtrArray) certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (NssTrust) trust = NULL;
  g_autoptr (NssCert) end_entity = NULL;
  g_autoptr (IkeIdentity) identity = ike_identity_new (IKE_ID_FQDN, "vpn.example.org", 15);
  g_auto (IkeReason) reason = { 0 };
  NssChainQuery query = { .certificates = certificates, .identity = identity, .check_identity = TRUE, .now = FUZZ_NOW };
  gboolean ok;

  while (size >= 2)
    {
      gsize len = MIN ((gsize) (data[0] << 8 | data[1]), size - 2);

      g_ptr_array_add (anchors->len == 0 ? anchors : certificates, g_bytes_new (data + 2, len));
      data += 2 + len;
      size -= 2 + len;
    }
  for (guint i = 0; i < MIN (certificates->len, 2); i++)
    check_certificate (certificates->pdata[i]);
  query.trust = trust = nss_trust_new (anchors, NULL);
  ok = nss_chain_verify (&query, &end_entity, &reason);
  g_assert_true (ok == (reason.code == IKE_REASON_NONE) && ok == (end_entity != NULL));
  g_assert_true (ok || (reason.detail != NULL && ike_text_is_clean (reason.detail, strlen (reason.detail), FALSE)));
  g_assert_true (!ok || (nss_cert_not_before (end_entity) <= FUZZ_NOW && nss_cert_not_after (end_entity) >= FUZZ_NOW &&
                         nss_cert_has_identity (end_entity, identity)));
  check_again (&query, ok);
  return 0;
}
