/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As responder: why nothing came of what the other end offers, for whoever reads the log, since both lists are known here
 * alone. What a peer can make us write is names and numbers, not long, and not often.
 */
#pragma once

#include "crypto/proposal.h"
#include "exchange/exchange.h"

/* All of these: in the request that @parent is answering. */

/* NO_PROPOSAL_CHOSEN */
void ike_mismatch_proposals (const IkeParent *parent, const IkeSa *offer, GPtrArray *ours, IkeProtocolId protocol);
/* TS_UNACCEPTABLE: the other end's own ones and those here, and what is allowed of both */
void ike_mismatch_selectors (const IkeParent *parent, const GArray *remote, const GArray *local,
                             const GArray *remote_allowed, const GArray *local_allowed);
void ike_mismatch_labels (const IkeParent *parent);
