/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection in the making, while a foreign file is read.
 *
 * What the file says and a profile cannot express becomes a note, a sentence for the user; what is wrong in it is an
 * error. Nothing is written to disk before the whole file was right.
 */
#pragma once

#include "profile/profile-keys.h"
#include "profile/setting.h"

#define IPSEC_DRAFT_NOTES_MAX 64
#define IPSEC_DRAFT_FILES_MAX 16

typedef struct _IpsecDraft IpsecDraft;

/* 3DES in CBC mode without padding, which some passwords are obfuscated with, and which this library does without: who
 * imports hands it in. @key: 24 octets; @iv: 8; @len: a multiple of 8. FALSE: it cannot be had here. */
typedef gboolean (*IpsecDes3) (const guint8 *key, const guint8 *iv, const guint8 *data, gsize len, guint8 *ret_text);

/* @path: the file that is being read; the connection's name at first. */
IpsecDraft *ipsec_draft_new (const char *path);
void ipsec_draft_free (IpsecDraft *draft);
void ipsec_draft_set_des3 (IpsecDraft *draft, IpsecDes3 des3);
/* NULL: none was handed in. */
IpsecDes3 ipsec_draft_des3 (const IpsecDraft *draft);

/* The directory of the file: relative names begin there. */
const char *ipsec_draft_dir (const IpsecDraft *draft);
const char *ipsec_draft_id (const IpsecDraft *draft);
void ipsec_draft_set_id (IpsecDraft *draft, const char *id);
void ipsec_draft_set_persistent (IpsecDraft *draft, gboolean persistent);

/* NULL or empty values are ignored; the last one counts. Values are checked by ipsec_draft_finish(). */
void ipsec_draft_set (IpsecDraft *draft, const char *key, const char *value);
/* The same if the key's own check takes the value; FALSE: it does not. */
gboolean ipsec_draft_try (IpsecDraft *draft, const char *key, const char *value);
void ipsec_draft_unset (IpsecDraft *draft, const char *key);
void ipsec_draft_set_bool (IpsecDraft *draft, const char *key, gboolean value);
/* Appends to a list. */
void ipsec_draft_add (IpsecDraft *draft, const char *key, const char *value);
const char *ipsec_draft_get (const IpsecDraft *draft, const char *key);
/* @value NULL: it is not in the file and must be asked for. */
void ipsec_draft_set_secret (IpsecDraft *draft, const char *name, const char *value);
/* The octets become a file of the user's own (~/.cert/nm-ipsec, mode 0600), and its path the value of @key. @suffix:
 * ".pem". */
void ipsec_draft_set_file (IpsecDraft *draft, const char *key, const char *suffix, gconstpointer data, gsize len);
gboolean ipsec_draft_has_file (const IpsecDraft *draft, const char *key);
/* What means nothing for the draft's role becomes a note. */
void ipsec_draft_keep_role (IpsecDraft *draft);
void ipsec_draft_note (IpsecDraft *draft, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Sets IPSEC_PROFILE_ERROR_BAD_VALUE and returns FALSE. */
gboolean ipsec_draft_fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The connection; NULL: some value is wrong (the error names our key), or a file could not be written. The notes are
 * moved to the end of @notes (GPtrArray of char*, may be NULL). */
NMConnection *ipsec_draft_finish (IpsecDraft *draft, GPtrArray *notes, GError **error);
/* The same without a connection around it; the draft is not changed afterwards. */
IpsecSetting *ipsec_draft_finish_setting (IpsecDraft *draft, GPtrArray *notes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IpsecDraft, ipsec_draft_free)
