/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of tunnel.h: what there is of a connection, and batches of kernel requests. */
#pragma once

#include "tunnel.h"

#include "ledger.h"

#define PROTOCOL_ESP 3 /* RFC 7296 section 3.3.1 */

/* What the kernel does not say before it is tried (ability.c). */
typedef enum { ABILITY_IPTFS, ABILITY_CPUS, ABILITY_N } Ability;

struct _Tunnel {
  Netlink *xfrm;
  Ledger *ledger;
  guint room; /* so many entries it may have; 0: any number */
  pid_t owner;
  gboolean with_dir;
  guint32 if_id, mark;
  guint32 rank; /* of the policies (kernel/rank.h) */
  TunnelTraits traits;
  char label_text[CHANNEL_MAX_SEC_LABEL + 1];
  XfrmLabel label; /* that, or none */
  gboolean label_said; /* the log knows that other packets wait */
  XfrmOffload offload; /* of what is being installed (offload.c) */
  guint8 offload_said; /* ChannelOffload that the log knows of; AUTO: none yet */
  guint last_batch;
  gint abilities[ABILITY_N]; /* 0: not tried yet; -1: no; IPTFS: 1; CPUS: so many processors can have SAs of their own */
  gboolean mesh; /* there are policies of groups: Child SAs have no room in a reqid that names us */
  guint32 acquired; /* the last ACQUIRE that no SA has answered; 0: none */
};

typedef struct {
  Tunnel *tunnel;
  guint number;
  guint outstanding;
  gboolean no_comp[2]; /* inbound, outbound: the IPComp SA is not there, or is somebody else's */
  guint32 replaces; /* reqid whose policies these take the place of; 0: none */
  int error;
  char *text;
  TunnelFunc func;
  gpointer data;
} Batch;

typedef enum { STEP_COMP, STEP_ADD_SA, STEP_ADD_POLICY, STEP_DELETE, STEP_MOVE_SA } StepKind;

typedef struct {
  Batch *batch;
  StepKind kind;
  const char *what; /* begins the sentence about its failure */
  struct nl_msg *otherwise; /* when there is no larval state to replace */
  XfrmSaId sa;
  XfrmPolicy policy;
} Step;

void tunnel_answer (TunnelFunc func, gpointer data, int error, const char *text);
Batch *tunnel_batch_new (Tunnel *t, TunnelFunc func, gpointer data);
void tunnel_batch_release (Batch *batch);
/* The first failure is the cause. */
void tunnel_batch_fail (Batch *batch, int error, const char *what, const char *why);
/* @take_msg NULL: it could not be built. */
void tunnel_batch_send (const Step *template, struct nl_msg *take_msg);

/* Has it all that it may have? Then that was the answer. */
gboolean tunnel_is_full (const Tunnel *t, TunnelFunc func, gpointer data);
/* 0: there is none for it. */
#define TUNNEL_NO_SLOT "There is no room for so many Child SAs"
guint32 tunnel_slot_reqid (const Tunnel *t, guint32 slot);
/* What the selectors of policies bear, see owner.h. For each kind another number: the same net may be a group, shunted,
 * and have an SA, and the kernel must not take one policy for the other. */
typedef enum { TUNNEL_USER_GROUP, TUNNEL_USER_SHUNT, TUNNEL_USER_SA } TunnelUser;
guint32 tunnel_user (const Tunnel *t, TunnelUser what);
XfrmSaId tunnel_sa_id (const Tunnel *t, guint32 slot, gboolean transport_mode);
/* The user's mark; a VTI has one of its own. */
void tunnel_set_mark (const Tunnel *t, guint32 *mark, guint32 *mark_mask);
/* IPComp's SA: whoever sends @esp's entry away takes it along. @step: for its batch and its sentence. */
void tunnel_send_comp (const Step *step, const XfrmSaId *comp);
void tunnel_send_policy (Batch *batch, const XfrmPolicy *policy);
/* The SA or policy that @wanted (NULL: "") is asked for is to have the tunnel's. */
gboolean tunnel_label_is (const Tunnel *t, const char *wanted);
/* May a packet of this label, which waits, have an SA of ours? The log is told once if not. */
gboolean tunnel_label_takes (Tunnel *t, XfrmLabel label);
/* Adds to @answer whether the kernel has it, and gives it to @func. */
void ability_find (Tunnel *t, Ability ability, const TunnelResult *answer, TunnelFunc func, gpointer data);
