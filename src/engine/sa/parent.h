/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An IKE SA: what is true of it. Behaviour is in exchange/.
 *
 * Invariants: state changes only through ike_parent_set_state(), which knows what is legal; what only the negotiation
 * needs is in @nego and gone once established; keys exist from AUTH on and are gone in CLOSED.
 */
#pragma once

#include "sa/child.h"
#include "sa/fragments.h"
#include "sa/natd.h"
#include "sa/nego.h"
#include "sa/task.h"
#include "sa/window.h"

typedef enum {
  IKE_PARENT_NEW, /* nothing sent, nothing answered */
  IKE_PARENT_INIT, /* initiator: IKE_SA_INIT is out; responder: it is being answered */
  IKE_PARENT_INTERMEDIATE, /* keys stand; more key exchanges were agreed on */
  IKE_PARENT_AUTH, /* the final keys stand; nobody is authenticated */
  IKE_PARENT_AUTH_AGAIN, /* responder: the first of two authentications was right, the second is to begin */
  IKE_PARENT_AUTH_EAP, /* initiator: the server is authenticated, EAP runs */
  IKE_PARENT_AUTH_FINAL, /* initiator: our AUTH after EAP is out */
  IKE_PARENT_ESTABLISHED,
  IKE_PARENT_REPLACED, /* rekeyed: a newer IKE SA has the Child SAs */
  IKE_PARENT_DELETING, /* our DELETE is out */
  IKE_PARENT_CLOSED, /* only repeats its last answer, if anything */
} IkeParentState;
#define IKE_PARENT_BIT(state) (1u << IKE_PARENT_##state)

typedef enum {
  IKE_PARENT_TIMER_RETRANSMIT, /* our request is unanswered */
  IKE_PARENT_TIMER_DOUBT, /* an unauthenticated refusal of IKE_SA_INIT was not followed by anything better */
  IKE_PARENT_TIMER_KEEPALIVE, /* the NAT before us is about to forget us */
  IKE_PARENT_TIMER_LIVENESS, /* nothing heard for some time */
  IKE_PARENT_TIMER_REKEY,
  IKE_PARENT_TIMER_EXPIRE, /* hard lifetime; half-open: too slow */
  IKE_PARENT_TIMER_TASK, /* a postponed task is due */
  IKE_PARENT_TIMER_WINDOW, /* a message that was held may go on */
  IKE_PARENT_TIMER_REAUTH, /* authentication is to be repeated */
  IKE_PARENT_TIMER_FOLLOWUP, /* the peer does not go on with its key exchanges */
  IKE_PARENT_TIMER_LINGER, /* the peer has had time to repeat its last request */
  IKE_PARENT_N_TIMERS,
} IkeParentTimer;

struct _IkeParent {
  IkeCore *core;
  IkeConnection *connection;
  guint32 serial;
  guint index, questions; /* in connection->parents; that are unanswered */
  guint8 state; /* IkeParentState */
  bool initiator : 1; /* original initiator: SPIi is ours, SK_*i are ours to send with */
  bool nat_here : 1, nat_there : 1, encap : 1;
  bool mobike : 1, chooses : 1, fragmentation : 1, id_sync : 1, redirectable : 1; /* RFC 4555, twice; 6311; 5685 */
  bool rekeyed : 1, barred : 1; /* by rekeying, not from IKE_SA_INIT; no Child SA is for it: sent away, or no address */
  bool without_ke : 1, childless : 1; /* the peer makes Child SAs only without a key exchange; it began without one */
  bool contested : 1; /* the peer made it by a rekey that crossed ours: who stays is not decided */
  bool superseded : 1, farewell_said : 1; /* another one has what it had, or has won: no end of a peer; it is told so */
  bool ending : 1, buried : 1; /* the peer has deleted it; our own rekey is being finished; it is in core->graves */
  bool in_grew : 1, out_grew : 1, receiving : 1, lone : 1; /* of this check; since the last question; without a Child SA */
  bool trial : 1, trial_heard : 1, no_trial : 1; /* exchange/reauth.h: begun beside a silent one; answered; no use */
  bool seen : 1, id_synced : 1, strayed : 1; /* seen_as, id_sync_last are there; it has left where the caller thinks */
  guint64 spi_i, spi_r;
  IkePath path;
  IkeKeys keys;
  guint64 iv_counter;
  IkeWindow window;
  IkeIdentity *peer_id;
  struct _IkeClient *client; /* responder: whom it serves; NULL before that is known */
  IkeNego *nego; /* NULL once established */
  GQueue *tasks; /* IkeTask, ours; the head runs; NULL: none */
  IkeTask *answering; /* the peer's request that is being worked on */
  GQueue *held, *suspended; /* the peer's: IkeIncoming that wait; IkeTask between two key exchanges; NULL: none */
  IkeFragments *fragments; /* a list; NULL: none incomplete */
  struct _IkeAddresses *addresses; /* others that the peer has, RFC 4555; NULL: none were told */
  IkeChild *children;
  IkeParent *successor, *client_next; /* collision: what the peer's rekey made, before ours is answered; of @client */
  GBytes *low_nonce; /* collision: the lower nonce of the exchange that made this SA */
  GBytes *qcd_token; /* by which the peer can show that it has lost this IKE SA; NULL: none */
  GArray *refused; /* guint32: pairs of selectors that the other end does not want (exchange/peer.h); NULL: none */
  IkeTime heard, sent, renewed; /* last authenticated message in; last one out; last other TCP connection, 0: none */
  IkeTime begun, established, authenticated; /* authenticated: both ends last proven, by more than a ticket */
  IkeTime proof, unanswered; /* when ESP was last seen to have arrived; first seen to have left since, 0: not */
  IkeTime pace, hinted, awake; /* until the counts are looked at again; a hint was last followed; we last woke up */
  guint32 id_sync_last, updated; /* what the peer's ids then went on from; one more than its newest MOBIKE update's */
  guint16 checks, group, rekey_refused; /* counts that are asked for; key exchange; notification that did, or 0 */
  guint8 steady; /* so many of the last ones, up to some, have shown that ESP arrives, without a pause */
  guint8 seen_as[IKE_NATD_LEN]; /* MOBIKE: the hash of our address and port as the peer sees them */
  IkeTime temporary; /* first TEMPORARY_FAILURE in a row; 0: none */
  IkeTime timers[IKE_PARENT_N_TIMERS];
  IkeAlarm alarm;
};

IkeParent *ike_parent_new (IkeCore *core, IkeConnection *connection, gboolean initiator);
void ike_parent_free (IkeParent *parent); /* nothing is said to anyone */
void ike_parent_set_state (IkeParent *parent, IkeParentState state);
const char *ike_parent_state_name (IkeParentState state);
/* Our SPI is known: from now on messages find it. */
void ike_parent_index (IkeParent *parent);
guint64 ike_parent_our_spi (const IkeParent *parent);
IkeParent *ike_parent_find (IkeCore *core, guint64 our_spi);

void ike_parent_set_timer (IkeParent *parent, IkeParentTimer timer, IkeTime at);
void ike_parent_stop_timer (IkeParent *parent, IkeParentTimer timer);
const char *ike_parent_timer_name (IkeParentTimer timer);
void ike_parent_rearm (IkeParent *parent); /* after the timers of a Child SA were changed */
const char *ike_parent_waits_for (const IkeParent *parent); /* the earliest name that waits, for logs */

/* What the peer's rekey made while ours was under way, if it still lives; it is then nobody's successor any more. */
IkeParent *ike_parent_take_successor (IkeParent *parent);
const IkeConfig *ike_parent_config (const IkeParent *parent);
gboolean ike_parent_is_anonymous (const IkeParent *parent); /* NULL authentication: windows are 1 (RFC 8019) */
IkeTask *ike_parent_current (const IkeParent *parent); /* the task of ours that is running, or NULL */
/* Octets of one IKE message, 0: no limit since the peer does not reassemble. */
gsize ike_parent_message_limit (const IkeParent *parent, gsize inner);
void ike_parent_log (const IkeParent *parent, IkeLogLevel level, const char *event, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
/* A NOTICE that anybody can cause, and so is not written as often as that: ike_core_may_be_loud(). */
void ike_parent_log_seldom (const IkeParent *parent, const char *event, const char *format, ...) G_GNUC_PRINTF (3, 4);
