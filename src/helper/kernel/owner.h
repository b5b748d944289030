/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose is it? Everything that a helper makes in the kernel carries a number that holds the helper's process id:
 * reqid of SAs and policies, if_id of links, mark. Whoever finds such a number later knows whether its owner lives,
 * with no file that could be lost.
 *
 *   bit 30 set, bit 31 clear | 22 bits process id (the kernel's limit) | 8 bits: Child SA slot, or number of a try
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

#define OWNER_MARKER 0x40000000u
#define OWNER_MAX_PID 0x3fffff
#define OWNER_PROCESS_NAME "nm-ipsec-helper" /* as in /proc/PID/comm: at most 15 octets */

static inline guint32
owner_number (pid_t pid, guint8 low)
{
  return OWNER_MARKER | ((guint32) pid & OWNER_MAX_PID) << 8 | low;
}

/* With bit 31 set a reqid is a Child SA's slot alone: the owner is in the if_id or mark beside it, or else (a mesh, which
 * has no link) in the selectors, in a field that the kernel compares and shows but does not match by. The policies of all
 * connections have it there, so that one connection's never replaces or removes another one's (rank.h). */
#define OWNER_LINK_SLOT 0x80000000u

static inline guint32
owner_link_slot (guint32 slot)
{
  return OWNER_LINK_SLOT | slot;
}

static inline gboolean
owner_is_link_slot (guint32 reqid)
{
  return (reqid & OWNER_LINK_SLOT) != 0;
}

/* 0: not one of ours. */
static inline pid_t
owner_of (guint32 number)
{
  return (number & 0xc0000000u) == OWNER_MARKER ? (pid_t) (number >> 8 & OWNER_MAX_PID) : 0;
}

/* The number that names the owner of an SA or policy. */
static inline guint32
owner_number_of (guint32 reqid, guint32 if_id, guint32 mark, guint32 user)
{
  return !owner_is_link_slot (reqid) ? reqid : owner_of (user) ? user : if_id ? if_id : mark;
}

/* Is there a helper with this process id? */
gboolean owner_is_alive (pid_t pid);
