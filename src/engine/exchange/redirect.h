/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A gateway sends us to another one: RFC 5685, as client (redirect.c) and as gateway (redirect-serve.c).
 *
 * Invariants: before authentication only an answer that holds our nonce counts, in IKE_AUTH and later only what a proven
 * gateway says; whom the new one must prove to be is what the configuration said of the first (section 3: the same PAD
 * entry); so often in so much time, and no more (section 7).
 */
#pragma once

#include "exchange/exchange.h"

/* In our first message: that we can be sent on, or who has sent us. */
void ike_redirect_offer (IkeBuilder *builder, const IkeParent *parent);
/* The answer to IKE_SA_INIT is a redirection. TRUE: nothing else is to be made of it; *ret_why is why it will not be
 * obeyed, or NULL. */
gboolean ike_redirect_in_init (IkeTask *task, const char **ret_why);
/* The same for an answer to IKE_AUTH, first or last, whose AUTH was right: the caller returns at once. */
gboolean ike_redirect_in_auth (IkeTask *task);
/* In an INFORMATIONAL request. */
void ike_redirect_in_session (IkeParent *parent, const IkePayloads *payloads);
/* Another gateway is used from now on. FALSE: it is not that to which we were sent. */
gboolean ike_redirect_arrived (IkeConnection *connection);
/* The caller has found no way to the new gateway. */
void ike_redirect_failed (IkeConnection *connection);

/* ---- of a responder ---- */

/* From now on all clients that can be sent away go to @gateway, those that are here as well; NULL: not any more. */
void ike_redirect_serve (IkeConnection *connection, const char *gateway);
/* Can the initiator of this first message be sent away later? */
void ike_redirect_note (IkeParent *parent, const IkePayloads *payloads);
/* TRUE: the first message was answered with the other gateway. */
gboolean ike_redirect_first (IkeConnection *connection, const IkePath *path, const IkeMessage *message);
/* A client that has been let in is sent to @gateway, NULL: to where all go. TRUE: it was, and the task is over. */
gboolean ike_redirect_admitted (IkeTask *task, const char *gateway);
/* In a request: where to, if there still is such a place. */
void ike_redirect_write_to (IkeBuilder *builder, const IkeParent *parent);
