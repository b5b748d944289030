/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The editor's module, one for each toolkit, as two of them cannot live in one process: it is beside the plugin, and opened
 * when it is asked for.
 */
#pragma once

#include <NetworkManager.h>

/* since libnm 1.52 */
#define CAPABILITY_NO_EDITOR ((NMVpnEditorPluginCapability) 8)

/* The path of a file beside the plugin; the caller's. */
char *editor_beside_us (const char *name);
/* For @connection of our service. NULL: the module is not there, or cannot be loaded. */
NMVpnEditor *editor_load (NMConnection *connection, GError **error);
/* What a plugin says it can: CAPABILITY_NO_EDITOR or nothing. */
NMVpnEditorPluginCapability editor_capability (void);
