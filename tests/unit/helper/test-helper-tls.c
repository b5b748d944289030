/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TLS client of the real helper against NSS's server: certificates out, trust in, both ends with the same key; and
 * what does not go. With keys that others hold: test-helper-keys.c, test-helper-token.c.
 */
#include "tls-session.h"

#include "nss-crypto.h"

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
  g_autoptr (ChannelMsg) opened = NULL;

  /* a step of nothing, a key that is none, trust that nobody asked for, what is no TLS, and then nothing more */
  expect_failure (p, CHANNEL_TLS_STEP, 0, NULL, CHANNEL_ERROR_INVALID);
  expect_failure (p, CHANNEL_TLS_OPEN, 7, NULL, CHANNEL_ERROR_INVALID);
  opened = tls_session_ask (p, CHANNEL_TLS_OPEN, 0, NULL, NULL);
  g_assert_cmpint (opened->type, ==, CHANNEL_TLS_DONE);
  g_assert_cmpuint (opened->tls_done.records.len, >, 0);
  expect_failure (p, CHANNEL_TLS_TRUST, 0, NULL, CHANNEL_ERROR_TLS);
  expect_failure (p, CHANNEL_TLS_EXPORT, 0, NULL, CHANNEL_ERROR_TLS);
  expect_failure (p, CHANNEL_TLS_STEP, 0, garbage, CHANNEL_ERROR_TLS);
  expect_failure (p, CHANNEL_TLS_STEP, 0, NULL, CHANNEL_ERROR_TLS);
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
  g_test_add_func ("/helper/tls/wrong", test_wrong);
  return g_test_run ();
}
