/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns a connection's configuration, its IKE SAs and its two timers. */
#include "sa/connection.h"

#include "sa/parent.h"
#include "sa/select.h"
#include "sa/sources.h"

const char *
ike_connection_state_name (IkeConnectionState state)
{
  switch (state)
    {
    case IKE_CONNECTION_IDLE:
      return "idle";
    case IKE_CONNECTION_STARTING:
      return "starting";
    case IKE_CONNECTION_UP:
      return "up";
    case IKE_CONNECTION_RETRYING:
      return "retrying";
    case IKE_CONNECTION_LISTENING:
      return "listening";
    case IKE_CONNECTION_WAITING:
      return "waiting";
    case IKE_CONNECTION_STOPPING:
      return "stopping";
    }
  g_assert_not_reached ();
}

static IkeConnection *
connection_new (IkeCore *core, IkeConfig *config)
{
  IkeConnection *connection = g_new0 (IkeConnection, 1);

  connection->core = core;
  connection->config = config;
  connection->ke_hint = config->ke_hint;
  connection->parents = g_ptr_array_new ();
  connection->clients = g_hash_table_new (g_str_hash, g_str_equal);
  connection->alarm = (IkeAlarm){ .of_connection = TRUE, .owner = connection };
  ike_timers_init (connection->timers, IKE_CONNECTION_N_TIMERS);
  return connection;
}

IkeConnection *
ike_connection_new (IkeCore *core, IkeConfig *take_config)
{
  IkeConnection *connection = connection_new (core, take_config);

  g_hash_table_insert (core->connections, GUINT_TO_POINTER (take_config->id), connection);
  return connection;
}

IkeConnection *
ike_connection_new_mate (IkeConnection *mesh, const IkePath *path)
{
  IkeConnection *mate = connection_new (mesh->core, mesh->config);

  mate->mesh = mesh;
  mate->mate = ++mesh->core->last_client;
  mate->path = mate->natt_path = *path;
  mate->natt_path.transport = IKE_TRANSPORT_NATT;
  mate->natt_path.local.port = mate->natt_path.remote.port = 4500;
  return mate;
}

void
ike_connection_free (IkeConnection *connection)
{
  while (connection->parents->len)
    ike_parent_free (connection->parents->pdata[connection->parents->len - 1]);
  g_ptr_array_unref (connection->parents);
  g_hash_table_unref (connection->clients);
  ike_sources_free (connection->nobodies);
  g_clear_pointer (&connection->claims, g_hash_table_unref);
  ike_core_alarm_set (connection->core, &connection->alarm, IKE_TIME_NEVER);
  if (!connection->mesh)
    g_hash_table_remove (connection->core->connections, GUINT_TO_POINTER (connection->config->id));
  g_clear_pointer (&connection->held, g_array_unref);
  g_clear_pointer (&connection->own, g_array_unref);
  ike_reason_clear (&connection->reason);
  g_clear_pointer (&connection->trap_local, g_array_unref);
  g_clear_pointer (&connection->trap_remote, g_array_unref);
  ike_session_unref (connection->session);
  g_free (connection->redirect_to);
  ike_tickets_free (connection->tickets);
  if (!connection->mesh)
    ike_config_free (connection->config);
  if (connection->configured)
    ike_configured_free (connection->configured);
  g_free (connection);
}

IkeConnection *
ike_connection_find (IkeCore *core, guint32 id)
{
  return g_hash_table_lookup (core->connections, GUINT_TO_POINTER (id));
}

void
ike_connection_set_state (IkeConnection *connection, IkeConnectionState state)
{
  if (connection->state == state)
    return;
  ike_core_log (connection->core, connection->config->id, NULL, IKE_LOG_DEBUG, "state", "connection: %s -> %s",
                ike_connection_state_name (connection->state), ike_connection_state_name (state));
  connection->state = (guint8) state;
}

void
ike_connection_set_timer (IkeConnection *connection, IkeConnectionTimer timer, IkeTime at)
{
  ike_timers_set (connection->timers, timer, at);
  ike_core_alarm_set (connection->core, &connection->alarm,
                      ike_timers_next (connection->timers, IKE_CONNECTION_N_TIMERS, NULL));
}

void
ike_connection_stop_timer (IkeConnection *connection, IkeConnectionTimer timer)
{
  ike_timers_stop (connection->timers, timer);
  ike_core_alarm_set (connection->core, &connection->alarm,
                      ike_timers_next (connection->timers, IKE_CONNECTION_N_TIMERS, NULL));
}

void
ike_connection_bury (IkeConnection *connection, IkeParent *parent)
{
  if (connection->current == parent)
    connection->current = NULL;
  if (!parent->buried)
    g_ptr_array_add (connection->core->graves, parent);
  parent->buried = TRUE;
}

/* ---- policies without an SA ---- */

typedef struct {
  guint32 slot;
  GArray *local_ts, *remote_ts; /* IkeSelector */
} IkeHeld;

static void
held_clear (gpointer data)
{
  IkeHeld *held = data;

  g_array_unref (held->local_ts);
  g_array_unref (held->remote_ts);
}

gboolean
ike_connection_hold (IkeConnection *connection, const IkeChild *child)
{
  IkeHeld held;

  /* whoever waits for the other end leaves the way free; on demand the trap stays */
  if (!connection->config->keep_trying || connection->config->begin != IKE_BEGIN_NOW || connection->trap_slot ||
      (connection->state != IKE_CONNECTION_UP && connection->state != IKE_CONNECTION_RETRYING))
    return FALSE;
  ike_connection_unhold (connection, child->slot);
  if (!connection->held)
    {
      connection->held = g_array_new (FALSE, FALSE, sizeof (IkeHeld));
      g_array_set_clear_func (connection->held, held_clear);
    }
  held = (IkeHeld){ child->slot, ike_select_copy (child->local_ts), ike_select_copy (child->remote_ts) };
  g_array_append_val (connection->held, held);
  return TRUE;
}

void
ike_connection_unhold (IkeConnection *connection, guint32 slot)
{
  for (guint i = 0; connection->held && i < connection->held->len; i++)
    if (g_array_index (connection->held, IkeHeld, i).slot == slot)
      {
        g_array_remove_index_fast (connection->held, i);
        return;
      }
}

static void
take (gboolean *taken, guint32 slot)
{
  if (slot <= IKE_MAX_SLOTS)
    taken[slot] = TRUE;
}

static void
take_all (gboolean *taken, const IkeConnection *connection)
{
  take (taken, connection->slot);
  take (taken, connection->trap_slot);
  for (guint i = 0; connection->held && i < connection->held->len; i++)
    take (taken, g_array_index (connection->held, IkeHeld, i).slot);
  for (guint i = 0; i < connection->parents->len; i++)
    for (const IkeChild *child = ((IkeParent *) connection->parents->pdata[i])->children; child; child = child->next)
      take (taken, child->slot);
}

guint32
ike_connection_new_slot (const IkeConnection *connection)
{
  const gboolean many = connection->config->role == IKE_ROLE_RESPONDER || connection->config->mesh;
  IkeCore *core = connection->core;
  gboolean taken[IKE_MAX_SLOTS + 1] = { FALSE };

  if (many && core->last_slot >= IKE_MAX_SLOTS)
    return ++core->last_slot;
  take_all (taken, connection);
  while (many && core->last_slot < IKE_MAX_SLOTS)
    if (!taken[++core->last_slot])
      return core->last_slot;
  for (guint i = 0; !many && i < IKE_MAX_SLOTS; i++)
    {
      core->last_low_slot = core->last_low_slot % IKE_MAX_SLOTS + 1;
      if (!taken[core->last_low_slot])
        return core->last_low_slot;
    }
  return many ? ++core->last_slot : IKE_MAX_SLOTS + 1;
}

guint32
ike_connection_held_for (const IkeConnection *connection, const IkeChild *child)
{
  for (guint i = 0; connection->held && i < connection->held->len; i++)
    {
      const IkeHeld *held = &g_array_index (connection->held, IkeHeld, i);

      if (ike_select_equal (held->local_ts, child->local_ts) && ike_select_equal (held->remote_ts, child->remote_ts))
        return held->slot;
    }
  return 0;
}

static void
delete_policies (const IkeConnection *connection, guint32 slot)
{
  IkeKernelRequest *request = g_new0 (IkeKernelRequest, 1);

  request->op = IKE_KERNEL_DELETE;
  request->slot = slot;
  request->parts = IKE_SA_POLICIES;
  request->protocol = IKE_PROTOCOL_ESP;
  ike_core_kernel (connection->core, connection->config->id, request, NULL);
}

void
ike_connection_let_go (IkeConnection *connection, const IkeChild *child)
{
  guint32 slot = ike_connection_held_for (connection, child);

  if (!slot)
    return;
  ike_connection_unhold (connection, slot);
  delete_policies (connection, slot);
}

void
ike_connection_sift (IkeConnection *connection, IkeHeldWanted wanted)
{
  for (guint i = connection->held ? connection->held->len : 0; i-- > 0;)
    {
      const IkeHeld *held = &g_array_index (connection->held, IkeHeld, i);

      if (wanted (connection, held->slot, held->remote_ts))
        continue;
      delete_policies (connection, held->slot);
      g_array_remove_index_fast (connection->held, i);
    }
}

void
ike_connection_release (IkeConnection *connection)
{
  for (guint i = 0; connection->held && i < connection->held->len; i++)
    delete_policies (connection, g_array_index (connection->held, IkeHeld, i).slot);
  g_clear_pointer (&connection->held, g_array_unref);
}

static IkeKernelRequest *
trap_request (const IkeConnection *connection)
{
  IkeKernelRequest *request = g_new0 (IkeKernelRequest, 1);

  request->op = IKE_KERNEL_INSTALL;
  request->slot = connection->trap_slot;
  request->parts = IKE_SA_POLICIES;
  request->protocol = IKE_PROTOCOL_ESP;
  request->path = connection->path;
  request->transport_mode = connection->config->child.transport_mode;
  request->local_ts = ike_select_copy (connection->trap_local);
  request->remote_ts = ike_select_copy (connection->trap_remote);
  if (connection->config->child.label)
    request->label = g_bytes_ref (connection->config->child.label);
  return request;
}

/* By a Child SA, which may have other templates than a trap. */
static gboolean
has_policies (const IkeConnection *connection, guint32 slot)
{
  for (guint i = 0; i < connection->parents->len; i++)
    for (const IkeChild *child = ((IkeParent *) connection->parents->pdata[i])->children; child; child = child->next)
      if (child->slot == slot && child->parts & IKE_SA_POLICIES)
        return TRUE;
  return FALSE;
}

void
ike_connection_trap (IkeConnection *connection)
{
  if (!connection->trap_slot)
    return;
  if (!has_policies (connection, connection->trap_slot))
    connection->trap_question =
        ike_core_kernel (connection->core, connection->config->id, trap_request (connection), NULL);
  /* the kernel tells them apart by their selectors only: of those of one Child SA another one, or the trap, may have some */
  for (guint i = 0; i < connection->parents->len; i++)
    for (IkeChild *child = ((IkeParent *) connection->parents->pdata[i])->children; child; child = child->next)
      if (child->parts & IKE_SA_POLICIES)
        ike_child_install (child, IKE_SA_POLICIES, NULL);
}

void
ike_connection_move_trap (IkeConnection *connection, guint32 slot, GArray *local, GArray *remote)
{
  guint32 old = connection->trap_slot;

  g_clear_pointer (&connection->trap_local, g_array_unref);
  g_clear_pointer (&connection->trap_remote, g_array_unref);
  connection->trap_slot = slot;
  connection->trap_local = g_array_ref (local);
  connection->trap_remote = g_array_ref (remote);
  ike_connection_trap (connection);
  if (old && old != slot && !has_policies (connection, old))
    delete_policies (connection, old);
}

void
ike_connection_untrap (IkeConnection *connection)
{
  if (!connection->trap_slot)
    return;
  delete_policies (connection, connection->trap_slot);
  connection->trap_slot = connection->trap_question = 0;
  g_clear_pointer (&connection->trap_local, g_array_unref);
  g_clear_pointer (&connection->trap_remote, g_array_unref);
}
