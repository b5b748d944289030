/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the translation of IkeConfigured (RFC 7296 section 3.15, RFC 8598, RFC 9464) into the three dictionaries. Types are
 * NetworkManager's: an IPv4 address is a "u" that holds the four octets as they are in memory, an IPv6 address is "ay".
 *
 * Invariants: has-ip4 and has-ip6 are always said, because libnm keeps the values of the time before; a family without
 * an address is not announced, because NetworkManager before 1.48 calls that invalid, but one that has gone is, with the
 * address that it had; no string of the gateway passes without a check; no route lies outside the traffic selectors.
 */
#include "nm/ipconfig.h"

#include "base/address.h"
#include "nm/routes.h"

#include <NetworkManager.h>
#include <string.h>

#define MAX_DOMAIN 253 /* RFC 1035 section 2.3.4, without the root's dot */
#define MAX_LABEL 63
#define TLS_PORT 853 /* RFC 7858 section 3.1 */

typedef struct {
  IkeFamily family;
  const IkeConfigured *configured;
  IkePrefix address;
  RouteSet *remote;
  GArray *servers; /* IkeAddress: the name servers that it is told */
  gboolean there; /* it is announced, with all that belongs to it */
  gboolean gone; /* it is announced with its address alone */
  gboolean linkless;
  gboolean variant;
} Family;

/* ---- values ---- */

static GVariant *
address_variant (const IkeAddress *address)
{
  guint32 word;

  if (address->family == IKE_FAMILY_IP6)
    return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, address->bytes, 16, 1);
  memcpy (&word, address->bytes, sizeof word);
  return g_variant_new_uint32 (word);
}

static gboolean
address_is_zero (const IkeAddress *address)
{
  static const guint8 zero[16];

  return memcmp (address->bytes, zero, address_size (address->family)) == 0;
}

gboolean
ipconfig_is_host (const IkeAddress *address)
{
  static const guint8 loopback6[16] = { [15] = 1 };

  if (address_is_zero (address))
    return FALSE;
  switch (address->family)
    {
    case IKE_FAMILY_IP4:
      return address->bytes[0] != 0 && address->bytes[0] != 127 && address->bytes[0] < 224;
    case IKE_FAMILY_IP6:
      return address->bytes[0] != 0xff && memcmp (address->bytes, loopback6, 16) != 0;
    }
  return FALSE;
}

static gboolean
label_valid (const char *label, gsize len)
{
  if (len < 1 || len > MAX_LABEL || label[0] == '-' || label[len - 1] == '-')
    return FALSE;
  for (gsize i = 0; i < len; i++)
    if (!g_ascii_isalnum (label[i]) && label[i] != '-' && label[i] != '_')
      return FALSE;
  return TRUE;
}

gboolean
ipconfig_domain_valid (const char *domain)
{
  gsize len = strlen (domain);

  if (len > 0 && domain[len - 1] == '.')
    len--;
  if (len < 1 || len > MAX_DOMAIN)
    return FALSE;
  for (gsize at = 0; at <= len;)
    {
      const char *dot = memchr (domain + at, '.', len - at);
      gsize label = dot ? (gsize) (dot - (domain + at)) : len - at;

      if (!label_valid (domain + at, label))
        return FALSE;
      at += label + 1;
    }
  return TRUE;
}

/* The banner goes to screens and terminals: text and line ends only. NULL when nothing is left. */
static char *
clean_banner (const char *banner)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (!banner || !g_utf8_validate (banner, -1, NULL))
    return NULL;
  for (const char *p = banner; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (out->len + 6 > IPCONFIG_MAX_BANNER)
        break;
      if (c == '\n' || g_unichar_isprint (c))
        g_string_append_unichar (out, c);
    }
  g_strstrip (out->str);
  return out->str[0] ? g_strdup (out->str) : NULL;
}

/* ---- one family ---- */

/* A name server is asked by the tunnel's own link, if it has one, and whoever is not inside does not answer there. */
static gboolean
is_outside (const Family *family, const IkeAddress *server)
{
  return !family->linkless && !route_set_contains (family->remote, server, address_size (family->family) * 8);
}

/* FALSE: whoever asked it there would hear nothing. */
static gboolean
add_server (Family *family, const IkeAddress *server, guint *outside)
{
  if (is_outside (family, server))
    {
      (*outside)++;
      return FALSE;
    }
  if (!ipconfig_is_host (server))
    return FALSE;
  for (guint i = 0; i < family->servers->len; i++)
    if (ike_address_equal (&g_array_index (family->servers, IkeAddress, i), server))
      return TRUE;
  if (family->servers->len >= IPCONFIG_MAX_SERVERS)
    return FALSE;
  g_array_append_val (family->servers, *server);
  return TRUE;
}

static void
add_plain_servers (Family *family, guint *outside)
{
  const GArray *servers = family->configured->dns;

  for (guint i = 0; servers && i < servers->len; i++)
    {
      const IkeAddress *server = &g_array_index (servers, IkeAddress, i);

      if (server->family == family->family)
        (void) add_server (family, server, outside);
    }
}

/* By DNS over TLS, as NetworkManager can have it asked: what it is told of a VPN's name servers has no place for a port.
 * RFC 9464 section 3.1 has no aliases (priority 0). There is no protocol that goes without saying (RFC 9461 section 4.1), but
 * where plain DNS will do, too, whoever names none is tried, unless a path says that it is HTTP's. */
static gboolean
speaks_tls (const IkeResolver *resolver, IpconfigTls wanted)
{
  g_auto (GStrv) protocols = NULL;

  if (resolver->priority == 0 || (resolver->port != 0 && resolver->port != TLS_PORT))
    return FALSE;
  if (!resolver->protocols)
    return wanted != IPCONFIG_TLS_YES && resolver->path == NULL;
  protocols = g_strsplit (resolver->protocols, ",", -1);
  return g_strv_contains ((const char *const *) protocols, "dot");
}

static int
by_priority (gconstpointer a, gconstpointer b)
{
  const IkeResolver *const *first = a, *const *second = b;

  return (int) (*first)->priority - (int) (*second)->priority;
}

/* NULL: none of its addresses is of use. */
static char *
add_resolver (Family *families, const IkeResolver *resolver, guint *outside)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < resolver->addresses->len; i++)
    {
      const IkeAddress *address = &g_array_index (resolver->addresses, IkeAddress, i);
      Family *family = &families[address->family == IKE_FAMILY_IP6];
      g_autofree char *name = ike_address_to_string (address);

      if (family->there && add_server (family, address, outside))
        g_string_append_printf (text, "%s%s", text->len ? ", " : "", name);
    }
  return text->len ? g_strdup_printf ("%s (%s)", resolver->name, text->str) : NULL;
}

static void
add_resolvers (Family *families, const GPtrArray *resolvers, IpconfigTls wanted, GPtrArray *told, guint *outside)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();

  for (guint i = 0; resolvers && i < resolvers->len; i++)
    if (speaks_tls (resolvers->pdata[i], wanted))
      g_ptr_array_add (sorted, resolvers->pdata[i]);
  g_ptr_array_sort (sorted, by_priority);
  for (guint i = 0; i < sorted->len; i++)
    {
      char *text = add_resolver (families, sorted->pdata[i], outside);

      if (text)
        g_ptr_array_add (told, text);
    }
}

/* Of both families together: where TLS is a must, a plain server of the other one is of no use either. */
static void
choose_servers (Family *families, const IkeConfigured *configured, const IpconfigOptions *options, Ipconfig *ret)
{
  gboolean wanted = options->tls != IPCONFIG_TLS_NO && !families[0].linkless;
  guint unwanted = 0;

  add_resolvers (families, configured->resolvers, options->tls, ret->tls, wanted ? &ret->outside : &unwanted);
  ret->tls_used = wanted && ret->tls->len > 0;
  for (guint f = 0; f < 2; f++)
    {
      Family *family = &families[f];

      if (!ret->tls_used)
        g_array_set_size (family->servers, 0);
      if (family->there && !(ret->tls_used && options->tls == IPCONFIG_TLS_YES))
        add_plain_servers (family, &ret->outside);
      for (guint i = 0; i < family->servers->len; i++)
        g_ptr_array_add (ret->dns, ike_address_to_string (&g_array_index (family->servers, IkeAddress, i)));
    }
}

static void
add_servers (GVariantBuilder *dict, const char *key, IkeFamily family, const GArray *servers)
{
  GVariantBuilder list;
  guint n = 0;

  g_variant_builder_init (&list, family == IKE_FAMILY_IP4 ? G_VARIANT_TYPE ("au") : G_VARIANT_TYPE ("aay"));
  for (guint i = 0; servers && i < servers->len && n < IPCONFIG_MAX_SERVERS; i++)
    {
      const IkeAddress *server = &g_array_index (servers, IkeAddress, i);

      if (server->family != family || !ipconfig_is_host (server))
        continue;
      g_variant_builder_add_value (&list, address_variant (server));
      n++;
    }
  if (n)
    g_variant_builder_add (dict, "{sv}", key, g_variant_builder_end (&list));
  else
    g_variant_builder_clear (&list);
}

static void
add_domains (GVariantBuilder *dict, const GPtrArray *domains)
{
  g_autoptr (GPtrArray) valid = g_ptr_array_new ();

  for (guint i = 0; domains && i < domains->len && valid->len < IPCONFIG_MAX_DOMAINS; i++)
    if (ipconfig_domain_valid (domains->pdata[i]))
      g_ptr_array_add (valid, domains->pdata[i]);
  if (!valid->len)
    return;
  /* the same keys for both families */
  g_variant_builder_add (dict, "{sv}", NM_VPN_PLUGIN_IP4_CONFIG_DOMAIN, g_variant_new_string (valid->pdata[0]));
  g_variant_builder_add (dict, "{sv}", NM_VPN_PLUGIN_IP4_CONFIG_DOMAINS,
                         g_variant_new_strv ((const char *const *) valid->pdata, valid->len));
}

/* Protected subnets that the gateway names (RFC 7296 section 3.15.1) and the selectors allow: the user may refuse the
 * default route and still wants these. */
static void
append_subnets (const Family *family, GArray *routes)
{
  const GArray *subnets = family->configured->subnets;

  for (guint i = 0; subnets && i < subnets->len && routes->len < IPCONFIG_MAX_ROUTES; i++)
    {
      IkePrefix subnet = g_array_index (subnets, IkePrefix, i);
      gboolean known = subnet.prefix == 0 || !route_set_contains (family->remote, &subnet.address, subnet.prefix);

      if (known)
        continue;
      address_mask (&subnet.address, subnet.prefix);
      for (guint r = 0; !known && r < routes->len; r++)
        {
          const IkePrefix *route = &g_array_index (routes, IkePrefix, r);

          known = route->prefix == subnet.prefix && memcmp (route->address.bytes, subnet.address.bytes, 16) == 0;
        }
      if (!known)
        g_array_append_val (routes, subnet);
    }
}

static gboolean
is_gateway (const Family *family, const IkePrefix *route)
{
  const IkeAddress *gateway = &family->configured->path.remote.address;
  guint size = address_size (family->family);

  return gateway->family == family->family && route->prefix == size * 8 &&
         memcmp (gateway->bytes, route->address.bytes, size) == 0;
}

/* Without a link of its own the tunnel's routes are on the uplink, whose first address is not the one that the policies
 * want: the source is named. (For IPv6 NetworkManager takes that from 1.48 on only, in another form: not sent.) */
static GVariant *
route_variant (const Family *family, const IkePrefix *route)
{
  static const guint8 none[16];

  if (route->address.family == IKE_FAMILY_IP6)
    return g_variant_new ("(@ayu@ayu)", address_variant (&route->address), (guint32) route->prefix,
                          g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, none, 16, 1), (guint32) 0);
  return g_variant_new_array (G_VARIANT_TYPE_UINT32,
                              (GVariant *[]){ address_variant (&route->address), g_variant_new_uint32 (route->prefix),
                                              g_variant_new_uint32 (0), g_variant_new_uint32 (0),
                                              family->linkless ? address_variant (&family->address.address) : NULL },
                              family->linkless ? 5 : 4);
}

/* Both halves of everything: the uplink keeps its own default route, by which the gateway is reached. */
static void
append_halves (const Family *family, GArray *routes)
{
  IkePrefix half = { .address = { .family = family->family }, .prefix = 1 };

  g_array_append_val (routes, half);
  half.address.bytes[0] = 0x80;
  g_array_append_val (routes, half);
}

static void
add_routes (GVariantBuilder *dict, const Family *family)
{
  g_autoptr (GArray) routes = family->gone ? g_array_new (FALSE, FALSE, sizeof (IkePrefix))
                                           : route_set_prefixes (family->remote, IPCONFIG_MAX_ROUTES);
  GVariantBuilder list;
  guint n = 0;

  if (!family->gone)
    append_subnets (family, routes);
  if (!family->gone && family->linkless && route_set_is_full (family->remote))
    append_halves (family, routes);
  if (family->variant)
    {
      const IkePrefix own = { .address = family->address.address,
                              .prefix = (guint8) (address_size (family->family) * 8) };

      g_array_append_val (routes, own);
    }
  g_variant_builder_init (&list,
                          family->family == IKE_FAMILY_IP4 ? G_VARIANT_TYPE ("aau") : G_VARIANT_TYPE ("a(ayuayu)"));
  for (guint i = 0; i < routes->len; i++)
    {
      const IkePrefix *route = &g_array_index (routes, IkePrefix, i);

      /* a host route to the gateway through its own tunnel would be a loop */
      if (is_gateway (family, route))
        continue;
      g_variant_builder_add_value (&list, route_variant (family, route));
      n++;
    }
  if (n)
    g_variant_builder_add (dict, "{sv}", NM_VPN_PLUGIN_IP4_CONFIG_ROUTES, g_variant_builder_end (&list));
  else
    g_variant_builder_clear (&list);
}

/* A virtual address; where there is none but the selectors take our outer address, that one, or else an address of this
 * machine: NetworkManager wants an address in every family that has routes. On a link of its own even one that the
 * selectors do not take does for the routes of what is forwarded. */
static gboolean
choose_address (const Family *wanted, const IkeAddress *own, IkePrefix *ret)
{
  const IkeConfigured *configured = wanted->configured;
  const IkeAddress *outer = &configured->path.local.address;
  IkeFamily family = wanted->family;
  g_autoptr (RouteSet) local = NULL;
  guint bits = address_size (family) * 8;

  for (guint i = 0; configured->addresses && i < configured->addresses->len; i++)
    {
      const IkePrefix *address = &g_array_index (configured->addresses, IkePrefix, i);

      if (address->address.family == family && ipconfig_is_host (&address->address))
        {
          *ret = *address;
          return TRUE;
        }
    }
  local = route_set_new (family, configured->local_ts);
  *ret = (IkePrefix){ .address = *outer, .prefix = (guint8) bits };
  if (outer->family == family && ipconfig_is_host (outer) && route_set_contains (local, outer, bits))
    return TRUE;
  if (!own || own->family != family || !ipconfig_is_host (own) || route_set_is_empty (local))
    return FALSE;
  ret->address = *own;
  return !wanted->linkless || route_set_contains (local, own, bits);
}

/* Nothing but the gateway itself, which is reached as ever: no route, and no address. */
static gboolean
has_nothing (const Family *family)
{
  g_autoptr (GArray) routes = route_set_prefixes (family->remote, 2);

  if (!family->linkless || (family->configured->addresses && family->configured->addresses->len))
    return FALSE;
  return !route_set_is_full (family->remote) &&
         (routes->len == 0 || (routes->len == 1 && is_gateway (family, &g_array_index (routes, IkePrefix, 0))));
}

static void
family_init (Family *family, const IkeConfigured *configured, IkeFamily which, const IpconfigOptions *options)
{
  const IkePrefix *before = which == IKE_FAMILY_IP4 ? options->before4 : options->before6;
  guint bits = address_size (which) * 8;

  *family = (Family){ .family = which,
                      .configured = configured,
                      .remote = route_set_new (which, configured->remote_ts),
                      .servers = g_array_new (FALSE, FALSE, sizeof (IkeAddress)),
                      .linkless = !options->tundev || !options->tundev[0],
                      .variant = options->variant };
  family->there = !has_nothing (family) &&
                  choose_address (family, which == IKE_FAMILY_IP4 ? options->own4 : options->own6, &family->address);
  /* the prefix becomes a route: not beyond the selectors */
  if (family->there && (family->address.prefix == 0 || family->address.prefix > bits ||
                        !route_set_contains (family->remote, &family->address.address, family->address.prefix)))
    family->address.prefix = (guint8) bits;
  family->gone = !family->there && before;
  if (family->gone)
    family->address = (IkePrefix){ before->address, (guint8) bits };
}

static void
family_clear (Family *family)
{
  route_set_free (family->remote);
  g_array_unref (family->servers);
}

static GVariant *
build_family (const Family *family, IkePrefix *ret_address)
{
  GVariantBuilder dict;

  if (!family->there && !family->gone)
    return NULL;
  *ret_address = family->address;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&dict, "{sv}", NM_VPN_PLUGIN_IP4_CONFIG_ADDRESS, address_variant (&family->address.address));
  g_variant_builder_add (&dict, "{sv}", NM_VPN_PLUGIN_IP4_CONFIG_PREFIX, g_variant_new_uint32 (family->address.prefix));
  add_servers (&dict, NM_VPN_PLUGIN_IP4_CONFIG_DNS, family->family, family->servers);
  if (family->there && family->family == IKE_FAMILY_IP4)
    add_servers (&dict, NM_VPN_PLUGIN_IP4_CONFIG_NBNS, family->family, family->configured->nbns);
  if (family->there)
    add_domains (&dict, family->configured->domains);
  add_routes (&dict, family);
  g_variant_builder_add (&dict, "{sv}", NM_VPN_PLUGIN_IP4_CONFIG_NEVER_DEFAULT,
                         g_variant_new_boolean (family->gone || family->linkless ||
                                                !route_set_is_full (family->remote)));
  return g_variant_ref_sink (g_variant_builder_end (&dict));
}

/* ---- the whole ---- */

#define ESP_TRAILER 2u /* pad length and next header, which padding brings to a boundary */

static guint
tunnel_mtu (const IkeConfigured *configured, const IpconfigOptions *options, gboolean has_ip6)
{
  guint path = options->path_mtu ? options->path_mtu : IPCONFIG_DEFAULT_PATH_MTU;
  /* whoever waits for a tunnel does not know it yet */
  guint overhead = configured->overhead ? configured->overhead : IPCONFIG_MAX_OVERHEAD;
  guint least = has_ip6 ? IPCONFIG_MIN_MTU6 : IPCONFIG_MIN_MTU4, room;

  if (options->mtu)
    return MAX (options->mtu, least);
  if (path <= overhead)
    return least;
  room = path - overhead + ESP_TRAILER;
  room -= room % MAX (configured->alignment, 1);
  return MAX (room, least + ESP_TRAILER) - ESP_TRAILER;
}

gboolean
ipconfig_build (const IkeConfigured *configured, const IpconfigOptions *options, Ipconfig *ret)
{
  const IkeAddress *gateway = &configured->path.remote.address;
  gboolean tundev = options->tundev && options->tundev[0];
  g_autofree char *banner = clean_banner (configured->banner);
  GVariantBuilder dict;
  Family families[2];

  if (address_size (gateway->family) == 0 || address_is_zero (gateway))
    return FALSE;

  *ret = (Ipconfig){ .dns = g_ptr_array_new_with_free_func (g_free), .tls = g_ptr_array_new_with_free_func (g_free) };
  family_init (&families[0], configured, IKE_FAMILY_IP4, options);
  family_init (&families[1], configured, IKE_FAMILY_IP6, options);
  choose_servers (families, configured, options, ret);
  ret->ip4 = build_family (&families[0], &ret->address4);
  ret->ip6 = build_family (&families[1], &ret->address6);
  family_clear (&families[0]);
  family_clear (&families[1]);
  ret->mtu = tunnel_mtu (configured, options, families[1].there);
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&dict, "{sv}", NM_VPN_PLUGIN_CONFIG_EXT_GATEWAY, address_variant (gateway));
  if (tundev)
    {
      g_variant_builder_add (&dict, "{sv}", NM_VPN_PLUGIN_CONFIG_TUNDEV, g_variant_new_string (options->tundev));
      g_variant_builder_add (&dict, "{sv}", NM_VPN_PLUGIN_CONFIG_MTU, g_variant_new_uint32 (ret->mtu));
    }
  if (banner)
    g_variant_builder_add (&dict, "{sv}", NM_VPN_PLUGIN_CONFIG_BANNER, g_variant_new_string (banner));
  g_variant_builder_add (&dict, "{sv}", NM_VPN_PLUGIN_CONFIG_HAS_IP4, g_variant_new_boolean (ret->ip4 != NULL));
  g_variant_builder_add (&dict, "{sv}", NM_VPN_PLUGIN_CONFIG_HAS_IP6, g_variant_new_boolean (ret->ip6 != NULL));
  g_variant_builder_add (&dict, "{sv}", NM_VPN_PLUGIN_CAN_PERSIST, g_variant_new_boolean (options->can_persist));
  ret->config = g_variant_ref_sink (g_variant_builder_end (&dict));
  return TRUE;
}

void
ipconfig_clear (Ipconfig *self)
{
  g_clear_pointer (&self->config, g_variant_unref);
  g_clear_pointer (&self->ip4, g_variant_unref);
  g_clear_pointer (&self->ip6, g_variant_unref);
  g_clear_pointer (&self->dns, g_ptr_array_unref);
  g_clear_pointer (&self->tls, g_ptr_array_unref);
}
