/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Security labels: RFC 9478. A label is a selector that is never narrowed: an end takes the very one that it is
 * configured with, or none, and a Child SA has one or none.
 *
 * For the wire a label is octets; SELinux's contexts are text, which the others send with its final NUL and we too. So
 * labels that differ in one final NUL are the same.
 */
#pragma once

#include "ike-engine-io.h"

/* Of IkeChunk, as ike_ts_parse() fills it. */
GArray *ike_labels_new (void);
gboolean ike_label_equal (GBytes *a, GBytes *b); /* NULL: none */
/* As responder: which of the labels that were offered in both payloads is @wanted; *ret_label as the peer writes it, and
 * NULL when none was offered and none is @wanted. FALSE: none fits. */
gboolean ike_label_choose (GBytes *wanted, const GArray *initiator, const GArray *responder, GBytes **ret_label);
/* As initiator: does the answer have @offered, or as that nothing, in both payloads, and nothing besides? */
gboolean ike_label_is_answered (GBytes *offered, const GArray *initiator, const GArray *responder);
/* Without the final NUL: what it is to the kernel, and in an index. */
IkeChunk ike_label_chunk (GBytes *label);
/* " labelled X", or nothing: behind selectors, for people. */
char *ike_label_to_string (GBytes *label);
