/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Beginnings, lifetimes and ends: life.c (connections, IKE SAs) and lifetime.c (what time does to them). */
#pragma once

#include "exchange/exchange.h"

void ike_life_start (IkeConnection *connection);
void ike_life_stop (IkeConnection *connection);
/* A new IKE SA, begun by us. */
void ike_life_negotiate (IkeConnection *connection);
/* What was UP is over, for @reason: so long nothing is begun, and not before connection->not_before. */
IkeTime ike_life_pause (IkeConnection *connection, const IkeReason *reason);
/* Nothing can be done any more: DOWN for @reason. */
void ike_life_give_up (IkeConnection *connection, IkeReason *reason);
/* One more IKE SA for the connection, in connection->fresh. */
void ike_life_negotiate_beside (IkeConnection *connection);
/* The IKE SA has been established, or made by rekeying; arms its timers. */
void ike_life_established (IkeParent *parent);
/* The IKE SA ends now, for @reason (taken and cleared); @farewell tells the peer so, without waiting. */
typedef enum { IKE_FAREWELL_NONE, IKE_FAREWELL_DELETE, IKE_FAREWELL_AUTH_FAILED } IkeFarewell;
void ike_life_end (IkeParent *parent, IkeFarewell farewell, IkeReason *reason);
/* Its time is over, or it has been half-open for too long. */
void ike_life_expire (IkeParent *parent);
/* As ike_life_end(), for one that shall be negotiated anew at once, whatever the configuration says of trying again. */
void ike_life_renew (IkeParent *parent, IkeFarewell farewell, IkeReason *reason);
/* It only lingers, to repeat its last answer: a newer one has taken over, or the connection has ended. */
void ike_life_retire (IkeParent *parent);
/* All of its IKE SAs go, and say so with @farewell. */
void ike_life_drop (IkeConnection *mate, gboolean farewell);
/* The Child SAs go to @successor. */
void ike_life_replace (IkeParent *old, IkeParent *successor);
/* The Child SA is up in the kernel. */
void ike_life_child_up (IkeChild *child);
/* The IKE SA stands, and the peer wants it to stand alone (RFC 6023). */
void ike_life_up_without_child (IkeParent *parent);
/* The Child SA @gone, which replaces @old, goes or never came: when it was the last that did, @old counts again. */
void ike_life_restore (IkeParent *parent, guint32 old, guint32 gone);
/* Is there another Child SA for the same purpose, or will there be? */
gboolean ike_life_is_served (const IkeChild *child);
/* @child is ending, and not because another one replaces it: make another one, or end. Whoever calls this returns. */
void ike_life_child_gone (IkeChild *child, gboolean by_peer);
/* The first one will not be: if the peer has made one meanwhile, the tunnel is up by that. */
void ike_life_up_by_another (IkeParent *parent);
void ike_life_on_parent_timer (IkeParent *parent, IkeParentTimer timer);
void ike_life_on_child_timer (IkeChild *child, IkeChildTimer timer);
void ike_life_on_connection_timer (IkeConnection *connection, IkeConnectionTimer timer);
/* What has been inbound alone sends from now on. FALSE: that is not so. */
gboolean ike_life_switch (IkeChild *child);
/* @gone, of a client that has authenticated anew, sends no more: what its other IKE SAs have for the same does. */
void ike_life_hand_on (const IkeChild *gone);
/* The kernel's answer to an outbound half that came after its inbound one: when it refuses, the Child SA goes. */
void ike_life_on_switch_failed (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input);
/* The kernel's answer to a change of address: the same. */
void ike_life_on_moved (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input);
void ike_life_on_expire (IkeChild *child, gboolean hard);
/* The peer has refused our rekey, and not only for now. */
void ike_life_rekey_refused (IkeChild *child, guint16 notify);
/* The same of the IKE SA. */
void ike_life_ike_rekey_refused (IkeParent *parent, guint16 notify);
/* A message has gone out: are there ids for more? RFC 7296 section 2.2. */
void ike_life_count (IkeParent *parent);
/* Something is said before the NAT before us, if there is one, forgets us. */
void ike_life_keep_alive (IkeParent *parent);
void ike_life_on_mapping (IkeChild *child, const IkeEndpoint *remote);
/* @lifetime less @margin and up to another @margin at random; never less than half of @lifetime. */
IkeTime ike_life_soft (IkeCore *core, IkeTime lifetime, IkeTime margin);
/* So long the peer may put a rekey off. */
#define IKE_LIFE_PUT_OFF (300 * IKE_SECOND)
/* When to rekey once more what the peer has put off, whose end is at @end (NEVER: unknown): some seconds later, but no more
 * than half of what is left. */
IkeTime ike_life_again (IkeCore *core, IkeTime end);
