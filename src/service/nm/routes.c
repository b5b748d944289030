/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the arithmetic between the address ranges of traffic selectors (RFC 7296 section 3.13.1) and prefixes.
 *
 * Invariant: ranges are of one family, first <= last, sorted, and neither overlap nor touch.
 */
#include "nm/routes.h"

#include <string.h>

typedef struct {
  guint8 first[16], last[16];
} Range;

struct _RouteSet {
  IkeFamily family;
  guint size;
  gboolean full;
  GArray *ranges; /* Range */
};

guint
address_size (guint8 family)
{
  return family == IKE_FAMILY_IP4 ? 4 : family == IKE_FAMILY_IP6 ? 16 : 0;
}

/* From bit @prefix on: all bits to @one. */
static void
fill (guint8 *bytes, guint size, guint prefix, gboolean one)
{
  for (guint i = prefix / 8; i < size; i++)
    {
      guint8 mask = i == prefix / 8 ? (guint8) (0xff >> (prefix % 8)) : 0xff;

      bytes[i] = one ? bytes[i] | mask : bytes[i] & (guint8) ~mask;
    }
}

void
address_mask (IkeAddress *address, guint prefix)
{
  fill (address->bytes, address_size (address->family), prefix, FALSE);
}

/* FALSE: there is nothing after the last address. */
static gboolean
increment (guint8 *bytes, guint size)
{
  for (guint i = size; i-- > 0;)
    if (++bytes[i])
      return TRUE;
  return FALSE;
}

static int
range_compare (gconstpointer a, gconstpointer b)
{
  return memcmp (((const Range *) a)->first, ((const Range *) b)->first, 16);
}

/* Unused octets of IPv4 are 0 in both bounds, so that 16 octets compare right for either family. */
static void
normalise (GArray *ranges, guint size)
{
  guint kept = 0;

  g_array_sort (ranges, range_compare);
  for (guint i = 0; i < ranges->len; i++)
    {
      Range *range = &g_array_index (ranges, Range, i);
      Range *before = kept ? &g_array_index (ranges, Range, kept - 1) : NULL;
      guint8 after[16];

      if (before)
        {
          memcpy (after, before->last, sizeof after);
          if (!increment (after, size) || memcmp (range->first, after, 16) <= 0)
            {
              if (memcmp (range->last, before->last, 16) > 0)
                memcpy (before->last, range->last, 16);
              continue;
            }
        }
      g_array_index (ranges, Range, kept++) = *range;
    }
  g_array_set_size (ranges, kept);
}

static gboolean
is_everything (const Range *range, guint size)
{
  for (guint i = 0; i < size; i++)
    if (range->first[i] != 0 || range->last[i] != 0xff)
      return FALSE;
  return TRUE;
}

static gboolean
selector_range (const IkeSelector *selector, IkeFamily family, guint size, Range *ret)
{
  if (selector->first.family != family || selector->last.family != family)
    return FALSE;
  if (memcmp (selector->first.bytes, selector->last.bytes, size) > 0)
    return FALSE;
  *ret = (Range){ 0 };
  memcpy (ret->first, selector->first.bytes, size);
  memcpy (ret->last, selector->last.bytes, size);
  return TRUE;
}

static GArray *
collect (IkeFamily family, guint size, const GArray *selectors, gboolean only_any_protocol)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (Range));

  for (guint i = 0; selectors && i < selectors->len; i++)
    {
      const IkeSelector *selector = &g_array_index (selectors, IkeSelector, i);
      Range range;

      if (only_any_protocol && selector->protocol != 0)
        continue;
      if (selector_range (selector, family, size, &range))
        g_array_append_val (ranges, range);
    }
  normalise (ranges, size);
  return ranges;
}

RouteSet *
route_set_new (IkeFamily family, const GArray *selectors)
{
  RouteSet *self = g_new0 (RouteSet, 1);
  g_autoptr (GArray) open = NULL;

  self->family = family;
  self->size = address_size (family);
  self->ranges = collect (family, self->size, selectors, FALSE);
  /* a selector for one protocol does not take over the default route */
  open = collect (family, self->size, selectors, TRUE);
  self->full = open->len == 1 && is_everything (&g_array_index (open, Range, 0), self->size);
  return self;
}

void
route_set_free (RouteSet *self)
{
  if (!self)
    return;
  g_array_unref (self->ranges);
  g_free (self);
}

gboolean
route_set_is_empty (const RouteSet *self)
{
  return self->ranges->len == 0;
}

gboolean
route_set_is_full (const RouteSet *self)
{
  return self->full;
}

gboolean
route_set_contains (const RouteSet *self, const IkeAddress *address, guint prefix)
{
  guint8 first[16] = { 0 }, last[16] = { 0 };

  if (address->family != self->family || prefix > self->size * 8)
    return FALSE;
  memcpy (first, address->bytes, self->size);
  memcpy (last, address->bytes, self->size);
  fill (first, self->size, prefix, FALSE);
  fill (last, self->size, prefix, TRUE);
  for (guint i = 0; i < self->ranges->len; i++)
    {
      const Range *range = &g_array_index (self->ranges, Range, i);

      if (memcmp (first, range->first, 16) >= 0 && memcmp (last, range->last, 16) <= 0)
        return TRUE;
    }
  return FALSE;
}

/* The largest block that begins at @first and does not go beyond @last. */
static guint
block_prefix (const guint8 *first, const guint8 *last, guint size, guint8 *ret_last)
{
  for (guint prefix = 0;; prefix++)
    {
      guint8 low[16] = { 0 };

      memcpy (low, first, size);
      memcpy (ret_last, first, size);
      fill (low, size, prefix, FALSE);
      fill (ret_last, size, prefix, TRUE);
      if (prefix == size * 8 || (memcmp (low, first, size) == 0 && memcmp (ret_last, last, size) <= 0))
        return prefix;
    }
}

GArray *
route_set_prefixes (const RouteSet *self, guint max)
{
  GArray *prefixes = g_array_new (FALSE, TRUE, sizeof (IkePrefix));

  for (guint i = 0; i < self->ranges->len; i++)
    {
      Range range = g_array_index (self->ranges, Range, i);
      gboolean more = !is_everything (&range, self->size);

      while (more && prefixes->len < max)
        {
          IkePrefix prefix = { .address.family = self->family };
          guint8 block_last[16] = { 0 };

          memcpy (prefix.address.bytes, range.first, self->size);
          prefix.prefix = (guint8) block_prefix (range.first, range.last, self->size, block_last);
          g_array_append_val (prefixes, prefix);
          more = memcmp (block_last, range.last, self->size) < 0;
          memcpy (range.first, block_last, self->size);
          increment (range.first, self->size);
        }
    }
  return prefixes;
}
