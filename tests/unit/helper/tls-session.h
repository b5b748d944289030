/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TLS client of the real helper against NSS's server. */
#pragma once

#include "probe.h"

ChannelMsg *tls_session_ask (Probe *p, ChannelTlsOp op, guint32 key, GBytes *records, const char *clear);
/* A whole session of TLS 1.@version, in which the client shows the certificate of @key: both ends export the same, and
 * hear what the other says. */
void tls_session_run (Probe *p, guint version, guint32 key);
