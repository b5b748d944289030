/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel: net/netfilter/nf_tables_api.c, nft_exthdr.c, nft_xfrm.c. Numbers are big-endian, but those that an expression
 * compares with a register that holds one of the machine's. The kernel makes no segment size larger than it was. */
#include "kernel/clamp-build.h"

#include "kernel/owner.h"

/* libc's, before the kernel's of the same name */
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <string.h>

#define PRIORITY_MANGLE (-150)
#define OWNER_MASK 0xffffff00u /* of a reqid; the rest is a slot */
#define FLAGS_OFFSET 13 /* RFC 9293 section 3.1 */

typedef enum { CHAIN_IN, CHAIN_OUT } Chain;

typedef struct {
  GByteArray *octets;
  guint32 seq;
  gsize message; /* where the last one begins */
  char table[32];
} Batch;

/* ---- messages and attributes ---- */

static void
align (Batch *b)
{
  static const guint8 zero[NLA_ALIGNTO];

  g_byte_array_append (b->octets, zero, NLA_ALIGN (b->octets->len) - b->octets->len);
}

static void
begin (Batch *b, guint16 type, guint16 flags, guint8 family, guint16 resource)
{
  const struct nlmsghdr hdr = { .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = ++b->seq };
  const struct nfgenmsg body = { .nfgen_family = family, .version = NFNETLINK_V0, .res_id = htons (resource) };

  b->message = b->octets->len;
  g_byte_array_append (b->octets, (const guint8 *) &hdr, sizeof hdr);
  g_byte_array_append (b->octets, (const guint8 *) &body, sizeof body);
}

static void
end (Batch *b)
{
  const guint32 len = b->octets->len - (guint32) b->message;

  memcpy (b->octets->data + b->message, &len, sizeof len); /* nlmsg_len, the first field */
}

static void
table_message (Batch *b, guint type, guint16 flags)
{
  begin (b, (guint16) (NFNL_SUBSYS_NFTABLES << 8 | type), flags, NFPROTO_INET, 0);
}

static gsize
nest (Batch *b, guint16 type)
{
  const struct nlattr attr = { .nla_type = (guint16) (type | NLA_F_NESTED) };
  gsize at = b->octets->len;

  g_byte_array_append (b->octets, (const guint8 *) &attr, sizeof attr);
  return at;
}

static void
unnest (Batch *b, gsize at)
{
  const guint16 len = (guint16) (b->octets->len - at);

  memcpy (b->octets->data + at, &len, sizeof len); /* nla_len, the first field */
}

static void
put (Batch *b, guint16 type, gconstpointer data, gsize len)
{
  const struct nlattr attr = { .nla_len = (guint16) (sizeof attr + len), .nla_type = type };

  g_byte_array_append (b->octets, (const guint8 *) &attr, sizeof attr);
  g_byte_array_append (b->octets, data, (guint) len);
  align (b);
}

static void
put_string (Batch *b, guint16 type, const char *s)
{
  put (b, type, s, strlen (s) + 1);
}

static void
put_number (Batch *b, guint16 type, guint32 number)
{
  const guint32 value = htonl (number);

  put (b, type, &value, sizeof value);
}

static void
put_octet (Batch *b, guint16 type, guint8 octet)
{
  put (b, type, &octet, 1);
}

static void
put_data (Batch *b, guint16 type, gconstpointer data, gsize len)
{
  gsize at = nest (b, type);

  put (b, NFTA_DATA_VALUE, data, len);
  unnest (b, at);
}

/* ---- expressions: all of them work with the first register ---- */

typedef struct {
  gsize element, data;
} Expression;

static Expression
expression (Batch *b, const char *name)
{
  Expression e = { .element = nest (b, NFTA_LIST_ELEM) };

  put_string (b, NFTA_EXPR_NAME, name);
  e.data = nest (b, NFTA_EXPR_DATA);
  return e;
}

static void
done (Batch *b, Expression e)
{
  unnest (b, e.data);
  unnest (b, e.element);
}

static void
load_meta (Batch *b, guint32 key)
{
  Expression e = expression (b, "meta");

  put_number (b, NFTA_META_KEY, key);
  put_number (b, NFTA_META_DREG, NFT_REG_1);
  done (b, e);
}

static void
load_reqid (Batch *b, Chain chain)
{
  Expression e = expression (b, "xfrm");

  put_number (b, NFTA_XFRM_DREG, NFT_REG_1);
  put_number (b, NFTA_XFRM_KEY, NFT_XFRM_KEY_REQID);
  put_octet (b, NFTA_XFRM_DIR, chain == CHAIN_OUT ? XFRM_POLICY_OUT : XFRM_POLICY_IN);
  put_number (b, NFTA_XFRM_SPNUM, 0);
  done (b, e);
}

static void
load_flags (Batch *b)
{
  Expression e = expression (b, "payload");

  put_number (b, NFTA_PAYLOAD_DREG, NFT_REG_1);
  put_number (b, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
  put_number (b, NFTA_PAYLOAD_OFFSET, FLAGS_OFFSET);
  put_number (b, NFTA_PAYLOAD_LEN, 1);
  done (b, e);
}

static void
mask (Batch *b, gconstpointer bits, guint32 len)
{
  static const guint8 zero[4];
  Expression e = expression (b, "bitwise");

  put_number (b, NFTA_BITWISE_SREG, NFT_REG_1);
  put_number (b, NFTA_BITWISE_DREG, NFT_REG_1);
  put_number (b, NFTA_BITWISE_LEN, len);
  put_data (b, NFTA_BITWISE_MASK, bits, len);
  put_data (b, NFTA_BITWISE_XOR, zero, len);
  done (b, e);
}

static void
is (Batch *b, gconstpointer value, gsize len)
{
  Expression e = expression (b, "cmp");

  put_number (b, NFTA_CMP_SREG, NFT_REG_1);
  put_number (b, NFTA_CMP_OP, NFT_CMP_EQ);
  put_data (b, NFTA_CMP_DATA, value, len);
  done (b, e);
}

static void
set_segment (Batch *b, guint32 mss)
{
  const guint16 value = htons ((guint16) mss);
  Expression e = expression (b, "immediate");

  put_number (b, NFTA_IMMEDIATE_DREG, NFT_REG_1);
  put_data (b, NFTA_IMMEDIATE_DATA, &value, sizeof value);
  done (b, e);
  e = expression (b, "exthdr");
  put_octet (b, NFTA_EXTHDR_TYPE, TCPOPT_MAXSEG);
  put_number (b, NFTA_EXTHDR_OFFSET, 2); /* behind kind and length */
  put_number (b, NFTA_EXTHDR_LEN, sizeof value);
  put_number (b, NFTA_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
  put_number (b, NFTA_EXTHDR_SREG, NFT_REG_1);
  done (b, e);
}

/* ---- the table ---- */

static const char *const chain_names[] = { [CHAIN_IN] = "in", [CHAIN_OUT] = "out" };

static void
add_chain (Batch *b, Chain chain)
{
  gsize hook;

  table_message (b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
  put_string (b, NFTA_CHAIN_TABLE, b->table);
  put_string (b, NFTA_CHAIN_NAME, chain_names[chain]);
  hook = nest (b, NFTA_CHAIN_HOOK);
  put_number (b, NFTA_HOOK_HOOKNUM, chain == CHAIN_OUT ? NF_INET_POST_ROUTING : NF_INET_PRE_ROUTING);
  put_number (b, NFTA_HOOK_PRIORITY, (guint32) PRIORITY_MANGLE);
  unnest (b, hook);
  put_number (b, NFTA_CHAIN_POLICY, NF_ACCEPT);
  put_string (b, NFTA_CHAIN_TYPE, "filter");
  end (b);
}

static void
is_of_tunnel (Batch *b, const ClampWish *wish, Chain chain)
{
  const guint32 bits = OWNER_MASK;

  if (wish->ifindex)
    {
      load_meta (b, chain == CHAIN_OUT ? NFT_META_OIF : NFT_META_IIF);
      is (b, &wish->ifindex, sizeof wish->ifindex);
      return;
    }
  load_reqid (b, chain);
  mask (b, &bits, sizeof bits);
  is (b, &wish->owner, sizeof wish->owner);
}

static void
add_rule (Batch *b, const ClampWish *wish, Chain chain, guint8 family, guint32 mss, gboolean last)
{
  const guint8 tcp = IPPROTO_TCP, bits = TH_SYN | TH_RST, syn = TH_SYN;
  gsize list;

  table_message (b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | (last ? NLM_F_ACK : 0));
  put_string (b, NFTA_RULE_TABLE, b->table);
  put_string (b, NFTA_RULE_CHAIN, chain_names[chain]);
  list = nest (b, NFTA_RULE_EXPRESSIONS);
  load_meta (b, NFT_META_NFPROTO);
  is (b, &family, 1);
  is_of_tunnel (b, wish, chain);
  load_meta (b, NFT_META_L4PROTO);
  is (b, &tcp, 1);
  load_flags (b);
  mask (b, &bits, 1);
  is (b, &syn, 1);
  set_segment (b, mss);
  unnest (b, list);
  end (b);
}

GByteArray *
clamp_build (const ClampWish *wish, gboolean replaces, guint32 *ret_last)
{
  Batch b = { .octets = g_byte_array_new () };

  g_snprintf (b.table, sizeof b.table, "nm-ipsec-%u", (wish->owner & ~OWNER_MARKER) >> 8);
  begin (&b, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
  end (&b);
  if (replaces)
    {
      table_message (&b, NFT_MSG_DELTABLE, 0);
      put_string (&b, NFTA_TABLE_NAME, b.table);
      end (&b);
    }
  table_message (&b, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
  put_string (&b, NFTA_TABLE_NAME, b.table);
  put_number (&b, NFTA_TABLE_FLAGS, NFT_TABLE_F_OWNER);
  end (&b);
  add_chain (&b, CHAIN_IN);
  add_chain (&b, CHAIN_OUT);
  if (wish->mss4)
    {
      add_rule (&b, wish, CHAIN_IN, NFPROTO_IPV4, wish->mss4, FALSE);
      add_rule (&b, wish, CHAIN_OUT, NFPROTO_IPV4, wish->mss4, !wish->mss6);
    }
  if (wish->mss6)
    {
      add_rule (&b, wish, CHAIN_IN, NFPROTO_IPV6, wish->mss6, FALSE);
      add_rule (&b, wish, CHAIN_OUT, NFPROTO_IPV6, wish->mss6, TRUE);
    }
  *ret_last = b.seq;
  begin (&b, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
  end (&b);
  return b.octets;
}
