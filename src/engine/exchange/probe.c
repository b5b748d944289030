/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How large may a packet to the peer be? A path that takes less than it says, and drops what is larger without a word,
 * swallows the tunnel's large packets while everything small looks well. RFC 4821 section 10.4; RFC 7383 section 2.5.2.
 *
 * One INFORMATIONAL request is as long as the largest ESP packet and must not be cut on the way. Its repetitions may be,
 * so that it is answered in any case; an answer that came only after these says that the first one was lost.
 *
 * Invariants: one lost packet is no proof, and so three in a row have to be lost, each with more time for its answer; what
 * was learnt about another path, or another size, is not told.
 */
#include "exchange/probe.h"

#include "exchange/handlers.h"
#include "exchange/stream.h"

#include "wire/payload-notify.h"

#define TIMES 3
#define FIRST_INTERVAL (500 * IKE_MILLISECOND)
/* what every host must be able to receive (RFC 791), and the longest IKE message that peers are known to take */
#define MIN_OCTETS 576
#define MAX_OCTETS 9000
/* of a Notify payload without data: RFC 7296 sections 3.2, 3.10 */
#define NOTIFY_HEADERS 8

static void
say (const IkeConnection *connection, guint32 octets, IkeProbe probe)
{
  IkeOutput *output = ike_core_output_new (IKE_OUTPUT_PROBED, connection->config->id);

  output->number = octets;
  output->probe = probe;
  ike_core_push (connection->core, output);
}

/* Without RFC 7383 there may be no way to get an answer at all where IP's fragments are dropped; TCP finds its own size. */
static gboolean
is_possible (const IkeParent *parent, guint32 octets)
{
  return parent && parent->state == IKE_PARENT_ESTABLISHED && parent->fragmentation && !ike_stream_is (&parent->path) &&
         !parent->connection->no_probe && octets >= MIN_OCTETS && octets <= MAX_OCTETS;
}

void
ike_probe_begin (IkeConnection *connection, guint32 octets)
{
  IkeParent *parent = connection->current;

  connection->probes = 0;
  connection->probe = is_possible (parent, octets) ? (guint16) octets : 0;
  if (!connection->probe)
    {
      say (connection, octets, IKE_PROBE_UNKNOWN);
      return;
    }
  if (ike_run_has (parent, &ike_row_probe, 0))
    return;
  ike_run_queue (parent, &ike_row_probe);
  ike_run_next (parent);
}

IkeTime
ike_probe_interval (const IkeConnection *connection)
{
  return FIRST_INTERVAL << connection->probes;
}

/* Octets of the notification's data that make the whole IP packet as long as it shall be, or a few less. */
static gsize
data_len (const IkeParent *parent, guint octets)
{
  guint headers = parent->path.remote.address.family == IKE_FAMILY_IP6 ? 48 : 28;
  IkeSkShape shape;
  gsize room;

  if (parent->path.transport == IKE_TRANSPORT_NATT)
    headers += 4;
  if (!ike_sk_shape (&parent->keys, &shape))
    return 0;
  room = ike_sk_room (&shape, FALSE, octets - headers);
  return room > NOTIFY_HEADERS ? room - NOTIFY_HEADERS : 0;
}

void
ike_probe_start (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeConnection *connection = parent->connection;
  g_auto (IkeBuilder) builder = { 0 };
  g_autofree guint8 *zeros = NULL;
  gsize len;

  if (connection->current != parent || !is_possible (parent, connection->probe) ||
      !(len = data_len (parent, connection->probe)))
    {
      if (connection->probe)
        say (connection, connection->probe, IKE_PROBE_UNKNOWN);
      connection->probe = 0;
      ike_run_finish (task);
      return;
    }
  task->octets = connection->probe;
  task->path = parent->path;
  zeros = g_malloc0 (len);
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_PATH_PROBE, ike_chunk (zeros, len));
  ike_run_send (task, &builder);
}

/* Once more, on the IKE SA that counts by now, after what has been waiting meanwhile. */
static void
again (IkeConnection *connection)
{
  IkeParent *parent = connection->current;

  if (!parent || ike_run_has (parent, &ike_row_probe, 0))
    return;
  ike_run_queue (parent, &ike_row_probe);
  ike_run_next (parent);
}

static void
settle (IkeConnection *connection, IkeProbe probe)
{
  const IkeParent *parent = connection->current;

  if (parent)
    ike_parent_log (parent, IKE_LOG_DEBUG, "path", "packets of %u octets %s", connection->probe,
                    probe == IKE_PROBE_CARRIED ? "arrive" : "do not arrive");
  say (connection, connection->probe, probe);
  connection->probe = 0;
}

/* The answer is there. */
static void
judge (const IkeTask *task, gboolean at_once)
{
  const IkeParent *parent = task->parent;
  IkeConnection *connection = parent->connection;
  gboolean outdated = task->octets != connection->probe || !ike_path_equal (&task->path, &parent->path);

  if (!connection->probe)
    return;
  if (outdated)
    connection->probes = 0;
  else if (at_once)
    settle (connection, IKE_PROBE_CARRIED);
  else if (++connection->probes >= TIMES)
    settle (connection, IKE_PROBE_LOST);
}

void
ike_probe_on_response (IkeTask *task)
{
  IkeParent *parent = task->parent;
  IkeConnection *connection = parent->connection;
  gboolean at_once = !task->request.repeated;
  IkeNotify notify;

  ike_window_measure (&parent->window, &task->request, parent->core->now);
  if (ike_notify_find_error (&task->message->payloads, &notify))
    {
      ike_parent_log (parent, IKE_LOG_INFO, "path", "the peer does not like to be probed: %s",
                      IKE_NAME (NOTIFY, notify.type));
      connection->no_probe = TRUE;
      say (connection, task->octets, IKE_PROBE_UNKNOWN);
      connection->probe = 0;
    }
  else
    judge (task, at_once);
  ike_run_finish (task);
  if (connection->probe)
    again (connection);
}

/* RFC 7383 does not oblige anybody to put an INFORMATIONAL together, and IP's fragments may be lost: then the request has
 * no answer, and a new IKE SA has taken over. One such is as good as two lost packets: it may have had other causes. */
gboolean
ike_probe_outlived (IkeConnection *connection, IkeParent *old, gboolean silent)
{
  if (!connection->probe || !ike_run_has (old, &ike_row_probe, 0))
    return FALSE;
  if (silent)
    ike_run_farewell_unseen (old);
  connection->probes = (guint8) (connection->probes + (silent ? TIMES - 1 : 0));
  if (connection->probes >= TIMES)
    settle (connection, IKE_PROBE_LOST);
  else
    again (connection);
  return silent;
}

void
ike_probe_ended (const IkeParent *parent, IkeReasonCode code)
{
  const IkeTask *task = ike_parent_current (parent);

  if (!task || task->row != &ike_row_probe || !task->started ||
      (code != IKE_REASON_PEER_DELETED && code != IKE_REASON_PEER_DEAD && code != IKE_REASON_PEER_SYNTAX))
    return;
  parent->connection->no_probe = TRUE;
  parent->connection->probe = 0;
}

void
ike_probe_on_give_up (IkeTask *task, IkeReason *reason)
{
  if (reason->code == IKE_REASON_CRYPTO)
    {
      ike_run_finish (task);
      return;
    }
  ike_life_end (task->parent, IKE_FAREWELL_NONE, reason);
}
