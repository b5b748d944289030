/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP-TFS: the kernel is asked once whether it has it, before anything is promised; then SAs and policies have that mode. */
#include "tunnel-kernel.h"

#include "probe.h"

#include <errno.h>
#include <netlink/msg.h>
#include <string.h>

static gboolean
ask (Tunnel *t, guint32 *ret_spi)
{
  g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
  TunnelTestResult r = { 0 };

  m->spi_alloc.slot = 1;
  m->spi_alloc.protocol = 3;
  m->spi_alloc.iptfs = 1;
  m->spi_alloc.local = probe_address ("192.0.2.1");
  m->spi_alloc.remote = probe_address ("192.0.2.2");
  tunnel_spi_alloc (t, m, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  *ret_spi = r.last.spi;
  return r.last.iptfs;
}

static void
install (Tunnel *t, guint8 iptfs, void (*change) (ChannelSaInstall *sa), guint32 spi, int error)
{
  g_autofree ChannelMsg *m = tunnel_install_request (1, ALL, spi, 0x1111);
  TunnelTestResult r = { 0 };

  m->sa_install.iptfs = iptfs;
  if (change)
    change (&m->sa_install);
  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, error);
}

static void
in_transport (ChannelSaInstall *sa)
{
  sa->transport_mode = 1;
}

static void
padded (ChannelSaInstall *sa)
{
  sa->tfc = 1;
}

/* That the other end takes no pieces is told where they would be made: in the outbound SA. */
static void
expect_whole (guint i, gboolean whole)
{
  const struct xfrm_usersa_info *info = tunnel_kernel_sa (i);
  gboolean said =
      nlmsg_find_attr (g_ptr_array_index (tunnel_kernel.sas, i), sizeof *info, XFRMA_IPTFS_DONT_FRAG) != NULL;

  g_assert_cmpint (said, ==, whole && info->id.spi == htonl (0x1111));
}

static void
test_pieces (void)
{
  for (guint8 iptfs = CHANNEL_IPTFS_YES; iptfs <= CHANNEL_IPTFS_WHOLE; iptfs++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      guint32 spi;

      g_assert_true (ask (t, &spi));
      install (t, iptfs, NULL, spi, 0);
      g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
      for (guint i = 0; i < 2; i++)
        expect_whole (i, iptfs == CHANNEL_IPTFS_WHOLE);
      tunnel_try_clear (t);
    }
}

static void
test_life (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint32 spi, other;
  guint calls;

  g_assert_true (ask (t, &spi));
  /* nothing is left of the question but the SPI */
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 1);
  calls = tunnel_kernel.calls;
  g_assert_true (ask (t, &other));
  g_assert_cmpuint (tunnel_kernel.calls, ==, calls + 1);
  g_assert_cmphex (spi, !=, other);
  install (t, CHANNEL_IPTFS_YES, in_transport, spi, EINVAL);
  install (t, CHANNEL_IPTFS_YES, padded, spi, EINVAL);
  install (t, CHANNEL_IPTFS_WHOLE, NULL, spi, 0);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 3);
  for (guint i = 0; i < tunnel_kernel.sas->len; i++)
    if (tunnel_kernel_sa (i)->id.spi != htonl (other))
      g_assert_cmpint (tunnel_kernel_sa (i)->mode, ==, XFRM_MODE_IPTFS);
  for (guint i = 0; i < tunnel_kernel.policies->len; i++)
    {
      struct nlattr *attr = nlmsg_find_attr (g_ptr_array_index (tunnel_kernel.policies, i),
                                             sizeof (struct xfrm_userpolicy_info), XFRMA_TMPL);

      g_assert_cmpint (((const struct xfrm_user_tmpl *) nla_data (attr))->mode, ==, XFRM_MODE_IPTFS);
    }
  g_assert_cmpint (tunnel_try_update (t, 1, spi, 0x1111), ==, 0);
  for (guint i = 0; i < tunnel_kernel.sas->len; i++)
    if (tunnel_kernel_sa (i)->id.spi != htonl (other))
      g_assert_cmpint (tunnel_kernel_sa (i)->mode, ==, XFRM_MODE_IPTFS);
  tunnel_try_clear (t);
  g_assert_cmpuint (tunnel_kernel.sas->len + tunnel_kernel.policies->len, ==, 0);
}

/* It is older, or was built without: an SPI is there all the same. */
static void
test_cannot (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      guint32 spi;

      if (turn == 1)
        {
          g_clear_pointer (&t, tunnel_free);
          t = tunnel_new (NULL, OWNER, FALSE);
        }
      tunnel_kernel.no_iptfs = TRUE;
      g_assert_false (ask (t, &spi));
      g_assert_cmpuint (tunnel_kernel.sas->len, ==, 1);
      g_assert_false (ask (t, &spi));
      install (t, CHANNEL_IPTFS_NO, NULL, spi, 0);
      tunnel_try_clear (t);
      g_assert_cmpuint (tunnel_kernel.sas->len + tunnel_kernel.policies->len, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/tunnel-iptfs/life", test_life);
  g_test_add_func ("/helper/tunnel-iptfs/pieces", test_pieces);
  g_test_add_func ("/helper/tunnel-iptfs/cannot", test_cannot);
  return g_test_run ();
}
