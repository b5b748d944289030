/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Distinguished names (X.501): DER to text and back, and comparison. Pure; the bytes may come from the network.
 *
 * Text is written in the order of the encoding ("O=IPsec Lab, CN=alice" has O first), as strongSwan, Libreswan and
 * openssl write it, with the escapes of RFC 4514 section 2.4.
 */
#pragma once

#include "ike-engine-io.h"

#define NSS_NAME_MAX_SIZE 4096 /* octets of DER */
#define NSS_NAME_MAX_RDNS 64

/* NULL when @der is no well-formed Name. Unknown attribute types are written as dotted numbers, values that are not
 * text as #hex, control characters as \XX. */
char *nss_name_to_string (GBytes *der);
/* "O=IPsec Lab, CN=alice", also with ';', '+' within an RDN, quoted values, and the "/O=IPsec Lab/CN=alice" form.
 * Known short names (any case) or dotted numbers. The error (NSS_CERT_ERROR_NAME) says what is wrong in @text. */
GBytes *nss_name_from_string (const char *text, GError **error);
/* RFC 5280 section 7.1: same attributes in the same order; text is compared whatever its string type, without regard
 * to case and to repeated, leading or trailing spaces. FALSE when one of them is not well-formed. */
gboolean nss_name_equal (GBytes *a, GBytes *b);
/* The last commonName of @der, or NULL: also when it holds a NUL or is not text. */
char *nss_name_common_name (GBytes *der);

/* ike_identity_equal(), but with nss_name_equal() for two ID_DER_ASN1_DN. */
gboolean nss_identity_equal (const IkeIdentity *a, const IkeIdentity *b);
/* ike_identity_to_string(), but a DN as text. */
char *nss_identity_to_string (const IkeIdentity *identity);
