/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world of a run: which hosts there are, how they are configured, what their users wish, and what must hold of them. */
#pragma once

#include "model.h"

#include "sim.h"

typedef struct {
  Sim *sim;
  ModelKind kind;
  guint n_hosts;
  SimHost *host[MODEL_MAX_HOSTS]; /* MODEL_GATEWAY is what all others talk to */
  GRand *rand; /* of the world: the engines' is the sim's */
  gboolean wanted[MODEL_MAX_HOSTS];
  gboolean guarded[MODEL_MAX_HOSTS]; /* from now on nothing may leave it in the clear, until it is stopped */
  IkeTime started[MODEL_MAX_HOSTS];
  gboolean refused[MODEL_MAX_HOSTS]; /* the kernel has not taken everything since */
  gboolean cut[MODEL_MAX_HOSTS];
  IkeBegin begin[MODEL_MAX_HOSTS];
  gboolean responds; /* the gateway does nothing else */
  gboolean traffic; /* there is some all the time */
  gboolean tcp; /* the client goes by TCP */
  guint16 tcp_port; /* of its connection */
  guint unanswered; /* that the client has told us of */
  IkeUnique unique;
  IkePpk ppk;
  gboolean ppk_in_auth;
  gboolean signatures;
  IkeTime child_lifetime, ike_lifetime;
  gboolean pfs, mobike, fragmentation, reauth;
  gboolean resumption;
  gboolean additional; /* one more key exchange each time (RFC 9370) */
  guint cpus; /* that may have Child SAs of their own */
  gboolean labelled; /* RFC 9478 */
  gboolean elsewhere; /* the client is told of another path, and looks closer */
  gboolean crash_tokens; /* the gateway makes them, and has the same secret after a reboot */
  GHashTable *sent; /* what was sent under which message id */
} World;

void world_init (World *world, guint64 seed, gboolean loud);
void world_clear (World *world);
IkeConfig *world_config (World *world, guint who);
/* It never begins. */
gboolean world_responds (const World *world, guint who);
/* With whom it has a tunnel, by whose address. */
const IkeAddress *world_remote (const World *world, guint who);
/* Is the TCP connection the one that stands? */
gboolean world_tcp_carries (const World *world, guint16 port);
/* A packet each way, as the kernels would send it now. */
void world_send_packets (World *world);

/* ---- what must hold: hold.c ---- */

SimVerdict hold_packet (Sim *sim, SimPacket *packet, gpointer world);
void hold_always (SimHost *host, gpointer world);
/* At each output, too: there is no gap between two of them. */
void hold_output (SimHost *host, const IkeOutput *output, gpointer world);
/* A tunnel that stood may end only as somebody wished; one that never stood may fail. */
void hold_down (const World *world);
/* A packet from @who to @to, in the tunnel; FALSE: there are no such addresses yet. */
gboolean hold_addresses (const World *world, guint who, guint to, IkeAddress *ret_from, IkeAddress *ret_to);
/* One pair for each two that want one, and nothing under way. */
gboolean hold_settled (const World *world);
/* Each end has of each Child SA what the other has. */
void hold_agree (const World *world);
