/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key store's life: opening, the password, closing. Owns NSS's one database of this process, and the password that
 * NSS asks for by a callback.
 */
#include "nss-store-private.h"

#include "nss-cert-private.h"
#include "nss-crypto-private.h"
#include "nss-der.h"

#include <errno.h>
#include <nss.h>
#include <prerror.h>
#include <secerr.h>
#include <secmod.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define STORE_MAX_PASSWORD_FILE 16384

G_DEFINE_QUARK (nss_store_error, nss_store_error)

static IkeSecret *store_password; /* NULL: none is known */
static char *store_directory;

gboolean
nss_store_fail (GError **error, const char *what)
{
  g_autofree char *text = nss_error_text ();

  g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_FAILED, "%s: %s", what, text);
  return FALSE;
}

PK11SlotInfo *
nss_store_slot (void)
{
  return PK11_GetInternalKeySlot ();
}

/* ---- the password ---- */

IkeSecret *
nss_store_password_find (const char *text, gsize len, const char *token)
{
  gsize name = strlen (token);

  while (len > 0)
    {
      const char *end = memchr (text, '\n', len);
      gsize line = end != NULL ? (gsize) (end - text) : len;

      if (line > name && memcmp (text, token, name) == 0 && text[name] == ':' &&
          line - name - 1 <= NSS_STORE_MAX_PASSWORD)
        return ike_secret_new_from ((const guint8 *) text + name + 1, line - name - 1);
      len -= MIN (len, line + 1);
      text += line + 1;
    }
  return NULL;
}

char *
nss_store_token (void)
{
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();

  return slot != NULL ? g_strdup (PK11_GetTokenName (slot)) : NULL;
}

static IkeSecret *
password_from_file (void)
{
  g_autofree char *path = g_build_filename (store_directory, NSS_STORE_PASSWORD_FILE, NULL);
  g_autofree char *token = nss_store_token ();
  char text[STORE_MAX_PASSWORD_FILE];
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  gssize n = fd >= 0 ? read (fd, text, sizeof text) : -1;
  IkeSecret *password = n > 0 && token != NULL ? nss_store_password_find (text, (gsize) n, token) : NULL;

  explicit_bzero (text, sizeof text);
  if (fd >= 0)
    close (fd);
  return password;
}

/* All lines of @text but the token's. */
static void
copy_others (GByteArray *out, const char *text, gsize len, const char *token)
{
  gsize name = strlen (token);

  while (len > 0)
    {
      const char *end = memchr (text, '\n', len);
      gsize line = end != NULL ? (gsize) (end - text) : len;

      if (line > 0 && !(line > name && memcmp (text, token, name) == 0 && text[name] == ':'))
        {
          g_byte_array_append (out, (const guint8 *) text, (guint) line);
          g_byte_array_append (out, (const guint8 *) "\n", 1);
        }
      len -= MIN (len, line + 1);
      text += line + 1;
    }
}

/* Beside its place first, so that it is whole or as before. */
static gboolean
file_replace (const char *path, const GByteArray *content)
{
  g_autofree char *fresh = g_strconcat (path, ".new", NULL);
  int fd;
  gboolean ok;
  int saved;

  (void) unlink (fresh);
  fd = open (fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return FALSE;
  ok = write (fd, content->data, content->len) == (gssize) content->len && fsync (fd) == 0;
  ok = close (fd) == 0 && ok;
  ok = ok && rename (fresh, path) == 0;
  saved = errno;
  if (!ok)
    (void) unlink (fresh);
  errno = saved;
  return ok;
}

gboolean
nss_store_password_keep (const IkeSecret *password, GError **error)
{
  g_autofree char *path = g_build_filename (store_directory, NSS_STORE_PASSWORD_FILE, NULL),
                  *token = nss_store_token ();
  char text[STORE_MAX_PASSWORD_FILE];
  /* with room for all of it: what grows leaves copies */
  GByteArray *content =
      g_byte_array_sized_new ((guint) (sizeof text + strlen (token) + ike_secret_len (password) + sizeof ":\n"));
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  gssize n = fd >= 0 ? read (fd, text, sizeof text) : 0;
  gboolean ok;

  if (n > 0)
    copy_others (content, text, (gsize) n, token);
  if (ike_secret_len (password) > 0)
    {
      g_byte_array_append (content, (const guint8 *) token, (guint) strlen (token));
      g_byte_array_append (content, (const guint8 *) ":", 1);
      g_byte_array_append (content, ike_secret_data (password), (guint) ike_secret_len (password));
      g_byte_array_append (content, (const guint8 *) "\n", 1);
    }
  ok = content->len > 0 ? file_replace (path, content) : fd < 0 || unlink (path) == 0;
  if (!ok)
    g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_FAILED, NSS_SAID_CANNOT_BE_WRITTEN, path, g_strerror (errno));
  if (fd >= 0)
    close (fd);
  explicit_bzero (text, sizeof text);
  nss_der_wipe (content);
  return ok;
}

/* NSS frees it, and asks again (@retry) when it was wrong: once is enough. */
static char *
on_password (PK11SlotInfo *slot, PRBool retry, void *data)
{
  gsize len = ike_secret_len (store_password);
  char *copy;

  if (retry || store_password == NULL)
    return NULL;
  copy = PORT_ZAlloc (len + 1);
  if (copy != NULL && len > 0)
    memcpy (copy, ike_secret_data (store_password), len);
  return copy;
}

gboolean
nss_store_has_password (void)
{
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();

  return slot != NULL && PK11_NeedLogin (slot);
}

gboolean
nss_store_login (GError **error)
{
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();

  if (slot == NULL)
    return nss_store_fail (error, N_ ("The key store has no token"));
  if (!PK11_NeedLogin (slot) || PK11_IsLoggedIn (slot, NULL))
    return TRUE;
  if (store_password == NULL)
    {
      g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NEED_PASSWORD, NSS_SAID_WANTS_PASSWORD, store_directory,
                   NSS_STORE_PASSWORD_FILE);
      return FALSE;
    }
  if (PK11_Authenticate (slot, PR_TRUE, NULL) == SECSuccess)
    return TRUE;
  g_set_error_literal (error, NSS_STORE_ERROR, NSS_STORE_ERROR_BAD_PASSWORD,
                       N_ ("The password of the key store is wrong."));
  return FALSE;
}

/* NSS wants strings; freed with erasing. */
static char *
password_text (const IkeSecret *password)
{
  return g_strndup ((const char *) ike_secret_data (password), ike_secret_len (password));
}

static void
text_erase (char *text)
{
  explicit_bzero (text, strlen (text));
  g_free (text);
}

gboolean
nss_store_set_password (const IkeSecret *old, const IkeSecret *fresh, GError **error)
{
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();
  char *before = password_text (old), *after = password_text (fresh);
  gboolean ok = slot != NULL;

  if (ok && PK11_CheckUserPassword (slot, before) != SECSuccess)
    {
      g_set_error_literal (error, NSS_STORE_ERROR, NSS_STORE_ERROR_BAD_PASSWORD,
                           N_ ("The old password of the key store is wrong."));
      ok = FALSE;
    }
  else if (ok && PK11_ChangePW (slot, before, after) != SECSuccess)
    ok = nss_store_fail (error, N_ ("The password of the key store cannot be changed"));
  text_erase (before);
  text_erase (after);
  return ok;
}

/* ---- opening and closing ---- */

static gboolean
database_exists (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, "cert9.db", NULL);

  return access (path, F_OK) == 0;
}

/* A new database can keep no private key before it has a password, be it an empty one. */
static gboolean
initialise (GError **error)
{
  g_autoptr (PK11SlotInfo) slot = nss_store_slot ();

  if (slot == NULL)
    return nss_store_fail (error, N_ ("The key store has no token"));
  if (PK11_NeedUserInit (slot) && PK11_InitPin (slot, NULL, "") != SECSuccess)
    return nss_store_fail (error, N_ ("The key store cannot be made"));
  return TRUE;
}

gboolean
nss_store_open (const char *directory, gboolean write, const IkeSecret *password, GError **error)
{
  g_autofree char *name = g_strconcat ("sql:", directory, NULL);
  PRUint32 flags = NSS_INIT_NOMODDB | NSS_INIT_NOROOTINIT | (write ? 0 : NSS_INIT_READONLY);

  if (!write && !database_exists (directory))
    {
      g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NOT_FOUND, NSS_SAID_NO_STORE, directory);
      return FALSE;
    }
  if (NSS_IsInitialized ())
    {
      g_set_error_literal (error, NSS_STORE_ERROR, NSS_STORE_ERROR_FAILED, N_ ("NSS is at work already."));
      return FALSE;
    }
  /* it would measure how slow files are, by asking for some that do not exist */
  g_setenv ("NSS_SDB_USE_CACHE", "no", TRUE);
  if (NSS_Initialize (name, "", "", SECMOD_DB, flags) != SECSuccess)
    {
      g_autofree char *text = nss_error_text ();

      g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_FAILED, NSS_SAID_CANNOT_BE_OPENED, directory, text);
      return FALSE;
    }
  g_free (store_directory);
  store_directory = g_strdup (directory);
  store_password = password != NULL ? ike_secret_new_from (ike_secret_data (password), ike_secret_len (password))
                                    : password_from_file ();
  PK11_SetPasswordFunc (on_password);
  if (!write || initialise (error))
    return TRUE;
  nss_store_close ();
  return FALSE;
}

gboolean
nss_store_is_open (void)
{
  return store_directory != NULL;
}

gboolean
nss_store_close (void)
{
  gboolean clean = !NSS_IsInitialized () || NSS_Shutdown () == SECSuccess;

  g_clear_pointer (&store_password, ike_secret_free);
  g_clear_pointer (&store_directory, g_free);
  return clean;
}
