/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rows of both toolkits have in common. See row-private.h. */
#include "config.h"

#include "editor/row-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const struct {
  NMSettingSecretFlags flags;
  const char *title, *text, *icon;
} storages[] = {
  /* Translators: where a password is kept; then what stands in the empty field */
  { NM_SETTING_SECRET_FLAG_AGENT_OWNED, N_ ("Keep for This User Only"), NULL, "user-info-symbolic" },
  { NM_SETTING_SECRET_FLAG_NONE, N_ ("Keep for All Users"), NULL, "system-users-symbolic" },
  { NM_SETTING_SECRET_FLAG_NOT_SAVED, N_ ("Ask Every Time"), N_ ("Asked Every Time"), "dialog-question-symbolic" },
  { NM_SETTING_SECRET_FLAG_NOT_REQUIRED, N_ ("Not Needed"), N_ ("Not Needed"), "action-unavailable-symbolic" },
};

static guint
storage_index (NMSettingSecretFlags storage)
{
  for (guint i = G_N_ELEMENTS (storages); i-- > 0;)
    {
      if (storage & storages[i].flags)
        return i;
    }
  return 1;
}

const char *
row_storage_icon (NMSettingSecretFlags storage)
{
  return storages[storage_index (storage)].icon;
}

const char *
row_storage_text (NMSettingSecretFlags storage)
{
  const char *text = storages[storage_index (storage)].text;

  return text != NULL ? _ (text) : NULL;
}

GMenuModel *
row_storage_menu (void)
{
  GMenu *menu = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (storages); i++)
    {
      g_autofree char *action = g_strdup_printf ("row.storage::%u", (guint) storages[i].flags);

      g_menu_append (menu, _ (storages[i].title), action);
    }
  return G_MENU_MODEL (menu);
}

GMenuModel *
row_store_menu (const char *const *values, const char *const *titles)
{
  GMenu *menu = g_menu_new ();

  for (guint i = 0; values[i] != NULL; i++)
    {
      g_autoptr (GMenuItem) item = g_menu_item_new (titles[i], NULL);

      g_menu_item_set_action_and_target (item, "row.pick", "s", values[i]);
      g_menu_append_item (menu, item);
    }
  return G_MENU_MODEL (menu);
}

static void
on_storage_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Row *row = data;

  g_simple_action_set_state (action, parameter);
  row->events->storage_changed (
      row->field, (NMSettingSecretFlags) g_ascii_strtoull (g_variant_get_string (parameter, NULL), NULL, 10),
      row->data);
}

static void
on_pick_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  row_emit_text (data, g_variant_get_string (parameter, NULL));
}

void
row_add_actions (Row *row)
{
  static const GActionEntry entries[] = {
    { .name = "storage", .activate = on_storage_action, .parameter_type = "s", .state = "'1'" },
    { .name = "pick", .activate = on_pick_action, .parameter_type = "s" },
  };

  row->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (row->actions), entries, G_N_ELEMENTS (entries), row);
  gtk_widget_insert_action_group (row->widget, "row", G_ACTION_GROUP (row->actions));
}

const char *
row_note_icon (NoteLevel level)
{
  switch (level)
    {
    case NOTE_NONE:
    case NOTE_HINT:
      return "dialog-information-symbolic";
    case NOTE_WARNING:
      return "dialog-warning-symbolic";
    case NOTE_ERROR:
      return "dialog-error-symbolic";
    }
  g_assert_not_reached ();
}

gboolean
row_take_words (Row *row, const char *const *words)
{
  if (row->words != NULL && g_strv_equal ((const char *const *) row->words, words))
    return FALSE;
  g_strfreev (row->words);
  row->words = g_strdupv ((char **) words);
  return TRUE;
}

void
row_emit_text (Row *row, const char *text)
{
  row->events->changed (row->field, text, row->data);
}

char *
row_button_name (Row *row, const char *format)
{
  g_autofree char *title = field_plain_title (field_at (row->field));

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (format, title);
#pragma GCC diagnostic pop
}

/* ---- files ---- */

static void
on_file_chosen (GtkNativeDialog *dialog, int response, gpointer data)
{
  Row *row = data;
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL)
    path = g_file_get_path (file);
  row_drop_chooser (row);
  if (path != NULL && g_utf8_validate (path, -1, NULL))
    row_emit_text (row, path);
  else if (path != NULL) /* no connection of NetworkManager can have it */
    {
      row_set_note (row, NOTE_ERROR, _ ("This file cannot be taken: its name, or a folder’s, is not valid UTF-8."));
      row_set_shown (row, TRUE);
    }
}

void
row_drop_chooser (Row *row)
{
  if (row->chooser != NULL)
    g_signal_handlers_disconnect_by_data (row->chooser, row);
  g_clear_object (&row->chooser);
}

void
row_choose_file (Row *row)
{
  g_autofree char *title = field_plain_title (field_at (row->field));
  g_autofree char *current = row_control_text (row);
  g_autofree char *dir = current[0] == '/' ? g_path_get_dirname (current) : NULL;
  GtkWindow *parent;
#if GTK_CHECK_VERSION(4, 0, 0)
  g_autoptr (GFile) folder = dir != NULL ? g_file_new_for_path (dir) : NULL;

  parent = GTK_WINDOW (gtk_widget_get_root (row->widget));
#else
  parent = GTK_WINDOW (gtk_widget_get_toplevel (row->widget));
#endif
  row_drop_chooser (row);
  row->chooser =
      gtk_file_chooser_native_new (title, parent, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Choose"), _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (row->chooser), TRUE);
#if GTK_CHECK_VERSION(4, 0, 0)
  if (folder != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (row->chooser), folder, NULL);
#else
  if (dir != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (row->chooser), dir);
#endif
  g_signal_connect (row->chooser, "response", G_CALLBACK (on_file_chosen), row);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (row->chooser));
}
