/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A peer (IKE_ROLE_PEER): either end may begin, and both answer while they are active. RFC 7296 sections 1.1.1, 1.1.2,
 * 2.4, 2.8, 2.9.
 *
 * Invariants: of two IKE SAs that both ends began at once one is left, the same at both, and of two Child SAs for the
 * same selectors as well; a Child SA for selectors that have one already takes that one's slot, so that the kernel's
 * policies are theirs together.
 */
#pragma once

#include "exchange/exchange.h"

/* Child SAs of one IKE SA, more of which the other end is not allowed (protocol limit of our own). */
#define IKE_PEER_MAX_CHILDREN 64

gboolean ike_connection_is_peer (const IkeConnection *connection);
/* It has, or will have, a trap; a client as well. */
gboolean ike_connection_is_on_demand (const IkeConnection *connection);

/* The other end, or a server's client, may have a further Child SA. */
gboolean ike_peer_has_room (const IkeParent *parent);
/* What the other end leaves out of our selectors is asked for by Child SAs of its own: a peer's, and a client's with
 * several of the gateway's. */
gboolean ike_connection_covers (const IkeConnection *connection);

/* ---- peer.c: connections and IKE SAs; all of these for a connection that is a peer's, or a client's on demand ---- */

/* Is a first message that came on @path for this one? */
gboolean ike_peer_listens (const IkeConnection *connection, const IkePath *path);
/* After START: TRUE when there is nothing to do but to wait. */
gboolean ike_peer_waits (IkeConnection *connection);
/* The IKE SA that counts is over. FALSE: nothing stands in for it, and it is to be negotiated anew. */
gboolean ike_peer_lost (IkeConnection *connection, IkeReason *reason);
/* @child is up: maybe the first of its IKE SA; a client's only one. */
void ike_peer_child_up (IkeChild *child);
void ike_peer_client_up (IkeChild *child);
/* Is it our business to make another one in its place? */
gboolean ike_peer_remakes (const IkeChild *gone);
/* An IKE SA is over. What only it had, since two had begun at once, is to be made in that which counts. */
void ike_peer_retired (const IkeParent *parent);
/* It does not want this one of ours: goes on without. */
void ike_peer_child_refused (IkeParent *parent, const IkeChild *fresh);
/* On demand: a packet waits; the kernel has answered; it is time to look whether anybody uses it. */
void ike_peer_on_acquire (IkeConnection *connection);
void ike_peer_on_kernel (IkeCore *core, const IkeInput *input);
void ike_peer_on_idle (IkeConnection *connection);
/* Makes the next Child SA that is missing, if there is one. */
void ike_peer_cover (IkeConnection *connection);

/* ---- peer-cover.c: which selectors have a Child SA ---- */

/* The next pair of configured selectors that no Child SA serves and that was not refused. One of which a part is served
 * counts as served, until a packet shows that this is not enough. */
gboolean ike_cover_next (const IkeParent *parent, GArray **ret_local, GArray **ret_remote);
/* The first Child SA was refused: with the next pair, if there is one, it is tried once more, in a task of its own. */
gboolean ike_cover_try_next (IkeChild *child, guint16 refusal);
/* What the refusal of a Child SA ends with. */
IkeReasonCode ike_cover_refusal (const IkeParent *parent, guint16 refusal, char **ret_detail);
/* What came of it is a part of what was asked for, and there already: the other end has no more of it. */
gboolean ike_cover_brings_nothing (const IkeChild *fresh);
void ike_cover_refuse (IkeParent *parent, const GArray *local_ts, const GArray *remote_ts);
/* Adds all such pairs to what a client's first Child SA has. */
void ike_cover_add_missing (const IkeParent *parent, GArray *local_ts, GArray *remote_ts);
/* Of the policies that a client has kept without an SA those go that nothing will take the place of, since it was given
 * other selectors meanwhile. What it has instead is there already. */
void ike_cover_sift (IkeConnection *connection);
/* Tells of a client's selectors once more, if they are others now. */
void ike_cover_tell (IkeParent *parent);
/* What the other end has refused to @fresh's predecessor it will not be asked for again. */
void ike_cover_inherit (IkeParent *fresh);
/* Says what the first Child SA lacks of what was asked for. */
void ike_cover_say_cut (const IkeChild *child);
/* Does any Child SA carry traffic, but for @but (or NULL)? */
gboolean ike_cover_is_served (const IkeParent *parent, const IkeChild *but);
/* Another Child SA of the connection with the same selectors that carries traffic, or will; NULL: none. */
IkeChild *ike_cover_twin (const IkeChild *child);
/* The twin's slot becomes @child's. Before it is installed. */
void ike_cover_choose_slot (IkeChild *child);
