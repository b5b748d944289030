/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A question to the user in one activation: which secret, why again, and where the answer goes. It keeps no secret.
 *
 * The question is told in the next turn of the main loop, never from inside a call; and once, when the next negotiation
 * asks the same before there was an answer.
 */
#pragma once

#include "nm/activation.h"

/* A gateway forgets a negotiation that waits for a human; after this it begins anew. */
#define ASKING_PATIENCE (10 * G_USEC_PER_SEC)

typedef struct _Asking Asking;

/* @message and @hints for NetworkManager. */
typedef void (*AskingTellFunc) (const char *message, const char *const *hints, gpointer data);

/* @activation outlives it. */
Asking *asking_new (const Activation *activation, AskingTellFunc tell, gpointer data);
void asking_free (Asking *self);

/* @number: of the driver's question that waits; 0: none does, a new driver is started with the answer. @host, @said (by
 * the gateway): for the text, may be NULL. FALSE: it was often enough. */
gboolean asking_begin (Asking *self, SecretName name, gboolean again, guint32 number, const char *host, const char *said);
/* The question is of no use any more. */
void asking_end (Asking *self);
gboolean asking_is_active (const Asking *self);
/* And has it been told? */
gboolean asking_is_told (const Asking *self);
SecretName asking_name (const Asking *self);
/* The driver's question that waits; 0: none. */
guint32 asking_number (const Asking *self);
/* That question is not wanted any more; the user may still answer. */
void asking_forget_number (Asking *self);
/* Is the answer still in time for it? */
gboolean asking_is_soon (const Asking *self);
/* It went well: the count of questions begins anew. */
void asking_reset (Asking *self);
/* The answer does not have what was asked for. */
Failure *asking_failure (const Asking *self, const char *host);
/* Says why the activation fails when somebody was asked and the answer does not come. */
void asking_log_unanswered (const Asking *self, const char *host);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asking, asking_free)
