/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each question is a child's: PAM's modules may take their time and do what they like, and a user's file is opened as
 * that user. The file is read anew for each login, so that a change counts at once.
 */
#include "server.h"

#include "files.h"
#include "privileges.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECONDS 10

struct _Server {
  char *users, *file_user, *pam;
};

typedef struct {
  const Server *server;
  const char *name; /* NULL: only look whether the file is good */
  const char *host;
} Question;

/* A file in /etc/pam.d, and nothing else. */
static gboolean
service_valid (const char *name)
{
  return strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == strlen (name);
}

Server *
server_new (const ChannelMsg *request)
{
  Server *server;

  if (!service_valid (request->server.pam) || (*request->server.users && *request->server.users != '/'))
    return NULL;
  server = g_new0 (Server, 1);
  server->users = g_strdup (request->server.users);
  server->file_user = g_strdup (request->server.user);
  server->pam = g_strdup (request->server.pam);
  return server;
}

gboolean
server_has_pam (const Server *server)
{
  return server && *server->pam;
}

gboolean
server_is (const Server *server, const ChannelMsg *request)
{
  return strcmp (server->users, request->server.users) == 0 && strcmp (server->file_user, request->server.user) == 0 &&
         strcmp (server->pam, request->server.pam) == 0;
}

void
server_free (Server *server)
{
  if (!server)
    return;
  g_free (server->users);
  g_free (server->file_user);
  g_free (server->pam);
  g_free (server);
}

/* ---- the file of users ---- */

gboolean
server_find_user (ChannelBlob text, const char *name, ChannelBlob *ret_password)
{
  const char *at = (const char *) text.data, *end = at + text.len;
  gsize len = strlen (name);

  while (len > 0 && at < end)
    {
      const char *stop = memchr (at, '\n', (gsize) (end - at));
      const char *next = stop ? stop + 1 : end;

      stop = stop ? stop : end;
      if (stop > at && stop[-1] == '\r')
        stop--;
      if (*at != '#' && (gsize) (stop - at) > len + 1 && memcmp (at, name, len) == 0 && at[len] == ':')
        {
          *ret_password = (ChannelBlob){ (const guint8 *) at + len + 1, (gsize) (stop - at) - len - 1 };
          return ret_password->len <= CHANNEL_MAX_PASSWORD;
        }
      at = next;
    }
  return FALSE;
}

/* Closes @fd. NULL with errno. To be erased. */
static guint8 *
read_all (int fd, gsize size, gsize *ret_len)
{
  guint8 *octets = g_malloc0 (size + 1);
  gsize len = 0;
  gssize n;

  do
    {
      n = read (fd, octets + len, size - len);
      len += n > 0 ? (gsize) n : 0;
    }
  while (n > 0 || (n < 0 && errno == EINTR));
  close (fd);
  *ret_len = len;
  if (n == 0)
    return octets;
  explicit_bzero (octets, len);
  g_free (octets);
  return NULL;
}

static void
answer_user (int fd, const Question *question, const guint8 *octets, gsize len)
{
  ChannelMsg msg = { .type = CHANNEL_SECRET, .fd = -1 };

  if (!question->name)
    msg.type = CHANNEL_DONE;
  else if (!server_find_user ((ChannelBlob){ octets, len }, question->name, &msg.secret.octets))
    {
      worker_fail (fd, CHANNEL_ERROR_NOT_FOUND, 0, "There is no such user");
      return;
    }
  (void) channel_send (fd, &msg);
}

static void
user_child (int fd, gpointer data)
{
  const Question *question = data;
  const char *path = question->server->users, *complaint = NULL;
  struct stat st = { 0 };
  guint8 *octets;
  gsize len = 0;
  int file;

  if (!privileges_become_user (question->server->file_user))
    {
      worker_fail (fd, CHANNEL_ERROR_BAD_FILE, errno, "%s cannot be read as user \"%s\"", path,
                   question->server->file_user);
      return;
    }
  file = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (file < 0 || fstat (file, &st) < 0 || (complaint = files_secret_complaint (&st)) != NULL)
    {
      worker_fail (fd, CHANNEL_ERROR_BAD_FILE, errno, "users: %s cannot be used: %s", path,
                   complaint ? complaint : g_strerror (errno));
      return;
    }
  octets = read_all (file, (gsize) st.st_size, &len);
  if (!octets)
    {
      worker_fail (fd, CHANNEL_ERROR_BAD_FILE, errno, "users: %s cannot be read: %s", path, g_strerror (errno));
      return;
    }
  answer_user (fd, question, octets, len);
  explicit_bzero (octets, len);
  g_free (octets);
}

static Worker *
ask (const Question *question, WorkerMain main, gboolean pam, WorkerFunc func, gpointer data)
{
  const WorkerSpec spec = {
    .name = pam ? "nm-ipsec-pam" : "nm-ipsec-users",
    .main = main,
    .main_data = (gpointer) question,
    .seconds = SECONDS,
    .programs = pam,
  };

  return worker_start (&spec, func, data);
}

Worker *
server_ask_user (const Server *server, const char *name, WorkerFunc func, gpointer data)
{
  const Question question = { .server = server, .name = name };

  return ask (&question, user_child, FALSE, func, data);
}

Worker *
server_check (const Server *server, WorkerFunc func, gpointer data)
{
  const Question question = { .server = server };

  return ask (&question, user_child, FALSE, func, data);
}

/* ---- PAM: is the account good? Nobody is authenticated here, IKE has done that. ---- */

static int
no_conversation (int n, const struct pam_message **messages, struct pam_response **responses, void *data)
{
  return PAM_CONV_ERR;
}

/* Loaded only here: few servers want it, and no client. */
typedef struct {
  int (*start) (const char *, const char *, const struct pam_conv *, pam_handle_t **);
  int (*set_item) (pam_handle_t *, int, const void *);
  int (*acct_mgmt) (pam_handle_t *, int);
  int (*end) (pam_handle_t *, int);
  const char *(*text) (pam_handle_t *, int);
} Pam;

static gboolean
load_pam (Pam *ret)
{
  void *library = dlopen ("libpam.so.0", RTLD_NOW);

  if (!library)
    return FALSE;
  *(void **) &ret->start = dlsym (library, "pam_start");
  *(void **) &ret->set_item = dlsym (library, "pam_set_item");
  *(void **) &ret->acct_mgmt = dlsym (library, "pam_acct_mgmt");
  *(void **) &ret->end = dlsym (library, "pam_end");
  *(void **) &ret->text = dlsym (library, "pam_strerror");
  return ret->start && ret->set_item && ret->acct_mgmt && ret->end && ret->text;
}

static void
pam_child (int fd, gpointer data)
{
  const Question *question = data;
  const struct pam_conv conversation = { .conv = no_conversation };
  const ChannelMsg done = { .type = CHANNEL_DONE, .fd = -1 };
  pam_handle_t *handle = NULL;
  Pam pam = { 0 };
  int r;

  if (!privileges_become_user ("") || !load_pam (&pam))
    {
      worker_fail (fd, CHANNEL_ERROR_DENIED, 0, "PAM cannot be asked: the library libpam is missing");
      return;
    }
  r = pam.start (question->server->pam, question->name, &conversation, &handle);
  if (r == PAM_SUCCESS)
    r = pam.set_item (handle, PAM_RHOST, question->host);
  if (r == PAM_SUCCESS)
    r = pam.acct_mgmt (handle, PAM_SILENT);
  if (r == PAM_SUCCESS)
    (void) channel_send (fd, &done);
  else
    worker_fail (fd, CHANNEL_ERROR_DENIED, r, "PAM service \"%s\": %s", question->server->pam, pam.text (handle, r));
  if (handle)
    (void) pam.end (handle, r);
}

Worker *
server_ask_pam (const Server *server, const char *name, const char *host, WorkerFunc func, gpointer data)
{
  const Question question = { .server = server, .name = name, .host = host };

  return ask (&question, pam_child, TRUE, func, data);
}

/* ---- what is kept ---- */

static char *
state_path (const char *dir, const char *uuid)
{
  if (!*uuid || strspn (uuid, "0123456789abcdefABCDEF-") != strlen (uuid))
    return NULL;
  return g_build_filename (dir, uuid, NULL);
}

gboolean
server_state_save (const char *dir, const char *uuid, ChannelBlob state)
{
  g_autofree char *path = state_path (dir, uuid);
  g_autofree char *fresh = path ? g_strconcat (path, ".new", NULL) : NULL;
  gsize written = 0;
  gssize n = 1;
  int fd;

  if (!path || (mkdir (dir, 0700) < 0 && errno != EEXIST))
    return FALSE;
  (void) unlink (fresh); /* of a helper that died here */
  fd = open (fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return FALSE;
  while (n > 0 && written < state.len)
    {
      n = write (fd, state.data + written, state.len - written);
      written += n > 0 ? (gsize) n : 0;
    }
  close (fd);
  if (written == state.len && rename (fresh, path) == 0)
    return TRUE;
  (void) unlink (fresh);
  return FALSE;
}

GBytes *
server_state_load (const char *dir, const char *uuid)
{
  g_autofree char *path = state_path (dir, uuid);
  int fd = path ? open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
  struct stat st;
  guint8 *octets;
  gsize len;

  if (fd < 0)
    return NULL;
  if (fstat (fd, &st) < 0 || !S_ISREG (st.st_mode) || st.st_size > CHANNEL_MAX_STATE)
    {
      close (fd);
      return NULL;
    }
  octets = read_all (fd, (gsize) st.st_size, &len);
  return octets ? g_bytes_new_take (octets, len) : NULL;
}
