/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that change the kernel, strictly one after the other: LINK, SPI_ALLOC, SA_*, END. So an END that overtakes
 * an installation on its way undoes it nevertheless.
 */
#pragma once

#include "channel-msg.h"

typedef struct _KernelQueue KernelQueue;

/* The answer to a request (serial set, the rest borrowed), or an event (serial 0). */
typedef void (*KernelQueueFunc) (const ChannelMsg *msg, gpointer data);

/* NULL with errno when this kernel has no XFRM. */
KernelQueue *kernel_queue_new (KernelQueueFunc func, gpointer data);
void kernel_queue_free (KernelQueue *queue);
/* Before the first request: whose they are. */
void kernel_queue_begin (KernelQueue *queue, const char *uuid);
void kernel_queue_push (KernelQueue *queue, ChannelMsg *take_request);
/* How many SAs and policies there may be. */
void kernel_queue_set_room (KernelQueue *queue, guint room);
/* Where a socket goes: what a VTI made from now on is between. */
void kernel_queue_set_outer (KernelQueue *queue, const ChannelAddress *local, const ChannelAddress *remote);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KernelQueue, kernel_queue_free)
