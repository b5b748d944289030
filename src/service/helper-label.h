/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One more request to the helper (helper-client.h): the security label of what is made in the kernel. */
#pragma once

#include "helper-client.h"

/* Until the end. Fails with G_IO_ERROR_NOT_SUPPORTED when this kernel has no labels, with G_IO_ERROR_INVALID_ARGUMENT or
 * _PERMISSION_DENIED when it does not take this one. */
void helper_client_label (HelperClient *client, const char *label, HelperDoneFunc func, gpointer data);
