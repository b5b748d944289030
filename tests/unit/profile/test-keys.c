/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every key of the table: values that are right, values at the edge, and everything that must be refused. A key without
 * a row here makes the test fail.
 */
#include "profile-test.h"

#include "profile/value.h"

/* ' '-free lists: good and bad values separated by '|'; "a>b": a is written back as b. */
static const struct {
  const char *key, *good, *bad;
} cases[] = {
  { "gateway",
    "vpn.example.com|192.0.2.1|2001:DB8::1>2001:db8::1|[2001:db8::1]>2001:db8::1|a, "
    "b>a,b|bücher.example>xn--bcher-kva.example",
    "a,,b|0.0.0.0|::|[::]|10.0.0.300|a b|/etc|-x|a/24|1234|[192.0.2.1]|fe80::1%eth0|a;b" },
  { "role", "client|peer|server|mesh", "Client|clients|0|client,peer" },
  { "start", "up|ondemand|listen", "down|yes|UP" },
  { "idle-timeout", "10m|0|1s|1d", "25h|-1|off" },
  { "ike-version", "2|1|1-aggressive", "3|02|2.0|ikev2|0x2|2 1" },
  { "auth", "auto|psk|cert|rsa|eap|null|hybrid", "secret|PSK|psk,cert" },
  { "auth2", "none|eap", "psk|EAP|yes" },
  { "remote-auth", "auto|psk|cert|rsa|eap-only|null", "eap|eaponly" },
  { "local-id", "alice|@alice>alice|192.0.2.1|O=Example, CN=alice|%fromcert|@[x]", "%any|alice bob|@" },
  { "remote-id", "vpn.example.com|2001:db8::1|a@b.example", "10.0.0.256|,|a b" },
  { "local-address", "192.0.2.1|::1", "eth0|192.0.2.1,192.0.2.2|192.0.2.0/24|auto|0.0.0.0|::" },
  { "local-port", "1|65535|4500|0500>500", "0|65536|-1|+1|0x10|5 00|any|1.0|12abc" },
  { "remote-port", "1|65535", "0|65536|500/udp|12abc|0x1f4" },
  { "certificate",
    "/etc/a.pem|/a b.p12|file:///etc/a%20b>/etc/a b|pkcs11:object=x|nss:alice|data:application/x-pem-file;base64,YWJj",
    "a.pem|./a|~/a|/|file:a|file:///etc/%00|file:///%0a|file:///a%20|http://x/"
    "y|pkcs11:|pkcs11:object=x?pin-value=1|nss:|data:|data:,abc|data:;base64,|data:;base64,a b|system" },
  { "private-key", "/etc/a.key|pkcs11:object=x", "a.key|system|pkcs11:" },
  { "ca", "system|/etc/ca.pem", "System|none|ca.pem" },
  { "remote-certificate", "/etc/gw.pem", "gw.pem" },
  { "revocation", "soft|strict|off", "yes|no|Soft" },
  { "require-id-on-certificate", "yes|no", "true|1|Yes|YES|on|force" },
  { "rsa-sha1", "yes|no", "force|1" },
  { "local-rsa-key",
    "0sAQ==|0123456789ABCDEF0123456789abcdef01234567>0123456789abcdef0123456789abcdef01234567|/etc/ipsec.key|"
    "pkcs11:object=x",
    "0s|0sAQ|0sAQ= "
    "=|AQ==|0x01|012345|0123456789abcdef0123456789abcdef0123456g|ckaid|a.pem|/"
    "|nss:key|pkcs11:|pkcs11:object=x?pin-value=1" },
  { "remote-rsa-key", "0sAwEAAQ==|/etc/gw.pub", "0s!|gw.pub" },
  { "user", "alice|DOMAIN\\alice|alice@example.com|Ärger|a b|a,b|leftupdown=/bin/sh", "" },
  { "eap", "auto|mschapv2|tls|ttls|peap|gtc|md5", "MSCHAPv2|mschap|eap-tls" },
  { "eap-identity", "anonymous", "" },
  { "eap-phase2", "auto|mschapv2|gtc|md5|pap", "chap" },
  { "eap-ca", "system|/etc/ca.pem", "ca.pem" },
  { "eap-server-name", "radius.example.com", "" },
  { "xauth", "yes|no", "true" },
  { "ppk", "no|yes|insist", "force|0" },
  { "ppk-id", "id", "" },
  { "ppk-file", "/etc/pad", "pad|file:///etc/pad" },
  { "ike", "default|legacy|aes256-sha2_256;modp2048>aes256-sha256-prfsha256-modp2048",
    "des-sha1-modp1024|strong|aes256,|aes256-esn" },
  { "esp", "default|aes_gcm256-null>aes256gcm16", "aes256-null|prfsha256|sha1" },
  { "pfs", "yes|no", "modp2048" },
  { "childless", "yes|no", "force" },
  { "crypto-policy", "system|ignore", "yes" },
  { "ike-lifetime", "8h|10s|7d|28800>8h|90>90s|86400s>1d",
    "9s|8d|0|8|1h30m|-1h|8 h|h|12abc|0x10|99999999999999999999h" },
  { "esp-lifetime", "1h|10>10s|60m>1h", "9|604801|never" },
  { "rekey-margin", "9m|1s|1d", "0|25h" },
  { "esp-bytes", "0|1M|1048576>1M|64G|1024T>1024T", "1|1023K|1MB|2E|-1" },
  { "rekey", "yes|no", "0" },
  { "reauth", "yes|no", "1" },
  { "local-ts", "dynamic|10.0.0.0/8|10.0.0.1/24, ::1>10.0.0.0/24,::1/128|10.0.0.0/8[tcp/443]",
    "10.0.0.0/33|10.0.0.0/8,|x" },
  { "remote-ts", "0.0.0.0/0,::/0|10.0.0.0/8[udp/1000-2000]", "all|10.0.0.0/8;::/0" },
  { "virtual-ip", "auto|yes|no|10.0.0.1|10.0.0.1, 2001:db8::1>10.0.0.1,2001:db8::1",
    "10.0.0.1/32|a|10.0.0.1,10.0.0.2,10.0.0.3|auto,yes" },
  { "mode", "tunnel|transport|iptfs", "beet" },
  { "interface", "auto|xfrm|vti|none", "ipsec0|yes" },
  { "if-id", "1|1073741823", "0|1073741824|4294967296|0x1" },
  { "narrowing", "yes|no", "maybe" },
  { "mobike", "yes|no", "force" },
  { "fragmentation", "yes|no|force", "accept" },
  { "compress", "yes|no", "deflate" },
  { "esn", "no|yes|force", "either" },
  { "tfc", "yes|no", "1400" },
  { "encap", "yes|no|force", "auto" },
  { "ipcomp", "yes|no", "force" },
  { "tcp", "no|yes|fallback", "4500" },
  { "tcp-port", "4500|1", "0|65536" },
  { "dpd-delay", "30s|0|0s>0|1|1d", "25h|-1|off|30 s" },
  { "dpd-timeout", "120s>2m|0", "2d|never" },
  { "keyingtries", "0|1|3|1000", "1001|-1|%forever" },
  { "retransmit-timeout", "2s|20|1h", "0|1s|61m" },
  { "mtu", "auto|576|1400|65535", "575|65536|Auto|1400.0|12abc" },
  { "mss-clamp", "auto|no|500|65495", "499|yes" },
  { "nic-offload", "no|auto|crypto|packet", "yes" },
  { "kill-switch", "no|yes", "on" },
  { "kill-switch-except", "192.168.0.0/16|10.0.0.0/8,2001:db8::/32", "dynamic|10.0.0.0/8[tcp/22]" },
  { "replay-window", "0|32|4096", "4097|-1" },
  { "mark", "7>0x7|0x10/0xff|0X10>0x10", "x|0x|1/|/1|0x100000000|1/2/3|-1" },
  { "copy-dscp", "out|in|yes|no", "both" },
  { "sec-label", "system_u:object_r:ipsec_spd_t:s0", "" },
  { "cpus", "1|1024", "0|1025" },
  { "pool", "10.9.0.0/16|10.0.0.5-10.0.0.9", "dynamic|10.0.0.0/8[tcp]|10.0.0" },
  { "pool6", "2001:db8::/64", "x" },
  { "push-dns", "192.0.2.1, ::1>192.0.2.1,::1", "dns.example.com|0.0.0.0|::" },
  { "push-domains", "example.com,example.org", "a b" },
  { "push-banner", "Welcome!", "" },
  { "users", "/etc/users", "users" },
  { "pam-service", "ipsec", "" },
  { "unique", "replace|keep|no", "never" },
  { "redirect-to", "192.0.2.7|gw2.example.com|2001:db8::7", "a b|a,b" },
  { "private", "10.0.0.0/8", "10.0.0.0/8[tcp]" },
  { "private-or-clear", "0.0.0.0/0", "all" },
  { "clear-or-private", "::/0", "all" },
  { "clear", "10.0.0.0/8,10.1.2.3>10.0.0.0/8,10.1.2.3/32", "," },
  { "block", "192.0.2.0/24", "192.0.2.0/24 192.0.3.0/24" },
  { "log-level", "0|7", "8|-1|debug" },
};

static guint
n_keys (gboolean secret)
{
  const IpsecKey *key;
  guint n = 0;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    n += !key->secret == !secret;
  return n;
}

static void
check_good (const IpsecKey *key, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ">", 2);
  g_autofree char *padded = g_strconcat (" \t", parts[0], "  ", NULL),
                  *spaced = g_strconcat ("  ", parts[0], " ", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *canonical = ipsec_value_canonical (key, parts[0], &error);
  g_autofree char *again = NULL, *trimmed = NULL;

  if (canonical == NULL)
    g_error ("%s=%s: %s", key->name, parts[0], error->message);
  if (key->type != IPSEC_KEY_PROPOSALS && key->type != IPSEC_KEY_TIME)
    g_assert_cmpstr (canonical, ==, parts[1] != NULL ? parts[1] : parts[0]);
  else if (parts[1] != NULL)
    g_assert_cmpstr (canonical, ==, parts[1]);
  again = ipsec_value_canonical (key, canonical, NULL);
  g_assert_cmpstr (again, ==, canonical);
  trimmed = ipsec_value_canonical (key, spaced, NULL);
  g_assert_cmpstr (trimmed, ==, canonical);
  g_assert_null (ipsec_value_canonical (key, padded, NULL)); /* a tab is a control character, wherever it is */
}

static void
check_bad (const IpsecKey *key, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *canonical = ipsec_value_canonical (key, text, &error);
  g_autofree char *prefix = g_strconcat (key->name, ": ", NULL);

  if (canonical != NULL)
    g_error ("%s=%s was accepted as %s", key->name, text, canonical);
  g_assert_cmpint (error->domain, ==, IPSEC_PROFILE_ERROR);
  g_assert_true (error->code == IPSEC_PROFILE_ERROR_BAD_VALUE || error->code == IPSEC_PROFILE_ERROR_UNSUPPORTED);
  g_assert_true (g_str_has_prefix (error->message, prefix));
  g_assert_true (ipsec_text_valid (error->message));
  g_assert_cmpint (strlen (error->message), <, 600);
}

static void
test_values (void)
{
  g_assert_cmpint (G_N_ELEMENTS (cases), ==, n_keys (FALSE));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const IpsecKey *key = ipsec_key_find (cases[i].key, FALSE);
      g_auto (GStrv) good = g_strsplit (cases[i].good, "|", -1), bad = g_strsplit (cases[i].bad, "|", -1);

      g_assert_true (key == ipsec_key_at (i)); /* in the order of the table */
      for (guint j = 0; good[j] != NULL; j++)
        check_good (key, good[j]);
      for (guint j = 0; bad[j] != NULL; j++)
        check_bad (key, bad[j]);
    }
}

/* What no key takes: CVE-2024-9050 was a newline in one of them. @what replaces the '*' of a right value. */
static void
test_garbage (void)
{
  static const char *const garbage[] = {
    "*\n", "\n*",       "*\nleftupdown=/bin/sh", "*\r\nx=y", "*\x01", "\x7f*",         "*\x1b[0m",
    "*\t", "\xc2\x85*", "*\xe2\x80\xa8",         "*\xff",    "\xc3*", "*\xed\xa0\x80", "",
    " ",   "   ",
  };
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      for (guint j = 0; j < G_N_ELEMENTS (garbage) && !key->secret; j++)
        {
          g_auto (GStrv) good = g_strsplit_set (cases[i].good, "|>", 2);
          g_auto (GStrv) parts = g_strsplit (garbage[j], "*", 2);
          g_autofree char *text = g_strjoinv (good[0], parts);

          check_bad (key, text);
        }
    }
}

static void
test_huge (void)
{
  static const char fills[] = "a1.,:-[ @/";
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      for (guint j = 0; j < sizeof fills - 1 && !key->secret; j++)
        {
          g_autofree char *huge = g_strnfill (IPSEC_VALUE_MAX_DATA + 1, fills[j]);

          huge[0] = key->type == IPSEC_KEY_CREDENTIAL || key->type == IPSEC_KEY_PATH ? '/' : huge[0];
          check_bad (key, huge);
        }
    }
}

static void
test_length_limit (void)
{
  const IpsecKey *key = ipsec_key_find ("user", FALSE);
  g_autofree char *text = g_strnfill (IPSEC_VALUE_MAX, 'a'), *ok = NULL;

  check_bad (key, text);
  text[IPSEC_VALUE_MAX - 1] = '\0';
  ok = ipsec_value_canonical (key, text, NULL);
  g_assert_cmpstr (ok, ==, text);
}

static void
test_rows (void)
{
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      g_autofree char *values = ipsec_key_describe_values (key), *fallback = NULL;

      g_assert_cmpstr (key->since, !=, NULL);
      g_assert_cmpint (strlen (key->doc), >, 15);
      g_assert_true (g_str_has_suffix (key->doc, "."));
      g_assert_cmpint (key->roles, !=, 0);
      g_assert_cmpint (key->min, <=, key->max);
      g_assert_cmpstr (values, !=, "");
      g_assert_true (ipsec_key_find (key->name, key->secret) == key); /* no name twice */
      g_assert_false (g_str_has_suffix (key->name, "-flags")); /* reserved by NetworkManager */
      g_assert_false (g_str_has_prefix (key->name, "x-"));
      if (key->fallback == NULL)
        continue;
      fallback = ipsec_value_canonical (key, key->fallback, NULL);
      g_assert_nonnull (fallback);
      if (key->type == IPSEC_KEY_ENUM)
        g_assert_cmpint (ipsec_key_word_index (key, key->fallback), ==, 0); /* the documents put it first */
    }
  g_assert_cmpint (n_keys (TRUE), ==, 7);
  g_assert_null (ipsec_key_find ("", FALSE));
  g_assert_null (ipsec_key_find ("psk", FALSE));
  g_assert_null (ipsec_key_find ("gateway", TRUE));
}

static void
test_suggestions (void)
{
  static const struct {
    const char *name, *expected;
    gboolean secret;
  } names[] = {
    { "gatway", "gateway", FALSE },
    { "gateways", "gateway", FALSE },
    { "Gateway", "gateway", FALSE },
    { "remote_ts", "remote-ts", FALSE },
    { "ikelifetime", "ike-lifetime", FALSE },
    { "usr", "user", FALSE },
    { "dpddelay", "dpd-delay", FALSE },
    { "local_id", "local-id", FALSE },
    { "psk-flg", "psk-flags", FALSE },
    { "pskk-flags", "psk-flags", FALSE },
    { "pasword-flags", "password-flags", FALSE },
    { "frobnicate", "", FALSE },
    { "", "", FALSE },
    { "pasword", "password", TRUE },
    { "pks", "psk", TRUE },
    { "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *found = ipsec_key_suggest (names[i].name, names[i].secret);

      g_assert_cmpstr (found != NULL ? found : "", ==, names[i].expected);
    }
}

static void
test_messages (void)
{
  static const struct {
    const char *key, *text, *words;
  } messages[] = {
    { "ike-lifetime", "12abc", "ike-lifetime|“12abc”|10s|7d" },
    { "ike-lifetime", "30d", "“30d”|out of range|7d" },
    { "remote-port", "0x10", "remote-port|“0x10”|65535" },
    { "mobike", "Yes", "mobike|“Yes”|yes" },
    { "auth", "certificate", "auth|“certificate”|cert" },
    { "gateway", "a\nb", "gateway|\\n|control character" },
    { "ca", "ca.pem", "ca|“ca.pem”|system" },
    { "ike", "aes257-sha256", "ike|“aes257”|aes256" },
    { "mtu", "big", "mtu|576|65535|auto" },
    { "remote-ts", "10.0.0.0/40", "remote-ts|“10.0.0.0/40”|10.0.0.0/8" },
    { "user", "\xff\xfe", "user|\\xff\\xfe" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ipsec_value_canonical (ipsec_key_find (messages[i].key, FALSE), messages[i].text, &error));
      assert_message_has (error, messages[i].words);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/keys/values", test_values);
  g_test_add_func ("/profile/keys/garbage", test_garbage);
  g_test_add_func ("/profile/keys/huge", test_huge);
  g_test_add_func ("/profile/keys/length-limit", test_length_limit);
  g_test_add_func ("/profile/keys/rows", test_rows);
  g_test_add_func ("/profile/keys/suggestions", test_suggestions);
  g_test_add_func ("/profile/keys/messages", test_messages);
  return g_test_run ();
}
