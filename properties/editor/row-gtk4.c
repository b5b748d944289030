/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of GTK 4 and libadwaita 1.2: what GNOME Settings' own pages are made of. See row.h. */
#include "config.h"

#include "editor/row-private.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define CHOICE_LENGTH 20 /* characters that libadwaita shows of a choice */

/* ---- what the user does ---- */

char *
row_control_text (Row *row)
{
  return g_strdup (gtk_editable_get_text (GTK_EDITABLE (row->control)));
}

static void
on_text (GtkEditable *editable, gpointer data)
{
  row_emit_text (data, gtk_editable_get_text (editable));
}

static void
on_selected (AdwComboRow *combo, GParamSpec *spec, gpointer data)
{
  Row *row = data;
  guint selected = adw_combo_row_get_selected (combo);

  if (row->words != NULL && selected < g_strv_length (row->words))
    row_emit_text (row, row->words[selected]);
}

static void
on_switched (GtkSwitch *widget, GParamSpec *spec, gpointer data)
{
  row_emit_text (data, gtk_switch_get_active (widget) ? "yes" : "no");
}

static void
on_choose (GtkButton *button, gpointer data)
{
  row_choose_file (data);
}

static void
on_copy (GtkButton *button, gpointer data)
{
  Row *row = data;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (row->widget), row->public);
}

/* ---- parts ---- */

static void
set_name (GtkWidget *widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

/* A button without a text at the end of the row. */
static void
add_button (Row *row, GtkWidget *button, const char *name)
{
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, name);
  set_name (button, name);
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (row->widget), button);
}

static GtkWidget *
add_icon_button (Row *row, const char *icon, const char *name_format, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  g_autofree char *name = row_button_name (row, name_format);

  add_button (row, button, name);
  g_signal_connect (button, "clicked", clicked, row);
  return button;
}

static GtkWidget *
add_menu_button (Row *row, const char *icon, const char *name_format, GMenuModel *menu)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autofree char *name = row_button_name (row, name_format);

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), icon);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), menu);
  add_button (row, button, name);
  /* the button that takes the focus is inside */
  if (gtk_widget_get_first_child (button) != NULL)
    set_name (gtk_widget_get_first_child (button), name);
  return button;
}

static void
add_fallback (Row *row)
{
  row->fallback = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (row->fallback), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (row->fallback), 24);
  gtk_widget_add_css_class (row->fallback, "dim-label");
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (row->widget), row->fallback);
}

/* The sentence about a field stands below it, where it can be read. It takes the focus as every row does: a list does
 * not go on to the next row when one does not. */
static void
add_note (Row *row)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  row->note_row = g_object_ref_sink (adw_preferences_row_new ());
  row->note_icon = gtk_image_new ();
  row->note = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (row->note), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (row->note), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (row->note), 0);
  gtk_widget_set_hexpand (row->note, TRUE);
  gtk_widget_add_css_class (row->note, "caption");
  gtk_widget_set_valign (row->note_icon, GTK_ALIGN_START);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_box_append (GTK_BOX (box), row->note_icon);
  gtk_box_append (GTK_BOX (box), row->note);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row->note_row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row->note_row), FALSE);
  gtk_widget_set_visible (row->note_row, FALSE);
}

/* libadwaita's own button, which shows the password, has no name. */
static void
name_buttons (GtkWidget *widget, const char *name)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    {
      if (GTK_IS_BUTTON (child))
        set_name (child, name);
      else
        name_buttons (child, name);
    }
}

/* ---- the kinds of rows ---- */

static void
make_entry (Row *row, const char *name)
{
  const Field *field = field_at (row->field);

  row->widget = field->kind == FIELD_SECRET ? adw_password_entry_row_new () : adw_entry_row_new ();
  row->control = row->widget;
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (row->control), TRUE);
  if (field->kind == FIELD_SECRET)
    {
      g_autofree char *show = row_button_name (row, _ ("Show: %s"));

      name_buttons (row->widget, show);
    }
  add_fallback (row);
  if (field->kind == FIELD_FILE)
    /* Translators: %s is what the file is, for example “Certificate” */
    add_icon_button (row, "document-open-symbolic", _ ("Choose a File: %s"), G_CALLBACK (on_choose));
  if (field->kind == FIELD_PUBLIC_KEY)
    row->copy = add_icon_button (row, "edit-copy-symbolic", _ ("Copy: %s"), G_CALLBACK (on_copy));
  if (field->flags & FIELD_STORE)
    {
      row->store = add_menu_button (row, "dialog-password-symbolic", _ ("Choose From the Key Store: %s"), NULL);
      gtk_widget_set_visible (row->store, FALSE);
    }
  if (field->kind == FIELD_SECRET)
    {
      g_autoptr (GMenuModel) menu = row_storage_menu ();

      row->storage = add_menu_button (row, "user-info-symbolic", _ ("Where It Is Kept: %s"), menu);
    }
  set_name (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (row->control))), name);
  g_signal_connect (row->control, "changed", G_CALLBACK (on_text), row);
}

static void
make_switch (Row *row)
{
  row->widget = adw_action_row_new ();
  row->control = gtk_switch_new ();
  gtk_widget_set_valign (row->control, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row->widget), row->control);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row->widget), row->control); /* and the row's title names it */
  g_signal_connect (row->control, "notify::active", G_CALLBACK (on_switched), row);
}

static void
make_choice (Row *row)
{
  row->widget = row->control = adw_combo_row_new ();
  g_signal_connect (row->control, "notify::selected", G_CALLBACK (on_selected), row);
}

Row *
row_new (guint field, const RowEvents *events, gpointer data)
{
  Row *row = g_new0 (Row, 1);
  g_autofree char *name = field_plain_title (field_at (field));

  row->field = field;
  row->events = events;
  row->data = data;
  switch (field_at (field)->kind)
    {
    case FIELD_CHOICE:
      make_choice (row);
      break;
    case FIELD_SWITCH:
      make_switch (row);
      break;
    case FIELD_TEXT:
    case FIELD_FILE:
    case FIELD_SECRET:
    case FIELD_PUBLIC_KEY:
      make_entry (row, name);
      break;
    }
  g_object_ref_sink (row->widget);
  adw_preferences_row_set_use_underline (ADW_PREFERENCES_ROW (row->widget), TRUE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row->widget), _ (field_at (field)->title));
  gtk_widget_set_name (row->widget, field_at (field)->name);
  row_add_actions (row);
  add_note (row);
  return row;
}

void
row_free (Row *row)
{
  if (row == NULL)
    return;
  g_signal_handlers_disconnect_by_data (row->control, row);
  gtk_widget_insert_action_group (row->widget, "row", NULL);
  row_drop_chooser (row);
  g_clear_object (&row->actions);
  g_clear_object (&row->widget);
  g_clear_object (&row->note_row);
  g_strfreev (row->words);
  g_free (row->public);
  g_free (row);
}

/* ---- what is shown ---- */

static void
show_fallback (Row *row)
{
  const char *text = row->fallback != NULL ? gtk_label_get_text (GTK_LABEL (row->fallback)) : "";

  if (row->fallback != NULL)
    gtk_widget_set_visible (row->fallback,
                            text[0] != '\0' && gtk_editable_get_text (GTK_EDITABLE (row->control))[0] == '\0');
}

void
row_set_title (Row *row, const char *title)
{
  g_autofree char *name = title_without_mnemonic (title);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row->widget), title);
  if (GTK_IS_EDITABLE (row->control))
    set_name (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (row->control))), name);
}

void
row_set_text (Row *row, const char *text)
{
  switch (field_at (row->field)->kind)
    {
    case FIELD_CHOICE:
      for (guint i = 0; row->words[i] != NULL; i++)
        {
          if (strcmp (row->words[i], text) == 0)
            adw_combo_row_set_selected (ADW_COMBO_ROW (row->control), i);
        }
      break;
    case FIELD_SWITCH:
      gtk_switch_set_active (GTK_SWITCH (row->control), strcmp (text, "yes") == 0);
      break;
    case FIELD_TEXT:
    case FIELD_FILE:
    case FIELD_SECRET:
    case FIELD_PUBLIC_KEY:
      /* the cursor stays where it is when there is nothing to do */
      if (strcmp (gtk_editable_get_text (GTK_EDITABLE (row->control)), text) != 0)
        gtk_editable_set_text (GTK_EDITABLE (row->control), text);
      break;
    }
}

void
row_set_default (Row *row, const char *text)
{
  if (row->fallback == NULL)
    return;
  gtk_label_set_text (GTK_LABEL (row->fallback), text != NULL ? text : "");
  show_fallback (row);
}

void
row_set_note (Row *row, NoteLevel level, const char *text)
{
  static const char *const classes[] = { "dim-label", "error", "warning" };
  const char *class = level == NOTE_ERROR ? "error" : level == NOTE_WARNING ? "warning" : "dim-label";

  gtk_label_set_text (GTK_LABEL (row->note), text != NULL ? text : "");
  set_name (row->note_row, text != NULL ? text : "");
  gtk_image_set_from_icon_name (GTK_IMAGE (row->note_icon), row_note_icon (level));
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      gtk_widget_remove_css_class (row->note, classes[i]);
      gtk_widget_remove_css_class (row->note_icon, classes[i]);
    }
  if (level != NOTE_WARNING) /* its yellow is too light to be read on white */
    gtk_widget_add_css_class (row->note, class);
  gtk_widget_add_css_class (row->note_icon, class);
  if (level == NOTE_ERROR)
    gtk_widget_add_css_class (row->widget, "error");
  else
    gtk_widget_remove_css_class (row->widget, "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (row->widget), GTK_ACCESSIBLE_STATE_INVALID,
                               level == NOTE_ERROR ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
  gtk_widget_set_visible (row->note_row, level != NOTE_NONE && gtk_widget_get_visible (row->widget));
}

void
row_set_shown (Row *row, gboolean shown)
{
  gtk_widget_set_visible (row->widget, shown);
  if (!shown)
    gtk_widget_set_visible (row->note_row, FALSE);
  else
    gtk_widget_set_visible (row->note_row, gtk_label_get_text (GTK_LABEL (row->note))[0] != '\0');
}

void
row_set_choices (Row *row, const char *const *words, const char *const *titles)
{
  GListModel *model = adw_combo_row_get_model (ADW_COMBO_ROW (row->control));
  gboolean wide = FALSE;

  if (!row_take_words (row, words))
    return;
  /* beside the title there is no room for long ones */
  for (guint i = 0; titles[i] != NULL; i++)
    wide = wide || g_utf8_strlen (titles[i], -1) > CHOICE_LENGTH;
  adw_combo_row_set_use_subtitle (ADW_COMBO_ROW (row->control), wide);
  if (model == NULL)
    {
      g_autoptr (GtkStringList) list = gtk_string_list_new (titles);

      adw_combo_row_set_model (ADW_COMBO_ROW (row->control), G_LIST_MODEL (list));
    }
  else
    /* another model would take the row's selection away under it when it is this row in which something was chosen */
    gtk_string_list_splice (GTK_STRING_LIST (model), 0, g_list_model_get_n_items (model), titles);
}

void
row_set_storage (Row *row, NMSettingSecretFlags storage)
{
  const char *text = row_storage_text (storage);
  g_autofree char *state = g_strdup_printf ("%u", (guint) storage);

  g_action_group_change_action_state (G_ACTION_GROUP (row->actions), "storage", g_variant_new_string (state));
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (row->storage), row_storage_icon (storage));
  gtk_editable_set_editable (GTK_EDITABLE (row->control), text == NULL);
  if (text != NULL)
    {
      row_set_text (row, "");
      gtk_label_set_text (GTK_LABEL (row->fallback), text);
      show_fallback (row);
    }
}

void
row_set_store (Row *row, const char *const *values, const char *const *titles)
{
  g_autoptr (GMenuModel) menu = row_store_menu (values, titles);

  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (row->store), menu);
  gtk_widget_set_visible (row->store, values[0] != NULL);
}

void
row_set_public (Row *row, const char *key)
{
  g_free (row->public);
  row->public = g_strdup (key);
  gtk_widget_set_sensitive (row->copy, key != NULL);
}

void
row_set_help (Row *row, const char *text)
{
  gtk_widget_set_tooltip_text (row->widget, text);
}
