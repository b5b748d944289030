/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing: the session is the connection's, and so are a responder's keys. RFC 5723 sections 4.1, 4.2, 6.2, 7. */
#include "exchange/ticket.h"

#include "exchange/handlers.h"
#include "sa/client.h"
#include "wire/payload-notify.h"

#define MAX_TICKET 2048 /* octets of somebody else's; longer ones would not get through in one datagram */
#define MIN_TIME (60 * IKE_SECOND) /* for less it is not worth the while */
#define MARGIN (5 * IKE_SECOND) /* until the gateway has it, it may be too old there */
#define MIN_INTERVAL IKE_SECOND /* between two tickets of one client */

/* ---- client ---- */

static gboolean
wants (const IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);

  return config->role == IKE_ROLE_INITIATOR && config->resumption && config->remote_auth != IKE_AUTH_NULL &&
         config->local_auth != IKE_AUTH_NULL;
}

void
ike_ticket_request (IkeBuilder *builder, const IkeParent *parent)
{
  if (wants (parent))
    ike_builder_notify (builder, IKE_NOTIFY_TICKET_REQUEST, ike_chunk (NULL, 0));
}

/* By its own user's wish authentication is repeated in time (reauth): no ticket makes that later. */
static IkeTime
own_limit (const IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);

  return config->reauth && config->ike_lifetime ? parent->authenticated + config->ike_lifetime
                                                : parent->core->now + IKE_TICKET_TIME;
}

static void
keep (IkeParent *parent, guint32 seconds, IkeChunk ticket)
{
  IkeConnection *connection = parent->connection;
  g_autoptr (IkeSession) before = g_steal_pointer (&connection->session);
  const IkeNego *nego = parent->nego;
  IkeSession *session = ike_session_new (parent);

  /* after rekeying the identities are those of before */
  session->id_i = nego && nego->my_id ? g_bytes_ref (nego->my_id) : before ? g_bytes_ref (before->id_i) : NULL;
  session->id_r = nego && nego->peer_id ? g_bytes_ref (nego->peer_id) : before ? g_bytes_ref (before->id_r) : NULL;
  session->suite.ke = nego ? nego->material.suite.ke : parent->group;
  session->expires = MIN (parent->core->now + seconds * IKE_SECOND, own_limit (parent)) - MARGIN;
  session->ticket = ike_chunk_dup (ticket);
  session->gateway = parent->path.remote.address;
  if (session->id_i && session->id_r)
    connection->session = session;
  else
    ike_session_unref (session);
  ike_parent_log (parent, IKE_LOG_DEBUG, "ticket", "got a ticket of %zu octets, valid for %u s", ticket.len, seconds);
}

void
ike_ticket_note (IkeParent *parent, const IkePayloads *payloads)
{
  IkeNotify notify;
  IkeReader reader;
  IkeChunk ticket;
  guint32 seconds;

  if (!wants (parent) || parent->state != IKE_PARENT_ESTABLISHED)
    return;
  if (ike_notify_find (payloads, IKE_NOTIFY_TICKET_LT_OPAQUE, &notify))
    {
      reader = ike_reader (notify.data);
      seconds = ike_read_u32 (&reader);
      ticket = ike_read_rest (&reader);
      if (ike_reader_done (&reader) && ticket.len && ticket.len <= MAX_TICKET && seconds >= MIN_TIME / IKE_SECOND)
        keep (parent, seconds, ticket);
    }
  /* section 4.1: it could not be given at once, so it is asked for again, alone */
  else if (parent->nego && ike_notify_find (payloads, IKE_NOTIFY_TICKET_ACK, &notify))
    ike_run_queue (parent, &ike_row_liveness)->step = IKE_LIVENESS_TICKET;
}

gboolean
ike_ticket_is_usable (IkeConnection *connection)
{
  IkeSession *session = connection->session;

  if (!session || !session->ticket)
    return FALSE;
  /* RFC 5723 section 4.3.1: none that has expired; and it is good only where it was given */
  if (session->expires <= connection->core->now ||
      !ike_address_equal (&session->gateway, &connection->path.remote.address))
    return FALSE;
  if (session->skip)
    {
      session->skip = FALSE;
      return FALSE;
    }
  return TRUE;
}

void
ike_ticket_doubt (IkeParent *parent)
{
  if (parent->nego && parent->nego->resumed)
    parent->nego->resumed->skip = TRUE;
}

/* ---- responder ---- */

IkeTime
ike_ticket_authenticated (const IkeParent *parent)
{
  return parent->nego && parent->nego->resumed ? parent->nego->resumed->authenticated : parent->core->now;
}

/* Section 6.2: no longer than the IKE SA, and than the client may be without authenticating again. */
static IkeTime
lifetime (const IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);
  IkeTime time = IKE_TICKET_TIME;

  if (config->ike_lifetime)
    time = MIN (time, config->ike_lifetime);
  if (config->auth_lifetime)
    time = MIN (time, parent->authenticated + config->auth_lifetime - parent->core->now);
  return time;
}

static GBytes *
make (IkeParent *parent, IkeTime time)
{
  IkeConnection *connection = parent->connection;
  IkeClient *client = parent->client;
  IkeNego *nego = parent->nego;
  g_autoptr (IkeSession) session = NULL;

  /* it may ask for another name of ours when it authenticates anew */
  if (nego && nego->peer_id && nego->my_id)
    {
      g_clear_pointer (&client->id_i, g_bytes_unref);
      g_clear_pointer (&client->id_r, g_bytes_unref);
      client->id_i = g_bytes_ref (nego->peer_id);
      client->id_r = g_bytes_ref (nego->my_id);
    }
  if (!client->id_i)
    return NULL;
  if (!connection->tickets)
    connection->tickets = ike_tickets_new ();
  session = ike_session_new (parent);
  session->id_i = g_bytes_ref (client->id_i);
  session->id_r = g_bytes_ref (client->id_r);
  session->client = client->number;
  session->expires = parent->core->now + time;
  return ike_tickets_seal (connection->tickets, parent->core->crypto, parent->core->now, session, &client->ticket);
}

/* A client's ticket is that of the IKE SA which it goes on by. */
static gboolean
is_useless (const IkeParent *parent)
{
  return parent->lone || parent->barred;
}

void
ike_ticket_answer (IkeBuilder *builder, IkeParent *parent, const IkePayloads *payloads)
{
  const IkeConfig *config = ike_parent_config (parent);
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_TICKET_MAX + 4);
  g_autoptr (GBytes) ticket = NULL;
  IkeClient *client = parent->client;
  IkeTime time, now = parent->core->now;
  IkeNotify notify;

  if (!config->resumption || config->role != IKE_ROLE_RESPONDER ||
      !ike_notify_find (payloads, IKE_NOTIFY_TICKET_REQUEST, &notify))
    return;
  time = lifetime (parent);
  if (client && client->key && !is_useless (parent) && time >= MIN_TIME &&
      (!client->ticketed || now - client->ticketed >= MIN_INTERVAL))
    {
      ike_ticket_withdraw (parent);
      ticket = make (parent, time);
    }
  if (!ticket)
    {
      ike_builder_notify (builder, IKE_NOTIFY_TICKET_NACK, ike_chunk (NULL, 0));
      return;
    }
  client->ticketed = now;
  ike_write_u32 (&writer, (guint32) (time / IKE_SECOND));
  ike_write_chunk (&writer, ike_chunk_bytes (ticket));
  ike_builder_notify (builder, IKE_NOTIFY_TICKET_LT_OPAQUE, ike_writer_chunk (&writer));
}

/* ---- both ---- */

void
ike_ticket_withdraw (IkeParent *parent)
{
  IkeConnection *connection = parent->connection;
  IkeClient *client = parent->client;

  /* what it had is another one's now, the ticket as well; or that one had it always */
  if (parent->superseded || is_useless (parent))
    return;
  if (client && client->ticket.key && connection->tickets)
    {
      (void) ike_tickets_use (connection->tickets, client->ticket);
      client->ticket = (IkeTicketRef){ 0 };
      client->ticketed = 0;
    }
  /* the identities are still wanted by the next one */
  if (connection->session && connection->session->parent == parent->serial)
    g_clear_pointer (&connection->session->ticket, g_bytes_unref);
}

void
ike_ticket_renew (IkeParent *successor)
{
  if (!wants (successor) || !successor->connection->session)
    return;
  ike_run_queue (successor, &ike_row_liveness)->step = IKE_LIVENESS_TICKET;
}
