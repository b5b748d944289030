/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times, sizes and marks as users write them. The whole text must match; no sign, no blank, hexadecimal for marks only.
 */
#pragma once

#include <glib.h>

/* "90", "90s", "5m", "8h", "1d": seconds. FALSE: it is no time, or too large for 64 bits. */
gboolean ipsec_time_parse (const char *text, guint64 *ret_seconds);
/* With the largest unit that fits: "8h", "90s", "0". */
char *ipsec_time_to_string (guint64 seconds);

/* "1000", "64K", "1G": octets. */
gboolean ipsec_size_parse (const char *text, guint64 *ret_octets);
char *ipsec_size_to_string (guint64 octets);

/* "7", "0x10/0xff"; without a mask it is that of all bits. */
gboolean ipsec_mark_parse (const char *text, guint32 *ret_mark, guint32 *ret_mask);
