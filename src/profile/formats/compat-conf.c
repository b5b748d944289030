/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See compat-conf.h. The grammar is conf.c's; what NetworkManager-libreswan does not take of it (a second section, also=,
 * a key that is there twice) is looked for first.
 */
#include "config.h"

#include "profile/formats/compat-conf.h"

#include "profile/formats/compat-libreswan.h"
#include "profile/formats/conf.h"
#include "profile/formats/convert.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <errno.h>
#include <string.h>

#define SERVICE "org.freedesktop.NetworkManager.libreswan"

/* ---- reading ---- */

/* An error with what is in the file: whatever that is, it can be printed. */
static gboolean
refuse (GError **error, const char *format, const char *text)
{
  g_autofree char *shown = g_strescape (text, NULL);
  g_autofree char *cut = strlen (shown) > 200 ? g_strndup (shown, 200) : g_steal_pointer (&shown);
  g_autoptr (GString) message = g_string_new (format);

  g_string_replace (message, "%s", cut, 1);
  return ipsec_draft_fail (error, "%s", message->str);
}

/* "# nm-connect-mode = ondemand" */
static void
take_comment (IpsecSetting *setting, const char *line)
{
  g_auto (GStrv) parts = g_strsplit (line + strspn (line, "# \t"), "=", 2);

  if (parts[0] == NULL || parts[1] == NULL)
    return;
  g_strchomp (parts[0]);
  g_strstrip (parts[1]);
  if (strcmp (parts[0], LIBRESWAN_AUTO_DEFAULTS) == 0 && strcmp (parts[1], "no") == 0)
    ipsec_setting_set (setting, LIBRESWAN_AUTO_DEFAULTS, "no");
  else if (strcmp (parts[0], LIBRESWAN_CONNECT_MODE) == 0 && parts[1][0] != '\0')
    ipsec_setting_set (setting, LIBRESWAN_CONNECT_MODE, parts[1]);
}

/* @line: a name and a value, as far as it is right. */
static gboolean
take_name (GHashTable *seen, char *line, GError **error)
{
  char *name = g_strndup (line, strcspn (line, "= \t"));
  const LibreswanKey *key = libreswan_key_find (name);
  gboolean ok = TRUE;

  if (key == NULL || key->kind == LIBRESWAN_INTERNAL)
    ok = refuse (error, _ ("property '%s' invalid or not supported"), name);
  else if (g_hash_table_contains (seen, name))
    ok = refuse (error, _ ("'%s' specified multiple times"), name);
  g_hash_table_add (seen, name);
  return ok;
}

/* @lines are changed. */
static gboolean
look_at_lines (char **lines, IpsecSetting *setting, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint sections = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *line = lines[i];
      gboolean indented = g_ascii_isspace (line[0]);

      g_strstrip (line);
      if (line[0] == '#')
        take_comment (setting, line);
      conf_cut_comment (line);
      if (line[0] == '\0')
        continue;
      if (!indented && (!g_str_has_prefix (line, "conn") || !g_ascii_isspace (line[4])))
        return refuse (error, _ ("'%s' not understood"), line);
      if (!indented && sections++ > 0)
        return refuse (error, _ ("'%s' specified multiple times"), "conn");
      if (indented && !take_name (seen, line, error))
        return FALSE;
    }
  return TRUE;
}

/* Into @setting; *ret_name: the connection's; the caller's. */
static gboolean
take_section (const Conf *conf, IpsecSetting *setting, char **ret_name, GError **error)
{
  const ConfSection *section = conf_connection (conf, 0);
  g_autoptr (GHashTable) values = NULL;
  GHashTableIter iter;
  gpointer key, value;

  if (section == NULL)
    return refuse (error, _ ("'%s' key needs to be present"), "conn");
  values = conf_values (conf, section);
  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (((const char *) value)[0] != '\0')
      ipsec_setting_set (setting, key, value);
  *ret_name = g_strdup (conf_section_name (section));
  if (strlen (*ret_name) > 2 && (*ret_name)[0] == '"')
    g_strdelimit (*ret_name, "\"", ' ');
  if (g_strstrip (*ret_name)[0] == '\0')
    return refuse (error, _ ("'%s' key needs to be present"), "conn");
  return TRUE;
}

/* What follows from others may be said, but is not kept. */
static gboolean
drop_derived (const IpsecSetting *setting, GHashTable *values, GError **error)
{
  const LibreswanKey *key;

  for (guint i = 0; (key = libreswan_key_at (i)) != NULL; i++)
    {
      const char *said = ipsec_setting_get (setting, key->name);

      if (!key->derived || !libreswan_has_defaults (setting))
        continue;
      if (said != NULL && g_strcmp0 (said, g_hash_table_lookup (values, key->name)) != 0)
        {
          g_autofree char *format = g_strdup_printf (_ ("'%s' is not supported for '%s'"), "%s", key->name);

          return refuse (error, format, said);
        }
      g_hash_table_remove (values, key->name);
    }
  return TRUE;
}

static IpsecSetting *
read_setting (const char *path, const char *text, gsize len, char **ret_name, GError **error)
{
  g_autoptr (IpsecSetting) setting = ipsec_setting_new ();
  g_autofree char *plain = g_strdelimit (g_strndup (text, len), "\r", '\n');
  g_auto (GStrv) lines = g_strsplit (plain, "\n", -1);
  g_autoptr (GHashTable) values = NULL;
  g_autoptr (Conf) conf = NULL;

  if (!look_at_lines (lines, setting, error))
    return NULL;
  conf = conf_parse (path, plain, strlen (plain), error);
  if (conf == NULL || !take_section (conf, setting, ret_name, error))
    return NULL;
  /* written beside a rekey=yes that nobody had said, and taken back with any */
  if (ipsec_setting_get (setting, "rekey") != NULL && convert_is (ipsec_setting_get (setting, "keyingtries"), "1"))
    ipsec_setting_set (setting, "keyingtries", NULL);
  values = libreswan_values (setting, error);
  if (values == NULL || !drop_derived (setting, values, error))
    return NULL;
  g_hash_table_unref (setting->data);
  setting->data = g_steal_pointer (&values);
  setting->service_type = g_strdup (SERVICE);
  return g_steal_pointer (&setting);
}

NMConnection *
ipsec_compat_conf_import_text (const char *path, const char *text, gsize len, GError **error)
{
  g_autofree char *name = NULL;
  g_autoptr (IpsecSetting) setting = NULL;
  NMConnection *connection;

  if (!g_utf8_validate (text, (gssize) len, NULL))
    {
      ipsec_draft_fail (error, _ ("The file is not text."));
      return NULL;
    }
  setting = read_setting (path, text, len, &name, error);
  if (setting == NULL)
    return NULL;
  connection = nm_simple_connection_new ();
  nm_connection_add_setting (connection, g_object_new (NM_TYPE_SETTING_CONNECTION, NM_SETTING_CONNECTION_ID, name,
                                                       NM_SETTING_CONNECTION_TYPE, NM_SETTING_VPN_SETTING_NAME, NULL));
  nm_connection_add_setting (connection, NM_SETTING (ipsec_setting_to_libnm (setting)));
  return connection;
}

NMConnection *
ipsec_compat_conf_import (const char *path, GError **error)
{
  g_autofree char *text = NULL;

  if (g_access (path, R_OK) < 0)
    {
      g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (errno), "%s: %s", path, g_strerror (errno));
      return NULL;
    }
  text = conf_file_text (path);
  if (text == NULL)
    {
      ipsec_draft_fail (error, _ ("The file is not text."));
      return NULL;
    }
  return ipsec_compat_conf_import_text (path, text, strlen (text), error);
}

/* ---- writing ---- */

static void
write_comments (GString *out, const IpsecSetting *setting)
{
  const char *mode = ipsec_setting_get (setting, LIBRESWAN_CONNECT_MODE);
  gboolean defaults = libreswan_has_defaults (setting);

  if (defaults && mode == NULL)
    return;
  g_string_append (out, "# NetworkManager specific configs, don't remove:\n");
  if (!defaults)
    g_string_append (out, "# " LIBRESWAN_AUTO_DEFAULTS "=no\n");
  if (mode != NULL)
    g_string_append_printf (out, "# " LIBRESWAN_CONNECT_MODE "=%s\n", mode);
  g_string_append_c (out, '\n');
}

static void
write_value (GString *out, GHashTable *values, const LibreswanKey *key)
{
  const char *value = g_hash_table_lookup (values, key->name);

  if (value == NULL || key->kind == LIBRESWAN_INTERNAL ||
      (key->newer != NULL && g_hash_table_contains (values, key->newer)))
    return;
  g_string_append_printf (out, key->kind == LIBRESWAN_TEXT ? " %s=\"%s\"\n" : " %s=%s\n", key->name, value);
}

char *
ipsec_compat_conf_text (NMConnection *connection, GError **error)
{
  NMSettingVpn *vpn = nm_connection_get_setting_vpn (connection);
  const char *id = nm_connection_get_id (connection);
  g_autoptr (IpsecSetting) setting = NULL;
  g_autoptr (GHashTable) values = NULL;
  g_autofree char *name = NULL;
  const LibreswanKey *key;
  GString *out;

  if (vpn == NULL || id == NULL)
    {
      ipsec_draft_fail (error, _ ("This is no VPN connection."));
      return NULL;
    }
  setting = ipsec_setting_from_libnm (vpn);
  values = libreswan_values (setting, error);
  if (values == NULL)
    return NULL;
  out = g_string_new (NULL);
  name = convert_conn_name (id);
  write_comments (out, setting);
  g_string_append_printf (out, "conn %s\n", name);
  for (guint i = 0; (key = libreswan_key_at (i)) != NULL; i++)
    write_value (out, values, key);
  return g_string_free (out, FALSE);
}

gboolean
ipsec_compat_conf_export (const char *path, NMConnection *connection, GError **error)
{
  g_autofree char *text = ipsec_compat_conf_text (connection, error);

  return text != NULL && g_file_set_contents (path, text, -1, error);
}
