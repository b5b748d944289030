/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's time: since boot, also while the machine sleeps. */
#pragma once

#include "ike-engine-io.h"

#include <time.h>

static inline IkeTime
clock_now (clockid_t clock)
{
  struct timespec ts;

  clock_gettime (clock, &ts);
  return ts.tv_sec * IKE_SECOND + ts.tv_nsec / 1000;
}

static inline IkeTime
boottime (void)
{
  return clock_now (CLOCK_BOOTTIME);
}
