/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A gateway that sends its clients to another one: RFC 5685 sections 3, 5, 6.
 *
 * Invariants: nobody is sent anywhere who has not said that it can be; nobody is sent to where it is, or back to where it
 * was sent from; in IKE_SA_INIT nothing is kept of it; in IKE_AUTH the client was proven and may come in, and gets no
 * Child SA.
 */
#include "exchange/redirect.h"

#include "exchange/init-common.h"
#include "exchange/respond.h"
#include "exchange/run.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"
#include "wire/payload-redirect.h"

static gboolean
is_here (const IkePath *path, const IkeRedirect *redirect)
{
  return redirect->address.family && ike_address_equal (&redirect->address, &path->local.address);
}

/* Can whoever says this, by @path, be sent away, and to there? */
static gboolean
can_go (const IkePath *path, const IkePayloads *payloads, const IkeRedirect *redirect)
{
  IkeRedirect from;
  IkeNotify notify;

  if (redirect && is_here (path, redirect))
    return FALSE;
  if (ike_notify_find (payloads, IKE_NOTIFY_REDIRECT_SUPPORTED, &notify))
    return TRUE;
  /* section 4: who was sent here can be sent on, and a loop helps nobody */
  return ike_notify_find (payloads, IKE_NOTIFY_REDIRECTED_FROM, &notify) && ike_redirect_parse (notify.data, &from) &&
         !(redirect && redirect->address.family && ike_address_equal (&redirect->address, &from.address));
}

void
ike_redirect_note (IkeParent *parent, const IkePayloads *payloads)
{
  const IkeConnection *connection = parent->connection;

  parent->redirectable =
      connection->config->role == IKE_ROLE_RESPONDER && can_go (&parent->path, payloads, connection->redirect_to);
}

gboolean
ike_redirect_first (IkeConnection *connection, const IkePath *path, const IkeMessage *message)
{
  const IkePayload *nonce = ike_payloads_find (&message->payloads, IKE_PAYLOAD_NONCE);
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_REDIRECT_MAX);
  IkeRedirect redirect;

  if (!connection->redirect_to || message->header.exchange != IKE_EXCHANGE_IKE_SA_INIT)
    return FALSE;
  redirect = *connection->redirect_to;
  if (!can_go (path, &message->payloads, &redirect) || !nonce || !ike_nonce_parse (nonce->body, &redirect.nonce))
    return FALSE;
  ike_redirect_write (&writer, &redirect);
  ike_init_answer_apart (connection, path, &message->header, IKE_NOTIFY_REDIRECT, ike_writer_chunk (&writer));
  return TRUE;
}

void
ike_redirect_write_to (IkeBuilder *builder, const IkeParent *parent)
{
  const IkeRedirect *redirect = parent->connection->redirect_to;
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_REDIRECT_MAX);

  if (!redirect)
    return;
  ike_redirect_write (&writer, redirect);
  ike_builder_notify (builder, IKE_NOTIFY_REDIRECT, ike_writer_chunk (&writer));
}

gboolean
ike_redirect_admitted (IkeTask *task, const char *gateway)
{
  IkeParent *parent = task->parent;
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_REDIRECT_MAX);
  const IkeRedirect *to = parent->connection->redirect_to;
  IkeRedirect redirect;

  if (!parent->redirectable)
    return FALSE;
  if (gateway && !ike_redirect_from_text (gateway, &redirect))
    return FALSE;
  to = gateway ? &redirect : to;
  if (!to || is_here (&parent->path, to))
    return FALSE;
  ike_redirect_write (&writer, to);
  /* section 6: the client deletes it; one that does not is not kept for that */
  ike_respond_without_child (task, IKE_NOTIFY_REDIRECT, ike_writer_chunk (&writer));
  return TRUE;
}

/* Section 5 */
static void
send_away (IkeParent *parent)
{
  if (!parent->redirectable || is_here (&parent->path, parent->connection->redirect_to) ||
      parent->state != IKE_PARENT_ESTABLISHED || !parent->children)
    return;
  ike_run_queue (parent, &ike_row_liveness)->step = IKE_LIVENESS_REDIRECT;
  ike_run_next (parent);
}

void
ike_redirect_serve (IkeConnection *connection, const char *gateway)
{
  IkeRedirect redirect;

  if (connection->config->role != IKE_ROLE_RESPONDER)
    return;
  g_clear_pointer (&connection->redirect_to, g_free);
  if (!gateway)
    return;
  if (!ike_redirect_from_text (gateway, &redirect))
    {
      ike_core_log (connection->core, connection->config->id, NULL, IKE_LOG_WARNING, "redirect",
                    "neither an address nor a name, to which nobody can be sent");
      return;
    }
  connection->redirect_to = g_memdup2 (&redirect, sizeof redirect);
  for (guint i = 0; i < connection->parents->len; i++)
    send_away (connection->parents->pdata[i]);
}
