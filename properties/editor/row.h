/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A field on the screen, and the sections that hold fields: all that differs between the toolkits. row-gtk4.c and
 * row-gtk3.c implement it, editor.c uses it and is compiled for each of them.
 *
 * A row tells of what the user does, never of what is set by these functions.
 */
#pragma once

#include "form/form.h"

#include <gtk/gtk.h>

typedef struct _Row Row;
typedef struct _Page Page;

typedef struct {
  /* The user has changed the value. */
  void (*changed) (guint field, const char *text, gpointer data);
  void (*storage_changed) (guint field, NMSettingSecretFlags storage, gpointer data);
} RowEvents;

/* The page: sections below each other, with a scroll bar of its own. It belongs to its widget. */
Page *page_new (void);
GtkWidget *page_widget (Page *page);
void page_add_row (Page *page, Section section, Row *row);
/* A section none of whose rows is shown is not shown. */
void page_show_section (Page *page, Section section, gboolean show);
void page_open_section (Page *page, Section section);
/* What is wrong with the whole; NULL: nothing. */
void page_set_problem (Page *page, const char *text);
/* What is to be said about the import that the connection comes from. */
void page_set_notes (Page *page, const char *text);
void page_free (Page *page);

Row *row_new (guint field, const RowEvents *events, gpointer data);
void row_free (Row *row);
/* The page goes, and whoever is still choosing a file chooses nothing. */
void row_drop_chooser (Row *row);
/* TEXT, CHOICE: with its mnemonic. */
void row_set_title (Row *row, const char *title);
void row_set_text (Row *row, const char *text);
void row_set_default (Row *row, const char *text); /* what an empty field means */
void row_set_note (Row *row, NoteLevel level, const char *text);
void row_set_shown (Row *row, gboolean shown);
/* CHOICE: @words and what they are called; both end with NULL. */
void row_set_choices (Row *row, const char *const *words, const char *const *titles);
/* SECRET */
void row_set_storage (Row *row, NMSettingSecretFlags storage);
/* FILE, PUBLIC_KEY: what the key store has: values and what they are called. */
void row_set_store (Row *row, const char *const *values, const char *const *titles);
/* PUBLIC_KEY: what is copied for the other side; NULL: not known. */
void row_set_public (Row *row, const char *key);
/* Explains the field when it is pointed at. */
void row_set_help (Row *row, const char *text);
