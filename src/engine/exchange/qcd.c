/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing but the format of our own tokens: RFC 6290 sections 4, 5.1. */
#include "exchange/qcd.h"

#include "exchange/handlers.h"
#include "wire/payload-notify.h"

#define TOKEN_LEN 32 /* PRF_HMAC_SHA2_256 */
#define MIN_TOKEN 16 /* RFC 6290 section 5 */
#define MAX_TOKEN 128
#define MAX_TOKENS 4 /* of one message: section 4.5 */

static gboolean
make_token (const IkeConnection *connection, guint64 spi_i, guint64 spi_r, guint8 ret[TOKEN_LEN])
{
  const IkeCrypto *crypto = connection->core->crypto;
  const guint64 spis[2] = { GUINT64_TO_BE (spi_i), GUINT64_TO_BE (spi_r) };
  const IkeChunk part = ike_chunk (spis, sizeof spis);
  IkeChunk secret = ike_secret_chunk (connection->config->qcd_secret);

  return crypto->prf (crypto, IKE_PRF_HMAC_SHA2_256, secret.data, secret.len, &part, 1, ret);
}

static void
write_token (IkeBuilder *builder, const guint8 token[TOKEN_LEN])
{
  const IkeNotify notify = { .protocol = IKE_PROTOCOL_IKE,
                             .type = IKE_NOTIFY_QUICK_CRASH_DETECTION,
                             .data = ike_chunk (token, TOKEN_LEN) };

  ike_notify_write (ike_builder_begin (builder, IKE_PAYLOAD_NOTIFY), &notify);
  ike_builder_end (builder);
}

void
ike_qcd_write (IkeBuilder *builder, const IkeParent *parent)
{
  guint8 token[TOKEN_LEN];

  if (ike_parent_config (parent)->qcd_secret && make_token (parent->connection, parent->spi_i, parent->spi_r, token))
    write_token (builder, token);
}

void
ike_qcd_renew (IkeParent *parent)
{
  if (!ike_parent_config (parent)->qcd_secret)
    return;
  ike_run_queue (parent, &ike_row_liveness)->step = IKE_LIVENESS_TOKEN;
  ike_run_next (parent);
}

void
ike_qcd_note (IkeParent *parent, const IkePayloads *payloads)
{
  IkeNotify notify;

  if (!ike_notify_find (payloads, IKE_NOTIFY_QUICK_CRASH_DETECTION, &notify) || notify.data.len < MIN_TOKEN ||
      notify.data.len > MAX_TOKEN)
    return;
  g_clear_pointer (&parent->qcd_token, g_bytes_unref);
  parent->qcd_token = ike_chunk_dup (notify.data);
}

static gboolean
is_ours (const IkeParent *parent, const IkePayloads *payloads)
{
  guint index = 0, n = 0;
  IkeNotify notify;

  while (parent->qcd_token && n++ < MAX_TOKENS &&
         ike_notify_next (payloads, IKE_NOTIFY_QUICK_CRASH_DETECTION, &index, &notify))
    if (notify.data.len == g_bytes_get_size (parent->qcd_token) &&
        ike_memequal (notify.data.data, g_bytes_get_data (parent->qcd_token, NULL), notify.data.len))
      return TRUE;
  return FALSE;
}

gboolean
ike_qcd_receive (IkeParent *parent, const IkePayloads *payloads)
{
  g_autofree char *remote = ike_endpoint_to_string (&parent->path.remote);
  g_auto (IkeReason) reason = { 0 };
  IkeNotify notify;

  if (!ike_notify_find (payloads, IKE_NOTIFY_INVALID_IKE_SPI, &notify))
    return FALSE;
  if (is_ours (parent, payloads))
    {
      ike_parent_log (parent, IKE_LOG_NOTICE, "qcd", "the peer has lost its state");
      ike_reason_set (&reason, IKE_REASON_PEER_DEAD, 0, "%s, it has lost its state", remote);
      ike_life_end (parent, IKE_FAREWELL_NONE, &reason);
      return TRUE;
    }
  /* RFC 7296 section 2.21.4: a hint, which anybody can have sent */
  if (parent->connection->current == parent)
    ike_path_hint (parent->connection);
  return TRUE;
}

/* Section 9.2: whoever could ask for the token of an IKE SA that is here, or about to be, could end it. Which of the two
 * SPIs is ours only the sender's flag says, whom nobody knows. */
static gboolean
is_here (IkeCore *core, const IkeHeader *header)
{
  return ike_parent_find (core, header->spi_i) || ike_parent_find (core, header->spi_r) ||
         g_hash_table_contains (core->reserved, &header->spi_i) ||
         g_hash_table_contains (core->reserved, &header->spi_r);
}

void
ike_qcd_answer (IkeCore *core, const IkeConnection *connection, const IkeHeader *header, const IkePath *path)
{
  g_auto (IkeBuilder) builder = { 0 };
  g_autoptr (GBytes) datagram = NULL;
  guint8 token[TOKEN_LEN];
  IkeHeader answer = *header;

  if (!connection || !connection->config->qcd_secret || header->flags & IKE_FLAG_RESPONSE || !header->spi_r ||
      (header->next_payload != IKE_PAYLOAD_SK && header->next_payload != IKE_PAYLOAD_SKF) || is_here (core, header) ||
      !ike_core_may_answer (core) || !make_token (connection, header->spi_i, header->spi_r, token))
    return;
  /* section 4.5: SPIs and message id are those of the request */
  answer.flags = (guint8) (IKE_FLAG_RESPONSE | (header->flags & IKE_FLAG_INITIATOR ? 0 : IKE_FLAG_INITIATOR));
  ike_builder_init (&builder, &answer);
  ike_builder_notify (&builder, IKE_NOTIFY_INVALID_IKE_SPI, ike_chunk (NULL, 0));
  write_token (&builder, token);
  datagram = ike_builder_finish (&builder);
  if (datagram)
    ike_core_send (core, connection->config->id, path, datagram, IKE_PIECES_USUAL);
}

void
ike_qcd_stray (IkeCore *core, const IkePayloads *payloads, const IkePath *path)
{
  GHashTableIter iter;
  gpointer value;
  IkeNotify notify;
  IkeReader reader;
  guint32 spi;

  if (!ike_notify_find (payloads, IKE_NOTIFY_INVALID_SPI, &notify) || notify.data.len != 4)
    return;
  reader = ike_reader (notify.data);
  spi = ike_read_u32 (&reader);
  g_hash_table_iter_init (&iter, core->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      IkeParent *parent = ((IkeConnection *) value)->current;

      if (parent && ike_address_equal (&parent->path.remote.address, &path->remote.address) &&
          ike_child_by_spi_out (parent, spi))
        ike_path_hint (value);
    }
}
