/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP's segments are kept small enough for the tunnel; see clamp-build.h. At once, without a main loop. */
#pragma once

#include "kernel/clamp-build.h"

/* @fd: the socket that owns the table, -1: none yet; opened here, and closed when it fails. 0, or an errno. */
int clamp_set (int *fd, const ClampWish *wish);
void clamp_clear (int *fd);
