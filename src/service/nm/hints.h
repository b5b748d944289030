/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key exchange group that each gateway took last: to guess right saves a round trip. The helper remembers it for the
 * next process; what it said is kept here. */
#pragma once

#include <glib.h>

#define HINTS_MAX 64

/* 0: not known. */
guint16 hints_get_group (const char *host);
void hints_set_group (const char *host, guint16 group);
