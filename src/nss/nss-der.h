/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bounds-checked cursor over DER (X.690 section 10), and the little that is needed to write it.
 *
 * A cursor borrows its bytes. The first thing that is not as asked makes it bad for good: it then gives zeros and empty
 * cursors, and nss_der_done() says FALSE, so that a parser may read in a row and look once.
 */
#pragma once

#include <glib.h>

#define NSS_DER_INTEGER 0x02
#define NSS_DER_BIT_STRING 0x03
#define NSS_DER_OCTET_STRING 0x04
#define NSS_DER_NULL 0x05
#define NSS_DER_OID 0x06
#define NSS_DER_SEQUENCE 0x30
#define NSS_DER_SET 0x31
#define NSS_DER_CONTEXT(n) (0x80 | (n))             /* primitive */
#define NSS_DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n))

typedef struct {
  const guint8 *data;
  gsize len;
  gboolean bad;
} NssDer;

NssDer nss_der (const guint8 *data, gsize len);
NssDer nss_der_bytes (GBytes *bytes);

/* The tag of the next element, 0 when there is none. */
guint8 nss_der_peek (const NssDer *self);
/* The content of the next element, which must have @tag. */
NssDer nss_der_enter (NssDer *self, guint8 tag);
/* The next element whole, with its tag and length; any tag. */
NssDer nss_der_element (NssDer *self);
/* If the next element has @tag: skip it. */
void nss_der_skip_optional (NssDer *self, guint8 tag);
/* A non-negative INTEGER of at most 8 octets. */
guint64 nss_der_uint (NssDer *self);
/* A non-negative INTEGER's octets without leading zero; empty for 0. */
NssDer nss_der_big (NssDer *self);
/* The content of a BIT STRING without unused bits. */
NssDer nss_der_bit_string (NssDer *self);
/* Is this content of an OID the @len octets of @oid? */
gboolean nss_der_is (const NssDer *self, const guint8 *oid, gsize len);
#define nss_der_is_oid(self, oid) nss_der_is ((self), (oid), sizeof (oid))
/* Nothing was wrong and nothing is left. */
gboolean nss_der_done (const NssDer *self);
GBytes *nss_der_dup (const NssDer *self);

/* Octets of tag and length before a content of @len octets; written to @out unless NULL (at most 6). */
gsize nss_der_header (guint8 tag, gsize len, guint8 *out);
void nss_der_put (GByteArray *out, guint8 tag, const guint8 *data, gsize len);
/* A non-negative INTEGER: @len octets, at least one. */
void nss_der_put_big (GByteArray *out, const guint8 *data, gsize len);

/* BER to DER as far as the structure goes: definite, minimal lengths; OCTET STRINGs in pieces are joined. PKCS#7 and
 * PKCS#12 files are often BER. NULL: malformed, nested too deep, or longer than one element. The result may hold
 * secrets: nss_der_wipe() it. */
GByteArray *nss_ber_to_der (const guint8 *data, gsize len);
void nss_der_wipe (GByteArray *array);
