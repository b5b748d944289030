/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenarios as words: two hosts that are up, every packet held until a word lets it go, nonces as the row wants them.
 *
 *   a:child        a's kernel reports the soft lifetime of the Child SA in use; a:hard the hard one
 *   a:mark         remembers the Child SA in use; a:soft-marked, a:hard-marked mean that one
 *   a:hard-new     the hard lifetime of what has been installed last
 *   a:ike          a's clock jumps to the rekeying of the IKE SA
 *   a:stop         the user of a disconnects
 *   a:off, a:on    a's network is away, and comes back
 *   a:lose         the same as a:hard, but the other end is not told
 *   a:wrong        the next INFORMATIONAL request of a's also deletes the Child SA that it has marked
 *   a:check        a's clock jumps to where it asks whether the other end is there (SIM_ROW_DPD)
 *   a:slow         its key exchanges take longer than two words
 *   a> a>2 a!      lets go of what a sent first, or second; loses it
 *   a?             the same as a> if there is anything
 *   wait:90        seconds pass
 *   quiet          asserts that nothing is held
 *
 * After the words everything flows for some time; then the end is judged.
 */
#pragma once

#include "sim.h"

typedef enum {
  SIM_ROW_PFS = 1,
  SIM_ROW_KE_INVALID = 2, /* the group that each end tries first is none of the other's */
  SIM_ROW_ENDS = 4, /* the connection is over at the end; no trying again */
  SIM_ROW_DPD = 8,
  SIM_ROW_MULTI_KE = 64, /* PFS, and one additional key exchange */
  SIM_ROW_MIXED_KE = 128, /* what a asks for has the additional key exchange, what b asks for has not */
  SIM_ROW_RECONNECTS = 16, /* it is over in between, once */
  SIM_ROW_CREATES = 32, /* a makes Child SAs: as a client, then as a peer that has begun, or has been called */
  SIM_ROW_BOTH = 256, /* what is wanted must have come from both hosts */
} SimRowFlags;

typedef struct {
  const char *name;
  const char *words;
  const char *nonces; /* alternatives, each with the winner after it: "0fff:b f0ff:a", c: neither; NULL: as it comes */
  const char *want; /* in the log of any host; NULL: nothing */
  guint flags;
} SimRow;

/* Adds /sim/@group/NAME for each row, with the client as a and as b (but see SIM_ROW_CREATES), and all nonces. @ike: the winner is that of the
 * IKE SA. */
void sim_script_add (const char *group, const SimRow *rows, guint n_rows, gboolean ike);
/* The same for one row, whose words are gone on with by the next @n packets in every order that they can have. */
void sim_script_add_orders (const char *group, const SimRow *row, guint n, gboolean ike);
