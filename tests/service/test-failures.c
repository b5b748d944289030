/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every way to fail: one journal line, one Failure of the right class, before STOPPED, and everything is cleaned up. */
#include "manager.h"

#include "nm/failure.h"
#include "nm/gateways.h"

#include <string.h>

#define PSK_DATA LIST ("gateway=192.0.2.1", "auth=psk")
#define PSK LIST ("psk=an excellent secret")
#define EAP_DATA LIST ("gateway=vpn.example.org", "auth=eap", "user=alice")
#define FAILED(n) "StateChanged 3; StateChanged 5; Failure " #n "; StateChanged 6"

static const char *
last_line (void)
{
  return world->log->len ? world->log->pdata[world->log->len - 1] : "";
}

static const char *
error_line (void)
{
  const char *found = "";

  for (guint i = 0; i < world->log->len; i++)
    if (((char *) world->log->pdata[i])[0] == '3')
      found = world->log->pdata[i];
  return found;
}

/* @name: the failure's; @detail: what the line must hold. */
static void
assert_failed (const char *signals, const char *name, const char *detail)
{
  g_autofree char *start = g_strdup_printf ("3 %s " TEST_UUID " ", name);

  manager_expect (signals);
  manager_wait_quit ();
  g_assert_cmpuint (world->errors_logged, ==, 1);
  if (!g_str_has_prefix (error_line (), start) || !strstr (error_line (), detail))
    g_error ("\"%s\" is not about %s, %s", error_line (), name, detail);
  g_assert_cmpuint (world_count ("end"), ==, 1);
  g_assert_cmpuint (world->drivers, ==, 0);
  /* nothing follows */
  manager_sync ();
  manager_expect (signals);
  g_assert_cmpint (manager->quits, ==, 1);
}

/* ---- what the engine says, plain Connect ---- */

static void
run_reason (gconstpointer data)
{
  IkeReasonCode code = GPOINTER_TO_UINT (data);
  const FailureRow *row = failure_row (code);
  g_autofree char *expected =
      g_strdup_printf ("StateChanged 3; StateChanged 5; Failure %u; StateChanged 6", row->nm_failure);

  manager_up (FALSE);
  manager_connect (manager_connection (PSK_DATA, PSK));
  world_wait ("start *", 1);
  world_driver_down (code, "what was");
  assert_failed (expected, ike_reason_code_name (code), "what was");
  manager_down ();
}

static void
run_reason_later (gconstpointer data)
{
  IkeReasonCode code = GPOINTER_TO_UINT (data);
  const FailureRow *row = failure_row (code);
  g_autofree char *expected = g_strdup_printf (
      "StateChanged 3; Config; Ip4Config; StateChanged 4; StateChanged 5; Failure %u; StateChanged 6", row->nm_failure);

  manager_up (FALSE);
  manager_connect_interactive (manager_connection (PSK_DATA, PSK));
  world_wait ("start *", 1);
  world_driver_up ("10.9.0.5/32");
  manager_expect ("StateChanged 3; Config; Ip4Config; StateChanged 4");
  world_driver_down (code, "later");
  assert_failed (expected, ike_reason_code_name (code), "later");
  g_assert_cmpuint (world_count ("start *"), ==, 1);
  manager_down ();
}

/* ---- what the helper says ---- */

static void
run_helper (Asked what, GQuark domain, int code, const char *const *data, int nm_failure, const char *name)
{
  g_autofree char *expected =
      g_strdup_printf ("StateChanged 3; StateChanged 5; Failure %d; StateChanged 6", nm_failure);

  world_fail (what, domain, code, "told by the helper");
  manager_connect (manager_connection (data, LIST ("psk=an excellent secret", "password=x")));
  assert_failed (expected, name,
                 what == ASKED_RESOLVE && code == G_RESOLVER_ERROR_NOT_FOUND ? "vpn.example.org"
                                                                             : "told by the helper");
  g_assert_cmpuint (world_count ("start *"), ==, 0);
}

static void
test_begin (void)
{
  run_helper (ASKED_BEGIN, G_IO_ERROR, G_IO_ERROR_FAILED, PSK_DATA, 1, "HELPER");
}

static void
test_link (void)
{
  run_helper (ASKED_LINK, G_IO_ERROR, G_IO_ERROR_EXISTS, PSK_DATA, 1, "LINK");
}

static void
test_name_not_found (void)
{
  run_helper (ASKED_RESOLVE, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, EAP_DATA, 1, "NAME_NOT_FOUND");
}

static void
test_name_no_answer (void)
{
  run_helper (ASKED_RESOLVE, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE, EAP_DATA, 1, "NAME_NO_ANSWER");
}

static void
test_file_not_found (void)
{
  run_helper (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_NOT_FOUND, EAP_DATA, 1,
              "FILE_NOT_FOUND");
}

static void
test_file_bad (void)
{
  run_helper (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_FILE, EAP_DATA, 1, "FILE_BAD");
}

static void
test_key_needs_password (void)
{
  run_helper (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_NEED_PASSWORD, EAP_DATA, 0,
              "KEY_NEEDS_PASSWORD");
}

static void
test_key_password_wrong (void)
{
  run_helper (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_PASSWORD, EAP_DATA, 0,
              "KEY_PASSWORD_WRONG");
}

static void
test_key_mismatch (void)
{
  run_helper (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_MISMATCH, EAP_DATA, 1,
              "KEY_MISMATCH");
}

static void
test_token (void)
{
  run_helper (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_NO_TOKEN, EAP_DATA, 1,
              "TOKEN_MISSING");
}

static void
test_token_object (void)
{
  run_helper (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_NO_OBJECT, EAP_DATA, 1,
              "TOKEN_OBJECT");
}

static void
test_pin_missing (void)
{
  run_helper (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_NEED_PIN, EAP_DATA, 0, "PIN_MISSING");
}

static void
test_pin_wrong (void)
{
  run_helper (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_PIN, EAP_DATA, 0, "PIN_WRONG");
}

static void
test_pin_locked (void)
{
  run_helper (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_PIN_LOCKED, EAP_DATA, 1,
              "PIN_LOCKED");
}

/* Nor is an address a gateway's that none can have; one that the user has written is tried. */
static void
test_name_filtered (void)
{
  world->resolves_to = "0.0.0.0";
  manager_connect (manager_connection (EAP_DATA, LIST ("password=x")));
  assert_failed (FAILED (1), "NAME_NOT_FOUND", "vpn.example.org");
  g_assert_cmpuint (world_count ("start *"), ==, 0);
}

static void
test_own_choice (void)
{
  manager_connect (manager_connection (LIST ("gateway=127.0.0.1", "auth=psk"), PSK));
  world_wait ("start 127.0.0.1:500", 1);
}

/* Several things fail: still one line and one signal. */
static void
test_all_fails (void)
{
  world_fail (ASKED_BEGIN, G_IO_ERROR, G_IO_ERROR_FAILED, "one");
  world_fail (ASKED_LINK, G_IO_ERROR, G_IO_ERROR_FAILED, "two");
  world_fail (ASKED_RESOLVE, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "three");
  world_fail (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_PASSWORD, "four");
  world_fail (ASKED_END, G_IO_ERROR, G_IO_ERROR_FAILED, "five");
  manager_connect_interactive (manager_connection (EAP_DATA, LIST ("password=x")));
  assert_failed (FAILED (1), "HELPER", "one");
}

static guint
count_late (void)
{
  guint n = 0;

  for (guint i = 0; i < world->log->len; i++)
    n +=
        g_pattern_match_simple ("5 - * The address of vpn.example.org is still being looked up*", world->log->pdata[i]);
  return n;
}

/* A name that never gets an answer fails when the helper says so, which is told before. */
static void
test_name_lookup_silent (void)
{
  world->hold[ASKED_RESOLVE] = TRUE;
  manager_connect (manager_connection (EAP_DATA, LIST ("password=x")));
  world_advance (GATEWAYS_LOOKUP_MS - 1);
  g_assert_cmpuint (count_late (), ==, 0);
  world_advance (1);
  g_assert_cmpuint (count_late (), ==, 1);
  g_assert_cmpint (GATEWAYS_LOOKUP_MS, <, 3000);
  world_advance (8000 - GATEWAYS_LOOKUP_MS);
  manager_expect ("StateChanged 3");
  world_fail (ASKED_RESOLVE, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE, "x");
  world_release (ASKED_RESOLVE);
  assert_failed (FAILED (1), "NAME_NO_ANSWER", "vpn.example.org");
  g_assert_cmpuint (count_late (), ==, 1);
}

/* One that is slow to answer is dialled all the same. */
static void
test_name_lookup_slow (void)
{
  world->hold[ASKED_RESOLVE] = TRUE;
  manager_connect (manager_connection (LIST ("gateway=vpn.example.org", "auth=psk"), PSK));
  world_advance (5000);
  world_release (ASKED_RESOLVE);
  world_wait ("start 192.0.2.1:500", 1);
  g_assert_cmpuint (world->errors_logged, ==, 0);
}

/* But nobody waits for it who knows another one. */
static void
test_name_lookup_overtaken (void)
{
  world->hold[ASKED_RESOLVE] = TRUE;
  manager_connect (manager_connection (LIST ("gateway=vpn.example.org,192.0.2.9", "auth=psk"), PSK));
  world_advance (GATEWAYS_LOOKUP_MS - 1);
  g_assert_cmpuint (world_count ("start *"), ==, 0);
  world_advance (1);
  world_wait ("start 192.0.2.9:500", 1);
  world_release (ASKED_RESOLVE);
  g_assert_cmpuint (world_count ("start *"), ==, 1);
}

/* One of two names fails: the other is used. */
static void
test_second_name (void)
{
  world_fail (ASKED_RESOLVE, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no");
  manager_connect (manager_connection (LIST ("gateway=one.example.org, two.example.org", "auth=psk"), PSK));
  world_wait ("start 192.0.2.1:500", 1);
  g_assert_cmpint (world->start->config->remote_id->type, ==, IKE_ID_FQDN);
  g_assert_cmpmem (g_bytes_get_data (world->start->config->remote_id->data, NULL), 15, "two.example.org", 15);
  g_assert_cmpuint (world->errors_logged, ==, 0);
}

/* ---- the helper dies ---- */

static void
die (const char *signals, const char *detail)
{
  world_helper_dies ();
  ipsec_plugin_helper_gone (manager->plugin);
  assert_failed (signals, "HELPER", detail);
  g_assert_cmpint (manager->status, ==, 1);
}

static void
test_helper_dies_preparing (void)
{
  world->hold[ASKED_LINK] = TRUE;
  manager_connect (manager_connection (PSK_DATA, PSK));
  world_settle ();
  world_helper_dies ();
  ipsec_plugin_helper_gone (manager->plugin);
  assert_failed (FAILED (1), "LINK", "The helper is gone");
}

static void
test_helper_dies_negotiating (void)
{
  manager_connect (manager_connection (PSK_DATA, PSK));
  world_wait ("start *", 1);
  die (FAILED (1), "ended");
}

static void
test_helper_dies_up (void)
{
  manager_connect (manager_connection (PSK_DATA, PSK));
  world_wait ("start *", 1);
  world_driver_up ("10.9.0.5/32");
  manager_sync ();
  die ("StateChanged 3; Config; Ip4Config; StateChanged 4; StateChanged 5; Failure 1; StateChanged 6", "ended");
}

static void
test_helper_dies_stopping (void)
{
  world->hold[ASKED_STOP] = TRUE;
  manager_connect (manager_connection (PSK_DATA, PSK));
  world_wait ("start *", 1);
  world_driver_up ("10.9.0.5/32");
  manager_disconnect ();
  world_wait ("stop", 1);
  world_helper_dies ();
  ipsec_plugin_helper_gone (manager->plugin);
  manager_wait_quit ();
  g_assert_cmpuint (manager_count ("Failure *"), ==, 0);
  g_assert_cmpuint (world->errors_logged, ==, 0);
}

static void
test_helper_dies_idle (void)
{
  world_helper_dies ();
  ipsec_plugin_helper_gone (manager->plugin);
  manager_wait_quit ();
  g_assert_cmpint (manager->status, ==, 1);
}

/* ---- what cannot be told to NetworkManager ---- */

static void
test_no_algorithm (void)
{
  g_autofree char *error = manager_call (
      "Connect",
      g_variant_new ("(@a{sa{sv}})", manager_connection (LIST ("gateway=192.0.2.1", "auth=psk", "ike=rot13"), PSK)));

  g_assert_true (g_str_has_prefix (error, "BadArguments: "));
  g_assert_nonnull (strstr (error, "ike"));
  g_assert_nonnull (strstr (error, "rot13"));
  manager_expect ("StateChanged 6");
  manager_wait_quit ();
  g_assert_cmpuint (world->errors_logged, ==, 1);
  g_assert_true (g_str_has_prefix (last_line (), "3 BAD_PROFILE " TEST_UUID " "));
  g_assert_cmpuint (world->calls->len, ==, 0);
}

/* The certificate's files hold no key. */
static void
test_no_key (void)
{
  world->key_type = IKE_KEY_NONE;
  manager_connect (
      manager_connection (LIST ("gateway=192.0.2.1", "auth=cert", "certificate=/c.pem", "local-id=@a.example"), NULL));
  assert_failed (FAILED (1), "BAD_PROFILE", "private-key");
}

static void
add_reasons (const char *prefix, GTestDataFunc func)
{
  for (guint code = 0; failure_row (code) || code == IKE_REASON_NONE; code++)
    {
      g_autofree char *path = g_strconcat (prefix, ike_reason_code_name (code), NULL);

      if (code != IKE_REASON_NONE && code != IKE_REASON_USER_STOP)
        g_test_add_data_func (path, GUINT_TO_POINTER (code), func);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_reasons ("/failures/before/", run_reason);
  add_reasons ("/failures/later/", run_reason_later);
  manager_test ("/failures/begin", test_begin);
  manager_test ("/failures/link", test_link);
  manager_test ("/failures/name-not-found", test_name_not_found);
  manager_test ("/failures/name-no-answer", test_name_no_answer);
  manager_test ("/failures/name-filtered", test_name_filtered);
  manager_test ("/failures/own-choice", test_own_choice);
  manager_test ("/failures/file-not-found", test_file_not_found);
  manager_test ("/failures/file-bad", test_file_bad);
  manager_test ("/failures/key-needs-password", test_key_needs_password);
  manager_test ("/failures/key-password-wrong", test_key_password_wrong);
  manager_test ("/failures/key-mismatch", test_key_mismatch);
  manager_test ("/failures/token", test_token);
  manager_test ("/failures/token-object", test_token_object);
  manager_test ("/failures/pin-missing", test_pin_missing);
  manager_test ("/failures/pin-wrong", test_pin_wrong);
  manager_test ("/failures/pin-locked", test_pin_locked);
  manager_test ("/failures/all-fails", test_all_fails);
  manager_test ("/failures/name-lookup-silent", test_name_lookup_silent);
  manager_test ("/failures/name-lookup-slow", test_name_lookup_slow);
  manager_test ("/failures/name-lookup-overtaken", test_name_lookup_overtaken);
  manager_test ("/failures/second-name", test_second_name);
  manager_test ("/failures/helper-dies/preparing", test_helper_dies_preparing);
  manager_test ("/failures/helper-dies/negotiating", test_helper_dies_negotiating);
  manager_test ("/failures/helper-dies/up", test_helper_dies_up);
  manager_test ("/failures/helper-dies/stopping", test_helper_dies_stopping);
  manager_test ("/failures/helper-dies/idle", test_helper_dies_idle);
  manager_test ("/failures/no-algorithm", test_no_algorithm);
  manager_test ("/failures/no-key", test_no_key);
  return g_test_run ();
}
