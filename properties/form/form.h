/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user is filling in: the fields' values between the connection that was opened and the one that is saved.
 *
 * It has no widgets, so that everything about it can be tested without a screen; the editors only show it. What the
 * form does not know (keys, vpn.user-name, vpn.timeout) and what was not touched is left in the connection exactly as
 * it was. Fields are numbers: positions in fields.h.
 */
#pragma once

#include "form/fields.h"

#include <NetworkManager.h>

/* At an NMConnection that is opened: what is to be said about it, lines of text. */
#define IPSEC_EDITOR_NOTES "nm-ipsec-notes"

typedef struct _Form Form;

typedef enum {
  NOTE_NONE,
  NOTE_HINT, /* it has still to be filled in: not yet the user's fault */
  NOTE_WARNING, /* can be saved nevertheless */
  NOTE_ERROR,
} NoteLevel;

Form *form_new (NMConnection *connection);
void form_free (Form *form);

/* The text, the word of a choice, "yes" or "no"; never NULL. */
const char *form_get (const Form *form, guint field);
/* FALSE: it is that already. After a change anything may be shown otherwise than before: see form_check(). */
gboolean form_set (Form *form, guint field, const char *text);
/* Of a secret. Choosing what it is already is a change, too, the first time. */
NMSettingSecretFlags form_get_storage (const Form *form, guint field);
gboolean form_set_storage (Form *form, guint field, NMSettingSecretFlags storage);
/* Can a secret be typed in, or is it asked for each time, or never? */
gboolean form_storage_has_text (NMSettingSecretFlags storage);

/* Does the field belong on the page now, and can this version do something with it? */
gboolean form_shows (const Form *form, guint field);
/* Translated, with its mnemonic. */
const char *form_title (const Form *form, guint field);
/* Is the word a choice that this version, and this kind of connection, has? What is chosen always is one. */
gboolean form_offers (const Form *form, guint field, const char *word);
/* May the value begin with "pkcs11:" or the like? */
gboolean form_takes_scheme (guint field, const char *scheme);
/* What an empty field means, for people; NULL: nothing to say. The caller's. */
char *form_default_text (const Form *form, guint field);

/* Looks at everything; call it after changes and before form_note() and form_store(). */
void form_check (Form *form);
/* What is to be said about the field (a sentence that lives until the next check); *ret_text NULL for NOTE_NONE. */
NoteLevel form_note (const Form *form, guint field, const char **ret_text);
/* What is wrong with the whole, and with no field that is shown; NULL: nothing. Of keys that nobody knows it is said,
 * but they do not keep anybody from saving. */
const char *form_problem (const Form *form);

/* Puts the form's vpn setting into @connection; FALSE: something is wrong (one sentence), and nothing was changed. */
gboolean form_store (const Form *form, NMConnection *connection, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Form, form_free)
