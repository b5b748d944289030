/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns nothing. What nobody has asked for is not sent, but for name servers: RFC 7296 section 3.15 lets a server add
 * what it likes, and clients forget to ask.
 */
#include "sa/serve.h"

#include "sa/select.h"

static void
wish_address (const IkeCpAttr *attr, gboolean *ret_wanted, IkeAddress *ret_wish)
{
  IkeAddress address = { 0 };
  IkePrefix prefix;

  *ret_wanted = TRUE;
  if (ike_cp_attr_prefix (attr, &prefix))
    address = prefix.address;
  else if (!ike_cp_attr_address (attr, &address))
    return;
  /* 0.0.0.0 is how some say "any" */
  if (ike_address_assignable (&address))
    *ret_wish = address;
}

gboolean
ike_serve_read (IkeChunk body, IkeServeWish *ret)
{
  IkeCp cp;
  IkeCpAttr attr;
  gsize offset = 0;

  *ret = (IkeServeWish){ 0 };
  if (!ike_cp_parse (body, &cp))
    return FALSE;
  if (cp.type != IKE_CP_REQUEST)
    return TRUE;
  while (ike_cp_next (&cp, &offset, &attr))
    switch (attr.type)
      {
      case IKE_CP_ATTR_INTERNAL_IP4_ADDRESS:
        wish_address (&attr, &ret->address4, &ret->wish4);
        break;
      case IKE_CP_ATTR_INTERNAL_IP6_ADDRESS:
        wish_address (&attr, &ret->address6, &ret->wish6);
        break;
      case IKE_CP_ATTR_INTERNAL_DNS_DOMAIN:
        ret->domains = TRUE;
        break;
      case IKE_CP_ATTR_UNITY_BANNER:
        ret->banner = TRUE;
        break;
      }
  return TRUE;
}

/* A client that authenticates anew may have one that it does not ask for this time. */
static gboolean
tells4 (const IkeClient *client, const IkeServeWish *wish)
{
  return wish->address4 && client->address4.family == IKE_FAMILY_IP4;
}

static gboolean
tells6 (const IkeClient *client, const IkeServeWish *wish)
{
  return wish->address6 && client->address6.family == IKE_FAMILY_IP6;
}

gboolean
ike_serve_has_address (const IkeClient *client, const IkeServeWish *wish)
{
  return tells4 (client, wish) || tells6 (client, wish);
}

void
ike_serve_reply (IkeBuilder *builder, const IkeServe *serve, const IkeClient *client, const IkeServeWish *wish)
{
  IkeWriter *writer = ike_builder_begin (builder, IKE_PAYLOAD_CP);
  guint servers = 0;

  ike_cp_write (writer, IKE_CP_REPLY);
  if (tells4 (client, wish))
    ike_cp_write_address (writer, IKE_CP_ATTR_INTERNAL_IP4_ADDRESS, &client->address4, 32);
  if (tells6 (client, wish))
    ike_cp_write_address (writer, IKE_CP_ATTR_INTERNAL_IP6_ADDRESS, &client->address6, 128);
  for (guint i = 0; i < serve->dns->len; i++)
    {
      const IkeAddress *server = &g_array_index (serve->dns, IkeAddress, i);

      /* of a family that the client has no address in it could not be reached */
      if (server->family == IKE_FAMILY_IP4 && tells4 (client, wish))
        ike_cp_write_address (writer, IKE_CP_ATTR_INTERNAL_IP4_DNS, server, 32);
      else if (server->family == IKE_FAMILY_IP6 && tells6 (client, wish))
        ike_cp_write_address (writer, IKE_CP_ATTR_INTERNAL_IP6_DNS, server, 128);
      else
        continue;
      servers++;
    }
  /* RFC 8598 section 3.2: never domains without a server for them */
  for (guint i = 0; wish->domains && servers && i < serve->domains->len; i++)
    ike_cp_write_attr (writer, IKE_CP_ATTR_INTERNAL_DNS_DOMAIN,
                       ike_chunk (serve->domains->pdata[i], strlen (serve->domains->pdata[i])));
  if (wish->banner && serve->banner)
    ike_cp_write_attr (writer, IKE_CP_ATTR_UNITY_BANNER, ike_chunk (serve->banner, strlen (serve->banner)));
  ike_builder_end (builder);
}
