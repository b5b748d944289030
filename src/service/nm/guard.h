/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kill switch (kill-switch=yes): what is to be blocked, at which time. The helper keeps it in the kernel; it is not
 * taken away while the connection is wanted, only what passes changes.
 *
 * Without the key there is no Guard: NULL, with which all of these do nothing.
 */
#pragma once

#include "nm/activation.h"

#include "ike-engine-io.h"

typedef struct _Guard Guard;

/* Both outlive it. NULL: the profile does not want one. */
Guard *guard_new (HelperClient *helper, const Activation *activation);
void guard_free (Guard *guard);

/* Right after BEGIN. @func: it stands, or cannot. */
void guard_begin (Guard *guard, HelperDoneFunc func, gpointer data);
/* A name of a gateway is looked up again. */
void guard_look_up (Guard *guard);
/* A gateway has named another one, which is looked up. */
void guard_sent_on (Guard *guard);
/* They have been looked up, and this is the gateway. */
void guard_dial (Guard *guard, const IkeAddress *gateway);
void guard_up (Guard *guard, const IkeConfigured *configured);
/* The tunnel is gone, and a new one on its way. */
void guard_down (Guard *guard);
/* The connection is over, but nobody has wanted that: what blocks stays. */
void guard_keep (Guard *guard);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Guard, guard_free)
