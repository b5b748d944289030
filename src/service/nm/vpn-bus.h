/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The D-Bus object /org/freedesktop/NetworkManager/VPN/Plugin: what goes over the wire, in which state which method is
 * allowed, and who on the bus must be there. libnm's NMVpnServicePlugin would do it too, but it brings libnm into the
 * process (a third of the time that it takes to start, a sixth of its memory, and GnuTLS), and has a timer and state
 * changes of its own that the service must not have.
 *
 * NetworkManager's own state of the connection is listened to: it acts on what it was told in its own time.
 *
 * States go INIT or STOPPED -> STARTING <-> STARTED -> STOPPING -> STOPPED; each change is told at once.
 */
#pragma once

#include <NetworkManager.h>
#include <gio/gio.h>

typedef struct _VpnBus VpnBus;

/* @connection is a{sa{sv}} as it came. None of them may free the VpnBus. */
typedef struct {
  /* FALSE: @error goes to the caller, under its name when it is a VPN_ERROR, and the state becomes STOPPED. */
  gboolean (*connect) (GVariant *connection, gboolean interactive, gpointer data, GError **error);
  gboolean (*needs_secrets) (GVariant *connection, gpointer data);
  void (*new_secrets) (GVariant *connection, gpointer data);
  /* NetworkManager has done what the last configuration said, or has withdrawn a question. TRUE: a question may be told;
   * FALSE: NetworkManager has been told another configuration. */
  gboolean (*settled) (gpointer data);
  void (*stop) (gpointer data); /* in STOPPING: let go of the connection, without an answer */
  void (*stopped) (gpointer data); /* the state has become STOPPED */
  void (*gone) (gpointer data); /* the bus or NetworkManager has gone away */
  void (*alone) (gpointer data); /* NetworkManager is not there at the beginning */
  void (*awake) (gpointer data); /* the machine has slept */
  GVariant *(*status) (gpointer data); /* see nm/status.h */
} VpnBusEvents;

/* Connects to the system bus, exports the object and takes @bus_name (synchronously). @watch: NetworkManager, and who
 * calls Connect, must stay. NULL: no bus, or the name is taken or not allowed. */
VpnBus *vpn_bus_new (const char *bus_name, gboolean watch, const VpnBusEvents *events, gpointer data, GError **error);
void vpn_bus_free (VpnBus *self);
/* Borrowed. */
GDBusConnection *vpn_bus_connection (const VpnBus *self);

NMVpnServiceState vpn_bus_state (const VpnBus *self);
void vpn_bus_set_state (VpnBus *self, NMVpnServiceState state);
/* As if somebody had called Disconnect; nothing in a state without a connection. */
void vpn_bus_disconnect (VpnBus *self);

/* In state STARTING from then on, when NetworkManager has done what the last configuration said. */
void vpn_bus_secrets_required (VpnBus *self, const char *message, const char *const *hints);
void vpn_bus_failure (VpnBus *self, NMVpnPluginFailure failure);
/* Three a{sv}; @ip4 and @ip6 may be NULL. */
void vpn_bus_config (VpnBus *self, GVariant *config, GVariant *ip4, GVariant *ip6);
/* Before STOPPED by our own will: NetworkManager takes back the name servers only of who has come as far as a
 * configuration, which a question makes it forget. */
void vpn_bus_remind (VpnBus *self);

/* @callback, when what was said so far has left the process. */
void vpn_bus_flush (VpnBus *self, GAsyncReadyCallback callback, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VpnBus, vpn_bus_free)
