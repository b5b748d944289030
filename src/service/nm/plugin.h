/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The D-Bus object that NetworkManager talks to: NMVpnServicePlugin made asynchronous.
 *
 * It owns the service state that NetworkManager sees, the one session that is active, and the session before it while
 * that says goodbye to its gateway. Every method returns at once. The "quit" function is called exactly once, from the
 * main loop, and only when nothing is left to do: no session, the helper's END answered, the bus flushed.
 */
#pragma once

#include "helper-client.h"
#include "io/netwatch.h"
#include "ike-engine-io.h"

#include <NetworkManager.h>

G_BEGIN_DECLS

#define IPSEC_TYPE_PLUGIN (ipsec_plugin_get_type ())
G_DECLARE_FINAL_TYPE (IpsecPlugin, ipsec_plugin, IPSEC, PLUGIN, NMVpnServicePlugin)

#define IPSEC_PLUGIN_BUS_NAME "org.freedesktop.NetworkManager.ipsec"

/* @status is what the process should exit with: 0, or 1 when the bus name was not to be had. */
typedef void (*IpsecPluginQuitFunc) (int status, gpointer data);

typedef struct {
  const char *bus_name; /* NULL: IPSEC_PLUGIN_BUS_NAME */
  gboolean persist;     /* --persist: go on after a connection has ended, and when NetworkManager is gone */
  HelperClient *helper; /* attached; must outlive the plugin */
  const IkeCrypto *crypto; /* must outlive the plugin */
  Netwatch *netwatch; /* this too; NULL: none */
  IpsecPluginQuitFunc quit;
  gpointer quit_data;
} IpsecPluginOptions;

/* Connects to the system bus, exports the object and requests the name (synchronously: three round trips on the bus).
 * Afterwards SIGTERM and SIGINT mean ipsec_plugin_quit(). Needs no file and no privilege. */
IpsecPlugin *ipsec_plugin_new (const IpsecPluginOptions *options, GError **error);

/* End the session if there is one (its DELETE is sent), then call the quit function. Also with --persist. */
void ipsec_plugin_quit (IpsecPlugin *self);

/* For helper_client_attach(): the helper is gone, so is the tunnel. @plugin is the IpsecPlugin. */
void ipsec_plugin_helper_gone (gpointer plugin);

G_END_DECLS
