/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The batch that limits TCP's segments, read as the kernel reads it. That the kernel takes it is the lab's to show. */
#include "helper/kernel/clamp-build.h"

#include <glib.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>

#define OWNER 0x40004800u /* of process 72 */
#define NFTABLES(type) (NFNL_SUBSYS_NFTABLES << 8 | (type))

/* One message as words: its type, then attributes with nests in brackets; numbers in hexadecimal. */
static void
write_attributes (GString *out, const guint8 *octets, gsize len)
{
  for (gsize at = 0; at < len;)
    {
      struct nlattr attr;

      g_assert_cmpuint (len - at, >=, sizeof attr);
      memcpy (&attr, octets + at, sizeof attr);
      g_assert_cmpuint (attr.nla_len, >=, sizeof attr);
      g_assert_cmpuint (attr.nla_len, <=, len - at);
      g_string_append_printf (out, " %u", attr.nla_type & NLA_TYPE_MASK);
      if (attr.nla_type & NLA_F_NESTED)
        {
          g_string_append (out, "(");
          write_attributes (out, octets + at + sizeof attr, attr.nla_len - sizeof attr);
          g_string_append (out, " )");
        }
      else
        {
          g_string_append (out, "=");
          for (gsize i = sizeof attr; i < attr.nla_len; i++)
            g_string_append_printf (out, "%02x", octets[at + i]);
        }
      at += NLA_ALIGN (attr.nla_len);
    }
}

/* A line for each message; numbers and lengths are checked on the way. */
static GPtrArray *
read_batch (const ClampWish *wish, gboolean replaces, guint32 *ret_last)
{
  g_autoptr (GByteArray) batch = clamp_build (wish, replaces, ret_last);
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  for (gsize at = 0; at < batch->len;)
    {
      const gsize head = NLMSG_HDRLEN + sizeof (struct nfgenmsg);
      GString *line = g_string_new (NULL);
      struct nlmsghdr hdr;

      memcpy (&hdr, batch->data + at, sizeof hdr);
      g_assert_cmpuint (hdr.nlmsg_len, >=, head);
      g_assert_cmpuint (hdr.nlmsg_len, <=, batch->len - at);
      g_assert_cmpuint (hdr.nlmsg_seq, ==, lines->len + 1);
      g_assert_cmpuint (hdr.nlmsg_flags & NLM_F_ACK, ==, hdr.nlmsg_seq == *ret_last ? NLM_F_ACK : 0);
      g_assert_cmpuint (hdr.nlmsg_len, ==, NLMSG_ALIGN (hdr.nlmsg_len));
      g_string_append_printf (line, "%x:%u:", hdr.nlmsg_type, batch->data[at + NLMSG_HDRLEN]);
      write_attributes (line, batch->data + at + head, hdr.nlmsg_len - head);
      g_ptr_array_add (lines, g_string_free (line, FALSE));
      at += hdr.nlmsg_len;
    }
  return lines;
}

static gboolean
has (const GPtrArray *lines, guint i, const char *what)
{
  return strstr (lines->pdata[i], what) != NULL;
}

/* nm-ipsec-72 */
#define TABLE "1=6e6d2d69707365632d373200"

static void
test_table (void)
{
  const ClampWish wish = { .owner = OWNER, .ifindex = 7, .mss4 = 1360, .mss6 = 1340 };
  guint32 last;
  g_autoptr (GPtrArray) lines = read_batch (&wish, FALSE, &last);
  g_autoptr (GPtrArray) again = read_batch (&wish, TRUE, &last);

  g_assert_cmpuint (lines->len, ==, 9);
  g_assert_cmpuint (again->len, ==, 10);
  g_assert_cmpstr (lines->pdata[0], ==, "10:0:");
  g_assert_cmpstr (lines->pdata[1], ==, "a00:1: " TABLE " 2=00000002"); /* owned by the socket */
  g_assert_cmpstr (lines->pdata[2], ==,
                   "a03:1: " TABLE " 3=696e00 4( 1=00000000 2=ffffff6a ) 5=00000001 7=66696c74657200");
  g_assert_cmpstr (lines->pdata[3], ==,
                   "a03:1: " TABLE " 3=6f757400 4( 1=00000004 2=ffffff6a ) 5=00000001 7=66696c74657200");
  g_assert_cmpstr (lines->pdata[8], ==, "11:0:");
  g_assert_cmpstr (again->pdata[1], ==, "a02:1: " TABLE);
  for (guint i = 1; i < 9; i++)
    g_assert_cmpstr (lines->pdata[i], ==, again->pdata[i + 1]);
}

/* By the link, or by the reqids; of one IP version, or both; in both directions. */
static void
test_rules (void)
{
  const ClampWish link = { .owner = OWNER, .ifindex = 0x01020304, .mss4 = 0x0550, .mss6 = 0x053c };
  const ClampWish none = { .owner = OWNER, .mss6 = 0x053c };
  guint32 last;
  g_autoptr (GPtrArray) linked = read_batch (&link, FALSE, &last);
  g_autoptr (GPtrArray) linkless = read_batch (&none, FALSE, &last);

  g_assert_cmpuint (linkless->len, ==, 7);
  for (guint i = 4; i < 8; i++)
    {
      g_assert_true (has (linked, i, i & 1 ? "2=6f757400" : "2=696e00")); /* the chain */
      g_assert_true (has (linked, i, i & 1 ? "2=00000005" : "2=00000004")); /* NFT_META_OIF, IIF */
      g_assert_true (has (linked, i, "3( 1=04030201 )")); /* as this machine writes numbers */
      g_assert_true (has (linked, i, i < 6 ? "2( 1=0550 )" : "2( 1=053c )"));
      g_assert_true (has (linked, i, "4( 1=06 ) 5( 1=00 )") && has (linked, i, "3( 1=02 )")); /* SYN without RST */
      g_assert_true (has (linked, i, "1=65787468647200")); /* exthdr */
    }
  for (guint i = 4; i < 6; i++)
    {
      g_assert_true (has (linkless, i, i & 1 ? "2=00000005 3=01 4=00000000" : "2=00000005 3=00 4=00000000"));
      g_assert_true (has (linkless, i, "4( 1=00ffffff ) 5( 1=00000000 )"));
      g_assert_true (has (linkless, i, "3( 1=00480040 )"));
      g_assert_true (has (linkless, i, "3( 1=0a )")); /* IPv6 */
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clamp/table", test_table);
  g_test_add_func ("/clamp/rules", test_rules);
  return g_test_run ();
}
