/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The editor that desktops embed: one row for each field of the form, and after each change everything is looked at
 * again: what is shown, what can be chosen, what is wrong. Compiled once for each toolkit.
 */
#include "config.h"

#include "editor/keystore.h"
#include "editor/row.h"

#include <NetworkManager.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define MAKE_KEY "new:" /* stands for no key, in the menu of keys */
#define KEY_SHOWN 32 /* characters of a public key that are shown; all of it is copied */

typedef struct {
  GObject parent;
  Form *form;
  Keystore *keystore;
  Page *page;
  GtkWidget *widget;
  Row **rows;
  gboolean refreshing;
} NmIpsecEditor;
typedef GObjectClass NmIpsecEditorClass;

static void editor_interface_init (NMVpnEditorInterface *iface);
GType nm_ipsec_editor_get_type (void);
G_DEFINE_TYPE_WITH_CODE (NmIpsecEditor, nm_ipsec_editor, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (NM_TYPE_VPN_EDITOR, editor_interface_init))

/* ---- from the form to the screen ---- */

static void
refresh_choices (NmIpsecEditor *self, guint field)
{
  const FieldChoice *choices = field_at (field)->choices;
  const char *chosen = form_get (self->form, field);
  g_autoptr (GPtrArray) words = g_ptr_array_new (), titles = g_ptr_array_new ();
  gboolean known = FALSE;

  for (guint i = 0; choices[i].word != NULL; i++)
    {
      if (!form_offers (self->form, field, choices[i].word))
        continue;
      known = known || strcmp (choices[i].word, chosen) == 0;
      g_ptr_array_add (words, (gpointer) choices[i].word);
      g_ptr_array_add (titles, (gpointer) _ (choices[i].title));
    }
  /* what somebody has written otherwise is not lost by looking at it */
  if (!known)
    {
      g_ptr_array_add (words, (gpointer) chosen);
      g_ptr_array_add (titles, (gpointer) chosen);
    }
  g_ptr_array_add (words, NULL);
  g_ptr_array_add (titles, NULL);
  row_set_choices (self->rows[field], (const char *const *) words->pdata, (const char *const *) titles->pdata);
}

static const char *
find_public (GPtrArray *keys, const char *value)
{
  for (guint i = 0; i < keys->len; i++)
    {
      const KeystoreEntry *key = keys->pdata[i];

      if (strcmp (key->value, value) == 0 && key->public != NULL && key->public[0] != '\0')
        return key->public;
    }
  return NULL;
}

/* The other half of a raw key: what the other side is given. */
static void
refresh_public_key (NmIpsecEditor *self, guint field, gboolean show)
{
  const char *text = form_get (self->form, field), *half = g_str_has_prefix (text, "0s") ? text : NULL;
  g_autofree char *note = NULL;

  if (self->keystore != NULL && half == NULL)
    half = find_public (keystore_keys (self->keystore), text);
  if (self->keystore != NULL && half == NULL)
    half = find_public (keystore_tokens (self->keystore), text);
  row_set_public (self->rows[field], half);
  if (half == NULL || !show)
    return;
  note = g_strdup_printf (_ ("The other side needs this key, which the button copies: %.*s…"), KEY_SHOWN, half);
  row_set_note (self->rows[field], NOTE_HINT, note);
}

static void
refresh_row (NmIpsecEditor *self, guint field)
{
  Row *row = self->rows[field];
  g_autofree char *fallback = form_default_text (self->form, field);
  const char *note;
  NoteLevel level = form_note (self->form, field, &note);

  if (field_at (field)->kind == FIELD_CHOICE)
    refresh_choices (self, field);
  if (field_at (field)->kind == FIELD_CHOICE || field_at (field)->kind == FIELD_TEXT)
    row_set_title (row, form_title (self->form, field));
  row_set_text (row, form_get (self->form, field));
  row_set_default (row, fallback);
  if (field_at (field)->kind == FIELD_SECRET)
    row_set_storage (row, form_get_storage (self->form, field));
  row_set_note (row, level, note);
  if (field_at (field)->kind == FIELD_PUBLIC_KEY)
    refresh_public_key (self, field, level == NOTE_NONE);
  row_set_shown (row, form_shows (self->form, field));
}

static void
refresh (NmIpsecEditor *self)
{
  gboolean sections[SECTION_N] = { FALSE };

  self->refreshing = TRUE;
  form_check (self->form);
  for (guint i = 0; i < field_count (); i++)
    {
      refresh_row (self, i);
      sections[field_at (i)->section] |= form_shows (self->form, i);
    }
  for (Section section = 0; section < SECTION_N; section++)
    page_show_section (self->page, section, sections[section]);
  page_set_problem (self->page, form_problem (self->form));
  self->refreshing = FALSE;
}

/* An error that nobody can see cannot be mended. */
static void
open_faulty_sections (NmIpsecEditor *self)
{
  const char *note;

  for (guint i = 0; i < field_count (); i++)
    {
      if (form_shows (self->form, i) && form_note (self->form, i, &note) == NOTE_ERROR)
        page_open_section (self->page, field_at (i)->section);
    }
}

/* ---- the key store ---- */

/* Is it something for this field? */
static gboolean
store_fits (guint field, const KeystoreEntry *entry)
{
  const char *name = field_at (field)->name;

  if (strcmp (name, "local-rsa-key") == 0)
    return entry->is_key;
  if (strcmp (name, "private-key") == 0)
    return g_str_has_prefix (entry->value, "pkcs11:") ? entry->is_key : entry->has_key;
  if (entry->is_key)
    return FALSE;
  if (strcmp (name, "certificate") == 0)
    return entry->has_key;
  return strcmp (name, "remote-certificate") == 0 ? !entry->has_key : entry->is_ca;
}

/* What fits of @entries, if the field takes values that begin so. */
static void
add_entries (guint field, GPtrArray *entries, const char *scheme, GPtrArray *values, GPtrArray *titles)
{
  gboolean takes = scheme == NULL || form_takes_scheme (field, scheme);

  for (guint i = 0; takes && i < entries->len; i++)
    {
      const KeystoreEntry *entry = entries->pdata[i];

      if (scheme != NULL && !store_fits (field, entry))
        continue;
      g_ptr_array_add (values, entry->value);
      g_ptr_array_add (titles, entry->title);
    }
}

static void
refresh_store_of (NmIpsecEditor *self, guint field)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new (), titles = g_ptr_array_new ();
  gboolean token = strcmp (form_get (self->form, (guint) field_find (FIELD_SIGN_IN, FALSE)), SIGN_IN_TOKEN) == 0;

  if (field_at (field)->kind == FIELD_PUBLIC_KEY)
    {
      add_entries (field, keystore_keys (self->keystore), NULL, values, titles);
      add_entries (field, keystore_tokens (self->keystore), "pkcs11:", values, titles);
      if (keystore_is_there (self->keystore))
        {
          g_ptr_array_add (values, (gpointer) MAKE_KEY);
          g_ptr_array_add (titles, (gpointer) _ ("Make a New Key…"));
        }
    }
  else
    {
      if (!token || strcmp (field_at (field)->name, "certificate") != 0)
        add_entries (field, keystore_certificates (self->keystore), "nss:", values, titles);
      add_entries (field, keystore_tokens (self->keystore), "pkcs11:", values, titles);
    }
  g_ptr_array_add (values, NULL);
  g_ptr_array_add (titles, NULL);
  row_set_store (self->rows[field], (const char *const *) values->pdata, (const char *const *) titles->pdata);
}

static void
on_store_changed (gpointer data)
{
  NmIpsecEditor *self = data;

  for (guint i = 0; i < field_count (); i++)
    {
      if (field_at (i)->flags & FIELD_STORE)
        refresh_store_of (self, i);
    }
  refresh (self);
}

/* ---- from the screen to the form ---- */

static void
take_text (NmIpsecEditor *self, guint field, const char *text)
{
  if (!form_set (self->form, field, text))
    return;
  refresh (self);
  g_signal_emit_by_name (self, "changed");
}

static void
on_key_made (const char *ckaid, const char *error, gpointer data)
{
  NmIpsecEditor *self = data;

  if (ckaid != NULL)
    take_text (self, (guint) field_find ("local-rsa-key", FALSE), ckaid);
  else
    page_set_problem (self->page, error);
}

static void
on_changed (guint field, const char *text, gpointer data)
{
  NmIpsecEditor *self = data;

  if (self->refreshing)
    return;
  if (field_at (field)->kind == FIELD_PUBLIC_KEY && strcmp (text, MAKE_KEY) == 0)
    keystore_make_key (self->keystore, on_key_made);
  else
    take_text (self, field, text);
}

static void
on_storage_changed (guint field, NMSettingSecretFlags storage, gpointer data)
{
  NmIpsecEditor *self = data;

  if (self->refreshing || !form_set_storage (self->form, field, storage))
    return;
  refresh (self);
  g_signal_emit_by_name (self, "changed");
}

/* ---- the object ---- */

static GObject *
editor_get_widget (NMVpnEditor *editor)
{
  return G_OBJECT (((NmIpsecEditor *) editor)->widget);
}

static gboolean
editor_update_connection (NMVpnEditor *editor, NMConnection *connection, GError **error)
{
  return form_store (((NmIpsecEditor *) editor)->form, connection, error);
}

static void
editor_interface_init (NMVpnEditorInterface *iface)
{
  iface->get_widget = editor_get_widget;
  iface->update_connection = editor_update_connection;
}

/* A host may destroy the page first: then nothing may come for it any more. */
static void
on_destroyed (GtkWidget *widget, gpointer data)
{
  NmIpsecEditor *self = data;

  g_clear_pointer (&self->keystore, keystore_free);
  for (guint i = 0; i < field_count (); i++)
    row_drop_chooser (self->rows[i]);
}

static void
nm_ipsec_editor_finalize (GObject *object)
{
  NmIpsecEditor *self = (NmIpsecEditor *) object;

  if (self->widget != NULL)
    g_signal_handlers_disconnect_by_data (self->widget, self);
  keystore_free (self->keystore);
  for (guint i = 0; self->rows != NULL && i < field_count (); i++)
    row_free (self->rows[i]);
  g_free (self->rows);
  page_free (self->page);
  g_clear_object (&self->widget);
  form_free (self->form);
  G_OBJECT_CLASS (nm_ipsec_editor_parent_class)->finalize (object);
}

static void
nm_ipsec_editor_class_init (NmIpsecEditorClass *class)
{
  class->finalize = nm_ipsec_editor_finalize;
}

static void
nm_ipsec_editor_init (NmIpsecEditor *self)
{
}

G_MODULE_EXPORT NMVpnEditor *nm_ipsec_editor_new (NMConnection *connection, GError **error);

G_MODULE_EXPORT NMVpnEditor *
nm_ipsec_editor_new (NMConnection *connection, GError **error)
{
  static const RowEvents events = { on_changed, on_storage_changed };
  NmIpsecEditor *self = g_object_new (nm_ipsec_editor_get_type (), NULL);
  const char *notes = g_object_get_data (G_OBJECT (connection), IPSEC_EDITOR_NOTES);

  self->form = form_new (connection);
  self->page = page_new ();
  self->widget = g_object_ref_sink (page_widget (self->page));
  self->rows = g_new0 (Row *, field_count ());
  for (guint i = 0; i < field_count (); i++)
    {
      const IpsecKey *key = field_key (field_at (i));

      self->rows[i] = row_new (i, &events, self);
      row_set_help (self->rows[i], key != NULL ? _ (key->doc) : NULL);
      page_add_row (self->page, field_at (i)->section, self->rows[i]);
    }
  refresh (self);
  open_faulty_sections (self);
  if (notes != NULL)
    page_set_notes (self->page, notes);
  self->keystore = keystore_new (on_store_changed, self);
  g_signal_connect (self->widget, "destroy", G_CALLBACK (on_destroyed), self);
  return NM_VPN_EDITOR (self);
}
