/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PEAP, versions 0 and 1: draft-kamath-pppext-peapv0, MS-PEAP, draft-josefsson-pppext-eap-tls-eap. Inside is another EAP
 * conversation. In version 0 its packets lack Code, Identifier and Length, but for those of the type Extensions, in
 * which the server says how it went, and we agree; in version 1 they are whole, and EAP-Success comes inside first.
 *
 * Invariant: a result of the server is agreed to only when the inner method has finished too (cve-2023-52160).
 */
#include "base/reader.h"
#include "base/writer.h"
#include "eap/tunnel.h"

#include <string.h>

#define HEADER_LEN 4 /* Code, Identifier, Length */
#define MAX_MESSAGE 8192 /* of ours */

enum { TLV_RESULT = 3 };
enum { TLV_MANDATORY = 0x8000, TLV_TYPE_MASK = 0x3fff };
enum { RESULT_SUCCESS = 1, RESULT_FAILURE = 2 };

typedef struct {
  IkeEapPeer *peer;
  guint8 version, id;
  gboolean done;
} Peap;

static gpointer
peap_start (const IkeCrypto *crypto, const IkeEapSettings *settings)
{
  Peap *self = g_new0 (Peap, 1);
  const IkeEapSettings inside = { .user = settings->user, .methods = settings->inner, .chain = TRUE };

  self->peer = ike_eap_peer_new (crypto, &inside);
  return self;
}

static void
peap_free (gpointer data)
{
  Peap *self = data;

  ike_eap_peer_free (self->peer);
  g_free (self);
}

static void
fail (IkeEapInnerStep *ret, IkeReasonCode code, const char *detail)
{
  ret->action = IKE_EAP_INNER_FAILED;
  ike_reason_set (&ret->reason, code, 0, "PEAP: %s", detail);
}

static IkeSecret *
wrap_packet (IkeChunk packet, gpointer data)
{
  const Peap *self = data;
  gsize skip = self->version == 0 ? HEADER_LEN : 0;

  return ike_secret_new_from (packet.data + skip, packet.len - skip);
}

/* ---- version 0: results ---- */

static IkeSecret *
result_message (guint8 id, guint result)
{
  g_auto (IkeWriter) writer = IKE_WRITER (MAX_MESSAGE);
  IkeChunk chunk;

  ike_write_u8 (&writer, IKE_EAP_CODE_RESPONSE);
  ike_write_u8 (&writer, id);
  ike_write_u16 (&writer, HEADER_LEN + 1 + 6);
  ike_write_u8 (&writer, IKE_EAP_MSTLV);
  ike_write_u16 (&writer, TLV_MANDATORY | TLV_RESULT);
  ike_write_u16 (&writer, 2);
  ike_write_u16 (&writer, result);
  chunk = ike_writer_chunk (&writer);
  return ike_secret_new_from (chunk.data, chunk.len);
}

/* 0: there is none, or something that we must understand and do not. */
static guint
read_result (IkeChunk tlvs)
{
  IkeReader reader = ike_reader (tlvs);
  guint result = 0;

  while (ike_reader_left (&reader) > 0 && ike_reader_ok (&reader))
    {
      guint16 type = ike_read_u16 (&reader), len = ike_read_u16 (&reader);
      IkeReader value = ike_read_sub (&reader, len);

      if ((type & TLV_TYPE_MASK) == TLV_RESULT && len == 2)
        result = ike_read_u16 (&value);
      else if (type & TLV_MANDATORY)
        return 0;
    }
  return ike_reader_ok (&reader) ? result : 0;
}

static void
on_extensions (Peap *self, guint8 id, IkeChunk tlvs, IkeEapInnerStep *ret)
{
  guint result = read_result (tlvs);

  if (result != RESULT_SUCCESS && result != RESULT_FAILURE)
    {
      fail (ret, IKE_REASON_BAD_MESSAGE, "a result that cannot be understood");
      return;
    }
  if (result == RESULT_SUCCESS && !ike_eap_peer_is_finished (self->peer))
    {
      fail (ret, IKE_REASON_EAP_EARLY_SUCCESS, "inside");
      return;
    }
  self->done = result == RESULT_SUCCESS;
  ret->action = IKE_EAP_INNER_SAY;
  ret->clear = result_message (id, result);
}

/* ---- packets ---- */

static void
on_packet (Peap *self, IkeChunk packet, IkeEapInnerStep *ret)
{
  g_auto (IkeEapStep) step = { 0 };

  ike_eap_peer_handle (self->peer, packet, &step);
  ike_eap_inner_take (&step, wrap_packet, self, ret);
  if (step.action == IKE_EAP_STEP_SUCCEEDED)
    self->done = TRUE;
}

/* A packet that is whole although version 0 would leave its header out. */
static gboolean
is_whole (IkeChunk clear)
{
  IkeReader reader = ike_reader (clear);
  guint8 code = ike_read_u8 (&reader);
  guint16 len;
  guint8 type;

  ike_read_skip (&reader, 1);
  len = ike_read_u16 (&reader);
  type = ike_read_u8 (&reader);
  return ike_reader_ok (&reader) && code == IKE_EAP_CODE_REQUEST && len == clear.len &&
         (type == IKE_EAP_MSTLV || (type == IKE_EAP_IDENTITY && len == HEADER_LEN + 1));
}

static void
on_short_packet (Peap *self, guint8 id, IkeChunk clear, IkeEapInnerStep *ret)
{
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_EAP_MAX_PACKET);

  ike_write_u8 (&writer, IKE_EAP_CODE_REQUEST);
  ike_write_u8 (&writer, id);
  ike_write_u16 (&writer, (guint) (clear.len + HEADER_LEN));
  ike_write_chunk (&writer, clear);
  if (ike_writer_ok (&writer))
    on_packet (self, ike_writer_chunk (&writer), ret);
  else
    fail (ret, IKE_REASON_LIMIT, "a packet that is too long");
}

static void
peap_begin (gpointer data, guint8 version, gboolean tls13, const IkeSecret *challenge, IkeEapInnerStep *ret)
{
  Peap *self = data;

  self->version = version;
  ret->action = IKE_EAP_INNER_SAY; /* the server begins */
}

static void
peap_receive (gpointer data, guint8 id, IkeChunk clear, IkeEapInnerStep *ret)
{
  Peap *self = data;

  if (self->done)
    fail (ret, IKE_REASON_BAD_MESSAGE, "packet after the end");
  else if (is_whole (clear) && clear.data[HEADER_LEN] == IKE_EAP_MSTLV)
    on_extensions (self, clear.data[1], ike_chunk (clear.data + 5, clear.len - 5), ret);
  else if (self->version == 0 && !is_whole (clear))
    on_short_packet (self, id, clear, ret);
  else
    on_packet (self, clear, ret);
}

static void
peap_give_secret (gpointer data, IkeSecret *take_secret, IkeEapInnerStep *ret)
{
  Peap *self = data;
  g_auto (IkeEapStep) step = { 0 };

  ike_eap_peer_give_secret (self->peer, take_secret, &step);
  ike_eap_inner_take (&step, wrap_packet, self, ret);
}

static gboolean
peap_is_done (gpointer data)
{
  const Peap *self = data;

  return self->done;
}

static gboolean
peap_get_refusal (gpointer data, IkeReason *ret)
{
  const Peap *self = data;

  return ike_eap_peer_get_refusal (self->peer, ret);
}

static const IkeEapInner row = {
  .type = IKE_EAP_PEAP,
  .name = "PEAP",
  .max_version = 1,
  .start = peap_start,
  .begin = peap_begin,
  .receive = peap_receive,
  .give_secret = peap_give_secret,
  .is_done = peap_is_done,
  .get_refusal = peap_get_refusal,
  .free = peap_free,
};

static gpointer
start (const IkeCrypto *crypto, const IkeEapSettings *settings)
{
  return ike_eap_tunnel_new (&row, crypto, settings);
}

const IkeEapMethod ike_eap_peap = {
  .type = IKE_EAP_PEAP,
  .name = "PEAP",
  .safe_alone = TRUE,
  .start = start,
  IKE_EAP_TUNNEL_METHOD,
};
