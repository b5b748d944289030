/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reassembly of fragmented messages: RFC 7383 section 2.6. A list of them, the newest first, is one IKE SA's.
 *
 * Invariants: only authenticated fragments come in; at most IKE_MAX_FRAGMENTS of one message and IKE_MAX_MESSAGE octets
 * in all are kept; "total" may only grow (the peer made smaller fragments), and then everything starts anew.
 */
#pragma once

#include "crypto/sk.h"

typedef struct _IkeFragments IkeFragments;

/* For the message @id, request or response, in front of *@list; of more than @most the oldest is dropped. */
IkeFragments *ike_fragments_new (IkeFragments **list, guint32 id, gboolean response, guint most);
/* The one for this message, or NULL. */
IkeFragments *ike_fragments_find (IkeFragments *list, guint32 id, gboolean response);
void ike_fragments_remove (IkeFragments **list, IkeFragments *fragments);
void ike_fragments_free (IkeFragments *list);
/* Would this one be taken? Asked before it is decrypted: a duplicate costs nothing. */
gboolean ike_fragments_want (const IkeFragments *fragments, guint16 fragment, guint16 total);
/* Takes the octets out of @opened. TRUE: the message is complete. FALSE: not yet, or not acceptable. */
gboolean ike_fragments_add (IkeFragments *fragments, IkeSkOpened *opened);
/* The whole chain, and the type of its first payload. */
IkeSecret *ike_fragments_join (IkeFragments *fragments, guint8 *ret_first);
