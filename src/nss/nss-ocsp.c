/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OCSP: RFC 6960, a request for one certificate without a nonce (RFC 5019 section 4: most responders have their answers
 * made in advance). It is the dates that say how fresh an answer is.
 */
#include "nss-revocation-private.h"

#include "nss-chain-rules.h"
#include "nss-name.h"

#include <pk11pub.h>
#include <secoid.h>

#include <string.h>

#define SHA1_LEN 20
#define MAX_HASH 64
#define MAX_CERTIFICATES 4 /* in an answer */
#define MAX_RESPONSES 64
/* For an answer that does not say until when it is valid. */
#define DEFAULT_LIFETIME (24 * 3600)

static const guint8 OID_BASIC[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01 };
static const guint8 OID_OCSP_SIGNING[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x09 };

/* What an answer may know its issuer by; we ask by the first (RFC 5019 section 2.1.1), but the other end asks for what it
 * shows (RFC 4806) as it likes. */
typedef struct {
  SECOidTag tag;
  guint8 len, oid_len;
  guint8 oid[9];
} IdHash;

static const IdHash id_hashes[] = {
  { SEC_OID_SHA1, SHA1_LEN, 5, { 0x2b, 0x0e, 0x03, 0x02, 0x1a } },
  { SEC_OID_SHA256, 32, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 } },
  { SEC_OID_SHA384, 48, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02 } },
  { SEC_OID_SHA512, 64, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03 } },
};

typedef struct {
  guint8 name[MAX_HASH], key[MAX_HASH];
} Issuer;

/* ---- CertID: RFC 6960 section 4.1.1, whose hashes are no secret and no proof ---- */

static gboolean
issuer_hash (const NssCert *issuer, SECOidTag hash, Issuer *ret)
{
  GBytes *name = nss_cert_subject_der (issuer);
  g_autoptr (GBytes) public_key = nss_cert_public_key (issuer);
  NssDer in = nss_der_bytes (public_key), spki = nss_der_enter (&in, NSS_DER_SEQUENCE), bits;

  nss_der_enter (&spki, NSS_DER_SEQUENCE);
  bits = nss_der_bit_string (&spki);
  return !spki.bad && !bits.bad &&
         PK11_HashBuf (hash, ret->name, g_bytes_get_data (name, NULL), (PRInt32) g_bytes_get_size (name)) ==
             SECSuccess &&
         PK11_HashBuf (hash, ret->key, bits.data, (PRInt32) bits.len) == SECSuccess;
}

/* Puts what is in @content into one element, and leaves that there. */
static void
wrap (GByteArray *content, guint8 tag)
{
  g_autofree guint8 *copy = g_memdup2 (content->data, content->len);
  gsize len = content->len;

  g_byte_array_set_size (content, 0);
  nss_der_put (content, tag, copy, len);
}

GBytes *
nss_ocsp_request (const NssCert *cert, const NssCert *issuer)
{
  const SECItem *serial = &nss_cert_nss (cert)->serialNumber;
  GByteArray *out = g_byte_array_new ();
  Issuer hashes;

  if (!issuer_hash (issuer, id_hashes[0].tag, &hashes))
    {
      g_byte_array_unref (out);
      return NULL;
    }
  nss_der_put (out, NSS_DER_OID, id_hashes[0].oid, id_hashes[0].oid_len);
  nss_der_put (out, NSS_DER_NULL, NULL, 0);
  wrap (out, NSS_DER_SEQUENCE);
  nss_der_put (out, NSS_DER_OCTET_STRING, hashes.name, SHA1_LEN);
  nss_der_put (out, NSS_DER_OCTET_STRING, hashes.key, SHA1_LEN);
  nss_der_put (out, NSS_DER_INTEGER, serial->data, serial->len);
  /* CertID, Request, requestList, tbsRequest, OCSPRequest */
  for (guint i = 0; i < 5; i++)
    wrap (out, NSS_DER_SEQUENCE);
  return g_byte_array_free_to_bytes (out);
}

static const IdHash *
id_hash_find (const NssDer *oid)
{
  for (gsize i = 0; i < G_N_ELEMENTS (id_hashes); i++)
    if (nss_der_is (oid, id_hashes[i].oid, id_hashes[i].oid_len))
      return &id_hashes[i];
  return NULL;
}

static gboolean
is_meant (NssDer id, const NssCert *cert, const NssCert *issuer)
{
  NssDer algorithm = nss_der_enter (&id, NSS_DER_SEQUENCE), oid = nss_der_enter (&algorithm, NSS_DER_OID);
  NssDer name = nss_der_enter (&id, NSS_DER_OCTET_STRING), key = nss_der_enter (&id, NSS_DER_OCTET_STRING);
  NssDer serial = nss_der_enter (&id, NSS_DER_INTEGER);
  const IdHash *hash = id_hash_find (&oid);
  Issuer wanted;

  return nss_der_done (&id) && hash && nss_revocation_is_serial (&serial, cert) &&
         issuer_hash (issuer, hash->tag, &wanted) && nss_der_is (&name, wanted.name, hash->len) &&
         nss_der_is (&key, wanted.key, hash->len);
}

/* ---- who has signed ---- */

static gboolean
may_sign_answers (const NssCert *cert)
{
  SECItem item = { siBuffer, NULL, 0 };
  gboolean may = FALSE;

  if (CERT_FindCertExtension (nss_cert_nss (cert), SEC_OID_X509_EXT_KEY_USAGE, &item) == SECSuccess)
    {
      NssDer in = nss_der (item.data, item.len), list = nss_der_enter (&in, NSS_DER_SEQUENCE);

      while (list.len > 0 && !list.bad && !may)
        {
          NssDer oid = nss_der_enter (&list, NSS_DER_OID);

          may = nss_der_is_oid (&oid, OID_OCSP_SIGNING);
        }
    }
  SECITEM_FreeItem (&item, PR_FALSE);
  return may;
}

/* RFC 6960 section 4.2.2.2: one whom the issuer itself has made its responder. */
static gboolean
is_delegate (const NssCert *cert, const NssCert *issuer, gint64 now)
{
  IkeReason reason = { 0 };
  gboolean good = nss_name_equal (nss_cert_issuer_der (cert), nss_cert_subject_der (issuer)) &&
                  may_sign_answers (cert) && nss_rule_form (cert, &reason) && nss_rule_dates (cert, now, &reason) &&
                  nss_rule_key (cert, FALSE, &reason) && nss_rule_signature_hash (cert, FALSE, &reason) &&
                  nss_cert_is_signed_by (cert, issuer);

  ike_reason_clear (&reason);
  return good;
}

static gboolean
delegate_has_signed (const NssDer *signed_data, NssDer certificates, const NssCert *issuer, gint64 now)
{
  NssDer list = nss_der_enter (&certificates, NSS_DER_SEQUENCE);

  for (guint i = 0; i < MAX_CERTIFICATES && list.len > 0 && !list.bad; i++)
    {
      NssDer element = nss_der_element (&list);
      g_autoptr (GBytes) der = nss_der_dup (&element);
      g_autoptr (NssCert) cert = nss_cert_new (der, NULL);

      if (cert && is_delegate (cert, issuer, now) && nss_revocation_signed_by (signed_data, cert))
        return TRUE;
    }
  return FALSE;
}

/* BasicOCSPResponse: RFC 6960 section 4.2.1. The content of its SEQUENCE; *ret_tbs is left. */
static gboolean
read_signed (NssDer basic, const NssCert *issuer, gint64 now, NssDer *ret_tbs)
{
  const guint8 *start = basic.data;
  NssDer whole, certificates = nss_der (NULL, 0);
  g_autoptr (GByteArray) signed_data = g_byte_array_new ();

  *ret_tbs = nss_der_enter (&basic, NSS_DER_SEQUENCE);
  nss_der_enter (&basic, NSS_DER_SEQUENCE);
  nss_der_enter (&basic, NSS_DER_BIT_STRING);
  if (basic.bad)
    return FALSE;
  nss_der_put (signed_data, NSS_DER_SEQUENCE, start, (gsize) (basic.data - start));
  whole = nss_der (signed_data->data, signed_data->len);
  if (basic.len > 0)
    certificates = nss_der_enter (&basic, NSS_DER_CONTEXT_CONSTRUCTED (0));
  return nss_der_done (&basic) &&
         (nss_revocation_signed_by (&whole, issuer) || delegate_has_signed (&whole, certificates, issuer, now));
}

/* ---- what is said ---- */

/* SingleResponse; the CertID has been read. */
static NssRevocation
read_status (NssDer single, gint64 now, char **ret_text)
{
  guint8 tag = nss_der_peek (&single);
  NssDer status = nss_der_enter (&single, tag);
  gint64 this_update = nss_revocation_time (&single), next_update = this_update + DEFAULT_LIFETIME;
  NssRevocation fresh;

  if (nss_der_peek (&single) == NSS_DER_CONTEXT_CONSTRUCTED (0))
    {
      NssDer next = nss_der_enter (&single, NSS_DER_CONTEXT_CONSTRUCTED (0));

      next_update = nss_revocation_time (&next);
      single.bad = single.bad || next.bad;
    }
  if (single.bad)
    return nss_revocation_unknown (ret_text, "it is malformed");
  if (tag == NSS_DER_CONTEXT_CONSTRUCTED (1))
    {
      gint64 when = nss_revocation_time (&status);
      NssDer reason = status.len > 0 ? nss_der_enter (&status, NSS_DER_CONTEXT_CONSTRUCTED (0)) : nss_der (NULL, 0);

      return nss_revocation_revoked (
          ret_text, when, reason.len > 0 ? nss_revocation_reason (nss_der_enter (&reason, NSS_DER_ENUMERATED)) : 0);
    }
  fresh = nss_revocation_dates (this_update, next_update, now, ret_text);
  if (fresh != NSS_REVOCATION_GOOD || tag == NSS_DER_CONTEXT (0))
    return fresh;
  return nss_revocation_unknown (ret_text, "the responder does not know the certificate");
}

static NssRevocation
find_status (NssDer tbs, const NssCert *cert, const NssCert *issuer, gint64 now, char **ret_text)
{
  NssDer responses;

  nss_der_skip_optional (&tbs, NSS_DER_CONTEXT_CONSTRUCTED (0));
  nss_der_element (&tbs);
  (void) nss_revocation_time (&tbs);
  responses = nss_der_enter (&tbs, NSS_DER_SEQUENCE);
  if (tbs.bad)
    return nss_revocation_unknown (ret_text, "it is malformed");
  for (guint i = 0; i < MAX_RESPONSES && responses.len > 0 && !responses.bad; i++)
    {
      NssDer single = nss_der_enter (&responses, NSS_DER_SEQUENCE), id = nss_der_enter (&single, NSS_DER_SEQUENCE);

      if (!single.bad && is_meant (id, cert, issuer))
        return read_status (single, now, ret_text);
    }
  return nss_revocation_unknown (ret_text, "it is about other certificates");
}

NssRevocation
nss_ocsp_check (GBytes *response, const NssCert *cert, const NssCert *issuer, gint64 now, char **ret_text)
{
  NssDer in = nss_der_bytes (response), outer = nss_der_enter (&in, NSS_DER_SEQUENCE), status, wrapped, typed, type,
         octets, basic, tbs;

  status = nss_der_enter (&outer, NSS_DER_ENUMERATED);
  if (!nss_der_done (&in) || status.bad || status.len != 1)
    return nss_revocation_unknown (ret_text, "it is no answer of OCSP");
  if (status.data[0] != 0)
    return nss_revocation_unknown (ret_text, "the responder cannot tell");
  wrapped = nss_der_enter (&outer, NSS_DER_CONTEXT_CONSTRUCTED (0));
  typed = nss_der_enter (&wrapped, NSS_DER_SEQUENCE);
  type = nss_der_enter (&typed, NSS_DER_OID);
  octets = nss_der_enter (&typed, NSS_DER_OCTET_STRING);
  basic = nss_der_enter (&octets, NSS_DER_SEQUENCE);
  if (octets.bad || basic.bad || !nss_der_is_oid (&type, OID_BASIC))
    return nss_revocation_unknown (ret_text, "it is no answer of OCSP");
  if (!read_signed (basic, issuer, now, &tbs))
    return nss_revocation_unknown (ret_text, "neither the issuer nor its responder has signed it");
  return find_status (tbs, cert, issuer, now, ret_text);
}
