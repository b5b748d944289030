/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of formats. See formats.h. */
#include "config.h"

#include "profile/formats/formats.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

/* The order is that of sniffing; the first one that can be written is the one that is proposed. */
static const IpsecFormat *const formats[] = { NULL };

static void
fail (GError **error, const char *text)
{
  g_set_error_literal (error, NM_VPN_PLUGIN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS, text);
}

NMConnection *
ipsec_formats_import (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize len;
  GStatBuf info;

  /* not a device or a pipe, and nothing that is too large to be one */
  if (g_stat (path, &info) == 0 && (!S_ISREG (info.st_mode) || info.st_size > IPSEC_FORMAT_FILE_MAX))
    {
      fail (error, _ ("The file is not an IPsec connection."));
      return NULL;
    }
  if (!g_file_get_contents (path, &text, &len, error))
    return NULL;
  for (guint i = 0; formats[i] != NULL; i++)
    {
      if (formats[i]->sniff (text, len))
        return formats[i]->read (path, text, len, error);
    }
  fail (error, _ ("The file is not an IPsec connection in a format that this version can import."));
  return NULL;
}

static const IpsecFormat *
format_for (const char *path)
{
  const IpsecFormat *first = NULL;

  for (guint i = 0; formats[i] != NULL; i++)
    {
      if (formats[i]->write == NULL)
        continue;
      if (path != NULL && g_str_has_suffix (path, formats[i]->suffix))
        return formats[i];
      if (first == NULL)
        first = formats[i];
    }
  return first;
}

gboolean
ipsec_formats_export (const char *path, NMConnection *connection, GError **error)
{
  const IpsecFormat *format = format_for (path);
  g_autofree char *text = NULL;

  if (format == NULL)
    {
      fail (error, _ ("This version cannot export connections."));
      return FALSE;
    }
  text = format->write (connection, error);
  /* what is exported may hold secrets */
  return text != NULL && g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

char *
ipsec_formats_suggest (NMConnection *connection)
{
  const IpsecFormat *format = format_for (NULL);
  const char *id = nm_connection_get_id (connection);
  char *name = g_strconcat (id != NULL ? id : "ipsec", format != NULL ? format->suffix : ".conf", NULL);

  return g_strdelimit (name, "/", '-');
}
