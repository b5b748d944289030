/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tunnels of this machine: every service process is asked over the bus (it answers root alone), and the kernel for the
 * octets of their SAs. What a service says is bounded here, not believed: it is for people to read.
 */
#pragma once

#include <gio/gio.h>

/* aa{sv}, borrowed; called once, later. */
typedef void (*StatusFunc) (GVariant *connections, gpointer data);
void status_collect (GDBusConnection *bus, StatusFunc func, gpointer data);
