/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of formats. See formats.h. */
#include "config.h"

#include "profile/formats/formats.h"

#include "profile/formats/ipsec-conf.h"
#include "profile/formats/mobileconfig.h"
#include "profile/formats/pcf.h"
#include "profile/formats/sswan.h"
#include "profile/formats/swanctl.h"
#include "profile/formats/windows.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

/* The order is that of sniffing; ipsec.conf is last, for its grammar is the loosest. */
static const IpsecFormat *const formats[] = {
  &ipsec_format_sswan,    &ipsec_format_mobileconfig, &ipsec_format_profilexml, &ipsec_format_pcf,
  &ipsec_format_rasphone, &ipsec_format_swanctl,      &ipsec_format_ipsec_conf, NULL,
};

const IpsecFormat *
ipsec_format_at (guint index)
{
  return index < G_N_ELEMENTS (formats) ? formats[index] : NULL;
}

NMConnection *
ipsec_formats_import_text (const char *path, const char *text, gsize len, IpsecDes3 des3, GPtrArray *notes,
                           GError **error)
{
  for (guint i = 0; formats[i] != NULL; i++)
    {
      g_autoptr (IpsecDraft) draft = NULL;

      if (!formats[i]->sniff (text, len))
        continue;
      draft = ipsec_draft_new (path);
      ipsec_draft_set_des3 (draft, des3);
      return formats[i]->read (draft, path, text, len, error) ? ipsec_draft_finish (draft, notes, error) : NULL;
    }
  ipsec_draft_fail (error, _ ("The file is not an IPsec connection in a format that can be imported."));
  return NULL;
}

NMConnection *
ipsec_formats_import (const char *path, IpsecDes3 des3, GPtrArray *notes, GError **error)
{
  g_autofree char *text = NULL;
  NMConnection *connection;
  gsize len;
  GStatBuf info;

  /* not a device or a pipe, and nothing that is too large to be one */
  if (g_stat (path, &info) == 0 && (!S_ISREG (info.st_mode) || info.st_size > IPSEC_FORMAT_FILE_MAX))
    {
      ipsec_draft_fail (error, _ ("The file is not an IPsec connection in a format that can be imported."));
      return NULL;
    }
  if (!g_file_get_contents (path, &text, &len, error))
    return NULL;
  connection = ipsec_formats_import_text (path, text, len, des3, notes, error);
  explicit_bzero (text, len);
  return connection;
}

static const IpsecFormat *
format_for (const char *path)
{
  const IpsecFormat *fallback = &ipsec_format_ipsec_conf;

  for (guint i = 0; path != NULL && formats[i] != NULL; i++)
    if (formats[i]->write != NULL && g_str_has_suffix (path, formats[i]->suffix))
      return formats[i];
  return fallback;
}

gboolean
ipsec_formats_export (const char *path, NMConnection *connection, GPtrArray *notes, GError **error)
{
  g_autofree char *text = format_for (path)->write (connection, notes, error);

  /* what is exported may hold secrets */
  return text != NULL && g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

char *
ipsec_formats_suggest (NMConnection *connection)
{
  const char *id = nm_connection_get_id (connection);
  char *name = g_strconcat (id != NULL ? id : "ipsec", format_for (NULL)->suffix, NULL);

  return g_strdelimit (name, "/", '-');
}
