/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of traffic selectors: RFC 7296 section 2.9. Owns nothing. */
#include "sa/select.h"

#include "wire/payload-ts.h"

GArray *
ike_select_new (void)
{
  return g_array_new (FALSE, TRUE, sizeof (IkeSelector));
}

GArray *
ike_select_copy (const GArray *selectors)
{
  GArray *copy = g_array_sized_new (FALSE, TRUE, sizeof (IkeSelector), selectors->len);

  if (selectors->len)
    g_array_append_vals (copy, selectors->data, selectors->len);
  return copy;
}

void
ike_select_add_all (GArray *selectors, IkeFamily family)
{
  IkeSelector selector = { .port_last = 65535 };

  selector.first.family = selector.last.family = (guint8) family;
  memset (selector.last.bytes, 0xff, family == IKE_FAMILY_IP4 ? 4 : 16);
  g_array_append_val (selectors, selector);
}

void
ike_select_add_address (GArray *selectors, const IkeAddress *address)
{
  IkeSelector selector = { .first = *address, .last = *address, .port_last = 65535 };

  g_array_append_val (selectors, selector);
}

static int
compare (const IkeAddress *a, const IkeAddress *b)
{
  return memcmp (a->bytes, b->bytes, sizeof a->bytes);
}

static gboolean
intersect (const IkeSelector *a, const IkeSelector *b, IkeSelector *ret)
{
  IkeSelector common = *a;

  if (a->first.family != b->first.family)
    return FALSE;
  if (a->protocol && b->protocol && a->protocol != b->protocol)
    return FALSE;
  if (b->protocol)
    common.protocol = b->protocol;
  /* OPAQUE (RFC 7296 section 3.13.1: first 65535, last 0) meets nothing: no kernel has policies for it */
  common.port_first = MAX (a->port_first, b->port_first);
  common.port_last = MIN (a->port_last, b->port_last);
  if (common.port_first > common.port_last)
    return FALSE;
  if (compare (&b->first, &common.first) > 0)
    common.first = b->first;
  if (compare (&b->last, &common.last) < 0)
    common.last = b->last;
  if (compare (&common.first, &common.last) > 0)
    return FALSE;
  *ret = common;
  return TRUE;
}

static gboolean
selector_equal (const IkeSelector *a, const IkeSelector *b)
{
  return a->first.family == b->first.family && a->protocol == b->protocol && a->port_first == b->port_first &&
         a->port_last == b->port_last && compare (&a->first, &b->first) == 0 && compare (&a->last, &b->last) == 0;
}

static gboolean
contains (const GArray *selectors, const IkeSelector *selector)
{
  for (guint i = 0; i < selectors->len; i++)
    if (selector_equal (&g_array_index (selectors, IkeSelector, i), selector))
      return TRUE;
  return FALSE;
}

GArray *
ike_select_narrow (const GArray *wanted, const GArray *allowed)
{
  GArray *result = ike_select_new ();

  for (guint i = 0; i < wanted->len; i++)
    for (guint j = 0; j < allowed->len && result->len < IKE_MAX_SELECTORS; j++)
      {
        IkeSelector common;

        if (intersect (&g_array_index (wanted, IkeSelector, i), &g_array_index (allowed, IkeSelector, j), &common) &&
            !contains (result, &common))
          g_array_append_val (result, common);
      }
  return result;
}

gboolean
ike_select_within (const GArray *inner, const GArray *outer)
{
  for (guint i = 0; i < inner->len; i++)
    {
      const IkeSelector *selector = &g_array_index (inner, IkeSelector, i);
      gboolean found = FALSE;

      for (guint j = 0; j < outer->len && !found; j++)
        {
          IkeSelector common;

          found = intersect (selector, &g_array_index (outer, IkeSelector, j), &common) &&
                  selector_equal (selector, &common);
        }
      if (!found)
        return FALSE;
    }
  return inner->len > 0;
}

gboolean
ike_select_among (const GArray *some, const GArray *all)
{
  for (guint i = 0; i < some->len; i++)
    if (!contains (all, &g_array_index (some, IkeSelector, i)))
      return FALSE;
  return TRUE;
}

gboolean
ike_select_equal (const GArray *a, const GArray *b)
{
  return a->len == b->len && ike_select_among (a, b) && ike_select_among (b, a);
}

char *
ike_select_to_string (const GArray *selectors)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < selectors->len; i++)
    {
      g_autofree char *one = ike_selector_to_string (&g_array_index (selectors, IkeSelector, i));

      g_string_append_printf (text, "%s%s", i ? ", " : "", one);
    }
  return g_string_free (text, FALSE);
}

gboolean
ike_address_assignable (const IkeAddress *address)
{
  static const guint8 zero[16], loopback6[16] = { [15] = 1 };
  const guint8 *bytes = address->bytes;

  if (address->family == IKE_FAMILY_IP4)
    return bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224;
  return address->family == IKE_FAMILY_IP6 && bytes[0] != 0xff && memcmp (bytes, zero, 16) != 0 &&
         memcmp (bytes, loopback6, 16) != 0;
}
