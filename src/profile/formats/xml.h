/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libxml2, as the formats want it: hostile input, names without regard to namespaces. */
#pragma once

#include <glib.h>
#include <libxml/tree.h>

typedef xmlDoc Xml;

/* NULL: not well-formed; *ret_why says where. No network, no external or own entities, no huge documents. */
Xml *xml_parse (const char *text, gsize len, char **ret_why);
void xml_free (Xml *xml);
/* Does @text, which ends with a NUL after @len octets, begin as XML does, and have this element? A value that looks like one
 * does not count. */
gboolean xml_has (const char *text, gsize len, const char *name);
const xmlNode *xml_root (const Xml *xml);
gboolean xml_is (const xmlNode *node, const char *name);
/* All text in an element, without blanks around it; the caller's. */
char *xml_text (const xmlNode *node);
/* The first element of this name among the children; NULL: none. @node may be NULL. */
const xmlNode *xml_child (const xmlNode *node, const char *name);
/* The same anywhere below, in the order of the document. */
const xmlNode *xml_find (const xmlNode *node, const char *name);
/* The text of the child of this name; NULL: none, or it is empty. The caller's. */
char *xml_child_text (const xmlNode *node, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Xml, xml_free)
