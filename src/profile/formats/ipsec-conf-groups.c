/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policy groups -> role=mesh. A connection with right=%opportunisticgroup (or %group) stands for one with each net in
 * the file of its name in the directory "policies". All of them together are one mesh, which proves in one way who it
 * is: that of the strictest group. What the others have of their own becomes a note.
 *
 * Which of our groups it is, its type and its shunts say; the usual names say the same.
 */
#include "config.h"

#include "profile/formats/ipsec-conf-groups.h"

#include "profile/formats/convert.h"
#include "profile/formats/ipsec-conf.h"
#include "profile/mesh.h"
#include "profile/profile-keys.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define IPSEC_DIR "/etc/ipsec.d"

static const char *const group_keys[] = { "private", "private-or-clear", "clear-or-private", "clear", "block" };

typedef struct {
  const ConfSection *section;
  IpsecGroup group;
} Taken;

typedef struct {
  IpsecDraft *draft;
  const Conf *conf;
  GHashTable *nets; /* canonical text, owned -> our key */
  GArray *taken; /* Taken, in the order of the file */
  const Taken *main; /* the strictest that encrypts */
} Groups;

static gboolean
is_group_address (const char *address)
{
  return convert_is (address, "%opportunisticgroup %group");
}

gboolean
ipsec_conf_is_group (GHashTable *values)
{
  return is_group_address (g_hash_table_lookup (values, "right")) ||
         is_group_address (g_hash_table_lookup (values, "left"));
}

gboolean
ipsec_conf_is_comment (const char *name)
{
  return g_ascii_tolower (name[0]) == 'x' && (name[1] == '-' || name[1] == '_');
}

/* FALSE: it is none of ours. */
static gboolean
group_of (GHashTable *values, IpsecGroup *ret)
{
  const char *type = g_hash_table_lookup (values, "type"), *start = g_hash_table_lookup (values, "auto");

  if (convert_is (type, "passthrough"))
    *ret = IPSEC_GROUP_CLEAR;
  else if (convert_is (type, "drop reject"))
    *ret = IPSEC_GROUP_BLOCK;
  else if (!convert_is (g_hash_table_lookup (values, "right"), "%opportunisticgroup") &&
           !convert_is (g_hash_table_lookup (values, "left"), "%opportunisticgroup"))
    return FALSE;
  else if (convert_is (start, "add keep"))
    *ret = IPSEC_GROUP_CLEAR_OR_PRIVATE;
  else if (convert_is (g_hash_table_lookup (values, "failureshunt"), "passthrough"))
    *ret = IPSEC_GROUP_PRIVATE_OR_CLEAR;
  else
    *ret = IPSEC_GROUP_PRIVATE;
  return TRUE;
}

static gboolean
encrypts (IpsecGroup group)
{
  return group <= IPSEC_GROUP_CLEAR_OR_PRIVATE;
}

/* ---- nets ---- */

/* FALSE: @text is no net. */
static gboolean
add_net (Groups *groups, IpsecGroup group, const char *text)
{
  g_autofree char *net = NULL;
  const char *other;
  IpsecSelector selector;

  if (!ipsec_selector_parse (text, TRUE, &selector, NULL))
    return FALSE;
  net = ipsec_selector_to_string (&selector);
  other = g_hash_table_lookup (groups->nets, net);
  if (other == NULL)
    {
      ipsec_draft_add (groups->draft, group_keys[group], net);
      g_hash_table_insert (groups->nets, g_steal_pointer (&net), (gpointer) group_keys[group]);
    }
  else if (other != group_keys[group])
    ipsec_draft_note (groups->draft, _ ("%s is in the groups %s and %s; it was left in the first, the stricter one."),
                      net, other, group_keys[group]);
  return TRUE;
}

static gboolean
has_room (const Groups *groups, const char *name, GError **error)
{
  return g_hash_table_size (groups->nets) < IPSEC_MESH_MAX_NETS ||
         ipsec_draft_fail (error,
                           _ ("With the group “%s” there are more than %d nets; a profile has no room for them."), name,
                           IPSEC_MESH_MAX_NETS);
}

static gboolean
read_list (Groups *groups, IpsecGroup group, const char *name, const char *value, GError **error)
{
  g_autofree char *list = convert_selectors (value, NULL);
  g_auto (GStrv) nets = g_strsplit (list, ",", -1);

  for (guint i = 0; nets[i] != NULL; i++)
    {
      if (!has_room (groups, name, error))
        return FALSE;
      if (nets[i][0] != '\0' && !add_net (groups, group, nets[i]))
        return ipsec_draft_fail (error, _ ("A net of the group “%s” is no network."), name);
    }
  return TRUE;
}

/* "NET [PROTOCOL SOURCE-PORT PORT]", and comments. Errors name lines, not their text. */
static gboolean
read_policy (Groups *groups, IpsecGroup group, const char *name, const char *text, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = NULL;

      conf_cut_comment (lines[i]);
      words = g_strsplit_set (g_strstrip (lines[i]), " \t", 2);
      if (words[0] == NULL || words[0][0] == '\0')
        continue;
      if (!has_room (groups, name, error))
        return FALSE;
      if (words[1] != NULL)
        ipsec_draft_note (groups->draft,
                          _ ("Line %u of the file of the group “%s” is for a protocol or ports only, which a mesh does "
                             "not know; it was not taken over."),
                          i + 1, name);
      else if (!add_net (groups, group, words[0]))
        return ipsec_draft_fail (error, _ ("Line %u of the file of the group “%s” is no network."), i + 1, name);
    }
  return TRUE;
}

/* Beside the file, as below /etc, or where the file says that Libreswan's files are. NULL: nowhere. */
static char *
find_policy (const Groups *groups, const char *name)
{
  const char *dir = ipsec_draft_dir (groups->draft), *setup = conf_setup (groups->conf, "ipsecdir");
  const char *const places[][2] = { { dir, "" },
                                    { dir, "ipsec.d" },
                                    { setup != NULL && g_path_is_absolute (setup) ? setup : IPSEC_DIR, "" } };

  if (strchr (name, '/') != NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_build_filename (places[i][0], places[i][1], "policies", name, NULL);
      g_autofree char *text = conf_file_text (path);

      if (text != NULL)
        return g_steal_pointer (&text);
    }
  return NULL;
}

static gboolean
read_nets (Groups *groups, IpsecGroup group, const char *name, GHashTable *values, GError **error)
{
  const char *list = g_hash_table_lookup (values, IPSEC_CONF_NETS);
  g_autofree char *text = list == NULL ? find_policy (groups, name) : NULL;

  if (list != NULL)
    return read_list (groups, group, name, list, error);
  if (text != NULL)
    return read_policy (groups, group, name, text, error);
  ipsec_draft_note (
      groups->draft,
      _ ("The nets of the group “%s” are in a file of that name in the directory “policies”, which cannot "
         "be read; set “%s”."),
      name, group_keys[group]);
  return TRUE;
}

/* ---- the groups ---- */

/* A group whose only use is what others take from it with also=: it is not started itself. */
static gboolean
is_pattern (const ConfSection *section, GHashTable *values)
{
  return !g_hash_table_contains (values, "auto") && conf_is_used (section);
}

/* What a group may have of its own, since it only says which group it is, or what every mesh does. */
static const char own_keys[] = "auto type failureshunt negotiationshunt keyingtries retransmit-timeout "
                               "retransmit-interval ikev2 keyexchange narrowing";

static void
collect_differences (GHashTable *from, GHashTable *other, GHashTable *names)
{
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!ipsec_conf_is_comment (name) && g_strcmp0 (value, g_hash_table_lookup (other, name)) != 0 &&
        !convert_is (name, own_keys))
      g_hash_table_add (names, name);
}

static void
note_differences (Groups *groups, const ConfSection *section, GHashTable *values, GHashTable *main)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GList) sorted = NULL;
  g_autoptr (GString) list = g_string_new (NULL);

  collect_differences (values, main, names);
  collect_differences (main, values, names);
  sorted = g_list_sort (g_hash_table_get_keys (names), (GCompareFunc) strcmp);
  for (const GList *l = sorted; l != NULL; l = l->next)
    g_string_append_printf (list, "%s%s", l == sorted ? "" : ", ", (const char *) l->data);
  if (list->len > 0)
    /* Translators: the second %s is a list of keys */
    ipsec_draft_note (groups->draft, _ ("The group “%s” has its own %s; the mesh has what “%s” says."),
                      conf_section_name (section), list->str, conf_section_name (groups->main->section));
}

/* (Not their values: a section can have those of all others, so that all together would be that many times the file.) */
static void
collect_groups (Groups *groups)
{
  const ConfSection *section;

  for (guint i = 0; (section = conf_connection (groups->conf, i)) != NULL; i++)
    {
      g_autoptr (GHashTable) values = conf_values (groups->conf, section);
      Taken taken = { .section = section };

      if (!ipsec_conf_is_group (values) || is_pattern (section, values))
        continue;
      if (!convert_is (g_hash_table_lookup (values, "auto"), "ignore") && group_of (values, &taken.group))
        g_array_append_val (groups->taken, taken);
      else
        ipsec_draft_note (groups->draft, _ ("The file has another connection, “%s”, which was not taken over."),
                          conf_section_name (section));
    }
}

/* Of those that are alike the first is the main one. */
static void
choose_main (Groups *groups)
{
  for (guint i = 0; i < groups->taken->len; i++)
    {
      const Taken *taken = &g_array_index (groups->taken, Taken, i);

      if (encrypts (taken->group) && (groups->main == NULL || taken->group < groups->main->group))
        groups->main = taken;
    }
}

static gboolean
read_group (Groups *groups, const Taken *taken, GHashTable *main, GError **error)
{
  g_autoptr (GHashTable) values = conf_values (groups->conf, taken->section);
  const char *name = conf_section_name (taken->section);

  if (taken->group <= IPSEC_GROUP_PRIVATE_OR_CLEAR &&
      convert_is (g_hash_table_lookup (values, "negotiationshunt"), "passthrough"))
    ipsec_draft_note (groups->draft,
                      _ ("The group “%s” lets packets pass while hosts agree on keys (negotiationshunt); here they "
                         "wait."),
                      name);
  if (encrypts (taken->group))
    note_differences (groups, taken->section, values, main);
  return read_nets (groups, taken->group, name, values, error);
}

static gboolean
read_groups (Groups *groups, IpsecGroup wanted, GHashTable *main, GError **error)
{
  for (guint i = 0; i < groups->taken->len; i++)
    {
      const Taken *taken = &g_array_index (groups->taken, Taken, i);

      if (taken->group == wanted && !read_group (groups, taken, main, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
ipsec_conf_read_groups (IpsecDraft *draft, const Conf *conf, GError **error)
{
  /* the strictest first: what is in two stays there */
  static const IpsecGroup order[] = { IPSEC_GROUP_BLOCK, IPSEC_GROUP_PRIVATE, IPSEC_GROUP_PRIVATE_OR_CLEAR,
                                      IPSEC_GROUP_CLEAR_OR_PRIVATE, IPSEC_GROUP_CLEAR };
  g_autoptr (GHashTable) nets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) taken = g_array_new (FALSE, FALSE, sizeof (Taken));
  g_autoptr (GHashTable) main = NULL;
  Groups groups = { .draft = draft, .conf = conf, .nets = nets, .taken = taken };

  collect_groups (&groups);
  choose_main (&groups);
  if (groups.main == NULL)
    return ipsec_draft_fail (error, _ ("The file has policy groups, but none that encrypts."));
  main = conf_values (conf, groups.main->section);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    if (!read_groups (&groups, order[i], main, error))
      return FALSE;
  return ipsec_conf_read_mesh (draft, main, error);
}
