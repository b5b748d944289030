/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The type is looked at before opening, so that a device does nothing, and after, so that nobody exchanges it between.
 * O_NONBLOCK: a FIFO that came in between must not wait for a writer.
 */
#include "files.h"

#include "privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECONDS 8
#define SYSTEM "system"
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static const char *const system_bundles[] = {
  "/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch */
  "/etc/pki/tls/certs/ca-bundle.crt", /* Fedora */
  "/etc/ssl/ca-bundle.pem", /* SUSE */
  "/etc/ssl/cert.pem", /* Alpine */
};

typedef struct {
  const char *path, *user;
  gboolean certificates;
} Request;

static int
fail (ChannelError code, char *take_text, ChannelError *ret_code, char **ret_text)
{
  *ret_code = code;
  *ret_text = take_text;
  return -1;
}

static const char *
kind_complaint (const struct stat *st)
{
  if (S_ISDIR (st->st_mode))
    return "it is a directory";
  if (!S_ISREG (st->st_mode))
    return "it is not a regular file";
  if (st->st_size > CHANNEL_MAX_FILE)
    return "it is larger than 1 MiB";
  return NULL;
}

/* To the end, or one octet more than is allowed. -1 with errno. */
static gssize
copy (int from, int to)
{
  g_autofree guint8 *buffer = g_malloc (CHANNEL_MAX_FILE + 1);
  gsize len = 0, written = 0;
  gssize n = 1;

  while (n != 0 && len <= CHANNEL_MAX_FILE)
    {
      n = read (from, buffer + len, CHANNEL_MAX_FILE + 1 - len);
      if (n < 0 && errno != EINTR)
        break;
      len += n > 0 ? (gsize) n : 0;
    }
  while (n >= 0 && written < len)
    {
      n = write (to, buffer + written, len - written);
      written += n > 0 ? (gsize) n : 0;
    }
  explicit_bzero (buffer, len);
  return n < 0 ? -1 : (gssize) len;
}

int
files_seal (int fd)
{
  return fcntl (fd, F_ADD_SEALS, SEALS) < 0 ? errno : 0;
}

int
files_keep (gconstpointer octets, gsize len)
{
  int fd = memfd_create ("nm-ipsec", MFD_CLOEXEC | MFD_ALLOW_SEALING), e = fd < 0 ? errno : 0;

  for (gsize done = 0; !e && done < len;)
    {
      gssize n = write (fd, (const guint8 *) octets + done, len - done);

      if (n < 0 && errno != EINTR)
        e = errno;
      done += n > 0 ? (gsize) n : 0;
    }
  if (!e)
    e = files_seal (fd);
  if (!e)
    return fd;
  if (fd >= 0)
    close (fd);
  errno = e;
  return -1;
}

gboolean
files_is_sealed (int fd)
{
  struct stat st;

  return (fcntl (fd, F_GET_SEALS) & SEALS) == SEALS && fcntl (fd, F_GET_SEALS) >= 0 && fstat (fd, &st) == 0 &&
         st.st_size <= CHANNEL_MAX_FILE;
}

static int
copy_open_file (int from, const char *path, guint32 *ret_len, ChannelError *ret_code, char **ret_text)
{
  int to = memfd_create ("nm-ipsec", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  gssize len = to < 0 ? -1 : copy (from, to);
  int saved = errno;

  if (len > 0 && len <= CHANNEL_MAX_FILE && files_seal (to) == 0)
    {
      *ret_len = (guint32) len;
      return to;
    }
  if (to >= 0)
    close (to);
  if (len < 0)
    return fail (CHANNEL_ERROR_NOT_FOUND, g_strdup_printf ("%s cannot be read: %s", path, g_strerror (saved)), ret_code,
                 ret_text);
  return fail (CHANNEL_ERROR_BAD_FILE,
               g_strdup_printf ("%s cannot be used: it is %s", path, len == 0 ? "empty" : "larger than 1 MiB"),
               ret_code, ret_text);
}

int
files_copy (const char *path, guint32 *ret_len, ChannelError *ret_code, char **ret_text)
{
  const char *complaint = NULL;
  struct stat st;
  int fd = -1, copied;

  if (*path != '/')
    return fail (CHANNEL_ERROR_NOT_FOUND, g_strdup_printf ("%s cannot be read: it is not an absolute path", path),
                 ret_code, ret_text);
  if (stat (path, &st) == 0 && !(complaint = kind_complaint (&st)))
    {
      fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
      if (fd >= 0 && fstat (fd, &st) == 0)
        complaint = kind_complaint (&st);
    }
  if (!complaint && fd < 0)
    return fail (CHANNEL_ERROR_NOT_FOUND, g_strdup_printf ("%s cannot be read: %s", path, g_strerror (errno)), ret_code,
                 ret_text);
  if (complaint)
    {
      if (fd >= 0)
        close (fd);
      return fail (CHANNEL_ERROR_BAD_FILE, g_strdup_printf ("%s cannot be used: %s", path, complaint), ret_code,
                   ret_text);
    }
  copied = copy_open_file (fd, path, ret_len, ret_code, ret_text);
  close (fd);
  return copied;
}

/* ---- what it looks like ---- */

const char *
files_secret_complaint (const struct stat *st)
{
  if (!S_ISREG (st->st_mode))
    return "it is not a regular file";
  if (st->st_mode & (S_IRWXG | S_IRWXO))
    return "others than its owner may use it; its mode must be 0600";
  if (st->st_uid != 0 && st->st_uid != geteuid ())
    return "it belongs to somebody else";
  if (st->st_size > CHANNEL_MAX_FILE)
    return "it is larger than 1 MiB";
  return NULL;
}

static gboolean
contains (const guint8 *octets, gsize len, const char *text)
{
  return memmem (octets, len, text, strlen (text)) != NULL;
}

/* SEQUENCE { SEQUENCE: a certificate, OBJECT IDENTIFIER: PKCS#7; keys and PKCS#12 begin with an INTEGER. */
static gboolean
is_der (const guint8 *octets, gsize len)
{
  gsize at = 2;

  if (len < 8 || octets[0] != 0x30)
    return FALSE;
  if (octets[1] & 0x80)
    at += octets[1] & 0x7f;
  return at < len && (octets[at] == 0x30 || octets[at] == 0x06);
}

gboolean
files_are_certificates (const guint8 *octets, gsize len)
{
  if (contains (octets, len, "PRIVATE KEY-----"))
    return FALSE;
  return contains (octets, len, "CERTIFICATE-----") || contains (octets, len, "-----BEGIN PUBLIC KEY-----") || contains (octets, len, "-----BEGIN PKCS7-----") ||
         contains (octets, len, "-----BEGIN CMS-----") || is_der (octets, len);
}

static gboolean
copy_is_certificates (int fd, guint32 len)
{
  gpointer map = mmap (NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
  gboolean yes;

  if (map == MAP_FAILED)
    return FALSE;
  yes = files_are_certificates (map, len);
  munmap (map, len);
  return yes;
}

/* ---- the child ---- */

static int
copy_system (guint32 *ret_len, ChannelError *ret_code, char **ret_text)
{
  for (gsize i = 0; i < G_N_ELEMENTS (system_bundles); i++)
    if (access (system_bundles[i], R_OK) == 0)
      return files_copy (system_bundles[i], ret_len, ret_code, ret_text);
  return fail (CHANNEL_ERROR_NOT_FOUND,
               g_strdup ("This machine has no bundle of certification authorities (package ca-certificates)"), ret_code,
               ret_text);
}

static void
child (int fd, gpointer data)
{
  const Request *request = data;
  gboolean bundle = strcmp (request->path, SYSTEM) == 0;
  ChannelMsg msg = { .type = CHANNEL_READ };
  ChannelError code = CHANNEL_ERROR_NOT_FOUND;
  char *text = NULL;

  if (!(bundle ? privileges_become_nobody () : privileges_become_user (request->user)))
    {
      worker_fail (fd, CHANNEL_ERROR_NOT_FOUND, errno, "%s cannot be read as user \"%s\": %s", request->path,
                   request->user, errno == ESRCH ? "there is no such user" : g_strerror (errno));
      return;
    }
  msg.fd = bundle ? copy_system (&msg.read.len, &code, &text) : files_copy (request->path, &msg.read.len, &code, &text);
  if (msg.fd < 0)
    worker_fail (fd, code, errno, "%s", text);
  else if (request->certificates && !copy_is_certificates (msg.fd, msg.read.len))
    worker_fail (fd, CHANNEL_ERROR_BAD_FILE, 0, "%s cannot be used: it is not a file of certificates", request->path);
  else
    (void) channel_send (fd, &msg);
}

Worker *
files_read (const char *path, const char *user, gboolean certificates, WorkerFunc func, gpointer data)
{
  Request request = { path, user, certificates };
  const WorkerSpec spec = { .name = "nm-ipsec-file", .main = child, .main_data = &request, .seconds = SECONDS };

  return worker_start (&spec, func, data);
}

char *
files_lost (const char *path)
{
  return g_strdup_printf ("%s cannot be read: there was no answer within %d seconds", path, SECONDS);
}
