/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TLS client of the real helper against NSS's server: certificates out, trust in, both ends with the same key; and
 * what does not go.
 */
#include "probe.h"
#include "tls-server.h"

#include "nss-crypto.h"

#include <string.h>

static const char *helper;

static ChannelMsg *
tls (Probe *p, ChannelTlsOp op, guint32 key, GBytes *records, const char *clear)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_TLS);

  r.tls.op = (guint8) op;
  r.tls.key = key;
  if (records)
    r.tls.records.data = g_bytes_get_data (records, &r.tls.records.len);
  if (clear)
    r.tls.clear = (ChannelBlob){ (const guint8 *) clear, strlen (clear) };
  if (op == CHANNEL_TLS_EXPORT)
    {
      r.tls.label = "client EAP encryption";
      r.tls.len = 64;
    }
  return probe_call (p, &r);
}

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
count (ChannelItem item, const guint8 *octets, gsize len, gpointer data)
{
  g_assert_cmpint (item, ==, CHANNEL_ITEM_CERTIFICATE);
  ++*(guint *) data;
}

static void
to_server (TlsServer *server, const ChannelMsg *answer)
{
  g_autoptr (GBytes) records = g_bytes_new (answer->tls_done.records.data, answer->tls_done.records.len);

  g_assert_cmpint (answer->type, ==, CHANNEL_TLS_DONE);
  tls_server_feed (server, records);
}

/* Until both ends are content. */
static void
handshake (Probe *p, TlsServer *server, guint32 key)
{
  g_autoptr (ChannelMsg) answer = tls (p, CHANNEL_TLS_OPEN, key, NULL, NULL);
  gboolean verified = FALSE;

  while (answer->tls_done.state != CHANNEL_TLS_ESTABLISHED)
    {
      g_autoptr (GBytes) records = NULL;

      if (answer->type == CHANNEL_FAILED)
        g_error ("%s", answer->failed.text);
      to_server (server, answer);
      if (answer->tls_done.state == CHANNEL_TLS_VERIFY)
        {
          guint n = 0;

          g_assert_false (verified);
          verified = TRUE;
          g_assert_true (channel_items_read (answer->fd, count, &n));
          g_assert_cmpuint (n, ==, 1);
          g_clear_pointer (&answer, channel_msg_free);
          answer = tls (p, CHANNEL_TLS_TRUST, 0, NULL, NULL);
          continue;
        }
      records = tls_server_take (server);
      g_clear_pointer (&answer, channel_msg_free);
      answer = tls (p, CHANNEL_TLS_STEP, 0, records, NULL);
    }
  g_assert_true (verified);
  to_server (server, answer);
}

static void
test_session (gconstpointer version)
{
  Probe *p = probe_start (helper);
  TlsServer *server = tls_server_new ("rsa", GPOINTER_TO_UINT (version), TRUE);
  g_autoptr (ChannelMsg) exported = NULL, said = NULL, heard = NULL;
  g_autoptr (GBytes) clear = NULL, records = NULL;
  guint8 ours[64];

  handshake (p, server, load_key (p));
  g_assert_true (tls_server_knows_client (server));
  exported = tls (p, CHANNEL_TLS_EXPORT, 0, NULL, NULL);
  tls_server_export (server, "client EAP encryption", -1, ours, sizeof ours);
  g_assert_cmpmem (exported->tls_done.clear.data, exported->tls_done.clear.len, ours, sizeof ours);
  said = tls (p, CHANNEL_TLS_STEP, 0, NULL, "said inside");
  to_server (server, said);
  clear = tls_server_hear (server);
  g_assert_cmpmem (g_bytes_get_data (clear, NULL), g_bytes_get_size (clear), "said inside", 11);
  tls_server_say (server, "answered", 8);
  records = tls_server_take (server);
  heard = tls (p, CHANNEL_TLS_STEP, 0, records, NULL);
  g_assert_cmpmem (heard->tls_done.clear.data, heard->tls_done.clear.len, "answered", 8);
  tls_server_free (server);
  probe_stop (p);
}

static void
expect_failure (Probe *p, ChannelTlsOp op, guint32 key, GBytes *records, ChannelError code)
{
  g_autoptr (ChannelMsg) answer = tls (p, op, key, records, NULL);

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
  opened = tls (p, CHANNEL_TLS_OPEN, 0, NULL, NULL);
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
