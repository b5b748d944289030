/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a raw key is written: a CKAID (the name of a key in the key store, hexadecimal), 0s and the public key in base64
 * (RFC 3110, as Libreswan writes it, or the inside of a PEM block), the absolute path of a file, or the PKCS#11 URI
 * of a private key. What the octets of a key mean is not looked at here.
 */
#pragma once

#include <glib.h>

#define IPSEC_CKAID_DIGITS 40 /* SHA-1 */

typedef struct {
  char *ckaid; /* lower case, or NULL */
  GBytes *octets; /* what stood after 0s, or NULL */
  char *path; /* or a URI, or NULL */
} IpsecRawKey; /* exactly one of them */

/* The error says what would be right, without the name of the profile's key. */
IpsecRawKey *ipsec_raw_key_parse (const char *text, GError **error);
char *ipsec_raw_key_to_string (const IpsecRawKey *key);
void ipsec_raw_key_free (IpsecRawKey *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IpsecRawKey, ipsec_raw_key_free)
