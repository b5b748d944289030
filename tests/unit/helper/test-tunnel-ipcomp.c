/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tunnel whose packets are compressed: four SAs instead of two, which come and go together. */
#include "tunnel-kernel.h"

#include "helper/kernel/owner.h"
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netlink/msg.h>
#include <string.h>

static guint32
alloc_comp (Tunnel *t, guint16 *ret_cpi)
{
  g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
  TunnelTestResult r = { 0 };

  m->spi_alloc.slot = 1;
  m->spi_alloc.protocol = 3;
  m->spi_alloc.ipcomp = 1;
  m->spi_alloc.local = probe_address ("192.0.2.1");
  m->spi_alloc.remote = probe_address ("192.0.2.2");
  tunnel_spi_alloc (t, m, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  *ret_cpi = r.last.cpi;
  return r.last.spi;
}

static void
install_comp (Tunnel *t, guint parts, guint32 spi_in, guint16 cpi_in, guint32 spi_out, guint16 cpi_out, int error)
{
  g_autofree ChannelMsg *m = tunnel_install_request (1, parts, spi_in, spi_out);
  TunnelTestResult r = { 0 };

  m->sa_install.cpi_in = cpi_in;
  m->sa_install.cpi_out = cpi_out;
  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, error);
}

static guint
comps (void)
{
  guint n = 0;

  for (guint i = 0; i < tunnel_kernel.sas->len; i++)
    n += tunnel_kernel_sa (i)->id.proto == IPPROTO_COMP;
  return n;
}

/* Each policy wants both; what comes may not have been worth the first (RFC 3173 section 2.2). */
static void
expect_templates (void)
{
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6);
  for (guint i = 0; i < tunnel_kernel.policies->len; i++)
    {
      struct nlmsghdr *msg = g_ptr_array_index (tunnel_kernel.policies, i);
      const struct xfrm_userpolicy_info *info = nlmsg_data (msg);
      struct nlattr *attr = nlmsg_find_attr (msg, sizeof *info, XFRMA_TMPL);
      const struct xfrm_user_tmpl *tmpl = nla_data (attr);

      g_assert_cmpint (nla_len (attr), ==, 2 * sizeof *tmpl);
      g_assert_cmpuint (tmpl[0].id.proto, ==, IPPROTO_COMP);
      g_assert_cmpuint (tmpl[0].mode, ==, XFRM_MODE_TUNNEL);
      g_assert_cmpint (tmpl[0].optional != 0, ==, info->dir != XFRM_POLICY_OUT);
      g_assert_cmpuint (tmpl[1].id.proto, ==, IPPROTO_ESP);
      g_assert_cmpuint (tmpl[1].mode, ==, XFRM_MODE_TRANSPORT);
      g_assert_false (tmpl[1].optional);
    }
}

/* Through a rekeying, and nothing is left; a number that was not reserved is refused. */
static void
test_ipcomp (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint16 first, second;
  guint32 a = alloc_comp (t, &first), b;

  g_assert_cmpuint (first, >=, XFRM_CPI_MIN);
  g_assert_cmpuint (comps (), ==, 1);
  install_comp (t, ALL, a, (guint16) (first + 1), 0x1111, 0x2000, EINVAL);
  install_comp (t, ALL, a, first, 0x1111, 0, EINVAL);
  install_comp (t, ALL, a, first, 0x1111, 2, EINVAL);
  install_comp (t, ALL, a, first, 0x1111, 0x2000, 0);
  g_assert_cmpuint (comps (), ==, 2);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 4);
  expect_templates ();
  for (guint i = 0; i < tunnel_kernel.sas->len; i++)
    g_assert_cmpint (tunnel_kernel_sa (i)->mode, ==,
                     tunnel_kernel_sa (i)->id.proto == IPPROTO_COMP ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT);
  b = alloc_comp (t, &second);
  install_comp (t, CHANNEL_SA_IN, b, second, 0x2222, 0x2001, 0);
  install_comp (t, CHANNEL_SA_OUT, b, second, 0x2222, 0x2001, 0);
  tunnel_try_delete (t, 1, BOTH, a, 0x1111);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 4);
  g_assert_cmpint (tunnel_try_update (t, 1, b, 0x2222), ==, 0);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 4);
  g_assert_cmpuint (comps (), ==, 2);
  for (guint i = 0; i < tunnel_kernel.sas->len; i++)
    g_assert_true (tunnel_kernel_sa (i)->saddr.a4 == inet_addr ("198.51.100.1") ||
                   tunnel_kernel_sa (i)->id.daddr.a4 == inet_addr ("198.51.100.1"));
  tunnel_try_delete (t, 1, ALL, b, 0x2222);
  g_assert_cmpuint (tunnel_kernel.sas->len + tunnel_kernel.policies->len, ==, 0);
}

/* The kernel has numbers for IPComp, but no such SA: then the number is given back, and ESP goes without. */
static void
test_ipcomp_unknown (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint16 cpi;
  guint32 spi;

  tunnel_kernel.fail_call = tunnel_kernel.calls + 3;
  tunnel_kernel.fail_error = EINVAL;
  spi = alloc_comp (t, &cpi);
  g_assert_cmpuint (cpi, ==, 0);
  g_assert_cmpuint (comps (), ==, 0);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 1);
  tunnel_try_install (t, 1, ALL, spi, 0x1111, 0);
  tunnel_try_clear (t);
}

/* The peer does not want it, the kernel cannot do it, or ends an SA by itself. */
static void
test_ipcomp_gone (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  XfrmEvent e = { .type = XFRM_EVENT_EXPIRE, .reqid = owner_number (OWNER, 1), .hard = TRUE };
  guint16 cpi;
  guint32 spi = alloc_comp (t, &cpi), slot;

  tunnel_try_install (t, 1, ALL, spi, 0x1111, 0);
  g_assert_cmpuint (comps (), ==, 0);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
  tunnel_try_clear (t);
  spi = alloc_comp (t, &cpi);
  tunnel_try_delete (t, 1, CHANNEL_SA_IN, spi, 0);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 0);
  spi = alloc_comp (t, &cpi);
  install_comp (t, ALL, spi, cpi, 0x1111, 0x2000, 0);
  e.spi = spi;
  e.dst = probe_address ("192.0.2.1");
  g_assert_true (tunnel_event (t, &e, &slot));
  e.spi = 0x1111;
  e.dst = probe_address ("192.0.2.2");
  g_assert_true (tunnel_event (t, &e, &slot));
  tunnel_pump ();
  g_assert_cmpuint (comps (), ==, 0);
  tunnel_kernel.no_ipcomp = TRUE;
  spi = alloc_comp (t, &cpi);
  g_assert_cmpuint (cpi, ==, 0);
  g_ptr_array_set_size (tunnel_kernel.sas, 0); /* the kernel has ended those two */
  tunnel_try_install (t, 1, ALL, spi, 0x3333, 0);
  tunnel_try_clear (t);
}

/* Each request fails in turn, and takes all with it. */
static void
test_ipcomp_rollback (void)
{
  for (guint n = 1; n <= 9; n++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      guint16 cpi;
      guint32 spi = alloc_comp (t, &cpi);

      tunnel_kernel.fail_call = tunnel_kernel.calls + n;
      tunnel_kernel.fail_error = ENOMEM;
      install_comp (t, ALL, spi, cpi, 0x1111, 0x2000, ENOMEM);
      tunnel_try_delete (t, 1, ALL, spi, 0x1111);
      g_assert_cmpuint (tunnel_kernel.policies->len, ==, 0);
      g_assert_cmpuint (tunnel_kernel.sas->len, ==, 0);
    }
}

/* The kernel refuses what was moved, either half of it, of either direction: it is in nobody's way afterwards. */
static void
test_ipcomp_not_moved (void)
{
  static const guint calls[] = { 5, 6, 9, 10 }; /* two questions; then for each: two deleted, and two made */
  static const int errors[] = { ENOMEM, ETIMEDOUT };

  for (guint i = 0; i < G_N_ELEMENTS (calls) * G_N_ELEMENTS (errors); i++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      int error = errors[i / G_N_ELEMENTS (calls)];
      guint16 cpi;
      guint32 spi = alloc_comp (t, &cpi);

      install_comp (t, ALL, spi, cpi, 0x1111, 0x2000, 0);
      tunnel_kernel.fail_call = tunnel_kernel.calls + calls[i % G_N_ELEMENTS (calls)];
      tunnel_kernel.fail_error = error;
      g_assert_cmpint (tunnel_try_update (t, 1, spi, 0x1111), ==, error);
      g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6);
      tunnel_try_delete (t, 1, ALL, spi, 0x1111);
      g_assert_cmpuint (tunnel_kernel.policies->len, ==, 0);
      g_assert_cmpuint (tunnel_kernel.sas->len, ==, 0);
    }
}

/* Somebody else, another plugin or a helper, has the number with this peer: theirs stays, whatever becomes of ours. */
static void
test_ipcomp_of_others (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new (), other = tunnel_new (NULL, OWNER + 1, TRUE);
      guint16 cpi, other_cpi;
      guint32 spi = alloc_comp (t, &cpi), other_spi = alloc_comp (other, &other_cpi);

      install_comp (other, ALL, other_spi, other_cpi, 0x2222, 0x2000, 0);
      /* ESP has another number, or the same, too */
      install_comp (t, ALL, spi, cpi, i ? 0x2222 : 0x1111, 0x2000, EEXIST);
      tunnel_try_delete (t, 1, ALL, spi, i ? 0x2222 : 0x1111);
      g_assert_cmpuint (comps (), ==, 2);
      g_assert_cmpuint (tunnel_kernel.sas->len, ==, 4);
      tunnel_try_delete (other, 1, ALL, other_spi, 0x2222);
      g_assert_cmpuint (tunnel_kernel.sas->len + tunnel_kernel.policies->len, ==, 0);
    }
}

/* The same at the address that the tunnel moves to. */
static void
test_ipcomp_of_others_moved (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  struct nlmsghdr *theirs = NULL;
  guint16 cpi;
  guint32 spi = alloc_comp (t, &cpi);

  install_comp (t, ALL, spi, cpi, 0x1111, 0x2000, 0);
  for (guint i = 0; i < tunnel_kernel.sas->len; i++)
    if (tunnel_kernel_sa (i)->id.proto == IPPROTO_COMP && tunnel_kernel_sa (i)->id.daddr.a4 == inet_addr ("192.0.2.1"))
      theirs = g_memdup2 (g_ptr_array_index (tunnel_kernel.sas, i),
                          ((const struct nlmsghdr *) g_ptr_array_index (tunnel_kernel.sas, i))->nlmsg_len);
  g_assert_nonnull (theirs);
  ((struct xfrm_usersa_info *) nlmsg_data (theirs))->id.daddr.a4 = inet_addr ("198.51.100.1");
  g_ptr_array_add (tunnel_kernel.sas, theirs);
  g_assert_cmpint (tunnel_try_update (t, 1, spi, 0x1111), ==, EEXIST);
  tunnel_try_delete (t, 1, ALL, spi, 0x1111);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 1);
  g_assert_true (g_ptr_array_index (tunnel_kernel.sas, 0) == theirs);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/tunnel-ipcomp/life", test_ipcomp);
  g_test_add_func ("/helper/tunnel-ipcomp/gone", test_ipcomp_gone);
  g_test_add_func ("/helper/tunnel-ipcomp/rollback", test_ipcomp_rollback);
  g_test_add_func ("/helper/tunnel-ipcomp/unknown", test_ipcomp_unknown);
  g_test_add_func ("/helper/tunnel-ipcomp/not-moved", test_ipcomp_not_moved);
  g_test_add_func ("/helper/tunnel-ipcomp/of-others", test_ipcomp_of_others);
  g_test_add_func ("/helper/tunnel-ipcomp/of-others-moved", test_ipcomp_of_others_moved);
  return g_test_run ();
}
