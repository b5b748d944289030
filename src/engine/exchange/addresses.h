/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several addresses of one end: what the peer tells of its own, trying them, and telling ours. RFC 4555 sections 3.4 to 3.7. */
#pragma once

#include "exchange/run.h"

#include "sa/addresses.h"

/* The peer's IKE_AUTH says this of it; @initiator: we are the one, who chooses the path. */
void ike_addresses_note (IkeParent *parent, const IkePayloads *payloads, gboolean initiator);
/* A request of the peer's may tell others. */
void ike_addresses_on_request (IkeParent *parent, const IkeIncoming *message);
/* By rekeying. */
void ike_addresses_inherit (IkeParent *fresh, const IkeParent *old);

typedef enum {
  IKE_TRY_NONE, /* it has no others, or the caller knows something better */
  IKE_TRY_NEXT, /* the caller is asked for a way to one */
  IKE_TRY_OVER, /* it has answered at none of them, and we are back where it was */
  IKE_TRY_LATER, /* and there is to be a pause before they are tried again */
} IkeTry;
/* The peer does not answer where it is asked. */
IkeTry ike_addresses_try (IkeParent *parent);
/* The caller has a way to @remote. TRUE: it is an address of the same peer, where the IKE SA goes on. */
gboolean ike_addresses_arrive (IkeConnection *connection, const IkeAddress *remote);
/* And nothing does any more: the IKE SA that asked for it is gone. TRUE: so it is, and the caller is asked back. */
gboolean ike_addresses_comes_late (IkeConnection *connection, const IkeAddress *remote);
/* Nothing but the peer's word says that it is where it is asked now. */
gboolean ike_addresses_is_untested (const IkeParent *parent);
/* It has answered there what nobody else could. */
void ike_addresses_proven (IkeParent *parent);
/* What begins anew does so where the peer was last, and the caller is asked to come there. */
void ike_addresses_go_home (IkeConnection *connection);
/* By START; and from the second attempt on that address takes turns with the one where the peer was last, from which what
 * begins anew goes home then: it may have left it for good. */
void ike_addresses_begin (IkeConnection *connection);
void ike_addresses_take_turns (IkeConnection *connection);
/* That is what it does by these, and nothing else is new. */
gboolean ike_addresses_is_back (IkeConnection *connection, const IkePath *path, const IkePath *natt_path);

/* Ours, separated by blanks; NULL: none but the one in use. */
void ike_addresses_set_own (IkeConnection *connection, const char *text);
/* @request: it is no part of IKE_AUTH, and tells also that there are none. */
void ike_addresses_write (IkeBuilder *builder, const IkeParent *parent, gboolean request);
