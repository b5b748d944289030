/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timers, text, reasons, addresses. */
#include "base/address.h"
#include "base/reason.h"
#include "base/text.h"
#include "base/timers.h"

typedef enum { TIMER_A, TIMER_B, TIMER_C, N_TIMERS } Timer;

static void
test_timers_early_exact_late_twice (void)
{
  const IkeTime due = 1000;
  IkeTime timers[N_TIMERS];
  guint timer = 99;

  ike_timers_init (timers, N_TIMERS);
  g_assert_cmpint (ike_timers_next (timers, N_TIMERS, &timer), ==, IKE_TIME_NEVER);
  g_assert_cmpuint (timer, ==, 99);
  g_assert_false (ike_timers_expired (timers, N_TIMERS, G_MAXINT64, &timer));

  ike_timers_set (timers, TIMER_B, due);
  g_assert_true (ike_timers_is_set (timers, TIMER_B));
  g_assert_false (ike_timers_is_set (timers, TIMER_A));
  g_assert_cmpint (ike_timers_next (timers, N_TIMERS, NULL), ==, due);
  g_assert_false (ike_timers_expired (timers, N_TIMERS, due - 1, &timer)); /* early */
  g_assert_cmpuint (timer, ==, 99);
  g_assert_true (ike_timers_expired (timers, N_TIMERS, due, &timer)); /* exactly */
  g_assert_cmpuint (timer, ==, TIMER_B);
  g_assert_false (ike_timers_expired (timers, N_TIMERS, due, &timer)); /* twice */
  g_assert_false (ike_timers_is_set (timers, TIMER_B));

  ike_timers_set (timers, TIMER_B, due);
  g_assert_true (ike_timers_expired (timers, N_TIMERS, due + IKE_SECOND * 86400, &timer)); /* late: once */
  g_assert_false (ike_timers_expired (timers, N_TIMERS, due + IKE_SECOND * 86400, &timer));
}

static void
test_timers_earliest_first (void)
{
  IkeTime timers[N_TIMERS];
  guint timer;

  ike_timers_init (timers, N_TIMERS);
  ike_timers_set (timers, TIMER_C, 10);
  ike_timers_set (timers, TIMER_A, 20);
  ike_timers_set (timers, TIMER_B, 10);
  ike_timers_next (timers, N_TIMERS, &timer);
  g_assert_cmpuint (timer, ==, TIMER_B);
  g_assert_true (ike_timers_expired (timers, N_TIMERS, 30, &timer) && timer == TIMER_B); /* of equals the lower */
  g_assert_true (ike_timers_expired (timers, N_TIMERS, 30, &timer) && timer == TIMER_C);
  ike_timers_set (timers, TIMER_A, 40); /* moved */
  g_assert_false (ike_timers_expired (timers, N_TIMERS, 30, &timer));
  ike_timers_stop (timers, TIMER_A);
  ike_timers_stop (timers, TIMER_A);
  g_assert_false (ike_timers_expired (timers, N_TIMERS, 50, &timer));
}

static void
test_time_add_saturates (void)
{
  g_assert_cmpint (ike_time_add (1, 2), ==, 3);
  g_assert_cmpint (ike_time_add (1, -2), ==, -1);
  g_assert_cmpint (ike_time_add (IKE_TIME_NEVER, -5), ==, IKE_TIME_NEVER);
  g_assert_cmpint (ike_time_add (5, IKE_TIME_NEVER), ==, IKE_TIME_NEVER);
  g_assert_cmpint (ike_time_add (IKE_TIME_NEVER - 1, IKE_TIME_NEVER - 1), ==, IKE_TIME_NEVER);
}

static void
test_text (void)
{
  const struct {
    const char *in;
    gssize len;
    gboolean lines;
    const char *out;
    gboolean clean;
  } cases[] = {
    { "vpn.example.org", -1, FALSE, "vpn.example.org", TRUE },
    { "Zürich 東京", -1, FALSE, "Zürich 東京", TRUE },
    { "", 0, FALSE, "", TRUE },
    { "a\\b", -1, FALSE, "a\\\\b", TRUE },
    { "%n%s%x", -1, FALSE, "%n%s%x", TRUE },
    { "a\0b", 3, FALSE, "a\\x00b", FALSE },
    { "a\nb\tc\rd", -1, FALSE, "a\\x0ab\\x09c\\x0dd", FALSE },
    { "a\nb\tc", -1, TRUE, "a\nb\tc", TRUE },
    { "a\rb", -1, TRUE, "a\\x0db", FALSE },
    { "\x1b[31m", -1, TRUE, "\\x1b[31m", FALSE },
    { "\xff\xfe", -1, FALSE, "\\xff\\xfe", FALSE },
    { "\xc3", -1, FALSE, "\\xc3", FALSE }, /* cut in two */
    { "\xc0\x80", -1, FALSE, "\\xc0\\x80", FALSE }, /* overlong */
    { "\xed\xa0\x80", -1, FALSE, "\\xed\\xa0\\x80", FALSE }, /* surrogate */
    { "\xe2\x80\xae", -1, FALSE, "\\xe2\\x80\\xae", FALSE }, /* right-to-left override */
    { "\xe2\x80\xa8", -1, TRUE, "\\xe2\\x80\\xa8", FALSE }, /* line separator */
    { "\xe2\x80\x8b", -1, FALSE, "\\xe2\\x80\\x8b", FALSE }, /* zero width space */
    { "\xc2\x85", -1, FALSE, "\\xc2\\x85", FALSE }, /* C1 control */
    { "\x7f", -1, FALSE, "\\x7f", FALSE },
    { "\xf5\x80\x80\x80", -1, FALSE, "\\xf5\\x80\\x80\\x80", FALSE }, /* above U+10FFFF */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize len = cases[i].len < 0 ? strlen (cases[i].in) : (gsize) cases[i].len;
      g_autofree char *out = ike_text_clean (cases[i].in, len, cases[i].lines);

      g_assert_cmpstr (out, ==, cases[i].out);
      g_assert_true (g_utf8_validate (out, -1, NULL));
      g_assert_true (ike_text_is_clean (cases[i].in, len, cases[i].lines) == cases[i].clean);
    }
}

static void
test_text_of_all_octets_is_utf8 (void)
{
  guint8 octets[256 * 4];
  g_autofree char *out = NULL;

  for (guint i = 0; i < sizeof octets; i++)
    octets[i] = (guint8) (i * 167 + i / 256);
  out = ike_text_clean (octets, sizeof octets, FALSE);
  g_assert_true (g_utf8_validate (out, -1, NULL));
  g_assert_true (ike_text_is_clean (out, strlen (out), FALSE));
}

static void
test_reason (void)
{
  g_auto (IkeReason) reason = { 0 };
  g_auto (IkeReason) copy = { 0 };

  ike_reason_set (&reason, IKE_REASON_NO_RESPONSE, 0, "%s after %d s", "192.0.2.1:500", 20);
  g_assert_cmpint (reason.who, ==, IKE_WHO_NETWORK);
  g_assert_cmpstr (reason.detail, ==, "192.0.2.1:500 after 20 s");
  g_assert_cmpstr (ike_reason_code_name (reason.code), ==, "NO_RESPONSE");
  /* arguments may come out of the reason itself */
  ike_reason_set (&reason, IKE_REASON_PEER_REFUSED_US, 24, "was: %s", reason.detail);
  g_assert_cmpstr (reason.detail, ==, "was: 192.0.2.1:500 after 20 s");
  g_assert_cmpuint (reason.notify, ==, 24);
  g_assert_cmpint (reason.who, ==, IKE_WHO_PEER);
  ike_reason_copy (&copy, &reason);
  g_assert_true (copy.detail != reason.detail);
  g_assert_cmpstr (copy.detail, ==, reason.detail);
  ike_reason_copy (&copy, &copy);
  g_assert_cmpstr (copy.detail, ==, reason.detail);
  ike_reason_set (&reason, IKE_REASON_BAD_MESSAGE, 0, "%s", "bell \a and \xff");
  g_assert_cmpstr (reason.detail, ==, "bell \\x07 and \\xff");
  ike_reason_set (&reason, IKE_REASON_USER_STOP, 0, NULL);
  g_assert_null (reason.detail);
  ike_reason_clear (&reason);
  ike_reason_clear (&reason);
  g_assert_cmpint (reason.code, ==, IKE_REASON_NONE);
}

static void
test_reason_names (void)
{
  g_assert_cmpstr (ike_reason_code_name (IKE_REASON_NONE), ==, "NONE");
  g_assert_cmpint (ike_reason_code_who (IKE_REASON_NONE), ==, IKE_WHO_NOBODY);
  g_assert_cmpstr (ike_reason_code_name (IKE_REASON_HELPER), ==, "HELPER");
  g_assert_cmpstr (ike_reason_code_name ((IkeReasonCode) 9999), ==, "UNKNOWN");
  g_assert_cmpint (ike_reason_code_who ((IkeReasonCode) 9999), ==, IKE_WHO_US);
}

static void
test_address (void)
{
  const struct {
    const char *text;
    guint8 family;
    const char *canonical;
  } cases[] = {
    { "192.0.2.1", IKE_FAMILY_IP4, "192.0.2.1" },
    { "2001:DB8:0::1", IKE_FAMILY_IP6, "2001:db8::1" },
    { "::", IKE_FAMILY_IP6, "::" },
    { "192.0.2.256", IKE_FAMILY_NONE, NULL },
    { "192.0.2", IKE_FAMILY_NONE, NULL },
    { "fe80::1%eth0", IKE_FAMILY_NONE, NULL },
    { " 192.0.2.1", IKE_FAMILY_NONE, NULL },
    { "", IKE_FAMILY_NONE, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      IkeAddress address = { IKE_FAMILY_NONE }, again;
      g_autofree char *text = NULL;

      g_assert_true (ike_address_from_string (cases[i].text, &address) == (cases[i].canonical != NULL));
      g_assert_cmpuint (address.family, ==, cases[i].family);
      text = ike_address_to_string (&address);
      g_assert_cmpstr (text, ==, cases[i].canonical ?: "none");
      again = ike_address_from_chunk (ike_address_chunk (&address));
      g_assert_true (ike_address_equal (&address, &again));
    }
  g_assert_cmpuint (ike_address_from_chunk (ike_chunk ("abc", 3)).family, ==, IKE_FAMILY_NONE);
  g_assert_cmpuint (ike_family_len (9), ==, 0);
}

static void
test_endpoint (void)
{
  IkeEndpoint endpoint = { .port = 4500 };
  g_autofree char *ip4 = NULL, *ip6 = NULL;

  ike_address_from_string ("192.0.2.1", &endpoint.address);
  ip4 = ike_endpoint_to_string (&endpoint);
  g_assert_cmpstr (ip4, ==, "192.0.2.1:4500");
  ike_address_from_string ("2001:db8::1", &endpoint.address);
  ip6 = ike_endpoint_to_string (&endpoint);
  g_assert_cmpstr (ip6, ==, "[2001:db8::1]:4500");
}

static void
test_netmask (void)
{
  guint8 prefix = 77;

  for (guint i = 0; i <= 32; i++)
    {
      guint32 bits = i == 0 ? 0 : 0xffffffffu << (32 - i);
      guint8 mask[4] = { (guint8) (bits >> 24), (guint8) (bits >> 16), (guint8) (bits >> 8), (guint8) bits };

      g_assert_true (ike_netmask_prefix (mask, &prefix));
      g_assert_cmpuint (prefix, ==, i);
    }
  prefix = 77;
  g_assert_false (ike_netmask_prefix ((const guint8[]){ 255, 0, 255, 0 }, &prefix));
  g_assert_false (ike_netmask_prefix ((const guint8[]){ 0, 0, 0, 1 }, &prefix));
  g_assert_cmpuint (prefix, ==, 77);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/timers/early-exact-late-twice", test_timers_early_exact_late_twice);
  g_test_add_func ("/base/timers/earliest-first", test_timers_earliest_first);
  g_test_add_func ("/base/timers/add-saturates", test_time_add_saturates);
  g_test_add_func ("/base/text/cases", test_text);
  g_test_add_func ("/base/text/all-octets-give-utf8", test_text_of_all_octets_is_utf8);
  g_test_add_func ("/base/reason/is-a-value", test_reason);
  g_test_add_func ("/base/reason/names", test_reason_names);
  g_test_add_func ("/base/address/text", test_address);
  g_test_add_func ("/base/address/endpoint", test_endpoint);
  g_test_add_func ("/base/address/netmask", test_netmask);
  return g_test_run ();
}
