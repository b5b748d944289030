/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses that a server hands out. Who comes again gets what it had, also after a restart (pool_save()). Pure.
 *
 * It is here and not in the engine because it must outlive the engine, and because who may come in at all (PAM) is
 * decided by the same question of the engine.
 *
 * A lease is a number from 1: the so-manieth address of each pool. Number 0, the first address, is the server's own.
 */
#pragma once

#include "ike-engine-io.h"

#define POOL_MAX 65535 /* leases; of a larger pool only so many addresses are used */
#define POOL_MAX_SAVED 1200 /* identities that are found again; those that were seen longest ago are forgotten */

typedef struct _Pool Pool;

/* @ranges: IkeSelector, of either family. Of a range that is a network the first address, and of IPv4 the last, is
 * nobody's. */
Pool *pool_new (const GArray *ranges);
void pool_free (Pool *pool);
/* How many clients there can be; 0: the pool has no address but our own. */
guint pool_size (const Pool *pool);
/* The server's own; family NONE: there is no such pool. */
IkeAddress pool_own (const Pool *pool, IkeFamily family);

/* @identity NULL: nobody in particular. A @client that has a lease keeps it. FALSE: all are in use. What is not wanted or
 * not there has family NONE. */
gboolean pool_lease (Pool *pool, guint32 client, const IkeIdentity *identity, IkeAddress *ret4, IkeAddress *ret6);
void pool_release (Pool *pool, guint32 client);

/* Text; of another pool or by somebody else it does no harm. */
char *pool_save (const Pool *pool);
void pool_load (Pool *pool, const char *text, gsize len);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pool, pool_free)
