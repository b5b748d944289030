/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths that take less than they say: what is asked, what NetworkManager and the limit of TCP's segments are told. */
#include "manager.h"

#define PSK_DATA LIST ("gateway=192.0.2.1", "auth=psk")
#define PSK LIST ("psk=an excellent secret")
#define SAME "StateChanged 3; Config; Ip4Config; StateChanged 4"

static void
up (const char *const *data, guint path_mtu)
{
  world->path_mtu = path_mtu;
  manager_connect (manager_connection (data, PSK));
  world_wait ("start *", 1);
  world_driver_up ("10.9.0.5/32");
  manager_sync ();
  manager_forget ();
}

static guint
told (void)
{
  guint mtu = 0;

  g_assert_true (g_variant_lookup (manager->config, "mtu", "u", &mtu));
  return mtu;
}

static void
assert_logged (const char *pattern, guint n)
{
  guint found = 0;

  for (guint i = 0; i < world->log->len; i++)
    found += g_pattern_match_simple (pattern, world->log->pdata[i]);
  g_assert_cmpuint (found, ==, n);
}

/* Of a good network nobody hears anything. */
static void
test_good (void)
{
  up (PSK_DATA, 1500);
  g_assert_cmpuint (world_count ("probe *"), ==, 1);
  g_assert_cmpuint (world_count ("probe 1500"), ==, 1);
  world_driver_probed (1500, IKE_PROBE_CARRIED);
  manager_sync ();
  manager_expect ("");
  g_assert_cmpuint (told (), ==, 1420);
  g_assert_cmpuint (world_count ("clamp *"), ==, 1);
  g_assert_cmpuint (world_count ("probe *"), ==, 1);
  assert_logged ("*though nothing says so*", 0);
}

static void
test_hole (void)
{
  up (PSK_DATA, 1500);
  world_driver_probed (1500, IKE_PROBE_LOST);
  g_assert_cmpuint (world_count ("probe 1400"), ==, 1);
  manager_sync ();
  manager_expect ("");
  world_driver_probed (1400, IKE_PROBE_LOST);
  g_assert_cmpuint (world_count ("probe 1360"), ==, 1);
  world_driver_probed (1360, IKE_PROBE_CARRIED);
  manager_expect (SAME);
  g_assert_cmpuint (told (), ==, 1280);
  g_assert_cmpuint (world_count ("clamp 1240 1220"), ==, 1);
  assert_logged ("5 *those of 1360 octets arrive*", 1);
  assert_logged ("5 *MTU is now 1280, not 1420*", 1);
  /* once more in place: the same is told at once, and asked again */
  manager_forget ();
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  world_driver_up ("10.9.0.5/32");
  manager_expect (SAME);
  g_assert_cmpuint (told (), ==, 1280);
  g_assert_cmpuint (world_count ("probe 1500"), ==, 2);
  world_driver_probed (1500, IKE_PROBE_CARRIED);
  manager_expect (SAME "; " SAME);
  g_assert_cmpuint (told (), ==, 1420);
}

/* ICMP told the kernel after all. */
static void
test_kernel_knows (void)
{
  up (PSK_DATA, 1500);
  world->path_mtu = 1444;
  world_driver_probed (1500, IKE_PROBE_LOST);
  g_assert_cmpuint (world_count ("probe 1444"), ==, 1);
  world_driver_probed (1444, IKE_PROBE_CARRIED);
  manager_expect (SAME);
  g_assert_cmpuint (told (), ==, 1364);
  assert_logged ("*though nothing says so*", 0);
}

static void
test_nothing_arrives (void)
{
  static const guint steps[] = { 1500, 1400, 1360, 1280, 1000, 700 };

  up (PSK_DATA, 1500);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    world_driver_probed (steps[i], IKE_PROBE_LOST);
  g_assert_cmpuint (world_count ("probe *"), ==, G_N_ELEMENTS (steps));
  manager_sync ();
  manager_expect ("");
  assert_logged ("4 *Packets of 700 octets do not arrive at 192.0.2.1*", 1);
  world_driver_probed (700, IKE_PROBE_CARRIED); /* was not asked */
  manager_sync ();
  manager_expect ("");
}

static void
test_moved (void)
{
  up (PSK_DATA, 1500);
  world_driver_probed (1500, IKE_PROBE_LOST);
  world_driver_probed (1400, IKE_PROBE_CARRIED);
  manager_expect (SAME);
  manager_forget ();
  /* what was found out is not true of another path */
  world_driver_moved ("198.51.100.9");
  g_assert_cmpuint (world_count ("probe 1500"), ==, 2);
  world_driver_probed (1400, IKE_PROBE_LOST); /* late */
  world_driver_probed (1500, IKE_PROBE_CARRIED);
  manager_expect (SAME);
  g_assert_cmpuint (told (), ==, 1420);
  /* an uplink that takes less, and says so */
  manager_forget ();
  world->path_mtu = 1420;
  world_driver_moved ("198.51.100.10");
  world_driver_probed (1420, IKE_PROBE_UNKNOWN);
  manager_expect (SAME);
  g_assert_cmpuint (told (), ==, 1340);
}

static void
test_given (void)
{
  up (LIST ("gateway=192.0.2.1", "auth=psk", "mtu=1300"), 1500);
  world_driver_moved ("198.51.100.9");
  g_assert_cmpuint (world_count ("probe *"), ==, 0);
}

/* A new IKE SA, if it came to that, would want another code. */
static void
test_code (void)
{
  world->path_mtu = 1500;
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=eap", "user=alice", "otp-flags=2"),
                                       LIST ("password=x", "otp=111111")));
  world_wait ("start *", 1);
  world_driver_ask (1, IKE_SECRET_OTP, 0, NULL);
  world_wait ("secret 1 111111", 1);
  world_driver_up ("10.9.0.5/32");
  manager_sync ();
  g_assert_cmpuint (world_count ("probe *"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  manager_test ("/size/good", test_good);
  manager_test ("/size/hole", test_hole);
  manager_test ("/size/kernel-knows", test_kernel_knows);
  manager_test ("/size/nothing-arrives", test_nothing_arrives);
  manager_test ("/size/moved", test_moved);
  manager_test ("/size/given", test_given);
  manager_test ("/size/code", test_code);
  return g_test_run ();
}
