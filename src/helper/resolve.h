/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host name to addresses, in a child without privileges, because the C library's resolver loads modules, parses what
 * the network says, and blocks.
 */
#pragma once

#include "worker.h"

/* An address written in numbers needs no child. FALSE: it is a name. */
gboolean resolve_numeric (const char *host, guint8 family, ChannelAddresses *ret_addresses);
/* Answers RESOLVED or FAILED; NULL is to be told as CHANNEL_ERROR_NO_ANSWER. */
Worker *resolve_start (const char *host, guint8 family, WorkerFunc func, gpointer data);
/* What getaddrinfo()'s error means. */
ChannelError resolve_error_code (int eai);
