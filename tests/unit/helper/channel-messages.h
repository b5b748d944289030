/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every message of the channel, filled with its smallest and with its largest content. */
#pragma once

#include "helper/channel-msg.h"

#include <string.h>

typedef void (*FillFunc) (ChannelMsg *msg, gboolean maximal);

static const guint8 octets[CHANNEL_MAX_OCTETS + 1] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static char letters[32768];

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
fill_addresses (ChannelMsg *m, gboolean max)
{
  fill_selectors (&m->addresses.inside, max ? CHANNEL_MAX_SELECTORS : 0);
}

static void
fill_begin (ChannelMsg *m, gboolean max)
{
  m->begin.uuid = string (max ? CHANNEL_MAX_UUID : 1);
  m->begin.guarded = max;
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
  m->link.family = max ? 6 : 0;
  m->link.dscp = max ? 3 : 0;
  m->link.offload = max ? CHANNEL_OFFLOAD_PACKET : CHANNEL_OFFLOAD_NO;
  m->link.if_id = max ? CHANNEL_MAX_IF_ID : 0;
  m->link.mark = m->link.mark_mask = max ? G_MAXUINT32 : 0;
  m->link.name = string (max ? CHANNEL_MAX_NAME : 0);
}

static void
fill_clamp (ChannelMsg *m, gboolean max)
{
  m->clamp.mss4 = max ? CHANNEL_MAX_SEGMENT : 0;
  m->clamp.mss6 = max ? CHANNEL_MAX_SEGMENT : 1220;
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
  m->credentials.certificate = m->credentials.private_key = m->credentials.ca = string (max ? CHANNEL_MAX_CREDENTIAL : 0);
  m->credentials.user = string (max ? CHANNEL_MAX_USER : 0);
  m->credentials.has_password = m->credentials.pin_typed = max;
  m->credentials.password = m->credentials.pin = blob (max ? CHANNEL_MAX_PASSWORD : 0);
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
fill_fetch (ChannelMsg *m, gboolean max)
{
  m->fetch.url = string (max ? CHANNEL_MAX_URL : 1);
  m->fetch.body = blob (max ? CHANNEL_MAX_OCSP : 0);
  m->fetch.ifindex = max ? G_MAXUINT32 : 0;
}

static void
fill_tls (ChannelMsg *m, gboolean max)
{
  m->tls.op = max ? CHANNEL_TLS_REFUSE : CHANNEL_TLS_OPEN;
  m->tls.key = max ? G_MAXUINT32 : 0;
  m->tls.records = blob (max ? CHANNEL_MAX_RECORDS : 0);
  m->tls.clear = blob (max ? CHANNEL_MAX_CLEAR : 0);
  m->tls.label = string (max ? CHANNEL_MAX_LABEL : 0);
  m->tls.context = blob (max ? CHANNEL_MAX_LABEL : 0);
  m->tls.len = max ? CHANNEL_MAX_EXPORT : 0;
}

static void
fill_tls_done (ChannelMsg *m, gboolean max)
{
  m->tls_done.state = max ? CHANNEL_TLS_FAILED : CHANNEL_TLS_HANDSHAKE;
  m->tls_done.tls13 = max;
  m->tls_done.records = blob (max ? CHANNEL_MAX_RECORDS : 0);
  m->tls_done.clear = blob (max ? CHANNEL_MAX_CLEAR : 0);
}

static void
fill_spi_alloc (ChannelMsg *m, gboolean max)
{
  m->spi_alloc.slot = max ? G_MAXUINT32 : 1;
  m->spi_alloc.protocol = 3;
  m->spi_alloc.transport_mode = m->spi_alloc.ipcomp = m->spi_alloc.iptfs = m->spi_alloc.per_cpu = max;
  m->spi_alloc.local = address (4, 1);
  m->spi_alloc.remote = address (4, 2);
}

static void
fill_sa_install (ChannelMsg *m, gboolean max)
{
  ChannelSaInstall *sa = &m->sa_install;

  sa->slot = max ? G_MAXUINT32 : 1;
  sa->parts = max ? 7 : 0;
  sa->rule = max ? CHANNEL_RULE_SHUNT_BLOCK : CHANNEL_RULE_TUNNEL;
  sa->protocol = 3;
  sa->transport_mode = sa->encap = sa->esn = sa->aead = max;
  sa->spi_in = sa->spi_out = G_MAXUINT32;
  sa->replay_window = max ? CHANNEL_MAX_REPLAY_WINDOW : 0;
  sa->cpi_in = sa->cpi_out = max ? G_MAXUINT16 : 0;
  sa->tfc = max;
  sa->cpu = max ? CHANNEL_MAX_CPUS : 0;
  sa->iptfs = max ? CHANNEL_IPTFS_WHOLE : CHANNEL_IPTFS_NO;
  sa->icv_bits = 128;
  sa->local = endpoint (4, 500);
  sa->remote = endpoint (6, 4500);
  sa->encr = sa->integ = string (max ? CHANNEL_MAX_ALGORITHM : 0);
  sa->label = string (max ? CHANNEL_MAX_SEC_LABEL : 0);
  sa->encr_in = sa->integ_in = sa->encr_out = sa->integ_out = blob (max ? CHANNEL_MAX_KEY : 0);
  sa->soft_seconds = sa->hard_seconds = sa->soft_bytes = sa->hard_bytes = sa->soft_packets = G_MAXUINT64;
  sa->hard_packets = 0x0102030405060708;
  fill_selectors (&sa->local_ts, max ? CHANNEL_MAX_SELECTORS : 0);
  fill_selectors (&sa->remote_ts, max ? CHANNEL_MAX_SELECTORS : 1);
}

static void
fill_label (ChannelMsg *m, gboolean max)
{
  m->label.label = string (max ? CHANNEL_MAX_SEC_LABEL : 1);
}

static void
fill_sa_update (ChannelMsg *m, gboolean max)
{
  m->sa_update.slot = max ? G_MAXUINT32 : 1;
  m->sa_update.spi_in = 1;
  m->sa_update.spi_out = 2;
  m->sa_update.encap = max;
  m->sa_update.local = m->sa_update.remote = endpoint (max ? 6 : 4, 4500);
}

static void
fill_sa_delete (ChannelMsg *m, gboolean max)
{
  m->sa_delete.slot = max ? G_MAXUINT32 : 1;
  m->sa_delete.parts = max ? 7 : 0;
  m->sa_delete.spi_in = 3;
}

static void
fill_sa_query (ChannelMsg *m, gboolean max)
{
  m->sa_query.slot = max ? G_MAXUINT32 : 1;
  m->sa_query.outbound = max;
  m->sa_query.spi = max ? G_MAXUINT32 : 0;
}

static void
fill_number (ChannelMsg *m, gboolean max)
{
  m->spi.spi = max ? G_MAXUINT32 : 0;
  m->spi.cpi = max ? G_MAXUINT16 : 0;
}

static void
fill_nothing (ChannelMsg *m, gboolean max)
{
}

static void
fill_memory (ChannelMsg *m, gboolean max)
{
  if (m->type != CHANNEL_RECALLED)
    m->memory.name = max ? string (CHANNEL_MAX_HOST) : "a";
  if (m->type != CHANNEL_RECALL)
    m->memory.value = max ? G_MAXUINT16 : 0;
}

static void
fill_server (ChannelMsg *m, gboolean max)
{
  m->server.users = string (max ? CHANNEL_MAX_PATH : 0);
  m->server.user = m->server.pam = string (max ? CHANNEL_MAX_USER : 0);
}

static void
fill_client (ChannelMsg *m, gboolean max)
{
  m->client.name = string (max ? CHANNEL_MAX_CLIENT : 1);
  m->client.host = string (max ? CHANNEL_MAX_HOST : 0);
}

static void
fill_octets (ChannelMsg *m, gboolean max)
{
  m->secret.octets = blob (!max ? 0 : m->type == CHANNEL_SECRET ? CHANNEL_MAX_PASSWORD : CHANNEL_MAX_STATE);
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
  m->acquire.slot = max ? G_MAXUINT32 : 1;
  m->acquire.local = m->acquire.remote = (ChannelSelector) { address (4, 1), address (4, 1), 6, 22, 22 };
}

static void
fill_pin (ChannelMsg *m, gboolean max)
{
  m->pin.gateway = address (max ? 6 : 4, 9);
  m->pin.ifindex = max ? G_MAXINT32 : 0;
}

static void
fill_guard (ChannelMsg *m, gboolean max)
{
  m->guard.mode = max ? CHANNEL_GUARD_KEEP : CHANNEL_GUARD_OFF;
  m->guard.names = max;
  fill_selectors (&m->guard.protect, max ? CHANNEL_MAX_SELECTORS : 0);
  fill_selectors (&m->guard.except, max ? CHANNEL_MAX_SELECTORS : 1);
  fill_selectors (&m->guard.inside, max ? CHANNEL_MAX_SELECTORS : 0);
}

static void
fill_pad (ChannelMsg *m, gboolean max)
{
  m->pad.path = string (max ? CHANNEL_MAX_PATH : 1);
  m->pad.user = string (max ? CHANNEL_MAX_USER : 0);
}

static void
fill_pad_take (ChannelMsg *m, gboolean max)
{
  m->pad_take.which = max ? CHANNEL_PAD_LAST : CHANNEL_PAD_AT;
  m->pad_take.offset = max ? G_MAXUINT64 : 32;
}

static void
fill_slice (ChannelMsg *m, gboolean max)
{
  m->slice.offset = max ? G_MAXUINT64 : 0;
  m->slice.octets = blob (CHANNEL_PAD_SLICE);
}

static const struct {
  ChannelType type;
  FillFunc fill;
} types[] = {
  { CHANNEL_BEGIN, fill_begin },         { CHANNEL_RESOLVE, fill_resolve },
  { CHANNEL_LINK, fill_link },           { CHANNEL_SOCKET, fill_socket },
  { CHANNEL_CREDENTIALS, fill_credentials },
  { CHANNEL_SIGN, fill_sign },           { CHANNEL_SPI_ALLOC, fill_spi_alloc },
  { CHANNEL_SA_INSTALL, fill_sa_install }, { CHANNEL_SA_UPDATE, fill_sa_update },
  { CHANNEL_SA_DELETE, fill_sa_delete }, { CHANNEL_SA_QUERY, fill_sa_query },
  { CHANNEL_RECALL, fill_memory },       { CHANNEL_REMEMBER, fill_memory },
  { CHANNEL_RECALLED, fill_memory },     { CHANNEL_ADDRESSES, fill_addresses },
  { CHANNEL_PIN, fill_pin },             { CHANNEL_GUARD, fill_guard },
  { CHANNEL_CLAMP, fill_clamp },         { CHANNEL_LABEL, fill_label },
  { CHANNEL_SERVER, fill_server },
  { CHANNEL_USER, fill_client },         { CHANNEL_AUTHORIZE, fill_client },
  { CHANNEL_STATE_LOAD, fill_nothing },  { CHANNEL_STATE_SAVE, fill_octets },
  { CHANNEL_SECRET, fill_octets },       { CHANNEL_STATE, fill_octets },
  { CHANNEL_PAD, fill_pad },             { CHANNEL_PAD_TAKE, fill_pad_take },
  { CHANNEL_SLICE, fill_slice },
  { CHANNEL_FETCH, fill_fetch },
  { CHANNEL_TLS, fill_tls },
  { CHANNEL_TLS_DONE, fill_tls_done },
  { CHANNEL_END, fill_nothing },         { CHANNEL_DONE, fill_nothing },
  { CHANNEL_FAILED, fill_failed },       { CHANNEL_RESOLVED, fill_resolved },
  { CHANNEL_LINKED, fill_linked },       { CHANNEL_OPENED, fill_opened },
  { CHANNEL_LOADED, fill_loaded },       { CHANNEL_READ, fill_read },
  { CHANNEL_SIGNED, fill_signed },       { CHANNEL_SPI, fill_number },
  { CHANNEL_USAGE, fill_usage },         { CHANNEL_EXPIRE, fill_expire },
  { CHANNEL_MAPPING, fill_mapping },     { CHANNEL_ACQUIRE, fill_acquire },
  { CHANNEL_LINK_GONE, fill_nothing },   { CHANNEL_PREPARE, fill_nothing },
};

static inline guint8 *
encode (gsize i, gboolean maximal, gsize *ret_len)
{
  g_autofree ChannelMsg *msg = g_new0 (ChannelMsg, 1);

  msg->type = types[i].type;
  msg->serial = 0x01020304;
  msg->fd = -1;
  types[i].fill (msg, maximal);
  return channel_msg_encode (msg, ret_len);
}

static inline ChannelMsg *
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

static inline void
messages_init (void)
{
  memset (letters, 'x', sizeof letters - 1);
}
