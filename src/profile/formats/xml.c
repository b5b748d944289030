/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See xml.h. The library's own limits (depth 256, entities) stay on. */
#include "profile/formats/xml.h"

#include <libxml/parser.h>
#include <string.h>

static char *
xml_why (const xmlError *error)
{
  g_autofree char *text = g_utf8_make_valid (error->message, -1);

  return g_strdup_printf ("%d: %s", error->line, g_strchomp (text));
}

Xml *
xml_parse (const char *text, gsize len, char **ret_why)
{
  Xml *xml;
  const xmlError *last;

  *ret_why = NULL;
  if (len > G_MAXINT32)
    return NULL;
  xml = xmlReadMemory (text, (int) len, NULL, NULL,
                       XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
  if (xml != NULL && xmlDocGetRootElement (xml) != NULL)
    return xml;
  g_clear_pointer (&xml, xml_free);
  last = xmlGetLastError ();
  *ret_why = last != NULL && last->message != NULL ? xml_why (last) : g_strdup ("XML");
  return NULL;
}

void
xml_free (Xml *xml)
{
  xmlFreeDoc (xml);
}

gboolean
xml_has (const char *text, gsize len, const char *name)
{
  g_autofree char *tag = g_strconcat ("<", name, NULL);
  const char *p = g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text;

  while (g_ascii_isspace (*p))
    p++;
  return *p == '<' && g_strstr_len (text, (gssize) len, tag) != NULL;
}

const xmlNode *
xml_root (const Xml *xml)
{
  return xmlDocGetRootElement ((xmlDoc *) xml);
}

gboolean
xml_is (const xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && strcmp ((const char *) node->name, name) == 0;
}

char *
xml_text (const xmlNode *node)
{
  xmlChar *content = xmlNodeGetContent (node);
  char *text = g_strdup (content != NULL ? (const char *) content : "");

  xmlFree (content);
  return g_strstrip (text);
}

const xmlNode *
xml_child (const xmlNode *node, const char *name)
{
  for (const xmlNode *n = node != NULL ? node->children : NULL; n != NULL; n = n->next)
    if (xml_is (n, name))
      return n;
  return NULL;
}

const xmlNode *
xml_find (const xmlNode *node, const char *name)
{
  for (const xmlNode *n = node != NULL ? node->children : NULL; n != NULL; n = n->next)
    {
      const xmlNode *found = xml_is (n, name) ? n : n->type == XML_ELEMENT_NODE ? xml_find (n, name) : NULL;

      if (found != NULL)
        return found;
    }
  return NULL;
}

char *
xml_child_text (const xmlNode *node, const char *name)
{
  const xmlNode *child = xml_child (node, name);
  g_autofree char *text = child != NULL ? xml_text (child) : NULL;

  return text != NULL && text[0] != '\0' ? g_steal_pointer (&text) : NULL;
}
