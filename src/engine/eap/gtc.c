/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EAP-GTC, the peer's side: RFC 3748 section 5.6. The server's request is a text for the user, who answers it, usually
 * with a one-time code. The server may ask again: for the next code, or because the one before was wrong.
 *
 * The answer goes as it is, and the method proves nothing about the server: it lives from what is around it, the
 * gateway's own proof or a TLS tunnel. No key comes of it.
 */
#include "base/text.h"
#include "eap/eap-method.h"

typedef struct {
  char *user;
  guint attempt;
  gboolean answered; /* the last request was */
} Gtc;

static gpointer
gtc_start (const IkeCrypto *crypto, const IkeEapSettings *settings)
{
  Gtc *self = g_new0 (Gtc, 1);

  self->user = g_strdup (settings->user);
  return self;
}

static void
gtc_free (gpointer data)
{
  Gtc *self = data;

  g_free (self->user);
  g_free (self);
}

static void
gtc_handle (gpointer data, guint8 id, IkeChunk message, IkeEapMethodStep *ret)
{
  Gtc *self = data;

  self->answered = FALSE;
  if (self->attempt >= IKE_EAP_MAX_CODES)
    {
      ret->action = IKE_EAP_METHOD_FAILED;
      ike_reason_set (&ret->reason, IKE_REASON_EAP_REFUSED, 0, "EAP-GTC as %s: %u codes were refused", self->user,
                      self->attempt);
      return;
    }
  ret->action = IKE_EAP_METHOD_SECRET;
  ret->kind = IKE_SECRET_OTP;
  ret->attempt = self->attempt++;
  if (message.len > 0)
    ret->message = ike_text_clean (message.data, message.len, FALSE);
}

static void
gtc_give_secret (gpointer data, IkeSecret *take_secret, IkeEapMethodStep *ret)
{
  Gtc *self = data;
  g_autoptr (IkeSecret) code = take_secret;

  if (!code)
    {
      ret->action = IKE_EAP_METHOD_FAILED;
      ike_reason_set (&ret->reason, IKE_REASON_SECRET_MISSING, 0, "EAP-GTC: one-time code");
      return;
    }
  self->answered = TRUE;
  ret->action = IKE_EAP_METHOD_REPLY;
  ret->secret = g_steal_pointer (&code);
}

/* RFC 3748 section 4.2: a Success before our answer is no success. */
static gboolean
gtc_finish (gpointer data, IkeSecret **ret_msk)
{
  const Gtc *self = data;

  return self->answered;
}

static gboolean
gtc_get_refusal (gpointer data, IkeReason *ret)
{
  return FALSE;
}

const IkeEapMethod ike_eap_gtc = {
  .type = IKE_EAP_GTC,
  .name = "EAP-GTC",
  .safe_alone = FALSE,
  .start = gtc_start,
  .handle = gtc_handle,
  .give_secret = gtc_give_secret,
  .finish = gtc_finish,
  .get_refusal = gtc_get_refusal,
  .free = gtc_free,
};
