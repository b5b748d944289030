/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing: RFC 5685 sections 9.2, 9.3. */
#include "wire/payload-redirect.h"

#include "base/reader.h"

enum { GATEWAY_IP4 = 1, GATEWAY_IP6 = 2, GATEWAY_FQDN = 3 };

static gboolean
is_name (IkeChunk octets)
{
  if (!octets.len || octets.len > IKE_REDIRECT_MAX_NAME || octets.data[0] == '-' || octets.data[0] == '.')
    return FALSE;
  for (gsize i = 0; i < octets.len; i++)
    if (!g_ascii_isalnum (octets.data[i]) && octets.data[i] != '-' && octets.data[i] != '.')
      return FALSE;
  return TRUE;
}

gboolean
ike_redirect_parse (IkeChunk data, IkeRedirect *ret)
{
  IkeReader reader = ike_reader (data);
  guint8 type = ike_read_u8 (&reader);
  guint8 len = ike_read_u8 (&reader);
  IkeChunk gateway = ike_read_chunk (&reader, len);

  *ret = (IkeRedirect){ 0 };
  ret->nonce = ike_read_rest (&reader);
  if (!ike_reader_done (&reader))
    return FALSE;
  if ((type == GATEWAY_IP4 && len == 4) || (type == GATEWAY_IP6 && len == 16))
    {
      ret->address = ike_address_from_chunk (gateway);
      return TRUE;
    }
  if (type != GATEWAY_FQDN || !is_name (gateway))
    return FALSE;
  memcpy (ret->name, gateway.data, gateway.len);
  return TRUE;
}

void
ike_redirect_write (IkeWriter *writer, const IkeRedirect *redirect)
{
  gboolean named = redirect->address.family == IKE_FAMILY_NONE;
  IkeChunk gateway =
      named ? ike_chunk (redirect->name, strlen (redirect->name)) : ike_address_chunk (&redirect->address);

  ike_write_u8 (writer, named ? GATEWAY_FQDN : redirect->address.family == IKE_FAMILY_IP6 ? GATEWAY_IP6 : GATEWAY_IP4);
  ike_write_u8 (writer, (guint8) gateway.len);
  ike_write_chunk (writer, gateway);
  ike_write_chunk (writer, redirect->nonce);
}

gboolean
ike_redirect_from_text (const char *text, IkeRedirect *ret)
{
  IkeChunk name = ike_chunk (text, strlen (text));

  *ret = (IkeRedirect){ 0 };
  if (ike_address_from_string (text, &ret->address))
    return TRUE;
  if (!is_name (name))
    return FALSE;
  memcpy (ret->name, name.data, name.len);
  return TRUE;
}
