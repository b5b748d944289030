/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration payload: RFC 7296 section 3.15. */
#include "wire/payload-cp.h"

#include "base/text.h"

#define ATTR_TYPE_MASK 0x7fff /* the reserved bit before the type is ignored */

static const struct {
  guint16 type;
  IkeCpLen rule;
} attr_rules[] = {
#define IKE_R_CP_ATTR(name, number, rule, where) { number, IKE_CP_LEN_##rule },
#include "wire/registry.def"
};

static gboolean
rule_allows (IkeCpLen rule, guint16 attr, gsize len)
{
  switch (rule)
    {
    case IKE_CP_LEN_ANY:
      return TRUE;
    case IKE_CP_LEN_IP4:
    case IKE_CP_LEN_U32:
      return len == 0 || len == 4;
    case IKE_CP_LEN_IP6:
      /* exception: Libreswan 4.10 writes a prefix length behind a name server, too */
      return len == 0 || len == 16 || (attr == IKE_CP_ATTR_INTERNAL_IP6_DNS && len == 17);
    case IKE_CP_LEN_IP6_PREFIX:
      /* exception: peers of the RFC 4306 time leave out the prefix length of an address */
      return len == 0 || len == 17 || (attr == IKE_CP_ATTR_INTERNAL_IP6_ADDRESS && len == 16);
    case IKE_CP_LEN_IP4_SUBNET:
      return len == 0 || len == 8;
    case IKE_CP_LEN_U16_LIST:
      return len % 2 == 0;
    }
  return FALSE;
}

static gboolean
attr_rule (guint16 attr, IkeCpLen *ret_rule)
{
  for (guint i = 0; i < G_N_ELEMENTS (attr_rules); i++)
    if (attr_rules[i].type == attr)
      {
        *ret_rule = attr_rules[i].rule;
        return TRUE;
      }
  return FALSE;
}

gboolean
ike_cp_len_valid (guint16 attr, gsize len)
{
  IkeCpLen rule;

  return !attr_rule (attr, &rule) || rule_allows (rule, attr, len);
}

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |R|         Attribute Type      |            Length             |
 * ~                             Value                             ~
 */
static void
attr_parse (IkeReader *reader, IkeCpAttr *ret)
{
  ret->type = ike_read_u16 (reader) & ATTR_TYPE_MASK;
  ret->value = ike_read_chunk (reader, ike_read_u16 (reader));
}

/*
 * |   CFG Type    |                    RESERVED                   |
 * ~                   Configuration Attributes                    ~
 */
gboolean
ike_cp_parse (IkeChunk body, IkeCp *ret_cp)
{
  IkeReader reader = ike_reader (body);
  IkeCp cp = { 0 };

  cp.type = ike_read_u8 (&reader);
  ike_read_skip (&reader, 3);
  cp.attrs = ike_read_rest (&reader);
  if (!ike_reader_done (&reader))
    return FALSE;
  reader = ike_reader (cp.attrs);
  while (ike_reader_left (&reader) > 0)
    {
      IkeCpAttr attr;

      attr_parse (&reader, &attr);
      if (cp.n_attrs++ == IKE_MAX_CP_ATTRS || !ike_reader_ok (&reader) || !ike_cp_len_valid (attr.type, attr.value.len))
        return FALSE;
    }
  if (!ike_reader_done (&reader))
    return FALSE;
  *ret_cp = cp;
  return TRUE;
}

gboolean
ike_cp_next (const IkeCp *cp, gsize *offset, IkeCpAttr *ret_attr)
{
  IkeReader reader = ike_reader (cp->attrs);
  IkeCpAttr attr;

  ike_read_skip (&reader, *offset);
  if (ike_reader_left (&reader) == 0)
    return FALSE;
  attr_parse (&reader, &attr);
  if (!ike_reader_ok (&reader))
    return FALSE;
  *offset = ike_reader_offset (&reader);
  *ret_attr = attr;
  return TRUE;
}

gboolean
ike_cp_attr_address (const IkeCpAttr *attr, IkeAddress *ret_address)
{
  IkeCpLen rule;
  gsize len = 0;

  if (!attr_rule (attr->type, &rule) || attr->value.len == 0 || !rule_allows (rule, attr->type, attr->value.len))
    return FALSE;
  switch (rule)
    {
    case IKE_CP_LEN_IP4:
      len = 4;
      break;
    case IKE_CP_LEN_IP6:
    case IKE_CP_LEN_IP6_PREFIX:
      len = 16;
      break;
    case IKE_CP_LEN_ANY:
    case IKE_CP_LEN_IP4_SUBNET:
    case IKE_CP_LEN_U16_LIST:
    case IKE_CP_LEN_U32:
      return FALSE;
    }
  *ret_address = ike_address_from_chunk (ike_chunk (attr->value.data, len));
  return TRUE;
}

gboolean
ike_cp_attr_prefix (const IkeCpAttr *attr, IkePrefix *ret_prefix)
{
  IkeCpLen rule;
  IkePrefix prefix;

  if (!attr_rule (attr->type, &rule) || attr->value.len == 0 || !rule_allows (rule, attr->type, attr->value.len))
    return FALSE;
  if (rule == IKE_CP_LEN_IP4_SUBNET)
    {
      prefix.address = ike_address_from_chunk (ike_chunk (attr->value.data, 4));
      if (!ike_netmask_prefix (attr->value.data + 4, &prefix.prefix))
        return FALSE;
    }
  else if (rule == IKE_CP_LEN_IP6_PREFIX)
    {
      prefix.address = ike_address_from_chunk (ike_chunk (attr->value.data, 16));
      prefix.prefix = attr->value.len == 17 ? attr->value.data[16] : 128;
      if (prefix.prefix > 128)
        return FALSE;
    }
  else
    return FALSE;
  *ret_prefix = prefix;
  return TRUE;
}

/* A banner: line ends of any fashion, a terminating NUL that some send, and no half character at the cut. */
static char *
lines_text (IkeChunk value, gsize max)
{
  g_autoptr (GString) text = g_string_sized_new (MIN (value.len, max));
  const char *end;
  gsize i;

  for (i = 0; i < value.len && text->len < max; i++)
    if (value.data[i] != '\r')
      g_string_append_c (text, (char) value.data[i]);
  if (i < value.len && !g_utf8_validate (text->str, (gssize) text->len, &end) &&
      g_utf8_get_char_validated (end, text->str + text->len - end) == (gunichar) -2)
    g_string_truncate (text, (gsize) (end - text->str));
  while (text->len > 0 && (text->str[text->len - 1] == '\0' || g_ascii_isspace (text->str[text->len - 1])))
    g_string_truncate (text, text->len - 1);
  if (text->len == 0)
    return NULL;
  if (ike_text_is_clean (text->str, text->len, TRUE))
    return g_strdup (text->str);
  return ike_text_clean (text->str, text->len, TRUE);
}

char *
ike_cp_attr_text (const IkeCpAttr *attr, gboolean lines, gsize max)
{
  IkeChunk value = attr->value;

  if (lines)
    return lines_text (value, max);
  if (value.len > 0 && value.data[value.len - 1] == '\0')
    value.len--;
  if (value.len == 0 || value.len > max || !ike_text_is_clean (value.data, value.len, FALSE))
    return NULL;
  return g_strndup ((const char *) value.data, value.len);
}

void
ike_cp_write (IkeWriter *writer, IkeCpType type)
{
  ike_write_u8 (writer, type);
  ike_write_zero (writer, 3);
}

void
ike_cp_write_attr (IkeWriter *writer, IkeCpAttrType type, IkeChunk value)
{
  IkeBlock block;

  ike_write_u16 (writer, type);
  block = ike_write_begin (writer, 2, 0);
  ike_write_chunk (writer, value);
  ike_write_end (writer, block);
}

void
ike_cp_write_address (IkeWriter *writer, IkeCpAttrType type, const IkeAddress *address, guint8 prefix)
{
  IkeBlock block;

  ike_write_u16 (writer, type);
  block = ike_write_begin (writer, 2, 0);
  ike_write_chunk (writer, ike_address_chunk (address));
  if (type == IKE_CP_ATTR_INTERNAL_IP6_ADDRESS && address->family == IKE_FAMILY_IP6)
    ike_write_u8 (writer, prefix);
  ike_write_end (writer, block);
}
