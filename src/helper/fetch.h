/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One file from the network, by HTTP: a list of revoked certificates, or what an OCSP responder says. A child of its own
 * asks: it is nobody, and from the first octet that it reads it can do nothing but compute.
 *
 * The service, which the network may have taken over, says what is fetched: hence no addresses of this machine itself or
 * of its link, no more than CHANNEL_MAX_FILE octets, a few seconds, and a few at the same time.
 */
#pragma once

#include "worker.h"

#define FETCH_MAX_AT_ONCE 4

/* NULL with errno. Answers READ, sealed, or FAILED. */
Worker *fetch_start (const ChannelMsg *request, WorkerFunc func, gpointer data);
/* What the child does, for tests: @ifindex: by this link, if nobody answers by the kernel's way, which may lead into a tunnel
 * that is lost; 0: none. @any: also addresses of this machine. -1: *ret_text says why. */
int fetch_run (const char *url, ChannelBlob body, guint32 ifindex, gboolean any, guint32 *ret_len, char **ret_text);
