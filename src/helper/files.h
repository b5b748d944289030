/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a file as the user whose connection names it (CVE-2025-9615), into a sealed memory file: whoever works with
 * it later cannot be made to wait by what a user has mounted, and sees one state of it.
 *
 * Only regular files with absolute names, of 1..CHANNEL_MAX_FILE octets. What goes to the service must look like
 * certificates: whoever writes a profile can name any path, and the shadow file or a private key must not get there.
 */
#pragma once

#include "worker.h"

#include <sys/stat.h>

/* "system" stands for this machine's bundle of CAs. @user "": root. @certificates: nothing else will do. Answers READ
 * with the descriptor, or FAILED; NULL (the child died, or took too long) is to be told as files_lost(). Strings are
 * copied. */
Worker *files_read (const char *path, const char *user, gboolean certificates, WorkerFunc func, gpointer data);
/* What to say then. */
char *files_lost (const char *path);

/* The child's work, for tests: opens and copies. -1, *ret_code and *ret_text on failure. */
int files_copy (const char *path, guint32 *ret_len, ChannelError *ret_code, char **ret_text);
/* Certificates in PEM, one in DER, or PKCS#7 in either; no private key beside them. Only looks, parses nothing. */
gboolean files_are_certificates (const guint8 *octets, gsize len);
/* A file of secrets, opened: of root or of the user who we are, and nobody else's business? NULL: yes. */
const char *files_secret_complaint (const struct stat *st);
/* Is this descriptor a sealed memory file within the limit? Children are not believed. */
gboolean files_is_sealed (int fd);
int files_seal (int fd); /* 0 or errno */
int files_keep (gconstpointer octets, gsize len); /* a sealed memory file of these; -1 with errno */
