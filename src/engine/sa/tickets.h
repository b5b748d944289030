/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A responder's tickets: sessions by value, encrypted and authenticated with keys that nobody else ever has. RFC 5723
 * sections 6.1, 9.5.
 *
 * Invariants: a key is made here, never leaves, and is replaced after IKE_TICKET_KEY_TIME; two are known, so that each
 * ticket can be opened while it is valid; no nonce is used twice under one key; a ticket is good once.
 */
#pragma once

#include "sa/session.h"

#define IKE_TICKET_TIME (24 * 3600 * IKE_SECOND) /* a ticket is valid no longer */
#define IKE_TICKET_KEY_TIME (25 * 3600 * IKE_SECOND)
#define IKE_TICKETS_OF_KEY (1u << 20) /* then there is another key: one bit of each is remembered */
#define IKE_TICKET_MAX 1200 /* octets of one of ours: it must fit into one datagram */

typedef struct _IkeTickets IkeTickets;

/* One ticket; key 0: none. */
typedef struct {
  guint32 key, number;
} IkeTicketRef;

IkeTickets *ike_tickets_new (void);
void ike_tickets_free (IkeTickets *tickets);
/* NULL: too long, or the provider failed. */
GBytes *ike_tickets_seal (IkeTickets *tickets, const IkeCrypto *crypto, IkeTime now, const IkeSession *session,
                          IkeTicketRef *ret_ref);
/* NULL: not one of ours, too old, used or withdrawn. The caller's reference. */
IkeSession *
ike_tickets_open (IkeTickets *tickets, const IkeCrypto *crypto, IkeTime now, IkeChunk ticket, IkeTicketRef *ret_ref);
/* From now on it is of no use. FALSE: it was so before. */
gboolean ike_tickets_use (IkeTickets *tickets, IkeTicketRef ref);
/* What is inside a ticket; for the fuzzer. */
IkeSession *ike_tickets_parse (IkeChunk plain);
