/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both ends rekey, delete or make something at once, and the packets arrive in every order that they can have: whatever
 * it is, one IKE SA and one Child SA are left, the same at both ends, and it was never down.
 */
#include "sim-script.h"

#define FOUR_ORDERS "0fff f0ff ff0f fff0"

static const struct {
  SimRow row;
  guint n; /* of packets */
  gboolean ike;
} all[] = {
  { { "child-child", "a:child b:child", FOUR_ORDERS, NULL, 0 }, 6, FALSE },
  { { "child-child-multi-ke", "a:child b:child", FOUR_ORDERS, NULL, SIM_ROW_MULTI_KE }, 7, FALSE },
  { { "child-child-mixed", "a:child b:child", FOUR_ORDERS, NULL, SIM_ROW_MIXED_KE }, 7, FALSE },
  { { "ike-ike", "a:ike b:ike", FOUR_ORDERS, NULL, 0 }, 6, TRUE },
  { { "ike-ike-multi-ke", "a:ike b:ike", FOUR_ORDERS, NULL, SIM_ROW_MULTI_KE }, 7, TRUE },
  { { "ike-ike-mixed", "a:ike b:ike", FOUR_ORDERS, NULL, SIM_ROW_MIXED_KE }, 7, TRUE },
  { { "child-ike", "a:child b:ike", "00", NULL, 0 }, 7, FALSE },
  { { "child-ike-multi-ke", "a:child b:ike", "00", NULL, SIM_ROW_MULTI_KE }, 7, FALSE },
  { { "child-delete", "a:child b:hard", "00", NULL, 0 }, 7, FALSE },
  { { "child-delete-multi-ke", "a:child b:hard", "00", NULL, SIM_ROW_MULTI_KE }, 7, FALSE },
  { { "ike-delete", "a:ike b:hard", "00", NULL, 0 }, 7, FALSE },
  { { "ike-delete-multi-ke", "a:ike b:hard", "00", NULL, SIM_ROW_MULTI_KE }, 7, FALSE },
  { { "delete-delete", "a:hard b:hard", "00", NULL, 0 }, 7, FALSE },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    sim_script_add_orders ("orders", &all[i].row, all[i].n, all[i].ike);
  return g_test_run ();
}
