/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rows of both toolkits have in common: the parts of a row, its menus (GMenu and actions are the same in
 * both), and picking a file.
 */
#pragma once

#include "editor/row.h"

struct _Row {
  guint field;
  const RowEvents *events;
  gpointer data;
  GtkWidget *widget; /* what is added to the section; we hold a reference */
  GtkWidget *control; /* entry, combo row or box, switch */
  GtkWidget *label, *note_space; /* GTK 3: as wide as all labels */
  GtkWidget *reveal; /* GTK 3, a toggle button; SECRET */
  GtkWidget *fallback; /* GTK 4, a label: what an empty field means */
  GtkWidget *note_row, *note, *note_icon;
  GtkWidget *copy; /* button; PUBLIC_KEY */
  char *public; /* what it copies */
  GtkWidget *storage, *store; /* menu buttons */
  GSimpleActionGroup *actions;
  GtkFileChooserNative *chooser;
  char **words; /* of a CHOICE */
};

/* row.c */
/* Actions "row.storage" and "row.pick" for the menus below. */
void row_add_actions (Row *row);
GMenuModel *row_storage_menu (void);
GMenuModel *row_store_menu (const char *const *values, const char *const *titles);
const char *row_storage_icon (NMSettingSecretFlags storage);
/* What is said instead of the text; NULL: there is text. */
const char *row_storage_text (NMSettingSecretFlags storage);
const char *row_note_icon (NoteLevel level);
/* Has the list of words changed? */
gboolean row_take_words (Row *row, const char *const *words);
void row_emit_text (Row *row, const char *text);
void row_choose_file (Row *row);
char *row_control_text (Row *row);
char *row_button_name (Row *row, const char *format);
