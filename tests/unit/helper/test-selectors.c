/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges to prefixes. A table of cases written as text, then a property with random ranges: an address is in some
 * prefix exactly when it is in the range.
 */
#include "helper/kernel/selectors.h"

#include "probe.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

static ChannelSelector
range (const char *first, const char *last, guint8 protocol, guint16 port_first, guint16 port_last)
{
  return (ChannelSelector){ probe_address (first), probe_address (last), protocol, port_first, port_last };
}

static ChannelSelectors
one (ChannelSelector s)
{
  ChannelSelectors all = { .n = 1 };

  all.at[0] = s;
  return all;
}

/* "10.0.0.0/8[0/0] > 10.9.0.1/32[443/ffff] 6" */
static char *
describe (const struct xfrm_selector *s)
{
  char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];

  inet_ntop (s->family, &s->saddr, from, sizeof from);
  inet_ntop (s->family, &s->daddr, to, sizeof to);
  return g_strdup_printf ("%s/%u[%u/%x] > %s/%u[%u/%x] %u", from, s->prefixlen_s, ntohs (s->sport),
                          ntohs (s->sport_mask), to, s->prefixlen_d, ntohs (s->dport), ntohs (s->dport_mask), s->proto);
}

static char *
expand (const ChannelSelectors *local, const ChannelSelectors *remote)
{
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (struct xfrm_selector));
  GString *text = g_string_new (NULL);

  if (!xfrm_selectors_expand (local, remote, array))
    {
      g_assert_cmpuint (array->len, ==, 0);
      g_string_append (text, "none");
    }
  for (guint i = 0; i < array->len; i++)
    {
      g_autofree char *line = describe (&g_array_index (array, struct xfrm_selector, i));

      g_string_append_printf (text, "%s%s", i ? "; " : "", line);
    }
  return g_string_free (text, FALSE);
}

static void
expect (ChannelSelector local, ChannelSelector remote, const char *expected)
{
  ChannelSelectors l = one (local), r = one (remote);
  g_autofree char *got = expand (&l, &r);

  g_assert_cmpstr (got, ==, expected);
}

static void
test_cases (void)
{
  const ChannelSelector me = range ("10.9.0.1", "10.9.0.1", 0, 0, 65535);
  const ChannelSelector me6 = range ("fd00::1", "fd00::1", 0, 0, 65535);

  expect (me, range ("0.0.0.0", "255.255.255.255", 0, 0, 65535), "10.9.0.1/32[0/0] > 0.0.0.0/0[0/0] 0");
  expect (me, range ("10.0.0.0", "10.255.255.255", 0, 0, 65535), "10.9.0.1/32[0/0] > 10.0.0.0/8[0/0] 0");
  expect (me, range ("10.0.0.1", "10.0.0.4", 0, 0, 65535),
          "10.9.0.1/32[0/0] > 10.0.0.1/32[0/0] 0; 10.9.0.1/32[0/0] > 10.0.0.2/31[0/0] 0; 10.9.0.1/32[0/0] > "
          "10.0.0.4/32[0/0] 0");
  expect (me, range ("255.255.255.254", "255.255.255.255", 0, 0, 65535),
          "10.9.0.1/32[0/0] > 255.255.255.254/31[0/0] 0");
  expect (me6, range ("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0, 0, 65535), "fd00::1/128[0/0] > ::/0[0/0] 0");
  expect (me6, range ("fd00:1::", "fd00:2::", 0, 0, 65535),
          "fd00::1/128[0/0] > fd00:1::/32[0/0] 0; fd00::1/128[0/0] > fd00:2::/128[0/0] 0");
  /* ports and protocols */
  expect (me, range ("10.0.0.1", "10.0.0.1", 6, 443, 443), "10.9.0.1/32[0/0] > 10.0.0.1/32[443/ffff] 6");
  expect (me, range ("10.0.0.1", "10.0.0.1", 17, 1024, 2047), "10.9.0.1/32[0/0] > 10.0.0.1/32[1024/fc00] 17");
  expect (range ("10.9.0.1", "10.9.0.1", 6, 1, 2), range ("10.0.0.1", "10.0.0.1", 0, 0, 65535),
          "10.9.0.1/32[1/ffff] > 10.0.0.1/32[0/0] 6; 10.9.0.1/32[2/ffff] > 10.0.0.1/32[0/0] 6");
  /* what does not fit together */
  expect (me, range ("fd00::2", "fd00::2", 0, 0, 65535), "none");
  expect (range ("10.9.0.1", "10.9.0.1", 6, 0, 65535), range ("10.0.0.1", "10.0.0.1", 17, 0, 65535), "none");
}

static void
test_icmp (void)
{
  const ChannelSelector me = range ("10.9.0.1", "10.9.0.1", 1, 0, 65535);

  expect (me, range ("10.0.0.1", "10.0.0.1", 1, 0, 65535), "10.9.0.1/32[0/0] > 10.0.0.1/32[0/0] 1");
  expect (me, range ("10.0.0.1", "10.0.0.1", 1, 0x0803, 0x0803), "10.9.0.1/32[8/ffff] > 10.0.0.1/32[3/ffff] 1");
  expect (me, range ("10.0.0.1", "10.0.0.1", 1, 0x0800, 0x08ff), "10.9.0.1/32[8/ffff] > 10.0.0.1/32[0/0] 1");
  expect (me, range ("10.0.0.1", "10.0.0.1", 1, 0x0800, 0x0900), "none");
  expect (me, range ("10.0.0.1", "10.0.0.1", 1, 0x0801, 0x08ff), "none");
}

static void
test_pairs (void)
{
  ChannelSelectors local = { .n = 2 }, remote = { .n = 2 };
  g_autofree char *got = NULL;

  local.at[0] = probe_prefix ("10.9.0.1/32");
  local.at[1] = probe_prefix ("fd00::1/128");
  remote.at[0] = probe_prefix ("0.0.0.0/0");
  remote.at[1] = probe_prefix ("::/0");
  got = expand (&local, &remote);
  g_assert_cmpstr (got, ==, "10.9.0.1/32[0/0] > 0.0.0.0/0[0/0] 0; fd00::1/128[0/0] > ::/0[0/0] 0");
}

static void
test_too_many (void)
{
  ChannelSelectors many = { .n = 128 }, few = { .n = 5 };
  g_autofree char *got = NULL, *none = NULL;
  ChannelSelectors nothing = { 0 };

  for (guint i = 0; i < 128; i++)
    many.at[i] = probe_prefix ("10.0.0.0/24");
  for (guint i = 0; i < 5; i++)
    few.at[i] = probe_prefix ("10.1.0.0/24");
  got = expand (&many, &few); /* 640 */
  g_assert_cmpstr (got, ==, "none");
  none = expand (&nothing, &few);
  g_assert_cmpstr (none, ==, "none");
  /* the worst range there is, with the worst ports, is refused and nothing else */
  expect (range ("::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", 6, 1, 65534),
          range ("fd00::1", "fd00::1", 0, 0, 65535), "none");
}

static gboolean
contains (const GArray *array, guint32 address)
{
  for (guint i = 0; i < array->len; i++)
    {
      const struct xfrm_selector *s = &g_array_index (array, struct xfrm_selector, i);
      guint32 mask = s->prefixlen_d ? ~0u << (32 - s->prefixlen_d) : 0;

      g_assert_cmphex (ntohl (s->daddr.a4) & ~mask, ==, 0);
      if ((address & mask) == ntohl (s->daddr.a4))
        return TRUE;
    }
  return FALSE;
}

static void
test_exact (void)
{
  ChannelSelectors me = one (probe_prefix ("10.9.0.1/32"));

  for (guint round = 0; round < 500; round++)
    {
      g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (struct xfrm_selector));
      guint32 a = (guint32) g_test_rand_int (),
              b = round % 2 ? (guint32) g_test_rand_int () : a + (guint32) g_test_rand_int_range (0, 300);
      guint32 first = MIN (a, b), last = MAX (a, b), net_first = htonl (first), net_last = htonl (last);
      ChannelSelectors remote = one (probe_prefix ("0.0.0.0/0"));

      memcpy (remote.at[0].first.bytes, &net_first, 4);
      memcpy (remote.at[0].last.bytes, &net_last, 4);
      g_assert_true (xfrm_selectors_expand (&me, &remote, array));
      g_assert_true (contains (array, first));
      g_assert_true (contains (array, last));
      g_assert_true (contains (array, first + (last - first) / 3));
      g_assert_true (first == 0 || !contains (array, first - 1));
      g_assert_true (last == G_MAXUINT32 || !contains (array, last + 1));
    }
}

static void
test_mirror_and_priority (void)
{
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (struct xfrm_selector));
  ChannelSelectors local = one (range ("10.9.0.1", "10.9.0.1", 6, 22, 22)), remote = one (probe_prefix ("10.0.0.0/8"));
  ChannelSelectors all = one (probe_prefix ("0.0.0.0/0")), all6 = one (probe_prefix ("::/0"));
  const struct xfrm_selector *s;
  struct xfrm_selector m;
  g_autofree char *text = NULL;

  g_assert_true (xfrm_selectors_expand (&local, &remote, array));
  g_assert_true (xfrm_selectors_expand (&all, &all, array));
  g_assert_true (xfrm_selectors_expand (&all6, &all6, array));
  s = &g_array_index (array, struct xfrm_selector, 0);
  m = xfrm_selector_mirror (s);
  text = describe (&m);
  g_assert_cmpstr (text, ==, "10.0.0.0/8[0/0] > 10.9.0.1/32[22/ffff] 6");
  g_assert_cmpuint (xfrm_selector_priority (&m), ==, xfrm_selector_priority (s));
  g_assert_cmpuint (xfrm_selector_priority (s), <, xfrm_selector_priority (s + 1));
  g_assert_cmpuint (xfrm_selector_priority (s + 1), ==, xfrm_selector_priority (s + 2));
  m.prefixlen_s = m.prefixlen_d = 128;
  m.sport_mask = m.dport_mask = 0xffff;
  g_assert_cmpuint (xfrm_selector_priority (&m), >, XFRM_MAX_RANK);
  g_assert_cmpuint (xfrm_selector_priority (&m), <, 50000);
  /* each thing that is said counts more than who came last, and a bit of an address more than all the rest */
  for (guint bits = 0; bits <= 32; bits++)
    {
      struct xfrm_selector more = { .proto = 6,
                                    .sport_mask = (guint16) (bits > 16 ? 0xffff : (1u << bits) - 1),
                                    .dport_mask = (guint16) (bits > 16 ? (1u << (bits - 16)) - 1 : 0) };

      m = more;
      if (bits == 0)
        m.proto = 0;
      else if (bits > 16)
        m.dport_mask >>= 1;
      else
        m.sport_mask >>= 1;
      g_assert_cmpuint (xfrm_selector_priority (&more), <, xfrm_selector_priority (&m) - XFRM_MAX_RANK);
      m = (struct xfrm_selector){ .prefixlen_d = 1 };
      g_assert_cmpuint (xfrm_selector_priority (&m), <, xfrm_selector_priority (&more) - XFRM_MAX_RANK);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/selectors/cases", test_cases);
  g_test_add_func ("/helper/selectors/icmp", test_icmp);
  g_test_add_func ("/helper/selectors/pairs", test_pairs);
  g_test_add_func ("/helper/selectors/too-many", test_too_many);
  g_test_add_func ("/helper/selectors/exact", test_exact);
  g_test_add_func ("/helper/selectors/mirror-and-priority", test_mirror_and_priority);
  return g_test_run ();
}
