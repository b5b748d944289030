/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Smart cards, TPMs and other tokens, by PKCS#11 URI (RFC 7512): a certificate that lies there, a private key that never
 * leaves it. What modules there are is the system's decision (p11-kit); a URI names what is on a token, and nothing that
 * is loaded. The code of those modules runs in this process, which therefore does nothing else.
 *
 * A PIN is said once and to one token: three that are wrong lock most cards. One that is kept somewhere would be wrong at
 * every start: it is said only as long as no wrong one was. What could be meant for several tokens is an error.
 */
#pragma once

#include "nss-credential.h"

#define NSS_TOKEN_MAX_OBJECTS 1024 /* certificates, keys */

#define NSS_TOKEN_ERROR (nss_token_error_quark ())
GQuark nss_token_error_quark (void);
/* The numbers are those of HelperCredentialError. Texts are sentences for people. */
typedef enum {
  NSS_TOKEN_ERROR_BAD_FILE = 1, /* the URI, or what lies there */
  NSS_TOKEN_ERROR_MISMATCH = 4,
  NSS_TOKEN_ERROR_NO_TOKEN,
  NSS_TOKEN_ERROR_NO_OBJECT,
  NSS_TOKEN_ERROR_NEED_PIN,
  NSS_TOKEN_ERROR_BAD_PIN,
  NSS_TOKEN_ERROR_PIN_LOCKED,
} NssTokenError;

/* NSS and the modules; once. */
gboolean nss_token_start (GError **error);
/* GBytes: all that the URI fits, at least one; without a PIN. */
GPtrArray *nss_token_certificates (const char *uri, GError **error);
/* @certificate: with its key and those of its issuers that are there. @private_key: the key by a URI of its own; then
 * @certificate may be NULL, and the key is that of @foreign (DER), if that is not NULL. @typed: the PIN, just now. */
NssCredential *nss_token_credential (const char *certificate, const char *private_key, GBytes *foreign,
                                     const IkeSecret *pin, gboolean typed, GError **error);
