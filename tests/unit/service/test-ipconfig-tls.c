/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of a gateway's encrypted name servers (RFC 9464) NetworkManager is told, for DNS over TLS, and what becomes of the
 * plain ones beside them. */
#include "ipconfig-test.h"

typedef struct {
  IkeConfigured *configured;
  IpconfigOptions options;
  Ipconfig got;
} World;

static void
world_init (World *w)
{
  *w = (World){ .configured = ike_configured_new (), .options = { .tundev = "ipsec0", .tls = IPCONFIG_TLS_YES } };
  w->configured->path.remote.address = addr ("203.0.113.1");
  w->configured->path.local.address = addr ("192.0.2.10");
  add_inside (w->configured, "10.9.0.5", 32, "10.0.0.0", "10.255.255.255");
  add_inside (w->configured, "fd00::5", 128, "fd00::", "fd00::ffff:ffff:ffff:ffff");
}

static void
world_clear (World *w)
{
  ipconfig_clear (&w->got);
  ike_configured_free (w->configured);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static void
add_plain (World *w, const char *text)
{
  const IkeAddress server = addr (text);

  g_array_append_val (w->configured->dns, server);
}

/* @addresses: separated by blanks. */
static IkeResolver *
add_resolver (World *w, guint16 priority, const char *addresses, const char *protocols, guint16 port)
{
  IkeResolver *resolver = ike_resolver_new ();
  g_auto (GStrv) list = g_strsplit (addresses, " ", -1);

  resolver->priority = priority;
  for (char **item = list; *item && **item; item++)
    {
      const IkeAddress address = addr (*item);

      g_array_append_val (resolver->addresses, address);
    }
  resolver->name = g_strdup_printf ("dns%u.example", w->configured->resolvers->len + 1);
  resolver->protocols = g_strdup (protocols);
  resolver->port = port;
  g_ptr_array_add (w->configured->resolvers, resolver);
  return resolver;
}

/* As NetworkManager reads them. */
static void
append_told (GString *text, GVariant *dict)
{
  g_autoptr (GVariant) list = dict ? g_variant_lookup_value (dict, "dns", NULL) : NULL;
  gboolean six = list && g_variant_is_of_type (list, G_VARIANT_TYPE ("aay"));

  g_assert_true (!list || six || g_variant_is_of_type (list, G_VARIANT_TYPE ("au")));
  for (gsize i = 0; list && i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (list, i);
      IkeAddress address = ike_address_from_chunk (ike_chunk (g_variant_get_data (child), six ? 16 : 4));
      g_autofree char *one = ike_address_to_string (&address);

      g_string_append_printf (text, "%s%s", text->len ? " " : "", one);
    }
}

static char *
join (const GPtrArray *texts)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < texts->len; i++)
    g_string_append_printf (text, "%s%s", i ? " " : "", (const char *) texts->pdata[i]);
  return g_string_free (text, FALSE);
}

/* @told: the name servers in both dictionaries; @tls: who speaks TLS. */
static void
assert_told (World *w, const char *told, const char *tls, gboolean used)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *dns = NULL, *encrypted = NULL;

  ipconfig_clear (&w->got);
  g_assert_true (ipconfig_build (w->configured, &w->options, &w->got));
  append_told (text, w->got.ip4);
  append_told (text, w->got.ip6);
  g_assert_cmpstr (text->str, ==, told);
  dns = join (w->got.dns);
  g_assert_cmpstr (dns, ==, told);
  encrypted = join (w->got.tls);
  g_assert_cmpstr (encrypted, ==, tls);
  g_assert_cmpint (w->got.tls_used, ==, used);
}

#define BOTH "dns1.example (10.9.0.53) dns2.example (fd00::53)"

static void
test_values (void)
{
  g_auto (World) w = { 0 };

  world_init (&w);
  add_plain (&w, "10.9.0.1");
  add_plain (&w, "fd00::1");
  add_resolver (&w, 1, "10.9.0.53", "dot", 0);
  add_resolver (&w, 2, "fd00::53", "h2,dot,doq", 853);
  assert_told (&w, "10.9.0.53 fd00::53", BOTH, TRUE);
  w.options.tls = IPCONFIG_TLS_OPPORTUNISTIC;
  assert_told (&w, "10.9.0.53 10.9.0.1 fd00::53 fd00::1", BOTH, TRUE);
  /* also when NetworkManager is too old: the caller says so */
  w.options.tls = IPCONFIG_TLS_NO;
  assert_told (&w, "10.9.0.1 fd00::1", BOTH, FALSE);
}

/* On the uplink NetworkManager does not apply it: the others are asked as ever. */
static void
test_linkless (void)
{
  g_auto (World) w = { 0 };

  world_init (&w);
  w.options.tundev = NULL;
  add_plain (&w, "10.9.0.1");
  add_resolver (&w, 1, "10.9.0.53 fd00::53", "dot", 0);
  assert_told (&w, "10.9.0.1", "dns1.example (10.9.0.53, fd00::53)", FALSE);
}

/* Who could answer TLS in one family has no plain one beside him in the other. */
static void
test_other_family (void)
{
  g_auto (World) w = { 0 };

  world_init (&w);
  add_plain (&w, "10.9.0.1");
  add_resolver (&w, 1, "fd00::53", "dot", 0);
  assert_told (&w, "fd00::53", "dns1.example (fd00::53)", TRUE);
  w.options.tls = IPCONFIG_TLS_OPPORTUNISTIC;
  assert_told (&w, "10.9.0.1 fd00::53", "dns1.example (fd00::53)", TRUE);
}

/* A family that is not announced has nobody to be asked, and takes nobody away. */
static void
test_no_family (void)
{
  g_auto (World) w = { 0 };

  world_init (&w);
  g_array_set_size (w.configured->addresses, 1);
  add_plain (&w, "10.9.0.1");
  add_resolver (&w, 1, "fd00::53", "dot", 0);
  assert_told (&w, "10.9.0.1", "", FALSE);
  g_assert_null (w.got.ip6);
}

/* Who cannot be asked by DNS over TLS as NetworkManager has it asked. */
static void
test_not_tls (void)
{
  g_auto (World) w = { 0 };

  world_init (&w);
  add_plain (&w, "10.9.0.1");
  add_resolver (&w, 0, "", NULL, 0); /* an alias */
  add_resolver (&w, 0, "10.9.0.50", "dot", 0); /* and one with addresses, which no engine lets through */
  add_resolver (&w, 1, "10.9.0.51", "dot", 8853);
  add_resolver (&w, 2, "10.9.0.52", "h2,h3", 0)->path = g_strdup ("/dns-query{?dns}");
  add_resolver (&w, 3, "10.9.0.53", NULL, 0)->path = g_strdup ("/dns-query{?dns}");
  add_resolver (&w, 4, "10.9.0.54", "doq", 853);
  add_resolver (&w, 5, "10.9.0.55", "dotty", 0);
  add_resolver (&w, 6, "10.9.0.56", NULL, 443);
  assert_told (&w, "10.9.0.1", "", FALSE);
  w.options.tls = IPCONFIG_TLS_OPPORTUNISTIC;
  assert_told (&w, "10.9.0.1", "", FALSE);
  /* beside one who can */
  add_resolver (&w, 7, "10.9.0.57", "dot", 0)->path = g_strdup ("/dns-query{?dns}");
  assert_told (&w, "10.9.0.57 10.9.0.1", "dns9.example (10.9.0.57)", TRUE);
}

/* Who does not say what he speaks is tried where plain DNS is good enough. */
static void
test_unsaid (void)
{
  g_auto (World) w = { 0 };

  world_init (&w);
  add_plain (&w, "10.9.0.1");
  add_resolver (&w, 1, "10.9.0.53", NULL, 0);
  assert_told (&w, "10.9.0.1", "", FALSE);
  w.options.tls = IPCONFIG_TLS_OPPORTUNISTIC;
  assert_told (&w, "10.9.0.53 10.9.0.1", "dns1.example (10.9.0.53)", TRUE);
}

/* RFC 9460 section 2.4.1: the lowest first; the gateway's order among equals. */
static void
test_priority (void)
{
  g_auto (World) w = { 0 };

  world_init (&w);
  add_resolver (&w, 65535, "10.9.0.1", "dot", 0);
  add_resolver (&w, 20, "10.9.0.3 10.9.0.2", "dot", 0);
  add_resolver (&w, 20, "10.9.0.4", "dot", 853);
  add_resolver (&w, 1, "10.9.0.5", "dot", 0);
  assert_told (
      &w, "10.9.0.5 10.9.0.3 10.9.0.2 10.9.0.4 10.9.0.1",
      "dns4.example (10.9.0.5) dns2.example (10.9.0.3, 10.9.0.2) dns3.example (10.9.0.4) dns1.example (10.9.0.1)",
      TRUE);
}

/* The same machine is asked once. */
static void
test_duplicates (void)
{
  g_auto (World) w = { 0 };

  world_init (&w);
  w.options.tls = IPCONFIG_TLS_OPPORTUNISTIC;
  add_plain (&w, "10.9.0.1");
  add_plain (&w, "10.9.0.2");
  add_plain (&w, "fd00::1");
  add_resolver (&w, 2, "10.9.0.2", "dot", 0);
  add_resolver (&w, 1, "10.9.0.2 fd00::1", "dot", 0);
  assert_told (&w, "10.9.0.2 10.9.0.1 fd00::1", "dns2.example (10.9.0.2, fd00::1) dns1.example (10.9.0.2)", TRUE);
}

/* Nobody is asked who is not inside, and whoever is takes no plain one's place for him. */
static void
test_outside (void)
{
  g_auto (World) w = { 0 };

  world_init (&w);
  add_plain (&w, "10.9.0.1");
  add_plain (&w, "192.0.2.1");
  add_resolver (&w, 1, "192.0.2.53", "dot", 0);
  add_resolver (&w, 2, "2001:db8::53 0.0.0.0 10.9.0.53", "dot", 0);
  assert_told (&w, "10.9.0.53", "dns2.example (10.9.0.53)", TRUE);
  g_assert_cmpuint (w.got.outside, ==, 3);
  w.options.tls = IPCONFIG_TLS_NO;
  assert_told (&w, "10.9.0.1", "dns2.example (10.9.0.53)", FALSE);
  g_assert_cmpuint (w.got.outside, ==, 1); /* of those that are wanted */
  w.options.tls = IPCONFIG_TLS_YES;
  g_ptr_array_set_size (w.configured->resolvers, 1);
  assert_told (&w, "10.9.0.1", "", FALSE);
}

/* More than there is room for. */
static void
test_limit (void)
{
  g_auto (World) w = { 0 };

  world_init (&w);
  w.options.tls = IPCONFIG_TLS_OPPORTUNISTIC;
  add_plain (&w, "10.9.0.1");
  for (guint i = 0; i < IPCONFIG_MAX_SERVERS; i++)
    {
      g_autofree char *text = g_strdup_printf ("10.9.1.%u", i);

      add_resolver (&w, (guint16) (i + 1), text, "dot", 0);
    }
  g_assert_true (ipconfig_build (w.configured, &w.options, &w.got));
  g_assert_cmpuint (w.got.dns->len, ==, IPCONFIG_MAX_SERVERS);
  g_assert_cmpstr (w.got.dns->pdata[0], ==, "10.9.1.0");
  g_assert_cmpstr (w.got.dns->pdata[IPCONFIG_MAX_SERVERS - 1], ==, "10.9.1.15");
}

/* The domains are asked of whoever is the name server. */
static void
test_domains (void)
{
  g_auto (World) w = { 0 };
  g_autoptr (GVariant) domains4 = NULL, domains6 = NULL;

  world_init (&w);
  add_resolver (&w, 1, "fd00::53", "dot", 0);
  g_ptr_array_add (w.configured->domains, g_strdup ("corp.example"));
  assert_told (&w, "fd00::53", "dns1.example (fd00::53)", TRUE);
  domains4 = g_variant_lookup_value (w.got.ip4, "domains", G_VARIANT_TYPE_STRING_ARRAY);
  domains6 = g_variant_lookup_value (w.got.ip6, "domains", G_VARIANT_TYPE_STRING_ARRAY);
  g_assert_nonnull (domains4);
  g_assert_true (g_variant_equal (domains4, domains6));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ipconfig/tls/values", test_values);
  g_test_add_func ("/ipconfig/tls/linkless", test_linkless);
  g_test_add_func ("/ipconfig/tls/other-family", test_other_family);
  g_test_add_func ("/ipconfig/tls/no-family", test_no_family);
  g_test_add_func ("/ipconfig/tls/not-tls", test_not_tls);
  g_test_add_func ("/ipconfig/tls/unsaid", test_unsaid);
  g_test_add_func ("/ipconfig/tls/priority", test_priority);
  g_test_add_func ("/ipconfig/tls/duplicates", test_duplicates);
  g_test_add_func ("/ipconfig/tls/outside", test_outside);
  g_test_add_func ("/ipconfig/tls/limit", test_limit);
  g_test_add_func ("/ipconfig/tls/domains", test_domains);
  return g_test_run ();
}
