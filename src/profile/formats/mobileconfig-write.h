/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profile -> .mobileconfig with one IKEv2 payload, and its certificates. */
#pragma once

#include <NetworkManager.h>

/* See IpsecFormat. */
char *mobileconfig_write (NMConnection *connection, GPtrArray *notes, GError **error);
