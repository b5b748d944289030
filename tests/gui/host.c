/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host NAME-FILE [PROFILE] - a bare window with the editor in it, which obeys commands on standard input, so that every
 * page and state can be reached, measured and photographed without a desktop. Compiled for each toolkit.
 *
 *   fields              every row on the page: "FIELD name kind text" and "NOTE text"
 *   set NAME TEXT       type into an entry, choose a combo's entry by number, switch (yes, no)
 *   offers NAME         what can be picked: "OFFER value title"
 *   pick NAME NUMBER    pick it
 *   browse NAME         open the dialog that picks a file
 *   choose PATH         take that file there (with escapes as in C), or "NONE"
 *   unfold [NUMBER]     open every section, or one of them
 *   save                update_connection(): "DATA key=value", "SECRET key=value", or "ERROR text"; then "SAVED"
 *   count               how often the editor has said that it was changed
 *   size                natural size of the page
 *   settle              wait until everything that is shown has its place, which is what tells the order for Tab
 *   focus               what the keyboard goes to: "FOCUS name-of-row type address"
 *   shot FILE           a PNG of the window
 *   close               the window, but keep the editor; only choose and quit can follow
 *   quit [window]       in this order: editor, window; or the other way round
 */
#include <NetworkManager.h>
#include <gtk/gtk.h>
#include <stdio.h>
#include <string.h>
#ifdef HOST_ADWAITA
# include <adwaita.h>
#endif

static GtkWidget *window, *page;
static NMVpnEditor *editor;
static NMConnection *connection;
static guint changes;
static gboolean done, window_first;

/* ---- both toolkits alike ---- */

static GList *
children (GtkWidget *widget)
{
#if GTK_CHECK_VERSION(4, 0, 0)
  GList *list = NULL;

  for (GtkWidget *child = gtk_widget_get_last_child (widget); child; child = gtk_widget_get_prev_sibling (child))
    list = g_list_prepend (list, child);
  return list;
#else
  return GTK_IS_CONTAINER (widget) ? gtk_container_get_children (GTK_CONTAINER (widget)) : NULL;
#endif
}

/* FALSE from @visit: not below this one */
static void
walk (GtkWidget *widget, gboolean (*visit) (GtkWidget *, gpointer), gpointer data)
{
  g_autoptr (GList) list = NULL;

  if (!visit (widget, data))
    return;
  list = children (widget);
  for (GList *l = list; l; l = l->next)
    walk (l->data, visit, data);
}

static const char *
text_of (GtkWidget *widget)
{
#if GTK_CHECK_VERSION(4, 0, 0)
  return gtk_editable_get_text (GTK_EDITABLE (widget));
#else
  return gtk_entry_get_text (GTK_ENTRY (widget));
#endif
}

/* Rows carry the name of their field; all other widgets that of their type. Of two fields with one name the second one is
 * called otherwise, after a #, in the list of names, which has the order of the page. */
static const char *
row_name (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), "ipsec-row");
}

static gboolean
is_row (GtkWidget *widget)
{
  return row_name (widget) != NULL;
}

static gboolean
mark_row (GtkWidget *widget, gpointer data)
{
  const char *name = gtk_widget_get_name (widget);
  char **names = data;

  for (guint i = 0; name && names[i]; i++)
    {
      gsize len = strcspn (names[i], "#");

      if (len == 0 || strlen (name) != len || strncmp (names[i], name, len) != 0)
        continue;
      g_object_set_data_full (G_OBJECT (widget), "ipsec-row", g_strdup (names[i]), g_free);
      names[i][0] = '\0'; /* the next is another one's */
      break;
    }
  return TRUE;
}

static void
spin (int ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < end)
    {
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

/* ---- the control of a row ---- */

static gboolean
is_control (GtkWidget *widget)
{
#ifdef HOST_ADWAITA
  return GTK_IS_SWITCH (widget) || ADW_IS_COMBO_ROW (widget) || ADW_IS_ENTRY_ROW (widget);
#else
  return GTK_IS_ENTRY (widget) || GTK_IS_COMBO_BOX (widget) || GTK_IS_CHECK_BUTTON (widget);
#endif
}

static gboolean
find_control (GtkWidget *widget, gpointer data)
{
  GtkWidget **found = data;

  if (!*found && is_control (widget))
    *found = widget;
  return *found == NULL;
}

typedef struct {
  const char *name;
  GtkWidget *row, *control;
} Search;

static gboolean
find_row (GtkWidget *widget, gpointer data)
{
  Search *search = data;

  if (is_row (widget) && strcmp (row_name (widget), search->name) == 0 && gtk_widget_get_visible (widget))
    {
      search->row = widget;
      walk (widget, find_control, &search->control);
    }
  return search->row == NULL;
}

static int
chosen (GtkWidget *control)
{
#ifdef HOST_ADWAITA
  return (int) adw_combo_row_get_selected (ADW_COMBO_ROW (control));
#else
  return gtk_combo_box_get_active (GTK_COMBO_BOX (control));
#endif
}

static guint
choices (GtkWidget *control)
{
#ifdef HOST_ADWAITA
  return g_list_model_get_n_items (adw_combo_row_get_model (ADW_COMBO_ROW (control)));
#else
  return (guint) gtk_tree_model_iter_n_children (gtk_combo_box_get_model (GTK_COMBO_BOX (control)), NULL);
#endif
}

static void
set (const char *name, const char *text)
{
  Search search = { .name = name };

  walk (page, find_row, &search);
  if (!search.control)
    {
      printf ("NONE %s\n", name);
      return;
    }
#ifdef HOST_ADWAITA
  if (ADW_IS_COMBO_ROW (search.control))
    adw_combo_row_set_selected (ADW_COMBO_ROW (search.control), (guint) atoi (text));
  else if (GTK_IS_SWITCH (search.control))
    gtk_switch_set_active (GTK_SWITCH (search.control), strcmp (text, "yes") == 0);
  else
    gtk_editable_set_text (GTK_EDITABLE (search.control), text);
#else
  if (GTK_IS_COMBO_BOX (search.control))
    gtk_combo_box_set_active (GTK_COMBO_BOX (search.control), atoi (text));
  else if (GTK_IS_CHECK_BUTTON (search.control))
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (search.control), strcmp (text, "yes") == 0);
  else
    gtk_entry_set_text (GTK_ENTRY (search.control), text);
#endif
  printf ("SET %s\n", name);
}

/* ---- what a field's menu offers ---- */

static gboolean
find_menu (GtkWidget *widget, gpointer data)
{
  GMenuModel **found = data;

  if (GTK_IS_MENU_BUTTON (widget) && gtk_widget_get_visible (widget) && *found == NULL)
    *found = gtk_menu_button_get_menu_model (GTK_MENU_BUTTON (widget));
  return *found == NULL;
}

static GtkWidget *
row_with_menu (const char *name, GMenuModel **ret_menu)
{
  Search search = { .name = name };

  *ret_menu = NULL;
  walk (page, find_row, &search);
  if (search.row)
    walk (search.row, find_menu, ret_menu);
  return search.row;
}

static void
offers (const char *name)
{
  GMenuModel *menu;

  row_with_menu (name, &menu);
  for (int i = 0; menu && i < g_menu_model_get_n_items (menu); i++)
    {
      g_autofree char *title = NULL, *value = NULL;

      g_menu_model_get_item_attribute (menu, i, "label", "s", &title);
      g_menu_model_get_item_attribute (menu, i, "target", "s", &value);
      printf ("OFFER %s %s\n", value, title);
    }
}

static void
pick (const char *name, int number)
{
  GMenuModel *menu;
  GtkWidget *row = row_with_menu (name, &menu);
  g_autoptr (GVariant) value =
      menu ? g_menu_model_get_item_attribute_value (menu, number, "target", G_VARIANT_TYPE_STRING) : NULL;

  if (!value)
    {
      printf ("NONE %s\n", name);
      return;
    }
#if GTK_CHECK_VERSION(4, 0, 0)
  gtk_widget_activate_action_variant (row, "row.pick", value);
#else
  g_action_group_activate_action (gtk_widget_get_action_group (row, "row"), "pick", value);
#endif
  printf ("SET %s\n", name);
}

/* ---- files ---- */

static gboolean
find_browse (GtkWidget *widget, gpointer data)
{
  GtkWidget **found = data;
  const char *icon = NULL;

  if (!GTK_IS_BUTTON (widget))
    return *found == NULL;
#if GTK_CHECK_VERSION(4, 0, 0)
  icon = gtk_button_get_icon_name (GTK_BUTTON (widget));
#else
  if (GTK_IS_IMAGE (gtk_button_get_image (GTK_BUTTON (widget))))
    gtk_image_get_icon_name (GTK_IMAGE (gtk_button_get_image (GTK_BUTTON (widget))), &icon, NULL);
#endif
  if (g_strcmp0 (icon, "document-open-symbolic") == 0)
    *found = widget;
  return *found == NULL;
}

static void
browse (const char *name)
{
  Search search = { .name = name };
  GtkWidget *button = NULL;

  walk (page, find_row, &search);
  if (search.row)
    walk (search.row, find_browse, &button);
  if (!button)
    printf ("NONE %s\n", name);
  else
    g_signal_emit_by_name (button, "clicked");
}

static GtkWidget *
file_dialog (void)
{
  GtkWidget *dialog = NULL;
#if GTK_CHECK_VERSION(4, 0, 0)
  g_autoptr (GListModel) list = g_object_ref (gtk_window_get_toplevels ());

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (GtkWidget) toplevel = g_list_model_get_item (list, i);

      if (GTK_IS_FILE_CHOOSER (toplevel))
        dialog = toplevel;
    }
#else
  g_autoptr (GList) list = gtk_window_list_toplevels ();

  for (GList *l = list; l; l = l->next)
    if (GTK_IS_FILE_CHOOSER (l->data))
      dialog = l->data;
#endif
  return dialog;
}

/* What it has chosen is known when it has read the folder; GTK 4 forgets what it was told while it read another one. */
static void
choose (const char *text)
{
  GtkWidget *dialog = file_dialog ();
  g_autofree char *path = g_strcompress (text);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  gboolean chosen_it = FALSE;

  if (!dialog)
    {
      puts ("NONE");
      return;
    }
  while (!chosen_it)
    {
      g_autoptr (GFile) now = NULL;

#if GTK_CHECK_VERSION(4, 0, 0)
      gtk_file_chooser_set_file (GTK_FILE_CHOOSER (dialog), file, NULL);
#else
      gtk_file_chooser_select_file (GTK_FILE_CHOOSER (dialog), file, NULL);
#endif
      for (int i = 0; i < 20 && !chosen_it; i++)
        {
          spin (10);
          g_clear_object (&now);
          now = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
          chosen_it = now && g_file_equal (now, file);
        }
    }
  gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_ACCEPT);
  spin (50);
}

static void
close_window (void)
{
  if (!window)
    return;
#if GTK_CHECK_VERSION(4, 0, 0)
  gtk_window_destroy (GTK_WINDOW (window));
#else
  gtk_widget_destroy (window);
#endif
  window = NULL;
  spin (50);
}

/* ---- commands ---- */

static gboolean
print_row (GtkWidget *widget, gpointer data)
{
  GtkWidget *control = NULL;

  if (!gtk_widget_get_visible (widget))
    return FALSE;
  if (!is_row (widget))
    return TRUE;
  walk (widget, find_control, &control);
#ifdef HOST_ADWAITA
  if (ADW_IS_COMBO_ROW (control))
    printf ("FIELD %s choice %d/%u\n", row_name (widget), chosen (control), choices (control));
  else if (GTK_IS_SWITCH (control))
    printf ("FIELD %s switch %s\n", row_name (widget), gtk_switch_get_active (GTK_SWITCH (control)) ? "yes" : "no");
#else
  if (GTK_IS_COMBO_BOX (control))
    printf ("FIELD %s choice %d/%u\n", row_name (widget), chosen (control), choices (control));
  else if (GTK_IS_CHECK_BUTTON (control))
    printf ("FIELD %s switch %s\n", row_name (widget),
            gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (control)) ? "yes" : "no");
#endif
  else
    printf ("FIELD %s entry %s\n", row_name (widget), text_of (control));
  return FALSE;
}

/* @data: NULL: all; else how many are to be passed by. */
static gboolean
unfold (GtkWidget *widget, gpointer data)
{
  int *left = data;

#ifdef HOST_ADWAITA
  if (left && ADW_IS_EXPANDER_ROW (widget) && gtk_widget_get_mapped (widget) && (*left)-- != 0)
    return TRUE;
#else
  if (left && GTK_IS_EXPANDER (widget) && gtk_widget_get_visible (widget) && (*left)-- != 0)
    return TRUE;
#endif
#ifdef HOST_ADWAITA
  if (ADW_IS_EXPANDER_ROW (widget))
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (widget), TRUE);
#else
  if (GTK_IS_EXPANDER (widget))
    gtk_expander_set_expanded (GTK_EXPANDER (widget), TRUE);
#endif
  return TRUE;
}

static void
print_pair (const char *key, const char *value, gpointer kind)
{
  printf ("%s %s=%s\n", (const char *) kind, key, value);
}

static void
save (void)
{
  g_autoptr (NMConnection) copy = nm_simple_connection_new_clone (connection);
  g_autoptr (GError) error = NULL;

  if (!nm_vpn_editor_update_connection (editor, copy, &error))
    printf ("ERROR %s\n", error ? error->message : "(none was set)");
  else
    {
      NMSettingVpn *setting = nm_connection_get_setting_vpn (copy);

      nm_setting_vpn_foreach_data_item (setting, print_pair, (gpointer) "DATA");
      nm_setting_vpn_foreach_secret (setting, print_pair, (gpointer) "SECRET");
    }
  puts ("SAVED");
}

static void
print_focus (void)
{
  GtkWidget *focus, *widget;

#if GTK_CHECK_VERSION(4, 0, 0)
  focus = gtk_root_get_focus (GTK_ROOT (window));
#else
  focus = gtk_window_get_focus (GTK_WINDOW (window));
#endif
  for (widget = focus; widget && !is_row (widget);)
    widget = gtk_widget_get_parent (widget);
  printf ("FOCUS %s %s %p\n", widget ? row_name (widget) : "-", focus ? G_OBJECT_TYPE_NAME (focus) : "-",
          (void *) focus);
}

/* With GTK 4 the wait ends before the frame that it waits for is laid out, but after the one before. */
static void
settle (void)
{
  for (int i = 0; i < 2; i++)
    {
      gtk_widget_queue_draw (window);
      gtk_test_widget_wait_for_draw (window);
    }
}

static void
shot (const char *path)
{
  int width, height;

  spin (300);
#if GTK_CHECK_VERSION(4, 0, 0)
  GdkPaintable *paintable = gtk_widget_paintable_new (window);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GdkTexture) texture = NULL;
  GskRenderNode *node;

  width = gtk_widget_get_width (window);
  height = gtk_widget_get_height (window);
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  printf ("SHOT %s\n", gdk_texture_save_to_png (texture, path) ? path : "failed");
  gsk_render_node_unref (node);
  g_object_unref (paintable);
#else
  cairo_surface_t *surface;
  cairo_t *cr;

  settle ();
  width = gtk_widget_get_allocated_width (window);
  height = gtk_widget_get_allocated_height (window);
  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cr = cairo_create (surface);
  gtk_widget_draw (window, cr);
  printf ("SHOT %s\n", cairo_surface_write_to_png (surface, path) == CAIRO_STATUS_SUCCESS ? path : "failed");
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
#endif
}

static void
print_size (void)
{
  GtkRequisition natural;

  gtk_widget_get_preferred_size (page, NULL, &natural);
  printf ("SIZE %d %d\n", natural.width, natural.height);
}

static gboolean
on_line (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  g_autofree char *line = NULL;
  g_auto (GStrv) words = NULL;

  if (g_io_channel_read_line (channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL)
    {
      done = TRUE;
      return FALSE;
    }
  words = g_strsplit (g_strchomp (line), " ", 3);
  if (!words[0])
    return TRUE;
  if (strcmp (words[0], "fields") == 0)
    walk (page, print_row, NULL);
  else if (strcmp (words[0], "set") == 0 && words[1])
    set (words[1], words[2] ? words[2] : "");
  else if (strcmp (words[0], "offers") == 0 && words[1])
    offers (words[1]);
  else if (strcmp (words[0], "pick") == 0 && words[1] && words[2])
    pick (words[1], atoi (words[2]));
  else if (strcmp (words[0], "browse") == 0 && words[1])
    browse (words[1]);
  else if (strcmp (words[0], "choose") == 0 && words[1])
    choose (words[1]);
  else if (strcmp (words[0], "close") == 0)
    close_window ();
  else if (strcmp (words[0], "unfold") == 0)
    walk (page, unfold, words[1] ? &(int){ atoi (words[1]) } : NULL);
  else if (strcmp (words[0], "save") == 0)
    save ();
  else if (strcmp (words[0], "count") == 0)
    printf ("COUNT %u\n", changes);
  else if (strcmp (words[0], "size") == 0)
    print_size ();
  else if (strcmp (words[0], "settle") == 0)
    settle ();
  else if (strcmp (words[0], "focus") == 0)
    print_focus ();
  else if (strcmp (words[0], "tab") == 0) /* what the key does, without its way through X */
    g_signal_emit_by_name (window, "move-focus", GTK_DIR_TAB_FORWARD);
  else if (strcmp (words[0], "shot") == 0 && words[1])
    shot (words[1]);
  else if (strcmp (words[0], "quit") == 0)
    {
      done = TRUE;
      window_first = words[1] != NULL;
    }
  puts ("OK");
  return !done;
}

/* ---- the window ---- */

static void
on_changed (NMVpnEditor *from, gpointer data)
{
  changes++;
}

static NMConnection *
load (const char *path, const char *service)
{
  g_autoptr (GKeyFile) keyfile = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  NMConnection *result = NULL;

  if (path)
    {
      if (g_key_file_load_from_file (keyfile, path, G_KEY_FILE_NONE, &error))
        result = nm_keyfile_read (keyfile, "/", NM_KEYFILE_HANDLER_FLAGS_NONE, NULL, NULL, &error);
      if (!result)
        g_error ("%s: %s", path, error->message);
      return result;
    }
  result = nm_simple_connection_new ();
  nm_connection_add_setting (result, g_object_new (NM_TYPE_SETTING_CONNECTION, "id", "new", "type", "vpn", "uuid",
                                                   "00000000-0000-4000-8000-000000000001", NULL));
  nm_connection_add_setting (result, g_object_new (NM_TYPE_SETTING_VPN, "service-type", service, NULL));
  return result;
}

static void
show (int width, int height)
{
#if GTK_CHECK_VERSION(4, 0, 0)
  window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (window), page);
#else
  window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  gtk_container_add (GTK_CONTAINER (window), page);
  gtk_widget_show (page); /* as nm-connection-editor does */
#endif
  gtk_window_set_title (GTK_WINDOW (window), "host");
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_present (GTK_WINDOW (window));
  spin (300);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  NMVpnPluginInfo *info;
  NMVpnEditorPlugin *plugin;
  g_auto (GStrv) names = NULL;

  g_set_prgname ("host");
  setvbuf (stdout, NULL, _IOLBF, 0);
  if (argc < 3)
    return 2;
#ifdef HOST_ADWAITA
  adw_init ();
#elif GTK_CHECK_VERSION(4, 0, 0)
  gtk_init ();
#else
  gtk_init (&argc, &argv);
#endif
  if (g_getenv ("HOST_RTL"))
    gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  info = nm_vpn_plugin_info_new_from_file (argv[1], &error);
  plugin = info ? nm_vpn_plugin_info_load_editor_plugin (info, &error) : NULL;
  if (!plugin)
    g_error ("%s", error->message);
  names = g_strsplit (argv[2], ",", -1); /* of the fields */
  connection = load (argc > 3 && argv[3][0] ? argv[3] : NULL, nm_vpn_plugin_info_get_service (info));
  editor = nm_vpn_editor_plugin_get_editor (plugin, connection, &error);
  if (!editor)
    g_error ("%s", error->message);
  g_signal_connect (editor, "changed", G_CALLBACK (on_changed), NULL);
  page = GTK_WIDGET (nm_vpn_editor_get_widget (editor));
  walk (page, mark_row, names);
  show (argc > 4 ? atoi (argv[4]) : 500, argc > 5 ? atoi (argv[5]) : 600);
  puts ("READY");
  g_io_add_watch (g_io_channel_unix_new (0), G_IO_IN | G_IO_HUP, on_line, NULL);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  /* the page may live longer than the editor, or the editor than the page: hosts are like that */
  if (!window_first)
    g_object_unref (editor);
  spin (50);
  close_window ();
  if (window_first)
    g_object_unref (editor);
  spin (50);
  return 0;
}
