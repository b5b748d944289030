/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the user is asked for a secret. NetworkManager hears a question only from who is not connected, and while it has one
 * it hears nothing else: whatever happened meanwhile is told after the answer.
 */
#include "nm/session-private.h"

#include "profile/formats/compat.h"

void
session_on_ask (const char *message, const char *const *hints, gpointer data)
{
  Session *self = data;
  const IpconfigOptions options = session_ipconfig_options (self);
  const char *const names[] = { ipsec_compat_secret (self->activation->service_type, hints[0]), NULL };

  /* of who ends while somebody is asked NetworkManager takes none back, and it may be NetworkManager that ends it */
  if (telling_forget_servers (&self->telling, &options))
    self->events->up (&self->telling.now, self->data);
  self->events->ask (message, names, self->data);
}

gboolean
session_settled (Session *self)
{
  const IpconfigOptions options = session_ipconfig_options (self);

  if (self->phase >= PHASE_STOPPING)
    return FALSE;
  if (self->untold)
    {
      /* the tunnel stands, and nobody is asked any more */
      asking_end (self->asking);
      self->untold = FALSE;
    }
  else if (!telling_again (&self->telling, &options))
    return TRUE;
  self->events->up (&self->telling.now, self->data);
  return FALSE;
}

/* FALSE: there is nobody to ask, or it was often enough, or a tunnel stands. NetworkManager hears no question while we are
 * connected: who authenticates again beside a tunnel goes on with that one, and is asked when it is lost. Where there is
 * none, as on demand, we are no longer connected. */
gboolean
session_ask (Session *self, SecretName name, gboolean again, guint32 number, const char *said)
{
  if (!self->options.interactive || self->phase >= PHASE_STOPPING)
    return FALSE;
  if (self->phase == PHASE_UP && self->stands)
    {
      session_log (self, IKE_LOG_NOTICE, "%s wants the secret “%s” again; it is asked for when the tunnel is lost",
                   self->host, secret_name (name));
      self->put_off = name;
      return FALSE;
    }
  /* nor from who has nothing to configure: NetworkManager would not take that for connected again */
  if (telling_is_empty (&self->telling))
    return FALSE;
  if (!asking_begin (self->asking, name, again, number, self->host, said))
    return FALSE;
  if (self->phase == PHASE_UP)
    {
      self->phase = PHASE_NEGOTIATING;
      self->untold = FALSE;
    }
  return TRUE;
}

/* The driver has gone on without the answer. TRUE: NetworkManager waits for it all the same, and hears nothing else. */
gboolean
session_asked_in_vain (const Session *self)
{
  if (asking_is_told (self->asking))
    return TRUE;
  asking_end (self->asking);
  return FALSE;
}

/* Would the same again with another secret perhaps work? */
gboolean
session_ask_after (Session *self, const IkeReason *reason)
{
  SecretName name = SECRET_N;

  /* it was wanted while a tunnel stood, which has been lost before the engine had that answer */
  if (reason->code == IKE_REASON_SECRET_MISSING && self->put_off != SECRET_N)
    return session_ask (self, self->put_off, FALSE, 0, NULL);
  if (reason->code == IKE_REASON_EAP_REFUSED)
    name = self->used;
  else if (reason->code == IKE_REASON_PEER_REFUSED_US && self->activation->profile->auth.local == IPSEC_AUTH_PSK)
    name = SECRET_PSK;
  return name != SECRET_N && session_ask (self, name, TRUE, 0, reason->detail);
}

void
session_on_need_secret (guint32 number, IkeSecretKind kind, guint attempt, const char *message, gpointer data)
{
  Session *self = data;
  SecretName name = secret_of_kind (kind, self->activation->profile);
  IkeSecret *secret;

  if (!self->driver)
    return;
  if (kind == IKE_SECRET_PASSWORD)
    self->password_said = TRUE;
  else if (kind == IKE_SECRET_OTP && self->password_said)
    name = SECRET_OTP;
  if (kind == IKE_SECRET_PASSWORD || kind == IKE_SECRET_OTP)
    self->used = name;
  if (attempt > 0)
    secrets_refuse (self->activation->secrets, name);
  secret = secrets_take (self->activation->secrets, name);
  if (!secret && session_ask (self, name, attempt > 0, number, message))
    return;
  self->refused = !secret && attempt > 0;
  driver_give_secret (self->driver, number, secret);
}

void
session_on_secret_cancelled (guint32 number, gpointer data)
{
  Session *self = data;

  if (asking_number (self->asking) == number)
    asking_forget_number (self->asking);
}
