/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fake kernel: SPIs, SAs and policies as the engine asked for them, and whether two kernels understand each other. */
#pragma once

#include "ike-engine.h"

typedef struct {
  guint32 spi, child, slot;
  gboolean out;
  gboolean larval; /* only the SPI */
  IkeSecret *encr, *integ;
  guint16 encr_id, encr_bits, integ_id;
  gboolean esn, encap, tfc, aggfrag, whole, transport;
  guint16 cpi; /* of the IPComp that it carries */
  guint16 cpu; /* it is for what this one sends, from 1 on; 0: for all */
  GBytes *label; /* NULL: none */
  IkePath path;
  guint64 order; /* of installation */
  guint64 hard_lifetime;
  guint replay_window; /* of an inbound one */
  guint64 soft_bytes, hard_bytes, soft_packets, hard_packets; /* 0: none */
  guint64 bytes, packets; /* that it has carried */
  gboolean dying; /* the soft limit was told of */
  IkeSelector local, remote; /* the first that it is for */
  guint64 traffic; /* what QUERY tells beside bytes_in or bytes_out */
} SimSa;

typedef enum { SIM_LIMIT_NONE, SIM_LIMIT_SOFT, SIM_LIMIT_HARD } SimLimit;

typedef struct {
  IkeSelector local, remote;
} SimPair;

typedef struct {
  guint32 child, slot;
  IkeRule rule;
  GArray *local_ts, *remote_ts;
  GArray *pairs; /* SimPair: of those, but for what another slot has taken since */
  gboolean ipcomp, aggfrag, transport;
  GBytes *label;
  IkePath path;
} SimPolicy;

typedef struct {
  GPtrArray *sas; /* SimSa */
  GPtrArray *policies; /* SimPolicy */
  guint64 order;
  guint64 bytes_in, bytes_out; /* what QUERY tells */
  guint installs, deletes, updates, queries;
  int refuse_install; /* errno */
  int refuse_spi, refuse_update;
  guint32 next_spi; /* 0: any */
  gboolean no_ipcomp, no_aggfrag;
  gboolean many_slots; /* the owner has a link or is a mesh; else there are IKE_MAX_SLOTS */
  guint16 cpus; /* that can have SAs of their own; 0: it knows nothing of that */
} SimKernel;

void sim_kernel_init (SimKernel *kernel);
void sim_kernel_clear (SimKernel *kernel);
/* Does it, and fills in the answer. FALSE: there is none. */
gboolean sim_kernel_do (SimKernel *kernel, GRand *rand, const IkeKernelRequest *request, IkeInput *ret_answer);
/* That which a packet to what prints as @remote would find. */
const SimPolicy *sim_kernel_policy_for (const SimKernel *kernel, const char *remote);
SimSa *sim_kernel_find (const SimKernel *kernel, guint32 spi, gboolean out);
/* What becomes of a packet that leaves, from a processor without an SA of its own: no policy is for it; there is one and no
 * SA; the SA takes it. Rules of a mesh are not looked at. */
typedef enum { SIM_FATE_CLEAR, SIM_FATE_HELD, SIM_FATE_ENCRYPTED } SimFate;
/* *@ret_sa (or NULL): which takes it. */
SimFate sim_kernel_fate (const SimKernel *kernel, const IkeAddress *from, const IkeAddress *to, SimSa **ret_sa);
/* The outbound SA of processor @cpu, or for all; the newest. */
SimSa *sim_kernel_of_cpu (const SimKernel *kernel, guint16 cpu);
/* The outbound SA that a packet would take: the newest. */
SimSa *sim_kernel_outbound (const SimKernel *kernel);
/* Each outbound SA has the policies of its slot, all of them, and for what it does. */
gboolean sim_kernel_is_whole (const SimKernel *kernel);
guint sim_kernel_count (const SimKernel *kernel, gboolean out);
guint sim_kernel_larval (const SimKernel *kernel);
void sim_kernel_remove (SimKernel *kernel, SimSa *sa);
/* @sa is to carry so much more: what it has to say to that, as Linux does, which looks before it counts. HARD: it does not. */
SimLimit sim_sa_count (SimSa *sa, guint64 bytes, guint64 packets);
/* Could @in decrypt what @out sends? */
gboolean sim_sa_matches (const SimSa *out, const SimSa *in);
