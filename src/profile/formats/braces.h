/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swanctl.conf's grammar: "name { key = value, sections }", comments with #. */
#pragma once

#include <glib.h>

#define BRACES_DEPTH_MAX 8
#define BRACES_ITEMS_MAX 4096 /* sections and values of a file */

typedef struct _Braces Braces;
struct _Braces {
  char *name;
  char *value; /* NULL: a section */
  GPtrArray *children; /* Braces, in the order of the file */
};

/* The root, without a name. NULL: the error names the line. */
Braces *braces_parse (const char *text, gsize len, GError **error);
void braces_free (Braces *braces);
/* NULL: there is none. @section may be NULL. */
const Braces *braces_section (const Braces *section, const char *name);
const char *braces_get (const Braces *section, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Braces, braces_free)
