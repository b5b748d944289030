/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges to prefixes: the largest aligned block that fits is cut off the front, until nothing is left. Addresses are
 * handled as 16 octets in network order, so that both families take the same way.
 */
#include "kernel/selectors.h"

#include <string.h>
#include <sys/socket.h>

/* At most so many blocks make up any IPv6 range, and any port range. */
#define MAX_BLOCKS 256
#define MAX_PORT_BLOCKS 32

/* Ports are said only with a protocol; all of it is less than a bit of an address, and leaves room for XFRM_MAX_RANK. */
enum { PRIORITY_BASE = 300000, PRIORITY_BIT = 1024, PRIORITY_PROTOCOL = 30, PRIORITY_PORT_BIT = 30 };
G_STATIC_ASSERT (PRIORITY_PROTOCOL + 32 * PRIORITY_PORT_BIT + XFRM_MAX_RANK < PRIORITY_BIT);
G_STATIC_ASSERT (XFRM_MAX_RANK < PRIORITY_PORT_BIT);

typedef struct {
  guint8 bytes[16];
  guint8 prefix;
} Prefix;

typedef struct {
  guint16 port, mask;
} PortBlock;

guint16
xfrm_family (const ChannelAddress *address)
{
  return address->family == 4 ? AF_INET : address->family == 6 ? AF_INET6 : AF_UNSPEC;
}

xfrm_address_t
xfrm_address (const ChannelAddress *address)
{
  xfrm_address_t a = { 0 };

  memcpy (&a, address->bytes, address->family == 4 ? 4 : address->family == 6 ? 16 : 0);
  return a;
}

ChannelAddress
xfrm_address_back (const xfrm_address_t *address, guint16 family)
{
  ChannelAddress a = { .family = family == AF_INET ? 4 : family == AF_INET6 ? 6 : 0 };

  memcpy (a.bytes, address, a.family == 4 ? 4 : a.family == 6 ? 16 : 0);
  return a;
}

/* ---- blocks ---- */

static gboolean
host_bits_are_zero (const guint8 *bytes, guint width, guint host_bits)
{
  for (guint i = 0; i < host_bits; i++)
    if (bytes[(width - 1 - i) / 8] & (1 << (i % 8)))
      return FALSE;
  return TRUE;
}

static void
block_last (const guint8 *bytes, guint width, guint host_bits, guint8 *ret_last)
{
  memcpy (ret_last, bytes, 16);
  for (guint i = 0; i < host_bits; i++)
    ret_last[(width - 1 - i) / 8] |= (guint8) (1 << (i % 8));
}

/* FALSE: it was the last address of the family. */
static gboolean
increment (guint8 *bytes, guint width)
{
  for (guint i = width / 8; i-- > 0;)
    if (++bytes[i] != 0)
      return TRUE;
  return FALSE;
}

static guint
range_to_prefixes (const ChannelAddress *first, const ChannelAddress *last, Prefix *ret_prefixes)
{
  guint width = first->family == 4 ? 32 : 128, n = 0;
  guint8 at[16], end[16];

  memcpy (at, first->bytes, 16);
  do
    {
      guint host_bits = 0;

      for (; host_bits < width && host_bits_are_zero (at, width, host_bits + 1); host_bits++)
        {
          block_last (at, width, host_bits + 1, end);
          if (memcmp (end, last->bytes, 16) > 0)
            break;
        }
      block_last (at, width, host_bits, end);
      memcpy (ret_prefixes[n].bytes, at, 16);
      ret_prefixes[n++].prefix = (guint8) (width - host_bits);
      memcpy (at, end, 16);
    }
  while (memcmp (end, last->bytes, 16) < 0 && increment (at, width) && n < MAX_BLOCKS);
  return n;
}

static guint
ports_to_blocks (guint first, guint last, PortBlock *ret_blocks)
{
  guint n = 0;

  for (guint at = first; at <= last && n < MAX_PORT_BLOCKS;)
    {
      guint size = 1;

      while (size < 65536 && at % (size * 2) == 0 && at + size * 2 - 1 <= last)
        size *= 2;
      ret_blocks[n].port = (guint16) at;
      ret_blocks[n++].mask = (guint16) (65536 - size);
      at += size;
    }
  return n;
}

/* ---- pairs ---- */

static gboolean
is_icmp (guint8 protocol)
{
  return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

/* RFC 7296 section 3.13.1: for ICMP the port is type * 256 + code, and either end's selector may carry it; the kernel
 * has the type as source port, the code as destination port. A range of types cannot be said: then any type goes only
 * when the range is full. */
static gboolean
icmp_ports (const ChannelSelector *local, const ChannelSelector *remote, struct xfrm_selector *sel)
{
  const ChannelSelector *s = local->port_first == 0 && local->port_last == 65535 ? remote : local;

  if (s->port_first == 0 && s->port_last == 65535)
    return TRUE;
  sel->sport = htons (s->port_first >> 8);
  sel->sport_mask = 0xffff;
  if (s->port_first == s->port_last)
    {
      sel->dport = htons (s->port_first & 0xff);
      sel->dport_mask = 0xffff;
      return TRUE;
    }
  return s->port_first >> 8 == s->port_last >> 8 && (s->port_first & 0xff) == 0 && (s->port_last & 0xff) == 0xff;
}

static gboolean
append_ports (const ChannelSelector *local, const ChannelSelector *remote, const struct xfrm_selector *base,
              GArray *array)
{
  struct xfrm_selector sel = *base;
  PortBlock lports[MAX_PORT_BLOCKS], rports[MAX_PORT_BLOCKS];
  guint n_local, n_remote;

  if (is_icmp (sel.proto))
    {
      if (!icmp_ports (local, remote, &sel))
        return FALSE;
      g_array_append_val (array, sel);
      return TRUE;
    }
  n_local = ports_to_blocks (local->port_first, local->port_last, lports);
  n_remote = ports_to_blocks (remote->port_first, remote->port_last, rports);
  for (guint i = 0; i < n_local; i++)
    for (guint j = 0; j < n_remote; j++)
      {
        sel.sport = htons (lports[i].port);
        sel.sport_mask = htons (lports[i].mask);
        sel.dport = htons (rports[j].port);
        sel.dport_mask = htons (rports[j].mask);
        g_array_append_val (array, sel);
      }
  return TRUE;
}

static gboolean
append_pair (const ChannelSelector *local, const ChannelSelector *remote, GArray *array)
{
  Prefix lprefixes[MAX_BLOCKS], rprefixes[MAX_BLOCKS];
  guint n_local, n_remote;

  if (local->first.family != remote->first.family ||
      (local->protocol && remote->protocol && local->protocol != remote->protocol))
    return TRUE;
  n_local = range_to_prefixes (&local->first, &local->last, lprefixes);
  n_remote = range_to_prefixes (&remote->first, &remote->last, rprefixes);
  for (guint i = 0; i < n_local; i++)
    for (guint j = 0; j < n_remote; j++)
      {
        struct xfrm_selector sel = { .family = xfrm_family (&local->first),
                                     .proto = local->protocol ? local->protocol : remote->protocol,
                                     .prefixlen_s = lprefixes[i].prefix,
                                     .prefixlen_d = rprefixes[j].prefix };

        memcpy (&sel.saddr, lprefixes[i].bytes, 16);
        memcpy (&sel.daddr, rprefixes[j].bytes, 16);
        if (!append_ports (local, remote, &sel, array) || array->len > XFRM_MAX_SELECTORS)
          return FALSE;
      }
  return TRUE;
}

gboolean
xfrm_selectors_expand (const ChannelSelectors *local, const ChannelSelectors *remote, GArray *array)
{
  g_autoptr (GArray) all = g_array_new (FALSE, TRUE, sizeof (struct xfrm_selector));

  for (guint i = 0; i < local->n; i++)
    for (guint j = 0; j < remote->n; j++)
      if (!append_pair (&local->at[i], &remote->at[j], all))
        return FALSE;
  if (all->len == 0)
    return FALSE;
  g_array_append_vals (array, all->data, all->len);
  return TRUE;
}

struct xfrm_selector
xfrm_selector_mirror (const struct xfrm_selector *selector)
{
  struct xfrm_selector m = *selector;

  m.saddr = selector->daddr;
  m.daddr = selector->saddr;
  m.prefixlen_s = selector->prefixlen_d;
  m.prefixlen_d = selector->prefixlen_s;
  if (is_icmp (selector->proto)) /* type and code have no direction */
    return m;
  m.sport = selector->dport;
  m.dport = selector->sport;
  m.sport_mask = selector->dport_mask;
  m.dport_mask = selector->sport_mask;
  return m;
}

guint32
xfrm_selector_priority (const struct xfrm_selector *selector)
{
  guint bits = (guint) (selector->prefixlen_s + selector->prefixlen_d);
  guint ports = (guint) (__builtin_popcount (selector->sport_mask) + __builtin_popcount (selector->dport_mask));

  return PRIORITY_BASE - PRIORITY_BIT * bits - (selector->proto ? PRIORITY_PROTOCOL : 0) - PRIORITY_PORT_BIT * ports;
}
