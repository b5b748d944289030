/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this machine's NSS and our table of algorithms can do, for people: the answers of the helper's D-Bus methods. */
#pragma once

#include <glib.h>

/* a{sv}: kernel, product, forced, mode. */
GVariant *nss_report_fips (void);
/* aa{sv}: kind, name, protocols, fips, allowed, reason. NULL: NSS does not start. */
GVariant *nss_report_algorithms (GError **error);
/* (ba(ss)): whether all is well, and each known-answer test. */
GVariant *nss_report_selftest (GError **error);
