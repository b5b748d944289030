/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, networks, traffic selectors, times and sizes. */
#include "profile-test.h"

#include "profile/number.h"

static const struct {
  const char *text, *canonical;
} selectors[] = {
  { "10.0.0.0/8", "10.0.0.0/8" },
  { "10.1.2.3/8", "10.0.0.0/8" },
  { "192.0.2.7", "192.0.2.7/32" },
  { "0.0.0.0/0", "0.0.0.0/0" },
  { "::/0", "::/0" },
  { "2001:db8::1", "2001:db8::1/128" },
  { "2001:DB8:ffff::/33", "2001:db8:8000::/33" },
  { "2001:db8::/127", "2001:db8::/127" },
  { "10.0.0.5-10.0.0.9", "10.0.0.5-10.0.0.9" },
  { "10.0.0.5 - 10.0.0.9", "10.0.0.5-10.0.0.9" },
  { "10.0.0.0-10.0.0.255", "10.0.0.0/24" },
  { "10.0.0.1-10.0.0.1", "10.0.0.1/32" },
  { "2001:db8::1-2001:db8::ff", "2001:db8::1-2001:db8::ff" },
  { "10.0.0.0/8[tcp]", "10.0.0.0/8[tcp]" },
  { "10.0.0.0/8 [TCP/443]", "10.0.0.0/8[tcp/443]" },
  { "10.0.0.0/8[6/443]", "10.0.0.0/8[tcp/443]" },
  { "10.0.0.0/8[tcp/https]", "10.0.0.0/8[tcp/443]" },
  { "10.0.0.0/8[udp/1000-2000]", "10.0.0.0/8[udp/1000-2000]" },
  { "10.0.0.0/8[udp/0-65535]", "10.0.0.0/8[udp]" },
  { "10.0.0.0/8[udp/%any]", "10.0.0.0/8[udp]" },
  { "10.0.0.0/8[udp/l2tp]", "10.0.0.0/8[udp/1701]" },
  { "10.0.0.0/8[any]", "10.0.0.0/8" },
  { "10.0.0.0/8[%any/any]", "10.0.0.0/8" },
  { "10.0.0.0/8[0]", "10.0.0.0/8" },
  { "10.0.0.0/8[icmp]", "10.0.0.0/8[icmp]" },
  { "2001:db8::/32[ipv6-icmp/34816]", "2001:db8::/32[ipv6-icmp/34816]" },
  { "2001:db8::/32[icmpv6]", "2001:db8::/32[ipv6-icmp]" },
  { "10.0.0.0/8[tcp/opaque]", "10.0.0.0/8[tcp/opaque]" },
  { "10.0.0.0/8[200/0]", "10.0.0.0/8[200/0]" },
  { "dynamic", "dynamic" },
  { "dynamic[udp/53]", "dynamic[udp/53]" },
};

static const char *const bad_selectors[] = {
  "",
  "boo",
  "10.0.0.0/33",
  "10.0.0.0/-1",
  "10.0.0.0/",
  "/8",
  "10.0.0.0/8/8",
  "10.0.0",
  "10.0.0.256",
  "2001:db8::/129",
  "2001:db8::g",
  "10.0.0.0/08x",
  "10.0.0.0/0x8",
  "10.0.0.9-10.0.0.5",
  "10.0.0.1-",
  "-10.0.0.1",
  "10.0.0.1-2001:db8::1",
  "10.0.0.0/8-10.1.0.0",
  "10.0.0.0/8[",
  "10.0.0.0/8]",
  "10.0.0.0/8[]",
  "10.0.0.0/8[tcp",
  "10.0.0.0/8[tpc]",
  "10.0.0.0/8[256]",
  "10.0.0.0/8[tcp/65536]",
  "10.0.0.0/8[tcp/]",
  "10.0.0.0/8[tcp/9-5]",
  "10.0.0.0/8[/53]",
  "10.0.0.0/8[any/53]",
  "10.0.0.0/8[tcp/1 ]",
  "10.0.0.0/8[tcp/443]x",
  "10.0.0.0/8[tcp/0x10]",
  "Dynamic",
  "dynamic/8",
  "fe80::1%eth0",
  "10.0.0.0/8[tcp/443][udp/53]",
  "%any",
};

static void
test_selectors (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (selectors); i++)
    {
      g_autoptr (GError) error = NULL;
      IpsecSelector selector, again;
      g_autofree char *text = NULL, *second = NULL;

      if (!ipsec_selector_parse (selectors[i].text, FALSE, &selector, &error))
        g_error ("%s: %s", selectors[i].text, error->message);
      text = ipsec_selector_to_string (&selector);
      g_assert_cmpstr (text, ==, selectors[i].canonical);
      g_assert_true (ipsec_selector_parse (text, FALSE, &again, NULL));
      g_assert_cmpmem (&selector, sizeof selector, &again, sizeof again);
    }
}

static void
test_bad_selectors (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_selectors); i++)
    {
      g_autoptr (GError) error = NULL;
      IpsecSelector selector = { .protocol = 99 };

      if (ipsec_selector_parse (bad_selectors[i], FALSE, &selector, &error))
        g_error ("“%s” was accepted", bad_selectors[i]);
      g_assert_error (error, IPSEC_PROFILE_ERROR, IPSEC_PROFILE_ERROR_BAD_VALUE);
      g_assert_cmpint (selector.protocol, ==, 99); /* untouched */
    }
}

static void
test_values (void)
{
  IpsecSelector s;

  g_assert_true (ipsec_selector_parse ("172.16.5.4/12[tcp/22-80]", FALSE, &s, NULL));
  g_assert_cmpint (s.first.family, ==, 4);
  g_assert_cmpmem (s.first.bytes, 4, "\xac\x10\x00\x00", 4);
  g_assert_cmpmem (s.last.bytes, 4, "\xac\x1f\xff\xff", 4);
  g_assert_cmpint (s.protocol, ==, 6);
  g_assert_cmpint (s.port_first, ==, 22);
  g_assert_cmpint (s.port_last, ==, 80);
  g_assert_true (ipsec_selector_parse ("::/0", FALSE, &s, NULL));
  g_assert_cmpint (s.first.family, ==, 6);
  g_assert_cmpint (s.last.bytes[15], ==, 255);
  g_assert_cmpint (s.port_last, ==, 65535);
  g_assert_true (ipsec_selector_parse ("10.0.0.1[tcp/opaque]", FALSE, &s, NULL));
  g_assert_cmpint (s.port_first, ==, 65535);
  g_assert_cmpint (s.port_last, ==, 0);
}

static void
test_lists (void)
{
  g_autoptr (GPtrArray) list = ipsec_selectors_parse ("10.0.0.0/8 ,2001:db8::/32[tcp],  192.0.2.1", FALSE, NULL);
  g_autofree char *text = ipsec_selectors_to_string (list);
  g_autoptr (GString) many = g_string_new ("10.0.0.1");
  g_autoptr (GPtrArray) at_limit = NULL;

  g_assert_cmpint (list->len, ==, 3);
  g_assert_cmpstr (text, ==, "10.0.0.0/8,2001:db8::/32[tcp],192.0.2.1/32");
  g_assert_null (ipsec_selectors_parse ("", FALSE, NULL));
  g_assert_null (ipsec_selectors_parse (",", FALSE, NULL));
  g_assert_null (ipsec_selectors_parse ("10.0.0.0/8,", FALSE, NULL));
  g_assert_null (ipsec_selectors_parse ("10.0.0.0/8,,10.0.0.1", FALSE, NULL));
  g_assert_null (ipsec_selectors_parse ("10.0.0.0/8;10.0.0.1", FALSE, NULL));
  g_assert_null (ipsec_selectors_parse ("10.0.0.0/8[tcp]", TRUE, NULL)); /* networks only */
  g_assert_null (ipsec_selectors_parse ("dynamic", TRUE, NULL));
  for (guint i = 1; i < IPSEC_LIST_MAX; i++)
    g_string_append (many, ",10.0.0.1");
  at_limit = ipsec_selectors_parse (many->str, FALSE, NULL);
  g_assert_cmpint (at_limit->len, ==, IPSEC_LIST_MAX);
  g_string_append (many, ",10.0.0.1");
  g_assert_null (ipsec_selectors_parse (many->str, FALSE, NULL));
}

static void
test_host_names (void)
{
  static const char *const good[] = {
    "a",        "vpn",       "vpn.example.com", "vpn.example.com.", "xn--bcher-kva.example",
    "3com.com", "a-b.c_d.e", "_x.example",      "1.2.3.a"
  };
  static const char *const bad[] = {
    "",    ".",   "a..b", ".a",      "-a",         "a-",  "a-.b", "a.-b", "a b", "a/b",
    "a,b", "a%b", "1",    "1.2.3.4", "10.0.0.300", "a.1", "ä",    "a\n",  "a;b", "::1"
  };
  char label[70], name[300] = "";

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (ipsec_host_name_valid (good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (ipsec_host_name_valid (bad[i]));
  memset (label, 'a', sizeof label);
  label[63] = '\0';
  g_assert_true (ipsec_host_name_valid (label));
  for (guint i = 0; i < 4; i++)
    {
      g_strlcat (name, label, sizeof name);
      g_strlcat (name, ".", sizeof name);
    }
  name[253] = '\0';
  g_assert_true (ipsec_host_name_valid (name));
  name[253] = 'a';
  g_assert_false (ipsec_host_name_valid (name));
  label[63] = 'a';
  label[64] = '\0';
  g_assert_false (ipsec_host_name_valid (label));
}

static void
test_times (void)
{
  static const struct {
    const char *text;
    guint64 seconds;
    const char *canonical;
  } good[] = { { "0", 0, "0" },       { "90", 90, "90s" },    { "90s", 90, "90s" },  { "5m", 300, "5m" },
               { "60m", 3600, "1h" }, { "8h", 28800, "8h" },  { "1d", 86400, "1d" }, { "86400", 86400, "1d" },
               { "007", 7, "7s" },    { "10H", 36000, "10h" } };
  static const char *const bad[] = { "",
                                     "s",
                                     "-1",
                                     "+1",
                                     " 7",
                                     "7 ",
                                     "7 s",
                                     "7x",
                                     "1h30m",
                                     "0x10",
                                     "1.5h",
                                     "1e3",
                                     "12abc",
                                     "12 \n x",
                                     "18446744073709551616",
                                     "18446744073709551615h",
                                     "٣" };
  guint64 value = 42;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *text = NULL;

      g_assert_true (ipsec_time_parse (good[i].text, &value));
      g_assert_cmpuint (value, ==, good[i].seconds);
      text = ipsec_time_to_string (value);
      g_assert_cmpstr (text, ==, good[i].canonical);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (ipsec_time_parse (bad[i], &value));
}

static void
test_sizes (void)
{
  guint64 value;
  g_autofree char *text = NULL;

  g_assert_true (ipsec_size_parse ("1024K", &value));
  g_assert_cmpuint (value, ==, 1 << 20);
  text = ipsec_size_to_string (value);
  g_assert_cmpstr (text, ==, "1M");
  g_assert_true (ipsec_size_parse ("16777215T", &value));
  g_assert_false (ipsec_size_parse ("16777216T", &value)); /* 2^64 */
  g_assert_false (ipsec_size_parse ("1KB", &value));
  g_assert_false (ipsec_size_parse ("K", &value));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/selector/good", test_selectors);
  g_test_add_func ("/profile/selector/bad", test_bad_selectors);
  g_test_add_func ("/profile/selector/values", test_values);
  g_test_add_func ("/profile/selector/lists", test_lists);
  g_test_add_func ("/profile/host-name", test_host_names);
  g_test_add_func ("/profile/time", test_times);
  g_test_add_func ("/profile/size", test_sizes);
  return g_test_run ();
}
