/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changes the key store: new keys, imports, trust, removal. */
#include "nss-store-private.h"

#include "nss-bag.h"
#include "nss-cert-private.h"
#include "nss-crypto-private.h"
#include "nss-key.h"
#include "nss-name.h"
#include "nss-pkcs8.h"
#include "nss-raw-key.h"
#include "nss-sign.h"
#include "nss-spki.h"

#include <string.h>

#define STORE_RSA_BITS 3072
#define STORE_MAX_RSA_BITS 8192
#define STORE_RSA_EXPONENT 65537

/* ---- new keys ---- */

static gboolean
bad_kind (GError **error)
{
  g_set_error_literal (
      error, NSS_STORE_ERROR, NSS_STORE_ERROR_BAD_FILE,
      N_ ("There are keys of the kinds rsa (2048 to 8192 bits), ecdsa (256, 384 or 521) and, with a newer "
          "NSS, eddsa (256) and mldsa (44, 65 or 87)."));
  return FALSE;
}

static SECKEYPrivateKey *
generate (CK_MECHANISM_TYPE mechanism, void *parameters)
{
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();
  SECKEYPublicKey *public_key = NULL;
  /* permanent, and nobody reads it out again */
  SECKEYPrivateKey *key = PK11_GenerateKeyPair (slot, mechanism, parameters, &public_key, PR_TRUE, PR_TRUE, NULL);

  if (public_key != NULL)
    SECKEY_DestroyPublicKey (public_key);
  return key;
}

static SECKEYPrivateKey *
generate_on_curve (CK_MECHANISM_TYPE mechanism, IkeKeyType curve)
{
  g_autoptr (GByteArray) der = g_byte_array_new ();
  SECItem parameters = { siBuffer, NULL, 0 };

  nss_spki_put_curve (der, curve);
  parameters.data = der->data;
  parameters.len = der->len;
  return generate (mechanism, &parameters);
}

static gboolean
generate_kind (const char *kind, guint bits, SECKEYPrivateKey **ret_key, GError **error)
{
  PK11RSAGenParams rsa = { .keySizeInBits = (int) (bits != 0 ? bits : STORE_RSA_BITS), .pe = STORE_RSA_EXPONENT };

  if (strcmp (kind, "rsa") == 0)
    {
      if (rsa.keySizeInBits < 2048 || rsa.keySizeInBits > STORE_MAX_RSA_BITS || rsa.keySizeInBits % 16 != 0)
        return bad_kind (error);
      *ret_key = generate (CKM_RSA_PKCS_KEY_PAIR_GEN, &rsa);
      return TRUE;
    }
  if (strcmp (kind, "ecdsa") == 0)
    {
      if (bits != 0 && bits != 256 && bits != 384 && bits != 521)
        return bad_kind (error);
      *ret_key = generate_on_curve (CKM_EC_KEY_PAIR_GEN, bits == 384   ? IKE_KEY_P384
                                                         : bits == 521 ? IKE_KEY_P521
                                                                       : IKE_KEY_P256);
      return TRUE;
    }
#if defined CKM_EC_EDWARDS_KEY_PAIR_GEN && defined CKM_EDDSA
  if (strcmp (kind, "eddsa") == 0 && (bits == 0 || bits == 256) && nss_can (CKM_EDDSA))
    {
      *ret_key = generate_on_curve (CKM_EC_EDWARDS_KEY_PAIR_GEN, IKE_KEY_ED25519);
      return TRUE;
    }
#endif
#ifdef CKM_ML_DSA_KEY_PAIR_GEN
  if (strcmp (kind, "mldsa") == 0 && (bits == 0 || bits == 44 || bits == 65 || bits == 87) && nss_can (CKM_ML_DSA))
    {
      CK_ML_DSA_PARAMETER_SET_TYPE set = bits == 44 ? CKP_ML_DSA_44 : bits == 87 ? CKP_ML_DSA_87 : CKP_ML_DSA_65;

      *ret_key = generate (CKM_ML_DSA_KEY_PAIR_GEN, &set);
      return TRUE;
    }
#endif
  return bad_kind (error);
}

GBytes *
nss_store_generate (const char *kind, guint bits, GError **error)
{
  g_autoptr (SECKEYPrivateKey) key = NULL;
  GBytes *public_key;

  if (!nss_store_login (error) || !generate_kind (kind, bits, &key, error))
    return NULL;
  public_key = key != NULL ? nss_store_public_of (key) : NULL;
  if (public_key == NULL)
    nss_store_fail (error, N_ ("The key cannot be generated"));
  return public_key;
}

/* ---- import ---- */

/* What NSS derives the CKAID from. */
static SECItem
public_value (const NssSpki *spki)
{
  const NssDer *value = spki->type == IKE_KEY_RSA ? &spki->modulus : &spki->point;

  return (SECItem){ siBuffer, (unsigned char *) value->data, (unsigned int) value->len };
}

static gboolean
import_key (const IkeSecret *pkcs8, GError **error)
{
  g_autoptr (NssKey) key = nss_key_new_from_pkcs8 (ike_secret_data (pkcs8), ike_secret_len (pkcs8));
  g_autoptr (GBytes) public_key = key != NULL ? nss_key_public_key (key) : NULL;
  g_autofree char *ckaid = public_key != NULL ? nss_raw_key_ckaid (public_key) : NULL;
  g_autoptr (SECKEYPrivateKey) there = NULL;
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();
  SECItem info = { siBuffer, ike_secret_data (pkcs8), (unsigned int) ike_secret_len (pkcs8) };
  SECKEYPrivateKey *made = NULL;
  SECItem value;
  NssSpki spki;

  if (ckaid == NULL || !nss_spki_parse (nss_der_bytes (public_key), &spki))
    {
      g_set_error_literal (error, NSS_STORE_ERROR, NSS_STORE_ERROR_BAD_FILE,
                           N_ ("The file holds a private key that is damaged or of a kind that is not supported."));
      return FALSE;
    }
  /* the session's copy has the same name */
  g_clear_pointer (&key, nss_key_free);
  there = nss_store_find_key (ckaid, NULL);
  if (there != NULL)
    return TRUE;
  value = public_value (&spki);
  if (PK11_ImportDERPrivateKeyInfoAndReturnKey (slot, &info, NULL, &value, PR_TRUE, PR_TRUE, KU_ALL, &made, NULL) !=
      SECSuccess)
    return nss_store_fail (error, N_ ("The private key cannot be stored"));
  SECKEY_DestroyPrivateKey (made);
  return TRUE;
}

/* NSS takes a colon for the end of a token's name, and a profile has no room for line ends. */
static char *
nickname_clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  for (char *p = valid; *p != '\0'; p++)
    if (*p == ':' || g_ascii_iscntrl (*p))
      *p = ' ';
  g_strstrip (valid);
  if (strlen (valid) > NSS_STORE_MAX_NICKNAME - 8)
    *g_utf8_find_prev_char (valid, valid + NSS_STORE_MAX_NICKNAME - 8) = '\0';
  return *valid != '\0' && strcmp (valid, "*") != 0 ? g_steal_pointer (&valid) : g_strdup ("certificate");
}

/* A nickname that no other subject has: "Office", "Office #2". */
static char *
nickname_choose (const NssCert *cert, const char *wanted)
{
  GBytes *subject = nss_cert_subject_der (cert);
  g_autofree char *clean = nickname_clean (wanted);
  g_autofree char *name = g_strdup (clean);

  for (guint n = 2; n < NSS_STORE_MAX_ENTRIES; n++)
    {
      g_autoptr (CERTCertificate) other = nss_store_find (name, NULL);
      g_autoptr (GBytes) theirs = other != NULL ? g_bytes_new (other->derSubject.data, other->derSubject.len) : NULL;

      if (other == NULL || g_bytes_equal (theirs, subject))
        break;
      g_free (name);
      name = g_strdup_printf ("%s #%u", clean, n);
    }
  return g_steal_pointer (&name);
}

static char *
default_name (const NssCert *cert)
{
  GBytes *subject = nss_cert_subject_der (cert);
  char *name = nss_name_common_name (subject);

  return name != NULL ? name : nss_cert_subject (cert);
}

static gboolean
set_trust (CERTCertificate *nss, gboolean trusted, GError **error)
{
  const unsigned int flags = trusted ? CERTDB_VALID_CA | CERTDB_TRUSTED_CA | CERTDB_TRUSTED_CLIENT_CA : 0;
  CERTCertTrust trust = { flags, 0, 0 };

  if (CERT_ChangeCertTrust (CERT_GetDefaultCertDB (), nss, &trust) != SECSuccess)
    return nss_store_fail (error, N_ ("The trust cannot be changed"));
  return TRUE;
}

static gboolean
import_certificate (GBytes *der, const char *name, gboolean trusted, GPtrArray *nicknames, GError **error)
{
  g_autoptr (NssCert) cert = nss_cert_new (der, error);
  g_autofree char *own = cert != NULL && name == NULL ? default_name (cert) : NULL;
  g_autofree char *nickname = cert != NULL ? nickname_choose (cert, name != NULL ? name : own) : NULL;
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();
  g_autoptr (CERTCertificate) nss = NULL;
  SECItem item = { siBuffer, (unsigned char *) g_bytes_get_data (der, NULL), (unsigned int) g_bytes_get_size (der) };

  if (cert == NULL)
    return FALSE;
  nss = CERT_FindCertByDERCert (CERT_GetDefaultCertDB (), &item);
  if (nss != NULL && nss->nickname != NULL)
    {
      /* it is there already, and keeps its name */
      g_free (nickname);
      nickname = g_strdup (nss->nickname);
    }
  else if (nss == NULL)
    nss = CERT_NewTempCertificate (CERT_GetDefaultCertDB (), &item, NULL, PR_FALSE, PR_TRUE);
  if (nss == NULL || PK11_ImportCert (slot, nss, CK_INVALID_HANDLE, nickname, PR_FALSE) != SECSuccess)
    return nss_store_fail (error, N_ ("The certificate cannot be stored"));
  if (trusted && nss_cert_is_ca (cert) && !set_trust (nss, TRUE, error))
    return FALSE;
  g_ptr_array_add (nicknames, g_steal_pointer (&nickname));
  return TRUE;
}

/* Is one of the bag's keys the key of this certificate? Its file's name is then the one that people gave. */
static gboolean
has_key_in_bag (GBytes *der, const NssBag *bag)
{
  g_autoptr (NssCert) cert = nss_cert_new (der, NULL);
  g_autoptr (GBytes) public_key = cert != NULL ? nss_cert_public_key (cert) : NULL;

  for (guint i = 0; cert != NULL && i < bag->keys->len; i++)
    {
      const IkeSecret *pkcs8 = bag->keys->pdata[i];
      g_autoptr (NssKey) key = nss_key_new_from_pkcs8 (ike_secret_data (pkcs8), ike_secret_len (pkcs8));

      if (key != NULL && nss_key_type (key) == nss_cert_key_type (cert, NULL) && nss_key_matches (key, public_key))
        return TRUE;
    }
  return FALSE;
}

static gboolean
import_bag (const NssBag *bag, const char *name, gboolean trusted, GPtrArray *nicknames, GError **error)
{
  for (guint i = 0; i < bag->keys->len; i++)
    if (!import_key (bag->keys->pdata[i], error))
      return FALSE;
  for (guint i = 0; i < bag->certificates->len; i++)
    {
      gboolean own =
          bag->keys->len > 0 ? has_key_in_bag (bag->certificates->pdata[i], bag) : bag->certificates->len == 1;
      const char *called = own ? (name != NULL ? name : bag->friendly_name) : NULL;

      if (!import_certificate (bag->certificates->pdata[i], called, trusted, nicknames, error))
        return FALSE;
    }
  return TRUE;
}

GPtrArray *
nss_store_import (const NssFile *file, const IkeSecret *password, const char *name, gboolean trusted, GError **error)
{
  g_autoptr (NssBag) bag = nss_bag_new (password != NULL, password);
  g_autoptr (GPtrArray) nicknames = g_ptr_array_new_with_free_func (g_free);

  if (!nss_bag_read (bag, file, error))
    return NULL;
  if (bag->certificates->len == 0 && bag->keys->len == 0)
    {
      g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_BAD_FILE, NSS_SAID_NOTHING_IN_FILE, file->name);
      return NULL;
    }
  if (!nss_store_login (error) || !import_bag (bag, name, trusted, nicknames, error))
    return NULL;
  return g_steal_pointer (&nicknames);
}

/* ---- trust and removal ---- */

gboolean
nss_store_set_trust (const char *nickname, gboolean trusted, GError **error)
{
  g_autoptr (CERTCertificate) nss = nss_store_find (nickname, error);

  return nss != NULL && nss_store_login (error) && set_trust (nss, trusted, error);
}

/* The object of the public half, which NSS keeps beside the private one. */
static void
delete_public (GBytes *spki)
{
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();
  SECKEYPublicKeyList *list = PK11_ListPublicKeysInSlot (slot, NULL);

  if (list == NULL)
    return;
  for (SECKEYPublicKeyListNode *node = PUBKEY_LIST_HEAD (list); !PUBKEY_LIST_END (node, list);
       node = PUBKEY_LIST_NEXT (node))
    {
      SECItem *der = SECKEY_EncodeDERSubjectPublicKeyInfo (node->key);
      gboolean same = der != NULL && der->len == g_bytes_get_size (spki) &&
                      memcmp (der->data, g_bytes_get_data (spki, NULL), der->len) == 0;
      SECKEYPublicKey *copy = same ? SECKEY_CopyPublicKey (node->key) : NULL;

      if (der != NULL)
        SECITEM_FreeItem (der, PR_TRUE);
      if (copy != NULL && PK11_DeleteTokenPublicKey (copy) != SECSuccess)
        SECKEY_DestroyPublicKey (copy);
    }
  SECKEY_DestroyPublicKeyList (list);
}

static gboolean
delete_key (const char *ckaid, GError **error)
{
  SECKEYPrivateKey *key = nss_store_find_key (ckaid, error);
  g_autoptr (GBytes) spki = key != NULL ? nss_store_public_of (key) : NULL;

  if (key == NULL)
    return FALSE;
  /* the function takes the key */
  if (PK11_DeleteTokenPrivateKey (key, PR_TRUE) != SECSuccess)
    return nss_store_fail (error, N_ ("The private key cannot be deleted"));
  if (spki != NULL)
    delete_public (spki);
  return TRUE;
}

gboolean
nss_store_delete (const char *name, GError **error)
{
  CERTCertificate *nss = nss_store_find (name, NULL);
  SECStatus status;

  if (nss == NULL && nss_store_is_ckaid (name))
    return delete_key (name, error);
  if (nss == NULL)
    {
      g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NOT_FOUND, NSS_SAID_NEITHER, name);
      return FALSE;
    }
  if (!nss_store_login (error))
    {
      CERT_DestroyCertificate (nss);
      return FALSE;
    }
  status = PK11_DeleteTokenCertAndKey (nss, NULL);
  CERT_DestroyCertificate (nss);
  return status == SECSuccess || nss_store_fail (error, N_ ("The certificate cannot be deleted"));
}
