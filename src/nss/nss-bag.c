/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of certificates and keys: finds out what each piece is by its structure (never by the file's name), and brings
 * every private key into the one form that is imported, PKCS#8. RFC 5208, RFC 5958, RFC 5915, RFC 8017, RFC 2315, 7468.
 */
#include "nss-bag.h"
#include "nss-cert.h"
#include "nss-pbe.h"
#include "nss-pem.h"
#include "nss-pkcs8.h"
#include "nss-said.h"
#include "nss-spki.h"

#include <string.h>

static const guint8 OID_SIGNED_DATA[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };

NssBag *
nss_bag_new (gboolean want_keys, const IkeSecret *password)
{
  NssBag *bag = g_new0 (NssBag, 1);

  bag->want_keys = want_keys;
  bag->password = password;
  bag->empty = ike_secret_new (0);
  bag->budget = NSS_CREDENTIAL_MAX_ITERATIONS;
  bag->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  bag->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_secret_free);
  return bag;
}

void
nss_bag_free (NssBag *bag)
{
  if (bag == NULL)
    return;
  g_ptr_array_unref (bag->certificates);
  g_ptr_array_unref (bag->keys);
  ike_secret_free (bag->empty);
  g_free (bag->friendly_name);
  g_free (bag);
}

static gboolean
set_bad (GError **error, const char *text)
{
  g_set_error (error, NSS_CREDENTIAL_ERROR, NSS_CREDENTIAL_ERROR_BAD_FILE, "%s", text);
  return FALSE;
}

gboolean
nss_bag_need_password (GError **error)
{
  g_set_error (error, NSS_CREDENTIAL_ERROR, NSS_CREDENTIAL_ERROR_NEED_PASSWORD,
               N_ ("it is encrypted and needs a password"));
  return FALSE;
}

gboolean
nss_bag_add_certificate (NssBag *bag, const NssDer *der, GError **error)
{
  g_autoptr (GBytes) bytes = nss_der_dup (der);
  g_autoptr (NssCert) cert = nss_cert_new (bytes, NULL);

  if (cert == NULL)
    {
      bag->unreadable++;
      return TRUE;
    }
  if (bag->certificates->len == NSS_CREDENTIAL_MAX_CERTS)
    return set_bad (error, N_ ("it holds too many certificates"));
  g_ptr_array_add (bag->certificates, g_steal_pointer (&bytes));
  return TRUE;
}

gboolean
nss_bag_add_key (NssBag *bag, IkeSecret *take_pkcs8, GError **error)
{
  if (bag->keys->len == NSS_BAG_MAX_KEYS)
    {
      ike_secret_free (take_pkcs8);
      return set_bad (error, N_ ("it holds too many private keys"));
    }
  g_ptr_array_add (bag->keys, nss_pkcs8_strip (take_pkcs8));
  return TRUE;
}

/* ---- private keys ---- */

/* ECPrivateKey ::= SEQUENCE { 1, OCTET STRING, [0] parameters OPTIONAL, [1] public key OPTIONAL }; outside of PKCS#8
 * the parameters must be there. */
static gboolean
add_sec1 (NssBag *bag, NssDer whole, GError **error)
{
  NssDer in = whole;
  NssDer sequence = nss_der_enter (&in, NSS_DER_SEQUENCE);
  NssDer parameters, curve;

  nss_der_uint (&sequence);
  nss_der_enter (&sequence, NSS_DER_OCTET_STRING);
  parameters = nss_der_enter (&sequence, NSS_DER_CONTEXT_CONSTRUCTED (0));
  curve = nss_der_enter (&parameters, NSS_DER_OID);
  if (curve.bad || nss_spki_curve (&curve) == IKE_KEY_NONE)
    return set_bad (error, N_ ("its EC key is on a curve that is not supported (P-256, P-384 and P-521 are)"));
  return nss_bag_add_key (bag, nss_pkcs8_wrap (whole, &curve), error);
}

/* Tries to read a plaintext key; what it is shows in the first elements. */
static gboolean
add_plain_key (NssBag *bag, NssDer whole, GError **error)
{
  NssDer in = whole;
  NssDer sequence = nss_der_enter (&in, NSS_DER_SEQUENCE);
  guint64 version = nss_der_uint (&sequence);
  guint8 next = nss_der_peek (&sequence);

  if (!bag->want_keys)
    return TRUE;
  if (sequence.bad || !nss_der_done (&in) || version > 1)
    return set_bad (error, N_ ("its private key is damaged"));
  if (next == NSS_DER_SEQUENCE)
    return nss_bag_add_key (bag, ike_secret_new_from (whole.data, whole.len), error);
  if (next == NSS_DER_OCTET_STRING)
    return add_sec1 (bag, whole, error);
  if (next == NSS_DER_INTEGER && version == 0)
    return nss_bag_add_key (bag, nss_pkcs8_wrap (whole, NULL), error);
  return set_bad (error, N_ ("its private key is of a kind that is not supported"));
}

gboolean
nss_bag_add_encrypted_key (NssBag *bag, NssDer info, gboolean pkcs12, GError **error)
{
  NssDer algorithm = nss_der_enter (&info, NSS_DER_SEQUENCE);
  NssDer cipher = nss_der_enter (&info, NSS_DER_OCTET_STRING);
  g_autoptr (IkeSecret) plain = NULL;

  if (!bag->want_keys)
    return TRUE;
  if (!nss_der_done (&info))
    return set_bad (error, N_ ("its encrypted private key is damaged"));
  if (bag->password == NULL && !pkcs12)
    return nss_bag_need_password (error);
  plain = nss_pbe_decrypt (algorithm, cipher, bag->password, pkcs12, nss_pkcs8_is, &bag->budget, error);
  return plain != NULL && nss_bag_add_key (bag, g_steal_pointer (&plain), error);
}

static gboolean
add_old_pem_key (NssBag *bag, const NssPemBlock *block, GError **error)
{
  g_autoptr (IkeSecret) plain = NULL;

  if (!bag->want_keys)
    return TRUE;
  if (bag->password == NULL)
    return nss_bag_need_password (error);
  plain = nss_pbe_decrypt_pem (block->cipher, block->iv, block->iv_len, block->data, bag->password, error);
  if (plain == NULL)
    return FALSE;
  if (add_plain_key (bag, nss_der (ike_secret_data (plain), ike_secret_len (plain)), NULL))
    return TRUE;
  g_set_error (error, NSS_CREDENTIAL_ERROR, NSS_CREDENTIAL_ERROR_BAD_PASSWORD, N_ ("the password is wrong"));
  return FALSE;
}

/* ---- PKCS#7 ---- */

/* SignedData: only its certificates are taken, its signature says nothing that we would believe (CVE-2004-0590). */
static gboolean
add_pkcs7 (NssBag *bag, NssDer content_info, GError **error)
{
  NssDer oid = nss_der_enter (&content_info, NSS_DER_OID);
  NssDer tagged = nss_der_enter (&content_info, NSS_DER_CONTEXT_CONSTRUCTED (0));
  NssDer data = nss_der_enter (&tagged, NSS_DER_SEQUENCE);
  NssDer certificates;

  if (data.bad || !nss_der_is_oid (&oid, OID_SIGNED_DATA))
    return set_bad (error, N_ ("it is a PKCS#7 file without certificates"));
  nss_der_uint (&data);
  nss_der_enter (&data, NSS_DER_SET);
  nss_der_enter (&data, NSS_DER_SEQUENCE);
  if (data.bad)
    return set_bad (error, N_ ("its PKCS#7 structure is damaged"));
  if (nss_der_peek (&data) != NSS_DER_CONTEXT_CONSTRUCTED (0))
    return TRUE;
  certificates = nss_der_enter (&data, NSS_DER_CONTEXT_CONSTRUCTED (0));
  while (certificates.len > 0)
    {
      NssDer one = nss_der_element (&certificates);

      if (one.bad || !nss_bag_add_certificate (bag, &one, error))
        return one.bad ? set_bad (error, N_ ("its PKCS#7 structure is damaged")) : FALSE;
    }
  return TRUE;
}

/* ---- what is it? ---- */

typedef enum {
  KIND_UNKNOWN,
  KIND_CERTIFICATE, /* { { ... }, { ... }, BIT STRING */
  KIND_PLAIN_KEY, /* { INTEGER 0..1, ... */
  KIND_ENCRYPTED_KEY, /* { { OID ... }, OCTET STRING } */
  KIND_PKCS7, /* { OID, [0] */
  KIND_PKCS12, /* { INTEGER 3, { ... */
} Kind;

static Kind
der_kind (NssDer whole)
{
  NssDer sequence = nss_der_enter (&whole, NSS_DER_SEQUENCE);
  guint8 first = nss_der_peek (&sequence);

  if (sequence.bad || !nss_der_done (&whole))
    return KIND_UNKNOWN;
  if (first == NSS_DER_OID)
    return KIND_PKCS7;
  if (first == NSS_DER_INTEGER)
    return nss_der_uint (&sequence) == 3 ? KIND_PKCS12 : KIND_PLAIN_KEY;
  if (first != NSS_DER_SEQUENCE)
    return KIND_UNKNOWN;
  nss_der_element (&sequence);
  return nss_der_peek (&sequence) == NSS_DER_OCTET_STRING ? KIND_ENCRYPTED_KEY : KIND_CERTIFICATE;
}

static gboolean
add_der (NssBag *bag, NssDer whole, GError **error)
{
  NssDer in = whole;

  switch (der_kind (whole))
    {
    case KIND_CERTIFICATE:
      return nss_bag_add_certificate (bag, &whole, error);
    case KIND_PLAIN_KEY:
      return add_plain_key (bag, whole, error);
    case KIND_ENCRYPTED_KEY:
      return nss_bag_add_encrypted_key (bag, nss_der_enter (&in, NSS_DER_SEQUENCE), FALSE, error);
    case KIND_PKCS7:
      return add_pkcs7 (bag, nss_der_enter (&in, NSS_DER_SEQUENCE), error);
    case KIND_PKCS12:
      return nss_pkcs12_read (bag, whole, error);
    case KIND_UNKNOWN:
      break;
    }
  return set_bad (error, N_ ("it holds neither a certificate nor a private key that can be read"));
}

/* BER is only for the containers; a certificate's own octets are never rewritten. */
static gboolean
add_octets (NssBag *bag, const guint8 *data, gsize len, GError **error)
{
  NssDer whole = nss_der (data, len);
  GByteArray *der;
  gboolean ok;

  if (der_kind (whole) == KIND_CERTIFICATE)
    return add_der (bag, whole, error);
  der = nss_ber_to_der (data, len);
  if (der == NULL)
    return set_bad (error, N_ ("it holds neither a certificate nor a private key that can be read"));
  ok = add_der (bag, nss_der (der->data, der->len), error);
  nss_der_wipe (der);
  return ok;
}

static gboolean
label_matters (const char *label)
{
  static const char *const labels[] = {
    "CERTIFICATE",           "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "PKCS7",  "CMS", "PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY",  "EC PRIVATE KEY",      "PKCS12", NULL,
  };

  return g_strv_contains (labels, label);
}

static gboolean
add_pem_block (NssBag *bag, const NssPemBlock *block, GError **error)
{
  const guint8 *data = ike_secret_data (block->data);
  gsize len = ike_secret_len (block->data);

  if (!label_matters (block->label))
    return TRUE;
  if (block->cipher != NULL)
    return add_old_pem_key (bag, block, error);
  if (strcmp (block->label, "TRUSTED CERTIFICATE") == 0)
    {
      /* OpenSSL's own: the certificate, then its notes about trust, which are not ours. */
      NssDer in = nss_der (data, len);
      NssDer first = nss_der_element (&in);

      return first.bad ? set_bad (error, N_ ("its certificate is damaged"))
                       : nss_bag_add_certificate (bag, &first, error);
    }
  return add_octets (bag, data, len, error);
}

static gboolean
add_pem (NssBag *bag, GBytes *bytes, GError **error)
{
  g_autofree char *problem = NULL;
  g_autoptr (GPtrArray) blocks = nss_pem_parse (bytes, &problem);

  if (blocks == NULL)
    return set_bad (error, problem);
  for (guint i = 0; i < blocks->len; i++)
    if (!add_pem_block (bag, blocks->pdata[i], error))
      return FALSE;
  return TRUE;
}

gboolean
nss_bag_read (NssBag *bag, const NssFile *file, GError **error)
{
  g_autoptr (GError) local = NULL;
  gsize len;
  const guint8 *data = g_bytes_get_data (file->bytes, &len);
  gboolean ok;

  if (len > NSS_CREDENTIAL_MAX_FILE)
    ok = set_bad (&local, N_ ("it is too big for a certificate or key"));
  else if (len == 0)
    ok = set_bad (&local, N_ ("it is empty"));
  else if (nss_pem_is (file->bytes))
    ok = add_pem (bag, file->bytes, &local);
  else
    ok = add_octets (bag, data, len, &local);
  if (!ok)
    g_set_error (error, local->domain, local->code, NSS_SAID_CANNOT_BE_USED, file->name, local->message);
  return ok;
}

/* ---- does it need a password? ---- */

static gboolean
octets_are_encrypted (const guint8 *data, gsize len)
{
  GByteArray *der = nss_ber_to_der (data, len);
  Kind kind = der != NULL ? der_kind (nss_der (der->data, der->len)) : KIND_UNKNOWN;

  nss_der_wipe (der);
  return kind == KIND_ENCRYPTED_KEY || kind == KIND_PKCS12;
}

gboolean
nss_file_is_encrypted (const NssFile *file)
{
  g_autofree char *problem = NULL;
  g_autoptr (GPtrArray) blocks = NULL;
  gsize len;
  const guint8 *data = g_bytes_get_data (file->bytes, &len);

  if (len > NSS_CREDENTIAL_MAX_FILE)
    return FALSE;
  if (!nss_pem_is (file->bytes))
    return octets_are_encrypted (data, len);
  blocks = nss_pem_parse (file->bytes, &problem);
  for (guint i = 0; blocks != NULL && i < blocks->len; i++)
    {
      const NssPemBlock *block = blocks->pdata[i];

      if (label_matters (block->label) &&
          (block->cipher != NULL || octets_are_encrypted (ike_secret_data (block->data), ike_secret_len (block->data))))
        return TRUE;
    }
  return FALSE;
}
