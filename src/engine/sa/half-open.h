/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a responder holds for initiators that have not been authenticated: an index by what their first message was, how
 * many there are of each source, and the secrets of stateless cookies. RFC 7296 sections 2.1, 2.6.
 *
 * Invariants: an IKE SA is in the index from IKE_SA_INIT until it is freed, once, so that a late repetition of its first
 * message makes no other one; it counts until it is established, and one that was refused as long as it repeats its last
 * answer; what is forged costs no memory above the limits below; a cookie
 * holds for COOKIE_TIME at least and twice that at most.
 */
#pragma once

#include "sa/core.h"

#define IKE_HALF_OPEN_MAX 1000 /* in all */
#define IKE_HALF_OPEN_MAX_SOURCE 100 /* of one IPv4 address or one IPv6 /64: there may be an office behind it */
#define IKE_HALF_OPEN_COOKIES 64 /* above so many the next one must show that its address is its own */
#define IKE_FIRST_MESSAGE_MAX 8192 /* octets of an IKE_SA_INIT that are kept until the authentication */
#define IKE_COOKIE_TIME (60 * IKE_SECOND)
#define IKE_FIRST_DIGEST_LEN 32 /* SHA-256 */
#define IKE_COOKIE_LEN 33 /* number of the secret, SHA-256 */

typedef struct _IkeHalfOpen IkeHalfOpen;

IkeHalfOpen *ike_half_open_new (void);
void ike_half_open_free (IkeHalfOpen *self);

/* RFC 7296 section 2.1: not by the SPI, which stays when an initiator asks again with another group or a cookie. */
typedef struct {
  IkeEndpoint remote;
  guint8 digest[IKE_FIRST_DIGEST_LEN]; /* of the whole message */
} IkeFirst;

/* FALSE: the provider failed. */
gboolean ike_first_is (IkeFirst *ret, const IkeCrypto *crypto, const IkeEndpoint *remote, IkeChunk datagram);

/* The one that this first message has made; NULL: none. */
IkeParent *ike_half_open_find (const IkeHalfOpen *self, const IkeFirst *first);
void ike_half_open_add (IkeHalfOpen *self, IkeParent *parent, const IkeFirst *first);
/* It does not count any more. */
void ike_half_open_settle (IkeHalfOpen *self, IkeParent *parent);
/* Nothing happens when it is not there. */
void ike_half_open_remove (IkeHalfOpen *self, IkeParent *parent);
guint ike_half_open_count (const IkeHalfOpen *self);
guint ike_half_open_count_source (const IkeHalfOpen *self, const IkeAddress *source);

/* What a cookie vouches for. */
typedef struct {
  IkeChunk nonce;
  const IkeAddress *source;
  guint64 spi_i;
} IkeCookieOf;
/* FALSE: the provider failed. */
gboolean ike_cookie_make (IkeHalfOpen *self, const IkeCrypto *crypto, IkeTime now, const IkeCookieOf *of,
                          guint8 ret[IKE_COOKIE_LEN]);
gboolean
ike_cookie_check (IkeHalfOpen *self, const IkeCrypto *crypto, IkeTime now, const IkeCookieOf *of, IkeChunk cookie);
