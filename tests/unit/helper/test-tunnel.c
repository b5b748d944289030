/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Installing, moving and deleting against a kernel that lives in this file: it stands in for kernel/netlink.c, keeps a
 * list of what it was told to make, and fails wherever a test wants it to. Whatever fails, kernel and ledger agree, and
 * nothing is left half-way.
 */
#include "helper/kernel/owner.h"
#include "helper/kernel/selectors.h"
#include "helper/ledger.h"
#include "helper/tunnel.h"

#include "probe.h"

#include <errno.h>
#include <netlink/msg.h>
#include <string.h>

#define OWNER 1234

/* ---- the kernel ---- */

typedef struct {
  struct nl_msg *answer;
  int error;
  NetlinkFunc func;
  gpointer data;
} Answer;

static struct {
  GPtrArray *sas; /* NEWSA as it came: nlmsghdr */
  GPtrArray *policies; /* UPDPOLICY as it came */
  GQueue answers;
  guint calls;
  guint fail_call; /* 1: the first */
  int fail_type, fail_error;
  gboolean no_larval; /* larval states have expired */
} kernel;

static const struct xfrm_usersa_info *
sa_at (guint i)
{
  return nlmsg_data (g_ptr_array_index (kernel.sas, i));
}

static gint
find_sa (guint32 spi)
{
  for (guint i = 0; i < kernel.sas->len; i++)
    if (sa_at (i)->id.spi == spi)
      return (gint) i;
  return -1;
}

static gint
find_policy (const struct xfrm_selector *sel, guint8 dir)
{
  for (guint i = 0; i < kernel.policies->len; i++)
    {
      const struct xfrm_userpolicy_info *p = nlmsg_data (g_ptr_array_index (kernel.policies, i));

      if (p->dir == dir && memcmp (&p->sel, sel, sizeof *sel) == 0)
        return (gint) i;
    }
  return -1;
}

static gpointer
copy_of (const struct nlmsghdr *msg)
{
  return g_memdup2 (msg, msg->nlmsg_len);
}

static int
do_sa (const struct nlmsghdr *msg)
{
  const struct xfrm_usersa_info *info = nlmsg_data (msg);
  gint old = find_sa (info->id.spi);
  gboolean larval =
      old >= 0 && ((const struct nlmsghdr *) g_ptr_array_index (kernel.sas, old))->nlmsg_type == XFRM_MSG_ALLOCSPI;

  if (msg->nlmsg_type == XFRM_MSG_NEWSA && old >= 0)
    return EEXIST;
  if (msg->nlmsg_type == XFRM_MSG_UPDSA && !larval)
    return ESRCH;
  if (old >= 0)
    g_ptr_array_remove_index (kernel.sas, (guint) old);
  g_ptr_array_add (kernel.sas, copy_of (msg));
  return 0;
}

static int
do_policy (const struct nlmsghdr *msg)
{
  const struct xfrm_userpolicy_info *info = nlmsg_data (msg);
  gint old = find_policy (&info->sel, info->dir);

  if (old >= 0)
    g_ptr_array_remove_index (kernel.policies, (guint) old);
  g_ptr_array_add (kernel.policies, copy_of (msg));
  return 0;
}

static int
do_delete (GPtrArray *array, gint i)
{
  if (i < 0)
    return ENOENT;
  g_ptr_array_remove_index (array, (guint) i);
  return 0;
}

static struct nl_msg *
answer_with (const struct nlmsghdr *msg)
{
  struct nl_msg *answer = nlmsg_convert ((struct nlmsghdr *) msg);

  nlmsg_hdr (answer)->nlmsg_type = XFRM_MSG_NEWSA;
  return answer;
}

static int
do_spi (struct nlmsghdr *msg, struct nl_msg **ret_answer)
{
  static guint32 next = 0xc0000001;
  struct xfrm_usersa_info *info = nlmsg_data (msg);

  info->id.spi = htonl (next++);
  if (!kernel.no_larval)
    g_ptr_array_add (kernel.sas, copy_of (msg));
  /* the range behind the SA is no attribute */
  msg->nlmsg_len = NLMSG_HDRLEN + sizeof *info;
  *ret_answer = answer_with (msg);
  return 0;
}

static int
do_get (const struct nlmsghdr *msg, struct nl_msg **ret_answer)
{
  const struct xfrm_usersa_id *id = nlmsg_data (msg);
  gint i = find_sa (id->spi);

  if (i < 0)
    return ESRCH;
  *ret_answer = answer_with (g_ptr_array_index (kernel.sas, i));
  return 0;
}

static int
perform (struct nlmsghdr *msg, struct nl_msg **ret_answer)
{
  if (++kernel.calls == kernel.fail_call || msg->nlmsg_type == kernel.fail_type)
    return kernel.fail_error;
  switch (msg->nlmsg_type)
    {
    case XFRM_MSG_ALLOCSPI:
      return do_spi (msg, ret_answer);
    case XFRM_MSG_NEWSA:
    case XFRM_MSG_UPDSA:
      return do_sa (msg);
    case XFRM_MSG_GETSA:
      return do_get (msg, ret_answer);
    case XFRM_MSG_DELSA:
      return do_delete (kernel.sas, find_sa (((const struct xfrm_usersa_id *) nlmsg_data (msg))->spi));
    case XFRM_MSG_UPDPOLICY:
      return do_policy (msg);
    case XFRM_MSG_DELPOLICY:
      return do_delete (kernel.policies, find_policy (&((const struct xfrm_userpolicy_id *) nlmsg_data (msg))->sel,
                                                      ((const struct xfrm_userpolicy_id *) nlmsg_data (msg))->dir));
    }
  g_assert_not_reached ();
}

void
netlink_call (Netlink *netlink, struct nl_msg *take_msg, NetlinkFunc func, gpointer data)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->func = func;
  answer->data = data;
  answer->error = perform (nlmsg_hdr (take_msg), &answer->answer);
  xfrm_msg_free (take_msg);
  g_queue_push_tail (&kernel.answers, answer);
}

static void
pump (void)
{
  Answer *a;

  while ((a = g_queue_pop_head (&kernel.answers)))
    {
      const NetlinkReply reply = { a->error, a->error ? "the kernel's own words" : "",
                                   a->answer ? nlmsg_hdr (a->answer) : NULL };

      if (a->func)
        a->func (&reply, a->data);
      xfrm_msg_free (a->answer);
      g_free (a);
    }
}

static void
kernel_reset (void)
{
  g_assert_true (g_queue_is_empty (&kernel.answers));
  g_clear_pointer (&kernel.sas, g_ptr_array_unref);
  g_clear_pointer (&kernel.policies, g_ptr_array_unref);
  memset (&kernel, 0, sizeof kernel);
  kernel.sas = g_ptr_array_new_with_free_func (g_free);
  kernel.policies = g_ptr_array_new_with_free_func (g_free);
}

/* ---- requests ---- */

typedef struct {
  guint n;
  TunnelResult last;
  char *text;
} Result;

static void
on_result (const TunnelResult *result, gpointer data)
{
  Result *r = data;

  r->n++;
  r->last = *result;
  g_free (r->text);
  r->text = g_strdup (result->text);
}

static void
expect (Result *r, int error)
{
  pump ();
  g_assert_cmpuint (r->n, ==, 1);
  if (r->last.error != error)
    g_error ("%d %s", r->last.error, r->text);
  g_assert_cmpint (*r->text != 0, ==, error != 0);
  g_clear_pointer (&r->text, g_free);
  r->n = 0;
}

static guint32
alloc (Tunnel *t)
{
  g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
  Result r = { 0 };

  m->spi_alloc.slot = 1;
  m->spi_alloc.protocol = 3;
  m->spi_alloc.local = probe_address ("192.0.2.1");
  m->spi_alloc.remote = probe_address ("192.0.2.2");
  tunnel_spi_alloc (t, m, on_result, &r);
  expect (&r, 0);
  g_assert_cmpuint (r.last.spi, >=, XFRM_SPI_MIN);
  return r.last.spi;
}

static ChannelMsg *
install_request (guint32 slot, guint parts, guint32 spi_in, guint32 spi_out)
{
  static const guint8 key[36] = { 1 };
  ChannelMsg *m = g_new0 (ChannelMsg, 1);

  m->sa_install.slot = slot;
  m->sa_install.parts = (guint8) parts;
  m->sa_install.protocol = 3;
  m->sa_install.aead = 1;
  m->sa_install.icv_bits = 128;
  m->sa_install.encr = "rfc4106(gcm(aes))";
  m->sa_install.integ = "";
  m->sa_install.encr_in = m->sa_install.encr_out = (ChannelBlob){ key, sizeof key };
  m->sa_install.spi_in = spi_in;
  m->sa_install.spi_out = spi_out;
  m->sa_install.local = probe_endpoint ("192.0.2.1", 4500);
  m->sa_install.remote = probe_endpoint ("192.0.2.2", 4500);
  m->sa_install.local_ts.n = 1;
  m->sa_install.remote_ts.n = 2;
  m->sa_install.local_ts.at[0] = probe_prefix ("10.9.0.1/32");
  m->sa_install.remote_ts.at[0] = probe_prefix ("10.0.0.0/8");
  m->sa_install.remote_ts.at[1] = probe_prefix ("172.16.0.0/12");
  return m;
}

static void
install (Tunnel *t, guint32 slot, guint parts, guint32 spi_in, guint32 spi_out, int error)
{
  g_autofree ChannelMsg *m = install_request (slot, parts, spi_in, spi_out);
  Result r = { 0 };

  tunnel_install (t, &m->sa_install, on_result, &r);
  expect (&r, error);
}

static void delete (Tunnel *t, guint32 slot, guint parts, guint32 spi_in, guint32 spi_out)
{
  g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
  Result r = { 0 };

  m->sa_delete.slot = slot;
  m->sa_delete.parts = (guint8) parts;
  m->sa_delete.spi_in = spi_in;
  m->sa_delete.spi_out = spi_out;
  tunnel_delete (t, m, on_result, &r);
  expect (&r, 0);
}

static int
update (Tunnel *t, guint32 spi_in, guint32 spi_out)
{
  g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
  g_autofree char *text = NULL;
  Result r = { 0 };

  m->sa_update.spi_in = spi_in;
  m->sa_update.spi_out = spi_out;
  m->sa_update.local = probe_endpoint ("198.51.100.1", 4500);
  m->sa_update.remote = probe_endpoint ("192.0.2.2", 4500);
  tunnel_update (t, m, on_result, &r);
  pump ();
  g_assert_cmpuint (r.n, ==, 1);
  text = r.text;
  return r.last.error;
}

static void
clear (Tunnel *t)
{
  Result r = { 0 };

  tunnel_clear (t, on_result, &r);
  expect (&r, 0);
  g_assert_cmpuint (kernel.sas->len, ==, 0);
  g_assert_cmpuint (kernel.policies->len, ==, 0);
}

enum { ALL = CHANNEL_SA_IN | CHANNEL_SA_OUT | CHANNEL_SA_POLICIES, BOTH = CHANNEL_SA_IN | CHANNEL_SA_OUT };

static Tunnel *
new_tunnel (void)
{
  Tunnel *t;

  kernel_reset ();
  t = tunnel_new (NULL, OWNER, TRUE);
  tunnel_set_scope (t, 0x77, 0);
  return t;
}

/* ---- tests ---- */

static void
test_life (void)
{
  g_autoptr (Tunnel) t = new_tunnel ();
  guint32 first = alloc (t), second;

  g_assert_cmpuint (kernel.sas->len, ==, 1);
  install (t, 1, ALL, first, 0x1111, 0);
  g_assert_cmpuint (kernel.sas->len, ==, 2);
  g_assert_cmpuint (kernel.policies->len, ==, 6); /* in, out, fwd for two networks */
  g_assert_cmphex (sa_at (0)->reqid, ==, owner_number (OWNER, 1));
  second = alloc (t);
  install (t, 1, CHANNEL_SA_IN, second, 0x2222, 0);
  install (t, 1, CHANNEL_SA_OUT, second, 0x2222, 0);
  delete (t, 1, BOTH, first, 0x1111);
  g_assert_cmpuint (kernel.sas->len, ==, 2);
  g_assert_cmpuint (kernel.policies->len, ==, 6);
  delete (t, 1, ALL, second, 0x2222);
  g_assert_cmpuint (kernel.sas->len + kernel.policies->len, ==, 0);
  delete (t, 1, ALL, second, 0x2222);
  clear (t);
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
  g_autoptr (Tunnel) t = new_tunnel ();
  guint32 spi;

  for (guint vti = 0; vti < 2; vti++)
    {
      tunnel_set_scope (t, vti ? 0 : 0x77, vti ? 0x88 : 0);
      tunnel_set_traits (t, &traits);
      spi = alloc (t);
      install (t, 1, ALL, spi, 0x1111, 0);
      for (guint i = 0; i < 2; i++)
        {
          const struct nlmsghdr *sa = g_ptr_array_index (kernel.sas, i);
          gboolean in = ((const struct xfrm_usersa_info *) nlmsg_data (sa))->id.spi == htonl (spi);

          g_assert_cmphex (attribute (sa, sizeof (struct xfrm_usersa_info), XFRMA_MARK), ==,
                           vti  ? 0x88
                           : in ? 0
                                : 0x10);
          g_assert_cmphex (attribute (sa, sizeof (struct xfrm_usersa_info), XFRMA_SET_MARK), ==, in && !vti ? 0x10 : 0);
        }
      for (guint i = 0; i < kernel.policies->len; i++)
        g_assert_cmphex (attribute (g_ptr_array_index (kernel.policies, i), sizeof (struct xfrm_userpolicy_info),
                                    XFRMA_MARK),
                         ==, vti ? 0x88 : 0x10);
      delete (t, 1, ALL, spi, 0x1111);
      g_assert_cmpuint (kernel.sas->len + kernel.policies->len, ==, 0);
    }
}

/* Each request of an installation fails in turn: nothing stays. */
static void
test_rollback (void)
{
  for (guint n = 1; n <= 8; n++)
    {
      g_autoptr (Tunnel) t = new_tunnel ();
      guint32 spi = alloc (t);

      kernel.fail_call = kernel.calls + n;
      kernel.fail_error = EINVAL;
      install (t, 1, ALL, spi, 0x1111, EINVAL);
      g_assert_cmpuint (kernel.calls, >=, kernel.fail_call);
      g_assert_cmpuint (kernel.policies->len, ==, 0);
      /* when the inbound SA itself failed, its SPI is still reserved and may be used again */
      g_assert_cmpuint (kernel.sas->len, ==, n == 1 ? 1 : 0);
      if (n == 1)
        install (t, 1, ALL, spi, 0x1111, 0);
      else
        install (t, 1, ALL, alloc (t), 0x1111, 0);
      clear (t);
    }
}

/* A failed replacement of policies puts back those that were there. */
static void
test_rollback_of_replacement (void)
{
  g_autoptr (Tunnel) t = new_tunnel ();

  install (t, 1, ALL, alloc (t), 0x1111, 0);
  for (guint n = 3; n <= 8; n++)
    {
      kernel.fail_call = kernel.calls + 1 + n; /* after the SPI */
      kernel.fail_error = ENOMEM;
      install (t, 2, ALL, alloc (t), 0x2222, ENOMEM);
      g_assert_cmpuint (kernel.sas->len, ==, 2);
      g_assert_cmpuint (kernel.policies->len, ==, 6);
      for (guint i = 0; i < 6; i++)
        {
          XfrmPolicy p;
          struct nlmsghdr *msg = g_ptr_array_index (kernel.policies, i);

          msg->nlmsg_type = XFRM_MSG_NEWPOLICY;
          g_assert_true (xfrm_parse_policy (msg, &p));
          g_assert_cmphex (p.reqid, ==, owner_number (OWNER, 1));
        }
    }
  delete (t, 2, CHANNEL_SA_POLICIES, 0, 0);
  g_assert_cmpuint (kernel.policies->len, ==, 6);
  delete (t, 1, CHANNEL_SA_POLICIES, 0, 0);
  g_assert_cmpuint (kernel.policies->len, ==, 0);
  clear (t);
}

static void
test_larval_has_expired (void)
{
  g_autoptr (Tunnel) t = new_tunnel ();

  kernel.no_larval = TRUE;
  install (t, 1, ALL, alloc (t), 0x1111, 0);
  g_assert_cmpuint (kernel.sas->len, ==, 2);
  clear (t);
}

static void
test_refused (void)
{
  g_autoptr (Tunnel) t = new_tunnel ();
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
      g_autofree ChannelMsg *m = install_request (1, ALL, 0xc0000001, 0x1111);
      Result r = { 0 };

      ((guint8 *) &m->sa_install)[cases[i].offset] = cases[i].value;
      tunnel_install (t, &m->sa_install, on_result, &r);
      g_test_message ("%s: %s", cases[i].why, r.text);
      expect (&r, EINVAL);
    }
  install (t, 1, ALL, 255, 0x1111, EINVAL);
  install (t, 1, ALL, 0xc0000001, 0, EINVAL);
  g_assert_cmpuint (kernel.calls, ==, 0);
}

static void
test_update (void)
{
  g_autoptr (Tunnel) t = new_tunnel ();
  guint32 spi = alloc (t);
  const ChannelAddress now = probe_address ("198.51.100.1");

  install (t, 1, ALL, spi, 0x1111, 0);
  g_assert_cmpint (update (t, spi, 0x1111), ==, 0);
  g_assert_cmpuint (kernel.sas->len, ==, 2);
  g_assert_cmpuint (kernel.policies->len, ==, 6);
  for (guint i = 0; i < 2; i++)
    g_assert_true (memcmp (&sa_at (i)->saddr, now.bytes, 4) == 0 || memcmp (&sa_at (i)->id.daddr, now.bytes, 4) == 0);
  g_assert_cmpint (update (t, 0, 0x1111), ==, 0);
  g_assert_cmpint (update (t, 0xbad, 0), ==, ESRCH);
  g_assert_cmpuint (kernel.sas->len, ==, 2);
  /* before anything is touched */
  kernel.fail_type = XFRM_MSG_GETSA;
  kernel.fail_error = EPERM;
  g_assert_cmpint (update (t, spi, 0x1111), ==, EPERM);
  g_assert_cmpuint (kernel.sas->len, ==, 2);
  /* too late: what is lost is lost, and the ledger knows */
  kernel.fail_type = XFRM_MSG_NEWSA;
  g_assert_cmpint (update (t, spi, 0x1111), ==, EPERM);
  kernel.fail_type = 0;
  g_assert_cmpuint (kernel.sas->len, ==, 0);
  clear (t);
}

static void
test_events (void)
{
  g_autoptr (Tunnel) t = new_tunnel ();
  guint32 spi = alloc (t), larval = alloc (t);
  XfrmEvent e = { .type = XFRM_EVENT_EXPIRE, .reqid = owner_number (OWNER, 1), .spi = spi };
  guint32 slot = 0;

  install (t, 1, ALL, spi, 0x1111, 0);
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
  g_assert_true (tunnel_event (t, &e, &slot));
  g_assert_false (tunnel_event (t, &e, &slot)); /* the kernel has removed it */
  e.type = XFRM_EVENT_ACQUIRE;
  g_assert_true (tunnel_event (t, &e, &slot));
  e.reqid = owner_number (OWNER, 0);
  g_assert_false (tunnel_event (t, &e, &slot));
  g_ptr_array_set_size (kernel.sas, 0);
  g_ptr_array_set_size (kernel.policies, 0);
  clear (t); /* that all is gone already is no failure */
}

/* Policies that outlive their SAs, so that nothing passes without one, go when a Child SA brings others. */
static void
test_held_policies (void)
{
  g_autoptr (Tunnel) t = new_tunnel ();
  guint32 spi = alloc (t);
  g_autofree ChannelMsg *m = NULL;
  Result r = { 0 };

  install (t, 1, ALL, spi, 0x1111, 0);
  install (t, 2, ALL, alloc (t), 0x1112, 0);
  delete (t, 1, BOTH, spi, 0x1111);
  g_assert_cmpuint (kernel.policies->len, ==, 6);
  m = install_request (1, ALL, alloc (t), 0x2222);
  m->sa_install.local_ts.at[0] = probe_prefix ("10.9.0.2/32");
  m->sa_install.remote_ts.n = 1;
  tunnel_install (t, &m->sa_install, on_result, &r);
  expect (&r, 0);
  /* those of slot 2 have taken the place of slot 1's, and are not its to remove */
  g_assert_cmpuint (kernel.policies->len, ==, 6 + 3);
  delete (t, 2, CHANNEL_SA_POLICIES, 0, 0);
  g_assert_cmpuint (kernel.policies->len, ==, 3);
  m->sa_install.spi_in = alloc (t);
  m->sa_install.spi_out = 0x3333;
  m->sa_install.local_ts.at[0] = probe_prefix ("10.9.0.3/32");
  tunnel_install (t, &m->sa_install, on_result, &r);
  expect (&r, 0);
  g_assert_cmpuint (kernel.policies->len, ==, 3);
  clear (t);
}

/* The engine counts slots for ever; a reqid that names its owner has room for 255. With a link the link names him. */
static void
test_slots (void)
{
  const guint32 slots[] = { 1, 255, 256, 257, 1000, G_MAXUINT32 };
  const guint32 low[] = { 1, 255, 1, 2, 235, 255 };

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (slots); i++)
    {
      g_autoptr (Tunnel) t = new_tunnel ();
      gboolean link = i >= G_N_ELEMENTS (slots);
      guint32 slot = slots[i % G_N_ELEMENTS (slots)], reqid = owner_number (OWNER, (guint8) low[i % 6]);

      tunnel_set_scope (t, link ? owner_number (OWNER, 1) : 0, 0);
      install (t, slot, ALL, 0xc0000001, 0x1111, 0);
      if (link && slot > 255)
        reqid = 0x80000000 | slot;
      g_assert_cmphex (sa_at (0)->reqid, ==, reqid);
      g_assert_cmpint (owner_of (owner_number_of (reqid, link ? owner_number (OWNER, 1) : 0, 0)), ==, OWNER);
      delete (t, slot, ALL, 0xc0000001, 0x1111);
      g_assert_cmpuint (kernel.sas->len + kernel.policies->len, ==, 0);
    }
}

static void
test_query (void)
{
  g_autoptr (Tunnel) t = new_tunnel ();
  guint32 spi = alloc (t);
  Result r = { 0 };

  install (t, 1, ALL, spi, 0x1111, 0);
  tunnel_query (t, spi, on_result, &r);
  expect (&r, 0);
  g_assert_cmphex (r.last.spi, ==, spi);
  tunnel_query (t, 0x1111, on_result, &r);
  expect (&r, 0);
  tunnel_query (t, 0x2222, on_result, &r);
  expect (&r, ESRCH);
  clear (t);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/tunnel/life", test_life);
  g_test_add_func ("/helper/tunnel/mark", test_mark);
  g_test_add_func ("/helper/tunnel/rollback", test_rollback);
  g_test_add_func ("/helper/tunnel/rollback-of-replacement", test_rollback_of_replacement);
  g_test_add_func ("/helper/tunnel/larval-has-expired", test_larval_has_expired);
  g_test_add_func ("/helper/tunnel/refused", test_refused);
  g_test_add_func ("/helper/tunnel/update", test_update);
  g_test_add_func ("/helper/tunnel/events", test_events);
  g_test_add_func ("/helper/tunnel/held-policies", test_held_policies);
  g_test_add_func ("/helper/tunnel/slots", test_slots);
  g_test_add_func ("/helper/tunnel/query", test_query);
  return g_test_run ();
}
