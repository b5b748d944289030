/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The security context of an SA, a policy and a waiting packet, octet by octet, out and in. */
#include "helper/kernel/xfrm-parse.h"
#include "probe.h"

#include <netlink/msg.h>
#include <string.h>

#define LABEL "top:s"
/* len, exttype, ctx_alg, ctx_doi, ctx_len, the text with its NUL */
static const guint8 context[] = { 14, 0, 8, 0, 1, 1, 6, 0, 't', 'o', 'p', ':', 's', 0 };
static const guint8 key[36] = { 1 };

static XfrmSa
sa_new (gboolean outbound)
{
  XfrmSa sa = { .aead = TRUE,
                .with_dir = TRUE,
                .encr = "rfc4106(gcm(aes))",
                .integ = "",
                .icv_bits = 128,
                .encr_key = { key, sizeof key },
                .label = { (const guint8 *) LABEL, sizeof LABEL } };

  sa.id.src = probe_address ("192.0.2.1");
  sa.id.dst = probe_address ("192.0.2.2");
  sa.id.spi = 0x11223344;
  sa.id.reqid = 7;
  sa.id.protocol = IPPROTO_ESP;
  sa.id.outbound = outbound;
  return sa;
}

static XfrmPolicy
policy_new (void)
{
  XfrmPolicy policy = {
    .dir = XFRM_POLICY_OUT, .reqid = 7, .protocol = IPPROTO_ESP, .label = { (const guint8 *) LABEL, sizeof LABEL }
  };

  policy.selector.family = AF_INET;
  policy.src = probe_address ("192.0.2.1");
  policy.dst = probe_address ("192.0.2.2");
  return policy;
}

static void
expect_context (struct nl_msg *take_msg, gsize body, gboolean there)
{
  struct nlattr *attr = nlmsg_find_attr (nlmsg_hdr (take_msg), (int) body, XFRMA_SEC_CTX);

  g_assert_true (!attr == !there);
  if (attr)
    g_assert_cmpmem (nla_data (attr), nla_len (attr), context, sizeof context);
  xfrm_msg_free (take_msg);
}

static void
test_build (void)
{
  XfrmPolicy policy = policy_new ();

  for (guint i = 0; i < 4; i++)
    {
      XfrmSa sa = sa_new (i & 1);

      if (i & 2)
        sa.label.len = 0;
      expect_context (xfrm_build_sa (&sa, i & 1), sizeof (struct xfrm_usersa_info), !(i & 2));
    }
  expect_context (xfrm_build_policy (&policy), sizeof (struct xfrm_userpolicy_info), TRUE);
  expect_context (xfrm_build_policy_delete (&policy), sizeof (struct xfrm_userpolicy_id), TRUE);
  policy.label.len = 0;
  expect_context (xfrm_build_policy (&policy), sizeof (struct xfrm_userpolicy_info), FALSE);
  expect_context (xfrm_build_policy_delete (&policy), sizeof (struct xfrm_userpolicy_id), FALSE);
}

/* The largest that the channel lets through, with everything beside it. */
static void
test_largest (void)
{
  guint8 text[CHANNEL_MAX_SEC_LABEL + 1] = { 0 };
  XfrmSa sa = sa_new (TRUE);
  struct nl_msg *msg, *moved;
  const XfrmPlace place = { probe_address ("192.0.2.3"), probe_address ("192.0.2.4"), CHANNEL_ENCAP_UDP, 4500, 4500 };

  memset (text, 'x', CHANNEL_MAX_SEC_LABEL);
  sa.label = (XfrmLabel){ text, sizeof text };
  sa.id.outbound = FALSE;
  sa.replay_window = CHANNEL_MAX_REPLAY_WINDOW;
  sa.encap = CHANNEL_ENCAP_UDP;
  sa.set_mark_mask = 1;
  sa.id.if_id = 5;
  msg = xfrm_build_sa (&sa, FALSE);
  g_assert_nonnull (msg);
  moved = xfrm_build_sa_moved (nlmsg_hdr (msg), &place);
  g_assert_nonnull (moved);
  g_assert_cmpint (nla_len (nlmsg_find_attr (nlmsg_hdr (moved), sizeof (struct xfrm_usersa_info), XFRMA_SEC_CTX)), ==,
                   8 + sizeof text);
  xfrm_msg_free (moved);
  xfrm_msg_free (msg);
}

static void
test_moved (void)
{
  const XfrmPlace place = { probe_address ("192.0.2.3"), probe_address ("192.0.2.4"), CHANNEL_ENCAP_NONE, 0, 0 };
  XfrmSa sa = sa_new (TRUE);
  struct nl_msg *msg = xfrm_build_sa (&sa, FALSE);

  expect_context (xfrm_build_sa_moved (nlmsg_hdr (msg), &place), sizeof (struct xfrm_usersa_info), TRUE);
  xfrm_msg_free (msg);
}

static void
expect_label (XfrmLabel label, gboolean there)
{
  g_assert_cmpmem (label.data, label.len, there ? LABEL : NULL, there ? sizeof LABEL : 0);
}

static void
test_parse (void)
{
  XfrmSa sa = sa_new (TRUE);
  XfrmPolicy policy = policy_new (), again = { 0 };
  struct nl_msg *msg = xfrm_build_sa (&sa, FALSE);
  XfrmState state = { 0 };

  g_assert_true (xfrm_parse_sa (nlmsg_hdr (msg), &state));
  expect_label (state.label, TRUE);
  xfrm_msg_free (msg);
  msg = xfrm_build_policy (&policy);
  nlmsg_hdr (msg)->nlmsg_type = XFRM_MSG_NEWPOLICY;
  g_assert_true (xfrm_parse_policy (nlmsg_hdr (msg), &again));
  expect_label (again.label, TRUE);
  /* so that what a dead helper has left is found by who sweeps */
  expect_context (xfrm_build_policy_delete (&again), sizeof (struct xfrm_userpolicy_id), TRUE);
  xfrm_msg_free (msg);
}

static struct nl_msg *
acquire_new (const guint8 *octets, gsize len)
{
  const struct xfrm_user_acquire body = { .sel.family = AF_INET, .seq = 9 };
  const struct xfrm_user_tmpl tmpl = { .reqid = 7 };
  struct nl_msg *msg = nlmsg_alloc_simple (XFRM_MSG_ACQUIRE, 0);

  g_assert_cmpint (nlmsg_append (msg, (void *) &body, sizeof body, NLMSG_ALIGNTO), ==, 0);
  g_assert_cmpint (nla_put (msg, XFRMA_TMPL, sizeof tmpl, &tmpl), ==, 0);
  g_assert_cmpint (nla_put (msg, XFRMA_SEC_CTX, (int) len, octets), ==, 0);
  return msg;
}

/* It stands behind the template; each octet of its head but the length in front counts, and so does its end. */
static void
test_acquire (void)
{
  const gsize counts[] = { 4, 5, 7 };
  struct nl_msg *msg = acquire_new (context, sizeof context);
  XfrmEvent event = { 0 };

  g_assert_true (xfrm_parse_event (nlmsg_hdr (msg), &event));
  g_assert_true (event.type == XFRM_EVENT_ACQUIRE && event.acquired == 9 && event.reqid == 7);
  expect_label (event.label, TRUE);
  xfrm_msg_free (msg);
  for (gsize len = 0; len < sizeof context; len++)
    {
      msg = acquire_new (context, len);
      g_assert_true (xfrm_parse_event (nlmsg_hdr (msg), &event));
      expect_label (event.label, FALSE);
      xfrm_msg_free (msg);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      guint8 wrong[sizeof context];

      memcpy (wrong, context, sizeof context);
      wrong[counts[i]] ^= 0x80;
      msg = acquire_new (wrong, sizeof wrong);
      g_assert_true (xfrm_parse_event (nlmsg_hdr (msg), &event));
      expect_label (event.label, FALSE);
      xfrm_msg_free (msg);
    }
}

/* As kernel 6.1 tells of what it was given with a NUL: with two. It must not grow with each moving. */
static void
test_more_nuls (void)
{
  const guint8 told[] = { 15, 0, 8, 0, 1, 1, 7, 0, 't', 'o', 'p', ':', 's', 0, 0 };
  const guint8 nothing[] = { 10, 0, 8, 0, 1, 1, 2, 0, 0, 0 };
  const XfrmPlace place = { probe_address ("192.0.2.3"), probe_address ("192.0.2.4"), CHANNEL_ENCAP_NONE, 0, 0 };
  XfrmSa sa = sa_new (TRUE);
  struct nl_msg *msg;

  expect_label (xfrm_label_of (told, sizeof told), TRUE);
  expect_label (xfrm_label_of (nothing, sizeof nothing), FALSE);
  sa.label.len = 0;
  msg = xfrm_build_sa (&sa, FALSE);
  g_assert_cmpint (nla_put (msg, XFRMA_SEC_CTX, sizeof told, told), ==, 0);
  expect_context (xfrm_build_sa_moved (nlmsg_hdr (msg), &place), sizeof (struct xfrm_usersa_info), TRUE);
  xfrm_msg_free (msg);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/xfrm-label/build", test_build);
  g_test_add_func ("/helper/xfrm-label/largest", test_largest);
  g_test_add_func ("/helper/xfrm-label/moved", test_moved);
  g_test_add_func ("/helper/xfrm-label/parse", test_parse);
  g_test_add_func ("/helper/xfrm-label/acquire", test_acquire);
  g_test_add_func ("/helper/xfrm-label/more-nuls", test_more_nuls);
  return g_test_run ();
}
