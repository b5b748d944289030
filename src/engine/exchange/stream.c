/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP encapsulation: another connection for IKE SAs that live. RFC 9329 sections 6.1, 6.2.
 *
 * Invariant: a connection is changed only by whoever made it, or for a message that was authenticated and is new; what
 * is unanswered is then asked again.
 */
#include "exchange/stream.h"

#include "exchange/handlers.h"
#include "exchange/reauth.h"

#define SHORT_LIFE (20 * IKE_SECOND) /* of a connection */

static gboolean
same_connection (const IkePath *a, const IkePath *b)
{
  return ike_endpoint_equal (&a->local, &b->local) && ike_endpoint_equal (&a->remote, &b->remote);
}

/* Section 6.1: "the TCP Responder MUST allow packets for existing SAs to be received from new source IP addresses and
 * ports", and sends by the connection "on which it last received a valid and decryptable IKE [...] message". */
void
ike_stream_follow (IkeParent *parent, const IkePath *path)
{
  if (parent->connection->config->role != IKE_ROLE_RESPONDER || !ike_stream_is (path) ||
      !ike_stream_is (&parent->path) || same_connection (&parent->path, path))
    return;
  ike_parent_log (parent, IKE_LOG_INFO, "tcp", "the peer has made another connection");
  ike_run_set_path (parent, path);
  ike_run_again (parent);
}

gboolean
ike_stream_is_mute (const IkeParent *parent)
{
  return parent->renewed && MAX (parent->heard, parent->proof) < parent->renewed;
}

/* Two connections in a row with nothing by the tunnel: the peer has lost us, or sends by the one that broke and closes
 * any other (Libreswan 5 does). A new IKE SA helps, if the connection begins with its first message. */
static gboolean
is_lost (const IkeParent *parent)
{
  return parent->renewed && parent->proof < parent->renewed && parent->core->now - parent->renewed < SHORT_LIFE;
}

static void
begin_anew (IkeParent *parent)
{
  if (ike_stream_is_mute (parent))
    ike_reauth_try (parent);
  else
    ike_reauth_start (parent);
}

static void
go_on (IkeParent *parent, const IkePath *path, gboolean again)
{
  if (parent->state == IKE_PARENT_CLOSED || !ike_stream_is (&parent->path))
    return;
  ike_run_set_path (parent, path);
  if (again)
    ike_run_again (parent);
}

/* What is repeated may have been answered already, and moves nothing at the other end. */
void
ike_stream_tell (IkeParent *parent)
{
  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    if (((IkeTask *) l->data)->row == &ike_row_liveness && !((IkeTask *) l->data)->started)
      return;
  ike_run_queue (parent, &ike_row_liveness);
  ike_run_next (parent);
}

gboolean
ike_stream_renew (IkeConnection *connection, IkeParent *parent)
{
  const IkePath *path = &connection->path;
  gboolean begins; /* the connection, with an IKE_SA_INIT */

  if (parent->state == IKE_PARENT_CLOSED || !ike_stream_is (path) || !ike_stream_is (&parent->path) ||
      !ike_path_same_addresses (&parent->path, path))
    return FALSE;
  if (parent->state < IKE_PARENT_ESTABLISHED)
    {
      /* section 6.2: "the Initiator MUST retransmit its request over this connection"; some gateways close the one by
       * which they have answered INVALID_KE_PAYLOAD or COOKIE */
      parent->path = *path;
      if (parent->state > IKE_PARENT_INIT) /* else what follows is new */
        parent->renewed = parent->core->now;
      ike_run_again (parent);
      return TRUE;
    }
  if (connection->fresh)
    go_on (connection->fresh, path, TRUE);
  else if (is_lost (parent))
    begin_anew (parent);
  parent->renewed = parent->core->now;
  begins = connection->fresh && connection->fresh->state <= IKE_PARENT_INIT;
  for (guint i = 0; i < connection->parents->len; i++)
    if (connection->parents->pdata[i] != connection->fresh)
      go_on (connection->parents->pdata[i], path, !begins);
  /* section 6.1: the other end learns of it by a message */
  if (!begins)
    ike_stream_tell (parent);
  return TRUE;
}
