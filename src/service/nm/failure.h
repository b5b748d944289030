/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place that turns whatever ended an activation into NetworkManager's failure class, a sentence that says what
 * happened and what to do, and one journal line.
 *
 * A failure is a row. Rows of the engine's reasons are numbered as IkeReasonCode; rows of this end's own errors (a
 * profile that is wrong, a file that cannot be read) follow.
 */
#pragma once

#include "helper-client.h"
#include "log.h"

#include <NetworkManager.h>

typedef enum {
  FAILURE_FIRST_OWN = 0x100,
  FAILURE_BAD_PROFILE = FAILURE_FIRST_OWN, /* the text is the profile's, and names the key */
  FAILURE_FILE_NOT_FOUND,
  FAILURE_FILE_BAD,
  FAILURE_KEY_NEEDS_PASSWORD,
  FAILURE_KEY_PASSWORD_WRONG,
  FAILURE_KEY_MISMATCH,
  FAILURE_TOKEN_MISSING,
  FAILURE_TOKEN_OBJECT, /* the token has no such certificate or key */
  FAILURE_PIN_MISSING,
  FAILURE_PIN_WRONG,
  FAILURE_PIN_LOCKED,
  FAILURE_LINK, /* the helper could not make the tunnel's link */
  FAILURE_NO_LABELS, /* the kernel puts none on SAs */
  FAILURE_LINK_GONE, /* by somebody else */
  FAILURE_LABEL_REFUSED, /* it does, but not this one */
  FAILURE_BAD_ANSWER, /* the gateway's addresses cannot be told to NetworkManager */
  FAILURE_N_OWN_END,
} FailureCode;

typedef struct {
  guint code;                    /* IkeReasonCode or FailureCode */
  const char *name;              /* "NO_RESPONSE": NM_IPSEC_REASON */
  NMVpnPluginFailure nm_failure;
  const char *message_id;        /* of the journal line: 32 hexadecimal digits */
  const char *sentence;          /* untranslated; {gateway} stands for the gateway as dialled */
} FailureRow;

/* NULL: no such code (also for NONE: that is no failure). */
const FailureRow *failure_row (guint code);

/* What an activation died of: owned, translated, complete. */
typedef struct {
  const FailureRow *row;
  char *detail; /* printable, or NULL */
  char *text;   /* the sentence with its detail */
} Failure;

/* @gateway NULL: not known yet. */
Failure *failure_new (guint code, const char *gateway, const char *detail);
/* Nobody has answered: another gateway, or another time, may be better. */
gboolean failure_is_of_network (const IkeReason *reason);
Failure *failure_new_from_reason (const IkeReason *reason, const char *gateway);
/* HELPER_CREDENTIAL_ERROR by its code, everything else as @fallback; the error's text is the detail. */
Failure *failure_new_from_error (const GError *error, guint fallback, const char *gateway);
void failure_free (Failure *failure);
/* The journal line: ERROR, with NM_CONNECTION, NM_DEVICE, NM_IPSEC_REASON, NM_IPSEC_DETAIL and MESSAGE_ID. */
void failure_log (const Failure *failure, const char *uuid, const char *device);
/* What happened to the tunnel without ending it. */
void failure_log_event (const IkeReason *reason, const char *host, const char *uuid, IkeLogLevel level,
                        const char *event);

/* What the user is asked with when a secret was refused or is missing (SecretsRequired's message). @said: what the
 * gateway said about it, or NULL. */
typedef enum {
  FAILURE_ASK_PASSWORD,
  FAILURE_ASK_PASSWORD_AGAIN,
  FAILURE_ASK_PSK,
  FAILURE_ASK_PSK_AGAIN,
  FAILURE_ASK_OTP,
  FAILURE_ASK_OTP_AGAIN,
  FAILURE_ASK_KEY_PASSWORD,
  FAILURE_ASK_KEY_PASSWORD_AGAIN,
  FAILURE_ASK_NSS_PASSWORD,
  FAILURE_ASK_NSS_PASSWORD_AGAIN,
  FAILURE_ASK_PIN,
  FAILURE_ASK_PIN_AGAIN,
  FAILURE_ASK_PPK,
  FAILURE_ASK_PPK_AGAIN,
} FailureAsk;
char *failure_ask_text (FailureAsk ask, const char *gateway, const char *said);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Failure, failure_free)
