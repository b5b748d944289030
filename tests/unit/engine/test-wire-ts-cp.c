/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic selectors and configuration attributes: RFC 7296 sections 3.13 and 3.15. */
#include "wire/payload-cp-dns.h"
#include "wire/payload-ts.h"
#include "wire-test.h"

static GArray *
selectors_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (IkeSelector));
}

static IkeSelector
selector (const char *first, const char *last, guint8 protocol, guint16 port_first, guint16 port_last)
{
  IkeSelector s = { .protocol = protocol, .port_first = port_first, .port_last = port_last };

  g_assert_true (ike_address_from_string (first, &s.first) && ike_address_from_string (last, &s.last));
  return s;
}

static GArray *
labels_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (IkeChunk));
}

static gboolean
ts_parse_hex (const char *hex, GArray *selectors, guint *unknown)
{
  g_autoptr (GBytes) bytes = from_hex (hex);
  IkeChunk chunk = ike_chunk_bytes (bytes);
  g_autofree guint8 *copy = exact_copy (chunk, chunk.len);

  g_autoptr (GArray) labels = labels_new ();

  return ike_ts_parse (ike_chunk (copy, chunk.len), selectors, labels, unknown);
}

#define TS4_ALL "07 00 0010 0000 ffff 00000000 ffffffff"
#define TS6_ALL "08 00 0028 0000 ffff 00000000000000000000000000000000 ffffffffffffffffffffffffffffffff"

static void
test_ts_write_then_parse (void)
{
  g_autoptr (GArray) selectors = selectors_new (), again = selectors_new (), labels = labels_new ();
  const IkeSelector some[] = { selector ("0.0.0.0", "255.255.255.255", 0, 0, 65535),
                               selector ("10.1.0.5", "10.1.0.9", 6, 443, 443),
                               selector ("2001:db8::", "2001:db8::ffff", 58, 0x8000, 0x80ff) };
  g_auto (IkeWriter) writer = IKE_WRITER (1000);
  guint unknown = 99;

  g_array_append_vals (selectors, some, 3);
  ike_ts_write (&writer, selectors, ike_chunk (NULL, 0));
  assert_chunk (ike_writer_chunk (&writer),
                "03 000000" TS4_ALL "07 06 0010 01bb 01bb 0a010005 0a010009"
                "08 3a 0028 8000 80ff 20010db8000000000000000000000000 20010db800000000000000000000ffff");
  g_assert_true (ike_ts_parse (ike_writer_chunk (&writer), again, labels, &unknown));
  g_assert_cmpuint (unknown + labels->len, ==, 0);
  g_assert_cmpuint (again->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const IkeSelector *s = &g_array_index (again, IkeSelector, i);

      g_assert_true (ike_address_equal (&s->first, &some[i].first) && ike_address_equal (&s->last, &some[i].last));
      g_assert_true (s->protocol == some[i].protocol && s->port_first == some[i].port_first &&
                     s->port_last == some[i].port_last);
    }
}

static void
test_ts_unknown_types_are_counted (void)
{
  g_autoptr (GArray) selectors = selectors_new ();
  guint unknown = 0;

  g_assert_true (ts_parse_hex ("03 000000 0b 00 0008 00010203" TS4_ALL "ff 00 0004", selectors, &unknown));
  g_assert_cmpuint (unknown, ==, 2);
  g_assert_cmpuint (selectors->len, ==, 1);
  g_assert_true (ts_parse_hex ("01 000000 09 00 0004", selectors, &unknown));
  g_assert_cmpuint (unknown, ==, 1);
  g_assert_cmpuint (selectors->len, ==, 1); /* appended nothing */
}

static void
test_ts_refused (void)
{
  const char *bad[] = {
    "",
    "01",
    "01 000000",
    "00 000000", /* none */
    "00 000000" TS4_ALL,
    "02 000000" TS4_ALL, /* one less than counted */
    "01 000000" TS4_ALL TS4_ALL, /* one more */
    "01 000000" TS4_ALL "00",
    "01 000000 07 00 000f 0000 ffff 00000000 ffffff",
    "01 000000 07 00 0011 0000 ffff 00000000 ffffffff 00",
    "01 000000 07 00 000f 0000 ffff 00000000 ffffffff",
    "01 000000 07 00 0011 0000 ffff 00000000 ffffffff",
    "01 000000 07 00 0003 0000 ffff 00000000 ffffffff",
    "01 000000 07 00 0000 0000 ffff 00000000 ffffffff",
    "01 000000 07 00 0028 0000 ffff 00000000000000000000000000000000 ffffffffffffffffffffffffffffffff",
    "01 000000 08 00 0010 0000 ffff 00000000 ffffffff",
    "01 000000 08 00 0027 0000 ffff 00000000000000000000000000000000 ffffffffffffffffffffffffffffff",
    "01 000000 07 00 0010 0000 ffff 0a000001 0a000000", /* first above last */
    "01 000000 07 06 0010 0002 0001 00000000 ffffffff",
    "01 000000 07 06 0010 ffff 0001 00000000 ffffffff",
    "01 000000 ff 00 0003",
    "01 000000 ff 00 0005",
    "02 000000" TS4_ALL "07 00 0010 0000 ffff 0a000001 0a000000", /* one good, one bad: none is kept */
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GArray) selectors = selectors_new ();
      const IkeSelector before = { .protocol = 9 };
      guint unknown = 99;

      g_array_append_val (selectors, before);
      g_assert_false (ts_parse_hex (bad[i], selectors, &unknown));
      g_assert_cmpuint (selectors->len, ==, 1);
      g_assert_cmpuint (unknown, ==, 99);
    }
}

static void
test_ts_opaque (void)
{
  g_autoptr (GArray) selectors = selectors_new ();
  guint unknown;
  g_autofree char *text = NULL;

  g_assert_true (ts_parse_hex ("01 000000 07 01 0010 ffff 0000 0a000001 0a000001", selectors, &unknown));
  text = ike_selector_to_string (&g_array_index (selectors, IkeSelector, 0));
  g_assert_cmpstr (text, ==, "10.0.0.1/32[1/opaque]");
}

static void
test_ts_limit (void)
{
  /* so many as the octet can say */
  for (guint n = IKE_MAX_TS; n <= IKE_MAX_TS + 1; n++)
    {
      g_autoptr (GArray) selectors = selectors_new ();
      g_autoptr (GString) hex = g_string_new (NULL);
      g_auto (IkeWriter) writer = IKE_WRITER (IKE_MAX_MESSAGE);
      guint unknown;

      g_string_printf (hex, "%02x 000000", IKE_MAX_TS);
      for (guint i = 0; i < n; i++)
        g_string_append (hex, TS4_ALL);
      g_assert_true (ts_parse_hex (hex->str, selectors, &unknown) == (n <= IKE_MAX_TS));
      g_assert_cmpuint (selectors->len, ==, n <= IKE_MAX_TS ? n : 0);
      g_array_set_size (selectors, n);
      ike_ts_write (&writer, selectors, ike_chunk (NULL, 0));
      g_assert_true (ike_writer_ok (&writer) == (n <= IKE_MAX_TS));
    }
  {
    g_autoptr (GArray) none = selectors_new ();
    g_auto (IkeWriter) writer = IKE_WRITER (IKE_MAX_MESSAGE);

    ike_ts_write (&writer, none, ike_chunk ("x", 1));
    g_assert_false (ike_writer_ok (&writer));
  }
}

/* RFC 9478 section 2 */
static void
test_ts_label (void)
{
  const IkeSelector all = selector ("0.0.0.0", "255.255.255.255", 0, 0, 65535);
  g_autoptr (GArray) selectors = selectors_new (), labels = labels_new ();
  g_auto (IkeWriter) writer = IKE_WRITER (1000);
  guint unknown = 99;

  g_array_append_val (selectors, all);
  ike_ts_write (&writer, selectors, ike_chunk ("top:s", 6));
  assert_chunk (ike_writer_chunk (&writer), "02 000000" TS4_ALL "0a 00 000a 746f703a7300");
  g_array_set_size (selectors, 0);
  g_assert_true (ike_ts_parse (ike_writer_chunk (&writer), selectors, labels, &unknown));
  g_assert_true (selectors->len == 1 && labels->len == 1 && unknown == 0);
  assert_chunk (g_array_index (labels, IkeChunk, 0), "746f703a7300");
}

/* Several, one that is empty, a reserved octet that is not zero; and without any range. */
static void
test_ts_labels (void)
{
  g_autoptr (GBytes) bytes = from_hex ("05 000000 0a 00 0005 61" TS4_ALL "0a ff 0006 6263 0a 00 0004 0b 00 0004");
  g_autoptr (GBytes) alone = from_hex ("01 000000 0a 00 0005 61");
  g_autoptr (GArray) selectors = selectors_new (), labels = labels_new ();
  guint unknown = 99;

  g_assert_true (ike_ts_parse (ike_chunk_bytes (bytes), selectors, labels, &unknown));
  g_assert_true (selectors->len == 1 && labels->len == 3 && unknown == 1);
  assert_chunk (g_array_index (labels, IkeChunk, 0), "61");
  assert_chunk (g_array_index (labels, IkeChunk, 1), "6263");
  g_assert_cmpuint (g_array_index (labels, IkeChunk, 2).len, ==, 0);
  g_assert_true (ike_ts_parse (ike_chunk_bytes (alone), selectors, labels, &unknown));
  g_assert_true (selectors->len == 1 && labels->len == 4 && unknown == 0);
}

static void
test_ts_labels_refused (void)
{
  const char *bad[] = {
    "01 000000 0a 00 0003",
    "01 000000 0a 00 0006 61",
    "01 000000 0a 00 0004 61",
    "02 000000 0a 00 0005 61",
    "02 000000 0a 00 0005 61 07 00 0010 0000 ffff 0a000001 0a000000",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bytes = from_hex (bad[i]);
      IkeChunk chunk = ike_chunk_bytes (bytes), before = { 0 };
      g_autofree guint8 *copy = exact_copy (chunk, chunk.len);
      g_autoptr (GArray) selectors = selectors_new (), labels = labels_new ();
      guint unknown = 99;

      g_array_append_val (labels, before);
      g_assert_false (ike_ts_parse (ike_chunk (copy, chunk.len), selectors, labels, &unknown));
      g_assert_true (selectors->len == 0 && labels->len == 1 && unknown == 99);
    }
}

/* The label is one of them. */
static void
test_ts_label_limit (void)
{
  g_autoptr (GArray) selectors = selectors_new (), again = selectors_new (), labels = labels_new ();
  const IkeSelector all = selector ("0.0.0.0", "255.255.255.255", 0, 0, 65535);
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_MAX_MESSAGE), more = IKE_WRITER (IKE_MAX_MESSAGE);
  guint unknown;

  for (guint i = 0; i < IKE_MAX_SELECTORS; i++)
    g_array_append_val (selectors, all);
  ike_ts_write (&writer, selectors, ike_chunk ("x", 1));
  g_assert_true (ike_ts_parse (ike_writer_chunk (&writer), again, labels, &unknown));
  g_assert_true (again->len == IKE_MAX_SELECTORS && labels->len == 1);
  g_array_append_val (selectors, all);
  ike_ts_write (&more, selectors, ike_chunk ("x", 1));
  g_assert_false (ike_writer_ok (&more));
}

static void
test_selector_text (void)
{
  const struct {
    IkeSelector selector;
    const char *text;
  } cases[] = {
    { selector ("0.0.0.0", "255.255.255.255", 0, 0, 65535), "0.0.0.0/0" },
    { selector ("10.0.0.0", "10.255.255.255", 0, 0, 65535), "10.0.0.0/8" },
    { selector ("10.0.0.1", "10.0.0.1", 17, 1701, 1701), "10.0.0.1/32[17/1701]" },
    { selector ("10.0.0.1", "10.0.0.9", 6, 80, 90), "10.0.0.1-10.0.0.9[6/80-90]" },
    { selector ("10.0.0.0", "10.0.0.2", 6, 0, 65535), "10.0.0.0-10.0.0.2[6]" },
    { selector ("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0, 0, 65535), "::/0" },
    { selector ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 0, 0, 65535), "2001:db8::/32" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = ike_selector_to_string (&cases[i].selector);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

/* A class of errors in mode-config parsers: an attribute one octet shorter or longer than its type can be. */
static void
test_cp_attribute_lengths (void)
{
  const struct {
    IkeCpAttrType type;
    gsize lengths[3]; /* 99: no more */
  } cases[] = {
    { IKE_CP_ATTR_INTERNAL_IP4_ADDRESS, { 0, 4, 99 } }, { IKE_CP_ATTR_INTERNAL_IP4_NETMASK, { 0, 4, 99 } },
    { IKE_CP_ATTR_INTERNAL_IP4_DNS, { 0, 4, 99 } },     { IKE_CP_ATTR_INTERNAL_IP4_NBNS, { 0, 4, 99 } },
    { IKE_CP_ATTR_INTERNAL_IP4_DHCP, { 0, 4, 99 } },    { IKE_CP_ATTR_INTERNAL_IP6_ADDRESS, { 0, 16, 17 } },
    { IKE_CP_ATTR_INTERNAL_IP6_DNS, { 0, 16, 17 } },    { IKE_CP_ATTR_INTERNAL_IP6_DHCP, { 0, 16, 99 } },
    { IKE_CP_ATTR_INTERNAL_IP4_SUBNET, { 0, 8, 99 } },  { IKE_CP_ATTR_INTERNAL_IP6_SUBNET, { 0, 17, 99 } },
    { IKE_CP_ATTR_INTERNAL_IP6_PREFIX, { 0, 17, 99 } }, { IKE_CP_ATTR_P_CSCF_IP4_ADDRESS, { 0, 4, 99 } },
    { IKE_CP_ATTR_P_CSCF_IP6_ADDRESS, { 0, 16, 99 } },  { IKE_CP_ATTR_TIMEOUT_PERIOD_FOR_LIVENESS_CHECK, { 0, 4, 99 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize len = 0; len < 40; len++)
      {
        g_autofree guint8 *octets = g_malloc0 (8 + len);
        gboolean want = len == cases[i].lengths[0] || len == cases[i].lengths[1] || len == cases[i].lengths[2];
        IkeCp cp;

        octets[0] = IKE_CP_REPLY;
        octets[5] = (guint8) cases[i].type;
        octets[7] = (guint8) len;
        g_assert_true (ike_cp_parse (ike_chunk (octets, 8 + len), &cp) == want);
      }
  for (gsize len = 0; len < 40; len++)
    {
      g_assert_true (ike_cp_len_valid (IKE_CP_ATTR_SUPPORTED_ATTRIBUTES, len) == (len % 2 == 0));
      g_assert_true (ike_cp_len_valid (IKE_CP_ATTR_INTERNAL_DNS_DOMAIN, len));
      g_assert_true (ike_cp_len_valid (0x7fff, len)); /* unknown */
    }
}

static void
test_cp_write_then_parse (void)
{
  g_auto (IkeWriter) writer = IKE_WRITER (1000);
  IkeAddress ip4, ip6;
  IkeCpAttr attr;
  gsize offset = 0;
  IkeCp cp;

  ike_address_from_string ("10.9.8.7", &ip4);
  ike_address_from_string ("2001:db8::7", &ip6);
  ike_cp_write (&writer, IKE_CP_REQUEST);
  ike_cp_write_address (&writer, IKE_CP_ATTR_INTERNAL_IP4_ADDRESS, &ip4, 32);
  ike_cp_write_address (&writer, IKE_CP_ATTR_INTERNAL_IP6_ADDRESS, &ip6, 64);
  ike_cp_write_address (&writer, IKE_CP_ATTR_INTERNAL_IP6_DNS, &ip6, 0);
  ike_cp_write_attr (&writer, IKE_CP_ATTR_INTERNAL_IP4_DNS, ike_chunk (NULL, 0));
  ike_cp_write_attr (&writer, IKE_CP_ATTR_INTERNAL_DNS_DOMAIN, ike_chunk ("example.org", 11));
  assert_chunk (ike_writer_chunk (&writer), "01 000000 0001 0004 0a090807"
                                            "0008 0011 20010db8000000000000000000000007 40"
                                            "000a 0010 20010db8000000000000000000000007"
                                            "0003 0000 0019 000b 6578616d706c652e6f7267");
  g_assert_true (ike_cp_parse (ike_writer_chunk (&writer), &cp));
  g_assert_cmpuint (cp.type, ==, IKE_CP_REQUEST);
  g_assert_cmpuint (cp.n_attrs, ==, 5);
  for (guint i = 0; i < 5; i++)
    g_assert_true (ike_cp_next (&cp, &offset, &attr));
  g_assert_cmpuint (attr.type, ==, IKE_CP_ATTR_INTERNAL_DNS_DOMAIN);
  g_assert_false (ike_cp_next (&cp, &offset, &attr));
  g_assert_false (ike_cp_next (&cp, &offset, &attr));
}

static void
test_cp_refused (void)
{
  const char *bad[] = { "",
                        "02",
                        "02 0000",
                        "02 000000 00",
                        "02 000000 0019",
                        "02 000000 0019 00",
                        "02 000000 0019 0001",
                        "02 000000 0019 0003 6162",
                        "02 000000 0019 ffff 6162",
                        "02 000000 0001 0004 0a0000",
                        "02 000000 0019 0001 61 00" };
  IkeCp cp;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bytes = from_hex (bad[i]);
      IkeChunk chunk = ike_chunk_bytes (bytes);
      g_autofree guint8 *copy = exact_copy (chunk, chunk.len);

      g_assert_false (ike_cp_parse (ike_chunk (copy, chunk.len), &cp));
    }
  for (guint n = IKE_MAX_CP_ATTRS; n <= IKE_MAX_CP_ATTRS + 1; n++)
    {
      g_autofree guint8 *octets = g_malloc0 (4 + 4 * n);

      g_assert_true (ike_cp_parse (ike_chunk (octets, 4 + 4 * n), &cp) == (n <= IKE_MAX_CP_ATTRS));
    }
  /* the reserved bit before the type is ignored, also where the length is checked */
  {
    g_autoptr (GBytes) good = from_hex ("02 000000 8001 0004 0a000001"),
                       wrong = from_hex ("02 000000 8001 0003 0a0000");

    g_assert_true (ike_cp_parse (ike_chunk_bytes (good), &cp));
    g_assert_false (ike_cp_parse (ike_chunk_bytes (wrong), &cp));
  }
}

static void
test_cp_typed_values (void)
{
  const struct {
    guint16 type;
    const char *value;
    const char *address; /* NULL: not an address */
    gint prefix; /* -1: not a prefix */
  } cases[] = {
    { IKE_CP_ATTR_INTERNAL_IP4_ADDRESS, "0a000001", "10.0.0.1", -1 },
    { IKE_CP_ATTR_INTERNAL_IP4_ADDRESS, "", NULL, -1 },
    { IKE_CP_ATTR_INTERNAL_IP4_ADDRESS, "0a0000", NULL, -1 },
    { IKE_CP_ATTR_INTERNAL_IP6_ADDRESS, "20010db8000000000000000000000001 40", "2001:db8::1", 64 },
    { IKE_CP_ATTR_INTERNAL_IP6_ADDRESS, "20010db8000000000000000000000001", "2001:db8::1", 128 },
    { IKE_CP_ATTR_INTERNAL_IP6_ADDRESS, "20010db8000000000000000000000001 81", "2001:db8::1", -1 },
    { IKE_CP_ATTR_INTERNAL_IP6_DNS, "20010db8000000000000000000000001", "2001:db8::1", -1 },
    { IKE_CP_ATTR_INTERNAL_IP6_DNS, "20010db8000000000000000000000001 80", "2001:db8::1", -1 },
    { IKE_CP_ATTR_INTERNAL_IP4_SUBNET, "0a000000 ff000000", NULL, 8 },
    { IKE_CP_ATTR_INTERNAL_IP4_SUBNET, "0a000000 00000000", NULL, 0 },
    { IKE_CP_ATTR_INTERNAL_IP4_SUBNET, "0a000000 ff00ff00", NULL, -1 },
    { IKE_CP_ATTR_INTERNAL_IP4_SUBNET, "", NULL, -1 },
    { IKE_CP_ATTR_INTERNAL_IP6_SUBNET, "20010db8000000000000000000000000 20", "2001:db8::", 32 },
    { IKE_CP_ATTR_INTERNAL_IP6_SUBNET, "20010db8000000000000000000000000 ff", "2001:db8::", -1 },
    { IKE_CP_ATTR_APPLICATION_VERSION, "0a000001", NULL, -1 },
    { IKE_CP_ATTR_SUPPORTED_ATTRIBUTES, "00010003", NULL, -1 },
    { 0x7000, "0a000001", NULL, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) value = from_hex (cases[i].value);
      const IkeCpAttr attr = { cases[i].type, ike_chunk_bytes (value) };
      IkeAddress address;
      IkePrefix prefix;

      g_assert_true (ike_cp_attr_address (&attr, &address) == (cases[i].address != NULL));
      if (cases[i].address)
        {
          g_autofree char *text = ike_address_to_string (&address);

          g_assert_cmpstr (text, ==, cases[i].address);
        }
      g_assert_true (ike_cp_attr_prefix (&attr, &prefix) == (cases[i].prefix >= 0));
      if (cases[i].prefix >= 0)
        g_assert_cmpint (prefix.prefix, ==, cases[i].prefix);
    }
}

/* strongSwan CVE-2010-3302 and 3308, openswan CVE-2010-3752 and 3753: strings of a gateway. */
static void
test_cp_text (void)
{
  const struct {
    const char *value;
    gsize len;
    gboolean lines;
    const char *text;
  } cases[] = {
    { "example.org", 11, FALSE, "example.org" },
    { "example.org\0", 12, FALSE, "example.org" },
    { "a\0b", 3, FALSE, NULL },
    { "", 0, FALSE, NULL },
    { "\0", 1, FALSE, NULL },
    { "a\nb", 3, FALSE, NULL },
    { "\xff", 1, FALSE, NULL },
    { "$(reboot)`id`'\"", 15, FALSE, "$(reboot)`id`'\"" }, /* clean text; the host name grammar refuses it later */
    { "0123456789abcdef", 16, FALSE, "0123456789abcdef" },
    { "0123456789abcdefg", 17, FALSE, NULL }, /* one above the maximum */
    { "hi\r\nDOM\\u\r\n\0", 13, TRUE, "hi\nDOM\\u" },
    { "\x1b[2J", 4, TRUE, "\\x1b[2J" },
    { "0123456789abcdefg", 17, TRUE, "0123456789abcdef" }, /* cut */
    { "0123456789abcde\xc3\xbc", 17, TRUE, "0123456789abcde" }, /* not within a character */
    { "\r\n \0\0", 5, TRUE, NULL },
    { "", 0, TRUE, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const IkeCpAttr attr = { IKE_CP_ATTR_UNITY_BANNER, ike_chunk (cases[i].value, cases[i].len) };
      g_autofree char *text = ike_cp_attr_text (&attr, cases[i].lines, 16);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_cp_banner_of_64k (void)
{
  g_autofree char *huge = g_malloc (65535);
  IkeCpAttr attr = { IKE_CP_ATTR_UNITY_BANNER, ike_chunk (huge, 65535) };
  g_autofree char *text = NULL;

  for (guint i = 0; i < 65535; i++)
    huge[i] = "'`\n$(\"%n\\\x01"[i % 10];
  text = ike_cp_attr_text (&attr, TRUE, 4096);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpuint (strlen (text), <=, 4 * 4096);
}

/* ---- RFC 8598 section 4.2, RFC 9464 section 3.1 ---- */

#define DIGEST1 "42363232354142324343363133453044434137393632424443323334324541344435423143304634" /* 40 digits */

static void
test_cp_trust_anchors (void)
{
  static const struct {
    const char *octets, *text;
  } rows[] = {
    { "aa1b 08 01" DIGEST1, "43547 8 1 B6225AB2CC613E0DCA7962BDC2342EA4D5B1C0F4" },
    { "", NULL },
    { "aa1b08", NULL },
    { "aa1b0801", NULL },
    { "aa1b 08 01" DIGEST1 "41", NULL }, /* too long */
    { "aa1b 08 02" DIGEST1, NULL }, /* not that of SHA-256 */
    { "aa1b 08 09" DIGEST1, NULL }, /* of nothing that is known */
    { "aa1b 08 01 47363232354142324343363133453044434137393632424443323334324541344435423143304634", NULL }, /* "G" */
    { "aa1b 08 01 000102030405060708090a0b0c0d0e0f10111213", NULL }, /* not in presentation format */
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) octets = from_hex (rows[i].octets);
      IkeCpAttr attr = { IKE_CP_ATTR_INTERNAL_DNSSEC_TA, ike_chunk_bytes (octets) };
      g_autofree char *text = ike_cp_attr_trust_anchor (&attr);

      g_assert_cmpstr (text, ==, rows[i].text);
      attr.type = IKE_CP_ATTR_INTERNAL_DNS_DOMAIN;
      g_assert_null (ike_cp_attr_trust_anchor (&attr));
    }
}

#define HEAD4 "0001 01 03 c0000235 612e62" /* priority 1, one address, "a.b" */

static void
test_cp_resolvers (void)
{
  static const struct {
    const char *octets, *text;
  } rows[] = {
    { HEAD4, "a.b (192.0.2.53)" },
    { HEAD4 "0001 0003 026832", "a.b (192.0.2.53) by h2" },
    { HEAD4 "0001 0007 026832 03646f74 0003 0002 0355 0007 0005 2f7b646e73",
      "a.b (192.0.2.53) by h2,dot on port 853 at /{dns" },
    { HEAD4 "0000 0004 0001 0003 0001 0003 026832 0003 0002 0355", "a.b (192.0.2.53) by h2 on port 853" },
    { HEAD4 "0002 0000", "a.b (192.0.2.53)" },
    { HEAD4 "fff0 0002 abcd", "a.b (192.0.2.53)" }, /* nobody knows it, nobody must */
    { "0000 00 03 612e62", "a.b" }, /* an alias */
    { "0001 02 03 c0000235 c0000236 612e62", "a.b (192.0.2.53, 192.0.2.54)" },
    { "", NULL },
    { "0001", NULL },
    { "0001 01 03 c0000235 612e", NULL }, /* a name that is cut */
    { "0001 02 03 c0000235 612e62", NULL }, /* an address that is missing */
    { "0001 00 03 612e62", NULL }, /* no address */
    { "0000 01 03 c0000235 612e62", NULL }, /* an alias with one */
    { "0000 00 03 612e62 0002 0000", NULL }, /* with a parameter */
    { "0001 01 00 c0000235", NULL }, /* no name */
    { "0001 01 03 c0000235 610062", NULL }, /* a NUL in it */
    { HEAD4 "00", NULL },
    { HEAD4 "0001 0003 0268", NULL },
    { HEAD4 "0001 0000", NULL }, /* no protocol */
    { HEAD4 "0001 0001 00", NULL }, /* one without a name */
    { HEAD4 "0001 0003 020a32", NULL }, /* one with a line end */
    { HEAD4 "0001 0007 026832 03006f74", NULL }, /* one with a NUL */
    { HEAD4 "0003 0002 0000", NULL }, /* no port */
    { HEAD4 "0003 0001 35", NULL },
    { HEAD4 "0002 0001 00", NULL },
    { HEAD4 "0003 0002 0355 0001 0003 026832", NULL }, /* not in order */
    { HEAD4 "0003 0002 0355 0003 0002 0355", NULL }, /* twice */
    { HEAD4 "0000 0002 0009", NULL }, /* what must be understood and is not */
    { HEAD4 "0000 0004 0003 0001", NULL },
    { HEAD4 "0000 0000", NULL },
    { HEAD4 "0004 0004 c0000235", NULL }, /* addresses have another place */
    { HEAD4 "0006 0010 00000000000000000000000000000000", NULL },
    { HEAD4 "0007 0002 7b64", NULL }, /* not from the root */
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) octets = from_hex (rows[i].octets);
      IkeCpAttr attr = { IKE_CP_ATTR_ENCDNS_IP4, ike_chunk_bytes (octets) };
      g_autoptr (IkeResolver) resolver = ike_cp_attr_resolver (&attr);
      g_autofree char *text = resolver ? ike_resolver_to_string (resolver) : NULL;

      g_assert_cmpstr (text, ==, rows[i].text);
      attr.type = IKE_CP_ATTR_ENCDNS_DIGEST_INFO;
      g_assert_null (ike_cp_attr_resolver (&attr));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/ts/write-then-parse", test_ts_write_then_parse);
  g_test_add_func ("/wire/ts/unknown-types-are-counted", test_ts_unknown_types_are_counted);
  g_test_add_func ("/wire/ts/refused", test_ts_refused);
  g_test_add_func ("/wire/ts/opaque", test_ts_opaque);
  g_test_add_func ("/wire/ts/limit", test_ts_limit);
  g_test_add_func ("/wire/ts/label", test_ts_label);
  g_test_add_func ("/wire/ts/labels", test_ts_labels);
  g_test_add_func ("/wire/ts/labels-refused", test_ts_labels_refused);
  g_test_add_func ("/wire/ts/label-limit", test_ts_label_limit);
  g_test_add_func ("/wire/ts/text", test_selector_text);
  g_test_add_func ("/wire/cp/attribute-lengths-off-by-one", test_cp_attribute_lengths);
  g_test_add_func ("/wire/cp/write-then-parse", test_cp_write_then_parse);
  g_test_add_func ("/wire/cp/refused", test_cp_refused);
  g_test_add_func ("/wire/cp/typed-values", test_cp_typed_values);
  g_test_add_func ("/wire/cve-2010-3308-cp-text", test_cp_text);
  g_test_add_func ("/wire/cve-2010-3302-banner-of-64k", test_cp_banner_of_64k);
  g_test_add_func ("/wire/cp/trust-anchors", test_cp_trust_anchors);
  g_test_add_func ("/wire/cp/resolvers", test_cp_resolvers);
  return g_test_run ();
}
