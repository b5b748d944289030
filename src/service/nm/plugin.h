/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What NetworkManager talks to: a VPN service whose methods return at once.
 *
 * It owns the one session that is active, and the session before it while that says goodbye to its gateway. The "quit"
 * function is called exactly once, from the main loop, and only when nothing is left to do: no session, the helper's END
 * answered, the bus flushed.
 */
#pragma once

#include "helper-client.h"
#include "io/netwatch.h"
#include "ike-engine-io.h"

G_BEGIN_DECLS

typedef struct _IpsecPlugin IpsecPlugin;

#define IPSEC_PLUGIN_BUS_NAME "org.freedesktop.NetworkManager.ipsec"

/* @status is what the process should exit with: 0, or 1 when the helper has gone. */
typedef void (*IpsecPluginQuitFunc) (int status, gpointer data);

typedef struct {
  const char *bus_name; /* NULL: IPSEC_PLUGIN_BUS_NAME */
  gboolean persist; /* --persist: go on after a connection has ended, and when NetworkManager is gone */
  HelperClient *helper; /* attached; must outlive the plugin */
  const IkeCrypto *crypto; /* must outlive the plugin */
  Netwatch *netwatch; /* this too; NULL: none */
  IpsecPluginQuitFunc quit;
  gpointer quit_data;
} IpsecPluginOptions;

/* Connects to the system bus, exports the object and takes the name (synchronously: three round trips on the bus).
 * Afterwards SIGTERM and SIGINT mean ipsec_plugin_quit(). Needs no file and no privilege. NULL: no bus, or the name was
 * not to be had. */
IpsecPlugin *ipsec_plugin_new (const IpsecPluginOptions *options, GError **error);
void ipsec_plugin_free (IpsecPlugin *self);

/* End the session if there is one (its DELETE is sent), then call the quit function. Also with --persist. */
void ipsec_plugin_quit (IpsecPlugin *self);

/* For helper_client_attach(): the helper is gone, so is the tunnel. */
void ipsec_plugin_helper_gone (IpsecPlugin *self);

G_END_DECLS
