/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two authentications of a client, one after the other (RFC 4739): the machine by a shared key or a certificate, and then
 * its user by EAP.
 *
 * Invariants: where two are configured, one alone does not let anybody in, whoever leaves the other out; between them
 * nobody counts as proven; who comes in, is whom the second has proven.
 */
#pragma once

#include "exchange/exchange.h"

/* Is there to be a second one? Not after a ticket, which stands for both. */
gboolean ike_multi_wanted (const IkeParent *parent);
/* A user's name as an identity: it may look like a mailbox. */
IkeIdentity *ike_multi_user_identity (const char *user);

/* ---- initiator ---- */

/* NULL: the gateway can do that; else why not. */
const char *ike_multi_complaint (const IkeParent *parent);
/* In the first IKE_AUTH: we can do it, and another one follows. */
void ike_multi_announce (IkeBuilder *builder, const IkeParent *parent);
/* The gateway is proven, and has accepted our first. */
void ike_multi_begin (IkeTask *task);

/* ---- responder ---- */

/* In IKE_SA_INIT */
void ike_multi_offer (IkeBuilder *builder, const IkeParent *parent);
/* Does the first IKE_AUTH say that another one follows, if there has to be one? */
gboolean ike_multi_is_announced (const IkeParent *parent, const IkePayloads *payloads);
/* The first one was right: says so, and waits for the second. */
void ike_multi_answer (IkeTask *task);
