/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses that a server hands out: which, to whom, and again. */
#include "nm/ikeconfig.h"
#include "nm/serveconfig.h"
#include "pool.h"

#include <string.h>

static Pool *
pool_of (const char *const *nets)
{
  g_autofree char *text = g_strjoinv (", ", (char **) nets);
  g_autoptr (GPtrArray) selectors = ipsec_selectors_parse (text, TRUE, NULL);
  g_autoptr (GArray) array = ikeconfig_selectors (selectors);

  return pool_new (array);
}
#define POOL(...) pool_of ((const char *const[]){ __VA_ARGS__, NULL })

static void
assert_address (const IkeAddress *address, const char *wanted)
{
  g_autofree char *got = ike_address_to_string (address);

  g_assert_cmpstr (got, ==, wanted);
}

/* "-": no lease. */
static void
lease (Pool *pool, guint32 client, const char *who, const char *wanted4, const char *wanted6)
{
  g_autoptr (IkeIdentity) identity = who ? ike_identity_new (IKE_ID_FQDN, who, strlen (who)) : NULL;
  IkeAddress four = { 0 }, six = { 0 };

  if (strcmp (wanted4, "-") == 0)
    {
      g_assert_false (pool_lease (pool, client, identity, &four, &six));
      return;
    }
  g_assert_true (pool_lease (pool, client, identity, &four, &six));
  assert_address (&four, wanted4);
  assert_address (&six, wanted6);
}

/* From nothing but one address to everything that there is: OpenIKED's errata 7.7/033. */
static void
test_sizes (void)
{
  static const struct {
    const char *net;
    guint size;
    const char *own, *first;
  } rows[] = {
    { "10.9.0.0/24", 253, "10.9.0.1", "10.9.0.2" },
    { "10.9.0.0/30", 1, "10.9.0.1", "10.9.0.2" },
    { "10.9.0.0/31", 1, "10.9.0.0", "10.9.0.1" },
    { "10.9.0.7/32", 0, "10.9.0.7", NULL },
    { "10.0.0.0/8", 65535, "10.0.0.1", "10.0.0.2" },
    { "10.9.0.0/16", 65533, "10.9.0.1", "10.9.0.2" },
    { "2001:db8::/64", 65535, "2001:db8::1", "2001:db8::2" },
    { "2001:db8::/126", 2, "2001:db8::1", "2001:db8::2" },
    { "2001:db8::/127", 1, "2001:db8::", "2001:db8::1" },
    { "2001:db8::7/128", 0, "2001:db8::7", NULL },
    { "0.0.0.0/0", 65535, "0.0.0.1", "0.0.0.2" },
    { "128.0.0.0/1", 65535, "128.0.0.1", "128.0.0.2" },
    { "::/0", 65535, "::1", "::2" },
    { "255.255.255.254/31", 1, "255.255.255.254", "255.255.255.255" },
    { "255.255.255.255/32", 0, "255.255.255.255", NULL },
    { "10.9.0.200-10.9.0.210", 10, "10.9.0.200", "10.9.0.201" },
    { "10.9.0.8-10.9.0.11", 1, "10.9.0.9", "10.9.0.10" }, /* a network, however it is written */
    { "10.9.0.9-10.9.0.12", 3, "10.9.0.9", "10.9.0.10" },
    { "10.9.0.100-10.9.1.255", 411, "10.9.0.100", "10.9.0.101" },
    { "10.0.0.5-10.200.0.0", 65535, "10.0.0.5", "10.0.0.6" },
    { "2001:db8::ff-2001:db8::103", 4, "2001:db8::ff", "2001:db8::100" },
    { "2001:db8::ffff-2001:db9::", 65535, "2001:db8::ffff", "2001:db8::1:0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Pool) pool = POOL (rows[i].net);
      gboolean six = strchr (rows[i].net, ':') != NULL;
      IkeAddress own = pool_own (pool, six ? IKE_FAMILY_IP6 : IKE_FAMILY_IP4);

      g_assert_cmpuint (pool_size (pool), ==, rows[i].size);
      assert_address (&own, rows[i].own);
      lease (pool, 1, "a", !rows[i].first ? "-" : six ? "none" : rows[i].first, six ? rows[i].first : "none");
    }
}

/* Two nets of a family are one pool; of two families the smaller one decides. */
static void
test_several (void)
{
  g_autoptr (Pool) pool = POOL ("10.9.0.0/30", "10.8.0.0/30", "2001:db8::/64");

  g_assert_cmpuint (pool_size (pool), ==, 3);
  lease (pool, 1, "a", "10.9.0.2", "2001:db8::2");
  lease (pool, 2, "b", "10.8.0.1", "2001:db8::3");
  lease (pool, 3, "c", "10.8.0.2", "2001:db8::4");
  lease (pool, 4, "d", "-", NULL);
}

/* Nobody gets what is beside a range, though a network that spans it would have it. */
static void
test_range (void)
{
  g_autoptr (Pool) pool = POOL ("10.9.0.254-10.9.1.1", "10.8.0.7/32");

  lease (pool, 1, "a", "10.9.0.255", "none");
  lease (pool, 2, "b", "10.9.1.0", "none");
  lease (pool, 3, "c", "10.9.1.1", "none");
  lease (pool, 4, "d", "10.8.0.7", "none");
  lease (pool, 5, "e", "-", NULL);
}

/* The interface has the whole network, but of a range only its own address: the routes say the rest. */
static void
test_interface (void)
{
  static const struct {
    const char *pool;
    guint prefix;
  } rows[] = { { "10.9.0.0/24", 24 }, { "10.9.0.200-10.9.0.210", 32 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GPtrArray) pools = ipsec_selectors_parse (rows[i].pool, TRUE, NULL);
      const IpsecProfile profile = { .server.pools = pools };
      g_auto (Ipconfig) ipconfig = { 0 };
      guint prefix = 0;

      g_assert_true (serveconfig_ipconfig (&profile, "ipsec0", &ipconfig));
      g_assert_true (g_variant_lookup (ipconfig.ip4, "prefix", "u", &prefix));
      g_assert_cmpuint (prefix, ==, rows[i].prefix);
    }
}

/* Carries go over octets, and the last address is the last. */
static void
test_far (void)
{
  g_autoptr (Pool) pool = POOL ("10.9.0.0/16");
  IkeAddress four = { 0 }, six;

  for (guint i = 1; i <= 65533; i++)
    {
      g_assert_true (pool_lease (pool, i, NULL, &four, &six));
      if (i == 254)
        assert_address (&four, "10.9.0.255");
      if (i == 255)
        assert_address (&four, "10.9.1.0");
    }
  assert_address (&four, "10.9.255.254");
  g_assert_false (pool_lease (pool, 70000, NULL, &four, &six));
}

static void
test_stable (void)
{
  g_autoptr (Pool) pool = POOL ("10.9.0.0/29");

  lease (pool, 1, "alice", "10.9.0.2", "none");
  lease (pool, 2, "bob", "10.9.0.3", "none");
  /* who authenticates anew, and also who is nobody in particular, keeps it */
  lease (pool, 1, "alice", "10.9.0.2", "none");
  lease (pool, 2, NULL, "10.9.0.3", "none");
  pool_release (pool, 1);
  pool_release (pool, 1);
  pool_release (pool, 99);
  /* others get what is fresh as long as there is some */
  lease (pool, 3, "carol", "10.9.0.4", "none");
  lease (pool, 4, "ALICE", "10.9.0.2", "none");
  /* the same once more at the same time, and nobody */
  lease (pool, 5, "alice", "10.9.0.5", "none");
  lease (pool, 6, NULL, "10.9.0.6", "none");
  lease (pool, 7, "dora", "-", NULL);
  /* what was given up longest ago goes first */
  pool_release (pool, 2);
  pool_release (pool, 4);
  lease (pool, 8, "dora", "10.9.0.3", "none");
  lease (pool, 9, "bob", "10.9.0.2", "none");
}

static void
test_restart (void)
{
  g_autoptr (Pool) before = POOL ("10.9.0.0/24", "2001:db8::/64");
  g_autoptr (Pool) after = POOL ("10.9.0.0/24", "2001:db8::/64");
  g_autofree char *text = NULL;
  g_autofree char *again = NULL;

  lease (before, 1, "alice", "10.9.0.2", "2001:db8::2");
  lease (before, 2, NULL, "10.9.0.3", "2001:db8::3");
  lease (before, 3, "bob", "10.9.0.4", "2001:db8::4");
  pool_release (before, 3);
  text = pool_save (before);
  pool_load (after, text, strlen (text));
  again = pool_save (after);
  g_assert_cmpuint (strlen (again), ==, strlen (text));
  lease (after, 1, "carol", "10.9.0.3", "2001:db8::3");
  lease (after, 2, "bob", "10.9.0.4", "2001:db8::4");
  lease (after, 3, "alice", "10.9.0.2", "2001:db8::2");
}

/* Of another pool, by another program: nothing bad comes of it. */
static void
test_garbage (void)
{
  static const char *const texts[] = {
    "",
    "\n\n\n",
    "0123456789abcdef",
    "0123456789abcdef 0\n",
    "0123456789abcdef 255\n",
    "0123456789abcdef -1\n",
    "0123456789abcdef 99999999999999999999\n",
    "0123456789ABCDEF 1\n",
    "0123456789abcdef  1\n",
    "zzz 1\n",
    "0123456789abcdef0 1\n",
    "0123456789abcdef 1x\n",
    /* twice the same number, twice the same key */
    "0123456789abcdef 2\n0123456789abcde0 2\n",
    "0123456789abcdef 2\n0123456789abcdef 3\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (Pool) pool = POOL ("10.9.0.0/24");

      pool_load (pool, texts[i], strlen (texts[i]));
      lease (pool, 1, "alice", "10.9.0.2", "none");
      pool_release (pool, 1);
    }
}

/* Those that were seen longest ago are not written. */
static void
test_save_limit (void)
{
  g_autoptr (Pool) pool = POOL ("10.0.0.0/8");
  g_autofree char *text = NULL;
  guint lines = 0;
  IkeAddress four, six;

  for (guint i = 1; i <= POOL_MAX_SAVED + 50; i++)
    {
      g_autofree char *who = g_strdup_printf ("client%u", i);
      g_autoptr (IkeIdentity) identity = ike_identity_new (IKE_ID_FQDN, who, strlen (who));

      g_assert_true (pool_lease (pool, i, identity, &four, &six));
      pool_release (pool, i);
    }
  text = pool_save (pool);
  for (const char *at = text; (at = strchr (at, '\n')); at++)
    lines++;
  g_assert_cmpuint (lines, ==, POOL_MAX_SAVED);
  g_assert_cmpuint (strlen (text), <, 32 * 1024);
  g_assert_null (strstr (text, " 50\n"));
  g_assert_nonnull (strstr (text, " 51\n"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/openiked-errata-033-sizes", test_sizes);
  g_test_add_func ("/pool/several", test_several);
  g_test_add_func ("/pool/range", test_range);
  g_test_add_func ("/pool/interface", test_interface);
  g_test_add_func ("/pool/far", test_far);
  g_test_add_func ("/pool/stable", test_stable);
  g_test_add_func ("/pool/restart", test_restart);
  g_test_add_func ("/pool/garbage", test_garbage);
  g_test_add_func ("/pool/save-limit", test_save_limit);
  return g_test_run ();
}
