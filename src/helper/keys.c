/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading: the files first, all at once, each by its own child and user (files.c); then certificate and key go to the
 * child that parses them. The file of CAs goes to the service as it is. Descriptors are handed on; no octet of a user's
 * file is looked at in this process. What is named in the key store comes from a second child, which has that open, what
 * is on a token from a third, which has loaded the code for tokens.
 */
#include "keys.h"

#include "files.h"
#include "keys-child.h"
#include "keys-load.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_CERTIFICATE, FILE_KEY, FILE_CA, N_FILES };
enum { HOLD_FILES, HOLD_STORE, HOLD_TOKEN, N_HOLDERS };

/* In the handle of a key: whose it is. */
#define HOLDER_SHIFT 30

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
  ChannelType expected; /* the child's answer */
  Worker *readers[N_FILES];
  Reading reading[N_FILES];
  int files[N_FILES];
  int items;
  guint holders; /* 1 << HOLD_*: who is still to be asked */
  ChannelMsg loaded; /* what those who were asked have said together */
  ChannelMsg *failed; /* what the first file that could not be read said */
};

/* A child with private keys, started when it is first needed. */
typedef struct {
  Keys *keys;
  guint which;
  Worker *child;
  GQueue asked; /* Request: the child works on them, in order */
} Holder;

struct _Keys {
  Holder holders[N_HOLDERS];
  GQueue loading; /* Request: files are being read, or the next holder is being asked */
  char *user; /* of the child for tokens; NULL: it was not started */
  /* the last key that was loaded elsewhere than from files, and what came with it: for TLS */
  ChannelMsg elsewhere;
  guint32 told; /* of it the TLS client's child knows; 0: nothing */
  guint32 tls_key; /* the one that TLS was opened with */
};

static void ask_next (Request *r);
static void sign_for_tls (Keys *keys, const ChannelMsg *request);

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

/* What a TLS server says must not come near the key store, or a token: the TLS client of such a key only knows its
 * certificates, and asks for signatures. */
static void
keep_elsewhere (Keys *keys, const ChannelMsg *loaded)
{
  /* the CAs of an EAP server are loaded by themselves, without a key */
  if (loaded->loaded.key >> HOLDER_SHIFT == HOLD_FILES)
    return;
  if (keys->elsewhere.fd >= 0)
    close (keys->elsewhere.fd);
  keys->elsewhere.type = CHANNEL_LOADED;
  keys->elsewhere.loaded = loaded->loaded;
  keys->elsewhere.fd = fcntl (loaded->fd, F_DUPFD_CLOEXEC, 0);
}

static void
request_loaded (Request *r)
{
  ChannelMsg answer = { .type = CHANNEL_LOADED, .fd = r->items, .loaded = r->loaded.loaded };

  if (items_complete (r))
    {
      keep_elsewhere (r->keys, &answer);
      request_finish (r, &answer);
    }
  else
    request_fail (r, CHANNEL_ERROR_BAD_FILE, "The certificates cannot be passed on");
}

static void
on_loaded (Request *r, const ChannelMsg *loaded, guint which)
{
  if (loaded->loaded.key)
    {
      r->loaded.loaded = loaded->loaded;
      r->loaded.loaded.key |= which << HOLDER_SHIFT;
    }
  /* the next holder may have to be forked, and then what has a password must be found */
  g_queue_push_tail (&r->keys->loading, r);
  ask_next (r);
}

static void
on_child (Worker *worker, ChannelMsg *take_msg, gpointer data)
{
  g_autoptr (ChannelMsg) msg = take_msg;
  Holder *holder = data;
  Request *r;

  if (msg && msg->type == CHANNEL_SIGN && holder->which == HOLD_FILES)
    {
      sign_for_tls (holder->keys, msg);
      return;
    }
  if (!msg)
    holder->child = NULL;
  if (!msg && holder->which == HOLD_FILES)
    holder->keys->told = 0;
  while ((r = g_queue_pop_head (&holder->asked)))
    {
      if (!msg)
        request_fail (r, CHANNEL_ERROR_SIGN, "The process that holds the private key has ended");
      else if (msg->type == CHANNEL_LOADED && r->request && msg->loaded.key < 1u << HOLDER_SHIFT)
        on_loaded (r, msg, holder->which);
      else if (msg->type == CHANNEL_FAILED ||
               (msg->type == r->expected && !r->request && (msg->fd < 0 || files_is_sealed (msg->fd))))
        request_finish (r, msg);
      else
        request_fail (r, CHANNEL_ERROR_INVALID, "The process that holds the private key talks nonsense");
      if (msg)
        break;
    }
}

static void
erase_request (gpointer data, gpointer user)
{
  const ChannelMsg *request = ((Request *) data)->request;

  if (request)
    explicit_bzero (request->buffer, request->buffer_len);
}

/* The child lives as long as its keys: what the fork has brought along of the passwords does not. */
static void
child_main (int fd, gpointer data)
{
  static const WorkerMain mains[N_HOLDERS] = {
    [HOLD_FILES] = keys_load_main,
    [HOLD_STORE] = keys_load_main_store,
    [HOLD_TOKEN] = keys_load_main_token,
  };
  Holder *holder = data;

  g_queue_foreach (&holder->keys->loading, erase_request, NULL);
  for (guint i = 0; i < N_HOLDERS; i++)
    g_queue_foreach (&holder->keys->holders[i].asked, erase_request, NULL);
  mains[holder->which] (fd, holder->keys->user);
}

static int
child_send (Holder *holder, const ChannelMsg *msg)
{
  static const char *const names[N_HOLDERS] = {
    [HOLD_FILES] = "nm-ipsec-keys",
    [HOLD_STORE] = "nm-ipsec-store",
    [HOLD_TOKEN] = "nm-ipsec-token",
  };
  const WorkerSpec spec = { .name = names[holder->which], .main = child_main, .main_data = holder };

  if (!holder->child)
    holder->child = worker_start (&spec, on_child, holder);
  return holder->child ? worker_send (holder->child, msg) : errno;
}

static int
child_send_file (Holder *holder, guint what, int fd)
{
  const ChannelMsg msg = { .type = CHANNEL_READ, .serial = what, .fd = fd };

  return fd >= 0 ? child_send (holder, &msg) : 0;
}

/* The next who has something of it; when there is nobody left, the answer. */
static void
ask_next (Request *r)
{
  Keys *keys = r->keys;
  guint which = HOLD_FILES;
  Holder *holder;
  int e = 0;

  if (!r->holders)
    {
      request_loaded (r);
      return;
    }
  while (!(r->holders & 1u << which))
    which++;
  holder = &keys->holders[which];
  r->holders &= ~(1u << which);
  if (which == HOLD_FILES)
    e = child_send_file (holder, KEYS_CERTIFICATE, r->files[FILE_CERTIFICATE]);
  if (!e && which == HOLD_FILES)
    e = child_send_file (holder, KEYS_PRIVATE_KEY, r->files[FILE_KEY]);
  if (!e)
    e = child_send_file (holder, KEYS_ITEMS, r->items);
  if (!e)
    e = child_send (holder, r->request);
  if (e)
    {
      request_fail (r, CHANNEL_ERROR_BAD_FILE, g_strerror (e));
      return;
    }
  g_queue_remove (&keys->loading, r);
  g_queue_push_tail (&holder->asked, r);
}

/* ---- files ---- */

/* RFC 2397, with base64: the octets in a sealed memory file. -1 with errno. */
static int
data_open (const char *uri)
{
  const char *comma = strchr (uri, ',');
  g_autofree guint8 *octets = NULL;
  gsize len = 0;
  int fd, e;

  if (comma && comma - uri >= 7 && memcmp (comma - 7, ";base64", 7) == 0)
    octets = g_base64_decode (comma + 1, &len);
  if (len == 0)
    {
      errno = EINVAL;
      return -1;
    }
  fd = files_keep (octets, len);
  e = errno;
  explicit_bzero (octets, len);
  errno = e;
  return fd;
}

/* "": none, or it is not in a file. */
static const char *
file_path (const Request *r, guint which)
{
  const ChannelCredentials *c = &r->request->credentials;
  const char *const names[N_FILES] = { c->certificate, c->private_key, c->ca };

  /* the same file again: NSS looks for the key beside the certificate */
  if (!keys_in_file (names[which]) || (which == FILE_KEY && strcmp (c->private_key, c->certificate) == 0))
    return "";
  return names[which];
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
  else
    ask_next (r);
}

/* What makes no sense, or must not be; NULL: nothing. */
static const char *
complaint (const ChannelCredentials *c)
{
  gboolean certificate = keys_in_store (c->certificate), key = keys_in_store (c->private_key);

  if ((certificate && *c->private_key && !key) || (key && *c->certificate && !certificate))
    return "The certificate and its private key must both be in the key store, or neither of them";
  if (keys_on_token (c->certificate) && *c->private_key && !keys_on_token (c->private_key))
    return "The private key of a certificate on a token must be on a token, too";
  if (certificate && key && strcmp (c->private_key, c->certificate) != 0)
    return "The private key in the key store is the certificate's own: private-key is not needed beside it";
  /* the machine's keys prove that the machine's administrator wants this: not a connection that anybody may make */
  if ((certificate || key) && *c->user)
    return "The private keys of the key store are for connections of all users, and this one is private to one";
  return NULL;
}

static guint
holders_of (const ChannelCredentials *c)
{
  gboolean store = keys_in_store (c->certificate) || keys_in_store (c->private_key) || keys_in_store (c->ca);
  gboolean token = keys_on_token (c->certificate) || keys_on_token (c->private_key) || keys_on_token (c->ca);
  gboolean files = keys_in_file (c->certificate) || keys_in_file (c->private_key);

  return (files ? 1u << HOLD_FILES : 0) | (store ? 1u << HOLD_STORE : 0) | (token ? 1u << HOLD_TOKEN : 0);
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

/* FALSE with errno. */
static gboolean
start_reading (Request *r, guint which)
{
  const char *path = file_path (r, which);

  if (g_str_has_prefix (path, KEYS_DATA))
    {
      r->files[which] = data_open (path);
      return r->files[which] >= 0;
    }
  r->reading[which].request = r;
  r->reading[which].which = which;
  r->readers[which] = files_read (path, r->request->credentials.user, which == FILE_CA, on_file, &r->reading[which]);
  return r->readers[which] != NULL;
}

void
keys_load (Keys *keys, ChannelMsg *take_request, KeysFunc func, gpointer data)
{
  Request *r = request_new (keys, func, data);
  gboolean started = TRUE;

  r->request = take_request;
  r->holders = holders_of (&take_request->credentials);
  g_queue_push_tail (&keys->loading, r);
  if (!keys->user && r->holders & 1u << HOLD_TOKEN)
    keys->user = g_strdup (take_request->credentials.user);
  if (r->holders & 1u << HOLD_TOKEN && strcmp (keys->user, take_request->credentials.user) != 0)
    {
      request_fail (r, CHANNEL_ERROR_INVALID, "The tokens are in use for another user");
      return;
    }
  if (complaint (&take_request->credentials))
    {
      request_fail (r, CHANNEL_ERROR_BAD_FILE, complaint (&take_request->credentials));
      return;
    }
  for (guint i = 0; i < N_FILES && started; i++)
    started = !*file_path (r, i) || start_reading (r, i);
  if (!started)
    request_fail (r, CHANNEL_ERROR_NOT_FOUND, g_strerror (errno));
  else
    files_complete (r);
}

static void
ask (Keys *keys, guint which, const ChannelMsg *request, KeysFunc func, gpointer data)
{
  Request *r = request_new (keys, func, data);

  r->expected = request->type == CHANNEL_TLS ? CHANNEL_TLS_DONE : CHANNEL_SIGNED;
  if (which >= N_HOLDERS ||
      (!keys->holders[which].child && request->type != CHANNEL_TLS)) /* which may do without a key */
    request_fail (r, CHANNEL_ERROR_INVALID, "No private key is loaded");
  else if (child_send (&keys->holders[which], request) != 0)
    request_fail (r, CHANNEL_ERROR_SIGN, "The process that holds the private key does not listen");
  else
    g_queue_push_tail (&keys->holders[which].asked, r);
}

static void
ask_to_sign (Keys *keys, const ChannelMsg *request, guint32 key, KeysFunc func, gpointer data)
{
  ChannelMsg theirs = *request;

  theirs.sign.key = key & ((1u << HOLDER_SHIFT) - 1);
  ask (keys, key >> HOLDER_SHIFT, &theirs, func, data);
}

/* ---- TLS ---- */

static void
on_signed_for_tls (const ChannelMsg *answer, gpointer data)
{
  const Keys *keys = data;

  if (keys->holders[HOLD_FILES].child)
    (void) worker_send (keys->holders[HOLD_FILES].child, answer);
}

/* The child with the TLS client wants a signature of the key that TLS was opened with. */
static void
sign_for_tls (Keys *keys, const ChannelMsg *request)
{
  static const ChannelMsg no = { .type = CHANNEL_FAILED,
                                 .fd = -1,
                                 .failed = { .code = CHANNEL_ERROR_INVALID, .text = "This key is not for TLS" } };

  if (request->sign.digest && keys->tls_key >> HOLDER_SHIFT != HOLD_FILES)
    ask_to_sign (keys, request, keys->tls_key, on_signed_for_tls, keys);
  else
    on_signed_for_tls (&no, keys);
}

/* Once: the child has locked itself down when it is told again. FALSE: that key is not known. */
static gboolean
tell_elsewhere (Keys *keys, guint32 key)
{
  if (!keys->told && key == keys->elsewhere.loaded.key && keys->elsewhere.fd >= 0 &&
      child_send (&keys->holders[HOLD_FILES], &keys->elsewhere) == 0)
    keys->told = key;
  return key == keys->told;
}

static void
ask_tls (Keys *keys, const ChannelMsg *request, KeysFunc func, gpointer data)
{
  ChannelMsg theirs = *request;

  if (theirs.tls.op == CHANNEL_TLS_OPEN)
    keys->tls_key = theirs.tls.key;
  if (theirs.tls.key >> HOLDER_SHIFT != HOLD_FILES)
    {
      if (theirs.tls.op == CHANNEL_TLS_OPEN && !tell_elsewhere (keys, theirs.tls.key))
        {
          request_fail (request_new (keys, func, data), CHANNEL_ERROR_INVALID, "No private key is loaded");
          return;
        }
      theirs.tls.key = KEYS_ELSEWHERE;
    }
  ask (keys, HOLD_FILES, &theirs, func, data);
}

void
keys_ask (Keys *keys, const ChannelMsg *request, KeysFunc func, gpointer data)
{
  if (request->type == CHANNEL_TLS)
    ask_tls (keys, request, func, data);
  else if (request->sign.digest) /* the service has octets: it is to say what they are */
    request_fail (request_new (keys, func, data), CHANNEL_ERROR_INVALID, "A digest is signed for TLS only");
  else
    ask_to_sign (keys, request, request->sign.key, func, data);
}

Keys *
keys_new (void)
{
  Keys *keys = g_new0 (Keys, 1);

  keys->elsewhere.fd = -1;
  g_queue_init (&keys->loading);
  for (guint i = 0; i < N_HOLDERS; i++)
    {
      keys->holders[i].keys = keys;
      keys->holders[i].which = i;
      g_queue_init (&keys->holders[i].asked);
    }
  return keys;
}

void
keys_free (Keys *keys)
{
  if (!keys)
    return;
  for (guint i = 0; i < N_HOLDERS; i++)
    worker_stop (keys->holders[i].child);
  g_queue_clear_full (&keys->loading, (GDestroyNotify) request_free);
  for (guint i = 0; i < N_HOLDERS; i++)
    g_queue_clear_full (&keys->holders[i].asked, (GDestroyNotify) request_free);
  if (keys->elsewhere.fd >= 0)
    close (keys->elsewhere.fd);
  g_free (keys->user);
  g_free (keys);
}
