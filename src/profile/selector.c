/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses, networks, traffic selectors: text to value and back. Pure: names of protocols and ports come from the
 * tables here, not from /etc.
 */
#include "config.h"

#include "profile/selector.h"

#include "profile/error.h"
#include "profile/profile-keys.h"

#include <arpa/inet.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define HOST_NAME_MAX_LEN 253 /* RFC 1035 section 2.3.4, less the final dot */
#define HOST_LABEL_MAX_LEN 63

typedef struct {
  const char *name;
  guint16 number;
} NumberName;

/* The first name of a number is the canonical one. */
static const NumberName protocols[] = {
  { "icmp", 1 },    { "igmp", 2 },  { "ipip", 4 },   { "ipencap", 4 }, { "tcp", 6 },        { "udp", 17 },
  { "ipv6", 41 },   { "gre", 47 },  { "esp", 50 },   { "ah", 51 },     { "ipv6-icmp", 58 }, { "icmp6", 58 },
  { "icmpv6", 58 }, { "ospf", 89 }, { "l2tp", 115 }, { "sctp", 132 },  { "udplite", 136 },
};

static const NumberName ports[] = {
  { "ssh", 22 },     { "smtp", 25 },   { "domain", 53 }, { "dns", 53 },    { "http", 80 },   { "ntp", 123 },
  { "imap", 143 },   { "snmp", 161 },  { "bgp", 179 },   { "ldap", 389 },  { "https", 443 }, { "isakmp", 500 },
  { "syslog", 514 }, { "ldaps", 636 }, { "imaps", 993 }, { "l2tp", 1701 }, { "nfs", 2049 },
};

/* ---- addresses and names ---- */

gboolean
ipsec_address_parse (const char *text, IpsecAddress *ret)
{
  IpsecAddress address = { 0 };

  if (inet_pton (AF_INET, text, address.bytes) == 1)
    address.family = 4;
  else if (inet_pton (AF_INET6, text, address.bytes) == 1)
    address.family = 6;
  else
    return FALSE;
  *ret = address;
  return TRUE;
}

char *
ipsec_address_to_string (const IpsecAddress *address)
{
  char text[INET6_ADDRSTRLEN] = "";

  inet_ntop (address->family == 4 ? AF_INET : AF_INET6, address->bytes, text, sizeof text);
  return g_strdup (text);
}

gboolean
ipsec_host_name_valid (const char *text)
{
  gsize len = strlen (text), label = 0;
  gboolean digits = TRUE; /* the last label so far has nothing but digits */

  if (len > 0 && text[len - 1] == '.')
    len--;
  if (len == 0 || len > HOST_NAME_MAX_LEN)
    return FALSE;
  for (gsize i = 0; i < len; i++)
    {
      if (text[i] == '.')
        {
          if (label == 0 || text[i - 1] == '-')
            return FALSE;
          label = 0;
          digits = TRUE;
          continue;
        }
      if (!(g_ascii_isalnum (text[i]) || text[i] == '_' || (text[i] == '-' && label > 0)))
        return FALSE;
      digits = digits && g_ascii_isdigit (text[i]);
      if (++label > HOST_LABEL_MAX_LEN)
        return FALSE;
    }
  /* "10.0.0.300" is a slip, not a name: no top-level domain is a number (RFC 3696 section 2) */
  return label > 0 && text[len - 1] != '-' && !digits;
}

/* ---- networks ---- */

/* Keeps the first @prefix bits of *first, and sets the others in *last. */
static void
address_span (guint prefix, IpsecAddress *first, IpsecAddress *last)
{
  guint bits = first->family == 4 ? 32 : 128;

  *last = *first;
  for (guint bit = prefix; bit < bits; bit++)
    {
      guint8 mask = (guint8) (0x80 >> (bit % 8));

      first->bytes[bit / 8] &= (guint8) ~mask;
      last->bytes[bit / 8] |= mask;
    }
}

int
ipsec_selector_prefix (const IpsecSelector *selector)
{
  int bits = selector->first.family == 4 ? 32 : 128;

  for (int prefix = bits; prefix >= 0; prefix--)
    {
      IpsecAddress low = selector->first, high;

      address_span ((guint) prefix, &low, &high);
      if (memcmp (&low, &selector->first, sizeof low) == 0 && memcmp (&high, &selector->last, sizeof high) == 0)
        return prefix;
    }
  return -1;
}

static gboolean
net_fail (const char *text, GError **error)
{
  g_autofree char *quoted = ipsec_quote (text);

  return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE,
                     _ ("%s is not a network; write it like 10.0.0.0/8, 2001:db8::/32 or 10.0.0.5-10.0.0.9"), quoted);
}

/* "10.0.0.5-10.0.0.9" */
static gboolean
range_parse (const char *text, const char *dash, IpsecSelector *ret, GError **error)
{
  g_autofree char *left = g_strstrip (g_strndup (text, (gsize) (dash - text)));
  g_autofree char *right = g_strstrip (g_strdup (dash + 1));

  if (!ipsec_address_parse (left, &ret->first) || !ipsec_address_parse (right, &ret->last) ||
      ret->first.family != ret->last.family)
    return net_fail (text, error);
  if (memcmp (ret->first.bytes, ret->last.bytes, sizeof ret->first.bytes) > 0)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("the range %s-%s begins behind its end"), left, right);
  return TRUE;
}

static gboolean
net_parse (const char *text, IpsecSelector *ret, GError **error)
{
  const char *slash = strchr (text, '/'), *dash = strchr (text, '-');
  g_autofree char *address = NULL;
  guint64 prefix;

  if (dash != NULL)
    return range_parse (text, dash, ret, error);
  address = slash != NULL ? g_strndup (text, (gsize) (slash - text)) : g_strdup (text);
  if (!ipsec_address_parse (address, &ret->first))
    return net_fail (text, error);
  prefix = ret->first.family == 4 ? 32 : 128;
  if (slash != NULL && !g_ascii_string_to_unsigned (slash + 1, 10, 0, prefix, &prefix, NULL))
    return net_fail (text, error);
  address_span ((guint) prefix, &ret->first, &ret->last);
  return TRUE;
}

/* ---- protocols and ports ---- */

static gboolean
name_to_number (const NumberName *names, gsize n, const char *text, guint64 max, guint64 *ret)
{
  for (gsize i = 0; i < n; i++)
    {
      if (g_ascii_strcasecmp (names[i].name, text) == 0)
        {
          *ret = names[i].number;
          return TRUE;
        }
    }
  return g_ascii_string_to_unsigned (text, 10, 0, max, ret, NULL);
}

static gboolean
is_any (const char *text)
{
  return g_ascii_strcasecmp (text, "any") == 0 || strcmp (text, "%any") == 0 || strcmp (text, "*") == 0;
}

static gboolean
ports_parse (const char *text, IpsecSelector *ret, GError **error)
{
  const char *dash = strchr (text, '-');
  g_autofree char *left = dash != NULL ? g_strndup (text, (gsize) (dash - text)) : g_strdup (text);
  guint64 first, last;

  if (is_any (text))
    return TRUE;
  if (g_ascii_strcasecmp (text, "opaque") == 0)
    {
      ret->port_first = G_MAXUINT16;
      ret->port_last = 0;
      return TRUE;
    }
  if (!name_to_number (ports, G_N_ELEMENTS (ports), left, G_MAXUINT16, &first) ||
      !name_to_number (ports, G_N_ELEMENTS (ports), dash != NULL ? dash + 1 : left, G_MAXUINT16, &last) || first > last)
    {
      g_autofree char *quoted = ipsec_quote (text);

      return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE,
                         _ ("%s is not a port; write a number up to 65535, a range like 1000-2000, or any"), quoted);
    }
  ret->port_first = (guint16) first;
  ret->port_last = (guint16) last;
  return TRUE;
}

/* What stands between the brackets: "tcp/443", "udp/1000-2000", "icmp", "6". */
static gboolean
protoport_parse (const char *text, IpsecSelector *ret, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 2);
  guint64 protocol = 0;

  if (parts[0] == NULL ||
      (!is_any (parts[0]) && !name_to_number (protocols, G_N_ELEMENTS (protocols), parts[0], G_MAXUINT8, &protocol)))
    {
      g_autofree char *quoted = ipsec_quote (parts[0] != NULL ? parts[0] : "");

      return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE,
                         _ ("%s is not a protocol; write tcp, udp, icmp, ipv6-icmp, ..., or a number up to 255"),
                         quoted);
    }
  ret->protocol = (guint8) protocol;
  if (parts[1] == NULL)
    return TRUE;
  if (!ports_parse (parts[1], ret, error))
    return FALSE;
  /* RFC 7296 section 3.13.1: without a protocol there are no ports */
  if (protocol == 0 && !(ret->port_first == 0 && ret->port_last == G_MAXUINT16))
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("a port needs a protocol, as in tcp/443"));
  return TRUE;
}

/* ---- selectors ---- */

gboolean
ipsec_selector_parse (const char *text, gboolean nets_only, IpsecSelector *ret, GError **error)
{
  IpsecSelector selector = { .port_first = 0, .port_last = G_MAXUINT16 };
  const char *bracket = nets_only ? NULL : strchr (text, '[');
  g_autofree char *net = bracket != NULL ? g_strndup (text, (gsize) (bracket - text)) : g_strdup (text);

  if (bracket != NULL)
    {
      gsize len = strlen (bracket);
      g_autofree char *inner = len >= 2 ? g_strndup (bracket + 1, len - 2) : NULL;

      if (inner == NULL || bracket[len - 1] != ']')
        return net_fail (text, error);
      if (!protoport_parse (inner, &selector, error))
        return FALSE;
    }
  g_strchomp (net);
  if ((nets_only || strcmp (net, "dynamic") != 0) && !net_parse (net, &selector, error))
    return FALSE;
  *ret = selector;
  return TRUE;
}

static void
append_number (GString *out, const NumberName *names, gsize n, guint16 number)
{
  for (gsize i = 0; i < n; i++)
    {
      if (names[i].number == number)
        {
          g_string_append (out, names[i].name);
          return;
        }
    }
  g_string_append_printf (out, "%u", number);
}

static void
append_protoport (GString *out, const IpsecSelector *selector)
{
  if (selector->protocol == 0)
    return;
  g_string_append_c (out, '[');
  append_number (out, protocols, G_N_ELEMENTS (protocols), selector->protocol);
  if (selector->port_first > selector->port_last)
    g_string_append (out, "/opaque");
  else if (selector->port_first == selector->port_last)
    g_string_append_printf (out, "/%u", selector->port_first);
  else if (selector->port_first > 0 || selector->port_last < G_MAXUINT16)
    g_string_append_printf (out, "/%u-%u", selector->port_first, selector->port_last);
  g_string_append_c (out, ']');
}

char *
ipsec_selector_to_string (const IpsecSelector *selector)
{
  GString *out = g_string_new (NULL);

  if (selector->first.family == 0)
    g_string_append (out, "dynamic");
  else
    {
      g_autofree char *first = ipsec_address_to_string (&selector->first);
      int prefix = ipsec_selector_prefix (selector);

      g_string_append (out, first);
      if (prefix >= 0)
        g_string_append_printf (out, "/%d", prefix);
      else
        {
          g_autofree char *last = ipsec_address_to_string (&selector->last);

          g_string_append_printf (out, "-%s", last);
        }
    }
  append_protoport (out, selector);
  return g_string_free (out, FALSE);
}

GPtrArray *
ipsec_selectors_parse (const char *text, gboolean nets_only, GError **error)
{
  g_autoptr (GPtrArray) selectors = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) items = g_strsplit (text, ",", IPSEC_LIST_MAX + 1);

  for (guint i = 0; items[i] != NULL; i++)
    {
      IpsecSelector selector;

      if (i == IPSEC_LIST_MAX)
        {
          ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("more than %d entries"), IPSEC_LIST_MAX);
          return NULL;
        }
      if (!ipsec_selector_parse (g_strstrip (items[i]), nets_only, &selector, error))
        return NULL;
      g_ptr_array_add (selectors, g_memdup2 (&selector, sizeof selector));
    }
  if (selectors->len == 0)
    {
      net_fail (text, error);
      return NULL;
    }
  return g_steal_pointer (&selectors);
}

char *
ipsec_selectors_to_string (GPtrArray *selectors)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < selectors->len; i++)
    {
      g_autofree char *one = ipsec_selector_to_string (selectors->pdata[i]);

      g_string_append_printf (out, "%s%s", i > 0 ? "," : "", one);
    }
  return g_string_free (out, FALSE);
}
