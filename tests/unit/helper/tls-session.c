/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls-session.h"

#include "tls-server.h"

#include <string.h>

ChannelMsg *
tls_session_ask (Probe *p, ChannelTlsOp op, guint32 key, GBytes *records, const char *clear)
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
  g_autoptr (ChannelMsg) answer = tls_session_ask (p, CHANNEL_TLS_OPEN, key, NULL, NULL);
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
          answer = tls_session_ask (p, CHANNEL_TLS_TRUST, 0, NULL, NULL);
          continue;
        }
      records = tls_server_take (server);
      g_clear_pointer (&answer, channel_msg_free);
      answer = tls_session_ask (p, CHANNEL_TLS_STEP, 0, records, NULL);
    }
  g_assert_true (verified);
  to_server (server, answer);
}

void
tls_session_run (Probe *p, guint version, guint32 key)
{
  TlsServer *server = tls_server_new ("rsa", version, TRUE);
  g_autoptr (ChannelMsg) exported = NULL, said = NULL, heard = NULL;
  g_autoptr (GBytes) clear = NULL, records = NULL;
  guint8 ours[64];

  handshake (p, server, key);
  g_assert_true (tls_server_knows_client (server));
  exported = tls_session_ask (p, CHANNEL_TLS_EXPORT, 0, NULL, NULL);
  tls_server_export (server, "client EAP encryption", -1, ours, sizeof ours);
  g_assert_cmpmem (exported->tls_done.clear.data, exported->tls_done.clear.len, ours, sizeof ours);
  said = tls_session_ask (p, CHANNEL_TLS_STEP, 0, NULL, "said inside");
  to_server (server, said);
  clear = tls_server_hear (server);
  g_assert_cmpmem (g_bytes_get_data (clear, NULL), g_bytes_get_size (clear), "said inside", 11);
  tls_server_say (server, "answered", 8);
  records = tls_server_take (server);
  heard = tls_session_ask (p, CHANNEL_TLS_STEP, 0, records, NULL);
  g_assert_cmpmem (heard->tls_done.clear.data, heard->tls_done.clear.len, "answered", 8);
  tls_server_free (server);
}
