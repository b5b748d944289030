/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What passes: the tunnel's link, loopback, what never leaves a link (among it neighbour discovery), DHCP, the profile's
 * exceptions. IKE's own sockets have policies of their own (udp.c), and ESP is not looked at a second time.
 */
#include "kernel/guard-build.h"

#include "kernel/owner.h"
#include "kernel/selectors.h"
#include "kernel/xfrm-build.h"
#include "kernel/xfrm-parse.h"

#include <netinet/icmp6.h>
#include <string.h>
#include <sys/socket.h>

#define LABEL_MARKER 0xe7640000u /* owner.h has other numbers */
#define LABEL_MASK 0xffff0000u
#define LOOPBACK_IFINDEX 1 /* in every network namespace */
/* Three lists of selectors, and each may become several prefixes. */
#define MAX_POLICIES 2048

guint32
guard_label (const char *uuid)
{
  guint32 hash = g_str_hash (uuid);

  return LABEL_MARKER | (hash ^ hash >> 16) % 0xffff;
}

/* ---- values ---- */

static void
add (GArray *policies, const struct xfrm_selector *selector, guint32 label, gboolean block)
{
  GuardPolicy policy = { *selector, block };

  policy.selector.user = label;
  for (guint i = 0; i < policies->len; i++)
    if (memcmp (&g_array_index (policies, GuardPolicy, i).selector, &policy.selector, sizeof policy.selector) == 0)
      return;
  g_array_append_val (policies, policy);
}

static void
add_link (GArray *policies, guint32 ifindex, guint32 label)
{
  struct xfrm_selector sel = { .ifindex = (int) ifindex };

  if (ifindex == 0)
    return;
  sel.family = AF_INET;
  add (policies, &sel, label, FALSE);
  sel.family = AF_INET6;
  add (policies, &sel, label, FALSE);
}

typedef struct {
  guint8 family, octets[16], prefix, protocol;
  guint16 sport, sport_mask, dport, dport_mask;
} Always;

/* ICMPv6 has its type where others have a source port. 135/136: neighbour solicitation and advertisement, which go to
 * addresses that are not link-local too (RFC 4861 section 7); 133, 134: router's; 137: redirect. */
static const Always always[] = {
  { .family = AF_INET, .octets = { 127 }, .prefix = 8 },
  { .family = AF_INET, .octets = { 169, 254 }, .prefix = 16 },
  { .family = AF_INET, .octets = { 224 }, .prefix = 24 },
  { .family = AF_INET, .octets = { 255, 255, 255, 255 }, .prefix = 32 },
  { .family = AF_INET, .protocol = IPPROTO_UDP, .sport = 68, .sport_mask = 0xffff, .dport = 67, .dport_mask = 0xffff },
  { .family = AF_INET6, .octets = { [15] = 1 }, .prefix = 128 },
  { .family = AF_INET6, .octets = { 0xfe, 0x80 }, .prefix = 10 },
  { .family = AF_INET6, .octets = { 0xff, 0x02 }, .prefix = 16 },
  { .family = AF_INET6,
    .protocol = IPPROTO_UDP,
    .sport = 546,
    .sport_mask = 0xffff,
    .dport = 547,
    .dport_mask = 0xffff },
  { .family = AF_INET6, .protocol = IPPROTO_ICMPV6, .sport = ND_ROUTER_SOLICIT, .sport_mask = 0xffff },
  { .family = AF_INET6, .protocol = IPPROTO_ICMPV6, .sport = ND_ROUTER_ADVERT, .sport_mask = 0xfffe },
  { .family = AF_INET6, .protocol = IPPROTO_ICMPV6, .sport = ND_NEIGHBOR_ADVERT, .sport_mask = 0xfffe },
};

static void
add_always (GArray *policies, guint32 label)
{
  for (gsize i = 0; i < G_N_ELEMENTS (always); i++)
    {
      const Always *a = &always[i];
      struct xfrm_selector sel = { .family = a->family,
                                   .proto = a->protocol,
                                   .prefixlen_d = a->prefix,
                                   .sport = htons (a->sport),
                                   .sport_mask = htons (a->sport_mask),
                                   .dport = htons (a->dport),
                                   .dport_mask = htons (a->dport_mask) };

      memcpy (&sel.daddr, a->octets, sizeof a->octets);
      add (policies, &sel, label, FALSE);
    }
}

/* Only asked for where everything is protected; encrypted questions have a port of their own (RFC 7858 section 3.1). */
static void
add_names (GArray *policies, guint32 label)
{
  static const guint8 families[] = { AF_INET, AF_INET6 };
  static const guint16 ports[] = { 53, 853 };
  static const guint8 protocols[] = { IPPROTO_UDP, IPPROTO_TCP };

  for (guint i = 0; i < 8; i++)
    {
      const struct xfrm_selector sel = { .family = families[i & 1],
                                         .proto = protocols[i >> 1 & 1],
                                         .dport = htons (ports[i >> 2]),
                                         .dport_mask = G_MAXUINT16 };

      add (policies, &sel, label, FALSE);
    }
}

static ChannelSelectors
anywhere (void)
{
  ChannelSelectors any = { .n = 2 };

  any.at[0] = (ChannelSelector){ .first = { .family = 4 }, .last = { .family = 4 }, .port_last = G_MAXUINT16 };
  any.at[1] = (ChannelSelector){ .first = { .family = 6 }, .last = { .family = 6 }, .port_last = G_MAXUINT16 };
  memset (any.at[0].last.bytes, 0xff, 4);
  memset (any.at[1].last.bytes, 0xff, 16);
  return any;
}

/* Pairs that fit nothing (of two families, say) are none. One remote at a time: what does not fit does not hide others. */
static gboolean
add_pairs (GArray *policies, const ChannelSelectors *local, const ChannelSelectors *remote, guint32 label,
           gboolean block)
{
  for (guint i = 0; i < remote->n; i++)
    {
      g_autoptr (GArray) selectors = g_array_new (FALSE, TRUE, sizeof (struct xfrm_selector));
      const ChannelSelectors one = { .n = 1, .at = { remote->at[i] } };

      if (!xfrm_selectors_expand (local, &one, selectors) && block)
        return FALSE;
      for (guint j = 0; j < selectors->len; j++)
        add (policies, &g_array_index (selectors, struct xfrm_selector, j), label, block);
    }
  return policies->len <= MAX_POLICIES;
}

gboolean
guard_policies (const GuardWish *wish, const GuardNames *names, GArray *ret)
{
  const ChannelSelectors any = anywhere ();

  add_link (ret, LOOPBACK_IFINDEX, names->label);
  add_link (ret, wish->ifindex, names->owner);
  add_always (ret, names->label);
  if (wish->names)
    add_names (ret, names->owner);
  return add_pairs (ret, &any, &wish->except, names->label, FALSE) &&
         (wish->ifindex == 0 || add_pairs (ret, &wish->inside, &wish->protect, names->owner, FALSE)) &&
         add_pairs (ret, &any, &wish->protect, names->label, TRUE);
}

/* ---- messages ---- */

struct nl_msg *
guard_build (const GuardPolicy *policy)
{
  return xfrm_build_plain_policy (&policy->selector, policy->block ? GUARD_PRIORITY_BLOCK : GUARD_PRIORITY_PASS,
                                  policy->block);
}

struct nl_msg *
guard_build_delete (const struct xfrm_selector *selector)
{
  const XfrmPolicy policy = { .dir = XFRM_POLICY_OUT, .selector = *selector };

  return xfrm_build_policy_delete (&policy);
}

gboolean
guard_parse (const struct nlmsghdr *msg, GuardPolicy *ret_policy, guint32 *ret_label)
{
  struct xfrm_userpolicy_info info;
  gboolean is_label;

  if (!xfrm_message_body (msg, XFRM_MSG_NEWPOLICY, &info, sizeof info) || info.dir != XFRM_POLICY_OUT ||
      (info.priority != GUARD_PRIORITY_PASS && info.priority != GUARD_PRIORITY_BLOCK))
    return FALSE;
  is_label = (info.sel.user & LABEL_MASK) == LABEL_MARKER;
  if (!is_label && (owner_of (info.sel.user) == 0 || info.priority == GUARD_PRIORITY_BLOCK))
    return FALSE;
  *ret_label = is_label ? info.sel.user : 0;
  ret_policy->selector = info.sel;
  ret_policy->block = info.priority == GUARD_PRIORITY_BLOCK;
  return TRUE;
}
