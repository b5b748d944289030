/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of a gateway's name servers NetworkManager is told: with a link of the tunnel's they are asked there, and one who is
 * not inside would never answer. */
#include "ipconfig-test.h"

static const char *const dns[] = { "192.0.2.53", "10.9.0.1", "2001:db8::53", "fd00::1" };

/* As many as there are in @dict, and the last octet of the first. */
static void
assert_servers (GVariant *dict, guint n, guint8 last)
{
  g_autoptr (GVariant) servers = g_variant_lookup_value (dict, "dns", NULL);
  const guint8 *octets = servers ? g_variant_get_data (servers) : NULL;

  g_assert_cmpuint (servers ? g_variant_n_children (servers) : 0, ==, n);
  if (n)
    g_assert_cmpuint (octets[g_variant_is_of_type (servers, G_VARIANT_TYPE ("au")) ? 3 : 15], ==, last);
}

static void
test_servers (void)
{
  IkeConfigured *configured = ike_configured_new ();
  IpconfigOptions options = { .tundev = "ipsec0" };
  g_auto (Ipconfig) link = { 0 }, linkless = { 0 }, none = { 0 };

  configured->path.remote.address = addr ("203.0.113.1");
  configured->path.local.address = addr ("192.0.2.10");
  add_inside (configured, "10.9.0.5", 32, "10.0.0.0", "10.255.255.255");
  add_inside (configured, "fd00::5", 128, "fd00::", "fd00::ffff:ffff:ffff:ffff");
  for (guint i = 0; i < G_N_ELEMENTS (dns); i++)
    {
      IkeAddress server = addr (dns[i]);

      g_array_append_val (configured->dns, server);
    }
  g_assert_true (ipconfig_build (configured, &options, &link));
  assert_servers (link.ip4, 1, 1);
  assert_servers (link.ip6, 1, 1);
  g_assert_cmpuint (link.outside, ==, 2);
  /* on the uplink whoever can be reached is */
  options.tundev = NULL;
  g_assert_true (ipconfig_build (configured, &options, &linkless));
  assert_servers (linkless.ip4, 2, 53);
  assert_servers (linkless.ip6, 2, 0x53);
  g_assert_cmpuint (linkless.outside, ==, 0);
  options.tundev = "ipsec0";
  g_array_set_size (configured->dns, 1);
  g_assert_true (ipconfig_build (configured, &options, &none));
  assert_servers (none.ip4, 0, 0);
  g_assert_cmpuint (none.outside, ==, 1);
  ike_configured_free (configured);
}

/* A family that NetworkManager was told of before and that has gone: nothing leads there any more, and nobody is asked. */
static void
test_gone (void)
{
  const IkePrefix before = { .address = addr ("fd00::5"), .prefix = 64 };
  const IpconfigOptions options = { .tundev = "ipsec0", .before6 = &before };
  g_autoptr (IkeConfigured) configured = ike_configured_new ();
  IkeSelector all6 = { .first = addr ("::"),
                       .last = addr ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                       .port_last = 65535 };
  const IkeAddress server = addr ("fd00::1");
  g_auto (Ipconfig) ip = { 0 }, again = { 0 };
  GVariantDict dict;
  gboolean yes;
  guint32 prefix;

  configured->path.remote.address = addr ("203.0.113.1");
  add_inside (configured, "10.9.0.5", 32, "0.0.0.0", "255.255.255.255");
  g_array_append_val (configured->remote_ts, all6);
  g_array_append_val (configured->dns, server);
  g_ptr_array_add (configured->domains, g_strdup ("corp.example"));
  g_assert_true (ipconfig_build (configured, &options, &ip));
  g_assert_true (g_variant_lookup (ip.config, "has-ip6", "b", &yes) && yes);
  g_variant_dict_init (&dict, ip.ip6);
  g_assert_true (g_variant_dict_contains (&dict, "address"));
  g_assert_true (g_variant_dict_lookup (&dict, "prefix", "u", &prefix) && prefix == 128);
  g_assert_true (g_variant_dict_lookup (&dict, "never-default", "b", &yes) && yes);
  g_assert_false (g_variant_dict_contains (&dict, "dns"));
  g_assert_false (g_variant_dict_contains (&dict, "domains"));
  g_assert_false (g_variant_dict_contains (&dict, "routes"));
  g_variant_dict_clear (&dict);
  g_assert_cmpint (ip.address6.address.family, ==, IKE_FAMILY_IP6);
  g_assert_true (ike_address_equal (&ip.address6.address, &before.address));
  /* it is back */
  add_inside (configured, "fd00::7", 128, "fd00::", "fd00::ffff:ffff:ffff:ffff");
  g_assert_true (ipconfig_build (configured, &options, &again));
  assert_servers (again.ip6, 1, 1);
  g_assert_false (ike_address_equal (&again.address6.address, &before.address));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ipconfig/servers", test_servers);
  g_test_add_func ("/ipconfig/gone", test_gone);
  return g_test_run ();
}
