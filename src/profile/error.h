/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with a profile: one error domain, and how a user's text is shown in a message or log.
 */
#pragma once

#include <glib.h>

#define IPSEC_PROFILE_ERROR (ipsec_profile_error_quark ())
GQuark ipsec_profile_error_quark (void);
typedef enum {
  IPSEC_PROFILE_ERROR_UNKNOWN_KEY,
  IPSEC_PROFILE_ERROR_BAD_VALUE,
  IPSEC_PROFILE_ERROR_MISSING_KEY,
  IPSEC_PROFILE_ERROR_CONFLICT,    /* two keys contradict each other, or the role */
  IPSEC_PROFILE_ERROR_UNSUPPORTED, /* right, but this version cannot do it */
} IpsecProfileError;

/* In quotation marks, printable whatever @text is, shortened when it is long. */
char *ipsec_quote (const char *text);
/* UTF-8 without control characters (C0, DEL, C1, line and paragraph separator)? */
gboolean ipsec_text_valid (const char *text);
/* Sets IPSEC_PROFILE_ERROR_@code and returns FALSE. */
gboolean ipsec_fail (GError **error, IpsecProfileError code, const char *format, ...) G_GNUC_PRINTF (3, 4);
