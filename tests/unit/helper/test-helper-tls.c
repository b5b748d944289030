/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TLS client of the real helper against NSS's server: certificates out, trust in, both ends with the same key; and
 * what does not go. With keys that others hold: test-helper-keys.c, test-helper-token.c.
 */
#include "tls-session.h"

#include "nss-crypto.h"
#include "tls-server.h"

static const char *helper;

static guint32
load_key (Probe *p)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_CREDENTIALS);
  g_autofree char *pem = g_build_filename (g_getenv ("CERT_FIXTURES"), "good.pem", NULL);
  g_autofree char *key = g_build_filename (g_getenv ("CERT_FIXTURES"), "good.key", NULL);
  g_autoptr (ChannelMsg) answer = NULL;

  r.credentials.certificate = pem;
  r.credentials.private_key = key;
  answer = probe_call (p, &r);
  g_assert_cmpint (answer->type, ==, CHANNEL_LOADED);
  return answer->loaded.key;
}

static void
test_session (gconstpointer version)
{
  Probe *p = probe_start (helper);

  tls_session_run (p, GPOINTER_TO_UINT (version), load_key (p));
  probe_stop (p);
}

static void
expect_failure (Probe *p, ChannelTlsOp op, guint32 key, GBytes *records, ChannelError code)
{
  g_autoptr (ChannelMsg) answer = tls_session_ask (p, op, key, records, NULL);

  g_assert_cmpint (answer->type, ==, CHANNEL_FAILED);
  g_assert_cmpint (answer->failed.code, ==, code);
  g_assert_cmpstr (answer->failed.text, !=, "");
}

static void
test_wrong (void)
{
  Probe *p = probe_start (helper);
  g_autoptr (GBytes) garbage = g_bytes_new_static ("\26\3\3\0\4garbage", 12);
  g_autoptr (ChannelMsg) opened = NULL, stepped = NULL;

  /* a step of nothing, a key that is none, trust that nobody asked for, what is no TLS, and then nothing more */
  expect_failure (p, CHANNEL_TLS_STEP, 0, NULL, CHANNEL_ERROR_INVALID);
  expect_failure (p, CHANNEL_TLS_OPEN, 7, NULL, CHANNEL_ERROR_INVALID);
  opened = tls_session_ask (p, CHANNEL_TLS_OPEN, 0, NULL, NULL);
  g_assert_cmpint (opened->type, ==, CHANNEL_TLS_DONE);
  g_assert_cmpuint (opened->tls_done.records.len, >, 0);
  expect_failure (p, CHANNEL_TLS_TRUST, 0, NULL, CHANNEL_ERROR_TLS);
  expect_failure (p, CHANNEL_TLS_EXPORT, 0, NULL, CHANNEL_ERROR_TLS);
  stepped = tls_session_ask (p, CHANNEL_TLS_STEP, 0, garbage, NULL);
  g_assert_cmpint (stepped->type, ==, CHANNEL_TLS_DONE);
  g_assert_cmpint (stepped->tls_done.state, ==, CHANNEL_TLS_FAILED);
  g_assert_cmpuint (stepped->tls_done.records.data[0], ==, 21); /* an alert: RFC 8446 section 5.1 */
  g_assert_cmpuint (stepped->tls_done.clear.len, >, 0);
  expect_failure (p, CHANNEL_TLS_STEP, 0, NULL, CHANNEL_ERROR_TLS);
  probe_stop (p);
}

/* The server hears an alert when its certificate is refused. */
static void
test_refused (gconstpointer version)
{
  Probe *p = probe_start (helper);
  TlsServer *server = tls_server_new ("rsa", GPOINTER_TO_UINT (version), TRUE);
  g_autoptr (ChannelMsg) answer = tls_session_ask (p, CHANNEL_TLS_OPEN, 0, NULL, NULL);
  g_autoptr (GBytes) alert = NULL;

  while (answer->tls_done.state != CHANNEL_TLS_VERIFY)
    {
      g_autoptr (GBytes) said = g_bytes_new (answer->tls_done.records.data, answer->tls_done.records.len), heard = NULL;

      g_assert_cmpint (answer->type, ==, CHANNEL_TLS_DONE);
      g_assert_null (tls_server_error (server));
      tls_server_feed (server, said);
      heard = tls_server_take (server);
      g_clear_pointer (&answer, channel_msg_free);
      answer = tls_session_ask (p, CHANNEL_TLS_STEP, 0, heard, NULL);
    }
  g_clear_pointer (&answer, channel_msg_free);
  answer = tls_session_ask (p, CHANNEL_TLS_REFUSE, 0, NULL, NULL);
  g_assert_cmpint (answer->type, ==, CHANNEL_TLS_DONE);
  g_assert_cmpint (answer->tls_done.state, ==, CHANNEL_TLS_FAILED);
  g_assert_cmpmem (answer->tls_done.clear.data, answer->tls_done.clear.len, "the server's certificate was refused", 36);
  alert = g_bytes_new (answer->tls_done.records.data, answer->tls_done.records.len);
  tls_server_feed (server, alert);
  g_assert_cmpstr (tls_server_error (server), ==, "SSL_ERROR_BAD_CERT_ALERT");
  expect_failure (p, CHANNEL_TLS_STEP, 0, NULL, CHANNEL_ERROR_TLS);
  expect_failure (p, CHANNEL_TLS_REFUSE, 0, NULL, CHANNEL_ERROR_TLS);
  tls_server_free (server);
  probe_stop (p);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  helper = argv[1];
  g_assert_true (nss_start (NULL));
  g_test_add_data_func ("/helper/tls/1.2", GUINT_TO_POINTER (2), test_session);
  g_test_add_data_func ("/helper/tls/1.3", GUINT_TO_POINTER (3), test_session);
  g_test_add_data_func ("/helper/tls/refused-1.2", GUINT_TO_POINTER (2), test_refused);
  g_test_add_data_func ("/helper/tls/refused-1.3", GUINT_TO_POINTER (3), test_refused);
  g_test_add_func ("/helper/tls/wrong", test_wrong);
  return g_test_run ();
}
