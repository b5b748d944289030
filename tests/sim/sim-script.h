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
 *   a:slow         its key exchanges take longer than two words
 *   a> a>2 a!      lets go of what a sent first, or second; loses it
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
  SIM_ROW_RECONNECTS = 16, /* it is over in between */
  SIM_ROW_CLIENT_ONLY = 32, /* a is the client, never the gateway */
} SimRowFlags;

typedef struct {
  const char *name;
  const char *words;
  const char *nonces; /* alternatives, each with the winner after it: "0fff:b f0ff:a"; NULL: as it comes */
  const char *want; /* in the log of any host; NULL: nothing */
  guint flags;
} SimRow;

/* Adds /sim/@group/NAME for each row, with the client as a and as b, and all nonces. @ike: the winner is that of the
 * IKE SA. */
void sim_script_add (const char *group, const SimRow *rows, guint n_rows, gboolean ike);
