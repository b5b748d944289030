/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the form to the connection that is saved. See form.h. */
#include "config.h"

#include "form/form-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
set_item (NMSettingVpn *setting, const char *name, const char *value)
{
  if (value != NULL && value[0] != '\0')
    nm_setting_vpn_add_data_item (setting, name, value);
  else
    nm_setting_vpn_remove_data_item (setting, name);
}

static gboolean
is_algorithms (const char *name)
{
  return strcmp (name, "ike") == 0 || strcmp (name, "esp") == 0;
}

/* A private key that is not on the page belongs to the certificate that was there, or is itself the raw key. */
static gboolean
is_of_another (const Form *form, const Field *row)
{
  return strcmp (row->name, "private-key") == 0 &&
         (form_is_changed (form, (guint) field_find ("certificate", FALSE)) ||
          form_is_changed (form, (guint) field_find ("local-rsa-key", FALSE)));
}

/* What was not touched stays as it was written. A key that does not belong on the page is dropped when it did before;
 * what somebody has put into the connection in another way stays, unless this is now another kind of connection. */
static gboolean
is_left_alone (const Form *form, guint field)
{
  const Field *row = field_at (field);
  gboolean applied = form->values[field].applied;

  if (form_is_changed (form, field))
    return FALSE;
  if (form_applies (form, field))
    return row->kind != FIELD_SECRET || (applied && !form->is_new);
  if (is_of_another (form, row))
    return FALSE;
  return is_algorithms (row->name) || (!applied && !form_is_changed (form, (guint) field_find ("role", FALSE)));
}

static gboolean
is_written (const Form *form, guint field)
{
  /* presets stand in keys that are not shown */
  return form_applies (form, field) || is_algorithms (field_at (field)->name);
}

/* Nobody is asked for what most people do not have; but where it is kept when it is wanted after all is for the user to
 * say, and NetworkManager keeps for everybody what has no flags. With flags a code counts as there. */
static gboolean
needs_flags (const Form *form, guint field, gboolean text)
{
  const Field *row = field_at (field);
  const FormValue *value = &form->values[field];
  gboolean otp = strcmp (row->name, "otp") == 0;

  if (value->storage == NM_SETTING_SECRET_FLAG_NONE && !otp)
    return FALSE;
  return text || !(row->flags & FIELD_OPTIONAL) || !form_storage_has_text (value->storage) || (value->chosen && !otp);
}

static void
store_secret (const Form *form, guint field, NMSettingVpn *setting)
{
  const Field *row = field_at (field);
  const FormValue *value = &form->values[field];
  g_autofree char *flags_item = g_strconcat (row->name, "-flags", NULL);
  g_autofree char *flags = g_strdup_printf ("%u", (guint) value->storage);
  gboolean text = form_storage_has_text (value->storage) && value->text[0] != '\0';

  if (!is_written (form, field))
    {
      nm_setting_vpn_remove_secret (setting, row->name);
      nm_setting_vpn_remove_data_item (setting, flags_item);
      return;
    }
  if (text)
    nm_setting_vpn_add_secret (setting, row->name, value->text);
  else
    nm_setting_vpn_remove_secret (setting, row->name);
  if (needs_flags (form, field, text))
    nm_setting_vpn_add_data_item (setting, flags_item, flags);
  else
    nm_setting_vpn_remove_data_item (setting, flags_item);
}

static void
store_sign_in (const Form *form, guint field, NMSettingVpn *setting)
{
  static const struct {
    const char *word, *auth;
  } methods[] = {
    { SIGN_IN_USER, "eap" },       { SIGN_IN_CERTIFICATE, "cert" }, { SIGN_IN_TOKEN, "cert" },
    { SIGN_IN_SHARED_KEY, "psk" }, { SIGN_IN_RAW_KEY, "rsa" },      { SIGN_IN_NOTHING, "null" },
  };

  if (!form_is_changed (form, field) && !form->is_new)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      if (strcmp (form_get (form, field), methods[i].word) == 0)
        set_item (setting, "auth", methods[i].auth);
    }
}

/* What is meant when it is not given: between hosts, nothing but the hosts; how long a server waits for a client that may be
 * moving is not said by any value. */
static const char *
fallback_of (const Form *form, const IpsecKey *key)
{
  const char *role = form_get_named (form, "role");
  gboolean peer = strcmp (role, "peer") == 0;

  if (strcmp (role, "server") == 0 && strcmp (key->name, "dpd-timeout") == 0)
    return NULL;
  return peer && key->type == IPSEC_KEY_SELECTORS ? "dynamic" : key->fallback;
}

static void
store_field (const Form *form, guint field, NMSettingVpn *setting)
{
  const Field *row = field_at (field);
  const IpsecKey *key = field_key (row);
  g_autofree char *text = g_strstrip (g_strdup (form_get (form, field)));

  if (strcmp (row->name, FIELD_SIGN_IN) == 0)
    store_sign_in (form, field, setting);
  else if (strcmp (row->name, FIELD_PERSISTENT) == 0)
    g_object_set (setting, NM_SETTING_VPN_PERSISTENT, strcmp (text, "yes") == 0, NULL);
  if (key == NULL || is_left_alone (form, field))
    return;
  if (strcmp (row->name, "ipcomp") == 0)
    set_item (setting, "compress", NULL);
  if (row->kind == FIELD_SECRET)
    store_secret (form, field, setting);
  else if (!is_written (form, field))
    set_item (setting, row->name, NULL);
  else if ((row->kind == FIELD_CHOICE || row->kind == FIELD_SWITCH) && row->choices != NULL &&
           row->choices[0].word[0] == '\0')
    set_item (setting, row->name, text); /* its default is to be left out, and every word means something else */
  else
    set_item (setting, row->name, g_strcmp0 (text, fallback_of (form, key)) == 0 ? NULL : text);
}

NMSettingVpn *
form_make_setting (const Form *form)
{
  NMSettingVpn *setting = NM_SETTING_VPN (nm_setting_duplicate (NM_SETTING (form->setting)));

  if (nm_setting_vpn_get_service_type (setting) == NULL)
    g_object_set (setting, NM_SETTING_VPN_SERVICE_TYPE, "org.freedesktop.NetworkManager.ipsec", NULL);
  for (guint i = 0; i < field_count (); i++)
    store_field (form, i, setting);
  return setting;
}

static gboolean
fail (GError **error, const char *text)
{
  g_set_error_literal (error, NM_CONNECTION_ERROR, NM_CONNECTION_ERROR_INVALID_PROPERTY, text);
  return FALSE;
}

gboolean
form_store (const Form *form, NMConnection *connection, GError **error)
{
  for (guint i = 0; i < field_count (); i++)
    {
      g_autofree char *title = NULL, *text = NULL;

      if (form->values[i].level != NOTE_ERROR && form->values[i].level != NOTE_HINT)
        continue;
      title = title_without_mnemonic (form_title (form, i));
      text = g_strdup_printf ("%s: %s", title, form->values[i].note);
      return fail (error, text);
    }
  if (form->problem != NULL)
    return fail (error, form->problem);
  /* takes it, and replaces the one that was there */
  nm_connection_add_setting (connection, NM_SETTING (form_make_setting (form)));
  return TRUE;
}
