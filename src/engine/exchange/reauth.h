/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new IKE SA beside the old one. */
#pragma once

#include "exchange/exchange.h"

/* Authenticates again some time before @lifetime is over, unless that is due earlier already. */
void ike_reauth_at (IkeParent *parent, IkeTime lifetime, IkeTime margin);
/* AUTH_LIFETIME in a message of the gateway, if there is one. */
void ike_reauth_note (IkeParent *parent, const IkePayloads *payloads);
/* The responder says the same to a client, and lets it go when it does not. */
void ike_reauth_demand (IkeBuilder *builder, IkeParent *parent);
void ike_reauth_start (IkeParent *parent);
/* The new one has its Child SA: it takes over. TRUE: nothing has changed that the user's side would have to know. */
gboolean ike_reauth_done (IkeParent *fresh, const IkeConfigured *configured);
/* The new one has ended before that; @final: the same would be said again. */
void ike_reauth_failed (IkeParent *fresh, const IkeReason *reason, gboolean final);
/* The peer answers nothing, for some time now: if it was restarted and has lost us, it answers somebody new. */
void ike_reauth_try (IkeParent *parent);
/* A first message of a trial was answered, which proves nothing. TRUE: the old one is asked again, before all else. */
gboolean ike_reauth_holds (IkeParent *fresh);
/* The path carries, whatever the old one says. */
gboolean ike_reauth_is_heard (const IkeConnection *connection);
/* It has not come so far that it would be worth more than a new beginning. */
void ike_reauth_end_trial (IkeConnection *connection);
/* The old one was answered after all. */
void ike_reauth_believe (IkeParent *parent);
/* Before its Child SA is installed. */
void ike_reauth_choose_slot (IkeChild *child);
