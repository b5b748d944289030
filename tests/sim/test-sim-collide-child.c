/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rekeying, deleting and making Child SAs while the other end does something too: RFC 7296 sections 2.8.1, 2.8.2, 2.25.
 * Each row runs with the client as either end.
 */
#include "sim-script.h"

/* whose nonces are made first: of a's request, of b's request, then of the answers in the order of arrival */
#define FOUR_ORDERS "0fff:b f0ff:a ff0f:b fff0:a"
#define UNAWARE "0ff:b f0f:b ff0:b"

static const SimRow rekeys[] = {
  { "regular", "a:child a> b> a> b> quiet", "0f:a f0:a", NULL, 0 },
  { "regular-pfs", "a:child a> b> a> b> quiet", NULL, NULL, SIM_ROW_PFS },
  { "ke-invalid", "a:child a> b> a> b> a> b> quiet", NULL, NULL, SIM_ROW_KE_INVALID },
  { "responder-ignores-soft-expire", "b:mark a:child a> b:soft-marked b> a> b> quiet", NULL, NULL, 0 },
  { "responder-hard-expire", "b:mark a:child a> b:hard-marked b> a> b> quiet", NULL, NULL, 0 },
  { "responder-hard-expire-late", "b:mark a:child a> b> b:hard-marked a> b> quiet", NULL, NULL, 0 },
  { "initiator-hard-expire", "a:mark a:child a> a:hard-marked b>", NULL, NULL, 0 },
  { "responder-deletes", "a:child a> b> b:hard-new b> a> a> b>", NULL, NULL, 0 },
  { "responder-deletes-crossing", "a:child a> b> b:hard-new a> b> a> b>", NULL, NULL, 0 },
  { "delete-timeout", "a:child a> b> b:off wait:120 b:on", NULL, "PEER_DEAD", SIM_ROW_DPD | SIM_ROW_RECONNECTS },
  { "responder-has-lost-it", "a:mark b:lose b> a> a:soft-marked a>", NULL, "CHILD_SA_NOT_FOUND", 0 },
  /* it deletes the old one itself: before the other end's DELETE comes, after it, and before its own answer is there */
  { "responder-deletes-old", "b:mark a:child a> b> b:wrong b:check b> a>", "0f:a f0:a", NULL, SIM_ROW_DPD },
  { "responder-deletes-old-late", "b:mark a:child a> b> b:wrong b:check a> b>", "0f:a f0:a", NULL, SIM_ROW_DPD },
  { "responder-deletes-old-first", "b:mark a:child a> b:wrong b:check b>2 b>", "0f:a f0:a", NULL, SIM_ROW_DPD },

  { "collision", "a:child b:child a> b> a> b>", FOUR_ORDERS, NULL, 0 },
  { "collision-responder-deletes-old", "b:mark a:child b:child b:wrong a> b> a> b>", FOUR_ORDERS, NULL, 0 },
  { "collision-mixed", "a:child b:child a> b> a> b>", FOUR_ORDERS, NULL, SIM_ROW_MIXED_KE },
  { "collision-pfs", "a:child b:child a> b> a> b>", FOUR_ORDERS, NULL, SIM_ROW_PFS },
  { "regular-multi-ke", "a:child a> b> a> b> a> b> quiet", "0f:a f0:a", NULL, SIM_ROW_MULTI_KE },
  { "ke-invalid-multi-ke", "a:child a> b> a> b> a> b> a> b> quiet", NULL, NULL, SIM_ROW_MULTI_KE | SIM_ROW_KE_INVALID },
  { "cve-2026-78133-collision-multi-ke", "a:child b:child a> b> a> b> a> b> a> b>", FOUR_ORDERS, NULL,
    SIM_ROW_MULTI_KE },
  { "collision-multi-ke-slow", "a:slow b:slow a:child b:child a> b> a> b> wait:1 a> b> a> b> wait:1", FOUR_ORDERS, NULL,
    SIM_ROW_MULTI_KE },
  { "collision-delayed-response-multi-ke", "a:child b:child a> b> a> b>2 a> b>2 a> b>", FOUR_ORDERS, NULL,
    SIM_ROW_MULTI_KE },
  { "collision-delayed-request-multi-ke", "a:child b:child b> a>2 b> a>2 a> b> b>", UNAWARE, "TEMPORARY_FAILURE",
    SIM_ROW_MULTI_KE },
  { "collision-delayed-request-answer-first-multi-ke", "a:child b:child b> a>2 b> a>2 a> b>2 b>", UNAWARE,
    "TEMPORARY_FAILURE", SIM_ROW_MULTI_KE },
  { "delete-multi-ke", "a:child b:hard a> b> b>", NULL, "TEMPORARY_FAILURE", SIM_ROW_MULTI_KE },
  { "expired-between-multi-ke", "b:child b> a> a:hard wait:31", NULL, NULL, SIM_ROW_MULTI_KE },
  { "delete-between-multi-ke", "a:child a> b> b:hard a> b> b>", NULL, NULL, SIM_ROW_MULTI_KE },
  { "collision-delayed-response", "a:child b:child a> b> a> b>2 a> b>", FOUR_ORDERS, NULL, 0 },
  /* c: nothing is left, and the client makes one anew */
  { "collision-delayed-response-delete", "a:child b:child a> b> a> b>2 a> b:hard b>2 a> b>", "0fff:c ff0f:c", NULL, 0 },
  { "collision-delayed-response-delete-redundant", "a:child b:child a> b> a> b>2 a> b:hard b>", "f0ff:a fff0:a", NULL,
    0 },
  { "collision-delayed-request", "a:child b:child b> a>2 a> b> b>", UNAWARE, "TEMPORARY_FAILURE", 0 },
  { "collision-delayed-request-answer-first", "a:child b:child b> a>2 a> b>2 b>", UNAWARE, "TEMPORARY_FAILURE", 0 },
  { "collision-delayed-request-more", "a:child b:child b> a>2 b> a>2 a> b>", UNAWARE, "CHILD_SA_NOT_FOUND", 0 },
  { "collision-delayed-request-more-delete", "a:child b:child b> a>2 b> a>2 b:hard b> a>2 a> b>", "0ff f0f ff0",
    "refused: ", 0 },
  { "collision-ke-invalid", "a:child b:child a> b> a> b> a> b> a> b>", FOUR_ORDERS, NULL, SIM_ROW_KE_INVALID },
  { "collision-ke-invalid-delayed-retry", "a:child b:child a> b> a> b> b> a>2 a> b> b>", UNAWARE, "TEMPORARY_FAILURE",
    SIM_ROW_KE_INVALID },
  { "collision-slow", "a:slow b:slow a:child b:child a> b> a> b> wait:1", FOUR_ORDERS, NULL, SIM_ROW_PFS },
  { "collision-lost-answer", "a:child b:child a> b> a> b!", FOUR_ORDERS, NULL, 0 },

  { "delete", "a:child b:hard a> b> b>", NULL, "TEMPORARY_FAILURE", 0 },
  { "delete-answer-first", "a:child b:hard a> b>2 b>", NULL, "TEMPORARY_FAILURE", 0 },
  { "delete-drop-delete", "a:child b:hard a> b! b>", NULL, "TEMPORARY_FAILURE", 0 },
  { "delete-drop-rekey", "a:child b:hard a! b> a>", NULL, NULL, 0 },
  { "delete-delayed-response", "a:child a> b:hard-new b>2 b>", NULL, NULL, 0 },
  { "delete-while-computing", "a:slow a:child a> b:hard-new b> b> wait:1", NULL, NULL, SIM_ROW_PFS },
  { "delete-own", "a:child a:hard a> b> a> b>", NULL, NULL, 0 },

  { "collision-ike-rekey", "a:child b:ike a> b> a> b>", NULL, "TEMPORARY_FAILURE", SIM_ROW_BOTH },
  { "collision-ike-delete", "a:child b:stop a> b> a>", NULL, NULL, SIM_ROW_ENDS },
  { "collision-ike-delete-first", "a:child b:stop b> a>", NULL, NULL, SIM_ROW_ENDS },
};

static const SimRow deletes[] = {
  { "regular", "a:hard a> b>", NULL, NULL, 0 },
  { "collision", "a:hard b:hard a> b> a> b>", NULL, NULL, 0 },
  { "collision-drop", "a:hard b:hard a! b> a>", NULL, NULL, 0 },
  { "collision-ike-rekey", "a:hard b:ike a> b> a> b>", NULL, "TEMPORARY_FAILURE", 0 },
  { "collision-ike-delete", "a:hard b:stop a> b> a>", NULL, NULL, SIM_ROW_ENDS },
};

static const SimRow creations[] = {
  /* b deletes the Child SA, a makes another one a second later */
  { "regular", "b:hard b> a> wait:0.3 a> b> quiet", NULL, NULL, SIM_ROW_CREATES },
  { "ke-invalid", "b:hard b> a> wait:0.3 a> b> a> b> quiet", NULL, NULL, SIM_ROW_CREATES | SIM_ROW_KE_INVALID },
  { "multi-ke", "b:hard b> a> wait:0.3 a> b> a> b> quiet", NULL, NULL, SIM_ROW_CREATES | SIM_ROW_MULTI_KE },
  { "collision-ike-rekey", "b:hard b> a> wait:0.3 b:ike a> b> a> b>", NULL, "TEMPORARY_FAILURE", SIM_ROW_CREATES },
  /* b rekeys what a does not know yet: not found would be the wrong word */
  { "lost-answer-then-rekey", "b:hard b> a> wait:0.3 a> b! b:child b> a>", NULL, "TEMPORARY_FAILURE", SIM_ROW_CREATES },
  { "collision-delete", "b:hard b> a> wait:0.3 a> b:hard-new b>2 b>", NULL, NULL, SIM_ROW_CREATES },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  sim_script_add ("rekey-child", rekeys, G_N_ELEMENTS (rekeys), FALSE);
  sim_script_add ("delete-child", deletes, G_N_ELEMENTS (deletes), FALSE);
  sim_script_add ("create-child", creations, G_N_ELEMENTS (creations), FALSE);
  return g_test_run ();
}
