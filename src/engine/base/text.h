/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from a peer, made fit for logs, D-Bus and eyes. */
#pragma once

#include <glib.h>

/* UTF-8 of printable characters, from any octets: what is not (controls, invalid sequences, NUL, bidirectional
 * overrides, line and paragraph separators) becomes \xNN, octet by octet; a backslash doubles. With @lines newline and
 * tab stay. No two inputs give the same text. Never NULL. */
char *ike_text_clean (gconstpointer data, gsize len, gboolean lines);
/* Is it such text already (ike_text_clean would change nothing but backslashes)? */
gboolean ike_text_is_clean (gconstpointer data, gsize len, gboolean lines);
