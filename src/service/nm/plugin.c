/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the sessions and the end of the process.
 *
 * Invariants: at most one session is active and at most one is ending; a session starts only when the one before has
 * ended, because the helper does one connection at a time; quit is called once, last.
 */
#include "nm/plugin.h"

#include "nm/session.h"
#include "nm/vpn-bus.h"
#include "nm/vpn-error.h"

#include <glib-unix.h>
#include <signal.h>

/* A process that nobody gives a connection does not stay for ever. */
#define IDLE_SECONDS 180
#define ALONE_SECONDS 2 /* when NetworkManager, which starts us, has died meanwhile */

struct _IpsecPlugin {
  VpnBus *bus;
  HelperClient *helper;
  const IkeCrypto *crypto;
  Netwatch *netwatch;
  ManagerVersion *manager;
  IpsecPluginQuitFunc quit;
  gpointer quit_data;
  gboolean persist;
  Session *session; /* active, or waiting for @ending */
  Session *ending;
  gboolean quit_wanted, quit_done;
  int status;
  guint idle_timeout, signals[2];
};

/* ---- the end ---- */

static void
on_flushed (GObject *object, GAsyncResult *result, gpointer data)
{
  IpsecPlugin *self = data;

  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (object), result, NULL);
  if (self->quit)
    self->quit (self->status, self->quit_data);
  g_rc_box_release (self);
}

static void
quit_if_idle (IpsecPlugin *self)
{
  if (!self->quit_wanted || self->quit_done || self->session || self->ending)
    return;
  self->quit_done = TRUE;
  /* the last signals have to leave before the process does */
  vpn_bus_flush (self->bus, on_flushed, g_rc_box_acquire (self));
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
arm_idle_timeout (IpsecPlugin *self, guint seconds)
{
  g_clear_handle_id (&self->idle_timeout, g_source_remove);
  if (!self->persist && !self->session)
    self->idle_timeout = g_timeout_add_seconds (seconds, on_idle_timeout, self);
}

void
ipsec_plugin_quit (IpsecPlugin *self)
{
  vpn_bus_remind (self->bus);
  vpn_bus_disconnect (self->bus);
  want_quit (self, 0);
}

/* ---- the session's events ---- */

static void
on_ask (const char *message, const char *const *hints, gpointer data)
{
  IpsecPlugin *self = data;

  vpn_bus_secrets_required (self->bus, message, hints);
}

static void
on_up (const Ipconfig *ipconfig, gpointer data)
{
  IpsecPlugin *self = data;

  /* NetworkManager applies DNS only on the way to "activated" */
  vpn_bus_set_state (self->bus, NM_VPN_SERVICE_STATE_STARTING);
  vpn_bus_config (self->bus, ipconfig->config, ipconfig->ip4, ipconfig->ip6);
  vpn_bus_set_state (self->bus, NM_VPN_SERVICE_STATE_STARTED);
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
  vpn_bus_remind (self->bus);
  /* Failure comes before STOPPED, where NetworkManager looks at it */
  vpn_bus_set_state (self->bus, NM_VPN_SERVICE_STATE_STOPPING);
  vpn_bus_failure (self->bus, nm_failure);
  vpn_bus_set_state (self->bus, NM_VPN_SERVICE_STATE_STOPPED);
}

static void
on_ended (gpointer data)
{
  IpsecPlugin *self = data;

  g_clear_pointer (&self->ending, session_free);
  if (self->session)
    session_start (self->session);
  arm_idle_timeout (self, IDLE_SECONDS);
  quit_if_idle (self);
}

static const SessionEvents session_events = {
  .ask = on_ask,
  .up = on_up,
  .down = on_down,
  .ended = on_ended,
};

/* ---- what NetworkManager wants ---- */

static gboolean
on_connect (GVariant *connection, gboolean interactive, gpointer data, GError **error)
{
  IpsecPlugin *self = data;
  SessionOptions options = { .helper = self->helper,
                             .crypto = self->crypto,
                             .netwatch = self->netwatch,
                             .manager = self->manager,
                             .interactive = interactive };

  if (self->quit_wanted)
    {
      g_set_error_literal (error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_STOPPING_IN_PROGRESS,
                           "The VPN service is about to quit.");
      return FALSE;
    }
  self->session = session_new (connection, &options, &session_events, self, error);
  if (!self->session)
    return FALSE;
  g_clear_handle_id (&self->idle_timeout, g_source_remove);
  if (!self->ending)
    session_start (self->session);
  return TRUE;
}

static gboolean
on_needs_secrets (GVariant *connection, gpointer data)
{
  arm_idle_timeout (data, IDLE_SECONDS);
  return session_needs_secrets (connection);
}

static void
on_new_secrets (GVariant *connection, gpointer data)
{
  IpsecPlugin *self = data;

  if (self->session)
    session_new_secrets (self->session, connection);
}

static gboolean
on_settled (gpointer data)
{
  IpsecPlugin *self = data;

  return !self->session || session_settled (self->session);
}

static void
on_stop (gpointer data)
{
  IpsecPlugin *self = data;
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

static void
on_stopped (gpointer data)
{
  IpsecPlugin *self = data;

  if (!self->persist)
    want_quit (self, 0);
}

static void
on_gone (gpointer data)
{
  ipsec_plugin_quit (data);
}

static void
on_alone (gpointer data)
{
  arm_idle_timeout (data, ALONE_SECONDS);
}

static void
on_awake (gpointer data)
{
  IpsecPlugin *self = data;

  if (self->session)
    session_check (self->session);
}

static GVariant *
on_status (gpointer data)
{
  const IpsecPlugin *self = data;

  return self->session ? session_report (self->session) : NULL;
}

static const VpnBusEvents bus_events = {
  .connect = on_connect,
  .needs_secrets = on_needs_secrets,
  .new_secrets = on_new_secrets,
  .settled = on_settled,
  .stop = on_stop,
  .stopped = on_stopped,
  .gone = on_gone,
  .alone = on_alone,
  .awake = on_awake,
  .status = on_status,
};

static gboolean
on_signal (gpointer data)
{
  ipsec_plugin_quit (data);
  return G_SOURCE_CONTINUE;
}

void
ipsec_plugin_helper_gone (IpsecPlugin *self)
{
  if (self->ending)
    session_helper_gone (self->ending);
  if (self->session)
    session_helper_gone (self->session);
  want_quit (self, 1);
}

/* ---- the object ---- */

IpsecPlugin *
ipsec_plugin_new (const IpsecPluginOptions *options, GError **error)
{
  IpsecPlugin *self = g_rc_box_new0 (IpsecPlugin);

  self->helper = options->helper;
  self->crypto = options->crypto;
  self->netwatch = options->netwatch;
  self->quit = options->quit;
  self->quit_data = options->quit_data;
  self->persist = options->persist;
  self->bus = vpn_bus_new (options->bus_name ? options->bus_name : IPSEC_PLUGIN_BUS_NAME, !options->persist,
                           &bus_events, self, error);
  if (!self->bus)
    {
      ipsec_plugin_free (self);
      return NULL;
    }
  self->manager = manager_version_new (vpn_bus_connection (self->bus));
  self->signals[0] = g_unix_signal_add (SIGTERM, on_signal, self);
  self->signals[1] = g_unix_signal_add (SIGINT, on_signal, self);
  arm_idle_timeout (self, IDLE_SECONDS);
  return self;
}

void
ipsec_plugin_free (IpsecPlugin *self)
{
  if (!self)
    return;
  /* nobody waits for us any more */
  self->quit_done = TRUE;
  self->quit = NULL;
  g_clear_handle_id (&self->idle_timeout, g_source_remove);
  g_clear_handle_id (&self->signals[0], g_source_remove);
  g_clear_handle_id (&self->signals[1], g_source_remove);
  g_clear_pointer (&self->session, session_free);
  g_clear_pointer (&self->ending, session_free);
  g_clear_pointer (&self->manager, manager_version_free);
  g_clear_pointer (&self->bus, vpn_bus_free);
  g_rc_box_release (self);
}
