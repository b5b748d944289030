/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libxml2 parses, without network and without entities of the file's own; the tree is then copied into ours. */
#include "config.h"

#include "profile/formats/plist.h"

#include "profile/formats/xml.h"

#include <string.h>

#define DEPTH_MAX 32

static Plist *convert (const xmlNode *node, guint depth, guint *budget);

void
plist_free (Plist *plist)
{
  if (plist == NULL)
    return;
  g_free (plist->key);
  if (plist->text != NULL)
    explicit_bzero (plist->text, strlen (plist->text));
  g_free (plist->text);
  g_clear_pointer (&plist->data, g_bytes_unref);
  g_clear_pointer (&plist->children, g_ptr_array_unref);
  g_free (plist);
}

/* "key, value" pairs, or values alone. */
static gboolean
convert_children (Plist *plist, const xmlNode *node, guint depth, guint *budget)
{
  g_autofree char *key = NULL;

  plist->children = g_ptr_array_new_with_free_func ((GDestroyNotify) plist_free);
  for (const xmlNode *n = node->children; n != NULL; n = n->next)
    {
      Plist *child;

      if (n->type != XML_ELEMENT_NODE)
        continue;
      if (plist->type == PLIST_DICT && key == NULL)
        {
          if (!xml_is (n, "key"))
            return FALSE;
          key = xml_text (n);
          continue;
        }
      child = convert (n, depth + 1, budget);
      if (child == NULL)
        return FALSE;
      child->key = g_steal_pointer (&key);
      g_ptr_array_add (plist->children, child);
    }
  return key == NULL;
}

static Plist *
convert (const xmlNode *node, guint depth, guint *budget)
{
  static const struct {
    const char *name;
    PlistType type;
  } types[] = {
    { "dict", PLIST_DICT },    { "array", PLIST_ARRAY },   { "string", PLIST_STRING }, { "integer", PLIST_INTEGER },
    { "true", PLIST_BOOLEAN }, { "false", PLIST_BOOLEAN }, { "data", PLIST_DATA },
  };
  g_autoptr (Plist) plist = g_new0 (Plist, 1);
  gsize len;

  if (depth > DEPTH_MAX || (*budget)-- == 0)
    return NULL;
  plist->type = PLIST_OTHER;
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (xml_is (node, types[i].name))
      plist->type = types[i].type;
  switch (plist->type)
    {
    case PLIST_DICT:
    case PLIST_ARRAY:
      if (!convert_children (plist, node, depth, budget))
        return NULL;
      break;
    case PLIST_STRING:
    case PLIST_INTEGER:
      plist->text = xml_text (node);
      break;
    case PLIST_BOOLEAN:
      plist->text = g_strdup (xml_is (node, "true") ? "1" : "0");
      break;
    case PLIST_DATA:
      {
        g_autofree char *text = xml_text (node);
        guint8 *data = g_base64_decode (text, &len);

        plist->data = g_bytes_new_take (data, len);
      }
      break;
    case PLIST_OTHER:
      break;
    }
  return g_steal_pointer (&plist);
}

Plist *
plist_parse (const char *text, gsize len, char **ret_why)
{
  g_autoptr (Xml) xml = xml_parse (text, len, ret_why);
  guint budget = PLIST_ITEMS_MAX;

  if (xml == NULL)
    return NULL;
  if (xml_is (xml_root (xml), "plist"))
    for (const xmlNode *n = xml_root (xml)->children; n != NULL; n = n->next)
      if (n->type == XML_ELEMENT_NODE)
        {
          Plist *plist = convert (n, 0, &budget);

          if (plist != NULL)
            return plist;
          break;
        }
  *ret_why = g_strdup ("plist");
  return NULL;
}

const Plist *
plist_find (const Plist *dict, const char *key, PlistType type)
{
  for (guint i = 0; dict != NULL && dict->type == PLIST_DICT && i < dict->children->len; i++)
    {
      const Plist *child = dict->children->pdata[i];

      if (child->type == type && g_strcmp0 (child->key, key) == 0)
        return child;
    }
  return NULL;
}

const char *
plist_text (const Plist *dict, const char *key)
{
  const Plist *found = plist_find (dict, key, PLIST_STRING);

  if (found == NULL)
    found = plist_find (dict, key, PLIST_INTEGER);
  return found != NULL && found->text[0] != '\0' ? found->text : NULL;
}

gboolean
plist_true (const Plist *dict, const char *key)
{
  const Plist *found = plist_find (dict, key, PLIST_BOOLEAN);

  if (found == NULL)
    found = plist_find (dict, key, PLIST_INTEGER);
  return found != NULL && strcmp (found->text, "0") != 0;
}
