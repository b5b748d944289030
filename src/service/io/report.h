/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an engine has, as values of D-Bus; the names stand in data/org.freedesktop.NetworkManager.ipsec.Helper.xml. */
#pragma once

#include <gio/gio.h>

#include "ike-engine.h"

/* At most so many IKE SAs are told. */
#define REPORT_MAX 1000

/* aa{sv}, floating. */
GVariant *report_sas (const IkeEngine *engine, IkeTime now);
