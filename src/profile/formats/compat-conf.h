/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files that NetworkManager-libreswan exports and imports: one "conn" of ipsec.conf with its own keys, and in comments
 * what Libreswan does not know. What it refuses is refused, what it adds is added.
 */
#pragma once

#include "profile/setting.h"

/* NULL: the file cannot be read, or is not one of these. */
NMConnection *ipsec_compat_conf_import (const char *path, GError **error);
/* The same with the file's text, which ends in a NUL. */
NMConnection *ipsec_compat_conf_import_text (const char *path, const char *text, gsize len, GError **error);
/* Without secrets, as there. */
gboolean ipsec_compat_conf_export (const char *path, NMConnection *connection, GError **error);
/* The text of the file; the caller's. */
char *ipsec_compat_conf_text (NMConnection *connection, GError **error);
