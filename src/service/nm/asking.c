/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns who is being asked for what. */
#include "nm/asking.h"

struct _Asking {
  const Activation *activation;
  AskingTellFunc tell;
  gpointer data;
  gboolean active;
  SecretName name;
  gboolean again;
  char *host; /* the gateway as dialled; NULL: none yet */
  char *said; /* by the gateway, or NULL */
  guint32 number;
  gint64 since;
  guint count; /* questions so far */
  guint idle;
};

Asking *
asking_new (const Activation *activation, AskingTellFunc tell, gpointer data)
{
  Asking *self = g_new0 (Asking, 1);

  self->activation = activation;
  self->tell = tell;
  self->data = data;
  return self;
}

void
asking_free (Asking *self)
{
  if (!self)
    return;
  g_clear_handle_id (&self->idle, g_source_remove);
  g_free (self->host);
  g_free (self->said);
  g_free (self);
}

static gboolean
on_idle (gpointer data)
{
  Asking *self = data;
  const char *const hints[] = { secret_name (self->name), NULL };
  LogFields fields = { .uuid = self->activation->uuid };
  g_autofree char *message = NULL;

  self->idle = 0;
  message = failure_ask_text (secret_ask (self->name, self->again), self->host ? self->host : self->activation->name,
                              self->said);
  log_printf (IKE_LOG_NOTICE, &fields, "Asking for the secret “%s”%s", hints[0],
              self->again ? ": the one before was refused" : "");
  self->tell (message, hints, self->data);
  return G_SOURCE_REMOVE;
}

gboolean
asking_begin (Asking *self, SecretName name, gboolean again, guint32 number, const char *host, const char *said)
{
  if (self->active && self->name == name && self->again == again && g_strcmp0 (self->host, host) == 0 &&
      g_strcmp0 (self->said, said) == 0)
    {
      self->number = number;
      self->since = g_get_monotonic_time ();
      return TRUE;
    }
  if (self->count >= SECRETS_MAX_ASKS)
    return FALSE;
  self->count++;
  self->active = TRUE;
  self->name = name;
  self->again = again;
  self->number = number;
  self->since = g_get_monotonic_time ();
  g_free (self->host);
  self->host = g_strdup (host);
  g_free (self->said);
  self->said = g_strdup (said);
  g_clear_handle_id (&self->idle, g_source_remove);
  self->idle = g_idle_add_full (G_PRIORITY_DEFAULT, on_idle, self, NULL);
  return TRUE;
}

void
asking_end (Asking *self)
{
  self->active = FALSE;
  g_clear_handle_id (&self->idle, g_source_remove);
}

gboolean
asking_is_active (const Asking *self)
{
  return self->active;
}

gboolean
asking_is_told (const Asking *self)
{
  return self->active && !self->idle;
}

SecretName
asking_name (const Asking *self)
{
  return self->name;
}

guint32
asking_number (const Asking *self)
{
  return self->number;
}

void
asking_forget_number (Asking *self)
{
  self->number = 0;
}

gboolean
asking_is_soon (const Asking *self)
{
  return g_get_monotonic_time () - self->since < ASKING_PATIENCE;
}

void
asking_reset (Asking *self)
{
  self->count = 0;
}

/* missing, refused */
static const guint codes[SECRET_N][2] = {
  [SECRET_PSK] = { IKE_REASON_SECRET_MISSING, IKE_REASON_PEER_REFUSED_US },
  [SECRET_PASSWORD] = { IKE_REASON_SECRET_MISSING, IKE_REASON_EAP_REFUSED },
  [SECRET_OTP] = { IKE_REASON_SECRET_MISSING, IKE_REASON_EAP_REFUSED },
  [SECRET_KEY_PASSWORD] = { FAILURE_KEY_NEEDS_PASSWORD, FAILURE_KEY_PASSWORD_WRONG },
  [SECRET_NSS_PASSWORD] = { FAILURE_KEY_NEEDS_PASSWORD, FAILURE_KEY_PASSWORD_WRONG },
  [SECRET_PIN] = { FAILURE_PIN_MISSING, FAILURE_PIN_WRONG },
  [SECRET_PPK] = { IKE_REASON_SECRET_MISSING, IKE_REASON_PPK },
};

Failure *
asking_failure (const Asking *self, const char *host)
{
  return failure_new (codes[self->name][0], host, secret_name (self->name));
}

/* NetworkManager stops us when nobody has answered, and says no more than that there are no valid secrets. It asks whom
 * it can ask only after we have asked, so that this is how a wrong password ends without an agent. */
static Failure *
unanswered (const Asking *self, const char *host)
{
  if (!self->active)
    return NULL;
  return self->again ? failure_new (codes[self->name][1], host, self->said) : asking_failure (self, host);
}

void
asking_log_unanswered (const Asking *self, const char *host)
{
  g_autoptr (Failure) failure = unanswered (self, host);

  if (failure)
    failure_log (failure, self->activation->uuid, NULL);
}
