/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Absolute deadlines: an array of IkeTime that is indexed by its owner's own enum of timer names.
 *
 *   typedef enum { SA_TIMER_RETRANSMIT, SA_TIMER_LIFETIME, N_SA_TIMERS } SaTimer;
 *   IkeTime timers[N_SA_TIMERS];
 *
 * Expired timers are popped one by one, earliest first (of equals the lower index), and are then stopped: the same tick
 * given twice finds nothing the second time.
 */
#pragma once

#include <glib.h>

/* Microseconds of a clock that also counts suspend (CLOCK_BOOTTIME). */
typedef gint64 IkeTime;
#define IKE_TIME_NEVER G_MAXINT64
#define IKE_SECOND ((IkeTime) 1000000)
#define IKE_MILLISECOND ((IkeTime) 1000)

/* All stopped: IKE_TIME_NEVER, which is later than any other. */
void ike_timers_init (IkeTime *timers, guint n);
void ike_timers_set (IkeTime *timers, guint timer, IkeTime at);
void ike_timers_stop (IkeTime *timers, guint timer);
gboolean ike_timers_is_set (const IkeTime *timers, guint timer);
/* The earliest deadline, IKE_TIME_NEVER when none is set; @ret_timer (may be NULL) only then untouched. */
IkeTime ike_timers_next (const IkeTime *timers, guint n, guint *ret_timer);
/* Stops and names the earliest timer that is due at @now (at <= now); FALSE when none is. */
gboolean ike_timers_expired (IkeTime *timers, guint n, IkeTime now, guint *ret_timer);
/* @a + @b without overflow; NEVER stays NEVER. */
IkeTime ike_time_add (IkeTime a, IkeTime b);
