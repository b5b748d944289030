/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's values as the channel's messages, and a credential's answer back. Strings and blobs are borrowed. */
#pragma once

#include "channel-msg.h"
#include "helper-client.h"
#include "helper-clamp.h"
#include "helper-label.h"
#include "helper-fetch.h"
#include "helper-guard.h"
#include "helper-pad.h"
#include "helper-tls.h"

/* Is answered by DONE. (helper-client.c) */
void helper_request_call (HelperClient *client, ChannelMsg *msg, HelperDoneFunc func, gpointer data);

void helper_request_addresses (ChannelMsg *msg, const GArray *inside);
ChannelAddress helper_request_address (const IkeAddress *address);
void helper_request_socket (ChannelMsg *msg, const IkePath *path);
void helper_request_credentials (ChannelMsg *msg, const HelperCredentialSpec *spec);
void helper_request_sign (ChannelMsg *msg, guint32 key, const struct _IkeSigScheme *scheme, GBytes *octets);
/* Sets the type too. */
void helper_request_kernel (ChannelMsg *msg, const IkeKernelRequest *request);

void helper_request_tls (ChannelMsg *msg, const HelperTlsRequest *request);
/* Certificates that are no list count as none. */
HelperTlsAnswer *helper_tls_read (const ChannelMsg *msg);
void helper_request_fetch (ChannelMsg *msg, const char *url, GBytes *body, guint32 ifindex);
/* @msg: READ; NULL: @error. */
void helper_fetched_answer (const ChannelMsg *msg, GError *error, HelperFetchFunc func, gpointer data);
/* What FAILED means. */
GError *helper_error_read (const ChannelMsg *msg);
/* LOADED with its descriptor. NULL: HELPER_CREDENTIAL_ERROR_BAD_FILE. */
HelperCredentials *helper_credentials_read (const ChannelMsg *msg, GError **error);
