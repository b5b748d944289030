/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EAP-TLS: RFC 5216, and RFC 9190 with TLS 1.3. Our certificate is shown in the handshake, and nothing is said inside;
 * with TLS 1.3 the server says one octet of zero when it is content (RFC 9190 section 2.5).
 */
#include "eap/tunnel.h"

typedef struct {
  gboolean begun, tls13, committed;
} Tls;

static gpointer
tls_start (const IkeCrypto *crypto, const IkeEapSettings *settings)
{
  return g_new0 (Tls, 1);
}

static void
tls_begin (gpointer data, guint8 version, gboolean tls13, const IkeSecret *challenge, IkeEapInnerStep *ret)
{
  Tls *self = data;

  self->begun = TRUE;
  self->tls13 = tls13;
  ret->action = IKE_EAP_INNER_SAY;
}

static void
tls_receive (gpointer data, guint8 id, IkeChunk clear, IkeEapInnerStep *ret)
{
  Tls *self = data;

  if (self->tls13 && !self->committed && clear.len == 1 && clear.data[0] == 0)
    {
      self->committed = TRUE;
      ret->action = IKE_EAP_INNER_SAY;
      return;
    }
  ret->action = IKE_EAP_INNER_FAILED;
  ike_reason_set (&ret->reason, IKE_REASON_BAD_MESSAGE, 0, "EAP-TLS: data that nobody expects");
}

static gboolean
tls_is_done (gpointer data)
{
  const Tls *self = data;

  return self->begun && (!self->tls13 || self->committed);
}

static const IkeEapInner row = {
  .type = IKE_EAP_TLS,
  .name = "EAP-TLS",
  .start = tls_start,
  .begin = tls_begin,
  .receive = tls_receive,
  .is_done = tls_is_done,
  .free = g_free,
};

static gpointer
start (const IkeCrypto *crypto, const IkeEapSettings *settings)
{
  return ike_eap_tunnel_new (&row, crypto, settings);
}

const IkeEapMethod ike_eap_tls = {
  .type = IKE_EAP_TLS,
  .name = "EAP-TLS",
  .safe_alone = TRUE,
  .start = start,
  IKE_EAP_TUNNEL_METHOD,
};
