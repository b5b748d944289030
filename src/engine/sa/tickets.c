/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the keys, and which tickets are used up. RFC 5723 sections 6.1, 9.1 to 9.5.
 *
 * A ticket: version, number of the key (both authenticated), number of the ticket (the nonce), AES-GCM of the session.
 */
#include "sa/tickets.h"

#include "crypto/suites.h"
#include "wire/payload-id.h"

#define VERSION 1
#define KEY_LEN 36 /* AES-256 and four octets of salt: RFC 5282 */
#define AAD_LEN 5
#define IV_LEN 8
#define TAG_LEN 16
#define MAX_SK_D 64

typedef struct {
  guint32 number; /* 0: not made yet */
  guint32 issued;
  IkeTime made;
  IkeSecret *secret;
  GByteArray *used; /* a bit for each that is of no use any more */
} Key;

struct _IkeTickets {
  Key keys[2]; /* now, and before that */
  guint32 last_number;
};

IkeTickets *
ike_tickets_new (void)
{
  return g_new0 (IkeTickets, 1);
}

static void
key_clear (Key *key)
{
  ike_secret_free (key->secret);
  g_clear_pointer (&key->used, g_byte_array_unref);
  *key = (Key){ 0 };
}

void
ike_tickets_free (IkeTickets *tickets)
{
  if (!tickets)
    return;
  key_clear (&tickets->keys[0]);
  key_clear (&tickets->keys[1]);
  g_free (tickets);
}

static gboolean
rotate (IkeTickets *tickets, const IkeCrypto *crypto, IkeTime now)
{
  g_autoptr (IkeSecret) secret = ike_secret_new (KEY_LEN);

  if (!crypto->random (crypto, ike_secret_data (secret), KEY_LEN))
    return FALSE;
  key_clear (&tickets->keys[1]);
  tickets->keys[1] = tickets->keys[0];
  tickets->keys[0] = (Key){
    .number = ++tickets->last_number, .made = now, .secret = g_steal_pointer (&secret), .used = g_byte_array_new ()
  };
  return TRUE;
}

static Key *
find_key (IkeTickets *tickets, guint32 number)
{
  for (guint i = 0; number && i < G_N_ELEMENTS (tickets->keys); i++)
    if (tickets->keys[i].number == number)
      return &tickets->keys[i];
  return NULL;
}

static gboolean
is_used (const Key *key, guint32 number)
{
  return number / 8 < key->used->len && key->used->data[number / 8] & (1u << number % 8);
}

gboolean
ike_tickets_use (IkeTickets *tickets, IkeTicketRef ref)
{
  Key *key = find_key (tickets, ref.key);
  guint before;

  if (!key || ref.number >= key->issued || is_used (key, ref.number))
    return FALSE;
  before = key->used->len;
  if (ref.number / 8 >= before)
    {
      g_byte_array_set_size (key->used, ref.number / 8 + 1);
      memset (key->used->data + before, 0, key->used->len - before);
    }
  key->used->data[ref.number / 8] |= (guint8) (1u << ref.number % 8);
  return TRUE;
}

/* ---- what is inside ---- */

static void
write_bytes (IkeWriter *writer, IkeChunk chunk)
{
  ike_write_u16 (writer, (guint) chunk.len);
  ike_write_chunk (writer, chunk);
}

static void
write_session (IkeWriter *writer, const IkeSession *session)
{
  ike_write_u64 (writer, (guint64) session->expires);
  ike_write_u64 (writer, (guint64) session->authenticated);
  ike_write_u32 (writer, session->client);
  ike_write_u16 (writer, session->suite.encr);
  ike_write_u16 (writer, session->suite.encr_bits);
  ike_write_u16 (writer, session->suite.prf);
  ike_write_u16 (writer, session->suite.integ);
  write_bytes (writer, ike_secret_chunk (session->sk_d));
  write_bytes (writer, ike_chunk_bytes (session->id_i));
  write_bytes (writer, ike_chunk_bytes (session->id_r));
  ike_write_u8 (writer, session->peer_id->type);
  write_bytes (writer, ike_chunk_bytes (session->peer_id->data));
}

IkeSession *
ike_tickets_parse (IkeChunk plain)
{
  IkeReader reader = ike_reader (plain);
  g_autoptr (IkeSession) session = g_new0 (IkeSession, 1);
  IkeChunk sk_d, id_i, id_r, peer;
  IkeId id;
  guint8 type;

  session->refs = 1;
  session->expires = (IkeTime) ike_read_u64 (&reader);
  session->authenticated = (IkeTime) ike_read_u64 (&reader);
  session->client = ike_read_u32 (&reader);
  session->suite.protocol = IKE_PROTOCOL_IKE;
  session->suite.encr = ike_read_u16 (&reader);
  session->suite.encr_bits = ike_read_u16 (&reader);
  session->suite.prf = ike_read_u16 (&reader);
  session->suite.integ = ike_read_u16 (&reader);
  sk_d = ike_read_chunk (&reader, ike_read_u16 (&reader));
  id_i = ike_read_chunk (&reader, ike_read_u16 (&reader));
  id_r = ike_read_chunk (&reader, ike_read_u16 (&reader));
  type = ike_read_u8 (&reader);
  peer = ike_read_chunk (&reader, ike_read_u16 (&reader));
  if (!ike_reader_done (&reader) || !sk_d.len || sk_d.len > MAX_SK_D || !ike_id_parse (id_i, &id) ||
      !ike_id_parse (id_r, &id))
    return NULL;
  session->sk_d = ike_secret_new_from (sk_d.data, sk_d.len);
  session->id_i = ike_chunk_dup (id_i);
  session->id_r = ike_chunk_dup (id_r);
  session->peer_id = ike_identity_new ((IkeIdType) type, peer.data, peer.len);
  return session->peer_id ? g_steal_pointer (&session) : NULL;
}

/* ---- around it ---- */

static gboolean
is_exhausted (const Key *key, IkeTime now)
{
  return !key->number || key->issued >= IKE_TICKETS_OF_KEY || now - key->made >= IKE_TICKET_KEY_TIME;
}

GBytes *
ike_tickets_seal (IkeTickets *tickets, const IkeCrypto *crypto, IkeTime now, const IkeSession *session,
                  IkeTicketRef *ret_ref)
{
  g_auto (IkeWriter) inside = IKE_WRITER (IKE_TICKET_MAX - AAD_LEN - IV_LEN - TAG_LEN);
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_TICKET_MAX);
  Key *key = &tickets->keys[0];
  g_autofree guint8 *sealed = NULL;
  guint8 tag[TAG_LEN], iv[IV_LEN];
  IkeChunk plain, aad;
  guint64 nonce;

  if (is_exhausted (key, now) && !rotate (tickets, crypto, now))
    return NULL;
  write_session (&inside, session);
  if (!ike_writer_ok (&inside))
    return NULL;
  plain = ike_writer_chunk (&inside);
  sealed = g_malloc (plain.len);
  ike_write_u8 (&writer, VERSION);
  ike_write_u32 (&writer, key->number);
  aad = ike_writer_chunk (&writer);
  nonce = GUINT64_TO_BE ((guint64) key->issued);
  memcpy (iv, &nonce, sizeof iv);
  if (!crypto->seal (crypto, IKE_ENCR_AES_GCM_16, ike_secret_data (key->secret), KEY_LEN, iv, &aad, plain.data,
                     plain.len, sealed, tag))
    return NULL;
  ike_write_bytes (&writer, iv, sizeof iv);
  ike_write_bytes (&writer, sealed, plain.len);
  ike_write_bytes (&writer, tag, sizeof tag);
  *ret_ref = (IkeTicketRef){ key->number, key->issued++ };
  return ike_writer_finish (&writer);
}

IkeSession *
ike_tickets_open (IkeTickets *tickets, const IkeCrypto *crypto, IkeTime now, IkeChunk ticket, IkeTicketRef *ret_ref)
{
  IkeReader reader = ike_reader (ticket);
  guint8 version = ike_read_u8 (&reader);
  guint32 number = ike_read_u32 (&reader);
  IkeChunk iv = ike_read_chunk (&reader, IV_LEN), sealed, tag, aad = ike_chunk (ticket.data, AAD_LEN);
  IkeReader counter = ike_reader (iv);
  guint64 nonce = ike_read_u64 (&counter);
  Key *key = find_key (tickets, number);
  g_autoptr (IkeSecret) plain = NULL;
  g_autoptr (IkeSession) session = NULL;

  if (ticket.len > IKE_TICKET_MAX || ike_reader_left (&reader) <= TAG_LEN)
    return NULL;
  sealed = ike_read_chunk (&reader, ike_reader_left (&reader) - TAG_LEN);
  tag = ike_read_rest (&reader);
  if (version != VERSION || !key || nonce >= key->issued || is_used (key, (guint32) nonce))
    return NULL;
  plain = ike_secret_new (sealed.len);
  if (!crypto->open (crypto, IKE_ENCR_AES_GCM_16, ike_secret_data (key->secret), KEY_LEN, iv.data, &aad, sealed.data,
                     sealed.len, ike_secret_data (plain), tag.data))
    return NULL;
  session = ike_tickets_parse (ike_secret_chunk (plain));
  if (!session || session->expires <= now)
    return NULL;
  *ret_ref = (IkeTicketRef){ number, (guint32) nonce };
  return g_steal_pointer (&session);
}
