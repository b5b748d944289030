/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Encrypted payload and the Encrypted Fragment payload over whole messages: RFC 7296 section 3.14, RFC 5282
 * (AEAD), RFC 5930 (AES-CTR), RFC 7383 (fragments).
 *
 * Invariants: the checksum is verified before one octet is decrypted or believed; an explicit IV of a counter mode is
 * used once; plaintext lives in an IkeSecret.
 */
#pragma once

#include "crypto/keymat.h"
#include "wire/payload-sk.h"

/* What a fragment carries at least, whatever @limit says. */
#define IKE_SK_MIN_FRAGMENT_DATA 64

/*
 * Protects @inner, a chain of payloads whose first type is @first_inner, and makes complete messages of it. @header:
 * everything but length and next payload, which are ours to fill in. @from_initiator: the sender is the original
 * initiator of the IKE SA (SK_ei/SK_ai). *@iv_counter belongs to this SA and direction and grows by one for every
 * message made. @limit: octets of one IKE message, 0: never fragment (RFC 7383 was not negotiated). Returns GBytes, in
 * order, or NULL when the provider fails or it would take more than IKE_MAX_FRAGMENTS.
 */
GPtrArray *ike_sk_seal (const IkeCrypto *crypto, const IkeKeys *keys, gboolean from_initiator, const IkeHeader *header,
                        guint8 first_inner, IkeChunk inner, guint64 *iv_counter, gsize limit);

/* The same with a payload in clear before the first of them. */
GPtrArray *ike_sk_seal_after (const IkeCrypto *crypto, const IkeKeys *keys, gboolean from_initiator,
                              const IkeHeader *header, const IkeSkBefore *before, guint8 first_inner, IkeChunk inner,
                              guint64 *iv_counter, gsize limit);

typedef struct {
  IkeSecret *inner; /* the payload chain, or this fragment's part of it */
  guint8 first_inner; /* type of its first payload; 0 in fragments but the first, and in an empty message */
  guint16 fragment, total; /* 1 of 1 for SK */
} IkeSkOpened;

typedef enum {
  IKE_SK_OK,
  IKE_SK_MALFORMED, /* lengths that cannot be: drop silently */
  IKE_SK_FORGED, /* the checksum is wrong: drop silently */
  IKE_SK_BAD_INSIDE, /* authentic, but its padding lies: the peer's bug, INVALID_SYNTAX */
  IKE_SK_NO_CRYPTO, /* we have no such algorithm */
} IkeSkResult;

/* Opens @payload, the SK or SKF payload of the parsed @message (the whole datagram). */
IkeSkResult ike_sk_open (IkeSkOpened *ret, const IkeCrypto *crypto, const IkeKeys *keys, gboolean from_initiator,
                         IkeChunk message, const IkePayload *payload);
/* What ike_sk_parse() wants to know, for a look at fragment numbers before opening. FALSE: no such algorithm. */
gboolean ike_sk_shape (const IkeKeys *keys, IkeSkShape *ret);
void ike_sk_opened_clear (IkeSkOpened *opened);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IkeSkOpened, ike_sk_opened_clear)
