/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What both ends must remember of an IKE SA to resume it: the table of RFC 5723 section 5. A client keeps it beside the
 * gateway's ticket; a responder keeps nothing, since it is in the ticket.
 *
 * Invariant: immutable once made, but for @skip.
 */
#pragma once

#include "crypto/keymat.h"
#include "sa/core.h"

typedef struct {
  guint refs;
  IkeSecret *sk_d; /* of the IKE SA that is resumed */
  IkeSuite suite;
  GBytes *id_i, *id_r; /* bodies of the ID payloads */
  IkeIdentity *peer_id; /* the other end's, as it was proven: with EAP that may be another one than IDi */
  IkeTime authenticated; /* when it was proven by more than a ticket */
  IkeTime expires;
  guint32 client; /* responder: the number of the one that it was given to */
  /* the client's: */
  GBytes *ticket;
  guint32 parent; /* serial of the IKE SA that it belongs to */
  IkeAddress gateway; /* where it was given */
  gboolean skip; /* it was presented in vain: next time without it */
} IkeSession;

/* Facts of @parent as it is now; without identities. The caller's reference. */
IkeSession *ike_session_new (const IkeParent *parent);
IkeSession *ike_session_ref (IkeSession *session);
void ike_session_unref (IkeSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeSession, ike_session_unref)
