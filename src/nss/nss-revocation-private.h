/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What CRLs and OCSP have in common. */
#pragma once

#include "nss-cert-private.h"
#include "nss-der.h"
#include "nss-revocation.h"

NssRevocation nss_revocation_unknown (char **ret_text, const char *why);
/* @when: -1: it cannot be read. @reason: a CRLReason. */
NssRevocation nss_revocation_revoked (char **ret_text, gint64 when, guint8 reason);
/* The content of an ENUMERATED with a CRLReason; unreadable: unspecified. */
guint8 nss_revocation_reason (NssDer value);
#define NSS_DER_ENUMERATED 0x0a
/* UTCTime or GeneralizedTime; bad: -1. */
gint64 nss_revocation_time (NssDer *in);
/* Is @now between them? UNKNOWN or OLD with a text, or GOOD. */
NssRevocation nss_revocation_dates (gint64 this_update, gint64 next_update, gint64 now, char **ret_text);
/* The content of an INTEGER against the certificate's serial number. */
gboolean nss_revocation_is_serial (const NssDer *serial, const NssCert *cert);
/* @signed_data: SEQUENCE { what is signed, AlgorithmIdentifier, BIT STRING }; old hashes do not count. */
gboolean nss_revocation_signed_by (const NssDer *signed_data, const NssCert *signer);
