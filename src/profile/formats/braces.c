/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A parser of one pass over the text: what is open is a stack of sections. */
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
  g_free (braces);
}

static gboolean
add (Parser *parser, Braces *take_child, GError **error)
{
  g_ptr_array_add (parser->open[parser->depth]->children, take_child);
  return ++parser->items <= BRACES_ITEMS_MAX || ipsec_draft_fail (error, _ ("The file is too large."));
}

static gboolean
open_section (Parser *parser, const char *name, gsize len, GError **error)
{
  /* "name : others {": what is inherited from others is not looked up */
  const char *colon = memchr (name, ':', len);
  Braces *section = braces_new (name, colon != NULL ? (gsize) (colon - name) : len, NULL);

  if (!add (parser, section, error))
    return FALSE;
  if (section->name[0] == '\0' || parser->depth + 1 >= BRACES_DEPTH_MAX)
    return ipsec_draft_fail (error, _ ("In line %u of the file a section is wrong."), parser->line);
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

        if (!add (parser, braces_new (p, word, value_of (p + word + 1, len)), error))
          return NULL;
        return p + word + 1 + len;
      }
    default:
      ipsec_draft_fail (error, _ ("Line %u of the file is neither a section nor “key = value”."), parser->line);
      return NULL;
    }
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
      else if (*p == '#' || g_str_has_prefix (p, "include "))
        p += strcspn (p, "\n");
      else if (*p == '}' && parser->depth > 0)
        {
          parser->depth--;
          p++;
        }
      else if ((p = step (parser, p, error)) == NULL)
        return FALSE;
    }
  return parser->depth == 0 || ipsec_draft_fail (error, _ ("At the end of the file a section is not closed."));
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
  return parse (&parser, text, error) ? g_steal_pointer (&root) : NULL;
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

const char *
braces_get (const Braces *section, const char *key)
{
  for (guint i = section != NULL ? section->children->len : 0; i-- > 0;)
    {
      const Braces *child = section->children->pdata[i];

      if (child->value != NULL && strcmp (child->name, key) == 0)
        return child->value[0] != '\0' ? child->value : NULL;
    }
  return NULL;
}
