/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PrivateKeyInfo: RFC 5208 section 5, around RSAPrivateKey (RFC 8017 appendix A.1.2) and ECPrivateKey (RFC 5915). */
#include "nss-pkcs8.h"

#include <string.h>

static const guint8 OID_RSA[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
static const guint8 OID_EC[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };

/* Octets of an element with a content of @len. */
static gsize
element_len (gsize len)
{
  return nss_der_header (NSS_DER_SEQUENCE, len, NULL) + len;
}

static guint8 *
put (guint8 *at, gconstpointer data, gsize len)
{
  memcpy (at, data, len);
  return at + len;
}

/* @algorithm is the content of the AlgorithmIdentifier; @parts, joined, are the key. */
static IkeSecret *
pkcs8_build (const guint8 *algorithm, gsize algorithm_len, const NssDer *parts, guint n_parts)
{
  gsize key_len = 0, inner;
  IkeSecret *out;
  guint8 *at;

  for (guint i = 0; i < n_parts; i++)
    key_len += parts[i].len;
  inner = 3 + element_len (algorithm_len) + element_len (key_len);
  out = ike_secret_new (element_len (inner));
  at = ike_secret_data (out);
  at += nss_der_header (NSS_DER_SEQUENCE, inner, at);
  at = put (at, "\x02\x01\x00", 3);
  at += nss_der_header (NSS_DER_SEQUENCE, algorithm_len, at);
  at = put (at, algorithm, algorithm_len);
  at += nss_der_header (NSS_DER_OCTET_STRING, key_len, at);
  for (guint i = 0; i < n_parts; i++)
    at = put (at, parts[i].data, parts[i].len);
  return out;
}

IkeSecret *
nss_pkcs8_wrap (NssDer key, const NssDer *curve)
{
  g_autoptr (GByteArray) algorithm = g_byte_array_new ();

  if (curve != NULL)
    {
      nss_der_put (algorithm, NSS_DER_OID, OID_EC, sizeof OID_EC);
      nss_der_put (algorithm, NSS_DER_OID, curve->data, curve->len);
    }
  else
    {
      nss_der_put (algorithm, NSS_DER_OID, OID_RSA, sizeof OID_RSA);
      nss_der_put (algorithm, NSS_DER_NULL, NULL, 0);
    }
  return pkcs8_build (algorithm->data, algorithm->len, &key, 1);
}

typedef struct {
  NssDer algorithm, oid, key;
} PrivateKeyInfo;

static gboolean
pkcs8_read (const IkeSecret *pkcs8, PrivateKeyInfo *ret)
{
  NssDer in = nss_der (ike_secret_data (pkcs8), ike_secret_len (pkcs8));
  NssDer info = nss_der_enter (&in, NSS_DER_SEQUENCE);
  NssDer algorithm;

  nss_der_uint (&info);
  ret->algorithm = algorithm = nss_der_enter (&info, NSS_DER_SEQUENCE);
  ret->oid = nss_der_enter (&algorithm, NSS_DER_OID);
  ret->key = nss_der_enter (&info, NSS_DER_OCTET_STRING);
  return !info.bad && !ret->oid.bad && nss_der_done (&in);
}

gboolean
nss_pkcs8_is (const IkeSecret *plain)
{
  PrivateKeyInfo info;

  return pkcs8_read (plain, &info);
}

IkeSecret *
nss_pkcs8_strip (IkeSecret *take_pkcs8)
{
  PrivateKeyInfo info;
  IkeSecret *out;

  if (!pkcs8_read (take_pkcs8, &info))
    return take_pkcs8;
  out = pkcs8_build (info.algorithm.data, info.algorithm.len, &info.key, 1);
  ike_secret_free (take_pkcs8);
  return out;
}

/* The content of the ECPrivateKey in @pkcs8; bad when that holds something else. */
static NssDer
ec_key_content (const PrivateKeyInfo *info)
{
  NssDer key = info->key;

  return nss_der_is_oid (&info->oid, OID_EC) ? nss_der_enter (&key, NSS_DER_SEQUENCE) : (NssDer){ .bad = TRUE };
}

gboolean
nss_pkcs8_lacks_point (const IkeSecret *pkcs8)
{
  PrivateKeyInfo info;
  NssDer key;

  if (!pkcs8_read (pkcs8, &info))
    return FALSE;
  key = ec_key_content (&info);
  nss_der_uint (&key);
  nss_der_enter (&key, NSS_DER_OCTET_STRING);
  nss_der_skip_optional (&key, NSS_DER_CONTEXT_CONSTRUCTED (0));
  return nss_der_done (&key);
}

IkeSecret *
nss_pkcs8_add_point (const IkeSecret *pkcs8, NssDer point)
{
  static const guint8 no_unused_bits;
  g_autoptr (GByteArray) bits = g_byte_array_new ();
  g_autoptr (GByteArray) string = g_byte_array_new ();
  g_autoptr (GByteArray) tagged = g_byte_array_new ();
  guint8 header[6];
  PrivateKeyInfo info;
  NssDer content;

  g_return_val_if_fail (pkcs8_read (pkcs8, &info), NULL);
  content = ec_key_content (&info);
  g_return_val_if_fail (!content.bad, NULL);
  g_byte_array_append (bits, &no_unused_bits, 1);
  g_byte_array_append (bits, point.data, (guint) point.len);
  nss_der_put (string, NSS_DER_BIT_STRING, bits->data, bits->len);
  nss_der_put (tagged, NSS_DER_CONTEXT_CONSTRUCTED (1), string->data, string->len);
  {
    gsize header_len = nss_der_header (NSS_DER_SEQUENCE, content.len + tagged->len, header);
    NssDer parts[] = { nss_der (header, header_len), content, nss_der (tagged->data, tagged->len) };

    return pkcs8_build (info.algorithm.data, info.algorithm.len, parts, G_N_ELEMENTS (parts));
  }
}
