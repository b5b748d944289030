/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encrypted (RFC 7296 section 3.14) and Encrypted Fragment (RFC 7383 section 2.5) payloads: where initialization
 * vector, ciphertext and checksum are. The cryptography is not here.
 */
#pragma once

#include "wire/message.h"

/* What the negotiated algorithms say. */
typedef struct {
  gsize iv_len;
  gsize icv_len;
  gsize block_len; /* the ciphertext is a multiple of it; 1 for AEAD and counter mode */
} IkeSkShape;

typedef struct {
  guint8 first;            /* type of the first inner payload (of the first fragment; 0 in the others) */
  guint16 fragment, total; /* 1 of 1 for SK */
  gsize aad_len;           /* from the message's start to the IV: what AEAD authenticates besides */
  IkeChunk iv, ciphertext, icv;
} IkeSk;

/* @payload is the SK or SKF of a message. The ciphertext has at least its pad length octet, and whole blocks.
 * Fragment numbers: 1 <= fragment <= total <= IKE_MAX_FRAGMENTS, only the first names a first payload. */
gboolean ike_sk_parse (const IkePayload *payload, const IkeSkShape *shape, IkeSk *ret_sk);
/* After decryption: checks the pad length, gives the length of the inner payloads. */
gboolean ike_sk_unpad (IkeChunk plaintext, gsize *ret_len);

typedef struct {
  gsize iv, text, text_len, icv; /* offsets in the message; everything before @iv is authenticated data */
} IkeSkLayout;

/* A payload that stands before it, in clear; without octets there is none. */
typedef struct {
  guint8 type;
  IkeChunk body;
} IkeSkBefore;

/* The whole message with a zero IV, @inner and its padding in clear, and a zero checksum: to be encrypted in place.
 * @header's next payload and length are ignored. @total 0: SK; else SKF number @fragment of @total, where @first counts
 * for the first fragment only. @before: likewise, may be NULL. NULL when it would be too large. */
guint8 *ike_sk_layout (const IkeHeader *header, const IkeSkBefore *before, const IkeSkShape *shape, guint8 first,
                       IkeChunk inner, guint16 fragment, guint16 total, gsize *ret_len, IkeSkLayout *ret_layout);
/* How many octets of inner payloads fit in a message of @message_len octets at most; 0: none. */
gsize ike_sk_room (const IkeSkShape *shape, gboolean fragmented, gsize message_len);
