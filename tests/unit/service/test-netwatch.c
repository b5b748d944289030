/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of rtnetlink, made by hand, by a kernel that has what a test says, and by this machine's own. */
#include "io/netwatch.h"
#include "io/rtnetlink.h"

#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

typedef union {
  struct nlmsghdr head;
  guint8 octets[256];
} Message;

static void
begin (Message *m, guint16 type, gconstpointer body, gsize len)
{
  memset (m, 0, sizeof *m);
  m->head.nlmsg_type = type;
  m->head.nlmsg_len = (guint32) NLMSG_LENGTH (len);
  memcpy (m->octets + NLMSG_HDRLEN, body, len);
}

static void
add (Message *m, guint16 type, gconstpointer data, gsize len)
{
  gsize at = NLMSG_ALIGN (m->head.nlmsg_len);
  struct rtattr attr = { .rta_type = type, .rta_len = (guint16) RTA_LENGTH (len) };

  memcpy (m->octets + at, &attr, sizeof attr);
  memcpy (m->octets + at + RTA_LENGTH (0), data, len);
  m->head.nlmsg_len = (guint32) (at + RTA_LENGTH (len));
}

static void
test_route (void)
{
  const struct rtmsg body = { .rtm_family = AF_INET, .rtm_type = RTN_UNICAST, .rtm_dst_len = 32, .rtm_protocol = 4 };
  const guint32 oif = 7, metric = 300;
  const guint8 source[4] = { 192, 0, 2, 2 };
  Message m;
  RtRoute route;

  begin (&m, RTM_NEWROUTE, &body, sizeof body);
  g_assert_false (rt_parse_route (&m.head, 0, &route)); /* no link */
  add (&m, RTA_OIF, &oif, sizeof oif);
  add (&m, RTA_PRIORITY, &metric, sizeof metric);
  add (&m, RTA_PREFSRC, source, sizeof source);
  g_assert_true (rt_parse_route (&m.head, 0, &route));
  g_assert_cmpuint (route.ifindex, ==, 7);
  g_assert_cmpuint (route.metric, ==, 300);
  g_assert_cmpuint (route.prefix, ==, 32);
  g_assert_cmpint (route.source.family, ==, IKE_FAMILY_IP4);
  g_assert_false (route.local || route.unreachable);
  /* cut off anywhere: whatever is whole counts, and nothing is read behind the end */
  for (guint32 len = m.head.nlmsg_len; len-- > 0;)
    {
      g_autofree Message *cut = g_memdup2 (&m, MAX (len, sizeof m.head));

      cut->head.nlmsg_len = MAX (len, (guint32) sizeof m.head);
      (void) rt_parse_route (&cut->head, 0, &route);
    }
  m.head.nlmsg_type = RTM_DELROUTE;
  g_assert_false (rt_parse_route (&m.head, 0, &route));
}

/* Two providers, one route with two hops. */
static void
test_multipath (void)
{
  const struct rtmsg body = { .rtm_family = AF_INET, .rtm_type = RTN_UNICAST };
  struct {
    struct rtnexthop first;
    struct rtattr via;
    guint8 neighbour[4];
    struct rtnexthop second;
  } hops = { { .rtnh_len = 16, .rtnh_ifindex = 7 },
             { .rta_len = RTA_LENGTH (4), .rta_type = RTA_GATEWAY },
             { 192, 0, 2, 1 },
             { .rtnh_len = 8, .rtnh_ifindex = 8 } };
  const guint32 metric = 100;
  Message m;
  RtRoute route;

  begin (&m, RTM_NEWROUTE, &body, sizeof body);
  add (&m, RTA_MULTIPATH, &hops, sizeof hops);
  add (&m, RTA_PRIORITY, &metric, sizeof metric);
  g_assert_true (rt_parse_route (&m.head, 0, &route));
  g_assert_cmpuint (route.ifindex, ==, 7);
  g_assert_cmpuint (route.metric, ==, 100);
  g_assert_true (rt_parse_route (&m.head, 7, &route));
  g_assert_cmpuint (route.ifindex, ==, 7);
  g_assert_true (rt_parse_route (&m.head, 8, &route));
  g_assert_cmpuint (route.ifindex, ==, 8);
  g_assert_false (rt_parse_route (&m.head, 9, &route));
  /* hops that are too short, or too long, end the list */
  for (guint16 len = 0; len < 40; len++)
    {
      hops.first.rtnh_len = len;
      begin (&m, RTM_NEWROUTE, &body, sizeof body);
      add (&m, RTA_MULTIPATH, &hops, sizeof hops);
      g_assert_cmpint (rt_parse_route (&m.head, 7, &route), ==, len >= 8 && len <= sizeof hops);
      if (len < 8 || len > sizeof hops)
        g_assert_false (rt_parse_route (&m.head, 8, &route));
    }
}

static void
test_link (void)
{
  struct ifinfomsg body = { .ifi_index = 3, .ifi_flags = IFF_UP | IFF_RUNNING | 0x10000 };
  const struct {
    struct rtattr head;
    char kind[8];
  } info = { { RTA_LENGTH (5), IFLA_INFO_KIND }, "xfrm" }, other = { { RTA_LENGTH (4), IFLA_INFO_KIND }, "tun" };
  Message m;
  RtLink link;

  begin (&m, RTM_NEWLINK, &body, sizeof body);
  g_assert_true (rt_parse_link (&m.head, &link));
  g_assert_true (link.up && !link.tunnel && link.ifindex == 3);
  add (&m, IFLA_LINKINFO, &info, sizeof info);
  g_assert_true (rt_parse_link (&m.head, &link));
  g_assert_true (link.tunnel && !link.loopback && !link.inside);
  begin (&m, RTM_NEWLINK, &body, sizeof body);
  add (&m, IFLA_LINKINFO, &other, sizeof other);
  g_assert_true (rt_parse_link (&m.head, &link));
  g_assert_true (link.inside && !link.tunnel);
  body.ifi_flags |= IFF_LOOPBACK;
  begin (&m, RTM_NEWLINK, &body, sizeof body);
  g_assert_true (rt_parse_link (&m.head, &link));
  g_assert_true (link.loopback && !link.tunnel);
  body.ifi_flags = IFF_UP; /* the cable is out */
  begin (&m, RTM_NEWLINK, &body, sizeof body);
  g_assert_true (rt_parse_link (&m.head, &link));
  g_assert_false (link.up);
}

/* What lasts is told to others: not what is only of this link, or of today. */
static void
test_address (void)
{
  static const struct {
    guint8 family, scope;
    guint32 flags;
    gboolean lasting;
  } rows[] = {
    { AF_INET, RT_SCOPE_UNIVERSE, 0, TRUE },
    { AF_INET, RT_SCOPE_UNIVERSE, IFA_F_SECONDARY | IFA_F_PERMANENT, TRUE },
    { AF_INET, RT_SCOPE_LINK, 0, FALSE },
    { AF_INET, RT_SCOPE_HOST, 0, FALSE },
    { AF_INET6, RT_SCOPE_UNIVERSE, IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE, TRUE },
    { AF_INET6, RT_SCOPE_LINK, IFA_F_PERMANENT, FALSE },
    { AF_INET6, RT_SCOPE_UNIVERSE, IFA_F_TEMPORARY, FALSE },
    { AF_INET6, RT_SCOPE_UNIVERSE, IFA_F_TENTATIVE, FALSE },
    { AF_INET6, RT_SCOPE_UNIVERSE, IFA_F_DADFAILED, FALSE },
    { AF_INET6, RT_SCOPE_UNIVERSE, IFA_F_DEPRECATED, FALSE },
  };
  const guint8 octets[16] = { 0x20, 1, 0xd, 0xb8 }, peer[4] = { 192, 0, 2, 9 };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const struct ifaddrmsg body = { .ifa_family = rows[i].family, .ifa_scope = rows[i].scope, .ifa_index = 3 };
      gsize len = rows[i].family == AF_INET ? 4 : 16;
      const IkeAddress expected = ike_address_from_chunk (ike_chunk (octets, len));
      RtAddress address;
      Message m;

      begin (&m, RTM_NEWADDR, &body, sizeof body);
      g_assert_false (rt_parse_address (&m.head, &address));
      /* the other end of a point-to-point link comes first */
      if (len == 4)
        add (&m, IFA_ADDRESS, peer, sizeof peer);
      add (&m, len == 4 ? IFA_LOCAL : IFA_ADDRESS, octets, len);
      add (&m, IFA_FLAGS, &rows[i].flags, sizeof rows[i].flags);
      g_assert_true (rt_parse_address (&m.head, &address));
      g_assert_true (ike_address_equal (&address.address, &expected) && address.ifindex == 3);
      g_assert_cmpint (address.lasting, ==, rows[i].lasting);
      m.head.nlmsg_type = RTM_DELADDR;
      g_assert_false (rt_parse_address (&m.head, &address));
    }
}

/* What happens to the tunnel's own interface is no news, but for routes through it. */
static void
test_tunnel (void)
{
  const guint32 tunnel = 7, other = 8;
  const guint8 link_local[16] = { 0xfe, 0x80 }, multicast[16] = { 0xff }, far[16] = { 0x20, 0x01 };
  const guint8 *const kernels[] = { link_local, multicast };
  struct ifinfomsg link = { .ifi_index = (int) tunnel };
  struct ifaddrmsg address = { .ifa_family = AF_INET6, .ifa_index = tunnel };
  struct rtmsg route = { .rtm_family = AF_INET6, .rtm_type = RTN_UNICAST, .rtm_dst_len = 64 };
  Message m;

  for (guint16 type = RTM_NEWLINK; type <= RTM_DELLINK; type++)
    {
      begin (&m, type, &link, sizeof link);
      g_assert_true (rt_is_tunnels (&m.head, tunnel));
      g_assert_false (rt_is_tunnels (&m.head, other));
    }
  begin (&m, RTM_NEWADDR, &address, sizeof address);
  g_assert_true (rt_is_tunnels (&m.head, tunnel));
  g_assert_false (rt_is_tunnels (&m.head, other));
  for (guint i = 0; i < G_N_ELEMENTS (kernels); i++)
    {
      begin (&m, RTM_NEWROUTE, &route, sizeof route);
      add (&m, RTA_DST, kernels[i], 16);
      add (&m, RTA_OIF, &tunnel, sizeof tunnel);
      g_assert_true (rt_is_tunnels (&m.head, tunnel));
      g_assert_false (rt_is_tunnels (&m.head, other));
    }
  begin (&m, RTM_NEWROUTE, &route, sizeof route);
  add (&m, RTA_DST, far, sizeof far);
  add (&m, RTA_OIF, &tunnel, sizeof tunnel);
  g_assert_false (rt_is_tunnels (&m.head, tunnel));
  route.rtm_type = RTN_LOCAL;
  begin (&m, RTM_DELROUTE, &route, sizeof route);
  add (&m, RTA_DST, far, sizeof far);
  add (&m, RTA_OIF, &tunnel, sizeof tunnel);
  g_assert_true (rt_is_tunnels (&m.head, tunnel));
  m.head.nlmsg_len = NLMSG_LENGTH (4);
  g_assert_false (rt_is_tunnels (&m.head, tunnel));
}

/* ---- a kernel with links from 1 on, all of which lead everywhere ---- */

static struct {
  guint32 n_links; /* 0: this machine's own kernel answers */
  guint32 own; /* the link that it takes by itself */
  const char *source; /* what it takes there */
  GQueue answers; /* Message */
} fake;

ssize_t __real_send (int fd, const void *data, size_t len, int flags);
ssize_t __wrap_send (int fd, const void *data, size_t len, int flags);
ssize_t __real_recv (int fd, void *data, size_t len, int flags);
ssize_t __wrap_recv (int fd, void *data, size_t len, int flags);

static Message *
answer (const struct nlmsghdr *request, guint16 type, gconstpointer body, gsize len)
{
  Message *m = g_new0 (Message, 1);

  begin (m, type, body, len);
  m->head.nlmsg_seq = request->nlmsg_seq;
  g_queue_push_tail (&fake.answers, m);
  return m;
}

static void
answer_links (const struct nlmsghdr *request)
{
  const int done = 0;

  for (guint32 i = 1; i <= fake.n_links; i++)
    {
      const struct ifinfomsg body = { .ifi_index = (int) i, .ifi_flags = IFF_UP | IFF_RUNNING | 0x10000 };

      answer (request, RTM_NEWLINK, &body, sizeof body);
    }
  answer (request, NLMSG_DONE, &done, sizeof done);
}

static void
answer_route (const struct nlmsghdr *request)
{
  const struct rtmsg *asked = NLMSG_DATA (request);
  struct rtmsg body = { .rtm_family = asked->rtm_family, .rtm_type = RTN_UNICAST };
  const gsize len = asked->rtm_family == AF_INET ? 4 : 16;
  guint32 oif = fake.own;
  IkeAddress source;
  Message *m;

  g_assert_true (ike_address_from_string (fake.source, &source));
  for (guint32 at = NLMSG_LENGTH (sizeof *asked); at < request->nlmsg_len;)
    {
      const struct rtattr *attr = (const void *) ((const guint8 *) request + at);

      if (attr->rta_type == RTA_OIF)
        memcpy (&oif, RTA_DATA (attr), sizeof oif);
      if (attr->rta_type == RTA_DST && memcmp (RTA_DATA (attr), source.bytes, len) == 0)
        body.rtm_type = RTN_LOCAL;
      at += RTA_ALIGN (attr->rta_len);
    }
  m = answer (request, RTM_NEWROUTE, &body, sizeof body);
  add (m, RTA_OIF, &oif, sizeof oif);
  add (m, RTA_PREFSRC, source.bytes, len);
}

ssize_t
__wrap_send (int fd, const void *data, size_t len, int flags)
{
  const struct nlmsghdr *request = data;

  if (!fake.n_links)
    return __real_send (fd, data, len, flags);
  if (request->nlmsg_type == RTM_GETLINK)
    answer_links (request);
  else
    answer_route (request);
  return (ssize_t) len;
}

ssize_t
__wrap_recv (int fd, void *data, size_t len, int flags)
{
  g_autofree Message *m = fake.n_links ? g_queue_pop_head (&fake.answers) : NULL;

  if (!fake.n_links)
    return __real_recv (fd, data, len, flags);
  g_assert_nonnull (m);
  memcpy (data, m, m->head.nlmsg_len);
  return m->head.nlmsg_len;
}

static guint
find_uplinks (const char *gateway, guint32 n_links, guint32 own, const char *source, NetwatchUplink *ret)
{
  Netwatch *watch = netwatch_open ();
  IkeAddress to;
  guint n;

  g_assert_nonnull (watch);
  g_assert_true (ike_address_from_string (gateway, &to));
  fake.n_links = n_links;
  fake.own = own;
  fake.source = source;
  n = netwatch_uplinks (watch, &to, ret);
  g_assert_true (g_queue_is_empty (&fake.answers));
  fake.n_links = 0;
  netwatch_close (watch);
  return n;
}

/* While the uplink's own address is looked for twins the kernel would take that of the link alone: that leads to nobody
 * but a neighbour. */
static void
test_link_local (void)
{
  NetwatchUplink ups[NETWATCH_MAX_UPLINKS];

  g_assert_cmpuint (find_uplinks ("2001:db8:2::2", 1, 1, "2001:db8:1::2", ups), ==, 1);
  g_assert_true (ups[0].chosen);
  g_assert_cmpuint (find_uplinks ("2001:db8:2::2", 1, 1, "fe80::2", ups), ==, 0);
  g_assert_cmpuint (find_uplinks ("fe80::7", 1, 1, "fe80::2", ups), ==, 1);
  g_assert_cmpuint (find_uplinks ("198.51.100.7", 1, 1, "169.254.0.2", ups), ==, 1);
}

/* Whatever else there is, containers perhaps: the kernel's choice is among the uplinks, and the first. */
static void
test_many_links (void)
{
  NetwatchUplink ups[NETWATCH_MAX_UPLINKS];
  static const guint32 own[] = { 1, 2, NETWATCH_MAX_UPLINKS + 1, 64, 65, 200 };

  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    {
      g_assert_cmpuint (find_uplinks ("198.51.100.7", 200, own[i], "192.0.2.2", ups), ==, NETWATCH_MAX_UPLINKS);
      g_assert_cmpuint (ups[0].ifindex, ==, own[i]);
      g_assert_true (ups[0].chosen);
      for (guint k = 1; k < NETWATCH_MAX_UPLINKS; k++)
        g_assert_false (ups[k].chosen || ups[k].ifindex == own[i]);
    }
}

static void
test_kernel (void)
{
  g_autofree NetwatchUplink *ups = g_new (NetwatchUplink, NETWATCH_MAX_UPLINKS);
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;
  Netwatch *watch = netwatch_open ();
  IkeAddress loopback, nobody, own;

  g_assert_nonnull (watch);
  g_assert_true (ike_address_from_string ("127.0.0.1", &loopback));
  g_assert_true (ike_address_from_string ("203.0.113.254", &nobody));
  g_assert_cmpuint (netwatch_link_of (watch, &loopback), ==, if_nametoindex ("lo"));
  g_assert_cmpuint (netwatch_link_of (watch, &nobody), ==, 0);
  for (guint i = 0, n = netwatch_uplinks (watch, &nobody, ups); i < n; i++)
    g_assert_true (ups[i].ifindex && ups[i].source.family == IKE_FAMILY_IP4 &&
                   netwatch_link_of (watch, &ups[i].source) != 0);
  g_assert_false (netwatch_is_inside (watch, &loopback));
  text = netwatch_addresses (watch);
  words = g_strsplit (text, " ", 0);
  for (guint i = 0; words[i]; i++)
    {
      g_assert_true (ike_address_from_string (words[i], &own));
      g_assert_cmpuint (netwatch_link_of (watch, &own), !=, 0);
      g_assert_cmpuint (netwatch_link_of (watch, &own), !=, if_nametoindex ("lo"));
    }
  netwatch_set_tunnel (watch, if_nametoindex ("lo")); /* as if */
  g_assert_true (netwatch_is_inside (watch, &loopback));
  g_assert_false (netwatch_is_inside (watch, &nobody));
  netwatch_close (watch);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/netwatch/route", test_route);
  g_test_add_func ("/netwatch/multipath", test_multipath);
  g_test_add_func ("/netwatch/link", test_link);
  g_test_add_func ("/netwatch/address", test_address);
  g_test_add_func ("/netwatch/tunnel", test_tunnel);
  g_test_add_func ("/netwatch/link-local", test_link_local);
  g_test_add_func ("/netwatch/many-links", test_many_links);
  g_test_add_func ("/netwatch/kernel", test_kernel);
  return g_test_run ();
}
