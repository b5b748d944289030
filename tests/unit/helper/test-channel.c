/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The channel's messages: what goes in comes out; every field at its limit and one above; cut at every octet; noise. */
#include "channel-messages.h"

/* ---- the codec ---- */

/* Decoding and encoding again gives the same octets: with fields that are compared below, all there is to know. */
static void
test_round_trip (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    for (int maximal = 0; maximal <= 1; maximal++)
      {
        gsize len = 0, again_len = 0;
        guint8 *data = encode (i, maximal, &len), *again;
        g_autoptr (ChannelMsg) msg = NULL;

        g_assert_nonnull (channel_type_name (types[i].type));
        g_assert_nonnull (data);
        g_assert_cmpuint (len, <=, CHANNEL_MAX_MESSAGE);
        msg = channel_msg_decode (data, len);
        g_assert_nonnull (msg);
        g_assert_cmpint (msg->type, ==, types[i].type);
        g_assert_cmphex (msg->serial, ==, 0x01020304);
        again = channel_msg_encode (msg, &again_len);
        g_assert_cmpmem (data, len, again, again_len);
        channel_buffer_free (data, len);
        channel_buffer_free (again, again_len);
      }
}

static void
test_fields (void)
{
  gsize len = 0;
  guint8 *data = encode (7, TRUE, &len);
  g_autoptr (ChannelMsg) m = channel_msg_decode (data, len);

  channel_buffer_free (data, len);
  g_assert_cmpint (m->type, ==, CHANNEL_SA_INSTALL);
  g_assert_cmpuint (m->sa_install.slot, ==, G_MAXUINT32);
  g_assert_cmpuint (m->sa_install.parts, ==, 7);
  g_assert_cmphex (m->sa_install.hard_packets, ==, 0x0102030405060708);
  g_assert_cmpuint (m->sa_install.remote.port, ==, 4500);
  g_assert_cmpuint (m->sa_install.remote.address.family, ==, 6);
  g_assert_cmpuint (strlen (m->sa_install.encr), ==, CHANNEL_MAX_ALGORITHM);
  g_assert_cmpmem (m->sa_install.integ_out.data, m->sa_install.integ_out.len, octets, CHANNEL_MAX_KEY);
  g_assert_cmpuint (m->sa_install.local_ts.n, ==, CHANNEL_MAX_SELECTORS);
  g_assert_cmpuint (m->sa_install.local_ts.at[127].port_first, ==, 127);
  g_assert_cmpuint (m->sa_install.local_ts.at[126].last.bytes[15], ==, 7);
}

/* The octets, so that the format does not change by accident. */
static void
test_octets (void)
{
  const guint8 expected[] = { 0x4e, 0x69, 1, 11, 0, 0, 0, 42, 0, 0, 0, 13, 0, 0,
                              0, 9, 5, 0xc1, 2, 3, 4, 0x11, 0x22, 0x33, 0x44 };
  g_autofree ChannelMsg *msg = g_new0 (ChannelMsg, 1);
  gsize len = 0;
  guint8 *data;

  msg->type = CHANNEL_SA_DELETE;
  msg->serial = 42;
  msg->sa_delete.slot = 9;
  msg->sa_delete.parts = CHANNEL_SA_IN | CHANNEL_SA_POLICIES;
  msg->sa_delete.spi_in = 0xc1020304;
  msg->sa_delete.spi_out = 0x11223344;
  data = channel_msg_encode (msg, &len);
  g_assert_cmpmem (data, len, expected, sizeof expected);
  channel_buffer_free (data, len);
}

static void
test_truncated (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      gsize len = 0;
      /* of the longest, every length would take minutes */
      gboolean maximal = types[i].type != CHANNEL_SIGN && types[i].type != CHANNEL_TLS && types[i].type != CHANNEL_TLS_DONE;
      guint8 *data = encode (i, maximal, &len);

      for (gsize n = 0; n < len; n++)
        {
          /* as it is, and with a header that owns up to it */
          g_autofree guint8 *cut = g_memdup2 (data, n);

          g_assert_null (channel_msg_decode (cut, n));
          if (n < 12)
            continue;
          cut[8] = 0;
          cut[9] = (guint8) ((n - 12) >> 16);
          cut[10] = (guint8) ((n - 12) >> 8);
          cut[11] = (guint8) (n - 12);
          g_assert_null (channel_msg_decode (cut, n));
        }
      channel_buffer_free (data, len);
    }
}

static void
test_one_too_many (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      gsize len = 0;
      guint8 *data = encode (i, FALSE, &len);
      g_autofree guint8 *longer = g_malloc0 (len + 1);

      memcpy (longer, data, len);
      g_assert_null (channel_msg_decode (longer, len + 1));
      longer[11]++;
      g_assert_null (channel_msg_decode (longer, len + 1));
      channel_buffer_free (data, len);
    }
}

/* ---- limits: what the encoder refuses, and what the decoder refuses of one who does not ---- */

static void
expect_refused (const ChannelMsg *msg)
{
  gsize len = 0;

  g_assert_null (channel_msg_encode (msg, &len));
}

#define REFUSED(type_, assignment)                \
  do                                              \
    {                                             \
      g_autofree ChannelMsg *m = maximal (type_); \
      assignment;                                 \
      expect_refused (m);                         \
    }                                             \
  while (0)

static void
test_limits (void)
{
  REFUSED (CHANNEL_BEGIN, m->begin.uuid = string (CHANNEL_MAX_UUID + 1));
  REFUSED (CHANNEL_BEGIN, m->begin.uuid = "");
  REFUSED (CHANNEL_BEGIN, m->begin.uuid = NULL);
  REFUSED (CHANNEL_BEGIN, m->begin.guarded = 2);
  REFUSED (CHANNEL_RESOLVE, m->resolve.host = string (CHANNEL_MAX_HOST + 1));
  REFUSED (CHANNEL_RESOLVE, m->resolve.host = "");
  REFUSED (CHANNEL_RESOLVE, m->resolve.family = 7);
  REFUSED (CHANNEL_RECALL, m->memory.name = "");
  REFUSED (CHANNEL_REMEMBER, m->memory.name = string (CHANNEL_MAX_HOST + 1));
  REFUSED (CHANNEL_REMEMBER, m->memory.value = G_MAXUINT16 + 1);
  REFUSED (CHANNEL_RECALLED, m->memory.value = G_MAXUINT16 + 1);
  REFUSED (CHANNEL_SERVER, m->server.users = string (CHANNEL_MAX_PATH + 1));
  REFUSED (CHANNEL_SERVER, m->server.pam = string (CHANNEL_MAX_USER + 1));
  REFUSED (CHANNEL_USER, m->client.name = "");
  REFUSED (CHANNEL_USER, m->client.name = string (CHANNEL_MAX_CLIENT + 1));
  REFUSED (CHANNEL_AUTHORIZE, m->client.host = string (CHANNEL_MAX_HOST + 1));
  REFUSED (CHANNEL_PAD, m->pad.path = "");
  REFUSED (CHANNEL_PAD, m->pad.user = string (CHANNEL_MAX_USER + 1));
  REFUSED (CHANNEL_PAD_TAKE, m->pad_take.which = CHANNEL_PAD_LAST + 1);
  REFUSED (CHANNEL_SLICE, m->slice.octets.len--);
  REFUSED (CHANNEL_SLICE, m->slice.octets = blob (CHANNEL_PAD_SLICE + 1));
  REFUSED (CHANNEL_STATE_SAVE, m->secret.octets.len++);
  REFUSED (CHANNEL_SECRET, m->secret.octets.len++);
  REFUSED (CHANNEL_LINK, m->link.kind = 4);
  REFUSED (CHANNEL_LABEL, m->label.label = "");
  REFUSED (CHANNEL_LABEL, m->label.label = string (CHANNEL_MAX_SEC_LABEL + 1));
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.label = string (CHANNEL_MAX_SEC_LABEL + 1));
  REFUSED (CHANNEL_LINK, m->link.name = string (CHANNEL_MAX_NAME + 1));
  REFUSED (CHANNEL_SOCKET, m->socket.transport = CHANNEL_TCP + 1);
  REFUSED (CHANNEL_SOCKET, m->socket.remote.address.family = 5);
  REFUSED (CHANNEL_CREDENTIALS, m->credentials.certificate = string (CHANNEL_MAX_CREDENTIAL + 1));
  REFUSED (CHANNEL_CREDENTIALS, m->credentials.private_key = string (CHANNEL_MAX_CREDENTIAL + 1));
  REFUSED (CHANNEL_CREDENTIALS, m->credentials.ca = string (CHANNEL_MAX_CREDENTIAL + 1));
  REFUSED (CHANNEL_CREDENTIALS, m->credentials.user = string (CHANNEL_MAX_USER + 1));
  REFUSED (CHANNEL_CREDENTIALS, m->credentials.password.len++);
  REFUSED (CHANNEL_SIGN, m->sign.octets.len++);
  REFUSED (CHANNEL_SIGN, m->sign.pss = 2);
  REFUSED (CHANNEL_SPI_ALLOC, m->spi_alloc.slot = 0);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.slot = 0);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.parts++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.rule = CHANNEL_RULE_SHUNT_BLOCK + 1);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.encap += CHANNEL_ENCAP_TCP);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.esn++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.aead++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.transport_mode++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.replay_window++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.cpu++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.encr = string (CHANNEL_MAX_ALGORITHM + 1));
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.integ = string (CHANNEL_MAX_ALGORITHM + 1));
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.encr_in.len++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.integ_in.len++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.encr_out.len++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.integ_out.len++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.local_ts.n++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.remote_ts.n++);
  REFUSED (CHANNEL_SA_DELETE, m->sa_delete.parts++);
  REFUSED (CHANNEL_FAILED, m->failed.text = string (CHANNEL_MAX_TEXT + 1));
  REFUSED (CHANNEL_RESOLVED, m->resolved.n++);
  REFUSED (CHANNEL_LINKED, m->linked.name = string (CHANNEL_MAX_NAME + 1));
  REFUSED (CHANNEL_READ, m->read.len++);
  REFUSED (CHANNEL_SIGNED, m->signature.signature.len++);
  REFUSED (CHANNEL_EXPIRE, m->expire.hard++);
  REFUSED (CHANNEL_ACQUIRE, m->acquire.slot = 0);
  REFUSED (CHANNEL_SA_DELETE, m->sa_delete.slot = 0);
  REFUSED (CHANNEL_SA_UPDATE, m->sa_update.slot = 0);
  REFUSED (CHANNEL_SA_QUERY, m->sa_query.slot = 0);
  REFUSED (CHANNEL_SA_QUERY, m->sa_query.outbound = 2);
  /* selectors that say nothing */
  REFUSED (CHANNEL_ACQUIRE, m->acquire.local.port_first = 23);
  REFUSED (CHANNEL_ACQUIRE, m->acquire.local.first = address (6, 1));
  REFUSED (CHANNEL_ACQUIRE, m->acquire.local.first = address (4, 2));
  REFUSED (CHANNEL_ACQUIRE, m->acquire.remote = (ChannelSelector) { 0 });
}

/* The same limits in octets that somebody else has written. */
static void
expect_malformed (const char *hex)
{
  guint8 data[256] = { 0x4e, 0x69, 1 };
  gsize len = strlen (hex) / 2;

  for (gsize i = 0; i < len; i++)
    data[12 + i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  /* the first octet is the type */
  data[3] = data[12];
  memmove (data + 12, data + 13, len);
  data[11] = (guint8) (len - 1);
  g_assert_null (channel_msg_decode (data, 12 + len - 1));
}

static void
test_hostile (void)
{
  expect_malformed ("01" "0001" "00" "00");             /* BEGIN without a name */
  expect_malformed ("01" "0000" "00");                  /* a string without its end */
  expect_malformed ("01" "0002" "4142" "00");           /* not terminated */
  expect_malformed ("01" "0003" "410000" "00");         /* terminated twice */
  expect_malformed ("01" "ffff" "4100" "00");           /* longer than there is */
  expect_malformed ("01" "0002" "4100" "02");           /* a flag is 0 or 1 */
  expect_malformed ("02" "0002" "4100" "07");           /* a family */
  expect_malformed ("03" "04" "0001" "00");             /* a kind of link */
  expect_malformed ("04" "00" "00" "0000" "05" "00000000" "0000"); /* the family of an address */
  expect_malformed ("07" "00000001" "00" "00" "00" "ffffffff" "00"); /* a blob longer than anything */
  expect_malformed ("07" "00000001" "00" "00" "00" "00000002" "00");
  expect_malformed ("08" "00000000" "03" "00" "00" "00");  /* slot 0 */
  expect_malformed ("0b" "00000001" "08" "00000000" "00000000"); /* a part that is none */
  expect_malformed ("42" "11" "0401020304");            /* 17 addresses */
  expect_malformed ("42" "02" "0401020304");            /* one is missing */
  expect_malformed ("46" "00100001");                   /* a file of 1 MiB and 1 octet */
  expect_malformed ("00");                              /* types that are none */
  expect_malformed ("0e");
  expect_malformed ("ff");
}

static void
test_header (void)
{
  gsize len = 0;
  guint8 *data = encode (0, FALSE, &len);
  const gsize wrong[] = { 0, 1, 2, 3, 8, 9, 10, 11 };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      data[wrong[i]] ^= 0x80;
      g_assert_null (channel_msg_decode (data, len));
      data[wrong[i]] ^= 0x80;
    }
  channel_buffer_free (data, len);
}

static void
test_noise (void)
{
  guint accepted = 0;

  for (guint round = 0; round < 20000; round++)
    {
      gsize which = (gsize) g_test_rand_int_range (0, G_N_ELEMENTS (types)), len = 0;
      guint8 *data = encode (which, which == 5 ? FALSE : g_test_rand_bit (), &len);
      gint flips = g_test_rand_int_range (1, 4);
      g_autoptr (ChannelMsg) msg = NULL;

      for (gint i = 0; i < flips; i++)
        data[g_test_rand_int_range (0, (gint) MIN (len, 400))] = (guint8) g_test_rand_int_range (0, 256);
      msg = channel_msg_decode (data, len);
      accepted += msg != NULL;
      channel_buffer_free (data, len);
    }
  g_assert_cmpuint (accepted, >, 0);
  g_assert_cmpuint (accepted, <, 20000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  messages_init ();
  g_test_add_func ("/helper/channel/round-trip", test_round_trip);
  g_test_add_func ("/helper/channel/fields", test_fields);
  g_test_add_func ("/helper/channel/octets", test_octets);
  g_test_add_func ("/helper/channel/truncated", test_truncated);
  g_test_add_func ("/helper/channel/one-too-many", test_one_too_many);
  g_test_add_func ("/helper/channel/limits", test_limits);
  g_test_add_func ("/helper/channel/hostile", test_hostile);
  g_test_add_func ("/helper/channel/header", test_header);
  g_test_add_func ("/helper/channel/noise", test_noise);
  return g_test_run ();
}
