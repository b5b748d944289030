/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads lines into sections. An included file is opened as whoever imports may; what is in it reaches nobody but as
 * part of the connection, and errors name its lines, not their text.
 */
#include "config.h"

#include "profile/formats/conf.h"

#include "profile/formats/draft.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <glob.h>
#include <string.h>

#define INCLUDE_FILE_MAX (256 * 1024)
#define INCLUDE_FILES_MAX 32

typedef struct {
  char *key, *value;
} Item;

struct _ConfSection {
  char *kind, *name;
  GArray *items; /* Item, without also= */
  GPtrArray *also_names; /* char *, in the order of the file */
  GPtrArray *also; /* ConfSection, those of them that there are */
  gboolean used; /* another one has it among these */
};

struct _Conf {
  GPtrArray *sections, *missing;
  GHashTable *connections; /* name -> the first ConfSection of a connection with it */
  ConfSection *current; /* while reading */
  guint files;
};

static gboolean read_text (Conf *conf, const char *path, const char *text, gsize len, guint depth, GError **error);

static void
item_clear (gpointer data)
{
  Item *item = data;

  g_free (item->key);
  g_free (item->value);
}

static void
section_free (gpointer data)
{
  ConfSection *section = data;

  g_free (section->kind);
  g_free (section->name);
  g_array_unref (section->items);
  g_ptr_array_unref (section->also_names);
  g_ptr_array_unref (section->also);
  g_free (section);
}

void
conf_free (Conf *conf)
{
  if (conf == NULL)
    return;
  g_hash_table_unref (conf->connections);
  g_ptr_array_unref (conf->sections);
  g_ptr_array_unref (conf->missing);
  g_free (conf);
}

/* ---- lines ---- */

void
conf_cut_comment (char *line)
{
  gboolean quoted = FALSE;

  for (char *p = line; *p != '\0'; p++)
    {
      if (*p == '"')
        quoted = !quoted;
      else if (*p == '#' && !quoted && (p == line || g_ascii_isspace (p[-1])))
        {
          *p = '\0';
          return;
        }
    }
}

static gboolean
add_section (Conf *conf, const char *kind, const char *name, GError **error)
{
  ConfSection *section;

  if (conf->sections->len >= CONF_SECTIONS_MAX)
    return ipsec_draft_fail (error, _ ("The file has more than %d sections."), CONF_SECTIONS_MAX);
  section = g_new0 (ConfSection, 1);
  section->kind = g_strdup (kind);
  section->name = g_strdup (name);
  section->items = g_array_new (FALSE, FALSE, sizeof (Item));
  g_array_set_clear_func (section->items, item_clear);
  section->also_names = g_ptr_array_new_with_free_func (g_free);
  section->also = g_ptr_array_new ();
  g_ptr_array_add (conf->sections, section);
  if (strcmp (kind, "conn") == 0 && !g_hash_table_contains (conf->connections, name))
    g_hash_table_insert (conf->connections, section->name, section);
  conf->current = section;
  return TRUE;
}

static gboolean
add_item (Conf *conf, char *line, guint number, GError **error)
{
  char *equals = strchr (line, '=');
  char *value;
  gsize len;
  Item item;

  if (equals == NULL || equals == line)
    return ipsec_draft_fail (error, _ ("Line %u of the file is neither a section nor “key=value”."), number);
  if (conf->current == NULL)
    return ipsec_draft_fail (error, _ ("Line %u of the file belongs to no section."), number);
  if (conf->current->items->len + conf->current->also_names->len >= CONF_ITEMS_MAX)
    return ipsec_draft_fail (error, _ ("A section of the file has more than %d lines."), CONF_ITEMS_MAX);
  *equals = '\0';
  value = g_strstrip (equals + 1);
  len = strlen (value);
  if (value[0] == '"')
    {
      if (len < 2 || value[len - 1] != '"')
        return ipsec_draft_fail (error, _ ("In line %u of the file a quotation mark is missing."), number);
      value[len - 1] = '\0';
      value++;
    }
  if (strcmp (g_strchomp (line), "also") == 0)
    {
      g_ptr_array_add (conf->current->also_names, g_strdup (value));
      return TRUE;
    }
  item = (Item){ g_strdup (line), g_strdup (value) };
  g_array_append_val (conf->current->items, item);
  return TRUE;
}

static char *
read_file (const char *path, gsize *ret_len)
{
  char *text = NULL;
  GStatBuf info;

  if (g_stat (path, &info) < 0 || !S_ISREG (info.st_mode) || info.st_size > INCLUDE_FILE_MAX ||
      !g_file_get_contents (path, &text, ret_len, NULL))
    return NULL;
  return text;
}

char *
conf_file_text (const char *path)
{
  gsize len;
  g_autofree char *text = read_file (path, &len);

  return text != NULL && strlen (text) == len && g_utf8_validate (text, (gssize) len, NULL) ? g_steal_pointer (&text)
                                                                                            : NULL;
}

static gboolean
include (Conf *conf, const char *path, const char *pattern, guint depth, GError **error)
{
  g_autofree char *dir = g_path_get_dirname (path);
  g_autofree char *full = g_path_is_absolute (pattern) ? g_strdup (pattern) : g_build_filename (dir, pattern, NULL);
  glob_t found = { 0 };
  gboolean ok = TRUE;

  if (depth >= CONF_DEPTH_MAX)
    return ipsec_draft_fail (error, _ ("The file includes files that include each other."));
  if (glob (full, GLOB_NOSORT, NULL, &found) != 0 || found.gl_pathc == 0)
    g_ptr_array_add (conf->missing, g_strdup (pattern));
  for (gsize i = 0; i < found.gl_pathc && ok; i++)
    {
      g_autofree char *text = NULL;
      gsize len;

      if (conf->files++ >= INCLUDE_FILES_MAX)
        ok = ipsec_draft_fail (error, _ ("The file includes more than %d files."), INCLUDE_FILES_MAX);
      else if ((text = read_file (found.gl_pathv[i], &len)) == NULL)
        g_ptr_array_add (conf->missing, g_strdup (found.gl_pathv[i]));
      else
        ok = read_text (conf, found.gl_pathv[i], text, len, depth + 1, error);
    }
  globfree (&found);
  return ok;
}

static gboolean
read_header (Conf *conf, const char *path, char *line, guint number, guint depth, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (g_strstrip (line), " \t", 2);
  char *name = words[0] != NULL && words[1] != NULL ? g_strstrip (words[1]) : NULL;

  conf->current = NULL;
  if (name != NULL && strcmp (words[0], "include") == 0)
    return include (conf, path, name, depth, error);
  if (name != NULL &&
      (strcmp (words[0], "conn") == 0 || strcmp (words[0], "config") == 0 || strcmp (words[0], "ca") == 0))
    return add_section (conf, words[0], name, error);
  if (strcmp (words[0], "version") == 0)
    return TRUE;
  return ipsec_draft_fail (error, _ ("Line %u of the file is neither a section nor “key=value”."), number);
}

static gboolean
read_text (Conf *conf, const char *path, const char *text, gsize len, guint depth, GError **error)
{
  g_auto (GStrv) lines = NULL;

  if (memchr (text, '\0', len) != NULL || !g_utf8_validate (text, (gssize) len, NULL))
    return ipsec_draft_fail (error, _ ("The file is not text."));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      gboolean indented = g_ascii_isspace (lines[i][0]);

      conf_cut_comment (lines[i]);
      g_strstrip (lines[i]);
      if (lines[i][0] == '\0')
        continue;
      if (indented ? !add_item (conf, lines[i], i + 1, error)
                   : !read_header (conf, path, lines[i], i + 1, depth, error))
        return FALSE;
    }
  return TRUE;
}

/* Once: sections that all name each other are that many times looked through. */
static void
find_also (Conf *conf)
{
  for (guint i = 0; i < conf->sections->len; i++)
    {
      ConfSection *section = conf->sections->pdata[i];

      for (guint j = 0; strcmp (section->kind, "conn") == 0 && j < section->also_names->len; j++)
        {
          ConfSection *other = g_hash_table_lookup (conf->connections, section->also_names->pdata[j]);

          if (other == NULL || other == section)
            continue;
          g_ptr_array_add (section->also, other);
          other->used = TRUE;
        }
    }
}

Conf *
conf_parse (const char *path, const char *text, gsize len, GError **error)
{
  g_autoptr (Conf) conf = g_new0 (Conf, 1);

  conf->sections = g_ptr_array_new_with_free_func (section_free);
  conf->missing = g_ptr_array_new_with_free_func (g_free);
  conf->connections = g_hash_table_new (g_str_hash, g_str_equal);
  if (!read_text (conf, path, text, len, 0, error))
    return NULL;
  find_also (conf);
  return g_steal_pointer (&conf);
}

/* ---- asking ---- */

static gboolean
is_default (const ConfSection *section)
{
  return strcmp (section->name, "%default") == 0;
}

const ConfSection *
conf_connection (const Conf *conf, guint index)
{
  for (guint i = 0; i < conf->sections->len; i++)
    {
      const ConfSection *section = conf->sections->pdata[i];

      if (strcmp (section->kind, "conn") == 0 && !is_default (section) && index-- == 0)
        return section;
    }
  return NULL;
}

const char *
conf_section_name (const ConfSection *section)
{
  return section->name;
}

const char *
conf_setup (const Conf *conf, const char *key)
{
  const char *value = NULL;

  for (guint i = 0; i < conf->sections->len; i++)
    {
      const ConfSection *section = conf->sections->pdata[i];

      for (guint j = 0; strcmp (section->kind, "config") == 0 && j < section->items->len; j++)
        if (strcmp (g_array_index (section->items, Item, j).key, key) == 0)
          value = g_array_index (section->items, Item, j).value;
    }
  return value;
}

GPtrArray *
conf_missing (const Conf *conf)
{
  return conf->missing;
}

/* The section's own items, the last of a name first, then those of also=; each section once. */
static void
gather (const ConfSection *section, guint depth, GHashTable *seen, GHashTable *values)
{
  if (section == NULL || depth > CONF_DEPTH_MAX || !g_hash_table_add (seen, (gpointer) section))
    return;
  for (guint i = section->items->len; i-- > 0;)
    {
      const Item *item = &g_array_index (section->items, Item, i);

      if (!g_hash_table_contains (values, item->key))
        g_hash_table_insert (values, item->key, item->value);
    }
  for (guint i = 0; i < section->also->len; i++)
    gather (section->also->pdata[i], depth + 1, seen, values);
}

GHashTable *
conf_values (const Conf *conf, const ConfSection *section)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GHashTable *values = g_hash_table_new (g_str_hash, g_str_equal);

  gather (section, 0, seen, values);
  gather (g_hash_table_lookup (conf->connections, "%default"), 0, seen, values);
  return values;
}

void
conf_add_used (const ConfSection *section, GHashTable *used)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);

  gather (section, 0, used, values);
}

gboolean
conf_is_used (const ConfSection *section)
{
  return section->used;
}
