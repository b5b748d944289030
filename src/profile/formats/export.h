/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an export must not lose in silence. A written file is read again, and what does not come back as it was is told;
 * where the connection would trust somebody else, prove less or protect something else, there is no file.
 */
#pragma once

#include "profile/formats/formats.h"

typedef struct {
  const IpsecFormat *format;
  const char *kept; /* keys that stand in the file although import does not take them from there, separated by blanks */
  /* without “ca” whoever reads the file trusts every authority; else its own ones and the file's */
  gboolean trusts_all;
} ExportRules;

/* Is @text, which says all that @rules' format has for @connection, still the same connection? FALSE: @error names the keys.
 * What else is not in it is appended to @notes (GPtrArray of char*, may be NULL). */
gboolean
export_check (NMConnection *connection, const ExportRules *rules, const char *text, GPtrArray *notes, GError **error);
void export_add_name (GString *names, const char *name); /* with ", " between them */
/* What may leave of the files of credentials, in base64; the caller's; NULL: it is none, or cannot be read. The first
 * certificate of authorities, whose file may hold a private key as well; *ret_more (may be NULL): it has others. */
char *export_certificate (const char *credential, gboolean *ret_more);
/* A PKCS#12 file, which has a password of its own. */
char *export_pkcs12 (const char *credential);
/* Says that only the first authority is in the file, if so. */
void export_note_authorities (GPtrArray *notes, NMSettingVpn *vpn);
/* The sentence about @keys, such names; nothing when that is empty. */
void export_note_left_out (GPtrArray *notes, const char *keys);
