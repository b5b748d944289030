/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page in nm-connection-editor: groups with bold titles, then expanders. See row.h. */
#include "config.h"

#include "editor/row-private.h"

#define HEIGHT_MAX 460 /* pixels; more scrolls */
#define BORDER 12
#define INDENT 18
#define WRAP_CHARS 60

struct _Page {
  GtkWidget *widget, *box, *problem, *notes;
  GtkWidget *sections[SECTION_N], *bodies[SECTION_N];
  GtkWidget *expanders[SECTION_N]; /* NULL: it is not folded */
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

/* What it opens is not in it, but stands below: else GTK puts its title to the left where one reads right to left, and lets
 * the keyboard go into what is folded. */
static GtkWidget *
make_expander (Section section, GtkWidget *body)
{
  GtkWidget *expander = gtk_expander_new (NULL);

  gtk_expander_set_label_widget (GTK_EXPANDER (expander), bold_label (section_title (section)));
  /* GTK tells the arrow which way one reads when something changes, and not before */
  gtk_expander_set_expanded (GTK_EXPANDER (expander), TRUE);
  gtk_expander_set_expanded (GTK_EXPANDER (expander), FALSE);
  gtk_widget_set_halign (expander, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (expander, section_subtitle (section));
  atk_object_set_name (gtk_widget_get_accessible (expander), section_title (section));
  gtk_widget_set_no_show_all (body, TRUE);
  g_object_bind_property (expander, "expanded", body, "visible", G_BINDING_SYNC_CREATE);
  return expander;
}

static void
add_section (Page *page, Section section)
{
  GtkWidget *body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *widget = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  if (section_subtitle (section) != NULL)
    {
      page->expanders[section] = make_expander (section, body);
      gtk_container_add (GTK_CONTAINER (widget), page->expanders[section]);
    }
  else if (section_title (section) != NULL)
    gtk_container_add (GTK_CONTAINER (widget), bold_label (section_title (section)));
  gtk_widget_set_margin_start (body, INDENT);
  gtk_container_add (GTK_CONTAINER (widget), body);
  gtk_container_add (GTK_CONTAINER (page->box), widget);
  gtk_widget_show_all (widget);
  gtk_widget_set_no_show_all (widget, TRUE);
  page->sections[section] = widget;
  page->bodies[section] = body;
}

/* The next on the page; not shown yet. */
static GtkWidget *
wrapped_label (Page *page)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), WRAP_CHARS);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_no_show_all (label, TRUE);
  gtk_container_add (GTK_CONTAINER (page->box), label);
  return label;
}

Page *
page_new (void)
{
  Page *page = g_new0 (Page, 1);

  page->labels = gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL);
  page->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_container_set_border_width (GTK_CONTAINER (page->box), BORDER);
  page->notes = wrapped_label (page);
  page->problem = wrapped_label (page);
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
  if (page->expanders[section] != NULL)
    gtk_expander_set_expanded (GTK_EXPANDER (page->expanders[section]), TRUE);
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
  if (page != NULL)
    g_object_unref (page->labels);
  g_free (page);
}
