/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks on a certificate in a chain. Each is TRUE, or FALSE with the reason filled in. Private to src/nss. */
#pragma once

#include "nss-cert-private.h"

#define NSS_RULE_MIN_RSA 2048
#define NSS_RULE_MIN_RSA_WEAK 1024

/* Version, algorithm identifiers, extensions that are critical and unknown. */
gboolean nss_rule_form (const NssCert *cert, IkeReason *ret);
gboolean nss_rule_dates (const NssCert *cert, gint64 now, IkeReason *ret);
/* Can this NSS use a key of this kind at all? */
gboolean nss_rule_key_kind (const NssCert *cert, IkeReason *ret);
/* The key itself, its kind included. */
gboolean nss_rule_key (const NssCert *cert, gboolean allow_weak, IkeReason *ret);
/* The hash in the signature on @cert. */
gboolean nss_rule_signature_hash (const NssCert *cert, gboolean allow_weak, IkeReason *ret);
/* What a certificate, a CRL or an answer of OCSP may be signed with. */
gboolean nss_rule_hash_is_good (const SECAlgorithmID *algorithm);
/* May it sign IKE? RFC 4945 sections 5.1.3.2 and 5.1.3.12. */
gboolean nss_rule_end_entity_usage (const NssCert *cert, IkeReason *ret);
/* May it serve TLS? RFC 5280 section 4.2.1.12. */
gboolean nss_rule_tls_server_usage (const NssCert *cert, IkeReason *ret);
/* May it issue a certificate with @below intermediates under it? RFC 5280 section 4.2.1.9. */
gboolean nss_rule_issuer_usage (const NssCert *cert, gboolean is_anchor, guint below, IkeReason *ret);
/* The NameConstraints of every issuer in @path (NssCert, end entity first): RFC 5280 section 4.2.1.10. */
gboolean nss_rule_name_constraints (GPtrArray *path, IkeReason *ret);
/* Did @issuer's key sign @cert? */
gboolean nss_cert_is_signed_by (const NssCert *cert, const NssCert *issuer);
gboolean nss_cert_is_version_1 (const NssCert *cert);
gboolean nss_cert_is_self_issued (const NssCert *cert);
