/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with the form, and at which field it is said: first each value by its row of the profile's table, then
 * the profile as a whole, exactly as the service will read it.
 */
#include "config.h"

#include "form/form-private.h"

#include "profile/profile.h"
#include "profile/unsupported.h"
#include "profile/value.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A sentence of "key: what is wrong". */
static char *
sentence (const char *text)
{
  g_autofree char *first = NULL;
  const char *rest = g_utf8_next_char (text);
  gboolean ends = g_str_has_suffix (text, ".") || g_str_has_suffix (text, "?");

  first = g_utf8_strup (text, (gssize) (rest - text));
  return g_strconcat (first, rest, ends ? NULL : ".", NULL);
}

static void
put_note (Form *form, guint field, NoteLevel level, const char *text)
{
  FormValue *value = &form->values[field];

  if (value->level >= level)
    return;
  value->level = level;
  g_free (value->note);
  value->note = sentence (text);
}

/* Of "key: text" the field, when it is on the page, and the text; -1: it is not about a field that is shown. */
static int
field_of_message (const Form *form, const char *message, const char **ret_text)
{
  const char *colon = strstr (message, ": ");
  g_autofree char *name = colon != NULL ? g_strndup (message, (gsize) (colon - message)) : NULL;
  int secret = name != NULL ? field_find (name, TRUE) : -1, plain = name != NULL ? field_find (name, FALSE) : -1;

  *ret_text = message;
  if (name != NULL && strcmp (name, "auth") == 0)
    plain = field_find (FIELD_SIGN_IN, FALSE);
  if (plain < 0 || !form_shows (form, (guint) plain))
    plain = secret;
  if (plain < 0 || !form_shows (form, (guint) plain))
    return -1;
  *ret_text = colon + 2;
  return plain;
}

static void
put_missing (Form *form, guint field)
{
  const Field *row = field_at (field);

  put_note (form, field, form->is_new && !form->values[field].touched ? NOTE_HINT : NOTE_ERROR,
            row->missing != NULL ? _ (row->missing) : _ ("This has to be filled in."));
}

/* ---- each field ---- */

static void
check_token (Form *form, guint field, const char *text)
{
  gboolean token = strcmp (form_get_named (form, FIELD_SIGN_IN), SIGN_IN_TOKEN) == 0;

  if (token && strcmp (field_at (field)->name, "certificate") == 0 && text[0] != '\0' &&
      !g_str_has_prefix (text, "pkcs11:"))
    put_note (form, field, NOTE_ERROR, _ ("A certificate on a smart card or token begins with pkcs11:."));
}

static void
check_field (Form *form, guint field)
{
  const Field *row = field_at (field);
  const IpsecKey *key = field_key (row);
  g_autofree char *text = g_strstrip (g_strdup (form_get (form, field)));
  g_autofree char *canonical = NULL;
  g_autoptr (GError) error = NULL;

  if (key == NULL || key->secret || text[0] == '\0' || !form_applies (form, field))
    return;
  canonical = ipsec_value_canonical (key, text, &error);
  if (canonical == NULL || !ipsec_supported_check (row->name, canonical, NULL, &error))
    {
      const char *colon = strstr (error->message, ": ");

      put_note (form, field, NOTE_ERROR, colon != NULL ? colon + 2 : error->message);
      return;
    }
  check_token (form, field, text);
}

/* The other end may prove itself by something else than a raw key, and does with “auto” where none was given before. */
static gboolean
is_needed (const Form *form, guint field, NMSettingVpn *setting)
{
  const char *name = field_at (field)->name, *remote = form_get_named (form, "remote-auth");

  if (strcmp (name, "local-rsa-key") == 0)
    return nm_setting_vpn_get_data_item (setting, "private-key") == NULL;
  if (strcmp (name, "remote-rsa-key") == 0 && strcmp (remote, "rsa") != 0)
    return strcmp (remote, "auto") == 0 && (form->is_new || form_is_changed (form, field) ||
                                            form_is_changed (form, (guint) field_find (FIELD_SIGN_IN, FALSE)));
  return TRUE;
}

/* What the profile does not ask for, but the choice of this way to sign in does; @setting: as it would be saved. */
static void
check_needed (Form *form, NMSettingVpn *setting)
{
  static const char *const needed[] = { "certificate", "remote-rsa-key", "local-rsa-key" };

  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      guint field = (guint) field_find (needed[i], FALSE);

      if (form_shows (form, field) && form_get (form, field)[0] == '\0' && is_needed (form, field, setting))
        put_missing (form, field);
    }
}

static void
check_kill_switch (Form *form)
{
  guint field = (guint) field_find (FIELD_PERSISTENT, FALSE);

  if (form_shows (form, (guint) field_find ("kill-switch", FALSE)) &&
      strcmp (form_get_named (form, "kill-switch"), "yes") == 0 && strcmp (form_get (form, field), "yes") != 0)
    put_note (form, field, NOTE_WARNING, _ ("Without this, nothing is blocked any more once the network goes."));
}

/* ---- keys that nobody knows: a newer version's, or misspelt ---- */

/* What the service says of it, in the words that it will have for the connection. */
static void
add_unknown (GString *text, const char *name, gboolean secret)
{
  g_autoptr (GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) item = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  g_autofree char *what = NULL;

  g_hash_table_insert (item, (gpointer) name, (gpointer) "");
  if (ipsec_profile_new (secret ? nothing : item, secret ? item : NULL, NULL, &error) != NULL)
    g_assert_not_reached ();
  what = sentence (error->message);
  g_string_append_printf (text, "%s ", what);
}

/* Takes them out of @setting, a copy; returns what is to be said of them, NULL: there are none. */
static char *
set_unknown_aside (NMSettingVpn *setting)
{
  g_autofree const char **names = nm_setting_vpn_get_data_keys (setting, NULL);
  g_autofree const char **secrets = nm_setting_vpn_get_secret_keys (setting, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (!ipsec_key_is_known (names[i], FALSE))
      {
        add_unknown (text, names[i], FALSE);
        nm_setting_vpn_remove_data_item (setting, names[i]);
      }
  for (guint i = 0; secrets != NULL && secrets[i] != NULL; i++)
    if (!ipsec_key_is_known (secrets[i], TRUE))
      {
        add_unknown (text, secrets[i], TRUE);
        nm_setting_vpn_remove_secret (setting, secrets[i]);
      }
  if (text->len == 0)
    return NULL;
  /* Translators: sentences that name unknown keys stand before this */
  g_string_append (text, _ ("This stays in the connection, which is refused when it is activated."));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* ---- the whole ---- */

static void
check_profile (Form *form, NMSettingVpn *setting)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecProfile) profile = ipsec_profile_new_from_setting (setting, &error);
  const char *text;
  int field;

  if (profile == NULL)
    {
      field = field_of_message (form, error->message, &text);
      if (field < 0)
        form->problem = sentence (error->message);
      else if (g_error_matches (error, IPSEC_PROFILE_ERROR, IPSEC_PROFILE_ERROR_MISSING_KEY))
        put_missing (form, (guint) field);
      else
        put_note (form, (guint) field, NOTE_ERROR, text);
      return;
    }
  for (guint i = 0; i < profile->warnings->len; i++)
    {
      field = field_of_message (form, profile->warnings->pdata[i], &text);
      if (field >= 0)
        put_note (form, (guint) field, NOTE_WARNING, text);
    }
}

void
form_check (Form *form)
{
  g_autoptr (NMSettingVpn) setting = NULL;
  gboolean right = TRUE;

  g_clear_pointer (&form->problem, g_free);
  g_clear_pointer (&form->unknown, g_free);
  for (guint i = 0; i < field_count (); i++)
    {
      form->values[i].level = NOTE_NONE;
      g_clear_pointer (&form->values[i].note, g_free);
    }
  for (guint i = 0; i < field_count (); i++)
    {
      check_field (form, i);
      right = right && form->values[i].level == NOTE_NONE;
    }
  setting = form_make_setting (form);
  form->unknown = set_unknown_aside (setting);
  /* the whole has only something to add when its parts are right */
  if (right)
    check_profile (form, setting);
  check_needed (form, setting);
  check_kill_switch (form);
}

NoteLevel
form_note (const Form *form, guint field, const char **ret_text)
{
  *ret_text = form->values[field].note;
  return form->values[field].level;
}

const char *
form_problem (const Form *form)
{
  return form->problem != NULL ? form->problem : form->unknown;
}
