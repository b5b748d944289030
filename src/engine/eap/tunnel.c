/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 5216 sections 2.1 and 2.3, RFC 9190 section 2, RFC 5281 sections 7 and 8, RFC 9427.
 *
 * Invariants: one order to the TLS machine at a time, and no packet while it is out (eap.c sees to both); nothing is
 * said inside before the handshake is complete, and that it never is before the server's certificate was accepted; the
 * key is given away only with a Success that the row confirms.
 */
#include "eap/tunnel.h"

#include "eap/tls-frame.h"

#define MSK_LEN 64
#define EXPORT_LEN 128 /* MSK and EMSK: RFC 5216 section 2.3 */
#define LABEL_1_2 "client EAP encryption"
#define LABEL_TTLS "ttls keying material" /* RFC 5281 section 8 */
#define LABEL_1_3 "EXPORTER_EAP_TLS_Key_Material" /* RFC 9190 section 2.3, for all types: RFC 9427 section 2.1 */

typedef enum { WAIT_START, HANDSHAKE, EXPORT_MSK, EXPORT_CHALLENGE, RUNNING, ALERTED } State;

typedef struct {
  const IkeEapInner *row;
  gpointer inner;
  IkeTlsFrame frame;
  State state;
  guint8 version, id;
  gboolean tls13, begun;
  GByteArray *records; /* to be sent when all has been said */
  IkeSecret *received; /* inside, not looked at yet */
  IkeSecret *msk, *challenge;
  IkeReason refusal; /* ALERTED: why we have given up; the server hears of it first */
} Tunnel;

gpointer
ike_eap_tunnel_new (const IkeEapInner *row, const IkeCrypto *crypto, const IkeEapSettings *settings)
{
  Tunnel *self = g_new0 (Tunnel, 1);

  self->row = row;
  self->inner = row->start (crypto, settings);
  self->records = g_byte_array_new ();
  return self;
}

void
ike_eap_tunnel_free (gpointer data)
{
  Tunnel *self = data;

  self->row->free (self->inner);
  ike_tls_frame_clear (&self->frame);
  g_byte_array_unref (self->records);
  ike_secret_free (self->received);
  ike_secret_free (self->msk);
  ike_secret_free (self->challenge);
  ike_reason_clear (&self->refusal);
  g_free (self);
}

static void
fail (Tunnel *self, IkeEapMethodStep *ret, IkeReasonCode code, const char *detail)
{
  ret->action = IKE_EAP_METHOD_FAILED;
  ike_reason_set (&ret->reason, code, 0, "%s: %s", self->row->name, detail);
}

static void
reply (Tunnel *self, IkeEapMethodStep *ret)
{
  ret->action = IKE_EAP_METHOD_REPLY;
  ret->data = ike_tls_frame_write (&self->frame, self->version);
}

/* All that the TLS machine wants to say, or an acknowledgement. */
static void
reply_records (Tunnel *self, IkeEapMethodStep *ret)
{
  GBytes *records = g_byte_array_free_to_bytes (self->records);

  self->records = g_byte_array_new ();
  ike_tls_frame_put (&self->frame, records);
  reply (self, ret);
}

static IkeTlsOrder *
order (IkeTlsOp op, IkeEapMethodStep *ret)
{
  ret->action = IKE_EAP_METHOD_TLS;
  ret->tls = g_new0 (IkeTlsOrder, 1);
  ret->tls->op = op;
  return ret->tls;
}

static void
order_msk (Tunnel *self, IkeEapMethodStep *ret)
{
  IkeTlsOrder *tls = order (IKE_TLS_EXPORT, ret);

  self->state = EXPORT_MSK;
  tls->len = EXPORT_LEN;
  tls->label = self->tls13 ? LABEL_1_3 : self->row->type == IKE_EAP_TTLS ? LABEL_TTLS : LABEL_1_2;
  /* RFC 9190 section 2.3: the context is the method's type; before TLS 1.3 there is none */
  tls->has_context = self->tls13;
  tls->context = (guint8) self->row->type;
}

static void
order_challenge (Tunnel *self, IkeEapMethodStep *ret)
{
  IkeTlsOrder *tls = order (IKE_TLS_EXPORT, ret);

  self->state = EXPORT_CHALLENGE;
  tls->label = self->row->challenge_label;
  tls->len = self->row->challenge_len;
}

/* Consumes @step. */
static void
take_inner (Tunnel *self, IkeEapInnerStep *step, IkeEapMethodStep *ret)
{
  switch (step->action)
    {
    case IKE_EAP_INNER_SAY:
      if (step->clear)
        order (IKE_TLS_STEP, ret)->clear = g_steal_pointer (&step->clear);
      else
        reply_records (self, ret);
      break;
    case IKE_EAP_INNER_SECRET:
      ret->action = IKE_EAP_METHOD_SECRET;
      ret->kind = step->kind;
      ret->attempt = step->attempt;
      ret->message = g_steal_pointer (&step->message);
      break;
    case IKE_EAP_INNER_FAILED:
      ret->action = IKE_EAP_METHOD_FAILED;
      ike_reason_copy (&ret->reason, &step->reason);
      break;
    }
  ike_secret_free (step->clear);
  g_free (step->message);
  ike_reason_clear (&step->reason);
}

/* The machine has nothing more to do with what came: whose turn is it? */
static void
proceed (Tunnel *self, IkeEapMethodStep *ret)
{
  IkeEapInnerStep step = { 0 };

  if (self->state != RUNNING || (self->begun && !self->received))
    {
      reply_records (self, ret);
      return;
    }
  if (!self->begun)
    {
      self->begun = TRUE;
      self->row->begin (self->inner, self->version, self->tls13, self->challenge, &step);
      g_clear_pointer (&self->challenge, ike_secret_free);
    }
  else
    {
      g_autoptr (IkeSecret) clear = g_steal_pointer (&self->received);

      self->row->receive (self->inner, self->id, ike_secret_chunk (clear), &step);
    }
  take_inner (self, &step, ret);
}

void
ike_eap_tunnel_handle (gpointer data, guint8 id, IkeChunk packet, IkeEapMethodStep *ret)
{
  Tunnel *self = data;
  GBytes *records = NULL;
  guint8 version;
  IkeTlsFrameEvent event = ike_tls_frame_read (&self->frame, packet, &version, &records);

  self->id = id;
  /* but for the acknowledgement of a fragment there is nothing more to be said */
  if (self->state == ALERTED && !(event == IKE_TLS_FRAME_EMPTY && ike_tls_frame_is_pending (&self->frame)))
    {
      g_clear_pointer (&records, g_bytes_unref);
      ret->action = IKE_EAP_METHOD_FAILED;
      ike_reason_copy (&ret->reason, &self->refusal);
      return;
    }
  if (event == IKE_TLS_FRAME_BAD || (event == IKE_TLS_FRAME_START) != (self->state == WAIT_START))
    {
      g_clear_pointer (&records, g_bytes_unref);
      fail (self, ret, IKE_REASON_BAD_MESSAGE, event == IKE_TLS_FRAME_BAD ? "malformed packet" : "packet out of order");
      return;
    }
  /* RFC 5216 section 2.1.5: between our fragments there are acknowledgements and nothing else */
  if (ike_tls_frame_is_pending (&self->frame) && event != IKE_TLS_FRAME_EMPTY)
    {
      g_clear_pointer (&records, g_bytes_unref);
      fail (self, ret, IKE_REASON_BAD_MESSAGE, "packet between our fragments");
      return;
    }
  switch (event)
    {
    case IKE_TLS_FRAME_START:
      self->version = MIN (version, self->row->max_version);
      self->state = HANDSHAKE;
      order (IKE_TLS_OPEN, ret);
      return;
    case IKE_TLS_FRAME_COMPLETE:
      order (IKE_TLS_STEP, ret)->records = records;
      return;
    case IKE_TLS_FRAME_MORE:
    case IKE_TLS_FRAME_EMPTY:
      reply (self, ret);
      return;
    case IKE_TLS_FRAME_BAD:
      break;
    }
  g_assert_not_reached ();
}

/* FALSE: more than one packet's worth of what the server may say inside waits already. */
static gboolean
take_clear (Tunnel *self, IkeTlsAnswer *answer)
{
  IkeSecret *both;
  gsize before = ike_secret_len (self->received), more = ike_secret_len (answer->secret);

  if (more == 0)
    return TRUE;
  if (before + more > IKE_EAP_TLS_MAX_FLIGHT)
    return FALSE;
  both = ike_secret_new (before + more);
  if (before > 0)
    memcpy (ike_secret_data (both), ike_secret_data (self->received), before);
  memcpy (ike_secret_data (both) + before, ike_secret_data (answer->secret), more);
  ike_secret_free (self->received);
  self->received = both;
  return TRUE;
}

static void
on_exported (Tunnel *self, IkeTlsAnswer *answer, IkeEapMethodStep *ret)
{
  gsize len = self->state == EXPORT_MSK ? EXPORT_LEN : self->row->challenge_len;

  if (ike_secret_len (answer->secret) != len)
    {
      fail (self, ret, IKE_REASON_CRYPTO, "the key cannot be derived");
      return;
    }
  if (self->state == EXPORT_MSK)
    self->msk = ike_secret_slice (answer->secret, 0, MSK_LEN);
  else
    self->challenge = g_steal_pointer (&answer->secret);
  if (self->state == EXPORT_MSK && self->row->challenge_label)
    {
      order_challenge (self, ret);
      return;
    }
  self->state = RUNNING;
  proceed (self, ret);
}

/* RFC 5216 section 2.1.3, RFC 9190 section 2.1.4: the alert is the last that the server hears of us. */
static void
on_failed (Tunnel *self, const IkeTlsAnswer *answer, IkeEapMethodStep *ret)
{
  ike_reason_copy (&self->refusal, answer->reason);
  if (self->refusal.code == IKE_REASON_NONE)
    ike_reason_set (&self->refusal, IKE_REASON_EAP_TLS, 0, "%s: TLS failed", self->row->name);
  if (answer->records && g_bytes_get_size (answer->records) > 0 &&
      g_bytes_get_size (answer->records) <= IKE_EAP_TLS_MAX_FLIGHT)
    {
      self->state = ALERTED;
      ike_tls_frame_put (&self->frame, g_bytes_ref (answer->records));
      reply (self, ret);
      return;
    }
  ret->action = IKE_EAP_METHOD_FAILED;
  ike_reason_copy (&ret->reason, &self->refusal);
}

void
ike_eap_tunnel_give_tls (gpointer data, IkeTlsAnswer *answer, IkeEapMethodStep *ret)
{
  Tunnel *self = data;

  if (!answer->ok)
    {
      on_failed (self, answer, ret);
      return;
    }
  if (self->state == EXPORT_MSK || self->state == EXPORT_CHALLENGE)
    {
      on_exported (self, answer, ret);
      return;
    }
  if (answer->records)
    g_byte_array_append (self->records, g_bytes_get_data (answer->records, NULL),
                         (guint) g_bytes_get_size (answer->records));
  if (self->records->len > IKE_EAP_TLS_MAX_FLIGHT || !take_clear (self, answer))
    {
      fail (self, ret, IKE_REASON_LIMIT, "the TLS messages are too long");
      return;
    }
  if (self->state == HANDSHAKE && answer->flags & IKE_TLS_ESTABLISHED)
    {
      self->tls13 = (answer->flags & IKE_TLS_1_3) != 0;
      order_msk (self, ret);
      return;
    }
  proceed (self, ret);
}

void
ike_eap_tunnel_give_secret (gpointer data, IkeSecret *take_secret, IkeEapMethodStep *ret)
{
  Tunnel *self = data;
  IkeEapInnerStep step = { 0 };

  self->row->give_secret (self->inner, take_secret, &step);
  take_inner (self, &step, ret);
}

gboolean
ike_eap_tunnel_finish (gpointer data, IkeSecret **ret_msk)
{
  Tunnel *self = data;

  if (self->state != RUNNING || !self->begun || self->received || !self->row->is_done (self->inner))
    return FALSE;
  if (ret_msk)
    *ret_msk = g_steal_pointer (&self->msk);
  return TRUE;
}

gboolean
ike_eap_tunnel_get_refusal (gpointer data, IkeReason *ret)
{
  const Tunnel *self = data;

  if (self->state == ALERTED)
    {
      ike_reason_copy (ret, &self->refusal);
      return TRUE;
    }
  return self->row->get_refusal && self->row->get_refusal (self->inner, ret);
}

void
ike_eap_inner_take (IkeEapStep *step, IkeSecret *(*wrap) (IkeChunk packet, gpointer data), gpointer data,
                    IkeEapInnerStep *ret)
{
  switch (step->action)
    {
    case IKE_EAP_STEP_SEND:
      ret->action = IKE_EAP_INNER_SAY;
      ret->clear = wrap (ike_chunk_bytes (step->packet), data);
      return;
    case IKE_EAP_STEP_SECRET:
      ret->action = IKE_EAP_INNER_SECRET;
      ret->kind = step->kind;
      ret->attempt = step->attempt;
      ret->message = g_steal_pointer (&step->message);
      return;
    case IKE_EAP_STEP_FAILED:
      ret->action = IKE_EAP_INNER_FAILED;
      ike_reason_copy (&ret->reason, &step->reason);
      return;
    case IKE_EAP_STEP_SUCCEEDED: /* the inner key is not ours to use */
    case IKE_EAP_STEP_TLS: /* there is no tunnel in a tunnel */
      ret->action = IKE_EAP_INNER_SAY;
      return;
    }
}
