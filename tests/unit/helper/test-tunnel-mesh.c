/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policies of a mesh's groups: what each rule becomes, which net wins, whose they are, and that they go. */
#include "tunnel-kernel.h"

#include "helper/kernel/guard-build.h"
#include "helper/kernel/mesh-build.h"
#include "helper/kernel/owner.h"
#include "helper/kernel/selectors.h"
#include "probe.h"

#include <errno.h>
#include <sys/socket.h>

static const struct xfrm_userpolicy_info *
policy_at (guint i)
{
  return (const void *) ((const guint8 *) tunnel_kernel.policies->pdata[i] + NLMSG_HDRLEN);
}

static const struct xfrm_user_tmpl *
template_at (guint i)
{
  XfrmAttribute attr = { 0 };

  while (xfrm_next_attribute (tunnel_kernel.policies->pdata[i], sizeof (struct xfrm_userpolicy_info), &attr))
    if (attr.type == XFRMA_TMPL)
      return (const void *) attr.data;
  return NULL;
}

static void
group (Tunnel *t, guint32 slot, ChannelRule rule, const char *net, int error)
{
  g_autofree ChannelMsg *m = tunnel_install_request (slot, CHANNEL_SA_POLICIES, 0, 0);
  TunnelTestResult r = { 0 };

  m->sa_install.rule = rule;
  m->sa_install.transport_mode = TRUE;
  m->sa_install.local_ts.n = m->sa_install.remote_ts.n = 1;
  m->sa_install.local_ts.at[0] = probe_prefix ("192.0.2.2/32");
  m->sa_install.remote_ts.at[0] = probe_prefix (net);
  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, error);
}

static void
test_rules (void)
{
  static const struct {
    ChannelRule rule;
    guint n; /* directions: out, in */
    gboolean trap_out, trap_in, block;
  } rows[] = {
    { CHANNEL_RULE_TRAP, 2, TRUE, TRUE, FALSE },         { CHANNEL_RULE_ASK, 2, TRUE, FALSE, FALSE },
    { CHANNEL_RULE_PASS, 2, FALSE, FALSE, FALSE },       { CHANNEL_RULE_BLOCK, 2, FALSE, FALSE, TRUE },
    { CHANNEL_RULE_ALWAYS, 2, FALSE, FALSE, FALSE },     { CHANNEL_RULE_SHUNT_PASS, 1, FALSE, FALSE, FALSE },
    { CHANNEL_RULE_SHUNT_BLOCK, 1, FALSE, FALSE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();

      group (t, 1, rows[i].rule, "198.51.100.0/24", 0);
      g_assert_cmpuint (tunnel_kernel.policies->len, ==, rows[i].n);
      for (guint j = 0; j < rows[i].n; j++)
        {
          const struct xfrm_userpolicy_info *p = policy_at (j);

          g_assert_cmpuint (p->dir, ==, j ? XFRM_POLICY_IN : XFRM_POLICY_OUT);
          g_assert_cmpuint (p->action, ==, rows[i].block ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW);
          g_assert_cmpint (template_at (j) != NULL, ==, j ? rows[i].trap_in : rows[i].trap_out);
          g_assert_cmphex (p->sel.user & ~0xffu, ==, owner_number (OWNER, 0));
          g_assert_cmpuint (p->priority, >=, MESH_PRIORITY_ALWAYS);
          g_assert_cmpuint (p->priority, <, GUARD_PRIORITY_PASS);
          g_assert_cmpuint (j ? p->sel.prefixlen_s : p->sel.prefixlen_d, ==, 24);
          if (template_at (j))
            {
              g_assert_cmpuint (template_at (j)->mode, ==, XFRM_MODE_TRANSPORT);
              g_assert_cmphex (template_at (j)->reqid, ==, owner_number (OWNER, 1));
              g_assert_false (template_at (j)->optional);
            }
        }
      tunnel_try_clear (t);
    }
}

/* The most specific net wins, whatever its group; an SA's policies win always, also with the same selector. */
static void
test_order (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  g_autofree ChannelMsg *m = NULL;
  TunnelTestResult r = { 0 };
  guint32 spi = tunnel_alloc (t);

  group (t, 1, CHANNEL_RULE_TRAP, "198.51.0.0/16", 0);
  group (t, 2, CHANNEL_RULE_PASS, "198.51.100.0/24", 0);
  group (t, 3, CHANNEL_RULE_BLOCK, "198.51.100.7/32", 0);
  group (t, 300, CHANNEL_RULE_SHUNT_PASS, "198.51.100.7/32", 0);
  group (t, 4, CHANNEL_RULE_ALWAYS, "0.0.0.0/0", 0);
  m = tunnel_install_request (301, ALL, spi, 0x1111);
  m->sa_install.local_ts.n = m->sa_install.remote_ts.n = 1;
  m->sa_install.local_ts.at[0] = probe_prefix ("192.0.2.2/32");
  m->sa_install.remote_ts.at[0] = probe_prefix ("198.51.100.7/32");
  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 2 + 2 + 2 + 1 + 2 + 3);
  g_assert_cmpuint (policy_at (0)->priority, >, policy_at (2)->priority);
  g_assert_cmpuint (policy_at (2)->priority, >, policy_at (4)->priority);
  g_assert_cmpuint (policy_at (4)->priority, >, policy_at (6)->priority);
  g_assert_cmpuint (policy_at (6)->priority, >, policy_at (7)->priority);
  g_assert_cmpuint (policy_at (7)->priority, >, policy_at (9)->priority);
  /* their owner is in the selector, of SAs as well, since the reqid is the slot's alone */
  for (guint i = 0; i < 2; i++)
    {
      const struct xfrm_usersa_info *sa = tunnel_kernel_sa (i);

      g_assert_cmphex (sa->reqid, ==, owner_link_slot (301));
      g_assert_cmpint (owner_of (owner_number_of (sa->reqid, 0, 0, (guint32) sa->sel.user)), ==, OWNER);
    }
  tunnel_try_delete (t, 301, ALL, spi, 0x1111);
  tunnel_try_delete (t, 300, CHANNEL_SA_POLICIES, 0, 0);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 8);
  tunnel_try_clear (t);
}

/* Thousands of slots, none of which is taken for another. */
static void
test_many (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();

  group (t, 1, CHANNEL_RULE_ASK, "198.0.0.0/8", 0);
  for (guint32 i = 0; i < 1000; i++)
    {
      g_autofree char *net = g_strdup_printf ("198.51.%u.%u/32", i / 250, i % 250);

      group (t, 256 + i, CHANNEL_RULE_SHUNT_PASS, net, 0);
    }
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 1002);
  for (guint32 i = 0; i < 1000; i += 2)
    tunnel_try_delete (t, 256 + i, CHANNEL_SA_POLICIES, 0, 0);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 502);
  tunnel_try_clear (t);
}

/* A group is policies alone, of addresses of one family; what the kernel refuses half-way is undone. */
static void
test_refused (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  g_autofree ChannelMsg *m = tunnel_install_request (1, ALL, 0xc0000001, 0x1111);
  TunnelTestResult r = { 0 };

  m->sa_install.rule = CHANNEL_RULE_PASS;
  m->sa_install.transport_mode = TRUE;
  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, EINVAL);
  group (t, 1, CHANNEL_RULE_TRAP, "2001:db8::/32", EINVAL);
  tunnel_kernel.fail_call = tunnel_kernel.calls + 2;
  tunnel_kernel.fail_error = ENOMEM;
  group (t, 1, CHANNEL_RULE_TRAP, "198.51.100.0/24", ENOMEM);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 0);
  tunnel_try_clear (t);
}

/* What the engine lets pass always: ICMP by type. */
static void
test_icmp (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  g_autofree ChannelMsg *m = tunnel_install_request (1, CHANNEL_SA_POLICIES, 0, 0);
  TunnelTestResult r = { 0 };

  m->sa_install.rule = CHANNEL_RULE_ALWAYS;
  m->sa_install.transport_mode = TRUE;
  m->sa_install.local_ts.n = m->sa_install.remote_ts.n = 2;
  for (guint i = 0; i < 2; i++)
    {
      ChannelSelector *remote = &m->sa_install.remote_ts.at[i];

      m->sa_install.local_ts.at[i] = probe_prefix (i ? "2001:db8::2/128" : "192.0.2.2/32");
      *remote = probe_prefix (i ? "::/0" : "0.0.0.0/0");
      remote->protocol = i ? 58 : 1;
      remote->port_first = i ? 0x8500 : 0x300;
      remote->port_last = i ? 0x85ff : 0x3ff;
    }
  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_cmpuint (policy_at (i)->sel.sport, ==, htons (i / 2 ? 133 : 3));
      g_assert_cmpuint (policy_at (i)->sel.sport_mask, ==, 0xffff);
      g_assert_cmpuint (policy_at (i)->sel.dport_mask, ==, 0);
    }
  tunnel_try_clear (t);
}

static void
test_parse (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  XfrmPolicy policy;

  group (t, 1, CHANNEL_RULE_BLOCK, "198.51.100.0/24", 0);
  group (t, 300, CHANNEL_RULE_SHUNT_PASS, "198.51.100.1/32", 0);
  for (guint i = 0; i < 3; i++)
    {
      struct nlmsghdr *hdr = tunnel_kernel.policies->pdata[i];

      hdr->nlmsg_type = XFRM_MSG_NEWPOLICY;
      g_assert_true (mesh_parse (hdr, &policy));
      g_assert_cmpint (owner_of ((guint32) policy.selector.user), ==, OWNER);
      g_assert_cmpuint (policy.dir, ==, policy_at (i)->dir);
      /* a kill switch's, a tunnel's, somebody else's */
      ((struct xfrm_userpolicy_info *) (gpointer) policy_at (i))->priority = GUARD_PRIORITY_BLOCK;
      g_assert_false (mesh_parse (hdr, &policy));
      ((struct xfrm_userpolicy_info *) (gpointer) policy_at (i))->priority = 200000;
      g_assert_false (mesh_parse (hdr, &policy));
      ((struct xfrm_userpolicy_info *) (gpointer) policy_at (i))->priority = MESH_PRIORITY_NET;
      ((struct xfrm_userpolicy_info *) (gpointer) policy_at (i))->sel.user = 0;
      g_assert_false (mesh_parse (hdr, &policy));
      ((struct xfrm_userpolicy_info *) (gpointer) policy_at (i))->sel.user = (uid_t) owner_number (OWNER, 0);
      hdr->nlmsg_len = NLMSG_HDRLEN + sizeof (struct xfrm_userpolicy_info) - 1;
      g_assert_false (mesh_parse (hdr, &policy));
    }
  g_ptr_array_set_size (tunnel_kernel.policies, 0);
  tunnel_try_clear (t);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/mesh/rules", test_rules);
  g_test_add_func ("/helper/mesh/order", test_order);
  g_test_add_func ("/helper/mesh/many", test_many);
  g_test_add_func ("/helper/mesh/refused", test_refused);
  g_test_add_func ("/helper/mesh/icmp", test_icmp);
  g_test_add_func ("/helper/mesh/parse", test_parse);
  return g_test_run ();
}
