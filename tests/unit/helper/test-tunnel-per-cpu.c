/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SAs for what one processor sends: the kernel is asked once whether it has them; then they are beside the one for all. */
#include "tunnel-kernel.h"

#include "probe.h"

#include <errno.h>
#include <netlink/msg.h>
#include <unistd.h>

static guint
ask (Tunnel *t, gboolean ipcomp, guint32 *ret_spi)
{
  g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
  TunnelTestResult r = { 0 };

  m->spi_alloc.slot = 1;
  m->spi_alloc.protocol = 3;
  m->spi_alloc.per_cpu = 1;
  m->spi_alloc.ipcomp = ipcomp != FALSE;
  m->spi_alloc.iptfs = !ipcomp;
  m->spi_alloc.local = probe_address ("192.0.2.1");
  m->spi_alloc.remote = probe_address ("192.0.2.2");
  tunnel_spi_alloc (t, m, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  *ret_spi = r.last.spi;
  g_assert_true (!r.last.cpi == !ipcomp && r.last.iptfs == !ipcomp);
  return r.last.cpus;
}

static void
install (Tunnel *t, guint32 cpu, guint parts, guint32 spi_in, guint32 spi_out, int error)
{
  g_autofree ChannelMsg *m = tunnel_install_request (1, parts, spi_in, spi_out);
  TunnelTestResult r = { 0 };

  m->sa_install.cpu = cpu;
  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, error);
}

/* -1: it is for all; an SA that is not there is neither. */
static gint
cpu_of (guint32 spi)
{
  for (guint i = 0; i < tunnel_kernel.sas->len; i++)
    {
      const struct xfrm_usersa_info *info = tunnel_kernel_sa (i);
      struct nlattr *attr = nlmsg_find_attr (g_ptr_array_index (tunnel_kernel.sas, i), sizeof *info, XFRMA_SA_PCPU);

      if (info->id.spi == htonl (spi))
        return attr ? (gint) nla_get_u32 (attr) : -1;
    }
  return -2;
}

static void
test_life (void)
{
  const glong running = sysconf (_SC_NPROCESSORS_ONLN);

  for (guint ipcomp = 0; ipcomp < 2; ipcomp++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      guint32 spi, other;
      guint calls;

      g_assert_cmpint (ask (t, ipcomp, &spi), ==, running);
      /* nothing is left of the question but the SPI */
      g_assert_cmpuint (tunnel_kernel.sas->len, ==, ipcomp ? 2 : 1);
      calls = tunnel_kernel.calls;
      g_assert_cmpint (ask (t, ipcomp, &other), ==, running);
      g_assert_cmpuint (tunnel_kernel.calls, ==, calls + (ipcomp ? 3 : 1));
      install (t, (guint32) running + 1, ALL, spi, 0x1111, EINVAL);
      install (t, 0, ALL, spi, 0x1111, 0);
      install (t, 1, BOTH, other, 0x2222, 0);
      g_assert_cmpint (cpu_of (0x1111), ==, -1);
      g_assert_cmpint (cpu_of (spi), ==, -1);
      g_assert_cmpint (cpu_of (0x2222), ==, 0);
      g_assert_cmpint (cpu_of (other), ==, -1);
      /* of one slot, for the policies: one template finds them all */
      g_assert_cmpuint (tunnel_kernel_sa (0)->reqid, ==, tunnel_kernel_sa (tunnel_kernel.sas->len - 1)->reqid);
      g_assert_cmpint (tunnel_try_update (t, 1, other, 0x2222), ==, 0);
      g_assert_cmpint (cpu_of (0x2222), ==, 0);
      tunnel_try_delete (t, 1, BOTH, other, 0x2222);
      g_assert_cmpint (cpu_of (0x2222), ==, -2);
      g_assert_cmpint (cpu_of (0x1111), ==, -1);
      tunnel_try_clear (t);
    }
}

/* It is older than directions, or than processors; or it takes no such SA at all: an SPI is there all the same. */
static void
test_cannot (void)
{
  for (guint turn = 0; turn < 3; turn++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
      TunnelTestResult r = { 0 };

      if (turn == 0)
        {
          g_clear_pointer (&t, tunnel_free);
          t = tunnel_new (NULL, OWNER, FALSE);
        }
      tunnel_kernel.no_pcpu = TRUE;
      if (turn == 2)
        {
          tunnel_kernel.fail_type = XFRM_MSG_NEWSA;
          tunnel_kernel.fail_error = EINVAL;
        }
      m->spi_alloc.slot = 1;
      m->spi_alloc.protocol = 3;
      m->spi_alloc.per_cpu = 1;
      m->spi_alloc.local = probe_address ("192.0.2.1");
      m->spi_alloc.remote = probe_address ("192.0.2.2");
      tunnel_spi_alloc (t, m, tunnel_on_result, &r);
      tunnel_expect (&r, 0);
      tunnel_kernel.fail_type = 0;
      g_assert_true (r.last.cpus == 0 && r.last.spi != 0);
      g_assert_cmpuint (tunnel_kernel.sas->len, ==, 1);
      install (t, 1, ALL, r.last.spi, 0x1111, EINVAL);
      install (t, 0, ALL, r.last.spi, 0x1111, 0);
      tunnel_try_clear (t);
      g_assert_cmpuint (tunnel_kernel.sas->len + tunnel_kernel.policies->len, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/tunnel-per-cpu/life", test_life);
  g_test_add_func ("/helper/tunnel-per-cpu/cannot", test_cannot);
  return g_test_run ();
}
