/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The octets of RFC 9329 that the kernel leaves to us: the prefix before the first frame, and the marker before an IKE
 * message. Lengths and ESP are the kernel's (espintcp). Pure.
 */
#pragma once

#include "ike-engine-io.h"

#define TCP_PREFIX_LEN 6 /* section 4: "IKETCP" */
#define TCP_MARKER_LEN 4 /* section 3.1: zero, where ESP has its SPI */

extern const guint8 tcp_prefix[TCP_PREFIX_LEN];
extern const guint8 tcp_marker[TCP_MARKER_LEN];

typedef enum { TCP_PREFIX_MORE, TCP_PREFIX_DONE, TCP_PREFIX_WRONG } TcpPrefix;

/* What has come so far, at most TCP_PREFIX_LEN octets. */
TcpPrefix tcp_prefix_check (const guint8 *data, gsize len);
/* One frame without its length -> the IKE message in it. FALSE: there is none: a keepalive, or noise. */
gboolean tcp_frame_parse (const guint8 *data, gsize len, IkeChunk *ret_message);
