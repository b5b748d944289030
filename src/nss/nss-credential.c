/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our credentials: puts together what the files hold, so that the first certificate is the one of the private key and
 * its issuers follow, each signed by the next as far as names tell.
 */
#include "nss-credential.h"
#include "nss-bag.h"
#include "nss-cert-private.h"
#include "nss-chain-rules.h"
#include "nss-name.h"
#include "nss-pkcs8.h"
#include "nss-sign.h"

G_DEFINE_QUARK (nss_credential_error, nss_credential_error)

void
nss_credential_free (NssCredential *credential)
{
  if (credential == NULL)
    return;
  nss_key_free (credential->key);
  if (credential->certificates != NULL)
    g_ptr_array_unref (credential->certificates);
  g_free (credential);
}

static gboolean
set_error (GError **error, NssCredentialError code, const NssFile *file, const char *text)
{
  g_set_error (error, NSS_CREDENTIAL_ERROR, (gint) code, "“%s” %s", file->name, text);
  return FALSE;
}

/* ---- private keys ---- */

static NssKey *
key_import (const IkeSecret *pkcs8)
{
  return nss_key_new_from_pkcs8 (ike_secret_data (pkcs8), ike_secret_len (pkcs8));
}

static gboolean
key_fits (const NssKey *key, GBytes *der)
{
  g_autoptr (NssCert) cert = nss_cert_new (der, NULL);
  g_autoptr (GBytes) public_key = NULL;
  guint bits = 0;

  if (cert == NULL || nss_cert_key_type (cert, &bits) != nss_key_type (key) || bits != nss_key_bits (key))
    return FALSE;
  public_key = nss_cert_public_key (cert);
  return nss_key_matches (key, public_key);
}

/* An EC key without its public half: it can only be that of one of the certificates. If it is of none, a key that does
 * not fit is better than no key: the user is then told so. */
static NssKey *
key_import_with_point (const IkeSecret *pkcs8, GPtrArray *certificates)
{
  g_autoptr (NssKey) key = NULL;

  for (guint i = 0; i < certificates->len; i++)
    {
      g_autoptr (NssCert) cert = nss_cert_new (certificates->pdata[i], NULL);
      g_autoptr (IkeSecret) completed = NULL;

      if (cert == NULL || nss_curve_size (nss_cert_spki (cert)->type) == 0)
        continue;
      completed = nss_pkcs8_add_point (pkcs8, nss_cert_spki (cert)->point);
      g_clear_pointer (&key, nss_key_free);
      key = key_import (completed);
      if (key != NULL && key_fits (key, certificates->pdata[i]))
        break;
    }
  return g_steal_pointer (&key);
}

/* Every key of the bag that NSS takes. */
static GPtrArray *
keys_import (const NssBag *bag, GPtrArray *certificates)
{
  GPtrArray *keys = g_ptr_array_new_with_free_func ((GDestroyNotify) nss_key_free);

  for (guint i = 0; i < bag->keys->len; i++)
    {
      const IkeSecret *pkcs8 = bag->keys->pdata[i];
      NssKey *key = nss_pkcs8_lacks_point (pkcs8) ? key_import_with_point (pkcs8, certificates) : key_import (pkcs8);

      if (key != NULL)
        g_ptr_array_add (keys, key);
    }
  return keys;
}

/* The first pair that belongs together. */
static gboolean
pair_find (GPtrArray *keys, GPtrArray *certificates, guint *ret_key, guint *ret_certificate)
{
  for (guint i = 0; i < keys->len; i++)
    for (guint k = 0; k < certificates->len; k++)
      if (key_fits (keys->pdata[i], certificates->pdata[k]))
        {
          *ret_key = i;
          *ret_certificate = k;
          return TRUE;
        }
  return FALSE;
}

/* ---- our chain ---- */

/* Without a key: the first that is no authority is ours. */
static guint
certificate_first (GPtrArray *certificates)
{
  for (guint i = 0; i < certificates->len; i++)
    {
      g_autoptr (NssCert) cert = nss_cert_new (certificates->pdata[i], NULL);

      if (cert != NULL && !nss_cert_is_ca (cert))
        return i;
    }
  return 0;
}

/* The certificate in @certs that issued @cert, which is not self-issued: the peer has the root, or trusts nothing. */
static NssCert *
issuer_find (GPtrArray *certs, const NssCert *cert)
{
  for (guint i = 0; i < certs->len; i++)
    {
      NssCert *candidate = certs->pdata[i];

      if (candidate != cert && !nss_cert_is_self_issued (candidate) && nss_cert_is_ca (candidate) &&
          nss_name_equal (nss_cert_issuer_der (cert), nss_cert_subject_der (candidate)) &&
          nss_cert_is_signed_by (cert, candidate))
        return candidate;
    }
  return NULL;
}

GPtrArray *
nss_credential_chain (GPtrArray *certificates, guint first)
{
  g_autoptr (GPtrArray) certs = g_ptr_array_new_with_free_func ((GDestroyNotify) nss_cert_unref);
  GPtrArray *chain = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  NssCert *cert;

  for (guint i = 0; i < certificates->len; i++)
    g_ptr_array_add (certs, nss_cert_new (certificates->pdata[i], NULL));
  cert = certs->pdata[first];
  while (cert != NULL && chain->len < NSS_CERT_MAX_COUNT)
    {
      g_ptr_array_add (chain, g_bytes_ref (nss_cert_der (cert)));
      cert = nss_cert_is_self_issued (cert) ? NULL : issuer_find (certs, cert);
    }
  return chain;
}

/* ---- loading ---- */

/* What was asked for must be there. */
static gboolean
bags_complete (const NssBag *certificates, const NssBag *keys, const NssFile *certificate, const NssFile *private_key,
               GError **error)
{
  if (certificate != NULL && certificates->certificates->len == 0)
    return set_error (error, NSS_CREDENTIAL_ERROR_BAD_FILE, certificate,
                      certificates->unreadable > 0 ? "holds no certificate that can be read."
                                                   : "holds no certificate.");
  if (private_key != NULL && keys->keys->len == 0)
    return set_error (error, NSS_CREDENTIAL_ERROR_BAD_FILE, private_key, "holds no private key.");
  return TRUE;
}

/* @bag_c and @bag_k may be the same. */
static NssCredential *
credential_build (const NssBag *bag_c, const NssBag *bag_k, const NssFile *key_file, GError **error)
{
  g_autoptr (NssCredential) self = g_new0 (NssCredential, 1);
  g_autoptr (GPtrArray) keys = keys_import (bag_k, bag_c->certificates);
  guint key = 0, first = 0;

  if (bag_k->keys->len > 0 && keys->len == 0)
    {
      set_error (error, NSS_CREDENTIAL_ERROR_BAD_FILE, key_file,
                 "holds a private key that is damaged or of a kind that is not supported.");
      return NULL;
    }
  if (bag_c->certificates->len == 0)
    self->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  else
    {
      if (keys->len > 0 && !pair_find (keys, bag_c->certificates, &key, &first))
        {
          set_error (error, NSS_CREDENTIAL_ERROR_MISMATCH, key_file,
                     "holds a private key that does not belong to the certificate.");
          return NULL;
        }
      self->certificates =
          nss_credential_chain (bag_c->certificates, keys->len > 0 ? first : certificate_first (bag_c->certificates));
    }
  if (keys->len > 0)
    self->key = g_ptr_array_steal_index (keys, key);
  return g_steal_pointer (&self);
}

NssCredential *
nss_credential_load (const NssFile *certificate, const NssFile *private_key, const IkeSecret *password, GError **error)
{
  gboolean one = certificate == NULL || private_key == NULL || g_bytes_equal (certificate->bytes, private_key->bytes);
  const NssFile *first = certificate != NULL ? certificate : private_key;
  const NssFile *second = private_key != NULL ? private_key : certificate;
  g_autoptr (NssBag) bag_c = nss_bag_new (one, password);
  g_autoptr (NssBag) bag_k = one ? NULL : nss_bag_new (TRUE, password);

  g_return_val_if_fail (first != NULL, NULL);
  if (!nss_bag_read (bag_c, first, error) || (bag_k != NULL && !nss_bag_read (bag_k, second, error)))
    return NULL;
  if (!bags_complete (bag_c, one ? bag_c : bag_k, certificate, private_key, error))
    return NULL;
  return credential_build (bag_c, one ? bag_c : bag_k, second, error);
}

GPtrArray *
nss_certificates_load (const NssFile *file, GError **error)
{
  g_autoptr (NssBag) bag = nss_bag_new (FALSE, NULL);

  if (!nss_bag_read (bag, file, error) || !bags_complete (bag, bag, file, NULL, error))
    return NULL;
  return g_ptr_array_ref (bag->certificates);
}
