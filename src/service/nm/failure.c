/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the table of failures (failure.def) and the words around it.
 *
 * Invariants: every IkeReasonCode but NONE has a row; LOGIN_FAILED stands only where another user name or secret may
 * help, because NetworkManager tells the user "invalid secrets" then; whatever a peer put into a detail comes out as
 * one line of plain text and is never used as a pattern.
 */
#include "config.h"

#include "nm/failure.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const FailureRow rows[] = {
#define FAILURE(code_, name_, class_, message_id_, sentence_)                                                          \
 { .code = code_,                                                                                                      \
   .name = name_,                                                                                                      \
   .nm_failure = NM_VPN_PLUGIN_FAILURE_##class_,                                                                       \
   .message_id = message_id_,                                                                                          \
   .sentence = sentence_ },
#include "nm/failure.def"
#undef FAILURE
};

const FailureRow *
failure_row (guint code)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].code == code)
      return &rows[i];
  return NULL;
}

typedef struct {
  const char *name, *value;
} Word;

/* Puts the values of @words (ends with a NULL name) in the place of {name}, in one pass: a value is never expanded. */
static char *
expand (const char *pattern, const Word *words)
{
  GString *out = g_string_new (NULL);

  for (const char *p = pattern; *p;)
    {
      const Word *word = words;

      for (; word->name; word++)
        if (*p == '{' && g_str_has_prefix (p + 1, word->name) && p[1 + strlen (word->name)] == '}')
          break;
      if (word->name)
        {
          g_string_append (out, word->value);
          p += strlen (word->name) + 2;
        }
      else
        g_string_append_c (out, *p++);
    }
  return g_string_free (out, FALSE);
}

/* One line of printable text, or NULL when there is nothing to say. */
static char *
clean (const char *text)
{
  g_autofree char *valid = text ? g_utf8_make_valid (text, -1) : NULL;
  g_autoptr (GString) out = g_string_new (NULL);

  for (const char *p = valid; p && *p && out->len < LOG_MAX_TEXT / 2; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (out, g_unichar_isprint (c) ? c : ' ');
    }
  g_strstrip (out->str);
  return out->str[0] ? g_strdup (out->str) : NULL;
}

static char *
make_text (const char *sentence, const char *gateway, const char *detail)
{
  g_autofree char *clean_gateway = clean (gateway);
  const Word words[] = {
    /* Translators: stands where the name of the gateway is not known yet */
    { "gateway", clean_gateway ? clean_gateway : _ ("(unknown)") },
    { NULL },
  };
  g_autofree char *text = expand (sentence, words);

  if (!detail)
    return g_steal_pointer (&text);
  /* Translators: keep {sentence} and {detail}; the detail may be technical and not translated */
  return expand (_ ("{sentence} Details: {detail}"),
                 (const Word[]){ { "sentence", text }, { "detail", detail }, { NULL } });
}

Failure *
failure_new (guint code, const char *gateway, const char *detail)
{
  const FailureRow *row = failure_row (code);
  Failure *self;

  g_return_val_if_fail (row != NULL, NULL);
  self = g_new0 (Failure, 1);
  self->row = row;
  self->detail = clean (detail);
  self->text = make_text (_ (row->sentence), gateway, self->detail);
  return self;
}

Failure *
failure_new_from_reason (const IkeReason *reason, const char *gateway)
{
  /* an end without a reason would be a mistake of ours, and is told as such */
  return failure_new (reason->code == IKE_REASON_NONE ? IKE_REASON_HELPER : reason->code, gateway, reason->detail);
}

Failure *
failure_new_from_error (const GError *error, guint fallback, const char *gateway)
{
  guint code = fallback;

  if (error && error->domain == HELPER_CREDENTIAL_ERROR)
    switch ((HelperCredentialError) error->code)
      {
      case HELPER_CREDENTIAL_ERROR_NOT_FOUND:
        code = FAILURE_FILE_NOT_FOUND;
        break;
      case HELPER_CREDENTIAL_ERROR_BAD_FILE:
        code = FAILURE_FILE_BAD;
        break;
      case HELPER_CREDENTIAL_ERROR_NEED_PASSWORD:
        code = FAILURE_KEY_NEEDS_PASSWORD;
        break;
      case HELPER_CREDENTIAL_ERROR_BAD_PASSWORD:
        code = FAILURE_KEY_PASSWORD_WRONG;
        break;
      case HELPER_CREDENTIAL_ERROR_MISMATCH:
        code = FAILURE_KEY_MISMATCH;
        break;
      case HELPER_CREDENTIAL_ERROR_NO_TOKEN:
        code = FAILURE_TOKEN_MISSING;
        break;
      case HELPER_CREDENTIAL_ERROR_NO_OBJECT:
        code = FAILURE_TOKEN_OBJECT;
        break;
      case HELPER_CREDENTIAL_ERROR_NEED_PIN:
        code = FAILURE_PIN_MISSING;
        break;
      case HELPER_CREDENTIAL_ERROR_BAD_PIN:
        code = FAILURE_PIN_WRONG;
        break;
      case HELPER_CREDENTIAL_ERROR_PIN_LOCKED:
        code = FAILURE_PIN_LOCKED;
        break;
      }
  return failure_new (code, gateway, error ? error->message : NULL);
}

void
failure_free (Failure *self)
{
  if (!self)
    return;
  g_free (self->detail);
  g_free (self->text);
  g_free (self);
}

void
failure_log (const Failure *self, const char *uuid, const char *device)
{
  LogFields fields = {
    .uuid = uuid,
    .device = device,
    .message_id = self->row->message_id,
    .event = "failure",
    .reason = self->row->name,
    .detail = self->detail,
  };

  log_write (IKE_LOG_ERROR, &fields, self->text);
}

void
failure_log_event (const IkeReason *reason, const char *host, const char *uuid, IkeLogLevel level, const char *event)
{
  g_autoptr (Failure) failure = failure_new_from_reason (reason, host);
  const LogFields fields = { .uuid = uuid, .event = event, .reason = failure->row->name };

  log_write (level, &fields, failure->text);
}

static const char *
ask_sentence (FailureAsk ask)
{
  switch (ask)
    {
    case FAILURE_ASK_PASSWORD:
      return N_ ("The gateway {gateway} asks for your password.");
    case FAILURE_ASK_PASSWORD_AGAIN:
      return N_ ("The gateway {gateway} refused the user name or the password. Please enter the password again.");
    case FAILURE_ASK_PSK:
      return N_ ("The gateway {gateway} asks for the pre-shared key.");
    case FAILURE_ASK_PSK_AGAIN:
      return N_ (
          "The gateway {gateway} refused our identity or the pre-shared key. Please enter the pre-shared key again.");
    case FAILURE_ASK_OTP:
      return N_ ("The gateway {gateway} asks for a one-time code.");
    case FAILURE_ASK_OTP_AGAIN:
      return N_ ("The gateway {gateway} refused the one-time code. Please enter a new one.");
    case FAILURE_ASK_KEY_PASSWORD:
      return N_ ("The private key for the gateway {gateway} is encrypted. Please enter its password.");
    case FAILURE_ASK_KEY_PASSWORD_AGAIN:
      return N_ ("The password of the private key is wrong. Please enter it again.");
    case FAILURE_ASK_NSS_PASSWORD:
      return N_ ("The key store of this machine is locked. Please enter its password.");
    case FAILURE_ASK_NSS_PASSWORD_AGAIN:
      return N_ ("The password of this machine’s key store is wrong. Please enter it again.");
    case FAILURE_ASK_PIN:
      return N_ ("The private key for the gateway {gateway} is on a token. Please enter its PIN.");
    case FAILURE_ASK_PIN_AGAIN:
      return N_ ("The PIN of the token is wrong. Please enter it again; too many wrong ones lock the token.");
    case FAILURE_ASK_PPK:
      return N_ ("The gateway {gateway} asks for the post-quantum pre-shared key.");
    case FAILURE_ASK_PPK_AGAIN:
      return N_ ("The gateway {gateway} does not know the post-quantum pre-shared key. Please enter it again.");
    }
  g_assert_not_reached ();
}

char *
failure_ask_text (FailureAsk ask, const char *gateway, const char *said)
{
  g_autofree char *detail = clean (said);

  return make_text (_ (ask_sentence (ask)), gateway, detail);
}

gboolean
failure_is_of_network (const IkeReason *reason)
{
  return reason->code == IKE_REASON_NO_RESPONSE || reason->code == IKE_REASON_UNREACHABLE ||
         reason->code == IKE_REASON_NO_ROUTE || reason->code == IKE_REASON_NO_LOCAL_ADDRESS ||
         reason->code == IKE_REASON_TCP_CLOSED;
}
