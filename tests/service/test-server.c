/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile that serves: what the helper and NetworkManager are told. */
#include "manager.h"

#include <string.h>

#define SERVER                                                                                                         \
 LIST ("role=server", "pool=10.9.0.0/24", "pool6=2001:db8:9::/64", "auth=psk", "pam-service=vpn",                      \
       "push-dns=10.0.0.53", "push-domains=corp.example", "push-banner=Be good.", "unique=keep",                       \
       "redirect-to=gw2.example")
#define UP "StateChanged 3; Config; Ip4Config; Ip6Config; StateChanged 4"
#define STOPPED "; StateChanged 5; StateChanged 6"

static void
start (void)
{
  manager_connect (manager_connection (SERVER, LIST ("psk=an excellent secret")));
  world_wait ("listen 2", 1);
}

static void
test_config (void)
{
  const IkeConfig *config;
  const IkeServe *serve;

  start ();
  config = world->start->config;
  serve = config->serve;
  g_assert_cmpint (config->role, ==, IKE_ROLE_RESPONDER);
  g_assert_cmpint (config->local_auth, ==, IKE_AUTH_PSK);
  g_assert_cmpint (config->remote_auth, ==, IKE_AUTH_PSK);
  g_assert_null (config->remote_id);
  g_assert_true (config->childless);
  g_assert_true (serve->pool4 && serve->pool6 && serve->authorize);
  g_assert_cmpint (serve->unique, ==, IKE_UNIQUE_KEEP);
  g_assert_cmpuint (serve->dns->len, ==, 1);
  g_assert_cmpstr (serve->domains->pdata[0], ==, "corp.example");
  g_assert_cmpstr (serve->banner, ==, "Be good.");
  g_assert_cmpuint (config->child.local_ts->len, ==, 2);
  g_assert_cmpuint (config->child.remote_ts->len, ==, 0);
  g_assert_false (config->want_address4 || config->want_address6);
  g_assert_true (world->start->authorize);
  g_assert_cmpstr (world->start->redirect_to, ==, "gw2.example");
  g_assert_cmpuint (world->start->pools->len, ==, 2);
  g_assert_cmpuint (g_array_index (world->start->pools, IkeSelector, 0).last.bytes[3], ==, 255);
  g_assert_cmpuint (g_array_index (world->start->pools, IkeSelector, 1).last.family, ==, IKE_FAMILY_IP6);
  g_assert_cmpmem (g_bytes_get_data (world->start->leases, NULL), g_bytes_get_size (world->start->leases),
                   "0123456789abcdef 7\n", 19);
}

/* The helper hears what a server is after BEGIN, and before anything is made that the network could reach. */
static void
test_order (void)
{
  world->hold[ASKED_SERVER] = TRUE;
  manager_connect (manager_connection (SERVER, LIST ("psk=an excellent secret")));
  world_settle ();
  g_assert_cmpstr (world->calls->pdata[0], ==, "begin " TEST_UUID);
  g_assert_cmpstr (world->calls->pdata[1], ==, "server - - vpn");
  g_assert_cmpuint (world_count ("listen *"), ==, 0);
  world_release (ASKED_SERVER);
  world_wait ("listen 2", 1);
}

static void
test_up (void)
{
  guint32 address, prefix;
  gboolean never;

  start ();
  manager_expect ("StateChanged 3");
  world_driver_listening ();
  world_settle ();
  manager_expect (UP);
  /* our own address in the pool, and the pool behind the link; no default route */
  g_assert_true (g_variant_lookup (manager->ip4, "address", "u", &address));
  g_assert_cmpuint (GUINT32_FROM_BE (address), ==, 0x0a090001);
  g_assert_true (g_variant_lookup (manager->ip4, "prefix", "u", &prefix));
  g_assert_cmpuint (prefix, ==, 24);
  g_assert_true (g_variant_lookup (manager->ip4, "never-default", "b", &never));
  g_assert_true (never);
  /* what clients are told is not for this machine */
  g_assert_false (g_variant_lookup (manager->ip4, "dns", "au", NULL));
  manager_disconnect ();
  world_wait ("end", 1);
  manager_wait_quit ();
  manager_expect (UP STOPPED);
}

static void
test_clients (void)
{
  start ();
  world_driver_listening ();
  world_settle ();
  world_driver_client (1, "alice");
  world_driver_client (2, "bob");
  world_driver_client (1, NULL);
  world_driver_client (3, NULL); /* it never got in */
  world_settle ();
  manager_expect (UP);
  g_assert_cmpuint (world->errors_logged, ==, 0);
}

static gboolean
was_logged (const char *pattern)
{
  for (guint i = 0; i < world->log->len; i++)
    if (g_pattern_match_simple (pattern, world->log->pdata[i]))
      return TRUE;
  return FALSE;
}

static void
test_log (void)
{
  test_clients ();
  g_assert_true (was_logged ("*Client alice at 203.0.113.5*"));
  g_assert_true (was_logged ("*Client alice is gone; 1 are left"));
}

/* Its file, its ports. */
static void
test_fails (void)
{
  world_fail (ASKED_SERVER, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_FILE,
              "users: /etc/users cannot be used");
  manager_connect (manager_connection (SERVER, LIST ("psk=an excellent secret")));
  world_wait ("end", 1);
  manager_wait_quit ();
  g_assert_cmpuint (world->errors_logged, ==, 1);
  g_assert_cmpuint (world_count ("listen *"), ==, 0);
}

static void
test_port_in_use (void)
{
  start ();
  world_driver_down (IKE_REASON_HELPER, "UDP port 500 is in use by another IKE daemon");
  world_wait ("end", 1);
  manager_wait_quit ();
  g_assert_cmpuint (world->errors_logged, ==, 1);
  g_assert_true (was_logged ("*in use by another IKE daemon*"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  manager_test ("/server/config", test_config);
  manager_test ("/server/order", test_order);
  manager_test ("/server/up", test_up);
  manager_test ("/server/log", test_log);
  manager_test ("/server/fails", test_fails);
  manager_test ("/server/port-in-use", test_port_in_use);
  return g_test_run ();
}
