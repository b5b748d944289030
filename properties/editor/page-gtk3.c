/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page in nm-connection-editor: groups with bold titles, then expanders. See row.h. */
#include "config.h"

#include "editor/row-private.h"

#define HEIGHT_MAX 460 /* pixels; more scrolls */
#define BORDER 12
#define INDENT 18

struct _Page {
  GtkWidget *widget, *box, *problem;
  GtkWidget *sections[SECTION_N], *bodies[SECTION_N];
  GtkSizeGroup *labels; /* one column on the whole page */
};

static GtkWidget *
bold_label (const char *text)
{
  GtkWidget *label = gtk_label_new (NULL);
  g_autofree char *markup = g_markup_printf_escaped ("<b>%s</b>", text);

  gtk_label_set_markup (GTK_LABEL (label), markup);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  return label;
}

static void
add_section (Page *page, Section section)
{
  GtkWidget *body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *widget;

  if (section_subtitle (section) != NULL)
    {
      widget = gtk_expander_new (NULL);
      gtk_expander_set_label_widget (GTK_EXPANDER (widget), bold_label (section_title (section)));
      gtk_widget_set_tooltip_text (widget, section_subtitle (section));
      atk_object_set_name (gtk_widget_get_accessible (widget), section_title (section));
    }
  else
    {
      widget = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
      if (section_title (section) != NULL)
        gtk_container_add (GTK_CONTAINER (widget), bold_label (section_title (section)));
    }
  gtk_widget_set_margin_start (body, INDENT);
  gtk_widget_set_margin_top (body, section_subtitle (section) != NULL ? 6 : 0);
  gtk_container_add (GTK_CONTAINER (widget), body);
  gtk_container_add (GTK_CONTAINER (page->box), widget);
  gtk_widget_show_all (widget);
  gtk_widget_set_no_show_all (widget, TRUE);
  /* GTK lets the keyboard go into what is folded */
  if (GTK_IS_EXPANDER (widget))
    g_object_bind_property (widget, "expanded", body, "visible", G_BINDING_SYNC_CREATE);
  page->sections[section] = widget;
  page->bodies[section] = body;
}

Page *
page_new (void)
{
  Page *page = g_new0 (Page, 1);

  page->labels = gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL);
  page->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_container_set_border_width (GTK_CONTAINER (page->box), BORDER);
  page->problem = gtk_label_new (NULL);
  gtk_label_set_line_wrap (GTK_LABEL (page->problem), TRUE);
  gtk_label_set_xalign (GTK_LABEL (page->problem), 0);
  gtk_widget_set_no_show_all (page->problem, TRUE);
  gtk_container_add (GTK_CONTAINER (page->box), page->problem);
  for (Section section = 0; section < SECTION_N; section++)
    add_section (page, section);

  page->widget = gtk_scrolled_window_new (NULL, NULL);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (page->widget), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (page->widget), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (page->widget), HEIGHT_MAX);
  gtk_container_add (GTK_CONTAINER (page->widget), page->box);
  gtk_widget_set_vexpand (page->widget, TRUE);
  gtk_widget_show_all (page->widget);
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
  gtk_size_group_add_widget (page->labels, row->label);
  gtk_size_group_add_widget (page->labels, row->note_space);
  gtk_container_add (GTK_CONTAINER (page->bodies[section]), row->widget);
  gtk_container_add (GTK_CONTAINER (page->bodies[section]), row->note_row);
}

void
page_show_section (Page *page, Section section, gboolean show)
{
  gtk_widget_set_visible (page->sections[section], show);
}

void
page_open_section (Page *page, Section section)
{
  if (GTK_IS_EXPANDER (page->sections[section]))
    gtk_expander_set_expanded (GTK_EXPANDER (page->sections[section]), TRUE);
}

void
page_set_problem (Page *page, const char *text)
{
  gtk_label_set_text (GTK_LABEL (page->problem), text != NULL ? text : "");
  gtk_widget_set_visible (page->problem, text != NULL);
}

void
page_free (Page *page)
{
  if (page != NULL)
    g_object_unref (page->labels);
  g_free (page);
}
