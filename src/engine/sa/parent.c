/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns one IKE SA's facts: state with its legal changes, timers, indices. RFC 7296. */
#include "sa/parent.h"

#include "sa/client.h"
#include "sa/connection.h"
#include "sa/half-open.h"

static const char *const timer_names[IKE_PARENT_N_TIMERS] = {
  "retransmit", "doubt", "keepalive", "liveness", "rekey", "expire", "task", "window", "reauth", "followup", "linger",
};

static const char *const state_names[] = {
  "new", "init", "intermediate", "auth", "auth-again", "auth-eap", "auth-final", "established", "replaced", "deleting", "closed",
};

/* From where each state may be entered; anything may be closed. */
static const guint legal_from[] = {
  [IKE_PARENT_NEW] = 0,
  [IKE_PARENT_INIT] = IKE_PARENT_BIT (NEW),
  [IKE_PARENT_INTERMEDIATE] = IKE_PARENT_BIT (INIT),
  [IKE_PARENT_AUTH] = IKE_PARENT_BIT (INIT) | IKE_PARENT_BIT (INTERMEDIATE),
  [IKE_PARENT_AUTH_AGAIN] = IKE_PARENT_BIT (AUTH),
  [IKE_PARENT_AUTH_EAP] = IKE_PARENT_BIT (AUTH) | IKE_PARENT_BIT (AUTH_AGAIN),
  [IKE_PARENT_AUTH_FINAL] = IKE_PARENT_BIT (AUTH_EAP),
  /* NEW: made by rekeying an authenticated one */
  [IKE_PARENT_ESTABLISHED] = IKE_PARENT_BIT (AUTH) | IKE_PARENT_BIT (AUTH_FINAL) | IKE_PARENT_BIT (NEW),
  [IKE_PARENT_REPLACED] = IKE_PARENT_BIT (ESTABLISHED),
  [IKE_PARENT_DELETING] = IKE_PARENT_BIT (ESTABLISHED) | IKE_PARENT_BIT (REPLACED),
  [IKE_PARENT_CLOSED] = ~0u,
};

const char *
ike_parent_state_name (IkeParentState state)
{
  return state_names[state];
}

const char *
ike_parent_timer_name (IkeParentTimer timer)
{
  return timer_names[timer];
}

void
ike_parent_set_state (IkeParent *parent, IkeParentState state)
{
  if (parent->state == state)
    return;
  g_assert (legal_from[state] & (1u << parent->state));
  g_assert (state != IKE_PARENT_ESTABLISHED || parent->state != IKE_PARENT_NEW || parent->rekeyed);
  ike_parent_log (parent, IKE_LOG_DEBUG, "state", "IKE SA #%u: %s -> %s", parent->serial,
                  ike_parent_state_name (parent->state), ike_parent_state_name (state));
  parent->state = (guint8) state;
  if (state == IKE_PARENT_ESTABLISHED)
    parent->window.size = ike_parent_is_anonymous (parent) ? 1 : IKE_WINDOW;
  if (state == IKE_PARENT_ESTABLISHED && parent->keys.all)
    ike_keys_forget_auth (&parent->keys);
}

IkeParent *
ike_parent_new (IkeCore *core, IkeConnection *connection, gboolean initiator)
{
  IkeParent *parent = g_new0 (IkeParent, 1);

  parent->core = core;
  parent->connection = connection;
  parent->initiator = initiator;
  parent->serial = ++core->last_serial;
  parent->begun = core->now;
  parent->alarm = (IkeAlarm){ .owner = parent };
  ike_timers_init (parent->timers, IKE_PARENT_N_TIMERS);
  parent->index = connection->parents->len;
  g_ptr_array_add (connection->parents, parent);
  return parent;
}

guint64
ike_parent_our_spi (const IkeParent *parent)
{
  return parent->initiator ? parent->spi_i : parent->spi_r;
}

static guint64 *
our_spi (IkeParent *parent)
{
  return parent->initiator ? &parent->spi_i : &parent->spi_r;
}

void
ike_parent_index (IkeParent *parent)
{
  g_hash_table_insert (parent->core->parents, our_spi (parent), parent);
}

IkeParent *
ike_parent_find (IkeCore *core, guint64 spi)
{
  return g_hash_table_lookup (core->parents, &spi);
}

/* The last one takes its place. */
static void
unlist (IkeParent *parent)
{
  GPtrArray *parents = parent->connection->parents;

  g_assert (parents->pdata[parent->index] == parent);
  ((IkeParent *) parents->pdata[parents->len - 1])->index = parent->index;
  g_ptr_array_remove_index_fast (parents, parent->index);
}

void
ike_parent_free (IkeParent *parent)
{
  IkeCore *core = parent->core;
  IkeTask *task;

  while (parent->tasks && (task = g_queue_pop_head (parent->tasks)))
    ike_task_free (task);
  g_clear_pointer (&parent->tasks, g_queue_free);
  while (parent->suspended && (task = g_queue_pop_head (parent->suspended)))
    ike_task_free (task);
  g_clear_pointer (&parent->suspended, g_queue_free);
  g_clear_pointer (&parent->answering, ike_task_free);
  g_clear_pointer (&parent->held, ike_incoming_queue_free);
  ike_core_forget (core, parent, 0);
  while (parent->children)
    ike_child_free (parent->children);
  if (g_hash_table_lookup (core->parents, our_spi (parent)) == parent)
    g_hash_table_remove (core->parents, our_spi (parent));
  ike_half_open_remove (core->half_open, parent);
  unlist (parent);
  if (parent->buried)
    g_ptr_array_remove_fast (core->graves, parent);
  if (parent->connection->current == parent)
    parent->connection->current = NULL;
  if (parent->connection->fresh == parent)
    parent->connection->fresh = NULL;
  for (guint i = 0; parent->contested && i < parent->connection->parents->len; i++)
    if (((IkeParent *) parent->connection->parents->pdata[i])->successor == parent)
      ((IkeParent *) parent->connection->parents->pdata[i])->successor = NULL;
  ike_core_alarm_set (core, &parent->alarm, IKE_TIME_NEVER);
  ike_nego_free (parent->nego, core->crypto);
  ike_keys_clear (&parent->keys);
  ike_window_clear (&parent->window);
  ike_fragments_free (parent->fragments);
  ike_identity_free (parent->peer_id);
  ike_client_remove (parent);
  g_clear_pointer (&parent->low_nonce, g_bytes_unref);
  g_clear_pointer (&parent->qcd_token, g_bytes_unref);
  g_clear_pointer (&parent->refused, g_array_unref);
  g_free (parent->addresses);
  g_free (parent);
}

/* ---- timers ---- */

static IkeTime
next_alarm (const IkeParent *parent, const char **ret_name)
{
  guint timer = 0;
  IkeTime at = ike_timers_next (parent->timers, IKE_PARENT_N_TIMERS, &timer);

  *ret_name = at == IKE_TIME_NEVER ? NULL : timer_names[timer];
  for (const IkeChild *child = parent->children; child; child = child->next)
    {
      IkeTime child_at = ike_timers_next (child->timers, IKE_CHILD_N_TIMERS, NULL);

      if (child_at < at)
        {
          at = child_at;
          *ret_name = "child";
        }
    }
  return at;
}

void
ike_parent_rearm (IkeParent *parent)
{
  const char *name;

  ike_core_alarm_set (parent->core, &parent->alarm, next_alarm (parent, &name));
}

const char *
ike_parent_waits_for (const IkeParent *parent)
{
  const char *name;

  next_alarm (parent, &name);
  return name;
}

void
ike_parent_set_timer (IkeParent *parent, IkeParentTimer timer, IkeTime at)
{
  ike_timers_set (parent->timers, timer, at);
  ike_parent_rearm (parent);
}

void
ike_parent_stop_timer (IkeParent *parent, IkeParentTimer timer)
{
  if (!ike_timers_is_set (parent->timers, timer))
    return;
  ike_timers_stop (parent->timers, timer);
  ike_parent_rearm (parent);
}

/* ---- small questions ---- */

IkeParent *
ike_parent_take_successor (IkeParent *parent)
{
  IkeParent *successor = g_steal_pointer (&parent->successor);

  if (successor)
    successor->contested = FALSE;
  return successor && successor->state == IKE_PARENT_ESTABLISHED ? successor : NULL;
}

const IkeConfig *
ike_parent_config (const IkeParent *parent)
{
  return parent->connection->config;
}

gboolean
ike_parent_is_anonymous (const IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);

  return config->local_auth == IKE_AUTH_NULL || config->remote_auth == IKE_AUTH_NULL;
}

IkeTask *
ike_parent_current (const IkeParent *parent)
{
  return parent->tasks ? g_queue_peek_head (parent->tasks) : NULL;
}

/* About what a message takes beside the payloads. */
#define FRAGMENT_HEADERS 64

gsize
ike_parent_message_limit (const IkeParent *parent, gsize inner)
{
  const IkeConfig *config = ike_parent_config (parent);
  gsize packet = config->fragment_size ? config->fragment_size : 1280;
  gsize headers = parent->path.remote.address.family == IKE_FAMILY_IP6 ? 48 : 28, limit;

  /* RFC 9329 section 7.5 */
  if (!parent->fragmentation || parent->path.transport == IKE_TRANSPORT_TCP)
    return 0;
  if (parent->path.transport == IKE_TRANSPORT_NATT)
    headers += 4;
  limit = packet > headers + 256 ? packet - headers : 256;
  /* at least two, as long as one more is worth its headers */
  return config->fragment_all ? MIN (limit, FRAGMENT_HEADERS + inner / 2) : limit;
}

void
ike_parent_log (const IkeParent *parent, IkeLogLevel level, const char *event, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  if (level > parent->core->log_level)
    return;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  ike_core_log (parent->core, parent->connection->config->id, parent, level, event, "%s", text);
}

void
ike_parent_log_seldom (const IkeParent *parent, const char *event, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  if (!ike_core_may_be_loud (parent->core))
    return;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  ike_parent_log (parent, IKE_LOG_NOTICE, event, "%s", text);
}
