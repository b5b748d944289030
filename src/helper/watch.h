/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A descriptor in the main loop, of service and helper. */
#pragma once

#include <glib-unix.h>

/*
 * g_unix_fd_add() without its price: GLib takes a source that cannot recurse out of the poll set for the time of its
 * callback, and wakes the loop up for that and for the return. No callback of ours runs the loop.
 */
guint watch_add (int fd, GIOCondition condition, GUnixFDSourceFunc func, gpointer data);
