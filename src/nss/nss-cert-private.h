/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of src/nss see of an NssCert; nobody else includes this: it needs NSS's headers. */
#pragma once

#include "nss-cert.h"
#include "nss-spki.h"

#include <cert.h>

/* Decoded fields only: no NSS function may take a reference to it, or look up anything by it. */
CERTCertificate *nss_cert_nss (const NssCert *cert);
const NssSpki *nss_cert_spki (const NssCert *cert);
/* The DER Names. */
GBytes *nss_cert_subject_der (const NssCert *cert);
GBytes *nss_cert_issuer_der (const NssCert *cert);
/* FALSE: there is no BasicConstraints extension, or it cannot be read. */
gboolean nss_cert_basic_constraints (const NssCert *cert, CERTBasicConstraints *ret);
/* A copy of NSS's description of the last error: "SEC_ERROR_BAD_SIGNATURE: Peer's certificate has ...". */
char *nss_error_text (void);
