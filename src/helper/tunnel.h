/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SAs and policies of one connection in the kernel: installed wholly or not at all, moved, asked, deleted.
 *
 * Everything carries the owner's number (kernel/owner.h) in its reqid, and the link's if_id or mark. Each call is
 * answered once; one may begin only when the one before was answered, because the ledger knows nothing of what is on
 * its way.
 */
#pragma once

#include "channel-msg.h"
#include "kernel/netlink.h"
#include "kernel/xfrm-parse.h"

typedef struct _Tunnel Tunnel;

typedef struct {
  int error;        /* 0, or a positive errno */
  const char *text; /* a sentence for people, "" without error */
  guint32 spi;
  guint16 cpi; /* 0: none was asked for, or the kernel has no IPComp */
  gboolean iptfs; /* it was asked for, and the kernel has it */
  guint cpus; /* the same: that can have SAs of their own */
  guint64 bytes, packets, last_use;
} TunnelResult;
typedef void (*TunnelFunc) (const TunnelResult *result, gpointer data);

/* @with_dir: the kernel knows directions of SAs. @xfrm is borrowed. */
Tunnel *tunnel_new (Netlink *xfrm, pid_t owner, gboolean with_dir);
void tunnel_free (Tunnel *tunnel);
/* What is made from now on belongs to the link with this if_id or mark; 0: none. */
void tunnel_set_scope (Tunnel *tunnel, guint32 if_id, guint32 mark);
/* What the SAs that are made from now on have in common. */
typedef struct {
  guint8 dscp, offload; /* CHANNEL_DSCP_*, ChannelOffload (offload.h) */
  guint32 mark, mark_mask; /* mask 0: none. Only packets with it are taken, and those that are received get it */
} TunnelTraits;
void tunnel_set_traits (Tunnel *tunnel, const TunnelTraits *traits);
/* How many SAs and policies there may be; what is asked for beyond is ENOSPC. 0, as in the beginning: any number. */
void tunnel_set_room (Tunnel *tunnel, guint room);
/* All that is made from now on, until it is cleared, has this security label. EOPNOTSUPP: the kernel has none; another
 * error: it does not take this one (label.c). */
void tunnel_set_label (Tunnel *tunnel, const char *label, TunnelFunc func, gpointer data);

/* These take the request as it was decoded; nothing of it is needed after the call. */
void tunnel_spi_alloc (Tunnel *tunnel, const ChannelMsg *request, TunnelFunc func, gpointer data);
void tunnel_install (Tunnel *tunnel, const ChannelSaInstall *request, TunnelFunc func, gpointer data);
/* When it fails half-way the SAs may be gone: the caller's business is then to make new ones. */
void tunnel_update (Tunnel *tunnel, const ChannelMsg *request, TunnelFunc func, gpointer data);
void tunnel_delete (Tunnel *tunnel, const ChannelMsg *request, TunnelFunc func, gpointer data);
void tunnel_query (Tunnel *tunnel, const ChannelMsg *request, TunnelFunc func, gpointer data);
void tunnel_clear (Tunnel *tunnel, TunnelFunc func, gpointer data);

/* Is this event about something of ours that the service should hear of? Notes what the kernel has removed by itself.
 * *ret_slot: of the policy that wants an SA. */
gboolean tunnel_event (Tunnel *tunnel, const XfrmEvent *event, guint32 *ret_slot);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Tunnel, tunnel_free)
