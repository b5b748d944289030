/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swanctl.conf's grammar: "name { key = value, sections }", "name : others { }", "include FILE", comments with #. */
#pragma once

#include <glib.h>

#define BRACES_DEPTH_MAX 8
#define BRACES_ITEMS_MAX 4096 /* sections and values of a file, with those that are inherited */
#define BRACES_OTHERS_MAX 16

typedef struct _Braces Braces;
struct _Braces {
  char *name;
  char *value; /* NULL: a section */
  GPtrArray *children; /* Braces, in the order of the file; of an "include" the value is the file */
  GPtrArray *others; /* char*: sections that it inherits from and that are not in the file; NULL: none */
  guint line;
  enum { BRACES_READ, BRACES_INHERITING, BRACES_DONE } state;
};

/* The root, without a name; what a section inherits is among its children, after its own. NULL: the error names the
 * line. */
Braces *braces_parse (const char *text, gsize len, GError **error);
void braces_free (Braces *braces);
/* NULL: there is none. @section may be NULL. */
const Braces *braces_section (const Braces *section, const char *name);
/* The value that counts, the last of several. */
const Braces *braces_item (const Braces *section, const char *key);
/* The same as text; NULL: there is none, or it is empty. */
const char *braces_get (const Braces *section, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Braces, braces_free)
