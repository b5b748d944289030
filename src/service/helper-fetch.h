/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fetching by HTTP, which the helper's child does (helper/fetch.h): the call. */
#pragma once

#include <gio/gio.h>

typedef struct _HelperClient HelperClient;

/* @bytes: borrowed; NULL: @error. */
typedef void (*HelperFetchFunc) (GBytes *bytes, GError *error, gpointer data);
/* @body: an OCSP request, NULL: GET. @ifindex: the link that is asked when nobody answers by the kernel's way; 0: none. */
void helper_client_fetch (HelperClient *client, const char *url, GBytes *body, guint32 ifindex, HelperFetchFunc func,
                          gpointer data);
