/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mesh: hosts that speak encrypted with whom they can, each pair by IKE and Child SAs of its own. Group policies (nets)
 * are made at the beginning; a packet that meets one asks for the host (ACQUIRE), or the host begins itself.
 *
 * A mate is a connection (of a peer, on demand) for one pair of addresses. It exists as long as there is something to be
 * known of it: an IKE SA, a place in the queue, or the failure that its shunt policy stands for.
 *
 * Invariants: a mate's Child SAs are for its two addresses and nothing else, whatever the other end asks for or sends
 * from; so many negotiations run at once that strangers' addresses cannot exhaust anything; what goes wrong with one
 * mate is a line in the log, and nothing to the others.
 */
#pragma once

#include "exchange/exchange.h"

/* Limits of our own. */
#define IKE_MESH_MAX_MATES 16384
#define IKE_MESH_MAX_ASKING 64
#define IKE_MESH_MAX_WAITING 1024

/* LISTEN: the policies. */
void ike_mesh_start (IkeConnection *mesh);
/* Nothing of it is left; @farewell: the mates are told. For a connection that is no mesh nothing happens. */
void ike_mesh_stop (IkeConnection *mesh, gboolean farewell);
/* A packet from path.local to path.remote waits. */
void ike_mesh_on_acquire (IkeConnection *mesh, const IkePath *path);
/* The mate that a first message from there is for. NULL: nobody from there may begin. */
IkeConnection *ike_mesh_answering (IkeConnection *mesh, const IkePath *path);
/* May what comes from @remote move an IKE SA there? A mate does not move. */
gboolean ike_mesh_may_follow (const IkeParent *parent, const IkeAddress *remote);

/* Of mates; these do nothing for others. A Child SA is up; the IKE SA that counted is over; the shunt's time is over. */
void ike_mesh_mate_up (IkeConnection *mate);
void ike_mesh_mate_waits (IkeConnection *mate, const IkeReason *reason);
void ike_mesh_on_timer (IkeConnection *mate);
/* An IKE SA of @connection has been freed: is there still something to be known of a mate? */
void ike_mesh_tidy (IkeConnection *connection);
/* The kernel has answered. */
void ike_mesh_on_kernel (IkeCore *core, const IkeInput *input);
