/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deadlines in an array; a stopped timer is IKE_TIME_NEVER. The arrays are short, so a search is a loop. */
#include "base/timers.h"

void
ike_timers_init (IkeTime *timers, guint n)
{
  for (guint i = 0; i < n; i++)
    timers[i] = IKE_TIME_NEVER;
}

void
ike_timers_set (IkeTime *timers, guint timer, IkeTime at)
{
  timers[timer] = at;
}

void
ike_timers_stop (IkeTime *timers, guint timer)
{
  timers[timer] = IKE_TIME_NEVER;
}

gboolean
ike_timers_is_set (const IkeTime *timers, guint timer)
{
  return timers[timer] != IKE_TIME_NEVER;
}

IkeTime
ike_timers_next (const IkeTime *timers, guint n, guint *ret_timer)
{
  IkeTime next = IKE_TIME_NEVER;

  for (guint i = 0; i < n; i++)
    if (timers[i] < next)
      {
        next = timers[i];
        if (ret_timer)
          *ret_timer = i;
      }
  return next;
}

gboolean
ike_timers_expired (IkeTime *timers, guint n, IkeTime now, guint *ret_timer)
{
  guint timer = 0;
  IkeTime next = ike_timers_next (timers, n, &timer);

  if (next == IKE_TIME_NEVER || next > now)
    return FALSE;
  ike_timers_stop (timers, timer);
  *ret_timer = timer;
  return TRUE;
}

IkeTime
ike_time_add (IkeTime a, IkeTime b)
{
  IkeTime sum;

  if (a == IKE_TIME_NEVER || b == IKE_TIME_NEVER || (__builtin_add_overflow (a, b, &sum) && a > 0))
    return IKE_TIME_NEVER;
  return sum;
}
