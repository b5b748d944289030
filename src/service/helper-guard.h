/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One more request to the helper (helper-client.h): the kill switch. */
#pragma once

#include "helper-client.h"

typedef struct {
  GArray *protect, *except, *inside; /* IkeSelector: other ends, and from where we send into the tunnel's interface */
  gboolean names; /* are being looked up, outside */
} HelperGuard;

/* It is this from now on, until the end; NULL: what blocks stays, whatever happens. */
void helper_client_guard (HelperClient *client, const HelperGuard *guard, HelperDoneFunc func, gpointer data);
