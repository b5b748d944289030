/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One X.509 certificate: what it says, for checks and for people. NSS must be initialised (nss-crypto.h).
 *
 * An NssCert is immutable and may be used from any thread. Nothing here means that the certificate is trusted; that
 * is the business of nss-chain.h.
 */
#pragma once

#include "ike-engine-io.h"

#include <glib.h>

/* What is accepted from the network or from a file as one certificate, and how many of them in one message. */
#define NSS_CERT_MAX_SIZE 16384
#define NSS_CERT_MAX_COUNT 8

#define NSS_CERT_ERROR (nss_cert_error_quark ())
GQuark nss_cert_error_quark (void);
typedef enum {
  NSS_CERT_ERROR_BAD,  /* not one DER certificate: too long, trailing octets, structure */
  NSS_CERT_ERROR_NAME, /* not a distinguished name */
} NssCertError;

typedef struct _NssCert NssCert;

/* @der is exactly one certificate (X.509, encoding 4). Attribute certificates and PKCS#7 are refused. */
NssCert *nss_cert_new (GBytes *der, GError **error);
NssCert *nss_cert_ref (NssCert *cert);
void nss_cert_unref (NssCert *cert);
GBytes *nss_cert_der (const NssCert *cert);

/* For people: "CN=alice" for subject and issuer in the order of the encoding, like openssl and the IKE daemons. */
char *nss_cert_subject (const NssCert *cert);
char *nss_cert_issuer (const NssCert *cert);
/* "CN=alice, issued by CN=CA, valid until 2027-01-31": one line, printable whatever the certificate holds. */
char *nss_cert_summary (const NssCert *cert);

/* Seconds since 1970. A certificate may say that it ends before it begins: it is then never valid. */
gint64 nss_cert_not_before (const NssCert *cert);
gint64 nss_cert_not_after (const NssCert *cert);
char *nss_time_to_string (gint64 time); /* for people */
/* Ends within @days of @now, or has ended: worth a warning. */
gboolean nss_cert_expires_within (const NssCert *cert, gint64 now, guint days);

/* IKE_KEY_NONE for a key that cannot sign IKE (DSA, Ed448, unknown curve, unreadable). */
IkeKeyType nss_cert_key_type (const NssCert *cert, guint *ret_bits);
/* The DER SubjectPublicKeyInfo, as in the certificate. */
GBytes *nss_cert_public_key (const NssCert *cert);
gboolean nss_cert_is_ca (const NssCert *cert);

/* The subject as ID_DER_ASN1_DN; NULL when it is empty. */
IkeIdentity *nss_cert_subject_identity (const NssCert *cert);
/* All identities that the certificate proves, the first is the best for us to use: the SubjectAltNames (rfc822, FQDN,
 * addresses) in their order, then the subject. IkeIdentity, may be empty. */
GPtrArray *nss_cert_identities (const NssCert *cert);
/* RFC 4945 section 3.1: FQDN, USER_FQDN and addresses against SubjectAltName, exactly (names without regard to case,
 * no wildcards); ID_DER_ASN1_DN against the subject. The subject's CN stands for an FQDN only when there is no
 * SubjectAltName at all. Any other type: FALSE. */
gboolean nss_cert_has_identity (const NssCert *cert, const IkeIdentity *identity);
/* The names for a message: "vpn.example.org, 192.0.2.1, O=Lab, CN=vpn". */
char *nss_cert_identities_string (const NssCert *cert);

/* The SHA-1 hashes of the SubjectPublicKeyInfo of @cas (GBytes, DER) joined, for CERTREQ (RFC 7296 section 3.7);
 * what cannot be decoded is left out; NULL when nothing is left. */
GBytes *nss_cert_ca_hashes (GPtrArray *cas);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NssCert, nss_cert_unref)
