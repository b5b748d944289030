/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection: one configuration, what the user wants of it, and the IKE SA that serves it now.
 *
 * Invariants: after DOWN nothing of it is alive: no IKE SA, timer, job or secret. A responder has many IKE SAs at
 * once, and then @current is unused; a peer has one that counts, whoever began it (exchange/peer.h). A mesh is a
 * connection for each other end, a mate, which shares its configuration and is known to nobody else (exchange/mesh.h).
 */
#pragma once

#include "sa/core.h"
#include "sa/tickets.h"

typedef enum {
  IKE_CONNECTION_IDLE, /* known; or DOWN was said */
  IKE_CONNECTION_STARTING, /* START was given, never UP since */
  IKE_CONNECTION_UP,
  IKE_CONNECTION_RETRYING, /* was up; a new negotiation runs or waits */
  IKE_CONNECTION_LISTENING, /* answers only */
  IKE_CONNECTION_WAITING, /* a peer that has nothing to do until the other end begins; or for a packet */
  IKE_CONNECTION_STOPPING, /* the user's wish; DELETE may be out */
} IkeConnectionState;

typedef enum {
  IKE_CONNECTION_TIMER_RETRY, /* next negotiation */
  IKE_CONNECTION_TIMER_STOP, /* the peer had its time to answer our DELETE */
  IKE_CONNECTION_TIMER_IDLE, /* was there any traffic? */
  IKE_CONNECTION_TIMER_COVER, /* the other end had its time to make the Child SAs that are still missing */
  IKE_CONNECTION_TIMER_REDIRECT, /* there must be a way to the gateway that we were sent to */
  IKE_CONNECTION_N_TIMERS,
} IkeConnectionTimer;

struct _IkeConnection {
  IkeCore *core;
  IkeConfig *config;
  guint8 state; /* IkeConnectionState */
  IkePath path, natt_path; /* as START or PATH gave them */
  gboolean elsewhere; /* there are others */
  IkePath home; /* where the peer was last, while another address of its is tried; family NONE: none is */
  IkeAddress begun[2]; /* initiator: where the peer is by START; where it was before it was looked for there again */
  IkeAddress asked; /* where the caller shall find a path to, and has not yet */
  GArray *own; /* IkeAddress: ours, which a responder tells (RFC 4555); NULL: none */
  guint16 probe; /* so many octets an IP packet shall have that is tried, or was last; 0: none */
  guint8 probes; /* so often it was, in vain */
  gboolean no_probe, no_cpus; /* the peer took it badly; that we asked for Child SAs of single processors, too */
  IkeParent *current; /* not of a responder: the IKE SA that counts */
  IkeParent *fresh; /* initiator: shall take its place */
  IkeConfigured *configured; /* initiator: addresses and selectors of the last UP; NULL: none yet */
  GPtrArray *parents; /* all IkeParent that live for it, also closed ones that linger; owned */
  GHashTable *clients; /* responder: key of an identity -> IkeClient, the newest; keys are theirs */
  guint n_clients, n_anonymous; /* responder: of IkeClient there are so many; without an identity */
  struct _IkeSources *nobodies; /* where those are; NULL: there were none yet */
  GHashTable *claims; /* responder: selectors -> IkeClaims, owned; NULL: none yet */
  IkeSession *session; /* initiator: to be resumed, with its ticket; NULL: none */
  gboolean resume_briefly; /* initiator: the gateway has refused the AUTH that RFC 5723 asks for */
  struct _IkeRedirect *redirect_to; /* responder: where all clients are to go; NULL: nowhere */
  IkeTickets *tickets; /* responder: what makes them; NULL: none was asked for yet */
  gboolean met_nat; /* initiator: on this path, where MOBIKE is not for who does not encapsulate */
  gboolean cookie_doubted; /* initiator: we were refused, since the last UP, after one had been obeyed */
  guint attempts; /* failed negotiations since the last UP */
  guint losses; /* so often in a row it was lost; each time but the first soon after it came up */
  IkeTime up_since, heard; /* without a break; the other end, last, by the IKE SA that counted before */
  IkeTime not_before; /* because of losses nothing is begun sooner */
  IkeTime child_not_before; /* on demand: nor a Child SA in place of one that the peer has deleted */
  IkeTime child_pause; /* before the last Child SA that took the place of one that the peer had deleted; 0: none did */
  IkeTime redirected_since, reauth_failed; /* to authenticate again, last; 0: not since UP */
  gboolean reauth_refused; /* and for good */
  IkeAddress redirected_from; /* the gateway that has sent us to this one; family NONE: none */
  gboolean redirecting; /* the caller looks for a way to the one that we were sent to */
  guint redirects; /* so many since @redirected_since */
  guint16 ke_hint; /* group that this gateway took */
  guint32 slot; /* of the first Child SA: kept over reconnections */
  GArray *held; /* IkeHeld: slots whose policies wait, without an SA, for the next Child SA; NULL: none */
  guint32 trap_slot; /* on demand: the policies that stay when there is no SA; 0: none */
  guint32 trap_question; /* to the kernel, about them */
  GArray *trap_local, *trap_remote; /* IkeSelector: theirs */
  gboolean packet_waits; /* on demand: for which the Child SAs that stand are not enough */
  guint idle_questions; /* to the kernel, about traffic */
  gboolean idle_busy; /* one answer said that there was some */
  gboolean was_up;
  struct _IkeMeshState *mesh_state; /* of a mesh; NULL: it is none, or not started */
  IkeConnection *mesh; /* of a mate: whose; NULL: it is none. @path: between which addresses, and nothing else */
  guint32 mate; /* its number, for the caller */
  guint8 mate_state; /* IkeMateState, exchange/mesh.c */
  guint32 shunt_slot; /* of the policies that stand for the SA that could not be made; 0: none */
  IkeReason reason; /* why it stops */
  IkeTime timers[IKE_CONNECTION_N_TIMERS];
  IkeAlarm alarm;
};

IkeConnection *ike_connection_new (IkeCore *core, IkeConfig *take_config);
IkeConnection *ike_connection_new_mate (IkeConnection *mesh, const IkePath *path);
void ike_connection_free (IkeConnection *connection);
IkeConnection *ike_connection_find (IkeCore *core, guint32 id);
void ike_connection_set_state (IkeConnection *connection, IkeConnectionState state);
const char *ike_connection_state_name (IkeConnectionState state);
void ike_connection_set_timer (IkeConnection *connection, IkeConnectionTimer timer, IkeTime at);
void ike_connection_stop_timer (IkeConnection *connection, IkeConnectionTimer timer);
/* One that no other Child SA, held policies or trap of @connection has. Above IKE_MAX_SLOTS, but for a server and a mesh,
 * there is no room for it, and the kernel refuses it. */
guint32 ike_connection_new_slot (const IkeConnection *connection);
/* The policies of @child stay in the kernel. FALSE: they must not, since the connection has not been up or is ending. */
gboolean ike_connection_hold (IkeConnection *connection, const IkeChild *child);
/* The slot of those that wait for a Child SA like @child; 0: none do. And nothing waits any more for one like it. */
guint32 ike_connection_held_for (const IkeConnection *connection, const IkeChild *child);
void ike_connection_let_go (IkeConnection *connection, const IkeChild *child);
/* Those that are not @wanted any more are deleted. */
typedef gboolean (*IkeHeldWanted) (const IkeConnection *connection, guint32 slot, GArray *remote_ts);
void ike_connection_sift (IkeConnection *connection, IkeHeldWanted wanted);
/* A Child SA installs its own, which take their place. */
void ike_connection_unhold (IkeConnection *connection, guint32 slot);
/* None is kept any more. */
void ike_connection_release (IkeConnection *connection);
/* Puts the trap's policies where they belong, but for those that Child SAs have. */
void ike_connection_trap (IkeConnection *connection);
/* From now on they are these, in @slot; what was before goes after they are there. */
void ike_connection_move_trap (IkeConnection *connection, guint32 slot, GArray *local, GArray *remote);
void ike_connection_untrap (IkeConnection *connection);
/* The IKE SA is freed when the input has been handled. */
void ike_connection_bury (IkeConnection *connection, IkeParent *parent);
