/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Installing, moving and deleting: whatever fails, kernel and ledger agree, and nothing is left half-way. */
#include "tunnel-kernel.h"

#include "helper/kernel/owner.h"
#include "helper/kernel/selectors.h"
#include "helper/ledger.h"
#include "probe.h"

#include <errno.h>
#include <netlink/msg.h>
#include <string.h>

/* ---- tests ---- */

static void
test_life (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint32 first = tunnel_alloc (t), second;

  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 1);
  tunnel_try_install (t, 1, ALL, first, 0x1111, 0);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6); /* in, out, fwd for two networks */
  g_assert_cmphex (tunnel_kernel_sa (0)->reqid, ==, owner_number (OWNER, 1));
  second = tunnel_alloc (t);
  tunnel_try_install (t, 1, CHANNEL_SA_IN, second, 0x2222, 0);
  tunnel_try_install (t, 1, CHANNEL_SA_OUT, second, 0x2222, 0);
  tunnel_try_delete (t, 1, BOTH, first, 0x1111);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6);
  tunnel_try_delete (t, 1, ALL, second, 0x2222);
  g_assert_cmpuint (tunnel_kernel.sas->len + tunnel_kernel.policies->len, ==, 0);
  tunnel_try_delete (t, 1, ALL, second, 0x2222);
  tunnel_try_clear (t);
}

static guint32
attribute (gconstpointer msg, gsize body, int type)
{
  struct nlattr *attr = nlmsg_find_attr ((struct nlmsghdr *) msg, (int) body, type);

  return attr ? nla_get_u32 (attr) : 0;
}

/* The user's mark: in the outbound SA and the policies a condition, from the inbound SA a gift; a VTI has its own. */
static void
test_mark (void)
{
  const TunnelTraits traits = { .mark = 0x10, .mark_mask = 0xf0 };
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint32 spi;

  for (guint vti = 0; vti < 2; vti++)
    {
      tunnel_set_scope (t, vti ? 0 : 0x77, vti ? 0x88 : 0);
      tunnel_set_traits (t, &traits);
      spi = tunnel_alloc (t);
      tunnel_try_install (t, 1, ALL, spi, 0x1111, 0);
      for (guint i = 0; i < 2; i++)
        {
          const struct nlmsghdr *sa = g_ptr_array_index (tunnel_kernel.sas, i);
          gboolean in = ((const struct xfrm_usersa_info *) nlmsg_data (sa))->id.spi == htonl (spi);

          g_assert_cmphex (attribute (sa, sizeof (struct xfrm_usersa_info), XFRMA_MARK), ==,
                           vti  ? 0x88
                           : in ? 0
                                : 0x10);
          g_assert_cmphex (attribute (sa, sizeof (struct xfrm_usersa_info), XFRMA_SET_MARK), ==, in && !vti ? 0x10 : 0);
        }
      for (guint i = 0; i < tunnel_kernel.policies->len; i++)
        g_assert_cmphex (attribute (g_ptr_array_index (tunnel_kernel.policies, i), sizeof (struct xfrm_userpolicy_info),
                                    XFRMA_MARK),
                         ==, vti ? 0x88 : 0x10);
      tunnel_try_delete (t, 1, ALL, spi, 0x1111);
      g_assert_cmpuint (tunnel_kernel.sas->len + tunnel_kernel.policies->len, ==, 0);
    }
}

/* Each request of an installation fails in turn: nothing stays. */
static void
test_rollback (void)
{
  for (guint n = 1; n <= 8; n++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      guint32 spi = tunnel_alloc (t);

      tunnel_kernel.fail_call = tunnel_kernel.calls + n;
      tunnel_kernel.fail_error = EINVAL;
      tunnel_try_install (t, 1, ALL, spi, 0x1111, EINVAL);
      g_assert_cmpuint (tunnel_kernel.calls, >=, tunnel_kernel.fail_call);
      g_assert_cmpuint (tunnel_kernel.policies->len, ==, 0);
      /* when the inbound SA itself failed, its SPI is still reserved and may be used again */
      g_assert_cmpuint (tunnel_kernel.sas->len, ==, n == 1 ? 1 : 0);
      if (n == 1)
        tunnel_try_install (t, 1, ALL, spi, 0x1111, 0);
      else
        tunnel_try_install (t, 1, ALL, tunnel_alloc (t), 0x1111, 0);
      tunnel_try_clear (t);
    }
}

/* A failed replacement of policies puts back those that were there. */
static void
test_rollback_of_replacement (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();

  tunnel_try_install (t, 1, ALL, tunnel_alloc (t), 0x1111, 0);
  for (guint n = 3; n <= 8; n++)
    {
      tunnel_kernel.fail_call = tunnel_kernel.calls + 1 + n; /* after the SPI */
      tunnel_kernel.fail_error = ENOMEM;
      tunnel_try_install (t, 2, ALL, tunnel_alloc (t), 0x2222, ENOMEM);
      g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
      g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6);
      for (guint i = 0; i < 6; i++)
        {
          XfrmPolicy p;
          struct nlmsghdr *msg = g_ptr_array_index (tunnel_kernel.policies, i);

          msg->nlmsg_type = XFRM_MSG_NEWPOLICY;
          g_assert_true (xfrm_parse_policy (msg, &p));
          g_assert_cmphex (p.reqid, ==, owner_number (OWNER, 1));
        }
    }
  tunnel_try_delete (t, 2, CHANNEL_SA_POLICIES, 0, 0);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6);
  tunnel_try_delete (t, 1, CHANNEL_SA_POLICIES, 0, 0);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 0);
  tunnel_try_clear (t);
}

/* One request that says the same twice has replaced what was there before it, not what it has said itself. */
static void
test_rollback_of_duplicates (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  g_autofree ChannelMsg *m = NULL;
  TunnelTestResult r = { 0 };

  tunnel_try_install (t, 1, ALL, tunnel_alloc (t), 0x1111, 0);
  m = tunnel_install_request (2, CHANNEL_SA_POLICIES, 0, 0);
  m->sa_install.remote_ts.at[1] = m->sa_install.remote_ts.at[0];
  tunnel_kernel.fail_call = tunnel_kernel.calls + 6;
  tunnel_kernel.fail_error = ENOMEM;
  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, ENOMEM);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6);
  tunnel_try_delete (t, 2, CHANNEL_SA_POLICIES, 0, 0);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6);
  tunnel_try_clear (t);
}

/* What the kernel has done without being heard does not stay either. */
static void
test_lost_answers (void)
{
  for (guint n = 2; n <= 17; n++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      guint32 spi = tunnel_alloc (t);

      tunnel_kernel.fail_call = tunnel_kernel.calls + n / 2;
      tunnel_kernel.fail_error = n % 2 ? ETIMEDOUT : ECANCELED; /* the latter when the socket is closed */
      tunnel_try_install (t, 1, ALL, spi, 0x1111, tunnel_kernel.fail_error);
      g_assert_cmpuint (tunnel_kernel.policies->len, ==, 0);
      g_assert_cmpuint (tunnel_kernel.sas->len, ==, 0);
    }
}

/* How many policies of @owner's the kernel has; they have all this rank. */
static guint
policies_of (pid_t owner, guint32 rank)
{
  guint n = 0;

  for (guint i = 0; i < tunnel_kernel.policies->len; i++)
    {
      const struct xfrm_userpolicy_info *p =
          (const void *) ((const guint8 *) tunnel_kernel.policies->pdata[i] + NLMSG_HDRLEN);

      if (owner_of ((guint32) p->sel.user) != owner)
        continue;
      n++;
      g_assert_cmpuint (p->priority, ==, xfrm_selector_priority (&p->sel) - rank);
    }
  return n;
}

/* Of two connections without links that want the same the later one wins; neither takes the other's policies along. */
static void
test_same_selectors (void)
{
  g_autoptr (Tunnel) first = tunnel_test_new ();
  g_autoptr (Tunnel) second = tunnel_new (NULL, OWNER + 1, TRUE);
  g_autoptr (Tunnel) third = tunnel_new (NULL, OWNER + 2, TRUE);
  TunnelTestResult r = { 0 };

  tunnel_set_scope (first, 0, 0);
  tunnel_try_install (first, 1, CHANNEL_SA_POLICIES, 0, 0, 0);
  tunnel_try_install (second, 1, CHANNEL_SA_POLICIES, 0, 0, 0);
  tunnel_try_install (third, 3, CHANNEL_SA_POLICIES, 0, 0, 0);
  tunnel_try_install (first, 1, CHANNEL_SA_POLICIES, 0, 0, 0);
  g_assert_cmpuint (policies_of (OWNER, 0), ==, 6);
  g_assert_cmpuint (policies_of (OWNER + 1, 1), ==, 6);
  g_assert_cmpuint (policies_of (OWNER + 2, 2), ==, 6);
  tunnel_clear (second, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 12);
  tunnel_clear (third, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  g_assert_cmpuint (policies_of (OWNER, 0), ==, 6);
  /* who begins again is the last, though not without end */
  for (guint i = 0; i < 20; i++)
    {
      tunnel_try_install (second, 1, CHANNEL_SA_POLICIES, 0, 0, 0);
      g_assert_cmpuint (policies_of (OWNER + 1, MIN (2 * i + 1, XFRM_MAX_RANK)), ==, 6);
      tunnel_clear (first, tunnel_on_result, &r);
      tunnel_expect (&r, 0);
      tunnel_try_install (first, 1, CHANNEL_SA_POLICIES, 0, 0, 0);
      g_assert_cmpuint (policies_of (OWNER, MIN (2 * i + 2, XFRM_MAX_RANK)), ==, 6);
      tunnel_clear (second, tunnel_on_result, &r);
      tunnel_expect (&r, 0);
    }
  tunnel_try_clear (first);
  /* alone it is the first again */
  tunnel_try_install (second, 1, CHANNEL_SA_POLICIES, 0, 0, 0);
  g_assert_cmpuint (policies_of (OWNER + 1, 0), ==, 6);
  tunnel_try_clear (second);
}

static void
test_larval_has_expired (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();

  tunnel_kernel.no_larval = TRUE;
  tunnel_try_install (t, 1, ALL, tunnel_alloc (t), 0x1111, 0);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
  tunnel_try_clear (t);
}

static void
test_refused (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  struct {
    const char *why;
    gsize offset;
    guint8 value;
  } cases[] = { { "protocol", G_STRUCT_OFFSET (ChannelSaInstall, protocol), 50 },
                { "parts", G_STRUCT_OFFSET (ChannelSaInstall, parts), 0 },
                { "family", G_STRUCT_OFFSET (ChannelSaInstall, local.address.family), 6 },
                { "none", G_STRUCT_OFFSET (ChannelSaInstall, local.address.family), 0 },
                { "aead", G_STRUCT_OFFSET (ChannelSaInstall, aead), 0 },
                { "key", G_STRUCT_OFFSET (ChannelSaInstall, encr_in.len), 0 },
                { "key", G_STRUCT_OFFSET (ChannelSaInstall, encr_out.len), 0 },
                { "icv", G_STRUCT_OFFSET (ChannelSaInstall, icv_bits), 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree ChannelMsg *m = tunnel_install_request (1, ALL, 0xc0000001, 0x1111);
      TunnelTestResult r = { 0 };

      ((guint8 *) &m->sa_install)[cases[i].offset] = cases[i].value;
      tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
      g_test_message ("%s: %s", cases[i].why, r.text);
      tunnel_expect (&r, EINVAL);
    }
  tunnel_try_install (t, 1, ALL, 255, 0x1111, EINVAL);
  tunnel_try_install (t, 1, ALL, 0xc0000001, 0, EINVAL);
  g_assert_cmpuint (tunnel_kernel.calls, ==, 0);
}

static void
test_update (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint32 spi = tunnel_alloc (t);
  const ChannelAddress now = probe_address ("198.51.100.1");

  tunnel_try_install (t, 1, ALL, spi, 0x1111, 0);
  g_assert_cmpint (tunnel_try_update (t, 1, spi, 0x1111), ==, 0);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6);
  for (guint i = 0; i < 2; i++)
    g_assert_true (memcmp (&tunnel_kernel_sa (i)->saddr, now.bytes, 4) == 0 ||
                   memcmp (&tunnel_kernel_sa (i)->id.daddr, now.bytes, 4) == 0);
  g_assert_cmpint (tunnel_try_update (t, 1, 0, 0x1111), ==, 0);
  g_assert_cmpint (tunnel_try_update (t, 1, 0xbad, 0), ==, ESRCH);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
  /* before anything is touched */
  tunnel_kernel.fail_type = XFRM_MSG_GETSA;
  tunnel_kernel.fail_error = EPERM;
  g_assert_cmpint (tunnel_try_update (t, 1, spi, 0x1111), ==, EPERM);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
  /* too late: what is lost is lost, and the ledger knows */
  tunnel_kernel.fail_type = XFRM_MSG_NEWSA;
  g_assert_cmpint (tunnel_try_update (t, 1, spi, 0x1111), ==, EPERM);
  tunnel_kernel.fail_type = 0;
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 0);
  tunnel_try_clear (t);
}

static void
test_events (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint32 spi = tunnel_alloc (t), larval = tunnel_alloc (t);
  XfrmEvent e = {
    .type = XFRM_EVENT_EXPIRE, .reqid = owner_number (OWNER, 1), .spi = spi, .dst = probe_address ("192.0.2.1")
  };
  guint32 slot = 0;

  tunnel_try_install (t, 1, ALL, spi, 0x1111, 0);
  g_assert_true (tunnel_event (t, &e, &slot));
  g_assert_cmpuint (slot, ==, 1);
  e.reqid = owner_number (OWNER + 1, 1);
  g_assert_false (tunnel_event (t, &e, &slot));
  e.reqid = 1;
  g_assert_false (tunnel_event (t, &e, &slot));
  e.reqid = owner_number (OWNER, 1);
  e.spi = 0x9999;
  g_assert_false (tunnel_event (t, &e, &slot));
  /* the end of a reservation is nobody's business */
  e.spi = larval;
  e.hard = TRUE;
  g_assert_false (tunnel_event (t, &e, &slot));
  e.spi = 0x1111;
  g_assert_false (tunnel_event (t, &e, &slot)); /* somebody else's: it does not go where ours does */
  e.dst = probe_address ("192.0.2.2");
  g_assert_true (tunnel_event (t, &e, &slot));
  g_assert_false (tunnel_event (t, &e, &slot)); /* the kernel has removed it */
  e.type = XFRM_EVENT_ACQUIRE;
  g_assert_true (tunnel_event (t, &e, &slot));
  e.reqid = owner_number (OWNER, 0);
  g_assert_false (tunnel_event (t, &e, &slot));
  g_ptr_array_set_size (tunnel_kernel.sas, 0);
  g_ptr_array_set_size (tunnel_kernel.policies, 0);
  tunnel_try_clear (t); /* that all is gone already is no failure */
}

/* The kernel's larval state of an acquire goes with the first outbound SA, whichever slot that is for. */
static void
test_acquired (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  XfrmEvent e = { .type = XFRM_EVENT_ACQUIRE, .reqid = owner_number (OWNER, 1), .acquired = 7 };
  guint32 slot = 0, spi = tunnel_alloc (t);

  g_assert_true (tunnel_event (t, &e, &slot));
  /* one that the kernel refuses takes nothing along */
  tunnel_kernel.fail_call = tunnel_kernel.calls + 2;
  tunnel_kernel.fail_error = EINVAL;
  tunnel_try_install (t, 2, ALL, spi, 0x1111, EINVAL);
  tunnel_try_install (t, 2, ALL, tunnel_alloc (t), 0x1111, 0);
  tunnel_try_install (t, 3, ALL, tunnel_alloc (t), 0x1112, 0);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpuint (tunnel_kernel_sa (i)->seq, ==, tunnel_kernel_sa (i)->id.spi == htonl (0x1111) ? 7 : 0);
  tunnel_try_clear (t);
}

/* Policies that outlive their SAs, so that nothing passes without one, go when a Child SA brings others. */
static void
test_held_policies (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint32 spi = tunnel_alloc (t);
  g_autofree ChannelMsg *m = NULL;
  TunnelTestResult r = { 0 };

  tunnel_try_install (t, 1, ALL, spi, 0x1111, 0);
  tunnel_try_install (t, 2, ALL, tunnel_alloc (t), 0x1112, 0);
  tunnel_try_delete (t, 1, BOTH, spi, 0x1111);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6);
  m = tunnel_install_request (1, ALL, tunnel_alloc (t), 0x2222);
  m->sa_install.local_ts.at[0] = probe_prefix ("10.9.0.2/32");
  m->sa_install.remote_ts.n = 1;
  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  /* those of slot 2 have taken the place of slot 1's, and are not its to remove */
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6 + 3);
  tunnel_try_delete (t, 2, CHANNEL_SA_POLICIES, 0, 0);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 3);
  m->sa_install.spi_in = tunnel_alloc (t);
  m->sa_install.spi_out = 0x3333;
  m->sa_install.local_ts.at[0] = probe_prefix ("10.9.0.3/32");
  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 3);
  tunnel_try_clear (t);
}

/* A reqid that names its owner has room for so many slots; with a link the link names him, and there may be more. */
static void
test_slots (void)
{
  const guint32 slots[] = { 1, CHANNEL_MAX_SLOTS, CHANNEL_MAX_SLOTS + 1, 1000, G_MAXUINT32 };

  for (gsize i = 0; i < G_N_ELEMENTS (slots); i++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      guint32 reqid =
          slots[i] <= CHANNEL_MAX_SLOTS ? owner_number (OWNER, (guint8) slots[i]) : OWNER_LINK_SLOT | slots[i];

      tunnel_set_scope (t, owner_number (OWNER, 1), 0);
      tunnel_try_install (t, slots[i], ALL, 0xc0000001, 0x1111, 0);
      g_assert_cmphex (tunnel_kernel_sa (0)->reqid, ==, reqid);
      g_assert_cmpint (owner_of (owner_number_of (reqid, owner_number (OWNER, 1), 0, 0)), ==, OWNER);
      tunnel_try_delete (t, slots[i], ALL, 0xc0000001, 0x1111);
      g_assert_cmpuint (tunnel_kernel.sas->len + tunnel_kernel.policies->len, ==, 0);
    }
}

/* Without one, also when the user has a number for it, a higher slot is refused: it has no part in the policies and SAs of
 * the one whose reqid it would share. */
static void
test_no_slot (void)
{
  const guint32 slots[] = { CHANNEL_MAX_SLOTS + 1, 2 * CHANNEL_MAX_SLOTS + 1, G_MAXUINT32 };

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (slots); i++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      guint32 slot = slots[i % G_N_ELEMENTS (slots)], spi;
      g_autofree ChannelMsg *m = tunnel_install_request (slot, ALL, 0xc0000001, 0x1112);
      ChannelMsg alloc = { .spi_alloc = { .slot = slot, .protocol = 3 } };
      TunnelTestResult r = { 0 }, s = { 0 };

      tunnel_set_scope (t, i < G_N_ELEMENTS (slots) ? 0 : 7, 0);
      spi = tunnel_alloc (t);
      for (guint first = 1; first <= CHANNEL_MAX_SLOTS; first += CHANNEL_MAX_SLOTS - 1)
        tunnel_try_install (t, first, first == 1 ? ALL : CHANNEL_SA_POLICIES, spi, 0x1111, 0);
      m->sa_install.remote_ts.at[0] = probe_prefix ("172.20.0.0/16");
      m->sa_install.remote_ts.n = 1;
      tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
      tunnel_expect (&r, EINVAL);
      alloc.spi_alloc.local = m->sa_install.local.address;
      alloc.spi_alloc.remote = m->sa_install.remote.address;
      tunnel_spi_alloc (t, &alloc, tunnel_on_result, &s);
      tunnel_expect (&s, EINVAL);
      g_assert_cmpint (tunnel_try_update (t, slot, 0, 0x1111), ==, ESRCH);
      tunnel_try_delete (t, slot, CHANNEL_SA_POLICIES | CHANNEL_SA_OUT, 0, 0x1111);
      g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
      g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6);
      tunnel_try_clear (t);
    }
}

static void
install_for (Tunnel *t, guint32 slot, const char *remote, guint32 spi_in, guint32 spi_out)
{
  g_autofree ChannelMsg *m = tunnel_install_request (slot, ALL, spi_in, spi_out);
  TunnelTestResult r = { 0 };

  m->sa_install.remote = probe_endpoint (remote, 4500);
  m->sa_install.remote_ts.n = 1;
  m->sa_install.remote_ts.at[0] = probe_prefix (slot == 1 ? "10.1.0.0/16" : "10.2.0.0/16");
  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
}

/* How many SAs of this number has the kernel, and do those of @reqid go there? */
static guint
sas_with (guint32 spi, guint32 reqid, const char *dst)
{
  const ChannelAddress address = probe_address (dst);
  guint n = 0;

  for (guint i = 0; i < tunnel_kernel.sas->len; i++)
    if (tunnel_kernel_sa (i)->id.spi == htonl (spi))
      {
        n++;
        if (tunnel_kernel_sa (i)->reqid == reqid)
          g_assert_cmpmem (&tunnel_kernel_sa (i)->id.daddr, 4, address.bytes, 4);
      }
  return n;
}

/* A server's clients choose what it sends to them: two may choose the same, or what we gave to another one. */
static void
test_same_spi (void)
{
  const guint32 one = owner_number (OWNER, 1), two = owner_number (OWNER, 2);
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint32 a = tunnel_alloc (t), b = tunnel_alloc (t), slot;
  XfrmEvent e = { .type = XFRM_EVENT_EXPIRE, .hard = TRUE, .reqid = one, .spi = 0x1111 };

  install_for (t, 1, "192.0.2.2", a, 0x1111);
  install_for (t, 2, "203.0.113.2", b, 0x1111);
  g_assert_cmpuint (sas_with (0x1111, one, "192.0.2.2"), ==, 2);
  /* it moves its own alone, */
  g_assert_cmpint (tunnel_try_update (t, 1, a, 0x1111), ==, 0);
  g_assert_cmpuint (sas_with (0x1111, one, "192.0.2.2"), ==, 2);
  g_assert_cmpuint (sas_with (0x1111, two, "203.0.113.2"), ==, 2);
  g_assert_cmpuint (sas_with (a, one, "198.51.100.1"), ==, 1);
  g_assert_cmpuint (sas_with (b, two, "192.0.2.1"), ==, 1);
  g_assert_cmpint (tunnel_try_update (t, 3, 0, 0x1111), ==, ESRCH);
  /* and takes its own alone along */
  tunnel_try_delete (t, 1, ALL, a, 0x1111);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
  g_assert_cmphex (tunnel_kernel_sa (0)->reqid, ==, two);
  g_assert_cmphex (tunnel_kernel_sa (1)->reqid, ==, two);
  /* what ends by itself is the one that goes there */
  install_for (t, 1, "192.0.2.2", a = tunnel_alloc (t), b);
  e.spi = b;
  e.dst = probe_address ("192.0.2.2");
  g_assert_true (tunnel_event (t, &e, &slot));
  tunnel_try_delete (t, 2, ALL, b, 0x1111);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
  g_assert_cmpuint (sas_with (a, one, "192.0.2.1"), ==, 1);
  g_ptr_array_set_size (tunnel_kernel.sas, 0);
  tunnel_try_clear (t);
}

/* An address of ours changes between a number and its SA: it is one entry all the same. */
static void
test_reserved_elsewhere (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  g_autofree ChannelMsg *m = tunnel_install_request (1, ALL, tunnel_alloc (t), 0x1111);
  TunnelTestResult r = { 0 };

  tunnel_kernel.no_larval = TRUE;
  g_ptr_array_set_size (tunnel_kernel.sas, 0);
  m->sa_install.local = probe_endpoint ("198.51.100.1", 4500);
  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 2);
  tunnel_try_delete (t, 1, BOTH, m->sa_install.spi_in, 0x1111);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 0);
  tunnel_try_clear (t);
}

static void
test_query (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
  guint32 spi = tunnel_alloc (t);
  TunnelTestResult r = { 0 };

  tunnel_try_install (t, 1, ALL, spi, 0x1111, 0);
  m->sa_query.slot = 1;
  m->sa_query.spi = spi;
  tunnel_query (t, m, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  g_assert_cmphex (r.last.spi, ==, spi);
  m->sa_query.spi = 0x1111;
  tunnel_query (t, m, tunnel_on_result, &r);
  tunnel_expect (&r, ESRCH);
  m->sa_query.outbound = TRUE;
  tunnel_query (t, m, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  m->sa_query.slot = 2;
  tunnel_query (t, m, tunnel_on_result, &r);
  tunnel_expect (&r, ESRCH);
  tunnel_try_clear (t);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/tunnel/life", test_life);
  g_test_add_func ("/helper/tunnel/mark", test_mark);
  g_test_add_func ("/helper/tunnel/rollback", test_rollback);
  g_test_add_func ("/helper/tunnel/rollback-of-replacement", test_rollback_of_replacement);
  g_test_add_func ("/helper/tunnel/rollback-of-duplicates", test_rollback_of_duplicates);
  g_test_add_func ("/helper/tunnel/lost-answers", test_lost_answers);
  g_test_add_func ("/helper/tunnel/same-selectors", test_same_selectors);
  g_test_add_func ("/helper/tunnel/larval-has-expired", test_larval_has_expired);
  g_test_add_func ("/helper/tunnel/refused", test_refused);
  g_test_add_func ("/helper/tunnel/update", test_update);
  g_test_add_func ("/helper/tunnel/acquired", test_acquired);
  g_test_add_func ("/helper/tunnel/events", test_events);
  g_test_add_func ("/helper/tunnel/held-policies", test_held_policies);
  g_test_add_func ("/helper/tunnel/slots", test_slots);
  g_test_add_func ("/helper/tunnel/no-slot", test_no_slot);
  g_test_add_func ("/helper/tunnel/same-spi", test_same_spi);
  g_test_add_func ("/helper/tunnel/reserved-elsewhere", test_reserved_elsewhere);
  g_test_add_func ("/helper/tunnel/query", test_query);
  return g_test_run ();
}
