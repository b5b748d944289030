/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers that outlive a process: the key exchange group that a gateway took last. One small file for each name, which
 * is hashed, so that no name ever becomes a path. It is only a hint: every error means that nothing is known.
 */
#pragma once

#include <glib.h>

/* NetworkManager's run-time directory: root's, and gone with a reboot */
#define MEMORY_DIR "/run/NetworkManager/ike-groups"
#define MEMORY_MAX 256 /* names; when there are more, all are forgotten */

/* 0: nothing. */
guint16 memory_recall (const char *dir, const char *name);
void memory_remember (const char *dir, const char *name, guint16 value);
