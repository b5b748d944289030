/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where to ask (RFC 5280 sections 4.2.1.13 and 4.2.2.1), and what both kinds of answers share. */
#include "nss-revocation-private.h"

#include "nss-chain-rules.h"
#include "nss-pem.h"

#include <keyhi.h>
#include <secasn1.h>
#include <secder.h>
#include <secitem.h>
#include <secoid.h>

#include <string.h>

#define URL_MAX 1024
#define MAX_CRLS 16 /* in one file */
#define CRL_LABEL "X509 CRL"
#define BEGIN_CRL "-----BEGIN " CRL_LABEL

static const guint8 OID_AD_OCSP[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01 };

/* ---- addresses ---- */

/* A uniformResourceIdentifier that the fetching process could use. */
static void
take_url (GPtrArray *urls, NssDer value)
{
  char *url;

  if (value.bad || value.len == 0 || value.len > URL_MAX || urls->len >= NSS_REVOCATION_MAX_URLS)
    return;
  for (gsize i = 0; i < value.len; i++)
    if (!g_ascii_isgraph (value.data[i])) /* it is shown */
      return;
  url = g_strndup ((const char *) value.data, value.len);
  if (g_ascii_strncasecmp (url, "http://", 7) == 0 && !g_ptr_array_find_with_equal_func (urls, url, g_str_equal, NULL))
    g_ptr_array_add (urls, url);
  else
    g_free (url);
}

/* GeneralNames: [6] is a URI. */
static void
take_names (GPtrArray *urls, NssDer names)
{
  while (names.len > 0 && !names.bad)
    {
      guint8 tag = nss_der_peek (&names);
      NssDer value = nss_der_enter (&names, tag);

      if (tag == NSS_DER_CONTEXT (6))
        take_url (urls, value);
    }
}

/* DistributionPoint: [0] { [0] fullName }; one with another issuer ([2]) or only some reasons ([1]) is of no use. */
static void
take_point (GPtrArray *urls, NssDer point)
{
  NssDer name = nss_der_enter (&point, NSS_DER_CONTEXT_CONSTRUCTED (0));

  if (!nss_der_done (&point))
    return;
  take_names (urls, nss_der_enter (&name, NSS_DER_CONTEXT_CONSTRUCTED (0)));
}

static void
take_access (GPtrArray *urls, NssDer access)
{
  NssDer method = nss_der_enter (&access, NSS_DER_OID);

  if (nss_der_is_oid (&method, OID_AD_OCSP) && nss_der_peek (&access) == NSS_DER_CONTEXT (6))
    take_url (urls, nss_der_enter (&access, NSS_DER_CONTEXT (6)));
}

static GStrv
urls_of (const NssCert *cert, SECOidTag extension, void (*take) (GPtrArray *urls, NssDer item))
{
  GPtrArray *urls = g_ptr_array_new ();
  SECItem item = { siBuffer, NULL, 0 };

  if (CERT_FindCertExtension (nss_cert_nss (cert), extension, &item) == SECSuccess)
    {
      NssDer in = nss_der (item.data, item.len), list = nss_der_enter (&in, NSS_DER_SEQUENCE);

      while (list.len > 0 && !list.bad)
        take (urls, nss_der_enter (&list, NSS_DER_SEQUENCE));
    }
  SECITEM_FreeItem (&item, PR_FALSE);
  g_ptr_array_add (urls, NULL);
  return (GStrv) g_ptr_array_free (urls, FALSE);
}

GStrv
nss_crl_urls (const NssCert *cert)
{
  return urls_of (cert, SEC_OID_X509_CRL_DIST_POINTS, take_point);
}

GStrv
nss_ocsp_urls (const NssCert *cert)
{
  return urls_of (cert, SEC_OID_X509_AUTH_INFO_ACCESS, take_access);
}

GPtrArray *
nss_crls_in_file (GBytes *file, guint *ret_left_out)
{
  GPtrArray *crls = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *problem = NULL;
  gsize len;
  const char *text = g_bytes_get_data (file, &len);
  /* the system's bundle is long and has none */
  gboolean some = memmem (text, len, BEGIN_CRL, strlen (BEGIN_CRL)) != NULL;
  g_autoptr (GPtrArray) blocks = some && nss_pem_is (file) ? nss_pem_parse (file, &problem) : NULL;

  *ret_left_out = 0;
  for (guint i = 0; blocks && i < blocks->len; i++)
    {
      const NssPemBlock *block = blocks->pdata[i];

      if (strcmp (block->label, CRL_LABEL) != 0)
        continue;
      if (crls->len == MAX_CRLS)
        ++*ret_left_out;
      else
        g_ptr_array_add (crls, g_bytes_new (ike_secret_data (block->data), ike_secret_len (block->data)));
    }
  return crls;
}

/* ---- what both share ---- */

NssRevocation
nss_revocation_unknown (char **ret_text, const char *why)
{
  *ret_text = g_strdup (why);
  return NSS_REVOCATION_UNKNOWN;
}

static char *
day (gint64 when)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (when);

  return time ? g_date_time_format (time, "%Y-%m-%d") : g_strdup ("a day that cannot be written");
}

guint8
nss_revocation_reason (NssDer value)
{
  return value.bad || value.len != 1 ? 0 : value.data[0];
}

/* RFC 5280 section 5.3.1 */
static const char *
reason_text (guint8 reason)
{
  static const char *const texts[] = {
    [1] = "its key was compromised",
    [2] = "the authority was compromised",
    [3] = "its owner's affiliation has changed",
    [4] = "it was replaced",
    [5] = "it is not needed any more",
    [6] = "it is on hold",
    [9] = "its owner's privilege was withdrawn",
    [10] = "the attribute authority was compromised",
  };

  return reason < G_N_ELEMENTS (texts) && texts[reason] ? texts[reason] : "no reason is given";
}

NssRevocation
nss_revocation_revoked (char **ret_text, gint64 when, guint8 reason)
{
  g_autofree char *date = when < 0 ? g_strdup ("a day that cannot be read") : day (when);

  *ret_text = g_strdup_printf ("revoked since %s: %s", date, reason_text (reason));
  return NSS_REVOCATION_REVOKED;
}

gint64
nss_revocation_time (NssDer *in)
{
  guint8 tag = nss_der_peek (in);
  NssDer value = nss_der_enter (in, tag);
  SECItem item = { tag == 0x17 ? siUTCTime : siGeneralizedTime, (unsigned char *) value.data,
                   (unsigned int) value.len };
  PRTime time = 0;

  if (value.bad || (tag != 0x17 && tag != 0x18) || DER_DecodeTimeChoice (&time, &item) != SECSuccess)
    {
      in->bad = TRUE;
      return -1;
    }
  return time / PR_USEC_PER_SEC;
}

NssRevocation
nss_revocation_dates (gint64 this_update, gint64 next_update, gint64 now, char **ret_text)
{
  g_autofree char *date = NULL;

  if (this_update > now + NSS_REVOCATION_SKEW)
    return nss_revocation_unknown (ret_text, "it is from the future");
  if (next_update >= now - NSS_REVOCATION_SKEW)
    return NSS_REVOCATION_GOOD;
  date = day (next_update);
  *ret_text = g_strdup_printf ("it has not been valid since %s", date);
  return NSS_REVOCATION_OLD;
}

static NssDer
without_zero (NssDer number)
{
  while (number.len > 1 && number.data[0] == 0)
    number = nss_der (number.data + 1, number.len - 1);
  return number;
}

gboolean
nss_revocation_is_serial (const NssDer *serial, const NssCert *cert)
{
  const SECItem *own = &nss_cert_nss (cert)->serialNumber;
  NssDer a = without_zero (*serial), b = without_zero (nss_der (own->data, own->len));

  return !serial->bad && a.len > 0 && nss_der_is (&a, b.data, b.len);
}

gboolean
nss_revocation_signed_by (const NssDer *signed_data, const NssCert *signer)
{
  PLArenaPool *arena = PORT_NewArena (DER_DEFAULT_CHUNKSIZE);
  SECKEYPublicKey *key = CERT_ExtractPublicKey (nss_cert_nss (signer));
  SECItem item = { siBuffer, (unsigned char *) signed_data->data, (unsigned int) signed_data->len };
  CERTSignedData data = { 0 };
  gboolean good = FALSE;

  if (arena && key &&
      SEC_QuickDERDecodeItem (arena, &data, SEC_ASN1_GET (CERT_SignedDataTemplate), &item) == SECSuccess)
    good = nss_rule_hash_is_good (&data.signatureAlgorithm) &&
           CERT_VerifySignedDataWithPublicKey (&data, key, NULL) == SECSuccess;
  if (key)
    SECKEY_DestroyPublicKey (key);
  if (arena)
    PORT_FreeArena (arena, PR_FALSE);
  return good;
}
