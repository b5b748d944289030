/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A one-time pad, of which both ends have a copy: slices of PAD_SLICE octets, each of them good for one key. A slice is
 * zeroes on the disk before anybody hears what it was.
 *
 * Invariants: a slice with a zero octet has been used, or half of it, when the power failed: it is never given again. (Of
 * random octets one slice in eight looks so from the beginning, to both ends, and is passed over.) Which file it is is
 * said once, before the network is heard: a service that the network has taken over can have its slices, and nothing else.
 */
#pragma once

#include "worker.h"

#define PAD_SLICE CHANNEL_PAD_SLICE

typedef struct _Pad Pad;

/* The request PAD, copied. NULL: no absolute path. */
Pad *pad_new (const ChannelMsg *request);
void pad_free (Pad *pad);
gboolean pad_is (const Pad *pad, const ChannelMsg *request);

/* PAD: can the file be used at all? DONE or FAILED. PAD_TAKE: SLICE or FAILED. NULL with errno. */
Worker *pad_ask (const Pad *pad, const ChannelMsg *request, WorkerFunc func, gpointer data);

/* ---- for tests ---- */

/* What a power cut can come between. */
typedef struct {
  gssize (*write) (int fd, const void *octets, gsize len, gint64 offset); /* pwrite() */
  int (*sync) (int fd); /* fsync() */
} PadDisk;
/* Takes the slice at *offset, or the first or last that there is (ChannelPadWhich), whose place is then in *offset. NULL:
 * it is ret_octets' now; else what is wrong (a literal), with errno or 0. */
const char *
pad_take (int fd, const PadDisk *disk, ChannelPadWhich which, guint64 *offset, guint8 ret_octets[PAD_SLICE]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pad, pad_free)
