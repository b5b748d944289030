/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page in GNOME Settings: boxed lists, and one list of rows that unfold. See row.h.
 *
 * Settings 43 gives its dialog no scroll bar and does not let it be made larger, so that the page scrolls by itself. Later
 * ones do both, but add a connection in a window so small that nobody would see that there is more than two rows.
 */
#include "config.h"

#include "editor/row-private.h"

#include <adwaita.h>

#define HEIGHT_MAX 460 /* pixels: what fits into the dialog at 1366x768 */
#define HEIGHT_OF_WINDOW 500 /* what is usual fits in; it grows downwards from a place for less */
#define MARGIN 6 /* or the shadow of the lists is cut off */

struct _Page {
  GtkWidget *widget, *box, *problem, *notes;
  GtkWidget *folded; /* the list with the sections that unfold */
  GtkWidget *sections[SECTION_N]; /* group, or row that unfolds */
};

static void
add_section (Page *page, Section section)
{
  GtkWidget *widget;

  if (section_subtitle (section) == NULL)
    {
      widget = adw_preferences_group_new ();
      if (section_title (section) != NULL)
        adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (widget), section_title (section));
      gtk_box_append (GTK_BOX (page->box), widget);
    }
  else
    {
      widget = adw_expander_row_new ();
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (widget), section_title (section));
      adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (widget), section_subtitle (section));
      if (page->folded == NULL)
        {
          page->folded = adw_preferences_group_new ();
          gtk_box_append (GTK_BOX (page->box), page->folded);
        }
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (page->folded), widget);
    }
  page->sections[section] = widget;
}

/* The next on the page; not shown yet. */
static GtkWidget *
wrapped_label (Page *page)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_visible (label, FALSE);
  gtk_box_append (GTK_BOX (page->box), label);
  return label;
}

/* A host that scrolls by itself: one does, not both. */
static void
on_map (GtkWidget *widget, gpointer data)
{
  GtkWidget *parent = gtk_widget_get_parent (widget), *window = GTK_WIDGET (gtk_widget_get_root (widget));

  if (parent == NULL || gtk_widget_get_ancestor (parent, GTK_TYPE_SCROLLED_WINDOW) == NULL)
    return;
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (widget), GTK_POLICY_NEVER, GTK_POLICY_NEVER);
  if (GTK_IS_WINDOW (window) && gtk_window_get_resizable (GTK_WINDOW (window)) &&
      gtk_widget_get_height (window) < HEIGHT_OF_WINDOW)
    gtk_window_set_default_size (GTK_WINDOW (window), gtk_widget_get_width (window), HEIGHT_OF_WINDOW);
}

Page *
page_new (void)
{
  Page *page = g_new0 (Page, 1);

  page->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  gtk_widget_set_margin_top (page->box, MARGIN);
  gtk_widget_set_margin_bottom (page->box, MARGIN);
  gtk_widget_set_margin_start (page->box, MARGIN);
  gtk_widget_set_margin_end (page->box, MARGIN);
  page->notes = wrapped_label (page);
  page->problem = wrapped_label (page);
  gtk_widget_add_css_class (page->problem, "error");
  for (Section section = 0; section < SECTION_N; section++)
    add_section (page, section);

  page->widget = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (page->widget), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (page->widget), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (page->widget), HEIGHT_MAX);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (page->widget), page->box);
  gtk_widget_set_vexpand (page->widget, TRUE);
  g_signal_connect (page->widget, "map", G_CALLBACK (on_map), NULL);
  return page;
}

GtkWidget *
page_widget (Page *page)
{
  return page->widget;
}

void
page_add_row (Page *page, Section section, Row *row)
{
  GtkWidget *widget = page->sections[section];

  if (ADW_IS_EXPANDER_ROW (widget))
    {
      adw_expander_row_add_row (ADW_EXPANDER_ROW (widget), row->widget);
      adw_expander_row_add_row (ADW_EXPANDER_ROW (widget), row->note_row);
    }
  else
    {
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (widget), row->widget);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (widget), row->note_row);
    }
}

void
page_show_section (Page *page, Section section, gboolean show)
{
  gtk_widget_set_visible (page->sections[section], show);
}

void
page_open_section (Page *page, Section section)
{
  if (ADW_IS_EXPANDER_ROW (page->sections[section]))
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (page->sections[section]), TRUE);
}

void
page_set_problem (Page *page, const char *text)
{
  gtk_label_set_text (GTK_LABEL (page->problem), text != NULL ? text : "");
  gtk_widget_set_visible (page->problem, text != NULL);
}

void
page_set_notes (Page *page, const char *text)
{
  gtk_label_set_text (GTK_LABEL (page->notes), text);
  gtk_widget_set_visible (page->notes, TRUE);
}

void
page_free (Page *page)
{
  g_free (page);
}
