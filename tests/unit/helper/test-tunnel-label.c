/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security labels (RFC 9478): the kernel is asked before anything else; then all that is made has the one label. */
#include "tunnel-kernel.h"

#include "helper/kernel/owner.h"
#include "probe.h"

#include <errno.h>
#include <netlink/msg.h>
#include <string.h>

#define LABEL "system_u:object_r:ipsec_spd_t:s0"

static void
set (Tunnel *t, const char *label, int error)
{
  TunnelTestResult r = { 0 };

  tunnel_set_label (t, label, tunnel_on_result, &r);
  tunnel_expect (&r, error);
}

static void
install (Tunnel *t, const char *label, guint32 cpis, guint parts, guint32 spi_in, int error)
{
  g_autofree ChannelMsg *m = tunnel_install_request (1, parts, spi_in, 0x1111);
  TunnelTestResult r = { 0 };

  m->sa_install.label = label;
  m->sa_install.cpi_in = cpis;
  m->sa_install.cpi_out = cpis ? 0x2000 : 0;
  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, error);
}

static gboolean
has_label (const struct nlmsghdr *msg, gsize body)
{
  const struct nlattr *attr = nlmsg_find_attr ((struct nlmsghdr *) msg, (int) body, XFRMA_SEC_CTX);
  const struct xfrm_user_sec_ctx *context = attr ? nla_data (attr) : NULL;

  return context && context->ctx_len == sizeof LABEL && memcmp (context + 1, LABEL, sizeof LABEL) == 0;
}

/* All SAs that are more than an SPI, and all policies. */
static void
expect_all (gboolean labelled, guint sas, guint policies)
{
  guint n = 0;

  for (guint i = 0; i < tunnel_kernel.sas->len; i++)
    {
      const struct nlmsghdr *msg = g_ptr_array_index (tunnel_kernel.sas, i);

      if (msg->nlmsg_type == XFRM_MSG_ALLOCSPI)
        continue;
      n++;
      g_assert_true (has_label (msg, sizeof (struct xfrm_usersa_info)) == labelled);
    }
  g_assert_cmpuint (n, ==, sas);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, policies);
  for (guint i = 0; i < policies; i++)
    g_assert_true (has_label (g_ptr_array_index (tunnel_kernel.policies, i), sizeof (struct xfrm_userpolicy_info)) ==
                   labelled);
}

static void
test_life (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint32 spi;

  set (t, LABEL, 0);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 0); /* nothing is left of the question */
  spi = tunnel_alloc (t);
  install (t, "", 0, ALL, spi, EINVAL);
  install (t, NULL, 0, ALL, spi, EINVAL);
  install (t, LABEL ":c1", 0, ALL, spi, EINVAL);
  install (t, LABEL, 0, ALL, spi, 0);
  expect_all (TRUE, 2, 6);
  g_assert_cmpint (tunnel_try_update (t, 1, spi, 0x1111), ==, 0);
  expect_all (TRUE, 2, 6);
  /* not while there is something */
  set (t, LABEL, EBUSY);
  tunnel_try_delete (t, 1, CHANNEL_SA_POLICIES, 0, 0);
  expect_all (TRUE, 2, 0);
  install (t, LABEL, 0, CHANNEL_SA_POLICIES, 0, 0);
  expect_all (TRUE, 2, 6);
  tunnel_try_clear (t);
  /* and then it is without */
  spi = tunnel_alloc (t);
  install (t, LABEL, 0, ALL, spi, EINVAL);
  install (t, "", 0, ALL, spi, 0);
  expect_all (FALSE, 2, 6);
  tunnel_try_clear (t);
}

/* The kernel refuses something at each place in turn: what was made is gone again, policies too. */
static void
test_undone (void)
{
  for (guint call = 1; call <= 8; call++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      guint32 spi;

      set (t, LABEL, 0);
      spi = tunnel_alloc (t);
      tunnel_kernel.fail_call = tunnel_kernel.calls + call;
      tunnel_kernel.fail_error = ENOMEM;
      install (t, LABEL, 0, ALL, spi, ENOMEM);
      tunnel_pump ();
      g_assert_cmpuint (tunnel_kernel.policies->len, ==, 0);
      tunnel_try_clear (t);
    }
}

static void
test_ipcomp (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
  TunnelTestResult r = { 0 };

  set (t, LABEL, 0);
  m->spi_alloc.slot = 1;
  m->spi_alloc.protocol = 3;
  m->spi_alloc.ipcomp = 1;
  m->spi_alloc.local = probe_address ("192.0.2.1");
  m->spi_alloc.remote = probe_address ("192.0.2.2");
  tunnel_spi_alloc (t, m, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  install (t, LABEL, r.last.cpi, ALL, r.last.spi, 0);
  expect_all (TRUE, 4, 6);
  tunnel_try_clear (t);
}

/* A kernel that forgets it; one that refuses it; one that is at its end. */
static void
test_cannot (void)
{
  const int errors[] = { EINVAL, EACCES, ENOMEM };

  for (guint i = 0; i < 2 + G_N_ELEMENTS (errors); i++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      int error = i < 2 ? EOPNOTSUPP : errors[i - 2];

      tunnel_kernel.no_labels = i == 0;
      tunnel_kernel.fail_type = i == 0 ? 0 : i == 1 ? XFRM_MSG_GETSA : XFRM_MSG_NEWSA;
      tunnel_kernel.fail_error = i == 1 ? ESRCH : error;
      set (t, LABEL, error);
      g_assert_cmpuint (tunnel_kernel.sas->len, ==, 0);
      tunnel_kernel.fail_type = 0;
      install (t, LABEL, 0, ALL, tunnel_alloc (t), EINVAL);
      tunnel_try_clear (t);
    }
}

/* Only packets of the tunnel's label, or of none that is known, begin a negotiation. */
static void
test_acquire (void)
{
  const struct {
    const char *label;
    gsize len;
    gboolean taken;
  } cases[] = {
    { LABEL, sizeof LABEL, TRUE },
    { LABEL, sizeof LABEL - 1, TRUE },
    { "", 0, TRUE },
    { LABEL ":c1", sizeof LABEL + 3, FALSE },
    { LABEL, sizeof LABEL - 2, FALSE },
  };
  g_autoptr (Tunnel) t = tunnel_test_new ();

  set (t, LABEL, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const XfrmEvent event = { .type = XFRM_EVENT_ACQUIRE,
                                .reqid = owner_number (OWNER, 3),
                                .acquired = 5 + i,
                                .label = { (const guint8 *) cases[i].label, cases[i].len } };
      guint32 slot = 0;

      g_assert_true (tunnel_event (t, &event, &slot) == cases[i].taken);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/tunnel-label/life", test_life);
  g_test_add_func ("/helper/tunnel-label/undone", test_undone);
  g_test_add_func ("/helper/tunnel-label/ipcomp", test_ipcomp);
  g_test_add_func ("/helper/tunnel-label/cannot", test_cannot);
  g_test_add_func ("/helper/tunnel-label/acquire", test_acquire);
  return g_test_run ();
}
