/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dispatch: kernel requests to the queue (kernel-queue.h), keys to the child that has them (keys.h), names and files to
 * children that end with the answer; sockets are made here. Whoever answers holds a ticket: the serial of the request.
 */
#include "session.h"

#include "addresses.h"
#include "fetch.h"
#include "kernel-queue.h"
#include "kernel/guard.h"
#include "kernel/sweep.h"
#include "keys.h"
#include "larval.h"
#include "memory.h"
#include "pad.h"
#include "privileges.h"
#include "reaper.h"
#include "resolve.h"
#include "server.h"
#include "tcp.h"
#include "tickets.h"
#include "udp.h"
#include "watch.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* When the kernel takes longer to remove everything, SIGALRM ends us, and the reaper goes on (reaper.h). */
#define END_SECONDS 1
/* It says which credentials there are when it begins; each may be three files, which are read at the same time. */
#define MAX_LOADING 8
/* SAs and policies: of all slots that a client has, and of more clients than a server has (IKE_CLIENTS_MAX). */
#define ROOM 65536u
#define ROOM_OF_SERVER (16u * 200000u)

struct _Session {
  int fd;
  guint watch;
  void (*ended) (gpointer data);
  gpointer ended_data;
  KernelQueue *kernel; /* NULL before PREPARE */
  Keys *keys;
  Server *server; /* NULL: we serve nobody */
  Pad *pad; /* NULL: none */
  char *uuid; /* NULL before BEGIN */
  gboolean over; /* END has come since BEGIN */
  gboolean listening; /* a socket has been made: the network may be heard */
  ChannelSelectors *except; /* what a kill switch lets pass, as it was said before that; NULL: there is none */
  GHashTable *named; /* char: checksums of the credentials that were named before */
  Tickets *tickets; /* requests that somebody else answers */
  gboolean ending;
};

/* ---- answers ---- */

static void
reply (Session *s, guint32 serial, const ChannelMsg *msg)
{
  g_autofree ChannelMsg *copy = NULL;
  int e;

  if (s->fd < 0)
    return;
  copy = g_memdup2 (msg, sizeof *msg);
  copy->serial = serial;
  e = channel_send (s->fd, copy);
  if (e && e != EPIPE)
    g_warning ("the service does not take an answer: %s", g_strerror (e));
  if (e)
    session_shut_down (s);
}

static void
reply_failed (Session *s, guint32 serial, ChannelError code, int number, const char *text)
{
  /* paths are octets, sentences are UTF-8 */
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  ChannelMsg msg = { .type = CHANNEL_FAILED, .fd = -1 };

  if (strlen (valid) > CHANNEL_MAX_TEXT)
    *(char *) g_utf8_find_prev_char (valid, valid + CHANNEL_MAX_TEXT) = 0;
  msg.failed.code = (guint8) code;
  msg.failed.number = (guint32) number;
  msg.failed.text = valid;
  g_debug ("failed: %s", valid);
  reply (s, serial, &msg);
}

/* An answer that somebody else has made: its sentence is checked again. */
static void
forward (Session *s, guint32 serial, const ChannelMsg *msg)
{
  if (msg->type == CHANNEL_FAILED)
    reply_failed (s, serial, msg->failed.code, (int) msg->failed.number, msg->failed.text);
  else
    reply (s, serial, msg);
}

/* ---- children ---- */

static Worker *
start_child (const ChannelMsg *request, Ticket *ticket, gpointer data)
{
  const Session *s = data;

  if (request->type == CHANNEL_RESOLVE)
    return resolve_start (request->resolve.host, request->resolve.family, ticket_on_worker, ticket);
  if (request->type == CHANNEL_FETCH)
    return fetch_start (request, ticket_on_worker, ticket);
  if (request->type == CHANNEL_SERVER)
    return server_check (s->server, ticket_on_worker, ticket);
  if (request->type == CHANNEL_USER)
    return server_ask_user (s->server, request->client.name, ticket_on_worker, ticket);
  if (request->type == CHANNEL_PAD || request->type == CHANNEL_PAD_TAKE)
    return pad_ask (s->pad, request, ticket_on_worker, ticket);
  return server_ask_pam (s->server, request->client.name, request->client.host, ticket_on_worker, ticket);
}

static void
resolve (Session *s, ChannelMsg *take_request)
{
  g_autoptr (ChannelMsg) request = take_request;
  ChannelMsg msg = { .type = CHANNEL_RESOLVED, .fd = -1 };

  if (resolve_numeric (request->resolve.host, request->resolve.family, &msg.resolved))
    reply (s, request->serial, &msg);
  else
    tickets_wait (s->tickets, g_steal_pointer (&request));
}

static void
fetch (Session *s, ChannelMsg *take_request)
{
  g_autoptr (ChannelMsg) request = take_request;

  if (tickets_count (s->tickets, CHANNEL_FETCH) < FETCH_MAX_AT_ONCE)
    tickets_wait (s->tickets, g_steal_pointer (&request));
  else
    reply_failed (s, request->serial, CHANNEL_ERROR_DENIED, 0, "Too much is fetched at the same time");
}

static void
find_addresses (Session *s, const ChannelMsg *request)
{
  ChannelMsg msg = { .type = CHANNEL_RESOLVED, .fd = -1 };

  if (addresses_find (&request->addresses.inside, &msg.resolved))
    reply (s, request->serial, &msg);
  else
    reply_failed (s, request->serial, CHANNEL_ERROR_KERNEL, errno, g_strerror (errno));
}

/* ---- sockets ---- */

static void
make_socket (Session *s, const ChannelMsg *request)
{
  const OuterWish wish = { request->socket.transport, request->socket.local, request->socket.remote };
  ChannelMsg msg = { .type = CHANNEL_OPENED };
  g_autofree char *text = NULL;

  if (outer_is_listener (&wish) && !s->server)
    {
      reply_failed (s, request->serial, CHANNEL_ERROR_INVALID, 0,
                    "Only a server or a mesh listens, and that it is one is said before");
      return;
    }
  msg.fd = wish.transport == CHANNEL_TCP ? tcp_open (&wish, &msg.opened.local, &text)
                                         : udp_open (&wish, &msg.opened.local, &text);
  if (msg.fd < 0)
    {
      reply_failed (s, request->serial, CHANNEL_ERROR_KERNEL, errno, text);
      return;
    }
  if (!s->listening && !server_has_pam (s->server))
    privileges_refuse_programs ();
  s->listening = TRUE;
  if (s->uuid)
    kernel_queue_set_outer (s->kernel, &msg.opened.local.address, &wish.remote.address);
  reply (s, request->serial, &msg);
  close (msg.fd); /* from now on only the service has it */
}

/* ---- a server's clients ---- */

static void
begin_server (Session *s, ChannelMsg *take_request)
{
  g_autoptr (ChannelMsg) request = take_request;
  const ChannelMsg done = { .type = CHANNEL_DONE, .fd = -1 };

  /* in a process that serves twice: the same again */
  if (s->server ? !server_is (s->server, request) : s->listening || !(s->server = server_new (request)))
    reply_failed (s, request->serial, CHANNEL_ERROR_INVALID, 0,
                  "What a server is is said once, before its sockets are made, and with names that can be");
  else if (*request->server.users)
    tickets_wait (s->tickets, g_steal_pointer (&request));
  else
    reply (s, request->serial, &done);
}

static void
keep_state (Session *s, const ChannelMsg *request)
{
  g_autoptr (GBytes) state = NULL;
  ChannelMsg msg = { .type = CHANNEL_DONE, .fd = -1 };

  if (request->type == CHANNEL_STATE_SAVE)
    server_state_save (SERVER_STATE_DIR, s->uuid, request->secret.octets);
  else
    {
      state = server_state_load (SERVER_STATE_DIR, s->uuid);
      msg.type = CHANNEL_STATE;
      if (state)
        msg.secret.octets.data = g_bytes_get_data (state, &msg.secret.octets.len);
    }
  reply (s, request->serial, &msg);
}

static void
ask_server (Session *s, ChannelMsg *take_request)
{
  g_autoptr (ChannelMsg) request = take_request;
  gboolean keeps = request->type == CHANNEL_STATE_LOAD || request->type == CHANNEL_STATE_SAVE;

  /* a peer has something to keep, too */
  if (!s->uuid || (!s->server && !keeps))
    reply_failed (s, request->serial, CHANNEL_ERROR_INVALID, 0, "This connection is no server");
  else if (keeps)
    keep_state (s, request);
  else
    tickets_wait (s->tickets, g_steal_pointer (&request));
}

/* ---- a one-time pad ---- */

static void
ask_pad (Session *s, ChannelMsg *take_request)
{
  g_autoptr (ChannelMsg) request = take_request;
  gboolean names = request->type == CHANNEL_PAD;

  /* in a process that serves twice: the same again */
  if (names && !s->pad && !s->listening)
    s->pad = pad_new (request);
  if (!s->pad || (names && !pad_is (s->pad, request)))
    reply_failed (s, request->serial, CHANNEL_ERROR_INVALID, 0,
                  "Which one-time pad it is is said once, before sockets are made, and with its absolute path");
  else
    tickets_wait (s->tickets, g_steal_pointer (&request));
}

/* What few connections need. */
static void
ask_special (Session *s, ChannelMsg *take_request)
{
  if (take_request->type == CHANNEL_SERVER)
    begin_server (s, take_request);
  else if (take_request->type == CHANNEL_PAD || take_request->type == CHANNEL_PAD_TAKE)
    ask_pad (s, take_request);
  else
    ask_server (s, take_request);
}

/* ---- keys ---- */

/* A service that the network has taken over must have no other key sign, and no other file read, than its connection's.
 * What opens them may be another: a password is asked for again. */
static gboolean
may_load (Session *s, const ChannelCredentials *c)
{
  const char *const names[] = { c->certificate, c->private_key, c->ca, c->user };
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256); /* they may be the octets of a key */

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_checksum_update (sum, (const guchar *) names[i], (gssize) strlen (names[i]) + 1);
  if (!s->listening)
    g_hash_table_add (s->named, g_strdup (g_checksum_get_string (sum)));
  return g_hash_table_contains (s->named, g_checksum_get_string (sum));
}

static void
on_keys (const ChannelMsg *answer, gpointer data)
{
  ticket_answer (data, answer);
}

static void
load_keys (Session *s, ChannelMsg *take_request)
{
  g_autoptr (ChannelMsg) request = take_request;
  Ticket *ticket;

  if (!may_load (s, &request->credentials))
    reply_failed (s, request->serial, CHANNEL_ERROR_INVALID, 0,
                  "Which certificates and keys there are is said before the first socket is made");
  else if (!worker_is_room () || tickets_count (s->tickets, CHANNEL_CREDENTIALS) >= MAX_LOADING)
    reply_failed (s, request->serial, CHANNEL_ERROR_DENIED, 0, "Too much is loaded at the same time");
  else if ((ticket = ticket_new (s->tickets, request)))
    keys_load (s->keys, g_steal_pointer (&request), on_keys, ticket);
}

static void
ask_keys (Session *s, const ChannelMsg *request)
{
  Ticket *ticket = ticket_new (s->tickets, request);

  if (ticket)
    keys_ask (s->keys, request, on_keys, ticket);
}

/* ---- kernel ---- */

static void
on_kernel (const ChannelMsg *msg, gpointer data)
{
  Session *s = data;

  if (msg->type == CHANNEL_DONE && s->ending && msg->serial == 0)
    {
      s->ended (s->ended_data);
      return;
    }
  forward (s, msg->serial, msg);
}

/* The reaper first: nothing is made that would outlive us. FALSE with errno. */
static gboolean
prepare (Session *s)
{
  Sweep sweep;
  guint removed;

  if (s->kernel)
    return TRUE;
  if (!reaper_start ())
    return FALSE;
  sweep = sweep_open ();
  removed = sweep_leftovers (&sweep, getpid ());
  sweep_close (&sweep);
  if (removed > 0)
    {
      g_autofree char *larval = larval_file ();

      larval_clean (larval, LARVAL_SETTING);
      g_message ("removed %u leftovers of an earlier crash", removed);
    }
  s->kernel = kernel_queue_new (on_kernel, s);
  return s->kernel != NULL;
}

/* A service that the network has taken over must not end another connection's kill switch, nor have its leases. */
static gboolean
may_begin (const Session *s, const ChannelMsg *request)
{
  return request->type == CHANNEL_PREPARE ||
         ((!s->uuid || s->over) && (!s->listening || g_strcmp0 (s->uuid, request->begin.uuid) == 0));
}

static void
begin (Session *s, const ChannelMsg *request)
{
  const ChannelMsg msg = { .type = CHANNEL_DONE, .fd = -1 };
  guint blocking = 0;
  int error = 0;

  if (!may_begin (s, request))
    {
      reply_failed (s, request->serial, CHANNEL_ERROR_INVALID, 0,
                    "The connection has begun already, or is another one than before");
      return;
    }
  if (!prepare (s))
    {
      reply_failed (s, request->serial, CHANNEL_ERROR_KERNEL, errno, "This kernel has no IPsec (XFRM)");
      return;
    }
  if (request->type == CHANNEL_BEGIN)
    {
      if (!request->begin.guarded)
        error = guard_remove (request->begin.uuid, &blocking);
      if (error)
        g_warning ("an earlier kill switch may go on blocking (nm-ipsec unblock ends it): %s", g_strerror (error));
      if (blocking > 0)
        g_message ("removed %u policies of an earlier kill switch", blocking);
      g_free (s->uuid);
      s->uuid = g_strdup (request->begin.uuid);
      s->over = FALSE;
      kernel_queue_begin (s->kernel, s->uuid);
    }
  reply (s, request->serial, &msg);
}

static void
end_keys (Session *s)
{
  g_clear_pointer (&s->keys, keys_free);
  s->keys = keys_new ();
  tickets_clear (s->tickets);
}

/* What passes by a kill switch passes by that of any other connection, too: the profile says it, before the network is
 * heard. */
static gboolean
may_guard (Session *s, const ChannelMsg *request)
{
  const ChannelSelectors *except = &request->guard.except;

  if (request->guard.mode != CHANNEL_GUARD_ON)
    return TRUE;
  if (!s->listening)
    {
      g_free (s->except);
      s->except = g_memdup2 (except, sizeof *except);
    }
  return s->except && memcmp (s->except, except, sizeof *except) == 0;
}

/* NULL: nothing. */
static const char *
kernel_complaint (Session *s, const ChannelMsg *request)
{
  if (!s->uuid)
    return "The connection has not begun";
  if (request->type == CHANNEL_GUARD && !may_guard (s, request))
    return "What passes by a kill switch is said before the first socket is made";
  /* what is in the clear, or blocked, by such a policy is so for the whole machine */
  if (request->type == CHANNEL_SA_INSTALL && request->sa_install.rule != CHANNEL_RULE_TUNNEL && !s->server)
    return "Only a mesh has groups, and that it is one is said before";
  return NULL;
}

/* END: everything, and then the answer. The queue stays, for what comes without a new BEGIN, too. */
static void
push_kernel (Session *s, ChannelMsg *take_request)
{
  g_autoptr (ChannelMsg) request = take_request;
  const ChannelMsg done = { .type = CHANNEL_DONE, .fd = -1 };
  const char *complaint = kernel_complaint (s, request);

  if (request->type == CHANNEL_END)
    {
      end_keys (s);
      s->over = TRUE;
    }
  if (!complaint)
    {
      kernel_queue_set_room (s->kernel, s->server ? ROOM_OF_SERVER : ROOM);
      kernel_queue_push (s->kernel, g_steal_pointer (&request));
    }
  else if (request->type == CHANNEL_END)
    reply (s, request->serial, &done);
  else
    reply_failed (s, request->serial, CHANNEL_ERROR_INVALID, 0, complaint);
}

/* ---- requests ---- */

static void
remember (Session *s, const ChannelMsg *request)
{
  ChannelMsg msg = { .type = CHANNEL_DONE, .fd = -1 };

  if (request->type == CHANNEL_RECALL)
    {
      msg.type = CHANNEL_RECALLED;
      msg.memory.value = memory_recall (MEMORY_DIR, request->memory.name);
    }
  else
    memory_remember (MEMORY_DIR, request->memory.name, (guint16) request->memory.value);
  reply (s, request->serial, &msg);
}

/* FALSE: this is no request. */
static gboolean
handle (Session *s, ChannelMsg *take_request)
{
  g_autoptr (ChannelMsg) request = take_request;

  switch (request->type)
    {
    case CHANNEL_PREPARE:
    case CHANNEL_BEGIN:
      begin (s, request);
      return TRUE;
    case CHANNEL_RESOLVE:
      resolve (s, g_steal_pointer (&request));
      return TRUE;
    case CHANNEL_SOCKET:
      make_socket (s, request);
      return TRUE;
    case CHANNEL_CREDENTIALS:
      load_keys (s, g_steal_pointer (&request));
      return TRUE;
    case CHANNEL_FETCH:
      fetch (s, g_steal_pointer (&request));
      return TRUE;
    case CHANNEL_SIGN:
    case CHANNEL_TLS:
      ask_keys (s, request);
      return TRUE;
    case CHANNEL_RECALL:
    case CHANNEL_REMEMBER:
      remember (s, request);
      return TRUE;
    case CHANNEL_ADDRESSES:
      find_addresses (s, request);
      return TRUE;
    case CHANNEL_SERVER:
    case CHANNEL_USER:
    case CHANNEL_AUTHORIZE:
    case CHANNEL_STATE_LOAD:
    case CHANNEL_STATE_SAVE:
    case CHANNEL_PAD:
    case CHANNEL_PAD_TAKE:
      ask_special (s, g_steal_pointer (&request));
      return TRUE;
    case CHANNEL_LINK:
    case CHANNEL_SPI_ALLOC:
    case CHANNEL_SA_INSTALL:
    case CHANNEL_SA_UPDATE:
    case CHANNEL_SA_DELETE:
    case CHANNEL_SA_QUERY:
    case CHANNEL_PIN:
    case CHANNEL_GUARD:
    case CHANNEL_CLAMP:
    case CHANNEL_LABEL:
    case CHANNEL_END:
      push_kernel (s, g_steal_pointer (&request));
      return TRUE;
    case CHANNEL_DONE:
    case CHANNEL_FAILED:
    case CHANNEL_RESOLVED:
    case CHANNEL_LINKED:
    case CHANNEL_OPENED:
    case CHANNEL_LOADED:
    case CHANNEL_READ:
    case CHANNEL_SIGNED:
    case CHANNEL_TLS_DONE:
    case CHANNEL_SPI:
    case CHANNEL_USAGE:
    case CHANNEL_RECALLED:
    case CHANNEL_SECRET:
    case CHANNEL_STATE:
    case CHANNEL_SLICE:
    case CHANNEL_EXPIRE:
    case CHANNEL_MAPPING:
    case CHANNEL_ACQUIRE:
    case CHANNEL_LINK_GONE:
      break;
    }
  return FALSE;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  Session *s = data;
  ChannelMsg *msg = NULL;
  int e = channel_receive (fd, &msg);

  if (e == EAGAIN)
    return G_SOURCE_CONTINUE;
  if (e == 0)
    g_debug ("request %u: %s", msg->serial, channel_type_name (msg->type));
  if (e == 0 && handle (s, msg))
    return s->ending ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
  if (e != EPIPE)
    g_warning ("what the service says makes no sense");
  session_shut_down (s);
  return G_SOURCE_REMOVE;
}

static gboolean
on_nothing_to_end (gpointer data)
{
  Session *s = data;

  s->ended (s->ended_data);
  return G_SOURCE_REMOVE;
}

void
session_shut_down (Session *s)
{
  ChannelMsg *end;

  if (s->ending)
    return;
  s->ending = TRUE;
  alarm (END_SECONDS);
  g_clear_handle_id (&s->watch, g_source_remove);
  if (s->fd >= 0)
    close (s->fd);
  s->fd = -1;
  if (!s->kernel)
    {
      g_idle_add (on_nothing_to_end, s);
      return;
    }
  end = g_new0 (ChannelMsg, 1);
  end->type = CHANNEL_END;
  end->fd = -1;
  kernel_queue_push (s->kernel, end);
}

static void
on_ticket (guint32 serial, const ChannelMsg *answer, gpointer data)
{
  forward (data, serial, answer);
}

static const TicketsFuncs tickets_funcs = { .start = start_child, .answer = on_ticket };

Session *
session_new (int fd, void (*ended) (gpointer data), gpointer data)
{
  Session *s = g_new0 (Session, 1);

  s->fd = fd;
  s->ended = ended;
  s->ended_data = data;
  s->keys = keys_new ();
  s->tickets = tickets_new (&tickets_funcs, s);
  s->named = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  s->watch = watch_add (fd, G_IO_IN, on_readable, s);
  return s;
}

void
session_free (Session *session)
{
  if (!session)
    return;
  g_clear_handle_id (&session->watch, g_source_remove);
  keys_free (session->keys);
  tickets_free (session->tickets);
  g_hash_table_unref (session->named);
  server_free (session->server);
  pad_free (session->pad);
  g_free (session->uuid);
  g_free (session->except);
  kernel_queue_free (session->kernel);
  if (session->fd >= 0)
    close (session->fd);
  g_free (session);
}
