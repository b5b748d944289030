/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic Selector payloads: RFC 7296 section 3.13; labels: RFC 9478 section 2. */
#include "wire/payload-ts.h"

#define TS_HEADER_LEN 4
#define PORT_MAX 65535

/* An address range is compatible with [0, 65535], a real range, or OPAQUE; other descending ports mean nothing. */
static gboolean
ports_valid (const IkeSelector *selector)
{
  return selector->port_first <= selector->port_last || (selector->port_first == PORT_MAX && selector->port_last == 0);
}

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |   TS Type     |IP Protocol ID |       Selector Length         |
 * |           Start Port          |           End Port            |
 * ~                         Starting Address                      ~
 * ~                         Ending Address                        ~
 */
static gboolean
range_parse (IkeReader inside, guint8 protocol, gsize address_len, IkeSelector *ret)
{
  ret->protocol = protocol;
  ret->port_first = ike_read_u16 (&inside);
  ret->port_last = ike_read_u16 (&inside);
  ret->first = ike_address_from_chunk (ike_read_chunk (&inside, address_len));
  ret->last = ike_address_from_chunk (ike_read_chunk (&inside, address_len));
  return ike_reader_done (&inside) && memcmp (ret->first.bytes, ret->last.bytes, address_len) <= 0 && ports_valid (ret);
}

/*
 * |   TS Type     |    Reserved   |       Selector Length         |
 * ~                         Security Label*                       ~
 *
 * Whatever is reserved is ignored. A label is of any octets; that an empty one is none is for who compares them.
 */
static gboolean
selector_parse (IkeReader *reader, GArray *selectors, GArray *labels, guint *unknown)
{
  guint8 type = ike_read_u8 (reader);
  guint8 protocol = ike_read_u8 (reader);
  guint16 len = ike_read_u16 (reader);
  IkeChunk inside;
  IkeSelector range;

  if (len < TS_HEADER_LEN)
    return FALSE;
  inside = ike_read_chunk (reader, len - TS_HEADER_LEN);
  if (!ike_reader_ok (reader))
    return FALSE;
  switch (type)
    {
    case IKE_TS_IPV4_ADDR_RANGE:
    case IKE_TS_IPV6_ADDR_RANGE:
      if (!range_parse (ike_reader (inside), protocol, type == IKE_TS_IPV4_ADDR_RANGE ? 4 : 16, &range))
        return FALSE;
      g_array_append_val (selectors, range);
      return TRUE;
    case IKE_TS_SECLABEL:
      g_array_append_val (labels, inside);
      return TRUE;
    default:
      (*unknown)++;
      return TRUE;
    }
}

/*
 * | Number of TSs |                 RESERVED                      |
 * ~                       <Traffic Selectors>                     ~
 */
gboolean
ike_ts_parse (IkeChunk body, GArray *selectors, GArray *labels, guint *ret_unknown)
{
  IkeReader reader = ike_reader (body);
  guint before = selectors->len, labels_before = labels->len, unknown = 0;
  guint8 n = ike_read_u8 (&reader);
  gboolean valid = n >= 1;

  ike_read_skip (&reader, 3);
  for (guint i = 0; valid && i < n; i++)
    valid = selector_parse (&reader, selectors, labels, &unknown);
  if (!valid || !ike_reader_done (&reader))
    {
      g_array_set_size (selectors, before);
      g_array_set_size (labels, labels_before);
      return FALSE;
    }
  *ret_unknown = unknown;
  return TRUE;
}

void
ike_ts_write (IkeWriter *writer, const GArray *selectors, IkeChunk label)
{
  if (selectors->len == 0 || selectors->len + (label.len > 0) > IKE_MAX_TS)
    ike_writer_fail (writer);
  ike_write_u8 (writer, selectors->len + (label.len > 0));
  ike_write_zero (writer, 3);
  for (guint i = 0; i < selectors->len; i++)
    {
      const IkeSelector *selector = &g_array_index (selectors, IkeSelector, i);
      IkeBlock block;

      ike_write_u8 (writer, selector->first.family == IKE_FAMILY_IP4 ? IKE_TS_IPV4_ADDR_RANGE : IKE_TS_IPV6_ADDR_RANGE);
      ike_write_u8 (writer, selector->protocol);
      block = ike_write_begin (writer, 2, TS_HEADER_LEN);
      ike_write_u16 (writer, selector->port_first);
      ike_write_u16 (writer, selector->port_last);
      ike_write_chunk (writer, ike_address_chunk (&selector->first));
      ike_write_chunk (writer, ike_address_chunk (&selector->last));
      ike_write_end (writer, block);
    }
  if (label.len > 0)
    {
      IkeBlock block;

      ike_write_u8 (writer, IKE_TS_SECLABEL);
      ike_write_zero (writer, 1);
      block = ike_write_begin (writer, 2, TS_HEADER_LEN);
      ike_write_chunk (writer, label);
      ike_write_end (writer, block);
    }
}

/* The prefix length of a range that is one subnet. */
static gboolean
range_prefix (const IkeSelector *selector, guint *ret_prefix)
{
  guint bits = (guint) ike_family_len (selector->first.family) * 8, prefix = 0;

  /* the common bits, then first must be all zeros and last all ones */
  for (; prefix < bits; prefix++)
    if (((selector->first.bytes[prefix / 8] ^ selector->last.bytes[prefix / 8]) & (0x80 >> prefix % 8)) != 0)
      break;
  for (guint i = prefix; i < bits; i++)
    if ((selector->first.bytes[i / 8] & (0x80 >> i % 8)) != 0 || (selector->last.bytes[i / 8] & (0x80 >> i % 8)) == 0)
      return FALSE;
  *ret_prefix = prefix;
  return TRUE;
}

static void
append_protocol (GString *text, const IkeSelector *selector)
{
  gboolean any_port = selector->port_first == 0 && selector->port_last == PORT_MAX;

  if (selector->protocol == 0 && any_port)
    return;
  g_string_append_printf (text, "[%u", selector->protocol);
  if (selector->port_first > selector->port_last)
    g_string_append (text, "/opaque");
  else if (selector->port_first == selector->port_last)
    g_string_append_printf (text, "/%u", selector->port_first);
  else if (!any_port)
    g_string_append_printf (text, "/%u-%u", selector->port_first, selector->port_last);
  g_string_append_c (text, ']');
}

char *
ike_selector_to_string (const IkeSelector *selector)
{
  g_autofree char *first = ike_address_to_string (&selector->first);
  g_autofree char *last = ike_address_to_string (&selector->last);
  GString *text = g_string_new (first);
  guint prefix;

  if (range_prefix (selector, &prefix))
    g_string_append_printf (text, "/%u", prefix);
  else
    g_string_append_printf (text, "-%s", last);
  append_protocol (text, selector);
  return g_string_free (text, FALSE);
}
