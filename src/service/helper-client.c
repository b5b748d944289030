/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pending call per serial; the helper answers each once. What cannot be sent at once waits in a queue, in order.
 *
 * Invariant: a function that was given is called exactly once, from the main loop.
 */
#include "helper-client.h"

#include "helper-requests.h"

#include "channel-msg.h"
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

typedef struct {
  ChannelType expected; /* the answer's type when it is not FAILED */
  GCallback func;
  gpointer data;
} Call;

struct _HelperClient {
  int fd; /* -1: gone */
  guint read_source, write_source;
  guint32 last_serial;
  GHashTable *calls; /* serial -> Call */
  GQueue waiting;    /* ChannelBuffer: sent when the socket takes it */
  GQueue stillborn;  /* Call: made after the helper was gone */
  guint stillborn_source;
  void (*gone) (gpointer data);
  gpointer gone_data;
  const HelperEvents *events;
  gpointer events_data;
  void (*link_gone) (gpointer data);
  gpointer link_data;
};

typedef struct {
  guint8 *data;
  gsize len;
} ChannelBuffer;

G_DEFINE_QUARK (helper-credential-error-quark, helper_credential_error)

/* ---- answers ---- */

static IkeAddress
address_from_channel (const ChannelAddress *address)
{
  IkeAddress ret = { .family = address->family };

  memcpy (ret.bytes, address->bytes, sizeof ret.bytes);
  return ret;
}

static IkeEndpoint
endpoint_from_channel (const ChannelEndpoint *endpoint)
{
  return (IkeEndpoint) { address_from_channel (&endpoint->address), endpoint->port };
}

static void
answer_resolved (Call *call, const ChannelMsg *msg, GError *error)
{
  IkeAddress addresses[CHANNEL_MAX_ADDRESSES];
  guint n = msg ? msg->resolved.n : 0;

  for (guint i = 0; i < n; i++)
    addresses[i] = address_from_channel (&msg->resolved.at[i]);
  ((HelperResolveFunc) call->func) (addresses, n, error, call->data);
}

static void
answer_linked (Call *call, const ChannelMsg *msg, GError *error)
{
  HelperLink link = { 0 };

  if (msg)
    {
      link.kind = (HelperLinkKind) msg->linked.kind;
      g_strlcpy (link.name, msg->linked.name, sizeof link.name);
      link.ifindex = msg->linked.ifindex;
      link.if_id = msg->linked.if_id;
      link.mark = msg->linked.mark;
    }
  ((HelperLinkFunc) call->func) (msg ? &link : NULL, error, call->data);
}

static void
answer_opened (Call *call, ChannelMsg *msg, GError *error)
{
  IkeEndpoint local = { 0 };
  int fd = -1;

  if (msg)
    {
      local = endpoint_from_channel (&msg->opened.local);
      fd = msg->fd;
      msg->fd = -1;
    }
  ((HelperSocketFunc) call->func) (fd, &local, error, call->data);
}

static void
answer_loaded (Call *call, const ChannelMsg *msg, GError *error)
{
  g_autoptr (GError) bad = NULL;
  HelperCredentials *credentials = msg ? helper_credentials_read (msg, &bad) : NULL;

  ((HelperCredentialsFunc) call->func) (credentials, error ? error : bad, call->data);
}

static void
answer_signed (Call *call, const ChannelMsg *msg, GError *error)
{
  g_autoptr (GBytes) signature = msg ? g_bytes_new (msg->signature.signature.data, msg->signature.signature.len) : NULL;

  ((HelperSignFunc) call->func) (signature, error, call->data);
}

static void
answer_password (Call *call, const ChannelMsg *msg, GError *error)
{
  IkeSecret *password = msg ? ike_secret_new_from (msg->secret.octets.data, msg->secret.octets.len) : NULL;
  gboolean unknown = g_error_matches (error, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_NOT_FOUND);

  ((HelperPasswordFunc) call->func) (password, unknown ? NULL : error, call->data);
}

static void
answer_tls (Call *call, const ChannelMsg *msg, GError *error)
{
  ((HelperTlsFunc) call->func) (msg ? helper_tls_read (msg) : NULL, error, call->data);
}

static void
answer_slice (Call *call, const ChannelMsg *msg, GError *error)
{
  IkeSecret *slice = msg ? ike_secret_new_from (msg->slice.octets.data, msg->slice.octets.len) : NULL;

  ((HelperSliceFunc) call->func) (slice, msg ? msg->slice.offset : 0, error, call->data);
}

/* The kernel's clock of last use is the wall clock; the engine's is the boot clock. */
static IkeTime
boottime_of (guint64 unix_seconds)
{
  struct timespec ts;

  if (!unix_seconds)
    return 0;
  clock_gettime (CLOCK_BOOTTIME, &ts);
  return ts.tv_sec * IKE_SECOND - (g_get_real_time () - (IkeTime) unix_seconds * IKE_SECOND);
}

static void
answer_kernel (Call *call, const ChannelMsg *msg, const ChannelMsg *failed, GError *error)
{
  HelperKernelFunc func = (HelperKernelFunc) call->func;
  HelperKernelAnswer answer = { 0 };

  if (!func)
    return;
  if (error)
    {
      int number = failed && failed->failed.code == CHANNEL_ERROR_KERNEL ? (int) failed->failed.number : EIO;

      answer.error = number ? number : EIO;
      answer.text = error->message;
    }
  else if (msg->type == CHANNEL_SPI)
    {
      answer.spi = msg->spi.spi;
      answer.cpi = (guint16) msg->spi.cpi;
      answer.aggfrag = msg->spi.iptfs;
      answer.cpus = (guint16) msg->spi.cpus;
    }
  else if (msg->type == CHANNEL_USAGE)
    {
      answer.bytes = msg->usage.bytes;
      answer.packets = msg->usage.packets;
      answer.last_use = boottime_of (msg->usage.last_use);
    }
  func (&answer, call->data);
}

/* Kernel requests answer DONE as others do; their calls are marked by this type of ours. */
#define CALL_KERNEL_DONE ((ChannelType) 0)

/* @msg: the answer, or FAILED, or NULL: the helper is gone. */
static void
call_answer (Call *call, ChannelMsg *msg)
{
  g_autoptr (GError) error = NULL;
  ChannelMsg *good = NULL;

  if (!msg)
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "The helper has ended");
  else if (msg->type == CHANNEL_FAILED)
    error = helper_error_read (msg);
  else
    good = msg;

  if (call->expected == CHANNEL_RESOLVED)
    answer_resolved (call, good, error);
  else if (call->expected == CHANNEL_LINKED)
    answer_linked (call, good, error);
  else if (call->expected == CHANNEL_OPENED)
    answer_opened (call, good, error);
  else if (call->expected == CHANNEL_LOADED)
    answer_loaded (call, good, error);
  else if (call->expected == CHANNEL_SIGNED)
    answer_signed (call, good, error);
  else if (call->expected == CHANNEL_TLS_DONE)
    answer_tls (call, good, error);
  else if (call->expected == CHANNEL_READ)
    helper_fetched_answer (good, error, (HelperFetchFunc) call->func, call->data);
  else if (call->expected == CHANNEL_RECALLED)
    ((HelperRecallFunc) call->func) (good ? good->memory.value : 0, call->data);
  else if (call->expected == CHANNEL_SECRET)
    answer_password (call, good, error);
  else if (call->expected == CHANNEL_SLICE)
    answer_slice (call, good, error);
  else if (call->expected == CHANNEL_STATE)
    ((HelperStateFunc) call->func) (good ? (const char *) good->secret.octets.data : "",
                                    good ? good->secret.octets.len : 0, call->data);
  else if (call->expected == CHANNEL_DONE)
    ((HelperDoneFunc) call->func) (error, call->data);
  else
    answer_kernel (call, good, msg, error);
}

static gboolean
call_fits (const Call *call, const ChannelMsg *msg)
{
  ChannelType expected = call->expected == CALL_KERNEL_DONE ? CHANNEL_DONE : call->expected;

  return msg->type == CHANNEL_FAILED || msg->type == expected;
}

/* ---- the socket ---- */

static void
buffer_free (gpointer data)
{
  ChannelBuffer *buffer = data;

  channel_buffer_free (buffer->data, buffer->len);
  g_free (buffer);
}

static void
client_gone (HelperClient *self)
{
  g_autoptr (GHashTable) calls = NULL;
  GHashTableIter iter;
  gpointer call;

  if (self->fd < 0)
    return;
  calls = g_steal_pointer (&self->calls);
  close (self->fd);
  self->fd = -1;
  g_clear_handle_id (&self->read_source, g_source_remove);
  g_clear_handle_id (&self->write_source, g_source_remove);
  g_queue_clear_full (&self->waiting, buffer_free);
  self->calls = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_iter_init (&iter, calls);
  while (g_hash_table_iter_next (&iter, NULL, &call))
    call_answer (call, NULL);
  if (self->gone)
    self->gone (self->gone_data);
}

/* FALSE: the helper talks nonsense. */
static gboolean
client_event (HelperClient *self, const ChannelMsg *msg)
{
  IkeAddress local, remote;
  IkeEndpoint peer;

  if (msg->type == CHANNEL_EXPIRE && self->events)
    {
      remote = address_from_channel (&msg->expire.dst);
      self->events->expire (msg->expire.spi, &remote, msg->expire.hard, self->events_data);
    }
  else if (msg->type == CHANNEL_MAPPING && self->events)
    {
      peer = endpoint_from_channel (&msg->mapping.peer);
      self->events->mapping (msg->mapping.spi, &peer, self->events_data);
    }
  else if (msg->type == CHANNEL_ACQUIRE && self->events)
    {
      local = address_from_channel (&msg->acquire.local.first);
      remote = address_from_channel (&msg->acquire.remote.first);
      self->events->acquire (&local, &remote, self->events_data);
    }
  else if (msg->type == CHANNEL_LINK_GONE && self->link_gone)
    self->link_gone (self->link_data);
  return msg->type >= CHANNEL_EXPIRE;
}

static gboolean
client_dispatch (HelperClient *self, ChannelMsg *msg)
{
  g_autofree Call *call = NULL;
  gpointer key, value;

  if (!msg->serial)
    return client_event (self, msg);
  if (!g_hash_table_steal_extended (self->calls, GUINT_TO_POINTER (msg->serial), &key, &value))
    return FALSE;
  call = value;
  if (!call_fits (call, msg))
    {
      call_answer (call, NULL);
      return FALSE;
    }
  call_answer (call, msg);
  return TRUE;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  HelperClient *self = data;

  for (;;)
    {
      g_autoptr (ChannelMsg) msg = NULL;
      int error = channel_receive (fd, &msg);

      if (error == EAGAIN)
        return G_SOURCE_CONTINUE;
      if (error || !client_dispatch (self, msg))
        {
          self->read_source = 0;
          client_gone (self);
          return G_SOURCE_REMOVE;
        }
      if (self->fd < 0)
        return G_SOURCE_REMOVE;
    }
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer data)
{
  HelperClient *self = data;
  ChannelBuffer *buffer;

  while ((buffer = g_queue_peek_head (&self->waiting)))
    {
      if (send (fd, buffer->data, buffer->len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EAGAIN)
        return G_SOURCE_CONTINUE;
      /* any other error shows itself to the reader as end of file */
      buffer_free (g_queue_pop_head (&self->waiting));
    }
  self->write_source = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
on_stillborn (gpointer data)
{
  HelperClient *self = data;
  Call *call;

  self->stillborn_source = 0;
  while ((call = g_queue_pop_head (&self->stillborn)))
    {
      call_answer (call, NULL);
      g_free (call);
    }
  return G_SOURCE_REMOVE;
}

/* TRUE: on its way, or waiting. */
static gboolean
client_send (HelperClient *self, const ChannelMsg *msg)
{
  ChannelBuffer *buffer;
  int error;

  if (self->fd < 0)
    return FALSE;
  if (g_queue_is_empty (&self->waiting))
    {
      error = channel_send (self->fd, msg);
      if (error != EAGAIN)
        return error == 0;
    }
  buffer = g_new0 (ChannelBuffer, 1);
  buffer->data = channel_msg_encode (msg, &buffer->len);
  if (!buffer->data)
    {
      g_free (buffer);
      return FALSE;
    }
  g_queue_push_tail (&self->waiting, buffer);
  if (!self->write_source)
    self->write_source = watch_add (self->fd, G_IO_OUT, on_writable, self);
  return TRUE;
}

static void
client_call (HelperClient *self, ChannelMsg *msg, ChannelType expected, GCallback func, gpointer data)
{
  Call *call = g_new0 (Call, 1);

  call->expected = expected;
  call->func = func;
  call->data = data;
  msg->fd = -1;
  msg->serial = ++self->last_serial ? self->last_serial : ++self->last_serial;
  if (client_send (self, msg))
    g_hash_table_insert (self->calls, GUINT_TO_POINTER (msg->serial), call);
  else
    {
      g_queue_push_tail (&self->stillborn, call);
      if (!self->stillborn_source)
        self->stillborn_source = g_idle_add_full (G_PRIORITY_DEFAULT, on_stillborn, self, NULL);
    }
}

/* ---- life ---- */

/* 0 or an errno. What posix_spawn() does, without its two calls for each signal there is: no signal has a handler yet. */
static int
run (const char *program, int channel)
{
  char *argv[] = { (char *) program, NULL };
  volatile int failed = 0; /* the child borrows our memory */
  pid_t pid = vfork ();

  if (pid == 0)
    {
      if (channel == CHANNEL_FD ? fcntl (channel, F_SETFD, 0) == 0 : dup2 (channel, CHANNEL_FD) >= 0)
        execve (program, argv, environ);
      failed = errno;
      _exit (127);
    }
  return pid < 0 ? errno : failed;
}

HelperClient *
helper_client_spawn (const char *program, GError **error)
{
  HelperClient *self;
  int fds[2], r;

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "socketpair: %s", g_strerror (errno));
      return NULL;
    }
  r = run (program, fds[1]);
  close (fds[1]);
  if (r)
    {
      close (fds[0]);
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (r), "The helper %s cannot be started: %s", program,
                   g_strerror (r));
      return NULL;
    }
  self = g_new0 (HelperClient, 1);
  self->fd = fds[0];
  self->calls = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_queue_init (&self->waiting);
  g_queue_init (&self->stillborn);
  g_unix_set_fd_nonblocking (self->fd, TRUE, NULL);
  return self;
}

void
helper_client_free (HelperClient *self)
{
  Call *call;

  if (!self)
    return;
  /* the helper sees the end of the channel, removes all that it made, and exits */
  self->gone = NULL;
  client_gone (self);
  g_clear_handle_id (&self->stillborn_source, g_source_remove);
  while ((call = g_queue_pop_head (&self->stillborn)))
    {
      call_answer (call, NULL);
      g_free (call);
    }
  g_hash_table_unref (self->calls);
  g_free (self);
}

void
helper_client_attach (HelperClient *self, void (*gone) (gpointer data), gpointer data)
{
  self->gone = gone;
  self->gone_data = data;
  self->read_source = watch_add (self->fd, G_IO_IN | G_IO_HUP, on_readable, self);
}

void
helper_client_watch (HelperClient *self, const HelperEvents *events, gpointer data)
{
  self->events = events;
  self->events_data = data;
}

void
helper_client_watch_link (HelperClient *self, void (*gone) (gpointer data), gpointer data)
{
  self->link_gone = gone;
  self->link_data = data;
}

/* ---- requests ---- */

void
helper_client_begin (HelperClient *self, const char *uuid, gboolean guarded, HelperDoneFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_BEGIN, .begin = { uuid, guarded != FALSE } };

  client_call (self, &msg, CHANNEL_DONE, G_CALLBACK (func), data);
}

void
helper_request_call (HelperClient *self, ChannelMsg *msg, HelperDoneFunc func, gpointer data)
{
  client_call (self, msg, func ? CHANNEL_DONE : CALL_KERNEL_DONE, G_CALLBACK (func), data);
}

void
helper_client_resolve (HelperClient *self, const char *host, HelperResolveFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_RESOLVE, .resolve = { host, 0 } };

  client_call (self, &msg, CHANNEL_RESOLVED, G_CALLBACK (func), data);
}

void
helper_client_addresses (HelperClient *self, const GArray *inside, HelperResolveFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_ADDRESSES };

  helper_request_addresses (&msg, inside);
  client_call (self, &msg, CHANNEL_RESOLVED, G_CALLBACK (func), data);
}

void
helper_client_link (HelperClient *self, const HelperLinkWish *wish, HelperLinkFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_LINK, .link = { .kind = (guint8) wish->kind, .name = wish->name } };

  msg.link.family = wish->family;
  msg.link.dscp = (guint8) ((wish->dscp_not_out ? CHANNEL_DSCP_NOT_OUT : 0) | (wish->dscp_in ? CHANNEL_DSCP_IN : 0));
  msg.link.offload = wish->offload;
  msg.link.if_id = wish->if_id;
  msg.link.mark = wish->mark;
  msg.link.mark_mask = wish->mark_mask;
  client_call (self, &msg, CHANNEL_LINKED, G_CALLBACK (func), data);
}

void
helper_client_socket (HelperClient *self, const IkePath *path, HelperSocketFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_SOCKET };

  helper_request_socket (&msg, path);
  client_call (self, &msg, CHANNEL_OPENED, G_CALLBACK (func), data);
}

void
helper_client_credentials (HelperClient *self, const HelperCredentialSpec *spec, HelperCredentialsFunc func,
                           gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_CREDENTIALS };

  helper_request_credentials (&msg, spec);
  client_call (self, &msg, CHANNEL_LOADED, G_CALLBACK (func), data);
}

void
helper_client_sign (HelperClient *self, guint32 key, const struct _IkeSigScheme *scheme, GBytes *octets,
                    HelperSignFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_SIGN };

  helper_request_sign (&msg, key, scheme, octets);
  client_call (self, &msg, CHANNEL_SIGNED, G_CALLBACK (func), data);
}

void
helper_client_tls (HelperClient *self, const HelperTlsRequest *request, HelperTlsFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_TLS };

  helper_request_tls (&msg, request);
  client_call (self, &msg, CHANNEL_TLS_DONE, G_CALLBACK (func), data);
}

void
helper_client_fetch (HelperClient *self, const char *url, GBytes *body, guint32 ifindex, HelperFetchFunc func,
                     gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_FETCH };

  helper_request_fetch (&msg, url, body, ifindex);
  client_call (self, &msg, CHANNEL_READ, G_CALLBACK (func), data);
}

void
helper_client_kernel (HelperClient *self, const IkeKernelRequest *request, HelperKernelFunc func, gpointer data)
{
  ChannelType expected[] = {
    [IKE_KERNEL_ALLOC_SPI] = CHANNEL_SPI,   [IKE_KERNEL_INSTALL] = CALL_KERNEL_DONE,
    [IKE_KERNEL_UPDATE] = CALL_KERNEL_DONE, [IKE_KERNEL_DELETE] = CALL_KERNEL_DONE,
    [IKE_KERNEL_QUERY] = CHANNEL_USAGE,
  };
  g_autofree ChannelMsg *msg = g_new0 (ChannelMsg, 1);

  helper_request_kernel (msg, request);
  client_call (self, msg, expected[request->op], G_CALLBACK (func), data);
}

void
helper_client_recall (HelperClient *self, const char *name, HelperRecallFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_RECALL, .memory = { name, 0 } };

  client_call (self, &msg, CHANNEL_RECALLED, G_CALLBACK (func), data);
}

/* Whether it worked concerns nobody. */
void
helper_client_remember (HelperClient *self, const char *name, guint value)
{
  ChannelMsg msg = { .type = CHANNEL_REMEMBER, .memory = { name, value } };

  client_call (self, &msg, CALL_KERNEL_DONE, NULL, NULL);
}

void
helper_client_pin (HelperClient *self, const IkeAddress *gateway, guint32 ifindex, HelperDoneFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_PIN, .pin = { helper_request_address (gateway), ifindex } };

  helper_request_call (self, &msg, func, data);
}

void
helper_client_user (HelperClient *self, const char *name, HelperPasswordFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_USER, .client = { name, "" } };

  client_call (self, &msg, CHANNEL_SECRET, G_CALLBACK (func), data);
}

void
helper_client_load_state (HelperClient *self, HelperStateFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_STATE_LOAD };

  client_call (self, &msg, CHANNEL_STATE, G_CALLBACK (func), data);
}

/* Whether it worked concerns nobody. */
void
helper_client_save_state (HelperClient *self, const char *state, gsize len)
{
  ChannelMsg msg = { .type = CHANNEL_STATE_SAVE, .secret = { { (const guint8 *) state, len } } };

  client_call (self, &msg, CALL_KERNEL_DONE, NULL, NULL);
}

void
helper_client_take_slice (HelperClient *self, ChannelPadWhich which, guint64 offset, HelperSliceFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_PAD_TAKE, .pad_take = { (guint8) which, offset } };

  client_call (self, &msg, CHANNEL_SLICE, G_CALLBACK (func), data);
}

void
helper_client_end (HelperClient *self, HelperDoneFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_END };

  client_call (self, &msg, CHANNEL_DONE, G_CALLBACK (func), data);
}
