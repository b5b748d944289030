/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of other programs that hold connections: which formats there are, and how one is found.
 *
 * A file is somebody else's until a format has positively recognised it: desktops offer every file that a user picks
 * to every plugin in turn.
 */
#pragma once

#include "profile/formats/draft.h"

#define IPSEC_FORMAT_FILE_MAX (1024 * 1024) /* octets */

typedef struct {
  const char *name;
  const char *suffix; /* of the files that @write makes, with its dot */
  /* Is it certainly this format? @text: NUL after @len octets, may hold any. */
  gboolean (*sniff) (const char *text, gsize len);
  /* Fills @draft, which knows the path. FALSE: something in the file is wrong; the error says what. */
  gboolean (*read) (IpsecDraft *draft, const char *path, const char *text, gsize len, GError **error);
  /* NULL: cannot be written. The result is the file's text; what the connection says and it does not is appended to @notes
   * (may be NULL), or an error where it would be another connection. */
  char *(*write) (NMConnection *connection, GPtrArray *notes, GError **error);
} IpsecFormat;

/* Every format in turn; NULL after the last. */
const IpsecFormat *ipsec_format_at (guint index);
/* @des3: for obfuscated passwords, which are asked for without it; may be NULL. @notes: what the file says and a profile
 * cannot, sentences for the user are appended; may be NULL. */
NMConnection *ipsec_formats_import (const char *path, IpsecDes3 des3, GPtrArray *notes, GError **error);
/* The same with the file's octets, which are NUL-terminated. */
NMConnection *ipsec_formats_import_text (const char *path, const char *text, gsize len, IpsecDes3 des3,
                                         GPtrArray *notes, GError **error);
/* In the format that the suffix of @path names, else the first one. @notes: as of import. */
gboolean ipsec_formats_export (const char *path, NMConnection *connection, GPtrArray *notes, GError **error);
/* A name for the exported file; the caller's. */
char *ipsec_formats_suggest (NMConnection *connection);
