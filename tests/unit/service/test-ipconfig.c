/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What NetworkManager is told, byte for byte, and what a hostile gateway cannot make it do. */
#include "nm/ipconfig.h"

#include <arpa/inet.h>
#include <string.h>

/* ---- building what the engine gives ---- */

static IkeAddress
addr (const char *text)
{
  IkeAddress address = { 0 };

  if (inet_pton (AF_INET, text, address.bytes) == 1)
    address.family = IKE_FAMILY_IP4;
  else if (inet_pton (AF_INET6, text, address.bytes) == 1)
    address.family = IKE_FAMILY_IP6;
  else
    g_assert_not_reached ();
  return address;
}

typedef struct {
  IkeConfigured configured;
  IpconfigOptions options;
} World;

static void
world_init (World *w, const char *gateway, const char *local)
{
  memset (w, 0, sizeof *w);
  w->configured.path.remote.address = addr (gateway);
  w->configured.path.local.address = addr (local);
  w->configured.addresses = g_array_new (FALSE, TRUE, sizeof (IkePrefix));
  w->configured.dns = g_array_new (FALSE, TRUE, sizeof (IkeAddress));
  w->configured.nbns = g_array_new (FALSE, TRUE, sizeof (IkeAddress));
  w->configured.domains = g_ptr_array_new_with_free_func (g_free);
  w->configured.subnets = g_array_new (FALSE, TRUE, sizeof (IkePrefix));
  w->configured.local_ts = g_array_new (FALSE, TRUE, sizeof (IkeSelector));
  w->configured.remote_ts = g_array_new (FALSE, TRUE, sizeof (IkeSelector));
  w->configured.overhead = 78;
  w->options.tundev = "nm-ipsec0";
  w->options.can_persist = TRUE;
}

static void
world_clear (World *w)
{
  g_array_unref (w->configured.addresses);
  g_array_unref (w->configured.dns);
  g_array_unref (w->configured.nbns);
  g_ptr_array_unref (w->configured.domains);
  g_array_unref (w->configured.subnets);
  g_array_unref (w->configured.local_ts);
  g_array_unref (w->configured.remote_ts);
  g_free (w->configured.banner);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static void
add_prefix (GArray *array, const char *text, guint prefix)
{
  IkePrefix value = { .address = addr (text), .prefix = (guint8) prefix };

  g_array_append_val (array, value);
}

static void
add_address (GArray *array, const char *text)
{
  IkeAddress value = addr (text);

  g_array_append_val (array, value);
}

static void
add_ts (GArray *array, const char *first, const char *last, guint8 protocol)
{
  IkeSelector value = { .first = addr (first), .last = addr (last), .protocol = protocol, .port_last = 65535 };

  g_array_append_val (array, value);
}

static void
add_domain (World *w, const char *domain)
{
  g_ptr_array_add (w->configured.domains, g_strdup (domain));
}

/* ---- reading what NetworkManager gets ---- */

static void
build (const World *w, Ipconfig *ret)
{
  g_assert_true (ipconfig_build (&w->configured, &w->options, ret));
  g_assert_nonnull (ret->config);
  g_assert_false (g_variant_is_floating (ret->config));
}

/* Exactly the type, and the octets in hexadecimal. */
static void
assert_bytes (GVariant *dict, const char *key, const char *type, const char *hex)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (dict, key, NULL);
  g_autoptr (GString) got = g_string_new (NULL);
  const guint8 *data;

  g_assert_nonnull (value);
  g_assert_cmpstr (g_variant_get_type_string (value), ==, type);
  data = g_variant_get_data (value);
  for (gsize i = 0; i < g_variant_get_size (value); i++)
    g_string_append_printf (got, "%02x", data[i]);
  g_assert_cmpstr (got->str, ==, hex);
}

static void
assert_text (GVariant *dict, const char *key, const char *expected)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (dict, key, NULL);
  g_autofree char *got = value ? g_variant_print (value, TRUE) : NULL;

  g_assert_cmpstr (got, ==, expected);
}

static void
assert_keys (GVariant *dict, const char *expected)
{
  g_autoptr (GString) got = g_string_new (NULL);
  GVariantIter iter;
  const char *key;

  g_assert_cmpstr (g_variant_get_type_string (dict), ==, "a{sv}");
  g_variant_iter_init (&iter, dict);
  while (g_variant_iter_next (&iter, "{&sv}", &key, NULL))
    g_string_append_printf (got, "%s%s", got->len ? " " : "", key);
  g_assert_cmpstr (got->str, ==, expected);
}

/* "10.0.0.0/8 192.0.2.0/24" */
static char *
routes (GVariant *dict)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (dict, "routes", NULL);
  g_autoptr (GString) out = g_string_new (NULL);

  for (gsize i = 0; value && i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) route = g_variant_get_child_value (value, i);
      char text[INET6_ADDRSTRLEN];
      guint prefix;

      if (g_variant_is_of_type (route, G_VARIANT_TYPE ("au")))
        {
          gsize n;
          const guint32 *words = g_variant_get_fixed_array (route, &n, 4);

          g_assert_cmpuint (n, ==, 4);
          inet_ntop (AF_INET, &words[0], text, sizeof text);
          prefix = words[1];
          g_assert_cmpuint (words[2], ==, 0);
          g_assert_cmpuint (words[3], ==, 0);
        }
      else
        {
          g_autoptr (GVariant) net = NULL, hop = NULL;
          guint metric;

          g_assert_cmpstr (g_variant_get_type_string (route), ==, "(ayuayu)");
          g_variant_get (route, "(@ayu@ayu)", &net, &prefix, &hop, &metric);
          g_assert_cmpuint (g_variant_get_size (net), ==, 16);
          g_assert_cmpuint (g_variant_get_size (hop), ==, 16);
          inet_ntop (AF_INET6, g_variant_get_data (net), text, sizeof text);
          g_assert_cmpuint (metric, ==, 0);
        }
      g_string_append_printf (out, "%s%s/%u", out->len ? " " : "", text, prefix);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
assert_routes (GVariant *dict, const char *expected)
{
  g_autofree char *got = routes (dict);

  g_assert_cmpstr (got, ==, expected);
}

/* ---- tests ---- */

static void
test_full_tunnel (void)
{
  g_auto (World) w;
  g_auto (Ipconfig) ip = { 0 };

  world_init (&w, "203.0.113.1", "192.0.2.10");
  add_prefix (w.configured.addresses, "10.9.0.5", 32);
  add_ts (w.configured.local_ts, "10.9.0.5", "10.9.0.5", 0);
  add_ts (w.configured.remote_ts, "0.0.0.0", "255.255.255.255", 0);
  add_address (w.configured.dns, "10.9.0.1");
  add_address (w.configured.dns, "10.9.0.2");
  add_address (w.configured.nbns, "10.9.0.3");
  add_domain (&w, "corp.example");
  w.configured.banner = g_strdup ("Welcome");
  build (&w, &ip);

  assert_keys (ip.config, "gateway tundev mtu banner has-ip4 has-ip6 can-persist");
  assert_bytes (ip.config, "gateway", "u", "cb007101");
  assert_text (ip.config, "tundev", "'nm-ipsec0'");
  assert_text (ip.config, "mtu", "uint32 1422");
  assert_text (ip.config, "banner", "'Welcome'");
  assert_text (ip.config, "has-ip4", "true");
  assert_text (ip.config, "has-ip6", "false");
  assert_text (ip.config, "can-persist", "true");
  g_assert_null (ip.ip6);
  assert_keys (ip.ip4, "address prefix dns nbns domain domains never-default");
  assert_bytes (ip.ip4, "address", "u", "0a090005");
  assert_text (ip.ip4, "prefix", "uint32 32");
  assert_bytes (ip.ip4, "dns", "au", "0a0900010a090002");
  assert_bytes (ip.ip4, "nbns", "au", "0a090003");
  assert_text (ip.ip4, "domain", "'corp.example'");
  assert_text (ip.ip4, "domains", "['corp.example']");
  assert_text (ip.ip4, "never-default", "false");
}

static void
test_split_tunnel (void)
{
  g_auto (World) w;
  g_auto (Ipconfig) ip = { 0 };

  world_init (&w, "203.0.113.1", "192.0.2.10");
  add_prefix (w.configured.addresses, "10.9.0.5", 32);
  add_ts (w.configured.remote_ts, "10.0.0.0", "10.255.255.255", 0);
  add_ts (w.configured.remote_ts, "192.168.1.0", "192.168.1.130", 0);
  build (&w, &ip);
  assert_text (ip.ip4, "never-default", "true");
  assert_routes (ip.ip4, "10.0.0.0/8 192.168.1.0/25 192.168.1.128/31 192.168.1.130/32");
  assert_bytes (ip.ip4, "routes", "aau",
                "0a000000"
                "08000000"
                "00000000"
                "00000000"
                "c0a80100"
                "19000000"
                "00000000"
                "00000000"
                "c0a80180"
                "1f000000"
                "00000000"
                "00000000"
                "c0a80182"
                "20000000"
                "00000000"
                "00000000"
                "10203040");
}

/* Plain policies, no link: the routes name their source, and the uplink keeps its default route. */
static void
test_linkless (void)
{
  g_auto (World) w;
  g_auto (Ipconfig) full = { 0 };

  world_init (&w, "203.0.113.1", "192.0.2.10");
  w.options.tundev = NULL;
  add_prefix (w.configured.addresses, "10.9.0.5", 32);
  add_ts (w.configured.remote_ts, "0.0.0.0", "255.255.255.255", 0);
  build (&w, &full);
  assert_bytes (full.ip4, "routes", "aau",
                "0000000001000000" "00000000" "00000000" "0a090005" "8000000001000000" "00000000" "00000000" "0a090005" "1428");
}

static void
test_variant (void)
{
  g_auto (World) w;
  g_auto (Ipconfig) ip = { 0 };

  world_init (&w, "203.0.113.1", "192.0.2.10");
  w.options.variant = TRUE; /* NetworkManager must see that something was reported again */
  add_prefix (w.configured.addresses, "10.9.0.5", 32);
  add_ts (w.configured.remote_ts, "10.0.0.0", "10.255.255.255", 0);
  build (&w, &ip);
  assert_routes (ip.ip4, "10.0.0.0/8 10.9.0.5/32");
}

static void
test_ip6 (void)
{
  g_auto (World) w;
  g_auto (Ipconfig) ip = { 0 };

  world_init (&w, "2001:db8::1", "2001:db8::2");
  add_prefix (w.configured.addresses, "fd00::5", 128);
  add_ts (w.configured.remote_ts, "fd00::", "fd00::ffff:ffff:ffff:ffff", 0);
  add_address (w.configured.dns, "fd00::1");
  add_domain (&w, "corp.example");
  build (&w, &ip);
  g_assert_null (ip.ip4);
  assert_bytes (ip.config, "gateway", "ay", "20010db8000000000000000000000001");
  assert_text (ip.config, "has-ip4", "false");
  assert_text (ip.config, "has-ip6", "true");
  assert_keys (ip.ip6, "address prefix dns domain domains routes never-default");
  assert_bytes (ip.ip6, "address", "ay", "fd000000000000000000000000000005");
  assert_text (ip.ip6, "prefix", "uint32 128");
  assert_bytes (ip.ip6, "dns", "aay",
                "fd000000000000000000000000000001"
                "10");
  assert_routes (ip.ip6, "fd00::/64");
  assert_text (ip.ip6, "never-default", "true");
}

static void
test_both_families (void)
{
  g_auto (World) w;
  g_auto (Ipconfig) ip = { 0 };

  world_init (&w, "203.0.113.1", "192.0.2.10");
  add_prefix (w.configured.addresses, "10.9.0.5", 32);
  add_prefix (w.configured.addresses, "fd00::5", 64);
  add_prefix (w.configured.addresses, "10.9.0.6", 32); /* one address a family is what NetworkManager takes */
  add_ts (w.configured.remote_ts, "0.0.0.0", "255.255.255.255", 0);
  add_ts (w.configured.remote_ts, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0);
  add_address (w.configured.dns, "fd00::1");
  build (&w, &ip);
  assert_bytes (ip.ip4, "address", "u", "0a090005");
  assert_text (ip.ip4, "dns", NULL);
  assert_text (ip.ip4, "never-default", "false");
  assert_text (ip.ip6, "never-default", "false");
  assert_text (ip.ip6, "prefix", "uint32 64");
  assert_bytes (ip.ip6, "dns", "aay",
                "fd000000000000000000000000000001"
                "10");
}

/* Two halves are the whole, touching and overlapping ranges are one. */
static void
test_ranges_merge (void)
{
  g_auto (World) w, v;
  g_auto (Ipconfig) ip = { 0 }, jp = { 0 };

  world_init (&w, "203.0.113.1", "192.0.2.10");
  add_prefix (w.configured.addresses, "10.9.0.5", 32);
  add_ts (w.configured.remote_ts, "128.0.0.0", "255.255.255.255", 0);
  add_ts (w.configured.remote_ts, "0.0.0.0", "127.255.255.255", 0);
  build (&w, &ip);
  assert_text (ip.ip4, "never-default", "false");
  assert_routes (ip.ip4, "");

  world_init (&v, "203.0.113.1", "192.0.2.10");
  add_prefix (v.configured.addresses, "10.9.0.5", 32);
  add_ts (v.configured.remote_ts, "10.0.1.0", "10.0.1.255", 0);
  add_ts (v.configured.remote_ts, "10.0.0.0", "10.0.0.255", 0);
  add_ts (v.configured.remote_ts, "10.0.0.7", "10.0.1.9", 0);
  add_ts (v.configured.remote_ts, "10.0.0.7", "10.0.0.7", 6);
  build (&v, &jp);
  assert_routes (jp.ip4, "10.0.0.0/23");
}

static void
test_protocol_is_no_default_route (void)
{
  g_auto (World) w;
  g_auto (Ipconfig) ip = { 0 };

  world_init (&w, "203.0.113.1", "192.0.2.10");
  add_prefix (w.configured.addresses, "10.9.0.5", 32);
  add_ts (w.configured.remote_ts, "0.0.0.0", "255.255.255.255", 17);
  build (&w, &ip);
  assert_text (ip.ip4, "never-default", "true");
  assert_routes (ip.ip4, "");
}

static void
test_subnets (void)
{
  g_auto (World) w;
  g_auto (Ipconfig) ip = { 0 };

  world_init (&w, "203.0.113.1", "192.0.2.10");
  add_prefix (w.configured.addresses, "10.9.0.5", 32);
  add_ts (w.configured.remote_ts, "10.0.0.0", "10.255.255.255", 0);
  add_prefix (w.configured.subnets, "10.1.2.3", 16); /* host bits are cut off */
  add_prefix (w.configured.subnets, "10.1.0.0", 16); /* the same again */
  add_prefix (w.configured.subnets, "10.0.0.0", 8); /* there already */
  add_prefix (w.configured.subnets, "192.168.0.0", 16); /* outside the selectors */
  add_prefix (w.configured.subnets, "8.0.0.0", 6); /* larger than they are */
  add_prefix (w.configured.subnets, "0.0.0.0", 0);
  add_prefix (w.configured.subnets, "10.1.0.0", 33);
  add_prefix (w.configured.subnets, "fd00::", 64);
  build (&w, &ip);
  assert_routes (ip.ip4, "10.0.0.0/8 10.1.0.0/16");
}

static void
test_gateway_has_no_route (void)
{
  g_auto (World) w, v;
  g_auto (Ipconfig) ip = { 0 }, jp = { 0 };

  world_init (&w, "203.0.113.1", "192.0.2.10");
  add_prefix (w.configured.addresses, "10.9.0.5", 32);
  add_ts (w.configured.remote_ts, "203.0.113.1", "203.0.113.1", 0);
  add_ts (w.configured.remote_ts, "203.0.113.3", "203.0.113.3", 0);
  build (&w, &ip);
  assert_routes (ip.ip4, "203.0.113.3/32");

  world_init (&v, "2001:db8::1", "2001:db8::2");
  add_prefix (v.configured.addresses, "fd00::5", 128);
  add_ts (v.configured.remote_ts, "2001:db8::1", "2001:db8::1", 0);
  build (&v, &jp);
  assert_routes (jp.ip6, "");
}

/* The prefix of the address becomes a route too. */
static void
test_prefix_stays_inside (void)
{
  static const struct {
    guint prefix;
    const char *told;
  } cases[] = { { 0, "uint32 32" },  { 1, "uint32 32" },  { 15, "uint32 32" }, { 16, "uint32 16" },
                { 24, "uint32 24" }, { 32, "uint32 32" }, { 33, "uint32 32" }, { 255, "uint32 32" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (World) w;
      g_auto (Ipconfig) ip = { 0 };

      world_init (&w, "203.0.113.1", "192.0.2.10");
      add_prefix (w.configured.addresses, "10.9.0.5", cases[i].prefix);
      add_ts (w.configured.remote_ts, "10.9.0.0", "10.9.255.255", 0);
      build (&w, &ip);
      assert_text (ip.ip4, "prefix", cases[i].told);
    }
}

static void
test_no_virtual_address (void)
{
  g_auto (World) w, v;
  g_auto (Ipconfig) ip = { 0 }, jp = { 0 };

  /* the selectors take our own address: that is the tunnel's */
  world_init (&w, "203.0.113.1", "192.0.2.10");
  add_ts (w.configured.local_ts, "192.0.2.10", "192.0.2.10", 0);
  add_ts (w.configured.remote_ts, "10.0.0.0", "10.0.0.255", 0);
  build (&w, &ip);
  assert_bytes (ip.ip4, "address", "u", "c000020a");
  assert_text (ip.ip4, "prefix", "uint32 32");
  assert_routes (ip.ip4, "10.0.0.0/24");

  /* a tunnel between two other networks: nothing that NetworkManager could take */
  world_init (&v, "203.0.113.1", "192.0.2.10");
  add_ts (v.configured.local_ts, "10.1.0.0", "10.1.0.255", 0);
  add_ts (v.configured.remote_ts, "10.0.0.0", "10.0.0.255", 0);
  build (&v, &jp);
  g_assert_null (jp.ip4);
  g_assert_null (jp.ip6);
  assert_text (jp.config, "has-ip4", "false");
  assert_text (jp.config, "has-ip6", "false");
}

static void
test_bad_addresses (void)
{
  static const char *const bad[] = { "0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255" };
  static const char *const bad6[] = { "::", "::1", "ff02::1" };
  g_auto (World) w;
  g_auto (Ipconfig) ip = { 0 };

  world_init (&w, "203.0.113.1", "192.0.2.10");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      add_prefix (w.configured.addresses, bad[i], 32);
      add_address (w.configured.dns, bad[i]);
      add_address (w.configured.nbns, bad[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad6); i++)
    {
      add_prefix (w.configured.addresses, bad6[i], 128);
      add_address (w.configured.dns, bad6[i]);
    }
  build (&w, &ip);
  g_assert_null (ip.ip4);
  g_assert_null (ip.ip6);
  add_prefix (w.configured.addresses, "10.9.0.5", 32);
  ipconfig_clear (&ip);
  build (&w, &ip);
  assert_keys (ip.ip4, "address prefix never-default");
}

static void
test_no_gateway (void)
{
  g_auto (World) w;
  Ipconfig ip = { 0 };

  world_init (&w, "0.0.0.0", "192.0.2.10");
  g_assert_false (ipconfig_build (&w.configured, &w.options, &ip));
  g_assert_null (ip.config);
  w.configured.path.remote.address = (IkeAddress){ 0 };
  g_assert_false (ipconfig_build (&w.configured, &w.options, &ip));
}

static void
test_empty (void)
{
  IkeConfigured configured = { 0 };
  IpconfigOptions options = { 0 };
  g_auto (Ipconfig) ip = { 0 };

  configured.path.remote.address = addr ("203.0.113.1");
  g_assert_true (ipconfig_build (&configured, &options, &ip));
  assert_keys (ip.config, "gateway has-ip4 has-ip6 can-persist");
  g_assert_null (ip.ip4);
  g_assert_null (ip.ip6);
}

static void
test_mtu (void)
{
  static const struct {
    guint mtu, path, overhead, alignment;
    gboolean ip6;
    const char *told;
  } cases[] = {
    { 0, 0, 78, 0, FALSE, "uint32 1422" },
    { 0, 1400, 78, 0, FALSE, "uint32 1322" },
    { 1300, 1400, 78, 4, FALSE, "uint32 1300" },
    { 0, 600, 78, 0, FALSE, "uint32 576" },
    { 0, 60, 0, 16, FALSE, "uint32 576" },
    { 0, 1300, 78, 0, TRUE, "uint32 1280" },
    { 1000, 0, 78, 0, FALSE, "uint32 1000" },
    { 1000, 0, 78, 0, TRUE, "uint32 1280" },
    /* AES-GCM, AES-CBC with SHA-256: what the kernel finds */
    { 0, 1500, 54, 4, FALSE, "uint32 1446" },
    { 0, 1499, 54, 4, FALSE, "uint32 1442" },
    { 0, 1500, 62, 16, FALSE, "uint32 1438" },
    { 0, 79, 78, 16, FALSE, "uint32 576" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (World) w;
      g_auto (Ipconfig) ip = { 0 };

      world_init (&w, "203.0.113.1", "192.0.2.10");
      add_prefix (w.configured.addresses, "10.9.0.5", 32);
      if (cases[i].ip6)
        add_prefix (w.configured.addresses, "fd00::5", 128);
      w.configured.overhead = cases[i].overhead;
      w.configured.alignment = cases[i].alignment;
      w.options.mtu = cases[i].mtu;
      w.options.path_mtu = cases[i].path;
      build (&w, &ip);
      assert_text (ip.config, "mtu", cases[i].told);
    }
}

static void
test_domains (void)
{
  static const char *const good[] = {
    "a", "corp.example", "corp.example.", "xn--bcher-kva.example", "a-b.c", "_tcp.example", "1.2"
  };
  static const char *const bad[] = { "",    ".",    "..",  ".corp", "corp..example",         "-corp",          "corp-",
                                     "a b", "a\nb", "a/b", "~corp", "b\303\274cher.example", "corp.example..", "a,b" };
  g_autofree char *label63 = g_strnfill (63, 'a');
  g_autofree char *label64 = g_strnfill (64, 'a');
  g_autofree char *name253 = g_strdup_printf ("%s.%s.%s.%.61s", label63, label63, label63, label63);
  g_autofree char *name254 = g_strdup_printf ("%s.%s.%s.%.62s", label63, label63, label63, label63);

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (ipconfig_domain_valid (good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (ipconfig_domain_valid (bad[i]));
  g_assert_true (ipconfig_domain_valid (label63));
  g_assert_false (ipconfig_domain_valid (label64));
  g_assert_cmpuint (strlen (name253), ==, 253);
  g_assert_true (ipconfig_domain_valid (name253));
  g_assert_false (ipconfig_domain_valid (name254));
}

static void
test_bad_strings_are_left_out (void)
{
  g_auto (World) w;
  g_auto (Ipconfig) ip = { 0 };

  world_init (&w, "203.0.113.1", "192.0.2.10");
  add_prefix (w.configured.addresses, "10.9.0.5", 32);
  add_domain (&w, "bad domain");
  add_domain (&w, "good.example");
  add_domain (&w, "search\nnameserver");
  w.configured.banner = g_strdup ("one\ntwo\033[31m\x07 \xe2\x80\xae three");
  build (&w, &ip);
  assert_text (ip.ip4, "domain", "'good.example'");
  assert_text (ip.ip4, "domains", "['good.example']");
  assert_text (ip.config, "banner", "'one\\ntwo[31m  three'");

  g_free (w.configured.banner);
  w.configured.banner = g_strdup ("\xff\xfe");
  ipconfig_clear (&ip);
  build (&w, &ip);
  assert_text (ip.config, "banner", NULL);
}

static void
test_limits (void)
{
  g_auto (World) w;
  g_auto (Ipconfig) ip = { 0 };
  g_autofree char *long_banner = g_strnfill (IPCONFIG_MAX_BANNER * 2, 'x');
  g_autoptr (GVariant) value = NULL;
  const char *banner;

  world_init (&w, "203.0.113.1", "192.0.2.10");
  add_prefix (w.configured.addresses, "10.9.0.5", 32);
  for (guint i = 0; i < IPCONFIG_MAX_ROUTES + 10; i++)
    {
      IkeSelector ts = { .first = addr ("10.0.0.1"), .last = addr ("10.0.0.1"), .port_last = 65535 };

      ts.first.bytes[2] = ts.last.bytes[2] = (guint8) (i >> 8);
      ts.first.bytes[1] = ts.last.bytes[1] = (guint8) i;
      g_array_append_val (w.configured.remote_ts, ts);
      g_array_append_val (w.configured.dns, ts.first);
      g_ptr_array_add (w.configured.domains, g_strdup_printf ("d%u.example", i));
    }
  w.configured.banner = g_strdup (long_banner);
  build (&w, &ip);
  value = g_variant_lookup_value (ip.ip4, "routes", NULL);
  g_assert_cmpuint (g_variant_n_children (value), ==, IPCONFIG_MAX_ROUTES);
  g_clear_pointer (&value, g_variant_unref);
  value = g_variant_lookup_value (ip.ip4, "dns", NULL);
  g_assert_cmpuint (g_variant_n_children (value), ==, IPCONFIG_MAX_SERVERS);
  g_clear_pointer (&value, g_variant_unref);
  value = g_variant_lookup_value (ip.ip4, "domains", NULL);
  g_assert_cmpuint (g_variant_n_children (value), ==, IPCONFIG_MAX_DOMAINS);
  g_assert_true (g_variant_lookup (ip.config, "banner", "&s", &banner));
  g_assert_cmpuint (strlen (banner), <=, IPCONFIG_MAX_BANNER);
}

static void
test_worst_range (void)
{
  g_auto (World) w;
  g_auto (Ipconfig) ip = { 0 };
  g_autofree char *got = NULL;

  world_init (&w, "203.0.113.1", "192.0.2.10");
  add_prefix (w.configured.addresses, "fd00::5", 128);
  add_prefix (w.configured.addresses, "10.9.0.5", 32);
  add_ts (w.configured.remote_ts, "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", 0);
  add_ts (w.configured.remote_ts, "255.255.255.255", "255.255.255.255", 0);
  add_ts (w.configured.remote_ts, "0.0.0.0", "0.0.0.0", 0);
  add_ts (w.configured.remote_ts, "10.0.0.9", "10.0.0.1", 0); /* backwards: left out */
  add_ts (w.configured.remote_ts, "10.0.0.9", "fd00::", 0); /* mixed: left out */
  build (&w, &ip);
  got = routes (ip.ip6);
  g_assert_true (g_str_has_prefix (got, "::1/128 ::2/127 ::4/126 "));
  g_assert_true (g_str_has_suffix (got, " ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/128"));
  assert_text (ip.ip6, "never-default", "true");
  assert_routes (ip.ip4, "0.0.0.0/32 255.255.255.255/32");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ipconfig/full-tunnel", test_full_tunnel);
  g_test_add_func ("/ipconfig/split-tunnel", test_split_tunnel);
  g_test_add_func ("/ipconfig/linkless", test_linkless);
  g_test_add_func ("/ipconfig/variant", test_variant);
  g_test_add_func ("/ipconfig/ip6", test_ip6);
  g_test_add_func ("/ipconfig/both-families", test_both_families);
  g_test_add_func ("/ipconfig/ranges-merge", test_ranges_merge);
  g_test_add_func ("/ipconfig/protocol-is-no-default-route", test_protocol_is_no_default_route);
  g_test_add_func ("/ipconfig/subnets", test_subnets);
  g_test_add_func ("/ipconfig/gateway-has-no-route", test_gateway_has_no_route);
  g_test_add_func ("/ipconfig/prefix-stays-inside", test_prefix_stays_inside);
  g_test_add_func ("/ipconfig/no-virtual-address", test_no_virtual_address);
  g_test_add_func ("/ipconfig/bad-addresses", test_bad_addresses);
  g_test_add_func ("/ipconfig/no-gateway", test_no_gateway);
  g_test_add_func ("/ipconfig/empty", test_empty);
  g_test_add_func ("/ipconfig/mtu", test_mtu);
  g_test_add_func ("/ipconfig/domains", test_domains);
  g_test_add_func ("/ipconfig/bad-strings-are-left-out", test_bad_strings_are_left_out);
  g_test_add_func ("/ipconfig/limits", test_limits);
  g_test_add_func ("/ipconfig/worst-range", test_worst_range);
  return g_test_run ();
}
