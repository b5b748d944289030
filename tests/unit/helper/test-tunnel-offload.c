/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which SAs and policies carry the network card: what is wanted, what the card can, and what is said when it cannot. */
#include "tunnel-kernel.h"

#include "helper/offload.h"
#include "probe.h"

#include <errno.h>
#include <netlink/msg.h>
#include <string.h>

#define WAY 7
#define ROUTE ((Netlink *) &tunnel_kernel)

static Tunnel *
tunnel_with (ChannelOffload wish, gboolean card, gboolean card_packets)
{
  Tunnel *t = tunnel_test_new ();

  tunnel_set_traits (t, &(const TunnelTraits){ .offload = (guint8) wish });
  tunnel_kernel.way = WAY;
  tunnel_kernel.card = card;
  tunnel_kernel.card_packets = card_packets;
  return t;
}

/* The text of the failure, NULL: there is none. */
static char *
install (Tunnel *t, ChannelSaInstall *request)
{
  TunnelTestResult r = { 0 };

  offload_install (t, ROUTE, request, tunnel_on_result, &r);
  tunnel_pump ();
  g_assert_cmpuint (r.n, ==, 1);
  if (r.last.error)
    return r.text;
  g_free (r.text);
  return NULL;
}

static void
install_ok (Tunnel *t, guint parts, guint32 spi_in, guint32 spi_out)
{
  g_autofree ChannelMsg *m = tunnel_install_request (1, parts, spi_in, spi_out);
  g_autofree char *text = install (t, &m->sa_install);

  g_assert_cmpstr (text, ==, NULL);
}

/* How many of them have the card, as flags say; the others have none. */
static void
expect_card (GPtrArray *array, gsize body, guint n, guint8 flags)
{
  guint found = 0;

  for (guint i = 0; i < array->len; i++)
    {
      struct nlattr *attr = nlmsg_find_attr (g_ptr_array_index (array, i), (int) body, XFRMA_OFFLOAD_DEV);
      const struct xfrm_user_offload *card = attr ? nla_data (attr) : NULL;

      if (!card)
        continue;
      found++;
      g_assert_cmpint (card->ifindex, ==, WAY);
      g_assert_cmpuint (card->flags & XFRM_OFFLOAD_PACKET, ==, flags);
    }
  g_assert_cmpuint (found, ==, n);
}

static void
expect_level (ChannelOffload level)
{
  guint8 flags = level == CHANNEL_OFFLOAD_PACKET ? XFRM_OFFLOAD_PACKET : 0;

  expect_card (tunnel_kernel.sas, sizeof (struct xfrm_usersa_info), level == CHANNEL_OFFLOAD_NO ? 0 : 2, flags);
  /* two networks: in and out of each, and not forwarding */
  expect_card (tunnel_kernel.policies, sizeof (struct xfrm_userpolicy_info), flags ? 4 : 0, flags);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6);
}

static void
test_levels (void)
{
  static const struct {
    ChannelOffload wish;
    gboolean card, packets;
    ChannelOffload level; /* AUTO: it fails */
  } cases[] = {
    { CHANNEL_OFFLOAD_NO, TRUE, TRUE, CHANNEL_OFFLOAD_NO },
    { CHANNEL_OFFLOAD_AUTO, TRUE, TRUE, CHANNEL_OFFLOAD_PACKET },
    { CHANNEL_OFFLOAD_AUTO, TRUE, FALSE, CHANNEL_OFFLOAD_CRYPTO },
    { CHANNEL_OFFLOAD_AUTO, FALSE, FALSE, CHANNEL_OFFLOAD_NO },
    { CHANNEL_OFFLOAD_CRYPTO, TRUE, TRUE, CHANNEL_OFFLOAD_CRYPTO },
    { CHANNEL_OFFLOAD_CRYPTO, FALSE, TRUE, CHANNEL_OFFLOAD_AUTO },
    { CHANNEL_OFFLOAD_PACKET, TRUE, TRUE, CHANNEL_OFFLOAD_PACKET },
    { CHANNEL_OFFLOAD_PACKET, TRUE, FALSE, CHANNEL_OFFLOAD_AUTO },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Tunnel) t = tunnel_with (cases[i].wish, cases[i].card, cases[i].packets);
      g_autofree ChannelMsg *m = tunnel_install_request (1, ALL, tunnel_alloc (t), 0x1111);
      g_autofree char *text = install (t, &m->sa_install);

      if (cases[i].level == CHANNEL_OFFLOAD_AUTO)
        {
          g_assert_nonnull (strstr (text, "nic-offload="));
          g_assert_cmpuint (tunnel_kernel.policies->len, ==, 0);
        }
      else
        {
          g_assert_cmpstr (text, ==, NULL);
          expect_level (cases[i].level);
        }
      tunnel_try_clear (t);
    }
}

/* Half by half, and after a move the processor encrypts until both halves are new. */
static void
test_life (void)
{
  g_autoptr (Tunnel) t = tunnel_with (CHANNEL_OFFLOAD_AUTO, TRUE, TRUE);
  guint32 a = tunnel_alloc (t), b, c;

  install_ok (t, CHANNEL_SA_IN, a, 0x1111);
  install_ok (t, CHANNEL_SA_OUT | CHANNEL_SA_POLICIES, a, 0x1111);
  expect_level (CHANNEL_OFFLOAD_PACKET);
  g_assert_cmpint (tunnel_try_update (t, 1, a, 0x1111), ==, 0);
  expect_level (CHANNEL_OFFLOAD_NO);
  b = tunnel_alloc (t);
  install_ok (t, CHANNEL_SA_IN, b, 0x2222);
  install_ok (t, CHANNEL_SA_OUT, b, 0x2222);
  tunnel_try_delete (t, 1, BOTH, a, 0x1111);
  expect_level (CHANNEL_OFFLOAD_PACKET);
  /* the next card can do less, and the policies follow */
  tunnel_kernel.card_packets = FALSE;
  c = tunnel_alloc (t);
  install_ok (t, BOTH, c, 0x3333);
  tunnel_try_delete (t, 1, BOTH, b, 0x2222);
  expect_level (CHANNEL_OFFLOAD_CRYPTO);
  tunnel_try_clear (t);
}

/* Not with IPComp, nor whole packets where IKE's own would be taken; and without a route there is no card. */
static void
test_limits (void)
{
  for (guint i = 0; i < 3; i++)
    for (guint required = 0; required < 2; required++)
      {
        g_autoptr (Tunnel) t = tunnel_with (required ? CHANNEL_OFFLOAD_PACKET : CHANNEL_OFFLOAD_AUTO, TRUE, TRUE);
        g_autofree ChannelMsg *m = tunnel_install_request (1, ALL, tunnel_alloc (t), 0x1111);
        g_autofree char *text = NULL;

        if (i == 0)
          m->sa_install.remote_ts.at[1] = probe_prefix ("192.0.0.0/8");
        else if (i == 1)
          tunnel_kernel.way = 0;
        else
          m->sa_install.cpi_in = m->sa_install.cpi_out = 0x1000;
        text = install (t, &m->sa_install);
        if (required)
          g_assert_nonnull (strstr (text, "nic-offload=packet"));
        else if (i < 2)
          expect_level (i == 0 ? CHANNEL_OFFLOAD_CRYPTO : CHANNEL_OFFLOAD_NO);
        else
          g_assert_nonnull (strstr (text, "IPComp")); /* no such number was reserved */
        tunnel_try_clear (t);
      }
}

/* Two SAs, six policies, two questions about the SAs: each fails in turn, and then there is less, but never half of it. */
static void
test_failures (void)
{
  for (guint n = 1; n <= 10; n++)
    {
      g_autoptr (Tunnel) t = tunnel_with (CHANNEL_OFFLOAD_AUTO, TRUE, TRUE);
      guint32 spi = tunnel_alloc (t);
      g_autofree ChannelMsg *m = tunnel_install_request (1, ALL, spi, 0x1111);
      g_autofree char *text = NULL;

      tunnel_kernel.fail_call = tunnel_kernel.calls + n;
      tunnel_kernel.fail_error = ENOMEM;
      text = install (t, &m->sa_install);
      g_assert_cmpstr (text, ==, NULL);
      expect_level (n > 8 ? CHANNEL_OFFLOAD_PACKET : CHANNEL_OFFLOAD_CRYPTO);
      tunnel_try_clear (t);
    }
}

static void
expect_octets (struct nl_msg *msg, gsize body, const char *hex)
{
  struct nlattr *attr = nlmsg_find_attr (nlmsg_hdr (msg), (int) body, XFRMA_OFFLOAD_DEV);
  g_autoptr (GString) got = g_string_new (NULL);

  for (int i = 0; attr && i < nla_len (attr); i++)
    g_string_append_printf (got, "%02x", ((const guint8 *) nla_data (attr))[i]);
  g_assert_cmpstr (got->str, ==, hex);
  xfrm_msg_free (msg);
}

/* struct xfrm_user_offload: the card's number, flags (inbound 2, whole packets 4), and the padding of C. */
static void
test_octets (void)
{
  XfrmPolicy policy = { .dir = XFRM_POLICY_OUT, .reqid = 1, .protocol = IPPROTO_ESP };
  XfrmSa sa = { .aead = TRUE, .encr = "rfc4106(gcm(aes))", .integ = "", .icv_bits = 128 };
  const gsize body = sizeof (struct xfrm_usersa_info);

  sa.id.src = policy.src = probe_address ("192.0.2.1");
  sa.id.dst = policy.dst = probe_address ("192.0.2.2");
  for (guint packet = 0; packet < 2; packet++)
    {
      XfrmSa in = sa, out = sa;
      struct nl_msg *msg;
      XfrmState state;

      out.id.outbound = TRUE;
      in.offload = out.offload = policy.offload = (XfrmOffload){ 0x107, packet != 0 };
      msg = xfrm_build_sa (&in, FALSE);
      g_assert_true (xfrm_parse_sa (nlmsg_hdr (msg), &state));
      g_assert_cmpuint (state.offload.ifindex, ==, 0x107);
      g_assert_cmpint (state.offload.packet, ==, packet != 0);
      expect_octets (msg, body, packet ? "0701000006000000" : "0701000002000000");
      expect_octets (xfrm_build_sa (&out, FALSE), body, packet ? "0701000004000000" : "0701000000000000");
      for (policy.dir = XFRM_POLICY_IN; policy.dir <= XFRM_POLICY_FWD; policy.dir++)
        expect_octets (xfrm_build_policy (&policy), sizeof (struct xfrm_userpolicy_info),
                       packet && policy.dir != XFRM_POLICY_FWD ? "0701000004000000" : "");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/tunnel-offload/octets", test_octets);
  g_test_add_func ("/helper/tunnel-offload/levels", test_levels);
  g_test_add_func ("/helper/tunnel-offload/life", test_life);
  g_test_add_func ("/helper/tunnel-offload/limits", test_limits);
  g_test_add_func ("/helper/tunnel-offload/failures", test_failures);
  return g_test_run ();
}
