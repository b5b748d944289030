/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration payloads of a client: RFC 7296 section 3.15, RFC 8598, RFC 9464. Owns nothing.
 *
 * Invariant: what a gateway says reaches the caller only after it has been checked: unicast addresses, domains of host
 * name grammar, a printable banner, and never more than the limits of the header.
 */
#include "sa/configure.h"

#include "sa/select.h"
#include "wire/payload-cp-dns.h"

#include <string.h>

gboolean
ike_configure_wanted (const IkeConfig *config)
{
  return config->want_address4 || config->want_address6;
}

static void
ask (IkeWriter *writer, IkeCpAttrType type)
{
  ike_cp_write_attr (writer, type, ike_chunk (NULL, 0));
}

static IkeAddress
wish (const IkeAddress *configured, const IkeConfigured *before, guint8 family)
{
  if (configured->family == family)
    return *configured;
  for (guint i = 0; before && i < before->addresses->len; i++)
    if (g_array_index (before->addresses, IkePrefix, i).address.family == family)
      return g_array_index (before->addresses, IkePrefix, i).address;
  return (IkeAddress){ 0 };
}

static gboolean
same_octets (const GArray *a, const GArray *b, gsize size)
{
  return a->len == b->len && (a->len == 0 || memcmp (a->data, b->data, a->len * size) == 0);
}

static gboolean
same_resolvers (const GPtrArray *a, const GPtrArray *b)
{
  for (guint i = 0; i < a->len && i < b->len; i++)
    {
      const IkeResolver *one = a->pdata[i], *other = b->pdata[i];
      g_autofree char *text = ike_resolver_to_string (one), *other_text = ike_resolver_to_string (other);

      if (one->priority != other->priority || strcmp (text, other_text) != 0)
        return FALSE;
    }
  return a->len == b->len;
}

gboolean
ike_configure_same (const IkeConfigured *a, const IkeConfigured *b)
{
  if (!a || !b || !same_octets (a->addresses, b->addresses, sizeof (IkePrefix)) ||
      !same_octets (a->dns, b->dns, sizeof (IkeAddress)) || !same_octets (a->nbns, b->nbns, sizeof (IkeAddress)) ||
      !same_octets (a->subnets, b->subnets, sizeof (IkePrefix)) || !same_resolvers (a->resolvers, b->resolvers) ||
      a->domains->len != b->domains->len)
    return FALSE;
  for (guint i = 0; i < a->domains->len; i++)
    if (g_strcmp0 (a->domains->pdata[i], b->domains->pdata[i]) != 0)
      return FALSE;
  return ike_select_equal (a->local_ts, b->local_ts) && ike_select_equal (a->remote_ts, b->remote_ts);
}

void
ike_configure_request (IkeBuilder *builder, const IkeConfig *config, const IkeConfigured *before)
{
  IkeWriter *writer = ike_builder_begin (builder, IKE_PAYLOAD_CP);
  IkeAddress wish4 = wish (&config->ask_address4, before, IKE_FAMILY_IP4);
  IkeAddress wish6 = wish (&config->ask_address6, before, IKE_FAMILY_IP6);

  ike_cp_write (writer, IKE_CP_REQUEST);
  if (config->want_address4)
    {
      if (wish4.family == IKE_FAMILY_IP4)
        ike_cp_write_address (writer, IKE_CP_ATTR_INTERNAL_IP4_ADDRESS, &wish4, 32);
      else
        ask (writer, IKE_CP_ATTR_INTERNAL_IP4_ADDRESS);
      ask (writer, IKE_CP_ATTR_INTERNAL_IP4_DNS);
      if (config->want_resolvers)
        ask (writer, IKE_CP_ATTR_ENCDNS_IP4);
      ask (writer, IKE_CP_ATTR_INTERNAL_IP4_NBNS);
      ask (writer, IKE_CP_ATTR_INTERNAL_IP4_SUBNET);
    }
  if (config->want_address6)
    {
      if (wish6.family == IKE_FAMILY_IP6)
        ike_cp_write_address (writer, IKE_CP_ATTR_INTERNAL_IP6_ADDRESS, &wish6, 128);
      else
        ask (writer, IKE_CP_ATTR_INTERNAL_IP6_ADDRESS);
      ask (writer, IKE_CP_ATTR_INTERNAL_IP6_DNS);
      if (config->want_resolvers)
        ask (writer, IKE_CP_ATTR_ENCDNS_IP6);
      ask (writer, IKE_CP_ATTR_INTERNAL_IP6_SUBNET);
    }
  ask (writer, IKE_CP_ATTR_INTERNAL_DNS_DOMAIN);
  /* Trust anchors are not asked for: nobody here can use them, and a gateway might leave out what it has for others. Whoever
   * sends them all the same, or encrypted resolvers, has it in the log. */
  ask (writer, IKE_CP_ATTR_UNITY_BANNER);
  ike_builder_end (builder);
}

gboolean
ike_configure_domain_valid (const char *name)
{
  gsize label = 0, len = strlen (name);

  if (len == 0 || len > 253)
    return FALSE;
  for (gsize i = 0; i < len; i++)
    {
      char c = name[i];

      if (c == '.')
        {
          if (label == 0 || name[i - 1] == '-')
            return FALSE;
          label = 0;
          continue;
        }
      if (!g_ascii_isalnum (c) && c != '-' && c != '_')
        return FALSE;
      if (c == '-' && label == 0)
        return FALSE;
      if (++label > 63)
        return FALSE;
    }
  return label > 0 && name[len - 1] != '-';
}

/* ---- the reply, attribute by attribute ---- */

static void
add_address (IkeConfigured *configured, const IkeConfig *config, const IkeCpAttr *attr)
{
  IkePrefix prefix = { 0 };
  gboolean got;

  if (attr->type == IKE_CP_ATTR_INTERNAL_IP6_ADDRESS)
    {
      got = ike_cp_attr_prefix (attr, &prefix) || ike_cp_attr_address (attr, &prefix.address);
      prefix.prefix = 128;
      if (!config->want_address6)
        return;
    }
  else
    {
      got = ike_cp_attr_address (attr, &prefix.address);
      prefix.prefix = 32;
      if (!config->want_address4)
        return;
    }
  /* the address alone is ours: a netmask or a shorter prefix would make neighbours of strangers */
  if (got && ike_address_assignable (&prefix.address) && configured->addresses->len < IKE_CONFIGURE_MAX_ADDRESSES)
    g_array_append_val (configured->addresses, prefix);
}

static void
add_server (GArray *servers, const IkeCpAttr *attr)
{
  IkeAddress address;

  if (!ike_cp_attr_address (attr, &address) || !ike_address_assignable (&address) ||
      servers->len >= IKE_CONFIGURE_MAX_SERVERS)
    return;
  for (guint i = 0; i < servers->len; i++)
    if (memcmp (&g_array_index (servers, IkeAddress, i), &address, sizeof address) == 0)
      return;
  g_array_append_val (servers, address);
}

/* Without the dot at its end. */
static char *
host_name (const char *text)
{
  g_autofree char *name = g_strdup (text);
  gsize len = name ? strlen (name) : 0;

  if (len > 1 && name[len - 1] == '.')
    name[len - 1] = '\0';
  return name && ike_configure_domain_valid (name) ? g_steal_pointer (&name) : NULL;
}

/* What a trust anchor after it would be for; NULL: nothing. */
static const char *
add_domain (IkeConfigured *configured, const IkeCpAttr *attr)
{
  g_autofree char *text = ike_cp_attr_text (attr, FALSE, 254);
  g_autofree char *name = host_name (text);
  guint at;

  if (name && g_ptr_array_find_with_equal_func (configured->domains, name, g_str_equal, &at))
    return configured->domains->pdata[at];
  if (!name || configured->domains->len >= IKE_CONFIGURE_MAX_DOMAINS)
    return NULL;
  g_ptr_array_add (configured->domains, g_steal_pointer (&name));
  return configured->domains->pdata[configured->domains->len - 1];
}

/* RFC 8598 section 4.2: without a domain immediately before it is ignored. */
static void
add_trust_anchor (IkeConfigured *configured, const char *domain, const IkeCpAttr *attr)
{
  g_autofree char *data = domain ? ike_cp_attr_trust_anchor (attr) : NULL;

  if (data && configured->trust_anchors->len < IKE_CONFIGURE_MAX_ANCHORS)
    g_ptr_array_add (configured->trust_anchors, g_strdup_printf ("%s DS %s", domain, data));
}

static void
add_resolver (IkeConfigured *configured, const IkeCpAttr *attr)
{
  g_autoptr (IkeResolver) resolver = ike_cp_attr_resolver (attr);
  g_autofree char *name = resolver ? host_name (resolver->name) : NULL;

  if (!name || configured->resolvers->len >= IKE_CONFIGURE_MAX_RESOLVERS)
    return;
  for (guint i = 0; i < resolver->addresses->len; i++)
    if (!ike_address_assignable (&g_array_index (resolver->addresses, IkeAddress, i)))
      return;
  g_free (resolver->name);
  resolver->name = g_steal_pointer (&name);
  g_ptr_array_add (configured->resolvers, g_steal_pointer (&resolver));
}

static void
add_subnet (IkeConfigured *configured, const IkeCpAttr *attr)
{
  IkePrefix prefix;

  if (ike_cp_attr_prefix (attr, &prefix) && configured->subnets->len < IKE_CONFIGURE_MAX_SUBNETS &&
      (prefix.prefix == 0 || ike_address_assignable (&prefix.address)))
    g_array_append_val (configured->subnets, prefix);
}

/* RFC 8598 section 8: whoever has not proven who it is may not say which names it answers for, nor (RFC 9464) who answers
 * them. */
static gboolean
is_for_proven (const IkeCpAttr *attr)
{
  switch (attr->type)
    {
    case IKE_CP_ATTR_INTERNAL_DNS_DOMAIN:
    case IKE_CP_ATTR_UNITY_DEF_DOMAIN:
    case IKE_CP_ATTR_INTERNAL_DNSSEC_TA:
    case IKE_CP_ATTR_ENCDNS_IP4:
    case IKE_CP_ATTR_ENCDNS_IP6:
      return TRUE;
    }
  return FALSE;
}

/* @last: the domain that was named immediately before. */
static void
read_attr (IkeConfigured *configured, const IkeConfig *config, const IkeCpAttr *attr, const char **last)
{
  const char *domain = g_steal_pointer (last);

  if (config->remote_auth == IKE_AUTH_NULL && is_for_proven (attr))
    return;
  switch (attr->type)
    {
    case IKE_CP_ATTR_INTERNAL_IP4_ADDRESS:
    case IKE_CP_ATTR_INTERNAL_IP6_ADDRESS:
      add_address (configured, config, attr);
      return;
    case IKE_CP_ATTR_INTERNAL_IP4_DNS:
    case IKE_CP_ATTR_INTERNAL_IP6_DNS:
      add_server (configured->dns, attr);
      return;
    case IKE_CP_ATTR_INTERNAL_IP4_NBNS:
      add_server (configured->nbns, attr);
      return;
    case IKE_CP_ATTR_INTERNAL_DNS_DOMAIN:
    case IKE_CP_ATTR_UNITY_DEF_DOMAIN:
      *last = add_domain (configured, attr);
      return;
    case IKE_CP_ATTR_INTERNAL_DNSSEC_TA:
      add_trust_anchor (configured, domain, attr);
      *last = domain;
      return;
    case IKE_CP_ATTR_ENCDNS_IP4:
    case IKE_CP_ATTR_ENCDNS_IP6:
      add_resolver (configured, attr);
      return;
    case IKE_CP_ATTR_INTERNAL_IP4_SUBNET:
    case IKE_CP_ATTR_INTERNAL_IP6_SUBNET:
      add_subnet (configured, attr);
      return;
    case IKE_CP_ATTR_UNITY_BANNER:
      if (!configured->banner)
        configured->banner = ike_cp_attr_text (attr, TRUE, IKE_CONFIGURE_MAX_BANNER);
      return;
    }
}

gboolean
ike_configure_read (IkeChunk body, const IkeConfig *config, IkeConfigured *configured)
{
  IkeCp cp;
  IkeCpAttr attr;
  gsize offset = 0;
  const char *last = NULL;

  if (!ike_cp_parse (body, &cp))
    return FALSE;
  if (cp.type != IKE_CP_REPLY)
    return TRUE;
  while (ike_cp_next (&cp, &offset, &attr))
    read_attr (configured, config, &attr, &last);
  return TRUE;
}
