/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kill switch in the kernel: made, changed and removed at once, on a blocking socket of its own. There is no list of
 * it but the kernel's: whoever made it, the label says whose it is.
 */
#pragma once

#include "kernel/guard-build.h"

/* Makes it as @wish says, with no moment at which less is blocked; NULL: removes it. 0, or an errno. */
int guard_set (const char *uuid, const GuardWish *wish);
/* That of @uuid, whoever made it; NULL: all. 0, or an errno; *ret_n: how many policies there were. */
int guard_remove (const char *uuid, guint *ret_n);
