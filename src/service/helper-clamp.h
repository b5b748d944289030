/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One more request to the helper (helper-client.h): TCP's segments. */
#pragma once

#include "helper-client.h"

/* Those in the tunnel are no larger from now on, until the end; 0: not limited, for that IP version. */
void helper_client_clamp (HelperClient *client, guint mss4, guint mss6, HelperDoneFunc func, gpointer data);
