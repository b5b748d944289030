/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Child SA's two SAs, with IPComp below them four, and its policies: all of them, or none. */
#include "tunnel-private.h"

#include "kernel/mesh-build.h"
#include "kernel/rank.h"
#include "kernel/selectors.h"

#include <errno.h>
#include <string.h>

#define SPI_RESERVED 255 /* RFC 4303 section 2.1 */

static gboolean
key_is_sane (const ChannelSaInstall *r, ChannelBlob encr, ChannelBlob integ)
{
  gboolean null_cipher = strcmp (r->encr, "ecb(cipher_null)") == 0;

  return (encr.len > 0) == !null_cipher && (integ.len > 0) == (*r->integ != 0);
}

/* NULL: fine. Our own engine asks; but what it asks for came from a network. */
static const char *
install_complaint (const Tunnel *t, const ChannelSaInstall *r)
{
  const LedgerEntry *reserved = ledger_find_sa (t->ledger, r->spi_in, FALSE, tunnel_slot_reqid (t, r->slot));

  if (!r->cpi_in != !r->cpi_out ||
      (r->cpi_in && (r->cpi_out < XFRM_CPI_MIN || !reserved || reserved->sa.cpi != r->cpi_in)))
    return "IPComp wants a number that was reserved, and one of the other end";
  if (r->rule != CHANNEL_RULE_TUNNEL)
    return r->parts == CHANNEL_SA_POLICIES && r->transport_mode ? NULL : "A group has policies, and nothing else";
  if (!tunnel_slot_reqid (t, r->slot))
    return TUNNEL_NO_SLOT;
  if (r->parts == 0 || r->protocol != PROTOCOL_ESP)
    return "Nothing that could be installed";
  if (r->cpu && (t->abilities[ABILITY_CPUS] < 1 || r->cpu > (guint) t->abilities[ABILITY_CPUS]))
    return "The kernel has no SAs for this processor";
  if (r->iptfs && (r->transport_mode || r->tfc || r->cpi_in))
    return "IP-TFS is neither in transport mode, nor padded, nor compressed";
  if (!tunnel_label_is (t, r->label))
    return "The label is not the one that the kernel was asked about";
  if (r->local.address.family == 0 || r->local.address.family != r->remote.address.family)
    return "The tunnel's ends are not addresses of one family";
  if (r->parts & CHANNEL_SA_IN && (r->spi_in <= SPI_RESERVED || !key_is_sane (r, r->encr_in, r->integ_in)))
    return "The inbound SA has a reserved SPI, or keys that do not fit";
  if (r->parts & CHANNEL_SA_OUT && (r->spi_out <= SPI_RESERVED || !key_is_sane (r, r->encr_out, r->integ_out)))
    return "The outbound SA has a reserved SPI, or keys that do not fit";
  if (r->parts & (CHANNEL_SA_IN | CHANNEL_SA_OUT) && (!*r->encr || !r->aead == !*r->integ || (r->aead && !r->icv_bits)))
    return "An SA needs a cipher, and integrity exactly once";
  return NULL;
}

/* With IPComp below, ESP is in transport mode. */
static XfrmSaId
esp_id (const Tunnel *t, const ChannelSaInstall *r, guint32 cpi)
{
  XfrmSaId id = tunnel_sa_id (t, r->slot, r->transport_mode || cpi);

  id.cpi = (guint16) cpi;
  id.comp_transport = r->transport_mode;
  id.iptfs = r->iptfs != CHANNEL_IPTFS_NO;
  return id;
}

void
tunnel_send_comp (const Step *step, const XfrmSaId *comp)
{
  const Tunnel *t = step->batch->tunnel;
  XfrmSa sa = {
    .id = *comp, .label = t->label, .with_dir = t->with_dir, .dscp = t->traits.dscp, .encr = "", .integ = ""
  };
  Step add = *step;

  add.kind = STEP_COMP;
  add.sa = *comp;
  if (comp->outbound)
    tunnel_set_mark (t, &sa.id.mark, &sa.id.mark_mask);
  else
    tunnel_set_mark (t, &sa.set_mark, &sa.set_mark_mask);
  tunnel_batch_send (&add, xfrm_build_sa (&sa, FALSE));
}

/* What was reserved and is not wanted, or not in this mode. */
static void
settle_comp (Batch *batch, const XfrmSaId *reserved, const XfrmSaId *id)
{
  Step step = { .batch = batch, .kind = STEP_DELETE, .what = "The kernel refused the inbound IPComp SA" };
  XfrmSaId comp;

  if (!reserved->cpi || (id->cpi && !reserved->comp_transport == !id->comp_transport))
    return;
  comp = xfrm_sa_comp (reserved);
  tunnel_batch_send (&step, xfrm_build_sa_delete (&comp));
  comp = xfrm_sa_comp (id);
  if (id->cpi)
    tunnel_send_comp (&step, &comp);
}

static XfrmSa
sa_common (const Tunnel *t, const ChannelSaInstall *r)
{
  XfrmSa sa = { .id = esp_id (t, r, r->cpi_in),
                .offload = t->offload,
                .label = t->label,
                .encap = r->encap,
                .esn = r->esn,
                .aead = r->aead,
                .tfc = r->tfc,
                .whole = r->iptfs == CHANNEL_IPTFS_WHOLE,
                .with_dir = t->with_dir,
                .dscp = t->traits.dscp,
                .replay_window = r->replay_window,
                .icv_bits = r->icv_bits,
                .encr = r->encr,
                .integ = r->integ,
                .soft_seconds = r->soft_seconds,
                .hard_seconds = r->hard_seconds,
                .soft_bytes = r->soft_bytes,
                .hard_bytes = r->hard_bytes,
                .soft_packets = r->soft_packets,
                .hard_packets = r->hard_packets };

  return sa;
}

void
tunnel_set_mark (const Tunnel *t, guint32 *mark, guint32 *mark_mask)
{
  if (!t->traits.mark_mask || t->mark)
    return;
  *mark = t->traits.mark;
  *mark_mask = t->traits.mark_mask;
}

static void
install_in (Batch *batch, const ChannelSaInstall *r)
{
  Step step = { .batch = batch, .kind = STEP_ADD_SA, .what = "The kernel refused the inbound SA" };
  const Tunnel *t = batch->tunnel;
  XfrmSa sa = sa_common (t, r);
  const LedgerEntry *reserved = ledger_find_sa (t->ledger, r->spi_in, FALSE, tunnel_slot_reqid (t, r->slot));
  gboolean larval = reserved && reserved->larval;

  sa.id.src = r->remote.address;
  sa.id.dst = r->local.address;
  sa.id.spi = r->spi_in;
  sa.encr_key = r->encr_in;
  sa.integ_key = r->integ_in;
  sa.encap_sport = r->remote.port;
  sa.encap_dport = r->local.port;
  tunnel_set_mark (t, &sa.set_mark, &sa.set_mark_mask);
  step.sa = sa.id;
  if (reserved)
    settle_comp (batch, &reserved->sa, &sa.id);
  if (larval)
    step.otherwise = xfrm_build_sa (&sa, FALSE);
  tunnel_batch_send (&step, xfrm_build_sa (&sa, larval));
}

static void
install_out (Batch *batch, const ChannelSaInstall *r)
{
  Step step = { .batch = batch, .kind = STEP_ADD_SA, .what = "The kernel refused the outbound SA" };
  XfrmSa sa = sa_common (batch->tunnel, r);

  sa.id = esp_id (batch->tunnel, r, r->cpi_out);
  sa.id.outbound = TRUE;
  tunnel_set_mark (batch->tunnel, &sa.id.mark, &sa.id.mark_mask);
  sa.id.src = r->local.address;
  sa.id.dst = r->remote.address;
  sa.id.spi = r->spi_out;
  sa.encr_key = r->encr_out;
  sa.integ_key = r->integ_out;
  sa.encap_sport = r->local.port;
  sa.encap_dport = r->remote.port;
  sa.acquired = batch->tunnel->acquired;
  sa.cpu = r->cpu;
  step.sa = sa.id;
  if (sa.id.cpi)
    {
      const XfrmSaId comp = xfrm_sa_comp (&sa.id);

      tunnel_send_comp (&step, &comp);
    }
  tunnel_batch_send (&step, xfrm_build_sa (&sa, FALSE));
}

void
tunnel_send_policy (Batch *batch, const XfrmPolicy *policy)
{
  Step step = { .batch = batch, .kind = STEP_ADD_POLICY, .what = "The kernel refused a policy", .policy = *policy };

  tunnel_batch_send (&step, xfrm_build_policy (policy));
}

static void
note (const LedgerEntry *e, gpointer data)
{
  *(gboolean *) data = TRUE;
}

/* With a link of its own nobody else wants its packets. What replaces policies stays where they are. */
static guint32
rank_of (Tunnel *t, guint32 reqid, const GArray *selectors)
{
  gboolean has_some = FALSE;

  ledger_each_policy (t->ledger, reqid, note, &has_some);
  if (!has_some && !t->if_id && !t->mark && !t->mesh)
    t->rank = MAX (t->rank, rank_find (t->owner, selectors));
  return t->rank;
}

static void
install_policies (Batch *batch, const ChannelSaInstall *r)
{
  Tunnel *t = batch->tunnel;
  g_autoptr (GArray) selectors = g_array_new (FALSE, TRUE, sizeof (struct xfrm_selector));
  guint32 rank;
  XfrmPolicy common = { .reqid = tunnel_slot_reqid (t, r->slot),
                        .if_id = t->if_id,
                        .mark = t->mark,
                        .protocol = IPPROTO_ESP,
                        .transport_mode = r->transport_mode,
                        .iptfs = r->iptfs != CHANNEL_IPTFS_NO,
                        .ipcomp = r->cpi_in != 0,
                        .label = t->label,
                        .offload = { t->offload.packet ? t->offload.ifindex : 0, t->offload.packet } };

  if (!xfrm_selectors_expand (&r->local_ts, &r->remote_ts, selectors))
    {
      tunnel_batch_fail (batch, EINVAL, "The policies cannot be made",
                         "the traffic selectors fit no packet, or cannot be written as so few prefixes");
      return;
    }
  batch->replaces = common.reqid;
  tunnel_set_mark (t, &common.mark, &common.mark_mask);
  rank = rank_of (t, common.reqid, selectors);
  for (guint i = 0; i < selectors->len; i++)
    {
      const struct xfrm_selector *selector = &g_array_index (selectors, struct xfrm_selector, i);
      XfrmPolicy out, in;

      ((struct xfrm_selector *) selectors->data)[i].user = (uid_t) tunnel_user (t, TUNNEL_USER_SA);
      common.priority = xfrm_selector_priority (selector) - rank;
      out = in = common;
      out.dir = XFRM_POLICY_OUT;
      out.selector = *selector;
      out.src = in.dst = r->local.address;
      out.dst = in.src = r->remote.address;
      tunnel_send_policy (batch, &out);
      in.dir = XFRM_POLICY_IN;
      in.selector = xfrm_selector_mirror (selector);
      tunnel_send_policy (batch, &in);
      in.dir = XFRM_POLICY_FWD;
      if (!r->transport_mode)
        tunnel_send_policy (batch, &in);
    }
}

/* A mesh's, which are without SAs. */
static void
install_group (Batch *batch, const ChannelSaInstall *r)
{
  Tunnel *t = batch->tunnel;
  g_autoptr (GArray) selectors = g_array_new (FALSE, TRUE, sizeof (struct xfrm_selector));
  g_autoptr (GArray) policies = g_array_new (FALSE, TRUE, sizeof (XfrmPolicy));
  gboolean shunt = r->rule == CHANNEL_RULE_SHUNT_PASS || r->rule == CHANNEL_RULE_SHUNT_BLOCK;

  t->mesh = TRUE;
  batch->replaces = tunnel_slot_reqid (t, r->slot);
  if (!xfrm_selectors_expand (&r->local_ts, &r->remote_ts, selectors))
    {
      tunnel_batch_fail (batch, EINVAL, "The policies of a group cannot be made", "its nets fit none of our addresses");
      return;
    }
  for (guint i = 0; i < selectors->len; i++)
    {
      struct xfrm_selector *selector = &g_array_index (selectors, struct xfrm_selector, i);

      selector->user = (uid_t) tunnel_user (t, shunt ? TUNNEL_USER_SHUNT : TUNNEL_USER_GROUP);
      mesh_policies ((ChannelRule) r->rule, selector, batch->replaces, policies);
    }
  for (guint i = 0; i < policies->len; i++)
    tunnel_send_policy (batch, &g_array_index (policies, XfrmPolicy, i));
}

void
tunnel_install (Tunnel *tunnel, const ChannelSaInstall *request, TunnelFunc func, gpointer data)
{
  const char *complaint = install_complaint (tunnel, request);
  Batch *batch;

  if (tunnel_is_full (tunnel, func, data))
    return;
  if (complaint)
    {
      tunnel_answer (func, data, EINVAL, complaint);
      return;
    }
  batch = tunnel_batch_new (tunnel, func, data);
  if (request->rule != CHANNEL_RULE_TUNNEL)
    {
      install_group (batch, request);
      tunnel_batch_release (batch);
      return;
    }
  if (request->parts & CHANNEL_SA_IN)
    install_in (batch, request);
  if (request->parts & CHANNEL_SA_OUT)
    install_out (batch, request);
  if (request->parts & CHANNEL_SA_POLICIES)
    install_policies (batch, request);
  tunnel_batch_release (batch);
}
