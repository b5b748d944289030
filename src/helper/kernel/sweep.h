/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Removing what a helper that is no more left in the kernel, found by its owner's number (owner.h). Blocking, with
 * sockets of its own: for the reaper, and once at the beginning of a connection.
 */
#pragma once

#include "kernel/owner.h"

typedef struct {
  int xfrm, route; /* blocking netlink sockets, -1: not there */
} Sweep;

Sweep sweep_open (void);
void sweep_close (Sweep *sweep);
/* Policies first, so that nothing asks for SAs any more. Gives the number of things removed. */
guint sweep_owner (const Sweep *sweep, pid_t owner);
/* Whatever belongs to helpers that are dead, the one that had the number @self before among them. */
guint sweep_leftovers (const Sweep *sweep, pid_t self);
