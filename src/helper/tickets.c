/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whoever waits is started in the order in which it came. A ticket is gone before the next one is started. */
#include "tickets.h"

#include "files.h"

#include <errno.h>

/* Each of a server's 1000 half-open IKE SAs may have one. */
#define MAX_TICKETS 2048

struct _Tickets {
  const TicketsFuncs *funcs;
  gpointer data;
  GHashTable *all; /* Ticket */
  GQueue waiting; /* Ticket: its child has not been started */
};

struct _Ticket {
  Tickets *tickets;
  guint32 serial;
  ChannelType type;
  ChannelMsg *request; /* of a child; NULL: another process answers */
  Worker *worker;
};

static void
answer_failed (const Tickets *tickets, guint32 serial, ChannelError code, int number, const char *text)
{
  const ChannelMsg msg = { .type = CHANNEL_FAILED,
                           .fd = -1,
                           .failed = { .code = (guint8) code, .number = (guint32) number, .text = text } };

  tickets->funcs->answer (serial, &msg, tickets->data);
}

static void
ticket_free (gpointer data)
{
  Ticket *ticket = data;

  worker_stop (ticket->worker);
  channel_msg_free (ticket->request);
  g_free (ticket);
}

Ticket *
ticket_new (Tickets *tickets, const ChannelMsg *request)
{
  Ticket *ticket;

  if (g_hash_table_size (tickets->all) >= MAX_TICKETS)
    {
      answer_failed (tickets, request->serial, CHANNEL_ERROR_DENIED, 0, "Too much is asked at the same time");
      return NULL;
    }
  ticket = g_new0 (Ticket, 1);
  ticket->tickets = tickets;
  ticket->serial = request->serial;
  ticket->type = request->type;
  g_hash_table_add (tickets->all, ticket);
  return ticket;
}

void
ticket_answer (Ticket *take_ticket, const ChannelMsg *answer)
{
  const Tickets *tickets = take_ticket->tickets;

  tickets->funcs->answer (take_ticket->serial, answer, tickets->data);
  g_hash_table_remove (tickets->all, take_ticket);
}

guint
tickets_count (const Tickets *tickets, ChannelType type)
{
  GHashTableIter iter;
  gpointer ticket;
  guint n = 0;

  g_hash_table_iter_init (&iter, tickets->all);
  while (g_hash_table_iter_next (&iter, &ticket, NULL))
    n += ((const Ticket *) ticket)->type == type;
  return n;
}

/* ---- children ---- */

/* When all is well. */
static ChannelType
answer_to (ChannelType type)
{
  return type == CHANNEL_RESOLVE    ? CHANNEL_RESOLVED
         : type == CHANNEL_FETCH    ? CHANNEL_READ
         : type == CHANNEL_USER     ? CHANNEL_SECRET
         : type == CHANNEL_PAD_TAKE ? CHANNEL_SLICE
                                    : CHANNEL_DONE;
}

static ChannelError
failure_of (const Ticket *ticket)
{
  return ticket->type == CHANNEL_RESOLVE ? CHANNEL_ERROR_NO_ANSWER : CHANNEL_ERROR_NOT_FOUND;
}

/* The child has said nothing. */
static char *
lost_text (const ChannelMsg *request)
{
  if (request->type == CHANNEL_RESOLVE)
    return g_strdup_printf ("No name server has answered for \"%s\"", request->resolve.host);
  if (request->type == CHANNEL_FETCH)
    return g_strdup_printf ("%s: no answer in time", request->fetch.url);
  if (request->type == CHANNEL_SERVER)
    return files_lost (request->server.users);
  if (request->type == CHANNEL_USER)
    return files_lost ("The file of users");
  if (request->type == CHANNEL_AUTHORIZE)
    return files_lost ("PAM");
  return files_lost ("The one-time pad");
}

void
ticket_on_worker (Worker *worker, ChannelMsg *take_msg, gpointer data)
{
  g_autoptr (ChannelMsg) msg = take_msg;
  Ticket *ticket = data;
  gboolean good =
      msg && msg->type == answer_to (ticket->type) && (msg->type != CHANNEL_READ || files_is_sealed (msg->fd));

  if (!good && (!msg || msg->type != CHANNEL_FAILED))
    {
      g_autofree char *text = lost_text (ticket->request);

      answer_failed (ticket->tickets, ticket->serial, failure_of (ticket), 0, text);
    }
  else
    ticket->tickets->funcs->answer (ticket->serial, msg, ticket->tickets->data);
  if (!msg)
    ticket->worker = NULL; /* it goes by itself */
  g_hash_table_remove (ticket->tickets->all, ticket);
}

static void
start_waiting (gpointer data)
{
  Tickets *tickets = data;
  Ticket *ticket;

  while (worker_is_room () && (ticket = g_queue_pop_head (&tickets->waiting)))
    {
      ticket->worker = tickets->funcs->start (ticket->request, ticket, tickets->data);
      if (ticket->worker)
        continue;
      answer_failed (tickets, ticket->serial, failure_of (ticket), errno, g_strerror (errno));
      g_hash_table_remove (tickets->all, ticket);
    }
}

void
tickets_wait (Tickets *tickets, ChannelMsg *take_request)
{
  g_autoptr (ChannelMsg) request = take_request;
  Ticket *ticket = ticket_new (tickets, request);

  if (!ticket)
    return;
  ticket->request = g_steal_pointer (&request);
  g_queue_push_tail (&tickets->waiting, ticket);
  start_waiting (tickets);
}

/* ---- all ---- */

void
tickets_clear (Tickets *tickets)
{
  g_queue_clear (&tickets->waiting);
  g_hash_table_remove_all (tickets->all);
}

Tickets *
tickets_new (const TicketsFuncs *funcs, gpointer data)
{
  Tickets *tickets = g_new0 (Tickets, 1);

  tickets->funcs = funcs;
  tickets->data = data;
  tickets->all = g_hash_table_new_full (NULL, NULL, ticket_free, NULL);
  g_queue_init (&tickets->waiting);
  worker_on_room (start_waiting, tickets);
  return tickets;
}

void
tickets_free (Tickets *tickets)
{
  if (!tickets)
    return;
  worker_on_room (NULL, NULL);
  g_queue_clear (&tickets->waiting);
  g_hash_table_unref (tickets->all);
  g_free (tickets);
}
