/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tickets of RFC 5723: asked for and kept by a client, given and withdrawn by a responder. What is done with one is in
 * resume.c and resume-respond.c.
 *
 * Invariants: a ticket is of the IKE SA as it is now: rekeying makes it worthless, and so does deleting; nothing of it
 * outlives the connection; somebody whose identity is nobody's gets none.
 */
#pragma once

#include "exchange/exchange.h"

/* ---- client ---- */

/* TICKET_REQUEST, where there can be one. */
void ike_ticket_request (IkeBuilder *builder, const IkeParent *parent);
/* What the gateway has answered to that. */
void ike_ticket_note (IkeParent *parent, const IkePayloads *payloads);
/* Shall the next IKE SA be the old one resumed? */
gboolean ike_ticket_is_usable (IkeConnection *connection);
/* The next one shall not: it was presented, and there was no answer. */
void ike_ticket_doubt (IkeParent *parent);

/* ---- responder ---- */

/* Answers a TICKET_REQUEST among @payloads, if there is one. */
void ike_ticket_answer (IkeBuilder *builder, IkeParent *parent, const IkePayloads *payloads);

/* ---- both ---- */

/* @parent is rekeyed, deleted or replaced: nobody may resume it. */
void ike_ticket_withdraw (IkeParent *parent);
/* @successor has taken its place: another one is asked for. */
void ike_ticket_renew (IkeParent *successor);
/* When was the other end proven by more than a ticket? */
IkeTime ike_ticket_authenticated (const IkeParent *parent);
