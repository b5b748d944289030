/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says: made here from its structures, then cut at every octet and with lengths that lie. Copies are as
 * long as they say and not one octet longer, so that a sanitizer sees every step beyond.
 */
#include "helper/kernel/link-build.h"
#include "helper/kernel/owner.h"
#include "helper/kernel/pin-build.h"
#include "helper/kernel/selectors.h"
#include "helper/kernel/xfrm-parse.h"

#include "probe.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>

typedef gboolean (*ParseFunc) (const struct nlmsghdr *msg);

static struct nl_msg *
message (int type, gconstpointer body, gsize len)
{
  struct nl_msg *msg = nlmsg_alloc_simple (type, 0);

  g_assert_cmpint (nlmsg_append (msg, (void *) body, len, NLMSG_ALIGNTO), ==, 0);
  return msg;
}

static xfrm_address_t
address (const char *text)
{
  const ChannelAddress a = probe_address (text);

  return xfrm_address (&a);
}

static struct xfrm_usersa_info
sa_info (void)
{
  return (struct xfrm_usersa_info){ .id = { address ("192.0.2.1"), htonl (0xc1020304), 50 },
                                    .saddr = address ("192.0.2.2"),
                                    .curlft = { .bytes = 840, .packets = 10 },
                                    .sel = { .user = 0x40004805 },
                                    .reqid = 0x40004807,
                                    .family = AF_INET,
                                    .mode = XFRM_MODE_TUNNEL };
}

static void
put_template (struct nl_msg *msg)
{
  const struct xfrm_user_tmpl tmpl[2] = { { .id = { address ("192.0.2.2"), 0, 50 },
                                            .family = AF_INET,
                                            .saddr = address ("192.0.2.1"),
                                            .reqid = 0x40004807,
                                            .mode = XFRM_MODE_TUNNEL } };

  g_assert_cmpint (nla_put (msg, XFRMA_TMPL, sizeof tmpl, tmpl), ==, 0);
}

/* ---- every message ---- */

static struct nl_msg *
make_sa (void)
{
  const struct xfrm_usersa_info info = sa_info ();
  const struct xfrm_mark mark = { 0x40004801, 0xffffffff };
  const guint64 last_use = 1700000000;
  const guint32 if_id = 0x40004800;
  struct nl_msg *msg = message (XFRM_MSG_NEWSA, &info, sizeof info);

  g_assert_cmpint (nla_put (msg, XFRMA_MARK, sizeof mark, &mark), ==, 0);
  g_assert_cmpint (nla_put (msg, XFRMA_IF_ID, sizeof if_id, &if_id), ==, 0);
  g_assert_cmpint (nla_put (msg, XFRMA_LASTUSED, sizeof last_use, &last_use), ==, 0);
  return msg;
}

static struct nl_msg *
make_policy (void)
{
  const struct xfrm_userpolicy_info info = { .sel = { .family = AF_INET6, .prefixlen_s = 64 }, .dir = XFRM_POLICY_FWD };
  const guint32 if_id = 0x40004800;
  struct nl_msg *msg = message (XFRM_MSG_NEWPOLICY, &info, sizeof info);

  put_template (msg);
  g_assert_cmpint (nla_put (msg, XFRMA_IF_ID, sizeof if_id, &if_id), ==, 0);
  return msg;
}

static struct nl_msg *
make_expire (void)
{
  const struct xfrm_user_expire body = { .state = sa_info (), .hard = 1 };

  return message (XFRM_MSG_EXPIRE, &body, sizeof body);
}

static struct nl_msg *
make_mapping (void)
{
  const struct xfrm_user_mapping body = { .id = { address ("192.0.2.1"), htonl (0xc1020304), AF_INET, 50 },
                                          .reqid = 0x40004807,
                                          .new_saddr = address ("192.0.2.99"),
                                          .new_sport = htons (1024) };

  return message (XFRM_MSG_MAPPING, &body, sizeof body);
}

static struct nl_msg *
make_acquire (void)
{
  const struct xfrm_user_acquire body = { .sel = { .saddr = address ("10.9.0.1"),
                                                   .daddr = address ("10.0.0.7"),
                                                   .family = AF_INET,
                                                   .proto = 6,
                                                   .sport = htons (7), /* under a mask of 0: any */
                                                   .dport = htons (443),
                                                   .dport_mask = 0xffff },
                                          .seq = 12 };
  struct nl_msg *msg = message (XFRM_MSG_ACQUIRE, &body, sizeof body);

  put_template (msg);
  return msg;
}

static struct nl_msg *
make_link (void)
{
  const struct ifinfomsg body = { .ifi_index = 7 };
  const guint32 if_id = 0x40004800;
  struct nl_msg *msg = message (RTM_NEWLINK, &body, sizeof body);
  struct nlattr *info, *data;

  g_assert_cmpint (nla_put_string (msg, IFLA_IFNAME, "ipsec0"), ==, 0);
  g_assert_cmpint (nla_put_string (msg, IFLA_IFALIAS, "nm-ipsec U 72"), ==, 0);
  info = nla_nest_start (msg, IFLA_LINKINFO);
  g_assert_cmpint (nla_put_string (msg, IFLA_INFO_KIND, "xfrm"), ==, 0);
  data = nla_nest_start (msg, IFLA_INFO_DATA);
  g_assert_cmpint (nla_put (msg, IFLA_XFRM_IF_ID, sizeof if_id, &if_id), ==, 0);
  nla_nest_end (msg, data);
  nla_nest_end (msg, info);
  return msg;
}

static struct nl_msg *
make_error (void)
{
  const struct nlmsgerr body = { .error = -ENOENT, .msg = { .nlmsg_len = 200, .nlmsg_type = XFRM_MSG_NEWSA } };
  struct nl_msg *msg = message (NLMSG_ERROR, &body, sizeof body);

  nlmsg_hdr (msg)->nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
  g_assert_cmpint (nla_put_string (msg, NLMSGERR_ATTR_MSG, "Requested AEAD algorithm not found"), ==, 0);
  return msg;
}

static gboolean
parse_sa (const struct nlmsghdr *msg)
{
  XfrmState state;

  return xfrm_parse_sa (msg, &state);
}

static gboolean
parse_policy (const struct nlmsghdr *msg)
{
  XfrmPolicy policy;

  return xfrm_parse_policy (msg, &policy);
}

static gboolean
parse_event (const struct nlmsghdr *msg)
{
  XfrmEvent event;

  return xfrm_parse_event (msg, &event);
}

static gboolean
parse_link (const struct nlmsghdr *msg)
{
  LinkInfo link;

  return link_parse (msg, &link);
}

static gboolean
parse_error (const struct nlmsghdr *msg)
{
  const char *text;
  int error;

  return netlink_parse_error (msg, &error, &text) && strlen (text) < 1000;
}

static const struct {
  struct nl_msg *(*make) (void);
  ParseFunc parse;
  gsize body; /* without which it is nothing */
} messages[] = {
  { make_sa, parse_sa, sizeof (struct xfrm_usersa_info) },
  { make_policy, parse_policy, sizeof (struct xfrm_userpolicy_info) },
  { make_expire, parse_event, sizeof (struct xfrm_user_expire) },
  { make_mapping, parse_event, sizeof (struct xfrm_user_mapping) },
  { make_acquire, parse_event, sizeof (struct xfrm_user_acquire) },
  { make_link, parse_link, sizeof (struct ifinfomsg) },
  { make_error, parse_error, sizeof (struct nlmsgerr) },
};

/* ---- values ---- */

static void
test_sa (void)
{
  struct nl_msg *msg = make_sa ();
  XfrmState s;

  g_assert_true (xfrm_parse_sa (nlmsg_hdr (msg), &s));
  g_assert_cmphex (s.id.spi, ==, 0xc1020304);
  g_assert_cmphex (s.id.reqid, ==, 0x40004807);
  g_assert_cmphex (s.id.if_id, ==, 0x40004800);
  g_assert_cmphex (s.id.mark, ==, 0x40004801);
  g_assert_cmphex (s.id.mark_mask, ==, 0xffffffff);
  g_assert_cmpuint (s.id.protocol, ==, 50);
  g_assert_cmpuint (s.id.dst.bytes[3], ==, 1);
  g_assert_cmpuint (s.id.src.bytes[3], ==, 2);
  g_assert_cmpuint (s.bytes, ==, 840);
  g_assert_cmpuint (s.packets, ==, 10);
  g_assert_cmpuint (s.last_use, ==, 1700000000);
  g_assert_cmphex (s.id.user, ==, 0x40004805);
  g_assert_false (s.id.transport_mode || s.id.iptfs);
  ((struct xfrm_usersa_info *) nlmsg_data (nlmsg_hdr (msg)))->mode = XFRM_MODE_TRANSPORT;
  g_assert_true (xfrm_parse_sa (nlmsg_hdr (msg), &s));
  g_assert_true (s.id.transport_mode && !s.id.iptfs);
  ((struct xfrm_usersa_info *) nlmsg_data (nlmsg_hdr (msg)))->mode = XFRM_MODE_IPTFS;
  g_assert_true (xfrm_parse_sa (nlmsg_hdr (msg), &s));
  g_assert_true (!s.id.transport_mode && s.id.iptfs);
  nlmsg_free (msg);
}

static void
test_policy (void)
{
  struct nl_msg *msg = make_policy ();
  struct xfrm_user_tmpl *tmpl;
  XfrmPolicy p;

  g_assert_true (xfrm_parse_policy (nlmsg_hdr (msg), &p));
  g_assert_cmpuint (p.dir, ==, XFRM_POLICY_FWD);
  g_assert_cmpuint (p.selector.prefixlen_s, ==, 64);
  g_assert_cmphex (p.reqid, ==, 0x40004807);
  g_assert_cmphex (p.if_id, ==, 0x40004800);
  g_assert_cmpuint (p.dst.bytes[3], ==, 2);
  g_assert_false (p.transport_mode || p.iptfs);
  tmpl = nla_data (nlmsg_find_attr (nlmsg_hdr (msg), sizeof (struct xfrm_userpolicy_info), XFRMA_TMPL));
  tmpl->mode = XFRM_MODE_TRANSPORT;
  g_assert_true (xfrm_parse_policy (nlmsg_hdr (msg), &p));
  g_assert_true (p.transport_mode && !p.iptfs);
  tmpl->mode = XFRM_MODE_IPTFS;
  g_assert_true (xfrm_parse_policy (nlmsg_hdr (msg), &p));
  g_assert_true (!p.transport_mode && p.iptfs);
  nlmsg_free (msg);
}

static void
test_events (void)
{
  struct nl_msg *expire = make_expire (), *mapping = make_mapping (), *acquire = make_acquire ();
  XfrmEvent e;

  g_assert_true (xfrm_parse_event (nlmsg_hdr (expire), &e));
  g_assert_cmpint (e.type, ==, XFRM_EVENT_EXPIRE);
  g_assert_cmphex (e.spi, ==, 0xc1020304);
  g_assert_cmphex (e.reqid, ==, 0x40004807);
  g_assert_cmpuint (e.dst.bytes[3], ==, 1);
  g_assert_true (e.hard);
  g_assert_true (xfrm_parse_event (nlmsg_hdr (mapping), &e));
  g_assert_cmpint (e.type, ==, XFRM_EVENT_MAPPING);
  g_assert_cmpuint (e.dst.family, ==, 4);
  g_assert_cmpuint (e.peer.port, ==, 1024);
  g_assert_cmpuint (e.peer.address.bytes[3], ==, 99);
  g_assert_cmpuint (e.peer.address.family, ==, 4);
  g_assert_true (xfrm_parse_event (nlmsg_hdr (acquire), &e));
  g_assert_cmpint (e.type, ==, XFRM_EVENT_ACQUIRE);
  g_assert_cmphex (e.reqid, ==, 0x40004807);
  g_assert_cmpuint (e.acquired, ==, 12);
  g_assert_cmpuint (e.local.protocol, ==, 6);
  g_assert_cmpuint (e.local.port_first, ==, 0);
  g_assert_cmpuint (e.local.port_last, ==, 65535);
  g_assert_cmpuint (e.remote.port_first, ==, 443);
  g_assert_cmpuint (e.remote.port_last, ==, 443);
  g_assert_cmpuint (e.remote.last.bytes[3], ==, 7);
  nlmsg_free (expire);
  nlmsg_free (mapping);
  nlmsg_free (acquire);
}

static void
test_link (void)
{
  struct nl_msg *msg = make_link ();
  LinkInfo link;

  g_assert_true (link_parse (nlmsg_hdr (msg), &link));
  g_assert_cmpint (link.kind, ==, CHANNEL_LINK_XFRM);
  g_assert_cmpstr (link.name, ==, "ipsec0");
  g_assert_cmpstr (link.alias, ==, "nm-ipsec U 72");
  g_assert_cmpuint (link.ifindex, ==, 7);
  g_assert_cmphex (link.id, ==, 0x40004800);
  g_assert_cmphex (link_owner_number (&link), ==, owner_number (72, 0));
  nlmsg_free (msg);
}

static void
test_error (void)
{
  struct nl_msg *msg = make_error ();
  const char *text = NULL;
  int error = 0;

  g_assert_true (netlink_parse_error (nlmsg_hdr (msg), &error, &text));
  g_assert_cmpint (error, ==, ENOENT);
  g_assert_cmpstr (text, ==, "Requested AEAD algorithm not found");
  /* what is behind it is no text unless the kernel says so, or has no end */
  nlmsg_hdr (msg)->nlmsg_flags = NLM_F_CAPPED;
  g_assert_true (netlink_parse_error (nlmsg_hdr (msg), &error, &text));
  g_assert_cmpstr (text, ==, "");
  nlmsg_hdr (msg)->nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
  nlmsg_find_attr (nlmsg_hdr (msg), sizeof (struct nlmsgerr), NLMSGERR_ATTR_MSG)->nla_len = NLA_HDRLEN + 9;
  g_assert_true (netlink_parse_error (nlmsg_hdr (msg), &error, &text));
  g_assert_cmpstr (text, ==, "");
  nlmsg_hdr (msg)->nlmsg_flags = 0;
  g_assert_true (netlink_parse_error (nlmsg_hdr (msg), &error, &text));
  g_assert_cmpstr (text, ==, "");
  ((struct nlmsgerr *) nlmsg_data (nlmsg_hdr (msg)))->error = 5;
  g_assert_false (netlink_parse_error (nlmsg_hdr (msg), &error, &text));
  nlmsg_free (msg);
}

/* Families, templates and types that are not there. */
static void
test_refused (void)
{
  struct nl_msg *sa = make_sa (), *mapping = make_mapping (), *acquire = make_acquire (), *expire = make_expire ();
  const struct xfrm_userpolicy_info bare = { .dir = 0 };
  struct nl_msg *policy = message (XFRM_MSG_NEWPOLICY, &bare, sizeof bare);

  ((struct xfrm_usersa_info *) nlmsg_data (nlmsg_hdr (sa)))->family = AF_UNIX;
  g_assert_false (parse_sa (nlmsg_hdr (sa)));
  ((struct xfrm_user_expire *) nlmsg_data (nlmsg_hdr (expire)))->state.family = 0;
  g_assert_false (parse_event (nlmsg_hdr (expire)));
  ((struct xfrm_user_mapping *) nlmsg_data (nlmsg_hdr (mapping)))->id.family = 0;
  g_assert_false (parse_event (nlmsg_hdr (mapping)));
  ((struct xfrm_user_acquire *) nlmsg_data (nlmsg_hdr (acquire)))->sel.family = 99;
  g_assert_false (parse_event (nlmsg_hdr (acquire)));
  g_assert_false (parse_policy (nlmsg_hdr (policy)));
  g_assert_false (parse_event (nlmsg_hdr (policy)));
  g_assert_false (parse_link (nlmsg_hdr (policy)));
  g_assert_false (parse_error (nlmsg_hdr (policy)));
  nlmsg_free (sa);
  nlmsg_free (expire);
  nlmsg_free (mapping);
  nlmsg_free (acquire);
  nlmsg_free (policy);
}

/* ---- hostile ---- */

static void
test_truncated (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      struct nl_msg *msg = messages[i].make ();
      gsize len = nlmsg_hdr (msg)->nlmsg_len;

      g_assert_true (messages[i].parse (nlmsg_hdr (msg)));
      for (gsize n = NLMSG_HDRLEN; n < len; n++)
        {
          g_autofree struct nlmsghdr *cut = g_memdup2 (nlmsg_hdr (msg), n);

          cut->nlmsg_len = (guint32) n;
          if (n < NLMSG_HDRLEN + messages[i].body)
            g_assert_false (messages[i].parse (cut));
          else
            (void) messages[i].parse (cut);
        }
      nlmsg_free (msg);
    }
}

static void
test_noise (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      struct nl_msg *msg = messages[i].make ();
      gsize len = nlmsg_hdr (msg)->nlmsg_len;

      for (guint round = 0; round < 5000; round++)
        {
          g_autofree struct nlmsghdr *bad = g_memdup2 (nlmsg_hdr (msg), len);

          /* not the length: whoever received the message has checked it */
          for (gint flips = g_test_rand_int_range (1, 5); flips > 0; flips--)
            ((guint8 *) bad)[g_test_rand_int_range (4, (gint) len)] = (guint8) g_test_rand_int_range (0, 256);
          (void) messages[i].parse (bad);
        }
      nlmsg_free (msg);
    }
}

static void
test_attribute_lengths (void)
{
  const guint16 lies[] = { 0, 1, 3, 5, 0x7fff, 0xffff };

  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      struct nl_msg *msg = make_sa ();
      struct nlattr *attr = nlmsg_find_attr (nlmsg_hdr (msg), sizeof (struct xfrm_usersa_info), XFRMA_MARK);
      XfrmState state = { .bytes = 42 };

      attr->nla_len = lies[i];
      if (xfrm_parse_sa (nlmsg_hdr (msg), &state))
        g_assert_cmphex (state.id.mark, !=, 0x40004801);
      else
        g_assert_cmpuint (state.bytes, ==, 42);
      nlmsg_free (msg);
    }
}

/* Attributes that are shorter than what they should hold say nothing; what is no whole attribute is refused. */
static void
test_short_attributes (void)
{
  const struct xfrm_usersa_info info = sa_info ();
  const struct xfrm_userpolicy_info policy_info = { .dir = XFRM_POLICY_OUT };
  const guint8 octets[sizeof (struct xfrm_user_tmpl)] = { 1, 2, 3, 4, 5, 6, 7, 8 };
  struct nl_msg *sa = message (XFRM_MSG_NEWSA, &info, sizeof info);
  struct nl_msg *policy = message (XFRM_MSG_NEWPOLICY, &policy_info, sizeof policy_info);
  struct nl_msg *whole = message (XFRM_MSG_NEWPOLICY, &policy_info, sizeof policy_info);
  XfrmState state;

  g_assert_cmpint (nla_put (sa, XFRMA_IF_ID, 3, octets), ==, 0);
  g_assert_cmpint (nla_put (sa, XFRMA_MARK, 7, octets), ==, 0);
  g_assert_cmpint (nla_put (sa, XFRMA_LASTUSED, 7, octets), ==, 0);
  g_assert_cmpint (nla_put (sa, XFRMA_SA_PCPU, 3, octets), ==, 0);
  g_assert_true (xfrm_parse_sa (nlmsg_hdr (sa), &state));
  g_assert_cmphex (state.id.if_id, ==, 0);
  g_assert_cmphex (state.id.mark, ==, 0);
  g_assert_cmpuint (state.last_use, ==, 0);
  g_assert_cmpuint (state.cpu, ==, 0);
  nlmsg_hdr (sa)->nlmsg_len = (guint32) (NLMSG_HDRLEN + NLMSG_ALIGN (sizeof info) + 2);
  g_assert_false (xfrm_parse_sa (nlmsg_hdr (sa), &state));
  g_assert_cmpint (nla_put (policy, XFRMA_TMPL, sizeof octets - 1, octets), ==, 0);
  g_assert_false (parse_policy (nlmsg_hdr (policy)));
  g_assert_cmpint (nla_put (whole, XFRMA_TMPL, sizeof octets, octets), ==, 0);
  g_assert_true (parse_policy (nlmsg_hdr (whole)));
  nlmsg_free (sa);
  nlmsg_free (policy);
  nlmsg_free (whole);
}

/* ---- owners ---- */

/* The alias of a link whose number is not ours, and what is none of ours. */
static void
test_alias (void)
{
  static const char *const others[] = { "",
                                        "nm-ipsec",
                                        "nm-ipsec ",
                                        "nm-ipsec U",
                                        "nm-ipsec U 0",
                                        "nm-ipsec U -1",
                                        "nm-ipsec U 4194304",
                                        "nm-ipsec U 72x",
                                        "my-ipsec U 72" };
  g_autofree char *alias = link_alias ("U", 4194303);
  LinkInfo link = { 0 };

  g_strlcpy (link.alias, alias, sizeof link.alias);
  g_assert_cmpint (owner_of (link_owner_number (&link)), ==, 4194303);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_strlcpy (link.alias, others[i], sizeof link.alias);
      g_assert_cmphex (link_owner_number (&link), ==, 0);
    }
}

/* A number of our form alone, which somebody else may have chosen for his, does not make a link ours. */
static void
test_link_of_others (void)
{
  const guint32 ours = owner_number (72, 1);
  const struct {
    const char *name, *alias;
    guint32 id, owner;
  } rows[] = { { "ipsec7", "", ours, ours },
               { "ipsec7", "", 7, 0 },
               { "ipsec7", "branch office", ours, 0 },
               { "office", "", ours, 0 },
               { "vti0", "", ours, 0 },
               { "office", "nm-ipsec U 72", 7, owner_number (72, 0) },
               { "office", "nm-ipsec U 72", ours, owner_number (72, 0) } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      LinkInfo link = { .kind = CHANNEL_LINK_VTI, .id = rows[i].id };

      g_strlcpy (link.name, rows[i].name, sizeof link.name);
      g_strlcpy (link.alias, rows[i].alias, sizeof link.alias);
      g_assert_cmphex (link_owner_number (&link), ==, rows[i].owner);
    }
}

static void
test_nexthop (void)
{
  struct {
    struct nlmsghdr head;
    struct nhmsg body;
    struct nlattr id;
    guint32 number;
  } m = { .head = { .nlmsg_type = RTM_NEWNEXTHOP, .nlmsg_len = sizeof m },
          .body = { .nh_family = AF_INET, .nh_protocol = PIN_PROTOCOL },
          .id = { .nla_type = NHA_ID, .nla_len = NLA_HDRLEN + 4 },
          .number = owner_number (72, 0) };
  guint32 number = 0;

  g_assert_true (pin_parse (&m.head, &number));
  g_assert_cmphex (number, ==, owner_number (72, 0));
  m.body.nh_protocol = RTPROT_STATIC;
  g_assert_false (pin_parse (&m.head, &number));
}

static void
test_owner (void)
{
  const pid_t pids[] = { 1, 2, 1234, 32768, 4194303 };

  for (gsize i = 0; i < G_N_ELEMENTS (pids); i++)
    for (guint low = 0; low <= 255; low += 51)
      {
        g_assert_cmpint (owner_of (owner_number (pids[i], (guint8) low)), ==, pids[i]);
        g_assert_cmpuint (owner_number (pids[i], (guint8) low) & 0xff, ==, low);
      }
  /* numbers that others use */
  g_assert_cmpint (owner_of (0), ==, 0);
  g_assert_cmpint (owner_of (1), ==, 0);
  g_assert_cmpint (owner_of (16384), ==, 0);
  g_assert_cmpint (owner_of (0xc0000001), ==, 0);
  g_assert_cmpint (owner_of (0xffffffff), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/xfrm-parse/sa", test_sa);
  g_test_add_func ("/helper/xfrm-parse/policy", test_policy);
  g_test_add_func ("/helper/xfrm-parse/events", test_events);
  g_test_add_func ("/helper/xfrm-parse/link", test_link);
  g_test_add_func ("/helper/xfrm-parse/error", test_error);
  g_test_add_func ("/helper/xfrm-parse/refused", test_refused);
  g_test_add_func ("/helper/xfrm-parse/truncated", test_truncated);
  g_test_add_func ("/helper/xfrm-parse/noise", test_noise);
  g_test_add_func ("/helper/xfrm-parse/attribute-lengths", test_attribute_lengths);
  g_test_add_func ("/helper/xfrm-parse/short-attributes", test_short_attributes);
  g_test_add_func ("/helper/xfrm-parse/owner", test_owner);
  g_test_add_func ("/helper/xfrm-parse/alias", test_alias);
  g_test_add_func ("/helper/xfrm-parse/link-of-others", test_link_of_others);
  g_test_add_func ("/helper/xfrm-parse/nexthop", test_nexthop);
  return g_test_run ();
}
