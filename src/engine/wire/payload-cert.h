/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificate and Certificate Request payloads: RFC 7296 sections 3.6 and 3.7. */
#pragma once

#include "base/reader.h"
#include "base/writer.h"
#include "wire/registry.h"

typedef struct {
  guint8 encoding; /* IkeCertEncoding, or anything */
  IkeChunk data;
} IkeCert;

#define IKE_CERTREQ_HASH_LEN 20

/* A CERT payload; its data is not empty. */
gboolean ike_cert_parse (IkeChunk body, IkeCert *ret_cert);
/* A CERTREQ payload; for X.509 the data is a list of SHA-1 hashes, maybe empty. */
gboolean ike_certreq_parse (IkeChunk body, IkeCert *ret_certreq);
guint ike_certreq_n_hashes (const IkeCert *certreq);
gboolean ike_certreq_contains (const IkeCert *certreq, const guint8 hash[IKE_CERTREQ_HASH_LEN]);
/* Both kinds. */
void ike_cert_write (IkeWriter *writer, const IkeCert *cert);
