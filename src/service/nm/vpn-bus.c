/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the state that NetworkManager sees, the exported object, the name, and what is watched on the bus.
 */
#include "nm/vpn-bus.h"

#include "nm-interfaces.h"
#include "nm/status.h"
#include "nm/vpn-error.h"

#include <string.h>

#define BUS "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define LOGIND "org.freedesktop.login1"
#define ACTIVE_PATH NM_DBUS_PATH "/ActiveConnection/"
#define VPN_INTERFACE NM_DBUS_INTERFACE ".VPN.Connection"
/* How long NetworkManager may take to apply a configuration before a question does not wait for it any more. */
#define SETTLE_SECONDS 2
#define REQUEST_NAME_DO_NOT_QUEUE 4u
#define REQUEST_NAME_REPLY_PRIMARY_OWNER 1u

struct _VpnBus {
  const VpnBusEvents *events;
  gpointer data;
  gboolean watch;
  NMVpnServiceState state;
  GDBusConnection *bus;
  gulong closed;
  guint object, status, sleep, manager, peer, active;
  GVariant *config; /* the last Config of this connection; NULL: none yet */
  guint manager_state; /* NMVpnConnectionState; 0: it has said none */
  gboolean settling; /* it has not said "activated" since @config */
  char *question; /* that waits for that, or for its answer; NULL: none */
  char **hints;
  gboolean told; /* the question was */
  guint patience;
  char *name; /* ours */
  char *manager_owner; /* its unique name; NULL: it was never there */
};

/* ---- what is said ---- */

static void
emit (VpnBus *self, const char *name, GVariant *parameters)
{
  g_dbus_connection_emit_signal (self->bus, NULL, NM_VPN_DBUS_PLUGIN_PATH, NM_VPN_DBUS_PLUGIN_INTERFACE, name,
                                 parameters, NULL);
}

NMVpnServiceState
vpn_bus_state (const VpnBus *self)
{
  return self->state;
}

static gboolean
has_connection (const VpnBus *self)
{
  return self->state == NM_VPN_SERVICE_STATE_STARTING || self->state == NM_VPN_SERVICE_STATE_STARTED;
}

static void
drop_question (VpnBus *self)
{
  g_clear_pointer (&self->question, g_free);
  g_clear_pointer (&self->hints, g_strfreev);
  g_clear_handle_id (&self->patience, g_source_remove);
  self->told = FALSE;
}

void
vpn_bus_set_state (VpnBus *self, NMVpnServiceState state)
{
  if (state == self->state)
    return;
  self->state = state;
  if (!has_connection (self))
    drop_question (self);
  emit (self, "StateChanged", g_variant_new ("(u)", (guint) state));
  if (state != NM_VPN_SERVICE_STATE_STOPPED)
    return;
  self->settling = FALSE;
  g_clear_pointer (&self->config, g_variant_unref);
  g_clear_handle_id (&self->peer, g_bus_unwatch_name);
  self->events->stopped (self->data);
}

/* NetworkManager takes whoever goes from STARTED to STARTING for connecting, whatever it has taken us for. */
static void
connect_again (VpnBus *self)
{
  vpn_bus_set_state (self, NM_VPN_SERVICE_STATE_STARTED);
  vpn_bus_set_state (self, NM_VPN_SERVICE_STATE_STARTING);
}

static void
tell_question (VpnBus *self)
{
  /* heard only from who is connecting, and for that NetworkManager takes nobody for long who has been connected: as soon
   * as it does anything to the interface it says "activated" again */
  if (self->config)
    connect_again (self);
  emit (self, "SecretsRequired", g_variant_new ("(s^as)", self->question, self->hints));
  g_clear_handle_id (&self->patience, g_source_remove);
  self->told = TRUE;
}

static gboolean
on_patience (gpointer data)
{
  VpnBus *self = data;

  self->patience = 0;
  tell_question (self);
  return G_SOURCE_REMOVE;
}

static void
have_patience (VpnBus *self)
{
  g_clear_handle_id (&self->patience, g_source_remove);
  self->patience = g_timeout_add_seconds (SETTLE_SECONDS, on_patience, self);
}

void
vpn_bus_secrets_required (VpnBus *self, const char *message, const char *const *hints)
{
  drop_question (self);
  self->question = g_strdup (message);
  self->hints = g_strdupv ((char **) hints);
  if (self->settling && self->manager_state)
    have_patience (self);
  else
    tell_question (self);
}

void
vpn_bus_failure (VpnBus *self, NMVpnPluginFailure failure)
{
  emit (self, "Failure", g_variant_new ("(u)", (guint) failure));
}

void
vpn_bus_config (VpnBus *self, GVariant *config, GVariant *ip4, GVariant *ip6)
{
  if (self->told)
    drop_question (self);
  else if (self->question)
    have_patience (self);
  self->settling = TRUE;
  g_clear_pointer (&self->config, g_variant_unref);
  self->config = g_variant_ref_sink (config);
  emit (self, "Config", g_variant_new ("(@a{sv})", config));
  if (ip4)
    emit (self, "Ip4Config", g_variant_new ("(@a{sv})", ip4));
  if (ip6)
    emit (self, "Ip6Config", g_variant_new ("(@a{sv})", ip6));
}

void
vpn_bus_remind (VpnBus *self)
{
  if (self->state != NM_VPN_SERVICE_STATE_STARTING || !self->config)
    return;
  connect_again (self);
  emit (self, "Config", g_variant_new ("(@a{sv})", self->config));
}

void
vpn_bus_flush (VpnBus *self, GAsyncReadyCallback callback, gpointer data)
{
  g_dbus_connection_flush (self->bus, NULL, callback, data);
}

/* ---- the methods ---- */

void
vpn_bus_disconnect (VpnBus *self)
{
  if (!has_connection (self))
    return;
  vpn_bus_set_state (self, NM_VPN_SERVICE_STATE_STOPPING);
  self->events->stop (self->data);
  vpn_bus_set_state (self, NM_VPN_SERVICE_STATE_STOPPED);
}

static void
refuse (GDBusMethodInvocation *call, NMVpnPluginError code, const char *text)
{
  g_dbus_method_invocation_return_error_literal (call, VPN_ERROR, (int) code, text);
}

static void
on_peer_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  vpn_bus_disconnect (data);
}

/* NetworkManager is watched already; anybody else who called Connect has to stay as well. */
static void
watch_peer (VpnBus *self, const char *sender)
{
  if (self->watch && sender && g_strcmp0 (sender, self->manager_owner) != 0)
    self->peer = g_bus_watch_name_on_connection (self->bus, sender, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                                 on_peer_vanished, self, NULL);
}

static void
connect_ (VpnBus *self, GDBusMethodInvocation *call, GVariant *connection, gboolean interactive)
{
  GError *error = NULL;

  if (self->state != NM_VPN_SERVICE_STATE_INIT && self->state != NM_VPN_SERVICE_STATE_STOPPED)
    {
      refuse (call, NM_VPN_PLUGIN_ERROR_WRONG_STATE, "There is a connection already, or one that is about to end.");
      return;
    }
  if (!self->events->connect (connection, interactive, self->data, &error))
    {
      g_dbus_method_invocation_take_error (call, error);
      vpn_bus_set_state (self, NM_VPN_SERVICE_STATE_STOPPED);
      return;
    }
  watch_peer (self, g_dbus_method_invocation_get_sender (call));
  vpn_bus_set_state (self, NM_VPN_SERVICE_STATE_STARTING);
  g_dbus_method_invocation_return_value (call, NULL);
}

static void
new_secrets (VpnBus *self, GDBusMethodInvocation *call, GVariant *connection)
{
  if (self->state != NM_VPN_SERVICE_STATE_STARTING)
    {
      refuse (call, NM_VPN_PLUGIN_ERROR_WRONG_STATE, "No connection is being made that could need secrets.");
      return;
    }
  drop_question (self);
  g_dbus_method_invocation_return_value (call, NULL);
  self->events->new_secrets (connection, self->data);
}

static void
disconnect_ (VpnBus *self, GDBusMethodInvocation *call)
{
  if (self->state == NM_VPN_SERVICE_STATE_STOPPING || self->state == NM_VPN_SERVICE_STATE_STOPPED)
    {
      refuse (call,
              self->state == NM_VPN_SERVICE_STATE_STOPPING ? NM_VPN_PLUGIN_ERROR_STOPPING_IN_PROGRESS
                                                           : NM_VPN_PLUGIN_ERROR_ALREADY_STOPPED,
              "The connection is being stopped, or there is none.");
      return;
    }
  vpn_bus_disconnect (self);
  vpn_bus_set_state (self, NM_VPN_SERVICE_STATE_STOPPED); /* INIT, too: nobody wants anything from us */
  g_dbus_method_invocation_return_value (call, NULL);
}

static void
on_call (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *method,
         GVariant *parameters, GDBusMethodInvocation *call, gpointer data)
{
  VpnBus *self = data;
  g_autoptr (GVariant) connection = NULL;

  if (g_variant_n_children (parameters))
    connection = g_variant_get_child_value (parameters, 0);
  if (strcmp (method, "Connect") == 0 || strcmp (method, "ConnectInteractive") == 0)
    connect_ (self, call, connection, method[strlen ("Connect")] != '\0');
  else if (strcmp (method, "NeedSecrets") == 0)
    g_dbus_method_invocation_return_value (
        call,
        g_variant_new ("(s)", self->events->needs_secrets (connection, self->data) ? NM_SETTING_VPN_SETTING_NAME : ""));
  else if (strcmp (method, "NewSecrets") == 0)
    new_secrets (self, call, connection);
  else
    disconnect_ (self, call);
}

static GVariant *
on_get (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *property,
        GError **error, gpointer data)
{
  const VpnBus *self = data;

  return g_variant_new_uint32 (self->state);
}

/* ---- who is there ---- */

static void
on_manager_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
  VpnBus *self = data;

  g_free (self->manager_owner);
  self->manager_owner = g_strdup (owner);
}

/* The next NetworkManager counts from one again, and takes whoever has the name for the service of its own connection; and
 * what ends here takes its time. */
static void
release_name (VpnBus *self)
{
  g_dbus_connection_call (self->bus, BUS, BUS_PATH, BUS, "ReleaseName", g_variant_new ("(s)", self->name), NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

static void
on_manager_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  VpnBus *self = data;

  if (self->manager_owner)
    {
      self->events->gone (self->data);
      release_name (self);
    }
  else
    self->events->alone (self->data);
}

static void
on_closed (GDBusConnection *bus, gboolean remote, GError *error, gpointer data)
{
  VpnBus *self = data;

  self->events->gone (self->data);
}

/* NetworkManager's state of this connection. */
static void
on_active (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
           GVariant *parameters, gpointer data)
{
  VpnBus *self = data;
  gboolean settled;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(uu)")))
    return;
  g_variant_get (parameters, "(uu)", &self->manager_state, NULL);
  if (self->manager_state != NM_VPN_CONNECTION_STATE_ACTIVATED)
    return;
  settled = self->settling;
  self->settling = FALSE;
  /* a question that was told it has withdrawn with that, whether or not somebody was about to answer */
  if ((settled || self->question) && self->events->settled (self->data) && self->question)
    tell_question (self);
}

/* systemd's logind: about to sleep, or awake again. */
static void
on_sleep (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
          GVariant *parameters, gpointer data)
{
  VpnBus *self = data;
  gboolean begins = TRUE;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    g_variant_get (parameters, "(b)", &begins);
  if (!begins)
    self->events->awake (self->data);
}

/* ---- the beginning and the end ---- */

static gboolean export(VpnBus *self, GError **error)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call, .get_property = on_get };

  self->object = g_dbus_connection_register_object (
      self->bus, NM_VPN_DBUS_PLUGIN_PATH, (GDBusInterfaceInfo *) &vpnplugin_interface, &vtable, self, NULL, error);
  return self->object != 0;
}

static gboolean
take_name (VpnBus *self, GError **error)
{
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_sync (self->bus, BUS, BUS_PATH, BUS, "RequestName",
                                   g_variant_new ("(su)", self->name, REQUEST_NAME_DO_NOT_QUEUE),
                                   G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
  guint result;

  if (!reply)
    {
      g_prefix_error (error,
                      "The name on the system bus is not allowed for this service; check the D-Bus policy file. ");
      return FALSE;
    }
  g_variant_get (reply, "(u)", &result);
  if (result == REQUEST_NAME_REPLY_PRIMARY_OWNER)
    return TRUE;
  g_set_error_literal (error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_FAILED,
                       "The name on the system bus is taken. Check that no other instance runs.");
  return FALSE;
}

/* The last part of our name is the number of NetworkManager's object. */
static void
watch_active (VpnBus *self)
{
  const char *number = strrchr (self->name, '_');
  g_autofree char *path = NULL;

  if (!number || !g_ascii_isdigit (number[1]))
    return;
  path = g_strconcat (ACTIVE_PATH, number + 1, NULL);
  if (g_variant_is_object_path (path))
    self->active = g_dbus_connection_signal_subscribe (self->bus, NM_DBUS_SERVICE, VPN_INTERFACE, "VpnStateChanged",
                                                       path, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_active, self, NULL);
}

static void
watch_bus (VpnBus *self)
{
  self->closed = g_signal_connect (self->bus, "closed", G_CALLBACK (on_closed), self);
  self->sleep = g_dbus_connection_signal_subscribe (self->bus, LOGIND, LOGIND ".Manager", "PrepareForSleep",
                                                    "/org/freedesktop/login1", NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_sleep,
                                                    self, NULL);
  if (self->watch)
    self->manager = g_bus_watch_name_on_connection (self->bus, NM_DBUS_SERVICE, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                    on_manager_appeared, on_manager_vanished, self, NULL);
}

VpnBus *
vpn_bus_new (const char *bus_name, gboolean watch, const VpnBusEvents *events, gpointer data, GError **error)
{
  g_autoptr (VpnBus) self = g_new0 (VpnBus, 1);

  self->events = events;
  self->data = data;
  self->watch = watch;
  self->state = NM_VPN_SERVICE_STATE_INIT;
  self->name = g_strdup (bus_name);
  self->bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, error);
  if (!self->bus)
    return NULL;
  /* not SIGTERM to ourselves: the gateway is told when the bus goes away as well */
  g_dbus_connection_set_exit_on_close (self->bus, FALSE);
  if (!export(self, error) || !take_name (self, error))
    return NULL;
  self->status = status_export (self->bus, events->status, data);
  watch_bus (self);
  watch_active (self);
  return g_steal_pointer (&self);
}

GDBusConnection *
vpn_bus_connection (const VpnBus *self)
{
  return self->bus;
}

void
vpn_bus_free (VpnBus *self)
{
  if (!self)
    return;
  drop_question (self);
  g_clear_handle_id (&self->peer, g_bus_unwatch_name);
  g_clear_handle_id (&self->manager, g_bus_unwatch_name);
  if (self->active)
    g_dbus_connection_signal_unsubscribe (self->bus, self->active);
  if (self->sleep)
    g_dbus_connection_signal_unsubscribe (self->bus, self->sleep);
  if (self->closed)
    g_signal_handler_disconnect (self->bus, self->closed);
  if (self->object)
    g_dbus_connection_unregister_object (self->bus, self->object);
  if (self->status)
    g_dbus_connection_unregister_object (self->bus, self->status);
  g_clear_object (&self->bus);
  g_clear_pointer (&self->config, g_variant_unref);
  g_free (self->manager_owner);
  g_free (self->name);
  g_free (self);
}
