/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quick crash detection (RFC 6290): a gateway that has lost its IKE SAs proves that by a token which only it can make.
 *
 * Invariants: no token is ever said in the open for an IKE SA that is here; what is unprotected and has no right token
 * leads at most to a question (ike_path_hint), and that not often.
 */
#pragma once

#include "exchange/exchange.h"

#define IKE_QCD_SECRET_LEN 32

/* The token for @parent, when we make some. */
void ike_qcd_write (IkeBuilder *builder, const IkeParent *parent);
/* @parent has been made by rekeying: the peer needs another token. */
void ike_qcd_renew (IkeParent *parent);
/* What the peer says under protection. */
void ike_qcd_note (IkeParent *parent, const IkePayloads *payloads);
/* An unprotected message for @parent: TRUE, and @parent may have ended, when it is about this. */
gboolean ike_qcd_receive (IkeParent *parent, const IkePayloads *payloads);
/* A request for an IKE SA that is not here. @connection: NULL, or the one whose clients it may be from. */
void ike_qcd_answer (IkeCore *core, const IkeConnection *connection, const IkeHeader *header, const IkePath *path);
/* An unprotected message for nobody: perhaps the peer does not know our Child SA. */
void ike_qcd_stray (IkeCore *core, const IkePayloads *payloads, const IkePath *path);
