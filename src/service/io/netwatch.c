/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel answers a question of rtnetlink before send() returns, so that questions are asked and read in one go; news
 * come on a second socket, of which only the fact counts. A socket that has overflowed is news, too.
 */
#include "io/netwatch.h"

#include "io/rtnetlink.h"
#include "watch.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* NetworkManager changes several things at once; whoever looks too early sees a network that is no more. */
#define QUIET_MS 30
#define BUFFER_LEN 32768
#define LINKS_MAX 64

struct _Netwatch {
  int ask, news;
  guint32 seq;
  guint source, timer;
  void (*changed) (gpointer data);
  gpointer data;
  guint32 tunnel; /* our own interface; 0: none */
  guint8 buffer[BUFFER_LEN];
};

static int
open_socket (guint32 groups)
{
  struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = groups };
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

  if (fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) < 0)
    {
      close (fd);
      return -1;
    }
  return fd;
}

Netwatch *
netwatch_open (void)
{
  Netwatch *self = g_new0 (Netwatch, 1);

  self->ask = open_socket (0);
  self->news =
      open_socket (RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE);
  if (self->ask >= 0 && self->news >= 0)
    return self;
  netwatch_close (self);
  return NULL;
}

void
netwatch_close (Netwatch *self)
{
  if (!self)
    return;
  netwatch_listen (self, NULL, NULL);
  if (self->ask >= 0)
    close (self->ask);
  if (self->news >= 0)
    close (self->news);
  g_free (self);
}

/* ---- news ---- */

static gboolean
on_quiet (gpointer data)
{
  Netwatch *self = data;

  self->timer = 0;
  if (self->changed)
    self->changed (self->data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_news (int fd, GIOCondition condition, gpointer data)
{
  Netwatch *self = data;
  gboolean news = FALSE;
  ssize_t n;

  while ((n = recv (fd, self->buffer, sizeof self->buffer, MSG_DONTWAIT)) > 0)
    for (const struct nlmsghdr *msg = (const void *) self->buffer; NLMSG_OK (msg, n); msg = NLMSG_NEXT (msg, n))
      news = news || !self->tunnel || !rt_is_tunnels (msg, self->tunnel);
  if (!news && errno == EAGAIN)
    return G_SOURCE_CONTINUE;
  /* not put off again and again: some machines' routes change all the time */
  if (!self->timer)
    self->timer = g_timeout_add (QUIET_MS, on_quiet, self);
  return G_SOURCE_CONTINUE;
}

void
netwatch_set_tunnel (Netwatch *self, guint32 ifindex)
{
  self->tunnel = ifindex;
}

void
netwatch_listen (Netwatch *self, void (*changed) (gpointer data), gpointer data)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->source, g_source_remove);
  self->changed = changed;
  self->data = data;
  if (changed)
    self->source = watch_add (self->news, G_IO_IN | G_IO_ERR, on_news, self);
}

/* ---- questions ---- */

typedef gboolean (*EachFunc) (const struct nlmsghdr *msg, gpointer data);

/* Reads answers until the last of them. @each: TRUE when that is all that is wanted. */
static gboolean
read_answers (Netwatch *self, EachFunc each, gpointer data)
{
  for (;;)
    {
      ssize_t n = recv (self->ask, self->buffer, sizeof self->buffer, MSG_DONTWAIT);
      int left = (int) n;

      if (n <= 0)
        return FALSE;
      for (const struct nlmsghdr *msg = (const void *) self->buffer; NLMSG_OK (msg, left); msg = NLMSG_NEXT (msg, left))
        {
          if (msg->nlmsg_seq != self->seq)
            continue;
          if (msg->nlmsg_type == NLMSG_DONE)
            return TRUE;
          if (msg->nlmsg_type == NLMSG_ERROR)
            return FALSE;
          if (each (msg, data))
            return TRUE;
        }
    }
}

static gboolean
ask (Netwatch *self, const guint8 *request, gsize len, EachFunc each, gpointer data)
{
  return send (self->ask, request, len, MSG_DONTWAIT) == (ssize_t) len && read_answers (self, each, data);
}

typedef struct {
  guint32 ifindex;
  RtRoute *ret;
} RouteQuestion;

static gboolean
take_route (const struct nlmsghdr *msg, gpointer data)
{
  const RouteQuestion *question = data;

  return rt_parse_route (msg, question->ifindex, question->ret);
}

static gboolean
get_route (Netwatch *self, const IkeAddress *to, guint32 ifindex, gboolean match, RtRoute *ret)
{
  guint8 request[RT_REQUEST_MAX] __attribute__ ((aligned (8)));
  gsize len = rt_build_route_get (request, ++self->seq, to, ifindex, match);
  RouteQuestion question = { ifindex, ret };

  return ask (self, request, len, take_route, &question) && !ret->unreachable;
}

typedef struct {
  guint32 own; /* the kernel's choice, which comes first, however many others there are; 0: none */
  RtLink at[LINKS_MAX];
  guint n;
} Links;

static gboolean
take_link (const struct nlmsghdr *msg, gpointer data)
{
  Links *links = data;
  RtLink link;

  if (!rt_parse_link (msg, &link) || !link.up || link.tunnel)
    return FALSE;
  if (link.ifindex == links->own && links->n)
    {
      RtLink first = links->at[0];

      links->at[0] = link;
      link = first;
    }
  if (links->n < LINKS_MAX)
    links->at[links->n++] = link;
  return FALSE;
}

typedef struct {
  const Links *links;
  GString *text;
} Addresses;

static gboolean
take_address (const struct nlmsghdr *msg, gpointer data)
{
  const Addresses *addresses = data;
  const Links *links = addresses->links;
  RtAddress address;

  if (!rt_parse_address (msg, &address) || !address.lasting)
    return FALSE;
  for (guint i = 0; i < links->n; i++)
    if (links->at[i].ifindex == address.ifindex && !links->at[i].loopback && !links->at[i].inside)
      {
        g_autofree char *one = ike_address_to_string (&address.address);

        g_string_append_printf (addresses->text, "%s%s", addresses->text->len ? " " : "", one);
      }
  return FALSE;
}

char *
netwatch_addresses (Netwatch *self)
{
  guint8 request[RT_REQUEST_MAX] __attribute__ ((aligned (8)));
  Links links = { .n = 0 };
  Addresses addresses = { &links, g_string_new (NULL) };

  (void) ask (self, request, rt_build_link_dump (request, ++self->seq), take_link, &links);
  (void) ask (self, request, rt_build_address_dump (request, ++self->seq), take_address, &addresses);
  return g_string_free (addresses.text, FALSE);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const NetwatchUplink *one = a, *two = b;

  if (one->chosen != two->chosen)
    return one->chosen ? -1 : 1;
  if (one->prefix != two->prefix)
    return one->prefix > two->prefix ? -1 : 1;
  return one->metric < two->metric ? -1 : one->metric > two->metric;
}

gboolean
netwatch_is_inside (Netwatch *self, const IkeAddress *gateway)
{
  RtRoute route;

  return self->tunnel && get_route (self, gateway, 0, FALSE, &route) && route.ifindex == self->tunnel;
}

guint32
netwatch_link_of (Netwatch *self, const IkeAddress *address)
{
  RtRoute route;

  /* the route itself: what the kernel makes of it for a packet is the loopback */
  return get_route (self, address, 0, TRUE, &route) && route.local ? route.ifindex : 0;
}

static gboolean
is_link_local (const IkeAddress *address)
{
  return address->family == IKE_FAMILY_IP6 && address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
}

/* While an uplink has a route and no address of its own yet, the kernel takes one of any other link for it: a tunnel's,
 * whose packets would go into the tunnel, or one of a link that is down, leads nobody back. Neither does what is good on
 * the link alone, which it takes as long as the uplink's own address is looked for twins. */
static gboolean
is_source (Netwatch *self, const Links *links, const IkeAddress *gateway, const IkeAddress *source)
{
  const guint32 ifindex = netwatch_link_of (self, source);

  if (is_link_local (source) && !is_link_local (gateway))
    return FALSE;
  for (guint i = 0; i < links->n; i++)
    if (links->at[i].ifindex == ifindex)
      return TRUE;
  return FALSE;
}

guint
netwatch_uplinks (Netwatch *self, const IkeAddress *gateway, NetwatchUplink ret[NETWATCH_MAX_UPLINKS])
{
  guint8 request[RT_REQUEST_MAX] __attribute__ ((aligned (8)));
  Links links = { .n = 0 };
  RtRoute own = { 0 };
  gboolean has_own = get_route (self, gateway, 0, FALSE, &own);
  guint n = 0;

  if (has_own)
    links.own = own.ifindex;
  (void) ask (self, request, rt_build_link_dump (request, ++self->seq), take_link, &links);
  for (guint i = 0; i < links.n && n < NETWATCH_MAX_UPLINKS; i++)
    {
      guint32 ifindex = links.at[i].ifindex;
      gboolean chosen = has_own && own.ifindex == ifindex;
      RtRoute match, way;

      /* without a route the kernel would take anybody for a neighbour */
      if (links.at[i].loopback || !get_route (self, gateway, ifindex, TRUE, &match) || match.local)
        continue;
      if (!get_route (self, gateway, chosen ? 0 : ifindex, FALSE, &way) || way.source.family != gateway->family ||
          !is_source (self, &links, gateway, &way.source))
        continue;
      ret[n++] = (NetwatchUplink){ ifindex, way.source, chosen, match.prefix, match.metric };
    }
  qsort (ret, n, sizeof *ret, compare);
  return n;
}
