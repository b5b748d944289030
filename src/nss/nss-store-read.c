/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the key store has: lists, and things by name. Nothing here changes it. */
#include "nss-store-private.h"

#include "nss-cert-private.h"
#include "nss-crypto-private.h"
#include "nss-key-private.h"
#include "nss-raw-key.h"

#include <string.h>

#define CKAID_LEN 20

void
nss_store_cert_free (NssStoreCert *cert)
{
  g_free (cert->nickname);
  g_free (cert->ckaid);
  nss_cert_unref (cert->cert);
  g_free (cert);
}

void
nss_store_key_free (NssStoreKey *key)
{
  g_free (key->nickname);
  g_free (key->ckaid);
  g_bytes_unref (key->public_key);
  g_free (key);
}

gboolean
nss_store_is_ckaid (const char *name)
{
  return strlen (name) == 2 * CKAID_LEN && strspn (name, "0123456789abcdefABCDEF") == 2 * CKAID_LEN;
}

GBytes *
nss_store_public_of (SECKEYPrivateKey *key)
{
  SECKEYPublicKey *public_key = SECKEY_ConvertToPublicKey (key);
  SECItem *der = public_key != NULL ? SECKEY_EncodeDERSubjectPublicKeyInfo (public_key) : NULL;
  GBytes *bytes = der != NULL ? g_bytes_new (der->data, der->len) : NULL;

  if (der != NULL)
    SECITEM_FreeItem (der, PR_TRUE);
  if (public_key != NULL)
    SECKEY_DestroyPublicKey (public_key);
  return bytes;
}

/* ---- certificates ---- */

static gboolean
is_trusted (CERTCertificate *nss)
{
  CERTCertTrust trust;

  return CERT_GetCertTrust (nss, &trust) == SECSuccess &&
         ((trust.sslFlags | trust.emailFlags) & (CERTDB_TRUSTED_CA | CERTDB_TRUSTED_CLIENT_CA | CERTDB_TRUSTED)) != 0;
}

static gboolean
has_key (CERTCertificate *nss)
{
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();
  g_autoptr (SECKEYPrivateKey) key = PK11_FindPrivateKeyFromCert (slot, nss, NULL);

  return key != NULL;
}

static NssStoreCert *
entry_new (CERTCertificate *nss, const char *nickname)
{
  g_autoptr (GBytes) der = g_bytes_new (nss->derCert.data, nss->derCert.len);
  NssCert *cert = nss_cert_new (der, NULL);
  NssStoreCert *entry;
  g_autoptr (GBytes) public_key = NULL;

  if (cert == NULL || nickname == NULL)
    {
      if (cert != NULL)
        nss_cert_unref (cert);
      return NULL;
    }
  public_key = nss_cert_public_key (cert);
  entry = g_new0 (NssStoreCert, 1);
  entry->cert = cert;
  entry->nickname = g_utf8_make_valid (nickname, -1);
  entry->ckaid = nss_raw_key_ckaid (public_key);
  entry->has_key = has_key (nss);
  entry->trusted = is_trusted (nss);
  return entry;
}

GPtrArray *
nss_store_certificates (void)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) nss_store_cert_free);
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();
  g_autoptr (CERTCertList) list = slot != NULL ? PK11_ListCertsInSlot (slot) : NULL;

  (void) nss_store_login (NULL); /* else private keys are not seen, and that is all */
  if (list == NULL)
    return entries;
  for (CERTCertListNode *node = CERT_LIST_HEAD (list);
       !CERT_LIST_END (node, list) && entries->len < NSS_STORE_MAX_ENTRIES; node = CERT_LIST_NEXT (node))
    {
      NssStoreCert *entry = entry_new (node->cert, node->cert->nickname);

      if (entry != NULL)
        g_ptr_array_add (entries, entry);
    }
  return entries;
}

CERTCertificate *
nss_store_find (const char *nickname, GError **error)
{
  /* a colon in it would mean a token */
  CERTCertificate *nss =
      strlen (nickname) <= NSS_STORE_MAX_NICKNAME ? CERT_FindCertByNickname (CERT_GetDefaultCertDB (), nickname) : NULL;

  if (nss == NULL)
    g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NOT_FOUND, NSS_SAID_NO_CERTIFICATE, nickname);
  return nss;
}

/* ---- keys ---- */

static char *
nickname_of (const char *ckaid, GPtrArray *certificates)
{
  for (guint i = 0; i < certificates->len; i++)
    {
      const NssStoreCert *cert = certificates->pdata[i];

      if (g_strcmp0 (cert->ckaid, ckaid) == 0)
        return g_strdup (cert->nickname);
    }
  return NULL;
}

GPtrArray *
nss_store_keys (GError **error)
{
  GPtrArray *keys;
  g_autoptr (GPtrArray) certificates = NULL;
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();
  SECKEYPrivateKeyList *list;

  if (!nss_store_login (error))
    return NULL;
  keys = g_ptr_array_new_with_free_func ((GDestroyNotify) nss_store_key_free);
  certificates = nss_store_certificates ();
  list = PK11_ListPrivKeysInSlot (slot, NULL, NULL);
  if (list == NULL)
    return keys;
  for (SECKEYPrivateKeyListNode *node = PRIVKEY_LIST_HEAD (list);
       !PRIVKEY_LIST_END (node, list) && keys->len < NSS_STORE_MAX_ENTRIES; node = PRIVKEY_LIST_NEXT (node))
    {
      g_autoptr (GBytes) public_key = nss_store_public_of (node->key);
      g_autofree char *ckaid = public_key != NULL ? nss_raw_key_ckaid (public_key) : NULL;
      NssStoreKey *key;

      if (ckaid == NULL)
        continue;
      key = g_new0 (NssStoreKey, 1);
      key->public_key = g_steal_pointer (&public_key);
      key->nickname = nickname_of (ckaid, certificates);
      key->ckaid = g_steal_pointer (&ckaid);
      g_ptr_array_add (keys, key);
    }
  SECKEY_DestroyPrivateKeyList (list);
  return keys;
}

SECKEYPrivateKey *
nss_store_find_key (const char *ckaid, GError **error)
{
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();
  SECKEYPrivateKey *key;
  guint8 id[CKAID_LEN];
  SECItem item = { siBuffer, id, sizeof id };

  if (!nss_store_login (error))
    return NULL;
  for (guint i = 0; i < CKAID_LEN && nss_store_is_ckaid (ckaid); i++)
    id[i] = (guint8) (g_ascii_xdigit_value (ckaid[2 * i]) << 4 | g_ascii_xdigit_value (ckaid[2 * i + 1]));
  key = nss_store_is_ckaid (ckaid) ? PK11_FindKeyByKeyID (slot, &item, NULL) : NULL;
  if (key == NULL)
    g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NOT_FOUND,
                 "The key store has no private key with the CKAID %s.", ckaid);
  return key;
}

NssKey *
nss_store_key (const char *ckaid, GError **error)
{
  SECKEYPrivateKey *nss = nss_store_find_key (ckaid, error);
  NssKey *key = nss != NULL ? nss_key_new_from_nss (nss) : NULL;

  if (nss != NULL && key == NULL)
    g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_BAD_FILE,
                 "The private key with the CKAID %s is of a kind that is not supported.", ckaid);
  return key;
}

GBytes *
nss_store_public_key (const char *ckaid, GError **error)
{
  g_autoptr (GPtrArray) certificates = nss_store_certificates ();
  g_autoptr (SECKEYPrivateKey) key = NULL;

  for (guint i = 0; i < certificates->len; i++)
    {
      const NssStoreCert *entry = certificates->pdata[i];

      if (entry->ckaid != NULL && g_ascii_strcasecmp (entry->ckaid, ckaid) == 0)
        return nss_cert_public_key (entry->cert);
    }
  key = nss_store_find_key (ckaid, error);
  return key != NULL ? nss_store_public_of (key) : NULL;
}

/* ---- credentials ---- */

static GPtrArray *
chain_of (CERTCertificate *nss)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) entries = nss_store_certificates ();
  GBytes *own = g_bytes_new (nss->derCert.data, nss->derCert.len);

  g_ptr_array_add (all, own);
  for (guint i = 0; i < entries->len; i++)
    {
      GBytes *der = nss_cert_der (((const NssStoreCert *) entries->pdata[i])->cert);

      if (!g_bytes_equal (der, own))
        g_ptr_array_add (all, g_bytes_ref (der));
    }
  return nss_credential_chain (all, 0);
}

NssCredential *
nss_store_credential (const char *nickname, gboolean with_key, GError **error)
{
  g_autoptr (CERTCertificate) nss = nss_store_find (nickname, error);
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();
  g_autoptr (NssCredential) credential = g_new0 (NssCredential, 1);
  SECKEYPrivateKey *key = NULL;

  if (nss == NULL || (with_key && !nss_store_login (error)))
    return NULL;
  if (with_key)
    {
      key = PK11_FindPrivateKeyFromCert (slot, nss, NULL);
      credential->key = key != NULL ? nss_key_new_from_nss (key) : NULL;
      if (credential->key == NULL)
        {
          g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NOT_FOUND,
                       "The key store has no private key for the certificate “%s”.", nickname);
          return NULL;
        }
    }
  credential->certificates = chain_of (nss);
  return g_steal_pointer (&credential);
}

GPtrArray *
nss_store_anchors (const char *nickname, GError **error)
{
  g_autoptr (GPtrArray) entries = nss_store_certificates ();
  g_autoptr (GPtrArray) anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  gboolean all = strcmp (nickname, "*") == 0;

  for (guint i = 0; i < entries->len; i++)
    {
      const NssStoreCert *entry = entries->pdata[i];

      if (all ? entry->trusted : strcmp (entry->nickname, nickname) == 0)
        g_ptr_array_add (anchors, g_bytes_ref (nss_cert_der (entry->cert)));
    }
  if (anchors->len > 0)
    return g_steal_pointer (&anchors);
  if (all)
    g_set_error_literal (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NOT_FOUND, "The key store has no trusted authority.");
  else
    g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NOT_FOUND, NSS_SAID_NO_CERTIFICATE, nickname);
  return NULL;
}
