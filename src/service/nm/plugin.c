/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the D-Bus face. libnm's base class keeps the state machine; what it gets wrong is put right here:
 *
 *  - it gives up 60 s after Connect, whatever vpn.timeout says: its timer is cleared, NetworkManager has its own;
 *  - it reports a failure twice when one happens while starting: the state is moved to STOPPING before;
 *  - it never says STARTED again when the address families change on a reconnection: the state is set here;
 *  - it can stop without calling disconnect (after a method that failed): the STOPPED state itself ends the session;
 *  - it does not look whether it got the bus name, and asks to quit before the gateway has been told.
 *
 * Invariants: at most one session is active and at most one is ending; a session starts only when the one before has
 * ended, because the helper does one connection at a time; quit is called once, last.
 */
#include "config.h"

#include "nm/plugin.h"

#include "nm/log.h"
#include "nm/session.h"

#include <glib-unix.h>
#include <signal.h>

#define NETWORK_MANAGER "org.freedesktop.NetworkManager"
#define LOGIND "org.freedesktop.login1"
/* A process that nobody gives a connection does not stay for ever. */
#define IDLE_SECONDS 180

struct _IpsecPlugin {
  NMVpnServicePlugin parent;
  HelperClient *helper;
  const IkeCrypto *crypto;
  Netwatch *netwatch;
  IpsecPluginQuitFunc quit;
  gpointer quit_data;
  gboolean persist;
  Session *session; /* active, or waiting for @ending */
  Session *ending;
  gboolean quit_wanted, quit_done, manager_seen;
  int status;
  guint timer_idle, idle_timeout, watch_name, sleep, signals[2];
};

G_DEFINE_TYPE (IpsecPlugin, ipsec_plugin, NM_TYPE_VPN_SERVICE_PLUGIN)

/* ---- the end ---- */

static void
on_flushed (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (IpsecPlugin) self = data;

  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (object), result, NULL);
  if (self->quit)
    self->quit (self->status, self->quit_data);
}

static void
quit_if_idle (IpsecPlugin *self)
{
  g_autoptr (GDBusConnection) bus = NULL;

  if (!self->quit_wanted || self->quit_done || self->session || self->ending)
    return;
  self->quit_done = TRUE;
  /* the last signals have to leave before the process does */
  bus = nm_vpn_service_plugin_get_connection (NM_VPN_SERVICE_PLUGIN (self));
  g_dbus_connection_flush (bus, NULL, on_flushed, g_object_ref (self));
}

static void
want_quit (IpsecPlugin *self, int status)
{
  self->quit_wanted = TRUE;
  self->status = MAX (self->status, status);
  quit_if_idle (self);
}

static gboolean
on_idle_timeout (gpointer data)
{
  IpsecPlugin *self = data;

  self->idle_timeout = 0;
  want_quit (self, 0);
  return G_SOURCE_REMOVE;
}

static void
arm_idle_timeout (IpsecPlugin *self)
{
  g_clear_handle_id (&self->idle_timeout, g_source_remove);
  if (!self->persist && !self->session)
    self->idle_timeout = g_timeout_add_seconds (IDLE_SECONDS, on_idle_timeout, self);
}

static NMVpnServiceState
get_state (IpsecPlugin *self)
{
  NMVpnServiceState state;

  g_object_get (self, NM_VPN_SERVICE_PLUGIN_STATE, &state, NULL);
  return state;
}

static void
set_state (IpsecPlugin *self, NMVpnServiceState state)
{
  g_object_set (self, NM_VPN_SERVICE_PLUGIN_STATE, state, NULL);
}

static void
disconnect_and_quit (IpsecPlugin *self, int status)
{
  NMVpnServiceState state = get_state (self);

  if (state == NM_VPN_SERVICE_STATE_STARTING || state == NM_VPN_SERVICE_STATE_STARTED)
    nm_vpn_service_plugin_disconnect (NM_VPN_SERVICE_PLUGIN (self), NULL);
  want_quit (self, status);
}

void
ipsec_plugin_quit (IpsecPlugin *self)
{
  disconnect_and_quit (self, 0);
}

/* Base class: the connection has ended, or had none for long. */
static void
vfunc_quit (NMVpnServicePlugin *plugin)
{
  IpsecPlugin *self = IPSEC_PLUGIN (plugin);

  if (!self->persist)
    want_quit (self, 0);
}

/* ---- the session's events ---- */

static void
on_ask (const char *message, const char *const *hints, gpointer data)
{
  nm_vpn_service_plugin_secrets_required (data, message, (const char **) hints);
}

static void
on_up (const Ipconfig *ipconfig, gpointer data)
{
  IpsecPlugin *self = data;
  NMVpnServicePlugin *plugin = data;

  /* NetworkManager applies DNS only on the way to "activated" */
  if (get_state (self) == NM_VPN_SERVICE_STATE_STARTED)
    set_state (self, NM_VPN_SERVICE_STATE_STARTING);
  nm_vpn_service_plugin_set_config (plugin, ipconfig->config);
  if (ipconfig->ip4)
    nm_vpn_service_plugin_set_ip4_config (plugin, ipconfig->ip4);
  if (ipconfig->ip6)
    nm_vpn_service_plugin_set_ip6_config (plugin, ipconfig->ip6);
  set_state (self, NM_VPN_SERVICE_STATE_STARTED);
}

static void
on_reconnecting (gpointer data)
{
  set_state (data, NM_VPN_SERVICE_STATE_STARTING);
}

static void
on_down (const Failure *failure, gpointer data)
{
  IpsecPlugin *self = data;
  NMVpnPluginFailure nm_failure = failure->row->nm_failure;

  if (self->ending)
    g_clear_pointer (&self->session, session_free); /* it never had its turn */
  else
    self->ending = g_steal_pointer (&self->session);
  /* Failure comes before STOPPED, where NetworkManager looks at it. In STOPPING the base class adds none of its own. */
  set_state (self, NM_VPN_SERVICE_STATE_STOPPING);
  nm_vpn_service_plugin_failure (NM_VPN_SERVICE_PLUGIN (self), nm_failure);
  set_state (self, NM_VPN_SERVICE_STATE_STOPPED);
}

static void
on_ended (gpointer data)
{
  IpsecPlugin *self = data;

  g_clear_pointer (&self->ending, session_free);
  if (self->session)
    session_start (self->session);
  arm_idle_timeout (self);
  quit_if_idle (self);
}

static const SessionEvents session_events = {
  .ask = on_ask,
  .up = on_up,
  .reconnecting = on_reconnecting,
  .down = on_down,
  .ended = on_ended,
};

static void
stop_session (IpsecPlugin *self)
{
  Session *session = g_steal_pointer (&self->session);

  if (!session)
    return;
  if (self->ending)
    {
      /* it was still waiting for its turn: nothing was done for it */
      session_free (session);
      return;
    }
  self->ending = session;
  session_stop (session);
}

/* ---- the methods ---- */

static gboolean
clear_base_timer (gpointer data)
{
  IpsecPlugin *self = data;

  self->timer_idle = 0;
  /* what the base class does for any other state is to clear its timers */
  NM_VPN_SERVICE_PLUGIN_CLASS (ipsec_plugin_parent_class)->state_changed (data, NM_VPN_SERVICE_STATE_UNKNOWN);
  return G_SOURCE_REMOVE;
}

/* The base class starts its timer after the method: hence from the main loop. */
static void
clear_base_timer_later (IpsecPlugin *self)
{
  if (!self->timer_idle)
    self->timer_idle = g_idle_add_full (G_PRIORITY_HIGH, clear_base_timer, self, NULL);
}

static gboolean
start_session (IpsecPlugin *self, NMConnection *connection, gboolean interactive, GError **error)
{
  SessionOptions options = {
    .helper = self->helper, .crypto = self->crypto, .netwatch = self->netwatch, .interactive = interactive
  };

  if (self->quit_wanted)
    {
      g_set_error_literal (error, NM_VPN_PLUGIN_ERROR, NM_VPN_PLUGIN_ERROR_STOPPING_IN_PROGRESS,
                           "The VPN service is about to quit.");
      return FALSE;
    }
  self->session = session_new (connection, &options, &session_events, self, error);
  if (!self->session)
    return FALSE;
  g_clear_handle_id (&self->idle_timeout, g_source_remove);
  if (!self->ending)
    session_start (self->session);
  clear_base_timer_later (self);
  return TRUE;
}

static gboolean
vfunc_connect (NMVpnServicePlugin *plugin, NMConnection *connection, GError **error)
{
  return start_session (IPSEC_PLUGIN (plugin), connection, FALSE, error);
}

static gboolean
vfunc_connect_interactive (NMVpnServicePlugin *plugin, NMConnection *connection, GVariant *details, GError **error)
{
  return start_session (IPSEC_PLUGIN (plugin), connection, TRUE, error);
}

static gboolean
vfunc_need_secrets (NMVpnServicePlugin *plugin, NMConnection *connection, const char **ret_setting, GError **error)
{
  arm_idle_timeout (IPSEC_PLUGIN (plugin));
  *ret_setting = NM_SETTING_VPN_SETTING_NAME;
  return session_needs_secrets (connection);
}

static gboolean
vfunc_new_secrets (NMVpnServicePlugin *plugin, NMConnection *connection, GError **error)
{
  IpsecPlugin *self = IPSEC_PLUGIN (plugin);

  if (self->session)
    session_new_secrets (self->session, connection);
  clear_base_timer_later (self);
  return TRUE;
}

static gboolean
vfunc_disconnect (NMVpnServicePlugin *plugin, GError **error)
{
  stop_session (IPSEC_PLUGIN (plugin));
  return TRUE;
}

static void
vfunc_state_changed (NMVpnServicePlugin *plugin, NMVpnServiceState state)
{
  NM_VPN_SERVICE_PLUGIN_CLASS (ipsec_plugin_parent_class)->state_changed (plugin, state);
  if (state == NM_VPN_SERVICE_STATE_STOPPED)
    stop_session (IPSEC_PLUGIN (plugin));
}

void
ipsec_plugin_helper_gone (gpointer plugin)
{
  IpsecPlugin *self = IPSEC_PLUGIN (plugin);

  if (self->ending)
    session_helper_gone (self->ending);
  if (self->session)
    session_helper_gone (self->session);
  want_quit (self, 1);
}

/* ---- the bus ---- */

static void
on_name_owner (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (IpsecPlugin) self = data;
  GDBusConnection *bus = G_DBUS_CONNECTION (object);
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (bus, result, NULL);
  const char *owner = "";

  if (reply)
    g_variant_get (reply, "(&s)", &owner);
  if (g_strcmp0 (owner, g_dbus_connection_get_unique_name (bus)) == 0)
    return;
  log_write (IKE_LOG_ERROR, NULL,
             "The name on the system bus is taken or not allowed for this service. "
             "Check that no other instance runs, and the D-Bus policy file.");
  disconnect_and_quit (self, 1);
}

static void
on_manager_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  IpsecPlugin *self = data;

  /* also called at the beginning when there is none yet */
  if (self->manager_seen)
    ipsec_plugin_quit (self);
}

static void
on_manager_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
  IPSEC_PLUGIN (data)->manager_seen = TRUE;
}

static void
on_bus_closed (GDBusConnection *bus, gboolean remote, GError *error, gpointer data)
{
  ipsec_plugin_quit (data);
}

static gboolean
on_signal (gpointer data)
{
  ipsec_plugin_quit (data);
  return G_SOURCE_CONTINUE;
}

/* systemd's logind: about to sleep, or awake again. */
static void
on_sleep (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
          GVariant *parameters, gpointer data)
{
  IpsecPlugin *self = data;
  gboolean begins = TRUE;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    g_variant_get (parameters, "(b)", &begins);
  if (!begins && self->session)
    session_check (self->session);
}

static void
watch_bus (IpsecPlugin *self, const char *bus_name)
{
  g_autoptr (GDBusConnection) bus = nm_vpn_service_plugin_get_connection (NM_VPN_SERVICE_PLUGIN (self));

  /* not SIGTERM to ourselves: the gateway is told when the bus goes away as well */
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  g_signal_connect_object (bus, "closed", G_CALLBACK (on_bus_closed), self, 0);
  g_dbus_connection_call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetNameOwner",
                          g_variant_new ("(s)", bus_name), G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                          on_name_owner, g_object_ref (self));
  self->sleep = g_dbus_connection_signal_subscribe (bus, LOGIND, LOGIND ".Manager", "PrepareForSleep",
                                                    "/org/freedesktop/login1", NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_sleep,
                                                    self, NULL);
  if (!self->persist)
    self->watch_name = g_bus_watch_name_on_connection (bus, NETWORK_MANAGER, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                       on_manager_appeared, on_manager_vanished, self, NULL);
}

/* ---- the object ---- */

IpsecPlugin *
ipsec_plugin_new (const IpsecPluginOptions *options, GError **error)
{
  const char *bus_name = options->bus_name ? options->bus_name : IPSEC_PLUGIN_BUS_NAME;
  IpsecPlugin *self;

  self = g_initable_new (IPSEC_TYPE_PLUGIN, NULL, error, NM_VPN_SERVICE_PLUGIN_DBUS_SERVICE_NAME, bus_name,
                         NM_VPN_SERVICE_PLUGIN_DBUS_WATCH_PEER, !options->persist, NULL);
  if (!self)
    return NULL;
  self->helper = options->helper;
  self->crypto = options->crypto;
  self->netwatch = options->netwatch;
  self->quit = options->quit;
  self->quit_data = options->quit_data;
  self->persist = options->persist;
  /* in the place of the base class's handlers, which do what no signal handler may */
  self->signals[0] = g_unix_signal_add (SIGTERM, on_signal, self);
  self->signals[1] = g_unix_signal_add (SIGINT, on_signal, self);
  watch_bus (self, bus_name);
  arm_idle_timeout (self);
  return self;
}

static void
stop_watching_sleep (IpsecPlugin *self)
{
  g_autoptr (GDBusConnection) bus = self->sleep ? nm_vpn_service_plugin_get_connection (NM_VPN_SERVICE_PLUGIN (self)) : NULL;

  if (bus)
    g_dbus_connection_signal_unsubscribe (bus, self->sleep);
  self->sleep = 0;
}

static void
ipsec_plugin_dispose (GObject *object)
{
  IpsecPlugin *self = IPSEC_PLUGIN (object);

  /* the base class is going to say that it stops; nobody waits for us any more */
  self->quit_done = TRUE;
  self->quit = NULL;
  g_clear_handle_id (&self->timer_idle, g_source_remove);
  g_clear_handle_id (&self->idle_timeout, g_source_remove);
  g_clear_handle_id (&self->signals[0], g_source_remove);
  g_clear_handle_id (&self->signals[1], g_source_remove);
  g_clear_handle_id (&self->watch_name, g_bus_unwatch_name);
  stop_watching_sleep (self);
  g_clear_pointer (&self->session, session_free);
  g_clear_pointer (&self->ending, session_free);
  G_OBJECT_CLASS (ipsec_plugin_parent_class)->dispose (object);
}

static void
ipsec_plugin_class_init (IpsecPluginClass *klass)
{
  NMVpnServicePluginClass *plugin_class = NM_VPN_SERVICE_PLUGIN_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ipsec_plugin_dispose;
  plugin_class->connect = vfunc_connect;
  plugin_class->connect_interactive = vfunc_connect_interactive;
  plugin_class->need_secrets = vfunc_need_secrets;
  plugin_class->new_secrets = vfunc_new_secrets;
  plugin_class->disconnect = vfunc_disconnect;
  plugin_class->state_changed = vfunc_state_changed;
  plugin_class->quit = vfunc_quit;
}

static void
ipsec_plugin_init (IpsecPlugin *self)
{
}
