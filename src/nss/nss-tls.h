/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NSS's TLS client over memory: records in, records out, no socket. TLS 1.2 and 1.3, no resumption, no renegotiation.
 * Whether the server is to be trusted somebody else decides, while the handshake waits.
 */
#pragma once

#include "nss-key.h"

#define NSS_TLS_MAX_RECORDS 65536 /* waiting in one direction */
#define NSS_TLS_MAX_CLEAR 16384   /* said in one step */

typedef struct _NssTls NssTls;

typedef enum {
  NSS_TLS_HANDSHAKE,   /* records of the server are wanted */
  NSS_TLS_VERIFY,      /* is the server to be trusted? nss_tls_certificates(), then nss_tls_trust() */
  NSS_TLS_ESTABLISHED,
  NSS_TLS_CLOSED,      /* the server has said goodbye */
  NSS_TLS_FAILED,      /* text; records may hold an alert */
} NssTlsState;

typedef struct {
  NssTlsState state;
  gboolean tls13;
  GBytes *records;  /* to be sent; NULL: none */
  IkeSecret *clear; /* what the server has said inside; NULL: nothing */
  char *text;
} NssTlsResult;
void nss_tls_result_clear (NssTlsResult *result);

/* @key NULL: without a certificate of ours. @certificates: GBytes, DER, ours first, then its issuers. Both are borrowed
 * for the call's length but for the key, which must outlive the machine. */
NssTls *nss_tls_new (const NssKey *key, GPtrArray *certificates, GError **error);
void nss_tls_free (NssTls *tls);

/* @clear is said only when the handshake is complete. Fills in @ret, always. */
void nss_tls_step (NssTls *tls, const guint8 *records, gsize len, const guint8 *clear, gsize clear_len,
                   NssTlsResult *ret);
/* The server's certificates are good: the handshake goes on. */
void nss_tls_trust (NssTls *tls, NssTlsResult *ret);
/* They are not: FAILED, with the alert for the server (RFC 8446 section 6.2: 48 unknown_ca, 45 certificate_expired, 44
 * certificate_revoked, any other: bad_certificate). */
void nss_tls_refuse (NssTls *tls, guint alert, NssTlsResult *ret);
/* GBytes, DER, the server's own first; may be empty. */
GPtrArray *nss_tls_certificates (const NssTls *tls);
/* RFC 5705, RFC 8446 section 7.5. @context NULL: none. NULL: not established. */
IkeSecret *nss_tls_export (NssTls *tls, const char *label, const guint8 *context, gsize context_len, gsize len);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NssTls, nss_tls_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NssTlsResult, nss_tls_result_clear)
