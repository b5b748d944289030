/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gateways of a profile in order, and the addresses behind their names: whom to try next. All names are looked up
 * at the same time; a later one never overtakes an earlier one.
 */
#pragma once

#include "helper-client.h"

/* A name that has no answer by then is late: another gateway that is known is tried, or what the name was before. Without
 * either the look-up goes on, until the helper has had its time (helper/resolve.c). */
#define GATEWAYS_LOOKUP_MS 2500
/* Between two rounds through all, seconds. */
#define GATEWAYS_WAIT_FIRST 2
#define GATEWAYS_WAIT_LONGEST 20
#define GATEWAYS_MAX_ADDRESSES 8 /* tried for one name */

typedef struct _Gateways Gateways;

typedef enum {
  GATEWAYS_FOUND, /* here is one to try */
  GATEWAYS_PENDING, /* its name is still being looked up: the function is called */
  GATEWAYS_LATE, /* likewise, and that takes long; once */
  GATEWAYS_NO_MORE,
} GatewaysNext;

/* @hosts: names and addresses, NULL-terminated, not empty. @changed is called from the main loop when PENDING has
 * become something else. */
Gateways *gateways_new (HelperClient *helper, const char *const *hosts, guint16 port,
                        void (*changed) (gpointer data), gpointer data);
/* @changed is not called afterwards. */
void gateways_free (Gateways *self);
void gateways_resolve (Gateways *self);
/* From the first one on, and the names are looked up again; one without an answer keeps its addresses. */
void gateways_again (Gateways *self);
/* All have been tried in vain: the same after some time, longer each time, and then @changed is called. Seconds; 0: that
 * was the last of @rounds (0: there is none). */
guint gateways_wait (Gateways *self, guint rounds);
/* The network has changed: it waits no longer than the first time. Without effect when it does not wait. */
void gateways_hurry (Gateways *self);
/* One was good. */
void gateways_answered (Gateways *self);
/* Is there more than the one address that cannot change? */
gboolean gateways_may_differ (const Gateways *self);

/* FOUND: *ret_endpoint, and *ret_host as dialled (the profile's word), each pair once. NO_MORE: *ret_reason is why the
 * first name that could not be looked up failed, or NONE. LATE: *ret_host. */
GatewaysNext gateways_next (Gateways *self, IkeEndpoint *ret_endpoint, const char **ret_host, IkeReason *ret_reason);
/* How many there may be to try, this one included, as far as is known now; at least 1. */
guint gateways_count_left (const Gateways *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Gateways, gateways_free)
