/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that wait for their SA: the kernel keeps them only while net.core.xfrm_larval_drop is 0. That is one number for
 * all helpers of a network namespace, so that the last one that needs it puts back what was there before. Who needs it
 * holds a shared lock of a file, which ends with its process however that ends; the file says that it was one of us who
 * changed the number.
 */
#pragma once

#include <glib.h>

#define LARVAL_FILE "/run/NetworkManager/nm-ipsec-larval" /* and the number of the network namespace */
#define LARVAL_SETTING "/proc/sys/net/core/xfrm_larval_drop"

/* The file of this network namespace. */
char *larval_file (void);
/* The lock's descriptor; -1: packets do not wait. */
int larval_hold (const char *file, const char *setting);
/* @lock is gone afterwards; -1: there is none. */
void larval_release (int lock, const char *file, const char *setting);
/* What those who were killed have left, if nobody needs it any more. */
void larval_clean (const char *file, const char *setting);
