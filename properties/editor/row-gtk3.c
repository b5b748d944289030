/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of GTK 3: a label, and what belongs to it, as on nm-connection-editor's other pages. See row.h. */
#include "config.h"

#include "editor/row-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SPACING 6 /* pixels */

/* ---- what the user does ---- */

char *
row_control_text (Row *row)
{
  return g_strdup (gtk_entry_get_text (GTK_ENTRY (row->control)));
}

static void
on_text (GtkEditable *editable, gpointer data)
{
  row_emit_text (data, gtk_entry_get_text (GTK_ENTRY (editable)));
}

static void
on_selected (GtkComboBox *combo, gpointer data)
{
  Row *row = data;
  int selected = gtk_combo_box_get_active (combo);

  if (row->words != NULL && selected >= 0 && selected < (int) g_strv_length (row->words))
    row_emit_text (row, row->words[selected]);
}

static void
on_switched (GtkToggleButton *widget, gpointer data)
{
  row_emit_text (data, gtk_toggle_button_get_active (widget) ? "yes" : "no");
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

  gtk_clipboard_set_text (gtk_widget_get_clipboard (row->widget, GDK_SELECTION_CLIPBOARD), row->public, -1);
}

/* GTK cuts off what stands in an empty field that hides its text, where one reads right to left: no text, nothing hidden. */
static void
refresh_visibility (Row *row)
{
  gtk_entry_set_visibility (GTK_ENTRY (row->control),
                            !gtk_widget_get_sensitive (row->control) ||
                                gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (row->reveal)));
}

static void
on_reveal (GtkToggleButton *button, gpointer data)
{
  refresh_visibility (data);
}

/* ---- parts ---- */

static void
set_name (GtkWidget *widget, const char *name)
{
  atk_object_set_name (gtk_widget_get_accessible (widget), name);
}

static void
add_button (Row *row, GtkWidget *button, const char *icon, const char *name_format)
{
  g_autofree char *name = row_button_name (row, name_format);

  gtk_button_set_image (GTK_BUTTON (button), gtk_image_new_from_icon_name (icon, GTK_ICON_SIZE_BUTTON));
  gtk_widget_set_tooltip_text (button, name);
  set_name (button, name);
  gtk_container_add (GTK_CONTAINER (row->widget), button);
}

static GtkWidget *
add_icon_button (Row *row, const char *icon, const char *name_format, GCallback clicked)
{
  GtkWidget *button = gtk_button_new ();

  add_button (row, button, icon, name_format);
  g_signal_connect (button, "clicked", clicked, row);
  return button;
}

static GtkWidget *
add_menu_button (Row *row, const char *icon, const char *name_format, GMenuModel *menu)
{
  GtkWidget *button = gtk_menu_button_new ();

  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), menu);
  add_button (row, button, icon, name_format);
  return button;
}

/* The sentence about a field stands below it. */
static void
add_note (Row *row)
{
  row->note_row = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, SPACING));
  row->note_icon = gtk_image_new ();
  row->note = gtk_label_new (NULL);
  gtk_label_set_line_wrap (GTK_LABEL (row->note), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (row->note), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (row->note), 36);
  gtk_label_set_xalign (GTK_LABEL (row->note), 0);
  gtk_widget_set_halign (row->note_row, GTK_ALIGN_FILL);
  gtk_widget_set_valign (row->note_icon, GTK_ALIGN_START);
  row->note_space = gtk_label_new (NULL);
  gtk_container_add (GTK_CONTAINER (row->note_row), row->note_space);
  gtk_container_add (GTK_CONTAINER (row->note_row), row->note_icon);
  gtk_container_add (GTK_CONTAINER (row->note_row), row->note);
  gtk_widget_show_all (row->note_row);
  gtk_widget_set_no_show_all (row->note_row, TRUE);
  gtk_widget_hide (row->note_row);
}

/* ---- the kinds of rows ---- */

/* Adwaita writes what is wrong in red, which nobody can read on its dark ground: the sentence and the frame suffice, which
 * is lighter there. */
static void
keep_text_legible (GtkWidget *entry)
{
  static const char css[] =
      "entry.error { color: @theme_text_color; border-color: mix (@error_color, @theme_text_color, 0.4); }";
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  gtk_css_provider_load_from_data (provider, css, -1, NULL);
  gtk_style_context_add_provider (gtk_widget_get_style_context (entry), GTK_STYLE_PROVIDER (provider),
                                  GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static void
make_entry (Row *row)
{
  const Field *field = field_at (row->field);

  row->control = gtk_entry_new ();
  gtk_widget_set_hexpand (row->control, TRUE);
  gtk_entry_set_activates_default (GTK_ENTRY (row->control), TRUE);
  keep_text_legible (row->control);
  gtk_container_add (GTK_CONTAINER (row->widget), row->control);
  if (field->kind == FIELD_FILE)
    /* Translators: %s is what the file is, for example “Certificate” */
    add_icon_button (row, "document-open-symbolic", _ ("Choose a File: %s"), G_CALLBACK (on_choose));
  if (field->kind == FIELD_PUBLIC_KEY)
    row->copy = add_icon_button (row, "edit-copy-symbolic", _ ("Copy: %s"), G_CALLBACK (on_copy));
  if (field->flags & FIELD_STORE)
    {
      row->store = add_menu_button (row, "dialog-password-symbolic", _ ("Choose From the Key Store: %s"), NULL);
      gtk_widget_set_no_show_all (row->store, TRUE);
    }
  if (field->kind == FIELD_SECRET)
    {
      g_autoptr (GMenuModel) menu = row_storage_menu ();
      GtkWidget *reveal = gtk_toggle_button_new ();

      gtk_entry_set_visibility (GTK_ENTRY (row->control), FALSE);
      gtk_entry_set_input_purpose (GTK_ENTRY (row->control), GTK_INPUT_PURPOSE_PASSWORD);
      row->reveal = reveal;
      add_button (row, reveal, "view-reveal-symbolic", _ ("Show: %s"));
      g_signal_connect (reveal, "toggled", G_CALLBACK (on_reveal), row);
      row->storage = add_menu_button (row, "user-info-symbolic", _ ("Where It Is Kept: %s"), menu);
    }
  g_signal_connect (row->control, "changed", G_CALLBACK (on_text), row);
}

static void
make_switch (Row *row)
{
  row->control = gtk_check_button_new_with_mnemonic (_ (field_at (row->field)->title));
  gtk_container_add (GTK_CONTAINER (row->widget), row->control);
  g_signal_connect (row->control, "toggled", G_CALLBACK (on_switched), row);
}

/* A box would take the wheel to choose something else, which nobody wants who rolls the page on. */
static gboolean
on_scroll (GtkWidget *combo, GdkEvent *event, gpointer data)
{
  g_signal_stop_emission_by_name (combo, "scroll-event");
  return FALSE; /* it is the page's */
}

static void
make_choice (Row *row)
{
  row->control = gtk_combo_box_text_new ();
  gtk_widget_set_hexpand (row->control, TRUE);
  gtk_container_add (GTK_CONTAINER (row->widget), row->control);
  g_signal_connect (row->control, "changed", G_CALLBACK (on_selected), row);
  g_signal_connect (row->control, "scroll-event", G_CALLBACK (on_scroll), NULL);
}

static void
make_label (Row *row)
{
  gboolean plain = field_at (row->field)->kind == FIELD_SWITCH; /* has its text beside the box */

  row->label = plain ? gtk_label_new (NULL) : gtk_label_new_with_mnemonic (_ (field_at (row->field)->title));
  gtk_label_set_xalign (GTK_LABEL (row->label), 0);
  gtk_container_add (GTK_CONTAINER (row->widget), row->label);
}

Row *
row_new (guint field, const RowEvents *events, gpointer data)
{
  Row *row = g_new0 (Row, 1);
  g_autofree char *name = field_plain_title (field_at (field));

  row->field = field;
  row->events = events;
  row->data = data;
  row->widget = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, SPACING));
  make_label (row);
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
      make_entry (row);
      break;
    }
  g_object_ref (row->control);
  set_name (row->control, name);
  if (field_at (field)->kind != FIELD_SWITCH)
    gtk_label_set_mnemonic_widget (GTK_LABEL (row->label), row->control);
  gtk_widget_set_name (row->widget, field_at (field)->name);
  row_add_actions (row);
  add_note (row);
  gtk_widget_show_all (row->widget);
  gtk_widget_set_no_show_all (row->widget, TRUE);
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
  g_clear_object (&row->control);
  g_clear_object (&row->widget);
  g_clear_object (&row->note_row);
  g_strfreev (row->words);
  g_free (row->public);
  g_free (row);
}

/* ---- what is shown ---- */

void
row_set_title (Row *row, const char *title)
{
  g_autofree char *name = title_without_mnemonic (title);

  gtk_label_set_text_with_mnemonic (GTK_LABEL (row->label), title);
  set_name (row->control, name);
}

void
row_set_text (Row *row, const char *text)
{
  switch (field_at (row->field)->kind)
    {
    case FIELD_CHOICE:
      for (int i = 0; row->words[i] != NULL; i++)
        {
          if (strcmp (row->words[i], text) == 0)
            gtk_combo_box_set_active (GTK_COMBO_BOX (row->control), i);
        }
      break;
    case FIELD_SWITCH:
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (row->control), strcmp (text, "yes") == 0);
      break;
    case FIELD_TEXT:
    case FIELD_FILE:
    case FIELD_SECRET:
    case FIELD_PUBLIC_KEY:
      /* the cursor stays where it is when there is nothing to do */
      if (strcmp (gtk_entry_get_text (GTK_ENTRY (row->control)), text) != 0)
        gtk_entry_set_text (GTK_ENTRY (row->control), text);
      break;
    }
}

/* (a secret has none, and says there where it is kept) */
void
row_set_default (Row *row, const char *text)
{
  if (GTK_IS_ENTRY (row->control) && row->storage == NULL)
    gtk_entry_set_placeholder_text (GTK_ENTRY (row->control), text);
}

static void
set_class (GtkWidget *widget, const char *class, gboolean set)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);

  if (set)
    gtk_style_context_add_class (context, class);
  else
    gtk_style_context_remove_class (context, class);
}

void
row_set_note (Row *row, NoteLevel level, const char *text)
{
  gtk_label_set_text (GTK_LABEL (row->note), text != NULL ? text : "");
  gtk_image_set_from_icon_name (GTK_IMAGE (row->note_icon), row_note_icon (level), GTK_ICON_SIZE_BUTTON);
  set_class (row->control, "error", level == NOTE_ERROR);
  set_class (row->note, "dim-label", level == NOTE_HINT);
  set_class (row->note_icon, "dim-label", level == NOTE_HINT);
  atk_object_set_description (gtk_widget_get_accessible (row->control), text != NULL ? text : "");
}

void
row_set_shown (Row *row, gboolean shown)
{
  gtk_widget_set_visible (row->widget, shown);
  gtk_widget_set_visible (row->note_row, shown && gtk_label_get_text (GTK_LABEL (row->note))[0] != '\0');
}

void
row_set_choices (Row *row, const char *const *words, const char *const *titles)
{
  if (!row_take_words (row, words))
    return;
  gtk_combo_box_text_remove_all (GTK_COMBO_BOX_TEXT (row->control));
  for (guint i = 0; titles[i] != NULL; i++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (row->control), titles[i]);
}

void
row_set_storage (Row *row, NMSettingSecretFlags storage)
{
  const char *text = row_storage_text (storage);
  g_autofree char *state = g_strdup_printf ("%u", (guint) storage);

  g_action_group_change_action_state (G_ACTION_GROUP (row->actions), "storage", g_variant_new_string (state));
  gtk_button_set_image (GTK_BUTTON (row->storage),
                        gtk_image_new_from_icon_name (row_storage_icon (storage), GTK_ICON_SIZE_BUTTON));
  gtk_widget_set_sensitive (row->control, text == NULL);
  if (text != NULL)
    row_set_text (row, "");
  refresh_visibility (row);
  gtk_entry_set_placeholder_text (GTK_ENTRY (row->control), text);
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
  gtk_widget_set_tooltip_text (row->label, text);
  gtk_widget_set_tooltip_text (row->control, text);
}
