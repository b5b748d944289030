/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading: the files first, all at once, each by its own child and user (files.c); then certificate and key go to the
 * child that parses them. The file of CAs goes to the service as it is. Descriptors are handed on; no octet of a user's
 * file is looked at in this process.
 */
#include "keys.h"

#include "files.h"
#include "keys-child.h"
#include "worker.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_CERTIFICATE, FILE_KEY, FILE_CA, N_FILES };

typedef struct _Request Request;

typedef struct {
  Request *request;
  guint which;
} Reading;

struct _Request {
  Keys *keys;
  KeysFunc func;
  gpointer data;
  ChannelMsg *request; /* CREDENTIALS: with the password, erased with it */
  Worker *readers[N_FILES];
  Reading reading[N_FILES];
  int files[N_FILES];
  int items;
  ChannelMsg *failed; /* what the first file that could not be read said */
};

struct _Keys {
  Worker *child;
  GQueue loading; /* Request: files are being read */
  GQueue asked; /* Request: the child works on them, in order */
};

static Request *
request_new (Keys *keys, KeysFunc func, gpointer data)
{
  Request *r = g_new0 (Request, 1);

  r->keys = keys;
  r->func = func;
  r->data = data;
  for (guint i = 0; i < N_FILES; i++)
    r->files[i] = -1;
  r->items = -1;
  return r;
}

static void
request_free (Request *r)
{
  for (guint i = 0; i < N_FILES; i++)
    {
      worker_stop (r->readers[i]);
      if (r->files[i] >= 0)
        close (r->files[i]);
    }
  if (r->items >= 0)
    close (r->items);
  channel_msg_free (r->request);
  channel_msg_free (r->failed);
  g_free (r);
}

static void
request_finish (Request *r, const ChannelMsg *answer)
{
  g_queue_remove (&r->keys->loading, r);
  r->func (answer, r->data);
  request_free (r);
}

static void
request_fail (Request *r, ChannelError code, const char *text)
{
  const ChannelMsg answer = { .type = CHANNEL_FAILED, .fd = -1, .failed = { .code = (guint8) code, .text = text } };

  request_finish (r, &answer);
}

/* ---- the child ---- */

/* Certificates are there, by the child; now the CAs, and nobody writes any more. */
static gboolean
items_complete (Request *r)
{
  struct stat st;
  gpointer map;
  int e;

  if (r->files[FILE_CA] >= 0)
    {
      if (fstat (r->files[FILE_CA], &st) < 0)
        return FALSE;
      map = mmap (NULL, (gsize) st.st_size, PROT_READ, MAP_PRIVATE, r->files[FILE_CA], 0);
      if (map == MAP_FAILED)
        return FALSE;
      e = channel_items_append (r->items, CHANNEL_ITEM_CA_FILE, map, (gsize) st.st_size);
      munmap (map, (gsize) st.st_size);
      if (e)
        return FALSE;
    }
  return files_seal (r->items) == 0;
}

static void
request_loaded (Request *r, const ChannelMsg *loaded)
{
  ChannelMsg answer = { .type = CHANNEL_LOADED, .fd = r->items };

  if (loaded)
    answer.loaded = loaded->loaded;
  if (items_complete (r))
    request_finish (r, &answer);
  else
    request_fail (r, CHANNEL_ERROR_BAD_FILE, "The certificates cannot be passed on");
}

static void
on_child (Worker *worker, ChannelMsg *take_msg, gpointer data)
{
  g_autoptr (ChannelMsg) msg = take_msg;
  Keys *keys = data;
  Request *r;

  if (!msg)
    keys->child = NULL;
  while ((r = g_queue_pop_head (&keys->asked)))
    {
      if (!msg)
        request_fail (r, CHANNEL_ERROR_SIGN, "The process that holds the private key has ended");
      else if (msg->type == CHANNEL_LOADED && r->request)
        request_loaded (r, msg);
      else if (msg->type == CHANNEL_FAILED || (msg->type == CHANNEL_SIGNED && !r->request))
        request_finish (r, msg);
      else
        request_fail (r, CHANNEL_ERROR_INVALID, "The process that holds the private key talks nonsense");
      if (msg)
        break;
    }
}

static int
child_send (Keys *keys, const ChannelMsg *msg)
{
  const WorkerSpec spec = { .name = "nm-ipsec-keys", .main = keys_child_main };

  if (!keys->child)
    keys->child = worker_start (&spec, on_child, keys);
  return keys->child ? worker_send (keys->child, msg) : errno;
}

static int
child_send_file (Keys *keys, guint what, int fd)
{
  const ChannelMsg msg = { .type = CHANNEL_READ, .serial = what, .fd = fd };

  return fd >= 0 ? child_send (keys, &msg) : 0;
}

static void
ask_child (Request *r)
{
  Keys *keys = r->keys;
  int e = child_send_file (keys, KEYS_CERTIFICATE, r->files[FILE_CERTIFICATE]);

  if (!e)
    e = child_send_file (keys, KEYS_PRIVATE_KEY, r->files[FILE_KEY]);
  if (!e)
    e = child_send_file (keys, KEYS_ITEMS, r->items);
  if (!e)
    e = child_send (keys, r->request);
  if (e)
    {
      request_fail (r, CHANNEL_ERROR_BAD_FILE, g_strerror (e));
      return;
    }
  g_queue_remove (&keys->loading, r);
  g_queue_push_tail (&keys->asked, r);
}

/* ---- files ---- */

static const char *
file_path (const Request *r, guint which)
{
  const ChannelCredentials *c = &r->request->credentials;

  if (which == FILE_CERTIFICATE)
    return c->certificate;
  if (which == FILE_CA)
    return c->ca;
  /* the same file again: NSS looks for the key beside the certificate */
  return strcmp (c->private_key, c->certificate) == 0 ? "" : c->private_key;
}

static void
files_complete (Request *r)
{
  for (guint i = 0; i < N_FILES; i++)
    if (r->readers[i])
      return;
  if (r->failed)
    {
      request_finish (r, r->failed);
      return;
    }
  r->items = memfd_create ("nm-ipsec", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (r->items < 0)
    request_fail (r, CHANNEL_ERROR_BAD_FILE, g_strerror (errno));
  else if (r->files[FILE_CERTIFICATE] >= 0 || r->files[FILE_KEY] >= 0)
    ask_child (r);
  else
    request_loaded (r, NULL);
}

static ChannelMsg *
lost_message (const char *path)
{
  g_autofree char *text = files_lost (path);
  const ChannelMsg lost = { .type = CHANNEL_FAILED,
                            .fd = -1,
                            .failed = { .code = CHANNEL_ERROR_NOT_FOUND, .text = text } };
  gsize len = 0;
  guint8 *buffer = channel_msg_encode (&lost, &len);
  ChannelMsg *msg = buffer ? channel_msg_decode (buffer, len) : NULL;

  channel_buffer_free (buffer, len);
  return msg;
}

static void
on_file (Worker *worker, ChannelMsg *take_msg, gpointer data)
{
  const Reading *reading = data;
  g_autoptr (ChannelMsg) msg = take_msg;
  Request *r = reading->request;

  /* one answer is enough: its end is no news */
  r->readers[reading->which] = NULL;
  if (msg)
    worker_stop (worker);
  if (msg && msg->type == CHANNEL_READ && files_is_sealed (msg->fd))
    r->files[reading->which] = g_steal_fd (&msg->fd);
  else if (!r->failed)
    r->failed =
        msg && msg->type == CHANNEL_FAILED ? g_steal_pointer (&msg) : lost_message (file_path (r, reading->which));
  files_complete (r);
}

void
keys_load (Keys *keys, ChannelMsg *take_request, KeysFunc func, gpointer data)
{
  Request *r = request_new (keys, func, data);
  gboolean started = TRUE;

  r->request = take_request;
  g_queue_push_tail (&keys->loading, r);
  for (guint i = 0; i < N_FILES && started; i++)
    {
      if (!*file_path (r, i))
        continue;
      r->reading[i].request = r;
      r->reading[i].which = i;
      r->readers[i] =
          files_read (file_path (r, i), r->request->credentials.user, i == FILE_CA, on_file, &r->reading[i]);
      started = r->readers[i] != NULL;
    }
  if (!started)
    request_fail (r, CHANNEL_ERROR_NOT_FOUND, g_strerror (errno));
  else
    files_complete (r);
}

void
keys_sign (Keys *keys, const ChannelMsg *request, KeysFunc func, gpointer data)
{
  Request *r = request_new (keys, func, data);

  if (!keys->child)
    {
      request_fail (r, CHANNEL_ERROR_INVALID, "No private key is loaded");
      return;
    }
  if (child_send (keys, request) != 0)
    {
      request_fail (r, CHANNEL_ERROR_SIGN, "The process that holds the private key does not listen");
      return;
    }
  g_queue_push_tail (&keys->asked, r);
}

Keys *
keys_new (void)
{
  Keys *keys = g_new0 (Keys, 1);

  g_queue_init (&keys->loading);
  g_queue_init (&keys->asked);
  return keys;
}

void
keys_free (Keys *keys)
{
  if (!keys)
    return;
  worker_stop (keys->child);
  g_queue_clear_full (&keys->loading, (GDestroyNotify) request_free);
  g_queue_clear_full (&keys->asked, (GDestroyNotify) request_free);
  g_free (keys);
}
