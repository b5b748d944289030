/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the helper's D-Bus door asks every service process: how is your tunnel? Only root may, by the bus's policy; what
 * of it a user may see is polkit's question, at the door.
 */
#pragma once

#include "io/driver.h"
#include "nm/ipconfig.h"

/* One connection; @gateway and @driver may be NULL. @told: NetworkManager, if anything yet. */
GVariant *status_report (const char *uuid, const char *name, const char *gateway, const char *phase,
                         const Ipconfig *told, const Driver *driver);

/* Answers on @bus with what @get says: a{sv}, floating; NULL: there is no connection. 0: it cannot. */
typedef GVariant *(*StatusFunc) (gpointer data);
guint status_export (GDBusConnection *bus, StatusFunc get, gpointer data);
