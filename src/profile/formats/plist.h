/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Apple's property lists in XML, read with libxml2. */
#pragma once

#include <glib.h>

typedef enum { PLIST_DICT, PLIST_ARRAY, PLIST_STRING, PLIST_INTEGER, PLIST_BOOLEAN, PLIST_DATA, PLIST_OTHER } PlistType;

typedef struct _Plist Plist;
struct _Plist {
  PlistType type;
  char *key; /* in a dictionary, else NULL */
  char *text; /* STRING, INTEGER; BOOLEAN: "1" or "0" */
  GBytes *data; /* DATA */
  GPtrArray *children; /* DICT, ARRAY: Plist */
};

#define PLIST_ITEMS_MAX 8192

/* NULL: not well-formed, or no property list; *ret_why is the caller's. */
Plist *plist_parse (const char *text, gsize len, char **ret_why);
void plist_free (Plist *plist);
/* In a dictionary; NULL: not there, or of another type. @dict may be NULL. */
const Plist *plist_find (const Plist *dict, const char *key, PlistType type);
/* A string or a number. */
const char *plist_text (const Plist *dict, const char *key);
/* A number that is not 0, or true. */
gboolean plist_true (const Plist *dict, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Plist, plist_free)
