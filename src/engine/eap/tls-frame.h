/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS messages in EAP packets: flags, length and fragments of EAP-TLS, TTLS and PEAP (RFC 5216 section 3, RFC 5281
 * section 9). Every fragment is acknowledged by an empty packet before the next one comes.
 */
#pragma once

#include "base/chunk.h"

#include <glib.h>

/* All fragments of one flight of the server: a chain of eight long certificates fits. */
#define IKE_EAP_TLS_MAX_FLIGHT 65536
/* What we put into one packet: RADIUS has room for 4096 octets with all else, and every EAP server for 1020. */
#define IKE_EAP_TLS_FRAGMENT 1000

typedef struct {
  GByteArray *in;
  guint32 announced; /* length that the server has told, 0: none */
  GBytes *out;
  gsize sent; /* of @out */
} IkeTlsFrame;

typedef enum {
  IKE_TLS_FRAME_START, /* the server begins; *ret_version is its own */
  IKE_TLS_FRAME_MORE, /* a part: acknowledge it */
  IKE_TLS_FRAME_COMPLETE, /* *ret_records: all of the flight */
  IKE_TLS_FRAME_EMPTY, /* the server acknowledges, or has nothing to say */
  IKE_TLS_FRAME_BAD,
} IkeTlsFrameEvent;

void ike_tls_frame_clear (IkeTlsFrame *frame);
/* What follows the Type octet of a Request. */
IkeTlsFrameEvent ike_tls_frame_read (IkeTlsFrame *frame, IkeChunk data, guint8 *ret_version, GBytes **ret_records);
/* The next flight of ours; @take_records may be empty. The one before must have been sent. */
void ike_tls_frame_put (IkeTlsFrame *frame, GBytes *take_records);
/* Is there more of it to send? */
gboolean ike_tls_frame_is_pending (const IkeTlsFrame *frame);
/* The next packet's content, or the empty acknowledgement. */
GBytes *ike_tls_frame_write (IkeTlsFrame *frame, guint8 version);
