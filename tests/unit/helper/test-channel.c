/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The channel's messages: what goes in comes out; every field at its limit and one above; cut at every octet; noise;
 * descriptors where they belong and nowhere else.
 */
#include "helper/channel-msg.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

typedef void (*FillFunc) (ChannelMsg *msg, gboolean maximal);

static const guint8 octets[CHANNEL_MAX_OCTETS + 1] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static char letters[8192];

/* @n letters; valid until the program ends. */
static const char *
string (gsize n)
{
  return letters + sizeof letters - 1 - n;
}

static ChannelBlob
blob (gsize n)
{
  return (ChannelBlob) { octets, n };
}

static ChannelAddress
address (guint8 family, guint8 last)
{
  ChannelAddress a = { .family = family };

  a.bytes[0] = 192;
  a.bytes[family == 4 ? 3 : 15] = last;
  return a;
}

static ChannelEndpoint
endpoint (guint8 family, guint16 port)
{
  return (ChannelEndpoint) { address (family, 9), port };
}

static void
fill_selectors (ChannelSelectors *s, guint n)
{
  s->n = n;
  for (guint i = 0; i < n; i++)
    s->at[i] = (ChannelSelector) { address (i % 2 ? 4 : 6, 1), address (i % 2 ? 4 : 6, 7), 17, (guint16) i, 65535 };
}

static void
fill_begin (ChannelMsg *m, gboolean max)
{
  m->begin.uuid = string (max ? CHANNEL_MAX_UUID : 1);
  m->begin.acquire = max;
}

static void
fill_resolve (ChannelMsg *m, gboolean max)
{
  m->resolve.host = string (max ? CHANNEL_MAX_HOST : 1);
  m->resolve.family = max ? 6 : 0;
}

static void
fill_link (ChannelMsg *m, gboolean max)
{
  m->link.kind = max ? CHANNEL_LINK_NONE : CHANNEL_LINK_AUTO;
  m->link.name = string (max ? CHANNEL_MAX_NAME : 0);
}

static void
fill_socket (ChannelMsg *m, gboolean max)
{
  m->socket.transport = max ? CHANNEL_NATT : CHANNEL_UDP;
  m->socket.local = max ? endpoint (6, 65535) : (ChannelEndpoint) { 0 };
  m->socket.remote = endpoint (max ? 6 : 4, 500);
}

static void
fill_credentials (ChannelMsg *m, gboolean max)
{
  m->credentials.certificate = m->credentials.private_key = m->credentials.ca = string (max ? CHANNEL_MAX_PATH : 0);
  m->credentials.user = string (max ? CHANNEL_MAX_USER : 0);
  m->credentials.has_password = max;
  m->credentials.password = blob (max ? CHANNEL_MAX_PASSWORD : 0);
}

static void
fill_file (ChannelMsg *m, gboolean max)
{
  m->file.path = string (max ? CHANNEL_MAX_PATH : 1);
  m->file.user = string (max ? CHANNEL_MAX_USER : 0);
}

static void
fill_sign (ChannelMsg *m, gboolean max)
{
  m->sign.key = max ? G_MAXUINT32 : 1;
  m->sign.method = m->sign.hash = max ? 255 : 0;
  m->sign.pss = max;
  m->sign.octets = blob (max ? CHANNEL_MAX_OCTETS : 0);
}

static void
fill_spi_alloc (ChannelMsg *m, gboolean max)
{
  m->spi_alloc.slot = max ? CHANNEL_MAX_SLOT : 1;
  m->spi_alloc.protocol = 3;
  m->spi_alloc.transport_mode = max;
  m->spi_alloc.local = address (4, 1);
  m->spi_alloc.remote = address (4, 2);
}

static void
fill_sa_install (ChannelMsg *m, gboolean max)
{
  ChannelSaInstall *sa = &m->sa_install;

  sa->slot = max ? CHANNEL_MAX_SLOT : 1;
  sa->parts = max ? 7 : 0;
  sa->protocol = 3;
  sa->transport_mode = sa->encap = sa->esn = sa->aead = max;
  sa->spi_in = sa->spi_out = G_MAXUINT32;
  sa->replay_window = max ? CHANNEL_MAX_REPLAY_WINDOW : 0;
  sa->icv_bits = 128;
  sa->local = endpoint (4, 500);
  sa->remote = endpoint (6, 4500);
  sa->encr = sa->integ = string (max ? CHANNEL_MAX_ALGORITHM : 0);
  sa->encr_in = sa->integ_in = sa->encr_out = sa->integ_out = blob (max ? CHANNEL_MAX_KEY : 0);
  sa->soft_seconds = sa->hard_seconds = sa->soft_bytes = sa->hard_bytes = sa->soft_packets = G_MAXUINT64;
  sa->hard_packets = 0x0102030405060708;
  fill_selectors (&sa->local_ts, max ? CHANNEL_MAX_SELECTORS : 0);
  fill_selectors (&sa->remote_ts, max ? CHANNEL_MAX_SELECTORS : 1);
}

static void
fill_sa_update (ChannelMsg *m, gboolean max)
{
  m->sa_update.spi_in = 1;
  m->sa_update.spi_out = 2;
  m->sa_update.encap = max;
  m->sa_update.local = m->sa_update.remote = endpoint (max ? 6 : 4, 4500);
}

static void
fill_sa_delete (ChannelMsg *m, gboolean max)
{
  m->sa_delete.slot = max ? CHANNEL_MAX_SLOT : 1;
  m->sa_delete.parts = max ? 7 : 0;
  m->sa_delete.spi_in = 3;
}

static void
fill_number (ChannelMsg *m, gboolean max)
{
  m->spi.spi = max ? G_MAXUINT32 : 0;
}

static void
fill_nothing (ChannelMsg *m, gboolean max)
{
}

static void
fill_failed (ChannelMsg *m, gboolean max)
{
  m->failed.code = max ? 255 : 0;
  m->failed.number = 17;
  m->failed.text = string (max ? CHANNEL_MAX_TEXT : 0);
}

static void
fill_resolved (ChannelMsg *m, gboolean max)
{
  m->resolved.n = max ? CHANNEL_MAX_ADDRESSES : 0;
  for (guint i = 0; i < m->resolved.n; i++)
    m->resolved.at[i] = address (i % 2 ? 4 : 6, (guint8) i);
}

static void
fill_linked (ChannelMsg *m, gboolean max)
{
  m->linked.kind = max ? CHANNEL_LINK_NONE : 0;
  m->linked.name = string (max ? CHANNEL_MAX_NAME : 0);
  m->linked.ifindex = 5;
  m->linked.if_id = 6;
  m->linked.mark = 7;
}

static void
fill_opened (ChannelMsg *m, gboolean max)
{
  m->opened.local = endpoint (max ? 6 : 4, 4500);
}

static void
fill_loaded (ChannelMsg *m, gboolean max)
{
  m->loaded.key = max ? G_MAXUINT32 : 0;
  m->loaded.key_type = max ? 255 : 0;
  m->loaded.key_bits = 4096;
  m->loaded.pss = max;
}

static void
fill_read (ChannelMsg *m, gboolean max)
{
  m->read.len = max ? CHANNEL_MAX_FILE : 0;
}

static void
fill_signed (ChannelMsg *m, gboolean max)
{
  m->signature.signature = blob (max ? CHANNEL_MAX_SIGNATURE : 0);
}

static void
fill_usage (ChannelMsg *m, gboolean max)
{
  m->usage.bytes = max ? G_MAXUINT64 : 0;
  m->usage.packets = 0x1122334455667788;
}

static void
fill_expire (ChannelMsg *m, gboolean max)
{
  m->expire.spi = 0xc0ffee00;
  m->expire.hard = max;
}

static void
fill_mapping (ChannelMsg *m, gboolean max)
{
  m->mapping.spi = 0xc0ffee00;
  m->mapping.peer = endpoint (max ? 6 : 4, 1024);
}

static void
fill_acquire (ChannelMsg *m, gboolean max)
{
  m->acquire.slot = max ? CHANNEL_MAX_SLOT : 1;
  m->acquire.local = m->acquire.remote = (ChannelSelector) { address (4, 1), address (4, 1), 6, 22, 22 };
}

static const struct {
  ChannelType type;
  FillFunc fill;
} types[] = {
  { CHANNEL_BEGIN, fill_begin },         { CHANNEL_RESOLVE, fill_resolve },
  { CHANNEL_LINK, fill_link },           { CHANNEL_SOCKET, fill_socket },
  { CHANNEL_CREDENTIALS, fill_credentials }, { CHANNEL_FILE, fill_file },
  { CHANNEL_SIGN, fill_sign },           { CHANNEL_SPI_ALLOC, fill_spi_alloc },
  { CHANNEL_SA_INSTALL, fill_sa_install }, { CHANNEL_SA_UPDATE, fill_sa_update },
  { CHANNEL_SA_DELETE, fill_sa_delete }, { CHANNEL_SA_QUERY, fill_number },
  { CHANNEL_END, fill_nothing },         { CHANNEL_DONE, fill_nothing },
  { CHANNEL_FAILED, fill_failed },       { CHANNEL_RESOLVED, fill_resolved },
  { CHANNEL_LINKED, fill_linked },       { CHANNEL_OPENED, fill_opened },
  { CHANNEL_LOADED, fill_loaded },       { CHANNEL_READ, fill_read },
  { CHANNEL_SIGNED, fill_signed },       { CHANNEL_SPI, fill_number },
  { CHANNEL_USAGE, fill_usage },         { CHANNEL_EXPIRE, fill_expire },
  { CHANNEL_MAPPING, fill_mapping },     { CHANNEL_ACQUIRE, fill_acquire },
  { CHANNEL_LINK_GONE, fill_nothing },
};

static guint8 *
encode (gsize i, gboolean maximal, gsize *ret_len)
{
  g_autofree ChannelMsg *msg = g_new0 (ChannelMsg, 1);

  msg->type = types[i].type;
  msg->serial = 0x01020304;
  msg->fd = -1;
  types[i].fill (msg, maximal);
  return channel_msg_encode (msg, ret_len);
}

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
  guint8 *data = encode (8, TRUE, &len);
  g_autoptr (ChannelMsg) m = channel_msg_decode (data, len);

  channel_buffer_free (data, len);
  g_assert_cmpint (m->type, ==, CHANNEL_SA_INSTALL);
  g_assert_cmpuint (m->sa_install.slot, ==, 255);
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
  const guint8 expected[] = { 0x4e, 0x69, 1, 11, 0, 0, 0, 42, 0, 0, 0, 13, 0, 0, 0, 9, 5, 0xc1, 2, 3, 4, 0x11, 0x22, 0x33, 0x44 };
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
      guint8 *data = encode (i, types[i].type != CHANNEL_SIGN, &len);

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

static ChannelMsg *
maximal (ChannelType type)
{
  ChannelMsg *msg = g_new0 (ChannelMsg, 1);

  msg->type = type;
  msg->fd = -1;
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].type == type)
      types[i].fill (msg, TRUE);
  return msg;
}

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
  REFUSED (CHANNEL_BEGIN, m->begin.acquire = 2);
  REFUSED (CHANNEL_RESOLVE, m->resolve.host = string (CHANNEL_MAX_HOST + 1));
  REFUSED (CHANNEL_RESOLVE, m->resolve.host = "");
  REFUSED (CHANNEL_RESOLVE, m->resolve.family = 7);
  REFUSED (CHANNEL_LINK, m->link.kind = 4);
  REFUSED (CHANNEL_LINK, m->link.name = string (CHANNEL_MAX_NAME + 1));
  REFUSED (CHANNEL_SOCKET, m->socket.transport = 2);
  REFUSED (CHANNEL_SOCKET, m->socket.remote.address.family = 5);
  REFUSED (CHANNEL_CREDENTIALS, m->credentials.certificate = string (CHANNEL_MAX_PATH + 1));
  REFUSED (CHANNEL_CREDENTIALS, m->credentials.private_key = string (CHANNEL_MAX_PATH + 1));
  REFUSED (CHANNEL_CREDENTIALS, m->credentials.ca = string (CHANNEL_MAX_PATH + 1));
  REFUSED (CHANNEL_CREDENTIALS, m->credentials.user = string (CHANNEL_MAX_USER + 1));
  REFUSED (CHANNEL_CREDENTIALS, m->credentials.password.len++);
  REFUSED (CHANNEL_FILE, m->file.path = string (CHANNEL_MAX_PATH + 1));
  REFUSED (CHANNEL_FILE, m->file.path = "");
  REFUSED (CHANNEL_FILE, m->file.user = string (CHANNEL_MAX_USER + 1));
  REFUSED (CHANNEL_SIGN, m->sign.octets.len++);
  REFUSED (CHANNEL_SIGN, m->sign.pss = 2);
  REFUSED (CHANNEL_SPI_ALLOC, m->spi_alloc.slot++);
  REFUSED (CHANNEL_SPI_ALLOC, m->spi_alloc.slot = 0);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.slot++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.slot = 0);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.parts++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.encap++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.esn++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.aead++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.transport_mode++);
  REFUSED (CHANNEL_SA_INSTALL, m->sa_install.replay_window++);
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
  REFUSED (CHANNEL_ACQUIRE, m->acquire.slot++);
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
  expect_malformed ("08" "00000100" "03" "00" "00" "00");  /* slot 256 */
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
      guint8 *data = encode (which, which == 6 ? FALSE : g_test_rand_bit (), &len);
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

/* ---- the socket ---- */

static void
pair (int *fds)
{
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), ==, 0);
}

static guint
open_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

static void
test_socket (void)
{
  int fds[2];
  guint before = open_descriptors ();

  pair (fds);
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree ChannelMsg *msg = maximal (types[i].type);
      g_autoptr (ChannelMsg) got = NULL;
      gboolean passes = msg->type == CHANNEL_OPENED || msg->type == CHANNEL_LOADED || msg->type == CHANNEL_READ;

      msg->fd = fds[0]; /* is sent only where one belongs */
      g_assert_cmpint (channel_send (fds[0], msg), ==, 0);
      g_assert_cmpint (channel_receive (fds[1], &got), ==, 0);
      g_assert_cmpint (got->type, ==, msg->type);
      g_assert_cmpint (got->fd >= 0, ==, passes);
      g_assert_true (got->fd < 0 || fcntl (got->fd, F_GETFD) & FD_CLOEXEC);
    }
  close (fds[0]);
  close (fds[1]);
  g_assert_cmpuint (open_descriptors (), ==, before);
}

static void
test_socket_ends (void)
{
  ChannelMsg *got = NULL;
  g_autofree ChannelMsg *msg = maximal (CHANNEL_END);
  int fds[2];

  pair (fds);
  g_assert_cmpint (channel_receive (fds[1], &got), ==, EAGAIN);
  close (fds[0]);
  g_assert_cmpint (channel_receive (fds[1], &got), ==, EPIPE);
  g_assert_cmpint (channel_send (fds[1], msg), ==, EPIPE);
  msg->type = CHANNEL_BEGIN;
  msg->begin.uuid = "";
  g_assert_cmpint (channel_send (fds[1], msg), ==, EMSGSIZE);
  close (fds[1]);
}

/* @n descriptors beside @type's octets. */
static int
send_with_descriptors (const int *fds, ChannelType type, guint n)
{
  g_autofree ChannelMsg *msg = maximal (type);
  gsize len = 0;
  guint8 *data = channel_msg_encode (msg, &len);
  struct iovec iov = { data, len };
  _Alignas (struct cmsghdr) char control[CMSG_SPACE (8 * sizeof (int))] = { 0 };
  struct msghdr hdr = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE (n * sizeof (int)) };
  struct cmsghdr *cmsg = CMSG_FIRSTHDR (&hdr);
  ChannelMsg *got = NULL;
  int r;

  cmsg->cmsg_level = SOL_SOCKET;
  cmsg->cmsg_type = SCM_RIGHTS;
  cmsg->cmsg_len = CMSG_LEN (n * sizeof (int));
  for (guint i = 0; i < n; i++)
    memcpy (CMSG_DATA (cmsg) + i * sizeof (int), &fds[0], sizeof (int));
  g_assert_cmpint (sendmsg (fds[0], &hdr, 0), ==, (gssize) len);
  channel_buffer_free (data, len);
  r = channel_receive (fds[1], &got);
  channel_msg_free (got);
  return r;
}

static void
test_socket_hostile (void)
{
  guint before = open_descriptors ();
  ChannelMsg *got = NULL;
  g_autofree guint8 *large = g_malloc0 (CHANNEL_MAX_MESSAGE + 100);
  g_autofree ChannelMsg *without = maximal (CHANNEL_OPENED);
  int fds[2];

  pair (fds);
  g_assert_cmpint (send_with_descriptors (fds, CHANNEL_OPENED, 1), ==, 0);
  g_assert_cmpint (send_with_descriptors (fds, CHANNEL_OPENED, 2), ==, EBADMSG);
  g_assert_cmpint (send_with_descriptors (fds, CHANNEL_OPENED, 8), ==, EBADMSG);
  g_assert_cmpint (send_with_descriptors (fds, CHANNEL_END, 1), ==, EBADMSG);
  g_assert_cmpint (channel_send (fds[0], without), ==, 0);
  g_assert_cmpint (channel_receive (fds[1], &got), ==, EBADMSG);
  g_assert_cmpint (send (fds[0], large, CHANNEL_MAX_MESSAGE + 100, 0), ==, CHANNEL_MAX_MESSAGE + 100);
  g_assert_cmpint (channel_receive (fds[1], &got), ==, EBADMSG);
  g_assert_cmpint (send (fds[0], "x", 1, 0), ==, 1);
  g_assert_cmpint (channel_receive (fds[1], &got), ==, EBADMSG);
  g_assert_null (got);
  close (fds[0]);
  close (fds[1]);
  g_assert_cmpuint (open_descriptors (), ==, before);
}

/* ---- items ---- */

static void
collect (ChannelItem item, const guint8 *data, gsize len, gpointer user_data)
{
  g_string_append_printf (user_data, "%d:%.*s ", (int) item, (int) len, (const char *) data);
}

static void
test_items (void)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  int fd = memfd_create ("test", MFD_CLOEXEC), fds[2];

  g_assert_true (channel_items_read (fd, collect, seen));
  g_assert_cmpint (channel_items_append (fd, CHANNEL_ITEM_CERTIFICATE, "one", 3), ==, 0);
  g_assert_cmpint (channel_items_append (fd, CHANNEL_ITEM_CERTIFICATE, "", 0), ==, 0);
  g_assert_cmpint (channel_items_append (fd, CHANNEL_ITEM_CA_FILE, "cas", 3), ==, 0);
  g_assert_true (channel_items_read (fd, collect, seen));
  g_assert_cmpstr (seen->str, ==, "1:one 1: 2:cas ");
  g_assert_cmpint (channel_items_append (fd, CHANNEL_ITEM_CA_FILE, "x", CHANNEL_MAX_FILE + 1), ==, EMSGSIZE);
  g_assert_cmpint (ftruncate (fd, 20), ==, 0);
  g_assert_false (channel_items_read (fd, collect, seen));
  g_assert_cmpint (pwrite (fd, "\7", 1, 0), ==, 1);
  g_assert_false (channel_items_read (fd, collect, seen));
  close (fd);
  pair (fds);
  g_assert_false (channel_items_read (fds[0], collect, seen));
  close (fds[0]);
  close (fds[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  memset (letters, 'x', sizeof letters - 1);
  g_test_add_func ("/helper/channel/round-trip", test_round_trip);
  g_test_add_func ("/helper/channel/fields", test_fields);
  g_test_add_func ("/helper/channel/octets", test_octets);
  g_test_add_func ("/helper/channel/truncated", test_truncated);
  g_test_add_func ("/helper/channel/one-too-many", test_one_too_many);
  g_test_add_func ("/helper/channel/limits", test_limits);
  g_test_add_func ("/helper/channel/hostile", test_hostile);
  g_test_add_func ("/helper/channel/header", test_header);
  g_test_add_func ("/helper/channel/noise", test_noise);
  g_test_add_func ("/helper/channel/socket", test_socket);
  g_test_add_func ("/helper/channel/socket-ends", test_socket_ends);
  g_test_add_func ("/helper/channel/socket-hostile", test_socket_hostile);
  g_test_add_func ("/helper/channel/items", test_items);
  return g_test_run ();
}
