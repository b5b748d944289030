/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rekeying and deleting the IKE SA while the other end does something too: RFC 7296 sections 2.8, 2.25.2. */
#include "sim-script.h"

#define FOUR_ORDERS "0fff:b f0ff:a ff0f:b fff0:a"
#define UNAWARE "0ff:b f0f:b ff0:b"

static const SimRow rekeys[] = {
  { "regular", "a:ike a> b> a> b> quiet", "0f:a f0:a", NULL, 0 },
  { "ke-invalid", "a:ike a> b> a> b> a> b> quiet", "0f:a", NULL, SIM_ROW_KE_INVALID },
  { "lost-answer", "a:ike a> b!", "0f:a", NULL, 0 },

  { "collision", "a:ike b:ike a> b> a> b>", FOUR_ORDERS, NULL, 0 },
  { "collision-ke-invalid", "a:ike b:ike a> b> a> b> a> b> a> b>", FOUR_ORDERS, NULL, SIM_ROW_KE_INVALID },
  { "collision-ke-invalid-delayed-retry", "a:ike b:ike a> b> a> b> b> a>2 a> b> b>", UNAWARE, "TEMPORARY_FAILURE",
    SIM_ROW_KE_INVALID },
  { "collision-slow", "a:slow b:slow a:ike b:ike a> b> a> b> wait:1", FOUR_ORDERS, NULL, 0 },
  { "slow-child-meanwhile", "a:slow a:ike a> b> b:child b> wait:1", "0f:a", NULL, 0 },
  { "regular-multi-ke", "a:ike a> b> a> b> a> b> quiet", "0f:a f0:a", NULL, SIM_ROW_MULTI_KE },
  { "ke-invalid-multi-ke", "a:ike a> b> a> b> a> b> a> b> quiet", "0f:a", NULL, SIM_ROW_MULTI_KE | SIM_ROW_KE_INVALID },
  { "collision-multi-ke", "a:ike b:ike a> b> a> b> a> b> a> b>", FOUR_ORDERS, NULL, SIM_ROW_MULTI_KE },
  { "collision-multi-ke-slow", "a:slow b:slow a:ike b:ike a> b> a> b> wait:1 a> b> a> b> wait:1", FOUR_ORDERS, NULL,
    SIM_ROW_MULTI_KE },
  { "collision-delayed-response-multi-ke", "a:ike b:ike a> b> a> b>2 a> b>2 a> b>", FOUR_ORDERS, NULL,
    SIM_ROW_MULTI_KE },
  { "collision-delayed-request-multi-ke", "a:ike b:ike b> a>2 b> a>2 a> b> b>", UNAWARE, "TEMPORARY_FAILURE",
    SIM_ROW_MULTI_KE },
  { "collision-delayed-request-answer-first-multi-ke", "a:ike b:ike b> a>2 b> a>2 a> b>2 b>", UNAWARE,
    "TEMPORARY_FAILURE", SIM_ROW_MULTI_KE },
  { "collision-mixed", "a:ike b:ike a> b> a> b>", FOUR_ORDERS, NULL, SIM_ROW_MIXED_KE },
  { "child-between-multi-ke", "b:ike b> a:child a> b>", NULL, NULL, SIM_ROW_MULTI_KE },
  { "child-waits-multi-ke", "b:ike b> a:child a> b! quiet", NULL, NULL, SIM_ROW_MULTI_KE },
  { "delete-between-multi-ke", "a:ike a> b> b:stop a! b> a>", NULL, "PEER_DELETED", SIM_ROW_MULTI_KE | SIM_ROW_ENDS },
  { "delete-between-multi-ke-slow", "a:slow a:ike a> b> b:stop b> a> wait:1", NULL, "PEER_DELETED",
    SIM_ROW_MULTI_KE | SIM_ROW_ENDS },
  { "collision-delete-between-multi-ke", "a:ike b:ike a> b> b> a> b> a>2 b> a>2 a>", FOUR_ORDERS, NULL,
    SIM_ROW_MULTI_KE },
  { "delete-multi-ke", "a:ike a> b> b:stop a> b>", NULL, NULL, SIM_ROW_MULTI_KE | SIM_ROW_ENDS },
  { "collision-delayed-response", "a:ike b:ike a> b> a> b>2 a> b>", FOUR_ORDERS, NULL, 0 },
  { "collision-dropped-request", "a:ike b:ike b> a>2 a! b> a>", UNAWARE, NULL, 0 },
  { "collision-delayed-request", "a:ike b:ike b> a>2 a> b> b>", UNAWARE, "TEMPORARY_FAILURE", 0 },
  { "collision-delayed-request-and-delete", "a:ike b:ike b> a>2 a> b>2 b>", UNAWARE, "TEMPORARY_FAILURE", 0 },
  { "collision-delayed-request-more", "a:ike b:ike b> a>2 b> a>2 a>", UNAWARE, NULL, 0 },

  { "delete", "a:ike b:stop a> b>", NULL, NULL, SIM_ROW_ENDS },
  { "delete-first", "a:ike b:stop b> a>2 a>", NULL, NULL, SIM_ROW_ENDS },
  { "delete-drop-delete", "a:stop b:ike a! b>", NULL, NULL, SIM_ROW_ENDS },
  { "delete-after-answer", "a:ike a> b:stop b> b>", NULL, NULL, SIM_ROW_ENDS },
  { "delete-before-answer", "a:ike a> b:stop b>2 b>", NULL, NULL, SIM_ROW_ENDS },
};

static const SimRow deletes[] = {
  { "regular", "a:stop a> b>", NULL, NULL, SIM_ROW_ENDS },
  { "collision", "a:stop b:stop a> b>", NULL, NULL, SIM_ROW_ENDS },
  { "collision-drop", "a:stop b:stop a! b!", NULL, NULL, SIM_ROW_ENDS },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  sim_script_add ("rekey-ike", rekeys, G_N_ELEMENTS (rekeys), TRUE);
  sim_script_add ("delete-ike", deletes, G_N_ELEMENTS (deletes), TRUE);
  return g_test_run ();
}
