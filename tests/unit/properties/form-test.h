/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Short ways to make a form out of literals, and to look at what it saves. */
#pragma once

#include "form/form.h"

#include <string.h>

#define at(name) find (name, FALSE)
#define secret_at(name) find (name, TRUE)
static inline guint
find (const char *name, gboolean secret)
{
  int field = field_find (name, secret);

  g_assert_cmpint (field, >=, 0);
  return (guint) field;
}

/* "key=value;key=value"; a name that begins with "!" is a secret. */
static inline NMConnection *
connection_with (const char *items)
{
  NMConnection *connection = nm_simple_connection_new ();
  NMSettingVpn *setting = NM_SETTING_VPN (nm_setting_vpn_new ());
  g_auto (GStrv) list = g_strsplit (items, ";", -1);

  for (guint i = 0; list[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (list[i], "=", 2);

      if (pair[0][0] == '!')
        nm_setting_vpn_add_secret (setting, pair[0] + 1, pair[1]);
      else
        nm_setting_vpn_add_data_item (setting, pair[0], pair[1]);
    }
  g_object_set (setting, NM_SETTING_VPN_SERVICE_TYPE, "org.freedesktop.NetworkManager.ipsec", NULL);
  nm_connection_add_setting (connection, NM_SETTING (setting));
  return connection;
}

static inline void
collect (const char *name, const char *value, gpointer list)
{
  g_ptr_array_add (list, g_strdup_printf ("%s=%s", name, value));
}

static inline int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* What is saved, sorted: data, then secrets with "!". */
static inline char *
stored (Form *form)
{
  g_autoptr (NMConnection) connection = nm_simple_connection_new ();
  g_autoptr (GPtrArray) data = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) secrets = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  GString *out = g_string_new (NULL);

  form_check (form);
  if (!form_store (form, connection, &error))
    return g_string_free (g_string_append (out, error->message), FALSE);
  nm_setting_vpn_foreach_data_item (nm_connection_get_setting_vpn (connection), collect, data);
  nm_setting_vpn_foreach_secret (nm_connection_get_setting_vpn (connection), collect, secrets);
  g_ptr_array_sort (data, compare);
  g_ptr_array_sort (secrets, compare);
  for (guint i = 0; i < data->len; i++)
    g_string_append_printf (out, "%s%s", out->len ? ";" : "", (char *) data->pdata[i]);
  for (guint i = 0; i < secrets->len; i++)
    g_string_append_printf (out, ";!%s", (char *) secrets->pdata[i]);
  return g_string_free (out, FALSE);
}

static inline void
assert_stored (Form *form, const char *expected)
{
  g_autofree char *text = stored (form);

  g_assert_cmpstr (text, ==, expected);
}

static inline Form *
form_with (const char *items)
{
  g_autoptr (NMConnection) connection = connection_with (items);

  return form_new (connection);
}

static inline Form *
form_empty (void)
{
  g_autoptr (NMConnection) connection = nm_simple_connection_new ();

  return form_new (connection);
}
