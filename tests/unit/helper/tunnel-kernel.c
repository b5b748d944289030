/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-kernel.h"

#include "helper/kernel/owner.h"
#include "helper/kernel/selectors.h"
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <string.h>

/* ---- the kernel ---- */

typedef struct {
  struct nl_msg *answer;
  int error;
  NetlinkFunc func;
  gpointer data;
} Answer;

TunnelKernel tunnel_kernel;

const struct xfrm_usersa_info *
tunnel_kernel_sa (guint i)
{
  return nlmsg_data (g_ptr_array_index (tunnel_kernel.sas, i));
}

/* By number and destination. */
static gint
find_sa (guint32 spi, const xfrm_address_t *daddr)
{
  for (guint i = 0; i < tunnel_kernel.sas->len; i++)
    if (tunnel_kernel_sa (i)->id.spi == spi && memcmp (&tunnel_kernel_sa (i)->id.daddr, daddr, sizeof *daddr) == 0)
      return (gint) i;
  return -1;
}

static gint
find_sa_of (const struct nlmsghdr *msg)
{
  const struct xfrm_usersa_id *id = nlmsg_data (msg);

  return find_sa (id->spi, &id->daddr);
}

static gboolean
same_context (const struct nlmsghdr *a, gsize a_body, const struct nlmsghdr *b, gsize b_body)
{
  const struct nlattr *one = nlmsg_find_attr ((struct nlmsghdr *) a, (int) a_body, XFRMA_SEC_CTX);
  const struct nlattr *other = nlmsg_find_attr ((struct nlmsghdr *) b, (int) b_body, XFRMA_SEC_CTX);

  return !one == !other && (!one || (one->nla_len == other->nla_len && memcmp (one, other, one->nla_len) == 0));
}

/* By selector, direction and context, which all stand in @msg. */
static gint
find_policy (const struct nlmsghdr *msg, gsize body, const struct xfrm_selector *sel, guint8 dir)
{
  for (guint i = 0; i < tunnel_kernel.policies->len; i++)
    {
      const struct xfrm_userpolicy_info *p = nlmsg_data (g_ptr_array_index (tunnel_kernel.policies, i));

      if (p->dir == dir && memcmp (&p->sel, sel, sizeof *sel) == 0 &&
          same_context (msg, body, g_ptr_array_index (tunnel_kernel.policies, i), sizeof *p))
        return (gint) i;
    }
  return -1;
}

static gpointer
copy_of (const struct nlmsghdr *msg)
{
  return g_memdup2 (msg, msg->nlmsg_len);
}

/* net/xfrm/xfrm_device.c: whole packets or an error; for less than that, an error only if the card says one. */
static int
do_offload (struct nlmsghdr *msg, gsize body)
{
  struct nlattr *attr = nlmsg_find_attr (msg, (int) body, XFRMA_OFFLOAD_DEV);
  const struct xfrm_user_offload *card = attr ? nla_data (attr) : NULL;

  if (!card)
    return 0;
  g_assert_cmpint (card->ifindex, ==, tunnel_kernel.way);
  if (card->flags & XFRM_OFFLOAD_PACKET)
    return tunnel_kernel.card_packets ? 0 : EINVAL;
  if (!tunnel_kernel.card)
    attr->nla_type = XFRMA_PAD; /* silently */
  return 0;
}

static void
forget_context (struct nlmsghdr *msg, gsize body)
{
  struct nlattr *attr = nlmsg_find_attr (msg, (int) body, XFRMA_SEC_CTX);

  if (attr && tunnel_kernel.no_labels)
    attr->nla_type = XFRMA_PAD;
}

static int
do_sa (struct nlmsghdr *msg)
{
  const struct xfrm_usersa_info *info = nlmsg_data (msg);
  gint old = find_sa (info->id.spi, &info->id.daddr);
  gboolean larval = old >= 0 && ((const struct nlmsghdr *) g_ptr_array_index (tunnel_kernel.sas, old))->nlmsg_type ==
                                    XFRM_MSG_ALLOCSPI;
  struct nlattr *attr;

  if (msg->nlmsg_type == XFRM_MSG_NEWSA && old >= 0)
    return EEXIST;
  if (msg->nlmsg_type == XFRM_MSG_UPDSA && !larval)
    return ESRCH;
  if (do_offload (msg, sizeof *info) || (info->mode == XFRM_MODE_IPTFS && tunnel_kernel.no_iptfs))
    return EINVAL;
  if (old >= 0)
    g_ptr_array_remove_index (tunnel_kernel.sas, (guint) old);
  if (tunnel_kernel.no_pcpu && (attr = nlmsg_find_attr (msg, sizeof *info, XFRMA_SA_PCPU)))
    attr->nla_type = XFRMA_PAD;
  forget_context (msg, sizeof *info);
  g_ptr_array_add (tunnel_kernel.sas, copy_of (msg));
  return 0;
}

static int
do_policy (struct nlmsghdr *msg)
{
  const struct xfrm_userpolicy_info *info = nlmsg_data (msg);
  gint old;

  if (do_offload (msg, sizeof *info))
    return EINVAL;
  forget_context (msg, sizeof *info);
  old = find_policy (msg, sizeof *info, &info->sel, info->dir);
  if (old >= 0)
    g_ptr_array_remove_index (tunnel_kernel.policies, (guint) old);
  g_ptr_array_add (tunnel_kernel.policies, copy_of (msg));
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

  if (info->id.proto == IPPROTO_COMP && tunnel_kernel.no_ipcomp)
    return ENOENT;
  info->id.spi = htonl (info->id.proto == IPPROTO_COMP ? 0x1000 + (next++ & 0xfff) : next++);
  if (!tunnel_kernel.no_larval)
    g_ptr_array_add (tunnel_kernel.sas, copy_of (msg));
  /* the range behind the SA is no attribute */
  msg->nlmsg_len = NLMSG_HDRLEN + sizeof *info;
  *ret_answer = answer_with (msg);
  return 0;
}

static int
do_get (const struct nlmsghdr *msg, struct nl_msg **ret_answer)
{
  gint i = find_sa_of (msg);

  if (i < 0)
    return ESRCH;
  *ret_answer = answer_with (g_ptr_array_index (tunnel_kernel.sas, i));
  return 0;
}

static int
do_way (struct nl_msg **ret_answer)
{
  const struct rtmsg body = { .rtm_family = AF_INET, .rtm_type = RTN_UNICAST };

  if (!tunnel_kernel.way)
    return ENETUNREACH;
  *ret_answer = nlmsg_alloc_simple (RTM_NEWROUTE, 0);
  g_assert_cmpint (nlmsg_append (*ret_answer, (void *) &body, sizeof body, NLMSG_ALIGNTO), ==, 0);
  g_assert_cmpint (nla_put_u32 (*ret_answer, RTA_OIF, tunnel_kernel.way), ==, 0);
  return 0;
}

static int
do_it (struct nlmsghdr *msg, struct nl_msg **ret_answer)
{
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
      return do_delete (tunnel_kernel.sas, find_sa_of (msg));
    case XFRM_MSG_UPDPOLICY:
      return do_policy (msg);
    case XFRM_MSG_DELPOLICY:
      return do_delete (tunnel_kernel.policies,
                        find_policy (msg, sizeof (struct xfrm_userpolicy_id),
                                     &((const struct xfrm_userpolicy_id *) nlmsg_data (msg))->sel,
                                     ((const struct xfrm_userpolicy_id *) nlmsg_data (msg))->dir));
    }
  g_assert_not_reached ();
}

static int
perform (struct nlmsghdr *msg, struct nl_msg **ret_answer)
{
  if (++tunnel_kernel.calls != tunnel_kernel.fail_call && msg->nlmsg_type != tunnel_kernel.fail_type)
    return do_it (msg, ret_answer);
  if (tunnel_kernel.fail_error == ETIMEDOUT || tunnel_kernel.fail_error == ECANCELED)
    (void) do_it (msg, ret_answer);
  return tunnel_kernel.fail_error;
}

void
netlink_call (Netlink *netlink, struct nl_msg *take_msg, NetlinkFunc func, gpointer data)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->func = func;
  answer->data = data;
  answer->error =
      netlink ? do_way (&answer->answer) : perform (nlmsg_hdr (take_msg), &answer->answer); /* NULL is XFRM's */
  xfrm_msg_free (take_msg);
  g_queue_push_tail (&tunnel_kernel.answers, answer);
}

int
netlink_sync_open (int protocol)
{
  return open ("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Only all policies are asked for. */
int
netlink_sync (int fd, struct nl_msg *take_msg, NetlinkEventFunc each, gpointer data)
{
  g_assert_cmpint (nlmsg_hdr (take_msg)->nlmsg_type, ==, XFRM_MSG_GETPOLICY);
  xfrm_msg_free (take_msg);
  for (guint i = 0; i < tunnel_kernel.policies->len; i++)
    {
      g_autofree struct nlmsghdr *msg = copy_of (g_ptr_array_index (tunnel_kernel.policies, i));

      msg->nlmsg_type = XFRM_MSG_NEWPOLICY;
      each (msg, data);
    }
  return 0;
}

void
tunnel_pump (void)
{
  Answer *a;

  while ((a = g_queue_pop_head (&tunnel_kernel.answers)))
    {
      const NetlinkReply reply = { a->error, a->error ? "the kernel's own words" : "",
                                   a->answer ? nlmsg_hdr (a->answer) : NULL };

      if (a->func)
        a->func (&reply, a->data);
      xfrm_msg_free (a->answer);
      g_free (a);
    }
}

void
tunnel_kernel_reset (void)
{
  g_assert_true (g_queue_is_empty (&tunnel_kernel.answers));
  g_clear_pointer (&tunnel_kernel.sas, g_ptr_array_unref);
  g_clear_pointer (&tunnel_kernel.policies, g_ptr_array_unref);
  memset (&tunnel_kernel, 0, sizeof tunnel_kernel);
  tunnel_kernel.sas = g_ptr_array_new_with_free_func (g_free);
  tunnel_kernel.policies = g_ptr_array_new_with_free_func (g_free);
}

/* ---- requests ---- */

void
tunnel_on_result (const TunnelResult *result, gpointer data)
{
  TunnelTestResult *r = data;

  r->n++;
  r->last = *result;
  g_free (r->text);
  r->text = g_strdup (result->text);
}

void
tunnel_expect (TunnelTestResult *r, int error)
{
  tunnel_pump ();
  g_assert_cmpuint (r->n, ==, 1);
  if (r->last.error != error)
    g_error ("%d %s", r->last.error, r->text);
  g_assert_cmpint (*r->text != 0, ==, error != 0);
  g_clear_pointer (&r->text, g_free);
  r->n = 0;
}

guint32
tunnel_alloc (Tunnel *t)
{
  g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
  TunnelTestResult r = { 0 };

  m->spi_alloc.slot = 1;
  m->spi_alloc.protocol = 3;
  m->spi_alloc.local = probe_address ("192.0.2.1");
  m->spi_alloc.remote = probe_address ("192.0.2.2");
  tunnel_spi_alloc (t, m, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  g_assert_cmpuint (r.last.spi, >=, XFRM_SPI_MIN);
  return r.last.spi;
}

ChannelMsg *
tunnel_install_request (guint32 slot, guint parts, guint32 spi_in, guint32 spi_out)
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

void
tunnel_try_install (Tunnel *t, guint32 slot, guint parts, guint32 spi_in, guint32 spi_out, int error)
{
  g_autofree ChannelMsg *m = tunnel_install_request (slot, parts, spi_in, spi_out);
  TunnelTestResult r = { 0 };

  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, error);
}

void
tunnel_try_delete (Tunnel *t, guint32 slot, guint parts, guint32 spi_in, guint32 spi_out)
{
  g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
  TunnelTestResult r = { 0 };

  m->sa_delete.slot = slot;
  m->sa_delete.parts = (guint8) parts;
  m->sa_delete.spi_in = spi_in;
  m->sa_delete.spi_out = spi_out;
  tunnel_delete (t, m, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
}

int
tunnel_try_update (Tunnel *t, guint32 slot, guint32 spi_in, guint32 spi_out)
{
  g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
  g_autofree char *text = NULL;
  TunnelTestResult r = { 0 };

  m->sa_update.slot = slot;
  m->sa_update.spi_in = spi_in;
  m->sa_update.spi_out = spi_out;
  m->sa_update.local = probe_endpoint ("198.51.100.1", 4500);
  m->sa_update.remote = probe_endpoint ("192.0.2.2", 4500);
  tunnel_update (t, m, tunnel_on_result, &r);
  tunnel_pump ();
  g_assert_cmpuint (r.n, ==, 1);
  text = r.text;
  return r.last.error;
}

void
tunnel_try_clear (Tunnel *t)
{
  TunnelTestResult r = { 0 };

  tunnel_clear (t, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 0);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 0);
}

Tunnel *
tunnel_test_new (void)
{
  Tunnel *t;

  tunnel_kernel_reset ();
  t = tunnel_new (NULL, OWNER, TRUE);
  tunnel_set_scope (t, 0x77, 0);
  return t;
}
