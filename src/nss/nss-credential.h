/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our own credentials, from the bytes of files: certificates and the private key that belongs to them.
 *
 * Certificates: PEM (any text around, several), DER, PKCS#7 bundle ("certs-only", not verified: nothing in it is
 * trusted because it is in it), PKCS#12. Private keys: PKCS#8, PKCS#1 (RSA), SEC1 (EC), in PEM or DER; encrypted
 * PKCS#8 (PBES2, PBES1, PKCS#12 PBE), old PEM encryption (DEK-Info), PKCS#12. Files are hostile until parsed:
 * sizes and iteration counts are bounded, and an error leaves nothing behind.
 */
#pragma once

#include "nss-key.h"

#define NSS_CREDENTIAL_MAX_FILE (1024 * 1024)
#define NSS_CREDENTIAL_MAX_ITERATIONS 10000000 /* of a password-based key derivation */
#define NSS_CREDENTIAL_MAX_CERTS 1024          /* in one bundle of CAs */

#define NSS_CREDENTIAL_ERROR (nss_credential_error_quark ())
GQuark nss_credential_error_quark (void);
/* The numbers are those of HelperCredentialError (NOT_FOUND, 0, is the caller's). The text is a sentence for people. */
typedef enum {
  NSS_CREDENTIAL_ERROR_NOT_FOUND,
  NSS_CREDENTIAL_ERROR_BAD_FILE,
  NSS_CREDENTIAL_ERROR_NEED_PASSWORD,
  NSS_CREDENTIAL_ERROR_BAD_PASSWORD,
  NSS_CREDENTIAL_ERROR_MISMATCH,
} NssCredentialError;

typedef struct {
  const char *name; /* how messages call it: the path */
  GBytes *bytes;
} NssFile;

typedef struct {
  NssKey *key;             /* NULL: no private key was given */
  GPtrArray *certificates; /* GBytes, DER: ours first, then its issuers as far as the files have them */
} NssCredential;
void nss_credential_free (NssCredential *credential);

/* @certificate: PEM, DER, PKCS#7 or PKCS#12; @private_key the same file, or another one, or NULL: then the key is
 * looked for in @certificate (PEM with both, PKCS#12) and may be absent. Either may be NULL, not both. @password may be
 * NULL (none given) and is UTF-8. When both are there they must belong together; when the file of certificates holds
 * several, the one that fits the key becomes the first. */
NssCredential *nss_credential_load (const NssFile *certificate, const NssFile *private_key, const IkeSecret *password,
                                    GError **error);
/* All certificates of a PEM bundle, a DER certificate, or PKCS#7: GBytes, DER; at least one. Used for CAs. */
GPtrArray *nss_certificates_load (const NssFile *file, GError **error);
/* @first of @certificates (GBytes, DER) and after it its issuers, as far as they are there; without the root. */
GPtrArray *nss_credential_chain (GPtrArray *certificates, guint first);
/* Does @file hold a private key that needs a password? Looks only, decrypts nothing. */
gboolean nss_file_is_encrypted (const NssFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NssCredential, nss_credential_free)
