/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the count of redirections of a connection, and the wait for the way to the new gateway. */
#include "exchange/redirect.h"

#include "exchange/life.h"
#include "exchange/run.h"
#include "wire/payload-notify.h"
#include "wire/payload-redirect.h"

/* RFC 5685 section 7 */
#define MAX_REDIRECTS 5
#define LOOP_DETECT_PERIOD (300 * IKE_SECOND)
/* until the caller has a way to the new gateway: its name may have to be looked up */
#define WAY_TIME (10 * IKE_SECOND)

void
ike_redirect_offer (IkeBuilder *builder, const IkeParent *parent)
{
  const IkeConnection *connection = parent->connection;
  const IkeRedirect from = { .address = connection->redirected_from };
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_REDIRECT_MAX);

  if (connection->config->role != IKE_ROLE_INITIATOR)
    return;
  if (!connection->redirected_from.family)
    {
      ike_builder_notify (builder, IKE_NOTIFY_REDIRECT_SUPPORTED, ike_chunk (NULL, 0));
      return;
    }
  ike_redirect_write (&writer, &from);
  ike_builder_notify (builder, IKE_NOTIFY_REDIRECTED_FROM, ike_writer_chunk (&writer));
}

static gboolean
is_too_often (IkeConnection *connection)
{
  IkeTime now = connection->core->now;

  if (!connection->redirects || now - connection->redirected_since > LOOP_DETECT_PERIOD)
    {
      connection->redirects = 0;
      connection->redirected_since = now;
    }
  return ++connection->redirects > MAX_REDIRECTS;
}

/* Asks for a way there. FALSE: we do not go, and *ret_why says why. */
static gboolean
follow (IkeParent *parent, const IkeRedirect *redirect, const char **ret_why)
{
  IkeConnection *connection = parent->connection;
  g_autofree char *gateway =
      redirect->address.family ? ike_address_to_string (&redirect->address) : g_strdup (redirect->name);
  IkeOutput *output;

  if (redirect->address.family && ike_address_equal (&redirect->address, &parent->path.remote.address))
    *ret_why = "the gateway names itself";
  else if (is_too_often (connection))
    *ret_why = "too many of them";
  else
    *ret_why = NULL;
  ike_parent_log (parent, *ret_why ? IKE_LOG_NOTICE : IKE_LOG_INFO, "redirect", "the gateway sends us to %s%s%s",
                  gateway, *ret_why ? ", which is not obeyed: " : "", *ret_why ? *ret_why : "");
  if (*ret_why)
    return FALSE;
  connection->redirected_from = parent->path.remote.address;
  connection->redirecting = TRUE;
  ike_connection_set_timer (connection, IKE_CONNECTION_TIMER_REDIRECT, connection->core->now + WAY_TIME);
  output = ike_core_output_new (IKE_OUTPUT_REDIRECT, connection->config->id);
  output->gateway = g_steal_pointer (&gateway);
  ike_core_push (connection->core, output);
  return TRUE;
}

gboolean
ike_redirect_in_init (IkeTask *task, const char **ret_why)
{
  IkeParent *parent = task->parent;
  IkeRedirect redirect;
  IkeNotify notify;

  *ret_why = NULL;
  if (parent->connection->config->role != IKE_ROLE_INITIATOR ||
      !ike_notify_find (&task->message->payloads, IKE_NOTIFY_REDIRECT, &notify))
    return FALSE;
  /* section 3: without our nonce it is silently discarded, and we go on waiting */
  if (parent->connection->redirecting || !ike_redirect_parse (notify.data, &redirect) ||
      !ike_chunk_equal (redirect.nonce, ike_chunk_bytes (parent->nego->material.ni)))
    return TRUE;
  /* anybody on the way can have said it, and it would end one that is authenticated and serves */
  if (parent->connection->fresh == parent)
    {
      *ret_why = "nobody has authenticated that, and the tunnel stands";
      return TRUE;
    }
  if (follow (parent, &redirect, ret_why))
    ike_parent_stop_timer (parent, IKE_PARENT_TIMER_RETRANSMIT);
  return TRUE;
}

gboolean
ike_redirect_in_auth (IkeTask *task)
{
  IkeParent *parent = task->parent;
  g_auto (IkeReason) reason = { 0 };
  IkeRedirect redirect;
  const char *why = "malformed";
  IkeNotify notify;

  if (parent->connection->config->role != IKE_ROLE_INITIATOR ||
      !ike_notify_find (&task->message->payloads, IKE_NOTIFY_REDIRECT, &notify))
    return FALSE;
  /* section 9.2: without a nonce */
  if (ike_redirect_parse (notify.data, &redirect) && !redirect.nonce.len && follow (parent, &redirect, &why))
    {
      /* section 6: there will be no Child SA; it is deleted when there is a way to the other one */
      if (parent->state == IKE_PARENT_ESTABLISHED)
        ike_run_finish (task);
      return TRUE;
    }
  ike_reason_set (&reason, IKE_REASON_REDIRECT, IKE_NOTIFY_REDIRECT, "%s", why);
  ike_life_end (parent, IKE_FAREWELL_DELETE, &reason);
  return TRUE;
}

void
ike_redirect_in_session (IkeParent *parent, const IkePayloads *payloads)
{
  IkeRedirect redirect;
  const char *why;
  IkeNotify notify;

  if (parent->connection->config->role != IKE_ROLE_INITIATOR || parent->connection->current != parent ||
      parent->connection->redirecting || parent->connection->state != IKE_CONNECTION_UP ||
      !ike_notify_find (payloads, IKE_NOTIFY_REDIRECT, &notify))
    return;
  /* whoever makes nothing of it keeps the tunnel as long as the gateway lets it */
  if (ike_redirect_parse (notify.data, &redirect) && !redirect.nonce.len)
    (void) follow (parent, &redirect, &why);
}

gboolean
ike_redirect_arrived (IkeConnection *connection)
{
  gboolean redirected = connection->redirecting;

  connection->redirecting = FALSE;
  ike_connection_stop_timer (connection, IKE_CONNECTION_TIMER_REDIRECT);
  if (!redirected)
    connection->redirected_from = (IkeAddress){ 0 };
  return redirected;
}

void
ike_redirect_failed (IkeConnection *connection)
{
  IkeParent *parent = connection->current;
  g_auto (IkeReason) reason = { 0 };

  if (!connection->redirecting)
    return;
  connection->redirecting = FALSE;
  connection->redirected_from = (IkeAddress){ 0 };
  ike_connection_stop_timer (connection, IKE_CONNECTION_TIMER_REDIRECT);
  ike_core_log (connection->core, connection->config->id, parent, IKE_LOG_NOTICE, "redirect",
                "there is no way to the gateway that we were sent to");
  /* what stands goes on */
  if (connection->state == IKE_CONNECTION_UP)
    parent = connection->fresh;
  if (!parent)
    return;
  ike_reason_set (&reason, IKE_REASON_REDIRECT, IKE_NOTIFY_REDIRECT, "there is no way to the other one");
  ike_life_end (parent, IKE_FAREWELL_DELETE, &reason);
}
