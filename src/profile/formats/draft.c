/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Collects keys, secrets, files and notes; then checks every value by its row of the table, writes the files and makes
 * the settings. Secret values are erased when the draft is.
 */
#include "config.h"

#include "profile/formats/draft.h"

#include "profile/formats/convert.h"

#include "profile/error.h"
#include "profile/value.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define SERVICE "org.freedesktop.NetworkManager.ipsec"
#define NAME_TRIES 100

typedef struct {
  char *key, *suffix;
  GBytes *bytes;
} DraftFile;

struct _IpsecDraft {
  char *id, *dir;
  IpsecSetting *setting;
  GPtrArray *files; /* DraftFile */
  GPtrArray *notes; /* char* */
  IpsecDes3 des3;
};

static void
draft_file_free (gpointer data)
{
  DraftFile *file = data;

  g_free (file->key);
  g_free (file->suffix);
  g_bytes_unref (file->bytes);
  g_free (file);
}

/* What a file is called, without what comes after its last dot; a name may be any octets, that of a connection not. */
static char *
name_of (const char *path)
{
  g_autofree char *base = g_path_get_basename (path), *text = g_utf8_make_valid (base, -1);
  char *dot = strrchr (text, '.');
  GString *name = g_string_new (NULL);

  if (dot != NULL && dot != text)
    *dot = '\0';
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      g_autofree char *one = g_strndup (p, (gsize) (g_utf8_next_char (p) - p));

      g_string_append (name, ipsec_text_valid (one) ? one : "-");
    }
  return g_string_free (name, FALSE);
}

IpsecDraft *
ipsec_draft_new (const char *path)
{
  IpsecDraft *draft = g_new0 (IpsecDraft, 1);

  draft->dir = g_path_get_dirname (path);
  draft->id = name_of (path);
  draft->setting = ipsec_setting_new ();
  draft->setting->service_type = g_strdup (SERVICE);
  draft->files = g_ptr_array_new_with_free_func (draft_file_free);
  draft->notes = g_ptr_array_new_with_free_func (g_free);
  return draft;
}

void
ipsec_draft_free (IpsecDraft *draft)
{
  if (draft == NULL)
    return;
  g_free (draft->id);
  g_free (draft->dir);
  ipsec_setting_free (draft->setting);
  g_ptr_array_unref (draft->files);
  g_ptr_array_unref (draft->notes);
  g_free (draft);
}

void
ipsec_draft_set_des3 (IpsecDraft *draft, IpsecDes3 des3)
{
  draft->des3 = des3;
}

IpsecDes3
ipsec_draft_des3 (const IpsecDraft *draft)
{
  return draft->des3;
}

const char *
ipsec_draft_dir (const IpsecDraft *draft)
{
  return draft->dir;
}

const char *
ipsec_draft_id (const IpsecDraft *draft)
{
  return draft->id;
}

void
ipsec_draft_set_id (IpsecDraft *draft, const char *id)
{
  if (id == NULL || id[0] == '\0' || !ipsec_text_valid (id))
    return;
  g_free (draft->id);
  draft->id = g_strdup (id);
}

void
ipsec_draft_set_persistent (IpsecDraft *draft, gboolean persistent)
{
  draft->setting->persistent = persistent;
}

void
ipsec_draft_set (IpsecDraft *draft, const char *key, const char *value)
{
  if (value != NULL && value[0] != '\0')
    ipsec_setting_set (draft->setting, key, value);
}

void
ipsec_draft_unset (IpsecDraft *draft, const char *key)
{
  ipsec_setting_set (draft->setting, key, NULL);
}

gboolean
ipsec_draft_try (IpsecDraft *draft, const char *key, const char *value)
{
  g_autofree char *canonical = ipsec_value_canonical (ipsec_key_find (key, FALSE), value, NULL);

  ipsec_draft_set (draft, key, canonical);
  return canonical != NULL;
}

void
ipsec_draft_set_bool (IpsecDraft *draft, const char *key, gboolean value)
{
  ipsec_draft_set (draft, key, value ? "yes" : "no");
}

void
ipsec_draft_add (IpsecDraft *draft, const char *key, const char *value)
{
  const char *old = ipsec_draft_get (draft, key);
  g_autofree char *list = NULL;

  if (value == NULL || value[0] == '\0')
    return;
  list = old != NULL ? g_strdup_printf ("%s, %s", old, value) : g_strdup (value);
  ipsec_draft_set (draft, key, list);
}

const char *
ipsec_draft_get (const IpsecDraft *draft, const char *key)
{
  return ipsec_setting_get (draft->setting, key);
}

void
ipsec_draft_set_secret (IpsecDraft *draft, const char *name, const char *value)
{
  g_autofree char *flags = g_strconcat (name, "-flags", NULL);

  if (value != NULL && value[0] != '\0')
    ipsec_setting_set_secret (draft->setting, name, value);
  else
    ipsec_draft_set (draft, flags, "1");
}

void
ipsec_draft_set_file (IpsecDraft *draft, const char *key, const char *suffix, gconstpointer data, gsize len)
{
  DraftFile *file;

  if (draft->files->len >= IPSEC_DRAFT_FILES_MAX)
    {
      ipsec_draft_note (draft, _ ("The file holds more certificates than can be imported."));
      return;
    }
  file = g_new0 (DraftFile, 1);
  file->key = g_strdup (key);
  file->suffix = g_strdup (suffix);
  file->bytes = g_bytes_new (data, len);
  g_ptr_array_add (draft->files, file);
}

gboolean
ipsec_draft_has_file (const IpsecDraft *draft, const char *key)
{
  for (guint i = 0; i < draft->files->len; i++)
    if (strcmp (((const DraftFile *) draft->files->pdata[i])->key, key) == 0)
      return TRUE;
  return FALSE;
}

/* One line that can be printed, whatever the file had in it. */
static char *
sentence (const char *format, va_list args)
{
  g_autofree char *raw = g_strdup_vprintf (format, args);
  char *text = g_utf8_make_valid (raw, -1);

  for (char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (g_unichar_iscntrl (g_utf8_get_char (p)) && (guchar) *p < 0x80)
        *p = ' ';
    }
  if (!ipsec_text_valid (text)) /* C1 and line separators: hardly ever */
    g_strcanon (text, " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz{}",
                '?');
  return text;
}

void
ipsec_draft_note (IpsecDraft *draft, const char *format, ...)
{
  va_list args;
  char *text;

  if (draft->notes->len > IPSEC_DRAFT_NOTES_MAX)
    return;
  va_start (args, format);
  text = draft->notes->len < IPSEC_DRAFT_NOTES_MAX ? sentence (format, args)
                                                   : g_strdup (_ ("There is more that could not be taken over."));
  va_end (args);
  g_ptr_array_add (draft->notes, text);
}

gboolean
ipsec_draft_fail (GError **error, const char *format, ...)
{
  va_list args;
  g_autofree char *text = NULL;

  va_start (args, format);
  text = sentence (format, args);
  va_end (args);
  g_set_error_literal (error, IPSEC_PROFILE_ERROR, IPSEC_PROFILE_ERROR_BAD_VALUE, text);
  return FALSE;
}

void
ipsec_draft_keep_role (IpsecDraft *draft)
{
  const char *said = ipsec_draft_get (draft, "role"), *word = said != NULL ? said : "client";
  guint role = 1u << ipsec_key_word_index (ipsec_key_find ("role", FALSE), word);
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    if (!key->secret && !(key->roles & role) && ipsec_draft_get (draft, key->name) != NULL)
      {
        ipsec_draft_note (draft, _ ("%s: the key means nothing with role=%s"), key->name, word);
        ipsec_draft_unset (draft, key->name);
      }
}

/* ---- files ---- */

static gboolean
same_contents (const char *path, GBytes *bytes)
{
  g_autofree char *text = NULL;
  gsize len, want;
  gconstpointer data = g_bytes_get_data (bytes, &want);

  return g_file_get_contents (path, &text, &len, NULL) && len == want && memcmp (text, data, len) == 0;
}

/* 0, or errno. Never over a file that is there: links and races end in EEXIST. */
static int
write_new (const char *path, GBytes *bytes)
{
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  int code = 0;

  if (fd < 0)
    return errno;
  while (len > 0 && code == 0)
    {
      gssize n = write (fd, data, len);

      if (n < 0 && errno != EINTR)
        code = errno;
      else if (n > 0)
        {
          data += n;
          len -= (gsize) n;
        }
    }
  if (code == 0 && fsync (fd) < 0)
    code = errno;
  if (close (fd) < 0 && code == 0)
    code = errno;
  if (code != 0)
    (void) g_unlink (path);
  return code;
}

static char *
store_file (const IpsecDraft *draft, const DraftFile *file, GError **error)
{
  g_autofree char *dir = g_build_filename (g_get_home_dir (), ".cert", "nm-ipsec", NULL);
  g_autofree char *stem = g_strdelimit (g_strdup (draft->id), "/", '-');
  int code = g_mkdir_with_parents (dir, 0700) < 0 ? errno : 0;

  for (guint i = 0; code == 0 && i < NAME_TRIES; i++)
    {
      g_autofree char *number = i > 0 ? g_strdup_printf ("-%u", i) : g_strdup ("");
      g_autofree char *name = g_strconcat (stem[0] == '.' ? "_" : "", stem, "-", file->key, number, file->suffix, NULL);
      g_autofree char *path = g_build_filename (dir, name, NULL);

      code = write_new (path, file->bytes);
      if (code == 0 || (code == EEXIST && same_contents (path, file->bytes)))
        return g_steal_pointer (&path);
      if (code == EEXIST)
        code = 0;
    }
  ipsec_draft_fail (error, _ ("A certificate of the file could not be stored in %s: %s"), dir,
                    g_strerror (code != 0 ? code : EEXIST));
  return NULL;
}

static gboolean
store_files (IpsecDraft *draft, GError **error)
{
  for (guint i = 0; i < draft->files->len; i++)
    {
      const DraftFile *file = draft->files->pdata[i];
      g_autofree char *path = store_file (draft, file, error);

      if (path == NULL)
        return FALSE;
      ipsec_draft_set (draft, file->key, path);
    }
  return TRUE;
}

/* ---- the end ---- */

static gboolean
check (IpsecDraft *draft, GError **error)
{
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, draft->setting->data);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      const IpsecKey *key = ipsec_key_find (name, FALSE);
      g_autoptr (GError) local = NULL;
      char *canonical;

      if (key == NULL)
        {
          g_assert (ipsec_key_of_flags (name) != NULL);
          continue;
        }
      canonical = ipsec_value_canonical (key, value, &local);
      if (canonical == NULL)
        return ipsec_draft_fail (error, "%s", local->message);
      g_hash_table_iter_replace (&iter, canonical);
    }
  return TRUE;
}

/* Whatever a file said instead of an address: somebody to talk to must have come of it. */
static gboolean
check_ends (const IpsecSetting *setting, GError **error)
{
  const char *role = ipsec_setting_get (setting, "role");
  gboolean server = convert_is (role, "server");

  if (convert_is (role, "mesh") || (!server && ipsec_setting_get (setting, "gateway") != NULL) ||
      (server && (ipsec_setting_get (setting, "pool") != NULL || ipsec_setting_get (setting, "pool6") != NULL)))
    return TRUE;
  return ipsec_draft_fail (error, _ ("The file names no gateway to connect to, and no addresses to hand out."));
}

IpsecSetting *
ipsec_draft_finish_setting (IpsecDraft *draft, GPtrArray *notes, GError **error)
{
  if (!check (draft, error) || !check_ends (draft->setting, error) || !store_files (draft, error))
    return NULL;
  for (guint i = 0; notes != NULL && i < draft->notes->len; i++)
    g_ptr_array_add (notes, g_strdup (draft->notes->pdata[i]));
  return g_steal_pointer (&draft->setting);
}
