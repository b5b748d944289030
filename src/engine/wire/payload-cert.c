/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificate and Certificate Request payloads: RFC 7296 sections 3.6 and 3.7. */
#include "wire/payload-cert.h"

/*
 * | Cert Encoding |                                               |
 * ~       Certificate Data, or Certification Authority            ~
 */
static gboolean
encoded_parse (IkeChunk body, IkeCert *ret)
{
  IkeReader reader = ike_reader (body);
  guint8 encoding = ike_read_u8 (&reader);
  IkeChunk data = ike_read_rest (&reader);

  if (!ike_reader_done (&reader))
    return FALSE;
  *ret = (IkeCert){ encoding, data };
  return TRUE;
}

gboolean
ike_cert_parse (IkeChunk body, IkeCert *ret_cert)
{
  IkeCert cert;

  if (!encoded_parse (body, &cert) || cert.data.len == 0)
    return FALSE;
  *ret_cert = cert;
  return TRUE;
}

/* Section 3.7: for X.509 a concatenation of SHA-1 hashes of the authorities' public keys; other encodings that carry
 * such a list are not told apart, and what they mean is not our business. */
gboolean
ike_certreq_parse (IkeChunk body, IkeCert *ret_certreq)
{
  IkeCert certreq;

  if (!encoded_parse (body, &certreq))
    return FALSE;
  if (certreq.encoding == IKE_CERT_X509_SIGNATURE && certreq.data.len % IKE_CERTREQ_HASH_LEN != 0)
    return FALSE;
  *ret_certreq = certreq;
  return TRUE;
}

guint
ike_certreq_n_hashes (const IkeCert *certreq)
{
  if (certreq->encoding != IKE_CERT_X509_SIGNATURE)
    return 0;
  return (guint) (certreq->data.len / IKE_CERTREQ_HASH_LEN);
}

gboolean
ike_certreq_contains (const IkeCert *certreq, const guint8 hash[IKE_CERTREQ_HASH_LEN])
{
  for (guint i = 0; i < ike_certreq_n_hashes (certreq); i++)
    if (memcmp (certreq->data.data + i * IKE_CERTREQ_HASH_LEN, hash, IKE_CERTREQ_HASH_LEN) == 0)
      return TRUE;
  return FALSE;
}

void
ike_cert_write (IkeWriter *writer, const IkeCert *cert)
{
  ike_write_u8 (writer, cert->encoding);
  ike_write_chunk (writer, cert->data);
}
