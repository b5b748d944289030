/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipsec.conf's grammar, as Libreswan and strongSwan share it: sections of indented "key=value" lines, include, also=.
 */
#pragma once

#include <glib.h>

#define CONF_SECTIONS_MAX 256
#define CONF_ITEMS_MAX 256 /* of a section */
#define CONF_DEPTH_MAX 8 /* of include and of also= */

typedef struct _Conf Conf;
typedef struct _ConfSection ConfSection;

/* @path: where the text is from, for include. NULL: a line cannot be read; the error names it. */
Conf *conf_parse (const char *path, const char *text, gsize len, GError **error);
void conf_free (Conf *conf);

/* Connections in the order of the file, without %default; NULL after the last. */
const ConfSection *conf_connection (const Conf *conf, guint index);
const char *conf_section_name (const ConfSection *section);
/* Name -> value: from the section itself, else from those that it names with also=, else from %default; of two in one
 * section the last counts. The strings are the configuration's. */
GHashTable *conf_values (const Conf *conf, const ConfSection *section);
/* Adds the section itself, and those that it names with also=, to the set @used. */
void conf_add_used (const ConfSection *section, GHashTable *used);
/* Does any connection name it with also=? */
gboolean conf_is_used (const ConfSection *section);
/* What "config setup" says, NULL: nothing. */
const char *conf_setup (const Conf *conf, const char *key);
/* What an include could not bring: patterns. */
GPtrArray *conf_missing (const Conf *conf);

/* Cuts off what follows a # with a blank before it, outside of quotation marks. */
void conf_cut_comment (char *line);
/* An ordinary file of text, not too large; NULL: it is not, or cannot be read. The caller's. */
char *conf_file_text (const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Conf, conf_free)
