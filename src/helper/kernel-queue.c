/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue owns the netlink sockets, the tunnel and the link; the request that is being worked on is its head. */
#include "kernel-queue.h"

#include "kernel/clamp.h"
#include "kernel/guard.h"
#include "kernel/link.h"
#include "kernel/netlink.h"
#include "kernel/owner.h"
#include "kernel/pin.h"
#include "larval.h"
#include "offload.h"
#include "tunnel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct _KernelQueue {
  KernelQueueFunc func;
  gpointer data;
  char *uuid;
  Netlink *xfrm, *route, *xfrm_events, *route_events;
  Tunnel *tunnel;
  LinkInfo link; /* ifindex 0: none */
  ChannelAddress outer_local, outer_remote;
  GuardWish *guard; /* the kill switch; NULL: none */
  int clamp; /* the socket that owns its table; -1: none */
  GQueue requests; /* ChannelMsg */
  int larval; /* the lock while packets wait for their SA, or -1 */
  gboolean pinned; /* there may be a way of ours to the gateway */
  gboolean busy, closing;
  gint64 acquires_since; /* so many were told since then */
  guint acquires;
};

static void run_next (KernelQueue *queue);

/* ---- answers ---- */

static void
answer (KernelQueue *queue, ChannelMsg *msg)
{
  g_autoptr (ChannelMsg) request = g_queue_pop_head (&queue->requests);

  msg->serial = request->serial;
  queue->busy = FALSE;
  queue->func (msg, queue->data);
  run_next (queue);
}

static void
answer_failed (KernelQueue *queue, int error, const char *text)
{
  ChannelMsg msg = { .type = CHANNEL_FAILED, .fd = -1 };

  msg.failed.code = CHANNEL_ERROR_KERNEL;
  msg.failed.number = (guint32) error;
  msg.failed.text = text;
  answer (queue, &msg);
}

static void
answer_done (KernelQueue *queue)
{
  ChannelMsg msg = { .type = CHANNEL_DONE, .fd = -1 };

  answer (queue, &msg);
}

/* ---- tunnel ---- */

static void
on_tunnel (const TunnelResult *result, gpointer data)
{
  KernelQueue *queue = data;
  const ChannelMsg *request = g_queue_peek_head (&queue->requests);
  ChannelMsg msg = { .type = CHANNEL_DONE, .fd = -1 };

  if (result->error)
    {
      answer_failed (queue, result->error, result->text);
      return;
    }
  if (request->type == CHANNEL_SPI_ALLOC)
    {
      msg.type = CHANNEL_SPI;
      msg.spi.spi = result->spi;
      msg.spi.cpi = result->cpi;
      msg.spi.iptfs = result->iptfs != FALSE;
      msg.spi.cpus = result->cpus;
    }
  else if (request->type == CHANNEL_SA_QUERY)
    {
      msg.type = CHANNEL_USAGE;
      msg.usage.bytes = result->bytes;
      msg.usage.packets = result->packets;
      msg.usage.last_use = result->last_use;
    }
  answer (queue, &msg);
}

/* A VTI knows its packets by the outer addresses. The kernel has changed them when the call returns; if it refuses,
 * nothing will pass, and the journal says why. */
static void
on_vti_addresses (const NetlinkReply *reply, gpointer data)
{
  if (reply->error)
    g_warning ("the VTI does not take its addresses: %s", *reply->text ? reply->text : g_strerror (reply->error));
}

static void
set_vti_addresses (KernelQueue *queue, const ChannelAddress *local, const ChannelAddress *remote)
{
  if (queue->link.kind != CHANNEL_LINK_VTI || queue->link.ifindex == 0 || queue->link.local.family != local->family ||
      (memcmp (&queue->link.local, local, sizeof *local) == 0 &&
       memcmp (&queue->link.remote, remote, sizeof *remote) == 0))
    return;
  queue->link.local = *local;
  queue->link.remote = *remote;
  netlink_call (queue->route, link_build_vti_addresses (&queue->link), on_vti_addresses, NULL);
}

/* ---- the kill switch ---- */

static int
set_guard (KernelQueue *queue)
{
  return guard_set (queue->uuid, queue->guard);
}

/* Nothing passes because of us any more. What blocks stays, from now on without us. */
static void
leave_guard (KernelQueue *queue)
{
  int error;

  if (!queue->guard)
    return;
  queue->guard->ifindex = 0;
  queue->guard->names = FALSE;
  error = set_guard (queue);
  if (error)
    g_warning ("the kill switch cannot be left behind: %s", g_strerror (error));
  g_clear_pointer (&queue->guard, g_free);
}

static void
change_guard (KernelQueue *queue, const ChannelMsg *request)
{
  int error = 0;

  if (request->guard.mode == CHANNEL_GUARD_KEEP)
    leave_guard (queue);
  else if (request->guard.mode == CHANNEL_GUARD_OFF)
    g_clear_pointer (&queue->guard, g_free);
  else
    {
      if (!queue->guard)
        queue->guard = g_new0 (GuardWish, 1);
      queue->guard->protect = request->guard.protect;
      queue->guard->except = request->guard.except;
      queue->guard->inside = request->guard.inside;
      queue->guard->names = request->guard.names;
      queue->guard->ifindex = queue->link.ifindex;
    }
  if (request->guard.mode != CHANNEL_GUARD_KEEP)
    error = set_guard (queue);
  if (error)
    answer_failed (queue, error, "The kernel does not take the policies of the kill switch");
  else
    answer_done (queue);
}

/* Of an END that nobody has asked for: the service is gone. */
static void
end_guard (KernelQueue *queue, gboolean asked)
{
  int error = 0;

  if (!asked)
    leave_guard (queue);
  else if (queue->guard)
    {
      g_clear_pointer (&queue->guard, g_free);
      error = set_guard (queue);
    }
  if (error)
    g_warning ("the kill switch goes on blocking (nm-ipsec unblock ends it): %s", g_strerror (error));
}

/* ---- the size of TCP's segments ---- */

static void
set_clamp (KernelQueue *queue, const ChannelMsg *request)
{
  const ClampWish wish = { .owner = owner_number (getpid (), 0),
                           .ifindex = queue->link.ifindex,
                           .mss4 = request->clamp.mss4,
                           .mss6 = request->clamp.mss6 };
  int error = clamp_set (&queue->clamp, &wish);

  if (error)
    answer_failed (queue, error, g_strerror (error));
  else
    answer_done (queue);
}

/* ---- link ---- */

static void
on_link (int error, const char *text, const LinkInfo *link, gpointer data)
{
  KernelQueue *queue = data;
  ChannelMsg msg = { .type = CHANNEL_LINKED, .fd = -1 };

  if (error)
    {
      answer_failed (queue, error, text);
      return;
    }
  queue->link = *link;
  msg.linked.kind = (guint8) link->kind;
  msg.linked.name = link->name;
  msg.linked.ifindex = link->ifindex;
  msg.linked.if_id = link->kind == CHANNEL_LINK_VTI ? 0 : link->id;
  msg.linked.mark = link->kind == CHANNEL_LINK_VTI ? link->id : 0;
  tunnel_set_scope (queue->tunnel, msg.linked.if_id, msg.linked.mark);
  if (queue->guard && link->ifindex)
    {
      queue->guard->ifindex = link->ifindex;
      error = set_guard (queue);
    }
  if (error)
    g_warning ("the kill switch does not take the interface: %s", g_strerror (error));
  answer (queue, &msg);
}

static void
make_link (KernelQueue *queue, const ChannelMsg *request)
{
  const LinkWish wish = { .kind = request->link.kind,
                          .name = request->link.name,
                          .uuid = queue->uuid,
                          .local = queue->outer_local,
                          .remote = queue->outer_remote,
                          .family = request->link.family,
                          .if_id = request->link.if_id };
  const TunnelTraits traits = { .dscp = request->link.dscp,
                                .offload = request->link.offload,
                                .mark = request->link.mark,
                                .mark_mask = request->link.mark_mask };

  tunnel_set_traits (queue->tunnel, &traits);
  if (queue->link.ifindex)
    answer_failed (queue, EINVAL, "The connection has its interface already");
  else
    link_create (queue->route, &wish, on_link, queue);
}

/* ---- the way to the gateway ---- */

static void
on_pin (int error, const char *text, gpointer data)
{
  if (error)
    answer_failed (data, error, text);
  else
    answer_done (data);
}

static void
set_pin (KernelQueue *queue, const ChannelMsg *request)
{
  if (request->pin.gateway.family == 0)
    {
      answer_failed (queue, EINVAL, "There is no gateway to find a way to");
      return;
    }
  queue->pinned = request->pin.ifindex != 0;
  pin_set (queue->route, &request->pin.gateway, request->pin.ifindex, on_pin, queue);
}

static void
on_unpinned (int error, const char *text, gpointer data)
{
  answer_done (data);
}

static void
unpin (KernelQueue *queue)
{
  if (!queue->pinned)
    {
      answer_done (queue);
      return;
    }
  queue->pinned = FALSE;
  pin_set (queue->route, &queue->outer_remote, 0, on_unpinned, queue);
}

/* ---- the end ---- */

static void
on_link_deleted (const NetlinkReply *reply, gpointer data)
{
  unpin (data);
}

static void
on_cleared (const TunnelResult *result, gpointer data)
{
  KernelQueue *queue = data;
  guint32 ifindex = queue->link.ifindex;

  queue->link.ifindex = 0; /* first, so that its end is no news */
  tunnel_set_scope (queue->tunnel, 0, 0);
  if (ifindex)
    netlink_call (queue->route, link_build_delete (ifindex), on_link_deleted, queue);
  else
    unpin (queue);
}

/* ---- packets that wait ---- */

static void
let_packets_wait (KernelQueue *queue)
{
  g_autofree char *file = queue->larval < 0 ? larval_file () : NULL;

  if (file)
    queue->larval = larval_hold (file, LARVAL_SETTING);
}

static void
stop_waiting (KernelQueue *queue)
{
  g_autofree char *file = queue->larval < 0 ? NULL : larval_file ();

  larval_release (queue->larval, file, LARVAL_SETTING);
  queue->larval = -1;
}

static void
end (KernelQueue *queue, gboolean asked)
{
  clamp_clear (&queue->clamp);
  end_guard (queue, asked);
  stop_waiting (queue);
  tunnel_clear (queue->tunnel, on_cleared, queue);
}

/* ---- the queue ---- */

static void
install (KernelQueue *queue, const ChannelSaInstall *sa)
{
  set_vti_addresses (queue, &sa->local.address, &sa->remote.address);
  /* policies alone are a trap */
  if (sa->parts == CHANNEL_SA_POLICIES)
    let_packets_wait (queue);
  offload_install (queue->tunnel, queue->route, sa, on_tunnel, queue);
}

static void
run (KernelQueue *queue, const ChannelMsg *request)
{
  switch (request->type)
    {
    case CHANNEL_LINK:
      make_link (queue, request);
      break;
    case CHANNEL_SPI_ALLOC:
      tunnel_spi_alloc (queue->tunnel, request, on_tunnel, queue);
      break;
    case CHANNEL_SA_INSTALL:
      install (queue, &request->sa_install);
      break;
    case CHANNEL_SA_UPDATE:
      set_vti_addresses (queue, &request->sa_update.local.address, &request->sa_update.remote.address);
      tunnel_update (queue->tunnel, request, on_tunnel, queue);
      break;
    case CHANNEL_SA_DELETE:
      tunnel_delete (queue->tunnel, request, on_tunnel, queue);
      break;
    case CHANNEL_SA_QUERY:
      tunnel_query (queue->tunnel, request, on_tunnel, queue);
      break;
    case CHANNEL_PIN:
      set_pin (queue, request);
      break;
    case CHANNEL_GUARD:
      change_guard (queue, request);
      break;
    case CHANNEL_CLAMP:
      set_clamp (queue, request);
      break;
    case CHANNEL_LABEL:
      tunnel_set_label (queue->tunnel, request->label.label, on_tunnel, queue);
      break;
    case CHANNEL_END:
      end (queue, request->serial != 0);
      break;
    case CHANNEL_BEGIN:
    case CHANNEL_PREPARE:
    case CHANNEL_RESOLVE:
    case CHANNEL_SOCKET:
    case CHANNEL_CREDENTIALS:
    case CHANNEL_SIGN:
    case CHANNEL_TLS:
    case CHANNEL_FETCH:
    case CHANNEL_RECALL:
    case CHANNEL_ADDRESSES:
    case CHANNEL_REMEMBER:
    case CHANNEL_SERVER:
    case CHANNEL_USER:
    case CHANNEL_AUTHORIZE:
    case CHANNEL_STATE_LOAD:
    case CHANNEL_STATE_SAVE:
    case CHANNEL_PAD:
    case CHANNEL_PAD_TAKE:
    case CHANNEL_DONE:
    case CHANNEL_FAILED:
    case CHANNEL_RESOLVED:
    case CHANNEL_LINKED:
    case CHANNEL_OPENED:
    case CHANNEL_LOADED:
    case CHANNEL_READ:
    case CHANNEL_SIGNED:
    case CHANNEL_TLS_DONE:
    case CHANNEL_SPI:
    case CHANNEL_USAGE:
    case CHANNEL_RECALLED:
    case CHANNEL_SECRET:
    case CHANNEL_STATE:
    case CHANNEL_SLICE:
    case CHANNEL_EXPIRE:
    case CHANNEL_MAPPING:
    case CHANNEL_ACQUIRE:
    case CHANNEL_LINK_GONE:
      answer_failed (queue, EINVAL, "This is not a request to the kernel");
      break;
    }
}

static void
run_next (KernelQueue *queue)
{
  if (queue->busy || queue->closing || g_queue_is_empty (&queue->requests))
    return;
  queue->busy = TRUE;
  run (queue, g_queue_peek_head (&queue->requests));
}

void
kernel_queue_push (KernelQueue *queue, ChannelMsg *take_request)
{
  g_queue_push_tail (&queue->requests, take_request);
  run_next (queue);
}

void
kernel_queue_set_room (KernelQueue *queue, guint room)
{
  tunnel_set_room (queue->tunnel, room);
}

void
kernel_queue_set_outer (KernelQueue *queue, const ChannelAddress *local, const ChannelAddress *remote)
{
  queue->outer_local = *local;
  queue->outer_remote = *remote;
}

/* ---- events ---- */

/* Whoever sends to ever other hosts of a mesh makes the kernel ask for each: what is too much is dropped here, and the
 * kernel asks again for what is still wanted. */
#define ACQUIRES_PER_SECOND 256

static gboolean
may_acquire (KernelQueue *queue)
{
  gint64 now = g_get_monotonic_time ();

  if (now - queue->acquires_since >= G_USEC_PER_SEC)
    {
      queue->acquires_since = now;
      queue->acquires = 0;
    }
  return queue->acquires++ < ACQUIRES_PER_SECOND;
}

static void
on_xfrm_event (const struct nlmsghdr *hdr, gpointer data)
{
  KernelQueue *queue = data;
  ChannelMsg msg = { .fd = -1 };
  XfrmEvent event;
  guint32 slot;

  if (!xfrm_parse_event (hdr, &event) || !tunnel_event (queue->tunnel, &event, &slot))
    return;
  switch (event.type)
    {
    case XFRM_EVENT_EXPIRE:
      msg.type = CHANNEL_EXPIRE;
      msg.expire.spi = event.spi;
      msg.expire.hard = event.hard ? 1 : 0;
      msg.expire.dst = event.dst;
      break;
    case XFRM_EVENT_MAPPING:
      msg.type = CHANNEL_MAPPING;
      msg.mapping.spi = event.spi;
      msg.mapping.peer = event.peer;
      break;
    case XFRM_EVENT_ACQUIRE:
      if (!may_acquire (queue))
        return;
      msg.type = CHANNEL_ACQUIRE;
      msg.acquire.slot = slot;
      msg.acquire.local = event.local;
      msg.acquire.remote = event.remote;
      break;
    }
  queue->func (&msg, queue->data);
}

static void
on_route_event (const struct nlmsghdr *hdr, gpointer data)
{
  KernelQueue *queue = data;
  const ChannelMsg msg = { .type = CHANNEL_LINK_GONE, .fd = -1 };
  LinkInfo link;

  if (hdr->nlmsg_type != RTM_DELLINK || !link_parse (hdr, &link) || link.ifindex == 0 ||
      link.ifindex != queue->link.ifindex)
    return;
  queue->link.ifindex = 0;
  queue->func (&msg, queue->data);
}

/* ---- begin and end ---- */

static gboolean
kernel_has_directions (void)
{
  struct utsname name;
  int major = 0, minor = 0;

  return uname (&name) == 0 && sscanf (name.release, "%d.%d", &major, &minor) == 2 &&
         (major > 6 || (major == 6 && minor >= 10));
}

static gboolean
open_sockets (KernelQueue *queue)
{
  const guint xfrm_groups[] = { XFRMNLGRP_EXPIRE, XFRMNLGRP_MAPPING, XFRMNLGRP_ACQUIRE, 0 };
  const guint route_groups[] = { RTNLGRP_LINK, 0 };

  return (queue->xfrm = netlink_open (NETLINK_XFRM)) && (queue->route = netlink_open (NETLINK_ROUTE)) &&
         (queue->xfrm_events = netlink_listen (NETLINK_XFRM, xfrm_groups, 0, on_xfrm_event, queue)) &&
         (queue->route_events = netlink_listen (NETLINK_ROUTE, route_groups, RTM_DELLINK, on_route_event, queue));
}

KernelQueue *
kernel_queue_new (KernelQueueFunc func, gpointer data)
{
  g_autoptr (KernelQueue) queue = g_new0 (KernelQueue, 1);

  queue->func = func;
  queue->data = data;
  queue->clamp = -1;
  queue->larval = -1;
  g_queue_init (&queue->requests);
  if (!open_sockets (queue))
    return NULL;
  queue->tunnel = tunnel_new (queue->xfrm, getpid (), kernel_has_directions ());
  return g_steal_pointer (&queue);
}

void
kernel_queue_begin (KernelQueue *queue, const char *uuid)
{
  g_free (queue->uuid);
  queue->uuid = g_strdup (uuid);
}

/* Not from inside an answer. What is outstanding is not answered any more. */
static void
ignore (const ChannelMsg *msg, gpointer data)
{
}

void
kernel_queue_free (KernelQueue *queue)
{
  if (!queue)
    return;
  queue->closing = TRUE;
  queue->func = ignore;
  netlink_close (queue->xfrm_events);
  netlink_close (queue->route_events);
  netlink_close (queue->xfrm);
  netlink_close (queue->route);
  tunnel_free (queue->tunnel);
  clamp_clear (&queue->clamp);
  g_free (queue->guard);
  g_queue_clear_full (&queue->requests, (GDestroyNotify) channel_msg_free);
  g_free (queue->uuid);
  g_free (queue);
}
