/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message: header and chain of payloads (RFC 7296 sections 2.5, 3.1, 3.2), parsed into a value that borrows the
 * datagram's octets, and built with the next-payload fields and lengths filled in.
 *
 * The parser checks structure only: lengths, the limits of registry.h, and unknown payloads that are marked critical.
 * Which payloads an exchange wants is the exchange table's business. An SK or SKF payload ends the outer chain; after
 * decryption the inner chain is parsed with ike_payloads_parse().
 */
#pragma once

#include "wire/header.h"

typedef enum {
  IKE_PARSE_OK,
  IKE_PARSE_TOO_SHORT,     /* less than a header */
  IKE_PARSE_LENGTH,        /* the header's length is not the datagram's */
  IKE_PARSE_MAJOR_VERSION, /* not 2; the header is filled in, the payloads are not */
  IKE_PARSE_PAYLOAD,       /* a payload's length is impossible, something follows the last, or SK is out of place */
  IKE_PARSE_TOO_MANY,      /* a limit of registry.h */
  IKE_PARSE_CRITICAL,      /* an unknown critical payload: its type is in payloads.critical_type */
} IkeParse;

typedef struct {
  guint8 type; /* IkePayloadType, or anything that is not critical */
  gboolean critical;
  guint8 next;    /* the next-payload field; in SK and SKF: the first inner payload */
  guint32 offset; /* of the generic header from the start of the octets that were parsed */
  IkeChunk body;  /* without the generic header */
} IkePayload;

typedef struct {
  guint n;
  IkePayload at[IKE_MAX_PAYLOADS];
  guint8 critical_type;
} IkePayloads;

typedef struct {
  IkeHeader header;
  IkePayloads payloads;
} IkeMessage;

/* On anything but OK the payloads must not be used (but critical_type). */
IkeParse ike_message_parse (IkeChunk datagram, IkeMessage *ret_message);
/* A bare chain, as found inside SK; SK and SKF are refused there. */
IkeParse ike_payloads_parse (guint8 first, IkeChunk chain, IkePayloads *ret_payloads);
const char *ike_parse_name (IkeParse outcome);

/* The first payload of a type, or NULL. */
const IkePayload *ike_payloads_find (const IkePayloads *payloads, IkePayloadType type);
guint ike_payloads_count (const IkePayloads *payloads, IkePayloadType type);
/* One after the other: start with *index 0; NULL at the end. */
const IkePayload *ike_payloads_next (const IkePayloads *payloads, IkePayloadType type, guint *index);
/* "SA KE NONCE N VENDOR": for debug logs. */
char *ike_payloads_to_string (const IkePayloads *payloads);

/* ---- building ---- */

typedef struct {
  IkeWriter writer;
  gsize next_at;  /* where the next-payload field of the payload before is; G_MAXSIZE: in @first */
  guint8 first;   /* type of the first payload of an inner chain */
  IkeBlock block; /* the open payload's length */
  gboolean open, has_header;
} IkeBuilder;

/* A whole cleartext message; @header's next_payload and length are filled in at the end. */
void ike_builder_init (IkeBuilder *builder, const IkeHeader *header);
/* A chain to be encrypted. */
void ike_builder_init_inner (IkeBuilder *builder);
/* Writes the generic header; the body goes to the returned writer until ike_builder_end(). */
IkeWriter *ike_builder_begin (IkeBuilder *builder, IkePayloadType type);
void ike_builder_end (IkeBuilder *builder);
/* A payload whose body is at hand (NONCE, VENDOR, a kept SA body). */
void ike_builder_add (IkeBuilder *builder, IkePayloadType type, IkeChunk body);
/* The octets; for an inner chain the type of its first payload is in builder->first. NULL: too large. Clears. */
GBytes *ike_builder_finish (IkeBuilder *builder);
void ike_builder_clear (IkeBuilder *builder);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IkeBuilder, ike_builder_clear)
