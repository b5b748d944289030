/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Password-based decryption of key files. Private to src/nss. */
#pragma once

#include "nss-credential.h"
#include "nss-der.h"

/* Is this what was encrypted? Good padding proves little: one wrong password in 256 has it. */
typedef gboolean (*NssPbeCheck) (const IkeSecret *plain);

/* BMPString with its terminator (RFC 7292 appendix B.1). NULL: not UTF-8. @password NULL: no octets at all. */
IkeSecret *nss_pbe_bmp (const IkeSecret *password);

/* Decrypts @cipher with PBES2 (PBKDF2 with HMAC-SHA*, AES-CBC or 3DES), PBES1 with DES, or the 3DES and RC2 schemes of
 * PKCS#12. @algorithm is the content of the AlgorithmIdentifier. @budget is what iterations are left for this file.
 * In a PKCS#12 file (@pkcs12) a PKCS#5 scheme may also have taken the password as BMPString, as NSS did.
 * NULL: BAD_FILE (what is not supported, or how many iterations), BAD_PASSWORD; NEED_PASSWORD for @password NULL. */
IkeSecret *nss_pbe_decrypt (NssDer algorithm, NssDer cipher, const IkeSecret *password, gboolean pkcs12,
                            NssPbeCheck check, guint64 *budget, GError **error);
/* The key of PBMAC1: @kdf is the content of PBKDF2's AlgorithmIdentifier, @pbmac1 of the one around it, which NSS wants. */
IkeSecret *nss_pbe_pbmac1 (NssDer kdf, NssDer pbmac1, const IkeSecret *password, guint64 *budget, GError **error);
/* The old encryption of PEM: key from MD5 over the password and the IV. */
IkeSecret *nss_pbe_decrypt_pem (const char *cipher, const guint8 *iv, gsize iv_len, const IkeSecret *data,
                                const IkeSecret *password, GError **error);
/* Takes @n off the budget; FALSE with an error when it does not suffice. */
gboolean nss_pbe_spend (guint64 *budget, guint64 n, GError **error);
