/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The window of the graphical mode. See window.h. */
#include "config.h"

#include "window.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

#define WIDTH 420 /* pixels */

typedef struct {
  Request *request;
  GtkWidget *window, *connect;
  GPtrArray *rows; /* GtkEditable, one for each question; NULL: not asked */
  GMainLoop *loop;
  gboolean accepted;
} Window;

static void
on_changed (GtkEditable *editable, gpointer data)
{
  Window *self = data;
  gboolean all = TRUE;

  for (guint i = 0; i < self->rows->len; i++)
    {
      GtkEditable *row = self->rows->pdata[i];

      all = all && (row == NULL || gtk_editable_get_text (row)[0] != '\0');
    }
  gtk_widget_set_sensitive (self->connect, all);
}

static void
accept (Window *self)
{
  if (!gtk_widget_get_sensitive (self->connect))
    return;
  for (guint i = 0; i < self->rows->len; i++)
    {
      Question *question = self->request->questions->pdata[i];

      if (self->rows->pdata[i] != NULL)
        question->value = g_strdup (gtk_editable_get_text (self->rows->pdata[i]));
    }
  self->accepted = TRUE;
  g_main_loop_quit (self->loop);
}

static void
on_connect (GtkButton *button, gpointer data)
{
  accept (data);
}

static void
on_activated (AdwEntryRow *row, gpointer data)
{
  accept (data);
}

static void
on_cancel (GtkButton *button, gpointer data)
{
  g_main_loop_quit (((Window *) data)->loop);
}

static gboolean
on_close (GtkWindow *window, gpointer data)
{
  g_main_loop_quit (((Window *) data)->loop);
  return TRUE;
}

static gboolean
on_escape (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  g_main_loop_quit (((Window *) data)->loop);
  return TRUE;
}

static GtkWidget *
make_header (Window *self)
{
  GtkWidget *header = adw_header_bar_new (), *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));

  self->connect = gtk_button_new_with_mnemonic (_ ("C_onnect"));
  gtk_widget_add_css_class (self->connect, "suggested-action");
  gtk_widget_set_sensitive (self->connect, FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->connect);
  g_signal_connect (cancel, "clicked", G_CALLBACK (on_cancel), self);
  g_signal_connect (self->connect, "clicked", G_CALLBACK (on_connect), self);
  return header;
}

/* libadwaita's own button, which shows the password, has no name. */
static void
name_buttons (GtkWidget *widget, const char *name)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    {
      if (GTK_IS_BUTTON (child))
        gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
      else
        name_buttons (child, name);
    }
}

static GtkWidget *
make_row (Window *self, const Question *question)
{
  GtkWidget *row = question->echo ? adw_entry_row_new () : adw_password_entry_row_new ();
  g_autofree char *show = g_strconcat (_ ("Show"), ": ", question->label, NULL);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), question->label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_editable_get_delegate (GTK_EDITABLE (row))),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, question->label, -1);
  if (!question->echo)
    name_buttons (row, show);
  g_signal_connect (row, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect (row, "entry-activated", G_CALLBACK (on_activated), self);
  return row;
}

static GtkWidget *
make_content (Window *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18), *group = adw_preferences_group_new ();
  GtkWidget *message = gtk_label_new (self->request->message);

  gtk_label_set_wrap (GTK_LABEL (message), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (message), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (message), 50);
  for (guint i = 0; i < self->request->questions->len; i++)
    {
      const Question *question = self->request->questions->pdata[i];
      GtkWidget *row = question->ask ? make_row (self, question) : NULL;

      if (row != NULL)
        adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
      g_ptr_array_add (self->rows, row);
    }
  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 24);
  gtk_widget_set_margin_start (box, 24);
  gtk_widget_set_margin_end (box, 24);
  gtk_box_append (GTK_BOX (box), message);
  gtk_box_append (GTK_BOX (box), group);
  return box;
}

static void
make_window (Window *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkEventController *keys = gtk_shortcut_controller_new ();

  self->window = adw_window_new ();
  gtk_window_set_title (GTK_WINDOW (self->window), self->request->title);
  gtk_window_set_default_size (GTK_WINDOW (self->window), WIDTH, -1);
  gtk_window_set_resizable (GTK_WINDOW (self->window), FALSE);
  gtk_box_append (GTK_BOX (box), make_header (self));
  gtk_box_append (GTK_BOX (box), make_content (self));
  adw_window_set_content (ADW_WINDOW (self->window), box);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                                                          gtk_callback_action_new (on_escape, self, NULL)));
  gtk_widget_add_controller (self->window, keys);
  g_signal_connect (self->window, "close-request", G_CALLBACK (on_close), self);
}

G_MODULE_EXPORT gboolean nm_ipsec_auth_window_run (Request *request);

G_MODULE_EXPORT gboolean
nm_ipsec_auth_window_run (Request *request)
{
  Window self = { .request = request };

  g_set_prgname ("nm-ipsec-auth-dialog");
  if (!gtk_init_check ())
    {
      g_printerr ("%s\n", _ ("There is no display."));
      return FALSE;
    }
  adw_init ();
  self.loop = g_main_loop_new (NULL, FALSE);
  self.rows = g_ptr_array_new ();
  make_window (&self);
  for (guint i = 0; i < self.rows->len; i++)
    {
      if (self.rows->pdata[i] == NULL)
        continue;
      gtk_widget_grab_focus (self.rows->pdata[i]);
      break;
    }
  gtk_window_present (GTK_WINDOW (self.window));
  g_main_loop_run (self.loop);
  g_ptr_array_unref (self.rows);
  gtk_window_destroy (GTK_WINDOW (self.window));
  g_main_loop_unref (self.loop);
  return self.accepted;
}
