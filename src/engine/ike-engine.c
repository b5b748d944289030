/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's door: finds the connection or IKE SA that an input is for, and hands out what the rest has queued.
 *
 * Invariant: one input is handled at a time and its outputs are drained before the next; IKE SAs that ended are freed
 * when
 * the input is through, never inside a handler.
 */
#include "ike-engine.h"

#include "exchange/addresses.h"
#include "exchange/handlers.h"
#include "exchange/init-common.h"
#include "exchange/liveness.h"
#include "exchange/mesh.h"
#include "exchange/peer.h"
#include "exchange/probe.h"
#include "exchange/qcd.h"
#include "exchange/redirect.h"
#include "exchange/stream.h"
#include "sa/label.h"
#include "sa/report.h"

struct _IkeEngine {
  IkeCore core;
};

IkeEngine *
ike_engine_new (const IkeCrypto *crypto)
{
  IkeEngine *engine = g_new0 (IkeEngine, 1);

  ike_core_init (&engine->core, crypto);
  return engine;
}

static void
bury_all (IkeCore *core)
{
  while (core->graves->len)
    {
      IkeParent *parent = g_ptr_array_steal_index_fast (core->graves, core->graves->len - 1);
      IkeConnection *connection = parent->connection;

      parent->buried = FALSE;
      ike_parent_free (parent);
      ike_mesh_tidy (connection);
    }
}

void
ike_engine_free (IkeEngine *engine)
{
  GHashTableIter iter;
  gpointer value;
  g_autoptr (GPtrArray) connections = NULL;

  if (!engine)
    return;
  connections = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_connection_free);
  g_hash_table_iter_init (&iter, engine->core.connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      ike_mesh_stop (value, FALSE);
      g_ptr_array_add (connections, value);
    }
  g_ptr_array_set_size (connections, 0);
  ike_core_clear (&engine->core);
  g_free (engine);
}

void
ike_engine_set_log_level (IkeEngine *engine, IkeLogLevel level)
{
  engine->core.log_level = level;
}

void
ike_engine_add (IkeEngine *engine, IkeConfig *take_config)
{
  g_return_if_fail (take_config->id && !ike_connection_find (&engine->core, take_config->id));

  ike_connection_new (&engine->core, take_config);
}

void
ike_engine_remove (IkeEngine *engine, guint32 connection)
{
  IkeConnection *found = ike_connection_find (&engine->core, connection);

  if (!found)
    return;
  for (guint i = 0; i < found->parents->len; i++)
    for (IkeChild *child = ((IkeParent *) found->parents->pdata[i])->children; child; child = child->next)
      ike_child_uninstall (child, IKE_SA_IN | IKE_SA_OUT | IKE_SA_POLICIES);
  ike_mesh_stop (found, FALSE);
  ike_connection_release (found);
  ike_connection_untrap (found);
  ike_connection_free (found);
}

/* ---- datagrams ---- */

static IkeConnection *
find_listener (IkeCore *core, const IkePath *path)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, core->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((IkeConnection *) value)->state == IKE_CONNECTION_LISTENING || ike_peer_listens (value, path))
      return value;
  return NULL;
}

/* The first message of an IKE SA that we do not have yet. */
static void
receive_new (IkeCore *core, const IkeHeader *header, const IkePath *path, IkeChunk datagram)
{
  IkeConnection *listener = find_listener (core, path);
  g_autofree IkeMessage *message = NULL;
  IkeParse parse;

  if (!listener || header->message_id != 0 || !(header->flags & IKE_FLAG_INITIATOR))
    return;
  message = g_new0 (IkeMessage, 1);
  parse = ike_message_parse (datagram, message);
  if (parse == IKE_PARSE_OK)
    {
      ike_init_receive (listener, path, message, datagram);
      return;
    }
  /* RFC 7296 section 2.5 */
  if (parse == IKE_PARSE_CRITICAL && ike_core_may_answer (core))
    ike_init_answer_apart (listener, path, header, IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD,
                           ike_chunk (&message->payloads.critical_type, 1));
  ike_core_log (core, listener->config->id, NULL, IKE_LOG_DEBUG, "drop", "a first message that is malformed");
}

/* RFC 7296 section 2.5. All versions have this header; of what follows nothing is known. */
static void
receive_other_version (IkeCore *core, const IkeHeader *header, const IkePath *path)
{
  IkeConnection *listener = find_listener (core, path);
  IkeParent *parent = ike_parent_find (core, header->spi_i);

  if (ike_header_major (header) == 1 && parent && parent->initiator)
    ike_init_on_unusable (parent, IKE_REASON_IKE_VERSION, "1");
  else if (ike_header_major (header) > 2 && listener && header->spi_i && header->spi_r == 0 &&
           header->message_id == 0 && !(header->flags & IKE_FLAG_RESPONSE) && ike_core_may_answer (core))
    ike_init_answer_apart (listener, path, header, IKE_NOTIFY_INVALID_MAJOR_VERSION, ike_chunk (NULL, 0));
}

/* For an IKE SA that is not here, or for none at all. */
static void
receive_stray (IkeCore *core, const IkeInput *input, const IkeHeader *header, IkeChunk datagram)
{
  g_autofree IkeMessage *message = NULL;

  ike_core_log (core, input->connection, NULL, IKE_LOG_DEBUG, "drop", "a message for an IKE SA that is not here");
  ike_qcd_answer (core, find_listener (core, &input->path), header, &input->path);
  if (header->exchange != IKE_EXCHANGE_INFORMATIONAL || header->next_payload != IKE_PAYLOAD_NOTIFY)
    return;
  message = g_new0 (IkeMessage, 1);
  if (ike_message_parse (datagram, message) == IKE_PARSE_OK)
    ike_qcd_stray (core, &message->payloads, &input->path);
}

static void
receive (IkeCore *core, const IkeInput *input)
{
  IkeChunk datagram = ike_chunk (input->datagram, input->datagram_len);
  IkeReader reader = ike_reader (datagram);
  gboolean from_initiator;
  IkeHeader header;
  IkeParent *parent;
  guint64 our_spi, peer_spi, known;

  gboolean is_ike = ike_header_parse (&reader, &header);

  if (!is_ike || ike_header_major (&header) != 2)
    {
      ike_core_log (core, input->connection, NULL, IKE_LOG_DEBUG, "drop", "not IKEv2");
      if (is_ike)
        receive_other_version (core, &header, &input->path);
      return;
    }
  /* some append zeroes; how long a frame of TCP is nobody can have mistaken */
  if (!ike_stream_is (&input->path))
    datagram.len = MIN (datagram.len, header.length);
  from_initiator = (header.flags & IKE_FLAG_INITIATOR) != 0;
  if (ike_exchange_is_first (header.exchange) && header.spi_i && header.spi_r == 0 &&
      !(header.flags & IKE_FLAG_RESPONSE))
    {
      receive_new (core, &header, &input->path, datagram);
      return;
    }
  our_spi = from_initiator ? header.spi_r : header.spi_i;
  peer_spi = from_initiator ? header.spi_i : header.spi_r;
  parent = our_spi ? ike_parent_find (core, our_spi) : NULL;
  if (!parent || !parent->initiator != from_initiator)
    {
      receive_stray (core, input, &header, datagram);
      return;
    }
  known = parent->initiator ? parent->spi_r : parent->spi_i;
  /* only the answer to the first message brings an SPI that we do not know yet */
  if (peer_spi != known && !(known == 0 && ike_exchange_is_first (header.exchange)))
    {
      ike_parent_log (parent, IKE_LOG_DEBUG, "drop", "the peer's SPI is another");
      return;
    }
  ike_run_receive (parent, &header, &input->path, datagram);
}

/* ---- timers ---- */

static void
tick_connection (IkeConnection *connection, IkeTime now)
{
  guint timer;

  if (ike_timers_expired (connection->timers, IKE_CONNECTION_N_TIMERS, now, &timer))
    {
      /* puts the alarm on the next one */
      ike_connection_stop_timer (connection, (IkeConnectionTimer) timer);
      ike_life_on_connection_timer (connection, (IkeConnectionTimer) timer);
    }
}

static void
tick_parent (IkeParent *parent, IkeTime now)
{
  guint timer;

  if (ike_timers_expired (parent->timers, IKE_PARENT_N_TIMERS, now, &timer))
    {
      ike_parent_rearm (parent);
      ike_life_on_parent_timer (parent, (IkeParentTimer) timer);
      return;
    }
  for (IkeChild *child = parent->children; child; child = child->next)
    if (ike_timers_expired (child->timers, IKE_CHILD_N_TIMERS, now, &timer))
      {
        ike_parent_rearm (parent);
        ike_life_on_child_timer (child, (IkeChildTimer) timer);
        return;
      }
  ike_parent_rearm (parent);
}

static void
tick (IkeCore *core)
{
  IkeAlarm *alarm;

  while ((alarm = ike_core_alarm_first (core)) && alarm->at <= core->now)
    {
      if (alarm->of_connection)
        tick_connection (alarm->owner, core->now);
      else
        tick_parent (alarm->owner, core->now);
    }
}

/* ---- the rest ---- */

static void
unreachable (IkeCore *core, const IkeInput *input)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, core->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      IkeParent *parent = ((IkeConnection *) value)->current;

      /* unauthenticated: it counts only for what has just been tried, with nothing else known of the peer */
      if (parent && parent->state == IKE_PARENT_INIT &&
          memcmp (&parent->path.remote.address, &input->path.remote.address, sizeof (IkeAddress)) == 0)
        ike_init_on_unreachable (parent, input->text);
      else if (parent && parent->state == IKE_PARENT_ESTABLISHED &&
               ike_address_equal (&parent->path.remote.address, &input->path.remote.address))
        ike_path_hint (value);
    }
}

static IkeChild *
find_inbound (IkeCore *core, guint32 spi)
{
  return g_hash_table_lookup (core->children, GUINT_TO_POINTER (spi));
}

/* Outbound SPIs are the peers', who may choose one of ours or another peer's: of several the one that goes to @dst. */
static IkeChild *
find_child (IkeCore *core, guint32 spi, const IkeAddress *dst)
{
  IkeChild *first = find_inbound (core, spi), *child;
  GHashTableIter iter;
  gpointer value;

  if (first && ike_address_equal (&first->parent->path.local.address, dst))
    return first;
  /* rare, and in no index */
  g_hash_table_iter_init (&iter, core->parents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      IkeParent *parent = value;

      child = ike_child_by_spi_out (parent, spi);
      if (child && ike_address_equal (&parent->path.remote.address, dst))
        return child;
      if (!first)
        first = child;
    }
  return first;
}

static void
handle_for_connection (IkeCore *core, const IkeInput *input)
{
  IkeConnection *connection = ike_connection_find (core, input->connection);

  if (!connection)
    return;
  if (input->type == IKE_INPUT_START)
    {
      connection->path = input->path;
      connection->natt_path = input->natt_path;
      ike_life_start (connection);
    }
  else if (input->type == IKE_INPUT_LISTEN)
    {
      ike_connection_set_state (connection, IKE_CONNECTION_LISTENING);
      ike_mesh_start (connection);
    }
  else if (input->type == IKE_INPUT_STOP)
    ike_life_stop (connection);
  else if (input->type == IKE_INPUT_CHECK)
    ike_path_check (connection, input->ok);
  else if (input->type == IKE_INPUT_NO_PATH)
    ike_path_none (connection);
  else if (input->type == IKE_INPUT_REDIRECT)
    ike_redirect_serve (connection, input->text);
  else if (input->type == IKE_INPUT_ELSEWHERE)
    connection->elsewhere = input->ok;
  else if (input->type == IKE_INPUT_OWN_ADDRESSES)
    ike_addresses_set_own (connection, input->text);
  else if (input->type == IKE_INPUT_PROBE)
    ike_probe_begin (connection, input->number);
  else if (input->type == IKE_INPUT_CLOGGED)
    ike_path_clogged (connection, input->ok);
  else if (input->type == IKE_INPUT_ACQUIRE && connection->config->mesh)
    ike_mesh_on_acquire (connection, &input->path);
  else if (input->type == IKE_INPUT_ACQUIRE)
    ike_peer_on_acquire (connection);
  else
    ike_path_new (connection, &input->path, &input->natt_path);
}

void
ike_engine_handle (IkeEngine *engine, IkeInput *input, IkeTime now)
{
  IkeCore *core = &engine->core;
  IkeChild *child;

  g_assert (g_queue_is_empty (&core->outputs));
  core->now = MAX (core->now, now);
  switch (input->type)
    {
    case IKE_INPUT_START:
    case IKE_INPUT_LISTEN:
    case IKE_INPUT_STOP:
    case IKE_INPUT_PATH:
    case IKE_INPUT_NO_PATH:
    case IKE_INPUT_CHECK:
    case IKE_INPUT_ACQUIRE:
    case IKE_INPUT_REDIRECT:
    case IKE_INPUT_ELSEWHERE:
    case IKE_INPUT_PROBE:
    case IKE_INPUT_CLOGGED:
    case IKE_INPUT_OWN_ADDRESSES:
      handle_for_connection (core, input);
      break;
    case IKE_INPUT_DATAGRAM:
      receive (core, input);
      break;
    case IKE_INPUT_UNREACHABLE:
      unreachable (core, input);
      break;
    case IKE_INPUT_TICK:
      tick (core);
      break;
    case IKE_INPUT_JOB:
    case IKE_INPUT_KERNEL:
      if (input->type == IKE_INPUT_KERNEL)
        {
          ike_peer_on_kernel (core, input);
          ike_mesh_on_kernel (core, input);
        }
      ike_core_answer (core, input);
      break;
    case IKE_INPUT_EXPIRE:
      if ((child = find_child (core, input->spi, &input->path.remote.address)))
        ike_life_on_expire (child, input->hard);
      break;
    case IKE_INPUT_MAPPING:
      if ((child = find_inbound (core, input->spi)))
        ike_life_on_mapping (child, &input->path.remote);
      break;
    }
  bury_all (core);
}

IkeOutput *
ike_engine_poll (IkeEngine *engine)
{
  return g_queue_pop_head (&engine->core.outputs);
}

IkeTime
ike_engine_deadline (const IkeEngine *engine, const char **ret_timer)
{
  const IkeAlarm *alarm = ike_core_alarm_first (&engine->core);

  if (ret_timer)
    *ret_timer = !alarm ? NULL : alarm->of_connection ? "connection" : ike_parent_waits_for (alarm->owner);
  return alarm ? alarm->at : IKE_TIME_NEVER;
}

gboolean
ike_engine_is_silent (const IkeEngine *engine, guint32 connection)
{
  const IkeConnection *found = g_hash_table_lookup (engine->core.connections, GUINT_TO_POINTER (connection));

  return found && ike_path_is_silent (found);
}

gboolean
ike_engine_uses (const IkeEngine *engine, const IkePath *path)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, engine->core.parents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const IkeParent *parent = value;

      if (parent->state != IKE_PARENT_CLOSED && parent->path.transport == path->transport &&
          ike_endpoint_equal (&parent->path.remote, &path->remote) &&
          ike_endpoint_equal (&parent->path.local, &path->local))
        return TRUE;
    }
  return FALSE;
}

void
ike_engine_get_counts (const IkeEngine *engine, IkeEngineCounts *ret)
{
  GHashTableIter iter;
  gpointer value;

  *ret = (IkeEngineCounts){ 0 };
  g_hash_table_iter_init (&iter, engine->core.parents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const IkeParent *parent = value;

      if (parent->state == IKE_PARENT_CLOSED)
        {
          ret->lingering++;
          continue;
        }
      if (parent->state >= IKE_PARENT_ESTABLISHED)
        ret->ike_sas++;
      else
        ret->half_open++;
      for (const IkeChild *child = parent->children; child; child = child->next)
        ret->child_sas += child->parts != 0;
    }
  ret->pending_jobs = ike_core_count_jobs (&engine->core);
}

/* ---- for status ---- */

/* Into @reports, one that @names keeps the words of. */
static void
report_child (const IkeChild *child, IkeTime now, GArray *reports, GPtrArray *names)
{
  IkeChildReport report = {
    .state = ike_child_state_name (child->state),
    .suite = ike_report_child_suite (child),
    .transport_mode = child->transport_mode,
    .encap = child->encap,
    .spi_in = child->spi_in,
    .spi_out = child->spi_out,
    .cpu = child->cpu,
    .label = ike_label_chunk (child->label),
    .local_ts = child->local_ts,
    .remote_ts = child->remote_ts,
    .age = ike_report_since (child->established, now),
    .rekey_in = ike_report_until (child->timers[IKE_CHILD_TIMER_REKEY], now),
  };

  g_ptr_array_add (names, (gpointer) report.suite);
  g_array_append_val (reports, report);
}

static void
report_parent (const IkeParent *parent, IkeTime now, IkeReportFunc func, gpointer data)
{
  g_autoptr (GArray) children = g_array_new (FALSE, FALSE, sizeof (IkeChildReport));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) given = g_array_new (FALSE, FALSE, sizeof (IkePrefix));
  g_autofree char *suite = ike_report_suite (parent);
  IkeSaReport report = {
    .state = ike_parent_state_name (parent->state),
    .suite = suite,
    .initiator = parent->initiator,
    .nat_here = parent->nat_here,
    .nat_there = parent->nat_there,
    .encap = parent->encap,
    .mobike = parent->mobike,
    .spi_i = parent->spi_i,
    .spi_r = parent->spi_r,
    .path = &parent->path,
    .local_id = ike_parent_config (parent)->local_id,
    .remote_id = parent->peer_id,
    .age = ike_report_since (parent->established, now),
    .silence = ike_report_since (parent->heard, now),
    .rekey_in = ike_report_until (parent->timers[IKE_PARENT_TIMER_REKEY], now),
    .reauth_in = ike_report_until (parent->timers[IKE_PARENT_TIMER_REAUTH], now),
  };

  for (const IkeChild *child = parent->children; child; child = child->next)
    if (child->parts != 0)
      report_child (child, now, children, names);
  if (parent->client)
    report.addresses = ike_report_addresses (parent->client, given);
  else if (parent->connection->configured)
    report.addresses = parent->connection->configured->addresses;
  report.children = (const IkeChildReport *) (gpointer) children->data;
  report.n_children = children->len;
  func (&report, data);
}

void
ike_engine_report (const IkeEngine *engine, IkeTime now, IkeReportFunc func, gpointer data)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, engine->core.parents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((const IkeParent *) value)->state != IKE_PARENT_CLOSED)
      report_parent (value, now, func, data);
}
