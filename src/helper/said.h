/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the helper's door has said, in the language of the user: for its clients. The helper has none, and calls come from
 * users who have several.
 */
#pragma once

#include <glib.h>

/* What is not known stays as it is. The caller's. */
char *said_translate (const char *text);
