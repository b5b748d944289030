/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that somebody else answers, a child that is started for it or the process with the keys: whoever answers holds a
 * ticket. A service that the network has taken over may ask without end: there are so many tickets and so many children
 * at the same time, and who wants another child waits for one to end.
 */
#pragma once

#include "worker.h"

typedef struct _Tickets Tickets;
typedef struct _Ticket Ticket;

typedef struct {
  /* NULL with errno. What the child says is for ticket_on_worker(). */
  Worker *(*start) (const ChannelMsg *request, Ticket *ticket, gpointer data);
  /* The answer to the request @serial; borrowed. */
  void (*answer) (guint32 serial, const ChannelMsg *answer, gpointer data);
} TicketsFuncs;

Tickets *tickets_new (const TicketsFuncs *funcs, gpointer data);
void tickets_free (Tickets *tickets);
/* All that is outstanding is forgotten, and not answered. */
void tickets_clear (Tickets *tickets);
/* Of requests of @type. */
guint tickets_count (const Tickets *tickets, ChannelType type);

/* For whoever calls ticket_answer(). NULL: there are too many, and that was the answer. */
Ticket *ticket_new (Tickets *tickets, const ChannelMsg *request);
void ticket_answer (Ticket *take_ticket, const ChannelMsg *answer);

/* A child answers, as soon as there is room for it. */
void tickets_wait (Tickets *tickets, ChannelMsg *take_request);
void ticket_on_worker (Worker *worker, ChannelMsg *take_msg, gpointer ticket);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Tickets, tickets_free)
