/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Another member of a cluster goes on with an IKE SA, and says which message ids are next: RFC 6311. We are the peer that
 * answers; counters of ESP are the kernel's, and are not agreed on.
 *
 * Invariants: only where both ends said so in IKE_AUTH; ids only grow, and not to where there is no room left; the same
 * message again changes nothing.
 */
#pragma once

#include "exchange/exchange.h"

/* IKEV2_MESSAGE_ID_SYNC_SUPPORTED; and what the peer says of it. */
void ike_sync_offer (IkeBuilder *builder);
void ike_sync_note (IkeParent *parent, const IkePayloads *payloads);
/* May this request, whose id is 0, be one? Then it has to be looked at, whatever the window says. */
gboolean ike_sync_may_be (const IkeParent *parent, const IkeHeader *header);
/* TRUE: it was, and has been dealt with. */
gboolean ike_sync_on_request (IkeParent *parent, const IkeIncoming *incoming);
