/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this peer's certificate to be trusted? RFC 5280 section 6 with the profile of RFC 4945 section 5.
 *
 * Our own walk builds the path, makes every check that a user can be told about, and names the failure; then NSS's
 * PKIX validator must agree. Nothing is fetched from the network. Without trust anchors nothing is trusted.
 */
#pragma once

#include "nss-cert.h"

/* Certificate authorities, and end-entity certificates that are pinned, that a connection trusts. Immutable. */
typedef struct _NssTrust NssTrust;

/* @anchors: GBytes, DER. What cannot be decoded is left out and counted in *ret_bad (may be NULL). */
NssTrust *nss_trust_new (GPtrArray *anchors, guint *ret_bad);
/* Only these end entities are trusted, whoever has issued them, and nobody else whom they have issued. A peer that sends
 * no certificate is taken to have the first. */
NssTrust *nss_trust_new_pinned (GPtrArray *certificates);
/* Only the peer that has the private key of this SubjectPublicKeyInfo is trusted; certificates count for nothing, and who
 * uses this must have compared the identity. */
NssTrust *nss_trust_new_raw (GBytes *public_key);
/* Borrowed; NULL: certificates are trusted. */
GBytes *nss_trust_raw_key (const NssTrust *trust);
NssTrust *nss_trust_ref (NssTrust *trust);
void nss_trust_unref (NssTrust *trust);
guint nss_trust_size (const NssTrust *trust);
/* NssCert of the anchor that is byte for byte @cert, or NULL. Borrowed. */
NssCert *nss_trust_find (const NssTrust *trust, const NssCert *cert);

typedef struct {
  const NssTrust *trust;
  GPtrArray *certificates;     /* GBytes, DER, as the peer sent them: end entity first, at most NSS_CERT_MAX_COUNT */
  const IkeIdentity *identity; /* that the end entity must contain; NULL: any */
  gboolean check_identity;     /* FALSE: @identity is not looked for */
  gboolean tls_server;         /* it must be allowed to serve TLS, rather than to sign IKE */
  gint64 now;                  /* seconds since 1970 */
  GPtrArray *path; /* not NULL: gets the NssCert that were verified, end entity first, an anchor last */
  gboolean allow_weak;         /* RSA below 2048 (from 1024) bits, SHA-1 signatures in the chain; MD5 never */
} NssChainQuery;

/* TRUE: *ret_end_entity is the verified certificate, its key may be used. FALSE: *ret_reason is CERT_* with the detail
 * that reason.def promises. An end entity that is itself an anchor is pinned: accepted without a chain, but its dates,
 * key, usage and identity are checked. */
gboolean nss_chain_verify (const NssChainQuery *query, NssCert **ret_end_entity, IkeReason *ret_reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NssTrust, nss_trust_unref)
