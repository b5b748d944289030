/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user's keyring, where the agents of desktops keep the secrets of connections.
 */
#pragma once

/* The caller's; NULL: it is not there, or there is no keyring. Never asks anybody anything. */
char *keyring_lookup (const char *uuid, const char *secret);
