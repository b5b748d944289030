/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up root, and everything that a program does not need that only talks: files, programs, other protocols. */
#pragma once

#include <glib.h>

/* Become @user (its group, no supplementary groups, no capabilities, no way back). Only for a process that is root. */
gboolean sandbox_drop_root (const char *user, GError **error);
/* From here on: no file is opened, no program started, no socket but AF_UNIX and route netlink made. FALSE when the
 * kernel cannot filter system calls; the caller decides. */
gboolean sandbox_enter (GError **error);
