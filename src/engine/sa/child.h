/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Child SA: one pair of ESP SAs, its selectors, and where it stands in its life.
 *
 * Invariants: its number is never used again; its slot stays the same over rekeys; it is in its IKE SA's list and in
 * the index by inbound SPI from the moment that the kernel gave the SPI until the kernel has been told to delete it.
 */
#pragma once

#include "crypto/keymat.h"
#include "sa/core.h"

#include <stdbool.h>

typedef enum {
  IKE_CHILD_NEGOTIATING, /* has a number, maybe an SPI */
  IKE_CHILD_INSTALLING, /* the kernel has been asked */
  IKE_CHILD_INBOUND, /* answered a rekey, or a client anew: outbound waits until the old one is deleted */
  IKE_CHILD_READY,
  IKE_CHILD_REPLACED, /* a newer one took over; we or the peer will delete it */
  IKE_CHILD_DELETING, /* our DELETE is out, or about to be */
  IKE_CHILD_LINGERING, /* deleted at the peer; the inbound half stays for packets in flight */
} IkeChildState;

typedef enum {
  IKE_CHILD_TIMER_REKEY, /* soft lifetime */
  IKE_CHILD_TIMER_SWITCH, /* the peer has not deleted the old one: use the new outbound half all the same */
  IKE_CHILD_TIMER_LINGER, /* packets in flight have arrived by now */
  IKE_CHILD_N_TIMERS,
} IkeChildTimer;

#define IKE_AGGFRAG_OVERHEAD 4u /* octets; RFC 9347 section 6.1.1: the header before the data blocks */
/* Old inbound SAs stay so long (protocol of our own; RFC 7296 section 2.8 leaves it open). */
#define IKE_CHILD_LINGER_TIME (5 * IKE_SECOND)

struct _IkeChild {
  IkeChild *next; /* of the same IKE SA */
  IkeParent *parent;
  IkeTime timers[IKE_CHILD_N_TIMERS];
  IkeTime established;
  guint32 number, slot;
  guint32 spi_in, spi_out;
  guint32 replaces; /* number of the Child SA that this one rekeys; 0: none */
  guint8 state; /* IkeChildState */
  guint8 parts; /* IKE_SA_*: what the kernel has */
  guint8 protocol;
  bool transport_mode : 1, encap : 1, esn : 1, up : 1, rekeying : 1, initiator : 1, ending : 1;
  bool compress : 1; /* IPComp is wished for */
  bool tfc : 1; /* what we send is padded */
  bool aggfrag : 1; /* RFC 9347: wished for; then agreed */
  bool aggfrag_whole : 1; /* but the peer takes no pieces */
  bool has_spi : 1; /* the kernel has at least a larval inbound SA */
  bool worn : 1; /* the kernel has said that it is near its end */
  bool expired : 1; /* the kernel has ended it, or could not move it */
  bool doomed : 1; /* the peer has deleted it before it was up here */
  bool cpus_ours : 1; /* it is our end that makes those of single processors (exchange/resource.h) */
  bool cpus_enough : 1; /* and for now no more */
  guint16 encr, encr_bits, integ, ke;
  guint16 refused; /* the notification with which the peer has refused our rekey of it; 0: none */
  guint16 cpi_in, cpi_out; /* of IPComp; once it is installed, both or neither */
  guint16 cpus; /* so many processors can have one of their own beside it: wished for; then agreed */
  guint16 cpu; /* it is for this one alone, from 1 on; 0: for all */
  guint64 seen, seen_out; /* octets of traffic in and out when last asked; see also respond-child.c */
  guint64 idle_seen; /* the same, for a peer on demand */
  GArray *local_ts, *remote_ts; /* IkeSelector */
  GBytes *label; /* RFC 9478, as the peer writes it; NULL: none */
  IkePath path; /* as the kernel has it */
  IkeChildKeys keys; /* until the kernel has them */
  IkeClaims *claims; /* responder: those of its selectors; NULL: it has and wants no policies */
  GBytes *low_nonce; /* during a collision: the lower nonce of the exchange that made it */
};

/* In @parent's list, with a new number; @slot 0: a new one. */
IkeChild *ike_child_new (IkeParent *parent, guint32 slot);
/* Without a word to anyone. */
void ike_child_free (IkeChild *child);
void ike_child_set_state (IkeChild *child, IkeChildState state);
const char *ike_child_state_name (IkeChildState state);
void ike_child_move (IkeChild *child, IkeParent *parent);
/* In the slot of @all and with its selectors. */
void ike_child_like (IkeChild *child, const IkeChild *all);
/* @label NULL: none. */
void ike_child_set_label (IkeChild *child, GBytes *label);
/* The same selectors, and the same label. */
gboolean ike_child_same_traffic (const IkeChild *a, const IkeChild *b);

IkeChild *ike_child_by_number (IkeParent *parent, guint32 number);
/* By our inbound or by the peer's (our outbound) SPI, if the kernel may have it; NULL otherwise. */
IkeChild *ike_child_by_spi_in (IkeParent *parent, guint32 spi);
IkeChild *ike_child_by_spi_out (IkeParent *parent, guint32 spi);
/* As the kernel has answered. */
void ike_child_set_spi_in (IkeChild *child, const IkeInput *input);
/* Said if it makes none for @parent. */
void ike_child_log_refusal (const IkeParent *parent, const IkeInput *input);

/* ---- kernel ---- */

void ike_child_alloc_spi (IkeChild *child, const IkePath *path, const IkeWorkFor *work);
/* Installs @parts; keys go to the kernel and are gone from here, those of a half that is not among @parts stay. */
void ike_child_install (IkeChild *child, guint parts, const IkeWorkFor *work);
/* The policies are those of the slot and stay over a rekey: TRUE when another Child SA of the slot had them, and they
 * are
 * now @child's. FALSE: it must install its own. */
gboolean ike_child_claim_policies (IkeChild *child);
/* Deletes @parts as far as the kernel has them; policies go to another Child SA of the slot, if there is one, or are
 * held by the connection as long as it wants to be up: without an SA they let nothing pass. */
void ike_child_uninstall (IkeChild *child, guint parts);
/* After a change of address, if it is one for the kernel, whose answer @done gets. */
void ike_child_update (IkeChild *child, gboolean encap, IkeWorkDone done);
/* @part: IKE_SA_IN or IKE_SA_OUT. */
void ike_child_query (IkeChild *child, guint part, const IkeWorkFor *work);
