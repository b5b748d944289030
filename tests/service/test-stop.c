/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disconnect, SIGTERM, the end of NetworkManager, at every stage: the gateway is told, the helper cleans up, then quit. */
#include "manager.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define DATA LIST ("gateway=vpn.example.org", "auth=eap", "user=alice")
#define SECRETS LIST ("password=x")

/* No failure is told or logged: the user wanted it. (libnm itself says CONNECT_FAILED when it is stopped while
 * starting; NetworkManager has stopped listening by then.) */
static void
assert_end (guint stops, guint errors)
{
  manager_wait_quit ();
  g_assert_cmpint (manager->status, ==, 0);
  g_assert_cmpuint (world_count ("stop"), ==, stops);
  g_assert_cmpuint (world_count ("end"), ==, 1);
  g_assert_cmpuint (world->errors_logged, ==, errors);
  g_assert_cmpuint (manager_count ("Failure *"), <=, 1);
  g_assert_cmpuint (manager_count ("StateChanged 6"), ==, 1);
}

static void
assert_quiet_end (guint stops)
{
  assert_end (stops, 0);
}

static void
stop_while_held (Asked what)
{
  world->hold[what] = TRUE;
  manager_connect (manager_connection (DATA, SECRETS));
  world_settle ();
  g_assert_cmpuint (world_count ("start *"), ==, 0);
  manager_disconnect ();
  world_wait ("end", 1);
  assert_quiet_end (0);
  /* answers that come too late do nothing */
  world_release (what);
  manager_sync ();
  g_assert_cmpuint (world_count ("start *"), ==, 0);
  g_assert_cmpuint (world->errors_logged, ==, 0);
}

static void
test_begin (void)
{
  stop_while_held (ASKED_BEGIN);
}

static void
test_link (void)
{
  stop_while_held (ASKED_LINK);
}

static void
test_resolve (void)
{
  stop_while_held (ASKED_RESOLVE);
}

static void
test_credentials (void)
{
  stop_while_held (ASKED_CREDENTIALS);
}

/* The late answer is an error. */
static void
test_late_error (void)
{
  world->hold[ASKED_LINK] = TRUE;
  manager_connect (manager_connection (DATA, SECRETS));
  world_settle ();
  manager_disconnect ();
  world_wait ("end", 1);
  manager_wait_quit ();
  world_fail (ASKED_LINK, G_IO_ERROR, G_IO_ERROR_FAILED, "late");
  world_release (ASKED_LINK);
  manager_sync ();
  g_assert_cmpuint (world->errors_logged, ==, 0);
}

static void
connect_and_start (void)
{
  manager_connect_interactive (manager_connection (DATA, SECRETS));
  world_wait ("start *", 1);
}

static void
test_negotiating (void)
{
  connect_and_start ();
  manager_disconnect ();
  assert_quiet_end (1);
}

static void
test_asking (void)
{
  connect_and_start ();
  world_driver_ask (1, IKE_SECRET_PASSWORD, 1, NULL);
  manager_sync ();
  manager_disconnect ();
  assert_end (1, 1); /* the question that nobody answered is why */
  g_assert_cmpuint (world_count ("secret *"), ==, 0);
}

/* No driver runs: the next one waits for the user. */
static void
test_asking_again (void)
{
  connect_and_start ();
  world_driver_down (IKE_REASON_EAP_REFUSED, "x");
  manager_sync ();
  manager_disconnect ();
  assert_end (0, 1); /* the question that nobody answered is why */
}

/* The question was not even told yet. */
static void
test_about_to_ask (void)
{
  connect_and_start ();
  world_driver_ask (1, IKE_SECRET_PASSWORD, 1, NULL);
  ipsec_plugin_quit (manager->plugin);
  assert_end (1, 1); /* the question that nobody answered is why */
  g_assert_cmpuint (manager_count ("SecretsRequired *"), ==, 0);
}

/* A failure has happened but is not told yet. */
static void
test_about_to_fail (void)
{
  connect_and_start ();
  world_driver_down (IKE_REASON_TS_UNACCEPTABLE, "x");
  ipsec_plugin_quit (manager->plugin);
  manager_wait_quit ();
  g_assert_cmpuint (world_count ("end"), ==, 1);
  g_assert_cmpuint (world->errors_logged, ==, 1);
  g_assert_cmpuint (manager_count ("StateChanged 6"), ==, 1);
}

static void
test_up (void)
{
  connect_and_start ();
  world_driver_up ("10.9.0.5/32");
  manager_disconnect ();
  assert_quiet_end (1);
  g_assert_cmpuint (manager_count ("Failure *"), ==, 0);
}

static void
test_reconnecting (void)
{
  connect_and_start ();
  world_driver_up ("10.9.0.5/32");
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  manager_sync ();
  manager_disconnect ();
  assert_quiet_end (1);
}

/* STOPPED is told at once, but nobody quits before the gateway has been told and the helper is done. */
static void
test_waits_for_delete (void)
{
  world->hold[ASKED_STOP] = world->hold[ASKED_END] = TRUE;
  connect_and_start ();
  world_driver_up ("10.9.0.5/32");
  manager_disconnect ();
  manager_sync ();
  g_assert_cmpuint (manager_count ("StateChanged 6"), ==, 1);
  g_assert_cmpint (manager->quits, ==, 0);
  g_assert_cmpuint (world_count ("end"), ==, 0);
  world_release (ASKED_STOP);
  world_wait ("end", 1);
  manager_sync ();
  g_assert_cmpint (manager->quits, ==, 0);
  world_release (ASKED_END);
  assert_quiet_end (1);
}

/* A gateway and a helper that never answer get three seconds each. */
static void
test_nobody_answers (void)
{
  world->hold[ASKED_STOP] = world->hold[ASKED_END] = TRUE;
  connect_and_start ();
  world_driver_up ("10.9.0.5/32");
  manager_disconnect ();
  world_advance (2900);
  g_assert_cmpuint (world_count ("end"), ==, 0);
  world_advance (100);
  g_assert_cmpuint (world_count ("end"), ==, 1);
  g_assert_cmpuint (world->drivers, ==, 0);
  world_advance (2900);
  manager_sync ();
  g_assert_cmpint (manager->quits, ==, 0);
  world_advance (100);
  assert_quiet_end (1);
  world_release (ASKED_END);
  manager_sync ();
  g_assert_cmpint (manager->quits, ==, 1);
}

static void
test_sigterm (void)
{
  connect_and_start ();
  world_driver_up ("10.9.0.5/32");
  kill (getpid (), SIGTERM);
  assert_quiet_end (1);
}

static void
test_sigint_idle (void)
{
  kill (getpid (), SIGINT);
  manager_wait_quit ();
  g_assert_cmpuint (world->calls->len, ==, 0);
}

static void
test_quit_twice (void)
{
  connect_and_start ();
  ipsec_plugin_quit (manager->plugin);
  ipsec_plugin_quit (manager->plugin);
  assert_quiet_end (1);
  ipsec_plugin_quit (manager->plugin);
  manager_sync ();
  g_assert_cmpint (manager->quits, ==, 1);
}

/* The client that called Connect loses its connection to the bus. */
static void
test_peer_vanishes (void)
{
  connect_and_start ();
  world_driver_up ("10.9.0.5/32");
  manager_sync ();
  g_dbus_connection_close_sync (manager->bus, NULL, NULL);
  manager_wait_quit ();
  g_assert_cmpuint (world_count ("stop"), ==, 1);
  g_assert_cmpuint (world_count ("end"), ==, 1);
}

/* NetworkManager's name goes away, whoever called Connect. */
static void
test_manager_vanishes (void)
{
  guint owned = g_bus_own_name_on_connection (manager->bus, "org.freedesktop.NetworkManager",
                                              G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);

  manager_sync ();
  connect_and_start ();
  world_driver_up ("10.9.0.5/32");
  manager_sync ();
  g_assert_cmpint (manager->quits, ==, 0);
  g_bus_unown_name (owned);
  assert_quiet_end (1);
}

/* The next one counts from one again: it must not find us under the name that it gives to its own service. */
static void
test_manager_restarts (void)
{
  guint owned = g_bus_own_name_on_connection (manager->bus, "org.freedesktop.NetworkManager",
                                              G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  g_autofree char *error = NULL;

  manager_sync ();
  world->hold[ASKED_STOP] = TRUE;
  connect_and_start ();
  world_driver_up ("10.9.0.5/32");
  manager_sync ();
  g_bus_unown_name (owned);
  world_wait ("stop", 1);
  manager_sync ();
  error = manager_call ("Disconnect", NULL);
  g_assert_true (g_str_has_prefix (error, "ServiceUnknown: "));
  g_assert_cmpint (manager->quits, ==, 0);
  world_release (ASKED_STOP);
  assert_quiet_end (1);
}

static void
test_manager_vanishes_early (void)
{
  guint owned = g_bus_own_name_on_connection (manager->bus, "org.freedesktop.NetworkManager",
                                              G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);

  manager_sync ();
  manager_sync ();
  g_bus_unown_name (owned);
  manager_wait_quit ();
  g_assert_cmpuint (world->calls->len, ==, 0);
}

/* It has died while we were starting: who would end us? */
static void
test_manager_never_there (void)
{
  manager_sync ();
  world_advance (1000);
  g_assert_cmpint (manager->quits, ==, 0);
  world_advance (2000);
  manager_wait_quit ();
  g_assert_cmpuint (world->calls->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  manager_test ("/stop/begin", test_begin);
  manager_test ("/stop/link", test_link);
  manager_test ("/stop/resolve", test_resolve);
  manager_test ("/stop/credentials", test_credentials);
  manager_test ("/stop/late-error", test_late_error);
  manager_test ("/stop/negotiating", test_negotiating);
  manager_test ("/stop/asking", test_asking);
  manager_test ("/stop/asking-again", test_asking_again);
  manager_test ("/stop/about-to-ask", test_about_to_ask);
  manager_test ("/stop/about-to-fail", test_about_to_fail);
  manager_test ("/stop/up", test_up);
  manager_test ("/stop/reconnecting", test_reconnecting);
  manager_test ("/stop/waits-for-delete", test_waits_for_delete);
  manager_test ("/stop/nobody-answers", test_nobody_answers);
  manager_test ("/stop/sigterm", test_sigterm);
  manager_test ("/stop/sigint-idle", test_sigint_idle);
  manager_test ("/stop/quit-twice", test_quit_twice);
  manager_test ("/stop/peer-vanishes", test_peer_vanishes);
  manager_test ("/stop/manager-vanishes", test_manager_vanishes);
  manager_test ("/stop/manager-restarts", test_manager_restarts);
  manager_test ("/stop/manager-vanishes-early", test_manager_vanishes_early);
  manager_test ("/stop/manager-never-there", test_manager_never_there);
  return g_test_run ();
}
