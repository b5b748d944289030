/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to the kernel, octet by octet against xfrm-messages.h, and read by another implementation (libnl-xfrm, where
 * it is installed and as far as it goes).
 */
#include "helper/kernel/link-build.h"
#include "helper/kernel/selectors.h"
#include "helper/kernel/xfrm-build.h"
#include "helper/kernel/xfrm-parse.h"

#include "probe.h"
#include "xfrm-messages.h"

#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>

#ifdef __SANITIZE_ADDRESS__ /* it leaks what it has parsed */
# undef HAVE_LIBNL_XFRM
#endif
#ifdef HAVE_LIBNL_XFRM
# include <netlink/xfrm/sa.h>
# include <netlink/xfrm/selector.h>
# include <netlink/xfrm/sp.h>
# include <netlink/xfrm/template.h>
#endif

#define REQID 0x40004801
#define IF_ID 0x40004800

static guint8 counting[64]; /* 1, 2, 3, ... */

static gboolean
layout_is_known (void)
{
  return G_BYTE_ORDER == G_LITTLE_ENDIAN && sizeof (gpointer) == 8;
}

static void
expect (struct nl_msg *take_msg, const char *hex)
{
  g_autoptr (GString) got = g_string_new (NULL);
  const guint8 *octets;

  g_assert_nonnull (take_msg);
  octets = (const guint8 *) nlmsg_hdr (take_msg);
  for (guint i = 0; i < nlmsg_hdr (take_msg)->nlmsg_len; i++)
    g_string_append_printf (got, "%02x", octets[i]);
  xfrm_msg_free (take_msg);
  g_assert_cmpstr (got->str, ==, hex);
}

static XfrmSaId
sa_id (const char *src, const char *dst, guint32 spi)
{
  return (
      XfrmSaId){ .src = probe_address (src), .dst = probe_address (dst), .spi = spi, .reqid = REQID, .protocol = 50 };
}

static XfrmSa
inbound (void)
{
  return (XfrmSa){ .id = sa_id ("192.0.2.2", "192.0.2.1", 0xc1020304),
                   .encr = "rfc4106(gcm(aes))",
                   .integ = "",
                   .aead = TRUE,
                   .icv_bits = 128,
                   .encr_key = { counting, 36 } };
}

static XfrmSa
outbound (void)
{
  XfrmSa sa = inbound ();

  sa.id = sa_id ("192.0.2.1", "192.0.2.2", 0x11223344);
  sa.id.outbound = TRUE;
  return sa;
}

static void
use_cbc (XfrmSa *sa, const char *integ, guint bits)
{
  sa->aead = FALSE;
  sa->encr = "cbc(aes)";
  sa->encr_key = (ChannelBlob){ counting, 16 };
  sa->integ = integ;
  sa->integ_key = (ChannelBlob){ counting + 32, 20 };
  sa->icv_bits = bits;
}

/* ---- SAs ---- */

static void
test_spi (void)
{
  XfrmSaId id = sa_id ("192.0.2.2", "192.0.2.1", 0x999);

  id.if_id = IF_ID;
  expect (xfrm_build_spi_alloc (&id, TRUE), hex_spi_alloc);
}

/* Of the flags: RFC 4301 section 5.1.2.1 copies the traffic class outwards and not inwards, unless told otherwise. */
static void
test_dscp (void)
{
  static const struct {
    gboolean outbound;
    guint8 dscp, flags;
    guint32 extra;
  } cases[] = {
    { FALSE, 0, 0, 0 },
    { FALSE, CHANNEL_DSCP_NOT_OUT, 0, 0 },
    { FALSE, CHANNEL_DSCP_IN, XFRM_STATE_DECAP_DSCP, 0 },
    { TRUE, 0, 0, 0 },
    { TRUE, CHANNEL_DSCP_IN, 0, 0 },
    { TRUE, CHANNEL_DSCP_NOT_OUT | CHANNEL_DSCP_IN, 0, XFRM_SA_XFLAG_DONT_ENCAP_DSCP },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      XfrmSa sa = cases[i].outbound ? outbound () : inbound ();
      struct nl_msg *msg;
      const struct xfrm_usersa_info *info;
      struct nlattr *attr;

      sa.dscp = cases[i].dscp;
      msg = xfrm_build_sa (&sa, FALSE);
      info = nlmsg_data (nlmsg_hdr (msg));
      g_assert_cmpuint (info->flags & XFRM_STATE_DECAP_DSCP, ==, cases[i].flags);
      attr = nlmsg_find_attr (nlmsg_hdr (msg), sizeof *info, XFRMA_SA_EXTRA_FLAGS);
      g_assert_cmpuint (attr ? nla_get_u32 (attr) : 0, ==, cases[i].extra);
      xfrm_msg_free (msg);
    }
}

/* The attribute's octets, NULL: it is not there. */
static char *
attribute_hex (struct nl_msg *msg, gsize body, int type)
{
  struct nlattr *attr = nlmsg_find_attr (nlmsg_hdr (msg), (int) body, type);
  g_autoptr (GString) hex = g_string_new (NULL);

  for (int i = 0; attr && i < nla_len (attr); i++)
    g_string_append_printf (hex, "%02x", ((const guint8 *) nla_data (attr))[i]);
  return attr ? g_string_free (g_steal_pointer (&hex), FALSE) : NULL;
}

static void
expect_attribute (struct nl_msg *msg, gsize body, int type, const char *hex)
{
  g_autofree char *got = attribute_hex (msg, body, type);

  g_assert_cmpstr (got, ==, hex);
}

/* A mark with a mask: outbound it is a condition, and what comes out of an inbound SA gets it. */
static void
test_marks (void)
{
  const gsize body = sizeof (struct xfrm_usersa_info);
  XfrmSa sa = outbound ();
  XfrmPolicy policy = { .dir = XFRM_POLICY_OUT, .mark = 0x10, .mark_mask = 0xf0, .reqid = REQID, .protocol = 50 };
  struct nl_msg *msg;

  sa.id.mark = 0x10;
  sa.id.mark_mask = 0xf0;
  msg = xfrm_build_sa (&sa, FALSE);
  expect_attribute (msg, body, XFRMA_MARK, "10000000f0000000");
  expect_attribute (msg, body, XFRMA_SET_MARK, NULL);
  xfrm_msg_free (msg);
  msg = xfrm_build_sa_delete (&sa.id);
  expect_attribute (msg, sizeof (struct xfrm_usersa_id), XFRMA_MARK, "10000000f0000000");
  xfrm_msg_free (msg);
  sa.id.mark = 0; /* whoever has none of these bits */
  msg = xfrm_build_sa_get (&sa.id);
  expect_attribute (msg, sizeof (struct xfrm_usersa_id), XFRMA_MARK, "00000000f0000000");
  xfrm_msg_free (msg);
  sa = inbound ();
  sa.set_mark = 0x10;
  sa.set_mark_mask = 0xf0;
  msg = xfrm_build_sa (&sa, FALSE);
  expect_attribute (msg, body, XFRMA_MARK, NULL);
  expect_attribute (msg, body, XFRMA_SET_MARK, "10000000");
  expect_attribute (msg, body, XFRMA_SET_MARK_MASK, "f0000000");
  xfrm_msg_free (msg);
  policy.src = probe_address ("192.0.2.1");
  policy.dst = probe_address ("192.0.2.2");
  msg = xfrm_build_policy (&policy);
  expect_attribute (msg, sizeof (struct xfrm_userpolicy_info), XFRMA_MARK, "10000000f0000000");
  xfrm_msg_free (msg);
  msg = xfrm_build_policy_delete (&policy);
  expect_attribute (msg, sizeof (struct xfrm_userpolicy_id), XFRMA_MARK, "10000000f0000000");
  xfrm_msg_free (msg);
}

/* IPComp: an SA without keys, whose SPI is the CPI; a number for it; policies with two templates. */
static void
test_ipcomp (void)
{
  const gsize body = sizeof (struct xfrm_usersa_info);
  XfrmSa sa = { .encr = "", .integ = "" };
  XfrmPolicy policy = { .reqid = REQID,
                        .protocol = 50,
                        .ipcomp = TRUE,
                        .src = probe_address ("192.0.2.1"),
                        .dst = probe_address ("192.0.2.2") };
  struct nl_msg *msg;
  const struct xfrm_usersa_info *info;
  const struct xfrm_userspi_info *range;

  sa.id = outbound ().id;
  sa.id.transport_mode = TRUE;
  sa.id.cpi = 0x1234;
  sa.id = xfrm_sa_comp (&sa.id);
  msg = xfrm_build_sa (&sa, FALSE);
  info = nlmsg_data (nlmsg_hdr (msg));
  g_assert_cmpint (info->id.proto, ==, IPPROTO_COMP);
  g_assert_cmphex (ntohl (info->id.spi), ==, 0x1234);
  g_assert_cmpint (info->mode, ==, XFRM_MODE_TUNNEL);
  g_assert_cmpuint (info->flags & XFRM_STATE_AF_UNSPEC, !=, 0);
  expect_attribute (msg, body, XFRMA_ALG_COMP,
                    "6465666c61746500"
                    "00000000000000000000000000000000000000000000000000000000"
                    "00000000000000000000000000000000000000000000000000000000"
                    "00000000");
  expect_attribute (msg, body, XFRMA_ALG_AEAD, NULL);
  expect_attribute (msg, body, XFRMA_ALG_CRYPT, NULL);
  xfrm_msg_free (msg);
  msg = xfrm_build_spi_alloc (&sa.id, FALSE);
  range = nlmsg_data (nlmsg_hdr (msg));
  g_assert_cmpint (range->info.id.proto, ==, IPPROTO_COMP);
  g_assert_cmpuint (range->min, ==, 256);
  g_assert_cmpuint (range->max, ==, 61439);
  xfrm_msg_free (msg);
  for (guint8 dir = XFRM_POLICY_IN; dir <= XFRM_POLICY_FWD; dir++)
    {
      struct xfrm_user_tmpl tmpl[2];
      struct nlattr *attr;

      policy.dir = dir;
      msg = xfrm_build_policy (&policy);
      attr = nlmsg_find_attr (nlmsg_hdr (msg), sizeof (struct xfrm_userpolicy_info), XFRMA_TMPL);
      g_assert_cmpint (nla_len (attr), ==, sizeof tmpl);
      memcpy (tmpl, nla_data (attr), sizeof tmpl);
      g_assert_true (tmpl[0].id.proto == IPPROTO_COMP && tmpl[1].id.proto == IPPROTO_ESP);
      g_assert_true (tmpl[0].mode == XFRM_MODE_TUNNEL && tmpl[1].mode == XFRM_MODE_TRANSPORT);
      g_assert_cmpint (tmpl[0].optional, ==, dir != XFRM_POLICY_OUT);
      g_assert_cmpint (tmpl[1].optional, ==, 0);
      g_assert_true (tmpl[0].saddr.a4 != 0 && tmpl[1].saddr.a4 == 0 && tmpl[0].reqid == REQID &&
                     tmpl[1].reqid == REQID);
      xfrm_msg_free (msg);
    }
}

/* What is sent is padded, to what the path takes; what is received is not our business. */
static void
test_tfc (void)
{
  const gsize body = sizeof (struct xfrm_usersa_info);
  XfrmSa sa = outbound ();
  struct nl_msg *msg;

  sa.tfc = TRUE;
  msg = xfrm_build_sa (&sa, FALSE);
  expect_attribute (msg, body, XFRMA_TFCPAD, "ffff0000");
  xfrm_msg_free (msg);
  sa = inbound ();
  sa.tfc = TRUE;
  msg = xfrm_build_sa (&sa, FALSE);
  expect_attribute (msg, body, XFRMA_TFCPAD, NULL);
  xfrm_msg_free (msg);
}

/* RFC 9611: for what a processor sends; what arrives is for whoever gets it. */
static void
test_cpu (void)
{
  for (guint out = 0; out < 2; out++)
    {
      XfrmSa sa = out ? outbound () : inbound ();
      struct nl_msg *msg;

      sa.with_dir = TRUE;
      sa.cpu = 0x104;
      msg = xfrm_build_sa (&sa, FALSE);
      expect_attribute (msg, sizeof (struct xfrm_usersa_info), XFRMA_SA_PCPU, out ? "03010000" : NULL);
      xfrm_msg_free (msg);
    }
}

static void
test_aead (void)
{
  XfrmSa sa = inbound ();

  sa.esn = sa.with_dir = TRUE;
  sa.replay_window = 128;
  sa.soft_seconds = 3000;
  sa.hard_seconds = 3600;
  sa.id.if_id = IF_ID;
  expect (xfrm_build_sa (&sa, FALSE), hex_in_gcm_esn);
  sa = outbound ();
  sa.esn = sa.with_dir = TRUE;
  sa.replay_window = 128; /* an outbound SA has none, whatever is asked */
  sa.id.if_id = IF_ID;
  expect (xfrm_build_sa (&sa, FALSE), hex_out_gcm_esn_dir);
  sa.with_dir = FALSE;
  expect (xfrm_build_sa (&sa, FALSE), hex_out_gcm_esn_old);
  sa = inbound ();
  sa.encr_key.len = 20;
  memcpy (counting, "\41\42\43\44\45\46\47\50\51\52\53\54\55\56\57\60\61\62\63\64", 20);
  sa.replay_window = 33;
  expect (xfrm_build_sa (&sa, FALSE), hex_large_window);
  for (guint i = 0; i < sizeof counting; i++)
    counting[i] = (guint8) (i + 1);
}

static void
test_cipher_and_integrity (void)
{
  XfrmSa sa = inbound ();

  use_cbc (&sa, "hmac(sha1)", 96);
  sa.replay_window = 32;
  sa.encap = TRUE;
  sa.encap_sport = 4501;
  sa.encap_dport = 4500;
  sa.soft_bytes = 1000;
  sa.hard_bytes = 2000;
  sa.soft_packets = 10;
  sa.hard_packets = 20;
  sa.id.mark = IF_ID;
  expect (xfrm_build_sa (&sa, TRUE), hex_update_cbc_natt);

  sa = inbound ();
  use_cbc (&sa, "hmac(sha1)", 96);
  sa.encr = "ecb(cipher_null)";
  sa.encr_key.len = 0;
  expect (xfrm_build_sa (&sa, FALSE), hex_null);
}

static void
test_transport_mode (void)
{
  static guint8 key[32];
  XfrmSa sa = outbound ();

  use_cbc (&sa, "hmac(sha256)", 128);
  memcpy (key, counting + 32, 20);
  memcpy (key + 20, counting, 12);
  sa.integ_key = (ChannelBlob){ key, 32 };
  sa.id.src = probe_address ("2001:db8::1");
  sa.id.dst = probe_address ("2001:db8::2");
  sa.id.transport_mode = TRUE;
  expect (xfrm_build_sa (&sa, FALSE), hex_transport6);
}

static void
test_named (void)
{
  XfrmSaId id = sa_id ("192.0.2.2", "192.0.2.1", 0xc1020304);

  id.mark = IF_ID;
  expect (xfrm_build_sa_delete (&id), hex_delete);
  id = sa_id ("2001:db8::2", "2001:db8::1", 0xc1020304);
  id.if_id = IF_ID; /* the kernel knows an SA by its mark, not by its link */
  expect (xfrm_build_sa_get (&id), hex_get);
}

static void
test_refused (void)
{
  XfrmSa sa = inbound ();

  sa.encr = "a-name-that-is-one-octet-too-long-for-the-field-of-the-kernel-12345";
  g_assert_null (xfrm_build_sa (&sa, FALSE));
  sa = inbound ();
  sa.integ = "a-name-that-is-one-octet-too-long-for-the-field-of-the-kernel-12345";
  g_assert_null (xfrm_build_sa (&sa, FALSE));
  sa = inbound ();
  sa.encr_key.len = CHANNEL_MAX_KEY + 1;
  g_assert_null (xfrm_build_sa (&sa, FALSE));
}

/* The largest of everything fits. */
static void
test_largest (void)
{
  static const guint8 key[CHANNEL_MAX_KEY];
  XfrmSa sa = inbound ();
  struct nl_msg *msg;

  use_cbc (&sa, "a-name-of-exactly-63-octets-which-is-the-longest-that-is-allowed", 128);
  sa.integ = "0123456789012345678901234567890123456789012345678901234567890ab";
  sa.encr = "0123456789012345678901234567890123456789012345678901234567890ab";
  sa.encr_key = sa.integ_key = (ChannelBlob){ key, sizeof key };
  sa.esn = sa.encap = sa.with_dir = TRUE;
  sa.replay_window = CHANNEL_MAX_REPLAY_WINDOW;
  sa.id.if_id = sa.id.mark = IF_ID;
  msg = xfrm_build_sa (&sa, FALSE);
  g_assert_nonnull (msg);
  g_assert_cmpuint (nlmsg_hdr (msg)->nlmsg_len, <, 2048);
  xfrm_msg_free (msg);
}

/* ---- moving ---- */

/* As the kernel would answer: the state with numbers that are in use. */
static struct nl_msg *
answer_of (const XfrmSa *sa, guint32 oseq, guint32 oseq_hi)
{
  struct nl_msg *msg = xfrm_build_sa (sa, FALSE);
  struct xfrm_usersa_info *info = nlmsg_data (nlmsg_hdr (msg));
  struct nlattr *attr = nlmsg_find_attr (nlmsg_hdr (msg), sizeof *info, XFRMA_REPLAY_ESN_VAL);
  struct xfrm_replay_state_esn *esn = attr ? nla_data (attr) : NULL;
  const struct xfrm_replay_state old = { .oseq = oseq, .seq = 5 };
  const guint64 last_use = 1700000000;

  info->curlft.bytes = 840;
  info->curlft.packets = 10;
  info->curlft.add_time = 1699999999;
  if (esn)
    {
      esn->oseq = oseq;
      esn->oseq_hi = oseq_hi;
    }
  else
    g_assert_cmpint (nla_put (msg, XFRMA_REPLAY_VAL, sizeof old, &old), ==, 0);
  g_assert_cmpint (nla_put (msg, XFRMA_LASTUSED, sizeof last_use, &last_use), ==, 0);
  return msg;
}

static gconstpointer
find (struct nl_msg *msg, int type)
{
  struct nlattr *attr = nlmsg_find_attr (nlmsg_hdr (msg), sizeof (struct xfrm_usersa_info), type);

  return attr ? nla_data (attr) : NULL;
}

static struct nl_msg *
move (struct nl_msg *take_answer, gboolean encap)
{
  const XfrmPlace place = { probe_address ("2001:db8::7"), probe_address ("2001:db8::8"), encap, 4500, 1234 };
  struct nl_msg *moved = xfrm_build_sa_moved (nlmsg_hdr (take_answer), &place);

  xfrm_msg_free (take_answer);
  return moved;
}

static void
test_moved (void)
{
  XfrmSa sa = outbound ();
  struct nl_msg *moved;
  const struct xfrm_usersa_info *info;
  const struct xfrm_encap_tmpl *encap;
  struct xfrm_lifetime_cur used;

  sa.id.if_id = IF_ID;
  sa.encap = TRUE;
  sa.encap_sport = 1;
  sa.with_dir = TRUE;
  sa.cpu = 3;
  sa.hard_seconds = 3600;
  moved = move (answer_of (&sa, 10, 0), TRUE);
  info = nlmsg_data (nlmsg_hdr (moved));
  g_assert_cmpint (nlmsg_hdr (moved)->nlmsg_type, ==, XFRM_MSG_NEWSA);
  g_assert_cmpint (info->family, ==, AF_INET6);
  g_assert_cmphex (ntohl (info->id.spi), ==, 0x11223344);
  g_assert_cmpuint (info->reqid, ==, REQID);
  g_assert_cmpuint (info->lft.hard_add_expires_seconds, ==, 3600);
  g_assert_cmpuint (info->curlft.packets, ==, 0);
  encap = find (moved, XFRMA_ENCAP);
  g_assert_cmpuint (ntohs (encap->encap_sport), ==, 4500);
  g_assert_cmpuint (ntohs (encap->encap_dport), ==, 1234);
  memcpy (&used, find (moved, XFRMA_LTIME_VAL), sizeof used);
  g_assert_cmpuint (used.packets, ==, 10);
  g_assert_cmpuint (used.add_time, ==, 1699999999);
  g_assert_cmpuint (*(const guint32 *) find (moved, XFRMA_IF_ID), ==, IF_ID);
  g_assert_cmpuint (*(const guint32 *) find (moved, XFRMA_SA_PCPU), ==, 2);
  g_assert_cmpmem ((const guint8 *) find (moved, XFRMA_ALG_AEAD) + sizeof (struct xfrm_algo_aead), 36, counting, 36);
  g_assert_null (find (moved, XFRMA_LASTUSED));
  xfrm_msg_free (moved);
  moved = move (answer_of (&sa, 10, 0), FALSE);
  g_assert_null (find (moved, XFRMA_ENCAP));
  xfrm_msg_free (moved);
}

/* No number of a packet is ever used twice. */
static void
test_moved_numbers (void)
{
  const struct {
    gboolean esn;
    guint32 window, oseq, oseq_hi, expected, expected_hi;
  } cases[] = {
    { FALSE, 0, 0, 0, 0, 0 }, { FALSE, 0, 1, 0, 1 + (1 << 18), 0 }, { FALSE, 0, 0xffffff00, 0, 0xffffffff, 0 },
    { TRUE, 0, 0, 0, 0, 0 },  { TRUE, 0, 7, 0, 7 + (1 << 18), 0 },  { TRUE, 0, 0xffffffff, 3, (1 << 18) - 1, 4 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      XfrmSa sa = outbound ();
      struct nl_msg *moved;

      sa.esn = cases[i].esn;
      moved = move (answer_of (&sa, cases[i].oseq, cases[i].oseq_hi), FALSE);
      if (cases[i].esn)
        {
          const struct xfrm_replay_state_esn *esn = find (moved, XFRMA_REPLAY_ESN_VAL);

          g_assert_cmpuint (esn->oseq, ==, cases[i].expected);
          g_assert_cmpuint (esn->oseq_hi, ==, cases[i].expected_hi);
        }
      else
        {
          const struct xfrm_replay_state *old = find (moved, XFRMA_REPLAY_VAL);

          g_assert_cmpuint (old->oseq, ==, cases[i].expected);
          g_assert_cmpuint (old->seq, ==, 5);
        }
      xfrm_msg_free (moved);
    }
}

static void
test_not_moved (void)
{
  static const guint8 hidden[36];
  XfrmSa sa = outbound (), cbc = outbound ();
  XfrmSaId id = sa.id;

  sa.encr_key.data = hidden;
  g_assert_null (move (answer_of (&sa, 1, 0), FALSE));
  use_cbc (&cbc, "hmac(sha1)", 96);
  cbc.integ_key.data = hidden;
  g_assert_null (move (answer_of (&cbc, 1, 0), FALSE));
  g_assert_null (move (xfrm_build_sa_get (&id), FALSE));
}

/* ---- policies and links ---- */

static XfrmPolicy
policy (guint8 dir)
{
  struct xfrm_selector s = { .family = AF_INET, .prefixlen_d = 8, .prefixlen_s = 32 };
  const ChannelAddress from = probe_address ("10.9.0.1"), to = probe_address ("10.0.0.0");

  s.saddr = xfrm_address (&from);
  s.daddr = xfrm_address (&to);
  return (XfrmPolicy){ .dir = dir,
                       .selector = s,
                       .reqid = REQID,
                       .protocol = 50,
                       .src = probe_address ("192.0.2.1"),
                       .dst = probe_address ("192.0.2.2") };
}

static void
test_policies (void)
{
  XfrmPolicy p = policy (XFRM_POLICY_OUT);
  const ChannelAddress src6 = probe_address ("fd00:10::"), dst6 = probe_address ("fd00:9::1");

  p.if_id = IF_ID;
  expect (xfrm_build_policy (&p), hex_policy_out);
  p.dir = XFRM_POLICY_FWD;
  expect (xfrm_build_policy_delete (&p), hex_policy_delete);
  p = policy (XFRM_POLICY_OUT);
  p.transport_mode = TRUE;
  expect (xfrm_build_policy (&p), hex_policy_transport);
  p = policy (XFRM_POLICY_IN);
  p.src = probe_address ("192.0.2.2");
  p.dst = probe_address ("192.0.2.1");
  p.mark = IF_ID;
  p.selector = (struct xfrm_selector){ .saddr = xfrm_address (&src6),
                                       .daddr = xfrm_address (&dst6),
                                       .family = AF_INET6,
                                       .prefixlen_s = 64,
                                       .prefixlen_d = 128,
                                       .proto = 6,
                                       .sport = htons (1024),
                                       .sport_mask = htons (0xfc00),
                                       .dport = htons (443),
                                       .dport_mask = 0xffff };
  expect (xfrm_build_policy (&p), hex_policy_in6);
}

static void
test_links (void)
{
  LinkInfo l = { .kind = CHANNEL_LINK_XFRM, .name = "ipsec0", .id = IF_ID };

  expect (link_build_new (&l), hex_link_xfrm);
  l.kind = CHANNEL_LINK_VTI;
  l.local = probe_address ("192.0.2.1");
  l.remote = probe_address ("192.0.2.2");
  expect (link_build_new (&l), hex_link_vti);
  expect (link_build_alias (7, "nm-ipsec U 1"), hex_link_alias);
  expect (link_build_delete (7), hex_link_delete);
}

/* ---- the oracle ---- */

#ifdef HAVE_LIBNL_XFRM
static void
test_oracle_sa (void)
{
  XfrmSa sa = inbound ();
  struct nl_msg *msg;
  struct xfrmnl_sa *seen = NULL;
  char name[64] = "", key[64] = "";
  unsigned key_bits = 0, icv = 0, encap_type = 0, sport = 0, dport = 0;
  struct nl_addr *oa = NULL;

  sa.encap = TRUE;
  sa.encap_sport = 4501;
  sa.encap_dport = 4500;
  sa.replay_window = 32;
  sa.hard_packets = 77;
  msg = xfrm_build_sa (&sa, FALSE);
  g_assert_cmpint (xfrmnl_sa_parse (nlmsg_hdr (msg), &seen), ==, 0);
  g_assert_cmphex ((guint32) xfrmnl_sa_get_spi (seen), ==, 0xc1020304);
  g_assert_cmpint (xfrmnl_sa_get_proto (seen), ==, 50);
  g_assert_cmpint (xfrmnl_sa_get_reqid (seen), ==, REQID);
  g_assert_cmpint (xfrmnl_sa_get_mode (seen), ==, XFRM_MODE_TUNNEL);
  g_assert_cmpint (xfrmnl_sa_get_replay_window (seen), ==, 32);
  g_assert_cmpuint (xfrmnl_ltime_cfg_get_hard_packetlimit (xfrmnl_sa_get_lifetime_cfg (seen)), ==, 77);
  g_assert_cmpint (xfrmnl_sa_get_aead_params (seen, name, &key_bits, &icv, key), ==, 0);
  g_assert_cmpstr (name, ==, "rfc4106(gcm(aes))");
  g_assert_cmpuint (key_bits, ==, 36 * 8);
  g_assert_cmpuint (icv, ==, 128);
  g_assert_cmpmem (key, 36, counting, 36);
  g_assert_cmpint (xfrmnl_sa_get_encap_tmpl (seen, &encap_type, &sport, &dport, &oa), ==, 0);
  g_assert_cmpuint (encap_type, ==, UDP_ENCAP_ESPINUDP);
  g_assert_true (sport == 4501 || sport == htons (4501)); /* its versions differ in the byte order */
  nl_addr_put (oa);
  xfrmnl_sa_put (seen);
  xfrm_msg_free (msg);
}

static void
test_oracle_policy (void)
{
  XfrmPolicy p = policy (XFRM_POLICY_FWD);
  struct nl_msg *msg = xfrm_build_policy (&p);
  struct xfrmnl_sp *seen = NULL;
  struct xfrmnl_user_tmpl *tmpl;
  struct xfrmnl_sel *sel;

  g_assert_cmpint (xfrmnl_sp_parse (nlmsg_hdr (msg), &seen), ==, 0);
  g_assert_cmpint (xfrmnl_sp_get_dir (seen), ==, XFRM_POLICY_FWD);
  g_assert_cmpint (xfrmnl_sp_get_action (seen), ==, XFRM_POLICY_ALLOW);
  g_assert_cmpuint (xfrmnl_sp_get_priority (seen), ==, xfrm_selector_priority (&p.selector));
  sel = xfrmnl_sp_get_sel (seen);
  g_assert_cmpint (xfrmnl_sel_get_prefixlen_d (sel), ==, 8);
  g_assert_cmpint (xfrmnl_sel_get_prefixlen_s (sel), ==, 32);
  g_assert_cmpint (xfrmnl_sp_get_nusertemplates (seen), ==, 1);
  tmpl = xfrmnl_sp_usertemplate_n (seen, 0);
  g_assert_cmpint (xfrmnl_user_tmpl_get_reqid (tmpl), ==, REQID);
  g_assert_cmpint (xfrmnl_user_tmpl_get_mode (tmpl), ==, XFRM_MODE_TUNNEL);
  xfrmnl_sp_put (seen);
  xfrm_msg_free (msg);
}
#endif

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < sizeof counting; i++)
    counting[i] = (guint8) (i + 1);
  g_test_add_func ("/helper/xfrm-build/refused", test_refused);
  g_test_add_func ("/helper/xfrm-build/largest", test_largest);
  g_test_add_func ("/helper/xfrm-build/moved", test_moved);
  g_test_add_func ("/helper/xfrm-build/moved-numbers", test_moved_numbers);
  g_test_add_func ("/helper/xfrm-build/not-moved", test_not_moved);
#ifdef HAVE_LIBNL_XFRM
  g_test_add_func ("/helper/xfrm-build/oracle-sa", test_oracle_sa);
  g_test_add_func ("/helper/xfrm-build/oracle-policy", test_oracle_policy);
#endif
  if (layout_is_known ())
    {
      g_test_add_func ("/helper/xfrm-build/spi", test_spi);
      g_test_add_func ("/helper/xfrm-build/aead", test_aead);
      g_test_add_func ("/helper/xfrm-build/cpu", test_cpu);
      g_test_add_func ("/helper/xfrm-build/dscp", test_dscp);
      g_test_add_func ("/helper/xfrm-build/marks", test_marks);
      g_test_add_func ("/helper/xfrm-build/ipcomp", test_ipcomp);
      g_test_add_func ("/helper/xfrm-build/tfc", test_tfc);
      g_test_add_func ("/helper/xfrm-build/cipher-and-integrity", test_cipher_and_integrity);
      g_test_add_func ("/helper/xfrm-build/transport-mode", test_transport_mode);
      g_test_add_func ("/helper/xfrm-build/named", test_named);
      g_test_add_func ("/helper/xfrm-build/policies", test_policies);
      g_test_add_func ("/helper/xfrm-build/links", test_links);
    }
  return g_test_run ();
}
