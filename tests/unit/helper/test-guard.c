/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policies of a kill switch: which there are, octet by octet, and which are taken for ours. */
#include "helper/kernel/guard-build.h"
#include "helper/kernel/selectors.h"
#include "helper/kernel/xfrm-build.h"

#include "probe.h"
#include "xfrm-messages.h"

#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>

#define OWNER 0x40004800u
#define LABEL 0xe764abcdu

static const GuardNames names = { LABEL, OWNER };

static void
protect (GuardWish *wish, const char *prefix)
{
  wish->protect.at[wish->protect.n++] = probe_prefix (prefix);
}

static GArray *
policies_of (const GuardWish *wish)
{
  GArray *policies = g_array_new (FALSE, TRUE, sizeof (GuardPolicy));

  g_assert_true (guard_policies (wish, &names, policies));
  return policies;
}

/* What a packet out of @ifindex (0: unknown) meets first: 'b'locked, 'p'asses, or '-' nothing. */
static char
verdict (const GArray *policies, const char *src, const char *dst, guint8 proto, guint16 sport, guint16 dport,
         int ifindex)
{
  const ChannelAddress s = probe_address (src), d = probe_address (dst);
  char best = '-';

  for (guint i = 0; i < policies->len; i++)
    {
      const GuardPolicy *p = &g_array_index (policies, GuardPolicy, i);
      const struct xfrm_selector *sel = &p->selector;
      gboolean fits = sel->family == xfrm_family (&d) && (!sel->proto || sel->proto == proto) &&
                      (!sel->ifindex || sel->ifindex == ifindex) && !((htons (sport) ^ sel->sport) & sel->sport_mask) &&
                      !((htons (dport) ^ sel->dport) & sel->dport_mask);

      for (guint bit = 0; fits && bit < sel->prefixlen_d; bit++)
        fits = !((((const guint8 *) &sel->daddr)[bit / 8] ^ d.bytes[bit / 8]) & 0x80 >> bit % 8);
      for (guint bit = 0; fits && bit < sel->prefixlen_s; bit++)
        fits = !((((const guint8 *) &sel->saddr)[bit / 8] ^ s.bytes[bit / 8]) & 0x80 >> bit % 8);
      if (fits && best != 'p')
        best = p->block ? 'b' : 'p';
    }
  return best;
}

static void
test_everything (void)
{
  GuardWish wish = { .names = TRUE, .ifindex = 7 };
  g_autoptr (GArray) all = NULL, left = NULL;

  protect (&wish, "0.0.0.0/0");
  protect (&wish, "::/0");
  wish.except.at[wish.except.n++] = probe_prefix ("192.168.0.0/16");
  wish.inside.at[wish.inside.n++] = probe_prefix ("2001:db8:77::5/128");
  all = policies_of (&wish);
  g_assert_cmpint (verdict (all, "192.0.2.2", "8.8.8.8", 6, 1, 443, 2), ==, 'b');
  g_assert_cmpint (verdict (all, "2001:db8::2", "2001:4860::8", 6, 1, 443, 0), ==, 'b');
  g_assert_cmpint (verdict (all, "10.9.0.5", "8.8.8.8", 6, 1, 443, 7), ==, 'p'); /* the tunnel's link */
  g_assert_cmpint (verdict (all, "2001:db8:77::5", "2001:4860::8", 6, 1, 443, 0), ==, 'p');
  g_assert_cmpint (verdict (all, "127.0.0.1", "127.0.0.53", 17, 1, 53, 1), ==, 'p');
  g_assert_cmpint (verdict (all, "::1", "::1", 6, 1, 80, 0), ==, 'p');
  g_assert_cmpint (verdict (all, "192.0.2.2", "192.0.2.2", 6, 1, 80, 1), ==, 'p'); /* ourselves */
  g_assert_cmpint (verdict (all, "192.0.2.2", "192.0.2.1", 17, 68, 67, 2), ==, 'p');
  g_assert_cmpint (verdict (all, "0.0.0.0", "255.255.255.255", 17, 68, 67, 2), ==, 'p');
  g_assert_cmpint (verdict (all, "192.0.2.2", "192.0.2.1", 17, 68, 68, 2), ==, 'b');
  g_assert_cmpint (verdict (all, "fe80::1", "2001:db8::9", 58, 135, 0, 2), ==, 'p'); /* neighbours of any address */
  g_assert_cmpint (verdict (all, "fe80::1", "ff02::1", 58, 133, 0, 2), ==, 'p');
  g_assert_cmpint (verdict (all, "2001:db8::2", "2001:db8::9", 58, 128, 0, 2), ==, 'b'); /* echo request */
  g_assert_cmpint (verdict (all, "192.0.2.2", "192.168.4.1", 6, 1, 80, 2), ==, 'p');
  g_assert_cmpint (verdict (all, "192.0.2.2", "9.9.9.9", 17, 1, 53, 2), ==, 'p');
  g_assert_cmpint (verdict (all, "192.0.2.2", "9.9.9.9", 6, 1, 853, 2), ==, 'p');

  /* without the tunnel */
  wish.ifindex = 0;
  wish.names = FALSE;
  left = policies_of (&wish);
  g_assert_cmpint (verdict (left, "10.9.0.5", "8.8.8.8", 6, 1, 443, 7), ==, 'b');
  g_assert_cmpint (verdict (left, "2001:db8:77::5", "2001:4860::8", 6, 1, 443, 0), ==, 'b');
  g_assert_cmpint (verdict (left, "192.0.2.2", "9.9.9.9", 17, 1, 53, 2), ==, 'b');
  for (guint i = 0; i < left->len; i++)
    g_assert_cmpuint (g_array_index (left, GuardPolicy, i).selector.user, ==, LABEL);
}

static void
test_some (void)
{
  GuardWish wish = { 0 };
  g_autoptr (GArray) all = NULL;

  protect (&wish, "10.0.0.0/8");
  wish.protect.at[0].protocol = 6;
  protect (&wish, "10.0.0.0/9"); /* twice the same is once */
  wish.protect.at[1] = wish.protect.at[0];
  all = policies_of (&wish);
  g_assert_cmpint (verdict (all, "192.0.2.2", "10.1.2.3", 6, 1, 443, 2), ==, 'b');
  g_assert_cmpint (verdict (all, "192.0.2.2", "10.1.2.3", 17, 1, 443, 2), ==, '-');
  g_assert_cmpint (verdict (all, "192.0.2.2", "11.0.0.1", 6, 1, 443, 2), ==, '-');
  g_assert_cmpint (verdict (all, "2001:db8::2", "2001:4860::8", 6, 1, 443, 0), ==, '-');
  g_assert_true (g_array_index (all, GuardPolicy, all->len - 1).block);
  g_assert_false (g_array_index (all, GuardPolicy, all->len - 2).block);
}

/* A tunnel's policies come first, and never are the same as ours. */
static void
test_priority (void)
{
  const struct xfrm_selector widest = { .family = AF_INET };

  g_assert_cmpuint (xfrm_selector_priority (&widest), <, GUARD_PRIORITY_PASS);
  g_assert_cmpuint (GUARD_PRIORITY_PASS, <, GUARD_PRIORITY_BLOCK);
  g_assert_cmpuint (guard_label ("a"), !=, guard_label ("b"));
  g_assert_cmpuint (guard_label ("a"), ==, guard_label ("a"));
  g_assert_cmpuint (guard_label ("11111111-2222-3333-4444-555555555555") >> 16, ==, 0xe764);
}

static void
expect (struct nl_msg *take_msg, const char *hex)
{
  g_autoptr (GString) got = g_string_new (NULL);
  const guint8 *octets = (const guint8 *) nlmsg_hdr (take_msg);

  for (guint i = 0; i < nlmsg_hdr (take_msg)->nlmsg_len; i++)
    g_string_append_printf (got, "%02x", octets[i]);
  xfrm_msg_free (take_msg);
  if (G_BYTE_ORDER == G_LITTLE_ENDIAN && sizeof (gpointer) == 8)
    g_assert_cmpstr (got->str, ==, hex);
}

static void
test_octets (void)
{
  GuardWish wish = { .ifindex = 7 };
  g_autoptr (GArray) all = NULL;
  const GuardPolicy *block;
  guint seen = 0;

  protect (&wish, "10.0.0.0/8");
  all = policies_of (&wish);
  block = &g_array_index (all, GuardPolicy, all->len - 1);
  expect (guard_build (block), hex_guard_block);
  expect (guard_build_delete (&block->selector), hex_guard_delete);
  for (guint i = 0; i < all->len; i++)
    {
      const GuardPolicy *p = &g_array_index (all, GuardPolicy, i);

      if (p->selector.ifindex == 7 && p->selector.family == AF_INET6 && ++seen)
        expect (guard_build (p), hex_guard_link);
      if (p->selector.proto == IPPROTO_UDP && p->selector.family == AF_INET && ++seen)
        expect (guard_build (p), hex_guard_dhcp);
    }
  g_assert_cmpuint (seen, ==, 2);
}

/* As the kernel tells it: NEWPOLICY with our body. */
static gboolean
parse (const GuardPolicy *policy, guint32 priority, guint8 dir, GuardPolicy *ret, guint32 *ret_label)
{
  struct nl_msg *msg = guard_build (policy);
  struct xfrm_userpolicy_info *info = nlmsg_data (nlmsg_hdr (msg));
  gboolean ok;

  nlmsg_hdr (msg)->nlmsg_type = XFRM_MSG_NEWPOLICY;
  info->priority = priority;
  info->dir = dir;
  ok = guard_parse (nlmsg_hdr (msg), ret, ret_label);
  xfrm_msg_free (msg);
  return ok;
}

static void
test_parse (void)
{
  GuardPolicy policy = { { .family = AF_INET, .user = LABEL }, TRUE }, got;
  guint32 label = 1;

  g_assert_true (parse (&policy, GUARD_PRIORITY_BLOCK, XFRM_POLICY_OUT, &got, &label));
  g_assert_true (got.block);
  g_assert_cmpuint (label, ==, LABEL);
  g_assert_false (parse (&policy, GUARD_PRIORITY_BLOCK + 1, XFRM_POLICY_OUT, &got, &label));
  g_assert_false (parse (&policy, GUARD_PRIORITY_BLOCK, XFRM_POLICY_IN, &got, &label));
  policy.selector.user = 0;
  g_assert_false (parse (&policy, GUARD_PRIORITY_BLOCK, XFRM_POLICY_OUT, &got, &label));
  policy.selector.user = OWNER; /* nobody's process id is in what stays */
  g_assert_false (parse (&policy, GUARD_PRIORITY_BLOCK, XFRM_POLICY_OUT, &got, &label));
  g_assert_true (parse (&policy, GUARD_PRIORITY_PASS, XFRM_POLICY_OUT, &got, &label));
  g_assert_cmpuint (label, ==, 0);
  g_assert_false (got.block);
}

/* Ranges that are no prefixes become several; a list without end is refused. */
static void
test_too_many (void)
{
  g_autofree GuardWish *wish = g_new0 (GuardWish, 1);
  g_autoptr (GArray) policies = g_array_new (FALSE, TRUE, sizeof (GuardPolicy));

  wish->protect.n = CHANNEL_MAX_SELECTORS;
  for (guint i = 0; i < CHANNEL_MAX_SELECTORS; i++)
    {
      ChannelSelector *s = &wish->protect.at[i];

      *s = probe_prefix ("10.0.0.0/8");
      s->first.bytes[1] = s->last.bytes[1] = (guint8) i;
      s->first.bytes[3] = 1;
      s->last.bytes[3] = 254;
    }
  g_assert_false (guard_policies (wish, &names, policies));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/guard/everything", test_everything);
  g_test_add_func ("/helper/guard/some", test_some);
  g_test_add_func ("/helper/guard/priority", test_priority);
  g_test_add_func ("/helper/guard/octets", test_octets);
  g_test_add_func ("/helper/guard/parse", test_parse);
  g_test_add_func ("/helper/guard/too-many", test_too_many);
  return g_test_run ();
}
