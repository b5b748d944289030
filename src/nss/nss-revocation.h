/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Has its issuer taken a certificate back? Lists of revoked certificates (RFC 5280 sections 5 and 6.3) and OCSP (RFC
 * 6960), as octets that somebody has fetched from anywhere: what they say counts by their signature alone.
 */
#pragma once

#include "nss-cert.h"

/* Addresses that are looked at in one certificate. */
#define NSS_REVOCATION_MAX_URLS 4
/* Of clocks, and of those who are late with the next list. */
#define NSS_REVOCATION_SKEW 300

typedef enum {
  NSS_REVOCATION_GOOD,
  NSS_REVOCATION_REVOKED,
  NSS_REVOCATION_UNKNOWN, /* this says nothing about it; *ret_text: why */
  NSS_REVOCATION_OLD, /* it would, had it not been out of date: *ret_text: since when */
} NssRevocation;

/* char *, only http; NULL-terminated, may be empty. */
GStrv nss_crl_urls (const NssCert *cert);
GStrv nss_ocsp_urls (const NssCert *cert);

/* @issuer is verified, and has signed @cert. REVOKED: *ret_text is the day and the reason. */
NssRevocation nss_crl_check (GBytes *crl, const NssCert *cert, const NssCert *issuer, gint64 now, char **ret_text);
/* Of many lists, of whatever issuers: one that says REVOKED counts most, unless the issuer has replaced it by a later one
 * for the same certificates. UNKNOWN is without a text. *ret_text: NULL before. */
NssRevocation nss_crls_check (GPtrArray *crls, const NssCert *cert, const NssCert *issuer, gint64 now, char **ret_text);
/* For a POST. */
GBytes *nss_ocsp_request (const NssCert *cert, const NssCert *issuer);
NssRevocation
nss_ocsp_check (GBytes *response, const NssCert *cert, const NssCert *issuer, gint64 now, char **ret_text);

/* The CRLs in a PEM file: "X509 CRL" blocks. GBytes, DER; may be empty. *ret_left_out: so many are too many. */
GPtrArray *nss_crls_in_file (GBytes *file, guint *ret_left_out);
