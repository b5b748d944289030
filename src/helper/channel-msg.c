/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The codec of the channel: one table says which fields a message has, and within which limits; encoding and decoding
 * both walk it. Integers are big-endian. Strings: u16 length with the final NUL, so that they can be used where they
 * lie. Blobs: u32 length.
 *
 * Pure but for channel_send(), channel_receive() and the items, which are plain system calls without state.
 */
#include "channel-msg.h"

#include <string.h>

#define MAGIC 0x4e69
#define VERSION 1
#define HEADER_LEN 12

typedef enum {
  FIELD_END,
  FIELD_U8,
  FIELD_U32,
  FIELD_U64,
  FIELD_STRING,
  FIELD_BLOB,
  FIELD_ADDRESS,
  FIELD_ENDPOINT,
  FIELD_SELECTOR,
  FIELD_SELECTORS,
  FIELD_ADDRESSES,
} FieldKind;

/* @min and @max: of the value, or of the length. */
typedef struct {
  FieldKind kind;
  guint offset;
  guint32 min, max;
} Field;

#define MAX_FIELDS 37
typedef struct {
  ChannelType type;
  const char *name;
  Field fields[MAX_FIELDS];
} Row;

#define AT(member) G_STRUCT_OFFSET (ChannelMsg, member)
#define FLAG(member) { FIELD_U8, AT (member), 0, 1 }
#define U8(member, max) { FIELD_U8, AT (member), 0, max }
#define U32(member) { FIELD_U32, AT (member), 0, G_MAXUINT32 }
#define U64(member) { FIELD_U64, AT (member), 0, 0 }
#define SLOT(member) { FIELD_U32, AT (member), 1, G_MAXUINT32 }
#define STRING(member, max) { FIELD_STRING, AT (member), 0, max }
#define NONEMPTY(member, max) { FIELD_STRING, AT (member), 1, max }
#define BLOB(member, max) { FIELD_BLOB, AT (member), 0, max }
#define ADDRESS(member) { FIELD_ADDRESS, AT (member), 0, 0 }
#define ENDPOINT(member) { FIELD_ENDPOINT, AT (member), 0, 0 }
#define SELECTOR(member) { FIELD_SELECTOR, AT (member), 0, 0 }
#define SELECTORS(member) { FIELD_SELECTORS, AT (member), 0, CHANNEL_MAX_SELECTORS }
#define PARTS (CHANNEL_SA_IN | CHANNEL_SA_OUT | CHANNEL_SA_POLICIES)

static const Row rows[] = {
  { CHANNEL_BEGIN, "begin", { NONEMPTY (begin.uuid, CHANNEL_MAX_UUID), FLAG (begin.guarded) } },
  { CHANNEL_PREPARE, "prepare", { { FIELD_END } } },
  { CHANNEL_RESOLVE, "resolve", { NONEMPTY (resolve.host, CHANNEL_MAX_HOST), U8 (resolve.family, 6) } },
  { CHANNEL_LINK,
    "link",
    { U8 (link.kind, CHANNEL_LINK_NONE),
      U8 (link.family, 6),
      U8 (link.dscp, CHANNEL_DSCP_NOT_OUT | CHANNEL_DSCP_IN),
      U8 (link.offload, CHANNEL_OFFLOAD_PACKET),
      { FIELD_U32, AT (link.if_id), 0, CHANNEL_MAX_IF_ID },
      U32 (link.mark),
      U32 (link.mark_mask),
      STRING (link.name, CHANNEL_MAX_NAME) } },
  { CHANNEL_SOCKET,
    "socket",
    { U8 (socket.transport, CHANNEL_TCP), ENDPOINT (socket.local), ENDPOINT (socket.remote) } },
  { CHANNEL_CREDENTIALS,
    "credentials",
    { STRING (credentials.certificate, CHANNEL_MAX_CREDENTIAL),
      STRING (credentials.private_key, CHANNEL_MAX_CREDENTIAL), STRING (credentials.ca, CHANNEL_MAX_CREDENTIAL),
      STRING (credentials.user, CHANNEL_MAX_USER), FLAG (credentials.has_password),
      BLOB (credentials.password, CHANNEL_MAX_PASSWORD), BLOB (credentials.store_password, CHANNEL_MAX_PASSWORD),
      BLOB (credentials.pin, CHANNEL_MAX_PASSWORD), FLAG (credentials.pin_typed) } },
  { CHANNEL_SIGN,
    "sign",
    { U32 (sign.key), U8 (sign.method, 255), U8 (sign.hash, 255), FLAG (sign.pss), FLAG (sign.digest),
      BLOB (sign.octets, CHANNEL_MAX_OCTETS) } },
  { CHANNEL_SPI_ALLOC,
    "spi-alloc",
    { SLOT (spi_alloc.slot), U8 (spi_alloc.protocol, 255), FLAG (spi_alloc.transport_mode), FLAG (spi_alloc.ipcomp),
      FLAG (spi_alloc.iptfs), FLAG (spi_alloc.per_cpu), ADDRESS (spi_alloc.local), ADDRESS (spi_alloc.remote) } },
  { CHANNEL_SA_INSTALL,
    "sa-install",
    { SLOT (sa_install.slot),
      U8 (sa_install.parts, PARTS),
      U8 (sa_install.rule, CHANNEL_RULE_SHUNT_BLOCK),
      U8 (sa_install.protocol, 255),
      FLAG (sa_install.transport_mode),
      U8 (sa_install.encap, CHANNEL_ENCAP_TCP),
      FLAG (sa_install.esn),
      FLAG (sa_install.aead),
      FLAG (sa_install.tfc),
      U8 (sa_install.iptfs, CHANNEL_IPTFS_WHOLE),
      { FIELD_U32, AT (sa_install.cpu), 0, CHANNEL_MAX_CPUS },
      { FIELD_U32, AT (sa_install.cpi_in), 0, G_MAXUINT16 },
      { FIELD_U32, AT (sa_install.cpi_out), 0, G_MAXUINT16 },
      U32 (sa_install.spi_in),
      U32 (sa_install.spi_out),
      { FIELD_U32, AT (sa_install.replay_window), 0, CHANNEL_MAX_REPLAY_WINDOW },
      U32 (sa_install.icv_bits),
      ENDPOINT (sa_install.local),
      ENDPOINT (sa_install.remote),
      STRING (sa_install.encr, CHANNEL_MAX_ALGORITHM),
      STRING (sa_install.integ, CHANNEL_MAX_ALGORITHM),
      STRING (sa_install.label, CHANNEL_MAX_SEC_LABEL),
      BLOB (sa_install.encr_in, CHANNEL_MAX_KEY),
      BLOB (sa_install.integ_in, CHANNEL_MAX_KEY),
      BLOB (sa_install.encr_out, CHANNEL_MAX_KEY),
      BLOB (sa_install.integ_out, CHANNEL_MAX_KEY),
      U64 (sa_install.soft_seconds),
      U64 (sa_install.hard_seconds),
      U64 (sa_install.soft_bytes),
      U64 (sa_install.hard_bytes),
      U64 (sa_install.soft_packets),
      U64 (sa_install.hard_packets),
      SELECTORS (sa_install.local_ts),
      SELECTORS (sa_install.remote_ts) } },
  { CHANNEL_SA_UPDATE,
    "sa-update",
    { SLOT (sa_update.slot), U32 (sa_update.spi_in), U32 (sa_update.spi_out), U8 (sa_update.encap, CHANNEL_ENCAP_TCP),
      ENDPOINT (sa_update.local), ENDPOINT (sa_update.remote) } },
  { CHANNEL_SA_DELETE,
    "sa-delete",
    { SLOT (sa_delete.slot), U8 (sa_delete.parts, PARTS), U32 (sa_delete.spi_in), U32 (sa_delete.spi_out) } },
  { CHANNEL_SA_QUERY, "sa-query", { SLOT (sa_query.slot), FLAG (sa_query.outbound), U32 (sa_query.spi) } },
  { CHANNEL_END, "end", { { FIELD_END } } },
  { CHANNEL_RECALL, "recall", { NONEMPTY (memory.name, CHANNEL_MAX_HOST) } },
  { CHANNEL_REMEMBER,
    "remember",
    { NONEMPTY (memory.name, CHANNEL_MAX_HOST), { FIELD_U32, AT (memory.value), 0, G_MAXUINT16 } } },
  { CHANNEL_ADDRESSES, "addresses", { SELECTORS (addresses.inside) } },
  { CHANNEL_PIN, "pin", { ADDRESS (pin.gateway), { FIELD_U32, AT (pin.ifindex), 0, G_MAXINT32 } } },
  { CHANNEL_GUARD,
    "guard",
    { U8 (guard.mode, CHANNEL_GUARD_KEEP), FLAG (guard.names), SELECTORS (guard.protect), SELECTORS (guard.except),
      SELECTORS (guard.inside) } },
  { CHANNEL_CLAMP,
    "clamp",
    { { FIELD_U32, AT (clamp.mss4), 0, CHANNEL_MAX_SEGMENT },
      { FIELD_U32, AT (clamp.mss6), 0, CHANNEL_MAX_SEGMENT } } },

  { CHANNEL_SERVER,
    "server",
    { STRING (server.users, CHANNEL_MAX_PATH), STRING (server.user, CHANNEL_MAX_USER),
      STRING (server.pam, CHANNEL_MAX_USER) } },
  { CHANNEL_USER, "user", { NONEMPTY (client.name, CHANNEL_MAX_CLIENT), STRING (client.host, CHANNEL_MAX_HOST) } },
  { CHANNEL_AUTHORIZE,
    "authorize",
    { NONEMPTY (client.name, CHANNEL_MAX_CLIENT), STRING (client.host, CHANNEL_MAX_HOST) } },
  { CHANNEL_PAD, "pad", { NONEMPTY (pad.path, CHANNEL_MAX_PATH), STRING (pad.user, CHANNEL_MAX_USER) } },
  { CHANNEL_LABEL, "label", { NONEMPTY (label.label, CHANNEL_MAX_SEC_LABEL) } },
  { CHANNEL_PAD_TAKE, "pad-take", { U8 (pad_take.which, CHANNEL_PAD_LAST), U64 (pad_take.offset) } },
  { CHANNEL_STATE_LOAD, "state-load", { { FIELD_END } } },
  { CHANNEL_STATE_SAVE, "state-save", { BLOB (secret.octets, CHANNEL_MAX_STATE) } },
  { CHANNEL_TLS,
    "tls",
    { U8 (tls.op, CHANNEL_TLS_REFUSE),
      U32 (tls.key),
      BLOB (tls.records, CHANNEL_MAX_RECORDS),
      BLOB (tls.clear, CHANNEL_MAX_CLEAR),
      STRING (tls.label, CHANNEL_MAX_LABEL),
      BLOB (tls.context, CHANNEL_MAX_LABEL),
      { FIELD_U32, AT (tls.len), 0, CHANNEL_MAX_EXPORT } } },
  { CHANNEL_FETCH,
    "fetch",
    { NONEMPTY (fetch.url, CHANNEL_MAX_URL), BLOB (fetch.body, CHANNEL_MAX_OCSP), U32 (fetch.ifindex) } },

  { CHANNEL_DONE, "done", { { FIELD_END } } },
  { CHANNEL_FAILED, "failed", { U8 (failed.code, 255), U32 (failed.number), STRING (failed.text, CHANNEL_MAX_TEXT) } },
  { CHANNEL_RESOLVED, "resolved", { { FIELD_ADDRESSES, AT (resolved), 0, CHANNEL_MAX_ADDRESSES } } },
  { CHANNEL_LINKED,
    "linked",
    { U8 (linked.kind, CHANNEL_LINK_NONE), STRING (linked.name, CHANNEL_MAX_NAME), U32 (linked.ifindex),
      U32 (linked.if_id), U32 (linked.mark) } },
  { CHANNEL_OPENED, "opened", { ENDPOINT (opened.local) } },
  { CHANNEL_LOADED,
    "loaded",
    { U32 (loaded.key), U8 (loaded.key_type, 255), U32 (loaded.key_bits), FLAG (loaded.pss) } },
  { CHANNEL_READ, "read", { { FIELD_U32, AT (read.len), 0, CHANNEL_MAX_FILE } } },
  { CHANNEL_SIGNED, "signed", { BLOB (signature.signature, CHANNEL_MAX_SIGNATURE) } },
  { CHANNEL_SPI,
    "spi",
    { U32 (spi.spi),
      { FIELD_U32, AT (spi.cpi), 0, G_MAXUINT16 },
      FLAG (spi.iptfs),
      { FIELD_U32, AT (spi.cpus), 0, CHANNEL_MAX_CPUS } } },
  { CHANNEL_USAGE, "usage", { U64 (usage.bytes), U64 (usage.packets), U64 (usage.last_use) } },
  { CHANNEL_RECALLED, "recalled", { { FIELD_U32, AT (memory.value), 0, G_MAXUINT16 } } },
  { CHANNEL_SECRET, "secret", { BLOB (secret.octets, CHANNEL_MAX_PASSWORD) } },
  { CHANNEL_SLICE,
    "slice",
    { U64 (slice.offset), { FIELD_BLOB, AT (slice.octets), CHANNEL_PAD_SLICE, CHANNEL_PAD_SLICE } } },
  { CHANNEL_STATE, "state", { BLOB (secret.octets, CHANNEL_MAX_STATE) } },
  { CHANNEL_TLS_DONE,
    "tls-done",
    { U8 (tls_done.state, CHANNEL_TLS_FAILED), FLAG (tls_done.tls13), BLOB (tls_done.records, CHANNEL_MAX_RECORDS),
      BLOB (tls_done.clear, CHANNEL_MAX_CLEAR) } },

  { CHANNEL_EXPIRE, "expire", { U32 (expire.spi), FLAG (expire.hard), ADDRESS (expire.dst) } },
  { CHANNEL_MAPPING, "mapping", { U32 (mapping.spi), ENDPOINT (mapping.peer) } },
  { CHANNEL_ACQUIRE, "acquire", { SLOT (acquire.slot), SELECTOR (acquire.local), SELECTOR (acquire.remote) } },
  { CHANNEL_LINK_GONE, "link-gone", { { FIELD_END } } },
};

static const Row *
row_find (guint type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].type == type)
      return &rows[i];
  return NULL;
}

const char *
channel_type_name (ChannelType type)
{
  const Row *row = row_find (type);

  return row ? row->name : NULL;
}

/* ---- a cursor for both directions: with @out it writes, without it only counts ---- */

typedef struct {
  guint8 *out;
  const guint8 *in;
  gsize pos, len;
  gboolean failed;
} Cursor;

static void
put (Cursor *c, guint64 value, guint width)
{
  for (guint i = 0; c->out && i < width; i++)
    c->out[c->pos + i] = (guint8) (value >> (8 * (width - 1 - i)));
  c->pos += width;
}

static void
put_bytes (Cursor *c, gconstpointer data, gsize len)
{
  if (c->out && len > 0)
    memcpy (c->out + c->pos, data, len);
  c->pos += len;
}

/* NULL when there is not so much left. */
static const guint8 *
get_bytes (Cursor *c, gsize len)
{
  const guint8 *p = c->in + c->pos;

  if (c->failed || len > c->len - c->pos)
    {
      c->failed = TRUE;
      return NULL;
    }
  c->pos += len;
  return p;
}

static guint64
get (Cursor *c, guint width)
{
  const guint8 *p = get_bytes (c, width);
  guint64 value = 0;

  for (guint i = 0; p && i < width; i++)
    value = value << 8 | p[i];
  return value;
}

static gsize
address_len (guint family)
{
  return family == 4 ? 4 : family == 6 ? 16 : 0;
}

static gboolean
selector_is_sane (const ChannelSelector *s)
{
  return s->first.family != 0 && s->first.family == s->last.family && memcmp (s->first.bytes, s->last.bytes, 16) <= 0 &&
         s->port_first <= s->port_last;
}

static void
put_address (Cursor *c, const ChannelAddress *a)
{
  if (a->family != 0 && address_len (a->family) == 0)
    c->failed = TRUE;
  put (c, a->family, 1);
  put_bytes (c, a->bytes, address_len (a->family));
}

static void
get_address (Cursor *c, ChannelAddress *ret_address)
{
  guint8 family = (guint8) get (c, 1);
  gsize len = address_len (family);
  const guint8 *p = get_bytes (c, len);

  if (family != 0 && len == 0)
    c->failed = TRUE;
  ret_address->family = family;
  if (p)
    memcpy (ret_address->bytes, p, len);
}

static void
put_endpoint (Cursor *c, const ChannelEndpoint *e)
{
  put_address (c, &e->address);
  put (c, e->port, 2);
}

static void
get_endpoint (Cursor *c, ChannelEndpoint *ret_endpoint)
{
  get_address (c, &ret_endpoint->address);
  ret_endpoint->port = (guint16) get (c, 2);
}

static void
put_selector (Cursor *c, const ChannelSelector *s)
{
  if (!selector_is_sane (s))
    c->failed = TRUE;
  put_address (c, &s->first);
  put_address (c, &s->last);
  put (c, s->protocol, 1);
  put (c, s->port_first, 2);
  put (c, s->port_last, 2);
}

static void
get_selector (Cursor *c, ChannelSelector *ret_selector)
{
  get_address (c, &ret_selector->first);
  get_address (c, &ret_selector->last);
  ret_selector->protocol = (guint8) get (c, 1);
  ret_selector->port_first = (guint16) get (c, 2);
  ret_selector->port_last = (guint16) get (c, 2);
  if (!selector_is_sane (ret_selector))
    c->failed = TRUE;
}

/* ---- fields ---- */

static void
check_range (Cursor *c, const Field *field, guint64 value)
{
  if (value < field->min || value > field->max)
    c->failed = TRUE;
}

static void
put_string (Cursor *c, const Field *field, const char *s)
{
  gsize len = s ? strlen (s) : 0;

  check_range (c, field, len);
  put (c, len + 1, 2);
  put_bytes (c, s ? s : "", len + 1);
}

static const char *
get_string (Cursor *c, const Field *field)
{
  gsize size = (gsize) get (c, 2);
  const char *s = (const char *) get_bytes (c, size);

  if (!s || size == 0 || memchr (s, 0, size) != s + size - 1)
    {
      c->failed = TRUE;
      return "";
    }
  check_range (c, field, size - 1);
  return s;
}

static void
put_field (Cursor *c, const Field *field, const ChannelMsg *msg)
{
  const guint8 *p = (const guint8 *) msg + field->offset;

  switch (field->kind)
    {
    case FIELD_END:
      break;
    case FIELD_U8:
      check_range (c, field, *p);
      put (c, *p, 1);
      break;
    case FIELD_U32:
      check_range (c, field, *(const guint32 *) p);
      put (c, *(const guint32 *) p, 4);
      break;
    case FIELD_U64:
      put (c, *(const guint64 *) p, 8);
      break;
    case FIELD_STRING:
      put_string (c, field, *(const char *const *) p);
      break;
    case FIELD_BLOB:
      check_range (c, field, ((const ChannelBlob *) p)->len);
      put (c, ((const ChannelBlob *) p)->len, 4);
      put_bytes (c, ((const ChannelBlob *) p)->data, ((const ChannelBlob *) p)->len);
      break;
    case FIELD_ADDRESS:
      put_address (c, (const ChannelAddress *) p);
      break;
    case FIELD_ENDPOINT:
      put_endpoint (c, (const ChannelEndpoint *) p);
      break;
    case FIELD_SELECTOR:
      put_selector (c, (const ChannelSelector *) p);
      break;
    case FIELD_SELECTORS:
      check_range (c, field, ((const ChannelSelectors *) p)->n);
      put (c, ((const ChannelSelectors *) p)->n, 1);
      for (guint i = 0; i < ((const ChannelSelectors *) p)->n && !c->failed; i++)
        put_selector (c, &((const ChannelSelectors *) p)->at[i]);
      break;
    case FIELD_ADDRESSES:
      check_range (c, field, ((const ChannelAddresses *) p)->n);
      put (c, ((const ChannelAddresses *) p)->n, 1);
      for (guint i = 0; i < ((const ChannelAddresses *) p)->n && !c->failed; i++)
        put_address (c, &((const ChannelAddresses *) p)->at[i]);
      break;
    }
}

static void
get_field (Cursor *c, const Field *field, ChannelMsg *msg)
{
  guint8 *p = (guint8 *) msg + field->offset;

  switch (field->kind)
    {
    case FIELD_END:
      break;
    case FIELD_U8:
      *p = (guint8) get (c, 1);
      check_range (c, field, *p);
      break;
    case FIELD_U32:
      *(guint32 *) p = (guint32) get (c, 4);
      check_range (c, field, *(guint32 *) p);
      break;
    case FIELD_U64:
      *(guint64 *) p = get (c, 8);
      break;
    case FIELD_STRING:
      *(const char **) p = get_string (c, field);
      break;
    case FIELD_BLOB:
      ((ChannelBlob *) p)->len = (gsize) get (c, 4);
      check_range (c, field, ((ChannelBlob *) p)->len);
      ((ChannelBlob *) p)->data = get_bytes (c, ((ChannelBlob *) p)->len);
      break;
    case FIELD_ADDRESS:
      get_address (c, (ChannelAddress *) p);
      break;
    case FIELD_ENDPOINT:
      get_endpoint (c, (ChannelEndpoint *) p);
      break;
    case FIELD_SELECTOR:
      get_selector (c, (ChannelSelector *) p);
      break;
    case FIELD_SELECTORS:
      ((ChannelSelectors *) p)->n = (guint) get (c, 1);
      check_range (c, field, ((ChannelSelectors *) p)->n);
      for (guint i = 0; i < ((ChannelSelectors *) p)->n && !c->failed; i++)
        get_selector (c, &((ChannelSelectors *) p)->at[i]);
      break;
    case FIELD_ADDRESSES:
      ((ChannelAddresses *) p)->n = (guint) get (c, 1);
      check_range (c, field, ((ChannelAddresses *) p)->n);
      for (guint i = 0; i < ((ChannelAddresses *) p)->n && !c->failed; i++)
        get_address (c, &((ChannelAddresses *) p)->at[i]);
      break;
    }
}

/* ---- messages ---- */

static gsize
walk_out (Cursor *c, const Row *row, const ChannelMsg *msg, gsize payload)
{
  put (c, MAGIC, 2);
  put (c, VERSION, 1);
  put (c, msg->type, 1);
  put (c, msg->serial, 4);
  put (c, payload, 4);
  for (guint i = 0; i < MAX_FIELDS && row->fields[i].kind != FIELD_END && !c->failed; i++)
    put_field (c, &row->fields[i], msg);
  return c->pos - HEADER_LEN;
}

guint8 *
channel_msg_encode (const ChannelMsg *msg, gsize *ret_len)
{
  const Row *row = row_find (msg->type);
  Cursor count = { 0 }, writer = { 0 };
  gsize payload;

  g_return_val_if_fail (row, NULL);
  payload = walk_out (&count, row, msg, 0);
  if (count.failed || count.pos > CHANNEL_MAX_MESSAGE)
    return NULL;
  writer.out = g_malloc (count.pos);
  walk_out (&writer, row, msg, payload);
  *ret_len = writer.pos;
  return writer.out;
}

void
channel_buffer_free (guint8 *buffer, gsize len)
{
  if (buffer)
    explicit_bzero (buffer, len);
  g_free (buffer);
}

static gboolean
walk_in (Cursor *c, ChannelMsg *msg)
{
  const Row *row;

  if (get (c, 2) != MAGIC || get (c, 1) != VERSION)
    return FALSE;
  row = row_find ((guint) get (c, 1));
  if (!row)
    return FALSE;
  msg->type = row->type;
  msg->serial = (guint32) get (c, 4);
  if (get (c, 4) != c->len - c->pos || c->failed)
    return FALSE;
  for (guint i = 0; i < MAX_FIELDS && row->fields[i].kind != FIELD_END && !c->failed; i++)
    get_field (c, &row->fields[i], msg);
  return !c->failed && c->pos == c->len;
}

ChannelMsg *
channel_msg_decode (gconstpointer data, gsize len)
{
  g_autoptr (ChannelMsg) msg = NULL;
  Cursor reader = { 0 };

  if (len < HEADER_LEN || len > CHANNEL_MAX_MESSAGE)
    return NULL;
  msg = g_new0 (ChannelMsg, 1);
  msg->fd = -1;
  msg->buffer = g_memdup2 (data, len);
  msg->buffer_len = len;
  reader.in = msg->buffer;
  reader.len = len;
  return walk_in (&reader, msg) ? g_steal_pointer (&msg) : NULL;
}

