/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A parser of one pass over the text: what is open is a stack of sections. A section that is there twice is one; what it
 * inherits is copied into it at the end.
 */
#include "config.h"

#include "profile/formats/braces.h"

#include "profile/formats/draft.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct {
  Braces *open[BRACES_DEPTH_MAX];
  guint depth; /* index of the innermost */
  guint items, line;
} Parser;

static Braces *
braces_new (const char *name, gsize len, char *take_value)
{
  Braces *braces = g_new0 (Braces, 1);
  g_autofree char *text = g_strndup (name, len);

  braces->name = g_strdup (g_strstrip (text));
  braces->value = take_value;
  braces->children = g_ptr_array_new_with_free_func ((GDestroyNotify) braces_free);
  return braces;
}

void
braces_free (Braces *braces)
{
  if (braces == NULL)
    return;
  g_free (braces->name);
  g_free (braces->value);
  g_ptr_array_unref (braces->children);
  g_clear_pointer (&braces->others, g_ptr_array_unref);
  g_free (braces);
}

static gboolean
add (Parser *parser, Braces *section, Braces *take_child, GError **error)
{
  g_ptr_array_add (section->children, take_child);
  return ++parser->items <= BRACES_ITEMS_MAX || ipsec_draft_fail (error, _ ("The file is too large."));
}

static gboolean
fail_section (guint line, GError **error)
{
  return ipsec_draft_fail (error, _ ("In line %u of the file a section is wrong."), line);
}

/* "a, connections.b" */
static gboolean
add_others (Parser *parser, Braces *section, const char *names, gsize len, GError **error)
{
  g_autofree char *text = g_strndup (names, len);
  g_auto (GStrv) list = g_strsplit (text, ",", -1);

  for (guint i = 0; list[i] != NULL; i++)
    {
      if (g_strstrip (list[i])[0] == '\0')
        continue;
      if (section->others == NULL)
        section->others = g_ptr_array_new_with_free_func (g_free);
      if (section->others->len >= BRACES_OTHERS_MAX)
        return fail_section (parser->line, error);
      g_ptr_array_add (section->others, g_strdup (list[i]));
    }
  return TRUE;
}

static gboolean
open_section (Parser *parser, const char *name, gsize len, GError **error)
{
  const char *colon = memchr (name, ':', len);
  gsize own = colon != NULL ? (gsize) (colon - name) : len;
  g_autoptr (Braces) fresh = braces_new (name, own, NULL);
  Braces *section = (Braces *) braces_section (parser->open[parser->depth], fresh->name);

  if (section == NULL) /* else it goes on */
    {
      section = g_steal_pointer (&fresh);
      section->line = parser->line;
      if (!add (parser, parser->open[parser->depth], section, error))
        return FALSE;
    }
  if (section->name[0] == '\0' || parser->depth + 1 >= BRACES_DEPTH_MAX)
    return fail_section (parser->line, error);
  if (colon != NULL && !add_others (parser, section, colon + 1, len - own - 1, error))
    return FALSE;
  parser->open[++parser->depth] = section;
  return TRUE;
}

static char *
value_of (const char *text, gsize len)
{
  g_autofree char *value = g_strndup (text, len);
  gsize n;

  g_strstrip (value);
  n = strlen (value);
  if (n >= 2 && value[0] == '"' && value[n - 1] == '"')
    return g_strndup (value + 1, n - 2);
  return g_steal_pointer (&value);
}

/* From @p: a value reaches to the end of its line, a comment or a brace; what is in quotation marks is one. */
static gsize
value_length (const char *p)
{
  const char *start = p;
  gboolean quoted = FALSE;

  for (; *p != '\0' && *p != '\n'; p++)
    {
      if (*p == '"')
        quoted = !quoted;
      else if (!quoted && (*p == '}' || *p == '#'))
        break;
    }
  return (gsize) (p - start);
}

/* One step from @p; NULL: it is wrong. */
static const char *
step (Parser *parser, const char *p, GError **error)
{
  gsize word = strcspn (p, "={}#\n");

  switch (p[word])
    {
    case '{':
      return open_section (parser, p, word, error) ? p + word + 1 : NULL;
    case '=':
      {
        gsize len = value_length (p + word + 1);

        if (!add (parser, parser->open[parser->depth], braces_new (p, word, value_of (p + word + 1, len)), error))
          return NULL;
        return p + word + 1 + len;
      }
    default:
      ipsec_draft_fail (error, _ ("Line %u of the file is neither a section nor “key = value”."), parser->line);
      return NULL;
    }
}

/* @p is behind the word: what is to be read there as well. */
static const char *
step_include (Parser *parser, const char *p, GError **error)
{
  gsize len = value_length (p);

  Braces *item = braces_new ("include", strlen ("include"), value_of (p, len));

  return add (parser, parser->open[parser->depth], item, error) ? p + len : NULL;
}

static gboolean
parse (Parser *parser, const char *p, GError **error)
{
  while (*p != '\0')
    {
      if (*p == '\n')
        parser->line++;
      if (g_ascii_isspace (*p))
        p++;
      else if (*p == '#')
        p += strcspn (p, "\n");
      else if (*p == '}' && parser->depth > 0)
        {
          parser->depth--;
          p++;
        }
      else
        {
          gboolean include = g_str_has_prefix (p, "include ") || g_str_has_prefix (p, "include\t");

          p = include ? step_include (parser, p + strlen ("include"), error) : step (parser, p, error);
          if (p == NULL)
            return FALSE;
        }
    }
  return parser->depth == 0 || ipsec_draft_fail (error, _ ("At the end of the file a section is not closed."));
}

/* ---- what is inherited ---- */

/* Copies into @section, which is so deep, what @other has and it has not. */
static gboolean
merge (Parser *parser, Braces *section, const Braces *other, guint depth, GError **error)
{
  if (depth >= BRACES_DEPTH_MAX)
    return fail_section (section->line, error);
  for (guint i = 0; i < other->children->len; i++)
    {
      const Braces *from = other->children->pdata[i];
      Braces *to =
          (Braces *) (from->value == NULL ? braces_section (section, from->name) : braces_item (section, from->name));

      if (to == NULL)
        {
          to = braces_new (from->name, strlen (from->name), g_strdup (from->value));
          to->line = section->line;
          to->state = BRACES_DONE;
          if (!add (parser, section, to, error))
            return FALSE;
        }
      if (from->value == NULL && !merge (parser, to, from, depth + 1, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean inherit (Parser *parser, Braces *root, Braces *section, guint depth, GError **error);

/* "connections.b"; *ret_other NULL: it is not in the file. What is on the way has inherited before. */
static gboolean
find_other (Parser *parser, Braces *root, const char *path, Braces **ret_other, GError **error)
{
  g_auto (GStrv) names = g_strsplit (path, ".", BRACES_DEPTH_MAX);
  Braces *other = root;

  for (guint i = 0; names[i] != NULL && other != NULL; i++)
    {
      other = (Braces *) braces_section (other, names[i]);
      if (other != NULL && other->state == BRACES_READ && !inherit (parser, root, other, i + 1, error))
        return FALSE;
    }
  *ret_other = other;
  return TRUE;
}

/* First comes what a section says itself, then the first of the others. */
static gboolean
inherit (Parser *parser, Braces *root, Braces *section, guint depth, GError **error)
{
  section->state = BRACES_INHERITING;
  for (guint i = 0; i < section->children->len; i++)
    {
      Braces *child = section->children->pdata[i];

      if (child->value == NULL && child->state == BRACES_READ && !inherit (parser, root, child, depth + 1, error))
        return FALSE;
    }
  for (guint i = 0; section->others != NULL && i < section->others->len;)
    {
      Braces *other;

      if (!find_other (parser, root, section->others->pdata[i], &other, error))
        return FALSE;
      if (other == NULL)
        {
          i++;
          continue;
        }
      if (other->state != BRACES_DONE) /* it would be within itself */
        return fail_section (section->line, error);
      if (!merge (parser, section, other, depth, error))
        return FALSE;
      g_ptr_array_remove_index (section->others, i);
    }
  section->state = BRACES_DONE;
  return TRUE;
}

Braces *
braces_parse (const char *text, gsize len, GError **error)
{
  g_autoptr (Braces) root = braces_new ("", 0, NULL);
  Parser parser = { .open = { root }, .line = 1 };

  if (memchr (text, '\0', len) != NULL || !g_utf8_validate (text, (gssize) len, NULL))
    {
      ipsec_draft_fail (error, _ ("The file is not text."));
      return NULL;
    }
  return parse (&parser, text, error) && inherit (&parser, root, root, 0, error) ? g_steal_pointer (&root) : NULL;
}

const Braces *
braces_section (const Braces *section, const char *name)
{
  for (guint i = 0; section != NULL && i < section->children->len; i++)
    {
      const Braces *child = section->children->pdata[i];

      if (child->value == NULL && strcmp (child->name, name) == 0)
        return child;
    }
  return NULL;
}

const Braces *
braces_item (const Braces *section, const char *key)
{
  for (guint i = section != NULL ? section->children->len : 0; i-- > 0;)
    {
      const Braces *child = section->children->pdata[i];

      if (child->value != NULL && strcmp (child->name, key) == 0)
        return child;
    }
  return NULL;
}

const char *
braces_get (const Braces *section, const char *key)
{
  const Braces *item = braces_item (section, key);

  return item != NULL && item->value[0] != '\0' ? item->value : NULL;
}
