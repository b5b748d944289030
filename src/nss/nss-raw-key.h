/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw public keys: keys without a certificate, known to the other end by heart. In and out of the forms in which people
 * exchange them; inside they are a SubjectPublicKeyInfo (DER). What comes in is hostile until parsed.
 *
 * The octets of "0s...": RSA as RFC 3110 section 2 has it (Libreswan's rsasigkey, IPSECKEY), an ECDSA point with or
 * without the 04 before it (RFC 6605, Libreswan's ecdsakey), an Ed25519 key of 32 octets (RFC 8080), or a whole
 * SubjectPublicKeyInfo, which is what a PEM file has inside.
 */
#pragma once

#include "ike-engine-io.h"

#include <glib.h>

#define NSS_RAW_KEY_MAX_SIZE 4096 /* octets: RSA with 16384 bits, and some */

#define NSS_RAW_KEY_ERROR (nss_raw_key_error_quark ())
GQuark nss_raw_key_error_quark (void);
typedef enum { NSS_RAW_KEY_ERROR_BAD, NSS_RAW_KEY_ERROR_WEAK } NssRawKeyError;

/* A SubjectPublicKeyInfo; the error is half a sentence: "is no public key of a known kind". */
GBytes *nss_raw_key_from_octets (GBytes *octets, GError **error);
/* The "PUBLIC KEY" block of a PEM file, or a bare DER SubjectPublicKeyInfo. NULL without error: it is none of both. */
GBytes *nss_raw_key_from_file (GBytes *file, GError **error);
/* Can this NSS verify what @spki has signed? */
gboolean nss_raw_key_verifies (GBytes *spki, GError **error);

/* "0s..." as Libreswan writes it, without a line break; NULL: a key of an unknown kind. */
char *nss_raw_key_to_text (GBytes *spki);
char *nss_raw_key_to_pem (GBytes *spki);
/* The name of the key in an NSS database: SHA-1 of modulus or point, 40 hexadecimal digits, as Libreswan shows it. */
char *nss_raw_key_ckaid (GBytes *spki);
/* "RSA-2048": for people. */
char *nss_raw_key_describe (GBytes *spki);
/* What is Libreswan's word for a key of this kind: "rsasigkey", "ecdsakey", "eddsakey", "pubkey". */
const char *nss_raw_key_word (GBytes *spki);
